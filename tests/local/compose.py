"""Reads docker-compose.yml as Compose does: variables put in, anchors and merges resolved, unknown keys refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from compose_spec import PyCompose

REPOSITORY = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\})")


def read(text: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The Compose file as plain data; ValueError when the Compose specification does not allow it."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return environment.get(match["name"]) or match["default"] or ""

    resolved = yaml.safe_load(VARIABLE.sub(value, text))  # merges anchors, too
    compose = PyCompose.from_yaml(yaml.safe_dump(resolved))
    assert compose.services, "a Compose file without services"
    return dict(resolved)
