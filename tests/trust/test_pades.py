"""A signed PDF is 有效 as it was signed, and 无效 after anything was done to it. pdfsig and pyHanko trust it too."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import IO

import pytest
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from reportlab.pdfgen.canvas import Canvas

from cunbao.errors import TrustError
from cunbao.trust import pyhanko_ready
from cunbao.trust.cms import sign_detached
from cunbao.trust.keys import Signer, pem
from cunbao.trust.pades import PdfVerdict, sign_pdf, verify_pdf
from cunbao.trust.pki import make_root
from cunbao.trust.verify import Revocation, Standing
from world.county import COUNTY, MANBENG, MANGUO, MENGHUN, NOW, World, a_county, before_enrolment

BOX = (70.9, 120.25, 388.4, 239.3)
ANSWERS = "<data><name>岩温</name></data>".encode()


@cache
def a_page(pages: int = 2) -> bytes:
    """A page as paper draws it: nothing but reportlab."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for number in range(pages):
        canvas.drawString(100, 700, f"B02 {number}")
        canvas.showPage()
    canvas.setTitle("B02")
    canvas.save()
    return out.getvalue()


def attached(signer: Signer, *, answers: bytes = ANSWERS, header: bytes = b"") -> dict[str, bytes]:
    header = header or json.dumps({"answers_sha256": sha256(answers).hexdigest()}).encode()
    return {"header.json": header, "answers.xml": answers, "header.cms": sign_detached(header, signer, when=NOW)}


def a_signed(world: World, office: str = MANBENG, attachments: Mapping[str, bytes] | None = None) -> bytes:
    signer = world[office].signer
    files = attached(signer) if attachments is None else attachments
    return sign_pdf(a_page(), signer, when=NOW, attachments=files, box=BOX, page=-1)


@cache
def the_signed() -> bytes:
    return a_signed(a_county())


def verdict(pdf: bytes, **more: object) -> PdfVerdict:
    return verify_pdf(pdf, a_county().roots, **more)  # type: ignore[arg-type]


def assert_invalid(pdf: bytes) -> PdfVerdict:
    found = verdict(pdf)
    assert found.standing is Standing.INVALID, found
    assert found.reason and not found.attachments
    return found


def test_as_signed_it_is_valid_and_gives_its_data_back() -> None:
    found = verdict(the_signed(), office=MANBENG)
    assert (found.standing, found.unchanged) == (Standing.VALID, True)
    assert found.signature is not None and found.signature.signed_at == NOW
    assert found.header is not None and found.header.standing is Standing.VALID
    assert found.attachments["answers.xml"] == ANSWERS
    assert the_signed().startswith(a_page())  # one increment behind the page that was drawn


def test_the_field_has_the_box_and_draws_nothing() -> None:
    reader = PdfFileReader(io.BytesIO(the_signed()))
    (field,) = reader.root["/AcroForm"]["/Fields"]
    widget = field.get_object()
    assert [float(edge) for edge in widget["/Rect"]] == pytest.approx(list(BOX))
    assert "/AP" not in widget
    assert widget.raw_get("/P").reference == reader.find_page_for_modification(1)[0].reference
    value = widget["/V"]
    assert not {"/Reason", "/Location", "/Name", "/ContactInfo"} & value.keys()
    assert value["/SubFilter"] == "/ETSI.CAdES.detached"


def test_attachments_are_data_of_the_document() -> None:
    reader = PdfFileReader(io.BytesIO(the_signed()))
    assert [one.get_object()["/AFRelationship"] for one in reader.root["/AF"]] == ["/Data"] * 3


