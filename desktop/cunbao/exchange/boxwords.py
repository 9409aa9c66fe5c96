"""What a drop box answered, in three sentences: which answers mend themselves, which ask for somebody, which concern
the whole box. One table, so that the window, the command and the queue say the same."""

from __future__ import annotations

import ssl

import httpx

from cunbao.exchange.dropbox import BoxError

WAITS = "程序过一会儿会自己再试，不用管它"
RETRY_MOST = 24 * 3600.0  # seconds; a server that asks for more is asked again after a day


def answered(status: int, *, doing: str, detail: str = "", retry_after: str = "", moved: str = "") -> BoxError:
    """The error for an answer that is not what was asked for. doing: 送文件, 取文件, 看目录; moved: where a redirection
    points to."""
    told = f"HTTP {status}" + (f" {detail}" if detail else "")
    if 300 <= status < 400:
        return BoxError(
            "dropbox.moved",
            happened=f"网盘把地址指到了别处，{doing}没有做",
            todo="请问管网盘的人要准确的地址，在“设置”的待发箱里改过来",
            detail=f"{told} → {moved[:200]}",
            asks=True,
            ends=True,
        )
    if status in _STATUS:
        code, happened, todo, asks, ends = _STATUS[status]
        return BoxError(
            code, happened=happened, todo=todo, detail=told, asks=asks, ends=ends, after=_seconds(retry_after)
        )
    if 500 <= status < 600:
        return BoxError(
            "dropbox.trouble", happened=f"网盘自己出了错，{doing}没有做成", todo=WAITS, detail=told, ends=True,
            after=_seconds(retry_after),
        )  # fmt: skip
    return foreign(told)


# status → code, what happened, what to do, asks somebody, ends the pass
_STATUS = {
    401: ("dropbox.password", "网盘不认这个用户名或密码", "请在“设置”的待发箱里重新填用户名和密码", True, True),
    403: (
        "dropbox.forbidden", "网盘不让这个用户写或看这个文件夹", "请管网盘的人给这个用户开权限，再按“现在就试”",
        True, False,
    ),
    404: ("dropbox.missing", "网盘上没有这个文件夹或文件", "请核对“设置”里待发箱的地址", True, False),
    405: ("dropbox.foreign", "这个地址不是 WebDAV 网盘", "请核对“设置”里待发箱的地址，问清是不是 WebDAV", True, True),
    407: ("dropbox.proxy", "代理服务器要用户名和密码", "请在“设置”的待发箱里把代理的地址填全", True, True),
    409: ("dropbox.missing", "网盘上建不了收件单位的文件夹", "请管网盘的人看看权限和地址", True, False),
    408: ("dropbox.slow", "网盘等得太久，断开了", WAITS, False, True),
    413: (
        "dropbox.toolarge", "网盘不收这么大的文件", "请管网盘的人把单个文件的上限调到 40 MB，或改用 U 盘送",
        True, False,
    ),
    414: ("dropbox.foreign", "网盘嫌文件名太长", "请管网盘的人换一个地址短些的文件夹", True, True),
    423: ("dropbox.locked", "网盘上这个文件正被别人占着", WAITS, False, False),
    429: ("dropbox.busy", "网盘嫌来得太勤，叫等一等", WAITS, False, True),
    501: ("dropbox.foreign", "这个地址不是 WebDAV 网盘", "请核对“设置”里待发箱的地址，问清是不是 WebDAV", True, True),
    503: ("dropbox.busy", "网盘正忙或在维护", WAITS, False, True),
    507: ("dropbox.full", "网盘满了，放不下", "请管网盘的人腾出地方；程序会自己再试", False, True),
}  # fmt: skip


def foreign(detail: str) -> BoxError:
    """It answers, but not as a WebDAV server does."""
    return BoxError(
        "dropbox.foreign",
        happened="这个地址答的不是 WebDAV 网盘该答的话",
        todo="请核对“设置”里待发箱的地址；上网要先登录的地方，先在浏览器里登录",
        detail=detail,
        asks=True,
        ends=True,
    )


def cut(detail: str, *, doing: str) -> BoxError:
    return BoxError("dropbox.cut", happened=f"{doing}到一半，网络断了", todo=WAITS, detail=detail, ends=True)


def short(detail: str) -> BoxError:
    """Bytes that came whole by the server's own word, and are not what their name says."""
    return BoxError(
        "dropbox.differs",
        happened="从网盘取来的内容和它的校验值不一样",
        safe="没有收下，原来的内容没有改动",
        todo="程序过一会儿会再取；一直这样，就请对方再送一次，或者用 U 盘送",
        detail=detail,
    )


def too_large(detail: str) -> BoxError:
    return BoxError(
        "dropbox.toolarge",
        happened="网盘上这个文件比规定的大，不像是村报写的",
        safe="没有取它，原来的内容没有改动",
        todo="请问对方送的是不是这个文件；不是就不用管它",
        asks=True,
    )


def network(trouble: Exception, *, doing: str) -> BoxError:
    """What the network, the proxy or the certificate said."""
    detail = f"{type(trouble).__name__}: {trouble}"
    tls = _tls(trouble)
    if tls is not None:
        return certificate(f"{tls}") if isinstance(tls, ssl.SSLCertVerificationError) else _no_tls(detail)
    if isinstance(trouble, httpx.ProxyError):
        return BoxError(
            "dropbox.proxy", happened="代理服务器没有让过去", todo="请核对“设置”里待发箱的代理地址", detail=detail,
            asks=True, ends=True,
        )  # fmt: skip
    if isinstance(trouble, httpx.ConnectTimeout | httpx.ConnectError):
        return BoxError(
            "dropbox.unreachable",
            happened="连不上网盘：可能没有网络，也可能网盘没有开",
            todo=f"{WAITS}；急用就写到 U 盘送去",
            detail=detail,
            ends=True,
        )
    if isinstance(trouble, httpx.TimeoutException):
        return BoxError("dropbox.slow", happened=f"网盘太慢，{doing}没有做完", todo=WAITS, detail=detail, ends=True)
    if isinstance(trouble, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
        return address(detail)
    return cut(detail, doing=doing)


def certificate(detail: str) -> BoxError:
    return BoxError(
        "dropbox.certificate",
        happened="网盘的证书不对，可能不是那一台服务器，没有连上去",
        safe="密码和文件都没有送出去，都还在本机",
        todo="请管网盘的人念一遍证书的指纹，对得上就在“设置”的待发箱里填上；对不上就不要用",
        detail=detail,
        asks=True,
        ends=True,
    )


def _no_tls(detail: str) -> BoxError:
    return BoxError(
        "dropbox.certificate",
        happened="和网盘说不成加密的话：地址要 https，它答的不是",
        safe="密码和文件都没有送出去，都还在本机",
        todo="请核对“设置”里待发箱的地址和端口",
        detail=detail,
        asks=True,
        ends=True,
    )


def address(detail: str) -> BoxError:
    return BoxError(
        "dropbox.address",
        happened="网盘的地址写得不对",
        todo="请写成 https://服务器/文件夹 的样子",
        detail=detail,
        asks=True,
        ends=True,
    )


def _tls(trouble: BaseException) -> ssl.SSLError | None:
    """The TLS error that a network error was made of."""
    seen: BaseException | None = trouble
    for _ in range(8):
        if seen is None or isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _seconds(text: str) -> float:
    """Retry-After in seconds; dates and nonsense say nothing."""
    return min(float(text), RETRY_MOST) if text.isascii() and text.isdigit() else 0.0
