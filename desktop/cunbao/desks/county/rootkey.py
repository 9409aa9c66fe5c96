"""The county's root key: where it lies, whether it was backed up, how it comes back.

It is made once. In a file it is locked by the password of whoever made it; on a token it never leaves. A root that
nobody backed up is said on every screen until it was: if it is lost, the whole county begins anew. Source: protocol §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices, media
from cunbao.desks.clock import LOCAL, local_day
from cunbao.desks.county import desk as county
from cunbao.desks.county.desk import CountyDesk
from cunbao.errors import DeskError

if TYPE_CHECKING:
    from cunbao.trust.keys import Stretch
    from cunbao.trust.token import Token

BACKUPS = "root_backups"  # setting: [[moment, file name]], the last at the end
TOKEN = "root_token"  # setting: where the key lies when it lies on a token
# where the libraries of tokens lie on the systems that are served; another is chosen by hand
MODULES = (
    "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib/softhsm/libsofthsm2.so",
    "C:/Windows/System32/opensc-pkcs11.dll",
)
LEAST = 10  # characters of the backup's own password
FILE, ON_TOKEN, OTHERS, LOST = "file", "token", "others", "lost"


@dataclass(frozen=True, slots=True)
class RootView:
    """since, until: of the certificate, local days; code: 24 digits in six groups; place: FILE, ON_TOKEN, OTHERS (it is
    locked for somebody else) or LOST; words: where the key is; warning: what must be done now, "" when all is well;
    backed_up: when a backup was last written and read back, local."""

    since: date
    until: date
    code: str
    place: str
    words: str
    warning: str
    backed_up: datetime | None


def root_view(desk: CountyDesk) -> RootView:
    from cunbao.trust.certs import read_certificate

    read = read_certificate(desk.root)
    place, last = where(desk), last_backup(desk)
    words = {
        FILE: "私钥在这台电脑里，用你的密码锁着",
        ON_TOKEN: "私钥在 U 盾里，平时锁在保险柜",
        OTHERS: "私钥由别的管理员掌管，用他的密码锁着",
        LOST: "这台电脑上没有私钥了",
    }[place]
    return RootView(
        since=local_day(read.not_before),
        until=local_day(read.not_after),
        code=county.root_code(desk),
        place=place,
        words=words,
        warning=warning(desk),
        backed_up=last,
    )


def where(desk: CountyDesk) -> str:
    if token_of(desk) is not None:
        return ON_TOKEN
    held = desk.workspace.settings(f"{county.ROOT_SETTING}:")
    if not held:
        return LOST
    return FILE if any(name.endswith(f":{desk.person.name}") for name in held) else OTHERS


def warning(desk: CountyDesk) -> str:
    """What cannot wait, "" nothing: shown on every screen of the county."""
    place = where(desk)
    if place == LOST:
        return "县根钥匙不见了，请从备份恢复"
    if place == FILE and last_backup(desk) is None:
        return "县根钥匙还没有备份"
    return ""


def last_backup(desk: CountyDesk) -> datetime | None:
    kept = desk.workspace.setting(BACKUPS, [])
    return datetime.fromisoformat(kept[-1][0]).astimezone(LOCAL) if kept else None


def driver() -> str:
    """Path of a PKCS#11 library that is installed here, "" none of those that are known."""
    return next((one for one in MODULES if Path(one).is_file()), "")


def tokens(module: str) -> tuple[str, ...]:
    """Labels of the tokens that are plugged in. TrustError "token.module"."""
    from cunbao.trust.token import labels

    return labels(Path(module))


def chosen(module: str, label: str) -> Token:
    """The token on which a county's root is to be made."""
    from cunbao.trust.token import Token

    return Token(module.strip(), label.strip())


def token_of(desk: CountyDesk) -> Token | None:
    """Where the root's key lies when it lies on a token."""
    kept = desk.workspace.setting(TOKEN, None)
    if kept is None:
        return None
    from cunbao.trust.token import Token

    return Token(**kept)


