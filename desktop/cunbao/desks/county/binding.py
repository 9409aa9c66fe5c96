"""合成: the documents of a job, one by one for the printer or all of them bound into one PDF.

A return's document is its signed PDF; covers are drawn. Writes one file, where it is told to. Source: print.md §4, §8.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from cunbao.desks import ledger, media
from cunbao.desks.clock import LOCAL
from cunbao.desks.county import pagecheck, printables, volumes
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.printables import Printable, Shelf
from cunbao.desks.county.printjob import Options, PrintJob, refused
from cunbao.desks.county.volumes import Item, Order, Piece, Volume
from cunbao.paper.cover import CoverSheet, DividerSheet, draw_cover, draw_divider
from cunbao.paper.volume import Leaf, bind
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.survey import codes
from cunbao.survey.states import Kind
from cunbao.survey.values import Office

WHAT = "合成的 PDF"


@dataclass(frozen=True, slots=True)
class Bound:
    """One PDF of many returns. volumes: of how many it consists; size: bytes."""

    path: Path
    pages: int
    returns: int
    volumes: int
    size: int


def planned(desk: CountyDesk, shelf: Shelf, revisions: Sequence[str], options: Options) -> tuple[Volume, ...]:
    """The chosen returns in volumes, when all may be printed and nothing has changed since they were checked."""
    lines = shelf.chosen(revisions)
    if not lines:
        raise refused("print.nothing", "还没有选要打的报表", "请先选几份")
    bad = [one for one in lines if not one.may_print]
    if bad:
        raise refused(
            "print.signature",
            f"{bad[0].office.short} {bad[0].form} 不能当有效报表打：{bad[0].reason}",
            "请不要选它，或请乡镇让村里重新签名再报",
        )
    if printables.trust_of(desk, printables.roots_of(ledger.judge_of(desk.workspace))) != shelf.trust:
        raise refused("print.stale", "核对签名以后，证书或吊销名单变了", "请按 F5 再核对一遍")
    return volumes_of(desk, lines, options)


def volumes_of(desk: CountyDesk, lines: Sequence[Printable], options: Options) -> tuple[Volume, ...]:
    """These returns in printing order, volume by volume."""
    return volumes.plan(
        lines,
        order=options.order,
        covers=options.covers,
        forms=_village_forms(desk),
        villages=_villages(desk, lines),
    )


def _villages(desk: CountyDesk, lines: Sequence[Printable]) -> tuple[Office, ...]:
    """Those that a cover must name: all of a township of which several are printed."""
    several = {one.township.code for one in lines if one.office.code != one.township.code}
    return tuple(one for one in desk.villages if one.parent in several)


def _village_forms(desk: CountyDesk) -> tuple[str, ...]:
    return tuple(form for form in desk.task.forms if desk.task.levels.get(form, "village") == "village")


# --- one PDF ---------------------------------------------------------------------------------------------------------


def to_pdf(
    desk: CountyDesk,
    shelf: Shelf,
    revisions: Sequence[str],
    options: Options,
    path: Path,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Bound:
    """合成一个 PDF: all volumes one after another with bookmarks, the signed originals attached. An earlier file of the
    same name stays until the new one is whole. DeskError as of `planned` and `media`; Cancelled leaves nothing."""
    now = desk.clock()
    job = PrintJob("", now, desk.person.name, replace(options, copies=1), planned(desk, shelf, revisions, options))
    _refuse_pages(desk, job, progress, cancel)
    total = len(job.items)
    part = path.with_name(path.name + ".part")
    title = f"{_place(desk)} {desk.task.title}报表汇编"

    def told(number: int) -> None:
        if cancel is not None:
            cancel.check()
        progress(Progress(number, total, "合成 PDF"))

    try:
        with part.open("wb") as file:
            os.chmod(part, 0o600)
            pages = bind(
                (leaf_of(desk, job, item, attach=True) for item in job.items),
                file,
                title=title,
                author=desk.full_name,
                when=now.astimezone(LOCAL),
                duplex=options.duplex,
                told=told,
            )
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as trouble:
        raise media.medium_error(trouble, path.parent, what=WHAT, share=0.0) from trouble
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    returns = [one.line.revision for one in job.items if one.line is not None]
    desk.journal("print_pdf", file_name=path.name, returns=len(returns), revisions=returns, pages=pages)
    return Bound(path, pages, len(returns), len(job.volumes), path.stat().st_size)


def _refuse_pages(desk: CountyDesk, job: PrintJob, progress: Report, cancel: Cancel | None) -> None:
    """DeskError "print.page" for a return whose page does not say what its data say."""
    from cunbao.trust.batch import check_pdf

    roots = printables.roots_of(ledger.judge_of(desk.workspace))
    lines = [item.line for item in job.items if item.line is not None]
    for number, line in enumerate(lines):
        if cancel is not None:
            cancel.check()
        progress(Progress(number, len(lines), "核对报表和数据"))
        stored = desk.workspace.revision(line.revision)
        assert stored is not None  # it was on the shelf just now
        fault = pagecheck.remembered(desk, stored, line.pdf)
        if fault is None:
            signer = check_pdf(desk.workspace.object(line.pdf), roots).signer
            fault = pagecheck.fault(desk, stored, line.pdf, signer)
        if fault:
            raise refused(
                "print.page",
                f"{line.office.short} {line.form} 不能当有效报表打：{fault}",
                "请不要选它，或请乡镇让村里重新签名再报",
            )


def pdf_name(desk: CountyDesk, lines: Sequence[Printable]) -> str:
    """勐混镇-2025年度-报表汇编.pdf; of several townships the county's name."""
    townships = list(dict.fromkeys(one.township.short for one in lines))
    offices = list(dict.fromkeys(one.office.short for one in lines))
    place = desk.office.short if len(townships) > 1 else offices[0] if len(offices) == 1 else townships[0]
    return f"{place}-{desk.task.period_title}-报表汇编.pdf"


