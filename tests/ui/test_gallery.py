"""Every component in every state: nothing cut off, everything named, the focus always seen; in each look."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from cunbao.survey import resources
from cunbao.ui.kit import icons, style
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Check, FieldBox
from cunbao.ui.kit.gallery import gallery
from cunbao.ui.kit.marks import Chip, StateWord
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look, tokens

LOOKS = [(1.0, False), (1.25, False), (1.5, False), (1.0, True), (1.5, True)]


@pytest.fixture(params=LOOKS, ids=lambda shown: f"{shown[0]:.0%}{'-contrast' if shown[1] else ''}")
def kit(request: pytest.FixtureRequest, qapp: QApplication, show) -> QWidget:  # type: ignore[no-untyped-def]
    style.apply(qapp, *request.param)
    made = gallery()
    hint = made.sizeHint()
    return show(made, max(1366, hint.width()), hint.height())


def test_no_word_is_cut_off(kit: QWidget) -> None:
    for text in kit.findChildren(Text):
        if text.isVisible() and text.text():
            assert not text.is_cut, text.text()
            assert text.height() >= look.line_height(text._role), text.text()
            assert text.heightForWidth(text.width()) <= text.height(), text.text()
    for shown in (
        *kit.findChildren(Button),
        *kit.findChildren(Chip),
        *kit.findChildren(StateWord),
        *kit.findChildren(Check),
    ):
        if shown.isVisible():
            assert shown.width() >= shown.sizeHint().width(), shown.accessibleName()
            assert shown.height() >= shown.sizeHint().height(), shown.accessibleName()


def test_every_button_and_field_has_a_name(kit: QWidget) -> None:
    for button in kit.findChildren(QAbstractButton):
        assert button.accessibleName(), button
    for edit in kit.findChildren(QLineEdit):
        assert edit.accessibleName(), edit.parent()


def test_everything_clickable_is_large_enough(kit: QWidget) -> None:
    least = look.control("min_click")
    for button in kit.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.height() >= least and button.width() >= least, button.accessibleName()


def test_the_focus_is_seen_on_everything_that_takes_it(kit: QWidget) -> None:
    takers = [w for w in kit.findChildren(QWidget) if w.focusPolicy().value & 1 and w.isVisible() and w.isEnabled()]
    assert len(takers) > 25
    for taker in takers:
        shown = taker.parentWidget() if isinstance(taker.parentWidget(), FieldBox) else taker
        if isinstance(shown, QLineEdit):
            continue
        area = QRect(shown.mapTo(kit, shown.rect().topLeft()), shown.size()).adjusted(-6, -6, 6, 6)
        kit.setFocus()
        QApplication.processEvents()
        before = picture(kit, area)
        taker.setFocus()
        QApplication.processEvents()
        assert QApplication.focusWidget() is not None
        if isinstance(shown, FieldBox) and shown.state == "error":
            continue  # the red frame of 2 px stays, the cursor shows the focus
        assert picture(kit, area) != before, (shown, shown.accessibleName())


def picture(kit: QWidget, area: QRect) -> QImage:
    return kit.grab(area).toImage()


def test_every_icon_of_the_design_is_there_and_is_drawn(qapp: QApplication) -> None:
    named = {state["icon"] for part in ("state", "form_state", "severity") for state in tokens()[part].values()}
    files = {path.stem for path in resources.path("icons").glob("*.svg")}
    assert named <= files
    assert len(files) >= 69
    blank = QImage(24, 24, QImage.Format.Format_ARGB32_Premultiplied)
    blank.fill(0)
    for name in sorted(files):
        drawn = icons.pixmap(name, 24, "text").toImage().convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        assert drawn != blank, name


def test_text_stands_out_from_its_ground(qapp: QApplication) -> None:
    """At least 4.5 : 1 for every pair of ink and ground that the states and tones use (WCAG 1.4.3)."""
    known = json.loads(resources.path("tokens.json").read_text("utf-8"))
    pairs = [
        (state[mode]["fg"], state[mode]["bg"])
        for state in known["state"].values()
        for mode in ("light", "high_contrast")
    ]
    for mode in ("light", "high_contrast"):
        color = known["color"][mode]
        pairs += [
            (color[ink], color[ground])
            for ink in ("text", "text_2", "text_3")
            for ground in ("bg", "surface", "surface_sunken")
        ]
        pairs += [(color[tone], color[f"{tone}_bg"]) for tone in ("error", "warn", "ok", "info")]
        pairs += [(color["text_on_accent"], color["accent"]), (color["text_disabled"], color["disabled_bg"])]
    for ink, ground in pairs:
        assert contrast(ink, ground) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    def light(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
