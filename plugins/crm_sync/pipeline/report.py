"""The line that ends a stage in the task's log: what was done, how many, how long. All its wording is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Counts = Mapping[str, int]


def line(stage: str, counts: Counts, seconds: float) -> str:
    """The stage in one line, for example ``extract: 4,412 contacts and 12 lists, in 3.2 s``."""
    return f"{stage}: {said(stage, counts)}, in {seconds:,.1f} s"


def said(stage: str, counts: Counts) -> str:
    """What a stage did, by the counts that it returned; a KeyError if a required count is missing."""
    return _WORDS[stage](counts)


def _many(number: int, one: str, more: str = "") -> str:
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def _opt_outs(counts: Counts) -> str:
    if not counts:
        return "the provider reports no opt-outs"
    heard = (
        f"{_many(counts['opt_outs_new'], 'new opt-out')}, Do Not Contact set on"
        f" {_many(counts['do_not_contact_set'], 'list membership')}"
    )
    if "people_read_back" not in counts:
        return heard
    people, lists = counts["people_read_back"], counts["lists_read_back"]
    return f"{_many(people, 'person', 'people')} and {_many(lists, 'list')} read back, {heard}"


def _extract(counts: Counts) -> str:
    if counts["idle"]:
        return "nothing has changed in the CRM"
    return f"{_many(counts['contacts'], 'contact')} and {_many(counts['lists'], 'list')}"


def _validate(counts: Counts) -> str:
    return f"{_many(counts['checked'], 'contact')} checked, {counts['set_aside']:,} set aside"


def _transform(counts: Counts) -> str:
    return f"{_many(counts['subscribers'], 'subscriber')} made of {_many(counts['contacts'], 'contact')}"


def _plan(counts: Counts) -> str:
    if not counts["planned"]:
        return "nothing to send"
    kinds = [f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if name != "planned"]
    return f"{_many(counts['planned'], 'operation')}: {', '.join(kinds)}"


def _outcomes(counts: Counts) -> str:
    if not counts or not counts["planned"]:
        return "nothing to send"
    parts = [f"{counts[name]:,} {name}" for name in ("applied", "refused", "deferred")]
    parts += [f"{counts['held']:,} held back"] if counts.get("held") else []
    return f"{', '.join(parts)} of {_many(counts['planned'], 'operation')}"


_WORDS: dict[str, Callable[[Counts], str]] = {
    "opt_outs": _opt_outs,
    "extract": _extract,
    "validate": _validate,
    "transform": _transform,
    "plan": _plan,
    "load": _outcomes,
    "record": _outcomes,
}
