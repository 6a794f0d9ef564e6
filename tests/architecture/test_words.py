"""Words that a reader stumbles over do not come back into what the product says: its docstrings, comments, messages and
pages. Identifiers are free."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.source import REPOSITORY

# What must not be written → what to write.
WORDS = {
    r"\b(?<!\[)told\b(?! apart)|\btells? of\b": "report, notify, say, know; of an alert: it goes out",
    r"\bwho(m|so)?ever\b": "people who, a person who",
    r"(?-i:(?:^|[.:?!] |\"\"\")(?:Whom?|Whose) [a-z]+ (?:is|are|was|were|has|have) [a-z]+)": "begin with the"
    " subject: people who, a person whose",
    r"\bmend(s|ed|ing)?\b": "correct, fix",
    r"\banew\b": "again",
    r"\btickets?\b": "job",
    r"\bpull(s|ed|ing)? the brake\b": "trigger the brake",
    r"\b(provider|service|client|verb|host|Mailchimp|Contact|VoterVoice|Logic|which|it) answers"
    r" (with|None|nothing)\b": "return",
    r"\bbrought across\b|\bbring(s|ing)? (\w+ )?across\b": "send",
}
PATTERNS = {re.compile(word, re.IGNORECASE): instead for word, instead in WORDS.items()}


def product_files() -> list[Path]:
    """What a user or a contributor of the product reads."""
    found = [
        path for folder in ("plugins/crm_sync", "sql", "docs", "dags") for path in (REPOSITORY / folder).rglob("*")
    ]
    kept = [
        path for path in found if path.suffix in {".py", ".sql", ".md", ".html"} and "__pycache__" not in path.parts
    ]
    return [*kept, REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of text in a file: of Python and SQL, comments and strings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}:
                # A name in braces or in backquotes is code.
                said = re.sub(r"\{[^{}]*\}|``[^`]*``", "", token.string)
                yield from enumerate(said.split("\n"), token.start[0])
        return
    for number, line in enumerate(text.splitlines(), 1):
        yield (
            number,
            said_in_sql(line) if path.suffix == ".sql" else re.sub(r"\]\[\w+\]|^\[\w+\]: .*|`[^`]*`", "", line),
        )


def said_in_sql(line: str) -> str:
    """The comment in a line of SQL, or the text of a comment on a table."""
    return "".join(re.findall(r"--.*|'[^']*(?:''[^']*)*'", line))


def found_in(path: Path) -> list[str]:
    """Each of the words in a file, with where it stands and what to write instead."""
    name = path.relative_to(REPOSITORY)
    return [
        f"{name}:{number}: {hit[0]!r}: write {instead}"
        for number, line in lines(path)
        for pattern, instead in PATTERNS.items()
        if (hit := pattern.search(line))
    ]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("# the CRM is told", True),
        ("# providers are told apart by name", False),
        ("told = 1", False),
        ('"""Whoever left."""', True),
        ('f"{told} of 3"', False),
        ('"mend it"', True),
        ("# The provider answers with a page.", True),
        ("# three answers with a reason", False),
    ],
)
def test_a_word_is_found_in_texts_and_not_in_names(text: str, is_found: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(text + "\n", encoding="utf-8")
    assert any(pattern.search(line) for _, line in lines(path) for pattern in PATTERNS) is is_found


def test_no_text_of_the_product_has_a_word_to_avoid() -> None:
    files = product_files()
    assert len(files) > 200
    assert [hit for path in files for hit in found_in(path)] == []
