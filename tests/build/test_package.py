"""build/package.py, deb.py, elf.py: the .deb an office installs, made here around a folder with one small program."""

import importlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as Xml
from pathlib import Path
from types import ModuleType

import pytest

from cunbao.desks.filekinds import KINDS, SUFFIXES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def building() -> ModuleType:
    """build/package.py with the modules beside it."""
    sys.path.insert(0, str(ROOT / "build"))
    try:
        return importlib.import_module("package")
    finally:
        sys.path.remove(str(ROOT / "build"))


def a_folder(where: Path) -> Path:
    """A folder as PyInstaller makes it, with one program of this system."""
    folder = where / "cunbao"
    folder.mkdir()
    shutil.copy("/bin/ls", folder / "inner")
    (folder / "cunbao").write_text("#!/bin/sh\necho 村报\n", encoding="utf-8")
    (folder / "cunbao").chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def deb(building, tmp_path_factory) -> Path:
    where = tmp_path_factory.mktemp("deb")
    building.deb.PROVIDERS["libselinux.so.1"] = "libselinux1"  # what `ls` stands on
    building.deb.PROVIDERS["libpcre2-8.so.0"] = "libpcre2-8-0"
    return building.deb.wrap(a_folder(where), where, building.version(), moment="1735689600")


@pytest.fixture(scope="module")
def installed(deb, tmp_path_factory) -> Path:
    """The tree that dpkg would lay out."""
    root = tmp_path_factory.mktemp("root")
    subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], check=True)
    return root


def read(deb: Path, *question: str) -> str:
    return subprocess.run(["dpkg-deb", *question, str(deb)], capture_output=True, text=True, check=True).stdout


# --- what it stands on -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", ["/bin/ls", "/usr/bin/openssl", "/bin/bash"])
def test_what_a_program_asks_for_is_read_as_binutils_reads_it(building, program):
    said = subprocess.run(["readelf", "-VdW", program], capture_output=True, text=True, check=True).stdout
    needs = said[said.index("version needs") :] if "version needs" in said else said
    file = building.elf.read(Path(program))
    assert set(file.versions) == set(re.findall(r"Name: (\S+)  Flags", needs))
    assert set(file.needed) == set(re.findall(r"\(NEEDED\).*\[(.*)\]", said))


def test_the_package_says_the_glibc_that_its_files_ask_for(building, deb):
    floor = building.elf.words(building.elf.read(Path("/bin/ls")).highest("GLIBC_"))
    assert f"libc6 (>= {floor})" in read(deb, "--show", "--showformat", "${Depends}")
    assert f"要求 glibc {floor} 以上" in read(deb, "--info")
    assert read(deb, "--show", "--showformat", "${Version}") == building.version()


def test_a_library_that_nobody_brings_is_not_passed_over(building, tmp_path):
    folder = a_folder(tmp_path)
    shutil.copy("/usr/bin/openssl", folder / "openssl")
    with pytest.raises(building.deb.Unknown, match="libcrypto"):
        building.deb.depends(building.elf.elf_files(folder))


def test_the_systems_are_named_that_have_what_is_asked_for(building, tmp_path):
    elf = building.elf
    asks = (elf.Elf(tmp_path, ("libstdc++.so.6",), ("GLIBC_2.28", "GLIBC_2.4", "GLIBCXX_3.4.22")),)
    assert elf.floor(asks) == (2, 28)
    assert elf.reached(asks)[0].startswith("统信UOS 20")
    newer = (*asks, elf.Elf(tmp_path, (), ("GLIBC_2.29",)))
    assert elf.reached(newer)[0].startswith("银河麒麟")
    compiler = (elf.Elf(tmp_path, ("libstdc++.so.6",), ("GLIBC_2.17", "GLIBCXX_3.4.26")),)
    assert elf.reached(compiler)[0].startswith("银河麒麟")
    own = (*compiler, elf.Elf(Path("libstdc++.so.6"), (), ()))  # it goes along: the system's is not asked
    assert elf.reached(own)[0].startswith("统信UOS 20")


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_everything_that_the_program_names_goes_along_and_no_tool_of_the_tests(building):
    shipped = building.shipped
    names = set(shipped.named())
    assert {"pikepdf", "pkcs11", "httpx", "truststore", "duckdb", "psycopg", "markdown_it"} <= names
    out = set(shipped.kept_out())
    assert {"pandas", "pyarrow", "numpy", "pytest", "wsgidav", "mypy", "readline", "dbm"} <= out
    assert not names & out
    assert building.not_in("") == shipped.named()
    assert building.not_in("".join(f"('{name}'" for name in names)) == []


