"""答复找回密码: a township answers its villages, the county its townships (and a village, when the township cannot).

Our own digits are never shown: what is heard is typed, and each group is compared when it is full. Three wrong groups
end the request. The answer is locked for the fresh key of that one request, so it opens on that computer only, once,
and that computer takes it for three days (`recovery`). Nobody learns a password.
Source: protocol §4, ui/design.md county-10.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import devices, media
from cunbao.desks.clock import LOCAL
from cunbao.desks.recovery import VALID, look_at, office_named
from cunbao.desks.seat import Seat
from cunbao.errors import DeskError, TrustError
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.exchange.recovery import RecoveryRequest
    from cunbao.paper import Drawn

MISSES = 3  # wrong groups, then the request is dead
GROUP, GROUPS = 4, 6  # digits of a group, groups of a code
WHAT = "恢复答复"
REQUESTS = "recovery"  # setting of a superior: what it knows of a request by its hash
TO_REVOKE = "recovery/to_revoke"  # setting of a superior: {key_id: {office, at}}
WAITS, ANSWERED, REFUSED, ENDED, EXPIRED = "waits", "answered", "refused", "ended", "expired"


class Way(Enum):
    """How the digits were heard."""

    CALLED_BACK = "回拨电话"
    IN_PERSON = "当面"


class Identity(Enum):
    """How it is known who asks."""

    KNOWN = "认识本人"
    CARD = "看了证件"
    VOUCHED = "负责人证明"


@dataclass(frozen=True, slots=True)
class Request:
    """One request that came here. sha256: of the file, by which it is asked for; number: 找回 532822103203-01; device:
    of the lost signing key, "" unknown; certificate: its number and standing in words; heard: what came last of that
    computer; state: waits, answered, refused, ended, expired; tries: wrong groups that are left; answer: name of the
    file to be written. Moments are UTC."""

    sha256: str
    office: Office
    name: str
    number: str
    person: str
    device: str
    certificate: str
    heard: str
    made_at: datetime
    until: datetime
    state: str
    tries: int
    answer: str


# --- what came -------------------------------------------------------------------------------------------------------


def take_in(desk: Seat, path: Path) -> Request:
    """读申请文件: keep the request of a .cbrec, however often it comes. ExchangeError "recovery.request"; DeskError
    "file.unreadable", "recovery.not_ours"."""
    from cunbao.exchange import limits

    try:
        _, data = media.read_whole(path, limits.RECOVERY_FILE)
    except OSError as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{media.shown_name(path)}”读不出来",
            safe="没有答复，也没有改动任何资料",
            todo="请插好 U 盘再试；还是不行，就请对方重新写一份申请",
            detail=str(trouble),
        ) from trouble
    read = look_at(data)
    _refuse_foreign(desk.office.code, read)
    if desk.workspace.setting(f"{REQUESTS}/{read.sha256}", None) is None:
        with desk.workspace.atomic():
            _keep(desk, read, _known(desk, read))
            desk.journal("recovery_request", request=read.sha256, office=read.office, person=read.person)
    return _view(desk, read.sha256, desk.workspace.setting(f"{REQUESTS}/{read.sha256}", {}))


def requests(desk: Seat) -> tuple[Request, ...]:
    """All that came, what waits first, then the newest."""
    kept = {
        name.removeprefix(f"{REQUESTS}/"): said
        for name, said in desk.workspace.settings(f"{REQUESTS}/").items()
        if name != TO_REVOKE and "request" in said
    }
    found = [_view(desk, sha256, said) for sha256, said in kept.items()]
    found.sort(key=lambda one: (one.made_at, one.sha256), reverse=True)
    return tuple(sorted(found, key=lambda one: one.state != WAITS))


def waiting(desk: Seat) -> int:
    """How many wait for an answer."""
    return sum(one.state == WAITS for one in requests(desk))


def _view(desk: Seat, sha256: str, said: dict[str, Any]) -> Request:
    read = look_at(said["request"].encode())
    office = desk.workspace.office(read.office) or office_named(read.office, read.name)
    return Request(
        sha256=sha256,
        office=office,
        name=office.short,
        number=f"找回 {read.office}-{said['number']:02d}",
        person=read.person,
        device=f"{read.device[:4]}-{read.device[4:8]}".upper() if read.device else "",
        certificate=_certificate(desk, read.device),
        heard=_heard(desk, read.office),
        made_at=read.made_at,
        until=read.made_at + VALID,
        state=_state(desk, read, said),
        tries=max(0, MISSES - said["misses"]),
        answer=answer_name(read.data),
    )


def _state(desk: Seat, read: RecoveryRequest, said: dict[str, Any]) -> str:
    if said["misses"] >= MISSES:
        return ENDED
    if said.get("refused"):
        return REFUSED
    if said["answered"]:
        return ANSWERED
    return EXPIRED if desk.clock() > read.made_at + VALID else WAITS


def _certificate(desk: Seat, key: str) -> str:
    """编号, and whether it counts: the officer sees whose computer it is."""
    from cunbao.desks import ledger
    from cunbao.trust.certs import read_certificate

    held = [one for one in desk.workspace.certificates(key=key) if one.signs] if key else []
    if not held:
        return "没有证书"
    newest = max(held, key=lambda one: one.not_after)
    revoked = any(one.key == key for one in ledger.judge_of(desk.workspace).revocations)
    words = "已吊销" if revoked else "已到期" if newest.not_after < desk.clock() else "有效"
    return f"{read_certificate(desk.workspace.object(newest.id)).number[:9]}，{words}"


def _heard(desk: Seat, office: str) -> str:
    """第 3 次，12-15: what came last of the office."""
    last = next((one for one in desk.workspace.arrivals(office=office) if one.seq), None)
    return f"第 {last.seq} 次，{last.at.astimezone(LOCAL):%m-%d}" if last is not None else "还没收到过"


# --- compared --------------------------------------------------------------------------------------------------------


def compare(desk: Seat, sha256: str, group: int, typed: str) -> bool:
    """Is this group (from 0) the request's own? A wrong one is a miss and journalled; the third ends the request.

    DeskError "recovery.ended", "recovery.gone", "recovery.code_short" (four digits are a group; no miss)."""
    read, known = _waiting(desk, sha256)
    heard = _digits(typed)
    if len(heard) != GROUP:
        raise _short_code(len(heard), GROUP)
    if heard == _digits(read.code)[group * GROUP : (group + 1) * GROUP]:
        return True
    _missed(desk, read, known, group=group + 1)
    return False


def answer(desk: Seat, request: bytes, typed_code: str, password: str, *, way: Way, identity: Identity) -> bytes:
    """The bytes of the .cbrea, once the code that was read aloud is the file's. Journalled with way and identity; the
    lost key is noted to be revoked.

    DeskError "recovery.code" (with the tries left), "recovery.code_short" (no miss), "recovery.ended" after three
    misses, "recovery.refused", "recovery.expired", "recovery.not_ours"; TrustError "password.wrong" (no miss),
    "envelope.not_for_us" (locked for others)."""
    from cunbao.exchange.recovery import wrap_label, write_answer
    from cunbao.trust.recovery import open_recovery

    read = look_at(request)
    _refuse_foreign(desk.office.code, read)
    known = _known(desk, read)
    _refuse_done(desk, read, known)
    typed, code = _digits(typed_code), _digits(read.code)
    if len(typed) != len(code):
        raise _short_code(len(typed), len(code))
    if typed != code:
        raise _wrong_code(_missed(desk, read, known))
    signer = devices.unlock_signer(desk.workspace, desk.person, password)
    own = devices.device(desk.workspace)
    secret = _first_opened(read, lambda wrap: open_recovery(wrap, own.readers, label=wrap_label(read.office)))
    now = desk.clock()
    data = write_answer(read, secret, signer, when=now)
    known["answered"] += 1
    with desk.workspace.atomic():
        _keep(desk, read, known)
        if read.device:
            to_revoke = desk.workspace.setting(TO_REVOKE, {})
            line = {"office": read.office, "at": now.astimezone(UTC).isoformat()}
            desk.workspace.set_setting(TO_REVOKE, {read.device: line, **to_revoke})
        desk.journal(
            "recovery_answer",
            request=read.sha256,
            office=read.office,
            person=read.person,
            way=way.value,
            identity=identity.value,
        )
    return data


def write_answer_file(
    desk: Seat, sha256: str, typed_code: str, password: str, folder: Path, *, way: Way, identity: Identity
) -> Path:
    """答复: `answer` written into `folder` and read back from it. An answer that could not be written is written again:
    the same request may be answered as often as the stick fails. Errors as of `answer`, and what `media` says."""
    read, _ = _kept(desk, sha256)
    volume = media.volume_of(folder, what=WHAT)
    data = answer(desk, read.data, typed_code, password, way=way, identity=identity)
    path = folder / answer_name(read.data)
    media.write_file(path, data, what=WHAT, on=volume)
    media.read_back(path, data, what=WHAT)
    return path


def refuse(desk: Seat, sha256: str) -> None:
    """对不上，不答复: this request ends; whoever really asks writes another one."""
    read, known = _waiting(desk, sha256)
    known["refused"] = True
    with desk.workspace.atomic():
        _keep(desk, read, known)
        desk.journal("recovery_refused", request=read.sha256, office=read.office, person=read.person)


def answer_name(request: bytes) -> str:
    """勐混镇曼蚌村-恢复答复.cbrea."""
    from cunbao.exchange.recovery import ANSWER_SUFFIX

    return f"{look_at(request).name.replace(' ', '')}-{WHAT}{ANSWER_SUFFIX}"


# --- on paper --------------------------------------------------------------------------------------------------------


def slip(desk: Seat, sha256: str) -> Drawn:
    """核对单 (14) with empty boxes for the digits: ours stay hidden on paper too."""
    from cunbao.paper import RecoverySlip, draw_recovery_slip

    one = next(found for found in requests(desk) if found.sha256 == sha256)
    town = desk.workspace.office(one.office.code[:9] + "000")
    county = desk.workspace.office(one.office.code[:6] + "000000")
    above = county.short if county is not None else ""
    between = town.short if town is not None and one.office.level == "village" else ""
    return draw_recovery_slip(
        RecoverySlip(
            county=above,
            office=one.office,
            full_name=f"{above}{between}{one.office.name}",
            superior=town if one.office.level == "village" else None,
            number=one.number[-2:],
            person=one.person,
            role="",
            made_at=one.made_at.astimezone(LOCAL),
            until=one.until.astimezone(LOCAL),
            printed_at=desk.clock().astimezone(LOCAL),
            device=one.device,
        )
    )


# --- what is kept ----------------------------------------------------------------------------------------------------


def _known(desk: Seat, read: RecoveryRequest) -> dict[str, Any]:
    fresh = {"office": read.office, "person": read.person, "misses": 0, "answered": 0, "number": _next(desk, read)}
    known: dict[str, Any] = desk.workspace.setting(f"{REQUESTS}/{read.sha256}", fresh)
    return {"number": fresh["number"], **known}


def _next(desk: Seat, read: RecoveryRequest) -> int:
    """The running number of the office's requests."""
    kept = desk.workspace.settings(f"{REQUESTS}/").items()
    return 1 + sum(bool(name != TO_REVOKE and said.get("office") == read.office) for name, said in kept)


