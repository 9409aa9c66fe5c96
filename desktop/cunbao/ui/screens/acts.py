"""Acts that the form screen and the row editor share: delete a row, show the draft as it will be printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cunbao.survey.values import Cell
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.screens.sheet import Sheet

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell


def delete_row(shell: Shell, sheet: Sheet, repeat: str, row_id: str, done: Callable[[], None]) -> bool:
    """Ask, delete, keep. True when the row is gone."""
    name = sheet.instance.text(Cell(sheet.form.repeat(repeat).fields[0].name, row_id))
    place = sheet.instance.rows(repeat).index(row_id) + 1
    box = DialogBox(
        f"删除{name or f'第 {place} 行'}这一行？",
        "",
        "删后可按 Ctrl+Z 找回",
        "",
        (Choice("delete", "删除这一行", "danger"), Choice("stay", "留着")),
        icon="trash",
        tone="error",
    )
    if shell.ask(box, escape="stay") != "delete":
        return False
    change = shell.desk.delete_row(sheet.id, repeat, row_id)
    shell.keep(sheet.id, change.edits)
    done()
    return True


def show_draft(shell: Shell, form: str) -> None:
    """打印预览: the pages of the draft as they stand now."""
    from cunbao.desks.village import signing
    from cunbao.ui.screens.preview import Preview

    desk = shell.desk
    shell.run_job(
        lambda progress, cancel: signing.draft_pdf(desk, form),
        done=lambda drawn: Preview(shell, desk.task.forms[form].title, drawn.pdf, f"{form} 草稿，{drawn.pages} 页"),
        title="画打印稿",
    )
