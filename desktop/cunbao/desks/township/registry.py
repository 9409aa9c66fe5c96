"""登记: computers that ask for a certificate are approved or refused, each by itself; the view of all of them.

The code is typed as it is read aloud; the program compares, three misses end a request. Approval binds exactly the
bytes that asked, and what waited for it is taken (protocol §4). What becomes of a certificate stands in `certified`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices, media, taking
from cunbao.desks.answering import TO_REVOKE
from cunbao.desks.clock import LOCAL
from cunbao.desks.seat import Seat
from cunbao.desks.township import certified
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import CertificateView, EnrolView, RequestView
from cunbao.errors import DeskError, TrustError
from cunbao.store import CertificateRecord, DeviceRecord
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.trust.enrol import Request

ASKED, APPROVED, REFUSED, ENDED = "asked", "approved", "refused", "ended"
TRIES = 3
SOON = timedelta(days=30)
UNWRITTEN = "restore/unwritten"  # setting: offices whose restore was approved and whose receipt waits to be written
MOST = 64 * 1024  # bytes of a request file that is looked at


# --- requests --------------------------------------------------------------------------------------------------------


def note_request(desk: Seat, asked: Request, *, came: str) -> DeviceRecord:
    """Keep a request, however often it comes; one that was decided stays decided."""
    key = key_of(asked)
    held = next((one for one in desk.workspace.devices(asked.office) if one.id == key), None)
    if held is not None and held.state != ENDED:
        return held
    record = DeviceRecord(
        id=key,
        office=asked.office,
        name=certified.device_name(asked.device),
        state=ASKED,
        since=desk.clock(),
        request=desk.workspace.add_object("request", asked.data),
    )
    if held is not None and held.request == record.request:
        return held  # the same bytes do not get three more tries
    with desk.workspace.atomic():
        desk.workspace.add_device(record)
        desk.workspace.set_setting(f"enrol/{key}", {"came": came, "tries": 0, "person": asked.person})
    return record


def add_request(desk: TownshipDesk, path: Path) -> RequestView:
    """读申请文件: a .cbreq that came by itself. ExchangeError "request.damaged"; DeskError "file.unreadable",
    "request.other"."""
    from cunbao.exchange.enrol import read_request_file
    from cunbao.trust.certs import CertRole

    try:
        size, data = media.read_whole(path, MOST)
        if size > MOST:
            raise OSError(f"{size} bytes")
        asked = read_request_file(data)
    except OSError as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{media.shown_name(path)}”读不出来，或不是证书申请",
            safe="没有改动任何资料",
            todo="请选村里送来的 .cbreq 文件",
            detail=str(trouble),
        ) from trouble
    if asked.role is not CertRole.VILLAGE_DEVICE or asked.office not in {one.code for one in desk.villages}:
        raise DeskError(
            "request.other",
            happened=f"这份申请是{taking.brief(asked.name)}（{asked.office}）的，不归本镇核准",
            safe="没有签发证书",
            todo="一个镇只有一个工作台；别的乡镇的村，由那个乡镇核准",
        )
    day = desk.clock().astimezone(LOCAL)
    with desk.workspace.atomic():
        record = note_request(desk, asked, came=f"{day:%m-%d} 单独送来的申请文件")
        desk.journal("add_request", office=asked.office, device=asked.device)
    return _request_view(desk, record)


def approve(desk: TownshipDesk, key: str, typed_code: str, password: str) -> tuple[str, ...]:
    """核准 the computer with this key, its 24 digits typed as read aloud. What waited for it is taken.

    key: of the RequestView. TrustError "enrol.code" (with the tries that are left), "password.wrong"; DeskError
    "request.gone". Gives the names of the files that were taken now."""
    from cunbao.desks import receiving
    from cunbao.trust.pki import approve as certify

    record = asked(desk, key)
    request = desk.workspace.object(record.request)
    authority = township.unlock_ca(desk, password)
    compare(desk, key, typed_code)
    issued = certify(authority, request, typed_code, now=desk.clock())
    with desk.workspace.atomic():
        devices.keep_certificates(desk.workspace, (issued.signing, issued.decryption, *issued.chain))
        signing = desk.workspace.add_object("certificate", issued.signing)
        desk.workspace.add_device(replace(record, state=APPROVED, certificate=signing))
        taking.rejudge(desk.workspace, desk.task, {record.office})
        desk.journal("approve_device", office=record.office, device=record.name, key=record.id)
        lines = receiving.take_aside(desk, record.id)
    return tuple(one.file_name for one in lines)


def compare(desk: TownshipDesk, key: str, typed_code: str) -> None:
    """The digits typed as read aloud against the request's own. A miss is counted at once, outside of whatever else
    the caller does with it: TrustError "enrol.code", with the tries that are left."""
    from cunbao.trust.enrol import comparison_code

    record = asked(desk, key)
    digits = "".join(sign for sign in typed_code if sign.isdigit())
    if digits != comparison_code(desk.workspace.object(record.request)):
        raise _missed(desk, record)


def refuse(desk: TownshipDesk, key: str, reason: str) -> None:
    """不核准: the request ends; files that waited for it are let go, the village still has them."""
    record = asked(desk, key)
    with desk.workspace.atomic():
        desk.workspace.add_device(replace(record, state=REFUSED))
        _let_go(desk, record.id)
        desk.journal("refuse_device", office=record.office, key=record.id, reason=reason)


def _let_go(desk: TownshipDesk, key: str) -> None:
    """What waited for this key: the room is for others, the village still has its files."""
    for one in desk.workspace.aside(key):
        desk.workspace.drop_aside(one.sha256)


def office_of_request(desk: TownshipDesk, key: str) -> str:
    """12 digits of the office whose computer asks with this key. DeskError "request.gone"."""
    return asked(desk, key).office


def asked(desk: TownshipDesk, key: str) -> DeviceRecord:
    """The request of a computer that waits to be approved. DeskError "request.gone"."""
    record = next((one for one in desk.workspace.devices() if one.id == key and one.state == ASKED), None)
    if record is None:
        raise DeskError(
            "request.gone",
            happened="这份申请已经办过，或比对错了三次已作废",
            safe="没有签发证书",
            todo="请村里重新送一份证书申请",
        )
    return record


def _missed(desk: TownshipDesk, record: DeviceRecord) -> TrustError:
    """One more miss; the third ends the request."""
    noted = desk.workspace.setting(f"enrol/{record.id}", {})
    tries = int(noted.get("tries", 0)) + 1
    with desk.workspace.atomic():
        desk.workspace.set_setting(f"enrol/{record.id}", {**noted, "tries": tries})
        if tries >= TRIES:
            desk.workspace.add_device(replace(record, state=ENDED))
            _let_go(desk, record.id)
        desk.journal("enrol_code_missed", office=record.office, key=record.id, tries=tries)
    left = TRIES - tries
    return TrustError(
        "enrol.code",
        happened="输入的比对码和这份申请的不一样",
        safe="没有签发证书",
        todo=f"请对方再念一遍，还可以试 {left} 次" if left > 0 else "三次都不对，这份申请作废；请村里重新送一份申请",
    )


# --- villages brought back (`rebirth`) -------------------------------------------------------------------------------


def restored(desk: TownshipDesk, office: str) -> bool:
    """Was 全部还原 approved for this office? Then its receipt can be written again."""
    return bool(desk.workspace.setting(f"restore/{office}", ""))


def unwritten(desk: TownshipDesk) -> tuple[Office, ...]:
    """Villages whose 全部还原 was approved and whose receipt could not be written: the stick failed."""
    waiting = set(desk.workspace.setting(UNWRITTEN, []))
    return tuple(one for one in desk.villages if one.code in waiting)


def note_unwritten(desk: TownshipDesk, office: str, *, waits: bool) -> None:
    """The receipt of a village that is brought back is still to be written, or is written now."""
    others = set(desk.workspace.setting(UNWRITTEN, [])) - {office}
    desk.workspace.set_setting(UNWRITTEN, sorted({*others, office} if waits else others))


# --- views -----------------------------------------------------------------------------------------------------------


def enrol_view(desk: TownshipDesk) -> EnrolView:
    """township-05."""
    from cunbao.trust.certs import CertRole

    newest: dict[str, CertificateRecord] = {}
    for one in desk.workspace.certificates(role=CertRole.VILLAGE_DEVICE.value):
        if one.signs and (one.key not in newest or newest[one.key].not_after < one.not_after):
            newest[one.key] = one
    known = {one.code for one in desk.villages}
    revoked = certified.revoked_keys(desk)
    lines = [_certificate_view(desk, one, revoked) for one in newest.values() if one.office in known]
    lines.sort(key=lambda one: (one.office, one.until, one.key))
    return EnrolView(
        requests=tuple(_request_view(desk, one) for one in desk.workspace.devices() if one.state == ASKED),
        certificates=tuple(lines),
        computers=sum(one.state != "revoked" for one in lines),
        soon=sum(one.state in ("soon", "expired") for one in lines),
        revoked=sum(one.state == "revoked" for one in lines),
        unwritten=unwritten(desk),
    )


def _request_view(desk: TownshipDesk, record: DeviceRecord) -> RequestView:
    noted = desk.workspace.setting(f"enrol/{record.id}", {})
    waiting = desk.workspace.aside(record.id)
    return RequestView(
        sha256=record.id,
        office=record.office,
        name=desk.village(record.office).short,
        device=record.name,
        person=noted.get("person", ""),
        came=noted.get("came", ""),
        tries_left=max(0, TRIES - int(noted.get("tries", 0))),
        returns=len({form for one in waiting for form in one.forms}),
        replaces=_replaces(desk, record.office),
        earlier=bool(desk.workspace.certificates(office=record.office)),
    )


def _replaces(desk: TownshipDesk, office: str) -> str:
    """What a key that was lost with a forgotten password leaves to do: it is live until it is revoked."""
    revoked = certified.revoked_keys(desk)
    lost = {key for key, said in desk.workspace.setting(TO_REVOKE, {}).items() if said["office"] == office} - revoked
    numbers = [
        certified.certificate_of(desk, one).number[:9]
        for key in sorted(lost)
        for one in desk.workspace.certificates(key=key)[-1:]
    ]
    return f"找回过密码：核准以后，请吊销原来的证书 {'、'.join(numbers)}" if numbers else ""


def _certificate_view(desk: TownshipDesk, record: CertificateRecord, revoked: frozenset[str]) -> CertificateView:
    from cunbao.desks.receiving import TAKEN

    read = certified.certificate_of(desk, record)
    now = desk.clock()
    state, words = "valid", "有效"
    days = (record.not_after.astimezone(LOCAL).date() - now.astimezone(LOCAL).date()).days
    if record.key in revoked:
        noted = desk.workspace.setting(f"revoked/{record.key}", {})
        state, words = "revoked", f"已吊销，{noted.get('words', '名单以外的不认')}"
    elif record.not_after < now:
        state, words = "expired", f"{record.not_after.astimezone(LOCAL):%Y-%m-%d} 已到期"
    elif record.not_after - now < SOON:
        state, words = "soon", f"还有 {days} 天到期"
    used = [
        one.seq
        for device, epoch in desk.workspace.lives(record.office, TAKEN)
        if device == read.device
        for one in desk.workspace.packages_of(device, epoch, TAKEN)
    ]
    renewed = desk.workspace.setting(f"renewed/{record.key}", "")
    return CertificateView(
        key=record.key,
        office=record.office,
        name=desk.village(record.office).short,
        device=certified.device_name(read.device),
        number=read.number[:9],
        until=record.not_after.astimezone(LOCAL).date(),
        state=state,
        words=words,
        used=f"第 {used[-1]} 次" if used else "—",
        renewed=bool(renewed),
        restored=restored(desk, record.office),
    )


def key_of(asked: Request) -> str:
    """key_id of the key that asks."""
    from hashlib import sha256

    from cunbao.trust.keys import public_bytes

    return sha256(public_bytes(asked.signing_key)).hexdigest()
