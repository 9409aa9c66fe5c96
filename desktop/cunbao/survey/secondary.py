"""What a form reads beside it, as XML files for other ODK programs: instance('B01'), instance('last') and the like.

Only what the form's expressions ask for goes into such a file, so that no more of a return leaves than the form needs.
Pure. Source: ODK XForms specification, “Secondary instances – external”.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from cunbao.errors import SurveyError
from cunbao.survey.form import Form
from cunbao.survey.revision import UNWRITABLE
from cunbao.survey.values import Answers
from cunbao.survey.xpath import Call, Literal, Node, Path, parse, walk

Paths = frozenset[tuple[str, ...]]


def instances_read(form: Form) -> dict[str, Paths]:
    """instance name → the paths ("data", "b01_kind") that the form's expressions read in it; none for one that is
    declared and never looked into."""
    read: dict[str, set[tuple[str, ...]]] = {name: set() for name in sorted(form.instances)}
    for text in _expressions(form):
        try:
            parts = list(walk(parse(text)))
        except SurveyError:
            continue  # refused with its place where forms are compiled
        for part in parts:
            if isinstance(part, Path) and (name := _instance(part)) in read:
                read[name].update(_paths(part))
    return {name: frozenset(paths) for name, paths in read.items()}


def instance_xml(paths: Paths, answers: Answers) -> bytes:
    """A file with these paths. One through a roster of `answers` gives an element a row; what has no value stands there
    empty, so that the path is always found."""
    top = min((path[0] for path in paths), default="data")
    inside = "".join(_nodes(sorted(path[1:] for path in paths if path[0] == top), answers.values, answers))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{top}>{inside}</{top}>\n'.encode()


def _nodes(paths: list[tuple[str, ...]], values: Mapping[str, str], answers: Answers) -> Iterator[str]:
    for name in dict.fromkeys(path[0] for path in paths if path):
        below = [path[1:] for path in paths if path[:1] == (name,) and len(path) > 1]
        if name in answers.rows:
            for row in answers.rows[name]:
                yield f"<{name}>{''.join(_nodes(below, row.values, answers))}</{name}>"
        elif below:
            yield f"<{name}>{''.join(_nodes(below, values, answers))}</{name}>"
        else:
            yield f"<{name}>{escape(UNWRITABLE.sub('', values.get(name, '')))}</{name}>"


def _expressions(form: Form) -> Iterator[str]:
    for bind in form.binds.values():
        yield from filter(None, (bind.relevant, bind.required, bind.constraint, bind.calculate, bind.count))
        yield bind.choice_filter
        for words in (bind.label, bind.constraint_message, bind.required_message):
            yield from (text for text, live in (words.parts if words else ()) if live)
    yield from (one.value for one in form.set_values)


def _instance(path: Path) -> str:
    start = path.start
    if isinstance(start, Call) and start.name == "instance" and start.args and isinstance(start.args[0], Literal):
        return start.args[0].value
    return ""


def _paths(path: Path) -> Iterator[tuple[str, ...]]:
    """The path itself, and what its predicates read of the nodes at which they stand."""
    here: tuple[str, ...] = ()
    for step in path.steps:
        if step.axis != "child" or step.name in ("", "*"):
            break
        here = (*here, step.name)
        for predicate in step.predicates:
            yield from ((*here, *names) for names in _columns(predicate))
    if here:
        yield here


def _columns(predicate: Node) -> Iterator[tuple[str, ...]]:
    for part in walk(predicate):
        if isinstance(part, Path) and part.start == "":
            names = tuple(step.name for step in part.steps if step.axis == "child" and step.name not in ("", "*"))
            if names and len(names) == len(part.steps):
                yield names
