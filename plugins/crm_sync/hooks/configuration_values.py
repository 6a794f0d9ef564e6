"""Values of settings as they are written, in a file and in variables: where each is, and what is wrong with it."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from typing import TYPE_CHECKING, Any, get_args

from pydantic import TypeAdapter, ValidationError, create_model
from pydantic_settings import BaseSettings, EnvSettingsSource

from crm_sync.settings import PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Path = tuple[str, ...]

_BETWEEN = "__"
_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w.\"' -]+?)\s*=")
_ADAPTER = TypeAdapter(Settings)
_FIELDS: Mapping[str, Any] = getattr(Settings, "__pydantic_fields__")  # noqa: B009  mypy does not know it
_TYPED: dict[str, Any] = {name: (each.annotation, each) for name, each in _FIELDS.items()}
_MODEL = create_model("Variables", __base__=BaseSettings, **_TYPED)


class _Variables(EnvSettingsSource):
    """CRM_SYNC_X is x, and CRM_SYNC_PROVIDERS__MAILCHIMP__X is x of that table. Several values are JSON, or stand
    between commas."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:  # noqa: ARG002  as it is called
        """What does not fit is found when the settings are checked."""
        if not str(value).lstrip().startswith(("[", "{")):
            return [each.strip() for each in str(value).split(",") if each.strip()]
        try:
            return json.loads(value)
        except ValueError:
            return value


class Values:
    """What is written. ``origins``: dotted key → where; the environment wins."""

    def __init__(self, variables: list[str]) -> None:
        self.origins: dict[str, str] = {}
        self._variables = {_path_of(name): name for name in variables}
        self._lines: dict[Path, int] = {}
        self._file = ""
        self._told: dict[str, Any] = _Variables(_MODEL, env_prefix=PREFIX, env_nested_delimiter=_BETWEEN)()
        self._written: dict[str, Any] = {}

    def add_file(self, written: dict[str, Any], text: str, name: str) -> None:
        """The contents of a file."""
        self._written, self._lines, self._file = written, _lines(text), name

    def settings(self, faults: list[str], known: Callable[[str], str]) -> Settings:
        """The settings, with defaults in place of what is wrong; that is added to ``faults``. ``known``: "" for a
        provider that there is, else what is wrong."""
        faults += [self._strange(name) for path, name in self._variables.items() if not _is_known(path)]
        values = _over(self._written, self._told)
        self._note_origins(values, ())
        for name in list(_table(values, "providers")):
            if problem := known(name):
                faults.append(f"{self._where(('providers', name))} {problem}")
                del values["providers"][name]
        while True:
            try:
                return _ADAPTER.validate_python(values)
            except ValidationError as error:
                found = {_written_path(values, each["loc"]): each for each in _errors(error)}
                faults += [self._fault(path, each) for path, each in found.items()]
                for path in found:
                    _drop(values, path)

    def _note_origins(self, values: Mapping[str, Any], above: Path) -> None:
        for name, value in values.items():
            path = (*above, name)
            if isinstance(value, dict):
                self._note_origins(value, path)
            else:
                self.origins[".".join(path)] = self._origin(path)

    def _origin(self, path: Path) -> str:
        """The variable, or the line of the file, that sets a key; of a table, its first."""
        longest = [name for at, name in self._variables.items() if at[: len(path)] == path or path[: len(at)] == at]
        if longest:
            return longest[0]
        for size in range(len(path), 0, -1):
            if path[:size] in self._lines:
                return f"{self._file}, line {self._lines[path[:size]]}"
        return self._file

    def _where(self, path: Path) -> str:
        """A key with its place, for a message."""
        origin = self._origin(path)
        return origin if origin.startswith(PREFIX) else f"{origin}: {'.'.join(path)}"

    def _fault(self, path: Path, error: Any) -> str:
        where, keys = self._where(path), _keys(path[:-1])
        if error["type"] == "unexpected_keyword_argument":
            near = difflib.get_close_matches(path[-1], keys, 1)
            remedy = f"{near[0]} is: rename it" if near else f"remove it; there are {', '.join(keys)}"
            return f"{where} is not a setting, {remedy}"
        problem = re.sub(r"^Input should be", "must be", error["msg"])
        meaning = keys[path[-1]].description if path[-1] in keys else ""
        return "; ".join(filter(None, (f"{where} {problem}", meaning)))

    def _strange(self, variable: str) -> str:
        near = difflib.get_close_matches(variable.removeprefix(PREFIX).lower(), [*_FIELDS.keys() - {"providers"}], 1)
        return f"{variable} is not a setting, {f'{PREFIX}{near[0].upper()} is: rename it' if near else 'remove it'}"


def _path_of(variable: str) -> Path:
    return tuple(variable.removeprefix(PREFIX).lower().split(_BETWEEN))


def _is_known(path: Path) -> bool:
    """Whether a variable is one of a setting, as far as its beginning says; the rest is checked with the file's."""
    return path[0] in _FIELDS and (len(path) == 1 or path[0] == "providers")


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees of tables in one; ``above`` wins."""
    answer = {name: _over(value, {}) if isinstance(value, dict) else value for name, value in below.items()}
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(answer.get(name), dict)
        answer[name] = _over(answer[name], value) if both else value
    return answer


def _errors(error: ValidationError) -> list[Any]:
    """Without the values, which may be addresses."""
    return list(error.errors(include_input=False, include_url=False, include_context=False))


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, dict) else {}


def _written_path(values: Any, location: tuple[Any, ...]) -> Path:
    """The part of an error's location that is written in tables; the rest is inside a value."""
    path: Path = ()
    for step in location:
        if not isinstance(values, dict) or step not in values:
            break
        values = values[step]
        path = (*path, str(step))
    return path


def _drop(values: dict[str, Any], path: Path) -> None:
    for step in path[:-1]:
        values = values[step]
    values.pop(path[-1], None)


def _keys(path: Path) -> Mapping[str, Any]:
    """The keys of a table, with what pydantic knows of each; empty where the keys are free."""
    fields: Mapping[str, Any] = _FIELDS
    kind: Any = Settings
    for step in path:
        kind = fields[step].annotation if step in fields else _value_type(kind)
        kind = next((each for each in get_args(kind) if dataclasses.is_dataclass(each)), kind)
        fields = getattr(kind, "__pydantic_fields__", {})
    return fields


def _value_type(kind: Any) -> Any:
    return get_args(kind)[-1] if get_args(kind) else kind


def _lines(text: str) -> dict[Path, int]:
    """The line of each table and key of a TOML text, as far as each stands on a line of its own."""
    lines: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.fullmatch(line):
            table = _steps(header[1])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_steps(key[1])), number)
    return lines


def _steps(dotted: str) -> Path:
    return tuple(step.strip().strip("\"'") for step in dotted.split("."))
