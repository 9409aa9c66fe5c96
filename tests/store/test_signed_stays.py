"""What is signed is never changed; what counts, what left and what was taken back is found again."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from cunbao.errors import StoreError
from cunbao.store import DecisionRecord, DeviceRecord, PackageRecord, StoredRevision, Workspace
from cunbao.survey.decision import Comment
from cunbao.survey.evidence import Evidence
from cunbao.survey.standing import NOTHING, Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Explanation, Office
from store.folders import B01, B02, NOW, PERIOD, VILLAGE, a_revision, a_workspace, later, opened, tampered


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "village")


def again(ws: Workspace) -> Workspace:
    ws.close()
    return opened(ws.folder)


def a_package(ws: Workspace, *revisions: StoredRevision) -> PackageRecord:
    seq = ws.next_seq()
    made = PackageRecord(
        office=VILLAGE,
        period=PERIOD,
        seq=seq,
        sha256="ab" * 32,
        file_name=f"曼蚌村-2025年度-第{seq}次.cbsync",
        folder="E:\\",
        size=4096,
        written_at=NOW,
        revisions=tuple(one.id for one in revisions),
        seconds=0.25,
    )
    ws.add_package(made)
    return made


def a_decision(ws: Workspace, revision: str, act: str, n: int, seen: tuple[str, ...] = ()) -> DecisionRecord:
    name = ws.add_object("decision", f"{act} {revision} {n}".encode())
    made = DecisionRecord(name, revision, act, n, "玉罕", NOW, seen)
    ws.add_decision(made)
    return made


# --- objects ---------------------------------------------------------------------------------------------------------


def test_an_object_is_found_by_its_hash_and_known_ones_are_no_news(ws: Workspace) -> None:
    name = ws.add_object("pdf", b"%PDF")
    assert name == sha256(b"%PDF").hexdigest()
    assert ws.add_objects([("pdf", b"%PDF"), ("cms", b"new")]) == (sha256(b"new").hexdigest(),)
    ws = again(ws)
    assert (ws.object(name), ws.has_object(name), ws.objects("pdf")) == (b"%PDF", True, (name,))
    with pytest.raises(StoreError) as refused:
        ws.object("00" * 32)
    assert refused.value.code == "object.missing"


def test_an_object_cannot_be_changed_nor_deleted_while_it_is_named(ws: Workspace) -> None:
    one = a_revision(ws)
    with pytest.raises(Exception, match="append-only"), ws.atomic():
        ws._db.execute("UPDATE object SET kind = 'x'")
    with pytest.raises(Exception, match="FOREIGN KEY"), ws.atomic():
        ws._db.execute("DELETE FROM object WHERE sha256 = ?", (one.header,))
    assert again(ws).object(one.header)


def test_bytes_that_are_no_longer_their_hash_are_never_handed_out(ws: Workspace) -> None:
    name = ws.add_object("pdf", b"%PDF")
    ws.close()
    tampered(ws.folder, "DROP TRIGGER object_never_update", "UPDATE object SET data = x'00'")
    with pytest.raises(StoreError) as refused:
        opened(ws.folder).object(name)
    assert refused.value.code == "workspace.damaged"


# --- revisions -------------------------------------------------------------------------------------------------------


def test_a_correction_stands_beside_what_it_corrects(ws: Workspace) -> None:
    first = a_revision(ws)
    second = a_revision(ws, parents=[first.id])
    ws = again(ws)
    found = ws.revisions(VILLAGE, "B02", PERIOD)
    assert [one.id for one in found] == [first.id, second.id]
    assert found[1] == replace(second, epoch=ws.epoch) == ws.newest(VILLAGE, "B02", PERIOD) == ws.revision(second.id)
    assert ws.next_n(VILLAGE, PERIOD) == 3 and ws.next_n(VILLAGE, "2024") == 1
    assert second.objects == (second.header, second.answers, second.cms, second.pdf)


def test_the_same_revision_twice_is_one(ws: Workspace) -> None:
    one = a_revision(ws)
    ws.add_revision(one)
    assert len(ws.revisions(VILLAGE, "B02", PERIOD)) == 1


def test_a_revision_without_its_objects_is_not_kept(ws: Workspace) -> None:
    one = a_revision(ws)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        ws.add_revision(replace(one, id="cd" * 32, header="cd" * 32))
    assert ws.newest(VILLAGE, "B02", PERIOD) == replace(one, epoch=ws.epoch)


def test_the_signature_made_when_the_certificate_came_stands_beside_the_first(ws: Workspace) -> None:
    one = a_revision(ws)
    cms, pdf = ws.add_object("cms", b"issued"), ws.add_object("pdf", b"issued pdf")
    ws.add_signature(one.id, cms, pdf)
    found = ws.revision(one.id)
    assert found is not None and found.objects == (*one.objects, cms, pdf)


# --- taken back ------------------------------------------------------------------------------------------------------


def test_a_signature_nobody_has_seen_can_be_taken_back_and_leaves_a_record(ws: Workspace) -> None:
    one = a_revision(ws)
    voided = ws.retract(one.id, code="AB3D-5F7H", now=later(60), who="岩温", reason="填错")
    ws = again(ws)
    assert ws.newest(VILLAGE, "B02", PERIOD) is None and ws.revisions(VILLAGE, "B02", PERIOD) == ()
    assert ws.voided(VILLAGE, "B02", PERIOD) == (voided,)
    assert ws.object(one.pdf) and ws.next_n(VILLAGE, PERIOD) == 2


@pytest.mark.parametrize("how", ["package", "pdf", "print", "correction", "twice", "other life"])
def test_a_signature_that_left_stays(ws: Workspace, how: str) -> None:
    one = a_revision(ws)
    if how == "package":
        a_package(ws, one)
    elif how in ("pdf", "print"):
        ws.mark_left(one.id, how)
    elif how == "correction":
        a_revision(ws, parents=[one.id])
    elif how == "twice":
        ws.retract(one.id, code="", now=NOW)
    else:
        ws.close()
        tampered(ws.folder, "UPDATE meta SET value = 'elsewhere' WHERE name = 'place'")
        ws = opened(ws.folder)
    assert ws.has_left(one.id)
    with pytest.raises(StoreError) as refused:
        ws.retract(one.id, code="", now=NOW)
    assert refused.value.code == "revision.left"


# --- packages --------------------------------------------------------------------------------------------------------


def test_packages_are_numbered_and_say_what_they_carried(ws: Workspace) -> None:
    one, two = a_revision(ws, B01), a_revision(ws, B02)
    first = a_package(ws, one)
    second = a_package(ws, one, two)
    ws = again(ws)
    assert ws.packages(VILLAGE, PERIOD) == (replace(first, epoch=ws.epoch), replace(second, epoch=ws.epoch))
    assert (first.seq, second.seq, ws.next_seq()) == (1, 2, 3)
    found = ws.revision(one.id), ws.revision(two.id)
    assert [(each.sent_in, each.left_by) for each in found if each] == [(1, "package"), (2, "package")]
    assert ws.packages(period="2024") == ()


def test_what_a_receipt_names_is_acknowledged(ws: Workspace) -> None:
    one, two = a_revision(ws, B01), a_revision(ws, B02)
    ws.acknowledge([one.id])
    assert [each.acknowledged for each in (ws.revision(one.id), ws.revision(two.id)) if each] == [True, False]


# --- decisions and where a return stands -----------------------------------------------------------------------------


def test_decisions_are_found_again_with_their_signature_and_their_place_in_the_order(ws: Workspace) -> None:
    first = a_revision(ws)
    accepted = a_decision(ws, first.id, "accept", 2)
    head = a_decision(ws, first.id, "return", 4, seen=(accepted.id,))
    early = a_decision(ws, "77" * 32, "accept", 3)  # what it decides has not come yet
    ws = again(ws)
    assert ws.decisions(first.id) == (accepted, head) == ws.decisions_of(VILLAGE, PERIOD)
    assert ws.decision_heads(VILLAGE, PERIOD) == (head.id,) and ws.next_n(VILLAGE, PERIOD) == 5
    assert ws.decisions_of_act("accept") == (accepted, early) and ws.decision(head.id) == head


def test_where_a_return_stands_is_kept_and_marks_what_is_accepted(ws: Workspace) -> None:
    first = a_revision(ws)
    second = a_revision(ws, parents=[first.id], n=3)
    comments = ((first.id, (Comment(Cell("area", "r1"), "请核对"),)),)
    found = Standing(
        *(ReturnState.RECEIVED, second.id, (second.id,), first.id, frozenset({first.id})),
        marks=("correction",),
        effective=("ab" * 32,),
        comments=comments,
    )
    assert ws.counted(VILLAGE, "B02", PERIOD) is None and ws.standing(VILLAGE, "B02", PERIOD) == NOTHING
    assert ws.set_standing(VILLAGE, "B02", PERIOD, found) and not ws.set_standing(VILLAGE, "B02", PERIOD, found)
    ws = again(ws)
    assert ws.standing(VILLAGE, "B02", PERIOD) == found and ws.periods() == (PERIOD,)
    assert ws.standings(PERIOD) == ((VILLAGE, "B02", found),) and ws.standings(PERIOD, ["1"]) == ()
    counted = ws.counted(VILLAGE, "B02", PERIOD)
    assert counted is not None and counted.id == first.id and counted.accepted
    assert [one.accepted for one in ws.revisions_of(VILLAGE, PERIOD)] == [True, False]


# --- evidence --------------------------------------------------------------------------------------------------------


def test_the_scan_of_the_sealed_paper_stands_beside_its_revision(ws: Workspace) -> None:
    one = a_revision(ws)
    scan = b"\xff\xd8 scan"
    said = Evidence(one.id, sha256(scan).hexdigest(), "盖章页.jpg", NOW, VILLAGE, "device", "岩温", 2)
    kept = ws.add_evidence(said, scan)
    ws = again(ws)
    assert ws.evidence(one.id) == (kept,)
    assert ws.evidence_of(VILLAGE, PERIOD) == (kept,) and ws.next_n(VILLAGE, PERIOD) == 3
    assert ws.object(kept.content) == scan and Evidence.decode(ws.object(kept.id)) == said
    assert ws.revision(one.id) == replace(one, epoch=ws.epoch)


# --- small things ----------------------------------------------------------------------------------------------------


def test_offices_people_devices_and_settings_are_kept(ws: Workspace) -> None:
    village = Office(VILLAGE, "曼蚌村民委员会", "220", "220", "曼蚌村", "532822103000")
    ws.add_office(Office(VILLAGE, "旧名"))
    ws.add_office(village)
    ws.add_office(Office("532822103000", "勐混镇"))
    ws.add_person("岩温", "填报人", now=NOW)
    ws.add_person("玉旺", "统计负责人", now=later(1))
    ws.add_person("岩温", "单位负责人", now=later(2), active=False)
    request = ws.add_object("request", b"pkcs10")
    device = DeviceRecord("ef" * 32, VILLAGE, "办公室电脑", "asked", NOW, request)
    ws.add_device(device)
    ws.set_setting("scale", 1.25)
    ws.set_setting("ret/1", {"head": "岩温"})
    ws = again(ws)
    assert ws.offices("532822103000") == (village,) == (ws.office(VILLAGE),)
    assert len(ws.offices()) == 2 and ws.office("000000000000") is None
    assert [(one.name, one.role, one.active) for one in ws.people()] == [
        ("岩温", "单位负责人", False),
        ("玉旺", "统计负责人", True),
    ]
    assert ws.devices() == (device,) == ws.devices(VILLAGE) and ws.devices("532822103204") == ()
    assert (ws.setting("scale"), ws.setting("none", 3)) == (1.25, 3) and ws.settings("ret/") == {
        "ret/1": {"head": "岩温"}
    }


def test_an_explanation_can_be_written_anew_and_taken_back(ws: Workspace) -> None:
    first = Explanation("K-022", "K-022", "B02", "新建活动室", (Cell("area"), Cell("name", "r1")), "ab")
    other = replace(first, key="K-023:r1", check="K-023")
    for number, one in enumerate([first, replace(first, text="扩建活动室"), other, replace(other, text="")]):
        ws.explain(B02, one, now=later(number))
    ws = again(ws)
    assert ws.explanations(B02) == (replace(first, text="扩建活动室"),)
    assert ws.explanations(B01) == ()
