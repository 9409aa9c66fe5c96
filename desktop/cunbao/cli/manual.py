"""`cunbao manual village FILE.pdf`: the manual of a desk as a PDF to print or to hand on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, say
from cunbao.cli.wrong import WrongUse
from cunbao.manual import KINDS


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("manual", help="把手册写成 PDF：村、乡镇、县各一本")
    parser.add_argument("kind", nargs="?", choices=KINDS, default="village", help="哪一级的，不写是村级的")
    parser.add_argument("file", type=Path, help="写到哪个文件")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=write)


def write(asked: argparse.Namespace) -> int:
    from cunbao.desks import manuals, media
    from cunbao.desks.clock import LOCAL

    if asked.file.is_dir():
        raise WrongUse("manual.folder", f"“{asked.file}”是文件夹", "请写上文件名，例如 手册.pdf")
    media.volume_of(asked.file.parent, what="手册")
    made = manuals.to_pdf(asked.kind, asked.clock().astimezone(LOCAL))
    media.write_file(asked.file, made.pdf, what="手册")
    facts = {"file": str(asked.file), "title": made.title, "pages": made.pages, "size": len(made.pdf)}
    say(asked, facts, f"写好了：{asked.file}，{made.title}，{made.pages} 页")
    return DONE
