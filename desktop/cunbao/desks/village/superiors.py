"""To whom a village writes: the decryption certificate of its township's desk that holds now.

The task pack brings one; a receipt may bring a newer one, when the township renewed its own or lost its keys. Only what
the root trusted here vouches for, and nobody has revoked, is used.
"""

from __future__ import annotations

from cunbao.desks import keyring, ledger, tasks
from cunbao.desks.village.desk import VillageDesk


def reader(desk: VillageDesk) -> bytes:
    """The township desk's newest decryption certificate (DER), of a desk whose signing key is good now."""
    from cunbao.trust.certs import CertRole, read_certificate
    from cunbao.trust.chain import Standing

    judge, role = ledger.judge_of(desk.workspace), CertRole.TOWNSHIP_DESK.value
    records = desk.workspace.certificates(office=desk.directory.township.code, role=role)
    held = [read_certificate(desk.workspace.object(one.id)) for one in records]
    good = {
        one.device
        for one in held
        if one.may_sign and judge.chain(one, (), at=desk.clock(), object_id="")[1].standing is Standing.VALID
    }
    to_read = [one for one in held if not one.may_sign and one.device in good]
    newest = max(to_read, key=lambda one: (one.not_before, one.not_after), default=None)
    return newest.der if newest is not None else desk.township_certificates()[2]


def rewrap(desk: VillageDesk) -> None:
    """Let the desk that reads now open the data key again when a password is forgotten (protocol §4)."""
    now = reader(desk)
    if now != desk.township_certificates()[2]:
        pack = tasks.read_pack(desk.workspace.object(desk.workspace.setting("taskpack", "")))
        keyring.rewrap(desk.workspace, desk.office.code, (pack.county[1], now))
