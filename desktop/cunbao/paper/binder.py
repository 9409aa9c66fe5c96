"""A PDF written from front to back: pages of finished documents, bookmarks, attachments, empty pages between.

Each document is read by pikepdf, whose objects are written on with numbers of our own as they are reached from the
pages; nothing of it is kept but where the objects lie. Of objects that are alike to the byte (fonts of page numbers)
one is written. Annotations stay behind: the field of a signature that merging has broken says nothing but that it is
broken. Source: ISO 32000-1 §7.5 (file), §7.7.3 (pages), §7.11.4 (attachments), §12.3.3 (bookmarks).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import IO, Any

# what a reference may stand beside in qpdf's spelling: strings and hex strings are passed over whole
_REFERENCE = re.compile(rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]*>|\b(\d+) (\d+) R\b", re.DOTALL)
_LENGTH = re.compile(rb"/Length \d+(?: \d+ R)?(?=[\s/>])")
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_LEFT_BEHIND = ("/Parent", "/Annots", "/StructParents", "/B")
_CATALOG, _PAGES, _INFO, _OUTLINE = 1, 2, 3, 4  # numbers of the objects that are written last


@dataclass(slots=True)
class _Mark:
    """One bookmark. number: of its object; page: of its page's object."""

    title: str
    page: int
    number: int
    below: list[_Mark] = field(default_factory=list)


