"""What Tendenci itself says of its people: to whom its newsletters would go, and who is a member. It reads nothing of
the pipeline's; contact ids alone are as the pipeline makes them of Tendenci's."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth.models import User
from tendenci.apps.corporate_memberships.models import CorpMembershipRep, CorpProfile
from tendenci.apps.memberships.models import MembershipDefault
from tendenci.apps.newsletters.models import Newsletter
from tendenci.apps.profiles.models import Profile
from tendenci.apps.user_groups.models import Group, GroupMembership


def wanted() -> dict[str, dict[str, list[str]]]:
    """By provider whom it is to hold, with the names of their lists; e-mail providers by address, others by id."""
    mail, members = _mail(), _members()
    companies = [
        f"{2 * each.id + 1}" for each in CorpProfile.objects.filter(status=True) if each.active_corp_membership
    ]
    active = {who: sorted(lists) for who, (kinds, lists) in members.items() if "active" in kinds and lists}
    return {
        "mailchimp": mail,
        "constant_contact": mail,
        "higher_logic": active,
        "votervoice": {who: [] for who in [*members, *companies]},
    }


def flags(username: str) -> list[dict[str, Any]]:
    """What the synchronized groups of a person have of their newsletter."""
    held = GroupMembership.objects.filter(member__username=username, group__in=_groups()).order_by("group__name")
    return [
        {
            "group": each.group.name, "subscribed": each.is_newsletter_subscribed, "key": each.newsletter_key,
            "updated": each.update_dt,
        }
        for each in held
    ]  # fmt: skip


def _groups() -> list[Group]:
    return list(Group.objects.filter(sync_newsletters=True, status=True, status_detail="active"))


def _is_gone(user: User) -> bool:
    profile = Profile.objects.filter(user=user).first()
    return "-soft-delete-" in user.username or (profile is not None and not profile.status)


def _mail() -> dict[str, list[str]]:
    """The recipients of a newsletter to each group, as Tendenci finds and then skips them; but an address that refuses
    one of them gets none, whatever its case."""
    lists: dict[str, set[str]] = defaultdict(set)
    refused = {_key(user) for user in User.objects.all() if not _is_gone(user) and _refuses(user)}
    for group in _groups():
        for recipient in Newsletter(group=group, member_only=False).get_recipients():
            if recipient.member.email.strip() and not _is_gone(recipient.member):
                lists[_key(recipient.member)].add(group.name)
    return {address: sorted(names) for address, names in lists.items() if address not in refused}


def _refuses(user: User) -> bool:
    profile = Profile.objects.filter(user=user).first()
    left = GroupMembership.objects.filter(
        member=user, group__in=_groups(), status=True, status_detail="active", is_newsletter_subscribed=False
    )
    return profile is None or not profile.direct_mail or left.exists()


def _key(user: User) -> str:
    return user.email.strip().lower()


def _members() -> dict[str, tuple[set[str], set[str]]]:
    """By contact id of who is a member: active or courtesy, and the groups they are in, subscribed or not."""
    found = {}
    for user in User.objects.all():
        kinds = _kinds(user)
        if kinds and not _is_gone(user):
            held = GroupMembership.objects.filter(member=user, group__in=_groups(), status=True, status_detail="active")
            found[str(2 * user.id)] = (kinds, {each.group.name for each in held})
    return found


def _kinds(user: User) -> set[str]:
    """Of the person's own memberships, and of those of the companies they belong to or represent."""
    own = MembershipDefault.objects.filter(user=user, status=True)
    kinds = {
        "courtesy" if each.membership_type.never_expires else "active" for each in own if each.get_status() == "active"
    }
    companies = [each.get_corporate_profile() for each in own if each.get_status() in {"active", "pending"}]
    represented = CorpMembershipRep.objects.filter(user=user).values_list("corp_profile_id", flat=True)
    companies += CorpProfile.objects.filter(id__in=represented)
    if any(company.active_corp_membership for company in companies if company and company.status):
        kinds.add("active")
    return kinds
