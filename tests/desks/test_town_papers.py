"""本镇的证书 travels as files: only a certificate over our own key, under the county of the notice, is taken."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cunbao.desks import devices
from cunbao.desks.county import desk as county
from cunbao.desks.county import keys as county_keys
from cunbao.desks.township import desk as township
from cunbao.desks.township import town_papers
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import Person
from cunbao.errors import CunbaoError
from cunbao.exchange.papers import read_ca_request, read_papers, write_papers
from cunbao.survey import sample
from cunbao.survey.codes import grouped
from cunbao.trust.certs import fingerprint24
from world.desk import OFFICER, PASSWORD, QUICK, a_clock, the_seat, the_shelf


@pytest.fixture
def seat(tmp_path: Path) -> county.CountyDesk:
    """The sample county as a desk of its own."""
    the_seat()
    shutil.copytree(the_shelf() / "county-issued", tmp_path / "county")
    return county.unlock_county(tmp_path / "county", "县管理员", PASSWORD, clock=a_clock())


def a_new_township(folder: Path, office: int = 0) -> TownshipDesk:
    return township.init_township(
        folder, sample.SAMPLE_TOWNSHIPS[office], person=Person(OFFICER, "乡镇审核员"), password=PASSWORD,
        clock=a_clock(2025, 1, 7, 1), stretch=QUICK,
    )  # fmt: skip


def answered(seat: county.CountyDesk, request: Path, folder: Path) -> Path:
    """What the county does with a request whose digits agree."""
    asked = read_ca_request(request.read_bytes())
    office = next(one for one in sample.SAMPLE_TOWNSHIPS if one.code == asked.office)
    if county_keys.live(seat, office.code) is not None:
        county_keys.revoke_township(seat, office.code, "换电脑")  # one live workspace a township
    made = county.certify_township(seat, office, asked.public, PASSWORD)
    path = folder / f"{office.short}{town_papers.SUFFIX}"
    path.write_bytes(write_papers(office.code, made.certificate, made.chain))
    return path


def refused(code: str, act: object, *given: object, **more: object) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        act(*given, **more)  # type: ignore[operator]
    assert said.value.code == code
    return said.value


def test_a_township_asks_and_takes_and_may_decide_from_then_on(tmp_path: Path, seat: county.CountyDesk) -> None:
    desk = a_new_township(tmp_path / "town")
    assert town_papers.certificate(desk).until is None and desk.signer is None
    path, code = town_papers.write_request(desk, tmp_path)
    assert path.name == "勐混镇-证书申请.cbreq"
    assert code == grouped(read_ca_request(path.read_bytes()).code)  # what is read aloud is what the county sees
    answer = answered(seat, path, tmp_path)
    seen = town_papers.look_at(desk, answer)
    assert not seen.known
    refused("papers.root", town_papers.take, desk, answer, PASSWORD, root_code="0000 " * 6)
    refused("password.wrong", town_papers.take, desk, answer, "不是这个", root_code=grouped(fingerprint24(seat.root)))
    assert town_papers.certificate(desk).until is None and desk.workspace.setting("root", "") == ""
    taken = town_papers.take(desk, answer, PASSWORD, root_code=grouped(fingerprint24(seat.root)))
    assert taken.until is not None and "还有" in taken.line
    assert devices.device(desk.workspace).enrolled and desk.signs().person == OFFICER
    assert town_papers.look_at(desk, answer).known  # renewed papers ask for no digits
    town_papers.take(desk, answer, PASSWORD)
    desk.close()


def test_papers_for_another_township_or_another_key_are_refused(tmp_path: Path, seat: county.CountyDesk) -> None:
    ours, theirs = a_new_township(tmp_path / "a"), a_new_township(tmp_path / "b", 1)
    again = a_new_township(tmp_path / "c")  # the same office on another computer
    for folder, other in (("b", theirs), ("c", again)):
        path, _ = town_papers.write_request(other, tmp_path / folder)
        refused("papers.other", town_papers.look_at, ours, answered(seat, path, tmp_path / folder))
    for desk in (ours, theirs, again):
        desk.close()


def test_a_root_that_is_trusted_is_never_changed_by_a_file(tmp_path: Path, seat: county.CountyDesk) -> None:
    desk = a_new_township(tmp_path / "town")
    path, _ = town_papers.write_request(desk, tmp_path)
    town_papers.take(desk, answered(seat, path, tmp_path), PASSWORD, root_code=grouped(fingerprint24(seat.root)))
    stranger = county.init_county(
        tmp_path / "other", sample.SAMPLE_COUNTY, person=Person("别的", "县级管理员"), password=PASSWORD,
        clock=a_clock(), stretch=QUICK,
    )  # fmt: skip
    forged = answered(stranger, path, tmp_path / "other")
    code = grouped(fingerprint24(stranger.root))
    refused("papers.root", town_papers.take, desk, forged, PASSWORD, root_code=code)
    assert desk.workspace.setting("root", "") == seat.root.hex()
    stranger.close()
    desk.close()


def test_a_damaged_file_is_told_and_changes_nothing(tmp_path: Path, seat: county.CountyDesk) -> None:
    desk = a_new_township(tmp_path / "town")
    path, _ = town_papers.write_request(desk, tmp_path)
    data = answered(seat, path, tmp_path).read_bytes()
    public = township.ca_request(desk)
    for broken in (
        b"",
        data[:-9],
        data.replace(b'"v":1', b'"v": 1'),
        path.read_bytes(),
        b"[" * 5000,
        b"\xff" * 9,
        b'{"v":1e999}',
    ):
        refused("papers.damaged", read_papers, broken, office=desk.office.code, public=public)
    newer = json.dumps({**json.loads(data), "v": 2}, separators=(",", ":")).encode()
    refused("package.newer", read_papers, newer, office=desk.office.code, public=public)
    lone = {**json.loads(data), "chain": []}
    refused("papers.damaged", read_papers, json.dumps(lone, separators=(",", ":"), sort_keys=True).encode(),
            office=desk.office.code, public=public)  # fmt: skip
    refused("papers.damaged", read_ca_request, data)
    refused("file.unreadable", town_papers.look_at, desk, tmp_path / "没有.cbca")
    big = tmp_path / "大.cbca"
    big.write_bytes(b" " * 100_000)
    refused("file.unreadable", town_papers.look_at, desk, big)
    desk.close()
