"""The words on the pages of a finished PDF, page by page, as a reader would copy them: ours or somebody else's bytes.

Two PDFs with the same words in the same places give the same texts. Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

from cunbao.errors import DeskError

# PDFium keeps its state in globals: two threads inside it at once crash the process. Whoever calls it holds this.
PDFIUM = RLock()


def page_texts(pdf: bytes) -> tuple[str, ...]:
    """One text a page. DeskError "pdf.unreadable" for what is no PDF."""
    with _opened(pdf) as document:
        return tuple(_text(document, number) for number in range(len(document)))


def page_count(pdf: bytes) -> int:
    """How many pages it has. DeskError "pdf.unreadable"."""
    with _opened(pdf) as document:
        return len(document)


@contextmanager
def _opened(pdf: bytes) -> Iterator[Any]:
    import pypdfium2

    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as trouble:
            raise DeskError(
                "pdf.unreadable",
                happened="这份 PDF 打不开",
                safe="没有改动任何资料",
                todo="请村里在村报里重新导出一次",
                detail=str(trouble),
            ) from trouble
        try:
            yield document
        finally:
            document.close()


def _text(document: Any, number: int) -> str:
    page = document[number]
    words = page.get_textpage()
    try:
        return str(words.get_text_bounded())
    finally:
        words.close()
        page.close()
