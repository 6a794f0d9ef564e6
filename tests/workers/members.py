"""An association so large that a load can be seen half way: valid people, organizations, memberships of all kinds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import psycopg

from local.crm_data import load, plain

CONTACTS = 4000
ORGANIZATIONS = 100
TYPES = ["Individual", "Corporate"]
STATUSES = ["active", "active", "courtesy", "dropped"]


def fill(dsn: str, contacts: int = CONTACTS) -> None:
    """Load it into an empty CRM: people in two of six lists each, some with Do Not Contact; a quarter are members."""
    tables = plain(contacts, lists=6, lists_each=2)
    ids = tables["contact"]["contact_id"].to_numpy()
    tables["contact"]["do_not_contact"] = ids % 40 == 0
    companies = np.arange(contacts + 1, contacts + ORGANIZATIONS + 1)
    names = "Example Company " + pd.Series(companies).astype(str)
    company = pd.DataFrame({"contact_id": companies, "kind": "organization", "organization_name": names})
    tables["contact"] = pd.concat([tables["contact"], company.assign(do_not_contact=False)], ignore_index=True)
    tables["membership_type"] = pd.DataFrame({"membership_type_id": [1, 2], "name": TYPES})
    holders = np.concatenate([ids[-(contacts // 4) :], companies[::10]])
    tables["membership"] = pd.DataFrame({
        "contact_id": holders,
        "membership_type_id": np.resize([1, 2], len(holders)),
        "status": np.resize(STATUSES, len(holders)),
    })  # fmt: skip
    people = ids[: ORGANIZATIONS * 3]
    tables["relationship"] = pd.DataFrame(
        {"individual_id": people, "organization_id": np.resize(companies, len(people)), "is_primary": True}
    )
    with psycopg.connect(dsn) as connection:
        load(connection, tables)
