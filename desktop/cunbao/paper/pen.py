"""The pen: a page in millimetres from its top left corner, with text that can be read back.

One call of `text` or `number` is one text object: one cell, one run. Everything is black or a printable grey; no
colour, no picture of a word. The document's dates come from the caller, so the same sheet gives the same bytes.
Text is written as PDF operators over reportlab's fonts, because its text object has no TJ, which equal digits need.
Source: print.md §1, §2, §9; fonts.md.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from reportlab import rl_config
from reportlab.lib.utils import TimeStamp
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from cunbao.paper import fonts
from cunbao.paper.fonts import SANS_BOLD, SERIF

MM = 72 / 25.4
LEFT, CENTRE, RIGHT = "left", "centre", "right"
A4 = (210.0, 297.0)  # mm

# The baseline of a line that is centred in a box lies this far under the middle, in em (fonts.md rule 6).
UNDER_MIDDLE = 0.375
NUMBER_UNDER_MIDDLE = 0.36

THIN, MIDDLE, FRAME = 0.5, 0.75, 1.0  # pt: inside; under the code row and above 合计; outer frame
INK = 0.0
SOFT = 0.25  # head, foot, digit boxes: 75 % black
SEAL_GREY = 0.35  # （公　章）: 65 % black
MARK_GREY = 0.92  # watermark: 8 % black

rl_config.useA85 = 0  # page contents as bytes, not as text a quarter longer


class Pen:
    """Draws one document. width, height: of a page, mm. title, author, when: what stands in the file's own data."""

    def __init__(self, *, landscape: bool, title: str, author: str, when: datetime) -> None:
        self.landscape = landscape
        self.width, self.height = (A4[1], A4[0]) if landscape else A4
        self._out = io.BytesIO()
        self._canvas = Canvas(
            self._out,
            pagesize=(self.width * MM, self.height * MM),
            initialFontName=fonts.registered(SERIF),  # else every file names an unembedded Helvetica
            pageCompression=1,
            invariant=1,
            lang="zh-CN",
            pdfVersion=(1, 7),  # Lang and embedded files are younger than the default 1.3
        )
        self._doc = self._canvas._doc
        self._doc._timeStamp = _stamp(when)
        self._doc.signature = sha256(when.isoformat().encode())  # of the file's ID, not of SOURCE_DATE_EPOCH
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setSubject(title)
        self._canvas.setCreator("村报")
        self._canvas.setProducer("村报")
        self._canvas.setViewerPreference("DisplayDocTitle", "true")

    # --- text ------------------------------------------------------------------------------------------------------

    def text(
        self,
        x: float,
        y: float,
        text: str,
        face: str = SERIF,
        size: float = 10,
        *,
        align: str = LEFT,
        grey: float = INK,
        space: float = 0,
    ) -> float:
        """One line with its baseline at y. x: its left end, middle or right end. space: between the letters, pt.

        Returns its width in mm. PaperError when a character is in no face."""
        if not text:
            return 0.0
        wide = fonts.width(text, face, size) + space * (len(text) - 1)
        start = x * MM - (wide if align == RIGHT else wide / 2 if align == CENTRE else 0)
        parts = [f"1 0 0 1 {start:.2f} {self._up(y):.2f} Tm"]
        if space:
            parts.append(f"{space:.3f} Tc")
        for role, piece in fonts.runs(text, face):
            parts += (f"{font} {size:g} Tf ({self._escape(shown)}) Tj" for font, shown in self._bytes(piece, role))
        if space:
            parts.append("0 Tc")
        self._write(parts, grey)
        return wide / MM

    def number(self, x: float, y: float, text: str, face: str = SERIF, size: float = 10) -> None:
        """A number whose left end is x, every digit of the same advance."""
        gaps = iter(fonts.digit_gaps(text, face))
        parts = [f"1 0 0 1 {x * MM:.2f} {self._up(y):.2f} Tm"]
        for font, shown in self._bytes(text, face):
            # gaps go in as thousandths of an em, taken away: one run for the reader, equal digits for the eye
            array = "".join(f"({self._escape(bytes([code]))}){-1000 * next(gaps):.0f}" for code in shown)
            parts.append(f"{font} {size:g} Tf [{array}] TJ")
        self._write(parts, INK)

    def spread(self, x: float, y: float, text: str, wide: float, face: str = SERIF, size: float = 9) -> None:
        """A short name spread over `wide` mm: 表　号, 签 名 人. Its letters stay as they are, only the gaps grow."""
        gap = (wide * MM - fonts.width(text, face, size)) / max(len(text) - 1, 1)
        self.text(x, y, text, face, size, space=gap)

    def will_write(self, text: str, face: str) -> None:
        """These characters come first in the face's subset, in this order, whether they are drawn or not: documents
        that begin so carry the same font, to the byte, when they draw nothing else in it."""
        for role, piece in fonts.runs(text, face):
            self._bytes(piece, role)

    def watermark(self, text: str) -> None:
        """One word across the page, under all else, as real text that readers are told to skip (artifact)."""
        size = 150
        space = 0.35 * size
        diagonal = math.hypot(self.width, self.height) * MM
        angle = math.radians(30) if self.landscape else math.atan2(self.height, self.width)
        wide = fonts.width(text, SANS_BOLD, size) + space * (len(text) - 1)
        space += (0.85 * diagonal - wide) / (len(text) - 1) if wide > 0.85 * diagonal else 0
        wide = fonts.width(text, SANS_BOLD, size) + space * (len(text) - 1)
        cos, sin = math.cos(angle), math.sin(angle)
        # from the middle of the page back by half the width, and down by half the height of a character
        x = self.width * MM / 2 - cos * wide / 2 + sin * UNDER_MIDDLE * size
        y = self.height * MM / 2 - sin * wide / 2 - cos * UNDER_MIDDLE * size
        parts = [f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {x:.2f} {y:.2f} Tm {space:.3f} Tc"]
        for role, piece in fonts.runs(text, SANS_BOLD):
            parts += (f"{font} {size} Tf ({self._escape(shown)}) Tj" for font, shown in self._bytes(piece, role))
        parts.append("0 Tc")
        self._canvas._code.append("/Artifact <</Type /Pagination /Subtype /Watermark>> BDC")
        self._write(parts, MARK_GREY)
        self._canvas._code.append("EMC")

    # --- lines -----------------------------------------------------------------------------------------------------

    def line(
        self, x1: float, y1: float, x2: float, y2: float, thick: float = THIN, *, grey: float = INK, dash: str = ""
    ) -> None:
        """A straight line; thick in pt; dash: PDF pattern as "3 2"."""
        self._stroke(f"{self._at(x1, y1)} m {self._at(x2, y2)} l", thick, grey, dash)

    def box(
        self, x: float, y: float, wide: float, high: float, thick: float = THIN, *, grey: float = INK, dash: str = ""
    ) -> None:
        """A rectangle from its top left corner."""
        self._stroke(f"{self._at(x, y + high)} {wide * MM:.2f} {high * MM:.2f} re", thick, grey, dash)

    def lines(self, path: Sequence[tuple[float, float, float, float]], thick: float = THIN) -> None:
        """Many lines in one path: the ruling of a table."""
        if path:
            self._stroke(" ".join(f"{self._at(a, b)} m {self._at(c, d)} l" for a, b, c, d in path), thick, INK, "")

    def blocks(self, rectangles: Sequence[tuple[float, float, float, float]], *, grey: float = INK) -> None:
        """Many filled rectangles (x, y, wide, high) in one path: the modules of a QR code, the bars of a chart."""
        drawn = " ".join(f"{self._at(x, y + h, 3)} {w * MM:.3f} {h * MM:.3f} re" for x, y, w, h in rectangles)
        self._canvas._code.append(f"{grey:g} g {drawn} f 0 g" if grey else f"{drawn} f")

    # --- pages -----------------------------------------------------------------------------------------------------

    def next_page(self) -> None:
        self._canvas.showPage()

    def picture(self, x: float, y: float, wide: float, high: float, png: bytes) -> None:
        """A picture from its top left corner. The same bytes stand in the file once."""
        from reportlab.lib.utils import ImageReader

        image = ImageReader(io.BytesIO(png))
        self._canvas.drawImage(image, x * MM, self._up(y + high), wide * MM, high * MM)

    def outline(self, title: str, level: int = 0, key: str = "", y: float | None = None) -> None:
        """A bookmark at this page, or at y mm of it; links lead there by `key`."""
        key = key or f"p{self._canvas.getPageNumber()}"
        self.place(key, y)
        self._canvas.addOutlineEntry(title, key, level)

    def place(self, key: str, y: float | None = None) -> None:
        """Where links of this name lead: this page, or y mm of it."""
        if y is None:
            self._canvas.bookmarkPage(key)
        else:
            self._canvas.bookmarkHorizontal(key, 0, self._up(max(0, y - 4)))

    def link(self, x: float, y: float, wide: float, high: float, key: str) -> None:
        """A click here leads to `place(key)`, which must be somewhere in the document."""
        self._canvas.linkAbsolute("", key, self.rectangle(x, y, wide, high), Border="[0 0 0]")

    def finish(self) -> bytes:
        """The bytes of the whole document. The page at hand is its last."""
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    def rectangle(self, x: float, y: float, wide: float, high: float) -> tuple[float, float, float, float]:
        """A place on the page in PDF points, (x1, y1, x2, y2) from the bottom left."""
        return (x * MM, self._up(y + high), (x + wide) * MM, self._up(y))

    # --- inside ----------------------------------------------------------------------------------------------------

    def _up(self, y: float) -> float:
        return (self.height - y) * MM

    def _at(self, x: float, y: float, places: int = 2) -> str:
        return f"{x * MM:.{places}f} {self._up(y):.{places}f}"

    def _bytes(self, piece: str, role: str) -> list[tuple[str, bytes]]:
        """The piece as bytes of the document's font subsets, with the names of those."""
        font = pdfmetrics.getFont(fonts.registered(role))
        split = font.splitString(piece, self._doc)
        return [(font.getSubsetInternalName(subset, self._doc), shown) for subset, shown in split]

    def _escape(self, shown: bytes) -> str:
        escaped: str = self._canvas._escape(shown)
        return escaped

    def _write(self, parts: Sequence[str], grey: float) -> None:
        text = f"BT {' '.join(parts)} ET"
        self._canvas._code.append(f"{grey:g} g {text} 0 g" if grey else text)

    def _stroke(self, path: str, thick: float, grey: float, dash: str) -> None:
        before = f"{thick:g} w" + (f" {grey:g} G" if grey else "") + (f" [{dash}] 0 d" if dash else "")
        after = (" 0 G" if grey else "") + (" [] 0 d" if dash else "")
        self._canvas._code.append(f"{before} {path} S{after}")


def _stamp(when: datetime) -> TimeStamp:
    """reportlab's clock, stopped at `when` (aware), whatever the environment says."""
    offset = when.utcoffset()
    if offset is None:
        raise ValueError("a document's time needs its zone")
    stamp = TimeStamp(invariant=1)
    stamp.t = when.timestamp()
    stamp.lt = when.timetuple()
    stamp.YMDhms = tuple(stamp.lt)[:6]
    stamp.dhh, stamp.dmm = divmod(int(offset.total_seconds()) // 60, 60)
    stamp.tzname = when.tzname() or "UTC"
    return stamp
