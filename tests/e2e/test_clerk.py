"""The clerk's whole path in a real window with the keyboard alone: what he sees, and what is on the disk afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks.village import checking
from cunbao.survey.revision import Header
from cunbao.survey.states import ReturnState
from cunbao.trust.pades import verify_pdf
from cunbao.ui.app import App
from desks.test_sending import opened_by_the_township
from desks.test_tablet import lay, xml
from e2e.pages import Begin, FormPage, Home, Page, Unlock
from world.desk import MANBANG, MANGUO, PASSWORD, a_clock, a_village_desk, cell, reopened, the_seat, types


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def clerk(qapp: QApplication, qtbot: QtBot, home: Path) -> Iterator[Callable[..., Page]]:
    """clerk(what lies there) starts the program as a double click does."""
    made: list[App] = []

    def start(*words: Path) -> Page:
        clock = a_clock(2025, 12, 15, 1)
        app = App(qapp, home, clock)
        made.append(app)
        qtbot.addWidget(app.window)
        app.begin(words)
        app.window.activateWindow()
        qtbot.waitUntil(app.window.isActiveWindow)
        return Page(qtbot, app, clock)

    yield start
    for app in made:
        qapp.removeEventFilter(app)
        app.window.close()


def test_from_the_pack_to_the_first_saved_answer(clerk: Callable[..., Page], home: Path, tmp_path: Path) -> None:
    pack = tmp_path / "勐海县.cbtask"
    pack.write_bytes(the_seat().pack)
    page = clerk(pack)
    page.sees("县里印发的通知上的比对码")
    start: Home = page.turns(Begin).begins(the_seat().root_code, MANBANG, "岩温", PASSWORD)
    start.sees("开始填 B01", "勐混镇 曼蚌村")
    form: FormPage = start.takes_the_next_step()
    form.sees("辖区面积").types("12.50").sees("已保存")
    page.app.window.close()
    desk = reopened(home / MANBANG)
    assert desk.instance("B01").text(cell(desk, "B01", "b01_area_km2")) == "12.5"
    desk.close()


def test_what_a_tablet_collected_is_looked_at_and_brought_in_without_a_mouse(
    clerk: Callable[..., Page], home: Path, tmp_path: Path
) -> None:
    begun = a_village_desk(tmp_path, "enrolled", office=MANGUO)
    types(begun, "B01", "b01_groups", "7")
    begun.close()
    home.mkdir()
    begun.workspace.folder.rename(home / MANGUO)
    collected = xml("B01", {"b01_grids": "6", "b01_groups": "8"}, name=f"{MANGUO} 曼国村 B01 2025")
    lay(tmp_path / "instances", ("B01_2025-12-14_09-30-00", collected), ("坏的", "<data id='B01'>"))

    page = clerk()
    start: Home = page.sees("勐混镇 曼国村").turns(Unlock).unlocks(PASSWORD)
    tablet = start.imports_from_a_tablet(tmp_path / "instances")
    tablet.sees("2 份提交，新填 1 格，1 格要选", "读不下去", "导入，还差 1 处没选")
    tablet.takes_the_tablets().sees("已保存", "B01 基本情况表")

    page.app.window.close()
    desk = reopened(home / MANGUO)
    assert [desk.instance("B01").text(cell(desk, "B01", name)) for name in ("b01_grids", "b01_groups")] == ["6", "8"]
    desk.close()


def test_a_clerk_mends_explains_signs_and_carries_his_returns_away_without_a_mouse(
    clerk: Callable[..., Page], home: Path, tmp_path: Path
) -> None:
    wrong = a_village_desk(tmp_path, "filled", office=MANGUO)
    types(wrong, "B02", "b02_f_year", "2205", row=2)
    asked = checking.run(wrong).to_explain
    assert asked > 0
    wrong.close()
    home.mkdir()
    wrong.workspace.folder.rename(home / MANGUO)
    (tmp_path / "stick").mkdir()

    page = clerk()
    start: Home = page.sees("勐混镇 曼国村").turns(Unlock).unlocks(PASSWORD)
    start.sees("接着填 B02", "1 处问题")
    form: FormPage = start.takes_the_next_step()
    form.goes_to_the_problem().sees("2205")
    form.types("2015").sees("已保存")
    check = form.goes_to("check").sees("条说明后可以签名")
    for number in range(asked):
        check.explains(f"外出务工的人多，已逐户核对（{number + 1}）")
    check.checks_again().sees("可以签名了", "已说明")
    send = check.goes_to("sign").signs(PASSWORD).sees("已签名，内容锁定", "第 4 步，共 6 步：报送")
    send.chooses(tmp_path / "stick").writes(PASSWORD)
    send.sees("读回核对一致", "曼国村-2025年度-第1次.cbsync", "核对码")

    page.app.window.close()
    (bundle,) = (tmp_path / "stick").iterdir()
    package = opened_by_the_township(bundle.read_bytes(), MANGUO)
    assert package.verdict.valid and package.manifest.sequence == 1
    desk = reopened(home / MANGUO)
    assert {desk.state(one) for one in desk.task.forms} == {ReturnState.SENT}
    assert desk.instance("B02").text(cell(desk, "B02", "b02_f_year", 2)) == "2015"
    for one in desk.task.forms:
        stored = desk.newest(one)
        assert stored is not None and stored.pdf in package.objects
        header = Header.decode(desk.workspace.object(stored.header))
        assert all("已逐户核对" in said.text for said in header.explanations)
        assert verify_pdf(package.objects[stored.pdf], desk.roots(), office=MANGUO).standing.value == "有效"
    desk.close()
