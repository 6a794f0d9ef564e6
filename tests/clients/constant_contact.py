"""What the cases about Constant Contact share: contacts, lists and activities, as a client makes them and as they are
held."""

from __future__ import annotations

from typing import Any

from clients.cases import Cases, agree
from clients.driven import Driven

CONTACT, LIST, ACTIVITY = "/contacts/{contact_id}", "/contact_lists/{list_id}", "/activities/{activity_id}"
ANN, BOB, EVE = (f"{name}@example.org" for name in ("ann", "bob", "eve"))

SCOPES = ["contact_data", "account_read", "offline_access"]

constant_contact = Cases()
about = constant_contact.about


def connect(api: Driven) -> None:
    """The client made anew, with a token that was just granted."""
    api.open(key=api.standin.act("grant", scope="contact_data account_read")["access_token"])


def post(api: Driven, address: str, **fields: Any) -> Any:
    email = {"address": address, "permission_to_send": "implicit"}
    return api("POST /contacts", body={"email_address": email, "create_source": "Account", **fields})


def list_of(api: Driven, name: str) -> str:
    return str(api("POST /contact_lists", body={"name": name})["list_id"])


def held(api: Driven) -> dict[str, tuple[Any, ...]]:
    """Everybody there as the stand-in tells it."""
    return {
        each["address"]: (each["contact_id"], each["permission"], each["first_name"] or None, each["last_name"] or None)
        for each in api.standin.state()["contacts"]
    }


def read(contacts: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """The same of what a client read."""
    return {
        each["email_address"]["address"]: (
            each["contact_id"],
            each["email_address"]["permission_to_send"],
            each.get("first_name"),
            each.get("last_name"),
        )
        for each in contacts
    }


def in_lists(api: Driven) -> dict[str, set[str]]:
    return {each["address"]: set(each["lists"]) for each in api.standin.state()["contacts"]}


def lists(api: Driven) -> dict[str, tuple[str, int]]:
    return {
        each["id"]: (each["name"], each["members"]) for each in api.standin.state()["lists"] if "deleted" not in each
    }


def finished(api: Driven, activity: dict[str, Any]) -> dict[str, Any]:
    """What the client reads of an activity once it is over, having read it on its way."""
    for _ in range(10):
        said: dict[str, Any] = api(f"GET {ACTIVITY}", activity=activity["activity_id"])
        if said["state"] == "completed":
            (there,) = (
                each for each in api.standin.state()["activities"] if each["activity_id"] == activity["activity_id"]
            )
            agree({name: value for name, value in said["status"].items() if value}, _counted(there["status"]))
            return said
    raise AssertionError(f"the activity stays {said['state']}")


def _counted(status: dict[str, int]) -> dict[str, int]:
    return {name: value for name, value in status.items() if value}
