"""Mailchimp Marketing API 3.0, imitated: urls (which route), *_responses (HTTP face), state and rules, errors (wording)."""
