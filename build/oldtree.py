"""The package built in an older Debian, so that it starts on older systems: its Python from Debian's source, the wheels
of the lock, this tree's files; then frozen, proved and packed there by package.py as anywhere else.

Debian 12 has the newest Python 3.11 that the lock is made for; its source is taken with Debian's mends (not with what
moves files to Debian's own places) and built against the older glibc. Needs root and debootstrap, see trees.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import trees
from trees import Tree

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "var" / "trees"
PYTHON = "/opt/python/bin/python3.11"
SOURCES = "bookworm"  # whose Python 3.11 is built
FIRST_MEND = "shutdown-deadlock.diff"  # in Debian's series: what stands before it is for Debian's places of files
NEEDS = (
    *("build-essential", "patch", "xz-utils", "ca-certificates", "perl"),
    *("zlib1g-dev", "libffi-dev", "libbz2-dev", "liblzma-dev", "uuid-dev"),
)
FETCH = f"""
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list | grep -v security | sed 's/ @suite@/ {SOURCES}/' \\
  > /etc/apt/sources.list.d/sources.list
apt-get update -q
cd /usr/src && rm -rf python openssl *.orig.tar.* *.debian.tar.* && mkdir python openssl
apt-get source -q --download-only python3.11 openssl
rm /etc/apt/sources.list.d/sources.list
for name in python3.11:python openssl:openssl; do
  for part in orig debian; do
    from=$(ls ${{name%%:*}}_*.$part.tar.?z); into=${{name##*:}}
    if [ $part = orig ]; then tar xf $from -C $into --strip-components=1; else tar xf $from -C $into; fi
  done
done
"""
# OpenSSL 3: what Debian 11 has is mended no more. Every system keeps the roots that it trusts in /etc/ssl.
OPENSSL = """
cd /usr/src/openssl
for name in $(grep -v '^#' debian/patches/series | grep '[.]patch'); do patch -p1 -s -f -N < debian/patches/$name; done
./Configure --prefix=/opt/python --libdir=lib --openssldir=/etc/ssl shared no-tests > /dev/null
make -s -j"$(nproc)" > /dev/null && make -s install_sw > /dev/null
"""
MEND = f"""
cd /usr/src/python
for name in $(sed -n '/^{FIRST_MEND}/,$p' debian/patches/series | grep -v '^#' | grep -v '^skip-' | cut -d' ' -f1); do
  patch -p1 -s -f -N < debian/patches/$name
done
# a mend asks for what only a built-in module is given
sed -i '1i #define Py_BUILD_CORE_MODULE 1' Modules/pyexpat.c
rm -rf Lib/test/*  # nothing of it ships, and compiling it takes longer than Python
"""
# sem_clockwait is of glibc 2.30; without it Python waits by sem_timedwait, as on every older system
MAKE = """
cd /usr/src/python
./configure -q --prefix=/opt/python --enable-shared --without-static-libpython --with-ensurepip=install \\
  --with-openssl=/opt/python --with-openssl-rpath=auto \\
  ac_cv_func_sem_clockwait=no CFLAGS='-include /usr/src/oldglibc.h' LDFLAGS='-Wl,-rpath,/opt/python/lib'
make -s -j"$(nproc)" && make -s install
/opt/python/bin/python3.11 -c 'import bz2, ctypes, lzma, pyexpat, ssl, uuid, zlib; print(ssl.OPENSSL_VERSION)'
"""


def build(suite: str, villages: int) -> Path:
    """The .deb made in a tree of `suite`, put with its folder into var/dist. TreeRefused says what failed."""
    tree = trees.plant(suite, ROOM / f"{suite}-build")
    _python(tree)
    inside = tree.folder / "src"
    copy(inside)
    moment = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    command = f"cd /src && {PYTHON} build/dev.py package --villages {villages}"
    tree.must("sh", "-c", command, SOURCE_DATE_EPOCH=moment or "1735689600")
    dist = ROOT / "var" / "dist"
    for name in ("cunbao", "demo"):
        shutil.rmtree(dist / name, ignore_errors=True)
        shutil.copytree(inside / "var/dist" / name, dist / name, symlinks=True)
    made = next((inside / "var/dist").glob("*.deb"))
    return Path(shutil.copy2(made, dist / made.name))


def _python(tree: Tree) -> None:
    """Python 3.11 in /opt/python of the tree; once."""
    if (tree.folder / "opt/python/.built").exists():
        return
    print(f"在 {tree.suite} 里编译 OpenSSL 和 Python 3.11，要十来分钟", flush=True)
    tree.install(*NEEDS)
    shutil.copyfile(ROOT / "build" / "oldglibc.h", tree.folder / "usr/src/oldglibc.h")
    for step in (FETCH.replace("@suite@", tree.suite), OPENSSL, MEND, MAKE):
        tree.must("sh", "-ec", step)
    (tree.folder / "opt/python/.built").touch()


def copy(target: Path) -> None:
    """The files of this tree as they are now, without what is made from them; an earlier .venv stays."""
    for name in _files(("git", "ls-files", "-co", "--exclude-standard")):
        source = ROOT / name
        if source.is_file():
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, place)
    known = set(_files(("git", "ls-files", "-co", "--exclude-standard")))
    for folder in ("build", "desktop", "forms", "resources"):
        for path in (target / folder).rglob("*"):
            if path.is_file() and str(path.relative_to(target)) not in known:
                path.unlink()


def _files(command: Sequence[str]) -> list[str]:
    done = subprocess.run(
        [*command, "-z"], cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    return [name for name in done.stdout.split("\0") if name]
