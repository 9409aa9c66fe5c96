"""What a 代报 has that no other return has: who filled it for whom and why, and the village's own confirmation.

A sheet with a ProxyBasis prints the 代报情况 grid, a box that the village signs by hand and seals, and the proxy's
signature; the line of persons is left out, since the village fills no boxes here. Source: print.md §8, picture 06.
"""

from __future__ import annotations

from dataclasses import replace

from cunbao.paper import grid, letter, parts, text
from cunbao.paper.flow import Unit
from cunbao.paper.fonts import SANS_MEDIUM, SERIF
from cunbao.paper.pen import CENTRE, FRAME, SEAL_GREY, Pen
from cunbao.paper.sheet import ProxyBasis
from cunbao.survey.values import Office

LABEL, LEFT_VALUE = 30.0, 58.0  # mm, of a portrait page
ROW, REASON_ROW = 8.5, 13.0  # mm
CONFIRM_HIGH, CONFIRM_GAP = 27.0, 3.5  # mm
LOWER_BOX = 3.8  # mm that the signature box lies lower, since there is no line of persons
VALID = (
    "本表由代报单位用数字证书签名，内容一经改动，签名即失效。{seat}恢复报送能力后，可自行签名报送新版次，"
    "新版次通过后代替本表。"
)


def layout(at: parts.Layout) -> parts.Layout:
    """Places of a signed 代报: no line of persons, so the body ends above the signature box."""
    box = at.box + LOWER_BOX
    return replace(at, box=box, persons=box + 1.5)


def units(at: parts.Layout, proxy: ProxyBasis, office: Office, day: str, *, confirmed: bool) -> list[Unit]:
    """代报情况, and the box for the village's hand when it is confirmed on paper (a draft is not).

    day: 2025 年 12 月 16 日, used when the basis names no day of its own."""
    day = parts.long_date(f"{proxy.on}") if proxy.on else day
    frame = grid.GridFrame(at.left, at.wide)
    found = [
        parts.section_head(at, "代报情况", gap=2.8),
        *grid.units(_rows(at, proxy, day), frame, 0.6),
    ]
    if not confirmed:
        return found
    found[-1] = replace(found[-1], glued=True)
    return [*found, _confirmation(at, office)]


def _rows(at: parts.Layout, proxy: ProxyBasis, day: str) -> tuple[grid.GridRow, ...]:
    filler = f"{text.spaced(proxy.filler)}（{proxy.role}）" if proxy.role else text.spaced(proxy.filler)
    received = "，".join(part for part in (f"{proxy.received_on or ''}", proxy.received_from) if part)
    lines = [
        (("代报单位", proxy.unit), ("代报人", filler)),
        (("数据来源", proxy.basis), ("代报日期", day)),
    ]
    if received or proxy.reviewer:
        lines.append((("收到", received or "—"), ("审核人", proxy.reviewer or "—")))
    scale = at.wide / 167  # of a landscape page
    left = LEFT_VALUE * scale
    widths = (LABEL, left, LABEL, at.wide - 2 * LABEL - left)
    rows = []
    for (first, value), (second, other) in lines:
        words = ((first, "head"), (value, "value"), (second, "head"), (other, "value"))
        cells = tuple(grid.GridCell(wide, said, kind) for wide, (said, kind) in zip(widths, words, strict=True))
        rows.append(grid.GridRow(at.left, cells, ROW))
    reason = (
        grid.GridCell(LABEL, "代报原因", "head"),
        grid.GridCell(at.wide - LABEL, proxy.reason, "text", side=1.8),
    )
    rows.append(grid.GridRow(at.left, reason, REASON_ROW))
    return tuple(rows)


def _confirmation(at: parts.Layout, office: Office) -> Unit:
    """村委会核对确认: signed by hand and sealed by the village itself."""
    seat = letter.seat(office.name)

    def draw(pen: Pen, top: float) -> None:
        x = at.left + 3
        pen.box(at.left, top, at.wide, CONFIRM_HIGH, FRAME)
        pen.text(x, top + 5.9, f"{seat}核对确认（手写签字，盖章有效）", SANS_MEDIUM, 10)
        told = f"以上数据与本{letter.place(office.name)}实际情况一致，同意由代报单位签名报送。"
        pen.text(x, top + 12.0, told, SERIF, 10)
        letter.hand_line(pen, x, top + 22.4, f"{seat}负责人签字：", 37)
        letter.day_by_hand(pen, at.left + 77, top + 22.4, "日期：", before=4)
        pen.text(at.right - 24.5, top + 14.8, f"（{seat}公章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)

    return Unit(CONFIRM_HIGH, draw, gap=CONFIRM_GAP)


def closing_sentence(office: Office) -> str:
    """The sentence on validity under the signature box."""
    return VALID.format(seat=letter.seat(office.name))
