"""依据已变: what a signed return took over from others reads otherwise now. A signed return never reopens; the village
is shown it, and one button opens the 更正 with the new values in it. Source: protocol §6, decision 15.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cunbao.desks import bases, ledger
from cunbao.desks.village import sending
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.revision import Header


@dataclass(frozen=True, slots=True)
class Moved:
    """what: the forms, 上年数, or fields taken from outside the forms, that were replaced; values: a value taken over
    from another form is another one now, so that no bundle is written before the 更正 is signed."""

    form: str
    what: tuple[str, ...]
    values: bool

    @property
    def words(self) -> str:
        return f"{ledger.BASIS_CHANGED}：{'、'.join(self.what)} 后来换过"


def moved(desk: VillageDesk, forms: Iterable[str] | None = None) -> tuple[Moved, ...]:
    """Signed returns of this period (or these of them) whose basis was replaced, and which are not being corrected
    yet."""
    asked = tuple(desk.task.forms if forms is None else forms)
    values = set(sending.moved_sources(desk, asked))
    found = []
    for form in asked:
        newest = desk.newest(form)
        if newest is None or desk.state(form).editable:
            continue
        stands = desk.workspace.standing(newest.office, form, newest.period)
        marked = stands.head == newest.id and ledger.BASIS_CHANGED in stands.marks
        outside = desk.moved_outside(form)
        if marked or form in values or outside:
            header = Header.decode(desk.workspace.object(newest.header))
            found.append(Moved(form, (*_replaced(desk, header), *outside), form in values))
    return tuple(found)


def note(desk: VillageDesk, form: str) -> str:
    """What stands beside a signed return whose basis was replaced, "" for any other."""
    return next((one.words for one in moved(desk, [form])), "")


def to_correct(desk: VillageDesk) -> Moved | None:
    """The first one that stands in the way of the next bundle."""
    return next((one for one in moved(desk) if one.values), None)


def _replaced(desk: VillageDesk, header: Header) -> tuple[str, ...]:
    """What of its basis reads otherwise now, by the newest that this computer holds, sent or not."""
    newest = {form: desk.newest(form) for form in desk.task.forms}
    now = {form: one.id for form, one in newest.items() if one is not None}
    last = desk.workspace.counted(header.office, header.form, desk.task.previous_period)
    if last is not None:
        now[bases.LAST] = last.id
    moved = bases.moved(desk.workspace, desk.task.whole, header, now)
    return tuple("上年数" if what == bases.LAST else what for what in moved)