# --- documents -------------------------------------------------------------------------------------------------------


def leaf_of(desk: CountyDesk, job: PrintJob, item: Item, *, attach: bool = False) -> Leaf:
    if item.piece is Piece.COVER:
        volume = job.volumes[item.volume - 1]
        return Leaf((f"第 {item.volume} 册目录",), draw_cover(_cover(desk, job, volume)))
    assert item.township is not None and item.office is not None  # only a volume's cover has none
    above = (item.township.short, item.office.short)
    if item.piece is Piece.DIVIDER:
        return Leaf((*above, "封面"), draw_divider(_divider(desk, job, item)), first=item.first)
    line = item.line
    assert line is not None  # a return is one
    replaced = "（已更正）" if line.replaced else ""
    path = (*above, f"{line.form} {line.title}{replaced}")
    if job.options.order is Order.FORM:
        path = (above[0], path[-1], above[1])
    name = f"{line.office.code}-{line.form}-第{line.version}版-{line.revision[:8]}.pdf" if attach else ""
    return Leaf(path, desk.workspace.object(line.pdf), item.first, line.watermark, name)


def _cover(desk: CountyDesk, job: PrintJob, volume: Volume) -> CoverSheet:
    now = job.begun_at.astimezone(LOCAL)
    lines = volume.returns
    villages = _villages(desk, lines)
    units, returns, checked = volumes.facts_of(volume, villages)
    sha = volume_id(volume)
    return CoverSheet(
        place=_place(desk),
        title="城乡社区服务情况报表汇编",
        volume=volume.number,
        volumes=len(job.volumes),
        townships=tuple(one.short for one in volume.townships),
        units=units,
        returns=returns,
        checked=checked,
        lines=volumes.cover_lines(volume.items, job.options.order, _village_forms(desk), villages),
        pages=volume.pages,
        number=f"汇编 {desk.task.period}-{volume.number:02d}",
        issuer=desk.full_name,
        person=f"{desk.person.name}（{desk.person.role}）",
        printed_at=now,
        code=codes.verification_code(sha),
        qr=codes.qr_text("C", (desk.office.code[:6], desk.task.period, str(volume.number)), sha),
    )


def volume_id(volume: Volume) -> str:
    """SHA-256 over the ids of the returns in a volume, in their order: what its verification code is made of."""
    return sha256("\n".join(one.revision for one in volume.returns).encode()).hexdigest()


def _divider(desk: CountyDesk, job: PrintJob, item: Item) -> DividerSheet:
    assert item.office is not None and item.township is not None  # of a divider they are known
    mine = [
        one for one in job.volumes[item.volume - 1].items if one.line is not None and one.line.office == item.office
    ]
    rows = tuple(
        (f"{line.form} {line.title}", _version(line), str(one.pages), str(one.first))
        for one in mine
        if (line := one.line) is not None
    )
    return DividerSheet(
        office=item.office.name,
        township=item.township.name,
        code=item.office.code,
        place=_place(desk),
        issuer=desk.full_name,
        printed_at=job.begun_at.astimezone(LOCAL),
        rows=rows,
    )


def _version(line: Printable) -> str:
    kind = Kind[line.kind.upper()]
    words = [f"第 {line.version} 版"]
    if line.watermark:
        words.append(line.watermark)
    elif kind is not Kind.NORMAL:
        words.append(kind.value)
    return "，".join(words)


def _place(desk: CountyDesk) -> str:
    return f"{desk.office.short} {desk.task.period} 年度"
