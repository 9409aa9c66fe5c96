"""What the clerk types stays: drafts, earlier values, undo and redo over restarts and over forms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cunbao.errors import StoreError
from cunbao.store import DraftKey, Undone, Workspace
from cunbao.survey.values import Answers, Cell, Edit, EditAct, Row
from store.folders import (
    B01,
    B02,
    B03,
    NOW,
    PERIOD,
    VILLAGE,
    a_workspace,
    add_row,
    delete_row,
    later,
    move_row,
    opened,
    put,
    rows_of,
    tampered,
)  # fmt: skip


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "village")


def again(ws: Workspace) -> Workspace:
    ws.close()
    return opened(ws.folder)


def values(ws: Workspace, key: DraftKey = B02) -> dict[str, str]:
    return dict(ws.draft(key).answers.values)


def roster(ws: Workspace, repeat: str = "p", key: DraftKey = B03) -> list[str]:
    return [row.id for row in ws.draft(key).answers.rows.get(repeat, ())]


def undo(ws: Workspace, *locked: DraftKey) -> Undone | None:
    return ws.undo(VILLAGE, PERIOD, frozenset(locked), now=NOW)


def redo(ws: Workspace, *locked: DraftKey) -> Undone | None:
    return ws.redo(VILLAGE, PERIOD, frozenset(locked), now=NOW)


# --- kept ----------------------------------------------------------------------------------------------------------


def test_what_was_kept_is_there_after_a_restart(ws: Workspace) -> None:
    kept = ws.keep(B02, [put("area", "", "120.00"), put("households", "", "35")], now=NOW)
    draft = again(ws).draft(B02)
    assert draft.answers == Answers({"area": "120.00", "households": "35"}, {})
    assert (draft.seq, draft.changed_at, draft.started) == (kept.seq, NOW, True)


def test_another_program_with_the_key_reads_it_at_once_and_none_without(ws: Workspace) -> None:
    ws.keep(B02, [put("name", "", "岩温")], now=NOW)
    assert rows_of(ws.folder, "SELECT value FROM draft") == [("岩温",)]
    for path in ws.folder.iterdir():
        assert "岩温".encode() not in path.read_bytes()


def test_the_settings_that_make_it_durable_are_on(ws: Workspace) -> None:
    asked = {name: ws._one(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert asked == {"journal_mode": ("wal",), "synchronous": (2,), "foreign_keys": (1,)}


def test_an_untouched_form_is_empty_and_not_started(ws: Workspace) -> None:
    draft = ws.draft(B02)
    assert (draft.answers, draft.seq, draft.changed_at, draft.started) == (Answers({}, {}), 0, None, False)
    assert ws.keep(B02, [], now=NOW).seq == 0
    assert ws.drafts(VILLAGE, PERIOD) == ()


def test_villages_periods_and_forms_are_kept_apart(ws: Workspace) -> None:
    keys = [B01, B02, DraftKey("532822103204", "B02", PERIOD), DraftKey(VILLAGE, "B02", "2024")]
    for number, key in enumerate(keys):
        ws.keep(key, [put("area", "", str(number))], now=NOW)
    ws = again(ws)
    assert [ws.draft(key).answers.values["area"] for key in keys] == ["0", "1", "2", "3"]
    assert ws.undo("532822103204", PERIOD, now=NOW) is not None
    assert [ws.draft(key).answers.values.get("area") for key in keys] == ["0", "1", None, "3"]


def test_a_cleared_cell_is_absent(ws: Workspace) -> None:
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    ws.keep(B02, [put("area", "1", "")], now=NOW)
    assert values(ws) == {}


def test_text_that_is_no_number_is_kept_as_typed(ws: Workspace) -> None:
    strange = " 十二㎡\u2028\U00020089'\"; DROP TABLE edit --"
    ws.keep(B02, [put("area", "", strange)], now=NOW)
    assert values(again(ws)) == {"area": strange}


def test_the_log_cannot_be_changed_or_shortened(ws: Workspace) -> None:
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    ws.close()
    for statement in ("UPDATE edit SET new = '2'", "DELETE FROM edit"):
        with pytest.raises(Exception, match="append-only"):
            tampered(ws.folder, statement)


def test_a_refused_step_leaves_nothing_behind(ws: Workspace) -> None:
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    with pytest.raises(ZeroDivisionError), ws.atomic():
        ws.keep(B02, [put("area", "1", "2")], now=NOW)
        ws.keep(B01, [put("name", "", "x")], now=NOW)
        raise ZeroDivisionError
    assert values(ws) == {"area": "1"} and ws.drafts(VILLAGE, PERIOD) == (B02,)
    assert undo(ws) == (B02, (put("area", "1", ""),))


def test_a_block_inside_a_block_fails_alone(ws: Workspace) -> None:
    with ws.atomic():
        ws.keep(B02, [put("area", "", "1")], now=NOW)
        with pytest.raises(ZeroDivisionError), ws.atomic():
            ws.keep(B02, [put("area", "1", "2")], now=NOW)
            raise ZeroDivisionError
    assert values(again(ws)) == {"area": "1"}


# --- rows ----------------------------------------------------------------------------------------------------------


def test_rows_keep_their_order_when_one_is_put_between_moved_or_deleted(ws: Workspace) -> None:
    ws.keep(B03, [add_row("p", row, place) for place, row in enumerate("abc")], now=NOW)
    ws.keep(B03, [add_row("p", "x", 1)], now=NOW)
    assert roster(ws) == ["a", "x", "b", "c"]
    ws.keep(B03, [move_row("p", "a", 0, 2)], now=NOW)
    assert roster(ws) == ["x", "b", "a", "c"]
    ws.keep(B03, [delete_row("p", "b", 1)], now=NOW)
    assert roster(again(ws)) == ["x", "a", "c"]


def test_a_deleted_row_comes_back_with_its_values_in_its_place(ws: Workspace) -> None:
    ws.keep(B03, [add_row("p", "a", 0), add_row("p", "b", 1), put("name", "", "岩温", "a")], now=NOW)
    ws.keep(B03, [delete_row("p", "a", 0)], now=NOW)
    assert roster(ws) == ["b"]
    ws = again(ws)
    assert undo(ws) == (B03, (add_row("p", "a", 0), put("name", "", "岩温", "a")))
    assert ws.draft(B03).answers.rows["p"] == (Row("a", {"name": "岩温"}), Row("b", {}))


# --- earlier values ------------------------------------------------------------------------------------------------


def test_earlier_values_of_a_cell_newest_first_each_once(ws: Workspace) -> None:
    for second, (old, new) in enumerate([("", "1"), ("1", "2"), ("2", "1"), ("1", ""), ("", "3")]):
        ws.keep(B02, [put("area", old, new)], now=later(second))
    ws.keep(B02, [put("area", "", "9", "row")], now=NOW)
    ws = again(ws)
    assert [(one.value, one.at, one.seq) for one in ws.history(B02, Cell("area"))] == [
        ("1", later(2), 3),
        ("2", later(1), 2),
    ]
    assert ws.history(B01, Cell("area")) == ()


# --- undo ----------------------------------------------------------------------------------------------------------


def test_undo_and_redo_survive_a_restart(ws: Workspace) -> None:
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    ws.keep(B02, [put("area", "1", "2")], now=NOW)
    ws = again(ws)
    assert undo(ws) == (B02, (put("area", "2", "1"),))
    ws = again(ws)
    assert undo(ws) == (B02, (put("area", "1", ""),))
    assert undo(ws) is None and not ws.can_undo(VILLAGE, PERIOD)
    ws = again(ws)
    assert redo(ws) == (B02, (put("area", "", "1"),))
    assert redo(again(ws)) is not None


def test_undo_goes_from_form_to_form_in_the_order_of_typing(ws: Workspace) -> None:
    ws.keep(B01, [put("name", "", "a")], now=NOW)
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    ws.keep(B01, [put("name", "a", "b")], now=NOW)
    assert [one.key.form for one in (undo(ws), undo(ws), undo(ws)) if one] == ["B01", "B02", "B01"]


def test_the_order_is_that_of_typing_even_when_the_clock_goes_back(ws: Workspace) -> None:
    ws.keep(B01, [put("name", "", "a")], now=later(60))
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    undone = undo(again(ws))
    assert undone is not None and undone.key == B02


def test_a_paste_in_several_calls_is_one_step(ws: Workspace) -> None:
    ws.keep(B03, [put("a", "", "0")], now=NOW)
    for number in range(3):
        ws.keep(B03, [add_row("p", f"r{number}", number), put("n", "", str(number), f"r{number}")], now=NOW, group="g")
    ws = again(ws)
    undone = undo(ws)
    assert undone is not None and len(undone.edits) == 6
    assert roster(ws) == [] and values(ws, B03) == {"a": "0"}


def test_a_group_ends_when_something_else_is_typed_between(ws: Workspace) -> None:
    ws.keep(B02, [put("a", "", "1")], now=NOW, group="g")
    ws.keep(B01, [put("x", "", "1")], now=NOW)
    ws.keep(B02, [put("b", "", "1")], now=NOW, group="g")
    undo(ws)
    assert values(ws) == {"a": "1"}


def test_typing_after_undo_leaves_nothing_to_redo_but_all_in_the_history(ws: Workspace) -> None:
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    ws.keep(B02, [put("area", "1", "2")], now=NOW)
    undo(ws)
    ws.keep(B01, [put("name", "", "x")], now=NOW)
    assert redo(ws) is None and not ws.can_redo(VILLAGE, PERIOD)
    assert [one.value for one in ws.history(B02, Cell("area"))] == ["2"]


def test_signed_forms_are_skipped_and_wait(ws: Workspace) -> None:
    ws.keep(B01, [put("name", "", "a")], now=NOW)
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    undone = undo(ws, B02)
    assert undone is not None and undone.key == B01
    assert not ws.can_undo(VILLAGE, PERIOD, {B02}) and ws.can_undo(VILLAGE, PERIOD)
    assert not ws.can_redo(VILLAGE, PERIOD, {B01}) and redo(ws, B01) is None
    assert undo(ws) == (B02, (put("area", "1", ""),))


def test_nothing_is_undone_behind_a_floor_and_redo_stops_there_too(ws: Workspace) -> None:
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    signed = ws.keep(B02, [put("area", "1", "2")], now=NOW).seq
    floors = {B02: signed}
    ws.keep(B02, [put("area", "2", "3")], now=NOW)
    assert ws.undo(VILLAGE, PERIOD, floors=floors, now=NOW) == (B02, (put("area", "3", "2"),))
    assert ws.undo(VILLAGE, PERIOD, floors=floors, now=NOW) is None and values(ws) == {"area": "2"}
    assert not ws.can_undo(VILLAGE, PERIOD, floors=floors) and ws.can_undo(VILLAGE, PERIOD)
    assert ws.redo(VILLAGE, PERIOD, floors=floors, now=NOW) == (B02, (put("area", "2", "3"),))
    undo(ws)
    later = ws.keep(B01, [put("name", "", "x")], now=NOW).seq
    assert undo(ws) is not None and ws.redo(VILLAGE, PERIOD, floors={B01: later + 1}, now=NOW) is None


def test_a_form_whose_every_step_was_undone_is_not_started(ws: Workspace) -> None:
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    undo(ws)
    mark = again(ws).draft_mark(B02)
    assert (mark.seq, mark.started) == (2, False)


def test_the_log_names_what_each_undo_takes_back(ws: Workspace) -> None:
    ws.keep(B02, [put("a", "", "1"), put("b", "", "2")], now=NOW)
    undo(ws)
    redo(ws)
    assert rows_of(ws.folder, "SELECT seq, field, old, new, undoes FROM edit ORDER BY seq") == [
        (1, "a", "", "1", 0),
        (2, "b", "", "2", 0),
        (3, "b", "2", "", 2),
        (4, "a", "1", "", 1),
        (5, "a", "", "1", 4),
        (6, "b", "", "2", 3),
    ]


# --- rebuilt -------------------------------------------------------------------------------------------------------


def test_the_draft_can_be_made_again_from_the_log(ws: Workspace) -> None:
    ws.keep(B03, [add_row("p", row, place) for place, row in enumerate("abcd")], now=NOW)
    ws.keep(B03, [put("n", "", row, row) for row in "abcd"] + [move_row("p", "d", 3, 0)], now=NOW)
    ws.keep(B03, [delete_row("p", "b", 2)], now=NOW)
    undo(ws)
    redo(ws)
    before = ws.draft(B03)
    ws.close()
    tampered(ws.folder, "UPDATE draft SET value = 'wrong'", "DELETE FROM draft_row WHERE row = 'a'")
    ws = opened(ws.folder)
    assert ws.draft(B03) != before
    ws.rebuild_drafts()
    assert ws.draft(B03) == before


def test_two_threads_take_turns(ws: Workspace) -> None:
    def types(form: str) -> None:
        key = DraftKey(VILLAGE, form, PERIOD)
        for number in range(100):
            ws.keep(key, [put("a", str(number), str(number + 1))], now=NOW)
            assert ws.draft(key).answers.values["a"] == str(number + 1)
            ws.can_undo(VILLAGE, PERIOD)

    with ThreadPoolExecutor() as pool:
        list(pool.map(types, ["B01", "B02", "B03"]))
    assert len(rows_of(ws.folder, "SELECT 1 FROM edit")) == 300


def test_looking_only_shows_all_and_writes_nothing(ws: Workspace) -> None:
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    beside = opened(ws.folder, read_only=True)
    assert values(beside) == {"area": "1"}
    with pytest.raises(StoreError) as refused:
        beside.keep(B02, [put("area", "1", "2")], now=NOW)
    assert refused.value.code == "workspace.read_only"
    beside.close()


def test_half_typed_words_are_no_earlier_values(ws: Workspace) -> None:
    for group, texts in (("a", ("1", "12", "120")), ("b", ("1", "15", "150")), ("c", ("1", "18"))):
        old = ""
        for text in texts:
            ws.keep(B02, [Edit(EditAct.SET, "area", "", old, text)], now=NOW, group=group)
            old = text
    assert [one.value for one in ws.history(B02, Cell("area"))] == ["150", "120"]
