"""The table and the JSON of a benchmark run."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure; ``target`` says what is to be reached, ``reached`` whether it was (None: no target)."""

    bench: str
    name: str
    value: float
    unit: str
    target: str = ""
    reached: bool | None = None


def as_table(figures: Sequence[Figure]) -> str:
    """Columns aligned, one line per figure."""
    rows = [
        (
            figure.bench,
            figure.name,
            f"{figure.value:,.2f} {figure.unit}".strip(),
            figure.target,
            {True: "reached", False: "MISSED", None: ""}[figure.reached],
        )
        for figure in figures
    ]
    head = ("bench", "figure", "measured", "to reach", "")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(5)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]]
    return "\n".join(line.rstrip() for line in lines)


def as_json(figures: Sequence[Figure]) -> str:
    """The figures as a JSON list."""
    return json.dumps([asdict(figure) for figure in figures], ensure_ascii=False, indent=2)
