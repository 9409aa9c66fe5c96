"""Signing: what is shown is what is signed; one password, each return by itself; trusted by us and by pdfsig."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from cunbao.desks.village import checking, practice, signing
from cunbao.errors import Cancelled, CunbaoError
from cunbao.progress import Cancel, Progress
from cunbao.survey.revision import Header
from cunbao.survey.sample import JINGZHEN
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Ret
from cunbao.trust.pades import verify_pdf
from cunbao.trust.verify import Standing
from world.desk import (
    CLERK,
    MANBANG,
    MANGUO,
    PASSWORD,
    a_village_desk,
    begun,
    cell,
    fill_all,
    reopened,
    sign_all,
    text,
    the_seat,
    types,
)
from world.readers import an_nss_folder, run, text_of, trusted_by_pdfsig

RARE_NAME = "李𠮷样"


def refused(desk, prepared, code, password=PASSWORD):  # type: ignore[no-untyped-def]
    """The sentences that signing ends with, when nothing may be signed."""
    before = {form: desk.newest(form) for form in desk.task.forms}
    with pytest.raises(CunbaoError) as said:
        signing.sign(desk, prepared, password)
    assert said.value.code == code
    assert {form: desk.newest(form) for form in desk.task.forms} == before
    return said.value


def header_of(desk, form):  # type: ignore[no-untyped-def]
    return Header.decode(desk.workspace.object(desk.newest(form).header))


# --- one password, many returns --------------------------------------------------------------------------------------


def test_one_password_signs_every_return_and_the_bytes_shown_are_the_bytes_signed(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready", office=MANGUO)
    shown = signing.prepare(desk)
    view = signing.sign_view(desk, shown)
    assert [line.ticked for line in view.lines] == [True] * 5 and "条说明都写好了" in view.line
    assert view.person == CLERK and "有效" in view.certificate
    steps: list[Progress] = []
    done = signing.sign(desk, shown, PASSWORD, progress=steps.append)
    assert [one.form for one in done] == list(desk.task.forms)
    assert [one.done for one in steps] == [0, 1, 2, 3, 4, 5]
    for one, line in zip(shown, done, strict=True):
        assert line.pdf.startswith(one.drawn.pdf)  # a signature is appended; the pages are those that were shown
        stored = desk.newest(one.form)
        assert stored is not None and stored.id == one.revision.id == line.revision
        assert sha256(desk.workspace.object(stored.header)).hexdigest() == stored.id
        assert desk.signed_pdf(stored) == line.pdf
        assert desk.signed_answers(stored) == one.answers
    assert [one.act for one in desk.workspace.journal_entries()].count("sign") == 10  # last year's and these
    desk.close()


def test_each_header_names_what_the_return_rests_on(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    ids = {form: desk.newest(form).id for form in desk.task.forms}  # type: ignore[union-attr]
    headers = {form: header_of(desk, form) for form in desk.task.forms}
    for form in ("B02", "B03", "B05"):
        assert dict(headers[form].uses)["B01"] == ids["B01"]
    for form, header in headers.items():
        before = desk.workspace.counted(desk.office.code, form, "2024")
        assert before is not None and dict(header.uses)["last"] == before.id
        assert (header.kind, header.version, header.parents) == ("normal", 1, ())
    assert [headers[form].n for form in desk.task.forms] == [1, 2, 3, 4, 5]
    desk.close()


def test_what_takes_values_from_another_form_is_not_signed_without_it(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    shown = signing.prepare(desk)
    said = refused(desk, [one for one in shown if one.form in ("B02", "B04")], "sign.source")
    assert "B02" in said.happened and "B01" in said.happened
    assert len(signing.sign(desk, [one for one in shown if one.form == "B01"], PASSWORD)) == 1
    assert len(signing.sign(desk, signing.prepare(desk), PASSWORD)) == 4
    desk.close()


def test_a_wrong_password_signs_nothing(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    refused(desk, signing.prepare(desk), "password.wrong", "不对的密码")
    assert len(sign_all(desk)) == 5
    desk.close()


def test_a_return_changed_after_it_was_shown_is_not_signed(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    shown = signing.prepare(desk)
    types(desk, "B01", "b01_deputies", "33")
    said = refused(desk, shown, "sign.stale")
    assert "一张也没有签" in said.safe
    checking.run(desk)
    refused(desk, shown, "sign.stale")  # checked again, and still not what was shown
    assert len(sign_all(desk)) == 5
    desk.close()


def test_an_explanation_changed_after_it_was_shown_is_not_signed(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready", office=MANGUO)
    shown = signing.prepare(desk, ["B01"])
    finding = next(one for one in checking.findings(desk) if one.check == "K-018")
    checking.explain(desk, finding, "另外一种说法")
    assert "说明" in refused(desk, shown, "sign.stale").happened
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)
    assert [one.text for one in header_of(desk, "B01").explanations if one.check == "K-018"] == ["另外一种说法"]
    desk.close()


def test_a_preview_left_open_over_lunch_is_shown_again_so_that_its_time_is_true(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    shown = signing.prepare(desk)
    desk.clock.now += timedelta(hours=2)  # type: ignore[attr-defined]
    refused(desk, shown, "sign.stale")
    desk.close()


@pytest.mark.parametrize("box", ["head", "stat_head", "filler", "phone"])
def test_empty_boxes_are_named_before_anything_is_signed(tmp_path: Path, box: str) -> None:
    desk = a_village_desk(tmp_path, "ready")
    shown = signing.prepare(desk, ret=replace(desk.ret(), **{box: " "}))
    said = refused(desk, shown, "sign.incomplete")
    words = {"head": "单位负责人", "stat_head": "统计负责人", "filler": "填表人", "phone": "联系电话"}
    assert words[box] in said.happened
    desk.close()


def test_the_boxes_are_remembered_for_next_time(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    ret = Ret(head="岩坎", stat_head="玉香", filler="岩温", phone="19900000001", reported_on="2025-12-15")
    signing.sign(desk, signing.prepare(desk, ret=ret), PASSWORD)
    assert header_of(desk, "B01").ret == ret
    desk.close()
    desk = reopened(tmp_path / "village")
    assert replace(desk.ret(), reported_on="") == replace(ret, reported_on="")
    desk.close()


def test_stopping_in_the_middle_keeps_what_is_signed(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    cancel = Cancel()
    with pytest.raises(Cancelled):
        signing.sign(
            desk,
            signing.prepare(desk),
            PASSWORD,
            progress=lambda step: cancel.ask() if step.done == 2 else None,
            cancel=cancel,
        )
    signed = [form for form in desk.task.forms if desk.state(form) is ReturnState.SIGNED]
    assert len(signed) == 3 == len([form for form in desk.task.forms if desk.newest(form)])
    assert len(sign_all(desk)) == 2
    desk.close()


def test_nothing_to_report_is_a_signed_zero_return_with_its_reason(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready", office=JINGZHEN)
    sign_all(desk)
    assert header_of(desk, "B05").kind == "zero" and header_of(desk, "B04").kind == "normal"
    pdf = tmp_path / "B05.pdf"
    stored = desk.newest("B05")
    assert stored is not None
    pdf.write_bytes(desk.signed_pdf(stored))
    found = text_of(pdf)
    assert "零报告" in found and "原灾害信息员外出务工，正在推选" in found
    desk.close()


def test_before_the_certificate_came_one_signs_too_and_the_verdict_says_so(tmp_path: Path) -> None:
    desk = begun(tmp_path / "village")
    fill_all(desk)
    practice.explain_all(desk)
    assert "证书待核准" in signing.sign_view(desk, signing.prepare(desk)).certificate
    sign_all(desk)
    stored = desk.newest("B01")
    assert stored is not None
    verdict = verify_pdf(desk.signed_pdf(stored), desk.roots())
    assert verdict.standing.value == "不能判断" and "登记前" in verdict.reason
    (tmp_path / "B01.pdf").write_bytes(desk.signed_pdf(stored))
    assert "登记前" in text_of(tmp_path / "B01.pdf")
    desk.close()


# --- trusted elsewhere -----------------------------------------------------------------------------------------------


def test_signed_returns_are_trusted_by_us_and_by_pdfsig_and_hold_exactly_what_was_typed(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    types(desk, "B03", "b03_m_name", RARE_NAME, row=2)
    practice.explain_all(desk)
    nss = an_nss_folder(tmp_path, the_seat().county.root)
    for line in signing.sign(desk, signing.prepare(desk), PASSWORD):
        verdict = verify_pdf(line.pdf, desk.roots(), office=MANBANG)
        assert verdict.standing is Standing.VALID, verdict.reason
        stored = desk.newest(line.form)
        assert stored is not None
        assert verdict.attachments["header.json"] == desk.workspace.object(stored.header)
        assert verdict.attachments["answers.xml"] == desk.workspace.object(stored.answers)
        pdf = tmp_path / f"{line.form}.pdf"
        pdf.write_bytes(line.pdf)
        assert trusted_by_pdfsig(pdf, nss)
        found = text_of(pdf)
        answers = desk.signed_answers(stored)
        for repeat in desk.task.forms[line.form].repeats:
            for row in answers.rows.get(repeat.name, ()):
                for one in repeat.fields:  # names and numbers unmasked: this is the original
                    if one.mask or one.name.endswith("_name"):
                        assert row.values.get(one.name, "") in found
        assert line.code in found
    assert RARE_NAME in text_of(tmp_path / "B03.pdf")
    assert all(name in run("pdfdetach", "-list", tmp_path / "B03.pdf") for name in ("header.json", "answers.xml"))
    desk.close()


def test_one_changed_byte_is_seen_by_both(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    stored = desk.newest("B02")
    assert stored is not None
    pdf = bytearray(desk.signed_pdf(stored))
    pdf[len(pdf) // 3] ^= 1
    (tmp_path / "B02.pdf").write_bytes(bytes(pdf))
    assert verify_pdf(bytes(pdf), desk.roots()).standing is Standing.INVALID
    assert not trusted_by_pdfsig(tmp_path / "B02.pdf", an_nss_folder(tmp_path, the_seat().county.root))
    desk.close()


def test_a_character_that_no_font_has_is_found_by_the_check_not_by_the_printer(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    types(desk, "B03", "b03_m_name", "岩\U000323af", row=2)
    seen = checking.run(desk)
    assert [
        one.finding.check for one in seen.findings if one.finding.cells[0] == cell(desk, "B03", "b03_m_name", 2)
    ] == ["character"]
    assert desk.state("B03") is ReturnState.PROBLEM
    practice.explain_all(desk)
    assert [one.form for one in signing.prepare(desk)] == ["B01", "B02", "B04", "B05"]
    desk.close()


# --- taken back, corrected -------------------------------------------------------------------------------------------


def test_a_signature_can_be_taken_back_until_it_has_left_and_leaves_a_record(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    gone = desk.newest("B01")
    assert gone is not None
    signing.unsign(desk, "B01")
    assert desk.newest("B01") is None and desk.state("B01") is ReturnState.TO_SIGN
    voided = desk.workspace.voided(desk.office.code, "B01", "2025")
    assert [(one.revision, one.who) for one in voided] == [(gone.id, CLERK.name)]
    assert len(voided[0].code.replace("-", "")) == 16
    assert desk.workspace.journal_entries()[-1].act == "unsign"
    signing.sign(desk, signing.prepare(desk), PASSWORD)
    again = desk.newest("B01")
    assert again is not None and again.id != gone.id and header_of(desk, "B01").version == 1
    desk.close()


@pytest.mark.parametrize("how", ["pdf", "print"])
def test_what_was_exported_or_printed_cannot_be_taken_back(tmp_path: Path, how: str) -> None:
    desk = a_village_desk(tmp_path, "signed")
    stored = desk.newest("B01")
    assert stored is not None
    assert signing.original(desk, "B01", how=how) == desk.signed_pdf(stored)
    with pytest.raises(CunbaoError) as said:
        signing.unsign(desk, "B01")
    assert said.value.code == "unsign.left" and "更正" in said.value.todo
    assert desk.newest("B01") == desk.workspace.revision(stored.id)
    desk.close()


def test_a_correction_is_a_second_version_beside_the_first(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    first = desk.newest("B01")
    assert first is not None
    bytes_then = {name: desk.workspace.object(name) for name in first.objects}
    signing.original(desk, "B01")
    signing.begin_correction(desk, "B01")
    assert desk.state("B01") is ReturnState.FILLING and desk.newest("B01") is not None
    assert "更正" in signing.kind_of(desk, "B01").value
    types(desk, "B01", "b01_deputies", "44")
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk), PASSWORD)
    second = desk.newest("B01")
    assert second is not None and second.id != first.id
    header = header_of(desk, "B01")
    assert (header.kind, header.version, header.parents) == ("correction", 2, (first.id,))
    assert f"urn:cunbao:revision:{first.id}".encode() in desk.workspace.object(second.answers)
    assert b"deprecatedID" in desk.workspace.object(second.answers)
    assert {name: desk.workspace.object(name) for name in first.objects} == bytes_then
    assert [one.version for one in desk.workspace.revisions(desk.office.code, "B01", "2025")] == [1, 2]
    (tmp_path / "B01.pdf").write_bytes(desk.signed_pdf(second))
    assert "更正" in text_of(tmp_path / "B01.pdf") and "第2版" in text_of(tmp_path / "B01.pdf")
    desk.close()


def test_a_correction_whose_signature_is_taken_back_is_being_corrected_again(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    signing.original(desk, "B01")
    signing.begin_correction(desk, "B01")
    types(desk, "B01", "b01_deputies", "44")
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk), PASSWORD)
    signing.unsign(desk, "B01")
    assert desk.state("B01") is ReturnState.TO_SIGN and text(desk, "B01", "b01_deputies") == "44"
    newest = desk.newest("B01")
    assert newest is not None and newest.version == 1
    desk.close()


def test_nothing_to_correct_before_a_signature(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    with pytest.raises(CunbaoError) as said:
        signing.begin_correction(desk, "B01")
    assert said.value.code == "correction.nothing"
    desk.close()


def test_a_reading_copy_hides_numbers_and_a_draft_says_that_it_is_one(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    number = text(desk, "B03", "b03_m_id", row=1)
    (tmp_path / "draft.pdf").write_bytes(signing.draft_pdf(desk, "B03").pdf)
    assert "草稿" in text_of(tmp_path / "draft.pdf") and number not in text_of(tmp_path / "draft.pdf")
    with pytest.raises(CunbaoError) as said:
        signing.reading_copy(desk, "B03")
    assert said.value.code == "copy.unsigned"
    sign_all(desk)
    (tmp_path / "copy.pdf").write_bytes(signing.reading_copy(desk, "B03").pdf)
    found = text_of(tmp_path / "copy.pdf")
    assert "参阅件" in found and number not in found and "****" in found
    desk.close()
