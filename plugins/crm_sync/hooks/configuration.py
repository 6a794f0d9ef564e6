"""Reads the settings: crm_sync.toml, over which CRM_SYNC_* variables win. Every mistake in them is found at once, with
its file, line and remedy; what is wrong is left at its default until a run opens, which then fails."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from croniter import croniter

from crm_sync import providers
from crm_sync.errors import ConfigError
from crm_sync.ledger import sources
from crm_sync.settings import PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm_sync.contract import Provider

FILE = "crm_sync.toml"
VARIABLE = "CRM_SYNC_CONFIG"
# Read elsewhere than in the settings: which CRM, the folder of adapted statements, and the image's version.
_OTHERS = frozenset({VARIABLE, "CRM_SYNC_CRM", "CRM_SYNC_CRM_CHANGES", "CRM_SYNC_SQL_FOLDER", "CRM_SYNC_VERSION"})
_FIELDS_OF_CRON = 5


# As long as a mistake is in the settings, nothing is deleted: how long it is to be kept may be what cannot be read.
_KEPT_DAYS = 36_500.0


@dataclass(frozen=True)
class Configuration:
    """``settings``: with defaults in place of what is wrong. ``faults``: what is wrong, each with its place and remedy.
    ``origins``: dotted key → where its value comes from; keys that are left out have their defaults."""

    settings: Settings
    faults: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None

    @property
    def number(self) -> int:
        """How many keys are set."""
        return len(self.origins)

    @property
    def sets_by_file(self) -> bool:
        """Whether the file has any key."""
        return self.file is not None and any(place.startswith(self.file.name) for place in self.origins.values())

    def require(self) -> Settings:
        """The settings; a ConfigError that names every fault if there is one."""
        if self.faults:
            raise ConfigError("; ".join(self.faults))
        return self.settings


def read() -> Configuration:
    """The settings of this process."""
    faults: list[str] = []
    file = _file(faults)
    variables = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in _OTHERS)
    if file is None and not variables:
        # Airflow reads DAG files again and again; nothing more is loaded for defaults.
        return Configuration(_careful(Settings(), faults), tuple(faults))
    from crm_sync.hooks.configuration_values import Values  # loads pydantic-settings

    values = Values(variables)
    if file is not None:
        _add_file(values, file, faults)
    settings = values.settings(faults, _known)
    faults += _field_faults(settings, values.origins)
    settings = _careful(_scheduled(settings, values.origins, faults), faults)
    return Configuration(settings, tuple(faults), values.origins, file)


def is_live(provider: Provider, settings: Settings) -> bool:
    """Whether changes in the CRM start runs of the provider. Never for a CRM that does not say what changed, or one
    that there is not: a run says so when it opens, and the DAGs must be there for it."""
    own = settings.own(provider.name)
    try:
        is_told = not sources.chosen().compares
    except ConfigError:
        return False
    return own.enabled and is_told and (provider.is_live if own.live is None else own.live)


def _careful(settings: Settings, faults: list[str]) -> Settings:
    if not faults:
        return settings
    return replace(settings, ledger_retention_days=_KEPT_DAYS, change_log_retention_days=_KEPT_DAYS)


def _add_file(values: Any, file: Path, faults: list[str]) -> None:
    try:
        text = file.read_text(encoding="utf-8")
        values.add_file(tomllib.loads(text), text, file.name)
    except (OSError, UnicodeDecodeError):
        faults.append(f"{file.name} cannot be read; it must be a readable text file in UTF-8")
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{file.name} is not valid TOML: {error}; correct that line")


def _file(faults: list[str]) -> Path | None:
    """The file of settings, if there is one."""
    if named := os.environ.get(VARIABLE):
        if Path(named).is_file():
            return Path(named)
        faults.append(f"{VARIABLE} does not name a file that can be read; correct it, or remove it")
        return None
    from airflow.configuration import conf  # asks this package for its connection types while it is loaded

    dags = Path(conf.get("core", "dags_folder", fallback="") or "dags")
    # A folder, or a link to nothing, stands for a file that is yet to come: reading it fails, and so does the next run.
    found = [each for each in (dags / FILE, dags.parent / FILE) if os.path.lexists(each)]
    if len(found) > 1:
        faults.append(f"there is a {FILE} in the DAGs folder and another beside it; remove one, or set {VARIABLE}")
    return found[0] if found else None


def _known(provider: str) -> str:
    """ "" for a provider that there is, else what is wrong."""
    names = providers.names()
    return "" if provider in names else f"is not a provider; there are {', '.join(names)}"


def _field_faults(settings: Settings, origins: Mapping[str, str]) -> Iterator[str]:
    """Types of fields that a provider does not have."""
    for name, own in settings.providers.items():
        types, most = providers.get(name).field_types, providers.get(name).most_fields
        if most is not None and len(own.fields) > most:
            key = f"providers.{name}.fields"
            where = next((place for each, place in origins.items() if each.startswith(key)), "")
            yield f"{where}: {key}: {providers.get(name).title} takes at most {most} fields; remove the others"
        for field_name, each in own.fields.items():
            key = f"providers.{name}.fields.{field_name}"
            where = origins.get(f"{key}.type") or origins.get(f"{key}.column") or origins.get(key, "")
            if not types:
                yield f"{where}: {key}: {providers.get(name).title} takes no further fields; remove the table fields"
            elif each.type and each.type not in types:
                yield f"{where}: {key}.type must be one of {', '.join(types)}"


def _scheduled(settings: Settings, origins: Mapping[str, str], faults: list[str]) -> Settings:
    """The settings without schedules that are not valid."""
    good = dict(settings.providers)
    for name, own in settings.providers.items():
        if own.schedule and not (len(own.schedule.split()) == _FIELDS_OF_CRON and croniter.is_valid(own.schedule)):
            where = origins.get(f"providers.{name}.schedule", "")
            faults.append(f"{where}: must be a cron expression of five fields in UTC, such as */10 * * * *")
            good[name] = replace(own, schedule="")
    return replace(settings, providers=good)
