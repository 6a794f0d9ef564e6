"""Tendenci, as its own ORM and its nightly jobs write it."""

from __future__ import annotations

from contract import sources
from crm_sync.ledger.sources import SQL

_INSTALL = SQL / "crm/tendenci/install"
SCRIPTS = [sources.LOCAL / "tendenci.sql", _INSTALL / "views.sql", _INSTALL / "roles.sql"]
SETTLED = """
    insert into auth_user (username, first_name, last_name, email)
    values ('ann', 'Ann', 'A', 'ann@example.org'), ('bob', 'Bob', 'B', 'bob@example.org'),
           ('eve', 'Eve', 'E', 'eve@example.org');
    insert into profiles_profile (user_id) values (1), (2), (3);
    insert into user_groups_group (name) values ('News');
    insert into user_groups_groupmembership (group_id, member_id) values (1, 1), (1, 2);
    insert into memberships_membershiptype (name) values ('Full');
    insert into memberships_membershipdefault (user_id, membership_type_id) values (1, 1);
"""
# The nightly job deletes the row when a membership lapses, and a renewal makes another.
FORGETS = [
    "delete from user_groups_groupmembership where member_id = 1",
    "insert into user_groups_groupmembership (group_id, member_id) values (1, 1)",
]
FLAGS = "select contact_id, do_not_contact from crm.list_member order by contact_id"
CHANGES = {
    "renamed": "update auth_user set first_name = 'Anna' where id = 1",
    "another address": "update auth_user set email = 'anna@example.org' where id = 1",
    "joins": "insert into user_groups_groupmembership (group_id, member_id) values (1, 3)",
    "leaves": "delete from user_groups_groupmembership where member_id = 1",
    "refuses mail": "update profiles_profile set direct_mail = false where user_id = 1",
    "refuses a list": "update user_groups_groupmembership set is_newsletter_subscribed = false where member_id = 1",
    "shares an address": "update auth_user set email = ' ANN@example.org' where id = 3",
    "deleted": """update auth_user set username = 'ann-soft-delete-1', is_active = false,
                  email = 'ann-soft-delete-1@example.org' where id = 1""",
    "member": "insert into memberships_membershipdefault (user_id, membership_type_id) values (2, 1)",
    "lapsed": "update memberships_membershipdefault set status_detail = 'expired' where user_id = 1",
    "list renamed": "update user_groups_group set name = 'Newsletter' where id = 1",
    "list no longer synchronized": "update user_groups_group set sync_newsletters = false where id = 1",
}
