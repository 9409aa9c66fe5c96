"""The certificates of the villages' computers: revoked, renewed, certified again under a new CA; which of them live.

Revocations only accumulate and name what is still honoured (protocol §4). Who asks for one stands in `registry`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cunbao.desks import decisions, devices, ledger, taking
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import RevokeChoice
from cunbao.errors import DeskError
from cunbao.store import CertificateRecord, EvidenceRecord
from cunbao.survey.decision import Act

if TYPE_CHECKING:
    from cunbao.trust.certs import Certificate

REVOKED = "revoked"  # state of a computer
CRL = "crl"  # setting: {number, object}


def revoke_choices(desk: TownshipDesk, key: str) -> tuple[RevokeChoice, ...]:
    """认到第几次: for each package of the computer what would still be honoured; the first is all that came."""
    from cunbao.desks.receiving import TAKEN

    record = _signing(desk, key)
    device = certificate_of(desk, record).device
    signed = {one.id for one in _revisions_by(desk, record.office, device)}
    signed |= {one.id for one in _scans_by(desk, record.office, device)}
    signed |= {one.id for one in desk.workspace.stubs_by([device], office=record.office)}  # of years moved out
    found = [RevokeChoice(-1, "认收到的全部", tuple(sorted(signed)))]
    for at, epoch in desk.workspace.lives(record.office, TAKEN):
        if at != device:
            continue
        honoured: set[str] = set()
        for one in desk.workspace.packages_of(device, epoch, TAKEN):
            honoured |= set(one.objects) & signed
            found.append(RevokeChoice(one.seq, f"认到第 {one.seq} 次", tuple(sorted(honoured))))
    return (*found, RevokeChoice(0, "一次也不认", ()))


def revoke(desk: TownshipDesk, key: str, choice: RevokeChoice, reason: str, password: str) -> str:
    """吊销 a computer's certificate; what `choice` names stays honoured. Gives the id of the signed revocation.

    TrustError "password.wrong"; DeskError "revoke.reason" without a reason."""
    if not reason.strip():
        raise DeskError(
            "revoke.reason", happened="没有写吊销的原因", safe="证书没有吊销", todo="请写一句原因，村里和县里都看得到"
        )
    record = _signing(desk, key)
    authority = township.unlock_ca(desk, password)
    with desk.workspace.atomic():
        about = (("key", record.key), ("office", record.office))
        kept = decisions.at_large(
            desk, Act.REVOKE, desk.task.period, [record.office], reason=reason, names=choice.ids, about=about
        )
        _list_revoked(desk, authority)
        held = [one for one in desk.workspace.devices(record.office) if one.id == record.key]
        for one in held:
            desk.workspace.add_device(replace(one, state=REVOKED))
        taking.rejudge(desk.workspace, desk.task, {record.office})
        desk.workspace.set_setting(f"revoked/{record.key}", {"through": choice.through, "words": choice.words})
        desk.journal("revoke_device", office=record.office, key=record.key, reason=reason.strip())
    return kept.id


def renew(desk: TownshipDesk, key: str, password: str) -> None:
    """换发: the same keys certified for a further term; the new certificates go with the next receipt."""
    from cunbao.trust.pki import renew as certify_again

    authority = township.unlock_ca(desk, password)
    record = _signing(desk, key)
    own = certificate_of(desk, record)
    theirs = [
        one
        for one in desk.workspace.certificates(office=record.office)
        if one.role == record.role and certificate_of(desk, one).device == own.device
    ]
    newest = {one.key: one for one in theirs}  # in the order of their start
    with desk.workspace.atomic():
        for one in newest.values():
            fresh = certify_again(authority, desk.workspace.object(one.id), now=desk.clock())
            devices.keep_certificates(desk.workspace, (fresh,))
            if one.signs:
                desk.workspace.set_setting(f"renewed/{one.key}", desk.workspace.add_object("certificate", fresh))
        desk.journal("renew_device", office=record.office, key=key)


def certify_again(desk: TownshipDesk, password: str) -> int:
    """After the township's CA key was lost and the county revoked it: the new CA certifies the keys that the county
    honours once more; the certificates go with the next receipts. Gives how many. TrustError "password.wrong"."""
    from cunbao.trust.certs import CertRole, read_certificate
    from cunbao.trust.chain import issued_by
    from cunbao.trust.pki import renew as certify

    authority = township.unlock_ca(desk, password)
    held = desk.workspace.certificates(office=desk.office.code, role=CertRole.TOWNSHIP_CA.value)
    lost = {one.key for one in held} - {read_certificate(authority.certificate).key_id}
    revocations = [one for one in ledger.judge_of(desk.workspace).revocations if one.key in lost]
    if not revocations:
        return 0
    honoured = frozenset.intersection(*(one.honoured for one in revocations))
    done = 0
    with desk.workspace.atomic():
        for village in desk.villages:
            for one in _computers(desk, village.code, honoured).values():
                if not issued_by(desk.workspace.object(one.id), authority.certificate):
                    fresh = certify(authority, desk.workspace.object(one.id), now=desk.clock())
                    devices.keep_certificates(desk.workspace, (fresh,))
                    done += one.signs
        desk.journal("certify_again", computers=done)
        taking.rejudge(desk.workspace, desk.task, None)
    return done


def _computers(desk: TownshipDesk, office: str, honoured: frozenset[str]) -> dict[str, CertificateRecord]:
    """The newest certificate of each key of an office's computers whose signing key is honoured."""
    newest: dict[str, CertificateRecord] = {}
    for one in desk.workspace.certificates(office=office):
        if one.key not in newest or newest[one.key].not_after < one.not_after:
            newest[one.key] = one
    good = {certificate_of(desk, one).device for one in newest.values() if one.key in honoured}
    return {key: one for key, one in newest.items() if certificate_of(desk, one).device in good}


