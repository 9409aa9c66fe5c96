"""What a path of a form's expression means: which cell, which rows, which line of a list. Found once, while compiling.

Inside a roster a path to the same roster's column means the same row, also when it is written absolute, as JavaRosa
takes it; a path that leaves the row and comes back (`../../b03_m/x`), or filters the roster, means all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cunbao.survey.form import Bind, Choice, CodeList, Kind
from cunbao.survey.layout import Layout, NotPlain, Part, Reads, Spot, Total
from cunbao.survey.nodesets import (
    conjuncts,
    filter_items,
    filter_rows,
    matching,
    part_share,
    plain_column,
    predicate,
    read_item,
)
from cunbao.survey.records import Record, Scope
from cunbao.survey.values import EMPTY
from cunbao.survey.xpath import Binary, Call, ExpressionError, Literal, Node, Number, Path, Ref, walk
from cunbao.survey.xpath_compile import Code, Compiler, Run
from cunbao.survey.xpath_values import Nodes, Value, scalar

LAST_SAVED = "__last-saved"


@dataclass(frozen=True, slots=True)
class Located:
    """bind: None for the form's root. same: in the asking row. filters: on the roster; leaf: on the cell itself."""

    bind: Bind | None
    spot: Spot
    same: bool
    filters: tuple[Node, ...]
    leaf: tuple[Node, ...]
    base: FormResolver
    absolute: bool = False


