"""What a look at tablets' submissions shows, and what came of taking them. Frozen; texts of people are masked in what
is shown, whole in what is taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from cunbao.survey.values import Cell

KEEP = -1  # an answer: the draft stays as it is


@dataclass(frozen=True, slots=True)
class Given:
    """One value that was sent. text: as it would be kept; files: places in `TabletView.files` of those that say it."""

    text: str = field(repr=False)
    shown: str
    files: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TabletCell:
    """One cell for which something other than the draft was sent. here: the draft's text, "" empty; given: oldest
    first. problem: what is wrong with the newest, which is taken and marked like anything typed."""

    form: str
    cell: Cell
    label: str
    row_name: str
    here: str = field(repr=False)
    here_shown: str
    given: tuple[Given, ...]
    problem: str = ""

    @property
    def key(self) -> tuple[str, Cell]:
        return self.form, self.cell

    @property
    def asked(self) -> bool:
        """Must somebody say what holds? Where the draft has something, and where two submissions differ."""
        return bool(self.here) or len(self.given) > 1


@dataclass(frozen=True, slots=True)
class TabletRow:
    """A row that the roster has not yet. cells: how many are filled."""

    form: str
    repeat: str
    row: str
    name: str
    cells: int


@dataclass(frozen=True, slots=True)
class TabletFile:
    """One submission as the clerk sees it. form: "" where it is of none. refused: why nothing is taken from it, "" when
    something may be; todo goes with it. unknown: (path, text) that the form has no place for. attachments: names of
    files beside it, which are not taken: evidence hangs on a signed return."""

    name: str
    when: str
    form: str
    title: str
    notes: tuple[str, ...] = ()
    refused: str = ""
    todo: str = ""
    unknown: tuple[tuple[str, str], ...] = ()
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TabletView:
    """cells: by form and in its order, those of new rows included. same: cells that say what the draft says."""

    place: str
    files: tuple[TabletFile, ...]
    cells: tuple[TabletCell, ...]
    rows: tuple[TabletRow, ...]
    same: int

    @property
    def asked(self) -> tuple[TabletCell, ...]:
        return tuple(one for one in self.cells if one.asked)

    @property
    def problems(self) -> int:
        return sum(bool(one.problem) for one in self.cells)


@dataclass(frozen=True, slots=True)
class TabletTaken:
    """forms: whose drafts changed. cells: written; kept: the draft's own that stayed; rows: added."""

    forms: tuple[str, ...]
    cells: int
    kept: int
    rows: int
