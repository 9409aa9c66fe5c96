"""Another window of this program on the same workspace, met through its local socket: it comes to the front and takes
the files that a second start was given. Which socket that is stands in the workspace's `lock`.

One line asks, {"open": [absolute paths]}; `HERE` answers. Only this user can reach the socket.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 500
ANSWER_MS = 3000
HERE = b"here\n"
MOST = 1 << 16  # bytes of a line


def come_forward(name: str, files: Sequence[Path] = ()) -> bool:
    """Ask the window that listens on `name` to come to the front and to take `files`; False when none answers."""
    if not name:
        return False
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(WAIT_MS):
        return False
    socket.write(json.dumps({"open": [str(path.absolute()) for path in files]}).encode() + b"\n")
    while not socket.canReadLine() and socket.waitForReadyRead(ANSWER_MS):
        pass
    answered = bytes(socket.readLine(MOST).data()) == HERE
    socket.disconnectFromServer()
    return answered


class Listener(QObject):
    """The other end. asked(list of Path): somebody wants this window, with files or without."""

    asked = Signal(list)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._called)

    def listen(self, name: str) -> bool:
        """Answer to this name from now on, to no other."""
        self._server.close()
        return self._server.listen(name)

    def _called(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnected.connect(caller.deleteLater)
            caller.readyRead.connect(lambda one=caller: self._read(one))
            self._read(caller)

    def _read(self, caller: QLocalSocket) -> None:
        if not caller.canReadLine():
            if caller.bytesAvailable() > MOST:
                caller.abort()
            return
        try:
            said = json.loads(bytes(caller.readLine(MOST).data()))
            files = [Path(str(name)) for name in said["open"]]
        except (ValueError, TypeError, KeyError):
            caller.abort()
            return
        caller.write(HERE)
        caller.flush()
        self.asked.emit(files)
