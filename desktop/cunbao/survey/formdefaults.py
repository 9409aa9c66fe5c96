"""A screen and a paper for a form of which task.toml says nothing: every cell shown and printed, nothing chosen.

So that a county can add an XLSForm by laying it into the folder; what is to look better is then written into task.toml.
Source: decisions 7 and 21.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from cunbao.survey.form import Field, Form, Kind, Repeat

PAGE = {"portrait": Decimal(167), "landscape": Decimal(267)}  # mm between the margins
NUMBER = Decimal(9)  # mm of 序号
LEAST = {True: Decimal(16), False: Decimal(22)}  # mm of a column of numbers, of texts
MOST_COLUMNS = 10  # of a portrait page (print.md §1)
IN_A_ROW = 8  # columns beside each other on the screen; the rest is in the row editor


def default_part(form: Form, *, issuer: str) -> dict[str, Any]:
    """What task.toml would say of the form. Townships fill the forms whose id begins with T."""
    sections: list[dict[str, Any]] = []
    outside = [one for one in form.fields if not one.hidden]
    if outside:
        sections.append({"title": "基本数" if form.repeats else form.title, "fields": [one.name for one in outside]})
    for repeat in form.repeats:
        shown = [one.name for one in _columns(repeat)][:IN_A_ROW]
        sections.append({"title": repeat.label or "名册", "repeat": repeat.name, "columns": shown})
    return {
        "level": "township" if form.id.startswith("T") else "village",
        "department": issuer,
        "screen": {
            "nav": form.title[:6],
            "summary": "、".join(section["title"] for section in sections[:3]),
            "icon": "users" if any(one.mask for repeat in form.repeats for one in repeat.fields) else "form",
            "sections": sections,
        },
        "paper": _paper(form),
        "totals": {},
    }


def _paper(form: Form) -> dict[str, Any]:
    repeat = form.repeats[0] if form.repeats else None
    columns = [] if repeat is None else _columns(repeat)
    orientation = "landscape" if len(columns) > MOST_COLUMNS else "portrait"
    return {
        "title": form.title,
        "orientation": orientation,
        "unit": "见表内",
        "columns": [] if repeat is None else list(_sheets(columns, PAGE[orientation])),
        "singles": [one.name for one in form.fields if one.calculated and not one.hidden] if repeat else [],
        "headline": "",
        "notes": [],
    }


def _sheets(columns: list[Field], wide: Decimal) -> Iterator[dict[str, Any]]:
    """Columns on 表一, what finds no room there on 表二 behind the first column again."""
    first, rest = _fitting(columns, wide)
    yield from _sheet(first, wide, 1)
    if rest:
        yield from _sheet([columns[0], *rest], wide, 2)


def _fitting(columns: list[Field], wide: Decimal) -> tuple[list[Field], list[Field]]:
    left, count = wide - NUMBER, 0
    for one in columns:
        left -= LEAST[_is_number(one)]
        if left < 0:
            break
        count += 1
    return columns[:count], columns[count:]


def _sheet(columns: list[Field], wide: Decimal, number: int) -> Iterator[dict[str, Any]]:
    """Numbers get the least that they need, texts share what is left; whole millimetres that fill the page."""
    again = {"sheet": number} if number > 1 else {}
    yield {"field": "#", "heads": ["序号"], "mm": int(NUMBER), **again}
    needed = [LEAST[_is_number(one)] for one in columns]
    spare = max(Decimal(0), wide - NUMBER - sum(needed, Decimal(0)))  # none when even 表二 is too narrow: a fault
    texts = [at for at, one in enumerate(columns) if not _is_number(one)] or list(range(len(columns)))
    share = spare // len(texts)
    widths = [need + (share if at in texts else 0) for at, need in enumerate(needed)]
    widths[texts[0]] += max(Decimal(0), wide - NUMBER - sum(widths, Decimal(0)))
    for one, mm in zip(columns, widths, strict=True):
        yield {
            "field": one.name,
            "heads": [one.label or one.name],
            "mm": int(mm),
            **({"total": True} if _is_number(one) and number == 1 and one.unit else {}),
            **again,
        }


def _columns(repeat: Repeat) -> list[Field]:
    return [one for one in repeat.fields if not one.hidden and one.kind is not Kind.NOTE]


def _is_number(one: Field) -> bool:
    return one.kind in (Kind.INTEGER, Kind.DECIMAL)
