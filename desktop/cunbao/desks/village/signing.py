"""签名: what is shown is what is signed. One password signs every ticked return, each by itself.

A return is prepared (frozen, drawn) when the screen opens; the bytes shown are the bytes that get signed. Signing one:
header → CMS → PDF with header, answers and CMS inside → PAdES, then all objects in one transaction (design §5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from cunbao import TOOL
from cunbao.desks import decisions, ownkeys, proxybasis, restored
from cunbao.desks.clock import LOCAL
from cunbao.desks.devices import Device
from cunbao.desks.views import SignedLine, SignedReturn, SignLine, SignView
from cunbao.desks.village import checking, lineage
from cunbao.desks.village.desk import VillageDesk, source_names
from cunbao.errors import DeskError
from cunbao.paper import Draft, Drawn, ReturnSheet, Signed, draw_blank, draw_return
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import StoredRevision
from cunbao.survey import codes
from cunbao.survey.decision import MOST_N
from cunbao.survey.people import mask
from cunbao.survey.revision import Header, Revision, freeze
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Answers, Cell, Explanation, Ret

if TYPE_CHECKING:
    from cunbao.trust.keys import Signer

STALE = timedelta(minutes=30)  # a prepared return older than this is prepared again, so its time stays true
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Prepared:
    """One return ready to be signed: the revision and the very pages that the clerk sees."""

    form: str
    revision: Revision
    answers: Answers
    drawn: Drawn
    code: str


def zero_report(desk: VillageDesk, form: str) -> bool:
    """Did the village say that there is nothing to report?"""
    asked = desk.task.forms[form]
    zero = f"{form.lower()}_zero"
    return zero in asked.by_name and desk.instance(form).text(Cell(zero)) == "1"


def kind_of(desk: VillageDesk, form: str) -> Kind:
    """What the next revision will be: 补报 once the period is closed; 更正 of what was accepted or has left unasked.
    What was sent back or taken back is answered, and two versions are joined, by a normal return or a 零报告. What the
    township fills is a 代报 whatever it follows."""
    if desk.proxy is not None:
        return Kind.PROXY
    if lineage.period_closed(desk):
        return Kind.LATE
    parents = desk.parents(form)
    stands = desk.workspace.standing(desk.office.code, form, desk.task.period)
    asked_for = len(parents) > 1 or all(
        one.id in stands.returned or decisions.taken_back(desk.workspace, one) is not None for one in parents
    )
    if parents and (stands.counted or not asked_for):
        return Kind.CORRECTION
    return Kind.ZERO if zero_report(desk, form) else Kind.NORMAL


def next_version(desk: VillageDesk, form: str) -> int:
    return 1 + max((one.version for one in desk.parents(form)), default=0)


def sign_view(desk: VillageDesk, prepared: Sequence[Prepared]) -> SignView:
    """village-09: every return in 待签名, ticked; the others with the reason why not."""
    by_form = {one.form: one for one in prepared}
    lines = []
    for form, asked in desk.task.forms.items():
        state = desk.state(form)
        ready = form in by_form
        lines.append(
            SignLine(
                form=form,
                title=desk.task.screens[form].nav,
                pages=by_form[form].drawn.pages if ready else 0,
                ticked=ready,
                why_not="" if ready else why_not_signable(desk, form, state, asked.title),
            )
        )
    written = sum(len(checking.explanations_that_hold(desk, one.form)) for one in prepared)
    own = ownkeys.signs_by(desk)
    return SignView(
        state=ReturnState.TO_SIGN if prepared else min((desk.state(f) for f in desk.task.forms), key=lambda s: s.step),
        line=f"检查通过，{written} 条说明都写好了" if written else "检查通过" if prepared else "没有待签名的报表",
        lines=tuple(lines),
        pages=sum(one.drawn.pages for one in prepared),
        facts=headline_facts(desk),
        person=desk.person,
        certificate=own.line,
        ret=desk.ret(),
    )


def covered(desk: VillageDesk, prepared: Sequence[Prepared]) -> dict[str, str]:
    """Identity numbers and phones on the pages → how a screen shows them (decision 17: masked by an overlay)."""
    found: dict[str, str] = {}
    for one in prepared:
        phone = one.revision.header.ret.phone
        found[phone] = mask("phone", phone)
        for repeat in desk.task.forms[one.form].repeats:
            for field in (column for column in repeat.fields if column.mask):
                for row in one.answers.rows.get(repeat.name, ()):
                    text = row.values.get(field.name, "")
                    found[text] = mask(field.mask, text)
    found.pop("", None)
    return found


def why_not_signable(desk: VillageDesk, form: str, state: ReturnState, title: str) -> str:
    if state is ReturnState.NOT_STARTED:
        return "还没有填"
    if not state.editable:
        return state.value
    if state is ReturnState.RETURNED:
        return f"{desk.above}退回，还没有改"
    if state is ReturnState.PROBLEM:
        return "还有必须改正的问题"
    if desk.checked(form) is None:
        return "填完后还没有检查"
    if state is ReturnState.TO_SIGN and ownkeys.why_not(desk, form):
        return ownkeys.why_not(desk, form)
    return f"还有 {desk.unexplained(form)} 条说明没写"


def headline_facts(desk: VillageDesk) -> tuple[tuple[str, str], ...]:
    """The figures by which a head of office recognises his village (task.toml, sign facts)."""
    facts = []
    for form, name, label in desk.task.sign_facts:
        instance = desk.instance(form)
        one = desk.task.forms[form].field(name)
        shown = instance.shown(Cell(name))
        if shown:
            facts.append((label or one.label, f"{shown} {one.unit}".strip()))
    return tuple(facts)


def prepare(desk: VillageDesk, forms: Sequence[str] | None = None, *, ret: Ret | None = None) -> tuple[Prepared, ...]:
    """Freeze and draw every return in 待签名 (or those of `forms`), as of now. Changes nothing on the disk."""
    done: list[Prepared] = []
    for form in desk.task.forms:
        mine = forms is None and ownkeys.why_not(desk, form)  # asked for by name, it is `sign` that refuses
        if (forms is None or form in forms) and not mine and desk.state(form) is ReturnState.TO_SIGN:
            done.append(_prepare_one(desk, form, ret or desk.ret(), done))
    return tuple(done)


def _prepare_one(desk: VillageDesk, form: str, ret: Ret, before: Sequence[Prepared]) -> Prepared:
    """before: those that will be signed first with the same password; this one may rest on them."""
    now = desk.clock().replace(microsecond=0)
    own = ownkeys.signs_by(desk)
    asked = desk.task.forms[form]
    answers = desk.instance(form).answers(signed=True)
    parents = desk.parents(form)
    explanations = explanations_signed(desk, form)
    header = Header(
        n=min(desk.workspace.next_n(desk.office.code, desk.task.period) + len(before), MOST_N),
        seen=desk.workspace.decision_heads(desk.office.code, desk.task.period),
        task=desk.task.id,
        task_version=desk.task.version,
        form=form,
        form_version=asked.version,
        office=desk.office.code,
        period=desk.task.period,
        kind=kind_of(desk, form).code,
        version=next_version(desk, form),
        parents=tuple(one.id for one in parents),
        uses=uses(desk, form, {one.form: one.revision.id for one in before}),
        device=own.id,
        person_name=desk.person.name,
        person_role=desk.person.role,
        ret=ret,
        signed_at=now,
        today=desk.today,
        explanations=explanations,
        tool=TOOL,
    )
    revision = freeze(asked, answers, header)
    return Prepared(
        form=form,
        revision=revision,
        answers=answers,
        drawn=draw_return(signed_sheet(desk, revision.header, revision.id, answers, own)),
        code=codes.verification_code(revision.id),
    )


def explanations_signed(desk: VillageDesk, form: str) -> tuple[Explanation, ...]:
    """What is signed and printed as 填报说明: the explanations that hold, and answers to the township's comments; of a
    代报 also on what it rests."""
    found = (*checking.explanations_that_hold(desk, form), *lineage.answers_to_comments(desk, form))
    if desk.proxy is not None:
        found = (*found, *proxybasis.explained(desk.proxy, form))
    return tuple(sorted(found, key=lambda one: one.key))


def signed_sheet(desk: VillageDesk, header: Header, revision: str, answers: Answers, own: Device) -> ReturnSheet:
    """What stands on the pages of a signed return; all of it comes from its header and answers, and the certificate of
    who signed it. own: this computer's, whose certificate it is unless another one signed."""
    number, enrolled = (own.certificate_no, own.enrolled) if header.device == own.id else _signer_of(desk, revision)
    proxy = proxybasis.on_paper(header, desk.directory.township)
    return ReturnSheet(
        task=desk.task,
        form=desk.task.forms[header.form],
        office=desk.office,
        township=desk.directory.township,
        county=desk.directory.county,
        answers=answers,
        last=desk.last(header.form),
        ret=header.ret,
        explanations=proxybasis.notes(header.explanations),
        kind=header.kind,
        version=header.version,
        replaces=replaced(desk, header.parents),
        proxy=proxy,
        stage=Signed(
            signer=header.person_name,
            role=header.person_role,
            unit=desk.office.name if proxy is None else proxy.unit,
            certificate_no=number,
            signed_at=header.signed_at.astimezone(LOCAL),
            code=codes.verification_code(revision),
            qr=codes.qr_text("R", (header.office, header.form, header.period, str(header.version)), revision),
            before_enrolment=not enrolled,
            named=ownkeys.named(desk.task, header),
        ),
    )


