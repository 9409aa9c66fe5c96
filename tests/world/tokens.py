"""PKCS#11 tokens of SoftHSM. It reads its configuration once a process: all tokens of a run lie in one folder."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

PIN, OFFICERS_PIN = "246810", "13579135"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm.so", "/usr/lib/libsofthsm2.so")


@cache
def _place() -> Path:
    place = Path(tempfile.mkdtemp(prefix="cunbao-tokens-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    (place / "tokens").mkdir()
    (place / "softhsm2.conf").write_text(
        f"directories.tokendir = {place / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(place / "softhsm2.conf")
    return place


def a_module(label: str) -> str:
    """A token of this label, initialised with PIN; gives the path of the library. The package softhsm2 must be there:
    dev.py installs it with what else the tests need."""
    _place()
    module = next(one for one in MODULES if Path(one).exists())
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", OFFICERS_PIN, "--pin", PIN],
        check=True, capture_output=True,
    )  # fmt: skip
    return module
