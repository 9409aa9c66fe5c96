"""Faces on paper: which face draws which character, how wide it is, and what cannot be printed at all.

Never prints an empty box: a character that no face has is refused with its code point.
Source: print/fonts.md, rules 1–4.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import groupby

from reportlab.pdfbase import pdfmetrics, ttfonts

from cunbao.errors import PaperError
from cunbao.survey.fontfiles import font_file

SERIF, SERIF_BOLD = "serif", "serif-bold"
SANS, SANS_MEDIUM, SANS_BOLD = "sans", "sans-medium", "sans-bold"
RARE = "hanamin"

# What is tried after a face's own characters: the whole face of the kind, the whole serif (Ext A), Ext B–F.
FALLBACKS = {
    SERIF: (SERIF, RARE),
    SERIF_BOLD: (SERIF_BOLD, SERIF, RARE),
    SANS: (SANS, SERIF, RARE),
    SANS_MEDIUM: (SANS_MEDIUM, SANS, SERIF, RARE),
    SANS_BOLD: (SANS_BOLD, SANS, SERIF, RARE),
}
DIGIT = 0.558  # em: one advance for all digits of a number column; in Noto Serif SC they differ (rule 4)
DIGITS = frozenset("0123456789")


def to_unicode(name: str, subset: Sequence[int]) -> str:
    """The ToUnicode CMap of one subset: UTF-16BE, so that characters beyond U+FFFF are extracted right (rule 2)."""
    pairs = [(code, char) for code, char in enumerate(subset) if char]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        f"/CIDSystemInfo << /Registry ({name}) /Ordering ({name}) /Supplement 0 >> def",
        f"/CMapName /{name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    for start in range(0, len(pairs), 100):  # no more than 100 in a block, PDF 32000 §9.10.3
        block = pairs[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{code:02X}> <{chr(char).encode('utf-16-be').hex().upper()}>" for code, char in block]
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)


# reportlab 5.1.0 writes five hex digits for characters beyond U+FFFF; there is no hook but the function itself.
ttfonts.makeToUnicodeCMap = to_unicode


@cache
def registered(role: str) -> str:
    """reportlab's name of a face; loads it the first time (50 ms; HanaMinB 120 ms, only when a text asks for it)."""
    name = f"cunbao-{role}"
    pdfmetrics.registerFont(ttfonts.TTFont(name, str(font_file(role)), shapable=False))
    return name


@cache
def _glyphs(role: str) -> tuple[dict[int, int], dict[int, float]]:
    face = pdfmetrics.getFont(registered(role)).face
    return face.charToGlyph, face.charWidths


@lru_cache(maxsize=50_000)
def runs(text: str, face: str) -> tuple[tuple[str, str], ...]:
    """The text as (role, piece), each piece in a face that has all of it.

    PaperError "paper.character" when a character is in none."""
    first = FALLBACKS[face][0]
    have = _glyphs(first)[0]
    if all(ord(sign) in have for sign in text):
        return ((first, text),) if text else ()
    missing = unprintable(text)
    if missing:
        raise no_glyph(text, missing)
    return tuple(
        (role, "".join(signs)) for role, signs in groupby(text, key=lambda sign: _role(ord(sign), FALLBACKS[face]))
    )


def unprintable(text: str) -> tuple[str, ...]:
    """The characters of a text that no bundled face has, each once, in their order. Empty for what can be printed."""
    return tuple(dict.fromkeys(sign for sign in text if not _role(ord(sign), FALLBACKS[SERIF])))


def width(text: str, face: str, size: float) -> float:
    """How far a text goes, in points."""
    return _ems(text, face) * size


@lru_cache(maxsize=50_000)
def _ems(text: str, face: str) -> float:
    total = 0.0
    for role, piece in runs(text, face):
        widths = _glyphs(role)[1]
        total += sum(widths[ord(sign)] for sign in piece)
    return total / 1000


def digits_width(text: str, face: str, size: float) -> float:
    """How far a number goes when every digit has the same advance, in points."""
    return sum(DIGIT if sign in DIGITS else _ems(sign, face) for sign in text) * size


def digit_gaps(text: str, face: str) -> tuple[float, ...]:
    """What is added behind each sign of a number so that digits advance DIGIT, in em."""
    widths = _glyphs(face)[1]
    return tuple(DIGIT - widths[ord(sign)] / 1000 if sign in DIGITS else 0.0 for sign in text)


def _role(code: int, roles: Sequence[str]) -> str:
    # Control characters stand in no cmap; a font may map a no-break space, reportlab draws it as a space.
    return next((role for role in roles if code in _glyphs(role)[0]), "")


def no_glyph(text: str, missing: Sequence[str]) -> PaperError:
    named = "、".join(f"“{sign}”（U+{ord(sign):04X}）" for sign in missing[:5])
    return PaperError(
        "paper.character",
        happened=f"“{text[:20]}”里有打印不出的字：{named}",
        safe="没有生成文件，填的内容都在",
        todo="请核对这个字；确实是这个字的，请把字和代码告诉县里，由县里补字",
    )
