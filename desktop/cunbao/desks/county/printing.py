"""打印: a job that goes from return to return and knows its place, whatever stops it; or all of it as one PDF.

A job is begun with returns whose signatures were checked just now, and each is checked once more before its pages are
handed to the printer. Its place is on the disk before the next return begins, so a restart goes on where it stood; what
the printer swallowed is printed again by going back one. Begin, stop, end and every PDF are entries of the journal.
Source: ui/design.md county-08, print.md §4, §8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from cunbao.desks import ledger
from cunbao.desks.clock import LOCAL
from cunbao.desks.county import pagecheck, printables
from cunbao.desks.county.binding import leaf_of, planned, volumes_of
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.printables import Printable, Shelf, Sign
from cunbao.desks.county.printjob import Options, PrintJob, decoded, encoded, refused
from cunbao.desks.county.volumes import Piece
from cunbao.paper.volume import stamped

JOB, PLACE = "print/job", "print/place"
MOST_COPIES = 20


@dataclass(frozen=True, slots=True)
class Sheaf:
    """One document ready for the printer."""

    title: str
    data: bytes = field(repr=False)
    pages: int
    duplex: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What printing the chosen would take, over all copies. covers: 目录 and 封面 among the documents."""

    returns: int
    pages: int
    sheets: int
    covers: int


def outlook(desk: CountyDesk, lines: Sequence[Printable], options: Options) -> Outlook:
    """Of a job that could be begun."""
    items = [item for volume in volumes_of(desk, lines, options) for item in volume.items] if lines else []
    return Outlook(
        returns=len(lines) * options.copies,
        pages=sum(one.pages for one in items) * options.copies,
        sheets=sum(one.sheets(duplex=options.duplex) for one in items) * options.copies,
        covers=sum(one.piece is not Piece.RETURN for one in items) * options.copies,
    )


# --- a job -----------------------------------------------------------------------------------------------------------


def begin(desk: CountyDesk, shelf: Shelf, revisions: Sequence[str], options: Options) -> PrintJob:
    """A new job; the one before it is put away. DeskError "print.nothing", "print.signature", "print.stale",
    "print.copies"."""
    if not 1 <= options.copies <= MOST_COPIES:
        raise refused("print.copies", f"份数是 {options.copies}", f"请写 1 到 {MOST_COPIES}")
    now = desk.clock()
    job = PrintJob(
        id=sha256(f"{now.isoformat()}/{desk.office.code}/{options.printer}".encode()).hexdigest()[:16],
        begun_at=now,
        person=desk.person.name,
        options=options,
        volumes=planned(desk, shelf, revisions, options),
    )
    with desk.workspace.atomic():
        desk.workspace.set_setting(JOB, encoded(desk, job))
        _keep_place(desk, job)
        desk.journal(
            "print_begin",
            job=job.id,
            printer=options.printer,
            copies=options.copies,
            returns=sum(one.line is not None for one in job.items),
            revisions=[one.line.revision for one in job.items if one.line is not None],
        )
    return job


def current(desk: CountyDesk) -> PrintJob | None:
    """The job that was begun last, in its place; None when there was none, or when it is of another task."""
    kept = desk.workspace.setting(JOB, None)
    if kept is None or kept["period"] != desk.task.period:
        return None
    at = desk.workspace.setting(PLACE, {})
    job = decoded(desk, kept)
    if at.get("job") != job.id:
        return job
    moment = at.get("stopped_at")
    return replace(
        job,
        place=at["place"],
        stopped=at.get("stopped", ""),
        stopped_at=datetime.fromisoformat(moment) if moment else None,
    )


