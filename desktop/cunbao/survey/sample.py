"""The sample county: six invented villages of two real townships, their answers of this year and last.

Every figure is drawn from SHA-256 of a text, so the same seed gives the same bytes anywhere; no clock, no random.
Identity numbers begin with 999022, which no division code does, and are made here at run time only.
Never a real person's data. Source: fields.md §11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from cunbao.survey import sample_figures, sample_township
from cunbao.survey.form import Field, Kind
from cunbao.survey.people import check_digit
from cunbao.survey.task import Task
from cunbao.survey.values import Answers, Cell, Office, Ret, Row

SEED = 2025
YEAR = "2025"  # of which the draws speak; the year before is made from them
EXPLANATION = "样例数据，仅供演示"
SAMPLE_COUNTY = Office("532822000000", "勐海县民政局", short_name="勐海县")
SAMPLE_TOWNSHIPS = (
    Office("532822103000", "勐混镇人民政府", kind="52", short_name="勐混镇", parent=SAMPLE_COUNTY.code),
    Office("532822104000", "勐遮镇人民政府", kind="52", short_name="勐遮镇", parent=SAMPLE_COUNTY.code),
)


def _village(code: str, short: str, kind: str = "10", ur_class: str = "220") -> Office:
    name = short.replace("社区", "社区居民委员会") if kind == "20" else f"{short}民委员会"
    return Office(code, name, kind=kind, ur_class=ur_class, short_name=short, parent=f"{code[:9]}000")


COMMUNITY = "532822104001"
MANLING, MANGUO, MANBANG, MANSAI, JINGZHEN = (
    "532822104213",
    "532822103202",
    "532822103203",
    "532822103204",
    "532822104209",
)
SAMPLE_OFFICES = (
    _village(COMMUNITY, "黎明社区", "20", "121"),
    _village(MANLING, "曼令村"),
    _village(MANGUO, "曼国村"),
    _village(MANBANG, "曼蚌村"),
    _village(MANSAI, "曼赛村"),
    _village(JINGZHEN, "景真村"),
)
# Other villages of 勐混镇: in the directory, nothing is invented of them; what they owe is chased.
NEIGHBOURS = (
    _village("532822103201", "勐混村"),
    _village("532822103205", "曼扫村"),
    _village("532822103206", "贺开村"),
    _village("532822103207", "曼冈村"),
)
LATE_OFFICES = (MANSAI,)  # returned late
SHARED = "南糯山帕沙联合活动中心"
SHARES = {MANBANG: "60", MANSAI: "40"}  # per cent of the shared building

DAI, HANI, BLANG, LAHU, HAN = "18", "16", "34", "24", "01"
# (姓名, 民族, 性别) in the order in which they are given out; 岩 and 扎 are men's names, 玉 and 娜 women's.
NAMES = (
    ("岩温", DAI, "1"), ("玉香", DAI, "2"), ("岩温罕", DAI, "1"), ("玉波罕", DAI, "2"), ("岩应罕叫", DAI, "1"),
    ("玉罕应香", DAI, "2"), ("岩香", DAI, "1"), ("玉坎", DAI, "2"), ("搓梭", HANI, "1"), ("批二", HANI, "1"),
    ("然都", HANI, "1"), ("飘扒", HANI, "2"), ("二土", HANI, "1"), ("阿卡山都", HANI, "1"), ("岩三帕", BLANG, "1"),
    ("玉坎香", BLANG, "2"), ("岩坎章", BLANG, "1"), ("岩三坎应", BLANG, "1"), ("扎努", LAHU, "1"), ("娜朵", LAHU, "2"),
    ("扎体", LAHU, "1"), ("扎娃迫", LAHU, "1"), ("李样本", HAN, "1"), ("王样例", HAN, "1"), ("周样表", HAN, "2"),
)  # fmt: skip
RARE = ("李𠮷样", HAN, "1")  # U+20BB7, outside the basic plane
LONG = ("岩温香罕样", DAI, "1")
# Whose name differs from the order: (office, how many people before) → name.
PLACED = {(MANLING, 1): RARE, (MANBANG, 5): LONG}

FULL_TIME = 3  # of the “两委”: the first three rows
MINUTES = ("b07_min_shop", "b07_min_center", "b07_min_elder", "b07_min_fit")
TERM, REVIEWED, BADGE_DAY = "2021-02-20", "2021-01-15", "2023-06-30"
USUAL_ROOMS = ("01", "02", "03", "04", "05", "15")  # of a 党群服务中心
EDUCATION = ("21", "31", "41", "61", "71")
# What does not move between the years: the area, years, posts and quotas, shares, hours, who was resettled.
STAYS = frozenset(
    {"b01_area_km2", "b01_reloc_hh", "b01_reloc_pop", "b02_f_year", "b02_f_share_n", "b02_f_share_pct", "b02_f_hours"}
    | {"b03_party_quota", "b03_comm_quota", "b07_vplan"}
)
POPULATION = frozenset(
    f"b01_pop_{name}"
    for name in ("registered", "resident", "in", "out", "female", "minority", "u3", "3_17", "60", "65", "80")
) | {"b07_pen_due", "b07_pen_in", "b07_med_due", "b07_med_in"}  # shares of it
# field ≤ field, in the order in which the cutting must go on.
CUTS = (
    ("b01_pop_in", "b01_pop_resident"), ("b01_pop_out", "b01_pop_registered"), ("b01_pop_female", "b01_pop_resident"),
    ("b01_pop_minority", "b01_pop_resident"), ("b01_pop_u3", "b01_pop_resident"), ("b01_pop_65", "b01_pop_60"),
    ("b01_pop_80", "b01_pop_65"), ("b01_elder_special", "b01_pop_60"), ("b01_dibao_hh", "b01_dibao_pop"),
    ("b02_f_off", "b02_f_area"), ("b02_f_sport", "b02_f_site"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SampleError:
    """One slip that 曼国村 makes: what is typed first and what it is corrected to (the same when it is explained)."""

    check: str
    form: str
    cell: Cell
    wrong: str
    right: str


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    ethnic: str
    id: str
    phone: str


def sample_office(code: str) -> Office:
    """The sample's office of this code; KeyError when it has none."""
    return {one.code: one for one in (*SAMPLE_OFFICES, *SAMPLE_TOWNSHIPS, SAMPLE_COUNTY)}[code]


