"""The settings that a data team may change, each with its unit, default and meaning. hooks/configuration.py reads them
from crm_sync.toml and from CRM_SYNC_* variables."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

PREFIX = "CRM_SYNC_"

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
Names = tuple[str, ...]
# An address of the web with these places to fill in: of a contact in the CRM's own pages, of a person at a provider.
CrmAddress = Annotated[str, Field(pattern=r"^(https?://([^\s{}]|\{contact_id\})+)?$")]
ProviderAddress = Annotated[str, Field(pattern=r"^(https?://([^\s{}]|\{(contact_id|address|remote_id)\})+)?$")]

# A key that there is not is an error.
_STRICT = ConfigDict(extra="forbid")


KIND = "kind:"


def _kind_that_exists(which: int | str) -> int | str:
    if isinstance(which, str) and which.startswith(KIND) and which not in {f"{KIND}list", f"{KIND}committee"}:
        raise ValueError(f"a list is of {KIND}list or {KIND}committee")
    return which


# Lists, each by its id, its name, or all of a kind.
Lists = tuple[Annotated[int | str, AfterValidator(_kind_that_exists)], ...]
SomeLists = Annotated[Lists, Field(min_length=1)]


@dataclass(frozen=True, config=_STRICT)
class Selection:
    """Which lists are synchronized: the table ``[providers.<name>.lists]``."""

    include: SomeLists | None = Field(
        default=None, description="lists to synchronize, each by id, name, kind:list or kind:committee; unset: all"
    )
    exclude: Lists = Field(default=(), description="lists that stay as they are at the provider; they win over include")
    delete_excluded: bool = Field(default=False, description="whether lists that are left out are deleted there")


@dataclass(frozen=True, config=_STRICT)
class Pilot:
    """Who takes part while a real account is new: the table ``[providers.<name>.pilot]``. All conditions count."""

    lists: SomeLists | None = Field(default=None, description="only people in these lists, and only these lists")
    domains: Annotated[Names, Field(min_length=1)] | None = Field(
        default=None, description="only people whose address is in one of these domains, such as example.org"
    )
    people: Count | None = Field(default=None, description="at most so many people")

    @property
    def is_on(self) -> bool:
        """Whether anybody may be left out."""
        return self != Pilot()


@dataclass(frozen=True, config=_STRICT)
class FieldOf:
    """A field at a provider that is filled from a column of the CRM: an entry of ``[providers.<name>.fields]``."""

    column: str = Field(description="a column that the adapted extract returns")
    type: str = Field(default="", description="how the field takes it; empty: as plain text")


def _column_alone(written: Any) -> Any:
    """``CITY = "city"`` is short for ``CITY = { column = "city" }``."""
    return {"column": written} if isinstance(written, str) else written


Fields = dict[str, Annotated[FieldOf, BeforeValidator(_column_alone)]]


def _own(meaning: str) -> Any:
    """A key of a provider that stands for the key of the same name of the whole installation."""
    return Field(default=None, description=meaning)


@dataclass(frozen=True, config=_STRICT)
class OfProvider:
    """Settings of one provider: the table ``[providers.<name>]``."""

    enabled: bool = Field(
        default=True, description="whether the provider is synchronized; if not, its tasks are skipped"
    )
    schedule: str = Field(
        default="", description="cron expression of five fields, in UTC; empty: the provider's usual one"
    )
    live: bool | None = Field(
        default=None,
        description="whether a change in the CRM starts a run at once, too; unset: as the provider allows",
    )
    lists: Selection = Field(default_factory=Selection, description="a table: which lists are synchronized")
    pilot: Pilot = Field(default_factory=Pilot, description="a table: who takes part while a real account is new")
    record_url: ProviderAddress = Field(
        default="",
        description="web address of a person's record at the provider, with {remote_id}, {address} or {contact_id} in"
        " it; Why? links to it",
    )
    fields: Fields = Field(
        default_factory=dict, description="a table: which fields there are filled from further columns of the CRM"
    )
    create_fields: bool = Field(
        default=False, description="whether fields that the provider lacks are created; if not, a row names each"
    )
    brake_share: Share | None = _own("the global brake_share, for this provider")
    brake_floor: Count | None = _own("the global brake_floor, for this provider")
    alert_refused_share: Share | None = _own("the global alert_refused_share, for this provider")
    alert_refused_floor: Count | None = _own("the global alert_refused_floor, for this provider")
    alert_late_intervals: Count | None = _own("the global alert_late_intervals, for this provider")

    @property
    def rules(self) -> str:
        """Whatever of it decides what a provider is to hold, as text to compare; "" where nothing is set."""
        told = {"lists": self.lists, "pilot": self.pilot, "fields": self.fields}
        return "".join(f"{name}={each!r};" for name, each in told.items() if each != type(each)())


@dataclass(frozen=True, config=_STRICT)
class Settings:
    """Settings of the whole installation."""

    do_not_contact_scope: Literal["contact", "list"] = Field(
        default="contact",
        description="contact: Do Not Contact anywhere disables the person; list: a flag on a membership affects only"
        " that list, and there everyone with that address",
    )
    crm_record_url: CrmAddress = Field(
        default="", description="web address of a contact in the CRM, with {contact_id} in it; Why? links to it"
    )
    brake_share: Share = Field(
        default=0.10, description="largest share of what the ledger holds that a run may remove without approval"
    )
    brake_floor: Count = Field(default=50, description="up to this many removals never trigger the brake")
    set_aside_share: Share = Field(
        default=0.20, description="largest share of invalid rows before the extract counts as broken"
    )
    set_aside_floor: Count = Field(default=50, description="up to this many invalid rows never stop a run")
    adopt_list_share: Share = Field(
        default=0.5,
        description="smallest share of the people of a same-named list at the provider that the CRM must want before"
        " the pipeline adopts that list; 0 adopts any",
    )
    compare_after_hours: Amount = Field(
        default=23,
        description="hours after which a run of changes compares everyone in the CRM with the ledger instead, without"
        " asking the provider; 0: never",
    )
    compare_crm_after_minutes: Amount | None = Field(
        default=None,
        description="minutes between two comparisons of a CRM that keeps no change log; unset: ten times as long as the"
        " last one took, or in each run if that was at most 6 seconds",
    )
    retry_refused_after_hours: Amount = Field(
        default=23, description="hours before an unchanged record that was refused is sent again"
    )
    opt_out_overlap_minutes: Amount = Field(
        default=10, description="minutes by which each poll for opt-outs overlaps the previous one"
    )
    ledger_retention_days: Days = Field(
        default=400,
        description="days that settled operations, closed runs, the log of who looked at whom, and remembered answers"
        " of a provider that no held record needs are kept",
    )
    change_log_retention_days: Days = Field(
        default=60, description="days that the CRM's change log is kept; a run that comes later compares everyone"
    )
    backoff_seconds: Amount = Field(
        default=1.0,
        description="seconds before the first retry of a call; doubles with each further retry, up to a minute",
    )
    attempts: AtLeastOne = Field(
        default=5, description="attempts at a call before its batch is left to the next try of the task"
    )
    rows_per_frame: AtLeastOne = Field(default=50_000, description="rows held in memory at once")
    alert_emails: Names = Field(default=(), description="addresses that alerts are mailed to")
    alert_channels: Names = Field(default=("smtp",), description="channels that alerts go to: smtp, slack, apprise")
    alert_refused_share: Share = Field(
        default=0.20, description="largest share of a run's answered operations that may be refused without an alert"
    )
    alert_refused_floor: Count = Field(default=10, description="up to this many refusals in a run never raise an alert")
    alert_late_intervals: Count = Field(
        default=3,
        description="intervals of a provider's schedule without a successful run that raise an alert; 0: never",
    )
    providers: dict[str, OfProvider] = Field(default_factory=dict, description="a table for each provider")

    def own(self, provider: str) -> OfProvider:
        """What is set for one provider alone."""
        return self.providers.get(provider) or OfProvider()

    def of(self, provider: str) -> Settings:
        """The settings with those that the provider has of its own in place of the global ones."""
        own = self.own(provider)
        names = {each.name for each in fields(self)}
        told = {each.name: getattr(own, each.name) for each in fields(own) if each.name in names}
        return replace(self, **{name: value for name, value in told.items() if value is not None})

    def for_a_person(self) -> Settings:
        """The same with one attempt for each call: a person waits for the answer."""
        return replace(self, attempts=1)
