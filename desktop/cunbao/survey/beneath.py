"""What the villages of one township say together: V.B07.b07_kinder of an indicator's expression (fields.md §10).

A sum over villages is known only when every one of them has said its part: a return that does not count yet, or a
field with nothing in it, makes the sum unknown, never smaller. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cunbao.survey.form import Form, Kind
from cunbao.survey.values import Answers
from cunbao.survey.xpath_functions import EXACT
from cunbao.survey.xpath_values import number

At = tuple[str, str]  # form and field: ("B07", "b07_kinder")
TOWN = 9  # digits of a code that a township shares with its villages
MARK = "V:"  # before what villages lack: "V:B07" a return, "V:B07.b07_kinder" a figure


@dataclass(frozen=True, slots=True)
class Beneath:
    """offices: codes of the villages that report, and of any other with a return that counts; said: field → code → its
    figure, None where nothing is filled in. A village that is not there has no such return."""

    offices: frozenset[str] = frozenset()
    said: Mapping[At, Mapping[str, Decimal | None]] = field(default_factory=dict)

    def total(self, form: str, name: str) -> Decimal | None:
        """The exact sum over all villages; None while one is missing."""
        told = self.said.get((form, name), {})
        found = Decimal(0)
        for code in self.offices | told.keys():
            value = told.get(code)
            if value is None:
                return None
            found = EXACT.add(found, value)
        return found

    def lacks(self, form: str, name: str) -> str:
        """What keeps the sum unknown: a return before a figure; "" nothing."""
        told = self.said.get((form, name), {})
        if not self.offices <= told.keys():
            return f"{MARK}{form}"
        return f"{MARK}{form}.{name}" if None in told.values() else ""

    @property
    def silent(self) -> bool:
        """Has no village said anything of what is asked?"""
        return not any(self.said.values())


def beneath(asked: Collection[At], offices: Iterable[str], answers: Mapping[str, Mapping[str, Answers]]) -> Beneath:
    """From finished answers: village → form → what it signed."""
    said = {
        (form, name): {code: figure_of(own[form].values.get(name, "")) for code, own in answers.items() if form in own}
        for form, name in asked
    }
    return Beneath(frozenset(offices), said)


def figure_of(words: str) -> Decimal | None:
    """A field's text as a figure; None when it is none."""
    found = number(words) if words else None
    return None if found is None or found.is_nan() else found


def is_figure(forms: Mapping[str, Form], form: str, name: str) -> bool:
    """Can it be added up: a number field of a form, outside its rosters?"""
    asked = next((one for one in forms[form].fields if one.name == name), None) if form in forms else None
    return asked is not None and asked.kind in (Kind.INTEGER, Kind.DECIMAL)
