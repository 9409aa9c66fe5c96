"""One pass over the network: what waits is put into the drop box, what lies there for us is fetched. Owns no workspace.

It is handed a `Plan` and tells what became of each file as soon as it knows, so that a pass which is cut keeps all that
it did. Nothing is half there: on the box a file has a part name until it is whole, here as well.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from cunbao.desks import media
from cunbao.desks.outbox import FOLDER, Box, Plan
from cunbao.desks.outcomes import Came, Ended, Outcome, Went
from cunbao.errors import CunbaoError, DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import Queued, QueuedState

if TYPE_CHECKING:
    from cunbao.exchange.dropbox import BoxError, DropBox, Entry

T = TypeVar("T")
PART = ".part"
MUCH = 4  # files for which a second connection is worth its greeting
CUTS = 2  # times that a pass goes on after the line broke
PROVED_NOW = 4 * 1024 * 1024  # bytes that are read back in the pass that sent them, or a later one
MOST_FETCHED = 500  # files of one pass
MISSED = 2  # times that a file vanishes from the box before somebody is asked


Opens = Callable[[Box, Cancel], "DropBox"]


def token() -> str:
    """Eight hex digits that nobody can guess."""
    return secrets.token_hex(4)


def open_box(box: Box, cancel: Cancel) -> DropBox:
    """The drop box that was set up. BoxError "dropbox.address"."""
    if box.kind == FOLDER:
        from cunbao.exchange.dropfolder import DropFolder

        return DropFolder(Path(box.place), cancel=cancel)
    from cunbao.exchange.webdav import Account, WebDav

    return WebDav(Account(box.place, box.user, box.password, box.pin, box.proxy), cancel=cancel)


def carry(
    plan: Plan,
    tell: Callable[[Outcome], None],
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
    new_token: Callable[[], str] = token,
    opens: Opens = open_box,
) -> None:
    """Do what the plan says. Every outcome is told once, `Ended` last, whatever happens; Cancelled goes up after it."""
    from cunbao.exchange.dropbox import BoxError

    cancel = cancel or Cancel()
    trouble: CunbaoError | None = None
    try:
        with _Line(plan.box, cancel, opens) as line:
            _Pass(plan, line, tell, progress, cancel, new_token, opens).run()
    except BoxError as error:
        trouble = error
    finally:
        tell(Ended(trouble))


class _Line:
    """One connection to the box, let in. A step in which it breaks is done once more: all of them may be repeated."""

    def __init__(self, box: Box, cancel: Cancel, opens: Opens) -> None:
        self.box, self._cuts = opens(box, cancel), CUTS

    def __enter__(self) -> _Line:
        try:
            self.box.hello()
        except BaseException:
            self.box.close()
            raise
        return self

    def __exit__(self, *trouble: object) -> None:
        self.box.close()

    def do(self, step: Callable[[], T]) -> T:
        while True:
            try:
                return step()
            except CunbaoError as trouble:
                if trouble.code != "dropbox.cut" or not self._cuts:
                    raise
                self._cuts -= 1
                self.box.hello()


class _Pass:
    """The steps of one pass over an open box."""

    def __init__(
        self,
        plan: Plan,
        line: _Line,
        tell: Callable[[Outcome], None],
        progress: Report,
        cancel: Cancel,
        new_token: Callable[[], str],
        opens: Opens,
    ) -> None:
        self.plan, self.line, self.tell, self.progress, self.cancel = plan, line, tell, progress, cancel
        self.new_token, self.opens = new_token, opens
        self.sent: list[tuple[Queued, str]] = []

    @property
    def box(self) -> DropBox:
        return self.line.box

    def run(self) -> None:
        self._send_all()
        self._fetch_all()
        self._prove()

    # --- there ---------------------------------------------------------------------------------------------------

    def _send_all(self) -> None:
        """What waits, over two connections where there is much of it: while one file is named, noted and the next one
        read, another is on its way. Never two at once (`DropBox.turn`): a thin line would carry neither any sooner.
        Every outcome is told on the thread of the pass."""
        from cunbao.exchange.dropbox import BoxError

        waiting = iter(self.plan.send)
        turn, told = Lock(), SimpleQueue[Went | None]()
        troubles: list[BaseException] = []

        def next_one() -> tuple[Queued, Path] | None:
            with turn:
                return None if troubles else next(waiting, None)

        def lane(line: _Line) -> None:
            while (one := next_one()) is not None:
                item, path = one
                told.put(line.do(partial(self._send, line.box, item, path)))

        def second() -> None:
            with ExitStack() as stack:
                try:
                    line = stack.enter_context(_Line(self.plan.box, self.cancel, self.opens))
                except BoxError:  # a server that takes one connection: the first goes on alone, or says what is wrong
                    return
                line.box.turn = self.box.turn
                lane(line)

        def ending(act: Callable[[], None]) -> None:
            """On a thread of its own: whatever ends it is told once, a bug as well."""
            try:
                act()
            except BaseException as trouble:
                troubles.append(trouble)
            finally:
                told.put(None)

        acts: list[Callable[[], None]] = [lambda: lane(self.line)]
        if len(self.plan.send) >= MUCH:
            acts.append(second)
        lanes = [Thread(target=ending, args=(act,), name="cunbao-lane", daemon=True) for act in acts]
        for one in lanes:
            one.start()
        done, over = 0, 0
        while over < len(lanes):
            went = told.get()
            if went is None:
                over += 1
                continue
            done += 1
            self.progress(Progress(done, len(self.plan.send), f"送 {went.item.file_name}"))
            if went.state is QueuedState.SENT:
                self.sent.append((went.item, went.remote))
            self.tell(went)
        for one in lanes:
            one.join()
        if troubles:
            raise troubles[0]

    def _send(self, box: DropBox, item: Queued, path: Path) -> Went:
        """One file. BoxError for what concerns the whole box."""
        from cunbao.exchange.dropbox import BoxError, deliver

        self.cancel.check()
        try:
            remote, _ = deliver(box, item.place, _own(path, item), item.sha256, item.suffix, self.new_token)
        except BoxError as trouble:
            if trouble.ends:
                raise
            return Went(item, QueuedState.REFUSED if trouble.asks else QueuedState.WAITS, trouble=trouble)
        except DeskError as trouble:
            return Went(item, QueuedState.REFUSED, trouble=trouble)
        return Went(item, QueuedState.SENT, remote)

    def _prove(self) -> None:
        """Read back what was sent, as far as the bound goes; the rest in a later pass. Of a box that lets nobody read
        what he has put there the line says so, and it is not asked again."""
        from cunbao.exchange.dropbox import BoxError, holds

        room = PROVED_NOW
        for item, remote in [*self.sent, *((one, one.remote) for one in self.plan.prove)]:
            if item.size > room and room < PROVED_NOW:
                return
            room -= item.size
            self.cancel.check()
            try:
                if holds(self.box, item.place, remote, item.sha256, item.size):
                    self.tell(Went(item, QueuedState.PROVED, remote))
                else:
                    self.tell(Went(item, QueuedState.WAITS, trouble=_other_bytes()))
            except BoxError as trouble:
                if trouble.code == "dropbox.forbidden":
                    self.tell(Went(item, QueuedState.SENT, remote, trouble=_unread()))
                elif trouble.code == "dropbox.missing":
                    state = QueuedState.WAITS if item.tries < MISSED else QueuedState.REFUSED
                    self.tell(Went(item, state, trouble=_gone()))
                elif trouble.ends:
                    return  # it has been sent, and is proved another time

    # --- here ----------------------------------------------------------------------------------------------------

    def _fetch_all(self) -> None:
        from cunbao.exchange.dropbox import BoxError

        here, left = set(self.plan.held), MOST_FETCHED
        for place in self.plan.places:
            try:
                entries = self.line.do(lambda place=place: self.box.entries(place))  # type: ignore[misc]
            except BoxError as trouble:
                if trouble.ends or trouble.code != "dropbox.forbidden":
                    raise
                continue  # nothing is to be had for us there
            for one in entries:
                if (place, one.name) in self.plan.known or one.sha256 in here or not left:
                    continue
                left -= 1
                self.progress(Progress(0, 0, "取来件"))
                self.line.do(lambda place=place, one=one: self._fetch(place, one, here))  # type: ignore[misc]

    def _fetch(self, place: str, one: Entry, here: set[str]) -> None:
        from cunbao.exchange.boxwords import too_large
        from cunbao.exchange.dropbox import MOST, BoxError

        most = MOST[one.suffix]
        try:
            if one.size > most:
                raise too_large(f"{one.size} > {most}")
            path, size = self._whole(place, one, most)
        except BoxError as trouble:
            if trouble.ends:
                raise
            self.tell(Came(place, one.name, one.sha256, one.suffix, one.size, trouble=trouble))
            return
        here.add(one.sha256)
        self.tell(Came(place, one.name, one.sha256, one.suffix, size, path.name))

    def _whole(self, place: str, one: Entry, most: int) -> tuple[Path, int]:
        """A file under its own name here, flushed, after its bytes were found to be what its name says."""
        from cunbao.exchange.boxwords import short

        folder = self.plan.into
        part = folder / f"{one.sha256}{one.suffix}{PART}"
        found, size = sha256(), 0
        try:
            with part.open("wb") as file:
                os.chmod(part, 0o600)

                def take(piece: bytes) -> None:
                    nonlocal size
                    size += len(piece)
                    found.update(piece)
                    file.write(piece)

                self.box.get(place, one.name, most, take)
                file.flush()
                os.fsync(file.fileno())
            if found.hexdigest() != one.sha256:
                raise short(f"{size} bytes, {found.hexdigest()}")
            path = media.free_path(folder / arrived_name(one.sha256, one.suffix))
            part.replace(path)
            return path, size
        except OSError as trouble:
            raise _no_room(trouble, folder) from trouble
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def arrived_name(digest: str, suffix: str) -> str:
    """来件-3FA91C2E77AB.cbsync: by the 核对码 that its sender can read out."""
    return f"来件-{digest[:12].upper()}{suffix}"


def _own(path: Path, item: Queued) -> bytes:
    """The bytes that were queued. DeskError "outbox.lost" when they are no longer here."""
    try:
        size, data = media.read_whole(path, item.size)
        if size == item.size and sha256(data).hexdigest() == item.sha256:
            return data
        detail = f"{size} bytes instead of {item.size}, or others"
    except OSError as trouble:
        detail = str(trouble)
    raise DeskError(
        "outbox.lost",
        happened=f"“{item.file_name}”在本机的待发箱里找不到了，或者变了样",
        safe="里面的报表、回执和决定都在资料里，没有丢",
        todo="请再写一次，新写的会把没送到的都带上；这一件可以“不送了”",
        detail=detail,
    )


def _other_bytes() -> BoxError:
    from cunbao.exchange.dropbox import BoxError

    return BoxError(
        "dropbox.differs",
        happened="从网盘读回来的和送去的不一样",
        todo="程序会换个名字再送一次；一直这样，请告诉管网盘的人",
    )


def _gone() -> BoxError:
    from cunbao.exchange.dropbox import BoxError

    return BoxError(
        "dropbox.gone",
        happened="送到网盘的文件又不见了",
        todo="程序会再送；送几次都不见，请问管网盘的人是谁拿走的",
    )


def _unread() -> BoxError:
    from cunbao.exchange.dropbox import BoxError

    return BoxError("dropbox.unread", happened="网盘不让读回，没有核对", todo="收到回执就算到了")


def _no_room(trouble: OSError, folder: Path) -> BoxError:
    from cunbao.exchange.dropbox import BoxError

    said = media.medium_error(trouble, folder, what="来件", share=0.0)
    return BoxError(said.code, happened=said.happened, todo=said.todo, detail=said.detail, ends=True)
