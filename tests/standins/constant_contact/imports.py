"""The job of a JSON import: each row makes or completes a contact and puts it into the lists, or is counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from standins.constant_contact import details, import_rows
from standins.constant_contact.import_rows import Row
from standins.constant_contact.state import Account, Contact

MOST_MEMBERSHIPS = 50


class Import:
    """One accepted import, before and while it is done."""

    kind = "contacts_json_import"

    def __init__(self, account: Account, rows: list[Row], lists: tuple[int, ...]) -> None:
        self._account, self._rows, self._lists = account, rows, lists

    def expected(self) -> dict[str, int]:
        """The rows, counted with a header that a JSON body does not have."""
        return {"items_total_count": len(self._rows) + 1, "person_count": len(self._rows)}

    def run(self, most: int | None) -> tuple[dict[str, int], list[str]]:
        """Apply the rows, or the first `most` of them."""
        lists = tuple(serial for serial in self._lists if not self._account.lists.by_serial[serial].deleted)
        fates = Counter(self._apply(row, lists) for row in self._rows[:most])
        counters = self.expected() | {
            "items_completed_count": sum(fates.values()),
            "error_count": fates["error"],
            "correctable_count": fates["correctable"],
            "cannot_add_to_list_count": fates["not added"],
        }
        return counters, []

    def _apply(self, row: Row, lists: tuple[int, ...]) -> str:
        account, address = self._account, row.get("email", "")
        if not details.is_address(account, address) or import_rows.is_correctable(row, account.fields):
            return "correctable"
        contact = account.named(address)
        if contact is None or contact.deleted or not set(lists) <= set(contact.lists):
            account.attempts.note(address)
        if account.attempts.is_flagged(address):
            return "correctable"
        if contact and contact.deleted:
            if account.switches.import_revives == "no":
                return "error"
            account.change(contact, "api", deleted=0)
        contact = contact or account.add(address, "implicit", "Account", "api")
        self._write(contact, row)
        return self._add_to_lists(contact, lists)

    def _write(self, contact: Contact, row: Row) -> None:
        clears = self._account.switches.blank_in_import == "cleared"
        given = {name: row[name] for name in ("first_name", "last_name") if name in row}
        for name, value in given.items():
            if value or clears:
                setattr(contact, name, value)
        if row.keys() - {"email", *given}:
            self._account.enrich(contact, **self._extras(contact, row, clears))

    def _extras(self, contact: Contact, row: Row, clears: bool) -> dict[str, Any]:
        account, extra = self._account, contact.extra or {}
        made = {name: row[name] or None for name in details.SCALARS if name in row and (row[name] or clears)}
        numbers = [details.phone(account, kind, text, "Account") for kind, text in import_rows.phones(row).items()]
        places = [details.place(account, kind, parts) for kind, parts in import_rows.places(row).items()]
        values = import_rows.custom_values(row, account.fields)
        kept = {name: value for name, value in values.items() if value or clears}
        if numbers:
            made["phone_numbers"] = details.merged(extra.get("phone_numbers", []), numbers)
        if places:
            made["street_addresses"] = details.merged(extra.get("street_addresses", []), places)
        if kept:
            made["custom_fields"] = extra.get("custom_fields", {}) | kept
        return made

    def _add_to_lists(self, contact: Contact, lists: tuple[int, ...]) -> str:
        """Put the contact into the lists; nobody who opted out, and nobody into more than fifty."""
        wanted = tuple(dict.fromkeys([*contact.lists, *lists]))
        is_kept_out = contact.permission == "unsubscribed" or len(wanted) > MOST_MEMBERSHIPS
        after = contact.lists if is_kept_out else wanted
        self._account.change(contact, "api", lists=after, update_source="Account")
        return "not added" if is_kept_out else "done"
