"""The calls of Mailchimp about tags, and what is not imitated."""

from __future__ import annotations

from clients.cases import agree
from clients.driven import Driven
from clients.mailchimp import (
    ANN,
    BOB,
    EVE,
    SEGMENT,
    SEGMENTS,
    STRANGER,
    about,
    enroll,
    key_of,
    tag,
    tagged,
    tags,
)


@about(f"GET {SEGMENTS}", "all tags")
def _(api: Driven) -> None:
    enroll(api, ANN)
    tag(api, "Choir", ANN)
    tag(api, "Board")
    said = api(f"GET {SEGMENTS}", query={"type": "static", "count": 1000})
    agree({each["id"]: (each["name"], each["member_count"]) for each in said["segments"]}, tags(api))


@about(f"POST {SEGMENTS}", "a new tag; not of a name that exists")
def _(api: Driven) -> None:
    made = tag(api, "Choir")
    agree({made: ("Choir", 0)}, tags(api))
    refused = api.refusal(f"POST {SEGMENTS}", body={"name": "Choir", "static_segment": []})
    agree((refused.status, refused.body["title"]), (400, "Bad Request"))


@about(f"PATCH {SEGMENT}", "another name")
def _(api: Driven) -> None:
    made = tag(api, "Choir")
    agree(api(f"PATCH {SEGMENT}", segment=str(made), body={"name": "Singers"})["name"], tags(api)[made][0])
    agree(tags(api)[made][0], "Singers")


@about(f"DELETE {SEGMENT}", "a tag goes; not twice")
def _(api: Driven) -> None:
    made = tag(api, "Choir")
    agree(api(f"DELETE {SEGMENT}", segment=str(made)), None)
    agree(tags(api), {})
    agree(api.refusal(f"DELETE {SEGMENT}", segment=str(made)).status, 404)


@about(f"POST {SEGMENT}", "people join and leave a tag, strangers are passed over")
def _(api: Driven) -> None:
    enroll(api, ANN, BOB)
    made = tag(api, "Choir", BOB)
    body = {"members_to_add": [ANN, STRANGER], "members_to_remove": [BOB]}
    answer = api(f"POST {SEGMENT}", segment=str(made), body=body)
    agree({each["email_address"] for each in answer["members_added"]}, tagged(api, "Choir"))
    agree([each["email_address"] for each in answer["members_removed"]], [BOB])
    agree((answer["total_added"], answer["total_removed"]), (1, 1))


@about(f"POST {SEGMENT}", "strangers alone: 400, nothing done; who is in already: an entry in errors")
def _(api: Driven) -> None:
    enroll(api, ANN)
    made = tag(api, "Choir", ANN)
    body = {"members_to_add": [STRANGER], "members_to_remove": [ANN]}
    refused = api.refusal(f"POST {SEGMENT}", segment=str(made), body=body)
    agree((refused.status, [each["field"] for each in refused.body["errors"]]), (400, ["members_to_add"]))
    answer = api(f"POST {SEGMENT}", segment=str(made), body={"members_to_add": [ANN], "members_to_remove": []})
    agree((answer["total_added"], answer["error_count"], tagged(api, "Choir")), (0, 1, {ANN}))


@about(f"GET {SEGMENT}/members", "who is in a tag, who left among them")
def _(api: Driven) -> None:
    enroll(api, ANN, BOB, EVE)
    made = tag(api, "Choir", ANN, BOB)
    api.standin.act("admin_unsubscribe", address=BOB)
    query = {"count": 1000, "include_unsubscribed": True, "include_cleaned": True, "include_transactional": True}
    said = api(f"GET {SEGMENT}/members", segment=str(made), query=query)
    agree({each["email_address"] for each in said["members"]}, tagged(api, "Choir"))
    agree(len(said["members"]), 2)


@about(f"POST {SEGMENT}/members", "one person joins a tag")
def _(api: Driven) -> None:
    enroll(api, ANN)
    made = tag(api, "Choir")
    said = api(f"POST {SEGMENT}/members", segment=str(made), body={"email_address": ANN})
    agree({said["email_address"]}, tagged(api, "Choir"))


@about(f"DELETE {SEGMENT}/members/{{subscriber_hash}}", "one person leaves a tag")
def _(api: Driven) -> None:
    enroll(api, ANN, BOB)
    made = tag(api, "Choir", ANN, BOB)
    leaves = f"DELETE {SEGMENT}/members/{{subscriber_hash}}"
    agree(api(leaves, segment=str(made), member=key_of(ANN)), None)
    agree(tagged(api, "Choir"), {BOB})


@about("POST /batches", "not imitated: 501")
def _(api: Driven) -> None:
    agree(api.refusal("POST /batches", body={"operations": []}).status, 501)
