"""A run cut in two at a stage."""

from __future__ import annotations

from crm_sync.pipeline import STAGES


def stages_before(name: str) -> list[str]:
    """The stages of a run before that one."""
    return list(STAGES)[: list(STAGES).index(name)]


def stages_from(name: str) -> list[str]:
    """That stage and all that follow it."""
    return list(STAGES)[list(STAGES).index(name) :]
