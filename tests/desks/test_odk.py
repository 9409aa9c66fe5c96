"""Returns out as ODK submissions, and tablets' submissions into drafts."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from cunbao.desks import odkreturns
from cunbao.desks.village import tablet
from world.desk import MANBANG, a_village_desk


def submissions(folder: Path, *forms: str, office: str = MANBANG) -> Path:
    """What the sample village would have on a tablet: its signed returns as submissions."""
    desk = a_village_desk(folder / "from", "signed", office=office)
    odkreturns.export_returns(desk, folder / "instances", forms=forms, personal=True)
    desk.close()
    return folder / "instances"


def test_a_signed_return_becomes_a_submission_and_comes_into_an_empty_draft(tmp_path: Path) -> None:
    place = submissions(tmp_path, "B01")
    desk = a_village_desk(tmp_path / "to", "enrolled")
    seen = tablet.look(desk, place)
    assert [one.refused for one in seen.files] == [""] and seen.cells and not seen.asked
    taken = tablet.take(desk, seen, group="tablet")
    assert taken.forms == ("B01",) and taken.cells == len(seen.cells)
    signed = desk.instance("B01").answers(signed=True)
    root = etree.parse(str(next(place.rglob("*.xml")))).getroot()
    assert {one.tag: one.text for one in root if one.tag != "meta"} == dict(signed.values)
    desk.close()
