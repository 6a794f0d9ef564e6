"""What people do at Constant Contact without its API: opt out, come back, tidy up; and bulk seeding."""

from __future__ import annotations

from typing import Any

from standins.actions import Action, done
from standins.constant_contact import contacts
from standins.constant_contact.activities import Done
from standins.constant_contact.by_hand_application import APPLICATION
from standins.constant_contact.errors import Refusal
from standins.constant_contact.imports import MOST_MEMBERSHIPS
from standins.constant_contact.lists import ContactList
from standins.constant_contact.state import MAILABLE, Account, Contact
from standins.provider import AdminError


def act(account: Account, wish: dict[str, Any]) -> dict[str, Any]:
    """Do one action; its keys are those of the function of that name. Raises AdminError."""
    try:
        return done(ACTIONS, account, wish)
    except Refusal as refusal:
        raise AdminError(f"{wish['action']}: refused: {refusal.message}") from refusal


def _contact(account: Account, address: str) -> Contact:
    contact = account.named(address)
    if contact is None:
        raise AdminError("no contact with that address")
    return contact


def _list(account: Account, name: str) -> ContactList:
    held = account.lists.named(name)
    if held is None:
        raise AdminError("no list of that name")
    return held


def _list_serials(account: Account, names: list[str]) -> tuple[int, ...]:
    """The lists of these names; those that do not exist are created."""
    if len(names) > MOST_MEMBERSHIPS:
        raise AdminError(f"a contact is in {MOST_MEMBERSHIPS} lists at most")
    return tuple(dict.fromkeys((account.lists.named(name) or account.lists.add(name)).serial for name in names))


def _done(contact: Contact) -> dict[str, Any]:
    return {"contact_id": contact.contact_id, "status": contact.status}


def _unsubscribe(account: Account, address: str, reason: str | None = None) -> dict[str, Any]:
    contact = _contact(account, address)
    contacts.opt_out(account, contact, "Contact", "contact", reason)
    return _done(contact)


def _admin_unsubscribe(account: Account, address: str) -> dict[str, Any]:
    contact = _contact(account, address)
    contacts.opt_out(account, contact, "Account", "admin")
    return _done(contact)


def _resubscribe(account: Account, address: str) -> dict[str, Any]:
    contact = _contact(account, address)
    account.change(contact, "contact", deleted=0)
    contacts.come_back(account, contact)
    return _done(contact)


def _create_contact(
    account: Account,
    address: str,
    first_name: str = "",
    last_name: str = "",
    lists: list[str] | None = None,
    status: str = "active",
    opt_out_source: str = "Contact",
) -> dict[str, Any]:
    if account.named(address):
        raise AdminError("that address exists")
    contact = _added(
        account, address, "implicit" if status in {"active", "deleted", "unsubscribed"} else status, "admin"
    )
    contact.first_name, contact.last_name = first_name, last_name
    account.change(contact, "admin", lists=_list_serials(account, lists or []))
    if status == "unsubscribed":
        contacts.opt_out(account, contact, opt_out_source, "contact" if opt_out_source == "Contact" else "admin")
    if status == "deleted":
        contacts.delete(account, contact, "admin")
    return _done(contact)


def _added(account: Account, address: str, permission: str, by: str | None) -> Contact:
    if permission not in MAILABLE | {"not_set", "pending_confirmation", "temp_hold"}:
        raise AdminError("status is active, unsubscribed, deleted, not_set, pending_confirmation or temp_hold")
    return account.add(address, permission, "Account", by)


def _create_contacts(
    account: Account,
    count: int,
    start: int = 1,
    address: str = "person{n}@example.org",
    first_name: str = "",
    last_name: str = "",
    lists: list[str] | None = None,
) -> dict[str, Any]:
    serials = _list_serials(account, lists or [])
    for n in range(start, start + count):
        contact = _added(account, address.replace("{n}", str(n)), "implicit", None)
        contact.first_name, contact.last_name = first_name.replace("{n}", str(n)), last_name.replace("{n}", str(n))
        if serials:
            account.change(contact, "admin", lists=serials)
    return {"contacts": len(account.roster)}


def _delete_contact(account: Account, address: str) -> dict[str, Any]:
    contact = _contact(account, address)
    contacts.delete(account, contact, "admin")
    return _done(contact)


def _change_address(account: Account, address: str, new_address: str) -> dict[str, Any]:
    """The contact, or the staff, has put in another address; what else there is of it stays."""
    contact = _contact(account, address)
    if account.named(new_address) not in {None, contact}:
        raise AdminError("that address exists")
    account.change(contact, "contact", address=new_address)
    return _done(contact)


def _set_names(account: Account, address: str, first_name: str, last_name: str) -> dict[str, Any]:
    contact = _contact(account, address)
    account.change(contact, "admin", first_name=first_name, last_name=last_name)
    return _done(contact)


def _create_list(account: Account, name: str) -> dict[str, Any]:
    return {"id": account.lists.add(name).id}


def _rename_list(account: Account, name: str, new_name: str) -> dict[str, Any]:
    held = _list(account, name)
    account.lists.rename(held, new_name)
    return {"id": held.id}


def _delete_list(account: Account, name: str) -> dict[str, Any]:
    held = _list(account, name)
    return {"id": held.id, "members": account.remove_list(held, "admin")}


def _add_to_list(account: Account, address: str, name: str) -> dict[str, Any]:
    contact, held = _contact(account, address), _list(account, name)
    account.change(contact, "admin", lists=tuple(dict.fromkeys([*contact.lists, held.serial])))
    return _done(contact)


def _remove_from_list(account: Account, address: str, name: str) -> dict[str, Any]:
    contact, held = _contact(account, address), _list(account, name)
    account.change(contact, "admin", lists=tuple(serial for serial in contact.lists if serial != held.serial))
    return _done(contact)


def _delete_custom_field(account: Account, name: str) -> dict[str, Any]:
    field = account.fields.named(name)
    if field is None:
        raise AdminError("no custom field of that name")
    account.fields.delete(field)
    return {"id": field.id}


def _empty_account(account: Account) -> dict[str, Any]:
    gone = len(account.roster)
    for activity in account.queue.waiting():
        activity.job = Done(activity.kind)
    account.clear()
    return {"removed": gone}


BY_HAND: dict[str, Action] = {
    "unsubscribe": _unsubscribe,
    "admin_unsubscribe": _admin_unsubscribe,
    "resubscribe": _resubscribe,
    "create_contact": _create_contact,
    "create_contacts": _create_contacts,
    "delete_contact": _delete_contact,
    "change_address": _change_address,
    "set_names": _set_names,
    "create_list": _create_list,
    "rename_list": _rename_list,
    "delete_list": _delete_list,
    "add_to_list": _add_to_list,
    "remove_from_list": _remove_from_list,
    "delete_custom_field": _delete_custom_field,
    "empty_account": _empty_account,
}
ACTIONS = BY_HAND | APPLICATION
