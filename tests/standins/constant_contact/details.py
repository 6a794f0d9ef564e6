"""What a contact has beside its names and its address: checked, and in the form in which it is kept."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from msgspec import UNSET

from standins.constant_contact import bodies
from standins.constant_contact.errors import bad_value, not_imitated
from standins.constant_contact.forms import identifier
from standins.constant_contact.state import Account

ADDRESS = re.compile(r"[^@\s<>,;\"()]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
DATES = (
    re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})-(?P<d>\d{1,2})-(?P<y>\d{4})"),
)
SCALARS = ("job_title", "company_name", "birthday_month", "birthday_day", "anniversary")
MOST_KINDS = 3


def is_address(account: Account, address: str) -> bool:
    """Whether mail could go there: in the form of an address, and not of a fake domain."""
    domain = address.rpartition("@")[2].lower()
    is_formed = ADDRESS.fullmatch(address) is not None and ".." not in address
    return is_formed and domain not in account.switches.fake_domains


def is_date(text: str) -> bool:
    """Whether it is a day in one of the vendor's formats."""
    found = next((match for form in DATES if (match := form.fullmatch(text))), None)
    if found is None:
        return False
    try:
        date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return False
    return True


def check_person(body: bodies.Person) -> None:
    """Month and day of birth go together, the anniversary is a day. Raises Refusal 400."""
    has_month, has_day = (part not in {UNSET, None} for part in (body.birthday_month, body.birthday_day))
    if has_month != has_day:
        raise bad_value("birthday_day" if has_month else "birthday_month")
    if isinstance(body.anniversary, str) and body.anniversary and not is_date(body.anniversary):
        raise bad_value("anniversary")


def check_imitated(body: bodies.Contact | bodies.SignUp) -> None:
    """SMS and tags are not in this stand-in. Raises Refusal 501."""
    if body.sms_channel is not UNSET:
        raise not_imitated("SMS channels")
    if getattr(body, "taggings", UNSET):
        raise not_imitated("tags")


def field_values(account: Account, values: list[bodies.FieldValue]) -> dict[str, Any]:
    """Values by the id of their field. Raises Refusal 400 for a field that does not exist or a choice it has not."""
    kept: dict[str, Any] = {}
    for given in values:
        field = account.fields.by_id.get(given.custom_field_id.lower())
        if field is None or (given.choice_ids is not UNSET) != bool(field.choices):
            raise bad_value("custom_fields")
        if given.choice_ids is UNSET:
            kept[field.id] = "" if given.value is UNSET else given.value
            if field.type == "date" and kept[field.id] and not is_date(kept[field.id]):
                raise bad_value("custom_fields")
        else:
            known = {str(choice["choice_id"]) for choice in field.choices}
            if not known.issuperset(given.choice_ids):
                raise bad_value("custom_fields")
            kept[field.id] = list(given.choice_ids)
    return kept


def phone(account: Account, kind: str, number: str, source: str) -> dict[str, Any]:
    """One phone number as it is kept."""
    return {"phone_number": number, "kind": kind} | _made(account) | {"create_source": source, "update_source": source}


def place(account: Account, kind: str, parts: dict[str, str]) -> dict[str, Any]:
    """One postal address as it is kept."""
    return {"kind": kind} | parts | _made(account)


def _made(account: Account) -> dict[str, Any]:
    return {"created": account.now(), "updated": account.now()}


def phones(account: Account, numbers: list[bodies.PhoneNumber], source: str) -> list[dict[str, Any]]:
    """The phone numbers of a body."""
    given = [("other" if each.kind is UNSET else str(each.kind), each.phone_number or "") for each in numbers]
    return [phone(account, kind, number, source) for kind, number in given]


def places(account: Account, addresses: list[bodies.StreetAddress]) -> list[dict[str, Any]]:
    """The postal addresses of a body."""
    names = ("street", "city", "state", "postal_code", "country")
    return [
        place(account, each.kind, {name: value for name in names if (value := getattr(each, name)) is not UNSET})
        for each in addresses
    ]


def notes(account: Account, serial: int, given: list[bodies.Note]) -> list[dict[str, Any]]:
    """The notes of a body."""
    return [
        {"note_id": identifier(f"note of {serial}", number), "created": account.now(), "content": each.content or ""}
        for number, each in enumerate(given, 1)
    ]


def merged(held: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Phones or addresses after an update that replaces those of its own kinds, three at most."""
    kinds = {each["kind"] for each in added}
    return [*added, *(each for each in held if each["kind"] not in kinds)][:MOST_KINDS]


def subresources(account: Account, serial: int, body: bodies.Contact, source: str) -> dict[str, Any]:
    """Everything of a POST or PUT that replaces what was there, by name; what is not sent is not in it."""
    made: dict[str, Any] = {}
    if body.custom_fields is not UNSET:
        made["custom_fields"] = field_values(account, body.custom_fields)
    if body.phone_numbers is not UNSET:
        made["phone_numbers"] = phones(account, body.phone_numbers, source)
    if body.street_addresses is not UNSET:
        made["street_addresses"] = places(account, body.street_addresses)
    if body.notes is not UNSET:
        made["notes"] = notes(account, serial, body.notes)
    return made
