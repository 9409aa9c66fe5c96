"""`cunbao outbox` and `cunbao sync`: how they end over servers that want a password or TLS, or are no drop box."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from cli.conftest import Cunbao
from world.badline import Fault, a_bad_line
from world.drops import Drop, a_server

Village = Callable[..., Path]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A certificate that nobody vouches for, its key, its fingerprint."""
    place = tmp_path_factory.mktemp("tls")
    cert, key = place / "cert.pem", place / "key.pem"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9000"]
    made = ["-subj", "/CN=box", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(["openssl", *words, *made], check=True, capture_output=True)
    der = subprocess.run(["openssl", "x509", "-in", str(cert), "-outform", "DER"], check=True, capture_output=True)
    return cert, key, sha256(der.stdout).hexdigest()


@pytest.fixture(params=["basic", "digest"])
def closed(request: pytest.FixtureRequest, tmp_path: Path, tls: tuple[Path, Path, str]) -> Iterator[Drop]:
    """A server over TLS that lets in whoever knows the password."""
    words = ("--user", "manbang", "--password", "right-2025", "--scheme", request.param)
    with a_server(tmp_path / "dav", *words, "--cert", str(tls[0]), "--key", str(tls[1]), scheme="https") as drop:
        yield drop


def test_a_bundle_goes_by_commands_to_a_server_with_password_and_pinned_certificate(
    village: Village, cunbao: Cunbao, closed: Drop, tls: tuple[Path, Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = village("signed")
    assert cunbao("sync", folder).code == 3 and cunbao("send", folder).code == 3  # no outbox, and no --to
    monkeypatch.setenv("CUNBAO_BOX_PASSWORD", "wrong")
    set_up = cunbao("outbox", folder, "--to", closed.url, "--user", "manbang", "--json")
    assert set_up.code == 0 and set_up.json["to"] == closed.url and "wrong" not in set_up.out
    assert cunbao("send", folder, "--json").code == 0

    foreign = cunbao("sync", folder, "--json")  # nobody vouches for it: nothing is sent there
    assert (foreign.code, foreign.json["trouble"]["code"], foreign.json["open"]) == (1, "dropbox.certificate", 1)
    pin = ":".join(tls[2][n : n + 2].upper() for n in range(0, 64, 2))
    assert cunbao("outbox", folder, "--pin", "0" * 64).code == 1
    assert cunbao("sync", folder, "--json").json["trouble"]["code"] == "dropbox.certificate"
    assert cunbao("outbox", folder, "--pin", pin).code == 1
    assert cunbao("sync", folder, "--json").json["trouble"]["code"] == "dropbox.password"
    assert closed.files() == []

    monkeypatch.setenv("CUNBAO_BOX_PASSWORD", "right-2025")
    assert cunbao("outbox", folder, "--user", "manbang").code == 1
    done = cunbao("sync", folder, "--json")
    assert (done.code, done.json["sent"], done.json["open"]) == (0, 1, 0)
    (name,) = closed.files()
    assert name.startswith("532822103000/") and len(Path(name).stem) == 64
    looked = cunbao("outbox", folder, "--json")
    assert looked.code == 0 and looked.json["going"][0]["state"] == "proved"
    assert cunbao("sync", folder, "--json").json["sent"] == 0  # a repeated pass sends nothing


def test_addresses_that_are_none_are_refused_and_what_waits_stays(
    village: Village, cunbao: Cunbao, tmp_path: Path
) -> None:
    folder = village("signed")
    for where in ("http://pan.example/x", "ftp://pan.example/", "https://user:pw@pan.example/", "https://"):
        refused = cunbao("outbox", folder, "--to", where, "--json")
        assert refused.code == 3 and refused.json["error"]["code"] in ("outbox.plain", "outbox.address"), where
    assert cunbao("outbox", folder, "--to", "https://pan.example/", "--pin", "12").code == 3
    share = tmp_path / "share"
    assert cunbao("outbox", folder, "--to", share).code == 0  # not there yet, as a drive that is off
    assert cunbao("send", folder).code == 0
    gone = cunbao("sync", folder, "--json")
    assert (gone.code, gone.json["trouble"]["code"]) == (1, "dropbox.unreachable")
    assert cunbao("outbox", folder, "--off").code == 1 and cunbao("sync", folder).code == 3
    share.mkdir()
    assert cunbao("outbox", folder, "--on").code == 1
    assert cunbao("sync", folder).code == 0 and len(list(share.rglob("*.cbsync"))) == 1


def test_a_page_that_wants_a_login_is_no_drop_box_and_a_moved_one_is_not_followed(
    village: Village, cunbao: Cunbao, tmp_path: Path
) -> None:
    folder = village("signed")
    with a_server(tmp_path / "dav") as drop, a_bad_line(drop.port) as line:
        cunbao("outbox", folder, "--to", line.url)
        assert cunbao("send", folder).code == 0
        for fault, code in (
            (Fault("portal"), "dropbox.foreign"),
            (Fault("redirect"), "dropbox.moved"),
            (Fault("status", 405), "dropbox.foreign"),
            (Fault("status", 507), "dropbox.full"),
        ):
            line.choose = lambda method, path, fault=fault: fault
            met = cunbao("sync", folder, "--json")
            assert (met.code, met.json["trouble"]["code"], met.json["open"]) == (1, code, 1)
            assert met.json["trouble"]["happened"] and met.json["trouble"]["todo"]
        line.choose = lambda method, path: None
        huge = tmp_path / "dav" / "532822103203"
        huge.mkdir()
        with (huge / f"{'a' * 64}.cbcert").open("wb") as file:
            file.truncate(100_000)  # more than a certificate's file may be
        assert cunbao("sync", folder, "--json").json["fetched"] == 0
        assert not any("a" * 64 in path for method, path in line.asked if method == "GET")  # refused unread
