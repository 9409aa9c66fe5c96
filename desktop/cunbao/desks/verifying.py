"""验证: any of our files handed in; who signed, is it whole, who vouches. Takes nothing in, needs no workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cunbao.errors import CunbaoError, DeskError


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


def verify_file(path: Path, root: Path | None = None) -> FileVerdict:
    """The verdict on a PDF or a task pack. root: the county's root as PEM. DeskError "file.unreadable".

    A bundle is encrypted: without its reader's key only its being whole to the reader can be asked there."""
    try:
        data = path.read_bytes()
        roots = (_der(root.read_text("ascii")),) if root is not None else ()
    except (OSError, ValueError) as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{path.name}”读不出来",
            safe="文件没有改动",
            todo="请核对文件在不在、根证书是不是 root.pem",
            detail=str(trouble),
        ) from trouble
    if data.startswith(b"%PDF"):
        return _pdf(data, roots)
    if path.suffix == ".cbtask":
        return _pack(data, roots)
    return FileVerdict(
        "加密文件" if path.suffix == ".cbsync" else "不认识的文件", "不能判断", "要用收件单位的工作区打开才能验证", ""
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
