"""Reads from Constant Contact: the account, the people who left, and everyone in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crm_sync.client import Changed, Left, OptOuts, ReadBack
from crm_sync.errors import QuotaExhaustedError
from crm_sync.providers.constant_contact import wire
from crm_sync.providers.constant_contact.answers import ForbiddenError
from crm_sync.providers.constant_contact.api import PAGE
from crm_sync.transport.session import decoded, server_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crm_sync.providers.constant_contact.api import Api
    from crm_sync.providers.constant_contact.custom_fields import CustomFields

# Permission → status in the engine's terms. assumed: temp_hold and not_set get no mail for now; the CRM ignores that.
_PENDING = "pending_confirmation"
_STATUS = {"unsubscribed": "unsubscribed", _PENDING: "pending"}


class Reader:
    """Reads of one account, page by page."""

    def __init__(self, api: Api, custom: CustomFields) -> None:
        self._api = api
        self._custom = custom

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return self._api.host

    def account(self) -> dict[str, str]:
        """See ``crm_sync.client``. Without account_read it only shows that the account responds."""
        try:
            said = decoded(self._api.get("/account/summary"), dict)
        except ForbiddenError:
            decoded(self._api.get("/contacts", limit=1), wire.Contacts)
            said = {}
        contact = [said.get(name) for name in ("contact_email", "contact_phone")]
        return {
            "organization": str(said.get("organization_name") or "an account that does not say its name"),
            "contact": ", ".join(str(value) for value in contact if value),
            "host": self.host,
        }

    def identity(self) -> str:
        """The account's own id; "" without account_read. documented: encoded_account_id."""
        try:
            summary = decoded(self._api.get("/account/summary", can_wait=False), dict)
        except ForbiddenError:
            return ""
        account_id = str(summary.get("encoded_account_id") or "")
        return f"{self._api.service}{account_id}" if account_id else ""

    def opt_outs(self, since: datetime | None) -> OptOuts:
        """The people who left since ``since``, by themselves or through the account's staff. documented: the filters
        status and optout_after."""
        query: dict[str, Any] = {"status": "unsubscribed"}
        if since is not None:
            query["optout_after"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        first = self._api.get("/contacts", can_wait=False, limit=PAGE, **query)
        pages = self._api.pages_from(first, wire.Contacts, can_wait=False)
        left = dict.fromkeys(
            Left(c.subscriber_key, "unsubscribed", c.contact_id)
            for page in pages
            for c in page.contacts
            if c.subscriber_key
        )
        return OptOuts(list(left), server_time(first), lambda: () if since is None else self._changed(since))

    def _changed(self, since: datetime) -> Iterator[list[Changed]]:
        """The people who changed since then, with their present address, page by page. documented: the filter
        updated_after. It ends early when the day's remaining calls are reserved; the next full run reads the others."""
        moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            for page in self._api.pages("/contacts", wire.Contacts, status="all", updated_after=moment):
                yield [Changed(c.contact_id, c.address) for c in page.contacts if c.address]
        except QuotaExhaustedError:
            return

    def lists(self) -> pd.DataFrame:
        """See ``crm_sync.client``. seen: a person who opted out may stay in a list, and is not counted."""
        import pandas as pd

        pages = self._api.pages("/contact_lists", wire.ContactLists, include_membership_count="active")
        rows = [(each.list_id, each.name.replace("\x00", ""), each.membership_count) for p in pages for each in p.lists]
        return pd.DataFrame(rows, columns=["remote_id", "name", "members"])

    def read_back(self) -> ReadBack:
        """Everyone with an e-mail address, including deleted contacts."""
        first = self._api.get("/contacts", limit=PAGE, **self._api.whoever)
        return ReadBack(self._everybody(first), server_time(first))

    def _everybody(self, first: Any) -> Iterator[pd.DataFrame]:
        seen: set[str] = set()
        for page in self._api.pages_from(first, wire.Contacts):
            fresh = {c.subscriber_key: c for c in page.contacts if c.subscriber_key and c.subscriber_key not in seen}
            seen |= fresh.keys()
            if fresh:
                yield self._frame(list(fresh.values()))

    def _frame(self, contacts: list[wire.Contact]) -> pd.DataFrame:
        import pandas as pd

        from crm_sync.providers.constant_contact.mapping import record_there

        return pd.DataFrame(
            {
                "subscriber_key": [contact.subscriber_key for contact in contacts],
                "address": [contact.address for contact in contacts],
                "remote_id": [contact.contact_id for contact in contacts],
                "status": [_status(contact) for contact in contacts],
                "fields": record_there(names_of(contacts), [self._custom.held(contact) for contact in contacts]),
                "remote_lists": ["{" + ",".join(contact.list_memberships) + "}" for contact in contacts],
            }
        )


def _status(contact: wire.Contact) -> str:
    # A person who opted out and was deleted has still opted out.
    is_archived = contact.deleted_at != "" and not contact.is_locked
    return "archived" if is_archived else _STATUS.get(contact.permission, "subscribed")


def names_of(contacts: list[wire.Contact]) -> pd.DataFrame:
    """The names of contacts as they are held, one row each; a missing value is the empty string."""
    import pandas as pd

    names = ("first_name", "last_name", "company_name")
    return pd.DataFrame(
        {name: pd.Series([_text(getattr(contact, name)) for contact in contacts], dtype="str") for name in names}
    )


def _text(value: str | None) -> str:
    return (value or "").strip().replace("\x00", "")
