"""XLSForm → XForm XML, where a task is built (county, or the repository's own): our walk first, pyxform last.

The only place that imports pyxform, and only inside the function that runs it: a village never needs it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from cunbao.errors import SurveyError
from cunbao.survey import resources
from cunbao.survey.form import read_form, read_lists
from cunbao.survey.program import program_of

# pyxform turns Chinese quotation marks into ASCII ones; they pass through it under other names.
_QUOTES = {"“": "\ue0f1", "”": "\ue0f2", "‘": "\ue0f3", "’": "\ue0f4"}


def compile_form(path: Path, lists_dir: Path) -> bytes:
    """The XForm of one sheet file (.md or .xlsx). lists_dir: the folder of the code lists (CSV).

    Raises SurveyError that names every fault of the sheets (code "form.faults").
    """
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    text = path.read_text(encoding="utf-8")
    for mark, stand_in in _QUOTES.items():
        text = text.replace(mark, stand_in)
    try:
        xform = str(convert(text, file_type=".md").xform)
    except PyXFormError as error:
        raise SurveyError("form.pyxform", happened=f"{path.name} 编译不成：{error}", safe="没有写出任何文件", todo="请按提示改正后再试") from error
    for mark, stand_in in _QUOTES.items():
        xform = xform.replace(stand_in, mark)
    return xform.encode()


def compiled_task(folder: Path) -> Path:
    """The folder of a task's compiled forms, made when it is not there yet (decision 4): complete or not at all."""
    target = resources.compiled_forms(folder)
    sources = [one for one in resources.form_sources(folder) if one.suffix != ".csv"]
    if all((target / f"{one.stem}.xml").exists() for one in sources):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    lists = read_lists(folder / "lists")
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        for one in sources:
            xform = compile_form(one, folder / "lists")
            program_of(read_form(xform, lists))
            (making / f"{one.stem}.xml").write_bytes(xform)
        if target.exists():
            shutil.rmtree(target)
        try:
            os.rename(making, target)
        except OSError:
            if not target.exists():  # another process was quicker: the same sources give the same bytes
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return target
