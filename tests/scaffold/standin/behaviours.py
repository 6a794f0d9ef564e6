"""What is imitated, and how sure it is: `documented` by the vendor, `seen` in captured answers, or `assumed`."""

from __future__ import annotations

from standins.provider import ASSUMED, Behaviour

NOTHING = "no source yet: replace it by the vendor's page, or by what was seen"

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("the key is the header X-Api-Key; a wrong one: 401", ASSUMED, NOTHING),
    Behaviour("an account that is not the key's: 403", ASSUMED, NOTHING),
    Behaviour("PUT of a person makes or replaces the whole record, and answers its id", ASSUMED, NOTHING),
    Behaviour("a list is made by the first record that names it", ASSUMED, NOTHING),
    Behaviour("a fake address: 422", ASSUMED, NOTHING, "fake_domains"),
    Behaviour("a second DELETE: 404, or 204", ASSUMED, NOTHING, "second_delete"),
    Behaviour("unknown fields and wrong types: 400", ASSUMED, NOTHING),
    Behaviour("more than 10 calls at once: 429", ASSUMED, NOTHING, "concurrency_limit"),
)
