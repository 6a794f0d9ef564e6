"""CiviCRM, as its own forms, its nightly jobs and its merge write it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url

from contract import sources
from crm_sync import crms
from crm_sync.contract import Credentials
from local.civicrm_api import KEY, CivicrmApi
from local.world import QUICK, World

SCRIPTS = [sources.LOCAL / "civicrm.sql"]
SETTLED = """
    insert into civicrm_contact (id, contact_type, first_name, last_name)
    values (1, 'Individual', 'Ann', 'A'), (2, 'Individual', 'Bob', 'B'), (3, 'Individual', 'Eve', 'E');
    insert into civicrm_email (contact_id, email, is_primary)
    values (1, 'ann@example.org', 1), (2, 'bob@example.org', 1), (3, 'eve@example.org', 1);
    insert into civicrm_group (name, title, frontend_title, group_type)
    values ('news', 'News of all', 'News', concat(char(1), '1', char(1), '2', char(1)));
    insert into civicrm_group_contact (group_id, contact_id, status) values (1, 1, 'Added'), (1, 2, 'Added');
    insert into civicrm_membership_type (name) values ('Full');
    insert into civicrm_membership (contact_id, membership_type_id, status_id) values (1, 1, 2);
"""
# A merge leaves one row of the two, and a person who is added again has a new one.
FORGETS = [
    "delete from civicrm_group_contact where contact_id = 1",
    "insert into civicrm_group_contact (group_id, contact_id, status) values (1, 1, 'Added')",
]
FLAGS = "select contact_id, status = 'Removed' from civicrm_group_contact order by contact_id"
CHANGES = {
    "renamed": "update civicrm_contact set first_name = 'Anna' where id = 1",
    "another address": "update civicrm_email set email = 'anna@example.org' where contact_id = 1",
    "joins": "insert into civicrm_group_contact (group_id, contact_id, status) values (1, 3, 'Added')",
    "leaves": "delete from civicrm_group_contact where contact_id = 1",
    "refuses mail": "update civicrm_contact set is_opt_out = 1 where id = 1",
    "refuses a list": "update civicrm_group_contact set status = 'Removed' where contact_id = 1",
    "shares an address": "update civicrm_email set email = ' ANN@example.org' where contact_id = 3",
    "deleted": "update civicrm_contact set is_deleted = 1 where id = 1",
    "member": "insert into civicrm_membership (contact_id, membership_type_id, status_id) values (2, 1, 1)",
    "lapsed": "update civicrm_membership set status_id = 4 where contact_id = 1",
    "list renamed": "update civicrm_group set frontend_title = 'Newsletter' where id = 1",
    "list no longer synchronized": "update civicrm_group set is_hidden = 1 where id = 1",
}
_ELIGIBLE = """
    select lower(trim(e.email)), group_concat(distinct g.frontend_title)
    from civicrm_contact c
    join civicrm_email e on e.contact_id = c.id and e.is_primary = 1
    join civicrm_group_contact m on m.contact_id = c.id
    join civicrm_group g on g.id = m.group_id and g.is_hidden = 0 and g.is_active = 1 and g.saved_search_id is null
    where c.is_deleted = 0
      and not exists (
        select 1 from civicrm_contact o
        join civicrm_email oe on oe.contact_id = o.id and oe.is_primary = 1
        left join civicrm_group_contact om on om.contact_id = o.id
        where o.is_deleted = 0 and lower(trim(oe.email)) = lower(trim(e.email))
          and (o.is_opt_out or o.do_not_email or o.is_deceased or oe.on_hold or om.status = 'Removed'))
    group by 1
"""
_ACTIVE = """
    select cast(c.id as char), group_concat(distinct g.frontend_title)
    from civicrm_contact c
    join civicrm_membership h on h.contact_id = c.id and h.status_id in (1, 2, 3)
    left join civicrm_group_contact m on m.contact_id = c.id
    left join civicrm_group g on g.id = m.group_id and g.is_hidden = 0
    where c.is_deleted = 0
    group by 1
"""
# Whom the CRM wants where, by what the two audiences are keyed by.
WANTED = {"address": _ELIGIBLE, "contact_id": _ACTIVE}


@contextmanager
def api(request: pytest.FixtureRequest, world: World) -> Iterator[CivicrmApi]:
    """The site that takes opt-outs of ``world``."""
    with CivicrmApi(request.getfixturevalue("mariadb"), str(make_url(world.crm_dsn).database)) as site:
        world.connect_writer = lambda: crms.connect("civicrm", site.url, Credentials(KEY), QUICK)
        yield site
