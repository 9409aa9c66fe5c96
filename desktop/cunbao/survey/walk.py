"""Every fault of an XLSForm, found before pyxform sees it: sheet, row, column, what stands there, what to do.

pyxform stops at the first fault and lets unknown functions, wrong argument counts, bad regexes, cycles and unknown
columns pass (facts §3). Names and columns it knows are the ones known here (decision 6); what is not served is refused
with a sentence. Changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from cunbao.survey.form import CodeList
from cunbao.survey.program import circle_words, circles
from cunbao.survey.sheets import Line, Sheet
from cunbao.survey.xlsform import (
    CONTROL,
    EXPRESSIONS,
    NAME,
    OTHERS,
    PARAMETER,
    PREFIXES,
    REF,
    REFUSED_TYPES,
    REPEAT,
    SELECT,
    SERVED,
    SETTINGS,
    TEXTS,
    TYPES,
    YES_NO,
    ascii_quotes,
    key_of,
)
from cunbao.survey.xpath import Call, ExpressionError, Literal, Node, Path, Ref, parse, walk
from cunbao.survey.xpath_compile import call_faults
from cunbao.survey.xpath_functions import FUNCTIONS

ALIKE = 0.8  # from here on a name is taken for a slip of another
UNSEEN = frozenset(
    {"calculate", "hidden", "xml-external", "csv-external", "group", "repeat", "unknown"}
)  # no label asked
FindList = Callable[[str], CodeList | None]  # by file name without .csv


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault. row counts from 1 with the heading as row 1, 0 when it belongs to no row; column: the heading."""

    sheet: str
    row: int
    column: str
    found: str
    remedy: str


@dataclass(slots=True)
class _Entry:
    """One question, group or roster of the survey sheet."""

    name: str
    kind: str
    line: Line
    heads: Mapping[str, str]  # key → heading as written
    parents: tuple[str, ...]
    repeat: str
    list_name: str = ""
    reads: set[str] = field(default_factory=set)


def faults_of(sheets: Mapping[str, Sheet], find_list: FindList) -> list[Fault]:
    """All faults, in the order of the sheets."""
    return _Walk(sheets, find_list).faults()