def _signer_of(desk: VillageDesk, revision: str) -> tuple[str, bool]:
    """Number of the certificate by which a version from elsewhere was signed, and whether somebody had issued it."""
    from cunbao.trust.cms import read_signed

    held = desk.workspace.revision(revision)
    assert held is not None  # its pages are asked for
    certificates = [
        read_signed(data).signer
        for data in map(desk.workspace.object, (held.cms, *held.others))
        if not data.startswith(b"%PDF")
    ]
    signer = next((one for one in certificates if not one.self_signed), certificates[0])
    return signer.number, not signer.self_signed


def replaced(desk: VillageDesk, parents: Sequence[str]) -> Answers | None:
    """The answers that a 更正 takes the place of, so that the page shows what changed; None for a first version."""
    before = desk.workspace.revision(parents[0]) if parents else None
    return None if before is None else desk.signed_answers(before)


def uses(desk: VillageDesk, form: str, coming: Mapping[str, str] = NOTHING) -> tuple[tuple[str, str], ...]:
    """(what, id) of everything the return was filled against: sibling revisions, the last period (protocol §6).

    coming: form → id of siblings that are about to be signed and take the place of those held."""
    found = []
    for sibling in sorted(source_names(desk.task)[form]):
        newest = desk.newest(sibling)
        held = coming.get(sibling) or (newest.id if newest is not None else "")
        if held:
            found.append((sibling, held))
    before = desk.workspace.counted(desk.office.code, form, desk.task.previous_period)
    if before is not None:
        found.append(("last", before.id))
    return tuple(found)


