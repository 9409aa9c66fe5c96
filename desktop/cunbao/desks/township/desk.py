"""The township desk 乡镇工作台: one unlocked workspace, its villages, its keys; what it decides is in the neighbours.

`receiving` reads files, `board` says who is where, `reviewing` and `settling` decide, `registry` certifies computers,
`receipts` answers, `chasing`, `totals`, `proxying`, `forwarding` do the rest. A decision is signed with the key that
the officer's password opened when he came in; certificates and revocations ask for it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import devices, packnews, packs, start, tasks
from cunbao.desks.clock import Clock, local_day, system_clock
from cunbao.desks.decisions import acceptance
from cunbao.desks.views import Person, TownshipPapers
from cunbao.errors import DeskError
from cunbao.store import Workspace
from cunbao.survey.revision import Header
from cunbao.survey.task import Task
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.desks.township.views import TownFrame
    from cunbao.desks.village.desk import VillageDesk
    from cunbao.store import Kept
    from cunbao.survey.values import Edit
    from cunbao.trust.keys import Signer, Stretch
    from cunbao.trust.pki import Authority, Issued

CA_SETTING = "township_ca"


@dataclass(slots=True)
class TownshipDesk:
    """An unlocked township workspace. county, villages: of the task pack, villages by code. signer: the officer's key,
    open as long as the desk is (None before the county's papers came, or when only looking)."""

    workspace: Workspace
    office: Office
    person: Person
    clock: Clock
    given: Task | None = None
    county: Office | None = None
    villages: tuple[Office, ...] = ()
    signer: Signer | None = field(default=None, repr=False)
    new_id: Callable[[], str] = start.new_id
    read_only: bool = False
    clock_doubt: bool = False
    proxy_for: str = ""  # 12 digits of the village for which a 代报 is being filled
    filling: VillageDesk | None = field(default=None, repr=False)  # that village's desk; `proxying.current` makes it
    own: VillageDesk | None = field(default=None, repr=False)  # for the township's own forms; `supplement.current`

    @property
    def task(self) -> Task:
        """The task of the pack. DeskError "task.none" before one was taken."""
        if self.given is None:
            raise DeskError(
                "task.none",
                happened="还没有任务包",
                safe="证书和钥匙都在",
                todo="请先导入县里发的任务包（.cbtask）",
            )
        return self.given

    @property
    def line(self) -> str:
        """勐海县 勐混镇, as it stands in the header."""
        return f"{self.county.short} {self.office.short}" if self.county else self.office.short

    @property
    def full_name(self) -> str:
        """勐海县勐混镇人民政府, as it stands on paper."""
        name = self.office.name.removesuffix("人民政府")
        return f"{self.county.short if self.county else ''}{name}人民政府"

    @property
    def directory(self) -> TownshipDesk:
        """The desk itself: it has `full_name` and `line`, which the window asks a village's directory for."""
        return self

    @property
    def today(self) -> date:
        return local_day(self.clock())

    def village(self, code: str) -> Office:
        """One of the villages. DeskError "office.unknown"."""
        found = next((one for one in self.villages if one.code == code), None)
        if found is None:
            raise DeskError(
                "office.unknown",
                happened=f"本镇没有代码是{code}的村",
                safe="没有改动任何资料",
                todo="请核对12位代码；名录变了的，请县里重新发任务包",
            )
        return found

    def signs(self) -> Signer:
        """The officer's key. DeskError "township.no_key" when this desk cannot decide."""
        if self.signer is None or self.read_only:
            raise DeskError(
                "township.no_key",
                happened="现在不能签审核决定：本镇的证书还没有办好，或者只是在查看",
                safe="没有改变任何报表的状态",
                todo="请先领到县里签发的证书，再打开一次",
            )
        return self.signer

    def frame(self) -> TownFrame:
        from cunbao.desks.township.board import frame

        return frame(self)

    def undo(self) -> tuple[str, str] | None:
        """Take back the last decision, as long as no receipt has carried it."""
        from cunbao.desks.township.reviewing import undo

        return undo(self)

    def redo(self) -> None:
        """A decision taken back is made again by hand: it is signed anew."""

    def keep(self, form: str, edits: Sequence[Edit], *, group: str = "") -> Kept:
        """Write what was typed into the township's own form, or the 代报 that is being filled."""
        from cunbao.desks.township import proxying, supplement

        own = supplement.current(self)
        if own is not None and form in own.task.forms:
            return own.keep(form, edits, group=group)
        filled = proxying.current(self)
        assert filled is not None  # nothing else is typed at this desk
        return filled.keep(form, edits, group=group)

    def journal(self, act: str, **detail: object) -> None:
        self.workspace.journal(act, self.person.name, detail, now=self.clock())

    def close(self, *, backed_up: bool = False) -> None:
        self.signer = None
        self.workspace.close(now=self.clock(), backed_up=backed_up)


def unlock_township(
    folder: Path, person: str, password: str, *, clock: Clock = system_clock, read_only: bool = False
) -> TownshipDesk:
    """Open a township's workspace; errors as of `start.opened`."""

    def make(workspace: Workspace, who: Person) -> TownshipDesk:
        desk = township_desk(workspace, who, clock=clock)
        _certify_new_desk(desk, password)
        if devices.device(workspace).enrolled and devices.may_sign(workspace, who):
            desk.signer = devices.unlock_signer(workspace, who, password)
        return desk

    return start.opened(folder, person, password, make, clock=clock, read_only=read_only)


def _certify_new_desk(desk: TownshipDesk, password: str) -> None:
    """The desk's keys are new since a password was lost; by the password of whoever holds the CA key they are certified
    as they were at first."""
    from cunbao.trust.pki import make_device

    own = devices.device(desk.workspace)
    holds = desk.workspace.setting(f"{CA_SETTING}:{desk.person.name}", None)
    if own.enrolled or desk.read_only or not holds or not desk.workspace.setting(f"{CA_SETTING}/papers", None):
        return
    issued = make_device(unlock_ca(desk, password), own.request, now=desk.clock())
    with desk.workspace.atomic():
        devices.install(desk.workspace, issued.signing, issued.decryption, issued.chain)
        desk.journal("certify_own_desk", certificate=devices.device(desk.workspace).certificate_no)


def township_desk(workspace: Workspace, person: Person, *, clock: Clock) -> TownshipDesk:
    """The desk of an open township workspace; its signing key is still locked."""
    office = workspace.office(workspace.setting("office", ""))
    assert office is not None  # kept when the workspace was made
    desk = TownshipDesk(
        workspace=workspace,
        office=office,
        person=person,
        clock=clock,
        read_only=workspace.read_only,
        clock_doubt=workspace.clock_doubt,
    )
    _read_task(desk)
    desk.proxy_for = _left_open(desk)
    return desk


def _left_open(desk: TownshipDesk) -> str:
    """The village for which this officer was filling when the desk was closed or locked."""
    from cunbao.desks.township import proxying

    return proxying.left_open(desk)


def close_township(desk: TownshipDesk) -> None:
    """Close in order, with a verified backup once a day."""
    start.close_with_backup(desk)


def take_task(desk: TownshipDesk, data: bytes, *, sample: bool = False) -> Task:
    """Take the county's task pack: forms, directory, certificates. A later version takes the place of the one before,
    a later period opens beside the earlier one (`show_period`).
    sample: the villages' people are invented, so that no province gave out their numbers.

    ExchangeError "task.…"; DeskError "office.not_in_pack" when it names no village of this township, "pack.older",
    "pack.same", "pack.earlier_period"."""
    pack = packnews.verified(desk.workspace, data)
    before = desk.given if desk.given is not None and desk.given.period == pack.period else None
    villages = [one for one in pack.offices if one.parent == desk.office.code]
    if not villages:
        raise DeskError(
            "office.not_in_pack",
            happened=f"任务包里没有{desk.office.short}的村",
            safe="没有采用这个任务包",
            todo="请核对是不是本县的任务包；名录不全的，请县里重新签发",
        )
    with desk.workspace.atomic():
        for one in (*villages, *(one for one in pack.offices if one.level != "village")):
            desk.workspace.add_office(one)
        tasks.take_pack(desk.workspace, pack, data)
        desk.workspace.set_setting("sample", sample)
        theirs = (der for some in pack.townships.values() for der in some)
        devices.keep_certificates(desk.workspace, (*pack.county, *theirs))
        if before is not None:
            packnews.recount(desk.workspace, before, pack)
        desk.journal("take_task", task=pack.task, version=pack.version)
    _read_task(desk)
    return desk.task


def show_period(desk: TownshipDesk, period: str) -> Task:
    """Work with an earlier period's task for a while, or with the newest again. DeskError "pack.period"."""
    newest = packs.of_period(desk.workspace, period) == packs.periods(desk.workspace)[0]
    _read_task(desk, "" if newest else period)
    return desk.task


def _read_task(desk: TownshipDesk, period: str = "") -> None:
    if not desk.workspace.setting("taskpack", ""):
        return
    # what this desk does with the villages' forms; its own is `supplement`'s
    desk.given = tasks.task_of(desk.workspace, period).at("village")
    desk.county = desk.workspace.office(desk.office.code[:6] + "000000")
    day = desk.given.ref_date
    desk.villages = tuple(one for one in desk.workspace.offices(desk.office.code) if one.reports_on(day))


def init_township(
    folder: Path,
    office: Office,
    *,
    person: Person,
    password: str,
    clock: Clock = system_clock,
    stretch: Stretch | None = None,
) -> TownshipDesk:
    """Make the township's CA key and desk keys; both wait for the county's papers."""
    from cunbao.trust.certs import CertRole

    now = clock()
    workspace = start.make_workspace(
        folder, office, person, password, kind="township", line=office.name, now=now, stretch=stretch
    )
    with workspace.atomic():
        workspace.add_office(office)
        workspace.set_setting("office", office.code)
        _make_ca(workspace, person)
        devices.make_device(workspace, office, person, role=CertRole.TOWNSHIP_DESK, now=now)
        workspace.journal("init_township", person.name, {"office": office.code}, now=now)
    return TownshipDesk(workspace=workspace, office=office, person=person, clock=clock)


def _make_ca(workspace: Workspace, person: Person, *, entry: Mapping[str, Any] | None = None) -> None:
    """A fresh CA key, locked for this person; the county certifies its public half."""
    from cunbao.trust.keys import new_key, private_bytes, public_bytes

    key = new_key()
    workspace.set_setting(f"{CA_SETTING}/public", public_bytes(key).hex())
    devices.keep_secret(workspace, CA_SETTING, person, private_bytes(key), entry=entry)


def replace_lost_ca(workspace: Workspace, entry: Mapping[str, Any]) -> None:
    """After a lost password: what was locked for the person's former keys is gone. When nobody else holds the CA key, a
    new one is made, which the county certifies after it has revoked the lost one. entry: of `keyring.new_entry`."""
    person = Person(entry["person"], entry["role"])
    workspace.set_setting(f"{CA_SETTING}:{person.name}", None)
    if not any(workspace.settings(f"{CA_SETTING}:").values()):
        _make_ca(workspace, person, entry=entry)
        workspace.set_setting(f"{CA_SETTING}/papers", None)


def ca_request(township: TownshipDesk) -> bytes:
    """The public half of the CA key, for the county (DER SubjectPublicKeyInfo)."""
    return bytes.fromhex(township.workspace.setting(f"{CA_SETTING}/public", ""))


def take_papers(township: TownshipDesk, papers: TownshipPapers, password: str) -> None:
    """Keep the county's papers and certify the township's own desk with them."""
    from cunbao.trust.pki import make_device

    now = township.clock()
    with township.workspace.atomic():
        township.workspace.set_setting(
            f"{CA_SETTING}/papers",
            {"certificate": papers.certificate.hex(), "chain": [der.hex() for der in papers.chain]},
        )
        issued = make_device(unlock_ca(township, password), devices.device(township.workspace).request, now=now)
        devices.install(township.workspace, issued.signing, issued.decryption, issued.chain)
        if not township.workspace.setting("root", ""):
            township.workspace.set_setting("root", papers.chain[-1].hex())
        township.workspace.journal("take_papers", township.person.name, {}, now=now)
    township.signer = devices.unlock_signer(township.workspace, township.person, password)


def unlock_ca(township: TownshipDesk, password: str) -> Authority:
    """The township's CA, ready to issue. TrustError "password.wrong"."""
    from cunbao.trust.keys import load_private
    from cunbao.trust.pki import Authority

    papers = township.workspace.setting(f"{CA_SETTING}/papers", None)
    secret = devices.secret_of(township.workspace, CA_SETTING, township.person, password)
    if secret is None:
        raise DeskError(
            "ca.not_yours",
            happened=f"{township.person.name}没有本镇签发证书的钥匙",
            safe="没有核准或吊销任何电脑",
            todo="请在“设置”里由有这把钥匙的人给一份，或换他来办",
        )
    return Authority(
        load_private(secret), bytes.fromhex(papers["certificate"]), tuple(bytes.fromhex(der) for der in papers["chain"])
    )


def approve_device(township: TownshipDesk, request: bytes, typed_code: str, password: str) -> Issued:
    """Certify a village's device after its 24 digits were read aloud and typed. TrustError "enrol.code"."""
    from cunbao.trust.enrol import read_request
    from cunbao.trust.pki import approve

    now = township.clock()
    issued = approve(unlock_ca(township, password), request, typed_code, now=now)
    asked = read_request(request)
    devices.keep_certificates(township.workspace, (issued.signing, issued.decryption, *issued.chain))
    township.workspace.journal(
        "approve_device", township.person.name, {"office": asked.office, "device": asked.device}, now=now
    )
    return issued


def accept(township: TownshipDesk, header: bytes, password: str) -> tuple[bytes, bytes]:
    """通过 a revision. header: its header.json. Gives the decision's bytes and their detached signature (DER)."""
    read = Header.decode(header)
    now = township.clock().replace(microsecond=0)
    signer = devices.unlock_signer(township.workspace, township.person, password)
    township.workspace.journal("accept", township.person.name, {"form": read.form, "office": read.office}, now=now)
    return acceptance(header, signer, township.office, now)
