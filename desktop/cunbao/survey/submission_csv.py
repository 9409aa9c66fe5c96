"""Submissions as ODK Central exports them: one CSV for the form, one for each roster, rows tied by KEY and PARENT_KEY.

Pure: the bytes of the files of one folder in, submissions out, as if each had come as XML. Columns are named by path
with "-" between; a question's own name is the last part. Source: ODK Central, “Downloading submissions as CSVs”.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from cunbao.errors import SurveyError
from cunbao.survey.submission import MOST_BYTES, Node, Submission

KEY, PARENT, SENT = "KEY", "PARENT_KEY", "SubmissionDate"
OWN = frozenset(
    {KEY, PARENT, SENT, "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status",
     "ReviewState", "DeviceID", "Edits", "FormVersion", "instanceID", "meta-instanceID", "meta-instanceName"}
)  # fmt: skip
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class _Table:
    heads: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


def is_export(data: bytes) -> bool:
    """Does a CSV file begin as one of Central's does?"""
    first = data[:20_000].split(b"\n", 1)[0]
    return KEY.encode() in first and (SENT.encode() in first or PARENT.encode() in first)


def read_csv(files: Mapping[str, bytes]) -> tuple[Submission, ...]:
    """The submissions in the CSV files of one folder, by file name without .csv. SurveyError "submission.csv"."""
    tables = {name: _table(name, data) for name, data in files.items()}
    found: list[Submission] = []
    for form, table in tables.items():
        if SENT not in table.heads:
            continue
        rosters = {
            name.removeprefix(f"{form}-").rsplit("-", 1)[-1]: one
            for name, one in tables.items()
            if name.startswith(f"{form}-") and PARENT in one.heads
        }
        found += [_submission(form, row, rosters) for row in table.rows]
    return tuple(found)


def _submission(form: str, row: Mapping[str, str], rosters: Mapping[str, _Table]) -> Submission:
    key = row.get(KEY, "")
    nodes = [*_nodes(row)]
    for name, table in rosters.items():
        nodes += [Node(name, "", "", tuple(_nodes(one))) for one in table.rows if one.get(PARENT) == key]
    return Submission(
        form=form,
        version=row.get("FormVersion", ""),
        instance_id=row.get("meta-instanceID", "") or key,
        instance_name=row.get("meta-instanceName", ""),
        replaces="",
        sent_at=row.get(SENT, ""),
        nodes=tuple(nodes),
    )


def _nodes(row: Mapping[str, str]) -> list[Node]:
    """A choice of a select that stands in a column of its own ("field/option") says nothing that "field" does not."""
    return [
        Node(head.rsplit("-", 1)[-1], text, "", ()) for head, text in row.items() if head not in OWN and "/" not in head
    ]


def _table(name: str, data: bytes) -> _Table:
    if len(data) > MOST_BYTES:
        raise _refusal(name, "它太大了")
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="")
        rows = []
        for row in reader:
            rows.append({head: cell or "" for head, cell in row.items() if head})
            if len(rows) > MOST_ROWS:
                raise _refusal(name, "它行数太多")
        return _Table(tuple(reader.fieldnames or ()), tuple(rows))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _refusal(name, "它不是 UTF-8 的 CSV", str(error)) from error


def _refusal(name: str, why: str, detail: str = "") -> SurveyError:
    return SurveyError(
        "submission.csv",
        happened=f"“{name}.csv”读不下去：{why}",
        safe="没有从它取任何内容，别的提交不受影响",
        todo="请从平台重新导出一次，不要用 Excel 另存",
        detail=detail,
    )
