"""The village desk 村级填报: one unlocked workspace, the forms of this period, and who sits at it.

`VillageDesk` holds what changes (instances, workspace); every act is a method here or a function of a neighbour:
`start` (first run, unlock, restore), `checking`, `signing`, `sending`, `rosters` (paste, carry over), `settings`.
Typing is two calls: `type` recalculates at once on the caller's thread, `keep` puts the change on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cunbao.desks import decisions, ledger, ownkeys
from cunbao.desks.clock import Clock, local_day
from cunbao.desks.views import Earlier, FormLine, FrameView, HomeView, Letter, NextStep, Person, ProxyBasis
from cunbao.desks.village import lineage
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord, DraftKey, Kept, StoredRevision, Undone, Workspace
from cunbao.survey.checks import Facts
from cunbao.survey.decision import Decision
from cunbao.survey.form import Field
from cunbao.survey.formnews import known_to
from cunbao.survey.instance import Instance
from cunbao.survey.recalculation import Change
from cunbao.survey.revision import Header, read_answers
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.task import Task
from cunbao.survey.values import Answers, Cell, Edit, EditAct, Env, Finding, Office, Ret

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Directory:
    """The offices a village must know: itself, its township, its county. Of a township's own returns the county is what
    stands above it, twice."""

    office: Office
    township: Office
    county: Office

    @property
    def full_name(self) -> str:
        """勐海县勐混镇曼蚌村民委员会, as it stands on paper."""
        between = "" if self.township.code == self.county.code else self.township.short
        return f"{self.county.short}{between}{self.office.name}"

    @property
    def line(self) -> str:
        """勐混镇 曼蚌村, as it stands in the header."""
        return f"{self.township.short} {self.office.short}"


@dataclass(slots=True)
class VillageDesk:
    """An unlocked workspace. Only `workspace` is on the disk; the rest can be made again from it."""

    workspace: Workspace
    task: Task
    directory: Directory
    person: Person
    clock: Clock
    new_id: Callable[[], str]
    read_only: bool = False
    clock_doubt: bool = False
    proxy: ProxyBasis | None = None  # 代报: on what the township fills this desk's forms (desks/proxying)
    instances: dict[str, Instance] = field(default_factory=dict)
    _last: dict[str, Answers | None] = field(default_factory=dict)
    _signed: dict[str, Answers] = field(default_factory=dict)

    _begun: set[DraftKey] = field(default_factory=set)
    _needs: dict[str, dict[str, frozenset[str]]] = field(init=False)

    def __post_init__(self) -> None:
        self._needs = source_fields(self.task)

    # --- what is asked -------------------------------------------------------------------------------------------

    @property
    def office(self) -> Office:
        return self.directory.office

    @property
    def today(self) -> date:
        return local_day(self.clock())

    @property
    def above(self) -> str:
        """Who reviews what is signed here, as screens name them."""
        return "乡镇"

    def beyond(self, started: Mapping[str, Instance], known: Facts) -> tuple[Finding, ...]:
        """Findings of checks that look further than the forms of this office; a village has none."""
        return ()

    def key(self, form: str) -> DraftKey:
        return DraftKey(self.office.code, form, self.task.period)

    def last(self, form: str) -> Answers | None:
        """The counted return of the last period held here, or None (decision 9): 上年 then shows —."""
        if form not in self._last:
            kept = self.workspace.counted(self.office.code, form, self.task.previous_period)
            self._last[form] = (
                None if kept is None else read_answers(self.task.forms[form], self.workspace.object(kept.answers))
            )
        return self._last[form]

    def instance(self, form: str) -> Instance:
        """The form being filled, loaded from the draft the first time it is asked for."""
        found = self.instances.get(form)
        if found is None:
            found = Instance(
                self.task.forms[form],
                Env(today=self.today, new_id=self.new_id),
                answers=known_to(self.task.forms[form], self.workspace.draft(self.key(form)).answers),
                sources=self.sources(form),
                last=self.last(form),
            )
            self.instances[form] = found
        return found

    def sources(self, form: str) -> Mapping[str, Answers]:
        """What instance('X') reads. Sibling forms come first in the task's order, so this ends."""
        needed = self._needs[form]
        return {
            **office_sources(self.directory.office, self.task),
            **{
                name: self.instance(name).answers(signed=True)
                for name in needed
                if name in self.task.forms and name != form
            },
        }

    # --- typing --------------------------------------------------------------------------------------------------

    def type(self, form: str, cell: Cell, text: str) -> Change:
        """Put `text` into a cell. Never refuses a value; refuses a signed return (DeskError "return.locked")."""
        self._open_for_typing(form)
        change = self.instance(form).set(cell, text)
        self.pass_on(form, change)
        return change

    def add_row(self, form: str, repeat: str, values: Mapping[str, str] | None = None, *, row_id: str = "") -> Change:
        self._open_for_typing(form)
        change = self.instance(form).add_row(repeat, values=values or {}, row_id=row_id)
        self.pass_on(form, change)
        return change

    def delete_row(self, form: str, repeat: str, row_id: str) -> Change:
        self._open_for_typing(form)
        change = self.instance(form).delete_row(repeat, row_id)
        self.pass_on(form, change)
        return change

    def move_row(self, form: str, repeat: str, row_id: str, position: int) -> Change:
        self._open_for_typing(form)
        change = self.instance(form).move_row(repeat, row_id, position)
        self.pass_on(form, change)
        return change

    def keep(self, form: str, edits: Sequence[Edit], *, group: str = "") -> Kept:
        """Write edits to the disk; when this returns the screen may say 已保存."""
        with self.workspace.atomic():
            ownkeys.note_filler(self, form)
            return self.workspace.keep(self.key(form), edits, now=self.clock(), group=group)

    def _open_for_typing(self, form: str) -> None:
        if self.read_only:
            raise DeskError(
                "desk.read_only",
                happened="现在是只看不改",
                safe="原来的内容没有动",
                todo="要填报，请先关闭，把提示的问题处理好后再打开",
            )
        state = self.state(form)
        if not state.editable:
            raise DeskError(
                "return.locked",
                happened=f"{self.task.forms[form].title}{state.value}，内容已锁定",
                safe="签过名的内容没有改动",
                todo="还没报送的，先撤回签名再改；已报送的，点“更正”另做一版",
            )
        if state is ReturnState.NOT_STARTED:
            self._put_defaults(form)
        elif state is ReturnState.RETURNED:
            lineage.begin_again(self, form)

    def _put_defaults(self, form: str) -> None:
        """A new draft begins with the form's own defaults, kept as the first step."""
        if self.key(form) not in self._begun:
            self._begun.add(self.key(form))
            self.keep(form, self.instance(form).start().edits, group="defaults")

    def pass_on(self, form: str, change: Change) -> None:
        """Values taken over by other forms (取自) follow at once."""
        changed = {cell.field for cell in change.cells}
        followers = [other for other, needs in self._needs.items() if other != form and needs.get(form, NONE) & changed]
        if not followers:
            return
        taken = self.instance(form).answers(signed=True)  # what does not apply is empty elsewhere too
        for other in followers:
            self.instance(other).refresh(sources={form: taken})

    # --- undo ----------------------------------------------------------------------------------------------------

    def _locked(self) -> frozenset[DraftKey]:
        """What undo leaves alone: signed returns, also those sent back of which nothing is being changed yet."""
        states = {form: self.state(form) for form in self.task.forms}
        drafts = self.workspace.drafts(self.office.code, self.task.period)
        gone = {one for one in drafts if one.form not in states}  # of forms that a later pack asks no more
        return frozenset(
            self.key(form) for form, one in states.items() if not one.editable or one is ReturnState.RETURNED
        ) | frozenset(gone)

    def _floors(self) -> dict[DraftKey, int]:
        return {self.key(form): lineage.undo_floor(self, form) for form in self.task.forms}

    def undo(self) -> tuple[str, Change] | None:
        """Take back the newest step of any unsigned form, but nothing that was signed; None when there is none. On the
        disk when it returns."""
        loaded = frozenset(self.instances)
        undone = self.workspace.undo(
            self.office.code, self.task.period, self._locked(), self._floors(), now=self.clock()
        )
        return self._applied(undone, loaded)

    def redo(self) -> tuple[str, Change] | None:
        loaded = frozenset(self.instances)
        redone = self.workspace.redo(
            self.office.code, self.task.period, self._locked(), self._floors(), now=self.clock()
        )
        return self._applied(redone, loaded)

    def _applied(self, undone: Undone | None, loaded: frozenset[str]) -> tuple[str, Change] | None:
        """Bring the form to what the disk now says. loaded: the forms that were open before it was written."""
        if undone is None:
            return None
        key, edits = undone
        instance = self.instance(key.form)
        if key.form in loaded:
            change = instance.apply([*edits, *self._texts_of_rows_back(key, edits)])
        else:  # read just now, so the step is in it already
            change = Change((), frozenset(Cell(edit.field, edit.row) for edit in edits), instance.findings())
        self.pass_on(key.form, change)
        return key.form, change

    def _texts_of_rows_back(self, key: DraftKey, edits: Sequence[Edit]) -> list[Edit]:
        """What stands in rows that come back: the form forgot it if they were deleted before it was opened."""
        back = {edit.row for edit in edits if edit.act is EditAct.ADD_ROW}
        if not back:
            return []
        rows = [row for some in self.workspace.draft(key).answers.rows.values() for row in some if row.id in back]
        return [Edit(EditAct.SET, name, row.id, "", text) for row in rows for name, text in row.values.items()]

    def earlier(self, form: str, cell: Cell) -> tuple[Earlier, ...]:
        """Earlier values of one cell, newest first, the present one left out."""
        asked = self.task.forms[form].field(cell.field)
        return tuple(
            Earlier(text=one.value, shown=words_of(asked, one.value), at=one.at)
            for one in self.workspace.history(self.key(form), cell)
        )

    # --- where everything stands ---------------------------------------------------------------------------------

    def newest(self, form: str) -> StoredRevision | None:
        """The newest revision of this period, None when there is none or it was taken back."""
        return self.workspace.newest(self.office.code, form, self.task.period)

    def state(self, form: str) -> ReturnState:
        """Pure function of what is held: revision first, then the draft and its last whole check."""
        revision = self.newest(form)
        if revision is not None and not self.correcting(form):
            found = self._signed_state(revision)
            if found is not None:
                return found
        draft = self.workspace.draft_mark(self.key(form))
        if not draft.started:
            return ReturnState.NOT_STARTED
        checked = self.checked(form)
        if checked is None:
            return ReturnState.FILLING
        if checked["must_fix"]:
            return ReturnState.PROBLEM
        return ReturnState.TO_SIGN if self.unexplained(form) == 0 else ReturnState.FILLING

    def _signed_state(self, revision: StoredRevision) -> ReturnState | None:
        """Of a signed return: what the superiors have said of it, else how far it has come. None: it was taken back."""
        stands = self.workspace.standing(revision.office, revision.form, revision.period)
        if revision.id not in stands.heads and decisions.taken_back(self.workspace, revision) is not None:
            return None
        if revision.accepted:
            return ReturnState.ACCEPTED
        if stands.state is ReturnState.FORK:
            return ReturnState.FORK
        if stands.head == revision.id and revision.id in stands.returned:
            return ReturnState.RETURNED
        if revision.acknowledged:
            return ReturnState.RECEIVED
        return ReturnState.SIGNED if not revision.left_by and revision.sent_in is None else self._left_state(revision)

    def _left_state(self, revision: StoredRevision) -> ReturnState:
        sent = revision.sent_in is not None or revision.epoch != self.workspace.epoch
        return ReturnState.SENT if sent else ReturnState.SIGNED

    def keep_papers(self, revision: str) -> None:
        """Inside the transaction that keeps a version just signed: a 代报 lays its paper originals beside it."""

    def parents(self, form: str) -> tuple[StoredRevision, ...]:
        """The revisions that the next one follows: those that the draft was based on, the newest held where nothing
        else was said, () for a first one."""
        based = lineage.based_on(self, form)
        if based is None:
            newest = self.newest(form)
            return () if newest is None else (newest,)
        found = [self.workspace.revision(name) for name in based]
        return tuple(one for one in found if one is not None and not one.retracted)

    def signed_answers(self, revision: StoredRevision) -> Answers:
        found = self._signed.get(revision.answers)
        if found is None:
            found = read_answers(self.task.forms[revision.form], self.workspace.object(revision.answers))
            self._signed[revision.answers] = found
        return found

    def signed_pdf(self, revision: StoredRevision) -> bytes:
        """The 正本 as it was signed: the one made when the certificate came, where there are two. Whoever writes it to
        a file or prints it calls `mark_left` first."""
        held = [self.workspace.object(name) for name in reversed(revision.others)]
        return next((data for data in held if data.startswith(b"%PDF")), None) or self.workspace.object(revision.pdf)

    def roots(self) -> tuple[bytes, ...]:
        """The county roots trusted here (DER)."""
        return (bytes.fromhex(self.workspace.setting("root", "")),)

    def township_certificates(self) -> tuple[bytes, bytes, bytes]:
        """CA, signing and decryption certificate of the township's desk (DER), from the task pack."""
        ca, signing, decryption = self.workspace.setting("townships", {})[self.directory.township.code]
        return bytes.fromhex(ca), bytes.fromhex(signing), bytes.fromhex(decryption)

    def take_decision(self, decision: bytes, signature: bytes) -> DecisionRecord:
        """Keep a superior's decision on one of our revisions. DeskError "decision.untrusted" unless it is signed by our
        township's desk, or the county's, under the root trusted here."""
        from cunbao.trust.certs import CertRole
        from cunbao.trust.verify import verify_detached

        said = Decision.decode(decision)
        verdict = verify_detached(
            decision,
            signature,
            roots=self.roots(),
            certificates=self.township_certificates()[:1],
            office=said.office,
            roles=(CertRole.TOWNSHIP_DESK, CertRole.COUNTY_DESK),
        )
        superiors = (self.directory.township.code, self.directory.county.code)
        if not verdict.valid or said.office not in superiors or self.workspace.revision(said.revision) is None:
            raise DeskError(
                "decision.untrusted",
                happened=f"这份审核决定不能采用：{verdict.reason or '不是本村上级对本村报表的决定'}",
                safe="报表的状态没有变",
                todo="请向乡镇重新要一份回执",
            )
        with self.workspace.atomic():
            kept = DecisionRecord(
                id=self.workspace.add_object("decision", decision),
                revision=said.revision,
                act=said.act.value,
                n=said.n,
                by=said.person,
                at=said.at,
                seen=said.seen,
                office=said.office,
                cms=self.workspace.add_object("cms", signature),
            )
            self.workspace.add_decision(kept)
            decided = self.workspace.revision(said.revision)
            if decided is not None:
                ledger.settle(self.workspace, self.task, decided.office, decided.period)
        self.forget_last()
        return kept

    def forget_last(self) -> None:
        """Decisions came: what counted last period is asked for anew."""
        self._last.clear()

    def forget_forms(self) -> None:
        """The task is another one: whatever was read by the forms before is read anew."""
        self.instances.clear()
        self._last.clear()
        self._signed.clear()
        self._begun.clear()
        self._needs = source_fields(self.task)

    def correcting(self, form: str) -> bool:
        """Is a 更正 of a revision that has left being filled?"""
        return bool(self.workspace.setting(f"correcting/{self.office.code}/{self.task.period}/{form}", False))

    def checked(self, form: str) -> dict[str, int] | None:
        """What the last whole check left, None when the form or one that it is checked with has changed since."""
        kept = self.workspace.setting(f"checked/{self.office.code}/{self.task.period}/{form}", None)
        if kept is None:
            return None
        now = {name: self.workspace.draft_mark(self.key(name)).seq for name in linked_forms(self.task)[form]}
        return kept["left"] if kept["seqs"] == now else None

    def unexplained(self, form: str) -> int:
        """需要说明 findings of the last whole check that have no 说明 yet."""
        kept = self.workspace.setting(f"checked/{self.office.code}/{self.task.period}/{form}", None)
        if kept is None:
            return 0
        written = {(one.key, one.compared) for one in self.workspace.explanations(self.key(form))}
        return sum((key, compared) not in written for key, compared in kept["explain"])

    def form_line(self, form: str) -> FormLine:
        from cunbao.desks.village import basis, opinions, retracting

        screen = self.task.screens[form]
        instance = self.instance(form)
        filled, asked = instance.progress()
        state = self.state(form)
        mark = self.workspace.draft_mark(self.key(form))
        problems = len({one.cells[0] for one in instance.findings() if one.check != "required"})
        comments = opinions.open_of(self, form) if state.editable else 0
        if not state.editable:
            face = "problem" if state is ReturnState.FORK else "done"
        elif not mark.started:
            face = "empty"
        elif problems or comments:
            face = "problem"
        else:
            face = "done" if filled >= asked and asked else "filling"
        rosters = self.task.forms[form].repeats
        summary = screen.summary
        if rosters:
            here = sum(len(instance.rows(one.name)) for one in rosters)
            before = self.last(form)
            then = sum(len(before.rows.get(one.name, ())) for one in rosters) if before else 0
            summary = roster_summary(screen.summary, here, then, done=face == "done")
        return FormLine(
            form=form,
            nav=screen.nav,
            title=self.task.forms[form].title,
            summary=summary,
            icon=screen.icon,
            filled=filled,
            asked=asked,
            mark=face,
            problems=problems,
            state=state,
            changed_at=mark.changed_at,
            button="继续" if state.editable and face in ("filling", "problem") else "打开",
            note=retracting.note(self, form) if state.editable else basis.note(self, form),
            comments=comments,
        )

    def moved_outside(self, form: str) -> tuple[str, ...]:
        """Labels of what a signed return took over from outside the forms and reads otherwise now: nothing here."""
        return ()

    def frame(self) -> FrameView:
        """Header, nav and status bar."""
        lines = tuple(self.form_line(form) for form in self.task.forms)
        states = [line.state for line in lines]
        saved = [line.changed_at for line in lines if line.changed_at is not None]
        locked, floors = self._locked(), self._floors()
        return FrameView(
            office=self.directory.line,
            period=f"{self.task.period} 年度",
            deadline=self.task.deadline,
            days_left=(self.task.deadline - self.today).days,
            saved_at=max(saved, default=None),
            locked=all(not one.editable for one in states),
            can_undo=self.workspace.can_undo(self.office.code, self.task.period, locked, floors),
            can_redo=self.workspace.can_redo(self.office.code, self.task.period, locked, floors),
            forms=lines,
            to_fix=sum(self._to_fix(line) for line in lines if line.state.editable),
            steps_done=frozenset(
                name
                for name, least in (("check", 3), ("sign", 4), ("send", 5))
                if states and min(one.step for one in states) >= least
            ),
            backup_at=self.workspace.last_backup(),
            sample=bool(self.workspace.setting("practice/deadline", "")),
            comments=sum(line.comments for line in lines),
        )

    def _to_fix(self, line: FormLine) -> int:
        """必须改正 of the last whole check while it holds, else what the form's own rules see now."""
        checked = self.checked(line.form)
        return line.problems if checked is None else checked["must_fix"]

    def home(self) -> HomeView:
        """village-03: what to do next, and where each form stands."""
        from cunbao.desks.village import receiptpage

        frame = self.frame()
        least = self.least(frame.forms)
        returned = least.state is ReturnState.RETURNED
        return HomeView(
            task=self.task.title,
            issuer=self.task.issuer,
            state=least.state,
            step=receiptpage.SENT_BACK if returned else min(least.state.step, 7),
            next=next_step(frame.forms, self),
            forms=frame.forms,
            letters=self.letters(),
            deadline=self.task.deadline,
            days_left=frame.days_left,
            send_to=f"{self.directory.township.short}社会事务办",
            foot=f"{len(frame.forms)} 张表都填完、没有“必须改正”的问题后，就可以签名。"
            if any(one.state.editable and one.state is not ReturnState.RETURNED for one in frame.forms)
            else "签过名的报表锁着；退回的改完要重新签名，通过以后再改要做更正。",
        )

    def least(self, lines: Sequence[FormLine]) -> FormLine:
        """The form that the whole stands or falls with: one sent back or in conflict, else the least advanced of those
        that have to be reported."""
        for state in (ReturnState.RETURNED, ReturnState.FORK):
            if found := [line for line in lines if line.state is state]:
                return found[0]
        required = [line for line in lines if line.form in self.task.required_forms] or list(lines)
        return min(required, key=lambda line: (line.state.step, line.form))

    def letters(self) -> tuple[Letter, ...]:
        """乡镇来件: this period's newest receipt, and what is held of the last period's outcome."""
        from cunbao.desks.village import receiptpage

        accepted = [
            one
            for form in self.task.forms
            if (one := self.workspace.counted(self.office.code, form, self.task.previous_period)) is not None
        ]
        now = tuple(receiptpage.letters(self))
        if not accepted:
            return now
        newest = local_day(max(one.signed_at for one in accepted))
        return (
            *now,
            Letter(
                title=f"{self.task.previous_period} 年度回执",
                line=f"{len(accepted)} 张表审核通过，最后一张签于 {newest:%Y-%m-%d}",
                on=newest,
                state=ReturnState.ACCEPTED,
            ),
        )

    def ret(self) -> Ret:
        """签字栏, from this period or as it was last time (decision 14), also when that was on another computer."""
        kept = self.workspace.setting(f"ret/{self.office.code}", None)
        if kept is None:
            before = self._signed_last()
            if before is None:
                return Ret(filler=self.person.name, reported_on=self.today.isoformat())
            return replace(before.ret, reported_on=self.today.isoformat())
        return Ret(**{**kept, "reported_on": kept.get("reported_on") or self.today.isoformat()})

    def _signed_last(self) -> Header | None:
        """The header of the newest return held that the office signed itself."""
        for office, period in reversed(self.workspace.offices_with_returns([self.office.code])):
            held = [one for one in self.workspace.revisions_of(office, period) if one.kind != Kind.PROXY.code]
            if held:
                newest = max(held, key=lambda one: (one.n, one.id))
                return Header.decode(self.workspace.object(newest.header))
        return None

    def set_ret(self, ret: Ret) -> None:
        self.workspace.set_setting(
            f"ret/{self.office.code}",
            {"head": ret.head, "stat_head": ret.stat_head, "filler": ret.filler, "phone": ret.phone, "reported_on": ""},
        )

    def journal(self, act: str, **detail: object) -> None:
        """操作日志: every act of a person, chained by hash."""
        self.workspace.journal(act, self.person.name, detail, now=self.clock())

    def close(self, *, backed_up: bool = False) -> None:
        self.workspace.close(now=self.clock(), backed_up=backed_up)


