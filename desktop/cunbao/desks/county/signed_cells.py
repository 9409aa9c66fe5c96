"""看签名的格: from an office's figure to the cells of the signed returns behind it, their pages, and who signed them.

Of a township that sums up its villages, those are the villages' own cells.
"""

from __future__ import annotations

from dataclasses import dataclass

from cunbao.desks import ledger
from cunbao.desks.clock import LOCAL
from cunbao.desks.county import indicators
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import Cell, OfficeRow, SignedPages
from cunbao.desks.signedpages import masked_words, signed_pdfs
from cunbao.errors import DeskError
from cunbao.store import StoredRevision
from cunbao.survey.decision import Act
from cunbao.survey.formulas import reads, summed
from cunbao.survey.revision import read_answers


def cells(desk: CountyDesk, number: str, row: OfficeRow) -> tuple[Cell, ...]:
    """The cells of the office's signed returns that the indicator reads, in the order of its expressions; those of its
    villages where it sums them up."""
    task, one = desk.task, indicators.find(desk.task, number)
    papers = {paper: stored for paper, name in row.revisions.items() if (stored := desk.workspace.revision(name))}
    found = []
    for form, name in reads(task, one):
        if form in papers:
            found += _cell(desk, papers[form], name, "")
    for form, name in summed(task, one):
        for paper, stored in papers.items():
            if stored.form == form and stored.office != row.office:
                found += _cell(desk, stored, name, paper.removesuffix(f" {form}"))
    return tuple(found)


def _cell(desk: CountyDesk, stored: StoredRevision, name: str, village: str) -> list[Cell]:
    """One field of a signed return; none of a roster."""
    form = desk.task.forms[stored.form]
    field = form.by_name.get(name)
    if field is None or field.repeat:
        return []
    said = read_answers(form, desk.workspace.object(stored.answers)).values.get(name, "")
    shown = field.list.label(said) or said if field.list is not None else said
    return [Cell(stored.form, name, field.label, shown, field.unit, village)]


def signed_pages(desk: CountyDesk, revision: str) -> SignedPages:
    """The signed PDF of a revision, the very bytes. DeskError "pages.none" when only data came."""
    stored = desk.workspace.revision(revision)
    pdfs = signed_pdfs(desk.workspace, stored) if stored is not None else ()
    if stored is None or not pdfs:
        raise DeskError(
            "pages.none",
            happened="这份报表只收到数据，没有签名的 PDF",
            safe="数据和签名都在，这个数照样算",
            todo="要看报表，请乡镇让村里重新导出再报",
        )
    form = desk.task.forms[stored.form]
    answers = read_answers(form, desk.workspace.object(stored.answers))
    phone = ledger.header_of(desk.workspace.object(stored.header)).ret.phone
    return SignedPages(stored.form, desk.workspace.object(pdfs[0]), masked_words(form, answers, phone))


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed and who accepted, in words: 岩香，12-13 11:20 签，第 1 版；勐宋乡 12-15 通过."""

    revision: str
    form: str
    line: str


def signatures(desk: CountyDesk, row: OfficeRow) -> tuple[Signed, ...]:
    """The signatures behind an office's figure, a line a return."""
    found = []
    for form, name in row.revisions.items():
        stored = desk.workspace.revision(name)
        if stored is not None:
            found.append(Signed(name, form, _signed_line(desk, stored)))
    return tuple(found)


def _signed_line(desk: CountyDesk, stored: StoredRevision) -> str:
    header = ledger.header_of(desk.workspace.object(stored.header))
    at = header.signed_at.astimezone(LOCAL)
    said = f"{header.person_name}，{at:%m-%d %H:%M} 签，第 {stored.version} 版"
    accepted = [
        one
        for one in desk.workspace.decisions_of(stored.office, stored.period)
        if one.revision == stored.id and one.act == Act.ACCEPT.value
    ]
    if not accepted:
        return f"{said}；还没有审核"
    by = desk.workspace.office(accepted[-1].office)
    return f"{said}；{by.short if by else accepted[-1].by} {accepted[-1].at.astimezone(LOCAL):%m-%d} 通过"
