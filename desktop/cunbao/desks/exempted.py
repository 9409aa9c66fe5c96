"""不计入: which offices the county has exempted from which indicators of a period, as the decisions held say.

The same for every desk, so that what comes with a receipt shows the same everywhere; the county's own acts stand in
`county.exempting`. Source: protocol §2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cunbao.desks import ledger
from cunbao.store import DecisionRecord, Workspace
from cunbao.survey.decision import Act, Decision
from cunbao.survey.standing import Ruling, effective


@dataclass(frozen=True, slots=True)
class Exemption:
    """One office that does not join an indicator (its number). id: of the decision; said: the decision."""

    id: str
    said: Decision

    @property
    def office(self) -> str:
        return self.said.of("office")

    @property
    def indicator(self) -> str:
        return self.said.of("indicator")

    @property
    def reason(self) -> str:
        return self.said.reason


def in_effect(workspace: Workspace, period: str) -> tuple[Exemption, ...]:
    """Those of a period that nobody has taken back, in the order (n, id)."""
    given = workspace.decisions_of_act(Act.EXEMPT.value)
    if not given:
        return ()
    takes_back = [one for one in workspace.decisions_of_act(Act.WITHDRAW.value) if not one.revision]
    rulings = list(_rulings(workspace, (*given, *takes_back)))
    live = [one for one in effective(rulings, {}) if one.decision.of("period") == period]
    return tuple(Exemption(one.id, one.decision) for one in live)


def _rulings(workspace: Workspace, records: Iterable[DecisionRecord]) -> Iterable[Ruling]:
    judge = ledger.judge_of(workspace)
    for record in records:
        said = Decision.decode(workspace.object(record.id))
        ruling = ledger.ruling_of(judge, record, said, said.of("office") or said.office)
        if ruling is not None:
            yield ruling


def by_office(some: Iterable[Exemption]) -> Mapping[str, Mapping[str, str]]:
    """office → number of the indicator → reason; of two for the same the later one."""
    found: dict[str, dict[str, str]] = {}
    for one in some:
        found.setdefault(one.office, {})[one.indicator] = one.reason
    return found


def exempted(workspace: Workspace, period: str) -> Mapping[str, Mapping[str, str]]:
    """office → number of the indicator → reason, of what is in effect."""
    return by_office(in_effect(workspace, period))
