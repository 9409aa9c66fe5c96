"""A print job as a value: what lies in which volume, how it is printed, how far it is; and how the disk has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.printables import Printable, Sign
from cunbao.desks.county.volumes import Item, Order, Piece, Volume
from cunbao.errors import DeskError


@dataclass(frozen=True, slots=True)
class Options:
    """How a job is printed. covers: 每村一张封面; duplex: every document begins a new sheet; copies: whole sets, one
    after the other; printer: as the system calls it; together: one job of the printer's queue, into which nobody else's
    paper can fall, but which begins anew when it does not come out."""

    order: Order = Order.VILLAGE
    covers: bool = False
    duplex: bool = False
    copies: int = 1
    printer: str = ""
    together: bool = False


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A job and its place. place: how many documents, over all copies, have been handed to the printer and came out as
    far as it said; stopped: why it stands still, "" when nothing is known; stopped_at: UTC."""

    id: str
    begun_at: datetime
    person: str
    options: Options
    volumes: tuple[Volume, ...]
    place: int = 0
    stopped: str = ""
    stopped_at: datetime | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """One set, in printing order."""
        return tuple(item for volume in self.volumes for item in volume.items)

    @property
    def total(self) -> int:
        return len(self.items) * self.options.copies

    @property
    def finished(self) -> bool:
        return self.place >= self.total

    @property
    def here(self) -> Item | None:
        """What is printed next, None when all is."""
        return None if self.finished else self.items[self.place % len(self.items)]

    @property
    def left(self) -> tuple[Item, ...]:
        """What is still to be printed, over all copies."""
        one = self.items
        return tuple(one[at % len(one)] for at in range(self.place, self.total))

    @property
    def returns_left(self) -> int:
        return sum(one.piece is Piece.RETURN for one in self.left)

    @property
    def returns_done(self) -> int:
        return sum(self.items[at % len(self.items)].piece is Piece.RETURN for at in range(self.place))

    @property
    def pages_left(self) -> int:
        return sum(one.pages for one in self.left)

    @property
    def sheets_left(self) -> int:
        return sum(one.sheets(duplex=self.options.duplex) for one in self.left)

    def printed(self, revision: str) -> bool:
        """Has this return come out in every copy?"""
        places = [at for at, one in enumerate(self.items) if one.line is not None and one.line.revision == revision]
        last = (self.options.copies - 1) * len(self.items)
        return bool(places) and self.place > last + places[0]


# --- on the disk -----------------------------------------------------------------------------------------------------


def encoded(desk: CountyDesk, job: PrintJob) -> dict[str, Any]:
    """The job as JSON holds it: offices by code."""
    return {
        "id": job.id,
        "begun_at": job.begun_at.isoformat(),
        "person": job.person,
        "period": desk.task.period,
        "options": asdict(job.options),
        "items": [_encoded_item(one) for one in job.items],
    }


def _encoded_item(one: Item) -> dict[str, Any]:
    said: dict[str, Any] = {"piece": one.piece.value, "volume": one.volume, "first": one.first, "pages": one.pages}
    if one.office is not None and one.township is not None:
        said |= {"office": one.office.code, "township": one.township.code}
    if one.line is not None:
        line = asdict(one.line)
        del line["office"], line["township"]
        said["line"] = {**line, "signed_at": one.line.signed_at.isoformat()}
    return said


def decoded(desk: CountyDesk, kept: Mapping[str, Any]) -> PrintJob:
    given = dict(kept["options"])
    items = [_decoded_item(desk, one) for one in kept["items"]]
    by_volume = groupby(items, key=lambda one: one.volume)
    return PrintJob(
        id=kept["id"],
        begun_at=datetime.fromisoformat(kept["begun_at"]),
        person=kept["person"],
        options=Options(**{**given, "order": Order(given["order"])}),
        volumes=tuple(Volume(number, tuple(some)) for number, some in by_volume),
    )


def _decoded_item(desk: CountyDesk, said: Mapping[str, Any]) -> Item:
    office = township = line = None
    if "office" in said:
        office, township = desk.workspace.office(said["office"]), desk.workspace.office(said["township"])
    if "line" in said:
        assert office is not None and township is not None  # the directory forgets nobody
        given = {**said["line"], "office": office, "township": township}
        given |= {"signed_at": datetime.fromisoformat(given["signed_at"]), "sign": Sign(given["sign"])}
        line = Printable(**given)
    return Item(Piece(said["piece"]), said["volume"], said["first"], said["pages"], line, office, township)


def refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="签名的报表没有改动，打好的都算数", todo=todo)
