"""证书 of a county: townships approved, renewed, revoked; their computers seen, one of them revoked over their heads.

The county certifies townships' CA keys and nobody else; which computers there are it knows from what was sent on.
Source: ui/design.md county-07, protocol §4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import decisions, devices, ledger, media, offered, outbox, taking
from cunbao.desks.clock import local_day
from cunbao.desks.county import desk as county
from cunbao.desks.county import keys, rootkey
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.rootkey import RootView
from cunbao.errors import DeskError
from cunbao.store import CertificateRecord
from cunbao.survey.codes import grouped
from cunbao.survey.decision import Act
from cunbao.survey.evidence import Evidence
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.exchange.papers import CaRequest

SOON = timedelta(days=30)
TRIES = 3
TRIED = "papers_tried/"  # setting, with the request's code behind it: misses so far
PAPERS, DESK = ".cbca", ".cbdesk"
REASONS = ("电脑丢失或被盗", "换了新电脑", "密码可能外泄", "填报员调离")
VALID, ENDING, ENDED, REVOKED, NONE = "valid", "soon", "expired", "revoked", "none"


@dataclass(frozen=True, slots=True)
class ComputerLine:
    """One computer under a township. number: certificate number, short; until: local day; state: VALID, ENDING, ENDED
    or REVOKED; key: its key_id; own: the township's own desk."""

    key: str
    office: str
    name: str
    device: str
    number: str
    until: date
    state: str
    words: str
    own: bool


@dataclass(frozen=True, slots=True)
class TownshipLine:
    """One township. until: None without a certificate; prefix: the nine digits to which its CA is held; known: its
    desk's certificates are here, so that a pack can name whom villages seal for."""

    office: str
    name: str
    prefix: str
    until: date | None
    state: str
    words: str
    computers: tuple[ComputerLine, ...]
    known: bool


@dataclass(frozen=True, slots=True)
class CertificatesView:
    """county-07. next: the township whose certificate ends soonest within 30 days, "" none."""

    root: RootView
    townships: tuple[TownshipLine, ...]
    computers: int
    soon: int
    revoked: int
    next: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """A township's request as it was read. tries_left: of 3; live: it has a certificate for another key already."""

    path: Path
    office: str
    name: str
    known: bool
    renews: bool
    live: str
    tries_left: int


@dataclass(frozen=True, slots=True)
class Honour:
    """认到哪一天: ids that would still count. falls: (B01 曼蚌村, 用回第 1 版 | 没有了) of what would not."""

    words: str
    ids: tuple[str, ...]
    falls: tuple[tuple[str, str], ...]


def view(desk: CountyDesk) -> CertificatesView:
    """county-07. DeskError "task.none" is never raised: certificates come before the first pack."""
    revoked = frozenset(one.key for one in ledger.judge_of(desk.workspace).revocations)
    townships = tuple(_township(desk, one, revoked) for one in desk.townships)
    states = [*(one.state for one in townships), *(one.state for town in townships for one in town.computers)]
    ending = sorted((one.until, one.office) for one in townships if one.state in (ENDING, ENDED) and one.until)
    return CertificatesView(
        root=rootkey.root_view(desk),
        townships=townships,
        computers=sum(one.state != REVOKED for town in townships for one in town.computers),
        soon=sum(one in (ENDING, ENDED) for one in states),
        revoked=sum(one == REVOKED for one in states),
        next=ending[0][1] if ending else "",
    )


def _township(desk: CountyDesk, office: Office, revoked: frozenset[str]) -> TownshipLine:
    from cunbao.trust.certs import CertRole

    held = desk.workspace.certificates(office=office.code, role=CertRole.TOWNSHIP_CA.value)
    live = keys.live(desk, office.code)
    codes = [office.code, *(one.code for one in desk.workspace.offices(office.code))]
    names = {one.code: one.short for one in desk.workspace.offices()}
    computers = _computers(desk, codes, names, revoked)
    shown = live or max(held, key=lambda one: one.not_after, default=None)
    state, words = (NONE, "还没有证书") if shown is None else _state(desk, shown, revoked)
    return TownshipLine(
        office=office.code,
        name=office.short,
        prefix=office.code[:9],
        until=local_day(shown.not_after) if shown is not None else None,
        state=state,
        words=words,
        computers=computers,
        known=any(one.own and one.state != REVOKED for one in computers),
    )


