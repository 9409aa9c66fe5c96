"""Keep, undo, redo, lock and restart in any order do what a plain list of snapshots does."""

from __future__ import annotations

import copy
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cunbao.store import DraftKey, Undone
from cunbao.survey.values import Edit, EditAct
from store.folders import NOW, PERIOD, VILLAGE, a_workspace, add_row, delete_row, later, move_row, opened, put

FORMS = ("B01", "B02", "B03")
FIELDS = ("a", "b")


@dataclass
class Sheet:
    """A draft as a person would keep it on paper."""

    values: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@dataclass
class Step:
    form: str
    group: str
    before: Sheet
    after: Sheet


def apply(screen: Sheet, edit: Edit) -> None:
    """What an instance does with an edit; it forgets a deleted row."""
    if edit.act is EditAct.SET:
        cells = dict(screen.rows)[edit.row] if edit.row else screen.values
        cells[edit.field] = edit.new
        return
    found = next((row for row in screen.rows if row[0] == edit.row), (edit.row, {}))
    screen.rows = [row for row in screen.rows if row is not found]
    if edit.act is not EditAct.DELETE_ROW:
        screen.rows.insert(int(edit.new), found)


def plain(sheet: Sheet) -> Sheet:
    """Without empty texts."""
    return Sheet(
        {name: text for name, text in sheet.values.items() if text},
        [(row, {name: text for name, text in cells.items() if text}) for row, cells in sheet.rows],
    )


class Clerk(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.ws = a_workspace(self.home / "village")
        self.sheets = {form: Sheet() for form in FORMS}
        self.screens = {form: Sheet() for form in FORMS}
        self.done: list[Step] = []
        self.undone: list[Step] = []
        self.newest: Step | None = None
        self.locked: set[str] = set()
        self.number = 0

    def teardown(self) -> None:
        self.ws.close()
        shutil.rmtree(self.home)

    def key(self, form: str) -> DraftKey:
        return DraftKey(VILLAGE, form, PERIOD)

    def keys(self) -> frozenset[DraftKey]:
        return frozenset(self.key(form) for form in self.locked)

    def write(self, form: str, edits: list[Edit], after: Sheet, group: str) -> None:
        self.number += 1
        before, self.sheets[form] = self.sheets[form], after
        for one in edits:
            apply(self.screens[form], one)
        self.ws.keep(self.key(form), edits, now=later(self.number), group=group)
        self.undone.clear()
        if group and self.newest and (self.newest.group, self.newest.form) == (group, form):
            self.newest.after = after
            return
        self.newest = Step(form, group, before, after)
        self.done.append(self.newest)

    def shows(self, undone: Undone | None, step: Step | None) -> None:
        """The edits that undo hands out bring the screen to where the disk is, even one loaded a moment ago."""
        assert (undone.key.form if undone else None) == (step.form if step else None)
        if undone:
            screen = self.screens[undone.key.form]
            for one in undone.edits:
                apply(screen, one)
            assert plain(screen) == plain(self.loaded(undone.key.form))

    def loaded(self, form: str) -> Sheet:
        answers = self.ws.draft(self.key(form)).answers
        rows = [(row.id, dict(row.values)) for row in answers.rows.get("p", ())]
        return Sheet(dict(answers.values), rows)

    @rule(
        form=st.sampled_from(FORMS),
        cells=st.lists(st.tuples(st.sampled_from(FIELDS), st.text("01", max_size=2)), min_size=1, max_size=3),
        group=st.sampled_from(["", "", "g", "h"]),
    )
    def types(self, form: str, cells: list[tuple[str, str]], group: str) -> None:
        after, edits = copy.deepcopy(self.sheets[form]), []
        for name, text in cells:
            edits.append(put(name, after.values.get(name, ""), text))
            after.values[name] = text
        self.write(form, edits, after, group)

    @rule(form=st.sampled_from(FORMS), place=st.integers(0, 9), text=st.text("01", max_size=1))
    def adds_a_row(self, form: str, place: int, text: str) -> None:
        after = copy.deepcopy(self.sheets[form])
        place = min(place, len(after.rows))
        row = f"r{self.number}"
        after.rows.insert(place, (row, {"n": text}))
        self.write(form, [add_row("p", row, place), put("n", "", text, row)], after, "")

    @rule(form=st.sampled_from(FORMS), place=st.integers(0, 9))
    def deletes_a_row(self, form: str, place: int) -> None:
        after = copy.deepcopy(self.sheets[form])
        if place < len(after.rows):
            row, _ = after.rows.pop(place)
            self.write(form, [delete_row("p", row, place)], after, "")

    @rule(form=st.sampled_from(FORMS), old=st.integers(0, 9), new=st.integers(0, 9))
    def moves_a_row(self, form: str, old: int, new: int) -> None:
        after = copy.deepcopy(self.sheets[form])
        if old < len(after.rows):
            taken = after.rows.pop(old)
            new = min(new, len(after.rows))
            after.rows.insert(new, taken)
            self.write(form, [move_row("p", taken[0], old, new)], after, "")

    @rule(form=st.sampled_from(FORMS))
    def signs_or_takes_back(self, form: str) -> None:
        self.locked ^= {form}

    @rule()
    def undoes(self) -> None:
        step = next((one for one in reversed(self.done) if one.form not in self.locked), None)
        undone = self.ws.undo(VILLAGE, PERIOD, self.keys(), now=NOW)
        self.shows(undone, step)
        if step:
            self.done.remove(step)
            self.undone.append(step)
            self.sheets[step.form] = step.before
            self.newest = None

    @rule()
    def redoes(self) -> None:
        step = next((one for one in reversed(self.undone) if one.form not in self.locked), None)
        redone = self.ws.redo(VILLAGE, PERIOD, self.keys(), now=NOW)
        self.shows(redone, step)
        if step:
            self.undone.remove(step)
            self.done.append(step)
            self.sheets[step.form] = step.after
            self.newest = None

    @rule()
    def starts_again(self) -> None:
        self.ws.close()
        self.ws = opened(self.home / "village")
        self.screens = {form: self.loaded(form) for form in FORMS}

    @invariant()
    def the_screen_is_the_sheet(self) -> None:
        for form, sheet in self.sheets.items():
            assert plain(self.loaded(form)) == plain(sheet)
            assert self.ws.draft_mark(self.key(form)).started == any(one.form == form for one in self.done)
        free = [one for one in self.done if one.form not in self.locked]
        assert self.ws.can_undo(VILLAGE, PERIOD, self.keys()) == bool(free)


class TestAnyOrderOfWork(Clerk.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(max_examples=40, stateful_step_count=40)
