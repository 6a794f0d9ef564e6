"""A Constant Contact account on a stand-in, with a client, and batches as the engine hands them over."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd

from crm_sync import providers
from crm_sync.memory import Memory
from crm_sync.pipeline.outcomes import verify
from crm_sync.providers.base import Client, Credentials
from local.world import QUICK
from standins import StandIn
from standins.constant_contact import contract

SHEET = replace(providers.get("constant_contact"), calls_per_second=None)
COLUMNS = [
    *("operation_id", "verb", "subject", "address", "from_subject", "list_id", "list_name"),
    *("remote_id", "remote_list_id", "fields", "remote_lists"),
]
Row = dict[str, Any]


def names(first: str = "First", last: str = "Last") -> str:
    """An individual's record."""
    return json.dumps({"first_name": first, "last_name": last})


def person(verb: str, address: str, **columns: Any) -> Row:
    """One operation on a person."""
    return {"verb": verb, "subject": address.lower(), "address": address, "fields": names(), **columns}


def joining(address: str, *lists: str, verb: str = "add_to_list", **columns: Any) -> list[Row]:
    """Memberships of one person."""
    return [person(verb, address, remote_list_id=each, **columns) for each in lists]


def batch(*rows: Row) -> pd.DataFrame:
    """Rows as one batch."""
    made = pd.DataFrame([dict.fromkeys(COLUMNS, "") | row for row in rows])
    return made.assign(operation_id=range(1, len(rows) + 1))


def list_batch(verb: str, name: str = "", remote_id: str = "") -> pd.DataFrame:
    """One operation on a list."""
    return batch({"verb": verb, "subject": "", "list_name": name, "remote_list_id": remote_id})


class Account:
    """The stand-in, connected, and what a test asks of it."""

    def __init__(self, standin: StandIn, memory: Memory) -> None:
        self.standin, self.memory = standin, memory
        contract.prepare(standin, memory)

    def connect(self, **facts: Any) -> Client:
        """A client, with other facts where they are named."""
        extras = {"base_url": self.standin.url + "/v3", **contract.addresses_at(self.standin.url)}
        credentials = Credentials(contract.KEY, contract.LOGIN, extras)
        return replace(SHEET, **facts).connect(credentials, QUICK, self.memory)

    def list(self, name: str) -> str:
        """A new list's id."""
        return str(self.standin.act("create_list", name=name)["id"])

    def contacts(self) -> dict[str, Row]:
        """Everybody there, by address as it is written."""
        return {each["address"]: each for each in self.standin.state()["contacts"]}

    def told(self, asked: pd.DataFrame, answer: pd.DataFrame, client: Client) -> pd.DataFrame:
        """The outcomes beside what was asked; what goes on is asked about until it is over."""
        verify(asked, answer)
        done = []
        while len(answer):
            is_sent = answer["status"] == "sent"
            done.append(answer[~is_sent])
            later = []
            for ticket, rows in answer[is_sent].groupby("ticket"):
                part = asked[asked["operation_id"].isin(rows["operation_id"])].reset_index(drop=True)
                collected = client.collect(str(ticket), part)
                later.append(rows if collected is None else collected)
            answer = pd.concat(later) if later else answer[:0]
        everything = pd.concat(done)
        verify(asked, everything)
        return asked.drop(columns="remote_id").merge(everything, on="operation_id")

    def do(self, verb: str, *rows: Row, client: Client | None = None) -> list[tuple[str, str]]:
        """Status and reason of each operation, in order."""
        asked, used = batch(*rows), client or self.connect()
        told = self.told(asked, getattr(used, verb)(asked), used)
        return list(zip(told["status"], told["reason"], strict=True))

    def calls(self) -> list[str]:
        """The API calls so far."""
        logged = self.standin.requests()["requests"]
        return [f"{entry['method']} {entry['route']}" for entry in logged if not entry["route"].startswith("/oauth2")]


APPLIED = ("applied", "")
