"""A drop box on a WebDAV server (Nextcloud, Apache, any), over httpx.

Nothing the server says is believed further than needed: bodies are read as far as a bound, never unpacked, redirections
never followed, a listing is read without entities. PUT goes to a part name, then MOVE with `Overwrite: F`; `If-None-
Match` alone is not leaned on, since not every server heeds it. Source: facts §9; RFC 4918.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final
from urllib.parse import unquote

import httpx
from lxml import etree

from cunbao.exchange import boxwords, tls
from cunbao.exchange.dropbox import CHUNK, LISTED, PART, Entry, entry, refuse_place
from cunbao.progress import Cancel

CONNECT: Final = 10.0  # seconds until a connection stands
STALL: Final = 45.0  # seconds in which nothing moves
LISTING: Final = 16 * 1024 * 1024  # bytes of a listing that are read
SAID: Final = 64 * 1024  # bytes of any other answer that are read
PIECE: Final = 2 * 1024 * 1024  # bytes that go between two looks at `cancel`; a village's bundle is one piece
AGENT: Final = "cunbao"
_DAV: Final = "{DAV:}"
_ASKED: Final = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<propfind xmlns="DAV:"><prop><getcontentlength/><resourcetype/></prop></propfind>'
)


@dataclass(frozen=True, slots=True)
class Account:
    """Where the box is and how it lets us in. url: of the folder that holds the offices' folders; pin: SHA-256 of its
    certificate, "" the system's roots; proxy: "" none, "system" what the system says, else its address."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    pin: str = ""
    proxy: str = field(default="", repr=False)


class _Body(httpx.SyncByteStream):
    """Bytes that go in pieces, so that 取消 works on a slow line, and can go again where the server first asks who."""

    def __init__(self, data: bytes, cancel: Cancel) -> None:
        self._data, self._cancel = data, cancel

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._data), PIECE):
            self._cancel.check()
            yield self._data[start : start + PIECE]  # of bytes, the whole is no copy


