"""`cunbao form check | eval | compile`: find the faults of a form, try it with answers, compile a task's forms.

Exit codes: 0 done, 1 eval with findings, 2 wrong use (also a name that the form has not), 3 a form with faults.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from cunbao.cli.odk import add_form_export
from cunbao.errors import SurveyError
from cunbao.survey.evalform import UnknownName, as_answers, eval_form
from cunbao.survey.form import CodeList, Form, read_form, read_lists
from cunbao.survey.values import Answers, Env

DONE, FINDINGS, WRONG_USE, REFUSED = 0, 1, 2, 3


def add_parser(subparsers: Any) -> None:
    """Adds `form` with its three commands."""
    form = subparsers.add_parser("form", help="检查、试算、编译表式")
    commands = form.add_subparsers(dest="form_command", required=True, metavar="动作")
    check = commands.add_parser("check", help="列出表式的每一处错误")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="XLSForm：.md 或 .xlsx；或编译好的 .xml")
    check.add_argument("--lists", type=Path, metavar="DIR", help="代码表文件夹，不写就找表式旁边的 lists")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run_check)
    evaluate = commands.add_parser("eval", help="用一份答案试算一张表")
    evaluate.add_argument("file", type=Path, metavar="FILE", help="XLSForm（.md、.xlsx）或编译好的 .xml")
    evaluate.add_argument("--answers", type=Path, required=True, metavar="A.json")
    evaluate.add_argument("--last", type=Path, metavar="L.json", help="上期答案")
    evaluate.add_argument(
        "--form", action="append", default=[], metavar="B01=F.json", help="同期另一张表的答案，可写几次"
    )
    evaluate.add_argument("--today", type=date.fromisoformat, metavar="YYYY-MM-DD")
    evaluate.add_argument("--lists", type=Path, metavar="DIR")
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(run=run_eval)
    make = commands.add_parser("compile", help="编译一个任务的全部表式")
    make.add_argument("folder", type=Path, metavar="TASK_FOLDER")
    make.add_argument("--json", action="store_true")
    make.set_defaults(run=run_compile)
    add_form_export(commands)


def run_check(options: argparse.Namespace) -> int:
    from cunbao.survey.compile import check_form

    faults = [(path, fault) for path in options.files for fault in check_form(path, options.lists)]
    if options.json:
        several = len(options.files) > 1
        print(
            json.dumps(
                [({"file": str(path)} if several else {}) | asdict(fault) for path, fault in faults],
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        for path, fault in faults:
            print(f"{path.name} · {fault.sheet} 第{fault.row}行 {fault.column}：{fault.found}。{fault.remedy}。")
        print(f"{len(faults)} 处错误" if faults else "没有错误")
    return REFUSED if faults else DONE


def run_eval(options: argparse.Namespace) -> int:
    try:
        given = _object(options.answers)
        last = as_answers(_object(options.last)) if options.last else None
        sources: dict[str, Answers] = {}
        for pair in options.form:
            name, sign, path = pair.partition("=")
            if not sign:
                raise _WrongUse(f"--form 要写成 B01=F.json，写的是 {pair}")
            sources[name] = as_answers(_object(Path(path)))
        form = _form(options.file, options.lists)
        result = eval_form(form, given, env=_env(options.today), sources=sources, last=last)
    except (_WrongUse, UnknownName) as wrong:
        print(wrong.happened if isinstance(wrong, UnknownName) else wrong, file=sys.stderr)
        return WRONG_USE
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        _tell(result)
    return FINDINGS if result["findings"] else DONE


def run_compile(options: argparse.Namespace) -> int:
    from cunbao.survey.compile import compiled_task

    if not options.folder.is_dir():
        print(f"没有文件夹 {options.folder}", file=sys.stderr)
        return WRONG_USE
    folder = compiled_task(options.folder)
    names = sorted(path.name for path in folder.glob("*.xml"))
    print(
        json.dumps({"folder": str(folder), "forms": names}, ensure_ascii=False)
        if options.json
        else f"已编译 {len(names)} 张表：{folder}"
    )
    return DONE


class _WrongUse(Exception):
    """Told in one line; exit code 2."""


def _object(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise _WrongUse(f"{path} 读不出来：{error}") from error
    if not isinstance(found, dict):
        raise _WrongUse(f"{path} 里应当是一个对象")
    return found


def _form(path: Path, lists_dir: Path | None) -> Form:
    from cunbao.survey.compile import compile_form, lists_beside

    if not path.is_file():
        raise _WrongUse(f"没有文件 {path}")
    lists: dict[str, CodeList] = {}
    for folder in lists_beside(path, lists_dir):
        lists.update(read_lists(folder))
    if path.suffix == ".xml":
        return read_form(path.read_bytes(), lists)
    return read_form(compile_form(path, lists_dir), lists)


def _env(today: date | None) -> Env:
    """The clock is asked here, at the door, and nowhere inside."""
    local = datetime.now().astimezone()
    day, clock = (today, time()) if today else (local.date(), local.time())
    return Env(
        today=day, new_id=lambda: str(uuid.uuid4()), now=lambda: datetime.combine(day, clock), random=random.random
    )


def _tell(result: Mapping[str, Any]) -> None:
    for name, value in result["values"].items():
        if isinstance(value, list):
            for at, row in enumerate(value, 1):
                print(
                    f"{name}[{at}] " + "，".join(f"{column}={cell}" for column, cell in row.items() if cell is not None)
                )
        elif value is not None:
            print(f"{name} = {value}")
    for one in result["findings"]:
        print(f"{one['path']}：{one['message']}（{one['kind']}）")


__all__ = ["SurveyError", "add_parser", "run_check", "run_compile", "run_eval"]
