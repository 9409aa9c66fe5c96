"""The county's path in a real window with the keyboard alone: what came, what it says, on paper, is it genuine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import receiving
from cunbao.desks.township import deciding, forwarding
from cunbao.survey.decision import Comment
from cunbao.survey.values import Cell
from cunbao.ui.app import App
from e2e.county_pages import CountyPage
from e2e.pages import Key, Page
from world import stick
from world.desk import MANBANG, MANGUO, PASSWORD, a_clock, a_county_desk, a_town_desk, bundle_file

FORMS = ("B01", "B02", "B03", "B04", "B05")


@pytest.fixture
def starts(qapp: QApplication, qtbot: QtBot) -> Iterator[Callable[..., Page]]:
    """starts(data folder, day …) opens the program as a double click does, on that moment in UTC."""
    made: list[App] = []

    def start(home: Path, *moment: int) -> Page:
        clock = a_clock(*moment)
        app = App(qapp, home, clock)
        made.append(app)
        qtbot.addWidget(app.window)
        app.begin(())
        app.window.activateWindow()
        qtbot.waitUntil(app.window.isActiveWindow)
        return Page(qtbot, app, clock)

    yield start
    for app in made:
        qapp.removeEventFilter(app)
        app.window.close()


@pytest.fixture
def forwarded(tmp_path: Path) -> Path:
    """What a township sends on: one village accepted whole, of another all but one form, which was sent back."""
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "villages", office) for office in (MANBANG, MANGUO)])
    for office in (MANBANG, MANGUO):
        for form in FORMS:
            if (office, form) != (MANGUO, "B04"):
                deciding.accept(town, office, form)
    deciding.send_back(town, MANGUO, "B04", [Comment(Cell("b04_lecture"), "请核对")])
    (place := tmp_path / "stick").mkdir()
    path = forwarding.write_forward(town, place, include_received=True).path
    town.close()
    return path


def test_the_county_reads_watches_walks_back_to_the_cell_binds_and_verifies(
    starts: Callable[..., Page], tmp_path: Path, forwarded: Path
) -> None:
    home = tmp_path / "data"
    stick.at_home(a_county_desk(tmp_path), home)
    page = starts(home, 2025, 12, 22, 1)
    county: CountyPage = page.turns(CountyPage).unlocks(PASSWORD).sees("还没有收到报县包")
    county.goes_to("receive").opens_file(forwarded).sees_line("勐混镇", "已接收")
    county.holds(Key.Key_Return).sees("按村", "催报").sees_line("曼国村", "退回 B04")
    county.presses(Key.Key_Return).sees_line("曼蚌村", "通过").presses(Key.Key_Escape).sees("2 个乡镇")
    # a figure, and from it to the signed cell
    county.goes_to("indicators").sees("哪一组指标").sees_line("003-04", "每百户居民拥有社区综合服务设施面积")
    county.presses(Key.Key_Down, Key.Key_Down, Key.Key_Down, Key.Key_Return)
    county.sees("003-04", "看签名的格").sees_line("曼蚌村", "签名有效")
    county.presses(Key.Key_Return).sees("B02").presses(Key.Key_Escape, Key.Key_Escape)
    # on paper: every signature is checked, and all that may be printed becomes one PDF
    bound = tmp_path / "合订.pdf"
    county.goes_to("print").sees_line("曼蚌村", "B02", "有效")
    county.then("", lambda: county.press(Key.Key_Return))
    county.saves_to(bound, Key.Key_E)
    assert bound.read_bytes()[:4] == b"%PDF"
    # a file that is handed in is looked at and not taken in
    signed = tmp_path / "曼蚌村-B02.pdf"
    held = page.app.window.desk.workspace
    signed.write_bytes(held.object(held.revision(held.standing(MANBANG, "B02", "2025").counted).pdf))
    county.goes_to("verify").opens_file(signed).sees("曼蚌村", "有效")
    signed.write_bytes(signed.read_bytes().replace(b"/Type", b"/TypE", 1))
    county.opens_file(signed).sees("改")
    county.goes_to("journal").sees("首尾相接").sees_line("接收报送包", "勐混镇")
