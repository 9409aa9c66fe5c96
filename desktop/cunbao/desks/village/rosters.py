"""Rosters 名册 filled without typing twice: paste from Excel, carry over from last period, the same person elsewhere.

Nothing is taken over before every cell that does not fit has been shown with its reason. Each act is one undo step.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from cunbao.desks.views import CarryLine, PasteCell, PastePreview, PasteRow, PersonOffer
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.survey.form import Field, Kind, Repeat
from cunbao.survey.instance import Instance
from cunbao.survey.recalculation import Change
from cunbao.survey.values import Answers, Cell, Edit, EditAct, Env

OF_THE_PERSON = (Kind.TEXT, Kind.SELECT_ONE)  # numbers and dates tell of a training or an office, not of the person
MOST_ROWS = 2_000  # a village roster has tens; this bounds a mistaken paste of a whole sheet
SCIENTIFIC = re.compile(r"^[0-9](\.[0-9]+)?[Ee]\+?[0-9]{2}$")
DATES = (
    re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0?0:00(?::00)?)?$"),
    re.compile(r"^(\d{4})(\d{2})(\d{2})$"),
)
MONTH = re.compile(r"^(\d{4})[-/.年](\d{1,2})月?$")
SYNONYMS = {  # heads that offices use → words in our labels
    "证件号码": "身份证号",
    "身份证": "身份证号",
    "身份证号码": "身份证号",
    "公民身份号码": "身份证号",
    "学历": "文化程度",
    "联系电话": "手机号",
    "电话": "手机号",
    "手机": "手机号",
    "手机号码": "手机号",
    "联系方式": "手机号",
    "出生年月": "出生日期",
    "任职时间": "任职日期",
    "参加培训日期": "最近一次培训日期",
    "培训时间": "最近一次培训日期",
    "面积": "建筑面积",
    "设施名称": "名称",
}


def read_clipboard(text: str) -> tuple[tuple[str, ...], ...]:
    """Cells of what Excel or WPS puts on the clipboard: tabs between cells, quotes around line breaks."""
    rows = csv.reader(io.StringIO(text.replace("\r\n", "\n"), newline=""), delimiter="\t")
    return _tidy([[cell.strip() for cell in row] for row in rows])


def read_workbook(path: Path) -> tuple[tuple[str, ...], ...]:
    """Cells of the first filled sheet of an .xlsx. Numbers keep all digits that Excel kept.

    DeskError "workbook.unreadable" for anything that is no workbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            for name in book.sheet_names:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
                cells = _tidy([[_workbook_text(value) for value in row] for row in rows])
                if cells:
                    return cells
    except (CalamineError, OSError) as trouble:
        raise DeskError(
            "workbook.unreadable",
            happened=f"“{path.name}”打不开，不是能读的 Excel 表",
            safe="名册没有改动",
            todo="请在 Excel 或 WPS 里打开它，另存为 .xlsx 后再选一次，或者直接复制粘贴",
            detail=str(trouble),
        ) from trouble
    return ()


def _workbook_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        # Excel keeps 15 digits: a longer whole number has lost its tail, and is shown the way Excel shows it
        return (
            f"{value:.5E}".replace("E+0", "E+") if abs(value) >= 1e15 else format(Decimal(repr(value)).normalize(), "f")
        )
    return str(value).strip() if value is not None else ""


