"""Paper: returns and blank forms as PDF pages. Values in, bytes out; never opens a workspace, never signs, no clock.

draw_return(sheet) and draw_blank(task, form, office) are the doors. Source: print/print.md, print/fonts.md.
"""

from cunbao.paper.blank import draw_blank
from cunbao.paper.fonts import unprintable
from cunbao.paper.returns import draw_return
from cunbao.paper.sheet import Draft, Drawn, ReturnSheet, Signed

__all__ = ["Draft", "Drawn", "ReturnSheet", "Signed", "draw_blank", "draw_return", "unprintable"]
