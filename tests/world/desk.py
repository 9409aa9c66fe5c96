"""Village desks on a disk: a real county, its townships and task pack made once a run, villages copied from then on.

Passwords are stretched little, so that a story costs milliseconds; everything else is as in the product.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cunbao.desks import devices, start, tasks
from cunbao.desks.county import desk as county
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.story.demo import Ids, StoryClock
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import Person
from cunbao.desks.village import practice, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey import sample
from cunbao.survey.values import Answers, Cell
from cunbao.trust.certs import read_certificate
from cunbao.trust.keys import Stretch
from world.task import FIVE, cut_task

QUICK = Stretch(memory=64, passes=1, lanes=1)
PASSWORD = "山茶花2025"
CLERK = Person("岩温", "填报人")
MANBANG = sample.MANBANG
MANGUO = sample.MANGUO
MENGHUN = "532822103000"
OFFICER = "玉罕"
STAGES = ("new", "enrolled", "filled", "ready", "signed")


@dataclass(frozen=True)
class Seat:
    """The superiors of every village here. pack: the bytes of their task pack."""

    county: CountyDesk
    towns: dict[str, TownshipDesk]
    pack: bytes
    root_code: str

    def township(self, office: str) -> TownshipDesk:
        return self.towns[office[:9] + "000"]

    def accept(self, header: bytes) -> tuple[bytes, bytes]:
        """通过 by the township of the return with this header."""
        from cunbao.survey.revision import Header

        return township.accept(self.township(Header.decode(header).office), header, PASSWORD)


@cache
def the_shelf() -> Path:
    """Where what is made once lies until the run ends."""
    place = Path(tempfile.mkdtemp(prefix="cunbao-tests-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


@cache
def the_five() -> Path:
    """The task that the seat issues: five forms of villages, and the townships' own."""
    return cut_task(the_shelf() / "task", (*FIVE, "T01"))


def a_clock(*day: int) -> StoryClock:
    """A clock that stands at that moment in UTC; 2025-12-12 10:30 in 勐海 without an argument."""
    year, month, date, *time = day or (2025, 12, 12, 2, 30)
    return StoryClock(datetime(year, month, date, *time, tzinfo=UTC))


@cache
def the_seat() -> Seat:
    """A county with the two townships of the sample, and the pack that it issued in January."""
    clock = a_clock(2025, 1, 6, 1)
    seat = county.init_county(
        the_shelf() / "county",
        sample.SAMPLE_COUNTY,
        person=Person("县管理员", "县级管理员"),
        password=PASSWORD,
        clock=clock,
        stretch=QUICK,
    )
    towns, papers = {}, []
    for office in sample.SAMPLE_TOWNSHIPS:
        desk = township.init_township(
            the_shelf() / office.code,
            office,
            person=Person(OFFICER, "乡镇审核员"),
            password=PASSWORD,
            clock=clock,
            stretch=QUICK,
        )
        paper = county.certify_township(seat, office, township.ca_request(desk), PASSWORD)
        township.take_papers(desk, paper, PASSWORD)
        own = devices.device(desk.workspace)
        papers.append((paper, own.certificate, own.decryption))
        towns[office.code] = desk
    pack = county.issue_pack(seat, the_five(), villages=sample.SAMPLE_OFFICES, townships=papers, password=PASSWORD)
    for code, desk in towns.items():
        township.take_task(desk, pack, sample=True)
        desk.close()
        for name in ("town", "bare"):  # closed, to be copied from
            shutil.copytree(the_shelf() / code, the_shelf() / f"{code}-{name}")
        towns[code] = township.unlock_township(the_shelf() / code, OFFICER, PASSWORD, clock=clock)
    seat.close()
    shutil.copytree(the_shelf() / "county", the_shelf() / "county-issued")
    seat = county.unlock_county(the_shelf() / "county", "县管理员", PASSWORD, clock=clock)
    return Seat(seat, towns, pack, tasks.pack_view(tasks.read_pack(pack), None).root_code)


def a_town_desk(
    tmp_path: Path, office: str = MENGHUN, *, clock: StoryClock | None = None, name: str = "town"
) -> TownshipDesk:
    """An unlocked township of its own in `tmp_path`/`name`, its task taken, nothing received."""
    folder = tmp_path / name
    shutil.copytree(the_town(office), folder)
    return reopened_town(folder, clock)


def a_bare_town_desk(tmp_path: Path, office: str = MENGHUN, *, clock: StoryClock | None = None) -> TownshipDesk:
    """The same before it has approved any computer: its villages work on paper."""
    the_seat()
    folder = tmp_path / "town"
    shutil.copytree(the_shelf() / f"{office}-bare", folder)
    return reopened_town(folder, clock)


def a_county_desk(tmp_path: Path, *, clock: StoryClock | None = None) -> CountyDesk:
    """An unlocked county of its own in `tmp_path`/county, its pack issued, nothing received."""
    the_seat()
    folder = tmp_path / "county"
    shutil.copytree(the_shelf() / "county-issued", folder)
    return county.unlock_county(folder, "县管理员", PASSWORD, clock=clock or a_clock(2025, 12, 18, 1))


