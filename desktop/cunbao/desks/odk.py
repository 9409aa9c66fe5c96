"""What goes out to other ODK programs: the task's forms as XLSForm with the files beside them, and returns as
submissions. Nothing in here comes in; tablets' submissions are `village.tablet`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path

from cunbao.desks import tasks
from cunbao.desks.doors import Desk
from cunbao.desks.media import write_file
from cunbao.desks.seat import Seat
from cunbao.desks.township import supplement
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.survey import personal as people
from cunbao.survey.compile import compile_form
from cunbao.survey.form import CodeList, Form, read_form, read_lists
from cunbao.survey.secondary import instance_xml, instances_read
from cunbao.survey.sheets import Sheet, read_sheets
from cunbao.survey.submission import instance_name, without
from cunbao.survey.taskfolder import sheet_files
from cunbao.survey.values import EMPTY, Answers
from cunbao.survey.xlsform_out import Dropped, dropped, flat, for_tablet, lists_of, named, xlsx_of

MANIFEST = "manifest.json"
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file beside a form. name: as ODK looks for it; kind: "list" or "instance"; filled: an instance that holds what
    the office's own returns say; without a workspace it holds empty elements."""

    name: str
    kind: str
    data: bytes
    filled: bool = False


@dataclass(frozen=True, slots=True)
class FormOut:
    """One form as it was written. xlsx, xform: file names in the folder; media lie in `<form>-media`."""

    form: str
    title: str
    version: str
    media: tuple[MediaFile, ...]
    dropped: tuple[Dropped, ...]

    @property
    def folder(self) -> str:
        """Where ODK Collect looks for the files of a form, beside the form."""
        return f"{self.form}-media"


@dataclass(frozen=True, slots=True)
class Filling:
    """For one office: what its forms read elsewhere, and the name of every submission that they make."""

    office: str
    office_name: str
    period: str
    sources: Mapping[str, Mapping[str, Answers]]  # form → instance name → what it holds


def export_forms_of(
    desk: Desk, target: Path, *, forms: Sequence[str] = (), personal: bool = False
) -> tuple[FormOut, ...]:
    """As `export_forms`, of the task at hand in an open workspace: a village's and a township's own forms with what
    they read of its other returns in the files beside them. personal: also what says who somebody is; it is in the
    journal."""
    own = supplement.current(desk) if isinstance(desk, TownshipDesk) else desk
    filling = filling_of(own, personal=personal) if isinstance(own, VillageDesk) else None
    if isinstance(desk, VillageDesk):
        forms = forms or list(desk.task.forms)
    made = export_forms(task_folder(desk), target, forms=forms, filling=filling)
    desk.journal("export_forms", forms=[one.form for one in made], personal=personal)
    return made


def filling_of(desk: VillageDesk, *, personal: bool) -> Filling:
    """What the desk's office would fill in: its own drafts of sibling forms, last year's return, the directory."""
    hidden = (
        NONE if personal else frozenset().union(*(people.personal(form) for form in desk.task.whole.forms.values()))
    )
    sources: dict[str, dict[str, Answers]] = {}
    for form in desk.task.forms:
        held = dict(desk.sources(form))
        if (last := desk.last(form)) is not None:
            held["last"] = last
        sources[form] = {name: without(answers, hidden) for name, answers in held.items()}
    return Filling(desk.office.code, desk.office.short, desk.task.period, sources)


def export_forms(
    task_folder: Path, target: Path, *, forms: Sequence[str] = (), filling: Filling | None = None
) -> tuple[FormOut, ...]:
    """Write the forms of a task folder (all, or those named) as XLSForm, compiled XForm and the files beside them.

    DeskError "odk.form" for a form that the task has not, "odk.exists" when a file of that name is there already and
    says something else; SurveyError for a form with faults. Nothing is written then."""
    files, _ = sheet_files(task_folder)
    missing = [name for name in forms if name not in files]
    if missing or not files:
        raise DeskError(
            "odk.form",
            happened=f"没有 {'、'.join(missing) or '表式'} 的 XLSForm",
            safe="没有写出任何文件",
            todo=f"这里有的表：{'、'.join(files) or '无'}",
        )
    lists_dir = task_folder / "lists"
    lists = read_lists(lists_dir) if lists_dir.is_dir() else {}
    made: list[FormOut] = []
    written: dict[str, bytes] = {}
    for name in forms or tuple(files):
        compiled = task_folder / "compiled" / f"{name}.xml"  # in a pack; whoever holds one needs no pyxform
        xform = compiled.read_bytes() if compiled.is_file() else compile_form(files[name], lists_dir)
        one, parts = _form_out(files[name], xform, lists, lists_dir, filling)
        made.append(one)
        written |= parts
    written[MANIFEST] = _manifest(made, written, filling)
    write_all(target, written, what="表式")
    return tuple(made)


