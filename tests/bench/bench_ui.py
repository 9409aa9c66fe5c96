"""Start and memory of the window against a bare PySide6 window with the same two faces, and one frame of a long table.

Each side is a process of its own: from its start to the first painted window that takes a key, then idle for a second.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from bench.measure import PAIRS, Row, milliseconds, within_frame

# What both sides do once a window stands: wait for its first paint, press a key, rest, say how long and how large.
COMMON = """
import os, sys, time
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

class Watch(QObject):
    painted = taken = False
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not self.painted:
            self.painted = True
            QTimer.singleShot(0, self.press)
        if event.type() == QEvent.Type.KeyPress and not self.taken:
            self.taken = True
            self.after = time.monotonic() - float(os.environ["STARTED"])
            QTimer.singleShot(1000, self.tell)
        return False
    def press(self):
        QApplication.sendEvent(QApplication.focusWidget() or window,
                               QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Shift, Qt.KeyboardModifier.NoModifier))
    def tell(self):
        import psutil
        print(self.after * 1000, psutil.Process().memory_info().rss / 1e6, flush=True)
        os._exit(0)
"""
OURS = """
from pathlib import Path
app = QApplication(["cunbao"])
watch = Watch()
app.installEventFilter(watch)
from cunbao.ui.app import App, now
start = App(app, Path(os.environ["PLACE"]), now)
start.begin([])
window = start.window
app.exec()
"""
HOME = """
from pathlib import Path
app = QApplication(["cunbao"])
watch = Watch()
from cunbao.desks.village.practice import CLERK, PASSWORD
from cunbao.desks.keyring import data_key
from cunbao.desks.start import village_desk, with_key
from cunbao.ui.app import App, now
start = App(app, Path(os.environ["PLACE"]), now)
folder = Path(os.environ["PLACE"]) / "sample"
start.begin([folder])
window = start.window
for _ in range(20):
    app.processEvents()
key = data_key(folder, CLERK.name, PASSWORD, now=now())
app.installEventFilter(watch)
os.environ["STARTED"] = str(time.monotonic())
desk = with_key(folder, key, CLERK.name, lambda store, who: village_desk(store, who, clock=now), now=now())
start._opened(desk, folder)
app.exec()
"""
BARE = """
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QLineEdit
app = QApplication(["bare"])
watch = Watch()
app.installEventFilter(watch)
from cunbao.survey.fontfiles import font_file
for role in ("sans", "sans-bold"):
    family = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(font_file(role))))[0]
app.setFont(QFont(family))
window = QLineEdit("勐混镇 曼蚌村")
window.resize(1366, 696)
window.show()
app.exec()
"""


def rows() -> Iterator[Row]:
    with TemporaryDirectory() as place:
        _started(OURS, place), _started(BARE, place)  # caches as warm on either side
        taken = [(_started(OURS, place), _started(BARE, place)) for _ in range(PAIRS)]
    for name, at, unit, bar in (("窗口：启动到能按键", 0, "ms", 1.5), ("窗口：空闲内存", 1, "MB", 2.5)):
        ours, base = (median(pair[side][at] for pair in taken) for side in (0, 1))
        yield Row(name, ours, base, unit, bar, PAIRS)
    with TemporaryDirectory() as place:
        _a_village(Path(place) / "sample")
        _started(HOME, place)
        taken = [(_started(HOME, place), _started(BARE, place)) for _ in range(PAIRS)]
    ours, base = (median(pair[side][0] for pair in taken) for side in (0, 1))
    yield Row("窗口：密码对了到首页能按键（不计密码推导）", ours, base, "ms", 1.5, PAIRS)
    ours, base = (median(pair[side][1] for pair in taken) for side in (0, 1))
    yield Row("窗口：开着样例的空闲内存", ours, base, "MB", 2.5, PAIRS)
    yield within_frame("表格：1000 行里走一格并重画", _steps(), 0.5)


def _a_village(folder: Path) -> None:
    """The practice village, with last year accepted and two forms filled."""
    from cunbao.desks.start import close
    from cunbao.desks.village.practice import begin_sample

    close(begin_sample(folder))


def _started(program: str, place: str) -> tuple[float, float]:
    """Milliseconds to the first key, megabytes at rest."""
    asked = {**os.environ, "PLACE": place, "STARTED": str(monotonic())}
    asked.setdefault("QT_QPA_PLATFORM", "offscreen")
    asked.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled as well
    asked["PYTHONPYCACHEPREFIX"] = str(Path(place) / "compiled")
    done = subprocess.run(
        [sys.executable, "-c", COMMON + program], env=asked, capture_output=True, text=True, check=True
    )
    after, size = done.stdout.split()
    return float(after), float(size)


def _steps() -> list[float]:
    """Down through a table of 1,000 rows with an editor in it, each step painted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from cunbao.ui.kit import style
    from cunbao.ui.kit.area import AreaTable
    from cunbao.ui.kit.table import CellShow, Column, TableRow

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    style.apply(app)
    table = AreaTable((Column("name", "姓名", 120, 1), *(Column(f"c{n}", "栏", 90, kind="input") for n in range(6))))
    table.set_rows(
        [
            TableRow(str(at), {"name": CellShow("岩温"), **{f"c{n}": CellShow(str(at * n)) for n in range(6)}})
            for at in range(1000)
        ]
    )
    table.resize(900, 600)
    table.show()
    table.edit("0", "c0")

    def step() -> None:
        table._step_row(1)
        app.processEvents()  # paints what has changed

    return [milliseconds(step) for _ in range(900)]
