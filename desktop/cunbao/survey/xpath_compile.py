"""From the tree of an expression to Python closures, once. Names and paths are the resolver's, functions a table's.

Two users: the forms (formpaths.FormResolver) and the checks (their resolver knows B01.x, P.x, OFFICE.x). A closure
takes one `scope`, of which this module reads only `scope.env`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, NamedTuple, Protocol

from cunbao.survey.xpath import (
    Binary,
    Call,
    ExpressionError,
    Literal,
    Negate,
    Node,
    Number,
    Path,
    Ref,
    parse,
    walk,
)
from cunbao.survey.xpath_values import (
    CONTEXT,
    NAN,
    Nodes,
    Value,
    boolean,
    compare,
    equal,
    number,
    scalar,
    text,
    truth,
)

Run = Callable[[Any], Any]


class Code(NamedTuple):
    """A closure and whether it may give several values (a Nodes)."""

    run: Run
    many: bool = False


class Resolver(Protocol):
    """What a path means. All methods are called once, while compiling; they raise ExpressionError for unknown names."""

    def path(self, path: Path, compiler: Compiler, *, many: bool) -> Code:
        """A path, also one that starts with a call (instance('x')/…, current()/…). many: the caller wants a Nodes."""

    def own(self, compiler: Compiler) -> Code:
        """The cell's own present value, for once() and string-length() without argument."""

    def position(self, path: Path | None, compiler: Compiler) -> Code:
        """position() in a predicate, position(..) of a row."""

    def indexed(self, target: Path, places: Sequence[tuple[Path, Node]], compiler: Compiler) -> Code:
        """indexed-repeat(target, repeat, index)."""

    def choice_name(self, value: Node, path: Path, compiler: Compiler) -> Code:
        """jr:choice-name(value, 'path of the select')."""

    def lookup(self, name: str, key_column: str, column: str, key: Run) -> Code:
        """pulldata(name, column, key column, key): the column of the first line whose key column equals the key."""

    def aggregate(self, call: Call, compiler: Compiler) -> Code | None:
        """A quicker way for sum() and count() over a repeat; None = the plain way."""


@dataclass(frozen=True, slots=True)
class Function:
    """least, most: number of arguments (most None = any). build: arguments → closure; `step`: extra arguments come in
    groups of this many."""

    name: str
    least: int
    most: int | None
    build: Callable[[Compiler, Call], Code]
    step: int = 1

    def arity_fault(self, count: int) -> str:
        """ "" when the number of arguments fits, else what is wanted, in Chinese."""
        if count >= self.least and (self.most is None or count <= self.most) and (count - self.least) % self.step == 0:
            return ""
        if self.most == self.least:
            return f"要 {self.least} 个参数，写了 {count} 个"
        if self.most is None:
            return (
                f"至少要 {self.least} 个参数，写了 {count} 个" if self.step == 1 else f"参数个数不对，写了 {count} 个"
            )
        return f"要 {self.least} 到 {self.most} 个参数，写了 {count} 个"


class Compiler:
    """Turns nodes into closures for one resolver and one function table."""

    def __init__(self, resolver: Resolver, functions: Mapping[str, Function] | None = None) -> None:
        if functions is None:
            from cunbao.survey.xpath_functions import FUNCTIONS

            functions = FUNCTIONS
        self.resolver = resolver
        self.functions = functions

    def code(self, node: Node) -> Code:
        match node:
            case Number(value=value) | Literal(value=value):
                return Code(lambda scope: value)
            case Path():
                return self.resolver.path(node, self, many=False)
            case Call():
                return self._call(node)
            case Negate(of=of):
                inner = self.number(of)
                return Code(lambda scope: CONTEXT.minus(inner(scope)))
            case Binary():
                return self._binary(node)

    def one(self, node: Node) -> Run:
        """A closure that gives a single Value."""
        code = self.code(node)
        if not code.many:
            return code.run
        run = code.run
        return lambda scope: scalar(run(scope))

    def number(self, node: Node) -> Callable[[Any], Decimal]:
        if isinstance(node, Number):
            value = node.value
            return lambda scope: value
        run = self.one(node)

        def as_number(scope: Any) -> Decimal:
            value = run(scope)
            return value if type(value) is Decimal else number(value)

        return as_number

    def text(self, node: Node) -> Callable[[Any], str]:
        run = self.one(node)
        return lambda scope: text(run(scope))

    def truth(self, node: Node) -> Callable[[Any], bool]:
        code = self.code(node)
        run = code.run
        if code.many:
            return lambda scope: truth(run(scope))

        def as_truth(scope: Any) -> bool:
            value = run(scope)
            return value if type(value) is bool else boolean(value)

        return as_truth

    def nodes(self, node: Node, why: str) -> Callable[[Any], Nodes]:
        """A closure that gives Nodes; raises ExpressionError when the node can be no node-set."""
        if isinstance(node, Path):
            return self.resolver.path(node, self, many=True).run
        code = self.code(node)
        if not code.many:
            raise ExpressionError(why, "请写成一个问题或重复组，如 ${问题名}", at=node.at)
        return code.run

    def _call(self, call: Call) -> Code:
        if call.name in ("instance", "current"):
            return self.resolver.path(Path(call, (), (), call.at), self, many=False)
        function = self.functions.get(call.name)
        if function is None:
            raise ExpressionError(
                f"没有函数 {call.name}()",
                "请对照 ODK 函数表改正函数名",
                at=call.at,
                found=call.name,
                code="expression.function",
            )
        fault = function.arity_fault(len(call.args))
        if fault:
            raise ExpressionError(
                f"函数 {call.name}() {fault}", "请补齐或删去参数", at=call.at, found=call.name, code="expression.arity"
            )
        return function.build(self, call)

    def _binary(self, node: Binary) -> Code:
        op, left, right = node.op, node.left, node.right
        if op in ("and", "or"):
            tests = [self.truth(one) for one in _same(node, op)]
            return Code(_all(tests) if op == "and" else _any(tests))
        if op == "|":
            first, second = (self.nodes(side, "“|”两边应当都是问题") for side in (left, right))
            return Code(lambda scope: Nodes([*first(scope), *second(scope)]), many=True)
        if op in ("=", "!=", "<", "<=", ">", ">="):
            return Code(_comparison(op, self.code(left), self.code(right)))
        return Code(self._arithmetic(node))

    def _arithmetic(self, node: Binary) -> Run:
        """a + b - c … from left to right in one loop: a sum of hundreds of questions is no deeper than a sum of two."""
        steps: list[tuple[Callable[[Decimal, Decimal], Decimal], Run]] = []
        at: Node = node
        while isinstance(at, Binary) and at.op in _ARITHMETIC:
            steps.append((_ARITHMETIC[at.op], self.number(at.right)))
            at = at.left
        first = self.number(at)
        if len(steps) == 1:
            work, second = steps[0]
            return lambda scope: work(first(scope), second(scope))
        steps.reverse()

        def chain(scope: Any) -> Decimal:
            result: Decimal = first(scope)
            for work, run in steps:
                result = work(result, run(scope))
            return result

        return chain


