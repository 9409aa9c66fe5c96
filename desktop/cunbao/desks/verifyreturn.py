"""验证一份 PDF: the signed pages of a return, held against the signature, the data inside and what this desk holds.

Whatever is wrong, what can still be told is told: of a file that grew after its signature, who signed what it was; of a
spoilt one, which return it wants to be. Takes nothing in. Source: ui/design.md county-09, protocol §1, §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import zip_longest
from typing import TYPE_CHECKING

from cunbao.desks import ledger
from cunbao.desks.clock import LOCAL
from cunbao.desks.pagetext import page_texts
from cunbao.desks.seat import Seat
from cunbao.desks.signedpages import signed_pdfs
from cunbao.desks.verified import BY, CHANGED, OURS, WHEN, WHO, Mark, Outcome, VerifiedLine, line, moved_out
from cunbao.desks.verifyfound import Found, id_of, read
from cunbao.errors import CunbaoError
from cunbao.store import MovedOut, StoredRevision, Workspace
from cunbao.survey.compare import Change, ChangeKind, changes
from cunbao.survey.people import mask
from cunbao.survey.revision import Header, read_answers
from cunbao.survey.task import Task
from cunbao.survey.values import Answers, Office

if TYPE_CHECKING:
    pass


def examine(seat: Seat, task: Task | None, data: bytes, here: str) -> tuple[Outcome, tuple[VerifiedLine, ...], str]:
    """(outcome, the five lines, id of the return that we hold for it)."""
    from cunbao.trust.pades import Fault

    judge = ledger.judge_of(seat.workspace)
    found = read(seat, judge, data)
    fault = found.verdict.fault
    if fault is Fault.UNREADABLE:
        return Outcome.BROKEN, (), found.stored.id if found.stored else ""
    if fault in (Fault.UNSIGNED, Fault.FOREIGN) or (found.signer is None and not found.inside):
        return Outcome.FOREIGN, (), ""
    page = _NOT_COMPARED if found.verdict.standing.name == "INVALID" else _compared(seat, task, found)
    ours = _ours(seat, task, found, here)
    lines = (_who(seat, found), _when(seat, found), _vouched(found), _changed(found, page), ours)
    outcome = _outcome(found, page.fault, ours)
    if outcome is Outcome.NOT_HELD and _away(seat, found) is not None:
        outcome = Outcome.MOVED_OUT
    return outcome, lines, found.stored.id if found.stored else ""


# --- the five lines --------------------------------------------------------------------------------------------------


def _who(seat: Seat, found: Found) -> VerifiedLine:
    signer, header = found.signer, found.header
    if signer is None:
        who = f"{header.person_name}，{header.office}" if header is not None else "看不出是谁"
        return line(WHO, Mark.UNKNOWN, who, "签名读不出来，这是文件自己写的")
    person = f"{header.person_name}，" if header is not None else ""
    role = header.person_role if header is not None else signer.role.label
    mark = Mark.GOOD if found.chain is not None else Mark.UNKNOWN
    return line(WHO, mark, f"{person}{signer.name}{role}", f"{signer.role.label}，证书 {signer.number}")


def _when(seat: Seat, found: Found) -> VerifiedLine:
    header = found.header
    if header is None:
        signature = found.verdict.signature
        at = signature.signed_at if signature is not None else None
        return line(WHEN, Mark.UNKNOWN if at is None else Mark.GOOD, _moment(at) if at else "看不出什么时候")
    mark, detail = Mark.GOOD if found.chain is not None else Mark.UNKNOWN, ""
    if found.chain is not None and found.chain.marks and "时钟" in " ".join(found.chain.marks):
        return line(WHEN, Mark.UNKNOWN, _moment(header.signed_at), "早于证书生效的时间，那台电脑的时钟可能不准")
    decided = _decided(seat, found)
    if decided is not None:
        name, at = decided
        if at < header.signed_at:
            return line(WHEN, Mark.UNKNOWN, _moment(header.signed_at), f"{name} {_short(at)} 就审过了，前后对不上")
        detail = f"{name} {_short(at)} 审过，前后对得上"
    return line(WHEN, mark, _moment(header.signed_at), detail)


def _decided(seat: Seat, found: Found) -> tuple[str, datetime] | None:
    """Who decided on it first, and when by his own clock."""
    from cunbao.survey.decision import Decision

    header, stored = found.header, found.stored
    if header is None or stored is None or stored.id != id_of(found.inside):
        return None
    made = [
        Decision.decode(seat.workspace.object(one.id))
        for one in seat.workspace.decisions_of(header.office, header.period)
        if one.revision == stored.id
    ]
    if not made:
        return None
    first = min(made, key=lambda one: one.n)
    office = seat.workspace.office(first.office)
    return (office.short if office is not None else first.office), first.at


def _vouched(found: Found) -> VerifiedLine:
    from cunbao.trust.chain import Standing

    chain = found.chain
    if chain is None:
        return line(BY, Mark.UNKNOWN, "签名不成立，没有人担保")
    path = chain.path
    if chain.standing is Standing.VALID:
        above = path[1].name.removesuffix("签发证书") if len(path) > 1 else ""
        text = f"{above}核准，县根证书签发" if len(path) > 2 else "县根证书签发"
        revoked = "，后来吊销，这份仍然承认" if any("吊销" in mark for mark in chain.marks) else "，没有吊销"
        return line(BY, Mark.GOOD, text, f"签名时证书有效，到 {path[0].not_after.astimezone(LOCAL):%Y-%m-%d}{revoked}")
    if chain.standing is Standing.UNKNOWN:
        text = "这台电脑还没有核准" if path[0].self_signed else "发证的不是本县"
        return line(BY, Mark.UNKNOWN, text, chain.reason)
    return line(BY, Mark.BAD, "证书不能用", chain.reason)


def _changed(found: Found, page: _Page) -> VerifiedLine:
    from cunbao.trust.pades import Fault

    verdict = found.verdict
    if verdict.fault is Fault.CHANGED:
        if found.updates:
            text = f"签名后又改过 {found.updates} 次"
            return line(CHANGED, Mark.BAD, text, _added(found) or verdict.reason)
        return line(CHANGED, Mark.BAD, "签名后被改过", verdict.reason)
    if verdict.fault is Fault.DATA:
        return line(CHANGED, Mark.BAD, "里面的数据和签名不是一套", verdict.reason)
    if verdict.fault is Fault.SIGNER and not (verdict.signature and verdict.signature.computes):
        return line(CHANGED, Mark.BAD, "签名核对不上", verdict.reason)
    if page.fault:
        return line(CHANGED, Mark.BAD, "PDF 里的字和随附数据不一致", page.fault)
    told = f"PDF 里的字和随附数据逐格一致，{page.cells} 格{page.why}" if page.cells else "PDF 和随附数据一起签的名"
    return line(CHANGED, Mark.GOOD, "签名后没有改过", told)


def _added(found: Found) -> str:
    """Which page says something else than when it was signed."""
    try:
        before, after = page_texts(found.data[: found.verdict.signed_bytes]), page_texts(found.data)
    except CunbaoError:
        return ""
    if len(after) != len(before):
        return f"签名时 {len(before)} 页，现在 {len(after)} 页"
    touched = [str(number) for number, (one, other) in enumerate(zip(before, after, strict=True), 1) if one != other]
    return f"第 {'、'.join(touched)} 页的字变了" if touched else "页上的字没变，多了别的内容"


@dataclass(frozen=True, slots=True)
class _Page:
    """Whether the pages say what the data say. fault: what they do not, "" nothing; cells: how many answers were
    compared, 0 where it cannot be told here; why: why no more than these was compared."""

    fault: str
    cells: int
    why: str = ""


_NOT_COMPARED = _Page("", 0)


def _compared(seat: Seat, task: Task | None, found: Found) -> _Page:
    if task is None or found.header is None or found.signer is None or found.header.form not in task.forms:
        return _NOT_COMPARED
    if found.header.period != task.period:
        return _NOT_COMPARED
    from cunbao.desks.township.proofing import Opened, compare_page, other_version
    from cunbao.trust.pades import ANSWERS

    town = _town(seat, task, found.header)
    if town is None:
        return _NOT_COMPARED
    try:
        answers = read_answers(task.forms[found.header.form], found.inside[ANSWERS])
    except (CunbaoError, KeyError):
        return _NOT_COMPARED
    opened = Opened(found.stored or _as_stored(found), found.header, answers)
    filled = sum(map(bool, answers.values.values()))
    filled += sum(bool(text) for rows in answers.rows.values() for row in rows for text in row.values.values())
    page = compare_page(town, opened, found.data, found.signer)
    return _Page(page.differs, filled, "" if page.whole else other_version(found.header))


def _as_stored(found: Found) -> StoredRevision:
    """The revision as it would be held."""
    header = found.header
    assert header is not None  # its caller has one
    return StoredRevision(
        id=id_of(found.inside),
        office=header.office,
        form=header.form,
        period=header.period,
        kind=header.kind,
        version=header.version,
        n=header.n,
        parents=header.parents,
        device=header.device,
        signed_at=header.signed_at,
        header=id_of(found.inside),
        answers=header.answers_sha256,
    )


@dataclass(frozen=True, slots=True)
class _Town:
    """What drawing a return anew needs to know of its township."""

    workspace: Workspace
    task: Task
    office: Office
    county: Office | None
    own: Office

    def village(self, code: str) -> Office:
        return self.own


def _town(seat: Seat, task: Task, header: Header) -> _Town | None:
    find = seat.workspace.office
    own, town, county = find(header.office), find(header.office[:9] + "000"), find(header.office[:6] + "000000")
    if own is None or town is None or county is None or own == town:
        return None
    return _Town(seat.workspace, task, town, county, own)


def _ours(seat: Seat, task: Task | None, found: Found, here: str) -> VerifiedLine:
    from cunbao.trust.pades import Fault

    subject = OURS.format(here=here)
    stored = found.stored
    if stored is None:
        away = _away(seat, found)
        if away is not None:
            same = seat.workspace.stub(id_of(found.inside)) is not None
            return moved_out(here, away.period, away.file_name, same=same)
        return line(subject, Mark.UNKNOWN, f"{here}没有这份", "没有收到过这个单位的这张表")
    held = _held_words(seat, stored, here)
    differs = _cells_that_differ(seat, task, found, stored)
    if differs:
        number = f"{len(differs)} 格不一样" if differs[0].kind is ChangeKind.CHANGED else f"{len(differs)} 处不一样"
        return line(subject, Mark.BAD, number, _told(differs[0], here))
    if stored.id != id_of(found.inside):
        if found.header is None:
            return line(subject, Mark.UNKNOWN, "比不了", held)
        return line(subject, Mark.UNKNOWN, "数据一样，但不是同一次签的", held)
    words = _words_that_differ(seat, found, stored)
    if words is not None:
        ours, theirs = words
        return line(subject, Mark.BAD, "印的字不一样", f"这份 **{theirs}**，{here}存的 **{ours}**")
    if found.verdict.fault is not Fault.NONE:
        return line(subject, Mark.UNKNOWN, "里面的数据一样，文件不一样", held)
    return line(subject, Mark.GOOD, "一模一样", held)


def _away(seat: Seat, found: Found) -> MovedOut | None:
    """The archive in which the return of this PDF lies."""
    return seat.workspace.moved_out_year(found.header.period) if found.header is not None else None


def _held_words(seat: Seat, stored: StoredRevision, here: str) -> str:
    """县里存的第 2 版，勐混镇 12-18 通过."""
    stands = seat.workspace.standing(stored.office, stored.form, stored.period)
    if stored.id == stands.counted:
        end = "，已通过"
    elif stands.counted:
        counted = seat.workspace.revision(stands.counted)
        end = f"；现在算数的是第 {counted.version} 版" if counted is not None else ""
    else:
        end = "，还没通过"
    return f"{here}存的第 {stored.version} 版{end}"


def _cells_that_differ(seat: Seat, task: Task | None, found: Found, stored: StoredRevision) -> tuple[Change, ...]:
    from cunbao.trust.pades import ANSWERS

    answers = found.inside.get(ANSWERS)
    if answers is None or sha256(answers).hexdigest() == stored.answers or task is None:
        return ()
    form = task.forms.get(stored.form)
    if form is None:
        return ()
    try:
        theirs: Answers = read_answers(form, answers)
    except CunbaoError:
        return ()
    return changes(form, read_answers(form, seat.workspace.object(stored.answers)), theirs)


def _told(change: Change, here: str) -> str:
    """The first cell that differs: 党群服务中心面积：这份 162.00，县里存的 62.00."""
    label = " ".join(filter(None, (change.row_label, change.label)))
    if change.kind is not ChangeKind.CHANGED:
        return f"{label}：{'这份多了' if change.kind is ChangeKind.ADDED_ROW else '这份少了'}这一行"
    ours, theirs = (mask(change.mask, text) if change.mask else text for text in (change.before, change.after))
    return f"{label}：这份 **{theirs or '没填'}**，{here}存的 **{ours or '没填'}**"


def _words_that_differ(seat: Seat, found: Found, stored: StoredRevision) -> tuple[str, str] | None:
    """(ours, theirs): the first words on the pages that are not those of the PDF that we hold."""
    pdfs = signed_pdfs(seat.workspace, stored)
    if not pdfs or sha256(found.data).hexdigest() in pdfs:
        return None
    try:
        ours = [word for text in page_texts(seat.workspace.object(pdfs[0])) for word in text.split()]
        theirs = [word for text in page_texts(found.data) for word in text.split()]
    except CunbaoError:
        return None
    if found.verdict.standing.name != "INVALID":
        return None  # signed again over the same header: the box says another certificate
    for one, other in zip_longest(ours, theirs, fillvalue=""):
        if one != other:
            return _hidden(one) or "没有", _hidden(other) or "没有"
    return None


def _hidden(word: str) -> str:
    """A word of a page as it may be shown: what looks like a person's number is covered."""
    digits = sum(sign.isdigit() for sign in word)
    if digits >= 15:
        return mask("id", word)
    return mask("phone", word) if digits == 11 else word


def _outcome(found: Found, page: str, ours: VerifiedLine) -> Outcome:
    from cunbao.trust.chain import Standing
    from cunbao.trust.pades import Fault

    if found.verdict.fault in (Fault.CHANGED, Fault.DATA):
        return Outcome.CHANGED
    chain = found.chain
    if chain is None:
        return Outcome.SIGNER
    if chain.standing is Standing.INVALID:
        at = found.header.signed_at if found.header is not None else None
        if at is not None and any(at > one.not_after for one in chain.path):
            return Outcome.EXPIRED
        return Outcome.REVOKED if chain.vouched else Outcome.SIGNER
    if chain.standing is Standing.UNKNOWN:
        return Outcome.STRANGER
    if found.verdict.fault is Fault.SIGNER:
        return Outcome.SIGNER
    if page:
        return Outcome.PAGE
    if found.stored is None or found.header is None:
        return Outcome.NOT_HELD
    return Outcome.GENUINE if ours.mark is Mark.GOOD else Outcome.DIFFERS


def _moment(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}（本机时间）"


def _short(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%m-%d %H:%M}"
