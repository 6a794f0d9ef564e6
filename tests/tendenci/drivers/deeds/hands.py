"""Who does it, and where."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from tendenci.apps.user_groups.models import Group

FOUND, REDIRECTED = 200, 302


def some(first: int, last: int) -> list[User]:
    """The persons of these numbers."""
    return [named(f"person{number}") for number in range(first, last + 1)]


def named(username: str) -> User:
    """A person."""
    return User.objects.get(username=username)


def news() -> Group:
    """The group that most are in."""
    return Group.objects.get(name="News")


def post(page: str, *place: object, by: str = "admin", data: dict[str, object] | None = None, expected: int) -> None:
    """Somebody sends a page of Tendenci."""
    browser = Client()
    browser.force_login(named(by))
    answer = browser.post(reverse(page, args=place), data or {})
    if answer.status_code != expected:
        raise ValueError(f"{page} was answered with {answer.status_code}")
