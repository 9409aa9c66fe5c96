"""Real bundles damaged in thousands of ways, given to a township that has received nothing.

Each is refused with a line and leaves nothing behind but that line, or it says what the unmutated one says (the whole
state digest). What its own village signed again is no damage: it may be taken, and reaches nothing but itself.
"""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random
from typing import Any

import pytest
import rfc8785

from cunbao.desks import ledger, receiving
from cunbao.desks.digest import StateDigest, state_digest
from cunbao.desks.township import board, deciding, receipts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import FileLine
from cunbao.exchange import limits
from cunbao.exchange.manifest import ObjectKind
from cunbao.exchange.package import OBJECTS, inner_zip
from cunbao.survey.revision import Header, freeze, read_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers, Row
from cunbao.trust.cms import sign_detached
from world.desk import MANBANG, MANGUO, a_town_desk, the_bundle
from world.forged import NAME, Loose, loose, taken_apart, the_signer

MUTATIONS = 5_000  # at least
Mutant = tuple[str, bytes]  # how it was made, to repeat it by


@dataclass
class Nothing:
    """A township that has received nothing, however often something is given to it: each time is taken back."""

    desk: TownshipDesk
    unmutated: dict[bytes, StateDigest]

    def gets(self, data: bytes, then: Callable[[FileLine], object] = lambda line: None) -> FileLine:
        """Give it a file; what holds of every refusal is asked here. then: what else, before all is taken back."""
        workspace = self.desk.workspace
        try:
            with workspace.atomic():
                before = workspace._db.total_changes
                line = receiving.take(self.desk, data, NAME)
                assert line.label and line.read and line.todo
                if not line.result.kept:
                    assert line.happened and line.safe and line.todo_long
                    assert workspace._db.total_changes - before == 1, "a refusal writes its line and nothing else"
                then(line)
                raise TakenBack(line)
        except TakenBack as done:
            return done.line

    def says_the_same_or_nothing(self, data: bytes, *, good: bytes) -> str:
        def same(line: FileLine) -> None:
            if line.result.kept:
                assert state_digest(self.desk.workspace, self.desk.task) == self.unmutated[good]

        return self.gets(data, same).result.name


class TakenBack(Exception):
    def __init__(self, line: FileLine) -> None:
        self.line = line


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nothing]:
    desk = a_town_desk(tmp_path_factory.mktemp("mutated"))
    found = Nothing(desk, {})
    empty = state_digest(desk.workspace, desk.task)
    for good in (whole(), light()):

        def keep(line: FileLine, good: bytes = good) -> None:
            assert line.result.kept
            found.unmutated[good] = state_digest(desk.workspace, desk.task)

        found.gets(good, keep)
    yield found
    assert state_digest(desk.workspace, desk.task) == empty
    assert not desk.workspace.arrivals() and not desk.workspace.aside() and not desk.workspace.standings("2025")
    desk.workspace.self_check()
    desk.close()


def whole() -> bytes:
    """Five signed returns with their pages, as a village's desk wrote them."""
    return the_bundle(MANBANG)


_LIGHT: dict[str, bytes] = {}


def light() -> bytes:
    """The same without the pages: a twentieth of the size, so that a flip meets something else than a picture."""
    if not _LIGHT:
        _LIGHT["file"] = loose().sealed()
    return _LIGHT["file"]


def mutated(data: bytes, random: Random, rounds: int) -> Iterator[Mutant]:
    """Flips, cuts, doublings, swaps and foreign bytes."""
    for number in range(rounds):
        at, size = random.randrange(len(data)), random.randrange(1, 40)
        kind = number % 7
        if kind < 2:
            yield f"flip {at}", data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
        elif kind == 2:
            yield f"cut {at}", data[:at]
        elif kind == 3:
            yield f"without {at} {size}", data[:at] + data[at + size :]
        elif kind == 4:
            yield f"twice {at} {size}", data[: at + size] + data[at : at + size] + data[at + size :]
        elif kind == 5:
            yield f"noise {at} {size}", data[:at] + random.randbytes(size) + data[at + size :]
        else:
            there = random.randrange(len(data))
            found = bytearray(data)
            found[at : at + size], found[there : there + size] = found[there : there + size], found[at : at + size]
            yield f"swap {at} {there} {size}", bytes(found)


