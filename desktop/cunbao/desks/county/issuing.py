"""签发: a pack is sealed over what was just found without fault, written, read back from the medium, only then kept.

Every version issued is kept as it went out and is never changed; what has to change is the next version.
Source: ui/design.md county-06, protocol §4, decision 19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices, ledger, media, outbox, packs, tasks
from cunbao.desks.clock import local_day
from cunbao.desks.county import building, rootkey, rootlist
from cunbao.desks.county import desk as county
from cunbao.desks.county.desk import CountyDesk
from cunbao.errors import CunbaoError, DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.survey.codes import check_code
from cunbao.survey.task import Task
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.paper import Drawn
    from cunbao.trust.certs import Certificate

Triple = tuple[bytes, bytes, bytes]  # CA, desk's signing, desk's decryption certificate (DER)
WHAT = "任务包"
LEVELS = {"village": "村（社区）", "township": "乡镇"}
STEPS = ("检验", "签名", "写入", "读回", "核对")


@dataclass(frozen=True, slots=True)
class IssueView:
    """county-06. root_code: six groups of four; file_name: of the pack; size: bytes, about; certificate_until: of the
    key that signs; directory_day: on which the directory was changed last; root_lost: see `root_lost`."""

    builder: building.BuilderView
    title: str
    version: int
    file_name: str
    size: int
    person: str
    certificate_until: date
    root_code: str
    root_lost: str
    written: tuple[IssuedLine, ...]


@dataclass(frozen=True, slots=True)
class IssuedLine:
    """A version that went out. at: when, UTC."""

    name: str
    version: int
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A pack that was written and read back. check_code: first 12 hex digits of its hash, in groups."""

    path: Path
    version: int
    size: int
    sha256: str
    at: datetime

    @property
    def check_code(self) -> str:
        return check_code(self.sha256)


def issue_view(desk: CountyDesk, builder: building.BuilderView) -> IssueView:
    """builder: of the last 检验."""
    own = devices.device(desk.workspace)
    draft = builder.draft
    period_title = draft.wanted.period_title if draft is not None else ""
    period = draft.wanted.period if draft is not None else ""
    return IssueView(
        builder=builder,
        title=draft.wanted.title if draft is not None else "",
        version=builder.version,
        file_name=county.pack_name(desk.office, period_title, builder.version) if draft is not None else "",
        size=_size(desk, builder),
        person=f"{desk.person.name}，{desk.full_name}{desk.person.role}",
        certificate_until=local_day(own.read.not_after),
        root_code=county.root_code(desk),
        root_lost=root_lost(desk),
        written=tuple(
            IssuedLine(one.name, one.version, datetime.fromisoformat(one.issued_at), one.sha256)
            for one in packs.held(desk.workspace)
            if one.period == period
        ),
    )


def _size(desk: CountyDesk, builder: building.BuilderView) -> int:
    """About as large as the files: they are stored, not deflated. 0 before a folder was chosen."""
    if builder.draft is None:
        return 0
    sources = sum(path.stat().st_size for path in building.watched(builder.draft).values() if path.is_file())
    return round(sources * 1.6) + 130 * (builder.townships * 20 + builder.villages)


# --- who the pack speaks of ------------------------------------------------------------------------------------------


def townships_of(desk: CountyDesk) -> dict[str, Triple]:
    """Each township's certificates that a pack carries, by its code: its live CA and the newest live desk under it.
    A township of which one is missing is left out: it has not been certified yet, or its desk is not known here."""
    from cunbao.desks.county import keys
    from cunbao.trust.certs import CertRole, read_certificate
    from cunbao.trust.chain import issued_by

    workspace = desk.workspace
    revoked = {one.key for one in ledger.judge_of(workspace).revocations}
    found: dict[str, Triple] = {}
    for office in desk.townships:
        authority = keys.live(desk, office.code)
        if authority is None:
            continue
        above = workspace.object(authority.id)
        records = workspace.certificates(office=office.code, role=CertRole.TOWNSHIP_DESK.value)
        desks = [read_certificate(workspace.object(one.id)) for one in records if one.key not in revoked]
        under = [one for one in desks if issued_by(one.der, above)]
        signing = _newest(one for one in under if one.may_sign)
        reading = _newest(one for one in under if one.may_decrypt and signing and one.device == signing.device)
        if signing is not None and reading is not None:
            found[office.code] = (above, signing.der, reading.der)
    return found


