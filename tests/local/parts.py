"""A planned row for each subscriber, read as what it asks: the verb, then the lists to join, then those to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


class Part(NamedTuple):
    """One thing that is asked; ``carried_by``: the verb whose call does it along the way."""

    verb: str
    list_id: int | None
    status: str
    reason: str
    cause: str
    subscriber_key: str
    address: str
    carried_by: str
    bundle: str
    list_name: str


def parts(planned: pd.DataFrame) -> list[Part]:
    """All that the rows of a plan ask."""
    rows = planned.astype(object).where(planned.notna(), "")
    return [
        part for row in rows.to_dict("records") for part in _parts({str(name): value for name, value in row.items()})
    ]


def _parts(row: dict[str, Any]) -> Iterator[Part]:
    who = {name: row[name] for name in ("subscriber_key", "address", "list_name")}
    if row["verb"]:
        status = "refused" if row["reason"] else "pending"
        of_list = int(row["list_id"]) if row["list_id"] != "" else None
        yield Part(
            row["verb"], of_list, status, row["reason"], row["cause"], carried_by="", bundle=row["bundle"], **who
        )
    carried = set(ids(row["carried"]))
    for verb, column in (("add_to_list", "joins"), ("remove_from_list", "leaves")):
        for list_id in ids(row[column]):
            carried_by, bundle = (row["verb"], row["bundle"]) if list_id in carried else ("", row[f"{column}_bundle"])
            yield Part(verb, list_id, "pending", "", "", carried_by=carried_by, bundle=bundle, **who)


def ids(array: str) -> list[int]:
    """The ids of an array's text."""
    return [int(each) for each in array[1:-1].split(",") if each]