def draft_pdf(desk: VillageDesk, form: str) -> Drawn:
    """The pages of a draft: watermark 草稿, no code, no QR (打印预览)."""
    found = [one for one in checking.findings(desk) if one.form == form]
    instance = desk.instance(form)
    mark = desk.workspace.draft_mark(desk.key(form))
    return draw_return(
        ReturnSheet(
            task=desk.task,
            form=desk.task.forms[form],
            office=desk.office,
            township=desk.directory.township,
            county=desk.directory.county,
            answers=instance.answers(signed=True),
            last=desk.last(form),
            ret=desk.ret(),
            explanations=checking.explanations_that_hold(desk, form),
            kind=kind_of(desk, form).code,
            version=next_version(desk, form),
            replaces=replaced(desk, [one.id for one in desk.parents(form)]),
            proxy=proxybasis.printed(desk.proxy, desk.directory.township, role=desk.person.role)
            if desk.proxy is not None
            else None,
            stage=Draft(
                printed_at=desk.clock().astimezone(LOCAL),
                edited_at=mark.changed_at.astimezone(LOCAL) if mark.changed_at else None,
                must_fix=sum(one.severity.name == "MUST_FIX" for one in found),
                to_explain=sum(one.severity.name == "EXPLAIN" for one in found),
            ),
        )
    )


def signed_returns(desk: VillageDesk) -> tuple[SignedReturn, ...]:
    """What has been signed this period, in the order of the forms."""
    from cunbao.desks.village import retracting

    found = []
    for form in desk.task.forms:
        newest = desk.newest(form)
        if newest is not None:
            found.append(
                SignedReturn(
                    form=form,
                    title=desk.task.screens[form].nav,
                    state=desk.state(form),
                    version=newest.version,
                    signed_at=newest.signed_at,
                    code=codes.verification_code(newest.id),
                    scans=len(desk.workspace.evidence(newest.id)),
                    may_take_back=not desk.workspace.why_not_retract(newest.id),
                    may_retract=not retracting.why_not(desk, form),
                    note=retracting.note(desk, form),
                )
            )
    return tuple(found)


