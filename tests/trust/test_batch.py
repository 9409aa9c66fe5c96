"""Many PDFs verified at once: each file gets its own verdict, in its order, however many processes look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cunbao.trust import batch
from cunbao.trust.batch import Checked, Roots, check_many, check_pdf
from cunbao.trust.certs import read_certificate
from cunbao.trust.pades import sign_pdf
from cunbao.trust.verify import Revocation, Standing
from trust.test_pades import BOX, a_page, a_signed, attached
from world.county import MANBENG, MANGUO, NOW, a_county


def trust(**more: object) -> Roots:
    return Roots(tuple(a_county().roots), **more)  # type: ignore[arg-type]


def signed_by(office: str, number: int) -> bytes:
    signer = a_county()[office].signer
    answers = f"<data><n>{number}</n></data>".encode()
    files = attached(signer, answers=answers)
    return sign_pdf(a_page(1), signer, when=NOW, attachments=files, box=BOX, page=-1)


def test_two_processes_say_what_one_says_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "WORTH", 2)
    files = [signed_by(MANBENG if number % 2 else MANGUO, number) for number in range(12)]
    files[5] = files[5][:200] + bytes([files[5][200] ^ 1]) + files[5][201:]
    alone = list(check_many(files, trust(), count=len(files), workers=1))
    assert [one.standing for one in alone].count(Standing.INVALID) == 1 and alone[5].standing is Standing.INVALID
    assert list(check_many(files, trust(), count=len(files), workers=2)) == alone
    assert len({one.contents["answers.xml"] for one in alone if one.contents}) == 11  # each its own data


def test_whoever_stops_early_leaves_no_file_read_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "WORTH", 2)
    pdf, read = a_signed(a_county()), 0

    def files() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield pdf

    several = check_many(files(), trust(), count=1000, workers=2)
    assert next(several).standing is Standing.VALID
    several.close()  # type: ignore[attr-defined]
    assert read < 100


def test_a_certificate_agreed_to_once_excuses_no_later_file() -> None:
    good = signed_by(MANBENG, 1)
    assert check_pdf(good, trust()).standing is Standing.VALID
    for place in range(20, len(good), len(good) // 40):
        spoilt = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        assert check_pdf(spoilt, trust()).standing is Standing.INVALID
    revoked = Revocation(read_certificate(a_county()[MANBENG].signer.certificate).key_id, frozenset())
    found: Checked = check_pdf(good, trust(revocations=(revoked,)))
    assert found.standing is Standing.INVALID and "吊销" in found.reason
