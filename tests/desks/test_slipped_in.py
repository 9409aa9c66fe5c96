"""What somebody slips into a well written bundle: foreign signatures and pages over a good return, made-up certificates
and decisions. Each is kept or dropped, and changes nothing that somebody else signed, whichever comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from itertools import permutations
from pathlib import Path

import pytest
from cryptography import x509

from cunbao.desks import receiving
from cunbao.desks.digest import state_digest
from cunbao.desks.signedpages import signed_pdfs
from cunbao.desks.township import certified, deciding, receipts, registry
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import FileResult
from cunbao.exchange.manifest import ObjectKind
from cunbao.survey.decision import MOST_N, Act, Comment, Decision
from cunbao.survey.revision import Header
from cunbao.survey.standing import FORKED
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers, Cell
from cunbao.trust import pki
from cunbao.trust.certs import read_certificate
from cunbao.trust.cms import sign_detached
from cunbao.trust.keys import Signer, new_device_keys
from world.desk import MANBANG, MANGUO, MENGHUN, PASSWORD, a_town_desk, the_bundle
from world.exchange import PERIOD
from world.forged import (
    NAME,
    NOW,
    a_strange_file,
    a_stranger,
    a_version,
    all_received,
    by_a_friend,
    loose,
    states,
    taken_apart,
    the_signer,
    with_strange_pages,
)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[TownshipDesk]:
    desk = a_town_desk(tmp_path)
    yield desk
    desk.close()


# --- foreign signatures and pages over a good return ------------------------------------------------------------------


def over(header: bytes, signer: Signer) -> bytes:
    return sign_detached(header, signer, when=Header.decode(header).signed_at)


def test_a_signature_that_is_not_of_what_it_stands_beside_refuses_the_file(town: TownshipDesk) -> None:
    parts = loose()
    one, other = parts.of_kind(ObjectKind.HEADER)[:2]
    good = next(
        parts.objects[line.sha256]
        for line in parts.manifest.members
        if line.kind is ObjectKind.CMS and line.of == sha256(one).hexdigest()
    )
    line = receiving.take(town, parts.instead(good, over(other, parts.signer)).sealed(), NAME)
    assert line.result is FileResult.SIGNATURE and "不是它旁边那份内容的" in line.happened and states(town) == {}


def test_a_foreign_signature_never_displaces_the_good_one_whichever_comes_first(tmp_path: Path) -> None:
    parts = loose()
    header = parts.of_kind(ObjectKind.HEADER)[0]
    name = sha256(header).hexdigest()
    answers = parts.objects[Header.decode(header).answers_sha256]
    bare, good = parts.without(*ObjectKind), over(header, parts.signer)
    foreign = [over(header, signer) for signer in (the_signer(MANGUO), a_stranger().signer, by_a_friend().signer)]
    alone = bare.adding_revision(header, answers, *foreign)
    files = [
        alone.sealed(),
        alone.saying(sequence=2).adding(good, ObjectKind.CMS, of=name).sealed(),
        bare.adding_revision(header, answers, good).saying(sequence=3).sealed(),
    ]
    shown = set()
    for number, order in enumerate(permutations(files)):
        town = a_town_desk(tmp_path, name=f"town-{number}")
        form, good_came = Header.decode(header).form, False
        for data in order:
            receiving.take(town, data, NAME)
            good_came = good_came or data is not files[0]
            if good_came:
                assert town.workspace.standing(MANBANG, form, PERIOD).state is ReturnState.RECEIVED
        shown.add(state_digest(town.workspace, town.task))
        town.close()
    assert len(shown) == 1


def test_pages_that_come_after_false_ones_or_after_none_are_found(town: TownshipDesk) -> None:
    whole = taken_apart(the_bundle(MANBANG), the_signer(MANBANG))
    header = whole.of_kind(ObjectKind.HEADER)[0]
    name = sha256(header).hexdigest()
    (pages,) = (
        whole.objects[one.sha256] for one in whole.manifest.members if one.kind is ObjectKind.PDF and one.of == name
    )
    receiving.take(town, loose().sealed(), NAME)
    receiving.take(town, with_strange_pages().saying(sequence=2).sealed(), NAME)
    receiving.take(town, the_bundle(MANBANG), NAME)
    stored = town.workspace.revision(name)
    assert stored is not None and sha256(pages).hexdigest() in signed_pdfs(town.workspace, stored)


# --- certificates and decisions that somebody made up ----------------------------------------------------------------


def test_a_made_up_certificate_reads_no_receipt_and_stands_in_no_list(town: TownshipDesk, tmp_path: Path) -> None:
    """A village (or who has its computer) slips certificates for its neighbour into a bundle of its own."""
    receiving.take(town, the_bundle(MANGUO), "曼国村-2025年度-第1次.cbsync")
    thief = new_device_keys()
    own = pki.self_signed(thief, office=MANGUO, name="曼国村民委员会", now=NOW - timedelta(days=300))
    root = pki.make_root(office="532822000000", name="勐海县", now=NOW - timedelta(days=300))
    authority = pki.make_township_ca(root, office=MENGHUN, name="勐混镇", now=NOW - timedelta(days=300))
    asked = pki.make_request(thief, office=MANGUO, name="曼国村民委员会", device="one", now=NOW)
    made = pki.make_device(authority, asked, now=NOW)
    parts = loose()
    for der in (own.signing, own.decryption, made.signing, made.decryption, *made.chain):
        parts = parts.adding(der, ObjectKind.CERTIFICATE)
    before = {one.id for one in town.workspace.certificates()}
    assert receiving.take(town, parts.sealed(), NAME).result is FileResult.TAKEN
    assert {one.id for one in town.workspace.certificates()} == before
    what = receipts.parcel(town, town.village(MANGUO))
    assert what.readers and not {own.decryption, made.decryption} & set(what.readers)
    assert {one.key for one in registry.enrol_view(town).certificates} & {read_certificate(own.signing).key_id} == set()


def test_a_made_up_certificate_for_another_s_key_does_not_take_its_signatures_away(town: TownshipDesk) -> None:
    """The key signed before it was enrolled; a certificate by nobody for the same key would be found first."""
    receiving.take(town, a_strange_file(town), NAME)
    (asked,) = registry.enrol_view(town).requests
    registry.approve(town, asked.sha256, pki.comparison_code(a_stranger().request), PASSWORD)
    assert states(town) == {"B05": ReturnState.RECEIVED}
    root = pki.make_root(office="532822000000", name="勐海县", now=NOW - timedelta(days=900))
    authority = pki.make_township_ca(root, office=MENGHUN, name="勐混镇", now=NOW - timedelta(days=900))
    made = pki.make_device(authority, a_stranger().request, now=NOW - timedelta(days=800))
    other = taken_apart(the_bundle(MANGUO), the_signer(MANGUO)).adding(made.signing, ObjectKind.CERTIFICATE)
    receiving.take(town, other.sealed(), NAME)
    assert states(town) == {"B05": ReturnState.RECEIVED}


def decided(
    act: Act, revision: str, *, office: str, n: int = 2, seen: tuple[str, ...] = (), **more: object
) -> Decision:
    return Decision(act, revision, office, n, seen, "岩温", NOW, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("office", [MANBANG, MENGHUN], ids=["in its own name", "in the township's name"])
def test_a_decision_that_a_village_made_up_is_kept_and_has_no_effect(
    town: TownshipDesk, tmp_path: Path, office: str
) -> None:
    """Signed by the village's own key, about itself and about its neighbour."""
    receiving.take(town, the_bundle(MANGUO), "曼国村-2025年度-第1次.cbsync")
    receiving.take(town, the_bundle(MANBANG), NAME)
    deciding.send_back(town, MANBANG, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
    (returned,) = deciding.in_effect(town, MANBANG, "B01")
    before = states(town), states(town, MANGUO)
    mine, theirs = (town.workspace.standing(at, "B01", PERIOD).head for at in (MANBANG, MANGUO))
    signer, neighbour = the_signer(MANBANG), read_certificate(the_signer(MANGUO).certificate)
    parts = loose().saying(sequence=2)
    forged = [
        decided(Act.ACCEPT, mine, office=office, n=MOST_N, seen=(returned.id,)),
        decided(Act.ACCEPT, theirs, office=office, n=MOST_N),
        decided(Act.RETURN, theirs, office=office, comments=(Comment(Cell("b01_pop_out"), "x"),)),
        decided(Act.WITHDRAW, mine, office=office, names=(returned.id,)),
        decided(Act.CLOSE, "", office=office, names=(mine,), about=(("period", PERIOD),)),
        decided(Act.REVOKE, "", office=office, about=(("key", neighbour.key_id), ("office", MANGUO))),
        decided(Act.RETRACT, theirs, office=office),
    ]
    for one in forged:
        parts = parts.adding_decision(one, signer)
    assert receiving.take(town, parts.sealed(), NAME).result is FileResult.TAKEN
    assert all(town.workspace.decision(one.id) is not None for one in forged), "kept"
    assert (states(town), states(town, MANGUO)) == before and all_received(town, MANGUO)
    # the township goes on deciding as if nothing had been said
    deciding.accept(town, MANGUO, "B01")
    deciding.accept(town, MANBANG, "B01")
    assert states(town)["B01"] == states(town, MANGUO)["B01"] == ReturnState.ACCEPTED
    assert town.workspace.standing(MANBANG, "B01", PERIOD).marks == ()
    assert receipts.parcel(town, town.village(MANGUO)).readers, "the neighbour's computer is not revoked"
    key = read_certificate(signer.certificate).key_id
    certified.revoke(town, key, certified.revoke_choices(town, key)[0], "电脑丢了", PASSWORD)
    crl = x509.load_der_x509_crl(town.workspace.object(town.workspace.setting(certified.CRL, None)["object"]))
    assert len(list(crl)) and crl.get_revoked_certificate_by_serial_number(neighbour.x509.serial_number) is None


def one_less(answers: Answers) -> Answers:
    return replace(answers, values={**answers.values, "b01_pop_out": str(int(answers.values["b01_pop_out"]) - 1)})


def test_parents_of_another_return_mean_nothing(town: TownshipDesk) -> None:
    receiving.take(town, the_bundle(MANGUO), "曼国村-2025年度-第1次.cbsync")
    neighbour = town.workspace.standing(MANGUO, "B01", PERIOD).head
    parts = loose()
    b02 = next(sha256(one).hexdigest() for one in parts.of_kind(ObjectKind.HEADER) if Header.decode(one).form == "B02")
    for parents in ((neighbour,), (b02,), (b02, neighbour)):
        made = a_version(loose(), town.task.forms["B01"], change=one_less, parents=parents)
        parts = parts.adding_revision(*made)
    receiving.take(town, parts.sealed(), NAME)
    assert all_received(town, MANGUO) and states(town)["B02"] == ReturnState.RECEIVED
    assert states(town)["B01"] == ReturnState.FORK
    assert FORKED in town.workspace.standing(MANBANG, "B01", PERIOD).marks
