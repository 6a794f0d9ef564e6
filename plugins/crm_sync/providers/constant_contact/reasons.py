"""The reasons for which Constant Contact refuses a record; docs/providers/constant_contact.md has the same table."""

from __future__ import annotations

from crm_sync.reasons import NOTHING, Reason

_FLAGGED = (
    "the import rejected the address: it is invalid, or somebody tried to subscribe it more than five times in 24"
    " hours, in any account, and it is blocked for 48; it is not sent again for 48 hours, since each attempt counts"
)

REASONS = {
    "opted_out": Reason(
        "unsubscribed at Constant Contact, by themselves or by staff",
        "nothing: only the person can subscribe again, by a form of Constant Contact",
        is_permanent=True,
    ),
    # documented: the vendor's staff, https://community.constantcontact.com (an import says "invalid email address").
    "address_refused": Reason(_FLAGGED, "check the address; if it is right, wait"),
    "address_or_field_refused": Reason("the single call for this contact was refused", "check address and names"),
    "address_taken": Reason(
        "another contact at Constant Contact has or chose the new address, perhaps a deleted one; the new address is"
        " enrolled, the old one archived",
        "if it persists, check whether two contacts of the CRM are one person",
    ),
    "pending_confirmation": Reason(
        "waiting for the person to confirm (Confirmed Opt-In)", "nothing", is_permanent=True
    ),
    "too_many_lists": Reason(
        "the contact is already in 50 lists, the most that Constant Contact allows", "remove it from another list"
    ),
    "not_in_account": Reason(
        "the contact does not exist at Constant Contact, or was deleted by hand", "start a full synchronization"
    ),
    "not_found": Reason("not found at Constant Contact", "start a full synchronization"),
    "list_name_taken": Reason("a list of that name already has people", "rename one of the two"),
    "list_name_refused": Reason("the name of the list was refused", "rename the list in the CRM"),
    "too_many_lists_in_account": Reason(
        "the account has 1,000 lists, the most that Constant Contact allows",
        "delete lists: the run that deletes one creates the one that waited",
    ),
    "list_gone": Reason("the list was deleted by hand", "nothing: the next run creates it again, with its people"),
    "activity_under_way": Reason("Constant Contact is still working on an earlier job", NOTHING),
    "activity_queue_full": Reason("too many jobs are already waiting at Constant Contact", NOTHING),
    "activity_{}": Reason("Constant Contact ended the job as {}", NOTHING),
    "not_confirmed": Reason("Constant Contact's result does not confirm it", NOTHING),
}
