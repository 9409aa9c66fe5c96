"""In which order returns are printed, and in which volumes: whole townships, at most 400 pages, page numbers through
each volume, a cover that says where every office begins.

Pure: what is printed is known, nothing is read from a workspace but what its caller hands over. Source: print.md §4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from cunbao.desks.county.printables import Printable, Sign
from cunbao.paper.cover import CoverLine, cover_pages
from cunbao.survey.states import Kind
from cunbao.survey.values import Office

MOST_PAGES = 400  # of a volume; a township that is larger alone has one of its own


class Order(StrEnum):
    """What lies together."""

    VILLAGE = "一村一叠"
    FORM = "一表一叠"


class Piece(StrEnum):
    """What one item of a job is."""

    COVER = "cover"  # of a volume
    DIVIDER = "divider"  # before one office's returns
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Item:
    """One document of a job, in its place. pages: how many; first: running number of its first page in its volume;
    volume: from 1; line: the return, None for covers; office: of a divider or return."""

    piece: Piece
    volume: int
    first: int
    pages: int
    line: Printable | None = None
    office: Office | None = None
    township: Office | None = None

    def sheets(self, *, duplex: bool) -> int:
        """Sheets of paper: in duplex every document begins a new one."""
        return -(-self.pages // 2) if duplex else self.pages


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume: its items, the first of them its cover when there is one."""

    number: int
    items: tuple[Item, ...]

    @property
    def pages(self) -> int:
        return sum(one.pages for one in self.items)

    @property
    def returns(self) -> tuple[Printable, ...]:
        return tuple(one.line for one in self.items if one.line is not None)

    @property
    def townships(self) -> tuple[Office, ...]:
        return tuple(dict.fromkeys(one.township for one in self.returns))


def plan(
    lines: Sequence[Printable],
    *,
    order: Order,
    covers: bool,
    forms: Sequence[str],
    villages: Sequence[Office] = (),
) -> tuple[Volume, ...]:
    """The volumes of a job. covers: a sheet before each office, where an office's returns lie together. forms: the
    task's, in order; villages: all of the directory, so that the cover shows who is missing. A job of one office has
    neither volume cover nor running numbers to look up."""
    rank = {form: number for number, form in enumerate(forms)}
    by_township = [
        (township, sorted(some, key=lambda one: _key(one, order, rank)))
        for township, some in groupby(sorted(lines, key=lambda one: one.township.code), key=lambda one: one.township)
    ]
    dividers = covers and order is Order.VILLAGE
    with_cover = len({one.office.code for one in lines}) > 1
    volumes: list[Volume] = []
    for some in _whole_townships(by_township, dividers=dividers):
        number = len(volumes) + 1
        items = [item for township, mine in some for item in _items(township, mine, number, dividers=dividers)]
        if with_cover:
            pages = cover_pages(cover_lines(_numbered(items, 2), order, forms, villages))
            items.insert(0, Item(Piece.COVER, number, 1, pages))
        volumes.append(Volume(number, tuple(_numbered(items, 1))))
    return tuple(volumes)


def in_order(lines: Sequence[Printable], order: Order, forms: Sequence[str]) -> tuple[Printable, ...]:
    """As they are printed, township by township."""
    rank = {form: number for number, form in enumerate(forms)}
    return tuple(sorted(lines, key=lambda one: (one.township.code, *_key(one, order, rank))))


def _key(one: Printable, order: Order, rank: dict[str, int]) -> tuple[object, ...]:
    # behind a 更正 stands the version that it replaced
    place = (rank.get(one.form, len(rank)), one.form)
    last = (one.replaced, one.revision)
    return (one.office.code, *place, *last) if order is Order.VILLAGE else (*place, one.office.code, *last)


def _whole_townships(
    townships: Sequence[tuple[Office, list[Printable]]], *, dividers: bool
) -> Iterator[list[tuple[Office, list[Printable]]]]:
    volume: list[tuple[Office, list[Printable]]] = []
    used = 1  # the cover's page
    for township, lines in townships:
        pages = sum(one.pages for one in lines)
        pages += len({one.office.code for one in lines}) if dividers else 0
        if volume and used + pages > MOST_PAGES:
            yield volume
            volume, used = [], 1
        volume.append((township, lines))
        used += pages
    if volume:
        yield volume


