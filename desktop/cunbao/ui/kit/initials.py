"""Pinyin initials of names and labels, from resources/initials.txt (made by build/initials.py); pypinyin stays out.

The table is read on the first call, not at the start. A character with several readings matches by any of them.
"""

from __future__ import annotations

from functools import cache

from cunbao.survey import resources


@cache
def _table() -> dict[str, str]:
    made: dict[str, str] = {}
    for line in resources.path("initials.txt").read_text("utf-8").splitlines():
        letters, _, marks = line.partition(" ")
        made.update(dict.fromkeys(marks, letters))
    return made


@cache
def initials(text: str) -> str:
    """dz for 傣族: the usual reading of each character; Latin letters and digits stay, all else is left out."""
    table = _table()
    return "".join(
        table[mark][0] if mark in table else mark.lower() for mark in text if mark in table or mark.isalnum()
    )


def matches(typed: str, text: str) -> bool:
    """Does `text` begin with, or contain, what was typed: as characters, or as pinyin initials in any reading?"""
    typed = typed.strip().lower()
    if not typed or typed in text.lower():
        return True
    if not typed.isascii():
        return False
    table = _table()
    letters = [table.get(mark, mark.lower()) for mark in text if mark in table or mark.isalnum()]
    for start in range(len(letters) - len(typed) + 1):
        if all(typed[at] in letters[start + at] for at in range(len(typed))):
            return True
    return False
