#!/usr/bin/env python3
"""What a folder of programs and libraries asks of the system below it, read from the ELF files themselves.

The dynamic section of a file names the libraries that it stands on (DT_NEEDED) and, for each, the versions of symbols
that must be there (DT_VERNEED). The loader refuses a file whose version is missing, so the highest GLIBC_2.x over all
files is the floor of the whole folder. Run as a program it lists a folder by what its files ask for.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB, DT_VERNEED, DT_VERNEEDNUM = 1, 5, 0x6FFFFFFE, 0x6FFFFFFF
GLIBC, GLIBCXX = "GLIBC_", "GLIBCXX_"
Version = tuple[int, ...]

# Systems of Chinese offices: their glibc, and the libstdc++ of their compiler.
SYSTEMS: tuple[tuple[str, Version, Version], ...] = (
    ("统信UOS 20、Debian 10", (2, 28), (3, 4, 25)),
    ("银河麒麟 V10 SP1、Debian 11、Ubuntu 20.04", (2, 31), (3, 4, 28)),
    ("Debian 12、Ubuntu 22.04 以后", (2, 35), (3, 4, 30)),
)


@dataclass(frozen=True, slots=True)
class Elf:
    """One file. needed: names of libraries (libc.so.6); versions: of symbols that must be there (GLIBC_2.17)."""

    path: Path
    needed: tuple[str, ...]
    versions: tuple[str, ...]

    def highest(self, family: str) -> Version:
        """The highest version of a family that it asks for, () for none."""
        numbers = [name.removeprefix(family) for name in self.versions if name.startswith(family)]
        return max((number_of(text) for text in numbers if text[:1].isdigit()), default=())


def number_of(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


def read(path: Path) -> Elf:
    """64 bits, little endian: x86_64 and aarch64. ValueError for anything else."""
    data = path.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError(f"{path} is no 64-bit little-endian ELF file")
    (table,), (size, count) = struct.unpack_from("<Q", data, 32), struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<IIQQQQ", data, table + size * number) for number in range(count)]
    loaded = [(address, offset, length) for kind, _, offset, address, _, length in segments if kind == PT_LOAD]
    dynamic = next(((offset, length) for kind, _, offset, _, _, length in segments if kind == PT_DYNAMIC), None)
    if dynamic is None:
        return Elf(path, (), ())  # a static program
    entries = list(struct.iter_unpack("<QQ", data[dynamic[0] : dynamic[0] + dynamic[1] // 16 * 16]))
    single = dict(reversed(entries))  # the first of each kind
    strings = _offset(loaded, single[DT_STRTAB])
    needed = tuple(_text(data, strings + value) for kind, value in entries if kind == DT_NEEDED)
    if DT_VERNEED not in single:
        return Elf(path, needed, ())
    versions = _versions(data, _offset(loaded, single[DT_VERNEED]), single[DT_VERNEEDNUM], strings)
    return Elf(path, needed, tuple(versions))


def _offset(loaded: list[tuple[int, int, int]], address: int) -> int:
    """Where in the file lies what is loaded at an address."""
    for start, offset, length in loaded:
        if start <= address < start + length:
            return offset + address - start
    raise ValueError(f"address {address:#x} is in no segment")


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("ascii")


def _versions(data: bytes, at: int, libraries: int, strings: int) -> Iterator[str]:
    """Verneed: a list of libraries, each with a list of Vernaux, linked by distances."""
    for _ in range(libraries):
        _, count, _, first, following = struct.unpack_from("<HHIII", data, at)
        inner = at + first
        for _ in range(count):
            _, _, _, name, step = struct.unpack_from("<IHHII", data, inner)
            yield _text(data, strings + name)
            inner += step
        at += following


# --- a folder --------------------------------------------------------------------------------------------------------


def elf_files(folder: Path) -> tuple[Elf, ...]:
    """Programs and libraries below a folder, links not followed. ValueError when there is none."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.append(read(path))
    if not found:
        raise ValueError(f"no program in {folder}")
    return tuple(found)


def floor(files: tuple[Elf, ...], family: str = GLIBC) -> Version:
    """What all of them together ask for."""
    return max(one.highest(family) for one in files)


def from_outside(files: tuple[Elf, ...]) -> dict[str, list[Path]]:
    """Libraries that none of the files is: name → who wants it."""
    inside = {one.path.name for one in files}
    wanted: dict[str, list[Path]] = {}
    for one in files:
        for name in one.needed:
            if name not in inside:
                wanted.setdefault(name, []).append(one.path)
    return wanted


def words(version: Version) -> str:
    return ".".join(map(str, version))


def reached(files: tuple[Elf, ...]) -> list[str]:
    """The systems of the table on which a folder starts. libstdc++ is looked at where it is the target's own."""
    theirs = "libstdc++.so.6" in from_outside(files)
    glibc, cxx = floor(files), floor(files, GLIBCXX) if theirs else ()
    return [name for name, has, has_cxx in SYSTEMS if has >= glibc and has_cxx >= cxx]


def main(folder: Path) -> int:
    files = elf_files(folder)
    for family in (GLIBC, GLIBCXX):
        for one in sorted(files, key=lambda file: file.highest(family), reverse=True)[:10]:
            print(f"{family}{words(one.highest(family)):<8} {one.path.relative_to(folder)}")
    for name, who in sorted(from_outside(files).items()):
        print(f"{name:<28} {who[0].relative_to(folder)}{f' +{len(who) - 1}' if len(who) > 1 else ''}")
    print(f"{len(files)} 个程序和库，要求 glibc {words(floor(files))} 以上；能用：{'；'.join(reached(files)) or '无'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