def original(desk: VillageDesk, form: str, *, how: str = "pdf") -> bytes:
    """The 正本 of the newest signed return, to be written to a file or printed (how: "pdf", "print"). Journalled, and
    from now on its signature cannot be taken back (protocol §5)."""
    newest = desk.newest(form)
    if newest is None:
        raise DeskError(
            "original.unsigned",
            happened=f"{desk.task.forms[form].title}还没有签名",
            safe="填的内容都在",
            todo="先签名，再打印正本",
        )
    with desk.workspace.atomic():
        desk.workspace.mark_left(newest.id, how)
        desk.journal("original", form=form, how=how)
    return desk.signed_pdf(newest)


def blank(desk: VillageDesk, form: str) -> Drawn:
    """A 空白表 to fill by hand."""
    return draw_blank(desk.task, desk.task.forms[form], desk.office, desk.directory.township)


def reading_copy(desk: VillageDesk, form: str) -> Drawn:
    """A 参阅件 of the newest signed return: masked, unsigned, its QR naming the original (decision 17)."""
    newest = desk.newest(form)
    if newest is None:
        raise DeskError(
            "copy.unsigned",
            happened=f"{desk.task.forms[form].title}还没有签名",
            safe="填的内容都在",
            todo="要看样子，用“打印预览”；要参阅件，先签名",
        )
    header = Header.decode(desk.workspace.object(newest.header))
    signed = desk.signed_answers(newest)
    return draw_return(signed_sheet(desk, header, newest.id, signed, ownkeys.signs_by(desk)), masked=True)


