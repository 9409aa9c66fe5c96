"""township-03, at the left: what changed cell by cell, in three tabs, with the line in hand unfolded beneath."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from cunbao.desks.township.review_views import ReviewLine, ReviewView
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity
from cunbao.ui.kit import paint
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.tabs import Tabs
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.review_comments import Comments
from cunbao.ui.screens.review_detail import LineDetail, has_more
from cunbao.ui.screens.review_pdf import row_name

CHANGED, CHECKED, ALL = "changed", "checked", "all"
NO_LINES = {
    CHANGED: "和对比的那一份一样，没有改动。",
    CHECKED: "检查没有发现要看的地方。",
    ALL: "这张表一格也没填。",
}
ACCEPTED = "上次通过"
BEFORE = ("before", "arrow")
LEAST = {"label": 110, "before": 80, "arrow": 28, "now": 74, "change": 76, "say": 46}  # pixels at 100 %
SPARE = 266  # what the table has beyond that at 100 % in a window of 1366
MOST = {"before": 130, "now": 190}
MEASURED = 300  # lines by whose texts the columns are fitted


class Lines(Card):
    """The table of one return. `moved(number)`, `attachment(id, name)`, `compare(id)`: another version to lay beside.

    The comments are `Comments`' own; this only shows them and hands on what is typed."""

    moved = Signal(int)
    attachment = Signal(str, str)
    compare = Signal(str)

    def __init__(self, view: ReviewView, comments: Comments, *, may_comment: bool, tab: str = CHANGED) -> None:
        super().__init__()
        self._view, self._comments, self._may_comment = view, comments, may_comment
        self._revealed = False
        self._unfolded = -1
        self.lines: tuple[ReviewLine, ...] = ()
        self.tabs = Tabs(
            (
                (CHANGED, f"改动 {len(view.changes)}"),
                (CHECKED, f"检查 {len(view.checked)}"),
                (ALL, f"全部 {len(view.all_lines)} 格"),
            ),
            name="看哪些格",
        )
        self.tabs.choose(tab)
        self.tabs.chosen.connect(self.show_tab)
        self._head = head = QWidget()
        line = row(head, 8, (0, 0, 10, 0))
        line.addWidget(self.tabs, 1)
        self.compared = self._chooser()
        line.addWidget(self.compared)
        self.add(head)
        self.add_line()
        self.grid = Grid(
            columns(view, view.changes),
            name=f"{view.name} {view.form} 的格子",
            cursor="cell",
            head_px=32,
            framed=True,
            paging=False,
        )
        self.grid.moved.connect(lambda number, key: self._moved(number))
        self.grid.activated.connect(lambda number, key: self.write())
        self._body = QStackedWidget()
        page = QWidget()
        rows = column(page)
        rows.addWidget(self.grid)
        rows.addStretch(1)
        self._body.addWidget(page)
        self._empty = QStackedWidget()
        for words in NO_LINES.values():
            self._empty.addWidget(EmptyState(words))
        self._body.addWidget(self._empty)
        self.add(self._body, 1)
        self.foot = self.add_line()
        comments.changed.connect(self._said)
        self.show_tab(self.tabs.current())
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_head"):
            self._head.setFixedHeight(look.px(41))

    # --- the head ------------------------------------------------------------------------------------------------

    def _chooser(self) -> QWidget:
        against = self._view.against.words
        words = f"对比：{against}" if compares(self._view) else against
        if len(self._view.comparisons) < 2:
            return Text(words, "small", "text_2")
        button = Button(words, kind="quiet", size="small", icon="chev-d")
        button.setToolTip("换一份来对比")
        button.clicked.connect(lambda: self._menu(button).popup(button.mapToGlobal(QPoint(0, button.height()))))
        return button

    def _menu(self, button: QWidget) -> QMenu:
        menu = QMenu(button)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in self._view.comparisons:
            action = menu.addAction(one.words)
            action.setCheckable(True)
            action.setChecked(one.id == self._view.against.id)
            action.triggered.connect(lambda _=False, key=one.id: self.compare.emit(key))
        return menu

    # --- the table -----------------------------------------------------------------------------------------------

    def show_tab(self, tab: str) -> None:
        found = {CHANGED: self._view.changes, CHECKED: self._view.checked, ALL: self._view.all_lines}
        here = self.here
        self.lines = found[tab]
        self._unfolded = -1
        self.grid.set_detail(-1, None)
        self.grid.set_columns(columns(self._view, self.lines))
        if tab != ALL:
            self.grid.set_rows([self._row(line) for line in self.lines])
        else:
            self.grid.set_source(len(self.lines), lambda number: self._row(self.lines[number]))
        self._empty.setCurrentIndex(list(NO_LINES).index(tab))
        self._body.setCurrentIndex(0 if self.lines else 1)
        at = self._find(here.cell) if here is not None else 0
        self.grid.go(at, "now")
        if not self.lines:
            self.moved.emit(-1)

    @property
    def here(self) -> ReviewLine | None:
        """The current line."""
        at = self.grid.current_row()
        return self.lines[at] if 0 <= at < len(self.lines) else None

    def _find(self, cell: Cell) -> int:
        return next((number for number, line in enumerate(self.lines) if line.cell == cell), 0)

    def go_to(self, cell: Cell) -> None:
        """Make the line of a cell current, among all cells if it is not in this tab."""
        if not any(line.cell == cell for line in self.lines):
            self.tabs.choose(ALL)
            self.show_tab(ALL)
        self.grid.go(self._find(cell), "now")

    def _row(self, line: ReviewLine, *, unfolded: bool = False) -> GridRow:
        name = row_name(line.row_label)
        label = (name or line.label) if line.row_kind else f"{name}：{line.label}" if name else line.label
        more = "　".join(part for part in (line.unit, "自动算" if line.calculated else "") if part)
        said = self._comments.text(line.cell)
        tip = line.row_label if line.row_label != name else ""
        before, now = self._texts(line)
        cells = {
            "label": GridCell(label, more=more, badge="" if unfolded else badge(line), tip=tip),
            "before": GridCell(before),
            "arrow": GridCell(icon="chev-r" if before else "", tone="text_2" if before != now else "line_strong"),
            "now": GridCell(now),
            "change": GridCell(line.change),
        }
        if said:
            tone = look.state("returned").fg
            cells["say"] = GridCell(str(self._comments.number(line.cell)), icon="message", tone=tone, tip=said)
        elif line.last_comment:  # it was signed with a 退回: nothing to write on from, and still to be found again
            cells["say"] = GridCell(icon="message", tone="text_2", tip=line.last_comment)
        return GridRow(f"{line.cell.row}/{line.cell.field}", cells, label=f"{label} {more}".rstrip())

    def _texts(self, line: ReviewLine) -> tuple[str, str]:
        if self._revealed and line.masked:
            return line.before_full or line.before, line.now_full or line.now
        return line.before, line.now

    def _show_row(self, number: int) -> None:
        if not 0 <= number < len(self.lines):
            return
        if self.tabs.current() == ALL:
            self.grid.again(number)
        else:
            self.grid.set_row(number, self._row(self.lines[number], unfolded=number == self._unfolded))

    def reveal(self, on: bool) -> None:
        """Show personal data whole, or cover it again."""
        self._revealed = on
        for number, line in enumerate(self.lines):
            if line.masked:
                self._show_row(number)

    # --- the unfolded line ---------------------------------------------------------------------------------------

    def _moved(self, number: int) -> None:
        line = self.here
        if line is not None and number != self._unfolded:
            self._fold()
            if has_more(line) or self._comments.text(line.cell):
                self._unfold(number)
        self.moved.emit(number)

    def _fold(self) -> None:
        before, self._unfolded = self._unfolded, -1
        self.grid.set_detail(-1, None)
        self._show_row(before)

    def _unfold(self, number: int) -> None:
        line = self.lines[number]
        detail = LineDetail(
            line,
            self._view.attachments,
            number=self._comments.number(line.cell) if self._may_comment else 0,
            text=self._comments.text(line.cell),
            sent_back=self._view.state is ReturnState.RETURNED,
        )
        detail.typed.connect(lambda text: self._comments.half(line.cell, text))
        detail.kept.connect(lambda text: self._comments.say(line.cell, text))
        detail.ended.connect(lambda: self.grid.setFocus(Qt.FocusReason.OtherFocusReason))
        detail.attachment.connect(self.attachment.emit)
        self._unfolded = number
        self._show_row(number)
        self.grid.set_detail(number, detail)

    @property
    def detail(self) -> LineDetail | None:
        found = self.grid.detail
        return found if isinstance(found, LineDetail) else None

    def write(self) -> None:
        """C: a comment at this cell."""
        at = self.grid.current_row()
        if at < 0 or not self._may_comment:
            return
        if at != self._unfolded:
            self._fold()
            self._unfold(at)
        if self.detail is not None:
            self.detail.write()

    def leave(self) -> None:
        """Keep what is being typed."""
        if self.detail is not None and self.detail.box is not None:
            box = self.detail.box
            if box.text() != self._comments.text(self.lines[self._unfolded].cell):
                self._comments.say(self.lines[self._unfolded].cell, box.text())
        self._comments.flush()

    def _said(self, cell: Cell) -> None:
        """A comment came or went: its number and those after it are others."""
        told = set(self._comments.cells()) | {cell}
        for number, line in enumerate(self.lines):
            if line.cell in told:
                self._show_row(number)


