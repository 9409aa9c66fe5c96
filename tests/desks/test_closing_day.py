"""封账 in the window: what it would name is said beforehand, the password is asked, a reason takes it back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cunbao.desks.county import closingday, progress
from cunbao.errors import CunbaoError
from world.county_returns import a_county_with_returns
from world.desk import MANBANG, MANGUO, PASSWORD


def refused(act: object, *said: object) -> str:
    with pytest.raises(CunbaoError) as told:
        act(*said)  # type: ignore[operator]
    return told.value.code


def test_what_a_closing_names_is_said_before_and_stands_after(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    before = closingday.preview(county)
    assert (before.closed_on, before.returns, before.waiting) == (None, 9, 1)
    names = [name for _, villages in before.missing for name in villages]
    assert before.villages == len(names) == len(county.villages) - 2  # both sent all their forms
    held = {one.short for one in county.villages if one.code in (MANBANG, MANGUO)}
    assert not held & set(names) and progress.progress(county).closed_on is None
    assert refused(closingday.close, county, "", "不是密码") == "password.wrong"
    assert refused(closingday.reopen, county, "没有的事", PASSWORD) == "close.none"
    closingday.close(county, "各乡镇都报齐了", PASSWORD)
    after = closingday.preview(county)
    assert (after.closed_on, after.returns, after.reason) == (date(2025, 12, 22), 9, "各乡镇都报齐了")
    assert progress.progress(county).closed_on == date(2025, 12, 22)
    assert refused(closingday.close, county, "", PASSWORD) == "close.already"
    assert refused(closingday.reopen, county, " ", PASSWORD) == "close.reason"
    assert refused(closingday.reopen, county, "漏了一个村", "不是密码") == "password.wrong"
    closingday.reopen(county, "漏了一个村", PASSWORD)
    assert closingday.preview(county) == before
    closingday.close(county, "", PASSWORD)  # and once more
    assert closingday.preview(county).closed_on == date(2025, 12, 22)
    county.close()