def _keep(desk: Seat, read: RecoveryRequest, known: dict[str, Any]) -> None:
    desk.workspace.set_setting(f"{REQUESTS}/{read.sha256}", {**known, "request": read.data.decode()})


def _kept(desk: Seat, sha256: str) -> tuple[RecoveryRequest, dict[str, Any]]:
    known = desk.workspace.setting(f"{REQUESTS}/{sha256}", None)
    if known is None or "request" not in known:
        raise DeskError(
            "recovery.gone", happened="这份申请不在这里", safe="没有答复任何人", todo="请重新读一次申请文件"
        )
    return look_at(known["request"].encode()), known


def _waiting(desk: Seat, sha256: str) -> tuple[RecoveryRequest, dict[str, Any]]:
    read, known = _kept(desk, sha256)
    _refuse_done(desk, read, known)
    return read, known


def _refuse_done(desk: Seat, read: RecoveryRequest, known: dict[str, Any]) -> None:
    state = _state(desk, read, known)
    if state == ENDED:
        raise _ended()
    if state == REFUSED:
        raise DeskError(
            "recovery.refused",
            happened="这份恢复申请已经定了不答复",
            safe="没有答复，对方的资料还是锁着的",
            todo="请核实是谁写的申请；确是本人，让他重新写一份",
        )
    if state == EXPIRED:
        raise DeskError(
            "recovery.expired",
            happened=f"{read.made_at.astimezone(LOCAL):%m-%d %H:%M} 写的恢复申请已过 {VALID.days} 天，答复了也打不开",
            safe="没有答复，对方的资料还是锁着的",
            todo="请对方重新写一份恢复申请；这台电脑的日期不对的，先调对",
        )


