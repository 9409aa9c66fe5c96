"""The command before a command that may mount: what is mounted there is seen by it alone and ends with it.

A user namespace is enough on a desktop. In a chroot (a bare Debian made by debootstrap) the kernel refuses one even to
root, and `/` is no mount point there whose propagation could be changed; root then needs a mount namespace only.
"""

from __future__ import annotations

import subprocess
from functools import cache

WAYS = (
    ("unshare", "--user", "--map-root-user", "--mount"),
    ("unshare", "--mount"),
    ("unshare", "--mount", "--propagation", "unchanged"),
)


@cache
def own_mounts() -> tuple[str, ...]:
    """The first way that works here: [*own_mounts(), "sh", "-c", "mount … && exec …"]."""
    said = []
    for way in WAYS:
        tried = subprocess.run([*way, "true"], capture_output=True, text=True)
        if tried.returncode == 0:
            return way
        said.append(f"{' '.join(way)}: {tried.stderr.strip()}")
    raise RuntimeError("no way to mount a disk of our own for the tests:\n" + "\n".join(said))
