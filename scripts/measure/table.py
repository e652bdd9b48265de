# SPDX-License-Identifier: BSD-2-Clause
"""Figures as a table, for a terminal and for Markdown."""

from .contenders import OURS, others


def rows(figures, contenders):
    """The heading first. Who is in none of the figures gets no column."""
    shown = [name for name in contenders if any(name in figure["by"] for figure in figures)]
    compared = len(shown) > 1
    return [["case", "what", "runs", *shown, *(["ratio"] if compared else [])],
            *(_row(figure, shown, compared) for figure in figures)]


def _row(figure, shown, compared):
    by = figure["by"]
    last = [_ratio(by) if figure.get("compared", True) else ""] if compared else []
    runs = {str(part["count"]) for part in by.values() if "count" in part}
    return [figure["case"], f"{figure['what']}, {figure['unit']}", _range(runs),
            *(_cell(by.get(name), figure.get("tail")) for name in shown), *last]


def _range(runs):
    ordered = sorted(runs, key=int)
    return "" if not ordered else ordered[0] if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"


def _cell(part, tail):
    if part is None:
        return ""
    if "value" in part:
        return _number(part["value"])
    names = ("p50", "p99", "p999", "max") if tail else ("p50", "p99", "max")
    return " / ".join(_number(part[name]) for name in names)


def _number(number):
    if isinstance(number, int) or number == 0:
        return f"{number:.0f}"
    size = abs(number)
    return f"{number:.{0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 else 3}f}"


def judged(part):
    """The number by which contenders are compared."""
    return part["value"] if "value" in part else part["p99"]


def _ratio(by):
    """Ours to the better of the others: the 99th percentile, or the value."""
    if OURS not in by or not others(by):
        return ""
    ours, theirs = judged(by[OURS]), min(map(judged, others(by)))
    if ours <= 0 or theirs <= 0:
        return "-"
    return f"1 : {theirs / ours:.1f}" if theirs >= ours else f"{ours / theirs:.1f} : 1"


def as_text(rows):
    """Aligned; a case is named once."""
    shown, previous = [], None
    for cells in rows:
        shown.append(["", *cells[1:]] if cells[0] == previous else cells)
        previous = cells[0]
    widths = [max(len(cells[at]) for cells in shown) for at in range(len(shown[0]))]
    return "\n".join("  " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
                     for cells in shown)


def as_markdown(rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])
