"""``python -m scaffold.make NAME [--title TITLE]`` (make provider): writes a provider that runs, with its stand-in.

What it writes are the files of this folder under another name: provider/ goes to plugins/crm_sync/providers/NAME/,
standin/ to tests/standins/NAME/, and page.md to docs/providers/NAME.md.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import keyword
import re
import shutil
import subprocess
import sys
from pathlib import Path

from standins.discovery import ports

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
LONGEST_NAME, LONGEST_TITLE = 30, 40


class RefusedError(Exception):
    """The provider cannot be made; the text says what to do instead."""


def main(arguments: list[str] | None = None) -> int:
    """Make a provider, and say what comes next."""
    parser = argparse.ArgumentParser(prog="python -m scaffold.make", description="Writes a provider that runs.")
    parser.add_argument("name", help="of its folders: lower-case letters, digits and _")
    parser.add_argument("--title", default="", help="what people call it; default: the name, capitalized")
    options = parser.parse_args(arguments)
    title = options.title.strip() or options.name.replace("_", " ").title()
    try:
        require_name(options.name)
        require_title(title)
    except RefusedError as refused:
        sys.stderr.write(f"make provider: {refused}\n")
        return 2
    for path in make(options.name, title):
        sys.stdout.write(f"{path.relative_to(REPOSITORY)}\n")
    sys.stdout.write(f"Next: pytest tests/contract -k {options.name}; docs/adding-a-provider.md says how to go on.\n")
    return 0


def places(name: str) -> dict[Path, Path]:
    """What is copied, and where to."""
    return {
        HERE / "provider": REPOSITORY / "plugins/crm_sync/providers" / name,
        HERE / "standin": REPOSITORY / "tests/standins" / name,
        HERE / "page.md": REPOSITORY / "docs/providers" / f"{name}.md",
    }


def require_name(name: str) -> None:
    """RefusedError for a name that is no identifier, that exists, or that another module has."""
    require_form(name)
    taken = [path for path in places(name).values() for path in (path, path.with_suffix(".py")) if path.exists()]
    if taken:
        raise RefusedError(f"{taken[0].relative_to(REPOSITORY)} exists; choose another name")
    if package := airflow_package_of(name):
        raise RefusedError(f"{package} has connections of type {name}; choose another name")


def require_form(name: str) -> None:
    """RefusedError for a name that is no identifier, is too long, or is that of a module of Python's."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise RefusedError(f"{name!r} is no name for it: take lower-case letters, digits and _, a letter first")
    if len(name) > LONGEST_NAME:
        raise RefusedError(f"{name} is longer than {LONGEST_NAME} characters; shorten it")
    if name in sys.stdlib_module_names:
        raise RefusedError(f"{name} is a module of Python's standard library; choose another name")


def require_title(title: str) -> None:
    """RefusedError for a title that would break the texts that it is put into."""
    if not re.fullmatch(r"\w(?:[\w .&+'-]*[\w.+])?", title) or len(title) > LONGEST_TITLE:
        raise RefusedError(
            f"the title {title!r} may have letters, digits, blanks and . & + ' - , {LONGEST_TITLE} characters at most"
        )


def airflow_package_of(connection_type: str) -> str:
    """The installed package of Airflow that has connections of that type; "" for none."""
    for entry in importlib.metadata.entry_points(group="apache_airflow_provider"):
        if entry.dist and entry.dist.name != "crm-sync":
            types = entry.load()().get("connection-types", [])
            if any(each["connection-type"] == connection_type for each in types):
                return entry.dist.name
    return ""


def make(name: str, title: str) -> list[Path]:
    """Write all files; their paths."""
    replacements = {
        "from scaffold.provider": f"from crm_sync.providers.{name}",
        "from scaffold.standin": f"from standins.{name}",
        "acme-mail": name.replace("_", "-"),
        "acme_mail": name,
        "Acme Mail": title,
        "AcmeMail": "".join(part.capitalize() for part in name.split("_")),
        "default_port = 8700": f"default_port = {next_port()}",
    }
    written = []
    for source, target in places(name).items():
        for path in [source] if source.is_file() else sorted(source.glob("*.py")):
            place = target if source.is_file() else target / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            for old, new in replacements.items():
                text = text.replace(old, new)
            place.write_text(text, encoding="utf-8")
            written.append(place)
    lay_out([path for path in written if path.suffix == ".py"])
    return written


def next_port() -> int:
    """A port that no stand-in listens on yet."""
    return max(ports().values()) + 1


def lay_out(files: list[Path]) -> None:
    """Imports in order and lines of the right length, under whatever name."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    for command in (["check", "--quiet", "--select", "I", "--fix"], ["format", "--quiet"]):
        subprocess.run([ruff, *command, *files], cwd=REPOSITORY, check=True)


if __name__ == "__main__":
    sys.exit(main())
