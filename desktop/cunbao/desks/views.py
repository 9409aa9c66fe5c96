"""What the village screens show, ready made: frozen values, no behaviour. Times are aware UTC; ui shows them local."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Finding, Office, Ret


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the office with a password of his own. role: 填报人, 统计负责人, 单位负责人 …"""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class PackView:
    """A task pack before it is taken: who issued it, for whom, whether its signature holds. first_time: the root is
    not known here yet, so its 24 digits (six groups) are compared with the printed notice."""

    path: Path | None
    title: str
    county: str
    period_title: str
    issued_at: datetime | None
    root_code: str
    valid: bool
    why_not: str
    offices: tuple[tuple[str, str], ...]  # 12 digits, full name
    first_time: bool = True


@dataclass(frozen=True, slots=True)
class UnlockView:
    """village-02: readable before any password. people: last one first. last: when the workspace was last closed in
    order (None = not closed in order), backed_up: a backup was made then. may_recover: the township or the county can
    give a new password; recovery_asked: a request for one waits for its answer."""

    folder: Path
    office: str
    line: str
    people: tuple[Person, ...]
    last: datetime | None
    backed_up: bool
    tries_left: int
    wait_until: datetime | None
    may_recover: bool = False
    recovery_asked: bool = False


@dataclass(frozen=True, slots=True)
class FrameView:
    """Header, nav and status bar, the same on every screen."""

    office: str  # 勐混镇 曼蚌村
    period: str  # 2025 年度
    deadline: date
    days_left: int  # negative when it has passed
    saved_at: datetime | None
    locked: bool  # everything signed: 已签名，内容锁定
    can_undo: bool
    can_redo: bool
    forms: tuple[FormLine, ...]
    to_fix: int  # findings behind 检查 in the nav
    steps_done: frozenset[str]  # of "check", "sign", "send"
    backup_at: datetime | None
    sample: bool  # a workspace to practise in: the frame says so
    comments: int = 0  # 意见 of the township that are still to be dealt with


@dataclass(frozen=True, slots=True)
class FormLine:
    """One form in nav and home. mark: "done", "problem", "filling", "empty" (form states of tokens.json)."""

    form: str
    nav: str  # 设施面积
    title: str  # 综合服务设施面积
    summary: str  # 室内设施、室外场所 / 7 人 / 已填 3 人，上年 5 人
    icon: str
    filled: int
    asked: int
    mark: str
    problems: int
    state: ReturnState
    changed_at: datetime | None
    button: str  # 打开 / 继续 / 开始
    note: str = ""
    comments: int = 0  # 意见 of the township that are still to be dealt with


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one filled button of home. act: "form", "check", "sign", "send", "receipt", "correct" (a 更正 whose basis has
    changed), "wait"; form: which."""

    act: str
    title: str
    line: str
    button: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """乡镇来件 on home."""

    title: str
    line: str
    on: date
    state: ReturnState | None = None


@dataclass(frozen=True, slots=True)
class HomeView:
    task: str
    issuer: str
    state: ReturnState
    step: int  # 1…7, 7 = all done
    next: NextStep
    forms: tuple[FormLine, ...]
    letters: tuple[Letter, ...]
    deadline: date
    days_left: int
    send_to: str  # 报到勐混镇社会事务办
    foot: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding card. path: B02 › 室内服务设施 › 第 3 行 文化活动室 › 建成年份."""

    finding: Finding
    path: str
    explanation: str
    explained: bool


@dataclass(frozen=True, slots=True)
class CheckView:
    at: datetime
    forms: int
    seconds: float
    findings: tuple[FindingView, ...]
    must_fix: int
    to_explain: int
    hints: int
    explained: int
    may_sign: bool
    why_not: str  # 改完 2 处、写完 1 条说明后可以签名


@dataclass(frozen=True, slots=True)
class SignLine:
    """One return on the sign screen: ticked when it is 待签名; why_not says why it cannot be signed."""

    form: str
    title: str
    pages: int
    ticked: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class SignView:
    state: ReturnState
    line: str  # 检查通过，2 条说明都写好了
    lines: tuple[SignLine, ...]
    pages: int
    facts: tuple[tuple[str, str], ...]  # 户数 → 412 户
    person: Person
    certificate: str  # 证书到 2027-06-30 有效，勐海县民政局已核准 / 登记前……
    ret: Ret


@dataclass(frozen=True, slots=True)
class SignedLine:
    form: str
    revision: str
    code: str  # B41W-TEA7-ER23-848B
    pdf: bytes
    pages: int


