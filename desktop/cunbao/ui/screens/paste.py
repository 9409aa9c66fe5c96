"""village-07: what comes from Excel is seen before it is taken over: which column goes where, which cells do not fit.

Nothing is changed by looking. What fits is taken over as one undo step; what does not is mended here or left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.views import PasteCell, PastePreview, PasteRow
from cunbao.desks.village import rosters
from cunbao.errors import CunbaoError
from cunbao.survey.form import Repeat
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import CodeField, FieldBox
from cunbao.ui.kit.frame import FootRow, PageHead
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import Card, SideCard, column, row, scrolled
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.roster import RosterTable
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.table import CellShow, Column, TableRow
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens.sheet import mask
from cunbao.ui.screens.sheets import eye_of

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

SIDE = 300  # px at 100 %
LEAST, MOST, MOST_LABEL = 78, 190, 5  # px of a column, by what is in it; characters of the field chosen for it
SHOWN_PROBLEMS = 30  # cards at the right; more are counted
OUTCOMES = {
    "update": ("pencil", "更新", "text_2"),
    "new": ("plus", "新增", "ok"),
    "problem": ("alert-circle", "有问题", "error"),
    "skip": ("minus", "不导入", "text_2"),
}
LINE, RESULT = "#", "!"


class MappingHead(Styled):
    """The head of the preview: the source's own words over the choice of the field, for each column."""

    def __init__(self, table: PreviewTable) -> None:
        super().__init__()
        self._table = table
        self.fields: list[CodeField] = []
        self._titles: list[Text] = []
        self.setFixedHeight(look.px(66))

    def set_columns(self, heads: Sequence[str], choices: list[Item], mapping: Sequence[str], picked: Any) -> None:
        for old in (*self.fields, *self._titles):
            old.hide()
            old.deleteLater()
        self.fields, self._titles = [], []
        for number, head in enumerate(heads):
            title = Text(head, "small", "text_2", parent=self)
            field = CodeField(lambda: choices, mapping[number] or "-", name=f"{head}放到哪一栏", parent=self)
            field.committed.connect(lambda code, at=number: picked(at, code))
            self.fields.append(field)
            self._titles.append(title)
            title.show()
            field.show()
        self.place()

    def place(self) -> None:
        """Over the columns of the table, which may be scrolled sideways."""
        if not self._table.measured:
            return
        for number, (title, field) in enumerate(zip(self._titles, self.fields, strict=True), 1):
            if number < len(self._table.columns):
                box = self._table.column_box(number)
                field.edit.setFont(look.font("small"))
                title.setGeometry(box.left() + 8, look.px(6), box.width() - 12, look.line_height("small"))
                field.setFixedHeight(look.px(32))
                field.setGeometry(box.left() + 6, look.px(28), box.width() - 12, look.px(32))


class PreviewTable(RosterTable):
    """Rows of the source; its head is the mapping above it."""

    head_px = 0

    def __init__(self, columns: Sequence[Column], name: str) -> None:
        self.head: MappingHead | None = None
        super().__init__(columns, name=name)

    @property
    def measured(self) -> bool:
        return bool(self._geometry.edges)

    def column_box(self, number: int) -> QRect:
        edges, shift = self._geometry.edges, self.horizontalScrollBar().value()
        return QRect(edges[number] - shift, 0, edges[number + 1] - edges[number], 1)

    def placed(self) -> None:
        if getattr(self, "head", None) is not None:
            self.head.place()  # type: ignore[union-attr]


