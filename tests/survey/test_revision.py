"""A frozen return: the same content gives the same bytes, and what was written is what is read."""

import json
import re
import tracemalloc
import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cunbao.errors import SurveyError
from cunbao.survey import revision
from cunbao.survey.form import read_form
from cunbao.survey.revision import Header, answers_xml, content_sha256, freeze, read_answers
from cunbao.survey.sample import MANBANG
from cunbao.survey.values import Answers, Cell, Explanation, Ret, Row
from world.villages import a_village, the_task

FORM = "B03"
PARENT = "ab" * 32
RARE = "㐂𠮷𪚥𫝆𬺰𮯠"  # Ext A, B, B, C/D, E, F


def a_header(**changes):
    header = Header(
        n=3,
        seen=("cd" * 32, "00" * 32),
        task="community-services-2025",
        task_version="2025.1",
        form=FORM,
        form_version="2025.1",
        office=MANBANG,
        period="2025",
        kind="normal",
        version=1,
        parents=(),
        uses=(("last", "ef" * 32), ("B01", "12" * 32)),
        device="34" * 32,
        person_name="玉香",
        person_role="填报员",
        ret=Ret("岩温", "玉香", "岩温罕", "19900000000", "2025-12-15"),
        signed_at=datetime(2025, 12, 15, 7, 42, 7, tzinfo=UTC),
        today=date(2025, 12, 15),
        explanations=(Explanation("K-043:r1", "K-043", FORM, "连任到换届", (Cell("b03_m_id", "r1"),), "56" * 32),),
        tool="cunbao 0.1.0",
    )
    return replace(header, **changes)


def form():
    return the_task().forms[FORM]


def good(text: str) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r" for char in text) and not (
        set(text) & {"\ufffe", "\uffff"}
    )


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(good)
texts = anything | st.text(RARE + "&<>\"'\t\r\n ", max_size=9)
names = st.sampled_from(["b03_m_name", "b03_m_id", "b03_m_phone", "b03_m_pay"])
some_rows = st.lists(st.dictionaries(names, texts), max_size=4).map(
    lambda rows: tuple(Row(f"row-{at}", values) for at, values in enumerate(rows))
)
some_answers = st.builds(
    lambda values, rows: Answers(values, {"b03_m": rows} if rows else {}),
    st.dictionaries(st.sampled_from(["b03_party_org", "b03_term_date", "b03_reserve", "b03_n"]), texts),
    some_rows,
)


def filled(answers: Answers) -> Answers:
    """As it is read: an empty text is the same as none."""

    def kept(values):
        return {name: text for name, text in values.items() if text}

    rows = {name: tuple(Row(row.id, kept(row.values)) for row in some) for name, some in answers.rows.items()}
    return Answers(kept(answers.values), rows)


@given(some_answers)
def test_any_text_is_read_as_it_was_written(answers):
    data = answers_xml(form(), answers, instance_id="uuid:1")
    read = read_answers(form(), data)
    assert (dict(read.values), [(row.id, dict(row.values)) for row in read.rows.get("b03_m", ())]) == (
        filled(answers).values,
        [(row.id, row.values) for row in filled(answers).rows.get("b03_m", ())],
    )
    assert ET.canonicalize(data.decode()).encode() == data  # C14N 2.0 by another hand


@given(some_answers)
def test_equal_answers_give_equal_bytes_however_they_are_ordered(answers):
    rows = {
        name: tuple(Row(row.id, dict(reversed(row.values.items()))) for row in some)
        for name, some in answers.rows.items()
    }
    turned = Answers(dict(reversed(answers.values.items())), rows)
    assert freeze(form(), answers, a_header()).id == freeze(form(), turned, a_header()).id


