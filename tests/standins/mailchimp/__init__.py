"""Mailchimp Marketing API 3.0, imitated: urls (routes), *_responses (HTTP face), state and rules, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standins.mailchimp import by_hand, contract, seen, server, vendor
    from standins.modules import ByHandModule, MailingContractModule, ServerModule, SubscribersSeenModule, VendorModule

    # What the discovery finds here: mypy names what a module lacks.
    BY_HAND: ByHandModule = by_hand
    CONTRACT: MailingContractModule = contract
    SEEN: SubscribersSeenModule = seen
    SERVER: ServerModule = server
    VENDOR: VendorModule = vendor
