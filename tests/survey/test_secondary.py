"""What a form reads beside it, as files for other ODK programs."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from cunbao.survey.compile import compile_form
from cunbao.survey.form import read_form
from cunbao.survey.secondary import instance_xml, instances_read
from cunbao.survey.values import Answers, Row


def test_an_instance_file_holds_what_the_form_reads_and_nothing_else() -> None:
    paths = frozenset({("data", "pay"), ("data", "m", "name")})
    said = Answers({"pay": "1<2", "secret": "x"}, {"m": (Row("1", {"name": "岩温", "id": "999022"}), Row("2", {}))})
    root = etree.fromstring(instance_xml(paths, said))
    assert etree.tostring(root, encoding="unicode") == (
        "<data><m><name>岩温</name></m><m><name/></m><pay>1&lt;2</pay></data>"
    )


def test_paths_inside_a_condition_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "B09.md").write_text(
        """
| survey |
| | type | name | label | calculation |
| | xml-external | last | | |
| | text | who | 姓名 | |
| | decimal | before | 上年 | instance('last')/data/m[name = current()/../who]/pay |
| settings |
| | form_title | form_id | version |
| | 试 | B09 | 1 |
""",
        encoding="utf-8",
    )
    form = read_form(compile_form(tmp_path / "B09.md", None), {})
    assert instances_read(form) == {"last": frozenset({("data", "m", "name"), ("data", "m", "pay")})}
