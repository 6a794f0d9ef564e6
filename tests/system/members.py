"""An association with members, organizations and committees, and Airflow between it and a service for members."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from standins.process import StandIn
from system.airflow_home import REPOSITORY
from system.association import Association, as_environment, assert_nobody_is_named, connections
from system.runs import Runs


@dataclass
class MemberAssociation(Association):
    """The CRM, with what services for members are told."""

    def membership_type(self, name: str) -> int:
        """A new type of membership; its id."""
        return int(
            self.do("insert into crm.membership_type (name) values (%s) returning membership_type_id", name)[0][0]
        )

    def member(self, name: str, *lists: int, status: str | None = "active", address: str | None = "") -> int:
        """A new person in ``lists`` with a Full membership, or none where ``status`` is None."""
        contact = self.contact(name, *lists, address=address)
        if status:
            self.give_membership(contact, status)
        return contact

    def organization(self, name: str, *lists: int, status: str | None = None) -> int:
        """A new organization; one that is a member itself where ``status`` says so."""
        row = self.do(
            "insert into crm.contact (kind, organization_name) values ('organization', %s) returning contact_id", name
        )
        organization = int(row[0][0])
        for each in lists:
            self.join(organization, each)
        if status:
            self.give_membership(organization, status)
        return organization

    def give_membership(self, contact: int, status: str, kind: str = "Full") -> None:
        """A membership since the first of 2020, without an end."""
        known = self.do("select membership_type_id from crm.membership_type where name = %s", kind)
        type_id = known[0][0] if known else self.membership_type(kind)
        self.do(
            "insert into crm.membership (contact_id, membership_type_id, status, started_on)"
            " values (%s, %s, %s, '2020-01-01')",
            contact,
            type_id,
            status,
        )

    def set_status(self, contact: int, status: str) -> None:
        """All memberships of a contact are in that status now."""
        self.do("update crm.membership set status = %s where contact_id = %s", status, contact)

    def relate(self, person: int, organization: int, title: str = "Director") -> None:
        """The person belongs to the organization, as its main one."""
        self.do(
            "insert into crm.relationship (individual_id, organization_id, title, is_primary)"
            " values (%s, %s, %s, true)",
            person,
            organization,
            title,
        )


def dag_of(provider: str) -> Any:
    """The provider's DAG, with Airflow's own database ready for its runs."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(REPOSITORY / "dags")
    assert not bag.import_errors
    dag = bag.dags[f"crm_to_{provider}"]
    dag.deadline = None  # dag.test() of Airflow 3.3.2 cannot end a run of a DAG that has one
    return dag


def connections_of(provider: str, crm_dsn: str, state_dsn: str, standin: StandIn, **extras: object) -> dict[str, Any]:
    """Airflow connections to CRM, state database and the provider's stand-in, in their JSON form."""
    from crm_sync import providers

    told = importlib.import_module(f"standins.{provider}.contract")
    made = {name: each for name, each in connections(crm_dsn, state_dsn, standin.url).items() if "sync" in name}
    places = {"base_url": standin.url + told.API_PATH, **told.addresses_at(standin.url)}
    made[providers.get(provider).connection_id] = {
        "conn_type": provider,
        "login": told.LOGIN,
        "password": told.KEY,
        "port": 443,
        "extra": {**told.EXTRAS, **places, **extras},
    }
    return made


def connected(
    provider: str, crm_dsn: str, state_dsn: str, standin: StandIn, monkeypatch: pytest.MonkeyPatch, **extras: object
) -> str:
    """Airflow's connections, in this process's environment; the key in it."""
    made = connections_of(provider, crm_dsn, state_dsn, standin, **extras)
    for name, value in as_environment(made).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CRM_SYNC_BACKOFF_SECONDS", "0.01")
    monkeypatch.setenv("CRM_SYNC_ATTEMPTS", "2")
    return str(importlib.import_module(f"standins.{provider}.contract").KEY)


def watched_runs(dag: Any, state_dsn: str, key: str, capfd: pytest.CaptureFixture[str]) -> Iterator[Runs]:
    """Runs of a DAG; no log of any task may name a person, the key or what a test adds to ``secrets``."""
    runs = Runs(dag, state_dsn, [key])
    yield runs
    said = capfd.readouterr()
    log = said.out + said.err
    # Where nothing has run, there need be no log; what there is must be as discreet.
    assert_nobody_is_named(log, dag.dag_id if runs.last else "", runs.secrets)
