"""mailchimp3, a client for Python that many use."""

from __future__ import annotations

from typing import Any

import mailchimp3
import requests
from mailchimp3 import mailchimpclient
from mailchimp3.mailchimpclient import MailChimpError
from serving import Calls, NoCall, Refusal, serve

LOGIN = "https://login.mailchimp.com"


def opened(url: str, key: str, audience: str) -> Calls:
    """Its calls by what they ask of the service; its PATCH and its batch take no query, and it wants a
    status for whoever joins a tag."""
    client = mailchimp3.MailChimp(mc_api=key)
    client.base_url = f"{url}/3.0/"
    lead_to(url)
    lists, members, of = client.lists, client.lists.members, audience
    tags, within = client.lists.segments, client.lists.segments.members
    return {
        "GET /": lambda a: client.root.get(**a.query),
        "POST /lists/{list_id}": lambda a: lists.update_members(of, a.body),
        "GET /lists/{list_id}/members": lambda a: members.all(of, **a.query),
        "GET /lists/{list_id}/members/{subscriber_hash}": lambda a: members.get(of, a.member, **joined(a.query)),
        "PUT /lists/{list_id}/members/{subscriber_hash}": lambda a: members.create_or_update(of, a.member, a.body),
        "PATCH /lists/{list_id}/members/{subscriber_hash}": lambda a: members.update(
            of, a.member, without(a.query) or a.body
        ),
        "DELETE /lists/{list_id}/members/{subscriber_hash}": lambda a: emptied(members.delete(of, a.member)),
        "GET /lists/{list_id}/merge-fields": lambda a: lists.merge_fields.all(of, **a.query),
        "GET /lists/{list_id}/segments": lambda a: tags.all(of, **a.query),
        "POST /lists/{list_id}/segments": lambda a: tags.create(of, a.body),
        "PATCH /lists/{list_id}/segments/{segment_id}": lambda a: tags.update(of, a.segment, a.body),
        "DELETE /lists/{list_id}/segments/{segment_id}": lambda a: emptied(tags.delete(of, a.segment)),
        "POST /lists/{list_id}/segments/{segment_id}": lambda a: tags.update_members(of, a.segment, a.body),
        "GET /lists/{list_id}/segments/{segment_id}/members": lambda a: within.all(of, a.segment, **a.query),
        "POST /lists/{list_id}/segments/{segment_id}/members": lambda a: within.create(
            of, a.segment, {"status": "subscribed", **a.body}
        ),
        "DELETE /lists/{list_id}/segments/{segment_id}/members/{subscriber_hash}": lambda a: emptied(
            within.delete(of, a.segment, a.member)
        ),
        "GET /lists/{list_id}/members/{subscriber_hash}/tags": lambda a: members.tags.all(of, a.member, **a.query),
        "GET /oauth2/metadata": lambda a: by_token(a.token),
        "POST /batches": lambda a: client.batches.create(a.body),
    }


def joined(query: dict[str, Any]) -> dict[str, Any]:
    """It takes fields as text."""
    return {name: ",".join(value) if isinstance(value, list) else value for name, value in query.items()}


def without(query: dict[str, Any]) -> None:
    """Its PATCH has no query."""
    if query:
        raise NoCall


def by_token(token: str) -> Any:
    """Who the account is, asked where the metadata of the token say that it is."""
    client = mailchimp3.MailChimp(access_token=token)
    return {"base_url": client.base_url, "account": client.root.get()}


def lead_to(url: str) -> None:
    """It knows one authorization server; here that is the stand-in."""

    class Leading(requests.Session):
        def request(self, method: Any, address: Any, *rest: Any, **named: Any) -> requests.Response:
            return super().request(method, str(address).replace(LOGIN, url), *rest, **named)

    def get(address: str, **named: Any) -> requests.Response:
        with Leading() as session:
            return session.get(address, **named)

    mailchimpclient.requests.get = get


def emptied(answer: object) -> None:
    """Of an answer without a body it makes none, or hands on the response."""
    if answer is not None and getattr(answer, "content", b"?"):
        raise ValueError("a body where there should be none")


def refusal_of(error: Exception) -> Refusal | None:
    """It takes the problem document apart."""
    if not isinstance(error, MailChimpError):
        return None
    said = dict(error.args[0])
    return Refusal(said.pop("response").status_code, said)


if __name__ == "__main__":
    serve(opened, refusal_of)
