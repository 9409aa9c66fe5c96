"""核对签名的报表: is what stands on the signed pages what the data say, and did the right computer sign both?

A good signature proves who signed, not that page and data agree: a changed program could print 24 and send 42. So the
page is drawn anew from header and answers and the words are compared. What was found of immutable bytes is kept, until
the certificates or revocations by which the signer is judged are others. Never decides. Source: design §5, protocol §4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from cunbao import TOOL
from cunbao.desks import ledger, ownkeys, proxybasis
from cunbao.desks.clock import LOCAL
from cunbao.desks.pagetext import page_texts
from cunbao.desks.signedpages import masked_words, signed_pdfs
from cunbao.desks.township.review_views import PdfCheck
from cunbao.errors import CunbaoError
from cunbao.store import StoredRevision, Workspace
from cunbao.survey import codes
from cunbao.survey.revision import Header, read_answers
from cunbao.survey.states import Kind
from cunbao.survey.task import Task
from cunbao.survey.values import EMPTY, Answers, Office

if TYPE_CHECKING:
    from cunbao.paper import ReturnSheet
    from cunbao.trust.certs import Certificate
    from cunbao.trust.pades import PdfVerdict

KEPT = "proof"  # setting proof/<revision>: {trust, ok, line, detail, pdf}
NO_PDF = PdfCheck(None, "没有收到签名的报表", "只收到数据，请退回，让村里在村报里重新导出")
AGAIN = "请退回，让村里用村报重新签名再报"


class Town(Protocol):
    """What drawing a return of a township's village anew needs: the township's desk, or whoever verifies its pages."""

    @property
    def workspace(self) -> Workspace: ...
    @property
    def task(self) -> Task: ...
    @property
    def office(self) -> Office: ...
    @property
    def county(self) -> Office | None: ...
    def village(self, code: str) -> Office: ...


class Reviewer(Town, Protocol):
    """Who looks at a return before it is decided: a township's desk, or the county in the place of the office above."""

    @property
    def read_only(self) -> bool: ...
    @property
    def villages(self) -> tuple[Office, ...]: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """One signed revision, read."""

    stored: StoredRevision
    header: Header
    answers: Answers

    @property
    def id(self) -> str:
        return self.stored.id

    @property
    def form(self) -> str:
        return self.stored.form

    def used(self, what: str) -> str:
        """Id of what the answers rest on, "" nothing."""
        return dict(self.header.uses).get(what, "")


def opened(desk: Reviewer, stored: StoredRevision) -> Opened:
    header = Header.decode(desk.workspace.object(stored.header))
    return Opened(stored, header, answers_of(desk, stored))


def answers_of(desk: Town, stored: StoredRevision) -> Answers:
    return read_answers(desk.task.forms[stored.form], desk.workspace.object(stored.answers))


def proof(desk: Reviewer, one: Opened) -> tuple[bytes, PdfCheck]:
    """The signed pages and what was found of them. With several PDFs over one header (signed again when the certificate
    came) the newest that is right stands: a bad one never displaces a good one."""
    pdfs = signed_pdfs(desk.workspace, one.stored)
    if not pdfs:
        return b"", NO_PDF
    trust = _trust(desk, one)
    kept = desk.workspace.setting(f"{KEPT}/{one.id}", None)
    if kept and kept["trust"] == trust and kept["pdf"] in pdfs:
        return desk.workspace.object(kept["pdf"]), PdfCheck(kept["ok"], kept["line"], kept["detail"])
    judge = ledger.judge_of(desk.workspace)
    found = [(name, _check(desk, judge, one, desk.workspace.object(name))) for name in pdfs]
    name, check = next((pair for pair in found if pair[1].ok), found[0])
    if not desk.read_only:
        said = {"trust": trust, "pdf": name, "ok": check.ok, "line": check.line, "detail": check.detail}
        desk.workspace.set_setting(f"{KEPT}/{one.id}", said)
    return desk.workspace.object(name), check


def covered(desk: Reviewer, one: Opened) -> dict[str, str]:
    """Identity numbers and phones on the pages → how a screen shows them."""
    return masked_words(desk.task.forms[one.form], one.answers, one.header.ret.phone)


def _trust(desk: Reviewer, one: Opened) -> str:
    """Digest of all by which signer and page are judged: another one, and what was found no longer holds."""
    judge = ledger.judge_of(desk.workspace)
    certificates = [held.id for held in desk.workspace.certificates(office=one.header.office)]
    revoked = sorted(f"{held.key}:{','.join(sorted(held.honoured))}" for held in judge.revocations)
    held = [sha256(der).hexdigest() for der in (*judge.roots, *judge.authorities)]
    rests = [name for name in (*one.stored.parents[:1], one.used("last")) if desk.workspace.revision(name) is not None]
    return sha256("\n".join([TOOL, desk.task.sha256, *held, *certificates, *revoked, *rests]).encode()).hexdigest()


# --- one PDF ---------------------------------------------------------------------------------------------------------


