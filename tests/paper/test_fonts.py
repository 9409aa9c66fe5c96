"""A name may hold anything: every face is there, unpacked once, and what no face has is refused."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from cunbao.errors import PaperError
from cunbao.paper import fonts, unprintable
from cunbao.paper.pen import Pen
from cunbao.survey import fontfiles, resources
from world.papers import glyphs, overlapping, raw_text, text_of


def a_page(*lines: tuple[float, float, str]) -> bytes:
    """A page with texts at (x, y) mm."""
    pen = Pen(landscape=False, title="样张", author="样例", when=datetime(2025, 1, 2, tzinfo=UTC))
    for x, y, words in lines:
        pen.text(x, y, words)
    return pen.finish()


def test_the_committed_fonts_stay_under_40_mb() -> None:
    sizes = [path.stat().st_size for path in resources.path("fonts").iterdir()]
    assert 1_000_000 < sum(sizes) < 40_000_000
    assert {path.name for path in resources.path("fonts").glob("*.zst")} == {f"{r}.ttf.zst" for r in fontfiles.ROLES}
    assert len(list(resources.path("fonts").glob("*.txt"))) == 3  # the licences


@pytest.mark.parametrize("role", fontfiles.ROLES)
def test_a_face_is_unpacked_once_and_has_the_promised_bytes(role: str, tmp_path: Path) -> None:
    path = fontfiles.font_file(role, tmp_path)
    digest, size = fontfiles._facts()[role]
    data = path.read_bytes()
    assert (sha256(data).hexdigest(), len(data)) == (digest, size)
    before = path.stat()
    assert fontfiles.font_file(role, tmp_path) == path
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert [one.name for one in tmp_path.iterdir()] == [path.name]  # no part file is left


def test_a_cut_off_file_in_the_cache_is_replaced(tmp_path: Path) -> None:
    path = fontfiles.font_file("sans-bold", tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    assert fontfiles.font_file("sans-bold", tmp_path).stat().st_size == fontfiles._facts()["sans-bold"][1]


def test_a_cache_that_cannot_be_written_does_not_stop_printing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = fontfiles.font_file("sans-bold", blocked / "fonts")
    assert path.is_file() and path.is_relative_to(tmp_path) and os.access(path, os.R_OK)


def test_the_rare_characters_of_names_are_printed() -> None:
    for name in ("玉𠮷香", "玉𬱖", "岩䶮", "李𠮷样", "㸌", "峣", "𪚥", "𫝀", "𰻞"[:0]):
        assert unprintable(name) == ()
        assert name in text_of(a_page((30, 30, name), (30, 40, name)))


def test_each_piece_of_a_name_is_in_a_face_that_has_it() -> None:
    assert fonts.runs("玉𠮷香", fonts.SERIF) == (("serif", "玉"), ("hanamin", "𠮷"), ("serif", "香"))
    assert fonts.runs("玉香", fonts.SERIF) == (("serif", "玉香"),)
    assert [role for role, _ in fonts.runs("岩䶮", fonts.SERIF_BOLD)] == ["serif-bold", "serif"]


@pytest.mark.parametrize("sign", ["\U00030000", "\ue000", "\x07", "\t", "\U000e0100", "☑"])
def test_what_no_face_has_is_named_with_its_code_and_never_drawn(sign: str) -> None:
    assert unprintable(f"玉{sign}香{sign}") == (sign,)
    with pytest.raises(PaperError) as caught:
        a_page((30, 30, f"玉{sign}"))
    assert caught.value.code == "paper.character"
    assert f"U+{ord(sign):04X}" in caught.value.happened


def test_all_words_of_the_program_and_the_forms_are_in_the_bold_faces() -> None:
    """Titles, heads and labels are bold or medium; a missing sign would change its weight in the middle of a word."""
    root = resources.path().parent
    texts = [path.read_text(encoding="utf-8") for path in (root / "forms").rglob("*.md")]
    texts += [path.read_text(encoding="utf-8") for path in (root / "forms").rglob("*.toml")]
    texts += [path.read_text(encoding="utf-8") for path in (root / "desktop" / "cunbao" / "paper").glob("*.py")]
    hanzi = {sign for text in texts for sign in text if "\u4e00" <= sign <= "\u9fff"}
    for face in (fonts.SERIF_BOLD, fonts.SANS_MEDIUM, fonts.SANS_BOLD):
        assert [sign for sign in sorted(hanzi) if fonts.runs(sign, face) != ((face, sign),)] == []


def test_tounicode_writes_surrogate_pairs_and_short_blocks() -> None:
    cmap = fonts.to_unicode("A", [0, 0x41, 0x20BB7, *range(0x4E00, 0x4E00 + 200)])
    assert "<02> <D842DFB7>" in cmap and "<01> <0041>" in cmap
    assert "<00> <" not in cmap.replace("<00> <FF>", "")  # what has no character gets none
    counts = [int(line.split()[0]) for line in cmap.splitlines() if line.endswith("beginbfchar")]
    assert sum(counts) == 202 and max(counts) <= 100


def test_digits_of_a_column_have_one_advance() -> None:
    pen = Pen(landscape=False, title="样张", author="样例", when=datetime(2025, 1, 2, tzinfo=UTC))
    for line, value in enumerate(("1111.11", "8888.88", "\u22124070.10")):
        pen.number(50, 50 + 10 * line, value, fonts.SERIF, 10)
    ((_, found),) = glyphs(pen.finish())
    points = [one.left for one in found if one.char == "."]
    assert points[0] == pytest.approx(points[1], abs=0.02)
    assert points[2] > points[0]
    assert fonts.digits_width("1111.11", fonts.SERIF, 10) == fonts.digits_width("8888.88", fonts.SERIF, 10)


def test_a_number_is_one_word_for_a_reader() -> None:
    pen = Pen(landscape=False, title="样张", author="样例", when=datetime(2025, 1, 2, tzinfo=UTC))
    pen.number(50, 50, "12345.67", fonts.SERIF_BOLD, 10)
    assert raw_text(pen.finish()).split() == ["12345.67"]


def test_the_reader_of_these_tests_sees_text_that_lies_over_text() -> None:
    ((_, apart),) = glyphs(a_page((30, 30, "岩温"), (30, 36, "玉香")))
    ((_, over),) = glyphs(a_page((30, 30, "岩温"), (31, 31, "玉香")))
    assert overlapping(apart) == [] and overlapping(over) != []
