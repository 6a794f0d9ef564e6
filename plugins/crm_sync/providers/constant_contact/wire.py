"""Types for the parts of Constant Contact's JSON that the pipeline reads and writes; decoding skips the rest."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

UNSUBSCRIBED = "unsubscribed"
BY_CONTACT = "Contact"
# documented: the source of changes by an account's own program. https://api.cc.email/v3/swagger.yaml
ACCOUNT = "Account"
# documented: a permission that the account vouches for; explicit would claim a consent that nobody gave.
IMPLICIT = "implicit"


class Email(msgspec.Struct):
    """The e-mail address of a contact, with the permission to use it."""

    address: str
    permission_to_send: str = ""
    opt_out_source: str = ""


class CustomValue(msgspec.Struct, omit_defaults=True):
    """The value of a custom field, or the choices of one that has choices."""

    custom_field_id: str
    value: str | None = None
    choice_ids: list[str | int] | UnsetType = UNSET


class CustomField(msgspec.Struct):
    """A custom field of the account."""

    custom_field_id: str
    name: str
    type: str


class Contact(msgspec.Struct, omit_defaults=True):
    """A contact; its lists and custom fields only if requested. The single values are those that a PUT must send
    along."""

    contact_id: str
    email_address: Email | None = None
    first_name: str | None = None
    last_name: str | None = None
    job_title: str | None = None
    company_name: str | None = None
    birthday_month: int | None = None
    birthday_day: int | None = None
    anniversary: str | None = None
    created_at: str = ""
    deleted_at: str = ""
    list_memberships: list[str] = []
    custom_fields: list[CustomValue] = []

    def custom_value(self, field_id: str) -> str:
        """The value of a custom field; "" if there is none."""
        return next((each.value or "" for each in self.custom_fields if each.custom_field_id == field_id), "")

    @property
    def subscriber_key(self) -> str:
        """The address in lower case, which identifies a person; "" if there is none."""
        return self.address.lower()

    @property
    def address(self) -> str:
        """The address in Constant Contact's spelling."""
        return self.email_address.address.strip().replace("\x00", "") if self.email_address else ""

    @property
    def permission(self) -> str:
        """The permission to send mail."""
        return self.email_address.permission_to_send if self.email_address else ""

    @property
    def has_left(self) -> bool:
        """Whether the contact or the account has ended the mail."""
        return self.permission == UNSUBSCRIBED

    @property
    def is_locked(self) -> bool:
        """Whether only the contact itself may come back. documented: opt_out_source Contact."""
        return self.has_left and self.email_address is not None and self.email_address.opt_out_source == BY_CONTACT


# documented: a PUT empties single values that it leaves out. https://api.cc.email/v3/swagger.yaml
SINGLE_VALUES = (
    *("first_name", "last_name", "job_title", "company_name"),
    *("birthday_month", "birthday_day", "anniversary"),
)


class Link(msgspec.Struct):
    """The address of the next page."""

    href: str


class Links(msgspec.Struct):
    """The links of a page."""

    next: Link | None = None


class Page(msgspec.Struct, kw_only=True):
    """The common part of all pages. documented: the last page has no next link."""

    links: Links | None = msgspec.field(default=None, name="_links")


class Contacts(Page):
    """A page of contacts."""

    contacts: list[Contact]


class CustomFields(Page):
    """A page of custom fields."""

    custom_fields: list[CustomField]


class ContactList(msgspec.Struct):
    """A list; a PUT must send all of its fields along."""

    list_id: str
    name: str
    membership_count: int = 0
    favorite: bool = False
    description: str | None = None


class ContactLists(Page):
    """A page of lists."""

    lists: list[ContactList]


class Counters(msgspec.Struct):
    """The counters of an activity. documented: completed is not success."""

    items_total_count: int = 0
    items_completed_count: int = 0
    error_count: int = 0
    correctable_count: int = 0
    cannot_add_to_list_count: int = 0


class Activity(msgspec.Struct):
    """A job at Constant Contact. The messages in activity_errors are counted, not read."""

    activity_id: str
    state: str
    created_at: str = ""
    started_at: str = ""
    completed_at: str = ""
    activity_errors: list[object] = []
    status: Counters = msgspec.field(default_factory=Counters)


class Activities(Page):
    """A page of activities, of the last ten days."""

    activities: list[Activity]


class Problem(msgspec.Struct):
    """An error. ``error_message`` is not read, since it may contain an address."""

    error_key: str = ""


class AddressSent(msgspec.Struct, omit_defaults=True):
    """The e-mail address in a POST or PUT."""

    address: str
    permission_to_send: str = ""
    opt_out_reason: str = ""


class ContactSent(msgspec.Struct, omit_defaults=True):
    """The body of a POST (create_source) or PUT (update_source). UNSET fields are not sent; lists replace all present
    ones."""

    create_source: str = ""
    update_source: str = ""
    email_address: AddressSent | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    job_title: str | UnsetType = UNSET
    company_name: str | UnsetType = UNSET
    birthday_month: int | UnsetType = UNSET
    birthday_day: int | UnsetType = UNSET
    anniversary: str | UnsetType = UNSET
    custom_fields: list[CustomValue] | UnsetType = UNSET
    list_memberships: list[str] | UnsetType = UNSET


class ListSent(msgspec.Struct, omit_defaults=True):
    """The body of a POST or PUT of a list."""

    name: str
    favorite: bool | UnsetType = UNSET
    description: str | UnsetType = UNSET
