"""Who may speak, and where each return stands by what they said: trust asked about every signature held, the rules of
`survey.standing` about the rest, the outcome kept. The same for village, township and county (protocol §1, §2, §4).

Trust is derived from the set of objects: certificates, revocations, revisions and decisions may come in any order.
Stored signatures are known to compute (whoever received them saw to it); here it is asked whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from cunbao.desks import bases, measuring
from cunbao.store import DecisionRecord, EvidenceRecord, Rebuilt, StoredRevision, Workspace
from cunbao.survey.decision import Act, Decision
from cunbao.survey.evidence import Evidence
from cunbao.survey.revision import Header, content_sha256, read_answers
from cunbao.survey.standing import NOTHING, Held, Level, Ruling, Standing, Trusted, effective, standing
from cunbao.survey.states import Kind
from cunbao.survey.task import Task

if TYPE_CHECKING:
    from cunbao.trust.certs import Certificate
    from cunbao.trust.chain import ChainVerdict, Revocation

BASIS_CHANGED = "依据已变"
_BEST = ("INVALID", "UNKNOWN", "VALID")  # names of trust's Standing


@dataclass(frozen=True, slots=True)
class Judge:
    """What every signature is held against: the county roots, the townships' CAs, who was revoked. at_large: what was
    found of decisions that touch no revision, which are asked at every return; closings: what a county's 封账 of a
    period names, likewise."""

    workspace: Workspace
    roots: tuple[bytes, ...]
    authorities: tuple[bytes, ...]
    revocations: tuple[Revocation, ...]
    at_large: dict[str, tuple[Decision, tuple[tuple[Certificate, ChainVerdict], ...]]] = field(
        default_factory=dict, compare=False, repr=False
    )
    closings: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict, compare=False, repr=False)

    def verdict(self, cms: bytes, *, at: datetime, object_id: str) -> tuple[Certificate, ChainVerdict]:
        """Whose signature it is and whether that key may speak. A key that signed before its enrolment is judged by
        the certificates that it got since, when any is held: by the one that speaks best for it."""
        signer, others = _signed_by(cms)
        return self.chain(signer, others, at=at, object_id=object_id)

    def chain(
        self, signer: Certificate, others: Iterable[bytes], *, at: datetime, object_id: str
    ) -> tuple[Certificate, ChainVerdict]:
        from cunbao.trust.chain import judge_chain

        leaves = self.issued_to(signer) or (signer,)
        pool = (*others, *self.authorities)
        found = [
            judge_chain(leaf, others=pool, roots=self.roots, revocations=self.revocations, at=at, object_id=object_id)
            for leaf in leaves
        ]
        best = max(range(len(found)), key=lambda number: _BEST.index(found[number].standing.name))
        return leaves[best], found[best]

    def issued_to(self, own: Certificate) -> tuple[Certificate, ...]:
        """The certificates issued to the key, office, role and device of a self-signed one, () when the computer is
        not approved."""
        from cunbao.trust.certs import read_certificate

        if not own.self_signed:
            return ()
        held = [self.workspace.object(one.id) for one in self.workspace.certificates(key=own.key_id)]
        return tuple(
            found
            for found in map(read_certificate, held)
            if (found.office, found.role, found.device) == (own.office, own.role, own.device)
        )

    def vouched(self, carried: Iterable[Certificate]) -> tuple[Certificate, ...]:
        """Those that the county's root vouches for, link by link; the authorities among them help the others."""
        from cunbao.trust.certs import CertRole
        from cunbao.trust.chain import vouched

        rest = list(carried)
        new = [
            one.der for one in rest if one.role is CertRole.TOWNSHIP_CA and vouched(one, others=(), roots=self.roots)
        ]
        pool = (*self.authorities, *new)
        return tuple(one for one in rest if vouched(one, others=pool, roots=self.roots))


