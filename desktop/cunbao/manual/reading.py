"""Markdown → values. A heading may end in {#place other/place}: where in the program it is about.

A paragraph that is nothing but a link to another file of the folder, [打开以前](start.md), stands for what that file
says: what all desks have in common is written once. Headings: # the title, ## a chapter, ### a section, #### inside.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from cunbao.errors import ManualError
from cunbao.manual.pages import (
    CHAPTER,
    SECTION,
    Block,
    Heading,
    Listing,
    Manual,
    Note,
    Paragraph,
    Picture,
    Section,
    Span,
    Spans,
    Table,
    words,
)
from cunbao.survey import resources

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

KINDS = ("village", "township", "county")
FOLDER, PICTURES = "manual", "manual/pictures"
_PLACES = re.compile(r"\s*\{#([^{}]+)\}$")
_KEPT = {"strong": "strong", "em": "strong", "code_inline": "key"}


@cache
def read(kind: str) -> Manual:
    """The manual of "village", "township" or "county". ManualError: its file is not there or cannot be used."""
    title, sections = "", []
    for node in _nodes(f"{kind}.md"):
        if node.type == "heading" and node.tag == "h1":
            title = _heading(node)[0]
        elif node.type == "heading" and int(node.tag[1:]) in (CHAPTER, SECTION):
            words_, places = _heading(node)
            sections.append((int(node.tag[1:]), words_, places, list[Block]()))
        elif sections:
            sections[-1][3].extend(_block(node))
    if not title or not sections:
        raise _damaged(f"{kind}.md", "没有标题或章节")
    made = tuple(
        Section(level, name, places or (f"{kind}-{number}",), tuple(blocks))
        for number, (level, name, places, blocks) in enumerate(sections, 1)
    )
    return Manual(kind, title, made)


def picture(name: str) -> bytes | None:
    """The PNG of a picture; None when it is not there, which is said in its place."""
    try:
        return resources.path(f"{PICTURES}/{name}.png").read_bytes()
    except OSError:
        return None


def _nodes(name: str, above: tuple[str, ...] = ()) -> list[SyntaxTreeNode]:
    """The top level of a file, with other files in the place of their names."""
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    tree = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("table").parse(_text(name)))
    found: list[SyntaxTreeNode] = []
    for node in tree.children:
        other = _other_file(node)
        if other and other not in above:
            found += _nodes(other, (*above, name))
        else:
            found.append(node)
    return found


def _text(name: str) -> str:
    path = resources.path(f"{FOLDER}/{name}")
    try:
        return path.read_text("utf-8")
    except OSError as trouble:
        raise ManualError(
            "manual.missing",
            happened=f"手册的文件不在：{name}",
            safe="报表和资料都在，程序照常用",
            todo="按键仍列在这里；把程序重新安装一次，手册就有了",
            detail=str(trouble),
        ) from trouble
    except UnicodeDecodeError as trouble:
        raise _damaged(name, str(trouble)) from trouble


def _damaged(name: str, detail: str) -> ManualError:
    return ManualError(
        "manual.damaged",
        happened=f"手册的文件坏了：{name}",
        safe="报表和资料都在，程序照常用",
        todo="按键仍列在这里；把程序重新安装一次，手册就好了",
        detail=detail,
    )


def _other_file(node: SyntaxTreeNode) -> str:
    """The file that a paragraph of one link names, "" for any other."""
    inner = node.children[0].children if node.type == "paragraph" and node.children else []
    if len(inner) != 1 or inner[0].type != "link":
        return ""
    target = str(inner[0].attrs.get("href", ""))
    return target if target.endswith(".md") and "/" not in target else ""


def _heading(node: SyntaxTreeNode) -> tuple[str, tuple[str, ...]]:
    text = words(_spans(node.children[0]))
    found = _PLACES.search(text)
    if found is None:
        return text, ()
    return text[: found.start()], tuple(place.lstrip("#") for place in found[1].split())


def _block(node: SyntaxTreeNode) -> list[Block]:
    if node.type == "heading":
        return [Heading(*_heading(node))]
    if node.type == "paragraph":
        return _paragraph(node)
    if node.type in ("bullet_list", "ordered_list"):
        items = tuple(tuple(block for one in item.children for block in _block(one)) for item in node.children)
        start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
        return [Listing(items, start)]
    if node.type == "blockquote":
        return [Note(tuple(block for one in node.children for block in _block(one)))]
    if node.type == "table":
        lines = [row for part in node.children for row in part.children]
        rows = [tuple(_spans(cell.children[0]) for cell in row.children) for row in lines]
        return [Table(rows[0], tuple(rows[1:]))]
    if node.type in ("fence", "code_block"):
        return [Paragraph((Span(line, "key"),)) for line in node.content.splitlines()]
    return []  # rules and comments say nothing


def _paragraph(node: SyntaxTreeNode) -> list[Block]:
    """Pictures stand by themselves, between the words before and behind them."""
    made: list[Block] = []
    inline = node.children[0]
    kept: list[SyntaxTreeNode] = []

    def flush() -> None:
        spans = _run(kept)
        if words(spans).strip():
            made.append(Paragraph(spans))
        kept.clear()

    for one in inline.children:
        if one.type == "image":
            flush()
            name = str(one.attrs.get("src", "")).removeprefix("pictures/").removesuffix(".png")
            made.append(Picture(name, one.content))
        else:
            kept.append(one)
    flush()
    return made


def _spans(inline: SyntaxTreeNode) -> Spans:
    return _run(inline.children)


def _run(nodes: list[SyntaxTreeNode], kind: str = "", link: str = "") -> Spans:
    found: list[Span] = []
    for node in nodes:
        if node.type == "link":
            target = str(node.attrs.get("href", ""))
            found += _run(node.children, kind, target[1:] if target.startswith("#") else "")
        elif node.type in ("strong", "em"):
            found += _run(node.children, _KEPT[node.type], link)
        elif node.type in ("softbreak", "hardbreak"):
            continue  # Chinese runs on over a line's end without a space
        elif node.content:
            found.append(Span(node.content, _KEPT.get(node.type, kind), link))
    return tuple(found)
