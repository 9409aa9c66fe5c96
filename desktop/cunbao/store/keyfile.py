"""keys.json: the wrapped database key beside the database, replaced as a whole or not at all.

What stands in it is trust's and the desks' matter. Never sees a password. While the database gets another key (`rekey`)
it says both what holds and what will hold as soon as data.db begins as foretold; `read_keys` gives what holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cunbao.store.trouble import foreign, told

KEYS_FILE = "keys.json"
REKEY_PART = "data.db.rekey"  # the copy under the new key, until it takes the place of data.db
_NEXT = "next"  # {salt: how data.db will begin, keys: what this file says then}
_SALT_BYTES = 16


def read_keys(folder: Path) -> dict[str, Any]:
    """What keys.json says of the data.db that lies beside it. StoreError "workspace.foreign" when there is none or it
    is not ours."""
    said = _read(folder)
    coming = said.pop(_NEXT, None)
    return dict(coming["keys"]) if coming is not None and coming["salt"] == _beginning(folder).hex() else said


def foretell_keys(folder: Path, salt: bytes, keys: Mapping[str, Any]) -> None:
    """From the moment at which data.db begins with `salt`, keys.json says `keys`."""
    write_keys(folder, {**read_keys(folder), _NEXT: {"salt": salt.hex(), "keys": dict(keys)}})


def settle_keys(folder: Path) -> None:
    """Write down what holds now, when a change of keys was done or cut off, and let go of its copy."""
    if _NEXT in _read(folder):
        write_keys(folder, read_keys(folder))
    (folder / REKEY_PART).unlink(missing_ok=True)


def _beginning(folder: Path) -> bytes:
    """The first bytes of data.db, b"" when there is none."""
    try:
        with (folder / "data.db").open("rb") as file:
            return file.read(_SALT_BYTES)
    except OSError:
        return b""


def _read(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / KEYS_FILE).read_bytes())
    except FileNotFoundError as error:
        raise foreign(folder, detail=f"no {KEYS_FILE}") from error
    except OSError as error:
        raise told(error, folder, doing="打不开") from error
    except ValueError as error:
        raise foreign(folder, detail=f"{KEYS_FILE}: {error}") from error
    if not isinstance(content, dict):
        raise foreign(folder, detail=f"{KEYS_FILE} is no object")
    return content


def write_keys(folder: Path, keys: dict[str, Any]) -> None:
    """Replace keys.json; after a crash either the old or the new one stands there, never half of one."""
    data = json.dumps(keys, ensure_ascii=False, indent=1, sort_keys=True).encode()
    try:
        replace_file(folder / KEYS_FILE, data)
    except OSError as error:
        raise told(error, folder, doing="钥匙没有存下") from error


def replace_file(path: Path, data: bytes) -> None:
    """Write beside, flush, rename over, flush the folder. OSError leaves the old file and no part of the new one."""
    part = path.with_name(f".{path.name}.part")
    try:
        # for the owner alone: whoever copies keys.json from a shared computer could guess at the password
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut. Windows flushes names with the file and cannot open a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
