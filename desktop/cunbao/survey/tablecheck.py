"""The tables of a task looked at row by row: checks.csv, indicators.csv, plans.csv, params.csv, code lists.
Pure.

Each fault says its row as Excel counts it (the heading is row 1), its column, what stands there and what to do.
Source: domain/fields.md §9, domain/indicators.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from cunbao.errors import SurveyError
from cunbao.survey.checks import TOWNSHIP_ONLY, rule_of
from cunbao.survey.form import Form
from cunbao.survey.logic import formula
from cunbao.survey.params import NAME
from cunbao.survey.task import Check, Task
from cunbao.survey.taskfile import FORM_FILE, names_in
from cunbao.survey.values import Severity

CHECK_COLUMNS = ("id", "severity", "forms", "rule", "expression", "message", "value", "from_field")
INDICATOR_COLUMNS = (
    "plan", "no", "name", "kind", "unit", "target", "op", "target_high", "territory", "applies",
    "numerator_expression", "denominator_expression",
)  # fmt: skip
PLAN_COLUMNS = ("plan", "title")
PARAM_COLUMNS = ("name", "label", "unit", "note")
KINDS = frozenset({"ratio", "each", "count", "distinct"})
SIGNS = frozenset({">=", "<=", "=", "range", "ratio", ""})
DEFINED_BY = ("kind", "unit", "applies", "numerator_expression", "denominator_expression")
BLANK = re.compile(r"\{([^{}]*)\}")
SPECIAL = frozenset({"v", "row", "row2", "name2", "phone_masked"})
PERSON = frozenset({"id", "name", "sex", "birth", "age", "edu", "phone"})


@dataclass(frozen=True, slots=True)
class Place:
    """row 0: of no row; sheet "" outside workbooks."""

    row: int
    sheet: str
    column: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong, and what to do, in words."""

    found: str
    remedy: str


Faults = Iterator[tuple[Place, Found, str]]


def check_rows(data: bytes, task: Task | None) -> Faults:
    """checks.csv. task: of the forms that can be used, None while none can. One that names a form which the folder has
    not falls away by itself (decision 1)."""
    rows, wrong = _table(data, CHECK_COLUMNS)
    yield from wrong
    seen: dict[str, int] = {}
    for at, row in rows:
        name = row["id"].strip()
        if not name:
            yield _at(at, "id"), Found("这条审核关系没有编号", "请补上编号，如 K-120"), ""
        elif name in seen:
            yield _at(at, "id"), Found(f"编号 {name} 和第{seen[name]}行重复", "请改成没有用过的编号"), name
        seen.setdefault(name, at)
        if row["severity"] not in {one.value for one in Severity}:
            words = "、".join(one.value for one in Severity)
            yield _at(at, "severity"), Found("没有这种审核级别", f"可用的有 {words}"), row["severity"]
            continue
        strange = [one for one in row["forms"].split() if one != "*" and not FORM_FILE.fullmatch(one)]
        if strange:
            said = Found(f"“{strange[0]}”不是表式编号", "请写 B01、T01 这样的编号，所有表都管的写 *")
            yield _at(at, "forms"), said, row["forms"]
            continue
        if task is not None:
            yield from _check(at, row, task)


def _check(at: int, row: Mapping[str, str], task: Task) -> Faults:
    asked = Check(
        id=row["id"],
        severity=Severity(row["severity"]),
        forms=() if row["forms"] == "*" else tuple(row["forms"].split()),
        rule=row["rule"],
        expression=row["expression"],
        message=row["message"],
        value=row["value"],
        from_field=row["from_field"] == "1",
    )
    if not all(one in task.forms for one in (*asked.forms, *names_in(f"{asked.expression} {asked.value}"))):
        return  # it will not run (decision 1)
    why = "" if asked.id in TOWNSHIP_ONLY else _unusable(task, asked)  # those are rules of survey.crosscheck
    if why:
        column = "value" if asked.value and not _unusable(task, replace(asked, value="")) else "expression"
        yield _at(at, column), Found(why, "请对照表式的 name 列和审核关系的写法改正"), row[column]
        return
    if not asked.message.strip():
        yield _at(at, "message"), Found("没有写提示的话", "请写一句：哪里不对，请做什么"), ""
    for blank in BLANK.findall(asked.message):
        if not _fills(blank, task.forms):
            told = Found(f"提示里的 {{{blank}}} 不是表式里的格", "请对照 name 列改正，算出来的数用 {v}")
            yield _at(at, "message"), told, asked.message


