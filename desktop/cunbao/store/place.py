"""On which machine and volume a folder lies, as one hash. Never leaves the workspace; says nothing by itself.

A workspace that wakes up elsewhere begins a new epoch (protocol §5), so that two copies are never taken for one.
"""

from __future__ import annotations

import os
import platform
import sys
from hashlib import sha256
from pathlib import Path


def place_of(folder: Path) -> str:
    """64 hex digits that change when the folder is on another machine or volume, and not otherwise."""
    return sha256(f"{_machine()}\n{_volume(folder)}".encode()).hexdigest()


def _machine() -> str:
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        except OSError:
            return platform.node()
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            return Path(path).read_text("ascii").strip()
        except OSError:
            continue
    return platform.node()


def _volume(folder: Path) -> str:
    """The volume's own id. On Linux st_dev changes with the order of mounting, so its UUID is looked up."""
    device = os.stat(folder).st_dev
    if sys.platform == "win32":
        return str(device)  # the volume's serial number
    try:
        for link in sorted(Path("/dev/disk/by-uuid").iterdir()):
            if os.stat(link).st_rdev == device:
                return link.name
    except OSError:
        pass
    return ""