def sheaf(desk: CountyDesk, job: PrintJob) -> Sheaf:
    """What is printed next, its signature and its page checked now. DeskError "print.done", "print.signature"."""
    item = job.here
    if item is None:
        raise refused("print.done", "这一批都打完了", "要再打一遍，请按“从头打”")
    leaf = leaf_of(desk, job, item)
    if item.line is not None:
        sign, reason = _checked_again(desk, item.line, leaf.data)
        if sign is Sign.BAD:
            raise refused(
                "print.signature",
                f"{item.line.office.short} {item.line.form} 没有通过核对：{reason}",
                "请按 F5 再核对一遍，另选要打的报表",
            )
    data = stamped(leaf, desk.clock().astimezone(LOCAL))
    return Sheaf(" ".join(leaf.path[-2:]), data, item.pages, job.options.duplex)


def _checked_again(desk: CountyDesk, line: Printable, pdf: bytes) -> tuple[Sign, str]:
    from cunbao.trust.batch import check_pdf

    judge = ledger.judge_of(desk.workspace)
    stored = desk.workspace.revision(line.revision)
    if stored is None:
        return Sign.BAD, "县里没有这一份了"
    header = ledger.header_of(desk.workspace.object(stored.header))
    checked = check_pdf(pdf, printables.roots_of(judge))
    sign, reason = printables.judged(judge, stored, header, checked)
    if sign is Sign.BAD:
        return sign, reason
    fault = pagecheck.fault(desk, stored, line.pdf, checked.signer)
    return (Sign.BAD, fault) if fault else (sign, "")


def passed(desk: CountyDesk, job: PrintJob, documents: int = 1) -> PrintJob:
    """The document at hand has come out, or so many of them: the next is at hand."""
    on = replace(job, place=min(job.place + documents, job.total), stopped="", stopped_at=None)
    with desk.workspace.atomic():
        _keep_place(desk, on)
        if on.finished:
            desk.journal("print_done", job=job.id, printer=job.options.printer, done=job.total)
    return on


def stop(desk: CountyDesk, job: PrintJob, reason: str) -> PrintJob:
    """The printer stopped, or somebody stopped it: the place is kept with the reason."""
    here = replace(job, stopped=reason, stopped_at=desk.clock())
    with desk.workspace.atomic():
        _keep_place(desk, here)
        desk.journal("print_stop", job=job.id, done=job.place, of=job.total, reason=reason)
    return here


def step_back(desk: CountyDesk) -> PrintJob:
    """退一份: the last return did not come out, so it is printed again, with the covers that stood before it.
    DeskError "print.at_start"."""
    job = _needed(desk)
    place = job.place
    while place > 0:
        place -= 1
        if job.items[place % len(job.items)].piece is Piece.RETURN:
            break
    else:
        raise refused("print.at_start", "还一份都没打", "直接开始打就可以")
    back = replace(job, place=place)
    with desk.workspace.atomic():
        _keep_place(desk, back)
        desk.journal("print_back", job=job.id, done=place)
    return back


def restart(desk: CountyDesk) -> PrintJob:
    """从头打: the same job from its first document."""
    job = _needed(desk)
    fresh = replace(job, place=0, stopped="", stopped_at=None)
    with desk.workspace.atomic():
        _keep_place(desk, fresh)
        desk.journal("print_restart", job=job.id, done=job.place)
    return fresh


def on_printer(desk: CountyDesk, printer: str) -> PrintJob:
    """The rest of the job goes to another printer."""
    job = _needed(desk)
    moved = replace(job, options=replace(job.options, printer=printer))
    with desk.workspace.atomic():
        desk.workspace.set_setting(JOB, encoded(desk, moved))
        desk.journal("print_moved", job=job.id, printer=printer, done=job.place)
    return moved


def _needed(desk: CountyDesk) -> PrintJob:
    job = current(desk)
    if job is None:
        raise refused("print.none", "没有正在打的一批", "请选好报表再打")
    return job


def _keep_place(desk: CountyDesk, job: PrintJob) -> None:
    said = {
        "job": job.id,
        "place": job.place,
        "stopped": job.stopped,
        "stopped_at": job.stopped_at.isoformat() if job.stopped_at else "",
    }
    desk.workspace.set_setting(PLACE, said)
