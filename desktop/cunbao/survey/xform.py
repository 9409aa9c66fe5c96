"""XForm XML → Form. Reads what pyxform writes and the same from other programs; knows nothing of sheets.

The XML may come from a stick: entities, external DTDs and network are off, and the size is limited before parsing.
Source: ODK XForms specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType

from lxml import etree

from cunbao.errors import SurveyError
from cunbao.survey.form import Bind, Choice, CodeList, Field, Form, Kind, Repeat, SetValue, Words
from cunbao.survey.xpath import Call, ExpressionError, Literal, Path, parse

XF = "{http://www.w3.org/2002/xforms}"
H = "{http://www.w3.org/1999/xhtml}"
JR = "{http://openrosa.org/javarosa}"
CB = "{urn:cunbao:bind:1}"
LIMIT = 20_000_000  # bytes
_KINDS = {
    "string": Kind.TEXT,
    "boolean": Kind.TEXT,
    "int": Kind.INTEGER,
    "integer": Kind.INTEGER,
    "long": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "dateTime": Kind.DATETIME,
    "select1": Kind.SELECT_ONE,
    "select": Kind.SELECT_MULTIPLE,
}
_EVENTS = {"odk-instance-first-load": "load", "odk-new-repeat": "row", "xforms-value-changed": "change"}


def _refusal(happened: str, detail: str = "") -> SurveyError:
    return SurveyError(
        "form.xml",
        happened=happened,
        safe="没有导入任何内容",
        todo="请重新生成表式，或向发表单位要一份完整的",
        detail=detail,
    )


def _no_list(name: str) -> SurveyError:
    return SurveyError(
        "form.list",
        happened=f"表式要用的代码表 {name} 不在",
        safe="没有导入任何内容",
        todo=f"请把 {name}.csv 放到代码表文件夹里再试",
    )


def form_of(xform: bytes, lists: Mapping[str, CodeList]) -> Form:
    """See form.read_form."""
    if len(xform) > LIMIT:
        raise _refusal("表式文件太大")
    try:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
        )
        root = etree.fromstring(xform, parser)
    except etree.XMLSyntaxError as error:
        raise _refusal("表式文件不完整，读不下去", str(error)) from error
    return _Reader(root, lists, sha256(xform).hexdigest()).form()


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _path(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.strip().split("/") if part)


class _Reader:
    def __init__(self, root: etree._Element, lists: Mapping[str, CodeList], digest: str) -> None:
        model = root.find(f"{H}head/{XF}model")
        body = root.find(f"{H}body")
        if model is None or body is None or (first := model.find(f"{XF}instance")) is None or not len(first):
            raise _refusal("这个文件不是表式")
        self.root, self.model, self.body = root, model, body
        self.data = first[0]
        self.given = lists
        self.digest = digest
        self.texts = self._itext()
        self.lists: dict[str, CodeList] = {}
        self.instances: set[str] = set()
        self.binds: dict[tuple[str, ...], Bind] = {}
        self.attributes: dict[tuple[str, ...], Mapping[str, str]] = {}
        self.controls: dict[tuple[str, ...], etree._Element] = {}
        self.set_values: list[SetValue] = []
        binds = model.findall(f"{XF}bind")
        self.bind_ids = {one.get("id", ""): one.get("nodeset", "") for one in binds if one.get("id")}

    def form(self) -> Form:
        self._read_instances()
        self._walk_body()
        self._read_binds()
        self._walk_data(self.data, (_local(self.data),), "")
        self._read_set_values()
        title = self.root.findtext(f"{H}head/{H}title") or ""
        form_id = self.data.get("id") or etree.QName(self.data).namespace or _local(self.data)
        version = self.data.get("version") or self.data.get(f"{JR}version") or ""
        return Form(
            id=form_id,
            title=title,
            version=version,
            items=tuple(self._items()),
            sha256=self.digest,
            binds=MappingProxyType(self.binds),
            set_values=tuple(self.set_values),
            lists=MappingProxyType(self.lists),
            instances=frozenset(self.instances),
        )

    # ---- texts

    def _itext(self) -> dict[str, Words]:
        translations = self.model.findall(f"{XF}itext/{XF}translation")
        marked = [one for one in translations if one.get("default") is not None]
        chosen = next(iter(marked or translations), None)
        if chosen is None:
            return {}
        texts: dict[str, Words] = {}
        for one in chosen.findall(f"{XF}text"):
            plain = next((value for value in one.findall(f"{XF}value") if value.get("form") is None), None)
            texts[one.get("id", "")] = _words(plain) if plain is not None else Words(())
        return texts

    def _words_of(self, element: etree._Element | None) -> Words:
        """A label, hint or message element: its own text with outputs, or what its itext reference names."""
        if element is None:
            return Words(())
        return self._by_reference(element.get("ref", "")) or _words(element)

    def _by_reference(self, text: str) -> Words | None:
        text = text.strip()
        if not text.startswith("jr:itext("):
            return None
        return self.texts.get(text[len("jr:itext(") : -1].strip().strip("'\""), Words(()))

    # ---- instances

    def _read_instances(self) -> None:
        for one in self.model.findall(f"{XF}instance")[1:]:
            name, source = one.get("id", ""), one.get("src", "")
            if source.startswith("jr://file-csv/"):
                stem = source.rsplit("/", 1)[-1].removesuffix(".csv")
                found = self.given.get(stem) or self.given.get(name)
                if found is None:
                    raise _no_list(stem)
                self.lists[name] = found
            elif source.startswith("jr://instance/last-saved"):
                self.instances.add(name)
            elif source:
                stem = source.rsplit("/", 1)[-1].rsplit(".", 1)[0]
                if name in self.given or stem in self.given:
                    self.lists[name] = self.given.get(name) or self.given[stem]
                else:
                    self.instances.add(name)
            else:
                self.lists[name] = self._inline_list(name, one)

    def _inline_list(self, name: str, instance: etree._Element) -> CodeList:
        choices = []
        for item in instance.iterfind(f"{XF}root/{XF}item"):
            row: dict[str, str] = {}
            for cell in item:
                row[_local(cell)] = cell.text or ""
            label = row.get("label", "")
            if "itextId" in row:
                label = self.texts.get(row["itextId"], Words(())).plain.strip()
                row["label"] = label
            choices.append(Choice(row.get("name", ""), label, MappingProxyType(row)))
        return CodeList(name, tuple(choices))

    # ---- body

    def _walk_body(self) -> None:
        for element in self.body.iter():
            ref = self._ref(element)
            tag = _local(element)
            if tag in (
                "input",
                "select1",
                "select",
                "trigger",
                "range",
                "rank",
                "upload",
                "group",
                "repeat",
            ) and ref.startswith("/"):
                key = _path(ref)
                if tag != "group" or key not in self.controls:
                    self.controls[key if tag != "group" else (*key, "@group")] = element

    def _ref(self, element: etree._Element) -> str:
        """The node that a control or an action is about: named by itself, or by the id of a bind."""
        return str(element.get("ref") or element.get("nodeset") or self.bind_ids.get(element.get("bind", ""), ""))

    def _label(self, path: tuple[str, ...]) -> Words:
        element = self.controls.get((*path, "@group"))
        if element is None:
            element = self.controls.get(path)
        return self._words_of(element.find(f"{XF}label")) if element is not None else Words(())

    # ---- binds and data

    def _read_binds(self) -> None:
        for bind in self.model.findall(f"{XF}bind"):
            self.attributes[_path(bind.get("nodeset", ""))] = dict(bind.attrib)

    def _walk_data(self, element: etree._Element, path: tuple[str, ...], repeat: str) -> None:
        names: list[str] = [_local(child) for child in element]
        for child in element:
            here = (*path, _local(child))
            if here[-1] == "meta" or here in self.binds:
                continue
            control = self.controls.get(here)
            is_repeat = control is not None and _local(control) == "repeat"
            if is_repeat and repeat:
                raise _refusal(f"名册 {here[-1]} 套在名册 {repeat} 里面，不支持")
            kind = "repeat" if is_repeat else "group" if len(child) else "field"
            if kind == "field" and names.count(here[-1]) > 1:
                raise _refusal(f"有两个问题都叫 {here[-1]}")
            self.binds[here] = self._bind(
                here, kind, here[-1] if is_repeat else repeat, (child.text or "").strip() if kind == "field" else ""
            )
            if kind != "field":
                self._walk_data(child, here, here[-1] if is_repeat else repeat)

    def _bind(self, path: tuple[str, ...], kind: str, repeat: str, default: str) -> Bind:
        found = self.attributes.get(path, {})
        control = self.controls.get(path)
        bind = Bind(
            path=path,
            kind=kind,
            name=path[-1],
            repeat=repeat,
            relevant=_expression(found.get("relevant", "")),
            required=_expression(found.get("required", "")),
            constraint=found.get("constraint", "").strip(),
            calculate=found.get("calculate", "").strip(),
            constraint_message=self._message(found.get(f"{JR}constraintMsg", "")),
            required_message=self._message(found.get(f"{JR}requiredMsg", "")),
            label=self._label(path),
            default=default,
            count=(control.get(f"{JR}count") or "").strip() if control is not None else "",
        )
        return self._with_items(bind, control) if control is not None and kind == "field" else bind

    def _message(self, text: str) -> Words | None:
        if not text:
            return None
        return self._by_reference(text) or Words(((text, False),))

    def _with_items(self, bind: Bind, control: etree._Element) -> Bind:
        itemset = control.find(f"{XF}itemset")
        if itemset is None:
            items = control.findall(f"{XF}item")
            if not items:
                return bind
            name = "/".join(bind.path)
            choices = [
                Choice(item.findtext(f"{XF}value") or "", self._words_of(item.find(f"{XF}label")).plain.strip())
                for item in items
            ]
            self.lists[name] = CodeList(name, tuple(choices))
            return replace(bind, items=name)
        value, label = itemset.find(f"{XF}value"), itemset.find(f"{XF}label")
        name, condition = _itemset(itemset.get("nodeset", ""), bind.name)
        label_column = (label.get("ref", "label") if label is not None else "label").strip()
        if label_column.startswith("jr:itext("):
            label_column = "label"
        if name in self.instances:
            raise _no_list(name)
        return replace(
            bind,
            items=name,
            choice_filter=condition,
            label_column=label_column,
            value_column=(value.get("ref", "name") if value is not None else "name").strip(),
        )

    def _read_set_values(self) -> None:
        for one in self.root.iter(f"{XF}setvalue"):
            target, value = _path(self._ref(one)), one.get("value") or ""
            if not value and one.text:
                value = f"'{one.text}'" if "'" not in one.text else f'"{one.text}"'
            parent = one.getparent()
            trigger = _path(parent.get("ref", ""))[-1] if parent is not None and parent.get("ref") else ""
            for event in (one.get("event") or "").split():
                if event in _EVENTS and target in self.binds:
                    self.set_values.append(
                        SetValue(
                            _EVENTS[event],
                            target[-1],
                            value.strip() or "''",
                            trigger if _EVENTS[event] == "change" else "",
                        )
                    )

    # ---- fields

    def _items(self) -> Iterator[Field | Repeat]:
        seen: set[str] = set()
        for path, bind in self.binds.items():
            if bind.kind == "field" and bind.name in seen:
                raise _refusal(f"有两个问题都叫 {bind.name}")
            seen.add(bind.name)
            if bind.kind == "repeat":
                extra = self.attributes.get(path, {})
                fields = tuple(
                    self._field(one) for one in self.binds.values() if one.kind == "field" and one.repeat == bind.name
                )
                yield Repeat(bind.name, _plain(bind.label) or bind.name, extra.get(f"{CB}hint", ""), fields)
            elif bind.kind == "field" and not bind.repeat:
                yield self._field(bind)

    def _field(self, bind: Bind) -> Field:
        extra = self.attributes.get(bind.path, {})
        control = self.controls.get(bind.path)
        kind = _KINDS.get(extra.get("type", "string").removeprefix("xsd:"))
        if kind is None:
            raise _refusal(f"问题 {bind.name} 的类型 {extra.get('type')} 不支持")
        if control is not None and _local(control) in ("select1", "select"):
            kind = Kind.SELECT_ONE if _local(control) == "select1" else Kind.SELECT_MULTIPLE
        readonly = extra.get("readonly", "").strip() == "true()"
        filled_by_form = bool(bind.calculate or bind.default) or any(one.field == bind.name for one in self.set_values)
        if kind is Kind.TEXT and readonly and not filled_by_form and control is not None:
            kind = Kind.NOTE
        listed = self._list_of(bind, extra.get(f"{CB}list", ""))
        hint = (
            self._words_of(control.find(f"{XF}hint")).plain.strip()
            if control is not None
            else extra.get(f"{CB}hint", "")
        )
        return Field(
            name=bind.name,
            label=_plain(bind.label) or extra.get(f"{CB}label", "") or bind.name,
            kind=kind,
            hint=hint or extra.get(f"{CB}hint", ""),
            unit=extra.get(f"{CB}unit", ""),
            source=extra.get(f"{CB}from", ""),
            mask=extra.get(f"{CB}mask", ""),
            list=listed,
            repeat=bind.repeat,
            calculated=bool(bind.calculate),
            readonly=readonly or bool(bind.calculate),
            hidden=extra.get(f"{CB}hidden", "") in ("yes", "true", "1") or control is None,
            constraint_message=_plain(bind.constraint_message),
            optional=not bind.required or bind.required == "false()",
            places=self._places(kind, extra, bool(bind.calculate)),
        )

    def _places(self, kind: Kind, extra: Mapping[str, str], calculated: bool) -> int | None:
        """Our own forms declare the namespace cb and mean two places, half up (fields.md §0.4); others keep all."""
        if kind is not Kind.DECIMAL or calculated:
            return None
        wanted = extra.get(f"{CB}places", "")
        return int(wanted) if wanted.isdigit() else 2 if CB[1:-1] in self.root.nsmap.values() else None

    def _list_of(self, bind: Bind, named: str) -> CodeList | None:
        if named:
            found = self.given.get(named) or self.lists.get(named)
            if found is None:
                raise _no_list(named)
            return found
        found = self.lists.get(bind.items)
        if found is None or (
            bind.value_column in ("name", "code", "value")
            and bind.label_column == "label"
            and all(one.column(bind.value_column) == one.code for one in found.choices)
        ):
            return found
        return CodeList(
            found.name,
            tuple(Choice(c.column(bind.value_column), c.column(bind.label_column), c.extra) for c in found.choices),
        )


def _expression(text: str) -> str:
    return "" if text.strip() in ("", "yes") else text.strip()


def _plain(words: Words | None) -> str:
    """The words for a place that shows no values: what is live is left out."""
    return words.plain.strip() if words else ""


def _words(element: etree._Element) -> Words:
    parts: list[tuple[str, bool]] = [(element.text or "", False)]
    for child in element:
        if _local(child) == "output":
            parts.append(((child.get("value") or child.get("ref") or "").strip(), True))
        parts.append((child.tail or "", False))
    if len(parts) > 1:  # pyxform writes a blank at both ends of such a text
        parts[0] = (parts[0][0].lstrip(), False)
        parts[-1] = (parts[-1][0].rstrip(), False)
    return Words(tuple(part for part in parts if part[0]))


def _itemset(nodeset: str, field: str) -> tuple[str, str]:
    """The list's instance name and the condition on its items; randomize(…) keeps the list's order."""
    try:
        node = parse(nodeset)
    except ExpressionError as error:
        raise _refusal(f"问题 {field} 的选项读不下去", str(error)) from error
    if isinstance(node, Call) and node.name == "randomize" and node.args:
        node = node.args[0]
    if not isinstance(node, Path) or not isinstance(node.start, Call) or node.start.name != "instance":
        raise _refusal(f"问题 {field} 的选项不是来自代码表，不支持")
    name = node.start.args[0]
    last = node.steps[-1]
    if len(last.predicates) > 1:
        raise _refusal(f"问题 {field} 的选项筛选写了两层，不支持")
    inside = nodeset[nodeset.index("[") + 1 : nodeset.rindex("]")].strip() if last.predicates else ""
    return (name.value if isinstance(name, Literal) else ""), inside
