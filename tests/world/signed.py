"""Signed answers of one small form, for what compares and merges them: cells of every kind, a roster of people and one
of things, figures that follow, and cells that are asked only sometimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from cunbao.survey.form import Form
from cunbao.survey.instance import Instance
from cunbao.survey.people import check_digit
from cunbao.survey.values import Answers, Row
from world.forms import a_form, an_env

SHEETS = """
| settings |
| | form_id | form_title | version | namespaces |
| | F | 试表 | 1 | cb="urn:cunbao:bind:1" |
| survey |
| | type | name | label | relevant | calculation | bind::type | bind::cb:unit | bind::cb:from | bind::cb:mask |
| | xml-external | B01 | | | | | | | |
| | integer | hh | 常住户数 | | instance('B01')/data/hh | | 户 | B01.hh | |
| | text | head | 负责人 | | | | | | |
| | integer | hours | 每周开放时间 | | | | 小时 | | |
| | decimal | area | 建筑面积 | | | | 平方米 | | |
| | select_multiple use | uses | 用途 | | | | | | |
| | select_one yn | rented | 是否租用 | | | | | | |
| | begin_group | lease | 租赁 | ${rented} = '1' | | | | | |
| | text | owner | 出租人 | | | | | | |
| | end_group | | | | | | | | |
| | text | remark | 备注 | ${hh} > 100 | | | | | |
| | decimal | per100 | 每百户面积 | | round(${area} div ${hh} * 100, 2) | | 平方米 | | |
| | select_one yn | zero | 零报告 | | | | | | |
| | begin_repeat | m | 成员 | ${zero} != '1' | | | | | |
| | text | m_name | 姓名 | | | | | | |
| | text | m_id | 身份证号 | | | | | | id |
| | select_one post | m_post | 职务 | | | | | | |
| | select_one yn | m_cert | 持证 | | | | | | |
| | text | m_cert_no | 证号 | ${m_cert} = '1' | | | | | |
| | text | m_phone | 手机号 | | | | | | phone |
| | decimal | m_pay | 月报酬 | | | | 元 | | |
| | calculate | m_cert_c | 持证 | | if(${m_cert} = '1', 1, 0) | int | | |
| | end_repeat | | | | | | | | |
| | integer | n | 人数 | | count(${m}) | | 人 | | |
| | begin_repeat | f | 设施 | | | | | | |
| | text | f_name | 名称 | | | | | | |
| | decimal | f_area | 面积 | | | | 平方米 | | |
| | end_repeat | | | | | | | | |
| choices |
| | list_name | name | label |
| | yn | 1 | 是 |
| | yn | 0 | 否 |
| | use | 01 | 办公 |
| | use | 02 | 活动 |
| | post | 11 | 书记 |
| | post | 12 | 委员 |
"""
SOURCES: Mapping[str, Answers] = MappingProxyType({"B01": Answers({"hh": "400"})})


def the_form() -> Form:
    return a_form(SHEETS)


def number(at: int) -> str:
    """An identity number of nobody: the region 999022 does not exist."""
    first = f"999022{1960 + at % 40}0101{at:03d}"
    return first + check_digit(first)


def signed(raw: Answers) -> Answers:
    """As it is in a signed return: canonical, what follows from it worked out, what is not asked left out."""
    return Instance(the_form(), an_env(), answers=raw, sources=SOURCES).answers(signed=True)


def a_return(*, m: Mapping[str, Mapping[str, str]] | None = None, f: Mapping[str, Mapping[str, str]] | None = None,
             **values: str) -> Answers:  # fmt: skip
    """a_return(area="12", m={"r1": {"m_name": "岩温"}}); names of columns may go without their m_ or f_."""
    rows = {"m": _rows("m", m or {}), "f": _rows("f", f or {})}
    return signed(Answers(values, {name: some for name, some in rows.items() if some}))


def edited(answers: Answers, *, delete: tuple[str, ...] = (), m: Mapping[str, Mapping[str, str]] | None = None,
           f: Mapping[str, Mapping[str, str]] | None = None, **values: str) -> Answers:  # fmt: skip
    """The same return signed again with other texts; "" empties a cell, a row id that is new adds a row."""
    rows = dict(answers.rows)
    for name, changed in (("m", m or {}), ("f", f or {})):
        given = {row.id: row for row in _rows(name, changed)}
        kept = [
            replace(row, values={**row.values, **given.pop(row.id).values}) if row.id in given else row
            for row in rows.get(name, ())
            if row.id not in delete
        ]
        rows[name] = (*kept, *given.values())
    return signed(Answers({**answers.values, **values}, {name: some for name, some in rows.items() if some}))


def _rows(roster: str, rows: Mapping[str, Mapping[str, str]]) -> tuple[Row, ...]:
    return tuple(
        Row(key, {name if name.startswith(f"{roster}_") else f"{roster}_{name}": text for name, text in values.items()})
        for key, values in rows.items()
    )
