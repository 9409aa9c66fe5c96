"""A Debian tree of its own in a folder: made by debootstrap, entered by chroot with mounts that end with the command.

What a package asks for is proved where nothing of ours lies, and an older tree gives an older glibc. Needs root and
debootstrap; `TreeRefused` says so otherwise. The registries that this machine is set up for (apt's mirror, pip's
settings, certificates) are carried into the tree; nothing of the machine's own tree is ever changed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MIRROR = "http://deb.debian.org/debian"
READY = ".planted"  # stands in a tree that debootstrap has finished
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
CARRIED_CERTIFICATES = "/etc/ssl/carried.crt"  # where no package of the tree writes
CARRIED = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf")
SETTINGS = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
APT_SETTINGS = 'APT::Install-Recommends "false";\nAcquire::Languages "none";\nAcquire::Check-Valid-Until "false";\n'


class TreeRefused(Exception):
    """No tree can be made here; the text says why and the remedy."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A Debian of `suite` whose root is `folder`."""

    suite: str
    folder: Path

    def run(
        self, *command: str, binds: Mapping[Path, str] | None = None, more: Mapping[str, str] | None = None
    ) -> int:
        """Run a command inside, as root, with /proc and /dev, and `binds` (outside → inside). Gives its exit code."""
        return subprocess.run(self._entering(command, binds or {}), env=self._environment(more or {})).returncode

    def read(self, *command: str) -> str:
        """What a command says inside. CalledProcessError when it fails."""
        done = subprocess.run(
            self._entering(command, {}), env=self._environment({}), check=True, text=True, stdout=subprocess.PIPE
        )
        return done.stdout

    def must(self, *command: str, binds: Mapping[Path, str] | None = None, **more: str) -> None:
        if code := self.run(*command, binds=binds, more=more):
            raise TreeRefused(f"{self.suite} 里这一步没有成功（{code}）：{shlex.join(command)}")

    def install(self, *names: str) -> None:
        """Debian packages, or .deb files by their path inside."""
        self.must("apt-get", "install", "-y", "-q", *names, DEBIAN_FRONTEND="noninteractive")

    def _entering(self, command: Sequence[str], binds: Mapping[Path, str]) -> list[str]:
        root = self.folder
        lines = ["set -e", f"mount -t proc proc {_q(root / 'proc')}"]
        for name in ("null", "zero", "full", "random", "urandom", "tty"):
            lines.append(f"touch {_q(root / 'dev' / name)}; mount --bind /dev/{name} {_q(root / 'dev' / name)}")
        lines.append(f"mkdir -p {_q(root / 'dev/shm')}; mount -t tmpfs shm {_q(root / 'dev/shm')}")
        for outside, inside in binds.items():
            place = root / inside.lstrip("/")
            lines.append(f"mkdir -p {_q(place)}; mount --bind {_q(outside)} {_q(place)}")
        lines.append(f"exec chroot {_q(root)} {shlex.join(command)}")
        # a mount namespace and a family of processes of its own: when the command ends, so do its mounts and children
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", "\n".join(lines)]

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        carried = {name: value for name, value in os.environ.items() if name.startswith(SETTINGS)}
        if CERTIFICATES.exists():
            carried |= {"PIP_CERT": CARRIED_CERTIFICATES, "SSL_CERT_FILE": CARRIED_CERTIFICATES}
        plain = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}
        return {**carried, **plain, **more}


def _q(path: Path) -> str:
    return shlex.quote(str(path))


def plant(suite: str, folder: Path) -> Tree:
    """A tree of `suite` with nothing but what Debian calls essential. One that stands there finished is used again."""
    _refuse()
    tree = Tree(suite, folder)
    if (folder / READY).exists():
        return tree
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    mirror = _mirror()
    log = folder.with_name(f"{folder.name}.log")
    with log.open("wb") as out:
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", suite, str(folder), mirror], stdout=out, stderr=subprocess.STDOUT
        )
    if done.returncode:
        raise TreeRefused(f"没有装出 {suite} 的干净系统，经过在 {log}。请检查软件源里有没有 {suite}。")
    _carry(tree, mirror)
    tree.must("apt-get", "update", "-q")
    (folder / READY).touch()
    return tree


def grown(tree: Tree, folder: Path) -> Tree:
    """A copy of a tree, to be spoilt: what is installed into it leaves the first one as it was."""
    if folder.exists():
        shutil.rmtree(folder)
    if code := subprocess.run(["cp", "-a", "--reflink=auto", str(tree.folder), str(folder)]).returncode:
        raise TreeRefused(f"没有复制出 {tree.suite} 的干净系统（{code}）：请看看磁盘还有没有空间。")
    return Tree(tree.suite, folder)


def _refuse() -> None:
    if sys.platform == "win32" or os.geteuid() != 0:
        raise TreeRefused("装一个干净的 Debian 要管理员身份：请用 root 运行，或加 sudo。")
    for name in ("debootstrap", "unshare", "chroot"):
        if shutil.which(name) is None:
            raise TreeRefused(f"缺少 {name}。请先安装：apt-get install debootstrap util-linux coreutils")


def _mirror() -> str:
    """The Debian mirror that this machine's apt is set up for."""
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for place in places:
        if place.suffix in (".list", ".sources") and place.is_file():
            text = "\n".join(line for line in place.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
            for address in re.findall(r"(?:^URIs:|^deb(?:\s+\[[^]]*\])?)\s+(\S+)", text, re.M):
                if re.fullmatch(r"https?://\S+/debian/?", address):
                    return str(address)
    return DEFAULT_MIRROR


def _carry(tree: Tree, mirror: str) -> None:
    """Sources with their security updates, and how this machine reaches its registries."""
    security = mirror.rstrip("/") + "-security"
    lines = [f"deb {mirror} {tree.suite} main", f"deb {mirror} {tree.suite}-updates main"]
    lines.append(f"deb {security} {tree.suite}-security main")
    (tree.folder / "etc/apt/sources.list").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tree.folder / "etc/apt/apt.conf.d/90tree").write_text(APT_SETTINGS, encoding="utf-8")
    for name in CARRIED:
        if Path(name).exists():
            shutil.copyfile(name, tree.folder / name[1:])
    if CERTIFICATES.exists():
        inside = tree.folder / CARRIED_CERTIFICATES[1:]
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CERTIFICATES, inside)
