"""Pictures of every screen from the running window, at the size of a village's laptop: names as in the references.

`Album` is the demo's witness: while the sample round goes on it opens the same window over the same desk, looks at one
screen after the other and keeps the picture. `python -m cunbao.ui.shots DIR` tells one village's story for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import (
    QEvent,
    QEventLoop,
    QMessageLogContext,
    QRect,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey.people import check_digit
from cunbao.survey.submission import instance_name
from cunbao.survey.values import Cell
from cunbao.ui.face import Face
from cunbao.ui.kit import style
from cunbao.ui.kit.tokens import look
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from cunbao.ui.village import Village

WIDE, HIGH, SCREEN_HIGH = 1366, 696, 768  # a laptop's screen less its title and task bars
TITLE_BAR = 32
LONGEST_WAIT = 30_000  # ms for work started by a screen
# moment → the township's screens as they are then, and the names of their pictures
TOWN = {
    "town_read": (
        ("receive", "township-01-receive"), ("board", "township-02-board"), ("enrol", "township-05-enrol"),
    ),
    "town_review": (("review", "township-03-review"),),
    "town_conflict": (("conflict", "township-04-conflict"),),
    "town_proxy": (("proxy", "township-09-proxy"),),
    "town_own_filled": (("supplement", "township-12-supplement"),),
    "town_decided": (
        ("receipts", "township-06-receipts"), ("chase", "township-07-chase"), ("totals", "township-08-totals"),
        ("sendon", "township-10-send-on"),
    ),
}  # fmt: skip
# the county's screens at the end of the round, where its window has them
COUNTY = (
    ("progress", "county-01-progress"), ("indicators", "county-02-indicators"),
    ("indicator", "county-03-indicator-detail"), ("tasks", "county-04-task-builder"), ("offices", "county-05-offices"),
    ("issue", "county-06-issue-pack"), ("certificates", "county-07-certificates"), ("print", "county-08-print-centre"),
    ("verify", "county-09-verify"), ("recovery", "county-10-recovery"), ("journal", "county-11-journal"),
    ("workbook", "county-12-excel-template"),
)  # fmt: skip
# what is looked at on a screen
PLACES = {"proxy": {"form": "B04"}, "supplement": {"form": "T01"}}


class Unattended(Shell):
    """A window before which nobody sits: what went wrong ends the round instead of waiting for an answer."""

    trouble: CunbaoError | None = None

    def show_error(self, error: CunbaoError) -> None:
        self.trouble = error


class Album:
    """Called with (moment, desk) by the demo; `finish` takes the pictures that need no desk."""

    def __init__(self, folder: Path) -> None:
        found = QApplication.instance() or QApplication(["cunbao"])
        assert isinstance(found, QApplication)
        self.app, self.folder = found, folder
        qInstallMessageHandler(_only_news)
        style.apply(self.app, 1.0, False)

    def __call__(self, moment: str, desk: VillageDesk | TownshipDesk | CountyDesk) -> None:
        if isinstance(desk, CountyDesk):
            if moment == "county":
                self.county(desk)
            return
        if isinstance(desk, TownshipDesk):
            if moment in TOWN:
                self.town(desk, *TOWN[moment])
            return
        take: dict[str, Callable[[VillageDesk], None]] = {
            "filling": self._filling,
            "checked": self._checked,
            "to_sign": self._to_sign,
            "sent": self._sent,
            "receipt": self._receipt,
            "closed": self._bare,
        }
        if moment in take:
            take[moment](desk)

    # --- the moments ---------------------------------------------------------------------------------------------

    def _filling(self, desk: VillageDesk) -> None:
        window = self._window(desk)
        self._keep(window, "village-03-home")
        wrong = _first_wrong(desk, "B02")
        window.go("form", form="B02", cell=wrong)
        self._keep(window, "village-04-form")
        for form in ("B06", "B07"):
            window.go("form", form=form, section=2)
            self._keep(window, f"village-04-form-{form}")
        window.go("form", form="B03")
        self._keep(window, "village-05-roster")
        row = desk.instance("B03").rows("b03_m")[2]
        window.go("form", form="B03", cell=Cell("b03_m_ethnic", row))
        self._keep(window, "village-06-row-editor")
        window.go("paste", form="B04", repeat="b04_p", cells=_pasted(desk))
        self._keep(window, "village-07-paste")
        window.go("tablet", place=_collected(desk, self.folder.parent / "tablet"))
        self._keep(window, "village-15-tablet")
        window.go("settings")
        self._keep(window, "village-12-settings")
        window.go("outbox")
        self._keep(window, "village-15-outbox")
        for scale in (1.25, 1.5):
            style.apply(self.app, scale, False)
            for name, where in (("village-03-home", {}), ("village-04-form", {"form": "B02", "cell": wrong})):
                self._end(window)
                window = self._window(desk)
                window.go("form" if where else "home", **where)
                self._keep(window, f"{name}@{round(scale * 100)}")
        self._end(window)
        style.apply(self.app, 1.5, True)
        window = self._window(desk)
        self._keep(window, "village-14-home-150")
        self._end(window)
        style.apply(self.app, 1.0, False)

    def _checked(self, desk: VillageDesk) -> None:
        window = self._window(desk)
        window.go("check")
        self._keep(window, "village-08-check")
        self._end(window)

    def _to_sign(self, desk: VillageDesk) -> None:
        window = self._window(desk)
        window.go("sign")
        self._keep(window, "village-09-sign")
        self._end(window)

    def _sent(self, desk: VillageDesk) -> None:
        window = self._window(desk)
        window.go("send")
        self._keep(window, "village-10-export")
        self._end(window)

    def _receipt(self, desk: VillageDesk) -> None:
        """What was sent back, as the village reads it."""
        for scale in (1.0, 1.25, 1.5):
            style.apply(self.app, scale, False)
            window = self._window(desk)
            window.go("receipt")
            self._keep(window, "village-11-receipt" + ("" if scale == 1.0 else f"@{round(scale * 100)}"))
            self._end(window)
        style.apply(self.app, 1.0, False)

    def _bare(self, desk: VillageDesk) -> None:
        """First run and unlock, as they look before any password."""
        from cunbao.desks.start import unlock_view
        from cunbao.desks.tasks import packs_on
        from cunbao.ui.screens.first_run import FirstRun
        from cunbao.ui.screens.unlock import Unlock

        window = Shell(Village(), asks_to_close=False)
        window.show_bare(FirstRun(packs_on([self.folder.parent / "stick"])))
        window.show()
        self._keep(window, "village-01-first-run")
        window.show_bare(Unlock(unlock_view(desk.workspace.folder, desk.clock())))
        self._keep(window, "village-02-unlock")
        self._end(window)

    def town(self, desk: TownshipDesk, *wanted: tuple[str, str]) -> None:
        """Screens of the township by name, each under the name of its picture, and once more at 150 % in high
        contrast."""
        for scale, contrast, more in ((1.0, False, ""), (1.5, True, "@150")):
            style.apply(self.app, scale, contrast)
            window = self._window(desk, Township())
            for screen, name in wanted:
                shown = window.go(screen, **PLACES.get(screen, {}))
                where = getattr(shown, "where", None)
                if where is not None:
                    where.use_folder(self.folder.parent / "stick")  # as if a stick were in
                if screen == "review":
                    self._settle(window)
                    shown.next_problem(1)  # a line with what the check and the village say
                self._keep(window, f"{name}{more}")
            self._end(window)
        style.apply(self.app, 1.0, False)

    def county(self, desk: CountyDesk) -> None:
        """Every screen of the county's window, once more at 125 %, and at 150 % in high contrast."""
        from cunbao.desks.county import building
        from cunbao.desks.village.practice import TASK
        from cunbao.survey.resources import forms_path
        from cunbao.ui.county import County

        building.choose_folder(desk, forms_path(TASK))
        signed = sorted((self.folder.parent / "stick").glob("*-2025年度-第*次.cbsync"))
        places: dict[str, dict[str, Any]] = {
            "indicator": {"number": "003-04"},
            "verify": {"paths": tuple(signed[:1])},
            "workbook": {"path": str(self._superior_table(desk))},
        }
        for scale, contrast, more in ((1.0, False, ""), (1.25, False, "@125"), (1.5, True, "@150")):
            style.apply(self.app, scale, contrast)
            window = self._window(desk, County())
            for screen, name in COUNTY:
                if screen in window.face.SCREENS:
                    window.go(screen, **places.get(screen, {}))
                    self._keep(window, f"{name}{more}")
            self._end(window)
        style.apply(self.app, 1.0, False)

    def _superior_table(self, desk: CountyDesk) -> Path:
        """The workbook that a prefecture sends: its townships, and what it wants of each."""
        from openpyxl import Workbook

        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "表1"
        sheet.append(["城乡社区综合服务设施情况统计表"])
        sheet.append(["填报单位：____", None, None, None, "填表日期：____"])
        sheet.append(["序号", "乡镇", "村（社区）数", "已通过", "常住户数（户）", "综合服务设施建筑面积合计（㎡）",
                      "每百户居民拥有社区综合服务设施面积（㎡）"])  # fmt: skip
        for number, one in enumerate(desk.townships, 1):
            sheet.append([number, one.short])
        sheet.append([None, "合计"])
        sheet.append(["填表人：____", None, None, None, "负责人：____"])
        sheet.merge_cells("A1:G1")
        path = self.folder.parent / "paper" / "州-设施情况统计表.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(path)
        return path

    def finish(self) -> None:
        """The sheets of dialogs."""
        from cunbao.ui.screens import samples, town_samples

        for made, name in ((samples, "village-13-dialogs"), (town_samples, "township-11-dialogs")):
            sheet = made.dialog_sheet()
            sheet.resize(WIDE, SCREEN_HIGH)
            sheet.show()
            self._keep(sheet, name)
            sheet.hide()
            sheet.deleteLater()

    # --- the window ----------------------------------------------------------------------------------------------

    def _window(self, desk: VillageDesk | TownshipDesk | CountyDesk, face: Face | None = None) -> Shell:
        window = Unattended(face or Village(), asks_to_close=False)
        window.resize(WIDE, HIGH)
        window.open_desk(desk)
        window.show()
        self._settle(window)
        return window

    def _keep(self, window: QWidget, name: str) -> None:
        self._settle(window)
        self.folder.mkdir(parents=True, exist_ok=True)
        seen = window.grab()
        picture = seen if seen.height() > HIGH else on_the_screen(seen, window.windowTitle())
        picture.save(str(self.folder / f"{name}.png"))

    def _settle(self, window: QWidget) -> None:
        """Let the work that the screen has begun come to its end, and everything be laid out and painted."""
        jobs: Any = getattr(window, "jobs", None)
        if jobs is not None and not jobs.idle:
            loop, late = QEventLoop(), QTimer()
            late.setSingleShot(True)
            late.timeout.connect(loop.quit)
            jobs.busy.connect(lambda on: None if on else loop.quit())
            late.start(LONGEST_WAIT)
            loop.exec()
        for _ in range(3):
            QApplication.sendPostedEvents()
            QApplication.processEvents()
        if isinstance(window, Unattended) and window.trouble is not None:
            raise window.trouble

    def _end(self, window: Shell) -> None:
        window.jobs.stop()
        window.hide()
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def _only_news(kind: QtMsgType, where: QMessageLogContext, words: str) -> None:
    """What Qt says, but for the sentence that the offscreen platform has for every window with a least size."""
    if "propagateSizeHints" not in words:
        print(words, file=sys.stderr)


