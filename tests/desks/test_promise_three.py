"""Promise 3: any order, any repetition, any split gives the same state.

Generated histories run against a living township: villages with two computers each, forks, old backups, cloned disks,
clocks that lie, bundles that are lost, doubled, late or partial, receipts that cross them, decisions, withdrawals,
choices, revocations and late approvals. What the township then holds is given to fresh workspaces in other orders.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cunbao.desks import ledger, receiving, sequences, taking
from cunbao.desks.county import answers as county_answers
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.digest import StateDigest, state_digest
from cunbao.desks.packing import decision_group, members_of
from cunbao.desks.township import certified, deciding, receipts, registry, reviewing
from cunbao.desks.township.desk import TownshipDesk
from cunbao.errors import CunbaoError
from cunbao.exchange.content import CarriedDecision, Content
from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.standing import Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from cunbao.trust.certs import read_certificate
from cunbao.trust.cms import sign_detached
from world.desk import PASSWORD, a_clock, a_county_desk
from world.exchange import FORM, PERIOD, Computer, a_seated_town_desk, the_seats

EXAMPLES, STEPS = 20, 40


class AnyHistory(RuleBasedStateMachine):
    """One township and its villages' computers; every rule is something that happens in an office."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="cunbao-history-"))
        self.town: TownshipDesk = a_seated_town_desk(self.place, clock=a_clock(2025, 12, 16, 1))
        self.county: CountyDesk | None = None
        self.roots = ledger.judge_of(self.town.workspace).roots
        self.computers: list[Computer] = []
        self.backups: list[Computer] = []
        self.on_the_way: list[bytes] = []
        self.delivered: list[bytes] = []
        self.lives = 0

    @initialize()
    def computers_are_switched_on(self) -> None:
        for number, seat in enumerate(the_seats()):
            self.computers.append(Computer(seat, self.town.task, f"life-{number}", self.town.clock()))
        for computer in self.computers[:4]:  # one version of each village is there, its second computer's on the way
            computer.signs(f"没有灾害信息员{computer.epoch}")
            self.on_the_way.append(computer.sends())
        for first in (self.on_the_way[0], self.on_the_way[2]):
            self.arrives(first)
        self.on_the_way = [self.on_the_way[1], self.on_the_way[3]]

    def teardown(self) -> None:
        try:
            self.others_show_the_same()
            self.no_gap_is_hidden_and_none_is_invented()
        finally:
            self.town.close()
            if self.county is not None:
                self.county.close()
            shutil.rmtree(self.place, ignore_errors=True)

    # --- at the villages ---------------------------------------------------------------------------------------------

    @rule(
        which=st.integers(0, 4),
        answer=st.sampled_from("甲乙丙"),
        days=st.sampled_from([0, 0, 0, -300, 40, 2000]),
        sends=st.sampled_from(["whole", "whole", "part", "later"]),
    )
    def somebody_signs(self, which: int, answer: str, days: int, sends: str) -> None:
        computer = self.computers[which]
        name = computer.signs(f"没有灾害信息员{answer}", skew=timedelta(days=days))
        if sends != "later":
            self.on_the_way.append(computer.sends([name] if sends == "part" else None))

    @rule(which=st.integers(0, 4), part=st.booleans())
    def somebody_writes_a_bundle(self, which: int, part: bool) -> None:
        computer = self.computers[which]
        names = list(computer.signatures)
        self.on_the_way.append(computer.sends(names[-1:] if part else names))

    @rule(which=st.integers(0, 4), data=st.data(), sends=st.booleans())
    def somebody_takes_back_what_was_sent(self, which: int, data: st.DataObject, sends: bool) -> None:
        """撤回报送 of any version that the computer knows, whatever the township has said of it meanwhile."""
        computer = self.computers[which]
        if computer.revisions:
            computer.takes_back(data.draw(st.sampled_from(sorted(computer.revisions))))
            if sends:
                self.on_the_way.append(computer.sends([]))

    @rule(which=st.integers(0, 4))
    def somebody_makes_a_backup(self, which: int) -> None:
        self.backups.append(self.computers[which].copied())

    @rule(data=st.data(), cloned=st.booleans())
    def an_old_backup_lives_again(self, data: st.DataObject, cloned: bool) -> None:
        if self.backups:
            old = data.draw(st.sampled_from(self.backups))
            self.lives += 1
            which = next(n for n, one in enumerate(self.computers) if one.seat.device == old.seat.device)
            self.computers[which] = old.copied("" if cloned else f"restored-{self.lives}")

    # --- on the road -------------------------------------------------------------------------------------------------

    @rule(data=st.data(), again=st.booleans())
    def a_bundle_arrives(self, data: st.DataObject, again: bool) -> None:
        if self.on_the_way:
            bundle = data.draw(st.sampled_from(self.on_the_way))
            if not again:
                self.on_the_way.remove(bundle)
            self.arrives(bundle)

    @rule()
    def everything_on_the_way_arrives(self) -> None:
        while self.on_the_way:
            self.arrives(self.on_the_way.pop())

    def arrives(self, bundle: bytes) -> None:
        receiving.take(self.town, bundle, "x.cbsync")
        self.delivered.append(bundle)

    @rule(which=st.integers(0, 3))
    def a_receipt_reaches_a_computer(self, which: int) -> None:
        computer = self.computers[which]
        what = receipts.parcel(self.town, self.town.village(computer.seat.office))
        if computer.seat.reader in what.readers:  # a revoked computer is told nothing more
            for written in receipts.write_receipt(self.town, self.place, what):
                computer.takes((self.place / written.file_name).read_bytes(), self.roots)

    # --- at the township ---------------------------------------------------------------------------------------------

    @rule(data=st.data(), act=st.sampled_from(["accept", "accept", "return", "choose", "withdraw", "paper"]))
    def the_officer_decides(self, data: st.DataObject, act: str) -> None:
        office = data.draw(st.sampled_from([one.seat.office for one in self.computers]))
        stands = self.town.workspace.standing(office, FORM, PERIOD)
        try:
            if act == "accept":
                deciding.accept(self.town, office, FORM)
            elif act == "return":
                deciding.send_back(self.town, office, FORM, [Comment(Cell("b05_zero_reason"), "请核对")])
            elif act == "paper":
                deciding.mark_paper(self.town, office, FORM)
            elif act == "withdraw":
                reviewing.withdraw(self.town, office, FORM, "看错了")
            elif stands.heads:
                deciding.choose(self.town, office, FORM, data.draw(st.sampled_from(stands.heads)))
        except CunbaoError:
            return  # nothing to decide there now

    @rule(data=st.data())
    def the_county_decides_without_knowing_all(self, data: st.DataObject) -> None:
        """The county holds a part; its decision may contradict the township's, and reaches it later."""
        if self.county is None:
            self.county = a_county_desk(self.place)
        held = self.town.workspace.revisions_of(
            data.draw(st.sampled_from([c.seat.office for c in self.computers])), PERIOD
        )
        if held:
            one = data.draw(st.sampled_from(held))
            if self.county.workspace.revision(one.id) is None:
                taking.apply(self.county.workspace, self.county.task, everything(self.town, decisions=False), epoch="t")
            act = data.draw(st.sampled_from([Act.ACCEPT, Act.RETURN]))
            county_answers.decide(self.county, act, one.id)

    @rule()
    def the_county_s_word_arrives(self) -> None:
        if self.county is not None:
            taking.apply(self.town.workspace, self.town.task, everything(self.county, revisions=False), epoch="c")

    @rule(which=st.integers(0, 3), number=st.integers(0, 3))
    def a_computer_is_revoked(self, which: int, number: int) -> None:
        seat = self.computers[which].seat
        key = read_certificate(seat.signer.certificate).key_id
        devices_known = {one.key for one in registry.enrol_view(self.town).certificates}
        if number == 0 and key in devices_known:
            choices = certified.revoke_choices(self.town, key)
            certified.revoke(self.town, key, choices[min(which, len(choices) - 1)], "电脑丢了", PASSWORD)

    @rule()
    def the_third_computer_is_approved(self) -> None:
        for asked in registry.enrol_view(self.town).requests:
            from cunbao.trust.enrol import comparison_code

            registry.approve(self.town, asked.sha256, comparison_code(the_seats()[-1].request), PASSWORD)

    # --- what must hold ----------------------------------------------------------------------------------------------

    def others_show_the_same(self) -> None:
        expected = state_digest(self.town.workspace, self.town.task)
        ledger.settle_all(self.town.workspace, self.town.task)
        assert state_digest(self.town.workspace, self.town.task) == expected, "judging again changes nothing"
        ledger.rebuild(self.town.workspace, self.town.task)
        assert state_digest(self.town.workspace, self.town.task) == expected, "rebuilding changes nothing"
        chance = random.Random(len(self.delivered))
        for number in range(2):
            fresh = a_seated_town_desk(self.place, name=f"fresh-{number}")
            try:
                self.tell(fresh, chance)
                assert state_digest(fresh.workspace, fresh.task) == expected
                for office, form, stands in self.town.workspace.standings(PERIOD):
                    assert fresh.workspace.standing(office, form, PERIOD) == stands
            finally:
                fresh.close()

    def no_gap_is_hidden_and_none_is_invented(self) -> None:
        """A number that is not missed is one of which everything is here, whichever copy of a computer wrote it; a file
        that came is missed by nobody."""
        workspace = self.town.workspace
        for computer in (*self.computers, *self.backups):
            device, life = computer.seat.device, computer.epoch
            come = sequences.come(workspace, device, life)
            arrived = {one.sha256 for one in workspace.packages_of(device, life, receiving.TAKEN)}
            told = {one.sha256 for one in workspace.told(device, life)}
            for one in computer.former:
                held = workspace.held(one.elsewhere) == frozenset(one.elsewhere)
                if one.sequence in come and one.sha256 in arrived | told:
                    assert held, "missed by nobody, and not all of it is here"
                if one.sha256 in told and not held:
                    assert one.sequence not in come

    def tell(self, fresh: TownshipDesk, chance: random.Random) -> None:
        """Everything that the township holds, in another order, doubled and split."""
        whole = everything(self.town, revisions=False)
        steps: list[bytes | Content] = [*self.delivered, *chance.sample(self.delivered, len(self.delivered) // 2)]
        steps += [Content(decisions=(one,)) for one in whole.decisions]
        steps += [Content(certificates=(one,)) for one in whole.certificates]
        chance.shuffle(steps)
        for step in steps:
            if isinstance(step, bytes):
                receiving.take(fresh, step, "y.cbsync")
            else:
                taking.apply(fresh.workspace, fresh.task, step, epoch="x")
        held = {one.key for one in self.town.workspace.aside()}
        for key in {one.key for one in fresh.workspace.aside()} - held:
            receiving.take_aside(fresh, key)


def everything(desk: TownshipDesk | CountyDesk, *, revisions: bool = True, decisions: bool = True) -> Content:
    """What a workspace holds, as a package would carry it."""
    from cunbao.exchange.content import CarriedRevision
    from cunbao.survey.revision import Header

    workspace = desk.workspace
    held = workspace.object
    carried = []
    decided = [*workspace.decisions_of_act(Act.REVOKE.value), *workspace.decisions_of_act(Act.CLOSE.value)]
    for office, period in workspace.offices_with_returns():
        decided += workspace.decisions_of(office, period)
        for one in workspace.revisions_of(office, period) if revisions else ():
            cms = tuple(held(name) for name in (one.cms, *one.others) if name and not held(name).startswith(b"%PDF"))
            carried.append(
                CarriedRevision(one.id, Header.decode(held(one.header)), held(one.header), held(one.answers), cms, ())
            )
    return Content(
        revisions=tuple(carried),
        decisions=tuple(
            CarriedDecision(one.id, Decision.decode(held(one.id)), held(one.id), held(one.cms)) for one in decided
        )
        if decisions
        else (),
        certificates=tuple(read_certificate(held(one.id)) for one in workspace.certificates()),
    )


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS)


@pytest.fixture
def town(tmp_path: Path) -> Iterable[TownshipDesk]:
    desk = a_seated_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 1))
    yield desk
    desk.close()


