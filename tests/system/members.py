"""An association with members, organizations and committees."""

from __future__ import annotations

from dataclasses import dataclass

from system.association import Association


@dataclass
class MemberAssociation(Association):
    """The CRM, with what services for members are told."""

    def membership_type(self, name: str) -> int:
        """A new type of membership; its id."""
        return int(
            self.do("insert into crm.membership_type (name) values (%s) returning membership_type_id", name)[0][0]
        )

    def member(self, name: str, *lists: int, status: str | None = "active", address: str | None = "") -> int:
        """A new person in ``lists`` with a Full membership, or none where ``status`` is None."""
        contact = self.contact(name, *lists, address=address)
        if status:
            self.give_membership(contact, status)
        return contact

    def organization(self, name: str, *lists: int, status: str | None = None) -> int:
        """A new organization; one that is a member itself where ``status`` says so."""
        row = self.do(
            "insert into crm.contact (kind, organization_name) values ('organization', %s) returning contact_id", name
        )
        organization = int(row[0][0])
        for each in lists:
            self.join(organization, each)
        if status:
            self.give_membership(organization, status)
        return organization

    def give_membership(self, contact: int, status: str, kind: str = "Full") -> None:
        """A membership since the first of 2020, without an end."""
        known = self.do("select membership_type_id from crm.membership_type where name = %s", kind)
        type_id = known[0][0] if known else self.membership_type(kind)
        self.do(
            "insert into crm.membership (contact_id, membership_type_id, status, started_on)"
            " values (%s, %s, %s, '2020-01-01')",
            contact,
            type_id,
            status,
        )

    def set_status(self, contact: int, status: str) -> None:
        """All memberships of a contact are in that status now."""
        self.do("update crm.membership set status = %s where contact_id = %s", status, contact)

    def relate(self, person: int, organization: int, title: str = "Director") -> None:
        """The person belongs to the organization, as its main one."""
        self.do(
            "insert into crm.relationship (individual_id, organization_id, title, is_primary)"
            " values (%s, %s, %s, true)",
            person,
            organization,
            title,
        )
