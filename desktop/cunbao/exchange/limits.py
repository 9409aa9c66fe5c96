"""What a file from outside may weigh: one table, the same for writer and reader (protocol §5).

Looked at before any byte is believed. Reading peaks at 8 × `content` above idle, bombs included (a test measures it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """content: bytes of all members together, unpacked. file: bytes of the file as carried. member: bytes of one.

    members: how many; ratio: unpacked ÷ packed of one member; name: characters of a name; depth: folders in a name.
    """

    content: int
    file: int
    member: int
    members: int
    ratio: int
    name: int
    depth: int


PACKAGE: Final = Limits(
    content=32 * MB, file=34 * MB, member=16 * MB, members=20_000, ratio=200, name=80, depth=2
)
TASK: Final = Limits(content=32 * MB, file=34 * MB, member=16 * MB, members=2_000, ratio=200, name=120, depth=4)

ATTACHMENT: Final = 4 * MB  # one picture or scan; reduced when it is attached
# What is taken apart weighs up to thirty times as much while it is: its objects may be less large than pages and scans
ANSWERS: Final = 8 * MB
SIGNED: Final = 2 * MB  # a header, a decision, a notice
SMALL: Final = 256 * 1024  # a signature with its certificates, a certificate, a request, what names a scan
CRL: Final = 4 * MB
MANIFEST: Final = 5 * MB  # manifest.json, unpacked: 20,000 members
MISSING: Final = 1_000  # numbers that one acknowledgement leaves out
EARLIER: Final = 100  # packages before it that a manifest names
ELSEWHERE: Final = 4_000  # ids of what these held and it does not carry, all together
CLOSED: Final = 100  # digests of closed periods
APPROVAL_FILE: Final = 64 * 1024  # .cbcert
RECOVERY_FILE: Final = 64 * 1024  # .cbrec, .cbrea
PAPERS_FILE: Final = 64 * 1024  # .cbca, .cbdesk
PARTS: Final = 999
