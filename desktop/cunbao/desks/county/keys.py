"""The townships' keys, as the county sees them: one live workspace a township, and what follows when it is lost.

A lost CA key is revoked with the list of the keys that it certified and that still count, the lost desk's own key with
what it decided and the county holds. The township's new CA then certifies those same keys again
(`certified.certify_again`). Source: protocol §4.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cunbao.desks import decisions, ledger, taking
from cunbao.desks.clock import local_day
from cunbao.desks.county.desk import CountyDesk
from cunbao.errors import DeskError
from cunbao.store import CertificateRecord, DecisionRecord
from cunbao.survey.decision import Act
from cunbao.survey.evidence import Evidence
from cunbao.survey.states import Kind

if TYPE_CHECKING:
    from cunbao.trust.certs import CertRole


def live(county: CountyDesk, office: str) -> CertificateRecord | None:
    """The certificate of the CA key by which a township works now, None when it has none or all are revoked."""
    from cunbao.trust.certs import CertRole

    revoked = {one.key for one in ledger.judge_of(county.workspace).revocations}
    held = county.workspace.certificates(office=office, role=CertRole.TOWNSHIP_CA.value)
    standing = [one for one in held if one.key not in revoked]
    return max(standing, key=lambda one: one.not_after, default=None)


def refuse_second_desk(county: CountyDesk, office: str, name: str, key: str) -> None:
    """DeskError "township.enrolled" when another key works for this township. key: key_id of the one that asks."""
    held = live(county, office)
    if held is not None and held.key != key:
        raise DeskError(
            "township.enrolled",
            happened=f"{name}已经有一个工作台，{local_day(held.not_before):%Y-%m-%d}领的证书",
            safe="没有签发证书，原来的工作台照常用",
            todo="一个乡镇只有一个工作台；原来的电脑丢了或坏了，先吊销它的证书，再给新的签发",
        )


def certified_by(county: CountyDesk, office: str) -> tuple[str, ...]:
    """Keys of the township's desk and of its villages' computers that the county knows of: by default what stays
    honoured when the township's own key is lost."""
    from cunbao.trust.certs import CertRole

    villages = [one.code for one in county.workspace.offices(office)]
    found = set(_keys(county, [office], CertRole.TOWNSHIP_DESK)) | set(_keys(county, villages, CertRole.VILLAGE_DEVICE))
    return tuple(sorted(found))


def _keys(county: CountyDesk, offices: Iterable[str], role: CertRole) -> Iterable[str]:
    for office in offices:
        yield from (one.key for one in county.workspace.certificates(office=office, role=role.value) if one.signs)


def revoke_township(
    county: CountyDesk, office: str, reason: str, *, honoured: Iterable[str] | None = None
) -> tuple[DecisionRecord, ...]:
    """吊销 a township's CA key and its desk's key. honoured: the key_ids certified that still count, None: all that the
    county knows of. The desk's key counts for what it signed and the county holds.

    DeskError "township.none" when nothing of it is live, "revoke.reason" without a reason."""
    from cunbao.trust.certs import CertRole

    ca = live(county, office)
    if ca is None:
        raise DeskError(
            "township.none", happened="这个乡镇没有有效的证书", safe="没有改动任何证书", todo="请核对是哪个乡镇"
        )
    if not reason.strip():
        raise DeskError("revoke.reason", happened="没有写吊销的原因", safe="没有改动任何证书", todo="请写一句原因")
    counted = certified_by(county, office) if honoured is None else tuple(honoured)
    desks = sorted(set(_keys(county, [office], CertRole.TOWNSHIP_DESK)))
    with county.workspace.atomic():
        made = [_revoke(county, office, ca.key, counted, reason)]
        made += [_revoke(county, office, key, _signed_by_desk(county, office), reason) for key in desks]
        taking.rejudge(county.workspace, county.task, None)
        county.journal("revoke_township", office=office, key=ca.key, honoured=len(counted), reason=reason.strip())
    return tuple(made)


def _revoke(county: CountyDesk, office: str, key: str, names: Iterable[str], reason: str) -> DecisionRecord:
    villages = [one.code for one in county.workspace.offices(office)]
    return decisions.at_large(
        county,
        Act.REVOKE,
        county.task.period,
        villages,
        reason=reason,
        names=names,
        about=(("key", key), ("office", office)),
    )


def _signed_by_desk(county: CountyDesk, office: str) -> set[str]:
    """What the township's desk signed and the county holds: decisions, 代报 returns, scans of their papers."""
    from cunbao.trust.certs import read_certificate

    workspace = county.workspace
    found = {one.id for act in Act for one in workspace.decisions_of_act(act.value) if one.office == office}
    villages = {one.code for one in workspace.offices(office)}
    computers = {read_certificate(workspace.object(one.id)).device for one in workspace.certificates(office=office)}
    found |= {one.id for one in workspace.stubs_by({office, *computers} - {""})}  # of years moved out
    for village, period in workspace.offices_with_returns():
        if village in villages:
            found |= {one.id for one in workspace.revisions_of(village, period) if one.kind == Kind.PROXY.code}
            scans = workspace.evidence_of(village, period)
            found |= {one.id for one in scans if Evidence.decode(workspace.object(one.id)).office == office}
    return found
