# SPDX-License-Identifier: BSD-2-Clause
"""What became of a kernel's run, as cases like those of every other test: passed, failed or skipped, and why."""

import json
import re
import tomllib
from dataclasses import dataclass, field

from lab.build import REPOSITORY
from suite import results
from suite.results import FAILED, PASSED, SKIPPED, Case

_TESTS = REPOSITORY / "tests" / "vm"
VERIFIED = _TESTS / "verified.json"
_EXPECTED, _ALLOWED = _TESTS / "expected.toml", _TESTS / "dmesg-allowed.txt"
# The kernel gives up after 1,000,000 instructions; what is far below stays below on the next kernel. And a program that
# suddenly takes so much more than what is recorded has changed in a way that somebody should look at.
BUDGET, GROWTH = 50_000, 1.2
# A quarrel of the kernel with itself, or with us.
_BAD = re.compile(r"WARNING:|BUG:|Oops:|Kernel panic|Call Trace|general protection|segfault|traps: |\b(BPF|bpf):"
                  r"|rcu: INFO|rcu:.*stall|lockup|blocked for more than|scheduling while atomic|refcount_t|corruption"
                  r"|page allocation failure|[Oo]ut of memory|oom-kill|NETDEV WATCHDOG|unregister_netdevice:"
                  r"|KASAN|UBSAN|KCSAN")


@dataclass
class Verdict:
    kernel: object
    cases: list = field(default_factory=list)
    programs: dict = field(default_factory=dict)  # name -> verified instructions
    missing: list = field(default_factory=list)  # features
    refusal: str = ""  # the expected words with which this kernel refuses the data plane
    seconds: float = 0
    release: str = ""

    @property
    def failed(self):
        return [case for case in self.cases if case.outcome == FAILED]

    def add(self, name, problem, seconds=0.0):
        self.cases.append(Case(f"{self.kernel.name}/checks", name, FAILED if problem else PASSED, seconds, problem))


def expected(kernel):
    """What the kernel is known to lack: {"missing": [features], "refusal": words}."""
    with open(_EXPECTED, "rb") as file:
        return {"missing": [], "refusal": "", **tomllib.load(file).get(kernel.name, {})}


def judge(kernel, directory, ended, tasks, seconds, recording):
    """Reads what the guest left in the directory. `ended`: the machine ended itself. `recording`: what the verifier
    walked is going to be recorded, and not compared."""
    verdict = Verdict(kernel, seconds=seconds)
    verdict.add("boots and ends", _how_it_ended(directory, ended), seconds)
    wanted = expected(kernel)
    for task in tasks:
        if task.name == "features":
            verdict.add("features", _judge_features(verdict, directory, wanted["missing"]))
        elif task.name == "programs":
            verdict.add("programs", _judge_programs(verdict, directory, wanted["refusal"], recording))
        else:
            _judge_room(verdict, directory, task)
    verdict.add("dmesg is clean", _judge_messages(directory))
    return verdict


def _how_it_ended(directory, ended):
    if (directory / "finished").exists():
        return ""
    serial = (directory.parent / "serial.log").read_text(errors="replace").splitlines()
    panics = [number for number, line in enumerate(serial) if re.search(r"Kernel panic|BUG:|Oops", line)]
    said = serial[panics[0]:][:30] if panics else serial[-15:]
    how = ("the kernel panicked" if panics else "it ended before its tasks" if ended else
           "it had to be ended: too slow, or hung")
    return "\n".join([how, *said, *(directory.parent / "qemu.log").read_text(errors="replace").splitlines()[-5:]])


def _status(directory, task):
    path = directory / f"{task}.status"
    return int(path.read_text().split()[0]) if path.exists() else None


def _log(directory, task, lines=20):
    """The last lines, or all of it."""
    path = directory / f"{task}.log"
    return "\n".join(path.read_text(errors="replace").splitlines()[-(lines or 0):]) if path.exists() else ""


