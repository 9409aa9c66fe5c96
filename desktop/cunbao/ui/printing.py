"""Paper from a window: pages as pictures to a printer of the system. The file itself is never changed by printing.

A computer without a printer keeps the same pages as a file, which is printed elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog

from cunbao.desks.pagetext import PDFIUM
from cunbao.errors import DeskError
from cunbao.ui.shell import Shell

DPI = 300  # as fine as an office laser needs for 8 pt Chinese


def print_pages(shell: Shell, data: bytes, title: str) -> None:
    """Ask for a printer and print; where the system has none, offer to keep the pages as a PDF."""
    if not QPrinterInfo.availablePrinterNames():
        _without_printer(shell, data, title)
        return
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setResolution(DPI)
    dialog = QPrintDialog(printer, shell)
    dialog.setWindowTitle(f"打印{title}")
    if dialog.exec():
        shell.run_job(lambda progress, cancel: paint_pages(data, printer), title="送到打印机")


def _without_printer(shell: Shell, data: bytes, title: str) -> None:
    from cunbao.ui.kit.dialog import Choice, error_box

    error = DeskError(
        "printer.none",
        happened="这台电脑还没有装打印机",
        safe="报表没有受影响",
        todo="请在系统里装好打印机再打印；也可以存成 PDF，拿到别的电脑上打印",
    )
    if shell.ask(error_box(error, (Choice("close", "先不打印"), Choice("save", "存成 PDF"))), escape="close") == "save":
        save_pages(shell, data, title)


def save_pages(shell: Shell, data: bytes, title: str) -> None:
    """存成 PDF: asks where to, and says when it is there."""
    chosen, _ = QFileDialog.getSaveFileName(shell, "存到哪里", str(Path.home() / f"{title}.pdf"), "PDF (*.pdf)")
    shell.window().activateWindow()  # where no window manager does it, the keys would go nowhere
    if not chosen:
        return
    path = Path(chosen)

    def work(progress: object, cancel: object) -> None:
        from cunbao.desks import media

        media.write_file(path, data, what="PDF")

    def done(nothing: object) -> None:
        from cunbao.ui.kit.dialog import Choice, DialogBox

        todo = "拿到有打印机的电脑上打印，不要缩放。"
        shell.ask(DialogBox("存好了", f"{path}。", "", todo, (Choice("close", "知道了"),), icon="printer", tone="ok"))

    shell.run_job(work, title="存成 PDF", done=done)


def paint_pages(data: bytes, printer: QPrinter) -> int:
    """Print every page at its own size and direction, without scaling. Gives the number of pages."""
    return paint_documents((data,), printer)


def paint_documents(
    documents: Sequence[bytes],
    printer: QPrinter,
    *,
    new_sheets: bool = False,
    begins: Callable[[int], object] = lambda number: None,
) -> int:
    """Several documents as one job of the printer's; gives the pages. All of them are there before the first is
    painted: what is painted goes to the system's queue whatever happens then, Qt takes no job back.

    new_sheets: each begins on the front of a sheet; begins(n): called before document n, from 0."""
    painter = QPainter()
    pages = 0
    try:
        for number, data in enumerate(documents):
            begins(number)
            if new_sheets and pages % 2:
                printer.newPage()  # the back of the last sheet stays empty
                pages += 1
            pages += _paint(data, printer, painter)
        return pages
    finally:
        if painter.isActive():
            painter.end()


def _paint(data: bytes, printer: QPrinter, painter: QPainter) -> int:
    import pypdfium2

    with PDFIUM:
        document = pypdfium2.PdfDocument(data)
        pages = len(document)
    try:
        for number in range(pages):
            with PDFIUM:
                wide, high = document.get_page_size(number)
            size = QPageSize(
                QSizeF(min(wide, high), max(wide, high)),
                QPageSize.Unit.Point,
                matchPolicy=QPageSize.SizeMatchPolicy.FuzzyMatch,
            )
            printer.setPageSize(size)
            turned = QPageLayout.Orientation.Landscape if wide > high else QPageLayout.Orientation.Portrait
            printer.setPageOrientation(turned)
            printer.setFullPage(True)
            if painter.isActive():
                printer.newPage()
            elif not painter.begin(printer):
                raise DeskError(
                    "printer.refused",
                    happened="打印机没有接受这份打印",
                    safe="报表没有受影响",
                    todo="请看打印机有没有开、有没有纸，再打印一次",
                )
            with PDFIUM:
                # our pages are black on white: a third of what the spooler would have to hold in colours
                bitmap = document[number].render(
                    scale=printer.resolution() / 72, fill_color=(255, 255, 255, 255), grayscale=True
                )
                image = QImage(
                    bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_Grayscale8
                ).copy()
            painter.drawImage(QRectF(0, 0, bitmap.width, bitmap.height), image)
        return pages
    finally:
        with PDFIUM:
            document.close()
