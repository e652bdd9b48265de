# SPDX-License-Identifier: BSD-2-Clause
"""What became of each test, from the JUnit files of ctest and pytest."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class Case:
    room: str
    name: str
    outcome: str
    seconds: float
    reason: str = ""  # of a skip, or what a failed test said
    measured: tuple = ()  # what the test recorded beside its outcome: (name, value)


def read(junit, tests, since):
    """One Case per test; a pytest file counts as the cases it reported, if it did so after `since`."""
    cases = []
    for element in ElementTree.parse(junit).getroot().iter("testcase"):
        name = element.get("name")
        test = tests[name]
        own = test.junit
        reported = list(reported_cases(test.room, own)) if own and own.exists() and own.stat().st_mtime >= since else []
        outcome = _ctest_outcome(element)
        # A file that ended badly without a failed case (killed, a broken import) must not pass for good.
        if own is None or (outcome == FAILED and not any(case.outcome == FAILED for case in reported)):
            reported.append(Case(test.room, name, outcome, _seconds(element), _ctest_reason(element)))
        cases += reported
    return cases


def reported_cases(room, junit):
    """The cases of a JUnit file that pytest or GoogleTest wrote."""
    for element in ElementTree.parse(junit).getroot().iter("testcase"):
        skipped = element.find("skipped")
        bad = [*element.iter("failure"), *element.iter("error")]
        outcome = FAILED if bad else SKIPPED if skipped is not None else PASSED
        # GoogleTest says "file:line" before the reason of a skip; the text of a failure is longer than its message.
        reason = ([one.text or one.get("message", "") for one in bad] if bad else
                  skipped.get("message", "").splitlines()[-1:] if skipped is not None else [])
        name = "::".join(filter(None, [element.get("classname", "").rpartition(".")[2], element.get("name")]))
        yield Case(room, name, outcome, _seconds(element),
                   "\n".join(reason),
                   tuple((one.get("name"), one.get("value")) for one in element.iter("property")))


def _seconds(element):
    return float(element.get("time") or 0)


def _ctest_outcome(element):
    skipped = element.find("skipped")
    if skipped is not None:
        # "Not run" is also how ctest reports a program that is not there: nobody's decision, so a failure.
        return SKIPPED if skipped.get("message", "").startswith("SKIP_") else FAILED
    return PASSED if element.get("status") == "run" else FAILED


def _ctest_reason(element):
    """What the test said last; GoogleTest says it after 'file:line: Skipped'."""
    if element.find("skipped") is None:
        return ""
    output = (element.findtext("system-out") or "").strip()
    said = re.search(r": Skipped\n(.+)", output)
    if said:
        return said.group(1).strip()
    return output.splitlines()[-1] if output else element.find("skipped").get("message", "")