def test_no_component_is_under_the_gpl_and_the_special_ones_are_told(building):
    notice = (ROOT / "NOTICE.md").read_text(encoding="utf-8")
    for name, component in building.shipped.components().items():
        said = f"{component.metadata.get('License-Expression') or component.metadata.get('License') or ''}"
        words = said + " ".join(component.metadata.get_all("Classifier") or ())
        assert not re.search(r"(?<!L)(?<!Lesser )\bA?GPL", words.replace("LGPL", "").replace("Lesser", "")), name
        if re.search("LGPL|MPL", words) and name not in ("shiboken6", "pyside6-essentials"):
            assert component.name.split("-")[0].lower() in notice.lower(), name


def test_the_licence_of_each_component_goes_along(building, tmp_path):
    building.add_licences(tmp_path)
    found = {path.name for path in (tmp_path / "licenses").iterdir()}
    assert {"pyHanko", "reportlab", "sqlcipher3", "pypdfium2", "duckdb", "LICENSE", "NOTICE.md", "LGPL-3"} <= found


def test_the_package_tells_whose_fonts_and_data_it_carries(installed):
    notices = (installed / "usr/share/doc/cunbao/copyright").read_text(encoding="utf-8")
    assert "MIT License" in notices
    assert "国家统计局" in notices


def test_all_files_belong_to_root(deb):
    owners = {line.split()[1] for line in read(deb, "-c").splitlines()}
    assert owners == {"root/root"}


def test_a_folder_that_cannot_make_the_sample_round_is_not_handed_out(building, tmp_path, monkeypatch):
    broken = a_folder(tmp_path)
    (broken / "cunbao").write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    modules = tmp_path / "modules.toc"
    modules.write_text("".join(f"('{name}'" for name in building.shipped.named()))
    monkeypatch.setattr(building, "ROOT", tmp_path)
    monkeypatch.setattr(building, "DIST", tmp_path)
    monkeypatch.setattr(building, "MODULES", modules)
    monkeypatch.setattr(building, "freeze", lambda: broken)
    monkeypatch.setattr(building, "add_licences", lambda _: None)
    with pytest.raises(SystemExit, match="没有走完样例（9）"):
        building.main([])
    modules.write_text("")
    with pytest.raises(SystemExit, match="少了这些组件：PIL"):
        building.main([])
    assert list(tmp_path.rglob("*.deb")) == []


# --- how the desktop sees it -----------------------------------------------------------------------------------------


def test_the_installed_command_starts_the_program(installed):
    said = subprocess.run([installed / "usr/bin/cunbao"], capture_output=True, text=True, check=True)
    assert said.stdout == "村报\n"


def test_every_file_of_ours_has_a_type_an_icon_and_is_opened_by_the_menu_entry(installed):
    entry = (installed / "usr/share/applications/cunbao.desktop").read_text(encoding="utf-8")
    assert "Exec=cunbao %F" in entry
    opens = set(re.findall(r"application/[a-z-]+", entry))
    types = Xml.parse(installed / "usr/share/mime/packages/cunbao.xml").getroot()
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    globs = {one.find(f"{space}glob").get("pattern"): one.get("type") for one in types}
    assert set(globs) == {f"*{suffix}" for suffix in SUFFIXES}
    assert set(globs.values()) == opens
    icons = installed / "usr/share/icons/hicolor/scalable"
    assert (icons / "apps/cunbao.svg").exists()
    drawn = {(icons / f"mimetypes/{name.replace('/', '-')}.svg").read_text(encoding="utf-8") for name in opens}
    assert all(Xml.fromstring(one).tag.endswith("svg") for one in drawn)
    assert len(drawn) >= 6  # certificates look alike, the others do not


def test_the_menu_entry_and_the_types_are_as_the_desktop_wants_them(installed, tmp_path):
    entry = installed / "usr/share/applications/cunbao.desktop"
    subprocess.run(["desktop-file-validate", entry], check=True)
    shutil.copytree(installed / "usr/share/mime", tmp_path / "mime")
    subprocess.run(["update-mime-database", tmp_path / "mime"], check=True)
    known = (tmp_path / "mime/globs").read_text(encoding="utf-8")
    assert all(f"{kind.media_type}:*{kind.suffix}" in known for kind in KINDS)
