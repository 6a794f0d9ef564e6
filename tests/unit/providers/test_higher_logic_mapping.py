"""Whom Higher Logic is to hold, and what its records say of them, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.providers.higher_logic.mapping import fields, lists, record, remarks, wanted
from unit.providers.member_rows import contacts, membership

NEWS = {"list_id": 5, "name": "News", "kind": "list", "role": None, "since": "2024-02-01"}
BOARD = {"list_id": 3, "name": "Board", "kind": "committee", "role": "Chair", "since": None}
ACME = {"organization_id": 9, "name": "Acme\nInc", "title": "Director", "is_primary": True}
OTHER = {"organization_id": 4, "name": "Other", "title": None, "is_primary": False}


def item(**said: Any) -> dict[str, Any]:
    """The record of one contact."""
    return dict(json.loads(record(contacts({"contact_id": 7, **said})).iloc[0]))


def test_the_flat_fields_are_those_that_are_measured() -> None:
    assert set(providers.get("higher_logic").field_bytes) <= set(fields(contacts({"contact_id": 1})).columns)


@pytest.mark.parametrize(
    ("said", "is_wanted"),
    [
        ({"statuses": ["active"], "lists": [5]}, True),
        ({"statuses": ["active", "dropped"], "lists": [5]}, True),
        ({"statuses": ["dropped", "inactive"], "lists": [5]}, False),
        ({"statuses": ["courtesy"], "lists": [5]}, False),
        ({"statuses": ["active"], "lists": []}, False),
        ({"kind": "organization", "statuses": ["active"], "lists": [5]}, False),
        ({"kind": "organization", "is_related": True}, True),
        ({"kind": "organization", "is_related": None}, False),
    ],
)
def test_active_people_of_a_list_and_their_organizations_are_wanted(said: dict[str, Any], is_wanted: bool) -> None:
    assert wanted(contacts({"contact_id": 1, **said})).tolist() == [is_wanted]


def test_an_organization_is_in_no_list_and_a_row_says_so() -> None:
    rows = contacts(
        {"contact_id": 1, "lists": [5]},
        {"contact_id": 2, "kind": "organization", "lists": [5]},
        {"contact_id": 3, "kind": "organization"},
    )
    assert lists(rows).tolist() == ["{5}", "{}", "{}"]
    assert remarks(rows).to_dict("records") == [{"contact_id": 2, "reason": "organization_in_list"}]


def test_a_record_has_the_details_of_a_person() -> None:
    details = item(
        first_name="Ann", last_name="Lee", job_title="Clerk", organization_name="Elsewhere", address="ann@example.org",
        phone="555", website="example.org", address_line1="1 Road", city="Town", state="DC", postal_code="20500",
        country="US", statuses=["active"], memberships=[membership(1, since="2020-01-01", until="2030-12-31")],
    )["MemberDetails"]  # fmt: skip
    assert details == {
        "LegacyContactKey": "7", "FirstName": "Ann", "LastName": "Lee", "Title": "Clerk", "CompanyName": "Elsewhere",
        "EmailAddress": "ann@example.org", "Phone1": "555", "Phone1Type": "Other", "Address1": "1 Road", "Address2": "",
        "City": "Town", "State": "DC", "PostalCode": "20500", "Country": "US", "WebsiteURL": "example.org",
        "ParentMemberKey": "", "MemberSince": "2020-01-01", "MemberExpiresOn": "2030-12-31", "IsOrganization": False,
        "IsActive": True, "IsMember": True,
    }  # fmt: skip


def test_the_first_organization_is_the_parent_and_gives_company_and_title() -> None:
    details = item(organization_name="Elsewhere", job_title="Clerk", organizations=[ACME, OTHER])["MemberDetails"]
    assert (details["ParentMemberKey"], details["CompanyName"], details["Title"]) == ("9", "Acme Inc", "Director")
    details = item(organization_name="Elsewhere", job_title="Clerk", organizations=[OTHER])["MemberDetails"]
    assert (details["ParentMemberKey"], details["CompanyName"], details["Title"]) == ("4", "Other", "Clerk")


def test_an_organization_has_its_name_and_no_community() -> None:
    made = item(kind="organization", organization_name="Acme", first_name="x", job_title="y", list_memberships=[NEWS])
    details = made["MemberDetails"]
    assert (details["IsOrganization"], details["CompanyName"], details["FirstName"]) == (True, "Acme", "")
    assert (details["Title"], details["IsMember"], details["Phone1Type"]) == ("", False, "")
    assert made["CommunityGroups"] == []


@pytest.mark.parametrize(
    ("spans", "since", "until"),
    [
        ([], "", ""),
        ([("2021-05-01", "2025-01-01")], "2021-05-01", "2025-01-01"),
        ([("2021-05-01", "2025-01-01"), ("2019-01-01", None)], "2019-01-01", ""),
        ([(None, "2025-01-01"), ("2022-01-01", "2026-01-01")], "2022-01-01", "2026-01-01"),
    ],
)
def test_a_member_is_one_from_the_first_day_to_the_last(spans: list[Any], since: str, until: str) -> None:
    ended = membership(1, "dropped", "1999-01-01", "2050-01-01")
    active = [membership(number, since=first, until=last) for number, (first, last) in enumerate(spans)]
    details = item(memberships=[ended, *active])["MemberDetails"]
    assert (details["MemberSince"], details["MemberExpiresOn"]) == (since, until)


def test_types_of_active_memberships_are_security_groups_each_once() -> None:
    made = item(
        memberships=[
            membership(3, since="2021-01-01", until="2022-01-01"),
            membership(1, since="2020-01-01"),
            membership(3, since="2022-01-01", until="2023-01-01"),
            membership(4, "prospective"),
        ]
    )
    groups = made["SecurityGroups"]
    assert [(g["GroupKey"], g["GroupName"], g["GroupType"], g["RoleDescription"]) for g in groups] == [
        ("membership-type-1", "Type 1", "Security", "Member"),
        ("membership-type-3", "Type 3", "Security", "Member"),
    ]
    assert [(g["SinceDate"], g["BeginDate"], g["EndDate"]) for g in groups] == [
        ("2020-01-01", "2020-01-01", ""),
        ("2021-01-01", "2021-01-01", "2023-01-01"),
    ]


def test_lists_are_communities_with_role_and_day_of_joining() -> None:
    groups = item(list_memberships=[NEWS, BOARD])["CommunityGroups"]
    told = ("GroupKey", "GroupName", "GroupType", "RoleDescription", "SinceDate")
    assert [tuple(group[name] for name in told) for group in groups] == [
        ("list-3", "Board", "Committee", "Chair", ""),
        ("list-5", "News", "List", "Member", "2024-02-01"),
    ]


@pytest.mark.parametrize(
    ("chosen", "types"),
    [
        ({}, ["Committee", "List"]),
        ({"list_type": "Discussion"}, ["Committee", "Discussion"]),
        ({"list_type": "Discussion", "committee_type": "Chapter"}, ["Chapter", "Discussion"]),
    ],
)
def test_communities_have_the_types_that_are_set_up_at_the_site(chosen: dict[str, str], types: list[str]) -> None:
    rows = contacts({"contact_id": 7, "list_memberships": [NEWS, BOARD]})
    sheet = providers.get("higher_logic").as_connected({"tenant_code": "site", **chosen})
    (made,) = map(json.loads, sheet.records(rows))
    assert [group["GroupType"] for group in made["CommunityGroups"]] == types


def test_a_long_name_of_a_list_is_cut_since_its_key_names_it() -> None:
    (group,) = item(list_memberships=[NEWS | {"name": "n" * 300}])["CommunityGroups"]
    assert group["GroupName"] == "n" * providers.get("higher_logic").list_name_characters


def test_the_same_contact_gives_the_same_text() -> None:
    one, other = record(
        contacts(*[{"contact_id": 7, "list_memberships": each} for each in ([NEWS, BOARD], [BOARD, NEWS])])
    )
    assert one == other


@pytest.mark.parametrize("odd", ["infinity", "-infinity", "0044-03-15 BC", "12024-01-01"])
def test_a_day_that_no_service_can_read_is_none(odd: str) -> None:
    said = item(
        memberships=[membership(3, since=odd, until=odd)],
        list_memberships=[{**NEWS, "since": odd}],
        lists=[5],
        statuses=["active"],
    )
    assert (said["MemberDetails"]["MemberSince"], said["MemberDetails"]["MemberExpiresOn"]) == ("", "")
    (group,), (community,) = said["SecurityGroups"], said["CommunityGroups"]
    assert [group[name] for name in ("SinceDate", "BeginDate", "EndDate")] == ["", "", ""]
    assert community["SinceDate"] == ""


def test_a_membership_without_end_leaves_the_other_days_as_they_are() -> None:
    both = [membership(3, since="2024-01-01", until="infinity"), membership(4, since="2020-05-06", until="2030-12-31")]
    said = item(memberships=both, statuses=["active"])
    assert (said["MemberDetails"]["MemberSince"], said["MemberDetails"]["MemberExpiresOn"]) == ("2020-05-06", "")
    assert [group["EndDate"] for group in said["SecurityGroups"]] == ["", "2030-12-31"]


def test_a_moment_of_an_adapted_extract_is_its_day() -> None:
    said = item(memberships=[membership(3, since="2024-01-01T23:59:59.5+00:00", until="2030-12-31 00:00:00")])
    assert [said["SecurityGroups"][0][name] for name in ("BeginDate", "EndDate")] == ["2024-01-01", "2030-12-31"]
