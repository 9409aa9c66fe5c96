"""A revision (版本) of a return: its answers and its header as bytes that are always the same for the same content.

Never signs, never stores, never asks the clock: `freeze` gets everything it writes. What is read is held to the rules
by which it is written, so that there is one spelling of each revision and its hash is its name.
Sources: ODK XForms submission, Canonical XML 2.0 (W3C), RFC 8785, protocol.md §2–§3, decision 14.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID

import rfc8785

from cunbao.errors import SurveyError
from cunbao.survey.form import Bind, Form
from cunbao.survey.formnews import known_to
from cunbao.survey.moments import read_moment
from cunbao.survey.states import Kind
from cunbao.survey.values import OFFICE_CODE, Answers, Cell, Explanation, Ret, Row

HEADER_VERSION = 1
ROW_ID = "row_id"  # attribute of a roster row
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
# What XML 1.0 cannot carry, and the controls that no form means: a return holding one could not be read back.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
KINDS = tuple(kind.code for kind in Kind)
MOST_TAGS = 400_000  # 20,000 rows of ten values: a tag of four bytes must not become a hundred of memory


@dataclass(frozen=True, slots=True)
class Header:
    """header.json of one revision (decision 14). All ids are lower-case SHA-256 hex.

    n: 1 + the largest n its writer holds; seen: decision heads it knew; parents: the first is the one it corrects;
    kind: code of states.Kind; version: 1 + the highest of the parents; uses: (what, id) of everything the answers
    rest on; signed_at: aware, whole seconds; today: the day that expressions used; attachments: ids;
    answers_sha256 is "" until `freeze`.
    """

    n: int
    seen: tuple[str, ...]
    task: str
    task_version: str
    form: str
    form_version: str
    office: str
    period: str
    kind: str
    version: int
    parents: tuple[str, ...]
    uses: tuple[tuple[str, str], ...]
    device: str
    person_name: str
    person_role: str
    ret: Ret
    signed_at: datetime
    today: date
    explanations: tuple[Explanation, ...]
    tool: str
    answers_sha256: str = ""
    attachments: tuple[str, ...] = ()
    v: int = HEADER_VERSION

    def encode(self) -> bytes:
        """RFC 8785 bytes; the SHA-256 of these is the revision's id."""
        members = _to_json(self)
        try:
            return rfc8785.dumps(members)
        except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
            raise _bad_header(str(error)) from error

    @classmethod
    def decode(cls, data: bytes) -> Header:
        """Reads exactly what `encode` writes; anything else, an unknown key too, is refused (SurveyError)."""
        try:
            members = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise _bad_header("不是JSON") from error
        header = _from_json(members)
        if header.encode() != data:
            raise _bad_header("不是规范写法（RFC 8785）")
        return header


@dataclass(frozen=True, slots=True)
class Revision:
    """One frozen revision: what is signed (`header_bytes`) and what it vouches for (`answers_bytes`)."""

    id: str
    header: Header
    header_bytes: bytes
    answers_bytes: bytes


def freeze(form: Form, answers: Answers, header: Header) -> Revision:
    """The revision of these answers. instanceID is derived from all that is frozen; deprecatedID names the first
    parent (protocol.md §3). The header's answers_sha256 is filled in here."""
    for one in header.explanations:
        _writable(one.text, "情况说明")
    for text in (header.ret.head, header.ret.stat_head, header.ret.filler, header.ret.phone, header.person_name):
        _writable(text, "签字栏")
    bare = answers_xml(form, answers, instance_id="")
    draft = replace(header, answers_sha256="")
    seed = sha256(draft.encode() + bare).digest()
    data = answers_xml(
        form,
        answers,
        instance_id=f"uuid:{UUID(bytes=seed[:16], version=5)}",
        deprecated_id=f"urn:cunbao:revision:{header.parents[0]}" if header.parents else "",
    )
    _bounded(data)
    header_bytes = replace(header, answers_sha256=sha256(data).hexdigest()).encode()
    # Decoded again: what nobody could read must not be signed, and the header comes back in its one spelling.
    return Revision(
        id=sha256(header_bytes).hexdigest(),
        header=Header.decode(header_bytes),
        header_bytes=header_bytes,
        answers_bytes=data,
    )