def _computers(
    desk: CountyDesk, codes: Sequence[str], names: Mapping[str, str], revoked: frozenset[str]
) -> tuple[ComputerLine, ...]:
    """The newest certificate of each signing key, the township's own desk first."""
    from cunbao.trust.certs import CertRole

    newest: dict[str, CertificateRecord] = {}
    wanted = {CertRole.TOWNSHIP_DESK.value, CertRole.VILLAGE_DEVICE.value}
    for code in codes:
        for one in desk.workspace.certificates(office=code):
            if (
                one.signs
                and one.role in wanted
                and (one.key not in newest or newest[one.key].not_after < one.not_after)
            ):
                newest[one.key] = one
    lines = [_computer(desk, one, names, revoked) for one in newest.values()]
    return tuple(sorted(lines, key=lambda one: (not one.own, one.office, one.until, one.key)))


def _computer(
    desk: CountyDesk, record: CertificateRecord, names: Mapping[str, str], revoked: frozenset[str]
) -> ComputerLine:
    from cunbao.trust.certs import CertRole, read_certificate

    read = read_certificate(desk.workspace.object(record.id))
    state, words = _state(desk, record, revoked)
    return ComputerLine(
        key=record.key,
        office=record.office,
        name=names.get(record.office, record.office),
        device=read.device[:4].upper(),
        number=read.number,
        until=local_day(record.not_after),
        state=state,
        words=words,
        own=record.role == CertRole.TOWNSHIP_DESK.value,
    )


def _state(desk: CountyDesk, record: CertificateRecord, revoked: frozenset[str]) -> tuple[str, str]:
    now = desk.clock()
    if record.key in revoked:
        return REVOKED, "已吊销"
    if record.not_after < now:
        return ENDED, "已到期"
    if record.not_after - now < SOON:
        return ENDING, f"还有 {(local_day(record.not_after) - local_day(now)).days} 天"
    return VALID, "有效"


# --- townships -------------------------------------------------------------------------------------------------------


def read_request(desk: CountyDesk, path: Path) -> RequestView:
    """Look at a township's .cbreq; nothing is decided. DeskError "file.unreadable", "request.ended"; ExchangeError
    "papers.damaged"."""
    asked = _asked(path)
    office = next((one for one in desk.townships if one.code == asked.office), None)
    live = keys.live(desk, asked.office)
    key = _key(asked.public)
    left = TRIES - int(desk.workspace.setting(f"{TRIED}{asked.code}", 0))
    if left <= 0:
        raise _ended()
    return RequestView(
        path=path,
        office=asked.office,
        name=office.short if office is not None else asked.name,
        known=office is not None,
        renews=live is not None and live.key == key,
        live=f"{local_day(live.not_before):%Y-%m-%d} 已经给另一台电脑签发过" if live and live.key != key else "",
        tries_left=left,
    )


def approve(desk: CountyDesk, path: Path, typed: str, password: str, folder: Path) -> Path:
    """核准 a township: its 24 digits were read aloud and typed; its certificate is written to `folder` as .cbca.

    DeskError "enrol.code" (three misses end the request), "office.unknown", "township.enrolled", "request.ended",
    "root.not_yours", "disk.full" …; TrustError "password.wrong"."""
    asked = _asked(path)
    office = next((one for one in desk.townships if one.code == asked.office), None)
    if office is None:
        raise DeskError(
            "office.unknown", happened=f"名录里没有 {asked.name}（{asked.office}）", safe="没有签发证书",
            todo="请先把它写进单位名录，再核准",
        )  # fmt: skip
    tried = f"{TRIED}{asked.code}"
    misses = int(desk.workspace.setting(tried, 0))
    if misses >= TRIES:
        raise _ended()
    if "".join(typed.split()) != asked.code:
        with desk.workspace.atomic():
            desk.workspace.set_setting(tried, misses + 1)
            desk.journal("enrol_code_missed", office=office.code, tries=misses + 1)
        left = TRIES - misses - 1
        raise DeskError(
            "enrol.code", happened="输入的比对码和这份申请的不一样", safe="没有签发证书",
            todo=f"请对方再念一遍，还可以试 {left} 次" if left else "三次都不对，这份申请作废；请乡镇重新写一份",
        )  # fmt: skip
    papers = county.certify_township(desk, office, asked.public, password)
    written = _write(desk, office, papers.certificate, papers.chain, folder)
    offered.taken_file(desk.workspace, path)
    return written


