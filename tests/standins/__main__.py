"""`python -m standins`: starts the stand-ins of all providers, or of one, on 127.0.0.1."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys

from aiohttp import web

from standins.clock import Clock
from standins.discovery import create_provider, provider_names
from standins.service import Service

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve until a signal."""
    options = _options(arguments)
    names = [options.provider] if options.provider else provider_names()
    if options.behaviours:
        _print_behaviours(names)
        return 0
    gc.set_threshold(100_000, 50, 1000)  # a million members are not garbage; do not look for it at every page
    asyncio.run(_serve(names, options.port, options.api_key))
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m standins", description=__doc__)
    parser.add_argument("--provider", choices=provider_names(), help="only this one")
    parser.add_argument("--port", type=int, help="with --provider; 0 picks a free one; default: the provider's own")
    parser.add_argument("--api-key", help="the key that the provider accepts")
    parser.add_argument("--behaviours", action="store_true", help="print the imitated rules and stop")
    options = parser.parse_args(arguments)
    if options.port is not None and not options.provider:
        parser.error("--port needs --provider")
    return options


def _print_behaviours(names: list[str]) -> None:
    for name in names:
        for behaviour in create_provider(name, Clock()).behaviours:
            switch = f" [switch: {behaviour.switch}]" if behaviour.switch else ""
            sys.stdout.write(f"{name}: {behaviour.mark}: {behaviour.rule} ({behaviour.source}){switch}\n")


async def _serve(names: list[str], port: int | None, api_key: str | None) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runners = [await _started(name, port, api_key, is_only=len(names) == 1) for name in names]
    await stopped.wait()
    for runner in runners:
        await runner.cleanup()


async def _started(name: str, port: int | None, api_key: str | None, is_only: bool) -> web.AppRunner:
    clock = Clock()
    provider = create_provider(name, clock)
    if api_key:
        provider.switch({"api_key": api_key})
    runner = web.AppRunner(Service(provider, clock).application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, provider.default_port if port is None else port)
    await site.start()
    address = runner.addresses[0]
    sys.stdout.write(f"{'' if is_only else name + ' '}listening on http://{address[0]}:{address[1]}\n")
    sys.stdout.flush()
    return runner


if __name__ == "__main__":
    sys.exit(main())
