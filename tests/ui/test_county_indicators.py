"""指标 in the county's window: tiles and groups, down to villages and signed cells, paper and workbook; by keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt, QThread
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from cunbao.desks.county import exempting, indicator_detail, indicator_export, indicator_paper, indicators, signed_cells
from cunbao.desks.county.indicator_views import Cell, Group, SignedPages, Why
from cunbao.survey.targets import Verdict
from cunbao.ui.kit import style
from cunbao.ui.screens import preview as preview_screen
from cunbao.ui.screens.indicator_cell import SignedCell
from cunbao.ui.screens.indicator_detail import BAND, IndicatorScreen
from cunbao.ui.screens.indicators import IndicatorsScreen
from cunbao.ui.screens.preview import Preview
from cunbao.ui.shell import Shell
from ui.county_views import CountyStandIn
from ui.countyhall import SomeCounty, settled
from ui.townhall import Answers
from world.indicators import AREA, REVISION, board_view, detail_view

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


class Desk:
    """What the desk's modules were asked."""

    def __init__(self) -> None:
        self.boards: list[tuple[str, bool]] = []
        self.details: list[tuple[str, bool]] = []
        self.printed: list[tuple[str, str, bool]] = []
        self.exported: list[tuple[str, str]] = []
        self.opened: list[str] = []

    def board(self, desk: Any, plan: str = "", *, received: bool = False) -> Any:
        self.boards.append((plan, received))
        return replace(board_view(), plan=plan or "003", received=received, unreviewed=9 if received else 0)

    def detail(self, desk: Any, number: str, *, received: bool = False) -> Any:
        self.details.append((number, received))
        return replace(detail_view(), received=received)

    def pages(
        self, desk: Any, plan: str = "", *, group: Group = Group.MAIN, chart: str = "", received: bool = False
    ) -> Any:
        self.printed.append((plan, f"{group.name} {chart}", received))
        return SimpleNamespace(pdf=b"%PDF", pages=1)

    def export(self, desk: Any, path: Path, plan: str = "", *, received: bool = False) -> Any:
        self.exported.append((path.name, plan))
        return indicator_export.Exported(path, 9000, ("指标表", "按乡镇", "按村", "说明"), 93)

    def signed(self, desk: Any, revision: str) -> SignedPages:
        self.opened.append(revision)
        return SignedPages("B02", b"", {})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(indicators, "board", desk.board)
    monkeypatch.setattr(indicators, "must_measure", lambda desk: False)
    monkeypatch.setattr(indicator_detail, "detail", desk.detail)
    monkeypatch.setattr(indicator_paper, "pages", desk.pages)
    monkeypatch.setattr(indicator_export, "export_xlsx", desk.export)
    monkeypatch.setattr(signed_cells, "signed_pages", desk.signed)
    monkeypatch.setattr(signed_cells, "signatures", lambda desk, row: (
        signed_cells.Signed(REVISION, "B02", "岩香，12-13 11:20 签，第 1 版；勐宋乡 12-15 通过"),))  # fmt: skip
    monkeypatch.setattr(signed_cells, "cells", lambda desk, number, row: (
        Cell("B02", "b02_area_total", "综合服务设施建筑面积合计", str(row.above), "平方米"),
        Cell("B01", "b01_hh_resident", "常住户数", str(row.below), "户")))  # fmt: skip
    return desk


