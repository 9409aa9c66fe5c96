"""数据集 as a workbook for people: a sheet a table with the words of its columns, the meaning of codes, and 说明.

Numbers are numbers, everything else is text: an identity number keeps its tail, and what begins with = + - @ stays a
text. A county of some hundred villages fits; what does not is refused before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cunbao.desks.clock import LOCAL
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township.totals_book import Block, Page, Value, book
from cunbao.errors import DeskError

if TYPE_CHECKING:
    from cunbao.store.datasets.files import Stage
    from cunbao.store.datasets.shape import Column, Table

SHEET_ROWS = 500_000  # Excel holds 1,048,576
MOST_CELLS = 4_000_000  # some minutes of work, and a file that Excel still opens
_YES = {True: "是", False: "否", None: ""}
_KEYS = {"_office": "单位代码", "_revision": "版本", "_row": "行的编号"}


def book_name(period: str, county: str) -> str:
    return f"{county}-{period}.xlsx"


def workbook(desk: CountyDesk, stage: Stage, tables: Sequence[Table], facts: Mapping[str, Any]) -> bytes:
    """The bytes of the workbook. DeskError "dataset.large"."""
    now, left = desk.clock(), MOST_CELLS
    pages = [_about(desk, tables, facts)]
    for table in tables:
        rows = []
        for row in stage.rows(table):
            left -= len(row)
            if left < 0:
                raise _large()
            rows.append(tuple(_value(column, said) for column, said in zip(table.columns, row, strict=True)))
        pages += list(_pages(desk, table, rows, facts))
    return book(
        pages,
        head=desk.full_name,
        foot=f"村报　{now.astimezone(LOCAL):%Y-%m-%d %H:%M} 导出",
        mark="" if facts["closed"] else "还没有封账",
        made=now,
    )


def _pages(
    desk: CountyDesk, table: Table, rows: Sequence[tuple[Value, ...]], facts: Mapping[str, Any]
) -> Iterator[Page]:
    for start in range(0, max(1, len(rows)), SHEET_ROWS):
        yield Page(
            name=table.name if len(rows) <= SHEET_ROWS else f"{table.name} {start // SHEET_ROWS + 1}",
            title=table.title,
            line=f"综合机关名称：{desk.full_name}　{facts['period_title']}",
            blocks=(
                Block(
                    heads=tuple(_head(one) for one in table.columns),
                    rows=tuple(rows[start : start + SHEET_ROWS]),
                    places=tuple(_places(one) for one in table.columns),
                ),
            ),
            fixed=1,
        )


def _head(column: Column) -> str:
    label = _KEYS.get(column.name, column.label)
    return f"{label}（{column.unit}）" if column.unit else label


def _places(column: Column) -> int | None:
    return {"whole": 0, "count": 0, "number": 2, "exact": 6}.get(column.holds.value) if column.codes is None else None


def _value(column: Column, said: Any) -> Value:
    """As it is shown: a code by its label, a truth as 是 or 否."""
    if said is None:
        return None
    if isinstance(said, bool):
        return _YES[said]
    if column.codes is None:
        return said  # type: ignore[no-any-return]
    text = f"{said.normalize():f}" if hasattr(said, "normalize") else str(said)
    parts = text.split() if column.many else [text]
    return "、".join(column.codes.label(code) or code for code in parts)


def _about(desk: CountyDesk, tables: Sequence[Table], facts: Mapping[str, Any]) -> Page:
    task = facts["task"]
    told: list[tuple[Value, ...]] = [
        ("导出单位", desk.full_name),
        ("任务", f"{task['title']}（第 {task['version']} 版，{task['sha256'][:12]}）"),
        ("报告期", f"{facts['period_title']}，{'已封账' if facts['closed'] else '还没有封账，数字以后可能变动'}"),
        ("什么算数", "只有审核通过的报表；更正通过以前，原来通过的那一份算数。没填的格空着，不是 0。"),
        ("个人信息", "含身份证号、电话、姓名等，请妥善保管，用完删除。" if facts["personal"] else "不含。"),
        ("每行的来历", "“版本”是签名报表的编号，returns 表里有它的验证码、第几版、谁在什么时候通过。"),
        ("代码", "表里写的是意思；代码和意思的对照在 codes 表。"),
        ("单元格", "数字是数字格式；代码、号码、名称都是文本格式，位数不会丢。"),
    ]
    told += [(one.name, one.title) for one in tables]
    return Page(
        name="说明",
        title=str(facts["title"]),
        line=f"综合机关名称：{desk.full_name}",
        blocks=(Block(("", ""), tuple(told), (None, None)),),
        plain=True,
    )


def _large() -> DeskError:
    return DeskError(
        "dataset.large",
        happened="这些报表太多，一个 Excel 工作簿装不下",
        safe="没有写任何东西，原来导出的没有改动",
        todo="请改成 CSV 或 Parquet；这两样再多也装得下",
    )
