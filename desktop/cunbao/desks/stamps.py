"""Numbers and signatures of what a township or a county prints by itself: notices, 汇总表, tables of indicators.

A paper that says the same as its last one of that day is the same paper: it keeps number, moment and code. What it says
is signed as data with the officer's key and kept; the code and the QR of the page are the hash of that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from cunbao.desks import devices
from cunbao.desks.clock import LOCAL
from cunbao.desks.seat import Seat

if TYPE_CHECKING:
    from datetime import date

    from cunbao.paper import Signed
    from cunbao.survey.task import Task
    from cunbao.trust.keys import Signer


class Stamping(Seat, Protocol):
    """A desk with a task and perhaps an open key."""

    @property
    def task(self) -> Task: ...
    @property
    def today(self) -> date: ...
    @property
    def signer(self) -> Signer | None: ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """order: its running number of the period; at: local; signed: None when this desk has no key."""

    order: int
    at: datetime
    signed: Signed | None


def stamp(desk: Stamping, row: str, slot: str, said: dict[str, Any], *, qr: tuple[str, tuple[str, ...]]) -> Stamp:
    """The stamp of a paper that says `said`. row: which papers are numbered together ("chase"); slot: which of them
    this one is (an office); qr: kind and fields of its QR line. Call it inside a transaction of its own act."""
    workspace, period = desk.workspace, desk.task.period
    said = {**said, "v": 1, "row": row, "task": desk.task.id, "from": desk.office.code, "day": f"{desk.today:%Y-%m-%d}"}
    name = f"stamp/{period}/{row}/{slot}"
    with workspace.atomic():
        last = workspace.setting(name, None)
        if last is None or last["said"] != said:
            order = 1 + int(workspace.setting(f"stamp/{period}/{row}", 0))
            at = desk.clock().replace(microsecond=0).isoformat()
            last = {"said": said, "order": order, "at": at, **_signed(desk, {**said, "order": order, "at": at})}
            workspace.set_setting(f"stamp/{period}/{row}", order)
            workspace.set_setting(name, last)
    moment = datetime.fromisoformat(last["at"])
    return Stamp(last["order"], moment.astimezone(LOCAL), _box(desk, last, moment, qr) if last.get("signed") else None)


def _signed(desk: Stamping, said: dict[str, Any]) -> dict[str, Any]:
    """Sign and keep; nothing when this desk has no key."""
    from cunbao.trust.cms import sign_detached

    if desk.signer is None or desk.read_only:
        return {}
    data = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    cms = sign_detached(data, desk.signer, when=datetime.fromisoformat(said["at"]))
    desk.workspace.add_objects((("notice", data), ("cms", cms)))
    return {"signed": sha256(data).hexdigest(), "person": desk.person.name, "role": desk.person.role}


def _box(desk: Stamping, last: dict[str, Any], at: datetime, qr: tuple[str, tuple[str, ...]]) -> Signed:
    from cunbao.paper import Signed
    from cunbao.survey import codes

    digest = str(last["signed"])
    return Signed(
        signer=last["person"],
        role=last["role"],
        unit=desk.office.name,
        certificate_no=devices.device(desk.workspace).certificate_no,
        signed_at=at.astimezone(LOCAL),
        code=codes.verification_code(digest),
        qr=codes.qr_text(*qr, digest),
    )
