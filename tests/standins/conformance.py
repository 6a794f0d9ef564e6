"""Holds exchanges against the vendor's own schema, so that a stand-in is not only as its author remembers the service.

`python -m standins.conformance FOLDER` checks a recording (STANDIN_RECORD). The vendors' Swagger 2.0 files are no part
of this project: they are looked for in the folder named by STANDIN_SPECS, else in `../shared/specs` beside the
repository. Which files are a provider's own, its `vendor.py` says.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import yaml
from jsonschema import Draft4Validator

from standins.clock import parse_time
from standins.provider import AdminError
from standins.recording import Exchange

REPOSITORY = Path(__file__).resolve().parents[2]
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
Operation = dict[str, Any]


def vendor(provider: str) -> ModuleType:
    """What a provider's folder says of its vendor's files: SPECS, BASE, SEEN_TO_BE_TAKEN, amended(schema)."""
    return import_module(f"standins.{provider}.vendor")


def checked_providers() -> list[str]:
    """The providers whose vendor publishes a schema."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/vendor.py"))


def specs(provider: str) -> list[Path]:
    """The vendor's files, if they are here."""
    folder = Path(os.environ.get("STANDIN_SPECS", REPOSITORY.parent / "shared" / "specs"))
    return sorted(folder.glob(vendor(provider).SPECS))


def check(provider: str, exchange: Exchange) -> list[str]:
    """What in an exchange is not as the vendor's schema has it.

    A refused request is not looked at, its answer is. Unknown fields count as wrong on both sides.
    """
    operation = _operation(provider, exchange.method, exchange.path.removeprefix(vendor(provider).BASE) or "/")
    status = exchange.status
    if status == 501:
        return []
    if operation is None:
        return [] if status in {404, 405} else [f"{exchange.method} {exchange.path}: not in the vendor's schema"]
    found = _answer_faults(provider, operation, status, _decoded(exchange.response_body))
    if status < 400:
        found += _request_faults(operation, _decoded(exchange.request_body), exchange.query)
    return [f"{exchange.method} {operation['x-path']} {status}: {fault}" for fault in found]


def _answer_faults(provider: str, operation: Operation, status: int, body: Any) -> list[str]:
    responses = operation["responses"]
    answer = responses.get(str(status), responses.get("default"))
    if answer is None:
        return [f"answer: the schema has no {status}"]
    if "schema" not in answer:
        return [] if body is None else ["answer: the schema has no body"]
    schema = answer["schema"] if status >= 400 else _strict(answer["schema"], vendor(provider).amended)
    return [f"answer: {fault}" for fault in _faults(schema, body)]


def _request_faults(operation: Operation, body: Any, query: str) -> list[str]:
    parameters = operation.get("parameters", [])
    known = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    found = [f"query: {name} is unknown" for name, _ in parse_qsl(query, keep_blank_values=True) if name not in known]
    schemas = [parameter["schema"] for parameter in parameters if parameter["in"] == "body"]
    if not schemas:
        return found if not body else [*found, "request: the schema has no body"]
    return found + [f"request: {fault}" for fault in _faults(_strict(schemas[0], dict), body)]


def _faults(schema: dict[str, Any], body: Any) -> list[str]:
    errors = Draft4Validator(schema).iter_errors(body)
    shape = [f"{_place(error.absolute_path)}: {error.message[:200]}" for error in errors]
    return shape + list(_time_faults(schema, body, ""))


def _place(path: Iterable[str | int]) -> str:
    """Where a fault is; of each entry of an array alike."""
    return ".".join(part if isinstance(part, str) else "[]" for part in path)


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


def _strict(schema: dict[str, Any], amended: Any) -> dict[str, Any]:
    """The schema with unknown fields forbidden, and mended where the vendor's own files are known to be wrong."""
    result = dict(amended(schema))
    if "properties" in schema:
        result["properties"] = {name: _strict(part, amended) for name, part in result["properties"].items()}
        result.setdefault("additionalProperties", False)
    if "items" in schema:
        result["items"] = _strict(result["items"], amended)
    return result


@cache
def _operations(provider: str) -> dict[str, list[tuple[re.Pattern[str], Operation]]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, list[tuple[re.Pattern[str], Operation]]] = {}
    for file in specs(provider):
        document = yaml.load(file.read_bytes(), Loader=loader)  # noqa: S506 - a safe one
        for path, methods in _resolved(document["paths"], document).items():
            regex = re.compile(re.sub(r"{\w+}", "[^/]+", path))
            for method in methods.keys() & {name.lower() for name in METHODS}:
                found.setdefault(method.upper(), []).append((regex, methods[method] | {"x-path": path}))
    return found


def _resolved(node: Any, document: dict[str, Any], above: tuple[str, ...] = ()) -> Any:
    """``node`` with every $ref replaced by what it points to; one that points to itself accepts anything."""
    if isinstance(node, list):
        return [_resolved(each, document, above) for each in node]
    if not isinstance(node, dict):
        return node
    where = node.get("$ref")
    if isinstance(where, str):
        target = document
        for part in where.removeprefix("#/").split("/"):
            target = target[part]
        return {} if where in above else _resolved(target, document, (*above, where))
    return {name: _resolved(part, document, above) for name, part in node.items()}


def _operation(provider: str, method: str, path: str) -> Operation | None:
    known = _operations(provider).get(method, [])
    fits = [(regex.pattern.count("[^/]+"), operation) for regex, operation in known if regex.fullmatch(path)]
    return min(fits, key=lambda fit: fit[0])[1] if fits else None


def check_recording(folder: Path, provider: str) -> tuple[Counter[str], int]:
    """The faults of a provider's recording with how often each occurs, and how many different exchanges there were."""
    found: Counter[str] = Counter()
    exchanges = set(_exchanges(folder / f"{provider}.jsonl"))
    for line in exchanges:
        found.update(check(provider, msgspec.json.decode(line, type=Exchange)))
    return found, len(exchanges)


def _exchanges(file: Path) -> Iterator[bytes]:
    base = vendor(file.stem).BASE
    if file.exists():
        with file.open("rb") as lines:
            for line in lines:
                exchange = msgspec.json.decode(line, type=Exchange)
                if exchange.path.startswith(base) and exchange.method in METHODS:
                    yield line


def _decoded(body: str) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


def main(arguments: list[str]) -> int:
    """Print the faults of a recording; 1 where there are some, 2 where nothing could be checked."""
    providers = [name for name in checked_providers() if specs(name)]
    if len(arguments) != 1 or not providers:
        sys.stderr.write("usage: python -m standins.conformance FOLDER, with the vendors' files in STANDIN_SPECS\n")
        return 2
    status = 0
    for name in providers:
        found, exchanges = check_recording(Path(arguments[0]), name)
        for fault, times in found.most_common():
            sys.stdout.write(f"{times} x {fault}\n")
        sys.stdout.write(f"{name}: {exchanges} exchanges, {sum(found.values())} departures from the vendor's schema\n")
        status |= bool(found) or not exchanges
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
