"""Villages as light as possible that still sign and send for real: real keys, real packages, no workspace of their own.

A `Computer` knows a set of revisions and decisions, signs over the heads that it knows, and forgets or copies itself as
real ones do (an old backup, a cloned disk). Good for histories of hundreds of steps.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from cunbao.desks import devices
from cunbao.desks.packing import members_of
from cunbao.desks.story.demo import StoryClock
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.exchange import Acknowledgement, Former, Manifest, PackageKind, write_package
from cunbao.exchange.content import Content, read_content
from cunbao.exchange.package import read_package
from cunbao.survey import sample
from cunbao.survey.decision import Act, Decision
from cunbao.survey.form import Form
from cunbao.survey.revision import Header, Revision, freeze
from cunbao.survey.task import Task
from cunbao.survey.values import Answers, Ret
from cunbao.trust.certs import CertRole, device_id, read_certificate
from cunbao.trust.cms import sign_detached
from cunbao.trust.keys import DeviceKeys, Signer, new_device_keys
from cunbao.trust.pki import comparison_code, make_request, self_signed
from world.desk import MENGHUN, PASSWORD, a_clock, reopened_town, the_shelf, the_town

FORM = "B05"
PERIOD = "2025"
SEATED = f"{MENGHUN}-seated"


@dataclass(frozen=True)
class Seat:
    """A computer's keys and what vouches for them. request: for one that is not approved yet."""

    office: str
    keys: DeviceKeys = field(repr=False)
    signer: Signer = field(repr=False)
    device: str
    request: bytes = field(default=b"", repr=False)

    @property
    def reader(self) -> bytes:
        """DER of its decryption certificate."""
        return self.signer.decryption


def a_seat(town: TownshipDesk | None, office: str, now: datetime, *, name: str = "") -> Seat:
    """A computer of an office, approved by the township, or asking (None). name: for an office not in the sample."""
    keys = new_device_keys()
    name = name or sample.sample_office(office).name
    own = self_signed(keys, office=office, name=name, now=now, person="岩温")
    device = device_id(own.signing)
    request = make_request(
        keys, office=office, name=name, role=CertRole.VILLAGE_DEVICE, person="岩温", device=device, now=now
    )
    if town is None:
        return Seat(office, keys, own.signer(keys.signing, person="岩温", role="填报人"), device, request)
    issued = township.approve_device(town, request, comparison_code(request), PASSWORD)
    return Seat(office, keys, issued.signer(keys.signing, person="岩温", role="填报人"), device)


@cache
def the_seats() -> tuple[Seat, ...]:
    """Two villages with two computers each that `a_seated_town_desk` has approved, and a third that nobody has."""
    shutil.copytree(the_town(MENGHUN), the_shelf() / SEATED)
    desk = reopened_town(the_shelf() / SEATED, a_clock(2025, 1, 9, 2))
    now = desk.clock()
    offices = [one.code for one in sample.SAMPLE_OFFICES if one.parent == MENGHUN][:2]
    seats = [a_seat(desk, office, now) for office in offices for _ in range(2)]
    seats.append(a_seat(None, offices[0], now))
    desk.close()
    return tuple(seats)


def a_seated_town_desk(tmp_path: Path, *, clock: StoryClock | None = None, name: str = "town") -> TownshipDesk:
    """`a_town_desk` that has approved the computers of `the_seats` too."""
    the_seats()
    shutil.copytree(the_shelf() / SEATED, tmp_path / name)
    return reopened_town(tmp_path / name, clock)


