"""A township desk for the window alone: the views of the design's pictures of 2025-12-16, and what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cunbao.desks.township.views import (
    BoardCell,
    BoardRow,
    BoardView,
    CertificateView,
    EnrolView,
    FileLine,
    FileResult,
    ReceiveView,
    RequestView,
    TownFrame,
)
from cunbao.survey.states import ReturnState

ACCEPTED, RECEIVED, FORK, RETURNED, MISSING, PENDING = (
    ReturnState.ACCEPTED, ReturnState.RECEIVED, ReturnState.FORK, ReturnState.RETURNED, ReturnState.MISSING,
    ReturnState.CERT_PENDING,
)  # fmt: skip
FULL_NAME = "勐海县勐混镇人民政府"
DEADLINE = date(2025, 12, 20)
FORMS = (
    ("B01", "B01 基本情况"), ("B02", "B02 设施面积"), ("B03", "B03 两委成员"), ("B04", "B04 法律明白人"),
    ("B05", "B05 灾害信息员"),
)  # fmt: skip
STATES = {"通": ACCEPTED, "收": RECEIVED, "冲": FORK, "退": RETURNED, "未": MISSING, "证": PENDING}


def at(month: int, day: int, hour: int, minute: int) -> datetime:
    """Local time of 2025 as the UTC moment of a view."""
    return datetime(2025, month, day, hour - 8, minute, tzinfo=UTC)


# --- 02 --------------------------------------------------------------------------------------------------------------

VILLAGES: tuple[tuple[str, str, datetime | None, int | None, str, str], ...] = (
    ("勐混村", "通通冲通收", at(12, 16, 8, 31), 2, "两台电脑", ""),
    ("曼蚌村", "收收收收收", at(12, 16, 8, 31), 1, "", ""),
    ("曼赛村", "通通通通通", at(12, 12, 14, 40), 1, "", ""),
    ("曼扫村", "通收通收收", at(12, 16, 8, 31), 4, "缺第3号", "warn"),
    ("曼国村", "通收收通通", at(12, 16, 8, 31), 2, "", ""),
    ("曼冈村", "未未未未未", None, None, "签名对不上", "error"),
    ("贺开村", "通通退退未", at(12, 11, 15, 42), 1, "第2次没读全", "error"),
    ("班盆村", "通通通通通", at(12, 12, 9, 15), 1, "", ""),
    ("曼弄村", "证证证未未", at(12, 16, 8, 31), 1, "等核准证书", ""),
    ("曼迈村", "通通收收未", at(12, 15, 16, 30), 1, "", ""),
    ("广别村", "未未未未未", None, None, "一次也没报", ""),
    ("曼召村", "退退通通收", at(12, 11, 11, 5), 1, "", ""),
    ("拉巴村", "通收未未未", at(12, 15, 9, 0), None, "镇里代报", "info"),
    ("曼打村", "通通通收通", at(12, 15, 16, 31), 1, "", ""),
)


def code_of(number: int) -> str:
    """The 12 digits of the village of that number."""
    return f"999022103{201 + number}"


def board_view() -> BoardView:
    rows = tuple(
        BoardRow(
            office=code_of(number),
            name=name,
            cells=tuple(BoardCell(form, STATES[mark]) for (form, _), mark in zip(FORMS, marks, strict=True)),
            accepted=marks.count("通"),
            received_at=came,
            on_paper=name == "拉巴村",
            sequence=sequence,
            remark=remark,
            tone=tone,
        )
        for number, (name, marks, came, sequence, remark, tone) in enumerate(VILLAGES)
    )
    cells = [cell for row in rows for cell in row.cells]
    return BoardView(
        forms=FORMS,
        rows=rows,
        counts={state: sum(cell.state is state for cell in cells) for state in STATES.values()},
        total=len(cells),
        accepted_by_form=tuple(sum(row.cells[at].state is ACCEPTED for row in rows) for at in range(len(FORMS))),
        complete=sum(row.accepted == len(FORMS) for row in rows),
        next=(code_of(1), "B01", "曼蚌村 B01"),
        deadline=DEADLINE,
    )


# --- 01 --------------------------------------------------------------------------------------------------------------

FILES = (
    FileLine(FileResult.TAKEN, "已接收", "曼蚌村-2025年度-第1次.cbsync", "1.8 MB",
             "收下 5 张表，负责人 岩温 12-15 签名", "待审核 5 张", "review", "去审核", code_of(1), "B01"),
    FileLine(FileResult.TAKEN, "已接收", "曼国村-2025年度-第2次.cbsync", "1.1 MB",
             "收下改过的 B02、B03；第 1 次的另 3 张早已通过", "待审核 2 张", "review", "去审核", code_of(4), "B02"),
    FileLine(FileResult.TAKEN, "已接收", "勐混村-2025年度-第2次.cbsync", "0.9 MB",
             "收下 B03、B05；B03 和第 1 次的那份不一样，两份都留着", "要选 1 张",
             "conflict", "去比对", code_of(0), "B03"),
    FileLine(FileResult.GAP, "缺第3号", "曼扫村-2025年度-第4次.cbsync", "2.0 MB",
             "第 4 次已收下，带齐了没回执的 3 张，没有少内容", "找到第3号再读入；找不到就登记遗失", "lost", "登记遗失",
             code_of(3), sha256="43" * 32),
    FileLine(FileResult.HELD, "证书待核准", "曼弄村-2025年度-第1次.cbsync", "1.5 MB",
             "收下 3 张表，但这台电脑还没登记，先不能审核", "打电话核对比对码，再核准", "enrol", "去核准", code_of(8)),
    FileLine(FileResult.KNOWN, "已有", "曼赛村-2025年度-第1次.cbsync", "2.4 MB", "和 12-12 收到的一模一样，没有重复记",
             "不用做什么"),
    FileLine(FileResult.BROKEN, "文件不完整", "贺开村-2025年度-第2次.cbsync", "1.2 / 3.4 MB",
             "U 盘没拷完就拔了，一张表也没读", "请村里重拷一次，原文件还在村里", "chase", "记入催报", code_of(6),
             happened="应有 3.4 MB，只读到 1.2 MB", safe="一张表也没读，贺开村第 1 次照旧",
             todo_long="请村里重拷一次，等提示“可以拔”再拔"),
    FileLine(FileResult.SIGNATURE, "签名对不上", "曼冈村-2025年度-第1次.cbsync", "1.6 MB",
             "签名后文件被改过，一张表也没读", "请村里在村报里重新导出，别改文件", "chase", "记入催报", code_of(5),
             happened="签名后文件被改过", safe="一张表也没读，镇里的数据没有动",
             todo_long="请村里在村报里重新导出，别改文件"),
    FileLine(FileResult.NOT_OURS, "不是本镇的", "曼恩村-2025年度-第1次.cbsync", "2.2 MB",
             "封口写的是勐遮镇，本镇打不开，也没拷进来", "交给勐遮镇，或退给带来的人",
             happened="封口写着收件：勐遮镇。本镇打不开", safe="没有拷进来，U 盘里原样没动",
             todo_long="转交勐遮镇，或请带来的人拿回"),
)  # fmt: skip
REVOKED = FileLine(
    FileResult.REVOKED, "证书已吊销", "曼国村-2025年度-第3次.cbsync", "1.1 MB", "签名的电脑已经吊销，先不算数",
    "请村里用新电脑重新签名再报", "chase", "记入催报", code_of(4),
    happened="旧电脑 C-0106 只认到第 1 次，这是第 3 次", safe="文件留着，不算数，第 2 次照旧有效",
    todo_long="请村里用新电脑 C-0117 重新签名再报",
)  # fmt: skip


def receive_view(lines: tuple[FileLine, ...] = FILES) -> ReceiveView:
    return ReceiveView(
        at=at(12, 16, 8, 31),
        source="从 U 盘",
        lines=lines,
        taken=sum(line.result.kept for line in lines),
        known=sum(line.result is FileResult.KNOWN for line in lines),
        refused=sum(not line.result.kept and line.result is not FileResult.KNOWN for line in lines),
        to_review=16,
        nothing_yet=False,
        villages=14,
        deadline=DEADLINE,
        days_left=4,
        issued_on=date(2025, 12, 1),
    )


def nothing_yet() -> ReceiveView:
    """The task has just been issued: the empty state."""
    return replace(
        receive_view(()), at=None, source="", to_review=0, nothing_yet=True, days_left=19, taken=0, known=0, refused=0
    )


# --- 05 --------------------------------------------------------------------------------------------------------------

REQUESTS = (
    RequestView("a1" * 32, code_of(8), "曼弄村", "文书电脑", "玉应", "12-16 随第 1 次报送包来", 3, 3),
    RequestView("b2" * 32, code_of(10), "广别村", "文书电脑", "岩丙", "12-15 单独送来的申请文件", 3, 0),
)
CERTIFICATES = tuple(
    CertificateView(number, code_of(0), name, device, number, until, state, words, used)
    for name, device, number, until, state, words, used in (
        ("勐混村", "文书室电脑", "C-0102", date(2027, 3, 1), "valid", "有效", "第 1 次"),
        ("勐混村", "综治室电脑", "C-0118", date(2027, 12, 1), "valid", "有效", "第 2 次"),
        ("曼蚌村", "文书电脑", "C-0103", date(2027, 3, 1), "valid", "有效", "第 1 次"),
        ("曼赛村", "文书电脑", "C-0104", date(2027, 3, 1), "valid", "有效", "第 1 次"),
        ("曼扫村", "文书电脑", "C-0105", date(2026, 1, 8), "soon", "还有 23 天到期", "第 4 次"),
        ("曼国村", "新电脑", "C-0117", date(2027, 11, 20), "valid", "有效", "第 2 次"),
        ("曼国村", "旧电脑", "C-0106", date(2027, 3, 1), "revoked", "已吊销，认到第 1 次", "第 1 次"),
        ("贺开村", "文书电脑", "C-0107", date(2027, 3, 1), "valid", "有效", "第 1 次"),
        ("班盆村", "文书电脑", "C-0108", date(2027, 3, 1), "valid", "有效", "第 1 次"),
        ("曼迈村", "文书电脑", "C-0109", date(2027, 3, 1), "valid", "有效", "第 1 次"),
        ("曼召村", "文书电脑", "C-0110", date(2027, 3, 1), "valid", "有效", "第 1 次"),
        ("曼打村", "文书电脑", "C-0111", date(2027, 3, 1), "valid", "有效", "第 1 次"),
        ("曼冈村", "文书电脑", "C-0112", date(2027, 3, 1), "valid", "有效", "还没用过"),
    )
)


def enrol_view(requests: tuple[RequestView, ...] = REQUESTS) -> EnrolView:
    return EnrolView(requests=requests, certificates=CERTIFICATES, computers=13, soon=1, revoked=1)


# --- the desk --------------------------------------------------------------------------------------------------------


class Setting:
    """The few things of a workspace that the window itself asks for."""

    folder = Path("勐混镇")

    def setting(self, key: str, default: Any = None) -> Any:
        return default


@dataclass
class TownDesk:
    """Answers the frame; the views of screens are put in the place of the desk's functions by the tests."""

    now: datetime = field(default_factory=lambda: at(12, 16, 8, 36))
    proxy_for: str = ""
    conflicts: int = 1
    undone: list[str] = field(default_factory=list)
    person: Any = field(default_factory=lambda: SimpleNamespace(name="玉罕", role="审核员"))
    directory: Any = field(
        default_factory=lambda: SimpleNamespace(full_name="勐海县勐混镇人民政府", line="勐海县 勐混镇")
    )
    workspace: Any = field(default_factory=Setting)

    def clock(self) -> datetime:
        return self.now

    def undo(self) -> tuple[str, str] | None:
        self.undone.append("undo")
        return (code_of(3), "B04")

    def redo(self) -> None:
        self.undone.append("redo")

    def frame(self) -> TownFrame:
        return TownFrame(
            office="勐海县 勐混镇",
            period="2025 年度",
            deadline=DEADLINE,
            days_left=4,
            saved_at=self.now,
            can_undo=True,
            to_review=16,
            conflicts=self.conflicts,
            requests=2,
            to_chase=7,
            person="审核员 玉罕",
            backup_at=at(12, 15, 17, 40),
            proxy_for=self.proxy_for,
            sample=False,
        )
