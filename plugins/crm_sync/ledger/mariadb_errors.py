"""Translates errors of MariaDB and MySQL to those of a run, by their number. Messages name the statement's file, and
never contain a value, since it may be a person's."""

from __future__ import annotations

from crm_sync.errors import BrokenExtractError, ConfigError, TransientError
from crm_sync.ledger.sql_errors import cause_of
from crm_sync.ledger.statements import where

# https://mariadb.com/docs/server/reference/error-codes
_MISSING_COLUMN = 1054
# A name that is not there: the server's message says which.
_NAMES = frozenset({1046, 1049, 1146, 1305})
_RIGHTS = frozenset({1044, 1045, 1142, 1143, 1227, 1370, 1698})
# Not valid SQL for this server, or not for these tables: parameters stand in the message.
_STATEMENT = frozenset({1052, 1055, 1064, 1066, 1115, 1128, 1140, 1222, 1248, 1253, 1267, 1273, 1582})
# No connection, cut connections, waiting for a lock, a killed or limited query, a table that was altered meanwhile, a
# server that is full or going down.
_PASSING = frozenset(
    {1040, 1053, 1077, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1290, 1317, 1412, 1836, 1927, 1969, 2002, 2003, 2006}
    | {2013, 2014, 2026, 2055, 3024, 4031}
)


def code_of(error: BaseException) -> int | None:
    """The number of the server's or the driver's error; None where it has none."""
    said = getattr(cause_of(error), "args", ())
    return said[0] if said and isinstance(said[0], int) else None


def explained(error: Exception, role: str, name: str = "") -> Exception:
    """The error of a run. ``name``: the statement; "" if none was running."""
    code, cause = code_of(error), cause_of(error)
    place = f"{where(name)}: " if name else ""
    if code == _MISSING_COLUMN:
        return BrokenExtractError(f"{role}: {place}{cause.args[1]} ({code}); its header says what it returns")
    if code in _NAMES:
        return ConfigError(f"{role}: {place}{cause.args[1]} ({code}); adapt the statement or correct the connection")
    if code in _RIGHTS:
        return ConfigError(f"{role}: {place}access denied ({code}); grant the right, or correct the connection")
    if code in _STATEMENT:
        return ConfigError(f"{role}: {place}the statement is not valid SQL for it ({code}); adapt it")
    if code in _PASSING or code in (None, 0):
        return TransientError(f"{role} cannot be reached, or broke off: {type(cause).__name__} ({code})")
    return RuntimeError(f"{role}: {place}{type(cause).__name__} ({code})")
