"""Prepares the text of a statement for the driver: it is written as for psql, with ``%(name)s`` for a parameter."""

from __future__ import annotations

import re
from functools import lru_cache

from crm_sync.errors import ConfigError

_PERCENT = re.compile(r"%(?:\((\w+)\)s)?")


@lru_cache(maxsize=1024)
def for_driver(where: str, text: str, parameters: frozenset[str]) -> str:
    """The text in the form that psycopg expects, with every other % doubled. ``where``: the statement, for messages.

    A ConfigError if the text uses a parameter that is not among ``parameters``.
    """

    def written(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%%"
        if found[1] not in parameters:
            known = ", ".join(sorted(parameters)) or "none"
            raise ConfigError(f"{where} uses the parameter %({found[1]})s; the parameters that it gets are: {known}")
        return found[0]

    return _PERCENT.sub(written, text)