def switched_on(town: TownshipDesk, which: int, life: str) -> Computer:
    return Computer(the_seats()[which], town.task, life, town.clock())


def stands(town: TownshipDesk, computer: Computer) -> Standing:
    return town.workspace.standing(computer.seat.office, FORM, PERIOD)


def test_two_computers_that_did_not_know_of_each_other_are_a_conflict_until_one_signed_over_both(
    town: TownshipDesk, tmp_path: Path
) -> None:
    left, right = switched_on(town, 0, "a"), switched_on(town, 1, "b")
    left.signs("没有灾害信息员甲")
    right.signs("没有灾害信息员乙")
    for one in (left, right):
        receiving.take(town, one.sends(), "x.cbsync")
    assert stands(town, left).state is ReturnState.FORK
    office = town.village(left.seat.office)
    (written,) = receipts.write_receipt(town, tmp_path, receipts.parcel(town, office))
    left.takes((tmp_path / written.file_name).read_bytes(), ledger.judge_of(town.workspace).roots)
    last = left.signs("没有灾害信息员丙")
    receiving.take(town, left.sends([last]), "x.cbsync")
    assert (stands(town, left).state, stands(town, left).head) == (ReturnState.RECEIVED, last)


def test_an_acceptance_and_what_was_taken_back_cross_on_the_road(town: TownshipDesk, tmp_path: Path) -> None:
    first, second = switched_on(town, 0, "a"), switched_on(town, 2, "c")
    for computer in (first, second):
        receiving.take(town, computer.sends([computer.signs("没有灾害信息员甲")]), "x.cbsync")
        computer.takes_back(*computer.revisions)
    deciding.accept(town, first.seat.office, FORM)
    for computer in (first, second):
        receiving.take(town, computer.sends([]), "x.cbsync")
    assert [stands(town, one).state for one in (first, second)] == [ReturnState.ACCEPTED, ReturnState.MISSING]
    fresh = a_seated_town_desk(tmp_path, name="fresh")
    whole = everything(town)
    for one in (*whole.decisions, *whole.revisions):  # the decisions before what they decide
        what = Content(decisions=(one,)) if isinstance(one, CarriedDecision) else Content(revisions=(one,))
        taking.apply(fresh.workspace, fresh.task, what, epoch="x")
    assert [stands(fresh, one) for one in (first, second)] == [stands(town, one) for one in (first, second)]
    again = second.signs("没有灾害信息员乙")
    receiving.take(town, second.sends([again]), "x.cbsync")
    assert (stands(town, second).state, stands(town, second).head) == (ReturnState.RECEIVED, again)
    fresh.close()


