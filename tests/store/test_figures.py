"""Form tables hold exactly what the counted revisions say, and everything can be made again from what was signed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cunbao.errors import StoreError
from cunbao.store import CountedReturn, DecisionRecord, DraftKey, Misfit, PackageRecord, StoredRevision, Workspace
from cunbao.store.figures import _stored
from cunbao.survey.crosstab import Axis
from cunbao.survey.evidence import Evidence
from cunbao.survey.form import Field, Form, Kind, read_form
from cunbao.survey.revision import answers_xml
from cunbao.survey.standing import Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.totals import Sums
from cunbao.survey.totals_table import Sum
from cunbao.survey.values import Answers, Row
from store.folders import B02, NOW, PERIOD, VILLAGE, a_revision, a_workspace, opened, put, tampered

FORM = read_form(
    b"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title>
<model><instance><data id="B02" version="1"><name/><area/><households/><rooms><kind/><size/></rooms></data></instance>
<bind nodeset="/data/name" type="string"/><bind nodeset="/data/area" type="decimal"/>
<bind nodeset="/data/households" type="int"/>
<bind nodeset="/data/rooms/kind" type="string"/><bind nodeset="/data/rooms/size" type="decimal"/></model></h:head>
<h:body><input ref="/data/name"><label>n</label></input><input ref="/data/area"><label>a</label></input>
<input ref="/data/households"><label>h</label></input><group ref="/data/rooms"><label>r</label>
<repeat nodeset="/data/rooms"><input ref="/data/rooms/kind"><label>k</label></input>
<input ref="/data/rooms/size"><label>s</label></input></repeat></group></h:body></h:html>""",
    {},
)
ANSWERS = Answers(
    {"name": "曼蚌村", "area": "120.5", "households": "35"},
    {"rooms": (Row("r1", {"kind": "01", "size": "0.1"}), Row("r2", {"kind": "02"}), Row("r3", {"size": "0.2"}))},
)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "county")


def counted(ws: Workspace, answers: Answers, office: str = VILLAGE, form: Form = FORM) -> StoredRevision:
    one = a_revision(ws, DraftKey(office, form.id, PERIOD))
    ws.count_revision(form, one.id, answers)
    return one


def test_typed_rows_of_what_counts(ws: Workspace) -> None:
    one = counted(ws, ANSWERS)
    (row,) = ws.rows_that_count(FORM, PERIOD)
    assert (row.office, row.revision, row.row) == (VILLAGE, one.id, "")
    assert row.values == {"name": "曼蚌村", "area": Decimal("120.50"), "households": Decimal(35)}
    rooms = ws.rows_that_count(FORM, PERIOD, repeat="rooms")
    assert [(room.row, room.values["kind"], room.values["size"]) for room in rooms] == [
        ("r1", "01", Decimal("0.10")),
        ("r2", "02", None),
        ("r3", None, Decimal("0.20")),
    ]


def test_sums_are_exact_and_nothing_filled_is_not_zero(ws: Workspace) -> None:
    counted(ws, ANSWERS)
    counted(ws, Answers({"area": "0.01"}), "532822103204")
    assert ws.sums(FORM, PERIOD) == {"area": Decimal("120.51"), "households": Decimal(35)}
    assert ws.sums(FORM, PERIOD, offices=["532822103204"]) == {"area": Decimal("0.01"), "households": None}
    assert ws.sums(FORM, PERIOD, repeat="rooms") == {"size": Decimal("0.30")}
    assert ws.sums(FORM, "2024") == {"area": None, "households": None}
    assert [row.office for row in ws.rows_that_count(FORM, PERIOD, offices=[VILLAGE])] == [VILLAGE]


def test_before_anything_counts_there_are_no_rows(ws: Workspace) -> None:
    assert ws.rows_that_count(FORM, PERIOD) == () and ws.sums(FORM, PERIOD) == {}


def test_a_correction_takes_the_place_of_what_it_corrects(ws: Workspace) -> None:
    counted(ws, ANSWERS)
    second = counted(ws, Answers({"area": "9"}))
    (row,) = ws.rows_that_count(FORM, PERIOD)
    assert (row.revision, row.values["area"]) == (second.id, Decimal(9))
    assert ws.rows_that_count(FORM, PERIOD, repeat="rooms") == ()
    ws.uncount("B02", VILLAGE, PERIOD)
    assert ws.rows_that_count(FORM, PERIOD) == ()


