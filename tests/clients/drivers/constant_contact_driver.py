"""constant-contact-api-client, Constant Contact's own client for Python; it checks every answer against its models."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import constant_contact_api_client as library
from connecting import connected, renewed
from constant_contact_api_client import models
from serving import Calls, Refusal, parsed, serve


def opened(url: str, key: str) -> Calls:
    """Its calls by what they ask of the service; none goes on to the next page."""
    client = library.ApiClient(library.Configuration(host=f"{url}/v3", access_token=key))
    contacts, lists = library.ContactsApi(client), library.ContactListsApi(client)
    work, account = library.BulkActivitiesApi(client), library.AccountServicesApi(client)
    calls: Calls = {
        "GET /account/summary": lambda a: account.get_account_details(**a.query),
        "GET /contacts": lambda a: contacts.get_all_contacts(**a.query),
        "POST /contacts": lambda a: contacts.create_contact(models.CreateContactRequest.from_dict(a.body)),
        "GET /contacts/{contact_id}": lambda a: contacts.get_contact_by_id(a.contact, **a.query),
        "PUT /contacts/{contact_id}": lambda a: contacts.update_contact(
            a.contact, models.UpdateContactRequest.from_dict(a.body)
        ),
        "DELETE /contacts/{contact_id}": lambda a: contacts.delete_contact(a.contact),
        "GET /contact_lists": lambda a: lists.get_all_lists(**a.query),
        "POST /contact_lists": lambda a: lists.create_list(models.UpdateListRequest.from_dict(a.body)),
        "GET /contact_lists/{list_id}": lambda a: lists.get_list(a.list, **a.query),
        "PUT /contact_lists/{list_id}": lambda a: lists.update_list(a.list, models.UpdateListRequest.from_dict(a.body)),
        "DELETE /contact_lists/{list_id}": lambda a: lists.delete_list(a.list),
        "POST /activities/contacts_json_import": lambda a: work.create_import_json_activity(
            models.CreateImportJSONActivityRequest.from_dict(a.body)
        ),
        "POST /activities/add_list_memberships": lambda a: work.create_list_add_activity(
            models.CreateListAddActivityRequest.from_dict(a.body)
        ),
        "POST /activities/remove_list_memberships": lambda a: work.create_list_remove_activity(removal(a.body)),
        "POST /activities/contact_delete": lambda a: work.create_delete_activity(
            models.CreateDeleteActivityRequest.from_dict(a.body)
        ),
        "GET /activities": lambda a: work.get_all_activities(**a.query),
        "GET /activities/{activity_id}": lambda a: work.get_activity_by_id(a.activity),
        "POST /oauth2/default/v1/token": tokens,
        "GET /segments": lambda a: library.SegmentsApi(client).get_all_segments(),
    }
    return {name: lambda a, call=call: plain(call(a)) for name, call in calls.items()}


def tokens(asked: SimpleNamespace) -> Any:
    """The first token, the one that renews it, and what becomes of the one that was used."""
    session, first = connected(asked, auth=(asked.client_id, asked.secret))
    second = renewed(session, asked, first["refresh_token"])
    return [first, second, renewed(session, asked, first["refresh_token"])]


def removal(body: dict[str, Any]) -> Any:
    """Unchecked: its models allow no id at all, nor any list, after a maximum of nought in the vendor's file."""
    source = models.CreateListRemoveActivityRequestSource.model_construct(**body["source"])
    return models.CreateListRemoveActivityRequest.model_construct(source=source, list_ids=body["list_ids"])


def plain(answer: Any) -> Any:
    """All that the model holds: its own to_dict leaves out what a client may not write, such as ids."""
    return answer.model_dump(mode="json", by_alias=True, exclude_none=True) if hasattr(answer, "model_dump") else answer


def refusal_of(error: Exception) -> Refusal | None:
    """Each status of a refusal is an exception of its own with the body as text."""
    if not isinstance(error, library.ApiException) or not error.status:
        return None
    return Refusal(error.status, parsed(error.body))


if __name__ == "__main__":
    serve(opened, refusal_of)
