"""build/dev.py: what a fresh clone meets before anything of the program runs."""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def dev() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cunbao_dev", ROOT / "build" / "dev.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def no_dpkg_row(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(dev, "installed_packages", lambda _: set())
    return dev


def a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def test_a_user_without_rights_gets_the_one_apt_line_and_exit_3(no_dpkg_row, monkeypatch, capsys):
    a_user(monkeypatch)
    monkeypatch.setattr(no_dpkg_row.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert no_dpkg_row.main(["run"]) == 3
    said = capsys.readouterr().err
    lines = [line for line in said.splitlines() if "apt-get install" in line]
    assert len(lines) == 1
    assert all(name in lines[0] for name in no_dpkg_row.RUN_PACKAGES)
    assert "xvfb" not in lines[0]  # opening the program asks for less than testing it


def test_tests_ask_for_a_screen_and_the_outside_readers(no_dpkg_row, monkeypatch, capsys):
    a_user(monkeypatch)
    monkeypatch.setattr(no_dpkg_row.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert no_dpkg_row.main(["test"]) == 3
    said = capsys.readouterr().err
    assert all(name in said for name in ("xvfb", "poppler-utils", "openssl", "unzip"))


def test_a_system_without_apt_is_told_what_it_needs(no_dpkg_row, monkeypatch, capsys):
    monkeypatch.setattr(no_dpkg_row.shutil, "which", lambda _: None)
    with pytest.raises(no_dpkg_row.Refused, match="libxcb-cursor0"):
        no_dpkg_row.install_packages(["libxcb-cursor0"])


def test_a_bare_debian_is_given_venv_and_certificates(dev, monkeypatch):
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(dev.Path, "exists", lambda _: False)
    assert dev.python_packages() == ("python3-venv", "ca-certificates")


def test_only_what_is_missing_is_installed(dev):
    assert dev.missing_packages(("libgl1", "xvfb"), {"libgl1"}) == ["xvfb"]
    assert dev.missing_packages(("libgl1", "xvfb"), None) == []


def test_a_library_renamed_by_debian_13_counts_as_there(dev, monkeypatch):
    answer = subprocess.CompletedProcess([], 1, stdout="libglib2.0-0t64 ii \nxvfb un \n")
    monkeypatch.setattr(dev.subprocess, "run", lambda *_, **__: answer)
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert "libglib2.0-0" in dev.installed_packages(["libglib2.0-0", "xvfb"])
    assert "xvfb" not in dev.installed_packages(["libglib2.0-0", "xvfb"])


@pytest.mark.parametrize("python", [(3, 10), (3, 14)])
def test_a_python_without_wheels_is_refused_by_name(dev, python):
    with pytest.raises(dev.Refused, match=rf"{python[0]}\.{python[1]}"):
        dev.check_machine(python)


def test_a_machine_without_wheels_is_refused_by_name(dev, monkeypatch):
    monkeypatch.setattr(dev.platform, "machine", lambda: "loongarch64")
    with pytest.raises(dev.Refused, match="loongarch64"):
        dev.check_machine((3, 11))


def test_unknown_words_are_wrong_use(dev):
    for words in ([], ["fly"], ["setup", "--now"]):
        with pytest.raises(SystemExit) as stop:
            dev.main(words)
        assert stop.value.code == 2


def test_no_matching_test_counts_as_a_failure(dev, monkeypatch, capsys):
    monkeypatch.setattr(dev, "ready", lambda _: None)
    monkeypatch.setattr(dev, "call", lambda *_, **__: 5)
    assert dev.test(["-k", "nothing"]) == 1
    assert "没有一个测试" in capsys.readouterr().out


@pytest.fixture
def small_suite(dev, monkeypatch, tmp_path) -> Path:
    """A project of three tests that hold, one in each of ui, e2e and desks; it runs with this Python and no screen."""
    for folder in ("ui", "e2e", "desks"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
        test = tmp_path / "tests" / folder / f"test_{folder}.py"
        test.write_text(f"def test_{folder}():\n    assert True\n", encoding="utf-8")
    (tmp_path / "var").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n", encoding="utf-8")
    shutil.copyfile(ROOT / "tests" / "conftest.py", tmp_path / "tests" / "conftest.py")
    screens = iter(range(90, 99))
    monkeypatch.setattr(dev, "ready", lambda _: None)
    monkeypatch.setattr(dev, "a_screen", lambda: contextlib.nullcontext({"DISPLAY": f":{next(screens)}"}))
    monkeypatch.setattr(dev, "tool", lambda _: sys.executable)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VAR", tmp_path / "var")
    return tmp_path


def test_the_whole_suite_runs_every_test_once(dev, small_suite, capfd):
    assert dev.test([]) == 0
    assert "3 passed" in capfd.readouterr().out


def test_every_process_has_a_screen_of_its_own_and_a_failure_in_any_is_shown_and_counts(dev, small_suite, capfd):
    for folder in ("e2e", "desks"):
        said = "import os\ndef test_it():\n    assert not (os.environ['PYTEST_XDIST_WORKER'], os.environ['DISPLAY'])\n"
        (small_suite / "tests" / folder / f"test_{folder}.py").write_text(said, encoding="utf-8")
    assert dev.test([]) == 1
    shown = capfd.readouterr().out
    screens = set(re.findall(r"assert not \('(gw\d)', '(:\d\d)'\)", shown))
    assert len(screens) == len({process for process, _ in screens}) == len({screen for _, screen in screens}) == 2
    assert "2 failed, 1 passed" in shown


def test_without_a_display_run_makes_the_sample_round(dev, monkeypatch, capsys, tmp_path):
    calls = []
    monkeypatch.setattr(dev, "ready", lambda _: None)
    monkeypatch.setattr(dev, "has_display", lambda: False)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VAR", tmp_path / "var")
    monkeypatch.setattr(dev, "call", lambda *words, **_: calls.append(words[1:]) or 0)
    (tmp_path / "var" / "demo").mkdir(parents=True)
    (tmp_path / "var" / "demo" / "old").touch()
    assert dev.run([]) == 0
    assert calls == [("demo", "var/demo")]
    assert not (tmp_path / "var" / "demo").exists()
    assert "没有显示器" in capsys.readouterr().out


def test_the_lock_has_a_hash_for_every_package_and_no_address():
    text = (ROOT / "build" / "requirements.txt").read_text(encoding="utf-8")
    packages = [line for line in text.splitlines() if "==" in line]
    assert len(packages) > 60
    assert all(line.endswith("\\") for line in packages)  # a hash follows
    assert "://" not in text


def test_ci_runs_the_command_of_the_readme():
    command = "python3 build/dev.py test"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == f"exec {command}"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
