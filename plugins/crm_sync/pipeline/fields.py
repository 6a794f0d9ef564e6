"""Before a load: whether the provider has the fields that the settings fill, and fields that nothing fills and that it
requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.errors import ConfigError
from crm_sync.model import Mode
from crm_sync.pipeline.context import RunContext, log, writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm_sync.client import FieldThere
    from crm_sync.ledger.database import Transaction


def prepare(ctx: RunContext) -> None:
    """Create what is missing if the settings say so, and note the rest. Where the settings fill no fields, those that
    the provider may require are asked for by all runs but those of changes, which go every few minutes."""
    may_require = ctx.provider.may_require_fields
    if may_require and not ctx.provider.fields and ctx.run.mode is Mode.CHANGES:
        return
    trouble: list[str] = []
    if ctx.provider.fields or may_require:
        there = {each.name: each for each in ctx.client.fields()}
        failed = _created(ctx, there) if ctx.own.create_fields else set()
        trouble = list(_trouble(ctx, there, failed))
    with writing(ctx) as state:
        state.run("load/note_field_trouble", provider=ctx.provider.name, reasons=trouble)
        if trouble:
            notice = f"fields at {ctx.provider.title} need attention: {', '.join(trouble)}"
            state.run("runs/add_notice", run_id=ctx.run.run_id, notice=notice)


def will_be_created(ctx: RunContext, state: Transaction) -> list[str]:
    """The fields that the settings fill and that the load will create if they are missing: a full run that found one
    missing sends everyone all the same. None that it could not create before, or that has another type there."""
    if not (ctx.provider.fields and ctx.own.create_fields):
        return []
    noted = {row.reason for row in state.rows("load/field_trouble", provider=ctx.provider.name)}
    return [
        name
        for name in ctx.provider.fields
        if noted.isdisjoint({f"field_not_created:{name}", f"field_of_other_type:{name}"})
    ]


def _created(ctx: RunContext, there: dict[str, FieldThere]) -> set[str]:
    """Create what is missing; the names of those that the provider did not create."""
    failed = set()
    for name, each in ctx.provider.fields.items():
        if name in there:
            continue
        try:
            there[name] = ctx.client.create_field(name, each.type or ctx.provider.field_types[0])
        except ConfigError as error:
            # It is a row of what is missing then; nobody's Do Not Contact waits for it.
            log.warning("%s", error)
            failed.add(name)
        else:
            log.info("the field %s was created at %s", name, ctx.provider.title)
    return failed


def _trouble(ctx: RunContext, there: Mapping[str, FieldThere], failed: set[str]) -> Iterator[str]:
    filled = {*ctx.provider.fields, *ctx.provider.field_bytes}
    for name, each in ctx.provider.fields.items():
        if name not in there:
            yield f"field_not_created:{name}" if name in failed else f"field_missing:{name}"
        elif (each.type or ctx.provider.field_types[0]) not in there[name].takes:
            yield f"field_of_other_type:{name}"
    yield from (
        f"field_required:{each.name}" for each in there.values() if each.is_required and each.name not in filled
    )
