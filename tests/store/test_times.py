"""Moments in the store: what was written is read back, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cunbao.store.times import moment, text


@pytest.mark.parametrize(
    "at",
    [
        datetime(2025, 12, 12, 2, 42, 11, tzinfo=UTC),
        datetime(2025, 12, 12, 10, 42, 11, 7, tzinfo=timezone(timedelta(hours=8))),
        datetime(1999, 1, 1, 0, 0, tzinfo=UTC),
    ],
)
def test_a_moment_is_read_back_as_it_was_written(at: datetime) -> None:
    assert moment(text(at)) == at and moment(text(at)).tzinfo is UTC


@pytest.mark.parametrize(
    "said",
    [
        "", "2025-12-12", "2025-12-12T02:42:11Z", "2025-12-12 02:42:11.000000Z", "2025-12-12T02:42:11.000000",
        "2025-12-12T02:42:11.000000+", "2025-13-12T02:42:11.000000Z", "2025-12-12T02:42:11,000000Z",
    ],
)  # fmt: skip
def test_anything_else_is_refused(said: str) -> None:
    with pytest.raises(ValueError):
        moment(said)
