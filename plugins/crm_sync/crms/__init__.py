"""CRMs that take opt-outs by an API of their own instead of SQL: a module for each, with ``connect``."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from crm_sync.contract import Credentials
    from crm_sync.pipeline.opt_out_writer import OptOutWriter
    from crm_sync.settings import Settings


def connect(name: str, base_url: str, credentials: Credentials, settings: Settings) -> OptOutWriter:
    """What writes opt-outs by the API ``name`` (of the source's data sheet)."""
    module = importlib.import_module(f"crm_sync.crms.{name}")
    return cast("OptOutWriter", module.connect(base_url, credentials, settings))
