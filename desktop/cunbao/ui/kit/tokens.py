"""Colours, type and sizes of the interface, read once from resources/tokens.json; and `look`, what is in force now.

Widgets ask `look` when they paint or restyle; nothing keeps a colour or a scaled size of its own. Sizes of type,
controls and icons multiply by the user's scale, spacing, lines and radii do not. Source: ui/design.md, tokens.json.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont

from cunbao.survey import resources

SCALES = (1.0, 1.25, 1.5)


@cache
def tokens() -> dict[str, Any]:
    """tokens.json as it stands."""
    found: dict[str, Any] = json.loads(resources.path("tokens.json").read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class StateLook:
    """How one state is drawn: always icon + word + colour. Colours are "#RRGGBB"."""

    word: str
    icon: str
    fg: str
    bg: str
    line: str


class Look(QObject):
    """The scale and the contrast in force. Change them with `style.apply`, which restyles every window."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scale = 1.0
        self.contrast = False
        self._colors: dict[str, QColor] = {}
        self._fonts: dict[tuple[str, bool], QFont] = {}
        self._lifts: dict[str, int] = {}

    def take(self, scale: float, contrast: bool) -> None:
        """Put new values in force without telling anybody; see style.apply."""
        self.scale = min(SCALES, key=lambda known: abs(known - scale))
        self.contrast = contrast
        self._colors.clear()
        self._fonts.clear()
        self._lifts.clear()

    @property
    def mode(self) -> str:
        return "high_contrast" if self.contrast else "light"

    @property
    def narrow(self) -> bool:
        """At 150 % the nav becomes a strip and the side panel moves below."""
        return self.scale >= 1.5

    def hex(self, name: str) -> str:
        """A colour by its token name, "#RRGGBB"; the name of a state is its ink. A "#…" name is itself."""
        if name.startswith("#"):
            return name
        return str(tokens()["color"][self.mode].get(name) or self.state(name).fg)

    def color(self, name: str) -> QColor:
        found = self._colors.get(name)
        if found is None:
            found = self._colors[name] = QColor(self.hex(name))
        return found

    def px(self, at_100: float) -> int:
        """A type, control or icon size in pixels at the scale in force."""
        return round(at_100 * self.scale)

    def control(self, name: str) -> int:
        return self.px(tokens()["control_px"][name])

    def radius(self, name: str) -> int:
        return int(tokens()["radius_px"][name])

    @property
    def line(self) -> int:
        """Width of ordinary lines: 1, in high contrast 2."""
        widths = tokens()["line_px"]
        return int(widths["high_contrast" if self.contrast else "normal"])

    @property
    def stroke(self) -> float:
        """Stroke of icons on their 24 grid."""
        return 2.2 if self.contrast else 1.75

    def font(self, role: str = "base", bold: bool = False) -> QFont:
        """The interface font in a role of tokens.json: small, base, lead, title, display."""
        found = self._fonts.get((role, bold))
        if found is None:
            from cunbao.ui.kit import fonts

            found = QFont()
            found.setFamilies(list(fonts.families()))
            found.setPixelSize(self.px(tokens()["type"]["scale_px_at_100"][role]))
            found.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
            found.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            self._fonts[(role, bold)] = found
        return found

    def lift(self, role: str = "base") -> int:
        """Pixels by which Han glyphs of Noto Sans stand below the middle of their line; words are lifted by it."""
        found = self._lifts.get(role)
        if found is None:
            found = self._lifts[role] = round(self.px(tokens()["type"]["scale_px_at_100"][role]) * 0.056)
        return found

    def line_height(self, role: str = "base") -> int:
        return self.px(tokens()["type"]["line_height"][role])

    def state(self, token: str) -> StateLook:
        """A return state ("filling") or a form state ("form_filling")."""
        found = tokens()["state"].get(token)
        word = icon = ""
        if found is None:
            form = tokens()["form_state"][token]
            word, icon = form["word"], form["icon"]
            found = tokens()["state"][form["uses"]]
        ink = found[self.mode]
        return StateLook(word or found["word"], icon or found["icon"], ink["fg"], ink["bg"], ink["line"])

    def severity(self, token: str) -> StateLook:
        """must_fix, must_explain, hint or ok."""
        found = tokens()["severity"][token]
        return self.tone(found["color"], found["word"], found["icon"])

    def tone(self, name: str, word: str = "", icon: str = "") -> StateLook:
        """error, warn, ok or info as a triple of colours."""
        return StateLook(word, icon, self.hex(name), self.hex(f"{name}_bg"), self.hex(f"{name}_line"))


look = Look()
