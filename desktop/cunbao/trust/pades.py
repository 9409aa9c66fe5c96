"""The signature inside a return's PDF (PAdES B-B), and a verdict that is stricter than the readers'.

One increment: attachments (AF relationship Data), field without an appearance of its own (the box is page content),
certifying signature that allows no change. pyHanko writes and reads the PDF; the CMS is ours (`cms`), so a PDF's
signature has one spelling too. pyHanko is imported inside the functions: 265 ms that no start-up pays.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cunbao.errors import TrustError
from cunbao.trust import cms
from cunbao.trust.chain import Standing
from cunbao.trust.keys import Signer
from cunbao.trust.verify import SignatureVerdict

if TYPE_CHECKING:
    pass

FIELD: Final = "Signature1"
HEADER: Final = "header.json"
ANSWERS: Final = "answers.xml"
HEADER_CMS: Final = "header.cms"
_MIME: Final = {"json": "application/json", "xml": "application/xml", "cms": "application/pkcs7-signature"}
_PDF_BYTES: Final = 64 * 1024 * 1024
_SPARE: Final = 8  # an ECDSA signature in DER varies by a few bytes


@dataclass(frozen=True, slots=True)
class PdfVerdict:
    """standing and reason as shown. signature: the verdict on the PDF's own signature; header: on the CMS over the
    embedded header; attachments: name → bytes, filled only when the PDF is unchanged since it was signed."""

    standing: Standing
    reason: str
    signature: SignatureVerdict | None = None
    header: SignatureVerdict | None = None
    attachments: Mapping[str, bytes] = field(default_factory=dict, repr=False)

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
    _quiet()
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


def _quiet() -> None:
    # pyHanko writes a traceback for every signer that is not trusted; our verdict says it in a sentence
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _already_signed() -> TrustError:
    return TrustError(
        "pdf.signed",
        happened="这份PDF已经有表单或签名，不能再签",
        safe="原文件没有改动",
        todo="请从草稿重新生成报表后再签",
    )
