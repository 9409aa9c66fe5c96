"""Picking an office: the search of a name against str.find over the same names, the load against bare zstd."""

from __future__ import annotations

import json
from collections.abc import Iterator

import zstandard

from bench.measure import FRAME, Row, milliseconds, pairs, percentile
from cunbao.survey.regions import MAGIC, Regions
from cunbao.survey.resources import path


def rows() -> Iterator[Row]:
    data = path("regions/regions.zst").read_bytes()
    regions = Regions.load(data)
    head, _, body = zstandard.ZstdDecompressor().decompress(data[len(MAGIC) :]).partition(b"\n")
    (_, before), (_, size), *_ = json.loads(head)["columns"]
    names = body[before : before + size].decode()

    def bare() -> list[int]:
        found, at = [], 0
        while (at := names.find("勐混", at)) >= 0:
            found.append(at)
            at += 1
        return found

    yield pairs("行政区划：全国按名称查找", lambda: regions.find("勐混"), bare, bar=2, times=20)
    typed = ["勐混", "mhz", "532822103", "村", "曼扫村", "没有这个地方"]
    times = [milliseconds(lambda word=word: regions.find(word)) for _ in range(350) for word in typed]
    yield Row("行政区划：一次查找 p99", percentile(times, 0.99), FRAME, "ms", 1, len(times))
    yield pairs(
        "行政区划：装入对裸解压",
        lambda: Regions.load(data),
        lambda: zstandard.ZstdDecompressor().decompress(data[len(MAGIC) :]),
        bar=20,
    )
