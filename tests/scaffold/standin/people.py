"""The rules for one person: what is refused, and what a write does."""

from __future__ import annotations

from scaffold.standin import bodies
from scaffold.standin.errors import Refusal
from scaffold.standin.state import Account, Person


def put(account: Account, person_id: str, body: bodies.Person) -> Person:
    """A person as a whole, known or not. Raises Refusal 422 for an address at a fake domain."""
    if body.email.rpartition("@")[2].lower() in account.switches.fake_domains:
        raise Refusal(422, "bad_email")
    in_lists = tuple(each.id for each in body.lists)
    person = Person(person_id, body.email, body.first_name, body.last_name, in_lists)
    account.put(person, {each.id: each.name for each in body.lists}, "api")
    return person


def delete(account: Account, person_id: str) -> None:
    """Take a person out. Raises Refusal 404 where there is none."""
    person = account.people.get(person_id)
    if person:
        account.remove(person, "api")
    elif account.switches.second_delete == "404":
        raise Refusal(404, "no_such_person")
