"""接收: files read one after another, each verified whole and taken in one transaction, or refused with a line.

One bad file never stops the rest; a known one is no news; what comes from a computer not yet approved waits aside and
is taken when it is. The words of each line are for the officer; nothing is decided by receiving.
Source: protocol §1, §5.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cunbao.desks import devices, ledger, registry, taking
from cunbao.desks.clock import LOCAL, local_day
from cunbao.desks.seat import Seat
from cunbao.desks.township_views import FileLine, FileResult, ReceiveView
from cunbao.errors import CunbaoError, DeskError, ExchangeError, StoreError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import Arrival, Aside, Heard
from cunbao.survey.standing import NOTHING, Trusted
from cunbao.survey.states import ReturnState
from cunbao.survey.task import Task
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.desks.township import TownshipDesk
    from cunbao.exchange import Acknowledgement, Package, PackageKind
    from cunbao.exchange.content import Content
    from cunbao.trust.certs import Certificate

SUFFIX = ".cbsync"
LAST = "receive/last"  # setting: {at, source, first: number in the log}
LOST = "receive/lost"  # setting: ["device/epoch/number"]
TAKEN = tuple(one.name for one in (FileResult.TAKEN, FileResult.GAP, FileResult.REVOKED))
KEPT = (*TAKEN, FileResult.HELD.name)
ASIDE_BYTES = 64 * 1024 * 1024  # that one key may keep waiting
ASIDE_KEYS = 20
# what needs work first; within that the order of reading
ORDER = {
    FileResult.TAKEN: 0,
    FileResult.GAP: 1,
    FileResult.HELD: 2,
    FileResult.REVOKED: 3,
    FileResult.KNOWN: 4,
}
CODES = {
    "package.not_for_us": FileResult.NOT_OURS,
    "package.address": FileResult.NOT_OURS,
    "package.office": FileResult.NOT_OURS,
    "package.signature": FileResult.SIGNATURE,
    "package.content_signature": FileResult.SIGNATURE,
    "package.newer": FileResult.NEWER,
    "package.task": FileResult.OTHER_TASK,
    "package.stranger": FileResult.STRANGER,
    "package.aside_full": FileResult.STRANGER,
}


class Receiver(Seat, Protocol):
    """A desk that packages are sent to: a township's or a county's."""

    @property
    def task(self) -> Task: ...
    @property
    def villages(self) -> tuple[Office, ...]: ...


@dataclass(frozen=True, slots=True)
class _Read:
    """A package that is whole and ours. leaf: its signer's certificate, the issued one where there is one."""

    package: Package
    content: Content
    leaf: Certificate
    trusted: bool  # our root vouches for the key now
    known: bool  # our root vouched for it, though it may be revoked or expired


# --- the door --------------------------------------------------------------------------------------------------------


def files_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The packages among files and folders (looked through whole), by name; each once."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]
        found.update(dict.fromkeys(one for one in inside if one.is_file() or not path.is_dir()))
    return tuple(found)


