"""The packaged program against the same one from source: from the start of the process to a painted window and its end.

Only where `dev.py package` has made var/dist/cunbao; otherwise there is no row, and that is said.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Row, pairs

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "var" / "dist" / "cunbao" / ("cunbao.exe" if sys.platform == "win32" else "cunbao")
MAIN = "from cunbao.__main__ import main; raise SystemExit(main([]))"


def rows() -> Iterator[Row]:
    if not FROZEN.exists():
        print("没有 var/dist/cunbao，先运行 dev.py package 才能比启动", file=sys.stderr)
        return
    with TemporaryDirectory() as home:
        plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        asked = {**plain, "XDG_DATA_HOME": home, "LOCALAPPDATA": home, "CUNBAO_SHOW_AND_END": "1"}
        asked |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": str(Path(home) / "compiled")}

        def start(*command: str) -> None:
            subprocess.run(command, env=asked, check=True, stdout=subprocess.DEVNULL)

        yield pairs(
            "启动：打包的程序到窗口再结束，和源码比",
            lambda: start(str(FROZEN)),
            lambda: start(sys.executable, "-c", MAIN),
            bar=1.1,
            pairs=9,
        )
