"""The recipe for Windows, as far as it can be tried elsewhere: what it names is there or made, and says what we say."""

import ast
import importlib
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from cunbao.desks.filekinds import SUFFIXES

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.compile(r"^\[(\w+)\]$")
# not on Windows; a module that needs one asks sys.platform first, or imports it where it is used
POSIX = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "crypt", "syslog", "posix", "readline"}


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    sys.path.insert(0, str(ROOT / "build"))
    try:
        return importlib.import_module("windows")
    finally:
        sys.path.remove(str(ROOT / "build"))


@pytest.fixture(scope="module")
def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def sections(text: str) -> dict[str, list[str]]:
    """An Inno Setup script: section → its lines, without comments and what the preprocessor reads."""
    found: dict[str, list[str]] = {}
    here = ""
    for line in text.splitlines():
        if title := SECTION.match(line.strip()):
            here = title.group(1)
            found.setdefault(here, [])
        elif line.strip() and not line.startswith((";", "#")):
            assert here, f"a line before the first section: {line}"
            found[here].append(line)
    return found


@pytest.fixture(scope="module")
def script() -> str:
    data = (ROOT / "build" / "cunbao.iss").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")  # else the setup reads Chinese as Latin
    return data.decode("utf-8-sig")


@pytest.fixture(scope="module")
def made(recipe, version, tmp_path_factory) -> Path:
    work = tmp_path_factory.mktemp("pyi")
    recipe.prepare(work, version)
    return work


def test_whatever_the_setup_names_is_there_or_made(script, made):
    for name in re.findall(r"\.\.\\([^\s\"]+)", script):
        path = Path(name.replace("\\", "/"))
        if path.is_relative_to("var/pyi"):
            found = list(made.glob(str(path.relative_to("var/pyi"))))
            assert found, name
        else:
            assert path.is_relative_to("var/dist"), name  # the program, and the setup itself
    spec = (ROOT / "build" / "cunbao.spec").read_text(encoding="utf-8")
    for name in re.findall(r'WORK / "([^"]+)"', spec):
        assert (made / name).exists(), name


def test_it_is_installed_for_one_user_in_chinese_and_leaves_the_workspaces(script):
    found = sections(script)
    settings = dict(line.split("=", 1) for line in found["Setup"])
    assert settings["PrivilegesRequired"] == "lowest"
    assert settings["DefaultDirName"] == r"{autopf}\cunbao"  # %LOCALAPPDATA%\Programs for one user
    assert settings["ChangesAssociations"] == "yes"
    assert settings["AppVersion"] == "{#Version}"
    assert re.fullmatch(r"\{\{[0-9A-F-]{36}\}", settings["AppId"])  # a program of another id would stand beside it
    assert "UninstallDelete" not in found and "{localappdata}" not in script
    assert all(line.startswith('Type: filesandordirs; Name: "{app}\\') for line in found["InstallDelete"])
    messages = dict(line.split("=", 1) for line in found["Messages"])
    assert all(re.search("[\u4e00-\u9fff]", words) for words in messages.values())
    assert {"WelcomeLabel2", "ButtonNext", "FinishedLabel", "ConfirmUninstall", "ReadyLabel1"} <= messages.keys()
    assert "资料都留在原处" in messages["ConfirmUninstall"]
    for line in found["Files"] + found["Icons"] + found["Run"] + found["Tasks"]:
        assert all(re.fullmatch(r'\w+: (".*"|[\w ]+)', part.strip()) for part in line.split(";")), line


def test_every_kind_of_file_is_opened_by_the_program_with_its_own_icon(recipe, version, made):
    text = (made / "types.iss").read_bytes().decode("utf-8-sig")
    assert f'#define Version "{version}"' in text
    lines = sections(text)["Registry"]
    assert all(line.startswith("Root: HKA; ") for line in lines)  # never the whole machine's
    for suffix in SUFFIXES:
        assert f'Classes\\{suffix}"; ValueType: string; ValueData: "cunbao{suffix}"' in text
    opened = [line for line in lines if r"\shell\open\command" in line]
    assert len(opened) == len(SUFFIXES)
    assert all(line.endswith('ValueData: """{app}\\cunbao.exe"" ""%1"""') for line in opened)
    for icon in re.findall(r"\{app\}\\(icons\\\w+\.ico)", text):
        assert (made / icon.replace("\\", "/")).exists()


def test_the_icons_are_drawn_in_every_size_that_windows_shows(made):
    for path in (made / "cunbao.ico", made / "icons" / "cbsync.ico"):
        with Image.open(path) as icon:
            assert {(16, 16), (32, 32), (48, 48), (256, 256)} <= icon.info["sizes"]


def test_the_properties_of_the_program_show_its_version(recipe):
    tree = ast.parse(recipe.version_resource("1.2.3"), mode="eval")
    assert isinstance(tree.body, ast.Call)
    assert "(1, 2, 3, 0)" in ast.unparse(tree)
    assert "StringStruct('ProductVersion', '1.2.3')" in ast.unparse(tree)


def test_the_lock_serves_windows():
    systems = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]
    assert "sys_platform == 'win32' and platform_machine == 'AMD64'" in systems["required-environments"]
    from packaging.requirements import Requirement

    lock = (ROOT / "build" / "requirements.txt").read_text(encoding="utf-8")
    entries = [line.split(" \\")[0] for line in lock.splitlines() if line[:1].isalnum()]
    windows = {"sys_platform": "win32", "platform_machine": "AMD64", "os_name": "nt", "platform_system": "Windows"}
    there = {
        one.name.lower() for one in map(Requirement, entries) if one.marker is None or one.marker.evaluate(windows)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {Requirement(one).name.lower() for one in project["dependencies"]} <= there


def at_import(tree: ast.Module) -> list[ast.stmt]:
    """What runs when a module is imported on Windows: not functions, not the other system's branches."""
    found: list[ast.stmt] = []
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        one = waiting.pop()
        found.append(one)
        if isinstance(one, ast.If) and "sys.platform" in ast.unparse(one.test):
            test = ast.unparse(one.test)
            assert test in ("sys.platform == 'win32'", "sys.platform != 'win32'", "sys.platform == 'linux'"), test
            waiting += one.body if test == "sys.platform == 'win32'" else one.orelse
        elif isinstance(one, (ast.If, ast.Try, ast.With, ast.ClassDef)):
            waiting += [part for part in ast.iter_child_nodes(one) if isinstance(part, ast.stmt)]
    return found


def test_no_module_needs_another_system_to_be_imported():
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        for one in at_import(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in one.names] if isinstance(one, ast.Import) else []
            names += [one.module or ""] if isinstance(one, ast.ImportFrom) else []
            assert not POSIX & {name.split(".")[0] for name in names}, f"{path}:{one.lineno}"
