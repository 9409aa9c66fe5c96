"""Why a file does not open: damaged, foreign, or the wrong key. Looks at the bytes only, never changes any.

SQLCipher says "file is not a database" to all three. Each of its pages ends with an HMAC that only the right key gives,
so one page that still holds proves the key. Source: SQLCipher 4 design (zetetic.net/sqlcipher/design), facts.md §2.
"""

from __future__ import annotations

import hmac
from hashlib import pbkdf2_hmac
from pathlib import Path

from cunbao.errors import StoreError
from cunbao.store.driver import PAGE
from cunbao.store.keyfile import KEYS_FILE
from cunbao.store.trouble import damaged, foreign, wrong_key

SALT_BYTES = 16
HMAC_BYTES = 64
SAMPLE = 64  # pages looked at, from the first one on
_PLAIN = b"SQLite format 3\0"


def salt_of(data_file: Path) -> bytes:
    """The first 16 bytes: random at creation, the same for the life of the file."""
    with data_file.open("rb") as file:
        return file.read(SALT_BYTES)


def refuse_at_sight(data_file: Path) -> None:
    """StoreError for a file that must not even be tried: SQLite would write a fresh start into an empty one."""
    salt = salt_of(data_file)
    if not salt:
        raise damaged("empty file")
    if salt == _PLAIN:
        raise foreign(data_file.parent, detail="a plain SQLite file")


def why_closed(data_file: Path, key: bytes, known_salt: bytes) -> StoreError:
    """The sentence for a file that does not open. known_salt: as it was when it last opened, b"" when unknown."""
    salt = salt_of(data_file)
    if any(_holds(data_file, key, one) for one in {salt, known_salt} if len(one) == SALT_BYTES):
        return damaged("some pages do not hold")
    if data_file.stat().st_size % PAGE or not (known_salt or (data_file.parent / KEYS_FILE).exists()):
        return foreign(data_file.parent, detail="no page holds")
    return wrong_key("no page holds")


def _holds(data_file: Path, key: bytes, salt: bytes) -> bool:
    """Does any of the first pages carry the HMAC of this key?"""
    hmac_key = pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in salt), 2, 32)
    with data_file.open("rb") as file:
        for number in range(1, SAMPLE + 1):
            page = file.read(PAGE)
            if len(page) < PAGE:
                return False
            start = SALT_BYTES if number == 1 else 0
            said = page[start:-HMAC_BYTES] + number.to_bytes(4, "little")
            if hmac.compare_digest(hmac.digest(hmac_key, said, "sha512"), page[-HMAC_BYTES:]):
                return True
    return False
