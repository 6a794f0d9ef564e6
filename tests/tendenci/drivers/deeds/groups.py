"""Who joins and leaves groups and committees, and what becomes of these."""

from __future__ import annotations

from tendenci.apps.committees.models import Committee, Officer, Position
from tendenci.apps.user_groups.models import Group, GroupMembership

from deeds.hands import FOUND, REDIRECTED, named, news, post, some


def somebody_joins_by_themselves(username: str = "person6") -> None:
    """On the group's page; person6 is not in it."""
    post("group.selfadd", news().slug, by=username, expected=REDIRECTED)


def many_join_in_bulk() -> None:
    """bulk_create calls no save."""
    absent = [user for user in some(1, 40) if not news().is_member(user)]
    GroupMembership.objects.bulk_create(GroupMembership(group=news(), member=user) for user in absent)


def somebody_leaves_by_themselves(username: str = "person1") -> None:
    """On the group's page."""
    post("group.selfremove", news().slug, by=username, expected=REDIRECTED)


def many_are_removed() -> None:
    """As its jobs remove representatives from a group."""
    news().members.remove(*some(1, 20))


def a_membership_of_a_group_is_paused() -> None:
    """The row stays."""
    GroupMembership.objects.filter(group=news(), member__in=some(1, 10)).update(status_detail="inactive")


def somebody_leaves_a_newsletter() -> None:
    """By the link in a newsletter."""
    held = GroupMembership.objects.get(group=news(), member=named("person1"))
    key = held.noninteractive_unsubscribe_url.split("/")[-5]
    post("group.newsletter_unsubscribe_noninteractive", news().slug, key, expected=FOUND)


def somebody_comes_back_to_a_newsletter() -> None:
    """person22 had left those of two groups."""
    for each in named("person22").group_member.all():
        each.subscribe_to_newsletter()


def a_group_is_renamed() -> None:
    """By its form."""
    group = news()
    group.name = "Newsletter"
    group.save()


def a_group_is_no_longer_synchronized() -> None:
    """By its form."""
    Group.objects.filter(name="Life members").update(sync_newsletters=False)


def a_group_is_deleted() -> None:
    """On its page: a soft delete."""
    post("group.delete", Group.objects.get(name="Life members").pk, expected=REDIRECTED)


def a_group_is_deleted_for_good() -> None:
    """As by the job that removes what was deleted; it takes the committee and the types that name it along."""
    Group.objects.get(name="Life members").hard_delete()


def a_committee_is_deleted() -> None:
    """Its group stays."""
    Committee.objects.get(slug="board").delete()


def officers_change() -> None:
    """One is appointed, the title of another changes."""
    Position.objects.filter(title="Chair").update(title="President")
    secretary = Position.objects.create(title="Secretary")
    Officer.objects.create(committee=Committee.objects.get(), user=named("person3"), position=secretary)
