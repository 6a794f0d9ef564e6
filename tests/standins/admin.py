"""The control routes under /_standin, with which a test in another process inspects and scripts a stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from standins.provider import AdminError

if TYPE_CHECKING:
    from standins.service import Service

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_routes(application: web.Application, service: Service) -> None:
    """Mount all control routes of a service."""
    control = Control(service)
    table: tuple[tuple[str, str, Handler], ...] = (
        ("POST", "reset", control.reset),
        ("GET", "state", control.state),
        ("POST", "state", control.act),
        ("GET", "requests", control.requests),
        ("POST", "requests", control.configure_log),
        ("DELETE", "requests", control.clear_log),
        ("GET", "faults", control.list_faults),
        ("POST", "faults", control.add_fault),
        ("DELETE", "faults", control.clear_faults),
        ("GET", "clock", control.read_clock),
        ("POST", "clock", control.set_clock),
        ("GET", "switches", control.read_switches),
        ("POST", "switches", control.set_switches),
        ("GET", "behaviours", control.behaviours),
    )
    for method, name, handler in table:
        application.router.add_route(method, f"/_standin/{name}", _guarded(handler))
    application.router.add_route("*", "/_standin{rest:.*}", _unknown)


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except AdminError as error:
            return _json({"error": str(error)}, 400)

    return guarded


async def _unknown(request: web.Request) -> web.StreamResponse:
    return _json({"error": f"no control route {request.method} {request.path}; see the docstring of standins"}, 404)


def _json(content: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        return msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise AdminError(f"the body must be one JSON object: {error}") from error


class Control:
    """The control routes of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """Everything as at the start."""
        self._service.reset()
        return _json({"reset": True})

    async def state(self, request: web.Request) -> web.StreamResponse:
        """The state, streamed, so that a million members need no second copy."""
        wanted = frozenset(name for name, value in request.query.items() if value != "0")
        if wanted - {"counts", "history"}:
            raise AdminError("state knows ?counts=1 and ?history=1")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for piece in self._service.provider.dump(wanted):
            await response.write(piece)
            await asyncio.sleep(0)
        await response.write_eof()
        return response

    async def act(self, request: web.Request) -> web.StreamResponse:
        """One thing done by hand at the provider, or {"actions": [...]}, one after the other."""
        wish = await _object(request)
        if set(wish) == {"actions"}:
            return _json({"done": [self._service.provider.act(action) for action in wish["actions"]]})
        return _json(self._service.provider.act(wish))

    async def requests(self, request: web.Request) -> web.StreamResponse:
        """The log; ?entries=0 for the counts alone."""
        return _json(self._service.log.described(with_entries=request.query.get("entries") != "0"))

    async def configure_log(self, request: web.Request) -> web.StreamResponse:
        """{"bodies": true} keeps bodies from now on."""
        wish = await _object(request)
        if set(wish) != {"bodies"}:
            raise AdminError('the request log knows {"bodies": true|false}')
        self._service.log.keeps_bodies = bool(wish["bodies"])
        return _json(wish)

    async def clear_log(self, request: web.Request) -> web.StreamResponse:
        """Forget the requests so far."""
        self._service.log.clear()
        return _json({"cleared": True})

    async def list_faults(self, request: web.Request) -> web.StreamResponse:
        """The faults in force with their counters."""
        return _json(self._service.faults.listed())

    async def add_fault(self, request: web.Request) -> web.StreamResponse:
        """Put one fault in force."""
        return _json(self._service.faults.add(await _object(request)))

    async def clear_faults(self, request: web.Request) -> web.StreamResponse:
        """No faults any more."""
        self._service.faults.reset()
        return _json({"cleared": True})

    async def read_clock(self, request: web.Request) -> web.StreamResponse:
        """The stand-in's time."""
        return _json(self._service.clock.described())

    async def set_clock(self, request: web.Request) -> web.StreamResponse:
        """Set, advance, freeze or thaw the clock."""
        self._service.clock.change(await _object(request))
        return _json(self._service.clock.described())

    async def read_switches(self, request: web.Request) -> web.StreamResponse:
        """All switches with their values."""
        return _json(self._service.provider.switch({}))

    async def set_switches(self, request: web.Request) -> web.StreamResponse:
        """Change some switches."""
        return _json(self._service.provider.switch(await _object(request)))

    async def behaviours(self, request: web.Request) -> web.StreamResponse:
        """Every imitated rule, marked documented, seen or assumed."""
        return _json(self._service.provider.behaviours)
