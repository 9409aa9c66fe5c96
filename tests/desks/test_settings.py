"""设置: backups that restore, passwords that change, another person who may sign; every act is in the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import people, receiving, restored, settings, start
from cunbao.desks.township import receipts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import Person
from cunbao.desks.village import lineage, practice, replies, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey.revision import Header
from cunbao.survey.states import ReturnState
from world.desk import (
    CLERK,
    MANBANG,
    PASSWORD,
    a_bundle,
    a_clock,
    a_town_desk,
    a_village_desk,
    reopened,
    sign_all,
    text,
    types,
)

NEW = "新的密码2026"
YUXIANG = Person("玉香", "统计负责人")


def view(desk):  # type: ignore[no-untyped-def]
    return settings.settings_view(desk, settings.Looks())


def refused(act, code):  # type: ignore[no-untyped-def]
    with pytest.raises(CunbaoError) as said:
        act()
    assert said.value.code == code
    return said.value


# --- backups ---------------------------------------------------------------------------------------------------------


def test_a_backup_is_proved_shown_and_restored_with_everything_in_it(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    assert view(desk).backup_at is None and "还没有备份过" in view(desk).backup_line
    types_after = text(desk, "B01", "b01_groups")
    ids = {form: desk.newest(form).id for form in desk.task.forms}  # type: ignore[union-attr]
    made = settings.back_up(desk)
    assert view(desk).backup_at == made.at and "核对过能恢复" in view(desk).backup_line
    assert desk.frame().backup_at is not None
    assert desk.workspace.journal_entries()[-1].act == "backup"
    desk.close()
    again = settings.restore_backup(made.path, tmp_path / "again", CLERK.name, PASSWORD, clock=a_clock(2025, 12, 14))
    assert {form: again.newest(form).id for form in again.task.forms} == ids  # type: ignore[union-attr]
    assert text(again, "B01", "b01_groups") == types_after and again.last("B01") is not None
    assert again.workspace.verify_journal().good
    assert refused(lambda: signing.unsign(again, "B01"), "unsign.left").happened.endswith(
        "这个签名是换电脑或恢复备份之前签的"
    )
    again.close()
    start.unlock(tmp_path / "again", CLERK.name, PASSWORD, clock=a_clock(2025, 12, 15)).close()


def test_a_township_comes_back_from_its_backup_as_a_township(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    made = settings.back_up(desk)
    desk.close()
    again = settings.restore_backup(made.path, tmp_path / "again", desk.person.name, PASSWORD, clock=desk.clock)
    assert isinstance(again, TownshipDesk)
    assert again.villages == desk.villages and again.signer is not None
    again.close()


def test_a_second_place_is_remembered_and_does_not_disturb_the_status_bar(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    (tmp_path / "stick").mkdir()
    made = settings.back_up(desk, tmp_path / "stick")
    seen = view(desk)
    assert (seen.second_folder, seen.second_at) == (tmp_path / "stick", desk.workspace.last_backup(tmp_path / "stick"))
    assert desk.frame().backup_at == seen.second_at and settings.backups_at(tmp_path / "stick") == (made,)
    (tmp_path / "disk2").mkdir()
    settings.choose_backup_folder(desk, tmp_path / "disk2")
    assert view(desk).backup_folder == tmp_path / "disk2"
    assert settings.back_up(desk).path.parent == tmp_path / "disk2"
    assert desk.frame().backup_at is not None
    desk.close()


def test_closing_makes_the_days_backup_and_the_next_start_says_so(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    start.close(desk)
    assert start.unlock_view(tmp_path / "village", a_clock(2025, 12, 14)()).backed_up
    assert len(settings.backups_at(tmp_path / "village" / "backups")) == 1


def test_a_backup_place_that_has_gone_never_keeps_the_window_open(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    settings.choose_backup_folder(desk, tmp_path / "拔掉的" / "备份")
    start.close(desk)
    seen = start.unlock_view(tmp_path / "village", a_clock(2025, 12, 14)())
    assert seen.last is not None and not seen.backed_up


def test_a_wrong_password_restores_nothing(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    made = settings.back_up(desk)
    desk.close()
    refused(
        lambda: settings.restore_backup(made.path, tmp_path / "again", CLERK.name, "不对的密码", clock=a_clock()),
        "password.wrong",
    )
    assert not (tmp_path / "again").exists()


def test_a_damaged_backup_restores_nothing_and_says_so(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    made = settings.back_up(desk)
    desk.close()
    data = bytearray((made.path / "data.db").read_bytes())
    data[5000] ^= 1
    (made.path / "data.db").write_bytes(bytes(data))
    refused(
        lambda: settings.restore_backup(made.path, tmp_path / "again", CLERK.name, PASSWORD, clock=a_clock()),
        "backup.damaged",
    )
    assert not (tmp_path / "again").exists()


def test_a_damaged_workspace_is_replaced_by_its_backup_and_set_aside(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    (tmp_path / "stick").mkdir()
    made = settings.back_up(desk, tmp_path / "stick")
    folder = desk.workspace.folder
    desk.close()
    broken = b"\x00" * 8192
    (folder / "data.db").write_bytes(broken)
    again = settings.restore_backup(made.path, folder, CLERK.name, PASSWORD, clock=a_clock(2025, 12, 14), in_place=True)
    assert again.state("B01") is ReturnState.SIGNED
    again.close()
    aside = [path for path in folder.iterdir() if path.name.startswith("damaged-")]
    assert len(aside) == 1 and (aside[0] / "data.db").read_bytes() == broken


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_new_password_opens_and_signs_and_the_old_one_does_neither(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    people.change_password(desk, PASSWORD, NEW)
    assert desk.workspace.journal_entries()[-1].act == "change_password"
    refused(lambda: sign_all(desk), "password.wrong")
    desk.close()
    refused(lambda: reopened(tmp_path / "village"), "password.wrong")
    desk = start.unlock(tmp_path / "village", CLERK.name, NEW, clock=a_clock(2025, 12, 14))
    assert len(signing.sign(desk, signing.prepare(desk), NEW)) == 5
    desk.close()


def test_a_wrong_or_short_password_changes_nothing(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    keys = (tmp_path / "village" / "keys.json").read_bytes()
    refused(lambda: people.change_password(desk, "不对的密码", NEW), "password.wrong")
    refused(lambda: people.change_password(desk, PASSWORD, "短"), "password.short")
    assert (tmp_path / "village" / "keys.json").read_bytes() == keys
    desk.close()
    reopened(tmp_path / "village").close()


def test_another_person_opens_and_signs_with_his_own_password_and_name(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    people.add(desk, YUXIANG, NEW, own_password=PASSWORD)
    refused(lambda: people.add(desk, YUXIANG, NEW, own_password=PASSWORD), "person.known")
    refused(lambda: people.add(desk, Person("玉罕", ""), NEW, own_password="不对的密码"), "password.wrong")
    desk.close()
    refused(lambda: start.unlock(tmp_path / "village", "玉香", PASSWORD, clock=a_clock(2025, 12, 14)), "password.wrong")
    desk = start.unlock(tmp_path / "village", "玉香", NEW, clock=a_clock(2025, 12, 14))
    assert desk.person == YUXIANG
    signing.sign(desk, signing.prepare(desk), NEW)
    stored = desk.newest("B01")
    assert stored is not None
    header = Header.decode(desk.workspace.object(stored.header))
    assert (header.person_name, header.person_role) == ("玉香", "统计负责人")
    assert desk.workspace.journal_entries()[-1].who == "玉香"
    desk.close()
    reopened(tmp_path / "village").close()  # the first person's password still opens


def test_showing_numbers_asks_for_the_password_and_is_written_down(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    before = len(desk.workspace.journal_entries())
    refused(lambda: settings.confirm_password(desk, "不对的密码"), "password.wrong")
    assert len(desk.workspace.journal_entries()) == before
    settings.confirm_password(desk, PASSWORD)
    assert [(one.act, one.who) for one in desk.workspace.journal_entries()[before:]] == [("reveal", CLERK.name)]
    desk.close()


def test_the_certificate_line_says_until_when_or_what_to_read_aloud(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    (line,) = view(desk).certificates
    assert line.until is not None and "天" in line.line and line.state is None
    types(desk, "B01", "b01_groups", "9")
    desk.close()
    fresh = a_village_desk(tmp_path / "fresh", "new")
    (line,) = view(fresh).certificates
    assert line.until is None and line.state is ReturnState.CERT_PENDING and "核对码" in line.line
    fresh.close()


def test_after_a_restore_signing_waits_for_the_newest_receipt_or_for_the_word_that_there_is_none(
    tmp_path: Path,
) -> None:
    desk = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    made = settings.back_up(desk)
    receiving.receive(town, [a_bundle(desk, tmp_path / "stick")])
    corrected(desk, "41")
    receiving.receive(town, [a_bundle(desk, tmp_path / "stick")])
    signed = desk.newest("B01")
    assert signed is not None
    desk.close()
    again = settings.restore_backup(made.path, tmp_path / "again", CLERK.name, PASSWORD, clock=a_clock(2025, 12, 16, 7))
    # what was signed after the backup is not here: going on would make a second version beside it
    assert restored.asks(again) == made.at
    said = refused(lambda: corrected(again, "42"), "sign.restored")
    assert "恢复" in said.happened and text(again, "B01", "b01_deputies") == "42"
    again.close()
    again = start.unlock(tmp_path / "again", CLERK.name, PASSWORD, clock=a_clock(2025, 12, 16, 8))
    assert restored.asks(again) == made.at
    (written,) = receipts.write_receipts(town, tmp_path / "stick", [MANBANG])
    replies.take_receipt(again, written.path)
    assert restored.asks(again) is None
    assert [one.id for one in lineage.other_heads(again, "B01")] == [signed.id]
    lineage.stand_by(again, "B01")
    practice.explain_all(again)
    sign_all(again)
    newest = again.newest("B01")
    assert newest is not None and signed.id in newest.parents
    assert [one.detail["answered"] for one in again.workspace.journal_entries() if one.act == "after_restore"] == [
        "receipt"
    ]
    again.close()
    town.close()


def test_who_never_had_a_receipt_says_so_once_and_signs(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    made = settings.back_up(desk)
    assert restored.asks(desk) is None
    desk.close()
    again = settings.restore_backup(made.path, tmp_path / "again", CLERK.name, PASSWORD, clock=a_clock(2025, 12, 14))
    refused(lambda: sign_all(again), "sign.restored")
    restored.answered(again, restored.NONE)
    assert len(sign_all(again)) == 5
    restored.answered(again, restored.NONE)
    assert sum(one.act == "after_restore" for one in again.workspace.journal_entries()) == 1
    again.close()


def corrected(desk: VillageDesk, people: str) -> None:
    if not desk.correcting("B01"):
        signing.begin_correction(desk, "B01")
    types(desk, "B01", "b01_deputies", people)
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)
