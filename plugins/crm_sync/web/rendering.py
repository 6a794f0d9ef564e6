"""Turns what a page found into HTML: one environment that escapes everything, and the same words on every page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crm_sync.pages import question_run, required_actions
from crm_sync.removals import CAUSES
from crm_sync.web import PREFIX, differences, labels

if TYPE_CHECKING:
    from datetime import datetime

    from fastapi import Request

_HERE = Path(__file__).parent


@cache
def environment() -> Environment:
    """Jinja with automatic escaping; a name that a page forgot is an error."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        utc=labels.utc,
        reason=labels.reason,
        remedy=labels.remedy,
        is_permanent=labels.is_permanent,
        number=lambda value: f"{value:,}",
        value=differences.value,
        verb=lambda code: labels.VERBS.get(code, code),
        cause=lambda code: CAUSES.get(code, labels.reason(code)),
        status=labels.operation_status,
        holding=lambda code: labels.STATES.get(code, code),
        run_status=labels.run_status,
        run_tone=labels.run_tone,
        has_died=labels.has_died,
        alert=lambda code: labels.ALERTS.get(code, code),
        required_actions=lambda asked, airflow: required_actions(airflow, question_run(*_key(asked))),
        mode=lambda code: labels.ACCOUNT_MODES.get(code, code),
    )
    return made


def _key(asked: Any) -> tuple[str, int, datetime]:
    return asked.provider, asked.question_id, asked.asked_at


def page(request: Request, template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:
    """A page. ``root`` is where our pages are, ``airflow`` where Airflow itself is, behind whatever proxy."""
    root = request.scope.get("root_path", "").rstrip("/")
    known = {"root": root, "airflow": root.removesuffix(PREFIX), "here": request.url.path.removeprefix(root)}
    text = environment().get_template(template).render({"sees_people": False, **known, **values})
    return HTMLResponse(text, status_code=status_code)
