"""One time for the whole country, and the sentence-friendly forms of it. Never asks the clock itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

Clock = Callable[[], datetime]
LOCAL = timezone(timedelta(hours=8), "北京时间")


def system_clock() -> datetime:
    """Now, in UTC; the one place of the product that asks."""
    return datetime.now(UTC)


def local_day(moment: datetime) -> date:
    return moment.astimezone(LOCAL).date()
