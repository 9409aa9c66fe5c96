#!/usr/bin/env python3
"""Make what an office installs: var/dist/cunbao/ (a folder that needs no Python) and a .deb for Debian 12 around it.

Called by `dev.py package` inside .venv. Nothing is handed out that has not run: the folder must make the whole sample
round before the .deb is written. The folder asks for the glibc of the machine that built it; the .deb says so.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "var" / "dist"
COMMON_LICENCES = Path("/usr/share/common-licenses")
LICENCE_WORDS = ("licen", "copying", "notice", "authors")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
MEDIA_TYPES = {"cbtask": "村报任务包", "cbsync": "村报报送包或回执"}

CONTROL = """\
Package: cunbao
Version: {version}
Architecture: {architecture}
Maintainer: cunbao maintainers <cunbao@localhost>
Installed-Size: {kilobytes}
Depends: libc6 (>= {glibc}), {depends}
Section: misc
Priority: optional
Description: 村报：村级综合报表离线填报、签名、报送与汇总
 Offline returns of villages for townships and counties: fill, check, sign,
 print, carry on a stick, review, total.
"""

DESKTOP = """\
[Desktop Entry]
Type=Application
Name=村报
Comment=村级综合报表离线填报、签名、报送与汇总
Exec=cunbao %f
Icon=cunbao
Categories=Office;
MimeType={types};
StartupWMClass=cunbao
"""

MIME_ENTRY = """\
  <mime-type type="application/x-cunbao-{suffix}">
    <comment>{name}</comment>
    <glob pattern="*.{suffix}"/>
  </mime-type>
"""
MIME = """\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
{entries}</mime-info>
"""


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def run(*command: str, **more: str) -> None:
    """Run a step; stop with its name when it fails."""
    if code := subprocess.run(command, cwd=ROOT, env={**os.environ, **more}).returncode:
        raise SystemExit(f"打包没有完成，这一步失败（{code}）：{' '.join(command)}")


def commit_time() -> str:
    """Seconds of the last commit, so that the same sources give the same dates in the archives; else a fixed day."""
    if shutil.which("git") is None:
        return "1735689600"
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "1735689600"


def freeze() -> Path:
    """The folder, made by PyInstaller from build/cunbao.spec."""
    command = (sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN")
    places = ("--workpath", "var/pyi", "--distpath", "var/dist")
    run(*command, *places, "build/cunbao.spec", PYTHONHASHSEED="1")
    return DIST / "cunbao"


def prove(folder: Path) -> None:
    """Have the folder make the sample round, as on a machine without this source tree, Python or fonts of ours."""
    demo = DIST / "demo"
    if demo.exists():
        shutil.rmtree(demo)
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    program = [str(folder / "cunbao"), "demo", str(demo)]
    done = subprocess.run(program, cwd=DIST, env={**plain, "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"})
    if done.returncode:
        where = folder.relative_to(ROOT)
        raise SystemExit(f"打好的程序没有走完样例（{done.returncode}），没有生成安装包；程序在 {where}")


def add_licences(folder: Path) -> None:
    """The licence of each component, in licenses/<component>/. Qt's wheels bring none: Debian has the LGPL's text."""
    for component in distributions():
        for file in component.files or ():
            in_info = any(part.endswith(".dist-info") for part in file.parts)
            if in_info and any(word in file.name.lower() for word in LICENCE_WORDS):
                target = folder / "licenses" / component.name / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)
    for text in ("LGPL-3", "GPL-3"):
        if (COMMON_LICENCES / text).exists():
            shutil.copyfile(COMMON_LICENCES / text, folder / "licenses" / text)
    shutil.copyfile(ROOT / "NOTICE.md", folder / "licenses" / "NOTICE.md")
    shutil.copyfile(ROOT / "LICENSE", folder / "licenses" / "LICENSE")


def control(folder: Path, depends: tuple[str, ...]) -> str:
    kilobytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024
    return CONTROL.format(
        version=version(),
        architecture=ARCHITECTURES[platform.machine()],
        kilobytes=kilobytes,
        glibc=platform.libc_ver()[1],
        depends=", ".join(depends),
    )


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def debian(folder: Path, room: Path, depends: tuple[str, ...]) -> Path:
    """Wrap `folder` into a .deb below `room`: program, command, menu entry, two file types."""
    tree = room / "deb"
    if tree.exists():
        shutil.rmtree(tree)
    shutil.copytree(folder, tree / "usr/lib/cunbao", symlinks=True)
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin/cunbao").symlink_to("../lib/cunbao/cunbao")
    put(tree / "DEBIAN/control", control(folder, depends))
    types = ";".join(f"application/x-cunbao-{suffix}" for suffix in MEDIA_TYPES)
    put(tree / "usr/share/applications/cunbao.desktop", DESKTOP.format(types=types))
    entries = "".join(MIME_ENTRY.format(suffix=suffix, name=name) for suffix, name in MEDIA_TYPES.items())
    put(tree / "usr/share/mime/packages/cunbao.xml", MIME.format(entries=entries))
    icon = tree / "usr/share/icons/hicolor/scalable/apps/cunbao.svg"
    put(icon, (ROOT / "build" / "cunbao.svg").read_text(encoding="utf-8"))
    notices = (ROOT / "LICENSE").read_text(encoding="utf-8") + "\n" + (ROOT / "NOTICE.md").read_text(encoding="utf-8")
    put(tree / "usr/share/doc/cunbao/copyright", notices)
    name = f"cunbao_{version()}_{ARCHITECTURES[platform.machine()]}.deb"
    run("dpkg-deb", "-Zxz", "--root-owner-group", "-b", str(tree), str(room / name), SOURCE_DATE_EPOCH=commit_time())
    shutil.rmtree(tree)
    return room / name


def main(depends: tuple[str, ...]) -> int:
    folder = freeze()
    add_licences(folder)
    prove(folder)
    print(f"可携带目录：{folder.relative_to(ROOT)}")
    if shutil.which("dpkg-deb") is None:
        print("本机没有 dpkg-deb，没有生成 .deb")
        return 0
    package = debian(folder, DIST, depends)
    print(f"Debian 12 安装包：{package.relative_to(ROOT)}，{package.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:])))
