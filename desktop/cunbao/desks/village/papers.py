"""Pages that go with the returns and are no returns: the list of findings, the slip that lies beside the stick."""

from __future__ import annotations

from cunbao.desks.clock import LOCAL
from cunbao.desks.views import BundleView, CheckView
from cunbao.desks.village.desk import VillageDesk
from cunbao.paper.slips import Slip, SlipColumn, draw_slip


def findings_list(desk: VillageDesk, view: CheckView) -> bytes:
    """问题单: to be worked through with the old ledgers at hand. Masked as on the screen, since messages are."""
    at = view.at.astimezone(LOCAL)
    return draw_slip(
        Slip(
            title="问题单",
            line=f"{desk.directory.full_name}　{desk.task.period_title}　{at:%Y-%m-%d %H:%M} 检查",
            head_left=desk.task.title,
            head_right=desk.office.code,
            printed_at=desk.clock().astimezone(LOCAL),
            columns=(
                SlipColumn("序号", 10, True),
                SlipColumn("类别", 22, True),
                SlipColumn("在哪里", 50),
                SlipColumn("问题和改法", 85),
            ),
            rows=[
                (
                    str(number),
                    card.finding.severity.value,
                    card.path,
                    "，".join(part for part in (card.finding.message, card.finding.remedy) if part)
                    + (f"（已说明：{card.explanation}）" if card.explained else ""),
                )
                for number, card in enumerate(view.findings, 1)
            ],
            sentences=(
                f"必须改正 {view.must_fix} 处，需要说明 {view.to_explain} 处（已说明 {view.explained} 处），"
                f"提示 {view.hints} 处。{view.why_not or '可以签名。'}",
            ),
        )
    ).pdf


def delivery_slip(desk: VillageDesk, bundle: BundleView) -> bytes:
    """送件单: goes to the township with the stick; the 核对码 is read aloud when the file is taken over."""
    at = bundle.written_at.astimezone(LOCAL)
    records = [one for one in desk.workspace.packages(desk.office.code) if one.written_at == bundle.written_at]
    names = dict.fromkeys(name for one in records for name in one.revisions)
    carried = [one for one in map(desk.workspace.revision, names) if one is not None]
    numbers = "、".join(str(one.sequence) for one in bundle.files)
    return draw_slip(
        Slip(
            title="报送包送件单",
            line=f"{desk.directory.full_name}　{desk.task.period_title}　第 {numbers} 次报送",
            head_left=desk.task.title,
            head_right=desk.office.code,
            printed_at=desk.clock().astimezone(LOCAL),
            pairs=(
                *(pair for one in bundle.files for pair in (("文件", one.file_name), ("核对码", one.check_code))),
                ("送到", f"{desk.directory.township.short}社会事务办"),
                ("写出时间", f"{at:%Y-%m-%d %H:%M}"),
                ("送件人", desk.person.name),
                ("截止日期", f"{desk.task.deadline:%Y-%m-%d}"),
            ),
            columns=(
                SlipColumn("表号", 17, True),
                SlipColumn("报表", 70),
                SlipColumn("版本", 20, True),
                SlipColumn("验证码", 60, True),
            ),
            rows=[
                (one.form, desk.task.forms[one.form].title, f"第 {one.version} 版", _code(one.id))
                for one in carried
                if one.form in desk.task.forms
            ],
            sentences=(
                "乡镇收件人读入文件后，请念一遍核对码；与上面的一致，就是这一份。",
                "报送包已加密，只有收件乡镇能打开；文件丢了不泄密，再写一份即可。",
                "收件人签字：　　　　　　　　　　　收件时间：　　　　年　　月　　日",
            ),
        )
    ).pdf


def _code(revision: str) -> str:
    from cunbao.survey.codes import verification_code

    return verification_code(revision)
