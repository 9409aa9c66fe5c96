"""What the officer reads of each file: one line on the screen, three sentences when he asks, and the same in the log.

Words only: what became of the file is decided in `receiving`. What a file says of itself is quoted cut and cleaned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cunbao.desks import closed, decisions, sequences, taking
from cunbao.desks.clock import LOCAL
from cunbao.desks.taking import brief
from cunbao.desks.township.views import FileLine, FileResult
from cunbao.errors import CunbaoError, ExchangeError
from cunbao.store import Arrival, Workspace
from cunbao.survey.decision import Act
from cunbao.survey.revision import Header
from cunbao.survey.standing import NOTHING, Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.task import Task

if TYPE_CHECKING:
    from cunbao.exchange import Manifest, Package
    from cunbao.exchange.content import Content

CODES = {
    "package.not_for_us": FileResult.NOT_OURS,
    "package.address": FileResult.NOT_OURS,
    "package.office": FileResult.NOT_OURS,
    "package.signature": FileResult.SIGNATURE,
    "package.content_signature": FileResult.SIGNATURE,
    "package.newer": FileResult.NEWER,
    "package.task": FileResult.OTHER_TASK,
    "package.moved_out": FileResult.MOVED_OUT,
    "package.stranger": FileResult.STRANGER,
    "package.aside_full": FileResult.STRANGER,
}
_TODO = {
    FileResult.BROKEN: ("请村里重拷一次，原文件还在村里", "chase", "记入催报"),
    FileResult.SIGNATURE: ("请村里在村报里重新导出，别改文件", "chase", "记入催报"),
    FileResult.NOT_OURS: ("交给收件的乡镇，或退给带来的人", "", ""),
    FileResult.NEWER: ("先导入县里新发的任务包或升级程序，再收一次", "", ""),
    FileResult.OTHER_TASK: ("核对是不是拿错了文件", "", ""),
    FileResult.MOVED_OUT: ("先把那一年移回，再收一次", "", ""),
    FileResult.STRANGER: ("请村里连证书申请一起重新导出", "chase", "记入催报"),
}


# --- taken -----------------------------------------------------------------------------------------------------------


def taken(
    task: Task, workspace: Workspace, package: Package, content: Content, news: taking.News,
    *, before: Mapping[str, Standing], trusted: frozenset[str], gaps: Sequence[int], name: str, at: datetime,
) -> FileLine:  # fmt: skip
    """The line of a village's bundle. before: where its returns stood; trusted: the news whose signer may speak for the
    village; gaps: numbers that have not come."""
    manifest = package.manifest
    now = {form: stands for _, form, stands in workspace.standings(manifest.period, [manifest.office])}
    carried = {one.id: one.header for one in content.revisions}

    def forms_of(names: Sequence[str]) -> list[str]:
        return [form for form in task.forms if any(carried[one].form == form for one in names)]

    forms = forms_of([one for one in news.revisions if one in trusted])
    void = forms_of([one for one in news.revisions if one not in trusted])
    forks = [form for form in forms if now.get(form, NOTHING).state is ReturnState.FORK]
    waiting = sum(now.get(form, NOTHING).state is ReturnState.RECEIVED for form in forms)
    result, label = FileResult.TAKEN, FileResult.TAKEN.value
    todo, act, button, form = f"待审核 {waiting} 张", "review", "去审核", next(iter(forms), "")
    said = _said(forms, carried, [one for one in news.revisions if one in trusted], before)
    if void and not forms:
        result, label = FileResult.REVOKED, FileResult.REVOKED.value
        said = f"收下 {len(void)} 张表，但签名的证书已吊销、过期或不是这台电脑的，不算数"
        todo, act, button, form = "请村里用现在的电脑重新签名再报", "enrol", "看证书", void[0]
    elif forks:
        said += f"；{'、'.join(forks)} 和先前的那份不一样，两份都留着"
        todo, act, button, form = f"要选 {len(forks)} 张", "conflict", "去比对", forks[0]
    elif gaps:
        result, label = FileResult.GAP, f"缺{sequences.words(gaps)}"
        todo, act, button = f"找到第{gaps[0]}号再读入；找不到就登记遗失", "lost", "登记遗失"
    elif not waiting:
        todo, act, button = "不用做什么", "", ""
    if void and forms:
        said += f"；{'、'.join(void)} 的签名不算数"
    said += _taken_back(workspace, news)
    return FileLine(
        result=result,
        label=label,
        file_name=name,
        size=size_words(package.size),
        read=said,
        todo=todo,
        act=act,
        button=button,
        office=manifest.office,
        form=form,
        at=at,
        sha256=package.sha256,
    )


def _taken_back(workspace: Workspace, news: taking.News) -> str:
    """What of the news is a 撤回报送, and what became of it."""
    back, late = set[str](), set[str]()
    for name in news.decisions:
        one = workspace.decision(name)
        target = workspace.revision(one.revision) if one is not None and one.act == Act.RETRACT.value else None
        if target is not None and decisions.taken_back(workspace, target) is not None:
            back.add(target.form)
        elif target is not None and target.accepted:
            late.add(target.form)
    words = f"；村里撤回了 {'、'.join(sorted(back))} 的报送" if back else ""
    return words + (f"；村里要撤回 {'、'.join(sorted(late))}，镇里已先通过，不算" if late else "")


def _said(
    forms: Sequence[str], carried: Mapping[str, Header], names: Sequence[str], before: Mapping[str, Standing]
) -> str:
    if not names:
        return "里面的报表先前都已收下" if carried else "收下了决定和附件"
    again = [form for form in forms if form in before]
    first = [form for form in forms if form not in before]
    parts = []
    if first:
        parts.append(f"收下 {len(first)} 张表")
    if again:
        parts.append(f"收下改过的 {'、'.join(again)}" if not first else f"改过的 {'、'.join(again)}")
    header = carried[names[-1]]
    who = brief(header.ret.head or header.person_name)
    day = header.signed_at.astimezone(LOCAL)
    return f"{'，'.join(parts)}，负责人 {who} {day:%m-%d} 签名"


def taken_whole(
    package: Package, content: Content, news: taking.News, *, gaps: Sequence[int], name: str, at: datetime
) -> FileLine:
    """The line of what a township sends on, or of what the county answers."""
    new = [one.header.office for one in content.revisions if one.id in news.revisions]
    own = sum(office.endswith("000") for office in new)
    said = f"收下 {len({one for one in new if not one.endswith('000')})} 个村 {len(new) - own} 张表"
    said += f"，乡镇自己的 {own} 张" if own else ""
    said += f"，{len(news.decisions)} 个决定"
    return FileLine(
        result=FileResult.GAP if gaps else FileResult.TAKEN,
        label=f"缺{sequences.words(gaps)}" if gaps else FileResult.TAKEN.value,
        file_name=name,
        size=size_words(package.size),
        read=said if news.revisions or news.decisions else "里面的内容先前都已收下",
        todo=f"找到第{gaps[0]}号再读入；找不到就登记遗失" if gaps else "不用做什么",
        act="lost" if gaps else "",
        button="登记遗失" if gaps else "",
        office=package.manifest.office,
        at=at,
        sha256=package.sha256,
    )


def differing(workspace: Workspace, manifest: Manifest, periods: Sequence[str]) -> Iterator[str]:
    """What is said of closed periods of which the sender holds something else; of those moved out, what to do."""
    away = [one for one in workspace.moved_out() if one.period in periods]
    here = [period for period in periods if period not in {one.period for one in away}]
    if here:
        yield _differs(manifest, here)
    for one in away:
        yield f"{one.period} 年度已移出，对方的和移出时的不一样，要再给它这一期的内容，先从“{one.file_name}”移回"


def _differs(manifest: Manifest, periods: Sequence[str]) -> str:
    who, how = "村里", "下一份回执"
    if manifest.office.endswith("000"):
        who, how = ("县里", "下次报县") if manifest.office.endswith("000000") else ("乡镇", "下一份县回执")
    return closed.words(periods, who, how)


def held(package: Package, forms: int, *, name: str, at: datetime) -> FileLine:
    """证书待核准."""
    return FileLine(
        result=FileResult.HELD,
        label=FileResult.HELD.value,
        file_name=name,
        size=size_words(package.size),
        read=f"收下 {forms} 张表，但这台电脑还没登记，先不能审核",
        todo="打电话核对比对码，再核准",
        act="enrol",
        button="去核准",
        office=package.manifest.office,
        at=at,
        sha256=package.sha256,
    )


def known(before: Arrival, *, name: str, size: int, at: datetime) -> FileLine:
    """已有."""
    day = before.at.astimezone(LOCAL)
    other = f"（当时叫 {before.file_name}）" if before.file_name != name else ""
    return FileLine(
        result=FileResult.KNOWN,
        label=FileResult.KNOWN.value,
        file_name=name,
        size=size_words(size),
        read=f"和 {day:%m-%d} 收到的一模一样{other}，没有重复记",
        todo="不用做什么",
        office=before.office,
        at=at,
        sha256=before.sha256,
    )


# --- not taken -------------------------------------------------------------------------------------------------------


def refused(error: ExchangeError, *, sha256: str, name: str, size: int, office: str, at: datetime) -> FileLine:
    """office: whose file it was by its name, "" when no village's; a refused file can say nothing more."""
    result = CODES.get(error.code, FileResult.BROKEN)
    todo, act, button = _TODO[result]
    return FileLine(
        result=result,
        label=result.value,
        file_name=name,
        size=size_words(size),
        read=f"{error.happened}，一张表也没读",
        todo=todo,
        act=act,
        button=button,
        office=office,
        at=at,
        sha256=sha256,
        happened=error.happened,
        safe=error.safe,
        todo_long=error.todo,
    )


