"""The pages of a return are drawn anew when it is reviewed: what draws them otherwise must say so by its number."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from cunbao import PAGES
from cunbao.desks.pagetext import page_texts
from cunbao.paper import ReturnSheet, draw_return
from cunbao.survey.sample import MANBANG, MANLING
from world.papers import FORMS, a_sheet, a_zero_sheet
from world.township_papers import a_basis

KEPT = Path(__file__).parent / "golden" / "pages.json"
ANEW = "CUNBAO_PAGES_ANEW"
WHAT_TO_DO = f"""
The words on these pages of returns, or their order, are not those that version {PAGES} of the pages drew.
A return that an office has signed would be shown as 「签名的报表不能用」 by a program that draws it otherwise under the
same number. If the words come from forms/, raise the form's and the task's version. If they come from paper/, raise
PAGES in cunbao/__init__.py. Then keep the new pages: {ANEW}=1 .venv/bin/python -m pytest {Path(__file__).name}
"""


def sheets() -> dict[str, ReturnSheet]:
    """Every form, and every kind of page that a return can have."""
    found = {form: a_sheet(form, MANLING if form == "B03" else MANBANG) for form in FORMS}
    first = found["B02"]
    found["B02 更正"] = replace(first, kind="correction", version=2, replaces=a_zero_sheet("B02").answers)
    found["B02 补报"] = replace(first, kind="late")
    found["B02 零报告"] = a_zero_sheet("B02")
    found["B02 代报"] = a_sheet("B02", kind="proxy", proxy=a_basis())
    return found


def drawn() -> dict[str, str]:
    """Sheet → digest of what a reviewer compares: the words of all its pages in the order of the page."""
    return {
        name: sha256("\f".join(page_texts(draw_return(sheet).pdf)).encode()).hexdigest()
        for name, sheet in sheets().items()
    }


def test_pages_that_are_drawn_otherwise_have_another_number() -> None:
    now = {"pages": PAGES, "sheets": drawn()}
    if os.environ.get(ANEW):
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    changed = [name for name, digest in now["sheets"].items() if kept["sheets"].get(name) != digest]
    assert not changed, f"{changed}{WHAT_TO_DO}"
    assert kept == now, WHAT_TO_DO


def test_a_word_that_moves_is_noticed() -> None:
    sheet = sheets()["B01"]
    before = page_texts(draw_return(sheet).pdf)
    after = page_texts(draw_return(replace(sheet, ret=replace(sheet.ret, filler="岩温罕"))).pdf)
    assert before != after