def _unusable(task: Task, asked: Check) -> str:
    try:
        rule_of(task, asked)
    except SurveyError as error:
        return _bare(error.happened).removeprefix(f"{asked.id}：")
    return ""


def _bare(happened: str) -> str:
    """Without what stands before every sentence about a rule: its place says so already."""
    return happened.replace("审核或指标用不了：", "")


def _fills(blank: str, forms: Mapping[str, Form]) -> bool:
    if blank in SPECIAL or "." in blank:
        return True
    for form in forms.values():
        if blank in form.by_name or (
            blank in PERSON and any(f"{one.name}_{blank}" in form.by_name for one in form.repeats)
        ):
            return True
    return False


def indicator_rows(data: bytes, asked: Mapping[str, Form], plans: Sequence[str]) -> Faults:
    """indicators.csv. asked: the forms that can be used; plans: those chosen. Expressions of other forms are not looked
    at: the reports cannot answer them."""
    rows, wrong = _table(data, INDICATOR_COLUMNS)
    yield from wrong
    seen: dict[str, int] = {}
    names: dict[str, tuple[int, Mapping[str, str]]] = {}
    for at, row in rows:
        number = row["no"]
        if not number or not row["plan"]:
            yield _at(at, "no"), Found("没有写规划号或序号", "请补上，如 003 和 003-04"), number
        elif number in seen:
            yield _at(at, "no"), Found(f"序号 {number} 和第{seen[number]}行重复", "请改成没有用过的序号"), number
        seen.setdefault(number, at)
        yield from _indicator_words(at, row)
        for column in ("applies", "numerator_expression", "denominator_expression"):
            yield from _expression(at, column, row[column], asked)
        if row["plan"] in plans and row["name"]:
            before = names.setdefault(row["name"], (at, row))
            other = next((one for one in DEFINED_BY if before[1][one].strip() != row[one].strip()), "")
            if other and before[1]["plan"] != row["plan"]:
                said = Found(
                    f"规划 {before[1]['plan']} 和 {row['plan']} 都有“{row['name']}”，算法却不一样（第{before[0]}行）",
                    "请改成两个名字，或者统一算法，或者只选一个规划",
                )
                yield _at(at, other), said, row[other]


def _indicator_words(at: int, row: Mapping[str, str]) -> Faults:
    if row["kind"] not in KINDS:
        yield _at(at, "kind"), Found("没有这种指标", "可用的有 ratio、each、count、distinct"), row["kind"]
    if row["op"] not in SIGNS:
        yield _at(at, "op"), Found("没有这种比较", "可用的有 >=、<=、=、range、ratio，没有目标的空着"), row["op"]
    for column in ("target", "target_high"):
        if row[column] and not _is_number(row[column]):
            yield _at(at, column), Found("目标值不是数", "请只写数，单位写在 unit"), row[column]


def _expression(at: int, column: str, words: str, asked: Mapping[str, Form]) -> Faults:
    if not words:
        return
    if all(one in asked for one in names_in(words)):
        why = _why_not(words, asked)
        if why is not None:
            yield _at(at, column), Found(_bare(why.happened), "请对照表式的 name 列改正，报表答不了的空着"), words