def sample_answers(task: Task, office: str, period: str, seed: int = SEED) -> Mapping[str, Answers]:
    """What the village types, form by form: only what is asked by hand, as text, with stable row ids.
    period: "2025" or the year before; the task gives forms and code lists only. Of a township what it fills of itself.
    """
    asked = sample_office(office)
    if asked.level == "township":
        mine = [one for one in SAMPLE_OFFICES if one.parent == office]
        said = [_Village(task.whole, one, seed, YEAR).forms() for one in mine]
        return sample_township.answers(task, asked, period, said, seed, last=period != YEAR)
    village = _Village(task, asked, seed, period)
    return village.last_year(village.forms()) if village.last else village.forms()


def sample_errors(task: Task, seed: int = SEED) -> tuple[SampleError, ...]:
    """曼国村's slips of fields.md §11, as far as the task has their forms. K-018 is in last year's figures."""
    answers = sample_answers(task, MANGUO, YEAR, seed)
    first, second = answers["B02"].rows["b02_f"][:2]
    member, key = answers["B03"].rows["b03_m"][:2], answers["B04"].rows["b04_p"][2]
    messenger = answers["B05"].rows["b05_p"][0]
    area, act = Decimal(first.values["b02_f_area"]), Decimal(_share(first.values["b02_f_area"], 40))
    wrong_id = member[1].values["b03_m_id"]
    digits = "0123456789X0"

    def slip(check: str, form: str, row: Row, field: str, wrong: str, *, stays: bool = False) -> SampleError:
        return SampleError(check, form, Cell(field, row.id), wrong, wrong if stays else row.values[field])

    return (
        slip("K-030", "B02", first, "b02_f_act", str(act), stays=True),
        slip("K-030", "B02", second, "b02_f_act", _share(second.values["b02_f_area"], 40), stays=True),
        slip("K-022", "B02", first, "b02_f_off", str(area - act + 20)),
        slip("K-037", "B03", member[1], "b03_m_id", wrong_id[:17] + digits[digits.index(wrong_id[17]) + 1]),
        slip("K-072", "B04", key, "b04_p_key", "0", stays=True),
        slip("K-049", "B05", messenger, "b05_p_phone", member[0].values["b03_m_phone"]),
        *_slips_of_b07(answers),
    )


