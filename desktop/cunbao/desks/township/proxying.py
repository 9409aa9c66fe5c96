"""代报: the township fills, prints and signs for a village that has no computer, from paper that the village filled.

A village's desk is laid over the township's own workspace, so typing, checking and signing are the village's own acts;
what differs is here: who signs, on what basis, what states mean, and the scans of the paper that go with it. Whoever
fills cannot accept; the village may replace a 代报 by its own return at any time. Source: protocol §1, township-09.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from cunbao.desks import decisions, evidence
from cunbao.desks.township import deciding, officers
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import ProxyVillage
from cunbao.desks.views import ProxyBasis, SignedLine
from cunbao.desks.village import checking, lineage, signing
from cunbao.desks.village.desk import Directory, VillageDesk
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Report, silent
from cunbao.store import Kept, StoredRevision, Workspace
from cunbao.survey.decision import Act
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Edit

WORDS = (2, 200)  # characters of 原因 and 依据
MOST_NAME = 40  # characters of a name
MOST_SCANS = 40
SCANS = "proxy/scans"  # setting: files of a village's paper this period
NO_BASIS = ProxyBasis("", "", "", "", "", "")


@dataclass(frozen=True, slots=True)
class Scan:
    """One file of paper originals (纸质原表). content: hash of its bytes; name: of the file."""

    content: str
    name: str
    at: datetime


@dataclass(slots=True)
class ProxyDesk(VillageDesk):
    """A village's desk over the township's workspace: `proxy` is set, and states are what the township sees."""

    def newest(self, form: str) -> StoredRevision | None:
        """The newest version that stands; what is not vouched for is nothing to go on from."""
        heads = self.workspace.standing(self.office.code, form, self.task.period).heads
        found = [one for one in map(self.workspace.revision, heads) if one is not None]
        return max(found, key=lambda one: (one.n, one.id), default=None)

    def _signed_state(self, revision: StoredRevision) -> ReturnState:
        return self.workspace.standing(revision.office, revision.form, revision.period).state

    def keep(self, form: str, edits: Sequence[Edit], *, group: str = "") -> Kept:
        kept = VillageDesk.keep(self, form, edits, group=group)
        lineage.pin(self, form)  # a return that comes from the village meanwhile is not what this was typed from
        return kept

    def keep_papers(self, revision: str) -> None:
        signed = self.workspace.revision(revision)
        assert signed is not None  # it has just been kept
        for one in _held(self.workspace, self.task.period, self.office.code):
            scan = self.workspace.object(one.content)
            evidence.keep(self, signed, scan, one.name, says=self.directory.township.code)


# --- the villages ----------------------------------------------------------------------------------------------------


def proxy_villages(desk: TownshipDesk) -> tuple[ProxyVillage, ...]:
    """Every village with the states of its forms as this screen shows them; who has no computer stands first."""
    found = [_village(desk, one.code) for one in desk.villages]
    return tuple(sorted(found, key=lambda one: (one.basis is None, bool(one.warn), one.office)))


def _village(desk: TownshipDesk, office: str) -> ProxyVillage:
    own = own_returns(desk, office)
    has = bool(desk.workspace.certificates(office=office))
    return ProxyVillage(
        office=office,
        name=desk.village(office).short,
        states=states(desk, office),
        basis=basis(desk, office),
        warn=f"它自己报过 {'、'.join(own)}" if own else "它有登记过的电脑" if has else "",
    )


def states(desk: TownshipDesk, office: str) -> tuple[tuple[str, str, ReturnState], ...]:
    """(form, nav, state) of one village's forms, drafts of a 代报 included."""
    filled = desk.filling if desk.filling is not None and desk.proxy_for == office else _made(desk, office)
    return tuple((form, desk.task.screens[form].nav, filled.state(form)) for form in desk.task.forms)


def own_returns(desk: TownshipDesk, office: str) -> tuple[str, ...]:
    """Forms of which a return stands that the village signed itself."""
    return tuple(
        form
        for form in desk.task.forms
        if any(
            held is not None and held.kind != Kind.PROXY.code
            for held in map(desk.workspace.revision, desk.workspace.standing(office, form, desk.task.period).heads)
        )
    )


def _made(desk: TownshipDesk, office: str) -> ProxyDesk:
    county = desk.county
    assert county is not None  # it came with the task
    return ProxyDesk(
        workspace=desk.workspace,
        task=desk.task,
        directory=Directory(office=desk.village(office), township=desk.office, county=county),
        person=desk.person,
        clock=desk.clock,
        new_id=desk.new_id,
        read_only=desk.read_only,
        clock_doubt=desk.clock_doubt,
        proxy=basis(desk, office) or NO_BASIS,
    )


# --- beginning and stopping ------------------------------------------------------------------------------------------


