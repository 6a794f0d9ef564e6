"""The socket: takes a request, lets the scripted fault have its way, asks the provider, keeps the log."""

from __future__ import annotations

import asyncio
import time

from aiohttp import web

from standins import admin
from standins.clock import Clock
from standins.faults import ANSWERED, Fault, Faults
from standins.provider import Answer, Call, Provider
from standins.recording import Recording
from standins.request_log import Entry, RequestLog

LARGEST_BODY_BYTES = 64 * 1024 * 1024


class Life:
    """The time between two resets: a call that a fault still holds then belongs to the one in which it came."""

    def __init__(self) -> None:
        self.under_way = 0


class Service:
    """One provider's stand-in on one port."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        self.provider = provider
        self.clock = clock
        self.faults = Faults()
        self.log = RequestLog()
        self._recording = Recording.from_environment(provider.name)
        self._life = Life()

    def application(self) -> web.Application:
        """The aiohttp application with the control routes and, behind them, the provider's."""
        application = web.Application(client_max_size=LARGEST_BODY_BYTES)
        admin.add_routes(application, self)
        application.router.add_route("*", "/{path:.*}", self.handle)
        return application

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one request of the provider's API. A call holds its place until it is answered or given up."""
        life = self._life
        life.under_way += 1
        place = life.under_way
        self.log.max_concurrency = max(self.log.max_concurrency, place)
        try:
            body = await request.read()
            return await self._served(request, body, place, life)
        finally:
            life.under_way -= 1

    async def _served(self, request: web.Request, body: bytes, place: int, life: Life) -> web.StreamResponse:
        started = time.perf_counter()
        call = Call(request.method, request.path, request.rel_url.raw_query_string, request.headers, body)
        if place > self.provider.concurrency_limit:
            fault, answer = None, self.provider.fault_answer("too_many", 429)
        else:
            fault = self.faults.next_for(request.method, request.path_qs, body)
            answer = await self._answered(call, fault, life)
        if life is not self._life:  # reset meanwhile: nothing of it may be seen in the new life
            return web.Response(status=503)
        is_lost = fault is not None and fault.kind.startswith(("cut", "timeout"))
        entry = Entry(call.method, request.path_qs, answer.route, None if is_lost else answer.status)
        entry.fault = fault.kind if fault else None
        entry.seconds = time.perf_counter() - started
        entry.request_bytes = len(body)
        self.log.add(entry, body, answer.body)
        if is_lost and request.transport is not None:
            request.transport.abort()
        return web.Response(status=answer.status, body=answer.body, headers=self._headers(answer))

    async def _answered(self, call: Call, fault: Fault | None, life: Life) -> Answer:
        kind = fault.kind if fault else ""
        if fault and kind in {"slow", "timeout_before"}:
            await asyncio.sleep(fault.seconds)
        if life is not self._life:
            return Answer(0)
        if fault and kind == "raw":
            return Answer(fault.status, fault.body, fault.headers)
        if fault and kind in ANSWERED:
            return self.provider.fault_answer(kind, fault.status)
        if kind in {"cut_before", "timeout_before"}:
            return Answer(0)
        answer = self._with_its_effect(call, fault)
        if fault and kind == "timeout_after":
            await asyncio.sleep(fault.seconds)
        return answer

    def _with_its_effect(self, call: Call, fault: Fault | None) -> Answer:
        kind = fault.kind if fault else ""
        if fault and kind == "act_before":
            self.provider.act(fault.action)
        answer = self.provider.answer(call)
        if self._recording:
            self._recording.add(call, answer)
        if fault and kind == "act_after":
            self.provider.act(fault.action)
        return Answer(answer.status, b"<garbled>", answer.headers, answer.route) if kind == "garbled" else answer

    def _headers(self, answer: Answer) -> dict[str, str]:
        return {"Date": self.clock.http_date()} | answer.headers

    def reset(self) -> None:
        """State, switches, faults, clock and log as at the start."""
        self._life = Life()
        self.clock.reset()
        self.faults.reset()
        self.log.clear()
        self.log.keeps_bodies = False
        self.provider.reset()
