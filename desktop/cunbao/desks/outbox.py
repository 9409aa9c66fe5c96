"""待发箱: what a desk writes goes by itself when a network is there, and what lies in the box for it is fetched and
offered.

Here is the queue: set up, put in, looked at, tried again. What goes over the network is in `carrying`, which owns no
workspace; `sync` joins the two. Nothing that is fetched is applied here: it is offered to the screens and commands that
take files. The bytes lie in `outbox/` and `fetched/` of the workspace: encrypted packages, and what is public anyway.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cunbao.desks import media
from cunbao.desks.seat import Seat
from cunbao.errors import CunbaoError, DeskError
from cunbao.store import Fetched, FetchedState, Queued, QueuedState, Workspace

BOX = "outbox/box"  # setting: how the drop box is reached
TROUBLE = "outbox/trouble"  # setting: what is wrong with the box as a whole: {code, happened, todo, tries, next_at}
LAST = "outbox/last"  # setting: when a pass last went through
GOING, CAME = "outbox", "fetched"  # folders of the workspace
FOLDER, WEBDAV = "folder", "webdav"
FIRST_WAIT = 30.0  # seconds before the second try; twice as long each time
LONGEST_WAIT = 3600.0
JITTER = 0.5  # of the wait, either way: thirty villages do not come back in the same second
PASSWORD = "dropbox.password"  # a wrong one is not tried again by itself: servers lock people out
UNREAD = "dropbox.unread"  # sent to a box that lets nobody read it back
OPEN = (QueuedState.WAITS, QueuedState.SENDING, QueuedState.REFUSED)


@dataclass(frozen=True, slots=True)
class Box:
    """How a drop box is reached. kind: "folder", "webdav"; place: its path or https://…; pin: SHA-256 of the server's
    certificate (64 hex digits), "" the system's roots; proxy: "", "system", or http://…; on: False = 停用."""

    kind: str
    place: str
    user: str = ""
    password: str = field(default="", repr=False)
    pin: str = ""
    proxy: str = field(default="", repr=False)
    on: bool = True


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the box as a whole is not tried now. next_at: not before, None: not by itself."""

    code: str
    happened: str
    todo: str
    tries: int
    next_at: datetime | None


# --- set up ----------------------------------------------------------------------------------------------------------


def box_of(workspace: Workspace) -> Box | None:
    """The drop box of this workspace, None before one was set up."""
    kept = workspace.setting(BOX, None)
    return Box(**kept) if kept else None


def set_up(desk: Seat, box: Box) -> None:
    """Keep how the box is reached; everything that waits is tried anew. DeskError "outbox.address", "outbox.pin",
    "outbox.plain"."""
    box = _checked(box)
    with desk.workspace.atomic():
        desk.workspace.set_setting(BOX, asdict(box))
        _try_anew(desk.workspace)
        desk.journal("set_up_outbox", kind=box.kind, on=box.on)


def switch(desk: Seat, on: bool) -> None:
    """停用, or on again. What waits stays. DeskError "outbox.none"."""
    set_up(desk, replace(_needed(desk.workspace), on=on))


def _checked(box: Box) -> Box:
    from cunbao.exchange.tls import pin_of

    if box.kind == FOLDER:
        return replace(box, place=str(Path(box.place).expanduser().absolute()), user="", password="", pin="", proxy="")
    where = box.place.strip()
    scheme, _, rest = where.partition("://")
    host = rest.partition("/")[0]
    if scheme not in ("https", "http") or not host or "@" in host or any(sign in where for sign in "?# \n"):
        raise _wrong(
            "outbox.address",
            "网盘的地址写得不对",
            "请写成 https://服务器/文件夹 的样子；用户名和密码另填，不写在地址里",
        )
    if scheme == "http" and not _this_computer(host):
        raise _wrong(
            "outbox.plain", "这个地址是 http，密码会不加密地经过网络", "请改用 https 的地址；没有的话请管网盘的人开通"
        )
    try:
        pin = pin_of(box.pin)
    except ValueError as trouble:
        todo = "指纹是 SHA-256，64 位十六进制，请照管网盘的人给的填"
        raise _wrong("outbox.pin", "证书指纹写得不对", todo) from trouble
    return replace(box, place=where, user=box.user.strip(), pin=pin, proxy=box.proxy.strip())


def _this_computer(host: str) -> bool:
    return host.rsplit(":", 1)[0] in ("127.0.0.1", "localhost", "[::1]")


def _wrong(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="待发箱的设置没有改动，等着送的都在", todo=todo)


def _needed(workspace: Workspace) -> Box:
    box = box_of(workspace)
    if box is None:
        raise DeskError(
            "outbox.none",
            happened="还没有设待发箱",
            safe="文件都在本机，没有送到别处",
            todo="请在“设置”里填好网盘或共享文件夹，再来试",
        )
    return box


def going_folder(desk: Seat) -> Path:
    """Where to write what goes by the outbox alone, without a stick. DeskError "outbox.none"."""
    _needed(desk.workspace)
    return _folder(desk.workspace, GOING)


def place_of(desk: object) -> Path | None:
    """The same for a screen that offers places: None where no outbox is set up, or it is off."""
    workspace = getattr(desk, "workspace", None)
    box = box_of(workspace) if isinstance(workspace, Workspace) else None
    return _folder(workspace, GOING) if isinstance(workspace, Workspace) and box is not None and box.on else None


def _folder(workspace: Workspace, name: str) -> Path:
    place = workspace.folder / name
    place.mkdir(mode=0o700, exist_ok=True)
    return place


# --- put in ----------------------------------------------------------------------------------------------------------


def keep(workspace: Workspace, path: Path, data: bytes, place: str, *, now: datetime) -> bool:
    """Queue a file that was written for `place`: 12 digits of its addressee, 6 of everybody in the county. Called in
    the transaction that notes it. False where no outbox is set up, or it is off."""
    from cunbao.exchange.package import package_id

    box = box_of(workspace)
    if box is None or not box.on:
        return False
    folder = _folder(workspace, GOING)
    if path.parent != folder:
        path = media.free_path(folder / path.name)
        media.write_file(path, data, what="要送的文件")
    path.chmod(0o600)
    workspace.queue(Queued(package_id(data), place, path.suffix, path.name, len(data), now))
    return True


# --- what is to be carried -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pass has to do, all that it needs to know. send: with their paths; prove: sent, and not yet read back;
    places: folders of the box to look into; known: (place, name) not to be fetched; held: hashes that are here."""

    box: Box
    send: tuple[tuple[Queued, Path], ...]
    prove: tuple[Queued, ...]
    places: tuple[str, ...]
    known: frozenset[tuple[str, str]]
    held: frozenset[str]
    into: Path


