"""The manual as a file to print or to hand on: the same for a button and for a command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cunbao import manual


@dataclass(frozen=True, slots=True)
class Printed:
    """A manual as PDF; title: what its file is called."""

    title: str
    pdf: bytes
    pages: int


def to_pdf(kind: str, when: datetime) -> Printed:
    """The manual of "village", "township" or "county". when: aware, local; the day it bears. ManualError: no manual."""
    from cunbao.paper.manual import draw_manual

    found = manual.read(kind)
    data, pages = draw_manual(found, manual.picture, when)
    return Printed(found.title, data, pages)