def begin(desk: TownshipDesk, office: str, basis: ProxyBasis, *, confirmed: bool = False) -> VillageDesk:
    """Begin to fill for a village, or go on with it, on this basis. Until `stop` everything typed there is of this
    village. DeskError "proxy.own_return" when a return that it signed itself stands and nobody has confirmed it;
    "proxy.basis" when the basis says too little."""
    village = desk.village(office)
    own = own_returns(desk, office)
    if own and not confirmed:
        raise DeskError(
            "proxy.own_return",
            happened=f"{village.short}自己签过 {'、'.join(own)}，不用代报",
            safe="村里签的报表没有改动",
            todo="先看看审核里的那一份；村里确实报不了、要代它改的，再确认一次",
        )
    if desk.read_only:
        raise DeskError(
            "desk.read_only",
            happened="现在是只看不改",
            safe="原来的内容没有动",
            todo="要代报，请先关闭，把提示的问题处理好后再打开",
        )
    with desk.workspace.atomic():
        set_basis(desk, office, basis)
        desk.workspace.set_setting(_now(desk), office)
        desk.journal("begin_proxy", office=office, confirmed=list(own))
    desk.proxy_for, desk.filling = office, _made(desk, office)
    return desk.filling


def current(desk: TownshipDesk) -> VillageDesk | None:
    """The village's desk that is being filled, also after the window was closed or locked in the middle of it; None
    when nobody is filled for."""
    if desk.filling is None and desk.proxy_for and desk.given is not None:
        desk.filling = _made(desk, desk.proxy_for)
    return desk.filling


def stop(desk: TownshipDesk) -> None:
    """停下代报: what was filled stays and can be gone on with."""
    if not desk.proxy_for:
        return
    with desk.workspace.atomic():
        desk.workspace.set_setting(_now(desk), "")
        desk.journal("stop_proxy", office=desk.proxy_for)
    desk.proxy_for, desk.filling = "", None


def left_open(desk: TownshipDesk) -> str:
    """The village for which this officer was filling when he left, "" none."""
    found: str = desk.workspace.setting(_now(desk), "")
    return found if any(one.code == found for one in desk.villages) else ""


def _now(desk: TownshipDesk) -> str:
    return f"proxy/now/{desk.person.name}"


# --- the basis -------------------------------------------------------------------------------------------------------


def basis(desk: TownshipDesk, office: str) -> ProxyBasis | None:
    """What was written down of why the township fills for this village this period, None nothing yet."""
    kept = desk.workspace.setting(f"proxy/basis/{desk.task.period}/{office}", None)
    return None if kept is None else ProxyBasis(**{**kept, "filler": desk.person.name})


def set_basis(desk: TownshipDesk, office: str, basis: ProxyBasis) -> None:
    """Keep the basis; it holds for what is signed from now on. The filler is always who sits here. DeskError
    "proxy.basis"."""
    said = ProxyBasis(**{name: " ".join(text.split()) for name, text in asdict(basis).items()})
    refuse_thin_basis(desk, said)
    said = replace(said, filler=desk.person.name)
    with desk.workspace.atomic():
        desk.workspace.set_setting(f"proxy/basis/{desk.task.period}/{office}", asdict(said))
        desk.journal("proxy_basis", office=office)
    if desk.filling is not None and desk.proxy_for == office:
        desk.filling.proxy = said


def refuse_thin_basis(desk: TownshipDesk, said: ProxyBasis) -> None:
    """DeskError "proxy.basis" unless it says why, on what, and who will review, in words that can be printed."""
    least, most = WORDS
    for word, text in (("原因", said.reason), ("依据", said.basis)):
        if not least <= len(text) <= most:
            raise _basis(f"“{word}”写了 {len(text)} 个字", f"请写 {least} 到 {most} 个字")
    for word, text in (("送来的人", said.received_from), ("审核人", said.reviewer)):
        if len(text) > MOST_NAME:
            raise _basis(f"“{word}”写了 {len(text)} 个字", f"请写 {MOST_NAME} 个字以内")
    try:
        day = date.fromisoformat(said.received_on) if said.received_on else None
    except ValueError:
        raise _basis(f"收到日期“{said.received_on}”看不懂", "请照 2025-12-15 这样写") from None
    if day is not None and day > desk.today:
        raise _basis(f"收到日期 {day} 还没到", "请写收到纸质表的那一天")
    if said.reviewer == desk.person.name:
        raise _basis("审核人写的是代填的人自己", "请选另一位审核员；只有一位的，由县里审核")
    checking.refuse_unprintable("".join(asdict(said).values()))


def _basis(happened: str, todo: str) -> DeskError:
    return DeskError("proxy.basis", happened=happened, safe="原来的依据和填的内容都在", todo=todo)


def reviewers(desk: TownshipDesk) -> tuple[str, ...]:
    """Who may accept what this officer fills: the others of this desk, then the county."""
    return officers.beside(desk)


# --- the paper originals ---------------------------------------------------------------------------------------------


def scans(desk: TownshipDesk, office: str) -> tuple[Scan, ...]:
    """The paper originals of a village, in the order in which they were added; `workspace.object(content)` is one."""
    return _held(desk.workspace, desk.task.period, office)


