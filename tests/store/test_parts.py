"""Parts of indicators in the store: sums that are exact whatever is added, one pass for every level."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

from cunbao.store.parts import Part, roll_up
from cunbao.survey.indicators import NoFigure, OfficeFigure, Tally
from store.folders import a_workspace

PERIOD = "2025"
HERE, THERE, ELSEWHERE = "532822103202", "532822104209", "532823100201"


def a_part(above: str, below: str = "1", *, met: bool | None = None) -> Part:
    return Part(OfficeFigure(Decimal(above), Decimal(below)), met)


def without(why: NoFigure, *lacks: str) -> Part:
    return Part(OfficeFigure(Decimal(0), Decimal(0), why, lacks), None)


def test_what_was_kept_is_read_back_with_why_there_is_no_figure(tmp_path: Path) -> None:
    with_all = {
        "003-04": a_part("604.25", "7.97", met=True),
        "003-03": without(NoFigure.MISSING, "B01.b01_built_area"),
        "003-05": without(NoFigure.MISSING, "B02"),
        "003-02": without(NoFigure.OUT_OF_SCOPE),
        "003-07": Part(OfficeFigure(Decimal(3), Decimal(0), NoFigure.ZERO_BASE), None),
        "003-09": a_part("0.1234567891", "0.3333", met=False),  # finer than a millionth
        "003-10": a_part("1" + "0" * 30),  # more than 64 bits
    }
    ws = a_workspace(tmp_path)
    ws.set_parts(HERE, PERIOD, with_all)
    assert ws.parts_of_office(HERE, PERIOD, with_all) == with_all
    assert ws.parts(PERIOD, "003-07") == {HERE: with_all["003-07"]}
    assert ws.parts(PERIOD, "003-07", under="532823") == {} == ws.parts("2024", "003-07")
    ws.drop_parts(HERE, PERIOD, ("003-04", "003-07"))
    assert set(ws.parts_of_office(HERE, PERIOD, with_all)) == set(with_all) - {"003-04", "003-07"}
    ws.close()


def test_townships_and_county_add_up_exactly_from_one_pass(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    ws = a_workspace(tmp_path)
    kept: dict[str, dict[str, Part]] = {}
    for village in range(60):
        office = f"{chance.choice((HERE, THERE, ELSEWHERE))[:9]}{village + 100}"
        kept[office] = {
            f"003-{number:02}": chance.choice((
                a_part(f"{chance.randrange(10**6)}.{chance.randrange(100):02}", f"{chance.randrange(1, 9999)}.37",
                       met=chance.choice((True, False, None))),
                a_part(f"0.{chance.randrange(10**9):09}", "0.0001"),
                a_part(str(chance.randrange(10**13))),  # a few of these and millionths pass 64 bits
                without(NoFigure.MISSING, "B02"), without(NoFigure.MISSING, "B01.b01_built_area"),
                without(NoFigure.OUT_OF_SCOPE), Part(OfficeFigure(Decimal(7), Decimal(0), NoFigure.ZERO_BASE), None),
            ))
            for number in range(1, 6)
        }  # fmt: skip
        ws.set_parts(office, PERIOD, kept[office])
    numbers = sorted(next(iter(kept.values())))
    found = ws.tallies(PERIOD, numbers)
    for number in numbers:
        for digits in (0, 6, 9):
            by_hand: dict[str, Tally] = {}
            for office, parts in kept.items():
                key, own = office[:digits], parts[number]
                by_hand[key] = by_hand.get(key, Tally()).plus(one_of(own))
            assert roll_up(found[number], digits) == by_hand
    left = next(iter(kept))
    rest = ws.tallies(PERIOD, numbers, without=(left,))["003-01"].get(left[:9], Tally())
    assert rest == found["003-01"][left[:9]].minus(one_of(kept[left]["003-01"]))
    assert set(ws.tallies(PERIOD, numbers, under=HERE[:9])["003-01"]) == {HERE[:9]}
    assert ws.offices_with_parts(PERIOD) == tuple(sorted(kept))
    ws.close()


def one_of(part: Part) -> Tally:
    own = part.figure
    if own.missing is None:
        return Tally(own.numerator, own.denominator, 1, int(part.met is not None), int(part.met is True))
    return {
        NoFigure.MISSING: Tally(unfilled=1) if own.unfilled else Tally(missing=1),
        NoFigure.ZERO_BASE: Tally(zero=1),
        NoFigure.OUT_OF_SCOPE: Tally(outside=1),
    }[own.missing]
