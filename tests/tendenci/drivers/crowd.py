"""Many people at once, as one of Tendenci's imports would leave them; for measurements."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from population import HEAD_OFFICE, PLACE, group, kind, person
from tendenci.apps.corporate_memberships.models import CorpMembership, CorporateMembershipType, CorpProfile
from tendenci.apps.memberships.models import MembershipDefault
from tendenci.apps.profiles.models import Profile
from tendenci.apps.user_groups.models import GroupMembership

LISTS, LISTS_EACH = 10, 3
PEOPLE_PER_COMPANY = 20
YEAR = timedelta(days=365)
AT_ONCE = 5_000


def fill(people: int) -> None:
    """All are active members, each in three of ten lists; every twenty belong to one company."""
    person("admin", is_staff=True, is_superuser=True)
    users = _users(people)
    groups = [group(f"List {number}", synchronized=True) for number in range(1, LISTS + 1)]
    _save(
        GroupMembership(group=groups[(place + step) % LISTS], member=user)
        for place, user in enumerate(users)
        for step in range(LISTS_EACH)
    )
    _members(users, groups)


def rename(people: int) -> None:
    """So many get another first name."""
    chosen = list(User.objects.filter(username__startswith="member").order_by("id")[:people])
    for user in chosen:
        user.first_name = f"Re{user.first_name}"
    User.objects.bulk_update(chosen, ["first_name"])


def _save(rows: object) -> None:
    made = list(rows)
    type(made[0]).objects.bulk_create(made, batch_size=AT_ONCE)


def _users(people: int) -> list[User]:
    numbers = range(1, people + 1)
    _save(
        User(username=f"member{n}", email=f"member{n}@example.org", first_name=f"First{n}", last_name=f"Last{n}")
        for n in numbers
    )
    users = list(User.objects.filter(username__startswith="member").order_by("id"))
    _save(
        Profile(
            user=user, creator=user, creator_username=user.username, owner=user, owner_username=user.username, **PLACE
        )
        for user in users
    )
    return users


def _members(users: list[User], groups: list[object]) -> None:
    regular = kind("Regular", groups[0])
    corporate = CorporateMembershipType.objects.create(name="Company", description="Company", membership_type=regular)
    companies = range(-(-len(users) // PEOPLE_PER_COMPANY))
    _save(CorpProfile(name=f"Company {n}", email=f"office{n}@example.org", **HEAD_OFFICE) for n in companies)
    profiles = list(CorpProfile.objects.order_by("id"))
    now = timezone.now()
    active = {"join_dt": now, "status_detail": "active"}
    _save(
        CorpMembership(corp_profile=each, corporate_membership_type=corporate, expiration_dt=now + YEAR, **active)
        for each in profiles
    )
    _save(
        MembershipDefault(
            user=user, membership_type=regular, corp_profile_id=profiles[place // PEOPLE_PER_COMPANY].id,
            expire_dt=now + YEAR, guid=f"{place}", **active,
        )
        for place, user in enumerate(users)
    )  # fmt: skip