def judge_of(workspace: Workspace) -> Judge:
    """The judge with all that the workspace holds. The county's revocations are heard first: they may take away a
    township's key before what that key revoked is believed."""
    from cunbao.trust.certs import CertRole

    root = workspace.setting("root", "")
    held = [workspace.object(one.id) for one in workspace.certificates(role=CertRole.TOWNSHIP_CA.value)]
    bare = Judge(workspace, (bytes.fromhex(root),) if root else (), tuple(held), ())
    asked = workspace.decisions_of_act(Act.REVOKE.value)
    if not asked:
        return bare
    by_county = replace(bare, revocations=_revocations(bare, asked, Level.COUNTY), at_large={}, closings={})
    by_townships = _revocations(by_county, asked, Level.TOWNSHIP)
    return replace(bare, revocations=(*by_county.revocations, *by_townships), at_large={}, closings={})


def _revocations(judge: Judge, asked: Sequence[DecisionRecord], level: Level) -> tuple[Revocation, ...]:
    from cunbao.trust.chain import Revocation

    found = []
    for one in asked:
        said = Decision.decode(judge.workspace.object(one.id))
        ruling = ruling_of(judge, one, said, said.of("office"))
        if ruling is not None and ruling.level is level:
            found.append(Revocation(said.of("key"), frozenset(said.names), said.of("office")))
    return tuple(found)


def ruling_of(judge: Judge, record: DecisionRecord, said: Decision, office: str) -> Ruling | None:
    """The decision as one that may have an effect on returns of `office`, None when its signer may not decide there."""
    names = filter(None, (record.cms, *record.others))
    verdicts = (judge.verdict(judge.workspace.object(name), at=said.at, object_id=record.id) for name in names)
    return _ruling(record, said, verdicts, office)


def _ruling(
    record: DecisionRecord, said: Decision, verdicts: Iterable[tuple[Certificate, ChainVerdict]], office: str
) -> Ruling | None:
    from cunbao.trust.chain import Standing as Outcome

    for signer, verdict in verdicts:
        level = level_of(signer, office)
        if verdict.standing is Outcome.VALID and level is not None and signer.office == said.office:
            return Ruling(record.id, said, level)
    return None


def evidence_holds(judge: Judge, record: EvidenceRecord, office: str) -> bool:
    """Is this evidence signed by the computer that it names, of `office` or of the township that filled for it?"""
    from cunbao.trust.certs import CertRole
    from cunbao.trust.chain import Standing as Outcome

    said = Evidence.decode(judge.workspace.object(record.id))
    places = {CertRole.VILLAGE_DEVICE: office, CertRole.TOWNSHIP_DESK: office[:9] + "000"}
    for name in record.signatures:
        signer, verdict = judge.verdict(judge.workspace.object(name), at=said.at, object_id=record.id)
        right = signer.office == said.office == places.get(signer.role) and signer.device == said.device
        if right and verdict.standing is Outcome.VALID:
            return True
    return False


def level_of(signer: Certificate, office: str) -> Level | None:
    """As whom somebody decides on a return of `office`; None: not his business. On its own return a township has the
    say of whoever fills, and no more: the county decides."""
    from cunbao.trust.certs import CertRole

    if signer.role is CertRole.TOWNSHIP_DESK and signer.office == office:
        return Level.VILLAGE
    where = {
        CertRole.COUNTY_DESK: (Level.COUNTY, office[:6] + "000000"),
        CertRole.TOWNSHIP_DESK: (Level.TOWNSHIP, office[:9] + "000"),
        CertRole.VILLAGE_DEVICE: (Level.VILLAGE, office),
    }
    level, at = where.get(signer.role, (None, ""))
    return level if signer.office == at else None


@lru_cache(maxsize=2048)  # a signature is read when it comes, when its return is judged, and at every neighbour's news
def _signed_by(cms: bytes) -> tuple[Certificate, tuple[bytes, ...]]:
    """Whose signature it is by its own word, and the certificates sent along."""
    from cunbao.trust.cms import read_signed

    signed = read_signed(cms)
    return signed.signer, signed.others


@lru_cache(maxsize=2048)
def header_of(data: bytes) -> Header:
    """The header of those bytes."""
    return Header.decode(data)


# --- revisions -------------------------------------------------------------------------------------------------------


def judged(judge: Judge, stored: StoredRevision) -> Held:
    """A stored revision with what is known of its signer."""
    return held_revision(judge, stored, header_of(judge.workspace.object(stored.header)))


