"""A signed form: what the screen says, and the two ways to type again, 撤回签名 and 更正."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cunbao.survey.states import ReturnState
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

LINES = {
    ReturnState.SENT: "发现错了就点“更正”，另做一版；这一版不要了，到“签名”里撤回报送。",
    ReturnState.RECEIVED: "{above}收到了，等审核。发现错了就点“更正”，另做一版；这一版不要了，到“签名”里撤回报送。",
    ReturnState.CERT_PENDING: "证书核准以后才算数，不用重签。发现错了就点“更正”，另做一版。",
    ReturnState.ACCEPTED: "要改就点“更正”，另做一版；新的一版通过以前，这一版还算数。",
}


def locked_banner(shell: Shell, form: str, unlocked: Callable[[object], None]) -> Banner | None:
    """None while the form may be typed in. `unlocked(result)` runs when it may be again."""
    desk = shell.desk
    if desk.read_only:
        return Banner("info", "现在是只看不改", "要填报，请先关闭，把提示的问题处理好后再打开。", icon="lock")
    state = desk.state(form)
    if state.editable:
        return None
    if state is ReturnState.SIGNED:
        button = Button("撤回签名", icon="undo")
        button.clicked.connect(lambda: take_back(shell, form, unlocked))
        line = "还没送出，可以撤回签名再改。"
    elif state is ReturnState.FORK:
        button = Button("看另一份", icon="split")
        button.clicked.connect(lambda: shell.go("receipt"))
        line = "有两份签过名的，都留着；看过以后采用一份，再改、再签。"
    else:
        button = Button("更正", icon="pencil")
        button.clicked.connect(lambda: correct(shell, form, unlocked))
        line = LINES.get(state, "发现错了就点“更正”，另做一版；原来那版还算数。").format(above=desk.above)
    return Banner("info", f"{form} {state.value}，内容锁定", line, button=button, icon="lock")


def take_back(shell: Shell, form: str, unlocked: Callable[[object], None]) -> None:
    from cunbao.desks.village import signing

    box = DialogBox(
        f"撤回 {form} 的签名？",
        "撤回后可以接着改，改完要重新检查、重新签名。",
        "填的内容都在",
        "原来的签名作废，会留一条记录。",
        (Choice("take", "撤回签名", "danger"), Choice("stay", "不撤回")),
        icon="undo",
        help="sign/correct",
    )
    if shell.ask(box, escape="stay") == "take":
        desk = shell.desk
        shell.run_job(lambda progress, cancel: signing.unsign(desk, form), done=unlocked, title="撤回签名")


def correct(shell: Shell, form: str, unlocked: Callable[[object], None]) -> None:
    from cunbao.desks.village import signing

    box = DialogBox(
        f"更正 {form}？",
        "在报过的内容上改，改完重新签名、报送。",
        f"报过的那一版一直留着，{shell.desk.above}收到更正前还算数",
        "",
        (Choice("stay", "不更正"), Choice("correct", "开始更正")),
        icon="pencil",
        tone="accent",
        help="sign/correct",
    )
    if shell.ask(box, escape="stay") == "correct":
        desk = shell.desk
        shell.run_job(lambda progress, cancel: signing.begin_correction(desk, form), done=unlocked, title="开始更正")


def correct_now(shell: Shell, form: str) -> None:
    """The 更正 of a return whose basis has changed, opened with the new values in it: nothing is asked, it is shown."""
    from cunbao.desks.village import signing

    desk = shell.desk
    shell.run_job(
        lambda progress, cancel: signing.begin_correction(desk, form),
        done=lambda nothing: shell.go("form", form=form),
        title="开始更正",
    )


def give_up(shell: Shell, form: str, done: Callable[[object], object]) -> None:
    """放弃更正: what was changed since is given up, the signed version stays."""
    from cunbao.desks.village import lineage

    box = DialogBox(
        f"放弃 {form} 的更正？",
        "这次改的都不要了，回到签过名的那一版。",
        f"签过名的那一版一直在，{shell.desk.above}的意见也还在",
        "以后要改，可以再开始。",
        (Choice("drop", "放弃更正", "danger"), Choice("stay", "接着改")),
        icon="undo",
        help="sign/correct",
    )
    if shell.ask(box, escape="stay") == "drop":
        desk = shell.desk
        shell.run_job(lambda progress, cancel: lineage.give_up(desk, form), done=done, title="放弃更正")
