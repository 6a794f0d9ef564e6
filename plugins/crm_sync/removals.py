"""What a plan that needs approval takes away, by cause and list: the same numbers and words where a person decides, in
a preview, and on the page of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Kind, as the brake weighs it → what happens.
_EFFECTS = {
    "people": "People disabled",
    "memberships": "Taken out of a list",
    "addresses": "People moved to another address",
    "names": "People left without a name",
    "suppressions": "People disabled for Do Not Contact",
}
CAUSES = {
    "do_not_contact": "Do Not Contact is set",
    "in_no_list": "in no synchronized list any more",
    "not_eligible": "no longer eligible",
    "gone_from_crm": "deleted from the CRM, or without an address",
    "address_replaced": "the address was replaced",
    "not_in_list": "not in the list in the CRM any more",
    "list_gone": "the list is deleted, or not synchronized any more",
}
# A question has no room for every list of a large association; the page of the run has them all.
_MOST_LINES = 20


@dataclass(frozen=True)
class Removal:
    """How many of one kind go for one cause; ``list_name``: out of which list, "" where it is no membership."""

    kind: str
    cause: str
    list_name: str
    number: int

    @property
    def effect(self) -> str:
        """What happens to them."""
        return _EFFECTS.get(self.kind, self.kind)

    @property
    def why(self) -> str:
        """The cause in words."""
        return CAUSES.get(self.cause, self.cause.replace("_", " "))


def of_rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows of brake/weighed, as the run keeps them."""
    return [
        {
            "kind": row.kind,
            "cause": row.cause or "",
            "list_name": row.list_name or (f"list {row.list_id}" if row.list_id is not None else ""),
            "number": int(row.number),
        }
        for row in rows
    ]


def kept(values: Iterable[Mapping[str, Any]] | None) -> list[Removal]:
    """What a run keeps of them; nothing where its plan needs no approval."""
    return [Removal(**value) for value in values or ()]


def as_table(removals: list[Removal]) -> str:
    """A table in Markdown, the largest of each kind first."""
    if not removals:
        return ""
    lines = ["| What would happen | Cause | List | How many |", "|---|---|---|---:|"]
    lines += [
        f"| {each.effect} | {each.why} | {_plain(each.list_name)} | {each.number:,} |"
        for each in removals[:_MOST_LINES]
    ]
    left = len(removals) - _MOST_LINES
    return "\n".join([*lines, *([f"| and {left} more | | | |"] if left > 0 else [])])


def _plain(name: str) -> str:
    """A list's name as text: whatever means something in Markdown or HTML stands for itself."""
    return "".join(f"\\{sign}" if sign in r"\|`*_[]()<>#!~&" else sign for sign in " ".join(name.split()))
