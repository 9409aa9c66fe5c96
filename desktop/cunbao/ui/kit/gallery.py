"""The kit's window: every component in every state, to look at and to compare. `dev.py gallery` opens it.

python -m cunbao.ui.kit.gallery [--shot FILE.png] [--scale 1.5] [--contrast]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from cunbao.progress import Progress
from cunbao.survey.states import ReturnState
from cunbao.ui.kit import style
from cunbao.ui.kit.area import AreaTable
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button, IconButton, Keys, Segmented
from cunbao.ui.kit.cards import FindingCard, IndicatorCard
from cunbao.ui.kit.codegroups import CodeGroups
from cunbao.ui.kit.comments import CommentList, Said
from cunbao.ui.kit.dates import DateField
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.digits import DigitsField
from cunbao.ui.kit.dropzone import DropZone
from cunbao.ui.kit.fields import Check, CodeField, FieldBox, FieldRow, MaskedField, PasswordField, TextArea
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow, state_cell
from cunbao.ui.kit.lists import CountList, Entry, PeopleList, SectionList
from cunbao.ui.kit.marks import Bar, Chip, Logo, Number
from cunbao.ui.kit.panel import Card, Icon, Panel, SideCard, column, row, scrolled
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.places import Place, PlaceList
from cunbao.ui.kit.progress import BusyLine, ProgressCard
from cunbao.ui.kit.radios import RadioList
from cunbao.ui.kit.roster import RosterTable
from cunbao.ui.kit.scanview import ScanView
from cunbao.ui.kit.select import Select
from cunbao.ui.kit.steps import StepBar
from cunbao.ui.kit.table import CellShow, Column, Note, TableRow
from cunbao.ui.kit.tabs import Tabs
from cunbao.ui.kit.tags import Tag
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tiles import Tile
from cunbao.ui.kit.tokens import tokens
from cunbao.ui.kit.ways import ActionCard, NextCard

ETHNIC = [
    Item("18", "傣族", usual=True), Item("12", "侗族"), Item("26", "东乡族"), Item("31", "达斡尔族"),
    Item("46", "德昂族"), Item("51", "独龙族"), Item("01", "汉族"), Item("16", "哈尼族"),
]  # fmt: skip
OWNERS = [Item("1", "村集体", usual=True), Item("2", "租用"), Item("9", "其他")]


def mask(text: str) -> str:
    """First 6 and last 4 of a long number."""
    return text if len(text) < 12 else text[:6] + "*" * (len(text) - 10) + text[-4:]


def area_table() -> AreaTable:
    table = AreaTable(
        (
            Column("n", "行", 36, align="right", kind="number"),
            Column("name", "设施名称", 160, 1),
            Column("area", "建筑面积（平方米）", 133, align="right", kind="input"),
            Column("last", "上年", 72, align="right", kind="last"),
            Column("year", "建成年份", 98, align="right", kind="input"),
            Column("own", "权属", 128, kind="choice"),
        ),
        lambda row_id, key: OWNERS,
        name="室内服务设施",
    )
    table.set_rows(area_rows(), TableRow("sum", {
        "name": CellShow("合计"), "area": CellShow("133.5"), "last": CellShow("121.5"),
    }))  # fmt: skip
    return table


def area_rows() -> list[TableRow]:
    made = []
    for number, (name, area, last, year, tone, note) in enumerate((
        ("党群服务中心", "46.0", "46.0", "2012", "", ()),
        ("便民服务站", "18.5", "18.5", "2012", "readonly", ()),
        ("文化活动室", "32.0", "32.0", "2205", "error",
         (Note("error", "建成年份 2205 比今年还晚。请改成不晚于 2025 的 4 位年份，例如 2005。", "name"),)),
        ("老年活动室", "24.0", "12.0", "2009", "",
         (Note("warn", "比上年多 12.0 平方米，增加 1 倍。数对的话不用改，检查时写一句原因。", "name"),)),
        ("儿童之家", "13.0", "13.0", "2018", "off", ()),
    ), 1):  # fmt: skip
        made.append(TableRow(f"r{number}", {
            "n": CellShow(str(number)), "name": CellShow(name), "area": CellShow(area), "last": CellShow(last),
            "year": CellShow(year, tone=tone), "own": CellShow("村集体", raw="1"),
        }, note, name))  # fmt: skip
    return made


def roster_table() -> RosterTable:
    table = RosterTable(
        (
            Column("n", "序", 36, align="right", kind="number"),
            Column("name", "姓名", 62, bold=True),
            Column("id", "证件号码", 208),
            Column("sex", "性别", 58, kind="derived"),
            Column("born", "出生年月", 96, kind="derived"),
            Column("post", "职务", 120, 1),
            Column("check", "检查", 60, align="center", kind="mark"),
        ),
        name="两委成员",
    )
    people = (("岩温", "男", "1974-03", "村党总支书记、村委会主任"), ("玉香", "女", "1981-09", "村党总支副书记"))
    rows = [
        TableRow(f"p{n}", {
            "n": CellShow(str(n)), "name": CellShow(name), "id": CellShow("999022********0411"), "sex": CellShow(sex),
            "born": CellShow(born), "post": CellShow(post), "check": CellShow(icon="check", ink="ok"),
        })
        for n, (name, sex, born, post) in enumerate(people, 1)
    ]  # fmt: skip
    rows.append(TableRow("p3", {
        "n": CellShow("3"), "name": CellShow("岩三"), "id": CellShow("999022********1032", tone="error"),
        "sex": CellShow("—", ink="text_3"), "born": CellShow("—", ink="text_3"), "post": CellShow("村党总支委员"),
        "check": CellShow(icon="alert-circle", ink="error"),
    }, (Note("error", "证件号码最后一位对不上，请逐位核对后重输。", "name", "去改", "Enter"),)))  # fmt: skip
    table.set_rows(rows)
    return table


STATES = (
    ReturnState.ACCEPTED, ReturnState.RECEIVED, ReturnState.FORK, ReturnState.CERT_PENDING, ReturnState.RETURNED,
    ReturnState.MISSING,
)  # fmt: skip


def board_grid(villages: Sequence[str] = ("勐混村", "曼蚌村", "曼赛村")) -> Grid:
    """A small board: every kind of cell, a sum row, a greyed row; the cursor frames one cell."""
    grid = Grid(
        (
            GridColumn("tick", "", 40, kind="tick"),
            GridColumn("n", "序", 40, kind="number", tone="text_2", stop=False),
            GridColumn("name", "村", 120, 1, bold=True),
            GridColumn("b01", "B01 基本情况", 150, kind="chip"),
            GridColumn("b02", "B02 设施面积", 150, kind="chip"),
            GridColumn("done", "通过", 80, kind="number"),
            GridColumn("file", "文件", 240, kind="two", bold=True),
            GridColumn("side", "甲", 130, kind="radio"),
            GridColumn("remark", "备注", 120, kind="state", role="small"),
            GridColumn("act", "", 110, kind="button"),
        ),
        name="收到的报表",
        cursor="cell",
        frozen=3,
        row_px=46,
    )
    grid.set_head_tick(False)
    grid.set_rows(
        [_board_row(number, name) for number, name in enumerate(villages)],
        GridRow("sum", {"name": GridCell("已通过"), "b01": GridCell("1 / 3"), "done": GridCell("2 / 6")}),
    )
    return grid


def _board_row(number: int, name: str) -> GridRow:
    one, other = STATES[2 * number % 6], STATES[(2 * number + 1) % 6]
    return GridRow(
        name,
        {
            "tick": GridCell(on=number % 2 == 0) if number % 3 != 2 else GridCell(icon="printer"),
            "n": GridCell(str(number + 1)),
            "name": GridCell(name),
            "b01": state_cell(one),
            "b02": state_cell(other, mark="迟报" if number % 3 == 1 else ""),
            "done": GridCell(f"{number} / 2", tone="ok" if number == 2 else ""),
            "file": GridCell(f"{name}-第1次", more=".cbsync", sub="1.8 MB"),
            "side": GridCell("本科", on=number % 2 == 0, badge="改"),
            "remark": GridCell("缺第3号", icon="alert", tone="warn") if number % 3 == 1 else GridCell("两台电脑"),
            "act": GridCell("去审核", icon="split" if number % 2 else ""),
        },
        label=name,
        grey=number % 3 == 2,
    )


def count_filters() -> FilterRow:
    return FilterRow((
        Filter("all", "全部", "70"), Filter("received", "已接收", "16", state="received"),
        Filter("fork", "有冲突", "1", icon="split", state="problem"),
        Filter("accepted", "通过", "29", state="accepted"),
    ))  # fmt: skip


def _group(title: str, *widgets: QWidget, across: bool = False) -> QWidget:
    made = QWidget()
    box = column(made, 8)
    box.addWidget(Text(title, "small", "text_2"))
    if across:
        line = row(gap=12, margins=(4, 4, 4, 4))
        for widget in widgets:
            line.addWidget(widget)
        line.addStretch(1)
        box.addLayout(line)
    else:
        for widget in widgets:
            box.addWidget(widget)
    return made


def _off(button: Button, why: str) -> Button:
    button.set_why(why)
    return button


def _field(text: str, state: str, *, align: str = "left") -> FieldBox:
    made = FieldBox(text, align=align)
    made.set_state(state)
    return made


def gallery() -> Panel:
    """All components in one tall panel."""
    ground = Panel("bg")
    box = column(ground, 20, (24, 20, 24, 20))
    box.addWidget(_group("按钮", Button("继续填报", kind="filled", size="large", key="Enter"),
        Button("下一节：室外活动场所", kind="filled", key="Ctrl+Enter"), Button("从 Excel 粘贴", icon="paste"),
        Button("读入回执包", kind="quiet", icon="usb"), Button("删除", kind="danger", icon="trash"),
        Button("删除这一人", kind="danger_quiet", icon="trash"), Button("打开", size="small"),
        IconButton("undo", "撤销"), IconButton("zoom-in", "放大", framed=True),
        _off(Button("去签名", icon="pen"), "改完 2 处后可以签名"), across=True))  # fmt: skip
    box.addWidget(_group("状态", *(Chip.state(token) for token in tokens()["state"]), across=True))
    box.addWidget(_group("严重程度、提示、步骤", *(Chip.severity(token) for token in tokens()["severity"]),
        Chip("warn", "clock", "还有 8 天"), Number(1), Number(2, filled=True), Logo(36), Icon("map"),
        Segmented(("100%", "125%", "150%"), roles=("base", "lead", "title")),
        Select((("532822103000", "勐混镇"), ("532822104000", "勐遮镇")), name="乡镇"),
        Keys((("Enter", "下一格"), ("F8", "下一处问题"))), across=True))  # fmt: skip
    box.addWidget(_group("步骤条", StepBar(2), StepBar(5, returned=True, high=46)))
    groups = CodeGroups()
    groups.set_code("483911076254903177822460")
    box.addWidget(_group("位置和比对码", Tag("工作表 survey"), Tag("第 27 行"), Tag(". >= ${b03_m_birth}", quoted=True),
        groups, across=True))  # fmt: skip
    box.addWidget(_group("横幅", Banner("info", "县里发了第 2 版任务包", "已填的都留着"),
        Banner("ok", "报送包已写到 U 盘，读回核对一致", "12-15 15:22 写完", button=Button("弹出 U 盘", icon="usb")),
        Banner("warn", "12-05 后没备份到 U 盘"), Banner("error", "没写成，U 盘中途拔出", detail="media.gone E:"),
        Banner("returned", "勐混镇退回，有 3 处要改", "其他内容不用动。")))  # fmt: skip
    grid_of = QWidget()
    grid = QGridLayout(grid_of)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(12)
    for number, shown in enumerate(_field_rows()):
        grid.addWidget(shown, number // 4, number % 4)
    box.addWidget(_group("输入", grid_of))
    tables = row(gap=16)
    card = Card()
    card.add(area_table())
    tables.addWidget(card, 3)
    side = column(gap=12)
    live = IndicatorCard("每百户面积")
    live.set("32.4", "平方米", 32.4 / 40, 30 / 40, "目标 30", True, "已达到目标，多 2.4 平方米",
             (("算法", "133.5 ÷ 412 户 × 100"), ("上年", "29.8 平方米")))  # fmt: skip
    side.addWidget(live)
    side.addStretch(1)
    tables.addLayout(side, 1)
    box.addLayout(tables)
    roster = Card()
    roster.add(roster_table())
    box.addWidget(_group("名册", roster))
    board = Card()
    board.add(Tabs((("changed", "改动 6"), ("checked", "检查 1"), ("all", "全部 24 格"))))
    board.add_line()
    board.add(board_grid())
    box.addWidget(_group("乡镇的表：计数即筛选、分页、表", count_filters(), board))
    box.addWidget(_group("县里的指标：大数、数值和单位、结果、分组的一行", _tiles(), _figures()))
    zone = DropZone("把 .cbsync 文件或整个文件夹拖到这里")
    zone.add(Button("读 U 盘", size="small", icon="usb"))
    code = DigitsField(name="比对码")
    code.set_text("1234 5678 90")
    code.restyle()
    options = (("all", "认收到的全部", "5 张表还算数"), ("1", "认到第 1 次", "2 张表还算数"))
    rings = RadioList(options, name="哪些还算数")
    box.addWidget(_group("接收、登记：放文件的地方、比对码、几选一", zone, code, rings))
    box.addWidget(_group("纸质原表：扫描件", _scan()))
    lists = row(gap=16)
    for listed in _lists():
        lists.addWidget(listed, 1, Qt.AlignmentFlag.AlignTop)
    box.addLayout(lists)
    box.addWidget(_group("问题卡",
        FindingCard("must_fix", "B02 › 室内服务设施 › 第 3 行 文化活动室 › 建成年份", "填的是 2205，比今年还晚。",
                    "改成不晚于 2025 的年份。", current=True),
        FindingCard("must_explain", "B01 › 户数、常住人口", "户数多 4 户，人口少 61 人。", "一增一减，请写原因。",
                    example="分户 4 户，外出务工人口增加"),
        FindingCard("must_explain", "B02 › 老年活动室 › 建筑面积", "本年 24.0，上年 12.0，增加 1 倍。",
                    explanation="2025 年 6 月扩建一间，新增 12 平方米，有竣工验收单。"),
        FindingCard("hint", "B04 › 第 6 行 玉坎 › 联系电话", "还没填电话。", "不影响签名和报送。")))  # fmt: skip
    box.addWidget(_group("下一步、开始", NextCard("接着填 B02 综合服务设施面积", "还差 3 格，有 1 处问题", "继续填报"),
        ActionCard("folder", "打开别的任务包", "从电脑或 U 盘里选文件，文件名以 .cbtask 结尾", "Ctrl+O")))  # fmt: skip
    last = row(gap=16)
    last.addWidget(DialogBox("硬盘满了", "D 盘只剩 12 MB，新填的 1 格还没存下。", "已填的内容都在，10:42 前已保存。",
        "请删掉或移走一些文件，腾出 200 MB 以上，再存一次。",
        (Choice("stick", "另存到 U 盘"), Choice("again", "再存一次")), icon="disk", tone="error"))  # fmt: skip
    work = ProgressCard("正在写报送包")
    work.report(Progress(3, 7, "读回核对 B03 两委成员"))
    waiting = column(gap=12)
    waiting.addWidget(BusyLine())
    waiting.addWidget(work)
    waiting.addStretch(1)
    last.addLayout(waiting, 1)
    empty = Card()
    empty.add(EmptyState("还没有人。上年有 6 人，可以带过来再改。", Button("带出上年 6 人", kind="outlined")))
    last.addWidget(empty, 1)
    box.addLayout(last)
    box.addStretch(1)
    return ground


def _tiles() -> QWidget:
    """Counts above a table; the second one filters it now, the last is no button."""
    shown = QWidget()
    line = row(shown, 12)
    met, short = Tile("check-circle", "ok", "已达到"), Tile("alert", "warn", "没达到")
    met.set("3", "003-01、02、05")
    short.set("3", "003-04、06、07", on=True)
    came = Tile("inbox-in", "accent", "个村已通过", plain=True)
    came.set("69 / 93", "另 24 个不算进来")
    for tile in (met, short, came):
        line.addWidget(tile, 1)
    return shown


def _figures() -> Card:
    columns = (
        GridColumn("name", "指标", 220, 3, bold=True, lines=2),
        GridColumn("value", "2025 年", 110, 0, kind="measure", role="lead", bold=True),
        GridColumn("bar", "到目标", 96, 0, kind="bar"),
        GridColumn("last", "上期 2024", 110, 0, kind="measure"),
        GridColumn("verdict", "结果", 140, 1, kind="verdict"),
    )
    grid = Grid(columns, name="指标", cursor="cell", row_px=56)
    grid.set_rows([
        GridRow("003-04", {
            "name": GridCell("每百户居民拥有社区综合服务设施面积"),
            "value": GridCell("29.1", more="平方米"),
            "bar": GridCell(share=0.65, target=0.67, tone="warn"),
            "last": GridCell("27.4", mark="+1.7", tone="ok"),
            "verdict": GridCell("没达到", icon="alert", tone="warn", sub="差 0.9 平方米"),
        }),
        GridRow("-", label="算不出的 26 个", band="缺报 24，分母为零 1，豁免 1。都不当 0 算，也不进合计"),
    ])  # fmt: skip
    card = Card()
    card.add(grid)
    return card


def _field_rows() -> list[FieldRow]:
    ethnic = CodeField(lambda: ETHNIC, "18")
    locked, late = _field("女", "readonly"), FieldRow("建成年份", _field("2205", "", align="right"), last="上年 2005")
    late.show_message("error", "建成年份 2205 比今年还晚")
    school = FieldRow("学历", CodeField(lambda: [Item("21", "本科"), Item("31", "专科")], "21"), last="上年 专科")
    school.show_message("warn", "和上年不同，核对无误即可")
    number = FieldRow("证件号码", MaskedField(mask, "999022199307110745"), last="同上年")
    number.show_message("ok", "校验位正确")
    note = TextArea("旧房 2024 年 5 月拆除重建。", lines=2, limit=200)
    bar = Bar()
    bar.set(0.5)
    return [
        FieldRow("姓名", FieldBox("玉旺"), last="上年 玉旺"),
        FieldRow("民族", ethnic, last="上年 傣族"),
        number,
        FieldRow("性别", locked, hint="由证件号码算出"),
        FieldRow("建筑面积", _field("46.0", "", align="right"), unit="平方米", last="上年 46.0"),
        late,
        school,
        FieldRow("任职时间", DateField("2024-05-01", today=date(2025, 12, 12))),
        FieldRow("联系电话", _field("", "disabled"), optional=True, hint="签名后不能改"),
        FieldRow("岩温的签名密码", PasswordField(name="签名密码")),
        FieldRow("备注", note, optional=True),
        FieldRow("核对", Check("我看过这 7 页，数字和台账一致", True)),
    ]


def _lists() -> list[QWidget]:
    sections = Card()
    sections.add(SectionList((
        Entry("1", "基本数", "1", icon="check", ink="ok"),
        Entry("2", "室内服务设施", "2", icon="alert-circle", right="1", ink="error"),
        Entry("4", "管理与开放", "4", right="缺 3 格"), Entry("5", "备注", "5", right="选填"),
    ), name="分节"))  # fmt: skip
    people = Card()
    people.add(PeopleList((
        Entry("a", "岩温", "1", "村党总支书记、村委会主任", icon="check", ink="ok"),
        Entry("b", "岩三", "5", "村党总支委员", icon="alert-circle", ink="error"),
    )))  # fmt: skip
    counts = SideCard("还差 3 处才能签名")
    counts.fill(CountList((
        Entry("all", "全部", "list", right="5"), Entry("fix", "必须改正", "alert-circle", right="2", tone="error"),
        Entry("say", "需要说明", "message", right="2", tone="warn"),
        Entry("hint", "提示", "info", right="1", tone="info"),
    )))  # fmt: skip
    said = CommentList(name="意见")
    said.set_entries((
        Said("1", "建筑面积", "1", "填的 24.0 平方米", "circle-dashed", "未改", "returned",
             path="B02 › 室内服务设施 › 第 4 行 老年活动室", said="验收单上是 22.0 平方米，请核对。"),
        Said("2", "任职时间", "2", "填的 2021-06", "check-circle", "已改", "ok",
             path="B03 › 第 2 行 玉香", said="换届是 2021-03，请改。"),
    ))  # fmt: skip
    comments = Card()
    comments.add(said)
    where = SideCard("写到哪里")
    where.body.addWidget(_places())
    return [sections, people, counts, comments, where]


def _scan() -> ScanView:
    """A sheet of paper with a line on it."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QColor, QImage

    sheet = QImage(600, 200, QImage.Format.Format_RGB32)
    sheet.fill(QColor("white"))
    for x in range(60, 540):
        sheet.setPixelColor(x, 100, QColor("black"))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    sheet.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes for the format
    made = ScanView()
    made.set_files([bytes(data.data())])
    made.setFixedHeight(160)
    return made


def _places() -> PlaceList:
    made = PlaceList()
    made.set_places((
        Place("e", "U 盘（E:）", Path("E:/"), more="空 14.2 GB", line="E:\\勐混镇回执"),
        Place("own", "别的文件夹…", None, "folder", asks=True),
    ))  # fmt: skip
    return made


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="村报界面部件一览")
    parser.add_argument("--shot", help="画成一张 PNG 后退出")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--contrast", action="store_true")
    wanted = parser.parse_args(arguments)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    style.apply(app, wanted.scale, wanted.contrast)
    window = Panel("bg")
    window.setWindowTitle("村报 · 部件一览")
    inner = gallery()
    column(window).addWidget(scrolled(inner))
    window.resize(1366, 696)
    window.show()
    if wanted.shot:
        inner.setMinimumHeight(inner.sizeHint().height())
        app.processEvents()
        inner.grab().save(wanted.shot)
        return 0
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
