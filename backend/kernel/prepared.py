"""Queries that are built once and run many times with other keys.

The ORM builds the text of a statement anew for every run, which for the loads of a busy transaction takes longer than
running them. ``Prepared`` builds it once for each number of keys and keeps what makes objects of rows; the queryset
stays the one place where the query is written. Only keys (UUIDs and codes, alone or in lists) change from run to run.

    lines_of = Prepared(lambda orders: SalesOrderLine.objects.filter(document_id__in=orders).select_related("item"))
    lines_of(order_ids)

``Questions`` does the same for statements that change with more than keys (a list with its filters and its order): the
question is a value that names all that the text and its values depend on, and the latest asked are kept.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Aggregate, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import get_related_populators
from django.db.models.signals import post_init, pre_init
from psycopg.sql import Literal

M = TypeVar("M", bound=Model)
One = UUID | str
Key = One | Collection[UUID] | Collection[str]
Shape = tuple[tuple[type, int | None], ...]


class Prepared(Generic[M]):
    """Called with the keys its queryset is built of; returns the objects. An empty list of keys finds nothing."""

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self._build = build
        self._known: dict[Shape, _Statement] = {}

    def __call__(self, *keys: Key) -> list[M]:
        return self.found(*keys).objects()

    def found(self, *keys: Key) -> "Found[M]":
        """What is found, with the objects made only when they are asked for."""
        shape = tuple(_shape(key) for key in keys)
        if any(size == 0 for _type, size in shape):
            return Found()
        statement = self._known.get(shape)
        if statement is None:
            statement = self._known[shape] = _build(self._build, shape)
        return statement.find(_flat(keys))

    def first(self, *keys: Key) -> M | None:
        """The first object found, or None."""
        return next(iter(self(*keys)), None)


@dataclass(frozen=True)
class Found(Generic[M]):
    """What a statement found: rows as they came, and how they become objects. Equal rows become equal objects."""

    rows: Sequence[tuple[Any, ...]] = ()
    make: Callable[[tuple[Any, ...]], M] | None = None
    at: Mapping[str, int] = field(default_factory=dict)  # where the columns of the model stand

    def objects(self) -> list[M]:
        """The objects, made now."""
        return [self.make(row) for row in self.rows] if self.make else []

    def column(self, name: str = "id") -> list[Any]:
        """The values of a column of the model, row by row."""
        return [row[self.at[name]] for row in self.rows]


def _shape(key: Key) -> tuple[type, int | None]:
    """The key's type and, for a list, how many there are."""
    if isinstance(key, UUID | str):
        return (type(key), None)
    return (type(next(iter(key), None)), len(key))


def _flat(keys: Sequence[Key]) -> list[One]:
    return [one for key in keys for one in ((key,) if isinstance(key, UUID | str) else key)]


@dataclass
class _Statement:
    """A statement's text, its fixed values with the places of the keys, and how rows become objects."""

    sql: str
    values: list[Any]
    places: list[tuple[int, int]]  # (place among the values, place among the keys)
    compiler: Any

    def __post_init__(self) -> None:
        info, select = self.compiler.klass_info, self.compiler.select
        own = info["select_fields"]
        self.model, self.start, self.end = info["model"], own[0], own[-1] + 1
        self.names = [column[0].target.attname for column in select[self.start : self.end]]
        self.at = {name: place for place, name in enumerate(self.names, self.start)}
        populators = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
        self.make, self.related = _maker(self.model, self.names), [_Related(populator) for populator in populators]
        self.added = self.compiler.annotation_col_map or {}
        self.converters = self.compiler.get_converters([column[0] for column in select])

    def find(self, keys: Sequence[One] = ()) -> "Found[Any]":
        values = list(self.values)
        for place, key in self.places:
            values[place] = keys[key]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            rows = cursor.fetchall()
        if self.converters:
            rows = [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]
        return Found(rows, self._object, self.at)

    def _object(self, row: Sequence[Any]) -> Any:
        made = self.make(row[self.start : self.end])
        for related in self.related:
            related.fill(made, row)
        for name, place in self.added.items():
            setattr(made, name, row[place])
        return made


class _Related:
    """The object of a ``select_related`` in a row, put where the object it belongs to looks for it."""

    def __init__(self, populator: Any) -> None:
        if populator.reorder_for_init:
            raise ValueError("A child of a model with a table of its own is not prepared.")
        self.start, self.end = populator.cols_start, populator.cols_end
        self.key = self.start + populator.pk_idx
        self.make = _maker(populator.model_cls, populator.init_list)
        self.related = [_Related(further) for further in populator.related_populators]
        self.keep, self.keep_back = populator.local_setter, populator.remote_setter

    def fill(self, owner: Any, row: Sequence[Any]) -> None:
        if row[self.key] is None:
            self.keep(owner, None)
            return
        made = self.make(row[self.start : self.end])
        for related in self.related:
            related.fill(made, row)
        self.keep(owner, made)
        self.keep_back(made, owner)


