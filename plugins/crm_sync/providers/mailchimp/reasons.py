"""The reasons for which Mailchimp refuses a record; docs/providers/mailchimp.md has the same table."""

from __future__ import annotations

from crm_sync.reasons import Reason

_ONLY_THEY = "nothing: only the person can subscribe again, by a form of Mailchimp"

REASONS = {
    "opted_out": Reason("unsubscribed at Mailchimp, by themselves or by staff", _ONLY_THEY, is_permanent=True),
    "cleaned": Reason("the address bounces", "correct the address in the CRM", is_permanent=True),
    "compliance": Reason(
        "unsubscribed, bounced or under review at Mailchimp, which accepts no subscription through its API",
        _ONLY_THEY,
        is_permanent=True,
    ),
    "forgotten": Reason("permanently deleted at Mailchimp", _ONLY_THEY, is_permanent=True),
    "address_or_field_refused": Reason(
        "the address looks fake or invalid, or was signed up too often recently, such as added and archived a dozen"
        " times: Mailchimp gives the same reason for both",
        "check the address; the second case passes within minutes to days, and is retried daily",
    ),
    "field_refused:{}": Reason(
        "the field {} was not accepted: its value is invalid, or it is required and empty",
        "correct the field in the CRM, or make it optional in the audience",
    ),
    "pending_confirmation": Reason(
        "waiting for the person to confirm; a person who should leave meanwhile cannot be archived, and is checked"
        " daily, since confirming would subscribe them",
        "nothing",
        is_permanent=True,
    ),
    "list_name_taken": Reason("a tag of that name has other people", "rename one of the two"),
    "list_gone": Reason("the tag was deleted by hand", "nothing: the next run creates it again"),
    "not_in_audience": Reason(
        "the address could not be tagged, because the audience does not know it", "start a full synchronization"
    ),
    "still_in_list": Reason("Mailchimp did not remove the person from the tag", "nothing: it is retried daily"),
    "address_taken": Reason(
        "another person in the audience chose this address, or has it in some state",
        "check whether two contacts of the CRM are one person",
    ),
    "not_found": Reason("not found at Mailchimp", "start a full synchronization"),
    "{}_there": Reason("Mailchimp reports the person as {}", "look at the person at Mailchimp"),
    "refused:{}": Reason("refused by Mailchimp: {}", "look at the person at Mailchimp"),
}
