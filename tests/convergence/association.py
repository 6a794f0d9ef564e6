"""What an association does in its CRM, as small changes that a history strings together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg

ADDRESSES = [f"person{n}@example.org" for n in range(8)]
# Addresses that some provider refuses.
REFUSED_ADDRESSES = ["someone@fake.example.org", "x" * 65 + "@example.org"]
MALFORMED_ADDRESSES = [
    "nobody",
    "two@@example.org",
    "ümlaut@example.org",
    "a space@example.org",
    "dot..dot@example.org",
]
NO_ADDRESSES = ["", "   "]
GOOD_NAMES = ["Ann", "Bob", 'O\'Neil, "Jr"', "Ünal 👋", "", None, "A\tB", " Eve ", "é" * 127]
LONG_NAMES = ["x" * 256, "é" * 128]
# Some collide, some are names that the pipeline makes up for the second of two, and one is as long as may be.
LIST_NAMES = [
    *("News", "Board", "Events", "news", " Board ", "Jobs", "L" * 101),
    *("News (#2)", "board (#3)", "News (#4)", "L" * 100, "l" * 95),
]

LOG_TRIGGERS = ("log_insert", "log_update", "log_delete", "log_truncate")

T = TypeVar("T")
Cursor = psycopg.Cursor[Any]
Draw = tuple[int, int, int]


def pick(choices: Sequence[T], number: int) -> T | None:
    """The choice of that number, counted round; None where there is none."""
    return choices[number % len(choices)] if choices else None


@dataclass
class Association:
    """The CRM behind ``dsn``. Ids are counted here, so that a history has the same ones whenever it is played."""

    dsn: str
    changes: dict[str, Callable[..., None]] = field(default_factory=lambda: CHANGES)
    _last: dict[str, int] = field(default_factory=lambda: {"contact": 0, "list": 0})

    def connect(self) -> psycopg.Connection[Any]:
        """A connection that would rather give a change up than wait for another transaction."""
        return psycopg.connect(self.dsn, options="-c lock_timeout=300ms")

    def reset(self) -> None:
        """An empty CRM; without its triggers, for they would log each row."""
        log = "change_log change_log_horizon sync_marker"
        tables = f"relationship membership list_member email_address membership_type contact list {log}"
        with psycopg.connect(self.dsn) as connection:
            self._log_again(connection)
            connection.execute("set session_replication_role = replica")
            for table in tables.split():
                connection.execute(f"delete from crm.{table}")
        self._last = {"contact": 0, "list": 0}

    def _log_again(self, connection: psycopg.Connection[Any]) -> None:
        silent = "select distinct tgrelid::regclass::text from pg_trigger where tgname ~ '^log_' and tgenabled <> 'A'"
        for (table,) in connection.execute(silent).fetchall():
            connection.execute(log_fires("enable always", table).encode())

    def next_id(self, table: str) -> int:
        """An id never used before."""
        self._last[table] += 1
        return self._last[table]

    def change(self, cursor: Cursor, name: str, draw: Draw) -> None:
        """Make one of ``changes``; nothing where there is nobody to make it to."""
        self.changes[name](self, cursor, *draw)


def log_fires(when: str, table: str) -> str:
    """The statement by which the change log's triggers of a table are "disable", "enable always" and so on."""
    return f"alter table {table} " + ", ".join(f"{when} trigger {name}" for name in LOG_TRIGGERS)


def ids(cursor: Cursor, table: str, where: str = "true") -> list[int]:
    """All ids of a table, in order."""
    return [row[0] for row in cursor.execute(f"select {table}_id from crm.{table} where {where} order by 1").fetchall()]


def _members(cursor: Cursor) -> list[tuple[int, int]]:
    return cursor.execute("select list_id, contact_id from crm.list_member order by 1, 2").fetchall()


def _spelled(address: str, number: int) -> str:
    return [address, address, address, address.title(), f" {address} "][number % 5]


def put_address(cursor: Cursor, contact_id: int | None, address: str) -> None:
    """Another primary address, or a first one."""
    if contact_id is None:
        return
    changed = cursor.execute(
        "update crm.email_address set address = %s where contact_id = %s and is_primary", (address, contact_id)
    )
    if not changed.rowcount:
        cursor.execute(
            "insert into crm.email_address (contact_id, address, is_primary) values (%s, %s, true)",
            (contact_id, address),
        )