@pytest.mark.parametrize("text", ["1.005", "十二", "1e400", "NaN", "Infinity", "99999999999999999999"])
def test_what_a_number_cannot_hold_is_a_misfit_and_never_zero(ws: Workspace, text: str) -> None:
    one = a_revision(ws)
    misfits = ws.count_revision(FORM, one.id, Answers({"area": text}, {"rooms": (Row("r", {"size": text}),)}))
    assert misfits == (Misfit(one.id, "area", "", text), Misfit(one.id, "size", "r", text))
    assert ws.misfits(VILLAGE, "B02", PERIOD) == misfits
    assert ws.sums(FORM, PERIOD)["area"] is None
    counted(ws, ANSWERS)
    assert ws.misfits(VILLAGE, "B02", PERIOD) == ()


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_every_number_of_two_places_comes_back_as_it_was(number: Decimal) -> None:
    held = _stored(FORM.field("area"), str(number))
    assert isinstance(held, int) and Decimal(held) / 100 == number


def test_a_later_version_of_a_form_adds_columns_and_keeps_the_old_figures(ws: Workspace) -> None:
    counted(ws, ANSWERS)
    items = (Field("area", "面积", Kind.DECIMAL), Field("new", "新", Kind.INTEGER), Field("name", "名", Kind.INTEGER))
    later = replace(FORM, version="2", items=items)
    counted(ws, Answers({"area": "1", "new": "2", "name": "3"}), "532822103204", later)
    assert ws.sums(later, PERIOD) == {"area": Decimal("121.50"), "new": Decimal(2), "name": Decimal(3)}
    assert [row.values["name"] for row in ws.rows_that_count(FORM, PERIOD)] == ["曼蚌村", None]


def test_names_are_only_names(ws: Workspace) -> None:
    items = (Field('名"', "名", Kind.INTEGER), Field("select", "", Kind.TEXT))
    odd = replace(FORM, id='B"x; DROP TABLE edit', items=items)
    counted(ws, Answers({'名"': "3", "select": "'"}), form=odd)
    assert ws.sums(odd, PERIOD) == {'名"': Decimal(3)}


# --- totals ----------------------------------------------------------------------------------------------------------

NEIGHBOUR, FAR = "532822103204", "532822104001"
AREA, ROOM = Sum(("area",)), Sum(("size",))
two_places = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


def test_each_office_says_its_rows_and_sums_in_one_pass(ws: Workspace) -> None:
    counted(ws, ANSWERS)
    counted(ws, Answers({"households": "7"}), NEIGHBOUR)
    both = Sum(("area", "households"))
    assert ws.sums_that_count(FORM, PERIOD, [AREA, both]) == {
        VILLAGE: Sums(1, (12050, 15550)),
        NEIGHBOUR: Sums(1, (None, None)),  # nothing filled in is not 0, and nothing is added to it
    }
    assert ws.sums_that_count(FORM, PERIOD, [ROOM], repeat="rooms") == {VILLAGE: Sums(3, (30,))}
    assert ws.sums_that_count(FORM, PERIOD, [AREA], offices=[NEIGHBOUR, FAR]) == {NEIGHBOUR: Sums(1, (None,))}
    assert ws.sums_that_count(FORM, "2024", [AREA]) == {}


def test_offices_are_added_up_by_the_first_digits_of_their_codes(ws: Workspace) -> None:
    for office, area in ((VILLAGE, "1.25"), (NEIGHBOUR, "2"), (FAR, "4")):
        counted(ws, Answers({"area": area}, {"rooms": (Row("r", {"size": area}),)}), office)
    by_township = {"532822103": Sums(2, (325,)), "532822104": Sums(1, (400,))}
    assert ws.sums_that_count(FORM, PERIOD, [AREA], digits=9) == by_township
    assert ws.sums_that_count(FORM, PERIOD, [ROOM], repeat="rooms", digits=9) == by_township
    assert ws.sums_that_count(FORM, PERIOD, [AREA], digits=0) == {"": Sums(3, (725,))}


def test_a_ratio_leaves_an_office_with_an_empty_field_out_of_both_its_sums(ws: Workspace) -> None:
    counted(ws, Answers({"area": "5", "households": "2"}))
    counted(ws, Answers({"area": "7"}), NEIGHBOUR)
    ratio = [Sum(("area",), ("households",)), Sum(("households",), ("area",))]
    assert ws.sums_that_count(FORM, PERIOD, ratio, digits=0)[""].hundredths == (500, 200)


