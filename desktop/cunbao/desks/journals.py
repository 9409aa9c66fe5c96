"""操作记录: who did what, found by day, person, kind and words; whether the chain is whole; a copy for the auditors.

Append-only: nothing here changes an entry. Source: ui/design.md, county-11; protocol §5 (`witness`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import journal_words, witness
from cunbao.desks.clock import LOCAL, local_day
from cunbao.desks.seat import Seat
from cunbao.errors import DeskError
from cunbao.store import Entry, Sought

if TYPE_CHECKING:
    from cunbao.paper import Drawn

QUICK = (journal_words.PRIVATE, journal_words.KEYS, journal_words.PRINTED)  # the counts that are filters


@dataclass(frozen=True, slots=True)
class Wanted:
    """since, until: local days, both included, None = open; who, kind: "" = all; words: as typed."""

    since: date | None = None
    until: date | None = None
    who: str = ""
    kind: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One entry as a row. at: local."""

    n: int
    at: datetime
    who: str
    kind: str
    did: str
    about: str


@dataclass(frozen=True, slots=True)
class JournalDetail:
    """One entry whole. facts: (label, words); before, own, after: short codes of the hashes, "" at an end; joined: it
    fits to both neighbours. office, revision: what it was about, "" for none: where Enter leads."""

    n: int
    facts: tuple[tuple[str, str], ...]
    before: str
    own: str
    after: str
    joined: bool
    office: str
    revision: str


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """What walking the chain found. at: local; first: day of the oldest entry, None for an empty journal; code: short
    form of the last hash; alone: entries that nobody outside vouches for; first_bad: None when all hold."""

    at: datetime
    good: bool
    length: int
    first: date | None
    code: str
    witnessed: int
    first_bad: int | None
    contradicted: tuple[int, ...]

    @property
    def alone(self) -> int:
        return self.length - self.witnessed


@dataclass(frozen=True, slots=True)
class JournalView:
    """county-11. count: entries that were found; all: with every kind; counts: of the three quick kinds
    under the other filters."""

    count: int
    all: int
    counts: tuple[tuple[str, int], ...]
    people: tuple[str, ...]
    kinds: tuple[str, ...]


def view(desk: Seat, wanted: Wanted) -> JournalView:
    """The journal under these filters; quick, it walks no chain."""
    workspace = desk.workspace
    kinds = tuple(dict.fromkeys(journal_words.kind_of(act) for act in workspace.journal_acts()))
    rest = Wanted(wanted.since, wanted.until, wanted.who, "", wanted.words)
    return JournalView(
        count=workspace.journal_count(_sought(desk, wanted)),
        all=workspace.journal_count(_sought(desk, rest)),
        counts=tuple((kind, workspace.journal_count(_sought(desk, _of(rest, kind)))) for kind in QUICK),
        people=workspace.journal_people(),
        kinds=kinds,
    )


def page(desk: Seat, wanted: Wanted, offset: int, most: int = 100) -> tuple[JournalLine, ...]:
    """Rows of what was found, newest first."""
    return tuple(_line(desk, one) for one in desk.workspace.journal_page(_sought(desk, wanted), offset, most))


def detail(desk: Seat, n: int) -> JournalDetail | None:
    """One entry whole, None when there is none of that number."""
    workspace = desk.workspace
    entry = workspace.journal_entry(n)
    if entry is None:
        return None
    after = workspace.journal_entry(n + 1)
    before = workspace.journal_entry(n - 1)
    facts = [
        ("时间", f"{entry.at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"),
        ("谁", entry.who),
        ("做了什么", journal_words.did(entry.act, entry.detail)),
    ]
    for key, value in entry.detail.items():
        if value in ("", None, [], {}) or key not in journal_words.LABELS:
            continue
        if key in ("office", "offices"):
            offices = [value] if isinstance(value, str) else value
            words = "、".join(_name(desk, str(one)) for one in offices)
        elif key in ("file", "revision", "key", "package", "content"):
            words = short(str(value))
        else:
            words = journal_words.value_words(key, value)
        facts.append((journal_words.LABELS.get(key, key), words))
    follows = before is None or entry.chain > before.chain or entry.previous == before.hash
    followed = after is None or after.chain > entry.chain or after.previous == entry.hash
    own_office = entry.detail.get("office", "")
    return JournalDetail(
        n=entry.n,
        facts=tuple(facts),
        before=short(before.hash) if before is not None else "",
        own=short(entry.hash),
        after=short(after.hash) if after is not None else "",
        joined=follows and followed,
        office=str(own_office),
        revision=str(entry.detail.get("revision", "")),
    )


