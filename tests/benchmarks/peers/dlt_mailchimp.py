"""A dlt pipeline that brings people and lists of the CRM to Mailchimp, as somebody who uses dlt would write it.

Runs in the environment that requirements.txt describes and knows nothing of this project. Prints a line of JSON for
each run, with its processor seconds and calls, and one with those of the whole process.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import sqlalchemy
from dlt.sources.helpers import requests

HERE = Path(__file__).parent
BATCH = 500
EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Audience:
    """The audience at ``url``; counts what it is asked."""

    def __init__(self, url: str, key: str) -> None:
        self.calls = 0
        self._url = url
        self._key = ("dlt", key)
        self._segments: dict[str, int] = {}

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One call; the decoded answer. dlt's client retries, and raises for a refusal."""
        self.calls += 1
        return requests.request(method, self._url + path, auth=self._key, **options).json()

    def subscribe(self, people: list[dict[str, Any]]) -> None:
        """Make or update people, 500 at most."""
        members = [
            {
                "email_address": each["address"],
                "status_if_new": "subscribed",
                "merge_fields": {"FNAME": each["first_name"], "LNAME": each["last_name"]},
            }
            for each in people
        ]
        answer = self.call("POST", "", json={"members": members, "update_existing": True})
        if answer["error_count"]:
            raise RuntimeError(f"{answer['error_count']} of a batch were refused")

    def join(self, members: list[dict[str, Any]]) -> None:
        """Put people into the segments of their lists, 500 at most; who is there already comes back as an error."""
        by_list: dict[str, list[str]] = defaultdict(list)
        for each in members:
            by_list[each["list"]].append(each["address"])
        for name, addresses in by_list.items():
            self.call("POST", f"/segments/{self._segment(name)}", json={"members_to_add": addresses})

    def _segment(self, name: str) -> int:
        if not self._segments:
            there = self.call("GET", "/segments", params={"type": "static", "count": 1000})["segments"]
            self._segments = {each["name"]: each["id"] for each in there}
        if name not in self._segments:
            self._segments[name] = self.call("POST", "/segments", json={"name": name, "static_segment": []})["id"]
        return self._segments[name]


def rows(engine: sqlalchemy.Engine, statement: str, **bounds: Any) -> Iterator[list[dict[str, Any]]]:
    """What a statement of this folder finds, a thousand rows at a time."""
    text = sqlalchemy.text((HERE / f"{statement}.sql").read_text())
    with engine.connect() as connection:
        found = connection.execution_options(yield_per=1000).execute(text, bounds)
        for part in found.mappings().partitions():
            yield [dict(row) for row in part]


class RunContext:
    """One pipeline of dlt; ``folder`` is where it keeps its own state."""

    def __init__(self, crm_url: str, audience: Audience, folder: str) -> None:
        self.engine = sqlalchemy.create_engine(crm_url)
        self.audience = audience

        @dlt.destination(batch_size=BATCH, name="mailchimp")
        def mailchimp(items: list[dict[str, Any]], table: dict[str, Any]) -> None:
            {"people": audience.subscribe, "list_members": audience.join}[table["name"]](items)

        self.pipeline = dlt.pipeline("crm_to_mailchimp", pipelines_dir=folder, destination=mailchimp)

    def everything(self) -> None:
        """Everybody, then every list with its people, who must be there by then."""
        self.pipeline.run(dlt.resource(rows(self.engine, "people", since=EVER), name="people"))
        self.pipeline.run(dlt.resource(rows(self.engine, "list_members"), name="list_members"))

    def saved_since(self) -> None:
        """Whom the CRM has saved since the last such run, by dlt's cursor; no lists, which have no such column."""
        newest = dlt.sources.incremental("updated_at", initial_value=EVER, range_start="open")

        def people(saved: Any = newest) -> Iterator[list[dict[str, Any]]]:
            yield from rows(self.engine, "people", since=saved.last_value)

        self.pipeline.run(dlt.resource(people, name="people"))


def processor_seconds() -> float:
    """Of this process and of those it started, which have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def main() -> None:
    """Run what is asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("crm_url", help="a URL of SQLAlchemy")
    parser.add_argument("audience_url")
    parser.add_argument("key")
    parser.add_argument("folder", help="where dlt keeps its state")
    parser.add_argument("runs", nargs="+", choices=["everything", "saved_since"])
    options = parser.parse_args()
    audience = Audience(options.audience_url, options.key)
    ctx = RunContext(options.crm_url, audience, options.folder)
    for name in options.runs:
        before, calls = processor_seconds(), audience.calls
        getattr(ctx, name)()
        print(json.dumps({"own": processor_seconds() - before, "calls": audience.calls - calls}), flush=True)
    print(json.dumps({"whole": processor_seconds()}), flush=True)


if __name__ == "__main__":
    main()