@pytest.mark.parametrize("repeat", ["", "rooms"])
@pytest.mark.parametrize("digits", [0, 9, 12])
def test_sums_beyond_64_bits_are_still_exact(ws: Workspace, repeat: str, digits: int) -> None:
    huge = "92233720368547758.07"  # the most a column holds
    rows = (Row("a", {"size": huge}), Row("b", {"size": huge}), Row("c", {}))
    for office in (VILLAGE, NEIGHBOUR):
        counted(ws, Answers({"area": huge, "households": huge}, {"rooms": rows}), office)
    asked = ROOM if repeat else Sum(("area", "households"))
    found = ws.sums_that_count(FORM, PERIOD, [asked], repeat=repeat, digits=digits)
    assert sum(one.hundredths[0] or 0 for one in found.values()) == 4 * (2**63 - 1)
    assert sum(one.rows for one in found.values()) == (6 if repeat else 2)
    assert ws.sums(FORM, PERIOD)["area"] == 2 * Decimal(huge)


@given(st.lists(st.tuples(st.integers(0, 3), st.none() | two_places, st.none() | two_places), max_size=12))
@settings(max_examples=25, deadline=None)
def test_sums_are_what_decimal_says(told: list[tuple[int, Decimal | None, Decimal | None]]) -> None:
    with TemporaryDirectory() as home:
        ws = a_workspace(Path(home) / "county")
        held: dict[str, tuple[Decimal | None, Decimal | None]] = {}
        for at, area, households in told:
            office = f"53282210{at}00{at}"
            held[office] = (area, households)
            said = {"area": area, "households": households}
            counted(ws, Answers({name: str(one) for name, one in said.items() if one is not None}), office)
        found = ws.sums_that_count(FORM, PERIOD, [AREA, Sum(("households",), ("area",))])
        for office, (area, households) in held.items():
            exact = [None if area is None else area * 100]
            exact.append(None if None in (area, households) else (households or 0) * 100)
            assert list(found[office].hundredths) == exact
        areas = [area for area, _ in held.values() if area is not None]
        assert ws.sums(FORM, PERIOD).get("area") == (sum(areas, Decimal(0)) if areas else None)
        ws.close()


def test_rows_are_counted_by_two_columns_with_what_is_not_filled_in(ws: Workspace) -> None:
    counted(ws, ANSWERS)
    counted(ws, Answers({}, {"rooms": (Row("r", {"kind": "01", "size": "35"}), Row("s", {"size": "36"}))}), NEIGHBOUR)
    kind, size = Axis("kind", "", ()), Axis("size", "", (), cuts=(35, 45), number=True)
    assert ws.count_rows(FORM, PERIOD, "rooms", [kind, size]) == {
        ("01", "0"): 2, ("02", ""): 1, ("", "0"): 1, ("", "1"): 1,
    }  # fmt: skip
    assert ws.count_rows(FORM, PERIOD, "rooms", [size], offices=[NEIGHBOUR]) == {("0",): 1, ("1",): 1}
    assert ws.count_rows(FORM, PERIOD, "rooms", [Axis("size", "", (), number=True)], offices=[VILLAGE]) == {
        ("",): 1, ("0.1",): 1, ("0.2",): 1,
    }  # fmt: skip


def test_what_a_later_version_asks_is_empty_in_the_tables_of_an_earlier_one(ws: Workspace) -> None:
    counted(ws, ANSWERS)
    later = replace(FORM, version="2", items=(*FORM.items, Field("new", "新", Kind.INTEGER)))
    assert ws.sums_that_count(later, PERIOD, [Sum(("new",)), AREA]) == {VILLAGE: Sums(1, (None, 12050))}
    assert ws.count_rows(FORM, PERIOD, "rooms", [Axis("other", "", ())]) == {("",): 3}


def test_the_revision_behind_an_office_is_named(ws: Workspace) -> None:
    one = counted(ws, ANSWERS)
    assert ws.returns_that_count(FORM, PERIOD) == {VILLAGE: CountedReturn(VILLAGE, one.id, "normal", 1, NOW)}
    assert ws.returns_that_count(FORM, PERIOD, offices=[NEIGHBOUR]) == {}
    assert ws.returns_that_count(replace(FORM, id="B09"), PERIOD) == {}


