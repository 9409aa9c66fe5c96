"""The bundled faces of window and paper, unpacked once to a cache that is keyed by their hash.

Never changes what lies in resources/fonts; a cache that cannot be written is replaced by a temporary folder.
Source: decision 22, print/fonts.md; made by build/fonts.py.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

import zstandard
from platformdirs import user_cache_path

from cunbao.survey import resources

ROLES = ("serif", "serif-bold", "sans", "sans-medium", "sans-bold", "hanamin")


def font_file(role: str, cache: Path | None = None) -> Path:
    """The TrueType file of a role (ROLES). cache: where it is unpacked, by default the user's cache folder.

    The first call for a role writes 2–30 MB (some 0.1 s); later ones only look. KeyError for an unknown role.
    """
    digest, size = _facts()[role]
    name = f"{role}-{digest[:16]}.ttf"
    folder = cache or default_cache()
    for place in (folder, Path(tempfile.gettempdir()) / f"cunbao-fonts-{_owner()}"):
        path = place / name
        if path.is_file() and path.stat().st_size == size:
            return path
        try:
            _unpack(role, path)
        except OSError:
            continue  # read-only or full: a font is only a copy, any place will do
        return path
    raise OSError(f"no place to unpack {name}")


def default_cache() -> Path:
    """In the source tree var/fonts, where all that is made lies; else the user's own cache folder."""
    if getattr(sys, "frozen", False):
        return user_cache_path("cunbao", appauthor=False) / "fonts"
    return resources.path().parent / "var" / "fonts"


@cache
def _facts() -> dict[str, tuple[str, int]]:
    """Role → SHA-256 and size of the unpacked file, as build/fonts.py wrote them."""
    faces = json.loads(resources.path("fonts/fonts.json").read_text(encoding="utf-8"))
    return {role: (str(face["sha256"]), int(face["size"])) for role, face in faces.items()}


def _unpack(role: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = zstandard.ZstdDecompressor().decompress(resources.path(f"fonts/{role}.ttf.zst").read_bytes())
    # Two programs may unpack at once: each writes its own file, and the last rename wins with the same bytes.
    handle, part = tempfile.mkstemp(prefix=f"{role}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise


def _owner() -> str:
    """Whose temporary folder it is, so that two users do not meet."""
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
