"""ODK submissions: a return as one, and one that a tablet made as answers by the names of a form. Pure.

What is read came from elsewhere: it is measured before it is parsed, a document type (which can hold entities that grow
without bound) is refused, nothing is fetched, and what does not fit the form is told and never guessed at.
Sources: ODK XForms specification “Submission”; OpenRosa 1.0 metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lxml import etree

from cunbao.errors import SurveyError
from cunbao.survey.form import Bind, Field, Form, Kind, Repeat
from cunbao.survey.revision import MOST_TAGS, ROW_ID
from cunbao.survey.values import Answers, Row

MOST_BYTES = 20_000_000  # as for forms; a submission has pictures beside it, never inside
_ENCODED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_NAMED = re.compile(r"(\d{12}) .*?(\S+) (\S+)$")
_TEMPLATE = "{http://openrosa.org/javarosa}template"


@dataclass(frozen=True, slots=True)
class Node:
    """One element: its name without namespace, its text, its attributes (row_id of a row), what stands in it."""

    name: str
    text: str
    row_id: str
    inside: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """What a tablet sent. form, version, instance_id, instance_name, replaces (deprecatedID), sent_at: as it says
    itself, "" where it does not. nodes: its elements without meta."""

    form: str
    version: str
    instance_id: str
    instance_name: str
    replaces: str
    sent_at: str
    nodes: tuple[Node, ...]

    @property
    def named(self) -> tuple[str, str]:
        """(12 digits of the office, period) where our exported form wrote them into the name, else ("", "")."""
        found = _NAMED.match(self.instance_name)
        return (found[1], found[3]) if found else ("", "")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A submission by the names of a form. answers: texts as sent, rows with "" as id where the tablet gave none.
    unknown: (path, text) that the form has no place for. passed: names that the program works out itself."""

    answers: Answers
    unknown: tuple[tuple[str, str], ...] = ()
    passed: tuple[str, ...] = ()


def instance_name(office: str, office_name: str, form: str, period: str) -> str:
    """The name that our submissions carry, and that a form exported for one office gives to each of its own."""
    return f"{office} {office_name} {form} {period}"


# --- out -------------------------------------------------------------------------------------------------------------


def without(answers: Answers, names: frozenset[str]) -> Answers:
    """The answers without those fields."""
    if not names:
        return answers

    def kept(values: Mapping[str, str]) -> Mapping[str, str]:
        return MappingProxyType({name: text for name, text in values.items() if name not in names})

    rows = {roster: tuple(Row(row.id, kept(row.values)) for row in some) for roster, some in answers.rows.items()}
    return Answers(kept(answers.values), MappingProxyType(rows))


def submission_xml(form: Form, answers: Answers, *, version: str, instance_id: str, name: str) -> bytes:
    """Signed answers as a submission to the form, in its order and groups. version: the one that they were signed
    under. Every question has its element, empty where nothing was said: a missing one is taken for not applicable."""
    top = next(iter(form.binds))[0]
    root = etree.Element(top, {"id": form.id, "version": version})
    inside: dict[tuple[str, ...], list[Bind]] = {}
    for path, bind in form.binds.items():
        inside.setdefault(path[:-1], []).append(bind)
    _write(root, (top,), inside, answers.values, answers)
    meta = etree.SubElement(root, "meta")
    etree.SubElement(meta, "instanceID").text = instance_id
    etree.SubElement(meta, "instanceName").text = name
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _write(
    into: etree._Element,
    path: tuple[str, ...],
    inside: Mapping[tuple[str, ...], list[Bind]],
    values: Mapping[str, str],
    answers: Answers,
) -> None:
    for bind in inside.get(path, ()):
        if bind.kind == "field":
            etree.SubElement(into, bind.name).text = values.get(bind.name) or None
        elif bind.kind == "group":
            _write(etree.SubElement(into, bind.name), bind.path, inside, values, answers)
        else:
            for row in answers.rows.get(bind.name, ()):
                _write(etree.SubElement(into, bind.name, {ROW_ID: row.id}), bind.path, inside, row.values, answers)


# --- in --------------------------------------------------------------------------------------------------------------


