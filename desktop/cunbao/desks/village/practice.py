"""先用样例练一练: a workspace of an invented village under a county that exists nowhere else, thrown away at will.

Everything goes through the same doors as a real one (task pack, enrolment, last year's accepted returns), so that what
is practised is what will be done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import devices, start, tasks
from cunbao.desks.clock import Clock, system_clock
from cunbao.desks.decisions import acceptance
from cunbao.desks.views import CheckView, Person
from cunbao.desks.village import checking, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.survey import sample
from cunbao.survey.resources import forms_path
from cunbao.survey.task import Task, load_task
from cunbao.survey.values import Answers, Cell, Edit, Office, Severity

if TYPE_CHECKING:
    from cunbao.trust.keys import Signer
    from cunbao.trust.pki import Authority

TASK = "community-services-2025"
PASSWORD = "sample-2025"  # of everybody in the sample; nothing real is behind it
CLERK = Person("样例填报员", "填报人")
PRACTICE_OFFICE = sample.MANBANG
DAYS_LEFT = timedelta(days=8)  # of the practice village's deadline, as in the manual's pictures
STEPS = ("建样例的县和乡镇", "发任务包，建资料", "核准证书", "备好上年的报表", "填一部分今年的数")


def begin_sample(
    folder: Path, *, clock: Clock = system_clock, progress: Report = silent, cancel: Cancel | None = None
) -> VillageDesk:
    """Make the practice workspace: last year accepted, B01 filled, B02 filled with one slip, the rest to do."""

    def at(step: int) -> None:
        if cancel is not None:
            cancel.check()
        progress(Progress(step, len(STEPS), STEPS[min(step, len(STEPS) - 1)]))

    at(0)
    office = sample.sample_office(PRACTICE_OFFICE)
    town = next(one for one in sample.SAMPLE_TOWNSHIPS if one.code == office.parent)
    pack, authority, signer = _pack(town, clock())
    at(1)
    desk = start.begin(
        folder,
        pack,
        office=office.code,
        person=CLERK,
        password=PASSWORD,
        root_code=tasks.pack_view(tasks.read_pack(pack), None).root_code,
        clock=clock,
        sample=True,
    )
    # practising on any day of any year, one is to have time left
    deadline = desk.today + DAYS_LEFT
    desk.workspace.set_setting("practice/deadline", deadline.isoformat())
    desk.task = replace(desk.task, deadline=deadline)
    at(2)
    _enrol(desk, authority)
    at(3)
    sign_last_period(desk, PASSWORD, lambda header: acceptance(header, signer, town, clock().replace(microsecond=0)))
    at(4)
    answers = sample.sample_answers(desk.task, office.code, desk.task.period)
    desk.set_ret(sample.sample_ret(desk.task, office.code, ""))
    for form in ("B01", "B02"):
        fill(desk, form, answers[form])
    row = desk.instance("B02").rows("b02_f")[1]
    desk.keep("B02", desk.type("B02", Cell("b02_f_year", row), "2205").edits)
    progress(Progress(len(STEPS), len(STEPS), "样例备好了"))
    return desk


def _pack(town: Office, now: datetime) -> tuple[bytes, Authority, Signer]:
    """A task pack under a county made for this once; the township's CA and its desk's signer go along."""
    from cunbao.exchange.taskpack import Issue, write_taskpack
    from cunbao.survey.compile import compiled_task
    from cunbao.trust.certs import CertRole
    from cunbao.trust.keys import new_device_keys
    from cunbao.trust.pki import make_desk, make_root, make_township_ca

    county = sample.SAMPLE_COUNTY
    root = make_root(office=county.code, name=county.short, now=now)
    keys = new_device_keys()
    seat = make_desk(root, keys, office=county.code, name=county.name, role=CertRole.COUNTY_DESK, now=now)
    authority = make_township_ca(root, office=town.code, name=town.short, now=now)
    town_keys = new_device_keys()
    desk = make_desk(authority, town_keys, office=town.code, name=town.name, role=CertRole.TOWNSHIP_DESK, now=now)
    folder = forms_path(TASK)
    compiled = compiled_task(folder)
    task = load_task(folder, compiled, sample=True)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "compiled" not in path.relative_to(folder).parts
    }
    files |= {f"compiled/{path.name}": path.read_bytes() for path in sorted(compiled.glob("*.xml"))}
    issue = Issue(
        task=task.id,
        title=task.title,
        task_version=task.version,
        period=task.period,
        period_title=task.period_title,
        version=1,
        issued_at=now,
        offices=(county, *sample.SAMPLE_TOWNSHIPS, *sample.SAMPLE_OFFICES),
        townships={town.code: (authority.certificate, desk.signing, desk.decryption)},
    )
    data = write_taskpack(issue, files, root=root.certificate, signer=seat.signer(keys.signing, person="县管理员"))
    return data, authority, desk.signer(town_keys.signing, person="玉罕", role="乡镇审核员")


def _enrol(desk: VillageDesk, authority: Authority) -> None:
    from cunbao.trust.pki import approve

    own = devices.device(desk.workspace)
    issued = approve(authority, own.request, own.comparison_code, now=desk.clock())
    devices.install(desk.workspace, issued.signing, issued.decryption, issued.chain)


# --- shared with the demo --------------------------------------------------------------------------------------------


def sign_last_period(
    desk: VillageDesk,
    password: str,
    accepted: Any,
    *,
    seed: int = sample.SEED,
    send: Callable[[VillageDesk], object] = lambda old: None,
) -> tuple[str, ...]:
    """Sign last year's returns through the same use cases; accepted(header bytes) gives (decision, signature).

    send: carries them to the township, as the desk of that year wrote them."""
    year = desk.task.previous_period
    old = replace(desk, task=of_year(desk.task, int(year)), instances={}, _last={})
    for form, given in sample.sample_answers(old.task, desk.office.code, year, seed).items():
        fill(old, form, given)
    old.set_ret(sample.sample_ret(old.task, desk.office.code, f"{year}-12-16", seed))
    explain_all(old)
    signed = signing.sign(old, signing.prepare(old), password)
    send(old)
    for line in signed:
        desk.take_decision(*accepted(desk.workspace.object(line.revision)))
    return tuple(line.form for line in signed)


def of_year(task: Task, year: int) -> Task:
    """The same questions asked of another year."""
    return replace(
        task,
        period=str(year),
        previous_period=str(year - 1),
        period_title=f"{year}年度",
        title=task.title.replace(task.period, str(year)),
        ref_date=date(year, 12, 31),
        deadline=task.deadline.replace(year=year),
        valid_until=task.valid_until.replace(year=year + 1),
    )


def fill(desk: VillageDesk, form: str, answers: Answers) -> None:
    """Type every answer that is asked for, as a clerk would: through `type`, kept on the disk."""
    asked = desk.task.forms[form]
    edits: list[Edit] = []
    for one in asked.fields:
        text = answers.values.get(one.name, "")
        if text and not one.calculated:
            edits += desk.type(form, Cell(one.name), text).edits
    for repeat in asked.repeats:
        typed = [one.name for one in repeat.fields if not one.calculated]
        for row in answers.rows.get(repeat.name, ()):
            values = {name: row.values[name] for name in typed if row.values.get(name)}
            edits += desk.add_row(form, repeat.name, values, row_id=row.id).edits
    desk.keep(form, edits)


def explain_all(desk: VillageDesk) -> CheckView:
    """Write the sample's 说明 to everything that asks for one, and check once more."""
    for card in checking.run(desk).findings:
        if card.finding.severity is Severity.EXPLAIN and not card.explained:
            checking.explain(desk, card.finding, sample.EXPLANATION)
    return checking.run(desk)
