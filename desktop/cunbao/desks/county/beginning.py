"""县级开始: a county's workspace made whole or not at all, with the townships and villages of the national list in it.

The list is where a directory begins; what has changed since is put right in 单位名录. Source: decision 19.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import keyring, national
from cunbao.desks.clock import Clock, system_clock
from cunbao.desks.county import desk as county
from cunbao.desks.county import directory
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.start import refuse_occupied
from cunbao.desks.views import Person
from cunbao.errors import DeskError
from cunbao.progress import Progress, Report, silent
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.trust.keys import Stretch
    from cunbao.trust.token import Token

STEPS = ("建县级资料和根钥匙", "写入单位名录")
ROLE = "县级管理员"


def begin(
    folder: Path,
    code: str,
    *,
    person: Person,
    password: str,
    name: str = "",
    clock: Clock = system_clock,
    stretch: Stretch | None = None,
    token: Token | None = None,
    pin: str = "",
    progress: Report = silent,
) -> CountyDesk:
    """Make the workspace of a county with its root key; name: of its desk, 勐海县民政局 unless given. token, pin: the
    key is made there and never leaves it.

    DeskError "county.unknown", "folder.occupied", "password.short", "person.unnamed"; TrustError "token.module",
    "token.gone", "token.taken", "password.wrong" (the PIN). Nothing stays of a beginning that failed, on the token
    neither."""
    chosen = national.county_of(code)
    keyring.refuse_no_name(person)
    keyring.refuse_short(password)
    refuse_occupied(folder)
    progress(Progress(0, len(STEPS), STEPS[0]))
    office = Office(f"{chosen.code[:6]}000000", name.strip() or chosen.office, short_name=chosen.name)
    made = not folder.exists()
    try:
        desk = county.init_county(
            folder, office, person=person, password=password, clock=clock, stretch=stretch, token=token, pin=pin
        )
        try:
            progress(Progress(1, len(STEPS), STEPS[1]))
            _fill_directory(desk, chosen.code[:6])
        except BaseException:
            desk.close()
            if token is not None:
                from cunbao.trust.token import forget_key

                forget_key(token, pin)
            raise
    except BaseException:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    progress(Progress(len(STEPS), len(STEPS), "备好了"))
    return desk


def _fill_directory(desk: CountyDesk, code: str) -> None:
    """The national list as it stands; a county that is newer than the list begins with an empty directory."""
    try:
        listed = directory.national(code)
    except DeskError:
        return
    seen = directory.view(desk, listed)
    if seen.comparison is not None and not seen.comparison.faults:
        directory.write(desk, seen.comparison)