def _slips_of_b07(answers: Mapping[str, Answers]) -> tuple[SampleError, ...]:
    """One thing more that can be done over the net than there is to do, and one old person not visited."""
    if "B07" not in answers:
        return ()
    values = answers["B07"].values
    more, less = str(int(values["b07_items"]) + 1), str(int(values["b07_visit"]) - 1)
    return (
        SampleError("K-098", "B07", Cell("b07_items_net"), more, values["b07_items_net"]),
        SampleError("K-102", "B07", Cell("b07_visit"), less, less),
    )


def sample_people(task: Task, office: str, seed: int = SEED) -> tuple[str, str, str]:
    """Names of 单位负责人, 统计负责人 and 填表人: the first three of the “两委”."""
    rows = sample_answers(task, office, YEAR, seed)["B03"].rows["b03_m"]
    return rows[0].values["b03_m_name"], rows[1].values["b03_m_name"], rows[2].values["b03_m_name"]


def sample_ret(task: Task, office: str, reported_on: str, seed: int = SEED) -> Ret:
    if sample_office(office).level == "township":
        return sample_township.ret(reported_on)
    head, stat_head, filler = sample_people(task, office, seed)
    return Ret(head=head, stat_head=stat_head, filler=filler, phone="19900000000", reported_on=reported_on)


