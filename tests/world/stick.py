"""What an officer is brought: sticks with bundles of several villages; and workspaces where the program finds them."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from cunbao.desks import devices, receiving
from cunbao.desks.township import receipts, reviewing
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import practice, replies
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.decision import Comment, Decision
from cunbao.survey.states import ReturnState
from world.contended import MANSAI, another_computer, send, signed_again
from world.desk import (
    MANBANG,
    MANGUO,
    a_bundle,
    a_clock,
    a_village_desk,
    begun,
    bundle_file,
    fill_all,
    sign_all,
    text,
    the_shelf,
)


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def receive(town: TownshipDesk, *files: Path) -> None:
    receiving.receive(town, files)


def at_home(desk: TownshipDesk | VillageDesk, home: Path) -> Path:
    """Close a workspace and put its folder where the program looks for workspaces."""
    desk.close()
    home.mkdir(exist_ok=True)
    folder = home / desk.office.code
    desk.workspace.folder.rename(folder)
    return folder


@cache
def the_unknown_computer() -> tuple[Path, str]:
    """The first bundle, with its request, of a computer of 曼赛村 that nobody has approved; the digits it shows."""
    desk = begun(the_shelf() / "unknown", MANSAI)
    fill_all(desk)
    practice.explain_all(desk)
    sign_all(desk)
    file = a_bundle(desk, the_shelf() / "stick" / "unknown")
    code = devices.device(desk.workspace).comparison_code
    desk.close()
    return file, code


def three_villages(folder: Path) -> Path:
    """曼蚌村 for the first time, 曼国村 as it is known already, 曼赛村 from a computer not approved; of 勐混村 half a
    file."""
    bundle_file(folder, MANBANG)
    whole = bundle_file(folder, MANGUO)
    shutil.copy(the_unknown_computer()[0], folder)
    (folder / "勐混村-2025年度-第1次.cbsync").write_bytes(whole.read_bytes()[:20_000])
    return folder


def two_answers(tmp_path: Path, town: TownshipDesk) -> tuple[VillageDesk, dict[str, str]]:
    """曼蚌村 changed B01 on two computers, each with keys of its own, and both versions are received: a number on each
    and 户籍外出人口 on both. Gives the first computer, and what all three were before."""
    first = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    send(town, first, tmp_path / "one")
    second = another_computer(tmp_path, town)
    (receipt,) = receipts.write_receipts(town, empty(tmp_path / "receipt"), [MANBANG])
    replies.take_receipt(second, receipt.path)
    before = {name: text(first, "B01", name) for name in ("b01_groups", "b01_grids", "b01_pop_out")}
    for desk, own, less in ((first, "b01_groups", 1), (second, "b01_grids", 2)):
        fewer = ("b01_pop_out", str(int(before["b01_pop_out"]) - less), 0)
        signed_again(desk, "B01", (own, str(int(before[own]) + 1), 0), fewer)
        send(town, desk, tmp_path / own)
    second.close()
    return first, before


def two_that_count(tmp_path: Path, town: TownshipDesk) -> None:
    """曼蚌村 and 曼国村 have sent everything and everything is accepted; 曼赛村 owes all."""
    receive(town, *(bundle_file(tmp_path / "before", office) for office in (MANBANG, MANGUO)))
    for office, form in reviewing.queue(town):
        reviewing.accept(town, office, form)


def states(town: TownshipDesk) -> dict[str, ReturnState]:
    """Where each return of the period stands on the disk: 曼蚌村 B01 → 通过."""
    names = {one.code: one.short for one in town.villages}
    found = town.workspace.standings(town.task.period)
    return {f"{names[office]} {form}": stands.state for office, form, stands in found}


def comments(town: TownshipDesk, office: str, form: str) -> tuple[Comment, ...]:
    """What the decisions on the newest version of a return say at its cells, as they were signed."""
    (head,) = town.workspace.standing(office, form, town.task.period).heads
    decided = [Decision.decode(town.workspace.object(one.id)) for one in town.workspace.decisions(head)]
    return tuple(said for one in decided for said in one.comments)


def figure(book: Path, sheet: str, line: str, column: str) -> object:
    """What stands in an Excel file in the row that begins with `line`, under a head."""
    from openpyxl import load_workbook

    rows = [list(row) for row in load_workbook(book)[sheet].iter_rows(values_only=True)]
    heads = next(row for row in rows if column in row)
    found = next(row for row in rows if any(str(one).startswith(line) for one in row[:4]))
    return found[heads.index(column)]