# --- answers.xml ---------------------------------------------------------------------------------------------------


def answers_xml(form: Form, answers: Answers, *, instance_id: str, deprecated_id: str = "") -> bytes:
    """The answers as ODK submission XML in Canonical XML 2.0: fields in the form's order and groups, empty ones left
    out, rows with their id, `meta` last. Refuses names that the form has not and characters that XML cannot carry."""
    _refuse_unknown(form, answers)
    return _written(form, answers, form.version, instance_id, deprecated_id)


def read_answers(form: Form, data: bytes) -> Answers:
    """The answers of answers.xml; SurveyError when it is not of this form or not in the one spelling.
    An older version of the form is read as long as its names are still known; else as that version of it which is known
    here (`Form.before`) wrote it, without what the form does not ask any more."""
    try:
        return _read_as(form, data)
    except SurveyError:
        for earlier in form.before:
            with suppress(SurveyError):
                return known_to(form, _read_as(earlier, data))
        raise


def _read_as(form: Form, data: bytes) -> Answers:
    if not data.startswith(b"<data ") or b"<!" in data:  # in another encoding a document type would not be seen
        raise _bad_answers("不是填报值，或含有文档类型声明")  # which can hold entities that grow without bound
    _bounded(data)
    try:
        root = ET.fromstring(data)
    except ET.ParseError as error:
        raise _bad_answers(str(error)) from error
    if root.tag != "data" or root.get("id") != form.id:
        raise _bad_answers(f"不是{form.id}表")
    values: dict[str, str] = {}
    rows: dict[str, list[Row]] = {}
    for element in root:
        if element.tag != "meta":
            _read(form, (root.tag, element.tag), element, values, rows)
    read = Answers(values=MappingProxyType(values), rows={name: tuple(some) for name, some in rows.items()})
    _refuse_unknown(form, read)
    meta = (root.findtext("meta/instanceID", ""), root.findtext("meta/deprecatedID", ""))
    if _written(form, read, root.get("version", ""), *meta) != data:
        raise _bad_answers("不是规范写法")
    return read


def _bounded(data: bytes) -> None:
    """For writer and reader alike, before anything is built of it."""
    if data.count(b"<") > MOST_TAGS or data.count(b"=") > MOST_TAGS:
        raise _bad_answers("项数太多")


def _read(
    form: Form, path: tuple[str, ...], element: ET.Element, values: dict[str, str], rows: dict[str, list[Row]]
) -> None:
    bind = form.binds.get(path)
    if bind is None:
        raise _bad_answers(f"多出一项 {element.tag}")
    if bind.kind == "field":
        values[bind.name] = element.text or ""
        return
    inside = values
    if bind.kind == "repeat":
        inside = {}
        rows.setdefault(bind.name, []).append(Row(id=element.get(ROW_ID, ""), values=MappingProxyType(inside)))
    for child in element:
        _read(form, (*path, child.tag), child, inside, rows)


def _written(form: Form, answers: Answers, version: str, instance_id: str, deprecated_id: str) -> bytes:
    inside = _inside(form)
    top = next(iter(form.binds))[:1]
    content = "".join(_node(one, answers.values, answers, inside) for one in inside.get(top, ()))
    meta = _element("instanceID", instance_id) + _element("deprecatedID", deprecated_id)
    attributes = _attributes({"id": form.id, "version": version})
    return f"<data {attributes}>{content}<meta>{meta}</meta></data>".encode()


def _node(bind: Bind, values: Mapping[str, str], answers: Answers, inside: Mapping[tuple[str, ...], list[Bind]]) -> str:
    if bind.kind == "field":
        return _element(bind.name, values.get(bind.name, ""))
    if bind.kind == "group":
        content = "".join(_node(one, values, answers, inside) for one in inside.get(bind.path, ()))
        return f"<{bind.name}>{content}</{bind.name}>" if content else ""
    parts = []
    for row in answers.rows.get(bind.name, ()):
        content = "".join(_node(one, row.values, answers, inside) for one in inside.get(bind.path, ()))
        parts.append(f"<{bind.name} {_attributes({ROW_ID: row.id})}>{content}</{bind.name}>")
    return "".join(parts)


