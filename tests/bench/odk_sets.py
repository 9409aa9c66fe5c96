"""Hold the engine against a folder of foreign forms: `python tests/bench/odk_sets.py FOLDER [--json] [--today DAY]`.

Every XForm (.xml), XLSForm (.xlsx, .md) below it is read, compiled and evaluated as `cunbao form eval` does; every
submission whose form is among them is filled in by name, and each of its values, typed or calculated, is held against
what stands there then. The folder is given at run time: nothing of it belongs to this repository. Exit code 1 when
something broke or differs; a form refused with a sentence is an answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from cunbao.errors import CunbaoError
from cunbao.survey.compile import FaultyForm, compile_form, lists_beside
from cunbao.survey.evalform import eval_form, fill
from cunbao.survey.form import CodeList, Form, read_form, read_lists
from cunbao.survey.submission import Submission, fitted, read_submission
from cunbao.survey.values import Cell, Env

SHEETS = (".xlsx", ".md")


@dataclass
class Told:
    """What came of the folder."""

    forms: dict[str, Form] = field(default_factory=dict)  # by file
    refused: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    compiled: int = 0
    submissions: dict[str, Submission] = field(default_factory=dict)
    equal: int = 0
    cells: int = 0
    without_form: int = 0
    differs: list[tuple[str, str, str, str]] = field(default_factory=list)  # file, path, here, there
    others: int = 0


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--today", type=date.fromisoformat, default=date(2025, 1, 1))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--reasons", action="store_true", help="why each form was refused")
    asked = parser.parse_args(words)
    env = Env(today=asked.today, new_id=_ids().__next__, now=lambda: datetime.combine(asked.today, time(9)))
    told = Told()
    for path in sorted(asked.folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in (".xml", *SHEETS):
            _look(told, path, str(path.relative_to(asked.folder)), env)
    for name, sent in told.submissions.items():
        _compare(told, name, sent, env)
    _say(told, asked)
    return 1 if told.broken or told.differs else 0


def _look(told: Told, path: Path, name: str, env: Env) -> None:
    try:
        if path.suffix.lower() == ".xml":
            data = path.read_bytes()
            if b"html" not in data[:4000]:
                _submission(told, name, data)
                return
            form = read_form(data, _lists(path))
        else:
            if path.suffix == ".md" and "| survey |" not in path.read_text(encoding="utf-8"):
                told.others += 1
                return
            form = read_form(compile_form(path, None), _lists(path))
        told.compiled += 1
        eval_form(form, {}, env=env)
        told.forms[name] = form
    except FaultyForm as faulty:
        told.refused[name] = "；".join(f"{one.found}" for one in faulty.faults)
    except CunbaoError as trouble:
        told.refused[name] = f"{trouble.happened} {trouble.detail}".strip()
    except Exception:
        told.broken[name] = traceback.format_exc(limit=-3)


def _submission(told: Told, name: str, data: bytes) -> None:
    try:
        told.submissions[name] = read_submission(data)
    except CunbaoError:
        told.others += 1


def _compare(told: Told, name: str, sent: Submission, env: Env) -> None:
    form = next((one for one in told.forms.values() if one.id == sent.form), None)
    asked = {*form.by_name, *(one.name for one in form.repeats), *(p[-1] for p in form.binds)} if form else set()
    if form is None or not asked & {node.name for node in sent.nodes}:
        told.without_form += 1
        return
    try:
        fits = fitted(form, sent)
        given = {**fits.answers.values, **{k: [dict(r.values) for r in rows] for k, rows in fits.answers.rows.items()}}
        instance = fill(form, given, env=env, sources={}, last=None)
    except Exception:
        told.broken[name] = traceback.format_exc(limit=-3)
        return
    before = len(told.differs)
    for path, field_name, row, there in _said(form, sent):
        rows = instance.rows(form.field(field_name).repeat) if row is not None else ()
        here = instance.text(Cell(field_name, rows[row] if row is not None else ""))
        told.cells += 1
        if not _same(here, there):
            told.differs.append((name, path, here, there))
    told.differs += [(name, path, "(no such question)", text) for path, text in fits.unknown]
    told.equal += len(told.differs) == before


def _said(form: Form, sent: Submission) -> Iterator[tuple[str, str, int | None, str]]:
    counts: Counter[str] = Counter()
    waiting = [(node, (), None) for node in sent.nodes]
    while waiting:
        node, path, row = waiting.pop(0)
        here = (*path, node.name)
        if node.name in {one.name for one in form.repeats}:
            row = counts[node.name]
            counts[node.name] += 1
        waiting += [(inner, here, row) for inner in node.inside]
        found = form.by_name.get(node.name)
        if found is not None and not node.inside and (found.calculated or node.text.strip()):
            yield "/".join(here), node.name, row, node.text.strip()


def _same(here: str, there: str) -> bool:
    try:
        return here == there or float(here) == float(there)
    except ValueError:
        return False


def _lists(path: Path) -> Mapping[str, CodeList]:
    found: dict[str, CodeList] = {}
    for folder in lists_beside(path, None):
        try:
            found.update(read_lists(folder))
        except CunbaoError:
            continue
    return found


def _ids() -> Iterator[str]:
    at = 0
    while True:
        at += 1
        yield f"row-{at}"


def _say(told: Told, asked: argparse.Namespace) -> None:
    facts = {
        "compiled": told.compiled,
        "evaluated": len(told.forms),
        "refused": len(told.refused),
        "broken": len(told.broken),
        "submissions": len(told.submissions) - told.without_form,
        "equal": told.equal,
        "cells": told.cells,
        "other_files": told.others + told.without_form,
    }
    if asked.json:
        print(json.dumps({**facts, "reasons": told.refused, "broken": told.broken, "differs": told.differs}, indent=1,
                         ensure_ascii=False))  # fmt: skip
        return
    print("  ".join(f"{name} {count}" for name, count in facts.items()))
    for name, trace in told.broken.items():
        print(f"BROKEN {name}\n{trace}")
    for one in told.differs:
        print("DIFFERS", *one, sep="\t")
    if asked.reasons:
        for name, why in told.refused.items():
            print("refused", name, why[:200], sep="\t")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
