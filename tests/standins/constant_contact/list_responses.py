"""The HTTP face of contact lists and of custom fields."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from standins.constant_contact.asked import Asked, Reply
from standins.constant_contact.errors import bad_value, not_imitated
from standins.constant_contact.jobs import ListDeletion
from standins.constant_contact.lists import ContactList
from standins.constant_contact.rendering import field_document, list_document, receipt


def list_lists(asked: Asked) -> Any:
    """GET /contact_lists."""
    query, parameters = asked.query, asked.parameters
    if query.get("channel_type") == "sms" or "include_sms_membership_count" in query:
        raise not_imitated("SMS channels")
    if parameters.limit > int(asked.account.switches.lists_limit):
        raise bad_value("limit")
    chosen = [held for held in asked.account.lists.by_serial.values() if _is_asked_for(held, query)]
    end = parameters.position + parameters.limit
    counted = query.get("include_membership_count")
    document: dict[str, Any] = {"lists": [list_document(held, counted) for held in chosen[parameters.position : end]]}
    if query.get("include_count"):
        document["lists_count"] = len(chosen)
    return document | parameters.links("/contact_lists", end if end < len(chosen) else None)


def _is_asked_for(held: ContactList, query: dict[str, Any]) -> bool:
    statuses = query.get("status", ["active"])
    if "name" in query and held.name != query["name"]:
        return False
    return "all" in statuses or ("deleted" if held.deleted else "active") in statuses


def post_list(asked: Asked) -> Any:
    """POST /contact_lists."""
    held = asked.account.lists.add(asked.body.name)
    _write(held, asked.body)
    return Reply(201, list_document(held))


def get_list(asked: Asked) -> Any:
    """GET /contact_lists/{list_id}."""
    held = asked.account.lists.found(asked.path["list_id"])
    return list_document(held, asked.query.get("include_membership_count"))


def put_list(asked: Asked) -> Any:
    """PUT /contact_lists/{list_id}: what is not sent is emptied."""
    held = asked.account.lists.found(asked.path["list_id"])
    asked.account.lists.rename(held, asked.body.name)
    _write(held, asked.body)
    return list_document(held)


def _write(held: ContactList, body: Any) -> None:
    held.favorite = body.favorite
    held.description = None if body.description is UNSET else body.description


def delete_list(asked: Asked) -> Any:
    """DELETE /contact_lists/{list_id}: later, by an activity."""
    held = asked.account.lists.found(asked.path["list_id"])
    activity = asked.account.queue.submit(ListDeletion(asked.account, (held.serial,)), is_bulk=False)
    return Reply(202, receipt(activity), {"Location": f"/v3/activities/{activity.id}"})


def list_fields(asked: Asked) -> Any:
    """GET /contact_custom_fields."""
    fields, parameters = list(asked.account.fields.by_id.values()), asked.parameters
    end = parameters.position + parameters.limit
    document = {"custom_fields": [field_document(field) for field in fields[parameters.position : end]]}
    return document | parameters.links("/contact_custom_fields", end if end < len(fields) else None)


def post_field(asked: Asked) -> Any:
    """POST /contact_custom_fields."""
    return Reply(201, field_document(asked.account.fields.add(asked.body)))


def get_field(asked: Asked) -> Any:
    """GET /contact_custom_fields/{custom_field_id}."""
    return field_document(asked.account.fields.found(asked.path["custom_field_id"]))


def put_field(asked: Asked) -> Any:
    """PUT /contact_custom_fields/{custom_field_id}."""
    field = asked.account.fields.found(asked.path["custom_field_id"])
    asked.account.fields.change(field, asked.body)
    return field_document(field)


def delete_field(asked: Asked) -> Any:
    """DELETE /contact_custom_fields/{custom_field_id}."""
    asked.account.fields.delete(asked.account.fields.found(asked.path["custom_field_id"]))
    return Reply(204)