def words_of(asked: Field, text: str) -> str:
    """A kept text as a person reads it: the labels of codes, anything else as it is."""
    if asked.list is None:
        return text
    return "、".join(asked.list.label(code) or code for code in text.split())


def office_sources(office: Office, task: Task) -> dict[str, Answers]:
    """The instances OFFICE, PACK and PARAM that a form may read (decision 2)."""
    return {
        "OFFICE": Answers({"code": office.code, "name": office.name, "kind": office.kind, "ur_class": office.ur_class}),
        "PACK": Answers({"ref_date": task.ref_date.isoformat(), "period": task.period}),
        "PARAM": Answers({name: str(value) for name, value in task.params.items()}),
    }


def source_fields(task: Task) -> dict[str, dict[str, frozenset[str]]]:
    """form → sibling form → the sibling's fields that it takes over (取自)."""
    taken: dict[str, dict[str, set[str]]] = {form: {} for form in task.forms}
    for name, form in task.forms.items():
        for one in form.by_name.values():
            source, _, wanted = one.source.partition(".")
            if source in task.forms:
                taken[name].setdefault(source, set()).add(wanted)
    return {name: {other: frozenset(fields) for other, fields in needs.items()} for name, needs in taken.items()}


def source_names(task: Task) -> dict[str, frozenset[str]]:
    return {form: frozenset(needs) for form, needs in source_fields(task).items()}


