"""One PDF of many documents: other programs read it, pages keep their contents, what is added lies where it should."""

from __future__ import annotations

import io
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from cunbao.desks.pagetext import page_texts
from cunbao.errors import PaperError
from cunbao.paper.cover import CoverLine, CoverSheet, cover_pages, draw_cover
from cunbao.paper.volume import Leaf, bind, stamped
from cunbao.survey import codes

WHEN = datetime(2025, 12, 29, 2, 20, tzinfo=UTC)
A4 = (595.2756, 841.8898)


def a_document(*words: str, across: bool = False) -> bytes:
    """A page for each word; strings and names that a careless writer would trip over."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4[::-1] if across else A4, invariant=1, pageCompression=0)
    canvas.setTitle(r"(5 0 R) \( 7 0 R")
    for word in words:
        canvas.drawString(100, 400, word)
        canvas.bookmarkPage(word)
        canvas.linkRect("", word, (90, 390, 200, 420))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def bound(*leaves: Leaf, duplex: bool = False) -> bytes:
    out = io.BytesIO()
    bind(leaves, out, title="汇编", author="县", when=WHEN, duplex=duplex)
    return out.getvalue()


def test_qpdf_finds_nothing_wrong_and_every_page_says_what_it_said(tmp_path: Path) -> None:
    first, second = a_document("(12 0 R)", "two \\ three"), a_document("across", across=True)
    pdf = bound(Leaf(("镇", "村", "甲"), first, 1), Leaf(("镇", "村", "乙"), second, 3, "未审定"), duplex=True)
    path = tmp_path / "bound.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    texts = page_texts(pdf)
    for number, (word, text) in enumerate(zip(("(12 0 R)", "two \\ three", "across"), texts, strict=False), 1):
        assert word in text and f"本册第 {number} 页" in text
    assert len(texts) == 4 and texts[3] == ""  # an empty back, so that what follows begins a new sheet
    with pikepdf.open(path) as made:
        sizes = [tuple(float(edge) for edge in page.mediabox)[2:] for page in made.pages]
        assert sizes[2][0] > sizes[2][1] and sizes[3] == pytest.approx(sizes[2], abs=0.01)


def test_the_same_font_of_page_numbers_is_in_it_once() -> None:
    many = [Leaf((str(n),), a_document(f"page {n}"), n) for n in range(1, 12)]
    one = len(bound(*many[:1]))
    assert len(bound(*many)) < one + 10 * 6_000  # each further document brings its own few objects and no font


def test_a_document_with_nothing_to_add_stays_as_it_is_and_a_broken_one_is_named() -> None:
    plain = a_document("one")
    assert stamped(Leaf(("甲",), plain), WHEN) == plain
    with pytest.raises(PaperError) as refused:
        bound(Leaf(("曼蚌村", "B01"), b"%PDF-1.7 nothing"))
    assert refused.value.code == "pdf.unreadable" and "曼蚌村 B01" in refused.value.happened


def a_cover(lines: tuple[CoverLine, ...], towns: tuple[str, ...] = ("勐混镇",)) -> CoverSheet:
    sha = "ab" * 32
    return CoverSheet(
        "勐海县 2025 年度", "城乡社区服务情况报表汇编", 2, 4, towns, "22 个", "102 张（正常 102）",
        "102 张签名全部有效", lines, 152, "汇编 2025-02", "勐海县民政局", "县管理员", WHEN,
        codes.verification_code(sha),
        codes.qr_text("C", ("532822", "2025", "2"), sha),
    )  # fmt: skip


def test_a_cover_names_every_office_with_its_page_and_who_has_none() -> None:
    lines = (
        CoverLine("勐混镇", 2, "汇总表 1 张", head=True),
        CoverLine("曼蚌村", 4, "零报告 1"),
        CoverLine("曼赛村", None, "没有可打印的报表"),
    )
    (text,) = page_texts(draw_cover(a_cover(lines)))
    for word in (
        "勐混镇",
        "（汇总表 1 张）",
        "曼蚌村",
        "（零报告 1）",
        "曼赛村",
        "—",
        "第 2 册（共 4 册）",
        "NENT-QAXB-NENT-QAXB",
    ):
        assert word in text


def test_a_long_list_goes_on_and_the_pages_that_it_takes_are_known_before() -> None:
    lines = tuple(
        CoverLine(f"第{town}镇" if number == 0 else f"布朗山布朗族乡第{number}村民委员会", 1 + number, head=number == 0)
        for town in range(7)
        for number in range(16)
    )
    texts = page_texts(draw_cover(a_cover(lines, tuple(f"布朗山布朗族乡{n}" for n in range(9)))))
    assert len(texts) == cover_pages(lines) > 1
    assert sum(text.count("村民委员会") for text in texts) == 7 * 15 and "等 9 个乡镇" in texts[0]
