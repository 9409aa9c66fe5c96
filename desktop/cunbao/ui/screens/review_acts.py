"""What is asked before a return is decided: comments beside 通过, a reason for 免说明, how many go at once."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from cunbao.desks.township.review_views import NoteView, ReviewView
from cunbao.errors import DeskError
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.screens.town_dialogs import Named, labelled

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

LEAST_REASON = 2  # characters
MOST_PIXELS = 120_000_000
A4 = (595.0, 842.0)  # points


def title_of(view: ReviewView) -> str:
    """B02 设施面积."""
    return view.title if view.title.startswith(view.form) else f"{view.form} {view.title}"


def ask_about_comments(shell: Shell, view: ReviewView, count: int) -> str:
    """通过 although something was said. Gives "stay", "drop" (accept without them) or "return"."""
    box = DialogBox(
        f"这张表上写了 {count} 条意见",
        "通过的表不带意见：删掉意见再通过，还是退回请村里改？",
        "还没有作决定，意见都留着",
        "",
        (
            Choice("stay", "再看看"),
            Choice("drop", "删掉意见，通过"),
            Choice("return", "带着意见退回"),
        ),
        icon="message",
    )
    return shell.ask(box, escape="stay")


def ask_reason(
    shell: Shell, title: str, about: str, lines: tuple[tuple[str, str], ...], word: str, *, help: str = ""
) -> str:
    """A reason of one line; "" when it is not done after all. help: as in `DialogBox`."""
    reason = FieldBox(name="原因")
    reason.set_hint("写一句原因")

    def accepts(key: str) -> bool:
        missing = key == "act" and len(reason.text().strip()) < LEAST_REASON
        reason.set_state("error" if missing else "")
        if missing:
            reason.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        return not missing

    box = labelled(
        title, (*lines, ("原因", reason)), (Choice("stay", "先不办", cap="Esc"), Choice("act", word)),
        about=Named(about), icon="pen", tone="accent", accepts=accepts, help=help,
    )  # fmt: skip
    reason.next.connect(lambda step: box.answer("act") if step > 0 else None)
    return reason.text().strip() if shell.ask(box, escape="stay", focus=reason.edit) == "act" else ""


def ask_waive(shell: Shell, view: ReviewView, note: NoteView) -> str:
    """免说明: why the village need not explain one finding."""
    lines = (("查到的", note.message), ("免了以后", "只免这一份的这一处，换了新的一份要重新说明"))
    return ask_reason(shell, "免去这一处说明？", f"{view.name} {title_of(view)}", lines, "免说明")


def ask_paper(shell: Shell, view: ReviewView) -> bool:
    box = DialogBox(
        "盖章的纸质报表收到了？",
        f"{view.name} {title_of(view)}，记在你名下，日期是今天。",
        "电子的一份不受影响",
        "纸上的数和电子的不一样，先退回，不要记。",
        (Choice("stay", "还没收到", cap="Esc"), Choice("act", "记下，已收到")),
        icon="inbox-in",
        tone="accent",
    )
    return shell.ask(box, escape="stay") == "act"


def ask_all_clean(shell: Shell, waiting: int) -> bool:
    box = DialogBox(
        "没有问题的一起通过？",
        f"等审核的 {waiting} 张里，检查没有问题或者都说明了、签名有效、没写意见的，一起签上通过。",
        "没说明的、退回后改了别处的都留下，一张一张看",
        "每一张都记在操作日志里，写回执之前可以撤回。",
        (Choice("stay", "一张一张看", cap="Esc"), Choice("act", "一起通过")),
        icon="check-circle",
        tone="accent",
        help="review/all",
    )
    return shell.ask(box, escape="stay") == "act"


def tell_accepted(shell: Shell, accepted: int, left: int) -> None:
    rest = f"还有 {left} 张要一张一张看。" if left else "没有等审核的了，可以去写回执。"
    box = DialogBox(
        f"一起通过了 {accepted} 张" if accepted else "没有可以一起通过的",
        rest if accepted else f"等审核的 {left} 张都有要看的地方。",
        "决定都签好存下了" if accepted else "什么也没有变",
        "",
        (Choice("close", "接着审核" if left else "知道了"),),
        icon="check-circle",
        tone="ok" if accepted else "info",
        help="review/all",
    )
    shell.ask(box)


def tell_why_not(shell: Shell, word: str, why: str) -> None:
    box = DialogBox(
        f"现在不能{word}", f"{why.rstrip('。')}。", "报表和意见都没有动", "", (Choice("close", "知道了", cap="Esc"),),
        icon="info", tone="info",
    )  # fmt: skip
    shell.ask(box)


def tell_history(shell: Shell, view: ReviewView) -> None:
    """审核记录 of this return, newest first."""
    from PySide6.QtWidgets import QWidget

    from cunbao.ui.kit.panel import column, scrolled
    from cunbao.ui.kit.text import Text
    from cunbao.ui.kit.tokens import look

    inner = QWidget()
    box = column(inner, 6, (0, 0, 8, 0))
    for line in view.history:
        box.addWidget(Text(line, lines=0))
    box.addStretch(1)
    area = scrolled(inner)
    area.setMinimumHeight(min(look.px(260), look.px(30) * max(3, len(view.history))))
    shown = DialogBox(
        "审核记录", "", "", "", (Choice("close", "关闭", cap="Esc"),), icon="list", tone="accent", body=area
    )
    shell.ask(shown)


# --- scans -----------------------------------------------------------------------------------------------------------


def picture(data: bytes, name: str) -> tuple[bytes, int, int]:
    """A scan from a village as an upright JPEG, with its size in pixels. DeskError "scan.unreadable"."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise ValueError(f"{opened.width} × {opened.height}")
                upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as trouble:
        raise _unreadable(name, str(trouble)) from trouble
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=88)
    return out.getvalue(), upright.width, upright.height


