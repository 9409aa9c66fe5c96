"""乡镇开始: a township's workspace with its CA key and desk keys, made whole or not at all.

It waits for the county's papers: 写证书申请 and 读入县里的证书 in its settings, then the task pack.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import keyring, national
from cunbao.desks.clock import Clock, system_clock
from cunbao.desks.start import refuse_occupied
from cunbao.desks.township.desk import TownshipDesk, init_township
from cunbao.desks.views import Person
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.trust.keys import Stretch

ROLE = "乡镇审核员"


def begin(
    folder: Path,
    code: str,
    *,
    person: Person,
    password: str,
    name: str = "",
    clock: Clock = system_clock,
    stretch: Stretch | None = None,
) -> TownshipDesk:
    """Make the workspace of a township; name: of its desk, 勐混镇人民政府 unless given.

    DeskError "township.unknown", "folder.occupied", "password.short", "person.unnamed"; nothing stays of a beginning
    that failed."""
    chosen = national.town_of(code)
    keyring.refuse_no_name(person)
    keyring.refuse_short(password)
    refuse_occupied(folder)
    office = Office(
        chosen.code, name.strip() or chosen.office, short_name=chosen.name, parent=f"{chosen.code[:6]}000000"
    )
    made = not folder.exists()
    try:
        return init_township(folder, office, person=person, password=password, clock=clock, stretch=stretch)
    except BaseException:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise
