"""Drafts: an append-only log of edits, and its sum in the same transaction (decision 10).

Never refuses a value and never throws one away: undo appends inverse edits, redo undoes the undo, both survive a
restart because they are read off the log. Time never orders anything here; `seq` does, counted per office × period.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from cunbao.store.base import Base
from cunbao.store.timeline import DraftMark, Step, Timeline
from cunbao.store.times import moment, text
from cunbao.survey.values import Answers, Cell, Edit, EditAct, Row

EDIT_COLUMNS = "line, seq, draft, step, grp, act, field, row, old, new, undoes, at"
NO_FLOORS: Mapping[DraftKey, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DraftKey:
    """Whose draft of what: 12 digits, form id, period ("2025")."""

    office: str
    form: str
    period: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer is on the disk. seq: of its last edit, counted per office and period; at: when, UTC."""

    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it stands: answers without the deleted rows. seq 0 and changed_at None: never touched.
    started: something done to it still stands (not all was undone)."""

    answers: Answers
    seq: int
    changed_at: datetime | None
    started: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """A value that the cell held before, when it was written (UTC) and by which edit."""

    value: str
    at: datetime
    seq: int


class Undone(NamedTuple):
    """One step taken back or done again: the edits to apply to the instance, in this order.

    A row that comes back brings its texts along as SETs, since an instance loaded after the deletion never saw them.
    """

    key: DraftKey
    edits: tuple[Edit, ...]


class Drafts(Base):
    """The part of a workspace that the clerk types into."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._timelines: dict[tuple[str, str], Timeline] = {}
        self._forget.append(self._timelines.clear)

    # --- keeping ---------------------------------------------------------------------------------------------------

    def keep(self, key: DraftKey, edits: Sequence[Edit], *, now: datetime, group: str = "") -> Kept:
        """Write edits; when this returns they are on the disk and the screen may say 已保存.

        One call is one undo step. Calls of one non-empty `group` that follow each other make one step together (a
        paste over several calls). No edits: nothing is written. StoreError: nothing of the call was kept.
        """
        if not edits:
            mark = self.draft_mark(key)
            return Kept(mark.seq, mark.changed_at or now)
        with self.atomic():
            line = self._line(key.office, key.period)
            step = line.step_to_join(self._draft_id(line, key.form, make=True), group)
            return self._write(line, key, [(edit, 0) for edit in edits], step=step, group=group, now=now)

    def _write(
        self, line: Timeline, key: DraftKey, edits: list[tuple[Edit, int]], *, step: int, group: str, now: datetime
    ) -> Kept:
        """Append (edit, seq that it undoes or 0) and bring the draft up to date. Inside a transaction."""
        draft = self._draft_id(line, key.form, make=True)
        at = text(now)
        self._note_time(now)
        for edit, undoes in edits:
            seq = line.seq + 1
            step = step or seq
            self._db.execute(
                f"INSERT INTO edit ({EDIT_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                (line.id, seq, draft, step, group, edit.act, edit.field, edit.row, edit.old, edit.new, undoes, at),
            )
            _apply(self._db, draft, edit, seq)
            line.note(seq, draft, step, group, undoes, at)
        return Kept(line.seq, now)

    # --- reading ---------------------------------------------------------------------------------------------------

    def draft(self, key: DraftKey) -> Draft:
        """The draft as it stands; an untouched one is empty."""
        with self._reading():
            line = self._line(key.office, key.period)
            draft = self._draft_id(line, key.form)
            mark = line.mark(draft)
            cells = self._all("SELECT row, field, value FROM draft WHERE draft = ? AND value <> ''", (draft,))
            rows = self._all(
                "SELECT repeat, row FROM draft_row WHERE draft = ? AND deleted = 0 ORDER BY repeat, position, seq",
                (draft,),
            )
        values: dict[str, dict[str, str]] = {"": {}}
        for row, field, value in cells:
            values.setdefault(row, {})[field] = value
        repeats: dict[str, list[Row]] = {}
        for repeat, row in rows:
            repeats.setdefault(repeat, []).append(Row(row, MappingProxyType(values.get(row, {}))))
        answers = Answers(
            values=MappingProxyType(values[""]),
            rows=MappingProxyType({name: tuple(found) for name, found in repeats.items()}),
        )
        return Draft(answers, mark.seq, mark.changed_at, mark.started)

    def draft_mark(self, key: DraftKey) -> DraftMark:
        """seq, changed_at and started of a draft without its answers; from memory after the first time."""
        with self._reading():
            line = self._line(key.office, key.period)
            return line.mark(self._draft_id(line, key.form))

    def history(self, key: DraftKey, cell: Cell) -> tuple[Earlier, ...]:
        """What the cell held before, newest first, the present value left out. Each value once, when last written; of
        one step only what it ended with, so that half-typed words are no earlier values."""
        with self._reading():
            line = self._line(key.office, key.period)
            rows = self._all(
                "SELECT new, at, seq, step FROM edit "
                "WHERE line = ? AND draft = ? AND field = ? AND row = ? AND act = ? "
                "ORDER BY seq DESC",
                (line.id, self._draft_id(line, key.form), cell.field, cell.row, EditAct.SET.value),
            )
        seen = {rows[0][0]} if rows else set()
        steps: set[int] = set()
        found = []
        for value, at, seq, step in rows:
            ended = step not in steps
            steps.add(step)
            if ended and value not in seen:
                seen.add(value)
                found.append(Earlier(value, moment(at), seq))
        return tuple(one for one in found if one.value)

    def drafts(self, office: str, period: str) -> tuple[DraftKey, ...]:
        """The drafts that have ever been touched."""
        with self._reading():
            line = self._line(office, period)
            return tuple(DraftKey(office, form, period) for form in sorted(line.forms))

    # --- undo ------------------------------------------------------------------------------------------------------
    # locked: drafts that are not touched; floors: draft → seq, what was done up to it stays done

    def can_undo(
        self, office: str, period: str, locked: Set[DraftKey] = frozenset(), floors: Mapping[DraftKey, int] = NO_FLOORS
    ) -> bool:
        return self._to_undo(office, period, locked, floors) is not None

    def can_redo(
        self, office: str, period: str, locked: Set[DraftKey] = frozenset(), floors: Mapping[DraftKey, int] = NO_FLOORS
    ) -> bool:
        return self._to_redo(office, period, locked, floors) is not None

    def undo(
        self,
        office: str,
        period: str,
        locked: Set[DraftKey] = frozenset(),
        floors: Mapping[DraftKey, int] = NO_FLOORS,
        *,
        now: datetime,
    ) -> Undone | None:
        """Take back the newest step of any form of the period whose draft is not locked; None: there is none."""
        with self.atomic():
            return self._take_back_step(office, period, self._to_undo(office, period, locked, floors), now)

    def redo(
        self,
        office: str,
        period: str,
        locked: Set[DraftKey] = frozenset(),
        floors: Mapping[DraftKey, int] = NO_FLOORS,
        *,
        now: datetime,
    ) -> Undone | None:
        """Do again the step undone last. New typing anywhere in the period leaves nothing to redo."""
        with self.atomic():
            return self._take_back_step(office, period, self._to_redo(office, period, locked, floors), now)

    def _to_undo(self, office: str, period: str, locked: Set[DraftKey], floors: Mapping[DraftKey, int]) -> Step | None:
        with self._reading():
            line = self._line(office, period)
            return line.newest(line.done, self._locked_ids(line, locked), self._floors_by_id(line, floors))

    def _to_redo(self, office: str, period: str, locked: Set[DraftKey], floors: Mapping[DraftKey, int]) -> Step | None:
        with self._reading():
            line = self._line(office, period)
            return line.newest(line.undone, self._locked_ids(line, locked), self._floors_by_id(line, floors))

    def _take_back_step(self, office: str, period: str, step: Step | None, now: datetime) -> Undone | None:
        """Append the inverse of every edit of `step`, last one first."""
        if step is None:
            return None
        line = self._line(office, period)
        key = DraftKey(office, line.form_of(step.draft), period)
        rows = self._db.execute(
            "SELECT seq, act, field, row, old, new FROM edit WHERE line = ? AND seq BETWEEN ? AND ? ORDER BY seq DESC",
            (line.id, step.first, step.last),
        ).fetchall()
        inverse = [(_inverse(Edit(EditAct(act), field, row, old, new)), seq) for seq, act, field, row, old, new in rows]
        self._write(line, key, inverse, step=0, group="", now=now)
        edits = [edit for edit, _ in inverse]
        return Undone(key, (*edits, *self._texts_that_came_back(step.draft, edits)))

    def _texts_that_came_back(self, draft: int, edits: list[Edit]) -> list[Edit]:
        """What stands in rows that `edits` added and that `edits` itself does not set."""
        added = list(dict.fromkeys(edit.row for edit in edits if edit.act is EditAct.ADD_ROW))
        said = {(edit.row, edit.field) for edit in edits if edit.act is EditAct.SET}
        found = [
            Edit(EditAct.SET, field, row, "", value)
            for row in added
            for field, value in self._all(
                "SELECT field, value FROM draft WHERE draft = ? AND row = ? AND value <> ''", (draft, row)
            )
        ]
        return [edit for edit in found if (edit.row, edit.field) not in said]

    # --- rebuilding ------------------------------------------------------------------------------------------------

    def rebuild_drafts(self) -> int:
        """Make `draft` and `draft_row` again from the log alone; returns the number of edits read."""
        with self.atomic():
            self._db.execute("DELETE FROM draft")
            self._db.execute("DELETE FROM draft_row")
            edits = self._db.execute(
                "SELECT draft, seq, act, field, row, old, new FROM edit ORDER BY line, seq"
            ).fetchall()
            for draft, seq, act, field, row, old, new in edits:
                _apply(self._db, draft, Edit(EditAct(act), field, row, old, new), seq)
        return len(edits)

    # --- ids -------------------------------------------------------------------------------------------------------

    def _line(self, office: str, period: str) -> Timeline:
        line = self._timelines.get((office, period))
        if line is None:
            line = self._load_line(office, period)
            self._timelines[office, period] = line
        return line

    def _load_line(self, office: str, period: str) -> Timeline:
        found = self._one("SELECT id FROM line WHERE office = ? AND period = ?", (office, period))
        if found is None:
            return Timeline(office, period, 0, {})
        forms = dict(self._all("SELECT form, id FROM draft_key WHERE line = ?", found))
        line = Timeline(office, period, found[0], forms)
        for seq, draft, step, grp, undoes, at in self._all(
            "SELECT seq, draft, step, grp, undoes, at FROM edit WHERE line = ? ORDER BY seq", found
        ):
            line.note(seq, draft, step, grp, undoes, at)
        return line

    def _draft_id(self, line: Timeline, form: str, *, make: bool = False) -> int:
        """The number of a draft, 0 when it was never touched. `make` gives it one, inside a transaction."""
        found = line.forms.get(form, 0)
        if found or not make:
            return found
        if not line.id:
            line.id = self._insert("INSERT INTO line (office, period) VALUES (?,?)", (line.office, line.period))
        line.forms[form] = self._insert("INSERT INTO draft_key (line, form) VALUES (?,?)", (line.id, form))
        return line.forms[form]

    def _locked_ids(self, line: Timeline, locked: Set[DraftKey]) -> frozenset[int]:
        return frozenset(line.forms.get(key.form, 0) for key in locked)

    def _floors_by_id(self, line: Timeline, floors: Mapping[DraftKey, int]) -> dict[int, int]:
        return {line.forms.get(key.form, 0): seq for key, seq in floors.items()}


def _inverse(edit: Edit) -> Edit:
    """The edit that takes `edit` back. A row that comes back keeps its values: they never left the draft."""
    act = {EditAct.ADD_ROW: EditAct.DELETE_ROW, EditAct.DELETE_ROW: EditAct.ADD_ROW}.get(edit.act, edit.act)
    return Edit(act, edit.field, edit.row, edit.new, edit.old)


def _apply(db: Any, draft: int, edit: Edit, seq: int) -> None:
    """Bring `draft` and `draft_row` from before `edit` to after it."""
    if edit.act is EditAct.SET:
        db.execute(
            "INSERT INTO draft (draft, row, field, value, seq) VALUES (?,?,?,?,?) "
            "ON CONFLICT DO UPDATE SET value = excluded.value, seq = excluded.seq",
            (draft, edit.row, edit.field, edit.new, seq),
        )
        return
    if edit.act in (EditAct.DELETE_ROW, EditAct.MOVE_ROW):
        _close_gap(db, draft, edit.field, edit.row, int(edit.old))
    if edit.act is EditAct.DELETE_ROW:
        db.execute(
            "UPDATE draft_row SET deleted = 1, seq = ? WHERE draft = ? AND repeat = ? AND row = ?",
            (seq, draft, edit.field, edit.row),
        )
        return
    place = int(edit.new)
    db.execute(
        "UPDATE draft_row SET position = position + 1 "
        "WHERE draft = ? AND repeat = ? AND deleted = 0 AND position >= ? AND row <> ?",
        (draft, edit.field, place, edit.row),
    )
    db.execute(
        "INSERT INTO draft_row (draft, repeat, row, position, deleted, seq) VALUES (?,?,?,?,0,?) "
        "ON CONFLICT DO UPDATE SET position = excluded.position, deleted = 0, seq = excluded.seq",
        (draft, edit.field, edit.row, place, seq),
    )


def _close_gap(db: Any, draft: int, repeat: str, row: str, place: int) -> None:
    """The rows below `place` move up by one."""
    db.execute(
        "UPDATE draft_row SET position = position - 1 "
        "WHERE draft = ? AND repeat = ? AND deleted = 0 AND position > ? AND row <> ?",
        (draft, repeat, place, row),
    )
