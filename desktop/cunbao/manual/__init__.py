"""The manual: Markdown below resources/manual, one file a desk, read into values that window and paper draw alike.

A room of its own since `ui` and `paper` both need it and neither may know the other; it knows no desk, no Qt, no page.
`read(kind)` gives the whole manual of a desk, `Manual.at(place)` the section of a screen, `search` what somebody looks
for, `picture` the bytes of a picture. The only place that knows markdown-it.
"""

from cunbao.manual.pages import (
    Block,
    Heading,
    Listing,
    Manual,
    Note,
    Paragraph,
    Picture,
    Section,
    Span,
    Table,
    plain,
)
from cunbao.manual.reading import KINDS, picture, read
from cunbao.manual.searching import Found, search

__all__ = [
    "KINDS",
    "Block",
    "Found",
    "Heading",
    "Listing",
    "Manual",
    "Note",
    "Paragraph",
    "Picture",
    "Section",
    "Span",
    "Table",
    "picture",
    "plain",
    "read",
    "search",
]
