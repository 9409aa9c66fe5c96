"""验证单: what was found of a file that somebody handed in, on one page, for the file or for whoever asked.

The five answers in their order, the file's hash so that it can be told from any other, and by whose certificates it was
judged. Source: ui/design.md county-09; print.md §3 (6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cunbao.paper import letter
from cunbao.paper.fonts import SANS_BOLD, SERIF
from cunbao.paper.letter import AT, Letter, ListColumn
from cunbao.paper.pen import Pen
from cunbao.paper.sheet import Drawn
from cunbao.paper.table import Align
from cunbao.survey.codes import grouped

HEAD = 15.0  # pt
DONE = "本单只说明这个文件在验证时的情况；文件内容以电子件为准，校验值不同就不是同一个文件。"


@dataclass(frozen=True, slots=True)
class VerifiedSheet:
    """One file. found, advice: the head of the result; rows: (question, 对 / 不对 / 不能判断, answer, detail); against:
    by what it was judged, 县里存的证书和吊销名单; verified_at: local; number: of the slip."""

    name: str
    kind: str
    size: int
    sha256: str
    found: str
    advice: str
    rows: Sequence[tuple[str, str, str, str]]
    against: str
    number: str
    office: str
    person: str
    verified_at: datetime


def draw_verified(sheet: VerifiedSheet) -> Drawn:
    """The one page of it. PaperError "paper.character"."""
    title = "文件验证单"
    pen = Pen(landscape=False, title=f"{title}，{sheet.name}", author=sheet.office, when=sheet.verified_at)
    page = Letter(
        title=title,
        number=f"编号：{sheet.number}",
        day=sheet.verified_at.date(),
        head_left=f"{sheet.office} 验证文件",
        head_right="验证单",
        foot_left=sheet.number,
        foot_right=f"验证 {sheet.verified_at:%Y-%m-%d %H:%M}",
    )
    size = f"{sheet.size:,} 字节".replace(",", "") if sheet.size else "—"
    facts = (
        (("文件", sheet.name), ("种类", sheet.kind)),
        (("大小", size), ("验证时间", f"{sheet.verified_at:%Y-%m-%d %H:%M}（北京时间）")),
    )
    columns = (
        ListColumn("问", 26),
        ListColumn("结果", 22),
        ListColumn("答", 119, Align.LEFT),
    )
    rows = [(subject, mark, f"{text}\n{detail}" if detail else text) for subject, mark, text, detail in sheet.rows]
    units = [
        *letter.fact_units(facts, (16, 72, 20, 59), 9.0, 0.0),
        letter.lines(f"校验值（SHA-256）：{grouped(sheet.sha256, ' ', 8)}", size=9, lead=14, gap=3),
        letter.lines(sheet.found, size=HEAD, lead=24, gap=5, face=SANS_BOLD),
        letter.lines(sheet.advice, size=10.5, lead=18, gap=0),
        *(letter.list_units(columns, rows, size=10, head=9, row=13, gap=3) if rows else ()),
        letter.lines(f"核对依据：{sheet.against}", size=9, lead=14, gap=4),
    ]
    pages = letter.draw_letter(pen, page, units, 238.0, lambda pen: _end(pen, sheet))
    return Drawn(pdf=pen.finish(), pages=pages, box_page=0, box=(0, 0, 0, 0))


def _end(pen: Pen, sheet: VerifiedSheet) -> None:
    y = 250.0
    pen.text(AT.left, y, f"验证单位：{sheet.office}", SERIF, 10)
    pen.text(AT.left, y + 8, f"验证人：{sheet.person}", SERIF, 10)
    letter.hand_line(pen, 110, y + 8, "签字：", 40)
    pen.text(AT.left, 270.3, DONE, SERIF, 9)
