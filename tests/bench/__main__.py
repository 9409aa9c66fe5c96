"""Run every bench_*.py beside this file: a table, or with --json the rows. Exit 1 when a ratio passes its bar."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row


def all_rows(only: str) -> Iterator[Row]:
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if only in path.stem:
            yield from importlib.import_module(f"bench.{path.stem}").rows()


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="与所用库的直接用法相比的倍数")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.add_argument("only", nargs="?", default="", help="只运行名字含有它的模块，例如 regions")
    chosen = parser.parse_args()
    rows = []
    for row in all_rows(chosen.only):
        rows.append(row)
        if not chosen.json:
            mark = "" if row.holds else "  超过上限"
            figures = f"{row.ours:10.3f} {row.base:10.3f} {row.unit}  {row.ratio:7.2f} ≤ {row.bar:<6g} n={row.n}"
            print(f"{figures}  {row.name}{mark}", flush=True)
    if chosen.json:
        print(json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=1))
    return 0 if rows and all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
