"""`.cbtask`: what the county asks of its villages, signed and not encrypted, since it holds nobody's data.

A zip of manifest.json, SHA256SUMS, task/… (the task folder with its compiled forms), offices.csv (the directory),
certificates/ (root, each township's CA and desk, the county desk) and crl/. A first opening compares the root's 24
digits with the printed notice; from then on only packs under that root are taken (protocol §4, decision 19).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785

from cunbao.errors import ExchangeError, SurveyError, TrustError
from cunbao.exchange import limits
from cunbao.exchange.archive import read_zip, safe_name
from cunbao.exchange.manifest import count, newer, too_large
from cunbao.exchange.package import MANIFEST, SUMS, inner_zip, package_id, sums
from cunbao.survey.values import Office
from cunbao.trust.certs import Certificate, CertRole, fingerprint24, read_certificate
from cunbao.trust.chain import Revocation, issued_by, judge_chain
from cunbao.trust.cms import sign_attached
from cunbao.trust.keys import Signer
from cunbao.trust.verify import SignatureVerdict, Standing, verify_attached

VERSION: Final = 1
_TASK: Final = "task/"
_OFFICES: Final = "offices.csv"
_ROOT: Final = "certificates/root.crt"
_COUNTY: Final = ("certificates/county-sign.crt", "certificates/county-decrypt.crt")
_TOWNSHIP: Final = ("ca", "sign", "decrypt")
_TOWNSHIP_FILE: Final = re.compile(r"certificates/([0-9]{9}000)-(ca|sign|decrypt)\.crt")
_CRL_FILE: Final = re.compile(r"crl/[0-9]{3}\.crl")
_OFFICE_COLUMNS: Final = tuple(one.name for one in fields(Office))
_TEXTS: Final = ("task", "title", "task_version", "period", "period_title")


@dataclass(frozen=True, slots=True)
class Issue:
    """What a pack says of itself. version: 1, 2 … of the pack, counted by the county; issued_at: aware UTC.

    offices: the directory, county and townships included. townships: 12 digits → DER certificates of its CA, its
    desk's signing key, its desk's decryption key. crls: current revocation lists (DER).
    """

    task: str
    title: str
    task_version: str
    period: str
    period_title: str
    version: int
    issued_at: datetime
    offices: tuple[Office, ...]
    townships: Mapping[str, tuple[bytes, bytes, bytes]] = field(repr=False)
    crls: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class TaskPack:
    """A pack read whole, its signature valid under its own root. Fields as in `Issue`; files: path inside the task
    folder → bytes; county: DER certificates of the county desk (signing, decryption); sha256: of the file."""

    task: str
    title: str
    task_version: str
    period: str
    period_title: str
    version: int
    issued_at: datetime
    offices: tuple[Office, ...]
    townships: Mapping[str, tuple[bytes, bytes, bytes]] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    root: bytes = field(repr=False)
    county: tuple[bytes, bytes] = field(repr=False)
    verdict: SignatureVerdict
    sha256: str

    @property
    def root_code(self) -> str:
        """24 digits of the root, compared with the printed notice on a first opening."""
        return fingerprint24(self.root)


def write_taskpack(issue: Issue, files: Mapping[str, bytes], *, root: bytes, signer: Signer) -> bytes:
    """The pack's bytes, signed by the county desk at `issue.issued_at`. files: path inside the task folder → bytes.

    ExchangeError "task.name", "package.too_large"; TrustError "issue.signer" for anybody but the county desk.
    """
    own = read_certificate(signer.certificate)
    if own.role is not CertRole.COUNTY_DESK or not signer.decryption:
        raise TrustError(
            "issue.signer",
            happened=f"“{own.role.label}”证书不能签发任务包",
            safe="没有写出任务包",
            todo="任务包由县级工作台签发，请用县级工作台的证书",
        )
    members = {_TASK + name: data for name, data in files.items()}
    bad = next((name for name in members if not safe_name(name, limits.TASK)), "")
    if bad:
        raise ExchangeError(
            "task.name",
            happened=f"任务文件夹里有不能用的文件名：{bad[len(_TASK) :]}",
            safe="没有写出任务包",
            todo="请改用不带空格和特殊符号的文件名",
        )
    members |= {_OFFICES: _directory(issue.offices), _ROOT: root}
    members |= dict(zip(_COUNTY, (signer.certificate, signer.decryption), strict=True))
    for code, certificates in issue.townships.items():
        for use, certificate in zip(_TOWNSHIP, certificates, strict=True):
            members[f"certificates/{code}-{use}.crt"] = certificate
    members |= {f"crl/{number:03d}.crl": crl for number, crl in enumerate(sorted(issue.crls))}
    said: dict[str, Any] = {name: getattr(issue, name) for name in _TEXTS}
    said |= {
        "v": VERSION,
        "kind": "task",
        "from": own.office,
        "version": issue.version,
        "issued_at": issue.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "members": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
    }
    data = inner_zip(rfc8785.dumps(said), members)
    if len(data) > limits.TASK.content:
        raise too_large("任务文件夹")
    return sign_attached(data, signer, when=issue.issued_at)


def read_taskpack(
    data: bytes,
    *,
    roots: Sequence[bytes] = (),
    crls: Sequence[bytes] = (),
    revocations: Sequence[Revocation] = (),
) -> TaskPack:
    """The pack in `data`, verified whole; nothing is applied.

    roots: the county roots already trusted here; () on a first opening, when the caller compares `root_code`.
    ExchangeError "task.oversize", "task.damaged", "task.signature", "task.other_root", "task.certificates",
    "package.newer", "archive.…".
    """
    if len(data) > limits.TASK.file:
        raise _refused("task.oversize", "文件超过任务包的上限")
    content = _content(data)
    members = read_zip(content, limits.TASK)
    root = members.get(_ROOT, b"")
    try:
        _, verdict = verify_attached(
            data,
            roots=(root,),
            crls=(*crls, *(members[name] for name in members if _CRL_FILE.fullmatch(name))),
            revocations=revocations,
            office=read_certificate(root).office,
            roles=(CertRole.COUNTY_DESK,),
        )
    except TrustError as trouble:
        raise _refused("task.signature", "任务包里没有县级根证书", trouble.detail) from trouble
    if not verdict.valid:
        raise _refused("task.signature", f"任务包的签名{verdict.standing}：{verdict.reason}")
    if roots and root not in roots:
        raise ExchangeError(
            "task.other_root",
            happened="这个任务包不是原来那个县级根证书签发的",
            safe="没有导入任何内容，原来的任务还在",
            todo="请打电话向县里核实；确实换了根证书的，按县里的通知办理",
        )
    try:
        return _pack(members, root, verdict, package_id(data))
    except TrustError as trouble:
        raise _refused("task.certificates", "任务包里有损坏的证书", trouble.detail) from trouble
    except (SurveyError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as cause:
        raise _refused("task.damaged", "任务包里的清单读不懂", str(cause)) from cause


def _content(data: bytes) -> memoryview:
    """What is signed, once the signature computes; whose it is can be asked when the root has been read."""
    try:
        content, verdict = verify_attached(data, roots=())
    except TrustError as trouble:
        raise _refused("task.damaged", trouble.happened, trouble.detail) from trouble
    if not verdict.computes:
        raise _refused("task.signature", verdict.reason)
    return content


def _pack(members: dict[str, bytes], root: bytes, verdict: SignatureVerdict, sha256: str) -> TaskPack:
    encoded = members.pop(MANIFEST)
    said = json.loads(encoded)
    if isinstance(said.get("v"), int) and said["v"] > VERSION:
        raise newer()
    listed = members.pop(SUMS)
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in members.items()}
    keys = {*_TEXTS, "v", "kind", "from", "version", "issued_at", "members"}
    if rfc8785.dumps(said) != encoded or said.keys() != keys or said["v"] != VERSION or said["kind"] != "task":
        raise ValueError("manifest")
    if said["members"] != hashes or listed != sums({MANIFEST: encoded, **members}) or said["from"] != verdict.office:
        raise ValueError("members")
    townships = _townships(members, root, verdict)
    signing, decryption = (read_certificate(members[name]) for name in _COUNTY)
    assert verdict.signer is not None  # a valid verdict has a signer
    if signing.der != verdict.signer.der or not _same_seat(decryption, signing, root):
        raise _refused("task.certificates", "任务包里县级工作台的证书不对")
    return TaskPack(
        **{name: _text(said[name]) for name in _TEXTS},
        version=count(said["version"], 1, 10**6),
        issued_at=datetime.strptime(said["issued_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        offices=_read_directory(members[_OFFICES]),
        townships=townships,
        crls=tuple(members[name] for name in sorted(members) if _CRL_FILE.fullmatch(name)),
        files={name[len(_TASK) :]: body for name, body in sorted(members.items()) if name.startswith(_TASK)},
        root=root,
        county=(signing.der, decryption.der),
        verdict=verdict,
        sha256=sha256,
    )


def _townships(
    members: Mapping[str, bytes], root: bytes, verdict: SignatureVerdict
) -> dict[str, tuple[bytes, bytes, bytes]]:
    """Each township's three certificates, each of the right office and role under the pack's root."""
    found: dict[str, dict[str, bytes]] = {}
    for name, body in members.items():
        named = _TOWNSHIP_FILE.fullmatch(name)
        if named:
            found.setdefault(named[1], {})[named[2]] = body
    assert verdict.signed_at is not None  # a valid verdict has its moment
    for code, parts in found.items():
        ca, sign, decrypt = (read_certificate(parts[use]) for use in _TOWNSHIP)
        chained = judge_chain(sign, others=(ca.der,), roots=(root,), at=verdict.signed_at, object_id="")
        ours = chained.standing is Standing.VALID and chained.path[1].der == ca.der and ca.office == code
        if not ours or sign.role is not CertRole.TOWNSHIP_DESK or not _same_seat(decrypt, sign, ca.der):
            raise _refused("task.certificates", f"任务包里{ca.name}的证书不对：{chained.reason}")
    return {code: (parts["ca"], parts["sign"], parts["decrypt"]) for code, parts in sorted(found.items())}


def _same_seat(decryption: Certificate, signing: Certificate, authority: bytes) -> bool:
    """Is it the decryption certificate beside that signing certificate? What we lock for it must not reach another."""
    same = (decryption.office, decryption.role) == (signing.office, signing.role)
    return same and decryption.may_decrypt and issued_by(decryption.der, authority)


def _directory(offices: Sequence[Office]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_OFFICE_COLUMNS)
    for office in sorted(offices, key=lambda one: one.code):
        writer.writerow([getattr(office, column) for column in _OFFICE_COLUMNS])
    return out.getvalue().encode()


def _read_directory(data: bytes) -> tuple[Office, ...]:
    rows = list(csv.reader(io.StringIO(data.decode())))
    if tuple(rows[0]) not in (_OFFICE_COLUMNS, _OFFICE_COLUMNS[:6]):  # a first pack said nothing of days
        raise ValueError("columns of the directory")
    return tuple(Office(*row) for row in rows[1:])


def _text(text: Any) -> str:
    if not isinstance(text, str) or len(text) > 200:
        raise ValueError("text")
    return text


def _refused(code: str, happened: str, detail: str = "") -> ExchangeError:
    return ExchangeError(
        code,
        happened=happened,
        safe="没有导入任何内容，原文件没有改动",
        todo="请重新复制一份任务包再试；仍不行就请县里重新签发",
        detail=detail,
    )
