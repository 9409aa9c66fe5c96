"""Looking for words in a manual: plain text, every word must be there, titles first."""

from __future__ import annotations

from dataclasses import dataclass

from cunbao.manual.pages import Manual, Section, plain

BEFORE, LONG = 12, 46  # signs before the word and in all of what is shown around it


@dataclass(frozen=True, slots=True)
class Found:
    """A section in which all words stand; around: a line of it where the first one does."""

    section: Section
    around: str


def search(manual: Manual, asked: str) -> tuple[Found, ...]:
    """Sections with every word of `asked` (parted by spaces), those whose title has one first; () for nothing asked."""
    wanted = asked.casefold().split()
    if not wanted:
        return ()
    in_title: list[Found] = []
    in_text: list[Found] = []
    for section in manual.sections:
        text = f"{section.title}\n{plain(section.blocks)}"
        low = text.casefold()
        if all(word in low for word in wanted):
            titled = any(word in section.title.casefold() for word in wanted)
            (in_title if titled else in_text).append(Found(section, _around(text, low, wanted[0])))
    return (*in_title, *in_text)


def _around(text: str, low: str, word: str) -> str:
    """The line that has the word, cut to what is read at a glance; of a word in the title how the text begins."""
    at = low.find(word, low.find("\n") + 1)
    if at < 0:
        return text.partition("\n")[2].split("\n")[0][:LONG]
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)]
    begin = max(0, at - start - BEFORE)
    cut = line[begin : begin + LONG]
    return ("…" if begin else "") + cut + ("…" if begin + LONG < len(line) else "")