def sign(
    desk: VillageDesk,
    prepared: Sequence[Prepared],
    password: str,
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> tuple[SignedLine, ...]:
    """Sign each prepared return by itself, one transaction each.

    TrustError "password.wrong"; DeskError "sign.filler" where another must sign, "sign.restored" before the newest
    receipt was read, "sign.clock" when the clock went back, "sign.incomplete" when boxes of the 签字栏 are empty,
    "sign.stale" when a draft changed since it was prepared. A failure in the middle names, in `safe`, the returns that
    are already signed."""
    from cunbao.desks.village import enrolment

    restored.refuse_unasked(desk.workspace)
    refuse_if_clock_is_wrong(desk)
    refuse_if_boxes_are_empty(prepared)
    for one in prepared:
        lineage.refuse_other_heads(desk, one.form)
    refuse_if_sources_stay_behind(desk, prepared)
    ownkeys.refuse_filler(desk, tuple(one.form for one in prepared))
    signer = ownkeys.unlock(desk, password)
    enrolment.sign_again(desk, signer)
    done: list[SignedLine] = []
    for one in prepared:
        if cancel is not None:
            cancel.check()
        progress(Progress(len(done), len(prepared), f"签 {one.form}"))
        why_stale = _why_stale(desk, one)
        if why_stale:
            raise DeskError(
                "sign.stale",
                happened=f"{one.form} {why_stale}",
                safe=already_signed(done),
                todo="请重新看一遍预览再签",
            )
        done.append(_sign_one(desk, one, signer))
    if prepared:
        desk.set_ret(prepared[0].revision.header.ret)
    progress(Progress(len(done), len(prepared), "签好了"))
    return tuple(done)


def _why_stale(desk: VillageDesk, one: Prepared) -> str:
    """Why what was shown is no longer what would be signed; "" when it still is."""
    header, form = one.revision.header, one.form
    if desk.state(form) is not ReturnState.TO_SIGN or desk.instance(form).answers(signed=True) != one.answers:
        return "在预览之后又改过"
    if explanations_signed(desk, form) != header.explanations:
        return "的情况说明在预览之后又改过"
    if uses(desk, form) != header.uses or tuple(parent.id for parent in desk.parents(form)) != header.parents:
        return "依据的报表在预览之后又签过"
    return "预览放了太久，上面的签名时间不准了" if desk.clock() - header.signed_at > STALE else ""


def refuse_if_sources_stay_behind(desk: VillageDesk, prepared: Sequence[Prepared]) -> None:
    """A return that names another one as its source is not signed without it."""
    there = {one.revision.id for one in prepared}
    for one in prepared:
        for source, name in one.revision.header.uses:
            if name not in there and desk.workspace.revision(name) is None:
                raise DeskError(
                    "sign.source",
                    happened=f"{one.form} 里有数取自 {source}，{source} 没有一起签",
                    safe="一张也没有签，填的内容都在",
                    todo=f"请把 {source} 也勾上，或者先签 {source}，再签 {one.form}",
                )


def already_signed(done: Sequence[SignedLine]) -> str:
    return (
        f"已经签好的 {'、'.join(one.form for one in done)} 有效，其余没有签" if done else "一张也没有签，填的内容都在"
    )


def refuse_if_clock_is_wrong(desk: VillageDesk) -> None:
    trouble = desk.workspace.clock_trouble(desk.clock())
    if trouble is not None:
        raise DeskError(
            "sign.clock", happened=trouble.happened, safe="内容没有变，可以看，先不要签名", todo=trouble.todo
        ) from trouble


def refuse_if_boxes_are_empty(prepared: Sequence[Prepared]) -> None:
    """K-118: 填表人、统计负责人、单位负责人、联系电话 are all written. On a 代报 the village signs by hand instead."""
    for one in prepared:
        if one.revision.header.kind == Kind.PROXY.code:
            continue
        ret = one.revision.header.ret
        boxes = {"单位负责人": ret.head, "统计负责人": ret.stat_head, "填表人": ret.filler, "联系电话": ret.phone}
        missing = "、".join(name for name, text in boxes.items() if not text.strip())
        if missing:
            raise DeskError(
                "sign.incomplete",
                happened=f"报表签字栏缺：{missing}",
                safe="一张也没有签，填的内容都在",
                todo="请在右边写上，再签名",
            )


def _sign_one(desk: VillageDesk, one: Prepared, signer: Signer) -> SignedLine:
    from cunbao.trust.cms import sign_detached
    from cunbao.trust.pades import sign_pdf

    header = one.revision.header
    cms = sign_detached(one.revision.header_bytes, signer, when=header.signed_at)
    pdf = sign_pdf(
        one.drawn.pdf,
        signer,
        when=header.signed_at,
        attachments={
            "header.json": one.revision.header_bytes,
            "answers.xml": one.revision.answers_bytes,
            "header.cms": cms,
        },
        box=one.drawn.box,
        page=one.drawn.box_page,
    )
    workspace = desk.workspace
    with workspace.atomic():
        stored = StoredRevision(
            id=one.revision.id,
            office=header.office,
            form=header.form,
            period=header.period,
            kind=header.kind,
            version=header.version,
            n=header.n,
            parents=header.parents,
            device=header.device,
            signed_at=header.signed_at,
            header=workspace.add_object("header", one.revision.header_bytes),
            answers=workspace.add_object("answers", one.revision.answers_bytes),
            cms=workspace.add_object("cms", cms),
            pdf=workspace.add_object("pdf", pdf),
        )
        workspace.add_revision(stored)
        lineage.signed(desk, header.form, stored.id)
        desk.keep_papers(stored.id)
        desk.journal("sign", form=header.form, revision=stored.id, version=header.version)
    return SignedLine(form=one.form, revision=stored.id, code=one.code, pdf=pdf, pages=one.drawn.pages)


def unsign(desk: VillageDesk, form: str) -> None:
    """Take a signature back while no package, PDF file or original print has carried it; leaves a 作废 record.

    DeskError "unsign.left" when it has left: a later change is a 更正."""
    newest = desk.newest(form)
    title = desk.task.forms[form].title
    why_not = "还没有签过名" if newest is None else desk.workspace.why_not_retract(newest.id)
    if newest is None or why_not:
        raise DeskError(
            "unsign.left",
            happened=f"{title}的签名不能撤回：{why_not}",
            safe="签过名的内容没有改动",
            todo="要改，请点“更正”，另做一版再签名报送",
        )
    with desk.workspace.atomic():
        desk.workspace.retract(
            newest.id, code=codes.verification_code(newest.id), who=desk.person.name, now=desk.clock()
        )
        lineage.taken_back(desk, form, newest)
        desk.journal("unsign", form=form, revision=newest.id)


def begin_correction(desk: VillageDesk, form: str) -> None:
    """Open a 更正 of a return that has left: the draft goes on from the signed values, the old revision stands."""
    newest = desk.newest(form)
    state = desk.state(form)
    if newest is None or (state.editable and state is not ReturnState.RETURNED):
        raise DeskError(
            "correction.nothing",
            happened=f"{desk.task.forms[form].title}还没有签过名，不用更正",
            safe="填的内容没有动",
            todo="直接改就可以",
        )
    if not desk.workspace.why_not_retract(newest.id):
        unsign(desk, form)
        return
    lineage.refuse_other_heads(desk, form)
    lineage.begin_again(desk, form)
