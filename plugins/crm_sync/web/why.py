"""Says in plain words why somebody is in a list at a provider, or not. Pure: it decides from what it is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_sync.web import labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from crm_sync.pipeline.foresight import After

_DEFERRED = "deferred"
# States that only the person changes.
_THEIR_OWN = frozenset({"opted_out", "cleaned", "pending"})


@dataclass(frozen=True)
class Membership:
    """A list of the CRM that the person is in."""

    list_id: int
    name: str
    is_synchronized: bool
    is_flagged: bool


@dataclass(frozen=True)
class Flag:
    """Do Not Contact that counts for the person. ``sharer``: the contact that has it, where that is another one of the
    same address; ``lists``: the names of those it is set for, none where it is set on the contact."""

    sharer: int | None = None
    lists: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """What the ledger says the provider holds."""

    state: str
    lists: frozenset[int]
    reason: str | None = None
    remark: str | None = None
    refused_at: datetime | None = None
    retry_at: datetime | None = None
    is_unanswered: bool = False
    own_address: str | None = None
    address: str = ""
    remote_id: str | None = None


@dataclass(frozen=True)
class Case:
    """One person at one provider. ``after``: what the next run makes of them, by its own plan; ``refusal``: why that
    plan refuses them before any call. ``wanted_lists`` are those that the pipeline's own rules give the person there;
    ``is_begun``: whether the provider was ever synchronized; ``held_back``: where the person opted out, and when, which
    the CRM did not accept; ``aside``: (reason, whether it holds the person back); ``refused_lists``: lists that the
    provider does not have, and why; ``excluded``: lists that the settings exclude."""

    title: str
    after: After
    provider: str = ""
    off: str = ""
    is_begun: bool = True
    is_in_crm: bool = True
    needs_address: bool = True
    has_address: bool = True
    is_blocked: bool = False
    is_wanted: bool = False
    flags: tuple[Flag, ...] = ()
    wanted_lists: frozenset[int] = frozenset()
    memberships: tuple[Membership, ...] = ()
    held: Held | None = None
    opt_out: tuple[str, datetime] | None = None
    held_back: tuple[str, datetime] | None = None
    aside: tuple[tuple[str, bool], ...] = ()
    excluded: frozenset[int] = frozenset()
    list_names: Mapping[int, str] = field(default_factory=dict)
    refusal: str = ""
    refused_lists: Mapping[int, str] = field(default_factory=dict)
    has_lists: bool = True


@dataclass(frozen=True)
class Line:
    """One list: whether the person is in it at the provider, whether they are after the next run, and why."""

    name: str
    is_in: bool
    stays_or_comes: bool
    why: str


def summary(case: Case) -> str:
    """Whether the provider holds the person, and why, in one sentence."""
    kept_out, stays = why_out(case), _set_aside(case)
    if case.off:
        return f"{case.title} is {case.off}: nothing is sent."
    if is_active(case) and not case.after.is_active:
        return f"Still held by {case.title}; the next run disables the person there{_because(kept_out)}."
    if is_active(case) and stays:
        return f"Held by {case.title}, and stays as they are there: {stays}."
    if is_active(case):
        return f"Held by {case.title}." + _doubt(case)
    return f"Not held by {case.title}: {_why_missing(case)}."


def can_retry(case: Case) -> bool:
    """Whether the next run may do better if the person is offered again."""
    if case.held is None or not case.held.reason or case.opt_out or _set_aside(case):
        return False
    return case.held.state not in _THEIR_OWN and not labels.is_permanent(case.held.reason, case.provider)


def lines(case: Case) -> list[Line]:
    """Every list that the person is in, there or here."""
    if not case.has_lists:
        return []
    theirs = {each.list_id: each for each in case.memberships}
    there = case.held.lists if case.held and is_active(case) else frozenset()
    ids = sorted(theirs.keys() | there | case.wanted_lists, key=lambda each: _name(case, theirs, each).lower())
    return [_line(case, theirs.get(each), each, _name(case, theirs, each), is_in=each in there) for each in ids]


def _line(case: Case, membership: Membership | None, list_id: int, name: str, *, is_in: bool) -> Line:
    stays_or_comes = is_in if case.off else list_id in case.after.lists
    if list_id in case.excluded:
        why = "stays: excluded by the settings" if is_in else "excluded by the settings"
    else:
        why = _why_line(case, membership, list_id, (is_in, stays_or_comes))
    return Line(name, is_in, stays_or_comes, why)


def is_active(case: Case) -> bool:
    """Whether the provider holds the person as one who gets something."""
    return case.held is not None and case.held.state == "active"


def why_out(case: Case) -> str:
    """Why the person is kept out of the provider altogether, by the CRM or by their own will; "" where nothing does."""
    if case.opt_out:
        what, since = case.opt_out
        verb = "the address bounces at" if what == "cleaned" else "opted out at"
        return f"{verb} {case.title} on {labels.utc(since)}"
    if not case.is_in_crm:
        return "not in the CRM any more"
    if case.needs_address and not case.has_address:
        return "not eligible: no primary e-mail address"
    if case.is_blocked:
        return _why_blocked(case)
    return "" if case.is_wanted else _not_wanted(case)


def _set_aside(case: Case) -> str:
    """Why nothing new is sent of the person, who loses nothing by it either; "" where nothing is set aside."""
    codes = [code for code, holds_back in case.aside if holds_back]
    held_back = [labels.reason(code, case.provider) for code in codes]
    if "held_back_by_pilot" in codes:
        return ", ".join(held_back)
    return f"set aside until corrected in the CRM: {', '.join(held_back)}" if held_back else ""


def _why_absent(case: Case) -> str:
    """Why somebody is not there: what is set aside comes before what would make no difference."""
    is_unwanted = not case.is_wanted and not case.is_blocked and not case.opt_out and case.is_in_crm
    return (_set_aside(case) if is_unwanted else "") or why_out(case) or _set_aside(case)


def _why_blocked(case: Case) -> str:
    if case.held_back:
        return _opted_out_elsewhere(case)
    return f"not eligible: Do Not Contact is set{' and'.join(map(_where, case.flags))}"


def _where(flag: Flag) -> str:
    whose = f" on contact {flag.sharer}, who shares the address" if flag.sharer else ""
    lists = f"{',' if whose else ''} in {', '.join(flag.lists)}" if flag.lists else ""
    return whose + lists


def _opted_out_elsewhere(case: Case) -> str:
    title, since = case.held_back or ("", None)
    unwritten = "the CRM did not accept the opt-out, and the person is held back everywhere"
    return f"opted out at {title} on {labels.utc(since)}; {unwritten}"


def _not_wanted(case: Case) -> str:
    if not any(each.is_synchronized for each in case.memberships) and case.has_lists:
        return "in no synchronized list"
    remarks = [labels.reason(code, case.provider) for code, _ in case.aside]
    return f"not eligible: {', '.join(remarks) or f'not a person or membership that {case.title} takes'}"


def _why_line(case: Case, membership: Membership | None, list_id: int, before_and_after: tuple[bool, bool]) -> str:
    is_wanted = list_id in case.wanted_lists and not why_out(case)
    if before_and_after == (True, True):
        return f"stays: {_set_aside(case)}" if _set_aside(case) else ""
    if before_and_after == (True, False):
        return "leaves with the next run" + _because("" if is_wanted else _why_unwanted(case, membership))
    if case.off:
        return f"{case.title} is {case.off}"
    if before_and_after == (False, True):
        return _coming(case)
    if not is_wanted:
        return _why_unwanted(case, membership)
    return _refused_list(case, list_id) or _why_missing(case)


def _refused_list(case: Case, list_id: int) -> str:
    reason = case.refused_lists.get(list_id)
    return f"{case.title} does not have the list: {labels.reason(reason, case.provider)}" if reason else ""


def _why_missing(case: Case) -> str:
    """Why somebody is not held, who may come with the next run."""
    if case.after.is_active:
        return _coming(case)
    refused = f"refused by {case.title}: {labels.reason(case.refusal, case.provider)}" if case.refusal else ""
    return _why_absent(case) or _refusal(case) or refused or _coming(case)


def _coming(case: Case) -> str:
    """Brought by the next run, which may be one more try."""
    return _refusal(case) or _waiting(case)


def _because(text: str) -> str:
    return f": {text}" if text else ""


def _why_unwanted(case: Case, membership: Membership | None) -> str:
    if membership is None and case.is_in_crm:
        return "not in this list in the CRM any more"
    if membership is not None and not membership.is_synchronized:
        return "this list is not synchronized"
    if why_out(case):
        return _why_absent(case) if not is_active(case) else why_out(case)
    if membership is not None and membership.is_flagged:
        return "Do Not Contact is set for this list"
    sharers = [str(each.sharer) for each in case.flags if membership and membership.name in each.lists and each.sharer]
    if sharers:
        return f"Do Not Contact is set for this list on contact {', '.join(sharers)}, who shares the address"
    return _opted_out_elsewhere(case) if case.held_back else f"{case.title} takes no lists of this person"


def _refusal(case: Case) -> str:
    held = case.held
    if held is None or not held.reason:
        return ""
    if held.reason == _DEFERRED:
        since = f" since {labels.utc(held.refused_at)}" if held.refused_at else ""
        until = f"until {labels.utc(held.retry_at)}" if _is_later(held) else "for the next run"
        return f"put off by an earlier run; waiting{since} {until}"
    again = f"; offered again after {labels.utc(held.retry_at)}" if held.retry_at else ""
    return f"refused by {case.title}: {labels.reason(held.reason, case.provider)}{again}"


def _is_later(held: Held) -> bool:
    """Whether the next try is some time after it began to wait: by a pause, or for the provider's next day."""
    return bool(held.retry_at and held.refused_at and held.retry_at > held.refused_at)


def _waiting(case: Case) -> str:
    return "waiting for the next run" if case.is_begun else f"waiting for the first run to {case.title}"


def _doubt(case: Case) -> str:
    held = case.held
    if held is None:
        return ""
    own = f" There under {held.own_address}, which the person chose; it stays until the CRM's address changes."
    return (own if held.own_address else "") + _last_change(case, held)


def _last_change(case: Case, held: Held) -> str:
    if held.is_unanswered:
        return " The last call was not answered; the next run asks again."
    if held.reason:
        return f" The last change was {_refusal(case)}."
    return f" Left out: {labels.reason(held.remark, case.provider)}." if held.remark else ""


def _name(case: Case, theirs: Mapping[int, Membership], list_id: int) -> str:
    return theirs[list_id].name if list_id in theirs else case.list_names.get(list_id) or f"list {list_id}"