class FormResolver:
    """See xpath_compile.Resolver. at: the node the expression belongs to (or the predicate's candidate).

    origin: the resolver of the whole expression, for current(). candidate: this one reads a candidate row of a
    predicate. item: the predicate is over lines of a list or rows of another form. part: compiling a Part.
    """

    def __init__(
        self,
        layout: Layout,
        at: Bind,
        reads: Reads,
        *,
        origin: FormResolver | None = None,
        candidate: bool = False,
        item: CodeList | str | None = None,
        part: bool = False,
    ) -> None:
        self.layout, self.form, self.at, self.reads = layout, layout.form, at, reads
        self.origin = origin or self
        self.candidate, self.item, self.part = candidate, item, part

    # ---- locating

    def locate(self, path: Path) -> Located:
        """The node a path ends at, without instances and items. Raises ExpressionError for what the form has not."""
        spot, same, base = self._start(path)
        filters: tuple[Node, ...] = ()
        leaf: tuple[Node, ...] = ()
        for step in path.steps:
            if step.axis == "attribute" or step.name == "*":
                raise ExpressionError("路径里的 @ 和 * 不支持", "请写出问题名", at=step.at)
            if step.axis == "child":
                spot = (*spot, step.name)
                bind = self.form.binds.get(spot)
                if bind is None and len(spot) > 1:
                    raise ExpressionError(
                        f"没有 {'/' + '/'.join(spot)} 这个问题",
                        "请对照问题名改正",
                        at=step.at,
                        found=step.name,
                        code="expression.name",
                    )
                if bind is not None and bind.kind == "repeat":
                    # Coming in from above: the same row only for an absolute path without a filter.
                    own = (
                        path.start == "/"
                        and not step.predicates
                        and base.at.repeat == bind.name
                        and self._inside(base, spot)
                    )
                    same = own
                    filters = step.predicates
                    continue
            elif step.axis == "parent":
                if len(spot) <= 1:
                    raise ExpressionError("“..”太多，已经到了表式外面", "请减少“..”", at=step.at)
                bind = self.form.binds.get(spot)
                if bind is not None and bind.kind == "repeat":
                    same, filters = False, ()
                spot = spot[:-1]
            if step.predicates:
                leaf += step.predicates
        bind = self.form.binds.get(spot)
        return Located(bind, spot, same, filters, leaf, base, path.start == "/")

    def _inside(self, base: FormResolver, spot: Spot) -> bool:
        return base.at.path[: len(spot)] == spot and (base.at.kind != "repeat" or base.candidate)

    def _start(self, path: Path) -> tuple[Spot, bool, FormResolver]:
        if path.start == "/":
            return (), False, self
        if isinstance(path.start, Call) and path.start.name == "current":
            if self.part and self.origin.at.repeat:
                raise NotPlain
            base = self.origin
        elif path.start == "":
            base = self
        elif isinstance(path.start, Ref):
            raise ExpressionError(f"${{{path.start.name}}} 还没有换成路径", "请先编译表式", at=path.at)
        else:
            raise ExpressionError("这里应当是问题、instance() 或 current()", "请改正", at=path.at)
        if path.start == "" and self.item is not None:
            base = self.origin  # only reached with `..` from a list's line: what is meant is the asking cell
        return base.at.path, bool(base.at.repeat) and (base.at.kind != "repeat" or base.candidate), base

    # ---- Resolver

    def path(self, path: Path, compiler: Compiler, *, many: bool) -> Code:
        if isinstance(path.start, Call) and path.start.name == "instance":
            return self._instance(path, compiler, many)
        if (
            self.item is not None
            and path.start == ""
            and (not path.steps or path.steps[0].axis == "child" or path.steps[0].axis == "self")
        ):
            return self._column(path, many)
        place = self.locate(path)
        if place.bind is None:
            return Code(lambda scope: "")  # the form's root
        if place.bind.kind == "group":
            return self._group(place, many)
        if place.bind.kind == "repeat":
            return self._rows(place, compiler)
        return self._cell(place, compiler, many)

    def own(self, compiler: Compiler) -> Code:
        if self.at.kind != "field":
            return Code(lambda scope: "")
        slot = self.layout.slots[self.at.name]
        if self.at.repeat:
            return Code(lambda scope: scope.row.typed[slot])
        return Code(lambda scope: scope.outer.typed[slot])

    def position(self, path: Path | None, compiler: Compiler) -> Code:
        if self.part:
            raise NotPlain
        if path is None:
            if not self.candidate and self.item is None:
                raise ExpressionError("position() 要写在方括号里，或写成 position(..)", "请写成 position(..)")
            return Code(lambda scope: Decimal(scope.at))
        place = self.locate(path)
        repeat = place.bind.repeat if place.bind else ""
        if not repeat:
            return Code(lambda scope: Decimal(1))
        self.reads.found.add(("rows", repeat))
        if (
            place.bind is not None
            and place.bind.kind == "repeat"
            and not place.same
            and not self._inside(place.base, place.spot)
        ):
            rows = self._rows(place, compiler).run
            return Code(lambda scope: Decimal(found.keys[0].at + 1) if len(found := rows(scope)) else Decimal(0))
        if place.bind is not None and place.bind.kind != "repeat":
            return Code(lambda scope: Decimal(1))
        row = self._row(place.base)
        return Code(lambda scope: Decimal(row(scope).at + 1))

    def indexed(self, target: Path, places: Sequence[tuple[Path, Node]], compiler: Compiler) -> Code:
        if self.part:
            raise NotPlain
        where = self.locate(target)
        if where.bind is None or where.bind.kind != "field" or not where.bind.repeat:
            raise ExpressionError("indexed-repeat() 第一个参数应当是名册里的问题", "请改正", at=target.at)
        if len(places) > 1:
            raise ExpressionError("名册里不能再套名册", "indexed-repeat() 请只写三个参数", at=target.at)
        repeat = self.locate(places[0][0])
        if repeat.bind is None or repeat.bind.kind != "repeat" or repeat.bind.name != where.bind.repeat:
            raise ExpressionError("indexed-repeat() 第二个参数应当是这个问题所在的名册", "请改正", at=places[0][0].at)
        slot, name = self.layout.slots[where.bind.name], where.bind.repeat
        self.reads.found.update({("all", where.bind.name), ("rows", name)})
        index = compiler.number(places[0][1])

        def run(scope: Scope) -> Value:
            wanted = index(scope)
            at = int(wanted) if wanted.is_finite() else 0
            rows = scope.world.rows[name]
            return rows[at - 1].seen[slot] if 1 <= at <= len(rows) else ""

        return Code(run)

    def choice_name(self, value: Node, path: Path, compiler: Compiler) -> Code:
        bind = self.locate(path).bind
        codes = self.form.field(bind.name).list if bind and bind.kind == "field" else None
        if codes is None:
            raise ExpressionError("jr:choice-name() 第二个参数应当是选择题", "请改正", at=path.at)
        text = compiler.text(value)
        return Code(lambda scope: codes.label(text(scope)))

    def lookup(self, name: str, key_column: str, column: str, key: Run) -> Code:
        codes = self._codes(name)
        if codes is None:
            raise ExpressionError(
                f"没有代码表 {name}", "请对照名称改正，或放进代码表文件夹", found=name, code="expression.name"
            )

        def run(scope: Scope) -> Value:
            wanted = scalar(key(scope))
            return next((one.column(column) for one in matching(codes, key_column, wanted)), "")

        return Code(run)

    def aggregate(self, call: Call, compiler: Compiler) -> Code | None:
        """sum(), count() and count-non-empty() over a roster's rows: kept per row and added up as rows change."""
        path = call.args[0]
        if self.part or self.candidate or self.item is not None or not isinstance(path, Path):
            return None
        if isinstance(path.start, Call) and path.start.name == "instance":
            return None
        place = self.locate(path)
        if place.bind is None or not place.bind.repeat or place.leaf or place.bind.kind == "group":
            return None
        if place.same and not (place.bind.kind == "repeat" and place.absolute):
            return None
        repeat = self._repeat_bind(place.bind.repeat)
        reads = Reads()
        row_at = place.base if place.base is not self else self
        inner = FormResolver(self.layout, repeat, reads, origin=row_at, candidate=True, part=True)
        try:
            tests = [predicate(Compiler(inner, compiler.functions), one) for one in place.filters]
        except NotPlain:
            return None
        if any(isinstance(one, Number) for one in place.filters):
            return None
        run = part_share(call.name, place.bind, self.layout, tests)
        if place.bind.kind == "field":
            reads.found.add(("field", place.bind.name))
        reads.found.add(("alive", repeat.name))
        part = Part(
            (call.name, place.spot, place.filters, self.at.path if place.filters else ()),
            repeat.name,
            run,
            frozenset(reads.found),
        )
        total = Total(part)
        self.reads.totals.append(total)
        return Code(total)

    # ---- pieces

    def _repeat_bind(self, name: str) -> Bind:
        return next(bind for bind in self.form.binds.values() if bind.kind == "repeat" and bind.name == name)

    def _codes(self, name: str) -> CodeList | None:
        found = self.form.lists.get(name)
        if found is None:
            found = next((codes for key, codes in self.form.lists.items() if key.rsplit("/", 1)[-1] == name), None)
        return found

    def _row(self, base: FormResolver) -> Callable[[Scope], Record]:
        if base is self:
            return lambda scope: scope.row  # type: ignore[return-value]
        return lambda scope: scope.current.row  # type: ignore[return-value]

    def _note(self, name: str, base: FormResolver) -> None:
        """Reading a cell in the row of `base`: of the same row, or, for a candidate of a predicate, of any row."""
        over_rows = base.candidate and not base.part and self.form.field(name).repeat
        self.reads.found.add(("all" if over_rows else "field", name))

    def _group(self, place: Located, many: bool) -> Code:
        return Code(lambda scope: Nodes([""]), many=True) if many else Code(lambda scope: "")

    def _cell(self, place: Located, compiler: Compiler, many: bool) -> Code:
        bind = place.bind
        assert bind is not None
        slot = self.layout.slots[bind.name]
        if bind.repeat and not place.same:
            return self._column_of_rows(place, compiler, slot)
        self._note(bind.name, place.base)
        if bind.repeat:
            row = self._row(place.base)
            if not many and not place.leaf:
                if place.base is self:
                    return Code(lambda scope: scope.row.seen[slot])
                return Code(lambda scope: scope.current.row.seen[slot])
            rows: Callable[[Scope], list[Record]] = lambda scope: [row(scope)]  # noqa: E731
        elif not many and not place.leaf:
            return Code(lambda scope: scope.outer.seen[slot])
        else:
            rows = lambda scope: [scope.outer]  # noqa: E731
        tests = [predicate(self._candidate(bind, compiler), one) for one in place.leaf]

        def run(scope: Scope) -> Nodes:
            found = [one for one in rows(scope) if one.on[slot]]
            return Nodes([one.seen[slot] for one in filter_rows(found, tests, scope)])

        return Code(run, many=True)

    def _candidate(self, bind: Bind, compiler: Compiler) -> Compiler:
        inner = FormResolver(self.layout, bind, self.reads, origin=self.origin, candidate=True)
        return Compiler(inner, compiler.functions)

    def _column_of_rows(self, place: Located, compiler: Compiler, slot: int) -> Code:
        if self.part:
            raise NotPlain
        assert place.bind is not None
        self.reads.found.add(("all", place.bind.name))
        rows = self._rows_of(place, place.bind.repeat, compiler)
        leaf = [predicate(self._candidate(place.bind, compiler), one) for one in place.leaf]

        def run(scope: Scope) -> Nodes:
            found = [row for row in rows(scope) if row.on[slot]]
            if leaf:
                found = filter_rows(found, leaf, scope)
            return Nodes([row.seen[slot] for row in found])

        return Code(run, many=True)

    def _rows(self, place: Located, compiler: Compiler) -> Code:
        assert place.bind is not None
        if self.part:
            raise NotPlain
        if place.same and not place.filters and not place.absolute:  # count(/data/b03_m) in a row means all rows
            row = self._row(place.base)
            return Code(lambda scope: Nodes([""], [row(scope)]), many=True)
        rows = self._rows_of(place, place.bind.name, compiler)

        def run(scope: Scope) -> Nodes:
            found = rows(scope)
            return Nodes([""] * len(found), found)

        return Code(run, many=True)

    def _rows_of(self, place: Located, repeat: str, compiler: Compiler) -> Callable[[Scope], list[Record]]:
        bind = self._repeat_bind(repeat)
        self.reads.found.add(("rows", repeat))
        self.reads.found.add(("alive", repeat))
        inner = self._candidate(bind, compiler)
        tests = [predicate(inner, one) for one in place.filters]
        quick = self._quick(place.filters[0], bind, compiler) if place.filters else None
        whole = quick is not None and len(conjuncts(place.filters[0])) == 1  # the index says all that the filter says

        def run(scope: Scope) -> list[Record]:
            found = quick(scope) if quick is not None else None
            left = tests[1:] if whole and found is not None else tests
            rows = scope.world.rows[repeat] if found is None else found
            return filter_rows([row for row in rows if row.alive], left, scope)

        return run

    def _quick(self, test: Node, bind: Bind, compiler: Compiler) -> Callable[[Scope], list[Record] | None] | None:
        """For a filter with `column = value of the asking cell`: only the rows that an index over the column gives."""
        if any(isinstance(part, Call) and part.name == "position" for part in walk(test)):
            return None
        for side in conjuncts(test):
            if not isinstance(side, Binary) or side.op != "=":
                continue
            for column, other in ((side.left, side.right), (side.right, side.left)):
                name = plain_column(column)
                if self._indexed_column(name, bind.name) and _fixed(other):
                    value = self._candidate(bind, compiler).one(other)
                    return _by_value(bind.name, name, self.layout.slots[name], value)
        return None

    def _indexed_column(self, name: str, repeat: str) -> bool:
        """A typed text of the roster: its values are plain texts, so equal means equal."""
        found = self.form.by_name.get(name)
        return (
            found is not None
            and found.repeat == repeat
            and not found.calculated
            and found.kind in (Kind.TEXT, Kind.SELECT_ONE, Kind.SELECT_MULTIPLE)
        )

    # ---- lists and other forms

    def _column(self, path: Path, many: bool) -> Code:
        name = path.steps[-1].name if path.steps else ""
        if isinstance(self.item, CodeList) and name and not self.item.has_column(name):
            raise ExpressionError(
                f"代码表 {self.item.name} 没有 {name} 这一列",
                "请对照代码表的列名改正",
                at=path.at,
                found=name,
                code="expression.name",
            )
        return Code(lambda scope: read_item(scope.item, name))

    def _instance(self, path: Path, compiler: Compiler, many: bool) -> Code:
        call = path.start
        assert isinstance(call, Call)
        if len(call.args) != 1 or not isinstance(call.args[0], Literal):
            raise ExpressionError("instance() 里应当是一个加引号的名称", "请写成 instance('名称')", at=path.at)
        name = call.args[0].value
        codes = self._codes(name)
        if codes is not None:
            return self._of_list(codes, path, compiler, many)
        if name not in self.form.instances:
            raise ExpressionError(
                f"没有声明 instance('{name}')",
                "请加一行 xml-external，名称相同",
                at=path.at,
                found=name,
                code="expression.name",
            )
        return self._of_answers("last" if name == LAST_SAVED else name, path, compiler, many)

    def _of_list(self, codes: CodeList, path: Path, compiler: Compiler, many: bool) -> Code:
        items = next((step for step in path.steps if step.name == "item"), None)
        if items is None:
            raise ExpressionError("代码表要写成 instance('名称')/root/item[…]/列名", "请补上 /root/item", at=path.at)
        column = path.steps[-1].name if path.steps[-1] is not items else ""
        if column and not codes.has_column(column):
            raise ExpressionError(
                f"代码表 {codes.name} 没有 {column} 这一列",
                "请对照代码表的列名改正",
                at=path.at,
                found=column,
                code="expression.name",
            )
        inner = self._over_items(codes, compiler)
        tests = [predicate(inner, one) for one in items.predicates]
        quick = self._quick_item(codes, items.predicates[0], inner) if items.predicates else None

        def run(scope: Scope) -> Nodes:
            found = filter_items(quick(scope) if quick else codes.choices, tests, scope)
            return Nodes([one.column(column) for one in found] if column else [""] * len(found), found)

        return Code(run, many=True)

    def _over_items(self, item: CodeList | str, compiler: Compiler) -> Compiler:
        inner = FormResolver(
            self.layout,
            self.at,
            self.reads,
            origin=self.origin,
            candidate=self.candidate,
            item=item,
            part=self.part,
        )
        return Compiler(inner, compiler.functions)

    def _quick_item(self, codes: CodeList, test: Node, inner: Compiler) -> Callable[[Scope], Iterable[Choice]] | None:
        if any(isinstance(part, Call) and part.name == "position" for part in walk(test)):
            return None
        for side in conjuncts(test):
            if not isinstance(side, Binary) or side.op != "=":
                continue
            for column, other in ((side.left, side.right), (side.right, side.left)):
                name = plain_column(column)
                if (
                    not name
                    or not isinstance(other, Literal | Path)
                    or (isinstance(other, Path) and other.start == "" and plain_column(other))
                ):
                    continue
                value = inner.one(other)

                def run(scope: Scope, name: str = name, value: Run = value) -> Iterable[Choice]:
                    return matching(codes, name, value(scope.look(scope.row, Choice("", ""), 0)))

                return run
        return None

    def _of_answers(self, name: str, path: Path, compiler: Compiler, many: bool) -> Code:
        """instance('B01')/data/x, instance('B03')/data/b03_m[…]/x: texts of another form; groups do not matter."""
        self.reads.found.add(("source", name))
        steps = [step for step in path.steps if step.axis == "child"][1:]  # the top element is always `data`
        if not steps:
            return Code(lambda scope: "")
        inner = self._over_items(name, compiler)
        tests = {step.name: [predicate(inner, one) for one in step.predicates] for step in steps}
        names, last = [step.name for step in steps], steps[-1].name

        def run(scope: Scope) -> Nodes:
            answers = scope.world.sources.get(name, EMPTY)
            roster = next((one for one in names if one in answers.rows), None)
            if roster is not None:
                rows = filter_items(answers.rows[roster], tests[roster], scope)
                if roster == last:
                    return Nodes([""] * len(rows), rows)
                return Nodes([row.values.get(last, "") for row in rows if last in row.values])
            text = answers.values.get(last, "")
            return Nodes([text] if text else [])

        return Code(run, many=True)


def _fixed(node: Node) -> bool:
    """The same for every candidate row: a literal, or a cell of the asking place."""
    if isinstance(node, Path):
        return isinstance(node.start, Call) and node.start.name == "current"
    return isinstance(node, Literal)


def _by_value(repeat: str, column: str, slot: int, value: Run) -> Callable[[Scope], list[Record] | None]:
    """The rows whose column has the wanted text; None when what is wanted is no text, which the index cannot say."""

    def rows(scope: Scope) -> list[Record] | None:
        wanted = value(scope)
        return scope.world.by_value(repeat, column, slot, wanted) if type(wanted) is str else None

    return rows
