"""Files that somebody has tampered with: a real package taken apart, changed, and sealed again by whom one likes.

Nothing here asks whether the result makes sense: that is what the reader is for.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from cunbao.desks import devices
from cunbao.desks.township.desk import TownshipDesk
from cunbao.exchange.manifest import Manifest, Member, ObjectKind, member
from cunbao.exchange.package import OBJECTS, inner_zip, read_package
from cunbao.survey.decision import Decision
from cunbao.survey.form import Form
from cunbao.survey.revision import Header, freeze, read_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers
from cunbao.trust.certs import read_certificate
from cunbao.trust.cms import envelope, sign_attached, sign_detached
from cunbao.trust.keys import DeviceKeys, PrivateKey, Signer, new_device_keys
from world.desk import (
    CLERK,
    MANBANG,
    MENGHUN,
    PASSWORD,
    a_clock,
    reopened,
    reopened_town,
    the_bundle,
    the_shelf,
    the_template,
    the_town,
)
from world.exchange import PERIOD, Computer, Seat, a_seat, the_reader

NAME = "曼蚌村-2025年度-第1次.cbsync"
NOW = datetime(2025, 12, 15, 1, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Loose:
    """A package taken apart. objects: by SHA-256 hex; signer: who will seal it again; readers: DER, whom it is for."""

    manifest: Manifest
    objects: Mapping[str, bytes]
    signer: Signer
    readers: tuple[bytes, ...] = ()

    def of_kind(self, kind: ObjectKind) -> tuple[bytes, ...]:
        return tuple(self.objects[one.sha256] for one in self.manifest.members if one.kind is kind)

    def saying(self, **changes: Any) -> Loose:
        """With another manifest."""
        return replace(self, manifest=replace(self.manifest, **changes))

    def by(self, signer: Signer) -> Loose:
        return replace(self, signer=signer)

    def to(self, *readers: bytes) -> Loose:
        return replace(self, readers=readers)

    def without(self, *kinds: ObjectKind) -> Loose:
        """Without the objects of these kinds."""
        return self._kept([one for one in self.manifest.members if one.kind not in kinds])

    def only(self, revision: str) -> Loose:
        """One return of several."""
        return self._kept([one for one in self.manifest.members if revision in (one.sha256, one.of)])

    def adding(self, data: bytes, kind: ObjectKind, *, of: str = "") -> Loose:
        line = member(data, kind, of=of)
        members = [one for one in self.manifest.members if one.sha256 != line.sha256]
        return replace(self, objects={**self.objects, line.sha256: data})._kept([*members, line])

    def adding_revision(self, header: bytes, answers: bytes, *signatures: bytes) -> Loose:
        name = sha256(header).hexdigest()
        found = self.adding(header, ObjectKind.HEADER).adding(answers, ObjectKind.ANSWERS, of=name)
        for one in signatures:
            found = found.adding(one, ObjectKind.CMS, of=name)
        return found

    def adding_decision(self, decision: Decision, signer: Signer) -> Loose:
        data = decision.encode()
        found = self.adding(data, ObjectKind.DECISION)
        return found.adding(sign_detached(data, signer, when=decision.at), ObjectKind.CMS, of=decision.id)

    def instead(self, old: bytes, new: bytes) -> Loose:
        """One object in the place of another, under its own hash; what stood beside the one stands beside the other."""
        was, now = sha256(old).hexdigest(), sha256(new).hexdigest()
        members = [
            Member(now, len(new), one.kind, one.of)
            if one.sha256 == was
            else replace(one, of=now if one.of == was else one.of)
            for one in self.manifest.members
        ]
        return replace(self, objects={**self.objects, now: new})._kept(members)

    def content(self) -> bytes:
        """The zip inside."""
        return inner_zip(self.manifest.encode(), {OBJECTS + name: self.objects[name] for name in self._names()})

    def signed(self, content: bytes | None = None) -> bytes:
        """The zip (or whatever one likes) with a signature around."""
        return sign_attached(self.content() if content is None else content, self.signer, when=self.manifest.written_at)

    def enveloped(self, data: bytes) -> bytes:
        return envelope(data, self.readers or (the_reader(),))

    def sealed(self, content: bytes | None = None) -> bytes:
        """The file."""
        return self.enveloped(self.signed(content))

    def _names(self) -> list[str]:
        return [one.sha256 for one in self.manifest.members]

    def _kept(self, members: Sequence[Member]) -> Loose:
        names = {one.sha256 for one in members}
        objects = {name: data for name, data in self.objects.items() if name in names}
        return replace(self, manifest=replace(self.manifest, members=tuple(members)), objects=objects)


def taken_apart(data: bytes, signer: Signer, *, keys: Sequence[PrivateKey] = ()) -> Loose:
    """keys: of whoever may read it, the township's unless said otherwise."""
    package = read_package(data, keys or the_township_s_keys(), ())
    return Loose(package.manifest, dict(package.objects), signer)


