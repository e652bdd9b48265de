# SPDX-License-Identifier: BSD-2-Clause
"""A host with its own /run, /etc/keepalived, bpffs and processes, so that commands mean on it what they mean on a machine."""

import os
import shlex

from checks import wait_until
from lab.processes import command
from lab.routers import XvrrpRouter

# The first process of a machine takes in the daemons; the shell does while it waits for sleep.
INIT = """
set -e
mount --make-rprivate /
mount -t sysfs sysfs /sys
mount -t bpf bpf /sys/fs/bpf
mount --bind {etc} /etc/keepalived
mount -t tmpfs run /run
touch /run/is-up
while :; do sleep 0.1; done
"""


class Machine:
    def __init__(self, run, namespace, configuration):
        self.name = namespace.name.rpartition("-")[2]
        etc = run.directory / f"etc-{self.name}"
        etc.mkdir(mode=0o755)
        (etc / "keepalived.conf").write_text(configuration)
        os.makedirs("/etc/keepalived", exist_ok=True)
        log = run.directory / f"machine-{self.name}.log"
        process = run.spawn(namespace.enter("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                                            "sh", "-c", INIT.format(etc=shlex.quote(str(etc)))), log)
        children = f"/proc/{process.pid}/task/{process.pid}/children"
        self._first = wait_until(lambda: open(children).read().split(), 10, "the machine's first process")[0]
        wait_until(lambda: self.sh("test -e /run/is-up", check=False).returncode == 0, 10, lambda: log.read_text())

    def sh(self, script, check=True):
        """As a shell with xvrrp installed would."""
        path = f"{XvrrpRouter.binaries}:{os.environ['PATH']}"
        return command("nsenter", "--target", self._first, "--net", "--mount", "--pid", "env", f"PATH={path}", "sh", "-ec", script,
                       check=check, timeout=40)
