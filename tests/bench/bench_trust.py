"""Signing a return's PDF, against pyHanko's own signer on an empty page with the same key and chain."""

from __future__ import annotations

import io
from collections.abc import Iterator
from hashlib import sha256

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.pdfgen.canvas import Canvas

from bench.measure import Row, pairs
from cunbao.trust.cms import sign_detached
from cunbao.trust.keys import Signer, private_bytes
from cunbao.trust.pades import sign_pdf
from world.county import MANBENG, NOW, a_county


def rows() -> Iterator[Row]:
    signer = a_county()[MANBENG].signer
    page, empty = a_page(rows=330), a_page(rows=0)
    answers = b"<data>" + b"<b03_name>0123456789</b03_name>" * 300 + b"</data>"
    header = b'{"answers_sha256":"%s"}' % sha256(answers).hexdigest().encode()
    files = {"header.json": header, "answers.xml": answers, "header.cms": sign_detached(header, signer, when=NOW)}

    def ours() -> bytes:
        return sign_pdf(page, signer, when=NOW, attachments=files, box=(71, 120, 388, 239), page=-1)

    bare = _bare(signer)
    yield pairs("签名：一份报表PDF对pyHanko签空白页", ours, lambda: bare(empty), bar=1.3, pairs=15, times=4)


def a_page(*, rows: int) -> bytes:
    """A page with a table of `rows` × 7 cells, or nothing."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for row in range(rows):
        for column in range(7):
            canvas.drawString(70 * column, 2.4 * row, f"{row * column}.00")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _bare(signer: Signer):  # type: ignore[no-untyped-def]
    """pyHanko as its manual uses it: PAdES, certifying, no changes allowed, an invisible field, no attachments."""
    chain = [asn1_x509.Certificate.load(der) for der in (signer.certificate, *signer.chain)]
    store = SimpleCertificateStore()
    store.register_multiple(chain)
    simple = SimpleSigner(
        signing_cert=chain[0],
        signing_key=asn1_keys.PrivateKeyInfo.load(private_bytes(signer.key)),
        cert_registry=store,
    )
    meta = PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )  # fmt: skip

    def sign(pdf: bytes) -> bytes:
        pdf_signer = PdfSigner(meta, simple, new_field_spec=SigFieldSpec("Signature1"))
        out: io.BytesIO = pdf_signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
        return out.getvalue()

    return sign
