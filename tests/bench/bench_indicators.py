"""指标 of a province: 26,362 villages' parts added up at every level, against one bare GROUP BY over the same rows; one
more bundle, against computing all anew; the board's window against a bare one with as many painted items.

The villages are those of 广东 in the bundled regions, their answers the sample's in turn; made once a run.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

from bench.bench_board import TIMES, _open
from bench.bench_totals import KEY, VILLAGES, bare, the_villages
from bench.measure import PAIRS, Row, milliseconds, pairs
from cunbao.desks import measuring
from cunbao.desks.county.indicator_views import BoardView, DetailView, Group
from cunbao.store import Workspace
from cunbao.store.parts import Part, columns_of, roll_up
from cunbao.survey.beneath import Beneath
from cunbao.survey.formulas import computable, touched, touched_above
from cunbao.survey.indicators import Tally, reached, tally_of
from cunbao.survey.sample import SAMPLE_OFFICES
from cunbao.survey.task import Task
from cunbao.survey.values import Answers, Office
from world.indicators import board_view, detail_view
from world.villages import a_village, the_task

NOW = datetime(2025, 12, 12, tzinfo=UTC)
LEVELS = (9, 6, 4, 2)  # digits: township, county, city, province
ANEW = 400  # villages that "computing all anew" is taken of, and scaled up to all

BY_HAND = (
    "SELECT indicator, town, sum(above), sum(below), sum(why = 0), count(met), sum(met), sum(why = 1), sum(why = 2), "
    "sum(why = 3), sum(why = 4) FROM indicator_part WHERE period = ? GROUP BY indicator, town"
)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as home:
        task = the_task()
        said = [dict(a_village(one.code).signed()) for one in SAMPLE_OFFICES]
        ws = Workspace.create(Path(home) / "province", KEY, kind="county", now=NOW)
        codes = the_villages()
        kept = a_province(ws, task, codes, said)
        with closing(ws), closing(bare(ws.folder)) as connection:
            yield pairs(
                f"指标：{VILLAGES:,} 村 {kept} 个指标，乡镇、县、市、省四级，对一条裸 SQL GROUP BY",
                lambda: all_levels(ws, task),
                lambda: connection.execute(BY_HAND, (task.period,)).fetchall(),
                bar=2.0,
            )
            yield one_more(ws, task, codes, said)
    yield from windows()


def a_province(ws: Workspace, task: Task, codes: list[str], said: list[dict[str, Answers]]) -> int:
    """The parts of every village, as they would be kept after all bundles; the sample's offices in turn."""
    made = [parts(task, office.code, office, said[at]) for at, office in enumerate(SAMPLE_OFFICES)]
    lines = [[(number, *columns_of(part)) for number, part in one.items()] for one in made]
    with ws.atomic():  # as set_parts keeps them, without making the same lines thousands of times
        ws._db.executemany(
            f"INSERT INTO indicator_part VALUES ({','.join('?' * 10)})",
            (
                (task.period, number, code[:9], code[9:], *rest)
                for at, code in enumerate(codes)
                for number, *rest in lines[at % len(lines)]
            ),
        )
    return len(computable(task))


def parts(task: Task, code: str, like: Office, answers: dict[str, Answers]) -> dict[str, Part]:
    office = Office(code, code, kind=like.kind, ur_class=like.ur_class)
    return measuring.parts_of(task, office, answers, computable(task))


def all_levels(ws: Workspace, task: Task) -> list[tuple[Tally, bool | None]]:
    """Numerator, denominator, who stands where and whether the target is reached, of every indicator at every level;
    the one division belongs to what is shown (protocol §8)."""
    some = computable(task)
    found = ws.tallies(task.period, [one.number for one in some])
    made = []
    for one in some:
        groups = found[one.number]
        for digits in LEVELS:
            groups = roll_up(groups, digits)
            made += [(said, reached(one, said)) for said in groups.values()]
    return made


def one_more(ws: Workspace, task: Task, codes: list[str], said: list[dict[str, Answers]]) -> Row:
    """One more bundle with a B02 and a B07, and what its township sums up over its villages: the parts that they touch,
    against the parts of all villages computed anew."""
    some, above = touched(task, ["B02", "B07"]), touched_above(task, ["B02", "B07"])
    beneath: dict[str, dict[str, Decimal | None]] = {}
    for at, code in enumerate(codes):
        kinder = Decimal(said[at % len(said)]["B07"].values["b07_kinder"])
        beneath.setdefault(code[:9], {})[code] = kinder
    turn = iter(range(10**9))

    def ours() -> None:
        at = next(turn)
        own = Office(codes[at % len(codes)], "村", kind="10")
        with ws.atomic():
            ws.set_parts(own.code, task.period, measuring.parts_of(task, own, said[at % len(said)], some))
            town = Office(measuring.town_of(own.code), "乡", kind="53")
            under = beneath[own.code[:9]]
            told = Beneath(frozenset(under), {("B07", "b07_kinder"): under, ("B01", "b01_pop_resident"): under})
            ws.set_parts(town.code, task.period, measuring.parts_of(task, town, {}, above, told))

    def anew() -> None:
        for at in range(ANEW):
            own = Office(codes[at], "村", kind="10")
            figures = measuring.parts_of(task, own, said[at % len(said)], computable(task))
            for one in computable(task):
                tally_of(one, figures[one.number].figure)

    ours()
    taken = [(milliseconds(ours, 5), milliseconds(anew) * len(codes) / ANEW) for _ in range(PAIRS)]
    name = f"指标：再来一个报送包，只算它碰到的，对 {len(codes):,} 村全部重算"
    return Row(name, median(a for a, _ in taken), median(b for _, b in taken), "ms", 0.02, PAIRS * 5)


