"""What a 更正 changed: the old words of a cell, and 更正说明 line by line. Source: print.md §8."""

from __future__ import annotations

from dataclasses import dataclass

from cunbao.paper.words import printed, words
from cunbao.survey.form import Field, Form, Repeat
from cunbao.survey.pairing import row_name
from cunbao.survey.values import Answers, Row

EMPTY = "空"


@dataclass(frozen=True)
class Changes:
    """The answers beside those of the version that they replace; without one nothing has changed."""

    form: Form
    now: Answers
    before: Answers | None
    masked: bool

    def old(self, field: Field, row: Row | None = None) -> str | None:
        """The words of the value that was replaced, "" when it was empty; None when it is the same."""
        if self.before is None:
            return None
        if row is None:
            old, new = self.before.values.get(field.name, ""), self.now.values.get(field.name, "")
        else:
            known = next((one for one in self.before.rows.get(field.repeat, ()) if one.id == row.id), None)
            if known is None:
                return None
            old, new = known.values.get(field.name, ""), row.values.get(field.name, "")
        return None if old == new else words(field, old, masked=self.masked)

    def told(self) -> list[str]:
        """Every changed cell with its old and new value, rows that came or went."""
        if self.before is None:
            return []
        lines = []
        for field in self.form.fields:
            if printed(field) and (old := self.old(field)) is not None:
                lines.append(f"{field.label}：{self._from_to(field, old, self.now.values.get(field.name, ''))}")
        for repeat in self.form.repeats:
            lines += self._rows(repeat, self.before)
        return lines

    def _rows(self, repeat: Repeat, before: Answers) -> list[str]:
        old_rows = {row.id: row for row in before.rows.get(repeat.name, ())}
        now = self.now.rows.get(repeat.name, ())
        lines = []
        for count, row in enumerate(now, 1):
            name = f"第 {count} 行 {row_name(repeat, row)}"
            if row.id not in old_rows:
                lines.append(f"{name}：新增")
                continue
            for field in repeat.fields:
                if printed(field) and (old := self.old(field, row)) is not None:
                    lines.append(f"{name} {field.label}：{self._from_to(field, old, row.values.get(field.name, ''))}")
        kept = {row.id for row in now}
        return [*lines, *(f"删去 {row_name(repeat, row)}" for key, row in old_rows.items() if key not in kept)]

    def _from_to(self, field: Field, old: str, new: str) -> str:
        return f"原为 {old or EMPTY}，更正为 {words(field, new, masked=self.masked) or EMPTY}"
