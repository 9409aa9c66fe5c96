"""县回执: what the next answer to each township says, all written in one go, and 全部还原 for one that lost its own.

A township is ticked when there is a decision of the county that no answer has carried, or a bundle of its that none has
acknowledged; writing again is harmless. The packages are `answers`'. Source: protocol §5, in the manner of township-06.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cunbao.desks import decisions, sequences
from cunbao.desks.clock import LOCAL
from cunbao.desks.county import answers
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.settings import confirm_password
from cunbao.desks.township.receipts import make_place
from cunbao.desks.township.views import ReceiptLine, ReceiptsView, WrittenReceipt
from cunbao.errors import CunbaoError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import DecisionRecord
from cunbao.survey.decision import Act, Decision
from cunbao.survey.values import Office

NO_KEY = "任务包里没有它的证书"
AT_LARGE = {Act.CLOSE: "封账", Act.EXEMPT: "不计入", Act.REVOKE: "吊销证书", Act.WITHDRAW: "撤回"}
ICONS = {Act.ACCEPT: "check-circle", Act.RETURN: "return", Act.CLOSE: "lock", Act.WITHDRAW: "undo"}


@dataclass(frozen=True, slots=True)
class Said:
    """One decision that has not been told, read. about: 勐混镇 T01, "" for one that touches no return."""

    act: Act
    about: str
    decision: Decision


def answers_view(desk: CountyDesk) -> ReceiptsView:
    """Every township with what waits to be told to it. DeskError "task.none"."""
    lines = tuple(_line(desk, township) for township in desk.townships)
    written = desk.workspace.outgoing(kind=answers.KIND)
    return ReceiptsView(written[-1].at if written else None, lines, sum(one.ticked for one in lines))


def write_answers(
    desk: CountyDesk,
    folder: Path,
    townships: Sequence[str],
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> tuple[WrittenReceipt, ...]:
    """Write the answers of these townships into 勐海县回执/ of the folder, each read back. One that fails is told of
    and leaves the others valid; stopping is possible between two."""
    place, done = folder / f"{desk.office.short}回执", list[WrittenReceipt]()
    make_place(place)
    for number, code in enumerate(townships):
        if cancel is not None:
            cancel.check()
        name = _name(desk, code)
        progress(Progress(number, len(townships), f"写 {name} 的回执"))
        try:
            path = answers.write_answer(desk, code, place)
            done.append(WrittenReceipt(code, name, path, path.stat().st_size, True))
        except CunbaoError as trouble:
            done.append(WrittenReceipt(code, name, place, 0, False, f"{trouble.happened}。{trouble.todo}"))
    progress(Progress(len(townships), len(townships), "写好了，可以拔"))
    return tuple(done)


def restore(desk: CountyDesk, township: str, folder: Path, reason: str, password: str) -> tuple[Path, ...]:
    """全部还原 to a township that lost its computer: all that is held of its villages, for its newest certificate.
    DeskError "reason.length", "township.unknown", "disk.full" …; TrustError "password.wrong"."""
    said = decisions.a_reason(reason)
    confirm_password(desk, password, act="confirm")
    place = folder / f"{desk.office.short}回执"
    make_place(place)
    files = answers.write_everything(desk, township, place)
    desk.journal("restore_township", office=township, reason=said, parts=len(files))
    return files


# --- one township --------------------------------------------------------------------------------------------------


def _line(desk: CountyDesk, township: Office) -> ReceiptLine:
    said = [_said(desk, one) for one in answers.untold(desk, township.code)]
    bundles, reachable = _unacknowledged(desk, township.code), answers.reachable(desk, township.code)
    accepted = [one for one in said if one.act is Act.ACCEPT]
    returned = [one for one in said if one.act is Act.RETURN]
    return ReceiptLine(
        office=township.code,
        name=township.short,
        accepted=len(accepted),
        returned=len(returned),
        comments=sum(len(one.decision.comments) for one in returned),
        proposals=0,
        certificates=0,
        reminders=0,
        inside=_inside(desk, township.code, said, bundles),
        ticked=reachable and bool(said or bundles),
        on_paper=False,
        why_not="" if reachable else NO_KEY,
        file_name=answers.next_name(desk, township.code),
        lines=_lines(desk, said, bundles),
        others=len(said) - len(accepted) - len(returned),
        bundles=bundles,
    )


def _said(desk: CountyDesk, record: DecisionRecord) -> Said:
    decided = Decision.decode(desk.workspace.object(record.id))
    revision = desk.workspace.revision(decided.revision) if decided.revision else None
    return Said(decided.act, f"{_name(desk, revision.office)} {revision.form}" if revision else "", decided)


def _unacknowledged(desk: CountyDesk, township: str) -> int:
    """Bundles that were taken since the last answer to it was written."""
    written = desk.workspace.outgoing(office=township, kind=answers.KIND)
    since = written[-1].at if written else None
    return sum(
        one.result in sequences.TAKEN and (since is None or one.at > since)
        for one in desk.workspace.arrivals(office=township, period=desk.task.period)
    )


def _inside(desk: CountyDesk, township: str, said: Sequence[Said], bundles: int) -> str:
    words = list(dict.fromkeys(_words(desk, one) for one in said))
    words += [f"收下 {bundles} 个报县包"] if bundles else []
    if words:
        return "；".join(words)
    written = desk.workspace.outgoing(office=township, kind=answers.KIND)
    return f"没有新内容，上次 {written[-1].at.astimezone(LOCAL):%m-%d}" if written else "没有新内容"


def _words(desk: CountyDesk, one: Said) -> str:
    """勐混镇 T01 通过; 封账; 曼蚌村不计入 003-04."""
    if one.about:
        word = {Act.ACCEPT: "通过", Act.RETURN: "退回"}.get(one.act, "撤回决定")
        return f"{one.about} {word}"
    if one.act is Act.EXEMPT:
        return f"{_name(desk, one.decision.of('office'))}不计入 {one.decision.of('indicator')}"
    if one.act is Act.WITHDRAW:
        return f"撤回{_taken_back(desk, one.decision)}"
    return AT_LARGE.get(one.act, one.act.value)


def _taken_back(desk: CountyDesk, decided: Decision) -> str:
    """What a withdrawal takes back: 封账, 不计入."""
    held = [one for name in decided.names if (one := desk.workspace.decision(name)) is not None]
    words = [AT_LARGE.get(Act(one.act), "") for one in held]
    return next(filter(None, words), "决定")


def _lines(desk: CountyDesk, said: Sequence[Said], bundles: int) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """What the township will see: icon, words, further lines."""
    found = []
    for one in said:
        more = tuple(comment.text for comment in one.decision.comments)
        reason = (one.decision.reason,) if one.decision.reason else ()
        found.append((ICONS.get(one.act, "info"), _words(desk, one), (*reason, *more)))
    if bundles:
        found.append(("inbox-in", f"收下 {bundles} 个报县包", ()))
    return tuple(found)


def _name(desk: CountyDesk, code: str) -> str:
    held = desk.workspace.office(code)
    return held.short if held is not None else code
