"""A service that reads a request and answers at once, so that the cost of sending alone can be measured."""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

LARGEST_BODY_BYTES = 64 * 1024 * 1024


async def _serve(answer: bytes) -> None:
    async def swallow(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=answer, content_type="application/json")

    application = web.Application(client_max_size=LARGEST_BODY_BYTES)
    application.router.add_route("*", "/{path:.*}", swallow)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1].encode()))
