"""Every command of the village desk: what it prints, what it leaves on the disk, how it ends.

Exit codes: 0 done, 1 done with findings, 2 wrong use, 3 refused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Cunbao
from cunbao.trust.keys import pem
from world.desk import MANBANG, MANGUO, PASSWORD, reopened, text, the_sample, the_seat
from world.disks import environment
from world.readers import an_nss_folder, text_of, trusted_by_pdfsig

Village = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "勐海县.cbtask"
    path.write_bytes(the_seat().pack)
    return path


def saved(path: Path, facts: object) -> Path:
    path.write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
    return path


def sample_json(folder: Path, form: str) -> dict[str, object]:
    """The sample's answers in the shape of `form eval`."""
    desk = reopened(folder)
    answers = the_sample(desk)[form]
    desk.close()
    rows = {name: [{"row_id": row.id, **row.values} for row in some] for name, some in answers.rows.items()}
    return {**answers.values, **rows}


# --- the clerk's whole round -----------------------------------------------------------------------------------------


def test_a_return_from_the_pack_to_the_stick_without_a_window(tmp_path: Path, cunbao: Cunbao, pack: Path) -> None:
    folder = tmp_path / "village"
    made = cunbao(
        "init", folder, "--pack", pack, "--office", MANBANG, "--person", "岩温", "--root-code", the_seat().root_code,
        "--json",
    )  # fmt: skip
    assert made.code == 0 and made.json == {"office": MANBANG, "forms": ["B01", "B02", "B03", "B04", "B05"]}
    for form in ("B01", "B02", "B03", "B04", "B05"):
        answers = saved(tmp_path / f"{form}.json", sample_json(folder, form))
        filled = cunbao("fill", folder, form, "--answers", answers, "--json")
        assert filled.code == 0 and filled.json["findings"] == [] and filled.json["edits"] > 5
    checked = cunbao("check", folder, "--json")
    assert checked.json["must_fix"] == 0
    for one in checked.json["findings"]:
        if one["severity"] == "需要说明":
            assert cunbao("explain", folder, one["key"], "外出务工的人多，已逐户核对").code == 0
    assert cunbao("check", folder).code == 0
    signed = cunbao(
        "sign", folder, "--head", "岩坎", "--stat-head", "玉香", "--filler", "岩温", "--phone", "19900000001", "--json"
    )
    assert signed.code == 0 and [one["form"] for one in signed.json["signed"]] == ["B01", "B02", "B03", "B04", "B05"]
    (tmp_path / "stick").mkdir()
    sent = cunbao("send", folder, "--to", tmp_path / "stick", "--json")
    assert sent.code == 0 and sent.json["sequence"] == 1
    assert Path(sent.json["file"]).stat().st_size == sent.json["size"]
    assert {one["state"] for one in cunbao("home", folder, "--json").json["forms"]} == {"已报送"}
    assert cunbao("correct", folder, "B01", "--json").json == {"form": "B01", "state": "填报中"}
    said = cunbao("journal", folder, "--verify").out
    assert "前后相扣" in said and "上级还没有见过这份日志" in said


# --- fill ------------------------------------------------------------------------------------------------------------


def test_filling_keeps_wrong_values_says_so_and_can_be_repeated(
    tmp_path: Path, cunbao: Cunbao, village: Village
) -> None:
    folder = village("filled")
    wrong = saved(tmp_path / "a.json", {"b01_groups": "十二个", "b01_area_km2": 12.50, "b01_deputies": None})
    said = cunbao("fill", folder, "B01", "--answers", wrong, "--json")
    assert said.code == 1 and len(said.json["findings"]) == 2
    desk = reopened(folder)
    assert [text(desk, "B01", name) for name in ("b01_groups", "b01_deputies")] == ["十二个", ""]
    rows = desk.instance("B03").rows("b03_m")
    desk.close()
    again = saved(tmp_path / "b.json", {"b03_m": [{"row_id": rows[0], "b03_m_hours": 33}, {"b03_m_name": "岩新"}]})
    assert cunbao("fill", folder, "B03", "--answers", again).code == 1
    desk = reopened(folder)
    assert text(desk, "B03", "b03_m_hours", 1) == "33" and len(desk.instance("B03").rows("b03_m")) == len(rows) + 1
    assert desk.undo() is not None and desk.instance("B03").rows("b03_m") == rows  # one step
    desk.close()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"b01_none": 1}', "fill.unknown"),
        ('{"b03_m": 3}', "fill.unknown"),
        ('{"b01_groups": 1', "file.json"),
        ("[1]", "file.json"),
        (None, "file.missing"),
    ],
)
def test_a_file_that_does_not_fit_is_wrong_use_and_writes_nothing(
    tmp_path: Path, cunbao: Cunbao, village: Village, content: str | None, code: str
) -> None:
    folder = village()
    path = tmp_path / "a.json"
    if content is not None:
        path.write_text(content)
    said = cunbao("fill", folder, "B01", "--answers", path, "--json")
    assert said.code == 2 and said.json["error"]["code"] == code and said.json["error"]["todo"]
    desk = reopened(folder)
    assert not desk.workspace.draft_mark(desk.key("B01")).started
    desk.close()


