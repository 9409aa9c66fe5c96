"""移出往年: a closed year into one file that is complete by itself, and back, at a county's or a township's desk.

What leaves is written, read back and compared first; then it leaves in one transaction. The digests of what remains do
not change (protocol §7), and those of the year that left are still known: its codes are found, it is acknowledged as a
closed period is (protocol §5), and the year after it is compared with it (protocol §6). The open year and the one that
it reads as 上期数 stay. How a file is written is `store.archive`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cunbao.desks import closed, digest, evidence, ledger, media, packs, tasks
from cunbao.desks.clock import LOCAL
from cunbao.desks.seat import Seat
from cunbao.desks.verified import HERE, OURS, Mark, Outcome, VerifiedLine, line
from cunbao.errors import DeskError, StoreError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import MovedOut, Stub, Workspace
from cunbao.store import archive as files
from cunbao.store.archive import Archive
from cunbao.store.shrink import shrink
from cunbao.survey.revision import content_sha256
from cunbao.survey.task import Task

SUFFIX = files.SUFFIX
KEPT = "资料都还在，没有改动"


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a year. digest: of the period, as it was and is; shrunk: bytes that the workspace is smaller by,
    None when that could not be done now; remain: periods that are here."""

    year: MovedOut
    path: Path
    digest: digest.PeriodDigest
    remain: tuple[str, ...]
    shrunk: int | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """A year as the settings show it. offices: how many reported; moved: where it lies, None while it is here; stays:
    why it cannot be moved out, "" when it can."""

    period: str
    offices: int
    moved: MovedOut | None
    stays: str = ""


# --- out -------------------------------------------------------------------------------------------------------------


def move_out(desk: Seat, period: str, to: Path, *, progress: Report = silent, cancel: Cancel | None = None) -> Moved:
    """Move a closed year into a file: `to` itself, or a file in the folder `to`. Whatever fails before the end leaves
    the workspace as it was.

    DeskError "archive.kind", "archive.moved", "archive.unknown", "archive.open", "archive.shown", "archive.needed",
    "archive.waiting", "archive.unsent", "archive.taken"; StoreError disk.full, folder.readonly, folder.gone,
    archive.differs."""
    refuse(desk, period)
    task, workspace = task_of(desk), desk.workspace
    target = _target(desk, task, period, to)
    now = desk.clock()
    before = digest.of_period(workspace, task, period)
    pack = _pack_of(workspace, period)
    written = files.write_archive(
        workspace,
        period,
        target,
        who=desk.person.name,
        office=desk.office.code,
        state=before.state,
        pack=pack,
        now=now,
        progress=progress,
        cancel=cancel,
    )
    stubs = tuple(_stubs(workspace, period))
    year = files.move_out(
        workspace,
        written,
        stubs,
        returns=len({(one.office, one.form) for one in stubs if one.what == "revision"}),
        offices=len({one.office for one in stubs}),
        pack=pack,
        now=now,
        note=lambda year: desk.journal("move_out", period=period, file=year.sha256, file_name=year.file_name),
    )
    return Moved(year, target, before, held_periods(workspace), _shrunk(workspace, progress))


def _shrunk(workspace: Workspace, progress: Report) -> int | None:
    """The room is given back where that can be done: the year has left already, so nothing depends on it, and nobody
    is asked to stop."""
    try:
        return shrink(workspace, progress=progress)
    except StoreError:  # another window looks on, or the disk has no room for the new copy
        return None


def refuse(desk: Seat, period: str) -> None:
    """Why a year may not be moved out now; nothing when it may."""
    workspace = desk.workspace
    _refuse_kind(desk)
    refuse_moved(workspace, period)
    if period not in held_periods(workspace):
        raise _refused("archive.unknown", f"{HERE[workspace.kind]}没有 {period} 年度的报表", "请核对年度")
    if period not in closed.periods(workspace, desk.office.code):
        todo = "请先封账，再移出" if workspace.kind == "county" else "等县里封账、读了县里的回执，再移出"
        raise _refused("archive.open", f"{period} 年度还没有封账", todo)
    if period == task_of(desk).period != tasks.task_of(workspace).period:
        raise _refused("archive.shown", f"现在打开的就是 {period} 年度", "请先在设置里回到本期，再移出")
    needed = _needed(period, tasks.task_of(workspace))
    if needed:
        raise _refused("archive.needed", f"{period} 年度是{needed}，不能移出", "等下一年的任务包来了再移")
    if any(one.period == period for one in workspace.aside()):
        raise _refused("archive.waiting", f"还有 {period} 年度的文件等证书核准", "请先核准或让它作废，再移出")
    _refuse_unsent(desk, period)


