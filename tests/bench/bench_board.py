"""The board of a county's villages against a bare QTableView with the same cells: opening it, and filtering it.

Ours is the whole screen as the officer gets it: head, counts, search, chips, sum row; the other side is a bare table
with plain texts. What the desk needs to find the states is not part of either.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from statistics import median
from types import SimpleNamespace
from typing import Any

from bench.measure import FRAME, Row, milliseconds

VILLAGES, FORMS = 330, 7
WIDE, HIGH = 1126, 600
TIMES = 15


def rows() -> Iterator[Row]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from cunbao.ui.kit import style

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    style.apply(app)
    view = a_board()
    taken = [(milliseconds(_open(app, lambda: _ours(view))), milliseconds(_open(app, lambda: _bare(view))))]
    taken = [
        (milliseconds(_open(app, lambda: _ours(view))), milliseconds(_open(app, lambda: _bare(view))))
        for _ in range(TIMES)
    ]
    ours, base = (median(pair[side] for pair in taken) for side in (0, 1))
    yield Row(f"总览：{VILLAGES} 村 × {FORMS} 表打开并画好", ours, base, "ms", 2.0, TIMES)
    ours, base = _filtering(app, view)
    yield Row("总览：按一种状态筛选并重画（裸表加一帧）", ours, base + FRAME, "ms", 1.0, TIMES * 6)


def a_board() -> Any:
    """Every state in turn, so that each filter finds something in every screenful."""
    from cunbao.desks.township.views import BoardCell, BoardRow, BoardView
    from cunbao.ui.screens.board import ORDER

    forms = tuple((f"B{number:02}", f"B{number:02} 报表") for number in range(1, FORMS + 1))
    lines = tuple(
        BoardRow(
            office=f"9990221{at:05}",
            name=f"曼{at}村",
            cells=tuple(BoardCell(form, ORDER[(at * 5 + n) % len(ORDER)]) for n, (form, _) in enumerate(forms)),
            accepted=at % FORMS,
            received_at=datetime(2025, 12, 16, 0, 31, tzinfo=UTC),
            on_paper=False,
            sequence=at % 5,
            remark="缺第3号" if at % 9 == 0 else "",
            tone="warn" if at % 9 == 0 else "",
        )
        for at in range(VILLAGES)
    )
    cells = [cell for line in lines for cell in line.cells]
    return BoardView(
        forms=forms,
        rows=lines,
        counts={state: sum(cell.state is state for cell in cells) for state in ORDER},
        total=len(cells),
        accepted_by_form=(0,) * FORMS,
        complete=0,
        next=(lines[1].office, forms[0][0], "曼1村 B01"),
        deadline=date(2025, 12, 20),
    )


def _open(app: Any, make: Callable[[], Any]) -> Callable[[], None]:
    def act() -> None:
        made = make()
        made.resize(WIDE, HIGH)
        made.show()
        _painted(app)
        made.hide()
        made.deleteLater()

    return act


def _painted(app: Any) -> None:
    """Laid out and painted. A layout that was put off comes with a timer, its painting in the pass after that; without
    these passes one side would pay for what the other put off."""
    for _ in range(3):
        app.processEvents()


def _ours(view: Any) -> Any:
    from cunbao.ui.screens.board import BoardScreen

    screen = BoardScreen(SimpleNamespace(screen_here=None))  # type: ignore[arg-type]  # shows, and goes nowhere
    screen._show(view)
    return screen


def _bare(view: Any) -> Any:
    """Qt's own table over the same words."""
    from PySide6.QtCore import QSortFilterProxyModel
    from PySide6.QtGui import QStandardItem, QStandardItemModel
    from PySide6.QtWidgets import QTableView

    from cunbao.ui.face import clock_words

    model = QStandardItemModel()
    for number, line in enumerate(view.rows):
        words = [
            str(number + 1), line.name, *(cell.state.value for cell in line.cells), f"{line.accepted} / {FORMS}",
            clock_words(line.received_at), str(line.sequence), line.remark,
        ]  # fmt: skip
        model.appendRow([QStandardItem(word) for word in words])
    table = QTableView()
    shown = QSortFilterProxyModel(table)
    model.setParent(table)
    shown.setSourceModel(model)
    shown.setFilterKeyColumn(2)
    table.setModel(shown)
    return table


def _filtering(app: Any, view: Any) -> tuple[float, float]:
    """Milliseconds from the key to the painted table, ours and bare."""
    from cunbao.ui.screens.board import ORDER

    screen, table = _ours(view), _bare(view)
    for made in (screen, table):
        made.resize(WIDE, HIGH)
        made.show()
    _painted(app)

    def ours(number: int) -> None:
        screen.filters.press(number)
        _painted(app)

    def bare(number: int) -> None:
        table.model().setFilterFixedString(ORDER[number - 2].value if number > 1 else "")
        _painted(app)

    pairs = []
    for _ in range(TIMES):
        for number in (2, 3, 4, 5, 6, 1):
            pairs.append((milliseconds(lambda n=number: ours(n)), milliseconds(lambda n=number: bare(n))))
    screen.hide()
    table.hide()
    return median(one for one, _ in pairs), median(one for _, one in pairs)
