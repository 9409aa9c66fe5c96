"""Further task packs: the county's folder of forms edited as its people would, and a pack issued from it for real."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cunbao.desks.county import building, issuing
from cunbao.desks.county.desk import CountyDesk
from world.desk import PASSWORD
from world.task import FIVE, cut_task


def task_folder(place: Path, forms: Iterable[str] = FIVE) -> Path:
    """A folder of XLSForms of its own, without anything compiled."""
    folder = cut_task(place, forms)
    for path in (folder / "compiled").iterdir():
        path.unlink()
    (folder / "compiled").rmdir()
    return folder


def edit(folder: Path, file: str, *changes: tuple[str, str]) -> Path:
    """Replace texts in one file; each must be there once."""
    path = folder / file
    text = path.read_text("utf-8")
    for before, after in changes:
        assert text.count(before) == 1, (file, before, text.count(before))
        text = text.replace(before, after)
    path.write_text(text, "utf-8")
    return path


def say(folder: Path, form: str, before: str, after: str, *, version: str = "2025.2") -> Path:
    """Change a form and say so in its version."""
    return edit(folder, f"{form}.md", (before, after), (" | 2025.1 | ", f" | {version} | "))


def issued(county: CountyDesk, folder: Path, stick: Path, **wanted: Any) -> Path:
    """The pack of that folder, checked and issued; its file."""
    stick.mkdir(parents=True, exist_ok=True)
    building.choose_folder(county, folder)
    if period := wanted.pop("period", ""):
        building.choose_period(county, period)
    if wanted:
        building.change(county, **wanted)
    seen = building.check(county)
    assert seen.faults == (), seen.faults
    return issuing.issue(county, stick, PASSWORD).path
