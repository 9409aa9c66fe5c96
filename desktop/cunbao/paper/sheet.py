"""What goes onto paper: a return with the stage it is in. Values only; nothing here draws.

The texts of verification code and QR come in finished (survey/codes.py); paper never signs and never asks a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cunbao.survey.form import Form
from cunbao.survey.states import Kind
from cunbao.survey.task import Paper, Task
from cunbao.survey.values import Answers, Explanation, Office, Ret


@dataclass(frozen=True, slots=True)
class Draft:
    """草稿: printed to be checked by hand. Local times; must_fix, to_explain: findings that stand."""

    printed_at: datetime
    edited_at: datetime | None
    must_fix: int
    to_explain: int


@dataclass(frozen=True, slots=True)
class Signed:
    """What the signature box says. signed_at: local time with zone; code: 验证码; qr: the whole line of the QR code;
    certificate_no: as printed, groups of 4; before_enrolment: signed before the certificate was approved; named: the
    certificate is this person's own, else his name is what the office says."""

    signer: str
    role: str
    unit: str
    certificate_no: str
    signed_at: datetime
    code: str
    qr: str
    before_enrolment: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class ProxyBasis:
    """代报依据. unit: who fills, 勐混镇人民政府; filler, role: its person; basis: what it was filled from, 盖章纸质表
    2 张; reason: why; received_on, received_from: when and from whom the basis came; reviewer: who will review, not the
    filler; on: day of filling, None = of signing. What is "" or None is not printed."""

    unit: str
    filler: str
    reason: str
    basis: str
    role: str = ""
    received_on: date | None = None
    received_from: str = ""
    reviewer: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class ReturnSheet:
    """One return as it is to be printed. answers: calculated values included; kind: code of states.Kind.

    township: the office above, of a township's own return the county. last: the period before, None = none is known.
    replaces: answers of the version that a 更正 takes the place of, so that changed cells show the old value. proxy: of
    a 代报, whose stage then names the office that filled it.
    """

    task: Task
    form: Form
    office: Office
    township: Office
    county: Office
    answers: Answers
    last: Answers | None
    ret: Ret
    explanations: Sequence[Explanation]
    stage: Draft | Signed
    kind: str = "normal"
    version: int = 1
    replaces: Answers | None = None
    proxy: ProxyBasis | None = None

    @property
    def paper(self) -> Paper:
        return self.task.papers[self.form.id]

    @property
    def kind_word(self) -> str:
        """正常, 零报告, 更正, 补报 or 代报."""
        return Kind[self.kind.upper()].value

    @property
    def title(self) -> str:
        return self.paper.title or self.form.title

    @property
    def full_name(self) -> str:
        """勐海县勐混镇曼蚌村民委员会."""
        between = "" if self.township.code == self.county.code else self.township.short
        return f"{self.county.short}{between}{self.office.name}"

    @property
    def when(self) -> datetime:
        """The document's date: of signing, or of printing a draft."""
        return self.stage.signed_at if isinstance(self.stage, Signed) else self.stage.printed_at


@dataclass(frozen=True, slots=True)
class Drawn:
    """Finished pages. box_page: page of the signature box from 0; box: (x1, y1, x2, y2) in PDF points, where the PAdES
    field goes without an appearance of its own; all 0 on a blank form."""

    pdf: bytes
    pages: int
    box_page: int
    box: tuple[float, float, float, float]
