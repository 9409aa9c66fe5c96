"""The root's revocation list, for other tools: ours reads the signed revocations, which are always whole.

Only the root's key makes one. On a token it is at hand for the acts of the root alone, so each of them makes a fresh
list, packs carry the last, and a county is told when that one lacks a certificate revoked since. Source: protocol §4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cunbao.desks import ledger
from cunbao.desks.county.desk import CountyDesk

if TYPE_CHECKING:
    from cunbao.trust.certs import Certificate
    from cunbao.trust.pki import Authority

LIST = "pack/crl"  # setting: {number, object, serials}: the list that was made last and whom it names


def last(desk: CountyDesk) -> tuple[bytes, ...]:
    """The list that was made last; () before one was."""
    kept = _kept(desk)
    return (desk.workspace.object(kept["object"]),) if kept["object"] else ()


def make(desk: CountyDesk, root: Authority) -> bytes:
    """A fresh list of all that the root issued and that is revoked, kept as the last."""
    from cunbao.trust.pki import Revoked, make_crl

    workspace, serials = desk.workspace, [one.x509.serial_number for one in _gone(desk)]
    number = int(_kept(desk)["number"]) + 1
    now = desk.clock()
    made = make_crl(root, [Revoked(serial, now) for serial in serials], number=number, now=now)
    kept = {"number": number, "object": workspace.add_object("crl", made), "serials": [str(one) for one in serials]}
    workspace.set_setting(LIST, kept)
    return made


def missing(desk: CountyDesk) -> int:
    """How many revoked certificates the last list does not name."""
    named = set(_kept(desk).get("serials", ()))
    return sum(str(one.x509.serial_number) not in named for one in _gone(desk))


def _gone(desk: CountyDesk) -> list[Certificate]:
    from cunbao.trust.certs import read_certificate

    workspace, root = desk.workspace, read_certificate(desk.root)
    gone = {one.key for one in ledger.judge_of(workspace).revocations}
    return [
        read
        for one in workspace.certificates()
        if one.key in gone and (read := read_certificate(workspace.object(one.id))).x509.issuer == root.x509.subject
    ]


def _kept(desk: CountyDesk) -> dict[str, Any]:
    kept: dict[str, Any] = desk.workspace.setting(LIST, {"number": 0, "object": ""})
    return kept
