"""Administrative regions of the whole country down to villages, for picking an office without typing it.

One compressed resource, read once when a screen first asks (about 0.3 s, 40 MB), searched in place: no table, no
index file, no pinyin library at run time. It names places; whether an office takes part is the task pack's word.
Source: National Bureau of Statistics 国家统计局, 统计用区划代码, state of the day in `Regions.day`; made by
build/regions.py, which also says how the columns lie.
"""

from __future__ import annotations

import json
import re
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from pathlib import Path

import zstandard

from cunbao.errors import SurveyError

MAGIC = b"cunbao regions 1\n"
# Endings that everyday names go without. The last sign of 村 or 社区 stays: 勐混村民委员会 is 勐混村.
ENDINGS = ("", "民委员会", "村民委员会", "委会", "村委会", "居民委员会", "居委会")

# Steps of the code table that are no place: a prefecture's name for "its districts", "its counties".
NO_PLACE = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


class Level(IntEnum):
    """Where a region stands, from the top; the value is the depth."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWNSHIP = 4
    VILLAGE = 5


# Digits of a code that mean something at each level.
DIGITS = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.TOWNSHIP: 9, Level.VILLAGE: 12}


@dataclass(frozen=True, slots=True)
class Region:
    """code: 12 digits; name: the official one (曼蚌村民委员会); short: as people say it (曼蚌村);
    parents: short names from the province down, without the region itself."""

    code: str
    name: str
    short: str
    level: Level
    parents: tuple[str, ...]

    @property
    def path(self) -> str:
        """云南省西双版纳傣族自治州勐海县勐混镇曼蚌村: a name alone is no key, two towns may have the same village."""
        return "".join(name for name in (*self.parents, self.short) if name not in NO_PLACE)


def split_name(name: str) -> tuple[str, int]:
    """Everyday name and the number of its ending in ENDINGS; the two joined are `name` again."""
    for whole, kept in (("村民委员会", "民委员会"), ("村委会", "委会")):
        if name.endswith(whole) and len(name) > len(whole):
            stem = name.removesuffix(whole)
            ending = whole if stem.endswith(("村", "社区")) else kept
            return name.removesuffix(ending), ENDINGS.index(ending)
    for ending in ("居民委员会", "居委会"):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending), ENDINGS.index(ending)
    return name, 0


def level_of(code: int) -> Level:
    """The level of a 12-digit code, by its trailing zeros."""
    for level, digits in DIGITS.items():
        if code % 10 ** (12 - digits) == 0:
            return level
    raise AssertionError(code)  # 12 digits leave nothing over


class Regions:
    """All regions in the order of their codes, a county before its townships before their villages."""

    def __init__(self, day: str, codes: array[int], names: str, initials: bytes, endings: bytes) -> None:
        """names and initials: one line a region, sign for sign of the same length, with a line end before and after."""
        self.day = day
        self._codes = codes
        self._names = names
        self._initials = initials.decode("ascii")
        self._endings = endings
        # over the initials: a list of all names would take 80 MB for a moment
        sizes = map(len, initials[1:].split(b"\n"))
        self._starts = array("I", accumulate(sizes, lambda at, size: at + size + 1, initial=1))

    @classmethod
    def load(cls, source: bytes | Path) -> Regions:
        """Read the resource. SurveyError when it is damaged or of another make."""
        data = source.read_bytes() if isinstance(source, Path) else source
        try:
            if not data.startswith(MAGIC):
                raise ValueError("not a table of regions")
            plain = zstandard.ZstdDecompressor().decompress(data[len(MAGIC) :])
            head, _, body = plain.partition(b"\n")
            about = json.loads(head)
            columns, at = {}, 0
            for name, size in about["columns"]:
                columns[name] = body[at : at + size]
                at += size
            codes = array("Q", accumulate(_steps(columns["steps"])))
            names, initials = columns["names"].decode(), columns["initials"]
            lines = {names.count("\n") - 1, initials.count(b"\n") - 1, len(columns["endings"])}
            if at != len(body) or len(names) != len(initials) or lines != {len(codes)}:
                raise ValueError("columns of different length")
            return cls(about["day"], codes, names, initials, columns["endings"])
        except (ValueError, KeyError, zstandard.ZstdError) as cause:
            raise SurveyError(
                "regions.damaged",
                happened="行政区划文件损坏，不能读取",
                safe="填报的数据没有改动",
                todo="请重新安装程序；在此之前可以手工输入 12 位区划代码",
                detail=str(cause),
            ) from cause

    def __len__(self) -> int:
        return len(self._codes)

    def get(self, code: str) -> Region | None:
        """The region of a code of 2, 4, 6, 9 or 12 digits; None when there is none."""
        if len(code) not in DIGITS.values() or not _is_digits(code):
            return None
        number = int(code.ljust(12, "0"))
        at = bisect_left(self._codes, number)
        return self._region(at) if at < len(self._codes) and self._codes[at] == number else None

    def children(self, code: str = "") -> list[Region]:
        """Regions directly under `code`, in order of code; the provinces when it is empty.
        Cities without counties (东莞 …) give their townships."""
        top = self.get(code) if code else None
        if code and top is None:
            return []
        found: list[Region] = []
        at, last = self._range(top.code[: DIGITS[top.level]] if top else "")
        if top is not None:
            at += self._codes[at] == int(top.code)
        while at < last:
            found.append(self._region(at))
            beyond = self._codes[at] + 10 ** (12 - DIGITS[found[-1].level])  # codes below this lie under that child
            at = bisect_left(self._codes, beyond, at + 1, last)
        return found

    def starting(self, prefix: str, limit: int = 50) -> list[Region]:
        """Regions whose code begins with `prefix`, in order of code."""
        first, last = self._range(prefix)
        return [self._region(at) for at in range(first, min(last, first + limit))]

    def named(self, text: str, within: str = "", limit: int = 50) -> list[Region]:
        """Regions with `text` in the everyday or the official name, under the code `within`."""
        stem = split_name(text.strip())[0]
        return self._search(self._names, stem, within, limit)

    def by_initials(self, letters: str, within: str = "", limit: int = 50) -> list[Region]:
        """Regions whose everyday name begins with these pinyin initials: mhz finds 勐混镇."""
        letters = letters.strip().lower()
        return self._search(self._initials, "\n" + letters, within, limit) if letters else []

    def find(self, typed: str, within: str = "", limit: int = 50) -> list[Region]:
        """What a person typed: digits are a code, Latin letters are initials, anything else is a name."""
        typed = typed.strip()
        if _is_digits(typed):
            shorter, longer = sorted((typed, within), key=len)
            return self.starting(longer, limit) if longer.startswith(shorter) else []
        if typed.isascii():
            return self.by_initials(typed, within, limit)
        return self.named(typed, within, limit)

    # ------------------------------------------------------------ inside

    def _range(self, prefix: str) -> tuple[int, int]:
        """First index and the one after the last of the codes that begin with `prefix`."""
        if not prefix:
            return 0, len(self._codes)
        if not _is_digits(prefix) or len(prefix) > 12:
            return 0, 0
        first = int(prefix.ljust(12, "0"))
        return bisect_left(self._codes, first), bisect_right(self._codes, int(prefix.ljust(12, "9")))

    def _search(self, text: str, wanted: str, within: str, limit: int) -> list[Region]:
        first, last = self._range(within)
        if not wanted.strip() or "\n" in wanted[1:] or first == last:
            return []
        found: list[Region] = []
        # from the line end before the first line to the one after the last
        at, end = self._starts[first] - 1, self._starts[last]
        while len(found) < limit and (at := text.find(wanted, at, end)) >= 0:
            row = bisect_right(self._starts, at + wanted.startswith("\n")) - 1
            found.append(self._region(row))
            at = self._starts[row + 1] - 1
        return found

    def _short(self, at: int) -> str:
        return self._names[self._starts[at] : self._starts[at + 1] - 1]

    def _region(self, at: int) -> Region:
        number = self._codes[at]
        short = self._short(at)
        level = level_of(number)
        parents = tuple(self._short(row) for row in self._above(number, level))
        return Region(f"{number:012}", short + ENDINGS[self._endings[at]], short, level, parents)

    def _above(self, number: int, level: Level) -> Iterator[int]:
        before = 0
        for upper in Level:
            if upper >= level:
                return
            tail = 10 ** (12 - DIGITS[upper])
            code = number // tail * tail
            row = bisect_left(self._codes, code)
            if self._codes[row] == code and code != before:  # 东莞 has no county, its code is the city's again
                yield row
            before = code


def _is_digits(text: str) -> bool:
    return re.fullmatch("[0-9]+", text) is not None


def _steps(planes: bytes) -> array[int]:
    """Differences between neighbouring codes, eight bytes each, stored as eight planes of one byte."""
    size, odd = divmod(len(planes), 8)
    if odd:
        raise ValueError("codes are cut off")
    mixed = bytearray(len(planes))
    for byte in range(8):
        mixed[byte::8] = planes[byte * size : (byte + 1) * size]
    steps = array("Q", bytes(mixed))
    if sys.byteorder == "big":
        steps.byteswap()
    return steps