def _inside(form: Form) -> Mapping[tuple[str, ...], list[Bind]]:
    """What stands directly in each node, in the form's order."""
    found: dict[tuple[str, ...], list[Bind]] = {}
    for path, bind in form.binds.items():
        found.setdefault(path[:-1], []).append(bind)
    return found


def _element(name: str, text: str) -> str:
    if not text:
        return ""
    escaped = _writable(text, name).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<{name}>{escaped.replace(chr(13), '&#xD;')}</{name}>"


def _attributes(values: Mapping[str, str]) -> str:
    return " ".join(f'{name}="{_attribute(values[name], name)}"' for name in sorted(values))


def _attribute(text: str, name: str) -> str:
    text = _writable(text, name).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return text.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


def _writable(text: str, name: str) -> str:
    found = UNWRITABLE.search(text)
    if found:
        raise SurveyError(
            "answers.control",
            happened=f"“{name}”里有看不见的控制字符（U+{ord(found.group()):04X}）",
            safe="填的内容都还在，没有签名",
            todo="请到这一格把内容删掉，重新输入一遍",
        )
    return text


def _refuse_unknown(form: Form, answers: Answers) -> None:
    """Names that the form has not, and row ids that stand twice or are missing: neither could be read back."""
    unknown = [name for name in answers.values if name not in {field.name for field in form.fields}]
    for name, rows in answers.rows.items():
        repeat = next((one for one in form.repeats if one.name == name), None)
        columns = {field.name for field in repeat.fields} if repeat else set()
        unknown += [name] if repeat is None else [key for row in rows for key in row.values if key not in columns]
        ids = [row.id for row in rows]
        if len(set(ids)) != len(ids) or not all(ids):
            raise _bad_answers(f"{name} 的行编号有重复或缺少")
    if unknown:
        raise _bad_answers(f"{form.id}表没有这些项：{'、'.join(sorted(set(unknown)))}")


def content_sha256(data: bytes) -> str:
    """SHA-256 of what answers.xml says, without its meta: equal where two computers wrote the same, whoever signed it.

    data: in the one spelling (`read_answers`), whose meta stands last and whose texts are escaped."""
    return sha256(data[: data.rfind(b"<meta>")]).hexdigest()


# --- header.json ---------------------------------------------------------------------------------------------------


def _to_json(header: Header) -> dict[str, Any]:
    if header.signed_at.tzinfo is None or header.signed_at.microsecond:
        raise ValueError("signed_at is an aware moment in whole seconds")
    return {
        "v": header.v,
        "n": header.n,
        "seen": sorted(header.seen),
        "task": header.task,
        "task_version": header.task_version,
        "form": header.form,
        "form_version": header.form_version,
        "office": header.office,
        "period": header.period,
        "kind": header.kind,
        "version": header.version,
        "parents": list(header.parents),
        "uses": dict(header.uses),
        "device": header.device,
        "person": {"name": header.person_name, "role": header.person_role},
        "ret": {name: getattr(header.ret, name) for name in _BOXES},
        "signed_at": header.signed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "today": header.today.isoformat(),
        "answers_sha256": header.answers_sha256,
        "attachments": list(header.attachments),
        "explanations": {
            one.key: {
                "text": one.text,
                "cells": [[cell.field, cell.row] for cell in one.cells],
                "values_sha256": one.compared,
            }
            for one in header.explanations
        },
        "tool": header.tool,
    }


_BOXES = ("head", "stat_head", "filler", "phone", "reported_on")
_KEYS = frozenset(
    {"v", "n", "seen", "task", "task_version", "form", "form_version", "office", "period", "kind", "version"}
    | {"parents", "uses", "device", "person", "ret", "signed_at", "today", "answers_sha256", "attachments"}
    | {"explanations", "tool"}
)


