"""build/package.py: the .deb an office installs, made here around a folder with one small program."""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPENDS = ("libgl1", "libxcb-cursor0")


@pytest.fixture(scope="module")
def packaging() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cunbao_package", ROOT / "build" / "package.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def a_folder(where: Path) -> Path:
    folder = where / "cunbao"
    folder.mkdir()
    (folder / "cunbao").write_text("#!/bin/sh\necho 村报\n", encoding="utf-8")
    (folder / "cunbao").chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def deb(packaging, tmp_path_factory) -> Path:
    where = tmp_path_factory.mktemp("deb")
    return packaging.debian(a_folder(where), where, DEPENDS)


def read(deb: Path, *question: str) -> str:
    return subprocess.run(["dpkg-deb", *question, str(deb)], capture_output=True, text=True, check=True).stdout


def test_the_package_names_what_debian_12_must_have(deb, packaging):
    depends = read(deb, "--show", "--showformat", "${Depends}")
    assert depends.startswith("libc6 (>= 2.")
    assert all(name in depends for name in DEPENDS)
    assert read(deb, "--show", "--showformat", "${Version}") == packaging.version()


def test_the_installed_command_starts_the_program(deb, tmp_path):
    subprocess.run(["dpkg-deb", "-x", str(deb), str(tmp_path)], check=True)
    said = subprocess.run([tmp_path / "usr/bin/cunbao"], capture_output=True, text=True, check=True)
    assert said.stdout == "村报\n"


def test_the_menu_entry_has_its_icon_and_opens_a_task_pack(deb, tmp_path):
    subprocess.run(["dpkg-deb", "-x", str(deb), str(tmp_path)], check=True)
    entry = (tmp_path / "usr/share/applications/cunbao.desktop").read_text(encoding="utf-8")
    assert "Exec=cunbao %f" in entry
    assert "application/x-cunbao-cbtask" in entry
    icon = tmp_path / "usr/share/icons/hicolor/scalable/apps/cunbao.svg"
    assert icon.read_text(encoding="utf-8").startswith("<svg")
    types = (tmp_path / "usr/share/mime/packages/cunbao.xml").read_text(encoding="utf-8")
    assert 'glob pattern="*.cbtask"' in types
    assert 'glob pattern="*.cbsync"' in types


def test_the_package_tells_whose_fonts_and_data_it_carries(deb, tmp_path):
    subprocess.run(["dpkg-deb", "-x", str(deb), str(tmp_path)], check=True)
    notices = (tmp_path / "usr/share/doc/cunbao/copyright").read_text(encoding="utf-8")
    assert "MIT License" in notices
    assert "国家统计局" in notices


def test_the_licence_of_each_component_goes_along(packaging, tmp_path):
    packaging.add_licences(tmp_path)
    found = {path.name for path in (tmp_path / "licenses").iterdir()}
    assert {"pyHanko", "reportlab", "sqlcipher3", "LICENSE", "NOTICE.md", "LGPL-3"} <= found


def test_all_files_belong_to_root(deb):
    owners = {line.split()[1] for line in read(deb, "-c").splitlines()}
    assert owners == {"root/root"}


def test_a_folder_that_cannot_make_the_sample_round_is_not_handed_out(packaging, tmp_path, monkeypatch):
    broken = a_folder(tmp_path)
    (broken / "cunbao").write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    monkeypatch.setattr(packaging, "ROOT", tmp_path)
    monkeypatch.setattr(packaging, "DIST", tmp_path)
    monkeypatch.setattr(packaging, "freeze", lambda: broken)
    monkeypatch.setattr(packaging, "add_licences", lambda _: None)
    with pytest.raises(SystemExit, match="没有走完样例（9）"):
        packaging.main(DEPENDS)
    shutil.rmtree(broken)
    assert list(tmp_path.rglob("*.deb")) == []