class WebDav:
    """A `DropBox`. One connection is kept open from call to call; use from one thread."""

    def __init__(
        self, account: Account, *, cancel: Cancel | None = None, connect: float = CONNECT, stall: float = STALL
    ) -> None:
        self._account = account
        self._cancel = cancel or Cancel()
        self._auth: httpx.Auth | None = None
        self._made: set[str] = set()
        self.turn = Lock()
        try:
            self._base = httpx.URL(account.url.rstrip("/") + "/")
            proxy = account.proxy if account.proxy not in ("", "system") else None
            self._client = httpx.Client(
                verify=tls.context(account.pin) if self._base.scheme == "https" else False,
                proxy=proxy,
                trust_env=account.proxy == "system",
                follow_redirects=False,
                timeout=httpx.Timeout(stall, connect=connect),
                headers={"User-Agent": AGENT, "Accept-Encoding": "identity", "Accept": "*/*"},
            )
        except (httpx.InvalidURL, ValueError) as trouble:
            raise boxwords.address(f"{trouble}") from trouble

    def close(self) -> None:
        self._client.close()

    # --- what a box can do ---------------------------------------------------------------------------------------

    def hello(self) -> None:
        status, headers, body = self._ask("PROPFIND", self._base, {"Depth": "0"}, _ASKED, most=SAID, doing="连网盘")
        if status == 401 and self._account.user and self._auth is None:
            self._auth = self._way_in(headers.get("www-authenticate", ""))
            status, headers, body = self._ask("PROPFIND", self._base, {"Depth": "0"}, _ASKED, most=SAID, doing="连网盘")
        if status != 207:
            if status == 200:
                raise boxwords.foreign(f"HTTP 200 {headers.get('content-type', '')}")
            raise self._answered(status, headers, "连网盘", ends=True)
        self._responses(body)

    def put(self, place: str, name: str, data: bytes) -> bool:
        refuse_place(place)
        part = self._at(place, name + PART)
        status, headers, _ = self._put(part, data)
        if status in (403, 404, 409) and place not in self._made:
            self._make(place)
            status, headers, _ = self._put(part, data)
        if status not in (200, 201, 204):
            raise self._answered(status, headers, "送文件")
        self._made.add(place)
        how = {"Destination": f"{self._base}{place}/{name}", "Overwrite": "F"}
        status, headers, _ = self._ask("MOVE", part, how, b"", most=SAID, doing="送文件")
        if status in (201, 204):  # 200 is what a page answers that wants somebody to log in
            return True
        if status == 412:
            self._ask("DELETE", part, {}, b"", most=SAID, doing="送文件")
            return False
        raise self._answered(status, headers, "送文件")

    def entries(self, place: str) -> tuple[Entry, ...]:
        refuse_place(place)
        at = self._at(place, "")
        status, headers, body = self._ask("PROPFIND", at, {"Depth": "1"}, _ASKED, most=LISTING, doing="看目录")
        if status == 404:
            return ()
        if status != 207:
            raise self._answered(status, headers, "看目录")
        found = [one for one in map(_entry, self._responses(body)) if one is not None]
        return tuple(sorted(found, key=lambda one: one.name))

    def get(self, place: str, name: str, most: int, sink: Callable[[bytes], object]) -> None:
        refuse_place(place)
        doing = "取文件"
        with self._answer("GET", self._at(place, name), {}, b"", doing=doing) as answer:
            if answer.status_code != 200:
                raise self._answered(answer.status_code, answer.headers, doing)
            if answer.headers.get("content-encoding", "identity").lower() != "identity":
                raise boxwords.foreign("an answer that is packed although nobody asked for it")
            length, came = answer.headers.get("content-length", ""), 0
            if length.isascii() and length.isdigit() and int(length) > most:
                raise boxwords.too_large(f"{length} > {most}")
            for piece in answer.iter_raw(CHUNK):
                self._cancel.check()
                came += len(piece)
                if came > most:
                    raise boxwords.too_large(f"{came} > {most}")
                sink(piece)

    # --- one request ---------------------------------------------------------------------------------------------

    def _put(self, at: httpx.URL, data: bytes) -> tuple[int, httpx.Headers, bytes]:
        how = {"Content-Length": str(len(data)), "Content-Type": "application/octet-stream"}
        with self.turn:
            return self._ask("PUT", at, how, data, most=SAID, doing="送文件")

    def _make(self, place: str) -> None:
        status, headers, _ = self._ask("MKCOL", self._at(place, ""), {}, b"", most=SAID, doing="建文件夹")
        if status not in (200, 201, 405):  # 405: somebody has made it
            raise self._answered(status, headers, "建文件夹")

    def _at(self, place: str, name: str) -> httpx.URL:
        return self._base.copy_with(raw_path=self._base.raw_path + f"{place}/{name}".encode())

    def _ask(
        self, method: str, at: httpx.URL, how: dict[str, str], data: bytes, *, most: int, doing: str
    ) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and as much of the answer as is wanted; what is longer is not read on."""
        with self._answer(method, at, how, data, doing=doing) as answer:
            body = bytearray()
            for piece in answer.iter_raw(CHUNK):
                self._cancel.check()
                body += piece
                if len(body) > most:
                    if method == "PROPFIND":
                        raise boxwords.foreign(f"a listing of more than {most} bytes")
                    break
            return answer.status_code, answer.headers, bytes(body)

    @contextmanager
    def _answer(
        self, method: str, at: httpx.URL, how: dict[str, str], data: bytes, *, doing: str
    ) -> Iterator[httpx.Response]:
        self._cancel.check()
        try:
            body = _Body(data, self._cancel) if len(data) > CHUNK else data
            request = self._client.build_request(method, at, headers=how, content=body)
            answer = self._client.send(request, stream=True, auth=self._auth)
            try:
                yield answer
            finally:
                answer.close()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as trouble:
            raise boxwords.network(trouble, doing=doing) from trouble

    def _way_in(self, challenge: str) -> httpx.Auth:
        user, password = self._account.user, self._account.password
        if "digest" in challenge.lower():
            return httpx.DigestAuth(user, password)
        return httpx.BasicAuth(user, password)

    def _answered(self, status: int, headers: httpx.Headers, doing: str, *, ends: bool = False) -> Exception:
        told = boxwords.answered(
            status,
            doing=doing,
            retry_after=headers.get("retry-after", ""),
            moved=headers.get("location", ""),
        )
        told.ends = told.ends or ends
        return told

    def _responses(self, body: bytes) -> list[etree._Element]:
        """The entries of a 207. BoxError for what is none."""
        if b"<!DOCTYPE" in body[:4096] or b"<!ENTITY" in body:
            raise boxwords.foreign("a listing with a document type")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
        try:
            root = etree.fromstring(body, parser)
        except (etree.XMLSyntaxError, ValueError) as trouble:
            raise boxwords.foreign(f"no listing: {trouble}") from trouble
        if root.tag != f"{_DAV}multistatus":
            raise boxwords.foreign(f"no listing: {root.tag}")
        found: list[etree._Element] = root.findall(f"{_DAV}response")
        return found[: LISTED + 1]


def _entry(response: etree._Element) -> Entry | None:
    href = response.findtext(f"{_DAV}href") or ""
    if href.endswith("/") or response.find(f".//{_DAV}collection") is not None:
        return None
    length = (response.findtext(f".//{_DAV}getcontentlength") or "").strip()
    return entry(unquote(href).rsplit("/", 1)[-1], int(length) if length.isascii() and length.isdigit() else -1)
