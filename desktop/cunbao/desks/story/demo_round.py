"""The second half of the sample round: what the townships and the county make of what the villages sent.

Everything that can go otherwise does once: a damaged file, a file for another township, one known already, a number
that never came, an office not yet approved, a return sent back, two computers that answer differently, a late village,
a decision taken back. Each step is told to the report; every act is one that a screen offers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import digest, receiving, start, tasks
from cunbao.desks.county import answers as county_answers
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.story import practice_township as town_practice
from cunbao.desks.township import (
    board,
    chasing,
    deciding,
    forwarding,
    paper_receipts,
    proxying,
    receipt_words,
    receipts,
    registry,
    reviewing,
    settling,
    supplement,
)
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.totals_export import export_xlsx
from cunbao.desks.township.views import ReceiveView
from cunbao.desks.views import ProxyBasis
from cunbao.desks.village import enrolment, otherversions, practice, receiptpage, replies, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.desks.village.practice import CLERK, PASSWORD
from cunbao.survey import sample
from cunbao.survey.decision import Act
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers, Cell, Ret

if TYPE_CHECKING:
    from cunbao.desks.story.demo import Round

STEPS = 6
UNAPPROVED = sample.JINGZHEN  # its first bundle comes before anybody has approved its computer
SENT_BACK = (sample.MANGUO, "B02")
CONTENDED = (sample.MANBANG, "B05")
Says = Callable[[str], None]


@dataclass(slots=True)
class Cast:
    """Everybody in the story. second: 曼蚌村's other computer, once it is there."""

    told: Round
    seat: CountyDesk
    towns: Mapping[str, TownshipDesk]
    villages: Mapping[str, VillageDesk]
    pack: bytes
    second: VillageDesk | None = None

    @property
    def stick(self) -> Path:
        return self.told.folder / "stick"

    def town(self, office: str) -> TownshipDesk:
        return self.towns[office[:9] + "000"]


def first_reading(cast: Cast, says: Says) -> None:
    """16 December: the sticks are read, the first decisions made, the first receipts written and answered."""
    told = cast.told
    told.clock.goes_to(2025, 12, 16, 8, 31)
    says("乡镇接收、审核")
    spoilt = _spoil(cast)
    for code, town in cast.towns.items():
        mine = [desk for office, desk in cast.villages.items() if office[:9] + "000" == code]
        files = [
            path for desk in mine for path in sorted(cast.stick.glob(f"{desk.office.short}-2025年度-第*次.cbsync"))
        ]
        came = [one for desk in mine for one in _came(cast, desk, files)]
        _tell_reading(told, town, receiving.receive(town, [*came, *spoilt.get(code, ())], source="U 盘"))
    first = cast.towns[sample.SAMPLE_TOWNSHIPS[0].code]
    _second_computer_asks(cast, first)
    told.witness("town_read", first)
    _approve_who_waits(cast)
    for town in cast.towns.values():
        _review(cast, town)
    _second_computer_is_approved(cast, first)
    says("写回执，村里改")
    _answer(cast)
    _correct(cast)


def second_reading(cast: Cast, says: Says) -> None:
    """22 December: what was corrected, the conflict, the late village; then totals, chasing, and on to the county."""
    told = cast.told
    says("再接收，定冲突")
    for code, town in cast.towns.items():
        # everything again: what is known is no news, what is new is taken
        mine = [desk for office, desk in cast.villages.items() if office[:9] + "000" == code]
        files = [one for desk in mine for one in told.carries(desk, town, *_bundles(cast, [desk]))]
        _tell_reading(told, town, receiving.receive(town, files, source="U 盘"))
    first = cast.towns[sample.SAMPLE_TOWNSHIPS[0].code]
    told.witness("town_review", first)
    _settle(cast)
    for town in cast.towns.values():
        _accept_all(cast, town)
    _take_back_and_accept_again(cast)
    _fill_for_a_village(cast, first)
    told.witness("town_proxy", first)
    proxying.stop(first)
    told.witness("town_decided", first)
    says("汇总、催报、报县")
    for town in cast.towns.values():
        _papers(cast, town)
        _answer_town(cast, town)
    for town in cast.towns.values():
        _fill_own(cast, town)
    _send_on(cast)
    told.witness("county", cast.seat)


