"""The .deb around the frozen folder: program, command, menu entry, file types with their icons, what it stands on.

What the package asks of the system is read from its own files (elf.py): each library that is not inside must stand in
`PROVIDERS`, so that nothing is forgotten when a component comes to stand on something new.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build"))

from cunbao.desks.filekinds import ANY_SUFFIX, KINDS, FileKind  # noqa: E402
from elf import GLIBCXX, Elf, elf_files, floor, from_outside, reached, words  # noqa: E402

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
ICONS = Path("usr/share/icons/hicolor/scalable")

# Who brings a library: Debian 10 to 13 and what comes from them; the names changed with Debian 11 and 13.
PROVIDERS = {
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1 | libgcc1",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgobject-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgio-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgthread-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libdbus-1.so.3": "libdbus-1-3",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libzstd.so.1": "libzstd1",
}
# Wanted by plugins and what they alone stand on; they stay away where it is not there: printers, Wayland.
PLUGINS = {
    "libcups.so.2": "libcups2 | libcups2t64",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
C_LIBRARY = ("libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libresolv.so", "libutil.so", "ld-linux")
BESIDES = ("xkb-data",)  # keyboards: read by name, no library

CONTROL = """\
Package: cunbao
Version: {version}
Architecture: {architecture}
Maintainer: cunbao maintainers <cunbao@localhost>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: {recommends}
Section: misc
Priority: optional
Description: 村报：村级综合报表离线填报、签名、报送与汇总
 Offline returns of villages for townships and counties: fill, check, sign,
 print, carry on a stick, review, total.
 .
 要求 glibc {glibc} 以上：{systems}。
"""

DESKTOP = """\
[Desktop Entry]
Type=Application
Name=村报
GenericName=村级综合报表
Comment=村级综合报表离线填报、签名、报送与汇总
Exec=cunbao %F
Icon=cunbao
Categories=Office;
MimeType={types};
StartupWMClass=cunbao
StartupNotify=true
"""

MIME_ENTRY = """\
  <mime-type type="{type}">
    <comment>{name}</comment>
    <glob pattern="*{suffix}"/>
  </mime-type>
"""
MIME = """\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
{entries}</mime-info>
"""
ANY_TYPE = "application/x-cunbao"


class Unknown(Exception):
    """A library that nobody inside brings and no Debian package is named for."""


def types() -> dict[str, tuple[str, str]]:
    """Suffix → (media type, name), of every kind of file and of .cunbao, whose content says what it is."""
    named = {kind.suffix: (kind.media_type, f"村报{kind.name}") for kind in KINDS}
    return {**named, ANY_SUFFIX: (ANY_TYPE, "村报文件")}


def depends(files: tuple[Elf, ...]) -> tuple[list[str], list[str]]:
    """(Depends, Recommends) of what these files ask for. Unknown for a library that stands in no table."""
    needs = [f"libc6 (>= {words(floor(files))})"]
    plugins = []
    for name, who in sorted(from_outside(files).items()):
        if name.startswith(C_LIBRARY):
            continue
        if name in PLUGINS:
            plugins.append(PLUGINS[name])
        elif name in PROVIDERS:
            needs.append(PROVIDERS[name])
        else:
            raise Unknown(f"{name}（{who[0].name} 要用）不在包里，也不知道由哪个 Debian 软件包提供")
    return [*dict.fromkeys(needs), *BESIDES], list(dict.fromkeys(plugins))


def control(folder: Path, version: str) -> str:
    files = elf_files(folder)
    needs, plugins = depends(files)
    kilobytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    kilobytes //= 1024
    return CONTROL.format(
        version=version,
        architecture=ARCHITECTURES[platform.machine()],
        kilobytes=kilobytes,
        depends=", ".join(needs),
        recommends=", ".join(plugins) or "cups-client",
        glibc=words(floor(files)),
        systems="；".join(reached(files)) or f"libstdc++ 要有 GLIBCXX_{words(floor(files, GLIBCXX))}",
    )


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def desktop_files(tree: Path) -> None:
    """Menu entry, file types, icons of the program and of each kind of file."""
    named = types()
    put(tree / "usr/share/applications/cunbao.desktop", DESKTOP.format(types=";".join(t for t, _ in named.values())))
    entries = "".join(MIME_ENTRY.format(type=t, name=n, suffix=suffix) for suffix, (t, n) in named.items())
    put(tree / "usr/share/mime/packages/cunbao.xml", MIME.format(entries=entries))
    put(tree / ICONS / "apps/cunbao.svg", (ROOT / "build" / "cunbao.svg").read_text(encoding="utf-8"))
    for kind in KINDS:
        put(tree / ICONS / "mimetypes" / f"{kind.media_type.replace('/', '-')}.svg", file_icon(kind))
    put(tree / ICONS / "mimetypes" / f"{ANY_TYPE.replace('/', '-')}.svg", file_icon(None))


def file_icon(kind: FileKind | None) -> str:
    """build/file.svg in the colour and with the sign of one kind of file; None: one that says itself what it is."""
    from icons import sign_of

    colour, sign = sign_of(kind)
    drawn = (ROOT / "build" / "file.svg").read_text(encoding="utf-8")
    return drawn.replace("#123456", colour).replace("<!-- sign -->", sign)


def wrap(folder: Path, room: Path, version: str, *, moment: str) -> Path:
    """The .deb below `room`. moment: seconds of the last commit, for the dates inside."""
    tree = room / "deb"
    if tree.exists():
        shutil.rmtree(tree)
    shutil.copytree(folder, tree / "usr/lib/cunbao", symlinks=True)
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin/cunbao").symlink_to("../lib/cunbao/cunbao")
    put(tree / "DEBIAN/control", control(folder, version))
    desktop_files(tree)
    notices = (ROOT / "LICENSE").read_text(encoding="utf-8") + "\n" + (ROOT / "NOTICE.md").read_text(encoding="utf-8")
    put(tree / "usr/share/doc/cunbao/copyright", notices)
    name = f"cunbao_{version}_{ARCHITECTURES[platform.machine()]}.deb"
    command = ("dpkg-deb", "-Zxz", "--root-owner-group", "-b", str(tree), str(room / name))
    code = subprocess.run(command, env={"PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": moment}).returncode
    shutil.rmtree(tree)
    if code:
        raise SystemExit(f"dpkg-deb 没有做成安装包（{code}）")
    return room / name
