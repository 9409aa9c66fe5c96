"""Where the program's own files lie: `resources/` and `forms/`, in the source tree or inside a frozen build.

Never reads or writes anything outside them but the cache of compiled forms under `var/`.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path


def _base() -> Path:
    """The folder that holds `resources/` and `forms/`: sys._MEIPASS when frozen, else the repository's root."""
    frozen = getattr(sys, "_MEIPASS", "")
    return Path(frozen) if frozen else Path(__file__).resolve().parents[3]


def path(name: str = "") -> Path:
    """One bundled file by its name below `resources/`, e.g. path("fonts/serif.ttf"). It need not exist."""
    return _base() / "resources" / name if name else _base() / "resources"


def forms_path(task: str = "") -> Path:
    """The folder of the built-in tasks, or of one of them: forms_path("community-services-2025")."""
    return _base() / "forms" / task if task else _base() / "forms"


def form_sources(task_folder: Path) -> tuple[Path, ...]:
    """What the compiled forms depend on: the XLSForms and the code lists, in a fixed order."""
    forms = [p for p in task_folder.iterdir() if p.suffix in (".md", ".xlsx") and not p.name.startswith(("~", "."))]
    lists = [p for p in (task_folder / "lists").glob("*.csv")] if (task_folder / "lists").is_dir() else []
    return tuple(sorted(forms) + sorted(lists))


def sources_sha256(task_folder: Path) -> str:
    """One digest over names and bytes of all sources: the cache's folder name, so that a change never meets old XML."""
    digest = sha256()
    for source in form_sources(task_folder):
        data = source.read_bytes()
        digest.update(f"{source.name}\n{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def compiled_forms(task_folder: Path) -> Path:
    """Where the compiled XForms of a task lie (decision 4). It need not exist.

    Frozen, or in a task pack: `compiled/` inside the task's folder. In the source tree: var/forms/<task>/<sha256>.
    """
    inside = task_folder / "compiled"
    if inside.is_dir() or getattr(sys, "frozen", False):
        return inside
    return _base() / "var" / "forms" / task_folder.name / sources_sha256(task_folder)
