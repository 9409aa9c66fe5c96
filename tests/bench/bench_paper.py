"""Printing: one return against bare reportlab that draws the same texts and lines, 50 returns against LibreOffice.

Fonts are parsed before either side is timed. LibreOffice gets the same tables as .xlsx and makes all PDFs in one call;
without soffice that row is left out, and said so.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from openpyxl import Workbook
from reportlab.pdfgen.canvas import Canvas

from bench.measure import Row, pairs
from cunbao.paper import ReturnSheet, draw_return, fonts, pen
from cunbao.paper.body import Body
from cunbao.paper.parts import LANDSCAPE, PORTRAIT
from cunbao.paper.words import label
from cunbao.survey.sample import SAMPLE_OFFICES
from world.papers import FORMS, a_sheet

COUNT = 50  # returns of one township at the end of the period


def rows() -> Iterator[Row]:
    for form in ("B01", "B03"):
        sheet = a_sheet(form)
        bare = drawing_of(sheet)
        name = f"打印：一张{form}对裸 reportlab 画同样的字和线"
        yield pairs(name, lambda s=sheet: draw_return(s), bare, bar=1.5, times=5)
    office = shutil.which("soffice")
    if office is None:
        print("打印：没有 soffice，不与 LibreOffice 比较", file=sys.stderr)
        return
    sheets = fifty()
    with TemporaryDirectory() as folder:
        tables = [workbook(sheet, Path(folder) / f"{at:02d}.xlsx") for at, sheet in enumerate(sheets)]
        command = [office, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf"]
        command += ["--outdir", f"{folder}/pdf", *map(str, tables)]

        def convert() -> None:
            subprocess.run(command, check=True, capture_output=True)
            assert len(list(Path(folder, "pdf").glob("*.pdf"))) == COUNT

        yield pairs(
            f"打印：{COUNT}张报表对 LibreOffice 一次转换同样的表格",
            lambda: [draw_return(sheet) for sheet in sheets],
            convert,
            bar=1,
        )


def fifty() -> list[ReturnSheet]:
    """Returns of all sample villages, form by form, until there are enough."""
    found = [a_sheet(form, office.code) for office in SAMPLE_OFFICES for form in FORMS]
    return (found * (COUNT // len(found) + 1))[:COUNT]


# --- the same page by bare reportlab ---------------------------------------------------------------------------------


@dataclass
class Drawing:
    """What was drawn, page by page: texts as (x, y, font, size, text), rectangles and lines in points."""

    size: tuple[float, float] = (0, 0)
    pages: list[list[Callable[[Canvas], None]]] = field(default_factory=lambda: [[]])

    def replay(self) -> bytes:
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=self.size, initialFontName=fonts.registered("serif"), pageCompression=1)
        for page in self.pages:
            for act in page:
                act(canvas)
            canvas.showPage()
        canvas.save()
        return out.getvalue()


def drawing_of(sheet: ReturnSheet) -> Callable[[], bytes]:
    """A function that draws the same texts and lines with canvas calls alone; where they go was found before."""
    drawing = Drawing()

    class Recorder(pen.Pen):
        def __init__(self, **given: object) -> None:
            super().__init__(**given)  # type: ignore[arg-type]
            drawing.size = (self.width * pen.MM, self.height * pen.MM)

        def _keep(self, act: Callable[[Canvas], None]) -> None:
            drawing.pages[-1].append(act)

        def text(self, x, y, text, face="serif", size=10, *, align="left", grey=0, space=0):  # type: ignore[no-untyped-def]
            at = x * pen.MM
            wide = fonts.width(text, face, size)
            at -= wide if align == pen.RIGHT else wide / 2 if align == pen.CENTRE else 0
            for role, piece in fonts.runs(text, face):
                font = fonts.registered(role)
                self._keep(lambda c, a=at, p=piece, f=font: _string(c, f, size, a, self._up(y), p))
                at += fonts.width(piece, face, size)
            return super().text(x, y, text, face, size, align=align, grey=grey, space=space)

        def number(self, x, y, text, face="serif", size=10):  # type: ignore[no-untyped-def]
            self._keep(lambda c: _string(c, fonts.registered(face), size, x * pen.MM, self._up(y), text))
            super().number(x, y, text, face, size)

        def line(self, x1, y1, x2, y2, thick=0.5, **given):  # type: ignore[no-untyped-def]
            self._keep(lambda c: c.line(x1 * pen.MM, self._up(y1), x2 * pen.MM, self._up(y2)))
            super().line(x1, y1, x2, y2, thick, **given)

        def lines(self, path, thick=0.5):  # type: ignore[no-untyped-def]
            made = [(a * pen.MM, self._up(b), c * pen.MM, self._up(d)) for a, b, c, d in path]
            self._keep(lambda c: c.lines(made))
            super().lines(path, thick)

        def box(self, x, y, wide, high, thick=0.5, **given):  # type: ignore[no-untyped-def]
            self._keep(lambda c: c.rect(x * pen.MM, self._up(y + high), wide * pen.MM, high * pen.MM))
            super().box(x, y, wide, high, thick, **given)

        def blocks(self, rectangles):  # type: ignore[no-untyped-def]
            def fill(canvas: Canvas) -> None:
                path = canvas.beginPath()
                for x, y, wide, high in rectangles:
                    path.rect(x * pen.MM, self._up(y + high), wide * pen.MM, high * pen.MM)
                canvas.drawPath(path, stroke=0, fill=1)

            self._keep(fill)
            super().blocks(rectangles)

        def next_page(self) -> None:
            drawing.pages.append([])
            super().next_page()

    with patch("cunbao.paper.returns.Pen", Recorder):
        draw_return(sheet)
    return drawing.replay


def _string(canvas: Canvas, font: str, size: float, x: float, y: float, text: str) -> None:
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)


# --- the same tables for LibreOffice ---------------------------------------------------------------------------------


def workbook(sheet: ReturnSheet, path: Path) -> Path:
    """The return's tables as a spreadsheet: single answers, then the rosters with their heads."""
    book = Workbook()
    page = book.active
    page.append([sheet.title])
    page.append([sheet.full_name, sheet.office.code])
    landscape = sheet.paper.orientation == "landscape"
    page.page_setup.orientation = "landscape" if landscape else "portrait"
    page.page_setup.paperSize = 9  # A4
    body = Body(sheet, LANDSCAPE if landscape else PORTRAIT, masked=False)
    for one in sheet.form.fields:
        page.append([label(one), body.value(one)])
    for which in sorted({column.sheet for column in sheet.paper.columns}):
        table = body.roster(which)
        page.append([column.heads[-1] for column in table.columns])
        for row in table.rows:
            page.append([entry.text for entry in row])
    for told in sheet.paper.notes:
        page.append([told])
    book.save(path)
    return path
