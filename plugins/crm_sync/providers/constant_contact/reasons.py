"""Why Constant Contact refuses somebody or something; docs/providers/constant_contact.md has the same table."""

from __future__ import annotations

from crm_sync.reasons import NOTHING, Reason

_FLAGGED = (
    "the import set the address aside: it is not valid, or it was to be subscribed more than five times in 24 hours, in"
    " whatever account, and is flagged for 48; it is not offered for 48 hours, since each attempt counts"
)

REASONS = {
    "opted_out": Reason(
        "unsubscribed at Constant Contact, by themselves or by staff",
        "nothing: only the person can subscribe again, by a form of Constant Contact",
        is_permanent=True,
    ),
    # documented: the vendor's staff, https://community.constantcontact.com (an import says "invalid email address").
    "address_refused": Reason(_FLAGGED, "check the address; where it is good, wait"),
    "address_or_field_refused": Reason("a single write was refused", "check address and names"),
    "address_taken": Reason(
        "another contact there has the new address, perhaps a deleted one, or chose it there; the new address is"
        " enrolled, the old one archived",
        "where it stays, see whether two contacts of the CRM are one person",
    ),
    "pending_confirmation": Reason(
        "waits for the person's confirmation (Confirmed Opt-In)", "nothing", is_permanent=True
    ),
    "too_many_lists": Reason("the contact is in 50 lists there", "take it out of others"),
    "not_in_account": Reason("the contact is not there, or was deleted by hand", "start a full synchronization"),
    "not_found": Reason("not found at Constant Contact", "start a full synchronization"),
    "list_name_taken": Reason("a list of that name has people", "rename one of the two"),
    "list_name_refused": Reason("the name of the list was refused", "rename the list in the CRM"),
    "too_many_lists_in_account": Reason(
        "the account has its 1,000 lists", "delete lists: the run that takes one away makes the one that waited"
    ),
    "list_gone": Reason("the list was deleted by hand", "nothing: the next run makes it again, with its people"),
    "activity_under_way": Reason("work that comes first goes on there", NOTHING),
    "activity_queue_full": Reason("too much work waits at Constant Contact already", NOTHING),
    "activity_{}": Reason("Constant Contact ended the work as {}", NOTHING),
    "not_confirmed": Reason("Constant Contact's result does not say what became of it", NOTHING),
}
