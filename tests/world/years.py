"""A county or a township that has worked for several years: real keys, real signatures, real decisions, real closings.

What is signed is real: headers, answers, detached signatures, acceptances, 封账, certificates, task packs; all of it
goes in through `desks.taking.apply`, as out of a package. Put in directly: that no package carried it (no arrivals, no
outgoing), and the pages, which are bytes of a wanted size that no PDF reader opens. Periods are labels: everything is
signed within the time for which the certificates of the tests run.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from cunbao.desks import devices, taking, tasks
from cunbao.desks.county import answers as county_answers
from cunbao.desks.county import desk as county
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.story.demo import StoryClock
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import TownshipPapers
from cunbao.desks.village.desk import VillageDesk
from cunbao.exchange.content import CarriedDecision, CarriedRevision, Content
from cunbao.store import Workspace
from cunbao.survey import sample
from cunbao.survey.decision import Act, Decision
from cunbao.survey.revision import Header, freeze
from cunbao.survey.task import Task
from cunbao.survey.values import Answers, Office, Ret
from cunbao.trust.certs import CertRole, device_id
from cunbao.trust.cms import sign_detached
from cunbao.trust.keys import Signer, new_device_keys
from cunbao.trust.pki import Authority, approve, comparison_code, make_request, self_signed
from world.desk import (
    MENGHUN,
    PASSWORD,
    a_clock,
    a_county_desk,
    a_town_desk,
    reopened,
    the_five,
    the_seat,
    the_shelf,
    the_template,
)
from world.task import FIVE
from world.villages import a_village

MENGZHE = "532822104000"
LIKE = "532822103203"  # whose sample answers everybody gives


@dataclass(frozen=True)
class Clerk:
    """A village's computer: its office, its keys, the certificates that its township issued."""

    office: Office
    device: str
    signer: Signer
    certificates: tuple[bytes, ...]


@cache
def clerks(villages: int) -> tuple[Clerk, ...]:
    """So many villages under the two townships of the tests, in turn, each with an approved computer."""
    now = a_clock(2025, 1, 8, 1)()
    authorities = {code: township.unlock_ca(the_seat().towns[code], PASSWORD) for code in (MENGHUN, MENGZHE)}
    found = []
    for number in range(villages):
        town = (MENGHUN, MENGZHE)[number % 2]
        office = Office(f"{town[:9]}{400 + number // 2:03d}", f"样例{number:03d}村民委员会", kind="10", parent=town)
        found.append(_clerk(authorities[town], office, now))
    return tuple(found)


def _clerk(authority: Authority, office: Office, now: datetime) -> Clerk:
    """A computer of the office that its township approved."""
    keys = new_device_keys()
    own = self_signed(keys, office=office.code, name=office.name, now=now, person="岩温")
    device = device_id(own.signing)
    request = make_request(
        keys,
        office=office.code,
        name=office.name,
        role=CertRole.VILLAGE_DEVICE,
        person="岩温",
        device=device,
        now=now,
    )
    issued = approve(authority, request, comparison_code(request), now=now)
    chain = (issued.signing, issued.decryption, *issued.chain)
    return Clerk(office, device, issued.signer(keys.signing, person="岩温", role="填报人"), chain)


# --- task packs ------------------------------------------------------------------------------------------------------


def task_of_year(folder: Path, year: str) -> Path:
    """The tests' task as it is asked of that year; the same forms."""
    shutil.copytree(the_five(), folder)
    toml, last = (folder / "task.toml").read_text("utf-8"), str(int(year) - 1)
    for name, said in (("period", year), ("period_title", f"{year}年度"), ("previous", last)):
        toml = re.sub(rf'(?m)^{name} = ".*"$', f'{name} = "{said}"', toml)
    toml = re.sub(r"(?m)^(deadline|ref_date) = \d{4}", rf"\1 = {year}", toml)
    (folder / "task.toml").write_text(toml, "utf-8")
    return folder


