"""`cunbao archive`: a closed year moved out of a county's or township's workspace into one file, and back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, command, opened, say
from cunbao.desks import archiving


def add_parser(commands: Any) -> None:
    one = command(commands, "archive", "县、乡镇：把封了账的往年移出，写成一个文件；--back 移回", archive)
    one.add_argument("period", help="年度，如 2023")
    one.add_argument("file", type=Path, help="写成哪个文件，或写到哪个文件夹；移回时是移出时写的文件")
    one.add_argument("--back", action="store_true", help="移回")


def archive(asked: argparse.Namespace) -> int:
    with opened(asked) as (desk, _):
        act = archiving.bring_back if asked.back else archiving.move_out
        done = act(desk, asked.period, asked.file)
    facts = {
        "period": asked.period,
        "file": str(done.path),
        "size": done.year.size,
        "sha256": done.year.sha256,
        "returns": done.year.returns,
        "objects": done.digest.objects,
        "state": done.digest.state,
        "remain": list(done.remain),
        "shrunk": done.shrunk,
    }
    say(asked, facts, archiving.words(done, back=asked.back))
    return DONE
