#!/usr/bin/env python3
"""Make what an office installs: var/dist/cunbao/ (a folder that needs no Python) and a .deb around it.

Called by `dev.py package` inside .venv. Nothing is handed out that has not run: the folder must make the whole sample
round before the .deb is written. The folder asks for the glibc of the machine that built it, which is measured and
said in the .deb; `--in bullseye` builds in an older Debian, `--clean-tree bookworm` installs and runs it in a bare one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build"))

import cleantree  # noqa: E402
import deb  # noqa: E402
import elf  # noqa: E402
import oldtree  # noqa: E402
import shipped  # noqa: E402
from trees import TreeRefused  # noqa: E402

DIST = ROOT / "var" / "dist"
MODULES = ROOT / "var" / "pyi" / "cunbao" / "PYZ-00.toc"  # what PyInstaller has put in
COMMON_LICENCES = Path("/usr/share/common-licenses")


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def run(*command: str, **more: str) -> None:
    """Run a step; stop with its name when it fails."""
    if code := subprocess.run(command, cwd=ROOT, env={**os.environ, **more}).returncode:
        raise SystemExit(f"打包没有完成，这一步失败（{code}）：{' '.join(command)}")


def commit_time() -> str:
    """Seconds of the last commit, so that the same sources give the same dates in the archives; else a fixed day."""
    if shutil.which("git") is None:
        return os.environ.get("SOURCE_DATE_EPOCH", "1735689600")
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or os.environ.get("SOURCE_DATE_EPOCH", "1735689600")


def freeze() -> Path:
    """The folder, made by PyInstaller from build/cunbao.spec."""
    if sys.platform == "win32":
        import windows

        windows.prepare(ROOT / "var" / "pyi", version())
    command = (sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN")
    places = ("--workpath", "var/pyi", "--distpath", "var/dist")
    run(*command, *places, "build/cunbao.spec", PYTHONHASHSEED="1")
    return DIST / "cunbao"


def not_in(modules: str) -> list[str]:
    """Of the components that pyproject.toml names, those that are not among the modules of a bundle (its .toc)."""
    return [name for name in shipped.named() if f"'{name}" not in modules]


def prove(folder: Path, villages: int = 6) -> None:
    """Have the folder make the sample round, as on a machine without this source tree, Python or fonts of ours."""
    demo = DIST / "demo"
    if demo.exists():
        shutil.rmtree(demo)
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    program = [str(folder / "cunbao"), "demo", str(demo), "--villages", str(villages)]
    done = subprocess.run(program, cwd=DIST, env={**plain, "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"})
    if done.returncode:
        where = folder.relative_to(ROOT)
        raise SystemExit(f"打好的程序没有走完样例（{done.returncode}），没有生成安装包；程序在 {where}")
    shown = {**plain, "QT_QPA_PLATFORM": "offscreen", "CUNBAO_SHOW_AND_END": "1", "XDG_DATA_HOME": str(demo / "home")}
    if code := subprocess.run([str(folder / "cunbao")], cwd=DIST, env=shown).returncode:
        raise SystemExit(f"打好的程序没有打开窗口（{code}），没有生成安装包")


def add_licences(folder: Path) -> None:
    """The licence of each component, in licenses/<component>/. Qt's wheels bring none: Debian has the LGPL's text."""
    for component in shipped.components().values():
        for file in shipped.licence_files(component):
            target = folder / "licenses" / component.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(component.locate_file(file)), target)
    for text in ("LGPL-3", "GPL-3"):
        if (COMMON_LICENCES / text).exists():
            shutil.copyfile(COMMON_LICENCES / text, folder / "licenses" / text)
    shutil.copyfile(ROOT / "NOTICE.md", folder / "licenses" / "NOTICE.md")
    shutil.copyfile(ROOT / "LICENSE", folder / "licenses" / "LICENSE")


def here(villages: int) -> Path | None:
    """Folder and .deb made by this machine for itself; None where there is no dpkg-deb."""
    folder = freeze()
    if missing := not_in(MODULES.read_text(encoding="utf-8")):
        raise SystemExit("打好的程序里少了这些组件：" + "、".join(missing))
    add_licences(folder)
    prove(folder, villages)
    print(f"可携带目录：{folder.relative_to(ROOT)}")
    if shutil.which("dpkg-deb") is None:
        print("本机没有 dpkg-deb，没有生成 .deb")
        return None
    return deb.wrap(folder, DIST, version(), moment=commit_time())


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py package", description="可携带目录和安装包，放在 var/dist")
    parser.add_argument("--in", dest="suite", metavar="bullseye", help="在这个较早的 Debian 里打包，能装的系统更多")
    parser.add_argument("--clean-tree", action="append", default=[], metavar="bookworm", help="装进干净的系统试一遍")
    parser.add_argument("--deb", type=Path, help="不打包，只把这个 .deb 装进干净的系统")
    parser.add_argument("--villages", type=int, default=6, help="样例有几个村，默认 6")
    asked = parser.parse_args(arguments)
    try:
        package = asked.deb or (oldtree.build(asked.suite, asked.villages) if asked.suite else here(asked.villages))
        if package is not None:
            print(f"安装包：{package}，{package.stat().st_size / 1e6:.0f} MB")
            for suite in asked.clean_tree:
                cleantree.prove(package, suite, asked.villages)
    except TreeRefused as refused:
        print(f"村报 · {refused}", file=sys.stderr)
        return 3
    files = elf.elf_files(DIST / "cunbao") if sys.platform == "linux" else ()
    if files and not asked.deb:
        reached = "；".join(elf.reached(files))
        print(f"{len(files)} 个程序和库，要求 glibc {elf.words(elf.floor(files))} 以上：{reached}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
