"""The calls of Constant Contact about lists and activities, and what is not imitated."""

from __future__ import annotations

from clients.cases import agree
from clients.constant_contact import (
    ACTIVITY,
    ANN,
    BOB,
    LIST,
    about,
    connect,
    finished,
    held,
    in_lists,
    list_of,
    lists,
    post,
)
from clients.driven import Driven


@about("GET /contact_lists", "all lists with their active members")
def _(api: Driven) -> None:
    post(api, ANN, list_memberships=[list_of(api, "News")])
    list_of(api, "Board")
    said = api("GET /contact_lists", query={"limit": 500, "include_membership_count": "active"})["lists"]
    agree({each["list_id"]: (each["name"], each["membership_count"]) for each in said}, lists(api))


@about("POST /contact_lists", "a new list; 409 for a name in use")
def _(api: Driven) -> None:
    agree({list_of(api, "News"): ("News", 0)}, lists(api))
    agree(api.refusal("POST /contact_lists", body={"name": "News"}).status, 409)


@about(f"GET {LIST}", "one list")
def _(api: Driven) -> None:
    made = list_of(api, "News")
    agree(api(f"GET {LIST}", list=made)["name"], lists(api)[made][0])
    agree(api.refusal(f"GET {LIST}", list="00000000-0000-0000-0000-000000000007").status, 404)


@about(f"PUT {LIST}", "another name")
def _(api: Driven) -> None:
    made = list_of(api, "News")
    said = api(f"PUT {LIST}", list=made, body={"name": "Letters", "favorite": False})
    agree((said["name"], "Letters"), (lists(api)[made][0],) * 2)


@about(f"DELETE {LIST}", "a list goes, later")
def _(api: Driven) -> None:
    made = list_of(api, "News")
    finished(api, api(f"DELETE {LIST}", list=made))
    agree(lists(api), {})


@about("POST /activities/contacts_json_import", "people and their lists; counters")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    rows = [{"email": ANN, "first_name": "Ann"}, {"email": BOB, "last_name": "Lee"}, {"email": "none"}]
    activity = api("POST /activities/contacts_json_import", body={"import_data": rows, "list_ids": [news]})
    said = finished(api, activity)
    agree(said["status"]["correctable_count"], 1)
    agree({address: each[2:] for address, each in held(api).items()}, {ANN: ("Ann", None), BOB: (None, "Lee")})
    agree(in_lists(api), {ANN: {"News"}, BOB: {"News"}})


@about("POST /activities/contacts_json_import", "whoever left is counted, and stays away")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    post(api, ANN)
    api.standin.act("unsubscribe", address=ANN)
    body = {"import_data": [{"email": ANN}], "list_ids": [news]}
    said = finished(api, api("POST /activities/contacts_json_import", body=body))
    agree(said["status"]["cannot_add_to_list_count"], 1)
    agree((held(api)[ANN][1], in_lists(api)[ANN]), ("unsubscribed", set()))


@about("POST /activities/contacts_json_import", "too many calls in a second: 429, one object")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    api.standin.clock(frozen=True)
    api.standin.switch(calls_per_second=1)
    body = {"import_data": [{"email": ANN}], "list_ids": [news]}
    refused = api.refusal("POST /activities/contacts_json_import", body=body)
    agree((refused.status, refused.body["error_key"]), (429, "throttled"))


@about("POST /activities/add_list_memberships", "people join a list")
def _(api: Driven) -> None:
    news, made = list_of(api, "News"), post(api, ANN)["contact_id"]
    body = {"source": {"contact_ids": [made]}, "list_ids": [news]}
    finished(api, api("POST /activities/add_list_memberships", body=body))
    agree(in_lists(api), {ANN: {"News"}})


@about("POST /activities/remove_list_memberships", "people leave a list")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    made = post(api, ANN, list_memberships=[news])["contact_id"]
    body = {"source": {"contact_ids": [made]}, "list_ids": [news]}
    finished(api, api("POST /activities/remove_list_memberships", body=body))
    agree(in_lists(api), {ANN: set()})


@about("POST /activities/contact_delete", "people are deleted")
def _(api: Driven) -> None:
    made = post(api, ANN)["contact_id"]
    finished(api, api("POST /activities/contact_delete", body={"contact_ids": [made]}))
    agree([each["status"] for each in api.standin.state()["contacts"]], ["deleted"])


@about("GET /activities", "what is under way")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    for address in (ANN, BOB):
        api("POST /activities/contacts_json_import", body={"import_data": [{"email": address}], "list_ids": [news]})
    said = api("GET /activities", query={"limit": 500})["activities"]
    agree({each["activity_id"] for each in said}, {each["activity_id"] for each in api.standin.state()["activities"]})
    agree(len(said), 2)


@about(f"GET {ACTIVITY}", "an activity; 401 when the token has ended, 404 after ten days")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    body = {"import_data": [{"email": ANN}], "list_ids": [news]}
    activity = api("POST /activities/contacts_json_import", body=body)
    finished(api, activity)
    api.standin.clock(advance_seconds=11 * 24 * 3600)
    refused = api.refusal(f"GET {ACTIVITY}", activity=activity["activity_id"])
    agree((refused.status, refused.body["error_key"]), (401, "unauthorized"))
    connect(api)
    agree(api.refusal(f"GET {ACTIVITY}", activity=activity["activity_id"]).status, 404)


@about("GET /segments", "not imitated: 501")
def _(api: Driven) -> None:
    agree(api.refusal("GET /segments").status, 501)
