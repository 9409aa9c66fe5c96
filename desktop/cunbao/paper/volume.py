"""Signed PDFs bound into one: pages of many returns one after another, with covers, page numbers through the volume,
bookmarks, a watermark where one is due, and the signed originals as attachments, since merging breaks signatures.

The pages are those of the signed files, content streams as they are; what is added lies under them. Never draws a
return anew. pikepdf reads each file (inside the functions); `binder` writes it on at once and lets it go, so that
memory holds one file and not a county. Source: print.md §4, §8; ui/design.md county-08.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from cunbao.errors import PaperError
from cunbao.paper.binder import Binder
from cunbao.paper.fonts import SANS
from cunbao.paper.pen import CENTRE, SOFT, Pen

NUMBER_AT = 5.6  # mm from the lower edge to the baseline of the running number
_ALL_DIGITS = "本册第 0123456789 页"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One document of a volume. path: its bookmark under those of what it belongs to (勐混镇, 曼蚌村, B01 基本情况);
    first: running number of its first page, None for what carries its own (covers); watermark: "" none; attach: file
    name of the signed original inside the volume, "" when this is none."""

    path: tuple[str, ...]
    data: bytes = field(repr=False)
    first: int | None = None
    watermark: str = ""
    attach: str = ""


def stamped(leaf: Leaf, when: datetime) -> bytes:
    """One document as it is printed: running numbers and watermark on a copy. The bytes themselves when it has neither.

    PaperError "pdf.unreadable"."""
    if leaf.first is None and not leaf.watermark:
        return leaf.data
    with _opened(leaf) as document:
        _stamp(document, leaf, when)
        out = io.BytesIO()
        document.save(out, compress_streams=False, deterministic_id=True)
    return out.getvalue()


def bind(
    leaves: Iterable[Leaf],
    out: IO[bytes],
    *,
    title: str,
    author: str,
    when: datetime,
    duplex: bool = False,
    told: Callable[[int], None] = lambda number: None,
) -> int:
    """All leaves as one PDF written to `out` from front to back; gives the number of its pages.

    duplex: an empty page behind every document with an odd number of pages, so that the next begins a new sheet.
    told: called with the number of documents bound so far, and may raise. PaperError "pdf.unreadable"; OSError."""
    binder = Binder(out)
    for number, leaf in enumerate(leaves, 1):
        with _opened(leaf) as document:
            _stamp(document, leaf, when)
            pages = binder.add(document, leaf.path)
            if duplex and pages % 2:
                box = document.pages[-1].mediabox
                binder.add_empty(float(box[2]) - float(box[0]), float(box[3]) - float(box[1]))
        if leaf.attach:
            binder.attach(leaf.attach, leaf.data)
        told(number)
    return binder.finish(title=title, author=author, when=when)


@contextmanager
def _opened(leaf: Leaf) -> Iterator[Any]:
    import pikepdf

    try:
        document = pikepdf.open(io.BytesIO(leaf.data))
    except pikepdf.PdfError as cause:
        raise PaperError(
            "pdf.unreadable",
            happened=f"“{' '.join(leaf.path)}”的 PDF 打不开",
            safe="没有改动任何资料",
            todo="请不要选这一份，其余的可以打",
            detail=str(cause),
        ) from cause
    with document:
        yield document


def _stamp(document: Any, leaf: Leaf, when: datetime) -> None:
    """Watermark and running number under the pages of a document."""
    import pikepdf

    if leaf.first is None and not leaf.watermark:
        return
    sizes = [(float(page.mediabox[2]), float(page.mediabox[3])) for page in document.pages]
    for landscape in (False, True):
        mine = [number for number, (wide, high) in enumerate(sizes) if (wide > high) is landscape]
        if not mine:
            continue
        words = ["" if leaf.first is None else f"本册第 {leaf.first + number} 页" for number in mine]
        with pikepdf.open(io.BytesIO(_under(words, leaf.watermark, when, landscape=landscape))) as under:
            for number, below in zip(mine, under.pages, strict=True):
                document.pages[number].add_underlay(below)


def _under(words: Sequence[str], watermark: str, when: datetime, *, landscape: bool) -> bytes:
    """Pages that hold nothing but what is added, one for each of `words`."""
    pen = Pen(landscape=landscape, title="", author="", when=when)
    pen.will_write(_ALL_DIGITS, SANS)  # every return gets the same subset, so that a volume holds the font once
    for number, line in enumerate(words):
        if number:
            pen.next_page()
        if watermark:
            pen.watermark(watermark)
        pen.text(pen.width / 2, pen.height - NUMBER_AT, line, SANS, 8, align=CENTRE, grey=SOFT)
    return pen.finish()
