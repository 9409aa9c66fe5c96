"""催报: who owes what comes from the board, what was done is kept, and the same words go into chat, paper and Excel."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cunbao.desks import receiving
from cunbao.desks.township import chasing, deciding, proxying
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import ChaseLine, FileResult
from cunbao.desks.views import ProxyBasis
from cunbao.errors import DeskError
from cunbao.store import Outgoing
from cunbao.survey.decision import Comment
from cunbao.survey.people import mask
from cunbao.survey.sample import MANSAI, sample_people
from cunbao.survey.values import Cell
from world.desk import MANBANG, MANGUO, a_clock, a_town_desk, bundle_file, reopened_town
from world.papers import text_of

LATER = (2025, 12, 22, 1)


@pytest.fixture
def desk(tmp_path: Path) -> TownshipDesk:
    """曼蚌 and 曼国 have sent everything, 曼赛 nothing; it is 2025-12-16 08:31."""
    made = a_town_desk(tmp_path)
    receiving.receive(made, [bundle_file(tmp_path, office) for office in (MANBANG, MANGUO)])
    return made


def sends_back(desk: TownshipDesk, office: str, *forms: str) -> None:
    for form in forms:
        field = desk.task.forms[form].fields[0].name
        deciding.send_back(desk, office, form, [Comment(Cell(field), "请核对")])


def told(desk: TownshipDesk, office: str) -> None:
    """A receipt was written for the village: it has been told of every decision on its returns."""
    workspace = desk.workspace
    decided = tuple(one.id for one in workspace.decisions_of(office, desk.task.period))
    workspace.add_outgoing(
        Outgoing(
            "receipt", office, "2025", workspace.epoch, workspace.next_outgoing(office)[0], "0" * 64,
            "回执第1次.cbsync", "/stick", 1000, desk.clock(), decided,
        )
    )  # fmt: skip


def lines(desk: TownshipDesk) -> dict[str, ChaseLine]:
    return {one.office: one for one in chasing.chase_view(desk).lines}


def waits(desk: TownshipDesk, **span: int) -> None:
    desk.clock.now += timedelta(**span)  # type: ignore[attr-defined]


# --- who owes what ---------------------------------------------------------------------------------------------------


def test_what_waits_for_the_township_is_nobodys_debt(desk: TownshipDesk) -> None:
    view = chasing.chase_view(desk)
    assert [(one.name, one.kind, one.owes, one.what) for one in view.lines] == [("曼赛村", "nothing", 5, "5 张都没报")]
    assert (view.owes, view.complete, view.overdue) == (5, 2, False)
    assert view.counts == {"nothing": 1, "missing": 0, "returned": 0, "resign": 0, "proxy": 0, "late": 0}
    assert view.lines[0].ticked


def test_what_was_sent_back_is_owed_and_is_chased_the_day_after_it_was_told(desk: TownshipDesk) -> None:
    sends_back(desk, MANBANG, "B02", "B03")
    line = lines(desk)[MANBANG]
    assert (line.kind, line.owes, line.what) == ("returned", 2, "退回 2 张：B02、B03")
    assert not line.ticked and line.last == ("", "")
    told(desk, MANBANG)
    assert lines(desk)[MANBANG].last == ("12-16 回执", "") and not lines(desk)[MANBANG].ticked
    waits(desk, days=1)
    assert lines(desk)[MANBANG].ticked
    sends_back(desk, MANBANG, "B04")
    told(desk, MANBANG)
    assert lines(desk)[MANBANG].ticked  # of the others it has known for a day


def test_who_has_sent_nothing_stands_first_and_who_must_sign_again_behind(desk: TownshipDesk) -> None:
    sends_back(desk, MANGUO, "B01")
    stands = desk.workspace.standing(MANBANG, "B03", "2025")
    from dataclasses import replace

    from cunbao.survey.states import ReturnState

    heads = ("1" * 64, "2" * 64)
    fork = replace(stands, state=ReturnState.FORK, head="", heads=heads)
    desk.workspace.set_standing(MANBANG, "B03", "2025", fork)
    assert MANBANG not in lines(desk)  # the township has to choose
    desk.workspace.set_setting(f"proposal/{MANBANG}/2025/B03", {"heads": [*heads], "id": "3" * 64})
    view = chasing.chase_view(desk)
    assert [(one.office, one.kind) for one in view.lines] == [
        (MANSAI, "nothing"), (MANGUO, "returned"), (MANBANG, "resign"),
    ]  # fmt: skip
    assert view.lines[-1].what == "B03 建议稿等重签"
    assert "建议稿待重新签名：B03 两委成员" in view.lines[-1].text
    assert view.counts["resign"] == 1 and view.owes == 7
    assert desk.frame().to_chase == len(view.lines)


def test_after_the_deadline_who_has_not_reported_is_late_and_who_was_sent_back_is_not(
    desk: TownshipDesk, tmp_path: Path
) -> None:
    sends_back(desk, MANBANG, "B02")
    desk.clock.now = a_clock(*LATER)()  # type: ignore[attr-defined]
    view = chasing.chase_view(desk)
    late = {one.office: one.late for one in view.lines}
    assert (late, view.counts["late"], view.overdue) == ({MANSAI: True, MANBANG: False}, 1, True)
    assert "已于 2025 年 12 月 20 日截止" in lines(desk)[MANSAI].text


def test_a_refused_file_is_remembered_until_a_whole_one_comes(desk: TownshipDesk, tmp_path: Path) -> None:
    broken = bundle_file(tmp_path / "stick", MANSAI, "曼赛村-2025年度-第2次.cbsync")
    whole = broken.read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])
    seen = receiving.receive(desk, [broken])
    assert seen.lines[0].result is FileResult.BROKEN
    words = chasing.trouble_words(seen.lines[0])
    assert words == "12 月 16 日送来的第 2 次 U 盘没拷全，请重拷一次。"
    receiving.note_for_chasing(desk, seen.lines[0])
    receiving.note_for_chasing(desk, seen.lines[0])  # pressed twice is told once
    assert lines(desk)[MANSAI].what == "5 张都没报，第2次没读全"
    assert lines(desk)[MANSAI].text.count(words) == 1
    waits(desk, hours=1)
    broken.write_bytes(whole)
    receiving.receive(desk, [broken])
    sends_back(desk, MANSAI, "B01")
    assert lines(desk)[MANSAI].what == "退回 1 张：B01" and words not in lines(desk)[MANSAI].text


def test_a_file_of_nobody_is_not_put_down_for_anybody(desk: TownshipDesk, tmp_path: Path) -> None:
    (tmp_path / "报表.cbsync").write_bytes(b"nothing")
    seen = receiving.receive(desk, [tmp_path / "报表.cbsync"])
    with pytest.raises(DeskError) as refused:
        receiving.note_for_chasing(desk, seen.lines[0])
    assert refused.value.code == "chase.whose"


def test_a_village_that_the_township_fills_for_stands_last_and_is_not_rung_by_itself(desk: TownshipDesk) -> None:
    basis = ProxyBasis("村委会电脑送修", "盖章纸质表 2 张", "2025-12-15", "岩甩送来", "玉罕", "岩拉")
    proxying.set_basis(desk, MANSAI, basis)
    proxying.set_basis(desk, MANGUO, basis)  # but it sends its own
    sends_back(desk, MANGUO, "B01")
    view = chasing.chase_view(desk)
    assert [(one.office, one.kind, one.ticked) for one in view.lines] == [
        (MANGUO, "returned", False), (MANSAI, "proxy", False),
    ]  # fmt: skip
    assert view.lines[1].what == "镇里代报，缺 B01、B02、B03、B04、B05"
    assert (view.lines[1].contact, view.lines[1].phone) == ("岩甩送来", "")
    assert (view.counts["proxy"], view.counts["nothing"], view.counts["missing"]) == (1, 0, 1)


# --- whom to ring ----------------------------------------------------------------------------------------------------


def test_the_contact_is_who_filled_last_and_the_number_is_masked(desk: TownshipDesk) -> None:
    sends_back(desk, MANBANG, "B02")
    line = lines(desk)[MANBANG]
    header = receiving_header(desk, MANBANG)
    assert (line.contact, line.phone_full) == (header.ret.filler, header.ret.phone)
    assert line.contact in sample_people(desk.task, MANBANG)
    assert line.phone == mask("phone", line.phone_full) != line.phone_full
    assert line.phone_full not in repr(line)
    assert (lines(desk)[MANSAI].contact, lines(desk)[MANSAI].phone) == ("—", "")


def receiving_header(desk: TownshipDesk, office: str):  # type: ignore[no-untyped-def]
    from cunbao.survey.revision import Header

    newest = desk.workspace.newest(office, "B05", "2025")
    assert newest is not None
    return Header.decode(desk.workspace.object(newest.header))


# --- the record ------------------------------------------------------------------------------------------------------


def test_what_was_said_on_the_phone_is_kept_and_journalled(desk: TownshipDesk, tmp_path: Path) -> None:
    chasing.note(desk, MANSAI, "通知", "")
    waits(desk, hours=2)
    chasing.note(desk, MANSAI, "电话", " 答应  12-18 送 ")
    desk.close()
    again = reopened_town(tmp_path / "town", a_clock(2025, 12, 17, 1))
    assert lines(again)[MANSAI].last == ("12-16 电话", "答应 12-18 送")
    assert [(one.how, one.said, one.by) for one in chasing.record(again, MANSAI)] == [
        ("电话", "答应 12-18 送", "玉罕"), ("通知", "", "玉罕"),
    ]  # fmt: skip
    acts = [one.act for one in again.workspace.journal_entries()]
    assert acts.count("chase") == 2


def test_only_known_ways_and_short_answers_are_noted(desk: TownshipDesk) -> None:
    for how, said, code in (("短信", "", "chase.how"), ("电话", "说" * 101, "chase.said")):
        with pytest.raises(DeskError) as refused:
            chasing.note(desk, MANSAI, how, said)
        assert refused.value.code == code
    with pytest.raises(DeskError) as unknown:
        chasing.note(desk, "999999999999", "电话", "")
    assert unknown.value.code == "office.unknown"
    assert chasing.record(desk, MANSAI) == ()


# --- the text --------------------------------------------------------------------------------------------------------


def test_the_text_names_what_is_owed_as_the_board_has_it(desk: TownshipDesk) -> None:
    text = chasing.text_for(desk, MANSAI).splitlines()
    assert text[0] == "曼赛村民委员会："
    assert "还差 5 张" in text[1] and "2025 年 12 月 20 日" in text[1]
    assert text[2].startswith("没报：B01 基本情况、B02 设施面积")
    assert text[-2:] == ["勐混镇人民政府", "2025 年 12 月 16 日"]
    assert "\n".join(text) == lines(desk)[MANSAI].text


def test_a_changed_text_holds_for_one_round(desk: TownshipDesk) -> None:
    usual = chasing.body_for(desk, MANSAI)
    chasing.set_text(desk, MANSAI, "岩光书记，\n今天下班前务必送来。")
    assert chasing.body_for(desk, MANSAI) == "岩光书记， 今天下班前务必送来。"
    assert "没报：B01" in chasing.text_for(desk, MANSAI) and usual not in chasing.text_for(desk, MANSAI)
    chasing.note(desk, MANSAI, "微信", "")
    assert chasing.body_for(desk, MANSAI) == usual


def test_a_changed_text_is_dropped_when_something_else_is_owed(desk: TownshipDesk, tmp_path: Path) -> None:
    chasing.set_text(desk, MANSAI, "五张一张都没有。")
    receiving.receive(desk, [bundle_file(tmp_path, MANSAI)])
    sends_back(desk, MANSAI, "B03")
    assert "五张一张都没有" not in chasing.text_for(desk, MANSAI)


def test_a_village_that_owes_nothing_has_no_notice(desk: TownshipDesk) -> None:
    for act in (
        lambda: chasing.text_for(desk, MANBANG),
        lambda: chasing.set_text(desk, MANBANG, "快"),
    ):
        with pytest.raises(DeskError) as refused:
            act()
        assert refused.value.code == "chase.nothing"
    with pytest.raises(DeskError) as nobody:
        chasing.notices(desk, [MANBANG])
    assert nobody.value.code == "chase.nobody"


# --- on paper --------------------------------------------------------------------------------------------------------


def test_each_notice_has_a_number_and_the_officers_signature(desk: TownshipDesk) -> None:
    sends_back(desk, MANBANG, "B02")
    drawn = chasing.notices(desk, [MANSAI, MANBANG])
    pages = text_of(drawn.pdf)
    assert drawn.pages == 2
    assert "编号：勐混催2025-0001" in pages and "编号：勐混催2025-0002" in pages
    assert pages.index("曼赛村民委员会") < pages.index("曼蚌村民委员会")
    assert "电子签名" in pages and "玉罕（乡镇审核员）" in pages


def test_the_same_notice_on_the_same_day_is_the_same_page(desk: TownshipDesk) -> None:
    first = chasing.notices(desk, [MANSAI]).pdf
    waits(desk, hours=3)
    assert chasing.notices(desk, [MANSAI]).pdf == first
    waits(desk, days=1)
    assert "勐混催2025-0002" in text_of(chasing.notices(desk, [MANSAI]).pdf)


def test_what_a_notice_says_is_signed_and_kept(desk: TownshipDesk) -> None:
    import json

    from cunbao.survey.codes import verification_code

    chasing.notices(desk, [MANSAI])
    (name,) = desk.workspace.objects("notice")
    said = json.loads(desk.workspace.object(name))
    assert (said["to"], said["missing"], said["order"]) == (MANSAI, ["B01", "B02", "B03", "B04", "B05"], 1)
    assert verification_code(name) in text_of(chasing.notices(desk, [MANSAI]).pdf)


# --- the workbook ----------------------------------------------------------------------------------------------------


def test_the_list_keeps_texts_as_texts_and_masks_the_telephones(desk: TownshipDesk, tmp_path: Path) -> None:
    sends_back(desk, MANBANG, "B02")
    chasing.note(desk, MANSAI, "电话", '=HYPERLINK("http://x","答应")')
    path = tmp_path / "催报名单.xlsx"
    assert chasing.export_xlsx(desk, path) == path.stat().st_size
    sheet = load_workbook(path).active
    rows = [[cell for cell in row] for row in sheet.iter_rows() if row[0].value in (1, 2)]
    assert [row[1].value for row in rows] == ["曼赛村", "曼蚌村"]
    assert [(row[2].value, row[2].data_type) for row in rows] == [(MANSAI, "s"), (MANBANG, "s")]
    assert [(row[3].value, row[3].data_type) for row in rows] == [(5, "n"), (1, "n")]
    assert rows[1][7].value == lines(desk)[MANBANG].phone
    assert rows[0][9].data_type == "s" and rows[0][9].quotePrefix
    assert sheet.freeze_panes == "C4" and sheet.print_title_rows == "$1:$3"
    assert sheet.page_setup.paperSize == "9" or sheet.page_setup.paperSize == 9


def test_whole_telephones_go_out_only_when_asked_for_and_the_journal_says_so(
    desk: TownshipDesk, tmp_path: Path
) -> None:
    sends_back(desk, MANBANG, "B02")
    chasing.export_xlsx(desk, tmp_path / "a.xlsx")
    chasing.export_xlsx(desk, tmp_path / "b.xlsx", full=True)
    whole = lines(desk)[MANBANG].phone_full
    found = {
        name: {str(cell.value) for row in load_workbook(tmp_path / name).active.iter_rows() for cell in row}
        for name in ("a.xlsx", "b.xlsx")
    }
    assert whole not in found["a.xlsx"] and whole in found["b.xlsx"]
    exported = [one.detail for one in desk.workspace.journal_entries() if one.act == "chase_export"]
    assert [one["full"] for one in exported] == [False, True]
