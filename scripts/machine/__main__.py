# SPDX-License-Identifier: BSD-2-Clause
"""The command behind scripts/vm."""

import argparse
import json
import pathlib
import shutil
import sys
import time
import xml.etree.ElementTree as ElementTree

from lab.build import REPOSITORY, BuildFailed, build
from lab.interrupts import end_by_unwinding
from lab.progress import Progress
from suite import results, summary

from . import judge, kernels, rooms, run, table

_EXPECTED_SKIPS = REPOSITORY / "tests" / "vm" / "expected-skips.txt"


def _arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/vm", description="Runs the tests on Debian's other kernels, each in a virtual machine (qemu, "
        "without KVM). What a machine left stays in build/vm/runs/KERNEL.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="the kernels and the rooms")
    fetch = commands.add_parser("fetch", help="only download and unpack the kernels")
    fetch.add_argument("kernel", nargs="*", metavar="KERNEL", help="default: all")
    commands.add_parser("update", help="take Debian's newest: rewrites tests/vm/kernels.toml")
    tests = commands.add_parser(
        "run", help="boot, test, judge", description="Boots each kernel, tests, and judges: every test, what vrrpctl "
        "features says, what the verifier walked, and the kernel's log. The last line is 'N passed, N failed, N "
        "skipped'.")
    tests.add_argument("--kernel", action="append", metavar="K", help="default: all; may be given more than once")
    tests.add_argument("--room", action="append", metavar="R", help="default: all; may be given more than once")
    tests.add_argument("--filter", default="", metavar="REGEX", help="run only the tests with a matching name")
    tests.add_argument("--all", action="store_true", help="run also the tests that tests/vm/rooms.toml does not select")
    tests.add_argument("--record", action="store_true",
                       help="write what was found of these kernels to tests/vm/verified.json and docs/kernels.md")
    tests.add_argument("--junitxml", type=pathlib.Path, metavar="FILE", help="write every case there, too")
    shell = commands.add_parser("shell", help="a shell in that kernel; leave it with exit, or kill it with Ctrl-A X")
    shell.add_argument("kernel", metavar="KERNEL")
    for command in (tests, shell):
        command.add_argument("--preset", default="dev", metavar="P",
                             help="the CMake preset to build and test (default: dev)")
        command.add_argument("--build-dir", type=pathlib.Path, metavar="DIR", help="test what is built there, instead")
    return parser.parse_args()


def main():
    arguments = _arguments()
    end_by_unwinding()
    command = {"list": _list, "fetch": _fetch, "update": _update, "run": _run, "shell": _shell}[arguments.command]
    return command(arguments)


def _list(_arguments):
    for kernel in kernels.locked().values():
        print(f"{kernel.name:8} {kernel.release:28} {kernel.version:22} {'here' if kernel.is_here else 'not fetched'}")
    print("rooms: " + ", ".join(rooms.rooms()))
    return 0


def _fetch(arguments):
    for kernel in _pick(kernels.locked(), arguments.kernel, "kernel"):
        with Progress(sys.stdout).waiting(f"fetching {kernel.release}", plain=True):
            kernels.fetch(kernel)
    return 0


def _update(_arguments):
    changed = kernels.update()
    for kernel in changed:
        print(f"{kernel.name}: {kernel.package} {kernel.version}")
    print(f"{len(changed)} changed")
    return 0


def _shell(arguments):
    kernel, = _pick(kernels.locked(), [arguments.kernel], "kernel")
    run.shell(kernel, _binaries(arguments))
    return 0


def _run(arguments):
    start = time.monotonic()
    picked = _pick(kernels.locked(), arguments.kernel, "kernel")
    tested = _pick(rooms.rooms(), arguments.room, "room")
    if arguments.record and any((arguments.room, arguments.filter, arguments.all, arguments.build_dir)):
        # What is built elsewhere may be of other sources than those that the record is going to lie beside.
        raise kernels.Unknown("--record is of a plain run: without --room, --filter, --all and --build-dir")
    if arguments.all:
        tested = [room.unselected() for room in tested]
    binaries = _binaries(arguments)
    room_tasks = list(filter(None, (room.task(binaries, arguments.filter) for room in tested)))
    verdicts = []
    for kernel in picked:
        # A kernel that refuses the data plane has no use for tests of it.
        tasks = rooms.kernel_tasks() + ([] if judge.expected(kernel)["refusal"] else room_tasks)
        with Progress(sys.stdout).waiting(f"{kernel.name}: {kernel.release}", plain=True):
            verdicts.append(run.run(kernel, binaries, tasks, arguments.record))
        _show(verdicts[-1])
    if arguments.record:
        found = {verdict.kernel.name: dict(sorted(verdict.programs.items()))
                 for verdict in verdicts if verdict.programs}
        recorded = {**judge.recorded_programs(), **found}
        judge.VERIFIED.write_text(json.dumps(recorded, indent=2, sort_keys=True) + "\n")
        table.write(verdicts)
    cases = [case for verdict in verdicts for case in verdict.cases]
    if arguments.junitxml:
        _write_junit(arguments.junitxml, cases)
    print("\n" + table.text(verdicts))
    expected = summary.expected_skips(_EXPECTED_SKIPS)
    surprises = summary.show(cases, expected, time.monotonic() - start)
    if surprises:
        print(f"  {len(surprises)} skipped that {_EXPECTED_SKIPS.name} does not expect: a failure")
    print(summary.closing_line(cases))
    return 1 if surprises or summary.count(cases, results.FAILED) else 0


def _show(verdict):
    print(f"{verdict.kernel.name}: {summary.closing_line(verdict.cases)}, {verdict.seconds:.0f} s")
    for case in verdict.failed:
        print(f"  {case.room}/{case.name}:")
        for line in case.reason.splitlines()[-40:]:
            print(f"    {line}")
    sys.stdout.flush()


def _write_junit(path, cases):
    suite = ElementTree.Element("testsuite", name="vm", tests=str(len(cases)))
    for case in cases:
        element = ElementTree.SubElement(suite, "testcase", name=f"{case.room}/{case.name}", time=f"{case.seconds:.3f}")
        if case.outcome != results.PASSED:
            kind = "skipped" if case.outcome == results.SKIPPED else "failure"
            ElementTree.SubElement(element, kind, message=case.reason)
    ElementTree.ElementTree(suite).write(path, encoding="unicode", xml_declaration=True)


def _binaries(arguments):
    directory = arguments.build_dir or build(arguments.preset, Progress(sys.stdout))
    return (directory / "bin").resolve()


def _pick(known, names, what):
    unknown = set(names or ()) - set(known)
    if unknown:
        raise kernels.Unknown(f"no such {what}: {', '.join(sorted(unknown))} (there are {', '.join(known)})")
    return [known[name] for name in names or known]


if __name__ == "__main__":
    try:
        if shutil.which("qemu-system-x86_64") is None or shutil.which("busybox") is None:
            raise kernels.FetchFailed("qemu-system-x86_64 or busybox is missing: scripts/setup --vm")
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nvm: interrupted", file=sys.stderr)
        sys.exit(130)
    except kernels.Unknown as error:
        print(f"vm: {error}", file=sys.stderr)
        sys.exit(2)
    except (BuildFailed, kernels.FetchFailed, run.NotBuilt) as failure:
        print(f"vm: {failure}", file=sys.stderr)
        sys.exit(1)
