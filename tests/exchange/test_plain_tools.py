"""In ten years openssl, unzip and sha256sum open a package: the script of DIR/open does it with nothing of ours."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

from cunbao.exchange.manifest import Manifest, ObjectKind, PackageKind, member
from cunbao.exchange.opening import open_kit
from cunbao.exchange.package import write_package
from world.county import MANBENG, MENGHUN, NOW, a_county, before_enrolment

ANSWERS = "<data><name>岩温𠮷</name></data>".encode()
PDF = b"%PDF-1.7 " + bytes(100)


def a_folder(tmp_path: Path, *, enrolled: bool = True) -> Path:
    """DIR/open beside a package, as the demo leaves them."""
    world = a_county()
    seat = world[MANBENG] if enrolled else before_enrolment(world[MANBENG])
    manifest = Manifest(
        PackageKind.BUNDLE, MANBENG, "one", "e1", (MENGHUN,), "community-services", "2025", 1, NOW,
        (member(ANSWERS, ObjectKind.ANSWERS), member(PDF, ObjectKind.PDF)),
    )  # fmt: skip
    objects = {sha256(data).hexdigest(): data for data in (ANSWERS, PDF)}
    reader = world[MENGHUN]
    data = write_package(manifest, objects, seat.signer, [reader.issued.decryption], when=NOW)
    (tmp_path / "曼蚌村-2025年度-第1次.cbsync").write_bytes(data)
    (tmp_path / "open").mkdir()
    for name, body in open_kit(world.root.certificate, (reader.issued.decryption, reader.keys.decryption)).items():
        (tmp_path / "open" / name).write_bytes(body)
    return tmp_path


def opened(folder: Path) -> subprocess.CompletedProcess[str]:
    line = ["sh", "open/open.sh", "曼蚌村-2025年度-第1次.cbsync", "out"]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


def test_the_script_opens_a_package_and_checks_every_sum(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    done = opened(folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 3
    content = folder / "out" / "content"
    assert (content / "objects" / sha256(ANSWERS).hexdigest()).read_bytes() == ANSWERS
    listed = subprocess.run(["unzip", "-Z1", "out/content.zip"], cwd=folder, capture_output=True, text=True, check=True)
    assert listed.stdout.split() == sorted(listed.stdout.split())


def test_the_script_stops_at_a_damaged_package(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (package,) = folder.glob("*.cbsync")
    data = package.read_bytes()
    package.write_bytes(data[:-40] + bytes([data[-40] ^ 1]) + data[-39:])
    assert opened(folder).returncode != 0


def test_the_script_does_not_vouch_for_a_signer_before_enrolment(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, enrolled=False)
    assert opened(folder).returncode != 0
    assert not (folder / "out" / "content").exists()
