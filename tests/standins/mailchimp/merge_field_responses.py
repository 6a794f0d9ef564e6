"""The HTTP face of merge fields."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET

from standins.mailchimp import queries
from standins.mailchimp.asked import Asked
from standins.mailchimp.bodies import FieldChange
from standins.mailchimp.errors import invalid, not_found
from standins.mailchimp.merge_fields import Columns, MergeField
from standins.mailchimp.rendering import links

LONGEST_TAG = 10
CHANGEABLE = ("name", "tag", "required", "default_value", "public", "display_order", "options", "help_text")


def _document(list_id: str, field: MergeField) -> dict[str, Any]:
    path = f"/lists/{list_id}/merge-fields/{field.merge_id}"
    plain: dict[str, Any] = msgspec.to_builtins(field)
    return plain | {"list_id": list_id, "_links": links(path)}


def _found(asked: Asked) -> MergeField:
    for field in asked.audience.columns.fields:
        if field and str(field.merge_id) == asked.path["merge_id"]:
            return field
    raise not_found()


def list_fields(asked: Asked) -> Any:
    """GET /lists/{list_id}/merge-fields."""
    audience, query = asked.audience, asked.query
    chosen = [
        field
        for field in audience.columns.fields
        if field and query.get("type") in {None, field.type} and query.get("required") in {None, field.required}
    ]
    return {
        "merge_fields": [_document(audience.id, field) for field in chosen[queries.page(query)]],
        "list_id": audience.id,
        "total_items": len(chosen),
        "_links": links(f"/lists/{audience.id}/merge-fields"),
    }


def post_field(asked: Asked) -> Any:
    """POST /lists/{list_id}/merge-fields; without a tag one is made of the name."""
    columns = asked.audience.columns
    tag = asked.body.tag if asked.body.tag is not UNSET else _tag_of(asked.body.name)
    _check_tag(columns, tag)
    number = len(columns.fields) + 1
    field = MergeField(number, tag, asked.body.name, asked.body.type, display_order=number + 1)
    _write(field, asked.body, tag)
    columns.fields.append(field)
    columns.reindex()
    return _document(asked.audience.id, field)


def get_field(asked: Asked) -> Any:
    """GET .../merge-fields/{merge_id}."""
    return _document(asked.audience.id, _found(asked))


def patch_field(asked: Asked) -> Any:
    """PATCH .../merge-fields/{merge_id}."""
    field, columns = _found(asked), asked.audience.columns
    tag = asked.body.tag if asked.body.tag is not UNSET else field.tag
    if tag != field.tag:
        _check_tag(columns, tag)
    _write(field, asked.body, tag)
    columns.reindex()
    return _document(asked.audience.id, field)


def delete_field(asked: Asked) -> Any:
    """DELETE .../merge-fields/{merge_id}; its values are gone with it."""
    columns = asked.audience.columns
    columns.fields[columns.fields.index(_found(asked))] = None
    columns.reindex()


def _tag_of(name: str) -> str:
    return re.sub(r"[^A-Z0-9_]", "", name.upper())[:LONGEST_TAG] or "MMERGE"


def _check_tag(columns: Columns, tag: str) -> None:
    if not re.fullmatch(r"[A-Z0-9_]{1,10}", tag):
        raise invalid("tag", "name_length", LONGEST_TAG)
    if tag in columns.index or tag == "EMAIL":
        raise invalid("tag", "name_taken")


def _write(field: MergeField, body: FieldChange, tag: str) -> None:
    for name in CHANGEABLE:
        value = getattr(body, name)
        if value is not UNSET:
            setattr(field, name, value)
    field.tag = tag
