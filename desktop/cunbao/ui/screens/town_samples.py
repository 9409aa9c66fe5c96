"""Samples of the dialogs of township-11 for the sheet of pictures: the real dialogs, with facts of an invented day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from cunbao.desks.township.views import FileLine, FileResult, ReceiveView
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.panel import Panel
from cunbao.ui.screens import dialogs, town_dialogs

MORNING = datetime(2025, 12, 16, 0, 31, tzinfo=UTC)
CUT = FileLine(
    FileResult.BROKEN, "文件不完整", "贺开村-2025年度-第2次.cbsync", "1.2 / 3.4 MB", "", "", "chase", "记入催报",
    happened="应有 3.4 MB，只读到 1.2 MB", safe="一张表也没读，贺开村第 1 次照旧",
    todo_long="请村里重拷一次，等提示“可以拔”再拔",
)  # fmt: skip
OTHERS = FileLine(
    FileResult.NOT_OURS, "不是本镇的", "曼恩村-2025年度-第1次.cbsync", "2.2 MB", "", "",
    happened="封口写着收件：勐遮镇。本镇打不开", safe="没有拷进来，U 盘里原样没动",
    todo_long="转交勐遮镇，或请带来的人拿回",
)  # fmt: skip
OLD_KEY = FileLine(
    FileResult.REVOKED, "证书已吊销", "曼国村-2025年度-第3次.cbsync", "1.1 MB", "", "", "enrol", "看证书",
    happened="旧电脑 C-0106 只认到第 1 次，这是第 3 次", safe="文件留着，不算数，第 2 次照旧有效",
    todo_long="请村里用新电脑 C-0117 重新签名再报",
)  # fmt: skip


def half_way() -> ReceiveView:
    """Nine files, of which the sixth no longer fitted on the disk."""
    taken = FileLine(FileResult.TAKEN, "已接收", "曼蚌村-2025年度-第1次.cbsync", "1.8 MB", "", "")
    full = FileLine(
        FileResult.DISK, "没收完", "曼赛村-2025年度-第1次.cbsync", "46 MB", "", "",
        happened="还要 46 MB，D 盘只剩 3 MB",
        todo_long="清出 50 MB 后接着收，不用从头来",
    )  # fmt: skip
    return ReceiveView(
        MORNING, "从 U 盘", (*(taken,) * 5, *(full,) * 4), 5, 0, 0, 16, False, 14, date(2025, 12, 20), 4, None
    )


def just_issued() -> ReceiveView:
    return ReceiveView(None, "", (), 0, 0, 0, 0, True, 14, date(2025, 12, 20), 19, date(2025, 12, 1))


def dialog_sheet() -> Panel:
    """township-11."""
    reason = FieldBox("人数和名册对不上", name="原因")
    return dialogs.sheet(
        (
            ("读文件时：文件不完整", town_dialogs.file_box(CUT)),
            ("读文件时：不是本镇的", town_dialogs.file_box(OTHERS)),
            ("读文件时：证书已吊销", town_dialogs.file_box(OLD_KEY)),
            ("接收到一半：磁盘满了", town_dialogs.disk_full(half_way(), "D 盘")),
            (
                "审核后：撤回决定",
                town_dialogs.withdraw(
                    "通过", "曼扫村 B04 法律明白人，09:12 通过", "回到已接收，汇总表少算这一张",
                    "回执还没写出，村里看不到", reason, lambda key: True,
                ),
            ),
            ("任务刚下发：还没有收到", town_dialogs.nothing_yet(just_issued())),
        ),
        titled=False,
    )  # fmt: skip
