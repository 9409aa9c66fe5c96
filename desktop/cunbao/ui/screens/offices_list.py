"""county-05 单位名录: a list is read and held against what is in force, row by row; written when nothing is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from cunbao.desks.county.directory import DirectoryView
from cunbao.errors import CunbaoError
from cunbao.survey.directory import Change, Compared
from cunbao.survey.officelist import OfficeList
from cunbao.survey.values import Office
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Check
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

ALL = "all"
ICONS = {
    Change.SAME: ("check", "text_2"), Change.CHANGED: ("pencil", "accent"), Change.NEW: ("plus", "ok"),
    Change.ENDED: ("merge", "accent"), Change.WRONG: ("alert-circle", "error"),
}  # fmt: skip
FAULT_ICONS = {"代码重复": "copy"}
KIND_WORDS = {
    "10": "村委会", "20": "居委会", "21": "涉农社区", "51": "街道", "52": "镇", "53": "乡", "54": "农场", "": "县",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the table: a row of the file, or a run of unchanged ones that is folded (first, last)."""

    compared: Compared | None
    folded: tuple[int, int] = (0, 0)


class OfficesScreen(TownScreen):
    nav = "offices"
    help = (
        "读入 Excel 或 CSV 名录，先看和现有名录差在哪里；有一行错，就一行都不写。",
        "撤并要写失效日期和并入哪个单位；旧单位的报表照样查得到，代码不再给别的单位用。",
        "F8 看下一处错；改好文件按 F5 重新读。没有名录文件的，可以从全国区划代码里带出来。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._path: Path | None = None
        self._held: OfficeList | None = None
        self._dropped: frozenset[int] = frozenset()
        self._view: DirectoryView | None = None
        self._shown: tuple[Shown, ...] = ()
        box = column(self, 12)
        self.head = PageHead("单位名录")
        self.other = Button("换一个文件", icon="folder")
        self.other.clicked.connect(self.choose)
        self.main = Button("", kind="filled")
        self.main.clicked.connect(self.main_step)
        self.head.add(self.other)
        self.head.add(self.main)
        box.addWidget(self.head)
        self.edit = Button("在 Excel 里改", size="small", icon="table")
        self.edit.clicked.connect(self.open_file)
        self.banner = Banner("info", "", button=self.edit, bold=False)
        box.addWidget(self.banner)
        self._tools = QWidget()
        line = row(self._tools, 12)
        self.filters = FilterRow(name="只看一种")
        self.filters.chosen.connect(lambda key: self._fill())
        self.fold = Check("没变的收起", on=True)
        self.fold.toggled.connect(lambda on: self._fill())
        line.addWidget(self.filters, 1)
        line.addWidget(self.fold)
        box.addWidget(self._tools)
        self.card = Card()
        self.grid = Grid((), name="名录", row_px=32, head_px=34)
        self.grid.moved.connect(lambda number, key: self._moved())
        self.grid.activated.connect(lambda number, key: self._unfold(number))
        self.card.add(self.grid)
        self.card.add_line()
        self._foot = QWidget()
        self._foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        foot = row(self._foot, 8, (16, 8, 16, 8))
        self.told = Text("", "small", "text_2", lines=2)
        self.keep_first, self.keep_second = Button("", size="small", icon="check"), Button("", size="small")
        self.keep_first.clicked.connect(lambda: self._keep(0))
        self.keep_second.clicked.connect(lambda: self._keep(1))
        self.write_button = Button("写进名录", size="small")
        self.write_button.clicked.connect(self.write)
        self.told_more = Text("", "small", "text_2", lines=2)
        foot.addWidget(self.told)
        foot.addWidget(self.keep_first)
        foot.addWidget(self.keep_second)
        foot.addWidget(self.told_more, 1)
        foot.addWidget(self.write_button)
        self.card.add(self._foot)
        box.addWidget(self.card)
        self._make_empty()
        box.addWidget(self.empty)
        box.addStretch(1)

    def _make_empty(self) -> None:
        self.take = Button("从全国区划代码带出", kind="filled", icon="map")
        self.take.clicked.connect(self.from_national)
        self.empty = EmptyState("名录还是空的。读入本县的名录文件，或者从全国区划代码里带出乡镇和村。", self.take)

    # --- what the shell asks -------------------------------------------------------------------------------------

    @property
    def to_edge(self) -> bool:
        return False  # the table scrolls, not the page

    def open(self, **where: Any) -> None:
        """path: a list to read at once."""
        self.refresh()
        if where.get("path"):
            self.read(Path(str(where["path"])))

    def refresh(self) -> None:
        from cunbao.desks.county import directory

        self._view = directory.view(self.shell.desk, self._held, self._dropped)
        self._show(self._view)

    def keys(self) -> Sequence[tuple[str, str]]:
        if self._held is None:
            return (("Ctrl+O", "读名录文件"), ("↑↓", "走行"))
        twin = (("1", "留上一行"), ("2", "留下一行")) if self._twins() is not None else ()
        return (("F8", "下一处错"), ("↑↓", "走行"), *twin, ("F5", "重新读文件"))[:5]

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        view = self._view
        if view is None or view.comparison is None:
            self.choose()
        elif view.comparison.faults:
            self.next_problem(1)
        elif view.comparison.ready:
            self.write()
        else:
            self.shell.go("tasks" if "tasks" in self.shell.face.SCREENS else self.shell.face.home)
        return True

    def next_problem(self, step: int) -> bool:
        """F8: the next row that is wrong, in whatever is shown."""
        wrong = [n for n, one in enumerate(self._shown) if one.compared is not None and one.compared.faults]
        if wrong:
            here = self.grid.current_row()
            later = [n for n in wrong if n > here] if step > 0 else [n for n in reversed(wrong) if n < here]
            self.grid.go(later[0] if later else wrong[0 if step > 0 else -1])
            self.first_focus()
        return True

    def check_again(self) -> bool:
        """F5: the file as it is now."""
        if self._path is not None:
            self.read(self._path)
        return True

    def key(self, name: str) -> bool:
        if name == "Ctrl+O":
            self.choose()
            return True
        if name in ("1", "2") and self._twins() is not None:
            self._keep(int(name) - 1)
            return True
        return False

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: DirectoryView) -> None:
        found = view.comparison
        in_force = f"现用 {view.townships} 个乡镇、{view.villages} 个村（社区）"
        if found is None:
            self.head.line.setText(in_force)
            self.main.setText("读名录文件")
            self.main.set_key("Ctrl+O")
        else:
            sheet = f"，工作表“{view.sheet}”" if view.sheet else ""
            self.head.line.setText(f"{view.source}{sheet}")
            if found.faults:
                self.main.setText("下一处错")
                self.main.set_key("F8")
            else:
                self.main.setText("写进名录" if found.ready else "去做任务包")
                self.main.set_key("Enter")
            self._tell(view)
        show_if(self.other, found is not None)
        show_if(self.banner, found is not None)
        show_if(self._tools, found is not None)
        show_if(self._foot, found is not None)
        self.edit.setVisible(self._path is not None)
        empty = found is None and not view.villages
        show_if(self.empty, empty)
        show_if(self.card, not empty)
        if found is not None:
            counts = found.counts
            self.filters.set_filters([
                Filter(ALL, "全部", str(len(found.rows))),
                *(Filter(one.name, one.value, str(counts[one]), icon=ICONS[one][0], tone=ICONS[one][1])
                  for one in Change),
            ])  # fmt: skip
        self._fill()

    def _tell(self, view: DirectoryView) -> None:
        found = view.comparison
        assert found is not None
        county, townships, villages = view.levels
        read = f"读到 {view.read} 行：县 {county}，乡镇 {townships}，村（社区）{villages}。"
        stays = f"文件里没有的 {len(found.untouched)} 个单位照旧。" if found.untouched else ""
        blank = f"空行 {len(view.blank)} 行，跳过。" if view.blank else ""
        if found.faults:
            self.banner.set_tone("error")
            self.banner.set_words(
                f"{read}{found.faults} 行有错，一行都还没写进名录",
                f"改好后一次写进。{blank}{stays}现用 {view.villages} 个村（社区）。",
            )
        elif found.ready:
            self.banner.set_tone("ok")
            self.banner.set_words(f"{read}没有错，可以写进名录", f"{blank}{stays}")
        else:
            self.banner.set_tone("info")
            self.banner.set_words(f"{read}和现有名录一样，没有要写的", f"{blank}{stays}")

    def _fill(self) -> None:
        view = self._view
        if view is None:
            return
        found = view.comparison
        here = self.grid.current_id()
        if found is None:
            from cunbao.desks.county import directory

            offices = directory.offices(self.shell.desk)
            self.grid.set_columns(_columns(plain=True))
            self.grid.set_rows([_office_row(number, one) for number, one in enumerate(offices, 1)])
            self._shown = ()
        else:
            self._shown = self._lines(found.rows)
            self.grid.set_columns(_columns(plain=False))
            self.grid.set_rows([_row(one) for one in self._shown])
        if here:
            self.grid.go(max(0, self.grid.find_row(here)))
        self._moved()

    def _lines(self, rows: Sequence[Compared]) -> tuple[Shown, ...]:
        """What the filter leaves; runs of unchanged rows folded into one line each."""
        wanted = self.filters.current()
        if wanted not in ("", ALL):
            return tuple(Shown(one) for one in rows if one.change.name == wanted)
        if not self.fold.is_on():
            return tuple(Shown(one) for one in rows)
        found: list[Shown] = []
        for one in rows:
            if one.change is not Change.SAME:
                found.append(Shown(one))
            elif found and found[-1].compared is None:
                found[-1] = Shown(None, (found[-1].folded[0], one.row.row))
            else:
                found.append(Shown(None, (one.row.row, one.row.row)))
        return tuple(found)

    def _here(self) -> Compared | None:
        at = self.grid.current_row()
        return self._shown[at].compared if 0 <= at < len(self._shown) else None

    def _twins(self) -> tuple[int, int] | None:
        """Numbers of the two rows of which one must go, the upper first."""
        here = self._here()
        fault = next((one for one in here.faults if one.twin), None) if here is not None else None
        return (min(here.row.row, fault.twin), max(here.row.row, fault.twin)) if here and fault else None

    def _moved(self) -> None:
        view, twins, here = self._view, self._twins(), self._here()
        if view is None or view.comparison is None:
            if self.shell.screen_here is self:
                self.shell.status.set_keys(self.keys())
            return
        names = {one.row.row: one.row.name for one in view.comparison.rows}
        show_if(self.keep_first, twins is not None)
        show_if(self.keep_second, twins is not None)
        self.told_more.setText("")
        if twins is not None:
            self.told.setText(f"第 {twins[0]}、{twins[1]} 行只能留一行：")
            self.keep_first.setText(f"留 {twins[0]} {names.get(twins[0], '')}")
            self.keep_second.setText(f"留 {twins[1]} {names.get(twins[1], '')}")
            known = self.shell.desk.workspace.office(here.row.code) if here is not None else None
            if known is not None:
                self.told_more.setText(f"现有名录里是“{known.short}”")
        elif here is not None and here.faults:
            self.told.setText("；".join(f"{one.word}：{one.line}" for one in here.faults))
        else:
            self.told.setText("全部写进以后，下一版任务包带上新名录。")
        faults = view.comparison.faults
        self.write_button.set_why(f"还有 {faults} 行有错" if faults else "" if view.comparison.ready else "没有要写的")
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _unfold(self, number: int) -> None:
        if 0 <= number < len(self._shown) and self._shown[number].compared is None:
            self.fold.set_on(False)
            self._fill()

    # --- acts ----------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ctrl+O."""
        name, _ = QFileDialog.getOpenFileName(self, "读单位名录", str(Path.home()), "名录 (*.xlsx *.csv)")
        self.window().activateWindow()
        if name:
            self.read(Path(name))

    def read(self, path: Path) -> None:
        from cunbao.desks.county import directory

        self.shell.run_job(
            lambda progress, cancel: directory.read_file(path),
            title="正在读名录",
            done=lambda held: self._take(held, path),
            failed=self._not_read,
        )

    def from_national(self) -> None:
        from cunbao.desks.county import directory

        code = self.shell.desk.office.code
        self.shell.run_job(
            lambda progress, cancel: directory.national(code),
            title="正在查全国区划代码",
            done=lambda held: self._take(held, None),
        )

    def _take(self, held: OfficeList, path: Path | None) -> None:
        self._held, self._path, self._dropped = held, path, frozenset()
        self.refresh()
        self.grid.go(0)
        if self._view is not None and self._view.comparison is not None and self._view.comparison.faults:
            self.grid.go(-1)
            self.next_problem(1)
        self.first_focus()

    def _not_read(self, error: CunbaoError) -> None:
        self.shell.show_error(error)

    def open_file(self) -> None:
        if self._path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path)))

    def _keep(self, which: int) -> None:
        """1, 2: of two rows with one code this one stays."""
        twins = self._twins()
        if twins is not None:
            self._dropped |= {twins[1 - which]}
            self.refresh()
            self.grid.go(max(0, self.grid.find_row(str(twins[which]))))

    def write(self) -> None:
        from cunbao.desks.county import directory

        view, desk = self._view, self.shell.desk
        if view is None or view.comparison is None:
            return
        found = view.comparison

        def done(changed: tuple[Office, ...]) -> None:
            self._held, self._path, self._dropped = None, None, frozenset()
            self.refresh()
            self.shell.refresh_frame()
            self.first_focus()

        self.shell.run_job(lambda progress, cancel: directory.write(desk, found), title="正在写进名录", done=done)


def _columns(*, plain: bool) -> tuple[GridColumn, ...]:
    narrow = look.narrow
    first = (
        GridColumn("row", "行" if not plain else "序", 44, kind="number", role="small", tone="text_2"),
        GridColumn("code", "代码", 124),
        GridColumn("name", "名称", 100, 8, bold=True),
        GridColumn("kind", "类别", 78),
        GridColumn("parent", "上级代码", 118, tone="text_2"),
    )
    days = () if narrow else (
        GridColumn("since", "生效", 104, tone="text_2"), GridColumn("until", "失效", 104, tone="text_2"),
    )  # fmt: skip
    told = () if plain else (
        GridColumn("told", "和现有名录比", 116, kind="state"),
        GridColumn("line", "", 160, 20, role="small", tone="text_2"),
    )  # fmt: skip
    return (*first, *days, *told)


def _row(one: Shown) -> GridRow:
    if one.compared is None:
        first, last = one.folded
        words = f"第 {first}–{last} 行没变，收起" if first != last else f"第 {first} 行没变，收起"
        return GridRow(f"fold-{first}", {"line": GridCell(words, tone="text_2")}, label=words, ground="surface_sunken")
    found = one.compared
    said, bad = found.row, {fault.field for fault in found.faults}
    icon, tone = ICONS[found.change]
    word = found.word
    return GridRow(
        str(said.row),
        {
            "row": GridCell(str(said.row)),
            "code": GridCell(said.code or "—", framed="code" in bad),
            "name": GridCell(said.name or "—", framed="name" in bad),
            "kind": GridCell(_kind(said.kind, found.office), framed="kind" in bad),
            "parent": GridCell(said.parent or _parent(said.code), framed="parent" in bad),
            "since": GridCell(said.since or "—", framed="since" in bad),
            "until": GridCell(said.until or "—", framed=bool({"until", "successor"} & bad),
                              bold=bool(said.until)),
            "told": GridCell(word, icon=FAULT_ICONS.get(word, icon), tone=tone), "line": GridCell(found.line),
        },
        label=f"第 {said.row} 行 {said.name} {word}",
        ground="row_problem" if found.faults else "",
    )  # fmt: skip


def _office_row(number: int, one: Office) -> GridRow:
    return GridRow(
        one.code,
        {
            "row": GridCell(str(number)), "code": GridCell(one.code), "name": GridCell(one.short),
            "kind": GridCell(KIND_WORDS.get(one.kind, one.kind)), "parent": GridCell(_parent(one.code)),
            "since": GridCell(one.since or "—"), "until": GridCell(one.until or "—"),
        },
        label=one.name,
    )  # fmt: skip


def _kind(said: str, office: Office | None) -> str:
    return said or (KIND_WORDS.get(office.kind, office.kind) if office is not None else "—")


def _parent(code: str) -> str:
    """The superior's code as lists write it: nine digits of a township, six of the county."""
    if len(code) != 12 or code.endswith("000000"):
        return "—"
    return code[:6] if code.endswith("000") else code[:9]
