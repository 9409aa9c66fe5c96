"""验证一个包: a bundle, a receipt or a task pack, opened as far as this desk can, and not taken in.

Source: ui/design.md county-09; what a package is: `exchange`.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from cunbao.desks import devices, ledger
from cunbao.desks.clock import LOCAL
from cunbao.desks.seat import Seat
from cunbao.desks.verified import BY, CHANGED, OURS, WHEN, WHO, Mark, Outcome, VerifiedLine, line
from cunbao.errors import CunbaoError, ExchangeError
from cunbao.survey.codes import grouped

if TYPE_CHECKING:
    from cunbao.exchange import Package
    from cunbao.exchange.taskpack import TaskPack
    from cunbao.trust.verify import SignatureVerdict

Result = tuple[str, Outcome, tuple[VerifiedLine, ...]]

KINDS = {"bundle": "报送包", "forward": "报县包", "receipt": "回执"}
# what a refusal says of the file: by the code of the error
_SEALED = frozenset({"package.not_for_us", "package.address"})
_CHANGED = frozenset({"package.signature", "package.hashes", "signature.damaged"})


def examine_package(seat: Seat, data: bytes, here: str) -> Result:
    """A `.cbsync`: (kind, outcome, lines)."""
    from cunbao.exchange import read_package

    judge = ledger.judge_of(seat.workspace)
    own = devices.device(seat.workspace)
    try:
        package = read_package(
            data, own.readers, judge.roots, us=(seat.office.code,), revocations=judge.revocations,
            certificates=judge.authorities,
        )  # fmt: skip
    except CunbaoError as trouble:
        return "报送包或回执", _refusal(trouble), ()
    verdict = package.verdict
    manifest = package.manifest
    kind = KINDS[manifest.kind.value]
    number = f"第 {manifest.sequence} 次"
    if manifest.parts > 1:
        number += f"，第 {manifest.part} 个，共 {manifest.parts} 个"
    changed = line(CHANGED, Mark.GOOD, "没有改过", f"{len(package.objects)} 样东西逐件核对过，{number}")
    ours, held = _held(seat, package, here)
    lines = (_who(verdict), _when(manifest.written_at), _vouched(verdict), changed, ours)
    outcome = _standing(verdict)
    if outcome is Outcome.GENUINE and not held:
        outcome = Outcome.NOT_HELD
    return kind, outcome, lines


def examine_pack(seat: Seat, data: bytes, here: str) -> Result:
    """A `.cbtask`."""
    from cunbao.exchange.taskpack import read_taskpack

    judge = ledger.judge_of(seat.workspace)
    try:
        pack = read_taskpack(data, roots=judge.roots)
    except CunbaoError as trouble:
        return "任务包", _refusal(trouble), ()
    digits = grouped(pack.root_code)
    by = line(BY, Mark.GOOD, "县级根证书签发", f"比对码 {digits}")
    changed = line(CHANGED, Mark.GOOD, "没有改过", f"{pack.title}，第 {pack.version} 版，{len(pack.files)} 个文件")
    ours, same = _same_pack(seat, pack, data, here)
    lines = (_who(pack.verdict), _when(pack.issued_at), by, changed, ours)
    return "任务包", Outcome.GENUINE if same else Outcome.DIFFERS, lines


def _refusal(trouble: CunbaoError) -> Outcome:
    if trouble.code in _SEALED:
        return Outcome.SEALED
    if trouble.code in _CHANGED:
        return Outcome.CHANGED
    if trouble.code == "task.other_root":
        return Outcome.STRANGER
    return Outcome.BROKEN if isinstance(trouble, ExchangeError) else Outcome.FOREIGN


def _who(verdict: SignatureVerdict) -> VerifiedLine:
    signer = verdict.signer
    if signer is None:
        return line(WHO, Mark.UNKNOWN, "看不出是谁")
    person = f"{signer.person}，" if signer.person else ""
    return line(WHO, Mark.GOOD, f"{person}{signer.name}", f"{signer.role.label}，证书 {signer.number}")


def _when(at: datetime) -> VerifiedLine:
    return line(WHEN, Mark.GOOD, f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}（本机时间）", "写出这个文件的时间")


def _vouched(verdict: SignatureVerdict) -> VerifiedLine:
    from cunbao.trust.chain import Standing

    if verdict.standing is Standing.VALID:
        until = verdict.signer.not_after.astimezone(LOCAL) if verdict.signer is not None else None
        above = verdict.chain[1].name.removesuffix("签发证书") if len(verdict.chain) > 1 else ""
        detail = f"签名时证书有效，到 {until:%Y-%m-%d}" if until is not None else ""
        text = f"{above}核准，县根证书签发" if len(verdict.chain) > 2 else "县根证书签发"
        return line(BY, Mark.GOOD, text, detail)
    mark = Mark.UNKNOWN if verdict.standing is Standing.UNKNOWN else Mark.BAD
    return line(BY, mark, "这台电脑还没有核准" if mark is Mark.UNKNOWN else "证书不能用", verdict.reason)


def _standing(verdict: SignatureVerdict) -> Outcome:
    from cunbao.trust.chain import Standing

    if verdict.standing is Standing.VALID:
        return Outcome.GENUINE
    if verdict.standing is Standing.UNKNOWN:
        return Outcome.STRANGER
    signer, at = verdict.signer, verdict.signed_at
    if signer is not None and at is not None and at > signer.not_after:
        return Outcome.EXPIRED
    return Outcome.REVOKED if "吊销" in verdict.reason else Outcome.SIGNER


def _held(seat: Seat, package: Package, here: str) -> tuple[VerifiedLine, bool]:
    """Is this file, or all that it carries, held already?"""
    subject = OURS.format(here=here)
    if package.manifest.office == seat.office.code:
        return line(subject, Mark.GOOD, f"是{here}自己写的", f"写给{'、'.join(package.manifest.to)}"), True
    gone = [name for name in package.objects if not seat.workspace.has_object(name)]
    came = seat.workspace.arrival(package.sha256, ("TAKEN", "GAP", "REVOKED"))
    if came is not None:
        return line(subject, Mark.GOOD, "就是收过的那一个", f"{here} {_short(came.at)} 收的"), True
    if not gone:
        return line(subject, Mark.GOOD, "里面的东西都有", f"{len(package.objects)} 样，{here}都存着"), True
    return line(subject, Mark.UNKNOWN, f"{here}没有收过", f"里面有 {len(gone)} 样{here}没有"), False


def _same_pack(seat: Seat, pack: TaskPack, data: bytes, here: str) -> tuple[VerifiedLine, bool]:
    subject = OURS.format(here=here)
    if seat.workspace.setting("taskpack", "") == sha256(data).hexdigest():
        return line(subject, Mark.GOOD, "一模一样", f"{here}用的就是这个任务包"), True
    return line(subject, Mark.UNKNOWN, f"不是{here}现在用的那个", "版本或任务不同"), False


def _short(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%m-%d %H:%M}"
