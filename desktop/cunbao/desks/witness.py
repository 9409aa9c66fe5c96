"""Who outside has seen the journal: a superior returns in its receipt the length and head of the journal that came last
from each computer; whoever gets it keeps it, and `journal --verify` compares (protocol §5).

A head of an earlier life vouches for what the two lives share; that the rest differs is no fault: a restored backup
goes on from an earlier point. A head of this life that stands otherwise here, or is missing, is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cunbao.desks.seat import Seat
from cunbao.desks.sequences import TAKEN
from cunbao.store import RESTORED, Workspace

if TYPE_CHECKING:
    from cunbao.exchange.notes import Witness

HEADS = "journal/heads"  # setting: {epoch: {entry number: hash}}, as superiors have seen them
MOST = 50  # lives of an office's computers that a notice names


@dataclass(frozen=True, slots=True)
class Checked:
    """good: nothing stands otherwise than it was written or seen. first_bad: the first entry that does not hold, None.
    witnessed: the last entry that somebody outside vouches for, 0 none. contradicted: entries that others saw
    otherwise."""

    good: bool
    length: int
    first_bad: int | None
    witnessed: int
    contradicted: tuple[int, ...]

    @property
    def alone(self) -> int:
        """How many entries nobody outside has seen: for these the file alone speaks."""
        return self.length - self.witnessed

    @property
    def words(self) -> tuple[str, ...]:
        """What the check says, a sentence each."""
        if self.first_bad is not None:
            said = [f"第 {self.first_bad} 条起对不上，日志被改过或坏了"]
        elif self.contradicted:
            said = [f"第 {'、'.join(map(str, self.contradicted))} 条和上级见过的不一样，日志被改过或截短过"]
        else:
            said = [f"日志 {self.length} 条，前后相扣，没有被改过的痕迹"]
        said.append(f"上级见过的到第 {self.witnessed} 条" if self.witnessed else "上级还没有见过这份日志")
        if self.alone:
            said.append(f"后面 {self.alone} 条还没有外面的人见过，只凭这份资料")
        return tuple(said)


def seen(desk: Seat, office: str) -> tuple[Witness, ...]:
    """What this desk saw last of the journal of each life of an office's computers: for its next receipt."""
    from cunbao.exchange.notes import Witness

    return tuple(Witness(*one) for one in desk.workspace.journal_heads_of(office, TAKEN)[-MOST:])


def keep(desk: Seat, told: Iterable[Witness]) -> None:
    """Keep what a superior saw of this workspace's journal. What was said first of an entry stays."""
    mine, before = _lives(desk.workspace), heads(desk.workspace)
    found = {epoch: dict(some) for epoch, some in before.items()}
    for one in told:
        if one.epoch in mine and one.length:
            found.setdefault(one.epoch, {}).setdefault(one.length, one.head)
    if found != before:
        said = {epoch: {str(number): head for number, head in some.items()} for epoch, some in found.items()}
        desk.workspace.set_setting(HEADS, said)


def heads(workspace: Workspace) -> Mapping[str, Mapping[int, str]]:
    """epoch → entry → hash, as superiors have seen them."""
    said = workspace.setting(HEADS, {})
    return {epoch: {int(number): head for number, head in some.items()} for epoch, some in said.items()}


def verify(workspace: Workspace) -> Checked:
    """Walk the chain and hold it against every head that came back."""
    seen_here = heads(workspace)
    now = workspace.verify_journal(seen_here.get(workspace.epoch, {}))
    before = [workspace.verify_journal(some).witnessed for epoch, some in seen_here.items() if epoch != workspace.epoch]
    return Checked(
        good=now.good,
        length=now.length,
        first_bad=now.first_bad,
        witnessed=max((now.witnessed, *before)),
        contradicted=now.contradicted,
    )


def _lives(workspace: Workspace) -> frozenset[str]:
    """Every life of this workspace that it knows of."""
    written = {one.epoch for one in workspace.packages()} | {one.epoch for one in workspace.outgoing()}
    lost = (workspace.setting(RESTORED, None) or {}).get("lost_epoch", workspace.epoch)
    return frozenset({workspace.epoch, lost, *written})
