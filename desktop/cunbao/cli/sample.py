"""`cunbao demo DIR`: the whole round on invented villages."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from cunbao.desks.outbox import WEBDAV, Box
from cunbao.progress import Progress


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("demo", help="样例：县、乡镇、村走一遍全过程")
    parser.add_argument("folder", type=Path, help="放到哪个文件夹（空的，或者上次的样例）")
    parser.add_argument("--villages", type=int, default=6, choices=range(1, 7), metavar="1-6", help="几个村，默认 6")
    parser.add_argument("--seed", type=int, default=2025, help="同一个数得到同样的样例")
    parser.add_argument("--no-pictures", action="store_true", help="不拍屏幕图片")
    parser.add_argument("--webdav", help="不用 U 盘，都经这个 WebDAV 网盘送：https://…（空的文件夹）")
    parser.add_argument("--user", default="", help="网盘的用户名；密码放在环境变量 CUNBAO_BOX_PASSWORD")
    parser.add_argument("--pin", default="", help="只认这一张服务器证书：它的 SHA-256 指纹")
    parser.add_argument("--json", action="store_true", help="把报告写到标准输出")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    import json

    from cunbao.desks.story import demo

    album = asked.photographer(asked.folder / "screens") if asked.photographer and not asked.no_pictures else None
    report = demo.run(
        asked.folder,
        villages=asked.villages,
        seed=asked.seed,
        progress=bar,
        box=_box(asked),
        **({"witness": album} if album is not None else {}),
    )
    if album is not None:
        album.finish()
    if asked.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        for kind in ("pdf", "stick", "paper", "screens"):
            files = [path for path in (asked.folder / kind).rglob("*") if path.is_file()]
            if files:
                print(f"{asked.folder / kind}：{len(files)} 个文件")
    return 0


def _box(asked: argparse.Namespace) -> Box | None:
    """The drop box by which the round goes, None for sticks."""
    if not asked.webdav:
        return None
    return Box(WEBDAV, asked.webdav, asked.user, os.environ.get("CUNBAO_BOX_PASSWORD", ""), asked.pin)


def bar(progress: Progress) -> None:
    """One line a step, on standard error, so that --json stays clean."""
    print(f"[{progress.done}/{progress.total}] {progress.step}", file=sys.stderr)
