"""Which columns of a form tell who somebody is: what a dataset leaves out unless it is asked for with a password.

Fields that are masked on screen, wherever they stand; in a roster of people also every free text (name, day of birth,
number of a certificate …), since there a text can name a person. Codes, numbers and days of work stay. Pure.
"""

from __future__ import annotations

from cunbao.survey.form import Form, Kind
from cunbao.survey.totals_table import of_people


def personal(form: Form) -> frozenset[str]:
    """The names of those fields."""
    masked = {one.name for one in form.by_name.values() if one.mask}
    for repeat in form.repeats:
        if of_people(repeat):
            masked |= {one.name for one in repeat.fields if one.kind is Kind.TEXT and one.list is None}
    return frozenset(masked)
