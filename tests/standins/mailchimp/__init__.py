"""Mailchimp Marketing API 3.0, imitated: urls (routes), *_responses (HTTP face), state and rules, errors."""