def trade_addresses(cursor: Cursor, one: int | None, other: int | None) -> None:
    """Two contacts trade their primary addresses; nothing where one of them has none."""
    cursor.execute(
        "update crm.email_address as e set address = o.address from crm.email_address as o"
        " where e.is_primary and o.is_primary and e.contact_id = any (%s) and o.contact_id = any (%s)"
        " and e.contact_id <> o.contact_id",
        ([one, other], [one, other]),
    )


def add_contact(crm: Association, cursor: Cursor, who: int, address: int, lists: int) -> None:
    """A contact, mostly with an address and in a list or two."""
    contact_id = crm.next_id("contact")
    kind = "organization" if who % 4 == 3 else "individual"
    cursor.execute(
        "insert into crm.contact (contact_id, kind, first_name, last_name, organization_name, do_not_contact)"
        " values (%s, %s, %s, %s, %s, %s)",
        (contact_id, kind, pick(GOOD_NAMES, who), pick(GOOD_NAMES, address), "Example Ltd", who % 11 == 10),
    )
    if address % 9 != 8:
        put_address(cursor, contact_id, _spelled(ADDRESSES[address % len(ADDRESSES)], who))
    known = ids(cursor, "list")
    for list_id in {pick(known, lists), pick(known, lists + who)} - {None}:
        cursor.execute("insert into crm.list_member (list_id, contact_id) values (%s, %s)", (list_id, contact_id))


def rename(crm: Association, cursor: Cursor, who: int, name: int, part: int) -> None:
    """Another first, last or organization name, now and then one that is too long for the provider."""
    column = ["first_name", "last_name", "organization_name"][part % 3]
    names = [*GOOD_NAMES, *LONG_NAMES]
    cursor.execute(
        f"update crm.contact set {column} = %s where contact_id = %s",
        (pick(names, name), pick(ids(cursor, "contact"), who)),
    )


def change_address(crm: Association, cursor: Cursor, who: int, address: int, spelling: int) -> None:
    """Another address, which may be somebody else's, or another spelling."""
    put_address(cursor, pick(ids(cursor, "contact"), who), _spelled(ADDRESSES[address % len(ADDRESSES)], spelling))


def bad_address(crm: Association, cursor: Cursor, who: int, address: int, _: int) -> None:
    """An address that is none, or that the provider refuses."""
    choices = [*MALFORMED_ADDRESSES, *REFUSED_ADDRESSES, *NO_ADDRESSES]
    put_address(cursor, pick(ids(cursor, "contact"), who), choices[address % len(choices)])


def remove_address(crm: Association, cursor: Cursor, who: int, _: int, __: int) -> None:
    """No address any more."""
    cursor.execute("delete from crm.email_address where contact_id = %s", (pick(ids(cursor, "contact"), who),))


def swap_addresses(crm: Association, cursor: Cursor, one: int, other: int, _: int) -> None:
    """Two contacts trade their addresses."""
    known = [row[0] for row in cursor.execute("select contact_id from crm.email_address where is_primary order by 1")]
    trade_addresses(cursor, pick(known, one), pick(known, other))


def share_address(crm: Association, cursor: Cursor, one: int, other: int, _: int) -> None:
    """One contact takes the address of another as well."""
    addresses = cursor.execute("select address from crm.email_address where is_primary order by contact_id").fetchall()
    if addresses:
        put_address(cursor, pick(ids(cursor, "contact"), one), addresses[other % len(addresses)][0])


def delete_contact(crm: Association, cursor: Cursor, who: int, _: int, __: int) -> None:
    """The contact and all that depends on it."""
    cursor.execute("delete from crm.contact where contact_id = %s", (pick(ids(cursor, "contact"), who),))


def flag_contact(crm: Association, cursor: Cursor, who: int, is_set: int, _: int) -> None:
    """Do Not Contact of a contact."""
    cursor.execute(
        "update crm.contact set do_not_contact = %s where contact_id = %s",
        (is_set % 2 == 0, pick(ids(cursor, "contact"), who)),
    )


def flag_membership(crm: Association, cursor: Cursor, which: int, is_set: int, _: int) -> None:
    """Do Not Contact of a membership."""
    if pair := pick(_members(cursor), which):
        cursor.execute(
            "update crm.list_member set do_not_contact = %s where list_id = %s and contact_id = %s",
            (is_set % 2 == 0, *pair),
        )


