"""Task packs held in a workspace: every version of every period is kept, one is worked with, the others stay readable.

A later version of a period takes the place of the one before; a later period opens beside the earlier one. What a form
asked before is known as long as its pack is held, so that what was signed then can still be read (`Form.before`).
The same for village, township and county. Source: protocol §4, ui/design.md county-06.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, overload

from cunbao.errors import DeskError
from cunbao.store import Workspace
from cunbao.survey.form import CodeList, Form, read_form, read_list
from cunbao.survey.task import Task
from cunbao.survey.taskfile import TASK_FILE, forms_of, read_toml

if TYPE_CHECKING:
    from cunbao.exchange.taskpack import TaskPack

SETTING = "packs"
CURRENT = "taskpack"


@dataclass(frozen=True, slots=True)
class HeldPack:
    """One pack that this workspace has taken. sha256: of the .cbtask, which is kept as an object; files: digest of its
    task folder; issued_at: ISO, UTC; forms: id → hash of the compiled form, {} where an older
    version of the program took the pack."""

    task: str
    title: str
    period: str
    period_title: str
    version: int
    issued_at: str
    sha256: str
    files: str
    forms: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """2025年度 第2版."""
        return f"{self.period_title} 第{self.version}版"


def held(workspace: Workspace) -> tuple[HeldPack, ...]:
    """Every pack taken, in that order."""
    kept = workspace.setting(SETTING, None)
    if kept is not None:
        return tuple(HeldPack(**one) for one in kept)
    current = workspace.setting(CURRENT, "")  # a workspace from before packs were counted
    if not current:
        return ()
    from cunbao.exchange.taskpack import read_taskpack

    return (_held_of(read_taskpack(workspace.object(current)), current),)


def remember(workspace: Workspace, pack: TaskPack, digest: str) -> None:
    """Count a pack among those taken, and work with the newest period from now on. Inside the caller's transaction."""
    before = [one for one in held(workspace) if one.sha256 != digest]
    now = [*before, _held_of(pack, digest)]
    workspace.set_setting(SETTING, [asdict(one) for one in now])
    newest = max(now, key=lambda one: (one.period, one.version))
    workspace.set_setting(CURRENT, newest.sha256)
    workspace.set_setting("task_files", newest.files)


def periods(workspace: Workspace) -> tuple[HeldPack, ...]:
    """The newest pack of every period, the newest period first."""
    newest: dict[str, HeldPack] = {}
    for one in held(workspace):
        if one.period not in newest or newest[one.period].version < one.version:
            newest[one.period] = one
    return tuple(newest[period] for period in sorted(newest, reverse=True))


def of_period(workspace: Workspace, period: str) -> HeldPack:
    """The newest pack of that period. DeskError "pack.period"."""
    found = next((one for one in periods(workspace) if one.period == period), None)
    if found is None:
        raise DeskError(
            "pack.period",
            happened=f"本机没有 {period} 年度的任务包",
            safe="没有改动任何资料",
            todo="请先读入那一年的任务包（.cbtask）",
        )
    return found


def refuse_stale(workspace: Workspace, pack: TaskPack) -> None:
    """DeskError "pack.same", "pack.older", "pack.earlier_period" for a pack that brings nothing new."""
    own = periods(workspace)
    here = next((one for one in own if one.period == pack.period), None)
    nothing = {"safe": "没有改动任何资料，填的内容都在"}
    if here is not None and here.version == pack.version:
        same = here.sha256 == pack.sha256
        raise DeskError(
            "pack.same" if same else "pack.twice",
            happened=f"{here.name}已经在用了" if same else f"{here.name}已经在用，这份版数一样，内容却不同",
            todo="不用再读一次" if same else "请打电话问县里，哪一份是对的",
            **nothing,
        )
    if here is not None and here.version > pack.version:
        raise DeskError(
            "pack.older",
            happened=f"这是第{pack.version}版，本机已经在用第{here.version}版",
            todo="不用读旧的；还有更新的一版时再读",
            **nothing,
        )
    if here is None and own and pack.period < own[0].period:
        raise DeskError(
            "pack.earlier_period",
            happened=f"这是 {pack.period_title} 的任务包，本机已经在做 {own[0].period_title} 的",
            todo="请核对是不是拿错了文件",
            **nothing,
        )


