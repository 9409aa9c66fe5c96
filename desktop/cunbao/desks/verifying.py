"""验证: any of our files handed in; who signed, when, who vouches, is it whole, is it what we hold. Takes nothing in.

With a desk, by the certificates and revocations that its workspace holds, offline; without one (`verify_file`) by a
root certificate alone. A QR line or a typed code finds the return that it stands for. Source: ui/design.md county-09.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cunbao.desks import archiving, media
from cunbao.desks.seat import Seat
from cunbao.desks.verified import HERE, Outcome, Verified, moved_out
from cunbao.errors import CunbaoError, DeskError
from cunbao.store import MovedOut, StoredRevision
from cunbao.survey import codes
from cunbao.survey.decision import Act
from cunbao.survey.task import Task

MOST = 64 * 1024 * 1024  # bytes; more is none of our files


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """kind: what it is, in the user's words; standing: 有效 / 不能判断 / 无效; signer: who, for whom; "" unknown."""

    kind: str
    standing: str
    reason: str
    signer: str

    @property
    def good(self) -> bool:
        return self.standing == "有效"


# --- with a desk -----------------------------------------------------------------------------------------------------


def examine_file(seat: Seat, path: Path) -> Verified:
    """The five answers about a file; journalled. DeskError "file.unreadable"."""
    name = media.shown_name(path)
    if name.casefold().endswith(archiving.SUFFIX):
        return _examine_year(seat, path, name)
    try:
        size, data = media.read_whole(path, MOST)
    except OSError as trouble:
        raise _unreadable(name, str(trouble)) from trouble
    return examine(seat, data if size <= MOST else b"", name, size=size)


def _examine_year(seat: Seat, path: Path, name: str) -> Verified:
    """A year that was moved out: too large to be read whole, so it says for itself what it is; journalled."""
    here, at = HERE[seat.workspace.kind], seat.clock()
    size = path.stat().st_size if path.is_file() else 0
    outcome, lines, digest = archiving.examine(seat.workspace, path, here)
    found = Verified(name, "移出的年度", size, outcome, here, lines, at, sha256=digest)
    _journal(seat, found)
    return found


def examine(seat: Seat, data: bytes, name: str, *, size: int = -1) -> Verified:
    """The five answers about the bytes of a file; journalled."""
    from cunbao.desks import verifyparcel, verifyreturn

    here = HERE[seat.workspace.kind]
    held = ""
    if data.startswith(b"%PDF"):
        kind = "签名的报表"
        outcome, lines, held = verifyreturn.examine(seat, task_of(seat), data, here)
    elif name.casefold().endswith(".cbtask"):
        kind, outcome, lines = verifyparcel.examine_pack(seat, data, here)
    elif name.casefold().endswith(".cbsync"):
        kind, outcome, lines = verifyparcel.examine_package(seat, data, here)
    else:
        kind, outcome, lines = "不认识的文件", Outcome.FOREIGN, ()
    found = Verified(
        name=name,
        kind=kind,
        size=len(data) if size < 0 else size,
        outcome=outcome,
        here=here,
        lines=lines,
        at=seat.clock(),
        held=held,
        revocations=_last_revocation(seat),
        data=data,
        sha256=sha256(data).hexdigest(),
    )
    _journal(seat, found)
    return found


def examine_code(seat: Seat, text: str) -> Verified:
    """What a typed verification code or a scanned QR stands for: the return that we hold under it, verified;
    journalled. SurveyError "code.typed", "qr.foreign"; DeskError "code.other" for a code that is of no return."""
    code, revision = read_text(text)
    stored = seat.workspace.revision(revision) if revision else by_code(seat, code)
    here = HERE[seat.workspace.kind]
    if stored is None:
        away = _moved_out(seat, code, revision)
        if away is not None:
            lines = (moved_out(here, away.period, away.file_name, same=True),)
            found = Verified(code, "验证码", 0, Outcome.MOVED_OUT, here, lines, seat.clock())
        else:
            found = Verified(code, "验证码", 0, Outcome.NOT_HELD, here, (), seat.clock())
        _journal(seat, found)
        return found
    return examine(seat, held_pdf(seat, stored.id), code)


def read_text(text: str) -> tuple[str, str]:
    """(verification code, id of the revision or "") of what was typed, pasted or scanned."""
    if ":" in text or "：" in text:
        line = codes.read_qr(text.replace("：", ":"))
        if line.kind != "R":
            raise DeskError(
                "code.other",
                happened=f"这是{_OTHER.get(line.kind, '别的纸')}上的码，不是报表的",
                safe="没有改动任何资料",
                todo="请扫报表签名框里的二维码，或输入它下面的验证码",
            )
        return line.code, line.sha256
    return codes.read_code(text), ""


_OTHER = {"N": "通知或回执", "E": "证书申请", "P": "找回密码申请", "T": "汇总表", "C": "汇编封面", "I": "指标报告"}


def by_code(seat: Seat, code: str) -> StoredRevision | None:
    """The return whose pages bear this code, None when we hold none."""
    for period in reversed(seat.workspace.periods()):
        for name in seat.workspace.signed_ids(period):
            if codes.verification_code(name) == code:
                found = seat.workspace.revision(name)
                if found is not None:
                    return found
    return None


