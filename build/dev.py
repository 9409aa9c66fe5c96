#!/usr/bin/env python3
"""Every command a developer or a curious clerk types: set up, run, test, check, bench, package.

Plain standard library, Python 3.11, so that it works in a fresh clone on a bare Debian 12. What it makes lies in
.venv/ and var/ and nowhere else. It installs Debian packages only as root; otherwise it names the one apt line and
stops with 3. It never changes a tracked file, except `lock`, which is for that.
Exit codes: 0 done, 1 done with findings (a test or a lint failed), 2 wrong use, 3 refused, with the remedy.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VAR = ROOT / "var"
LOCK = ROOT / "build" / "requirements.txt"
FORMS = ROOT / "forms"
UV = "uv==0.13.9"
SYSTEMS = {("linux", "x86_64"), ("linux", "aarch64"), ("win32", "amd64")}
WINDOWS = sys.platform == "win32"
RESTARTS = 2  # processes of the tests that may die in one run before it is given up
SCRATCH = 8 << 30  # bytes that must be free before tests write into memory; a run takes far less

# What Qt 6.8 opens a window with on Debian 12; found by starting one on a bare machine.
RUN_PACKAGES = (
    *("libglib2.0-0", "libgl1", "libegl1", "libfontconfig1", "libxkbcommon0", "libdbus-1-3"),
    *("libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0", "libxcb-xkb1", "libxkbcommon-x11-0"),
    *("libxcb-render-util0", "libxcb-image0", "libxcb-randr0", "libxcb-sync1", "libxcb-xfixes0", "libx11-xcb1"),
)
# What the tests hold our files against, what types Chinese into a window, what prints.
TEST_PACKAGES = (
    "xvfb",
    *("poppler-utils", "openssl", "unzip", "libnss3-tools", "zbar-tools"),
    *("dbus", "ibus", "ibus-libpinyin", "xdotool"),
    "softhsm2",
    *("cups", "cups-client", "printer-driver-cups-pdf", "qpdf"),
    *("binutils", "shared-mime-info", "desktop-file-utils"),
    "postgresql",
)
BENCH_PACKAGES = ("qpdf",)
PACKAGE_PACKAGES = ("binutils",)  # PyInstaller reads libraries with objdump


class Refused(Exception):
    """Nothing more can be done here; the text says what happened and the remedy."""


# ---------------------------------------------------------------- the machine


def say(text: str) -> None:
    print(f"村报 · {text}", flush=True)


def check_machine(python: tuple[int, int] = sys.version_info[:2]) -> None:
    """Refuse systems and Pythons for which the lock has no wheels."""
    if not (3, 11) <= python < (3, 14):
        raise Refused(f"需要 Python 3.11 至 3.13，现在是 {python[0]}.{python[1]}。请用 python3.11 运行本命令。")
    machine = (sys.platform, platform.machine().lower())
    if machine not in SYSTEMS:
        raise Refused(f"没有适用于 {machine[0]} {machine[1]} 的组件；支持 Linux x86_64、Linux aarch64、Windows x64。")


def installed_packages(names: Iterable[str]) -> set[str] | None:
    """Those of `names` that are installed; None where there is no dpkg. A Debian 13 name with t64 counts as well."""
    if shutil.which("dpkg-query") is None:
        return None
    wanted = [spelling for name in names for spelling in (name, name + "t64")]
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *wanted],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    found = {line.split()[0] for line in answer.stdout.splitlines() if line.endswith("ii ")}
    return found | {name.removesuffix("t64") for name in found}


def missing_packages(names: Sequence[str], installed: set[str] | None) -> list[str]:
    return [] if installed is None else [name for name in names if name not in installed]


def python_packages() -> tuple[str, ...]:
    """What this Python lacks to make a .venv: Debian ships it without ensurepip."""
    needs = []
    if importlib.util.find_spec("ensurepip") is None:
        needs.append("python3-venv")
    if sys.platform == "linux" and not Path("/etc/ssl/certs/ca-certificates.crt").exists():
        needs.append("ca-certificates")
    return tuple(needs)


def install_packages(names: Sequence[str]) -> None:
    """As root by apt; otherwise say the line that an administrator types."""
    if not names:
        return
    line = "apt-get install -y --no-install-recommends " + " ".join(names)
    if shutil.which("apt-get") is None:
        raise Refused("缺少系统组件，本机没有 apt-get。请安装与下列 Debian 软件包相当的组件：\n  " + " ".join(names))
    if sys.platform != "win32" and os.geteuid() != 0:
        lines = f"  sudo apt-get update && sudo {line}"
        raise Refused(f"缺少系统组件，需要管理员安装一次：\n{lines}\n装好后再运行同一条命令。")
    say("安装系统组件：" + " ".join(names))
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], line.split()):
        done = subprocess.run(command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Refused(f"{done.stdout}\n这一步没有成功：{' '.join(command)}\n已有的文件没有改动；请检查网络后重试。")


# ---------------------------------------------------------------- .venv


def tool(name: str) -> str:
    """A program of .venv."""
    return str(VENV / ("Scripts" if WINDOWS else "bin") / (name + (".exe" if WINDOWS else "")))


def environment(**more: str) -> dict[str, str]:
    """What our programs see: UTF-8, and no droppings beside the sources. Compiled modules are kept in var/, whoever
    forbids them elsewhere: the tests start many processes, and each would compile every library anew."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONUTF8": "1", "PYTHONPYCACHEPREFIX": str(VAR / "pycache"), **more}


