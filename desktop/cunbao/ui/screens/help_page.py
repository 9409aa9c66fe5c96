"""A section of the manual as the page that F1 shows: values → the few HTML tags that `kit.article` styles."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from cunbao.manual import Block, Heading, Listing, Manual, Note, Paragraph, Picture, Section, Span, Table, picture
from cunbao.ui.kit.article import KEY, PICTURE
from cunbao.ui.kit.tokens import look

Keys = Sequence[tuple[str, str]]


def page(manual: Manual, section: Section, wide: int, keys: Sequence[tuple[str, Sequence[Keys]]]) -> str:
    """The whole page of a section. wide: px of a picture at most. keys: titles with lines of keys, at the end."""
    chapter = manual.chapter_of(section)
    crumb = chapter if chapter != section.title else manual.title
    parts = [_p("crumb", escape(crumb)), _p("title", escape(section.title))]
    parts += [_block(block, wide) for block in section.blocks]
    if not section.blocks:
        parts.append(_inside(manual, section))
    parts += [key_table(title, lines) for title, lines in keys if lines]
    parts.append(_neighbours(manual, section))
    return f"<body>{''.join(parts)}</body>"


def without_manual(trouble: Sequence[str], sentences: Sequence[str], keys: Sequence[tuple[str, Sequence[Keys]]]) -> str:
    """The page when there is no manual: what happened, what the screen says of itself, its keys."""
    said = "".join(f"<p>{escape(one)}</p>" for one in sentences)
    told = _apart("".join(f"<p>{escape(one)}。</p>" for one in trouble), "warn")
    shown = "".join(key_table(title, lines) for title, lines in keys if lines)
    return f"<body>{_p('title', '帮助')}{told}{said}{shown}</body>"


def key_table(title: str, lines: Sequence[Keys]) -> str:
    """Keys with what they do, two beside each other."""
    pairs = [pair for line in lines for pair in line]
    rows = []
    for at in range(0, len(pairs), 2):
        cells = "".join(
            f"<td width=1%><p>{cap(key)}</p></td><td><p>{escape(does)}</p></td>" for key, does in pairs[at : at + 2]
        )
        rows.append(f"<tr>{cells}</tr>")
    return _p("head", escape(title)) + f"<table cellpadding=3 cellspacing=0 width=100%>{''.join(rows)}</table>"


def _p(kind: str, inner: str) -> str:
    return f'<p class="{kind}">{inner}</p>'


def cap(key: str) -> str:
    """A key cap in a line; its name is what a reader of the screen hears."""
    return f'<img src="{KEY}{quote(key, safe="")}" alt="{escape(key)}" style="vertical-align: middle">'


def _inside(manual: Manual, chapter: Section) -> str:
    """A chapter without words of its own lists what it has."""
    at = manual.sections.index(chapter)
    found = []
    for section in manual.sections[at + 1 :]:
        if section.level <= chapter.level:
            break
        found.append(f'<p><a href="#{section.key}">{escape(section.title)}</a></p>')
    return "".join(found)


def _neighbours(manual: Manual, section: Section) -> str:
    """上一节 and 下一节."""
    at = manual.sections.index(section)
    found = []
    for word, number in (("上一节", at - 1), ("下一节", at + 1)):
        if 0 <= number < len(manual.sections):
            other = manual.sections[number]
            side = "left" if number < at else "right"
            link = f'<a href="#{other.key}">{escape(other.title)}</a>'
            found.append(f"<td align={side}>{_p('small', f'{word} {link}')}</td>")
        else:
            found.append("<td></td>")
    return f"<hr><table width=100% cellpadding=0 cellspacing=0><tr>{''.join(found)}</tr></table>"


def _block(block: Block, wide: int) -> str:
    if isinstance(block, Heading):
        names = "".join(f'<a name="{escape(place)}"></a>' for place in block.places)
        return names + _p("head", escape(block.text))
    if isinstance(block, Paragraph):
        return f"<p>{_spans(block.spans)}</p>"
    if isinstance(block, Listing):
        return _listing(block, wide)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Note):
        return _apart("".join(_block(one, wide) for one in block.blocks), "info")
    return _picture(block, wide)


def _listing(block: Listing, wide: int) -> str:
    """Numbered steps as a list; without numbers each item hangs behind a dot."""
    if not block.start:
        return "".join(_dotted(item, wide) for item in block.items)
    items = []
    for item in block.items:
        said, rest = _first(item)
        items.append(f"<li>{said}{''.join(_block(one, wide) for one in rest)}</li>")
    return f'<ol start="{block.start}">{"".join(items)}</ol>'


def _dotted(item: Sequence[Block], wide: int) -> str:
    said, rest = _first(item)
    left, dot = look.px(26), look.px(14)
    style = f"margin-left: {left}px; text-indent: -{dot}px; margin-bottom: {look.px(4)}px"
    return f'<p style="{style}">·&nbsp;&nbsp;{said}</p>{"".join(_block(one, wide) for one in rest)}'


def _first(item: Sequence[Block]) -> tuple[str, Sequence[Block]]:
    """What an item says in its own line, and what follows below."""
    if item and isinstance(item[0], Paragraph):
        return _spans(item[0].spans), item[1:]
    return "", item


def _table(block: Table) -> str:
    head = "".join(f"<th><p>{_spans(cell)}</p></th>" for cell in block.head)
    rows = "".join(f"<tr>{''.join(f'<td><p>{_spans(cell)}</p></td>' for cell in row)}</tr>" for row in block.rows)
    return f'<table class="grid" width=100% cellspacing=0><tr>{head}</tr>{rows}</table>'


def _picture(block: Picture, wide: int) -> str:
    if picture(block.name) is None:
        return _p("small", f"（这里的图不在：{escape(block.caption)}）")
    source = f"{PICTURE}{escape(block.name)}"
    shown = f'<a href="{source}"><img src="{source}"></a>'
    style = "margin-top: 4px; margin-bottom: 4px; line-height: 100%"
    return f'<p style="{style}">{shown}</p>' + _p("small", escape(block.caption))


def _apart(inner: str, tone: str) -> str:
    """A tinted ground with a bar at its left."""
    ink, ground, up, side = look.hex(tone), look.hex(f"{tone}_bg"), look.px(8), look.px(14)
    return (
        f'<table width=100% cellspacing=0 cellpadding=0 style="margin-bottom: {look.px(10)}px"><tr>'
        f'<td width=4 bgcolor="{ink}"></td>'
        f'<td bgcolor="{ground}" style="padding: {up}px {side}px {up}px {side}px">{inner}</td>'
        f"</tr></table>"
    )


def _spans(spans: Sequence[Span]) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    if span.kind == "key":
        return cap(span.text)
    said = escape(span.text)
    if span.kind == "strong":
        said = f"<b>{said}</b>"
    return f'<a href="#{escape(span.link)}">{said}</a>' if span.link else said