def take_packs(desk: CountyDesk, place: Path, years: Sequence[str], villages: Sequence[Office]) -> list[bytes]:
    """The county's pack of each year, issued for real with these villages."""
    papers = []
    for code, town in the_seat().towns.items():
        kept = town.workspace.setting("township_ca/papers", None)
        chain = tuple(bytes.fromhex(der) for der in kept["chain"])
        office = next(one for one in sample.SAMPLE_TOWNSHIPS if one.code == code)
        own = devices.device(town.workspace)
        papers.append(
            (TownshipPapers(office, bytes.fromhex(kept["certificate"]), chain), own.certificate, own.decryption)
        )
    found = []
    for number, year in enumerate(years):
        folder = task_of_year(place / f"task-{year}", year)
        found.append(
            county.issue_pack(
                desk,
                folder,
                villages=[*sample.SAMPLE_OFFICES, *villages],
                townships=papers,
                password=PASSWORD,
                version=2 + number,
                compiled=folder / "compiled",
            )
        )
    return found


# --- returns ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A return signed and accepted."""

    revision: CarriedRevision
    decision: CarriedDecision


def made(
    clerk: Clerk,
    task: Task,
    form: str,
    given: Answers,
    at: datetime,
    *,
    uses: Sequence[tuple[str, str]] = (),
    after: Made | None = None,
    pages: int = 0,
) -> Made:
    """One signed version, and its acceptance by the township. uses: what it rests on; after: what it corrects."""
    header = Header(
        n=3 if after else 1,
        seen=(after.decision.id,) if after else (),
        task=task.id,
        task_version=task.version,
        form=form,
        form_version=task.forms[form].version,
        office=clerk.office.code,
        period=task.period,
        kind="correction" if after else "normal",
        version=2 if after else 1,
        parents=(after.revision.id,) if after else (),
        uses=tuple(uses),
        device=clerk.device,
        person_name="岩温",
        person_role="填报人",
        ret=Ret("岩温", "玉香", "岩温", "13800000000", f"{at:%Y-%m-%d}"),
        signed_at=at,
        today=date(at.year, at.month, at.day),
        explanations=(),
        tool="cunbao test",
    )
    frozen = freeze(task.forms[form], given, header)
    cms = sign_detached(frozen.header_bytes, clerk.signer, when=at)
    pdfs = (frozen.id.encode() * (pages // 64 + 1),) if pages else ()
    revision = CarriedRevision(frozen.id, frozen.header, frozen.header_bytes, frozen.answers_bytes, (cms,), pdfs)
    town = the_seat().towns[clerk.office.parent]
    said = Decision(
        act=Act.ACCEPT,
        revision=frozen.id,
        office=town.office.code,
        n=header.n + 1,
        seen=header.seen,
        person=town.person.name,
        at=at + timedelta(hours=1),
    )
    signed = sign_detached(said.encode(), town.signs(), when=said.at)
    return Made(revision, CarriedDecision(said.id, said, said.encode(), signed))


def a_year(
    workspace: Workspace,
    task: Task,
    some: Sequence[Clerk],
    at: datetime,
    last: Mapping[tuple[str, str], str],
    *,
    forms: Sequence[str] = FIVE,
    pages: int = 0,
    corrected: int | None = None,
) -> dict[tuple[str, str], str]:
    """Every return of these villages for the task's period, accepted, in the workspace. last: (office, form) → what was
    the last year's. Gives the same of this year: what next year is filled against. corrected: after that the village of
    this number corrects its first form, so that what next year rests on reads otherwise."""
    given = a_village(LIKE).signed()
    found: dict[tuple[str, str], str] = {}
    with workspace.atomic():
        for number, clerk in enumerate(some):
            lot = []
            for form in forms:
                key = (clerk.office.code, form)
                uses = [("last", last[key])] if key in last else []
                one = made(clerk, task, form, given[form], at, uses=uses, pages=pages)
                lot.append(one)
                found[key] = one.revision.id
                if number == corrected and form == forms[0]:
                    other = Answers({**given[form].values, "b01_deputies": "41"}, given[form].rows)
                    lot.append(made(clerk, task, form, other, at + timedelta(days=1), after=one, pages=pages))
            content = Content(
                revisions=tuple(one.revision for one in lot), decisions=tuple(one.decision for one in lot)
            )
            taking.apply(workspace, task, content, epoch="of-the-village")
    return found


def a_county_of_years(
    place: Path,
    *,
    years: Sequence[str],
    villages: int = 4,
    forms: Sequence[str] = FIVE,
    pages: int = 0,
    clock: StoryClock | None = None,
) -> CountyDesk:
    """A county in `place`/county with these years (sorted, the last one open, the others closed)."""
    desk = a_county_desk(place, clock=clock or a_clock(2026, 1, 18, 1))
    some = clerks(villages)
    take_packs(desk, place, years, [one.office for one in some])
    devices.keep_certificates(desk.workspace, (der for one in some for der in one.certificates))
    last: dict[tuple[str, str], str] = {}
    for number, year in enumerate(years):
        desk.given = tasks.task_of(desk.workspace, year)
        at = a_clock(2025, 3, 1, 1)() + timedelta(days=20 * number)
        closes = year != years[-1]
        corrected = number % villages if closes else None
        last = a_year(desk.workspace, desk.task, some, at, last, forms=forms, pages=pages, corrected=corrected)
        if closes:
            county_answers.close_period(desk, f"{year} 年度审完了")
    desk.given = tasks.task_of(desk.workspace)
    return desk


@cache
def the_county_of_years() -> Path:
    """A closed county with 2023 to 2026 of four villages, the last year open: made once a run, copied from then on."""
    place = the_shelf() / "county-of-years"
    place.mkdir()
    a_county_of_years(place, years=("2023", "2024", "2025", "2026")).close()
    return place / "county"


# --- a township, a village -------------------------------------------------------------------------------------------


def a_town_of_years(place: Path, *, years: Sequence[str], villages: int = 40, name: str = "town") -> TownshipDesk:
    """A township in `place`/`name` with these years of its villages, all accepted; all but the last are closed by the
    county. The packs are the county's own."""
    desk = a_town_desk(place, clock=a_clock(2026, 1, 18, 2), name=name)
    some = [one for one in clerks(2 * villages) if one.office.parent == MENGHUN]
    for pack in the_packs(tuple(years), 2 * villages):
        township.take_task(desk, pack, sample=True)
    devices.keep_certificates(desk.workspace, (der for one in some for der in one.certificates))
    _live(desk.workspace, years, some)
    township.show_period(desk, years[-1])
    return desk


def a_village_of_years(place: Path, *, years: Sequence[str], name: str = "village") -> VillageDesk:
    """A village in `place`/`name` with these years of its returns, signed at another computer of the office."""
    folder = place / name
    shutil.copytree(the_template(LIKE, "enrolled"), folder)
    desk = reopened(folder, a_clock(2026, 1, 18, 2))
    for pack in the_packs(tuple(years), 2):
        with desk.workspace.atomic():
            tasks.take_pack(desk.workspace, tasks.read_pack(pack), pack)
    office = desk.office
    keys = the_seat().towns[office.parent]
    clerk = _clerk(township.unlock_ca(keys, PASSWORD), office, a_clock(2025, 1, 8, 1)())
    devices.keep_certificates(desk.workspace, clerk.certificates)
    _live(desk.workspace, years, [clerk])
    desk.close()
    return reopened(folder, a_clock(2026, 1, 18, 3))


@cache
def the_packs(years: tuple[str, ...], villages: int) -> tuple[bytes, ...]:
    """The packs of these years as the county issued them."""
    place = the_shelf() / f"packs-{years[0]}-{years[-1]}-{villages}"
    place.mkdir()
    desk = a_county_desk(place, clock=a_clock(2026, 1, 18, 1))
    found = take_packs(desk, place, years, [one.office for one in clerks(villages)])
    desk.close()
    return tuple(found)


def _live(workspace: Workspace, years: Sequence[str], some: Sequence[Clerk]) -> None:
    """The years one after the other, all but the last closed."""
    last: dict[tuple[str, str], str] = {}
    for number, year in enumerate(years):
        task = tasks.task_of(workspace, year)
        at = a_clock(2025, 3, 1, 1)() + timedelta(days=20 * number)
        last = a_year(workspace, task, some, at, last)
        if year != years[-1]:
            with workspace.atomic():
                closing = _closing(year, tuple(last.values()), at + timedelta(days=5))
                taking.apply(workspace, task, Content(decisions=(closing,)), epoch="of-the-county")


def _closing(year: str, names: Sequence[str], at: datetime) -> CarriedDecision:
    """封账 by the county of what counts."""
    seat = the_seat().county
    said = Decision(
        act=Act.CLOSE,
        revision="",
        office=seat.office.code,
        n=10,
        seen=(),
        person=seat.person.name,
        at=at,
        names=tuple(sorted(names)),
        about=(("period", year),),
    )
    return CarriedDecision(said.id, said, said.encode(), sign_detached(said.encode(), seat.signs(), when=at))
