"""The signature inside a return's PDF (PAdES B-B), and a verdict that is stricter than the readers'.

One increment: attachments (AF relationship Data), field without an appearance of its own (the box is page content),
certifying signature that allows no change. pyHanko writes and reads the PDF; the CMS is ours (`cms`), so a PDF's
signature has one spelling too. pyHanko is imported inside the functions: 265 ms that no start-up pays.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypedDict

from cunbao.errors import TrustError
from cunbao.trust import cms, der
from cunbao.trust.certs import Certificate
from cunbao.trust.chain import Revocation, Standing
from cunbao.trust.keys import Signer
from cunbao.trust.pyhanko_ready import ready
from cunbao.trust.verify import SignatureVerdict, judge, verify_detached

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

FIELD: Final = "Signature1"
HEADER: Final = "header.json"
ANSWERS: Final = "answers.xml"
HEADER_CMS: Final = "header.cms"
_MIME: Final = {"json": "application/json", "xml": "application/xml", "cms": "application/pkcs7-signature"}
_PDF_BYTES: Final = 64 * 1024 * 1024
_REMEMBERED: Final = 4096  # chains
_agreed: set[tuple[tuple[bytes, ...], tuple[bytes, ...]]] = set()  # roots and chain that pyHanko has agreed to
_SPARE: Final = 8  # an ECDSA signature in DER varies by a few bytes


class Fault(StrEnum):
    """What kind of thing is wrong with a PDF; NONE also where it is only not known who vouches."""

    NONE = ""
    UNREADABLE = "unreadable"  # damaged, cut short, no PDF
    UNSIGNED = "unsigned"
    FOREIGN = "foreign"  # signed, but not as this program signs
    CHANGED = "changed"  # after it was signed
    SIGNER = "signer"  # unchanged, by a key that may not, or no longer
    DATA = "data"  # the return inside does not fit the signature around it


@dataclass(frozen=True, slots=True)
class PdfVerdict:
    """standing and reason as shown. signature: the verdict on the PDF's own signature; header: on the CMS over the
    embedded header; attachments: name → bytes, filled only when the PDF is unchanged since it was signed.

    signed_bytes: how many bytes from the start the first signature spans, where something was added behind them."""

    standing: Standing
    reason: str
    signature: SignatureVerdict | None = None
    header: SignatureVerdict | None = None
    attachments: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    fault: Fault = Fault.NONE
    signed_bytes: int = 0

    @property
    def unchanged(self) -> bool:
        return self.standing is not Standing.INVALID


def sign_pdf(
    pdf: bytes,
    signer: Signer,
    *,
    when: datetime,
    attachments: Mapping[str, bytes],
    box: tuple[float, float, float, float],
    page: int,
) -> bytes:
    """`pdf` with the attachments and one certifying signature, appended as one increment.

    box: lower left and upper right of the signature box in points; page: 0 is the first, -1 the last.
    when: written as the signing time. TrustError "pdf.unreadable", "pdf.signed" when it already carries one.
    """
    ready()
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import constants
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        if "/AcroForm" in writer.root:
            raise _already_signed()
        _attach(writer, attachments)
        writer.ensure_output_version(version=(1, 7))  # type: ignore[no-untyped-call]
        if writer.output_version < (2, 0):
            writer.register_extension(constants.ESIC_EXTENSION_1)
        reserved = 2 * (len(cms.sign_digest(bytes(32), signer, when=None)) + _SPARE)
        spec = SigFieldSpec(FIELD, on_page=page, box=box)  # type: ignore[arg-type]  # floats are written as they are
        steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(field_name=FIELD, writer=writer)
        next(steps)
        steps.send(
            SigObjSetup(
                sig_placeholder=SignatureObject(
                    timestamp=when.astimezone(UTC), subfilter=SigSeedSubFilter.PADES, bytes_reserved=reserved
                ),
                mdp_setup=SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES),
            )
        )
        prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
        steps.send(cms.sign_digest(prepared.document_digest, signer, when=None))
    except (PdfError, ValueError, KeyError, IndexError) as cause:
        raise TrustError(
            "pdf.unreadable",
            happened="这份PDF读不出来，不能签名",
            safe="报表仍是未签名，填报的内容没有改动",
            todo="请重新生成报表后再签",
            detail=str(cause),
        ) from cause
    return bytes(output.getvalue())


def verify_pdf(
    pdf: bytes,
    roots: Sequence[bytes],
    *,
    crls: Sequence[bytes] = (),
    revocations: Sequence[Revocation] = (),
    certificates: Sequence[bytes] = (),
    office: str = "",
    at: datetime | None = None,
) -> PdfVerdict:
    """The verdict on a signed PDF. Never raises for what it is given: what cannot be read is 无效.

    有效 asks all of: one signature, certifying, no change allowed; it covers every byte but its own; its CMS in our
    spelling; chain, office and role as in `verify`; pyHanko's own bottom line; and, when a return is embedded, that
    header, answers and header signature belong together and to the same key. at: default the PDF's signing time.
    """
    ready()
    if len(pdf) > _PDF_BYTES:
        return PdfVerdict(Standing.INVALID, "文件太大，不是村报的报表", fault=Fault.FOREIGN)
    try:
        found = _read_signature(pdf)
        if isinstance(found, _Refusal):
            return PdfVerdict(Standing.INVALID, found.reason, fault=found.fault, signed_bytes=found.signed_bytes)
        attachments = _attachments(found.reader)
    except Exception as cause:  # the reader meets hostile bytes; whatever breaks it, the file is not ours
        logging.getLogger(__name__).info("a PDF could not be read: %r", cause)
        return PdfVerdict(Standing.INVALID, "文件不完整，或不是签名后的PDF原样", fault=Fault.UNREADABLE)
    header = attachments.get(HEADER)
    trust: _Trust = {
        "roots": roots, "crls": crls, "revocations": revocations, "certificates": certificates, "office": office
    }  # fmt: skip
    moment = at or found.when
    # a revocation honours revisions, and a revision is its header
    honoured = hashlib.sha256(header).hexdigest() if header is not None else hashlib.sha256(pdf).hexdigest()
    signature = judge(found.signed, found.digest, at=moment, object_id=honoured, roles=(), **trust)
    if signature.standing is Standing.INVALID:
        fault = Fault.SIGNER if signature.computes else Fault.CHANGED
        return PdfVerdict(Standing.INVALID, signature.reason, signature, fault=fault)
    if signature.valid and not _second_opinion(found, roots, signature):
        return PdfVerdict(Standing.INVALID, "PDF签名没有通过第二种方法的核对", signature, fault=Fault.SIGNER)
    if header is None:
        return PdfVerdict(signature.standing, signature.reason, signature, None, attachments)
    inner, misfit = _inner(attachments, found.signed, moment, trust)
    if misfit:
        return PdfVerdict(Standing.INVALID, misfit, signature, inner, fault=Fault.DATA)
    return PdfVerdict(signature.standing, signature.reason, signature, inner, attachments)


def carried(pdf: bytes) -> Mapping[str, bytes]:
    """The attachments of any PDF, believed in nothing: by them the return that it wants to be can be found. {} where
    there are none or it cannot be read."""
    ready()
    from pyhanko.pdf_utils.reader import PdfFileReader

    if len(pdf) > _PDF_BYTES:
        return {}
    try:
        return _attachments(PdfFileReader(io.BytesIO(pdf)))
    except Exception as cause:
        logging.getLogger(__name__).info("attachments could not be read: %r", cause)
        return {}


class _Trust(TypedDict):
    roots: Sequence[bytes]
    crls: Sequence[bytes]
    revocations: Sequence[Revocation]
    certificates: Sequence[bytes]
    office: str


@dataclass(frozen=True, slots=True)
class _Found:
    reader: PdfFileReader
    embedded: EmbeddedPdfSignature
    signed: cms.Signed
    digest: bytes
    when: datetime


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a PDF is not an unchanged one of ours."""

    fault: Fault
    reason: str
    signed_bytes: int = 0


