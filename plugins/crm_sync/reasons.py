"""What a reason code means, and what to do about it: those of the engine, beside which each provider has its own.

A code with a part of its own, such as ``field_refused:FNAME``, is found by its pattern, where ``{}`` is that part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING = "nothing: the next run takes it up"


@dataclass(frozen=True)
class Reason:
    """``meaning``: as part of a sentence. ``remedy``: what a data team does. ``is_permanent``: nothing that the
    pipeline does brings the person back, so *Retry* is not offered."""

    meaning: str
    remedy: str = NOTHING
    is_permanent: bool = False

    def about(self, part: str) -> Reason:
        """The same with the code's own part put in."""
        return Reason(self.meaning.format(part), self.remedy.format(part), self.is_permanent)


# Of every provider: what the stages say by themselves.
ENGINE: Mapping[str, Reason] = {
    "awaits_approval": Reason("held by the brake, until a person has decided", "approve or reject the plan"),
    "approved": Reason("held by the brake, then approved: another run planned it anew"),
    "used": Reason("held by the brake, then approved: another run planned it anew"),
    "rejected": Reason("held by the brake, and rejected", "nothing, or a run by hand to ask again"),
    "renewed": Reason("held by the brake; a later plan took its place"),
    "withdrawn": Reason("held by the brake; a later run planned anew"),
    "void": Reason("held by the brake; the CRM is another one since"),
    "address_not_valid": Reason("the e-mail address is not valid", "correct it in the CRM"),
    "address_too_long": Reason("the e-mail address is too long", "correct it in the CRM"),
    "{}_too_long": Reason("the field {} is too long", "shorten it in the CRM"),
    "list_name_too_long": Reason("the name of the list is too long", "shorten it in the CRM"),
    "opted_out": Reason("unsubscribed there", "nothing: only the person can subscribe again", is_permanent=True),
    "unsubscribed": Reason("unsubscribed there", "nothing: only the person can subscribe again", is_permanent=True),
    "cleaned": Reason("the address bounces", "correct the address in the CRM", is_permanent=True),
    "pending": Reason("waits for the person's confirmation there", "nothing", is_permanent=True),
    "deferred": Reason("not sent yet"),
    "daily_quota": Reason("the day's calls were used up"),
    "load_failed": Reason("the run failed before this was sent"),
    "planned_anew": Reason("the run was started again before this was sent"),
    "still_under_way": Reason("the provider had not finished the work when the run ended"),
    "not_answered": Reason(
        "the provider does not answer the call about this record",
        "nothing: it is tried again, less often each time; look at the record where it lasts",
    ),
    "answer_not_understood": Reason(
        "the provider's answer about this record is not one that it documents",
        "nothing: it is tried again; report it where it lasts",
    ),
    "server_error_{}": Reason(
        "the call about this record is answered by the error {}",
        "nothing: it is tried again, less often each time; look at the record where it lasts",
    ),
    "list_refused": Reason("its list was refused", "see the list"),
    "subscriber_refused": Reason("the person was refused", "see the person"),
    "opt_out_unwritten": Reason(
        "opted out at another provider, and the CRM does not have it", "let the pipeline set Do Not Contact in the CRM"
    ),
    "crm_locked": Reason(
        "opted out, and the CRM does not have it: somebody has its row locked", "end the transaction that holds it"
    ),
    "crm_did_not_keep_it": Reason(
        "opted out, and the CRM does not have it: it takes the flag, and does not keep it",
        "look for a trigger or a rule that undoes it",
    ),
    "crm_refused:{}": Reason(
        "opted out, and the CRM does not have it: it refuses the flag with error {}",
        "grant the right, or change what refuses it",
    ),
}


def find(reasons: Mapping[str, Reason], code: str) -> Reason | None:
    """What a code means; None where nobody says so."""
    if code in reasons:
        return reasons[code]
    for pattern, reason in reasons.items():
        found = "{}" in pattern and re.fullmatch(re.escape(pattern).replace(r"\{\}", "(.+)"), code)
        if found:
            return reason.about(found[1].replace("_", " "))
    return None
