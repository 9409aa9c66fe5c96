"""设置: display, certificates, backups and their proof. Nothing here touches a return; people are in `people`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import keyring, ownkeys
from cunbao.desks.clock import LOCAL, Clock, local_day, system_clock
from cunbao.desks.devices import device
from cunbao.desks.seat import Seat
from cunbao.desks.views import CertificateLine, SettingsView
from cunbao.desks.village.desk import VillageDesk
from cunbao.store import Backup, backup, list_backups, restore
from cunbao.survey.states import ReturnState

if TYPE_CHECKING:
    from cunbao.desks.doors import Desk

LOCK_MINUTES = 10  # of nobody typing, then the password is asked again
SCALES = (1.0, 1.25, 1.5)
# Settings of ours; the store keeps when each place was last written to under "backup/".
FOLDER, SECOND, SECOND_AT = "places/backup", "places/second", "places/second_at"


@dataclass(frozen=True, slots=True)
class Looks:
    """How the window looks; kept beside the workspaces, since it is needed before any password."""

    scale: float = 1.0
    high_contrast: bool = False


def settings_view(desk: VillageDesk, looks: Looks) -> SettingsView:
    """village-12."""
    own = device(desk.workspace)
    second = desk.workspace.setting(SECOND, "")
    newest = list_backups(backup_folder(desk))
    last = newest[0] if newest else None
    until = local_day(own.read.not_after) if own.enrolled else None
    days = (until - desk.today).days if until else 0
    return SettingsView(
        scale=looks.scale,
        high_contrast=looks.high_contrast,
        certificates=(
            CertificateLine(
                person=desk.person,
                until=until,
                line=f"还有 {days} 天，到期前 30 天提醒" if until else f"核对码 {own.comparison_code}，念给乡镇听",
                state=None if own.enrolled else ReturnState.CERT_PENDING,
            ),
            *_own_cards(desk),
        ),
        backup_at=last.at if last else None,
        backup_line=_proof(last),
        backup_folder=backup_folder(desk),
        second_folder=Path(second) if second else None,
        second_at=_moment(desk.workspace.setting(SECOND_AT, "")),
        lock_minutes=int(desk.workspace.setting("lock_minutes", LOCK_MINUTES)),
        recovery="忘了密码，向乡镇申请恢复" if recovery_possible(desk) else "打开任务包后才能向乡镇申请恢复",
    )


def _own_cards(desk: VillageDesk) -> list[CertificateLine]:
    """Where the task wants everybody's own certificate: one line each."""
    if not ownkeys.wanted(desk):
        return []
    cards = ownkeys.cards(desk.workspace)
    found = []
    for person in ownkeys.names(desk.workspace):
        card = cards[person.name]
        until = local_day(card.read.not_after) if card.enrolled else None
        words = "签报表用的本人证书"
        found.append(
            CertificateLine(
                person=person,
                until=until,
                line=words if until else f"{words}，核对码 {card.comparison_code}",
                state=None if card.enrolled else ReturnState.CERT_PENDING,
            )
        )
    return found


def recovery_possible(desk: VillageDesk) -> bool:
    """Can township or county give a new password? Not before a task pack was taken (decision 11)."""
    return bool(keyring.keys_of(desk.workspace.folder).get("recovery"))


def backup_folder(desk: Seat) -> Path:
    """Where the daily backup goes: a folder of the clerk's choice, else the workspace's own backups/."""
    chosen = desk.workspace.setting(FOLDER, "")
    return Path(chosen) if chosen else desk.workspace.folder / "backups"


def choose_backup_folder(desk: VillageDesk, folder: Path) -> None:
    desk.workspace.set_setting(FOLDER, str(folder))


def back_up(desk: Seat, folder: Path | None = None) -> Backup:
    """Write a backup, open it again with the key and compare; only then it counts. StoreError "disk.full" …

    folder: a second place (a stick), remembered as such."""
    now = desk.clock()
    report = backup(desk.workspace, folder or backup_folder(desk), now=now)
    with desk.workspace.atomic():
        if folder is not None:
            desk.workspace.set_setting(SECOND, str(folder))
            desk.workspace.set_setting(SECOND_AT, now.isoformat())
        desk.journal("backup", place="second" if folder is not None else "own")
    return report


def backups_at(folder: Path) -> Sequence[Backup]:
    """Backups lying in a folder, newest first."""
    return list_backups(folder)


def restore_backup(
    source: Path, target: Path, person: str, password: str, *, clock: Clock = system_clock, in_place: bool = False
) -> Desk:
    """Open a backup as a new workspace in `target`: a new life, so earlier signatures can no longer be taken back.
    The desk is of the kind that was backed up.

    in_place: a damaged workspace lies there; its files are set aside in a folder of their own, none is deleted.
    TrustError "password.wrong"; StoreError when the backup does not hold: then `target` is as it was."""
    now = clock()
    key = keyring.data_key(source, person, password, now=now)
    restore(source, target, key, now=now, set_aside=in_place)
    from cunbao.desks import doors

    return doors.unlock(target, person, password, clock=clock)


def confirm_password(desk: Seat, password: str, *, act: str = "reveal") -> None:
    """Is it really he who sits here? Journalled, since it shows personal data. TrustError "password.wrong"."""
    keyring.data_key(desk.workspace.folder, desk.person.name, password, now=desk.clock())
    desk.journal(act)


def _proof(last: Backup | None) -> str:
    if last is None:
        return "还没有备份过"
    return f"最近备份 {last.at.astimezone(LOCAL):%m-%d %H:%M}，核对过能恢复"


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