def _same(node: Node, op: str) -> list[Node]:
    """The operands of a and b and c … in order."""
    found: list[Node] = []
    while isinstance(node, Binary) and node.op == op:
        found.append(node.right)
        node = node.left
    return [node, *reversed(found)]


def _all(tests: list[Run]) -> Run:
    if len(tests) == 2:
        a, b = tests
        return lambda scope: a(scope) and b(scope)
    return lambda scope: all(test(scope) for test in tests)


def _any(tests: list[Run]) -> Run:
    if len(tests) == 2:
        a, b = tests
        return lambda scope: a(scope) or b(scope)
    return lambda scope: any(test(scope) for test in tests)


def _comparison(op: str, left: Code, right: Code) -> Run:
    test: Callable[[Value, Value], bool]
    if op == "=":
        test = equal
    elif op == "!=":
        test = lambda a, b: not equal(a, b)  # noqa: E731
    else:
        test = lambda a, b: compare(op, a, b)  # noqa: E731
    a, b = left.run, right.run
    if not (left.many or right.many):
        return lambda scope: test(a(scope), b(scope))

    def any_pair(scope: Any) -> bool:
        """XPath §3.4: true when some pair of nodes compares true; no node compares as empty, as in JavaRosa."""
        x, y = a(scope), b(scope)
        xs: Sequence[Value] = (x if len(x) else ("",)) if type(x) is Nodes else (x,)
        ys: Sequence[Value] = (y if len(y) else ("",)) if type(y) is Nodes else (y,)
        return any(test(p, q) for p in xs for q in ys)

    return any_pair


def _divide(above: Decimal, below: Decimal) -> Decimal:
    return CONTEXT.divide(above, below) if below else NAN  # decision 5: by 0 is NaN, never infinity


def _modulo(above: Decimal, below: Decimal) -> Decimal:
    return CONTEXT.plus(_WIDE.remainder(above, below)) if below else NAN


# A remainder whose quotient has more than 34 digits is still exact.
_WIDE = Context(prec=400, traps=[])
_ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "div": _divide,
    "mod": _modulo,
}


def compile_text(expression: str, resolver: Resolver, functions: Mapping[str, Function] | None = None) -> Code:
    """One expression, parsed and compiled. Raises ExpressionError."""
    return Compiler(resolver, functions).code(parse(expression))


def call_faults(node: Node, functions: Mapping[str, Function]) -> list[ExpressionError]:
    """Unknown functions, wrong argument counts and bad regexes anywhere in the tree; for the walk over the sheets."""
    from cunbao.survey.xpath_regex import compiled

    faults: list[ExpressionError] = []
    for part in walk(node):
        if not isinstance(part, Call) or part.name in ("instance", "current"):
            continue
        function = functions.get(part.name)
        if function is None:
            faults.append(
                ExpressionError(
                    f"没有函数 {part.name}()",
                    "请对照 ODK 函数表改正函数名",
                    at=part.at,
                    found=part.name,
                    code="expression.function",
                )
            )
            continue
        arity = function.arity_fault(len(part.args))
        if arity:
            faults.append(
                ExpressionError(
                    f"函数 {part.name}() {arity}",
                    "请补齐或删去参数",
                    at=part.at,
                    found=part.name,
                    code="expression.arity",
                )
            )
        elif part.name == "regex" and isinstance(part.args[1], Literal):
            try:
                compiled(part.args[1].value)
            except ExpressionError as error:
                faults.append(error)
    return faults


__all__ = ["Code", "Compiler", "Function", "Ref", "Resolver", "Run", "call_faults", "compile_text"]
