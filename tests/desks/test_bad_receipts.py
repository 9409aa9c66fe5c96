"""What a village may be given in place of its receipt: one sentence each, and nothing of its own changes.

A receipt that is whole but late, or that carries what its sender may not say, is taken for what it may say.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from cunbao.desks import devices, receiving, taking
from cunbao.desks.township import deciding, receipts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import otherversions, practice, receiptpage, replies, sending
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.exchange import limits
from cunbao.exchange.content import CarriedDecision, Content
from cunbao.exchange.manifest import Acknowledgement, ObjectKind, PackageKind
from cunbao.exchange.notes import Notice, Proposal
from cunbao.store.compare import figures
from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.revision import Header
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from cunbao.trust import pki
from cunbao.trust.certs import CertRole, read_certificate
from cunbao.trust.cms import sign_detached
from cunbao.trust.keys import Signer, new_device_keys
from world.desk import (
    MANBANG,
    MANGUO,
    MENGHUN,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    sign_all,
    text,
    the_bundle,
    the_seat,
    types,
)
from world.forged import NOW, Loose, a_version, loose, taken_apart, the_signer

MENGZHE = "532822104000"


@dataclass
class Round:
    """A village that has reported, its township, and the receipt that it wrote: B02 accepted, B01 sent back."""

    village: VillageDesk
    town: TownshipDesk
    receipt: Path

    @property
    def parts(self) -> Loose:
        own = devices.device(self.village.workspace)
        found = taken_apart(self.receipt.read_bytes(), self.town.signs(), keys=own.readers)
        return found.to(own.decryption)

    def is_given(self, data: bytes) -> str:
        """The sentences of the refusal; nothing has changed."""
        path = self.receipt.with_name("回执.cbsync")
        path.write_bytes(data)
        return self.refuses(path)

    def refuses(self, path: Path) -> str:
        before = figures(self.village.workspace._db)
        with pytest.raises(CunbaoError) as refused:
            replies.take_receipt(self.village, path)
        assert figures(self.village.workspace._db) == before
        trouble = refused.value
        assert trouble.happened and trouble.safe and trouble.todo
        return f"{trouble.code} {trouble.happened}"

    def takes(self, data: bytes) -> None:
        path = self.receipt.with_name("回执.cbsync")
        path.write_bytes(data)
        replies.take_receipt(self.village, path)

    def states(self) -> dict[str, ReturnState]:
        return {form: self.village.state(form) for form in self.village.task.forms}


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Round]:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "stick")])
    deciding.accept(town, MANBANG, "B02")
    deciding.send_back(town, MANBANG, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
    (written,) = receipts.write_receipts(town, tmp_path / "stick", [MANBANG])
    yield Round(village, town, written.path)
    village.close()
    town.close()


@cache
def the_other_town() -> Signer:
    return devices.unlock_signer(the_seat().towns[MENGZHE].workspace, the_seat().towns[MENGZHE].person, PASSWORD)


def an_impostor() -> Signer:
    """Somebody who calls himself the township, with keys and a certificate of his own making."""
    keys = new_device_keys()
    own = pki.self_signed(keys, office=MENGHUN, name="勐混镇", role=CertRole.TOWNSHIP_DESK, now=NOW)
    return own.signer(keys.signing)


def device_of(signer: Signer) -> str:
    return read_certificate(signer.certificate).device


def from_township(parts: Loose, signer: Signer, office: str) -> bytes:
    return parts.by(signer).saying(office=office, device=device_of(signer)).sealed()


def with_a_neighbour_s_return(parts: Loose) -> bytes:
    theirs = taken_apart(the_bundle(MANGUO), the_signer(MANGUO))
    header = theirs.of_kind(ObjectKind.HEADER)[0]
    name = sha256(header).hexdigest()
    (cms,) = (
        theirs.objects[one.sha256] for one in theirs.manifest.members if one.kind is ObjectKind.CMS and one.of == name
    )
    return parts.adding_revision(header, theirs.objects[Header.decode(header).answers_sha256], cms).sealed()


def with_a_proposal(parts: Loose, answers: bytes, office: str = MANBANG) -> bytes:
    said = Proposal(office, "B01", "2025", (), sha256(answers).hexdigest(), "玉罕", NOW)
    return parts.adding(said.encode(), ObjectKind.PROPOSAL).adding(answers, ObjectKind.ANSWERS, of=said.id).sealed()


REFUSED: dict[str, tuple[Callable[[Loose], bytes], str]] = {
    "empty": (lambda parts: b"", "package.damaged 文件损坏"),
    "cut short": (lambda parts: parts.sealed()[:-50], "package.damaged 文件损坏"),
    "changed inside": (
        lambda parts: parts.enveloped(parts.signed().replace(b"objects/", b"0bjects/")), "package.signature 内容在签"
    ),
    "the village's own bundle": (lambda parts: the_bundle(MANBANG), "receipt.other 这是本村自己写的报送包"),
    "a bundle by the township": (
        lambda parts: parts.saying(kind=PackageKind.BUNDLE).sealed(), "receipt.other 这个文件是532822103000写的，不是"
    ),
    "addressed to the neighbour": (
        lambda parts: parts.saying(to=(MANGUO,)).sealed(), f"package.address 这个文件是{MENGHUN}报给{MANGUO}的"
    ),
    "by the neighbour": (
        lambda parts: from_township(parts, the_signer(MANGUO), MANGUO), "receipt.other 这个文件是532822103202写的"
    ),
    "by the neighbour in the township's name": (
        lambda parts: from_township(parts, the_signer(MANGUO), MENGHUN), "package.signature 文件写明由532822103000报出"
    ),
    "by another township": (
        lambda parts: from_township(parts, the_other_town(), MENGZHE), "receipt.other 这个文件是532822104000写的"
    ),
    "by another township in the name of ours": (
        lambda parts: from_township(parts, the_other_town(), MENGHUN), "package.signature 文件写明由532822103000报出"
    ),
    "by somebody who calls himself the township": (
        lambda parts: from_township(parts, an_impostor(), MENGHUN), "receipt.other 这份回执的签名不能采用：登记前签"
    ),
    "of another task": (
        lambda parts: parts.saying(task="labour-2026").sealed(), "receipt.task 这份回执是任务“labour-2026”的"
    ),
    "with a neighbour's return": (with_a_neighbour_s_return, "package.content 回执里有别的村的报表"),
    "with a proposal for the neighbour": (
        lambda parts: with_a_proposal(parts, b"<data/>", MANGUO), "package.content"
    ),
    "with a proposal that does not read": (
        lambda parts: with_a_proposal(parts, b"<data/>"), "package.content B01 的填报值读不懂"
    ),
    "with a word of nonsense": (
        lambda parts: parts.without(ObjectKind.NOTICE).adding(b"{}", ObjectKind.NOTICE).sealed(),
        "notice.damaged 回执里的提醒读不懂",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_receipt_of_ours_is_refused_with_its_sentence_and_changes_nothing(told: Round, what: str) -> None:
    make, words = REFUSED[what]
    assert told.is_given(make(told.parts)).startswith(words)
    replies.take_receipt(told.village, told.receipt)  # the true one is taken after it
    assert told.states()["B01"] is ReturnState.RETURNED and told.states()["B02"] is ReturnState.ACCEPTED


def test_another_village_s_receipt_stays_shut(told: Round, tmp_path: Path) -> None:
    receiving.take(told.town, the_bundle(MANGUO), "曼国村-2025年度-第1次.cbsync")
    (written,) = receipts.write_receipts(told.town, tmp_path, [MANGUO])
    assert told.refuses(written.path).startswith("package.not_for_us 这个文件不是加密给本机的")


def test_what_is_no_file_is_refused_and_nobody_waits_for_it(told: Round, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.cbsync")
    with (tmp_path / "huge.cbsync").open("wb") as file:
        file.truncate(limits.PACKAGE.file + 1)
    for path in (tmp_path / "pipe.cbsync", tmp_path / "huge.cbsync", tmp_path, tmp_path / "none.cbsync"):
        assert told.refuses(path).startswith(f"file.unreadable “{path.name}”读不出来，或不是回执包")


def test_a_township_whose_key_the_county_revoked_acknowledges_nothing_any_more(told: Round, tmp_path: Path) -> None:
    county = a_county_desk(tmp_path)
    signer = told.town.signs()
    key = read_certificate(signer.certificate).key_id
    about = (("key", key), ("office", MENGHUN))
    said = Decision(Act.REVOKE, "", county.office.code, 1, (), "县管理员", NOW, "电脑被盗", about=about)
    data = said.encode()
    cms = sign_detached(data, devices.unlock_signer(county.workspace, county.person, PASSWORD), when=NOW)
    known = Content(decisions=(CarriedDecision(said.id, said, data, cms),))
    taking.apply(told.village.workspace, told.village.task, known, epoch="county")
    assert told.refuses(told.receipt).startswith("receipt.other 这份回执的签名不能采用：勐混镇")
    county.close()


def test_a_decision_by_somebody_who_may_not_is_kept_and_says_nothing(told: Round) -> None:
    head = told.village.newest("B03")
    assert head is not None
    said = Decision(Act.ACCEPT, head.id, MENGHUN, 9, (), "玉罕", NOW)
    told.takes(told.parts.adding_decision(said, the_signer(MANGUO)).sealed())
    assert told.village.workspace.decision(said.id) is not None
    assert told.states()["B03"] is ReturnState.RECEIVED and told.states()["B02"] is ReturnState.ACCEPTED


def test_an_acknowledgement_of_what_was_never_sent_acknowledges_nothing_that_comes_later(
    told: Round, tmp_path: Path
) -> None:
    own = devices.device(told.village.workspace)
    everything = Acknowledgement(own.id, told.village.workspace.epoch, 10**9)
    told.takes(told.parts.saying(acknowledges=(everything,)).sealed())
    receiptpage.begin_changes(told.village)
    types(told.village, "B01", "b01_pop_out", str(int(text(told.village, "B01", "b01_pop_out")) - 1))
    practice.explain_all(told.village)
    assert sign_all(told.village) == ("B01",) and [one.form for one in sending.outgoing(told.village)] == ["B01"]


def test_receipts_read_in_any_order_leave_the_newest_word(told: Round) -> None:
    def saying(number: int, day: int, life: str = "") -> bytes:
        notice = Notice(deadline=date(2025, 12, day), text=f"第{number}份").encode()
        parts = told.parts.without(ObjectKind.NOTICE).adding(notice, ObjectKind.NOTICE)
        return parts.saying(sequence=number, epoch=life or parts.manifest.epoch).sealed()

    for number, day in ((3, 23), (1, 21), (2, 22)):
        told.takes(saying(number, day))
    assert replies.deadline_told(told.village) == date(2025, 12, 23)
    told.takes(saying(1, 28, "after a backup"))  # the township lives again, and counts from one
    assert replies.deadline_told(told.village) == date(2025, 12, 28)
    told.takes(saying(4, 24))  # a late one of its former life
    assert replies.deadline_told(told.village) == date(2025, 12, 28)


def test_what_a_life_that_is_over_held_is_sent_again(told: Round) -> None:
    """The township came back from an old backup and lost the bundle; a receipt of before says late that it holds it."""
    replies.take_receipt(told.village, told.receipt)
    assert sending.outgoing(told.village) == ()
    told.takes(nothing_held(told.parts))
    assert len(sending.outgoing(told.village)) == 5
    told.takes(told.parts.saying(sequence=7).sealed())
    assert len(sending.outgoing(told.village)) == 5


def nothing_held(parts: Loose) -> bytes:
    """A receipt of the township's next life, which holds nothing of the village."""
    bare = parts.without(*(kind for kind in ObjectKind if kind is not ObjectKind.NOTICE))
    return bare.saying(epoch="after a backup", sequence=1, acknowledges=()).sealed()


def test_the_village_s_other_computer_is_not_made_up(told: Round) -> None:
    """A version in a receipt that nobody vouches for stands nowhere: the clerk is not asked to look at it."""
    strange = new_device_keys()
    own = pki.self_signed(strange, office=MANBANG, name="曼蚌村民委员会", now=NOW)
    parts, signer = loose(), own.signer(strange.signing)
    made = a_version(parts, told.village.task.forms["B03"], signer=signer, device=device_of(signer))
    told.takes(told.parts.adding_revision(*made).sealed())
    assert told.village.workspace.revision(sha256(made[0]).hexdigest()) is not None
    assert [one for one in otherversions.waiting(told.village) if one[0] == "B03"] == []
    assert told.states()["B03"] is ReturnState.RECEIVED