def plan_rows(data: bytes) -> Faults:
    """plans.csv."""
    rows, wrong = _table(data, PLAN_COLUMNS)
    yield from wrong
    seen: dict[str, int] = {}
    for at, row in rows:
        if not row["plan"] or not row["title"]:
            yield _at(at, "title"), Found("规划没有写号或名称", "请补上"), row["plan"]
        elif row["plan"] in seen:
            yield _at(at, "plan"), Found(f"规划 {row['plan']} 写了两遍", "请留一行"), row["plan"]
        seen.setdefault(row["plan"], at)


def param_rows(data: bytes) -> Faults:
    """params.csv."""
    rows, wrong = _table(data, PARAM_COLUMNS)
    yield from wrong
    seen: dict[str, int] = {}
    for at, row in rows:
        name = row["name"].strip()
        if not NAME.fullmatch(name):
            what = f"“{name}”不能做参数名" if name else "参数没有写名字"
            yield _at(at, "name"), Found(what, "请用小写字母、数字和下划线，如 org_units"), row["name"]
        elif name in seen:
            yield _at(at, "name"), Found(f"参数 {name} 和第{seen[name]}行重复", "请留一行"), name
        elif not row["label"].strip():
            yield _at(at, "label"), Found(f"参数 {name} 没有给人看的名称", "请补上，如 在职党员总数"), ""
        seen.setdefault(name, at)


def list_rows(data: bytes) -> Faults:
    """A code list: lists/*.csv."""
    heads, lines, wrong = _lines(data)
    if wrong is not None:
        yield wrong
        return
    key = next((one for one in ("code", "name", *heads) if one in heads), "")
    if "label" not in heads:
        yield _at(1, "label"), Found("没有 label 这一列", "请补上：code 是代码，label 是给人看的字"), ""
        return
    seen: dict[str, int] = {}
    for at, cells in lines:
        row = dict(zip(heads, cells, strict=False))
        code = row.get(key, "")
        if not code:
            yield _at(at, key), Found("这一行没有代码", "请补上代码，或删去这一行"), ""
        elif code in seen:
            yield _at(at, key), Found(f"代码 {code} 和第{seen[code]}行重复", "请改成不同的代码，或删去一行"), code
        seen.setdefault(code, at)


# --- reading ---------------------------------------------------------------------------------------------------------


def _table(
    data: bytes, columns: Sequence[str]
) -> tuple[list[tuple[int, dict[str, str]]], list[tuple[Place, Found, str]]]:
    """(row number, cells by heading) and what is wrong with the table as such; no rows while a column is missing."""
    heads, lines, wrong = _lines(data)
    if wrong is not None:
        return [], [wrong]
    missing = [one for one in columns if one not in heads]
    if missing:
        return [], [(_at(1, one), Found(f"没有 {one} 这一列", "请补上这一列，列名照原样写"), "") for one in missing]
    rows = [(at, {head: "" for head in heads} | dict(zip(heads, cells, strict=False))) for at, cells in lines]
    return rows, []


def _lines(data: bytes) -> tuple[list[str], list[tuple[int, list[str]]], tuple[Place, Found, str] | None]:
    """Headings, (row, cells) of the rows that say anything, and why nothing can be read."""
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except UnicodeDecodeError:
        return [], [], (_at(0, ""), Found("不是 UTF-8 的文本", "请在 Excel 里另存为“CSV UTF-8”"), "")
    except csv.Error as error:
        return [], [], (_at(0, ""), Found(f"不是完整的 CSV（{error}）", "请在 Excel 里另存为“CSV UTF-8”"), "")
    heads = [one.strip() for one in lines[0]] if lines else []
    return heads, [(at, cells) for at, cells in enumerate(lines[1:], 2) if any(cells)], None


def _why_not(words: str, forms: Mapping[str, Form]) -> SurveyError | None:
    try:
        formula(words, forms)
    except SurveyError as error:
        return error
    return None


def _is_number(words: str) -> bool:
    try:
        return Decimal(words).is_finite()
    except InvalidOperation:
        return False


def _at(row: int, column: str) -> Place:
    return Place(row, "", column)
