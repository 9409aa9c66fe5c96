"""全部还原: a village whose computer is lost comes back from the township's copy, under a new device certificate.

An approval of its own: the sealed slip, a reason, a second officer or the county; the lost computer is revoked in the
same transaction unless the officer says that it lives. Drafts are gone; what else is missing is said.
Source: protocol §5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cunbao.desks.decisions import a_reason
from cunbao.desks.township import certified, officers, receipts, registry
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.survey.codes import verification_code
from cunbao.survey.revision import Header


@dataclass(frozen=True, slots=True)
class Slip:
    """What the officer attests: the sealed paper slip was there, who brought it, why, and who else agreed.

    second: one of `seconds`, another officer of the township or the county with which it was settled by phone."""

    reason: str
    brought_by: str
    sealed: bool
    second: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A computer of the office that may be the lost one. used: when something of it came last, in words."""

    key: str
    device: str
    words: str


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore that was written. files: the receipt, in parts where one file cannot hold it; taken: names of files
    that had waited for the new computer and were taken with its approval."""

    office: str
    files: tuple[Path, ...]
    taken: tuple[str, ...] = ()


def seconds(desk: TownshipDesk) -> tuple[str, ...]:
    """Who may agree beside the officer at this desk: the others of the township, then the county."""
    return officers.beside(desk)


def lost_ones(desk: TownshipDesk, office: str) -> tuple[Lost, ...]:
    """The computers of an office that are approved and not revoked."""
    return tuple(
        Lost(one.key, one.device, f"证书到 {one.until:%Y-%m-%d}，{_used(one.used)}")
        for one in registry.enrol_view(desk).certificates
        if one.office == office and one.state != "revoked"
    )


def _used(used: str) -> str:
    return f"{used}报送" if used != "—" else "没有报送过"


def restore(
    desk: TownshipDesk,
    key: str,
    typed_code: str,
    slip: Slip,
    lost: Sequence[str],
    folder: Path,
    password: str,
) -> Restored:
    """Approve the new computer with this key, revoke the `lost` ones (keys; () when they live), write the receipt that
    brings everything back.

    DeskError "restore.slip" when the slip is not in order; TrustError "enrol.code", "password.wrong". The approval
    stands even if the stick then fails: the receipt can be written again (`write_again`)."""
    refuse_slip(desk, slip)
    office = registry.office_of_request(desk, key)
    registry.compare(desk, key, typed_code)  # a miss counts, though nothing of what follows happens
    honoured = {one: certified.revoke_choices(desk, one)[0] for one in lost}  # all that has come stays honoured
    with desk.workspace.atomic():
        taken = registry.approve(desk, key, typed_code, password)
        for one, choice in honoured.items():
            certified.revoke(desk, one, choice, slip.reason, password)
        desk.workspace.set_setting(f"restore/{office}", slip.reason)
        registry.note_unwritten(desk, office, waits=True)
        desk.journal(
            "restore", office=office, key=key, lost=list(lost), reason=slip.reason, second=slip.second,
            brought_by=slip.brought_by,
        )  # fmt: skip
    return replace(write_again(desk, office, folder), taken=taken)


def write_again(desk: TownshipDesk, office: str, folder: Path) -> Restored:
    """写还原回执: the receipt with everything once more. DeskError "restore.none" when none was approved."""
    if not registry.restored(desk, office):
        raise DeskError(
            "restore.none", happened="没有给这个村办过全部还原", safe="没有写出文件", todo="请先在“登记”里办理还原"
        )
    reason = desk.workspace.setting(f"restore/{office}", "")
    what = receipts.parcel(desk, desk.village(office), everything=True, restore=reason)
    written = receipts.write_receipt(desk, receipts.place_in(desk, folder), what)
    registry.note_unwritten(desk, office, waits=False)
    return Restored(office, tuple(Path(one.folder) / one.file_name for one in written))


def refuse_slip(desk: TownshipDesk, slip: Slip) -> None:
    """DeskError "restore.slip" with all that is missing, or as of `decisions.a_reason`."""
    a_reason(slip.reason)
    faults = []
    if not slip.sealed:
        faults.append("没有盖章的还原申请单")
    if not slip.brought_by.strip():
        faults.append("没有写谁送来的")
    if slip.second.strip() not in seconds(desk):
        faults.append("还没有第二个人同意")
    if faults:
        raise DeskError(
            "restore.slip",
            happened="、".join(faults),
            safe="没有核准新电脑，原来的证书没有动",
            todo="还原要凭盖章的申请单，并由另一位审核员或县里同意",
        )


# --- at the village --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is named but not held. what: in words; id: its hash."""

    what: str
    id: str


def missing(desk: VillageDesk) -> tuple[Missing, ...]:
    """What earlier signed things name and this workspace does not hold: parents, what returns rest on, decided ones."""
    workspace = desk.workspace
    found: dict[str, Missing] = {}
    for office, period in workspace.offices_with_returns([desk.office.code]):
        for one in workspace.revisions_of(office, period):
            for parent in one.parents:
                if workspace.revision(parent) is None:
                    words = f"{one.form} 第 {one.version} 版的前一版（验证码 {verification_code(parent)}）"
                    found[parent] = Missing(words, parent)
            for what, used in Header.decode(workspace.object(one.header)).uses:
                if workspace.revision(used) is None:
                    kept = "上年的" if what == "last" else f"{what} 的"
                    found.setdefault(used, Missing(f"{one.form} 第 {one.version} 版所依据的{kept}一版", used))
    for act in ("accept", "return", "choose", "paper"):
        for decided in workspace.decisions_of_act(act):
            if decided.revision and workspace.revision(decided.revision) is None:
                words = f"{decided.by} 审核过的一版（验证码 {verification_code(decided.revision)}）"
                found.setdefault(decided.revision, Missing(words, decided.revision))
    return tuple(found.values())


def told(desk: VillageDesk) -> str:
    """One sentence after a restore: what came back and what did not."""
    held = sum(len(desk.workspace.revisions_of(office, period)) for office, period in
               desk.workspace.offices_with_returns([desk.office.code]))  # fmt: skip
    gone = missing(desk)
    lacking = f"还缺 {len(gone)} 份：{'；'.join(one.what for one in gone[:3])}" if gone else "没有缺的"
    return f"还原了 {held} 份签过名的报表，{lacking}。没签名的草稿找不回来，要重新填。"
