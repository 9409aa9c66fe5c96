"""What a stick may hold beside good bundles: each file gets one clear line, and what is malformed changes nothing.

Damage at random places is in `test_mutated_bundles`, keys and signatures in `test_bad_signers`, full disks and power
cuts in `test_interrupted`, what a village is given in `test_bad_receipts`.
"""

from __future__ import annotations

import io
import json
import os
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from cunbao.desks import devices, hearing, packing, receiving
from cunbao.desks.digest import state_digest
from cunbao.desks.township import board, inbox, receipts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import FileLine, FileResult
from cunbao.exchange import limits
from cunbao.exchange.manifest import Acknowledgement, ObjectKind, PackageKind
from cunbao.exchange.package import OBJECTS, inner_zip
from cunbao.store.compare import figures
from cunbao.survey.revision import Header, freeze, read_answers
from cunbao.survey.states import ReturnState
from cunbao.trust import der
from cunbao.trust.cms import sign_detached
from world.desk import MANBANG, MANGUO, MENGHUN, a_town_desk, bundle_file, the_bundle
from world.forged import NAME, Loose, a_version, loose, taken_apart, the_signer, the_village_s_keys
from world.villages import the_task

LIMING = "532822104001"
MENGZHE = "532822104000"
LONG = 1100  # versions of one return


@pytest.fixture
def town(tmp_path: Path) -> Iterator[TownshipDesk]:
    desk = a_town_desk(tmp_path)
    yield desk
    desk.close()


@contextmanager
def untouched(town: TownshipDesk) -> Iterator[None]:
    """Whatever happens inside leaves every table but the log of files as it was."""
    own = {"arrival": None, "setting": None}
    before = {**figures(town.workspace._db), **own}
    yield
    assert {**figures(town.workspace._db), **own} == before


def told(line: FileLine, result: FileResult, words: str) -> None:
    assert line.result is result, line
    assert words in line.read and line.todo
    if not result.kept and result is not FileResult.KNOWN:
        assert line.happened and line.safe and line.todo_long and line.read.endswith("一张表也没读")


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


# --- no package at all, or one that was damaged ----------------------------------------------------------------------


def deeply_nested() -> bytes:
    """A hundred thousand sequences in one another."""
    data = b""
    for _ in range(20_000):
        data = der.head(der.SEQUENCE, len(data)) + data
    return data


