"""The sample round: a county, its townships and villages do the whole job, through the same use cases as the screens.

Everything is invented (survey.sample) and every step is written into the report. The clock is the story's own, so that
the same seed tells the same story on any day. Here the villages fill and send; `demo_round` tells what the townships
and the county make of it, with a conflict, a return sent back, a late village, a damaged file, an office not approved.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cunbao.desks import devices, media, offered, outbox, receiving, start, sync, tasks
from cunbao.desks.clock import LOCAL
from cunbao.desks.county import desk as county
from cunbao.desks.county import rootkey
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.outbox import Box
from cunbao.desks.seat import Seat
from cunbao.desks.story import demo_round
from cunbao.desks.story import practice_township as town_practice
from cunbao.desks.township import deciding, supplement
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import CheckView, Person
from cunbao.desks.village import checking, enrolment, practice, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.desks.village.practice import CLERK, PASSWORD, TASK
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import FetchedState
from cunbao.survey import sample
from cunbao.survey.decision import Act
from cunbao.survey.resources import forms_path
from cunbao.survey.values import Finding, Office
from cunbao.trust.keys import Stretch

ROOT_SECRET = "样例县根备份的密码2025"  # of the sample alone; a county chooses its own and keeps it apart from the file
LIGHT = Stretch(memory=8 * 1024, passes=1, lanes=1)  # the password is public: nothing is gained by stretching it
FOLDERS = ("stick", "pdf", "paper", "open", "safe")
LAST_YEAR = "2024年度"  # folder on the stick
ATTEMPTS = 6  # passes before a drop box is given up
# What a picture can be taken of, told to a witness while it is so: (moment, the desk that is in it)
Witness = Callable[[str, VillageDesk | TownshipDesk | CountyDesk], None]


@dataclass(slots=True)
class StoryClock:
    """A clock that moves only when told to, and one second with each look."""

    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def goes_to(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
        """Forward only: a story's clock is never set back."""
        self.now = max(self.now, datetime(year, month, day, hour, minute, tzinfo=LOCAL).astimezone(UTC))


@dataclass(slots=True)
class Ids:
    """Row ids drawn from the seed, so that the same seed gives the same answers."""

    seed: int
    office: str
    count: int = 0

    def __call__(self) -> str:
        self.count += 1
        return sha256(f"{self.seed}/{self.office}/row/{self.count}".encode()).hexdigest()[:32]


@dataclass(slots=True)
class Round:
    """One telling of the story in one folder."""

    folder: Path
    seed: int
    clock: StoryClock
    witness: Witness
    report: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, list[Path]] = field(default_factory=dict)  # office → this year's bundles on the stick
    box: Box | None = None  # the drop box over which everything goes; None: on sticks

    def tells(self, step: str, **facts: Any) -> None:
        self.report.append({"step": step, **facts})

    def connects(self, desk: Seat) -> None:
        """Where the round goes over a network: this desk has an outbox."""
        if self.box is not None:
            outbox.set_up(desk, self.box)

    def carries(self, sender: Seat, receiver: Seat, *paths: Path) -> list[Path]:
        """The files as they reach the other end: on sticks the very ones; over the network those that were sent there
        and fetched. What nobody queued, or what has been read in before, comes on the stick that it lies on."""
        if self.box is None:
            return list(paths)
        wanted = {sha256(path.read_bytes()).hexdigest(): path for path in paths}
        queued = {one.sha256 for one in sender.workspace.queued()} & set(wanted)
        for attempt in range(ATTEMPTS):
            fetched = {one.sha256 for one in receiver.workspace.fetched([FetchedState.OFFERED, FetchedState.TAKEN])}
            if queued <= fetched:
                break
            done = [sync.sync(one, chance=_no_chance) for one in (sender, receiver)]
            self.tells("sync", attempt=attempt, sent=done[0].sent, fetched=done[1].fetched, troubles=_troubles(done))
        else:
            raise DeskError(
                "demo.box",
                happened="网盘一直送不到",
                safe="样例里做完的都在",
                todo="请核对网盘的地址，或者不用网盘再做一次",
                detail="；".join(one.happened for one in map(_trouble_of, (sender, receiver)) if one is not None),
            )
        came = {one.sha256: one.path for one in offered.offers(receiver)}
        return [came.get(name, path) for name, path in wanted.items()]


