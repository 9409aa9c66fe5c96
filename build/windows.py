"""What the Windows build needs beside the spec: pictures, the program's version, and the file types of cunbao.iss.

All of it is made from this repository's one table of files, its icons and its version, so that nothing is written
twice; the parts are plain text, and are made and read by the tests on any system. The build itself runs on Windows:
`py -3.11 build\\dev.py package`, then `ISCC build\\cunbao.iss`.
"""

from __future__ import annotations

from pathlib import Path

import deb
import icons
from cunbao.desks.filekinds import ANY_SUFFIX, KINDS

ROOT = Path(__file__).resolve().parent.parent

VERSION = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable('080404B0', [
      StringStruct('FileDescription', '村报'),
      StringStruct('FileVersion', '{version}'),
      StringStruct('InternalName', 'cunbao'),
      StringStruct('OriginalFilename', 'cunbao.exe'),
      StringStruct('ProductName', '村报'),
      StringStruct('ProductVersion', '{version}')])]),
    VarFileInfo([VarStruct('Translation', [0x0804, 1200])])
  ]
)
"""

DEFINED = """\
; made by build/windows.py from pyproject.toml and desks/filekinds.py
#define Version "{version}"

[Registry]
{lines}"""

# HKA is the user's own part of the registry: nobody has to be an administrator
TYPE = """\
Root: HKA; Subkey: "Software\\Classes\\{suffix}"; ValueType: string; ValueData: "{name}"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\\Classes\\{suffix}\\OpenWithProgids"; ValueType: string; ValueName: "{name}"; \
ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\\Classes\\{name}"; ValueType: string; ValueData: "{title}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\\Classes\\{name}\\DefaultIcon"; ValueType: string; ValueData: "{{app}}\\icons\\{icon}.ico"
Root: HKA; Subkey: "Software\\Classes\\{name}\\shell\\open\\command"; ValueType: string; \
ValueData: \"\"\"{{app}}\\cunbao.exe\"\" \"\"%1\"\"\"
"""


def version_resource(version: str) -> str:
    """What the properties of cunbao.exe show, as PyInstaller reads it. version: numbers with dots."""
    numbers = tuple((*map(int, version.split(".")), 0, 0, 0, 0)[:4])
    return VERSION.format(version=version, numbers=numbers)


def defined(version: str) -> str:
    """types.iss: the version, and what double clicks on our files start."""
    types = deb.types()
    lines = (
        TYPE.format(suffix=suffix, name=f"cunbao{suffix}", title=title, icon=suffix[1:])
        for suffix, (_, title) in types.items()
    )
    return DEFINED.format(version=version, lines="".join(lines))


def prepare(work: Path, version: str) -> None:
    """Put into `work` (var/pyi) what cunbao.spec and cunbao.iss name."""
    work.mkdir(parents=True, exist_ok=True)
    (work / "version.txt").write_text(version_resource(version), encoding="utf-8")
    (work / "types.iss").write_text(defined(version), encoding="utf-8-sig")  # Inno Setup knows UTF-8 by its mark
    icons.write_ico((ROOT / "build" / "cunbao.svg").read_text(encoding="utf-8"), work / "cunbao.ico")
    for kind in KINDS:
        icons.write_ico(deb.file_icon(kind), work / "icons" / f"{kind.suffix[1:]}.ico")
    icons.write_ico(deb.file_icon(None), work / "icons" / f"{ANY_SUFFIX[1:]}.ico")