def _maker(model: Any, names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """What makes an object of its columns: as ``from_db``, without asking each field for what the row tells.

    A model that listens to the making of its objects, or makes them itself, is asked to.
    """
    own_way = model.__init__ is not Model.__init__ or model.from_db.__func__ is not Model.from_db.__func__  # type: ignore[attr-defined, misc]
    if own_way or pre_init.has_listeners(model) or post_init.has_listeners(model):
        return lambda values: model.from_db(connection.alias, names, values)

    def make(values: Sequence[Any]) -> Any:
        made = model.__new__(model)
        state = ModelState()
        state.adding, state.db = False, connection.alias
        made.__dict__["_state"] = state
        made.__dict__.update(zip(names, values, strict=True))
        return made

    return make


def _build(build: Callable[..., QuerySet[Any]], shape: Shape) -> _Statement:
    """Build the text with stand-ins for the keys, and find where they ended up.

    Values that do not change become part of the text: the plan that PostgreSQL keeps can count on them (a partial index,
    how many rows have that state), so it need not plan anew for each run.
    """
    stand_ins: list[Any] = [_stand_ins(kind, size) for kind, size in shape]
    compiler = build(*stand_ins).query.get_compiler(using=connection.alias)
    sql, values = compiler.as_sql()
    keys = {key: place for place, key in enumerate(_flat(stand_ins))}
    sql, places = _written_out(sql, values, keys)
    if set(places) != set(range(len(keys))):
        raise ValueError("A key of the query is not among its values.")
    return _Statement(sql, [None] * len(places), list(enumerate(places)), compiler)


def _written_out(sql: str, values: Sequence[Any], keys: Mapping[Any, int]) -> tuple[str, list[int]]:
    """The text with what is no key written into it, and which key stands in each place that is left."""
    connection.ensure_connection()
    first, *rest = sql.split("%s")
    text, places = [first], []
    for value, following in zip(values, rest, strict=True):
        if isinstance(value, UUID | str) and value in keys:
            places.append(keys[value])
            text.append("%s")
        else:
            text.append(Literal(value).as_string(connection.connection).replace("%", "%%"))
        text.append(following)
    return "".join(text), places


def _stand_ins(kind: type, size: int | None) -> Any:
    made = [uuid4() if issubclass(kind, UUID) else uuid4().hex for _ in range(1 if size is None else size)]
    return made[0] if size is None else made


class Questions:
    """Statements by their questions, safe between threads; the latest `most` are kept."""

    def __init__(self, most: int = 128) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, _Statement | _Figures] = OrderedDict()
        self._lock = Lock()

    def rows(self, question: Hashable, build: Callable[[], QuerySet[M]]) -> Found[M]:
        """What the queryset, which has no prefetches, finds."""
        known = self._recall(("rows", question))
        if isinstance(known, _Statement):
            return known.find()
        compiler = build().query.get_compiler(using=connection.alias)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:
            return Found()
        made = _Statement(sql, list(values), [], compiler)
        self._keep(("rows", question), made)
        return made.find()

    def figures(
        self, question: Hashable, build: Callable[[], tuple[QuerySet[Any], dict[str, Aggregate]]]
    ) -> dict[str, Any]:
        """Counts and sums over the rows of the queryset, by their names."""
        known = self._recall(("figures", question))
        if isinstance(known, _Figures):
            return known.run()
        queryset, wanted = build()
        heard: list[tuple[str, Any]] = []

        def listen(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
            heard.append((sql, values))
            return execute(sql, values, many, context)

        with connection.execute_wrapper(listen):  # the ORM does not tell the text of an aggregate without running it
            found = queryset.aggregate(**wanted)
        if len(heard) == 1:
            self._keep(("figures", question), _Figures(*heard[0], tuple(found)))
        return found

    def _recall(self, question: Hashable) -> "_Statement | _Figures | None":
        with self._lock:
            found = self._known.get(question)
            if found is not None:
                self._known.move_to_end(question)
            return found

    def _keep(self, question: Hashable, statement: "_Statement | _Figures") -> None:
        with self._lock:
            self._known[question] = statement
            if len(self._known) > self._most:
                self._known.popitem(last=False)


@dataclass(frozen=True)
class _Figures:
    """A statement that answers with one row of counts and sums."""

    sql: str
    values: Any
    names: tuple[str, ...]

    def run(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.values)
            row = cursor.fetchone()
        return dict(zip(self.names, row or (), strict=True))
