"""What of .venv ships: the components that the program stands on, found from its own requirements.

The lock holds the tools of tests and checks as well; some of them are offered to our components by name (duckdb would
take pandas and pyarrow where they lie), and none of them is to reach an office.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution, distributions, packages_distributions
from pathlib import PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LICENCE_WORDS = ("licen", "copying", "notice", "authors")
# Of the standard library: what no part of the program uses, and what would bring libraries under the GPL.
NOT_SHIPPED = (
    *("pip", "setuptools"),  # sqlite-utils names pip for a command of its own
    *("tkinter", "idlelib", "lib2to3", "ensurepip", "readline", "rlcompleter", "curses", "dbm", "test"),
    *("sqlite3", "_sqlite3"),  # one SQLite is enough: SQLCipher's takes its place (store/driver.py)
)

# Top-level names that are no module of Python's own: compiled, or for a program that is not used.
NO_MODULES = ("Shiboken", "adbc_driver_duckdb", "pypdfium2_cli", "pypdfium2_cfg")
# Of Debian's libraries (Linux), those that go along: what Python stands on, and X helpers that a desktop may lack.
# All under MIT, BSD, OpenSSL's or no licence at all. Every other one is the target's own, by the package's Depends.
LIBRARIES = (
    *("libpython", "libssl", "libcrypto", "libffi", "libbz2", "liblzma", "libexpat", "libuuid", "libz."),
    *("libxcb-cursor", "libxcb-icccm", "libxcb-image", "libxcb-keysyms", "libxcb-render-util", "libxcb-util"),
    *("libxcb-xkb", "libxkbcommon"),
)


def components(root: str = "cunbao") -> dict[str, Distribution]:
    """Distributions by name that `root` needs on this system, itself not among them."""
    known = {canonicalize_name(one.name): one for one in distributions()}
    found: dict[str, Distribution] = {}
    waiting = [(canonicalize_name(root), "")]
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        one = known[name]
        found[name] = one
        for requirement in map(Requirement, one.requires or ()):
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
                continue
            for wanted in ("", *requirement.extras):
                entry = (canonicalize_name(requirement.name), wanted)
                if entry not in seen and entry[0] in known:
                    seen.add(entry)
                    waiting.append(entry)
    del found[canonicalize_name(root)]
    return found


def named(root: str = "cunbao") -> list[str]:
    """Top-level modules of what pyproject.toml names: all go along, even before a line of ours imports them."""
    known = packages_distributions()
    direct = {canonicalize_name(Requirement(one).name) for one in components_of(root).requires or ()}
    return sorted(
        module
        for module, names in known.items()
        if module not in NO_MODULES and direct.intersection(map(canonicalize_name, names))
    )


def components_of(root: str) -> Distribution:
    return next(one for one in distributions() if canonicalize_name(one.name) == canonicalize_name(root))


def kept_out() -> list[str]:
    """Top-level modules that a bundle must not hold: of every distribution that no component needs."""
    ours = {*components(), "cunbao"}
    others = [
        module
        for module, names in packages_distributions().items()
        if not any(canonicalize_name(name) in ours for name in names)
    ]
    return sorted({*others, *NOT_SHIPPED})


def licence_files(component: Distribution) -> Iterable[PurePosixPath]:
    """Its texts of licence and notice, as its record names them."""
    for file in component.files or ():
        in_info = any(part.endswith(".dist-info") for part in file.parts)
        if in_info and ("licenses" in file.parts or any(word in file.name.lower() for word in LICENCE_WORDS)):
            yield file
