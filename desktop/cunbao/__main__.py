"""Arguments → window or command; the only place that puts parts together."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def main(argv: Sequence[str] | None = None) -> int:
    """No argument, `open FOLDER`, files of ours (a double click): the window. Anything else: a command (`--help`)."""
    if getattr(sys, "frozen", False):  # a packaged program starts itself anew to verify on every processor
        from multiprocessing import freeze_support

        freeze_support()
    words = list(sys.argv[1:] if argv is None else argv)
    from cunbao.desks.filekinds import is_ours

    if not words or words[0] == "open" or is_ours(words[0]):
        from cunbao.ui.app import run_window

        return run_window([word for word in words if word != "open"])
    from cunbao.cli import run_command

    return run_command(words, photographer=_photographer if words[0] == "demo" else None)


def _photographer(folder: Path) -> Any:
    """The album of every screen, taken offscreen while the sample round goes on."""
    from cunbao.ui.shots import Album

    return Album(folder)


if __name__ == "__main__":
    sys.exit(main())
