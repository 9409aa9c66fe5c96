"""What a manual is made of: frozen values, in the order of reading. No drawing, no files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

CHAPTER, SECTION = 2, 3  # levels of headings in the files; the first level is the manual's title


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text. kind: "" | "strong" | "key" (a key cap); link: the place in this manual it leads to, "" for
    none."""

    text: str
    kind: str = ""
    link: str = ""


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section; `places`: what of a screen it is about, e.g. "form/roster"."""

    text: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    spans: Spans


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; start: the number of the first item, 0 for one without numbers."""

    items: tuple[tuple[Block, ...], ...]
    start: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """head and rows of cells; every row is as long as the head."""

    head: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """name: of the file below resources/manual/pictures, without ending."""

    name: str
    caption: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is set apart: what is safe, whom to ask."""

    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Listing | Table | Picture | Note


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter (level 2: what stands before its sections, often nothing) or a section of one (level 3).

    places: where in the program this is about ("home", "first-run") or what links name; the first is its key."""

    level: int
    title: str
    places: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def key(self) -> str:
        return self.places[0]


@dataclass(frozen=True)
class Manual:
    """The manual of one kind of desk."""

    kind: str
    title: str
    sections: tuple[Section, ...]

    @cached_property
    def _by_place(self) -> dict[str, Section]:
        found: dict[str, Section] = {}
        for section in self.sections:
            for place in (*section.places, *(place for place, _ in inner_places(section))):
                found.setdefault(place, section)
        return found

    @property
    def places(self) -> frozenset[str]:
        """Everything that `at` knows, headings inside sections as well."""
        return frozenset(self._by_place)

    def at(self, place: str) -> Section | None:
        """The section about a place: of "form/roster", else of "form"; None when nothing is written about it."""
        while place:
            found = self._by_place.get(place)
            if found is not None:
                return found
            place = place.rpartition("/")[0]
        return None

    def chapter_of(self, section: Section) -> str:
        """The title of the chapter that a section stands in."""
        at = self.sections.index(section)
        return next((one.title for one in reversed(self.sections[: at + 1]) if one.level == CHAPTER), "")


def inner_places(section: Section) -> list[tuple[str, Heading]]:
    """The places that headings inside a section are about."""
    return [(place, block) for block in section.blocks if isinstance(block, Heading) for place in block.places]


def plain(blocks: Sequence[Block]) -> str:
    """The words alone, a line for each piece: what is searched."""
    return "\n".join(line for block in blocks for line in _lines(block))


def words(spans: Spans) -> str:
    return "".join(span.text for span in spans)


def _lines(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return [block.text]
    if isinstance(block, Paragraph):
        return [words(block.spans)]
    if isinstance(block, Picture):
        return [block.caption] if block.caption else []
    if isinstance(block, Note):
        return [line for one in block.blocks for line in _lines(one)]
    if isinstance(block, Listing):
        return [line for item in block.items for one in item for line in _lines(one)]
    return ["\u3000".join(words(cell) for cell in row) for row in (block.head, *block.rows)]