# --- rebuilt ---------------------------------------------------------------------------------------------------------


def a_busy_year(ws: Workspace) -> str:
    """Something of every kind: taken back, sent, decided, evidenced, signed twice, acknowledged; gives what counts."""
    xml = answers_xml(FORM, ANSWERS, instance_id="uuid:00000000-0000-4000-8000-000000000000")
    ws.keep(B02, [put("area", "", "120.5")], now=NOW)
    gone = a_revision(ws)
    ws.retract(gone.id, code="AB3D", now=NOW, who="岩温")
    first = a_revision(ws, answers=xml)
    scan = Evidence(first.id, sha256(b"scan").hexdigest(), "章.jpg", NOW, VILLAGE, "device", "岩温", 2)
    ws.countersign(ws.add_evidence(scan, b"scan").id, ws.add_object("cms", b"over the scan"))
    ws.add_signature(first.id, ws.add_object("cms", b"issued"))
    ws.mark_left(first.id, "print")
    seq = ws.next_seq()
    ws.add_package(PackageRecord(VILLAGE, PERIOD, seq, "ab" * 32, "f", "E:", 9, NOW, (first.id,), 0.1234))
    ws.add_decision(DecisionRecord(ws.add_object("decision", b"yes"), first.id, "accept", 9, "玉罕", NOW, ("x", "y")))
    yes = ws.decisions(first.id)[0]
    ws.countersign(yes.id, ws.add_object("cms", b"by somebody else"))
    ws.acknowledge([first.id, scan.id])
    a_revision(ws, parents=[first.id])
    stands(ws, first.id)
    ws.count_revision(FORM, first.id, ANSWERS)
    return first.id


def stands(ws: Workspace, accepted: str) -> None:
    """What the desk would judge: that one revision counts."""
    found = Standing(ReturnState.ACCEPTED, accepted, (accepted,), accepted, frozenset({accepted}))
    ws.set_standing(VILLAGE, "B02", PERIOD, found)


def test_everything_is_made_again_from_what_was_signed(ws: Workspace) -> None:
    first = a_busy_year(ws)
    before = (ws.revisions(VILLAGE, "B02", PERIOD), ws.packages(), ws.voided(VILLAGE, "B02", PERIOD))
    rebuilt = ws.rebuild(lambda one: FORM, lambda: stands(ws, first))
    assert rebuilt.changed == () and rebuilt.returns == 1 and rebuilt.edits == 1
    assert (ws.revisions(VILLAGE, "B02", PERIOD), ws.packages(), ws.voided(VILLAGE, "B02", PERIOD)) == before


def test_indexes_that_were_lost_or_falsified_come_back(ws: Workspace) -> None:
    first = a_busy_year(ws)
    before = (ws.revisions(VILLAGE, "B02", PERIOD), ws.packages(), ws.rows_that_count(FORM, PERIOD))
    ws.close()
    tampered(
        ws.folder,
        "DELETE FROM parent",
        "DELETE FROM package_revision",
        "UPDATE revision SET accepted = 0, sent_in = NULL, retracted = 0, n = 99",
        "UPDATE figure_B02 SET area = 1",
        "UPDATE draft SET value = 'x'",
    )
    ws = opened(ws.folder)
    rebuilt = ws.rebuild(lambda one: FORM, lambda: stands(ws, first))
    assert rebuilt.changed == ("draft", "figure_B02", "package_revision", "parent", "revision")
    assert (ws.revisions(VILLAGE, "B02", PERIOD), ws.packages(), ws.rows_that_count(FORM, PERIOD)) == before
    ws.self_check()


def test_a_rebuild_over_a_damaged_object_changes_nothing(ws: Workspace) -> None:
    first = a_busy_year(ws)
    ws.close()
    tampered(
        ws.folder,
        "DROP TRIGGER object_never_update",
        "UPDATE object SET data = x'7b7d' WHERE kind = 'record' AND id > 9",
    )
    ws = opened(ws.folder)
    before = ws.revisions(VILLAGE, "B02", PERIOD)
    with pytest.raises(StoreError) as refused:
        ws.rebuild(lambda one: FORM, lambda: stands(ws, first))
    assert refused.value.code == "workspace.damaged" and ws.revisions(VILLAGE, "B02", PERIOD) == before != ()