def _held(workspace: Workspace, period: str, office: str) -> tuple[Scan, ...]:
    kept = workspace.setting(f"{SCANS}/{period}/{office}", [])
    return tuple(Scan(one["content"], one["name"], datetime.fromisoformat(one["at"])) for one in kept)


def add_scan(desk: TownshipDesk, office: str, path: Path) -> Scan:
    """Keep the scan or photo of a paper original; each return signed from now on, or signed here before, has it.

    DeskError "evidence.unreadable", ".kind", ".too_large", "proxy.scans"; nothing is kept then."""
    data, known = evidence.fitting(path), scans(desk, office)
    if len(known) >= MOST_SCANS:
        raise DeskError(
            "proxy.scans",
            happened=f"这个村已经有 {len(known)} 份纸质原表",
            safe="没有加上任何文件",
            todo="请把几页合成一个 PDF，或者先去掉不用的",
        )
    now = desk.clock()
    with desk.workspace.atomic():
        content = desk.workspace.add_object("scan", data)
        one = next((held for held in known if held.content == content), None)
        if one is not None:
            return one
        one = Scan(content, path.name[-evidence.MOST_NAME :], now)
        _keep_scans(desk, office, (*known, one))
        for form in desk.task.forms:
            for head in desk.workspace.standing(office, form, desk.task.period).heads:
                signed = desk.workspace.revision(head)
                if signed is not None and signed.kind == Kind.PROXY.code:
                    evidence.keep(desk, signed, data, one.name, says=desk.office.code)
        desk.journal("proxy_scan", office=office, content=content)
    return one


def drop_scan(desk: TownshipDesk, office: str, content: str) -> None:
    """A file that was added by mistake goes along no further; what was signed with it keeps it."""
    with desk.workspace.atomic():
        _keep_scans(desk, office, [one for one in scans(desk, office) if one.content != content])
        desk.journal("proxy_scan_dropped", office=office, content=content)


def _keep_scans(desk: TownshipDesk, office: str, some: Sequence[Scan]) -> None:
    kept = [{"content": one.content, "name": one.name, "at": one.at.isoformat()} for one in some]
    desk.workspace.set_setting(f"{SCANS}/{desk.task.period}/{office}", kept)


# --- signing ---------------------------------------------------------------------------------------------------------


def sign(
    desk: TownshipDesk,
    prepared: Sequence[signing.Prepared],
    password: str,
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> tuple[SignedLine, ...]:
    """Sign what was prepared for the village that is being filled for, with the township's key; the scans go along.

    Errors as in `signing.sign`; "proxy.basis" when the basis is missing, "proxy.none" when nobody is filled for,
    "township.no_key" before the county's papers came."""
    filled = current(desk)
    if filled is None:
        raise DeskError("proxy.none", happened="现在没有在代报", safe="一张也没有签", todo="请先选一个村开始代报")
    refuse_thin_basis(desk, filled.proxy or NO_BASIS)
    desk.signs()
    for one in prepared:
        if lineage.other_heads(filled, one.form):
            raise DeskError(
                "proxy.other_head",
                happened=f"{filled.office.short}的 {one.form} 又来了一份，这里代报的没有用到它",
                safe="两份都留着，填的内容都在，没有签名",
                todo="先到审核里看那一份；还要代它改的，停下代报，再开始一次",
            )
    return signing.sign(filled, prepared, password, progress=progress, cancel=cancel)


def correct(filled: VillageDesk, form: str) -> None:
    """更正 of a version that stands. What the village sent by itself meanwhile is gone on from, not what had been typed
    from its paper. Errors as in `signing.begin_correction`."""
    others = lineage.other_heads(filled, form)
    if len(others) == 1:
        lineage.adopt(filled, form, filled.signed_answers(others[0]), [others[0].id])
    else:
        signing.begin_correction(filled, form)


def take_back(desk: TownshipDesk, office: str, form: str, reason: str) -> None:
    """撤回代报: the signature is taken back while nothing has carried it; later a signed 撤回 says so to everybody.

    DeskError "proxy.not_ours" when the version that stands is not a 代报, "proxy.decided" once it was accepted,
    "reason.length"."""
    head = deciding.head_of(desk, office, form)
    if head.kind != Kind.PROXY.code:
        raise DeskError(
            "proxy.not_ours",
            happened="这一份是村里自己签的，镇里不能撤回",
            safe="村里签的报表没有改动",
            todo="要村里改，请在审核里退回",
        )
    if desk.workspace.standing(office, form, desk.task.period).state is ReturnState.ACCEPTED:
        raise DeskError(
            "proxy.decided",
            happened="这一份已经通过，不能撤回",
            safe="报表和决定都没有改动",
            todo="先请审核的人撤回“通过”，或者另做一版代报",
        )
    if desk.workspace.why_not_retract(head.id):
        deciding.decide(desk, Act.RETRACT, head, reason=decisions.a_reason(reason))
    else:
        filled = desk.filling if desk.filling is not None and desk.proxy_for == office else _made(desk, office)
        signing.unsign(filled, form)
