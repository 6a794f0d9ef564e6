"""The settings a data team may turn, each with its unit, default and meaning, read from CRM_SYNC_* variables."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "CRM_SYNC_"


def _setting(default: Any, meaning: str, *, choices: tuple[str, ...] = (), minimum: float = 0) -> Any:
    return field(default=default, metadata={"meaning": meaning, "choices": choices, "minimum": minimum})


@dataclass(frozen=True)
class Settings:
    """What a run is told besides the CRM. Field ``x`` is read from ``CRM_SYNC_X``."""

    do_not_contact_scope: str = _setting(
        "contact",
        "contact: a Do Not Contact anywhere disables the person; list: a membership's flag counts for its list only",
        choices=("contact", "list"),
    )
    brake_share: float = _setting(0.10, "largest share of what the ledger holds that a run may remove unasked")
    brake_floor: int = _setting(50, "removals up to this number never pull the brake")
    set_aside_share: float = _setting(0.20, "largest share of bad rows before the extract counts as broken")
    set_aside_floor: int = _setting(50, "bad rows up to this number never stop a run")
    adopt_list_share: float = _setting(
        0.5, "share of a same-named list's people there that the CRM must want for it to be taken for ours; 0 takes any"
    )
    compare_after_hours: float = _setting(
        23, "hours after which a run of changes compares everybody in the CRM with the ledger instead; 0: never"
    )
    retry_refused_after_hours: float = _setting(23, "hours before an unchanged refused record is offered again")
    opt_out_overlap_minutes: float = _setting(10, "minutes of opt-outs read again at each poll")
    ledger_retention_days: float = _setting(
        400,
        "days that settled operations, closed runs, looks at people, and answers that no held record needs are kept",
        minimum=1,
    )
    change_log_retention_days: float = _setting(60, "days that the CRM's change log is kept", minimum=1)
    backoff_seconds: float = _setting(1.0, "first wait of a call that is tried again; doubles each time")
    attempts: int = _setting(5, "times a call is tried before its batch is left to the next try", minimum=1)
    rows_per_frame: int = _setting(50_000, "rows held in memory at once", minimum=1)
    disabled_providers: str = _setting("", "comma separated names of providers that are skipped")
    alert_emails: str = _setting("", "comma separated addresses that alerts are mailed to")
    alert_channels: str = _setting("smtp", "comma separated ways to tell people: smtp, slack, apprise")
    alert_refused_share: float = _setting(0.20, "largest share of a run's answered operations refused untold")
    alert_refused_floor: int = _setting(10, "refusals of a run up to this number are never told")
    alert_late_intervals: int = _setting(3, "intervals of a provider without a successful run that are told; 0: never")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read every CRM_SYNC_* setting; a value that does not fit is a ConfigError naming what would."""
        values: dict[str, Any] = {
            each.name: _read(each.name, each.default, each.metadata, environment[PREFIX + each.name.upper()])
            for each in fields(cls)
            if PREFIX + each.name.upper() in environment
        }
        return cls(**values)

    def is_enabled(self, provider: str) -> bool:
        """Whether the provider takes part, or is skipped by a setting."""
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
