"""The least that a first synchronization of Mailchimp can cost if it is to lose nothing: the floor of the promise.

Rows by COPY, one statement for the difference to a ledger, the same calls, as many at once; each answer is durable
before what rests on it is sent; then an outcome for each person, and the ledger. It hears nobody who leaves, has no
brake, validates and adopts nothing, and does not resume.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import urllib3

from benchmarks.floors import batches
from benchmarks.floors.mailchimp import AUDIENCE, CHANGE, ENROLL, headers
from benchmarks.meter import Meter, peak_memory_bytes
from crm_sync.ledger.statements import statement
from crm_sync.pipeline.extract import EVERYBODY
from crm_sync.providers.mailchimp import PROVIDER
from local.world import facts
from standins.process import Controls

HERE = Path(__file__).parent
COLUMNS = "contact_id, first_name, last_name, address, subscriber_key, do_not_contact, lists, flagged_lists"
WORK = "select subscriber_key, address, fields, verb, joins::text, leaves::text from work"
ANSWERED = "insert into call (run_id, call, exceptions) values (1, %s, %s)"

Exceptions = dict[str, str]
Call = Callable[[], Exceptions]
decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode


class Floor:
    """One run; ``crm`` and ``state`` are open connections."""

    def __init__(self, crm: psycopg.Connection, state: psycopg.Connection, url: str) -> None:
        self.crm, self.state = crm, state
        self.base = url + facts("mailchimp").API_PATH
        self.pool = urllib3.PoolManager(
            maxsize=PROVIDER.concurrency, headers={"Content-Type": "application/json", **headers(Controls(url))}
        )
        self.calls = 0

    def run(self) -> None:
        """COPY, compare, send, record."""
        self.state.execute((HERE / "promise.sql").read_bytes())
        self._extract()
        self.state.execute("analyze stage")
        self.state.execute((HERE / "promise_diff.sql").read_bytes())
        self.state.commit()
        work = self._work()
        self._send(self._enrolments(work))
        self._send(self._memberships(work))
        self.state.execute((HERE / "promise_record.sql").read_bytes())
        self.state.commit()

    def _extract(self) -> None:
        query = f"COPY (SELECT {COLUMNS} FROM ({statement('crm/extract/subscribers')}) everybody) TO STDOUT"
        with (
            self.crm.cursor() as reading,
            self.state.cursor() as writing,
            reading.copy(query, EVERYBODY) as source,
            writing.copy(f"COPY stage ({COLUMNS}) FROM STDIN") as target,
        ):
            for block in source:
                target.write(block)

    def _work(self) -> list[list[str]]:
        with self.state.cursor() as cursor, cursor.copy(f"COPY ({WORK}) TO STDOUT") as copy:
            return [line.split("\t") for line in b"".join(map(bytes, copy)).decode().splitlines()]

    def _send(self, calls: Iterator[Call]) -> None:
        """The answers of a few calls are written down together, before the next few begin."""
        with ThreadPoolExecutor(PROVIDER.concurrency) as pool, self.state.cursor() as cursor:
            while few := list(itertools.islice(calls, PROVIDER.concurrency)):
                rows = []
                for exceptions in pool.map(lambda call: call(), few):
                    self.calls += 1
                    rows.append((self.calls, json.dumps(exceptions) if exceptions else None))
                cursor.executemany(ANSWERED, rows)
                self.state.commit()

    def _enrolments(self, work: list[list[str]]) -> Iterator[Call]:
        people = [row for row in work if row[3] in {"create", "update"}]
        for batch in batches(people, ENROLL):
            yield partial(self._enroll, batch)

    def _enroll(self, batch: list[list[str]]) -> Exceptions:
        members = [
            {"email_address": address, "merge_fields": msgspec.Raw(fields.encode()), "status": "subscribed"}
            for _, address, fields, *_ in batch
        ]
        answer = self._post(AUDIENCE, {"members": members, "update_existing": False})
        there = {each["email_address"].lower() for each in (*answer["new_members"], *answer["updated_members"])}
        return {subscriber_key: "refused" for subscriber_key, *_ in batch if subscriber_key not in there}

    def _memberships(self, work: list[list[str]]) -> Iterator[Call]:
        joins, leaves = (self._by_list(work, column) for column in (4, 5))
        for list_id in sorted(joins.keys() | leaves.keys()):
            tag = self._tag(list_id)
            none: list[str] = []
            pairs = itertools.zip_longest(
                batches(joins[list_id], CHANGE), batches(leaves[list_id], CHANGE), fillvalue=none
            )
            for adds, removes in pairs:
                yield partial(self._change, tag, adds, removes)

    def _by_list(self, work: list[list[str]], column: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for row in work:
            if row[column] != "{}":
                for list_id in row[column][1:-1].split(","):
                    found[list_id].append(row[1])
        return found

    def _tag(self, list_id: str) -> str:
        made = self._post(f"{AUDIENCE}/segments", {"name": f"List {list_id}", "static_segment": []})
        self.calls += 1
        self.state.execute("insert into list_ledger values (%s, %s)", (list_id, str(made["id"])))
        self.state.commit()
        return str(made["id"])

    def _change(self, tag: str, adds: list[str], removes: list[str]) -> Exceptions:
        answer = self._post(f"{AUDIENCE}/segments/{tag}", {"members_to_add": adds, "members_to_remove": removes})
        strangers = [address for error in answer.get("errors", []) for address in error["email_addresses"]]
        return {address.lower(): "not_in_audience" for address in strangers}

    def _post(self, path: str, body: object) -> Any:
        response = self.pool.request("POST", self.base + path, body=encode(body), retries=False)
        if response.status >= 300:
            raise SystemExit(f"{path} answered {response.status}")
        return decode(response.data)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promise", description=__doc__)
    parser.add_argument("crm_dsn")
    parser.add_argument("state_dsn")
    parser.add_argument("url", help="the stand-in")
    parser.add_argument("--postgres", type=int, default=0, help="its process id")
    parser.add_argument("--service", type=int, default=0, help="process id of the stand-in")
    options = parser.parse_args()
    meter = Meter({"postgres": options.postgres, "service": options.service})
    with psycopg.connect(options.crm_dsn) as crm, psycopg.connect(options.state_dsn) as state:
        floor = Floor(crm, state, options.url)
        with meter.piece("floor"):
            floor.run()
    print(json.dumps({**meter.pieces["floor"], "calls": floor.calls, "peak_bytes": peak_memory_bytes()}))


if __name__ == "__main__":
    main()
