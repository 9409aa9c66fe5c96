"""The manual's pictures from the running window: `python -m cunbao.ui.manualshots` (dev.py manual).

The sample round is told as for `shots`, in a folder whose name may be seen; each picture is the window alone, in few
colours so that it is small, under the name of its screen: village-home, start-unlock. Only invented people and figures
are ever in sight.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from cunbao.desks.clock import Clock
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey import resources
from cunbao.ui.county import County
from cunbao.ui.shell import Shell
from cunbao.ui.shots import Album
from cunbao.ui.township import Township
from cunbao.ui.village import Village

ROOT = "村报手册样例"  # below the system's folder for passing things: some screens show where files lie
COLOURS = 96  # of the palette: the window has few, the rest are edges of letters
NEW_PASSWORD = "sample-2026"
BARE = {"village-01-first-run": "start-first-run", "village-02-unlock": "start-unlock"}
LEFT_OUT = ("village-04-form-B06", "village-04-form-B07")  # forms like the others
_NAME = re.compile(r"^(village|township|county|start)-(?:\d+-)?(.+)$")


class ManualAlbum(Album):
    """An album at 100 % only, under the manual's names, with the screens that `shots` has no picture of."""

    def __init__(self, root: Path, place: Path) -> None:
        super().__init__(root / "screens")
        self.place = place
        place.mkdir(parents=True, exist_ok=True)

    def __call__(self, moment: str, desk: VillageDesk | TownshipDesk | CountyDesk) -> None:
        super().__call__(moment, desk)
        if moment == "town_decided" and isinstance(desk, TownshipDesk):
            self._more_of_town(desk)

    def _keep(self, window: QWidget, name: str) -> None:
        self._settle(window)
        if "@" in name or name.endswith("-150") or name in LEFT_OUT:
            return
        found = _NAME.match(BARE.get(name, name))
        assert found is not None, name
        (self.place / f"{found[1]}-{found[2]}.png").write_bytes(small(window.grab()))

    # --- what shots has not --------------------------------------------------------------------------------------

    def _bare(self, desk: VillageDesk) -> None:
        """Every window before a desk opens."""
        from cunbao.desks import recovery
        from cunbao.desks.start import unlock_view
        from cunbao.desks.tasks import packs_on
        from cunbao.ui.screens.begin import Begin
        from cunbao.ui.screens.begin_county import BeginCounty
        from cunbao.ui.screens.begin_township import BeginTownship
        from cunbao.ui.screens.recovery import Recovery

        super()._bare(desk)
        stick = self.folder.parent / "stick"
        window = Shell(Village(), asks_to_close=False)
        window.show()
        lost = self._forgotten(desk.workspace.folder, desk.clock)
        view = unlock_view(lost, desk.clock())
        begin, county = Begin(packs_on([stick])[0]), BeginCounty()
        asking, waiting = Recovery(view, None, ()), Recovery(view, recovery.asked(lost), ())
        asking.use_place(stick)
        for screen, name in (
            (begin, "start-begin"), (county, "start-begin-county"),
            (BeginTownship(), "start-begin-township"), (asking, "start-forgotten"), (waiting, "start-forgotten-code"),
        ):  # fmt: skip
            window.show_bare(screen)
            self._keep(window, name)
        self._end(window)

    def _forgotten(self, folder: Path, clock: Clock) -> Path:
        """A copy of what a locked workspace knows, whose password was forgotten: the request lies in it."""
        from cunbao.desks import recovery
        from cunbao.desks.start import unlock_view

        lost = self.folder.parent / f"lost-{folder.name}"
        if not lost.exists():
            lost.mkdir()
            shutil.copy(folder / "keys.json", lost)
            recovery.ask(lost, unlock_view(lost, clock()).people[0].name, NEW_PASSWORD, lost, clock=clock)
        return lost

    def _more_of_town(self, desk: TownshipDesk) -> None:
        window = self._window(desk, Township())
        window.go("settings")
        self._keep(window, "township-settings")
        window.go("outbox")
        self._keep(window, "township-outbox")
        village = next(self.folder.parent.glob(f"village-{desk.office.code[:9]}*/keys.json")).parent
        self._answering(window, self._forgotten(village, desk.clock), "township-recovery")
        self._end(window)

    def _answering(self, window: Shell, lost: Path, name: str) -> None:
        """找回密码 of a superior, with the request of an office below it at hand."""
        screen: Any = window.go("recovery")
        self._settle(window)
        screen.read_request(next(lost.glob("*.cbrec")))
        self._settle(window)
        self._keep(window, name)

    def county(self, desk: CountyDesk) -> None:
        super().county(desk)
        window = self._window(desk, County())
        around = self.folder.parent
        genuine, torn = self._original(desk), sorted(around.glob("stick/勐混村-*.cbsync"))[:1]
        places: dict[str, dict[str, Any]] = {
            "return": {"office": desk.townships[0].code, "form": "T01"},
            "verify": {"paths": (genuine, *torn)},
        }
        for screen in ("receive", "answers", "return", "settings", "outbox", "verify"):
            shown = window.go(screen, **places.get(screen, {}))
            where = getattr(shown, "where", None)
            if where is not None:
                where.use_folder(self.folder.parent / "stick")
            self._keep(window, f"county-{screen}")
        town = next(self.folder.parent.glob("township-*/keys.json")).parent
        self._answering(window, self._forgotten(town, desk.clock), "county-recovery")
        self._end(window)

    def _original(self, desk: CountyDesk) -> Path:
        """A signed return as somebody hands it in."""
        from cunbao.desks.county import printables

        line = next(one for one in printables.shelf(desk).lines if one.form == "B02")
        path = self.folder.parent / "paper" / f"{line.office.short}-B02.pdf"
        path.write_bytes(printables.pages_of(desk, line)[0])
        return path


def small(seen: QPixmap) -> bytes:
    """A picture as PNG with a palette."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    seen.save(buffer, "PNG")
    image = Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGB")
    out = io.BytesIO()
    palette = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(out, "PNG", optimize=True)
    return out.getvalue()


def main(words: list[str]) -> int:
    from cunbao.desks.story import demo

    place = Path(words[0]) if words else resources.path("manual/pictures")
    root = Path(tempfile.gettempdir()) / ROOT
    shutil.rmtree(root, ignore_errors=True)
    album = ManualAlbum(root, place)
    try:
        demo.run(root, witness=album)
        album.finish()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    made = list(place.glob("*.png"))
    print(f"{len(made)} 张图在 {place}，共 {sum(path.stat().st_size for path in made) // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
