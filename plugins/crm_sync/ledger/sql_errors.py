"""Translates errors of PostgreSQL to those of a run. Messages name the statement's file, and never contain a value,
since it may be a person's."""

from __future__ import annotations

from typing import Any

from crm_sync.errors import ConfigError, TransientError
from crm_sync.ledger.statements import CRM, where

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PROTOCOL_VIOLATION = "08P01"
_SYNTAX_OR_RIGHTS = "42"
# Codes for data that an adapted statement cannot handle.
_FAULTS_OF_ADAPTED = ("21", "22", "0A", "54")


def cause_of(error: BaseException) -> Any:
    """The driver's own error."""
    return getattr(error, "orig", None) or error


def code_behind(error: Exception) -> str:
    """The server's error code behind an error of ``out_of_reach`` or ``explained``; "" if there was none."""
    return getattr(cause_of(error.__context__ or error), "sqlstate", None) or ""


def out_of_reach(error: Exception, role: str) -> Exception:
    """The error for a database that does not respond; a ConfigError if it is a pooler that forbids transactions."""
    cause = cause_of(error)
    if getattr(cause, "sqlstate", None) == _PROTOCOL_VIOLATION:
        return ConfigError(
            f"{role} is behind a pooler that does not allow transactions ({_PROTOCOL_VIOLATION}); set its pool_mode to"
            " transaction or session, or connect past it"
        )
    return TransientError(f"{role} cannot be reached, or closed the connection: {type(cause).__name__}")


def explained(error: Exception, role: str, name: str = "", text: str = "") -> Exception:
    """The error for anything else. ``name``: the statement; "" if none was running."""
    cause = cause_of(error)
    code, kind, place = getattr(cause, "sqlstate", None) or "", type(cause).__name__, where(name) if name else ""
    if name and not code:
        return ConfigError(f"{role}: {place} is not valid SQL for it ({kind})")
    if code.startswith(_SYNTAX_OR_RIGHTS):
        once = "; write % once, as for psql" if "%%" in text else ""
        said = f"{place}: {cause.diag.message_primary}" if place else cause.diag.message_primary
        return ConfigError(f"{role}: {said} ({code}); adapt the statement or grant the right{once}")
    if name.startswith(CRM) and code[:2] in _FAULTS_OF_ADAPTED:
        return ConfigError(f"{role}: {place} fails on the data there ({kind}, {code}); adapt it")
    return RuntimeError(f"{role}: {f'{place}: ' if place else ''}{kind} ({code})")
