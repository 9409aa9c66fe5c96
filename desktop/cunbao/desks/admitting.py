"""Who may send what to a township or county: a file is read, verified whole and held against the task and the directory
before anything of it is taken. Writes nothing. Source: protocol §1, §5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from cunbao.desks import devices, ledger, taking
from cunbao.desks.seat import Seat
from cunbao.desks.taking import brief, refused
from cunbao.errors import ExchangeError
from cunbao.store import Workspace
from cunbao.survey.task import Task
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.exchange import Package, PackageKind
    from cunbao.exchange.content import Content
    from cunbao.trust.certs import Certificate


class Receiver(Seat, Protocol):
    """A desk that packages are sent to: a township's or a county's."""

    @property
    def task(self) -> Task: ...
    @property
    def villages(self) -> tuple[Office, ...]: ...


@dataclass(frozen=True, slots=True)
class Admitted:
    """A package that is whole and ours. leaf: its signer's certificate, the issued one where there is one. known: our
    root vouches for the key, though it may be revoked or expired."""

    package: Package
    content: Content
    leaf: Certificate
    known: bool


def admit(desk: Receiver, data: bytes) -> Admitted:
    """Verify everything; ExchangeError says why not. Nothing is written."""
    from cunbao.exchange import PackageKind, read_package
    from cunbao.exchange.content import read_content

    judge = ledger.judge_of(desk.workspace)
    own = devices.device(desk.workspace)
    package = read_package(data, own.readers, judge.roots, us=(desk.office.code,), certificates=judge.authorities)
    manifest = package.manifest
    _refuse_sender(desk, package)
    _refuse_moved_out(desk.workspace, manifest.period)
    periods = (desk.task.period, desk.task.previous_period)
    if manifest.task != desk.task.id or manifest.period not in periods:
        raise _other_task(f"这个文件报的是“{brief(manifest.task)}” {brief(manifest.period)}，不是本期任务")
    content = _news(desk.workspace, read_content(package))
    whose = desk.office.code if manifest.kind is PackageKind.RECEIPT else manifest.office
    _refuse_others(whose, manifest.kind, content, periods)
    taking.refuse_other_forms(desk.task, content)
    signer = package.verdict.signer
    assert signer is not None  # a package whose signature computes has one
    others = tuple(one.der for one in package.verdict.chain)
    leaf, chain = judge.chain(signer, others, at=manifest.written_at, object_id=package.sha256)
    return Admitted(package, content, leaf, chain.vouched)


def _news(workspace: Workspace, content: Content) -> Content:
    """The content without what lies in the file of a year that was moved out: that is held, and comes in no second
    time. ExchangeError "package.moved_out" where something of such a year is news: it waits until the year is back."""
    if not workspace.moved_out():
        return content
    away = {one.period for one in workspace.moved_out()}

    def known(name: str, about: str, signatures: tuple[bytes, ...]) -> bool:
        stub = workspace.stub(name)
        if stub is not None and {sha256(cms).hexdigest() for cms in signatures} <= set(stub.signatures):
            return True
        concerned = stub or (workspace.stub(about) if about else None)
        if concerned is not None:
            _refuse_moved_out(workspace, concerned.period)
        return False

    for one in content.revisions:
        if one.header.period in away and workspace.stub(one.id) is None:
            _refuse_moved_out(workspace, one.header.period)
    return replace(
        content,
        revisions=tuple(one for one in content.revisions if not known(one.id, "", one.signatures)),
        decisions=tuple(
            one
            for one in content.decisions
            if not known(one.id, one.decision.revision, (one.signature, *one.others))
        ),
        evidence=tuple(one for one in content.evidence if not known(one.id, one.said.revision, one.signatures)),
    )


def _refuse_moved_out(workspace: Workspace, period: str) -> None:
    year = workspace.moved_out_year(period)
    if year is not None:
        raise refused(
            "package.moved_out",
            f"里面有 {period} 年度的内容，那一年已移出，在文件“{year.file_name}”里",
            "请先把那一年移回，再收一次",
        )


def _refuse_sender(desk: Receiver, package: Package) -> None:
    """A township takes bundles of its villages and receipts of its county; a county what its townships send on."""
    from cunbao.exchange import PackageKind

    manifest = package.manifest
    county = desk.office.code[:6] + "000000"
    if manifest.office == desk.office.code:
        raise _not_ours("这是本单位自己写给别人的文件，不是报上来的")
    if desk.workspace.kind == "county":
        right = manifest.kind is PackageKind.FORWARD and manifest.office in {
            one.code for one in desk.workspace.offices(desk.office.code)
        }
    elif manifest.kind is PackageKind.RECEIPT:
        right = manifest.office == county and package.verdict.valid
    else:
        right = manifest.kind is PackageKind.BUNDLE and manifest.office in {one.code for one in desk.villages}
    if not right:
        where = "本县的乡镇" if desk.workspace.kind == "county" else "本镇的村"
        raise _not_ours(f"这个文件是{manifest.office}写的，不是{where}报来的")


def _refuse_others(office: str, kind: PackageKind, content: Content, periods: Sequence[str]) -> None:
    """A village's bundle carries the village's own returns, a township's those of its villages; what the county gives
    back to a township (全部还原) is the township's own."""
    from cunbao.exchange import PackageKind

    digits = 12 if kind is PackageKind.BUNDLE else 9
    for one in content.revisions:
        if one.header.office[:digits] != office[:digits]:
            raise _not_theirs(f"里面有别的单位的报表（{one.header.office}）")
        if kind is PackageKind.BUNDLE and one.header.period not in periods:
            raise _other_task(f"里面有别的年度的报表（{brief(one.header.period)}）")
    for scan in content.evidence:
        if scan.said.office and scan.said.office[:9] != office[:9]:  # the township's own stand beside a 代报
            raise _not_theirs(f"里面有别的单位的扫描件（{brief(scan.said.office)}）")


def _not_ours(happened: str) -> ExchangeError:
    return refused("package.office", happened, "请交给收件的一方，或退给带来的人")


def _other_task(happened: str) -> ExchangeError:
    return refused("package.task", happened, "请核对是不是拿错了文件；任务换了的，请先导入新的任务包")


def _not_theirs(happened: str) -> ExchangeError:
    return refused("package.content", happened, "请对方在村报里重新导出一次")
