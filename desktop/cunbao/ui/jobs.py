"""The one way to long work: a single worker thread owns the open workspace; results and errors come back to the window.

Work is done in the order in which it was asked for, so a check never runs before the last answer is on the disk. There
are no other threads. Reading a quick view may happen on the window's own thread; the store takes turns.

While the worker is busy Python's garbage is collected on the window's thread alone: a widget in a cycle that dies on
the worker takes the program with it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from cunbao.errors import Cancelled, CunbaoError

if TYPE_CHECKING:
    from queue import SimpleQueue
    from threading import Thread

    from cunbao.progress import Cancel, Progress, Report

Work = Callable[["Report", "Cancel"], Any]
COLLECT_MS = 100  # how often garbage is looked after while the worker is busy


class Job(QObject):
    """One piece of work. Signals arrive on the window's thread: `done(result)`, `failed(error)`, `cancelled()`.

    It is deleted there too, and only when none of its receivers runs any more: one may wait in a dialog, and start the
    next job from it, while the worker has long gone on. Hence the parent, which keeps it from dying on the worker."""

    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    progress = Signal(object)
    finished = Signal()

    def __init__(self, work: Work, parent: QObject) -> None:
        from cunbao.progress import Cancel

        super().__init__(parent)
        self._work = work
        self._receiving = 0  # receivers that run now, one inside the other
        self._over = False
        self.cancel = Cancel()

    def receive(self, act: Callable[..., None], values: tuple[object, ...]) -> None:
        """Let a receiver have what a signal said."""
        self._receiving += 1
        try:
            act(*values)
        finally:
            self._receiving -= 1
            self._end()

    def forget(self) -> None:
        """Nothing more will come of it."""
        self._over = True
        self._end()

    def _end(self) -> None:
        if self._over and not self._receiving:
            self.deleteLater()

    def run(self) -> None:
        """On the worker. A bug is told as a failure too, with its traceback: it must not vanish in a thread."""
        try:
            result = self._work(self._report, self.cancel)
        except Cancelled:
            self.cancelled.emit()
        except CunbaoError as error:
            self.failed.emit(error)
        except Exception as bug:
            self.failed.emit(_told(bug))
        else:
            self.done.emit(result)
        self.finished.emit()

    def _report(self, progress: Progress) -> None:
        self.progress.emit(progress)


def _told(bug: Exception) -> CunbaoError:
    if isinstance(bug, OSError) and bug.errno == 28:
        return CunbaoError(
            "disk.full",
            happened="硬盘满了",
            safe="已填的内容都在",
            todo="请删掉或移走一些文件，腾出 200 MB 以上，再存一次",
            detail=str(bug),
        )
    import traceback

    return CunbaoError(
        "bug",
        happened="程序自己出了错，这一步没有做成",
        safe="已保存的内容都在",
        todo="请把“详情”里的文字拍照发给县里的技术支持，再重新打开程序试一次",
        detail="".join(traceback.format_exception(bug)),
    )


_busy: set[int] = set()  # windows whose worker has something to do


def _collect() -> None:
    """What Python would do by itself at these counts."""
    over = [at for at, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most]
    if over:
        gc.collect(over[-1])


class Jobs(QObject):
    """The queue and its worker. `busy(bool)` while anything is under way."""

    busy = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: SimpleQueue[Job | None] | None = None
        self._waiting: set[Job] = set()
        self._thread: Thread | None = None
        self._stopped = False
        self._collecting = QTimer(self)
        self._collecting.setInterval(COLLECT_MS)
        self._collecting.timeout.connect(_collect)

    def start(
        self,
        work: Work,
        *,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[CunbaoError], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> Job:
        """Put work at the end of the queue. Without `failed` an error is shown by whoever listens to `Job.failed`."""
        job = Job(work, self)
        if not self._waiting:
            _busy.add(id(self))
            gc.disable()
            self._collecting.start()
        self._waiting.add(job)
        acts: tuple[tuple[Any, Callable[..., Any] | None], ...] = (
            (job.done, done), (job.failed, failed), (job.cancelled, cancelled), (job.progress, progress),
            (job.finished, lambda: self._forget(job)),
        )  # fmt: skip
        for signal, act in acts:
            if act is not None:
                slot = _Slot(job, act)  # lives on this thread, so the act runs here and not on the worker
                signal.connect(slot.take)
        if self._thread is None or self._queue is None:
            from queue import SimpleQueue
            from threading import Thread

            self._queue = SimpleQueue()
            self._thread = Thread(target=self._work, name="cunbao-worker", daemon=True)
            self._thread.start()
        self._queue.put(job)
        self.busy.emit(True)
        return job

    @property
    def idle(self) -> bool:
        return not self._waiting

    def stop(self, *, patience: float | None = None) -> None:
        """Let the queue run empty and end the worker; called once, when the window closes. patience: seconds that are
        waited for it, None as long as it takes; a worker that owns nothing may be left behind."""
        if self._thread is not None and self._queue is not None:
            self._queue.put(None)
            self._thread.join(patience)
            self._thread = None
        self._stopped = True
        self._rest()

    def _rest(self) -> None:
        """The worker has nothing to do: garbage may be collected wherever it is made."""
        self._collecting.stop()
        _busy.discard(id(self))
        if not _busy:
            gc.enable()

    def _work(self) -> None:
        queue = self._queue
        assert queue is not None
        while (job := queue.get()) is not None:
            job.run()

    def _forget(self, job: Job) -> None:
        self._waiting.discard(job)
        if self._stopped:
            return  # the window is going, and with it this queue
        job.forget()
        if not self._waiting:
            self._rest()
            self.busy.emit(False)


class _Slot(QObject):
    """A receiver that lives on the window's thread, so that plain functions are called there."""

    def __init__(self, job: Job, act: Callable[..., None]) -> None:
        super().__init__(job)
        self._job, self._act = job, act

    def take(self, *values: object) -> None:
        self._job.receive(self._act, values)
