"""The manual's pictures from the running window: `python -m cunbao.ui.manualshots` (dev.py manual).

The sample round is told as for `shots`; each picture is the window alone, in few colours so that it is small, under
the name of its screen: village-home. Only invented people and figures are ever in sight.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from cunbao.survey import resources
from cunbao.ui.shots import Album

COLOURS = 48  # of the palette: the window has few, the rest are edges of letters
_NAME = re.compile(r"^(village|township|county)-\d+-(.+)$")


class ManualAlbum(Album):
    """An album at 100 % only, under the manual's names."""

    def _keep(self, window: QWidget, name: str) -> None:
        self._settle(window)
        if "@" in name or name.endswith("-150"):
            return
        found = _NAME.match(name)
        assert found is not None, name
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{found[1]}-{found[2]}.png").write_bytes(small(window.grab()))


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
    from tempfile import TemporaryDirectory

    from cunbao.desks.story import demo

    place = Path(words[0]) if words else resources.path("manual/pictures")
    with TemporaryDirectory() as around:
        album = ManualAlbum(place)
        demo.run(Path(around), witness=album)
        album.finish()
    made = list(place.glob("*.png"))
    print(f"{len(made)} 张图在 {place}，共 {sum(path.stat().st_size for path in made) // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
