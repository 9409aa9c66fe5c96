"""Moments as the store writes them: UTC, fixed width, so that text order is time order. Never asks the clock."""

from __future__ import annotations

from datetime import UTC, datetime

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
_WIDTH = 27


def text(moment: datetime) -> str:
    """2025-12-12T02:42:11.000000Z. ValueError for a moment without zone: it would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC).strftime(_FORM)


def moment(text: str) -> datetime:
    """Aware UTC moment of what `text` wrote; ValueError for anything else. A county reads thousands of them at once."""
    if len(text) != _WIDTH or text[10] != "T" or text[19] != "." or text[-1] != "Z":
        raise ValueError(f"{text!r} is no moment of ours")
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