def test_pdfsig_trusts_it_and_pdfdetach_takes_the_data_out(tmp_path: Path) -> None:
    world = a_county(years=50)  # pdfsig looks at today's date
    (tmp_path / "r.pdf").write_bytes(a_signed(world))
    (tmp_path / "root.pem").write_bytes(pem(world.root.certificate))
    for line in (
        "certutil -N -d sql:nss --empty-password",
        "certutil -A -d sql:nss -n root -t CT,C,C -i root.pem",
    ):
        (tmp_path / "nss").mkdir(exist_ok=True)
        subprocess.run(line.split(), cwd=tmp_path, check=True)
    shown = subprocess.run(
        ["pdfsig", "-nssdir", "sql:nss", "r.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    for said in ("Signature is Valid.", "Certificate is Trusted.", "Total document signed", "ETSI.CAdES.detached"):
        assert said in shown
    subprocess.run(["pdfdetach", "-saveall", "r.pdf"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "answers.xml").read_bytes() == ANSWERS


def test_before_enrolment_it_cannot_be_judged_and_gives_its_data_back() -> None:
    signer = before_enrolment(a_county()[MANBENG]).signer
    pdf = sign_pdf(a_page(), signer, when=NOW, attachments=attached(signer), box=BOX, page=1)
    found = verdict(pdf)
    assert (found.standing, found.reason) == (Standing.UNKNOWN, "登记前签，钥匙与证书一致")
    assert found.attachments["answers.xml"] == ANSWERS


def test_signed_again_over_the_same_header_when_the_certificate_came() -> None:
    world = a_county()
    early = before_enrolment(world[MANBENG]).signer
    files = attached(early)  # the header and its first signature stay as they are
    pdf = sign_pdf(a_page(), world[MANBENG].signer, when=NOW, attachments=files, box=BOX, page=1)
    assert verdict(pdf).standing is Standing.VALID


def test_a_slow_clock_is_no_reason_to_refuse() -> None:
    signer = a_county()[MANBENG].signer
    when = NOW - timedelta(days=700)
    pdf = sign_pdf(a_page(), signer, when=when, attachments=attached(signer), box=BOX, page=0)
    found = verdict(pdf)
    assert found.standing is Standing.VALID and found.signature is not None and found.signature.marks


def test_any_changed_byte_makes_it_invalid(same_chance: int) -> None:
    pdf, random = the_signed(), Random(same_chance)
    start = len(a_page())
    places = [random.randrange(len(pdf)) for _ in range(150)] + [random.randrange(start, len(pdf)) for _ in range(250)]
    for at in places:
        assert_invalid(pdf[:at] + bytes([pdf[at] ^ 1 << random.randrange(8)]) + pdf[at + 1 :])


def test_a_truncated_file_is_invalid() -> None:
    for size in (0, 1, 100, len(a_page()), len(the_signed()) // 2, len(the_signed()) - 1):
        assert_invalid(the_signed()[:size])


@pytest.mark.parametrize("junk", [b"\n", b"\0", b"% nothing", b"\n%%EOF\n"])
def test_anything_behind_the_end_is_invalid(junk: bytes) -> None:
    assert_invalid(the_signed() + junk)


def test_an_added_page_is_invalid() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(the_signed()))
    content = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.insert_page(PageObject(contents=content, media_box=(0, 0, 595, 842)))
    assert_invalid(_written(writer))


def test_added_content_on_a_page_is_invalid() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(the_signed()))
    stream = generic.StreamObject(stream_data=b"BT (99) Tj ET")
    writer.add_stream_to_page(0, writer.add_object(stream))
    assert_invalid(_written(writer))


def test_an_added_attachment_is_invalid() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(the_signed()))
    data = embed.EmbeddedFileObject.from_file_data(writer, data=b"more")
    embed.embed_file(writer, embed.FileSpec(file_spec_string="more.txt", embedded_data=data))
    assert_invalid(_written(writer))


def test_another_title_is_invalid() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(the_signed()))
    info = writer.trailer["/Info"]
    info["/Title"] = generic.TextStringObject("B01")
    writer.update_container(info)
    assert_invalid(_written(writer))


def test_a_second_signature_is_invalid_and_ours_refuses_to_make_one() -> None:
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup

    with pytest.raises(TrustError) as trouble:
        sign_pdf(the_signed(), a_county()[MANGUO].signer, when=NOW, attachments={}, box=BOX, page=0)
    assert trouble.value.code == "pdf.signed"
    writer = IncrementalPdfFileWriter(io.BytesIO(the_signed()))
    append_signature_field(writer, SigFieldSpec("Second", box=(0, 0, 9, 9)))
    steps = PdfCMSEmbedder().write_cms(field_name="Second", writer=writer)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=signers.pdf_byterange.SignatureObject(timestamp=NOW, bytes_reserved=8192)))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    from cunbao.trust.cms import sign_digest

    steps.send(sign_digest(prepared.document_digest, a_county()[MANGUO].signer, when=None))
    assert "别的签名" in assert_invalid(output.getvalue()).reason


def test_a_signature_that_allows_changes_is_not_ours() -> None:
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    from cunbao.trust.cms import sign_digest

    writer = IncrementalPdfFileWriter(io.BytesIO(a_page()))
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec("S")).write_cms(field_name="S", writer=writer)
    next(steps)
    placeholder = SignatureObject(timestamp=NOW, subfilter=SigSeedSubFilter.PADES, bytes_reserved=8192)
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    steps.send(sign_digest(prepared.document_digest, a_county()[MANBENG].signer, when=None))
    assert "没有锁定" in assert_invalid(output.getvalue()).reason


