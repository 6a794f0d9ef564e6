"""Draws what a provider's runs did on each of the last days, as SVG inside the page: no script, no style of its own,
nothing from outside."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

DAYS = 14
SERIES = ("applied", "refused", "deferred")
_LEFT_OUT = {"style", "script", "defs", "desc", "title"}
_SVG = "http://www.w3.org/2000/svg"


def chart(history: Mapping[tuple[str, str], int], days: Iterable[str]) -> Markup:
    """Bars stacked by outcome, a bar for each day; ``history`` is (day, outcome) → operations."""
    import pygal  # type: ignore[import-not-found,import-untyped,unused-ignore]

    labels = list(days)
    drawing = pygal.StackedBar(
        css=[], js=[], width=620, height=170, margin=4, spacing=4, show_legend=False, print_values=False, no_prefix=True
    )
    drawing.x_labels = [label[5:] for label in labels]
    drawing.y_labels_major_count = 3
    drawing.show_minor_y_labels = False
    for outcome in SERIES:
        drawing.add(outcome, [history.get((day, outcome), 0) for day in labels])
    return Markup(_bare(drawing.render_tree()))  # noqa: S704  drawn from numbers and days alone


def days_before(today: datetime, days: int = DAYS) -> list[str]:
    """The last days, oldest first, today included."""
    return [f"{today - timedelta(days=back):%Y-%m-%d}" for back in range(days - 1, -1, -1)]


def _bare(tree: ElementTree.Element) -> str:
    """The drawing without the style and script that a strict page does not run, and not read out: the table beside it
    says the same."""
    for parent in list(tree.iter()):
        parent.attrib.pop("style", None)
        for child in list(parent):
            if str(child.tag).removeprefix(f"{{{_SVG}}}") in _LEFT_OUT or not isinstance(child.tag, str):
                parent.remove(child)
    tree.set("aria-hidden", "true")
    return ElementTree.tostring(tree, encoding="unicode")
