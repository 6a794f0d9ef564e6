"""Counts what a person clicks. Typing and the keyboard are free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from system.sync_page import Window


@dataclass
class Clicks:
    """A person's hand in a window."""

    window: Window
    number: int = 0

    def __call__(self, locator: Any) -> None:
        """Click on something of Airflow's, or of ours."""
        locator.click()
        self.number += 1

    def sync_page(self) -> None:
        """From Airflow's first page to ours."""
        self(self.window.page.get_by_role("link", name="CRM Sync"))

    def link(self, name: str) -> None:
        """A link of our page."""
        self(self.window.inside.get_by_role("link", name=name).first)

    def button(self, name: str, of: str = "#mailchimp") -> None:
        """A button of a card."""
        self(self.window.inside.locator(of).get_by_role("button", name=name).first)

    def sees(self, text: str) -> None:
        """Wait for what they came for."""
        self.window.inside.get_by_text(text).first.wait_for()
