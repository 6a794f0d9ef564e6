"""The least that a first synchronization can cost: COPY the rows out, encode the same bodies, post them; nothing else.

No ledger, no plan, no comparison, no outcome: what a script without any promise would do, with the same tools, the same
sizes of batch and the same number of calls at once.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import msgspec
import psycopg
import requests

from benchmarks.meter import Meter, peak_memory_bytes
from crm_sync import providers
from crm_sync.database import statement
from local.world import facts

PROVIDER = "mailchimp"


class Poster:
    """Posts bodies, as many at once as the provider allows, and holds no more than twice as many."""

    def __init__(self, url: str) -> None:
        sheet = providers.get(PROVIDER)
        self.url = f"{url}{facts(PROVIDER).API_PATH}/lists/{facts(PROVIDER).EXTRAS['audience_id']}"
        self.calls = 0
        self._at_once = sheet.concurrency
        self._pool = ThreadPoolExecutor(sheet.concurrency)
        self._under_way: set[Future[bytes]] = set()
        self._local = threading.local()

    def now(self, path: str, body: object) -> bytes:
        """The answer to one body."""
        self.calls += 1
        return self._post(path, msgspec.json.encode(body))

    def later(self, path: str, body: object) -> None:
        """Post while the caller goes on."""
        self.calls += 1
        self._under_way.add(self._pool.submit(self._post, path, msgspec.json.encode(body)))
        if len(self._under_way) >= 2 * self._at_once:
            self._take(wait(self._under_way, return_when=FIRST_COMPLETED).done)

    def finish(self) -> None:
        """Wait for all that is under way."""
        self._take(wait(self._under_way).done)

    def _take(self, done: set[Future[bytes]]) -> None:
        self._under_way -= done
        for each in done:
            each.result()

    def _post(self, path: str, body: bytes) -> bytes:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
            self._local.session.auth = ("crm-sync", facts(PROVIDER).KEY)
            self._local.session.headers["Content-Type"] = "application/json"
        response = self._local.session.post(self.url + path, data=body, timeout=120)
        response.raise_for_status()
        return bytes(response.content)


def send_everything(crm_dsn: str, poster: Poster) -> None:
    """Everybody as a new member, then every list with its people."""
    sheet = providers.get(PROVIDER)
    size, lists, batch = sheet.batch_size("enroll"), defaultdict(list), []
    with psycopg.connect(crm_dsn) as crm, crm.cursor() as cursor:
        with cursor.copy(f"COPY ({statement('extract/subscribers_all')}) TO STDOUT") as copy:
            for row in copy.rows():
                first, last, address, of_lists = row[2], row[3], row[5], row[8]
                merge_fields = {"FNAME": first, "LNAME": last}
                batch.append({"email_address": address, "merge_fields": merge_fields, "status": "subscribed"})
                for each in of_lists[1:-1].split(","):
                    lists[each].append(address)
                if len(batch) == size:
                    poster.later("", {"members": batch, "update_existing": False})
                    batch = []
        if batch:
            poster.later("", {"members": batch, "update_existing": False})
    poster.finish()
    send_lists(lists, poster, sheet.batch_size("change_membership"))


def send_lists(lists: dict[str, list[str]], poster: Poster, size: int) -> None:
    """Make each list and put its people into it, ``size`` at a time."""
    for name, addresses in lists.items():
        remote_id = msgspec.json.decode(poster.now("/segments", {"name": f"List {name}", "static_segment": []}))["id"]
        for start in range(0, len(addresses), size):
            chunk = addresses[start : start + size]
            poster.later(f"/segments/{remote_id}", {"members_to_add": chunk, "members_to_remove": []})
    poster.finish()


def main() -> None:
    """Print the seconds as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description=__doc__)
    parser.add_argument("crm_dsn")
    parser.add_argument("url", help="who is posted to")
    parser.add_argument("--postgres", type=int, default=0, help="its process id")
    parser.add_argument("--service", type=int, default=0, help="process id of who is posted to")
    options = parser.parse_args()
    meter, poster = Meter({"postgres": options.postgres, "service": options.service}), Poster(options.url)
    with meter.piece("floor"):
        send_everything(options.crm_dsn, poster)
    print(json.dumps({**meter.pieces["floor"], "calls": poster.calls, "peak_bytes": peak_memory_bytes()}))


if __name__ == "__main__":
    main()
