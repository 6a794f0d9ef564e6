"""Each sentence of the promise names the tests that show it, and those are there."""

from __future__ import annotations

import re

from architecture.source import REPOSITORY

PAGE = REPOSITORY / "docs/promise.md"
TEXT = PAGE.read_text(encoding="utf-8")
LINKS = dict(re.findall(r"^\[(\w+)\]: (\S+)$", TEXT, re.MULTILINE))
CARRIES = TEXT.partition("## What carries each word\n")[2].partition("\n## ")[0]
# The end of a sentence is a full stop, a link or two perhaps, and a blank, a line's end or the mark of its test.
SENTENCE = re.compile(r"\.(?:\*\*)?(?=[\s\[]|$)(\[°\]\[(\w+)\])?")


def test_each_sentence_names_its_test() -> None:
    paragraphs = [each for each in CARRIES.split("\n\n") if not each.strip().startswith("#")]
    assert len(paragraphs) > 15
    unshown = [
        each[max(0, found.start() - 60) : found.end()]
        for each in paragraphs
        for found in SENTENCE.finditer(each)
        if found[1] is None and not found[0].endswith("**")
    ]
    assert unshown == []


def test_the_tests_that_it_names_are_there() -> None:
    named = set(re.findall(r"\[°\]\[(\w+)\]", CARRIES))
    assert len(named) > 20
    assert named <= LINKS.keys()
    for target in LINKS.values():
        path, _, test = target.partition("#")
        assert f"def {test or 'test_'}" in (PAGE.parent / path).read_text(encoding="utf-8"), target
