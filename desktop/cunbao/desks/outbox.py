"""待发箱: what a desk writes goes by itself when a network is there, and what lies in the box for it is fetched and
offered.

Here is the queue: set up, put in, looked at, tried again. What goes over the network is in `carrying`, which owns no
workspace; `sync` joins the two. Nothing that is fetched is applied here: it is offered to the screens and commands that
take files. The bytes lie in `outbox/` and `fetched/` of the workspace: encrypted packages, and what is public anyway.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from cunbao.desks import media
from cunbao.desks.seat import Seat
from cunbao.errors import DeskError
from cunbao.store import FetchedState, Queued, QueuedState, Workspace

BOX = "outbox/box"  # setting: how the drop box is reached
TROUBLE = "outbox/trouble"  # setting: what is wrong with the box as a whole: {code, happened, todo, tries, next_at}
LAST = "outbox/last"  # setting: when a pass last went through
GOING, CAME = "outbox", "fetched"  # folders of the workspace
FOLDER, WEBDAV = "folder", "webdav"
SYSTEM, SYSTEM_WORD = "system", "系统"  # the proxy that the computer is set to
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
    "outbox.plain", "outbox.proxy"."""
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
    return replace(box, place=where, user=box.user.strip(), pin=pin, proxy=_proxy(box.proxy.strip()))


def _proxy(said: str) -> str:
    """系统 is what the computer is set to; anything else is an address."""
    if said in ("", SYSTEM, SYSTEM_WORD):
        return SYSTEM if said else ""
    scheme, _, rest = said.partition("://")
    if scheme not in ("http", "https") or not rest.strip("/"):
        raise _wrong(
            "outbox.proxy",
            "代理服务器的地址写得不对",
            f"请写成 http://服务器:端口 的样子；用这台电脑已经设好的，填“{SYSTEM_WORD}”；没有代理就空着",
        )
    return said


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
    return folder_of(desk.workspace, GOING)


def place_of(desk: object) -> Path | None:
    """The same for a screen that offers places: None where no outbox is set up, or it is off."""
    workspace = getattr(desk, "workspace", None)
    box = box_of(workspace) if isinstance(workspace, Workspace) else None
    return folder_of(workspace, GOING) if isinstance(workspace, Workspace) and box is not None and box.on else None


def folder_of(workspace: Workspace, name: str) -> Path:
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
    folder = folder_of(workspace, GOING)
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
    folder, send = folder_of(workspace, GOING), []
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
    here |= workspace.arrived()
    return Plan(
        box=box,
        send=tuple(send),
        prove=tuple(one for one in workspace.queued([QueuedState.SENT]) if not one.code),
        places=places_of(desk),
        known=frozenset(known),
        held=frozenset(here),
        into=folder_of(workspace, CAME),
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
