"""The calls of Mailchimp about the account and its members."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from clients.cases import agree
from clients.driven import Driven
from clients.mailchimp import (
    ANN,
    BOB,
    EVE,
    LIST,
    MEMBER,
    STRANGER,
    about,
    enroll,
    held,
    key_of,
    person,
    read,
    require_field,
    tag,
)


@about("GET /", "who the account is")
def _(api: Driven) -> None:
    agree(api("GET /")["account_id"], api.standin.switch()["account_id"])


@about("POST /oauth2/token", "connected by requests-oauthlib, the account of the token")
def _(api: Driven) -> None:
    switches = api.standin.switch()
    whose = {"client_id": switches["client_id"], "secret": switches["client_secret"], "scopes": None}
    account = api("POST /oauth2/token", base=f"{api.standin.url}/oauth2", **whose)
    agree(account["account_id"], switches["account_id"])


@about("GET /oauth2/metadata", "where the account of a token is")
def _(api: Driven) -> None:
    said = api("GET /oauth2/metadata", token=api.standin.act("grant")["access_token"])
    agree(said["base_url"], f"{api.standin.url}/3.0/")
    agree(said["account"]["account_id"], api.standin.switch()["account_id"])


@about(f"POST {LIST}", "create: whoever is new; each has an outcome")
def _(api: Driven) -> None:
    answer = api(f"POST {LIST}", body={"members": [person(ANN, merge_fields={"FNAME": "Ann"}), person(BOB)]})
    agree(read(answer["new_members"]), held(api))
    answer = api(f"POST {LIST}", body={"members": [person(ANN), person("x@fake.example.org")]})
    agree([each["error_code"] for each in answer["errors"]], ["ERROR_CONTACT_EXISTS", "ERROR_GENERIC"])
    agree((answer["total_created"], answer["total_updated"], answer["error_count"]), (0, 0, 2))


@about(f"POST {LIST}", "update: status_if_new alone leaves others as they are")
def _(api: Driven) -> None:
    enroll(api, ANN)
    api.standin.act("admin_unsubscribe", address=ANN)
    changed = [
        {"email_address": each, "status_if_new": "subscribed", "merge_fields": {"FNAME": "X"}} for each in (ANN, BOB)
    ]
    answer = api(f"POST {LIST}", body={"members": changed, "update_existing": True})
    agree(read(answer["new_members"] + answer["updated_members"]), held(api))
    agree({each: held(api)[each]["status"] for each in (ANN, BOB)}, {ANN: "unsubscribed", BOB: "subscribed"})


@about(f"POST {LIST}", "whoever left stays away")
def _(api: Driven) -> None:
    enroll(api, ANN)
    api.standin.act("unsubscribe", address=ANN)
    answer = api(f"POST {LIST}", body={"members": [person(ANN)], "update_existing": True})
    agree(([each["email_address"] for each in answer["errors"]], held(api)[ANN]["status"]), ([ANN], "unsubscribed"))


@about(f"POST {LIST}", "enable: whoever was archived comes back, the same contact")
def _(api: Driven) -> None:
    enroll(api, ANN)
    before = held(api)[ANN]["contact_id"]
    api(f"DELETE {MEMBER}", member=key_of(ANN))
    answer = api(f"POST {LIST}", body={"members": [person(ANN)], "update_existing": True})
    agree(read(answer["updated_members"]), held(api))
    agree((held(api)[ANN]["status"], held(api)[ANN]["contact_id"]), ("subscribed", before))


@about(f"POST {LIST}", "an address twice: 400 for all; too many calls at once: 429")
def _(api: Driven) -> None:
    refused = api.refusal(f"POST {LIST}", body={"members": [person(ANN), person(ANN)]})
    agree((refused.status, refused.body["title"], held(api)), (400, "Invalid Resource", {}))
    api.standin.fault("status", method="POST", status=429, times=1)
    refused = api.refusal(f"POST {LIST}", body={"members": [person(ANN)]})
    agree((refused.status, refused.body["title"]), (429, "Too Many Requests"))


@about(f"GET {MEMBER}", "one member, by address and by contact id")
def _(api: Driven) -> None:
    enroll(api, ANN)
    known = held(api)
    for name in (key_of(ANN), known[ANN]["contact_id"]):
        agree(read([api(f"GET {MEMBER}", member=name)]), known)
    agree(api(f"GET {MEMBER}", member=key_of(ANN), query={"fields": ["status"]}), {"status": "subscribed"})
    refused = api.refusal(f"GET {MEMBER}", member=key_of(STRANGER))
    agree((refused.status, refused.body["title"]), (404, "Resource Not Found"))


@about(f"PUT {MEMBER}", "one member, new or there")
def _(api: Driven) -> None:
    body = {"email_address": ANN, "status_if_new": "subscribed", "merge_fields": {"FNAME": "Ann"}}
    agree(read([api(f"PUT {MEMBER}", member=key_of(ANN), body=body)]), held(api))
    api.standin.act("admin_unsubscribe", address=ANN)
    agree(api(f"PUT {MEMBER}", member=key_of(ANN), body=body)["status"], "unsubscribed")


@about(f"PUT {MEMBER}", "why a member is refused, by title and field")
def _(api: Driven) -> None:
    enroll(api, ANN)
    api.standin.act("unsubscribe", address=ANN)
    refused = api.refusal(f"PUT {MEMBER}", member=key_of(ANN), body={**person(ANN), "status_if_new": "subscribed"})
    agree((refused.status, refused.body["title"]), (400, "Member In Compliance State"))
    body = {"email_address": BOB, "status_if_new": "subscribed", "merge_fields": {"FNAME": "x" * 256}}
    refused = api.refusal(f"PUT {MEMBER}", member=key_of(BOB), body=body)
    agree((refused.status, [each["field"] for each in refused.body["errors"]]), (400, ["FNAME"]))


@about(f"PATCH {MEMBER}", "a change of address keeps the contact")
def _(api: Driven) -> None:
    enroll(api, ANN, BOB)
    before = held(api)[ANN]["contact_id"]
    moved = api(f"PATCH {MEMBER}", member=key_of(ANN), body={"email_address": EVE})
    agree(read([moved]), {EVE: held(api)[EVE]})
    agree(moved["contact_id"], before)
    refused = api.refusal(f"PATCH {MEMBER}", member=key_of(EVE), body={"email_address": BOB})
    agree((refused.status, refused.body["errors"][0]["field"]), (400, "email address"))


@about(f"PATCH {MEMBER}", "unsubscribe, though a required field is empty")
def _(api: Driven) -> None:
    enroll(api, ANN)
    require_field(api, "COMPANY")
    leaves: dict[str, Any] = {"member": key_of(ANN), "body": {"status": "unsubscribed"}}
    agree(api.refusal(f"PATCH {MEMBER}", **leaves).body["errors"][0]["field"], "COMPANY")
    answer = api(f"PATCH {MEMBER}", **leaves, query={"skip_merge_validation": True})
    agree((answer["status"], held(api)[ANN]["status"]), ("unsubscribed", "unsubscribed"))


@about(f"DELETE {MEMBER}", "archive; not twice, nor a stranger")
def _(api: Driven) -> None:
    enroll(api, ANN)
    agree(api(f"DELETE {MEMBER}", member=key_of(ANN)), None)
    agree(held(api)[ANN]["status"], "archived")
    agree(api.refusal(f"DELETE {MEMBER}", member=key_of(ANN)).status, 405)
    agree(api.refusal(f"DELETE {MEMBER}", member=key_of(STRANGER)).status, 404)


@about(f"GET {MEMBER}/tags", "the tags of a member")
def _(api: Driven) -> None:
    enroll(api, ANN)
    made = {tag(api, name, ANN): name for name in ("Choir", "Board")}
    said = api(f"GET {MEMBER}/tags", member=key_of(ANN), query={"count": 1000})["tags"]
    agree({each["id"]: each["name"] for each in said}, made)


@about(f"GET {LIST}/members", "everybody, page by page, who has no address among them")
def _(api: Driven) -> None:
    enroll(api, *(f"p{number}@example.org" for number in range(7)))
    api.standin.act("create_sms_contact", phone="+12025550100", status="subscribed")
    pages = [api(f"GET {LIST}/members", query={"count": 3, "offset": offset}) for offset in (0, 3, 6)]
    members = [each for page in pages for each in page["members"]]
    agree((len(members), {page["total_items"] for page in pages}), (8, {8}))
    agree(read(members), held(api))
    agree(sum(not each.get("email_address") for each in members), 1)


@about(f"GET {LIST}/members", "who left or changed since then, and who is archived")
def _(api: Driven) -> None:
    enroll(api, ANN, BOB, EVE)
    since = datetime.fromtimestamp(api.standin.clock()["now"] + 5, UTC)
    api.standin.clock(advance_seconds=60)
    api.standin.act("unsubscribe", address=ANN)
    api.standin.act("archive", address=BOB)

    def named(**query: Any) -> set[str]:
        return {each["email_address"] for each in api(f"GET {LIST}/members", query={"count": 1000, **query})["members"]}

    changed = {"since_last_changed": since.strftime("%Y-%m-%dT%H:%M:%S+00:00")}
    agree(named(**changed), {ANN})
    agree(named(status="unsubscribed"), {ANN})
    agree(named(status="archived"), {BOB})


@about(f"GET {LIST}/merge-fields", "the merge fields")
def _(api: Driven) -> None:
    enroll(api, ANN)
    said = api(f"GET {LIST}/merge-fields", query={"count": 1000})["merge_fields"]
    agree({each["tag"] for each in said}, set(held(api)[ANN]["merge_fields"]))
