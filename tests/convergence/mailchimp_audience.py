"""What somebody does to an audience of Mailchimp in its web application, and what is there of two people."""

from __future__ import annotations

from typing import Any

import requests

from convergence.arena import Arena
from convergence.two_people import ADDRESS, person
from standins.mailchimp import contract

ANN_HAS_NO_NAME = "update crm.contact set first_name = null, last_name = null where contact_id = 1"


def in_the_audience(arena: Arena, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """A call that is none of the pipeline's."""
    url = f"{arena.standin.url}{contract.API_PATH}/lists/{contract.EXTRAS['audience_id']}{path}"
    response = requests.request(method, url, json=body, auth=("any", contract.KEY), timeout=30)
    response.raise_for_status()
    return response.json() if response.content else None


def add_field(arena: Arena, tag: str, **details: Any) -> None:
    """A merge field is made there."""
    in_the_audience(arena, "POST", "/merge-fields", {"name": tag.title(), "tag": tag, "type": "text", **details})


def delete_field(arena: Arena, tag: str) -> None:
    """A merge field is deleted there, with what people had in it."""
    fields = in_the_audience(arena, "GET", "/merge-fields?count=100")["merge_fields"]
    number = next(field["merge_id"] for field in fields if field["tag"] == tag)
    in_the_audience(arena, "DELETE", f"/merge-fields/{number}")


def lists_of(arena: Arena, address: str = ADDRESS) -> set[str]:
    """The lists that somebody is in there."""
    found: set[str] = person(arena, address)["lists"]
    return found


def rows(arena: Arena) -> set[tuple[str, str | None, int | None, str]]:
    """The exceptions that stand in the ledger: what, who, which list, why."""
    asked = "select what, subscriber_key, list_id, reason from crm_sync.exceptions where provider = 'mailchimp'"
    return {
        (what, subscriber_key, list_id, reason) for what, subscriber_key, list_id, reason in arena.world.query(asked)
    }


def calls(arena: Arena, method: str, path: str) -> int:
    """How many calls of that kind were made since the log was cleared."""
    return sum(
        each["method"] == method and each["route"].endswith(path) for each in arena.standin.requests()["requests"]
    )


def last_run(arena: Arena) -> tuple[int, int, int, str]:
    """What the newest run planned, applied and refused, and its notice."""
    asked = (
        "select planned, applied, refused, coalesce(notice, '') from crm_sync.run_summary order by run_id desc limit 1"
    )
    ((planned, applied, refused, notice),) = arena.world.query(asked)
    return planned, applied, refused, notice
