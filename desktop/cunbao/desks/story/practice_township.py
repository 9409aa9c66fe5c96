"""乡镇样例: a practice township with invented villages in several states, and files to try receiving with.

Everything goes through the same doors as a real one: a county made for this once, villages that fill, sign and send. It
is thrown away at will; the folder `样例U盘` beside the database holds what villages would bring.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from cunbao.desks import devices, receiving, start, tasks
from cunbao.desks.clock import Clock, local_day, system_clock
from cunbao.desks.county import desk as county
from cunbao.desks.decisions import acceptance
from cunbao.desks.township import certified, deciding, registry, supplement
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import CheckView, Person
from cunbao.desks.village import enrolment, practice, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.desks.village.practice import CLERK, PASSWORD, TASK
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.survey import sample
from cunbao.survey.decision import Comment
from cunbao.survey.resources import forms_path
from cunbao.survey.revision import read_answers
from cunbao.survey.values import Cell, Office
from cunbao.trust.keys import Signer, Stretch

OFFICER = Person("玉罕", "乡镇审核员")
STICK = "样例U盘"
DAYS_LEFT = timedelta(days=4)
LIGHT = Stretch(memory=8 * 1024, passes=1, lanes=1)  # the password is public: nothing is gained by stretching it
VILLAGES = (sample.MANBANG, sample.MANGUO, sample.MANSAI)
STEPS = ("建样例的县和乡镇", "发任务包", *("村里填报、签名、报送",) * len(VILLAGES), "乡镇接收、审核几张")


def begin_sample(
    folder: Path, *, clock: Clock = system_clock, progress: Report = silent, cancel: Cancel | None = None
) -> TownshipDesk:
    """Make the practice township: one village's file still on the stick, one received with a return sent back, one
    whose computer waits for its certificate; four villages have sent nothing. Gives the open desk."""

    def at(step: int) -> None:
        if cancel is not None:
            cancel.check()
        progress(Progress(step, len(STEPS), STEPS[min(step, len(STEPS) - 1)]))

    town = sample.SAMPLE_TOWNSHIPS[0]
    made = not folder.exists()
    with tempfile.TemporaryDirectory(prefix="cunbao-sample-") as around:
        place = Path(around)
        try:
            at(0)
            desk, pack, county_signs = _superiors(place, folder, town, clock)
            sign_last_period(desk, PASSWORD, county_signs)
            fill_own(desk)
            supplement.sign(desk, signing.prepare(supplement.asked(desk)), PASSWORD)
            at(1)
            stick = folder / STICK
            stick.mkdir()
            for number, office in enumerate(VILLAGES):
                at(2 + number)
                _village(place / office, desk, office, pack, stick, clock)
            at(2 + len(VILLAGES))
            _begun(desk, stick)
        except BaseException:
            if made:
                shutil.rmtree(folder, ignore_errors=True)
            raise
    progress(Progress(len(STEPS), len(STEPS), "样例备好了"))
    return desk


def sample_files(folder: Path) -> Path:
    """The folder with the files to try receiving with."""
    return folder / STICK


def fill_own(desk: TownshipDesk, *, seed: int = sample.SEED) -> CheckView:
    """Fill the township's own forms as the sample has them, explain what asks for it, and check them."""
    own = supplement.asked(desk)
    for form, given in sample.sample_answers(own.task, own.office.code, own.task.period, seed).items():
        practice.fill(own, form, given)
    own.set_ret(sample.sample_ret(own.task, own.office.code, "", seed))
    return practice.explain_all(own)


def sign_last_period(desk: TownshipDesk, password: str, county_signs: Signer, *, seed: int = sample.SEED) -> None:
    """Last year's return of the township itself, accepted by the county's desk (county_signs: its key)."""
    assert desk.county is not None  # its pack was taken
    seat, own = desk.county, supplement.asked(desk)

    def accepted(header: bytes) -> tuple[bytes, bytes]:
        return acceptance(header, county_signs, seat, desk.clock().replace(microsecond=0))

    practice.sign_last_period(own, password, accepted, seed=seed)