class PasteScreen(Screen):
    """The screen "paste": open(form="B04", repeat="b04_p", text=…, section=number), or path= of a workbook."""

    _open_button: Button
    _head: PageHead
    help = (
        "从 Excel 或 WPS 里复制几行，回来按 Ctrl+V；也可以直接打开 .xlsx 文件。",
        "先看每一列放到哪一栏，再看右边要处理的几处。导入后可按 Ctrl+Z 一次撤回。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.form = self.repeat = ""
        self._section = 0
        self._source = ""
        self._cells: tuple[tuple[str, ...], ...] = ()
        self._mapping: tuple[str, ...] | None = None
        self._mended: dict[tuple[int, int], str] = {}
        self.view: PastePreview | None = None
        self._at = 0
        self._scale = (0.0, False)
        self._box = column(self, 12)
        self._cards: list[SideCard] = []
        self._inputs: list[QWidget] = []

    def nav_key(self) -> str:
        return f"form/{self.form}"

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Tab", "下一列"), ("F8", "下一处问题"), ("Esc", "不导入"))

    def open(
        self,
        form: str = "",
        repeat: str = "",
        text: str = "",
        path: Path | None = None,
        section: int = -1,
        cells: Sequence[Sequence[str]] = (),
        **where: Any,
    ) -> None:
        self.form, self.repeat = form or self.form, repeat or self.repeat
        sections = self.shell.desk.task.screens[self.form].sections
        here = next((at for at, one in enumerate(sections) if one.repeat == self.repeat), 0)
        self._section = section if section >= 0 else here
        self._take(tuple(tuple(one) for one in cells) or rosters.read_clipboard(text), "剪贴板里有")
        if path is not None:
            self.read_file(path)
        self.refresh()

    def refresh(self) -> None:
        self._build()

    def first_focus(self) -> None:
        if self.view is None:
            self._open_button.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._filled is not None:
            self._filled.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def asked(self) -> Repeat:
        return self.shell.desk.task.forms[self.form].repeat(self.repeat)

    @property
    def unit(self) -> str:
        return "人" if any(one.mask for one in self.asked.fields) else "行"

    # --- the source ----------------------------------------------------------------------------------------------

    def _take(self, cells: tuple[tuple[str, ...], ...], source: str) -> None:
        """Begin with other cells. A single cell on the clipboard is no table."""
        self._cells = cells if len(cells) > 1 or (cells and len(cells[0]) > 1) else ()
        self._source, self._mapping, self._mended, self._at = source, None, {}, 0
        self._look()

    def _look(self) -> None:
        self.view = None
        if self._cells:
            self.view = rosters.preview(
                self.shell.desk, self.form, self.repeat, self._cells, mapping=self._mapping, mended=self._mended
            )

    def paste(self) -> bool:
        self._take(rosters.read_clipboard(QGuiApplication.clipboard().text()), "剪贴板里有")
        self._build()
        self.first_focus()
        return True

    def choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "打开 Excel 文件", "", "Excel 文件 (*.xlsx *.xls *.ods)")
        if name:
            self.read_file(Path(name))
            self._build()
            self.first_focus()

    def read_file(self, path: Path) -> None:
        try:
            self._take(rosters.read_workbook(path), f"“{path.name}”里有")
        except CunbaoError as error:
            self.shell.show_error(error)

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        ground = QWidget()
        box = column(ground, 12)
        name = f"{self.form} {self.shell.desk.task.screens[self.form].nav}" if not look.narrow else self.form
        head = PageHead(name, crumb="从 Excel 粘贴")
        self._head = head
        self._open_button = Button("打开 Excel 文件", icon="folder")
        self._open_button.clicked.connect(self.choose_file)
        head.add(self._open_button)
        again = Button("重新粘贴", icon="paste", key="Ctrl+V")
        again.clicked.connect(self.paste)
        head.add(again)
        box.addWidget(head)
        self._filled: Button | None = None
        if self.view is None:
            card = Card()
            card.add(
                EmptyState("剪贴板里没有表格。在 Excel 里选中要的行，按 Ctrl+C，再回来按 Ctrl+V；或者打开文件。"), 1
            )
            box.addWidget(card, 1)
            foot = FootRow()
            foot.add(self._leave_button())
            box.addWidget(foot)
        else:
            box.addWidget(self._body(self.view), 1)
            box.addWidget(self._foot(self.view))
        self._box.addWidget(ground)
        ground.show()

    def _body(self, view: PastePreview) -> QWidget:
        wide = len(view.heads)
        line = "" if look.narrow else "，第 1 行是标题" if view.header else "，没有标题行"
        self._head.line.setText(f"{self._source} {len(view.rows)} {self.unit}、{wide} 列{line}")
        self._main = Card()
        title = QWidget()
        words = row(title, 8, (16, 0, 16, 0))
        words.addWidget(Text("每一列放到哪一栏", bold=True))
        words.addStretch(1)
        known = sum(bool(name) for name in view.mapping)
        left = wide - known
        self._known = StateWord("check", f"{known} 列已认出" + (f"，{left} 列不导入" if left else ""), "ok", "small")
        words.addWidget(self._known)
        title.setFixedHeight(look.px(39))
        self._main.add(title)
        self._main.add_line()
        self.table = PreviewTable(self._columns(view), "预览")
        mapping = MappingHead(self.table)
        self.table.head = mapping
        choices = [Item("-", "不导入"), *(Item(name, label) for name, label in view.fields)]
        mapping.set_columns(view.heads, choices, view.mapping, self._map)
        self.mapping = mapping
        self._main.add(mapping)
        self._main.add_line("line_strong")
        self.table.set_rows([self._row(view, one) for one in view.rows])
        if look.narrow:  # the page scrolls, not the table
            self.table.setMinimumHeight(min(self.table.sizeHint().height(), look.px(42) * 9))
        self.table.opened.connect(self._open_problem)
        self._main.add(self.table)
        self._main.add_line()
        note = QWidget()
        note_line = row(note, 0, (12, 7, 12, 7))
        number = next((one.label for one in self.asked.fields if one.mask == "id"), "名称")
        note_line.addWidget(Text(f"{number}与已登记的相同时，更新原来那一行，不会重复。", "small", "text_2"))
        self._main.add(note)
        body = QWidget()
        if look.narrow:
            inner = QWidget()
            down = column(inner, 12)
            down.addWidget(self._main)
            down.addWidget(self._side(view))
            down.addStretch(1)
            column(body).addWidget(scrolled(inner))
        else:
            across = row(body, 16)
            left_box = column()
            left_box.addWidget(self._main)
            left_box.addStretch(1)
            across.addLayout(left_box, 1)
            side = self._side(view)
            side.setFixedWidth(SIDE if look.scale == 1 else look.px(SIDE) - 60)
            across.addWidget(side)
        return body

    def _columns(self, view: PastePreview) -> tuple[Column, ...]:
        made = [Column(LINE, "行", 40, align="right", kind="number")]
        for number, head in enumerate(view.heads):
            longest = max(
                (len(one.cells[number].shown) for one in view.rows[:50] if number < len(one.cells)), default=4
            )
            digits = all(
                mark.isascii() for one in view.rows[:5] if number < len(one.cells) for mark in one.cells[number].shown
            )
            label = dict(view.fields).get(view.mapping[number], "不导入")
            width = max(LEAST, round(longest * (8.6 if digits else 15)) + 20, 13 * len(head) + 16)
            width = max(width, 13 * min(len(label), MOST_LABEL) + 58)
            made.append(Column(f"c{number}", head, min(MOST, width), 1 if width > 100 else 0))
        made.append(Column(RESULT, "结果", 88, kind="state"))
        return tuple(made)

    def _row(self, view: PastePreview, one: PasteRow) -> TableRow:
        icon, word, ink = OUTCOMES[one.outcome]
        shown = {LINE: CellShow(str(one.number)), RESULT: CellShow(word, icon=icon, ink=ink)}
        for number, cell in enumerate(one.cells):
            name = view.mapping[number] if number < len(view.mapping) else ""
            tone = "error" if cell.problem else ""
            shown[f"c{number}"] = CellShow(self._covered(name, cell), tone=tone, ink="" if name else "text_2")
        return TableRow(str(one.number), shown, (), one.name, "row_problem" if one.outcome == "problem" else "")

    def _covered(self, name: str, cell: PasteCell) -> str:
        secret = name and self.asked.field(name).mask
        return mask(cell.shown) if secret and not eye_of(self.shell).open and "E+" not in cell.shown else cell.shown

    # --- problems ------------------------------------------------------------------------------------------------

    def problems(self) -> list[tuple[PasteRow, int]]:
        """(row, column) of each cell that does not fit, in reading order."""
        if self.view is None:
            return []
        return [(one, at) for one in self.view.rows for at, cell in enumerate(one.cells) if cell.problem]

    def _side(self, view: PastePreview) -> QWidget:
        side = QWidget()
        box = column(side, 12)
        found = self.problems()
        self._inputs = []
        if found:
            card = SideCard(f"{len(found)} 处要先处理", "alert-circle", tone="error")
            inner = QWidget()
            lines = column(inner, 0)
            for one, at in found[:SHOWN_PROBLEMS]:
                lines.addWidget(self._problem(view, one, at))
            if len(found) > SHOWN_PROBLEMS:
                lines.addWidget(Text(f"还有 {len(found) - SHOWN_PROBLEMS} 处，处理完这些再显示。", "small", "text_2"))
            lines.addStretch(1)
            self._problem_area = scrolled(inner)
            self._problem_area.setMinimumHeight(min(look.px(330), look.px(150) * len(found)))
            card.fill(self._problem_area)
            box.addWidget(card, 1 if len(found) > 2 else 0)
        counts = Card()
        facts = QWidget()
        rows = column(facts, 4, (16, 14, 16, 14))
        for word, number, tone in (
            ("更新", view.updates, "text"),
            ("新增", view.news, "text"),
            ("待处理", view.problems, "error"),
        ):
            line = row()
            ink = tone if number else "text_2"
            line.addWidget(Text(word, tone=ink))
            line.addStretch(1)
            line.addWidget(Text(f"{number} 行", tone=ink, bold=True))
            rows.addLayout(line)
        counts.add(facts)
        box.addWidget(counts)
        if len(found) <= 2 or look.narrow:
            box.addStretch(1)
        return side

    def _problem(self, view: PastePreview, one: PasteRow, at: int) -> QWidget:
        """One cell: what is wrong, and the quick choices or a field to type it again."""
        field = self.asked.field(view.mapping[at])
        cell = one.cells[at]
        made = QWidget()
        box = column(made, 4, (16, 12, 16, 12))
        box.addWidget(Text(f"第 {one.number} 行 {field.label}", bold=True))
        box.addWidget(Text(cell.problem + ("：" if cell.choices else ""), "small", "text_2", lines=0))
        if field.list is not None:
            line = row(gap=8)
            first: QWidget | None = None
            room = look.px(SIDE) - 60
            for code, label in cell.choices:
                button = Button(label, size="small")
                room -= button.sizeHint().width() + 8
                if room < 0:
                    break
                button.clicked.connect(lambda _=False, text=code: self.mend(one.number, at, text))
                line.addWidget(button)
                first = first or button
            line.addStretch(1)
            if cell.choices:
                box.addLayout(line)
            choices = field.list.choices
            other = CodeField(
                lambda: [Item(choice.code, choice.label) for choice in choices],
                name=f"第 {one.number} 行 {field.label}",
            )
            other.set_hint("其他：打拼音首字母" if cell.choices else "打拼音首字母或按 F4")
            other.committed.connect(lambda code: self.mend(one.number, at, code))
            box.addWidget(other)
            self._inputs.append(first or other)
        else:
            typed = FieldBox(name=f"第 {one.number} 行 {field.label}")
            digits = " 18 位" if field.mask == "id" else ""
            typed.set_hint(f"输入{one.name}的{digits}号码" if field.mask else f"重新输入{field.label}")
            typed.committed.connect(lambda text: text and self.mend(one.number, at, text))
            box.addWidget(typed)
            self._inputs.append(typed)
        return made

    def mend(self, number: int, at: int, text: str) -> None:
        """Another text for a cell of the source; looks again and goes to the next problem."""
        self._mended[number - 1, at] = text
        self._again()

    def _map(self, at: int, code: str) -> None:
        """Another field for a column; a field that stood elsewhere is taken from there."""
        assert self.view is not None
        name = "" if code == "-" else code
        mapping = ["" if other == name else other for other in self.view.mapping]
        mapping[at] = name
        self._mapping = tuple(mapping)
        self._again(at)

    def _again(self, column_at: int = -1) -> None:
        try:
            self._look()
        except CunbaoError as error:
            self.shell.show_error(error)
        self._build()
        if column_at >= 0 and self.view is not None:
            self.mapping.fields[column_at].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._at -= 1
            self.next_problem(1)

    def _open_problem(self, row_id: str) -> None:
        for number, (one, _) in enumerate(self.problems()[:SHOWN_PROBLEMS]):
            if str(one.number) == row_id:
                self._at = number - 1
                self.next_problem(1)
                return

    def next_problem(self, step: int) -> bool:
        found = self.problems()[:SHOWN_PROBLEMS]
        if not found:
            self.first_focus()
            return True
        self._at = (self._at + step) % len(found)
        self._show_problem()
        return True

    def _show_problem(self) -> None:
        found = self.problems()
        one, at = found[self._at]
        self.table.go(str(one.number), f"c{at}")
        field = self._inputs[self._at]
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._problem_area.ensureWidgetVisible(field, 0, 70)

    # --- the end -------------------------------------------------------------------------------------------------

    def _leave_button(self) -> Button:
        button = Button("不导入了", key="Esc")
        button.clicked.connect(self.back)
        return button

    def _foot(self, view: PastePreview) -> FootRow:
        foot = FootRow("导入后可按 Ctrl+Z 一次撤回。")
        foot.setContentsMargins(0, 4, 4, 4)  # room for the focus ring of the filled button
        foot.add(self._leave_button())
        good, whole = view.updates + view.news, len(view.rows)
        self.partly = Button(f"只导入没问题的 {good} 行")
        self.partly.clicked.connect(self.take_over)
        self.partly.set_why("" if good else "没有可以导入的行")
        self.all = Button(
            f"处理完再导入 {whole} 行" if view.problems else f"导入 {whole} 行",
            key="" if view.problems else "Ctrl+Enter",
        )
        self.all.clicked.connect(self.take_over)
        self.all.set_why(f"还有 {view.problems} 行要处理" if view.problems else "")
        if view.problems:
            first = Button("去第 1 处", kind="filled", key="F8")
            first.clicked.connect(lambda: self._first_problem())
            foot.add(self.partly)
            foot.add(self.all)
            foot.add(first)
            self._filled = first
        else:
            self.all.set_kind("filled")
            foot.add(self.all)
            self._filled = self.all
        return foot

    def _first_problem(self) -> None:
        self._at = -1
        self.next_problem(1)

    def main_step(self) -> bool:
        if self._filled is not None:
            self._filled.click()
        return True

    def go_on(self) -> bool:
        if self.view is not None and not self.view.problems:
            self.take_over()
        elif self.view is not None:
            self.next_problem(1)
        return True

    def take_over(self) -> None:
        """Every row without a problem, as one undo step."""
        view, desk = self.view, self.shell.desk
        if view is None or not view.updates + view.news:
            return
        group = desk.new_id()

        def done(_: object) -> None:
            self._take((), "")
            self.back()

        self.shell.run_job(
            lambda progress, cancel: rosters.take_over(desk, view, group=group), done=done, title="导入名册"
        )

    def back(self) -> bool:
        self.shell.go("form", form=self.form, section=self._section)
        return True
