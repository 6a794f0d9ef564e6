"""What happens to memberships, and to who belongs to which organization, as small changes that a history strings
together."""

from __future__ import annotations

from collections.abc import Callable

from convergence.association import GOOD_NAMES, Association, Cursor, ids, pick

STATUSES = ["active", "active", "courtesy", "dropped", "prospective"]


def relate(crm: Association, cursor: Cursor, who: int, where: int, is_primary: int) -> None:
    """An individual comes to belong to an organization, or belongs to it otherwise."""
    person = pick(ids(cursor, "contact", "kind = 'individual'"), who)
    organization = pick(ids(cursor, "contact", "kind = 'organization'"), where)
    if person and organization:
        cursor.execute(
            "insert into crm.relationship (individual_id, organization_id, title, is_primary) values (%s, %s, %s, %s)"
            " on conflict (individual_id, organization_id) do update set is_primary = excluded.is_primary",
            (person, organization, pick(GOOD_NAMES, where), is_primary % 2 == 0),
        )


def unrelate(crm: Association, cursor: Cursor, who: int, _: int, __: int) -> None:
    """An individual belongs to no organization any more."""
    cursor.execute("delete from crm.relationship where individual_id = %s", (pick(ids(cursor, "contact"), who),))


def start_membership(crm: Association, cursor: Cursor, who: int, kind: int, status: int) -> None:
    """A person or an organization becomes a member of some kind."""
    type_id = kind % 3 + 1
    cursor.execute(
        "insert into crm.membership_type (membership_type_id, name) values (%s, %s) on conflict do nothing",
        (type_id, f"Kind {type_id}"),
    )
    if contact_id := pick(ids(cursor, "contact"), who):
        cursor.execute(
            "insert into crm.membership (contact_id, membership_type_id, status, started_on)"
            " values (%s, %s, %s, '2026-01-01')",
            (contact_id, type_id, STATUSES[status % len(STATUSES)]),
        )


def change_membership(crm: Association, cursor: Cursor, which: int, status: int, _: int) -> None:
    """A membership lapses, or is renewed."""
    cursor.execute(
        "update crm.membership set status = %s where membership_id = %s",
        (STATUSES[status % len(STATUSES)], pick(ids(cursor, "membership"), which)),
    )


def end_membership(crm: Association, cursor: Cursor, which: int, _: int, __: int) -> None:
    """A membership is deleted."""
    cursor.execute("delete from crm.membership where membership_id = %s", (pick(ids(cursor, "membership"), which),))


_ALL: tuple[Callable[..., None], ...] = (relate, unrelate, start_membership, change_membership, end_membership)
MEMBER_CHANGES: dict[str, Callable[..., None]] = {change.__name__: change for change in _ALL}
