"""What a run rests on: the account that answers, and all rules that determine the results for a given CRM. It is read
when the run opens, stored in its row, and checked by each stage that relies on it."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sync.errors import CrmSyncError, PremiseError, TransientError
from crm_sync.ledger import store
from crm_sync.ledger.statements import statement

if TYPE_CHECKING:
    from crm_sync.contract import Provider
    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.context import RunContext

# What turns contacts into records, besides the provider's own mapping.
_RULES = (
    *("crm_sync.providers.records", "crm_sync.providers.texts"),
    *("crm_sync.providers.postal", "crm_sync.providers.telephone"),
    *("crm_sync.pipeline.transform", "crm_sync.pipeline.validate"),
)
# A literal, a quoted name or a dollar quoted text as it stands; comments and blanks, which say nothing.
_TOKEN = re.compile(
    r"""(?P<kept>'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<blank>(?:--[^\n]*|/\*.*?\*/|\s)+)""",
    re.DOTALL,
)


@dataclass(frozen=True)
class Premises:
    """``account``: "" if the provider does not say or could not be asked just now, which proves nothing."""

    account: str
    fingerprint: str
    do_not_contact_scope: str


def stated(ctx: RunContext) -> Premises:
    """What a run that opens now rests on."""
    scope = ctx.settings.do_not_contact_scope
    try:
        account = account_now(ctx)
    except CrmSyncError:
        account = ""  # opt_outs meets the same error, with a run that can fail of it
    return Premises(account, fingerprint(ctx.provider, scope, ctx.own.rules), scope)


# -- what alters a result


def fingerprint(provider: Provider, do_not_contact_scope: str, rules_set: str = "") -> str:
    """A hash of the Do Not Contact scope (if the provider heeds it), the connection's options, the rules that the
    settings have for the provider, the mapping, and the statements that read contacts. It covers neither comments in
    them nor the settings of alerts, the brake or the size of frames."""
    scope = do_not_contact_scope if provider.heeds_do_not_contact else ""
    chosen = [f"{name}={value}" for name, value in sorted(provider.chosen.items())]
    rules = [_source(name) for name in (*_mappings(provider.name), *_RULES)]
    read = [normalized(statement(f"crm/extract/{name}")) for name in _statements(provider)]
    return hashlib.sha256("\0".join([scope, *chosen, rules_set, *rules, *read]).encode()).hexdigest()


@cache
def _mappings(provider: str) -> list[str]:
    """The mapping, and the modules beside it that it is continued in: ``mapping_…``."""
    package = f"crm_sync.providers.{provider}"
    found = importlib.util.find_spec(package)
    folders = (found and found.submodule_search_locations) or []
    return sorted(f"{package}.{each.stem}" for folder in folders for each in Path(folder).glob("mapping*.py"))


def _statements(provider: Provider) -> tuple[str, ...]:
    lists = ("lists",) if provider.has_lists else ()
    return (*lists, provider.audience, "changed_contacts")


@cache
def _source(module: str) -> str:
    found = importlib.util.find_spec(module)  # does not load it
    return Path(str(found and found.origin)).read_text(encoding="utf-8")


def normalized(text: str) -> str:
    """A statement without comments, and with each run of blanks outside of quotes as one blank."""
    return _TOKEN.sub(lambda found: found["kept"] or " ", text).strip()


def require_rules(ctx: RunContext) -> None:
    """Raise a PremiseError if this worker would produce other results than the one that opened the run."""
    run = ctx.run
    if run.fingerprint and run.fingerprint != fingerprint(ctx.provider, run.do_not_contact_scope, ctx.own.rules):
        raise PremiseError(
            f"run {run.run_id} was opened by a worker whose mapping, SQL folder or settings differ from this worker's,"
            " or settings or connection were changed since. Finish the deployment, so that all workers are alike, then"
            " clear the whole run"
        )


# -- whose account it is


def account_now(ctx: RunContext) -> str:
    """The account that answers, by the name that a person gave it, or else by what the provider says."""
    answers = ctx.answering
    with ctx.state.transaction() as reading:
        return store.account_known_as(reading, ctx.provider.name, answers)


def require_account(ctx: RunContext) -> str:
    """The account of the run, which must be the one that answers: else a PremiseError.

    Where nobody could be asked when the run opened, it is compared with that of the ledger: a TransientError where the
    run would have to look at everyone, for it is opened again then.
    """
    answers = account_now(ctx)
    if store.accounts_differ(answers, ctx.run.account):
        raise PremiseError(
            f"the connection {ctx.provider.connection_id} leads to another account of {ctx.provider.title} than when"
            f" run {ctx.run.run_id} opened; clear the whole run"
        )
    with ctx.state.transaction() as reading:
        cursor = reading.row("runs/cursor", provider=ctx.provider.name)
    if cursor is not None and store.accounts_differ(answers, cursor.account):
        raise TransientError(
            f"the connection now leads to another account of {ctx.provider.title}; the run is opened again"
        )
    return answers


def require_account_of_load(ctx: RunContext) -> None:
    """The same before a load sends anything; skipped while a job is under way, which only its own account knows."""
    with ctx.state.transaction() as reading:
        goes_on = reading.value("load/under_way", run_id=ctx.run.run_id)
    if not goes_on:
        require_account(ctx)


def doubt(transaction: Transaction, provider: Provider, *, keeps_ids: bool) -> None:
    """What the provider holds may differ from the ledger by now: everyone in the ledger is sent again, or removed."""
    transaction.run("accounts/turn_holdings", provider=provider.name, keeps_ids=keeps_ids)


def turn_to(transaction: Transaction, provider: Provider, account: str, before: str) -> None:
    """The ledger describes another account from now on: everyone in it is in doubt, and nothing counts as complete
    until everyone has been compared. Opt-outs stay."""
    whose = {"provider": provider.name}
    transaction.run("accounts/turn_opt_outs", **whose)
    doubt(transaction, provider, keeps_ids=store.is_the_same_but_for_its_place(account, before))
    if provider.reads_back:
        transaction.run("accounts/turn_lists", **whose)
    transaction.run("accounts/turn_cursor", **whose, account=account)
