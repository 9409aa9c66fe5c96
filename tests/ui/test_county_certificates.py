"""证书 in the window: the root's backup cannot be missed, a township approved by its digits, revoking told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from cunbao.desks.county import desk as county_desk
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import desk as township
from cunbao.desks.township import town_papers
from cunbao.desks.views import Person
from cunbao.survey import sample
from cunbao.ui.kit.digits import DigitsField
from cunbao.ui.kit.fields import PasswordField
from cunbao.ui.screens.certificates import CertificatesScreen
from cunbao.ui.shell import Shell
from ui.countyhall import SomeCounty
from ui.townhall import Answers
from world.desk import PASSWORD, QUICK, a_clock

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
TOWN = sample.SAMPLE_TOWNSHIPS[0]


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    made = county_desk.init_county(
        tmp_path / "county", sample.SAMPLE_COUNTY, person=Person("玉坎", "县级管理员"), password=PASSWORD,
        clock=a_clock(2025, 1, 6, 1), stretch=QUICK,
    )  # fmt: skip
    for one in sample.SAMPLE_TOWNSHIPS:
        made.workspace.add_office(one)
    return made


@pytest.fixture
def shell(show, county: CountyDesk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(SomeCounty("certificates"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(county)
    made.go("certificates")
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> CertificatesScreen:
    here = shell.screen_here
    assert isinstance(here, CertificatesScreen)
    return here


def asked_for(folder: Path) -> tuple[Path, str, township.TownshipDesk]:
    town = township.init_township(
        folder / "town", TOWN, person=Person("玉罕", "乡镇审核员"), password=PASSWORD, clock=a_clock(2025, 1, 6, 2),
        stretch=QUICK,
    )  # fmt: skip
    path, digits = town_papers.write_request(town, folder)
    return path, digits, town


def test_a_root_without_a_backup_is_said_until_one_was_written(
    shell: Shell, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = screen(shell)
    assert here.banner.isVisible() and here.banner.title.text() == "县根钥匙还没有备份"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    answers = Answers(shell)

    def typed(dialog) -> None:  # type: ignore[no-untyped-def]
        first, second, own = dialog.findChildren(PasswordField)
        first.set_text("县委保险柜里的另一个密码")
        second.set_text("县委保险柜里的另一个密码")
        own.set_text(PASSWORD)
        dialog.box.buttons["act"].click()

    answers.act(typed)
    answers.press("close")
    here.save.click()
    qtbot.waitUntil(lambda: len(answers.titles) == 2, timeout=20_000)
    assert answers.titles == ["备份县根钥匙", "县根钥匙备份好了"]
    assert list(tmp_path.glob("*.cbroot")) and not here.banner.isVisible()


def test_a_township_is_approved_by_the_digits_that_it_reads(shell: Shell, qtbot: QtBot, tmp_path: Path) -> None:
    path, digits, _ = asked_for(tmp_path)
    answers = Answers(shell)

    def typed(dialog) -> None:  # type: ignore[no-untyped-def]
        dialog.findChildren(DigitsField)[0].set_text(digits)
        dialog.findChildren(PasswordField)[0].set_text(PASSWORD)
        dialog.box.buttons["act"].click()

    answers.act(typed)
    answers.press("close")
    screen(shell).read(path)
    qtbot.waitUntil(lambda: len(answers.titles) == 2, timeout=20_000)
    assert answers.titles[1] == "勐混镇的证书签发好了" and (tmp_path / "勐混镇-县里签发的证书.cbca").exists()
    line = screen(shell).grid.row(0)
    assert line.cell("state").text == "有效" and line.cell("act").text == "吊销"


def test_delete_asks_on_the_right_and_esc_shuts_it(
    shell: Shell, qtbot: QtBot, county: CountyDesk, tmp_path: Path
) -> None:
    path, digits, _ = asked_for(tmp_path)
    from cunbao.desks.county import certificates

    certificates.approve(county, path, digits, PASSWORD, tmp_path)
    here = screen(shell)
    here.refresh()
    here.grid.go(0)
    here.first_focus()
    qtbot.keyClick(here.grid, KEY.Key_Delete)
    card = here._revoking
    assert card is not None and not here.detail.isVisible()
    card.done.click()
    assert card.message.text.text() == "还没写经过"
    qtbot.keyClick(card.why, KEY.Key_Escape)
    assert here._revoking is None and here.detail.isVisible()
