"""`cunbao demo DIR`: the sample round of two villages from the root certificate to bundles that openssl opens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Cunbao
from cunbao.trust.pades import verify_pdf
from cunbao.trust.verify import Standing
from world.disks import environment
from world.readers import trusted_by_pdfsig

FORMS = ("B01", "B02", "B03", "B04", "B05")
SEED = "77"


def a_demo(place: Path, *words: str) -> Path:
    """The folder of a demo, told by the program as a process."""
    folder = place / "out"
    done = subprocess.run(
        [sys.executable, "-m", "cunbao", "demo", str(folder), "--seed", SEED, "--no-pictures", *words],
        env=environment(place),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_demo(tmp_path_factory.mktemp("demo"), "--villages", "2")


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_demo(tmp_path_factory.mktemp("again"), "--villages", "1")


def report_of(demo: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((demo / "report.json").read_text("utf-8"))
    return found


def steps(demo: Path, name: str) -> list[dict[str, Any]]:
    return [one for one in report_of(demo)["steps"] if one["step"] == name]


def answers_in(pdf: Path, place: Path) -> str:
    """The embedded answers of a signed return without the id of its instance."""
    place.mkdir(exist_ok=True)
    subprocess.run(["pdfdetach", "-saveall", "-o", str(place), str(pdf)], check=True, capture_output=True)
    return re.sub(r"<meta>.*</meta>", "", (place / "answers.xml").read_text("utf-8"))


def test_the_report_names_every_step_file_and_digest(demo: Path) -> None:
    report = report_of(demo)
    assert (report["seed"], len(report["villages"])) == (int(SEED), 2)
    assert {one["step"] for one in report["steps"]} >= {
        "certify_township", "issue_pack", "enrol", "last_period", "check", "sign", "send", "open",
    }  # fmt: skip
    for one in (*steps(demo, "issue_pack"), *steps(demo, "send")):
        assert sha256((demo / "stick" / one["file"]).read_bytes()).hexdigest() == one["sha256"]
    assert [set(one["returns"]) for one in steps(demo, "sign")] == [set(FORMS)] * 2


def test_the_folders_are_as_promised(demo: Path) -> None:
    villages = report_of(demo)["villages"]
    names = {path.name for path in demo.iterdir()}
    assert names >= {"county", "stick", "pdf", "paper", "open", "root.pem", "report.json"}
    assert names >= {f"village-{code}" for code in villages}
    for code in villages:
        assert sorted(path.name for path in (demo / "pdf" / code).iterdir()) == [f"{form}.pdf" for form in FORMS]
        assert (demo / f"village-{code}" / "data.db").exists()
    assert not [path for path in (demo / "pdf").rglob("*") if path.is_file() and path.suffix != ".pdf"]


def test_every_signed_return_is_trusted_by_us_and_by_pdfsig_under_the_root_that_lies_there(
    demo: Path, tmp_path: Path
) -> None:
    import ssl

    from world.readers import run

    nss = tmp_path / "nss"
    nss.mkdir()
    run("certutil", "-N", "-d", f"sql:{nss}", "--empty-password")
    run("certutil", "-A", "-d", f"sql:{nss}", "-n", "root", "-t", "CT,C,C", "-i", demo / "root.pem")
    root = ssl.PEM_cert_to_DER_cert((demo / "root.pem").read_text("ascii"))
    signed = [code for one in steps(demo, "sign") for code in one["returns"].values()]
    for pdf in sorted((demo / "pdf").rglob("*.pdf")):
        verdict = verify_pdf(pdf.read_bytes(), (root,), office=pdf.parent.name)
        assert verdict.standing is Standing.VALID, f"{pdf}: {verdict.reason}"
        header = sha256(verdict.attachments["header.json"]).hexdigest()
        assert header in signed
        assert trusted_by_pdfsig(pdf, nss)


def test_every_bundle_of_the_readers_township_opens_with_openssl_and_unzip_alone(demo: Path, tmp_path: Path) -> None:
    opened = 0
    for one in steps(demo, "send"):
        scripts = sorted((demo / "open").rglob("open.sh"))
        done = [
            subprocess.run(
                ["sh", str(script), str(demo / "stick" / one["file"]), str(tmp_path / f"{opened}-{number}")],
                capture_output=True,
                text=True,
                check=False,
                env={"PATH": "/usr/bin:/bin"},
            )
            for number, script in enumerate(scripts)
        ]
        good = [said for said in done if said.returncode == 0]
        assert all("FAILED" not in said.stdout and said.stdout.count(": OK") > 20 for said in good)
        opened += bool(good)
    assert opened == len(steps(demo, "send"))


def test_the_same_seed_tells_the_same_story(demo: Path, again: Path, tmp_path: Path) -> None:
    (code,) = report_of(again)["villages"]
    for form in FORMS:
        one, two = (answers_in(at / "pdf" / code / f"{form}.pdf", tmp_path / at.parent.name) for at in (demo, again))
        assert one == two and len(one) > 200
    for at in (demo, again):
        assert [one["findings"] for one in steps(at, "check") if one["office"] == code]
    checks = [[one["findings"] for one in steps(at, "check") if one["office"] == code] for at in (demo, again)]
    assert checks[0] == checks[1]
    blanks = sorted(path.name for path in (again / "paper").glob("*空白表.pdf"))
    assert len(blanks) == 5
    for name in blanks:  # unsigned pages: the same bytes
        assert (demo / "paper" / name).read_bytes() == (again / "paper" / name).read_bytes()


def test_a_folder_of_somebody_else_is_left_alone_and_an_earlier_demo_is_made_anew(
    tmp_path: Path, cunbao: Cunbao, again: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "作业.txt").write_text("mine")
    said = cunbao("demo", tmp_path / "mine", "--villages", "1", "--no-pictures", "--json")
    assert said.code == 3 and said.json["error"]["code"] == "demo.occupied"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["作业.txt"]
    made = cunbao("demo", again, "--villages", "1", "--seed", "5", "--no-pictures", "--json")
    assert made.code == 0 and made.json["seed"] == 5 and report_of(again)["seed"] == 5


@pytest.mark.parametrize("villages", ["0", "7", "viele"])
def test_more_villages_than_there_are_is_wrong_use(tmp_path: Path, cunbao: Cunbao, villages: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cunbao("demo", tmp_path / "out", "--villages", villages)
    assert ended.value.code == 2 and not (tmp_path / "out").exists()
