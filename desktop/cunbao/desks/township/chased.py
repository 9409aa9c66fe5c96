"""What was done about a village that owes: each time it was chased, files that could not be taken, a changed text.

Kept in the workspace, one setting a village and period, and journalled. Receipts are read beside it: they chase too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cunbao.desks.clock import LOCAL
from cunbao.desks.receiving import TAKEN
from cunbao.desks.township import owing
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.owing import Owed
from cunbao.desks.township.views import FileLine, FileResult
from cunbao.errors import DeskError

HOWS = ("电话", "通知", "微信", "去村里")
RECEIPT = "回执"
SAID, BODY = 100, 600  # most characters of what was answered, of a changed paragraph


@dataclass(frozen=True, slots=True)
class Noted:
    """One time that a village was chased. how: one of HOWS, or 回执; said: 答应 12-18 送."""

    at: datetime
    how: str
    said: str
    by: str = ""

    @property
    def words(self) -> str:
        """12-15 电话."""
        return f"{self.at.astimezone(LOCAL):%m-%d} {self.how}"


def note(desk: TownshipDesk, office: str, how: str, said: str) -> None:
    """记一次催报: kept in the workspace, journalled; what was changed in its text is over. DeskError "chase.how",
    "chase.said", "office.unknown"."""
    said = " ".join(said.split())
    if how not in HOWS:
        raise refused("chase.how", f"没有“{how}”这种催法", f"请选{'、'.join(HOWS)}中的一种")
    if len(said) > SAID:
        raise refused("chase.said", f"对方怎么说写了 {len(said)} 个字", f"请写短一些，{SAID} 个字以内")
    code = desk.village(office).code
    with desk.workspace.atomic():
        kept = kept_of(desk, code)
        kept["notes"] = [
            *kept.get("notes", []),
            {"at": desk.clock().isoformat(), "how": how, "said": said, "by": desk.person.name},
        ]
        kept.pop("text", None)
        keep(desk, code, kept)
        desk.journal("chase", office=code, how=how, said=said)


def record(desk: TownshipDesk, office: str) -> tuple[Noted, ...]:
    """Every time that the village was chased this period, newest first; receipts written for it among them."""
    return Round(desk).record(office)


def note_trouble(desk: TownshipDesk, office: str, words: str) -> None:
    """记入催报: a sentence about a file that could not be taken. It is told until a whole one comes."""
    code = desk.village(office).code
    with desk.workspace.atomic():
        kept = kept_of(desk, code)
        troubles = [one for one in kept.get("troubles", []) if one["words"] != words]
        kept["troubles"] = [*troubles, {"at": desk.clock().isoformat(), "words": words}]
        keep(desk, code, kept)
        desk.journal("chase_trouble", office=code, words=words)


def trouble_words(line: FileLine) -> str:
    """12 月 16 日送来的第 2 次 U 盘没拷全，请重拷一次。 for a file that could not be taken."""
    day = line.at.astimezone(LOCAL) if line.at else None
    when = f"{day.month} 月 {day.day} 日送来的" if day else "送来的"
    number = re.search(r"第(\d+)次", line.file_name)
    which = f"第 {number.group(1)} 次" if number else f"“{line.file_name}”"
    return {
        FileResult.BROKEN: f"{when}{which} U 盘没拷全，请重拷一次。",
        FileResult.SIGNATURE: f"{when}{which}文件签名对不上，请在村报里重新导出，不要改文件。",
        FileResult.STRANGER: f"{when}{which}文件里没有证书申请，请连证书申请一起重新导出。",
        FileResult.REVOKED: f"{when}{which}是已吊销的电脑签名的，请用现在的电脑重新签名再报。",
    }.get(line.result, f"{when}{which}没能收下，请重新导出一次。")


def kept_of(desk: TownshipDesk, office: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.workspace.setting(_key(desk, office), {})
    return found


def keep(desk: TownshipDesk, office: str, kept: dict[str, Any]) -> None:
    desk.workspace.set_setting(_key(desk, office), kept)


def _key(desk: TownshipDesk, office: str) -> str:
    return f"chase/{desk.task.period}/{office}"


def keep_text(desk: TownshipDesk, one: Owed, text: str) -> None:
    """改文字: another first paragraph, for this round only; "" brings the usual one back. DeskError "chase.text"."""
    body = " ".join(text.split())
    if len(body) > BODY:
        raise refused("chase.text", f"通知写了 {len(body)} 个字", f"请写短一些，{BODY} 个字以内")
    with desk.workspace.atomic():
        kept = kept_of(desk, one.office.code)
        kept.pop("text", None)
        if body:
            kept["text"] = {"body": body, "owes": one.words}
        keep(desk, one.office.code, kept)
        desk.journal("chase_text", office=one.office.code, changed=bool(body))


# --- kept ------------------------------------------------------------------------------------------------------------


class Round:
    """What is kept of every village, read once."""

    def __init__(self, desk: TownshipDesk) -> None:
        self.desk = desk
        self.kept = desk.workspace.settings(f"chase/{desk.task.period}/")
        self.receipts = owing.receipts_of(desk)
        arrived = desk.workspace.last_arrivals(desk.task.period, TAKEN)
        self.came = {office: one.at for office, one in arrived.items()}

    def of(self, office: str) -> dict[str, Any]:
        found: dict[str, Any] = self.kept.get(_key(self.desk, office), {})
        return found

    def record(self, office: str) -> tuple[Noted, ...]:
        noted = [
            Noted(datetime.fromisoformat(one["at"]), one["how"], one["said"], one["by"])
            for one in self.of(office).get("notes", [])
        ]
        noted += [Noted(one.at, RECEIPT, "") for one in self.receipts.get(office, [])]
        return tuple(sorted(noted, key=lambda one: one.at, reverse=True))

    def last(self, office: str) -> Noted | None:
        return next(iter(self.record(office)), None)

    def troubles(self, office: str) -> tuple[str, ...]:
        """Sentences about files that could not be taken, unless a whole one has come since."""
        came = self.came.get(office)
        return tuple(
            one["words"]
            for one in self.of(office).get("troubles", [])
            if came is None or datetime.fromisoformat(one["at"]) > came
        )

    def body(self, owed: Owed) -> str:
        """The paragraph that was written for this round, "" for the usual one."""
        changed = self.of(owed.office.code).get("text")
        return str(changed["body"]) if changed and changed["owes"] == owed.words else ""


def refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="没有改变任何报表的状态", todo=todo)