def _from_json(members: object) -> Header:
    take = _Take(members)
    if take.integer("v") != HEADER_VERSION:
        raise _newer_header()
    take.only(_KEYS)
    person, ret = take.object("person", {"name", "role"}), take.object("ret", set(_BOXES))
    form = take.text("form")
    try:
        signed_at = read_moment(take.text("signed_at"))
        today = date.fromisoformat(take.text("today"))
    except ValueError as error:
        raise _bad_header("日期或时间写得不对") from error
    header = Header(
        n=take.integer("n"),
        seen=take.ids("seen"),
        task=take.text("task"),
        task_version=take.text("task_version"),
        form=form,
        form_version=take.text("form_version"),
        office=take.text("office"),
        period=take.text("period"),
        kind=take.text("kind"),
        version=take.integer("version"),
        parents=take.ids("parents"),
        uses=tuple(sorted(take.object("uses", None).texts().items())),
        device=take.text("device"),
        person_name=person.text("name"),
        person_role=person.text("role"),
        ret=Ret(**{name: ret.text(name) for name in _BOXES}),
        signed_at=signed_at,
        today=today,
        explanations=tuple(_explanations(take.object("explanations", None), form)),
        tool=take.text("tool"),
        answers_sha256=take.text("answers_sha256"),
        attachments=take.ids("attachments"),
    )
    if header.kind not in KINDS or not OFFICE_CODE.fullmatch(header.office) or header.n < 1 or header.version < 1:
        raise _bad_header("类别、单位代码或次序不对")
    if not SHA256_HEX.fullmatch(header.answers_sha256):
        raise _bad_header("缺少填报值的摘要")
    return header


def _explanations(members: _Take, form: str) -> Iterator[Explanation]:
    for key in sorted(members.members):
        one = members.object(key, {"text", "cells", "values_sha256"})
        cells = one.members["cells"]
        if not isinstance(cells, list) or not all(
            isinstance(cell, list) and len(cell) == 2 and all(isinstance(part, str) for part in cell) for cell in cells
        ):
            raise _bad_header(f"说明 {key} 的单元格写得不对")
        yield Explanation(
            key=key,
            check=key.partition(":")[0],
            form=form,
            text=one.text("text"),
            cells=tuple(Cell(field, row) for field, row in cells),
            compared=one.text("values_sha256"),
        )


class _Take:
    """The members of a JSON object, taken by type; anything unexpected is a refusal."""

    def __init__(self, members: object) -> None:
        if not isinstance(members, dict):
            raise _bad_header("不是一组成员")
        self.members: dict[str, object] = members

    def only(self, keys: frozenset[str] | set[str]) -> None:
        if set(self.members) != set(keys):
            raise _bad_header(f"成员不符：{'、'.join(sorted(set(self.members) ^ set(keys)))}")

    def text(self, key: str) -> str:
        value = self.members.get(key)
        if not isinstance(value, str):
            raise _bad_header(f"{key} 应是文字")
        return value

    def integer(self, key: str) -> int:
        value = self.members.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _bad_header(f"{key} 应是整数")
        return value

    def ids(self, key: str) -> tuple[str, ...]:
        value = self.members.get(key)
        if not isinstance(value, list):
            raise _bad_header(f"{key} 应是一列摘要")
        found = tuple(one for one in value if isinstance(one, str) and SHA256_HEX.fullmatch(one))
        if len(found) != len(value) or len(set(found)) != len(found):
            raise _bad_header(f"{key} 应是一列不重复的摘要")
        return found

    def texts(self) -> dict[str, str]:
        return {key: self.text(key) for key in self.members}

    def object(self, key: str, keys: set[str] | None) -> _Take:
        found = _Take(self.members.get(key))
        if keys is not None:
            found.only(keys)
        return found


def _bad_header(detail: str) -> SurveyError:
    return SurveyError(
        "header.bad",
        happened="这份报表的表头不符合规定",
        safe="没有收下这份报表，已有的资料没有改动",
        todo="请填报单位重新导出后再报一次",
        detail=detail,
    )


def _newer_header() -> SurveyError:
    return SurveyError(
        "header.newer",
        happened="这份报表是用新版本的程序签的",
        safe="没有收下这份报表，已有的资料没有改动",
        todo="请先升级本机程序再读",
    )


def _bad_answers(detail: str) -> SurveyError:
    return SurveyError(
        "answers.bad",
        happened="这份报表的填报值不符合表式",
        safe="没有改动任何资料",
        todo="请填报单位重新导出后再报一次",
        detail=detail,
    )
