"""Which tables of the CRM a run reads, and which lists it keeps at the provider, as datasets of OpenLineage. Nothing
is looked up where no transport for its events is configured; whatever cannot be found out is left out, and never
fails a task."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sync import providers
from crm_sync.hooks.accounts import account_hook
from crm_sync.hooks.database import CRM, database_url
from crm_sync.ledger import sources
from crm_sync.side_work import beside_the_work

if TYPE_CHECKING:
    from openlineage.client.event_v2 import InputDataset, OutputDataset

    from crm_sync.contract import Provider
    from crm_sync.pipeline.context import RunContext

# OpenLineage joins what is read to what is written within one task only: the tasks that write say both.
_READING = ("extract", "load", "record")
_WRITING = ("load", "record")
_POSTGRES_PORT = 5432
_PARAMETER = re.compile(r"%\(\w+\)s")
_PARSER = Path(__file__).with_name("tables_of.py")
_PARSER_SECONDS = 60.0
_LEFT_OUT = "lineage is left out"

log = logging.getLogger("crm_sync")


@dataclass(frozen=True)
class Datasets:
    """What a task reads and writes."""

    read: tuple[InputDataset, ...] = ()
    written: tuple[OutputDataset, ...] = ()


NOTHING = Datasets()


def is_on() -> bool:
    """Whether events are sent anywhere; not without Airflow's provider for it."""
    try:
        from airflow.providers.openlineage import conf
    except ImportError:
        return False
    return not conf.is_disabled()


def known_before(stage: str, provider: str) -> Datasets:
    """What a stage is going to read."""
    with beside_the_work(_LEFT_OUT):
        return Datasets(read=_tables(providers.get(provider))) if stage in _READING else NOTHING
    return NOTHING


def known_after(stage: str, ctx: RunContext) -> Datasets:
    """What a stage has read and written; a failure to report it does not matter."""
    with beside_the_work(_LEFT_OUT):
        if stage in _READING and is_on():
            return Datasets(_tables(ctx.provider), _lists(ctx) if stage in _WRITING else ())
    return NOTHING


def tables_read(provider: Provider) -> list[str]:
    """schema.table of everything that is read of people and lists in the CRM, sorted; none where a statement is beyond
    the parser."""
    from crm_sync.ledger.statements import statement

    source = sources.chosen()
    names = [provider.audience, *(["lists"] if provider.has_lists else [])]
    names += [] if source.compares else ["changed_contacts"]
    # The parser knows no parameters.
    texts = tuple(_PARAMETER.sub("NULL", statement(f"crm/extract/{name}")) for name in names)
    return _parsed(texts, "mysql" if source.database == sources.MARIADB else "postgres")


@cache  # a task is asked before and after
def _parsed(texts: tuple[str, ...], dialect: str) -> list[str]:
    done = subprocess.run(  # noqa: S603  our own program, by its path
        [sys.executable, str(_PARSER), dialect],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=_PARSER_SECONDS,
        check=False,
    )
    if done.returncode:
        log.warning("%s: OpenLineage's parser cannot read a statement of the CRM's extract.sql", _LEFT_OUT)
        return []
    return list(json.loads(done.stdout))


def _tables(provider: Provider) -> tuple[InputDataset, ...]:
    """Named as OpenLineage names them: by server, and in PostgreSQL by database.schema.table, in MariaDB by
    database.table."""
    from openlineage.client.event_v2 import InputDataset

    url = database_url(*CRM)
    scheme = "mysql" if url.get_backend_name() == "mysql" else "postgres"
    namespace = f"{scheme}://{url.host}:{url.port or _POSTGRES_PORT}"
    return tuple(InputDataset(namespace, f"{url.database}.{table}") for table in tables_read(provider))


def _lists(ctx: RunContext) -> tuple[OutputDataset, ...]:
    """The lists as they are called at the provider; where it has none, the one that everyone is in."""
    from openlineage.client.event_v2 import OutputDataset

    namespace = f"{ctx.provider.name.replace('_', '-')}://{ctx.client.host}"
    return tuple(OutputDataset(namespace, name) for name in _list_names(ctx))


def _list_names(ctx: RunContext) -> list[str]:
    if not ctx.provider.has_lists:
        named = account_hook(ctx.provider.name)().credentials().extras.get("list_name")
        return [str(named or ctx.provider.default_list)]
    with ctx.state.transaction() as state:
        return [row.name for row in state.rows("load/synchronized_lists", provider=ctx.provider.name)]
