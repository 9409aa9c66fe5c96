"""What came in a package, put into the workspace: objects by their hash, then the returns concerned judged anew.

The same for bundle, receipt and forwarded bundle; the caller has verified the package and opens the transaction.
Repeating changes nothing, and no order of packages matters (protocol §1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cunbao.desks import ledger
from cunbao.desks.devices import keep_certificates
from cunbao.errors import ExchangeError, SurveyError
from cunbao.store import DecisionRecord, EvidenceRecord, StoredRevision, Workspace
from cunbao.survey.revision import Header, read_answers
from cunbao.survey.task import Task

if TYPE_CHECKING:
    from cunbao.exchange.content import CarriedDecision, CarriedEvidence, CarriedRevision, Content


VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,5}")
FAR = "9999"  # behind every period: nothing is concerned
BRIEF = 24  # characters of what a file says that a line quotes


@dataclass(frozen=True, slots=True)
class News:
    """revisions, decisions: ids not held before; changed: (office, form, period) of what stands otherwise."""

    revisions: tuple[str, ...]
    decisions: tuple[str, ...]
    changed: tuple[tuple[str, str, str], ...]


def refuse_other_forms(task: Task, content: Content) -> None:
    """Every form is known here in the version it was filled with, and its answers read. ExchangeError "package.newer",
    "package.task"."""
    task = task.whole
    for one in content.revisions:
        header = one.header
        if header.task != task.id:
            raise refused("package.task", f"里面的报表是任务“{brief(header.task)}”的，不是“{task.title}”的")
        form = task.known(header.form)
        if form is None:
            raise _newer(f"里面有本机不认识的表式 {brief(header.form)}")
        version, ours = _number(header.form_version), _number(form.version)
        if version is None or (ours is not None and version > ours):
            said = brief(header.form_version)
            raise _newer(f"{header.form} 是用更新的表式（{said}）填的，本机是 {form.version}")
        try:
            read_answers(form, one.answers)
        except SurveyError as cause:
            if header.form_version != form.version:
                said = brief(header.form_version)
                raise _newer(f"{header.form} 是用另一版表式（{said}）填的，本机读不了") from cause
            raise _unread(header.form, cause) from cause
    for mixed in content.proposals:
        asked = task.forms.get(mixed.proposal.form)
        try:
            if asked is not None:
                read_answers(asked, mixed.answers)
        except SurveyError as cause:
            raise _unread(mixed.proposal.form, cause) from cause


def _number(version: str) -> tuple[int, ...] | None:
    """2025.1 as numbers, None for what is no version of ours."""
    return tuple(map(int, version.split("."))) if VERSION.fullmatch(version) else None


def brief(text: str) -> str:
    """What a file says, as far as a line has room: no break, and no sign that turns the line around."""
    shown = "".join(sign if sign.isprintable() else "·" for sign in text[: BRIEF + 1])
    return shown if len(shown) <= BRIEF else f"{shown[:BRIEF]}…"


def _unread(form: str, cause: SurveyError) -> ExchangeError:
    return refused(
        "package.content",
        f"{form} 的填报值读不懂",
        "请对方用最新的村报重新导出一次",
        detail=cause.detail or cause.happened,
    )


def _newer(happened: str) -> ExchangeError:
    return refused("package.newer", happened, "请先导入县里新发的任务包，再收一次")


def refused(code: str, happened: str, todo: str = "请核对是不是拿错了文件", *, detail: str = "") -> ExchangeError:
    """The refusal of a file of which nothing was taken."""
    return ExchangeError(code, happened=happened, safe="没有导入任何内容，原文件没有改动", todo=todo, detail=detail)


def apply(workspace: Workspace, task: Task, content: Content, *, epoch: str) -> News:
    """Keep everything of a verified package and judge the returns concerned. Inside the caller's transaction.

    epoch: of the sender's workspace, kept beside revisions that are news."""
    with workspace.atomic():
        # one that nobody vouches for would be taken for a computer of the office wherever certificates are listed
        certificates = ledger.judge_of(workspace).vouched(content.certificates) if content.certificates else ()
        keep_certificates(workspace, (one.der for one in certificates))
        revisions = tuple(one.id for one in content.revisions if _keep_revision(workspace, one, epoch))
        decisions = tuple(one.id for one in content.decisions if _keep_decision(workspace, one))
        for scan in content.evidence:
            _keep_evidence(workspace, scan)
        offices = _touched(workspace, content, {one.office for one in certificates})
        since = "" if certificates else _since(workspace, content)
        changed = rejudge(workspace, task, offices, since=since)
    return News(revisions, decisions, changed)