def check(desk: Seat) -> JournalCheck:
    """Walk the whole chain and hold it against every head that came back from outside."""
    found, now = witness.verify(desk.workspace), desk.clock()
    first = desk.workspace.journal_entry(1)
    length, head = desk.workspace.journal_head()
    return JournalCheck(
        at=now.astimezone(LOCAL),
        good=found.good,
        length=length,
        first=local_day(first.at) if first is not None else None,
        code=short(head) if length else "",
        witnessed=found.witnessed,
        first_bad=found.first_bad,
        contradicted=found.contradicted,
    )


def words_of(found: JournalCheck) -> tuple[str, str]:
    """The banner: a sentence, and what stands behind it."""
    if not found.good:
        at = found.first_bad if found.first_bad is not None else min(found.contradicted, default=0)
        lead = f"第 {at} 条和前面接不上，从这里起被改过、插过或删过"
        return lead, f"第 1 到 {max(0, at - 1)} 条是好的，照样能看。可以从备份恢复；要接着记，就另起一段。"
    if not found.length:
        return "还没有记录", ""
    seen = f"前 {found.witnessed} 条有外面的回执作证" if found.witnessed else "还没有外面的回执作证"
    lead = f"{found.at:%H:%M} 核对：{found.length} 条首尾相接，没有缺、没有改、没有插"
    return lead, f"最早 {found.first:%Y-%m-%d}，尾码 {found.code}；{seen}"


def go_on(desk: Seat, reason: str) -> Entry:
    """After a broken chain: write on in a new one; the old one stays as it is. DeskError "journal.whole", ".reason"."""
    if witness.verify(desk.workspace).good:
        raise DeskError(
            "journal.whole", happened="记录是完整的", safe="没有改动任何资料", todo="接着用就可以，不用另起一段"
        )
    if not reason.strip():
        raise DeskError("journal.reason", happened="没有写原因", safe="记录还是原样", todo="请写一句为什么另起一段")
    return desk.workspace.begin_new_chain(desk.person.name, reason.strip(), now=desk.clock())


def export(desk: Seat, folder: Path, wanted: Wanted, name: str) -> tuple[Path, ...]:
    """导出给纪检、审计: the rows found as CSV (UTF-8 with mark, for Excel), what the check found with the CSV's SHA-256
    as JSON, and a detached CMS over that by the desk's key. Gives the paths written; journalled.

    DeskError "disk.full", "folder.readonly", "medium.gone"; without a key the third file is left out."""
    from cunbao.desks import media

    found = check(desk)
    rows = desk.workspace.journal_page(_sought(desk, wanted), 0, -1)
    data = _csv(desk, rows)
    told = {
        "v": 1,
        "office": desk.office.code,
        "exported_at": desk.clock().replace(microsecond=0).isoformat(),
        "by": desk.person.name,
        "csv_sha256": sha256(data).hexdigest(),
        "rows": len(rows),
        "entries": found.length,
        "head": desk.workspace.journal_head()[1],
        "whole": found.good,
        "first_bad": found.first_bad,
        "witnessed": found.witnessed,
        "contradicted": list(found.contradicted),
    }
    said = json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode()
    files = [(folder / f"{name}.csv", data), (folder / f"{name}-核对.json", said)]
    signer = getattr(desk, "signer", None)
    if signer is not None:
        from cunbao.trust.cms import sign_detached

        files.append((folder / f"{name}-核对.json.p7s", sign_detached(said, signer, when=desk.clock())))
    for path, content in files:
        media.write_file(path, content, what="操作记录")
    desk.journal("export_journal", rows=len(rows), name=f"{name}.csv")
    return tuple(path for path, _ in files)


