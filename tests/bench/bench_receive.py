"""Receiving a village's bundle, whole path, against the least that any receiver must do with the same bytes.

The bare loop unwraps the key, decrypts, verifies the package's and the five returns' signatures, hashes every member
and inserts the bytes into a table of its own, same SQLCipher settings, one commit a file (protocol §9).
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.measure import Row, milliseconds
from cunbao.desks import devices, receiving
from cunbao.desks.township.desk import TownshipDesk
from cunbao.exchange.archive import read_zip
from cunbao.exchange.limits import PACKAGE
from cunbao.exchange.manifest import Manifest, ObjectKind
from cunbao.store.arrivals import Arrival
from cunbao.store.driver import connect, make_durable
from cunbao.survey.values import Answers, Office
from cunbao.trust.cms import open_envelope, read_signed
from world.desk import MENGHUN, a_clock, a_town_desk, reopened_town, the_bundle, the_town
from world.exchange import PERIOD, Seat, a_seat, five_returns
from world.task import FIVE
from world.villages import a_village

BUNDLES = 24  # measured on each side
FILLED = (1_000, 10_000)  # bundles held before, for the growth row
OFFICE = "532822103203"  # whose sample answers everybody gives
VILLAGES = tuple(f"532822103{number:03d}" for number in range(300, 300 + BUNDLES))


def rows() -> Iterator[Row]:
    place = Path(tempfile.mkdtemp(prefix="cunbao-bench-"))
    try:
        yield from _rows(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _rows(place: Path) -> Iterator[Row]:
    desk = reopened_town(the_town(MENGHUN), a_clock(2025, 1, 11, 2))
    seats = [a_seat(desk, code, desk.clock(), name=f"样例{code[-3:]}村民委员会") for code in VILLAGES]
    desk.close()
    answers = {form: said for form, said in a_village(OFFICE).signed().items() if form in FIVE}
    pages = _pages()
    make = iter(_bundles(seats, answers, pages, 6 * BUNDLES))
    yield from _against_bare(place, [next(make) for _ in range(BUNDLES)])
    yield _against_excel(place, [next(make) for _ in range(BUNDLES)], answers)
    yield _growth(place, [[next(make) for _ in range(BUNDLES)] for _ in FILLED])


def _bundles(seats: list[Seat], answers: dict[str, Answers], pages: bytes, many: int) -> Iterator[bytes]:
    task = a_village(OFFICE).task
    for number in range(many):
        yield five_returns(seats[number % len(seats)], task, number, answers, pages)


def a_township(place: Path, name: str) -> TownshipDesk:
    """A township with as many villages as there are bundles."""
    desk = a_town_desk(place, clock=a_clock(2025, 12, 16, 1), name=name)
    with desk.workspace.atomic():
        for code in VILLAGES:
            desk.workspace.add_office(Office(code, f"样例{code[-3:]}村民委员会", parent=MENGHUN))
    desk.villages = desk.workspace.offices(MENGHUN)
    return desk


def _pages() -> bytes:
    """The signed pages of a real return of the sample, as many bytes as they have."""
    from cunbao.exchange import read_package

    desk = reopened_town(the_town(MENGHUN), a_clock(2025, 1, 12, 2))
    keys = devices.device(desk.workspace).readers
    package = read_package(the_bundle(OFFICE), keys, [bytes.fromhex(desk.workspace.setting("root", ""))])
    desk.close()
    return package.of_kind(ObjectKind.PDF)[0]


def _against_bare(place: Path, bundles: list[bytes]) -> Iterator[Row]:
    desk = a_township(place, "ours")
    bare = _Bare(place / "bare.db", desk)
    receiving.take(desk, bundles[0], "0.cbsync")
    bare.take(bundles[0])
    ours, base, known = [], [], []
    for number, data in enumerate(bundles[1:], 1):
        ours.append(milliseconds(lambda: receiving.take(desk, data, f"{number}.cbsync")))  # noqa: B023
        base.append(milliseconds(lambda: bare.take(data)))  # noqa: B023
        known.append(milliseconds(lambda: receiving.take(desk, data, f"{number}.cbsync")))  # noqa: B023
    assert all(len(desk.workspace.revisions_of(code, PERIOD)) == 5 for code in VILLAGES)
    desk.close()
    bare.close()
    yield Row("接收：一个报送包（五张签名报表）对裸循环", median(ours), median(base), "ms", 2.5, len(ours))
    yield Row("接收：已有的包对新的包", median(known), median(ours), "ms", 0.2, len(ours))


class _Bare:
    """What cannot be left out, and nothing else."""

    def __init__(self, path: Path, desk: TownshipDesk) -> None:
        self.keys = devices.device(desk.workspace).readers
        self.db = connect(path, desk.workspace.key)
        make_durable(self.db)
        self.db.execute("CREATE TABLE object (sha256 TEXT PRIMARY KEY, size INTEGER, data BLOB)")

    def take(self, data: bytes) -> None:
        signed = read_signed(open_envelope(data, self.keys))
        assert signed.content is not None and signed.computes(hashlib.sha256(signed.content).digest())
        members = read_zip(signed.content, PACKAGE)
        manifest = Manifest.decode(members.pop("manifest.json"))
        members.pop("SHA256SUMS")
        beside = {one.of: members[f"objects/{one.sha256}"] for one in manifest.members if one.kind is ObjectKind.CMS}
        self.db.execute("BEGIN IMMEDIATE")
        for one in manifest.members:
            body = members[f"objects/{one.sha256}"]
            digest = hashlib.sha256(body)
            assert digest.hexdigest() == one.sha256
            if one.kind is ObjectKind.HEADER:
                assert read_signed(beside[one.sha256]).computes(digest.digest())
            self.db.execute("INSERT INTO object VALUES (?,?,?)", (one.sha256, one.size, body))
        self.db.execute("COMMIT")

    def close(self) -> None:
        self.db.close()


def _against_excel(place: Path, bundles: list[bytes], answers: dict[str, Answers]) -> Row:
    """The same returns as one workbook a village, read and joined by pandas with openpyxl."""
    import pandas
    from openpyxl import Workbook

    folder = place / "xlsx"
    folder.mkdir()
    for number in range(len(bundles)):
        book = Workbook()
        for form, given in sorted(answers.items()):
            sheet = book.create_sheet(form)
            sheet.append(["office", *given.values])
            sheet.append([f"{number:012d}", *given.values.values()])
            for repeat, some in given.rows.items():
                columns = list(dict.fromkeys(name for row in some for name in row.values))
                sheet = book.create_sheet(repeat)
                sheet.append(["office", *columns])
                for row in some:
                    sheet.append([f"{number:012d}", *(row.values.get(name) for name in columns)])
        del book["Sheet"]
        book.save(folder / f"{number}.xlsx")

    def joined() -> None:
        found: dict[str, list[pandas.DataFrame]] = {}
        for path in sorted(folder.glob("*.xlsx")):
            for name, frame in pandas.read_excel(path, sheet_name=None, engine="openpyxl", dtype=str).items():
                found.setdefault(str(name), []).append(frame)
        for frames in found.values():
            pandas.concat(frames)

    desk = a_township(place, "excel")
    joined()
    base = milliseconds(joined) / len(bundles)
    ours = [milliseconds(lambda: receiving.take(desk, data, "x.cbsync")) for data in bundles]  # noqa: B023
    desk.close()
    return Row("接收：一个报送包对 pandas 读同样内容的一个 .xlsx", median(ours), base, "ms", 1.0, len(ours))


def _growth(place: Path, bundles: list[list[bytes]]) -> Row:
    """Turn by turn on both desks, so that a busy moment of the machine falls on both."""
    desks = [a_township(place, f"filled-{filled}") for filled in FILLED]
    for desk, filled in zip(desks, FILLED, strict=True):
        _fill(desk, filled)
    costs: list[list[float]] = [[], []]
    for turn in zip(*bundles, strict=True):
        for desk, data, cost in zip(desks, turn, costs, strict=True):
            cost.append(milliseconds(_taking(desk, data)))
    for desk in desks:
        desk.close()
    small, large = (median(cost[1:]) for cost in costs)
    return Row("接收：库里已有一万个包对已有一千个包", large, small, "ms", 1.2, BUNDLES - 1)


def _taking(desk: TownshipDesk, data: bytes) -> Callable[[], object]:
    return lambda: receiving.take(desk, data, "x.cbsync")


def _fill(desk: TownshipDesk, bundles: int) -> None:
    """Bundles of other offices as they lie in the indexes: five revisions, their objects, an arrival each."""
    workspace, now = desk.workspace, desk.clock()
    with workspace.atomic():
        for number in range(bundles):
            office = f"6328221{number:05d}"
            ids = []
            for form in desk.task.forms:
                name = workspace.add_object("header", f"header {number} {form}".encode() * 12)
                body = workspace.add_object("answers", f"answers {number} {form}".encode() * 60)
                cms = workspace.add_object("cms", f"cms {number} {form}".encode() * 60)
                workspace._db.execute(
                    "INSERT INTO revision VALUES (?,?,?,?,'normal',1,1,?,?,?,?,?,NULL,0,NULL,'package',0,0,'e')",
                    (
                        name,
                        office,
                        form,
                        PERIOD,
                        f"device {number}",
                        now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                        name,
                        body,
                        cms,
                    ),
                )
                ids.append(name)
            workspace.add_arrival(
                Arrival(
                    sha256=hashlib.sha256(f"file {number}".encode()).hexdigest(), at=now + timedelta(seconds=number),
                    result="TAKEN", kind="bundle", office=office, period=PERIOD, device=f"device {number}", epoch="e",
                    seq=1, objects=tuple(ids),
                )
            )  # fmt: skip
