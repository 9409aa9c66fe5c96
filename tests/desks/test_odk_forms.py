"""Our forms as other ODK programs take them: an XLSForm that pyxform compiles, and the files that lie beside it."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from cunbao.desks import odk
from cunbao.errors import DeskError
from cunbao.survey import resources
from cunbao.survey.compile import check_form, compile_form
from cunbao.survey.form import Field, Form, Repeat, read_form, read_lists
from world.desk import the_shelf
from world.task import FIVE

TASK = resources.forms_path("community-services-2025")
FORMS = (*FIVE, "B06", "B07", "T01")
CB = "{urn:cunbao:bind:1}"


@cache
def exported() -> Path:
    folder = the_shelf() / "odk-forms"
    odk.export_forms(TASK, folder)
    return folder


def comparable(form: Form) -> object:
    """A form without what its bytes were and what its lists are called inside."""

    def bare(one: Field | Repeat) -> object:
        if isinstance(one, Repeat):
            return replace(one, fields=tuple(bare(field) for field in one.fields))  # type: ignore[misc]
        return replace(one, list=None), [(c.code, c.label) for c in one.list.choices] if one.list else None

    binds = {path: replace(bind, items=bind.items.rsplit("/", 1)[-1]) for path, bind in form.binds.items()}
    return form.id, form.title, form.version, [bare(one) for one in form.items], binds, form.instances, form.set_values


@pytest.mark.parametrize("name", FORMS)
def test_pyxform_takes_the_workbook_as_it_is_and_so_does_our_own_check(name: str, tmp_path: Path) -> None:
    from pyxform.xls2xform import convert

    path = exported() / f"{name}.xlsx"
    xform = etree.fromstring(convert(str(path)).xform.encode())
    assert check_form(path) == () and check_form(path.with_suffix(".xml")) == ()
    body = xform.find("{http://www.w3.org/1999/xhtml}body")
    assert body is not None and body.find(".//{http://www.w3.org/2002/xforms}label") is not None
    for one in xform.iter("{http://www.w3.org/2002/xforms}instance"):
        source = one.get("src", "").removeprefix("jr://file-csv/").removeprefix("jr://file/")
        assert not source or (exported() / f"{name}-media" / source).is_file()


@pytest.mark.parametrize("name", FORMS)
def test_the_workbook_compiles_to_the_same_form_as_the_markdown(name: str) -> None:
    lists = read_lists(TASK / "lists")
    ours = read_form(compile_form(TASK / f"{name}.md", TASK / "lists"), lists)
    beside = read_lists(exported() / f"{name}-media")
    back = read_form(compile_form(exported() / f"{name}.xlsx", None), beside)
    assert comparable(back) == comparable(ours)
    assert comparable(read_form((exported() / f"{name}.xml").read_bytes(), beside)) == comparable(ours)


def test_our_own_columns_go_through_pyxform() -> None:
    from pyxform.xls2xform import convert

    xform = etree.fromstring(convert(str(exported() / "B03.xlsx")).xform.encode())
    binds = {one.get("nodeset"): one for one in xform.iter("{http://www.w3.org/2002/xforms}bind")}
    assert binds["/data/b03_m/b03_m_id"].get(f"{CB}mask") == "id"
    assert binds["/data/b03_m/b03_m_pay"].get(f"{CB}unit") == "元/月"


def test_the_same_form_gives_the_same_bytes(tmp_path: Path) -> None:
    odk.export_forms(TASK, tmp_path, forms=["B01"])
    assert (tmp_path / "B01.xlsx").read_bytes() == (exported() / "B01.xlsx").read_bytes()


def test_lists_lie_beside_the_form_and_an_empty_instance_has_what_the_form_reads() -> None:
    media = exported() / "B02-media"
    with (media / "facility_kind.csv").open(encoding="utf-8-sig", newline="") as file:
        assert "11" in {row["code"] for row in csv.DictReader(file)}
    root = etree.fromstring((media / "B01.xml").read_bytes())
    assert root.tag == "data" and {one.tag for one in root} == {"b01_built_area", "b01_hh_resident"}
    assert not any(one.text for one in root)


def test_a_file_that_says_something_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "B01.xlsx").write_bytes(b"mine")
    with pytest.raises(DeskError) as refused:
        odk.export_forms(TASK, tmp_path, forms=["B01"])
    assert refused.value.code == "odk.exists"
    assert [one.name for one in tmp_path.iterdir()] == ["B01.xlsx"]


def test_a_form_that_the_task_has_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeskError) as refused:
        odk.export_forms(TASK, tmp_path / "out", forms=["B99"])
    assert refused.value.code == "odk.form" and "B99" in refused.value.happened and not (tmp_path / "out").exists()