def test_an_unknown_column_or_form_is_named(tmp_path: Path, cunbao: Cunbao, village: Village) -> None:
    folder = village()
    rows = saved(tmp_path / "a.json", {"b03_m": [{"b03_m_name": "岩温", "b03_m_none": "1"}]})
    said = cunbao("fill", folder, "B03", "--answers", rows)
    assert said.code == 2 and "b03_m/b03_m_none" in said.err
    for words in (
        ("fill", folder, "B99", "--answers", rows),
        ("sign", folder, "--form", "B99"),
        ("unsign", folder, "B99"),
    ):
        said = cunbao(*words)
        assert said.code == 2 and "B99" in said.err


# --- check, explain, sign --------------------------------------------------------------------------------------------


def test_check_tells_findings_with_their_place_and_ends_with_1(cunbao: Cunbao, village: Village) -> None:
    folder = village("filled", office=MANGUO)
    said = cunbao("check", folder, "--json")
    assert said.code == 1 and said.json["to_explain"] > 0
    one = said.json["findings"][0]
    assert set(one) == {"key", "check", "severity", "form", "path", "message", "explained"}
    assert one["path"].startswith(one["form"])
    assert one["message"] in cunbao("check", folder).out


def test_an_explanation_needs_a_finding_and_its_length(cunbao: Cunbao, village: Village) -> None:
    folder = village("filled", office=MANGUO)
    assert cunbao("explain", folder, "K-999", "不知道为什么").code == 2
    key = next(
        one["key"] for one in cunbao("check", folder, "--json").json["findings"] if one["severity"] == "需要说明"
    )
    said = cunbao("explain", folder, key, "短", "--json")
    assert said.code == 3 and said.json["error"]["code"] == "explanation.length"
    assert cunbao("explain", folder, key, "外出务工的人多，已逐户核对").code == 0


def test_signing_what_is_not_ready_signs_nothing_and_ends_with_1(cunbao: Cunbao, village: Village) -> None:
    folder = village("filled")
    said = cunbao("sign", folder, "--json")
    assert said.code == 1 and said.json == {"signed": []}
    assert "没有待签名的报表" in cunbao("sign", folder).out


def test_one_form_can_be_signed_and_taken_back(cunbao: Cunbao, village: Village) -> None:
    folder = village("ready")
    assert [one["form"] for one in cunbao("sign", folder, "--form", "B01", "--json").json["signed"]] == ["B01"]
    assert cunbao("unsign", folder, "B01").code == 0
    said = cunbao("unsign", folder, "B01", "--json")
    assert said.code == 3 and said.json["error"]["code"] == "unsign.left"
    assert cunbao("sign", folder, "--head", " ").code == 3


# --- paper, evidence, verify -----------------------------------------------------------------------------------------


def test_every_kind_of_page_can_be_printed(tmp_path: Path, cunbao: Cunbao, village: Village) -> None:
    folder = village("signed")
    words = {"original": "验证码", "copy": "参阅件", "draft": "草稿", "blank": "基本情况表"}
    for kind, word in words.items():
        out = tmp_path / f"{kind}.pdf"
        said = cunbao("print", folder, "B01", "--kind", kind, "--out", out, "--json")
        assert said.code == 0 and said.json == {"file": str(out), "size": out.stat().st_size}
        assert word in text_of(out)
    root = tmp_path / "root.pem"
    root.write_bytes(pem(the_seat().county.root))
    good = cunbao("verify", tmp_path / "original.pdf", "--root", root, "--json")
    assert good.code == 0 and good.json["standing"] == "有效" and "岩温" in good.json["signer"]
    assert trusted_by_pdfsig(tmp_path / "original.pdf", an_nss_folder(tmp_path, the_seat().county.root))
    assert cunbao("verify", tmp_path / "original.pdf", "--json").json["standing"] == "不能判断"
    assert cunbao("verify", tmp_path / "copy.pdf", "--root", root).code == 1
    assert cunbao("unsign", folder, "B01").code == 3  # the original has left


def test_an_original_that_could_not_be_written_has_not_left(tmp_path: Path, cunbao: Cunbao, village: Village) -> None:
    folder = village("signed")
    out = tmp_path / "没有" / "B01.pdf"
    said = cunbao("print", folder, "B01", "--kind", "original", "--out", out, "--json")
    assert said.code == 3 and said.json["error"]["code"] == "folder.missing"
    assert cunbao("unsign", folder, "B01").code == 0


def test_evidence_is_attached(tmp_path: Path, cunbao: Cunbao, village: Village) -> None:
    from desks.test_evidence import a_photo

    folder = village("signed")
    photo = a_photo(tmp_path / "盖章.jpg", 200, 200)
    said = cunbao("evidence", folder, "B01", photo, "--json")
    assert said.code == 0 and said.json["size"] == photo.stat().st_size
    assert cunbao("evidence", folder, "B01", tmp_path / "没有.jpg").code == 3


