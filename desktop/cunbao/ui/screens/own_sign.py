"""Signing the township's own form: with the key of its desk; it goes to the county with the next bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from cunbao.desks.views import SignView
from cunbao.ui.screens.sign import SignScreen


class OwnSign(SignScreen):
    help = (
        "左边就是要签的报表，看过再签。",
        "输入签名密码，点“签名”。签名后内容锁定，报县以前可以撤回。",
    )

    def put_signature(self, chosen: Sequence[Any], password: str, progress: Any, cancel: Any) -> Any:
        from cunbao.desks.township import supplement

        inside: Any = self.shell
        return supplement.sign(inside.outer.desk, chosen, password, progress=progress, cancel=cancel)

    def _make_inputs(self, view: SignView) -> tuple[QWidget, ...]:
        made = super()._make_inputs(view)
        if self._note.text.text():
            self._note.set("note", "签名后内容锁定。报县前要改，先撤回签名。")
        return made

    def _show(self, prepared: tuple[Any, ...], view: SignView) -> None:
        super()._show(prepared, view)
        if not prepared:
            self.first_focus()  # on the way to 报县

    def _nothing(self, view: SignView) -> QWidget:
        made = super()._nothing(view)
        if self._way_on.text() == "去报送":
            self._way_on.setText("去报县")
        return made

    def _signed(self, lines: Any) -> None:
        """What was signed is shown, with the way to 报县."""
        inside: Any = self.shell
        inside.told.emit()
        self.shell.refresh_frame()
        self.refresh()