def read_submission(data: bytes) -> Submission:
    """SurveyError "submission.large", ".entities", ".broken", ".encrypted", ".foreign": none of its words is taken."""
    root = _parsed(data)
    if root.get("encrypted", "").lower() in ("yes", "true"):
        raise _refusal("encrypted", "这份提交是加密的", "请在收集平台上解密后导出，再读入")
    form = root.get("id") or etree.QName(root).namespace or ""
    if not form or etree.QName(root).localname == "html":
        raise _refusal("foreign", "这不是一份填好的表，没有写是哪张表", "请选平板里 instances 文件夹下的文件")
    meta = _meta(root)
    return Submission(
        form=form,
        version=next((value for key, value in root.attrib.items() if etree.QName(key).localname == "version"), ""),
        instance_id=meta.get("instanceID", "") or root.get("instanceID", ""),
        instance_name=meta.get("instanceName", ""),
        replaces=meta.get("deprecatedID", ""),
        sent_at=root.get("submissionDate", ""),
        nodes=tuple(_node(child) for child in _children(root) if etree.QName(child).localname != "meta"),
    )


def fitted(form: Form, sent: Submission) -> Fitted:
    """What of it the form asks, by name: groups may have moved since, rosters must be the same."""
    found = _Fitting(form)
    found.walk(sent.nodes, (), None, found.values)
    rows = {name: tuple(rows) for name, rows in found.rows.items()}
    return Fitted(
        Answers(MappingProxyType(found.values), MappingProxyType(rows)),
        tuple(found.unknown),
        tuple(dict.fromkeys(found.passed)),
    )


class _Fitting:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.rosters: dict[str, Repeat] = {one.name: one for one in form.repeats}
        self.values: dict[str, str] = {}
        self.rows: dict[str, list[Row]] = {}
        self.unknown: list[tuple[str, str]] = []
        self.passed: list[str] = []

    def walk(self, nodes: tuple[Node, ...], path: tuple[str, ...], roster: str | None, into: dict[str, str]) -> None:
        for node in nodes:
            here = (*path, node.name)
            field = self.form.by_name.get(node.name)
            if node.name in self.rosters and roster is None:
                inside: dict[str, str] = {}
                self.rows.setdefault(node.name, []).append(Row(node.row_id, MappingProxyType(inside)))
                self.walk(node.inside, here, node.name, inside)
            elif field is not None and field.repeat == (roster or "") and not node.inside:
                self.put(field, node.text, here, into)
            elif node.inside:
                self.walk(node.inside, here, roster, into)
            elif node.text.strip():
                self.unknown.append(("/".join(here), node.text.strip()))

    def put(self, field: Field, text: str, path: tuple[str, ...], into: dict[str, str]) -> None:
        if not text.strip():
            return
        if field.calculated or field.readonly or field.kind is Kind.NOTE:
            self.passed.append(field.name)
        elif into.setdefault(field.name, text) != text:
            self.unknown.append(("/".join(path), text.strip()))  # stands twice with two values


def _parsed(data: bytes) -> etree._Element:
    if len(data) > MOST_BYTES:
        raise _refusal("large", f"这份提交有 {len(data) // 1_000_000} MB，太大了", "请确认选对了文件；照片放在旁边")
    if data.count(b"<") > MOST_TAGS or data.count(b"=") > MOST_TAGS:
        raise _refusal("large", "这份提交的项数太多", "请确认选对了文件")
    said = _ENCODED.match(data.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in data or (said and said[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii")):
        raise _refusal("broken", "这份提交不是 UTF-8 文字", "请从平板重新复制一次")  # a DOCTYPE would not be seen
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _refusal("entities", "这份提交里有文档类型声明，正常的提交没有", "请不要使用这个文件，向给您文件的人核实")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _refusal("broken", "这份提交不完整，读不下去", "请从平板重新复制一次", str(error)) from error


def _children(element: etree._Element) -> Iterator[etree._Element]:
    return (one for one in element if isinstance(one.tag, str) and one.get(_TEMPLATE) is None)


def _node(element: etree._Element) -> Node:
    inside = tuple(_node(one) for one in _children(element))
    return Node(etree.QName(element).localname, "" if inside else element.text or "", element.get(ROW_ID, ""), inside)


def _meta(root: etree._Element) -> Mapping[str, str]:
    """Of the first meta; other programs give it a namespace of its own."""
    for one in _children(root):
        if etree.QName(one).localname == "meta":
            return {etree.QName(child).localname: (child.text or "").strip() for child in _children(one)}
    return {}


def _refusal(code: str, happened: str, todo: str, detail: str = "") -> SurveyError:
    return SurveyError(
        f"submission.{code}", happened=happened, safe="没有从它取任何内容，别的提交不受影响", todo=todo, detail=detail
    )
