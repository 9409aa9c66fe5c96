"""The work behind `merge`: what each side says of a cell or row against the base, and who is to be asked. Pure.

`sides` says how a version says something, or nothing. Source: protocol.md §3, ui/design.md (township-04).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from cunbao.survey.compare import WHOLE_ROW, about, covered, reads
from cunbao.survey.form import Field, Form, Repeat
from cunbao.survey.pairing import merged_order, row_name
from cunbao.survey.relevance import unasked
from cunbao.survey.sides import Base, Pair, Side, paired, side_of, takes_part
from cunbao.survey.values import Answers, Cell

ONE = "只有{0}改了，自动取{0}"
ONLY = "只有{0}要填，自动取{0}"
SAME = "两边改得一样"
BOTH_ADDED = "两边都新增，逐格对照"
BOTH = "两边都改了，请选一边"
GONE = "{0}删去、{1}修改，请选一边"
CHANGED_GONE = "{0}修改、{1}删去，请选一边"
NO_BASE = "没有共同的上一版，请选一边"
BASES_DIFFER = "共同的上一版各不相同，请选一边"
NOT_ASKED = "不用填"


class Taken(StrEnum):
    """Which side the result takes; OPEN: a person has to say."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    OPEN = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One difference. key: how a choice names it: the cell, or Cell(roster, row id) for a whole row.

    who: the row as a person calls it, "" outside rosters; label: the column, 整行 for a row. base, left, right: texts
    as a person reads them, whole also for personal data (`mask`: "id", "phone", ""); of a row some words about it,
    covered. has_base: what both come from is known here. left_changed, right_changed: it is other than there; never
    without a base. reason: the words of the last column.
    """

    key: Cell
    who: str
    label: str
    base: str
    left: str
    right: str
    has_base: bool
    left_changed: bool
    right_changed: bool
    taken: Taken
    reason: str
    unit: str = ""
    mask: str = ""
    whole_row: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of two versions. left, right: the cells of each that take part, rows by the ids that stand. order: all
    rows, deleted ones too, by roster."""

    lines: tuple[Line, ...]
    paired: tuple[Pair, ...]
    left: Answers
    right: Answers
    order: Mapping[str, tuple[str, ...]]

    @property
    def conflicts(self) -> tuple[Line, ...]:
        """The lines that need a choice."""
        return tuple(line for line in self.lines if line.taken is Taken.OPEN)


def merging(
    form: Form, bases: Sequence[Answers], versions: tuple[Answers, Answers], names: tuple[str, str],
    last: Answers | None, today: date,
) -> Merged:  # fmt: skip
    """See merge.merge."""
    mine, theirs = (
        side_of(form, name, one, unasked(form, one, last=last, today=today))
        for name, one in zip(names, versions, strict=True)
    )
    base, left, right, pairs = paired(form, [side_of(form, "", one) for one in bases], mine, theirs)
    order = {
        one.name: merged_order(base.order(one.name), tuple(left.rows[one.name]), tuple(right.rows[one.name]))
        for one in form.repeats
    }
    work = _Work(base, left, right)
    lines: list[Line] = []
    for item in form.items:
        if isinstance(item, Repeat):
            lines += (line for at, key in enumerate(order[item.name], 1) for line in work.row(item, key, at))
        elif takes_part(item):
            lines += work.cell(item, "", "")
    return Merged(tuple(lines), pairs, left.answers(), right.answers(), MappingProxyType(order))


