"""One suite for every provider that discovery finds, and what it shares with the tests of bad input."""
