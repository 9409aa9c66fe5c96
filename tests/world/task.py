"""The built-in task with fewer forms, so that stories about signing and sending are not slowed by what they never show.

A check or an indicator that names a form which is not there falls away by itself (decision 1), so the tables are
copied whole. Tests about the task as it is use `villages.the_task`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from cunbao.survey.compile import compiled_task
from cunbao.survey.resources import forms_path

TASK = "community-services-2025"
FIVE = ("B01", "B02", "B03", "B04", "B05")  # figures and rosters, a page each way up, a form of each department


def cut_task(folder: Path, forms: Iterable[str] = FIVE) -> Path:
    """The task in `folder` (made), with its forms compiled beside it: only those."""
    whole = forms_path(TASK)
    shutil.copytree(whole / "lists", folder / "lists")
    for name in ("checks.csv", "indicators.csv", "plans.csv", "params.csv"):
        shutil.copyfile(whole / name, folder / name)
    kept = tuple(forms)
    (folder / "task.toml").write_text(only(kept, (whole / "task.toml").read_text("utf-8")), "utf-8")
    (folder / "compiled").mkdir()
    compiled = compiled_task(whole)
    for form in kept:
        shutil.copyfile(whole / f"{form}.md", folder / f"{form}.md")
        shutil.copyfile(compiled / f"{form}.xml", folder / "compiled" / f"{form}.xml")
    return folder


def only(forms: Iterable[str], toml: str) -> str:
    """task.toml without what it says of other forms."""
    kept = set(forms)
    first, *parts = re.split(r"(?m)^(?=\[form\.[A-Z][0-9]{2}\]$)", toml)
    first = re.sub(
        r"(?m)^required_forms = \[(.*)\]",
        lambda found: f"required_forms = {[one for one in re.findall(r'[A-Z][0-9]{2}', found[1]) if one in kept]}",
        first,
    )
    lines = [
        line
        for line in first.splitlines(keepends=True)
        if not (named := re.match(r'\s*\{ form = "([A-Z][0-9]{2})"', line)) or named[1] in kept
    ]
    return "".join(lines) + "".join(part for part in parts if part[6:9] in kept)
