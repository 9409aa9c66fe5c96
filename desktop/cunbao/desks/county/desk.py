"""The county desk 县级工作台, without screens: the root made once, townships certified, task packs issued, what the
townships send on received and answered, a period closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices, start, tasks
from cunbao.desks.clock import Clock, local_day, system_clock
from cunbao.desks.start import make_workspace
from cunbao.desks.views import Person, TownshipPapers
from cunbao.errors import DeskError
from cunbao.store import Workspace
from cunbao.survey.task import Task
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.desks.county.views import CountyFrame
    from cunbao.trust.keys import PrivateKey, Signer, Stretch
    from cunbao.trust.pki import Authority
    from cunbao.trust.token import Token, TokenKey

PACK_SUFFIX = ".cbtask"
ROOT_SETTING = "root"  # with a person's name behind it: the root's key, locked for him


@dataclass(slots=True)
class CountyDesk:
    """An unlocked county workspace; the root's key stays wrapped until a password is typed. signer: the desk's own key,
    open as long as the desk is; given: the task it has issued."""

    workspace: Workspace
    office: Office
    person: Person
    clock: Clock
    signer: Signer | None = field(default=None, repr=False)
    given: Task | None = None
    read_only: bool = False
    clock_doubt: bool = False

    @property
    def full_name(self) -> str:
        """勐海县民政局: who issued the task; before one was, the county's own name."""
        return self.given.issuer if self.given is not None and self.given.issuer else self.office.name

    @property
    def line(self) -> str:
        """As it stands in the header."""
        return self.full_name

    @property
    def directory(self) -> CountyDesk:
        """The desk itself: it has `full_name` and `line`, which the window asks a village's directory for."""
        return self

    @property
    def today(self) -> date:
        return local_day(self.clock())

    @property
    def root(self) -> bytes:
        """The root certificate, DER."""
        return bytes.fromhex(self.workspace.setting("root", ""))

    @property
    def task(self) -> Task:
        """The task issued. DeskError "task.none" before one was."""
        if self.given is None:
            raise DeskError(
                "task.none", happened="还没有签发过任务包", safe="证书和钥匙都在", todo="请先签发本期的任务包"
            )
        return self.given

    @property
    def townships(self) -> tuple[Office, ...]:
        """The townships of the directory, by code."""
        return tuple(one for one in self._reporting(self.office.code) if one.level == "township")

    @property
    def villages(self) -> tuple[Office, ...]:
        """Every village of the directory, by code."""
        return tuple(one for one in self._reporting() if one.level == "village")

    def _reporting(self, parent: str | None = None) -> tuple[Office, ...]:
        """Offices of the directory that report for the period at hand (before a task, today); an ended one stays
        readable by its code."""
        day = self.given.ref_date if self.given is not None else self.today
        return tuple(one for one in self.workspace.offices(parent) if one.reports_on(day))

    def signs(self) -> Signer:
        """The desk's key. DeskError "county.no_key"."""
        if self.signer is None or self.read_only:
            raise DeskError(
                "county.no_key", happened="现在只是在查看，不能签", safe="没有改变任何报表的状态", todo="请重新打开再试"
            )
        return self.signer

    def frame(self) -> CountyFrame:
        from cunbao.desks.county.progress import frame

        return frame(self)

    def undo(self) -> None:
        """Nothing: a county's decision is answered by a further one, never undone."""

    def redo(self) -> None:
        """Nothing, likewise."""

    def journal(self, act: str, **detail: object) -> None:
        self.workspace.journal(act, self.person.name, detail, now=self.clock())

    def close(self, *, backed_up: bool = False) -> None:
        self.signer = None
        self.workspace.close(now=self.clock(), backed_up=backed_up)


def unlock_county(
    folder: Path, person: str, password: str, *, clock: Clock = system_clock, read_only: bool = False
) -> CountyDesk:
    """Open a county's workspace; errors as of `start.opened`."""

    def make(workspace: Workspace, who: Person) -> CountyDesk:
        office = workspace.office(workspace.setting("office", ""))
        assert office is not None  # kept when the workspace was made
        desk = CountyDesk(
            workspace,
            office,
            who,
            clock,
            read_only=workspace.read_only,
            clock_doubt=workspace.clock_doubt,
        )
        desk.signer = devices.unlock_signer(workspace, who, password)
        if workspace.setting("taskpack", ""):
            desk.given = tasks.task_of(workspace)
        return desk

    return start.opened(folder, person, password, make, clock=clock, read_only=read_only)


def init_county(
    folder: Path,
    office: Office,
    *,
    person: Person,
    password: str,
    clock: Clock = system_clock,
    stretch: Stretch | None = None,
    token: Token | None = None,
    pin: str = "",
) -> CountyDesk:
    """Make the county's root and desk key in a new workspace. The root's key is locked for `person` alone; with a token
    it is made on it and stays there, and its PIN takes the place of the password in every act of the root."""
    if token is None:
        return _founded(folder, office, person, password, clock, stretch, None, None)
    from cunbao.trust.token import forget_key

    key = _key_on(token, pin)  # first: what fails here leaves no folder
    try:
        return _founded(folder, office, person, password, clock, stretch, token, key)
    except BaseException:
        key.close()
        forget_key(token, pin)  # else the same token could not be tried again
        raise
    finally:
        key.close()


