# SPDX-License-Identifier: BSD-2-Clause
"""The command behind scripts/test."""

import argparse
import os
import sys
import time

from lab.build import REPOSITORY, BuildFailed, build
from lab.interrupts import end_by_unwinding
from lab.progress import Progress

from . import ctest, results, summary


def _arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="Builds xvrrp and runs its tests. The last line is 'N passed, N failed, N skipped'.")
    parser.add_argument("filter", nargs="?", help="run only the tests whose ctest names match this regular expression")
    parser.add_argument("--room", action="append", default=[], metavar="R",
                        help="run only this room (unit, wire, core, bpf, netns, cli, ...); may be given more than once")
    parser.add_argument("--preset", default="dev", metavar="P",
                        help="the CMake preset to build and test (default: dev)")
    parser.add_argument("-k", metavar="EXPRESSION",
                        help="of the tests in Python, run only those that pytest's -k selects")
    parser.add_argument("--no-build", action="store_true", help="test what is built already")
    return parser.parse_args()


def main():
    arguments = _arguments()
    end_by_unwinding()
    start = time.time()
    if arguments.no_build:
        directory = REPOSITORY / "build" / arguments.preset
    else:
        directory = build(arguments.preset, Progress(sys.stdout))
    if arguments.k:
        os.environ["PYTEST_ADDOPTS"] = f"-k '{arguments.k}'"

    tests = ctest.registered(directory)
    unknown = set(arguments.room) - {test.room for test in tests.values()}
    if unknown:
        print(f"test: no such room: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    code, junit = ctest.run(directory, arguments.room, arguments.filter)
    cases = results.read(junit, tests, start) if junit.exists() else []
    expected = summary.expected_skips(REPOSITORY / "tests" / "expected-skips.txt")
    surprises = summary.show(cases, expected, time.time() - start)
    failed = code != 0 or summary.count(cases, results.FAILED) > 0 or not cases
    if surprises and os.environ.get("CI") == "true":
        print(f"  {len(surprises)} skipped that tests/expected-skips.txt does not expect: a failure, since CI=true")
        failed = True
    print(summary.closing_line(cases))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ntest: interrupted", file=sys.stderr)
        sys.exit(130)
    except BuildFailed as failure:
        print(f"test: {failure}", file=sys.stderr)
        sys.exit(1)
