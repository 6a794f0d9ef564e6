"""What each reason code means and what to do about it. These are the engine's codes; each provider adds its own.

A code with a variable part, such as ``field_refused:FNAME``, is found by its pattern, in which ``{}`` stands
for that part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING = "nothing: the next run retries it"


@dataclass(frozen=True)
class Reason:
    """``meaning``: a phrase, to be used in a sentence. ``remedy``: what the data team should do. ``is_permanent``:
    nothing that the pipeline does can bring the person back, so *Retry* is not offered."""

    meaning: str
    remedy: str = NOTHING
    is_permanent: bool = False

    def about(self, part: str) -> Reason:
        """The same, with the variable part of the code filled in."""
        return Reason(self.meaning.format(part), self.remedy.format(part), self.is_permanent)


# Codes that the stages give to operations of any provider.
ENGINE: Mapping[str, Reason] = {
    "awaits_approval": Reason("held by the brake until a person decides", "approve or reject the plan"),
    "approved": Reason("held by the brake, then approved: another run planned it again"),
    "used": Reason("held by the brake, then approved: another run planned it again"),
    "rejected": Reason("held by the brake and rejected", "nothing, or start a run to be asked again"),
    "renewed": Reason("held by the brake; a later plan replaced it"),
    "withdrawn": Reason("held by the brake; a later run made a new plan"),
    "void": Reason("held by the brake; the CRM or the account was replaced afterwards"),
    "held_back_by_pilot": Reason(
        "held back by the pilot", "widen or remove the table pilot of the provider in crm_sync.toml"
    ),
    "address_not_valid": Reason("the e-mail address is not valid", "correct it in the CRM"),
    "address_too_long": Reason("the e-mail address is too long", "correct it in the CRM"),
    "{}_too_long": Reason("the field {} is too long", "shorten it in the CRM"),
    "field_missing:{}": Reason(
        "the provider has no field {}, and people are sent without it",
        "create it there, or set create_fields = true; then start a full synchronization",
    ),
    "field_not_created:{}": Reason(
        "the provider did not create the field {}, and people are sent without it",
        "see why in the log of the load; create it there, then start a full synchronization",
    ),
    "field_of_other_type:{}": Reason(
        "the field {} has another type at the provider than in the settings", "correct its type in the settings"
    ),
    "field_required:{}": Reason(
        "the provider requires the field {}, and nothing fills it",
        "fill it in the settings, or make it optional at the provider",
    ),
    "field_not_valid:{}": Reason(
        "the value for the field {} does not have the form of its type, and is left out", "correct it in the CRM"
    ),
    "list_name_too_long": Reason("the name of the list is too long", "shorten it in the CRM"),
    "opted_out": Reason(
        "unsubscribed at the provider", "nothing: only the person can subscribe again", is_permanent=True
    ),
    "unsubscribed": Reason(
        "unsubscribed at the provider", "nothing: only the person can subscribe again", is_permanent=True
    ),
    "cleaned": Reason("the address bounces", "correct the address in the CRM", is_permanent=True),
    "pending": Reason("waiting for the person to confirm at the provider", "nothing", is_permanent=True),
    "deferred": Reason("not sent yet"),
    "daily_quota": Reason("the day's calls were used up"),
    "load_failed": Reason("the run failed before this was sent"),
    "planned_anew": Reason("the run was restarted before this was sent"),
    "still_under_way": Reason("the provider had not finished the job when the run ended"),
    "not_answered": Reason(
        "the provider does not respond to the call about this record",
        "nothing: it is retried at growing intervals; if it persists, look at the record",
    ),
    "answer_not_understood": Reason(
        "the provider returned an undocumented response about this record",
        "nothing: it is retried; if it persists, report it",
    ),
    "server_error_{}": Reason(
        "the call about this record fails with error {}",
        "nothing: it is retried at growing intervals; if it persists, look at the record",
    ),
    "list_refused": Reason("its list was refused", "see the list"),
    "subscriber_refused": Reason("the person was refused", "see the person"),
    "opt_out_unwritten": Reason(
        "opted out at another provider, and the CRM does not show it",
        "allow the pipeline to set Do Not Contact in the CRM",
    ),
    "crm_locked": Reason(
        "opted out, and the CRM does not show it: another transaction has locked the row",
        "end the transaction that holds the lock",
    ),
    "crm_did_not_keep_it": Reason(
        "opted out, and the CRM does not show it: it accepted the flag without error but did not keep it",
        "look for a trigger or a rule that reverts it",
    ),
    "crm_refused:{}": Reason(
        "opted out, and the CRM does not show it: it rejects the flag with error {}",
        "grant the missing privilege, or change what rejects it",
    ),
}


def find(reasons: Mapping[str, Reason], code: str) -> Reason | None:
    """What a code means; None if it is not known."""
    if code in reasons:
        return reasons[code]
    for pattern, reason in reasons.items():
        found = "{}" in pattern and re.fullmatch(re.escape(pattern).replace(r"\{\}", "(.+)"), code)
        if found:
            return reason.about(found[1].replace("_", " "))
    return None
