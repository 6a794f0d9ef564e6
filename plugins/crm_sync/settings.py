"""The settings that a data team may change, with unit, default and meaning, read from CRM_SYNC_* variables."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "CRM_SYNC_"


def _setting(default: Any, meaning: str, *, choices: tuple[str, ...] = (), minimum: float = 0) -> Any:
    return field(default=default, metadata={"meaning": meaning, "choices": choices, "minimum": minimum})


@dataclass(frozen=True)
class Settings:
    """Settings of the whole installation. Field ``x`` is read from ``CRM_SYNC_X``."""

    do_not_contact_scope: str = _setting(
        "contact",
        "contact: Do Not Contact anywhere disables the person; list: a flag on a membership affects only that list",
        choices=("contact", "list"),
    )
    brake_share: float = _setting(0.10, "largest share of what the ledger holds that a run may remove without approval")
    brake_floor: int = _setting(50, "up to this many removals never trigger the brake")
    set_aside_share: float = _setting(0.20, "largest share of invalid rows before the extract counts as broken")
    set_aside_floor: int = _setting(50, "up to this many invalid rows never stop a run")
    adopt_list_share: float = _setting(
        0.5,
        "smallest share of the people of a same-named list at the provider that the CRM must want before the pipeline"
        " adopts that list; 0 adopts any",
    )
    compare_after_hours: float = _setting(
        23, "hours after which a run of changes compares everyone in the CRM with the ledger instead; 0: never"
    )
    retry_refused_after_hours: float = _setting(23, "hours before an unchanged record that was refused is sent again")
    opt_out_overlap_minutes: float = _setting(10, "minutes by which each poll for opt-outs overlaps the previous one")
    ledger_retention_days: float = _setting(
        400,
        "days that settled operations, closed runs, the log of who looked at whom, and unused answers are kept",
        minimum=1,
    )
    change_log_retention_days: float = _setting(60, "days that the CRM's change log is kept", minimum=1)
    backoff_seconds: float = _setting(1.0, "seconds before the first retry of a call; doubles with each further retry")
    attempts: int = _setting(5, "attempts at a call before its batch is left to the next try of the task", minimum=1)
    rows_per_frame: int = _setting(50_000, "rows held in memory at once", minimum=1)
    disabled_providers: str = _setting("", "comma-separated names of providers to skip")
    alert_emails: str = _setting("", "comma-separated addresses that alerts are mailed to")
    alert_channels: str = _setting("smtp", "comma-separated channels that alerts go to: smtp, slack, apprise")
    alert_refused_share: float = _setting(
        0.20, "largest share of a run's answered operations that may be refused without an alert"
    )
    alert_refused_floor: int = _setting(10, "up to this many refusals in a run never raise an alert")
    alert_late_intervals: int = _setting(3, "schedule intervals without a successful run that raise an alert; 0: never")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read every CRM_SYNC_* setting. An invalid value raises a ConfigError that says which values are valid."""
        values: dict[str, Any] = {
            each.name: _read(each.name, each.default, each.metadata, environment[PREFIX + each.name.upper()])
            for each in fields(cls)
            if PREFIX + each.name.upper() in environment
        }
        return cls(**values)

    @classmethod
    def for_a_person(cls, environment: Mapping[str, str]) -> Settings:
        """The same with one attempt for each call: a person waits for the answer."""
        return replace(cls.from_environment(environment), attempts=1)

    def is_enabled(self, provider: str) -> bool:
        """Whether the provider is synchronized; False if CRM_SYNC_DISABLED_PROVIDERS names it."""
        return provider not in {name.strip() for name in self.disabled_providers.split(",")}


def _read(name: str, default: object, meta: Mapping[str, Any], text: str) -> object:
    convert: Callable[[str], Any] = type(default)
    variable = PREFIX + name.upper()
    try:
        value = convert(text)
    except ValueError:
        raise ConfigError(f"{variable} must be a {convert.__name__}; {meta['meaning']}") from None
    if meta["choices"] and value not in meta["choices"]:
        raise ConfigError(f"{variable} must be one of {', '.join(meta['choices'])}; {meta['meaning']}")
    if not isinstance(value, str) and not (math.isfinite(value) and value >= meta["minimum"]):
        raise ConfigError(f"{variable} must be a number of at least {meta['minimum']}; {meta['meaning']}")
    return value