# --- damage ----------------------------------------------------------------------------------------------------------


def damaged_files(random: Random) -> Iterator[tuple[bytes, Mutant]]:
    """The file as it lies on the stick."""
    for good, rounds in ((whole(), 500), (light(), 1200)):
        yield from ((good, one) for one in mutated(good, random, rounds))


def damaged_signatures(random: Random) -> Iterator[tuple[bytes, Mutant]]:
    """What is inside the envelope, in a new envelope: anybody can make one."""
    for parts, good, rounds in ((loose(), light(), 1300), (taken_apart(whole(), the_signer(MANBANG)), whole(), 100)):
        for line, data in mutated(parts.signed(), random, rounds):
            yield good, (f"signed: {line}", parts.enveloped(data))


def damaged_zips(random: Random) -> Iterator[tuple[bytes, Mutant]]:
    """The zip, signed again by the village's own key: a fault of its program or of its memory."""
    parts = loose()
    for line, data in mutated(parts.content(), random, 1000):
        yield light(), (f"zip: {line}", parts.sealed(data))


def damaged_parts(random: Random) -> Iterator[tuple[bytes, Mutant]]:
    """One object damaged before list and sums were made of it, so that all of these fit."""
    parts = loose()
    for member in parts.manifest.members:
        old = parts.objects[member.sha256]
        for line, data in mutated(old, random, 40):
            if data != old:
                yield light(), (f"{member.kind.value}: {line}", parts.instead(old, data).sealed())
    full = taken_apart(whole(), the_signer(MANBANG))
    for old in full.of_kind(ObjectKind.PDF):  # pages are looked into when they are reviewed
        for line, data in mutated(old, random, 8):
            yield whole(), (f"pdf: {line}", full.instead(old, data).sealed())


def damaged_lists(random: Random) -> Iterator[tuple[bytes, Mutant]]:
    """The manifest: its bytes, and its values under the same spelling."""
    parts = loose()
    members = {OBJECTS + name: data for name, data in parts.objects.items()}
    encoded = parts.manifest.encode()
    for line, data in mutated(encoded, random, 300):
        yield light(), (f"manifest: {line}", parts.sealed(inner_zip(data, members)))
    for line, said in changed(json.loads(encoded), random, 400):
        yield light(), (f"manifest: {line}", parts.sealed(inner_zip(spelled(said), members)))


DAMAGE = (damaged_files, damaged_signatures, damaged_zips, damaged_parts, damaged_lists)
SEEN: dict[str, Counter[str]] = {}


@pytest.mark.parametrize("kind", DAMAGE, ids=lambda one: one.__name__)
def test_a_damaged_bundle_is_refused_with_a_line_or_says_what_the_good_one_says(
    nothing: Nothing, kind: Callable[[Random], Iterator[tuple[bytes, Mutant]]], same_chance: int
) -> None:
    outcomes: Counter[str] = Counter()
    for good, (line, data) in kind(Random(same_chance)):
        try:
            outcomes[nothing.says_the_same_or_nothing(data, good=good)] += 1
        except Exception as fault:
            raise AssertionError(f"seed {same_chance}: {line}") from fault
    SEEN[kind.__name__] = outcomes
    print(kind.__name__, dict(outcomes), f"CUNBAO_SEED={same_chance}")


def test_they_were_thousands_and_most_were_refused(nothing: Nothing, same_chance: int) -> None:
    for kind in DAMAGE:
        if kind.__name__ not in SEEN:  # this test was asked for alone
            test_a_damaged_bundle_is_refused_with_a_line_or_says_what_the_good_one_says(nothing, kind, same_chance)
    total = sum(seen.total() for seen in SEEN.values())
    taken = sum(seen[one] for seen in SEEN.values() for one in ("TAKEN", "GAP"))
    assert total >= MUTATIONS and 0 < taken < total / 10
    assert not any(seen[one] for seen in SEEN.values() for one in ("HELD", "REVOKED", "KNOWN", "DISK"))


