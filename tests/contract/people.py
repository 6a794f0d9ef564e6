"""A small CRM written in a line or two, and what each stand-in is expected to hold of it."""

from __future__ import annotations

from typing import Any

import psycopg

from crm_sync.contract import Provider

ADD = """
    insert into crm.contact (contact_id, kind, first_name, last_name, do_not_contact)
    select n, 'individual', coalesce(%(first)s, 'First' || n), 'Last' || n, false
    from generate_series(%(start)s::int, %(stop)s::int) n;
"""
ADDRESS = """
    insert into crm.email_address (contact_id, address, is_primary)
    select n, replace(%(address)s, '{n}', n::text), true from generate_series(%(start)s::int, %(stop)s::int) n;
"""
MEMBER = """
    insert into crm.membership_type (membership_type_id, name) values (1, 'Full') on conflict do nothing;
    insert into crm.membership (contact_id, membership_type_id, status, started_on)
    select n, 1, 'active', '2020-01-01' from generate_series(%(start)s::int, %(stop)s::int) n;
"""
JOIN = """
    insert into crm.list_member (list_id, contact_id)
    select l, n from generate_series(%(start)s::int, %(stop)s::int) n, unnest(%(lists)s::bigint[]) l;
"""
LIST = """
    insert into crm.list (list_id, name, sync_enabled) values (%(list_id)s, %(name)s, true)
    on conflict (list_id) do update set name = excluded.name, sync_enabled = true;
"""
# Whom the CRM wants where: eligible people of synchronized lists, by the rule "any Do Not Contact wins".
WANTED = """
    select lower(btrim(e.address)), array_agg(distinct l.name)
    from crm.contact c
    join crm.email_address e using (contact_id)
    join crm.list_member m using (contact_id)
    join crm.list l using (list_id)
    where e.is_primary and l.sync_enabled
      and not exists (
        select from crm.contact o join crm.email_address oe using (contact_id)
        left join crm.list_member om on om.contact_id = o.contact_id
        where oe.is_primary and lower(btrim(oe.address)) = lower(btrim(e.address))
          and (o.do_not_contact or om.do_not_contact))
    group by 1
"""
# The same where members are held: active ones, by their contact id; nobody here belongs to an organization.
WANTED_MEMBERS = """
    select c.contact_id::text, coalesce(array_agg(distinct l.name) filter (where l.name is not null), '{}')
    from crm.contact c
    join crm.membership ms on ms.contact_id = c.contact_id and ms.status = 'active'
    left join crm.list_member m on m.contact_id = c.contact_id
    left join crm.list l on l.list_id = m.list_id and l.sync_enabled
    group by 1
"""


def add_list(dsn: str, list_id: int, name: str) -> None:
    """A synchronized list; renames one that exists."""
    with psycopg.connect(dsn) as connection:
        connection.execute(LIST, {"list_id": list_id, "name": name})


def add_people(
    dsn: str,
    start: int,
    stop: int,
    *,
    lists: list[int] | None = None,
    address: str = "person{n}@example.org",
    first: str | None = None,
) -> None:
    """Contacts ``start`` to ``stop``, active members, each in all of ``lists``."""
    values: dict[str, Any] = {"start": start, "stop": stop, "lists": lists or [], "address": address, "first": first}
    with psycopg.connect(dsn) as connection:
        for text in (ADD, ADDRESS, *MEMBER.strip().split(";\n"), JOIN):
            if text:
                connection.execute(text, values)


def add_five(dsn: str) -> None:
    """Persons 1 to 5 in list 1, News; 4 and 5 in list 2, Events, too."""
    add_list(dsn, 1, "News")
    add_list(dsn, 2, "Events")
    add_people(dsn, 1, 3, lists=[1])
    add_people(dsn, 4, 5, lists=[1, 2])


def wanted(dsn: str, sheet: Provider) -> dict[str, frozenset[str]]:
    """Whom the CRM wants at a provider, by subscriber_key, with the names of the lists."""
    with psycopg.connect(dsn) as connection:
        if sheet.audience == "subscribers":
            return {address: frozenset(names) for address, names in connection.execute(WANTED).fetchall()}
        members = {who: frozenset(names) for who, names in connection.execute(WANTED_MEMBERS).fetchall()}
    if not sheet.has_lists:
        return dict.fromkeys(members, frozenset())
    return {who: names for who, names in members.items() if names}