def _tidy(rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    filled = [tuple(row) for row in rows if any(row)]
    width = max((len(row) for row in filled), default=0)
    while width and not any(len(row) >= width and row[width - 1] for row in filled):
        width -= 1
    if len(filled) > MOST_ROWS:
        raise DeskError(
            "paste.too_many",
            happened=f"这张表有 {len(filled)} 行，一个村的名册没有这么多人",
            safe="名册没有改动",
            todo=f"请只选本村的行，最多 {MOST_ROWS} 行",
        )
    return tuple((*row[:width], *[""] * (width - len(row))) for row in filled)


def preview(
    desk: VillageDesk,
    form: str,
    repeat_name: str,
    cells: Sequence[Sequence[str]],
    *,
    mapping: Sequence[str] | None = None,
    header: bool | None = None,
    mended: Mapping[tuple[int, int], str] | None = None,
) -> PastePreview:
    """What would come of taking `cells` over. mapping: field name a column, "" = 不导入, None = find out.

    mended: (row index, column index) → text typed in the preview instead. Nothing is changed by looking."""
    if not cells:
        raise DeskError(
            "paste.empty",
            happened="剪贴板里没有表格",
            safe="名册没有改动",
            todo="请在 Excel 里选中要的行，按 Ctrl+C，再回来按 Ctrl+V",
        )
    repeat = desk.task.forms[form].repeat(repeat_name)
    targets = [one for one in repeat.fields if not one.hidden]
    first = tuple(cells[0])
    guessed = guess_mapping(first, targets)
    has_header = header if header is not None else any(guessed)
    chosen = tuple(mapping) if mapping is not None else guessed if has_header else by_position(len(first), targets)
    body = list(enumerate(cells))[1 if has_header else 0 :]
    trial = trial_instance(desk, form)
    known = {identity(trial, repeat, row): row for row in trial.rows(repeat.name)}
    known.pop("", None)
    rows: list[PasteRow] = []
    seen: dict[str, int] = {}
    for number, source in body:
        texts = [(mended or {}).get((number, column), text) for column, text in enumerate(source)]
        rows.append(_paste_row(trial, repeat, chosen, number, texts, known, seen))
    return PastePreview(
        form=form,
        repeat=repeat_name,
        heads=first if has_header else tuple(f"第 {n} 列" for n in range(1, len(first) + 1)),
        mapping=chosen,
        fields=tuple((one.name, one.label + ("（只核对）" if one.calculated else "")) for one in targets),
        rows=tuple(rows),
        header=has_header,
        updates=sum(row.outcome == "update" for row in rows),
        news=sum(row.outcome == "new" for row in rows),
        problems=sum(row.outcome == "problem" for row in rows),
    )


def trial_instance(desk: VillageDesk, form: str) -> Instance:
    """A copy of the form to try values on; the desk's own instance stays untouched."""
    return Instance(
        desk.task.forms[form],
        Env(today=desk.today, new_id=desk.new_id),
        answers=desk.instance(form).answers(),
        sources=desk.sources(form),
        last=desk.last(form),
    )


def guess_mapping(heads: Sequence[str], targets: Sequence[Field]) -> tuple[str, ...]:
    """The field each head names, by label or a word in use; "" where none fits. No field twice."""
    taken: set[str] = set()
    found = []
    for head in heads:
        # 姓　名 has a gap in it; 月报酬（元） and 月报酬 元 have a unit after it
        plain = re.sub(r"[（(].*$", "", re.sub(r"\s", "", head))
        names = [SYNONYMS.get(one, one) for one in (plain, re.sub(r"[\s（(].*$", "", head.strip()))]
        free = [one for one in targets if one.name not in taken]
        fits = [one for name in names for one in free if one.label == name] or [
            one
            for name in names
            for one in free
            if len(name) >= 2 and (one.label.startswith(name) or name in one.label)
        ]
        found.append(fits[0].name if fits else "")
        taken.update(one.name for one in fits[:1])
    return tuple(found)


def by_position(width: int, targets: Sequence[Field]) -> tuple[str, ...]:
    names = [one.name for one in targets if not one.calculated][:width]
    return (*names, *[""] * (width - len(names)))


def identity(instance: Instance, repeat: Repeat, row: str) -> str:
    """What tells persons (or facilities) apart: identity number, else name and phone, else name."""
    number = next((one for one in repeat.fields if one.mask == "id"), None)
    if number is not None:
        return instance.text(Cell(number.name, row))
    phone = next((one for one in repeat.fields if one.mask == "phone"), None)
    name = instance.text(Cell(repeat.fields[0].name, row))
    return name and (f"{name}/{instance.text(Cell(phone.name, row))}" if phone else name)


def _paste_row(
    trial: Instance,
    repeat: Repeat,
    mapping: Sequence[str],
    number: int,
    texts: Sequence[str],
    known: Mapping[str, str],
    seen: dict[str, int],
) -> PasteRow:
    """known: identity → row already in the roster; seen: identity → line of the paste, filled in here."""
    fields = {one.name: one for one in repeat.fields}
    given = {name: converted(fields[name], text) for name, text in zip(mapping, texts, strict=False) if name and text}
    asked = {name: text for name, text in given.items() if not fields[name].calculated}
    probe = trial.add_row(repeat.name, values=asked)
    row_id = probe.edits[0].row
    who = identity(trial, repeat, row_id)
    same = known.get(who, "")
    twin = seen.setdefault(who, number + 1) if who else number + 1
    cells, troubled = [], False
    for name, text in zip(mapping, texts, strict=False):
        if not name or not text:
            cells.append(PasteCell(text=text, shown=text, problem=""))
            continue
        cell = Cell(name, row_id)
        problem, choices = paste_problem(trial, fields[name], cell, text)
        if not problem and twin != number + 1 and _names_the_row(repeat, name):
            problem = f"和第 {twin} 行是同一个，请只留一行"
        troubled = troubled or bool(problem)
        shown = text if problem else trial.shown(cell) or text
        cells.append(PasteCell(text=given[name], shown=shown, problem=problem, choices=choices))
    name = trial.text(Cell(repeat.fields[0].name, row_id))
    trial.delete_row(repeat.name, row_id)
    outcome = "problem" if troubled else "update" if same else "new"
    return PasteRow(number=number + 1, cells=tuple(cells), outcome=outcome, row_id=same, name=name)


def _names_the_row(repeat: Repeat, name: str) -> bool:
    """Is it the column that tells rows apart: the identity number, where there is none the name?"""
    number = next((one.name for one in repeat.fields if one.mask == "id"), repeat.fields[0].name)
    return name == number


def paste_problem(trial: Instance, one: Field, cell: Cell, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Why `text` does not fit the field, and what could be chosen instead."""
    if one.mask == "id" and SCIENTIFIC.match(text):
        return f"Excel 把号码变成了 {text}，后几位已丢。请对照身份证重输。", ()
    if one.calculated:
        here, given = trial.shown(cell), text
        same = here.startswith(given) or here.startswith(_as_day(given)) or converted(one, given) == trial.text(cell)
        if here and not same:
            return f"表里是“{given}”，由身份证号得出的是“{here}”，请核对证件", ()
        return "", ()
    if one.kind is Kind.SELECT_ONE and one.list is not None and not one.list.label(converted(one, text)):
        likely = tuple(
            (c.code, c.label)
            for c in one.list.choices
            if any(part and part in c.label for part in re.split(r"[/、，,\s]", text))
        )
        return f"“{text}”不在代码表里，请选一个", likely[:3]
    wrong = [f for f in trial.findings_at(cell) if f.check != "required"]
    return (wrong[0].message, ()) if wrong else ("", ())


def converted(one: Field, text: str) -> str:
    """The text as the field wants it: a label becomes its code, a date YYYY-MM-DD. Unknown text stays as it is."""
    text = text.strip()
    if one.list is not None:
        codes = {choice.label: choice.code for choice in one.list.choices}
        if one.kind is Kind.SELECT_MULTIPLE:
            parts = [part for part in re.split(r"[、,，;；\s]+", text) if part]
            return " ".join(codes.get(part, part) for part in parts)
        if one.list.label(text):
            return text
        starting = [code for label, code in codes.items() if len(text) >= 2 and label.startswith(text)]
        return codes.get(text) or (starting[0] if len(starting) == 1 else text)
    if one.kind is Kind.DATE:
        return _as_day(text)
    if one.mask == "id":
        return text.upper().replace(" ", "")
    return text


def _as_day(text: str) -> str:
    """YYYY-MM-DD, or YYYY-MM of a day that is not told; other text stays as it is."""
    for shape in DATES:
        if found := shape.match(text):
            return f"{int(found[1]):04}-{int(found[2]):02}-{int(found[3]):02}"
    found = MONTH.match(text)
    return f"{int(found[1]):04}-{int(found[2]):02}" if found else text


def take_over(desk: VillageDesk, seen: PastePreview, *, group: str) -> tuple[int, int]:
    """Take over every row without a problem as one undo step; on the disk when it returns. (updated, added)."""
    edits: list[Edit] = []
    updated = added = 0
    for row in seen.rows:
        if row.outcome not in ("update", "new"):
            continue
        fields = {one.name: one for one in desk.task.forms[seen.form].repeat(seen.repeat).fields}
        values = {
            name: cell.text
            for name, cell in zip(seen.mapping, row.cells, strict=False)
            if name and cell.text and not fields[name].calculated
        }
        if row.outcome == "new":
            edits += desk.add_row(seen.form, seen.repeat, values).edits
            added += 1
        else:
            for name, text in values.items():
                edits += desk.type(seen.form, Cell(name, row.row_id), text).edits
            updated += 1
    _keep_all(desk, seen.form, edits, group=group)
    desk.journal("paste", form=seen.form, updated=updated, added=added)
    return updated, added


def _keep_all(desk: VillageDesk, form: str, edits: Sequence[Edit], *, group: str) -> None:
    """Keep what was put into the form at once. Where the disk refuses it, the form goes back to what the disk has: rows
    that are on the screen and nowhere else would take later typing with them."""
    try:
        desk.keep(form, edits, group=group)
    except BaseException:
        desk.instances.clear()
        raise


# --- last period -----------------------------------------------------------------------------------------------------


def carry_lines(desk: VillageDesk, form: str, repeat_name: str) -> tuple[CarryLine, ...]:
    """The rows of the last period, each proposed as 继续任职."""
    before = desk.last(form)
    if before is None:
        return ()
    repeat = desk.task.forms[form].repeat(repeat_name)
    shown = Instance(desk.task.forms[form], Env(today=desk.today, new_id=desk.new_id), answers=before)
    here = set(desk.instance(form).rows(repeat_name))
    lines = []
    for row in shown.rows(repeat_name):
        words = [shown.shown(Cell(one.name, row)) for one in repeat.fields if one.kind is Kind.SELECT_ONE]
        lines.append(
            CarryLine(
                row_id=row,
                name=shown.text(Cell(repeat.fields[0].name, row)),
                line="、".join(word for word in words if word and word not in ("是", "否", "无"))[:40],
                stays=True,
                here=row in here,
            )
        )
    return tuple(lines)


def carry_over(desk: VillageDesk, form: str, repeat_name: str, staying: Sequence[str], *, group: str) -> Change | None:
    """Bring the rows of `staying` over from the last period, ids kept, as one undo step.

    Figures of the year (本年…) stay empty: last year's training hours are nobody's this year's."""
    before = desk.last(form)
    if before is None:
        return None
    repeat = desk.task.forms[form].repeat(repeat_name)
    carried = [one.name for one in repeat.fields if not one.calculated and not one.label.startswith("本年")]
    here = set(desk.instance(form).rows(repeat_name))
    change: Change | None = None
    edits: list[Edit] = []
    for row in before.rows.get(repeat_name, ()):
        if row.id in staying and row.id not in here:
            values = {name: row.values[name] for name in carried if row.values.get(name)}
            change = desk.add_row(form, repeat_name, values, row_id=row.id)
            edits += change.edits
    if edits:
        _keep_all(desk, form, edits, group=group)
        desk.journal("carry_over", form=form, rows=sum(edit.act is EditAct.ADD_ROW for edit in edits))
    return change


# --- the same person in another roster -------------------------------------------------------------------------------


def offers(desk: VillageDesk, form: str, repeat_name: str, row_id: str) -> tuple[PersonOffer, ...]:
    """Other rosters where this person stands (same identity number; without one: same name and phone, or same name
    when the row has nothing else yet), with the values that this row still lacks."""
    here = desk.instance(form)
    repeat = desk.task.forms[form].repeat(repeat_name)
    found = []
    for other, title, rows, theirs in _other_rosters(desk, form):
        for values in rows:
            if not _same_person(_facts_of(here, repeat, row_id), _row_facts(theirs, values)):
                continue
            wanted = _missing_values(here, repeat, row_id, theirs, values)
            if wanted:
                found.append(
                    PersonOffer(form=other, title=title, name=values.get(theirs.fields[0].name, ""), values=wanted)
                )
            break
    return tuple(found)


def take_offer(desk: VillageDesk, form: str, row_id: str, offer: PersonOffer, *, group: str) -> None:
    """Fill the row's empty cells from the other roster, as one undo step; on the disk when it returns."""
    edits: list[Edit] = []
    for name, text, _ in offer.values:
        edits += desk.type(form, Cell(name, row_id), text).edits
    _keep_all(desk, form, edits, group=group)


def people_elsewhere(desk: VillageDesk, form: str, repeat_name: str) -> tuple[PersonOffer, ...]:
    """Persons of other rosters who are not in this one, for 增加一人: name first, values ready to take."""
    here = desk.instance(form)
    repeat = desk.task.forms[form].repeat(repeat_name)
    present = [_facts_of(here, repeat, row) for row in here.rows(repeat_name)]
    found: dict[str, PersonOffer] = {}
    for other, title, rows, theirs in _other_rosters(desk, form):
        for values in rows:
            facts = _row_facts(theirs, values)
            if facts["name"] in found or any(_same_person(one, facts) for one in present):
                continue
            wanted = _missing_values(here, repeat, "", theirs, values)
            if wanted:
                found[facts["name"]] = PersonOffer(form=other, title=title, name=facts["name"], values=wanted)
    return tuple(found.values())


def _other_rosters(desk: VillageDesk, form: str) -> Iterable[tuple[str, str, list[Mapping[str, str]], Repeat]]:
    for other, asked in desk.task.forms.items():
        for repeat in asked.repeats:
            if other == form or not any(one.mask for one in repeat.fields):
                continue
            answers: Answers = desk.instance(other).answers()
            rows = [row.values for row in answers.rows.get(repeat.name, ())]
            if rows:
                yield other, asked.title, rows, repeat


def _suffix(repeat: Repeat, name: str) -> str:
    """b03_m_name in b03_m → name: the same suffix means the same fact in every roster."""
    return name.removeprefix(repeat.name + "_")


def _row_facts(repeat: Repeat, values: Mapping[str, str]) -> dict[str, str]:
    return {_suffix(repeat, one.name): values.get(one.name, "") for one in repeat.fields if not one.calculated}


def _facts_of(instance: Instance, repeat: Repeat, row: str) -> dict[str, str]:
    return {
        _suffix(repeat, one.name): instance.text(Cell(one.name, row)) for one in repeat.fields if not one.calculated
    }


def _same_person(mine: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    if mine.get("id") and theirs.get("id"):
        return mine["id"] == theirs["id"]
    if not mine.get("name") or mine["name"] != theirs.get("name"):
        return False
    return not mine.get("phone") or not theirs.get("phone") or mine["phone"] == theirs["phone"]


def _missing_values(
    here: Instance, repeat: Repeat, row: str, theirs: Repeat, values: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    wanted = []
    their_fields = {_suffix(theirs, one.name): one for one in theirs.fields}
    for one in repeat.fields:
        other = their_fields.get(_suffix(repeat, one.name))
        if one.calculated or other is None or other.label != one.label or other.kind is not one.kind:
            continue
        if one.kind not in OF_THE_PERSON:
            continue
        text = values.get(other.name, "")
        if text and not (row and here.text(Cell(one.name, row))):
            wanted.append((one.name, text, one.list.label(text) if one.list else text))
    return tuple(wanted)
