"""The reference CRM."""

from __future__ import annotations

from crm_sync.ledger.sources import SQL

_INSTALL = SQL / "crm/reference/install"
SCRIPTS = [_INSTALL / "schema.sql", _INSTALL / "change_log.sql", _INSTALL / "roles.sql"]
SETTLED = """
    insert into crm.contact (contact_id, first_name, last_name)
    values (1, 'Ann', 'A'), (2, 'Bob', 'B'), (3, 'Eve', 'E');
    insert into crm.email_address (contact_id, address, is_primary)
    values (1, 'ann@example.org', true), (2, 'bob@example.org', true), (3, 'eve@example.org', true);
    insert into crm.list (list_id, name, sync_enabled) values (1, 'News', true);
    insert into crm.list_member (list_id, contact_id) values (1, 1), (1, 2);
    insert into crm.membership_type (membership_type_id, name) values (1, 'Full');
    insert into crm.membership (contact_id, membership_type_id, status) values (1, 1, 'active');
"""
FLAGS = "select contact_id, do_not_contact from crm.list_member order by contact_id"
CHANGES = {
    "renamed": "update crm.contact set first_name = 'Anna' where contact_id = 1",
    "another address": "update crm.email_address set address = 'anna@example.org' where contact_id = 1",
    "joins": "insert into crm.list_member (list_id, contact_id) values (1, 3)",
    "leaves": "delete from crm.list_member where contact_id = 1",
    "refuses mail": "update crm.contact set do_not_contact = true where contact_id = 1",
    "refuses a list": "update crm.list_member set do_not_contact = true where contact_id = 1",
    "shares an address": "update crm.email_address set address = ' ANN@example.org' where contact_id = 3",
    "deleted": "delete from crm.contact where contact_id = 1",
    "member": "insert into crm.membership (contact_id, membership_type_id, status) values (2, 1, 'active')",
    "lapsed": "update crm.membership set status = 'dropped' where contact_id = 1",
    "list renamed": "update crm.list set name = 'Newsletter' where list_id = 1",
    "list no longer synchronized": "update crm.list set sync_enabled = false where list_id = 1",
}
