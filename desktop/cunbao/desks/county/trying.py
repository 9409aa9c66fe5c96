"""试填: the draft of a pack at a throw-away office, through the very doors of a village, in a folder that goes again.

A county of its own is made for it in memory; nothing of the real root or directory is touched, nothing can leave.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from cunbao.desks import start, tasks
from cunbao.desks.county import building
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.views import Person
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.survey import taskcheck
from cunbao.survey.values import Office
from cunbao.trust.keys import Stretch

CLERK = Person("试填", "填报人")
PASSWORD = "试填不用密码"  # nothing is behind it
LIGHT = Stretch(memory=8 * 1024, passes=1, lanes=1)
PLACE = "cunbao-try-"
VILLAGE_KIND, TOWN_KIND = ("10", "220"), ("52", "")  # 类型 and 城乡分类 of the office that does not exist


def try_out(desk: CountyDesk, form: str, *, progress: Report = silent, cancel: Cancel | None = None) -> VillageDesk:
    """A desk at which `form` and the others that can be used may be filled. Close it with `done`.

    DeskError "pack.no_draft", "pack.form_faulty" when the form itself cannot be used."""
    draft = building.draft_of(desk)
    if draft is None:
        raise DeskError(
            "pack.no_draft", happened="还没有选表式的文件夹", safe="没有改动任何资料", todo="请先选放着表式的文件夹"
        )
    progress(Progress(0, 2, "检验"))
    found = taskcheck.inspect(draft.folder, draft.wanted, cancel=cancel)
    usable = tuple(one.form for one in found.forms if one.form in draft.wanted.forms and not one.faults)
    if form not in usable:
        raise DeskError(
            "pack.form_faulty",
            happened=f"{form} 还有错，不能试填",
            safe="表式没有改动",
            todo="请先改好列出的错",
        )
    if len(usable) < len(found.going):
        found = taskcheck.inspect(draft.folder, replace(draft.wanted, forms=usable), cancel=cancel)
    if found.task is None:
        raise DeskError(
            "pack.form_faulty",
            happened=f"任务包还有 {len(found.faults)} 处错，不能试填",
            safe="表式没有改动",
            todo="请先改好列出的错",
        )
    progress(Progress(1, 2, "备好试填的单位"))
    place = Path(mkdtemp(prefix=PLACE))
    try:
        made = _begin(desk, place, found)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    level = found.task.levels[form]
    made.task = found.task.at(level)
    if level == "township":  # its forms are filled by the township itself
        made.directory = replace(made.directory, office=made.directory.township)
    made.forget_forms()
    return made


def done(tried: VillageDesk) -> None:
    """Close it and take everything away."""
    place = tried.workspace.folder.parent
    tried.close()
    if place.name.startswith(PLACE):
        shutil.rmtree(place, ignore_errors=True)


def _begin(desk: CountyDesk, place: Path, found: taskcheck.Inspection) -> VillageDesk:
    from cunbao.exchange.taskpack import Issue, write_taskpack
    from cunbao.trust.certs import CertRole
    from cunbao.trust.keys import new_device_keys
    from cunbao.trust.pki import make_desk, make_root

    assert found.task is not None  # the caller has looked
    now, code = desk.clock().replace(microsecond=0), desk.office.code[:6]
    county = replace(desk.office, parent="")
    town = Office(f"{code}999000", "试填镇", kind=TOWN_KIND[0], short_name="试填镇", parent=county.code)
    village = Office(
        f"{code}999999",
        "试填村民委员会",
        kind=VILLAGE_KIND[0],
        ur_class=VILLAGE_KIND[1],
        short_name="试填村",
        parent=town.code,
    )
    keys = new_device_keys()
    root = make_root(office=county.code, name=county.short, now=now)
    seat = make_desk(root, keys, office=county.code, name=county.name, role=CertRole.COUNTY_DESK, now=now)
    task = found.task
    pack = write_taskpack(
        Issue(
            task=task.id,
            title=task.title,
            task_version=task.version,
            period=task.period,
            period_title=task.period_title,
            version=1,
            issued_at=now,
            offices=(county, town, village),
            townships={},
        ),
        found.files,
        root=root.certificate,
        signer=seat.signer(keys.signing, person=CLERK.name),
    )
    return start.begin(
        place / "office",
        pack,
        office=village.code,
        person=CLERK,
        password=PASSWORD,
        root_code=tasks.pack_view(tasks.read_pack(pack), None).root_code,
        clock=desk.clock,
        new_id=start.new_id,
        sample=True,
        stretch=LIGHT,
    )