def _superiors(place: Path, folder: Path, town: Office, clock: Clock) -> tuple[TownshipDesk, bytes, Signer]:
    """The township with its papers and its task, the pack, and the key by which the county decides."""
    seat = county.init_county(
        place / "county", sample.SAMPLE_COUNTY, person=Person("县管理员", "县级管理员"), password=PASSWORD, clock=clock,
        stretch=LIGHT,
    )  # fmt: skip
    desk = township.init_township(folder, town, person=OFFICER, password=PASSWORD, clock=clock, stretch=LIGHT)
    papers = county.certify_township(seat, town, township.ca_request(desk), PASSWORD)
    township.take_papers(desk, papers, PASSWORD)
    own = devices.device(desk.workspace)
    pack = county.issue_pack(
        seat,
        forms_path(TASK),
        villages=(*(sample.sample_office(code) for code in VILLAGES), *sample.NEIGHBOURS),
        townships=[(papers, own.certificate, own.decryption)],
        password=PASSWORD,
    )
    signs = seat.signs()
    seat.close()
    # practising on any day of any year, there is to be time left
    deadline = local_day(clock()) + DAYS_LEFT
    desk.workspace.set_setting("practice/deadline", deadline.isoformat())
    township.take_task(desk, pack, sample=True)
    return desk, pack, signs


def _village(folder: Path, town: TownshipDesk, office: str, pack: bytes, stick: Path, clock: Clock) -> None:
    """A village fills, signs and puts its bundle on the stick; the last one has not been approved yet."""
    desk = start.begin(
        folder,
        pack,
        office=office,
        person=CLERK,
        password=PASSWORD,
        root_code=tasks.pack_view(tasks.read_pack(pack), None).root_code,
        clock=clock,
        sample=True,
        stretch=LIGHT,
    )
    desk.task = replace(desk.task, deadline=town.task.deadline)
    if office != VILLAGES[-1]:
        asked = enrolment.write_request(desk, folder)
        seen = registry.add_request(town, asked.path)
        registry.approve(town, seen.sha256, asked.code, PASSWORD)
        newest = [town.workspace.object(one.id) for one in certified.live_certificates(town, office)]
        signing_der, reading_der = sorted(newest, key=_reads)
        chain = devices.device(town.workspace).chain
        devices.install(desk.workspace, signing_der, reading_der, chain)
    _fill(desk)
    signing.sign(desk, signing.prepare(desk), PASSWORD)
    sending.write_bundle(desk, stick, PASSWORD)
    desk.close()


def _reads(der: bytes) -> bool:
    from cunbao.trust.certs import read_certificate

    return not read_certificate(der).may_sign


def _fill(desk: VillageDesk) -> None:
    for form, given in sample.sample_answers(desk.task, desk.office.code, desk.task.period).items():
        practice.fill(desk, form, given)
    desk.set_ret(sample.sample_ret(desk.task, desk.office.code, ""))
    practice.explain_all(desk)


def _begun(desk: TownshipDesk, stick: Path) -> None:
    """The officer has read two sticks and decided a little; the first village's file waits to be read."""
    first, *others = (sample.sample_office(code).short for code in VILLAGES)
    files = [path for name in others for path in stick.glob(f"{name}-*.cbsync")]
    receiving.receive(desk, files, source="U 盘")
    office = VILLAGES[1]
    for form in ("B01", "B04"):
        deciding.accept(desk, office, form)
    filed = read_answers(desk.task.forms["B02"], desk.workspace.object(deciding.head_of(desk, office, "B02").answers))
    place = Cell("b02_f_area", filed.rows["b02_f"][0].id)
    deciding.send_back(desk, office, "B02", [Comment(place, "验收单上的建筑面积不是这个数，请核对")])
    cut = stick / f"{sample.NEIGHBOURS[0].short}-样例-没拷完.cbsync"
    whole = next(stick.glob(f"{first}-*.cbsync")).read_bytes()
    cut.write_bytes(whole[: len(whole) // 3])