def rejudge(
    workspace: Workspace, task: Task, offices: set[str] | None, *, since: str = ""
) -> tuple[tuple[str, str, str], ...]:
    """Judge every return of these offices anew (None: of all), an earlier period first, since a later one rests on it.
    since: the first period that is concerned, "" all: what is signed or decided of a period says nothing of those
    before it. Gives (office, form, period) of those that stand otherwise now."""
    held = workspace.offices_with_returns(None if offices is None else sorted(offices), since=since)
    judge = ledger.judge_of(workspace)
    return tuple(
        (office, form, period)
        for office, period in held
        for form in ledger.settle(workspace, task, office, period, judge=judge)
    )


def _touched(workspace: Workspace, content: Content, certified: set[str]) -> set[str] | None:
    """The offices on whose returns something carried may have an effect; None: any."""
    found = {one.header.office for one in content.revisions} | certified
    named = [one.decision.revision for one in content.decisions] + [one.said.revision for one in content.evidence]
    found |= {held.office for held in map(workspace.revision, named) if held is not None}
    found |= {office for one in content.decisions if (office := one.decision.of("office"))}
    wide = any(not (one.decision.revision or one.decision.of("office")) for one in content.decisions)
    return None if wide or any(office.endswith("000") for office in found) else found


def _since(workspace: Workspace, content: Content) -> str:
    """The first period that something carried concerns; "" where that cannot be told: what touches no revision may be
    about all of them, but for 封账 and 不计入, which name their period."""
    periods = {one.header.period for one in content.revisions}
    for one in content.decisions:
        about = workspace.revision(one.decision.revision) if one.decision.revision else None
        periods.add(about.period if about is not None else one.decision.of("period"))
    return min(periods, default=FAR)


def _keep_revision(workspace: Workspace, one: CarriedRevision, epoch: str) -> bool:
    """True when the revision itself is news; further signatures over a known header are kept beside it."""
    held = workspace.revision(one.id)
    cms = [workspace.add_object("cms", data) for data in one.signatures]
    pdfs = [workspace.add_object("pdf", data) for data in one.pdfs]
    if held is None:
        workspace.add_object("header", one.header_bytes)
        workspace.add_object("answers", one.answers)
        workspace.add_revision(_stored(one.id, one.header, cms[0], pdfs[0] if pdfs else "", epoch))
        known = {cms[0], *pdfs[:1]}
    else:
        known = {held.cms, held.pdf, *held.others}
    more = [name for name in cms if name not in known]
    pages = [name for name in pdfs if name not in known]
    for at in range(max(len(more), len(pages))):  # pages may come later than the signature over the data
        workspace.add_signature(one.id, more[at] if at < len(more) else cms[0], pages[at] if at < len(pages) else "")
    return held is None


def _stored(name: str, header: Header, cms: str, pdf: str, epoch: str) -> StoredRevision:
    return StoredRevision(
        id=name,
        office=header.office,
        form=header.form,
        period=header.period,
        kind=header.kind,
        version=header.version,
        n=header.n,
        parents=header.parents,
        device=header.device,
        signed_at=header.signed_at,
        header=name,
        answers=header.answers_sha256,
        cms=cms,
        pdf=pdf,
        left_by="package",
        epoch=epoch,
    )


def _keep_decision(workspace: Workspace, one: CarriedDecision) -> bool:
    held, said = workspace.decision(one.id), one.decision
    signed = [workspace.add_object("cms", data) for data in (one.signature, *one.others)]
    if held is not None:  # by whomever it was signed first: the right signature may come later
        known = {held.cms, *held.others}
        for name in signed:
            if name not in known:
                workspace.countersign(one.id, name)
        return False
    workspace.add_decision(
        DecisionRecord(
            id=workspace.add_object("decision", one.data),
            revision=said.revision,
            act=said.act.value,
            n=said.n,
            by=said.person,
            at=said.at,
            seen=said.seen,
            office=said.office,
            cms=signed[0],
        )
    )
    for name in signed[1:]:
        workspace.countersign(one.id, name)
    return True


def _keep_evidence(workspace: Workspace, one: CarriedEvidence) -> None:
    """The scan, who says what it shows, and every signature over that."""
    said = one.said
    workspace.add_object("scan", one.scan)
    workspace.add_object("evidence", one.data)
    workspace.take_evidence(EvidenceRecord(one.id, said.revision, said.content, said.name, said.at, said.n))
    for data in one.signatures:
        workspace.countersign(one.id, workspace.add_object("cms", data))