def _came(cast: Cast, desk: VillageDesk, files: Sequence[Path]) -> list[Path]:
    """The files of one village, as they reach its township."""
    own = [path for path in files if path.name.startswith(f"{desk.office.short}-")]
    return cast.told.carries(desk, cast.town(desk.office.code), *own)


def _bundles(cast: Cast, desks: Sequence[VillageDesk]) -> list[Path]:
    """What these villages have put on the stick this year, and has not been lost."""
    return [path for desk in desks for path in cast.told.sent.get(desk.office.code, []) if path.exists()]


# --- received --------------------------------------------------------------------------------------------------------


def _spoil(cast: Cast) -> dict[str, list[Path]]:
    """What goes wrong on sticks: a file cut short, one for another township, one carried twice; a stick was lost."""
    desk = cast.villages.get(sample.MANGUO)
    if desk is not None:  # its first stick never arrives; the second carries everything again
        again = sending.write_bundle(desk, cast.stick, PASSWORD)
        lost = cast.told.sent[sample.MANGUO][0]
        lost.unlink()
        cast.told.sent[sample.MANGUO].append(again.path)
        cast.told.tells("lost_stick", office=sample.MANGUO, file=lost.name)
    first = sample.SAMPLE_TOWNSHIPS[0].code
    mine = _bundles(cast, [one for office, one in cast.villages.items() if office[:9] + "000" == first])
    others = _bundles(cast, [one for office, one in cast.villages.items() if office[:9] + "000" != first])
    spoilt: list[Path] = []
    if whole := [*mine, *others][:1]:
        cut = cast.stick / f"{sample.NEIGHBOURS[0].short}-2025年度-第1次.cbsync"
        cut.write_bytes(whole[0].read_bytes()[: whole[0].stat().st_size // 3])
        spoilt.append(cut)
    spoilt += others[:1]
    for path in mine[:1]:
        copy = cast.stick / f"{path.stem} - 副本.cbsync"
        copy.write_bytes(path.read_bytes())
        spoilt.append(copy)
    return {first: spoilt}


def _tell_reading(told: Round, town: TownshipDesk, seen: ReceiveView) -> None:
    told.tells(
        "receive",
        office=town.office.code,
        taken=seen.taken,
        known=seen.known,
        refused=seen.refused,
        files=[
            {"file": one.file_name, "result": one.label, "read": one.read, "todo": one.todo, "sha256": one.sha256}
            for one in seen.lines
        ],
    )


def _second_computer_asks(cast: Cast, town: TownshipDesk) -> None:
    """曼蚌村 has a second computer, which asks for its certificate with a file of its own."""
    if sample.MANBANG not in cast.villages:
        return
    from cunbao.desks.story.demo import LIGHT, Ids

    told = cast.told
    cast.second = start.begin(
        told.folder / f"village-{sample.MANBANG}-2",
        cast.pack,
        office=sample.MANBANG,
        person=CLERK,
        password=PASSWORD,
        root_code=tasks.pack_view(tasks.read_pack(cast.pack), None).root_code,
        clock=told.clock,
        new_id=Ids(told.seed + 1, sample.MANBANG),
        sample=True,
        stretch=LIGHT,
    )
    told.connects(cast.second)
    asked = enrolment.write_request(cast.second, cast.stick)
    seen = registry.add_request(town, asked.path)
    told.tells("request", office=sample.MANBANG, device=seen.device, file=asked.path.name)


def _second_computer_is_approved(cast: Cast, town: TownshipDesk) -> None:
    from cunbao.desks.devices import device

    if cast.second is None:
        return
    own = device(cast.second.workspace)
    for asked in registry.enrol_view(town).requests:
        if asked.office == sample.MANBANG:
            registry.approve(town, asked.sha256, own.comparison_code, PASSWORD)
            cast.told.tells("approve", office=asked.office, device=asked.device)


def _approve_who_waits(cast: Cast) -> None:
    """The office whose bundle came before its computer was approved: its digits are read out, its returns join."""
    from cunbao.desks.devices import device

    desk = cast.villages.get(UNAPPROVED)
    if desk is None:
        return
    town = cast.town(UNAPPROVED)
    for asked in registry.enrol_view(town).requests:
        if asked.office == UNAPPROVED:
            taken = registry.approve(town, asked.sha256, device(desk.workspace).comparison_code, PASSWORD)
            cast.told.tells("approve", office=UNAPPROVED, device=asked.device, joined=list(taken))


# --- reviewed --------------------------------------------------------------------------------------------------------


def _review(cast: Cast, town: TownshipDesk) -> None:
    """Two returns go back with a comment at a cell; everything clean is accepted at once."""
    for (office, form), place, words in (
        (SENT_BACK, ("b02_f", "b02_f_area"), "验收单上的建筑面积不是这个数，请核对"),
        (CONTENDED, ("b05_p", "b05_p_phone"), "打不通，请换成现在的号码"),
    ):
        if office in cast.villages and cast.town(office) is town:
            _send_back(cast, town, office, form, place, words)
    done = reviewing.accept_clean(town)
    cast.told.tells("accept_clean", office=town.office.code, accepted=[list(one) for one in done.accepted])


def _send_back(cast: Cast, town: TownshipDesk, office: str, form: str, place: tuple[str, str], words: str) -> None:
    repeat, field = place
    if town.workspace.standing(office, form, town.task.period).state is not ReturnState.RECEIVED:
        return
    head = deciding.head_of(town, office, form)
    answers = cast.villages[office].signed_answers(head)
    cell = Cell(field, answers.rows[repeat][0].id)
    reviewing.comment(town, office, form, cell, words)
    made = reviewing.send_back(town, office, form)
    cast.told.tells("send_back", office=office, form=form, cell=[cell.field, cell.row], comment=words, decision=made.id)


def _accept_all(cast: Cast, town: TownshipDesk) -> None:
    """What is left after the clean ones: explained findings that the officer has looked at."""
    done = reviewing.accept_clean(town)
    accepted = [list(one) for one in done.accepted]
    for office, form in reviewing.queue(town):
        seen = reviewing.review(town, office, form)
        if seen.may_accept:
            reviewing.accept(town, office, form)
            accepted.append([office, form])
    cast.told.tells("accept", office=town.office.code, accepted=accepted)


def _take_back_and_accept_again(cast: Cast) -> None:
    """A decision that was a slip is taken back, and made again."""
    office = SENT_BACK[0]
    if office not in cast.villages:
        return
    town = cast.town(office)
    if town.workspace.standing(office, "B01", town.task.period).state is ReturnState.ACCEPTED:
        reviewing.withdraw(town, office, "B01", "想再看一眼户数")
        state = town.workspace.standing(office, "B01", town.task.period).state
        reviewing.accept(town, office, "B01")
        cast.told.tells("withdraw", office=office, form="B01", state=state.value)


def _fill_for_a_village(cast: Cast, town: TownshipDesk) -> None:
    """A village without a computer brought its paper: one form is signed for it, the next is being typed."""
    from cunbao.paper import draw_blank

    office = sample.NEIGHBOURS[2]
    basis = ProxyBasis("村里没有电脑", "盖章纸质表 1 张", "2025-12-20", "村文书", town.person.name, "县民政局")
    filled = proxying.begin(town, office.code, basis)
    paper = cast.told.folder / "paper" / f"{office.code}-B05-纸质原表.pdf"
    paper.write_bytes(draw_blank(town.task, town.task.forms["B05"], office, town.office).pdf)  # nothing to report
    proxying.add_scan(town, office.code, paper)
    zero = Answers({"b05_zero": "1", "b05_zero_reason": "村里正在选人，年底前补上"})
    practice.fill(filled, "B05", zero)
    filled.set_ret(Ret("岩丙", "玉香", town.person.name, "13900000000"))
    practice.explain_all(filled)
    signed = proxying.sign(town, signing.prepare(filled, ["B05"]), PASSWORD)
    practice.fill(filled, "B04", Answers({"b04_zero": "0"}))
    cast.told.tells("proxy", office=office.code, forms=[one.form for one in signed])


def _fill_own(cast: Cast, town: TownshipDesk) -> None:
    """What only the township knows: filled, explained, signed by itself, for the county to decide on."""
    view = town_practice.fill_own(town, seed=cast.told.seed)
    if town is cast.towns[sample.SAMPLE_TOWNSHIPS[0].code]:
        cast.told.witness("town_own_filled", town)
    prepared = signing.prepare(supplement.asked(town))
    signed = supplement.sign(town, prepared, PASSWORD)
    cast.told.tells(
        "own_return",
        office=town.office.code,
        returns={one.form: one.revision for one in signed},
        explained=[one.finding.check for one in view.findings],
    )


# --- answered --------------------------------------------------------------------------------------------------------


def _answer(cast: Cast) -> None:
    for town in cast.towns.values():
        _answer_town(cast, town)


def _answer_town(cast: Cast, town: TownshipDesk) -> None:
    """Receipts for every village that there is something to tell; each village takes its own."""
    ticked = [line.office for line in receipt_words.receipts_view(town).lines if line.ticked]
    for written in receipts.write_receipts(town, cast.stick, ticked):
        cast.told.tells("receipt", office=written.office, file=written.path.name, ok=written.ok)
        desk = cast.villages.get(written.office)
        for one in [desk, cast.second if written.office == sample.MANBANG else None]:
            if one is not None and written.ok:
                (came,) = cast.told.carries(town, one, written.path)
                taken = replies.take_receipt(one, came)
                cast.told.tells("take_receipt", office=written.office, said=taken.words)
                if taken.certificate:  # what was signed before it came is signed again over the same header
                    signing.sign(one, (), PASSWORD)
        if desk is not None and written.office == SENT_BACK[0] and receiptpage.receipt_view(desk).comments:
            cast.told.witness("receipt", desk)


def _correct(cast: Cast) -> None:
    """The villages answer: one changes its cell, one has two computers that change it differently."""
    told = cast.told
    told.clock.goes_to(2025, 12, 17, 9, 10)
    office, form = SENT_BACK
    if office in cast.villages:
        _correct_cells(cast, cast.villages[office], form, "b02_f_area", lambda text: str(float(text) - 2))
    office, form = CONTENDED
    if office in cast.villages and cast.second is not None:
        # both change the cell that was commented, each something else of its own too
        _correct_cells(cast, cast.villages[office], form, "b05_p_phone", lambda text: f"{text[:-4]}8001", more="8003")
        _correct_cells(cast, cast.second, form, "b05_p_phone", lambda text: f"{text[:-4]}9002")


def _correct_cells(
    cast: Cast, desk: VillageDesk, form: str, field: str, change: Callable[[str], str], *, more: str = ""
) -> None:
    """Every commented cell of `form` is changed, checked, signed and sent again. more: the last digits of the next
    person's phone, changed as well."""
    comments = [one for one in receiptpage.receipt_view(desk).comments if one.form == form and one.cell.field == field]
    if not comments:
        return
    receiptpage.begin_changes(desk)
    for one in comments:
        before = desk.instance(form).text(one.cell)
        desk.keep(form, desk.type(form, one.cell, change(before)).edits)
    if more:
        row = desk.instance(form).rows(desk.task.forms[form].field(field).repeat)[1]
        before = desk.instance(form).text(Cell(field, row))
        desk.keep(form, desk.type(form, Cell(field, row), f"{before[: -len(more)]}{more}").edits)
    practice.explain_all(desk)
    signed = signing.sign(desk, signing.prepare(desk), PASSWORD)
    again = sending.write_bundle(desk, _own_place(cast, desk), PASSWORD)
    if desk is not cast.second:
        cast.told.sent[desk.office.code].append(again.path)
    cast.told.tells(
        "correct", office=desk.office.code, forms=[one.form for one in signed], file=again.file_name,
        device=desk.workspace.folder.name,
    )  # fmt: skip


def _own_place(cast: Cast, desk: VillageDesk) -> Path:
    """Two computers of one village would give their files the same name: the second's stick is a folder of its own."""
    if desk is not cast.second:
        return cast.stick
    place = cast.stick / "第二台电脑"
    place.mkdir(exist_ok=True)
    return place


def _settle(cast: Cast) -> None:
    """The two answers are laid side by side; what only one side changed is taken, the rest is chosen; the village signs
    the proposal."""
    office, form = CONTENDED
    if office not in cast.villages or cast.second is None:
        return
    told, town, desk = cast.told, cast.town(office), cast.villages[office]
    own = cast.stick / "第二台电脑"
    if own.exists():
        came = told.carries(cast.second, town, *sorted(own.glob("*.cbsync")))
        _tell_reading(told, town, receiving.receive(town, came, source="U 盘"))
    if town.workspace.standing(office, form, town.task.period).state is not ReturnState.FORK:
        return
    seen = settling.conflict(town, office, form)
    told.tells(
        "conflict", office=office, form=form, heads=[seen.left.revision, seen.right.revision], lines=len(seen.lines)
    )
    told.witness("town_conflict", town)
    theirs = cast.second.newest(form)  # it changed fewer cells: with its answer the result is a mixed one
    side = "left" if theirs is not None and theirs.id == seen.left.revision else "right"
    for line in seen.lines:
        if not line.automatic and not line.chosen:
            settling.choose(town, office, form, line.key, side)
    proposal = settling.propose(town, office, form)
    told.tells("propose", office=office, form=form, proposal=proposal)
    _answer_town(cast, town)
    otherversions.take_other(desk, form, "proposal", proposal)
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk), PASSWORD)
    bundle = sending.write_bundle(desk, cast.stick, PASSWORD)
    _tell_reading(told, town, receiving.receive(town, told.carries(desk, town, bundle.path), source="U 盘"))
    state = town.workspace.standing(office, form, town.task.period).state
    told.tells("settled", office=office, form=form, state=state.value)


