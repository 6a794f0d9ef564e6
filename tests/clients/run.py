"""Drive the stand-ins with real client libraries, and print a table of clients and calls: `make test-clients`."""

from __future__ import annotations

import shutil
import sys
import textwrap
import time

from clients import constant_contact_lists, constant_contact_people, mailchimp_people, mailchimp_tags
from clients.cases import Case, Cases
from clients.constant_contact import connect, constant_contact
from clients.driven import CLIENTS, NODE_MODULES, Client, CrashError, Driven, NoCallError, Refused
from clients.mailchimp import AUDIENCE, KEY, mailchimp
from standins import StandIn

CASES: dict[str, Cases] = {"mailchimp": mailchimp, "constant_contact": constant_contact}
# Loading them fills the cases, in this order.
TOLD = (mailchimp_people, mailchimp_tags, constant_contact_people, constant_contact_lists)
OK, NONE = "ok", "-"
WIDTH = 118
WITHOUT_NODE = "--without-node"

Results = dict[str, list[str]]  # client → what became of each case


def main(arguments: list[str]) -> int:
    """0 where every client read every answer as the stand-in holds it."""
    begun = time.monotonic()
    has_node = WITHOUT_NODE not in arguments and shutil.which("node") is not None and NODE_MODULES.exists()
    clients = [client for client in CLIENTS if has_node or not client.needs_node]
    faults = 0
    for provider, cases in CASES.items():
        with StandIn(provider) as standin:
            results = {
                client.name: _played(client, standin, cases) for client in clients if client.provider == provider
            }
        _print(provider, cases, results)
        faults += sum(each not in {OK, NONE} for told in results.values() for each in told)
    left_out = [client.name for client in CLIENTS if client not in clients]
    if left_out:
        print(f"Left out, without Node and npm: {', '.join(left_out)}.")
    print(f"{faults} faults, {time.monotonic() - begun:.0f} s.")
    return 1 if faults else 0


def _played(client: Client, standin: StandIn, cases: Cases) -> list[str]:
    with Driven(client, standin) as api:
        return [_outcome(api, case) for case in cases.all]


def _outcome(api: Driven, case: Case) -> str:
    try:
        _prepare(api)
        case.play(api)
    except NoCallError:
        return NONE
    except (AssertionError, CrashError, Refused, LookupError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return OK


def _prepare(api: Driven) -> None:
    """The stand-in as at its start, and the client with a key of it."""
    api.standin.reset()
    if api.client.provider == "mailchimp":
        api.standin.switch(api_key=KEY)
        api.open(key=KEY, audience=AUDIENCE)
    else:
        api.standin.switch(calls_per_second=10_000)
        connect(api)


def _print(provider: str, cases: Cases, results: Results) -> None:
    print(f"\n{provider}")
    for number, name in enumerate(results, start=1):
        print(f"  [{number}] {name}")
    print("  " + "  ".join(f"[{number}]" for number in range(1, len(results) + 1)))
    for place, case in enumerate(cases.all):
        cells = [told[place] for told in results.values()]
        shown = "  ".join(f"{each if each in {OK, NONE} else 'NO':>3}" for each in cells)
        print(f"  {shown}  {case.call}: {case.what}")
        for name, each in zip(results, cells, strict=True):
            if each not in {OK, NONE}:
                print(textwrap.indent(textwrap.fill(f"{name}: {each}", WIDTH), " " * 8))
    print(f"  {OK}: read, and as the stand-in holds it; {NONE}: the client has no such call")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
