"""Loads the page with its first request: every Airflow process reads the plugin, and only the API server shows it."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping


@cache
def _application() -> Any:
    return importlib.import_module("crm_sync.web.application").create()


class LazyApplication:
    """An ASGI application that is imported when first asked, outside the event loop."""

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[..., Awaitable[Any]],
        send: Callable[..., Awaitable[Any]],
    ) -> None:
        """Answer one request."""
        from anyio.to_thread import run_sync

        application = await run_sync(_application)
        await application(scope, receive, send)
