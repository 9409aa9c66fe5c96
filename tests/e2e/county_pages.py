"""What the county's staff see and press, screen by screen, with the keyboard alone. As in `town_pages`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from e2e.pages import CTRL, LONG, Key
from e2e.town_pages import TownPage


class CountyPage(TownPage):
    """The county's window. Its nav is longer than the digits: a place is gone to by its number where it has one."""

    def unlocks(self, password: str) -> CountyPage:
        self.write(password)
        self.press(Key.Key_Return)
        self.bot.waitUntil(lambda: self.app.window.desk is not None, timeout=LONG)
        self.over()
        return self

    def goes_to(self, place: str) -> Any:
        keys = [item.key for item in self.app.window.nav.items]
        number = 1 + keys.index(place)
        if number < 10:
            self.press(getattr(Key, f"Key_{number}"), held=CTRL)
        else:
            self.tab_to("导航")
            self.press(*(Key.Key_Up,) * len(keys), *(Key.Key_Down,) * (number - 1), Key.Key_Return)
        self.over()
        return self

    def presses(self, *keys: Key) -> CountyPage:
        """Keys, and what they begin comes to its end."""
        self.press(*keys)
        self.over()
        return self

    def holds(self, key: Key) -> CountyPage:
        """A key with Ctrl."""
        self.press(key, held=CTRL)
        self.over()
        return self

    def opens_file(self, path: Path) -> CountyPage:
        self.picks(path, lambda: self.press(Key.Key_O, held=CTRL))
        return self

    def saves_to(self, path: Path, key: Key) -> CountyPage:
        """Ctrl and a key, and the name of a new file in the dialog of the system."""
        self.names(path, lambda: self.press(key, held=CTRL))
        return self
