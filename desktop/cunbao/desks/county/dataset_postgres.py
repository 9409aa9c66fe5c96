"""数据集 kept in PostgreSQL: after each run the tables there are those that an export would write, and only what
changed was sent. All periods of a run in one transaction; whoever computes there needs nothing of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cunbao.desks.county.dataset import asked_of, asked_periods, facts_of, task_files
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.settings import confirm_password
from cunbao.progress import Cancel, Progress, Report, silent

if TYPE_CHECKING:
    from cunbao.store.datasets.postgres import Kept


@dataclass(frozen=True, slots=True)
class KeptDataset:
    """where: "db.county.cn:5432/statistics", without user and password."""

    where: str
    schema: str
    personal: bool
    periods: tuple[Kept, ...]


def keep(
    desk: CountyDesk,
    dsn: str,
    *,
    schema: str = "",
    some: Sequence[str] = (),
    personal: bool = False,
    password: str = "",
    report: Report = silent,
    cancel: Cancel | None = None,
) -> KeptDataset:
    """Bring the schema up to what counts now of these periods (of all, when none is given).

    StoreError "postgres.…" of `store.datasets.server` and `postgres`; DeskError "task.none", "dataset.no_period";
    TrustError "password.wrong". Whatever the error, nothing there has changed. The DSN is kept nowhere."""
    from cunbao.exchange.archive import write_zip
    from cunbao.store.datasets.postgres import SCHEMA, Keeper
    from cunbao.store.datasets.server import connected, told_of

    schema = schema or SCHEMA
    chosen = asked_periods(desk, some)
    if personal:
        confirm_password(desk, password, act="confirm")
    task = write_zip(task_files(desk))
    found = []
    with connected(dsn) as connection:
        keeper = Keeper(connection, schema)
        keeper.prepare()
        for done, period in enumerate(chosen):
            if cancel is not None:
                cancel.check()
            report(Progress(done, len(chosen), period))
            asked = asked_of(desk, period, personal=personal)
            found.append(
                keeper.keep(desk.workspace, asked, desk.office.code[:6], facts_of(desk, period, asked), task)
            )
        connection.commit()
        where = told_of(connection)
    report(Progress(len(chosen), len(chosen), where))
    if not desk.read_only:
        desk.journal(
            "keep_postgres", where=where, schema=schema, personal=personal, touched=sum(one.touched for one in found)
        )
    return KeptDataset(where, schema, personal, tuple(found))
