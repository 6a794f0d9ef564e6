"""Sets invalid rows aside with a reason, using Great Expectations, and stops a run whose extract is broken as a
whole."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

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
    measured = _measured(contacts, provider)
    found = [_failing(result) for result in _results(measured, provider)]
    bad = pd.DataFrame([pair for pairs in found for pair in pairs], columns=["contact_id", "reason"])
    return bad.drop_duplicates().reset_index(drop=True).assign(holds_back=provider.keyed_by == "address")


def _remarked(contacts: pd.DataFrame, provider: Provider) -> pd.DataFrame:
    remarks: pd.DataFrame = provider.remarks(contacts)
    return remarks.assign(holds_back=False)


def _measured(contacts: pd.DataFrame, provider: Provider) -> pd.DataFrame:
    """What the rules look at: the address without outer spaces (other blanks are not valid), and each field's length
    in bytes."""
    fields = provider.mapping.fields(contacts)
    lengths = {name: fields[name].str.encode("utf-8", "replace").map(len) for name in provider.field_bytes}
    address = contacts["address"].str.strip(" ")
    # A missing value breaks no rule.
    return contacts[["contact_id"]].astype("int64").assign(address=address.mask(address == ""), **lengths)


def _results(measured: pd.DataFrame, provider: Provider) -> list[Any]:
    definition = _definition(tuple(provider.field_bytes.items()))
    # COMPLETE names the rows; exclude_unexpected_values keeps addresses out of the result.
    answer = definition.run(
        batch_parameters={"dataframe": measured},
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["contact_id"],
            "exclude_unexpected_values": True,
        },
    )
    return list(answer.results)


@cache
def _definition(field_bytes: tuple[tuple[str, int], ...]) -> Any:
    """The rules, to be run on one frame after the other, since setting them up costs as much as running them on a small
    one."""
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("contacts").add_dataframe_asset("contacts")
    whole: BatchDefinition[Any] = asset.add_batch_definition_whole_dataframe("contacts")
    suite = context.suites.add(gx.ExpectationSuite(name="contacts", expectations=_rules(field_bytes)))
    return context.validation_definitions.add(gx.ValidationDefinition(name="contacts", data=whole, suite=suite))


def _rules(field_bytes: tuple[tuple[str, int], ...]) -> list[Any]:
    gxe = great_expectations().expectations
    limits = [(name, most, f"{name.lower()}_too_long") for name, most in field_bytes]
    return [
        gxe.ExpectColumnValuesToMatchRegex(column="address", regex=ADDRESS_PATTERN, meta={"reason": ADDRESS_NOT_VALID}),
        gxe.ExpectColumnValueLengthsToBeBetween(
            column="address", max_value=ADDRESS_CHARACTERS, meta={"reason": ADDRESS_TOO_LONG}
        ),
        *(
            gxe.ExpectColumnValuesToBeBetween(column=name, max_value=most, meta={"reason": reason})
            for name, most, reason in limits
        ),
    ]


def _failing(result: Any) -> list[tuple[int, str]]:
    if result.exception_info.get("raised_exception"):
        raise BrokenExtractError("a validation rule could not be applied; adapt the CRM's extract.sql to its contract")
    found = json.loads(json.dumps(result.result.get("unexpected_index_list") or [], default=int))
    reason = result.expectation_config.meta["reason"]
    return [(contact_id, reason) for each in found for contact_id in _ids(each["contact_id"])]


def _ids(value: int | list[int]) -> list[int]:
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
