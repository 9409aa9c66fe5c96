"""A print job on its way to a printer of the system: one document after another, the desk told after each.

Unless all is wanted as one, every document is a print job of its own, so that paper comes out at once, a new one begins
on a new sheet, and what the system's queue does not hold yet can wait for tomorrow. The next is handed over when the
printer has done with the one before, as far as it says. What happened to paper only people know: the desk can go back
one. Runs on the worker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic, sleep

from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from cunbao.desks.county import printing as jobs
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.printing import Sheaf
from cunbao.desks.county.printjob import PrintJob
from cunbao.errors import CunbaoError, DeskError
from cunbao.progress import Cancel, Progress, Report
from cunbao.ui.printing import DPI, paint_documents, paint_pages

LOOK = 0.1  # seconds between two looks at the printer
STARTS = 0.4  # seconds in which a printer begins with what it was given
PATIENCE = 600.0  # seconds for one document; then it is stuck, whatever the printer says

State = QPrinter.PrinterState


def printers() -> tuple[str, ...]:
    """The printers of the system, the usual one first."""
    usual = QPrinterInfo.defaultPrinterName()
    names = list(QPrinterInfo.availablePrinterNames())
    return tuple(sorted(names, key=lambda name: (name != usual, names.index(name))))


def run(desk: CountyDesk, job: PrintJob, progress: Report, cancel: Cancel) -> PrintJob:
    """Print from where the job stands to its end. Gives it as it stands then: finished, or stopped with the reason.

    Never loses its place: a document counts once the system's queue has taken it."""
    name = job.options.printer
    try:
        if job.options.together and not job.finished:
            return _together(desk, job, progress, cancel)
        while not job.finished:
            if cancel.asked:
                return jobs.stop(desk, job, "您按了停下")
            _refuse_stopped(name)
            sheaf = jobs.sheaf(desk, job)
            progress(Progress(job.place, job.total, f"打印 {sheaf.title}"))
            send(name, sheaf)
            job = jobs.passed(desk, job)
            if why := wait(lambda: QPrinterInfo.printerInfo(name).state(), cancel):
                return job if job.finished else jobs.stop(desk, job, why)
    except CunbaoError as trouble:  # a printer that is gone, a signature that no longer holds: the place is kept
        return jobs.stop(desk, job, trouble.happened)
    return job


def _together(desk: CountyDesk, job: PrintJob, progress: Report, cancel: Cancel) -> PrintJob:
    """All that is left as one job of the queue. Everything is checked and at hand before the first page goes, so that
    who stops meanwhile, or a signature that no longer holds, has sent nothing."""
    name, at = job.options.printer, job
    titles: list[str] = []
    ready: list[bytes] = []
    _refuse_stopped(name)
    while not at.finished:
        if cancel.asked:
            return jobs.stop(desk, job, "您按了停下")
        sheaf = jobs.sheaf(desk, at)
        progress(Progress(len(ready), job.total - job.place, f"核对 {sheaf.title}"))
        titles.append(sheaf.title)
        ready.append(sheaf.data)
        at = replace(at, place=at.place + 1)

    def begins(number: int) -> None:
        progress(Progress(number, len(ready), f"送到打印机 {titles[number]}"))

    duplex = job.options.duplex
    printer = _printer(name, f"{desk.office.short} 报表", duplex)
    paint_documents(ready, printer, new_sheets=duplex, begins=begins)
    done = jobs.passed(desk, job, len(ready))
    wait(lambda: QPrinterInfo.printerInfo(name).state(), cancel)
    return done


def send(name: str, sheaf: Sheaf) -> None:
    """One document to the printer's queue. DeskError "printer.gone", "printer.refused"."""
    paint_pages(sheaf.data, _printer(name, sheaf.title, sheaf.duplex))


def _printer(name: str, title: str, duplex: bool) -> QPrinter:
    """The printer as a job of this title needs it. DeskError "printer.gone"."""
    printer = QPrinter(_info(name), QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setResolution(DPI)
    mode = QPrinter.DuplexMode.DuplexLongSide if duplex else QPrinter.DuplexMode.DuplexNone
    if mode in _info(name).supportedDuplexModes():
        printer.setDuplex(mode)
    return printer


def wait(state: Callable[[], State], cancel: Cancel) -> str:
    """Until the printer has done with what it was given; "" when it has, else why it was not waited for any longer.
    What was given stays in the system's queue."""
    begun = monotonic()
    idle_since: float | None = None
    while True:
        now, at = monotonic(), state()
        if at in (State.Error, State.Aborted):
            return "打印机停下，可能卡纸或缺纸"
        if at is State.Active:
            idle_since = None
        else:
            idle_since = now if idle_since is None else idle_since
            if now - idle_since >= STARTS:
                return ""
        if cancel.asked:
            return "您按了停下"
        if now - begun > PATIENCE:
            return "打印机十分钟没有打完一份"
        sleep(LOOK)


def _refuse_stopped(name: str) -> None:
    if _info(name).state() in (State.Error, State.Aborted):
        raise DeskError(
            "printer.stopped",
            happened=f"打印机“{name}”停着，没有在打",
            safe="打好的都算数，位置记下了",
            todo="请看打印机有没有卡纸、缺纸，弄好后接着打",
        )


def _info(name: str) -> QPrinterInfo:
    found = QPrinterInfo.printerInfo(name)
    if found.isNull():
        raise DeskError(
            "printer.gone",
            happened=f"找不到打印机“{name}”",
            safe="打好的都算数，位置记下了",
            todo="请把打印机接好，或另选一台再接着打",
        )
    return found