class _Village:
    """One village's figures. Draws are named by form, field, row and n, so that adding one moves no other."""

    def __init__(self, task: Task, office: Office, seed: int, period: str) -> None:
        self.task = task
        self.office = office
        self.seed = seed
        self.year = period
        self.city = office.kind == "20"
        self.last = period != YEAR
        self.given: list[str] = []
        self.numbers: set[str] = set()

    # --- draws -------------------------------------------------------------------------------------------------

    def u(self, field: str, row: int = 0, n: int = 0) -> Fraction:
        """0 ≤ u < 1, exact."""
        words = f"{self.seed}/{self.office.code}/{field[:3].upper()}/{field}/{row}/{n}"
        return Fraction(int.from_bytes(sha256(words.encode()).digest()[:8], "big"), 2**64)

    def whole(self, field: str, low: int, high: int, row: int = 0, n: int = 0) -> int:
        return low + int(self.u(field, row, n) * (high - low + 1))

    def part(self, field: str, of: int, low: str, high: str, row: int = 0) -> int:
        """`of` times a factor between low and high, rounded half up."""
        return _round(of * self.between(field, low, high, row))

    def between(self, field: str, low: str, high: str, row: int = 0) -> Fraction:
        return Fraction(low) + self.u(field, row) * (Fraction(high) - Fraction(low))

    def person(self, field: str, row: int, sex: str, ages: tuple[int, int]) -> Person:
        placed = PLACED.get((self.office.code, len(self.given)))
        free = (one for one in NAMES if one[0] not in self.given and one[2] == sex)
        name, ethnic, sex = placed or next(free)
        self.given.append(name)
        born = int(YEAR) - self.whole(f"{field}_age", *ages, row=row)
        day = f"{born}{self.whole(f'{field}_month', 1, 12, row):02}{self.whole(f'{field}_day', 1, 28, row):02}"
        number = self.number(day, sex)
        return Person(name, ethnic, number, f"1990000{len(self.given):04}")

    def number(self, day: str, sex: str) -> str:
        """999022 + birthday + the next unused number from 801 up with the parity of the sex + check digit."""
        order = next(n for n in range(801 if sex == "1" else 802, 1000, 2) if f"{day}{n}" not in self.numbers)
        self.numbers.add(f"{day}{order}")
        first17 = f"999022{day}{order}"
        return first17 + check_digit(first17)

    # --- forms -------------------------------------------------------------------------------------------------

    def forms(self) -> dict[str, Answers]:
        """In the order of the forms, because names are given out in it; forms that the task has not are left out."""
        b01 = self.b01()
        made = {
            "B01": Answers(MappingProxyType(b01)),
            "B02": self.b02(),
            "B03": self.b03(),
            "B04": self.b04(),
            "B05": self.b05(b01.get("b01_natural_villages", "")),
        }
        for name, given in (("B06", self.b06(b01)), ("B07", self.b07(b01))):
            if name in self.task.forms:
                taken = self.sources(made)
                made[name] = sample_figures.this_year(self.task.forms[name], taken, self, given, self.day)
        return {name: answers for name, answers in made.items() if name in self.task.forms}

    def b01(self) -> dict[str, str]:
        city = self.city
        homes = self.whole("b01_hh_resident", *((1200, 2400) if city else (180, 900)))
        people = self.part("b01_pop_resident", homes, *(("2.4", "3.0") if city else ("3.2", "4.6")))
        registered = self.part("b01_pop_registered", people, "0.95", "1.12")
        out = self.part("b01_pop_out", registered, "0.05", "0.15")
        come = people - registered + out
        if come < 0:
            come, out = 0, registered - people
        old = self.part("b01_pop_60", people, "0.11", "0.19")
        poor = self.part("b01_dibao_pop", registered, "0.02", "0.06")
        hamlets = self.whole("b01_natural_villages", 5, 14)
        moved = self.office.code == MANLING
        figures: dict[str, int | str] = {
            "b01_area_km2": str(_hundredth(self.between("b01_area_km2", *(("1.5", "4") if city else ("12", "70"))))),
            "b01_groups": self.whole("b01_groups", 6, 10) if city else hamlets + self.whole("b01_groups", 0, 4),
            "b01_grids": -(-homes // 100),
            "b01_compounds": 3 if city else 0,
            "b01_hh_registered": self.part("b01_hh_registered", homes, "0.95", "1.10"),
            "b01_hh_resident": homes,
            "b01_pop_registered": registered,
            "b01_pop_resident": people,
            "b01_pop_in": come,
            "b01_pop_out": out,
            "b01_pop_female": self.part("b01_pop_female", people, "0.47", "0.51"),
            "b01_pop_minority": self.part(
                "b01_pop_minority", people, *(("0.40", "0.60") if city else ("0.70", "0.98"))
            ),
            "b01_pop_u3": self.part("b01_pop_u3", people, "0.02", "0.04"),
            "b01_pop_3_17": self.part("b01_pop_3_17", people, "0.16", "0.22"),
            "b01_pop_60": old,
            "b01_pop_65": _round(old * Fraction(7, 10)),
            "b01_pop_80": _round(old * Fraction(12, 100)),
            "b01_elder_special": self.part("b01_elder_special", old, "0.04", "0.10"),
            "b01_disabled": self.part("b01_disabled", registered, "0.015", "0.03"),
            "b01_dibao_hh": _round(poor / Fraction("2.4")),
            "b01_dibao_pop": poor,
            "b01_tekun": self.part("b01_tekun", registered, "0", "0.004"),
            "b01_left_child": self.whole("b01_left_child", 0, 12),
            "b01_hard_child": self.whole("b01_hard_child", 0, 5),
            "b01_party_members": self.part("b01_party_members", registered, "0.03", "0.08"),
            "b01_deputies": self.whole("b01_deputies", 25, 50),
            "b01_reloc": "1" if moved else "0",
        }
        if city:
            figures["b01_built_area"] = homes * 118
        else:
            figures["b01_natural_villages"] = hamlets
        if moved:
            figures |= {"b01_reloc_hh": 42, "b01_reloc_pop": self.part("b01_reloc_pop", 42, "3.2", "4.6")}
        return {name: str(figure) for name, figure in figures.items()}

    def b02(self) -> Answers:
        name, rows = self.office.short, []
        rooms = sorted({*USUAL_ROOMS, *self.more_rooms(3)})
        area = self.space("b02_f_area", 260, 520, 1)
        act = self.between("b02_f_act", "0.62", "0.75", 1)
        off = self.between("b02_f_off", "0.12", "0.20", 1)
        rows.append({"b02_f_name": f"{name}党群服务中心", "b02_f_kind": "11", **self.inside(area, act, off, 1),
                     "b02_f_rooms": " ".join(rooms)})  # fmt: skip
        area = self.space("b02_f_area", 120, 300, 2)
        rows.append({"b02_f_name": f"{name}文化活动中心", "b02_f_kind": "14",
                     **self.inside(area, Fraction(8, 10), Fraction(0), 2), "b02_f_rooms": "06 07"})  # fmt: skip
        for at, kind, what, low, high in ((3, "31", "小广场", 300, 900), (4, "32", "篮球场", 420, 1200)):
            site = str(_hundredth(self.space("b02_f_site", low, high, at)))
            rows.append({"b02_f_name": f"{name}{what}", "b02_f_kind": kind, "b02_f_site": site,
                         "b02_f_sport": site if kind == "32" else "0", "b02_f_hours": "24"})  # fmt: skip
        shop = str(_hundredth(self.space("b02_f_area", 80, 600, 5)))
        rows.append({"b02_f_name": f"{name}便民商店", "b02_f_kind": "41", "b02_f_area": shop})
        for at, row in enumerate(rows, 1):
            row |= {"b02_f_source": "1", "b02_f_state": "1", "b02_f_share_n": "1", "b02_f_access": "1"}
            row["b02_f_year"] = str(self.whole("b02_f_year", 2009, 2022, at))
        if self.office.code in SHARES:
            rows.append({
                "b02_f_name": SHARED, "b02_f_kind": "17", "b02_f_source": "1", "b02_f_state": "1", "b02_f_year": "2018",
                "b02_f_area": "300", "b02_f_act": "240", "b02_f_off": "0", "b02_f_sport": "0", "b02_f_share_n": "2",
                "b02_f_share_pct": SHARES[self.office.code], "b02_f_hours": "8", "b02_f_access": "1",
            })  # fmt: skip
        return Answers({"b02_zero": "0"}, {"b02_f": self.rows("B02", rows)})

    def space(self, field: str, low: int, high: int, row: int) -> Fraction:
        return self.whole(field, low, high, row) * Fraction(5 if self.city else 2, 2)

    def inside(self, area: Fraction, act: Fraction, off: Fraction, row: int) -> dict[str, str]:
        return {
            "b02_f_area": str(_hundredth(area)),
            "b02_f_act": str(_hundredth(area * act)),
            "b02_f_off": str(_hundredth(area * off)),
            "b02_f_sport": "0",
            "b02_f_hours": str(self.whole("b02_f_hours", 8, 10, row)),
        }

    def more_rooms(self, count: int) -> list[str]:
        left = [one.code for one in self.task.lists["facility_room"].choices if one.code not in USUAL_ROOMS]
        return [left.pop(self.whole("b02_f_rooms", 0, len(left) - 1, 1, n)) for n in range(count)]

    def b03(self) -> Answers:
        size = 7 if self.city else 5
        rows = []
        for at in range(1, size + 1):
            person = self.person("b03_m", at, "2" if at in (3, 4) else "1", (26, 58))
            pay = self.whole("b03_m_pay", *((4000, 4800) if at == 1 else (2200, 3900)), row=at)
            rows.append({
                "b03_m_name": person.name, "b03_m_id": person.id, "b03_m_ethnic": person.ethnic,
                "b03_m_edu": EDUCATION[self.whole("b03_m_edu", 0, 4, at)], "b03_m_political": "01",
                "b03_m_post_party": ("11", "12", "13", "14", "15", "16", "19")[at - 1],
                "b03_m_post_comm": ("21", "22")[at - 1] if at < 3 else "23",
                "b03_m_since": TERM, "b03_m_mode": "1", "b03_m_review": "1", "b03_m_review_date": REVIEWED,
                "b03_m_phone": person.phone, "b03_m_full": "1" if at <= FULL_TIME else "0",
                "b03_m_pay": str(pay),
                "b03_m_swcert": "1" if at == 3 else "0", "b03_m_hours": str(self.whole("b03_m_hours", 24, 60, at)),
            })  # fmt: skip
        single = {
            "b03_party_org": "2", "b03_term_date": TERM, "b03_direct": "1", "b03_party_quota": str(size),
            "b03_comm_quota": str(size), "b03_reserve": str(self.whole("b03_reserve", 2, 5)),
        }  # fmt: skip
        return Answers(single, {"b03_m": self.rows("B03", rows)})

    def b04(self) -> Answers:
        roles = [one.code for one in self.task.lists["legal_role"].choices]
        rows = []
        for at in range(1, self.whole("b04_n", 4, 7) + 1):
            sex = "2" if at % 3 == 0 and at < 7 else "1"
            person = self.person("b04_p", at, sex, (24, 60))
            row = {
                "b04_p_name": person.name, "b04_p_id": person.id, "b04_p_ethnic": person.ethnic,
                "b04_p_edu": EDUCATION[self.whole("b04_p_edu", 0, 4, at)], "b04_p_political": "13",
                "b04_p_role": roles[(at - 1) % len(roles)], "b04_p_phone": person.phone,
                "b04_p_key": "1" if at <= 3 else "0", "b04_p_tkind": "1",
                "b04_p_hours": str(self.whole("b04_p_hours", 8, 24, at)), "b04_p_tdate": f"{self.year}-09-15",
                "b04_p_disputes": str(self.whole("b04_p_disputes", 1, 5, at)),
                "b04_p_public": str(self.whole("b04_p_public", 1, 5, at)), "b04_p_lang": "1",
            }  # fmt: skip
            if at <= 3:
                row |= {"b04_p_cert": f"样例{self.office.code[6:]}-{at:02}", "b04_p_cert_date": BADGE_DAY}
            rows.append(row)
        single = {
            "b04_demo_hh": str(self.whole("b04_demo_hh", 1, 5)), "b04_lecture": str(self.whole("b04_lecture", 1, 5)),
            "b04_zero": "0",
        }  # fmt: skip
        return Answers(single, {"b04_p": self.rows("B04", rows)})

    def b05(self, hamlets: str) -> Answers:
        if self.office.code == JINGZHEN and not self.last:
            return Answers({"b05_zero": "1", "b05_zero_reason": "原灾害信息员外出务工，正在推选"})
        rows = []
        for at, corner in enumerate("AB", 1):
            person = self.person("b05_p", at, "1", (26, 50))
            row = {
                "b05_p_name": person.name, "b05_p_corner": corner, "b05_p_duty": "2", "b05_p_ident": "23"[at - 1],
                "b05_p_since": "2021-03-01", "b05_p_phone": person.phone,
                "b05_p_edu": EDUCATION[self.whole("b05_p_edu", 0, 4, at)], "b05_p_system": "1", "b05_p_cert": "1",
                "b05_p_tdate": f"{self.year}-06-12", "b05_p_hours": str(self.whole("b05_p_hours", 1, 5, at)),
                "b05_p_equip": "03 05 06", "b05_p_reports": str(self.whole("b05_p_reports", 1, 5, at)),
            }  # fmt: skip
            if hamlets:
                row["b05_p_cover_n"] = hamlets if corner == "A" else "0"
                row["b05_p_cover"] = "全村各自然村" if corner == "A" else "协助A角"
            rows.append(row)
        return Answers({"b05_zero": "0"}, {"b05_p": self.rows("B05", rows)})

    def b06(self, b01: Mapping[str, str]) -> dict[str, str]:
        """What is not as any figure: workers by the grids, volunteers and the poor by the people."""
        grids, city = int(b01["b01_grids"]), self.city
        volunteers = self.part("b06_vol_reg", int(b01["b01_pop_resident"]), "0.12", "0.22")
        figures = {
            "b06_cw_hired": max(self.whole("b06_cw_hired", *((14, 20) if city else (3, 6))), grids - FULL_TIME),
            "b06_cw_pay": self.whole("b06_cw_pay", 2600, 3800),
            "b06_sw_total": 3 if city else 1,
            "b06_sw_cert": 1,
            "b06_sw_target": sum(int(b01[name]) for name in ("b01_dibao_pop", "b01_tekun", "b01_disabled")),
            "b06_vol_reg": volunteers,
            "b06_vol_part": _round(volunteers * Fraction("0.6")),
            "b06_vol_hours": volunteers * 12,
            "b06_grid_full": grids,
            "b06_mediator": 5,
        }
        return {name: str(figure) for name, figure in figures.items()}

    def b07(self, b01: Mapping[str, str]) -> dict[str, str]:
        registered, minutes = int(b01["b01_pop_registered"]), (5, 14) if self.city else (8, 28)
        figures = {
            "b07_new": 0,
            "b07_items": self.whole("b07_items", 60, 120),
            "b07_net_hours": 24,
            "b07_survey_n": self.whole("b07_survey_n", 60, 150),
            **{name: self.whole(name, *minutes) for name in MINUTES},
            "b07_visit": b01["b01_elder_special"],
            "b07_places": self.whole("b07_places", 20, 60),
            "b07_aid_due": _poor(b01),
            "b07_pen_due": self.part("b07_pen_due", registered, "0.45", "0.55"),
            "b07_med_due": _round(registered * Fraction("0.92")),
            "b07_shelter_cap": self.whole("b07_shelter_cap", 200, 800),
            "b07_drill": 2,
            "b07_vplan": self.whole("b07_vplan", 2021, 2023),
            "b07_honour": "01 02 03" if self.office.code == JINGZHEN else "",
            "b07_honour_y": "02" if self.office.code == JINGZHEN else "",
        }
        return {name: str(figure) for name, figure in figures.items()}

    def sources(self, made: Mapping[str, Answers]) -> dict[str, Answers]:
        """What other forms say to those that take figures over: typed answers, and the one computed figure."""
        return {
            "B01": Answers({**made["B01"].values, "b01_kind": self.office.kind}),
            "B03": Answers({"b03_n_full": str(FULL_TIME)}),
        }

    @property
    def day(self) -> date:
        return date(int(self.year), 12, 15)

    def rows(self, form: str, rows: Sequence[Mapping[str, str]]) -> tuple[Row, ...]:
        """Ids from office, form and place: the same person keeps his over the years."""
        ids = (sha256(f"{self.seed}/{self.office.code}/{form}/row/{at}".encode()).digest() for at in range(len(rows)))
        return tuple(
            Row(str(UUID(bytes=one[:16], version=5)), MappingProxyType(dict(row)))
            for one, row in zip(ids, rows, strict=True)
        )

    # --- last year ---------------------------------------------------------------------------------------------

    def last_year(self, forms: Mapping[str, Answers]) -> dict[str, Answers]:
        before = {name: self.aged(name, answers) for name, answers in forms.items()}
        b01 = before["B01"].values
        for name in [one for one in ("B06", "B07") if one in before]:
            values = dict(before[name].values)
            if name == "B06":
                fewest = int(b01["b01_grids"]) - FULL_TIME
                values["b06_cw_hired"] = str(max(int(values["b06_cw_hired"]), fewest))
                values["b06_grid_full"] = b01["b01_grids"]
            else:
                values["b07_aid_due"] = str(_poor(b01))
            taken = self.sources(before)
            before[name] = sample_figures.year_before(self.task.forms[name], taken, values, self.day)
        hamlets = before["B01"].values.get("b01_natural_villages", "")
        if hamlets:
            rows = before["B05"].rows["b05_p"]
            first = replace(rows[0], values={**rows[0].values, "b05_p_cover_n": hamlets})
            before["B05"] = replace(before["B05"], rows={"b05_p": (first, *rows[1:])})
        return before

    def aged(self, name: str, answers: Answers) -> Answers:
        """Numbers × 0.93..1.07 cut to their bounds; rosters lose their last row where more than the least stay."""
        form = self.task.forms[name]
        least = {"b02_f": 1, "b03_m": 7 if self.city else 3, "b04_p": 3, "b05_p": 2}
        values = self.scaled(answers.values, {one.name: one for one in form.fields}, 0)
        rows = {}
        for repeat in form.repeats:
            kept = answers.rows.get(repeat.name, ())
            kept = kept[:-1] if len(kept) > least[repeat.name] else kept
            fields = {one.name: one for one in repeat.fields}
            rows[repeat.name] = tuple(
                replace(row, values=self.scaled(row.values, fields, at)) for at, row in enumerate(kept, 1)
            )
        return Answers(values, {repeat: some for repeat, some in rows.items() if some})

    def scaled(self, values: Mapping[str, str], fields: Mapping[str, Field], row: int) -> dict[str, str]:
        result = dict(values)
        for name, words in values.items():
            kind = fields[name].kind
            if kind in (Kind.INTEGER, Kind.DECIMAL) and name not in STAYS:
                factor = Fraction("0.93") + self.u(name, row, 1) * Fraction("0.14")
                if self.office.code == MANGUO and name in POPULATION:
                    factor = Fraction(55, 100)  # gives K-018
                figure = Fraction(words) * factor
                result[name] = str(_round(figure) if kind is Kind.INTEGER else _hundredth(figure))
        for name, bound in _cuts(result):
            result[name] = str(min(Decimal(result[name]), bound))
        return result


def _poor(b01: Mapping[str, str]) -> int:
    """低保 and 特困 together."""
    return int(b01["b01_dibao_pop"]) + int(b01["b01_tekun"])


def _cuts(values: Mapping[str, str]) -> Iterator[tuple[str, Decimal]]:
    for name, other in CUTS:
        if name in values and other in values:
            yield name, Decimal(values[other])
    if values.get("b02_f_act"):
        yield "b02_f_act", Decimal(values["b02_f_area"]) - Decimal(values["b02_f_off"])
    if values.get("b02_f_kind") == "32":
        yield "b02_f_sport", Decimal(values["b02_f_site"])


def _round(value: Fraction) -> int:
    """Half up; nothing here is negative."""
    return int(value + Fraction(1, 2))


def _hundredth(value: Fraction) -> Decimal:
    """Two places, half up."""
    return Decimal(_round(value * 100)) / 100


def _share(words: str, percent: int) -> str:
    return str(_hundredth(Fraction(words) * Fraction(percent, 100)))