def _cases_in_log(room, log):
    """Of a program of GoogleTest that was ended: it writes its JUnit file last."""
    test = re.compile(r"^\[ RUN      \] (.+)\n((?:.*\n)*?)\[ +(OK|FAILED) +\] \1 \((\d+) ms\)", re.MULTILINE)
    for said in test.finditer(log):
        name, seconds = said[1].replace(".", "::"), int(said[4]) / 1000
        outcome, reason = (PASSED, "") if said[3] == "OK" else (FAILED, said[2].strip())
        yield Case(room, name, outcome, seconds, reason)


def _judge_features(verdict, directory, expected_missing):
    try:
        features = json.loads((directory / "features.json").read_text())["features"]
    except (OSError, ValueError):
        return f"no answer from vrrpctl features: {_log(directory, 'features')}"
    verdict.missing = [feature["name"] for feature in features if not feature["present"]]
    surprises = sorted(set(verdict.missing) ^ set(expected_missing))
    return f"missing or not, against {_EXPECTED.name}: {', '.join(surprises)}" if surprises else ""


def _judge_programs(verdict, directory, refusal, recording):
    status, log = _status(directory, "programs"), _log(directory, "programs", 60)
    if status != 0:
        if not refusal or refusal not in log:
            return f"the data plane does not load (exit {status})\n{log}"
        verdict.refusal = refusal
        return ""
    if refusal:
        return f"the data plane loads, but {_EXPECTED.name} expects \"{refusal}\""
    verdict.programs = {program["name"]: program["verified"] for program in
                        json.loads((directory / "programs.json").read_text())}
    problems = [f"{name}: the verifier walks {verified} instructions, more than {BUDGET}"
                for name, verified in verdict.programs.items() if verified > BUDGET]
    if not recording:
        problems += _against_the_record(verdict.programs, recorded_programs().get(verdict.kernel.name, {}))
    return "\n".join(problems)


def _against_the_record(programs, recorded):
    for name in sorted(recorded.keys() - programs.keys()):
        yield f"{name} is recorded, and not among the loaded programs"
    for name, verified in sorted(programs.items()):
        if name not in recorded:
            yield f"{name}: {verified} instructions, and none recorded in {VERIFIED.name}: scripts/vm run --record"
        elif verified > recorded[name] * GROWTH:
            yield f"{name}: the verifier walks {verified} instructions; {recorded[name]} are recorded"


def recorded_programs():
    """By kernel, then by program: how many instructions the verifier walked."""
    return json.loads(VERIFIED.read_text()) if VERIFIED.exists() else {}


def _judge_room(verdict, directory, task):
    room = f"{verdict.kernel.name}/{task.name}"
    status, junit = _status(directory, task.name), directory / f"{task.name}.xml"
    if junit.exists() and junit.stat().st_size:
        cases = list(results.reported_cases(room, junit))
    else:
        cases = list(_cases_in_log(room, _log(directory, task.name, None)))
    verdict.cases += cases
    if status == 0 and cases:
        return
    if status is None:
        problem = "it was not run"
    elif status in (124, 137):
        problem = f"it took more than {task.seconds} s: the rest was not run"
    elif any(case.outcome == FAILED for case in cases):
        return
    else:
        problem = f"exit {status}, {len(cases)} cases"
    verdict.cases.append(Case(room, "the whole room", FAILED, 0, f"{problem}\n{_log(directory, task.name)}"))


def _judge_messages(directory):
    """The kernel's log, or what of it reached the serial line."""
    log = directory / "kernel.log"
    if not log.exists():
        log = directory.parent / "serial.log"
    allowed = [re.compile(line) for line in _ALLOWED.read_text().splitlines() if line and not line.startswith("#")]
    bad = [line for line in log.read_text(errors="replace").splitlines()
           if _BAD.search(line) and not any(one.search(line) for one in allowed)]
    return "\n".join(bad[:40])