def renew(desk: CountyDesk, township: str, password: str, folder: Path) -> Path:
    """换发: the same CA key certified for a further term; the old certificate goes on beside it until it ends.

    DeskError "township.none"; TrustError "password.wrong"."""
    from cunbao.trust.certs import read_certificate
    from cunbao.trust.keys import public_bytes

    live = keys.live(desk, township)
    office = next((one for one in desk.townships if one.code == township), None)
    if live is None or office is None:
        raise _nothing()
    public = public_bytes(read_certificate(desk.workspace.object(live.id)).public_key)
    papers = county.certify_township(desk, office, public, password)
    return _write(desk, office, papers.certificate, papers.chain, folder)


def _write(desk: CountyDesk, office: Office, certificate: bytes, chain: Sequence[bytes], folder: Path) -> Path:
    from cunbao.exchange import papers

    path = folder / f"{office.short}-县里签发的证书{PAPERS}"
    data = papers.write_papers(office.code, certificate, chain)
    media.write_file(path, data, what="证书")
    media.read_back(path, data, what="证书")
    outbox.keep(desk.workspace, path, data, office.code, now=desk.clock())
    return path


def take_desk(desk: CountyDesk, path: Path) -> str:
    """收下 a township's own desk certificates (.cbdesk), which the next pack names. Gives the township's short name.

    ExchangeError "papers.damaged", "papers.root"; DeskError "office.unknown", "file.unreadable", "papers.revoked"."""
    from cunbao.exchange import papers

    held = papers.read_desk(_bytes(path), root=desk.root)
    office = next((one for one in desk.townships if one.code == held.office), None)
    if office is None:
        raise DeskError(
            "office.unknown", happened=f"名录里没有 {held.office}", safe="没有收下", todo="请先把它写进单位名录"
        )
    live = keys.live(desk, office.code)
    if live is None or desk.workspace.object(live.id) != held.authority:
        raise DeskError(
            "papers.revoked", happened=f"这是{office.short}旧证书下的电脑", safe="没有收下",
            todo="请乡镇读入县里新签发的证书，再写一份给县里",
        )  # fmt: skip
    with desk.workspace.atomic():
        devices.keep_certificates(desk.workspace, (held.signing, held.decryption))
        desk.journal("take_desk", office=office.code)
        offered.taken_file(desk.workspace, path)
    return office.short


# --- revoking --------------------------------------------------------------------------------------------------------


def honours(desk: CountyDesk, key: str) -> tuple[Honour, ...]:
    """认到哪一天, of one computer: all that came, up to each day on which it signed, nothing. Newest first; each says
    which returns would fall back to which version."""
    office = _computer_office(desk, key)
    signed = _signed(desk, office, key)
    days = sorted({local_day(at) for at, _, _ in signed}, reverse=True)
    every = tuple(sorted(name for _, name, _ in signed))
    found = [Honour("认收到的全部", every, ())]
    for day in days[1:]:
        ids = {name for at, name, _ in signed if local_day(at) <= day}
        found.append(Honour(f"认到 {day:%m-%d} 签的", tuple(sorted(ids)), _falls(desk, office, set(every) - ids)))
    return (*found, Honour("一份也不认", (), _falls(desk, office, set(every))))


def revoke_computer(desk: CountyDesk, key: str, honour: Honour, reason: str, password: str) -> None:
    """吊销 one computer of a village or of a township, over the township's head; it cannot be undone.

    DeskError "revoke.reason", "computer.unknown"; TrustError "password.wrong"."""
    from cunbao.desks.settings import confirm_password

    office = _computer_office(desk, key)
    if not reason.strip():
        raise DeskError("revoke.reason", happened="没有写经过", safe="证书没有吊销", todo="请写一句经过，村里也看得到")
    confirm_password(desk, password, act="confirm")
    with desk.workspace.atomic():
        decisions.at_large(
            desk, Act.REVOKE, desk.task.period, [office], reason=reason, names=honour.ids,
            about=(("key", key), ("office", office)),
        )  # fmt: skip
        taking.rejudge(desk.workspace, desk.task, {office})
        desk.journal("revoke_device", office=office, key=key, reason=reason.strip(), honoured=len(honour.ids))