def a_zip(name: str, data: bytes = b"x", method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return out.getvalue()


def a_lying_bomb() -> bytes:
    """A member of 15 MB that says it has a hundred bytes."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = stream.compress(bytes(15 * limits.MB)) + stream.flush()
    name = (OBJECTS + "0" * 64).encode()
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, 0, len(packed), 100, len(name), 0) + name
    entry = struct.pack(
        "<4sBBHHHHHIIIHHHHHII", b"PK\1\2", 20, 3, 20, 0, 8, 0, 33, 0, len(packed), 100, len(name), 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry) + len(name), len(local) + len(packed), 0)
    return local + packed + entry + name + end


def relisted(change: Callable[[dict[str, object]], object]) -> bytes:
    """The manifest with something changed in it, spelled as it should be, sums and signature good."""
    parts = loose()
    said = json.loads(parts.manifest.encode())
    change(said)
    encoded = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return parts.sealed(inner_zip(encoded, {OBJECTS + name: data for name, data in parts.objects.items()}))


def with_answers(data: bytes) -> bytes:
    """The B01 return with other answers, header and signature made for them."""
    parts = loose()
    header = next(one for one in parts.of_kind(ObjectKind.HEADER) if Header.decode(one).form == "B01")
    old = Header.decode(header)
    fresh = replace(old, answers_sha256=sha256(data).hexdigest()).encode()
    bare = parts.without(*ObjectKind)
    return bare.adding_revision(fresh, data, sign_detached(fresh, parts.signer, when=old.signed_at)).sealed()


def one_more(parts: Loose) -> bytes:
    """A package with an object that its list does not name."""
    members = {OBJECTS + name: data for name, data in parts.objects.items()}
    return parts.sealed(inner_zip(parts.manifest.encode(), {**members, OBJECTS + "0" * 64: b""}))


WHOLE, ZIP = "文件损坏", "压缩包损坏"
DAMAGED: dict[str, tuple[Callable[[], bytes], FileResult, str]] = {
    "empty": (lambda: b"", FileResult.BROKEN, WHOLE),
    "a text": (lambda: "五张表".encode(), FileResult.BROKEN, WHOLE),
    "cut short": (lambda: the_bundle(MANBANG)[:-1000], FileResult.BROKEN, WHOLE),
    "its second half alone": (lambda: the_bundle(MANBANG)[400_000:], FileResult.BROKEN, WHOLE),
    "doubled": (lambda: the_bundle(MANBANG) * 2, FileResult.BROKEN, WHOLE),
    "one bit in the middle": (lambda: flipped(the_bundle(MANBANG), 400_000), FileResult.SIGNATURE, "签名后被改动"),
    "one bit at the end": (lambda: flipped(the_bundle(MANBANG), -1), FileResult.BROKEN, "损坏"),
    "unpacked and zipped by another program": (lambda: loose().content(), FileResult.BROKEN, WHOLE),
    "locked without a signature": (lambda: loose().enveloped(loose().content()), FileResult.BROKEN, "签名数据损坏"),
    "locked three times over": (lambda: loose().enveloped(loose().sealed()), FileResult.BROKEN, "签名数据损坏"),
    "sequences in sequences": (deeply_nested, FileResult.BROKEN, WHOLE),
    "the same, locked": (lambda: loose().enveloped(deeply_nested()), FileResult.BROKEN, "签名数据损坏"),
    "a number of millions of digits": (
        lambda: der.sequence(der.tlv(der.OID, b"\xff" * 2_000_000 + b"\1")), FileResult.BROKEN, WHOLE
    ),
    "no zip inside": (lambda: loose().sealed(b"hello"), FileResult.BROKEN, ZIP),
    "a bomb": (
        lambda: loose().sealed(a_zip(OBJECTS + "0" * 64, bytes(15 * limits.MB), zipfile.ZIP_DEFLATED)),
        FileResult.BROKEN, "超出允许的大小",
    ),
    "a bomb that lies": (lambda: loose().sealed(a_lying_bomb()), FileResult.BROKEN, ZIP),
    "a name that leads elsewhere": (lambda: loose().sealed(a_zip("../../evil")), FileResult.BROKEN, "不允许的名称"),
    "an absolute name": (lambda: loose().sealed(a_zip("/etc/passwd")), FileResult.BROKEN, "不允许的名称"),
    "a drive of Windows": (lambda: loose().sealed(a_zip("C:\\x")), FileResult.BROKEN, "不允许的名称"),
    "no list": (lambda: loose().sealed(inner_zip(b"", {})), FileResult.BROKEN, "清单读不懂"),
    "a list nested a million deep": (
        lambda: loose().sealed(inner_zip(b"[" * 1_000_000, {})), FileResult.BROKEN, "清单读不懂"
    ),
    "an object more than listed": (lambda: one_more(loose()), FileResult.BROKEN, "与清单不符"),
    "an object less": (
        lambda: loose().sealed(inner_zip(loose().manifest.encode(), {})), FileResult.BROKEN, "与清单不符"
    ),
    "an object listed twice": (
        lambda: loose().saying(members=loose().manifest.members * 2).sealed(), FileResult.BROKEN, "清单读不懂"
    ),
    "answers that are none": (lambda: with_answers(b"<data/>"), FileResult.BROKEN, "读不懂"),
    "answers with entities": (
        lambda: with_answers('<!DOCTYPE d [<!ENTITY a "a">]><data id="B01">&a;</data>'.encode("utf-16")),
        FileResult.BROKEN, "读不懂",
    ),
    "answers nested a hundred thousand deep": (
        lambda: with_answers(b'<data id="B01" version="1">' + b"<a>" * 99_999 + b"</a>" * 99_999 + b"</data>"),
        FileResult.BROKEN, "读不懂",
    ),
    "a return without its signature": (lambda: loose().without(ObjectKind.CMS).sealed(), FileResult.BROKEN, "读不懂"),
    "a return without its answers": (
        lambda: loose().without(ObjectKind.ANSWERS).sealed(), FileResult.BROKEN, "读不懂"
    ),
    "answers without their return": (lambda: loose().without(ObjectKind.HEADER).sealed(), FileResult.BROKEN, "读不懂"),
    "a scan of a return that is not here": (
        lambda: loose()
        .without(*ObjectKind)
        .adding(b"\xff\xd8scan", ObjectKind.ATTACHMENT)
        .adding(a_scan("f" * 64, b"\xff\xd8scan"), ObjectKind.EVIDENCE)
        .sealed(),
        FileResult.BROKEN, "读不懂",
    ),
}  # fmt: skip


def a_scan(revision: str, scan: bytes, at: str = "2025-12-15T01:30:00.000000Z") -> bytes:
    said = {"v": 1, "revision": revision, "content": sha256(scan).hexdigest(), "name": "x.jpg", "at": at}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_refused_with_its_line_and_changes_nothing(town: TownshipDesk, kind: str) -> None:
    make, result, words = DAMAGED[kind]
    with untouched(town):
        told(receiving.take(town, make(), NAME), result, words)
    (seen,) = receiving.history(town)
    assert seen.result is result and seen.office == MANBANG  # whose it was, by its name: he can be asked again


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00", "2025-12-15T01:30:00", "soon"]
)
def test_a_scan_at_no_possible_time_is_refused(town: TownshipDesk, at: str) -> None:
    parts, scan = loose(), b"\xff\xd8scan"
    name = next(one.sha256 for one in parts.manifest.members if one.kind is ObjectKind.HEADER)
    data = parts.adding(scan, ObjectKind.ATTACHMENT).adding(a_scan(name, scan, at), ObjectKind.EVIDENCE).sealed()
    told(receiving.take(town, data, NAME), FileResult.BROKEN, "读不懂")


# --- well written, but not for this desk or this task -----------------------------------------------------------------


def other_header(**changes: object) -> Callable[[], bytes]:
    """The village's B01 with another header, signed anew and alone in its bundle."""

    def make() -> bytes:
        parts = loose()
        form = the_task().forms["B01"]
        header, answers, cms = a_version(parts, form, parents=(), **changes)
        return parts.without(*ObjectKind).adding_revision(header, answers, cms).sealed()

    return make


def to_us(office: str) -> Loose:
    """A bundle of another township's village, opened and locked for this township by that village."""
    parts = taken_apart(the_bundle(office), the_signer(office), keys=the_village_s_keys(office))
    return parts.without(ObjectKind.PDF)


ELSEWHERE: dict[str, tuple[Callable[[], bytes], FileResult, str]] = {
    "another township's": (lambda: the_bundle(LIMING), FileResult.NOT_OURS, "不是加密给本机的"),
    "locked for us, addressed to another": (
        lambda: loose().saying(to=(MENGZHE,)).sealed(), FileResult.NOT_OURS, f"报给{MENGZHE}的"
    ),
    "addressed to us by another township's village": (
        lambda: to_us(LIMING).saying(to=(MENGHUN,)).sealed(), FileResult.NOT_OURS, "不是本镇的村报来的"
    ),
    "what a township sends to its county": (
        lambda: loose().saying(kind=PackageKind.FORWARD).sealed(), FileResult.NOT_OURS, "不是本镇的村报来的"
    ),
    "a receipt by a village": (
        lambda: loose().saying(kind=PackageKind.RECEIPT).sealed(), FileResult.NOT_OURS, "不是本镇的村报来的"
    ),
    "of a later program": (lambda: relisted(lambda said: said.update(v=3)), FileResult.NEWER, "更新版本的村报"),
    "of another task": (lambda: loose().saying(task="labour-2026").sealed(), FileResult.OTHER_TASK, "labour-2026"),
    "of a year long past": (lambda: loose().saying(period="1999").sealed(), FileResult.OTHER_TASK, "1999"),
    "with a return of another task": (
        other_header(task="labour-2026"), FileResult.OTHER_TASK, "labour-2026"
    ),
    "with a return of a year to come": (other_header(period="2031"), FileResult.OTHER_TASK, "2031"),
    "with a form that is not known": (other_header(form="B99"), FileResult.NEWER, "不认识的表式 B99"),
    "with a newer form": (other_header(form_version="2031.1"), FileResult.NEWER, "更新的表式（2031.1）"),
    "with a form of no known version": (other_header(form_version="²"), FileResult.NEWER, "更新的表式（²）"),
    "with a form of endless digits": (other_header(form_version="9" * 5000), FileResult.NEWER, "更新的表式（999"),
    "with another village's return": (
        other_header(office=MANGUO), FileResult.BROKEN, f"别的单位的报表（{MANGUO}）"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_a_file_that_belongs_elsewhere_is_refused_with_its_line_and_changes_nothing(
    town: TownshipDesk, kind: str
) -> None:
    make, result, words = ELSEWHERE[kind]
    with untouched(town):
        line = receiving.take(town, make(), NAME)
    told(line, result, words)
    assert len(line.read) < 80, "however much the file says of itself"


def test_a_header_of_a_later_program_asks_for_an_upgrade_and_calls_nothing_damaged(town: TownshipDesk) -> None:
    parts = loose()
    header = parts.of_kind(ObjectKind.HEADER)[0]
    later = header.replace(b'"v":1', b'"v":2')
    told(receiving.take(town, parts.instead(header, later).sealed(), NAME), FileResult.NEWER, "更新版本的村报")


def test_its_own_receipt_is_told_from_a_bundle(town: TownshipDesk, tmp_path: Path) -> None:
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    before = state_digest(town.workspace, town.task)
    line = receiving.receive_file(town, written.path)
    told(line, FileResult.NOT_OURS, "本单位自己写给别人的")
    assert state_digest(town.workspace, town.task) == before


# --- the same once more, or late --------------------------------------------------------------------------------------


def test_a_renamed_file_is_taken_and_known_again_under_any_name(town: TownshipDesk, tmp_path: Path) -> None:
    told(receiving.receive_file(town, bundle_file(tmp_path, MANBANG, "新建文件夹 (3).dat")), FileResult.TAKEN, "5 张表")
    again = receiving.receive_file(town, bundle_file(tmp_path, MANBANG, "x.cbsync"))
    told(again, FileResult.KNOWN, "当时叫 新建文件夹 (3).dat")


def test_two_files_of_one_name_are_two_files(town: TownshipDesk, tmp_path: Path) -> None:
    for place, office in (("u1", MANBANG), ("u2", MANGUO), ("u3", MANBANG)):
        bundle_file(tmp_path / place, office, "报表.cbsync")
    seen = receiving.receive(town, [tmp_path / "u1", tmp_path / "u2", tmp_path / "u3"])
    assert [(one.file_name, one.result) for one in seen.lines] == [
        ("报表.cbsync", FileResult.TAKEN), ("报表.cbsync", FileResult.TAKEN), ("报表.cbsync", FileResult.KNOWN),
    ]  # fmt: skip


def test_a_file_read_again_after_a_newer_one_brings_nothing_back(town: TownshipDesk) -> None:
    parts = loose()
    header, answers, cms = a_version(parts, town.task.forms["B01"])
    newer = parts.without(*ObjectKind).adding_revision(header, answers, cms).saying(sequence=2).sealed()
    for data in (the_bundle(MANBANG), newer):
        assert receiving.take(town, data, NAME).result.kept
    before = state_digest(town.workspace, town.task)
    told(receiving.take(town, the_bundle(MANBANG), NAME), FileResult.KNOWN, "一模一样")
    told(receiving.take(town, loose().sealed(), NAME), FileResult.TAKEN, "先前都已收下")  # the same in another envelope
    assert state_digest(town.workspace, town.task) == before


def test_a_file_of_a_life_that_is_over_does_not_say_what_the_computer_holds_now(town: TownshipDesk) -> None:
    """A village came back from an old backup and lacks receipts that its former life held, whose file comes late."""
    own, epoch = devices.device(town.workspace).id, town.workspace.epoch

    def says(life: str, number: int, through: int) -> bytes:
        held = (Acknowledgement(own, epoch, through),) if through else ()
        return loose().saying(epoch=life, sequence=number, acknowledges=held).sealed()

    device = loose().manifest.device
    for data in (says("before", 1, 2), says("after the backup", 1, 1)):
        receiving.take(town, data, NAME)
    assert [one.through for one in town.workspace.heard(device, "after the backup")] == [1]
    receiving.take(town, says("before", 2, 5), NAME)
    lives = hearing.living(town.workspace, loose().manifest.office, device, town.workspace.outgoing())
    assert lives == ("after the backup",)
    assert [one.through for one in town.workspace.heard(device, *lives)] == [1]
    receiving.take(town, says("after the backup", 2, 2), NAME)
    assert [one.through for one in town.workspace.heard(device, *lives)] == [2]


def test_a_billionth_package_costs_no_more_than_a_first(town: TownshipDesk, tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        line = receiving.take(town, loose().saying(sequence=10**9).sealed(), NAME)
        assert (line.result, line.label) == (FileResult.GAP, "缺第1—100号等")
        row = next(one for one in board.board(town).rows if one.office == MANBANG)
        assert row.remark == "缺第1—100号等"
        (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
        assert written.ok
        assert receiving.register_lost(town, MANBANG)[:3] == (1, 2, 3)
        assert tracemalloc.get_traced_memory()[1] < 50 * limits.MB
    finally:
        tracemalloc.stop()
    assert receiving.missing_numbers(town, loose().manifest.device, loose().manifest.epoch) == ()
    assert receiving.take(town, loose().saying(sequence=7).sealed(), NAME).result is FileResult.TAKEN


def test_a_history_longer_than_any_village_writes_is_judged(town: TownshipDesk) -> None:
    """Nothing that follows parents may exhaust the stack, or take time that grows faster than the history."""
    parts, form = loose(), town.task.forms["B05"]
    header = next(one for one in map(Header.decode, parts.of_kind(ObjectKind.HEADER)) if one.form == "B05")
    answers = read_answers(form, parts.objects[header.answers_sha256])
    groups: list[packing.Group] = []
    parents: tuple[str, ...] = ()
    for number in range(1, LONG + 1):
        made = freeze(form, answers, replace(header, n=number, version=number, parents=parents))
        cms = sign_detached(made.header_bytes, parts.signer, when=header.signed_at)
        parents = (made.id,)
        groups.append(
            (
                (made.header_bytes, ObjectKind.HEADER, ""),
                (made.answers_bytes, ObjectKind.ANSWERS, made.id),
                (cms, ObjectKind.CMS, made.id),
            )
        )
    members, objects = packing.members_of(groups)
    data = replace(parts, manifest=replace(parts.manifest, members=members), objects=objects).sealed()
    assert receiving.take(town, data, NAME).result is FileResult.TAKEN
    stands = town.workspace.standing(MANBANG, "B05", "2025")
    assert (stands.state, stands.heads) == (ReturnState.RECEIVED, parents)


# --- what is no file, or cannot be read -------------------------------------------------------------------------------


def test_what_is_no_file_is_said_to_be_unreadable_and_nobody_waits_for_it(town: TownshipDesk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.cbsync")
    (tmp_path / "gone.cbsync").symlink_to(tmp_path / "nowhere")
    endless = Path("/dev/zero")
    for path in (tmp_path / "pipe.cbsync", tmp_path / "gone.cbsync", tmp_path / "none.cbsync", endless,
                 tmp_path / ("x" * 300)):  # fmt: skip
        with untouched(town):
            (line,) = receiving.receive(town, [path]).lines
        told(line, FileResult.BROKEN, "文件读不出来")


def test_a_folder_is_looked_through_and_what_the_system_hides_is_left_alone(town: TownshipDesk, tmp_path: Path) -> None:
    good = bundle_file(tmp_path / "报表" / "曼蚌村.cbsync", MANBANG)  # a folder that is called like a file
    (good.parent / "第2次.CBSYNC").write_bytes(the_bundle(MANGUO))  # as some sticks write names
    for hidden in (".Trash-1000/files", "$RECYCLE.BIN", "."):
        (tmp_path / hidden).mkdir(parents=True, exist_ok=True)
        (tmp_path / hidden / ("._x.cbsync" if hidden == "." else "x.cbsync")).write_bytes(b"waste")
    os.mkfifo(tmp_path / "pipe.cbsync")
    (tmp_path / "back").symlink_to(tmp_path)  # a ring of folders
    assert {path.name for path in receiving.files_in([tmp_path])} == {good.name, "第2次.CBSYNC"}
    seen = receiving.receive(town, [tmp_path])
    assert [one.result for one in seen.lines] == [FileResult.TAKEN] * 2


def test_an_oversized_file_is_not_even_read(town: TownshipDesk, tmp_path: Path) -> None:
    path = tmp_path / NAME
    with path.open("wb") as file:
        file.truncate(3_000_000_000)  # takes no room: a file of holes
    tracemalloc.start()
    try:
        with untouched(town):
            line = receiving.receive_file(town, path)
        assert tracemalloc.get_traced_memory()[1] < 5 * limits.MB
    finally:
        tracemalloc.stop()
    told(line, FileResult.BROKEN, "3000.0 MB，超过一个报送包的上限")
    assert [one.file_name for one in town.workspace.arrivals(office=MANBANG)] == [NAME]


def test_a_name_that_another_system_wrote_in_gbk_is_read(town: TownshipDesk, tmp_path: Path) -> None:
    """Sticks of old Windows machines carry such names; no text may hold them as they are."""
    path = tmp_path / os.fsdecode("曼蚌村报表.cbsync".encode("gb18030"))
    path.write_bytes(the_bundle(MANBANG))
    bad = tmp_path / os.fsdecode(b"\xff\xfe.cbsync")
    bad.write_bytes(b"")
    town.workspace.set_setting(inbox.FOLDER, str(tmp_path))
    assert inbox.inbox(town).new == 2
    seen = receiving.receive(town, [tmp_path])
    assert [one.result for one in seen.lines] == [FileResult.TAKEN, FileResult.BROKEN]
    assert seen.lines[0].file_name == "曼蚌村报表.cbsync" and receiving.receive_view(town).lines == seen.lines
    assert inbox.inbox(town).new == 0


def test_one_bad_file_never_stops_the_rest(town: TownshipDesk, tmp_path: Path, same_chance: int) -> None:
    chance = Random(same_chance)
    makers = [make for make, _, _ in (*DAMAGED.values(), *ELSEWHERE.values())]
    files = [(make(), False) for make in chance.sample(makers, 12)]
    files += [(the_bundle(office), True) for office in (MANBANG, MANGUO)]
    chance.shuffle(files)
    for number, (data, _) in enumerate(files):
        (tmp_path / f"{number:02}.cbsync").write_bytes(data)
    seen = receiving.receive(town, [tmp_path])
    assert (seen.taken, seen.refused, seen.known) == (2, 12, 0)
    by_name = {one.file_name: one.result.kept for one in seen.lines}
    assert [by_name[f"{number:02}.cbsync"] for number in range(len(files))] == [good for _, good in files]
    assert len(receiving.history(town)) == len(files)
