"""What the county can print: every signed return that it holds, with the verdict on its signature found just now.

A return may be printed when its PDF is unchanged, its signature is vouched for, and the data inside are those that the
county holds; what fails is shown, locked, with the reason. Whether its page says what its data say is asked of what is
printed, just before (`pagecheck`). A return that nobody has accepted is printable too, and its
paper says 未审定. Decides nothing about returns. Source: ui/design.md county-08, print.md §8, protocol §4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from cunbao.desks import ledger
from cunbao.desks.county import pagecheck
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.pagetext import page_count
from cunbao.desks.signedpages import signed_pdfs
from cunbao.errors import CunbaoError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import StoredRevision
from cunbao.survey.revision import Header
from cunbao.survey.standing import Standing
from cunbao.survey.states import Kind
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.trust.batch import Checked, Roots

NOT_DECIDED = "未审定"  # print.md §8: a word across a copy, never on signed bytes
REPLACED = "已更正"
_TOLD = 5  # files between two words of progress


class Sign(StrEnum):
    """签名核对: what was found of a return's signature."""

    GOOD = "有效"
    OLD = "有效，旧证书"  # signed before its certificate was revoked, and still honoured
    BAD = "有问题"


class Which(StrEnum):
    """Which returns are listed."""

    ACCEPTED = "通过的"
    WAITING = "还没通过的"
    ALL = "全部"


@dataclass(frozen=True, slots=True)
class Printable:
    """One signed version of a return. pdf: hash of its signed pages, "" none; reason: why it is locked, "" when it is
    not; accepted: it counts; replaced: a 更正 stands in front of it; signed_at: UTC; pages: 0 when it is locked."""

    revision: str
    pdf: str
    office: Office
    township: Office
    form: str
    title: str
    version: int
    kind: str
    signer: str
    signed_at: datetime
    sign: Sign
    reason: str
    pages: int
    accepted: bool
    replaced: bool = False

    @property
    def may_print(self) -> bool:
        return self.sign is not Sign.BAD

    @property
    def watermark(self) -> str:
        """The word across each page of the copy, "" none."""
        if self.replaced:
            return REPLACED
        return "" if self.accepted else NOT_DECIDED


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that could be printed, checked at `at`. trust: by what signers were judged; when it changes, so may this."""

    lines: tuple[Printable, ...]
    trust: str
    at: datetime

    def chosen(self, revisions: Sequence[str]) -> tuple[Printable, ...]:
        wanted = set(revisions)
        return tuple(one for one in self.lines if one.revision in wanted)


@dataclass(frozen=True, slots=True)
class Narrow:
    """What of the shelf is shown; "" and None everything. words: a village's name or its initials."""

    township: str = ""
    form: str = ""
    which: Which = Which.ACCEPTED
    sign: Sign | None = None
    words: str = ""


def narrowed(shelf: Shelf, by: Narrow) -> tuple[Printable, ...]:
    """The lines that fit, in their order."""
    return tuple(
        one
        for one in shelf.lines
        if (not by.township or one.township.code == by.township)
        and (not by.form or one.form == by.form)
        and _listed(one, by.which)
        and (by.sign is None or one.sign is by.sign)
        and (not by.words or by.words.strip() in one.office.name or by.words.strip() == one.office.code)
    )


def _listed(one: Printable, which: Which) -> bool:
    if which is Which.ALL:
        return True
    return (one.accepted or one.replaced) == (which is Which.ACCEPTED)


def pages_of(desk: CountyDesk, line: Printable) -> tuple[bytes, dict[str, str]]:
    """The signed pages as a screen shows them: their bytes, and what of them it covers. b"" where there are none."""
    from cunbao.desks.signedpages import masked_words
    from cunbao.survey.revision import read_answers

    stored = desk.workspace.revision(line.revision)
    if stored is None or not line.pdf:
        return b"", {}
    form = desk.task.forms[line.form]
    header = ledger.header_of(desk.workspace.object(stored.header))
    answers = read_answers(form, desk.workspace.object(stored.answers))
    return desk.workspace.object(line.pdf), masked_words(form, answers, header.ret.phone)


# --- the shelf -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One version that could be printed, before anything of it was read."""

    stored: StoredRevision
    accepted: bool
    replaced: bool


def shelf(desk: CountyDesk, progress: Report = silent, cancel: Cancel | None = None) -> Shelf:
    """Every return of the period, its signature checked now, by township, village and form. DeskError "task.none".

    What takes long is divided among the processors; `cancel` is looked at between files."""
    from cunbao.trust.batch import check_many

    judge = ledger.judge_of(desk.workspace)
    trust = roots_of(judge)
    wanted = tuple(_wanted(desk))
    pdfs = [signed_pdfs(desk.workspace, one.stored) for one in wanted]
    names = [name for some in pdfs for name in some]
    total = len(names)
    found: dict[str, Checked] = {}
    verdicts = check_many((desk.workspace.object(name) for name in names), trust, count=total)
    for number, (name, verdict) in enumerate(zip(names, verdicts, strict=True)):
        if cancel is not None:
            cancel.check()
        if number % _TOLD == 0:
            progress(Progress(number, total, "核对签名"))
        found[name] = verdict
    progress(Progress(total, total, "核对签名"))
    lines = (
        _line(desk, judge, one, [(name, found[name]) for name in some]) for one, some in zip(wanted, pdfs, strict=True)
    )
    return Shelf(tuple(lines), trust_of(desk, trust), desk.clock())


