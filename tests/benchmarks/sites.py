"""An Airflow in step with its providers, at a PostgreSQL of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from local.crm_data import create_schema
from local.postgres import Postgres
from system.sites import Site, open_sites

_TEMPLATE = "crm_template"


@contextmanager
def in_step(providers: Sequence[str], settings: Mapping[str, str]) -> Iterator[tuple[Postgres, dict[str, Site]]]:
    """The server, and a site for each provider, which holds everybody by now."""
    with tempfile.TemporaryDirectory(prefix="crm-sync-bench-") as folder:
        Path(folder).chmod(0o755)
        with Postgres(Path(folder) / "postgresql") as postgres:
            with psycopg.connect(postgres.create_database(_TEMPLATE)) as connection:
                create_schema(connection)
            with open_sites(postgres, _TEMPLATE, providers, settings) as sites:
                for run_id, site in [(site.begin(), site) for site in sites.values()]:
                    assert site.ended(run_id) == "success", site.why(run_id)
                yield postgres, sites
