"""The child of the power cut story: a clerk who types into the desk without end and says each 已保存 that he sees.

Run as `python typist.py FOLDER SEED`; prints "seq form field row value" when keep has returned, until it is killed.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from cunbao.survey.values import Cell, EditAct
from world.desk import reopened

WORDS = ("12", "-3", "十二个", "0.5", "2205", "岩温罕", "李𠮷样", "")


def main(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    desk = reopened(folder)
    print("open", flush=True)
    forms = list(desk.task.forms)
    while True:
        form = chance.choice(forms)
        asked = desk.task.forms[form]
        repeat = chance.choice(asked.repeats) if asked.repeats and chance.random() < 0.5 else None
        text = f"{chance.choice(WORDS)}{chance.getrandbits(16)}"
        if repeat is None:
            typed = [one.name for one in asked.fields if not one.calculated]
            if not typed:
                continue
            change = desk.type(form, Cell(chance.choice(typed)), text)
        else:
            rows = desk.instance(form).rows(repeat.name)
            name = chance.choice([one.name for one in repeat.fields if not one.calculated])
            if rows and chance.random() < 0.8:
                change = desk.type(form, Cell(name, chance.choice(rows)), text)
            elif len(rows) > 12:
                change = desk.delete_row(form, repeat.name, chance.choice(rows))
            else:
                change = desk.add_row(form, repeat.name, {name: text}, row_id=f"{chance.getrandbits(128):032x}")
        if not change.edits:
            continue
        kept = desk.keep(form, change.edits)
        last = change.edits[-1]
        if last.act is EditAct.SET:  # nothing is said before it is true
            os.write(1, f"{kept.seq}\t{form}\t{last.field}\t{last.row}\t{last.new}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