def back_up(desk: CountyDesk, folder: Path, password: str, secret: str, *, stretch: Stretch | None = None) -> Path:
    """Write the root's key to a file locked by `secret`, read it back and open it; only then it counts.

    password: of whoever makes the backup. DeskError "root.on_token", "root.not_yours", "root.secret" (too short, or the
    same as the password), "disk.full" …, "medium.differs"; TrustError "password.wrong"."""
    from cunbao.exchange import rootfile
    from cunbao.trust.keys import DEFAULT_STRETCH, private_bytes, wrap_secret

    if where(desk) == ON_TOKEN:
        raise DeskError(
            "root.on_token", happened="县根钥匙在 U 盾里，取不出来", safe="没有写任何文件",
            todo="请按 U 盾厂家的办法做一个备用的 U 盾，锁在另一个地方",
        )  # fmt: skip
    if len(secret) < LEAST or secret == password:
        raise DeskError(
            "root.secret",
            happened=f"备份的密码要另设，至少 {LEAST} 个字，不能和你打开资料的密码一样",
            safe="没有写任何文件",
            todo="请另想一个密码，写在纸上装进信封，和备份分开锁好",
        )
    key = private_bytes(county.unlock_root(desk, password).key)
    wrap = wrap_secret(key, secret, label=rootfile.LABEL, stretch=stretch or DEFAULT_STRETCH)
    data = rootfile.write_root_backup(desk.office.code, desk.root, wrap)
    now = desk.clock()
    path = folder / f"{desk.office.short}-县根钥匙备份-{local_day(now):%Y%m%d}{rootfile.SUFFIX}"
    volume = media.volume_of(folder, what="县根钥匙备份")
    media.write_file(path, data, what="县根钥匙备份", on=volume)
    media.read_back(path, data, what="县根钥匙备份")
    rootfile.read_root_backup(path.read_bytes()).open(secret)
    with desk.workspace.atomic():
        kept = desk.workspace.setting(BACKUPS, [])
        desk.workspace.set_setting(BACKUPS, [*kept, [now.isoformat(), path.name]])
        desk.journal("backup_root", name=path.name)
    return path


def restore(desk: CountyDesk, path: Path, secret: str, password: str) -> RootView:
    """Bring the root's key back from a backup, locked for whoever sits here; also how a second person gets it.

    password: his own, so that nobody else lays a key under it. DeskError "file.unreadable", "root.other" (of another
    county or root); ExchangeError "root.damaged"; TrustError "password.wrong" (either)."""
    from cunbao.desks.settings import confirm_password
    from cunbao.exchange import rootfile

    try:
        if path.stat().st_size > rootfile.MOST:
            raise OSError(f"{path.stat().st_size} bytes")
        data = path.read_bytes()
    except OSError as trouble:
        raise DeskError(
            "file.unreadable", happened=f"“{path.name}”读不出来，或不是县根钥匙的备份", safe="没有改动任何钥匙和证书",
            todo=f"请选 {rootfile.SUFFIX} 文件", detail=str(trouble),
        ) from trouble  # fmt: skip
    held = rootfile.read_root_backup(data)
    if held.certificate != desk.root:
        raise DeskError(
            "root.other", happened="这份备份是另一个县根证书的", safe="没有改动任何钥匙和证书",
            todo="请找本县这一个根证书的备份；换过县根的，用最近的那份",
        )  # fmt: skip
    key = held.open(secret)
    confirm_password(desk, password, act="restore_root")
    with desk.workspace.atomic():
        devices.keep_secret(desk.workspace, county.ROOT_SETTING, desk.person, key)
        kept = desk.workspace.setting(BACKUPS, [])
        desk.workspace.set_setting(BACKUPS, [*kept, [desk.clock().isoformat(), path.name]])
    return root_view(desk)