def test_an_old_backup_that_signs_again_forks_and_a_cloned_disk_is_noticed(town: TownshipDesk) -> None:
    computer = switched_on(town, 0, "a")
    computer.signs("没有灾害信息员甲")
    old = computer.copied()
    computer.signs("没有灾害信息员乙")
    receiving.take(town, computer.sends(), "x.cbsync")
    old.signs("没有灾害信息员丙")
    receiving.take(town, old.sends(), "x.cbsync")  # the same number once more, from the same life
    assert stands(town, computer).state is ReturnState.FORK and receiving.copied(town, computer.seat.office)


def test_a_computer_not_approved_waits_aside_and_joins_once_it_is(town: TownshipDesk) -> None:
    from cunbao.trust.enrol import comparison_code

    stranger = switched_on(town, 4, "s")
    stranger.signs("没有灾害信息员甲")
    before = state_digest(town.workspace, town.task)
    line = receiving.take(town, stranger.sends(), "x.cbsync")
    assert line.label == "证书待核准" and state_digest(town.workspace, town.task) == before
    (asked,) = registry.enrol_view(town).requests
    registry.approve(town, asked.sha256, comparison_code(stranger.seat.request), PASSWORD)
    assert stands(town, stranger).state is ReturnState.RECEIVED and town.workspace.aside() == ()