# --- totals, chasing, the county -------------------------------------------------------------------------------------


def _papers(cast: Cast, town: TownshipDesk) -> None:
    """The totals as Excel, notices for who still owes, slips for what was decided."""
    place, short = cast.told.folder / "paper", town.office.short
    export_xlsx(town, place / f"{short}-汇总表.xlsx", states=board.state_words(town))
    owing = chasing.chase_view(town)
    if owing.lines:
        drawn = chasing.notices(town, [one.office for one in owing.lines])
        (place / f"{short}-催报通知.pdf").write_bytes(drawn.pdf)
        chasing.export_xlsx(town, place / f"{short}-催报名单.xlsx")
    for office in town.villages:
        if office.code in cast.villages:
            slip = paper_receipts.slip(town, office.code)
            (place / f"{office.code}-回执单.pdf").write_bytes(slip.pdf)
    cast.told.tells("totals", office=town.office.code, owing=[[one.office, one.what] for one in owing.lines])


def _send_on(cast: Cast) -> None:
    """Each township sends on; the county merges the same way, answers, and both show the same."""
    told = cast.told
    for town in cast.towns.values():
        if not forwarding.send_on_view(town).may_send:  # a short story has no villages here
            continue
        sent = forwarding.write_forward(town, cast.stick)
        came = told.carries(town, cast.seat, sent.path)
        _tell_county(told, cast.seat, receiving.receive(cast.seat, came, source="U 盘"))
        for form in supplement.asked(town).task.forms:
            head = cast.seat.workspace.standing(town.office.code, form, town.task.period).head
            county_answers.decide(cast.seat, Act.ACCEPT, head)
            told.tells("county_accepts", office=town.office.code, form=form)
        answer = county_answers.write_answer(cast.seat, town.office.code, cast.stick)
        receiving.receive(town, told.carries(cast.seat, town, answer), source="U 盘")
        told.tells("send_on", office=town.office.code, file=sent.file_name, returns=sent.forms)
    for town in cast.towns.values():
        told.tells("same_at_the_county", office=town.office.code, returns=_compared(town, cast.seat))
        told.tells("state", office=town.office.code, **_digests(town))
    told.tells("state", office=cast.seat.office.code, **_digests(cast.seat))


def _compared(town: TownshipDesk, seat: CountyDesk) -> int:
    """How many returns that count stand at the county exactly as at the township."""
    period = town.task.period
    return sum(
        seat.workspace.standing(office, form, period).counted == stands.counted != ""
        for office, form, stands in town.workspace.standings(period)
    )


def _tell_county(told: Round, seat: CountyDesk, seen: ReceiveView) -> None:
    told.tells(
        "receive",
        office=seat.office.code,
        taken=seen.taken,
        known=seen.known,
        refused=seen.refused,
        files=[{"file": one.file_name, "result": one.label, "read": one.read} for one in seen.lines],
    )


def _digests(desk: TownshipDesk | CountyDesk) -> dict[str, Any]:
    found = digest.state_digest(desk.workspace, desk.task)
    said = digest.without_keys(desk.workspace, desk.task)
    return {
        one.period: {"objects": one.objects, "state": one.state, "without_keys": said[one.period]}
        for one in found.periods
    }
