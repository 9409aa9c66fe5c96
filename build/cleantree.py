#!/usr/bin/env python3
"""The .deb installed into a bare Debian and run there: what it says it stands on is all that it gets, and no Python.

Run as a program it tries README's first command instead: the sources in a bare Debian that has Python 3.11 and no
more, as root and without a display. Needs root and debootstrap, see trees.py. Stops with the step that failed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import deb
import oldtree
import trees
from trees import TreeRefused

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "var" / "trees"
DEMO = "/root/demo"
# what a desktop has besides: who knows file types, and who checks a menu entry
DESKTOP = ("shared-mime-info", "desktop-file-utils", "libglib2.0-bin")


def prove(package: Path, suite: str, villages: int) -> None:
    """Install, run the sample round, ask the desktop what opens our files, remove. TreeRefused names what failed."""
    tree = trees.grown(trees.plant(suite, ROOM / suite), ROOM / f"{suite}-clean")
    try:
        shutil.copy2(package, tree.folder / "root" / package.name)
        tree.install(f"/root/{package.name}")
        if tree.run("sh", "-c", "command -v python3 || command -v python3.11") == 0:
            raise TreeRefused(f"{suite} 的干净系统里有 Python，证明不了不需要它")
        tree.must("cunbao", "demo", DEMO, "--villages", str(villages), QT_QPA_PLATFORM="offscreen")
        tree.must("sh", "-c", f"test -s {DEMO}/report.json && ls {DEMO}/pdf/*/*.pdf > /dev/null")
        tree.install("xvfb", "xauth")
        # under a shell: Xvfb tells nobody that it is ready whose number is 1, the first process of the tree
        tree.must("sh", "-c", "xvfb-run -a cunbao && true", CUNBAO_SHOW_AND_END="1")
        print(f"{suite}：装好，样例走完，窗口打得开")
        _desktop(tree)
        tree.must("apt-get", "remove", "-y", "-q", "cunbao")
        if (tree.folder / "usr/lib/cunbao").exists() or not (tree.folder / DEMO[1:]).exists():
            raise TreeRefused(f"{suite}：卸载后程序还在，或者资料不在了")
        print(f"{suite}：卸载干净，资料还在")
    finally:
        shutil.rmtree(tree.folder, ignore_errors=True)


def _desktop(tree: trees.Tree) -> None:
    """Each kind of file is known by its ending and opened by our menu entry."""
    tree.install(*DESKTOP)
    tree.must("desktop-file-validate", "/usr/share/applications/cunbao.desktop")
    for suffix, (media, _) in deb.types().items():
        name = f"/root/x{suffix}"
        (tree.folder / name[1:]).write_bytes(b"x")
        seen = tree.read("gio", "info", "-a", "standard::content-type", name)
        if media not in seen:
            raise TreeRefused(f"{tree.suite}：桌面把 {suffix} 认作\n{seen}")
        if "cunbao.desktop" not in tree.read("gio", "mime", media):
            raise TreeRefused(f"{tree.suite}：双击 {suffix} 不是用村报打开")
    print(f"{tree.suite}：{len(deb.types())} 种文件都认得，双击用村报打开")


def newcomer(suite: str) -> None:
    """`python3 build/dev.py run` where there is only Python: it must make the sample round. TreeRefused otherwise."""
    tree = trees.grown(trees.plant(suite, ROOM / suite), ROOM / f"{suite}-newcomer")
    try:
        tree.install("python3")
        oldtree.copy(tree.folder / "src")
        tree.must("sh", "-c", "cd /src && python3 build/dev.py run")
        tree.must("sh", "-c", "cd /src/var/demo && test -s report.json && ls pdf/*/*.pdf screens/*.png > /dev/null")
        print(f"{suite}：只有 Python 3.11 的系统里，README 的第一条命令做完了样例")
    finally:
        shutil.rmtree(tree.folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        newcomer(sys.argv[1] if len(sys.argv) > 1 else "bookworm")
    except TreeRefused as refused:
        print(f"村报 · {refused}", file=sys.stderr)
        sys.exit(3)
