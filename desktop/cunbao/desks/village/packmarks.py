"""Cells that a further version of the task pack has changed: hints at their places until the return is signed."""

from __future__ import annotations

from collections.abc import Iterator

from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.formnews import FormNews
from cunbao.survey.values import Cell, Finding, Severity

CHECK = "pack"


def put(desk: VillageDesk, form: str, told: FormNews, version: int) -> None:
    """Mark what version `version` of the pack changed, beside what is still marked of an earlier one."""
    words = {name: f"第{version}版新加的一格" for name in told.added}
    words |= {name: f"第{version}版改了这一格的填法" for name in (*told.retyped, *told.moved)}
    before = desk.workspace.setting(_name(desk, form), {})
    desk.workspace.set_setting(_name(desk, form), {**before, **words})


def marked(desk: VillageDesk, form: str) -> Iterator[Finding]:
    """The hints, at every row of a roster whose column was changed. `lineage.signed` takes them away."""
    asked, instance = desk.task.forms[form], desk.instance(form)
    for field, words in desk.workspace.setting(_name(desk, form), {}).items():
        one = asked.by_name.get(field)
        if one is None or one.hidden:
            continue
        cells = tuple(Cell(field, row) for row in instance.rows(one.repeat)) if one.repeat else (Cell(field),)
        cells = tuple(cell for cell in cells if instance.relevant(cell))
        if cells:
            yield Finding(
                check=CHECK,
                severity=Severity.HINT,
                form=form,
                cells=cells,
                message=words,
                remedy="请看一遍，数对就不用改",
                key=f"{CHECK}:{field}",
                forms=(form,),
            )


def _name(desk: VillageDesk, form: str) -> str:
    return f"packmarks/{desk.office.code}/{desk.task.period}/{form}"
