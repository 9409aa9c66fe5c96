"""The officer's path in a real window with the keyboard alone: what he sees, and what is on the disk afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import digest, receiving
from cunbao.desks.pagetext import page_texts
from cunbao.desks.township import chased, registry
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from cunbao.ui.app import App
from e2e.pages import Page, Unlock
from e2e.town_pages import (
    Board,
    Chase,
    Conflict,
    Enrol,
    Key,
    Receipts,
    Receive,
    Review,
    SendOn,
    Totals,
    TownUnlock,
    VillageHome,
)
from world import stick
from world.contended import MANSAI, a_reviewer
from world.desk import MANBANG, MANGUO, MENGHUN, PASSWORD, a_clock, a_county_desk, bundle_file, reopened, reopened_town


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data folder of the officer's computer."""
    return tmp_path / "data"


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


def test_an_officer_reads_a_folder_and_reviews_what_came(
    starts: Callable[..., Page], home: Path, tmp_path: Path
) -> None:
    town = a_reviewer(tmp_path, empty=True)
    stick.receive(town, bundle_file(tmp_path / "before", MANGUO))
    stick.at_home(town, home)
    folder = stick.three_villages(tmp_path / "stick")
    page = starts(home, 2025, 12, 16, 1)
    board: Board = page.sees("勐混镇人民政府", "向县民政局申请恢复").turns(TownUnlock).unlocks(PASSWORD)
    receive: Receive = board.sees_line("曼国村", "已接收").goes_to("receive").opens_folder(folder)
    receive.sees("收下 2 个", "已有 1 个", "没收下 1 个").sees_line("曼蚌村-2025年度-第1次", "收下 5 张表", "去审核")
    receive.sees_line("曼国村", "已有").sees_line("勐混村", "文件不完整").sees_line("曼赛村", "证书待核准", "去核准")
    review: Review = receive.goes_on()
    review.press(Key.Key_Down, Key.Key_Down)
    review.comments("比上年少了 26 户，请核对").sees("退回，带 1 条意见").sends_back()
    review.sees("B02 设施面积", "刚才 曼国村 B01 退回，Ctrl+Z 收回").accepts().sees("B03 两委成员", "曼国村 B02 通过")
    review.press(Key.Key_PageDown)
    review.over()
    review.sees("B04 法律明白人").accepts_all_clean().sees("收到的都审核完了")
    review.takes_back().sees("曼蚌村", "B05 灾害信息员", "写了意见才能退回")
    board = review.leaves().sees("通过 8 / 15（53%）").filters(5)
    assert board.here == "曼国村 B01"
    board.opens().sees("退回").press(Key.Key_Down, Key.Key_Down)
    page.sees("比上年少了 26 户，请核对")

    page.app.window.close()
    town = reopened_town(home / MENGHUN)
    states = stick.states(town)
    assert states.pop("曼国村 B01") is ReturnState.RETURNED and states.pop("曼蚌村 B05") is ReturnState.RECEIVED
    assert len(states) == 8 and set(states.values()) == {ReturnState.ACCEPTED}  # nothing of 曼赛村 yet
    (said,) = stick.comments(town, MANGUO, "B01")
    assert (said.cell, said.text) == (Cell("b01_hh_resident"), "比上年少了 26 户，请核对")
    town.close()


def test_an_officer_approves_a_computer_by_the_digits_read_to_him_and_its_returns_join(
    starts: Callable[..., Page], home: Path, tmp_path: Path
) -> None:
    file, code = stick.the_unknown_computer()
    town = a_reviewer(tmp_path, empty=True)
    stick.receive(town, file)
    stick.at_home(town, home)
    page = starts(home, 2025, 12, 16, 1)
    board: Board = page.sees("勐混镇人民政府").turns(TownUnlock).unlocks(PASSWORD)
    enrol: Enrol = board.sees_line("曼赛村", "证书待核准").goes_to("enrol").sees("曼赛村", "申请人 岩温", "5 张表等着")
    enrol.types_code(misheard(code), PASSWORD).sees("还可以对 2 次")
    enrol.types_code(code, PASSWORD).sees("曼赛村的电脑核准好了", "等着的 1 个文件已经收下", "没有申请等核准")
    board = enrol.goes_to("board").sees_line("曼赛村", "已接收　已接收　已接收　已接收　已接收")
    board.sees("审核：曼赛村 B01").goes_on().sees("曼赛村", "B01 基本情况", "签名有效：岩温")

    page.app.window.close()
    town = reopened_town(home / MENGHUN)
    assert stick.states(town) == {f"曼赛村 {form}": ReturnState.RECEIVED for form in town.task.forms}
    assert not registry.enrol_view(town).requests
    town.close()


