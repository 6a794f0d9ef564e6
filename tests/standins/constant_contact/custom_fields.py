"""Custom fields: at most a hundred, their names made of their labels; values of contacts go by the id of the field."""

from __future__ import annotations

import re
import uuid
from typing import Any

import msgspec
from msgspec import UNSET

from standins.clock import Clock
from standins.constant_contact import bodies
from standins.constant_contact.errors import bad_value, conflict, invalid, not_found

MOST_FIELDS = 100
MOST_CHOICES = {"dropdown": 100, "radio": 20, "checkbox": 20}
CHOOSING = frozenset({"single_select", "multi_select"})


class CustomField:
    """One custom field."""

    def __init__(self, label: str, kind: str, now: int) -> None:
        self.id, self.label, self.type = str(uuid.uuid4()), label, kind
        self.name = re.sub(r"\s", "_", label.strip())
        self.created = self.updated = now
        self.metadata: dict[str, Any] | None = None
        self.version: int | None = None
        self.choices: list[dict[str, Any]] = []


class Fields:
    """All custom fields of the account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_choice = 0
        self.by_id: dict[str, CustomField] = {}

    def found(self, field_id: str) -> CustomField:
        """The field of a path. Raises Refusal 404."""
        field = self.by_id.get(field_id.lower())
        if field is None:
            raise not_found()
        return field

    def named(self, name: str) -> CustomField | None:
        """The field of that name, exactly."""
        return next((field for field in self.by_id.values() if field.name == name), None)

    def add(self, body: bodies.NewField) -> CustomField:
        """A new field. Raises Refusal: 409 for a name in use, 400 over the hundred."""
        field = CustomField(body.label, body.type, int(self._clock.now()))
        if not body.label.strip():
            raise bad_value("label")
        if any(other.name.casefold() == field.name.casefold() for other in self.by_id.values()):
            raise conflict("Validation failed: a custom field with this label exists.")
        if len(self.by_id) >= MOST_FIELDS:
            raise invalid(f"An account can have {MOST_FIELDS} custom fields.")
        field.metadata = None if body.metadata is UNSET else msgspec.to_builtins(body.metadata)
        field.version = None if body.version is UNSET else body.version
        self._choose(field, body.choices)
        self.by_id[field.id] = field
        return field

    def change(self, field: CustomField, body: bodies.FieldChange) -> None:
        """Another label, other choices; the name stays. Raises Refusal."""
        if not body.label.strip():
            raise bad_value("label")
        self._choose(field, body.choices)
        field.label, field.updated = body.label, int(self._clock.now())

    def delete(self, field: CustomField) -> None:
        """Remove the field; values that contacts have of it are not shown any more."""
        del self.by_id[field.id]

    def _choose(self, field: CustomField, choices: Any) -> None:
        wanted = [] if choices is UNSET else choices
        if bool(wanted) != (field.type in CHOOSING):
            raise bad_value("choices")
        if len(wanted) > MOST_CHOICES.get((field.metadata or {}).get("display_type", ""), 100):
            raise bad_value("choices")
        field.choices = [self._choice(field, choice, order) for order, choice in enumerate(wanted, 1)]

    def _choice(self, field: CustomField, choice: Any, order: int) -> dict[str, Any]:
        self._last_choice += 1
        number = getattr(choice, "choice_id", UNSET)
        given_order = choice.display_order
        return {
            "custom_field_id": field.id,
            "choice_id": self._last_choice if number is UNSET else number,
            "choice_label": choice.choice_label,
            "display_order": order if given_order is UNSET else given_order,
        }
