"""根钥匙放在 U 盾里: which PKCS#11 library, which token, its PIN, for a county that begins. Off until it is ticked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.errors import CunbaoError
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Check, FieldBox, FieldRow, PasswordField
from cunbao.ui.kit.panel import column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text

if TYPE_CHECKING:
    from cunbao.trust.token import Token

DRIVERS = "PKCS#11 库 (*.so *.dll *.dylib);;所有文件 (*)"


class TokenFields(QWidget):
    """`chosen()` gives the token and its PIN, (None, "") while the root's key is to lie on this computer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from cunbao.desks.county import rootkey

        box = column(self, 8)
        self.on = Check("根钥匙放在 U 盾里（不勾选就放在这台电脑里，用上面的密码锁着）", role="base")
        self.on.toggled.connect(lambda on: self._open(on))
        box.addWidget(self.on)
        self._more = QWidget()
        inner = column(self._more, 8)
        self.module, self.label, self.pin = FieldBox(), FieldBox(), PasswordField(name="U 盾的 PIN")
        self.module.set_text(rootkey.driver())
        self.choose = Button("选文件", icon="folder")
        self.choose.clicked.connect(self._choose)
        self.seek = Button("找 U 盾", icon="usb")
        self.seek.clicked.connect(self.look)
        self._module_row = FieldRow("U 盾的驱动", self.module, hint="U 盾厂家的 PKCS#11 库文件，.so 或 .dll")
        self._label_row = FieldRow("U 盾的名称", self.label, hint="插好 U 盾，点“找 U 盾”填上")
        self._pin_row = FieldRow("U 盾的 PIN", self.pin, hint="以后发证书、签发任务包都要插着它，输这个 PIN")
        for part, button in ((self._module_row, self.choose), (self._label_row, self.seek), (self._pin_row, None)):
            line = row(gap=8)
            line.addWidget(part, 1)
            if button is not None:
                beside = column(gap=2)
                beside.addWidget(Text(" "))
                beside.addWidget(button)
                beside.addStretch(1)
                line.addLayout(beside)
            inner.addLayout(line)
        self.module.next.connect(lambda step: self.label.setFocus())
        self.label.next.connect(lambda step: (self.pin if step > 0 else self.module).setFocus())
        box.addWidget(self._more)
        show_if(self._more, False)

    def _open(self, on: bool) -> None:
        show_if(self._more, on)
        if on:
            self.module.setFocus()
            if self.module.text() and not self.label.text():
                self.look()

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选 U 盾的驱动", str(Path("/usr/lib")), DRIVERS)
        self.window().activateWindow()
        if name:
            self.module.set_text(name)
            self.look()

    def look(self) -> None:
        """The first token that is plugged in; with several, the next one after the one named."""
        from cunbao.desks.county import rootkey

        self._module_row.show_message()
        try:
            found = rootkey.tokens(self.module.text().strip())
        except CunbaoError as trouble:
            self._module_row.show_message("error", f"{trouble.happened}。{trouble.todo}")
            return
        if not found:
            self._label_row.show_message("warn", "没有找到插着的 U 盾")
            return
        here = self.label.text().strip()
        self.label.set_text(found[(found.index(here) + 1) % len(found)] if here in found else found[0])
        several = f"插着 {len(found)} 个：{'、'.join(found)}" if len(found) > 1 else "找到了"
        self._label_row.show_message("ok", several)

    def missing(self) -> tuple[tuple[FieldRow, bool, str], ...]:
        """(row, is it a gap, what is said then)."""
        on = self.on.is_on()
        return (
            (self._module_row, on and not self.module.text().strip(), "还没选 U 盾的驱动"),
            (self._label_row, on and not self.label.text().strip(), "还没选 U 盾"),
            (self._pin_row, on and not self.pin.text(), "还没输 U 盾的 PIN"),
        )

    def chosen(self) -> tuple[Token | None, str]:
        from cunbao.desks.county import rootkey

        if not self.on.is_on():
            return None, ""
        return rootkey.chosen(self.module.text(), self.label.text()), self.pin.text()
