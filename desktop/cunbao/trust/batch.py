"""Many signed PDFs verified in one go, on every processor: the verdicts of `pades.verify_pdf`, small enough to travel.

Whoever prints hundreds of returns waits for their signatures. Beyond some hundreds the work is shared with processes of
our own program, started anew (no fork: a window has threads, and Windows knows no other way); a frozen program needs
`multiprocessing.freeze_support` at its start. A child gets bytes and certificates, and gives verdicts. Whoever asked
does not wait for the children to start: it verifies along with them.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final

from cunbao.trust.chain import Revocation, Standing
from cunbao.trust.pades import PdfVerdict, verify_pdf

WORTH: Final = 300  # files: below this further processes would start longer than they help
MOST: Final = 4  # processes; an office's computer does other things too
_SHEAF: Final = 8  # files a message: enough work for its journey, small enough to stop between
_AHEAD: Final = 2  # messages that lie ready for a child, so that it never waits


@dataclass(frozen=True, slots=True)
class Roots:
    """Against what signatures are held: county roots, townships' CA certificates (DER), revocations."""

    roots: tuple[bytes, ...]
    authorities: tuple[bytes, ...] = ()
    revocations: tuple[Revocation, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One PDF's verdict. signer: its certificate, DER, b"" when it could not be read; contents: SHA-256 of each
    attachment of an unchanged PDF; marks: remarks that leave the standing as it is."""

    standing: Standing
    reason: str
    signer: bytes = field(default=b"", repr=False)
    signed_at: datetime | None = None
    contents: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()

    @property
    def unchanged(self) -> bool:
        return self.standing is not Standing.INVALID


def check_pdf(pdf: bytes, trust: Roots) -> Checked:
    """The verdict on one PDF. Never raises for what it is given."""
    found = verify_pdf(pdf, trust.roots, revocations=trust.revocations, certificates=trust.authorities)
    return summary(found)


def summary(found: PdfVerdict) -> Checked:
    """What is left of a verdict when nothing of the file's bytes is kept."""
    signature = found.signature
    return Checked(
        standing=found.standing,
        reason=found.reason,
        signer=signature.signer.der if signature is not None and signature.signer is not None else b"",
        signed_at=signature.signed_at if signature is not None else None,
        contents={name: sha256(data).hexdigest() for name, data in found.attachments.items()},
        marks=signature.marks if signature is not None else (),
    )


def check_many(pdfs: Iterable[bytes], trust: Roots, *, count: int, workers: int | None = None) -> Iterator[Checked]:
    """A verdict for each of `count` files, in their order, as they become known. workers: None as the machine has.

    Files are read as they are wanted, so that few of them lie in memory. Leave the iterator early to stop."""
    wanted = processors() if workers is None else workers
    if wanted < 2 or count < WORTH:
        for pdf in pdfs:
            yield check_pdf(pdf, trust)
        return
    pool = ProcessPoolExecutor(
        wanted - 1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin, initargs=(trust,)
    )
    source = iter(pdfs)
    waiting: deque[Future[list[Checked]] | list[Checked]] = deque()  # in the order of the files
    try:
        while mine := list(islice(source, _SHEAF)):
            own: list[Checked] = []
            waiting.append(own)
            while sum(map(_unanswered, waiting)) < _AHEAD * (wanted - 1) and (some := list(islice(source, _SHEAF))):
                waiting.append(pool.submit(_check_some, some))
            own += [check_pdf(pdf, trust) for pdf in mine]
            while waiting and not _unanswered(waiting[0]):
                yield from _answers(waiting.popleft())
        for one in waiting:
            yield from _answers(one)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _unanswered(one: Future[list[Checked]] | list[Checked]) -> bool:
    return isinstance(one, Future) and not one.done()


def _answers(one: Future[list[Checked]] | list[Checked]) -> list[Checked]:
    return one.result() if isinstance(one, Future) else one


def processors() -> int:
    """How many processes verify at once."""
    return min(os.cpu_count() or 1, MOST)


_trust = Roots(())  # of a child process: what its parent gave it at the start


def _begin(trust: Roots) -> None:
    global _trust
    _trust = trust


def _check_some(pdfs: Sequence[bytes]) -> list[Checked]:
    return [check_pdf(pdf, _trust) for pdf in pdfs]
