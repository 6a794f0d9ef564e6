"""What an error of PostgreSQL means for a run. Messages name the statement's file, and never a value: it may
be a person's."""

from __future__ import annotations

from typing import Any

from crm_sync.errors import ConfigError, TransientError
from crm_sync.ledger.statements import CRM, where

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PROTOCOL_VIOLATION = "08P01"
_SYNTAX_OR_RIGHTS = "42"
# What an adapted statement cannot do with the data that it meets.
_FAULTS_OF_ADAPTED = ("21", "22", "0A", "54")


def cause_of(error: BaseException) -> Any:
    """The driver's own error."""
    return getattr(error, "orig", None) or error


def code_behind(error: Exception) -> str:
    """The server's code of what ``out_of_reach`` or ``explained`` made an error of; "" where it said none."""
    return getattr(cause_of(error.__context__ or error), "sqlstate", None) or ""


def out_of_reach(error: Exception, role: str) -> Exception:
    """A database that does not answer, or no longer; a ConfigError where a pooler does not let transactions be."""
    cause = cause_of(error)
    if getattr(cause, "sqlstate", None) == _PROTOCOL_VIOLATION:
        return ConfigError(
            f"{role} is behind a pooler that does not allow transactions ({_PROTOCOL_VIOLATION}); set its pool_mode to"
            " transaction or session, or connect past it"
        )
    return TransientError(f"{role} cannot be reached, or closed the connection: {type(cause).__name__}")


def explained(error: Exception, role: str, name: str = "", text: str = "") -> Exception:
    """Any other error. ``name``: of the statement, "" for none."""
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
