"""设置 of a county: letter size and contrast, backup, the root's comparison code that villages compare on paper."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from cunbao.desks.views import SettingsView
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Card, SideCard, column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.outbox_card import outbox_card
from cunbao.ui.screens.people_card import COUNTY, PeopleCard
from cunbao.ui.screens.settings import Settings
from cunbao.ui.screens.years_card import years_card

RECOVERY = "县里上面没有人能恢复：请至少登记两个人，各记各的密码"


class CountySettings(Settings):
    help = (
        "改了马上生效，不用保存。每次关闭前会自动备份一份，最好再存一份到 U 盘。",
        "县根证书的钥匙也在备份里。备份丢了、密码也忘了，全县要重新发证书。",
    )

    @property
    def to_edge(self) -> bool:
        return True

    def _show(self, view: SettingsView) -> None:
        view = replace(view, recovery=RECOVERY)
        inner = QWidget()
        box = column(inner, 12, (0, 0, 20, 16))
        box.addWidget(PageHead("设置", "改了马上生效"))
        across = self.halves()
        left, right = column(gap=12), column(gap=12)
        self.people = PeopleCard(self.shell, COUNTY, self.refresh)
        for card in (self._looks(), self.people, self._root(), self._task()):
            left.addWidget(card)
        left.addStretch(1)
        right.addWidget(self._backup(view))
        right.addWidget(outbox_card(self.shell))
        if self.shell.desk.given is not None:
            right.addWidget(years_card(self.shell, self.refresh))
        right.addStretch(1)
        across.addLayout(left, 59)
        across.addLayout(right, 52)
        box.addLayout(across)
        box.addStretch(1)
        made = scrolled(inner)
        self._box.addWidget(made)
        made.show()  # now, so that the focus can be put into it

    def _root(self) -> Card:
        from cunbao.desks.county.desk import root_code

        card = SideCard("县根证书比对码", "key")
        groups = root_code(self.shell.desk).split()
        words = row(gap=12)
        for group in groups:
            words.addWidget(Text(group, "lead", bold=True))
        words.addStretch(1)
        card.body.addLayout(words)
        card.body.addWidget(
            Text(
                "村里第一次打开任务包，屏幕上要出现同样 6 组数。印在文件上发下去，不放进 U 盘。",
                "small",
                "text_2",
                lines=2,
            )
        )
        return card

    def _task(self) -> Card:
        desk, card = self.shell.desk, SideCard("本期任务", "package")
        given = desk.given
        if given is None:
            words, line = "还没有签发过任务包", "单位名录定好以后，在“任务包”里做，在“签发”里签。"
        else:
            words = given.title
            line = (
                f"{len(given.forms)} 张表，{len(desk.townships)} 个乡镇，{len(desk.villages)} 个村（社区），"
                f"截止 {given.deadline:%Y-%m-%d}"
            )
        card.body.addWidget(Text(words, bold=True, lines=2))
        card.body.addWidget(Text(line, "small", "text_2", lines=2))
        return card
