"""What people do in VoterVoice's portal without its API, or what an upload there does; and bulk seeding."""

from __future__ import annotations

from typing import Any

import msgspec

from standins.actions import Action, done
from standins.provider import AdminError
from standins.votervoice import addresses, bodies
from standins.votervoice.state import DEFAULT_LIST, Association, Contact

TEXTS = {
    "given_names": "given_names",
    "surname": "surname",
    "phone": "phone_number",
    "company": "business_company_name",
    "position": "business_position_name",
    "new_email": "email_address",
}


def act(association: Association, wish: dict[str, Any]) -> dict[str, Any]:
    """Do one action; its keys are those of the function of that name. Raises AdminError."""
    return done(ACTIONS, association, wish)


def _contact(association: Association, email: str) -> Contact:
    contacts = association.by_email.get(email.lower())
    if not contacts:
        raise AdminError("no contact with that address")
    return contacts[0]


def _list(association: Association, name: str) -> str:
    if name not in association.lists:
        raise AdminError("no list of that name")
    return name


def _done(contact: Contact) -> dict[str, Any]:
    return {"contact_id": contact.contact_id, "email": contact.email, "list": contact.list}


def _create_contact(
    association: Association,
    address: str,
    contact_id: str | None = None,
    given_names: str = "",
    surname: str = "",
    list: str = DEFAULT_LIST,
) -> dict[str, Any]:
    """`address` is the e-mail address; without `contact_id` the contact gets a temporary one."""
    if association.by_email.get(address.lower()) or association.by_id.get(contact_id or ""):
        raise AdminError("that address or contact_id exists")
    contact = association.add(_list(association, list), contact_id, address, "admin")
    association.write_texts(contact, contact.texts | {"given_names": given_names, "surname": surname})
    return _done(contact)


def _create_contacts(
    association: Association,
    count: int,
    start: int = 1,
    address: str = "person{n}@example.org",
    contact_id: str | None = None,
    list: str = DEFAULT_LIST,
) -> dict[str, Any]:
    """`{n}` runs from `start`, in `contact_id` too; the history says nothing of them."""
    name = _list(association, list)
    for n in range(start, start + count):
        own = None if contact_id is None else contact_id.replace("{n}", str(n))
        contact = association.add(name, own, address.replace("{n}", str(n)), None)
        association.write_texts(contact, contact.texts | {"given_names": "Person", "surname": str(n)})
    return {"contacts": len(association.contacts)}


def _edit_contact(association: Association, email: str, **changes: Any) -> dict[str, Any]:
    """Keys: given_names, surname, phone, company, position, new_email, contact_id, list, home_address (unchecked)."""
    contact = _contact(association, email)
    unknown = changes.keys() - {*TEXTS, "contact_id", "list", "home_address"}
    if unknown:
        raise AdminError(f"edit_contact does not know {sorted(unknown)}")
    list_name = _list(association, changes.get("list", contact.list or ""))
    if "home_address" in changes:
        contact.home = addresses.sent(msgspec.convert(changes["home_address"], bodies.Address))
        contact.address_valid = False
    association.move(contact, list_name, "admin")
    if "contact_id" in changes:
        association.identify(contact, changes["contact_id"])
    texts = {TEXTS[name]: value for name, value in changes.items() if name in TEXTS}
    association.write_texts(contact, contact.texts | texts)
    return _done(contact)


def _delete_contact(association: Association, email: str) -> dict[str, Any]:
    contact = _contact(association, email)
    association.remove(contact, "admin")
    return _done(contact)


def _mark_non_deliverable(association: Association, email: str) -> dict[str, Any]:
    contact = _contact(association, email)
    contact.non_deliverable = True
    association.touch(contact)
    return _done(contact)


def _rotate_temporary_ids(association: Association) -> dict[str, Any]:
    association.turn += 1
    return {"turn": association.turn}


def _create_list(association: Association, name: str, *, is_mapped: bool = True) -> dict[str, Any]:
    """`is_mapped`: whether somebody configured how the fields of an upload become those of the list."""
    if name in association.lists:
        raise AdminError("a list of that name exists")
    association.lists[name] = 0
    if not is_mapped:
        association.unmapped.add(name)
    return {"lists": [*association.lists]}


def _remove_list(association: Association, name: str) -> dict[str, Any]:
    """The contacts of the list go with it."""
    if name == DEFAULT_LIST:
        raise AdminError("the default list stays")
    known = _list(association, name)
    gone = [contact for contact in association.contacts.values() if contact.list == known]
    for contact in gone:
        association.remove(contact, "admin")
    del association.lists[known]
    association.unmapped.discard(known)
    return {"removed": len(gone)}


def _empty(association: Association) -> dict[str, Any]:
    gone = len(association.contacts)
    association.clear()
    return {"removed": gone}


ACTIONS: dict[str, Action] = {
    "create_contact": _create_contact,
    "create_contacts": _create_contacts,
    "edit_contact": _edit_contact,
    "delete_contact": _delete_contact,
    "mark_non_deliverable": _mark_non_deliverable,
    "rotate_temporary_ids": _rotate_temporary_ids,
    "create_list": _create_list,
    "remove_list": _remove_list,
    "empty": _empty,
}
