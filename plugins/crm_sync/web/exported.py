"""The exceptions as CSV, for the sync page and the command line alike."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from crm_sync.web import labels
from crm_sync.web.people import people_of
from crm_sync.web.reading import state_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

# An export of more than these says so in its last row.
MOST_EXPORTED = 200_000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def exported(names: list[str], reason: str, who: str, *, addresses: bool) -> str:
    """The exceptions of providers, all or those of one reason code. ``addresses``: with names and addresses; then it is
    noted who took them."""
    with state_reading() as state:
        asked = {"providers": names, "reason": reason or None, "most": MOST_EXPORTED + 1}
        rows = state.rows("page_refusals/export_exceptions", **asked)
        seen = sorted({row.contact_id for row in rows[:MOST_EXPORTED] if row.contact_id is not None})
        if addresses:
            state.run("page_people/log_looks", who=who, contact_ids=seen, what="exported")
    return "".join(_lines(rows, people_of(seen) if addresses else None))


def _lines(rows: list[Any], people: dict[int, Any] | None) -> Iterator[str]:
    """``people``: contact id → person in the CRM; None if names and addresses must not be exported."""
    head = ["provider", "what", "contact_id", "list_id", "reason", "meaning", "remedy", "since", "next_try"]
    yield _line(head + (["address", "name"] if people is not None else []))
    for row in rows[:MOST_EXPORTED]:
        since, next_try = (at.isoformat() if at else "" for at in (row.since, row.next_try))
        said = (labels.reason(row.reason, row.provider), labels.remedy(row.reason, row.provider))
        told = [row.provider, row.what, row.contact_id, row.list_id, row.reason, *said]
        yield _line([*told, since, next_try, *(_whose(row, people) if people is not None else ())])
    if len(rows) > MOST_EXPORTED:
        yield _line([f"more than {MOST_EXPORTED:,}: the rest is in crm_sync.exceptions"])


def _whose(row: Any, people: dict[int, Any]) -> tuple[str, str]:
    """The address that the provider was asked about, or else the CRM's, and the name."""
    person = people.get(row.contact_id)
    return row.address or (person.address if person else "") or "", person.name if person else ""


def _line(cells: list[Any]) -> str:
    """One line; what a spreadsheet would take for a formula is text."""
    buffer = io.StringIO()
    texts = ["" if cell is None else str(cell) for cell in cells]
    csv.writer(buffer).writerow([f"'{text}" if text.startswith(_DANGEROUS) else text for text in texts])
    return buffer.getvalue()
