"""Queries that are built once and run many times with other keys.

The ORM builds the text of a statement anew for every run, which for the loads of a busy transaction takes longer than
running them. ``Prepared`` builds it once and keeps what makes objects of rows; the queryset stays the one place where the
query is written. Only keys (UUIDs and codes, alone or in lists for ``__in``) change from run to run.

PostgreSQL plans such a statement once as well. It would plan anew for every run wherever a key looks cheaper than keys in
general, as those of documents younger than its statistics do; so keys stand in the text where the planner does not look
into them, and values that never change stand there as they are.

    lines_of = Prepared(lambda orders: SalesOrderLine.objects.filter(document_id__in=orders).select_related("item"))
    lines_of(order_ids)

``Questions`` does the same for statements that change with more than keys (a list with its filters and its order): the
question is a value that names all that the text and its values depend on, and the latest asked are kept.
"""

import re
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

from backend.kernel.bulk import text_array, uuid_array

M = TypeVar("M", bound=Model)
One = UUID | str
Key = One | Collection[UUID] | Collection[str]
Shape = tuple[tuple[type, bool], ...]  # of each key: its type, and whether it is a list


class Prepared(Generic[M]):
    """Called with the keys its queryset is built of; returns the objects. An empty list of keys finds nothing."""

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self._build = build
        self._known: dict[Shape, _Statement] = {}

    def __call__(self, *keys: Key) -> list[M]:
        return self.found(*keys).objects()

    def found(self, *keys: Key) -> "Found[M]":
        """What is found, with the objects made only when they are asked for."""
        if any(not isinstance(key, UUID | str) and not key for key in keys):
            return Found()
        shape = tuple(_shape(key) for key in keys)
        statement = self._known.get(shape)
        if statement is None:
            statement = self._known[shape] = _build(self._build, shape)
        return statement.find([_given(key) for key in keys])

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


def _shape(key: Key) -> tuple[type, bool]:
    """The key's type, and whether there are several."""
    if isinstance(key, UUID | str):
        return (type(key), False)
    return (type(next(iter(key))), True)


def _given(key: Key) -> One:
    """A key as it is handed over: lists as the text of an array, which one statement takes whatever their length."""
    if isinstance(key, UUID | str):
        return key
    first = next(iter(key))
    return uuid_array(key) if isinstance(first, UUID) else text_array(key)  # type: ignore[arg-type]


@dataclass
class _Statement:
    """A statement's text with its values, or with which key stands in each place, and how rows become objects."""

    sql: str
    compiler: Any
    values: Sequence[Any] = ()
    places: Sequence[int] = ()

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
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [keys[place] for place in self.places] or self.values)
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
    """Build the text with stand-ins for the keys, two for a list, and put the keys where these ended up."""
    stand_ins = [[uuid4() if issubclass(kind, UUID) else uuid4().hex for _ in (1, 2)] for kind, _several in shape]
    keys = [pair if several else pair[0] for pair, (_kind, several) in zip(stand_ins, shape, strict=True)]
    compiler = build(*keys).query.get_compiler(using=connection.alias)
    sql, values = compiler.as_sql()
    known = {value: place for place, pair in enumerate(stand_ins) for value in pair}
    places: list[int] = []
    sql = _KEY.sub(lambda found: _key(found, shape, places), _marked(sql, values, known))
    if set(places) != set(range(len(shape))):
        raise ValueError("A key of the query is not among its values.")
    return _Statement(sql, compiler, places=places)


_KEY = re.compile(r"IN \(\x00(\d+)\x00, \x00\1\x00\)|\x00(\d+)\x00")  # keys in a list, or one


def _marked(sql: str, values: Sequence[Any], known: Mapping[Any, int]) -> str:
    """The text with its values written into it, and marks where the keys are to stand."""
    connection.ensure_connection()
    first, *rest = sql.split("%s")
    text = [first]
    for value, following in zip(values, rest, strict=True):
        key = known.get(value) if isinstance(value, UUID | str) else None
        written = Literal(value).as_string(connection.connection).replace("%", "%%") if key is None else f"\0{key}\0"
        text += [written, following]
    return "".join(text)


def _key(found: re.Match[str], shape: Shape, places: list[int]) -> str:
    """What stands for a key: a subquery, since the planner does not look into it."""
    place, listed = int(found[1] or found[2]), bool(found[1])
    kind, several = shape[place]
    if several != listed:
        raise ValueError("A list of keys stands elsewhere than in an __in.")
    places.append(place)
    name = "uuid" if issubclass(kind, UUID) else "text"
    return f"= ANY((SELECT %s::{name}[])::{name}[])" if listed else f"(SELECT %s::{name})"


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
        made = _Statement(sql, compiler, values)
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