def roots_of(judge: ledger.Judge) -> Roots:
    from cunbao.trust.batch import Roots

    return Roots(judge.roots, judge.authorities, judge.revocations)


def trust_of(desk: CountyDesk, trust: Roots) -> str:
    """Digest of all by which signers are judged."""
    revoked = sorted(f"{one.key}:{','.join(sorted(one.honoured))}" for one in trust.revocations)
    held = [sha256(der).hexdigest() for der in (*trust.roots, *trust.authorities)]
    issued = [one.id for one in desk.workspace.certificates()]
    return sha256("\n".join([*held, *issued, *revoked]).encode()).hexdigest()


def _wanted(desk: CountyDesk) -> Iterator[_Wanted]:
    order = {form: number for number, form in enumerate(desk.task.forms)}
    standings = sorted(
        (one for one in desk.workspace.standings(desk.task.period) if one[1] in order),
        key=lambda one: (one[0], order[one[1]]),
    )
    for office, form, stands in standings:
        found = list(versions(desk, stands))
        if not found:  # nothing that came may speak for the office: it is shown, and why
            newest = desk.workspace.newest(office, form, desk.task.period)
            found = [(newest.id, False, False)] if newest is not None else []
        for revision, accepted, replaced in found:
            stored = desk.workspace.revision(revision)
            if stored is not None:
                yield _Wanted(stored, accepted, replaced)


def versions(desk: CountyDesk, stands: Standing) -> Iterator[tuple[str, bool, bool]]:
    """(revision, accepted, replaced): what counts, behind a 更正 the version that it replaced, then what nobody has
    accepted yet."""
    if stands.counted:
        yield stands.counted, True, False
        stored = desk.workspace.revision(stands.counted)
        if stored is not None and stored.kind == Kind.CORRECTION.code:
            yield from ((parent, False, True) for parent in stored.parents[:1] if parent in stands.accepted)
    yield from ((head, False, False) for head in stands.heads if head != stands.counted)


def _line(desk: CountyDesk, judge: ledger.Judge, one: _Wanted, found: Sequence[tuple[str, Checked]]) -> Printable:
    stored = one.stored
    header = ledger.header_of(desk.workspace.object(stored.header))
    each = [(name, *judged(judge, stored, header, checked)) for name, checked in found]
    # a bad PDF never displaces a good one over the same header
    name, sign, reason = next((some for some in each if some[1] is not Sign.BAD), each[0] if each else _NO_PDF)
    pages = 0
    if sign is not Sign.BAD and (wrong := pagecheck.remembered(desk, stored, name)):
        sign, reason = Sign.BAD, wrong
    if sign is not Sign.BAD:
        try:
            pages = page_count(desk.workspace.object(name))
        except CunbaoError as trouble:
            sign, reason = Sign.BAD, trouble.happened
    office, township = offices_of(desk, stored.office)
    return Printable(
        revision=stored.id,
        pdf=name,
        office=office,
        township=township,
        form=stored.form,
        title=desk.task.screens[stored.form].nav,
        version=stored.version,
        kind=stored.kind,
        signer=header.person_name,
        signed_at=header.signed_at,
        sign=sign,
        reason=reason,
        pages=pages,
        accepted=one.accepted,
        replaced=one.replaced,
    )


_NO_PDF = ("", Sign.BAD, "没有收到签名的报表，只收到数据")


def judged(judge: ledger.Judge, stored: StoredRevision, header: Header, checked: Checked) -> tuple[Sign, str]:
    """What is said of one PDF, and why it is locked."""
    from cunbao.desks.signedpages import same_data, vouched

    if not checked.unchanged or not checked.signer:
        return Sign.BAD, checked.reason
    if not same_data(stored, checked.contents):
        return Sign.BAD, "报表里夹带的数据，和县里存的不是同一份"
    fault, marks = vouched(judge, checked, stored, header)
    if fault:
        return Sign.BAD, fault
    return (Sign.OLD if any("吊销" in mark for mark in marks) else Sign.GOOD), ""


def offices_of(desk: CountyDesk, code: str) -> tuple[Office, Office]:
    """The office of a return and its township; a township's own return is in its own."""
    office = desk.workspace.office(code)
    township = desk.workspace.office(code[:9] + "000")
    assert office is not None and township is not None  # the directory came before any return of theirs
    return office, township
