"""``python -m scaffold.make_crm NAME [--title TITLE]`` (make crm): writes a CRM that runs, to start from.

What it writes are the files of the folder crm under another name: the source goes to sql/crm/NAME/, its tables in small
and its ways to change them to the tests, and page.md to docs/crms/NAME.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scaffold.make import REPOSITORY, RefusedError, lay_out, require_form, require_title

HERE = Path(__file__).resolve().parent / "crm"


def main(arguments: list[str] | None = None) -> int:
    """Make a CRM, and say what comes next."""
    parser = argparse.ArgumentParser(prog="python -m scaffold.make_crm", description="Writes a CRM that runs.")
    parser.add_argument("name", help="of its folder: lower-case letters, digits and _")
    parser.add_argument("--title", default="", help="what people call it; default: the name, capitalized")
    options = parser.parse_args(arguments)
    title = options.title.strip() or options.name.replace("_", " ").title()
    try:
        require_name(options.name)
        require_title(title)
    except RefusedError as refused:
        sys.stderr.write(f"make crm: {refused}\n")
        return 2
    for path in make(options.name, title):
        sys.stdout.write(f"{path.relative_to(REPOSITORY)}\n")
    sys.stdout.write(
        f"Next: pytest tests/contract/test_sources.py -k {options.name}; docs/adding-a-crm.md says how to go on.\n"
    )
    return 0


def places(name: str) -> dict[Path, Path]:
    """What is copied, and where to."""
    folder = REPOSITORY / "sql/crm" / name
    return {
        HERE / "source.toml": folder / "source.toml",
        **{HERE / file: folder / "install" / file for file in ("views.sql", "roles.sql", "drop_views.sql")},
        HERE / "tables.sql": REPOSITORY / "tests/local" / f"{name}.sql",
        HERE / "ways.py": REPOSITORY / "tests/contract/sources" / f"{name}.py",
        HERE / "page.md": REPOSITORY / "docs/crms" / f"{name}.md",
    }


def require_name(name: str) -> None:
    """RefusedError for a name that is no identifier, or that exists."""
    require_form(name)
    taken = [path for path in places(name).values() if path.exists()]
    if taken:
        raise RefusedError(f"{taken[0].relative_to(REPOSITORY)} exists; choose another name")


def make(name: str, title: str) -> list[Path]:
    """Write all files; their paths."""
    for source, target in places(name).items():
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8").replace("acme_crm", name).replace("Acme CRM", title)
        target.write_text(text, encoding="utf-8")
    lay_out([path for path in places(name).values() if path.suffix == ".py"])
    return list(places(name).values())


if __name__ == "__main__":
    sys.exit(main())
