"""Returns out as ODK submissions, and forms for one office; what goes out comes in again."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from lxml import etree

from cunbao.desks import evidence, odk, odkreturns
from cunbao.desks.township import supplement
from cunbao.desks.village import tablet
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey.evalform import fill
from cunbao.survey.form import read_form, read_lists
from cunbao.survey.revision import read_answers
from cunbao.survey.submission import read_submission
from world.county_returns import a_county_with_returns
from world.desk import MANBANG, MENGHUN, a_town_desk, a_village_desk, types
from world.forms import an_env


def exported(desk: VillageDesk, folder: Path, *forms: str, personal: bool = True) -> Path:
    odkreturns.export_returns(desk, folder, forms=forms, personal=personal)
    return folder


@pytest.mark.parametrize("form", ["B01", "B02", "B03"])
def test_a_signed_return_becomes_a_submission_and_comes_into_an_empty_draft(form: str, tmp_path: Path) -> None:
    signed = a_village_desk(tmp_path / "from", "signed")
    place = exported(signed, tmp_path / "instances", form)
    revision = signed.newest(form)
    assert revision is not None
    said = read_answers(signed.task.forms[form], signed.workspace.object(revision.answers))
    signed.close()
    desk = a_village_desk(tmp_path / "to", "enrolled")
    seen = tablet.look(desk, place)
    assert [one.refused for one in seen.files] == [""] and seen.cells and not seen.asked
    assert tablet.take(desk, seen, group="tablet").forms == (form,)
    here = desk.instance(form).answers(signed=True)
    by_hand = {name for name, one in desk.task.forms[form].by_name.items() if not one.calculated}
    assert {k: t for k, t in here.values.items() if k in by_hand} == {
        k: t for k, t in said.values.items() if k in by_hand
    }
    for roster, rows in said.rows.items():
        assert [row.id for row in here.rows[roster]] == [row.id for row in rows]
        for mine, theirs in zip(here.rows[roster], rows, strict=True):
            assert {k: t for k, t in mine.values.items() if k in by_hand} == {
                k: t for k, t in theirs.values.items() if k in by_hand
            }
    desk.close()


def test_a_submission_has_the_paths_id_and_version_of_the_exported_form(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    made = odkreturns.export_returns(desk, tmp_path / "out", personal=True)
    assert {one.form for one in made} == set(desk.task.forms)
    assert {one.form for one in odk.export_forms_of(desk, tmp_path / "forms")} == set(desk.task.forms)
    for one in made:
        form = etree.parse(str(tmp_path / "forms" / f"{one.form}.xml")).getroot()
        model = form.find("{*}head/{*}model")
        assert model is not None
        primary = model.find("{*}instance")[0]  # type: ignore[index]
        root = etree.parse(str(tmp_path / "out" / one.folder / f"{one.folder}.xml")).getroot()
        known = {etree.QName(node).localname for node in primary.iter() if isinstance(node.tag, str)}
        assert {node.tag for node in root.iter()} - {"instanceName"} <= known
        assert (root.get("id"), root.get("version")) == (primary.get("id"), primary.get("version"))
        assert root.findtext("meta/instanceID", "").startswith("uuid:")
    desk.close()


def test_what_says_who_somebody_is_stays_here_unless_it_is_asked_for(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    (tmp_path / "scan.png").write_bytes(a_picture())
    evidence.attach(desk, "B03", tmp_path / "scan.png")
    (one,) = odkreturns.export_returns(desk, tmp_path / "short", forms=["B03"])
    assert {"b03_m_id", "b03_m_phone", "b03_m_name", "b03_m_birth"} <= set(one.left_out)
    short = (tmp_path / "short" / one.folder / f"{one.folder}.xml").read_text(encoding="utf-8")
    assert "999022" not in short and "b03_m_pay" in short and one.attachments == ()
    (whole,) = odkreturns.export_returns(desk, tmp_path / "whole", forms=["B03"], personal=True)
    assert "999022" in (tmp_path / "whole" / one.folder / f"{one.folder}.xml").read_text(encoding="utf-8")
    assert [one.name for one in (tmp_path / "whole" / whole.folder).iterdir() if one.suffix == ".png"]
    acts = [entry.act for entry in desk.workspace.journal_entries()][-2:]
    assert acts == ["export_odk", "export_odk_whole"]
    desk.close()


def a_picture() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(out, "PNG")
    return out.getvalue()


def test_a_county_gives_what_counts_of_all_its_villages(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    made = odkreturns.export_returns(county, tmp_path / "out", forms=["B01"])
    counted = [
        office
        for office, form, _ in county.workspace.standings("2025")
        if form == "B01" and county.workspace.counted(office, "B01", "2025") is not None
    ]
    assert counted and sorted(one.office for one in made) == sorted(counted)
    with (tmp_path / "out" / odkreturns.INDEX).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["office"] for line in lines} == set(counted) and lines[0]["instance_id"].startswith("uuid:")
    for line in lines:
        sent = read_submission((tmp_path / "out" / line["file"]).read_bytes())
        assert sent.named == (line["office"], "2025")
    assert odkreturns.export_returns(county, tmp_path / "none", period="2025", forms=["T01"]) == ()
    with pytest.raises(CunbaoError) as refused:
        odkreturns.export_returns(county, tmp_path / "out", forms=["B99"])
    assert refused.value.code == "odk.form"
    county.close()


def test_a_form_for_one_office_holds_what_it_reads_elsewhere_and_names_its_submissions(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "enrolled")
    types(desk, "B01", "b01_hh_resident", "210")
    odk.export_forms_of(desk, tmp_path / "out", forms=["B02"])
    media = tmp_path / "out" / "B02-media"
    held = etree.parse(str(media / "B01.xml")).getroot()
    assert held.findtext("b01_hh_resident") == "210" and len(held) == 2
    # as the tablet would: the form reads its files, one room is filled, the submission is named by the form
    form = read_form((tmp_path / "out" / "B02.xml").read_bytes(), read_lists(media))
    known = {"B01": desk.sources("B02")["B01"]}
    filled = fill(
        form, {"b02_f": [{"b02_f_name": "活动室", "b02_f_area": "30"}]}, env=an_env(), sources=known, last=None
    )
    assert filled.answers(signed=True).values["b02_hh"] == "210"
    xform = etree.parse(str(tmp_path / "out" / "B02.xml")).getroot()
    name = next(one.get("calculate") for one in xform.iter("{*}bind") if "instanceName" in one.get("nodeset"))
    assert name == f"'{MANBANG} 曼蚌村 B02 2025'"
    desk.close()


def test_a_township_s_own_form_is_filled_from_a_tablet_too(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    own = supplement.asked(town)
    odk.export_forms_of(town, tmp_path / "out", forms=["T01"])
    assert etree.parse(str(tmp_path / "out" / "T01-media" / "OFFICE.xml")).getroot().findtext("late_count")
    place = tmp_path / "instances" / "a"
    place.mkdir(parents=True)
    name = f"<meta><instanceName>{MENGHUN} 勐混镇 T01 2025</instanceName></meta>"
    content = f"<data id='T01' version='2025.1'><t01_elder_beds>12</t01_elder_beds>{name}</data>"
    (place / "a.xml").write_text(content, encoding="utf-8")
    tablet.take(own, tablet.look(own, tmp_path / "instances"), group="tablet")
    assert own.instance("T01").answers().values["t01_elder_beds"] == "12"
    town.close()