def unreadable(detail: str) -> ExchangeError:
    return ExchangeError(
        "package.unreadable",
        happened="文件读不出来",
        safe="没有导入任何内容",
        todo="请看 U 盘插好了没有，重新拷一次再试",
        detail=detail,
    )


def oversize(size: int) -> ExchangeError:
    return ExchangeError(
        "package.oversize",
        happened=f"文件有 {size_words(size)}，超过一个报送包的上限",
        safe="没有导入任何内容，原文件没有改动",
        todo="请村里在村报里重新导出",
    )


def disk(trouble: CunbaoError, *, name: str, size: int, at: datetime) -> FileLine:
    """没收完: the disk refused."""
    return FileLine(
        result=FileResult.DISK,
        label=FileResult.DISK.value,
        file_name=name,
        size=size_words(size),
        read=f"{trouble.happened}，这个文件一点没写",
        todo=trouble.todo,
        at=at,
        happened=trouble.happened,
        safe="前面收好的都在，这个文件一点没写",
        todo_long=trouble.todo,
    )


def not_begun(name: str) -> FileLine:
    """A file after the one at which the disk refused."""
    return FileLine(
        result=FileResult.DISK,
        label=FileResult.DISK.value,
        file_name=name,
        size="",
        read="还没读",
        todo="腾出硬盘空间后接着收，不用从头来",
        happened="前一个文件没收完，这个文件还没读",
        safe="前面收好的都在，这个文件没有改动",
        todo_long="腾出硬盘空间后接着收，不用从头来",
    )


# --- kept ------------------------------------------------------------------------------------------------------------


def to_json(line: FileLine) -> dict[str, Any]:
    return {**asdict(line), "result": line.result.name, "at": line.at.isoformat() if line.at else None}


def from_json(said: dict[str, Any]) -> FileLine:
    at = datetime.fromisoformat(said["at"]) if said["at"] else None
    return FileLine(**{**said, "result": FileResult[said["result"]], "at": at})


def size_words(size: int) -> str:
    """1.8 MB."""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(bool(size), round(size / 1000))} KB"