def compares(view: ReviewView) -> bool:
    """Is the return laid beside another version at all?"""
    return view.against.id not in ("", "none")


def columns(view: ReviewView, lines: Sequence[ReviewLine]) -> tuple[GridColumn, ...]:
    """The columns for these lines: numbers need little room, which the labels then have. Those of the version beside
    only when there is one, under its own name."""
    now = _share("now", [line.now for line in lines[:MEASURED]], bold=True)
    before = _share("before", [line.before for line in lines[:MEASURED]])
    head = ACCEPTED if view.against.words.startswith(ACCEPTED) else "对比的"
    made = (
        GridColumn("label", "栏目", LEAST["label"], max(60, SPARE - now - before), stop=False, middle=True),
        GridColumn("before", head, LEAST["before"], before, align="right", tone="text_2", stop=False),
        GridColumn("arrow", "", LEAST["arrow"], stop=False),
        GridColumn("now", "这次", LEAST["now"], now, align="right", bold=True),
        GridColumn("change", "变化", LEAST["change"], kind="number", tone="text_2", stop=False),
        GridColumn("say", "意见", LEAST["say"], kind="state", align="right", stop=False),
    )
    return made if compares(view) else tuple(one for one in made if one.key not in BEFORE)


def _share(key: str, texts: Sequence[str], *, bold: bool = False) -> int:
    """How much of the spare room a column needs so that nearly all its texts are whole; one long one is cut."""
    widths = sorted(paint.width(text, "base", bold) / look.scale for text in texts)
    wanted = widths[len(widths) * 17 // 20] + 22 if widths else 0
    return max(0, round(min(wanted, MOST[key])) - LEAST[key])


def badge(line: ReviewLine) -> str:
    """The word that says that a folded line has more to it."""
    open_notes = [note for note in line.notes if not note.waived]
    if any(note.severity is Severity.MUST_FIX for note in open_notes):
        return "有问题"
    if any(note.cross for note in open_notes):
        return "跨村"
    if any(note.severity is Severity.EXPLAIN and not note.explanation for note in open_notes):
        return "没说明"
    if open_notes:
        return "已说明" if any(note.explanation for note in open_notes) else "提示"
    return "退回外" if line.outside else ""


def order_of(view: ReviewView) -> Sequence[Cell]:
    """Every cell of the return as the form has it; rows that went stand where the list of changes has them."""
    every = [line.cell for line in view.all_lines]
    known = set(every)
    return every + [line.cell for line in (*view.changes, *view.checked) if line.cell not in known]
