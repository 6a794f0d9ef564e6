"""Codes of the ledger in plain words. A code that is not known here is shown as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

REASONS = {
    "awaits_approval": "held by the brake, until a person has decided",
    "approved": "held by the brake, then approved: another run planned it anew",
    "used": "held by the brake, then approved: another run planned it anew",
    "rejected": "held by the brake, and rejected",
    "renewed": "held by the brake; a later plan took its place",
    "withdrawn": "held by the brake; a later run planned anew",
    "void": "held by the brake; the CRM is another one since",
    "opted_out": "unsubscribed there",
    "unsubscribed": "unsubscribed there",
    "cleaned": "the address bounces",
    "pending": "awaits the person's confirmation there",
    "pending_confirmation": "awaits the person's confirmation there",
    "compliance": "unsubscribed, bounced or under review there; only the person can come back",
    "forgotten": "permanently deleted there; only the person can come back, by a form",
    "address_or_field_refused": "address or field not accepted, or the address was signed up too often of late",
    "address_taken": "the address is in use there already",
    "address_not_valid": "the e-mail address is not valid",
    "address_too_long": "the e-mail address is too long",
    "archived_there": "archived there by hand",
    "deferred": "not sent yet; the next run takes it up",
    "activity_under_way": "work goes on there that comes first; the next run takes it up",
    "address_refused": "the address was not accepted: it is none, or was to be subscribed too often of late",
    "activity_queue_full": "too much work waits there already; the next run takes it up",
    "daily_quota": "the calls of the day were used up",
    "load_failed": "the run failed before this was sent",
    "planned_anew": "the run was started again before this was sent",
    "list_name_taken": "a list of that name with other people exists there",
    "list_gone": "the list was deleted there by hand",
    "list_refused": "its list was refused",
    "not_found": "not found there",
    "not_in_audience": "not known there when the list was changed",
    "still_in_list": "could not be taken out there",
    "subscriber_refused": "the person was refused",
    "not_answered": "the provider does not answer the call about this record; it is tried again, less often each time",
    "answer_not_understood": "the provider's answer about this record is none that it documents; it is tried again",
    "opt_out_unwritten": "opted out at another provider; the CRM does not have it",
    "crm_locked": "opted out, and the CRM does not have it: somebody has its row locked there",
    "crm_did_not_keep_it": "opted out, and the CRM does not have it: it takes the flag, and does not keep it",
    "organization": "an organization; only individuals are taken",
}
_OF_SOMETHING = {
    "field_refused": "the field {} was not accepted",
    "crm_refused": "opted out, and the CRM does not have it: it refuses the flag with error {}",
}
VERBS = {
    "create": "bring across",
    "update": "update",
    "change_address": "change the address",
    "enable": "enable again",
    "suppress": "disable",
    "archive": "disable",
    "add_to_list": "add to list",
    "remove_from_list": "take out of list",
    "create_list": "make list",
    "rename_list": "rename list",
    "delete_list": "delete list",
}
CAUSES = {
    "do_not_contact": "Do Not Contact is set",
    "in_no_list": "in no synchronized list any more",
    "not_eligible": "no longer eligible",
    "gone_from_crm": "deleted from the CRM, or without an address",
    "address_replaced": "the address was replaced",
}
STATUSES = {
    "pending": "planned",
    "sent": "under way",
    "applied": "applied",
    "refused": "refused",
    "deferred": "deferred",
    "held": "held back",
}
STATES = {
    "active": "active",
    "suppressed": "disabled: Do Not Contact",
    "archived": "disabled: in no list",
    "opted_out": "opted out",
    "cleaned": "bounces",
    "pending": "awaits confirmation",
    "absent": "never accepted",
}
RUN_STATES = {
    "open": "reading and planning",
    "planned": "sending",
    "idle": "nothing to do",
    "previewed": "preview, nothing was sent",
    "recorded": "done",
    "held": "held by the brake; only Do Not Contact was sent",
    "failed": "failed",
}
ALERTS = {
    "load_failed": "runs fail",
    "connection_lost": "the connection is lost",
    "many_refused": "many are refused",
    "records_wait": "calls fail for single records",
    "opt_outs_unwritten": "the CRM does not take opt-outs",
    "brake_waiting": "a plan waits for a decision",
    "late": "no run has ended well for long",
}
ACCOUNT_MODES = {
    "changes": "changes since the last run",
    "compare": "everybody, compared with the ledger",
    "full": "everything",
    "backfill": "a time in the past",
}


def reason(code: str | None) -> str:
    """A reason in words."""
    if not code:
        return ""
    if code in REASONS:
        return REASONS[code]
    kind, _, rest = code.partition(":")
    if rest and kind in _OF_SOMETHING:
        return _OF_SOMETHING[kind].format(rest)
    if kind == "refused" and rest:
        return rest.replace("_", " ")
    if code.endswith("_too_long"):
        return f"the field {code.removesuffix('_too_long')} is too long"
    return code.replace("_", " ").replace("server error", "the call about this record is answered by the error")


def utc(moment: datetime | None) -> str:
    """A moment to the minute, with its time zone written out."""
    if moment is None:
        return "never"
    from datetime import UTC

    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago a moment is, in the largest unit that fits."""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return "less than a minute"
