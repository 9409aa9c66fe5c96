"""A forgotten password as files: `.cbrec` up with a fresh public key, `.cbrea` down with the data key for it alone.

The request is RFC 8785 JSON that anybody may read: it holds no secret that the superior could not open anyway, and no
password. Its 24 digits are read aloud; the answer binds exactly those bytes (protocol §4). Never opens a workspace.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785

from cunbao.errors import ExchangeError, TrustError
from cunbao.exchange import limits
from cunbao.exchange.manifest import newer
from cunbao.survey.codes import digits24, grouped
from cunbao.trust.certs import CertRole
from cunbao.trust.cms import sign_attached
from cunbao.trust.keys import PrivateKey, Signer, as_text, from_text, load_public, public_bytes
from cunbao.trust.recovery import open_recovery, seal
from cunbao.trust.verify import SignatureVerdict, verify_attached

VERSION: Final = 1
REQUEST_SUFFIX: Final = ".cbrec"
ANSWER_SUFFIX: Final = ".cbrea"
_REQUEST: Final = frozenset({"v", "kind", "office", "name", "person", "device", "key", "wraps", "made_at"})
_ANSWER: Final = frozenset({"v", "kind", "office", "request", "answer", "answered_at"})
_WRAP: Final = frozenset({"v", "label", "envelope"})
_OFFICE: Final = re.compile(r"[0-9]{12}", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAME: Final = 80  # characters of a name
_MOST_WRAPS: Final = 4
_MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"
_ROLES: Final = (CertRole.TOWNSHIP_DESK, CertRole.COUNTY_DESK)


@dataclass(frozen=True, slots=True)
class RecoveryRequest:
    """A request read strictly. data: the file's bytes; name: the office as shown; person: whose password is forgotten;
    device: key_id of the signing key that is lost with it ("" unknown); key: fresh public key (DER
    SubjectPublicKeyInfo); wraps: the data key for the superiors; made_at: UTC by the office's clock."""

    data: bytes = field(repr=False)
    office: str
    name: str
    person: str
    device: str
    key: bytes = field(repr=False)
    wraps: tuple[Mapping[str, Any], ...] = field(repr=False)
    made_at: datetime

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def code(self) -> str:
        """核对码: 24 digits over the whole file in six groups of four."""
        return request_code(self.data)


@dataclass(frozen=True, slots=True)
class RecoveryAnswer:
    """An answer verified and opened. secret: the data key; verdict: on who answered; answered_at: UTC, his clock."""

    secret: bytes = field(repr=False)
    verdict: SignatureVerdict = field(repr=False)
    answered_at: datetime


def wrap_label(office: str) -> str:
    """What a recovery wrap is bound to, so that one office's wrap is never answered in another's name."""
    return f"data:{office}"


def request_code(data: bytes) -> str:
    """核对码 of a .cbrec's bytes: six groups of four digits."""
    return grouped(digits24(hashlib.sha256(data).digest()))


def write_request(
    *,
    office: str,
    name: str,
    person: str,
    device: str,
    key: bytes,
    wraps: Sequence[Mapping[str, Any]],
    when: datetime,
) -> bytes:
    """The bytes of a .cbrec; fields as in `RecoveryRequest`. ExchangeError "recovery.request" when they do not fit."""
    data: bytes = rfc8785.dumps(
        {
            "v": VERSION,
            "kind": "recovery-request",
            "office": office,
            "name": name,
            "person": person,
            "device": device,
            "key": as_text(key),
            "wraps": [{part: wrap[part] for part in sorted(_WRAP)} for wrap in wraps],
            "made_at": when.astimezone(UTC).strftime(_MOMENT),
        }
    )
    return read_request(data).data


