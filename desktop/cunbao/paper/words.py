"""What stands in a cell: labels for codes, decimals in two places, — for what does not apply, masks on copies.

Source: print.md §5, fields.md §0.1 (6), decision 21 (masks have 8 stars).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from cunbao.survey.form import Field, Form, Kind
from cunbao.survey.people import mask
from cunbao.survey.relevance import alone
from cunbao.survey.values import Answers, Cell

NOT_APPLICABLE = "—"
MINUS = "\u2212"
PLACES = 2  # of areas and percentages


def words(field: Field, text: str, *, masked: bool) -> str:
    """The raw text of an answer as it is printed; a text that is no number or code of its list stays as typed."""
    if not text:
        return ""
    if field.kind is Kind.SELECT_MULTIPLE and field.list is not None:
        return "、".join(field.list.label(code) or code for code in text.split())
    if field.list is not None:
        return field.list.label(text) or text
    if field.mask and masked:
        return mask(field.mask, text)
    if not is_number(field):
        return text
    kept = 0 if field.kind is Kind.INTEGER else PLACES if field.places is None else field.places
    return number(text, kept)


def is_number(field: Field) -> bool:
    """Does it stand in a column of figures? Calculated codes with a list do not."""
    return field.kind in (Kind.INTEGER, Kind.DECIMAL) and field.list is None


def number(text: str, places: int) -> str:
    """At least `places` decimals, the minus as U+2212. What is no number, or has more decimals, stays as typed."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or value != (kept := value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)):
        return text.replace("-", MINUS)
    return f"{kept:f}".replace("-", MINUS)


def total(field: Field, texts: Iterable[str]) -> str:
    """合计 of a column: the sum of what is a number, 0 without rows, — when it applies to no row."""
    given = tuple(texts)
    if given and not any(given):
        return NOT_APPLICABLE
    found = Decimal(0)
    for text in given:
        try:
            value = Decimal(text) if text else Decimal(0)
        except InvalidOperation:
            continue
        found += value if value.is_finite() else 0
    return words(field, f"{found:f}", masked=False)


def answer(field: Field, text: str, *, masked: bool, skipped: bool) -> str:
    """The words of one cell: — where it does not apply or could not be computed, nothing where it is left empty."""
    if text:
        return words(field, text, masked=masked)
    return NOT_APPLICABLE if skipped or field.calculated or field.readonly else ""


def skipped_cells(form: Form, answers: Answers, last: Answers | None, today: date) -> frozenset[Cell]:
    """The empty cells that are not asked (relevant is false), found from the answers of the return alone.

    What was carried over from other forms stands in the answers too, so those forms are not needed: the same signed
    answers give the same page on every computer. today: what today() is in the form's expressions.
    """
    asked = {bind.name for bind in form.binds.values() if bind.relevant}
    empty = [Cell(one.name) for one in form.fields if one.name in asked and not answers.values.get(one.name)]
    for repeat in form.repeats:
        names = [one.name for one in repeat.fields if one.name in asked]
        for row in answers.rows.get(repeat.name, ()):
            empty += (Cell(name, row.id) for name in names if not row.values.get(name))
    if not empty:
        return frozenset()
    instance = alone(form, answers, last=last, today=today)
    return frozenset(cell for cell in empty if not instance.relevant(cell))


def label(field: Field) -> str:
    """常住户数（户）; the unit stands in the head, never in the cell."""
    return f"{field.label}（{field.unit}）" if field.unit else field.label


def printed(field: Field) -> bool:
    """Every field but internal helpers and notes (decision 21)."""
    return not field.hidden and field.kind is not Kind.NOTE