def _no_chance() -> float:
    return 0.5


def _trouble_of(desk: Seat) -> outbox.Trouble | None:
    return outbox.trouble_of(desk.workspace)


def _troubles(done: Sequence[sync.Synced]) -> list[str]:
    return [one.trouble.code for one in done if one.trouble is not None]


def run(
    folder: Path,
    *,
    villages: int = 6,
    seed: int = sample.SEED,
    witness: Witness = lambda moment, desk: None,
    box: Box | None = None,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Mapping[str, Any]:
    """Tell the round into `folder` (made anew) and give the report, which is also written to report.json. box: a drop
    box by which all that is sent goes; None: on sticks. DeskError "demo.box" when it is not to be reached.

    DeskError "demo.occupied" when the folder holds anything that no earlier demo made."""
    refuse_foreign_folder(folder)
    told = Round(folder, seed, StoryClock(datetime(2025, 1, 6, 1, 0, tzinfo=UTC)), witness, box=box)
    chosen = sample.SAMPLE_OFFICES[:villages]
    steps = 4 + 2 * len(chosen) + demo_round.STEPS
    progress(Progress(0, steps, "县里建根证书，发任务包"))
    seat, towns, pack = _superiors(told, chosen)
    desks = []
    for number, office in enumerate(chosen):
        if cancel is not None:
            cancel.check()
        progress(Progress(1 + number, steps, f"{office.short}建资料、领证书，上年报表归档"))
        desks.append(_begin(told, office, towns[office.code[:9] + "000"], pack))
    told.clock.goes_to(2025, 12, 12, 10, 30)
    progress(Progress(1 + len(chosen), steps, "各村填报、检查、改正"))
    for desk in desks:
        _fill_and_check(told, desk)
    told.clock.goes_to(2025, 12, 15, 15, 8)
    late = [desk for desk in desks if desk.office.code in sample.LATE_OFFICES]
    for number, desk in enumerate(one for one in desks if one not in late):
        if cancel is not None:
            cancel.check()
        progress(Progress(2 + len(chosen) + number, steps, f"{desk.office.short}签名、报送"))
        _sign_and_send(told, desk)
    by_code = {desk.office.code: desk for desk in desks}
    cast = demo_round.Cast(told, seat, towns, by_code, pack)
    demo_round.first_reading(cast, lambda words: progress(Progress(steps - demo_round.STEPS - 1, steps, words)))
    told.clock.goes_to(2025, 12, 22, 15, 8)
    for desk in late:
        progress(Progress(steps - demo_round.STEPS, steps, f"{desk.office.short}签名、报送（过了截止日期）"))
        _sign_and_send(told, desk)
    demo_round.second_reading(cast, lambda words: progress(Progress(steps - 3, steps, words)))
    for desk in desks:
        _keep_pdfs(told, desk)
        _paper(told, desk)
        start.close(desk)
        if desk.office.code == sample.MANGUO:
            told.witness("closed", desk)
    progress(Progress(steps - 2, steps, "写空白表和开包示例"))
    _blanks(told)
    _open_example(told, tuple(towns.values()))
    for one in towns.values():
        _keep_pdfs(told, supplement.asked(one))
        one.close()
    seat.close()
    report = {"task": TASK, "seed": seed, "villages": [one.code for one in chosen], "steps": told.report}
    (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
    progress(Progress(steps, steps, "样例做完了"))
    return report


def refuse_foreign_folder(folder: Path) -> None:
    """Empty an earlier demo's folder; leave anybody else's alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "report.json").exists():
            raise DeskError(
                "demo.occupied",
                happened=f"“{folder.name}”里已有别的文件",
                safe="里面的文件没有动",
                todo="请换一个空文件夹",
            )
        shutil.rmtree(folder)
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)


# --- county and townships --------------------------------------------------------------------------------------------


def _superiors(told: Round, chosen: tuple[Office, ...]) -> tuple[CountyDesk, dict[str, TownshipDesk], bytes]:
    seat = county.init_county(
        told.folder / "county",
        sample.SAMPLE_COUNTY,
        person=Person("玉坎", "县级管理员"),
        password=PASSWORD,
        clock=told.clock,
        stretch=LIGHT,
    )
    (told.folder / "root.pem").write_text(_pem(seat.root), "ascii")
    saved = rootkey.back_up(seat, told.folder / "safe", PASSWORD, ROOT_SECRET, stretch=LIGHT)
    told.tells("backup_root", file=saved.relative_to(told.folder).as_posix())
    towns, papers = {}, []
    for office in sample.SAMPLE_TOWNSHIPS:
        desk = township.init_township(
            told.folder / f"township-{office.code}",
            office,
            person=Person("玉罕", "乡镇审核员"),
            password=PASSWORD,
            clock=told.clock,
            stretch=LIGHT,
        )
        paper = county.certify_township(seat, office, township.ca_request(desk), PASSWORD)
        township.take_papers(desk, paper, PASSWORD)
        told.connects(desk)
        own = devices.device(desk.workspace)
        papers.append((paper, own.certificate, own.decryption))
        towns[office.code] = desk
        told.tells("certify_township", office=office.code, certificate=own.certificate_no)
    directory = (*sample.SAMPLE_OFFICES, *sample.NEIGHBOURS)
    pack = county.issue_pack(seat, forms_path(TASK), villages=directory, townships=papers, password=PASSWORD)
    told.connects(seat)
    path = told.folder / "stick" / county.pack_name(sample.SAMPLE_COUNTY, "2025年度", 1)
    media.write_file(path, pack, what="任务包")
    outbox.keep(seat.workspace, path, pack, outbox.everybody(seat), now=told.clock())
    for desk in towns.values():
        (came,) = told.carries(seat, desk, path)
        township.take_task(desk, came.read_bytes(), sample=True)
        town_practice.sign_last_period(desk, PASSWORD, seat.signs(), seed=told.seed)
    told.tells("issue_pack", file=path.name, sha256=sha256(pack).hexdigest())
    return seat, towns, pack


# --- one village -----------------------------------------------------------------------------------------------------


def _begin(told: Round, office: Office, town: TownshipDesk, pack: bytes) -> VillageDesk:
    """A village takes the pack, gets its certificates, and has its last year's returns accepted."""
    desk = start.begin(
        told.folder / f"village-{office.code}",
        pack,
        office=office.code,
        person=CLERK,
        password=PASSWORD,
        root_code=tasks.pack_view(tasks.read_pack(pack), None).root_code,
        clock=told.clock,
        new_id=Ids(told.seed, office.code),
        sample=True,
        stretch=LIGHT,
    )
    told.connects(desk)
    if desk.office.code != demo_round.UNAPPROVED:
        enrol(told, desk, town)
    _last_period(told, desk, town)
    return desk


def enrol(told: Round, desk: VillageDesk, town: TownshipDesk) -> None:
    """Request → the 24 digits are read aloud → approval → certificates."""
    from cunbao.exchange.enrol import write_approval

    stick = told.folder / "stick"
    asked = enrolment.write_request(desk, stick)
    request = asked.path.read_bytes()
    issued = township.approve_device(town, request, asked.code, PASSWORD)
    answer = stick / f"{desk.office.short}-证书.cbcert"
    media.write_file(answer, write_approval(request, issued, town.signs(), when=told.clock()), what="证书")
    fresh = enrolment.take_certificate(desk, answer)
    told.tells("enrol", office=desk.office.code, certificate=fresh.certificate_no)


def _last_period(told: Round, desk: VillageDesk, town: TownshipDesk) -> None:
    """Last year's returns, signed, carried to the township and accepted there; who is not approved yet has none."""
    if not devices.device(desk.workspace).enrolled:
        return
    place = told.folder / "stick" / LAST_YEAR
    place.mkdir(exist_ok=True)

    def send(old: VillageDesk) -> None:
        receiving.receive(town, told.carries(old, town, sending.write_bundle(old, place, PASSWORD).path))

    def accepted(header: bytes) -> tuple[bytes, bytes]:
        revision = town.workspace.revision(sha256(header).hexdigest())
        assert revision is not None  # it was received just now
        made = deciding.decide(town, Act.ACCEPT, revision)
        return town.workspace.object(made.id), town.workspace.object(made.cms)

    signed = practice.sign_last_period(desk, PASSWORD, accepted, seed=told.seed, send=send)
    told.tells("last_period", office=desk.office.code, signed=list(signed))


def _fill_and_check(told: Round, desk: VillageDesk) -> None:
    """Fill this year's forms; where the sample has slips, they are typed, found, pictured and mended."""
    for form, given in sample.sample_answers(desk.task, desk.office.code, desk.task.period, told.seed).items():
        practice.fill(desk, form, given)
    desk.set_ret(sample.sample_ret(desk.task, desk.office.code, "2025-12-15", told.seed))
    slips = sample.sample_errors(desk.task, told.seed) if desk.office.code == sample.MANGUO else ()
    if slips:
        for slip in slips:
            desk.keep(slip.form, desk.type(slip.form, slip.cell, slip.wrong).edits)
        told.witness("filling", desk)
        _tell_findings(told, desk, checking.run(desk))
        told.witness("checked", desk)
        for slip in slips:
            desk.keep(slip.form, desk.type(slip.form, slip.cell, slip.right).edits)
    _tell_findings(told, desk, practice.explain_all(desk))


def _tell_findings(told: Round, desk: VillageDesk, view: CheckView) -> None:
    told.tells("check", office=desk.office.code, findings=[_said(one.finding) for one in view.findings])


def _sign_and_send(told: Round, desk: VillageDesk) -> None:
    pictured = desk.office.code == sample.MANGUO
    if pictured:
        told.witness("to_sign", desk)
    signed = signing.sign(desk, signing.prepare(desk), PASSWORD)
    told.tells("sign", office=desk.office.code, returns={line.form: line.revision for line in signed})
    bundle = sending.write_bundle(desk, told.folder / "stick", PASSWORD)
    data = bundle.path.read_bytes()
    told.sent.setdefault(desk.office.code, []).append(bundle.path)
    told.tells("send", office=desk.office.code, file=bundle.file_name, sha256=sha256(data).hexdigest())
    if pictured:
        told.witness("sent", desk)


def _keep_pdfs(told: Round, desk: VillageDesk) -> None:
    """The signed pages that stand at the end of the round, each form's newest."""
    place = told.folder / "pdf" / desk.office.code
    place.mkdir()
    for form in desk.task.forms:
        newest = desk.newest(form)
        if newest is not None:
            (place / f"{form}.pdf").write_bytes(desk.signed_pdf(newest))


def _said(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "form": finding.form,
        "message": finding.message,
        "cells": [[cell.field, cell.row] for cell in finding.cells],
    }


# --- paper and the opened example ------------------------------------------------------------------------------------


def _paper(told: Round, desk: VillageDesk) -> None:
    """A masked 参阅件 of each signed return."""
    for form in desk.task.forms:
        copy = signing.reading_copy(desk, form)
        (told.folder / "paper" / f"{desk.office.code}-{form}-参阅件.pdf").write_bytes(copy.pdf)


def _blanks(told: Round) -> None:
    from cunbao.paper import draw_blank
    from cunbao.survey.task import load_task

    task = load_task(forms_path(TASK), sample=True)
    office = sample.SAMPLE_OFFICES[0]
    town = next(one for one in sample.SAMPLE_TOWNSHIPS if one.code == office.parent)
    for form in task.forms:
        own = task.levels[form] == "township"
        whose, above = (town, sample.SAMPLE_COUNTY) if own else (office, town)
        drawn = draw_blank(task, task.forms[form], whose, above)
        (told.folder / "paper" / f"{whose.code}-{form}-空白表.pdf").write_bytes(drawn.pdf)


def _open_example(told: Round, towns: Sequence[TownshipDesk]) -> None:
    """The sample townships' keys and a script, so that anybody can open a bundle with openssl and unzip alone."""
    from cunbao.exchange.opening import open_kit

    own = [devices.device(town.workspace) for town in towns]
    kit = open_kit(own[0].chain[-1], *((one.decryption, one.readers[0]) for one in own))
    for name, data in kit.items():
        (told.folder / "open" / name).write_bytes(data)
    told.tells("open", files=sorted(kit), opens=[town.office.code for town in towns])


def _pem(der: bytes) -> str:
    from cunbao.trust.keys import pem

    return pem(der).decode("ascii")
