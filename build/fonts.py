"""Make resources/fonts anew: cut, strip and compress the faces of window and paper. `python build/fonts.py FOLDER`.

FOLDER gets (or already holds) what the package clients bring: two npm packages and one Debian package, named below.
Serif Regular, Sans Regular and HanaMinB keep every character, since names may hold anything; Serif Bold, Sans Medium
and Sans Bold keep GB 2312 levels 1 and 2, the place names of the country, and every sign of our own texts. Layout
tables and hints go: neither reportlab nor a 600 dpi page uses them. Same sources, same bytes. Source: print/fonts.md.
Needs fonttools (group `package`) and zstandard; never runs on a user's machine.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

import zstandard
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "resources" / "fonts"
VERSION = "0.4.3"
SERIF = f"expo-google-fonts-noto-serif-sc-{VERSION}.tgz"
SANS = f"expo-google-fonts-noto-sans-sc-{VERSION}.tgz"
HANAZONO = "fonts-hanazono_20170904-2.1_all.deb"
MINCHO = "usr/share/fonts/truetype/hanazono/HanaMinB.ttf"
LEVEL = 22  # of zstd: slow to write once, 0.06 s to read

# role → (archive, member, keep every character)
FACES = {
    "serif": (SERIF, "400Regular/NotoSerifSC_400Regular.ttf", True),
    "serif-bold": (SERIF, "700Bold/NotoSerifSC_700Bold.ttf", False),
    "sans": (SANS, "400Regular/NotoSansSC_400Regular.ttf", True),
    "sans-medium": (SANS, "500Medium/NotoSansSC_500Medium.ttf", False),
    "sans-bold": (SANS, "700Bold/NotoSansSC_700Bold.ttf", False),
    "hanamin": (HANAZONO, MINCHO, True),
}
LICENCES = {
    "OFL-noto-serif-sc.txt": (SERIF, "LICENSE_FONT"),
    "OFL-noto-sans-sc.txt": (SANS, "LICENSE_FONT"),
    "LICENCE-hanazono.txt": (HANAZONO, "usr/share/doc/fonts-hanazono/copyright"),
}
DROPPED = ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "DSIG", "gasp", "STAT", "meta", "FFTM"]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fetch(folder)
    OUT.mkdir(parents=True, exist_ok=True)
    for name, (archive, member) in LICENCES.items():
        (OUT / name).write_bytes(read_member(folder, archive, member))
    few = gb2312() | own_signs() | place_names()
    faces = {}
    for role, (archive, member, whole) in FACES.items():
        source = read_member(folder, archive, member)
        data = cut(source, None if whole else few)
        packed = zstandard.ZstdCompressor(level=LEVEL).compress(data)
        (OUT / f"{role}.ttf.zst").write_bytes(packed)
        faces[role] = {
            "sha256": sha256(data).hexdigest(),
            "size": len(data),
            "source": f"{archive}: {member}",
            "source_sha256": sha256(source).hexdigest(),
        }
        print(f"{role}: {len(source):,} → {len(data):,} → {len(packed):,}", flush=True)
    (OUT / "fonts.json").write_text(json.dumps(faces, indent=1) + "\n", encoding="utf-8")


def fetch(folder: Path) -> None:
    """The packages by their ordinary clients; nothing when they are there."""
    for archive, package in ((SERIF, "noto-serif-sc"), (SANS, "noto-sans-sc")):
        if not (folder / archive).exists():
            subprocess.run(["npm", "pack", f"@expo-google-fonts/{package}@{VERSION}"], cwd=folder, check=True)
    if not (folder / HANAZONO).exists():
        subprocess.run(["apt-get", "download", "fonts-hanazono"], cwd=folder, check=True)


def read_member(folder: Path, archive: str, member: str) -> bytes:
    if archive.endswith(".deb"):
        done = subprocess.run(["dpkg-deb", "--fsys-tarfile", folder / archive], check=True, capture_output=True)
        data, name = done.stdout, f"./{member}"
    else:
        data, name = (folder / archive).read_bytes(), f"package/{member}"
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = tar.extractfile(name)
        if found is None:
            raise SystemExit(f"{archive} holds no {member}")
        return found.read()


def cut(source: bytes, wanted: set[int] | None) -> bytes:
    """The face with the wanted characters (None: all), without hints, layout tables and glyph names."""
    font = TTFont(io.BytesIO(source), recalcTimestamp=False)
    options = subset.Options(
        layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, legacy_cmap=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
    )
    options.drop_tables += DROPPED
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for code in font.getBestCmap() if wanted is None or code in wanted])
    cutter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def gb2312() -> set[int]:
    """The 6,763 hanzi of levels 1 and 2, the signs of GB 2312 and ASCII."""
    codes = set(range(0x20, 0x7F))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            codes.update(map(ord, bytes([high, low]).decode("gb2312", "ignore")))
    return codes


def own_signs() -> set[int]:
    """Every character of the program's and the forms' texts: titles, heads and labels are set in bold and medium."""
    signs: set[int] = set()
    for folder, kinds in (("desktop", ("*.py",)), ("forms", ("*.md", "*.toml", "*.csv"))):
        for kind in kinds:
            for path in (ROOT / folder).rglob(kind):
                signs.update(map(ord, path.read_text(encoding="utf-8")))
    return signs


def place_names() -> set[int]:
    """Every character in the names of the country's offices, for headings that hold one."""
    data = (ROOT / "resources" / "regions" / "regions.zst").read_bytes()
    start = data.index(b"\n") + 1 if not data.startswith(zstandard.FRAME_HEADER) else 0
    text = zstandard.ZstdDecompressor().decompress(data[start:]).decode("utf-8", "ignore")
    return {ord(sign) for sign in text if ord(sign) > 0x2E7F}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python build/fonts.py FOLDER")
    main(Path(sys.argv[1]))
