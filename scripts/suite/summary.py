# SPDX-License-Identifier: BSD-2-Clause
"""The last lines of a test run."""

import fnmatch

from .results import FAILED, PASSED, SKIPPED

_ROW = "  {:<10} {:>7} {:>7} {:>8} {:>9}"


def expected_skips(path):
    """Lines 'pattern: reason', where the pattern is a shell's and matches room/name."""
    if not path.exists():
        return {}
    lines = [line.strip() for line in path.read_text().splitlines()]
    pairs = [line.rsplit(": ", 1) for line in lines if line and not line.startswith("#")]
    return {pattern.strip(): reason for pattern, reason in pairs}


def unexpected(cases, expected):
    return [case for case in cases if case.outcome == SKIPPED
            and not any(fnmatch.fnmatchcase(f"{case.room}/{case.name}", pattern) for pattern in expected)]


def count(cases, outcome):
    return sum(case.outcome == outcome for case in cases)


def show(cases, expected, seconds):
    print("\n" + _ROW.format("room", "passed", "failed", "skipped", "time"))
    for room in sorted({case.room for case in cases}):
        of_room = [case for case in cases if case.room == room]
        print(_ROW.format(room, *(count(of_room, outcome) for outcome in (PASSED, FAILED, SKIPPED)),
                          f"{sum(case.seconds for case in of_room):.1f} s"))
    for case in cases:
        for name, value in case.measured:
            print(f"  {case.room}/{case.name}: {name}: {value}")
    surprises = unexpected(cases, expected)
    for case in cases:
        if case.outcome == SKIPPED:
            note = "" if case in surprises else " (expected)"
            print(f"  skipped: {case.room}/{case.name}: {case.reason or 'no reason given'}{note}")
    for case in cases:
        if case.outcome == FAILED:
            print(f"  failed: {case.room}/{case.name}")
    print(f"  total time {seconds:.0f} s")
    return surprises


def closing_line(cases):
    return ", ".join(f"{count(cases, outcome)} {outcome}" for outcome in (PASSED, FAILED, SKIPPED))
