"""操作日志 shows whether anything in it was changed, and from which entry on."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.store import Workspace
from store.folders import NOW, a_workspace, later, opened, tampered


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    ws = a_workspace(tmp_path / "village")
    for number in range(5):
        ws.journal("sign", "岩温", {"form": f"B0{number}"}, now=later(number))
    return ws


def changed(ws: Workspace, statement: str) -> Workspace:
    ws.close()
    tampered(ws.folder, "DROP TRIGGER journal_never_update", "DROP TRIGGER journal_never_delete", statement)
    return opened(ws.folder)


def test_an_untouched_journal_holds(ws: Workspace) -> None:
    entries = ws.journal_entries()
    assert [(one.n, one.act, one.who, one.detail["form"], one.at) for one in entries][:2] == [
        (1, "sign", "岩温", "B00", NOW),
        (2, "sign", "岩温", "B01", later(1)),
    ]
    verdict = ws.verify_journal()
    assert (verdict.good, verdict.length, verdict.head, verdict.first_bad) == (True, 5, entries[-1].hash, None)
    assert ws.journal_head() == (5, entries[-1].hash)
    assert ws.journal_entries(newest=2) == entries[-2:]


def test_an_empty_journal_holds(tmp_path: Path) -> None:
    ws = a_workspace(tmp_path / "village")
    assert ws.verify_journal().good and ws.journal_head()[0] == 0 and ws.journal_entries() == ()


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE journal SET who = '玉旺' WHERE n = 3", 3),
        ("UPDATE journal SET at = '2025-12-12T02:42:09.000000Z' WHERE n = 1", 1),
        ("UPDATE journal SET detail = '{}' WHERE n = 5", 5),
        ("DELETE FROM journal WHERE n = 2", 3),
        ("UPDATE journal SET chain = 2 WHERE n = 4", 4),
        ("UPDATE journal SET hash = replace(hash, 'a', 'b') WHERE n = 4", 4),
        ("UPDATE journal SET n = n + 10 WHERE n = 5", 15),
        ("DELETE FROM journal WHERE n = 1", 2),
    ],
)
def test_the_first_entry_that_does_not_hold_is_named(ws: Workspace, statement: str, first_bad: int) -> None:
    verdict = changed(ws, statement).verify_journal()
    assert (verdict.good, verdict.first_bad) == (False, first_bad)


def test_writing_goes_on_in_a_new_chain_after_a_broken_one(ws: Workspace) -> None:
    ws = changed(ws, "UPDATE journal SET who = '玉旺' WHERE n = 3")
    ws.begin_new_chain("岩温", "第 3 条对不上", now=NOW)
    ws.journal("sign", "岩温", {}, now=NOW)
    assert ws.verify_journal().first_bad == 3
    assert [one.chain for one in ws.journal_entries()] == [1, 1, 1, 1, 1, 2, 2]
    ws = changed(opened_again(ws), "UPDATE journal SET who = '玉旺' WHERE n = 1")
    assert ws.verify_journal().first_bad == 1


def opened_again(ws: Workspace) -> Workspace:
    ws.close()
    tampered(
        ws.folder,
        "CREATE TRIGGER journal_never_update BEFORE UPDATE ON journal BEGIN SELECT 1; END",
        "CREATE TRIGGER journal_never_delete BEFORE DELETE ON journal BEGIN SELECT 1; END",
    )
    return opened(ws.folder)


def test_a_new_chain_alone_is_sound(ws: Workspace) -> None:
    ws.begin_new_chain("岩温", "换了电脑", now=NOW)
    assert ws.verify_journal().good


def test_a_journal_cut_short_or_written_anew_is_contradicted_by_whoever_saw_it(ws: Workspace) -> None:
    hashes = {one.n: one.hash for one in ws.journal_entries()}
    seen = ws.verify_journal({2: hashes[2], 4: hashes[4]})
    assert (seen.good, seen.witnessed) == (True, 4)
    cut = changed(ws, "DELETE FROM journal WHERE n > 3")
    assert cut.verify_journal().good  # the file alone cannot know
    verdict = cut.verify_journal({2: hashes[2], 4: hashes[4]})
    assert (verdict.good, verdict.witnessed, verdict.contradicted) == (False, 2, (4,))
    cut.journal("sign", "岩温", {"form": "other"}, now=NOW)
    assert cut.verify_journal({4: hashes[4]}).contradicted == (4,)


def test_a_journal_entry_and_its_act_are_kept_together_or_not_at_all(ws: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), ws.atomic():
        ws.journal("sign", "岩温", {}, now=NOW)
        raise ZeroDivisionError
    assert ws.journal_head()[0] == 5