@dataclass
class Computer:
    """One life of one computer. seen: decision heads that it knows; n: the largest it holds."""

    seat: Seat
    task: Task
    epoch: str
    clock: datetime
    revisions: dict[str, Revision] = field(default_factory=dict)
    signatures: dict[str, bytes] = field(default_factory=dict)
    decided: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)  # id → what it decided itself, its signature
    foreign: set[str] = field(default_factory=set)
    seen: tuple[str, ...] = ()
    n: int = 0
    sent: int = 0
    last: str = ""
    former: tuple[Former, ...] = ()  # its packages of this life, with all that each held

    def copied(self, epoch: str = "") -> Computer:
        """The same computer as it is now: an old backup (a new life), or a cloned disk (the same life)."""
        return replace(
            self,
            epoch=epoch or self.epoch,
            sent=0 if epoch else self.sent,
            last="" if epoch else self.last,
            former=() if epoch else self.former,
            revisions=dict(self.revisions),
            signatures=dict(self.signatures),
            decided=dict(self.decided),
            foreign=set(self.foreign),
        )

    @property
    def form(self) -> Form:
        return self.task.forms[FORM]

    def heads(self) -> list[str]:
        parents = {parent for one in self.revisions.values() for parent in one.header.parents}
        return sorted(name for name in self.revisions if name not in parents)

    def signs(self, answer: str, *, skew: timedelta = timedelta(0)) -> str:
        """Sign a further version over every head that this computer knows; skew: how far its clock is off."""
        self.clock += timedelta(minutes=1)
        heads = self.heads()
        self.n += 1
        header = Header(
            n=self.n,
            seen=self.seen,
            task=self.task.id,
            task_version=self.task.version,
            form=FORM,
            form_version=self.form.version,
            office=self.seat.office,
            period=PERIOD,
            kind="normal",
            version=1 + max((self.revisions[name].header.version for name in heads), default=0),
            parents=tuple(heads),
            uses=(),
            device=self.seat.device,
            person_name="岩温",
            person_role="填报人",
            ret=Ret("岩温", "玉香", "岩温", "13800000000", "2025-12-15"),
            signed_at=(self.clock + skew).replace(microsecond=0),
            today=date(2025, 12, 15),
            explanations=(),
            tool="cunbao test",
        )
        made = freeze(self.form, Answers(MappingProxyType({"b05_zero": "1", "b05_zero_reason": answer})), header)
        self.revisions[made.id] = made
        self.signatures[made.id] = sign_detached(made.header_bytes, self.seat.signer, when=header.signed_at)
        return made.id

    def takes_back(self, revision: str) -> str:
        """撤回报送 of a version that it knows; goes with every bundle from now on."""
        self.clock += timedelta(minutes=1)
        self.n += 1
        made = Decision(
            act=Act.RETRACT,
            revision=revision,
            office=self.seat.office,
            n=self.n,
            seen=self.seen,
            person="岩温",
            at=self.clock.replace(microsecond=0),
            reason="抄错了一行",
        )
        self.decided[made.id] = made.encode(), sign_detached(made.encode(), self.seat.signer, when=made.at)
        self.seen = tuple(sorted({*self.seen, made.id}))[-20:]
        return made.id

    def sends(self, names: Sequence[str] | None = None, *, acknowledges: tuple[Acknowledgement, ...] = ()) -> bytes:
        """A bundle with these revisions of its own (all, unless said otherwise), and all that it decided. It names
        every bundle before it."""
        from cunbao.exchange import ObjectKind

        groups = []
        for name in self.signatures if names is None else names:
            one = self.revisions[name]
            groups.append(
                (
                    (one.header_bytes, ObjectKind.HEADER, ""),
                    (one.answers_bytes, ObjectKind.ANSWERS, name),
                    (self.signatures[name], ObjectKind.CMS, name),
                )
            )
        for name, (data, signature) in self.decided.items():
            groups.append(((data, ObjectKind.DECISION, ""), (signature, ObjectKind.CMS, name)))
        if self.seat.request:
            groups.append(((self.seat.request, ObjectKind.REQUEST, ""),))
        members, objects = members_of(groups)
        self.sent += 1
        self.clock += timedelta(minutes=1)
        manifest = Manifest(
            kind=PackageKind.BUNDLE,
            office=self.seat.office,
            device=self.seat.device,
            epoch=self.epoch,
            to=(MENGHUN,),
            task=self.task.id,
            task_version=self.task.version,
            period=PERIOD,
            sequence=self.sent,
            written_at=self.clock,
            members=members,
            previous=self.last,
            acknowledges=acknowledges,
            earlier=tuple(
                replace(one, elsewhere=tuple(name for name in one.elsewhere if name not in objects))
                for one in self.former
            ),
        )
        data = write_package(manifest, objects, self.seat.signer, [the_reader()], when=self.clock)
        self.last = sha256(data).hexdigest()
        headers = tuple(self.signatures if names is None else names)
        self.former = (*self.former, Former(self.sent, self.last, headers))
        return data

    def takes(self, receipt: bytes, roots: tuple[bytes, ...]) -> None:
        """Read a receipt: other computers' revisions and the decisions are known from now on."""
        package = read_package(receipt, [self.seat.keys.decryption], roots, us=(self.seat.office,))
        self.learns(read_content(package))

    def learns(self, content: Content) -> None:
        for one in content.revisions:
            if one.header.form == FORM and one.header.period == PERIOD and one.id not in self.revisions:
                self.revisions[one.id] = Revision(one.id, one.header, one.header_bytes, one.answers)
                self.foreign.add(one.id)
                self.n = max(self.n, one.header.n)
        for decided in content.decisions:
            self.n = max(self.n, decided.decision.n)
            self.seen = tuple(sorted({*self.seen, decided.id}))[-20:]


@cache
def the_reader() -> bytes:
    """The township's decryption certificate (DER)."""
    desk = reopened_town(the_town(MENGHUN), a_clock(2025, 1, 10, 2))
    found = devices.device(desk.workspace).decryption
    desk.close()
    assert read_certificate(found).may_decrypt
    return found


def five_returns(seat: Seat, task: Task, number: int, answers: Mapping[str, Answers], pages: bytes) -> bytes:
    """A bundle of five signed returns as a village's first one: real answers, real signatures, pages of real size."""
    from cunbao.exchange import ObjectKind

    now = a_clock(2025, 12, 15, 2)() + timedelta(seconds=number)
    groups = []
    for place, (form, given) in enumerate(sorted(answers.items())):
        header = Header(
            n=1 + place,
            seen=(),
            task=task.id,
            task_version=task.version,
            form=form,
            form_version=task.forms[form].version,
            office=seat.office,
            period=PERIOD,
            kind="normal",
            version=1,
            parents=(),
            uses=(),
            device=seat.device,
            person_name="岩温",
            person_role="填报人",
            ret=Ret("岩温", "玉香", "岩温", "13800000000", "2025-12-15"),
            signed_at=now.replace(microsecond=0),
            today=date(2025, 12, 15),
            explanations=(),
            tool="cunbao test",
        )
        made = freeze(task.forms[form], given, header)
        cms = sign_detached(made.header_bytes, seat.signer, when=header.signed_at)
        groups.append(
            (
                (made.header_bytes, ObjectKind.HEADER, ""),
                (made.answers_bytes, ObjectKind.ANSWERS, made.id),
                (cms, ObjectKind.CMS, made.id),
                (pages + made.id.encode(), ObjectKind.PDF, made.id),
            )
        )
    members, objects = members_of(groups)
    manifest = Manifest(
        kind=PackageKind.BUNDLE,
        office=seat.office,
        device=seat.device,
        epoch=f"epoch-{number}",
        to=(MENGHUN,),
        task=task.id,
        task_version=task.version,
        period=PERIOD,
        sequence=1,
        written_at=now,
        members=members,
    )
    return write_package(manifest, objects, seat.signer, [the_reader()], when=now)
