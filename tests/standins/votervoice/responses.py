"""The HTTP face: reads what was asked, calls the rules, renders records as the vendor's blueprint has them."""

from __future__ import annotations

from typing import Any

import msgspec

from standins.votervoice import addresses, contacts, listing, users
from standins.votervoice.errors import bad_request
from standins.votervoice.queries import rendered_moment
from standins.votervoice.state import CUSTOM_FIELDS, DEFAULT_LIST, Association, Contact

SOURCES = ("Upload Tool", "Salesforce", "FiscalNote")
DIRECTIONS = ("Inbound", "Outbound")
STANDARD_FIELDS = {
    "FName": "First Name",
    "LName": "Last Name",
    "MName": "Middle Name",
    "Email": "Email",
    "ContactID": "Contact ID",
    "Address": "Address Line 1",
    "Address2": "Address Line 2",
    "City": "City",
    "State": "State",
    "Zip": "Zip Code",
    "B_Name": "Company",
    "Comments": "Comments",
}


class Asked(msgspec.Struct):
    """What the router made of a call."""

    association: Association
    query: dict[str, Any]
    body: Any = None

    def required(self, name: str) -> str:
        """A query parameter that must be there and not be empty. Raises Refusal 400."""
        if not self.query.get(name):
            raise bad_request(f"The parameter {name} is required.")
        return str(self.query[name])


def get_contacts(asked: Asked) -> Any:
    """GET /contacts: always an array."""
    return [record(asked.association, contact) for contact in listing.listed(asked.association, asked.query)]


def post_contact(asked: Asked) -> None:
    """POST /contacts."""
    contacts.post(asked.association, asked.body)


def put_contact(asked: Asked) -> None:
    """PUT /contacts."""
    contacts.put(asked.association, asked.required("contactId"), asked.body)


def written(asked: Asked) -> Any:
    """The record that POST or PUT has written, as the blueprint has their answer."""
    contact_id = asked.query.get("contactId") or asked.body.membership.contact_id
    contact = next(iter(asked.association.by_id.get(contact_id, [])), None)
    return record(asked.association, contact or asked.association.by_email[asked.body.email_address.lower()][0])


def patch_contact(asked: Asked) -> None:
    """PATCH /contacts."""
    contacts.patch(asked.association, asked.required("temporaryContactId"), asked.body)


def delete_contact(asked: Asked) -> None:
    """DELETE /contacts."""
    contacts.delete(asked.association, asked.required("contactId"), asked.query.get("groupList"))


def get_mappings(asked: Asked) -> Any:
    """GET /contacts/mappings: one for each list that somebody configured, all of them for the upload tool."""
    source, direction = asked.query.get("remoteSource", SOURCES[0]), asked.query.get("direction", DIRECTIONS[0])
    if (source, direction) != (SOURCES[0], DIRECTIONS[0]):
        return []
    return [
        {
            "source": source,
            "groupList": name,
            "direction": direction,
            "standardFields": [
                {"voterVoiceFieldName": field, "remoteFieldName": remote} for field, remote in STANDARD_FIELDS.items()
            ],
            "customFields": [
                {"customFieldId": field_id, "remoteFieldName": remote}
                for field_id, (_, remote, _) in CUSTOM_FIELDS.items()
            ],
        }
        for name in asked.association.lists
        if name not in asked.association.unmapped
    ]


def get_addresses(asked: Asked) -> Any:
    """GET /addresses: 200 for a bad address too, with a message."""
    asked.association.address_calls += 1
    found = addresses.looked_up(asked.query)
    listed = []
    if found.address:
        is_text = asked.association.switches.checksum_type == "string"
        checksum = str(found.address.checksum) if is_text else found.address.checksum
        coordinates = {"latitude": 39.78, "longitude": -89.65}
        listed = [{"checksum": checksum, "coordinates": coordinates} | found.address.rendered()]
    answer = {"addresses": listed, "message": found.message, "suggestedZipCode": found.suggested_zip_code}
    if listed or asked.association.switches.no_address == "empty":
        return answer
    return {name: value for name, value in answer.items() if value}


def post_user(asked: Asked) -> Any:
    """POST /users."""
    user = users.post(asked.association, asked.body)
    return {"userId": user.id, "userToken": user.token}


def record(association: Association, contact: Contact) -> dict[str, Any]:
    """One contact: no registered advocate, and without custom fields where it has no value. The default list is null,
    and the temporary id is there only without an own one."""
    texts = contact.texts
    row: dict[str, Any] = {
        "membership": {
            "groupList": None if contact.list == DEFAULT_LIST else contact.list,
            "contactId": contact.contact_id,
            "dateRegistered": None,
        },
        "honorific": texts.get("honorific"),
        "givenNames": texts.get("given_names"),
        "surname": texts.get("surname"),
        "suffix": texts.get("suffix"),
        "emailAddress": texts.get("email_address"),
        "phoneNumber": texts.get("phone_number"),
        "faxNumber": texts.get("fax_number"),
        "businessCompanyName": texts.get("business_company_name"),
        "businessPositionName": texts.get("business_position_name"),
        "homeAddress": contact.home.rendered() if contact.home else None,
        "businessAddress": contact.business.rendered() if contact.business else None,
        "isNonDeliverableEmail": contact.non_deliverable,
        "dateUpdated": rendered_moment(contact.updated),
    }
    if contact.custom:
        row["customFieldValues"] = [{"id": field_id, "value": value} for field_id, value in contact.custom.items()]
    temporary = association.temporary_id(contact)
    return row | {"temporaryContactId": temporary} if temporary else row
