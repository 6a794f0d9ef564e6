"""The rule for registered advocates: who is known by address is updated, unless the data tell of somebody else."""

from __future__ import annotations

import hashlib

from standins.votervoice import addresses, bodies
from standins.votervoice.contacts import check_email
from standins.votervoice.errors import BAD_ADDRESS, OTHER_USER, Refusal, bad_request
from standins.votervoice.state import Association, User

SIGNIFICANT = ("given_names", "surname")


def post(association: Association, body: bodies.User) -> User:
    """A new user, or the one with that address. Raises Refusal 409 where the names differ by more than their case."""
    texts = body.texts()
    email = texts.get("email_address", "")
    check_email(association, email)
    if not email:
        raise bad_request(BAD_ADDRESS)
    for address in (body.home_address, body.business_address):
        if address:
            addresses.accepted(address)
    known = association.users.get(email.lower())
    if known and any(texts.get(name, "").lower() != known.texts.get(name, "").lower() for name in SIGNIFICANT):
        raise Refusal(409, OTHER_USER)
    user = known or _created(association, email)
    user.texts = texts
    return user


def _created(association: Association, email: str) -> User:
    number = len(association.users) + 1
    token = hashlib.md5(b"user %d" % number, usedforsecurity=False).hexdigest().upper()
    return association.users.setdefault(email.lower(), User(number, token))