def check_slip(desk: Seat, found: JournalCheck) -> Drawn:
    """打印核对结果: one page that says what the chain looked like, when and to whom."""
    from cunbao.paper.journal import JournalSlip, draw_journal_slip

    lead, line = words_of(found)
    return draw_journal_slip(
        JournalSlip(
            office=getattr(desk, "full_name", desk.office.name),
            code=desk.office.code,
            at=found.at,
            person=desk.person.name,
            good=found.good,
            sentence=f"{lead}。{line}。",
            facts=(
                ("记录条数", str(found.length)),
                ("最早一条", f"{found.first:%Y-%m-%d}" if found.first else "—"),
                ("尾码（最后一条的指纹）", desk.workspace.journal_head()[1] if found.length else "—"),
                ("外面的回执作证到", f"第 {found.witnessed} 条" if found.witnessed else "—"),
                ("没有外人作证的", f"{found.alone} 条"),
            ),
        )
    )


def short(digest: str) -> str:
    """A90E-6B12-F7D4: the first twelve digits of a hash, to be compared by eye."""
    upper = digest[:12].upper()
    return "-".join(upper[at : at + 4] for at in range(0, len(upper), 4))


def _line(desk: Seat, one: Entry) -> JournalLine:
    return JournalLine(
        n=one.n,
        at=one.at.astimezone(LOCAL),
        who=one.who,
        kind=journal_words.kind_of(one.act),
        did=journal_words.did(one.act, one.detail),
        about=journal_words.about(one.act, one.detail, lambda code: _name(desk, code)),
    )


def _csv(desk: Seat, rows: Sequence[Entry]) -> bytes:
    """Oldest first, as a book is read; the facts as they are chained, so that every hash can be computed again."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(("序号", "段", "时间", "谁", "种类", "做了什么", "对象和结果", "事项", "明细", "上一条", "这一条"))
    for one in reversed(rows):
        line = _line(desk, one)
        facts = json.dumps(dict(one.detail), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        writer.writerow(
            _plain(value)
            for value in (
                one.n, one.chain, f"{line.at:%Y-%m-%d %H:%M:%S}", one.who, line.kind, line.did, line.about, one.act,
                facts, one.previous, one.hash,
            )
        )  # fmt: skip
    return b"\xef\xbb\xbf" + made.getvalue().encode()


def _plain(value: Any) -> Any:
    """A cell that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def _sought(desk: Seat, wanted: Wanted) -> Sought:
    acts: tuple[str, ...] | None = None
    others: tuple[str, ...] = ()
    if wanted.kind == journal_words.OTHER:
        others = tuple(journal_words.ACTS)
    elif wanted.kind:
        acts = journal_words.acts_of(wanted.kind)
    words: tuple[str, ...] = ()
    if typed := wanted.words.strip():
        named = [one.code for one in desk.workspace.offices() if typed in one.name or typed in one.short]
        did = [act for act, (kind, said) in journal_words.ACTS.items() if typed in said or typed == kind]
        words = (typed, *named, *did)
    return Sought(
        since=_midnight(wanted.since) if wanted.since else None,
        until=_midnight(wanted.until + timedelta(days=1)) if wanted.until else None,
        who=wanted.who,
        acts=acts,
        not_acts=others,
        words=words,
    )


def _of(wanted: Wanted, kind: str) -> Wanted:
    return Wanted(wanted.since, wanted.until, wanted.who, kind, wanted.words)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


def _name(desk: Seat, code: str) -> str:
    office = desk.workspace.office(code)
    return office.short if office is not None else code
