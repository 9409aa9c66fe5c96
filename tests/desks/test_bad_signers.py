"""Well written files whose signer is nobody, somebody else, or no longer trusted: kept or refused, counting nowhere.

What is well formed and not trusted has no effect on what anybody else did, whichever comes first.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cunbao.desks import asides, receiving
from cunbao.desks.digest import state_digest
from cunbao.desks.township import certified, deciding, registry
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import FileResult
from cunbao.errors import CunbaoError, TrustError
from cunbao.exchange.manifest import ObjectKind
from cunbao.survey.decision import MOST_N, Comment
from cunbao.survey.revision import Header
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers, Cell
from cunbao.trust import pki
from cunbao.trust.certs import CertRole, read_certificate
from cunbao.trust.enrol import REQUEST_OID
from cunbao.trust.keys import new_device_keys
from world.desk import MANBANG, MANGUO, PASSWORD, a_bundle, a_town_desk, a_village_desk, the_bundle
from world.exchange import PERIOD, Seat
from world.forged import (
    NAME,
    NOW,
    Loose,
    a_strange_file,
    a_stranger,
    a_version,
    all_received,
    by_a_friend,
    loose,
    states,
    the_signer,
    the_village_s_keys,
    with_strange_pages,
)
from world.villages import the_task


@pytest.fixture
def town(tmp_path: Path) -> Iterator[TownshipDesk]:
    desk = a_town_desk(tmp_path)
    yield desk
    desk.close()


def the_key(office: str = MANBANG) -> str:
    return read_certificate(the_signer(office).certificate).key_id


def revoke(town: TownshipDesk, words: str, office: str = MANBANG) -> None:
    choice = next(one for one in certified.revoke_choices(town, the_key(office)) if words in one.words)
    certified.revoke(town, the_key(office), choice, "电脑丢了", PASSWORD)


# --- nobody's key -----------------------------------------------------------------------------------------------------


def asks(signer: Seat, **said: object) -> bytes:
    """A request by that computer which says something else than it should."""
    own = {"office": MANBANG, "name": "曼蚌村", "device": signer.device, "now": NOW, "role": CertRole.VILLAGE_DEVICE}
    return pki.make_request(signer.keys, **{**own, **said})  # type: ignore[arg-type]


STRANGE: dict[str, Callable[[], bytes]] = {
    "none": lambda: b"",
    "of another computer": lambda: a_stranger(1).request,
    "of its key for another office": lambda: asks(a_stranger(), office=MANGUO),
    "of its key for another computer": lambda: asks(a_stranger(), device=a_stranger(1).device),
    "to be a township": lambda: asks(a_stranger(), role=CertRole.TOWNSHIP_DESK),
}


@pytest.mark.parametrize("request_of", STRANGE)
def test_a_key_that_nobody_knows_and_that_asks_for_nothing_is_refused(town: TownshipDesk, request_of: str) -> None:
    line = receiving.take(town, a_strange_file(town, request=STRANGE[request_of]()), NAME)
    assert line.result is FileResult.STRANGER and "没有登记" in line.happened and line.safe and line.todo_long
    assert not town.workspace.aside() and not registry.enrol_view(town).requests and states(town) == {}


def test_a_key_that_asks_waits_aside_outside_the_state_and_is_let_go_when_it_is_refused(town: TownshipDesk) -> None:
    before, data = state_digest(town.workspace, town.task), a_strange_file(town)
    line = receiving.take(town, data, NAME)
    assert line.result is FileResult.HELD and line.act == "enrol" and state_digest(town.workspace, town.task) == before
    assert receiving.take(town, data, NAME).result is FileResult.KNOWN
    (asked,) = registry.enrol_view(town).requests
    registry.refuse(town, asked.sha256, "不认识")
    assert not town.workspace.aside()
    again = receiving.take(town, data, NAME)  # not 已有: nothing of it is here
    assert again.result is FileResult.STRANGER and "没有核准" in again.happened and not town.workspace.aside()


def test_three_misses_end_a_request_and_make_room(town: TownshipDesk) -> None:
    data = a_strange_file(town)
    receiving.take(town, data, NAME)
    (asked,) = registry.enrol_view(town).requests
    for _ in range(3):
        with pytest.raises(TrustError):
            registry.approve(town, asked.sha256, "1" * 24, PASSWORD)
    assert not town.workspace.aside() and not registry.enrol_view(town).requests
    assert receiving.take(town, data, NAME).result is FileResult.STRANGER


def test_what_waits_is_bounded_by_keys_and_by_bytes(town: TownshipDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(asides.KEYS):
        assert receiving.take(town, a_strange_file(town, number), NAME).result is FileResult.HELD
    full = receiving.take(town, a_strange_file(town, asides.KEYS), NAME)
    assert full.result is FileResult.STRANGER and "放不下" in full.happened and "核准或不核准" in full.todo_long
    assert len(registry.enrol_view(town).requests) == asides.KEYS == 20
    assert receiving.take(town, a_strange_file(town, 0), NAME).result is FileResult.HELD  # a second file of a known key
    mine = town.workspace.aside(read_certificate(a_stranger(0).signer.certificate).key_id)
    monkeypatch.setattr(asides, "BYTES", sum(one.size for one in mine))
    assert "放不下" in receiving.take(town, a_strange_file(town, 0), NAME).happened
    assert receiving.take(town, the_bundle(MANBANG), NAME).result is FileResult.TAKEN  # who is known waits for nobody


def test_a_waiting_file_that_no_longer_reads_does_not_stop_the_approval(town: TownshipDesk) -> None:
    receiving.take(town, a_strange_file(town), "甲.cbsync")
    town.given = replace(town.task, period="2026", previous_period="2025-2")  # a new task pack has come meanwhile
    (asked,) = registry.enrol_view(town).requests
    registry.approve(town, asked.sha256, pki.comparison_code(a_stranger().request), PASSWORD)
    assert not town.workspace.aside() and not registry.enrol_view(town).requests
    assert receiving.history(town)[0].result is FileResult.OTHER_TASK


# --- signed again: each with its outcome -----------------------------------------------------------------------------


def by_its_reading_key() -> Loose:
    """The key that opens receipts is certified too, but not for signing."""
    own = the_signer(MANBANG)
    return loose().by(replace(own, key=the_village_s_keys(MANBANG)[0], certificate=own.decryption))


def zipped_by_another_program() -> bytes:
    parts, out = loose(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(parts.content())) as ours, zipfile.ZipFile(out, "w") as theirs:
        for name in reversed(ours.namelist()):
            theirs.writestr(zipfile.ZipInfo(name), ours.read(name), compress_type=zipfile.ZIP_DEFLATED)
    return parts.sealed(out.getvalue())


def one_less(answers: Answers) -> Answers:
    said = answers.values["b01_pop_out"]
    return replace(answers, values={**answers.values, "b01_pop_out": str(int(said) - 1)})


def version(**header: object) -> Loose:
    """The bundle with a further version of B01 beside what it held."""
    parts = loose()
    return parts.adding_revision(*a_version(parts, the_task().forms["B01"], **header))  # type: ignore[arg-type]


def without_one_return() -> Loose:
    parts = loose()
    first = sha256(parts.of_kind(ObjectKind.HEADER)[0]).hexdigest()
    kept = tuple(one for one in parts.manifest.members if first not in (one.sha256, one.of))
    return replace(parts.saying(members=kept), objects={one.sha256: parts.objects[one.sha256] for one in kept})


def in_the_name_of(seat: Seat) -> Loose:
    return loose().saying(device=seat.device)


FIVE = {ReturnState.RECEIVED: 5}
NONE: dict[ReturnState, int] = {}
ONE_FORK = {ReturnState.RECEIVED: 4, ReturnState.FORK: 1}
RESIGNED: dict[str, tuple[Callable[[], bytes], FileResult, dict[ReturnState, int]]] = {
    # by its own key: taken, as it says
    "in another envelope": (lambda: loose().sealed(), FileResult.TAKEN, FIVE),
    "zipped by another program": (zipped_by_another_program, FileResult.TAKEN, FIVE),
    "with pages that are none": (lambda: with_strange_pages().sealed(), FileResult.TAKEN, FIVE),
    "with a number far ahead": (lambda: loose().saying(sequence=4).sealed(), FileResult.GAP, FIVE),
    "in a new life": (lambda: loose().saying(epoch="another").sealed(), FileResult.TAKEN, FIVE),
    "without one return": (lambda: without_one_return().sealed(), FileResult.TAKEN, {ReturnState.RECEIVED: 4}),
    "with a later version": (lambda: version().sealed(), FileResult.TAKEN, FIVE),
    "with a version that says the same and follows nothing": (
        lambda: version(parents=()).sealed(), FileResult.TAKEN, FIVE
    ),
    "with a version that follows nothing": (
        lambda: version(change=one_less, parents=()).sealed(), FileResult.TAKEN, ONE_FORK
    ),
    "with a version that follows what nobody holds": (
        lambda: version(change=one_less, parents=("f" * 64,)).sealed(), FileResult.TAKEN, ONE_FORK
    ),
    "with a version that another computer should have signed": (
        lambda: version(change=one_less, parents=(), device="f" * 32).sealed(), FileResult.TAKEN, FIVE
    ),
    "with a version signed after the certificate ended": (
        lambda: version(change=one_less, parents=(), signed_at=datetime(2040, 1, 1, tzinfo=UTC)).sealed(),
        FileResult.TAKEN, FIVE,
    ),
    "with a version signed by a clock that stood still": (
        lambda: version(signed_at=datetime(1980, 1, 1, tzinfo=UTC)).sealed(), FileResult.TAKEN, FIVE
    ),
    "with a version at the end of the numbers": (lambda: version(n=MOST_N).sealed(), FileResult.TAKEN, FIVE),
    # by anybody else's
    "by another village of the township": (lambda: loose().by(the_signer(MANGUO)).sealed(), FileResult.SIGNATURE, NONE),
    "in the name of the office's other computer": (
        lambda: in_the_name_of(a_stranger()).sealed(), FileResult.SIGNATURE, NONE
    ),
    "by the key it reads with": (lambda: by_its_reading_key().sealed(), FileResult.STRANGER, NONE),
    "by a computer that it certified itself": (lambda: by_a_friend().sealed(), FileResult.STRANGER, NONE),
    "by a computer that nobody knows": (
        lambda: in_the_name_of(a_stranger()).by(a_stranger().signer).sealed(), FileResult.STRANGER, NONE
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", RESIGNED)
def test_a_bundle_signed_again_has_its_outcome(town: TownshipDesk, how: str) -> None:
    make, result, stand = RESIGNED[how]
    line = receiving.take(town, make(), NAME)
    assert (line.result, Counter(stands.state for _, _, stands in town.workspace.standings(PERIOD))) == (result, stand)
    assert line.read and line.todo and (result.kept or (line.happened and line.safe and line.todo_long))
    receiving.take(town, the_bundle(MANBANG), NAME)  # whatever came before, the true one is taken and stands
    assert set(states(town)) == {"B01", "B02", "B03", "B04", "B05"}
    fork = {"B01"} if stand == ONE_FORK else set()
    assert {form for form, state in states(town).items() if state is ReturnState.FORK} == fork
    for form in ("B02", "B03", "B04", "B05"):
        deciding.accept(town, MANBANG, form)
    if not fork:
        deciding.send_back(town, MANBANG, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
        assert states(town)["B01"] is ReturnState.RETURNED


# --- revoked, expired ------------------------------------------------------------------------------------------------


def a_late_version(town: TownshipDesk) -> bytes:
    parts = loose()
    made = a_version(parts, town.task.forms["B01"])
    return parts.without(*ObjectKind).adding_revision(*made).saying(sequence=2).sealed()


def test_what_a_revoked_computer_sends_is_stored_and_counts_nowhere_and_what_is_honoured_still_counts(
    town: TownshipDesk,
) -> None:
    receiving.take(town, the_bundle(MANBANG), NAME)
    deciding.accept(town, MANBANG, "B01")
    accepted = town.workspace.standing(MANBANG, "B01", PERIOD)
    revoke(town, "认收到的全部")
    line = receiving.take(town, a_late_version(town), NAME)
    assert line.result is FileResult.REVOKED and line.act == "enrol" and "不算数" in line.read
    assert town.workspace.standing(MANBANG, "B01", PERIOD).head == accepted.head
    assert town.workspace.counted(MANBANG, "B01", PERIOD) is not None
    assert len(town.workspace.revisions(MANBANG, "B01", PERIOD)) == 2, "stored all the same"


def test_a_revocation_that_honours_nothing_takes_back_what_was_received_in_any_order(
    town: TownshipDesk, tmp_path: Path
) -> None:
    late = a_town_desk(tmp_path, name="late")
    receiving.take(town, the_bundle(MANBANG), NAME)
    for desk in (town, late):
        revoke(desk, "一次也不认")
    line = receiving.take(late, the_bundle(MANBANG), NAME)
    assert line.result is FileResult.REVOKED
    shown = [state_digest(desk.workspace, desk.task).periods[-1].state for desk in (town, late)]
    assert shown[0] == shown[1]
    for desk in (town, late):
        assert {*states(desk).values()} <= {ReturnState.MISSING}
        assert len(desk.workspace.revisions_of(MANBANG, PERIOD)) == 5, "stored all the same"
    late.close()


def test_a_file_that_counts_in_part_says_which_part_does_not(town: TownshipDesk) -> None:
    parts = loose()
    first = sha256(parts.of_kind(ObjectKind.HEADER)[0]).hexdigest()
    form = Header.decode(parts.objects[first]).form
    receiving.take(town, parts.only(first).sealed(), NAME)
    revoke(town, "认收到的全部")
    line = receiving.take(town, parts.saying(sequence=2).sealed(), NAME)
    assert line.result is FileResult.REVOKED  # the four others; the one honoured was known
    assert {one for one, state in states(town).items() if state is ReturnState.RECEIVED} == {form}


def test_a_return_signed_before_the_certificate_ended_counts_however_late_it_is_sent(town: TownshipDesk) -> None:
    parts = loose().saying(written_at=datetime(2041, 1, 1, tzinfo=UTC))
    assert receiving.take(town, parts.sealed(), NAME).result is FileResult.TAKEN and all_received(town)


def test_a_village_still_reports_after_all_that(town: TownshipDesk, tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed")
    for make, _, _ in RESIGNED.values():
        receiving.take(town, make(), NAME)
    assert receiving.receive(town, [a_bundle(village, tmp_path / "stick")]).taken == 1
    village.close()


def test_a_request_file_that_is_none_is_refused_with_its_sentence(town: TownshipDesk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.cbreq")
    (tmp_path / "huge.cbreq").write_bytes(bytes(1_000_000))
    (tmp_path / "list.cbreq").write_bytes(asking(b"[]"))
    (tmp_path / "cut.cbreq").write_bytes(a_stranger().request[:-1])
    for name, code in (
        ("pipe", "file.unreadable"), ("huge", "file.unreadable"), ("none", "file.unreadable"),
        ("list", "request.damaged"), ("cut", "request.damaged"),
    ):  # fmt: skip
        with pytest.raises(CunbaoError) as refused:
            registry.add_request(town, tmp_path / f"{name}.cbreq")
        assert (refused.value.code, bool(refused.value.safe and refused.value.todo)) == (code, True)
    assert not registry.enrol_view(town).requests


def asking(said: bytes) -> bytes:
    """A request whose own words are something else than they should be, well signed."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "曼蚌村")])
    words = x509.UnrecognizedExtension(REQUEST_OID, said)
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(words, critical=False)
    return builder.sign(new_device_keys().signing, hashes.SHA256()).public_bytes(Encoding.DER)
