"""An association of some 150 people, as the forms and jobs of Tendenci would leave it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from tendenci.apps.committees.models import Committee, Officer, Position
from tendenci.apps.corporate_memberships.models import (
    CorpMembership,
    CorpMembershipRep,
    CorporateMembershipType,
    CorpProfile,
)
from tendenci.apps.memberships.models import MembershipDefault, MembershipType
from tendenci.apps.profiles.models import Profile
from tendenci.apps.user_groups.models import Group, GroupMembership

PEOPLE = 150
YEAR = timedelta(days=365)
GROUPS = {"News": True, "Events": True, "Members": True, "Life members": True, "Board": True, "Internal": False}
FEW = 10
HEAD_OFFICE = {"address": "2 Main Street", "city": "Springfield", "state": "IL", "zip": "62701", "country": "US"}
PLACE = {
    "address": "1 Main Street",
    "city": "Springfield",
    "state": "IL",
    "zipcode": "62701",
    "country": "United States",
}


def fill(people: int = PEOPLE) -> None:
    """All of it; two of staff come first."""
    staff = [person(name, is_staff=True, is_superuser=True) for name in ("admin", "clerk")]
    groups = {name: group(name, synchronized=synchronized) for name, synchronized in GROUPS.items()}
    everyone = [person(f"person{number}", creator=staff[1], **told_of(number)) for number in range(1, people + 1)]
    for number, each in enumerate(everyone, 1):
        for place, name in enumerate(("News", "Events", "Internal")):
            if number % (place + 2):
                join(each, groups[name], subscribed=bool(number % 11))
    regular = kind("Regular", groups["Members"])
    life = kind("Life", groups["Life members"], never_expires=True)
    _memberships(everyone, regular, life)
    _companies(everyone, regular)
    _board(everyone, groups["Board"])
    _departures(everyone)


def told_of(number: int) -> dict[str, object]:
    """What is particular about some people: no address, one shared with the next, upper case, no mail."""
    special: dict[str, object] = {"direct_mail": bool(number % 13), **PLACE}
    if number % 29 == 0:
        special["email"] = ""
    elif number % 31 == 0:
        special["email"] = f"PERSON{number - 1}@example.org"
    return special


def person(username: str, creator: User | None = None, email: str | None = None, **rest: object) -> User:
    """A user with a profile, as every form of Tendenci makes them."""
    of_user = {name: rest.pop(name) for name in ("is_staff", "is_superuser") if name in rest}
    address = f"{username}@example.org" if email is None else email
    user = User.objects.create_user(username, address, first_name=username.title(), last_name="Example", **of_user)
    made = creator or user
    Profile.objects.create(
        user=user, creator=made, creator_username=made.username, owner=made, owner_username=made.username, **rest
    )
    return user


def group(name: str, *, synchronized: bool) -> Group:
    """A group by its form."""
    open_to_all = dict.fromkeys(("allow_self_add", "allow_self_remove", "allow_user_view"), True)
    made = Group.objects.create_group(name, **open_to_all)
    Group.objects.filter(pk=made.pk).update(sync_newsletters=synchronized, allow_self_remove=True, allow_user_view=True)
    return Group.objects.get(pk=made.pk)


def join(user: User, group: Group, *, subscribed: bool = True) -> GroupMembership:
    """Somebody joins a group, and perhaps leaves its newsletter."""
    made = GroupMembership.add_to_group(member=user, group=group)
    if not subscribed:
        made.unsubscribe_to_newsletter()
    return made


def kind(name: str, group: Group, **rest: object) -> MembershipType:
    """A membership type of a year."""
    return MembershipType.objects.create(
        name=name, description=name, group=group, period=1, period_unit="years", rolling_option="0",
        rolling_renew_option="0", require_approval=False, renewal_require_approval=False, **rest,
    )  # fmt: skip


def member(
    user: User, kind: MembershipType, *, corp: CorpMembership | None = None, pending: bool = False
) -> MembershipDefault:
    """A membership, approved unless it is to wait."""
    made = MembershipDefault(
        user=user, membership_type=kind, creator=user, creator_username=user.username, owner=user,
        owner_username=user.username, join_dt=timezone.now(),
    )  # fmt: skip
    if corp:
        made.corp_profile_id, made.corporate_membership_id = corp.corp_profile_id, corp.id
    made.save()
    if not (made.pend() if pending else made.approve()):
        raise ValueError("the membership did not become what it was to be")
    made.save()
    return made


def _memberships(everyone: list[User], regular: MembershipType, life: MembershipType) -> None:
    for number, user in enumerate(everyone, 1):
        if number % 7 == 0:
            member(user, regular, pending=True)
        elif number % 17 == 0:
            member(user, life)
        elif number % 5 == 0:
            member(user, regular).expire(user)
        elif number % 3 == 0:
            member(user, regular)


def _companies(everyone: list[User], regular: MembershipType) -> None:
    """Three companies, active, pending and expired, each with two representatives and one employee."""
    corporate = CorporateMembershipType.objects.create(name="Company", description="Company", membership_type=regular)
    for place, status in enumerate(("active", "pending", "expired")):
        staff = [user for number, user in enumerate(everyone, 1) if number % 10 == place + 1]
        profile = CorpProfile.objects.create(name=f"Company {place}", email=f"office{place}@example.org", **HEAD_OFFICE)
        held = CorpMembership.objects.create(
            corp_profile=profile, corporate_membership_type=corporate, join_dt=timezone.now(),
            expiration_dt=timezone.now() + YEAR, status_detail=status,
        )  # fmt: skip
        CorpMembershipRep.objects.create(corp_profile=profile, user=staff[0], is_dues_rep=True, is_member_rep=False)
        CorpMembershipRep.objects.create(corp_profile=profile, user=staff[1], is_member_rep=True, is_dues_rep=False)
        if not MembershipDefault.objects.filter(user=staff[2], membership_type=regular).exists():
            member(staff[2], regular, corp=held)


def _board(everyone: list[User], board: Group) -> None:
    """A committee; the term of one officer has ended, another was never in the group."""
    committee = Committee.objects.create(title="Board", slug="board", group=board)
    chair, treasurer = (Position.objects.create(title=title) for title in ("Chair", "Treasurer"))
    for user in everyone[: FEW - 1]:
        join(user, board)
    yesterday = timezone.now().date() - timedelta(days=1)
    Officer.objects.create(committee=committee, user=everyone[0], position=chair)
    Officer.objects.create(committee=committee, user=everyone[1], position=treasurer, expire_dt=yesterday)
    Officer.objects.create(committee=committee, user=everyone[FEW], position=treasurer)


def _departures(everyone: list[User]) -> None:
    """Some have gone before the first synchronization."""
    inactive = everyone[-1].group_member.first()
    inactive.status_detail = "inactive"
    inactive.save()
    everyone[-2].delete()
