"""mailchimp-marketing, Mailchimp's own client for Python."""

from __future__ import annotations

from typing import Any

import mailchimp_marketing
from connecting import connected
from mailchimp_marketing.api_client import ApiClientError
from serving import Calls, Refusal, parsed, serve


def opened(url: str, key: str, audience: str) -> Calls:
    """Its calls by what they ask of the service."""
    client = mailchimp_marketing.Client({"api_key": key, "server": ""})
    client.api_client.host = f"{url}/3.0"
    return {
        "GET /": lambda a: client.root.get_root(**a.query),
        "POST /oauth2/token": lambda a: by_token(url, connected(a, client_secret=a.secret, include_client_id=True)[1]),
        "POST /batches": lambda a: client.batches.start(a.body),
        **people(client.lists, audience),
        **tags(client.lists, audience),
    }


def people(lists: Any, of: str) -> Calls:
    """Those about members of an audience."""
    return {
        "POST /lists/{list_id}": lambda a: lists.batch_list_members(of, a.body, **a.query),
        "GET /lists/{list_id}/members": lambda a: lists.get_list_members_info(of, **a.query),
        "GET /lists/{list_id}/members/{subscriber_hash}": lambda a: lists.get_list_member(of, a.member, **a.query),
        "PUT /lists/{list_id}/members/{subscriber_hash}": lambda a: lists.set_list_member(of, a.member, a.body),
        "PATCH /lists/{list_id}/members/{subscriber_hash}": lambda a: lists.update_list_member(
            of, a.member, a.body, **a.query
        ),
        "DELETE /lists/{list_id}/members/{subscriber_hash}": lambda a: emptied(lists.delete_list_member(of, a.member)),
        "GET /lists/{list_id}/members/{subscriber_hash}/tags": lambda a: lists.get_list_member_tags(
            of, a.member, **a.query
        ),
        "GET /lists/{list_id}/merge-fields": lambda a: lists.get_list_merge_fields(of, **a.query),
    }


def tags(lists: Any, of: str) -> Calls:
    """Those about its tags."""
    return {
        "GET /lists/{list_id}/segments": lambda a: lists.list_segments(of, **a.query),
        "POST /lists/{list_id}/segments": lambda a: lists.create_segment(of, a.body),
        "PATCH /lists/{list_id}/segments/{segment_id}": lambda a: lists.update_segment(of, a.segment, a.body),
        "DELETE /lists/{list_id}/segments/{segment_id}": lambda a: emptied(lists.delete_segment(of, a.segment)),
        "POST /lists/{list_id}/segments/{segment_id}": lambda a: lists.batch_segment_members(a.body, of, a.segment),
        "GET /lists/{list_id}/segments/{segment_id}/members": lambda a: lists.get_segment_members_list(
            of, a.segment, **a.query
        ),
        "POST /lists/{list_id}/segments/{segment_id}/members": lambda a: lists.create_segment_member(
            of, a.segment, a.body
        ),
        "DELETE /lists/{list_id}/segments/{segment_id}/members/{subscriber_hash}": lambda a: emptied(
            lists.remove_segment_member(of, a.segment, a.member)
        ),
    }


def by_token(url: str, token: dict[str, Any]) -> Any:
    """Who the account of a token is."""
    client = mailchimp_marketing.Client({"access_token": token["access_token"], "server": ""})
    client.api_client.host = f"{url}/3.0"
    return client.root.get_root()


def emptied(answer: Any) -> None:
    """Of an answer without a body it hands on the response."""
    if answer.content or not answer.ok:
        raise ValueError(f"a body, or {answer.status_code}, where there should be none")


def refusal_of(error: Exception) -> Refusal | None:
    """A problem document comes as text, and without a status where the call itself failed."""
    if not isinstance(error, ApiClientError) or error.status_code is None:
        return None
    return Refusal(error.status_code, parsed(error.text))


if __name__ == "__main__":
    serve(opened, refusal_of)
