"""The functions of ODK XPath, as a table: name → how many arguments, and how to build the closure.

Source: ODK documentation "Form operators and functions"; JavaRosa's behaviour where that page is silent. Geography,
extract-signed and property are not here: the question types they need are refused.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from cunbao.survey.xpath import Call, ExpressionError, Literal, Node, Path, parse
from cunbao.survey.xpath_compile import Code, Compiler, Function
from cunbao.survey.xpath_regex import compiled, matches
from cunbao.survey.xpath_values import (
    CONTEXT,
    NAN,
    ZERO,
    Nodes,
    Value,
    boolean,
    date_of,
    day_fraction,
    from_float,
    moment_number,
    moment_of,
    number,
    parse_datetime,
    parse_time,
    text,
    truth,
)

# The exact total of many 34-digit numbers, whatever their order: rounded only once, at the end.
EXACT = CONTEXT.copy()
EXACT.prec = 2000
_FORMATS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda d: f"{d.year:04d}",
    "y": lambda d: f"{d.year % 100:02d}",
    "m": lambda d: f"{d.month:02d}",
    "n": lambda d: str(d.month),
    "b": lambda d: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][d.month - 1],
    "d": lambda d: f"{d.day:02d}",
    "e": lambda d: str(d.day),
    "a": lambda d: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][d.weekday()],
    "H": lambda d: f"{d.hour:02d}",
    "h": lambda d: str(d.hour),
    "M": lambda d: f"{d.minute:02d}",
    "S": lambda d: f"{d.second:02d}",
    "3": lambda d: f"{d.microsecond // 1000:03d}",
    "W": lambda d: str(d.isocalendar().week),
    "%": lambda d: "%",
}


def round_half_up(value: Decimal) -> Decimal:
    """XPath round(): to the nearest whole number, a half towards plus infinity."""
    if not value.is_finite():
        return NAN
    low = value.to_integral_value(ROUND_FLOOR)
    return low + 1 if value - low >= Decimal("0.5") else low


def round_places(value: Decimal, places: Decimal) -> Decimal:
    """round(x, n): a half away from zero; n below 0 rounds to tens, hundreds … (decision 5)."""
    if not value.is_finite() or not places.is_finite() or abs(places) > 30:
        return NAN
    n = int(places)
    return value.scaleb(n, EXACT).quantize(Decimal(1), ROUND_HALF_UP, EXACT).scaleb(-n, EXACT)


def whole(value: Decimal) -> Decimal:
    """int(): towards zero."""
    return value.to_integral_value(ROUND_DOWN) if value.is_finite() else NAN


def _int(value: Decimal) -> int:
    return int(value) if value.is_finite() else 0


def substr(value: str, start: Decimal, end: Decimal | None = None) -> str:
    """substr(): from 0, end excluded, negative counts from the end; in code points."""
    size = len(value)
    first, last = _int(start), size if end is None else _int(end)
    first = max(0, first + size if first < 0 else first)
    last = max(0, last + size if last < 0 else last)
    return value[first:last]


def total(values: Iterable[Value]) -> Decimal:
    """sum(): what is no number is left out. Exact before the last rounding, so the order of rows does not matter."""
    result = ZERO
    for value in values:
        figure = value if type(value) is Decimal else number(value)
        if figure.is_finite():
            result = EXACT.add(result, figure)
    return CONTEXT.plus(result)


def _extreme(values: Iterable[Value], pick: Callable[[Decimal, Decimal], Decimal]) -> Decimal:
    best = NAN
    for value in values:
        figure = number(value)
        if figure == figure:
            best = figure if best != best else pick(best, figure)
    return best


def selected(values: str, one: str) -> bool:
    one = one.strip()
    return one in values.split() if one else not values


def _translate(value: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for i, char in enumerate(old):
        table.setdefault(ord(char), new[i] if i < len(new) else None)
    return value.translate(table)


def _format(value: Value, pattern: str) -> str:
    moment = moment_of(value)
    if isinstance(value, str) and moment == "" and (clock := parse_time(value)):
        moment = datetime.combine(date(1970, 1, 1), clock)
    if isinstance(value, time):
        moment = datetime.combine(date(1970, 1, 1), value)
    if not isinstance(moment, datetime):
        return ""
    pieces = pattern.split("%")
    out = [pieces[0]]
    rest = iter(pieces[1:])
    for piece in rest:
        if not piece:  # %%
            out.append("%" + next(rest, ""))
        else:
            make = _FORMATS.get(piece[0])
            out.append((make(moment) if make else "%" + piece[0]) + piece[1:])
    return "".join(out)


def _decimal_date_time(value: Value) -> Value:
    moment = moment_of(value)
    return moment_number(moment) if isinstance(moment, datetime) else ""


def _decimal_time(value: Value) -> Value:
    if isinstance(value, str):
        clock = parse_time(value) or (moment.time() if (moment := parse_datetime(value)) else None)
        return day_fraction(clock) if clock else ""
    if isinstance(value, datetime):
        return day_fraction(value.time())
    if isinstance(value, time):
        return day_fraction(value)
    figure = number(value)
    return CONTEXT.subtract(figure, figure.to_integral_value(ROUND_FLOOR)) if figure.is_finite() else ""


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    result = CONTEXT.power(base, exponent)
    return result if result.is_finite() else NAN


def _float(function: Callable[..., float]) -> Callable[..., Decimal]:
    def run(*figures: Decimal) -> Decimal:
        try:
            return from_float(function(*(float(f) for f in figures)))
        except (ValueError, OverflowError):
            return NAN

    return run


def _finite(value: Decimal) -> Decimal:
    return value if value.is_finite() else NAN


def _digest(data: str, algorithm: str, encoding: str = "base64") -> str:
    name = algorithm.lower().replace("-", "")
    if name not in ("md5", "sha1", "sha256", "sha384", "sha512"):
        return ""
    raw = hashlib.new(name, data.encode(), usedforsecurity=False).digest()
    return raw.hex() if encoding.lower() == "hex" else base64.b64encode(raw).decode()


def _base64(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode()
    except ValueError:
        return ""


# ---- builders -------------------------------------------------------------------------------------------------------


def _plain(kinds: str, function: Callable[..., Value]) -> Callable[[Compiler, Call], Code]:
    """Arguments coerced by letter: n number, s text, b truth, v as it is; the last letter serves all further ones."""

    def build(compiler: Compiler, call: Call) -> Code:
        make = {"n": compiler.number, "s": compiler.text, "b": compiler.truth, "v": compiler.one}
        runs = [make[kinds[min(i, len(kinds) - 1)]](arg) for i, arg in enumerate(call.args)]
        if len(runs) == 1:
            only = runs[0]
            return Code(lambda scope: function(only(scope)))
        if len(runs) == 2:
            first, second = runs
            return Code(lambda scope: function(first(scope), second(scope)))
        return Code(lambda scope: function(*[run(scope) for run in runs]))

    return build


def _flat(function: Callable[[list[Value]], Value]) -> Callable[[Compiler, Call], Code]:
    """All arguments in one list, node-sets opened."""

    def build(compiler: Compiler, call: Call) -> Code:
        runs = [_opened(compiler, arg) for arg in call.args]
        return Code(lambda scope: function([value for run in runs for value in run(scope)]))

    return build


def _opened(compiler: Compiler, arg: Node) -> Callable[[Any], Iterable[Value]]:
    if isinstance(arg, Path):
        return compiler.nodes(arg, "")
    code = compiler.code(arg)
    if code.many:
        return code.run
    run = code.run
    return lambda scope: (run(scope),)


def _over_nodes(function: Callable[[Nodes], Value]) -> Callable[[Compiler, Call], Code]:
    def build(compiler: Compiler, call: Call) -> Code:
        quick = compiler.resolver.aggregate(call, compiler)
        if quick is not None:
            return quick
        nodes = compiler.nodes(call.args[0], f"{call.name}() 里应当是重复组或其中的问题")
        return Code(lambda scope: function(nodes(scope)))

    return build


def _version(compiler: Compiler, call: Call) -> Code:
    """version(): of the form; a check, which looks over several, has none."""
    form = getattr(compiler.resolver, "form", None)
    said: str = form.version if form is not None else ""
    return Code(lambda scope: said)


def _if(compiler: Compiler, call: Call) -> Code:
    test = compiler.truth(call.args[0])
    then, other = compiler.one(call.args[1]), compiler.one(call.args[2])
    return Code(lambda scope: then(scope) if test(scope) else other(scope))


def _coalesce(compiler: Compiler, call: Call) -> Code:
    first, second = compiler.one(call.args[0]), compiler.one(call.args[1])

    def run(scope: Any) -> Value:
        value: Value = first(scope)
        if value == "" or value != value:
            value = second(scope)
        return value

    return Code(run)


def _once(compiler: Compiler, call: Call) -> Code:
    own, fresh = compiler.resolver.own(compiler).run, compiler.one(call.args[0])

    def run(scope: Any) -> Value:
        value: Value = own(scope)
        return fresh(scope) if value == "" else value

    return Code(run)


def _position(compiler: Compiler, call: Call) -> Code:
    path: Path | None = None
    if call.args:
        arg = call.args[0]
        if isinstance(arg, Call) and arg.name == "current":
            arg = Path(arg, (), (), arg.at)
        if not isinstance(arg, Path):
            raise ExpressionError("position() 里应当是路径", "一般写成 position(..)", at=call.at)
        path = arg
    return compiler.resolver.position(path, compiler)


def _indexed_repeat(compiler: Compiler, call: Call) -> Code:
    target, *rest = call.args
    places = list(zip(rest[::2], rest[1::2], strict=True))
    if not isinstance(target, Path) or not all(isinstance(place, Path) for place, _ in places):
        raise ExpressionError(
            "indexed-repeat() 前两个参数应当是问题和它的重复组",
            "请写成 indexed-repeat(${问题}, ${重复组}, 序号)",
            at=call.at,
        )
    return compiler.resolver.indexed(
        target, [(place, index) for place, index in places if isinstance(place, Path)], compiler
    )


def _choice_name(compiler: Compiler, call: Call) -> Code:
    where = call.args[1]
    path = parse(where.value.strip()) if isinstance(where, Literal) else where
    if not isinstance(path, Path):
        raise ExpressionError(
            "jr:choice-name() 第二个参数应当是加引号的问题", "请写成 jr:choice-name(${问题}, '${问题}')", at=call.at
        )
    return compiler.resolver.choice_name(call.args[0], path, compiler)


def _pulldata(compiler: Compiler, call: Call) -> Code:
    name, column, key_column, key = call.args
    if not (isinstance(name, Literal) and isinstance(column, Literal) and isinstance(key_column, Literal)):
        raise ExpressionError(
            "pulldata() 前三个参数应当是加引号的名称", "请写成 pulldata('表', '取出列', '查找列', 值)", at=call.at
        )
    return compiler.resolver.lookup(name.value, key_column.value, column.value, compiler.one(key))


def _regex(compiler: Compiler, call: Call) -> Code:
    value, pattern = call.args
    run = compiler.text(value)
    if isinstance(pattern, Literal):
        full = compiled(pattern.value).fullmatch
        return Code(lambda scope: full(run(scope)) is not None)
    dynamic = compiler.text(pattern)
    return Code(lambda scope: matches(run(scope), dynamic(scope)))


def _own_text(function: Callable[[str], Value]) -> Callable[[Compiler, Call], Code]:
    def build(compiler: Compiler, call: Call) -> Code:
        if call.args:
            run = compiler.text(call.args[0])
            return Code(lambda scope: function(run(scope)))
        own = compiler.resolver.own(compiler).run
        return Code(lambda scope: function(text(own(scope))))

    return build


def _boolean(compiler: Compiler, call: Call) -> Code:
    return Code(compiler.truth(call.args[0]))


def _not(compiler: Compiler, call: Call) -> Code:
    test = compiler.truth(call.args[0])
    return Code(lambda scope: not test(scope))


def _join(compiler: Compiler, call: Call) -> Code:
    separator = compiler.text(call.args[0])
    runs = [_opened(compiler, arg) for arg in call.args[1:]]
    return Code(lambda scope: separator(scope).join(text(value) for run in runs for value in run(scope)))


def _checklist(compiler: Compiler, call: Call) -> Code:
    least, most = compiler.number(call.args[0]), compiler.number(call.args[1])
    runs = [_opened(compiler, arg) for arg in call.args[2:]]

    def run(scope: Any) -> bool:
        count = sum(boolean(value) for one in runs for value in one(scope))
        low, high = _int(least(scope)), _int(most(scope))
        return (low < 0 or count >= low) and (high < 0 or count <= high)

    return Code(run)


def _weighted(compiler: Compiler, call: Call) -> Code:
    least, most = compiler.number(call.args[0]), compiler.number(call.args[1])
    runs = [_opened(compiler, arg) for arg in call.args[2:]]

    def run(scope: Any) -> bool:
        weight = ZERO
        for flags, weights in zip(runs[::2], runs[1::2], strict=True):
            for flag, each in zip(flags(scope), weights(scope), strict=False):
                if boolean(flag):
                    weight = CONTEXT.add(weight, number(each))
        low, high = least(scope), most(scope)
        return weight == weight and (low < 0 or weight >= low) and (high < 0 or weight <= high)

    return Code(run)


def _randomize(compiler: Compiler, call: Call) -> Code:
    return Code(compiler.nodes(call.args[0], "randomize() 里应当是选项"), many=True)  # the order of the list is kept


def _now(compiler: Compiler, call: Call) -> Code:
    def run(scope: Any) -> datetime:
        env = scope.env
        return env.now() if env.now else datetime.combine(env.today, time())

    return Code(run)


def _random(compiler: Compiler, call: Call) -> Code:
    return Code(lambda scope: from_float(scope.env.random()) if scope.env.random else ZERO)


def _uuid(compiler: Compiler, call: Call) -> Code:
    if not call.args:
        return Code(lambda scope: scope.env.new_id())
    size = compiler.number(call.args[0])

    def run(scope: Any) -> str:
        wanted, made = min(max(_int(size(scope)), 0), 4096), ""
        while len(made) < wanted:
            made += str(scope.env.new_id()).replace("-", "").upper() or "0"
        return made[:wanted]

    return Code(run)


def _count(nodes: Nodes) -> Value:
    return Decimal(len(nodes))


def _count_filled(nodes: Nodes) -> Value:
    if nodes.keys is not None:
        return Decimal(len(nodes))
    return Decimal(sum(1 for value in nodes if value != ""))


def _constant(value: Value) -> Callable[[Compiler, Call], Code]:
    return lambda compiler, call: Code(lambda scope: value)


def _table(*functions: Function) -> dict[str, Function]:
    return {function.name: function for function in functions}


FUNCTIONS: dict[str, Function] = _table(
    Function("if", 3, 3, _if),
    Function("coalesce", 2, 2, _coalesce),
    Function("once", 1, 1, _once),
    Function("position", 0, 1, _position),
    Function("indexed-repeat", 3, 11, _indexed_repeat, step=2),
    Function("jr:choice-name", 2, 2, _choice_name),
    Function("pulldata", 4, 4, _pulldata),
    Function("selected", 2, 2, _plain("ss", selected)),
    Function("is-selected", 2, 2, _plain("ss", selected)),
    Function("selected-at", 2, 2, _plain("sn", lambda s, n: dict(enumerate(s.split())).get(_int(n), ""))),
    Function("count-selected", 1, 1, _plain("s", lambda s: Decimal(len(s.split())))),
    Function("count", 1, 1, _over_nodes(_count)),
    Function("count-non-empty", 1, 1, _over_nodes(_count_filled)),
    Function("sum", 1, 1, _over_nodes(total)),
    Function("max", 1, None, _flat(lambda values: _extreme(values, max))),
    Function("min", 1, None, _flat(lambda values: _extreme(values, min))),
    Function("true", 0, 0, _constant(True)),
    Function("false", 0, 0, _constant(False)),
    Function("boolean", 1, 1, _boolean),
    Function("not", 1, 1, _not),
    Function("boolean-from-string", 1, 1, _plain("s", lambda s: s.lower() == "true" or s == "1")),
    Function("number", 1, 1, _plain("n", lambda n: n)),
    Function("string", 1, 1, _plain("s", lambda s: s)),
    Function("int", 1, 1, _plain("n", whole)),
    Function(
        "round",
        1,
        2,
        _plain("n", lambda n, places=None: round_half_up(n) if places is None else round_places(n, places)),
    ),
    Function("abs", 1, 1, _plain("n", lambda n: CONTEXT.abs(n))),
    Function("pow", 2, 2, _plain("nn", _power)),
    Function("exp", 1, 1, _plain("n", lambda n: _finite(CONTEXT.exp(n)))),
    Function("exp10", 1, 1, _plain("n", lambda n: _power(Decimal(10), n))),
    Function("log", 1, 1, _plain("n", lambda n: _finite(CONTEXT.ln(n)))),
    Function("log10", 1, 1, _plain("n", lambda n: _finite(CONTEXT.log10(n)))),
    Function("sqrt", 1, 1, _plain("n", lambda n: _finite(CONTEXT.sqrt(n)))),
    Function("pi", 0, 0, _constant(from_float(math.pi))),
    *(
        Function(name, 1, 1, _plain("n", _float(getattr(math, name))))
        for name in ("sin", "cos", "tan", "asin", "acos", "atan")
    ),
    Function("atan2", 2, 2, _plain("nn", _float(math.atan2))),
    Function("today", 0, 0, lambda compiler, call: Code(lambda scope: scope.env.today)),
    Function("now", 0, 0, _now),
    Function("date", 1, 1, _plain("v", date_of)),
    Function("date-time", 1, 1, _plain("v", moment_of)),
    Function("decimal-date-time", 1, 1, _plain("v", _decimal_date_time)),
    Function("decimal-time", 1, 1, _plain("v", _decimal_time)),
    Function("format-date", 2, 2, _plain("vs", _format)),
    Function("format-date-time", 2, 2, _plain("vs", _format)),
    Function("regex", 2, 2, _regex),
    Function("contains", 2, 2, _plain("ss", lambda s, t: t in s)),
    Function("starts-with", 2, 2, _plain("ss", lambda s, t: s.startswith(t))),
    Function("ends-with", 2, 2, _plain("ss", lambda s, t: s.endswith(t))),
    Function("substr", 2, 3, _plain("snn", substr)),
    Function("substring-before", 2, 2, _plain("ss", lambda s, t: s.partition(t)[0] if t and t in s else "")),
    Function("substring-after", 2, 2, _plain("ss", lambda s, t: s.partition(t)[2] if t else s)),
    Function("translate", 3, 3, _plain("sss", _translate)),
    Function("string-length", 0, 1, _own_text(lambda s: Decimal(len(s)))),
    Function("normalize-space", 0, 1, _own_text(lambda s: " ".join(s.split()))),
    Function("concat", 1, None, _flat(lambda values: "".join(text(value) for value in values))),
    Function("join", 1, None, _join),
    Function("checklist", 2, None, _checklist),
    Function("weighted-checklist", 2, None, _weighted, step=2),
    Function("digest", 2, 3, _plain("sss", _digest)),
    Function("base64-decode", 1, 1, _plain("s", _base64)),
    Function("uuid", 0, 1, _uuid),
    Function("version", 0, 0, _version),
    Function("random", 0, 0, _random),
    Function("randomize", 1, 2, _randomize),
)

__all__ = ["EXACT", "FUNCTIONS", "round_half_up", "round_places", "selected", "substr", "total", "truth", "whole"]
