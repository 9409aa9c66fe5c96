"""Words of a task pack in short: forms that follow one another, a plan by its place, a moment by day and hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def forms_range(forms: Sequence[str]) -> str:
    """B01 到 B07、T01: what follows one another is said once."""
    runs: list[list[str]] = []
    for form in forms:
        last = runs[-1][-1] if runs else ""
        if last and last[0] == form[0] and int(last[1:]) + 1 == int(form[1:]):
            runs[-1].append(form)
        else:
            runs.append([form])
    return "、".join(
        run[0] if len(run) == 1 else f"{run[0]} 到 {run[-1]}" if len(run) > 2 else "、".join(run) for run in runs
    )


def short_plan(title: str) -> str:
    from cunbao.ui.screens.task_side import SHORT

    found = SHORT.match(title)
    return found[1].split("“")[0] if found else title


def moment_words(at: Any) -> str:
    from cunbao.ui.face import local

    return f"{local(at):%m-%d %H:%M}"