def places_of(desk: Seat) -> tuple[str, ...]:
    """The folders in which something may lie for this office: its own, and what is for everybody in the county."""
    code = desk.office.code
    return (code,) if desk.workspace.kind == "county" else (code, everybody(desk))


def everybody(desk: Seat) -> str:
    """The folder of what is for every office of the county."""
    return desk.office.code[:6]


def above(desk: Seat) -> str:
    """The folder of the county."""
    return desk.office.code[:6] + "000000"


def plan(desk: Seat, *, asked: bool = False) -> Plan | None:
    """What is due now, marked as under way; None when the box is off, not set up, or not to be tried yet. asked:
    somebody wants it now, whatever was to be waited for."""
    workspace, now = desk.workspace, desk.clock()
    box = box_of(workspace)
    if box is None or not box.on or desk.read_only:
        return None
    if asked:
        _try_anew(workspace)
    stopped = trouble_of(workspace)
    if stopped is not None and not _due(stopped.next_at, now, never=True):
        return None
    folder, send = _folder(workspace, GOING), []
    _sweep(workspace, folder)
    with workspace.atomic():
        for one in workspace.queued([QueuedState.WAITS, QueuedState.SENDING]):
            if one.state is QueuedState.SENDING or _due(one.next_at, now):
                workspace.set_queued(replace(one, state=QueuedState.SENDING))
                send.append((one, folder / one.file_name))
    fetched = workspace.fetched()
    known = {
        (one.place, one.remote)
        for one in fetched
        if one.state is not FetchedState.BAD or not _due(one.next_at, now)
    }
    here = {one.sha256 for one in fetched if one.state is not FetchedState.BAD}
    here |= {one.sha256 for one in workspace.arrivals()}
    return Plan(
        box=box,
        send=tuple(send),
        prove=tuple(one for one in workspace.queued([QueuedState.SENT]) if not one.code),
        places=places_of(desk),
        known=frozenset(known),
        held=frozenset(here),
        into=_folder(workspace, CAME),
    )


