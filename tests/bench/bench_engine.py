"""One answer worked through: constraint, recalculation, findings. The largest built-in form, and a synthetic one of
500 questions with a roster of 1,000 rows, against one frame; the same with 100 rows for the growth.

Half of the answers go into rows, half outside; the painting is measured elsewhere (bench_ui).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from statistics import median
from time import perf_counter, thread_time

from bench.measure import Row as Line
from bench.measure import percentile, within_frame
from cunbao.survey.form import Form, Kind
from cunbao.survey.instance import Instance
from cunbao.survey.resources import forms_path
from cunbao.survey.task import load_task
from cunbao.survey.values import Answers, Cell, Env, Row
from world.forms import a_form

QUESTIONS, ROWS, FEW_ROWS = 500, 1000, 100
COLUMNS = 12
ANSWERS = 2000  # of which half are rows'
BLOCKS = 5  # the growth is the median of interleaved blocks


def rows() -> Iterator[Line]:
    form = synthetic()
    many, few = filled(form, ROWS), filled(form, FEW_ROWS)
    yield within_frame(f"一次改数：{QUESTIONS} 题 + {ROWS} 行", answer_times(many, ROWS, ANSWERS), 0.99)
    # In the processor's own time: what other programs take meanwhile is no growth of ours.
    blocks = [
        (answer_times(many, ROWS, 400, turn, thread_time), answer_times(few, FEW_ROWS, 400, turn, thread_time))
        for turn in range(1, BLOCKS + 1)
    ]
    ours, base = (median(percentile(block[i], 0.99) for block in blocks) for i in (0, 1))
    yield Line(f"一次改数：{ROWS} 行对 {FEW_ROWS} 行 p99", ours, base, "ms", 2, BLOCKS * 400)
    yield within_frame("一次改数：最大的内置表（“两委”30人）", built_in_times(), 0.99)


def synthetic() -> Form:
    """Every fifth question is a calculation over its neighbours and the one before; every seventh is conditional."""
    lines = ["| survey |", "| | type | name | label | required | relevant | constraint | calculation |"]
    lines.append("| | integer | shown | shown | | | | |")
    for i in range(QUESTIONS):
        if i % 5 == 4:
            before = f"${{c{i - 5}}}" if i > 5 else "0"
            sum_ = f"${{q{i - 4}}} + ${{q{i - 3}}} + coalesce(${{q{i - 2}}}, 0) + {before}"
            lines.append(f"| | calculate | c{i} | | | | | {sum_} |")
        else:
            relevant = "" if i % 7 else "${shown} = 1"
            lines.append(f"| | integer | q{i} | q{i} | yes | {relevant} | . >= 0 and . <= 99999 | |")
    lines.append("| | begin_repeat | r | r | | | | |")
    lines.append("| | integer | k | k | yes | | . < 10 | |")
    for j in range(COLUMNS):
        relevant = "" if j % 4 else "${k} != 30"
        lines.append(f"| | decimal | x{j} | x | yes | {relevant} | . <= ${{x{(j + 1) % COLUMNS}}} * 1000000 | |")
    lines += [f"| | calculate | y{j} | | | | | round(coalesce(${{x{j}}}, 0) * ${{k}}, 2) |" for j in range(6)]
    lines.append("| | end_repeat | | | | | | |")
    lines += [f"| | calculate | s{j} | | | | | round(sum(${{y{j}}}), 2) |" for j in range(6)]
    lines.append("| | calculate | n | | | | | count(${r}) |")
    lines.append("| | calculate | big | | | | | count(${r}[k > 5]) |")
    return a_form("\n".join(lines))


def filled(form: Form, size: int) -> Instance:
    ids = itertools.count()
    values = {f"q{i}": str(i % 50) for i in range(QUESTIONS) if i % 5 != 4} | {"shown": "1"}
    row = {f"x{j}": str(10 + j) for j in range(COLUMNS)}
    answers = Answers(values, {"r": tuple(Row(f"r{i}", row | {"k": str(i % 10)}) for i in range(size))})
    return Instance(form, Env(date(2025, 12, 20), lambda: f"n{next(ids)}"), answers=answers)


def answer_times(
    instance: Instance, size: int, count: int, turn: int = 0, clock: Callable[[], float] = perf_counter
) -> list[float]:
    """Milliseconds of `count` answers, one outside, one in a row; another turn brings other values."""
    times = []
    for i in range(count):
        cell = Cell(f"x{i % COLUMNS}", f"r{i * 37 % size}") if i % 2 else Cell(f"q{i * 5 % QUESTIONS // 5 * 5}")
        text = f"{(i + turn) % 97}.25" if i % 2 else str((i + turn) % 991)
        start = clock()
        instance.set(cell, text)
        times.append((clock() - start) * 1000)
    return times


def built_in_times() -> list[float]:
    """B03 with 30 people, every cell that is asked changed and changed back."""
    form = load_task(forms_path("community-services-2025")).forms["B03"]
    ids = itertools.count()
    instance = Instance(form, Env(date(2025, 12, 20), lambda: f"n{next(ids)}"))
    for _ in range(30):
        instance.add_row("b03_m")
    asked = [one for one in form.repeats[0].fields if not one.calculated]
    times = []
    for turn in range(4):
        for row in instance.rows("b03_m"):
            for one in asked:
                text = {Kind.INTEGER: "12", Kind.DECIMAL: "12.5", Kind.DATE: "2025-01-01"}.get(one.kind, "11")
                start = perf_counter()
                instance.set(Cell(one.name, row), text if turn % 2 else "")
                times.append((perf_counter() - start) * 1000)
    return times
