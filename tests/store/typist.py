"""The child of the power cut test: types without end and says each answer that 已保存 would be shown for.

Run as `python typist.py FOLDER SEED`; prints "seq form field row value" when keep has returned, until it is killed.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from cunbao.store import DraftKey
from cunbao.survey.values import Edit
from store.folders import NOW, PERIOD, VILLAGE, add_row, opened, put


def main(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    ws = opened(folder)
    while True:
        key = DraftKey(VILLAGE, chance.choice(["B01", "B02", "B03"]), PERIOD)
        if chance.random() < 0.1:
            undone = ws.undo(VILLAGE, PERIOD, now=NOW)
            if undone is not None:
                say(ws.draft_mark(undone.key).seq, undone.key, undone.edits[-1])
            continue
        answers = ws.draft(key).answers
        name, text = chance.choice("abcdefgh"), str(chance.getrandbits(chance.choice([8, 64, 4000])))
        edits = [put(name, answers.values.get(name, ""), text)]
        if chance.random() < 0.1:
            row = f"r{chance.getrandbits(64)}"
            edits = [add_row("p", row, len(answers.rows.get("p", ()))), put("n", "", text, row)]
        kept = ws.keep(key, edits, now=NOW)
        say(kept.seq, key, edits[-1])


def say(seq: int, key: DraftKey, edit: Edit) -> None:
    os.write(1, f"{seq}\t{key.form}\t{edit.field}\t{edit.row}\t{edit.new}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
