"""The sample's townships: what each says of itself in T01, this year and last. Invented; drawn as the villages are.

Never a real person's data; no clock, no random. Source: fields.md §11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from hashlib import sha256

from cunbao.survey import sample_figures
from cunbao.survey.form import Form, Kind
from cunbao.survey.task import Task
from cunbao.survey.values import EMPTY, Answers, Office, Ret

FORM = "T01"
NO = {"t01_sw_pilot": "0", "t01_dist_hosp": "0"}
RANGES = {
    "t01_elder_beds": (40, 90),
    "t01_hall_area": (520, 900),
    "t01_sport": (4000, 9000),
    "t01_hosp_area": (2600, 5200),
}
HEAD, STAT_HEAD, FILLER, PHONE = "周样表", "王样例", "李样本", "19900000000"  # whose names stand on its pages


@dataclass(frozen=True, slots=True)
class Draws:
    """The chance of one township; named by form and field, so that adding a field moves no other."""

    office: Office
    seed: int

    def u(self, field: str) -> Fraction:
        """0 ≤ u < 1, exact."""
        words = f"{self.seed}/{self.office.code}/{FORM}/{field}/0/0"
        return Fraction(int.from_bytes(sha256(words.encode()).digest()[:8], "big"), 2**64)

    def whole(self, field: str, low: int, high: int) -> int:
        return low + int(self.u(field) * (high - low + 1))


def answers(
    task: Task, office: Office, year: str, villages: Sequence[Mapping[str, Answers]], seed: int, *, last: bool
) -> Mapping[str, Answers]:
    """What the township types, by form: () for a task that asks it nothing. villages: what its own villages say this
    year, by form; last: a year before, when every number was a little otherwise."""
    form = task.whole.forms.get(FORM)
    if form is None:
        return {}
    draws, day = Draws(office, seed), date(int(year), 12, 15)
    given = {name: str(draws.whole(name, *some)) for name, some in RANGES.items()} | NO
    workers = sum(_workers(one) for one in villages)
    if workers:
        given["t01_train_p"] = str(workers)
    sources = {"OFFICE": Answers({"code": office.code, "kind": office.kind})}
    made = sample_figures.this_year(form, sources, draws, given, day)
    if last:
        made = sample_figures.year_before(form, sources, _moved(form, made, draws), day)
    return {FORM: made}


def ret(reported_on: str) -> Ret:
    """签字栏 of a township of the sample."""
    return Ret(head=HEAD, stat_head=STAT_HEAD, filler=FILLER, phone=PHONE, reported_on=reported_on)


def _workers(village: Mapping[str, Answers]) -> int:
    """社区工作者 of a village: those hired, and the “两委” who work full-time."""
    hired = village.get("B06", EMPTY).values.get("b06_cw_hired", "")
    members = village.get("B03", EMPTY).rows.get("b03_m", ())
    return int(hired) + sum(row.values["b03_m_full"] == "1" for row in members) if hired else 0


def _moved(form: Form, made: Answers, draws: Draws) -> dict[str, str]:
    """Every number times 0.93 to 1.07; what is answered by a code stays."""
    found = dict(made.values)
    for field in form.fields:
        text = found.get(field.name, "")
        if not text or field.kind not in (Kind.INTEGER, Kind.DECIMAL):
            continue
        figure = Fraction(text) * (Fraction(93, 100) + draws.u(f"last_{field.name}") * Fraction(14, 100))
        places = Decimal("0.01") if field.kind is Kind.DECIMAL else Decimal(1)
        found[field.name] = str((Decimal(figure.numerator) / figure.denominator).quantize(places, ROUND_HALF_UP))
    return found
