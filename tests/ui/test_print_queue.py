"""Printed on a real queue of the system: what comes out is what was signed, each once, in order, whatever stops it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

from cunbao.desks.county import binding, printables, printing
from cunbao.desks.county.desk import CountyDesk, unlock_county
from cunbao.desks.county.printables import Printable, Shelf
from cunbao.desks.county.printjob import Options
from cunbao.desks.county.volumes import Piece
from cunbao.desks.pagetext import PDFIUM
from cunbao.survey import codes
from world.county_returns import a_county_with_returns
from world.cups import Queue, a_print_queue
from world.desk import MANBANG, MANGUO, PASSWORD, a_clock

ROOT = Path(__file__).resolve().parents[2]
DPI = 200
SMALL = (200, 300)  # both pictures are brought to this size, so that only what stands on the page is compared
ALIKE = 10.0  # grey levels of 255; the same form of another village differs by 25
SHIFT = 4  # pixels at 200 dpi: half a millimetre


@pytest.fixture(scope="module")
def queue() -> Iterator[Queue]:
    if os.geteuid() != 0:
        pytest.skip("CUPS runs its PDF printer for root alone")
    with a_print_queue() as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> CountyDesk:
    return a_county_with_returns(tmp_path)


def chosen(shelf: Shelf, *wanted: tuple[str, str]) -> list[str]:
    return [one.revision for one in shelf.lines if (one.office.code, one.form) in wanted]


def prints(queue: Queue, what: str, place: Path) -> dict[str, object]:
    """One run of the program's printing; gives what it said."""
    paths = os.pathsep.join([str(ROOT / "desktop"), str(ROOT / "tests")])
    environment = {**queue.environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": paths}
    command = [sys.executable, str(ROOT / "tests" / "ui" / "print_run.py"), what, str(place), queue.name]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return said


def pictures(pdf: bytes) -> list[Image.Image]:
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        found = [page.render(scale=DPI / 72, grayscale=True).to_pil() for page in document]
        document.close()
    return found


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """Where the first and the last dark points of a page are."""
    found = picture.point(lambda level: 255 if level < 128 else 0).getbbox()
    assert found is not None, "an empty page"
    return found


def difference(one: Image.Image, other: Image.Image) -> float:
    first, second = (picture.crop(ink(picture)).resize(SMALL, Image.Resampling.BOX) for picture in (one, other))
    return float(ImageStat.Stat(ImageChops.difference(first, second)).rms[0])


def assert_printed(paper: bytes, drawn: bytes) -> None:
    """The same pages, at the same place and size; a landscape page lies turned on upright paper."""
    printed, ours = pictures(paper), pictures(drawn)
    assert len(printed) == len(ours)
    for one, other in zip(printed, ours, strict=True):
        if other.width > other.height and one.width < one.height:
            turned = [other.rotate(angle, expand=True) for angle in (90, 270)]
            other = min(turned, key=lambda picture: difference(one, picture))
        assert difference(one, other) < ALIKE
        assert all(abs(a - b) <= SHIFT for a, b in zip(ink(one), ink(other), strict=True))


def scanned(paper: bytes, place: Path) -> str:
    """The revision that the QR on the last page names."""
    path = place / "page.png"
    pictures(paper)[-1].save(path)
    found = subprocess.run(["zbarimg", "-q", "--raw", str(path)], capture_output=True, text=True)
    return codes.read_qr(found.stdout).sha256


def as_printed(desk: CountyDesk) -> list[bytes]:
    """Every document of the desk's job."""
    job = printing.restart(desk)
    found = []
    while not job.finished:
        found.append(printing.sheaf(desk, job).data)
        job = printing.passed(desk, job)
    return found


def reopened(folder: Path) -> CountyDesk:
    return unlock_county(folder, "县管理员", PASSWORD, clock=a_clock(2025, 12, 22, 4))


def lines_of(desk: CountyDesk) -> Sequence[Printable]:
    job = printing.current(desk)
    assert job is not None
    return [one.line for one in job.items if one.line is not None]


def test_every_return_comes_out_of_the_queue_as_it_was_signed(queue: Queue, desk: CountyDesk, tmp_path: Path) -> None:
    before, folder, shelf = len(queue.paper(0)), desk.workspace.folder, printables.shelf(desk)
    wanted = chosen(shelf, (MANBANG, "B01"), (MANBANG, "B03"), (MANGUO, "B03"))
    printing.begin(desk, shelf, wanted, Options(duplex=True, printer=queue.name))
    desk.close()
    assert prints(queue, "job", folder) == {"printers": [queue.name], "place": 4, "total": 4, "stopped": ""}
    papers = [path.read_bytes() for path in queue.paper(before + 4)[before:]]
    desk = reopened(folder)
    for paper, drawn in zip(papers, as_printed(desk), strict=True):
        assert_printed(paper, drawn)
    assert [scanned(paper, tmp_path) for paper in papers[1:]] == [one.revision for one in lines_of(desk)]
    desk.close()


def test_a_printer_that_stops_loses_nothing_and_doubles_nothing(queue: Queue, desk: CountyDesk, tmp_path: Path) -> None:
    before, folder, shelf = len(queue.paper(0)), desk.workspace.folder, printables.shelf(desk)
    wanted = chosen(shelf, (MANBANG, "B01"), (MANBANG, "B05"))
    printing.begin(desk, shelf, wanted, Options(printer=queue.name))
    desk.close()
    queue.pause()
    try:
        stopped = prints(queue, "job", folder)
    finally:
        queue.go_on()
    assert (stopped["place"], stopped["total"]) == (0, 2) and "停着" in str(stopped["stopped"])
    assert prints(queue, "job", folder)["stopped"] == ""  # another start of the program goes on
    papers = [path.read_bytes() for path in queue.paper(before + 2)[before:]]
    desk = reopened(folder)
    assert [scanned(paper, tmp_path) for paper in papers] == [one.revision for one in lines_of(desk)]
    back = printing.step_back(desk)  # the last one did not come out
    assert back.here is not None and back.here.piece is Piece.RETURN and back.place == 1
    desk.close()
    assert prints(queue, "job", folder)["place"] == 2
    assert scanned(queue.paper(before + 3)[-1].read_bytes(), tmp_path) == wanted[1]


def test_all_returns_of_the_sample_are_printed_as_one_job(queue: Queue, desk: CountyDesk, tmp_path: Path) -> None:
    before, shelf = len(queue.paper(0)), printables.shelf(desk)
    bound = binding.to_pdf(desk, shelf, [one.revision for one in shelf.lines], Options(), tmp_path / "all.pdf")
    desk.close()
    assert bound.returns == 10
    assert prints(queue, "file", bound.path) == {"pages": bound.pages}
    (paper,) = queue.paper(before + 1)[before:]
    assert_printed(paper.read_bytes(), bound.path.read_bytes())


def test_together_they_are_one_job_and_each_begins_a_sheet(queue: Queue, desk: CountyDesk, tmp_path: Path) -> None:
    before, folder, shelf = len(queue.paper(0)), desk.workspace.folder, printables.shelf(desk)
    wanted = chosen(shelf, (MANBANG, "B01"), (MANBANG, "B03"), (MANGUO, "B03"))
    printing.begin(desk, shelf, wanted, Options(duplex=True, printer=queue.name, together=True))
    desk.close()
    assert prints(queue, "job", folder) == {"printers": [queue.name], "place": 4, "total": 4, "stopped": ""}
    (paper,) = queue.paper(before + 1)[before:]
    printed = pictures(paper.read_bytes())
    desk = reopened(folder)
    at = 0
    for drawn in as_printed(desk):
        at += at % 2  # a back that stays empty
        pages = pictures(drawn)
        assert all(ink(one) for one in printed[at : at + len(pages)])
        at += len(pages)
    assert at == len(printed)
    desk.close()


def test_what_is_stopped_before_all_is_there_has_sent_nothing(queue: Queue, desk: CountyDesk) -> None:
    before, folder, shelf = len(queue.paper(0)), desk.workspace.folder, printables.shelf(desk)
    wanted = chosen(shelf, (MANBANG, "B01"), (MANBANG, "B05"), (MANGUO, "B03"))
    printing.begin(desk, shelf, wanted, Options(printer=queue.name, together=True))
    desk.close()
    stopped = prints(queue, "stopped", folder)
    assert (stopped["place"], stopped["stopped"]) == (0, "您按了停下")
    assert len(queue.paper(before)) == before
    again = prints(queue, "job", folder)
    assert again["place"] == again["total"] and len(queue.paper(before + 1)) == before + 1