def test_any_of_our_files_can_be_verified_and_anything_else_is_said_to_be_none(
    tmp_path: Path, cunbao: Cunbao, village: Village, pack: Path
) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(pem(the_seat().county.root))
    assert cunbao("verify", pack, "--root", root, "--json").json["standing"] == "有效"
    assert the_seat().root_code in cunbao("verify", pack).out
    broken = tmp_path / "broken.cbtask"
    broken.write_bytes(pack.read_bytes()[:-7])
    assert cunbao("verify", broken, "--json").json["standing"] == "无效"
    (tmp_path / "stick").mkdir()
    bundle = cunbao("send", village("signed"), "--to", tmp_path / "stick", "--json").json["file"]
    assert cunbao("verify", bundle, "--json").json["kind"] == "加密文件"
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"a")
    assert cunbao("verify", photo).code == 1
    assert cunbao("verify", tmp_path / "没有.pdf").code == 2
    assert cunbao("verify", pack, "--root", photo).code == 3


# --- journal, backup, rebuild ----------------------------------------------------------------------------------------


def test_journal_backup_and_rebuild(tmp_path: Path, cunbao: Cunbao, village: Village) -> None:
    folder = village("signed")
    said = cunbao("journal", folder, "--verify", "--json")
    assert said.code == 0 and said.json["whole"] is True
    assert [one["act"] for one in said.json["entries"]][:1] == ["begin"]
    (tmp_path / "stick").mkdir()
    made = cunbao("backup", folder, "--to", tmp_path / "stick", "--json")
    assert made.code == 0 and Path(made.json["folder"]).parent == tmp_path / "stick"
    assert cunbao("backup", folder).code == 0
    assert cunbao("backup", folder, "--to", tmp_path / "没有" / "更没有").code == 3
    before = cunbao("home", folder, "--json").json
    assert cunbao("rebuild", folder, "--json").json == {"rebuilt": True}
    assert cunbao("home", folder, "--json").json == before


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused_in_three_sentences(
    cunbao: Cunbao, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = village()
    monkeypatch.setenv("CUNBAO_PASSWORD", "不对的密码")
    said = cunbao("home", folder)
    assert said.code == 3 and said.out == "" and said.err.count("。\n") == 3 and "还可以试 4 次" in said.err
    said = cunbao("home", folder, "--json")
    assert said.code == 3 and set(said.json["error"]) == {"code", "happened", "safe", "todo"}


def test_folders_that_are_none_and_people_that_nobody_knows(
    tmp_path: Path, cunbao: Cunbao, village: Village, pack: Path
) -> None:
    said = cunbao("check", tmp_path / "没有", "--json")
    assert said.code == 3 and said.json["error"]["code"] == "workspace.foreign"
    folder = village()
    assert cunbao("home", folder, "--person", "玉香", "--json").json["error"]["code"] == "person.unknown"
    words = ["--person", "岩温", "--root-code", the_seat().root_code]
    again = cunbao("init", folder, "--pack", pack, "--office", MANBANG, *words, "--json")
    assert again.code == 3 and again.json["error"]["code"] == "folder.occupied"
    missing = cunbao("init", tmp_path / "b", "--pack", tmp_path / "没有.cbtask", "--office", MANBANG, *words)
    assert missing.code == 2 and not (tmp_path / "b").exists()
    other = cunbao("init", tmp_path / "b", "--pack", pack, "--office", MANBANG, *words[:3], "1234")
    assert other.code == 3 and not (tmp_path / "b").exists()


def test_after_a_refusal_the_workspace_is_closed_in_order(cunbao: Cunbao, village: Village, tmp_path: Path) -> None:
    from cunbao.store import last_run

    folder = village("filled")
    assert cunbao("send", folder, "--to", tmp_path).code == 3
    assert not last_run(folder).cut_off
    desk = reopened(folder)
    assert cunbao("home", folder, "--json").json["error"]["code"] == "workspace.busy"
    desk.close()


@pytest.mark.parametrize(
    "words", [[], ["nothing"], ["check"], ["take-receipt", "here"], ["print", "here", "B01", "--kind", "x"]]
)
def test_a_command_that_is_none_ends_with_2(cunbao: Cunbao, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cunbao(*words)
    assert ended.value.code == 2


def test_the_program_itself_ends_with_these_codes(tmp_path: Path, village: Village) -> None:
    """As a process: the exit code is the shell's, JSON on standard output, the sentences on standard error."""
    folder = village("filled", office=MANGUO)
    env = {**environment(tmp_path), "CUNBAO_PASSWORD": PASSWORD, "PYTHONIOENCODING": "utf-8"}
    env.pop("DISPLAY", None)

    def cunbao(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cunbao", *map(str, words)], env=env, capture_output=True, text=True, check=False
        )

    assert cunbao("home", folder).returncode == 0
    checked = cunbao("check", folder, "--json")
    assert checked.returncode == 1 and json.loads(checked.stdout)["findings"]
    assert cunbao("nonsense").returncode == 2
    env["CUNBAO_PASSWORD"] = "不对的密码"
    refused = cunbao("home", folder)
    assert refused.returncode == 3 and "密码不对" in refused.stderr and "Traceback" not in refused.stderr
    assert os.listdir(tmp_path / "village")