def _founded(
    folder: Path,
    office: Office,
    person: Person,
    password: str,
    clock: Clock,
    stretch: Stretch | None,
    token: Token | None,
    key: PrivateKey | None,
) -> CountyDesk:
    """A county's workspace around its root key, made here unless one is given."""
    from cunbao.trust.certs import CertRole
    from cunbao.trust.keys import private_bytes
    from cunbao.trust.pki import make_device, make_root

    now = clock()
    workspace = make_workspace(
        folder, office, person, password, kind="county", line=office.name, now=now, stretch=stretch
    )
    root = make_root(office=office.code, name=office.short, now=now, key=key)
    with workspace.atomic():
        workspace.add_office(office)
        workspace.set_setting("office", office.code)
        workspace.set_setting("root", root.certificate.hex())
        if token is None:
            devices.keep_secret(workspace, ROOT_SETTING, person, private_bytes(root.key))
        else:
            workspace.set_setting("root_token", token.as_json())
        own = devices.make_device(workspace, office, person, role=CertRole.COUNTY_DESK, now=now)
        issued = make_device(root, own.request, now=now)
        devices.install(workspace, issued.signing, issued.decryption, issued.chain)
        workspace.journal("init_county", person.name, {"root": own.certificate_no}, now=now)
    desk = CountyDesk(workspace=workspace, office=office, person=person, clock=clock)
    desk.signer = devices.unlock_signer(workspace, person, password)
    return desk


def _key_on(token: Token, pin: str) -> TokenKey:
    """A fresh root key on the token."""
    from cunbao.trust.token import make_key, open_key

    make_key(token, pin)
    return open_key(token, pin)


def root_code(county: CountyDesk) -> str:
    """The 24 digits of the root, in six groups: what the printed notice says and villages compare (decision 19)."""
    from cunbao.survey.codes import grouped
    from cunbao.trust.certs import fingerprint24

    return grouped(fingerprint24(county.root))


def unlock_root(county: CountyDesk, password: str) -> Authority:
    """The county's root, ready to issue. password: the token's PIN where the root lies on one. TrustError
    "password.wrong", "token.gone" …; DeskError "root.not_yours"."""
    from cunbao.desks.county import rootkey
    from cunbao.trust.keys import load_private
    from cunbao.trust.pki import Authority

    token = rootkey.token_of(county)
    if token is not None:
        from cunbao.trust.token import open_key

        return Authority(open_key(token, password), county.root)
    secret = devices.secret_of(county.workspace, ROOT_SETTING, county.person, password)
    if secret is None:
        raise DeskError(
            "root.not_yours",
            happened=f"{county.person.name}不掌管县级根证书",
            safe="没有签发任何证书",
            todo="请换掌管根证书的人来操作",
        )
    return Authority(load_private(secret), county.root)


def certify_township(county: CountyDesk, office: Office, public_request: bytes, password: str) -> TownshipPapers:
    """Certify a township's CA key. public_request: DER SubjectPublicKeyInfo of the key that the township made itself,
    so that the county never sees its private key. Journalled. DeskError "township.enrolled" while another key works for
    this township: one live workspace each (protocol §4)."""
    from cunbao.desks.county import keys as county_keys
    from cunbao.desks.county import rootlist
    from cunbao.trust.keys import load_public, public_bytes
    from cunbao.trust.pki import certify_township

    public = load_public(public_request)
    county_keys.refuse_second_desk(county, office.code, office.short, sha256(public_bytes(public)).hexdigest())
    root = unlock_root(county, password)
    now = county.clock()
    certificate = certify_township(root, public, office=office.code, name=office.short, now=now)
    with county.workspace.atomic():
        county.workspace.add_office(office)
        devices.keep_certificates(county.workspace, (certificate,))
        rootlist.make(county, root)  # while the key is at hand
        county.workspace.journal("certify_township", county.person.name, {"office": office.code}, now=now)
    return TownshipPapers(office=office, certificate=certificate, chain=(root.certificate,))


def issue_pack(
    county: CountyDesk,
    task_folder: Path,
    *,
    villages: Sequence[Office],
    townships: Sequence[tuple[TownshipPapers, bytes, bytes]],
    password: str,
    version: int = 1,
    compiled: Path | None = None,
) -> bytes:
    """Sign a task pack: forms, directory, root, each township's (papers, desk signing, desk decryption certificate).

    Gives the bytes of the .cbtask; the caller writes them. SurveyError with every fault of a form that does not
    compile."""
    from cunbao.desks.county import issuing
    from cunbao.survey.compile import compiled_task
    from cunbao.survey.task import load_task

    compiled = compiled or compiled_task(task_folder)
    task = load_task(task_folder, compiled)
    files = {path.relative_to(task_folder).as_posix(): path.read_bytes() for path in _files(task_folder)}
    files |= {f"compiled/{path.name}": path.read_bytes() for path in sorted(compiled.glob("*.xml"))}
    data = issuing.seal(
        county,
        files,
        task,
        offices=(county.office, *(papers.office for papers, _, _ in townships), *villages),
        townships={
            papers.office.code: (papers.certificate, signing, decryption) for papers, signing, decryption in townships
        },
        password=password,
        version=version,
    )
    issuing.keep_issued(county, data)
    county.journal("issue_pack", task=task.id, version=version)
    return data


def pack_name(county: Office, period_title: str, version: int) -> str:
    """勐海县-2025年度-任务包-第1版.cbtask."""
    return f"{county.short}-{period_title}-任务包-第{version}版{PACK_SUFFIX}"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
