"""等核准: whole files of computers that nobody has approved, kept aside outside every state and bounded; they are taken
by `receiving.take_aside` once their computer is approved. Source: protocol §1 (待核准 area).
"""

from __future__ import annotations

from cunbao.desks import filelines, filelog
from cunbao.desks.admitting import Admitted, Receiver
from cunbao.desks.clock import LOCAL
from cunbao.desks.taking import refused
from cunbao.desks.township import registry
from cunbao.desks.township.views import FileLine
from cunbao.errors import ExchangeError
from cunbao.store import Aside

BYTES = 64 * 1024 * 1024  # that one key may keep waiting
KEYS = 20


def hold(desk: Receiver, read: Admitted, file_name: str, data: bytes) -> FileLine:
    """A computer that nobody has approved: kept aside whole, when it asks for its certificate and there is room."""
    from cunbao.trust.certs import CertRole

    workspace, package, now = desk.workspace, read.package, desk.clock()
    manifest, asked = package.manifest, package.request
    if asked is None or (asked.office, asked.device, asked.role) != (
        manifest.office,
        manifest.device,
        CertRole.VILLAGE_DEVICE,
    ):
        raise _stranger(
            "签名的电脑没有登记，文件里也没有它的证书申请", "请村里重新导出一次；换过电脑的，请先送证书申请来"
        )
    waiting = workspace.aside()
    mine = [one for one in waiting if one.key == read.leaf.key_id]
    keys = {one.key for one in waiting}
    if sum(one.size for one in mine) + len(data) > BYTES or (not mine and len(keys) >= KEYS):
        todo = "请先到“登记”里核准或不核准等着的电脑，再收这个文件"
        raise refused("package.aside_full", "等核准的文件已经太多，放不下了", todo)
    forms = tuple(dict.fromkeys(one.header.form for one in read.content.revisions))
    with workspace.atomic():
        came = f"{now.astimezone(LOCAL):%m-%d} 随第 {manifest.sequence} 次报送包来"
        if registry.note_request(desk, asked, came=came).state != registry.ASKED:
            raise _stranger("这台电脑的证书申请没有核准，或已经作废", "请村里重新申请证书，再连申请一起报来")
        aside = Aside(
            package.sha256, read.leaf.key_id, manifest.office, manifest.period, forms, now, file_name, len(data)
        )
        workspace.put_aside(aside, data)
        line = filelines.held(package, len(forms), name=file_name, at=now)
        filelog.note(desk, line, package.sha256, file_name, len(data), read)
        desk.journal("hold", file=package.sha256, office=manifest.office)
    return line


def _stranger(happened: str, todo: str) -> ExchangeError:
    return refused("package.stranger", happened, todo)
