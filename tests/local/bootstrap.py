"""`make secrets`: the files that docker-compose.yml reads passwords, keys and connections from."""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import sys
from pathlib import Path
from typing import Any

from standins.discovery import contract_of, ports
from standins.modules import ContractModule

DATABASE_USER = "crm_sync"
STANDINS = "standins"  # the service


def write_secrets(directory: Path) -> list[Path]:
    """Write each file that is not there yet into ``directory``; the paths of those written.

    The directory is closed to others while its files are open: that keeps them from other users of this machine, and
    lets the container's user, who is none of them, read what is mounted into it.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    kept = [directory / name for name in ("postgres_password", "redis_password")]
    passwords = (path.read_text() if path.exists() else secrets.token_urlsafe(24) for path in kept)
    written = []
    for name, content in _contents(*passwords).items():
        path = directory / name
        if not path.exists():
            path.write_text(content)  # without a final newline: Airflow would take it for a part of the key
            path.chmod(0o644)
            written.append(path)
    return written


def _contents(password: str, redis_password: str) -> dict[str, str]:
    metadata_url = f"postgresql+psycopg2://{DATABASE_USER}:{password}@postgres:5432/airflow"
    return {
        "postgres_password": password,
        "metadata_url": metadata_url,
        "result_backend_url": f"db+{metadata_url}",
        "redis_password": redis_password,
        "redis.conf": f"requirepass {redis_password}",
        "broker_url": f"redis://:{redis_password}@redis:6379/0",
        "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "jwt_secret": secrets.token_hex(64),
        "api_secret_key": secrets.token_hex(32),
        "connections.json": json.dumps(_connections(password), indent=2),
    }


def _connections(password: str) -> dict[str, Any]:
    """Connections to the profile ``standins``; a data team puts its own CRM and accounts here."""
    database = {
        "conn_type": "postgres",
        "host": "postgres",
        "port": 5432,
        "login": DATABASE_USER,
        "password": password,
    }
    return {
        "crm_sync_crm": {**database, "schema": "crm"},
        "crm_sync_state": {**database, "schema": "crm_sync"},
        **{f"{name}_default": {"conn_type": name, **account} for name, account in _accounts().items()},
    }


def _accounts() -> dict[str, dict[str, Any]]:
    """The account of each stand-in, as its own folder has it, at the service of docker-compose.yml."""
    return {name: _account(contract_of(name), port) for name, port in ports().items()}


def _account(told: ContractModule, port: int) -> dict[str, Any]:
    url = f"http://{STANDINS}:{port}"
    extra = {**told.EXTRAS, "base_url": url + told.API_PATH, **told.addresses_at(url)}
    return {"login": told.LOGIN, "password": told.KEY, "port": port, "extra": extra}


def main(arguments: list[str] | None = None) -> int:
    """``python -m local.bootstrap [DIRECTORY]``."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", default=Path("secrets"))
    directory = parser.parse_args(arguments).directory
    written = write_secrets(directory)
    names = ", ".join(path.name for path in written) or "nothing: all files are there"
    print(f"Wrote to {directory}/: {names}.")
    print(f"Before production, put your CRM's and your accounts' connections into {directory}/connections.json.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