def _sweep(workspace: Workspace, folder: Path) -> None:
    """Away with what nobody waits for: files of a transaction that was not kept, or that have long been sent."""
    wanted = {one.file_name for one in workspace.queued([*OPEN, QueuedState.SENT]) if one.code != UNREAD}
    for path in folder.iterdir():
        if path.is_dir():  # where receipts were written together: each has been queued by itself
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in wanted:
            with suppress(OSError):
                path.unlink()


def _due(at: datetime | None, now: datetime, *, never: bool = False) -> bool:
    """Is its time come? A moment that lies further off than any wait was written by a wrong clock. never: None means
    that it is not tried by itself."""
    if at is None:
        return not never
    return at <= now or at > now + timedelta(seconds=(1 + JITTER) * max(LONGEST_WAIT, 24 * 3600.0))


def wait(tries: int, chance: Callable[[], float], *, after: float = 0.0) -> timedelta:
    """How long to wait after so many tries (1 …): doubling, with jitter, no less than the server asks. chance: 0 …
    1."""
    plain = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries - 1, 20))
    return timedelta(seconds=max(after, plain * (1 - JITTER + 2 * JITTER * chance())))


# --- what became of it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Went:
    """What became of a file that goes. trouble: None when it went."""

    item: Queued
    state: QueuedState
    remote: str = ""
    trouble: CunbaoError | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What became of a file that lay there for us. file_name: in `fetched/`."""

    place: str
    remote: str
    sha256: str
    suffix: str
    size: int
    file_name: str = ""
    trouble: CunbaoError | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The pass is over. trouble: of the box as a whole."""

    trouble: CunbaoError | None = None


Outcome = Went | Came | Ended


def note(desk: Seat, outcomes: Sequence[Outcome], *, chance: Callable[[], float]) -> None:
    """Keep what became of them, in one transaction."""
    workspace, now = desk.workspace, desk.clock()
    gone: list[str] = []
    with workspace.atomic():
        for one in outcomes:
            if isinstance(one, Went):
                gone += _note_went(workspace, one, now, chance)
            elif isinstance(one, Came):
                _note_came(workspace, one, now, chance)
            else:
                _note_ended(workspace, one, now, chance)
    for name in gone:
        with suppress(OSError):
            (_folder(workspace, GOING) / name).unlink(missing_ok=True)


def _note_went(workspace: Workspace, one: Went, now: datetime, chance: Callable[[], float]) -> list[str]:
    """Gives the names of files that are no longer needed."""
    item, trouble = one.item, one.trouble
    if trouble is None:
        done = replace(
            item, state=one.state, remote=one.remote or item.remote, next_at=None, at=now, code="", happened="",
            todo="", tries=0 if one.state is QueuedState.PROVED else item.tries,
        )  # fmt: skip
        workspace.set_queued(done)
        return [item.file_name] if one.state is QueuedState.PROVED else []
    tries = item.tries + 1
    workspace.set_queued(
        replace(
            item,
            state=one.state,
            remote=one.remote or item.remote,
            tries=tries,
            next_at=now + wait(tries, chance, after=getattr(trouble, "after", 0.0)),
            at=now,
            code=trouble.code,
            happened=trouble.happened,
            todo=trouble.todo,
        )
    )
    return []


def _note_came(workspace: Workspace, one: Came, now: datetime, chance: Callable[[], float]) -> None:
    if one.trouble is None:
        what = (one.place, one.remote, one.sha256, one.suffix, one.size)
        workspace.set_fetched(Fetched(*what, now, FetchedState.OFFERED, one.file_name))
        return
    before = next((had for had in workspace.fetched() if (had.place, had.remote) == (one.place, one.remote)), None)
    tries = 1 + (before.tries if before is not None else 0)
    workspace.set_fetched(
        Fetched(
            *(one.place, one.remote, one.sha256, one.suffix, one.size, now, FetchedState.BAD),
            tries=tries,
            next_at=now + wait(tries, chance),
            code=one.trouble.code,
            happened=one.trouble.happened,
            todo=one.trouble.todo,
        )
    )