class Binder:
    """Writes one file. `out` is written in order and never read."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._at = 0
        self._places: dict[int, int] = {}  # object → byte
        self._next = _OUTLINE + 1
        self._pages: list[int] = []
        self._marks: list[_Mark] = []
        self._named: dict[tuple[str, ...], _Mark] = {}
        self._attached: list[tuple[str, int]] = []
        self._alike: dict[bytes, int] = {}
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add(self, document: Any, path: Sequence[str]) -> int:
        """The pages of an open pikepdf document under bookmarks of that path; gives how many there are."""
        source = _Source(document)
        first = len(self._pages)
        for page in document.pages:
            page_dict = page.obj
            for name in _INHERITED:
                if name not in page_dict and (found := _inherited(page_dict, name)) is not None:
                    page_dict[name] = found
            for name in _LEFT_BEHIND:
                if name in page_dict:
                    del page_dict[name]
            number = self._new()
            text = self._renumbered(page_dict.unparse(resolved=True), source)
            self._object(number, text.removesuffix(b">>") + b"/Parent %d 0 R >>" % _PAGES)
            self._pages.append(number)
        self._reach(source)
        self._bookmark(tuple(path), self._pages[first])
        return len(self._pages) - first

    def add_empty(self, wide: float, high: float) -> None:
        """A page with nothing on it; points."""
        number = self._new()
        self._object(
            number,
            b"<< /Type /Page /Parent %d 0 R /Resources << >> /MediaBox [0 0 %.4f %.4f] >>" % (_PAGES, wide, high),
        )
        self._pages.append(number)

    def attach(self, name: str, data: bytes) -> None:
        """A PDF file inside the file, unchanged."""
        stream, spec = self._new(), self._new()
        self._stream(stream, b"<< /Type /EmbeddedFile /Subtype /application#2Fpdf >>", data)
        said = _text(name)
        self._object(
            spec,
            b"<< /Type /Filespec /F %s /UF %s /AFRelationship /Source /EF << /F %d 0 R /UF %d 0 R >> >>"
            % (said, said, stream, stream),
        )
        self._attached.append((name, spec))

    def finish(self, *, title: str, author: str, when: datetime) -> int:
        """Bookmarks, page tree, catalogue, table of objects. Gives the number of pages."""
        kids = b" ".join(b"%d 0 R" % number for number in self._pages)
        self._object(_PAGES, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(self._pages), kids))
        self._outline()
        catalogue = [
            b"<< /Type /Catalog /Pages %d 0 R /Lang (zh-CN) /PageMode /UseOutlines" % _PAGES,
            b"/ViewerPreferences << /DisplayDocTitle true >> /Outlines %d 0 R" % _OUTLINE,
        ]
        if self._attached:
            ordered = sorted(self._attached, key=lambda one: one[0].encode("utf-16-be"))
            names = b" ".join(b"%s %d 0 R" % (_text(name), spec) for name, spec in ordered)
            catalogue.append(b"/Names << /EmbeddedFiles << /Names [%s] >> >>" % names)
        self._object(_CATALOG, b" ".join([*catalogue, b">>"]))
        offset = when.strftime("%z") or "+0000"
        moment = f"(D:{when:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:]}')".encode()
        facts = [b"/Title " + _text(title), b"/Author " + _text(author), b"/CreationDate " + moment]
        ours = _text("村报")
        self._object(_INFO, b"<< %s /Creator %s /Producer %s >>" % (b" ".join(facts), ours, ours))
        self._table()
        return len(self._pages)

    # --- objects -----------------------------------------------------------------------------------------------------

    def _reach(self, source: _Source) -> None:
        """Write on everything that the pages lead to."""
        while source.waiting:
            place, number = source.waiting.pop()
            found = source.document.get_object(place)
            self._write_object(source, found, number)

    def _write_object(self, source: _Source, found: Any, number: int) -> None:
        import pikepdf

        if isinstance(found, pikepdf.Stream):
            text = _LENGTH.sub(b"", found.stream_dict.unparse(resolved=True))
            self._stream(number, self._renumbered(text, source), found.read_raw_bytes())
        else:
            self._object(number, self._renumbered(found.unparse(resolved=True), source))

    def _renumbered(self, text: bytes, source: _Source) -> bytes:
        def other(match: re.Match[bytes]) -> bytes:
            if match[1] is None:
                return match[0]
            place = (int(match[1]), int(match[2]))
            number = source.numbers.get(place)
            if number is None:
                number = self._shared(source, place)
            return b"%d 0 R" % number

        return _REFERENCE.sub(other, text)

    def _shared(self, source: _Source, place: tuple[int, int]) -> int:
        """The number of an object seen for the first time: of one written before where it is alike to the byte."""
        import pikepdf

        found = source.document.get_object(place)
        if isinstance(found, pikepdf.Stream):
            text = _LENGTH.sub(b"", found.stream_dict.unparse(resolved=True))
            if not any(match[1] is not None for match in _REFERENCE.finditer(text)):
                raw = found.read_raw_bytes()
                alike = sha256(text + b"\0" + raw).digest()
                number = self._alike.get(alike)
                if number is None:
                    number = self._alike[alike] = self._new()
                    self._stream(number, text, raw)
                source.numbers[place] = number
                return number
        number = source.numbers[place] = self._new()
        source.waiting.append((place, number))
        return number

    def _new(self) -> int:
        self._next += 1
        return self._next - 1

    def _stream(self, number: int, text: bytes, raw: bytes) -> None:
        head = text.removesuffix(b">>") + b"/Length %d >>" % len(raw)
        self._object(number, head + b"\nstream\n" + raw + b"\nendstream")

    def _object(self, number: int, text: bytes) -> None:
        self._places[number] = self._at
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, text))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)

    def _table(self) -> None:
        start, count = self._at, self._next
        lines = [b"xref\n0 %d\n0000000000 65535 f \n" % count]
        lines += [b"%010d 00000 n \n" % self._places[number] for number in range(1, count)]
        self._write(b"".join(lines))
        self._write(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (count, _CATALOG, _INFO, start)
        )

    # --- bookmarks ---------------------------------------------------------------------------------------------------

    def _bookmark(self, path: tuple[str, ...], page: int) -> None:
        """A mark for the document; those above it are made with the first document that they hold."""
        for depth in range(1, len(path) + 1):
            name = path[:depth]
            if name in self._named and depth < len(path):
                continue
            mark = _Mark(name[-1], page, self._new())
            (self._named[name[:-1]].below if depth > 1 else self._marks).append(mark)
            self._named[name] = mark

    def _outline(self) -> None:
        if not self._marks:
            self._object(_OUTLINE, b"<< /Type /Outlines >>")
            return
        ends = b"/First %d 0 R /Last %d 0 R" % (self._marks[0].number, self._marks[-1].number)
        self._object(_OUTLINE, b"<< /Type /Outlines %s /Count %d >>" % (ends, len(self._marks)))
        self._level(self._marks, _OUTLINE)

    def _level(self, marks: Sequence[_Mark], above: int) -> None:
        """Bookmarks of one level, folded: a county opens to its townships."""
        for number, mark in enumerate(marks):
            said = [
                b"<< /Title %s /Parent %d 0 R /Dest [%d 0 R /Fit]" % (_text(mark.title), above, mark.page),
                b"/Prev %d 0 R" % marks[number - 1].number if number else b"",
                b"/Next %d 0 R" % marks[number + 1].number if number + 1 < len(marks) else b"",
            ]
            if mark.below:
                ends = (mark.below[0].number, mark.below[-1].number, -len(mark.below))
                said.append(b"/First %d 0 R /Last %d 0 R /Count %d" % ends)
            self._object(mark.number, b" ".join([*filter(None, said), b">>"]))
            self._level(mark.below, mark.number)


@dataclass(slots=True)
class _Source:
    """A document being written on: the numbers that its objects have in our file, and those not yet written."""

    document: Any
    numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    waiting: list[tuple[tuple[int, int], int]] = field(default_factory=list)


def _inherited(page: Any, name: str) -> Any:
    """What a page has from the nodes above it, None when nothing."""
    above, steps = page.get("/Parent"), 0
    while above is not None and steps < 50:
        if name in above:
            return above[name]
        above, steps = above.get("/Parent"), steps + 1
    return None


def _text(words: str) -> bytes:
    """A text string in UTF-16, in hex: no sign of it needs escaping."""
    return b"<FEFF" + words.encode("utf-16-be").hex().upper().encode() + b">"
