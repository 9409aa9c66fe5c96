"""数据字典 of a partition: Frictionless Data Package 2.0 with a Table Schema a table, as JSON.

Labels, units, code lists, types, keys, where each row comes from. What the standard has no word for stands under names
that begin with "cunbao:". No time of writing, so that equal data give equal bytes. Source: datapackage.org.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cunbao.store.datasets.files import CSV, Written
from cunbao.store.datasets.shape import Column, Holds, Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
VERSION = "1"  # of the shape of a dataset
_TYPES = {
    Holds.TEXT: "string",
    Holds.WHOLE: "integer",
    Holds.COUNT: "integer",
    Holds.NUMBER: "number",
    Holds.EXACT: "number",
    Holds.DAY: "date",
    Holds.FLAG: "boolean",
}
GUARD = "前面多一个撇号（'）的文本，去掉第一个撇号就是原文：这样 Excel 不会把它当公式，也不会丢了长号码的尾数"


def package(facts: Mapping[str, Any], written: Iterable[Written]) -> bytes:
    """facts: title, description and what else is known of the partition; written: its files."""
    whole = {
        "$schema": PROFILE,
        "name": f"cunbao-{facts['county']}-{facts['period']}",
        "title": facts["title"],
        "description": facts["description"],
        "version": VERSION,
        "cunbao:partition": {name: one for name, one in facts.items() if name not in ("title", "description")},
        "resources": [_resource(one) for one in written],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def resource_name(table: str, kind: str) -> str:
    return f"{table.lower()}.{kind}"


def _resource(one: Written) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": resource_name(one.table.name, one.format),
        "type": "table",
        "title": one.table.title,
        "path": one.path,
        "format": one.format,
        "bytes": one.size,
        "cunbao:rows": one.rows,
    }
    if one.format == CSV:
        found |= {
            "encoding": "utf-8",
            "mediatype": "text/csv",
            "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
            "description": GUARD,
        }
    else:
        found |= {"mediatype": "application/vnd.apache.parquet"}
    return {**found, "schema": schema(one.table, one.format)}


def schema(table: Table, kind: str) -> dict[str, Any]:
    """The Table Schema."""
    found: dict[str, Any] = {
        "fields": [_field(one, table) for one in table.columns],
        "missingValues": [""],
    }
    if table.key:
        found["primaryKey"] = list(table.key)
    if table.refs:
        found["foreignKeys"] = [
            {
                "fields": list(own),
                "reference": {"resource": resource_name(other, kind), "fields": list(theirs)},
            }
            for own, other, theirs in table.refs
        ]
    return found


def _field(column: Column, table: Table) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "title": column.label, "type": _TYPES[column.holds]}
    if column.note:
        told["description"] = column.note
    if column.name in table.key:
        told["constraints"] = {"required": True}
    if column.unit:
        told["unit"] = column.unit
    if column.codes is not None:
        told["cunbao:list"] = column.codes.name
        known = {choice.code: choice.label for choice in column.codes.choices}
        listed = [{"value": code, "label": label} for code, label in known.items()]
        if column.many:
            told["cunbao:many"] = "几个代码之间空一格"
            told["cunbao:categories"] = listed
        elif column.holds is Holds.TEXT:
            told["categories"] = listed
        else:
            told["cunbao:categories"] = listed
    if column.personal:
        told["cunbao:personal"] = True
    return told