def on_the_screen(seen: QPixmap, title: str) -> QPixmap:
    """The window where it stands on a laptop of 1366 × 768: under a title bar of 32 px, above a task bar of
    40 px, so that a picture can be laid over its reference. The bars are plain: they are the system's, not ours."""
    whole = QPixmap(WIDE, SCREEN_HIGH)
    whole.fill(look.color("line"))
    painter = QPainter(whole)
    painter.drawPixmap(0, TITLE_BAR, seen)
    painter.setFont(look.font("small"))
    painter.setPen(look.color("text_2"))
    bar = QRect(12, 0, WIDE - 24, TITLE_BAR)
    painter.drawText(bar, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
    painter.end()
    return whole


def _first_wrong(desk: VillageDesk, form: str) -> Cell:
    found = [one for one in desk.instance(form).findings() if one.check != "required"]
    return found[0].cells[0] if found else Cell(desk.task.forms[form].fields[0].name)


def _pasted(desk: VillageDesk) -> tuple[tuple[str, ...], ...]:
    """What an Excel sheet of last year's people would put on the clipboard, with two troubles in it."""
    instance = desk.instance("B04")
    rows: list[tuple[str, ...]] = [("姓名", "身份证号", "民族", "文化程度", "参加培训日期", "备注")]
    names = ("b04_p_name", "b04_p_id", "b04_p_ethnic", "b04_p_edu", "b04_p_tdate")
    for row in instance.rows("b04_p"):
        number = instance.text(Cell("b04_p_id", row))
        shown = [instance.shown(Cell(name, row)) for name in names]
        rows.append((shown[0], number, *shown[2:], "5 月班"))
    troubled = [list(one) for one in rows]
    if len(troubled) > 3:
        troubled[2][3] = "中专/高中"
        troubled[3][1] = "5.32822E+17"
    return tuple(tuple(one) for one in troubled)


def _collected(desk: VillageDesk, place: Path) -> Path:
    """What a tablet would bring: two figures that the draft has otherwise, one that is new, one more person."""
    first = "99902219950606822"
    person = f"<b04_p_name>玉南</b04_p_name><b04_p_id>{first}{check_digit(first)}</b04_p_id>"
    inside = {
        "B01": "<b01_groups>9</b01_groups><b01_grids>6</b01_grids><b01_deputies>31</b01_deputies>",
        "B04": f"<b04_p>{person}<b04_p_phone>19900000322</b04_p_phone></b04_p>",
    }
    for form, answers in inside.items():
        said = instance_name(desk.office.code, desk.office.short, form, desk.task.period)
        version = desk.task.forms[form].version
        folder = place / "instances" / f"{form}_2025-12-11_09-30-00"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{folder.name}.xml").write_text(
            f'<data id="{form}" version="{version}">{answers}<meta><instanceID>uuid:{form}</instanceID>'
            f"<instanceName>{said}</instanceName></meta></data>",
            encoding="utf-8",
        )
    return place / "instances"


def main(words: list[str]) -> int:
    from tempfile import TemporaryDirectory

    from cunbao.desks.story import demo

    place = Path(words[0] if words else "var/shots")
    with TemporaryDirectory() as around:
        album = Album(place)
        demo.run(Path(around), witness=album)
        album.finish()
    print(f"{len(list(place.glob('*.png')))} 张图在 {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
