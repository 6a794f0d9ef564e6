"""The other bulk jobs: memberships of many contacts, and the deletion of many contacts or lists."""

from __future__ import annotations

from standins.constant_contact import contacts
from standins.constant_contact.imports import MOST_MEMBERSHIPS
from standins.constant_contact.state import Account, Contact


class People:
    """Whom a job is about; asked for when the job is done, not when it is queued."""

    def __init__(self, account: Account, *, ids: list[str] | None = None, lists: tuple[int, ...] | None = None) -> None:
        self._account, self._ids, self._lists = account, ids, lists
        self.left_out: frozenset[str] = frozenset()

    def found(self) -> list[Contact]:
        """Contacts by id, those of lists, or all active ones; deleted ones never."""
        chosen = self._by_id(self._ids) if self._ids is not None else self._account.roster
        if self._lists is not None:
            wanted = set(self._lists)
            chosen = [contact for contact in chosen if wanted.intersection(contact.lists)]
        elif self._ids is None:
            chosen = [contact for contact in chosen if contact.is_active]
        left_out = self.left_out
        return [each for each in chosen if not each.deleted and not (left_out and each.contact_id in left_out)]

    def _by_id(self, ids: list[str]) -> list[Contact]:
        known = (self._account.with_id(contact_id) for contact_id in dict.fromkeys(ids))
        return [contact for contact in known if contact]


class Memberships:
    """Adds people to lists, or removes them."""

    def __init__(self, account: Account, people: People, lists: tuple[int, ...], adds: bool) -> None:
        self._account, self._people, self._lists, self._adds = account, people, lists, adds
        self.kind = "add_list_memberships" if adds else "remove_list_memberships"

    def expected(self) -> dict[str, int]:
        """How many people there are now, and lists."""
        counted = {"items_total_count": len(self._people.found()), "items_completed_count": 0}
        return counted | {"list_count": len(self._lists)}

    def run(self, most: int | None) -> tuple[dict[str, int], list[str]]:
        """Change the memberships; who cannot be added is passed over, with one message for all of them."""
        counters, people = self.expected(), self._people.found()[:most]
        lists = tuple(serial for serial in self._lists if not self._account.lists.by_serial[serial].deleted)
        passed_over = sum(not self._changed(contact, lists) for contact in people)
        errors = [f"{passed_over} contacts could not be added to a list."] if passed_over else []
        return counters | {"items_completed_count": len(people)}, errors

    def _changed(self, contact: Contact, lists: tuple[int, ...]) -> bool:
        if self._adds:
            after = tuple(dict.fromkeys([*contact.lists, *lists]))
            if contact.permission == "unsubscribed" or len(after) > MOST_MEMBERSHIPS:
                return False
        else:
            after = tuple(serial for serial in contact.lists if serial not in lists)
        if after != contact.lists:
            self._account.change(contact, "api", lists=after, update_source="Account")
        return True


class ContactDeletion:
    """Deletes contacts, as DELETE of each would."""

    kind = "contact_delete"

    def __init__(self, account: Account, people: People, lists: tuple[int, ...]) -> None:
        self._account, self._people, self._lists = account, people, lists

    def expected(self) -> dict[str, int]:
        """How many people there are now, and lists where they were named."""
        counted = {"items_total_count": len(self._people.found()), "items_completed_count": 0}
        return counted | ({"list_count": len(self._lists)} if self._lists else {})

    def run(self, most: int | None) -> tuple[dict[str, int], list[str]]:
        """Delete them."""
        counters, people = self.expected(), self._people.found()[:most]
        for contact in people:
            contacts.delete(self._account, contact, "api")
        return counters | {"items_completed_count": len(people)}, []


class ListDeletion:
    """Deletes lists with their memberships; the contacts stay."""

    kind = "list_delete"

    def __init__(self, account: Account, lists: tuple[int, ...]) -> None:
        self._account, self._lists = account, lists

    def expected(self) -> dict[str, int]:
        """How many lists."""
        return {"list_count": len(self._lists)}

    def run(self, most: int | None) -> tuple[dict[str, int], list[str]]:
        """Delete them; one that is gone already is not counted."""
        held = [self._account.lists.by_serial[serial] for serial in self._lists[:most]]
        current = [each for each in held if not each.deleted]
        for each in current:
            self._account.remove_list(each, "api")
        return {"list_count": len(current)}, []