def _read_signature(pdf: bytes) -> _Found | _Refusal:
    """The one signature of an unchanged PDF, or the reason why it is not one."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    reader = PdfFileReader(io.BytesIO(pdf))
    signatures = list(reader.embedded_signatures)
    if not signatures:
        return _Refusal(Fault.UNSIGNED, "PDF里没有电子签名")
    embedded = signatures[0]
    start, before, after, length = (int(number) for number in embedded.sig_object["/ByteRange"])
    spans = start == 0 and 0 < before < after and length >= 0
    grown = after + length if spans and after + length < len(pdf) else 0
    if len(signatures) > 1:
        return _Refusal(Fault.CHANGED, "签名之后又加了别的签名", grown)
    if not spans or after + length != len(pdf):
        return _Refusal(Fault.CHANGED, "签名之后PDF又被改动", grown)
    raw = bytes(embedded.pkcs7_content)
    try:
        blob = raw[: der.read(memoryview(raw), 0, len(raw)).end]
        signed = cms.read_signed(blob)
    except (TrustError, ValueError, IndexError):
        return _Refusal(Fault.FOREIGN, "PDF签名的格式不是村报的")
    # the hole holds the signature in one spelling and zeros, so that no byte of the file is free to change
    if pdf[before:after] != b"<" + blob.hex().upper().encode().ljust(after - before - 2, b"0") + b">":
        return _Refusal(Fault.CHANGED, "签名之后PDF又被改动")
    if embedded.evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_FILE:
        return _Refusal(Fault.CHANGED, "签名之后PDF又被改动")
    if embedded.docmdp_level is not MDPPerm.NO_CHANGES or "/DocMDP" not in reader.root["/Perms"]:
        return _Refusal(Fault.FOREIGN, "签名没有锁定PDF，不是村报签的")
    when = embedded.self_reported_timestamp
    if when is None or when.tzinfo is None:
        return _Refusal(Fault.FOREIGN, "签名没有写明时间")
    if signed.content is not None or signed.signed_at is not None:
        return _Refusal(Fault.FOREIGN, "PDF签名的格式不是村报的")
    digest = hashlib.sha256(pdf[:before])
    digest.update(pdf[after:])
    return _Found(reader, embedded, signed, digest.digest(), when.astimezone(UTC))


def _attachments(reader: PdfFileReader) -> dict[str, bytes]:
    names = reader.root["/Names"] if "/Names" in reader.root else {}  # noqa: SIM401  # get() does not follow references
    if "/EmbeddedFiles" not in names:
        return {}
    listed = list(names["/EmbeddedFiles"]["/Names"])
    found = {str(name): spec.get_object()["/EF"]["/F"].data for name, spec in zip(*[iter(listed)] * 2, strict=True)}
    if len(found) * 2 != len(listed):
        raise ValueError("an attachment twice")
    return found


def _second_opinion(found: _Found, roots: Sequence[bytes], signature: SignatureVerdict) -> bool:
    """pyHanko's bottom line at the signed time (or at the first moment of the certificate, if the clock was slow).

    What it thinks of a chain it is asked once: who prints a county's returns meets each certificate many times. When
    it has agreed to one, later files are asked for what is their own: bytes, digest, signature. Expiry at each file's
    own moment, and revocations, are `judge_chain`'s, which has spoken before."""
    assert signature.signer is not None  # a valid one has a signer
    known = (tuple(roots), tuple(one.der for one in signature.chain))
    if known in _agreed:
        return _agrees_to_bytes(found, signature.signer)
    from asn1crypto import x509
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=[x509.Certificate.load(root) for root in roots],
        other_certs=[x509.Certificate.load(one.der) for one in signature.chain[1:-1]],
        moment=max(found.when, *(one.not_before for one in signature.chain)),
        allow_fetching=False,
    )
    status = validate_pdf_signature(found.embedded, context)
    agrees = bool(status.bottom_line) and status.modification_level is ModificationLevel.NONE
    if agrees:
        if len(_agreed) >= _REMEMBERED:
            _agreed.clear()
        _agreed.add(known)
    return agrees