def _unreadable(name: str, detail: str) -> DeskError:
    return DeskError(
        "scan.unreadable",
        happened=f"附件“{name}”打不开",
        safe="报表和数据没有受影响，附件原样留着",
        todo="请村里重新拍一张，随下一次报送带来",
        detail=detail,
    )


def opens(pdf: bytes) -> bool:
    """Can the pages of a PDF be shown at all?"""
    import pypdfium2

    from cunbao.desks.pagetext import PDFIUM

    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
            try:
                return len(document) > 0
            finally:
                document.close()
        except pypdfium2.PdfiumError:
            return False


def as_pages(jpeg: bytes, wide: int, high: int) -> bytes:
    """One page with a picture on it, for the viewer of pages."""
    import pypdfium2

    from cunbao.desks.pagetext import PDFIUM

    scale = min(A4[0] / wide, A4[1] / high) if high >= wide else min(A4[1] / wide, A4[0] / high)
    out = io.BytesIO()
    with PDFIUM:
        document = pypdfium2.PdfDocument.new()
        page = document.new_page(wide * scale, high * scale)
        image = pypdfium2.PdfImage.new(document)
        image.load_jpeg(io.BytesIO(jpeg), inline=True)
        image.set_matrix(pypdfium2.PdfMatrix().scale(wide * scale, high * scale))
        page.insert_obj(image)
        page.gen_content()
        document.save(out)
        document.close()
    return out.getvalue()


def show_scan(shell: Shell, data: bytes, name: str) -> None:
    """Open a scan over the window, like every other page."""
    from cunbao.ui.screens.preview import show_preview

    if data.startswith(b"%PDF-"):
        if opens(data):
            show_preview(shell, name, data, "村里附的扫描件")
        else:
            shell.show_error(_unreadable(name, "PDF"))
        return
    shell.run_job(
        lambda progress, cancel: picture(data, name),
        done=lambda made: show_preview(shell, name, as_pages(*made), "村里附的照片"),
        title="打开附件",
    )