def linked_forms(task: Task) -> dict[str, tuple[str, ...]]:
    """form → forms whose change makes its last whole check stale: itself, its sources, its partners in checks."""
    links: dict[str, set[str]] = {form: {form, *needs} for form, needs in source_names(task).items()}
    for check in task.checks:
        if set(check.forms) <= set(task.forms):
            for form in check.forms:
                links[form] |= set(check.forms)
    return {form: tuple(sorted(others)) for form, others in links.items()}


def roster_summary(words: str, here: int, before: int, *, done: bool) -> str:
    """7 人 when done; 已填 3 人，上年 5 人 while filling; 上年 2 人 before that. `words` ends with the unit word."""
    unit = words.rsplit("|", 1)[-1] if "|" in words else ""
    if not unit:
        return words
    if done:
        return f"{here} {unit}"
    then = f"上年 {before} {unit}" if before else ""
    return "，".join(part for part in (f"已填 {here} {unit}" if here else "", then) if part) or f"还没有{unit}"


def next_step(lines: Sequence[FormLine], desk: VillageDesk) -> NextStep:
    """The one thing most clerks need now."""
    from cunbao.desks.village import basis, otherversions

    returned = [line for line in lines if line.state is ReturnState.RETURNED or line.comments]
    if returned:
        count = sum(line.comments for line in returned)
        begun = all(line.state is not ReturnState.RETURNED for line in returned)
        return NextStep(
            act="receipt",
            title=f"接着按乡镇意见改，还有 {count} 处" if begun else f"按乡镇意见改 {len(returned)} 张表",
            line="、".join(f"{line.form} {line.nav}" for line in returned) + (f"，共 {count} 处" if not begun else ""),
            button="看意见",
        )
    others = otherversions.waiting(desk)
    if others:
        forms = "、".join(dict.fromkeys(form for form, _, _ in others))
        return NextStep(
            act="receipt",
            title=f"看一看 {forms} 的另一份",
            line="采用它，或者以本机的为准；看过才能签名",
            button="去看",
        )
    unfinished = [line for line in lines if line.state.editable and line.mark != "done"]
    if unfinished:
        line = max(unfinished, key=lambda one: (one.mark == "problem", one.changed_at is not None, -lines.index(one)))
        started = line.changed_at is not None
        missing = line.asked - line.filled
        parts = [f"还差 {missing} 格"] if missing > 0 else []
        if line.problems:
            parts.append(f"有 {line.problems} 处问题")
        return NextStep(
            act="form",
            title=f"{'接着填' if started else '开始填'} {line.form} {line.title}",
            line="，".join(parts) or line.summary,
            button="继续填报" if started else "开始填报",
            form=line.form,
        )
    if any(line.state in (ReturnState.FILLING, ReturnState.PROBLEM, ReturnState.RETURNED) for line in lines):
        return NextStep(act="check", title="检查所有报表", line="表都填完了，查一遍有没有对不上的数", button="去检查")
    if any(line.state is ReturnState.TO_SIGN for line in lines):
        count = sum(line.state is ReturnState.TO_SIGN for line in lines)
        return NextStep(act="sign", title="请负责人签名", line=f"检查通过，{count} 张表待签名", button="去签名")
    moved = basis.to_correct(desk)
    if moved is not None:
        return NextStep(
            act="correct",
            title=f"更正 {moved.form} {desk.task.screens[moved.form].nav}",
            line=f"{moved.words}；更正里已换上新的数，检查后重新签名",
            button="做更正",
            form=moved.form,
        )
    if any(line.state is ReturnState.SIGNED for line in lines):
        return NextStep(
            act="send",
            title="写到 U 盘，报给乡镇",
            line=f"{sum(line.state is ReturnState.SIGNED for line in lines)} 张表已签名，还没有送出",
            button="去报送",
        )
    return NextStep(
        act="wait",
        title="等乡镇回执",
        line=f"已报送{desk.directory.township.short}，回执来了会显示在右边",
        button="看报送",
    )
