# SPDX-License-Identifier: BSD-2-Clause
"""The table of kernels, as the terminal shows it and docs/kernels.md keeps it."""

from lab.build import REPOSITORY
from suite import summary
from suite.results import FAILED, PASSED, SKIPPED

DOCUMENT = REPOSITORY / "docs" / "kernels.md"
_BEGIN, _END = "<!-- written by scripts/vm run --record -->", "<!-- end -->"


def text(verdicts):
    """Markdown."""
    programs = sorted({name for verdict in verdicts for name in verdict.programs})
    rooms = list(dict.fromkeys(_room(case) for verdict in verdicts for case in verdict.cases))
    rows = [["kernel", "Debian's package", "lacks", *(f"`{name}`" for name in programs), *rooms],
            *(_row(verdict, programs, rooms) for verdict in verdicts)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _row(verdict, programs, rooms):
    lacks = ", ".join(verdict.missing) or "nothing"
    if verdict.refusal:
        lacks = f"the data plane: \"{verdict.refusal}\""
    return [verdict.kernel.name, f"{verdict.kernel.release}, {verdict.kernel.version}", lacks,
            *(f"{verdict.programs[name]:,}" if name in verdict.programs else "-" for name in programs),
            *(_counts(verdict, room) for room in rooms)]


def _room(case):
    return case.room.rpartition("/")[2]


def _counts(verdict, room):
    cases = [case for case in verdict.cases if _room(case) == room]
    counts = {outcome: summary.count(cases, outcome) for outcome in (PASSED, FAILED, SKIPPED)}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count) or "-"


def write(verdicts):
    """Puts the table into the document."""
    before, _, rest = DOCUMENT.read_text().partition(_BEGIN)
    after = rest.partition(_END)[2]
    DOCUMENT.write_text(f"{before}{_BEGIN}\n{text(verdicts)}\n{_END}{after}")
