"""Holds exchanges against the vendor's own schema, so that a stand-in is not only as its author remembers the service.

`python -m standins.conformance FILE` checks a recording (STANDIN_RECORD). The vendor's Swagger 2.0 files are no part of
this project: they are looked for in the folder named by STANDIN_SPECS, else in `../shared/specs` beside the repository.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import yaml
from jsonschema import Draft4Validator

from standins.clock import parse_time
from standins.provider import AdminError
from standins.recording import Exchange

REPOSITORY = Path(__file__).resolve().parents[2]
PATTERN = "mailchimp-*-api-openapi.yml"
BASE = "/3.0"
Operation = dict[str, Any]


def specs() -> list[Path]:
    """The vendor's files, if they are here."""
    folder = Path(os.environ.get("STANDIN_SPECS", REPOSITORY.parent / "shared" / "specs"))
    return sorted(folder.glob(PATTERN))


def check(method: str, path: str, request_body: Any, status: int, response_body: Any, query: str = "") -> list[str]:
    """What in an exchange is not as the vendor's schema has it; bodies are decoded JSON, None where there is none.

    A refused request is not looked at, its answer is. Unknown fields count as wrong on both sides.
    """
    operation = _operation(method, path.removeprefix(BASE) or "/")
    if status == 501:
        return []
    if operation is None:
        return [] if status in {404, 405} else [f"{method} {path}: not in the vendor's schema"]
    answer = operation["responses"].get(str(status), operation["responses"]["default"])
    found = _answer_faults(answer, status, response_body)
    if status < 400:
        found += _request_faults(operation, request_body, query)
    return [f"{method} {operation['x-path']} {status}: {fault}" for fault in found]


def _answer_faults(answer: dict[str, Any], status: int, body: Any) -> list[str]:
    if "schema" not in answer:
        return [] if body is None else ["answer: the schema has no body"]
    schema = answer["schema"] if status >= 400 else _strict(answer["schema"], knows_archived=True)
    return [f"answer: {fault}" for fault in _faults(schema, body)]


def _request_faults(operation: Operation, body: Any, query: str) -> list[str]:
    parameters = operation.get("parameters", [])
    known = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    found = [f"query: {name} is unknown" for name, _ in parse_qsl(query, keep_blank_values=True) if name not in known]
    schemas = [parameter["schema"] for parameter in parameters if parameter["in"] == "body"]
    if not schemas:
        return found if not body else [*found, "request: the schema has no body"]
    return found + [f"request: {fault}" for fault in _faults(_strict(schemas[0]), body)]


def _faults(schema: dict[str, Any], body: Any) -> list[str]:
    errors = Draft4Validator(schema).iter_errors(body)
    shape = [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]
    return shape + list(_time_faults(schema, body, ""))


def _time_faults(schema: dict[str, Any], body: Any, path: str) -> list[str]:
    if isinstance(body, list):
        return [fault for item in body for fault in _time_faults(schema.get("items", {}), item, path + "[]")]
    if isinstance(body, dict):
        properties = schema.get("properties", {})
        parts = [_time_faults(properties.get(name, {}), value, f"{path}.{name}") for name, value in body.items()]
        return [fault for part in parts for fault in part]
    if schema.get("format") != "date-time" or not body:
        return []  # the real service sends "" for a time that is not set (seen in captured traffic)
    try:
        parse_time(body)
    except AdminError:
        return [f"{path}: not a date-time"]
    return []


def _strict(schema: dict[str, Any], knows_archived: bool = False) -> dict[str, Any]:
    """The schema with unknown fields forbidden. The schema of batch answers forgets the status `archived`."""
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {name: _strict(part, knows_archived) for name, part in schema["properties"].items()}
        result.setdefault("additionalProperties", False)
    if "items" in schema:
        result["items"] = _strict(schema["items"], knows_archived)
    if knows_archived and "cleaned" in schema.get("enum", []):
        result["enum"] = [*schema["enum"], "archived"]
    return result


@cache
def _operations() -> dict[str, list[tuple[re.Pattern[str], Operation]]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, list[tuple[re.Pattern[str], Operation]]] = {}
    for file in specs():
        for path, methods in yaml.load(file.read_bytes(), Loader=loader)["paths"].items():  # noqa: S506 - a safe one
            regex = re.compile(re.sub(r"{\w+}", "[^/]+", path))
            for method, operation in methods.items():
                found.setdefault(method.upper(), []).append((regex, operation | {"x-path": path}))
    return found


def _operation(method: str, path: str) -> Operation | None:
    return next((operation for regex, operation in _operations().get(method, []) if regex.fullmatch(path)), None)


def check_recording(file: Path) -> tuple[Counter[str], int]:
    """The faults of a recording with how often each occurs, and how many exchanges were looked at."""
    found: Counter[str] = Counter()
    exchanges = 0
    for line in file.read_bytes().splitlines():
        exchange = msgspec.json.decode(line, type=Exchange)
        if exchange.path.startswith(BASE) and exchange.method in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            exchanges += 1
            bodies = (_decoded(exchange.request_body), _decoded(exchange.response_body))
            found.update(check(exchange.method, exchange.path, bodies[0], exchange.status, bodies[1], exchange.query))
    return found, exchanges


def _decoded(body: str) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


def main(arguments: list[str]) -> int:
    """Print the faults of a recording; 1 where there are some, 2 where nothing could be checked."""
    if len(arguments) != 1 or not specs():
        sys.stderr.write("usage: python -m standins.conformance FILE, with the vendor's files in STANDIN_SPECS\n")
        return 2
    found, exchanges = check_recording(Path(arguments[0]))
    for fault, times in found.most_common():
        sys.stdout.write(f"{times} x {fault}\n")
    sys.stdout.write(f"{exchanges} exchanges, {sum(found.values())} departures from the vendor's schema\n")
    return 1 if found or not exchanges else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
