"""What must be right before a run can be: Airflow, settings, adapted statements, both databases, clocks and every
account. Each check says what is wrong and what to do."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crm_sync import providers
from crm_sync.errors import ConfigError, CrmSyncError
from crm_sync.hooks import configuration
from crm_sync.hooks.accounts import account_hook
from crm_sync.hooks.airflow_versions import airflow_found
from crm_sync.hooks.crm_api import CONNECTION, opt_out_writer
from crm_sync.hooks.database import CRM, STATE, open_database, second_crm
from crm_sync.ledger import sources
from crm_sync.ledger.write_access import SECOND, require_sql, writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crm_sync.ledger.database import Database

# Opt-outs are read again for some minutes; a clock that differs by more than this is wrong all the same.
_SECONDS_APART = 60.0


@dataclass(frozen=True)
class Check:
    """``found``: what was seen, where all is well. ``problem``: what is wrong and what to do; "" for nothing."""

    what: str
    found: str = ""
    problem: str = ""


def checks(names: list[str]) -> Iterator[Check]:
    """Every check in turn, those of the named providers last; one that cannot be made is a problem of its own."""
    yield _made("Airflow", airflow_found)
    yield _made("settings", _settings)
    yield _made("adapted statements", _statements)
    yield _made("state database", _state)
    yield _made("CRM", lambda: _crm(names))
    for name in names:
        yield _made(providers.get(name).title, lambda name=name: _account(name))  # type: ignore[misc]


def _settings() -> str:
    found = configuration.read()
    found.require()
    where = f" by {found.file.name} and the environment" if found.file else " by the environment"
    return f"{found.number} set{where}, all others at their defaults"


def _require_settings_file(state: Database) -> None:
    from crm_sync.ledger import store

    with state.transaction() as reading:
        store.require_settings_file(reading, is_there=configuration.read().file is not None)


def _made(what: str, check: Callable[[], str]) -> Check:
    try:
        return Check(what, check())
    except CrmSyncError as error:
        return Check(what, problem=str(error))


def _statements() -> str:
    from crm_sync.ledger import statements

    statements.named("crm/extract/lists")  # reads the adapted folder, which says what one of them lacks
    return os.environ.get(statements.SETTING) or "none; the statements of the reference CRM are used"


def _state() -> str:
    from crm_sync.ledger import store

    with open_database(*STATE) as state:
        missing = store.missing(state)
        _require_same_time(state)
        if not missing:
            _require_settings_file(state)
    if missing:
        raise ConfigError(f"the schema lacks {', '.join(missing)}; run crm-sync migrate")
    return "the schema is that of this release"


def _crm(names: list[str]) -> str:
    with open_database(*CRM) as crm:
        _require_same_time(crm)
        found = _compared(crm) if sources.chosen().compares else _logged(crm)
        return found + (_opt_outs_go(crm) if any(map(_brings_opt_outs, names)) else "")


def _compared(crm: Database) -> str:
    with crm.transaction() as transaction:
        transaction.value("crm/comparison/position")
    return "each run compares everyone with the last read"


def _logged(crm: Database) -> str:
    with crm.transaction() as transaction:
        log = transaction.row("crm/extract/change_log_state")
        may_mark = transaction.value("crm/markers/may_leave_marker")
    if log is not None and log.doubt:
        raise ConfigError(f"the change log may miss changes: {log.doubt}; install change_log.sql and roles.sql again")
    if not may_mark:
        raise ConfigError("the pipeline has no right to write its marker into the CRM; install roles.sql again")
    return "the change log is complete"


def _opt_outs_go(crm: Database) -> str:
    """By what opt-outs are written, if not by the CRM's own connection. A CrmSyncError if nothing takes them."""
    connect = opt_out_writer(configuration.read().settings)
    if connect is not None:
        connect().refuse([])
        return f"; opt-outs are written by {CONNECTION}"
    require_sql(sources.chosen())
    with ExitStack() as stack:
        return "" if writable(crm, second_crm(stack)) is crm else f"; opt-outs are written by {SECOND}"


def _brings_opt_outs(name: str) -> bool:
    return providers.get(name).hears_opt_outs and _is_on(name)


def _is_on(name: str) -> bool:
    return configuration.read().settings.own(name).enabled and account_hook(name)().is_enabled


def _require_same_time(database: Database) -> None:
    with database.transaction() as transaction:
        apart = abs((transaction.value("session/moment") - datetime.now(UTC)).total_seconds())
    if apart > _SECONDS_APART:
        raise ConfigError(f"the clock of {database.role} differs from the one here by {apart:.0f} s; correct it")


def _account(name: str) -> str:
    if not _is_on(name):
        return "switched off"
    settings = configuration.read().settings.of(name).for_a_person()
    with open_database(*STATE) as state:
        answer = account_hook(name)().who_answers(state, settings)
    return ", ".join(filter(None, (f"{answer['host']} answered", answer["organization"], answer["remark"])))