@pytest.mark.parametrize("char", ["\x00", "\x08", "\x1b", "\x7f", "\x85", "\ud800", "\uffff"])
def test_a_control_character_is_refused_with_a_sentence(char):
    answers = Answers({}, {"b03_m": (Row("r1", {"b03_m_name": f"岩{char}温"}),)})
    with pytest.raises(SurveyError) as refused:
        answers_xml(form(), answers, instance_id="uuid:1")
    assert "控制字符" in refused.value.happened and "b03_m_name" in refused.value.happened


def test_the_name_of_a_revision_is_the_hash_of_its_header_which_vouches_for_the_answers():
    answers = a_village(MANBANG).signed()[FORM]
    one = freeze(form(), answers, a_header())
    assert one.id == sha256(one.header_bytes).hexdigest()
    assert one.header.answers_sha256 == sha256(one.answers_bytes).hexdigest()
    assert Header.decode(one.header_bytes) == one.header
    again = read_answers(form(), one.answers_bytes)
    assert freeze(form(), again, a_header()).answers_bytes == one.answers_bytes


def test_a_changed_answer_changes_the_name():
    one = freeze(form(), Answers({"b03_reserve": "3"}), a_header())
    other = freeze(form(), Answers({"b03_reserve": "4"}), a_header())
    assert one.id != other.id
    assert b"instanceID" in one.answers_bytes and one.answers_bytes != other.answers_bytes


def test_a_correction_names_what_it_replaces_as_odk_asks():
    one = freeze(form(), Answers({}), a_header(parents=(PARENT,), version=2, kind="correction"))
    meta = ET.fromstring(one.answers_bytes).find("meta")
    assert re.fullmatch(r"uuid:[0-9a-f-]{36}", meta.findtext("instanceID"))
    assert meta.findtext("deprecatedID") == f"urn:cunbao:revision:{PARENT}"


def test_the_same_moment_in_two_time_zones_is_one_header():
    beijing = datetime(2025, 12, 15, 15, 42, 7, tzinfo=timezone(timedelta(hours=8)))
    assert a_header(signed_at=beijing).encode() == a_header().encode()


def bend(change):
    members = json.loads(freeze(form(), Answers({}), a_header()).header_bytes)
    change(members)
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(extra=1),
        lambda m: m.pop("tool"),
        lambda m: m["ret"].update(fax="1"),
        lambda m: m.update(n=True),
        lambda m: m.update(n=0),
        lambda m: m.update(kind="other"),
        lambda m: m.update(parents=["xyz"]),
        lambda m: m.update(parents=["ab" * 32, "ab" * 32]),
        lambda m: m.update(seen=["ff" * 32, "00" * 32]),  # not in order: a second spelling of the same header
        lambda m: m.update(office="12345"),
        lambda m: m.update(signed_at="2025-12-15 07:42:07"),
        lambda m: m.update(signed_at="9999-12-31T20:00:00Z"),  # a day more is no date
        lambda m: m.update(answers_sha256=""),
        lambda m: m["explanations"]["K-043:r1"].update(cells=[["a"]]),
    ],
)
def test_a_header_that_is_not_spelt_by_the_rules_is_refused(change):
    with pytest.raises(SurveyError):
        Header.decode(bend(change))


def test_a_header_of_a_newer_program_is_refused_as_such():
    with pytest.raises(SurveyError) as refused:
        Header.decode(bend(lambda m: m.update(v=2, new_thing=1)))
    assert refused.value.code == "header.newer"


def test_header_bytes_with_a_space_more_are_refused():
    data = freeze(form(), Answers({}), a_header()).header_bytes
    with pytest.raises(SurveyError):
        Header.decode(data.replace(b":", b": ", 1))