def _note_ended(workspace: Workspace, one: Ended, now: datetime, chance: Callable[[], float]) -> None:
    """What was planned and not reached waits again, without a try of its own counted."""
    for left in workspace.queued([QueuedState.SENDING]):
        workspace.set_queued(replace(left, state=QueuedState.WAITS))
    if one.trouble is None:
        workspace.set_setting(TROUBLE, None)
        workspace.set_setting(LAST, now.isoformat())
        return
    before = trouble_of(workspace)
    tries = 1 + (before.tries if before is not None else 0)
    pause = wait(tries, chance, after=getattr(one.trouble, "after", 0.0))
    if getattr(one.trouble, "asks", False):
        pause = max(pause, wait(99, chance))
    kept: dict[str, Any] = {
        "code": one.trouble.code,
        "happened": one.trouble.happened,
        "todo": one.trouble.todo,
        "tries": tries,
        "next_at": None if one.trouble.code == PASSWORD else (now + pause).isoformat(),
    }
    workspace.set_setting(TROUBLE, kept)


def trouble_of(workspace: Workspace) -> Trouble | None:
    """What is wrong with the box as a whole, None when the last pass went through."""
    kept = workspace.setting(TROUBLE, None)
    if not kept:
        return None
    at = kept["next_at"]
    return Trouble(
        kept["code"], kept["happened"], kept["todo"], int(kept["tries"]), datetime.fromisoformat(at) if at else None
    )


def _try_anew(workspace: Workspace) -> None:
    """Nothing waits any longer, and what was refused is asked once more."""
    with workspace.atomic():
        workspace.set_setting(TROUBLE, None)
        for one in workspace.queued([QueuedState.WAITS, QueuedState.REFUSED]):
            workspace.set_queued(replace(one, state=QueuedState.WAITS, next_at=None))
        for bad in workspace.fetched([FetchedState.BAD]):
            workspace.set_fetched(replace(bad, next_at=None))


def refuse_closed(desk: Seat) -> None:
    """DeskError "outbox.none" before one was set up, "outbox.off" when it is 停用, "outbox.looking" where one only
    looks."""
    if not _needed(desk.workspace).on:
        raise DeskError(
            "outbox.off", happened="待发箱停用着", safe="等着送的都在本机", todo="请在“设置”里启用待发箱，再来试"
        )
    if desk.read_only:
        raise DeskError(
            "outbox.looking", happened="现在只能看，不能送", safe="等着送的都在本机", todo="请在能改的那个窗口里送"
        )


# --- looked at -------------------------------------------------------------------------------------------------------

WORDS = {
    QueuedState.WAITS: "等着送",
    QueuedState.SENDING: "正在送",
    QueuedState.SENT: "送到了",
    QueuedState.PROVED: "送到了，读回核对一致",
    QueuedState.REFUSED: "没送成",
    QueuedState.DROPPED: "不送了",
}
WHAT = {
    ".cbtask": "任务包",
    ".cbreq": "证书申请",
    ".cbcert": "证书",
    ".cbca": "县里签发的证书",
    ".cbdesk": "乡镇电脑证书",
}


