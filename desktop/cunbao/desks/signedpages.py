"""The signed PDFs of a revision, and whose they are: what review, printing and verifying ask alike. Never draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cunbao.desks import ledger
from cunbao.store import StoredRevision, Workspace
from cunbao.survey.form import Form
from cunbao.survey.people import mask
from cunbao.survey.revision import Header
from cunbao.survey.states import Kind
from cunbao.survey.values import Answers

if TYPE_CHECKING:
    from cunbao.trust.batch import Checked


def signed_pdfs(workspace: Workspace, stored: StoredRevision) -> tuple[str, ...]:
    """Hashes of the PDFs over this header, the newest first."""
    found = [name for name in (*reversed(stored.others), stored.pdf) if name]
    return tuple(name for name in found if workspace.object(name).startswith(b"%PDF"))


def masked_words(form: Form, answers: Answers, phone: str) -> dict[str, str]:
    """Identity numbers and phones on the pages of a return → how a screen shows them (decision 17: by an overlay).
    phone: that of the signature box."""
    found = {phone: mask("phone", phone)}
    for repeat in form.repeats:
        for field in (column for column in repeat.fields if column.mask):
            for row in answers.rows.get(repeat.name, ()):
                text = row.values.get(field.name, "")
                found[text] = mask(field.mask, text)
    found.pop("", None)
    return found


def same_data(stored: StoredRevision, contents: Mapping[str, str]) -> bool:
    """Do the attachments of a PDF (name → SHA-256) hold the very header and answers of this revision?"""
    from cunbao.trust.pades import ANSWERS, HEADER

    return (contents.get(HEADER), contents.get(ANSWERS)) == (stored.header, stored.answers)


def vouched(
    judge: ledger.Judge, checked: Checked, stored: StoredRevision, header: Header
) -> tuple[str, tuple[str, ...]]:
    """("", marks) when the PDF's signer is the computer that the header names, for that office, and somebody vouches
    for it: by its own chain, or, signed before its enrolment, by the certificate that the same key got since. Else what
    is wrong, in words."""
    from cunbao.trust.certs import read_certificate
    from cunbao.trust.chain import Standing

    signer = read_certificate(checked.signer)
    proxy = header.kind == Kind.PROXY.code
    office = header.office[:9] + "000" if proxy else header.office
    if (signer.office, signer.device) != (office, header.device):
        return f"报表是{signer.name}的另一台电脑签的，和数据的签名不是同一台", ()
    if checked.standing is Standing.VALID:
        return "", checked.marks
    if signer.self_signed:
        _, chain = judge.chain(signer, (), at=header.signed_at, object_id=stored.id)
        if chain.standing is Standing.VALID:
            return "", chain.marks
        return f"签名还不能判断：{chain.reason}", ()
    return f"签名还不能判断：{checked.reason}", ()
