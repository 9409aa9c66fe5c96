"""The manual's files become values; what is wrong with them is said; what somebody looks for is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao import manual
from cunbao.errors import ManualError
from cunbao.manual import Heading, Listing, Manual, Note, Paragraph, Picture, Span, Table
from cunbao.survey import resources

PAGE = """# 试用手册

## 画面

### 本期任务 {#home start}

第一行
接着第二行，按 `Ctrl+Enter`，见[检查](#check)和[网页](https://example.org/a)。

![画面](pictures/village-home.png)

3. 先看
4. 再做

   | 记号 | 意思 |
   |---|---|
   | **通过** | 算数了 |

> 已填的都在。

#### 名册怎么看 {#home/roster}

- 一行一个人

### 检查 {#check}

查出来的问题。

[大家都一样的](common.md)
"""
COMMON = "## 常见问题 {#faq}\n\n密码忘了怎么办。\n"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bundled files in a folder of the test's own."""
    folder = tmp_path / "resources"
    (folder / "manual").mkdir(parents=True)
    (folder / "manual" / "village.md").write_text(PAGE, "utf-8")
    (folder / "manual" / "common.md").write_text(COMMON, "utf-8")
    monkeypatch.setattr(resources, "_base", lambda: tmp_path)
    manual.read.cache_clear()
    yield folder / "manual"  # type: ignore[misc]
    manual.read.cache_clear()


@pytest.fixture
def book(shelf: Path) -> Manual:
    return manual.read("village")


def test_a_section_is_found_by_the_place_it_is_about(book: Manual) -> None:
    assert book.title == "试用手册"
    home = book.at("home")
    assert home is not None and home.title == "本期任务"
    assert book.at("start") is home and book.at("home/roster") is home and book.at("home/elsewhere") is home
    assert book.at("nowhere") is None
    assert book.chapter_of(home) == "画面"


def test_words_keys_links_and_pictures_keep_what_they_are(book: Manual) -> None:
    home = book.at("home")
    assert home is not None
    prose, shown, steps, note, head, people = home.blocks
    assert prose == Paragraph((
        Span("第一行"), Span("接着第二行，按 "), Span("Ctrl+Enter", "key"), Span("，见"), Span("检查", link="check"),
        Span("和"), Span("网页"), Span("。"),
    ))  # fmt: skip
    assert shown == Picture("village-home", "画面")
    assert isinstance(steps, Listing) and steps.start == 3 and len(steps.items) == 2
    assert steps.items[1][1] == Table(
        ((Span("记号"),), (Span("意思"),)), (((Span("通过", "strong"),), (Span("算数了"),)),)
    )
    assert note == Note((Paragraph((Span("已填的都在。"),)),))
    assert head == Heading("名册怎么看", ("home/roster",))
    assert isinstance(people, Listing) and people.start == 0


def test_what_all_desks_have_in_common_is_written_once(book: Manual) -> None:
    assert [section.title for section in book.sections] == ["画面", "本期任务", "检查", "常见问题"]


def test_looking_for_words_finds_titles_first_and_says_where(book: Manual) -> None:
    found = manual.search(book, "检查")
    assert [one.section.key for one in found] == ["check", "home"]
    assert "见检查" in found[1].around
    assert [one.section.key for one in manual.search(book, "ctrl 第二行")] == ["home"]
    assert manual.search(book, "  ") == () and manual.search(book, "没有这个词") == ()


@pytest.mark.parametrize(("damage", "code"), [
    (lambda path: path.unlink(), "manual.missing"),
    (lambda path: path.write_bytes(b"\xff\xfe\x00bad"), "manual.damaged"),
    (lambda path: path.write_text("", "utf-8"), "manual.damaged"),
    (lambda path: path.write_text("# 只有标题\n", "utf-8"), "manual.damaged"),
])  # fmt: skip
def test_a_bad_file_is_a_sentence(shelf: Path, damage, code: str) -> None:  # type: ignore[no-untyped-def]
    damage(shelf / "village.md")
    with pytest.raises(ManualError) as told:
        manual.read("village")
    assert told.value.code == code and "village.md" in told.value.happened


def test_a_common_file_that_is_gone_is_named(shelf: Path) -> None:
    (shelf / "common.md").unlink()
    with pytest.raises(ManualError, match=r"common\.md"):
        manual.read("village")


def test_a_picture_that_is_gone_is_none(shelf: Path) -> None:
    assert manual.picture("village-home") is None
