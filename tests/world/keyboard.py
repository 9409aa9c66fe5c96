"""A real Chinese keyboard: ibus with libpinyin on a session bus of its own, keys pressed through the X server.

Nothing of the user's own input method is touched: bus, home and settings live in the given folder and end with the
block. The order of candidates is the input method's business, so a character is looked for, not counted on.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

LIMIT = 60.0  # s until ibus must answer


class NoKeyboard(RuntimeError):
    """ibus did not start; the text is what it said."""


class Keyboard:
    """environment: what a program must see to be typed into."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def press(self, *keys: str) -> None:
        """Press keys by their X names, one after the other: press("n", "i", "space")."""
        if keys:
            subprocess.run(["xdotool", "key", "--delay", "12", *keys], env=self.environment, check=True)

    def type_character(self, pinyin: str, wanted: str, entered: Callable[[], str], most: int = 60) -> str:
        """Type `pinyin` and try one candidate after the other until `wanted` stands in the field; gives its text.

        entered: called after Enter has been pressed, gives the field's text then.
        """
        before = self._enter(entered)
        tried = 0
        while tried <= most:
            self.press(*pinyin, *["Down"] * tried, "space")
            text = self._enter(entered)
            added = text.removeprefix(before)
            if added == wanted:
                return text
            # Latin letters: the window has the focus, but the input method not yet
            tried += not added.isascii()
            self.press(*["BackSpace"] * len(added))
        raise AssertionError(f"{wanted} is not among the first {most} candidates of {pinyin}")

    def _enter(self, entered: Callable[[], str]) -> str:
        self.press("Return")
        return entered()


@contextmanager
def a_pinyin_keyboard(folder: Path) -> Iterator[Keyboard]:
    """ibus and libpinyin for as long as the block runs."""
    environment = {
        **os.environ,
        "HOME": str(folder),
        "GSETTINGS_BACKEND": "memory",
        "QT_IM_MODULE": "ibus",
        **{f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA", "STATE")},
    }
    log = folder / "ibus.log"
    bus_says, bus_end = os.pipe()
    with log.open("wb") as said:
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--print-address={bus_end}"],
            env=environment, pass_fds=[bus_end], stdout=said, stderr=said,
        )  # fmt: skip
        os.close(bus_end)
        with os.fdopen(bus_says, encoding="ascii") as pipe:
            environment["DBUS_SESSION_BUS_ADDRESS"] = pipe.readline().strip()
        daemon = subprocess.Popen(
            ["ibus-daemon", "--panel", "disable", "--emoji-extension", "disable"],
            env=environment, stdout=said, stderr=said,
        )  # fmt: skip
    try:
        _until_it_answers(environment, log)
        yield Keyboard(environment)
    finally:
        for process in (daemon, bus):
            process.terminate()
            process.wait()


def _until_it_answers(environment: dict[str, str], log: Path) -> None:
    deadline = monotonic() + LIMIT
    while monotonic() < deadline:
        # its exit code speaks of the keyboard layout as well, so ask again which engine there is
        subprocess.run(["ibus", "engine", "libpinyin"], env=environment, capture_output=True)
        engine = subprocess.run(["ibus", "engine"], env=environment, capture_output=True, text=True)
        if engine.stdout.strip() == "libpinyin":
            return
    raise NoKeyboard(log.read_text(encoding="utf-8", errors="replace"))
