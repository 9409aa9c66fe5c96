"""Printing and verifying as commands: one form of a village, or the county's returns bound into one PDF; any file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, FINDINGS, command, opened, say
from cunbao.cli.wrong import WrongUse
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.village.desk import VillageDesk

KINDS = ("original", "copy", "draft", "blank")


def add_parser(commands: Any) -> None:
    one = command(commands, "print", "村：把一张表写成 PDF；县：把核对过签名的报表合成一个 PDF", print_pdf)
    one.add_argument("form", nargs="?", help="村：哪一张表")
    one.add_argument("--out", type=Path, required=True, help="写到哪个文件")
    one.add_argument("--kind", choices=KINDS, default="copy", help="村：正本、参阅件、草稿、空白表")
    one.add_argument("--township", default="", help="县：只要这个乡镇的（12 位代码）")
    one.add_argument("--only", default="", help="县：只要这一张表")
    one.add_argument("--waiting", action="store_true", help="县：连还没通过的一起，每页印“未审定”")
    one.add_argument("--by-form", action="store_true", help="县：一表一叠（默认一村一叠）")
    one.add_argument("--covers", action="store_true", help="县：每村一张封面")
    one.add_argument("--duplex", action="store_true", help="县：双面打印用，每份从新的一张开始")
    one = commands.add_parser("verify", help="验证一个文件或纸上的验证码：谁签的，有没有改过，和存的一样不一样")
    one.add_argument("file", help="文件，或验证码、二维码里的字（要 --desk）")
    one.add_argument("--desk", type=Path, help="按这个资料文件夹里的证书、吊销名单和报表验（村、乡镇、县都可以）")
    one.add_argument("--root", type=Path, help="县级根证书（root.pem），没有 --desk 时用")
    one.add_argument("--slip", type=Path, help="把验证单写成 PDF（要 --desk）")
    one.add_argument("--person", help="谁在操作；默认上次打开的人")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=verify)


def print_pdf(asked: argparse.Namespace) -> int:
    if asked.out.is_dir():
        raise WrongUse("print.folder", f"“{asked.out}”是文件夹", "请写上文件名，例如 B01.pdf")
    with opened(asked, VillageDesk, CountyDesk) as (desk, _):
        if isinstance(desk, CountyDesk):
            return _bind(asked, desk)
        return _form(asked, desk)


def _form(asked: argparse.Namespace, desk: VillageDesk) -> int:
    """One form of a village."""
    from cunbao.desks import media
    from cunbao.desks.village import signing

    if asked.form is None or asked.form not in desk.task.forms:
        raise WrongUse("form.unknown", f"没有 {asked.form or '写是哪'} 这张表", f"表有：{'、'.join(desk.task.forms)}")
    form = asked.form
    media.volume_of(asked.out.parent, what="PDF")  # before the original counts as having left
    if asked.kind == "original":
        data = signing.original(desk, form)
    elif asked.kind == "copy":
        data = signing.reading_copy(desk, form).pdf
    elif asked.kind == "draft":
        data = signing.draft_pdf(desk, form).pdf
    else:
        data = signing.blank(desk, form).pdf
    media.write_file(asked.out, data, what="PDF")
    say(asked, {"file": str(asked.out), "size": len(data)}, f"写好了：{asked.out}")
    return DONE


def _bind(asked: argparse.Namespace, desk: CountyDesk) -> int:
    """The county's returns. Exit 1 when some had to stay out because their signature did not hold."""
    from cunbao.desks.county import binding, printables
    from cunbao.desks.county.printables import Narrow, Which, narrowed
    from cunbao.desks.county.printjob import Options
    from cunbao.desks.county.volumes import Order

    shelf = printables.shelf(desk)
    which = Which.ALL if asked.waiting else Which.ACCEPTED
    lines = narrowed(shelf, Narrow(township=asked.township, form=asked.only or asked.form or "", which=which))
    locked = [one for one in lines if not one.may_print]
    made = binding.to_pdf(
        desk,
        shelf,
        [one.revision for one in lines if one.may_print],
        Options(order=Order.FORM if asked.by_form else Order.VILLAGE, covers=asked.covers, duplex=asked.duplex),
        asked.out,
    )
    facts = {
        "file": str(made.path),
        "returns": made.returns,
        "pages": made.pages,
        "volumes": made.volumes,
        "size": made.size,
        "locked": [{"office": one.office.code, "form": one.form, "reason": one.reason} for one in locked],
    }
    words = [f"{made.path}：{made.returns} 份，{made.pages} 页，{made.volumes} 册，签名的原件附在里面"]
    words += [f"没有打：{one.office.short} {one.form}，{one.reason}" for one in locked]
    say(asked, facts, "\n".join(words))
    return FINDINGS if locked else DONE


def verify(asked: argparse.Namespace) -> int:
    """Exit 0 only for what is genuine."""
    if asked.desk is not None:
        return _verify_at(asked)
    from cunbao.desks import verifying

    path = Path(asked.file)
    if not path.exists():
        raise WrongUse("file.missing", f"没有“{asked.file}”这个文件", "请核对文件名；验证码要写上 --desk")
    verdict = verifying.verify_file(path, asked.root)
    facts = {"kind": verdict.kind, "standing": verdict.standing, "reason": verdict.reason, "signer": verdict.signer}
    lines = (f"{verdict.kind}：{verdict.standing}", verdict.reason, verdict.signer)
    say(asked, facts, "\n".join(part for part in lines if part))
    return DONE if verdict.good else FINDINGS


def _verify_at(asked: argparse.Namespace) -> int:
    """By what a desk holds: the five answers."""
    from cunbao.desks import media, verifying, verifyslip

    asked.folder = asked.desk
    with opened(asked) as (desk, _):
        path = Path(asked.file)
        found = verifying.examine_file(desk, path) if path.exists() else verifying.examine_code(desk, asked.file)
        if asked.slip is not None:
            media.write_file(asked.slip, verifyslip.slip(desk, found), what="验证单")
    facts = {
        "name": found.name,
        "kind": found.kind,
        "found": found.head,
        "outcome": found.outcome.name,
        "held": found.held,
        "sha256": found.sha256,
        "answers": [
            {"asked": one.subject, "mark": one.mark.value, "answer": one.text, "detail": one.detail.replace("**", "")}
            for one in found.lines
        ],
    }
    words = [f"{found.head}。{found.advice}。"]
    for one in found.lines:
        detail = one.detail.replace("**", "")
        words.append(f"{verifyslip.WORDS[one.mark]}\t{one.subject}：{one.text}{f'（{detail}）' if detail else ''}")
    say(asked, facts, "\n".join(words))
    return DONE if found.good else FINDINGS