def revoke_township(desk: CountyDesk, township: str, reason: str, password: str) -> None:
    """吊销 a township's CA and desk; its villages' computers stay honoured. DeskError "township.none", "revoke.reason";
    TrustError "password.wrong"."""
    from cunbao.desks.settings import confirm_password

    confirm_password(desk, password, act="confirm")
    keys.revoke_township(desk, township, reason)


def _falls(desk: CountyDesk, office: str, gone: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What counts now and would not any more: the version that would count again, or none."""
    lost, workspace, found = set(gone), desk.workspace, []
    for at, form, stands in workspace.standings(desk.task.period, [office]):
        if stands.counted not in lost:
            continue
        earlier = [
            one
            for one in workspace.revisions(at, form, desk.task.period)
            if one.id in stands.accepted and one.id not in lost
        ]
        known = workspace.office(at)
        back = f"用回第 {earlier[-1].version} 版" if earlier else "不再算数，要重新签名报送"
        found.append((f"{known.short if known else at} {form}", back))
    return tuple(found)


def _signed(desk: CountyDesk, office: str, key: str) -> list[tuple[datetime, str, str]]:
    """(when, id, form) of all that the computer signed and the county holds."""
    from cunbao.trust.certs import read_certificate

    workspace = desk.workspace
    mine = {read_certificate(workspace.object(one.id)).device for one in workspace.certificates(office=office, key=key)}
    found = []
    for at, period in workspace.offices_with_returns():
        if at == office or office.endswith("000"):
            found += [
                (one.signed_at, one.id, one.form) for one in workspace.revisions_of(at, period) if one.device in mine
            ]
            for one in workspace.evidence_of(at, period):
                read = Evidence.decode(workspace.object(one.id))
                if read.device in mine:
                    found.append((read.at, one.id, ""))
    found += [(one.at, one.id, one.form) for one in workspace.stubs_by(mine - {""})]  # of years moved out
    if office.endswith("000"):
        found += [(one.at, one.id, "") for one in workspace.stubs_by([office])]
        found += [
            (one.at, one.id, "") for act in Act for one in workspace.decisions_of_act(act.value) if one.office == office
        ]
    return found


def _computer_office(desk: CountyDesk, key: str) -> str:
    held = desk.workspace.certificates(key=key)
    if not held:
        raise DeskError(
            "computer.unknown", happened="没有这台电脑的证书", safe="没有改动任何证书", todo="请重新打开证书这一页"
        )
    return held[0].office


# --- files -----------------------------------------------------------------------------------------------------------


def code_of(path: Path) -> str:
    """The 24 digits of a request in six groups; only for who made it, never shown to who compares."""
    return grouped(_asked(path).code)


def _asked(path: Path) -> CaRequest:
    from cunbao.exchange import papers

    return papers.read_ca_request(_bytes(path))


def _bytes(path: Path) -> bytes:
    from cunbao.exchange.papers import MOST

    try:
        if path.stat().st_size > MOST:
            raise OSError(f"{path.stat().st_size} bytes")
        return path.read_bytes()
    except OSError as trouble:
        raise DeskError(
            "file.unreadable", happened=f"“{path.name}”读不出来，或不是证书申请", safe="没有签发证书",
            todo="请选乡镇送来的 .cbreq 或 .cbdesk 文件", detail=str(trouble),
        ) from trouble  # fmt: skip


def _key(public: bytes) -> str:
    from hashlib import sha256

    return sha256(public).hexdigest()


def _ended() -> DeskError:
    return DeskError(
        "request.ended", happened="这份申请三次都没有对上，已经作废", safe="没有签发证书", todo="请乡镇重新写一份申请"
    )


def _nothing() -> DeskError:
    return DeskError(
        "township.none", happened="这个乡镇没有有效的证书", safe="没有改动任何证书", todo="请先核准它的证书申请"
    )
