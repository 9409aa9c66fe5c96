"""乡镇补充表: the forms that a township fills of itself, at its own desk, and sends on with those of its villages.

A village's desk is laid over the township's own workspace, as for a 代报, but the office is the township itself: its
returns are of ordinary kinds, its desk signs them, and the county decides on them. Source: protocol §1, fields.md §8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cunbao.desks.township import forwarding, rechecking
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import OwnLine
from cunbao.desks.views import SignedLine
from cunbao.desks.village import basis, signing
from cunbao.desks.village.desk import Directory, VillageDesk
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Report, silent
from cunbao.store import StoredRevision
from cunbao.survey.checks import Facts
from cunbao.survey.crosscheck import judge_over_villages
from cunbao.survey.decision import Act, Decision
from cunbao.survey.instance import Instance
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers, Finding

OPEN = (ReturnState.RETURNED, ReturnState.FORK)  # of what has been signed: it waits for the township, not the county


@dataclass(slots=True)
class OwnDesk(VillageDesk):
    """A village's desk whose office is the township. town: the desk at which it lies."""

    town: TownshipDesk | None = field(default=None, repr=False)

    @property
    def above(self) -> str:
        return "县里"

    def sources(self, form: str) -> Mapping[str, Answers]:
        """With what the directory cannot know: how many villages are late, by what has come here."""
        found = dict(VillageDesk.sources(self, form))
        office = found["OFFICE"]
        return {**found, "OFFICE": Answers({**office.values, "late_count": str(late_count(self._town))})}

    def beyond(self, started: Mapping[str, Instance], known: Facts) -> tuple[Finding, ...]:
        """The checks that hold a form of the township against the sum over its villages (K-115)."""
        answers = {name: one.answers(signed=True) for name, one in started.items()}
        return judge_over_villages(self.task.whole, answers, rechecking.village_sums(self._town), known)

    def moved_outside(self, form: str) -> tuple[str, ...]:
        """未按时报送的村, when what has come since makes it another number. Known to this desk alone: it is no part of
        where the return stands, which is the same wherever the same objects are held."""
        newest, now = self.newest(form), str(late_count(self._town))
        fields = [one for one in self.task.forms[form].fields if one.source == "OFFICE.late_count"]
        if newest is None or not fields:
            return ()
        signed = self.signed_answers(newest).values
        return tuple(f"{one.label}（签的 {signed[one.name]}，现在 {now}）" for one in fields
                     if signed.get(one.name, now) != now)  # fmt: skip

    def forget(self) -> None:
        """What is taken over from outside the forms is asked for anew: the screen is opened again."""
        for form, instance in self.instances.items():
            instance.refresh(sources=self.sources(form))

    def township_certificates(self) -> tuple[bytes, bytes, bytes]:
        """Of this very desk: its own CA stands above what it signs."""
        ca, signs, reads = self.workspace.setting("townships", {})[self.office.code]
        return bytes.fromhex(ca), bytes.fromhex(signs), bytes.fromhex(reads)

    @property
    def _town(self) -> TownshipDesk:
        assert self.town is not None  # `_made` gives it
        return self.town

    def _signed_state(self, revision: StoredRevision) -> ReturnState | None:
        """As of any return; what the county has acknowledged is what it holds of the bundles sent on."""
        known = revision.id in forwarding.acknowledged(self._town)
        return VillageDesk._signed_state(self, replace(revision, acknowledged=known))

    def _left_state(self, revision: StoredRevision) -> ReturnState:
        return ReturnState.SENT if revision.left_by == "package" else ReturnState.SIGNED


def current(desk: TownshipDesk) -> OwnDesk | None:
    """The township's own desk; None when the task asks nothing of townships, or before it has come."""
    if desk.given is None or desk.county is None or "township" not in desk.given.whole.levels.values():
        return None
    own = desk.own
    if not isinstance(own, OwnDesk) or own.task.everything is not desk.given.whole:
        task = desk.given.whole.at("township")
        desk.own = own = OwnDesk(
            workspace=desk.workspace,
            task=task,
            directory=Directory(office=desk.office, township=desk.county, county=desk.county),
            person=desk.person,
            clock=desk.clock,
            new_id=desk.new_id,
            read_only=desk.read_only,
            clock_doubt=desk.clock_doubt,
            town=desk,
        )
    return own


def asked(desk: TownshipDesk) -> OwnDesk:
    """The township's own desk. DeskError "supplement.none" when the task asks nothing of townships."""
    found = current(desk)
    if found is None:
        raise DeskError(
            "supplement.none",
            happened="这个任务没有要乡镇自己填的表",
            safe="没有改动任何资料",
            todo="有补充表的，请先导入县里新发的任务包",
        )
    return found


def lines(desk: TownshipDesk) -> tuple[OwnLine, ...]:
    """Each form of the township with its state, in the task's order."""
    own = current(desk)
    if own is None:
        return ()
    return tuple(
        OwnLine(
            form=form,
            nav=own.task.screens[form].nav,
            state=own.state(form),
            signed=own.newest(form) is not None and own.state(form) not in OPEN and not own.correcting(form),
            deadline=own.task.deadline_of(form),
            note=basis.note(own, form),
        )
        for form in own.task.forms
    )


def sign(
    desk: TownshipDesk,
    prepared: Sequence[signing.Prepared],
    password: str,
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> tuple[SignedLine, ...]:
    """Sign the township's own returns with the key of its desk. Errors as in `signing.sign`; "township.no_key" before
    the county's papers came, "supplement.none"."""
    own = asked(desk)
    desk.signs()
    return signing.sign(own, prepared, password, progress=progress, cancel=cancel)


def reason(desk: TownshipDesk, form: str) -> str:
    """What the county wrote when it sent the newest version back, besides the comments at the cells; "" nothing."""
    own = asked(desk)
    stands = desk.workspace.standing(desk.office.code, form, own.task.period)
    said = [
        Decision.decode(desk.workspace.object(one.id))
        for one in desk.workspace.decisions_of(desk.office.code, own.task.period)
        if one.id in stands.effective and one.act == Act.RETURN and one.revision == stands.head
    ]
    return next((one.reason for one in reversed(said) if one.reason), "")


# --- what the villages' returns give it ------------------------------------------------------------------------------


def late_count(desk: TownshipDesk) -> int:
    """未按时报送的村（社区）: once the deadline is over, villages of which a required form has not been accepted."""
    task = desk.task
    if desk.today <= task.deadline:
        return 0
    counted = {(office, form) for office, form, stands in desk.workspace.standings(task.period) if stands.counted}
    required = task.required_forms or tuple(task.forms)
    return sum(any((one.code, form) not in counted for form in required) for one in desk.villages)
