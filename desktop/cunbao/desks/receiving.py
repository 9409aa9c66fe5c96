"""接收: files read one after another, each verified whole and taken in one transaction, or refused with a line.

One bad file never stops the rest; a known one is no news; what comes from a computer not yet approved waits aside and
is taken when it is. Nothing is decided by receiving. What may come in is in `admitting`, what waits in `asides`,
numbers in `sequences`, the words of each line in `filelines`. Source: protocol §1, §5.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import (
    admitting,
    asides,
    filelines,
    filelog,
    hearing,
    ledger,
    media,
    restored,
    sequences,
    taking,
    witness,
)  # fmt: skip
from cunbao.desks.admitting import Admitted, Receiver
from cunbao.desks.clock import local_day
from cunbao.desks.sequences import TAKEN as TAKEN
from cunbao.desks.sequences import acknowledgements as acknowledgements
from cunbao.desks.sequences import copied as copied
from cunbao.desks.sequences import lost_numbers as lost_numbers
from cunbao.desks.sequences import missing_numbers as missing_numbers
from cunbao.desks.sequences import register_lost as register_lost
from cunbao.desks.township.views import FileLine, FileResult, ReceiveView
from cunbao.errors import DeskError, ExchangeError, StoreError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import Arrival
from cunbao.survey.standing import Trusted
from cunbao.survey.states import ReturnState

if TYPE_CHECKING:
    from cunbao.desks.township.desk import TownshipDesk

SUFFIX = ".cbsync"
RECEIPT = "receipt"  # kind of what the county answers
LAST = "receive/last"  # setting: {at, source, lines}
# what needs work first; within that the order of reading
ORDER = {
    FileResult.TAKEN: 0,
    FileResult.GAP: 1,
    FileResult.HELD: 2,
    FileResult.REVOKED: 3,
    FileResult.KNOWN: 4,
}


# --- the door --------------------------------------------------------------------------------------------------------


def files_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The packages among files and folders (looked through whole), by name; each once. What a system hides is left
    alone: a stick's waste bin is no post. A folder that cannot be read stands for itself."""
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(sorted(_inside(path)) if _is_folder(path) else [path]))
    return tuple(found)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # it will be told when it is read
        return False


def _inside(folder: Path) -> Iterator[Path]:
    unread: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda trouble: unread.append(Path(trouble.filename))):
        folders[:] = [one for one in folders if not one.startswith((".", "$"))]
        for name in names:
            path = Path(place, name)
            if path.suffix.casefold() == SUFFIX and not name.startswith(".") and path.is_file():
                yield path
    yield from unread


