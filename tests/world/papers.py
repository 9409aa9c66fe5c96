"""Returns ready for paper, and what can be read back from pages: text, glyph boxes, fonts, QR codes.

Builders use the sample villages with every form filled through real instances; readers use poppler, PDFium and zbar,
none of which is used to draw.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from hashlib import sha256
from pathlib import Path

import pypdfium2

from cunbao.paper import Draft, ReturnSheet, Signed
from cunbao.survey import codes
from cunbao.survey.sample import MANBANG, SAMPLE_COUNTY, sample_office
from cunbao.survey.values import Answers, Cell, Row
from world.villages import Village, a_village, the_task

BEIJING = timezone(timedelta(hours=8), "CST")
SIGNED_AT = datetime(2025, 12, 15, 15, 42, 7, tzinfo=BEIJING)
FORMS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07")
MM = 72 / 25.4
NAMES = ("李𠮷样", "玉𠮷香", "玉𬱖", "岩䶮", "岩温香罕样")  # Ext B, Ext E, Ext A, and a long one


@cache
def village(code: str = MANBANG) -> Village:
    return a_village(code)


def signed_stage(code: str, form: str, version: int = 1) -> Signed:
    revision = sha256(f"{code}{form}{version}".encode()).hexdigest()
    return Signed(
        signer="岩罕",
        role="填报员",
        unit=sample_office(code).name,
        certificate_no="4A7F-21C0-98DE-3B05",
        signed_at=SIGNED_AT,
        code=codes.verification_code(revision),
        qr=codes.qr_text("R", (code, form, "2025", str(version)), revision),
    )


def draft_stage() -> Draft:
    return Draft(printed_at=SIGNED_AT, edited_at=SIGNED_AT - timedelta(hours=1), must_fix=2, to_explain=1)


def a_sheet(form: str, code: str = MANBANG, **changes: object) -> ReturnSheet:
    """A signed return of a sample village; `changes` are fields of ReturnSheet."""
    one = village(code)
    sheet = ReturnSheet(
        task=the_task(),
        form=the_task().forms[form],
        office=one.office,
        township=sample_office(f"{code[:9]}000"),
        county=SAMPLE_COUNTY,
        answers=one.instances[form].answers(signed=True),
        last=one.last.get(form),
        ret=one.ret,
        explanations=(),
        stage=signed_stage(code, form),
    )
    return replace(sheet, **changes)  # type: ignore[arg-type]


def a_zero_sheet(form: str, reason: str = "原有2名人员已于八月迁出，新一批人员正在培训") -> ReturnSheet:
    """The same village with nothing to report."""
    zero = a_village(MANBANG).instances[form]
    zero.set(Cell(f"{form.lower()}_zero"), "1")
    zero.set(Cell(f"{form.lower()}_zero_reason"), reason)
    return a_sheet(form, answers=zero.answers(signed=True), kind="zero")


def with_rows(sheet: ReturnSheet, count: int, names: tuple[str, ...] = NAMES) -> ReturnSheet:
    """The return with `count` rows in its roster: its own rows over and over, with names that are hard to print."""
    (repeat,) = sheet.form.repeats
    given = sheet.answers.rows[repeat.name]
    column = next(one.name for one in repeat.fields if one.name.endswith("_name"))
    rows = tuple(
        Row(f"r{at}", {**given[at % len(given)].values, column: names[at % len(names)]}) for at in range(count)
    )
    return replace(sheet, answers=Answers(sheet.answers.values, {repeat.name: rows}))


# --- reading back ----------------------------------------------------------------------------------------------------


def text_of(pdf: bytes, page: int | None = None) -> str:
    """All that poppler reads, in the order in which it was drawn, without any white space."""
    return "".join("".join(part.split()) for part in raw_text(pdf, page).split("\f"))


def raw_text(pdf: bytes, page: int | None = None, how: str = "-raw") -> str:
    pages = [] if page is None else ["-f", str(page + 1), "-l", str(page + 1)]
    done = subprocess.run(["pdftotext", how, *pages, "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def fonts_of(pdf: bytes) -> list[tuple[str, bool]]:
    """(name, embedded) of every font in the file."""
    done = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True)
    lines = done.stdout.decode().splitlines()[2:]
    return [(line.split()[0], line.split()[-5] == "yes") for line in lines]


def info_of(pdf: bytes) -> Mapping[str, str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return dict(document.get_metadata_dict())


@dataclass(frozen=True, slots=True)
class Glyph:
    """One drawn character and its ink, mm from the top left corner."""

    char: str
    left: float
    top: float
    right: float
    bottom: float


def glyphs(pdf: bytes) -> Iterator[tuple[tuple[float, float], list[Glyph]]]:
    """(width, height) and the inked characters of each page; the watermark's are left out by their size."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            wide, high = page.get_size()
            text = page.get_textpage()
            found = []
            for at in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(at)
                char = text.get_text_range(at, 1)
                if not char.strip() or right - left > 60 or top <= bottom:
                    continue
                found.append(Glyph(char, left / MM, (high - top) / MM, right / MM, (high - bottom) / MM))
            text.close()
            page.close()
            yield (wide / MM, high / MM), found


def overlapping(found: list[Glyph], most: float = 0.25) -> list[tuple[Glyph, Glyph]]:
    """Pairs whose ink boxes share more than `most` mm in both directions."""
    clashes = []
    ordered = sorted(found, key=lambda one: one.top)
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if other.top > one.bottom - most:
                break
            across = min(one.right, other.right) - max(one.left, other.left)
            down = min(one.bottom, other.bottom) - max(one.top, other.top)
            if across > most and down > most:
                clashes.append((one, other))
    return clashes


def qr_of(pdf: bytes, page: int, folder: Path, dpi: int = 200) -> list[str]:
    """What an independent reader makes of the page printed at `dpi`."""
    number = str(page + 1)
    image = folder / "page"
    command = ["pdftoppm", "-r", str(dpi), "-gray", "-png", "-f", number, "-l", number, "-singlefile", "-", str(image)]
    subprocess.run(command, input=pdf, check=True)
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--nodbus", f"{image}.png"], capture_output=True, check=False, timeout=60
    )
    return done.stdout.decode().split()
