"""Packages: what is carried on a stick or through a drop box, written and read. Applies nothing; knows no SQL."""

from cunbao.exchange.package import (
    Acknowledgement,
    ClosedPeriod,
    Former,
    Manifest,
    Member,
    ObjectKind,
    Package,
    PackageKind,
    member,
    package_id,
    read_package,
    split,
    write_package,
)

__all__ = [
    "Acknowledgement", "ClosedPeriod", "Former", "Manifest", "Member", "ObjectKind", "Package", "PackageKind",
    "member", "package_id", "read_package", "split", "write_package",
]  # fmt: skip