def loose(office: str = MANBANG) -> Loose:
    """A village's own bundle without its pages, to be changed and sealed again with the village's own key."""
    return taken_apart(the_bundle(office), the_signer(office)).without(ObjectKind.PDF)


@cache
def the_township_s_keys() -> tuple[PrivateKey, ...]:
    """What opens a file to the township."""
    desk = reopened_town(the_town(MENGHUN), a_clock(2025, 1, 10, 2))
    found = devices.device(desk.workspace).readers
    desk.close()
    return found


@cache
def the_signer(office: str) -> Signer:
    """The key of the computer of a sample village, its certificate issued."""
    folder = the_shelf() / f"{office}-signer"
    shutil.copytree(the_template(office, "enrolled"), folder)
    desk = reopened(folder)
    found = devices.unlock_signer(desk.workspace, CLERK, PASSWORD)
    desk.close()
    return found


@cache
def the_village_s_keys(office: str) -> tuple[PrivateKey, ...]:
    """What opens a file that a sample village wrote, to itself."""
    folder = the_shelf() / f"{office}-reader"
    shutil.copytree(the_template(office, "enrolled"), folder)
    desk = reopened(folder)
    found = devices.device(desk.workspace).readers
    desk.close()
    return found


def a_version(
    loose: Loose, asked: Form, *, change: Callable[[Answers], Answers] = lambda one: one, signer: Signer | None = None,
    **header: Any,
) -> tuple[bytes, bytes, bytes]:  # fmt: skip
    """A further version of a form's return in the package: (header, answers, signature), with other answers or
    another header, signed by the package's signer unless said otherwise."""
    ((old, name),) = [
        (one, sha256(data).hexdigest())
        for data in loose.of_kind(ObjectKind.HEADER)
        if (one := Header.decode(data)).form == asked.id
    ]
    answers = read_answers(asked, loose.objects[old.answers_sha256])
    fresh = replace(old, n=old.n + 1, version=old.version + 1, parents=(name,))
    made = freeze(asked, change(answers), replace(fresh, **header))
    return (
        made.header_bytes,
        made.answers_bytes,
        sign_detached(made.header_bytes, signer or loose.signer, when=made.header.signed_at),
    )


def states(town: TownshipDesk, office: str = MANBANG) -> dict[str, ReturnState]:
    """form → where the office's return stands."""
    return {form: stands.state for _, form, stands in town.workspace.standings(PERIOD, [office])}


def all_received(town: TownshipDesk, office: str = MANBANG) -> bool:
    return states(town, office) == dict.fromkeys(town.task.forms, ReturnState.RECEIVED)


def a_stranger(number: int = 0) -> Seat:
    """A computer of the village that nobody has approved; the same each time for a number."""
    return _strangers(number)


@cache
def _strangers(number: int) -> Seat:
    return a_seat(None, MANBANG, NOW - timedelta(days=number))


def a_strange_file(town: TownshipDesk, number: int = 0, *, request: bytes | None = None) -> bytes:
    """A bundle of its with one return of B05, and its request (or another, or b"" none)."""
    seat = a_stranger(number)
    computer = Computer(
        replace(seat, request=seat.request if request is None else request), town.task, "life", town.clock()
    )
    computer.signs("没有灾害信息员")
    return computer.sends()


def certified_by(signer: Signer, keys: DeviceKeys, subject: bytes) -> Signer:
    """A certificate for these keys by somebody who may not certify."""
    template, above = read_certificate(subject).x509, read_certificate(signer.certificate)
    builder = (
        x509.CertificateBuilder()
        .subject_name(template.subject)
        .issuer_name(above.x509.subject)
        .public_key(keys.signing.public_key())
        .serial_number(1 << 126)
        .not_valid_before(NOW - timedelta(days=300))
        .not_valid_after(NOW + timedelta(days=300))
    )
    for extension in template.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    made = builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)
    return Signer(keys.signing, made, (signer.certificate, *signer.chain))


def by_a_friend() -> Loose:
    """The village plays authority and certifies the next computer of its office itself."""
    own = the_signer(MANBANG)
    return loose().by(certified_by(own, new_device_keys(), own.certificate))


def with_strange_pages() -> Loose:
    parts = loose()
    return parts.adding(b"%PDF-1.7 nothing", ObjectKind.PDF, of=sha256(parts.of_kind(ObjectKind.HEADER)[0]).hexdigest())