def receive(
    desk: Receiver,
    paths: Sequence[Path],
    *,
    source: str = "",
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> ReceiveView:
    """Read every package among `paths`. Each is one transaction; stopping (cancel) is possible between files."""
    files = files_in(paths)
    began = desk.clock()
    lines: list[FileLine] = []
    full = False
    try:
        for done, path in enumerate(files):
            if cancel is not None:
                cancel.check()
            progress(Progress(done, len(files), path.name))
            line = _not_begun(path) if full else receive_file(desk, path)
            full = full or line.result is FileResult.DISK
            lines.append(line)
        progress(Progress(len(files), len(files), "读完了"))
    finally:
        if lines and not full:
            kept = [_json(one) for one in lines]
            desk.workspace.set_setting(LAST, {"at": began.isoformat(), "source": source, "lines": kept})
    return view(desk, lines, source=source, at=began)


def receive_file(desk: Receiver, path: Path) -> FileLine:
    """Read one file. Never raises for what it holds: the line says what became of it."""
    from cunbao.exchange.limits import PACKAGE

    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= PACKAGE.file else b""
    except OSError as trouble:
        return _unreadable(desk, path, str(trouble))
    if size > PACKAGE.file:
        return _oversize(desk, path, size)
    return take(desk, data, path.name)


def take(desk: Receiver, data: bytes, file_name: str) -> FileLine:
    """Take the bytes of one file: all of it, or nothing. The line is also in the log (接收记录)."""
    from cunbao.exchange.package import package_id

    sha256 = package_id(data)
    before = desk.workspace.arrival(sha256, KEPT)
    if before is not None:
        return _known(desk, before, file_name, len(data))
    try:
        read = _read(desk, data)
        return _take(desk, read, file_name, data)
    except ExchangeError as refused:
        line = _refused(desk, refused, sha256, file_name, len(data))
    except StoreError as trouble:
        return _disk(desk, trouble, file_name, len(data))
    try:
        _log(desk, line, sha256, file_name, len(data))
    except StoreError as trouble:  # the file was refused anyway; only the log could not be written
        return _disk(desk, trouble, file_name, len(data))
    return line


def view(desk: Receiver, lines: Sequence[FileLine], *, source: str, at: Any) -> ReceiveView:
    """township-01."""
    waiting = sum(
        stands.state is ReturnState.RECEIVED
        for _, form, stands in desk.workspace.standings(desk.task.period)
        if form in desk.task.forms
    )
    ordered = sorted(lines, key=lambda one: ORDER.get(one.result, 9))
    taken = sum(one.result.kept for one in lines)
    known = sum(one.result is FileResult.KNOWN for one in lines)
    return ReceiveView(
        at=at,
        source=source,
        lines=tuple(ordered),
        taken=taken,
        known=known,
        refused=len(lines) - taken - known,
        to_review=waiting,
        nothing_yet=not lines and not desk.workspace.arrivals(most=1),
        villages=len(desk.villages),
        deadline=desk.task.deadline,
        days_left=(desk.task.deadline - local_day(desk.clock())).days,
        issued_on=None,
    )


def receive_view(desk: Receiver) -> ReceiveView:
    """The last reading again, when the screen opens."""
    from datetime import datetime

    last = desk.workspace.setting(LAST, None)
    if last is None:
        return view(desk, (), source="", at=None)
    lines = [_line(one) for one in last["lines"]]
    return view(desk, lines, source=last["source"], at=datetime.fromisoformat(last["at"]))


def history(desk: Receiver, most: int = 500) -> tuple[FileLine, ...]:
    """接收记录: every file that was ever read, newest first."""
    return tuple(line_of(one) for one in desk.workspace.arrivals(most=most))


def line_of(one: Arrival) -> FileLine:
    """What the screen showed of a file when it was read."""
    return _line(json.loads(one.line))


# --- one file --------------------------------------------------------------------------------------------------------


def _read(desk: Receiver, data: bytes) -> _Read:
    """Verify everything; ExchangeError says why not. Nothing is written."""
    from cunbao.exchange import read_package
    from cunbao.exchange.content import read_content
    from cunbao.trust.chain import Standing

    judge = ledger.judge_of(desk.workspace)
    own = devices.device(desk.workspace)
    package = read_package(data, own.readers, judge.roots, us=(desk.office.code,), certificates=judge.authorities)
    manifest = package.manifest
    _refuse_sender(desk, package)
    if manifest.task != desk.task.id or manifest.period not in (desk.task.period, desk.task.previous_period):
        raise ExchangeError(
            "package.task",
            happened=f"这个文件报的是“{manifest.task}” {manifest.period}，不是本期任务",
            safe="没有导入任何内容，原文件没有改动",
            todo="请核对是不是拿错了文件；任务换了的，请先导入新的任务包",
        )
    content = read_content(package)
    _refuse_others(manifest.office, manifest.kind, content)
    taking.refuse_other_forms(desk.task, content)
    signer = package.verdict.signer
    assert signer is not None  # a package whose signature computes has one
    others = tuple(one.der for one in package.verdict.chain)
    leaf, chain = judge.chain(signer, others, at=manifest.written_at, object_id=package.sha256)
    rooted = bool(judge.roots) and chain.path[-1].der in judge.roots
    return _Read(package, content, leaf, chain.standing is Standing.VALID, rooted)


def _refuse_sender(desk: Receiver, package: Package) -> None:
    """A township takes bundles of its villages and receipts of its county; a county what its townships send on."""
    from cunbao.exchange import PackageKind

    manifest = package.manifest
    county = desk.office.code[:6] + "000000"
    if desk.workspace.kind == "county":
        right = manifest.kind is PackageKind.FORWARD and manifest.office in {
            one.code for one in desk.workspace.offices(desk.office.code)
        }
    elif manifest.kind is PackageKind.RECEIPT:
        right = manifest.office == county and package.verdict.valid
    else:
        right = manifest.kind is PackageKind.BUNDLE and manifest.office in {one.code for one in desk.villages}
    if not right:
        where = "本县的乡镇" if desk.workspace.kind == "county" else "本镇的村"
        raise _not_ours(f"这个文件是{manifest.office}写的，不是{where}报来的")


def _refuse_others(office: str, kind: PackageKind, content: Content) -> None:
    """A village's bundle carries the village's own returns, a township's those of its villages."""
    from cunbao.exchange import PackageKind

    digits = 12 if kind is PackageKind.BUNDLE else 9
    for one in content.revisions:
        if one.header.office[:digits] != office[:digits]:
            raise ExchangeError(
                "package.content",
                happened=f"里面有别的单位的报表（{one.header.office}）",
                safe="没有导入任何内容，原文件没有改动",
                todo="请对方在村报里重新导出一次",
            )


def _take(desk: Receiver, read: _Read, file_name: str, data: bytes) -> FileLine:
    if not read.known:
        return _hold(desk, read, file_name, data)
    workspace, manifest = desk.workspace, read.package.manifest
    with workspace.atomic():
        before = {form: stands for _, form, stands in workspace.standings(manifest.period, [manifest.office])}
        news = taking.apply(workspace, desk.task, read.content, epoch=manifest.epoch)
        _hear(desk, read)
        gaps = missing_numbers(desk, manifest.device, manifest.epoch, upto=manifest.sequence)
        line = _taken(desk, read, news, before, gaps, file_name, len(data))
        _log(desk, line, read.package.sha256, file_name, len(data), read)
        desk.journal("receive", file=read.package.sha256, office=manifest.office, result=line.result.name)
    return line


def _hear(desk: Receiver, read: _Read) -> None:
    """What the sender says it holds of our receipts; a new life of it voids what the one before said."""
    workspace, manifest = desk.workspace, read.package.manifest
    heard = workspace.heard(manifest.device)
    if any(one.their_epoch != manifest.epoch for one in heard):
        workspace.forget_heard(manifest.device)
        heard = ()
    own = devices.device(workspace)
    for one in manifest.acknowledges:
        before = next((old for old in heard if old.own_epoch == one.epoch), None)
        if one.device == own.id and (before is None or before.through <= one.through):
            workspace.hear(Heard(manifest.device, one.epoch, manifest.epoch, one.through, one.missing))


def _hold(desk: Receiver, read: _Read, file_name: str, data: bytes) -> FileLine:
    """A computer that nobody has approved: kept aside whole, when it asks for its certificate and there is room."""
    workspace, manifest = desk.workspace, read.package.manifest
    asked = read.package.request
    waiting = workspace.aside()
    if asked is None or asked.office != manifest.office:
        raise ExchangeError(
            "package.stranger",
            happened="签名的电脑没有登记，文件里也没有证书申请",
            safe="没有导入任何内容，原文件没有改动",
            todo="请村里重新导出一次；换过电脑的，请先送证书申请来",
        )
    mine = [one for one in waiting if one.key == read.leaf.key_id]
    keys = {one.key for one in waiting}
    if sum(one.size for one in mine) + len(data) > ASIDE_BYTES or (not mine and len(keys) >= ASIDE_KEYS):
        raise ExchangeError(
            "package.aside_full",
            happened="等核准的文件已经太多，放不下了",
            safe="没有导入任何内容，原文件没有改动",
            todo="请先到“登记”里核准或不核准等着的电脑，再收这个文件",
        )
    forms = tuple(dict.fromkeys(one.header.form for one in read.content.revisions))
    with workspace.atomic():
        now = desk.clock()
        registry.note_request(desk, asked, came=f"{now.astimezone(LOCAL):%m-%d} 随第 {manifest.sequence} 次报送包来")
        workspace.put_aside(
            Aside(
                read.package.sha256,
                read.leaf.key_id,
                manifest.office,
                manifest.period,
                forms,
                now,
                file_name,
                len(data),
            ),
            data,
        )
        line = FileLine(
            result=FileResult.HELD,
            label=FileResult.HELD.value,
            file_name=file_name,
            size=size_words(len(data)),
            read=f"收下 {len(forms)} 张表，但这台电脑还没登记，先不能审核",
            todo="打电话核对比对码，再核准",
            act="enrol",
            button="去核准",
            office=manifest.office,
            at=now,
            sha256=read.package.sha256,
        )
        _log(desk, line, read.package.sha256, file_name, len(data), read)
        desk.journal("hold", file=read.package.sha256, office=manifest.office)
    return line


def take_aside(desk: Receiver, key: str) -> tuple[FileLine, ...]:
    """The key has been approved: what waited for it is taken, in the order in which it came."""
    lines = []
    for one in desk.workspace.aside(key):
        data = desk.workspace.aside_data(one.sha256)
        with desk.workspace.atomic():
            lines.append(_take(desk, _read(desk, data), one.file_name, data))
            desk.workspace.drop_aside(one.sha256)
    return tuple(lines)


# --- numbers ---------------------------------------------------------------------------------------------------------


def missing_numbers(desk: Receiver, device: str, epoch: str, *, upto: int = 0) -> tuple[int, ...]:
    """Numbers of a computer's packages that have not come, up to the largest that has (or `upto`), those put down as
    lost left out."""
    have = set(desk.workspace.numbers(device, epoch, TAKEN)) | ({upto} if upto else set())
    lost = {name for name in desk.workspace.setting(LOST, []) if name.startswith(f"{device}/{epoch}/")}
    return tuple(
        number
        for number in range(1, max(have, default=0))
        if number not in have and f"{device}/{epoch}/{number}" not in lost
    )


def lost_numbers(desk: Receiver, device: str, epoch: str) -> tuple[int, ...]:
    """Numbers put down as lost."""
    prefix = f"{device}/{epoch}/"
    return tuple(
        sorted(int(one.removeprefix(prefix)) for one in desk.workspace.setting(LOST, []) if one.startswith(prefix))
    )


def acknowledgements(desk: Receiver, office: str) -> tuple[Acknowledgement, ...]:
    """What has come of each life of an office's computers. Numbers put down as lost stay missing: what was in them is
    carried by a later package, which is acknowledged by itself."""
    from cunbao.exchange import Acknowledgement

    found = []
    for device, epoch in desk.workspace.lives(office, TAKEN):
        have = desk.workspace.numbers(device, epoch, TAKEN)
        missing = tuple(number for number in range(1, have[-1]) if number not in have)
        found.append(Acknowledgement(device, epoch, have[-1], missing))
    return tuple(found)


def register_lost(desk: Receiver, office: str, sha256: str = "") -> tuple[int, ...]:
    """登记遗失: the numbers missing of an office's computers are not waited for any more. Journalled, told in the
    receipt. sha256: only of the computer that wrote this file. Gives the numbers."""
    workspace = desk.workspace
    arrival = workspace.arrival(sha256, TAKEN) if sha256 else None
    lives = [(arrival.device, arrival.epoch)] if arrival is not None else list(workspace.lives(office, TAKEN))
    found = [(device, epoch, number) for device, epoch in lives for number in missing_numbers(desk, device, epoch)]
    with workspace.atomic():
        known = set(workspace.setting(LOST, []))
        workspace.set_setting(LOST, sorted(known | {f"{device}/{epoch}/{number}" for device, epoch, number in found}))
        desk.journal("register_lost", office=office, numbers=[number for _, _, number in found])
    return tuple(number for _, _, number in found)


def note_for_chasing(desk: TownshipDesk, line: FileLine) -> None:
    """记入催报: the village's next notice says what to send again. DeskError "chase.whose" when nobody knows whose file
    it was."""
    from cunbao.desks import chasing

    if not line.office:
        raise DeskError(
            "chase.whose",
            happened=f"“{line.file_name}”读不出来，看不出是哪个村的",
            safe="没有改动任何资料，接收记录里有这个文件",
            todo="请问一下带文件来的人，再到“催报”里记一次",
        )
    chasing.note_trouble(desk, line.office, chasing.trouble_words(line))


def copied(desk: Receiver, office: str) -> bool:
    """电脑可能被复制: one package with two successors (protocol §5)."""
    for device, epoch in desk.workspace.lives(office, TAKEN):
        came = desk.workspace.packages_of(device, epoch, TAKEN)
        after: dict[tuple[int, str], str] = {}
        for one in came:
            if after.setdefault((one.seq, one.previous), one.sha256) != one.sha256:
                return True
    return False


# --- the lines -------------------------------------------------------------------------------------------------------


def _taken(
    desk: Receiver, read: _Read, news: taking.News, before: Any, gaps: Sequence[int], file_name: str, size: int
) -> FileLine:
    workspace, manifest = desk.workspace, read.package.manifest
    if manifest.office.endswith("000"):
        return _taken_whole(desk, read, news, gaps, file_name, size)
    now = {form: stands for _, form, stands in workspace.standings(manifest.period, [manifest.office])}
    carried = {one.id: one.header for one in read.content.revisions}
    forms = [form for form in desk.task.forms if any(carried[name].form == form for name in news.revisions)]
    forks = [form for form in forms if now.get(form, NOTHING).state is ReturnState.FORK]
    trusted = _trusted(desk, news)
    waiting = sum(now.get(form, NOTHING).state is ReturnState.RECEIVED for form in forms)
    result, label = FileResult.TAKEN, FileResult.TAKEN.value
    todo, act, button, form = f"待审核 {waiting} 张", "review", "去审核", next(iter(forms), "")
    said = _said(desk, forms, carried, news, before)
    if news.revisions and not trusted:
        result, label = FileResult.REVOKED, FileResult.REVOKED.value
        said = f"收下 {len(forms)} 张表，但签名的证书已吊销或过期，不算数"
        todo, act, button = "请村里用现在的电脑重新签名再报", "enrol", "看证书"
    elif forks:
        said += f"；{'、'.join(forks)} 和先前的那份不一样，两份都留着"
        todo, act, button, form = f"要选 {len(forks)} 张", "conflict", "去比对", forks[0]
    elif gaps:
        result, label = FileResult.GAP, f"缺第{'、'.join(map(str, gaps))}号"
        todo, act, button = f"找到第{gaps[0]}号再读入；找不到就登记遗失", "lost", "登记遗失"
    elif not waiting:
        todo, act, button = "不用做什么", "", ""
    return FileLine(
        result=result,
        label=label,
        file_name=file_name,
        size=size_words(size),
        read=said,
        todo=todo,
        act=act,
        button=button,
        office=manifest.office,
        form=form,
        at=desk.clock(),
        sha256=read.package.sha256,
    )


def _taken_whole(
    desk: Receiver, read: _Read, news: taking.News, gaps: Sequence[int], file_name: str, size: int
) -> FileLine:
    """The line of what a township sends on, or of what the county answers."""
    manifest = read.package.manifest
    label = f"缺第{'、'.join(map(str, gaps))}号" if gaps else FileResult.TAKEN.value
    villages = len({one.header.office for one in read.content.revisions if one.id in news.revisions})
    said = f"收下 {villages} 个村 {len(news.revisions)} 张表，{len(news.decisions)} 个决定"
    return FileLine(
        result=FileResult.GAP if gaps else FileResult.TAKEN,
        label=label,
        file_name=file_name,
        size=size_words(size),
        read=said if news.revisions or news.decisions else "里面的内容先前都已收下",
        todo=f"找到第{gaps[0]}号再读入；找不到就登记遗失" if gaps else "不用做什么",
        act="lost" if gaps else "",
        button="登记遗失" if gaps else "",
        office=manifest.office,
        at=desk.clock(),
        sha256=read.package.sha256,
    )


def _trusted(desk: Receiver, news: taking.News) -> list[str]:
    """The revisions among the news whose signer may speak for the village."""
    judge = ledger.judge_of(desk.workspace)
    stored = [held for held in map(desk.workspace.revision, news.revisions) if held is not None]
    return [one.id for one in stored if ledger.judged(judge, one).trusted is Trusted.YES]


def _said(desk: Receiver, forms: Sequence[str], carried: Any, news: taking.News, before: Any) -> str:
    if not news.revisions:
        return "里面的报表先前都已收下" if carried else "收下了决定和附件"
    again = [form for form in forms if form in before]
    first = [form for form in forms if form not in before]
    parts = []
    if first:
        parts.append(f"收下 {len(first)} 张表")
    if again:
        parts.append(f"收下改过的 {'、'.join(again)}" if not first else f"改过的 {'、'.join(again)}")
    header = carried[news.revisions[-1]]
    who = header.ret.head or header.person_name
    day = header.signed_at.astimezone(LOCAL)
    return f"{'，'.join(parts)}，负责人 {who} {day:%m-%d} 签名"


def _known(desk: Receiver, before: Arrival, file_name: str, size: int) -> FileLine:
    day = before.at.astimezone(LOCAL)
    other = f"（当时叫 {before.file_name}）" if before.file_name != file_name else ""
    return FileLine(
        result=FileResult.KNOWN,
        label=FileResult.KNOWN.value,
        file_name=file_name,
        size=size_words(size),
        read=f"和 {day:%m-%d} 收到的一模一样{other}，没有重复记",
        todo="不用做什么",
        office=before.office,
        at=desk.clock(),
        sha256=before.sha256,
    )


_TODO = {
    FileResult.BROKEN: ("请村里重拷一次，原文件还在村里", "chase", "记入催报"),
    FileResult.SIGNATURE: ("请村里在村报里重新导出，别改文件", "chase", "记入催报"),
    FileResult.NOT_OURS: ("交给收件的乡镇，或退给带来的人", "", ""),
    FileResult.NEWER: ("先导入县里新发的任务包或升级程序，再收一次", "", ""),
    FileResult.OTHER_TASK: ("核对是不是拿错了文件", "", ""),
    FileResult.STRANGER: ("请村里连证书申请一起重新导出", "chase", "记入催报"),
}


def _refused(desk: Receiver, refused: ExchangeError, sha256: str, file_name: str, size: int) -> FileLine:
    result = CODES.get(refused.code, FileResult.BROKEN)
    todo, act, button = _TODO[result]
    return FileLine(
        result=result,
        label=result.value,
        file_name=file_name,
        size=size_words(size),
        read=f"{refused.happened}，一张表也没读",
        todo=todo,
        act=act,
        button=button,
        office=_office_named(desk, file_name),
        at=desk.clock(),
        sha256=sha256,
        happened=refused.happened,
        safe=refused.safe,
        todo_long=refused.todo,
    )


def _office_named(desk: Receiver, file_name: str) -> str:
    """Whose file it was by its name, "" when no village's; a refused file can say nothing more."""
    return next((one.code for one in desk.villages if file_name.startswith(f"{one.short}-")), "")


def _unreadable(desk: Receiver, path: Path, detail: str) -> FileLine:
    error = ExchangeError(
        "package.unreadable",
        happened="文件读不出来",
        safe="没有导入任何内容",
        todo="请看 U 盘插好了没有，重新拷一次再试",
        detail=detail,
    )
    return _refused(desk, error, "", path.name, 0)


def _oversize(desk: Receiver, path: Path, size: int) -> FileLine:
    error = ExchangeError(
        "package.oversize",
        happened=f"文件有 {size_words(size)}，超过一个报送包的上限",
        safe="没有导入任何内容，原文件没有改动",
        todo="请村里在村报里重新导出",
    )
    return _refused(desk, error, "", path.name, size)


def _disk(desk: Receiver, trouble: CunbaoError, file_name: str, size: int) -> FileLine:
    return FileLine(
        result=FileResult.DISK,
        label=FileResult.DISK.value,
        file_name=file_name,
        size=size_words(size),
        read=f"{trouble.happened}，这个文件一点没写",
        todo=trouble.todo,
        at=desk.clock(),
        happened=trouble.happened,
        safe="前面收好的都在，这个文件一点没写",
        todo_long=trouble.todo,
    )


def _not_begun(path: Path) -> FileLine:
    return FileLine(
        result=FileResult.DISK,
        label=FileResult.DISK.value,
        file_name=path.name,
        size="",
        read="还没读",
        todo="腾出硬盘空间后接着收，不用从头来",
    )


def _not_ours(happened: str) -> ExchangeError:
    return ExchangeError(
        "package.office",
        happened=happened,
        safe="没有导入任何内容，原文件没有改动",
        todo="请交给收件的乡镇，或退给带来的人",
    )


# --- the log ---------------------------------------------------------------------------------------------------------


def _log(desk: Receiver, line: FileLine, sha256: str, file_name: str, size: int, read: _Read | None = None) -> None:
    said = _json(line)
    if read is None:
        one = Arrival(sha256, desk.clock(), line.result.name, office=line.office, file_name=file_name, size=size)
    else:
        manifest = read.package.manifest
        one = Arrival(
            sha256=sha256,
            at=desk.clock(),
            result=line.result.name,
            kind=manifest.kind.value,
            office=manifest.office,
            period=manifest.period,
            device=manifest.device,
            epoch=manifest.epoch,
            seq=manifest.sequence,
            previous=manifest.previous,
            file_name=file_name,
            size=size,
            journal_length=manifest.journal_length,
            journal_head=manifest.journal_head,
            objects=read.content.ids,
        )
    desk.workspace.add_arrival(replace(one, line=json.dumps(said, ensure_ascii=False)))


def _json(line: FileLine) -> dict[str, Any]:
    return {**asdict(line), "result": line.result.name, "at": line.at.isoformat() if line.at else None}


def _line(said: dict[str, Any]) -> FileLine:
    from datetime import datetime

    at = datetime.fromisoformat(said["at"]) if said["at"] else None
    return FileLine(**{**said, "result": FileResult[said["result"]], "at": at})


def size_words(size: int) -> str:
    """1.8 MB."""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(1, round(size / 1000))} KB"