def _check(desk: Reviewer, judge: ledger.Judge, one: Opened, pdf: bytes) -> PdfCheck:
    from cunbao.trust.pades import ANSWERS, HEADER, verify_pdf

    verdict = verify_pdf(pdf, judge.roots, revocations=judge.revocations, certificates=judge.authorities)
    signer = verdict.signature.signer if verdict.signature is not None else None
    if not verdict.unchanged or signer is None:
        return _bad(verdict.reason)
    ours = {HEADER: one.stored.header, ANSWERS: one.stored.answers}
    inside = {name: sha256(verdict.attachments.get(name, b"")).hexdigest() for name in ours}
    if inside != ours:
        return _bad("报表里夹带的数据，和收到的数据不是同一份")
    proxy = one.header.kind == Kind.PROXY.code
    office = desk.office.code if proxy else one.header.office
    if (signer.office, signer.device) != (office, one.header.device):
        return _bad(f"报表是{signer.name}的另一台电脑签的，和数据的签名不是同一台")
    if not _vouched(judge, verdict, signer, one):
        return PdfCheck(None, f"签名还不能判断：{verdict.reason}", "等这台电脑核准后再审")
    page = compare_page(desk, one, pdf, signer)
    if page.differs:
        return _bad(page.differs)
    day = one.header.signed_at.astimezone(LOCAL)
    own = one.header.office.endswith("000")  # its desk is of its own CA, which the county certified
    who = "本镇签，是代报" if proxy else f"证书由{desk.office.short}{'核准' if own else '签发'}"
    same = "报表和数据逐格一致" if page.whole else f"数据逐格都在报表上{other_version(one.header)}"
    return PdfCheck(True, f"签名有效：{one.header.person_name}，{day:%Y-%m-%d}（本机时间）", f"{who}，{same}")


def _bad(reason: str) -> PdfCheck:
    return PdfCheck(False, f"签名的报表不能用：{reason}", AGAIN)


def _vouched(judge: ledger.Judge, verdict: PdfVerdict, signer: Certificate, one: Opened) -> bool:
    """有效, or signed before the enrolment of a key that has been approved since."""
    from cunbao.trust.chain import Standing

    if verdict.standing is Standing.VALID or not signer.self_signed:
        return verdict.standing is Standing.VALID
    _, chain = judge.chain(signer, (), at=one.header.signed_at, object_id=one.id)
    return chain.standing is Standing.VALID


# --- page against data -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageFound:
    """differs: what of the page is not what the data say, "" when all is; whole: every word of it was compared."""

    differs: str
    whole: bool


def other_version(header: Header) -> str:
    """To be added to a sentence about pages that were not compared whole: why; "" when it was another reason."""
    return "" if header.tool == TOOL else "；报表由另一版程序画成，不能逐字重画"


def compare_page(desk: Town, one: Opened, pdf: bytes, signer: Certificate) -> PageFound:
    """The whole page is compared, word for word, where it was printed by this very program for this very task and all
    that it shows is held here. Else only the answers are: another program may word its notes differently."""
    from cunbao.paper import draw_return

    try:
        found = page_texts(pdf)
        sheet = _sheet(desk, one, signer)
        wanted = page_texts(draw_return(sheet).pdf)
        if found == wanted:
            return PageFound("", whole=True)
        if _all_held(desk, one):
            return PageFound(_where(found, wanted), whole=True)
        bare = page_texts(draw_return(replace(sheet, answers=EMPTY, replaces=None, explanations=())).pdf)
    except CunbaoError as trouble:  # pages that do not open, or an answer that no page can hold
        return PageFound(f"核对不了：{trouble.happened}", whole=False)
    missing = Counter(_words(wanted)) - Counter(_words(bare)) - Counter(_words(found))
    text = "".join(_words(found))
    gone = [word for word in missing if word not in text]
    return PageFound(f"报表上没有数据里的“{gone[0]}”" if gone else "", whole=False)


def _all_held(desk: Town, one: Opened) -> bool:
    header, form = one.header, desk.task.forms[one.form]
    rests = [*one.stored.parents[:1], *filter(None, [one.used("last")])]
    return (header.tool, header.task_version, header.form_version) == (TOOL, desk.task.version, form.version) and all(
        desk.workspace.revision(name) is not None for name in rests
    )


def _where(found: Sequence[str], wanted: Sequence[str]) -> str:
    """The first word that differs, with what should stand there."""
    ours, theirs = list(_words(wanted)), list(_words(found))
    for want, have in zip(ours, theirs, strict=False):
        if want != have:
            return f"报表上印的是“{have}”，数据是“{want}”"
    return "报表的页数或字数和数据对不上"


def _words(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from text.split()


def _sheet(desk: Town, one: Opened, signer: Certificate) -> ReturnSheet:
    """What the village's program put on the page: all of it from header, answers and the signer's certificate."""
    from cunbao.paper import ReturnSheet, Signed

    header = one.header
    office, county, proxy = desk.village(header.office), desk.county, proxybasis.on_paper(one.header, desk.office)
    assert county is not None  # it came with the task
    return ReturnSheet(
        task=desk.task,
        form=desk.task.forms[one.form],
        office=office,
        township=desk.office,
        county=county,
        answers=one.answers,
        last=_held_answers(desk, one.used("last")),
        ret=header.ret,
        explanations=proxybasis.notes(header.explanations),
        kind=header.kind,
        version=header.version,
        replaces=_held_answers(desk, one.stored.parents[0]) if one.stored.parents else None,
        proxy=proxy,
        stage=Signed(
            signer=header.person_name,
            role=header.person_role,
            unit=office.name if proxy is None else proxy.unit,
            certificate_no=signer.number,
            signed_at=header.signed_at.astimezone(LOCAL),
            code=codes.verification_code(one.id),
            qr=codes.qr_text("R", (header.office, header.form, header.period, str(header.version)), one.id),
            before_enrolment=signer.self_signed,
            named=ownkeys.named(desk.task, header),
        ),
    )


def _held_answers(desk: Town, revision: str) -> Answers | None:
    stored = desk.workspace.revision(revision) if revision else None
    return None if stored is None else answers_of(desk, stored)
