"""Constant Contact V3, imitated: urls (routes), *_responses (HTTP face), oauth, state and rules, activities, errors.

The API is below /v3, the authorization host below /oauth2/default/v1 on the same socket. A grant exists from the start:
client standin-client, secret standin-secret, refresh token standin-refresh-token (switches of these names).

GET  _standin/state → {counts: {<status>: n, contacts, lists}, calls_today, lists: [{id, name, members, deleted?}],
                custom_fields: [{id, name, label}], activities: [{activity_id, kind, state, created_at, looks, status,
                errors}], contacts: [{contact_id, address, status, permission, opt_out_source, unsubscribed_by,
                first_name, last_name, lists: [name], updated_at}]}
                status is active, unsubscribed, deleted, not_set, pending_confirmation or temp_hold; unsubscribed_by is
                contact, admin, api or null; an opt_out_source Contact locks against the account.
                ?counts=1 leaves contacts out; ?history=1 adds
                history: [{time, contact_id, address, from, to, by: api|contact|admin}], oldest first; `from` is null
                for a creation (bulk seeding is not in it).
POST _standin/state → people: unsubscribe {address, reason?} (by the contact) · admin_unsubscribe {address} ·
                resubscribe {address} (by the contact) · create_contact {address, first_name?, last_name?,
                lists?: [name], status?, opt_out_source?} · create_contacts {count, start?=1,
                address?="person{n}@example.org", first_name?, last_name?, lists?} · delete_contact {address} ·
                set_names {address, first_name, last_name} · create_list {name} · rename_list {name, new_name} ·
                delete_list {name} (at once) · add_to_list {address, name} · remove_from_list {address, name} ·
                delete_custom_field {name} · empty_account {}
                the application: revoke {} (all tokens die) · expire_access_tokens {} · grant {scope?} →
                {access_token, refresh_token} · use_quota {calls} · fail_next_activity {state?=failed, errors?,
                applied?=0} (failed, timed_out or cancelled, after so many of its items) · finish_activities {}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standins.constant_contact import by_hand, contract, seen, server, vendor
    from standins.modules import ByHandModule, MailingContractModule, ServerModule, SubscribersSeenModule, VendorModule

    # What the discovery finds here: mypy names what a module lacks.
    BY_HAND: ByHandModule = by_hand
    CONTRACT: MailingContractModule = contract
    SEEN: SubscribersSeenModule = seen
    SERVER: ServerModule = server
    VENDOR: VendorModule = vendor
