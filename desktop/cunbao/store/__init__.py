"""The workspace on the disk: the only room that knows SQL. Everything a desk keeps or finds again goes through it."""

from cunbao.store.arrivals import Arrival, Aside, Heard, Outgoing, Told
from cunbao.store.backup import BACKUPS, Backup, backup, list_backups, read_backup
from cunbao.store.carried import DecisionRecord, EvidenceRecord, PackageRecord
from cunbao.store.drafts import Draft, DraftKey, Earlier, Kept, Undone
from cunbao.store.figures import CountedReturn, CountedRow, Misfit
from cunbao.store.journal import Entry, Sought, Verdict
from cunbao.store.keyfile import read_keys, write_keys
from cunbao.store.lock import LastRun, last_run
from cunbao.store.movedout import MovedOut, Stub
from cunbao.store.outbox import Fetched, FetchedState, Queued, QueuedState
from cunbao.store.people import DeviceRecord, PersonRecord
from cunbao.store.rebuild import Rebuilt
from cunbao.store.rekey import rekey
from cunbao.store.restore import RESTORED, Restored, restore
from cunbao.store.returns import StoredRevision, Voided
from cunbao.store.standings import CertificateRecord
from cunbao.store.timeline import DraftMark
from cunbao.store.trouble import WorkspaceBusy
from cunbao.store.workspace import Workspace

__all__ = [
    "BACKUPS",
    "RESTORED",
    "Arrival",
    "Aside",
    "Backup",
    "CertificateRecord",
    "CountedReturn",
    "CountedRow",
    "DecisionRecord",
    "DeviceRecord",
    "Draft",
    "DraftKey",
    "DraftMark",
    "Earlier",
    "Entry",
    "EvidenceRecord",
    "Fetched",
    "FetchedState",
    "Heard",
    "Kept",
    "LastRun",
    "Misfit",
    "MovedOut",
    "Outgoing",
    "PackageRecord",
    "PersonRecord",
    "Queued",
    "QueuedState",
    "Rebuilt",
    "Restored",
    "Sought",
    "StoredRevision",
    "Stub",
    "Told",
    "Undone",
    "Verdict",
    "Voided",
    "Workspace",
    "WorkspaceBusy",
    "backup",
    "last_run",
    "list_backups",
    "read_backup",
    "read_keys",
    "rekey",
    "restore",
    "write_keys",
]
