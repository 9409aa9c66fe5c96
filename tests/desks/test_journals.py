"""操作记录: found by day, person, kind and words; a chain tampered with is said; a copy that auditors verify."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from cunbao import desks
from cunbao.desks import journal_words, journals
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.journals import Wanted
from cunbao.errors import DeskError
from world.desk import MANBANG, a_county_desk
from world.readers import run, text_of


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    desk = a_county_desk(tmp_path)
    start = desk.clock()
    for days, (act, facts) in enumerate((
        ("receive", {"office": MANBANG[:9] + "000", "result": "TAKEN"}),
        ("chase_notices", {"offices": [MANBANG[:9] + "000"]}),
        ("print", {"office": MANBANG, "form": "B02"}),
        ("reveal", {"office": MANBANG}),
        ("revoke_device", {"office": MANBANG, "key": "ab" * 32, "reason": "电脑丢失或被盗"}),
    )):  # fmt: skip
        desk.workspace.journal(act, desk.person.name if days else "岩坎应", facts, now=start + timedelta(days=days))
    desk.clock = lambda: start + timedelta(days=5)
    return desk


def test_entries_are_found_by_person_kind_days_and_by_the_name_of_an_office(county: CountyDesk) -> None:
    everything = journals.view(county, Wanted())
    assert everything.count == county.workspace.journal_head()[0]
    assert set(everything.people) == {county.person.name, "岩坎应"}
    assert dict(everything.counts)[journal_words.PRINTED] == 1
    found = journals.page(county, Wanted(who="岩坎应"), 0)
    assert [(one.kind, one.did) for one in found] == [("接收", "接收报送包")]
    assert [one.did for one in journals.page(county, Wanted(kind=journal_words.PRIVATE), 0)] == ["看个人信息"]
    day = county.clock().date() - timedelta(days=1)
    assert [one.did for one in journals.page(county, Wanted(since=day), 0)] == ["吊销电脑证书"]
    named = journals.page(county, Wanted(words="曼蚌"), 0)
    assert [one.did for one in named] == ["吊销电脑证书", "看个人信息", "打印报表"]  # newest first
    assert "电脑丢失或被盗" in named[0].about and "曼蚌村" in named[0].about


def test_a_page_is_a_part_of_what_was_found(county: CountyDesk) -> None:
    whole = journals.page(county, Wanted(), 0, 1000)
    parts = [one for at in range(0, len(whole), 2) for one in journals.page(county, Wanted(), at, 2)]
    assert parts == list(whole) and [one.n for one in whole] == list(range(len(whole), 0, -1))


def test_one_entry_shows_its_neighbours_and_the_first_and_last_have_one(county: CountyDesk) -> None:
    last, _ = county.workspace.journal_head()
    middle, end = journals.detail(county, last - 1), journals.detail(county, last)
    assert middle is not None and end is not None
    assert middle.joined and end.before == middle.own and middle.after == end.own and end.after == ""
    assert dict(end.facts)["原因"] == "电脑丢失或被盗" and end.office == MANBANG
    assert journals.detail(county, last + 1) is None


def test_a_chain_that_was_tampered_with_is_said_and_goes_on_in_a_new_one(county: CountyDesk) -> None:
    assert journals.check(county).good
    with pytest.raises(DeskError) as told:
        journals.go_on(county, "没坏也要另起")
    assert told.value.code == "journal.whole"
    bad = county.workspace.journal_head()[0] - 2
    forge(county, bad)
    found = journals.check(county)
    assert not found.good and found.first_bad == bad
    assert f"第 {bad} 条" in journals.words_of(found)[0]
    assert journals.page(county, Wanted(), 0)[-1].n == 1  # what is before stays readable
    broken = journals.detail(county, bad)
    assert broken is not None
    made = journals.go_on(county, "硬盘坏过")
    assert made.chain == 2 and county.workspace.journal_head()[0] == made.n


def test_the_copy_for_auditors_is_signed_and_openssl_says_so(county: CountyDesk, tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    table, said, signature = journals.export(county, place, Wanted(), "操作记录")
    rows = list(csv.reader(io.StringIO(table.read_text("utf-8-sig"))))
    told = json.loads(said.read_text("utf-8"))
    assert len(rows) - 1 == told["rows"] == told["entries"] and told["whole"] is True
    assert told["csv_sha256"] == sha256(table.read_bytes()).hexdigest()
    assert rows[-1][-1] == told["head"] and rows[2][-2] == rows[1][-1]
    (root := tmp_path / "root.der").write_bytes(county.root)
    run("openssl", "x509", "-inform", "DER", "-in", root, "-out", tmp_path / "root.pem")
    run(
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", said,
        "-CAfile", tmp_path / "root.pem", "-purpose", "any", "-no_check_time", "-out", tmp_path / "content",
    )  # fmt: skip
    assert (tmp_path / "content").read_bytes() == said.read_bytes()


def test_a_cell_that_a_spreadsheet_would_run_is_written_as_text(county: CountyDesk, tmp_path: Path) -> None:
    county.journal("chase", office=MANBANG, said="x")
    county.workspace.journal("reveal", "=1+1", {}, now=county.clock())
    table, *_ = journals.export(county, tmp_path, Wanted(who="=1+1"), "一")
    assert list(csv.reader(io.StringIO(table.read_text("utf-8-sig"))))[1][3] == "'=1+1"


def test_the_slip_prints_the_last_hash_whole(county: CountyDesk, tmp_path: Path) -> None:
    (paper := tmp_path / "核对.pdf").write_bytes(journals.check_slip(county, journals.check(county)).pdf)
    text = text_of(paper)
    assert "操作记录核对单" in text and county.workspace.journal_head()[1] in text
    assert "首尾相接" in text


def forge(desk: CountyDesk, n: int) -> None:
    """Change an entry behind the program's back, as somebody with the key could."""
    db = desk.workspace._db
    triggers = [
        sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE type='trigger' AND tbl_name='journal'")
    ]
    names = [
        name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='journal'")
    ]
    for name in names:
        db.execute(f'DROP TRIGGER "{name}"')
    db.execute("UPDATE journal SET who = '别人' WHERE n = ?", (n,))
    for sql in triggers:
        db.execute(sql)


def test_every_act_that_a_desk_notes_is_said_in_chinese() -> None:
    """An auditor reads words, not the names of functions."""
    room = Path(desks.__path__[0])
    noted = {
        act for path in room.rglob("*.py") for act in re.findall(r'\.journal\(\s*"([a-z_]+)"', path.read_text("utf-8"))
    }
    assert len(noted) > 80 and noted <= set(journal_words.ACTS)
