"""人员: who opens a desk and signs at it, what a new password changes, and what is left to somebody who was removed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cunbao.desks import devices, doors, keyring, people, recovery, settings, start
from cunbao.desks.county import desk as county
from cunbao.desks.township import desk as township
from cunbao.desks.township.officers import ROLE, add_officer
from cunbao.desks.views import Person
from cunbao.desks.village import signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.store import Workspace, read_keys, write_keys
from cunbao.trust.keys import private_bytes, wrap_secret
from desks.test_recovery import answered
from world.desk import (
    CLERK,
    OFFICER,
    PASSWORD,
    QUICK,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    reopened,
    text,
    types,
)

NEW = "新的密码2026"
YUXIANG = Person("玉香", "统计负责人")
HERS = "玉香的密码2025"
NEXT_DAY = a_clock(2025, 12, 14)


def refused(code: str, act: object, *given: object, **more: object) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        act(*given, **more)  # type: ignore[operator]
    assert said.value.code == code and said.value.happened and said.value.safe and said.value.todo
    return said.value


def by_password_alone(desk: VillageDesk) -> None:
    """The workspace as it was before people had keys: everything of the clerk's is wrapped by his password itself."""
    workspace = desk.workspace
    signer = devices.unlock_signer(workspace, desk.person, PASSWORD)
    label = f"signing:{CLERK.name}"
    locked = wrap_secret(private_bytes(signer.key), PASSWORD, label=label, stretch=QUICK)
    workspace.set_setting(f"device/{label}", json.dumps(locked))
    keys = read_keys(workspace.folder)
    data = wrap_secret(workspace.key, PASSWORD, label=f"data:{CLERK.name}", stretch=QUICK)
    (recovery_wrap,) = keys["recovery"]
    recovery_wrap.pop("certificates")
    entry = {"person": CLERK.name, "role": CLERK.role, "wrap": data}
    write_keys(workspace.folder, {**keys, "v": 1, "wraps": [entry, *keys["wraps"][1:]]})


def two_at_a_village(tmp_path: Path, stage: str = "ready") -> VillageDesk:
    desk = a_village_desk(tmp_path, stage)
    people.add(desk, YUXIANG, HERS, own_password=PASSWORD)
    return desk


# --- from before there were keys -------------------------------------------------------------------------------------