@dataclass(frozen=True, slots=True)
class GoingLine:
    """A file that goes, as it is shown. why: what went wrong and what to do, "" nothing; next_at: of its next try."""

    sha256: str
    place: str
    file_name: str
    office: str
    office_name: str
    size: int
    state: QueuedState
    word: str
    why: str
    tries: int
    put_at: datetime
    at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that came and that nobody has read in. path: of the whole file here; what: in words."""

    sha256: str
    path: Path
    suffix: str
    what: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OutboxView:
    """place: where the box is, "" before it was set up; line: the state of all of it in one sentence; open: files that
    wait or were refused; bad: files of the box that could not be fetched."""

    place: str
    on: bool
    line: str
    trouble: Trouble | None
    last: datetime | None
    going: tuple[GoingLine, ...]
    came: tuple[Offer, ...]
    bad: tuple[Fetched, ...]
    open: int
    refused: int


def outbox_view(desk: Seat, *, most: int = 200) -> OutboxView:
    """The queue, the newest first; what wants somebody before what waits, that before what went."""
    workspace = desk.workspace
    box = box_of(workspace)
    rows = [one for one in workspace.queued() if one.state is not QueuedState.DROPPED]
    order = {QueuedState.REFUSED: 0, QueuedState.SENDING: 1, QueuedState.WAITS: 2}
    rows.sort(key=lambda one: (order.get(one.state, 3), -one.put_at.timestamp()))
    still = [one for one in rows if one.state in OPEN]
    trouble, last = trouble_of(workspace), workspace.setting(LAST, "")
    came = offers(desk)
    return OutboxView(
        place=box.place if box else "",
        on=box is not None and box.on,
        line=_line(box, trouble, len(still), len(came)),
        trouble=trouble,
        last=datetime.fromisoformat(last) if last else None,
        going=tuple(_going(workspace, one) for one in rows[:most]),
        came=came,
        bad=workspace.fetched([FetchedState.BAD]),
        open=len(still),
        refused=sum(one.state is QueuedState.REFUSED for one in still),
    )


def _line(box: Box | None, trouble: Trouble | None, waiting: int, came: int) -> str:
    if box is None:
        return "还没有设待发箱，写好的包只在 U 盘或文件夹里"
    if not box.on:
        return f"待发箱停用着，{waiting} 个等着送" if waiting else "待发箱停用着"
    if trouble is not None:
        return f"{trouble.happened}；{waiting} 个等着送"
    parts = [f"{waiting} 个等着送" if waiting else "都送到了"]
    return "，".join([*parts, *([f"来了 {came} 个文件"] if came else [])])


def _going(workspace: Workspace, one: Queued) -> GoingLine:
    known = workspace.office(one.place)
    return GoingLine(
        sha256=one.sha256,
        place=one.place,
        file_name=one.file_name,
        office=one.place,
        office_name=known.short if known else "全县各单位" if len(one.place) == 6 else one.place,
        size=one.size,
        state=one.state,
        word=WORDS[one.state],
        why=f"{one.happened}。{one.todo}。" if one.happened else "",
        tries=one.tries,
        put_at=one.put_at,
        at=one.at,
        next_at=one.next_at,
    )


# --- came ------------------------------------------------------------------------------------------------------------


def offers(desk: Seat) -> tuple[Offer, ...]:
    """What came and nobody has read in, oldest first. What has been read in meanwhile, in whatever way, is put down."""
    workspace, found = desk.workspace, []
    folder = workspace.folder / CAME
    for one in workspace.fetched([FetchedState.OFFERED]):
        path = folder / one.file_name
        if _read_in(workspace, one):
            if not desk.read_only:
                taken(workspace, one.sha256)
        elif path.is_file():
            found.append(Offer(one.sha256, path, one.suffix, _what(desk, one), one.size, one.at))
    return tuple(found)


def _read_in(workspace: Workspace, one: Fetched) -> bool:
    if one.suffix == ".cbsync":
        return any(had.sha256 == one.sha256 for had in workspace.arrivals())
    if one.suffix == ".cbtask":
        from cunbao.desks import packs

        return any(had.sha256 == one.sha256 for had in packs.held(workspace))
    return False


def _what(desk: Seat, one: Fetched) -> str:
    if one.suffix != ".cbsync":
        return WHAT[one.suffix]
    return {"village": "回执", "township": "报送包或县回执", "county": "报县包"}[desk.workspace.kind]


def taken(workspace: Workspace, sha256: str) -> None:
    """A file was read in, or is not wanted: it is not offered any longer, nor fetched again."""
    for one in workspace.fetched([FetchedState.OFFERED]):
        if one.sha256 == sha256:
            workspace.set_fetched(replace(one, state=FetchedState.TAKEN, file_name=""))
            with suppress(OSError):
                (workspace.folder / CAME / one.file_name).unlink(missing_ok=True)


def taken_file(workspace: Workspace, path: Path) -> None:
    """The same of a file by where it lies; one that lies elsewhere is no concern of ours."""
    if path.parent == workspace.folder / CAME:
        for one in workspace.fetched([FetchedState.OFFERED]):
            if one.file_name == path.name:
                taken(workspace, one.sha256)


# --- acts ------------------------------------------------------------------------------------------------------------


def again(desk: Seat) -> None:
    """现在就试: nothing waits any longer. DeskError as of `refuse_closed`."""
    refuse_closed(desk)
    _try_anew(desk.workspace)


def drop(desk: Seat, sha256: str, place: str) -> None:
    """不送了: this file is not sent by the outbox. What it holds stays, and goes with the next package."""
    workspace = desk.workspace
    for one in workspace.queued(OPEN):
        if (one.sha256, one.place) == (sha256, place):
            with workspace.atomic():
                workspace.set_queued(replace(one, state=QueuedState.DROPPED, next_at=None, at=desk.clock()))
                desk.journal("drop_from_outbox", file=sha256)
            with suppress(OSError):
                (workspace.folder / GOING / one.file_name).unlink(missing_ok=True)
