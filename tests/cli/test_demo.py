"""`cunbao demo DIR`: the sample round from the root certificate to the county, and bundles that openssl opens."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Cunbao
from cunbao.trust.pades import verify_pdf
from cunbao.trust.verify import Standing
from world.badline import Fault, a_bad_line
from world.disks import environment
from world.drops import a_server
from world.readers import trusted_by_pdfsig

FORMS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07")
TOWNS = ("532822103000", "532822104000")
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
    return a_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_demo(tmp_path_factory.mktemp("again"), "--villages", "1")


def report_of(demo: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((demo / "report.json").read_text("utf-8"))
    return found


def steps(demo: Path, name: str) -> list[dict[str, Any]]:
    return [one for one in report_of(demo)["steps"] if one["step"] == name]


def carried(demo: Path) -> list[dict[str, Any]]:
    """Bundles of villages that still lie on the stick: one was lost on the way."""
    lost = {one["file"] for one in steps(demo, "lost_stick")}
    return [one for one in steps(demo, "send") if one["file"] not in lost]


def answers_in(pdf: Path, place: Path) -> str:
    """The embedded answers of a signed return without the id of its instance."""
    place.mkdir(exist_ok=True)
    subprocess.run(["pdfdetach", "-saveall", "-o", str(place), str(pdf)], check=True, capture_output=True)
    return re.sub(r"<meta>.*</meta>", "", (place / "answers.xml").read_text("utf-8"))


def test_the_report_names_every_step_file_and_digest(demo: Path) -> None:
    report = report_of(demo)
    assert (report["seed"], len(report["villages"])) == (int(SEED), 6)
    assert {one["step"] for one in report["steps"]} >= {
        "certify_township", "issue_pack", "enrol", "last_period", "check", "sign", "send", "open",
    }  # fmt: skip
    for one in (*steps(demo, "issue_pack"), *carried(demo)):
        assert sha256((demo / "stick" / one["file"]).read_bytes()).hexdigest() == one["sha256"]
    assert [set(one["returns"]) for one in steps(demo, "sign")] == [set(FORMS)] * 6
    own = [(one["office"], set(one["returns"])) for one in steps(demo, "own_return")]
    assert own == [(code, {"T01"}) for code in TOWNS]


def test_the_folders_are_as_promised(demo: Path) -> None:
    villages = report_of(demo)["villages"]
    names = {path.name for path in demo.iterdir()}
    assert names >= {"county", "stick", "pdf", "paper", "open", "root.pem", "report.json"}
    assert names >= {f"village-{code}" for code in villages}
    for code in villages:
        assert sorted(path.name for path in (demo / "pdf" / code).iterdir()) == [f"{form}.pdf" for form in FORMS]
        assert (demo / f"village-{code}" / "data.db").exists()
    for code in TOWNS:
        assert [path.name for path in (demo / "pdf" / code).iterdir()] == ["T01.pdf"]
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
    signed = [code for name in ("sign", "own_return") for one in steps(demo, name) for code in one["returns"].values()]
    corrected = 0
    for pdf in sorted((demo / "pdf").rglob("*.pdf")):
        verdict = verify_pdf(pdf.read_bytes(), (root,), office=pdf.parent.name)
        assert verdict.standing is Standing.VALID, f"{pdf}: {verdict.reason}"
        header = sha256(verdict.attachments["header.json"]).hexdigest()
        corrected += header not in signed
        assert trusted_by_pdfsig(pdf, nss)
    assert corrected == 2  # one return was sent back, one was settled after a conflict


def test_every_bundle_of_the_readers_township_opens_with_openssl_and_unzip_alone(demo: Path, tmp_path: Path) -> None:
    opened = 0
    for one in carried(demo):
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
    asked = {one["office"] for one in steps(demo, "approve") if one.get("joined")}
    assert asked and opened == len([one for one in carried(demo) if one["office"] not in asked])  # by a key of its own


def test_the_round_goes_from_the_villages_through_the_townships_to_the_county_and_back(demo: Path) -> None:
    first, second = ({one["file"]: one["result"] for one in read["files"]} for read in steps(demo, "receive")[:2])
    said = {name.partition("-")[0] + ("（副本）" if "副本" in name else ""): words for name, words in first.items()}
    assert (said["曼蚌村"], said["曼国村（副本）"]) == ("已接收", "已有")
    assert said["曼国村"] == "已接收"  # its first stick was lost: the second carries all of it
    assert said["勐混村"] == "文件不完整" and said["黎明社区"] == "不是本镇的"
    assert {name.partition("-")[0]: words for name, words in second.items()} == {
        "黎明社区": "已接收", "曼令村": "已接收", "景真村": "证书待核准",
    }  # fmt: skip
    approved = [one for one in steps(demo, "approve") if one.get("joined")]
    assert [[name.partition("-")[0] for name in one["joined"]] for one in approved] == [["景真村"]]
    assert {(one["office"], one["form"]) for one in steps(demo, "send_back")} == {
        ("532822103202", "B02"), ("532822103203", "B05"),
    }  # fmt: skip
    assert all(one["ok"] for one in steps(demo, "receipt"))
    assert [one["form"] for one in steps(demo, "conflict")] == ["B05"] and len(steps(demo, "propose")) == 1
    assert [one["state"] for one in steps(demo, "settled")] == ["已接收"]
    assert [one["state"] for one in steps(demo, "withdraw")] == ["已接收"]
    assert [one["returns"] for one in steps(demo, "send_on")] == [22, 22]  # of three villages, and the township's own
    assert [(one["office"], one["form"]) for one in steps(demo, "county_accepts")] == [(at, "T01") for at in TOWNS]
    assert [one["returns"] for one in steps(demo, "same_at_the_county")] == [22, 22]
    owing = {office for one in steps(demo, "totals") for office, _ in one["owing"]}
    assert owing == {"532822103201", "532822103205", "532822103206", "532822103207"}
    for name in ("勐混镇-汇总表.xlsx", "勐混镇-催报通知.pdf", "勐混镇-催报名单.xlsx", "532822103202-回执单.pdf"):
        assert (demo / "paper" / name).stat().st_size > 5000


def test_the_township_of_the_demo_opens_and_shows_the_same_digest(
    demo: Path, cunbao: Cunbao, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUNBAO_PASSWORD", "sample-2025")
    told = {one["office"]: {"objects": one["2025"]["objects"], "state": one["2025"]["state"]}
            for one in steps(demo, "state")}  # fmt: skip
    said = cunbao("state", demo / "township-532822103000", "--json")
    assert said.code == 0 and said.json["periods"]["2025"] == told["532822103000"]
    assert cunbao("rebuild", demo / "township-532822103000", "--json").code == 0
    assert cunbao("state", demo / "township-532822103000", "--json").json == said.json
    board = cunbao("board", demo / "township-532822103000", "--json").json
    assert board["counts"] == {"已接收": 1, "有冲突": 0, "证书待核准": 0, "退回": 0, "未报": 27, "通过": 21}
    marks = {row["name"]: row["marks"] for row in board["rows"]}
    assert marks["贺开村"]["B05"] == ["代报"]
    assert len(marks["曼赛村"]) == 7 and all("迟报" in some for some in marks["曼赛村"].values())


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
    assert len(blanks) == 8
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
    earlier = shutil.copytree(again, tmp_path / "earlier")  # others still read theirs
    made = cunbao("demo", earlier, "--villages", "1", "--seed", "5", "--no-pictures", "--json")
    assert made.code == 0 and made.json["seed"] == 5 and report_of(earlier)["seed"] == 5


@pytest.mark.parametrize("villages", ["0", "7", "viele"])
def test_more_villages_than_there_are_is_wrong_use(tmp_path: Path, cunbao: Cunbao, villages: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cunbao("demo", tmp_path / "out", "--villages", villages)
    assert ended.value.code == 2 and not (tmp_path / "out").exists()


# --- over a network --------------------------------------------------------------------------------------------------


def test_the_round_over_a_drop_box_with_the_network_cut_twice_ends_in_the_same_state(
    again: Path, tmp_path: Path
) -> None:
    cuts = {4: Fault("body"), 9: Fault("answer")}  # while the fourth file goes, and after the ninth has arrived
    put = 0

    def twice(method: str, path: str) -> Fault | None:
        nonlocal put
        put += method == "PUT"
        return cuts.pop(put, None) if method == "PUT" else None

    with a_server(tmp_path / "dav") as drop, a_bad_line(drop.port) as line:
        line.choose = twice
        over = a_demo(tmp_path, "--villages", "1", "--webdav", line.url)
        assert not cuts and [one.kind for one in line.met] == ["body", "answer"]
        names = [Path(name) for name in drop.files()]
    assert {len(path.parts[0]) for path in names} <= {6, 12} and all(path.parts[0].isdigit() for path in names)
    for path in names:  # the box knows codes and hashes, and nothing else
        data = (tmp_path / "dav" / path).read_bytes()
        assert path.name.split(".")[0] == sha256(data).hexdigest() and path.suffix in (".cbsync", ".cbtask")
    sent = sum(one["sent"] for one in steps(over, "sync"))
    assert sent == len(names) > 6 and sum(one["fetched"] for one in steps(over, "sync")) > 6
    assert plain_states(over) == plain_states(again)
    assert [one["returns"] for one in steps(over, "same_at_the_county")] == [
        one["returns"] for one in steps(again, "same_at_the_county")
    ]


def plain_states(demo: Path) -> dict[str, dict[str, str]]:
    """office → period → the digest of its state, without what hangs on keys and moments."""
    return {
        one["office"]: {period: said["without_keys"] for period, said in one.items() if isinstance(said, dict)}
        for one in steps(demo, "state")
    }
