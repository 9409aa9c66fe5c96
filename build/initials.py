#!/usr/bin/env python3
"""Make resources/initials.txt: the pinyin initials of each Han character, so that a window needs no pypinyin.

One line a set of initials, the usual one first: `cz 长`. Usage: .venv/bin/python build/initials.py
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from pypinyin import Style, pinyin

TARGET = Path(__file__).resolve().parent.parent / "resources" / "initials.txt"
RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000))


def main() -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    for start, stop in RANGES:
        for mark in map(chr, range(start, stop)):
            readings = pinyin(mark, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
            letters = "".join(
                dict.fromkeys(reading for reading in (readings[0] if readings else []) if reading.isascii())
            )
            usual = pinyin(mark, style=Style.FIRST_LETTER, errors="ignore")
            if letters and usual:
                first = usual[0][0]
                groups[first + letters.replace(first, "")].append(mark)
    lines = [f"{letters} {''.join(marks)}\n" for letters, marks in sorted(groups.items())]
    TARGET.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()
