# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the tests in network namespaces."""

import os
import pathlib
import signal
import sys

import pytest
from _pytest.runner import runtestprotocol

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts"))

from lab import processes  # noqa: E402
from lab.routers import XvrrpRouter  # noqa: E402
from lab.run import Run  # noqa: E402
from stillness import Stillness  # noqa: E402

XvrrpRouter.binaries = pathlib.Path(os.environ.get("XVRRP_BIN_DIR", REPOSITORY / "build/dev/bin")).resolve()


def pytest_configure(config):
    config.addinivalue_line("markers", "seconds(n): how long a test may take; 60 unless told")
    # pytest leaves its fixtures properly for Ctrl-C only.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


TRIES = 3


def pytest_sessionstart(session):
    session.stillness = Stillness()


def pytest_sessionfinish(session):
    session.stillness.end()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """A test that failed while the machine stood still says nothing: it is tried again, in a new network. The summary
    names it. One that fails on a machine that runs has failed."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    stillness = item.session.stillness
    for attempt in range(1, TRIES + 1):
        stillness.longest()
        processes.said.clear()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        failures = [report for report in reports if report.failed]
        if not failures or attempt == TRIES or not (still := stillness.longest()):
            break
        said = [line[1:].strip() for line in failures[0].longreprtext.splitlines() if line.startswith("E")][:1]
        item.user_properties.append(("tried again", f"the machine had stood still for {still * 1000:.0f} ms {said}"))
        item.session._setupstate.teardown_exact(None)
        item._initrequest()
    for report in reports:
        if report.failed:
            report.sections.append(("the last programs", processes.last_words()))
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="network namespaces need root"))


@pytest.fixture(autouse=True)
def time_limit(request):
    """A test that waits for what never happens fails, and its fixtures still clean up."""
    marker = request.node.get_closest_marker("seconds")
    limit = marker.args[0] if marker else 60

    def give_up(_number, _frame):
        raise TimeoutError(f"the test took more than {limit} s")

    previous = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(limit)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)


def _run():
    with Run() as run:
        yield run


run = pytest.fixture(_run)
# For a file whose tests share one network; it must not use `run` beside it: one process, one run at a time.
module_run = pytest.fixture(_run, scope="module")


def _program(name):
    path = XvrrpRouter.binaries / name
    if not path.exists():
        pytest.skip(f"{path} is not built")
    return path


@pytest.fixture(scope="session")
def xvrrpd():
    """The daemon's path."""
    return _program("xvrrpd")


@pytest.fixture(scope="session")
def vrrpctl():
    """The tool's path."""
    return _program("vrrpctl")


@pytest.fixture(scope="session")
def flood():
    """The flood generator's path."""
    return _program("xvrrp_flood")
