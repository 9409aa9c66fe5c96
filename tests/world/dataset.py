"""Counties for datasets: offices with whatever answers a test wants, counted and measured as a county's workspace has
them, without keys and packages. Large ones are put into the tables at one stroke."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cunbao.desks import measuring
from cunbao.store import DraftKey, Workspace
from cunbao.store.datasets.source import Asked
from cunbao.store.parts import columns_of
from cunbao.store.sums import quoted
from cunbao.survey.form import Field, Form, Kind
from cunbao.survey.formulas import computable
from cunbao.survey.indicators import asks
from cunbao.survey.regions import Level, Regions
from cunbao.survey.resources import path as resource
from cunbao.survey.task import Indicator, Task
from cunbao.survey.totals import hundredths
from cunbao.survey.values import Answers, Office, Row
from store.folders import KEY, NOW, a_revision

PERIOD = "2025"
ALL_OF_GUANGDONG = 26_362  # its villages in the bundled regions
NUMBERS = (Kind.INTEGER, Kind.DECIMAL)


def a_county_workspace(folder: Path) -> Workspace:
    return Workspace.create(folder, KEY, kind="county", now=NOW)


def accept(ws: Workspace, task: Task, office: Office, answers: Mapping[str, Answers]) -> None:
    """These returns of an office count from now on, and are measured."""
    for form, said in answers.items():
        one = a_revision(ws, DraftKey(office.code, form, PERIOD))
        ws.count_revision(task.forms[form], one.id, said)
    if answers:
        ws.set_parts(office.code, PERIOD, measuring.parts_of(task, office, answers, computable(task)))


def asked_of(task: Task, offices: Sequence[Office], silent: Iterable[Office] = (), **more: Any) -> Asked:
    """What a desk would ask of a workspace with these offices."""
    told = {
        "period": PERIOD,
        "forms": task.forms,
        "offices": offices,
        "reporting": frozenset(one.code for one in offices),
        "indicators": task.indicators,
        "lists": task.lists,
        "silent": frozenset(
            (one.code, indicator.number)
            for one in silent
            for indicator in computable(task)
            if asks(task, indicator, one)
        ),
    }
    return Asked(**{**told, **more})


# --- any answers -----------------------------------------------------------------------------------------------------


def any_answers(form: Form, chance: random.Random, rows: int = 4) -> Answers:
    """Whatever could have been signed: empty cells, noughts, large numbers, two places, codes of the lists."""
    values = {one.name: text for one in form.fields if (text := _any(one, chance))}
    rosters = {
        repeat.name: tuple(
            Row(f"r{at}", {one.name: text for one in repeat.fields if (text := _any(one, chance))})
            for at in range(chance.randrange(rows))
        )
        for repeat in form.repeats
    }
    return Answers(values, rosters)


def _any(field: Field, chance: random.Random) -> str:
    if chance.random() < 0.12 or field.kind is Kind.NOTE:
        return ""
    if field.kind in NUMBERS:
        large = chance.choice((1, 3, 30, 1000, 10**6))
        whole = chance.randrange(large)
        return str(whole) if field.kind is Kind.INTEGER else f"{whole}.{chance.randrange(100):02}"
    codes = [choice.code for choice in field.list.choices] if field.list is not None else []
    if field.kind is Kind.SELECT_MULTIPLE:
        return " ".join(sorted(chance.sample(codes, chance.randrange(min(len(codes), 6)))))
    if codes:
        return chance.choice(codes)
    if field.kind is Kind.DATE:
        return f"20{chance.randrange(10, 26)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}"
    return chance.choice(("", "村民活动中心", '带"引号"，和,逗号', "两\n行", "=1+1", "-2", "@x", "999022199001011234"))


# --- a whole province ------------------------------------------------------------------------------------------------


def the_villages(count: int = ALL_OF_GUANGDONG) -> list[Office]:
    regions = Regions.load(resource("regions/regions.zst").read_bytes())
    found = [one for one in regions.starting("44", 10**6) if one.level is Level.VILLAGE]
    return [Office(one.code, one.code, kind="10" if at % 3 else "20") for at, one in enumerate(found[:count])]


def fill(ws: Workspace, task: Task, forms: Sequence[str], said: Iterator[tuple[str, Mapping[str, Answers]]]) -> None:
    """What these offices say of these forms into the form tables, as if every return had been accepted."""
    with ws.atomic():
        tables = {form: ws._tables(task.forms[form]) for form in forms}
        held = ws.add_object("header", b"header")
        revisions: list[tuple[Any, ...]] = []
        lines: dict[str, list[tuple[Any, ...]]] = {one.name: [] for some in tables.values() for one in some}
        known: dict[tuple[int, str], list[tuple[Any, ...]]] = {}  # what says the same is typed once
        for office, answers in said:
            for form, own in answers.items():
                name = sha256(f"{office} {form}".encode()).hexdigest()
                revisions.append((name, office, form, held))
                for table in tables[form]:
                    key = (id(own), table.name)
                    if key not in known:
                        known[key] = list(_lines(table, own))
                    lines[table.name] += [(office, PERIOD, name, *line) for line in known[key]]
        ws._db.executemany(
            "INSERT INTO revision VALUES (?1, ?2, ?3, '2025', 'normal', 1, 1, 'd', '2025-12-12T02:42:00.000000Z', ?4, "
            "?4, NULL, NULL, 1, NULL, '', 0, 0, '')",
            revisions,
        )
        for name, rows in lines.items():
            if rows:
                marks = ",".join("?" * len(rows[0]))
                ws._db.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", rows)


def _lines(table: Any, answers: Answers) -> Iterator[tuple[Any, ...]]:
    fields = [field for _, field in table.columns.values()]

    def typed(values: Mapping[str, str]) -> list[Any]:
        told = [(one, values.get(one.name) or None) for one in fields]
        return [hundredths(text or "") if one.kind in NUMBERS else text for one, text in told]

    if not table.repeat:
        yield tuple(typed(answers.values))
    for at, row in enumerate(answers.rows.get(table.repeat, ()) if table.repeat else ()):
        yield (row.id, at, *typed(row.values))


def measure(
    ws: Workspace, task: Task, some: Sequence[Indicator], said: Iterable[tuple[Office, Mapping[str, Answers]]]
) -> None:
    """The parts of these offices of these indicators, as the workspace would keep them. What says the same in an office
    of the same kind is computed once."""
    known: dict[tuple[int, str], list[tuple[Any, ...]]] = {}

    def rows() -> Iterator[tuple[Any, ...]]:
        for office, answers in said:
            key = (id(answers), office.kind)
            if key not in known:
                parts = measuring.parts_of(task, office, answers, some)
                known[key] = [(number, columns_of(part)) for number, part in parts.items()]
            for number, own in known[key]:
                yield (PERIOD, number, office.code[:9], office.code[9:], *own)

    with ws.atomic():
        ws._db.executemany(f"INSERT INTO indicator_part VALUES ({','.join('?' * 10)})", rows())