@pytest.fixture
def shell(show: Any, asked: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    made = Shell(SomeCounty("indicators", "indicator"), asks_to_close=False)
    show(made, 1366, 696)
    desk = CountyStandIn()
    desk.given.previous_period = "2024"
    desk.task = desk.given  # type: ignore[attr-defined]
    made.open_desk(desk)
    made.go("indicators")
    settled(made)
    yield made
    made.jobs.stop()


def board(shell: Shell) -> IndicatorsScreen:
    settled(shell)
    screen = shell.screen_here
    assert isinstance(screen, IndicatorsScreen)
    return screen


def detail(shell: Shell) -> IndicatorScreen:
    settled(shell)
    screen = shell.screen_here
    assert isinstance(screen, IndicatorScreen)
    return screen


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    target = QApplication.focusWidget()
    assert target is not None
    qtbot.keyClick(target, key, modifier)


def words(grid: Any, number: int) -> dict[str, str]:
    return {key: cell.words for key, cell in grid.row(number).cells.items()}


def test_the_board_shows_each_figure_with_who_was_computed_and_what_is_lacking(shell: Shell) -> None:
    screen = board(shell)
    rows = {screen.grid.row(at).id: words(screen.grid, at) for at in range(screen.grid.count)}
    assert list(rows) == [f"003-0{at}" for at in range(1, 8)]
    assert rows[AREA]["value"] == "29.1平方米" and rows[AREA]["counted"] == "67 / 93 缺报 24，分母为零 1，豁免 1"
    assert rows[AREA]["verdict"] == "没达到 差 0.9 平方米" and rows[AREA]["meeting"] == "33 / 67"
    assert rows[AREA]["last"] == "27.4 +1.7"
    assert rows["003-03"]["verdict"] == "数据不全 只算得出 4 个"
    assert rows["003-06"]["verdict"] == "没达到 差 16.7 个百分点" and rows["003-07"]["verdict"].endswith("差 1.2 人")
    told = {verdict: tile.accessibleName() for verdict, tile in screen.by_verdict.items()}
    assert told[Verdict.MET] == "已达到 3，003-01、02、05" and told[Verdict.NOT_MET] == "没达到 3，003-04、06、07"
    assert screen.accepted.accessibleName() == "个村已通过 69 / 93，另 24 个不算进来"


def test_by_keys_alone_from_the_plan_to_the_signed_cell_of_the_next_village(
    shell: Shell, asked: Desk, qtbot: QtBot
) -> None:
    for _ in range(3):
        press(qtbot, KEY.Key_Down)
    assert board(shell).main.text() == "看 003-04"
    press(qtbot, KEY.Key_Return)
    screen = detail(shell)
    assert asked.details[-1] == (AREA, False)
    assert screen.grid.hasFocus() and screen.grid.current_row() == 0
    assert words(screen.grid, 0)["value"] == "0.0" and words(screen.grid, 4)["lacks"] == "124.2"
    for _ in range(4):
        press(qtbot, KEY.Key_Down)
    assert "曼吕村" in screen.foot_line.text() and "再加 124.2 平方米" in screen.foot_line.text()
    press(qtbot, KEY.Key_Return)
    shown = shell.window().findChild(SignedCell)
    assert shown is not None and shown.name.text().startswith("曼吕村")
    assert asked.opened == [REVISION]
    press(qtbot, KEY.Key_Return)
    assert shown.name.text().startswith("苏湖村") and screen.grid.current_row() == 5
    press(qtbot, KEY.Key_Escape)
    qtbot.waitUntil(lambda: not shown.isVisible())
    press(qtbot, KEY.Key_Escape)
    assert board(shell).grid.current_id() == AREA  # back on the row that was left


def test_villages_are_computed_on_the_worker_and_the_row_and_the_keys_stay_where_they_were(
    shell: Shell, asked: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[object] = []

    def told(desk: object, number: str, *, received: bool = False) -> Any:
        threads.append(QThread.currentThread())
        return asked.detail(desk, number, received=received)

    monkeypatch.setattr(indicator_detail, "detail", told)
    shell.go("indicator", number=AREA)
    screen = detail(shell)
    assert screen.grid.hasFocus()
    screen.grid.go(7)
    here = screen.grid.current_id()
    screen.refresh()
    assert screen.grid.count > 90 and screen.grid.current_id() == here  # nothing is away while it is computed again
    settled(shell)
    assert screen.grid.current_id() == here and screen.grid.hasFocus()
    assert len(threads) == 2 and QApplication.instance().thread() not in threads  # type: ignore[union-attr]


def test_another_indicator_shows_nothing_of_the_one_before_it(shell: Shell, asked: Desk) -> None:
    shell.go("indicator", number=AREA)
    screen = detail(shell)
    shell.go("indicator", number="003-01")
    assert screen.grid.count == 0 and screen.value.text() == "" and screen.number_word.text() == "003-01"
    settled(shell)
    assert asked.details[-1][0] == "003-01"


def test_keys_1_to_3_change_the_group_and_a_tile_filters(shell: Shell, qtbot: QtBot) -> None:
    screen = board(shell)
    screen.only(Verdict.NOT_MET)
    assert [screen.grid.row(at).id for at in range(screen.grid.count)] == ["003-04", "003-06", "003-07"]
    press(qtbot, KEY.Key_Escape)
    assert screen.grid.count == 7
    press(qtbot, KEY.Key_3)
    assert screen.groups.current() == Group.CANNOT.name
    assert {one.indicator.number for one in screen._rows} >= {"003-08", "003-10", "003-69"}
    assert not screen.main.isEnabled()  # nothing to walk down to, and the button says why
    press(qtbot, KEY.Key_1)
    assert screen.groups.current() == Group.MAIN.name


def test_another_plan_and_received_returns_are_asked_of_the_desk_and_marked(shell: Shell, asked: Desk) -> None:
    screen = board(shell)
    screen.plan._picked("000", "")
    settled(shell)
    assert asked.boards[-1] == ("000", False)
    screen.which._picked("2", "")
    settled(shell)
    assert asked.boards[-1] == ("000", True)
    assert screen.head.chip.isVisibleTo(screen) and "未审定" in screen.head.chip.accessibleName()
    screen.open_row()
    settled(shell)
    assert asked.details[-1][1] is True and detail(shell).head.chip.isVisibleTo(shell)


def test_after_another_task_or_directory_all_is_computed_first_and_then_shown(
    shell: Shell, asked: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[object] = []
    monkeypatch.setattr(indicators, "must_measure", lambda desk: not measured)
    monkeypatch.setattr(indicators, "measure", lambda desk, report: measured.append(desk))
    before = len(asked.boards)
    shell.go("indicators", number="003-06")
    qtbot.waitUntil(lambda: len(asked.boards) == before + 1)
    assert measured == [shell.desk] and board(shell).grid.current_id() == "003-06"


def test_the_plan_is_printed_and_exported_as_it_is_seen(
    shell: Shell, asked: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[tuple[Any, ...]] = []
    monkeypatch.setattr(preview_screen, "show_preview", lambda *said: shown.append(said))
    press(qtbot, KEY.Key_P, CONTROL)
    qtbot.waitUntil(lambda: bool(shown))
    assert asked.printed == [("003", "MAIN 003-01", False)] and shown[0][1] == "指标表"
    board(shell).write_to(tmp_path / "指标.xlsx")
    qtbot.waitUntil(lambda: asked.exported == [("指标.xlsx", "003")] and "4 页" in board(shell).note.text.text())


def test_a_bar_shows_one_township_and_a_count_only_its_villages(shell: Shell, qtbot: QtBot) -> None:
    shell.go("indicator", number=AREA)
    screen = detail(shell)
    bands = [at for at in range(screen.grid.count) if screen.grid.row(at).id == BAND]
    assert len(bands) == 1 and "缺报 24，分母为零 1，豁免 1" in screen.grid.row(bands[0]).band
    screen.grid.go(bands[0] - 1)
    press(qtbot, KEY.Key_Down)
    assert screen.grid.current_row() == bands[0] + 1  # the band is no village
    assert words(screen.grid, screen.grid.current_row())["source"] == "分母为零  户数并入曼允村"
    press(qtbot, KEY.Key_4)
    assert all(row is not None and row.why for row in screen._rows)
    press(qtbot, KEY.Key_1)
    screen.towns.go(1)
    assert screen._rows and {row.office[:9] for row in screen._rows if row} == {screen.towns.current_id()[:9]}
    press(qtbot, KEY.Key_Escape)
    assert len([row for row in screen._rows if row]) == 93


def test_the_signed_return_opens_over_the_window(
    shell: Shell, asked: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[Any, ...]] = []
    monkeypatch.setattr(preview_screen, "Preview", lambda *said: shown.append(said))
    shell.go("indicator", number=AREA)
    settled(shell)
    press(qtbot, KEY.Key_O, CONTROL)
    qtbot.waitUntil(lambda: bool(shown))
    assert asked.opened == [REVISION] and shown[0][1] == "曼令村 B02"
    assert Preview is not None


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
def test_every_size_keeps_verdict_and_source_in_sight(
    shell: Shell, qapp: QApplication, qtbot: QtBot, scale: float
) -> None:
    style.apply(qapp, scale, False)
    made = Shell(SomeCounty("indicators", "indicator"), asks_to_close=False)
    qtbot.addWidget(made)
    made.resize(1366, 696)
    made.show()
    made.open_desk(shell.desk)
    made.go("indicators")
    settled(made)
    screen = made.screen_here
    assert isinstance(screen, IndicatorsScreen)
    qtbot.waitUntil(lambda: screen.grid.viewport().width() > 500)
    last = screen.grid.cell_rect(0, "verdict")
    assert last.right() <= screen.grid.viewport().width() + 1 and last.width() > 100
    made.go("indicator", number=AREA)
    settled(made)
    below = made.screen_here
    assert isinstance(below, IndicatorScreen)
    qtbot.waitUntil(lambda: below.grid.viewport().width() > 300)
    source = below.grid.cell_rect(0, "source")
    assert source.right() <= below.grid.viewport().width() + 1
    assert below.whole_name.text() == "每百户居民拥有社区综合服务设施面积"


def test_x_leaves_a_village_out_with_a_reason_and_takes_it_back(
    shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, str, str, str]] = []
    for name in ("exempt", "take_back"):
        monkeypatch.setattr(
            exempting,
            name,
            lambda desk, office, number, reason, name=name: made.append((name, office, number, reason)),
        )
    shell.go("indicator", number=AREA)
    here, answers = detail(shell), Answers(shell)

    def fill(reason: str) -> Any:
        def do(dialog: Any) -> None:
            dialog.findChildren(QLineEdit)[0].setText(reason)
            dialog.box.answer("act")
            if dialog.isVisible():
                dialog.box.answer("stay")

        return do

    answers.act(fill(""))  # not without a reason
    qtbot.keyClick(here.grid, KEY.Key_X)
    assert made == []
    answers.act(fill("整村搬迁"))
    office = here.grid.current_id()
    qtbot.keyClick(here.grid, KEY.Key_X)
    settled(shell)
    assert made == [("exempt", office, AREA, "整村搬迁")] and here.grid.current_id() == office
    at = next(n for n, one in enumerate(here._rows) if one is not None and one.why is Why.EXEMPT)
    here.grid.go(at)
    assert here.leave_out.text() == "恢复计入"
    answers.act(fill("建好了"))
    qtbot.keyClick(here.grid, KEY.Key_X)
    settled(shell)
    assert made[1][0] == "take_back" and made[1][3] == "建好了"
