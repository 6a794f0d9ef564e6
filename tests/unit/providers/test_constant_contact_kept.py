"""What a look has read is found again, however much it is, and takes little memory."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from typing import Any

import pytest

from crm_sync.errors import ConfigError
from crm_sync.providers.constant_contact import kept
from crm_sync.providers.constant_contact.kept import Kept
from crm_sync.providers.constant_contact.wire import Contact, Email
from unit.providers.constant_contact_account import Account


def contact(number: int, **said: Any) -> Contact:
    address = f"Person{number}@example.org"
    told: dict[str, Any] = {"first_name": "Ann", "last_name": "Lee", "list_memberships": ["l1", "l2"], **said}
    return Contact(f"id{number}", Email(address, "implicit"), **told)


@pytest.fixture(params=[kept._BYTES_IN_MEMORY, 1], ids=["in memory", "in a file"])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setattr(kept, "_BYTES_IN_MEMORY", request.param)
    made = Kept()
    for number in range(500):
        made.add(contact(number))
    return made


def test_everybody_is_found_by_id_and_by_address(many: Kept) -> None:
    assert many.find([]) == {}
    assert many.find(["id7", "person499@example.org", "id500", "Person7@example.org", ""]) == {
        "id7": contact(7),
        "person499@example.org": contact(499),
    }
    assert len(many.find([f"id{number}" for number in range(500)])) == 500


def test_of_a_contact_that_was_read_twice_the_last_counts(many: Kept) -> None:
    many.add(contact(7, first_name="Bea", deleted_at="2026-11-27T00:00:00Z"))
    for key in ("id7", "person7@example.org"):
        assert many.find([key])[key].first_name == "Bea"


@pytest.mark.parametrize("number", [0, 3])
def test_two_keys_of_one_hash_are_told_apart(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "hash", lambda _: 42, raising=False)
    made = Kept()
    for each in range(4):
        made.add(contact(each))
    assert made.find([f"id{number}", "nobody"]) == {f"id{number}": contact(number)}


def test_an_account_without_anybody_is_an_answer() -> None:
    assert Kept().find(["id1"]) == {}


def test_memory_does_not_grow_with_the_contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_BYTES_IN_MEMORY", 1)
    tracemalloc.start()
    made = Kept()
    for number in range(20_000):
        made.add(contact(number))
    assert len(made.find(["id1", "id19999"])) == 2
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held / 20_000 < 60, "bytes a contact"


@pytest.mark.parametrize("at", ["write", "flush"])
def test_a_full_disk_says_what_helps(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: bytes) -> int:
        raise OSError(28, "No space left on device")

    made = Kept()
    monkeypatch.setattr(made._file, at, full)

    def kept_and_found() -> None:
        made.add(contact(1))
        made.find(["id1"])

    with pytest.raises(ConfigError, match="TMPDIR") as caught:
        kept_and_found()
    assert "example.org" not in str(caught.value)


def test_who_changed_is_read_only_where_somebody_asks(account: Account) -> None:
    client = account.connect()
    account.standin.act("create_contacts", count=600)
    since = client.opt_outs(None).polled_at - timedelta(minutes=10)
    account.standin.clear_requests()
    heard = client.opt_outs(since)
    assert len(account.calls()) == 1, "a page of those who left"
    assert [len(page) for page in heard.changed()] == [500, 100], "never everybody at once"
    assert len(account.calls()) == 3
