"""Print as the program does, in a process of its own: the print system is found once a process, and ours is the test's.

python print_run.py job FOLDER PRINTER: prints the job of the county in FOLDER from where it stands.
python print_run.py stopped FOLDER PRINTER: the same, and 停下 is pressed when the second document is at hand.
python print_run.py file PDF PRINTER: prints the pages of one file as one job.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QApplication

from cunbao.desks.county import desk as county
from cunbao.desks.county import printing
from cunbao.progress import Cancel, Progress
from cunbao.ui import printrun
from cunbao.ui.printing import DPI, paint_pages
from world.desk import PASSWORD, a_clock


def print_job(folder: Path, *, stops: bool) -> dict[str, object]:
    desk = county.unlock_county(folder, "县管理员", PASSWORD, clock=a_clock(2025, 12, 22, 3))
    job = printing.current(desk)
    assert job is not None
    cancel = Cancel()

    def told(one: Progress) -> None:
        if stops and one.done:
            cancel.ask()

    done = printrun.run(desk, job, told, cancel)
    desk.close()
    return {"printers": printrun.printers(), "place": done.place, "total": done.total, "stopped": done.stopped}


def print_file(path: Path, name: str) -> dict[str, object]:
    printer = QPrinter(QPrinterInfo.printerInfo(name), QPrinter.PrinterMode.HighResolution)
    printer.setDocName(path.stem)
    printer.setResolution(DPI)
    return {"pages": paint_pages(path.read_bytes(), printer)}


if __name__ == "__main__":
    app = QApplication([])
    what, place, printer = sys.argv[1:]
    said = print_file(Path(place), printer) if what == "file" else print_job(Path(place), stops=what == "stopped")
    print(json.dumps(said, ensure_ascii=False))
    app.quit()
