"""A mail server on a real socket that keeps what it is given, for alerts."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from local.postgres import free_port

DATA_TEAM = "data-team@alerts.example.org"


class _Keeper:
    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.refused: set[str] = set()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: object, session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.kept.append(message)
        return "250 OK"


class Mailbox:
    """`with Mailbox() as box:` accepts mail at ``box.port``; ``subjects`` and ``texts`` tell what came."""

    def __init__(self) -> None:
        self._keeper = _Keeper()
        self._controller = Controller(self._keeper, hostname="127.0.0.1", port=free_port())

    def __enter__(self) -> Mailbox:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        if not self._controller.loop.is_closed():
            self._controller.stop()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._controller.port)

    def refuse(self, address: str) -> None:
        """Take no mail for that address from now on."""
        self._keeper.refused.add(address)

    def connection(self) -> str:
        """Airflow's connection to it, in its JSON form."""
        extra = {"disable_tls": True, "disable_ssl": True, "from_email": "airflow@alerts.example.org"}
        return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": self.port, "extra": extra})

    def subjects(self) -> list[str]:
        """Of all mails, in their order."""
        return [str(message["Subject"]) for message in self._keeper.kept]

    def receivers(self) -> set[str]:
        """To whom they went."""
        return {str(message["To"]) for message in self._keeper.kept}

    def text(self, subject: str) -> str:
        """The body of the one mail of that subject."""
        (message,) = [each for each in self._keeper.kept if each["Subject"] == subject]
        body = message.get_body(("html", "plain"))
        assert body is not None
        return str(body.get_content())