def with_earlier(workspace: Workspace, task: Task) -> Task:
    """The task with what other packs held have asked: forms know what they were before, and those that are asked no
    more are known too, so that whatever was signed then is read."""
    newest = _of_task(workspace, task)
    own = [one for one in _with_forms(workspace) if one.sha256 != newest]
    before: dict[str, dict[str, str]] = {name: {} for name in task.forms}  # form → its hash → the pack that had it
    retired: dict[str, str] = {}
    for one in reversed(own):
        for name, digest in one.forms.items():
            if name not in before:
                retired.setdefault(name, one.sha256)
            elif digest != task.forms[name].sha256:
                before[name].setdefault(digest, one.sha256)
    if not retired and not any(before.values()):
        return task
    forms = {
        name: replace(form, before=_Before(workspace, name, tuple(before[name].values()))) if before[name] else form
        for name, form in task.forms.items()
    }
    return replace(task, forms=MappingProxyType(forms), retired=_Retired(workspace, retired))


class _Before(Sequence[Form]):
    """What a form was in earlier packs, read when somebody asks: most returns are of the form as it is, and years of
    packs must not be read at every opening."""

    def __init__(self, workspace: Workspace, name: str, packs: tuple[str, ...]) -> None:
        self._workspace, self._name, self._packs = workspace, name, packs

    def __len__(self) -> int:
        return len(self._packs)

    @overload
    def __getitem__(self, at: int) -> Form: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Form]: ...
    def __getitem__(self, at: int | slice) -> Form | Sequence[Form]:
        if isinstance(at, slice):
            return _Before(self._workspace, self._name, self._packs[at])
        return _form_in(self._workspace, self._packs[at], self._name)


class _Retired(Mapping[str, Form]):
    """Forms that are asked no more, likewise. packs: form → the last pack that had it."""

    def __init__(self, workspace: Workspace, packs: Mapping[str, str]) -> None:
        self._workspace, self._packs = workspace, packs

    def __len__(self) -> int:
        return len(self._packs)

    def __iter__(self) -> Iterator[str]:
        return iter(self._packs)

    def __getitem__(self, name: str) -> Form:
        return _form_in(self._workspace, self._packs[name], name)


def _form_in(workspace: Workspace, pack: str, name: str) -> Form:
    if pack not in _FORMS:
        forms_in(workspace.object(pack), pack)
    return _FORMS[pack][name]


def _with_forms(workspace: Workspace) -> tuple[HeldPack, ...]:
    """Every pack taken. What those ask that an older version of the program took is read once and written down."""
    known = held(workspace)
    if all(one.forms for one in known):
        return known
    found = tuple(one if one.forms else replace(one, forms=_asked(workspace, one)) for one in known)
    if not workspace.read_only:
        workspace.set_setting(SETTING, [asdict(one) for one in found])
    return found


def _asked(workspace: Workspace, pack: HeldPack) -> Mapping[str, str]:
    """The forms of a pack, each with the hash of its compiled form."""
    return {name: form.sha256 for name, form in forms_in(workspace.object(pack.sha256), pack.sha256).items()}


_FORMS: dict[str, Mapping[str, Form]] = {}  # by the pack's hash: packs never change


def forms_in(data: bytes, digest: str = "") -> Mapping[str, Form]:
    """The forms of a pack, by id."""
    key = digest or sha256(data).hexdigest()
    if key not in _FORMS:
        from cunbao.exchange.taskpack import read_taskpack

        if len(_FORMS) > 8:
            _FORMS.clear()
        _FORMS[key] = forms_from(read_taskpack(data).files)
    return _FORMS[key]


def forms_from(files: Mapping[str, bytes]) -> Mapping[str, Form]:
    """The forms among a pack's files: those that its task.toml names."""
    lists: dict[str, CodeList] = {
        name[len("lists/") : -len(".csv")]: read_list(name[len("lists/") : -len(".csv")], data)
        for name, data in files.items()
        if name.startswith("lists/") and name.endswith(".csv")
    }
    names: Iterable[str] = forms_of(read_toml(files[TASK_FILE]))
    return {name: read_form(files[f"compiled/{name}.xml"], lists) for name in names}


def digest_of(files: Mapping[str, bytes]) -> str:
    """One digest over names and bytes of a task's folder."""
    lines = [f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return sha256("".join(lines).encode()).hexdigest()


def _of_task(workspace: Workspace, task: Task) -> str:
    return next((one.sha256 for one in periods(workspace) if one.period == task.period), "")


def _held_of(pack: TaskPack, digest: str) -> HeldPack:
    said: dict[str, Any] = {
        name: getattr(pack, name) for name in ("task", "title", "period", "period_title", "version")
    }
    names: Iterable[str] = forms_of(read_toml(pack.files[TASK_FILE]))
    forms = {name: sha256(pack.files[f"compiled/{name}.xml"]).hexdigest() for name in names}
    return HeldPack(
        **said, issued_at=_moment(pack.issued_at), sha256=digest, files=digest_of(pack.files), forms=forms
    )


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