class _Walk:
    def __init__(self, sheets: Mapping[str, Sheet], find_list: FindList) -> None:
        self.sheets = sheets
        self.find_list = find_list
        self.found: list[Fault] = []
        self.entries: dict[str, _Entry] = {}
        self.order: list[_Entry] = []
        self.lists: dict[str, CodeColumns] = {}
        self.instances: set[str] = set()

    def add(self, sheet: str, row: int, column: str, found: str, remedy: str) -> None:
        self.found.append(Fault(sheet, row, column, found, remedy))

    def faults(self) -> list[Fault]:
        survey = self.sheets.get("survey") or (next(iter(self.sheets.values())) if len(self.sheets) == 1 else None)
        if survey is None:
            self.add("survey", 0, "", "没有 survey 这张表", "请补上 survey，每行一个问题")
            return self.found
        for name in ("external_choices", "entities", "osm"):
            if name in self.sheets:
                self.add(name, 0, "", f"{name} 这张表不支持", "请删去；代码表用 choices 或 CSV 文件")
        self.choices()
        self.settings()
        heads = self.headings(survey)
        self.structure(survey, heads)
        for entry in self.order:
            self.entry(entry)
        self.cycles()
        rank = {"settings": 0, "survey": 1, "choices": 2}
        return sorted(dict.fromkeys(self.found), key=lambda f: (rank.get(f.sheet, 3), f.row))

    # ---- headings

    def headings(self, survey: Sheet) -> dict[str, str]:
        known: dict[str, str] = {}
        for head in survey.heads:
            if not head:
                continue
            key = key_of(head)
            if not (key in EXPRESSIONS or key in TEXTS or key in OTHERS or key.startswith(PREFIXES)):
                self.add(
                    survey.name,
                    1,
                    head,
                    f"不认识“{head}”这一列",
                    "请改成 XLSForm 的列名，或删去这一列；自定的内容写成 bind::前缀:名称",
                )
            # Languages besides the first are allowed and not checked for sameness.
            if head in known.values():
                self.add(survey.name, 1, head, f"有两列都叫“{head}”", "请留一列")
            known.setdefault(key, head)
        for wanted in ("type", "name"):
            if (
                wanted not in known
                and not (wanted == "name" and ({"tag", "value"} & set(known)))
                and not (wanted == "type" and "command" in known)
            ):
                self.add(survey.name, 1, wanted, f"缺少“{wanted}”这一列", "请补上")
        return known

    # ---- choices and settings

    def choices(self) -> None:
        sheet = self.sheets.get("choices")
        if sheet is None:
            return
        keys = {key_of(head): head for head in reversed(sheet.heads) if head}
        list_head = keys.get("list_name", keys.get("list", "list_name"))
        name_head = keys.get("name", keys.get("value", "name"))
        for wanted, head in (("list_name", list_head), ("name", name_head)):
            if head not in sheet.heads:
                self.add("choices", 1, wanted, f"缺少“{wanted}”这一列", "请补上")
        columns = {
            re.sub(r"\s+", "_", head.strip()) if key_of(head) in ("list_name",) else head.split("::")[0]
            for head in sheet.heads
            if head
        }
        seen: dict[tuple[str, str], int] = {}
        repeated_allowed = self.setting("allow_choice_duplicates").lower() in ("yes", "true", "true()")
        for line in sheet.lines:
            list_name, code = line.cells.get(list_head, ""), line.cells.get(name_head, "")
            if not list_name:
                self.add("choices", line.row, list_head, "没有写代码表名", "请补上代码表名")
                continue
            known = self.lists.setdefault(list_name, CodeColumns(set(columns) | {"name", "label"}))
            if not code:
                self.add("choices", line.row, name_head, f"代码表 {list_name} 的这一项没有代码", "请补上代码")
            elif any(space in code for space in " \t\n") and self.used_as_multiple(list_name):
                self.add("choices", line.row, name_head, f"代码“{code}”里有空格，多选题会拆开它", "请去掉空格")
            elif (list_name, code) in seen and not repeated_allowed:
                self.add(
                    "choices",
                    line.row,
                    name_head,
                    f"代码表 {list_name} 里代码“{code}”和第{seen[(list_name, code)]}行重复",
                    "请改成不同的代码，或删去一行",
                )
            seen.setdefault((list_name, code), line.row)
            known.codes.add(code)
            for head, text in line.cells.items():
                if key_of(head) == "label":
                    self.refs_in_text("choices", line.row, head, text, check=False)

    def used_as_multiple(self, list_name: str) -> bool:
        survey = self.sheets.get("survey")
        return survey is not None and any(
            cell.split()[:2] == ["select_multiple", list_name] for line in survey.lines for cell in line.cells.values()
        )

    def setting(self, name: str) -> str:
        sheet = self.sheets.get("settings")
        if sheet is None or not sheet.lines:
            return ""
        return next(
            (text for head, text in sheet.lines[0].cells.items() if re.sub(r"\s+", "_", head.strip().lower()) == name),
            "",
        )

    def settings(self) -> None:
        sheet = self.sheets.get("settings")
        if sheet is None:
            return
        for head in sheet.heads:
            key = re.sub(r"\s+", "_", head.strip().lower())
            if head and key not in SETTINGS and not key.startswith(("attribute::", "sms_")):
                self.add("settings", 1, head, f"不认识“{head}”这一列", "请改成 XLSForm 的设置名，或删去这一列")
        for line in sheet.lines[1:]:
            self.add("settings", line.row, "", "settings 只能有一行内容", "请把设置写在第2行，删去其余行")

    # ---- survey: structure

    def structure(self, survey: Sheet, heads: Mapping[str, str]) -> None:
        open_: list[_Entry] = []
        type_head, name_head = (
            heads.get("type", heads.get("command", "type")),
            heads.get("name", heads.get("tag", heads.get("value", "name"))),
        )
        for line in survey.lines:
            if line.cells.get(heads.get("disabled", "disabled"), "").lower() in ("yes", "true"):
                continue
            text, name = " ".join(line.cells.get(type_head, "").split()), line.cells.get(name_head, "")
            if not text:
                self.add(
                    "survey",
                    line.row,
                    type_head,
                    f"没有写类型{f'（{name}）' if name else ''}",
                    "请补上类型，如 integer",
                )
                continue
            control = CONTROL.fullmatch(text.lower())
            if control and control[1] == "end":
                self.close(line, type_head, control[2], open_)
                continue
            kind, list_name = self.kind(line, type_head, text, control, heads)
            if not name:
                self.add("survey", line.row, name_head, f"类型 {text} 的这一行没有名称", "请补上名称")
                name = f"?{line.row}"
            repeat = next((one.name for one in reversed(open_) if one.kind == "repeat"), "")
            if kind == "repeat" and repeat:
                self.add(
                    "survey",
                    line.row,
                    type_head,
                    f"名册 {name} 套在名册 {repeat} 里面，不支持名册套名册",
                    f"请把 {name} 移到 {repeat} 外面，或改成 group",
                )
            entry = _Entry(name, kind, line, heads, tuple(one.name for one in open_), repeat, list_name)
            self.name(entry, name_head)
            self.order.append(entry)
            if kind in ("group", "repeat"):
                open_.append(entry)
        for entry in open_:
            self.add(
                "survey",
                entry.line.row,
                type_head,
                f"{entry.kind} {entry.name} 没有结束",
                f"请在最后一个问题之后补上 end {entry.kind}",
            )

    def close(self, line: Line, type_head: str, what: str, open_: list[_Entry]) -> None:
        kind = "repeat" if what in REPEAT else what
        if not open_:
            self.add("survey", line.row, type_head, f"end {what} 没有对应的开始", f"请删去，或补上 begin {what}")
        elif open_[-1].kind != kind:
            top = open_.pop()
            self.add(
                "survey",
                line.row,
                type_head,
                f"end {what} 对不上第{top.line.row}行的 begin {top.kind}（{top.name}）",
                f"请改成 end {top.kind}，或调整次序",
            )
        else:
            top = open_.pop()
            if not any(top.name in one.parents for one in self.order):
                self.add(
                    "survey", top.line.row, type_head, f"{top.kind} {top.name} 里面没有问题", "请补上问题，或删去这一组"
                )

    def kind(
        self, line: Line, head: str, text: str, control: re.Match[str] | None, heads: Mapping[str, str]
    ) -> tuple[str, str]:
        """(kind, list name); adds the faults of an unknown or unserved type."""
        if control:
            if control[2] == "loop":
                self.add("survey", line.row, head, "类型 loop 不支持", "请改成 repeat 或逐个写出")
            return ("repeat" if control[2] in REPEAT else "group"), ""
        select = SELECT.fullmatch(text) or SELECT.fullmatch(
            re.sub(
                r"^(select)[ _](one|multiple)([ _]from[ _]file)?",
                _underscores,
                text.lower() if "file" not in text else text,
            )
        )
        if select:
            self.select(line, head, select[1], select[2], heads)
            return ("select_multiple" if "multiple" in select[1] or select[1] == "select" else "select_one"), select[2]
        key = re.sub(r"[\s\-]+", "_", text.lower())
        if key in TYPES:
            if TYPES[key] in ("xml-external", "csv-external"):
                self.instances.add(line.cells.get(heads.get("name", "name"), ""))
            return TYPES[key], ""
        first = key.split("_", 1)[0]
        if key in ("select_one", "select_multiple", "select1"):
            self.add("survey", line.row, head, f"类型 {text} 没有写代码表名", "请写成 select_one 代码表名")
        elif (
            key in REFUSED_TYPES
            or first in ("rank", "range", "osm", "geopoint")
            or key.startswith("select_one_external")
        ):
            self.add(
                "survey",
                line.row,
                head,
                f"类型 {text} 这个程序不支持",
                f"可用的有 {SERVED}",
            )
        else:
            self.add(
                "survey",
                line.row,
                head,
                f"没有类型“{text}”",
                "请对照 XLSForm 的类型改正，如 text、integer、decimal、date、select_one 代码表名",
            )
        return "unknown", ""

    def select(self, line: Line, head: str, kind: str, list_name: str, heads: Mapping[str, str]) -> None:
        if not kind.endswith("_from_file"):
            if list_name not in self.lists and not list_name.startswith("${"):
                self.add(
                    "survey",
                    line.row,
                    head,
                    f"代码表 {list_name} 不在 choices 里",
                    "请在 choices 补上这张代码表，或改正名称",
                )
            elif list_name.startswith("${"):
                self.add("survey", line.row, head, f"从名册里选择（{list_name}）不支持", "请改用代码表")
            return
        stem, _, ending = list_name.rsplit("/", 1)[-1].rpartition(".")
        codes = self.find_list(stem)
        if ending.lower() != "csv":
            self.add("survey", line.row, head, f"代码表文件 {list_name} 不是 CSV", "请另存为 CSV（UTF-8）再引用")
        elif codes is None:
            self.add("survey", line.row, head, f"找不到代码表文件 {list_name}", "请把文件放到 lists 文件夹，或改正名称")
        else:
            self.parameters(line, heads, codes, list_name)

    def parameters(self, line: Line, heads: Mapping[str, str], codes: CodeList, file: str) -> None:
        head = heads.get("parameters", "parameters")
        given = dict(PARAMETER.findall(line.cells.get(head, "")))
        columns = set(codes.choices[0].extra) if codes.choices else set()
        for wanted, default in (("value", "name"), ("label", "label")):
            column = given.get(wanted, default)
            if columns and column not in columns:
                remedy = f"请在 parameters 写明 {wanted}=列名，可用的列：{'、'.join(sorted(columns))}"
                self.add("survey", line.row, head, f"代码表文件 {file} 没有 {column} 这一列", remedy)

    def name(self, entry: _Entry, head: str) -> None:
        if entry.name.startswith("?"):
            return
        if entry.kind in ("xml-external", "csv-external"):
            return
        if not NAME.fullmatch(entry.name):
            self.add(
                "survey",
                entry.line.row,
                head,
                f"名称“{entry.name}”不能用",
                "名称以字母、汉字或下划线开头，只含字母、数字、汉字、_、-、.",
            )
        before = self.entries.get(entry.name)
        if before is not None:
            self.add(
                "survey", entry.line.row, head, f"名称 {entry.name} 和第{before.line.row}行重复", "请改成不同的名称"
            )
        else:
            self.entries[entry.name] = entry

    # ---- survey: one row

    def entry(self, entry: _Entry) -> None:
        line = entry.line
        calculation = ""
        for head, text in line.cells.items():
            key = key_of(head)
            role = EXPRESSIONS.get(key, "")
            if role == "calculation":
                calculation = text
            if role:
                self.expression_cell(entry, head, role, text)
            elif key in TEXTS:
                self.refs_in_text("survey", line.row, head, text)
            elif key == "default" and ("${" in text or re.search(r"\w\(", text)) and entry.kind not in ("text", "note"):
                self.expression(entry, head, text, reads=False)
        # A calculate with a type of its own; pyxform shows no question for it.
        worked_out = bool(calculation) and entry.kind not in ("note", "select_one", "select_multiple")
        if entry.kind not in UNSEEN and not worked_out and not any(_says_something(head) for head in line.cells):
            remedy = "请写上问什么；不给人看的用 calculate 或 hidden"
            self.add("survey", line.row, entry.heads.get("label", "label"), f"{entry.name} 没有标题（label）", remedy)
        has_default = any(key_of(head) == "default" for head in line.cells)
        if (
            entry.kind == "calculate"
            and not calculation
            and not has_default
            and "trigger" not in map(key_of, line.cells)
        ):
            head = entry.heads.get("calculation", "calculation")
            self.add("survey", line.row, head, f"{entry.name} 是 calculate，却没有写算式", "请在 calculation 补上算式")

    def expression_cell(self, entry: _Entry, head: str, role: str, text: str) -> None:
        if role in ("required", "readonly") and text.strip().lower() in YES_NO:
            return
        if role == "trigger":
            self.refs_in_text("survey", entry.line.row, head, text)
            return
        # With a trigger the calculation is put once and may look at its own question.
        put_once = role == "calculation" and any(key_of(other) == "trigger" for other in entry.line.cells)
        node = self.expression(
            entry, head, text, reads=role in ("relevant", "calculation", "repeat_count") and not put_once
        )
        if node is None:
            return
        if role == "choice_filter":
            self.filter_columns(entry, head, node)
        if role in ("relevant", "repeat_count") and text.strip().lower() in ("yes", "no"):
            self.add("survey", entry.line.row, head, f"“{text}”不是表达式", "请写条件，如 ${问题} = '1'")

    def expression(self, entry: _Entry, head: str, text: str, *, reads: bool) -> Node | None:
        row = entry.line.row
        try:
            node = parse(ascii_quotes(text))
        except ExpressionError as error:
            self.add("survey", row, head, error.happened + f"（{_short(text)}）", error.todo)
            return None
        for fault in call_faults(node, FUNCTIONS):
            self.add("survey", row, head, fault.happened, fault.todo)
        once = {
            id(inner) for part in walk(node) if isinstance(part, Call) and part.name == "once" for inner in walk(part)
        }
        for part in walk(node):
            if isinstance(part, Call) and part.name == "instance":
                self.instance_name(entry, head, part)
            if (
                isinstance(part, Call)
                and part.name == "jr:choice-name"
                and len(part.args) == 2
                and isinstance(part.args[1], Literal)
            ):
                self.refs_in_text("survey", row, head, part.args[1].value)
            if isinstance(part, Call) and part.name == "pulldata" and part.args and isinstance(part.args[0], Literal):
                self.pulldata_list(row, head, part.args[0].value)
            if isinstance(part, Path):
                name = self.path_name(entry, head, part)
                if reads and name and not (id(part) in once and name == entry.name):
                    entry.reads.add(name)
        return node

    def pulldata_list(self, row: int, head: str, name: str) -> None:
        if self.find_list(name) is None:
            self.add("survey", row, head, f"pulldata() 找不到代码表 {name}", "请把同名的 CSV 放到 lists 文件夹")

    def path_name(self, entry: _Entry, head: str, path: Path) -> str:
        """The question a path reads, "" when that is no question of this form; adds the fault of a missing one."""
        row = entry.line.row
        start = path.start
        if isinstance(start, Ref):
            if start.last:
                return ""
            if start.name not in self.entries:
                self.add("survey", row, head, f"没有 ${{{start.name}}} 这个问题", self.near(start.name))
                return ""
            names = [step.name for step in path.steps if step.axis == "child"]
            for name in names:
                if name not in self.entries:
                    self.add("survey", row, head, f"没有 {name} 这个问题", self.near(name))
                    return ""
            return names[-1] if names else start.name
        if isinstance(start, Call) and start.name != "current":
            return ""
        steps = path.steps
        if start == "" and len(steps) == 1 and steps[0].axis == "self":
            return entry.name
        names = [step.name for step in steps if step.axis == "child"]
        if start == "/" and names:
            names = names[1:]
        return (
            names[-1]
            if names and names[-1] in self.entries and (start != "" or any(step.axis == "parent" for step in steps))
            else ""
        )

    def near(self, name: str) -> str:
        """What to do about a name that is none: the one that it looks like is named."""
        found = get_close_matches(name, self.entries, 1, ALIKE)
        if not found:
            return "请对照 name 列改正"
        entry = self.entries[found[0]]
        label = next((text for head, text in entry.line.cells.items() if key_of(head) == "label"), "")
        return f"也许是 {found[0]}{f'（{label}）' if label else ''}，请改正"

    def instance_name(self, entry: _Entry, head: str, call: Call) -> None:
        if len(call.args) != 1 or not isinstance(call.args[0], Literal):
            self.add("survey", entry.line.row, head, "instance() 里应当是一个加引号的名称", "请写成 instance('名称')")
            return
        name = call.args[0].value
        files = {one.list_name.rsplit(".", 1)[0] for one in self.order if one.list_name.endswith(".csv")}
        files |= {one.rsplit("/", 1)[-1] for one in files}
        if (
            name not in self.instances | set(self.lists) | files | {"__last-saved"}
            and self.find_list(name.rsplit("/", 1)[-1]) is None
        ):
            self.add(
                "survey",
                entry.line.row,
                head,
                f"没有声明 instance('{name}')",
                f"请加一行类型 xml-external、名称 {name}",
            )

    def filter_columns(self, entry: _Entry, head: str, node: Node) -> None:
        """Bare names in a choice_filter are columns of the list."""
        stem = entry.list_name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        listed = self.lists.get(entry.list_name)
        codes = self.find_list(stem) if entry.list_name.endswith(".csv") else None
        if not entry.list_name or (listed is None and codes is None):
            return
        columns = (
            listed.columns
            if listed is not None
            else set(codes.choices[0].extra)
            if codes is not None and codes.choices
            else set()
        )
        for part in walk(node):
            if (
                isinstance(part, Path)
                and part.start == ""
                and part.steps[0].axis == "child"
                and part.steps[0].name not in columns | {"name", "label"}
            ):
                self.add(
                    "survey",
                    entry.line.row,
                    head,
                    f"代码表 {entry.list_name} 没有 {part.steps[0].name} 这一列",
                    "请对照代码表的列名改正",
                )

    def refs_in_text(self, sheet: str, row: int, head: str, text: str, *, check: bool = True) -> None:
        for match in REF.finditer(text):
            name = match[1].strip().removeprefix("last-saved#")
            if not match[2]:
                self.add(sheet, row, head, f"“{_short(match[0])}”没有写完", "请写成 ${问题名}")
            elif not NAME.fullmatch(name):
                self.add(sheet, row, head, f"“{match[0]}”写得不对", "请写成 ${问题名}")
            elif check and name not in self.entries:
                self.add(sheet, row, head, f"没有 ${{{name}}} 这个问题", self.near(name))

    # ---- circles

    def cycles(self) -> None:
        before: dict[str, list[str]] = {}
        for name, entry in self.entries.items():
            # A group's condition comes before everything in it.
            before[name] = sorted(entry.reads, key=self.row_of) + list(entry.parents)
        for circle in circles(self.entries, before):
            members = sorted(set(circle), key=self.row_of)
            start = circle.index(members[0])
            words = circle_words([*circle[start:], *circle[:start]])
            entry = self.entries[members[0]]
            column = next(
                (
                    head
                    for head in entry.line.cells
                    if EXPRESSIONS.get(key_of(head)) in ("calculation", "relevant", "repeat_count")
                ),
                "calculation",
            )
            self.add("survey", entry.line.row, column, words, "请改其中一个算式或条件，不要绕回自己")

    def row_of(self, name: str) -> int:
        return self.entries[name].line.row if name in self.entries else 0


@dataclass(slots=True)
class CodeColumns:
    """What is known of one list of the choices sheet."""

    columns: set[str]
    codes: set[str] = field(default_factory=set)


def _says_something(head: str) -> bool:
    return key_of(head) in ("label", "caption", "hint") or head.startswith("media::")


def _underscores(match: re.Match[str]) -> str:
    return re.sub(r"[ _]", "_", match[0])


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