def clear_flags(crm: Association, cursor: Cursor, who: int, _: int, __: int) -> None:
    """No Do Not Contact of a contact any more, anywhere."""
    contact_id = pick(ids(cursor, "contact"), who)
    cursor.execute("update crm.contact set do_not_contact = false where contact_id = %s", (contact_id,))
    cursor.execute("update crm.list_member set do_not_contact = false where contact_id = %s", (contact_id,))


def join(crm: Association, cursor: Cursor, who: int, where: int, _: int) -> None:
    """A contact joins a list."""
    pair = (pick(ids(cursor, "list"), where), pick(ids(cursor, "contact"), who))
    if None not in pair:
        cursor.execute("insert into crm.list_member (list_id, contact_id) values (%s, %s) on conflict do nothing", pair)


def leave(crm: Association, cursor: Cursor, which: int, _: int, __: int) -> None:
    """A contact leaves a list."""
    if pair := pick(_members(cursor), which):
        cursor.execute("delete from crm.list_member where list_id = %s and contact_id = %s", pair)


def _insert_list(crm: Association, cursor: Cursor, name: str, is_synchronized: bool) -> int:
    list_id = crm.next_id("list")
    cursor.execute(
        "insert into crm.list (list_id, name, sync_enabled) values (%s, %s, %s)", (list_id, name, is_synchronized)
    )
    return list_id


def add_list(crm: Association, cursor: Cursor, name: int, is_off: int, member: int) -> None:
    """A list, mostly a synchronized one, with a member."""
    list_id = _insert_list(crm, cursor, LIST_NAMES[name % len(LIST_NAMES)], is_off % 4 != 3)
    if contact_id := pick(ids(cursor, "contact"), member):
        cursor.execute("insert into crm.list_member (list_id, contact_id) values (%s, %s)", (list_id, contact_id))


def rename_list(crm: Association, cursor: Cursor, which: int, name: int, _: int) -> None:
    """Another name, which may be another list's."""
    cursor.execute(
        "update crm.list set name = %s where list_id = %s", (pick(LIST_NAMES, name), pick(ids(cursor, "list"), which))
    )


def trade_names(crm: Association, cursor: Cursor, one: int, other: int, _: int) -> None:
    """Two lists trade their names."""
    pair = [pick(ids(cursor, "list"), one), pick(ids(cursor, "list"), other)]
    cursor.execute(
        "update crm.list as l set name = o.name from crm.list as o"
        " where l.list_id = any (%s) and o.list_id = any (%s) and l.list_id <> o.list_id",
        (pair, pair),
    )


def switch_list(crm: Association, cursor: Cursor, which: int, _: int, __: int) -> None:
    """Synchronization of a list on, or off."""
    cursor.execute(
        "update crm.list set sync_enabled = not sync_enabled where list_id = %s", (pick(ids(cursor, "list"), which),)
    )


def delete_list(crm: Association, cursor: Cursor, which: int, _: int, __: int) -> None:
    """The list and its memberships."""
    cursor.execute("delete from crm.list where list_id = %s", (pick(ids(cursor, "list"), which),))


def replace_list(crm: Association, cursor: Cursor, which: int, keeps_old: int, member: int) -> None:
    """A new list under the name of an old one, which is deleted or renamed."""
    old = pick(ids(cursor, "list"), which)
    if old is None:
        return
    (name,) = cursor.execute("select name from crm.list where list_id = %s", (old,)).fetchone() or ("",)
    if keeps_old % 2:
        cursor.execute("update crm.list set name = %s where list_id = %s", (LIST_NAMES[member % len(LIST_NAMES)], old))
    else:
        cursor.execute("delete from crm.list where list_id = %s", (old,))
    list_id = _insert_list(crm, cursor, name, True)
    if contact_id := pick(ids(cursor, "contact"), member):
        cursor.execute("insert into crm.list_member (list_id, contact_id) values (%s, %s)", (list_id, contact_id))


_ALL: tuple[Callable[..., None], ...] = (
    join, add_contact, change_address, rename, flag_membership, flag_contact, leave, clear_flags, share_address,
    swap_addresses, add_list, switch_list, rename_list, trade_names, replace_list, delete_contact, delete_list,
    remove_address, bad_address,
)  # fmt: skip
CHANGES: dict[str, Callable[..., None]] = {change.__name__: change for change in _ALL}
# What a transaction may hold open while the pipeline writes Do Not Contact: nothing that the two would wait for.
LASTING = [
    each.__name__ for each in (rename, change_address, join, add_contact, flag_contact, switch_list, rename_list)
]
