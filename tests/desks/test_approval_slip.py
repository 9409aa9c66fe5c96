"""The slip on which an officer writes the code that is read to him: it says who asks, and not one digit of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import devices
from cunbao.desks.township import registry
from cunbao.desks.township.approval_slips import approval_slip
from cunbao.desks.village import approval_slip as village_slip
from cunbao.desks.village import enrolment
from cunbao.errors import DeskError
from cunbao.survey import codes
from world.desk import MANBANG, PASSWORD, a_bare_town_desk, begun, enrol
from world.papers import qr_of
from world.readers import text_of


def test_the_slip_says_who_asks_and_leaves_the_code_to_be_read_out(tmp_path: Path) -> None:
    town, village = a_bare_town_desk(tmp_path), begun(tmp_path / "village")
    asked = enrolment.write_request(village, tmp_path)
    request = registry.add_request(town, asked.path)
    drawn = approval_slip(town, request.sha256)
    (tmp_path / "slip.pdf").write_bytes(drawn.pdf)
    own, text = devices.device(village.workspace), text_of(tmp_path / "slip.pdf")
    assert drawn.pages == 1
    for word in ("曼蚌村民委员会", MANBANG, f"申请{MANBANG}-01", "岩温", f"{own.id[:4]}-{own.id[4:8]}".upper()):
        assert word in text, word
    code = "".join(own.comparison_code.split())
    assert len(code) == 24 and not any(code[at : at + 8] in text for at in range(0, 24, 8))
    assert "扫码也可核对" not in text and "核对码由申请人照自己的屏幕填写" in text
    registry.approve(town, request.sha256, asked.code, PASSWORD)
    with pytest.raises(DeskError) as gone:
        approval_slip(town, request.sha256)
    assert gone.value.code == "request.gone"


def test_the_slip_that_the_village_prints_has_the_digits_and_the_code_of_its_request(tmp_path: Path) -> None:
    village = begun(tmp_path / "village")
    asked = enrolment.write_request(village, tmp_path)
    drawn = village_slip.approval_slip(village)
    (tmp_path / "slip.pdf").write_bytes(drawn.pdf)
    own, text = devices.device(village.workspace), text_of(tmp_path / "slip.pdf")
    assert drawn.pages == 1
    for word in ("曼蚌村民委员会", MANBANG, "岩温", f"{own.id[:4]}-{own.id[4:8]}".upper(), "扫码也可核对"):
        assert word in text, word
    assert all(group in text for group in asked.code.split())
    (line,) = qr_of(drawn.pdf, 0, tmp_path)
    read = codes.read_qr(line)
    assert (read.kind, read.fields) == ("E", (MANBANG, own.id[:4].upper()))
    assert codes.grouped(codes.digits24(bytes.fromhex(read.sha256))) == asked.code  # scanned, it says the same
    enrol(village)
    with pytest.raises(DeskError) as answered:
        village_slip.approval_slip(village)
    assert answered.value.code == "request.answered"
    village.close()
