"""Lines break where a Chinese reader expects it, and a cell never loses a character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cunbao.paper import fonts, text
from cunbao.paper.pen import MM

SIGNS = "村民委员会两委成员岩温玉香合计面积，。、；：？！（）《》“”·12345.67ABab% "
PROSE = st.text(alphabet=SIGNS, max_size=160)
NAMES = st.text(alphabet="岩温玉香罕坎应·、（）𠮷䶮12", min_size=1, max_size=60)


@given(PROSE, st.floats(20, 200))
def test_wrapping_keeps_every_character_and_the_width(words: str, wide: float) -> None:
    lines = text.wrap(words, wide, fonts.SERIF, 9)
    assert "".join("".join(lines).split()) == "".join(words.split())
    for line in lines:
        assert fonts.width(line, fonts.SERIF, 9) <= wide * MM + 0.1 or len(line) == 1


@given(PROSE)
def test_no_line_begins_with_a_closing_sign_or_ends_with_an_opening_one(words: str) -> None:
    pieces = text.pieces(words)
    assert "".join(pieces) == words
    longest = max((fonts.width(piece, fonts.SERIF, 9) / MM for piece in pieces), default=0.0)
    lines = [line for line in text.wrap(words, max(40.0, longest + 1), fonts.SERIF, 9) if line]
    for line in lines[1:]:
        assert line.lstrip()[0] not in text.NOT_FIRST
    for line in lines[:-1]:
        assert line[-1] not in text.NOT_LAST


def test_a_number_or_word_is_not_broken() -> None:
    lines = text.wrap("面积合计为12345.67平方米，见B02-05", 21, fonts.SERIF, 9)
    assert len(lines) > 1
    assert any("12345.67" in line for line in lines) and any("B02-05" in line for line in lines)


@given(NAMES, st.floats(9, 60))
def test_a_cell_keeps_every_character_within_its_width_and_never_under_7_points(name: str, wide: float) -> None:
    fitted = text.fit(name, wide, 9.4, fonts.SERIF, 9.5)
    assert "".join("".join(fitted.lines).split()) == "".join(name.split())
    assert fitted.size >= text.SMALLEST
    for line in fitted.lines:
        assert fonts.width(line, fonts.SERIF, fitted.size) <= wide * MM + 0.1


def test_a_long_name_shrinks_half_a_point_then_breaks_at_its_dot() -> None:
    one = fonts.width("玉罕甩·岩香坎温罕拉", fonts.SERIF, 9.5) / MM
    assert text.fit("玉罕甩·岩香坎温罕拉", one, 9.4, fonts.SERIF, 9.5) == text.Fitted(("玉罕甩·岩香坎温罕拉",), 9.5)
    assert text.fit("玉罕甩·岩香坎温罕拉", one * 0.96, 9.4, fonts.SERIF, 9.5).size == 9.0
    two = text.fit("玉罕甩·岩香坎温罕拉", one * 0.7, 9.4, fonts.SERIF, 9.5)
    assert two == text.Fitted(("玉罕甩·", "岩香坎温罕拉"), 9.5)


def test_what_fits_in_no_two_lines_gets_more_lines_and_a_higher_row() -> None:
    fitted = text.fit("、".join(["便民服务窗口（大厅）"] * 12), 40, 9.4, fonts.SERIF, 9.5)
    assert len(fitted.lines) > 2 and fitted.size >= 8 and fitted.height > 9.4


@pytest.mark.parametrize(
    ("name", "shown"), [("岩温", "岩\u3000温"), ("玉香罕", "玉香罕"), ("", ""), ("𠮷香", "𠮷\u3000香")]
)
def test_a_name_of_two_characters_is_spread(name: str, shown: str) -> None:
    assert text.spaced(name) == shown


def test_a_line_break_of_the_writer_is_kept_in_a_cell_however_narrow() -> None:
    for wide in (60, 25, 12, 5):
        for high in (9.4, 3.0):
            fitted = text.fit("B02 第 3 行（共 5 行）\n栏 1 建成年份", wide, high, fonts.SERIF, 9.5)
            assert "".join(fitted.lines).replace(" ", "") == "B02第3行（共5行）栏1建成年份"
            assert all(fonts.width(line, fonts.SERIF, fitted.size) <= wide * 72 / 25.4 + 0.02 for line in fitted.lines)
    assert text.fit("上\n下", 60, 9.4, fonts.SERIF, 9.5) == text.Fitted(("上", "下"), 9.5)