def refuse_moved(workspace: Workspace, period: str) -> None:
    """DeskError "archive.moved" for a year that lies in a file."""
    gone = workspace.moved_out_year(period)
    if gone is not None:
        raise _refused("archive.moved", f"{period} 年度已经移出，在文件“{gone.file_name}”里", "要看，先移回")


def _needed(period: str, newest: Task) -> str:
    """For what the year's figures must be here, "" for nothing: this year's returns, checks and papers read the last
    year's, and so do indicators."""
    if period == newest.period:
        return "正在填报的年度"
    return f"{newest.period} 年度填报时的上期数" if period == newest.previous_period else ""


def _refuse_unsent(desk: Seat, period: str) -> None:
    """A township keeps what the county has not got: only from here could it be sent on."""
    from cunbao.desks.township import forwarding
    from cunbao.desks.township.desk import TownshipDesk

    if not isinstance(desk, TownshipDesk):
        return
    what = forwarding.load(desk)
    county = desk.office.code[:6] + "000000"
    held = {one.period for one in what.revisions}
    for one in what.decisions:
        about = desk.workspace.revision(one.revision) if one.office != county else None
        held |= {about.period} if about is not None else set()
    for scan in what.scans:
        about = desk.workspace.revision(scan.revision)
        held |= {about.period} if about is not None else set()
    if period in held:
        raise _refused("archive.unsent", f"{period} 年度还有内容县里没有收到", "请先报县，读了县里的回执再移出")


def _refuse_kind(desk: Seat) -> None:
    if desk.workspace.kind not in ("county", "township"):
        raise _refused("archive.kind", "村里一年的资料不大，不用移出", "要留一份，请用备份")
    if desk.read_only:
        raise _refused("archive.looking", "现在只是在查看，不能移", "请关掉另一个窗口，重新打开再移")


def _target(desk: Seat, task: Task, period: str, to: Path) -> Path:
    """The file to write. DeskError "archive.taken" for one that is there."""
    if to.is_dir():
        return media.free_path(to / f"{desk.office.short}-{period}年度-移出{SUFFIX}")
    if to.exists():
        raise _refused("archive.taken", f"“{to.name}”已经有了", "请换一个名字，或只给文件夹")
    return to if to.suffix == SUFFIX else to.with_name(to.name + SUFFIX)


def _stubs(workspace: Workspace, period: str) -> Iterator[Stub]:
    """What stays of every signed thing of the year."""
    signed = set(digest.signed_ids(workspace, period))
    counted = {stands.counted for _, _, stands in workspace.standings(period)}
    for office in workspace.offices_of_period(period):
        for one in workspace.revisions_of(office, period):
            header = ledger.header_of(workspace.object(one.header))
            yield Stub(
                id=one.id,
                period=period,
                office=office,
                what="revision",
                at=one.signed_at,
                form=one.form,
                version=one.version,
                by=one.device,
                content=content_sha256(workspace.object(one.answers)),
                follows=tuple(dict.fromkeys((*one.parents, *(used for _, used in header.uses)))),
                signatures=tuple(dict.fromkeys(filter(None, (one.cms, *one.others)))),
                counted=one.id in counted,
            )
        for made in workspace.decisions_of(office, period):
            cms = tuple(filter(None, (made.cms, *made.others)))
            yield Stub(
                made.id, period, office, "decision", made.at, revision=made.revision, by=made.office, signatures=cms
            )
        for scan in workspace.evidence_of(office, period):
            by = evidence.maker(workspace, scan) if scan.signatures else ""
            yield Stub(
                *(scan.id, period, office, "evidence", scan.at),
                revision=scan.revision,
                by=by,
                signatures=scan.signatures,
                signed=scan.id in signed,
            )


# --- back ------------------------------------------------------------------------------------------------------------