# --- signed again by its own village: well formed, and hostile --------------------------------------------------------

HOSTILE: tuple[Any, ...] = (
    "", " ", "0", "-1", "²", "1" * 400, "\u202e", "\x00", "𠮷" * 300, "a b", "../x", "9999-12-31T20:00:00Z", "f" * 64,
    "532822103202", "2024", "proxy", "correction", 0, -1, 1, 2**53 - 1, 2**53, 10**30, 1.5, True, None, [], {}, [[]],
    [0], ["f" * 64], ["f" * 64, "e" * 64], {"a": 1}, {"last": "f" * 64}, [[1, 2, 3]], [["a", "", "b"]],
)  # fmt: skip
TEXTS = (
    "NaN", "Infinity", "-Infinity", "1e999999", "1E5", "9" * 400, "-" + "9" * 30, "0.000000000001", "１２", "1_000",
    "²", "+5", "--5", ".", "5.", ".5", "1,5", "0x10", " 7 ", "7\n", "=1+1", "\u202e1", "𠮷" * 500, "2025-02-30",
)  # fmt: skip


def changed(said: Any, random: Random, rounds: int) -> Iterator[tuple[str, Any]]:
    """One value somewhere in JSON replaced by a hostile one, left out or doubled."""
    for _ in range(rounds):
        found = json.loads(json.dumps(said))
        path = random.choice(list(paths(found)))
        here = found
        for step in path[:-1]:
            here = here[step]
        last, what = path[-1], random.randrange(8)
        if what == 0 and isinstance(here, list):
            here.append(here[last])
        elif what == 1:
            del here[last]
        else:
            here[last] = random.choice(HOSTILE)
        yield f"{path} {what}", found


def paths(said: Any) -> Iterator[tuple[Any, ...]]:
    """Where every value stands."""
    steps = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for step, below in steps:
        yield (step,)
        yield from ((step, *more) for more in paths(below))


def spelled(said: Any) -> bytes:
    try:
        return rfc8785.dumps(said)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):  # what no writer can spell is sent as it comes
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def signed_again(parts: Loose, header: bytes, data: bytes) -> bytes:
    """The package with another header, a good signature over it by the village's own key."""
    was = sha256(header).hexdigest()
    (cms,) = (
        parts.objects[one.sha256] for one in parts.manifest.members if one.kind is ObjectKind.CMS and one.of == was
    )
    moment = Header.decode(header).signed_at
    made = parts.instead(header, data)
    return made.instead(cms, sign_detached(data, parts.signer, when=moment)).sealed()


def hostile_headers(random: Random) -> Iterator[Mutant]:
    parts = loose()
    headers = parts.of_kind(ObjectKind.HEADER)
    for header in headers:
        for line, said in changed(json.loads(header), random, 60):
            yield f"header: {line}", signed_again(parts.only(sha256(header).hexdigest()), header, spelled(said))


def hostile_answers(nothing: Nothing, random: Random) -> Iterator[Mutant]:
    """Every field of every form once, with a text that nobody types."""
    parts = loose()
    for header in parts.of_kind(ObjectKind.HEADER):
        old = Header.decode(header)
        form = nothing.desk.task.forms[old.form]
        answers = read_answers(form, parts.objects[old.answers_sha256])
        for field in form.fields:
            text = random.choice(TEXTS)
            yield f"{form.id} {field.name} {text[:20]!r}", refilled(parts, form, old, with_text(answers, field, text))


def with_text(answers: Answers, field: Any, text: str) -> Answers:
    if not field.repeat:
        return replace(answers, values={**answers.values, field.name: text})
    first, *others = answers.rows.get(field.repeat) or (Row("r1", {}),)
    rows = (replace(first, values={**first.values, field.name: text}), *others)
    return replace(answers, rows={**answers.rows, field.repeat: rows})


