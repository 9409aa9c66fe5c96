"""Rows of the bench and the one way to take times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

PAIRS = 5  # the least that a median is taken of
FRAME = 16.7  # ms, one picture of a 60 Hz screen


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. ours, base: in `unit`; bar: the ratio that must not be passed; n: measurements behind it."""

    name: str
    ours: float
    base: float
    unit: str
    bar: float
    n: int

    @property
    def ratio(self) -> float:
        return self.ours / self.base

    @property
    def holds(self) -> bool:
        return self.ratio <= self.bar

    def as_json(self) -> dict[str, str | float | int]:
        return {
            "name": self.name,
            "ours": round(self.ours, 4),
            "base": round(self.base, 4),
            "unit": self.unit,
            "ratio": round(self.ratio, 3),
            "bar": self.bar,
            "n": self.n,
        }


def milliseconds(act: Callable[[], object], times: int = 1) -> float:
    """The mean of `times` calls in a row."""
    start = perf_counter()
    for _ in range(times):
        act()
    return (perf_counter() - start) * 1000 / times


def pairs(
    name: str,
    ours: Callable[[], object],
    base: Callable[[], object],
    *,
    bar: float,
    pairs: int = PAIRS,
    times: int = 1,
) -> Row:
    """Medians of interleaved pairs, so that a busy moment of the machine falls on both sides.
    Both are called once before, so that caches are as warm on either side. `times` calls make one measurement."""
    if pairs < PAIRS:
        raise ValueError(f"{pairs} pairs are too few for a median")
    ours()
    base()
    taken = [(milliseconds(ours, times), milliseconds(base, times)) for _ in range(pairs)]
    return Row(name, median(a for a, _ in taken), median(b for _, b in taken), "ms", bar, pairs * times)


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the sorted values lie: percentile(times, 0.99)."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def within_frame(name: str, values: list[float], share: float, *, bar: float = 1.0) -> Row:
    """The p-th value in ms against one frame of the screen."""
    return Row(f"{name} p{share * 100:g}", percentile(values, share), FRAME, "ms", bar, len(values))