def call(*command: str, **more: str) -> int:
    return subprocess.run(command, cwd=ROOT, env=environment(**more), check=False).returncode


def digest(paths: Iterable[Path]) -> str:
    """One SHA-256 over the names and the bytes of files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two set-ups in one tree would write into each other's .venv."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "setup.lock").open("w") as handle:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make_venv() -> None:
    """.venv as the lock says, with the program in it; at once when it stands already."""
    stamp = VENV / "cunbao.stamp"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = f"{digest([LOCK])} {project['version']} {project['scripts']} {platform.python_version()}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not Path(tool("python")).exists() or not stamp.exists():
        say("建立 .venv")
        run_or_refuse(sys.executable, "-m", "venv", "--clear", str(VENV))
    say("安装 build/requirements.txt 中的组件（首次约 250 MB）")
    pip = (tool("python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-compile")
    run_or_refuse(*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK))
    # setuptools would put its leavings into the tree
    config = VAR / "setuptools.cfg"
    config.write_text("[egg_info]\negg_base = var\n[build]\nbuild_base = var/build\n")
    run_or_refuse(*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT), DIST_EXTRA_CONFIG=str(config))
    stamp.write_text(wanted)


def run_or_refuse(*command: str, **more: str) -> None:
    if code := call(*command, **more):
        raise Refused(f"这一步没有成功（{code}）：{' '.join(command)}\n请看上面的原因；改好后再运行同一条命令即可。")


def compile_forms() -> None:
    """XLSForm → XForm for each task of the repository, again only when a source has changed."""
    stamp = VAR / "forms" / "stamp"
    tasks = sorted(path.parent for path in FORMS.glob("*/task.toml"))
    wanted = digest(path for path in FORMS.rglob("*") if path.is_file())
    if not tasks or (stamp.exists() and stamp.read_text() == wanted):
        return
    for task in tasks:
        say(f"编译表式 {task.name}")
        run_or_refuse(tool("python"), "-m", "cunbao", "form", "compile", str(task.relative_to(ROOT)))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


def ready(packages: Sequence[str] = ()) -> None:
    """Bring machine, .venv and forms to where a command can start; costs nothing when they are there."""
    check_machine()
    wanted = (*python_packages(), *packages)
    install_packages([*python_packages(), *missing_packages(packages, installed_packages(wanted))])
    with one_at_a_time():
        make_venv()
        compile_forms()


# ---------------------------------------------------------------- a screen for the tests


def has_display() -> bool:
    return WINDOWS or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


@contextmanager
def a_screen(size: str = "1600x1000") -> Iterator[dict[str, str]]:
    """Xvfb for as long as the block runs; yields what a program must see to open its windows there."""
    if WINDOWS:
        yield {}
        return
    VAR.mkdir(exist_ok=True)
    ours, its = os.pipe()
    with (VAR / "xvfb.log").open("ab") as log:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(its), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[its], stdout=log, stderr=log,
        )  # fmt: skip
    os.close(its)
    try:
        with os.fdopen(ours, "rb") as pipe:
            number = pipe.readline().decode().strip()  # written when it is ready; empty when it has died
        if not number:
            raise Refused("虚拟屏幕 Xvfb 没有启动，原因在 var/xvfb.log。")
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "XDG_SESSION_TYPE": "x11", "WAYLAND_DISPLAY": ""}
    finally:
        server.terminate()
        server.wait()


def scratch() -> dict[str, str]:
    """Where tests write: in memory when there is plenty of it, since they flush to the disk many thousand times."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > SCRATCH
    return {"TMPDIR": str(memory)} if roomy and "TMPDIR" not in os.environ else {}