@cache
def the_town(office: str) -> Path:
    """A closed township that has approved the computers of its sample villages and received nothing."""
    computers = set()
    for one in sample.SAMPLE_OFFICES:
        if one.parent == office:
            place = the_shelf() / f"{one.code}-looked-at"
            shutil.copytree(the_template(one.code, "enrolled"), place)
            village = reopened(place, a_clock(2025, 1, 8, 1))
            computers.add(devices.device(village.workspace).id)
            village.close()
    desk = reopened_town(the_shelf() / f"{office}-town", a_clock(2025, 1, 8, 2))
    theirs = the_seat().towns[office].workspace  # which may have approved computers of other tests
    held = [theirs.object(one.id) for one in theirs.certificates()]
    devices.keep_certificates(desk.workspace, [der for der in held if read_certificate(der).device in computers])
    desk.close()
    return the_shelf() / f"{office}-town"


def reopened_town(folder: Path, clock: StoryClock | None = None, *, person: str = OFFICER) -> TownshipDesk:
    return township.unlock_township(folder, person, PASSWORD, clock=clock or a_clock(2025, 12, 16, 0, 31))


def a_bundle(desk: VillageDesk, folder: Path) -> Path:
    """What the village carries to the township."""
    folder.mkdir(parents=True, exist_ok=True)
    return sending.write_bundle(desk, folder, PASSWORD).path


@cache
def the_bundle(office: str) -> bytes:
    """The first bundle of a village of the sample with everything signed, made once."""
    folder = the_shelf() / f"{office}-sent"
    shutil.copytree(the_template(office, "signed"), folder)
    desk = reopened(folder)
    data = a_bundle(desk, the_shelf() / "stick" / office).read_bytes()
    desk.close()
    return data


def bundle_file(place: Path, office: str, name: str = "") -> Path:
    """`the_bundle` as a file, under the name that its village gave it."""
    place.mkdir(parents=True, exist_ok=True)
    path = place / (name or f"{sample.sample_office(office).short}-2025年度-第1次.cbsync")
    path.write_bytes(the_bundle(office))
    return path


def begun(folder: Path, office: str = MANBANG, *, clock: StoryClock | None = None) -> VillageDesk:
    """A new workspace from the pack, its certificate not yet asked for."""
    seat = the_seat()
    return start.begin(
        folder,
        seat.pack,
        office=office,
        person=CLERK,
        password=PASSWORD,
        root_code=seat.root_code,
        clock=clock or a_clock(),
        new_id=Ids(sample.SEED, office),
        sample=True,
        stretch=QUICK,
    )


def enrol(desk: VillageDesk) -> None:
    """The township approves this computer."""
    own = devices.device(desk.workspace)
    issued = township.approve_device(the_seat().township(desk.office.code), own.request, own.comparison_code, PASSWORD)
    devices.install(desk.workspace, issued.signing, issued.decryption, issued.chain)


def the_sample(desk: VillageDesk) -> dict[str, Answers]:
    """What the sample would have the office type this year."""
    return dict(sample.sample_answers(desk.task, desk.office.code, desk.task.period))


def fill_all(desk: VillageDesk) -> None:
    for form, answers in the_sample(desk).items():
        practice.fill(desk, form, answers)
    desk.set_ret(sample.sample_ret(desk.task, desk.office.code, "2025-12-15"))


def sign_all(desk: VillageDesk) -> tuple[str, ...]:
    return tuple(one.form for one in signing.sign(desk, signing.prepare(desk), PASSWORD))


@cache
def the_template(office: str, stage: str) -> Path:
    """A closed workspace at that stage: "new" begun, "enrolled" with last year's returns accepted, "filled" as the
    sample has it, "ready" checked and explained, "signed"."""
    folder = the_shelf() / f"{office}-{stage}"
    at = STAGES.index(stage)
    if at == 0:
        begun(folder, office, clock=a_clock(2025, 1, 6, 2)).close()
        return folder
    shutil.copytree(the_template(office, STAGES[at - 1]), folder)
    desk = reopened(folder, a_clock(2025, 1, 7, 2) if stage == "enrolled" else a_clock())
    if stage == "enrolled":
        enrol(desk)
        practice.sign_last_period(desk, PASSWORD, the_seat().accept)
    elif stage == "filled":
        fill_all(desk)
    elif stage == "ready":
        practice.explain_all(desk)
    else:
        sign_all(desk)
    desk.close()
    return folder


def reopened(folder: Path, clock: StoryClock | None = None, *, person: str = CLERK.name) -> VillageDesk:
    """Unlock with the tests' password."""
    return start.unlock(folder, person, PASSWORD, clock=clock or a_clock(2025, 12, 13, 1), new_id=new_ids())


def new_ids() -> Callable[[], str]:
    """Row ids that tell themselves apart, for rows that are typed in a story."""
    return Ids(sample.SEED, "typed")


def a_village_desk(
    tmp_path: Path, stage: str = "enrolled", *, office: str = MANBANG, clock: StoryClock | None = None
) -> VillageDesk:
    """An unlocked desk of its own in `tmp_path`/village, at that stage of `the_template`."""
    folder = tmp_path / "village"
    shutil.copytree(the_template(office, stage), folder)
    return reopened(folder, clock)


def types(desk: VillageDesk, form: str, name: str, text: str, *, row: int = 0, group: str = "") -> None:
    """The clerk types and sees 已保存. row: 0 outside rosters, else its number from 1."""
    desk.keep(form, desk.type(form, cell(desk, form, name, row), text).edits, group=group)


def cell(desk: VillageDesk, form: str, name: str, row: int = 0) -> Cell:
    if not row:
        return Cell(name)
    return Cell(name, desk.instance(form).rows(desk.task.forms[form].field(name).repeat)[row - 1])


def text(desk: VillageDesk, form: str, name: str, row: int = 0) -> str:
    return desk.instance(form).text(cell(desk, form, name, row))
