"""A web server on a real socket that takes what is posted to it, as Slack's webhooks and Apprise's json:// expect."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from system.listener import Listener

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


class Webhooks(Listener):
    """`with Webhooks() as hooks:` takes posts to ``slack`` and ``apprise``; set ``status`` to make it refuse them."""

    def __init__(self) -> None:
        self.status = 200
        self.slack, self.apprise = Posted(SLACK), Posted(APPRISE)
        super().__init__()

    def environment(self) -> dict[str, str]:
        """Airflow's connections to it, by their variables."""
        slack = {"conn_type": "slackwebhook", "host": f"http://{self.place}", "password": SLACK}
        config = {"path": f"json://{self.place}{APPRISE}?provider={{provider}}", "tag": "data-team"}
        apprise = {"conn_type": "apprise", "extra": {"config": config}}
        return {
            "AIRFLOW_CONN_SLACK_DEFAULT": json.dumps(slack),
            "AIRFLOW_CONN_APPRISE_DEFAULT": json.dumps(apprise),
        }

    def posted(self, path: str, headers: Message, body: bytes) -> tuple[int, bytes]:
        """Keeps the body at its path, unless it is to refuse."""
        if self.status == 200:
            place = {each.path: each for each in (self.slack, self.apprise)}[path.partition("?")[0]]
            place.bodies.append(json.loads(body))
        return self.status, b"ok"
