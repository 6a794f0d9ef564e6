"""A client library in a process of its own, told what to call, beside the stand-in that it calls."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple, Self

from standins import StandIn

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".clients"
PYTHON, NODE_MODULES = HOME / "python" / "bin" / "python", HOME / "node" / "node_modules"
_REFUSED = 400


class Client(NamedTuple):
    """A client library, at the version that tests/clients pins, and the driver that knows it."""

    name: str
    provider: str
    driver: str

    @property
    def needs_node(self) -> bool:
        """Whether it runs on Node."""
        return self.driver.endswith(".js")

    @property
    def command(self) -> list[str]:
        """What starts its driver."""
        return ["node" if self.needs_node else str(PYTHON), str(HERE / "drivers" / self.driver)]


CLIENTS = (
    Client("mailchimp-marketing 3.0.80 (PyPI)", "mailchimp", "mailchimp_marketing_driver.py"),
    Client("mailchimp3 3.0.21 (PyPI)", "mailchimp", "mailchimp3_driver.py"),
    Client("@mailchimp/mailchimp_marketing 3.0.80 (npm)", "mailchimp", "mailchimp_marketing_driver.js"),
    Client("constant-contact-api-client 1.5.0 (PyPI)", "constant_contact", "constant_contact_driver.py"),
    Client("ctct-api-client 1.23.0 (npm)", "constant_contact", "ctct_driver.js"),
)


class Refused(Exception):  # noqa: N818 - an answer, which a case may be about
    """The client read the service's refusal: its status and body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"refused with {status}: {body}")
        self.status, self.body = status, body


class CrashError(Exception):
    """The client could not read an answer, or did not make the call that it was asked for."""


class NoCallError(Exception):
    """The client has no such call, or not with all that was asked for."""


class Driven:
    """The client at work. What it is asked for are names of calls: the method and the path that the vendor has."""

    def __init__(self, client: Client, standin: StandIn) -> None:
        self.client, self.standin = client, standin
        self._calls: set[str] = set()

    def __enter__(self) -> Self:
        environment = os.environ | {"NODE_PATH": str(NODE_MODULES), "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= dict.fromkeys(("PYTHONPATH", "http_proxy", "HTTP_PROXY"), "")
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        self._process = subprocess.Popen(self.client.command, env=environment, **pipes)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        return self

    def __exit__(self, *_: object) -> None:
        """A driver ends with its input."""
        with self._process:
            self._stdin.close()

    def open(self, **opening: str) -> None:
        """Make the client anew, with a key of the stand-in."""
        self._calls = set(self._told({"open": {"url": self.standin.url, **opening}})["calls"])

    def __call__(self, call: str, **arguments: Any) -> Any:
        """What the client made of the answer. Raises Refused, CrashError or NoCallError."""
        if call not in self._calls:
            raise NoCallError(call)
        self.standin.clear_requests()
        told = self._told({"call": call, "query": {}, **arguments})
        if "no_call" in told:
            raise NoCallError(call)
        if "crash" in told:
            raise CrashError(told["crash"])
        self._require_made(call, told.get("status", 200))
        if "status" in told:
            raise Refused(told["status"], told["body"])
        return told["answer"]

    def refusal(self, call: str, **arguments: Any) -> Refused:
        """How the service refused a call that it must refuse."""
        try:
            answer = self(call, **arguments)
        except Refused as refused:
            return refused
        raise AssertionError(f"{call} was to be refused, and answered {answer}")

    def _require_made(self, call: str, status: int) -> None:
        """A call that is not imitated, or is refused before anybody looks at its path, has no route."""
        made = [f"{each['method']} {each['route']}" for each in self.standin.requests()["requests"]]
        without_route = f"{call.partition(' ')[0]} -"
        if call not in made and not (status >= _REFUSED and without_route in made):
            raise CrashError(f"asked for {call} it made {made}")

    def _told(self, asked: dict[str, Any]) -> Any:
        self._stdin.write(json.dumps(asked) + "\n")
        line = self._stdout.readline()
        if not line:
            raise CrashError(f"the driver ended with {self._process.wait()}")
        return json.loads(line)