# ---------------------------------------------------------------- commands


def setup(_: list[str]) -> int:
    ready((*RUN_PACKAGES, *TEST_PACKAGES))
    say("可以用了：python3 build/dev.py run")
    return 0


def run(rest: list[str]) -> int:
    ready(RUN_PACKAGES)
    if has_display():
        return call(tool("cunbao"), *rest)
    demo = VAR / "demo"
    say("没有显示器，不能打开窗口；改为把样例的一轮报送做到 var/demo")
    if demo.exists():
        shutil.rmtree(demo)
    return call(tool("cunbao"), "demo", str(demo.relative_to(ROOT)), QT_QPA_PLATFORM="offscreen")


def test(rest: list[str]) -> int:
    ready((*RUN_PACKAGES, *TEST_PACKAGES))
    # Sets and dicts of another order each run: the state must not depend on it. The number repeats a run.
    seed = os.environ.get("PYTHONHASHSEED") or str(random.SystemRandom().randrange(1, 2**32))
    codes = chosen_tests(rest, seed) if rest else all_tests(seed)
    if 5 in codes:
        say("没有一个测试符合条件，按失败处理")
    return 1 if any(codes) else 0


def chosen_tests(rest: list[str], seed: str) -> list[int]:
    with a_screen() as screen:
        return [call(tool("python"), "-m", "pytest", *rest, PYTHONHASHSEED=seed, **screen, **scratch())]


def all_tests(seed: str) -> list[int]:
    """The whole suite, a process a core, each taking the next file from one queue, so that all end together.

    The focus of a screen belongs to one window at a time, so each process has a screen of its own; tests/conftest.py
    chooses it, and puts the long stories first. All get the same number, so that one line repeats a run.
    """
    workers = max(2, os.cpu_count() or 2)
    with ExitStack() as stack:
        screens = [stack.enter_context(a_screen()) for _ in range(workers + RESTARTS)]  # one for whoever takes over
        shown = ",".join(screen.get("DISPLAY", "") for screen in screens)
        queue = ("--dist", "loadfile", "--no-loadscope-reorder", f"--numprocesses={workers}")
        command = (tool("python"), "-m", "pytest", *queue, f"--max-worker-restart={RESTARTS}")
        return [call(*command, PYTHONHASHSEED=seed, CUNBAO_SCREENS=shown, **screens[0], **scratch())]


def check(_: list[str]) -> int:
    ready()
    (VAR / "import-linter").mkdir(exist_ok=True)
    lints = (
        ("ruff", tool("ruff"), "check"),
        ("mypy", tool("mypy")),
        # what is written for Windows is read as Windows reads it; there the other system's lines are out of reach
        ("mypy win32", tool("mypy"), "--platform", "win32", "--no-warn-unreachable", "--cache-dir", "var/mypy-win"),
        ("import-linter", tool("lint-imports"), "--cache-dir", "var/import-linter"),
    )
    failed = [name for name, *command in lints if call(*command)]
    say("未通过：" + "、".join(failed) if failed else "代码检查全部通过")
    return 1 if failed else 0


