"""What another version of a form changes for whoever has filled the one before: cells, or only words and checks. Pure.

Changed cells are those that a signature has to be given for again: new ones, gone ones, other kinds, units, ways of
working out, conditions, codes that a list has no more. Labels, hints, 审核关系 and the order need none (ui/design.md,
county-06).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from cunbao.survey.cells import parse
from cunbao.survey.form import Bind, Field, Form, Kind, Repeat
from cunbao.survey.values import EMPTY, Answers, Cell, Row


@dataclass(frozen=True, slots=True)
class FormNews:
    """One form, before and after. Each tuple has names of fields: added, gone, retyped (their values may not read any
    more), moved (other unit, calculation, condition or codes). texts: only words differ."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    texts: bool = False

    @property
    def cells(self) -> bool:
        """Does anything differ that was signed?"""
        return bool(self.added or self.gone or self.retyped or self.moved)

    @property
    def marked(self) -> tuple[str, ...]:
        """Cells that stand in the new form and have to be looked at."""
        return (*self.added, *self.retyped, *self.moved)


@dataclass(frozen=True, slots=True)
class Kept:
    """Answers of an earlier version as the later one reads them. dropped: names it has no more, with what stood there
    in rows or outside; unread: cells whose text is no value of the new kind: kept, and marked like any wrong value."""

    answers: Answers
    dropped: tuple[str, ...]
    unread: tuple[Cell, ...]


def form_news(before: Form, after: Form) -> FormNews:
    """What `after` changes. Fields are known by name; one that moved into or out of a roster is gone and added."""
    if before.sha256 == after.sha256 and before.lists == after.lists:
        return FormNews()
    old, new = _known(before), _known(after)
    both = [name for name in new if name in old and old[name].repeat == new[name].repeat]
    told = FormNews(
        added=tuple(name for name in new if name not in both and _asked(new[name])),
        gone=tuple(name for name in old if name not in both and _asked(old[name])),
        retyped=tuple(name for name in both if old[name].kind is not new[name].kind),
        moved=tuple(
            name
            for name in both
            if old[name].kind is new[name].kind
            and (_meaning(old[name], before) != _meaning(new[name], after) or _lost_codes(old[name], new[name]))
        ),
    )
    return told if told.cells else replace(told, texts=True)


def carried_over(form: Form, answers: Answers) -> Kept:
    """Answers kept by name: what the form does not know is left out and named, the rest stands as it was typed."""
    dropped: dict[str, None] = {}
    unread: list[Cell] = []

    def kept(values: Mapping[str, str], repeat: str, row: str) -> Mapping[str, str]:
        found = {}
        for name, text in values.items():
            one = form.by_name.get(name)
            if one is None or one.repeat != repeat:
                dropped.setdefault(name)
                continue
            found[name] = text
            if text and not one.calculated and not _reads(one, text):
                unread.append(Cell(name, row))
        return MappingProxyType(found)

    rows = {}
    rosters = {one.name for one in form.repeats}
    for name, some in answers.rows.items():
        if name not in rosters:
            dropped.setdefault(name)
            continue
        rows[name] = tuple(Row(row.id, kept(row.values, name, row.id)) for row in some)
    return Kept(Answers(kept(answers.values, "", ""), MappingProxyType(rows)), tuple(dropped), tuple(unread))


def known_to(form: Form, answers: Answers) -> Answers:
    """`carried_over` where nobody asks what was left out; the very same answers when nothing was."""
    if answers is EMPTY:
        return answers
    kept = carried_over(form, answers)
    return kept.answers if kept.dropped else answers


def label_of(form: Form, name: str) -> str:
    """A field's words, or a roster's; the name itself when the form has neither."""
    if name in form.by_name:
        return form.by_name[name].label or name
    return next((one.label for one in form.repeats if one.name == name), name)


def _reads(one: Field, text: str) -> bool:
    codes = text.split() if one.list is not None else ()
    return parse(one, text)[2] is None and all(one.list.get(code) for code in codes if one.list is not None)


def _known(form: Form) -> dict[str, Field]:
    return {
        one.name: one
        for item in form.items
        for one in (item.fields if isinstance(item, Repeat) else (item,))
        if one.kind is not Kind.NOTE
    }


def _asked(one: Field) -> bool:
    """Is it seen by anybody? A helper that came or went changes nothing by itself: what reads it has changed too."""
    return not one.hidden


def _meaning(one: Field, form: Form) -> tuple[object, ...]:
    """What a value of this cell says: its unit, where it comes from, when it applies."""
    path, bind = next(((path, bind) for path, bind in form.binds.items() if path[-1] == one.name), ((), None))
    own = (bind.calculate, bind.relevant) if bind is not None else ("", "")
    around = tuple(_condition(form.binds.get(path[:end])) for end in range(1, len(path)))
    return (one.unit, one.places, one.source, one.calculated, one.hidden, *own, *around)


def _condition(group: Bind | None) -> tuple[str, str]:
    return (group.relevant, group.count) if group is not None else ("", "")


def _lost_codes(old: Field, new: Field) -> bool:
    """Has the list lost a code? New codes, and other words for a code, change nothing that was signed."""
    if old.list is None or new.list is None:
        return (old.list is None) != (new.list is None)
    return any(new.list.get(one.code) is None for one in old.list.choices)