def _form_out(
    path: Path, xform: bytes, lists: Mapping[str, CodeList], lists_dir: Path, filling: Filling | None
) -> tuple[FormOut, dict[str, bytes]]:
    sheets = read_sheets(path)
    form = read_form(xform, lists)
    name, out = "", flat(sheets)
    if filling is not None and form.id in filling.sources:
        name = instance_name(filling.office, filling.office_name, form.id, filling.period)
        out = named(out, name)
    media = tuple([*_lists(sheets, lists_dir), *_instances(form, filling)])
    one = FormOut(form.id, form.title, form.version, media, dropped(sheets))
    files = {f"{one.folder}/{file.name}": file.data for file in media}
    return one, {f"{form.id}.xlsx": xlsx_of(out), f"{form.id}.xml": for_tablet(xform, name), **files}


def _lists(sheets: Mapping[str, Sheet], lists_dir: Path) -> Iterable[MediaFile]:
    for stem in lists_of(sheets):
        path = lists_dir / f"{stem}.csv"
        if path.is_file():
            yield MediaFile(path.name, "list", path.read_bytes())


def _instances(form: Form, filling: Filling | None) -> Iterable[MediaFile]:
    held = filling.sources.get(form.id, {}) if filling is not None else {}
    for name, paths in instances_read(form).items():
        if not name.startswith("__"):  # __last-saved: the tablet's own
            yield MediaFile(f"{name}.xml", "instance", instance_xml(paths, held.get(name, EMPTY)), name in held)


def _manifest(made: Sequence[FormOut], written: Mapping[str, bytes], filling: Filling | None) -> bytes:
    facts = {
        "v": 1,
        "office": filling.office if filling else "",
        "period": filling.period if filling else "",
        "forms": [
            {
                "form": one.form,
                "title": one.title,
                "version": one.version,
                "xlsform": _file(f"{one.form}.xlsx", written),
                "xform": _file(f"{one.form}.xml", written),
                "media": [
                    {**_file(f"{one.folder}/{file.name}", written), "kind": file.kind, "filled": file.filled}
                    for file in one.media
                ],
                "dropped": [{"sheet": it.sheet, "column": it.column, "reason": it.reason} for it in one.dropped],
            }
            for one in made
        ],
    }
    return json.dumps(facts, ensure_ascii=False, indent=1).encode() + b"\n"


def _file(name: str, written: Mapping[str, bytes]) -> dict[str, object]:
    data = written[name]
    md5sum = md5(data, usedforsecurity=False).hexdigest()  # what OpenRosa's manifests name a file by
    return {"file": name, "size": len(data), "sha256": sha256(data).hexdigest(), "md5": md5sum}


def write_all(target: Path, files: Mapping[str, bytes], *, what: str) -> None:
    """Write files by their paths inside `target`. DeskError "odk.exists" before anything is written."""
    there = [name for name, data in files.items() if (target / name).exists() and not _same(target / name, data)]
    if there:
        more = f"等 {len(there)} 个文件" if len(there) > 1 else ""
        raise DeskError(
            "odk.exists",
            happened=f"“{target.name}”里已经有 {there[0]}{more}，内容不一样",
            safe="原来的文件没有动，什么也没有写出",
            todo="请换一个空文件夹再写一次",
        )
    for name, data in files.items():
        path = target / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as trouble:
            raise DeskError(
                "folder.readonly",
                happened=f"“{path.parent}”建不起来",
                safe="资料没有受影响",
                todo="请换一个能写的文件夹",
                detail=str(trouble),
            ) from trouble
        write_file(path, data, what=what)


def _same(path: Path, data: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == data
    except OSError:
        return False


def task_folder(desk: Seat) -> Path:
    """Where the sheets of the task at hand lie in an open workspace. DeskError "task.none" before there is one."""
    digest = desk.workspace.setting("taskpack", "")
    if not digest:
        raise DeskError("task.none", happened="这里还没有任务包", safe="没有写出文件", todo="请先领或签发任务包")
    return desk.workspace.folder / tasks.TASKS / str(digest)[:16]
