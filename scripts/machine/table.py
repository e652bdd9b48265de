# SPDX-License-Identifier: BSD-2-Clause
"""The table of kernels, as the terminal shows it and docs/kernels.md keeps it."""

from lab.build import REPOSITORY
from suite import summary
from suite.results import FAILED, PASSED, SKIPPED

from . import kernels

DOCUMENT = REPOSITORY / "docs" / "kernels.md"
_BEGIN, _END = "<!-- written by scripts/vm run --record -->", "<!-- end -->"
_NOTHING = "-"


def text(verdicts):
    """Markdown."""
    return _markdown([_row(verdict) for verdict in verdicts])


def write(verdicts):
    """Puts the rows of these kernels into the document's table; those of the others stay."""
    before, _, rest = DOCUMENT.read_text().partition(_BEGIN)
    table, _, after = rest.partition(_END)
    rows = {row["kernel"]: row for row in [*_parsed(table), *(_row(verdict) for verdict in verdicts)]}
    made = _markdown([rows[name] for name in kernels.locked() if name in rows])
    DOCUMENT.write_text(f"{before}{_BEGIN}\n{made}\n{_END}{after}")


def _row(verdict):
    """By column."""
    lacks = ", ".join(verdict.missing) or "nothing"
    if verdict.refusal:
        lacks = f"the data plane: \"{verdict.refusal}\""
    rooms = dict.fromkeys(_room(case) for case in verdict.cases)
    return {"kernel": verdict.kernel.name, "Debian's package": f"{verdict.kernel.release}, {verdict.kernel.version}",
            "lacks": lacks, **{f"`{name}`": f"{count:,}" for name, count in sorted(verdict.programs.items())},
            **{room: _counts(verdict, room) for room in rooms}}


def _markdown(rows):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([row.get(column, _NOTHING) for column in columns] for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*cells)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _parsed(table):
    """The rows of a table that _markdown made."""
    columns, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines())
    return [{column: cell for column, cell in zip(columns, row) if cell != _NOTHING} for row in rows]


def _room(case):
    return case.room.rpartition("/")[2]


def _counts(verdict, room):
    cases = [case for case in verdict.cases if _room(case) == room]
    counts = {outcome: summary.count(cases, outcome) for outcome in (PASSED, FAILED, SKIPPED)}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
