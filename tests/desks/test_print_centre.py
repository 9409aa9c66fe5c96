"""What the county may print, in which order and volumes, and a job that keeps its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from cunbao.desks import ledger, receiving, witness
from cunbao.desks.county import binding, printables, printing, volumes
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.printables import Narrow, Printable, Shelf, Sign, Which, narrowed
from cunbao.desks.county.printjob import Options, PrintJob
from cunbao.desks.county.volumes import Order, Piece
from cunbao.desks.pagetext import page_texts
from cunbao.desks.township import proofing
from cunbao.errors import Cancelled, DeskError
from cunbao.progress import Cancel
from cunbao.survey import codes
from cunbao.trust.pades import verify_pdf
from desks.test_verifying import signed_again
from world.county_returns import WAITING, a_county_with_returns, reopened_county, revokes, the_town_sends
from world.desk import MANBANG, MANGUO
from world.forged import the_signer


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyDesk]:
    made = a_county_with_returns(tmp_path_factory.mktemp("print"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def shelf(desk: CountyDesk) -> Shelf:
    return printables.shelf(desk)


def ids(lines: Sequence[Printable]) -> list[str]:
    return [one.revision for one in lines]


def through(desk: CountyDesk, job: PrintJob, many: int) -> PrintJob:
    for _ in range(many):
        printing.sheaf(desk, job)
        job = printing.passed(desk, job)
    return job


# --- the shelf -------------------------------------------------------------------------------------------------------


def test_every_return_is_checked_and_what_nobody_accepted_is_watermarked(shelf: Shelf) -> None:
    assert [(one.office.code, one.form) for one in shelf.lines] == [
        (office, form) for office in sorted((MANBANG, MANGUO)) for form in ("B01", "B02", "B03", "B04", "B05")
    ]
    assert {one.sign for one in shelf.lines} == {Sign.GOOD} and all(one.pages for one in shelf.lines)
    assert {(one.office.code, one.form): one.watermark for one in shelf.lines if one.watermark} == {WAITING: "未审定"}
    assert len(narrowed(shelf, Narrow())) == 9 and len(narrowed(shelf, Narrow(which=Which.ALL))) == 10
    assert ids(narrowed(shelf, Narrow(which=Which.WAITING))) == [
        one.revision for one in shelf.lines if (one.office.code, one.form) == WAITING
    ]
    assert {one.form for one in narrowed(shelf, Narrow(form="B02"))} == {"B02"}


@pytest.mark.parametrize(("words", "sign"), [("认收到的全部", Sign.OLD), ("一次也不认", Sign.BAD)])
def test_a_revoked_computer_s_returns_are_old_or_locked(tmp_path: Path, words: str, sign: Sign) -> None:
    desk = a_county_with_returns(tmp_path)
    receiving.receive(desk, [the_town_sends(tmp_path, revokes(MANBANG, words))])
    shelf = printables.shelf(desk)
    mine = [one for one in shelf.lines if one.office.code == MANBANG]
    assert len(mine) == 5 and {one.sign for one in mine} == {sign}
    if sign is Sign.BAD:
        assert all("吊销" in one.reason and not one.may_print for one in mine)
        with pytest.raises(DeskError) as refused:
            printing.begin(desk, shelf, ids(mine), Options())
        assert refused.value.code == "print.signature" and "吊销" in refused.value.happened
    desk.close()


def test_a_revocation_that_came_after_the_check_asks_for_another(tmp_path: Path) -> None:
    desk = a_county_with_returns(tmp_path)
    shelf = printables.shelf(desk)
    receiving.receive(desk, [the_town_sends(tmp_path, revokes(MANBANG, "一次也不认"))])
    with pytest.raises(DeskError) as refused:
        printing.begin(desk, shelf, ids(shelf.lines), Options())
    assert refused.value.code == "print.stale"
    desk.close()


def test_bytes_that_are_not_those_held_are_locked(
    desk: CountyDesk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = shelf.lines[3]
    whole = desk.workspace.object

    def spoilt(self: object, name: str) -> bytes:
        data = whole(name)
        return data[:500] + bytes([data[500] ^ 1]) + data[501:] if name == victim.pdf else data

    monkeypatch.setattr(type(desk.workspace), "object", spoilt)
    found = printables.shelf(desk).lines[3]
    assert (found.revision, found.sign, found.pages) == (victim.revision, Sign.BAD, 0) and found.reason


def test_a_page_that_says_other_than_its_data_is_printed_as_valid_in_no_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own computer signed it, and the data inside are those that are held: only the figures printed are others."""
    desk = a_county_with_returns(tmp_path)
    shelf = printables.shelf(desk)
    victim, good = shelf.lines[0], shelf.lines[1]
    other = next(one for one in shelf.lines if one.form == victim.form and one.office != victim.office)
    whole = desk.workspace.object
    forged = signed_again(whole(other.pdf), whole(victim.pdf), the_signer(victim.office.code))

    def held(self: object, name: str) -> bytes:
        return forged if name == victim.pdf else whole(name)

    monkeypatch.setattr(type(desk.workspace), "object", held)
    assert printables.shelf(desk).lines[0].sign is Sign.GOOD  # a signature alone tells nothing of the page
    job = printing.begin(desk, shelf, ids([victim]), Options())
    with pytest.raises(DeskError) as refused:
        printing.sheaf(desk, job)
    assert refused.value.code == "print.signature" and "报表上" in refused.value.happened
    with pytest.raises(DeskError) as bound:
        binding.to_pdf(desk, shelf, ids([victim, good]), Options(), tmp_path / "all.pdf")
    assert bound.value.code == "print.page" and not (tmp_path / "all.pdf").exists()
    again = printables.shelf(desk).lines[0]  # and now it is known
    assert again.sign is Sign.BAD and "报表上" in again.reason
    binding.to_pdf(desk, printables.shelf(desk), ids([good]), Options(), tmp_path / "all.pdf")
    desk.close()