@dataclass(frozen=True, slots=True)
class SignedReturn:
    """The newest signed version of a return. may_take_back: nobody outside has seen its signature; scans: sealed
    papers."""

    form: str
    title: str
    state: ReturnState
    version: int
    signed_at: datetime
    code: str
    scans: int
    may_take_back: bool
    may_retract: bool  # it was sent, and nobody has settled it
    note: str = ""  # of one that was taken back: 已撤回报送


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle; more than one when the content is too large for one."""

    file_name: str
    size: int
    sequence: int
    check_code: str


@dataclass(frozen=True, slots=True)
class BundleView:
    """village-10 after writing: the file was flushed, closed, read back from the medium, opened and compared.

    files: each file by itself; path, sequence: of the last; file_name, check_code: words for all of them."""

    path: Path
    file_name: str
    size: int
    sequence: int
    forms: int
    pages: int
    reader: str  # 勐混镇
    check_code: str  # A3F2 91C7 5D08
    written_at: datetime
    seconds: float
    files: tuple[BundleFile, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportView:
    """village-10 before writing."""

    state: ReturnState
    sequence: int
    file_name: str
    forms: tuple[str, ...]
    may_send: bool
    why_not: str
    last: BundleView | None
    send_to: str
    deadline: date
    correct: str = ""  # the form whose 更正 comes first, since what it was filled against has changed
    retracted: tuple[str, ...] = ()  # forms whose 撤回报送 goes with it


@dataclass(frozen=True, slots=True)
class CertificateLine:
    person: Person
    until: date | None
    line: str
    state: ReturnState | None  # CERT_PENDING or None = 可以签名


@dataclass(frozen=True, slots=True)
class SettingsView:
    scale: float
    high_contrast: bool
    certificates: tuple[CertificateLine, ...]
    backup_at: datetime | None
    backup_line: str
    backup_folder: Path
    second_folder: Path | None
    second_at: datetime | None
    lock_minutes: int
    recovery: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier value of one cell (单元格的以前值), newest first."""

    text: str
    shown: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PasteCell:
    text: str
    shown: str
    problem: str  # "" when it fits
    choices: tuple[tuple[str, str], ...] = ()  # (code, label) offered instead


@dataclass(frozen=True, slots=True)
class PasteRow:
    """outcome: "update", "new", "problem", "skip"; row_id: the row that would be updated."""

    number: int  # line in the source, 1 = first
    cells: tuple[PasteCell, ...]
    outcome: str
    row_id: str
    name: str


@dataclass(frozen=True, slots=True)
class PastePreview:
    """village-07. mapping: for each column of the source the field it goes to, "" = 不导入."""

    form: str
    repeat: str
    heads: tuple[str, ...]
    mapping: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]  # (name, label) that can be chosen
    rows: tuple[PasteRow, ...]
    header: bool
    updates: int
    news: int
    problems: int


@dataclass(frozen=True, slots=True)
class CarryLine:
    """One person of the last period. stays: 继续任职 (True) or 离任 (False); here: already in this period."""

    row_id: str
    name: str
    line: str
    stays: bool
    here: bool


@dataclass(frozen=True, slots=True)
class PersonOffer:
    """The same person stands in another roster: values for this row's fields that are still empty."""

    form: str
    title: str
    name: str
    values: tuple[tuple[str, str, str], ...]  # (field, text, shown)


@dataclass(frozen=True, slots=True)
class StickView:
    """A place where packages can be written."""

    path: Path
    title: str  # U 盘（E:）
    free: int


# --- village-11: what the township said ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One 意见 of the township at a cell of what was sent back. state: "open" 未改, "changed" 已改, "answered"
    不改，有原因. filed: the value that was sent, as a person reads it; masked: its masked words where it is personal
    data; sent: its raw text, of a whole row all of them."""

    number: int
    form: str
    cell: Cell
    path: str  # B02 › 室内服务设施 › 第 4 行 老年活动室
    label: str  # 建筑面积
    unit: str
    filed: str
    masked: str
    text: str
    state: str
    reply: str = ""
    sent: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Differing:
    """One cell, or one row, in which a version differs from what is here. here, there: as a person reads them, masked
    where they are personal data; row: "" outside rosters."""

    row: str  # 第 4 行 老年活动室
    label: str  # 建筑面积
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class OtherVersion:
    """A version or a proposal from elsewhere that waits to be looked at. what: "proposal" 建议稿, "head" a signed one.
    who: 另一台电脑签的一份, 乡镇代报的一份, 乡镇的建议稿; line: more about it; differs: in the form's order."""

    form: str
    title: str
    what: str
    id: str
    who: str
    line: str
    differs: tuple[Differing, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """village-11. at None: no receipt of this period has come. reminders: (tone, words) of the township's notice.

    returned, accepted: forms; forms: where each form of the task stands. may_begin: 开始修改 opens the returned forms;
    next: "check", "sign", "correct" (next_form) or "send" when nothing waits here any more, as an act of `NextStep`."""

    at: datetime | None
    state: ReturnState
    step: int
    line: str  # 第 1 次报送，12-16 09:30 退回
    title: str  # 勐混镇退回，有 3 处要改
    advice: str
    by: str  # 审核人 玉罕，勐混镇社会事务办
    comments: tuple[CommentLine, ...] = ()
    accepted: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    others: tuple[OtherVersion, ...] = ()
    reminders: tuple[tuple[str, str], ...] = ()
    may_begin: bool = False
    next: str = ""
    next_form: str = ""
    forms: tuple[FormLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptTaken:
    """What a receipt brought. known: it was taken before, nothing is news."""

    known: bool
    accepted: tuple[str, ...]
    returned: tuple[str, ...]
    certificate: bool  # this computer's certificate was in it
    proposals: tuple[str, ...]
    others: tuple[str, ...]  # forms of which another version came
    restored: int  # revisions brought back (全部还原)
    words: str  # one sentence for the banner


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
class TownshipPapers:
    """What a township gets from the county: its CA certificate with the chain above (DER, root last)."""

    office: Office
    certificate: bytes
    chain: tuple[bytes, ...]
