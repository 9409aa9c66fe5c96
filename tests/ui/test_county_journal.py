"""操作记录 in the window: filters, the check's banner, one entry in full, Enter to the township that it was about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import journals
from cunbao.desks.clock import LOCAL
from cunbao.desks.journals import JournalCheck, JournalDetail, JournalLine, JournalView, Wanted
from cunbao.ui.screens.journal import JournalScreen
from cunbao.ui.shell import Shell
from ui.county_views import CountyStandIn, code_of
from ui.countyhall import SomeCounty
from ui.townhall import where

KEY = Qt.Key
NOW = datetime(2025, 12, 22, 11, 35, tzinfo=LOCAL)
COUNT = 18_426
WHOLE = JournalCheck(NOW, True, COUNT, date(2024, 1, 8), "7F20-91C3-5E4A", 18_400, None, ())
WHAT = (("打印", "打印验证单"), ("验证", "验证文件"), ("证书和密码", "吊销电脑证书"), ("看隐私", "看个人信息"))


def a_line(n: int) -> JournalLine:
    kind, did = WHAT[n % len(WHAT)]
    return JournalLine(n, NOW - timedelta(minutes=COUNT - n), "玉坎", kind, did, "勐遮镇 南楞村，电脑丢失，认到第 1 次")


@pytest.fixture
def asked() -> list[Any]:
    return []


@pytest.fixture
def shell(show, asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    def page(desk: Any, wanted: Wanted, offset: int, most: int = 100) -> tuple[JournalLine, ...]:
        asked.append((wanted, offset, most))
        return tuple(a_line(COUNT - at) for at in range(offset, min(offset + most, COUNT)))

    def detail(desk: Any, n: int) -> JournalDetail:
        facts = (("谁", "玉坎"), ("做了什么", "吊销电脑证书"), ("原因", "12 月 14 日下乡途中丢失，已报派出所"))
        return JournalDetail(n, facts, "C2B8-40D7-11FE", "A90E-6B12-F7D4", "03CD-88A1-2E95", True, code_of(3), "")

    view = JournalView(COUNT, COUNT, (("看隐私", 1), ("证书和密码", 2), ("打印", 2)), ("玉坎",), ("打印", "看隐私"))
    monkeypatch.setattr(journals, "view", lambda desk, wanted: asked.append(wanted) or view)
    monkeypatch.setattr(journals, "page", page)
    monkeypatch.setattr(journals, "detail", detail)
    monkeypatch.setattr(journals, "check", lambda desk: WHOLE)
    made = Shell(SomeCounty("journal"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(CountyStandIn())
    made.go("journal")
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> JournalScreen:
    here = shell.screen_here
    assert isinstance(here, JournalScreen)
    return here


def test_it_says_whether_the_chain_is_whole_and_reads_only_what_is_seen(
    shell: Shell, qtbot: QtBot, asked: list[Any]
) -> None:
    here = screen(shell)
    qtbot.waitUntil(lambda: "首尾相接" in here.banner.title.text())
    QApplication.processEvents()
    assert "7F20-91C3-5E4A" in here.banner.line_text.text() and not here.ways.isVisible()
    assert here.grid.count == COUNT
    assert {one[1] for one in asked if isinstance(one, tuple)} == {0}
    qtbot.keyClick(here.grid, KEY.Key_End)
    assert here.grid.current_id() == "1"


def test_a_broken_chain_is_red_and_offers_two_ways_on(
    shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = replace(WHOLE, good=False, first_bad=18_400)
    monkeypatch.setattr(journals, "check", lambda desk: bad)
    here = screen(shell)
    qtbot.keyClick(here.grid, KEY.Key_F5)
    qtbot.waitUntil(lambda: here.ways.isVisible())
    assert "第 18400 条" in here.banner.title.text()
    assert here.go_on_button.isVisible() and here.restore_button.isVisible()


def test_a_count_is_a_filter_and_esc_shows_all_again(shell: Shell, qtbot: QtBot, asked: list[Any]) -> None:
    here = screen(shell)
    qtbot.keyClick(here.grid, KEY.Key_3)
    assert [one.kind for one in asked if isinstance(one, Wanted)][-1] == "证书和密码"
    qtbot.keyClick(here.grid, KEY.Key_Escape)
    assert [one.kind for one in asked if isinstance(one, Wanted)][-1] == ""
    assert QApplication.focusWidget() is here.grid


def test_enter_leads_to_the_township_of_the_entry(shell: Shell, qtbot: QtBot) -> None:
    qtbot.keyClick(screen(shell).grid, KEY.Key_Return)
    assert where(shell) == ("progress", {"office": code_of(3)})
