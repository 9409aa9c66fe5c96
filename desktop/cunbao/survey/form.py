"""A form (表式) as the program knows it: fields, rosters, code lists, and the expressions behind them.

Made from XForm XML alone (read_form); never from the sheets, never with pyxform, so that a village needs neither.
Immutable; what a clerk types lives in instance.Instance.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from cunbao.errors import SurveyError

NONE: Mapping[str, str] = MappingProxyType({})


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    DATETIME = "dateTime"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a code list. extra: the other columns by name."""

    code: str
    label: str
    extra: Mapping[str, str] = field(default_factory=lambda: NONE)

    def column(self, name: str) -> str:
        """What item[name] reads: any column; `name` and `code` are the code itself unless they are columns."""
        if name in self.extra:
            return self.extra[name]
        if name == "label":
            return self.label
        return self.code if name in ("code", "name", "value") else ""


@dataclass(frozen=True)
class CodeList:
    """代码表: choices in file order. Codes are text, "01" is not "1"."""

    name: str
    choices: tuple[Choice, ...]

    @cached_property
    def _by_code(self) -> dict[str, Choice]:
        return {choice.code: choice for choice in reversed(self.choices)}

    @cached_property
    def _by_column(self) -> dict[str, dict[str, tuple[Choice, ...]]]:
        return {}

    def get(self, code: str) -> Choice | None:
        return self._by_code.get(code)

    def label(self, code: str) -> str:
        """ "" when the list has no such code."""
        choice = self._by_code.get(code)
        return choice.label if choice else ""

    def where(self, column: str, value: str) -> tuple[Choice, ...]:
        """The choices whose column has exactly this text, through an index made once."""
        index = self._by_column.get(column)
        if index is None:
            growing: dict[str, list[Choice]] = {}
            for choice in self.choices:
                growing.setdefault(choice.column(column), []).append(choice)
            index = self._by_column[column] = {key: tuple(found) for key, found in growing.items()}
        return index.get(value, ())

    def has_column(self, name: str) -> bool:
        return name in ("code", "name", "label", "value") or any(name in choice.extra for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Words:
    """A text with values in it: parts are plain texts, or expressions where `True` stands beside them."""

    parts: tuple[tuple[str, bool], ...]

    @property
    def plain(self) -> str:
        return "".join(part for part, live in self.parts if not live)

    @property
    def live(self) -> bool:
        return any(live for _, live in self.parts)


@dataclass(frozen=True, slots=True)
class Field:
    """One question, or one column of a roster.

    source: "B01.b01_hh_resident" or "OFFICE.kind" when it is carried over (取自), else "". mask: "id", "phone" or "".
    list: its code list (also of a calculated code). hidden: a helper that is never on screen or paper. calculated: the
    program gives its value. optional: never required. places: decimals that are kept, None = as typed.
    """

    name: str
    label: str
    kind: Kind
    hint: str = ""
    unit: str = ""
    source: str = ""
    mask: str = ""
    list: CodeList | None = None
    repeat: str = ""
    calculated: bool = False
    readonly: bool = False
    hidden: bool = False
    constraint_message: str = ""
    optional: bool = True
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A roster (名册)."""

    name: str
    label: str
    hint: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Bind:
    """The expressions of one node, as text, "" = none.

    path: ("data", "b02_f", "b02_f_area"); name: its last part; kind: field, group or repeat. repeat: the roster it
    stands in, "" outside; a roster's own name for the roster itself.
    """

    path: tuple[str, ...]
    kind: str
    name: str
    repeat: str
    relevant: str = ""
    required: str = ""
    constraint: str = ""
    calculate: str = ""
    constraint_message: Words | None = None
    required_message: Words | None = None
    label: Words | None = None
    count: str = ""
    # select: the items' list, the condition on an item, and the columns of code and label
    items: str = ""
    choice_filter: str = ""
    value_column: str = "name"
    label_column: str = "label"
    default: str = ""


@dataclass(frozen=True, slots=True)
class SetValue:
    """A value put once: event "load" (first opening), "row" (a new row) or "change" (of `trigger`)."""

    event: str
    field: str
    value: str
    trigger: str = ""


@dataclass(frozen=True)
class Form:
    """表式. items: fields and rosters in sheet order; sha256: of the XForm bytes, hex.

    binds, set_values, lists and instances are for the engine: nodes by path, values put once, lists by instance name,
    names of the other instances (B01, last, …) that expressions may read. before: what the form was in earlier packs,
    the newest first, by which answers are read that were signed then.
    """

    id: str
    title: str
    version: str
    items: tuple[Field | Repeat, ...]
    sha256: str
    binds: Mapping[tuple[str, ...], Bind] = field(default_factory=dict, repr=False)
    set_values: tuple[SetValue, ...] = field(default=(), repr=False)
    lists: Mapping[str, CodeList] = field(default_factory=dict, repr=False)
    instances: frozenset[str] = field(default=frozenset(), repr=False)
    before: Sequence[Form] = field(default=(), repr=False, compare=False)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Fields outside rosters."""
        return tuple(item for item in self.items if isinstance(item, Field))

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        return tuple(item for item in self.items if isinstance(item, Repeat))

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """All fields, roster columns included; names are unique in a form."""
        return {one.name: one for item in self.items for one in (item.fields if isinstance(item, Repeat) else (item,))}

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """The heading of the group that a field outside rosters stands in, by the field's name; without one, none."""
        heads = {path: one.label.plain.strip() for path, one in self.binds.items() if one.kind == "group" and one.label}
        return {path[-1]: heads[path[:-1]] for path in self.binds if heads.get(path[:-1])}

    def field(self, name: str) -> Field:
        """A field by name, roster columns included. Raises KeyError."""
        return self.by_name[name]

    def repeat(self, name: str) -> Repeat:
        """Raises KeyError."""
        for one in self.repeats:
            if one.name == name:
                return one
        raise KeyError(name)


def read_list(name: str, data: bytes, value: str = "", label: str = "label") -> CodeList:
    """A code list from CSV bytes (UTF-8). value: the column of codes; "" = `code`, else `name`, else the first."""
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="")
        heads = list(reader.fieldnames or ())
        lines = [{head: cell or "" for head, cell in row.items() if head} for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SurveyError(
            "list.unreadable",
            happened=f"代码表 {name} 读不出来",
            safe="没有导入任何内容",
            todo="请另存为 UTF-8 的 CSV 再试",
            detail=str(error),
        ) from error
    key = value or next((head for head in ("code", "name", *heads) if head in heads), "")
    return CodeList(name, tuple(Choice(row.get(key, ""), row.get(label, ""), MappingProxyType(row)) for row in lines))


def read_lists(folder: Path) -> dict[str, CodeList]:
    """Every *.csv of a folder by file name without .csv."""
    return {path.stem: read_list(path.stem, path.read_bytes()) for path in sorted(folder.glob("*.csv"))}


def read_form(xform: bytes, lists: Mapping[str, CodeList]) -> Form:
    """The form in XForm XML as pyxform writes it. lists: code lists by file name without .csv (select_one_from_file).

    Raises SurveyError when the XML is no form, or a list it names is not given.
    """
    from cunbao.survey.xform import form_of  # the reader needs the classes above

    return form_of(xform, lists)