def _newest(some: Iterable[Certificate]) -> Certificate | None:
    return max(some, key=lambda one: (one.not_before, one.not_after), default=None)


def root_lost(desk: CountyDesk) -> str:
    """What can be done without the root's key, or what is not up to date because it is on a token; "" all is well."""
    place = rootkey.where(desk)
    if place == rootkey.OTHERS:
        return "根钥匙由别的管理员掌管；任务包可以签发，吊销名单用上一次的"
    if place == rootkey.ON_TOKEN and (number := rootlist.missing(desk)):
        return (
            f"吊销名单用上一次的，少 {number} 张后来吊销的证书：村报照样认得，别的程序认不得。"
            "插上 U 盾给乡镇签发或换发一次证书，名单就是新的"
        )
    if place != rootkey.LOST:
        return ""
    return (
        "这台电脑上没有根钥匙了。任务包照样可以签发，发过的证书照样有效；"
        "不能再给乡镇签发、换发证书，请尽快在“证书”里从备份恢复"
    )


# --- issuing ---------------------------------------------------------------------------------------------------------


def issue(
    desk: CountyDesk,
    folder: Path,
    password: str,
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Issued:
    """Sign the draft and write it to `folder`. DeskError "pack.unchecked" when something changed after the last 检验,
    "pack.faults" with any fault, "disk.full", "folder.readonly", "medium.gone", "medium.differs"; TrustError
    "password.wrong". Whatever fails, no version counts as issued."""
    draft = building.draft_of(desk)
    volume = media.volume_of(folder, what=WHAT)
    progress(Progress(0, len(STEPS), STEPS[0]))
    checked = desk.workspace.setting(building.CHECKED, None)
    if draft is None or checked is None or checked["seal"] != building.seal_of(desk, draft):
        raise DeskError(
            "pack.unchecked",
            happened="表式、时间或名录在检验之后又改过",
            safe="没有签发任何任务包",
            todo="请回到“任务包”重新检验，再签发",
        )
    found = building.inspected(desk, draft, cancel=cancel)
    if found.task is None:
        raise DeskError(
            "pack.faults",
            happened=f"还有 {len(found.faults)} 处错",
            safe="没有签发任何任务包",
            todo="请回到“任务包”逐处改好，再签发",
        )
    if cancel is not None:
        cancel.check()
    progress(Progress(1, len(STEPS), STEPS[1]))
    version = building.version_of(desk, draft.wanted.period)
    papers = townships_of(desk)
    data = seal(
        desk,
        found.files,
        found.task,
        offices=desk.workspace.offices(),  # ended ones too: what they reported stays readable
        townships=papers,
        password=password,
        version=version,
    )
    path = folder / county.pack_name(desk.office, draft.wanted.period_title, version)
    progress(Progress(2, len(STEPS), STEPS[2]))
    written = _write(path, data, volume, progress)
    keep_issued(desk, data)
    outbox.keep(desk.workspace, path, data, outbox.everybody(desk), now=desk.clock())
    desk.journal("issue_pack", task=found.task.id, period=found.task.period, version=version, file=path.name)
    progress(Progress(len(STEPS), len(STEPS), "写好了"))
    return written


def write_again(desk: CountyDesk, sha256: str, folder: Path) -> Issued:
    """A version that went out before, the very bytes, to another stick. KeyError for none."""
    volume = media.volume_of(folder, what=WHAT)
    line = next(one for one in packs.held(desk.workspace) if one.sha256 == sha256)
    path = folder / county.pack_name(desk.office, line.period_title, line.version)
    data = desk.workspace.object(sha256)
    written = _write(path, data, volume, silent)
    outbox.keep(desk.workspace, path, data, outbox.everybody(desk), now=desk.clock())
    desk.journal("write_pack", version=line.version, file=path.name)
    return written


def _write(path: Path, data: bytes, volume: int, progress: Report) -> Issued:
    """Written under its name, read back, compared, opened. What does not compare is taken away again."""
    there = path.exists()
    try:
        media.write_file(path, data, what=WHAT, on=volume)
        progress(Progress(3, len(STEPS), STEPS[3]))
        back = media.read_back(path, data, what=WHAT)
        progress(Progress(4, len(STEPS), STEPS[4]))
        pack = tasks.read_pack(back)
    except CunbaoError:
        if not there:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise
    return Issued(path=path, version=pack.version, size=len(data), sha256=pack.sha256, at=pack.issued_at)


def seal(
    desk: CountyDesk,
    files: Mapping[str, bytes],
    task: Task,
    *,
    offices: Sequence[Office],
    townships: Mapping[str, Triple],
    password: str,
    version: int,
) -> bytes:
    """The bytes of the .cbtask, signed by this person. TrustError "password.wrong". Keeps nothing but the revocation
    list that goes along."""
    from cunbao.exchange.taskpack import Issue, write_taskpack

    signer = devices.unlock_signer(desk.workspace, desk.person, password)
    return write_taskpack(
        Issue(
            task=task.id,
            title=task.title,
            task_version=task.version,
            period=task.period,
            period_title=task.period_title,
            version=version,
            issued_at=desk.clock().replace(microsecond=0),
            offices=tuple(offices),
            townships=townships,
            crls=_revocation_list(desk, password),
        ),
        files,
        root=desk.root,
        signer=signer,
    )


def _revocation_list(desk: CountyDesk, password: str) -> tuple[bytes, ...]:
    """The root's list; without the root's key at hand the last one: a token need not be put in for a pack."""
    if rootkey.where(desk) != rootkey.FILE:
        return rootlist.last(desk)
    return (rootlist.make(desk, county.unlock_root(desk, password)),)


def keep_issued(desk: CountyDesk, data: bytes) -> None:
    """The county's own desk works with the pack that it issued: the same forms, directory and certificates."""
    pack = tasks.read_pack(data)
    with desk.workspace.atomic():
        for one in pack.offices:
            desk.workspace.add_office(one)
        tasks.take_pack(desk.workspace, pack, data)
        devices.keep_certificates(desk.workspace, (der for some in pack.townships.values() for der in some))
    desk.given = tasks.task_of(desk.workspace)


def notice(desk: CountyDesk, builder: building.BuilderView, issued: Issued | None = None) -> Drawn:
    """打印给乡镇和村: the notice with the root's 24 digits, of the version just issued, else of the one at hand.
    Journalled. DeskError "pack.no_draft"."""
    from cunbao.paper import NoticeForm, PackNotice, draw_pack_notice

    if builder.draft is None:
        raise DeskError(
            "pack.no_draft", happened="还没有选表式的文件夹", safe="没有改动任何资料", todo="请先选放着表式的文件夹"
        )
    wanted, version = builder.draft.wanted, issued.version if issued is not None else builder.version
    drawn = draw_pack_notice(
        PackNotice(
            unit=desk.full_name,
            number=f"{desk.office.short}任务 {wanted.period}-{version:02d}",
            day=local_day(desk.clock()),
            task_title=wanted.title,
            period_title=wanted.period_title,
            version=version,
            file_name=county.pack_name(desk.office, wanted.period_title, version),
            digits=county.root_code(desk).replace(" ", ""),
            forms=[NoticeForm(one.form, one.title, LEVELS[one.level], one.department) for one in builder.sent],
            deadline=wanted.deadline,
            town_deadline=wanted.town_deadline,
            townships=builder.townships,
            villages=builder.villages,
            check_code=issued.check_code if issued is not None else "",
        )
    )
    desk.journal("print_pack_notice", version=version)
    return drawn