def test_no_signature_is_invalid() -> None:
    assert "没有电子签名" in assert_invalid(a_page()).reason
    assert_invalid(b"not a pdf")
    empty = PdfFileWriter()
    out = io.BytesIO()
    empty.write(out)
    assert_invalid(out.getvalue())


def test_a_foreign_certificate_cannot_be_judged() -> None:
    other = make_root(office="532823000000", name="别县", now=NOW)
    assert verify_pdf(the_signed(), [other.certificate]).standing is Standing.UNKNOWN
    assert verify_pdf(the_signed(), []).standing is Standing.UNKNOWN


def test_another_offices_signature_is_invalid() -> None:
    found = verdict(a_signed(a_county(), MANGUO), office=MANBENG)
    assert found.standing is Standing.INVALID and "曼国" in found.reason


def test_data_that_does_not_belong_together_is_invalid() -> None:
    world = a_county()
    signer = world[MANBENG].signer
    good = attached(signer)
    mixed = {
        "answers": {**good, "answers.xml": ANSWERS + b" "},
        "header": {**good, "header.json": good["header.json"] + b" "},
        "key": {**good, "header.cms": sign_detached(good["header.json"], world[MANGUO].signer, when=NOW)},
        "missing": {name: data for name, data in good.items() if name != "header.cms"},
        "no json": attached(signer, header=b"[]"),
    }
    for name, files in mixed.items():
        found = verdict(a_signed(world, attachments=files))
        assert found.standing is Standing.INVALID, name


def test_a_revoked_key_honours_the_revision_that_is_embedded() -> None:
    world = a_county()
    files = attached(world[MANBENG].signer)
    pdf = a_signed(world, attachments=files)
    seen = verdict(pdf).signature
    assert seen is not None and seen.signer is not None
    key, revision = seen.signer.key_id, sha256(files["header.json"]).hexdigest()
    assert verdict(pdf, revocations=(Revocation(key, frozenset({revision})),)).standing is Standing.VALID
    assert verdict(pdf, revocations=(Revocation(key, frozenset()),)).standing is Standing.INVALID


def test_a_totals_page_of_a_desk_needs_no_data_inside() -> None:
    for office in (MENGHUN, COUNTY):
        assert verdict(a_signed(a_county(), office, attachments={})).standing is Standing.VALID


def test_a_page_that_cannot_be_read_is_not_signed() -> None:
    for pdf in (b"", b"%PDF-1.7\nrubbish", a_page()[:300]):
        with pytest.raises(TrustError) as trouble:
            sign_pdf(pdf, a_county()[MANBENG].signer, when=NOW, attachments={}, box=BOX, page=0)
        assert trouble.value.code == "pdf.unreadable"
    with pytest.raises(TrustError):
        sign_pdf(a_page(), a_county()[MANBENG].signer, when=NOW, attachments={}, box=BOX, page=9)


def test_starting_the_program_does_not_load_pyhanko() -> None:
    line = (
        "import sys, cunbao.trust, cunbao.trust.pades, cunbao.trust.pki, cunbao.trust.recovery, cunbao.exchange;"
        "import cunbao.exchange.taskpack, cunbao.exchange.enrol, cunbao.exchange.opening;"
        "print([name for name in ('pyhanko', 'asn1crypto', 'argon2', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_string_of_digits_is_read_as_pyhanko_reads_it_only_at_once() -> None:
    """Whatever stands between < and >: digits in any number, blanks, comments, nonsense, no end at all."""
    pyhanko_ready.ready()
    seed = Random().randrange(10**6)
    print("seed", seed)
    chance = Random(seed)

    def read(how: Callable[[IO[bytes]], object], data: bytes) -> object:
        stream = io.BytesIO(data)
        stream.seek(1)
        try:
            said = how(stream)
        except PdfError as wrong:
            return type(wrong)
        return type(said), said, stream.tell()

    pieces = (b"0f", b"A", b"7" * 5000, b" ", b"\r\n", b"%x\n", b"z", b"feff4e00", b"<")
    for _ in range(300):
        inside = b"".join(chance.choices(pieces, weights=(30, 9, 2, 2, 1, 1, 1, 3, 1), k=chance.randrange(9)))
        data = b"x<" + inside + chance.choice((b">", b"> /Next", b">>", b""))
        assert read(generic.read_hex_string_from_stream, data) == read(pyhanko_ready.shipped, data), data
    assert generic.read_hex_string_from_stream is pyhanko_ready.hex_string
