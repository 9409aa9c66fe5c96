"""The fonts of the window: bundled Noto Sans first, so that a bare Debian shows Chinese; HanaMinB only when needed.

HanaMinB (rare characters of names, 31 MB) is loaded on the first character that Noto Sans lacks, never at the start.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics

from cunbao.ui.kit.tokens import tokens

_rare: list[str] = []


@cache
def families() -> tuple[str, ...]:
    """Family names in order of preference; loads the bundled faces the first time. Needs a QGuiApplication."""
    bundled: list[str] = []
    for name in ("sans", "sans-bold"):
        for family in _load(name):
            if family not in bundled:
                bundled.append(family)
    wanted = [*bundled, *tokens()["type"]["family"]]
    if not bundled:  # only what is installed: fontconfig would put some Latin face in the place of an unknown name
        known = set(QFontDatabase.families())
        wanted = [name for name in ("Noto Sans SC", *wanted) if name in known]
    return tuple(wanted)


def cover(text: str) -> bool:
    """Make sure that `text` can be drawn: loads the rare face once if Noto Sans lacks a character. True if it did."""
    if _rare or all(ord(mark) < 0x3400 or 0x4E00 <= ord(mark) <= 0x9FFF for mark in text):
        return False
    font = QFont()
    font.setFamilies(list(families()[:1]))
    metrics = QFontMetrics(font)
    if all(metrics.inFontUcs4(ord(mark)) for mark in text):
        return False
    _rare.extend(_load("hanamin") or ["-"])
    if _rare != ["-"]:
        QFont.insertSubstitutions(families()[0], _rare)
    return True


def _load(name: str) -> list[str]:
    from cunbao.survey.fontfiles import font_file

    try:
        path = font_file(name)
    except (OSError, KeyError):  # no bundled face, or no place to unpack it: the system's fonts must do
        return []
    return QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
