"""A stand-in of the one call of CiviCRM's API v4 that the pipeline makes: GroupContact.update, on the small tables.

What it imitates is documented in civicrm-core: the form of a call and its statuses (CRM/Api4/Page/AJAX.php), the header
of the key (ext/authx), and that the change is one of the database. The real system was not run.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from local.mariadb import MariaDb

KEY = "a key of civicrm"
PATH = "/civicrm/ajax/api4/GroupContact/update"
_FIELDS = {"id", "group_id", "contact_id", "status"}


class CivicrmApi:
    """One site whose data are in ``database`` of a MariaDB. ``refuses``: whether it refuses to change a contact;
    ``status``: what it answers to everything, if anything; ``calls``: what was asked of it."""

    def __init__(self, server: MariaDb, database: str) -> None:
        self.refuses: Callable[[int], bool] = lambda _: False
        self.status = 0
        self.calls: list[dict[str, Any]] = []
        self._server, self._database = server, database

    def __enter__(self) -> Self:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, answer = api.answered(self.path, dict(self.headers))
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answered(self, target: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        parts = urlsplit(target)
        if headers.get("X-Requested-With") != "XMLHttpRequest":
            return 400, {"error_code": 400, "error_message": "SECURITY ALERT"}
        if headers.get("X-Civi-Auth") != f"Bearer {KEY}":
            return 401, {"error_code": 401}
        if self.status or parts.path != PATH:
            return self.status or 404, {"error_code": 1, "error_message": "Sorry an error occurred"}
        asked = json.loads(parse_qs(parts.query)["params"][0])
        self.calls.append(asked)
        return self._update(asked["where"], asked["values"])

    def _update(self, where: list[list[Any]], values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert where
        assert set(values) == {"status"}
        chosen = self._chosen(where)
        if any(self.refuses(contact_id) for _, contact_id in chosen):
            return 500, {"error_code": 1, "error_message": "Sorry an error occurred", "status": 500}
        if chosen:
            rows = [row_id for row_id, _ in chosen]
            self._do("update civicrm_group_contact set status = %s where id in %s", values["status"], rows)
        return 200, {"values": [{"id": row_id} for row_id, _ in chosen], "count": len(chosen), "entity": "GroupContact"}

    def _chosen(self, where: list[list[Any]]) -> list[Any]:
        text, given = "select id, contact_id from civicrm_group_contact where true", []
        for name, operator, value in where:
            assert name in _FIELDS
            assert operator in {"=", "IN"}
            text += f" and {name} {operator} %s"
            given.append(value)
        return self._do(text, *given)

    def _do(self, text: str, *given: Any) -> list[Any]:
        with self._server.connect(self._database) as connection, connection.cursor() as cursor:
            cursor.execute(text, given)
            return list(cursor.fetchall())
