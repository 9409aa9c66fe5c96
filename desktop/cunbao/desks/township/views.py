"""What the township screens show, ready made: frozen values, no behaviour. Times are aware UTC; ui shows them local.

Pictures of the screens are numbered township-01 … township-11; totals have their own module, `totals_views`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from cunbao.desks.views import ProxyBasis
from cunbao.survey.codes import check_code
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Office

# --- the frame ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TownFrame:
    """Header, nav and status bar of the township window. Counts stand behind nav items; 0 shows none."""

    office: str  # 勐海县 勐混镇
    period: str  # 2025 年度
    deadline: date
    days_left: int  # negative when it has passed
    saved_at: datetime | None  # when something was last kept
    can_undo: bool  # the last decision can be taken back: no receipt has carried it
    to_review: int
    conflicts: int
    requests: int
    to_chase: int  # villages
    person: str  # 审核员 玉罕
    backup_at: datetime | None
    proxy_for: str  # 拉巴村 while a 代报 is being filled, else ""
    sample: bool
    own: tuple[OwnLine, ...] = ()
    recoveries: int = 0  # requests for a new password that wait


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One form that the township fills of itself. signed: it is, and nothing is waiting to be mended; note: what it
    rests on reads otherwise now, "" while it does not."""

    form: str
    nav: str  # 乡镇补充表
    state: ReturnState
    signed: bool
    deadline: date
    note: str = ""


# --- 01 receive --------------------------------------------------------------------------------------------------


class FileResult(StrEnum):
    """What became of one file. The value is the word on its chip; `kept` says whether anything of it was taken."""

    TAKEN = "已接收"
    GAP = "缺号"  # taken, but an earlier package has not come; the line's label says which: 缺第3号
    HELD = "证书待核准"  # kept aside until its computer is approved
    KNOWN = "已有"
    REVOKED = "证书已吊销"  # kept, counts nowhere
    BROKEN = "文件不完整"
    SIGNATURE = "签名对不上"
    NOT_OURS = "不是本镇的"
    OTHER_TASK = "不是本期任务的"
    MOVED_OUT = "那一年已移出"  # it brings something of a year that lies in an archive file
    NEWER = "表式更新"  # written with a newer form or program
    STRANGER = "来路不明"  # a key that nobody vouches for and that asks for no certificate
    DISK = "没收完"  # the disk refused; nothing of this file was written

    @property
    def kept(self) -> bool:
        return self in (FileResult.TAKEN, FileResult.GAP, FileResult.HELD, FileResult.REVOKED)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file that was looked at. act: what its button does: "review", "conflict", "lost" (登记遗失), "enrol",
    "chase" (记入催报), "" none; office, form: where that is. happened, safe, todo: the sentences of its dialog."""

    result: FileResult
    label: str  # the chip: 已接收, 缺第3号 …
    file_name: str  # with suffix
    size: str  # 1.8 MB, or 1.2 / 3.4 MB when it was cut
    read: str  # 收下 5 张表，负责人 岩温 12-15 签名
    todo: str  # 待审核 5 张
    act: str = ""
    button: str = ""  # 去审核
    office: str = ""
    form: str = ""
    at: datetime | None = None
    sha256: str = ""
    happened: str = ""
    safe: str = ""
    todo_long: str = ""

    @property
    def check_code(self) -> str:
        """核对码, which the village reads out from its own screen; "" where the file could not be read."""
        return check_code(self.sha256)


@dataclass(frozen=True, slots=True)
class ReceiveView:
    """township-01. lines: of the last reading, what needs work first. source: 从 U 盘 / 从文件夹“…”."""

    at: datetime | None  # None: nothing has been read yet
    source: str
    lines: tuple[FileLine, ...]
    taken: int
    known: int
    refused: int
    to_review: int
    nothing_yet: bool  # no village has ever sent anything: the empty state of township-11 no. 6
    villages: int
    deadline: date
    days_left: int
    issued_on: date | None  # when the task pack was issued


# --- 02 board ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One return. state: MISSING 未报 when nothing has come. marks: 迟报, 补报, 代报, 更正, 依据已变, 两个决定 …"""

    form: str
    state: ReturnState
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One village. remark with its tone ("warn", "error", "info", "" plain)."""

    office: str
    name: str
    cells: tuple[BoardCell, ...]
    accepted: int
    received_at: datetime | None
    on_paper: bool  # what came last was paper: 12-15 纸质
    sequence: int | None  # 第几次
    remark: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class BoardView:
    """township-02. forms: (id, head) of the columns. counts: returns by state. next: what the filled button opens:
    (office, form, 曼蚌村 B01) or None."""

    forms: tuple[tuple[str, str], ...]
    rows: tuple[BoardRow, ...]
    counts: Mapping[ReturnState, int]
    total: int
    accepted_by_form: tuple[int, ...]
    complete: int  # villages with everything accepted
    next: tuple[str, str, str] | None
    deadline: date


# --- 05 enrol ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestView:
    """A computer that asks. tries_left: of three; came: 12-16 随第 1 次报送包来. The code is never shown: it is typed
    as read aloud, or compared by ticking what the program shows after typing (protocol §4)."""

    sha256: str
    office: str
    name: str
    device: str  # 文书电脑, or the first 8 digits of its id
    person: str
    came: str
    tries_left: int
    returns: int  # held aside until approved
    replaces: str = ""  # 补发：原来的电脑 … 丢失
    earlier: bool = False  # the office has, or had, a computer with a certificate: 全部还原 may be what it needs


@dataclass(frozen=True, slots=True)
class CertificateView:
    """One computer's certificate. state: "valid", "soon" (expires within 30 days), "expired", "revoked"."""

    key: str
    office: str
    name: str
    device: str
    number: str  # certificate number, short
    until: date
    state: str
    words: str  # 有效; 还有 23 天到期; 已吊销，认到第 1 次
    used: str  # 第 1 次
    renewed: bool = False  # a new certificate waits for the next receipt
    restored: bool = False  # 全部还原 was approved for its office: the receipt can be written again


