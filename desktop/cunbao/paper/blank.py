"""A blank form (空白表) to be filled by hand and typed in later: digit boxes, tick boxes, lines for names.

What the program computes is not asked. The same form gives the same bytes. Source: print.md §4, §6, §8; picture 07.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from cunbao.paper import flow, fonts, grid, parts
from cunbao.paper.body import CELL, STEMS, STUB, STUB_OF_WORDS, alignment, stub_rows
from cunbao.paper.boxes import (
    CODE_HIGH,
    CODE_WIDE,
    DIGIT_HIGH,
    DIGIT_WIDE,
    TICK,
    TICK_LINE,
    asked,
    digit_boxes,
    fill_in,
    is_prose,
    listed,
    room_for,
    tick_lines,
    tick_list,
)
from cunbao.paper.flow import Frame, Unit
from cunbao.paper.fonts import SANS_MEDIUM, SERIF
from cunbao.paper.parts import LANDSCAPE, PORTRAIT, Layout
from cunbao.paper.pen import CENTRE, MM, RIGHT, SEAL_GREY, Pen
from cunbao.paper.sheet import Drawn
from cunbao.paper.table import Align, Column, Entry, Table, Total
from cunbao.paper.words import label, printed
from cunbao.survey.form import Field, Form, Kind
from cunbao.survey.task import ROW_NUMBER, PaperColumn, Task
from cunbao.survey.values import Office

ROWS, ROSTER_ROWS = 6, 12  # print.md §4
ROW, STUB_ROW, GRID_ROW = 12.6, 8.4, 9.6  # mm, high enough for a pen
BESIDE = 2.0  # mm beside a list of boxes
ADVICE = (
    "用黑色签字笔填写，一格一个数字，靠右对齐小数点；没有的填 0，不得留空。"
    "写错的在格上划一横线，改写在上方，并在旁边盖章。",
    "一行填一处（一人）；一张不够的，另附一张本表，并在页脚写明张数。写着“自动”的格不用填，录入后由程序算出。",
    "本表录入“村报”后，以签名的电子件为准；手填的纸质表由{keeper}留存两年。",
)


def draw_blank(task: Task, form: Form, office: Office, township: Office | None = None) -> Drawn:
    """The form with nothing in it but the office's code and the period.

    office: who fills it, or a township for a form that its villages fill the last three digits and the name into;
    township: the office above it.
    """
    return _Blank(task, form, office, township).drawn()


class _Blank:
    def __init__(self, task: Task, form: Form, office: Office, township: Office | None) -> None:
        self.task, self.form, self.office, self.township = task, form, office, township
        self.for_villages = office.level == "township" and task.levels[form.id] != "township"
        self.paper = task.papers[form.id]
        self.landscape = self.paper.orientation == "landscape"
        self.at: Layout = LANDSCAPE if self.landscape else PORTRAIT
        self.frame = grid.GridFrame(self.at.left, self.at.wide)
        self.persons = 172.0 if self.landscape else 246.0  # mm

    def drawn(self) -> Drawn:
        at, title = self.at, self.paper.title or self.form.title
        pen = Pen(
            landscape=self.landscape,
            title=f"{title}，{self.office.name}，{self.task.period_title}，空白表",
            author=self.task.issuer,
            when=datetime.combine(self.task.ref_date, time(), UTC),
        )
        frame = Frame(at.table + 2, at.again, at.end, self.persons - 7)
        pages = flow.paginate(self.units(), frame)
        for page, placed in enumerate(pages):
            parts.head(pen, at, f"{self.task.title}\u3000空白表，供手工填写", f"{self.form.id} · 空白")
            if page:
                parts.title_again(pen, at, title)
                self._unit_line(pen, at.again_line)
            else:
                parts.title(pen, at, title)
                parts.form_block(pen, at, self.form.id, self.task.issuer)
                self._office_code(pen)
                self._unit_line(pen, at.line + 1)
            flow.draw(pen, placed)
            last = page + 1 == len(pages)
            if last:
                self._end(pen)
            else:
                parts.continued(pen, at, placed[-1][1] + placed[-1][0].high)
            left = f"空白表 · 第 {self.form.version} 版表样"
            parts.foot(pen, at, left, page + 1, len(pages), self.task.period_title)
            if not last:
                pen.next_page()
        return Drawn(pdf=pen.finish(), pages=len(pages), box_page=0, box=(0.0, 0.0, 0.0, 0.0))

    # --- head and foot ---------------------------------------------------------------------------------------------

    def _words(self) -> tuple[str, ...]:
        """What to mind; the paper stays with whoever fills it."""
        keeper = "乡镇" if self.task.levels[self.form.id] == "township" else "村委会"
        return tuple(one.format(keeper=keeper) for one in ADVICE)

    def _office_code(self, pen: Pen) -> None:
        y = self.at.block + 5
        x = self.at.left + pen.text(self.at.left, y, "统计用区划代码：", SERIF, 10)
        known = self.office.code[:9] if self.for_villages else self.office.code
        digit_boxes(pen, x, y - 4.6, 12, CODE_WIDE, CODE_HIGH, digits=known)
        township = self.office if self.for_villages else self.township
        start = pen.text(self.at.left, y + 5.9, "综合机关名称：", SERIF, 10)
        if township is not None:
            pen.text(self.at.left + start, y + 5.9, township.name, SERIF, 10)
        else:
            pen.line(self.at.left + start, y + 6.6, self.at.left + start + 50, y + 6.6)

    def _unit_line(self, pen: Pen, y: float) -> None:
        if not self.for_villages:
            parts.unit_line(pen, self.at, y, self.office.name, self.task.period_title, self.paper.unit)
            return
        start = self.at.left + pen.text(self.at.left, y, "填报单位：", SERIF, 10)
        pen.line(start, y + 0.8, start + 46, y + 0.8)
        pen.text((self.at.left + self.at.right) / 2, y, self.task.period_title, SERIF, 10, align=CENTRE)
        pen.text(self.at.right, y, f"计量单位：{self.paper.unit}", SERIF, 10, align=RIGHT)

    def _end(self, pen: Pen) -> None:
        """Lines for names, date, number of sheets and the place of the seal."""
        at, y = self.at, self.persons
        third = at.wide / 3
        for count, name in enumerate(("单位负责人：", "统计负责人：", "填表人：")):
            x = at.left + count * third
            end = x + third - 4 if count < 2 else at.right
            start = x + pen.text(x, y, name, SERIF, 10) + 0.5
            pen.line(start, y + 0.8, end, y + 0.8)
        y += 10
        start = at.left + pen.text(at.left, y, "联系电话：", SERIF, 10) + 0.5
        pen.line(start, y + 0.8, at.left + third - 4, y + 0.8)
        pen.text(at.left + third, y, "填表日期：\u3000\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日", SERIF, 10)
        pen.text(at.right - 23.5, y + 4, "（公\u3000章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)
        sheets = "本表共\u3000\u3000张，第\u3000\u3000张"
        if self.landscape:
            pen.text(at.left + 1.78 * third, y, sheets, SERIF, 10)
        else:
            pen.text(at.left, y + 9.6, sheets, SERIF, 10)

    # --- what is asked ---------------------------------------------------------------------------------------------

    def units(self) -> list[Unit]:
        found = self._own_answers() if self.paper.columns else self._stub()
        for which in sorted({column.sheet for column in self.paper.columns}):
            found += self._roster(which, gap=2.6 if found else 0.0)
        return [*found, *self._advice()]

    def _own_answers(self) -> list[Unit]:
        placed = {*self.paper.singles, self.paper.headline}
        fields = [one for one in self.form.fields if one.name not in placed and printed(one) and asked(one)]
        rows: list[list[tuple[Field, float, float]]] = [[]]
        used = 0.0
        for one in fields:
            label_wide = min(fonts.width(label(one), SANS_MEDIUM, grid.LABEL) / MM + 3.2, grid.LABEL_MOST)
            value_wide = self.at.wide - label_wide if is_prose(one) else max(24.0, room_for(one))
            if rows[-1] and used + label_wide + value_wide > self.at.wide:
                rows.append([])
                used = 0.0
            rows[-1].append((one, label_wide, value_wide))
            used += label_wide + value_wide
        return [self._grid_unit(row) for row in rows if row]

    def _grid_unit(self, row: Sequence[tuple[Field, float, float]]) -> Unit:
        spare = (self.at.wide - sum(one[1] + one[2] for one in row)) / len(row)
        cells: list[grid.GridCell] = []
        for field, label_wide, value_wide in row:
            cells += (
                grid.GridCell(label_wide, label(field), "label"),
                grid.GridCell(value_wide + spare, "", "value"),
            )
        drawn = grid.GridRow(self.at.left, tuple(cells), GRID_ROW)

        def draw(pen: Pen, top: float) -> None:
            drawn.draw(pen, top)
            x = self.at.left
            for field, label_wide, value_wide in row:
                fill_in(pen, field, x + label_wide, value_wide + spare, top, drawn.high)
                x += label_wide + value_wide + spare

        return Unit(drawn.high, draw, head=self.frame)

    def _roster(self, which: int, gap: float) -> list[Unit]:
        columns = tuple(one for one in self.paper.columns if one.sheet == which)
        fields = [None if one.field == ROW_NUMBER else self.form.field(one.field) for one in columns]
        count = ROSTER_ROWS if self.landscape else ROWS
        rows = tuple((Entry(str(row)), *(Entry("") for _ in columns[1:])) for row in range(1, count + 1))
        totals = {at: "" for at, one in enumerate(columns) if one.total}
        table = Table(
            x=self.at.left,
            columns=self._columns(which, columns, fields),
            rows=rows,
            size=CELL,
            row_high=ROW,
            total_high=ROW,
            total=Total(totals, label="合\u3000计（可不填，录入后自动算出）") if totals else None,
        )

        def row_unit(number: int) -> Unit:
            def draw(pen: Pen, top: float) -> None:
                table.draw_row(pen, top, number)
                for at, field in enumerate(fields):
                    if field is not None and not (which == 2 and at == 1):
                        fill_in(pen, field, table.left[at], columns_wide[at], top, ROW)

            glued = number == count - 2 or (number == count - 1 and bool(totals))
            return Unit(ROW, draw, head=table, gap=0 if number else gap, glued=glued)

        columns_wide = [float(one.mm) for one in columns]
        found = [row_unit(number) for number in range(count)]
        if totals:
            found.append(Unit(ROW, table.draw_total, head=table))
        if which == 2:
            return [parts.section_head(self.at, "表二"), *found]
        return found

    def _columns(
        self, which: int, columns: Sequence[PaperColumn], fields: Sequence[Field | None]
    ) -> tuple[Column, ...]:
        before = sum(one.sheet == 1 for one in self.paper.columns) - 2 if which == 2 else 0
        return tuple(
            Column(one.heads, float(one.mm), STEMS[at] if at < 2 else str(before + at - 1), alignment(field, 0))
            for at, (one, field) in enumerate(zip(columns, fields, strict=True))
        )

    def _stub(self) -> list[Unit]:
        fields = [one for one in self.form.fields if printed(one)]
        stub, wides = STUB, (78.0, 22.0, 14.0, 53.0)
        if any(one.kind is Kind.SELECT_MULTIPLE for one in fields):
            stub, wides = STUB_OF_WORDS, (60.0, 18.0, 12.0, 77.0)
        scale = self.at.wide / sum(wides)
        aligns = (Align.LEFT, Align.CENTRE, Align.CENTRE, Align.LEFT)
        columns = tuple(
            Column((name,), wide * scale, code, align)
            for (name, _), wide, code, align in zip(stub, wides, (*STEMS[:3], "1"), aligns, strict=True)
        )
        ticks = {one.name: tick_lines(listed(one), columns[3].wide - 2 * BESIDE) for one in fields if asked(one)}
        rooms = [Entry("", high=len(ticks.get(one.name, ())) * TICK_LINE + 1.6) for one in fields]
        rows = stub_rows(self.form, fields, rooms)
        table = Table(self.at.left, columns, rows, CELL, STUB_ROW, STUB_ROW)
        of_row = iter(fields)
        shown = [next(of_row) if len(row) > 1 else None for row in rows]

        def unit(number: int) -> Unit:
            field, high = shown[number], table.heights[number]

            def draw(pen: Pen, top: float) -> None:
                table.draw_row(pen, top, number)
                if field is not None and listed(field) and asked(field):
                    tick_list(pen, ticks[field.name], table.left[3] + BESIDE, top, high)
                elif field is not None:
                    fill_in(pen, field, table.left[3], columns[3].wide, top, high)

            return Unit(high, draw, head=table, glued=number == len(rows) - 2 or field is None)

        return [unit(number) for number in range(len(rows))]

    def _advice(self) -> list[Unit]:
        notes = [parts.note(self.at, f"{count}．", words) for count, words in enumerate(self._words(), 1)]
        return [parts.section_head(self.at, "填写要求"), Unit(9.0, self._samples, gap=1.0, glued=True), *notes]

    def _samples(self, pen: Pen, top: float) -> None:
        """How digits, an area and a tick are written."""
        at, y = self.at, top + 4.9
        x = at.left + pen.text(at.left, y, "数字写法：", SERIF, 10) + 1
        digit_boxes(pen, x, top, 10, CODE_WIDE, CODE_HIGH, digits="0123456789")
        x += 10 * CODE_WIDE + 6
        x += pen.text(x, y, "面积 46 平方米写作：", SERIF, 10) + 1
        digit_boxes(pen, x, top, 6, DIGIT_WIDE, DIGIT_HIGH, digits="  4600", point=4)
        x += 6 * DIGIT_WIDE + 5
        x += pen.text(x, y, "选中打勾：", SERIF, 10) + 1
        pen.box(x, top + 2, TICK, TICK)
        pen.line(x + 0.5, top + 3.4, x + 1.3, top + 4.5, 1)
        pen.line(x + 1.3, top + 4.5, x + 3.2, top + 1.4, 1)
