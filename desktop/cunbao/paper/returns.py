"""A return as pages: what stands where on a form of the statistical kind (统计报表样式).

draw_return is the one door. Reading order on every page: head, title, tables row by row, notes, persons, box, foot.
Source: print.md §3–§5, §8; fields.md §0.1; decisions 17, 21.
"""

from __future__ import annotations

from cunbao.paper import flow, parts, proxy
from cunbao.paper.body import CLOSER_ROWS, FORM_ROW, Body
from cunbao.paper.parts import LANDSCAPE, MARKS, PORTRAIT, Layout
from cunbao.paper.pen import Pen
from cunbao.paper.sheet import Draft, Drawn, ReturnSheet, Signed


def draw_return(sheet: ReturnSheet, *, masked: bool = False) -> Drawn:
    """The pages of a return. masked: a 参阅件, with identity numbers and phones covered; a draft always is.

    PaperError when a character cannot be printed ("paper.character") or a text has no room ("paper.too_high").
    """
    return _Return(sheet, masked=masked).drawn()


class _Return:
    """One drawing: the sheet with the choices that hold for all its pages."""

    def __init__(self, sheet: ReturnSheet, *, masked: bool) -> None:
        self.sheet = sheet
        self.paper = sheet.paper
        self.landscape = self.paper.orientation == "landscape"
        self.confirmed = sheet.proxy is not None and isinstance(sheet.stage, Signed)
        plain = LANDSCAPE if self.landscape else PORTRAIT
        self.at: Layout = proxy.layout(plain) if self.confirmed else plain
        self.copy = masked and isinstance(sheet.stage, Signed)
        self.masked = masked or isinstance(sheet.stage, Draft)
        self.body = Body(sheet, self.at, masked=self.masked)

    # --- pages -----------------------------------------------------------------------------------------------------

    def drawn(self) -> Drawn:
        sheet, at = self.sheet, self.at
        pen = Pen(
            landscape=self.landscape,
            title=f"{sheet.title}，{sheet.full_name}，{sheet.task.period_title}，{self._state_word()}",
            author=sheet.full_name,
            when=sheet.when,
        )
        pages = self.pages()
        for page, placed in enumerate(pages):
            if isinstance(sheet.stage, Draft):
                pen.watermark("草稿")
            parts.head(pen, at, sheet.task.title, " · ".join(self._head_right()))
            self._top(pen, first=page == 0)
            flow.draw(pen, placed)
            if page + 1 < len(pages):
                unit, top = placed[-1]
                parts.continued(pen, at, top + unit.high)
                self._foot(pen, page, len(pages))
                pen.next_page()
        self._end(pen)
        self._foot(pen, len(pages) - 1, len(pages))
        box = pen.rectangle(at.left, at.box, parts.BOX_WIDE, parts.BOX_HIGH)
        return Drawn(pdf=pen.finish(), pages=len(pages), box_page=len(pages) - 1, box=box)

    def pages(self) -> list[list[flow.Placed]]:
        """A long form without roster closes its rows up a little, or more, when that saves a sheet of paper."""
        pages = flow.paginate(self._units(FORM_ROW), self.at.frame)
        for row_high in CLOSER_ROWS:
            if self.paper.columns or len(pages) == 1:
                break
            tight = flow.paginate(self._units(row_high), self.at.frame)
            pages = tight if len(tight) < len(pages) else pages
        return pages

    def _units(self, form_row: float) -> list[flow.Unit]:
        sheet = self.sheet
        if sheet.proxy is None:
            return self.body.units(form_row)
        day = parts.reported_on(sheet)
        return [
            *self.body.units(form_row),
            *proxy.units(self.at, sheet.proxy, sheet.office, day, confirmed=self.confirmed),
        ]

    def _top(self, pen: Pen, *, first: bool) -> None:
        sheet, at = self.sheet, self.at
        period, unit = sheet.task.period_title, self.paper.unit
        if not first:
            parts.title_again(pen, at, sheet.title)
            parts.unit_line(pen, at, at.again_line, sheet.full_name, period, unit)
            return
        parts.title(pen, at, sheet.title)
        if sheet.kind in MARKS:
            parts.kind_mark(pen, at, MARKS[sheet.kind])
        parts.form_block(pen, at, self.sheet.form.id, sheet.task.issuer)
        parts.office_lines(pen, at, sheet.office.code, sheet.township.name)
        parts.unit_line(pen, at, at.line, sheet.full_name, period, unit)

    def _end(self, pen: Pen) -> None:
        sheet, at = self.sheet, self.at
        if not self.confirmed:
            parts.persons(pen, at, sheet, masked=self.masked)
        if isinstance(sheet.stage, Signed):
            parts.signature(pen, at, sheet, sheet.stage, self._version())
            seal = "（代报单位公章）" if sheet.kind == "proxy" else "（公\u3000章）"
            label = "代报日期" if self.confirmed else "报出日期"
            parts.seal(pen, at, seal, parts.reported_on(sheet), label=label, dated=self.confirmed)
            sentence = proxy.closing_sentence(sheet.office) if self.confirmed else parts.VALID
            parts.closing(pen, at, sentence, parts.COPY_LINE if self.copy else "")
        else:
            parts.draft_box(pen, at, sheet.stage)
            parts.seal(pen, at, "（草稿不盖章）", parts.reported_on(sheet))

    def _foot(self, pen: Pen, page: int, pages: int) -> None:
        stage = self.sheet.stage
        if isinstance(stage, Draft):
            left, right = "草稿 · 无验证码", f"打印 {stage.printed_at:%Y-%m-%d %H:%M}"
        else:
            kind = [self.sheet.kind_word] if self.sheet.kind != "normal" else []
            left = f"验证码 {stage.code}"
            right = " · ".join([f"第 {self.sheet.version} 版", *kind, f"{stage.signed_at:%Y-%m-%d}"])
        parts.foot(pen, self.at, left, page + 1, pages, right)

    def _head_right(self) -> list[str]:
        return [*(["参阅件"] if self.copy else []), self.sheet.form.id, self.sheet.office.code]

    def _state_word(self) -> str:
        if isinstance(self.sheet.stage, Draft):
            return "草稿"
        return "参阅件" if self.copy else self.sheet.kind_word

    def _version(self) -> str:
        version = f"第 {self.sheet.version} 版，{self.sheet.kind_word}"
        if self.sheet.kind == "correction" and self.sheet.version > 1:
            version += f"，代替第 {self.sheet.version - 1} 版"
        return version
