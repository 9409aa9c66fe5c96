"""代报依据 in what is signed: why the township fills, on what paper, who will review. It stands in the header beside
the 说明, so that a page can be drawn again from the header alone; the notes on the page leave it out.

Values only: nothing here opens a workspace. Source: print.md §8, picture 06 of print.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING

from cunbao.desks.views import ProxyBasis
from cunbao.survey.states import Kind
from cunbao.survey.values import Explanation, Office

if TYPE_CHECKING:
    from cunbao.paper import ProxyBasis as BasisOnPaper
    from cunbao.survey.revision import Header

CHECK = Kind.PROXY.value  # 代报: `check` of the explanations that are the basis
NAMES = {
    "reason": "原因",
    "basis": "依据",
    "received_on": "收到日期",
    "received_from": "收到自",
    "filler": "代填人",
    "reviewer": "审核人",
}


def explained(basis: ProxyBasis, form: str) -> tuple[Explanation, ...]:
    """The basis as explanations of a header, keys 代报:原因 …; what is "" is left out."""
    return tuple(
        Explanation(key=f"{CHECK}:{NAMES[one.name]}", check=CHECK, form=form, text=text, cells=(), compared="")
        for one in fields(basis)
        if (text := getattr(basis, one.name))
    )


def said(header: Header) -> ProxyBasis | None:
    """The basis that a header holds, None when it is of no 代报."""
    if header.kind != Kind.PROXY.code:
        return None
    found = {one.key.partition(":")[2]: one.text for one in header.explanations if one.check == CHECK}
    return ProxyBasis(**{name: found.get(word, "") for name, word in NAMES.items()})


def notes(explanations: Iterable[Explanation]) -> tuple[Explanation, ...]:
    """The explanations that are printed and read as 填报说明: all but the basis of a 代报."""
    return tuple(one for one in explanations if one.check != CHECK)


def on_paper(header: Header, township: Office) -> BasisOnPaper | None:
    """The basis as it is printed on the pages of this header, None when it is of no 代报."""
    basis = said(header)
    return None if basis is None else printed(basis, township, role=header.person_role)


def printed(basis: ProxyBasis, township: Office, *, role: str) -> BasisOnPaper:
    from cunbao.paper import ProxyBasis as OnPaper

    return OnPaper(
        unit=township.name,
        filler=basis.filler,
        reason=basis.reason,
        basis=basis.basis,
        role=role,
        received_on=_day(basis.received_on),
        received_from=basis.received_from,
        reviewer=basis.reviewer,
    )


def _day(text: str) -> date | None:
    """A day that somebody else's header may spell in any way is not printed rather than refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