def _items(township: Office, lines: Sequence[Printable], volume: int, *, dividers: bool) -> Iterator[Item]:
    before = ""
    for one in lines:
        if dividers and one.office.code != before:
            yield Item(Piece.DIVIDER, volume, 0, 1, None, one.office, township)
        before = one.office.code
        yield Item(Piece.RETURN, volume, 0, one.pages, one, one.office, township)


def _numbered(items: Sequence[Item], first: int) -> list[Item]:
    found = []
    for one in items:
        found.append(replace(one, first=first))
        first += one.pages
    return found


# --- what the cover says ---------------------------------------------------------------------------------------------


def cover_lines(
    items: Sequence[Item], order: Order, forms: Sequence[str], villages: Sequence[Office]
) -> tuple[CoverLine, ...]:
    """Township by township: its offices (or, 一表一叠, its forms) and where each begins; who is missing shows —."""
    found: list[CoverLine] = []
    content = [one for one in items if one.piece is not Piece.COVER]
    for township, some in groupby(content, key=lambda one: one.township):
        assert township is not None  # only covers have none
        mine = list(some)
        own = [one for one in mine if one.office == township]
        mark = f"汇总表 {len(own)} 张" if own else ""
        found.append(CoverLine(township.short, mine[0].first, mark, head=True))
        if order is Order.FORM:
            found += [
                CoverLine(f"{form} {next(line.line.title for line in these if line.line)}", these[0].first)
                for form, these in ((form, list(group)) for form, group in groupby(mine, key=_form_of))
            ]
        else:
            found += _office_lines(township, mine, forms, villages)
    return tuple(found)


def _form_of(one: Item) -> str:
    return one.line.form if one.line is not None else ""


def _office_lines(
    township: Office, items: Sequence[Item], forms: Sequence[str], villages: Sequence[Office]
) -> Iterator[CoverLine]:
    begins: dict[str, int] = {}
    lines: dict[str, list[Printable]] = {}
    offices = {one.code: one for one in villages if one.parent == township.code}
    for one in items:
        if one.office is not None and one.office != township:
            offices.setdefault(one.office.code, one.office)
            begins.setdefault(one.office.code, one.first)
            if one.line is not None:
                lines.setdefault(one.office.code, []).append(one.line)
    for code in sorted(offices):
        mine = lines.get(code, [])
        yield CoverLine(offices[code].short, begins.get(code), _mark(mine, forms))


def _mark(lines: Sequence[Printable], forms: Sequence[str]) -> str:
    if not lines:
        return "没有可打印的报表"
    kinds = Counter(_kind(one) for one in lines if _kind(one))
    gone = [form for form in forms if form not in {one.form for one in lines}]
    words = [f"{kind} {number}" for kind, number in kinds.items()]
    return "，".join([*words, *([f"缺 {' '.join(gone)}"] if gone else [])])


def _kind(one: Printable) -> str:
    """What is special about a return, in the official word; "" nothing."""
    if one.replaced:
        return ""
    kind = Kind[one.kind.upper()]
    return "" if kind is Kind.NORMAL else kind.value


def facts_of(volume: Volume, villages: Sequence[Office]) -> tuple[str, str, str]:
    """单位, 报表, 核验: what the cover says about a volume."""
    townships = {one.code for one in volume.townships}
    asked = {one.code for one in villages if one.parent in townships}
    came = {one.office.code for one in volume.returns if one.office.code not in townships}
    units = f"{len(asked | came)} 个，其中有报表 {len(came)} 个"
    lines = volume.returns
    kinds = Counter("已更正" if one.replaced else Kind[one.kind.upper()].value for one in lines)
    waiting = sum(not one.accepted and not one.replaced for one in lines)
    words = "，".join(f"{kind} {number}" for kind, number in sorted(kinds.items(), key=lambda one: -one[1]))
    returns = f"{len(lines)} 张（{words}）" + (f"，{waiting} 张未审定" if waiting else "")
    old = sum(one.sign is Sign.OLD for one in lines)
    checked = f"{len(lines)} 张签名全部有效" + (f"，其中 {old} 张是旧证书" if old else "，证书没有停用")
    return units, returns, checked
