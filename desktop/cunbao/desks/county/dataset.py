"""数据集 of the county: what counts, for those who compute further, as Parquet, CSV or a workbook, with its dictionary.

A partition a period, replaced whole or not at all. What tells who somebody is stays out of it unless it is asked for
with the password, which the journal remembers. A period that is not closed yet is marked as open. What can be computed
on it stands in `dataset_board`; the same tables in PostgreSQL in `dataset_postgres`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import media, tasks
from cunbao.desks.clock import local_day
from cunbao.desks.county import closing
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.measured import left_out, measured
from cunbao.desks.settings import confirm_password
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.survey.form import CodeList
from cunbao.survey.formulas import computable
from cunbao.survey.indicators import asks
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.store.datasets.files import Place, Stage
    from cunbao.store.datasets.source import Asked

WHAT = "数据集"
PARQUET, CSV, XLSX = "parquet", "csv", "xlsx"
FORMATS = (PARQUET, CSV, XLSX)
ABOVE_VILLAGES = ("village", "township")


@dataclass(frozen=True, slots=True)
class ExportedPeriod:
    """One partition written. path: its folder; closed: 封账; returns: how many count; rows: of all tables; size: bytes
    of the tables."""

    period: str
    path: Path
    closed: bool
    returns: int
    tables: int
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class ExportedDataset:
    folder: Path
    formats: tuple[str, ...]
    personal: bool
    periods: tuple[ExportedPeriod, ...]


def periods(desk: CountyDesk) -> tuple[str, ...]:
    """The periods of which something counts, and that of the task. DeskError "task.none"."""
    held = [one for one in desk.workspace.periods() if closing.now(desk.workspace, one)]
    return tuple(sorted({*held, desk.task.period}))


def export(
    desk: CountyDesk,
    folder: Path,
    *,
    formats: Collection[str] = (PARQUET,),
    some: Sequence[str] = (),
    personal: bool = False,
    password: str = "",
    report: Report = silent,
    cancel: Cancel | None = None,
) -> ExportedDataset:
    """Write what counts of these periods (of all, when none is given) into `folder`.

    personal: with identity numbers, phones and names, after the password. DeskError "task.none", "dataset.no_period",
    "disk.full", "folder.readonly", "medium.gone"; TrustError "password.wrong"; StoreError "dataset.foreign". What lay
    there of a period stays until its new partition is whole."""
    chosen = asked_periods(desk, some)
    if personal:
        confirm_password(desk, password, act="confirm")
    wanted = tuple(one for one in FORMATS if one in formats)
    found = []
    try:
        for at, period in enumerate(chosen):
            found.append(_partition(desk, folder, period, wanted, personal, _share(report, at, len(chosen)), cancel))
    except OSError as trouble:
        raise media.medium_error(trouble, folder, what=WHAT, share=len(found) / len(chosen)) from trouble
    if not desk.read_only:
        desk.journal(
            "export_dataset", folder=folder.name, formats=list(wanted), personal=personal, periods=list(chosen)
        )
    return ExportedDataset(folder, wanted, personal, tuple(found))


def asked_periods(desk: CountyDesk, some: Sequence[str]) -> tuple[str, ...]:
    """These, or all. DeskError "dataset.no_period"."""
    held = periods(desk)
    unknown = [one for one in some if one not in held]
    if unknown:
        raise DeskError(
            "dataset.no_period",
            happened=f"没有 {'、'.join(unknown)} 这一期的报表",
            safe="没有写任何东西",
            todo=f"有的是 {'、'.join(held)}，请从中选",
        )
    return tuple(dict.fromkeys(some)) or held


def _share(report: Report, at: int, whole: int) -> Report:
    """Progress of one partition as a part of all."""

    def told(one: Progress) -> None:
        report(Progress(at * 100 + one.done * 100 // max(one.total, 1), whole * 100, one.step))

    return told


def _partition(
    desk: CountyDesk,
    folder: Path,
    period: str,
    formats: Sequence[str],
    personal: bool,
    report: Report,
    cancel: Cancel | None,
) -> ExportedPeriod:
    from cunbao.store.datasets.dictionary import package
    from cunbao.store.datasets.files import DICTIONARY, Place, Stage, sizes
    from cunbao.store.datasets.source import gathered

    asked = asked_of(desk, period, personal=personal)
    facts = facts_of(desk, period, asked)
    place = Place(folder, period, desk.office.code[:6])
    tables = gathered(desk.workspace, asked)
    with Stage(place, [one for one in formats if one != XLSX]) as stage:
        kept = []
        for done, lines in enumerate(tables):
            if cancel is not None:
                cancel.check()
            kept.append(stage.take(lines, keep=XLSX in formats))
            report(Progress(done + 1, len(tables) + 1, lines.table.title))
        if XLSX in formats:
            _workbook(desk, stage, place, kept, facts)
        for name, data in task_files(desk).items():
            stage.add(f"task/{name}", data)
        stage.add(DICTIONARY, package(facts, stage.written))
        stage.put_in_place()
        written = stage.written
    report(Progress(len(tables) + 1, len(tables) + 1, place.path.name))
    returns = len(closing.now(desk.workspace, period))
    rows = {one.table.name: one.rows for one in written}
    return ExportedPeriod(
        period=period,
        path=place.path,
        closed=asked.at_close is not None,
        returns=returns,
        tables=len(tables),
        rows=sum(rows.values()),
        size=sizes(written),
    )


def _workbook(desk: CountyDesk, stage: Stage, place: Place, kept: Any, facts: Mapping[str, Any]) -> None:
    from cunbao.desks.county.dataset_book import book_name, workbook

    stage.add(book_name(place.period, place.county), workbook(desk, stage, kept, facts))


# --- what goes into it -----------------------------------------------------------------------------------------------


def asked_of(desk: CountyDesk, period: str, *, personal: bool) -> Asked:
    """What of the workspace a dataset of the period takes, with all that its tables do not know by themselves."""
    from cunbao.store.datasets.source import Asked

    seen = measured(desk, period)
    some = computable(desk.task)
    named = at_close(desk, period)
    whole = desk.task.whole
    return Asked(
        period=period,
        forms={**whole.retired, **whole.forms},
        offices=_offices(desk, period),
        reporting=frozenset(seen.offices),
        indicators=desk.task.indicators,
        lists=_lists(desk),
        silent=frozenset(
            (one.code, indicator.number) for indicator in some for one in seen.silent if asks(desk.task, indicator, one)
        ),
        exempt=_exempt((office, number, seen.exempt[office][number]) for office, number, _ in left_out(seen, some)),
        at_close=named,
        personal=personal,
    )


def at_close(desk: CountyDesk, period: str) -> frozenset[str] | None:
    """The revisions that the 封账 in effect names; None while the period is open."""
    named = closing.at_closing(desk.workspace, period)
    return None if named is None else frozenset({*named.closing.values(), *named.unknown})


def _exempt(some: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for office, number, reason in some:
        found.setdefault(office, {})[number] = reason
    return found


def _offices(desk: CountyDesk, period: str) -> tuple[Office, ...]:
    """Of the directory, also who has ended; and those of whom something counts though no directory names them."""
    known = {one.code: one for one in desk.workspace.offices() if one.level in ABOVE_VILLAGES}
    for office, _ in closing.now(desk.workspace, period):
        known.setdefault(office, Office(office, office))
    return tuple(known[code] for code in sorted(known))


def _lists(desk: CountyDesk) -> dict[str, CodeList]:
    """The task's lists, and those that stand in its forms alone."""
    whole = desk.task.whole
    found = dict(whole.lists)
    for form in whole.forms.values():
        for field in form.by_name.values():
            if field.list is not None:
                found.setdefault(field.list.name, field.list)
    return found


def facts_of(desk: CountyDesk, period: str, asked: Asked) -> dict[str, Any]:
    """What the dictionary says of the partition. Nothing of the moment: equal data are described alike."""
    task, made = desk.task, closing.in_effect(desk.workspace, period)
    title = task.period_title if period == task.period else period
    told = "已经封账" if made is not None else "还没有封账，数字以后可能变动"
    return {
        "title": f"{desk.office.short} {title} 村级报表数据集",
        "description": (
            f"只有审核通过、现在计入的报表；{told}。"
            f"{'含' if asked.personal else '不含'}身份证号、电话、姓名等个人信息。没填是空的，不是 0。"
        ),
        "county": desk.office.code[:6],
        "county_name": desk.office.short,
        "period": period,
        "period_title": title,
        "closed": made is not None,
        "closed_on": local_day(made.at).isoformat() if made is not None else None,
        "personal": asked.personal,
        "task": {"id": task.id, "title": task.title, "version": task.version, "sha256": task.sha256},
    }


def task_files(desk: CountyDesk) -> Mapping[str, bytes]:
    """The task that was issued, file by file: what the columns mean and what the indicators are, in ten years too."""
    return tasks.read_pack(desk.workspace.object(desk.workspace.setting("taskpack", ""))).files
