"""The HTTP face of the account itself: who owns it, what its user may do, from which addresses it sends."""

from __future__ import annotations

from typing import Any

from standins.constant_contact.asked import Asked
from standins.constant_contact.errors import invalid

SUMMARY = {
    "contact_email": "office@example.org",
    "contact_phone": "5555550100",
    "country_code": "US",
    "first_name": "Erin",
    "last_name": "Example",
    "organization_name": "Example Association",
    "organization_phone": "5555550100",
    "state_code": "IL",
    "time_zone_id": "US/Central",
    "website": "https://example.org",
}
PHYSICAL_ADDRESS = {
    "address_line1": "1 Example Street",
    "city": "Springfield",
    "state_code": "IL",
    "postal_code": "62701",
    "country_code": "US",
}
LOGO = {"url": "https://example.org/logo.png", "external_url": "https://example.org/logo.png", "internal_id": "1"}
EXTRA = {"physical_address": PHYSICAL_ADDRESS, "company_logo": LOGO}
PRIVILEGES = (
    "account:read",
    "contacts:read",
    "contacts:write",
    "contacts:lists:read",
    "contacts:lists:write",
    "campaign:read",
)
ABBREVIATED = {"C": "CONTACT", "B": "BILLING", "R": "REPLY_TO", "J": "JOURNALING", "O": "OTHER"}


def get_summary(asked: Asked) -> Any:
    """GET /account/summary."""
    account_id = {"encoded_account_id": asked.account.switches.account_id}
    return SUMMARY | account_id | {name: EXTRA[name] for name in asked.query.get("extra_fields", [])}


def get_privileges(asked: Asked) -> Any:
    """GET /account/user/privileges."""
    return [{"privilege_id": number, "privilege_name": name} for number, name in enumerate(PRIVILEGES, 1)]


def get_emails(asked: Asked) -> Any:
    """GET /account/emails: the one address of this account, by one criterion at most."""
    query = asked.query
    if len(query) > 1:
        raise invalid("only one parameter at a time")
    address: dict[str, Any] = {
        "email_address": SUMMARY["contact_email"],
        "email_id": 1,
        "confirm_status": "CONFIRMED",
        "confirm_time": "2020-01-01T00:00:00Z",
        "confirm_source_type": "SITE_OWNER",
        "roles": ["CONTACT", "REPLY_TO"],
        "pending_roles": [],
    }
    is_wanted = (
        query.get("confirm_status", "C").startswith("C")
        and ABBREVIATED.get(query.get("role_code", "C"), query.get("role_code")) in address["roles"]
        and query.get("email_address", address["email_address"]) == address["email_address"]
    )
    return [address] if is_wanted else []
