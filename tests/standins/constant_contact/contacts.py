"""The rules for one contact: who may be created, changed, revived, and mailed to again after an opt-out."""

from __future__ import annotations

from msgspec import UNSET

from standins.constant_contact import bodies, details
from standins.constant_contact.errors import address_taken, bad_value, conflict, invalid, not_found
from standins.constant_contact.state import MAILABLE, Account, Contact

UNSUBSCRIBED = "unsubscribed"
NAMES = ("first_name", "last_name")


def found(account: Account, name: str) -> Contact:
    """The contact of a path, a deleted one too. Raises Refusal 404."""
    contact = account.with_id(name)
    if contact is None:
        raise not_found()
    return contact


def check_address(account: Account, address: str, own: Contact | None = None) -> None:
    """Refuse what is no address (400), and what another contact has in any state (409)."""
    if not details.is_address(account, address):
        raise bad_value("email_address")
    holder = account.named(address)
    if holder and holder is not own:
        raise address_taken(account.switches.conflict_wording, holder.contact_id)


def opt_out(account: Account, contact: Contact, source: str, by: str, reason: str | None = None) -> None:
    """No mail any more. An opt-out by the contact is never turned into one by the account."""
    is_new = contact.permission != UNSUBSCRIBED or contact.opt_out_source is None
    stays = not is_new and contact.opt_out_source in {"Contact", source}
    leaves = is_new and account.switches.lists_of_unsubscribed == "removed"
    account.enrich(contact, opt_out_reason=reason)
    account.change(
        contact,
        by,
        permission=UNSUBSCRIBED,
        opt_out_source=contact.opt_out_source if stays else source,
        opted_out=contact.opted_out or account.now(),
        unsubscribed_by=contact.unsubscribed_by if stays else by,
        update_source=source,
        lists=() if leaves else contact.lists,
    )


def opt_in(account: Account, contact: Contact, permission: str, source: str, by: str) -> None:
    """A permission that is no opt-out; where it is new, its date is now."""
    is_new = permission in MAILABLE and contact.permission not in MAILABLE
    account.enrich(contact, opt_out_reason=None)
    account.change(
        contact,
        by,
        permission=permission,
        opt_out_source=None,
        opted_out=0,
        unsubscribed_by=None,
        update_source=source,
        opted_in=account.now() if is_new else contact.opted_in,
    )


def post(account: Account, body: bodies.NewContact) -> Contact:
    """POST /contacts: new people only."""
    email = body.email_address
    if not any((body.first_name, body.last_name, email, body.sms_channel)):
        raise invalid("one of first_name, last_name, email_address, sms_channel is missing")
    details.check_imitated(body)
    details.check_person(body)
    address, permission = None, "not_set"
    if isinstance(email, bodies.NewAddress):
        check_address(account, email.address)
        address = email.address
        permission = "implicit" if email.permission_to_send is UNSET else str(email.permission_to_send)
    lists = account.lists.serials(body.list_memberships or [])
    if permission == UNSUBSCRIBED:
        lists = _lists_after_opt_out(account, lists)
    made = details.subresources(account, account.last_serial + 1, body, body.create_source)
    contact = account.add(address, permission, body.create_source, "api")
    if permission == UNSUBSCRIBED:
        opt_out(account, contact, body.create_source, "api")
    write_person(account, contact, body, replaces=True)
    account.enrich(contact, **made)
    account.change(contact, "api", lists=lists)
    return contact


def write_person(account: Account, contact: Contact, body: bodies.Person, replaces: bool) -> None:
    """The single values; a call that replaces empties those that were not sent."""
    for name in (*NAMES, *details.SCALARS):
        value = getattr(body, name)
        if value is UNSET and not replaces:
            continue
        value = None if value is UNSET or value == "" else value
        if name in NAMES:
            setattr(contact, name, value or "")
        else:
            account.enrich(contact, **{name: value})