def misheard(code: str) -> str:
    """The last digit is another one."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def test_two_computers_differ_and_the_village_signs_what_the_officer_put_together(
    starts: Callable[..., Page], home: Path, tmp_path: Path
) -> None:
    town = a_reviewer(tmp_path, empty=True)
    village, changed = stick.two_answers(tmp_path, town)
    folder = stick.empty(tmp_path / "stick")
    stick.at_home(town, home)
    stick.at_home(village, tmp_path / "village-computer")
    page = starts(home, 2025, 12, 17, 1)
    board: Board = page.sees("勐混镇人民政府").turns(TownUnlock).unlocks(PASSWORD)
    board.sees_line("曼蚌村", "有冲突").filters(3)
    conflict: Conflict = board.opens(Conflict).sees_line("户籍外出人口", "两边都改了，请选一边")
    conflict.goes_to_the_next().chooses(1).sees_line("户籍外出人口", "你选了甲")
    left = int(changed["b01_pop_out"]) - int(conflict.side("户籍外出人口", "left"))
    receipts: Receipts = conflict.proposes().sees("做好，随下次回执带给村里").goes_to("receipts")
    receipts.sees_line("曼蚌村", "B01 建议稿请重签").chooses(folder).writes()
    receipts.sees("3 份回执写好了，逐份读回核对一致，可以拔")
    page.app.window.close()

    page = starts(tmp_path / "village-computer", 2025, 12, 17, 3)
    start: VillageHome = page.sees("曼蚌村").turns(Unlock).unlocks(PASSWORD).turns(VillageHome)
    receipt = start.reads(folder / "勐混镇回执" / "曼蚌村-2025年度-回执第2次.cbsync")
    receipt.sees("回执读好了：建议稿 1 张", "乡镇的建议稿")
    check = receipt.adopts().goes_on().sees("可以签名了")
    send = check.goes_to("sign").signs(PASSWORD).sees("第 4 步，共 6 步：报送")
    send.chooses(folder).writes(PASSWORD).sees("读回核对一致")
    page.app.window.close()

    page = starts(home, 2025, 12, 18, 1)
    board = page.sees("勐混镇人民政府").turns(TownUnlock).unlocks(PASSWORD).sees_line("曼蚌村", "有冲突")
    (brought,) = folder.glob("曼蚌村-*.cbsync")
    receive: Receive = board.goes_to("receive").opens_file(brought).sees_line("曼蚌村", "收下改过的 B01")
    receive.goes_on().sees("B01 基本情况").accepts().sees("曼蚌村 B01 通过，Ctrl+Z 收回")

    page.app.window.close()
    town, desk = reopened_town(home / MENGHUN), reopened(tmp_path / "village-computer" / MANBANG)
    stands = town.workspace.standing(MANBANG, "B01", town.task.period)
    assert stands.state is ReturnState.ACCEPTED and stands.counted == stands.head == desk.newest("B01").id
    versions = {one.id: one for one in town.workspace.revisions(MANBANG, "B01", town.task.period)}
    merged = versions.pop(stands.head)
    assert len(versions) == 3 and set(merged.parents) < set(versions)  # both answers stay, and what they came from
    now = [desk.instance("B01").text(Cell(name)) for name in changed]
    assert [int(text) - int(before) for text, before in zip(now, changed.values(), strict=True)] == [1, 1, -left]
    town.close()
    desk.close()


def test_an_officer_totals_chases_and_sends_on(starts: Callable[..., Page], home: Path, tmp_path: Path) -> None:
    town, folder = a_reviewer(tmp_path, empty=True), stick.empty(tmp_path / "stick")
    stick.two_that_count(tmp_path, town)
    stick.at_home(town, home)
    page = starts(home, 2025, 12, 16, 1)
    board: Board = page.sees("勐混镇人民政府").turns(TownUnlock).unlocks(PASSWORD)
    totals: Totals = board.sees("通过 10 / 15（67%）").goes_to("totals")
    review = totals.sees("只算通过的，2 / 3 村", "曼国村，常住户数").looks_at_the_cell()
    review.sees_line("常住户数", "533").sees("曼国村", "12-16 08:31 通过")
    totals = review.goes_to("totals").exports(folder / "汇总表.xlsx").sees("已写到", "14 页")
    chase: Chase = totals.goes_to("chase").sees_line("曼赛村", "5 张都没报")
    chase.keeps_the_notices(folder / "催报单.pdf").notes("答应 12-18 送").sees_line(
        "曼赛村", "12-16 电话 答应 12-18 送"
    )
    sendon: SendOn = chase.goes_to("sendon").chooses(folder).writes()
    sendon.sees("报县包写好了，读回核对一致，可以拔", "勐混镇-2025年度-第1次.cbsync", "10 张报表")

    page.app.window.close()
    assert stick.figure(folder / "汇总表.xlsx", "基本情况 B01", "曼国村", "常住户数（户）") == 533
    assert stick.figure(folder / "汇总表.xlsx", "基本情况 B01", "合计", "常住户数（户）") == 533 + 769
    assert "曼赛村民委员会" in page_texts((folder / "催报单.pdf").read_bytes())[0]
    town, county = reopened_town(home / MENGHUN), a_county_desk(tmp_path)
    (line,) = receiving.receive(county, [folder / "勐混镇-2025年度-第1次.cbsync"]).lines
    assert line.label == "已接收"
    ours, theirs = (digest.state_digest(one.workspace, one.task).periods for one in (town, county))
    assert [(one.period, one.state) for one in ours] == [(one.period, one.state) for one in theirs]
    assert [(one.how, one.said) for one in chased.record(town, MANSAI)] == [("电话", "答应 12-18 送")]
    town.close()
    county.close()
