"""A form of ours as other ODK programs take it: an .xlsx XLSForm, and the files that must lie beside it.

Every cell goes over as it was written, our `bind::cb:` columns too, which pyxform passes on. One thing is put another
way: `lists/x.csv` becomes `x.csv`, because ODK looks for the files of a form in one folder without folders in it.
Pure; the same sheets give the same bytes. Source: XLSForm.org.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from cunbao.survey.sheets import SHEETS, Line, Sheet
from cunbao.survey.xform import XF, H
from cunbao.survey.xlsform import SELECT, key_of

WIDTHS = {"label": 36, "hint": 30, "type": 30, "name": 22, "relevant": 28, "constraint": 36, "calculation": 36}
_DAY = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # no clock in a file: the same form gives the same bytes
_ZIP_DAY = (2000, 1, 1, 0, 0, 0)
_SAVED_AT = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(?=</dcterms:modified>)")
INSTANCE_NAME = "instance_name"


@dataclass(frozen=True, slots=True)
class Dropped:
    """What of a form does not go along, and why. row 0: the whole sheet."""

    sheet: str
    row: int
    column: str
    reason: str


def flat(sheets: Mapping[str, Sheet]) -> dict[str, Sheet]:
    """The three sheets, with code lists named as they lie beside the form."""
    found = {name: sheet for name, sheet in sheets.items() if name in SHEETS}
    if "survey" in found:
        survey = found["survey"]
        found["survey"] = replace(survey, lines=tuple(_flat(line) for line in survey.lines))
    return found


def named(sheets: Mapping[str, Sheet], name: str) -> dict[str, Sheet]:
    """The sheets with `name` as the name of every submission (meta/instanceName), unless the form says its own."""
    settings = sheets.get("settings")
    if settings is None or not settings.lines or any(key_of(head) == INSTANCE_NAME for head in settings.heads):
        return dict(sheets)
    first = settings.lines[0]
    line = Line(first.row, {**first.cells, INSTANCE_NAME: f"'{name}'"})
    return {**sheets, "settings": Sheet("settings", (*settings.heads, INSTANCE_NAME), (line, *settings.lines[1:]))}


def dropped(sheets: Mapping[str, Sheet]) -> tuple[Dropped, ...]:
    """What an XLSForm has no place for: further sheets, which pyxform would not read."""
    return tuple(
        Dropped(name, 0, "", "XLSForm 只有 survey、choices、settings 三张表，别的表不带走")
        for name, sheet in sheets.items()
        if name not in SHEETS and sheet.lines
    )


def lists_of(sheets: Mapping[str, Sheet]) -> tuple[str, ...]:
    """File names without .csv of the code lists that the form chooses from, in its order."""
    survey = sheets.get("survey")
    found: dict[str, None] = {}
    for line in survey.lines if survey else ():
        for head, text in line.cells.items():
            chosen = SELECT.fullmatch(text) if key_of(head) in ("type", "command") else None
            if chosen and chosen[2].lower().endswith(".csv"):
                found[chosen[2].rsplit("/", 1)[-1][:-4]] = None
            elif key_of(head) == "bind::cb:list":
                found[text] = None  # the labels of a calculated code
    return tuple(found)


def xlsx_of(sheets: Mapping[str, Sheet]) -> bytes:
    """The sheets as a workbook: headings in the first row, every row in its place, every cell a text."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.properties.created = book.properties.modified = _DAY
    book.remove(book.active)
    for name in (one for one in SHEETS if one in sheets):
        page = book.create_sheet(name)
        heads = [head for head in sheets[name].heads if head]
        for at, head in enumerate(heads, 1):
            _put(page.cell(1, at), head).font = Font(bold=True)
            page.column_dimensions[get_column_letter(at)].width = WIDTHS.get(key_of(head), 16)
            for line in sheets[name].lines:
                if head in line.cells:
                    _put(page.cell(line.row, at), line.cells[head]).alignment = Alignment(vertical="top")
        page.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def _put(cell: Any, text: str) -> Any:
    """A text stays one, also "01" and what begins with "="."""
    cell.value, cell.data_type = text, "s"
    return cell


def _timeless(data: bytes) -> bytes:
    """The workbook without the moment of its making in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in read.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = read.read(name)
            if name == "docProps/core.xml":
                content = _SAVED_AT.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            made.writestr(entry, content)
    return out.getvalue()


def _flat(line: Line) -> Line:
    cells = dict(line.cells)
    for head, text in line.cells.items():
        chosen = SELECT.fullmatch(text) if key_of(head) in ("type", "command") else None
        if chosen and "/" in chosen[2]:
            cells[head] = text.replace(chosen[2], chosen[2].rsplit("/", 1)[-1])
    return Line(line.row, cells)


# --- the compiled form, for a tablet without a server ----------------------------------------------------------------


def for_tablet(xform: bytes, name: str = "") -> bytes:
    """A compiled form whose code lists lie beside it in one folder, and whose submissions are called `name`."""
    root = etree.fromstring(xform, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    model = root.find(f"{H}head/{XF}model")
    for one in model.findall(f"{XF}instance"):
        source = one.get("src", "")
        if source.startswith("jr://file-csv/"):
            one.set("src", "jr://file-csv/" + source.rsplit("/", 1)[-1])
    data = model.find(f"{XF}instance")[0]
    meta = next((one for one in data if etree.QName(one).localname == "meta"), None)
    if name and meta is not None and not any(etree.QName(one).localname == "instanceName" for one in meta):
        etree.SubElement(meta, etree.QName(etree.QName(meta).namespace, "instanceName"))
        path = f"/{etree.QName(data).localname}/meta/instanceName"
        etree.SubElement(model, f"{XF}bind", nodeset=path, type="string", calculate=f"'{name}'")
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
