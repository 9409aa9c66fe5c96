"""Prose of several faces in one line: plain, strong, key caps. Broken as `text` breaks, a key cap never.

Widths in mm, sizes in pt.
"""

from __future__ import annotations

from dataclasses import dataclass

from cunbao.manual import Span
from cunbao.paper import fonts, text
from cunbao.paper.fonts import SANS, SERIF, SERIF_BOLD
from cunbao.paper.pen import MM, UNDER_MIDDLE, Pen

FACES = {"": SERIF, "strong": SERIF_BOLD, "key": SANS}
CAP_PAD, CAP_SMALLER = 1.0, 1.0  # mm at each side of a key, pt under the size around it


@dataclass(frozen=True, slots=True)
class Run:
    """What is drawn at once; wide: mm, with the cap's sides for a key."""

    text: str
    kind: str
    link: str
    wide: float


Line = tuple[Run, ...]


def broken(spans: tuple[Span, ...], wide: float, size: float, *, first: float | None = None) -> tuple[Line, ...]:
    """The spans in lines of at most `wide` mm (first: another width for the first)."""
    lines: list[list[Run]] = [[]]
    used = 0.0
    for piece in _pieces(spans, size):
        room = wide if first is None or len(lines) > 1 else first
        long = sum(run.wide for run in piece)
        if lines[-1] and used + long > room + 0.01:
            lines.append([])
            used = 0.0
            piece = _without_space(piece, size)
            long = sum(run.wide for run in piece)
        lines[-1] += piece
        used += long
    return tuple(_joined(line) for line in lines)


def _pieces(spans: tuple[Span, ...], size: float) -> list[list[Run]]:
    """What may not be parted, as runs: a key with the signs that cling to it, a word over the end of a span."""
    whole = "".join(span.text for span in spans)
    owner = [span for span in spans for _ in span.text]
    found: list[list[Run]] = []
    at = 0
    for piece in _kept_whole(whole, owner):
        runs: list[Run] = []
        start = at
        for here in range(at, at + len(piece)):
            last = here + 1 == at + len(piece)
            if last or owner[here + 1] is not owner[start]:
                runs.append(_run(whole[start : here + 1], owner[start], size))
                start = here + 1
        at += len(piece)
        found.append(runs)
    return found


def _kept_whole(whole: str, owner: list[Span]) -> list[str]:
    """text.pieces, with all of a key in one piece."""
    found: list[str] = []
    at = 0
    for piece in text.pieces(whole):
        span = owner[at]
        inside = at > 0 and span.kind == "key" and owner[at - 1] is span
        if inside:
            found[-1] += piece
        else:
            found.append(piece)
        at += len(piece)
    return found


def _run(words: str, span: Span, size: float) -> Run:
    face = FACES[span.kind]
    if span.kind == "key":
        return Run(words, "key", span.link, fonts.width(words, face, size - CAP_SMALLER) / MM + 2 * CAP_PAD + 0.8)
    return Run(words, span.kind, span.link, fonts.width(words, face, size) / MM)


def _without_space(piece: list[Run], size: float) -> list[Run]:
    head = piece[0]
    if head.kind == "key" or not head.text.startswith(" "):
        return piece
    return [_run(head.text.lstrip(), Span(head.text, head.kind, head.link), size), *piece[1:]]


def _joined(line: list[Run]) -> Line:
    """Neighbours of one kind as one run, so that a reader finds whole words."""
    made: list[Run] = []
    for run in line:
        before = made[-1] if made else None
        if before is not None and run.kind != "key" and (before.kind, before.link) == (run.kind, run.link):
            made[-1] = Run(before.text + run.text, run.kind, run.link, before.wide + run.wide)
        else:
            made.append(run)
    return tuple(made)


def draw(pen: Pen, x: float, y: float, line: Line, size: float) -> None:
    """One line with its baseline at y mm. Links lead to their places in the document."""
    high = size / MM
    for run in line:
        if run.kind == "key":
            smaller = size - CAP_SMALLER
            middle = y - UNDER_MIDDLE * size / MM
            pen.box(x + 0.4, middle - high * 0.62, run.wide - 0.8, high * 1.24, 0.5, grey=0.35)
            pen.text(x + 0.4 + CAP_PAD, middle + UNDER_MIDDLE * smaller / MM, run.text, SANS, smaller)
        else:
            pen.text(x, y, run.text, FACES[run.kind], size)
        if run.link:
            pen.line(x, y + 0.9, x + run.wide, y + 0.9, 0.4, grey=0.35)
            pen.link(x, y - high, run.wide, high * 1.3, run.link)
        x += run.wide
