"""A line to a drop box that cuts, hangs, lies and refuses: an HTTP proxy in a thread, which does to each request what
the test says and hands the others on."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

STATUSES = (401, 403, 413, 423, 500, 502, 503, 507)
PORTAL = b"<html><body>Please log in to this network</body></html>"


@dataclass(frozen=True)
class Fault:
    """kind: "status" (number), "redirect", "portal": answered without the server; "refuse": the line breaks before,
    "body": while the request goes, "answer": after the server has done it, "back": while the answer comes; "short",
    "long": the answer's length is a lie; "flip": one byte of the answer is another; "kept_short", "kept_flipped": the
    server is given other bytes than were sent, and says that all is well; "hang": nothing comes for longer than
    anybody waits."""

    kind: str
    number: int = 0


ALL = tuple(
    Fault(kind)
    for kind in (
        *("redirect", "portal", "refuse", "body", "answer", "back", "short", "long", "flip", "kept_short"),
        *("kept_flipped", "hang"),
    )
) + tuple(Fault("status", number) for number in STATUSES)  # fmt: skip


def anywhere(seed: int, share: float, most: int, faults: tuple[Fault, ...] = ALL) -> Callable[[str, str], Fault | None]:
    """Faults at places that the seed chooses: this share of the requests, `most` in all."""
    chance, left = Random(seed), most

    def choose(method: str, path: str) -> Fault | None:
        nonlocal left
        if left and chance.random() < share:
            left -= 1
            return chance.choice(faults)
        return None

    return choose


@dataclass
class Line:
    """url: of the server through this line. choose: asked for each request, in the order of coming; asked: what
    came."""

    url: str
    choose: Callable[[str, str], Fault | None] = lambda method, path: None
    asked: list[tuple[str, str]] = field(default_factory=list)
    met: list[Fault] = field(default_factory=list)


@contextmanager
def a_bad_line(port: int, path: str = "") -> Iterator[Line]:
    """To the server on `port` of this machine. path: of the box on it."""
    turn, over = threading.Lock(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            return

        def handle_one_request(self) -> None:
            with suppress(OSError):  # the other end has gone, or the line was cut by us
                super().handle_one_request()

        def __getattr__(self, name: str) -> Callable[[], None]:
            if not name.startswith("do_"):
                raise AttributeError(name)
            return self._any

        def _any(self) -> None:
            with turn:
                line.asked.append((self.command, self.path))
                fault = line.choose(self.command, self.path)
                if fault is not None:
                    line.met.append(fault)
            self._meet(fault, self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _meet(self, fault: Fault | None, body: bytes) -> None:
            kind = fault.kind if fault is not None else ""
            if fault is not None and kind == "status":
                self._answer(fault.number, {}, b"")
            elif kind == "redirect":
                self._answer(302, {"Location": "http://192.0.2.1/"}, b"")
            elif kind == "portal":
                self._answer(200, {"Content-Type": "text/html"}, PORTAL)
            elif kind == "refuse":
                self._cut()
            elif kind == "hang":
                over.wait(30)
                self._cut()
            elif kind == "body":
                self._half(body)
                self._cut()
            else:
                self._through(kind, body)

        def _through(self, kind: str, body: bytes) -> None:
            if kind == "kept_short":
                body = body[: len(body) // 2]
            if kind == "kept_flipped":
                body = _flipped(body)
            status, headers, answer = self._server(body)
            if kind == "answer":
                self._cut()
            elif kind == "back":
                self._answer(status, headers, answer[: len(answer) // 2], says=len(answer))
                self._cut()
            elif kind == "short":
                self._answer(status, headers, answer[: len(answer) // 2])
            elif kind == "long":
                self._answer(status, headers, answer, says=len(answer) + 1000)
                self._cut()
            else:
                self._answer(status, headers, _flipped(answer) if kind == "flip" else answer)

        def _server(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            skip = ("connection", "content-length")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in skip}
            upstream.request(self.command, _origin(self.path), body or None, headers)
            answer = upstream.getresponse()
            data = answer.read()
            upstream.close()
            kept = {name: value for name, value in answer.getheaders() if name.lower() in ("content-type", "etag")}
            return answer.status, kept, data

        def _half(self, body: bytes) -> None:
            """The server gets the head and half of the body, and then nothing more."""
            with socket.create_connection(("127.0.0.1", port), 30) as upstream:
                head = f"{self.command} {_origin(self.path)} HTTP/1.1\r\nHost: {self.headers['Host']}\r\n"
                head += f"Content-Length: {len(body)}\r\n\r\n"
                upstream.sendall(head.encode() + body[: len(body) // 2])

        def _answer(self, status: int, headers: dict[str, str], body: bytes, *, says: int | None = None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) if says is None else says))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def _cut(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    line = Line(f"http://127.0.0.1:{server.server_address[1]}/{path}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def _origin(path: str) -> str:
    """What is asked of the server itself, where a client asks a proxy for a whole address."""
    return path if path.startswith("/") else "/" + path.split("/", 3)[3]


def _flipped(data: bytes) -> bytes:
    if not data:
        return data
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
