"""The HTTP face of bulk activities: what is wrong with a request is said at once, what comes of it later."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from standins.constant_contact import activity_bodies as bodies
from standins.constant_contact import import_rows, jobs
from standins.constant_contact.activities import Job
from standins.constant_contact.asked import Asked, Reply
from standins.constant_contact.errors import bad_value, invalid, not_imitated
from standins.constant_contact.forms import IDENTIFIER
from standins.constant_contact.imports import Import
from standins.constant_contact.rendering import activity_document, receipt

STATES = ("processing", "completed", "cancelled", "failed", "timed_out")
ELSEWHERE = {"segment_id": "segments", "tag_ids": "tags", "engagement_level": "levels of engagement"}


def list_activities(asked: Asked) -> Any:
    """GET /activities, newest first; to be shown here is a look like any other."""
    queue, parameters = asked.account.queue, asked.parameters
    wanted = asked.query.get("state")
    chosen = [each for each in queue.visible() if wanted in {None, queue.state_at_next_look(each)}]
    if parameters.position:
        chosen = [each for each in chosen if each.serial < parameters.position]
    page = chosen[: parameters.limit]
    following = page[-1].serial if len(chosen) > len(page) else None
    document = {"activities": [activity_document(queue.look(each)) for each in page]}
    return document | parameters.links("/activities", following)


def get_activity(asked: Asked) -> Any:
    """GET /activities/{activity_id}."""
    queue = asked.account.queue
    return activity_document(queue.look(queue.found(asked.path["activity_id"])))


def _queued(asked: Asked, job: Job) -> Reply:
    return Reply(201, receipt(asked.account.queue.submit(job)) | {"status": {}})


def post_import(asked: Asked) -> Any:
    """POST /activities/contacts_json_import."""
    account, body = asked.account, asked.body
    if body.sms_permission_to_send == "explicit":
        raise not_imitated("SMS channels")
    rows = import_rows.decoded(body.import_data, asked.raw, account.switches.import_bytes)
    import_rows.check(rows, account.fields, account.switches.overlong_in_import == "correctable")
    return _queued(asked, Import(account, rows, account.lists.serials(body.list_ids, "list_ids")))


def post_additions(asked: Asked) -> Any:
    """POST /activities/add_list_memberships."""
    return _memberships(asked, adds=True)


def post_removals(asked: Asked) -> Any:
    """POST /activities/remove_list_memberships."""
    return _memberships(asked, adds=False)


def _memberships(asked: Asked, adds: bool) -> Reply:
    account, body = asked.account, asked.body
    lists = account.lists.serials(body.list_ids, "list_ids")
    people = _people(asked, body.source)
    if body.exclude is not UNSET:
        if body.source.contact_ids is not UNSET:
            raise invalid("exclude can only be combined with all_active_contacts or list_ids")
        people.left_out = frozenset(_ids(body.exclude.contact_ids))
    return _queued(asked, jobs.Memberships(account, people, lists, adds))


def _people(asked: Asked, source: bodies.Source | bodies.RemovalSource) -> jobs.People:
    given = [name for name in source.__struct_fields__ if getattr(source, name) not in (UNSET, False)]
    if len(given) != 1:
        raise invalid("source must have exactly one property")
    if given[0] in ELSEWHERE:
        raise not_imitated(ELSEWHERE[given[0]])
    if isinstance(source.contact_ids, list):
        return jobs.People(asked.account, ids=_ids(source.contact_ids))
    if isinstance(source.list_ids, list):
        return jobs.People(asked.account, lists=asked.account.lists.serials(source.list_ids, "source"))
    return jobs.People(asked.account)


def _ids(contact_ids: list[str]) -> list[str]:
    """Well-formed ids in lower case; one that no contact has is no mistake. Raises Refusal 400."""
    lowered = [contact_id.lower() for contact_id in contact_ids]
    if not all(IDENTIFIER.fullmatch(contact_id) for contact_id in lowered):
        raise bad_value("contact_ids")
    return lowered


def post_contact_delete(asked: Asked) -> Any:
    """POST /activities/contact_delete."""
    account, body = asked.account, asked.body
    if (body.contact_ids is UNSET) == (body.list_ids is UNSET):
        raise invalid("one of contact_ids and list_ids is needed, and not both")
    if isinstance(body.contact_ids, list):
        return _queued(asked, jobs.ContactDeletion(account, jobs.People(account, ids=_ids(body.contact_ids)), ()))
    lists = account.lists.serials(body.list_ids, "list_ids")
    return _queued(asked, jobs.ContactDeletion(account, jobs.People(account, lists=lists), lists))


def post_list_delete(asked: Asked) -> Any:
    """POST /activities/list_delete."""
    lists = asked.account.lists.serials(asked.body.list_ids, "list_ids")
    return _queued(asked, jobs.ListDeletion(asked.account, lists))