@pytest.mark.parametrize(
    "data",
    [
        b'<data id="B02" version="2025.1"><meta></meta></data>',
        b'<data id="B03" version="2025.1"><b03_n>1</b03_n><b03_n>2</b03_n></data>',
        b'<data id="B03" version="2025.1"><nothing>1</nothing></data>',
        b'<data id="B03" version="2025.1"><b03_n><b/>1</b03_n></data>',
        b'<data id="B03" version="2025.1"><b03_m row_id="a"/><b03_m row_id="a"/></data>',
        b'<data id="B03" version="2025.1"><b03_m/></data>',
        b'<!DOCTYPE data [<!ENTITY a "aa">]><data id="B03" version="2025.1"><b03_n>&a;</b03_n></data>',
        b"not xml",
    ],
)
def test_answers_that_are_not_of_the_form_are_refused(data):
    with pytest.raises(SurveyError):
        read_answers(form(), data)


def test_entities_in_another_encoding_are_refused_unread():
    """A document type that a search for its first two bytes does not see."""
    told = '<!DOCTYPE data [<!ENTITY a "aa">]><data id="B03" version="2025.1"><b03_n>&a;</b03_n></data>'
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        with pytest.raises(SurveyError) as refused:
            read_answers(form(), told.encode(encoding))
        assert "文档类型" in refused.value.detail


@pytest.mark.parametrize("tag", [b"<a/>", b"<b03_m row_id='1'/>", b'<b03_n a="" b="" c=""/>'])
def test_answers_of_endless_tags_do_not_fill_the_memory(tag):
    data = b'<data id="B03" version="2025.1">' + tag * (8_000_000 // len(tag)) + b"</data>"
    tracemalloc.start()
    try:
        with pytest.raises(SurveyError):
            read_answers(form(), data)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_nobody_signs_more_than_anybody_reads(monkeypatch):
    answers = Answers({}, {"b03_m": tuple(Row(f"row-{at}", {"b03_m_name": "岩温"}) for at in range(30))})
    assert freeze(form(), answers, a_header())
    monkeypatch.setattr(revision, "MOST_TAGS", 100)
    with pytest.raises(SurveyError):
        freeze(form(), answers, a_header())


GROUPED = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title>
<model><instance><data id="G" version="1"><a/><g><b/><r><c/><k><d/></k></r></g></data></instance>
<bind nodeset="/data/a" type="string"/><bind nodeset="/data/g/b" type="string"/>
<bind nodeset="/data/g/r/c" type="string"/>
<bind nodeset="/data/g/r/k/d" type="string"/></model></h:head><h:body><input ref="/data/a"/><group ref="/data/g">
<input ref="/data/g/b"/><group ref="/data/g/r"><repeat nodeset="/data/g/r"><input ref="/data/g/r/c"/>
<group ref="/data/g/r/k"><input ref="/data/g/r/k/d"/></group></repeat></group></group></h:body></h:html>"""


def test_groups_are_kept_as_odk_nests_them():
    grouped = read_form(GROUPED.encode(), {})
    answers = Answers({"a": "1", "b": "2"}, {"r": (Row("x", {"c": "3", "d": "4"}), Row("y", {}))})
    data = answers_xml(grouped, answers, instance_id="uuid:1")
    assert data == (
        b'<data id="G" version="1"><a>1</a><g><b>2</b><r row_id="x"><c>3</c><k><d>4</d></k></r><r row_id="y"></r></g>'
        b"<meta><instanceID>uuid:1</instanceID></meta></data>"
    )
    assert read_answers(grouped, data) == answers


@given(some_answers, some_answers)
def test_two_computers_that_wrote_the_same_are_told_from_those_that_did_not(one, other):
    """Each signature names its own instance, so the files differ although they say the same."""
    mine, theirs = freeze(form(), one, a_header()), freeze(form(), one, a_header(device="78" * 32, parents=(PARENT,)))
    assert mine.answers_bytes != theirs.answers_bytes
    assert content_sha256(mine.answers_bytes) == content_sha256(theirs.answers_bytes)
    written = [read_answers(form(), freeze(form(), some, a_header()).answers_bytes) for some in (one, other)]
    third = freeze(form(), other, a_header())
    same = content_sha256(third.answers_bytes) == content_sha256(mine.answers_bytes)
    assert same == (written[0] == written[1])
