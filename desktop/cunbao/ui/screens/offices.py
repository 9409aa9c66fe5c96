"""换一个单位: which workspaces lie on this computer; their names are readable before any password."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cunbao.errors import CunbaoError
from cunbao.ui.face import clock_words
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.lists import Entry, EntryList
from cunbao.ui.shell import Shell


class OfficeList(EntryList):
    """Office and period, and when it was last closed."""

    bold = False


def choose_office(window: Shell, folders: Sequence[Path], now: datetime) -> Path | str:
    """A workspace folder, "new" for another task pack, or "" to stay."""
    shown = OfficeList(_entries(folders, now), name="这台电脑上的单位")
    box = DialogBox(
        "换一个单位", "", "各单位的资料分开存，互不影响。", "",
        (Choice("stay", "不换了"), Choice("new", "打开新的任务包"), Choice("open", "打开这个单位")),
        icon="building", tone="accent", body=shown, help="unlock/office",
    )  # fmt: skip
    said = window.ask(box, escape="stay", focus=shown)
    if said == "open" and shown.current():
        return Path(shown.current())
    return "new" if said == "new" else ""


def choose_for_file(window: Shell, folders: Sequence[Path], now: datetime, file: str) -> Path | None:
    """Which of the workspaces that take such a file is to have it; None: none now."""
    shown = OfficeList(_entries(folders, now), name="用哪个单位打开")
    box = DialogBox(
        "用哪个单位打开", f"{file}。", "打开后先问一声，再读入", "",
        (Choice("stay", "先不打开"), Choice("open", "打开这个单位")),
        icon="building", tone="accent", body=shown, help="file",
    )  # fmt: skip
    said = window.ask(box, escape="stay", focus=shown)
    return Path(shown.current()) if said == "open" and shown.current() else None


def _entries(folders: Sequence[Path], now: datetime) -> list[Entry]:
    from cunbao.desks.start import unlock_view

    entries = []
    for folder in folders:
        try:
            view = unlock_view(folder, now)
        except (CunbaoError, OSError, ValueError):
            continue  # not readable: opening it by name tells why
        last = f"{clock_words(view.last)} 关闭" if view.last else ""
        entries.append(Entry(str(folder), f"{view.office}　{view.line}", right=last))
    return entries
