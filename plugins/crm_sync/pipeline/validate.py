"""Sets invalid rows aside with a reason, using Great Expectations, and stops a run whose extract is broken as a
whole."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crm_sync.errors import BrokenExtractError
from crm_sync.pipeline import pilot
from crm_sync.pipeline.context import RunContext, analyze, begin_stage, end_stage, writing
from crm_sync.pipeline.expectations import great_expectations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from great_expectations.core.batch_definition import BatchDefinition

    from crm_sync.contract import Provider
    from crm_sync.ledger.database import Transaction

ADDRESS_NOT_VALID = "address_not_valid"
ADDRESS_TOO_LONG = "address_too_long"
# One @, an ASCII local part of RFC 5322 atoms, a host of at least two labels: what mail systems agree on.
# No provider takes a quoted local part or an address beyond ASCII. Not $, which a line end may follow.
ADDRESS_PATTERN = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]\Z"
)
# No more addresses than these are remembered with what is wrong with them.
_FEW = 16
# RFC 5321 section 4.5.3.1.3 leaves 254 octets for an address inside its path.
ADDRESS_CHARACTERS = 254


def validate(ctx: RunContext) -> dict[str, int]:
    """Write one row for each contact and reason to ``set_aside``. Returns counts by reason, with "checked". Raises a
    BrokenExtractError if more rows are invalid than the settings allow."""
    counts: dict[str, int] = {"checked": 0, "set_aside": 0}
    with writing(ctx) as state:
        begin_stage(ctx, state, "validate")
        with ctx.state.transaction() as reading:
            for bad in _bad(ctx, reading, counts):
                if len(bad):
                    state.write("crm_sync.set_aside", bad.assign(run_id=ctx.run.run_id, provider=ctx.provider.name))
        analyze(ctx, state, "extracted")
        broken = _broken(ctx, counts)
        if broken is None:
            end_stage(ctx, state, "validate")
    if broken is not None:
        raise broken
    return counts


def findings(contacts: pd.DataFrame, provider: Provider) -> pd.DataFrame:
    """What is wrong with ``contacts``, and with those alone that are to be held: contact_id, reason, holds_back; and
    what is left out of good records (is_remark)."""
    bad = set_aside(contacts[provider.mapping.wanted(contacts)], provider).assign(is_remark=False)
    remarks = _remarked(contacts, provider).assign(is_remark=True)
    return pd.concat([bad, remarks], ignore_index=True).astype({"is_remark": bool})


def _bad(ctx: RunContext, reading: Transaction, counts: dict[str, int]) -> Iterator[pd.DataFrame]:
    """What is set aside, frame by frame; people outside a pilot do not count as invalid."""
    room = pilot.PilotRoom(ctx, reading) if ctx.own.pilot.is_on else None
    for extracted in ctx.frames(reading, f"validate/to_validate_{ctx.provider.audience}"):
        bad = findings(extracted, ctx.provider)
        counts["checked"] += int(ctx.provider.mapping.wanted(extracted).sum())
        counts["set_aside"] += bad.loc[~bad["is_remark"], "contact_id"].nunique()
        yield bad.drop(columns="is_remark")
        if room:
            yield room.outside(extracted[ctx.provider.mapping.wanted(extracted)], bad)
    if room:
        yield room.beyond()


def set_aside(contacts: pd.DataFrame, provider: Provider) -> pd.DataFrame:
    """The bad rows of ``contacts``: contact_id, reason, holds_back; one row for each rule that a contact breaks.

    Where a subscriber is not its address, a bad address is left out and holds nobody back.
    """
    if contacts.empty:
        return pd.DataFrame(columns=["contact_id", "reason", "holds_back"])
    pairs = [*_of_addresses(contacts), *_of_fields(contacts, provider)]
    bad = pd.DataFrame(pairs, columns=["contact_id", "reason"])
    return bad.drop_duplicates().reset_index(drop=True).assign(holds_back=provider.keyed_by == "address")


def _remarked(contacts: pd.DataFrame, provider: Provider) -> pd.DataFrame:
    remarks: pd.DataFrame = provider.remarks(contacts)
    return remarks.assign(holds_back=False)


def _of_addresses(contacts: pd.DataFrame) -> list[tuple[int, str]]:
    """(contact, reason) of each bad address. The rules look at an address without outer spaces; other blanks are not
    valid."""
    address = contacts["address"].str.strip(" ")
    address = address.mask(address == "")  # a missing value breaks no rule
    check = _few_bad_addresses if len(address) <= _FEW else _bad_addresses
    contact_ids = contacts["contact_id"].astype("int64").tolist()
    given = tuple(address.astype("object").where(address.notna(), None))
    return [(contact_ids[place], reason) for place, reason in check(given)]


def _bad_addresses(addresses: tuple[str | None, ...]) -> tuple[tuple[int, str], ...]:
    """(place, reason) of each bad one."""
    frame = pd.DataFrame({"place": range(len(addresses)), "address": pd.Series(addresses, dtype="object")})
    results = _results(_address_rules(), frame, ["place"])
    return tuple(
        (int(place), result.expectation_config.meta["reason"]) for result in results for (place,) in _unexpected(result)
    )


# The rules on addresses are those of all providers: the page that explains a person applies them once, not for each.
_few_bad_addresses = lru_cache(maxsize=256)(_bad_addresses)


def _of_fields(contacts: pd.DataFrame, provider: Provider) -> list[tuple[int, str]]:
    """(contact, reason) of each field that has more bytes than the provider accepts."""
    limits = provider.field_bytes
    if not limits:
        return []
    fields = provider.mapping.fields(contacts)
    excess = [fields[name].str.encode("utf-8", "replace").map(len) - most for name, most in limits.items()]
    frame = pd.DataFrame(
        {
            "contact_id": np.tile(contacts["contact_id"].to_numpy(dtype="int64"), len(limits)),
            "field": np.repeat(list(limits), len(contacts)),
            "excess": pd.concat(excess, ignore_index=True).astype("float64"),
        }
    )
    (result,) = _results(_length_rule(), frame, ["contact_id", "field"])
    return [(int(contact_id), f"{field.lower()}_too_long") for contact_id, field in _unexpected(result)]


def _results(definition: Any, frame: pd.DataFrame, index: list[str]) -> list[Any]:
    # COMPLETE names the rows; exclude_unexpected_values keeps addresses out of the result.
    answer = definition.run(
        batch_parameters={"dataframe": frame},
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": index,
            "exclude_unexpected_values": True,
        },
    )
    return list(answer.results)


@cache
def _address_rules() -> Any:
    gxe = great_expectations().expectations
    return _definition(
        "addresses",
        gxe.ExpectColumnValuesToMatchRegex(column="address", regex=ADDRESS_PATTERN, meta={"reason": ADDRESS_NOT_VALID}),
        gxe.ExpectColumnValueLengthsToBeBetween(
            column="address", max_value=ADDRESS_CHARACTERS, meta={"reason": ADDRESS_TOO_LONG}
        ),
    )


@cache
def _length_rule() -> Any:
    gxe = great_expectations().expectations
    return _definition("lengths", gxe.ExpectColumnValuesToBeBetween(column="excess", max_value=0))


def _definition(name: str, *rules: Any) -> Any:
    """Rules, to be run on one frame after the other: setting them up costs as much as running them on a small one, and
    so does each of them, which is why all fields have one."""
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    whole: BatchDefinition[Any] = asset.add_batch_definition_whole_dataframe(name)
    suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=list(rules)))
    return context.validation_definitions.add(gx.ValidationDefinition(name=name, data=whole, suite=suite))


def _unexpected(result: Any) -> list[tuple[Any, ...]]:
    """The index of each row that breaks a rule."""
    if result.exception_info.get("raised_exception"):
        raise BrokenExtractError("a validation rule could not be applied; adapt the CRM's extract.sql to its contract")
    found = json.loads(json.dumps(result.result.get("unexpected_index_list") or [], default=int))
    return [row for each in found for row in zip(*map(_listed, each.values()), strict=True)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _broken(ctx: RunContext, counts: dict[str, int]) -> BrokenExtractError | None:
    bad, checked, settings = counts["set_aside"], counts["checked"], ctx.settings
    if bad <= settings.set_aside_floor or bad <= settings.set_aside_share * checked:
        return None
    return BrokenExtractError(
        f"{bad} of {checked} contacts are invalid, more than the {settings.set_aside_share:.0%} a healthy CRM has;"
        " nothing was sent. Look at crm_sync.set_aside_counts, correct the CRM or its extract.sql,"
        " or raise set_aside_share in the settings"
    )
