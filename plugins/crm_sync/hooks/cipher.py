"""Encrypts tokens with Airflow's own Fernet key, so that one key protects both connections and tokens."""

from __future__ import annotations

from typing import Any

from airflow.sdk.crypto import get_fernet
from airflow.sdk.exceptions import AirflowException

from crm_sync.errors import ConfigError


class AirflowCipher:
    """Airflow's Fernet, loaded when there is something to encrypt: most providers never need it."""

    def encrypt(self, message: bytes) -> bytes:
        """The encrypted message. A ConfigError if Airflow has no key: a token is never stored unencrypted."""
        sealed: bytes = _fernet().encrypt(message)
        return sealed

    def decrypt(self, sealed: bytes) -> bytes:
        """The decrypted message."""
        message: bytes = _fernet().decrypt(sealed)
        return message


def _fernet() -> Any:
    try:
        fernet = get_fernet()
    except AirflowException:
        raise ConfigError(
            "Airflow's Fernet key is not valid; set AIRFLOW__CORE__FERNET_KEY to the same key in all its components"
        ) from None
    if not fernet.is_encrypted:
        raise ConfigError(
            "Airflow has no Fernet key to encrypt tokens with; set AIRFLOW__CORE__FERNET_KEY to the same key in all"
            " its components"
        )
    return fernet
