"""The bench's own arithmetic; the figures themselves are `dev.py bench`."""

import pytest

from bench.measure import Row, pairs, percentile, within_frame


def test_a_row_says_whether_it_holds():
    row = Row("r", ours=3.0, base=2.0, unit="ms", bar=1.5, n=5)
    assert row.holds
    assert not Row("r", ours=3.1, base=2.0, unit="ms", bar=1.5, n=5).holds
    assert row.as_json() == {"name": "r", "ours": 3.0, "base": 2.0, "unit": "ms", "ratio": 1.5, "bar": 1.5, "n": 5}


def test_both_sides_take_turns_after_one_call_each():
    calls = []
    row = pairs("r", lambda: calls.append("ours"), lambda: calls.append("base"), bar=9, pairs=5)
    assert calls == ["ours", "base"] * 6
    assert row.n == 5


def test_too_few_pairs_are_refused():
    with pytest.raises(ValueError, match="too few"):
        pairs("r", int, int, bar=1, pairs=4)


def test_the_percentile_is_a_measured_value():
    assert percentile([5.0, 1.0, 3.0], 0.5) == 3.0
    assert percentile([float(n) for n in range(100)], 0.99) == 99.0
    assert within_frame("答", [16.0] * 99 + [20.0], 0.5).holds
