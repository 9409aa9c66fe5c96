"""Filling pages: a page is filled before it is broken, rows are never split, the signature never stands alone.

Knows heights only. Source: print.md §3 (3), §4. The rules, in the order in which they win:
what is glued stays together; a broken table repeats its head; the last page has room for the foot part, and takes the
table's last rows with 合计 over to it when all that follows fits there too, else the last section or what of it fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cunbao.errors import PaperError
from cunbao.paper.pen import Pen

ROOM = 1e-6  # mm, for sums that are equal but for the last bit


class Head(Protocol):
    """What stands above units of one table on every page, and closes its frame."""

    @property
    def head_high(self) -> float: ...
    def draw_head(self, pen: Pen, top: float) -> None: ...
    def close(self, pen: Pen, top: float, bottom: float) -> None: ...


@dataclass(frozen=True)
class Unit:
    """A piece that is not split. gap: mm before it unless it is first on a page; glued: the next unit must follow on
    the same page; final: the last rows of a table with 合计; section: begins a part that may move as a whole."""

    high: float
    draw: Callable[[Pen, float], None]
    head: Head | None = None
    gap: float = 0.0
    glued: bool = False
    final: bool = False
    section: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """mm from the top of a page: where the first and the other pages begin, where they end, where the foot begins."""

    first: float
    others: float
    end: float
    foot: float


Placed = tuple[Unit, float]


def paginate(units: Sequence[Unit], frame: Frame) -> list[list[Placed]]:
    """The units of each page with their tops. PaperError "paper.too_high" when one is higher than a page."""
    chunks = _chunks(units)
    starts = _starts(chunks, frame)
    last = starts[-1]
    if _end(chunks[last:], frame.first if last == 0 else frame.others) > frame.foot + ROOM:
        starts.append(_last_page(chunks, last, frame))
    pages = []
    for number, start in enumerate(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else len(chunks)
        pages.append(_place(chunks[start:stop], frame.first if number == 0 else frame.others))
    return pages


def draw(pen: Pen, placed: Sequence[Placed]) -> None:
    """One page's units with their heads and frames."""
    opened = 0.0  # where the head of the table at hand begins
    for at, (unit, top) in enumerate(placed):
        head = unit.head
        before = placed[at - 1][0].head if at else None
        after = placed[at + 1][0].head if at + 1 < len(placed) else None
        if head is not None and head is not before:
            opened = top - head.head_high
            head.draw_head(pen, opened)
        unit.draw(pen, top)
        if head is not None and head is not after:
            head.close(pen, opened, top + unit.high)


def _chunks(units: Sequence[Unit]) -> list[list[Unit]]:
    chunks: list[list[Unit]] = []
    open_ = False
    for unit in units:
        if open_:
            chunks[-1].append(unit)
        else:
            chunks.append([unit])
        open_ = unit.glued
    return chunks


def _place(chunks: Sequence[Sequence[Unit]], top: float) -> list[Placed]:
    placed: list[Placed] = []
    y = top
    head: Head | None = None
    for unit in (unit for chunk in chunks for unit in chunk):
        if placed:
            y += unit.gap
        if unit.head is not None and unit.head is not head:
            y += unit.head.head_high
        head = unit.head
        placed.append((unit, y))
        y += unit.high
    return placed


def _end(chunks: Sequence[Sequence[Unit]], top: float) -> float:
    placed = _place(chunks, top)
    return placed[-1][1] + placed[-1][0].high if placed else top


def _starts(chunks: Sequence[Sequence[Unit]], frame: Frame) -> list[int]:
    """The first chunk of every page, filled one after another."""
    starts = [0]
    top = frame.first
    for at in range(len(chunks)):
        if _end(chunks[starts[-1] : at + 1], top) <= frame.end + ROOM:
            continue
        if at > starts[-1]:
            starts.append(at)
            top = frame.others
        if _end(chunks[at : at + 1], top) > frame.end + ROOM:
            raise PaperError(
                "paper.too_high",
                happened="有一格的文字太长，一页纸也放不下",
                safe="没有生成文件，填的内容都在",
                todo="请把这一格的文字缩短后再打印",
            )
    return starts


def _last_page(chunks: Sequence[Sequence[Unit]], start: int, frame: Frame) -> int:
    """The first chunk of a page of its own for the foot part; it takes company along."""
    fitting = [at for at in range(start + 1, len(chunks)) if _end(chunks[at:], frame.others) <= frame.foot + ROOM]
    if not fitting:
        raise PaperError(
            "paper.too_high",
            happened="签名栏前面的说明太长，和签名栏放不到一页",
            safe="没有生成文件，填的内容都在",
            todo="请把情况说明缩短后再打印",
        )
    finals = [at for at in fitting if any(unit.final for unit in chunks[at])]
    sections = [at for at in fitting if chunks[at][0].section]
    if finals:
        return finals[0]
    return sections[-1] if sections else fitting[0]
