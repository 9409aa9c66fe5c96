"""county-08, what is said when a job or a PDF is done, and asked before a job begins again."""

from __future__ import annotations

from cunbao.desks.county.binding import Bound
from cunbao.desks.county.printjob import PrintJob
from cunbao.ui.kit.dialog import Choice, DialogBox


def handed_over(job: PrintJob) -> DialogBox:
    """Every document of the job is in the printer's queue."""
    return DialogBox(
        "都交给打印机了",
        f"{job.returns_done} 份，打印机：{job.options.printer}。",
        "签名的报表没有改动，打印记在操作记录里。",
        "请对照目录点一点份数；最后一份没出来的，按“退一份”。",
        (Choice("close", "知道了"),),
        icon="printer",
        tone="ok",
    )


def from_start() -> DialogBox:
    """从头打 prints again what is on paper already: "again" or "keep"."""
    return DialogBox(
        "从头打这一批？",
        "打过的会再打一遍。",
        "签名的报表没有改动。",
        "只差最后一份的，退一份就可以，不用从头打。",
        (Choice("again", "从头打"), Choice("keep", "不从头打")),
    )


def bound(made: Bound) -> DialogBox:
    """The PDF lies where it was asked for."""
    volumes = f"，{made.volumes} 册" if made.volumes > 1 else ""
    size = f"{made.size / 1024 / 1024:.1f} MB"
    return DialogBox(
        "合成好了",
        f"{made.path}：{made.returns} 份，{made.pages} 页{volumes}，{size}。",
        "签名的原件附在 PDF 里，一份不少。",
        "合成的 PDF 自己没有签名；要证明哪一份，请用里面附的原件。",
        (Choice("close", "知道了"),),
        icon="form",
        tone="ok",
    )