def put(account: Account, contact: Contact, body: bodies.ChangedContact) -> None:
    """PUT: replaces single values and the e-mail address, keeps sub-resources that are not sent, revives; all of it
    or, refused, nothing."""
    details.check_imitated(body)
    details.check_person(body)
    if contact.deleted and body.update_source != "Account":
        raise invalid("update_source must be Account to restore a deleted contact")
    if contact.deleted and contact.address and account.attempts.is_flagged(contact.address):
        raise invalid("The email address is invalid.")
    email = body.email_address
    if isinstance(email, bodies.ChangedAddress):
        check_address(account, email.address, contact)
    permission = _permission_after(account, contact, body)
    lists = contact.lists
    if body.list_memberships is not UNSET:
        lists = account.lists.serials(body.list_memberships)
        if permission == contact.permission == UNSUBSCRIBED:
            lists = _lists_after_opt_out(account, lists)
    made = details.subresources(account, contact.serial, body, body.update_source)
    write_person(account, contact, body, replaces=True)
    account.enrich(contact, **made)
    account.change(contact, "api", lists=lists, deleted=0, update_source=body.update_source)
    if isinstance(email, bodies.ChangedAddress):
        account.change(contact, "api", address=email.address)
        _grant_or_take(account, contact, permission, body)
    else:
        _take_address(account, contact)


def _take_address(account: Account, contact: Contact) -> None:
    """Nobody by e-mail any more, nor is there a permission: the contact is left with its names and lists."""
    account.enrich(contact, opt_out_reason=None)
    gone = {"opt_out_source": None, "opted_out": 0, "unsubscribed_by": None, "opted_in": 0}
    account.change(contact, "api", address=None, permission="not_set", **gone)


def _grant_or_take(account: Account, contact: Contact, permission: str, body: bodies.ChangedContact) -> None:
    reason = body.email_address.opt_out_reason if isinstance(body.email_address, bodies.ChangedAddress) else UNSET
    if permission == UNSUBSCRIBED:
        opt_out(account, contact, body.update_source, "api", reason or None)
    elif permission != contact.permission:
        opt_in(account, contact, permission, body.update_source, "api")


def _permission_after(account: Account, contact: Contact, body: bodies.ChangedContact) -> str:
    """The permission that the body asks for. Raises Refusal where only the contact may ask for it."""
    email = body.email_address
    if not isinstance(email, bodies.ChangedAddress):
        return contact.permission
    wanted = contact.permission if email.permission_to_send is UNSET else str(email.permission_to_send)
    is_new = contact.address is None or account.switches.put_without_permission == "implicit"
    if email.permission_to_send is UNSET and is_new:
        wanted = "implicit"
    if contact.is_locked and wanted != UNSUBSCRIBED and body.update_source == "Account":
        return _overruled(account)
    return wanted


def _overruled(account: Account) -> str:
    """What comes of an account that wants to mail again to somebody who opted out."""
    message = "The contact has opted out and can only opt in again itself."
    if account.switches.opted_out_put == "409":
        raise conflict(message)
    if account.switches.opted_out_put == "400":
        raise invalid(message)
    return UNSUBSCRIBED


def _lists_after_opt_out(account: Account, lists: tuple[int, ...]) -> tuple[int, ...]:
    """The lists that somebody who gets no mail is put into."""
    if lists and account.switches.put_lists_of_unsubscribed == "error":
        raise invalid("An unsubscribed contact cannot be added to a list.")
    return lists if account.switches.put_lists_of_unsubscribed == "accepted" else ()


def delete(account: Account, contact: Contact, by: str) -> None:
    """Out of all lists and hidden, but remembered, and not unsubscribed."""
    if contact.deleted:
        if account.switches.second_delete == "404":
            raise not_found()
        return
    account.change(contact, by, deleted=account.now(), lists=())


def resubscribe(account: Account, contact: Contact, body: bodies.Resubscription) -> None:
    """Ask an unsubscribed contact by mail, once; its answer is a thing done by hand. Raises Refusal 400, 404, 409."""
    lists = account.lists.serials(body.list_ids, "list_ids")
    if contact.deleted:
        raise not_found()
    if contact.permission != UNSUBSCRIBED or not lists:
        raise bad_value("list_ids" if contact.permission == UNSUBSCRIBED else "contact_id")
    if (contact.extra or {}).get("asked_for"):
        raise conflict("A resubscribe e-mail was sent to this contact before.")
    account.enrich(contact, asked_for=lists)


def come_back(account: Account, contact: Contact) -> None:
    """The contact opts in itself, into the lists for which it was asked."""
    asked = (contact.extra or {}).get("asked_for", ())
    current = tuple(serial for serial in asked if not account.lists.by_serial[serial].deleted)
    opt_in(account, contact, "explicit", "Contact", "contact")
    account.change(contact, "contact", lists=tuple(dict.fromkeys([*contact.lists, *current])), opt_in_source="Contact")
