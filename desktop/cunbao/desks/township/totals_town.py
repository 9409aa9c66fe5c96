"""The township's own numbers behind its 汇总表: the word of each return, and what has come and is not accepted yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from cunbao.desks.township import board, proofing
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.totals import totals_forms
from cunbao.errors import DeskError
from cunbao.survey.revision import read_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers


@dataclass(frozen=True, slots=True)
class SignedPages:
    """看报表: the signed pages behind a number. line: whether the signature holds; covered: personal data on them →
    how a screen shows it."""

    title: str
    line: str
    pdf: bytes = field(repr=False)
    covered: dict[str, str] = field(repr=False)


def words(desk: TownshipDesk) -> dict[tuple[str, str], str]:
    """(office, form) → the word of its return, as on the board."""
    return {key: state.value for key, state in board.states(desk).items()}


def received(desk: TownshipDesk) -> dict[tuple[str, str], Answers]:
    """(office, form) → answers of the one head that waits for review (连已接收的一起看)."""
    workspace, forms = desk.workspace, {name for name, _ in totals_forms(desk.task)}
    found = {}
    for office, form, stands in workspace.standings(desk.task.period, [one.code for one in desk.villages]):
        if form in forms and stands.state is ReturnState.RECEIVED and stands.head:
            held = workspace.revision(stands.head)
            if held is not None:
                found[office, form] = read_answers(desk.task.forms[form], workspace.object(held.answers))
    return found


def signed_pages(desk: TownshipDesk, revision: str) -> SignedPages:
    """The village's signed PDF of a revision, as it came. DeskError "pages.none" when no PDF came with it."""
    stored = desk.workspace.revision(revision)
    one = proofing.opened(desk, stored) if stored is not None else None
    pdf, check = proofing.proof(desk, one) if one is not None else (b"", proofing.NO_PDF)
    if one is None or not pdf:
        raise DeskError(
            "pages.none",
            happened="这份报表只收到数据，没有签名的 PDF",
            safe="数据和签名都在，这个数照样算",
            todo="要看报表，请退回给村里，让村里重新导出",
        )
    office = desk.village(one.stored.office).short
    return SignedPages(f"{office} {one.form} 第 {one.stored.version} 版", check.line, pdf, proofing.covered(desk, one))
