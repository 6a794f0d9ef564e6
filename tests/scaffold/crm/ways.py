"""The CRM, as it changes its own tables."""

from __future__ import annotations

from contract import sources
from crm_sync.ledger.sources import SQL

_INSTALL = SQL / "crm/acme_crm/install"
SCRIPTS = [sources.LOCAL / "acme_crm.sql", _INSTALL / "views.sql", _INSTALL / "roles.sql"]
SETTLED = """
    insert into person (first_name, last_name, email)
    values ('Ann', 'A', 'ann@example.org'), ('Bob', 'B', 'bob@example.org'), ('Eve', 'E', 'eve@example.org');
    insert into newsletter (title) values ('News');
    insert into subscription (newsletter_id, person_id) values (1, 1), (1, 2);
    insert into grade (title) values ('Full');
    insert into dues (person_id, grade_id) values (1, 1);
"""
FLAGS = "select contact_id, do_not_contact from crm.list_member order by contact_id"
CHANGES = {
    "renamed": "update person set first_name = 'Anna' where id = 1",
    "another address": "update person set email = 'anna@example.org' where id = 1",
    "joins": "insert into subscription (newsletter_id, person_id) values (1, 3)",
    "leaves": "delete from subscription where person_id = 1",
    "refuses mail": "update person set wants_no_mail = true where id = 1",
    "refuses a list": "update subscription set is_cancelled = true where person_id = 1",
    "shares an address": "update person set email = ' ANN@example.org' where id = 3",
    "deleted": "update person set is_deleted = true where id = 1",
    "member": "insert into dues (person_id, grade_id) values (2, 1)",
    "lapsed": "update dues set is_paid = false where person_id = 1",
    "list renamed": "update newsletter set title = 'Newsletter' where id = 1",
    "list no longer synchronized": "update newsletter set is_open = false where id = 1",
}