def test_a_decision_that_came_under_a_foreign_signature_holds_once_the_right_one_came(
    town: TownshipDesk, tmp_path: Path
) -> None:
    computer = switched_on(town, 0, "a")
    computer.signs("没有灾害信息员甲")
    bundle = computer.sends()
    receiving.take(town, bundle, "x.cbsync")
    deciding.accept(town, computer.seat.office, FORM)
    (right,) = everything(town, revisions=False).decisions
    foreign = sign_detached(right.data, computer.seat.signer, when=right.decision.at)
    wrong = replace(right, signature=foreign)
    for number, order in enumerate([(wrong, right), (right, wrong), (replace(wrong, others=(right.signature,)),)]):
        fresh = a_seated_town_desk(tmp_path, name=f"fresh-{number}")
        receiving.take(fresh, bundle, "x.cbsync")
        for one in order:
            taking.apply(fresh.workspace, fresh.task, Content(decisions=(one,)), epoch="x")
        assert stands(fresh, computer) == stands(town, computer)
        ledger.rebuild(fresh.workspace, fresh.task)
        assert stands(fresh, computer).state is ReturnState.ACCEPTED
        # and whoever gets it from there gets every signature
        (told,) = fresh.workspace.decisions_of(computer.seat.office, PERIOD)
        _, objects = members_of([decision_group(fresh.workspace, told)])
        assert set(objects.values()) == {right.data, right.signature, foreign}
        fresh.close()


def test_equal_objects_give_equal_state(town: TownshipDesk, tmp_path: Path) -> None:
    computer = switched_on(town, 0, "a")
    computer.signs("没有灾害信息员甲")
    receiving.take(town, computer.sends(), "x.cbsync")
    deciding.accept(town, computer.seat.office, FORM)
    other = a_seated_town_desk(tmp_path, name="other")
    taking.apply(other.workspace, other.task, everything(town), epoch="x")
    found: list[StateDigest] = [state_digest(one.workspace, one.task) for one in (town, other)]
    assert found[0] == found[1] and found[0].periods[0].period == PERIOD
    reviewing.withdraw(town, computer.seat.office, FORM, "看错了")
    assert state_digest(town.workspace, town.task) != found[0]
    other.close()