def receive(
    desk: Receiver,
    paths: Sequence[Path],
    *,
    source: str = "",
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> ReceiveView:
    """Read every package among `paths`. Each is one transaction; stopping (cancel) is possible between files."""
    files = files_in(paths)
    began = desk.clock()
    lines: list[FileLine] = []
    full = False
    try:
        for done, path in enumerate(files):
            if cancel is not None:
                cancel.check()
            name = media.shown_name(path)
            progress(Progress(done, len(files), name))
            line = filelines.not_begun(name) if full else receive_file(desk, path)
            full = full or line.result is FileResult.DISK
            lines.append(line)
        progress(Progress(len(files), len(files), "读完了"))
    finally:
        if lines:
            _remember(desk, {"at": began.isoformat(), "source": source, "lines": [*map(filelines.to_json, lines)]})
    return view(desk, lines, source=source, at=began)


def _remember(desk: Receiver, reading: dict[str, Any]) -> None:
    """What the screen shows when it opens again. On a full disk it shows the reading before; the log has the files."""
    try:
        desk.workspace.set_setting(LAST, reading)
    except StoreError:
        return


def receive_file(desk: Receiver, path: Path) -> FileLine:
    """Read one file. Never raises for what it holds: the line says what became of it."""
    from cunbao.exchange.limits import PACKAGE

    name = media.shown_name(path)
    try:
        size, data = media.read_whole(path, PACKAGE.file)
    except OSError as trouble:
        return _refused(desk, filelines.unreadable(str(trouble)), "", name, 0)
    if size > PACKAGE.file:
        return _refused(desk, filelines.oversize(size), "", name, size)
    return take(desk, data, name)


def take(desk: Receiver, data: bytes, file_name: str) -> FileLine:
    """Take the bytes of one file: all of it, or nothing. The line is also in the log (接收记录)."""
    from cunbao.exchange.package import package_id

    sha256 = package_id(data)
    try:
        before = _kept(desk, sha256)
        if before is not None:
            if before.kind == RECEIPT:
                restored.answered(desk, restored.READ)
            return filelines.known(before, name=file_name, size=len(data), at=desk.clock())
        return _take(desk, admitting.admit(desk, data), file_name, data)
    except ExchangeError as trouble:
        return _refused(desk, trouble, sha256, file_name, len(data))
    except StoreError as trouble:
        return filelines.disk(trouble, name=file_name, size=len(data), at=desk.clock())


def _kept(desk: Receiver, sha256: str) -> Arrival | None:
    """The same file as it came before, if what it holds is still here: what waited aside may have been let go."""
    taken = desk.workspace.arrival(sha256, TAKEN)
    if taken is None and any(one.sha256 == sha256 for one in desk.workspace.aside()):
        return desk.workspace.arrival(sha256, [FileResult.HELD.name])
    return taken


def _refused(desk: Receiver, trouble: ExchangeError, sha256: str, file_name: str, size: int) -> FileLine:
    now = desk.clock()
    office = next((one.code for one in desk.villages if file_name.startswith(f"{one.short}-")), "")
    line = filelines.refused(trouble, sha256=sha256, name=file_name, size=size, office=office, at=now)
    try:
        filelog.note(desk, line, sha256, file_name, size)
    except StoreError as full:  # the file was refused anyway; only the log could not be written
        return filelines.disk(full, name=file_name, size=size, at=now)
    return line


def view(desk: Receiver, lines: Sequence[FileLine], *, source: str, at: Any) -> ReceiveView:
    """township-01."""
    waiting = sum(
        stands.state is ReturnState.RECEIVED
        for _, form, stands in desk.workspace.standings(desk.task.period)
        if form in desk.task.forms
    )
    ordered = sorted(lines, key=lambda one: ORDER.get(one.result, 9))
    taken = sum(one.result.kept for one in lines)
    known = sum(one.result is FileResult.KNOWN for one in lines)
    return ReceiveView(
        at=at,
        source=source,
        lines=tuple(ordered),
        taken=taken,
        known=known,
        refused=len(lines) - taken - known,
        to_review=waiting,
        nothing_yet=not lines and not desk.workspace.arrivals(most=1),
        villages=len(desk.villages),
        deadline=desk.task.deadline,
        days_left=(desk.task.deadline - local_day(desk.clock())).days,
        issued_on=None,
    )


def receive_view(desk: Receiver) -> ReceiveView:
    """The last reading again, when the screen opens."""
    from datetime import datetime

    last = desk.workspace.setting(LAST, None)
    if last is None:
        return view(desk, (), source="", at=None)
    lines = [filelines.from_json(one) for one in last["lines"]]
    return view(desk, lines, source=last["source"], at=datetime.fromisoformat(last["at"]))


def history(desk: Receiver, most: int = 500) -> tuple[FileLine, ...]:
    """接收记录: every file that was ever read, newest first."""
    return tuple(filelog.line_of(one) for one in desk.workspace.arrivals(most=most))


# --- one file --------------------------------------------------------------------------------------------------------


def _take(desk: Receiver, read: Admitted, file_name: str, data: bytes) -> FileLine:
    if not read.known:
        return asides.hold(desk, read, file_name, data)
    workspace, package, now = desk.workspace, read.package, desk.clock()
    manifest = package.manifest
    with workspace.atomic():
        before = {form: stands for _, form, stands in workspace.standings(manifest.period, [manifest.office])}
        news = taking.apply(workspace, desk.task, read.content, epoch=manifest.epoch)
        differ = hearing.hear(workspace, manifest)
        sequences.note_former(workspace, manifest, package.sha256)
        witness.keep(desk, read.content.notice.seen if read.content.notice else ())
        gaps = missing_numbers(desk, manifest.device, manifest.epoch, upto=manifest.sequence)
        if manifest.office.endswith("000"):
            line = filelines.taken_whole(package, read.content, news, gaps=gaps, name=file_name, at=now)
        else:
            line = filelines.taken(
                desk.task, workspace, package, read.content, news, before=before, trusted=_trusted(desk, news),
                gaps=gaps, name=file_name, at=now,
            )  # fmt: skip
        for words in filelines.differing(workspace, manifest, differ):
            line = replace(line, read=f"{line.read}；{words}")
        filelog.note(desk, line, package.sha256, file_name, len(data), read)
        if manifest.kind.value == RECEIPT:
            restored.answered(desk, restored.READ)
        desk.journal("receive", file=package.sha256, office=manifest.office, result=line.result.name)
    return line


def _trusted(desk: Receiver, news: taking.News) -> frozenset[str]:
    """The revisions among the news whose signer may speak for the village."""
    judge = ledger.judge_of(desk.workspace)
    stored = [held for held in map(desk.workspace.revision, news.revisions) if held is not None]
    return frozenset(one.id for one in stored if ledger.judged(judge, one).trusted is Trusted.YES)


# --- aside -----------------------------------------------------------------------------------------------------------


def take_aside(desk: Receiver, key: str) -> tuple[FileLine, ...]:
    """The key has been approved: what waited for it is taken, in the order in which it came. One that can no longer be
    read, since the task has changed, is let go with its line."""
    lines = []
    for one in desk.workspace.aside(key):
        data = desk.workspace.aside_data(one.sha256)
        with desk.workspace.atomic():
            desk.workspace.drop_aside(one.sha256)
            try:
                lines.append(_take(desk, admitting.admit(desk, data), one.file_name, data))
            except ExchangeError as trouble:
                lines.append(_refused(desk, trouble, one.sha256, one.file_name, one.size))
    return tuple(lines)


def note_for_chasing(desk: TownshipDesk, line: FileLine) -> None:
    """记入催报: the village's next notice says what to send again. DeskError "chase.whose" when nobody knows whose file
    it was."""
    from cunbao.desks.township import chasing

    if not line.office:
        raise DeskError(
            "chase.whose",
            happened=f"“{line.file_name}”读不出来，看不出是哪个村的",
            safe="没有改动任何资料，接收记录里有这个文件",
            todo="请问一下带文件来的人，再到“催报”里记一次",
        )
    chasing.note_trouble(desk, line.office, chasing.trouble_words(line))