def held_revision(judge: Judge, stored: StoredRevision, header: Header) -> Held:
    """The revision with what is known of its signer. It is good when one signature by the device that its header names
    is; any other signature beside it changes nothing (protocol §1)."""
    best, proxy = Trusted.NO, False
    marks: tuple[str, ...] = ()
    for name in (stored.cms, *stored.others):
        data = judge.workspace.object(name) if name else b""
        if not data or data.startswith(b"%PDF"):
            continue
        trusted, remarks, by_township = _trusted(judge, data, stored.id, header)
        if trusted > best or (trusted is best and best is Trusted.NO):
            best, marks, proxy = trusted, remarks, by_township
    return Held(
        id=stored.id,
        n=stored.n,
        parents=stored.parents,
        kind=stored.kind,
        form_version=header.form_version,
        answers=stored.answers,
        person=header.person_name,
        trusted=best,
        by_township=proxy,
        marks=marks,
    )


def _trusted(judge: Judge, cms: bytes, revision: str, header: Header) -> tuple[Trusted, tuple[str, ...], bool]:
    from cunbao.trust.certs import CertRole
    from cunbao.trust.chain import Standing as Outcome

    signer, verdict = judge.verdict(cms, at=header.signed_at, object_id=revision)
    proxy = signer.role is CertRole.TOWNSHIP_DESK
    township = header.office.endswith("000")
    role = CertRole.TOWNSHIP_DESK if township else CertRole.VILLAGE_DEVICE  # who fills the forms of such an office
    own = signer.role is role and signer.office == header.office
    own = own and not (township and header.kind == Kind.PROXY.code)
    instead = proxy and not township and signer.office == header.office[:9] + "000" and header.kind == Kind.PROXY.code
    if not (own or instead) or signer.device != header.device:
        return Trusted.NO, (), instead
    if verdict.standing is Outcome.VALID:
        return Trusted.YES, verdict.marks, instead
    return (Trusted.UNKNOWN if verdict.standing is Outcome.UNKNOWN else Trusted.NO), (), instead


# --- an office's returns ---------------------------------------------------------------------------------------------


def settle(
    workspace: Workspace, task: Task, office: str, period: str, *, judge: Judge | None = None
) -> tuple[str, ...]:
    """Judge every return of an office's period anew and keep where it stands; the form tables follow what counts.
    Gives the forms of which something changed. Call it inside the transaction that brought the news."""
    judge, task = judge or judge_of(workspace), task.whole
    known = {form: NOTHING for _, form, _ in workspace.standings(period, [office])}  # all of it may be taken back
    found = {**known, **standings(judge, task, office, period)}
    changed, recounted = [], []
    for form, stands in found.items():
        before = workspace.standing(office, form, period).counted
        if workspace.set_standing(office, form, period, stands):
            changed.append(form)
        if before != stands.counted:
            _count(workspace, task, office, form, period, stands.counted)
            recounted.append(form)
    if recounted:
        measuring.follow(workspace, task, office, period, recounted)
    return tuple(changed)


def settle_all(workspace: Workspace, task: Task) -> None:
    """Judge everything held, as `rebuild` needs it and whoever took a certificate or a revocation."""
    judge = judge_of(workspace)
    for office, period in workspace.offices_with_returns():
        settle(workspace, task, office, period, judge=judge)


def recount(workspace: Workspace, task: Task, forms: Iterable[str]) -> None:
    """These forms are of another version now: what counts of them, in every period, is put into the form tables as this
    one reads it."""
    wanted, whole = set(forms), task.whole
    for form in sorted(wanted):
        workspace.drop_figures(form)
    for period in sorted({period for _, period in workspace.offices_with_returns()}):
        for office, form, stands in workspace.standings(period):
            if form in wanted and stands.counted:
                _count(workspace, whole, office, form, period, stands.counted)


def rebuild(workspace: Workspace, task: Task) -> Rebuilt:
    """`cunbao rebuild`: every index made again from objects, every return judged anew."""
    forms = {**task.whole.retired, **task.whole.forms}  # what a later pack asks no more was counted too
    return workspace.rebuild(lambda revision: forms[revision.form], lambda: settle_all(workspace, task))


