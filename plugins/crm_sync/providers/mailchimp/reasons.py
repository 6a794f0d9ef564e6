"""Why Mailchimp refuses somebody or something, in words; docs/providers/mailchimp.md has the same table."""

from __future__ import annotations

from crm_sync.reasons import Reason

_ONLY_THEY = "nothing: only the person can subscribe again, by a form of Mailchimp"

REASONS = {
    "opted_out": Reason("unsubscribed at Mailchimp, by themselves or by staff", _ONLY_THEY, is_permanent=True),
    "cleaned": Reason("the address bounces", "correct the address in the CRM", is_permanent=True),
    "compliance": Reason(
        "unsubscribed, bounced or under review at Mailchimp, which takes no subscription by its API",
        _ONLY_THEY,
        is_permanent=True,
    ),
    "forgotten": Reason("permanently deleted at Mailchimp", _ONLY_THEY, is_permanent=True),
    "address_or_field_refused": Reason(
        "the address looks fake or invalid, or was signed up too often of late, a dozen times added and archived:"
        " Mailchimp says the same of both",
        "check the address; the second passes in minutes to days, and is tried again daily",
    ),
    "field_refused:{}": Reason(
        "the field {} was not accepted: it does not fit, or is required and empty",
        "correct the field in the CRM, or make it optional in the audience",
    ),
    "pending_confirmation": Reason(
        "waits for the person's confirmation; who is to leave meanwhile cannot be archived, and is looked at again"
        " daily, since confirming would subscribe them",
        "nothing",
        is_permanent=True,
    ),
    "list_name_taken": Reason("a tag of that name has other people", "rename one of the two"),
    "list_gone": Reason("the tag was deleted by hand", "nothing: the next run makes it again"),
    "not_in_audience": Reason(
        "the tag did not take the address, which the audience does not know", "start a full synchronization"
    ),
    "still_in_list": Reason("Mailchimp did not take the person out of the tag", "nothing: tried again daily"),
    "address_taken": Reason(
        "another person there chose this address for themselves, or has it in some state",
        "see whether two contacts of the CRM are one person",
    ),
    "not_found": Reason("not found at Mailchimp", "start a full synchronization"),
    "{}_there": Reason("Mailchimp reports the person as {}", "look at the person at Mailchimp"),
    "refused:{}": Reason("refused by Mailchimp: {}", "look at the person at Mailchimp"),
}
