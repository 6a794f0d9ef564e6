"""The address check, without a postal service behind it: what is found, in which form, and the sum that proves it.

Nothing is found in the city Nowhere; the zip code 00000 is a wrong one for which another can be suggested.
A lookup that may be simple needs no street, but a zip code, or city and state.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

from standins.votervoice import bodies
from standins.votervoice.errors import BAD_CHECKSUM, bad_request

US_ZIP, CA_ZIP = re.compile(r"\d{5}"), re.compile(r"[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d")
STATE = re.compile(r"[A-Za-z]{2}")
NOWHERE, WRONG_ZIP = "nowhere", "00000"


class Address(NamedTuple):
    """A checked address."""

    street: str
    city: str
    state: str
    county: str
    zip_code: str
    extension: str
    country: str

    @property
    def checksum(self) -> int:
        """A signed number of 32 bits over every part of the address."""
        digest = hashlib.md5("|".join(self).encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[:4], "big", signed=True)

    def rendered(self) -> dict[str, Any]:
        """As records show it: without the checksum."""
        return {
            "city": self.city,
            "country": self.country,
            "county": self.county,
            "state": self.state,
            "streetAddress": self.street,
            "zipCode": self.zip_code,
            "zipCodeExtension": self.extension,
        }


def sent(body: bodies.Address) -> Address:
    """An address as it came, whatever its checksum."""
    return Address(
        body.street_address,
        body.city,
        body.state,
        body.county or "",
        body.zip_code,
        body.zip_code_extension or "",
        body.country,
    )


def accepted(body: bodies.Address) -> Address:
    """An address that came with the checksum it was given, as text or as number. Raises Refusal 400."""
    address = sent(body)
    if str(body.checksum) != str(address.checksum):
        raise bad_request(BAD_CHECKSUM)
    return address


class Found(NamedTuple):
    """What GET /addresses answers: an address, or why there is none, and perhaps the zip code that was meant."""

    address: Address | None
    message: str | None = None
    suggested_zip_code: str | None = None


def looked_up(query: dict[str, Any]) -> Found:
    """The checked and corrected form of an address, the same for the same question."""
    given = {
        name: " ".join(query.get(name, "").split()) for name in ("address1", "address2", "city", "state", "zipcode")
    }
    country = query.get("country", "US")
    complaint = _complaint(given, country, bool(query.get("simpleLookup")))
    if complaint:
        return Found(None, complaint)
    if given["zipcode"] == WRONG_ZIP:
        meant = _zip(given["city"], given["state"]) if given["city"] else None
        return Found(None, "The zip code does not match the address.", meant)
    return Found(_corrected(given, country))


def _complaint(given: dict[str, str], country: str, is_simple: bool) -> str | None:
    if country not in {"US", "CA"}:
        return "The country is not supported; it is two letters in upper case."
    if not given["address1"] and not is_simple:
        return "A street address is required."
    if given["state"] and not STATE.fullmatch(given["state"]):
        return "The state is two letters."
    is_enough = given["zipcode"] or (given["city"] and (given["state"] or not is_simple))
    if given["city"].lower() == NOWHERE or not is_enough:
        return "The address was not found."
    form = US_ZIP if country == "US" else CA_ZIP
    if given["zipcode"] and not form.fullmatch(given["zipcode"]):
        return "The zip code is not valid."
    return None


def _corrected(given: dict[str, str], country: str) -> Address:
    city = given["city"].title() or "Springfield"
    state = given["state"].upper() or "IL"
    zip_code, extension = (given["zipcode"] or _zip(city, state)).upper(), ""
    street = ", ".join(part for part in (given["address1"], given["address2"]) if part)
    if country == "US":
        extension = f"{_number(street, zip_code) % 10_000:04d}" if street else ""
    return Address(street, city, state, f"{city} County", zip_code, extension, country)


def _zip(city: str, state: str) -> str:
    return f"{10_000 + _number(city.lower(), state.lower()) % 89_999}"


def _number(*parts: str) -> int:
    digest = hashlib.md5("|".join(parts).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big")
