"""接收记录: what became of every file that was read, with the line that the screen showed. This workspace's own log."""

from __future__ import annotations

import json
from dataclasses import replace

from cunbao.desks import filelines
from cunbao.desks.admitting import Admitted, Receiver
from cunbao.desks.township.views import FileLine
from cunbao.store import Arrival


def note(desk: Receiver, line: FileLine, sha256: str, file_name: str, size: int, read: Admitted | None = None) -> None:
    """Put a file and its line down, taken or not."""
    said = filelines.to_json(line)
    if read is None:
        one = Arrival(sha256, desk.clock(), line.result.name, office=line.office, file_name=file_name, size=size)
    else:
        manifest = read.package.manifest
        one = Arrival(
            sha256=sha256,
            at=desk.clock(),
            result=line.result.name,
            kind=manifest.kind.value,
            office=manifest.office,
            period=manifest.period,
            device=manifest.device,
            epoch=manifest.epoch,
            seq=manifest.sequence,
            previous=manifest.previous,
            file_name=file_name,
            size=size,
            journal_length=manifest.journal_length,
            journal_head=manifest.journal_head,
            objects=read.content.ids,
        )
    desk.workspace.add_arrival(replace(one, line=json.dumps(said, ensure_ascii=False)))


def line_of(one: Arrival) -> FileLine:
    """What the screen showed of a file when it was read."""
    return filelines.from_json(json.loads(one.line))
