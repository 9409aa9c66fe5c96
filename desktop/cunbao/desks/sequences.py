"""第几次报送: which packages of a computer have come, which have not, and which are put down as lost.

Numbers count per computer and life of its workspace (protocol §5). Nobody counts up to what a file says: missing
numbers are runs between those that came, and a line or a receipt names only the first of them.

A package that never came is missed no more once everything signed that it held is here: a later one of the same life
names it (`exchange.manifest.Former`), carries what no receipt has acknowledged, and names by its id what it does not
carry. Such a number is acknowledged like one that came. Where two packages of one number are named, as two copies of a
computer write them, both must have come or be covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING

from cunbao.desks import closed
from cunbao.desks.seat import Seat
from cunbao.desks.township.views import FileResult
from cunbao.store import Told, Workspace

if TYPE_CHECKING:
    from cunbao.exchange import Acknowledgement, Manifest

LOST = "receive/lost"  # setting: {"device/epoch": [[first, last], …]}
TAKEN = tuple(one.name for one in (FileResult.TAKEN, FileResult.GAP, FileResult.REVOKED))
NAMED = 100  # missing numbers that are listed at once; more are when these have come
RUNS = 3  # that a line has room for

Run = tuple[int, int]  # first and last of numbers in a row


def missing_numbers(desk: Seat, device: str, epoch: str, *, upto: int = 0) -> tuple[int, ...]:
    """Numbers of a computer's packages that have not come, up to the largest that has (or `upto`), those put down as
    lost left out; the first `NAMED` of them."""
    return _listed(_missing(desk, device, epoch, upto))


def lost_numbers(desk: Seat, device: str, epoch: str) -> tuple[int, ...]:
    """Numbers put down as lost; the first `NAMED` of them."""
    return _listed(_lost(desk, device, epoch))


def register_lost(desk: Seat, office: str, sha256: str = "") -> tuple[int, ...]:
    """登记遗失: the numbers missing of an office's computers are not waited for any more. Journalled, told in the
    receipt. sha256: only of the computer that wrote this file. Gives the numbers, as far as they are listed."""
    workspace = desk.workspace
    arrival = workspace.arrival(sha256, TAKEN) if sha256 else None
    lives = [(arrival.device, arrival.epoch)] if arrival is not None else list(workspace.lives(office, TAKEN))
    found = {(device, epoch): _missing(desk, device, epoch) for device, epoch in lives}
    with workspace.atomic():
        kept = dict(workspace.setting(LOST, {}))
        for (device, epoch), runs in found.items():
            if runs:
                kept[f"{device}/{epoch}"] = sorted({*_lost(desk, device, epoch), *runs})
        workspace.set_setting(LOST, kept)
        told = [list(run) for some in found.values() for run in some]
        desk.journal("register_lost", office=office, numbers=told)
    return tuple(number for some in found.values() for number in _listed(some))


def acknowledgements(desk: Seat, office: str) -> tuple[Acknowledgement, ...]:
    """What has come of each life of an office's computers. Numbers put down as lost stay missing: what was in them is
    carried by a later package, which is acknowledged by itself. A life that is over and sent nothing but of closed
    periods is not named: for these their digest speaks (`closed`)."""
    from cunbao.exchange import Acknowledgement

    return tuple(
        Acknowledgement(device, epoch, *acknowledged(come(desk.workspace, device, epoch)))
        for device, epoch in _spoken_of(desk.workspace, office)
    )


def _spoken_of(workspace: Workspace, office: str) -> list[tuple[str, str]]:
    lives = workspace.lives(office, TAKEN)
    newest = dict(lives)  # of each computer
    over = [one for one in lives if newest[one[0]] != one[1]]
    shut = set(closed.periods(workspace, office)) if over else set()
    if not shut:
        return list(lives)
    done = {one for one in over if {came.period for came in workspace.packages_of(*one, TAKEN)} <= shut}
    return [one for one in lives if one not in done]


def note_former(workspace: Workspace, manifest: Manifest, sha256: str) -> None:
    """Keep what a verified package (`sha256`: of its file) says of those before it: for its own computer and life
    alone. Inside the transaction that takes it."""
    for one in manifest.earlier:
        workspace.tell(Told(manifest.device, manifest.epoch, one.sequence, one.sha256, one.elsewhere, sha256))


def come(workspace: Workspace, device: str, epoch: str) -> tuple[int, ...]:
    """Numbers of a life's packages of which everything signed is here: they came, or others brought what they held."""
    numbers = set(workspace.numbers(device, epoch, TAKEN))
    told = workspace.told(device, epoch)
    lacking = [one for one in told if one.lacking]
    if lacking:
        came = {one.sha256 for one in workspace.packages_of(device, epoch, TAKEN)}
        held = workspace.held({name for one in lacking for name in one.lacking})
        open_ones = {one.seq for one in lacking if one.sha256 not in came and not held.issuperset(one.lacking)}
    else:
        open_ones = set()
    return tuple(sorted((numbers | {one.seq for one in told}) - open_ones))


