"""任务包 and 签发 in a real window over a real county: faults at their places, files read again when saved, a pack on a
stick; and a further pack looked at in a village's window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import media, packs
from cunbao.desks.county import building
from cunbao.desks.county.desk import CountyDesk
from cunbao.ui.county import County
from cunbao.ui.kit import style
from cunbao.ui.kit.fields import FieldBox, Message
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.issue_pack import IssuePack
from cunbao.ui.screens.newpack import NewPackScreen
from cunbao.ui.screens.preview import Preview
from cunbao.ui.screens.task_builder import TaskBuilder
from cunbao.ui.screens.task_trial import Trial
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village
from ui.townhall import Answers
from world.desk import PASSWORD, a_clock, a_county_desk, a_village_desk
from world.packs import edit, issued, task_folder

KEY = Qt.Key
CONTROL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LONG = 60_000  # ms
WRONG, RIGHT = "div ${b01_pop_residnet} * 100", "div ${b01_pop_resident} * 100"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return task_folder(tmp_path / "task", ("B01", "B02"))


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    return a_county_desk(tmp_path, clock=a_clock(2025, 11, 10, 1))


@pytest.fixture
def shell(show: Any, county: CountyDesk) -> Iterator[Shell]:
    made = Shell(County(), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(county)
    yield made
    made.jobs.stop()
    if made.desk is not None:
        made.desk.close()


@pytest.fixture
def dialogs(shell: Shell) -> Answers:
    return Answers(shell)


def builder(shell: Shell, qtbot: QtBot, folder: Path | None = None) -> TaskBuilder:
    here = shell.go("tasks")
    assert isinstance(here, TaskBuilder)
    if folder is not None:
        here.use_folder(folder)
    settled(shell, qtbot, here)
    return here


def settled(shell: Shell, qtbot: QtBot, here: Any) -> None:
    qtbot.waitUntil(lambda: shell.jobs.idle and not here._busy, timeout=LONG)
    QApplication.processEvents()


def press(qtbot: QtBot, shell: Shell, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    qtbot.keyClick(QApplication.focusWidget() or shell, key, modifier)
    QApplication.processEvents()


def test_the_first_step_is_a_folder_and_its_forms_are_listed_with_what_they_hold(
    shell: Shell, qtbot: QtBot, folder: Path
) -> None:
    here = builder(shell, qtbot)
    assert here.empty.isVisible() and not here.card.isVisible()
    here.use_folder(folder)
    settled(shell, qtbot, here)
    rows = [here.grid.row(number) for number in range(here.grid.count)]
    assert [(one.id, one.cell("cells").text, one.cell("check").text) for one in rows] == [
        ("B01", "35", "没有错"), ("B02", "36", "没有错"),
    ]  # fmt: skip
    assert here.counts.text().startswith("报表 2 张，71 格，检查 ")
    assert here.main.text() == "去签发" and here.faults.head.title.text() == "没有错，可以签发"
    assert here.head.line.text() == "2025年度城乡社区服务体系统计，第 2 版"


def test_a_fault_stands_at_its_place_and_goes_when_the_file_is_saved_again(
    shell: Shell, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    edit(folder, "B01.md", (RIGHT, WRONG))
    here = builder(shell, qtbot, folder)
    assert here.faults.head.title.text() == "1 处错，改好才能签发" and here.main.text() == "下一处错"
    said = " ".join(one.text() for one in here.faults.findChildren(Text) if one.isVisible())
    assert "B01" in said and "b01_pop_residnet" in said and "也许是 b01_pop_resident（常住人口），请改正" in said
    assert here.grid.row(0).cell("check").text == "有错 1"
    press(qtbot, shell, KEY.Key_F8)
    here.faults._lines[0].open_button.click()
    assert opened == [QUrl.fromLocalFile(str(folder / "B01.md"))]
    edit(folder, "B01.md", (WRONG, RIGHT))  # saved by the program that was opened
    qtbot.waitUntil(lambda: here.main.text() == "去签发", timeout=LONG)
    assert here.grid.row(0).cell("check").text == "没有错"


def test_space_leaves_a_form_out_and_a_plan_in_and_both_are_kept(shell: Shell, qtbot: QtBot, folder: Path) -> None:
    here = builder(shell, qtbot, folder)
    here.grid.setFocus()
    here.grid.go(1)
    press(qtbot, shell, KEY.Key_Space)
    settled(shell, qtbot, here)
    assert here.grid.row(1).cell("check").text == "不发" and here.counts.text().startswith("报表 1 张，35 格")
    draft = building.draft_of(shell.desk)
    assert draft is not None and draft.wanted.forms == ("B01",)
    before = draft.wanted.plans
    here.plans.grid.setFocus()
    here.plans.grid.go(len(before))
    press(qtbot, shell, KEY.Key_Space)
    settled(shell, qtbot, here)
    draft = building.draft_of(shell.desk)
    assert draft is not None and len(draft.wanted.plans) == len(before) + 1


def test_another_year_moves_the_days_and_a_day_that_is_over_is_a_fault(
    shell: Shell, qtbot: QtBot, folder: Path
) -> None:
    here = builder(shell, qtbot, folder)
    here.times.period.set_text("2026 年度")
    here.times.period._take("2026", "2026 年度")
    settled(shell, qtbot, here)
    assert here.times.days["deadline"].text() == "2026-12-20" and "第 1 版" in here.head.line.text()
    here.times.days["deadline"].edit.setText("2025-1-5")
    here.times.days["deadline"].commit()
    settled(shell, qtbot, here)
    assert [one.column for one in here.faults.faults] == ["村报乡镇"]


def test_a_figure_of_the_county_is_put_in_with_its_source_by_keys_alone(
    shell: Shell, qtbot: QtBot, tmp_path: Path, dialogs: Answers
) -> None:
    here = builder(shell, qtbot, task_folder(tmp_path / "whole", ("B01", "B03", "B06")))
    names = [here.params.grid.row(at).id for at in range(here.params.grid.count)]
    assert names == ["target_per100", "min_wage_month", "org_units", "inservice_members", "avg_wage_month"]
    at = names.index("org_units")
    assert here.params.grid.row(at).cell("value").text == "还没填" and here.main.text() == "去签发"
    assert here.params.note.accessibleName() == "4 个没填" and here.params.isVisible()
    told: list[str] = []

    def fills(dialog: Any) -> None:
        value, source = dialog.box.findChildren(FieldBox)
        value.edit.setText("四百")
        dialog.box.buttons["take"].click()
        told.extend(one.text.text() for one in dialog.box.findChildren(Message) if one.text.text())
        assert dialog.isVisible()  # what was typed is still there
        value.edit.setText("412")
        source.edit.setText("县委组织部2025年11月统计")
        qtbot.keyClick(source.edit, KEY.Key_Return)

    dialogs.act(fills)
    here.params.grid.setFocus()
    here.params.grid.go(at)
    press(qtbot, shell, KEY.Key_Return)
    settled(shell, qtbot, here)
    assert told == ["“四百”不是数。请只写数，如 412 或 5830.5，单位不用写。"]
    assert here.params.grid.row(at).cell("value").text == "412 个"
    assert here.params.note.accessibleName() == "3 个没填"
    draft = building.draft_of(shell.desk)
    given = {one.name: one for one in draft.wanted.params} if draft is not None else {}
    assert (given["org_units"].value, given["org_units"].source) == (412, "县委组织部2025年11月统计")


def test_a_form_is_tried_out_in_a_window_that_leaves_nothing(shell: Shell, qtbot: QtBot, folder: Path) -> None:
    here = builder(shell, qtbot, folder)
    here.grid.setFocus()
    press(qtbot, shell, KEY.Key_T, CONTROL)
    qtbot.waitUntil(lambda: bool(shell.findChildren(Trial)), timeout=LONG)
    trial = shell.findChildren(Trial)[0]
    qtbot.waitUntil(lambda: trial.desk is not None and trial.isVisible(), timeout=LONG)
    place = trial.desk.workspace.folder
    assert trial.screen_here is not None and trial.screen_here.nav_key() == "form/B01"
    assert "send" not in [one.key for one in trial.nav.items]
    trial.close()
    assert not place.exists()


def test_enter_signs_writes_and_reads_back_and_the_notice_follows(
    shell: Shell, qtbot: QtBot, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialogs: Answers
) -> None:
    monkeypatch.setattr(media, "sticks", lambda: ())
    builder(shell, qtbot, folder)
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    here = shell.screen_here
    assert isinstance(here, IssuePack)
    settled(shell, qtbot, here)
    assert here.state.accessibleName() == "检验通过，没有错" and here.main.text() == "签名并写出第 2 版"
    assert here.note.text.text() == "先插上 U 盘，或选一个文件夹。"
    (tmp_path / "E").mkdir()
    here.where.use_folder(tmp_path / "E")
    here.password.set_text("不是这个")
    here.issue()
    qtbot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    QApplication.processEvents()
    assert "密码不对" in here.password_row.message.text.text() and not list((tmp_path / "E").iterdir())
    here.password.set_text(PASSWORD)
    here.print_button.setFocus()
    here.password.setFocus()  # coming back to the field signs nothing; Enter does
    assert shell.jobs.idle
    press(qtbot, shell, KEY.Key_Return)
    qtbot.waitUntil(lambda: here.done.isVisible(), timeout=LONG)
    assert [path.name for path in (tmp_path / "E").iterdir()] == ["勐海县-2025年度-任务包-第2版.cbtask"]
    assert here.done.title.text() == "任务包写好了，读回核对一致" and here.steps.at == 4
    assert [one.version for one in packs.held(shell.desk.workspace)] == [1, 2]
    press(qtbot, shell, KEY.Key_P, CONTROL)
    qtbot.waitUntil(lambda: bool(shell.findChildren(Preview)), timeout=LONG)
    assert here.steps.at == 5
    shell.findChildren(Preview)[0].end()


def test_with_a_fault_nothing_can_be_signed(shell: Shell, qtbot: QtBot, folder: Path, tmp_path: Path) -> None:
    edit(folder, "B01.md", (RIGHT, WRONG))
    builder(shell, qtbot, folder)
    here = shell.go("issue")
    assert isinstance(here, IssuePack)
    settled(shell, qtbot, here)
    here.where.use_folder(tmp_path)
    here.password.set_text(PASSWORD)
    here._tell_main()
    assert not here.main.isEnabled() and here.note.text.text() == "还有 1 处错，改好才能签发。"
    here.issue()
    assert not list(tmp_path.glob("*.cbtask"))


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.0, True)])
def test_nothing_is_cut_at_any_size(
    shell: Shell, qapp: QApplication, qtbot: QtBot, folder: Path, scale: float, contrast: bool
) -> None:
    style.apply(qapp, scale, contrast)
    here = builder(shell, qtbot, folder)
    assert here.grid.horizontalScrollBar().maximum() == 0 and here.plans.grid.horizontalScrollBar().maximum() == 0
    assert here.main.mapTo(shell, here.main.rect().topRight()).x() < shell.width()
    issue = shell.go("issue")
    assert isinstance(issue, IssuePack)
    settled(shell, qtbot, issue)
    cut = [one.text() for part in (issue.inside, issue.code) for one in part.findChildren(Text) if one.is_cut]
    assert cut == []


# --- a further pack at a village -------------------------------------------------------------------------------------


def test_a_further_pack_dropped_on_the_window_is_looked_at_and_taken_only_when_wanted(
    show: Any, qtbot: QtBot, tmp_path: Path, county: CountyDesk
) -> None:
    pack = issued(county, task_folder(tmp_path / "whole"), tmp_path / "stick", title="换了名称的统计")
    county.close()
    village = a_village_desk(tmp_path, "filled")
    window = Shell(Village(), asks_to_close=False)
    show(window, 1366, 696)
    window.open_desk(village)
    assert window.take_files([pack])
    here = window.screen_here
    assert isinstance(here, NewPackScreen)
    qtbot.waitUntil(lambda: here.grid.isVisible() and window.jobs.idle, timeout=LONG)
    assert here.banner.title.text() == "2025年度 第2版，没有改格" and here.grid.count == 5
    assert village.task.title != "换了名称的统计"
    qtbot.keyClick(here, KEY.Key_Escape)
    assert window.screen_here is not here and len(packs.held(village.workspace)) == 1
    window.take_files([pack])
    qtbot.waitUntil(lambda: here.grid.isVisible() and window.jobs.idle, timeout=LONG)
    here.go_on()
    qtbot.waitUntil(lambda: len(packs.held(village.workspace)) == 2 and window.jobs.idle, timeout=LONG)
    QApplication.processEvents()
    assert village.task.title == "换了名称的统计" and window.screen_here is not here
    window.jobs.stop()
    village.close()


def test_a_pack_opened_by_a_double_click_goes_to_the_workspace_that_it_is_for(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, county: CountyDesk
) -> None:
    from shutil import copytree

    from cunbao.ui.app import App
    from cunbao.ui.screens.unlock import Unlock
    from world.desk import CLERK, MANBANG, the_template

    pack = issued(county, task_folder(tmp_path / "whole"), tmp_path / "stick", title="换了名称的统计")
    county.close()
    home = tmp_path / "home"
    copytree(the_template(MANBANG, "filled"), home / MANBANG)
    app = App(qapp, home, a_clock(2025, 12, 13, 1))
    dialogs = Answers(app.window)
    dialogs.press("open")
    app.begin([pack])
    qtbot.waitUntil(lambda: isinstance(app.window.bare, Unlock), timeout=LONG)
    assert dialogs.titles == ["这台电脑上有勐混镇 曼蚌村的资料"]
    asked = app.window.bare
    assert isinstance(asked, Unlock)
    asked.unlock.emit(CLERK.name, PASSWORD)
    qtbot.waitUntil(lambda: isinstance(app.window.screen_here, NewPackScreen) and app.window.jobs.idle, timeout=LONG)
    here = app.window.screen_here
    assert isinstance(here, NewPackScreen)
    qtbot.waitUntil(lambda: here.banner.isVisible(), timeout=LONG)
    assert here.banner.title.text() == "2025年度 第2版，没有改格" and len(packs.held(app.window.desk.workspace)) == 1
    app.window._asks = False
    app.window.close()
