"""乡镇开始: which township, who looks after it, a password; then its settings ask the county for certificates."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.fields import CodeField, FieldBox, FieldRow
from cunbao.ui.kit.picker import Item
from cunbao.ui.screens.begin_county import BeginCounty


class BeginTownship(BeginCounty):
    """As `BeginCounty`, with the township chosen among those of its county."""

    help_place = "begin-township"
    manual = "township"
    title, line, word = "乡镇开始", "只在乡镇审核报表的一台电脑上做一次", "建乡镇资料"
    warning = ("建好以后，先向县里申请证书", "在“设置”里写证书申请，交给县民政局；领到证书，再读入任务包，才能收件。")
    example, uses, forgotten = "如 勐混镇人民政府", "打开、审核、核准电脑都要用", "忘了密码，可以向县民政局申请恢复。"

    def _places(self) -> tuple[FieldRow | None, ...]:
        self.town = CodeField(self._towns, name="哪个乡镇")
        self.town.committed.connect(self._town_chosen)
        self._town_row = FieldRow("哪个乡镇（街道）", self.town, hint="可以输代码、名字或拼音首字母")
        return (self._county_row, self._town_row, self._office_row, None)

    def _further(self) -> QWidget | None:
        """A township's CA key lies on its computer."""
        return None

    def _order(self) -> list[FieldBox]:
        return [self.county, self.town, self.office, self.name, self.first, self.second]

    def _towns(self) -> list[Item]:
        from cunbao.desks import national

        return [Item(one.code, one.name) for one in national.towns(self.county.code())] if self.county.code() else []

    def _chosen(self, code: str) -> None:
        """Another county has other townships."""
        if self.town.code()[:6] != code[:6]:
            self.town.set_code("")
            self.office.set_text("")

    def _town_chosen(self, code: str) -> None:
        from cunbao.desks import national

        if code:
            self.office.set_text(national.town_of(code).office)

    def code(self) -> str:
        return self.town.code()

    def _unchosen(self) -> tuple[tuple[FieldRow, bool, str], ...]:
        return (*super()._unchosen(), (self._town_row, not self.town.code(), "还没选乡镇"))

    def _role(self) -> str:
        from cunbao.desks.township import beginning

        return beginning.ROLE
