"""What an entry of the journal says in words: of which kind it is, what was done, to what.

The store keeps short names of acts and their facts, so that words can be bettered without touching what is chained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

OTHER = "其他"
PRIVATE, KEYS, PRINTED = "看隐私", "证书和密码", "打印"
# act → kind, what was done
ACTS: Mapping[str, tuple[str, str]] = {
    "accept": ("审核", "通过报表"),
    "add_person": (KEYS, "加一个人"),
    "add_request": (KEYS, "收到登记申请"),
    "adopt": ("填报", "采用一个版本"),
    "after_restore": ("备份", "恢复后核对回执"),
    "answer": ("回执", "写县回执"),
    "approval_slip": (PRINTED, "打印核对单"),
    "approve_device": (KEYS, "核准电脑"),
    "backup": ("备份", "备份"),
    "backup_root": (KEYS, "备份县根钥匙"),
    "begin": ("登录", "建立资料"),
    "begin_correction": ("填报", "开始更正"),
    "begin_proxy": ("代报", "开始代报"),
    "bring_back": ("备份", "移回往年"),
    "carry_over": ("填报", "沿用上年名册"),
    "certify_again": (KEYS, "重新签发各村证书"),
    "certify_own_desk": (KEYS, "给本镇工作台发证书"),
    "certify_township": (KEYS, "签发乡镇证书"),
    "change_password": (KEYS, "改密码"),
    "chase": ("催报", "催报"),
    "chase_export": ("催报", "导出催报名单"),
    "chase_notices": ("催报", "写催报通知"),
    "chase_text": ("催报", "改催报文字"),
    "chase_trouble": ("催报", "记入催报"),
    "choose_task_folder": ("任务", "选表式文件夹"),
    "close": ("登录", "关上"),
    "close_period": ("任务", "封账"),
    "decide": ("审核", "审核"),
    "drop_from_outbox": ("报送", "待发箱里不送一件"),
    "enrol_code_missed": (KEYS, "比对码对不上"),
    "evidence": ("填报", "附盖章扫描件"),
    "exempt": ("任务", "不计入指标"),
    "export_dataset": ("导出", "导出数据集"),
    "export_indicators": ("导出", "导出指标表"),
    "export_forms": ("导出", "导出 ODK 表式"),
    "export_journal": ("导出", "导出操作记录"),
    "export_odk": ("导出", "导出 ODK 提交"),
    "export_odk_whole": (PRIVATE, "导出带个人信息的 ODK 提交"),
    "export_totals": ("导出", "导出汇总表"),
    "forward": ("报送", "写报县包"),
    "give_up_correction": ("填报", "不更正了"),
    "hold": ("接收", "先放一边，等核准"),
    "init_county": (KEYS, "建立县根证书"),
    "init_township": (KEYS, "建立乡镇资料"),
    "issue_pack": ("任务", "签发任务包"),
    "keep_postgres": ("导出", "写入 PostgreSQL"),
    "keep_table": ("导出", "存上级表格的模板"),
    "let_sign": (KEYS, "让一个人能签名"),
    "move_out": ("备份", "移出往年"),
    "open": ("登录", "打开"),
    "original": (PRIVATE, "输出正本"),
    "own_key": (KEYS, "做本人的签名钥匙"),
    "paste": ("填报", "从 Excel 粘贴"),
    "print": (PRINTED, "打印报表"),
    "print_back": (PRINTED, "退一份再打"),
    "print_begin": (PRINTED, "开始打一批报表"),
    "print_crosstab": (PRINTED, "打印交叉表"),
    "print_done": (PRINTED, "一批报表打完"),
    "print_indicators": (PRINTED, "打印指标表"),
    "print_moved": (PRINTED, "换打印机接着打"),
    "print_pack_notice": (PRINTED, "打印任务包通知"),
    "print_pdf": (PRINTED, "合成一个 PDF"),
    "print_restart": (PRINTED, "从头打这一批"),
    "print_shortfall": (PRINTED, "打印没达标的村"),
    "print_stop": (PRINTED, "打印停下"),
    "print_totals": (PRINTED, "打印汇总表"),
    "print_verify": (PRINTED, "打印验证单"),
    "propose": ("审核", "做成建议稿"),
    "proxy_basis": ("代报", "写代报依据"),
    "proxy_scan": ("代报", "附纸质扫描件"),
    "proxy_scan_dropped": ("代报", "去掉扫描件"),
    "receipt": ("回执", "写回执"),
    "receive": ("接收", "接收报送包"),
    "recover": (KEYS, "用答复设了新密码"),
    "recovery_answer": (KEYS, "答复找回密码"),
    "recovery_code_wrong": (KEYS, "找回密码核对码不对"),
    "recovery_refused": (KEYS, "不答复找回密码"),
    "recovery_request": (KEYS, "读入找回密码申请"),
    "refuse_device": (KEYS, "不核准电脑"),
    "register_lost": ("接收", "登记遗失"),
    "remove_person": (KEYS, "移出一个人，换钥匙"),
    "renew_device": (KEYS, "换发证书"),
    "renew_keys": (KEYS, "给本人做一对钥匙"),
    "reopen_period": ("任务", "撤回封账"),
    "reply": ("填报", "答复意见"),
    "request_certificate": (KEYS, "写证书申请"),
    "request_papers": (KEYS, "写乡镇证书申请"),
    "restore": ("回执", "全部还原给村"),
    "restore_township": ("回执", "全部还原给乡镇"),
    "retract_return": ("报送", "撤回报送"),
    "reveal": (PRIVATE, "看个人信息"),
    "revoke_device": (KEYS, "吊销电脑证书"),
    "revoke_township": (KEYS, "吊销乡镇证书"),
    "send": ("报送", "写报送包"),
    "set_up_outbox": (KEYS, "改待发箱的设置"),
    "sign": ("签名", "签名"),
    "sign_again": ("签名", "换证书重签"),
    "slip": (PRINTED, "打印回执单"),
    "stand_by": ("填报", "维持本版"),
    "stop_proxy": ("代报", "停下代报"),
    "tablet": ("填报", "从平板导入"),
    "take_certificate": (KEYS, "收下证书"),
    "take_desk": (KEYS, "收下乡镇的电脑证书"),
    "take_pack": ("任务", "采用任务包"),
    "take_papers": (KEYS, "收下县里的证书"),
    "take_receipt": ("接收", "收下回执"),
    "take_task": ("任务", "收下任务包"),
    "unsign": ("签名", "撤回签名"),
    "verify_file": ("验证", "验证文件"),
    "view_cell": ("查看", "看签名的格"),
    "write_desk": (KEYS, "写电脑证书给县里"),
    "write_directory": ("任务", "写进单位名录"),
    "write_pack": ("任务", "写出任务包"),
    "write_table": ("导出", "写出上级表格"),
    "另起日志": ("记录", "另起一段记录"),
}
DECIDED = {
    "accept": "通过", "return": "退回", "choose": "选定一个版本", "withdraw": "撤回决定", "waive": "免说明",
    "paper": "收到盖章纸质", "retract": "撤回报送", "exempt": "不计入", "close": "封账", "revoke": "吊销",
}  # fmt: skip
# what became of a file: names of `FileResult`
RESULTS = {
    "TAKEN": "收下", "GAP": "收下，缺号", "HELD": "等核准证书", "KNOWN": "已有", "REVOKED": "证书已吊销",
    "BROKEN": "文件不完整", "SIGNATURE": "签名对不上", "NOT_OURS": "不是给这里的", "OTHER_TASK": "不是本期任务的",
    "MOVED_OUT": "那一年已移出",
    "NEWER": "表式更新", "STRANGER": "来路不明", "DISK": "硬盘满了",
}  # fmt: skip
# facts that are said, in this order; what is no more than a number for machines is left to the details
SAID = ("what", "wrong", "form", "form_title", "number", "sequence", "version", "period", "indicator", "result", "name",
        "role", "place", "how", "file_name", "words", "said", "reason")  # fmt: skip
LABELS: Mapping[str, str] = {
    "office": "单位", "offices": "单位", "what": "决定", "form": "表", "number": "编号", "sequence": "第几次",
    "version": "第几版", "period": "报告期", "indicator": "指标", "result": "结果", "name": "名称", "role": "身份",
    "place": "存到", "how": "怎么办的", "file": "文件指纹", "revision": "报表指纹", "key": "钥匙", "device": "电脑",
    "reason": "原因", "returns": "张数", "honoured": "认的份数", "certificate": "证书", "root": "县根证书",
    "content": "扫描件指纹", "package": "文件指纹", "tries": "第几次不对", "computers": "台数", "villages": "村数",
    "wrong": "输错密码", "full": "完整", "added": "新增", "updated": "更新", "rows": "行数", "task": "任务",
    "parts": "共几件", "part": "第几件", "printer": "打印机", "copies": "份数", "pages": "页数",
    "revisions": "报表指纹", "job": "批号", "done": "打到第几件", "of": "共几件",
}  # fmt: skip


def kind_of(act: str) -> str:
    return ACTS.get(act, (OTHER, act))[0]


def did(act: str, detail: Mapping[str, Any]) -> str:
    """What was done; a decision is named by what it decided."""
    if act in ("decide", "exempt") and detail.get("what") in DECIDED:
        return DECIDED[str(detail["what"])] if act == "decide" else ACTS[act][1]
    return ACTS.get(act, (OTHER, act))[1]


def acts_of(kind: str) -> tuple[str, ...]:
    """The acts of a kind, for the store's filter; of 其他 none: they are what no kind names."""
    return tuple(act for act, (of, _) in ACTS.items() if of == kind)


def about(act: str, detail: Mapping[str, Any], name_of: Callable[[str], str]) -> str:
    """To what it was done, in one line. name_of: an office's 12 digits → its name."""
    parts = []
    offices = [str(one) for one in detail.get("offices", ())] or ([str(detail["office"])] if "office" in detail else [])
    if offices:
        names = [name_of(one) for one in offices]
        parts.append("、".join(names[:3]) + (f"等 {len(names)} 个" if len(names) > 3 else ""))
    for key in SAID:
        if key in detail and detail[key] not in ("", None) and not (key == "what" and act in ("decide", "exempt")):
            parts.append(value_words(key, detail[key]))
    return "，".join(parts)


def value_words(key: str, value: Any) -> str:
    """One fact as it is read."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if key == "result":
        return RESULTS.get(str(value), str(value))
    if key == "what":
        return DECIDED.get(str(value), str(value))
    if key == "wrong":
        return f"此前输错密码 {value} 次"
    if key == "sequence":
        return f"第 {value} 次"
    if key == "version":
        return f"第 {value} 版"
    if key == "place":
        return {"own": "本机", "second": "另一个地方"}.get(str(value), str(value))
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    return str(value)
