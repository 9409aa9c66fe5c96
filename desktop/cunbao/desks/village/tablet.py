"""从平板导入: submissions of ODK Collect become drafts that the clerk checks and signs like what he typed.

`look` shows what would come of it and changes nothing; `take` writes what was decided, one undo step a form. Of several
submissions of one form the rows are put together, and of a single cell the newest value is proposed: where two say
different things, or the draft says something else, the clerk is asked. What a submission leaves empty says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cunbao.desks.odkfiles import Found, FoundSubmission, find
from cunbao.desks.village import rosters
from cunbao.desks.village.desk import VillageDesk
from cunbao.desks.village.tabletviews import KEEP, Given, TabletCell, TabletFile, TabletRow, TabletTaken, TabletView
from cunbao.errors import DeskError
from cunbao.survey.cells import parse
from cunbao.survey.form import Repeat
from cunbao.survey.instance import Instance
from cunbao.survey.pairing import identity_column
from cunbao.survey.people import mask
from cunbao.survey.states import ReturnState
from cunbao.survey.submission import Fitted, fitted
from cunbao.survey.values import Cell, Edit, Row

NO_CHOICE: Mapping[tuple[str, Cell], int] = {}
SAME_FILE = "和另一份是同一份，只取一次"


def look(desk: VillageDesk, place: Path) -> TabletView:
    """What a folder, a zip or a file of submissions would bring. DeskError as of `odkfiles.find`."""
    found = find(place)
    files, usable = _judged(desk, found)
    cells: list[TabletCell] = []
    rows: list[TabletRow] = []
    same = 0
    for form in desk.task.forms:
        sent = [(at, one) for at, one in usable.items() if files[at].form == form]
        if sent:
            gathered = _Gathering(desk, form, [(at, found.submissions[at], fits) for at, fits in sent])
            cells += gathered.cells()
            rows += gathered.new_rows()
            same += gathered.same
    return TabletView(str(place), tuple(files), tuple(cells), tuple(rows), same)


def take(
    desk: VillageDesk, seen: TabletView, chosen: Mapping[tuple[str, Cell], int] = NO_CHOICE, *, group: str
) -> TabletTaken:
    """Write what was seen into the drafts; on the disk when it returns. chosen: for each cell that is asked for, which
    of its `given`, or KEEP. DeskError "tablet.undecided", "tablet.moved"; nothing is written then."""
    _refuse_undecided(seen, chosen)
    _refuse_moved(desk, seen)
    wanted = {one.key: one.given[chosen.get(one.key, 0)].text for one in seen.cells if chosen.get(one.key, 0) != KEEP}
    forms = [form for form in desk.task.forms if any(key[0] == form for key in wanted)]
    added = 0
    try:
        with desk.workspace.atomic():
            for form in forms:
                edits, rows = _edits(desk, form, seen, {cell: t for (of, cell), t in wanted.items() if of == form})
                desk.keep(form, edits, group=group)
                added += rows
            desk.journal("tablet", forms=forms, cells=len(wanted), rows=added, files=[one.name for one in seen.files])
    except BaseException:
        desk.instances.clear()  # the forms go back to what the disk has
        raise
    return TabletTaken(tuple(forms), len(wanted), len(seen.cells) - len(wanted), added)


def _edits(desk: VillageDesk, form: str, seen: TabletView, wanted: Mapping[Cell, str]) -> tuple[list[Edit], int]:
    edits: list[Edit] = []
    added: set[str] = set()
    for row in seen.rows:
        values = {cell.field: text for cell, text in wanted.items() if cell.row == row.row}
        if row.form == form and values:
            edits += desk.add_row(form, row.repeat, values, row_id=row.row).edits
            added.add(row.row)
    for cell, text in wanted.items():
        if cell.row not in added or not cell.row:
            edits += desk.type(form, cell, text).edits
    return edits, len(added)


def _refuse_undecided(seen: TabletView, chosen: Mapping[tuple[str, Cell], int]) -> None:
    waiting = [one for one in seen.asked if one.key not in chosen]
    if waiting:
        raise DeskError(
            "tablet.undecided",
            happened=f"有 {len(waiting)} 格和草稿不一样，或者两份提交说的不一样，还没有选",
            safe="草稿没有改动",
            todo="请逐格选保留草稿的还是采用平板的，再导入",
        )


def _refuse_moved(desk: VillageDesk, seen: TabletView) -> None:
    fresh = {one.row for one in seen.rows}
    for one in seen.cells:
        if one.cell.row not in fresh and _text(desk.instance(one.form), one.cell) != one.here:
            raise DeskError(
                "tablet.moved",
                happened=f"看过以后，“{one.label}”又改过了",
                safe="草稿没有改动",
                todo="请再看一次要导入的内容",
            )


def _text(instance: Instance, cell: Cell) -> str:
    if cell.row and cell.row not in instance.rows(instance.form.field(cell.field).repeat):
        return ""
    return instance.text(cell)


# --- which submissions may be used -----------------------------------------------------------------------------------


def _judged(desk: VillageDesk, found: Found) -> tuple[list[TabletFile], dict[int, Fitted]]:
    """Every file with what is to be said of it, and those that give something by their place among them."""
    files: list[TabletFile] = []
    usable: dict[int, Fitted] = {}
    replaced = {one.sent.replaces: one.name for one in found.submissions if one.sent.replaces}
    ids: dict[str, FoundSubmission] = {}
    for at, one in enumerate(found.submissions):
        refused, todo = _refused(desk, one)
        if not refused and one.sent.instance_id in replaced:
            refused, todo = f"平板上后来改过，改过的是 {replaced[one.sent.instance_id]}", "不用做什么，取改过的那一份"
        twin = ids.get(one.sent.instance_id)
        if not refused and one.sent.instance_id and twin is not None and twin.sent.nodes == one.sent.nodes:
            refused, todo = SAME_FILE, "不用做什么"
        ids.setdefault(one.sent.instance_id, one)
        form = desk.task.forms.get(one.sent.form)
        fits = fitted(form, one.sent) if form is not None and not refused else None
        if fits is not None:
            usable[at] = fits
        files.append(
            TabletFile(
                name=one.name,
                when=one.when,
                form=one.sent.form,
                title=form.title if form else "",
                notes=_notes(desk, one, fits),
                refused=refused,
                todo=todo,
                unknown=fits.unknown if fits else (),
                attachments=tuple(other.name for other in one.attachments),
            )
        )
    files += [
        TabletFile(name=one.name, when="", form="", title="", refused=one.trouble.happened, todo=one.trouble.todo)
        for one in found.unusable
    ]
    return files, usable


def _refused(desk: VillageDesk, one: FoundSubmission) -> tuple[str, str]:
    """Why nothing can be taken from a submission, and what to do; two empty texts when it may be used."""
    form, (office, period) = one.sent.form, one.sent.named
    if form not in desk.task.forms:
        return f"是 {form} 表的，{desk.office.short}这一期没有这张表", "请确认平板上填的是本期任务的表"
    if office and office != desk.office.code:
        return f"是单位 {office} 的，不是{desk.office.short}的", "请交给那个单位读入"
    if period and period != desk.task.period:
        return f"是 {period} 年度的，现在填的是 {desk.task.period} 年度", "请确认选对了文件夹"
    state = desk.state(form)
    if not state.editable:
        todo = "请先撤回签名" if state is ReturnState.SIGNED else "要改，请先点“更正”"
        return f"{form} 表{state.value}，内容已锁定", f"{todo}，再导入"
    return "", ""


def _notes(desk: VillageDesk, one: FoundSubmission, fits: Fitted | None) -> tuple[str, ...]:
    notes = []
    if fits is None:
        return ()
    held = desk.task.forms[one.sent.form].version
    if one.sent.version != held:
        notes.append(f"按表式 {one.sent.version or '（没写版本）'} 填的，现在是 {held}，同名的格才取")
    if fits.unknown:
        names = "、".join(path for path, _ in fits.unknown[:5])
        notes.append(f"有 {len(fits.unknown)} 项现在的表式没有，没有取：{names}")
    if one.attachments:
        notes.append(f"旁边有 {len(one.attachments)} 个文件没有取；盖章的照片等签名后用“附扫描件”加上")
    return tuple(notes)


# --- what they say, put together -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Gathering:
    """All submissions of one form, cell by cell. The draft is tried on a copy, so that looking changes nothing."""

    desk: VillageDesk
    form: str
    sent: Sequence[tuple[int, FoundSubmission, Fitted]]
    same: int = 0
    trial: Instance = field(init=False)
    said: dict[Cell, list[tuple[str, int]]] = field(default_factory=dict)  # (text, place of the file)
    fresh: dict[str, str] = field(default_factory=dict)  # new row → its roster

    def __post_init__(self) -> None:
        self.trial = rosters.trial_instance(self.desk, self.form)
        for at, one, fits in self.sent:
            for name, text in fits.answers.values.items():
                self._say(Cell(name), text, at)
            for repeat in self.trial.form.repeats:
                if rows := fits.answers.rows.get(repeat.name):
                    self._rows(repeat, rows, at, one)

    def _say(self, cell: Cell, typed: str, at: int) -> None:
        text = parse(self.trial.form.field(cell.field), typed)[0]
        if text:
            self.said.setdefault(cell, []).append((text, at))

    def _rows(self, repeat: Repeat, rows: Sequence[Row], at: int, one: FoundSubmission) -> None:
        used: set[str] = set()
        numbers = [self._number(repeat, row) for row in rows]
        for place, row in enumerate(rows):
            if not row.values:
                continue  # a row begun on the tablet and left
            number = numbers[place] if numbers.count(numbers[place]) == 1 else ""
            key = self._key(repeat, row, place, number, one, used)
            used.add(key)
            if key not in self.trial.rows(repeat.name) and key not in self.fresh:
                self.fresh[key] = repeat.name
            for name, text in row.values.items():
                self._say(Cell(name, key), text, at)

    def _key(self, repeat: Repeat, row: Row, place: int, number: str, one: FoundSubmission, used: set[str]) -> str:
        """The row that is meant: of its id, of its identity number, the one made of it earlier, one that says the very
        same; else a new one. What it is called comes from the submission, so that reading it again finds it."""
        here = [key for key in (*self.trial.rows(repeat.name), *self.fresh) if key not in used]
        if row.id and row.id in here:
            return row.id
        if number:
            found = [key for key in here if self._held_number(repeat, key) == number]
            if len(found) == 1:
                return found[0]
        if self._counted(repeat) and place < len(self.trial.rows(repeat.name)):
            return self.trial.rows(repeat.name)[place]
        made = str(uuid5(NAMESPACE_URL, f"{one.sent.instance_id or one.name}/{repeat.name}/{number or place}"))
        if made in here:
            return made
        twin = next((key for key in here if key not in self.fresh and self._says_the_same(repeat, row, key)), "")
        return twin or (row.id if row.id and row.id not in used else made)

    def _counted(self, repeat: Repeat) -> bool:
        binds = self.trial.form.binds.values()
        return any(one.kind == "repeat" and one.name == repeat.name and one.count for one in binds)

    def _number(self, repeat: Repeat, row: Row) -> str:
        column = identity_column(repeat)
        return parse(column, row.values.get(column.name, ""))[0] if column is not None else ""

    def _held_number(self, repeat: Repeat, key: str) -> str:
        column = identity_column(repeat)
        if column is None:
            return ""
        if key in self.fresh:
            return next((text for text, _ in reversed(self.said.get(Cell(column.name, key), []))), "")
        return self.trial.text(Cell(column.name, key))

    def _says_the_same(self, repeat: Repeat, row: Row, key: str) -> bool:
        asked = {one.name: one for one in repeat.fields}
        return all(parse(asked[name], text)[0] == self.trial.text(Cell(name, key)) for name, text in row.values.items())

    # ---- told

    def cells(self) -> list[TabletCell]:
        """In the form's order, rows in theirs; what the draft says already is only counted."""
        found = []
        for cell in sorted(self.said, key=self._order()):
            here = _text(self.trial, cell)
            texts = list(dict.fromkeys(text for text, _ in self.said[cell]))
            if texts == [here]:
                self.same += 1
                continue
            given = tuple(self._given(cell, text) for text in texts if text != here)
            found.append((cell, here, given))
        shown = {cell: self._shown(cell, here) for cell, here, _ in found}
        self._try([(cell, given[-1].text) for cell, _, given in found])
        return [
            TabletCell(
                form=self.form,
                cell=cell,
                label=self.trial.form.field(cell.field).label,
                row_name=self._row_name(cell),
                here=here,
                here_shown=shown[cell],
                given=given,
                problem=next((one.message for one in self.trial.findings_at(cell) if one.check != "required"), ""),
            )
            for cell, here, given in found
        ]

    def new_rows(self) -> list[TabletRow]:
        """After `cells`."""
        return [
            TabletRow(self.form, repeat, key, self._row_name(Cell("", key)), sum(cell.row == key for cell in self.said))
            for key, repeat in self.fresh.items()
        ]

    def _try(self, wanted: Sequence[tuple[Cell, str]]) -> None:
        for key, repeat in self.fresh.items():
            self.trial.add_row(repeat, row_id=key)
        for cell, text in wanted:
            self.trial.set(cell, text)

    def _given(self, cell: Cell, text: str) -> Given:
        return Given(text, self._shown(cell, text), tuple(at for said, at in self.said[cell] if said == text))

    def _shown(self, cell: Cell, text: str) -> str:
        one = self.trial.form.field(cell.field)
        if one.mask:
            return mask(one.mask, text) if text else ""
        if one.list is not None:
            return "、".join(one.list.label(code) or code for code in text.split())
        return text

    def _row_name(self, cell: Cell) -> str:
        if not cell.row:
            return ""
        repeat = self.fresh.get(cell.row) or self.trial.form.field(cell.field).repeat
        return self.trial.text(Cell(self.trial.form.repeat(repeat).fields[0].name, cell.row))

    def _order(self) -> Callable[[Cell], tuple[bool, int, int]]:
        names = {name: at for at, name in enumerate(self.trial.form.by_name)}
        rows = {key: at for repeat in self.trial.form.repeats for at, key in enumerate(self.trial.rows(repeat.name))}
        late = {key: len(rows) + at for at, key in enumerate(self.fresh)}
        places = rows | late
        return lambda cell: (bool(cell.row), places.get(cell.row, 0), names[cell.field])