def test_a_page_that_was_compared_once_is_not_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = a_county_with_returns(tmp_path)
    shelf = printables.shelf(desk)
    some = ids(shelf.lines[:2])
    binding.to_pdf(desk, shelf, some, Options(), tmp_path / "one.pdf")
    monkeypatch.setattr(proofing, "compare_page", lambda *_: pytest.fail("compared again"))
    binding.to_pdf(desk, shelf, some, Options(), tmp_path / "two.pdf")
    through(desk, printing.begin(desk, shelf, some, Options()), 2)
    desk.close()


# --- order and volumes -----------------------------------------------------------------------------------------------


def made_up(shelf: Shelf, townships: int, pages: int) -> list[Printable]:
    """Returns of many townships, each of so many pages."""
    found = []
    for number in range(townships):
        town = replace(shelf.lines[0].township, code=f"5328221{number:02d}000", name=f"第{number}镇")
        for village in range(2):
            office = replace(shelf.lines[0].office, code=f"5328221{number:02d}20{village}", parent=town.code)
            line = shelf.lines[0]
            found.append(replace(line, revision=f"{number}-{village}", office=office, township=town, pages=pages))
    return found


def test_a_volume_holds_whole_townships_and_at_most_400_pages(shelf: Shelf) -> None:
    found = volumes.plan(made_up(shelf, 7, 60), order=Order.VILLAGE, covers=False, forms=("B01",))
    assert [len(one.townships) for one in found] == [3, 3, 1] and all(one.pages <= 400 for one in found)
    assert [one.items[0].piece for one in found] == [Piece.COVER] * 3
    for one in found:  # numbers run through the volume, from its cover
        assert [item.first for item in one.items] == [
            1 + sum(i.pages for i in one.items[:n]) for n in range(len(one.items))
        ]
    (alone,) = volumes.plan(made_up(shelf, 1, 300), order=Order.VILLAGE, covers=False, forms=("B01",))
    assert alone.pages > 400  # a township is never divided


def test_a_village_or_a_form_lies_together(shelf: Shelf) -> None:
    by_village = volumes.plan(shelf.lines, order=Order.VILLAGE, covers=True, forms=("B01", "B02", "B03", "B04", "B05"))
    pieces = [one.piece for one in by_village[0].items]
    assert pieces[:2] == [Piece.COVER, Piece.DIVIDER] and pieces.count(Piece.DIVIDER) == 2
    by_form = volumes.plan(shelf.lines, order=Order.FORM, covers=True, forms=("B01", "B02", "B03", "B04", "B05"))
    assert [one.line.form for one in by_form[0].items if one.line][:4] == ["B01", "B01", "B02", "B02"]
    assert Piece.DIVIDER not in [one.piece for one in by_form[0].items]


# --- a job -----------------------------------------------------------------------------------------------------------


def test_a_job_and_its_place_survive_a_restart(tmp_path: Path) -> None:
    desk = a_county_with_returns(tmp_path)
    shelf = printables.shelf(desk)
    lines = narrowed(shelf, Narrow())
    job = printing.begin(desk, shelf, ids(lines), Options(covers=True, duplex=True, copies=2, printer="二楼"))
    assert (job.total, job.returns_left) == (2 * (9 + 1 + 2), 18)
    job = printing.stop(desk, through(desk, job, 5), "打印机卡纸")
    folder = desk.workspace.folder
    desk.close()
    desk = reopened_county(folder)
    again = printing.current(desk)
    assert again == job and again.stopped == "打印机卡纸" and again.place == 5
    assert again.sheets_left < again.pages_left
    back = printing.step_back(desk)
    assert back.place == 4 and back.here is not None and back.here.piece is Piece.RETURN
    done = through(desk, back, back.total - back.place)
    assert done.finished and done.here is None and all(done.printed(one.revision) for one in lines)
    with pytest.raises(DeskError):
        printing.sheaf(desk, done)
    assert printing.restart(desk).place == 0
    acts = [one.act for one in desk.workspace.journal_entries()]
    assert [one for one in acts if one.startswith("print_")] == [
        "print_begin", "print_stop", "print_back", "print_done", "print_restart",
    ]  # fmt: skip
    assert witness.verify(desk.workspace).good
    desk.close()


