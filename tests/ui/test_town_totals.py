"""汇总表: what counts and what does not, every number back to its signed return, cross-tabs, paper and workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import receiving
from cunbao.desks.township import deciding, totals, totals_export, totals_paper, totals_source, totals_town
from cunbao.desks.township.totals_views import ExportedTotals
from cunbao.survey.values import Cell
from cunbao.ui.kit import style
from cunbao.ui.kit.text import Text
from cunbao.ui.screens import preview as preview_screen
from cunbao.ui.screens.preview import Preview
from cunbao.ui.screens.totals import TotalsScreen
from cunbao.ui.screens.totals_side import grouped
from cunbao.ui.shell import Shell
from ui.town_more import NAMES, a_town, code, source_view, totals_view
from ui.townhall import Some, where
from world.desk import MANBANG, MANGUO, a_town_desk, bundle_file
from world.villages import the_task

KEY = Qt.Key
CONTROL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LONG = 60_000  # ms


class Desk:
    """What the desk's modules were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.printed: list[tuple[str, bool]] = []
        self.exported: list[tuple[str, bool]] = []
        self.shown: list[tuple[str, str]] = []

    def view(self, desk: Any, form: str, *, states: Any, received: Any = None) -> Any:
        self.asked.append((form, received is not None))
        return totals_view(form, unreviewed=received is not None)

    def pages(self, desk: Any, form: str, *, states: Any, received: Any = None) -> Any:
        self.printed.append((form, received is not None))
        return SimpleNamespace(pdf=b"%PDF", pages=2)

    def export(self, desk: Any, path: Path, *, states: Any, received: Any = None) -> ExportedTotals:
        self.exported.append((path.name, received is not None))
        return ExportedTotals(path, 9000, ("设施面积 B02",) * 7, 31, received is not None, False)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(totals, "totals_view", made.view)
    monkeypatch.setattr(totals_town, "words", lambda desk: {})
    monkeypatch.setattr(totals_town, "received", lambda desk: {(code("曼弄村"), "B02"): None})
    monkeypatch.setattr(
        totals_source, "source_of", lambda desk, office, form, key, received=None: source_view(office, form, key)
    )
    monkeypatch.setattr(totals_paper, "totals_pages", made.pages)
    monkeypatch.setattr(totals_export, "export_xlsx", made.export)
    monkeypatch.setattr(
        preview_screen, "show_preview", lambda shell, title, data, line: made.shown.append((title, line))
    )
    return made


@pytest.fixture
def shell(show, answers: Desk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some("totals"), asks_to_close=False)
    show(made, 1366, 696)
    desk = a_town()
    desk.task = the_task()  # type: ignore[attr-defined]
    made.open_desk(desk)
    made.go("totals", form="B02")
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> TotalsScreen:
    here = shell.screen_here
    assert isinstance(here, TotalsScreen)
    return here


