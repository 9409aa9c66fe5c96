"""The room that a year leaves behind when it was moved out, given back to the disk.

SQLite keeps the pages of what was deleted. The database is written anew without them, proved like a backup, and its
rename over data.db is the one moment at which anything changes; the key stays. Nothing is ever copied in plain, and
not in memory either: a `VACUUM` in place would build the whole copy in the temporary store, which is memory here.
"""

from __future__ import annotations

from cunbao.errors import StoreError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store.base import DATA_FILE
from cunbao.store.compare import figures, proven_figures
from cunbao.store.driver import DatabaseError
from cunbao.store.keyfile import REKEY_PART
from cunbao.store.rekey import flush, remove, swap
from cunbao.store.trouble import looking_only, told
from cunbao.store.workspace import Workspace

DOING = "资料没有变小"


def shrink(ws: Workspace, *, progress: Report = silent, cancel: Cancel | None = None) -> int:
    """Write the workspace's database without its holes; gives the bytes that it is smaller by. Outside a transaction.

    StoreError disk.full, folder.readonly, backup.differs, workspace.busy while another window looks on: then it is as
    large as before, and nothing else has changed."""
    if ws.read_only:
        raise looking_only()
    part = ws.folder / REKEY_PART  # what is left of a run that was cut off goes at the next opening
    with ws._turn:
        before = _size(ws)
        try:
            remove(part)
            progress(Progress(0, 2, "收拾空出来的地方"))
            ws._db.execute("VACUUM INTO ?", (str(part),))
            part.chmod(0o600)
            flush(part)
            if cancel is not None:
                cancel.check()
            progress(Progress(1, 2, "核对"))
            if proven_figures(part, ws.key) != figures(ws._db):
                raise _differs()
            if cancel is not None:
                cancel.check()
            swap(ws, part, ws.key)
        except BaseException as error:
            remove(part)
            if isinstance(error, (DatabaseError, OSError)):
                raise told(error, ws.folder, doing=DOING) from error
            raise
        return max(0, before - _size(ws))


def _size(ws: Workspace) -> int:
    return (ws.folder / DATA_FILE).stat().st_size


def _differs() -> StoreError:
    return StoreError(
        "backup.differs",
        happened="收拾过的资料读回来和原来的不一致",
        safe="用的还是原来的，没有改动",
        todo="请先备份，再打电话给技术支持",
    )