def test_who_comes_from_before_gets_his_keys_by_opening_and_signs_as_ever(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    by_password_alone(desk)
    desk.close()
    folder = tmp_path / "village"
    assert keyring.not_renewed(folder) == (CLERK.name,)
    refused("password.wrong", start.unlock, folder, CLERK.name, "不对的密码", clock=NEXT_DAY)
    assert keyring.not_renewed(folder) == (CLERK.name,)
    desk = reopened(folder)
    assert keyring.not_renewed(folder) == ()
    assert len(signing.sign(desk, signing.prepare(desk), PASSWORD)) == 5
    desk.close()
    desk = reopened(folder)
    assert [one.act for one in desk.workspace.journal_entries()].count("renew_keys") == 1
    desk.close()


def test_looking_on_changes_nothing_of_somebody_from_before(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    by_password_alone(desk)
    desk.close()
    keys = (tmp_path / "village" / "keys.json").read_bytes()
    looking = start.unlock(tmp_path / "village", CLERK.name, PASSWORD, clock=NEXT_DAY, read_only=True)
    assert devices.unlock_signer(looking.workspace, CLERK, PASSWORD).person == CLERK.name
    looking.close()
    assert (tmp_path / "village" / "keys.json").read_bytes() == keys


def test_a_new_password_of_somebody_from_before_opens_and_signs(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    by_password_alone(desk)
    people.change_password(desk, PASSWORD, NEW)
    assert len(signing.sign(desk, signing.prepare(desk), NEW)) == 5
    desk.close()


# --- removed ---------------------------------------------------------------------------------------------------------


def test_who_was_removed_opens_nothing_of_what_comes_after(tmp_path: Path) -> None:
    desk = two_at_a_village(tmp_path)
    folder, old = desk.workspace.folder, desk.workspace.key
    done = people.remove(desk, YUXIANG.name, own_password=PASSWORD)
    assert [one.name for one in people.people(desk)] == [CLERK.name]
    types(desk, "B01", "b01_groups", "8")
    desk.close()
    refused("person.unknown", start.unlock, folder, YUXIANG.name, HERS, clock=NEXT_DAY)
    refused("workspace.key", Workspace.open, folder, old, now=NEXT_DAY())
    desk = reopened(folder)
    assert text(desk, "B01", "b01_groups") == "8" and desk.workspace.verify_journal().good
    (entry,) = [one for one in desk.workspace.journal_entries() if one.act == "remove_person"]
    assert (entry.who, entry.detail["name"]) == (CLERK.name, YUXIANG.name)
    assert not desk.workspace.settings(f"device/signing:{YUXIANG.name}")[f"device/signing:{YUXIANG.name}"]
    assert [one.active for one in desk.workspace.people() if one.name == YUXIANG.name] == [False]
    desk.close()
    # an older copy is what it was: the screen says so
    again = settings.restore_backup(done.before.path, tmp_path / "old", YUXIANG.name, HERS, clock=NEXT_DAY)
    assert again.person == YUXIANG
    again.close()
    assert done.after is not None
    refused(
        "person.unknown", settings.restore_backup, done.after.path, tmp_path / "new", YUXIANG.name, HERS, clock=NEXT_DAY
    )
    settings.restore_backup(done.after.path, tmp_path / "new", CLERK.name, PASSWORD, clock=NEXT_DAY).close()


def test_everybody_else_goes_on_with_his_own_password_and_signs(tmp_path: Path) -> None:
    desk = two_at_a_village(tmp_path)
    people.add(desk, Person("岩罕", "填报人"), "岩罕的密码2025", own_password=PASSWORD)
    people.remove(desk, "岩罕", own_password=PASSWORD)
    desk.close()
    desk = start.unlock(tmp_path / "village", YUXIANG.name, HERS, clock=NEXT_DAY)
    assert len(signing.sign(desk, signing.prepare(desk), HERS)) == 5
    people.add(desk, Person("岩罕", "填报人"), "岩罕的密码2026", own_password=HERS)  # he may come back
    desk.close()
    start.unlock(tmp_path / "village", "岩罕", "岩罕的密码2026", clock=NEXT_DAY).close()


def test_the_superiors_can_still_help_after_a_removal(tmp_path: Path) -> None:
    desk = two_at_a_village(tmp_path, "filled")
    by_password_alone_recovery(desk)
    people.remove(desk, YUXIANG.name, own_password=PASSWORD)
    desk.close()
    asked = recovery.ask(tmp_path / "village", CLERK.name, NEW, a_stick(tmp_path), clock=NEXT_DAY, stretch=QUICK)
    assert asked.path is not None
    data = answered(asked)
    recovery.take(tmp_path / "village", data, NEW, clock=NEXT_DAY, stretch=QUICK).close()


def by_password_alone_recovery(desk: VillageDesk) -> None:
    """As it was written when nobody noted for whom the key was locked."""
    keys = read_keys(desk.workspace.folder)
    keys["recovery"][0].pop("certificates")
    write_keys(desk.workspace.folder, keys)


def a_stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir(exist_ok=True)
    return tmp_path / "stick"


def test_an_answer_to_a_request_from_before_the_removal_says_that_the_key_is_another(tmp_path: Path) -> None:
    desk = two_at_a_village(tmp_path, "filled")
    folder = desk.workspace.folder
    asked = recovery.ask(folder, YUXIANG.name, NEW, a_stick(tmp_path), clock=NEXT_DAY, stretch=QUICK)
    assert asked.path is not None
    data = answered(asked)
    shutil.copy(folder / keyring.RECOVERY_FILE, tmp_path / "kept")
    people.remove(desk, YUXIANG.name, own_password=PASSWORD)
    desk.close()
    refused("recovery.none", recovery.take, folder, data, NEW, clock=NEXT_DAY)
    shutil.copy(tmp_path / "kept", folder / keyring.RECOVERY_FILE)  # as a power cut leaves it
    refused("recovery.other_key", recovery.take, folder, data, NEW, clock=NEXT_DAY)
    reopened(folder).close()


def test_nobody_is_removed_while_somebody_has_no_keys_yet_but_he_himself_can_be(tmp_path: Path) -> None:
    desk = two_at_a_village(tmp_path, "filled")
    by_password_alone(desk)
    desk.close()
    desk = start.unlock(tmp_path / "village", YUXIANG.name, HERS, clock=NEXT_DAY)
    people.add(desk, Person("岩罕", "填报人"), "岩罕的密码2025", own_password=HERS)
    keys = (tmp_path / "village" / "keys.json").read_bytes()
    said = refused("people.not_renewed", people.remove, desk, "岩罕", own_password=HERS)
    assert CLERK.name in said.happened and "打开一次" in said.todo
    refused("person.not_renewed", people.let_sign, desk, CLERK, own_password=HERS)
    assert (tmp_path / "village" / "keys.json").read_bytes() == keys
    people.remove(desk, CLERK.name, own_password=HERS)
    people.remove(desk, "岩罕", own_password=HERS)
    assert [one.name for one in people.people(desk)] == [YUXIANG.name]
    desk.close()


def test_oneself_a_stranger_and_the_last_who_signs_are_not_removed(tmp_path: Path) -> None:
    desk = two_at_a_village(tmp_path, "filled")
    refused("person.self", people.remove, desk, CLERK.name, own_password=PASSWORD)
    refused("person.unknown", people.remove, desk, "岩罕", own_password=PASSWORD)
    refused("password.wrong", people.remove, desk, YUXIANG.name, own_password="不对的密码")
    desk.close()
    desk = start.unlock(tmp_path / "village", YUXIANG.name, HERS, clock=NEXT_DAY)
    desk.workspace.set_setting(f"device/signing:{YUXIANG.name}", None)  # as after a recovery of the clerk's password
    said = refused("person.last_holder", people.remove, desk, CLERK.name, own_password=HERS)
    assert "签名" in said.happened
    desk.close()


# --- townships and counties ------------------------------------------------------------------------------------------


def test_a_new_password_of_an_officer_decides_and_certifies(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    people.change_password(desk, PASSWORD, NEW)
    refused("password.wrong", township.unlock_ca, desk, PASSWORD)
    assert township.unlock_ca(desk, NEW).certificate
    desk.close()
    desk = township.unlock_township(tmp_path / "town", OFFICER, NEW, clock=a_clock(2025, 12, 17, 1))
    assert desk.signer is not None
    desk.close()


def test_a_new_password_of_the_county_opens_its_root(tmp_path: Path) -> None:
    desk = a_county_desk(tmp_path)
    people.change_password(desk, PASSWORD, NEW)
    refused("password.wrong", county.unlock_root, desk, PASSWORD)
    assert county.unlock_root(desk, NEW).certificate == desk.root
    desk.close()
    doors.unlock(tmp_path / "county", desk.person.name, NEW, clock=a_clock(2025, 12, 19)).close()


def test_an_officer_is_removed_and_the_other_certifies_on(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    add_officer(desk, "岩拉", HERS, PASSWORD)
    people.remove(desk, "岩拉", own_password=PASSWORD)
    assert [(one.name, one.role) for one in people.people(desk)] == [(OFFICER, ROLE)]
    assert desk.workspace.setting(f"{township.CA_SETTING}:岩拉") is None
    assert township.unlock_ca(desk, PASSWORD).certificate
    desk.close()
    refused("person.unknown", township.unlock_township, tmp_path / "town", "岩拉", HERS, clock=NEXT_DAY)
    township.unlock_township(tmp_path / "town", OFFICER, PASSWORD, clock=a_clock(2025, 12, 17, 1)).close()


def test_who_keeps_the_county_s_root_is_not_removed(tmp_path: Path) -> None:
    desk = a_county_desk(tmp_path)
    people.add(desk, Person("玉坎", "县级管理员"), HERS, own_password=PASSWORD)
    desk.close()
    desk = doors.unlock(tmp_path / "county", "玉坎", HERS, clock=a_clock(2025, 12, 19))
    assert desk.workspace.setting("root:玉坎") is None
    said = refused("person.last_holder", people.remove, desk, "县管理员", own_password=HERS)
    assert "签发证书" in said.happened
    desk.close()
