"""Forms for tests, written where they are used: a_form('''| survey | …''') and one-line calculations."""

from __future__ import annotations

import itertools
import tempfile
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from cunbao.survey.compile import check_form, compile_form
from cunbao.survey.evalform import eval_form
from cunbao.survey.form import Form, read_form, read_lists
from cunbao.survey.instance import Instance
from cunbao.survey.values import Answers, Env
from cunbao.survey.walk import Fault

TODAY = date(2025, 12, 20)


def an_env() -> Env:
    ids = itertools.count(1)
    return Env(TODAY, lambda: f"id-{next(ids)}", lambda: datetime.combine(TODAY, time(14, 36)), lambda: 0.25)


@lru_cache(maxsize=256)
def a_form(sheets: str, lists: tuple[tuple[str, str], ...] = ()) -> Form:
    """The form of these Markdown sheets; lists: (name, CSV text) of code list files."""
    with tempfile.TemporaryDirectory() as folder:
        path = _write(Path(folder), sheets, lists)
        return read_form(compile_form(path, path.parent / "lists"), read_lists(path.parent / "lists"))


def faults(sheets: str, lists: tuple[tuple[str, str], ...] = ()) -> tuple[Fault, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = _write(Path(folder), sheets, lists)
        return check_form(path, path.parent / "lists")


def an_instance(form: Form, *, sources: dict[str, Answers] | None = None, last: Answers | None = None) -> Instance:
    instance = Instance(form, an_env(), sources=sources or {}, last=last)
    instance.start()
    return instance


def evaluated(form: Form, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return eval_form(form, answers, env=an_env(), **more)


def calculated(expression: str, kind: str = "calculate", **answers: Any) -> str | None:
    """What one calculation gives, beside these questions: an int or None asks an integer, digits a decimal, a day a
    date, a list a select_multiple, other text a text."""
    lines = ["| survey |", "| | type | name | label | calculation |"]
    for name, value in answers.items():
        lines.append(f"| | {_type_of(value)} | {name} | {name} | |")
    lines.append(f"| | {kind} | result | result | {expression.replace('|', chr(92) + '|')} |")
    values = evaluated(a_form("\n".join(lines) + _CHOICES), answers)["values"]
    return values["result"]  # type: ignore[no-any-return]


_CHOICES = "\n| choices |\n| | list_name | name | label |\n" + "\n".join(
    f"| | letters | {c} | {c.upper()} |" for c in "abcd"
)


def _type_of(value: Any) -> str:
    if value is None or isinstance(value, int):
        return "integer"
    if isinstance(value, list):
        return "select_multiple letters"
    text = str(value)
    if len(text) == 10 and text[4] == text[7] == "-":
        return "date"
    if len(text) > 10 and text[10:11] == "T":
        return "dateTime"
    return "decimal" if text.replace(".", "").replace("-", "").isdigit() else "text"


def _write(folder: Path, sheets: str, lists: tuple[tuple[str, str], ...]) -> Path:
    (folder / "lists").mkdir()
    for name, text in lists:
        (folder / "lists" / f"{name}.csv").write_text(text, encoding="utf-8")
    path = folder / "form.md"
    path.write_text(sheets, encoding="utf-8")
    return path
