"""Samples of the six dialogs for the sheet of pictures: the real dialogs, with facts of an invented day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from cunbao.errors import CunbaoError
from cunbao.ui.kit.panel import Panel
from cunbao.ui.screens import dialogs

EVENING = datetime(2025, 12, 11, 9, 20, tzinfo=UTC)
MORNING = datetime(2025, 12, 12, 2, 5, tzinfo=UTC)


def dialog_sheet() -> Panel:
    """village-13."""
    full = CunbaoError(
        "disk.full",
        happened="D 盘只剩 12 MB",
        safe="已填的内容都在，10:42 前已保存",
        todo="请删掉或移走一些文件，腾出 200 MB 以上，再存一次",
    )
    gone = CunbaoError(
        "medium.gone",
        happened="报送包写到 62% 时 U 盘断开，这份文件不能用",
        safe="报表和签名都在，没有受影响",
        todo="插回 U 盘再写一次，坏文件会先删掉",
    )
    return dialogs.sheet(
        (
            ("保存时剩余空间不够", dialogs.disk_full(full, 1)),
            ("写报送包或备份时 U 盘断开", dialogs.stick_gone(gone, 1)),
            ("打开时日期早于上次保存", dialogs.clock_back(date(2025, 1, 3), date(2025, 12, 12))),
            ("同一份资料打开第二次", dialogs.second_window(MORNING, "B02")),
            ("打开时资料自检没通过", dialogs.damaged(EVENING)),
            ("资料版本高于程序版本", dialogs.newer("1.2", "1.3")),
        )
    )
