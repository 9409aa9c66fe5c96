"""The use cases without a window. Exit codes: 0 done, 1 done with findings, 2 wrong use, 3 refused."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cunbao import __version__
from cunbao.cli.wrong import WrongUse
from cunbao.errors import Cancelled, CunbaoError

WRONG_USE, REFUSED = 2, 3


def run_command(
    words: Sequence[str],
    *,
    photographer: Callable[[Path], Any] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> int:
    """Run one command; every CunbaoError is told in its three sentences (or as JSON with --json).

    photographer: makes the album of screens for `demo`; __main__ brings it, since no command knows a window.
    clock: None, the machine's."""
    from cunbao.cli import (
        archive,
        county,
        datasets,
        desk,
        form,
        indicators,
        manual,
        odk,
        outbox,
        printing,
        sample,
        task,
        township,
    )  # fmt: skip
    from cunbao.desks.clock import system_clock

    parser = argparse.ArgumentParser(prog="cunbao", description="村报：村级报表的填报、检查、签名和报送")
    parser.add_argument("--version", action="version", version=f"村报 {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    for room in (sample, desk, outbox, township, county, archive, printing, indicators, datasets, form, odk, task):
        room.add_parser(commands)
    manual.add_parser(commands)
    chosen = parser.parse_args(list(words))
    chosen.photographer = photographer
    chosen.clock = clock or system_clock
    try:
        return int(chosen.run(chosen))
    except CunbaoError as trouble:
        tell(trouble, as_json=getattr(chosen, "json", False))
        return WRONG_USE if isinstance(trouble, WrongUse) else REFUSED
    except (Cancelled, KeyboardInterrupt):
        print("已停下，做完的都在。", file=sys.stderr)
        return 1


def tell(trouble: CunbaoError, *, as_json: bool) -> None:
    """What happened, what is safe, what to do."""
    if as_json:
        facts = {"code": trouble.code, "happened": trouble.happened, "safe": trouble.safe, "todo": trouble.todo}
        print(json.dumps({"error": facts}, ensure_ascii=False))
    else:
        print(f"{trouble.happened}。\n{trouble.safe}。\n{trouble.todo}。", file=sys.stderr)
