"""A township with its sums: a real workspace, the sample's villages, returns accepted or received one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from cunbao.desks.views import Person
from cunbao.store import DecisionRecord, DraftKey, StoredRevision, Workspace
from cunbao.survey.revision import answers_xml
from cunbao.survey.sample import SAMPLE_OFFICES, SAMPLE_TOWNSHIPS
from cunbao.survey.task import Task
from cunbao.survey.values import Answers, Office, Row
from store.folders import KEY, a_revision
from world.villages import a_village, the_five_forms

NOW = datetime(2025, 12, 16, 8, 5, tzinfo=UTC)  # 16:05 in 勐混
OFFICER = Person("玉罕", "乡镇审核员")
ACCEPTED_AT = datetime(2025, 12, 12, 7, 26, tzinfo=UTC)


@dataclass(slots=True)
class Town:
    """What totals need of a desk. states: what the board would say."""

    workspace: Workspace
    task: Task
    villages: tuple[Office, ...] = SAMPLE_OFFICES
    office: Office = SAMPLE_TOWNSHIPS[0]
    person: Person = OFFICER
    full_name: str = "勐海县勐混镇人民政府"
    states: dict[tuple[str, str], str] = field(default_factory=dict)

    def clock(self) -> datetime:
        return NOW

    def receives(
        self, office: str, form: str, answers: Answers | None = None, *, kind: str = "normal"
    ) -> StoredRevision:
        """A signed return is here and waits for its review."""
        self.states[office, form] = "已接收"
        said = self.said(office, form) if answers is None else answers
        number = sha256(f"{office} {form}".encode()).hexdigest()[:12]
        xml = answers_xml(self.task.forms[form], said, instance_id=f"uuid:00000000-0000-4000-8000-{number}")
        return a_revision(self.workspace, DraftKey(office, form, self.task.period), answers=xml, kind=kind)

    def accepts(
        self, office: str, form: str, answers: Answers | None = None, *, kind: str = "normal"
    ) -> StoredRevision:
        """It was received and accepted, and its answers count."""
        one = self.receives(office, form, answers, kind=kind)
        self.states[office, form] = "通过"
        name = self.workspace.add_object("decision", f"accept {one.id}".encode())
        self.workspace.add_decision(DecisionRecord(name, one.id, "accept", one.n + 1, "玉罕", ACCEPTED_AT))
        said = self.said(office, form) if answers is None else answers
        self.workspace.count_revision(self.task.forms[form], one.id, said)
        return one

    def accepts_all(self, *offices: str) -> Town:
        for office in offices:
            for form in self.task.forms:
                self.accepts(office, form)
        return self

    def said(self, office: str, form: str) -> Answers:
        """What the sample has the village say."""
        return _signed(office)[form]


@cache
def _signed(office: str) -> Mapping[str, Answers]:
    return a_village(office).signed()


def a_town(folder: Path, *villages: str) -> Town:
    """A township desk to which nothing has come. villages: those of its directory, all of the sample without any."""
    chosen = tuple(one for one in SAMPLE_OFFICES if one.code in villages or not villages)
    return Town(Workspace.create(folder / "town", KEY, kind="township", now=NOW), the_five_forms(), chosen)


def area(total: str, homes: str, **more: str) -> Answers:
    """A B02 return of which only these figures matter."""
    return Answers({"b02_hh": homes, "b02_area_total": total, "b02_zero": "0", **more})


def people(*rows: Mapping[str, str]) -> Answers:
    """A B03 return with these members."""
    return Answers({}, {"b03_m": tuple(Row(f"m{at}", dict(one)) for at, one in enumerate(rows))})