@dataclass(frozen=True, slots=True)
class EnrolView:
    requests: tuple[RequestView, ...]
    certificates: tuple[CertificateView, ...]
    computers: int
    soon: int
    revoked: int
    unwritten: tuple[Office, ...] = ()  # villages whose 全部还原 is approved and whose receipt is still to be written


@dataclass(frozen=True, slots=True)
class RevokeChoice:
    """What of a computer may still be honoured: 认到第 n 次. through: package sequence; ids: revisions that stay."""

    through: int
    words: str
    ids: tuple[str, ...]


# --- 06 receipts -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What the next receipt of one village says. ticked: there is something new. on_paper: no computer, a slip is
    printed instead. lines: what the village will see: (icon, words, further lines). Of a county's answer to a township
    also others: 封账, 不计入, 吊销; bundles: those that it acknowledges."""

    office: str
    name: str
    accepted: int
    returned: int
    comments: int
    proposals: int
    certificates: int
    reminders: int
    inside: str  # B05 通过；B03 建议稿请重签
    ticked: bool
    on_paper: bool
    why_not: str  # no computer of this village is known
    file_name: str
    lines: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    others: int = 0
    bundles: int = 0


@dataclass(frozen=True, slots=True)
class ReceiptsView:
    last_at: datetime | None
    lines: tuple[ReceiptLine, ...]
    ticked: int


@dataclass(frozen=True, slots=True)
class WrittenReceipt:
    """ok: written and read back; trouble: why not (the others stay valid)."""

    office: str
    name: str
    path: Path
    size: int
    ok: bool
    trouble: str = ""


# --- 07 chase ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChaseLine:
    """A village that still owes something. kind: "nothing" 一张没报, "missing" 缺表, "returned" 退回没改, "resign"
    等重签, "proxy" 镇里代报; groups: the counts of `ChaseView.counts` that it is in. last: what was done last:
    (12-15 电话, 答应 12-18 送)."""

    office: str
    name: str
    kind: str
    owes: int
    what: str  # 缺 B05；退回 2 张：B03、B04
    contact: str
    phone: str  # masked
    phone_full: str = field(repr=False)
    last: tuple[str, str] = ("", "")
    late: bool = False
    ticked: bool = False
    text: str = ""  # the notice as plain text, ready to copy
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChaseView:
    lines: tuple[ChaseLine, ...]
    owes: int  # returns
    complete: int  # villages
    counts: Mapping[str, int]  # by kind, and "late"
    deadline: date
    overdue: bool


# --- 09 proxy ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProxyVillage:
    """A village that the township may fill for. why_not: it has a computer that sends; it may be filled all the same,
    after a word of warning."""

    office: str
    name: str
    states: tuple[tuple[str, str, ReturnState], ...]  # (form, nav, state)
    basis: ProxyBasis | None
    warn: str = ""


# --- 10 send on --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FormCount:
    form: str
    title: str
    by_state: Mapping[ReturnState, int]
    asked: int


@dataclass(frozen=True, slots=True)
class StaysOut:
    """Returns that do not go: 8 张 已接收 曼弄 3、曼迈 2 …; why: 等镇里审核."""

    state: ReturnState
    count: int
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class SendOnView:
    to: str  # 勐海县民政局
    number: int  # 第 n 次
    forms: tuple[FormCount, ...]
    going: int  # accepted and not yet acknowledged by the county
    acknowledged: int
    decisions: int  # of this period
    decisions_line: str  # 通过 25，退回 7
    out: tuple[StaysOut, ...]
    chase_line: str  # 9 个村，25 张，含退回和等重签
    proxies: str
    received_too: int  # how many 已接收 could go as 未经乡镇审核
    file_name: str
    size: int  # estimated bytes
    may_send: bool
    why_not: str
    last: str  # 第 1 次 12-12 17:00，12 张
    own: tuple[OwnLine, ...] = ()  # what the township fills of itself
    own_going: int = 0  # how many of those go
    earlier: str = ""  # 2024 年度 15 张报表、15 个决定: what goes along of earlier periods
