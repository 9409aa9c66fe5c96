"""Regular expressions of forms: Java's dialect, as ODK runs it, made into Python's. Whole match, ASCII classes.

Refuses what Python cannot say (class intersections, unknown \\p names) with a sentence instead of guessing.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from functools import lru_cache

from cunbao.survey.xpath import ExpressionError

_POSIX = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": "\\x00-\\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": "!-/:-@\\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": " \\t",
    "Cntrl": "\\x00-\\x1f\\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": " \\t\\n\\x0b\\f\\r",
}
_HAN = "\u2e80-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufad9\U00020000-\U0003ffff"
_SCRIPTS = {
    "Han": _HAN,
    "Latin": "A-Za-zªºÀ-ÖØ-öø-ʸˠ-ˤᴀ-ᴥḀ-ỿⅡ-ↈＡ-Ｚａ-ｚ",
    "Hiragana": "ぁ-ゖゝ-ゟ",
    "Katakana": "ァ-ヺヽ-ヿ",
}
_PLAIN = {
    "z": r"\Z",
    "Z": r"(?=\n?\Z)",
    "h": r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]",
    "R": r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])",
    "e": r"\x1b",
    "G": "",
}


@lru_cache(maxsize=64)
def _category(name: str) -> str:
    """The inside of a character class for a Unicode category, e.g. "Lu", or "L" for all letters."""
    spans: list[list[int]] = []
    for code in range(0x110000):
        if 0xD800 <= code <= 0xDFFF or not unicodedata.category(chr(code)).startswith(name):
            continue
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"\\U{a:08x}" if a == b else f"\\U{a:08x}-\\U{b:08x}" for a, b in spans)


def _property(name: str) -> str:
    """The class behind \\p{name}. Raises KeyError when Java's name has no counterpart here."""
    name = (
        name.replace("script=", "Is")
        .replace("sc=", "Is")
        .replace("block=", "In")
        .replace("general_category=", "")
        .replace("gc=", "")
    )
    if name in _POSIX:
        return _POSIX[name]
    bare = name[2:] if name.startswith(("Is", "In")) else name
    if bare in _SCRIPTS:
        return _SCRIPTS[bare]
    names = {
        "Alphabetic": "L",
        "Letter": "L",
        "Uppercase": "Lu",
        "Lowercase": "Ll",
        "White_Space": "Z",
        "Digit": "Nd",
        "Punctuation": "P",
    }
    bare = names.get(bare, bare)
    if len(bare) in (1, 2) and bare[0] in "LMNPSZC" and (len(bare) == 1 or bare[1].islower()):
        return _category(bare)
    raise KeyError(name)


def _translate(pattern: str) -> str:
    out: list[str] = []
    at, in_class = 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            after = pattern[at + 1]
            if after in "pP":
                end = pattern.find("}", at) if pattern[at + 2 : at + 3] == "{" else at + 2
                name = pattern[at + 3 : end] if pattern[at + 2 : at + 3] == "{" else pattern[at + 2 : at + 3]
                inside = _property(name)
                if in_class and after == "P":
                    raise KeyError(f"[\\P{{{name}}}]")
                out.append(inside if in_class else f"[{'^' if after == 'P' else ''}{inside}]")
                at = end + 1
            elif after == "Q":
                end = pattern.find("\\E", at)
                end = len(pattern) if end < 0 else end
                out.append(re.escape(pattern[at + 2 : end]))
                at = end + 2
            else:
                out.append(_PLAIN[after] if after in _PLAIN and not in_class else pattern[at : at + 2])
                at += 2
            continue
        if in_class and pattern.startswith("&&", at):
            raise KeyError("&&")
        if char == "[" and not in_class:
            in_class = True
            step = 2 if pattern[at + 1 : at + 2] == "^" else 1
            out.append(pattern[at : at + step])
            at += step
            continue
        if char == "[" and in_class:
            raise KeyError("[…[")
        if char == "]":
            in_class = False
        out.append(char)
        at += 1
    return "".join(out)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Raises ExpressionError with what is wrong. The whole text must match, as Java's Pattern.matches asks."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(_translate(pattern), re.ASCII)
    except KeyError as error:
        raise ExpressionError(
            f"正则表达式里的 {error.args[0]} 不支持",
            "请改用一般的字符范围，如 [a-z]",
            found=pattern,
            code="expression.regex",
        ) from error
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise ExpressionError(
            f"正则表达式“{pattern}”写得不对", "请检查括号、方括号和重复次数", found=pattern, code="expression.regex"
        ) from error


def matches(text: str, pattern: str) -> bool:
    """regex(): false when the pattern itself is bad and only known at run time."""
    try:
        return compiled(pattern).fullmatch(text) is not None
    except ExpressionError:
        return False
