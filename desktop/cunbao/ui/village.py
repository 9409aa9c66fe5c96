"""Which screen stands behind which name of the village desk. Each module is loaded when its screen is first shown."""

from __future__ import annotations

from importlib import import_module

from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell

# name in Shell.go → module in screens, class
SCREENS = {
    "home": ("home", "Home"),
    "form": ("form", "FormScreen"),
    "row": ("roweditor", "RowScreen"),
    "paste": ("paste", "PasteScreen"),
    "check": ("check", "CheckScreen"),
    "sign": ("sign", "SignScreen"),
    "send": ("export", "ExportScreen"),
    "receipt": ("receipt", "Receipt"),
    "settings": ("settings", "Settings"),
}


def make_screen(shell: Shell, name: str) -> Screen:
    """The screen of a name, made for this window."""
    module, kind = SCREENS[name]
    made: Screen = getattr(import_module(f"cunbao.ui.screens.{module}"), kind)(shell)
    return made
