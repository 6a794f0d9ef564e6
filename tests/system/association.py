"""A small CRM made by SQL, an audience at the stand-in, and Airflow between them: what the rules are told with."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from standins.process import StandIn
from system.accounts import Account, Held

DAG_ID = "crm_to_mailchimp"
KEY = "standin-us1"
AUDIENCE = "a1b2c3d4e5"
# Every example person has an address there, under whatever spelling.
PERSON = re.compile(r"[\w.+-]+(@|%40)example\.org", re.IGNORECASE)


@dataclass
class Association:
    """The CRM behind ``crm_dsn``; every change is a transaction of its own, as in real life."""

    crm_dsn: str

    def do(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Change or ask the CRM."""
        with psycopg.connect(self.crm_dsn) as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def list(self, name: str, *, is_synchronized: bool = True, kind: str = "list") -> int:
        """A new list; its id."""
        statement = "insert into crm.list (name, kind, sync_enabled) values (%s, %s, %s) returning list_id"
        return int(self.do(statement, name, kind, is_synchronized)[0][0])

    def contact(self, name: str, *lists: int, address: str | None = "", do_not_contact: bool = False) -> int:
        """A new person called ``name`` Example in ``lists``; None for ``address`` means there is none."""
        ((contact,),) = self.do(
            "insert into crm.contact (first_name, last_name, do_not_contact) values (%s, 'Example', %s)"
            " returning contact_id",
            name,
            do_not_contact,
        )
        if address is not None:
            self.do(
                "insert into crm.email_address (contact_id, address, is_primary) values (%s, %s, true)",
                contact,
                address or at(name),
            )
        for each in lists:
            self.join(contact, each)
        return int(contact)

    def join(self, contact: int, list_id: int) -> None:
        """The contact is added to the list."""
        self.do("insert into crm.list_member (list_id, contact_id) values (%s, %s)", list_id, contact)

    def leave(self, contact: int, list_id: int) -> None:
        """The contact leaves the list."""
        self.do("delete from crm.list_member where list_id = %s and contact_id = %s", list_id, contact)

    def set_do_not_contact(self, contact: int, value: bool) -> None:
        """Set or clear the contact's own flag."""
        self.do("update crm.contact set do_not_contact = %s where contact_id = %s", value, contact)

    def flagged_lists(self, contact: int) -> set[int]:
        """The lists whose membership says Do Not Contact."""
        rows = self.do("select list_id from crm.list_member where contact_id = %s and do_not_contact", contact)
        return {row[0] for row in rows}


def at(name: str) -> str:
    """The address of a person of the examples."""
    return f"{name.lower()}@example.org"


def audience(standin: StandIn) -> dict[str, Held]:
    """Everybody whom the stand-in of Mailchimp holds, by address, with their tags."""
    return Account("mailchimp", standin).people()


def member(standin: StandIn, address: str) -> dict[str, Any]:
    """All that the stand-in knows of one address; a LookupError where it holds none."""
    found = [each for each in standin.state()["members"] if each["address"] == address]
    if not found:
        raise LookupError("nobody is held under that address")
    return dict(found[0])


def tags(standin: StandIn) -> set[str]:
    """The names of all tags at the stand-in."""
    return {each["name"] for each in standin.state()["segments"]}


def writes(standin: StandIn) -> list[str]:
    """The calls since the last clear_requests() that could change anything: METHOD path."""
    return [f"{each['method']} {each['path']}" for each in standin.requests()["requests"] if each["method"] != "GET"]


def connections(crm_dsn: str, state_dsn: str, standin_url: str, *, key: str = KEY) -> dict[str, dict[str, Any]]:
    """Airflow connections to all three, in their JSON form."""
    return {
        "crm_sync_crm": _postgres(crm_dsn),
        "crm_sync_state": _postgres(state_dsn),
        "mailchimp_default": {
            "conn_type": "mailchimp",
            "password": key,
            "port": 443,
            "extra": {"audience_id": AUDIENCE, "base_url": f"{standin_url}/3.0"},
        },
    }


def as_environment(wanted: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The environment variables in which Airflow finds the connections."""
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in wanted.items()}


def _postgres(dsn: str) -> dict[str, Any]:
    parts = conninfo_to_dict(dsn)
    names = {"host": "host", "login": "user", "password": "password", "schema": "dbname"}
    filled = {name: parts[key] for name, key in names.items() if parts.get(key)}
    return {"conn_type": "postgres", "port": int(parts.get("port") or 5432), **filled}


def assert_nobody_is_named(log: str, dag_id: str = DAG_ID, secrets: Sequence[str] = (KEY,)) -> None:
    """No address of a person and no secret in what Airflow wrote; and it did write of that DAG."""
    assert dag_id in log, "nothing was logged, so nothing was shown"
    assert [line for line in log.splitlines() if PERSON.search(line) or any(each in line for each in secrets)] == []