def standings(judge: Judge, task: Task, office: str, period: str) -> dict[str, Standing]:
    """form → where the office's return of the period stands, from the objects alone. task: says what a form takes over
    from another."""
    workspace = judge.workspace
    stored = workspace.revisions_of(office, period)
    headers = {one.id: header_of(workspace.object(one.header)) for one in stored}
    decided = workspace.decisions_of(office, period)
    rulings = [ruling for one in decided if (ruling := _ruled(judge, one, office))]
    seen = {one.id: one.seen for one in decided}
    closing = closed_ids(judge, office, period)
    found: dict[str, Standing] = {}
    for form in dict.fromkeys(one.form for one in stored):
        same = [one for one in stored if one.form == form]
        mine = [held_revision(judge, one, headers[one.id]) for one in same]
        if len(mine) > 1:  # twins say the same, though each names its own instance
            mine = [replace(a, answers=content_sha256(workspace.object(a.answers))) for a in mine]
        found[form] = standing(mine, rulings, closing=closing, seen=seen)
    return {form: _with_basis(form, one, found, headers, workspace, task) for form, one in found.items()}


def _ruled(judge: Judge, record: DecisionRecord, office: str) -> Ruling | None:
    if record.revision:
        return ruling_of(judge, record, Decision.decode(judge.workspace.object(record.id)), office)
    if record.id not in judge.at_large:  # asked at every return of every office: read and verified once
        said = Decision.decode(judge.workspace.object(record.id))
        names = filter(None, (record.cms, *record.others))
        found = (judge.verdict(judge.workspace.object(name), at=said.at, object_id=record.id) for name in names)
        judge.at_large[record.id] = said, tuple(found)
    said, verdicts = judge.at_large[record.id]
    return _ruling(record, said, verdicts, office)


def closed_ids(judge: Judge, office: str, period: str) -> frozenset[str] | None:
    """The revisions that the county's 封账 of the period names; None while it is open. Reopening is a withdrawal."""
    closes = judge.workspace.decisions_about(Act.CLOSE.value, "period", period)
    if not closes:
        return None
    takes_back = [one for one in judge.workspace.decisions_of_act(Act.WITHDRAW.value) if not one.revision]
    place = (office[:6], period)  # a county's word, the same for all its offices
    if place not in judge.closings:
        rulings = [ruling for one in (*closes, *takes_back) if (ruling := _ruled(judge, one, office))]
        live = [one for one in effective(rulings, {}) if one.decision.of("period") == period]
        judge.closings[place] = frozenset(live[-1].decision.names) if live else None
    return judge.closings[place]


def _with_basis(
    form: str,
    stands: Standing,
    found: Mapping[str, Standing],
    headers: Mapping[str, Header],
    workspace: Workspace,
    task: Task,
) -> Standing:
    """依据已变: what the head took over from others reads otherwise now (protocol §6)."""
    if not stands.head:
        return stands
    header = headers[stands.head]
    now = {what: one.head for what, one in found.items()}
    used = dict(header.uses).get(bases.LAST, "")
    last = workspace.revision(used)
    if last is not None:
        now[bases.LAST] = workspace.standing(header.office, form, last.period).counted
    elif used and (gone := workspace.stub(used)) is not None:  # that year was moved out; what it said is known
        counted = workspace.counted_then(header.office, form, gone.period)
        now[bases.LAST] = counted.id if counted is not None else ""
    if not bases.moved(workspace, task, header, now):
        return stands
    return replace(stands, marks=tuple(sorted({*stands.marks, BASIS_CHANGED})))


def _count(workspace: Workspace, task: Task, office: str, form: str, period: str, counted: str) -> None:
    asked = task.known(form)
    if asked is None:
        return
    stored = workspace.revision(counted) if counted else None
    if stored is None:
        workspace.uncount(form, office, period)
    else:
        answers = read_answers(asked, workspace.object(stored.answers))
        workspace.count_revision(asked, stored.id, answers)
