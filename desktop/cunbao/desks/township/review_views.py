"""What 审核 and 冲突 of a township show, ready made: frozen values, no behaviour. Times are aware UTC; ui shows them
local.

Pictures township-03 and township-04.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity

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
