"""What can be undone and redone, read off the log of one office and period. Pure; the log is the only truth."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from cunbao.store.times import moment


@dataclass(slots=True, eq=False)
class Step:
    """Edits that are undone together: `first` … `last` of one draft. stands: in `done`, not in `undone`."""

    draft: int
    first: int
    last: int
    group: str
    stands: bool = True


@dataclass(frozen=True, slots=True)
class DraftMark:
    """Where a draft stands: seq of its last edit (0 never touched), its moment, and whether any step still stands."""

    seq: int
    changed_at: datetime | None
    started: bool


@dataclass(slots=True)
class Timeline:
    """Undo and redo stacks, grown edit by edit with `note`, the same way from the disk and while typing.

    done: steps that stand, newest last; undone: steps taken back, newest last. A step that was redone stands in
    `done` as the redo's own edits, so that undoing it again undoes the redo.
    """

    office: str
    period: str
    id: int  # 0 while nothing of it is on the disk
    forms: dict[str, int]  # form → number of its draft
    seq: int = 0
    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    _marks: dict[int, tuple[int, str]] = field(default_factory=dict)
    _by_last: dict[int, Step] = field(default_factory=dict)  # live steps by the seq of their last edit
    _newest: Step | None = None  # the step of the newest edit, whichever way it went
    _standing: dict[int, int] = field(default_factory=dict)  # draft → steps of it in `done`

    def note(self, seq: int, draft: int, step: int, group: str, undoes: int, at: str) -> None:
        """One more edit. Edits of one step come one after the other."""
        self.seq = seq
        self._marks[draft] = (seq, at)
        newest = self._newest
        if newest is not None and newest.first == step:
            del self._by_last[newest.last]
            newest.last = seq
            self._by_last[seq] = newest
            return
        made = Step(draft, step, seq, group)
        if undoes:
            self._turn(self._by_last.pop(undoes), made)
        else:
            for gone in self.undone:
                del self._by_last[gone.last]
            self.undone.clear()
            self._push(made)
        self._by_last[seq] = made
        self._newest = made

    def _turn(self, target: Step, made: Step) -> None:
        """`made` takes `target` back: an undo lands in `undone`, a redo in `done`."""
        if target.stands:
            _drop(self.done, target)
            self._standing[target.draft] -= 1
            made.stands = False
            self.undone.append(made)
        else:
            _drop(self.undone, target)
            self._push(made)

    def _push(self, step: Step) -> None:
        self.done.append(step)
        self._standing[step.draft] = self._standing.get(step.draft, 0) + 1

    def step_to_join(self, draft: int, group: str) -> int:
        """The step that an edit of `group` goes on with, 0 when it begins one of its own."""
        newest = self._newest
        if group and newest is not None and newest.group == group and newest.draft == draft:
            return newest.first
        return 0

    def newest(self, steps: list[Step], locked: Set[int], floors: Mapping[int, int]) -> Step | None:
        """The newest step that may be turned; floors: draft → seq up to which it stays as it is."""
        free = (one for one in reversed(steps) if one.draft not in locked and one.first > floors.get(one.draft, 0))
        return next(free, None)

    def mark(self, draft: int) -> DraftMark:
        if draft not in self._marks:
            return DraftMark(0, None, False)
        seq, at = self._marks[draft]
        return DraftMark(seq, moment(at), self._standing.get(draft, 0) > 0)

    def form_of(self, draft: int) -> str:
        return next(form for form, number in self.forms.items() if number == draft)


def _drop(steps: list[Step], step: Step) -> None:
    """Take `step` out, looking from the end: it is the last one unless drafts are locked."""
    for place in range(len(steps) - 1, -1, -1):
        if steps[place] is step:
            del steps[place]
            return
    raise ValueError("the step is not there")