def read_request(data: bytes) -> RecoveryRequest:
    """The request of a .cbrec. ExchangeError "recovery.request", "package.newer"."""
    try:
        if len(data) > limits.RECOVERY_FILE:
            raise ValueError(f"{len(data)} bytes")
        said = json.loads(data)
        _known(said, data, _REQUEST, "recovery-request")
        office, device = _matching(said["office"], _OFFICE), said["device"]
        wraps = said["wraps"]
        if not isinstance(wraps, list) or not 1 <= len(wraps) <= _MOST_WRAPS:
            raise ValueError("wraps")
        for wrap in wraps:
            if not isinstance(wrap, dict) or wrap.keys() != _WRAP or wrap["label"] != wrap_label(office):
                raise ValueError("wrap")
            from_text(wrap["envelope"])
        key = from_text(said["key"])
        if public_bytes(load_public(key)) != key:
            raise ValueError("another spelling of the key")
        return RecoveryRequest(
            data=data,
            office=office,
            name=_named(said["name"]),
            person=_named(said["person"]),
            device=_matching(device, _SHA256) if device else "",
            key=key,
            wraps=tuple(wraps),
            made_at=_moment(said["made_at"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, TrustError) as cause:
        raise ExchangeError(
            "recovery.request",
            happened="恢复申请文件损坏，或不是村报的恢复申请",
            safe="没有答复，也没有改动任何资料",
            todo="请申请单位重新写一份恢复申请",
            detail=str(cause),
        ) from cause


def write_answer(request: RecoveryRequest, secret: bytes, signer: Signer, *, when: datetime) -> bytes:
    """The bytes of a .cbrea: `secret` for the request's fresh key, signed by the desk that answers."""
    said: dict[str, Any] = {
        "v": VERSION,
        "kind": "recovery-answer",
        "office": request.office,
        "request": request.sha256,
        "answer": seal(secret, request.key, label=_answer_label(request.sha256)),
        "answered_at": when.astimezone(UTC).strftime(_MOMENT),
    }
    return sign_attached(rfc8785.dumps(said), signer, when=when)


def read_answer(
    data: bytes, request: RecoveryRequest, key: PrivateKey, roots: Sequence[bytes], *, crls: Sequence[bytes] = ()
) -> RecoveryAnswer:
    """The answer to our `request`, verified whole and opened by the fresh `key`. roots: the county root held here.

    ExchangeError "recovery.answer" (damaged), "recovery.signature", "recovery.superior" (not our superior),
    "recovery.other" (to another request), "package.newer".
    """
    try:
        if len(data) > limits.RECOVERY_FILE:
            raise ValueError(f"{len(data)} bytes")
        content, verdict = verify_attached(data, roots=roots, crls=crls, roles=_ROLES)
        said = json.loads(bytes(content))
        _known(said, bytes(content), _ANSWER, "recovery-answer")
        wrap, answered_at = said["answer"], _moment(said["answered_at"])
        if not isinstance(wrap, dict) or wrap.keys() != _WRAP:
            raise ValueError("answer")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, TrustError) as cause:
        detail = cause.happened if isinstance(cause, TrustError) else str(cause)
        raise _refused("recovery.answer", "答复文件损坏，或不是村报的恢复答复", detail) from cause
    if not verdict.valid:
        raise _refused("recovery.signature", f"答复的签名{verdict.standing}：{verdict.reason}")
    superiors = {
        CertRole.TOWNSHIP_DESK: request.office[:9] + "000",
        CertRole.COUNTY_DESK: request.office[:6] + "000000",
    }
    if verdict.role is None or verdict.office != superiors.get(verdict.role):
        raise _refused("recovery.superior", "答复不是本单位的乡镇或县里写的")
    if said["request"] != request.sha256 or said["office"] != request.office:
        raise _refused("recovery.other", "这份答复不是答复最近这份申请的")
    try:
        secret = open_recovery(wrap, (key,), label=_answer_label(request.sha256))
    except TrustError as cause:
        raise _refused("recovery.answer", "答复打不开，里面的钥匙损坏", cause.detail) from cause
    return RecoveryAnswer(secret, verdict, answered_at)


def _answer_label(sha256: str) -> str:
    return f"answer:{sha256}"


def _known(said: Any, data: bytes, keys: frozenset[str], kind: str) -> None:
    """Exactly these keys in exactly this spelling; a newer version is told apart from damage."""
    if not isinstance(said, dict):
        raise ValueError("no object")
    if isinstance(said.get("v"), int) and said["v"] > VERSION and said.get("kind") == kind:
        raise newer()
    exact = said.keys() == keys and type(said["v"]) is int and said["v"] == VERSION and said["kind"] == kind
    if not exact or rfc8785.dumps(said) != data:
        raise ValueError("fields")


def _matching(text: Any, pattern: re.Pattern[str]) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise ValueError(f"{text!r}"[:80])
    return text


def _named(text: Any) -> str:
    if not isinstance(text, str) or not 1 <= len(text) <= _NAME or not text.isprintable():
        raise ValueError("name")
    return text


def _moment(text: Any) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)


def _refused(code: str, happened: str, detail: str = "") -> ExchangeError:
    return ExchangeError(
        code,
        happened=happened,
        safe="密码没有改，填的内容都在",
        todo="请核对是不是最近那份申请的答复文件；不对就请乡镇再答复一次，或重新写一份申请",
        detail=detail,
    )
