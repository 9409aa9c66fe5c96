"""Any file handed in: the five answers, in their order, and what is found when somebody has been at it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject

from cunbao.desks import receiving, verifying
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.verified import Mark, Outcome, Verified
from cunbao.errors import CunbaoError
from cunbao.survey import codes
from cunbao.survey.revision import Header
from cunbao.trust.cms import sign_detached
from cunbao.trust.keys import Signer
from cunbao.trust.pades import ANSWERS, HEADER, HEADER_CMS, carried, sign_pdf
from world import county as elsewhere
from world.county_returns import a_county_with_returns, revokes, the_town_sends
from world.desk import MANBANG, MANGUO, bundle_file, the_seat
from world.forged import the_signer

QUESTIONS = ["谁签的", "什么时候", "谁担保", "改过没有", "和县里存的"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyDesk]:
    made = a_county_with_returns(tmp_path_factory.mktemp("verify"))
    yield made
    made.close()


def held(desk: CountyDesk, form: str = "B02") -> tuple[str, bytes]:
    revision = desk.workspace.standing(MANBANG, form, "2025").counted
    return revision, verifying.held_pdf(desk, revision)


def examined(desk: CountyDesk, pdf: bytes) -> Verified:
    return verifying.examine(desk, pdf, "样例.pdf")


def marks(found: Verified) -> list[Mark]:
    return [one.mark for one in found.lines]


def test_a_return_as_it_was_signed_gets_five_good_answers(desk: CountyDesk) -> None:
    revision, pdf = held(desk)
    found = examined(desk, pdf)
    assert (found.outcome, found.held) == (Outcome.GENUINE, revision)
    assert [one.subject for one in found.lines] == QUESTIONS
    assert marks(found) == [Mark.GOOD] * 5
    assert "曼蚌村" in found.lines[0].text and "勐混镇" in found.lines[2].text
    assert found.lines[4].text == "一模一样" and "第 1 版" in found.lines[4].detail
    assert verifying.history(desk)[0][1:] == ("样例.pdf", "是真的，没有改过")


def test_looking_at_a_file_takes_nothing_in(desk: CountyDesk) -> None:
    before = desk.workspace.signed_ids("2025"), desk.workspace.arrivals()
    examined(desk, held(desk)[1] + b"\n%x\n")
    verifying.examine_file(desk, bundle_path(desk))
    assert (desk.workspace.signed_ids("2025"), desk.workspace.arrivals()) == before


def bundle_path(desk: CountyDesk) -> Path:
    return bundle_file(desk.workspace.folder.parent / "stick", MANBANG)


def test_no_signed_byte_may_differ(desk: CountyDesk) -> None:
    _, pdf = held(desk)
    for place in range(9, len(pdf), len(pdf) // 25):
        spoilt = pdf[:place] + bytes([pdf[place] ^ 0x20]) + pdf[place + 1 :]
        found = examined(desk, spoilt)
        assert not found.good and found.outcome in (Outcome.CHANGED, Outcome.BROKEN, Outcome.FOREIGN), (place, found)


def with_page(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    content = generic.StreamObject(stream_data=b"BT ET")
    writer.insert_page(PageObject(contents=writer.add_object(content), media_box=(0, 0, 595, 842)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_an_added_page_is_told_with_who_signed_what_was_there_before(desk: CountyDesk) -> None:
    revision, pdf = held(desk)
    found = examined(desk, with_page(pdf))
    assert (found.outcome, found.held) == (Outcome.CHANGED, revision)
    assert marks(found)[:3] == [Mark.GOOD] * 3  # it is still known who signed, when, and who vouches
    assert found.lines[3].mark is Mark.BAD and found.lines[3].text == "签名后又改过 1 次"
    pages = len(PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"])
    assert found.lines[3].detail == f"签名时 {pages} 页，现在 {pages + 1} 页"


def test_a_second_signature_is_a_change(desk: CountyDesk) -> None:
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509
    from cryptography.hazmat.primitives import serialization
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    other = the_seat().towns["532822103000"].signs()
    private = other.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(other.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )
    reader_tolerant = IncrementalPdfFileWriter(io.BytesIO(held(desk)[1]))
    out = signers.PdfSigner(signers.PdfSignatureMetadata(field_name="Second", md_algorithm="sha256"), signer)
    twice = _signed_anyway(out, reader_tolerant)
    found = examined(desk, twice)
    assert found.outcome is Outcome.CHANGED and marks(found)[:3] == [Mark.GOOD] * 3
    assert found.lines[3].mark is Mark.BAD


def _signed_anyway(signer: object, writer: IncrementalPdfFileWriter) -> bytes:
    """A second signature over a PDF that forbids it: whoever does so takes the ban out of his way first."""
    if "/Perms" in writer.root:
        del writer.root["/Perms"]
        writer.update_root()
    return signer.sign_pdf(writer, in_place=False).getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["{code}", "{lower}", "{plain}", "{slips}", "{qr}"])
def test_a_code_finds_its_return_however_it_is_typed(desk: CountyDesk, text: str) -> None:
    revision, _ = held(desk)
    code = codes.verification_code(revision)
    said = {
        "code": code,
        "lower": code.lower(),
        "plain": code.replace("-", " "),
        "slips": code.replace("0", "O").replace("1", "l"),
        "qr": codes.qr_text("R", (MANBANG, "B02", "2025", "1"), revision),
    }
    found = verifying.examine_code(desk, text.format(**said))
    assert (found.outcome, found.held, found.name) == (Outcome.GENUINE, revision, code)


def test_a_code_of_nothing_that_we_hold_is_said_to_be_unknown(desk: CountyDesk) -> None:
    found = verifying.examine_code(desk, codes.verification_code("ab" * 32))
    assert found.outcome is Outcome.NOT_HELD and found.head == "县里没有这份"
    with pytest.raises(CunbaoError) as refused:
        verifying.examine_code(desk, "B41W-TEA7")
    assert refused.value.code == "code.typed"


@pytest.mark.parametrize(
    ("data", "name", "outcome"),
    [
        (b"hello", "a.txt", Outcome.FOREIGN),
        (b"%PDF-1.7\n1 0 obj\n", "a.pdf", Outcome.BROKEN),
        (b"", "a.cbsync", Outcome.BROKEN),
        (b"\x30\x03\x02\x01\x00", "a.cbtask", Outcome.BROKEN),
    ],
)
def test_what_is_no_file_of_ours_is_said_to_be_none(desk: CountyDesk, data: bytes, name: str, outcome: Outcome) -> None:
    assert verifying.examine(desk, data, name).outcome is outcome


def test_a_return_cut_short_is_incomplete(desk: CountyDesk) -> None:
    _, pdf = held(desk)
    assert examined(desk, pdf[: len(pdf) * 2 // 3]).outcome in (Outcome.BROKEN, Outcome.FOREIGN)


def test_a_bundle_for_somebody_else_stays_sealed_and_the_county_s_own_pack_is_known(desk: CountyDesk) -> None:
    assert verifying.examine_file(desk, bundle_path(desk)).outcome is Outcome.SEALED
    found = verifying.examine(desk, the_seat().pack, "任务包.cbtask")
    assert [one.subject for one in found.lines] == QUESTIONS and found.lines[4].mark is Mark.GOOD
    forwarded = next(desk.workspace.folder.parent.glob("*.cbsync"), None)
    assert forwarded is None or verifying.examine_file(desk, forwarded).lines


def signed_again(page: bytes, pdf: bytes, signer: Signer, *, answers: bytes | None = None) -> bytes:
    """Another page around the data of a signed return, signed by somebody."""
    inside = dict(carried(pdf))
    when = Header.decode(inside[HEADER]).signed_at
    if answers is not None:
        inside[ANSWERS] = answers
    inside[HEADER_CMS] = sign_detached(inside[HEADER], signer, when=when)
    bare = page[: page.index(b"%%EOF") + len(b"%%EOF\n")]
    return sign_pdf(bare, signer, when=when, attachments=inside, box=(70, 120, 388, 239), page=-1)


def test_pages_that_do_not_say_what_the_data_say_are_found_out(desk: CountyDesk) -> None:
    """The right computer signed it, and still it prints one figure and sends another."""
    _, pdf = held(desk, "B01")
    other = verifying.held_pdf(desk, desk.workspace.standing(MANGUO, "B01", "2025").counted)
    found = examined(desk, signed_again(other, pdf, the_signer(MANBANG)))
    assert found.outcome is Outcome.PAGE and marks(found)[:3] == [Mark.GOOD] * 3
    assert found.lines[3].mark is Mark.BAD and "报表上" in found.lines[3].detail


def test_a_certificate_of_another_county_is_a_stranger_s(desk: CountyDesk) -> None:
    _, pdf = held(desk)
    found = examined(desk, signed_again(pdf, pdf, elsewhere.a_county()[elsewhere.MANBENG].signer))
    assert found.outcome is Outcome.STRANGER and found.lines[2].mark is Mark.UNKNOWN
    assert found.head == "证书不认识"


def test_answers_other_than_those_signed_are_a_change(desk: CountyDesk) -> None:
    _, pdf = held(desk)
    lies = carried(pdf)[ANSWERS].replace(b">", b" >", 1)
    found = examined(desk, signed_again(pdf, pdf, the_signer(MANBANG), answers=lies))
    assert found.outcome is Outcome.CHANGED


@pytest.mark.parametrize(("words", "outcome"), [("认收到的全部", Outcome.GENUINE), ("一次也不认", Outcome.REVOKED)])
def test_a_revoked_certificate_counts_as_far_as_it_is_honoured(tmp_path: Path, words: str, outcome: Outcome) -> None:
    desk = a_county_with_returns(tmp_path)
    _, pdf = held(desk)
    receiving.receive(desk, [the_town_sends(tmp_path, revokes(MANBANG, words))])
    found = examined(desk, pdf)
    assert found.outcome is outcome and found.revocations is not None
    assert "吊销" in found.lines[2].detail
    desk.close()
