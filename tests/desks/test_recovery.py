"""A forgotten password at the village: asked with a code, answered by the township, everything filled still there."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from cunbao.desks import answering, devices, keyring, people, recovery, settings, start, tasks
from cunbao.desks.answering import Identity, Way
from cunbao.desks.recovery import RecoveryAsked
from cunbao.desks.views import Person
from cunbao.desks.village import signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.store import read_keys
from cunbao.survey.states import ReturnState
from cunbao.trust.verify import Standing, verify_detached
from world.desk import (
    CLERK,
    MANBANG,
    PASSWORD,
    QUICK,
    a_clock,
    begun,
    enrol,
    new_ids,
    reopened,
    text,
    the_seat,
    the_template,
    types,
)
from world.papers import text_of

NEW = "新的密码2025"
SECOND = Person("玉香", "统计负责人")
SECONDS_PASSWORD = "玉香的密码2025"


@dataclass
class Village:
    """A closed workspace whose clerk has forgotten the password, and a stick."""

    folder: Path
    stick: Path
    clock: object = field(default_factory=lambda: a_clock(2025, 12, 13, 2))

    def asks(self, password: str = NEW, *, person: str = CLERK.name) -> RecoveryAsked:
        return recovery.ask(self.folder, person, password, self.stick, clock=self.clock, stretch=QUICK)

    def takes(self, answer: bytes, password: str = NEW) -> VillageDesk:
        return recovery.take(self.folder, answer, password, clock=self.clock, new_id=new_ids(), stretch=QUICK)

    def refused(self, answer: bytes, password: str = NEW) -> str:
        with pytest.raises(CunbaoError) as said:
            self.takes(answer, password).close()
        assert said.value.happened and said.value.safe and said.value.todo
        return said.value.code

    def opens(self, password: str, person: str = CLERK.name) -> VillageDesk:
        return start.unlock(self.folder, person, password, clock=self.clock, new_id=new_ids())


@pytest.fixture
def village(tmp_path: Path) -> Village:
    stick = tmp_path / "stick"
    stick.mkdir()
    return Village(Path(shutil.copytree(the_template(MANBANG, "ready"), tmp_path / "village")), stick)


def answered(asked: RecoveryAsked, code: str = "", *, by: object = None, password: str = PASSWORD) -> bytes:
    """The township reads the file from the stick and types what it hears."""
    assert asked.path is not None
    desk = by or the_seat().township(MANBANG)
    return answering.answer(
        desk, asked.path.read_bytes(), code or asked.code, password, way=Way.CALLED_BACK, identity=Identity.KNOWN
    )


def not_answered(asked: RecoveryAsked, code: str = "", *, by: object = None, password: str = PASSWORD) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        answered(asked, code, by=by, password=password)
    assert said.value.happened and said.value.safe and said.value.todo
    return said.value


# --- from the forgotten password to the new one ----------------------------------------------------------------------


def test_a_forgotten_password_becomes_a_new_one_and_nothing_filled_is_lost(village: Village) -> None:
    desk = reopened(village.folder)
    types(desk, "B01", "b01_groups", "9")
    before = {form: desk.instance(form).answers() for form in desk.task.forms}
    desk.close()
    asked = village.asks()
    assert asked.path == village.stick / "勐混镇曼蚌村-恢复申请.cbrec"
    assert [len(group) for group in asked.code.split(" ")] == [4] * 6
    desk = village.takes(answered(asked))
    assert {form: desk.instance(form).answers() for form in desk.task.forms} == before
    assert text(desk, "B01", "b01_groups") == "9" and desk.person == CLERK
    types(desk, "B01", "b01_groups", "8")
    desk.close()
    desk = village.opens(NEW)
    assert text(desk, "B01", "b01_groups") == "8"
    desk.close()
    with pytest.raises(CunbaoError) as said:
        village.opens(PASSWORD)
    assert said.value.code == "password.wrong"


def test_the_county_can_answer_when_the_township_cannot(village: Village) -> None:
    desk = village.takes(answered(village.asks(), by=the_seat().county))
    (entry,) = [one for one in desk.workspace.journal_entries() if one.act == "recover"]
    assert entry.detail["answered_by"] == the_seat().county.office.code
    desk.close()


def test_signing_says_before_enrolment_until_the_township_approves_the_new_key(village: Village) -> None:
    desk = reopened(village.folder)
    lost = devices.device(desk.workspace)
    assert lost.enrolled
    desk.close()
    desk = village.takes(answered(village.asks()))
    own = devices.device(desk.workspace)
    assert not own.enrolled and own.read.key_id != lost.read.key_id and "待核准" in own.line
    assert settings.settings_view(desk, settings.Looks()).certificates[0].state is ReturnState.CERT_PENDING
    (noted,) = desk.workspace.setting(devices.LOST, [])
    assert noted["key"] == lost.read.key_id and noted["certificate_no"] == lost.certificate_no
    signed = signing.sign(desk, signing.prepare(desk), NEW)
    kept = desk.newest(signed[0].form)
    assert kept is not None
    header, cms = desk.workspace.object(kept.header), desk.workspace.object(kept.cms)
    verdict = verify_detached(header, cms, roots=desk.roots())
    assert verdict.standing is Standing.UNKNOWN and verdict.before_enrolment and "登记前" in verdict.reason
    enrol(desk)
    assert devices.device(desk.workspace).enrolled
    desk.close()


def test_what_was_on_its_way_to_the_lost_keys_still_opens(village: Village) -> None:
    from cunbao.trust.envelope import envelope, open_envelope

    desk = reopened(village.folder)
    sent = envelope(b"receipt", [devices.device(desk.workspace).decryption])
    desk.close()
    desk = village.takes(answered(village.asks()))
    enrol(desk)
    assert open_envelope(sent, devices.device(desk.workspace).readers) == b"receipt"
    desk.close()


def test_another_persons_password_still_opens_and_he_signs_when_both_type(village: Village) -> None:
    desk = reopened(village.folder)
    people.add(desk, SECOND, SECONDS_PASSWORD, own_password=PASSWORD)
    desk.close()
    village.takes(answered(village.asks())).close()
    desk = village.opens(SECONDS_PASSWORD, SECOND.name)
    with pytest.raises(CunbaoError) as said:
        signing.sign(desk, signing.prepare(desk), SECONDS_PASSWORD)
    assert said.value.code == "signer.unknown"
    people.change_password(desk, SECONDS_PASSWORD, SECONDS_PASSWORD + "a")
    desk.close()
    desk = village.opens(NEW)
    people.let_sign(desk, SECOND, own_password=NEW)
    desk.close()
    desk = village.opens(SECONDS_PASSWORD + "a", SECOND.name)
    assert len(signing.sign(desk, signing.prepare(desk), SECONDS_PASSWORD + "a")) == 5
    desk.close()


def test_the_pause_after_wrong_passwords_ends_with_the_new_one(village: Village) -> None:
    for _ in range(5):
        with pytest.raises(CunbaoError):
            village.opens("不对的密码")
    village.takes(answered(village.asks())).close()
    village.opens(NEW).close()


# --- who may answer --------------------------------------------------------------------------------------------------


def test_three_wrong_codes_end_the_request(village: Village) -> None:
    asked = village.asks()
    wrong = asked.code[:-1] + str((int(asked.code[-1]) + 1) % 10)
    assert "再错 2 次" in not_answered(asked, wrong).todo
    assert not_answered(asked, asked.code[:-1]).code == "recovery.code_short"  # a digit not heard is no miss
    assert "再错 1 次" in not_answered(asked, wrong).todo
    assert not_answered(asked, wrong).code == "recovery.ended"
    assert not_answered(asked).code == "recovery.ended"  # the right code comes too late
    acts = [one.act for one in the_seat().township(MANBANG).workspace.journal_entries()]
    assert acts[-3:] == ["recovery_code_wrong"] * 3
    village.takes(answered(village.asks())).close()  # a new request has its own three tries


def test_the_code_may_be_typed_with_any_spaces_and_in_full_width(village: Village) -> None:
    asked = village.asks()
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else "　" for sign in asked.code)
    village.takes(answered(asked, wide)).close()


def test_a_wrong_password_of_the_officer_is_no_miss(village: Village) -> None:
    asked = village.asks()
    for _ in range(4):
        assert not_answered(asked, password="不对的密码").code == "password.wrong"
    village.takes(answered(asked)).close()


def test_a_foreign_township_neither_answers_nor_opens(village: Village) -> None:
    asked = village.asks()
    seat = the_seat()
    foreign = next(one for code, one in seat.towns.items() if code != MANBANG[:9] + "000")
    assert not_answered(asked, by=foreign).code == "recovery.not_ours"
    from cunbao.exchange.recovery import write_answer

    assert asked.path is not None
    request = recovery.look_at(asked.path.read_bytes())
    signer = devices.unlock_signer(foreign.workspace, foreign.person, PASSWORD)
    forged = write_answer(request, bytes(32), signer, when=foreign.clock())
    assert village.refused(forged) == "recovery.superior"


def test_the_township_notes_which_key_is_to_be_revoked_and_writes_it_down(village: Village) -> None:
    desk = reopened(village.folder)
    lost = devices.device(desk.workspace).read.key_id
    desk.close()
    answered(village.asks())
    town = the_seat().township(MANBANG).workspace
    assert town.setting(answering.TO_REVOKE, {})[lost]["office"] == MANBANG
    assert town.journal_entries()[-1].act == "recovery_answer"
    assert PASSWORD not in json.dumps([one.detail for one in town.journal_entries()], ensure_ascii=False)


# --- answers that must not open --------------------------------------------------------------------------------------


def test_an_answer_opens_once(village: Village) -> None:
    answer = answered(village.asks())
    village.takes(answer).close()
    assert village.refused(answer) == "recovery.none"
    assert not start.unlock_view(village.folder, a_clock()()).recovery_asked


def test_the_answer_to_an_earlier_request_opens_nothing(village: Village) -> None:
    answer = answered(village.asks())
    second = village.asks()
    assert village.refused(answer) == "recovery.other"
    village.takes(answered(second)).close()


def test_a_changed_answer_leaves_everything_as_it_was(village: Village) -> None:
    answer = bytearray(answered(village.asks()))
    before = {path.name: path.read_bytes() for path in village.folder.iterdir() if path.suffix == ".json"}
    answer[len(answer) // 2] ^= 1
    assert village.refused(bytes(answer)) in ("recovery.answer", "recovery.signature")
    assert village.refused(b"") == "recovery.answer"
    assert {path.name: path.read_bytes() for path in village.folder.iterdir() if path.suffix == ".json"} == before
    village.opens(PASSWORD).close()


def test_the_new_password_is_asked_again_and_another_one_opens_nothing(village: Village) -> None:
    answer = answered(village.asks())
    assert village.refused(answer, PASSWORD) == "password.wrong"
    village.takes(answer).close()


def test_an_answer_after_three_days_is_too_late(village: Village) -> None:
    answer = answered(village.asks())
    asked_at = a_clock(2025, 12, 13, 2)()
    village.clock = lambda: asked_at + recovery.VALID + timedelta(minutes=1)
    assert village.refused(answer) == "recovery.expired"


def test_a_right_looking_answer_with_another_key_opens_nothing(village: Village) -> None:
    from cunbao.exchange.recovery import write_answer

    asked, town = village.asks(), the_seat().township(MANBANG)
    assert asked.path is not None
    signer = devices.unlock_signer(town.workspace, town.person, PASSWORD)
    other = write_answer(recovery.look_at(asked.path.read_bytes()), bytes(32), signer, when=town.clock())
    assert village.refused(other) == "recovery.other_key"
    village.opens(PASSWORD).close()


def test_a_root_that_was_exchanged_beside_the_workspace_is_noticed(village: Village) -> None:
    """Who changes keys.json can make another county look like ours; the workspace itself knows better."""
    from cunbao.exchange.recovery import write_answer
    from world.county import MENGHUN, NOW, a_county

    answer = answered(village.asks())
    keys = read_keys(village.folder)
    keys["root"] = a_county().root.certificate.hex()
    (village.folder / "keys.json").write_text(json.dumps(keys))
    assert village.refused(answer) == "recovery.signature"
    there = a_county()[MENGHUN]
    asked = recovery.look_at(json.loads((village.folder / keyring.RECOVERY_FILE).read_text())["request"].encode())
    desk = reopened(village.folder)
    forged = write_answer(asked, desk.workspace.key, there.signer, when=NOW)
    desk.close()
    assert asked.office[:9] == MENGHUN[:9]
    assert village.refused(forged) == "recovery.root"
    village.opens(PASSWORD).close()


# --- asking ----------------------------------------------------------------------------------------------------------


def test_before_a_task_pack_there_is_nobody_to_ask(village: Village) -> None:
    keys = read_keys(village.folder)
    keys["recovery"] = []
    (village.folder / "keys.json").write_text(json.dumps(keys))
    assert not start.unlock_view(village.folder, a_clock()()).may_recover
    with pytest.raises(CunbaoError) as said:
        village.asks()
    assert said.value.code == "recovery.impossible" and list(village.stick.iterdir()) == []
    desk = reopened(village.folder)
    assert not settings.recovery_possible(desk)
    desk.close()


def test_the_pack_lets_the_superiors_help_and_the_screens_say_so(tmp_path: Path) -> None:
    desk = begun(tmp_path / "village")
    assert settings.recovery_possible(desk)
    keys = read_keys(desk.workspace.folder)
    assert keys["root"] == desk.workspace.setting("root", "")
    assert keys["device"] == devices.device(desk.workspace).read.key_id
    assert start.unlock_view(desk.workspace.folder, desk.clock()).may_recover
    desk.close()


def test_a_pack_with_the_same_superiors_wraps_nothing_anew_and_other_ones_do(tmp_path: Path) -> None:
    from dataclasses import replace

    desk = begun(tmp_path / "village")
    pack, folder = tasks.read_pack(the_seat().pack), desk.workspace.folder
    before = read_keys(folder)["recovery"]
    keyring.rewrap_recovery(desk.workspace, desk.office.code, pack)
    assert read_keys(folder)["recovery"] == before
    keyring.rewrap_recovery(desk.workspace, desk.office.code, replace(pack, townships={}))
    (alone,) = read_keys(folder)["recovery"]
    assert alone != before[0] and len(alone["certificates"]) == 1
    desk.close()


def test_a_short_password_or_a_stranger_writes_no_request(village: Village) -> None:
    for words in ({"password": "短"}, {"person": "玉香"}):
        with pytest.raises(CunbaoError):
            village.asks(**words)
    assert list(village.stick.iterdir()) == [] and recovery.asked(village.folder) is None


def test_a_stick_that_is_gone_leaves_the_earlier_request_as_it_was(village: Village) -> None:
    first = village.asks()
    village.stick = village.stick / "gone"
    with pytest.raises(CunbaoError):
        village.asks()
    again = recovery.asked(village.folder)
    assert again is not None and again.code == first.code


def test_the_code_can_be_read_again_after_a_restart(village: Village) -> None:
    asked = village.asks()
    again = recovery.asked(village.folder)
    assert again is not None and (again.code, again.person, again.until) == (asked.code, CLERK.name, asked.until)
    assert again.until - again.asked_at == recovery.VALID


def test_the_slip_that_goes_along_shows_the_digits_and_who_asks(village: Village) -> None:
    asked = village.asks()
    text = text_of(recovery.slip(village.folder, clock=village.clock).pdf)
    wanted = ["勐海县勐混镇曼蚌村民委员会", f"申请人岩\u3000温（{CLERK.role}）".replace("\u3000", ""), "二、镇审核员填"]
    assert [one for one in [*wanted, *asked.code.split(), "扫码也可核对"] if one not in text] == []
    (village.folder / keyring.RECOVERY_FILE).unlink()
    with pytest.raises(CunbaoError) as said:
        recovery.slip(village.folder, clock=village.clock)
    assert said.value.code == "recovery.none"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"request": "x", "wrap": {}}', "\x00"])
def test_a_torn_request_is_no_request(village: Village, content: str) -> None:
    answer = answered(village.asks())
    (village.folder / keyring.RECOVERY_FILE).write_text(content)
    assert village.refused(answer) == "recovery.none"


def test_the_request_tells_nobody_a_password_and_holds_no_plain_key(village: Village) -> None:
    asked = village.asks()
    desk = reopened(village.folder)
    key = desk.workspace.key
    desk.close()
    assert asked.path is not None
    for data in (asked.path.read_bytes(), (village.folder / keyring.RECOVERY_FILE).read_bytes()):
        assert NEW.encode() not in data and key not in data and key.hex().encode() not in data