def refilled(parts: Loose, form: Any, old: Header, answers: Answers) -> bytes:
    from cunbao.errors import SurveyError

    try:
        made = freeze(form, answers, old)
    except SurveyError:  # a character that no writer can spell: as bytes, then
        made = freeze(form, with_text(answers, form.fields[0], "x"), old)
    bare = replace(parts, objects={}).without(*ObjectKind)
    cms = sign_detached(made.header_bytes, parts.signer, when=old.signed_at)
    return bare.adding_revision(made.header_bytes, made.answers_bytes, cms).sealed()


def test_what_its_own_village_signed_again_reaches_nothing_but_itself(nothing: Nothing, same_chance: int) -> None:
    random = Random(same_chance)
    outcomes: Counter[str] = Counter()
    for line, data in (*hostile_headers(random), *hostile_answers(nothing, random)):
        try:
            outcomes[nothing.gets(data, lambda found: still_works(nothing.desk, found)).result.name] += 1
        except Exception as fault:
            raise AssertionError(f"seed {same_chance}: {line}") from fault
    print(dict(outcomes), f"CUNBAO_SEED={same_chance}")
    assert outcomes["TAKEN"] > 100 and outcomes["BROKEN"] > 50


def still_works(desk: TownshipDesk, line: FileLine) -> None:
    """Whatever was taken: every screen opens, the officer accepts it, the sums are made and can be made again."""
    workspace = desk.workspace
    receiving.history(desk)
    board.board(desk)
    board.frame(desk)
    if not line.result.kept:
        return
    for office, form, stands in workspace.standings(desk.task.period):
        assert office == MANBANG
        if stands.state is ReturnState.RECEIVED and form in desk.task.forms:
            deciding.accept(desk, office, form)
    receipts.parcel(desk, desk.village(MANBANG))
    found = state_digest(workspace, desk.task)
    assert ledger.rebuild(workspace, desk.task).changed == ()
    assert state_digest(workspace, desk.task) == found


# --- memory ----------------------------------------------------------------------------------------------------------


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small or allowed to lie there, large when taken apart."""
    parts = loose()
    header = parts.of_kind(ObjectKind.HEADER)[0]
    answers = parts.objects[Header.decode(header).answers_sha256]
    many = b"[" + b"{}," * (limits.SIGNED // 3 - 2) + b"{}]"
    tags = b'<data id="B01" version="1">' + b"<a/>" * (limits.ANSWERS // 4 - 20) + b"</data>"
    members = {OBJECTS + name: data for name, data in parts.objects.items()}
    yield "a list of millions", parts.sealed(inner_zip(b"[" + b"{}," * (limits.MANIFEST // 3 - 2) + b"{}]", members))
    yield "a header of millions", parts.instead(header, many).sealed()
    yield "answers of millions", parts.instead(answers, tags).sealed()
    yield "a decision of millions", parts.adding(many, ObjectKind.DECISION).sealed()
    full = parts
    for number in range(3):  # as full as a package may be
        full = full.adding(Random(number).randbytes(limits.ATTACHMENT), ObjectKind.ATTACHMENT)
    for number in range(2):
        full = full.adding(Random(9 + number).randbytes(9 * limits.MB), ObjectKind.PDF)
    yield "as full as it may be, with a list of millions", full.instead(header, many).sealed()


def test_memory_stays_within_eight_times_what_a_package_may_hold(nothing: Nothing) -> None:
    for line, data in bombs():
        tracemalloc.start()
        try:
            found = nothing.gets(data)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert found.result.name == "BROKEN", line
        assert peak < 8 * limits.PACKAGE.content, f"{line}: {peak / limits.MB:.0f} MB"


def test_after_thousands_of_bad_files_the_good_one_is_taken(nothing: Nothing) -> None:
    desk = nothing.desk

    def complete(line: FileLine) -> None:
        assert line.result.kept
        assert {stands.state for _, _, stands in desk.workspace.standings("2025", [MANGUO])} == {ReturnState.RECEIVED}

    nothing.gets(the_bundle(MANGUO), complete)
