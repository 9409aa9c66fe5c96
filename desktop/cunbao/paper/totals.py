"""汇总表 (11) and cross-tabs: a line an office, 合计, who is not counted and why, how ratios were made.

Wide tables go on over sets of columns, each on pages of its own with the office's name repeated; long ones over pages
with their heads repeated. What it says is `totals_sheet`'s. Source: print.md §1–§5, picture 11.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cunbao.paper import flow, fonts, letter, parts, qr, text
from cunbao.paper.body import STEMS, table_units
from cunbao.paper.flow import Frame, Placed, Unit
from cunbao.paper.fonts import SANS_MEDIUM, SERIF, SERIF_BOLD
from cunbao.paper.parts import BEIJING, LANDSCAPE, PORTRAIT, Layout
from cunbao.paper.pen import CENTRE, FRAME, MM, SEAL_GREY, UNDER_MIDDLE, Pen
from cunbao.paper.sheet import Drawn
from cunbao.paper.table import HEAD, Align, Column, Entry, Table, Total, is_figure
from cunbao.paper.totals_sheet import TotalsSheet, said, sentences
from cunbao.survey.people import mask

MOST_PORTRAIT = 10  # columns; more lie across
ROW, TOTAL, HEAD_GROWN = 9.0, 9.5, 14.0  # mm
SIZE = 10.0  # pt
NUMBER_WIDE, NAME_LEAST, WORD_LEAST, FIGURE_LEAST = 10.0, 24.0, 11.0, 14.0  # mm
BESIDE = 3.4  # mm that a cell has beside its text
NOTE, NOTE_LEAD, NOTE_GAP = 9.0, 15 / MM, 2.6  # pt, mm, mm
ABOVE_SIGN = 4.7  # mm between a table and the QR under it
MOST_NOTES = 80.0  # mm; more may go on without the table's last rows
HEAD_MOST = (24.0, 20.0, 16.0)  # mm that a long head may ask for; less where that saves a set of columns


def draw_totals(sheet: TotalsSheet, *, masked: bool = True) -> Drawn:
    """The pages of a table, lying across with more than 10 columns. masked: the telephone number is covered.

    PaperError "paper.character", "paper.too_high"."""
    return _Totals(sheet, masked=masked).drawn()


@dataclass(frozen=True)
class OpenTable(Table):
    """A table as in yearbooks: heavy lines above and below, its sides open."""

    @property
    def head_high(self) -> float:
        return max(super().head_high, HEAD_GROWN + 5.5)

    def close(self, pen: Pen, top: float, bottom: float) -> None:
        for y in (top, bottom):
            pen.line(self.left[0], y, self.left[-1], y, FRAME)


@dataclass(frozen=True, slots=True)
class _Field:
    """One printed column: what its cells say, its head and its place in the code row."""

    head: str
    align: Align
    wide: float
    code: str
    cells: tuple[Entry, ...]
    total: str
    fixed: bool = False


class _Totals:
    """One drawing: the sheet with the choices that hold for all its pages."""

    def __init__(self, sheet: TotalsSheet, *, masked: bool) -> None:
        self.sheet, self.masked = sheet, masked
        stated = any(row.state for row in sheet.rows)
        columns = 1 + len(sheet.names) + len(sheet.columns) + stated
        self.landscape = columns > MOST_PORTRAIT
        self.at: Layout = LANDSCAPE if self.landscape else PORTRAIT
        self.code = sheet.office_code.removesuffix("000").removesuffix("000")
        self.sign_top = 151.2 if self.landscape else 250.8  # mm
        self.persons = 184.6 if self.landscape else 243.0
        self.foot = self.persons - 6.4

    # --- pages -----------------------------------------------------------------------------------------------------

    def drawn(self) -> Drawn:
        sheet, at = self.sheet, self.at
        when = sheet.signed.signed_at if sheet.signed is not None else sheet.as_of
        told = f"{sheet.full_title}，{sheet.office_name}，{sheet.period_title}"
        pen = Pen(landscape=self.landscape, title=told, author=sheet.office_name, when=when)
        pages = self.pages()
        for number_, placed in enumerate(pages):
            self._top(pen, first=number_ == 0)
            flow.draw(pen, placed)
            last = number_ + 1 == len(pages)
            if last:
                self._end(pen)
            elif placed:
                parts.continued(pen, at, placed[-1][1] + placed[-1][0].high)
            self._foot(pen, number_, len(pages))
            if not last:
                pen.next_page()
        box = pen.rectangle(*self._sign_place()) if sheet.signed is not None else (0.0, 0.0, 0.0, 0.0)
        return Drawn(pdf=pen.finish(), pages=len(pages), box_page=len(pages) - 1, box=box)

    def pages(self) -> list[list[Placed]]:
        """Each set of columns fills pages of its own; the notes follow the last."""
        at, found = self.at, []
        tables = self.tables()
        for which, table in enumerate(tables):
            first = at.table if which == 0 else at.again
            units = table_units(table)
            if which + 1 < len(tables):
                found += flow.paginate(units, Frame(first, at.again, at.end, at.end))
            else:
                found += flow.paginate(with_notes(units, self.notes()), Frame(first, at.again, at.end, self.foot))
        return found

    def _top(self, pen: Pen, *, first: bool) -> None:
        sheet, at = self.sheet, self.at
        mark = "含未审核 · " if sheet.unreviewed else ""
        parts.head(pen, at, sheet.task_title, f"{mark}{sheet.form} 汇总 · {self.code}")
        line = at.line if first else at.again_line
        if first:
            parts.title(pen, at, sheet.full_title)
            parts.form_block(pen, at, sheet.form, sheet.issuer, sort=" 汇")
            pen.text(at.left, at.block + 10.2, f"统计用区划代码：{self.code}", SERIF, 10)
        else:
            parts.title_again(pen, at, sheet.full_title)
        parts.unit_line(pen, at, line, sheet.office_name, sheet.period_title, sheet.unit, label="综合机关名称")

    def _foot(self, pen: Pen, page: int, pages: int) -> None:
        signed = self.sheet.signed
        left = f"验证码 {signed.code}" if signed is not None else letter.UNSIGNED
        day = signed.signed_at if signed is not None else self.sheet.as_of
        parts.foot(pen, self.at, left, page + 1, pages, f"汇总 {self.sheet.number} · {day:%Y-%m-%d}")

    # --- tables ----------------------------------------------------------------------------------------------------

    def tables(self) -> list[OpenTable]:
        names, found = self._name_fields(), []
        tried = [self._sets(names, self._value_fields(most)) for most in HEAD_MOST]
        fewest = min(len(sets) for sets in tried)
        for which, chosen in enumerate(next(sets for sets in tried if len(sets) == fewest)):
            shown = names if which == 0 else names[:2]  # the code stands once, the name everywhere
            found.append(self._table(shown, chosen))
        return found

    def _name_fields(self) -> list[_Field]:
        """序号 and whose line it is."""
        rows = self.sheet.rows
        numbers = tuple(Entry(str(count)) for count in range(1, len(rows) + 1))
        found = [_Field("序号", Align.CENTRE, NUMBER_WIDE, STEMS[0], numbers, "", fixed=True)]
        for at, head in enumerate(self.sheet.names):
            cells = tuple(Entry(row.names[at]) for row in rows)
            short = all(one.text.isascii() for one in cells)
            align = Align.CENTRE if short else Align.LEFT
            widest = max((fonts.width(one.text, SERIF, SIZE) / MM for one in cells), default=0)
            wide = min(max(NAME_LEAST, widest + BESIDE), 40.0)
            found.append(_Field(head, align, wide, STEMS[at + 1], cells, ""))
        return found

    def _value_fields(self, head_most: float) -> list[_Field]:
        sheet, found = self.sheet, []
        for at, column in enumerate(sheet.columns):
            cells = tuple(Entry(said(row.values[at], column.places)) for row in sheet.rows)
            total = said(sheet.total.values[at], column.places) if sheet.total is not None else ""
            head = f"{column.head}（{column.unit}）" if column.unit else column.head
            align = Align.CENTRE if column.places is None else Align.NUMBER
            wide = column.wide or needed(head, cells, total, head_most)
            found.append(_Field(head, align, wide, str(at + 1), cells, total, fixed=bool(column.wide)))
        if any(row.state for row in sheet.rows):
            cells = tuple(Entry(row.state, strong=not row.counted) for row in sheet.rows)
            total = f"{sheet.counted}／{sheet.asked}" if sheet.total is not None else ""
            code = str(len(sheet.columns) + 1)
            found.append(_Field("状态", Align.CENTRE, needed("状态", cells, total, head_most), code, cells, total))
        return found

    def _sets(self, names: Sequence[_Field], fields: Sequence[_Field]) -> list[list[_Field]]:
        """The columns in as few sets as the page is wide, and those as even as they go."""
        room = [self.at.wide - sum(one.wide for one in shown) for shown in (names, names[:2])]
        found = packed(fields, room[0], room[1])
        widest = max((one.wide for one in fields), default=0.0)
        smaller = 2.0
        while len(found) > 1 and room[0] - smaller >= widest:
            tried = packed(fields, room[0] - smaller, room[1] - smaller)
            if len(tried) > len(found):
                break
            found, smaller = tried, smaller + 2.0
        return found

    def _table(self, names: Sequence[_Field], fields: Sequence[_Field]) -> OpenTable:
        """The columns of one set over the whole width: what is spare goes to all that have no width of their own."""
        shown = [*names, *fields]
        spare = self.at.wide - sum(one.wide for one in shown)
        free = sum(one.wide for one in shown if not one.fixed)
        grown = [one if one.fixed else replace(one, wide=one.wide * (1 + spare / free)) for one in shown]
        rows = tuple(tuple(one.cells[at] for one in grown) for at in range(len(self.sheet.rows)))
        figures = {at: one.total for at, one in enumerate(grown) if at >= len(names)}
        return OpenTable(
            x=self.at.left,
            columns=tuple(Column((one.head,), one.wide, one.code, one.align) for one in grown),
            rows=rows,
            size=SIZE,
            row_high=ROW,
            total_high=TOTAL,
            total=Total(figures, label=self.sheet.label) if self.sheet.total is not None else None,
        )

    # --- under the table -------------------------------------------------------------------------------------------

    def notes(self) -> list[Unit]:
        """Lines under the table. On a landscape page the last of them stand left of the QR: they are one piece that is
        high enough to keep the table above it."""
        wide = 165.0 if self.landscape else self.at.wide
        lines = [line for told in sentences(self.sheet) for line in text.wrap(told, wide, SERIF, NOTE)]
        room = self.foot - self.sign_top + ABOVE_SIGN - NOTE_GAP if self.landscape else NOTE_LEAD
        alone = lines[: max(0, len(lines) - int(room / NOTE_LEAD))]
        units = [Unit(NOTE_LEAD, _lines_of(self.at, [line])) for line in alone]
        units.append(Unit(room, _lines_of(self.at, lines[len(alone) :])))
        return [replace(units[0], gap=NOTE_GAP, section=True), *units[1:]]

    def _end(self, pen: Pen) -> None:
        sheet, at = self.sheet, self.at
        phone = mask("phone", sheet.persons.phone) if self.masked and sheet.persons.phone else sheet.persons.phone
        ret = sheet.persons
        day = ret.reported_on or f"{sheet.signed.signed_at if sheet.signed else sheet.as_of:%Y-%m-%d}"
        people = [
            f"单位负责人：{text.spaced(ret.head)}",
            f"统计负责人：{text.spaced(ret.stat_head)}",
            f"汇总人：{text.spaced(ret.filler)}",
            f"联系电话：{phone}",
        ]
        if self.landscape:
            people.append(f"报出日期：{parts.long_date(day)}")
            self._sign_beside(pen)
        else:
            self._sign_below(pen, day)
        parts.spread_line(pen, at, self.persons, people)

    def _sign_place(self) -> tuple[float, float, float, float]:
        if self.landscape:
            return self.at.left + 169.8, self.sign_top, 70.0, 20.0
        return self.at.left, self.sign_top, 112.0, 22.0

    def _sign_beside(self, pen: Pen) -> None:
        """QR 20 mm right of the notes, who and when beside it, the seal's place at the edge."""
        x, top = self._sign_place()[:2]
        pen.text(262.0, top + 15.6, "（公\u3000章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)
        signed = self.sheet.signed
        if signed is None:
            return
        qr.draw(pen, x, top, 20, signed.qr)
        pen.text(x + 23, top + 4.6, "验证码", SANS_MEDIUM, 9)
        pen.text(x + 23, top + 10.1, signed.code, SANS_MEDIUM, 11, space=0.3)
        for count, line in enumerate((f"签名人：{parts.signed_by(signed)}", f"{signed.signed_at:%Y-%m-%d %H:%M:%S}")):
            size = 9.0
            while fonts.width(line, SERIF, size) / MM > 40 and size > text.SMALLEST:
                size -= text.STEP
            pen.text(x + 23, top + 15.2 + 4.9 * count, line, SERIF, size)

    def _sign_below(self, pen: Pen, day: str) -> None:
        """QR 22 mm at the foot, four lines beside it, the seal over unit and day."""
        at, top = self.at, self.sign_top
        pen.text(165.4, top + 5.0, "（公\u3000章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)
        pen.text(165.4, top + 13.8, self.sheet.office_name, SERIF, 10, align=CENTRE)
        pen.text(165.4, top + 20.4, parts.long_date(day), SERIF, 10, align=CENTRE)
        signed = self.sheet.signed
        if signed is None:
            return
        qr.draw(pen, at.left, top, 22, signed.qr)
        lines = (
            ("签名人", parts.signed_by(signed)),
            ("签名时间", f"{signed.signed_at:%Y-%m-%d %H:%M:%S}{BEIJING}"),
            ("数据截至", f"{self.sheet.as_of:%Y-%m-%d %H:%M}"),
            ("验证码", signed.code),
        )
        for count, (name, value) in enumerate(lines):
            y = top + 4.0 + 5.6 * count
            pen.spread(at.left + 27, y, name, 15.5)
            pen.text(at.left + 42.5, y, f"：{value}", SERIF, 9)


# --- widths --------------------------------------------------------------------------------------------------------


def needed(head: str, cells: Sequence[Entry], total: str, head_most: float) -> float:
    """mm that a column asks for: its widest value, or half its head, which stands in two lines or, beyond `head_most`,
    in more."""
    values = [fonts.digits_width(total, SERIF_BOLD, SIZE) if is_figure(total) else fonts.width(total, SERIF_BOLD, SIZE)]
    values += [
        fonts.digits_width(one.text, one.face, SIZE) if is_figure(one.text) else fonts.width(one.text, one.face, SIZE)
        for one in cells
    ]
    least = FIGURE_LEAST if any(is_figure(one.text) for one in cells) else WORD_LEAST
    half = fonts.width(head, SANS_MEDIUM, HEAD) / 2 / MM + BESIDE
    return max(least, max(values) / MM + BESIDE, min(half, head_most))


def packed(fields: Sequence[_Field], first: float, others: float) -> list[list[_Field]]:
    """The columns in sets that are no wider than the room; a set has at least one."""
    found: list[list[_Field]] = [[]]
    used = 0.0
    for one in fields:
        room = first if len(found) == 1 else others
        if found[-1] and used + one.wide > room:
            found.append([])
            used = 0.0
        found[-1].append(one)
        used += one.wide
    return found


def with_notes(rows: Sequence[Unit], notes: Sequence[Unit]) -> list[Unit]:
    """The notes stay with 合计 and its last rows on one page, unless they are too long for that."""
    together = sum(one.high for one in notes) <= MOST_NOTES
    follows = [*rows[-1:], *(notes[:-1] if together else ())]
    return [*rows[:-1], *(replace(one, glued=True) for one in follows), *(notes[-1:] if together else notes)]


def _lines_of(at: Layout, lines: Sequence[str]) -> Callable[[Pen, float], None]:
    def draw(pen: Pen, top: float) -> None:
        for count, line in enumerate(lines):
            y = top + (count + 0.5) * NOTE_LEAD + UNDER_MIDDLE * NOTE / MM
            pen.text(at.left, y, line, SERIF, NOTE)

    return draw
