"""The forms of a task pack as rows: whether each is sent, who fills it, how many cells it has, what 检验 said."""

from __future__ import annotations

from cunbao.desks.county.building import BuilderView
from cunbao.survey.taskcheck import FormLine
from cunbao.ui.kit.grid import GridCell, GridColumn, GridRow
from cunbao.ui.kit.tokens import look

LEVELS = {"village": "村（社区）", "township": "乡镇"}


def form_columns() -> tuple[GridColumn, ...]:
    """At 125 % there is no room for whose form it is: the title is read first."""
    department = (GridColumn("department", "主管部门", 96, 8),) if look.scale != 1.25 else ()
    return (
        GridColumn("on", "发", 38, kind="tick"),
        GridColumn("form", "编号", 52, tone="text_2"),
        GridColumn("title", "报表", 130, 10, bold=True),
        GridColumn("who", "谁填", 92, 3),
        *department,
        GridColumn("cells", "格数", 52, kind="number"),
        GridColumn("check", "检验", 90, 1),
    )


def form_row(one: FormLine, view: BuilderView) -> GridRow:
    going = view.draft is not None and one.form in view.draft.wanted.forms
    if not going:
        check = GridCell("不发", tone="text_3")
    elif one.faults:
        check = GridCell(f"有错 {one.faults}", icon="alert-circle", tone=look.tone("error").fg)
    else:
        check = GridCell("没有错", icon="check", tone=look.tone("ok").fg)
    return GridRow(
        one.form,
        {
            "on": GridCell(on=going),
            "form": GridCell(one.form),
            "title": GridCell(one.title),
            "who": GridCell(LEVELS.get(one.level, one.level)),
            "department": GridCell(one.department),
            "cells": GridCell(str(one.cells) if one.cells else "—"),
            "check": check,
        },
        label=f"{one.form} {one.title}",
        grey=not going,
    )