def _missed(desk: Seat, read: RecoveryRequest, known: dict[str, Any], **where: int) -> int:
    """One more miss, written down at once; how many tries are left."""
    misses = int(known["misses"]) + 1
    known["misses"] = misses
    with desk.workspace.atomic():
        _keep(desk, read, known)
        desk.journal("recovery_code_wrong", request=read.sha256, office=read.office, misses=misses, **where)
    return MISSES - misses


def _first_opened(request: RecoveryRequest, opened: Callable[[Any], bytes]) -> bytes:
    trouble: TrustError | None = None
    for wrap in request.wraps:
        try:
            return opened(wrap)
        except TrustError as one:
            trouble = one
    assert trouble is not None  # a request has at least one wrap
    raise trouble


def _digits(text: str) -> str:
    """The digits that were meant: full-width ones count, anything between them does not."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isascii() and sign.isdigit())


def _refuse_foreign(own: str, request: RecoveryRequest) -> None:
    """Villages are answered by their township, anybody of the county by the county."""
    superior = request.office != own and own in (request.office[:9] + "000", request.office[:6] + "000000")
    if not superior:
        raise DeskError(
            "recovery.not_ours",
            happened=f"{request.name}（{request.office}）不归这里管",
            safe="没有答复，也没有改动任何资料",
            todo="请他们找自己的乡镇，或者县里",
        )


def _short_code(digits: int, wanted: int) -> DeskError:
    return DeskError(
        "recovery.code_short",
        happened=f"核对码要 {wanted} 位数字，只填了 {digits} 位",
        safe="没有答复，也没有算作错一次",
        todo="请对方一组一组地念，写满六组",
    )


def _wrong_code(left: int) -> DeskError:
    if left <= 0:
        return _ended()
    return DeskError(
        "recovery.code",
        happened="听到的核对码和申请文件对不上",
        safe="没有答复，对方的资料还是锁着的",
        todo=f"请拨登记的号码，让本人再念一遍；再错 {left} 次这份申请就作废",
    )


def _ended() -> DeskError:
    return DeskError(
        "recovery.ended",
        happened=f"核对码错了 {MISSES} 次，这份恢复申请作废",
        safe="没有答复，对方的资料还是锁着的",
        todo="请核实是谁写的申请；确是本人，让他重新写一份",
    )
