"""The manual says something of every screen and of nothing that is gone; F1 leads there from every place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao import manual, ui
from cunbao.manual import KINDS, Listing, Manual, Note, Paragraph, Picture, Table
from cunbao.survey import resources
from cunbao.ui.county import County
from cunbao.ui.face import Face
from cunbao.ui.kit.article import key_cap
from cunbao.ui.screens.help import Help
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from cunbao.ui.village import Village
from world.desk import a_county_desk, a_town_desk, a_village_desk

FACES: dict[str, type[Face]] = {"village": Village, "township": Township, "county": County}
SOURCES = {path: path.read_text("utf-8") for path in Path(ui.__path__[0]).rglob("*.py")}
# what the program asks F1 for besides screens: windows before a desk, dialogs, parts of screens
ASKED = {
    found
    for text in SOURCES.values()
    for pattern in (r'help="([a-z/-]+)"', r'help_place = "([a-z/-]+)"', r'show_help\("([a-z/-]+)"\)')
    for found in re.findall(pattern, text)
}
BARE = {"first-run", "begin", "begin-township", "begin-county", "unlock", "forgotten"}
# chapters and sections about no place of the program
WHOLE = re.compile(r"^(start|screens|whole|filling|faq|trouble|terms)(-.*)?$")
HOSTED = {"form", "row", "paste", "check", "sign"}  # a village's screens, inside 代报 and 补充表
MOST = 6 * 1024 * 1024  # bytes of all pictures


def book(kind: str) -> Manual:
    return manual.read(kind)


def every(kind: str, wanted: type) -> list[Any]:
    """All blocks of a sort, and for Paragraph all spans."""
    found: list[Any] = []

    def look(block: Any) -> None:
        if isinstance(block, wanted):
            found.append(block)
        if isinstance(block, Note):
            list(map(look, block.blocks))
        if isinstance(block, Listing):
            for item in block.items:
                list(map(look, item))

    for section in book(kind).sections:
        list(map(look, section.blocks))
    return found


def spans(kind: str) -> list[Any]:
    cells = [cell for table in every(kind, Table) for row in (table.head, *table.rows) for cell in row]
    return [span for run in (*(one.spans for one in every(kind, Paragraph)), *cells) for span in run]


@pytest.mark.parametrize("kind", KINDS)
def test_every_screen_and_every_window_before_it_has_its_section(kind: str) -> None:
    found = book(kind)
    for place in (*FACES[kind].SCREENS, *BARE):
        section = found.at(place)
        assert section is not None and place in section.places and section.blocks, place


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_written_of_a_screen_that_is_gone(kind: str) -> None:
    hosted = HOSTED if kind == "township" else set()
    for place in book(kind).places:
        root = place.partition("/")[0]
        known = place in ASKED or WHOLE.match(place) or root in FACES[kind].SCREENS or root in hosted
        assert known, f"{kind}: {place}"


def test_what_a_dialog_asks_for_is_written_in_some_manual() -> None:
    missing = {place for place in ASKED if all(place not in book(kind).places for kind in KINDS)}
    assert not missing


@pytest.mark.parametrize("kind", KINDS)
def test_every_link_leads_somewhere(kind: str) -> None:
    found = book(kind)
    assert {span.link for span in spans(kind) if span.link} <= found.places
    folder = resources.path("manual")
    for path in folder.glob("*.md"):
        assert "http" not in path.read_text("utf-8"), f"{path.name} points out of the program"


def test_every_picture_that_is_named_is_there_and_every_one_there_is_named() -> None:
    named = {one.name for kind in KINDS for one in every(kind, Picture)}
    files = {path.stem: path for path in resources.path("manual/pictures").glob("*.png")}
    assert named == set(files)
    assert sum(path.stat().st_size for path in files.values()) < MOST
    assert all(not QImage(str(path)).isNull() for path in files.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_screen_that_is_shown_has_its_picture(kind: str) -> None:
    """But for those that look like another: one row, a pack that is read."""
    for place in FACES[kind].SCREENS:
        section = book(kind).at(place)
        assert section is not None
        assert place == "pack" or any(isinstance(block, Picture) for block in section.blocks), place


@pytest.mark.parametrize("kind", KINDS)
def test_keys_in_the_text_are_keys(kind: str, qapp: QApplication) -> None:
    """`…` is drawn as a key cap, so only what stands on a keyboard, or must be typed, may stand in it."""
    typed = {"sample-2025"}
    named = r"F\d{1,2}|Enter|Esc|Tab|Space|Delete|PgUp|PgDn|[A-Z0-9]|[↑↓←→]+|加号|减号"
    sort = re.compile(rf"^((Ctrl|Shift|Alt)\+)*({named})$")
    for span in spans(kind):
        if span.kind == "key":
            assert span.text in typed or sort.match(span.text), span.text
            assert not key_cap(span.text, 1.0).isNull()


# --- F1 --------------------------------------------------------------------------------------------------------------

Makes = Callable[[Path], Any]
DESKS: dict[str, Makes] = {
    "village": lambda folder: a_village_desk(folder, "filled"),
    "township": a_town_desk,
    "county": a_county_desk,
}
PLACES: dict[tuple[str, str], dict[str, Any]] = {
    ("village", "form"): {"form": "B01"},
    ("village", "paste"): {"form": "B04", "repeat": "b04_p", "cells": (("姓名",), ("岩温",))},
    ("county", "indicator"): {"number": "003-01"},
}


@pytest.fixture
def shell(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shell]:
    """A window over a real workspace of the kind that the test names."""
    made = Shell(FACES[request.param](), asks_to_close=False)
    made.resize(1366, 696)
    made.open_desk(DESKS[request.param](tmp_path))
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.jobs.stop()
    made.hide()
    made.deleteLater()


def f1(shell: Shell, qtbot: QtBot) -> Help:
    """What F1 shows. A screen may begin work a moment after it was opened, which F1 leaves alone: pressed once more."""
    found: list[Help] = []

    def shown() -> bool:
        shell.activateWindow()
        if shell.isActiveWindow() and shell.jobs.idle and not shell._modal():
            qtbot.keyClick(QApplication.focusWidget() or shell, Qt.Key.Key_F1)
        found[:] = [one for one in shell.findChildren(Help) if one.isVisible()]
        return bool(found)

    qtbot.waitUntil(shown, timeout=30_000)
    assert len(found) == 1, shell._here
    return found[0]


@pytest.mark.parametrize("shell", KINDS, indirect=True)  # one window a desk: opening one is what costs
def test_f1_on_every_screen_shows_its_section_and_its_keys(shell: Shell, qtbot: QtBot) -> None:
    kind = shell.face.manual
    for name in shell.face.SCREENS:
        place = PLACES.get((kind, name), {})
        if (kind, name) == ("village", "row"):
            place = {"form": "B03", "repeat": "b03_m", "row": shell.desk.instance("B03").rows("b03_m")[0]}
        shell.go(name, **place)
        shown = f1(shell, qtbot)
        assert shown.section is not None and name in shown.section.places, name
        read = shown.article.toPlainText()
        assert shown.section.title in read and "到处都能用的键" in read
        for _, does in shown.asked.keys:
            assert does in read, name
        qtbot.keyClick(shown.article, Qt.Key.Key_Escape)
        assert not shown.isVisible()


@pytest.mark.parametrize("shell", ["village"], indirect=True)
def test_f1_on_a_roster_opens_where_rosters_are_written_of(shell: Shell, qtbot: QtBot) -> None:
    for form, place in (("B03", "form/roster"), ("B02", "form/table"), ("B01", "form")):
        shell.go("form", form=form, section=1)
        shown = f1(shell, qtbot)
        assert shown.asked.places[0] == place and shown.section is book("village").at("form")
        assert (shown.article.verticalScrollBar().value() > 0) is (place != "form")
        qtbot.keyClick(shown.article, Qt.Key.Key_Escape)
