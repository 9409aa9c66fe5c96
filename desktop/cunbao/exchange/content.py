"""What a package holds, taken apart and held to its form: every signature computes, every hash fits what names it.

Whose signatures they are is not asked here (protocol §1: reading refuses only for form). Applies nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from cunbao.errors import ExchangeError, SurveyError, TrustError
from cunbao.exchange.manifest import Member, ObjectKind, newer
from cunbao.exchange.notes import Notice, Proposal
from cunbao.exchange.package import Package
from cunbao.survey.decision import Decision
from cunbao.survey.evidence import Evidence
from cunbao.survey.revision import Header
from cunbao.trust.certs import Certificate, read_certificate
from cunbao.trust.cms import read_signed
from cunbao.trust.enrol import Request, read_request


@dataclass(frozen=True, slots=True)
class CarriedRevision:
    """A revision whole. signatures: every CMS over its header, each computes; pdfs: not looked into."""

    id: str
    header: Header
    header_bytes: bytes = field(repr=False)
    answers: bytes = field(repr=False)
    signatures: tuple[bytes, ...] = field(repr=False)
    pdfs: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CarriedDecision:
    """signature, others: every CMS over it, each computes; the first one by itself."""

    id: str
    decision: Decision
    data: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    others: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CarriedEvidence:
    """The scan of a sealed paper. signatures: every CMS over it, each computes; () of an older version's."""

    id: str
    said: Evidence
    data: bytes = field(repr=False)
    scan: bytes = field(repr=False)
    signatures: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CarriedProposal:
    id: str
    proposal: Proposal
    data: bytes = field(repr=False)
    answers: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything of a package, in the manifest's order."""

    revisions: tuple[CarriedRevision, ...] = ()
    decisions: tuple[CarriedDecision, ...] = ()
    evidence: tuple[CarriedEvidence, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    requests: tuple[Request, ...] = ()
    proposals: tuple[CarriedProposal, ...] = ()
    notice: Notice | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of what an acknowledgement of this package would cover."""
        return (
            *(one.id for one in self.revisions),
            *(one.id for one in self.decisions),
            *(one.id for one in self.evidence),
        )


def read_content(package: Package) -> Content:
    """The content of a package. ExchangeError "package.content" when a part is malformed or does not belong, with
    "package.content_signature" when a signature inside is not of what it stands beside."""
    try:
        return _Reader(package).content()
    except (
        SurveyError, TrustError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError,
    ) as cause:  # fmt: skip
        if isinstance(cause, SurveyError) and cause.code == "header.newer":
            raise newer() from cause
        detail = cause.happened if isinstance(cause, (SurveyError, TrustError)) else str(cause)
        raise _refused("package.content", "文件里有一部分内容读不懂", detail) from cause


class _Reader:
    def __init__(self, package: Package) -> None:
        self.objects = package.objects
        self.members = package.manifest.members
        self.headers = {one.sha256 for one in self.members if one.kind is ObjectKind.HEADER}
        self.beside: dict[str, list[Member]] = {}
        for one in self.members:
            if one.of:
                self.beside.setdefault(one.of, []).append(one)

    def content(self) -> Content:
        self._nothing_astray()
        notices = list(self._of(ObjectKind.NOTICE))
        if len(notices) > 1:
            raise ValueError("two notices")
        return Content(
            revisions=tuple(self._revision(one) for one in self._of(ObjectKind.HEADER)),
            decisions=tuple(self._decision(one) for one in self._of(ObjectKind.DECISION)),
            evidence=tuple(self._evidence(one) for one in self._of(ObjectKind.EVIDENCE)),
            certificates=tuple(read_certificate(self._data(one)) for one in self._of(ObjectKind.CERTIFICATE)),
            requests=tuple(read_request(self._data(one)) for one in self._of(ObjectKind.REQUEST)),
            proposals=tuple(self._proposal(one) for one in self._of(ObjectKind.PROPOSAL)),
            notice=Notice.decode(self._data(notices[0])) if notices else None,
        )

    def _nothing_astray(self) -> None:
        """What stands beside something stands beside something that is here."""
        here = {one.sha256 for one in self.members}
        for of in self.beside:
            if of not in here:
                raise ValueError(f"beside {of}, which is not here")

    def _of(self, kind: ObjectKind) -> Iterator[Member]:
        return (one for one in self.members if one.kind is kind)

    def _data(self, one: Member) -> bytes:
        return self.objects[one.sha256]

    def _beside(self, of: str, kind: ObjectKind) -> list[bytes]:
        return [self._data(one) for one in self.beside.get(of, ()) if one.kind is kind]

    def _revision(self, one: Member) -> CarriedRevision:
        data = self._data(one)
        header = Header.decode(data)
        (answers,) = self._beside(one.sha256, ObjectKind.ANSWERS)
        if hashlib.sha256(answers).hexdigest() != header.answers_sha256:
            raise ValueError("other answers than the header names")
        pdfs = self._beside(one.sha256, ObjectKind.PDF)
        if not all(pdf.startswith(b"%PDF-") for pdf in pdfs):
            raise ValueError("not a PDF")
        return CarriedRevision(one.sha256, header, data, answers, self._signatures(one.sha256, data), tuple(pdfs))

    def _decision(self, one: Member) -> CarriedDecision:
        data = self._data(one)
        first, *others = self._signatures(one.sha256, data)
        return CarriedDecision(one.sha256, Decision.decode(data), data, first, tuple(others))

    def _signatures(self, of: str, data: bytes) -> tuple[bytes, ...]:
        found = tuple(self._beside(of, ObjectKind.CMS))
        if not found:
            raise ValueError("no signature")
        digest = hashlib.sha256(data).digest()
        for cms in found:
            signed = read_signed(cms)
            if signed.content is not None or signed.signed_at is None or not signed.computes(digest):
                raise _refused("package.content_signature", "文件里有一份签名不是它旁边那份内容的")
        return found

    def _evidence(self, one: Member) -> CarriedEvidence:
        data = self._data(one)
        said = Evidence.decode(data)
        signed = bool(self._beside(one.sha256, ObjectKind.CMS))
        if not signed and said.revision not in self.headers:  # nobody's word: it comes with the return it shows
            raise ValueError("unsigned evidence of a return that is not here")
        signatures = self._signatures(one.sha256, data) if signed else ()
        return CarriedEvidence(one.sha256, said, data, self.objects[said.content], signatures)

    def _proposal(self, one: Member) -> CarriedProposal:
        data = self._data(one)
        proposal = Proposal.decode(data)
        (answers,) = self._beside(one.sha256, ObjectKind.ANSWERS)
        if hashlib.sha256(answers).hexdigest() != proposal.answers:
            raise ValueError("other answers than the proposal names")
        return CarriedProposal(one.sha256, proposal, data, answers)


def _refused(code: str, happened: str, detail: str = "") -> ExchangeError:
    return ExchangeError(
        code,
        happened=happened,
        safe="没有导入任何内容，原文件没有改动",
        todo="请对方用最新的村报重新导出一次",
        detail=detail,
    )
