"""Each number in a provider's data sheet says where it comes from: a link, or how sure it is."""

from __future__ import annotations

import ast
import importlib
import io
import re
import tokenize
from pathlib import Path

import pytest

from crm_sync.contract import Provider

SOURCE = re.compile(r"https://\S+|\b(?:assumed|seen|documented)\b")
REACH_LINES = 4  # a comment speaks for the few numbers right below it


def test_the_facts_of_the_data_sheet_have_sources(sheet: Provider) -> None:
    path = Path(str(importlib.import_module(f"crm_sync.providers.{sheet.name}").__file__))
    text = path.read_text(encoding="utf-8")
    sourced = [
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and SOURCE.search(token.string)
    ]
    numbers = [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ]
    assert numbers
    bare = [line for line in numbers if not any(line - REACH_LINES <= comment <= line for comment in sourced)]
    assert bare == [], f"{path.name}: numbers without a source beside them on lines {bare}"


def test_the_sheet_is_complete(sheet: Provider) -> None:
    assert sheet.title
    assert sheet.documentation.startswith("https://")
    assert re.fullmatch(r"[*/0-9, -]+", sheet.schedule)
    assert sheet.connection_id
    assert sheet.concurrency >= 1
    assert sheet.timeout_seconds > 0
    assert sheet.field_bytes
    assert all(size >= 1 for size in sheet.batch_sizes.values())


def test_an_unknown_phase_is_an_error_of_the_engine(sheet: Provider) -> None:
    assert sheet.batch_size("archive") >= 1
    with pytest.raises(KeyError):
        sheet.batch_size("applaud")