@lru_cache(maxsize=_REMEMBERED)
def _loaded(certificate: bytes) -> x509.Certificate:
    """A certificate as pyHanko takes it; a county's are few."""
    from asn1crypto import x509

    return x509.Certificate.load(certificate)


def _agrees_to_bytes(found: _Found, signer: Certificate) -> bool:
    """pyHanko's word on one file alone: nothing after the signature, the digest signed, by this certificate's key.

    Which of the certificates inside is the signer's needs no second look: `cms.read_signed` takes no spelling but the
    one in which issuer and serial number are those of this very certificate."""
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    embedded = found.embedded
    embedded.compute_integrity_info()  # type: ignore[no-untyped-call]
    told = embedded.summarise_integrity_info()
    if told["coverage"] is not SignatureCoverageLevel.ENTIRE_FILE or told["docmdp_ok"] is False:
        return False
    try:
        intact, valid = validate_sig_integrity(
            embedded.signer_info, _loaded(signer.der), "data", embedded.compute_digest()
        )
    except SignatureValidationError:
        return False
    return bool(intact and valid)


def _inner(
    attachments: Mapping[str, bytes], outer: cms.Signed, moment: datetime, trust: _Trust
) -> tuple[SignatureVerdict | None, str]:
    """The verdict on the embedded header's own signature, and what does not fit ("" when all does)."""
    header, answers, signature = (attachments.get(name) for name in (HEADER, ANSWERS, HEADER_CMS))
    if header is None or answers is None or signature is None:
        return None, "PDF里的报表数据不全"
    inner = verify_detached(header, signature, at=moment, **trust)
    if inner.standing is Standing.INVALID:
        return inner, f"PDF里的数据签名无效：{inner.reason}"
    if inner.signer is None or inner.signer.key_id != outer.signer.key_id:
        return inner, "PDF与里面的数据不是同一把钥匙签的"
    try:
        same = json.loads(header)["answers_sha256"] == hashlib.sha256(answers).hexdigest()
    except (ValueError, TypeError, KeyError, RecursionError):
        same = False
    return inner, "" if same else "PDF里的填报数据与表头不符"


def _attach(writer: Any, attachments: Mapping[str, bytes]) -> None:
    from pyhanko.pdf_utils import embed, generic

    for name in sorted(attachments):
        stream = embed.EmbeddedFileObject.from_file_data(
            writer,
            data=attachments[name],
            params=embed.EmbeddedFileParams(embed_checksum=False),  # MD5 proves nothing here
            mime_type=_MIME.get(name.rpartition(".")[2], "application/octet-stream"),
        )
        spec = embed.FileSpec(
            file_spec_string=name,
            file_name=name,
            embedded_data=stream,
            af_relationship=generic.pdf_name("/Data"),
        )
        embed.embed_file(writer, spec)


def _already_signed() -> TrustError:
    return TrustError(
        "pdf.signed",
        happened="这份PDF已经有表单或签名，不能再签",
        safe="原文件没有改动",
        todo="请从草稿重新生成报表后再签",
    )