# --- the window ------------------------------------------------------------------------------------------------------


def windows() -> Iterator[Row]:
    """The board of a county's plan, and the villages behind a figure, against Qt's own widgets with as many words."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from cunbao.ui.kit import style

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    style.apply(app)
    board, detail = board_view(), detail_view()
    yield _opened(app, "指标板：打开并画好", lambda: _board(board), lambda: _bare_board(board))
    yield _opened(app, "指标到村：点开并画好", lambda: _detail(detail), lambda: _bare_detail(detail))


def _opened(app: Any, name: str, ours: Callable[[], Any], bare: Callable[[], Any]) -> Row:
    first, second = _open(app, ours), _open(app, bare)
    taken = [(milliseconds(first), milliseconds(second)) for _ in range(TIMES + 1)][1:]  # the first fills caches
    base = median(one for _, one in taken)
    return Row(f"{name}，对同样多控件和格子的裸窗口", median(one for one, _ in taken), base, "ms", 2.0, TIMES)


def _board(view: BoardView) -> Any:
    from cunbao.ui.screens.indicators import IndicatorsScreen

    screen = IndicatorsScreen(SimpleNamespace(screen_here=None))  # type: ignore[arg-type]  # shows, and goes nowhere
    screen._show(view)
    return screen


def _detail(view: DetailView) -> Any:
    from cunbao.ui.screens.indicator_detail import IndicatorScreen

    desk = SimpleNamespace(
        task=SimpleNamespace(previous_period="2024"), workspace=SimpleNamespace(revision=lambda name: None)
    )
    screen = IndicatorScreen(SimpleNamespace(screen_here=None, desk=desk))  # type: ignore[arg-type]
    screen._show(view)
    return screen


def _bare_board(view: BoardView) -> Any:
    """Title, two choices, tiles, buttons and table as Qt has them."""
    from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

    from cunbao.ui.screens.indicator_cells import row_of

    window = QWidget()
    box = QVBoxLayout(window)
    head, tools, tiles = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
    plans, which = QComboBox(), QComboBox()
    plans.addItems(list(view.plans.values()))
    which.addItems(["只算已通过的", "含已接收的"])
    for part in (QLabel("指标"), QLabel("勐海县 2025 年度"), plans, QPushButton("看 003-04")):
        head.addWidget(part)
    for word in ("已达到", "没达到", "数据不全", "个村已通过"):
        for part in (QLabel("3"), QLabel(word), QLabel("003-01、02、05")):
            tiles.addWidget(part)
    words = ("主要指标 7", "其他指标 58", "报表答不了 5", "导出", "打印指标表")
    for part in (*map(QPushButton, words), QLabel("算哪些报表"), which):
        tools.addWidget(part)
    for line in (head, tiles, tools):
        box.addLayout(line)
    box.addWidget(_table([[cell.words for cell in row_of(one).cells.values()] for one in view.of(Group.MAIN)]))
    return window


def _bare_detail(view: DetailView) -> Any:
    from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

    from cunbao.ui.screens.indicator_cells import office_row, township_row

    window = QWidget()
    box, head, halves = QVBoxLayout(window), QHBoxLayout(), QHBoxLayout()
    for part in (*map(QPushButton, ("指标", "导出", "催没达标的村", "看签名的格")), QLabel("003-04"), QLabel("面积")):
        head.addWidget(part)
    left, right, kinds, foot = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
    facts = ("29.1", "平方米", "没达到", "目标 ≥ 30", "算法", view.sums, "还差面积", view.closing_words, "上期", "27.4",
             "依据", view.basis)  # fmt: skip
    for part in (*map(QLabel, facts), QProgressBar()):
        left.addWidget(part)
    left.addWidget(_table([[cell.words for cell in township_row(one, view.stroke).cells.values()]
                           for one in view.townships]))  # fmt: skip
    for part in (*map(QPushButton, ("全部 93", "没达标 34", "达标 33", "算不出 26")), QLabel("排序：差的在前")):
        kinds.addWidget(part)
    for part in (QLabel("曼吕村"), QLabel("签名有效"), QPushButton("打开 PDF")):
        foot.addWidget(part)
    cells = [office_row(at, one, str(one.below), str(one.above)).cells for at, one in enumerate(view.offices, 1)]
    right.addLayout(kinds)
    right.addWidget(_table([[cell.words for cell in line.values()] for line in cells]))
    right.addLayout(foot)
    halves.addLayout(left)
    halves.addLayout(right)
    box.addLayout(head)
    box.addLayout(halves)
    return window


def _table(words: list[list[str]]) -> Any:
    from PySide6.QtGui import QStandardItem, QStandardItemModel
    from PySide6.QtWidgets import QTableView

    model = QStandardItemModel()
    for line in words:
        model.appendRow([QStandardItem(word) for word in line])
    table = QTableView()
    model.setParent(table)
    table.setModel(model)
    return table