def bring_back(
    desk: Seat,
    period: str,
    path: Path,
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Moved:
    """Bring a year back from its file, which stays where it is. `path`: the file, or the folder in which it lies.

    DeskError "archive.kind", "archive.here", "archive.period"; StoreError archive.unread, archive.newer,
    archive.other, disk.full. Then nothing has changed."""
    _refuse_kind(desk)
    workspace, task = desk.workspace, task_of(desk)
    year = workspace.moved_out_year(period)
    if year is None:
        raise _refused("archive.here", f"{period} 年度没有移出，就在这里", "不用移回")
    archive = files.read_archive(_found(year, path))
    _refuse_other(workspace, archive, period)
    if cancel is not None:
        cancel.check()

    def settle() -> None:
        judge, offices = ledger.judge_of(workspace), workspace.offices_of_period(period)
        for done, office in enumerate(offices):
            progress(Progress(done, len(offices), "重新判定每张报表"))
            ledger.settle(workspace, task, office, period, judge=judge)
        desk.journal("bring_back", period=period, file=archive.sha256, file_name=archive.path.name)

    files.bring_back(workspace, archive, year.key, settle)
    return Moved(year, archive.path, digest.of_period(workspace, task, period), held_periods(workspace))


def _found(year: MovedOut, path: Path) -> Path:
    return path / year.file_name if path.is_dir() else path


def _refuse_other(workspace: Workspace, archive: Archive, period: str) -> None:
    if archive.workspace != workspace.workspace_id():
        raise files.other_archive(archive.path, "of another workspace")
    if archive.period != period:
        raise _refused(
            "archive.period", f"“{archive.path.name}”里是 {archive.period} 年度，不是 {period} 年度", "请核对文件"
        )


# --- said ------------------------------------------------------------------------------------------------------------


def years(desk: Seat) -> tuple[Year, ...]:
    """Every year that is here or was moved out, the newest first. DeskError "task.none"."""
    workspace, newest = desk.workspace, task_of(desk)
    shut = closed.periods(workspace, desk.office.code)
    found = [Year(one.period, one.offices, one) for one in workspace.moved_out()]
    for period in held_periods(workspace):
        why = "还没有封账" if period not in shut else _needed(period, newest)
        found.append(Year(period, len(workspace.offices_of_period(period)), None, why))
    return tuple(sorted(found, key=lambda one: one.period, reverse=True))


def held_periods(workspace: Workspace) -> tuple[str, ...]:
    """The periods of which returns are here, sorted."""
    return tuple(sorted({period for _, period in workspace.offices_with_returns()}))


def task_of(desk: Seat) -> Task:
    """The task that the desk works with, whole. DeskError "task.none"."""
    found: Task = getattr(desk, "task")  # noqa: B009  # a seat of either kind has it
    return found.whole


def _pack_of(workspace: Workspace, period: str) -> str:
    """Hash of the period's newest pack, "" when none of it is held."""
    return next((one.sha256 for one in packs.periods(workspace) if one.period == period), "")


def _refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe=KEPT, todo=todo)


def examine(workspace: Workspace, path: Path, here: str) -> tuple[Outcome, tuple[VerifiedLine, ...], str]:
    """What an archive that is handed in is: outcome, what it says of itself, its hash."""
    subject = OURS.format(here=here)
    try:
        archive = files.read_archive(path)
    except StoreError as trouble:
        newer = trouble.code == "archive.newer"
        return (Outcome.SEALED if newer else Outcome.BROKEN), (line(subject, Mark.UNKNOWN, trouble.happened),), ""
    day = f"{archive.at.astimezone(LOCAL):%Y-%m-%d}"
    about = line(subject, Mark.UNKNOWN, f"{archive.period} 年度，{day} {archive.who}移出", "不是本机移出的")
    if archive.workspace != workspace.workspace_id():
        return Outcome.SEALED, (about,), archive.sha256
    year = workspace.moved_out_year(archive.period)
    if year is None or year.sha256 != archive.sha256:
        detail = "这一年现在没有移出" if year is None else f"现在这一年在另一个文件 {year.file_name} 里"
        return Outcome.NOT_HELD, (replace(about, detail=detail),), archive.sha256
    return Outcome.GENUINE, (replace(about, mark=Mark.GOOD, detail="就是移出时写的那个文件，没有变过"),), archive.sha256


def words(done: Moved, *, back: bool) -> str:
    """What a command prints."""
    year = done.year
    if back:
        return f"{year.period} 年度移回了：{year.returns} 张表，{year.offices} 个单位；文件还在 {done.path}"
    less = f"；资料小了 {done.shrunk // 1024 // 1024} MB" if done.shrunk is not None else ""
    return (
        f"{year.period} 年度移出了：{year.returns} 张表，{year.offices} 个单位，写在 {done.path}，"
        f"{year.size // 1024 // 1024} MB，读回核对一致{less}"
    )