def acknowledged(have: Sequence[int]) -> tuple[int, tuple[int, ...]]:
    """(through, missing) of the numbers that came, sorted. Where more are missing than an acknowledgement may leave out
    it ends before them: what it does not name is sent again, and costs room alone."""
    from cunbao.exchange.limits import MISSING

    through, missing = 0, list[int]()
    for number in have:
        if len(missing) + number - through - 1 > MISSING:
            break
        missing += range(through + 1, number)
        through = number
    return through, tuple(missing)


def copied(desk: Seat, office: str) -> bool:
    """电脑可能被复制: one package with two successors (protocol §5). Not where one package knows both: then it is one
    computer, whose stick failed when it wrote the first of them."""
    for device, epoch in desk.workspace.lives(office, TAKEN):
        after: dict[tuple[int, str], list[str]] = {}
        for one in desk.workspace.packages_of(device, epoch, TAKEN):
            after.setdefault((one.seq, one.previous), []).append(one.sha256)
        twice = [set(some) for some in after.values() if len(set(some)) > 1]
        if twice:
            told = desk.workspace.told(device, epoch)
            if not all(_one_writer(some, told) for some in twice):
                return True
    return False


def _one_writer(files: set[str], told: Sequence[Told]) -> bool:
    """Does one computer know all these files? Whoever names a file wrote it, or stands on what he wrote."""
    tellers = {one.sha256: one.teller for one in told}

    def last(name: str) -> str:
        seen = set[str]()
        while name in tellers and name not in seen:
            seen.add(name)
            name = tellers[name]
        return name

    return len({last(name) for name in files}) == 1


def words(numbers: Sequence[int]) -> str:
    """第3号 / 第1、2号 / 第1—9、12号 / 第1、3、5号等."""
    runs = list(_runs(numbers))
    shown = [str(a) if a == b else f"{a}{'、' if b == a + 1 else '—'}{b}" for a, b in runs]
    return f"第{'、'.join(shown[:RUNS])}号" + ("等" if len(runs) > RUNS or len(numbers) >= NAMED else "")


def _missing(desk: Seat, device: str, epoch: str, upto: int = 0) -> tuple[Run, ...]:
    came = [(number, number) for number in (*come(desk.workspace, device, epoch), upto) if number]
    last = max((number for number, _ in came), default=0)
    after, found = 1, []
    for first, end in sorted((*came, *_lost(desk, device, epoch))):
        if after < first <= last:
            found.append((after, first - 1))
        after = max(after, end + 1)
    return tuple(found)


def _lost(desk: Seat, device: str, epoch: str) -> tuple[Run, ...]:
    kept = desk.workspace.setting(LOST, {}).get(f"{device}/{epoch}", ())
    return tuple((first, last) for first, last in kept)


def _listed(runs: Iterable[Run]) -> tuple[int, ...]:
    return tuple(islice((number for first, last in runs for number in range(first, last + 1)), NAMED))


def _runs(numbers: Sequence[int]) -> Iterator[Run]:
    for _, some in groupby(enumerate(numbers), key=lambda one: one[1] - one[0]):
        row = [number for _, number in some]
        yield row[0], row[-1]
