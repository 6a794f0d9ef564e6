"""What the views make of Tendenci's rows where its own deletions and cascades leave them half way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from contract import sources as ways
from local.postgres import Postgres

ACTIVE_COMPANY = """
    insert into auth_user (id, username, email) values (1, 'ann', 'ann@example.org');
    insert into profiles_profile (user_id) values (1);
    insert into corporate_memberships_corporatemembershiptype (id, name) values (1, 'Company');
    insert into corporate_memberships_corpprofile (id, name) values (1, 'Example Ltd');
    insert into corporate_memberships_corpmembership (corp_profile_id, corporate_membership_type_id) values (1, 1);
    insert into corporate_memberships_corpmembershiprep (corp_profile_id, user_id) values (1, 1)
"""
STATUSES = """
    select membership.status, kind.name from crm.relationship as relation
    join crm.membership on membership.contact_id = relation.organization_id
    join crm.membership_type as kind using (membership_type_id)
    where relation.individual_id = 2
"""


@pytest.fixture
def crm(postgres: Postgres) -> Iterator[psycopg.Connection[Any]]:
    """Tendenci's tables in small, with a person who represents an active company; nothing is kept."""
    dsn = postgres.create_database("tendenci_views", template=ways.template(postgres, "tendenci"))
    with psycopg.connect(dsn) as connection:
        for statement in ACTIVE_COMPANY.split(";"):
            connection.execute(statement.encode())
        yield connection
        connection.rollback()


def test_a_person_without_a_profile_gets_no_mail(crm: psycopg.Connection[Any]) -> None:
    asked = "select do_not_contact from crm.contact where contact_id = 2"
    assert crm.execute(asked).fetchall() == [(False,)]
    crm.execute("delete from profiles_profile")
    assert crm.execute(asked).fetchall() == [(True,)]


def test_a_person_who_was_deleted_and_had_no_address_is_gone(crm: psycopg.Connection[Any]) -> None:
    crm.execute("update auth_user set username = 'ann-soft-delete-1', email = ''")
    crm.execute("delete from profiles_profile")
    assert crm.execute("select from crm.contact where contact_id = 2").fetchall() == []


def test_a_company_whose_type_was_deleted_stays_a_member(crm: psycopg.Connection[Any]) -> None:
    assert crm.execute(STATUSES.encode()).fetchall() == [("active", "Company")]
    crm.execute("update corporate_memberships_corpmembership set corporate_membership_type_id = null")
    crm.execute("delete from corporate_memberships_corporatemembershiptype")
    assert crm.execute(STATUSES.encode()).fetchall() == [("active", "Corporate membership")]


def test_a_deleted_company_makes_nobody_a_member(crm: psycopg.Connection[Any]) -> None:
    crm.execute("update corporate_memberships_corpprofile set status = false")
    assert crm.execute(STATUSES.encode()).fetchall() == []
