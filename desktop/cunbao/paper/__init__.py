"""Paper: returns, blank forms, notices, slips and totals as PDF pages. Values in, bytes out; never opens a workspace,
never signs, no clock.

draw_return(sheet) and draw_blank(task, form, office) are the doors for forms; draw_receipt_slip, draw_notices,
draw_approval_slip and draw_totals those for what a township prints, draw_pack_notice for what a county does.
Source: print/print.md, print/fonts.md.
"""

from cunbao.paper.approval import ApprovalSlip, draw_approval_slip
from cunbao.paper.blank import draw_blank
from cunbao.paper.fonts import unprintable
from cunbao.paper.letter import Contact
from cunbao.paper.manual import draw_manual
from cunbao.paper.notices import ChasingNotice, Owing, draw_notices, notice_text
from cunbao.paper.pack_notice import NoticeForm, PackNotice, draw_pack_notice
from cunbao.paper.receipt import ReceiptSlip, Remark, Reviewed, draw_receipt_slip
from cunbao.paper.recovery_slip import RecoverySlip, draw_recovery_slip
from cunbao.paper.returns import draw_return
from cunbao.paper.sheet import Draft, Drawn, ProxyBasis, ReturnSheet, Signed
from cunbao.paper.totals import draw_totals
from cunbao.paper.totals_sheet import NO_BASE, NOTHING_COUNTED, LeftOut, SheetColumn, SheetRow, TotalsSheet

__all__ = [
    "NOTHING_COUNTED",
    "NO_BASE",
    "ApprovalSlip",
    "ChasingNotice",
    "Contact",
    "Draft",
    "Drawn",
    "LeftOut",
    "NoticeForm",
    "Owing",
    "PackNotice",
    "ProxyBasis",
    "ReceiptSlip",
    "RecoverySlip",
    "Remark",
    "ReturnSheet",
    "Reviewed",
    "SheetColumn",
    "SheetRow",
    "Signed",
    "TotalsSheet",
    "draw_approval_slip",
    "draw_blank",
    "draw_manual",
    "draw_notices",
    "draw_pack_notice",
    "draw_receipt_slip",
    "draw_recovery_slip",
    "draw_return",
    "draw_totals",
    "notice_text",
    "unprintable",
]