def press(qtbot: QtBot, shell: Shell, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    qtbot.keyClick(QApplication.focusWidget() or shell, key, modifier)
    qtbot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    QApplication.processEvents()


def words(widget: Any) -> list[str]:
    QApplication.processEvents()
    return [one.text() for one in widget.findChildren(Text) if one.isVisible() and one.text()]


def stands_on(here: TotalsScreen, name: str, key: str) -> None:
    here.grid.go(NAMES.index(name), key)


# --- the table -------------------------------------------------------------------------------------------------------


def test_only_what_is_accepted_counts_and_the_others_are_named(shell: Shell) -> None:
    here = screen(shell)
    assert here.head.line.text() == "只算通过的，8 / 14 村"
    assert " ".join(column.head for column in here.grid.columns) == (
        "序 村 常住户数（户） 常住人口（人） 室内（平方米） 室外（平方米） 每百户（平方米） 目标 30"
    )
    first, sent_back = here.grid.row(0), here.grid.row(1)
    assert (first.cell("B01.b01_pop_resident").text, first.cell("state").text) == ("3,120", "达到")
    assert (sent_back.cell("b02_hh").text, sent_back.cell("state").text) == ("…", "退回")
    assert here.grid.row(NAMES.index("曼扫村")).cell("state").text == "差 1.21"
    assert here.grid.total is not None
    sums = [here.grid.total.cell(key).text for key in ("name", "b02_hh", "b02_area_total", "b02_per100", "state")]
    assert sums == ["合计 8 村", "3,422", "1,116.00", "32.61", "6 村达到 30"]
    said = words(here.left)
    assert said[0] == "没算进去 6 村" and "曼蚌村、曼召村" in said and "曼冈村、广别村" in said
    assert said[-1] == "没报的不当 0 算；导出时名单写在表下面。"


def test_thousands_stand_apart_and_signs_stay() -> None:
    assert [grouped(text) for text in ("3120", "1116.00", "0", "…", "／", "—", "\u221212.50")] == [
        "3,120", "1,116.00", "0", "…", "／", "—", "\u221212.50",
    ]  # fmt: skip


def test_it_begins_with_the_first_village_that_counts(shell: Shell) -> None:
    here = screen(shell)
    assert (here.grid.current_id(), here.grid.current_key()) == (code("勐混村"), "b02_hh")
    assert QApplication.focusWidget() is here.grid


# --- where a number comes from ---------------------------------------------------------------------------------------


def test_the_arrows_walk_the_numbers_and_each_says_where_it_comes_from(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    stands_on(here, "曼赛村", "b02_hh")
    press(qtbot, shell, KEY.Key_Right)
    press(qtbot, shell, KEY.Key_Right)
    assert here.grid.current_key() == "b02_area_total"
    said = words(here.source)
    assert said[:4] == ["这个数从哪里来", "曼赛村，计入面积", "128.50", "平方米"]
    assert said[4:6] == ["党群服务中心", "48.00"]
    assert said[-2:] == ["B02 第 1 次，12-12 14:40 收到", "12-12 15:26 通过，审核员 玉罕"]
    press(qtbot, shell, KEY.Key_Right)
    press(qtbot, shell, KEY.Key_Right)
    assert "算法：计入面积÷常住户数×100" in words(here.source)
    press(qtbot, shell, KEY.Key_Right)
    assert here.grid.current_key() == "b02_per100"  # the last number: the state is no number


def test_enter_opens_that_cell_of_the_return(shell: Shell, qtbot: QtBot) -> None:
    stands_on(screen(shell), "曼赛村", "b02_area_total")
    press(qtbot, shell, KEY.Key_Return)
    assert where(shell) == ("review", {"office": code("曼赛村"), "form": "B02", "cell": Cell("b02_area_total")})


def test_a_village_that_does_not_count_says_why_and_leads_nowhere(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    for name, why in (("曼蚌村", "退回了，等村里改"), ("曼弄村", "已接收，等镇里审核"), ("曼冈村", "还没报来")):
        stands_on(here, name, "b02_hh")
        said = words(here.source)
        assert said[1] == f"{name}，常住户数" and why in said[2] and "不当 0 算" in said[2]
        assert not here.source.cell_button.isVisible()
    press(qtbot, shell, KEY.Key_Return)
    assert shell.screen_here is here


# --- what is looked at too -------------------------------------------------------------------------------------------


def test_with_received_ones_the_title_says_so(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    here = screen(shell)
    assert here.too.accessibleName() == "连已接收的 2 村一起看" and not here.head.chip.isVisible()
    here.too.setFocus()
    press(qtbot, shell, KEY.Key_Space)
    assert here.head.chip.isVisible() and here.head.chip.accessibleName() == "含未审核"
    assert here.head.line.text() == "通过的和已接收的，10 / 14 村"
    assert answers.asked[-1] == ("B02", True)
    press(qtbot, shell, KEY.Key_P, CONTROL)
    here.write_to(Path("汇总.xlsx"))
    qtbot.waitUntil(lambda: shell.jobs.idle)
    assert (answers.printed, answers.exported) == ([("B02", True)], [("汇总.xlsx", True)])
    assert here.note.text.text() == "已写到 汇总.xlsx：7 页，名册 31 行，每页都标了含未审核。"
    here.too.toggle()
    assert not here.head.chip.isVisible() and answers.asked[-1] == ("B02", False)


# --- other tables ----------------------------------------------------------------------------------------------------


def test_control_tab_goes_to_the_next_table_and_round_again(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    here = screen(shell)
    walked = []
    for _ in range(5):
        press(qtbot, shell, KEY.Key_Tab, CONTROL)
        walked.append(here.tabs.current())
        if walked[-1] == "B05":
            break
    assert walked == ["B03", "B04", "B05"]
    assert QApplication.focusWidget() is here.grid


def test_the_table_that_is_seen_is_printed(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    press(qtbot, shell, KEY.Key_P, CONTROL)
    assert (answers.printed, answers.shown) == ([("B02", False)], [("汇总表", "2 页")])


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.0, True)])
def test_nothing_is_cut_or_covered_at_any_size(shell: Shell, qapp: QApplication, scale: float, contrast: bool) -> None:
    style.apply(qapp, scale, contrast)
    here = shell.go("totals", form="B02")
    assert isinstance(here, TotalsScreen)
    QApplication.processEvents()
    assert here.grid.horizontalScrollBar().maximum() == 0
    assert not any(here.tabs._cut(at) for at in range(len(here.tabs.tabs)))
    assert [one.text() for one in words_cut(here)] == []
    shell.resize(1180, 640)
    QApplication.processEvents()
    assert here.main.mapTo(shell, here.main.rect().topRight()).x() < shell.width()
    assert not here.head.title.is_cut and here.too.width() >= here.too.sizeHint().width()


def words_cut(here: TotalsScreen) -> list[Text]:
    shown = (*here.source.findChildren(Text), *here.left.findChildren(Text))
    return [one for one in shown if one.isVisible() and one.is_cut]


# --- over a real workspace -------------------------------------------------------------------------------------------


@pytest.fixture
def real(show, tmp_path: Path) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path, office) for office in (MANBANG, MANGUO)])
    for form in ("B02", "B03"):
        deciding.accept(town, MANBANG, form)
    shell = Shell(Some("totals"), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(town)
    shell.go("totals", form="B03")
    yield shell
    shell.jobs.stop()
    town.close()


def test_a_cross_tab_adds_up_the_people_of_the_accepted_rosters(real: Shell, qtbot: QtBot) -> None:
    here = screen(real)
    members = int(here.grid.row(here.grid.find_row(MANBANG)).cell("b03_n").text)
    for _ in range(3):
        press(qtbot, real, KEY.Key_Tab, CONTROL)
    assert here.tabs.current() == "cross" and QApplication.focusWidget() is here.cross.grid
    assert not here.source.isVisible()
    here.cross.forms.setFocus()
    press(qtbot, real, KEY.Key_Right)
    assert here.cross.forms.current() == "B03"
    here.cross.pairs.setFocus()
    press(qtbot, real, KEY.Key_Right)
    press(qtbot, real, KEY.Key_Right)
    assert here.cross.line.text().startswith("成员：文化程度 × 性别，已计入 1 个村，没有计入 2 个村")
    grid = here.cross.grid
    assert grid.total is not None and grid.total.cell("sum").text == str(members)
    assert sum(int(grid.row(number).cell("sum").text) for number in range(grid.count)) == members
    assert words(here.left)[-1] == "屏幕上每一格都显示。打印和导出时，不满 3 人的格不显示。"
    press(qtbot, real, KEY.Key_P, CONTROL)
    assert real.findChild(Preview) is not None


def test_the_signed_pages_are_shown_with_numbers_of_people_covered(real: Shell, qtbot: QtBot) -> None:
    here = screen(real)
    here.grid.go(here.grid.find_row(MANBANG), "b03_n")
    here.source.pages_button.click()
    qtbot.waitUntil(lambda: real.jobs.idle, timeout=LONG)
    page = real.findChild(Preview)
    assert page is not None and page.viewer.pages.count >= 1
    assert not page.viewer.printer.isVisible()
    covered = page.viewer.pages._hidden
    assert covered and all("*" in shown for shown in covered.values())
    press(qtbot, real, KEY.Key_Escape)
    assert QApplication.focusWidget() is not None


def test_the_workbook_holds_what_the_screen_shows(real: Shell, qtbot: QtBot, tmp_path: Path) -> None:
    here = screen(real)
    here.write_to(tmp_path / "汇总.xlsx")
    qtbot.waitUntil(lambda: real.jobs.idle, timeout=LONG)
    assert here.note.text.text().startswith(f"已写到 {tmp_path / '汇总.xlsx'}：")
    book = load_workbook(tmp_path / "汇总.xlsx")
    assert "两委成员 B03" in book.sheetnames
    shown = here.grid.total
    assert shown is not None
    values = [cell.value for row in book["两委成员 B03"].iter_rows() for cell in row]
    assert int(shown.cell("b03_n").text) in values


def test_what_waits_for_review_is_added_when_asked_for(real: Shell, qtbot: QtBot) -> None:
    here = screen(real)
    assert here.head.line.text() == "只算通过的，1 / 3 村"
    here.too.toggle()
    qtbot.waitUntil(lambda: real.jobs.idle and here.head.chip.isVisible(), timeout=LONG)
    assert here.head.line.text() == "通过的和已接收的，2 / 3 村"
    assert here.grid.row(here.grid.find_row(MANGUO)).cell("state").text == "已接收"
