"""本镇的证书: the township asks the county to certify its CA key, and takes what comes back. The desk's own certificate
follows from it, so that it may decide and sign.

The first time the county's root is compared with the printed notice, digit by digit, as a village does with its pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices, media, offered, outbox
from cunbao.desks.clock import local_day
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import TownshipPapers
from cunbao.errors import DeskError
from cunbao.survey.codes import grouped

if TYPE_CHECKING:
    from cunbao.exchange.papers import CaPapers

SUFFIX = ".cbca"


@dataclass(frozen=True, slots=True)
class TownCertificate:
    """until: the day to which this desk may decide, None before the county's papers came; line: in words."""

    until: date | None
    line: str


@dataclass(frozen=True, slots=True)
class PapersView:
    """Papers that were looked at. known: their root is the one trusted here, so no digits need to be typed."""

    path: Path
    until: date
    known: bool


def certificate(desk: TownshipDesk) -> TownCertificate:
    own = devices.device(desk.workspace)
    if not own.enrolled:
        return TownCertificate(None, "还没有县里签发的证书：可以看，不能收件、审核")
    until = local_day(own.read.not_after)
    days = (until - desk.today).days
    return TownCertificate(until, f"还有 {days} 天" if days >= 0 else "已经到期，请向县里换发")


def write_request(desk: TownshipDesk, folder: Path) -> tuple[Path, str]:
    """写证书申请: (its path, 24 digits in six groups that are read to the county). DeskError "disk.full" …"""
    from cunbao.exchange.papers import read_ca_request, write_ca_request

    data = write_ca_request(desk.office.code, desk.office.name, township.ca_request(desk))
    path = folder / f"{desk.office.short}-证书申请.cbreq"
    media.write_file(path, data, what="证书申请")
    outbox.keep(desk.workspace, path, data, outbox.above(desk), now=desk.clock())
    desk.journal("request_papers", file=path.name)
    return path, grouped(read_ca_request(data).code)


def write_desk(desk: TownshipDesk, folder: Path) -> Path:
    """给县里的电脑证书: this desk's certificates, so that the county's next pack names whom villages seal for.

    DeskError "papers.none" before the county's certificate came, "disk.full" …"""
    from cunbao.exchange import papers

    own = devices.device(desk.workspace)
    if not own.enrolled or not own.decryption:
        raise DeskError(
            "papers.none",
            happened="还没有县里签发的证书",
            safe="没有写任何文件",
            todo="请先读入县里的证书，再写这个文件",
        )
    held = desk.workspace.setting(f"{township.CA_SETTING}/papers", None)
    data = papers.write_desk(desk.office.code, own.certificate, own.decryption, bytes.fromhex(held["certificate"]))
    path = folder / f"{desk.office.short}-给县里的电脑证书.cbdesk"
    media.write_file(path, data, what="电脑证书")
    outbox.keep(desk.workspace, path, data, outbox.above(desk), now=desk.clock())
    desk.journal("write_desk", file=path.name)
    return path


def look_at(desk: TownshipDesk, path: Path) -> PapersView:
    """Read the county's file and change nothing. ExchangeError "papers.…"; DeskError "file.unreadable"."""
    papers = _read(desk, path)
    return PapersView(path, local_day(papers.read.not_after), papers.root.hex() == desk.workspace.setting("root", ""))


def take(desk: TownshipDesk, path: Path, password: str, *, root_code: str = "") -> TownCertificate:
    """读入县里的证书. root_code: the 24 digits of the printed notice, where this root is not trusted here yet.

    DeskError "papers.root" when they differ, or when another county's root is trusted already; TrustError
    "password.wrong". Nothing has changed then."""
    papers = _read(desk, path)
    trusted = desk.workspace.setting("root", "")
    typed = "".join(root_code.split())
    if papers.root.hex() != trusted and (trusted or typed != papers.root_code):
        raise DeskError(
            "papers.root",
            happened="县级根证书不是本机所认的那一个" if trusted else "输入的比对码和文件里县级根证书的不一样",
            safe="没有采用这份证书",
            todo="请对照县里印发的通知再核一遍；真的不同就打电话问县民政局",
        )
    township.take_papers(desk, TownshipPapers(desk.office, papers.certificate, papers.chain), password)
    offered.taken_file(desk.workspace, path)
    return certificate(desk)


def _read(desk: TownshipDesk, path: Path) -> CaPapers:
    from cunbao.exchange.papers import MOST, read_papers

    try:
        if path.stat().st_size > MOST:
            raise OSError(f"{path.stat().st_size} bytes")
        data = path.read_bytes()
    except OSError as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{path.name}”读不出来，或不是证书文件",
            safe="原来的证书没有改动",
            todo=f"请选县里给的 {SUFFIX} 文件",
            detail=str(trouble),
        ) from trouble
    return read_papers(data, office=desk.office.code, public=township.ca_request(desk))
