"""The expression language: ODK XPath as XLSForm writes it, read once into a small tree.

Parses; never evaluates and never resolves a name (xpath_compile does). The dialect of checks.csv (`B01.x`, `P.x`,
`B03.b03_m[…]`) needs no grammar of its own: a dot is part of an XPath name, so `B01.x` is one step whose meaning the
resolver gives. `${x}` is read too, so that the sheets can be walked before pyxform rewrites them.

Source: XPath 1.0 §2–§3, ODK XForms specification "XPath"; what JavaRosa refuses (`//`, variables, most axes) is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from cunbao.errors import SurveyError


class ExpressionError(SurveyError):
    """An expression that cannot be used. `at` is the offset in the text, `found` what stands there."""

    def __init__(
        self, happened: str, todo: str, *, at: int = 0, found: str = "", code: str = "expression.broken"
    ) -> None:
        super().__init__(code, happened=happened, safe="表式没有改动", todo=todo)
        self.at = at
        self.found = found


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal
    at: int = 0


@dataclass(frozen=True, slots=True)
class Literal:
    value: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """name: as written, e.g. "jr:choice-name"."""

    name: str
    args: tuple[Node, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Ref:
    """${name}, only in sheets; last: ${last-saved#name}."""

    name: str
    last: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """axis: child, parent, self or attribute. name: "" for parent and self, "*" for any."""

    axis: str
    name: str
    predicates: tuple[Node, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """start: "/" absolute, "" relative, or the expression that gives the first nodes (instance('x'), current(), ${x}).
    `filters`: predicates on the start itself, e.g. ${people}[age < 18]."""

    start: str | Call | Ref
    steps: tuple[Step, ...]
    filters: tuple[Node, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Binary:
    """op: or and = != < <= > >= + - * div mod |"""

    op: str
    left: Node
    right: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Negate:
    of: Node
    at: int = 0


Node = Number | Literal | Call | Path | Binary | Negate

_NAME = r"[^\W\d][\w.\-·]*"
_TOKEN = re.compile(
    rf"""(?P<space>\s+)|(?P<ref>\$\{{[^}}]*\}}?)|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<text>'[^']*'|"[^"]*")
    |(?P<name>{_NAME}(?::{_NAME})?(?!::)|{_NAME}(?=::))|(?P<op>::|!=|<=|>=|//|\.\.|[=<>+\-*|/.@,()\[\]])""",
    re.VERBOSE,
)
_REF = re.compile(rf"\$\{{\s*(last-saved\#)?({_NAME})\s*\}}")
_WIDE = {
    "，": ",",
    "（": "(",
    "）": ")",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "＝": "=",
    "＞": ">",
    "＜": "<",
    "＋": "+",
    "－": "-",
    "＊": "*",
    "／": "/",
    "．": ".",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "　": " ",
    "；": ";",
}
_OPERATOR_NAMES = frozenset({"and", "or", "div", "mod"})
# How strongly an operator binds; all bind to the left (XPath §3.7).
_BINDS = {
    "or": 1,
    "and": 2,
    "=": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "div": 6,
    "mod": 6,
}
_DEEP = 100  # brackets in brackets; more is an attack or a mistake


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # name, number, text, ref, op, opname, end
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """Raises ExpressionError at the first character that belongs to no token."""
    at = 0
    before: Token | None = None
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _stray(text, at)
        kind = match.lastgroup or "op"
        piece = match.group()
        at = match.end()
        if kind == "space":
            continue
        # XPath §3.7: after an operand, `*` and the four words are operators; elsewhere they are names.
        operand = before is not None and (
            before.kind in ("name", "number", "text", "ref") or before.text in (")", "]", ".", "..")
        )
        if operand and (piece == "*" or (kind == "name" and piece in _OPERATOR_NAMES)):
            kind = "opname"
        elif kind == "op" and piece == "*":
            kind = "name"
        before = Token(kind, piece, match.start())
        yield before
    yield Token("end", "", len(text))


def _stray(text: str, at: int) -> ExpressionError:
    char = text[at]
    if char in "'\"":
        return ExpressionError(f"第{at + 1}个字起的引号没有配对", "请补上后一个引号", at=at, found=char)
    if char in _WIDE:
        return ExpressionError(f"第{at + 1}个字“{char}”是全角符号", f"请改成半角的 {_WIDE[char]}", at=at, found=char)
    return ExpressionError(f"第{at + 1}个字“{char}”不能出现在表达式里", "请删去或改正", at=at, found=char)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.at = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def is_op(self, *texts: str) -> bool:
        return self.now.kind in ("op", "opname") and self.now.text in texts

    def want(self, text: str, why: str) -> Token:
        if not self.is_op(text):
            raise self.unexpected(why)
        return self.take()

    def unexpected(self, why: str) -> ExpressionError:
        token = self.now
        where = f"第{token.at + 1}个字“{token.text}”处" if token.text else "末尾"
        return ExpressionError(f"表达式在{where}读不下去", why, at=token.at, found=token.text)

    def whole(self) -> Node:
        if self.now.kind == "end":
            raise ExpressionError("表达式是空的", "请写上表达式，或删去这一格")
        node = self.expression()
        if self.now.kind != "end":
            raise self.unexpected("请检查括号是否配对、两个值之间是否少了运算符")
        return node

    def expression(self, least: int = 1) -> Node:
        """Operators that bind at least this strongly."""
        self.depth += 1
        if self.depth > _DEEP:
            raise ExpressionError("表达式套得太深", "请拆成几个计算项")
        node = self.unary()
        while self.now.kind in ("op", "opname") and (binds := _BINDS.get(self.now.text, 0)) >= least:
            token = self.take()
            node = Binary(token.text, node, self.expression(binds + 1), token.at)
        self.depth -= 1
        return node

    def unary(self) -> Node:
        minus = []
        while self.is_op("-"):
            minus.append(self.take())
        node = self.union()
        for token in minus[: 2 - len(minus) % 2] if minus else ():  # - - - x is - x; - - x is still a number
            node = Negate(node, token.at)
        return node

    def union(self) -> Node:
        node = self.operand()
        while self.is_op("|"):
            token = self.take()
            node = Binary("|", node, self.operand(), token.at)
        return node

    def operand(self) -> Node:
        token = self.now
        if token.kind == "number":
            return Number(Decimal(self.take().text), token.at)
        if token.kind == "text":
            return Literal(self.take().text[1:-1], token.at)
        if token.kind == "ref":
            return self.path(self.ref())
        if self.is_op("("):
            self.take()
            node = self.expression()
            self.want(")", "请补上右括号“)”")
            if self.is_op("[", "/"):
                raise self.unexpected("括号后面不能再接路径或筛选，请直接写在路径上")
            return node
        if token.kind == "name" and self.tokens[self.at + 1].text == "(" and token.text != "node":
            call = self.call()
            if self.is_op("/", "["):
                return self.path(call)
            return call
        if self.is_op("/"):
            self.take()
            steps = self.steps() if self.now.kind == "name" or self.is_op("@") else ()
            return Path("/", steps, (), token.at)
        if token.kind == "name" or self.is_op(".", "..", "@"):
            return Path("", self.steps(), (), token.at)
        if self.is_op("//"):
            raise self.unexpected("不支持“//”，请写出完整路径")
        raise self.unexpected("这里应当是一个值、一个问题或一个函数")

    def ref(self) -> Ref:
        token = self.take()
        match = _REF.fullmatch(token.text)
        if match is None:
            raise ExpressionError(f"“{token.text}”写得不对", "请写成 ${问题名}", at=token.at, found=token.text)
        return Ref(match.group(2), bool(match.group(1)), token.at)

    def call(self) -> Call:
        name = self.take()
        self.take()
        args: list[Node] = []
        if not self.is_op(")"):
            args.append(self.expression())
            while self.is_op(","):
                self.take()
                args.append(self.expression())
        self.want(")", f"请检查函数 {name.text} 的逗号和右括号")
        return Call(name.text, tuple(args), name.at)

    def path(self, start: Call | Ref) -> Path:
        filters = self.predicates()
        steps: tuple[Step, ...] = ()
        if self.is_op("/"):
            self.take()
            steps = self.steps()
        return Path(start, steps, filters, start.at)

    def steps(self) -> tuple[Step, ...]:
        steps = [self.step()]
        while self.is_op("/"):
            self.take()
            steps.append(self.step())
        if self.is_op("//"):
            raise self.unexpected("不支持“//”，请写出完整路径")
        return tuple(steps)

    def step(self) -> Step:
        token = self.take()
        if token.text == ".":
            return Step("self", "", self.predicates(), token.at)
        if token.text == "..":
            return Step("parent", "", self.predicates(), token.at)
        axis = "child"
        if token.text == "@":
            axis, token = "attribute", self.take()
        elif self.is_op("::"):
            axis = token.text
            self.take()
            token = self.take()
        if token.kind == "name" and token.text == "node" and self.is_op("("):
            self.take()
            self.want(")", "请写成 node()")
            if axis in ("self", "parent"):
                return Step(axis, "", self.predicates(), token.at)
        if token.kind != "name" or axis not in ("child", "attribute"):
            self.at -= 1
            raise self.unexpected("路径里应当是问题名、“.”或“..”")
        return Step(axis, token.text, self.predicates(), token.at)

    def predicates(self) -> tuple[Node, ...]:
        found: list[Node] = []
        while self.is_op("["):
            self.take()
            found.append(self.expression())
            self.want("]", "请补上右方括号“]”")
        return tuple(found)


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of one expression. Raises ExpressionError that says where and what to do."""
    return _Parser(text).whole()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything in it, predicates and arguments included, outside in, from left to right."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(_inside(one)))


def _inside(node: Node) -> list[Node]:
    match node:
        case Call(args=args):
            return list(args)
        case Binary(left=left, right=right):
            return [left, right]
        case Negate(of=of):
            return [of]
        case Path(start=start, steps=steps, filters=filters):
            found: list[Node] = [start] if isinstance(start, Call) else []
            return [*found, *filters, *(predicate for step in steps for predicate in step.predicates)]
        case _:
            return []
