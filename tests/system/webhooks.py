"""A web server on a real socket that takes what is posted to it, as Slack's webhooks and Apprise's json:// expect."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLACK, APPRISE = "/slack/T0/B0/x", "/apprise"


@dataclass
class Posted:
    """What came to one path: one body for each call."""

    path: str
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def subjects(self) -> list[str]:
        """Of all messages, in their order."""
        return [body["title"] if "title" in body else body["text"].split("\n")[0].strip("*") for body in self.bodies]

    def texts(self) -> list[str]:
        """Of all messages, in their order."""
        return [body["message"] if "message" in body else body["text"] for body in self.bodies]

    def tones(self) -> list[str]:
        """What Apprise says each message is."""
        return [body["type"] for body in self.bodies]


class Webhooks:
    """`with Webhooks() as hooks:` takes posts to ``slack`` and ``apprise``; set ``status`` to make it refuse them."""

    def __init__(self) -> None:
        self.status = 200
        self.slack, self.apprise = Posted(SLACK), Posted(APPRISE)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Webhooks:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def environment(self) -> dict[str, str]:
        """Airflow's connections to it, by their variables."""
        place = f"127.0.0.1:{self._server.server_port}"
        slack = {"conn_type": "slackwebhook", "host": f"http://{place}", "password": SLACK}
        config = {"path": f"json://{place}{APPRISE}?provider={{provider}}", "tag": "data-team"}
        apprise = {"conn_type": "apprise", "extra": {"config": config}}
        return {
            "AIRFLOW_CONN_SLACK_DEFAULT": json.dumps(slack),
            "AIRFLOW_CONN_APPRISE_DEFAULT": json.dumps(apprise),
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if hooks.status == 200:
                    path = self.path.partition("?")[0]
                    {each.path: each for each in (hooks.slack, hooks.apprise)}[path].bodies.append(body)
                self.send_response(hooks.status)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                """Nothing: its lines would mix with the tests' own."""

        return Handler