def live_certificates(desk: TownshipDesk, office: str) -> tuple[CertificateRecord, ...]:
    """The newest certificate of every key of an office's computers that is not revoked."""
    from cunbao.trust.certs import CertRole

    newest: dict[str, CertificateRecord] = {}
    for one in desk.workspace.certificates(office=office, role=CertRole.VILLAGE_DEVICE.value):
        if one.key not in newest or newest[one.key].not_after < one.not_after:
            newest[one.key] = one
    revoked = revoked_keys(desk)
    gone = {certificate_of(desk, one).device for one in newest.values() if one.key in revoked}
    return tuple(one for one in newest.values() if certificate_of(desk, one).device not in gone)


def revoked_keys(desk: TownshipDesk) -> frozenset[str]:
    """Keys that a revocation names whose signer may revoke them; what anybody else says of a key is kept and heard by
    nobody."""
    said = ledger.judge_of(desk.workspace).revocations
    if not said:
        return frozenset()
    held = {(one.key, one.office) for one in desk.workspace.certificates()}
    return frozenset(one.key for one in said if (one.key, one.office) in held)


def _list_revoked(desk: TownshipDesk, authority: Any) -> None:
    """The CA's revocation list for other tools; ours reads the signed revocations."""
    from cunbao.trust.certs import read_certificate
    from cunbao.trust.pki import Revoked, make_crl

    gone = revoked_keys(desk)
    revoked = [
        Revoked(read_certificate(desk.workspace.object(one.id)).x509.serial_number, desk.clock())
        for one in desk.workspace.certificates()
        if one.key in gone and one.office.startswith(desk.office.code[:9])
    ]
    number = int(desk.workspace.setting(CRL, {"number": 0})["number"]) + 1
    made = make_crl(authority, revoked, number=number, now=desk.clock())
    desk.workspace.set_setting(CRL, {"number": number, "object": desk.workspace.add_object("crl", made)})


def _signing(desk: TownshipDesk, key: str) -> CertificateRecord:
    """The newest signing certificate of a key. DeskError "certificate.unknown"."""
    found = [one for one in desk.workspace.certificates(key=key) if one.signs]
    if not found:
        raise DeskError(
            "certificate.unknown", happened="没有找到这张证书", safe="没有改动任何证书", todo="请在名单里选一台电脑"
        )
    return max(found, key=lambda one: one.not_after)


def certificate_of(desk: TownshipDesk, record: CertificateRecord) -> Certificate:
    """The certificate of a record."""
    from cunbao.trust.certs import read_certificate

    return read_certificate(desk.workspace.object(record.id))


def _revisions_by(desk: TownshipDesk, office: str, device: str) -> Sequence[Any]:
    return [
        one
        for at, period in desk.workspace.offices_with_returns([office])
        for one in desk.workspace.revisions_of(at, period)
        if one.device == device
    ]


def _scans_by(desk: TownshipDesk, office: str, device: str) -> Sequence[EvidenceRecord]:
    from cunbao.desks import evidence

    return [
        one
        for at, period in desk.workspace.offices_with_returns([office])
        for one in desk.workspace.evidence_of(at, period)
        if evidence.maker(desk.workspace, one) == device
    ]


def device_name(device: str) -> str:
    """How a computer is called where nobody gave it a name: 电脑 3FA9."""
    return f"电脑 {device[:4].upper()}" if device else "电脑"
