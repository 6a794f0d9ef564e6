"""What `make check` runs is said twice, for make and for pre-commit; and texts are as .editorconfig tells editors."""

from __future__ import annotations

import re

import yaml

from architecture.source import REPOSITORY, text_files

MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
SOURCES = "plugins tests dags"


def checks_of_make() -> list[str]:
    """The commands of `make check`, as a shell sees them."""
    recipe = re.search(r"^check: .*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert recipe
    commands = re.findall(r"; \$\(BIN\)/(.+)", recipe[1])
    assert len(commands) == len(recipe[1].splitlines())
    return [f".venv/bin/{command.replace('$(SOURCES)', SOURCES)}" for command in commands]


def test_pre_commit_runs_the_checks_of_make_and_fetches_nothing() -> None:
    assert "SOURCES := plugins tests $(wildcard dags)\n" in MAKEFILE
    repos = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    hooks = [hook for repo in repos for hook in repo["hooks"]]
    assert [hook["entry"] for hook in hooks] == checks_of_make()
    assert [repo["repo"] for repo in repos] == ["local"]
    assert {hook["language"] for hook in hooks} == {"system"}


def test_texts_are_as_the_editorconfig_says() -> None:
    # At the top, Airflow and a developer leave files of their own.
    ours = [path for path in text_files() if path.parent != REPOSITORY or path.suffix in {".md", ".toml", ".yml"}]
    texts = {path: path.read_text(encoding="utf-8") for path in ours}
    assert len(texts) > 500
    assert [str(path) for path, text in texts.items() if text and not text.endswith("\n")] == []
    assert [str(path) for path, text in texts.items() if re.search(r"[ \t]$|\r", text, re.MULTILINE)] == []
    assert [str(path) for path, text in texts.items() if "\t" in text] == []


def test_the_forms_of_issues_are_what_github_reads() -> None:
    forms = [path for path in sorted((REPOSITORY / ".github/ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"]
    assert len(forms) == 2
    for path in forms:
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert form["name"]
        assert form["description"]
        asked = [item for item in form["body"] if item["type"] != "markdown"]
        assert {item["type"] for item in asked} <= {"textarea", "input", "dropdown", "checkboxes"}
        assert len({item["id"] for item in asked}) == len(asked) > 0
        assert all(item["attributes"]["label"] for item in asked)
