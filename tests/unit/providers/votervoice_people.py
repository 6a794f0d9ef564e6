"""A connection to VoterVoice's stand-in, and people to send, for the tests of this folder."""

from __future__ import annotations

from typing import Any, cast

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.ledger.client_state import ClientState
from crm_sync.providers.votervoice.client import Client
from crm_sync.providers.votervoice.mapping import record
from local import verbs
from local.world import QUICK
from standins import StandIn
from unit.providers.member_rows import Notebook, batch, contacts

SHEET = providers.get("votervoice")
KEY = "standin-votervoice-key"
HOME = {"address_line1": "1 Main St", "city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"}


def connected(standin: StandIn, client_state: Notebook | None = None, **extras: str) -> Client:
    """A client with the stand-in's key; ``client_state`` is an empty one unless given."""
    everything = {"association": "standin", "base_url": standin.url + "/api", **extras}
    made = SHEET.connect(Credentials(KEY, extras=everything), QUICK, cast("ClientState", client_state or Notebook()))
    return cast("Client", made)


def records(*emails: str | None, **said: Any) -> dict[str, str]:
    """A record for each e-mail address, of people 1 and so on; ``said`` goes for all."""
    rows = [
        {"contact_id": number, "first_name": "Ann", "address": email, **said}
        for number, email in enumerate(emails, start=1)
    ]
    return dict(zip(map(str, range(1, len(rows) + 1)), record(contacts(*rows)), strict=True))


def told(client: Client, verb: str, people: dict[str, str]) -> list[tuple[str, str]]:
    """Status and reason of each; who waits for another's address is asked about once everybody has been written."""
    asked = batch(verb, people)
    return verbs.told(verbs.settled(client, asked, getattr(client, verb)(asked)))


def held(standin: StandIn) -> dict[str, dict[str, Any]]:
    """Everyone there by the CRM's id."""
    return {each["contact_id"]: each for each in standin.state()["contacts"]}
