"""Hold expressions against test tables of other ODK programs: `python tests/bench/odk_expressions.py FOLDER`.

Reads the lines `testEval("expression", expected)` of Java tests and `assert…Value('expression', expected)` and
`{ expression: '…', expected: … }` of TypeScript tests below the folder that is given at run time, and computes each
expression without a context. What gives another answer is listed; wanted differences stand in ARCHITECTURE's table.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from cunbao.errors import CunbaoError
from cunbao.survey.evalform import eval_form
from cunbao.survey.form import read_form
from cunbao.survey.values import Env

LINE = re.compile(r'testEval\("((?:[^"\\]|\\.)*)",\s*(?:null,\s*null,\s*)?((?:"(?:[^"\\]|\\.)*"|[^"])*?)\);')
_QUOTED = r"""(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_SCRIPT = (
    re.compile(rf"assert(?:Number|String|Boolean)Value\(\s*({_QUOTED}),\s*({_QUOTED}|[\w.+-]+)\s*\)"),
    re.compile(rf"expression: ({_QUOTED}),\s*expected: ({_QUOTED}|[\w.+-]+)\s*}}"),
)
FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>x</h:title>
<model><instance><data id="x"><a/></data></instance><bind nodeset="/data/a" type="string" calculate="{}"/></model>
</h:head><h:body/></h:html>"""
ENV = Env(today=date(2025, 1, 1), new_id=lambda: "1", now=lambda: datetime.combine(date(2025, 1, 1), time(9)))
NOTHING = ("NaN", "POSITIVE_INFINITY", "NEGATIVE_INFINITY", "Infinity", "-Infinity")  # no figure, here empty


def main(folder: Path) -> int:
    equal = refused = 0
    differs: list[tuple[str, str, str]] = []
    passed: list[str] = []
    for said, expected in _lines(folder):
        wanted = _wanted(expected)
        if wanted is None:
            passed.append(said)
            continue
        here = _here(said)
        if wanted == "error":
            refused += here in (None, "")
            if here not in (None, ""):
                differs.append((said, "an error", here or ""))
        elif _same(here, wanted):
            equal += 1
        else:
            differs.append((said, wanted, "refused" if here is None else here))
    print(f"equal {equal}  both refuse or give nothing {refused}  differ {len(differs)}  not read {len(passed)}")
    for one in differs:
        print(*one, sep="\t")
    return 1 if differs else 0


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.java")):
        for found in LINE.finditer(path.read_text(encoding="utf-8")):
            yield _java(found[1]), found[2].strip()
    for path in sorted(folder.rglob("*.test.ts")):
        text = path.read_text(encoding="utf-8")
        for shape in _SCRIPT:
            for found in shape.finditer(text):
                said, expected = _java(found[1][1:-1]), found[2]
                if "/" not in said and "*" not in said.replace(" * ", "") and "node(" not in said:  # no document here
                    yield said, f'"{expected[1:-1]}"' if expected[0] in "'\"" else expected


def _java(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), text)


def _wanted(expected: str) -> str | None:
    """The text that the other program gives, "error", or None for what this reader does not know."""
    if expected.startswith('"') and expected.endswith('"'):
        return _java(expected[1:-1])
    if expected in ("TRUE", "FALSE", "true", "false"):
        return expected.lower()
    if expected in NOTHING:
        return ""
    if re.fullmatch(r"-?[\d.]+(?:[eE][-+]?\d+)?[dL]?", expected):
        return expected.rstrip("dL")
    return "error" if expected.startswith("new XPath") else None


def _here(said: str) -> str | None:
    """What comes out, None when the expression is refused."""
    escaped = said.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("\n", "&#10;")
    try:
        form = read_form(FORM.format(escaped).encode(), {})
        return str(eval_form(form, {}, env=ENV)["values"]["a"] or "")
    except CunbaoError:
        return None


def _same(here: str | None, wanted: str) -> bool:
    if here is None or here == wanted:
        return here == wanted
    try:
        return abs(float(here) - float(wanted)) <= 1e-12 * max(1.0, abs(float(wanted)))
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