def _moved_out(seat: Seat, code: str, revision: str) -> MovedOut | None:
    """The archive in which the return of this code lies."""
    for year in reversed(seat.workspace.moved_out()):
        stubs = [one for one in seat.workspace.stubs(year.period) if one.what == "revision"]
        if any(one.id == revision or codes.verification_code(one.id) == code for one in stubs):
            return year
    return None


def held_pdf(seat: Seat, revision: str) -> bytes:
    """The signed pages that we hold of a return. DeskError "revision.unknown"."""
    from cunbao.desks.signedpages import signed_pdfs

    stored = seat.workspace.revision(revision)
    pdfs = signed_pdfs(seat.workspace, stored) if stored is not None else ()
    if not pdfs:
        raise DeskError(
            "revision.unknown",
            happened=f"{HERE[seat.workspace.kind]}没有这份报表的签名 PDF",
            safe="没有改动任何资料",
            todo="请先接收它的报送包",
        )
    return seat.workspace.object(pdfs[0])


def covered(seat: Seat, pdf: bytes) -> dict[str, str]:
    """Identity numbers and phones on the pages of a PDF of ours → how a screen shows them, by the data inside it; what
    is wrong with it does not matter here."""
    from cunbao.desks.signedpages import masked_words
    from cunbao.survey.revision import Header, read_answers
    from cunbao.trust.pades import ANSWERS, HEADER, carried

    inside, task = carried(pdf), task_of(seat)
    try:
        header = Header.decode(inside[HEADER])
        form = task.forms[header.form] if task is not None else None
        return masked_words(form, read_answers(form, inside[ANSWERS]), header.ret.phone) if form is not None else {}
    except (KeyError, CunbaoError):
        return {}


def history(seat: Seat, most: int = 200) -> tuple[tuple[str, str, str], ...]:
    """验证记录: (moment in local time, file or code, what was found), newest first."""
    from cunbao.desks.clock import LOCAL

    entries = [one for one in seat.workspace.journal_entries() if one.act == "verify_file"]
    found = []
    for one in reversed(entries[-most:]):
        name, result = (str(one.detail.get(key, "")) for key in ("file_name", "result"))
        found.append((f"{one.at.astimezone(LOCAL):%m-%d %H:%M}", name, result))
    return tuple(found)


def task_of(seat: Seat) -> Task | None:
    """The desk's task, None before it has one."""
    try:
        found: Task | None = getattr(seat, "task", None)
    except DeskError:
        return None
    return found


def _last_revocation(seat: Seat) -> datetime | None:
    from cunbao.survey.decision import Decision

    made = [
        Decision.decode(seat.workspace.object(one.id)).at for one in seat.workspace.decisions_of_act(Act.REVOKE.value)
    ]
    return max(made, default=None)


def _journal(seat: Seat, found: Verified) -> None:
    if not seat.read_only:
        seat.journal("verify_file", file_name=found.name, file=found.sha256, result=found.head)


# --- without a desk --------------------------------------------------------------------------------------------------


def verify_file(path: Path, root: Path | None = None) -> FileVerdict:
    """The verdict on a PDF or a task pack. root: the county's root as PEM. DeskError "file.unreadable".

    A bundle is encrypted: without its reader's key only its being whole to the reader can be asked there."""
    try:
        data = path.read_bytes()
        roots = (_der(root.read_text("ascii")),) if root is not None else ()
    except (OSError, ValueError) as trouble:
        raise _unreadable(path.name, str(trouble)) from trouble
    if data.startswith(b"%PDF"):
        return _pdf(data, roots)
    if path.suffix == ".cbtask":
        return _pack(data, roots)
    return FileVerdict(
        "加密文件" if path.suffix == ".cbsync" else "不认识的文件", "不能判断", "要用收件单位的工作区打开才能验证", ""
    )


def _unreadable(name: str, detail: str) -> DeskError:
    return DeskError(
        "file.unreadable",
        happened=f"“{name}”读不出来",
        safe="文件没有改动",
        todo="请核对文件在不在、根证书是不是 root.pem",
        detail=detail,
    )


def _pdf(data: bytes, roots: Sequence[bytes]) -> FileVerdict:
    from cunbao.trust.pades import verify_pdf

    verdict = verify_pdf(data, roots)
    signer = verdict.signature.signer if verdict.signature is not None else None
    who = f"{signer.name} {signer.person}".strip() if signer is not None else ""
    return FileVerdict("签名的报表", verdict.standing.value, verdict.reason, who)


def _pack(data: bytes, roots: Sequence[bytes]) -> FileVerdict:
    from cunbao.exchange.taskpack import read_taskpack
    from cunbao.survey.codes import grouped

    try:
        pack = read_taskpack(data, roots=roots)
    except CunbaoError as trouble:
        return FileVerdict("任务包", "无效", trouble.happened, "")
    signer = pack.verdict.signer
    standing = "有效" if roots else "不能判断"
    return FileVerdict("任务包", standing, f"县级根证书比对码 {grouped(pack.root_code)}", signer.name if signer else "")


def _der(pem: str) -> bytes:
    import ssl

    return ssl.PEM_cert_to_DER_cert(pem)
