"""What the township screens show, ready made: frozen values, no behaviour. Times are aware UTC; ui shows them local.

Pictures of the screens are numbered township-01 … township-11; totals have their own module, `totals_views`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity

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


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One form that the township fills of itself. signed: it is, and nothing is waiting to be mended."""

    form: str
    nav: str  # 乡镇补充表
    state: ReturnState
    signed: bool
    deadline: date


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


# --- 03 review ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoteView:
    """A finding of a check, at a line of the review. waived: a signed 免说明 of this revision."""

    check: str
    key: str
    severity: Severity
    message: str
    explanation: str  # 村里说明, "" none
    waived: bool
    cross: bool  # found by looking over several villages


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One cell (or one whole row: `row_kind` "added", "deleted"). before/now as read by a person. mask: "id", "phone"
    when personal data: `shown` texts are masked, `before_full`/`now_full` are not. outside: changed although the last
    退回 did not name it."""

    cell: Cell
    label: str
    unit: str
    row_label: str
    before: str
    now: str
    change: str  # +12.0, 改, 新增, 删, ""
    calculated: bool = False
    row_kind: str = ""
    before_full: str = ""
    now_full: str = ""
    masked: bool = False
    outside: bool = False
    notes: tuple[NoteView, ...] = ()
    comment: str = ""
    last_comment: str = ""  # what was said at this cell when it was sent back last time


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a revision can be laid beside: id "none" for nothing."""

    id: str
    words: str  # 上次通过的 2024 年度


@dataclass(frozen=True, slots=True)
class PdfCheck:
    """The signed pages against their data. ok None: not judged (no PDF, or no certificate yet)."""

    ok: bool | None
    line: str  # 签名有效：岩温，2025-12-15（本机时间）
    detail: str  # 证书由勐混镇签发，报表和数据逐格一致


@dataclass(frozen=True, slots=True)
class ReviewView:
    """township-03. position: 1-based place among the returns that wait; previous/following: (office, form) or None."""

    office: str
    name: str
    form: str
    title: str
    state: ReturnState
    marks: tuple[str, ...]
    revision: str
    version: int
    came: str  # 第 1 次，12-16 08:31 收到
    against: Comparison
    comparisons: tuple[Comparison, ...]
    changes: tuple[ReviewLine, ...]
    checked: tuple[ReviewLine, ...]  # lines with notes
    all_lines: tuple[ReviewLine, ...]
    unchanged: int
    comments: int
    pdf: bytes = field(repr=False)
    pdf_check: PdfCheck = field(default=PdfCheck(None, "", ""))
    covered: Mapping[str, str] = field(default_factory=dict, repr=False)  # personal data on the pages → masked
    attachments: tuple[tuple[str, str], ...] = ()  # (object id, name) of scans
    paper_received: str = ""  # 纸质已收 12-16 玉罕, "" not
    may_accept: bool = False
    why_not_accept: str = ""
    may_return: bool = False
    why_not_return: str = ""
    decided: str = ""  # 12-16 09:12 通过，审核员 玉罕
    may_withdraw: bool = False
    history: tuple[str, ...] = ()  # earlier decisions and their comments, newest first
    previous: tuple[str, str] | None = None
    following: tuple[str, str] | None = None
    waiting: int = 0


# --- 04 conflict -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SideView:
    """One of the versions: 甲, 乙, 丙 … device: the name of its computer; line: 第 1 次，12-13 签名：玉喃."""

    letter: str
    revision: str
    device: str
    line: str
    valid: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """One difference. key: how a choice names it. chosen: "left", "right", "" still to be chosen; automatic: nobody
    needs to choose; result: the words of the last column."""

    key: str
    who: str
    column: str
    base: str
    left: str
    right: str
    left_changed: bool
    right_changed: bool
    chosen: str
    automatic: bool
    result: str


@dataclass(frozen=True, slots=True)
class ConflictView:
    """township-04. left and right are 甲 and 乙; with more heads they are settled pairwise. proposal: what was proposed
    already and waits for the village: "" none."""

    office: str
    name: str
    form: str
    title: str
    base_line: str  # 12-08 签名：玉喃; 没有共同的上一版
    left: SideView
    right: SideView
    lines: tuple[ConflictLine, ...]
    to_choose: int
    automatic: int
    made: int  # choices made
    paired: tuple[str, ...]  # 两边的“岩香”身份证号相同，按同一人对照
    problems: tuple[str, ...]  # what the check says of the result, once nothing is left to choose
    proposal: str = ""
    others: int = 0  # further heads beyond these two


@dataclass(frozen=True, slots=True)
class ConflictItem:
    office: str
    name: str
    form: str
    title: str
    line: str


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


@dataclass(frozen=True, slots=True)
class EnrolView:
    requests: tuple[RequestView, ...]
    certificates: tuple[CertificateView, ...]
    computers: int
    soon: int
    revoked: int


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
    printed instead. lines: what the village will see: (icon, words, further lines)."""

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
class ProxyBasis:
    """代报依据: why the township fills, on what, received when and from whom, who fills, who reviews."""

    reason: str
    basis: str
    received_on: str  # YYYY-MM-DD
    received_from: str
    filler: str
    reviewer: str


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
