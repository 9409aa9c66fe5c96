"""Moments as the store writes them: UTC, fixed width, so that text order is time order. Never asks the clock."""

from __future__ import annotations

from datetime import UTC, datetime

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def text(moment: datetime) -> str:
    """2025-12-12T02:42:11.000000Z. ValueError for a moment without zone: it would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC).strftime(_FORM)


def moment(text: str) -> datetime:
    """Aware UTC moment of what `text` wrote."""
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
