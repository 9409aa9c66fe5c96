"""The outbox of a window: every minute, and whenever something was written, one pass over the network.

What the network does runs on a thread of its own that owns no workspace, so a server that is slow or gone never stands
between an answer and 已保存: the window's worker only says what is due and keeps what became of it, a few rows each.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from cunbao.ui.jobs import Job, Jobs

if TYPE_CHECKING:
    from cunbao.desks.outbox import Plan
    from cunbao.desks.outcomes import Outcome
    from cunbao.errors import CunbaoError
    from cunbao.ui.face import End
    from cunbao.ui.shell import Shell

EVERY_MS = 60_000  # between two looks at what is due
PATIENCE = 2.0  # seconds that closing waits for the line to let go


class Carrier(QObject):
    """`changed()` when the queue has changed. One pass at a time."""

    changed = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._line = Jobs(self)
        self._pass: Job | None = None
        self._asking = False
        self._stopped = False  # the window goes: what is told now finds nobody who would keep it
        self._told: End | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    @property
    def busy(self) -> bool:
        return self._asking or self._pass is not None

    def begin(self) -> None:
        """A workspace is open."""
        self._timer.start()
        self.look()

    def look(self, *, asked: bool = False) -> None:
        """See what is due and carry it. asked: somebody wants it now."""
        desk = self._shell.desk
        if self._stopped or self.busy or not _has_outbox(desk):
            return
        self._asking = True

        def plan(progress: object, cancel: object) -> Plan | None:
            from cunbao.desks import outbox

            return outbox.plan(desk, asked=asked)

        self._shell.jobs.start(plan, done=lambda due: self._carry(desk, due), failed=self._not_now)

    def _not_now(self, error: CunbaoError) -> None:
        self._asking = False

    def _carry(self, desk: Any, due: Plan | None) -> None:
        self._asking = False
        if self._stopped or due is None or desk is not self._shell.desk:
            return
        from cunbao.desks import carrying

        def work(tell: Any, cancel: Any) -> None:
            carrying.carry(due, tell, cancel=cancel)

        self._pass = self._line.start(
            work, progress=lambda one: self._note(desk, one), done=lambda nothing: self._over(),
            failed=lambda error: self._over(), cancelled=self._over,
        )  # fmt: skip
        self.changed.emit()

    def _note(self, desk: Any, one: Any) -> None:
        """Keep what became of a file, on the worker that owns the workspace."""
        if self._stopped or desk is not self._shell.desk:
            return  # closed meanwhile: it is sent again, which does no harm

        def keep(progress: object, cancel: object) -> None:
            from cunbao.desks import outcomes

            outcome: Outcome = one
            outcomes.note(desk, [outcome], chance=random.random)

        self._shell.jobs.start(keep, done=lambda nothing: self._noted(), failed=lambda error: self._noted())

    def _noted(self) -> None:
        self.changed.emit()
        self._shell.refresh_frame()

    def _over(self) -> None:
        self._pass = None
        self.changed.emit()

    def end_words(self, *, anew: bool = True) -> End | None:
        """What the status bar says of the outbox; None where there is none. anew: look, rather than say it again."""
        if anew:
            self._told = self._looked()
        return self._told

    def _looked(self) -> End | None:
        desk = self._shell.desk
        if not _has_outbox(desk):
            return None
        from cunbao.desks import outboxview
        from cunbao.ui.face import End

        seen = outboxview.glance(desk)
        if seen.came:
            return End("inbox-in", f"有新的{'、'.join(seen.came)}，在待发箱", "accent", bold=True)
        if seen.refused or seen.troubled:
            return End("alert", f"待发箱有事要看，{seen.open} 个没送到", "warn")
        return End("box-out", f"待发箱 {seen.open} 个等着送" if seen.open else "待发箱都送到了")

    def stop(self) -> None:
        """The window closes: the line is let go, and what it was doing is done again another time."""
        self._stopped = True
        self._timer.stop()
        if self._pass is not None:
            self._pass.cancel.ask()
        self._line.stop(patience=PATIENCE)


def _has_outbox(desk: Any) -> bool:
    from cunbao.desks import outbox

    return not getattr(desk, "read_only", False) and outbox.place_of(desk) is not None