def test_a_return_that_no_longer_holds_is_not_printed_though_it_was_chosen(
    desk: CountyDesk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = printing.begin(desk, shelf, ids(shelf.lines[:1]), Options())
    whole, victim = desk.workspace.object, shelf.lines[0].pdf
    monkeypatch.setattr(
        type(desk.workspace),
        "object",
        lambda self, name: whole(name)[:-40] if name == victim else whole(name),
    )
    with pytest.raises(DeskError) as refused:
        printing.sheaf(desk, job)
    assert refused.value.code == "print.signature" and "没有通过核对" in refused.value.happened


def test_back_behind_the_first_return_there_is_nothing(desk: CountyDesk, shelf: Shelf) -> None:
    printing.begin(desk, shelf, ids(shelf.lines[:2]), Options())
    with pytest.raises(DeskError) as refused:
        printing.step_back(desk)
    assert refused.value.code == "print.at_start"


def test_a_copy_bears_the_page_of_the_volume_and_the_word_that_it_is_not_accepted(
    desk: CountyDesk, shelf: Shelf
) -> None:
    job = printing.begin(desk, shelf, ids(shelf.lines), Options())
    at = next(n for n, one in enumerate(job.items) if one.line is not None and one.line.watermark)
    job = replace(job, place=at)
    item = job.here
    assert item is not None and item.line is not None
    texts = page_texts(printing.sheaf(desk, job).data)
    signed = page_texts(desk.workspace.object(item.line.pdf))
    for number, (printed, ours) in enumerate(zip(texts, signed, strict=True)):
        assert f"本册第 {item.first + number} 页" in printed and "未审定" in printed.replace("\n", "").replace("\r", "")
        assert set(ours.split()) <= set(printed.split()) and "未审定" not in ours


# --- one PDF ---------------------------------------------------------------------------------------------------------


def test_one_pdf_has_bookmarks_the_volume_s_pages_and_the_signed_originals(
    desk: CountyDesk, shelf: Shelf, tmp_path: Path
) -> None:
    path = tmp_path / "全部.pdf"
    made = binding.to_pdf(desk, shelf, ids(shelf.lines), Options(covers=True, duplex=True), path)
    texts = page_texts(path.read_bytes())
    assert len(texts) == made.pages and made.returns == 10 and made.volumes == 1
    assert "".join(texts[0].split()).find("打印中心") >= 0
    with pikepdf.open(path) as bound:
        with bound.open_outline() as outline:
            titles = [one.title for one in outline.root]
            town = outline.root[1]
            assert titles == ["第 1 册目录", "勐混镇"]
            assert [one.title for one in town.children] == ["曼国村", "曼蚌村"]
            assert [one.title[:3] for one in town.children[0].children] == ["封面", "B01", "B02", "B03", "B04", "B05"]
        originals = {name: one.get_file().read_bytes() for name, one in bound.attachments.items()}
        assert all(len(page.obj.get("/Annots", [])) == 0 for page in bound.pages)
    judge = printables.roots_of(ledger.judge_of(desk.workspace))
    assert len(originals) == 10
    for one in shelf.lines:
        (name,) = [name for name in originals if one.revision[:8] in name]
        assert originals[name] == desk.workspace.object(one.pdf)
        assert verify_pdf(originals[name], judge.roots, certificates=judge.authorities).unchanged
    # every document begins a new sheet
    job = printing.begin(desk, shelf, ids(shelf.lines), Options(covers=True, duplex=True))
    for item in job.items[1:]:
        (at,) = [number for number, text in enumerate(texts) if f"本册第 {item.first} 页" in text]
        assert at % 2 == 0


def test_stopping_leaves_the_earlier_file_and_nothing_else(desk: CountyDesk, shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "全部.pdf"
    path.write_bytes(b"earlier")
    cancel = Cancel()
    cancel.ask()
    with pytest.raises(Cancelled):
        binding.to_pdf(desk, shelf, ids(shelf.lines), Options(), path, cancel=cancel)
    assert path.read_bytes() == b"earlier" and list(tmp_path.iterdir()) == [path]


def test_the_cover_s_code_is_of_what_lies_in_the_volume(desk: CountyDesk, shelf: Shelf) -> None:
    job = printing.begin(desk, shelf, ids(shelf.lines), Options())
    code = codes.verification_code(binding.volume_id(job.volumes[0]))
    text = " ".join(page_texts(printing.sheaf(desk, job).data))
    assert code in text and "第 1 册（共 1 册）" in text and "10 张签名全部有效" in text
    begins = {item.office.short: item.first for item in reversed(job.items) if item.office is not None}
    assert all(str(first) in text.split() for first in begins.values())