def bench(rest: list[str]) -> int:
    ready((*RUN_PACKAGES, *BENCH_PACKAGES))
    return call(tool("python"), "-m", "bench", *rest, QT_QPA_PLATFORM="offscreen", PYTHONPATH=str(ROOT / "tests"))


def package(rest: list[str]) -> int:
    ready((*RUN_PACKAGES, *PACKAGE_PACKAGES))
    return call(tool("python"), "build/package.py", *rest)


def gallery(rest: list[str]) -> int:
    ready(RUN_PACKAGES)
    return call(tool("python"), "-m", "cunbao.ui.kit.gallery", *rest)


def shots(rest: list[str]) -> int:
    ready(RUN_PACKAGES)
    return call(tool("python"), "-m", "cunbao.ui.shots", *rest, QT_QPA_PLATFORM="offscreen")


def manual(rest: list[str]) -> int:
    ready(RUN_PACKAGES)
    return call(tool("python"), "-m", "cunbao.ui.manualshots", *rest, QT_QPA_PLATFORM="offscreen")


def lock(_: list[str]) -> int:
    """build/requirements.txt anew from pyproject.toml. uv's own lock stays out: it names index addresses."""
    check_machine()
    room, uv = VAR / "lock", VAR / "uv" / ("Scripts" if WINDOWS else "bin") / "uv"
    room.mkdir(parents=True, exist_ok=True)
    if not uv.exists():
        run_or_refuse(sys.executable, "-m", "venv", str(VAR / "uv"))
        run_or_refuse(str(uv.with_name("python")), "-m", "pip", "install", "-q", UV)
    shutil.copy(ROOT / "pyproject.toml", room)
    project = ("--project", str(room), "--python", sys.executable, "--no-python-downloads", "-q")
    run_or_refuse(str(uv), "lock", *project)
    out = room / "requirements.txt"
    plain = ("--all-groups", "--no-emit-project", "--no-header", "--no-annotate")
    run_or_refuse(str(uv), "export", *project, "--frozen", *plain, "-o", str(out))
    LOCK.write_text(out.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    say("build/requirements.txt 已更新")
    return 0


@dataclass(frozen=True, slots=True)
class Command:
    does: str
    act: Callable[[list[str]], int]
    takes_more: bool = False


COMMANDS = {
    "setup": Command("建立 .venv，装好运行与测试所需的一切", setup),
    "run": Command("打开程序；没有显示器时把样例做到 var/demo", run, takes_more=True),
    "test": Command("全部测试，真实窗口开在虚拟屏幕上；其余参数交给 pytest，例如 -k 名册", test, takes_more=True),
    "check": Command("代码检查：ruff、mypy、分层约定", check),
    "bench": Command("一次运行中与所用库的直接用法相比的倍数；--json", bench, takes_more=True),
    "package": Command("可携带目录和安装包，放在 var/dist；--in、--clean-tree 见 --help", package, takes_more=True),
    "gallery": Command("打开组件总览窗口", gallery, takes_more=True),
    "shots": Command("把每个画面存成 PNG：shots 目录", shots, takes_more=True),
    "manual": Command("手册里的图，从运行的程序重新拍，放进 resources/manual/pictures", manual, takes_more=True),
    "lock": Command("按 pyproject.toml 重新生成 build/requirements.txt", lock),
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py", description="村报的开发命令")
    verbs = parser.add_subparsers(dest="command", required=True, metavar="命令")
    for name, command in COMMANDS.items():
        verbs.add_parser(name, help=command.does, description=command.does, add_help=not command.takes_more)
    chosen, rest = parser.parse_known_args(arguments)
    command = COMMANDS[chosen.command]
    if rest and not command.takes_more:
        parser.error("不认识的参数：" + " ".join(rest))
    try:
        return command.act(rest)
    except Refused as refusal:
        print(f"村报 · {refusal}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
