"""The forms of the values that the settings fill custom fields with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.providers import further
from crm_sync.providers.constant_contact.custom_fields import DATE, STRING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.providers.further import Form

# documented: a value has 255 characters. https://api.cc.email/v3/swagger.yaml
# assumed: a character beyond the basic plane counts as two, as in the vendor's language.
_CHARACTERS = 255
_BYTES_A_CHARACTER = 2  # in UTF-16


def _string(value: object) -> str | None:
    text = further.text(value)
    return text if text is not None and len(text.encode("utf-16-le")) <= _CHARACTERS * _BYTES_A_CHARACTER else None


# Plain text first.
FORMS: Mapping[str, Form] = {STRING: _string, DATE: further.day}
