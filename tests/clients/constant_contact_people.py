"""The calls of Constant Contact about the account and its contacts."""

from __future__ import annotations

from datetime import UTC, datetime

from clients.cases import agree
from clients.constant_contact import ANN, BOB, CONTACT, EVE, SCOPES, about, held, in_lists, list_of, post, read
from clients.driven import Driven


@about("POST /oauth2/default/v1/token", "connected and renewed by requests-oauthlib; a token that was used is refused")
def _(api: Driven) -> None:
    switches = api.standin.switch()
    whose = {"client_id": switches["client_id"], "secret": switches["client_secret"], "scopes": SCOPES}
    base = f"{api.standin.url}/oauth2/default/v1"
    first, second, again = api("POST /oauth2/default/v1/token", base=base, **whose)
    agree(again, {"error": "invalid_grant"})
    agree(first["refresh_token"] != second["refresh_token"], True)
    api.open(key=second["access_token"])
    agree(api("GET /account/summary")["encoded_account_id"], switches["account_id"])


@about("GET /account/summary", "who the account is")
def _(api: Driven) -> None:
    agree(api("GET /account/summary")["encoded_account_id"], api.standin.switch()["account_id"])


@about("POST /contacts", "a new contact in a list; 409 for an address that is known")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    answer = post(api, ANN, first_name="Ann", list_memberships=[news])
    agree(read([answer]), held(api))
    agree(in_lists(api), {ANN: {"News"}})
    refused = api.refusal("POST /contacts", body={"email_address": {"address": ANN}, "create_source": "Account"})
    agree((refused.status, refused.body[0]["error_key"]), (409, "contacts.api.conflict"))


@about(f"GET {CONTACT}", "one contact with its lists")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    made = post(api, ANN, list_memberships=[news])["contact_id"]
    said = api(f"GET {CONTACT}", contact=made, query={"include": "list_memberships"})
    agree((read([said]), said["list_memberships"]), (held(api), [news]))
    agree(api.refusal(f"GET {CONTACT}", contact="00000000-0000-0000-0000-000000000007").status, 404)


@about("GET /contacts", "a contact by address, deleted or not, and one without an address among all")
def _(api: Driven) -> None:
    made = post(api, ANN, first_name="Ann")["contact_id"]
    api(f"DELETE {CONTACT}", contact=made)
    post(api, BOB)
    nobody = api("POST /contacts", body={"first_name": "Sam", "create_source": "Account"})["contact_id"]
    found = api("GET /contacts", query={"email": ANN, "status": "all", "include": "list_memberships"})["contacts"]
    agree(read(found), {ANN: held(api)[ANN]})
    everybody = api("GET /contacts", query={"status": "all", "limit": 500})["contacts"]
    agree({each["contact_id"] for each in everybody}, {each[0] for each in held(api).values()})
    agree([each["contact_id"] for each in everybody if not each.get("email_address")], [nobody])


@about("GET /contacts", "who left or changed since then, the next page by a link")
def _(api: Driven) -> None:
    for address in (ANN, BOB, EVE):
        post(api, address)
    since = datetime.fromtimestamp(api.standin.clock()["now"] + 5, UTC)
    api.standin.clock(advance_seconds=60)
    api.standin.act("unsubscribe", address=ANN)
    moment = since.strftime("%Y-%m-%dT%H:%M:%SZ")
    left = api("GET /contacts", query={"status": "unsubscribed", "optout_after": moment})["contacts"]
    changed = api("GET /contacts", query={"status": "all", "updated_after": moment})["contacts"]
    for contacts in (left, changed):
        agree(read(contacts), {ANN: held(api)[ANN]})
    first = api("GET /contacts", query={"status": "all", "limit": 2})
    agree((len(first["contacts"]), first["_links"]["next"]["href"][:14]), (2, "/v3/contacts?c"))


@about("GET /contacts", "a last page whose _links are null")
def _(api: Driven) -> None:
    api.standin.switch(last_links="null")
    post(api, ANN)
    agree(read(api("GET /contacts", query={"status": "all"})["contacts"]), held(api))


@about(f"PUT {CONTACT}", "another address and name, the lists stay")
def _(api: Driven) -> None:
    made = post(api, ANN, first_name="Ann", list_memberships=[list_of(api, "News")])["contact_id"]
    email = {"address": EVE, "permission_to_send": "implicit"}
    body = {"email_address": email, "first_name": "Eve", "update_source": "Account"}
    agree(read([api(f"PUT {CONTACT}", contact=made, body=body)]), held(api))
    agree(in_lists(api), {EVE: {"News"}})


@about(f"PUT {CONTACT}", "unsubscribe by the account")
def _(api: Driven) -> None:
    made = post(api, ANN)["contact_id"]
    email = {"address": ANN, "permission_to_send": "unsubscribed", "opt_out_reason": "asked for"}
    said = api(f"PUT {CONTACT}", contact=made, body={"email_address": email, "update_source": "Account"})
    agree(read([said]), held(api))
    agree((held(api)[ANN][1], said["email_address"]["opt_out_source"]), ("unsubscribed", "Account"))


@about(f"PUT {CONTACT}", "a deleted contact comes back, the same one")
def _(api: Driven) -> None:
    news = list_of(api, "News")
    made = post(api, ANN)["contact_id"]
    api(f"DELETE {CONTACT}", contact=made)
    email = {"address": ANN, "permission_to_send": "implicit"}
    body = {"email_address": email, "list_memberships": [news], "update_source": "Account"}
    agree(read([api(f"PUT {CONTACT}", contact=made, body=body)]), held(api))
    agree((held(api)[ANN][0], in_lists(api)), (made, {ANN: {"News"}}))


@about(f"PUT {CONTACT}", "whoever left in person stays away")
def _(api: Driven) -> None:
    made = post(api, ANN)["contact_id"]
    api.standin.act("unsubscribe", address=ANN)
    email = {"address": ANN, "permission_to_send": "implicit"}
    refused = api.refusal(f"PUT {CONTACT}", contact=made, body={"email_address": email, "update_source": "Account"})
    agree((refused.status, held(api)[ANN][1]), (409, "unsubscribed"))


@about(f"DELETE {CONTACT}", "a contact is deleted, softly")
def _(api: Driven) -> None:
    made = post(api, ANN)["contact_id"]
    api(f"DELETE {CONTACT}", contact=made)
    agree([each["status"] for each in api.standin.state()["contacts"]], ["deleted"])
