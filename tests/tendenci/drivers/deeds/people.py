"""What becomes of people, their addresses and profiles."""

from __future__ import annotations

import time

from django.contrib.auth import user_logged_in
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from tendenci.apps.profiles.models import Profile

from deeds.hands import REDIRECTED, named, post, some


def is_renamed() -> None:
    """By the form of a profile."""
    user = named("person1")
    user.first_name, user.profile.company = "Renamed", "Example & Co"
    user.save()
    user.profile.save()


def has_another_address() -> None:
    """One at a time."""
    user = named("person1")
    user.email = "Another@Example.org"
    user.save()


def addresses_move_in_bulk() -> None:
    """bulk_update calls no save and moves no update_dt."""
    users = some(1, 20)
    for user in users:
        user.email = user.email and f"moved.{user.email}"
    User.objects.bulk_update(users, ["email"])


def two_come_to_share_an_address() -> None:
    """One of them has left a newsletter."""
    User.objects.filter(username="person1").update(email=" PERSON22@example.org")


def an_address_is_emptied() -> None:
    """A person of whom nothing else changes."""
    User.objects.filter(username="person1").update(email="")


def somebody_refuses_mail() -> None:
    """By the form of a profile."""
    profile = named("person1").profile
    profile.direct_mail = False
    profile.save()


def many_refuse_mail() -> None:
    """A queryset's update calls no save."""
    Profile.objects.filter(user__in=some(1, 20)).update(direct_mail=False)


def somebody_wants_mail_again() -> None:
    """person13 had refused it."""
    Profile.objects.filter(user__username="person13").update(direct_mail=True)


def somebody_is_deleted(username: str = "person1") -> None:
    """On their page: a soft delete."""
    post("profile.delete", named(username).pk, expected=REDIRECTED)


def somebody_without_an_address_is_deleted() -> None:
    """person29 has none, so that only the username says it."""
    somebody_is_deleted("person29")


def somebody_is_deleted_for_good() -> None:
    """Django finds all that hangs on them."""
    named("person1").delete()


def many_are_deleted_for_good() -> None:
    """In the list of users."""
    User.objects.filter(username__in=[f"person{number}" for number in range(1, 11)]).delete()


def two_are_merged(master: str = "person1", other: str = "person2") -> None:
    """On the page for it."""
    users = [named(master), named(other)]
    browser = Client()
    browser.force_login(named("admin"))
    session = browser.session
    session["1"] = {"users": [user.id for user in users]}
    session["password_promt"] = {"time": int(time.time()), "value": True}
    session.save()
    chosen = {"master_record": users[0].profile.pk, "user_list": [user.profile.pk for user in users]}
    answer = browser.post(reverse("profile.merge_view", args=["1"]), chosen)
    if answer.status_code != REDIRECTED or User.objects.filter(username=other).exists():
        raise ValueError(f"the page answered with {answer.status_code} {answer.url}")


def somebody_logs_in() -> None:
    """It writes a row of auth_user, and nothing that anybody is told."""
    user = named("person1")
    user_logged_in.send(User, request=None, user=user)


def a_staff_account_is_deleted_for_good() -> None:
    """The clerk who made everyone's profile."""
    named("clerk").delete()


def share_an_address(first: str, second: str) -> None:
    """Two records of one person."""
    User.objects.filter(username=second).update(email=named(first).email)
