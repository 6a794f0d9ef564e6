"""A Constant Contact account on a stand-in, with a client, and batches as the engine hands them over."""

from __future__ import annotations

import builtins
import json
from dataclasses import replace
from typing import Any

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.ledger.client_state import ClientState
from crm_sync.operations import Operation
from crm_sync.providers.constant_contact.client import Client
from local.verbs import settled, told
from local.world import QUICK
from standins import StandIn
from standins.constant_contact import contract

SHEET = replace(providers.get("constant_contact"), calls_per_second=None)
Row = dict[str, Any]


def names(first: str = "First", last: str = "Last") -> str:
    """An individual's record."""
    return json.dumps({"first_name": first, "last_name": last})


def person(verb: str, address: str, **columns: Any) -> Row:
    """One operation on a person."""
    return {"verb": verb, "subscriber_key": address.lower(), "address": address, "fields": names(), **columns}


def joining(address: str, *lists: str, verb: str = "add_to_list", **columns: Any) -> list[Row]:
    """Memberships of one person."""
    return [person(verb, address, remote_list_id=each, **columns) for each in lists]


def batch(*rows: Row) -> list[Operation]:
    """Rows as one batch."""
    return [Operation(number, **row) for number, row in enumerate(rows, start=1)]


def list_batch(verb: str, name: str = "", remote_id: str = "") -> list[Operation]:
    """One operation on a list."""
    return batch({"verb": verb, "list_name": name, "remote_list_id": remote_id})


class Account:
    """The stand-in, connected, and what a test asks of it."""

    def __init__(self, standin: StandIn, client_state: ClientState) -> None:
        self.standin, self.client_state = standin, client_state
        contract.prepare(standin, client_state)

    def connect(self, **facts: Any) -> Client:
        """A client, with other facts where they are named."""
        extras = {"base_url": self.standin.url + "/v3", **contract.addresses_at(self.standin.url)}
        credentials = Credentials(contract.KEY, contract.LOGIN, extras)
        client = replace(SHEET, **facts).connect(credentials, QUICK, self.client_state)
        assert isinstance(client, Client)
        return client

    def list(self, name: str) -> str:
        """A new list's id."""
        return str(self.standin.act("create_list", name=name)["id"])

    def contacts(self) -> dict[str, Row]:
        """Everybody there, by address as it is written."""
        return {each["address"]: each for each in self.standin.state()["contacts"]}

    def do(self, verb: str, *rows: Row, client: Client | None = None) -> builtins.list[tuple[str, str]]:
        """Status and reason of each operation, in order."""
        asked, used = batch(*rows), client or self.connect()
        return told(settled(used, asked, getattr(used, verb)(asked)))

    def calls(self) -> builtins.list[str]:
        """The API calls so far."""
        logged = self.standin.requests()["requests"]
        return [f"{entry['method']} {entry['route']}" for entry in logged if not entry["route"].startswith("/oauth2")]


APPLIED = ("applied", "")