# --- the decisions -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Verdict:
    taken: Taken
    reason: str
    left_changed: bool = False
    right_changed: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """Lines of cells and rows over the three versions."""

    base: Base
    left: Side
    right: Side

    # ---- cells

    def cell(self, field: Field, key: str, who: str) -> Iterator[Line]:
        """The line of one cell, none when nobody says anything new."""
        base, left, right = (one.text(field, key) for one in (self.base, self.left, self.right))
        found = self._judge(base, left, right)
        if found is None:
            return
        yield Line(
            key=Cell(field.name, key),
            who=who,
            label=field.label,
            base=reads(field, base or ""),
            left=NOT_ASKED if left is None else reads(field, left),
            right=NOT_ASKED if right is None else reads(field, right),
            has_base=base is not None,
            left_changed=found.left_changed,
            right_changed=found.right_changed,
            taken=found.taken,
            reason=found.reason,
            unit=field.unit,
            mask=field.mask,
        )

    def _judge(self, base: str | None, left: str | None, right: str | None) -> _Verdict | None:
        if left is None or right is None:
            return self._alone(base, left, right)
        if left == right:
            return None if base is None or base == left else _Verdict(Taken.BOTH, SAME, True, True)
        if base is None:
            return _Verdict(Taken.OPEN, self._no_base())
        if left == base:
            return self._one(Taken.RIGHT)
        if right == base:
            return self._one(Taken.LEFT)
        return _Verdict(Taken.OPEN, BOTH, True, True)

    def _alone(self, base: str | None, left: str | None, right: str | None) -> _Verdict | None:
        """One side at most has an opinion."""
        said = right if left is None else left
        if said is None or said == (base or ""):
            return None
        return self._one(Taken.RIGHT if left is None else Taken.LEFT, known=base is not None)

    def _one(self, side: Taken, known: bool = True) -> _Verdict:
        name = (self.left if side is Taken.LEFT else self.right).name
        return _Verdict(
            side, (ONE if known else ONLY).format(name), known and side is Taken.LEFT, known and side is Taken.RIGHT
        )

    def _no_base(self) -> str:
        return BASES_DIFFER if self.base.values else NO_BASE

    # ---- rows

    def row(self, repeat: Repeat, key: str, at: int) -> Iterator[Line]:
        """The lines of one row: of its cells where it is in both, else one for the whole of it."""
        base, left, right = self.base.has(repeat.name, key), self.left.has(repeat, key), self.right.has(repeat, key)
        who = self._who(repeat, key) or f"第 {at} 行"
        cells: tuple[Line, ...] = ()
        if left is not False and right is not False and ((left and right) or base):
            lines = (line for one in repeat.fields if takes_part(one) for line in self.cell(one, key, who))
            # what both wrote into a row that both added is told by the line of the row
            cells = tuple(line for line in lines if base is not False or line.taken is not Taken.BOTH)
        if found := self._judge_row(repeat, key, bool(cells), (base, left, right)):
            yield self._whole(repeat, key, who, found)
        yield from cells

    def _judge_row(
        self, repeat: Repeat, key: str, cells: bool, there: tuple[bool | None, bool | None, bool | None]
    ) -> _Verdict | None:
        base, left, right = there
        if left is None or right is None:
            said = right if left is None else left
            if said is None or said == bool(base):
                return None
            return self._one(Taken.RIGHT if left is None else Taken.LEFT, known=base is not None)
        if left == right:
            if base is None or base == left:
                return None
            return _Verdict(Taken.BOTH, BOTH_ADDED if cells else SAME, True, True)
        if base is None:
            return _Verdict(Taken.OPEN, self._no_base())
        keeper = self.left if left else self.right
        if base and self._changed(repeat, key, keeper):
            return _Verdict(
                Taken.OPEN, (CHANGED_GONE if left else GONE).format(self.left.name, self.right.name), True, True
            )
        return self._one(Taken.LEFT if left != base else Taken.RIGHT)

    def _changed(self, repeat: Repeat, key: str, side: Side) -> tuple[Field, ...]:
        """The columns in which the side says something other than the base."""
        return tuple(
            one
            for one in repeat.fields
            if takes_part(one) and side.text(one, key) not in (None, self.base.text(one, key))
        )

    def _who(self, repeat: Repeat, key: str) -> str:
        rows = (
            self.left.rows[repeat.name].get(key),
            self.right.rows[repeat.name].get(key),
            self.base.row(repeat.name, key),
        )
        return next((name for row in rows if row and (name := row_name(repeat, row))), "")

    def _whole(self, repeat: Repeat, key: str, who: str, found: _Verdict) -> Line:
        base = self.base.has(repeat.name, key)
        one = "这个人" if any(field.mask for field in repeat.fields) else "这一行"
        old = self.base.row(repeat.name, key)
        return Line(
            key=Cell(repeat.name, key),
            who=who,
            label=WHOLE_ROW,
            base="" if base is None else f"没有{one}" if not base or old is None else about(repeat, old) or f"有{one}",
            left=self._of_row(repeat, key, self.left, one),
            right=self._of_row(repeat, key, self.right, one),
            has_base=base is not None,
            left_changed=found.left_changed,
            right_changed=found.right_changed,
            taken=found.taken,
            reason=found.reason,
            whole_row=True,
        )

    def _of_row(self, repeat: Repeat, key: str, side: Side, one: str) -> str:
        """新增：傣族、大专; 改了：文化程度 本科; 删去这个人."""
        there, base = side.has(repeat, key), self.base.has(repeat.name, key)
        if there is None:
            return NOT_ASKED
        if not there:
            return f"删去{one}" if base else f"没有{one}"
        row = side.rows[repeat.name][key]
        if base and (fields := self._changed(repeat, key, side)):
            return "改了：" + "、".join(f"{f.label} {covered(f, row.values.get(f.name, '')) or '空'}" for f in fields)
        words = about(repeat, row)
        if base is False:
            return f"新增：{words}" if words else f"新增{one}"
        return words or f"有{one}"
