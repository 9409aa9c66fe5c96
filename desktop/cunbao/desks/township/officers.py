"""审核员: the people of a township's desk. Each opens it with a password of his own, decides under his own name, and
may certify computers; who filled a 代报 needs another one to accept it.

The desk's keys are one; what differs is by whose password they open (protocol §4).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from cunbao.desks import devices, settings, start
from cunbao.desks.township.desk import CA_SETTING, TownshipDesk
from cunbao.desks.views import Person

ROLE = "乡镇审核员"


@dataclass(frozen=True, slots=True)
class Officer:
    """One of them. here: it is he who sits here; may_sign: the desk's key opens by his password."""

    name: str
    role: str
    here: bool
    may_sign: bool


def officers(desk: TownshipDesk) -> tuple[Officer, ...]:
    """All who can open this desk, in the order in which they came."""
    wraps = start.keys_of(desk.workspace.folder)["wraps"]
    people = [Person(one["person"], one["role"]) for one in wraps]
    return tuple(
        Officer(one.name, one.role, one.name == desk.person.name, devices.may_sign(desk.workspace, one))
        for one in people
    )


def add_officer(desk: TownshipDesk, name: str, password: str, own_password: str) -> None:
    """Let another officer open this desk, decide and certify computers: data, signing and CA key are wrapped for his
    password too. DeskError "person.known", "person.unnamed", "password.short"; TrustError "password.wrong"."""
    from cunbao.trust.keys import unwrap_secret, wrap_secret

    person = Person(" ".join(name.split()), ROLE)
    start.refuse_no_name(person)
    start.refuse_short(password)
    ours, his = (f"{CA_SETTING}:{one}" for one in (desk.person.name, person.name))
    kept = desk.workspace.setting(ours, None)
    start.data_key(desk.workspace.folder, desk.person.name, own_password, now=desk.clock())  # counts a wrong one
    with desk.workspace.atomic():
        settings.refuse_known(desk, person)
        if kept is not None:
            secret = unwrap_secret(json.loads(kept), own_password, label=ours)
            desk.workspace.set_setting(his, json.dumps(wrap_secret(secret, password, label=his)))
        settings.add_person(desk, person, password, own_password=own_password)  # writes keys.json, so it comes last
