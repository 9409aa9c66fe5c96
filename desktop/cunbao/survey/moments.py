"""Moments as signed things write them: UTC in whole seconds, 2025-12-15T01:30:00Z. Never asks the clock."""

from __future__ import annotations

from datetime import UTC, datetime

LAST_YEAR = 9998  # a day more must still be a date: screens and paper show local time


def read_moment(text: str) -> datetime:
    """The aware UTC moment that `text` says; ValueError for anything else. A clock may be off by decades, that is a
    doubt and no fault of form."""
    found = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if not 1000 <= found.year <= LAST_YEAR:
        raise ValueError(f"year {found.year}")
    return found
