"""The manual on paper: what is written comes out of the PDF again, with contents, page numbers and bookmarks."""

from __future__ import annotations

import io
from datetime import datetime

import pypdfium2
from PIL import Image

from cunbao.desks.clock import LOCAL
from cunbao.manual import Heading, Listing, Manual, Note, Paragraph, Picture, Section, Span, Table
from cunbao.paper import draw_manual
from world.papers import fonts_of, raw_text, text_of

WHEN = datetime(2025, 12, 1, 9, 0, tzinfo=LOCAL)


def say(words: str) -> Paragraph:
    return Paragraph((Span(words),))


def a_manual(sections: int = 2) -> Manual:
    prose = Paragraph((
        Span("按 "), Span("Ctrl+Enter", "key"), Span(" 签名，"), Span("签过的不能改", "strong"), Span("，见"),
        Span("术语", link="words"), Span("。"),
    ))  # fmt: skip
    body = (
        prose,
        Listing(((say("先看"),), (say("再做"), say("做完看一遍"))), 1),
        Table(((Span("记号"),), (Span("意思"),)), (((Span("通过"),), (Span("算数了" * 40),)),)),
        Note((say("已填的都在。"),)),
        Picture("seen", "画面"),
        Heading("里面的一段", ("one/inside",)),
        say("长" * 400),
    )
    some = tuple(Section(3, f"第{number}节", (f"s{number}",), body) for number in range(sections))
    first, last = Section(2, "画面", ("screens",), ()), Section(2, "术语", ("words",), body)
    return Manual("village", "试用手册", (first, *some, last))


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("P", (1366, 696), 3).save(out, "PNG")
    return out.getvalue()


def test_all_that_is_written_is_read_back_from_the_pages() -> None:
    pdf, pages = draw_manual(a_manual(), lambda name: a_picture(), WHEN)
    read = text_of(pdf)
    written = (
        "试用手册", "2025年12月1日", "按Ctrl+Enter签名，签过的不能改，见术语。", "1.先看2.再做做完看一遍",
        "算数了" * 40, "已填的都在。", "里面的一段", "长" * 400, f"第1页，共{pages}页", f"第{pages}页，共{pages}页",
    )  # fmt: skip
    for words in written:
        assert words in read, words
    assert all(embedded for _, embedded in fonts_of(pdf))


def test_the_contents_name_the_page_on_which_a_section_stands() -> None:
    pdf, _ = draw_manual(a_manual(40), lambda name: None, WHEN)
    first = raw_text(pdf, 0, "-layout")
    for number in (0, 20):
        line = next(line for line in first.splitlines() if f"第{number}节" in line)
        assert f"第{number}节" in raw_text(pdf, int(line.split()[-1]) - 1)


def test_every_section_has_a_bookmark_that_leads_there() -> None:
    pdf, _ = draw_manual(a_manual(3), lambda name: None, WHEN)
    document = pypdfium2.PdfDocument(pdf)
    marks = [(mark.get_title(), mark.level, mark.get_dest().get_index()) for mark in document.get_toc()]
    document.close()
    assert [mark[:2] for mark in marks] == [
        ("目录", 0), ("画面", 0), ("第0节", 1), ("第1节", 1), ("第2节", 1), ("术语", 0),
    ]  # fmt: skip
    for title, _, page in marks[1:]:
        assert title in text_of(pdf, page)


def test_a_picture_that_is_gone_is_said_in_its_place() -> None:
    for data in (None, b"no picture"):
        pdf, _ = draw_manual(a_manual(1), lambda name, data=data: data, WHEN)  # type: ignore[misc]
        assert "（这里的图不在：画面）" in text_of(pdf)


def test_the_same_manual_gives_the_same_bytes() -> None:
    assert draw_manual(a_manual(), lambda name: a_picture(), WHEN) == draw_manual(
        a_manual(), lambda name: a_picture(), WHEN
    )


def test_a_section_begins_on_the_page_of_its_first_picture() -> None:
    body = (say("画面在下面。"), Picture("seen", "这一节的画面"), *(say(f"第{number}步。") for number in range(7)))
    some = tuple(Section(3, f"第{number}节", (f"s{number}",), body) for number in range(12))
    book = Manual("village", "试用手册", (Section(2, "画面", ("screens",), ()), *some))
    pdf, pages = draw_manual(book, lambda name: a_picture(), WHEN)
    begun = 0
    for page in range(1, pages):
        words = text_of(pdf, page)
        assert words.count("画面在下面。") == words.count("这一节的画面")
        begun += words.count("画面在下面。")
    assert begun == 12
