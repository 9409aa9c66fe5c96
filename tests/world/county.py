"""A county in memory: root, two townships, villages with enrolled devices. Real keys, a fixed clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from cunbao.trust.certs import CertRole
from cunbao.trust.keys import DeviceKeys, Signer, new_device_keys
from cunbao.trust.pki import (
    Authority,
    Issued,
    approve,
    comparison_code,
    make_desk,
    make_request,
    make_root,
    make_township_ca,
    self_signed,
)

NOW = datetime(2025, 12, 15, 1, 30, tzinfo=UTC)
COUNTY = "532822000000"
MENGHUN = "532822103000"
MENGZHE = "532822104000"
MANBENG = "532822103203"  # 曼蚌村, of 勐混镇
MANGUO = "532822103202"  # 曼国村, of 勐混镇
LIMING = "532822104001"  # 黎明社区, of 勐遮镇
NAMES = {
    COUNTY: "勐海县",
    MENGHUN: "勐混镇",
    MENGZHE: "勐遮镇",
    MANBENG: "曼蚌村民委员会",
    MANGUO: "曼国村民委员会",
    LIMING: "黎明社区居民委员会",
}


@dataclass(frozen=True)
class Seat:
    """Somebody's place: office, keys, certificates; `signer` signs, `keys.decryption` opens."""

    office: str
    keys: DeviceKeys
    issued: Issued
    signer: Signer
    request: bytes = b""


@dataclass(frozen=True)
class World:
    root: Authority
    townships: dict[str, Authority]
    seats: dict[str, Seat]

    @property
    def roots(self) -> tuple[bytes, ...]:
        return (self.root.certificate,)

    def __getitem__(self, office: str) -> Seat:
        return self.seats[office]


@cache
def a_county(years: int = 3) -> World:
    """The county of the tests; `years`: how long devices' certificates run (CAs longer)."""
    root = make_root(office=COUNTY, name=NAMES[COUNTY], now=NOW, years=years + 20)
    townships = {
        code: make_township_ca(root, office=code, name=NAMES[code], now=NOW, years=years + 10)
        for code in (MENGHUN, MENGZHE)
    }
    seats = {COUNTY: a_desk(root, COUNTY, CertRole.COUNTY_DESK, years=years)}
    for code, authority in townships.items():
        seats[code] = a_desk(authority, code, CertRole.TOWNSHIP_DESK, years=years)
    for code in (MANBENG, MANGUO, LIMING):
        seats[code] = a_village(townships[code[:9] + "000"], code, years=years)
    return World(root, townships, seats)


def a_desk(authority: Authority, office: str, role: CertRole, *, years: int = 3) -> Seat:
    keys = new_device_keys()
    issued = make_desk(authority, keys, office=office, name=NAMES[office], role=role, now=NOW, years=years)
    return Seat(office, keys, issued, issued.signer(keys.signing, person="玉香", role="审核员"))


def a_village(authority: Authority, office: str, *, years: int = 3, now: datetime = NOW) -> Seat:
    """A device that asked, was compared and approved."""
    keys = new_device_keys()
    request = make_request(keys, office=office, name=NAMES[office], person="岩温", device="one", now=now)
    issued = approve(authority, request, comparison_code(request), now=now, years=years)
    return Seat(office, keys, issued, issued.signer(keys.signing, person="岩温", role="填报人"), request)


def before_enrolment(seat: Seat) -> Seat:
    """The same keys as they were before the certificate came."""
    own = self_signed(seat.keys, office=seat.office, name=NAMES[seat.office], now=NOW)
    return replace(seat, issued=own, signer=own.signer(seat.keys.signing, person="岩温", role="填报人"))
