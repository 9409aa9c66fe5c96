"""The print centre: verifying 500 signed returns against pyHanko's own validation, binding them against qpdf --pages.

The returns are real pages, each signed with its own village's key, so that no side meets the same file twice. Processes
that verify start anew in every measurement, as they do for a clerk; on one processor that row is left out, and said so.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from bench.measure import PAIRS, Row, milliseconds, pairs
from cunbao.paper import draw_return
from cunbao.paper.volume import Leaf, bind
from cunbao.trust import pyhanko_ready
from cunbao.trust.batch import Roots, check_many
from cunbao.trust.cms import sign_detached
from cunbao.trust.pades import sign_pdf
from cunbao.trust.pyhanko_ready import ready
from cunbao.trust.verify import Standing
from world.county import LIMING, MANBENG, MANGUO, NOW, a_county
from world.papers import FORMS, a_sheet

COUNT = 500
VILLAGES = (MANBENG, MANGUO, LIMING)
WHEN = datetime(2025, 12, 29, 2, 20, tzinfo=UTC)


def rows() -> Iterator[Row]:
    files = returns()
    trust = Roots(tuple(a_county().roots))
    root = Certificate.load(trust.roots[0])

    def ours(workers: int) -> None:
        found = list(check_many(files, trust, count=len(files), workers=workers))
        assert all(one.standing is Standing.VALID for one in found)

    def theirs() -> None:
        with as_shipped():
            all_by_pyhanko()

    def all_by_pyhanko() -> None:
        for pdf in files:
            embedded = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
            context = ValidationContext(
                trust_roots=[root], allow_fetching=False, moment=embedded.self_reported_timestamp
            )
            assert validate_pdf_signature(embedded, context).bottom_line

    several = (os.cpu_count() or 1) > 1
    if not several:
        print("打印：只有一个处理器，不比较两个进程", file=sys.stderr)
    ours(1)  # a certificate's chain is walked once in a process; pyHanko's modules are loaded on both sides
    taken = [
        (milliseconds(theirs), milliseconds(lambda: ours(1)), milliseconds(lambda: ours(2)) if several else 0.0)
        for _ in range(PAIRS)
    ]
    base, alone, divided = (median(times) for times in zip(*taken, strict=True))
    yield Row(f"核对{len(files)}份签名，一个进程，对 pyHanko 逐份验证", alone, base, "ms", 1.1, PAIRS)
    if several:
        yield Row(f"核对{len(files)}份签名，两个进程，对 pyHanko 逐份验证", divided, base, "ms", 0.6, PAIRS)
    yield from binding(files)


@contextmanager
def as_shipped() -> Iterator[None]:
    """pyHanko as its makers ship it, without the quicker reader that our side gives it."""
    ready()
    ours, generic.read_hex_string_from_stream = generic.read_hex_string_from_stream, pyhanko_ready.shipped
    try:
        yield
    finally:
        generic.read_hex_string_from_stream = ours


def binding(files: list[bytes]) -> Iterator[Row]:
    qpdf = shutil.which("qpdf")
    if qpdf is None:
        print("打印：没有 qpdf，不比较合成", file=sys.stderr)
        return
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{at:03}.pdf" for at in range(len(files))]
        for path, pdf in zip(paths, files, strict=True):
            path.write_bytes(pdf)
        merged, bound = Path(folder) / "qpdf.pdf", Path(folder) / "ours.pdf"

        def theirs() -> None:
            done = subprocess.run([qpdf, "--empty", "--pages", *map(str, paths), "--", str(merged)])
            assert done.returncode in (0, 3)  # 3: warnings

        name = f"{len(files)}份报表合成一个 PDF（带书签、页码、原件），对 qpdf 合并"
        yield pairs(name, lambda: bind_all(paths, bound), theirs, bar=3)
        if not Path("/proc/self/status").exists():
            print("打印：这个系统不说进程最多占了多少内存", file=sys.stderr)
            return
        total = sum(path.stat().st_size for path in paths) / 1e6
        yield Row(f"合成{len(files)}份时多占的内存，对文件总大小", peak(paths, bound), total, "MB", 3, 1)


def bind_all(paths: list[Path], target: Path) -> int:
    """With bookmarks, running numbers and the originals, as the print centre does."""

    def leaves() -> Iterator[Leaf]:
        for at, path in enumerate(paths):
            where = (f"第{at // 100}镇", f"第{at // 5}村", f"B0{at % 5 + 1}")
            yield Leaf(where, path.read_bytes(), 2 * at + 1, "未审定" if at % 50 == 0 else "", path.name)

    with target.open("wb") as out:
        return bind(leaves(), out, title="汇编", author="县", when=WHEN)


def peak(paths: list[Path], target: Path) -> float:
    """MB above what the same process needs for one file, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return float(pool.apply(_peak, (paths, target)))


def _peak(paths: list[Path], target: Path) -> float:
    bind_all(paths[:1], target)
    before = _most()
    bind_all(paths, target)
    return _most() - before


def _most() -> float:
    """The most memory that this process ever had, MB. Not getrusage: that begins with what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


@cache
def returns() -> list[bytes]:
    """Signed returns: the pages of every sample form, answers of their own, the keys of three villages in turn."""
    world = a_county()
    pages = [draw_return(a_sheet(form)) for form in FORMS]
    found = []
    for at in range(COUNT):
        drawn, signer = pages[at % len(pages)], world[VILLAGES[at % len(VILLAGES)]].signer
        answers = f"<data><n>{at}</n></data>".encode()
        header = b'{"answers_sha256":"%s"}' % _sha(answers)
        inside = {"header.json": header, "answers.xml": answers, "header.cms": sign_detached(header, signer, when=NOW)}
        found.append(sign_pdf(drawn.pdf, signer, when=NOW, attachments=inside, box=drawn.box, page=drawn.box_page))
    return found


def _sha(data: bytes) -> bytes:
    return sha256(data).hexdigest().encode()
