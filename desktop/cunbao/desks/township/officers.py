"""审核员: the people of a township's desk. Each opens it with a password of his own, decides under his own name, and
may certify computers; who filled a 代报 needs another one to accept it.

The desk's keys are one; each of them is locked for every officer (protocol §4).
"""

from __future__ import annotations

from cunbao.desks import people
from cunbao.desks.people import Colleague
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import Person

ROLE = "乡镇审核员"


def officers(desk: TownshipDesk) -> tuple[Colleague, ...]:
    """All who can open this desk, in the order in which they came."""
    return people.people(desk)


def add_officer(desk: TownshipDesk, name: str, password: str, own_password: str) -> None:
    """Let another officer open this desk, decide and certify computers; errors as of `people.add`."""
    people.add(desk, Person(name, ROLE), password, own_password=own_password)


def beside(desk: TownshipDesk) -> tuple[str, ...]:
    """Who may review or agree beside the officer at this desk: the others of it, then the county."""
    others = tuple(one.name for one in officers(desk) if one.name != desk.person.name)
    return (*others, desk.county.name) if desk.county is not None else others
