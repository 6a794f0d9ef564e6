"""Memberships of people and of companies; the jobs that Tendenci runs every night."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from population import join, kind, member, person
from tendenci.apps.corporate_memberships.models import (
    CorpMembership,
    CorpMembershipRep,
    CorporateMembershipType,
    CorpProfile,
)
from tendenci.apps.memberships.models import MembershipDefault, MembershipType

from deeds.hands import named, news, some


def an_applicant_is_approved() -> None:
    """person7 waits for it."""
    MembershipDefault.objects.get(user=named("person7")).approve()


def somebody_new_joins() -> None:
    """With a profile, a membership and a list."""
    user = person("newcomer", creator=named("clerk"))
    member(user, MembershipType.objects.get(name="Regular"))
    join(user, news())


def lapse(username: str = "person3") -> None:
    """The membership ends, and the night comes."""
    yesterday = timezone.now() - timedelta(days=1)
    MembershipDefault.objects.filter(user__username=username, status_detail="active").update(expire_dt=yesterday)
    night()


def night() -> None:
    """The jobs of a night that touch people; what the command for all of them swallows is to be seen here."""
    for job in ("clean_corporate_memberships", "clean_memberships", "refresh_membership_groups"):
        call_command(job)


def whole_night() -> None:
    """All jobs of a night, whatever they touch."""
    call_command("run_nightly_commands")


def renew(username: str = "person3") -> None:
    """A lapsed member is taken again."""
    held = MembershipDefault.objects.filter(user__username=username).latest("id")
    if not held.renew(named("admin")):
        raise ValueError("the membership was not renewed")


def many_lapse() -> None:
    """More than one membership on the same day."""
    yesterday = timezone.now() - timedelta(days=1)
    held = MembershipDefault.objects.filter(user__in=some(1, 40), status_detail="active")
    held.update(expire_dt=yesterday)
    night()


def a_membership_is_deleted() -> None:
    """On its page: the row stays, with status off."""
    MembershipDefault.objects.get(user=named("person3")).delete(log=True)


def a_type_stops_expiring() -> None:
    """Its members become courtesy members."""
    life = kind("Honorary", news())
    for user in some(1, 2):
        member(user, life)
    MembershipType.objects.filter(name="Honorary").update(never_expires=True)


def a_company_lapses() -> None:
    """Its night takes the memberships of its people along."""
    yesterday = timezone.now() - timedelta(days=1)
    CorpMembership.objects.filter(status_detail="active").update(expiration_dt=yesterday)
    night()


def a_company_is_approved() -> None:
    """Company 1 waits for it."""
    held = CorpMembership.objects.get(status_detail="pending")
    held.status_detail, held.approved = "active", True
    held.save()


def a_company_is_renamed() -> None:
    """By its form."""
    CorpProfile.objects.filter(name="Company 0").update(name="Company of Friends")


def a_company_is_deleted() -> None:
    """Its row stays; its membership is not asked."""
    CorpProfile.objects.get(name="Company 0").delete()


def a_type_of_companies_is_deleted_for_good() -> None:
    """The membership stays, without a type."""
    CorporateMembershipType.objects.get().hard_delete()


def representatives_change() -> None:
    """One goes, another comes."""
    company = CorpProfile.objects.get(name="Company 0")
    company.reps.first().delete()
    CorpMembershipRep.objects.create(corp_profile=company, user=named("person2"))
