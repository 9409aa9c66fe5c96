"""What went wrong, in the user's words. The floor of the house: imports nothing of ours.

A wrong answer is a Finding (survey), never an error. A refused file is an error. A bug is neither and is
never swallowed: ui and cli catch CunbaoError alone.
"""

from __future__ import annotations


class CunbaoError(Exception):
    """One trouble told in three sentences, raised where the facts are known.

    code: dotted and stable, for tests and logs ("certificate.expired"); happened: what happened; safe: what is
    unharmed; todo: what the user does next. `detail` is technical text for the county's help (详情), never shown first.
    """

    def __init__(self, code: str, *, happened: str, safe: str, todo: str, detail: str = "") -> None:
        super().__init__(f"{happened}。{safe}。{todo}。")
        self.code = code
        self.happened = happened
        self.safe = safe
        self.todo = todo
        self.detail = detail


class SurveyError(CunbaoError):
    """A form, task or answer file that cannot be used."""


class StoreError(CunbaoError):
    """A workspace that cannot be opened, read or written."""


class TrustError(CunbaoError):
    """A key, certificate, password or signature that does not hold."""


class ExchangeError(CunbaoError):
    """A package that is damaged, foreign, too large or out of place."""


class PaperError(CunbaoError):
    """A page that cannot be drawn as asked."""


class ManualError(CunbaoError):
    """A page of the manual that is not there or cannot be read."""


class DeskError(CunbaoError):
    """An act that is not allowed in the state the return is in."""


class Cancelled(Exception):
    """The user pressed 取消; everything done so far in whole transactions stays."""
