"""One answer on screen: from the editor's commit to the end of the last paint of the cells that changed, offscreen.

The disk is not included: what the window would write is taken off its hands, everything else is as in the product.
The largest built-in form (“两委” with 30 people, in the row editor), and a synthetic form of 500 questions with a table
of 1,000 rows; the same with 100 rows for the growth. The marks of sections and the head follow later and are a row too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from bench.bench_engine import COLUMNS, FEW_ROWS, QUESTIONS, ROWS, filled, synthetic
from bench.measure import Row, percentile, within_frame
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.form import Form, Kind
from cunbao.survey.task import Paper, Screen, Section
from cunbao.survey.values import Edit
from cunbao.ui.kit import style
from cunbao.ui.kit.fields import CodeField, FieldBox
from cunbao.ui.screens.facility import FacilityPart
from cunbao.ui.screens.fieldset import FieldsPart
from cunbao.ui.screens.form import FormScreen
from cunbao.ui.screens.roweditor import RowScreen
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village
from world.desk import MANBANG, a_village_desk

ANSWERS = 2000
BLOCKS = 5
PEOPLE = 30


class Undisturbed(Shell):
    """The window without its disk."""

    def keep(self, form: str, edits: Sequence[Edit], *, group: str = "") -> None:
        pass


def rows() -> Iterator[Row]:
    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    style.apply(app, 1.0, False)
    with TemporaryDirectory() as place:
        many, few = (a_window(Path(place) / str(size), size) for size in (ROWS, FEW_ROWS))
        times = fields(many, ANSWERS // 2) + table(many, ANSWERS // 2)
        yield within_frame(f"一次填数到画完：{QUESTIONS} 题 + {ROWS} 行", times, 0.99)
        blocks = [(table(many, 400, turn, True), table(few, 400, turn, True)) for turn in range(1, BLOCKS + 1)]
        ours, base = (median(percentile(block[i], 0.99) for block in blocks) for i in (0, 1))
        yield Row(f"一次填数到画完：{ROWS} 行对 {FEW_ROWS} 行 p99", ours, base, "ms", 2, BLOCKS * 400)
        for window in (many, few):
            close(window)
        window = the_largest_form(Path(place) / "B03")
        yield within_frame(f"一次填数到画完：最大的内置表（“两委”{PEOPLE}人）", people(window, ANSWERS), 0.99)
        close(window)


# --- windows ---------------------------------------------------------------------------------------------------------


def a_window(folder: Path, size: int) -> Undisturbed:
    """The form screen over the synthetic form with `size` rows."""
    folder.mkdir()
    desk = a_village_desk(folder, "new", office=MANBANG)
    form = synthetic()
    desk.task = replace(
        desk.task,
        forms={form.id: form},
        required_forms=(),
        checks=(),
        screens={form.id: screen_of(form)},
        papers={form.id: Paper("合成", "landscape", "")},
    )
    desk.instances = {form.id: filled(form, size)}
    return shown(desk)


def screen_of(form: Form) -> Screen:
    asked = tuple(one.name for one in form.fields if not one.calculated)
    table = Section("行", repeat="r", columns=("k", *(f"x{at}" for at in range(5))))
    return Screen("合成", "", "form", (Section("题", asked), table))


def the_largest_form(folder: Path) -> Undisturbed:
    folder.mkdir()
    desk = a_village_desk(folder, "filled", office=MANBANG)
    instance = desk.instance("B03")
    while len(instance.rows("b03_m")) < PEOPLE:
        instance.add_row("b03_m")
    return shown(desk)


def shown(desk: VillageDesk) -> Undisturbed:
    window = Undisturbed(Village(), asks_to_close=False)
    window.resize(1366, 696)
    window.open_desk(desk)
    window.show()
    window.activateWindow()
    QApplication.processEvents()
    return window


def close(window: Shell) -> None:
    window.close()
    window.desk.close()


# --- answers ---------------------------------------------------------------------------------------------------------


def form_screen(window: Shell, section: int) -> FormScreen:
    """section: 0 the first, -1 the last."""
    window.go("form", form=next(iter(window.desk.task.forms)))
    screen = window.screen_here
    assert isinstance(screen, FormScreen)
    screen._show_section(range(len(screen.sheet.sections))[section])
    QApplication.processEvents()
    return screen


def answered(field: FieldBox, text: str, *, processor: bool = False) -> float:
    """Milliseconds from the commit until everything is painted."""
    clock = thread_time if processor else perf_counter
    field.edit.setText(text)
    field.edit.setModified(True)
    QApplication.processEvents()  # the field's own paint of the strokes
    begun = clock()
    field.commit()
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    return (clock() - begun) * 1000


def fields(window: Shell, count: int) -> list[float]:
    part = form_screen(window, 0).part
    assert isinstance(part, FieldsPart)
    boxes = [shown.field for shown in part.rows.values() if shown.asked() and isinstance(shown.field, FieldBox)]
    return [answered(boxes[i * 7 % len(boxes)], str(i % 991)) for i in range(count)]


def table(window: Shell, count: int, turn: int = 0, processor: bool = False) -> list[float]:
    part = form_screen(window, -1).part
    assert isinstance(part, FacilityPart)
    size, times = len(part.table.rows), []
    for i in range(count):
        part.table.edit(f"r{i * 37 % size}", f"x{i % min(5, COLUMNS)}")
        editor = part.table.editor()
        assert editor is not None
        QApplication.processEvents()
        times.append(answered(editor, f"{(i + turn) % 97}.25", processor=processor))
    return times


def people(window: Shell, count: int) -> list[float]:
    """Cells of one person after the other, changed and changed again."""
    instance, times = window.desk.instance("B03"), []
    rows_ = instance.rows("b03_m")
    at = 0
    while len(times) < count:
        row = rows_[at % len(rows_)]
        window.go("row", form="B03", repeat="b03_m", row=row, section=1)
        screen = window.screen_here
        assert isinstance(screen, RowScreen)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as a running window does by itself
        QApplication.processEvents()
        for shown in list(screen.fields.values()):
            if not shown.asked() or shown.one.calculated:
                continue
            kind = shown.one.kind
            if isinstance(shown.field, CodeField):
                choices = instance.choices(shown.cell)
                text = choices[at % len(choices)].label
            else:
                text = {Kind.DATE: f"2025-01-{at % 27 + 1:02}"}.get(kind, str(at % 200 + 1))
            assert isinstance(shown.field, FieldBox)
            if hasattr(shown.field, "_begin"):
                shown.field._begin(text)
            times.append(answered(shown.field, text))
        at += 1
    return times[:count]
