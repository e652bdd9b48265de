# SPDX-License-Identifier: BSD-2-Clause
"""VRRP daemons, each in its namespace: one class per implementation."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

from . import processes
from .capture import now
from .network import UPLINK


# Puts a command under the scheduler that ours asks for itself: where makes are not compared, none may lose an election
# to a busy machine.
REALTIME = ("chrt", "--fifo", "20")


class RouterFailed(Exception):
    """A daemon did not do what it had to; the message ends with its log."""


class Router:
    """A daemon with the configuration written for it; it may be started and ended many times."""

    has_nat = False  # whether the configuration may hold virtual_nat

    def __init__(self, run, namespace, configuration):
        self.namespace = namespace
        self.name = namespace.name.rpartition("-")[2]
        self.log = run.directory / f"{self.name}.log"
        self.file = run.directory / f"{self.name}.conf"
        self.started = 0  # when it was executed last, on the clock of the captures
        self._run = run
        self._process = None
        self.configure(configuration)

    def configure(self, configuration):
        """Writes the file that the next start reads."""
        self.file.write_text(configuration)

    def argv(self):
        raise NotImplementedError

    def state(self):
        """INIT, BACKUP, MASTER, FAULT; None while it does not answer."""
        raise NotImplementedError

    def pid(self):
        """Of the process that does the work."""
        return self._process.pid

    def launch(self):
        """Executes the daemon and returns at once."""
        if self.is_running():
            raise RouterFailed(f"{self.name} runs already")
        self.started = now()
        self._process = self._run.spawn(self.namespace.enter(*self.argv()), self.log)

    def start(self, timeout=10):
        """Executes the daemon and waits until it answers."""
        self.launch()
        self.wait_state(timeout, "INIT", "BACKUP", "MASTER", "FAULT")

    def terminate(self):
        """SIGTERM, and does not wait. Returns when it was sent."""
        moment = now()
        self._process.send_signal(signal.SIGTERM)
        return moment

    def reload(self):
        """SIGHUP, and does not wait. Returns when it was sent."""
        moment = now()
        self._process.send_signal(signal.SIGHUP)
        return moment

    def stop(self, timeout=10):
        """SIGTERM, waits for the end, and returns the exit code."""
        self.terminate()
        return self.wait_exit(timeout)

    def kill(self):
        """SIGKILL: nobody gets to say goodbye. Returns when it was sent."""
        moment = now()
        processes.kill_family(self._process.pid)
        self._process.wait(5)
        return moment

    def wait_exit(self, timeout=10):
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise RouterFailed(f"{self.name} still runs after {timeout} s\n{self.log_tail()}") from None

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def wait_state(self, timeout, *wanted):
        deadline = time.monotonic() + timeout
        while (state := self.state()) not in wanted:
            if not self.is_running():
                raise RouterFailed(f"{self.name} ended with exit code {self._process.returncode}\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise RouterFailed(f"{self.name} is {state} after {timeout} s, not {' or '.join(wanted)}\n"
                                   f"{self.log_tail()}")
            time.sleep(0.02)
        return state

    def log_tail(self, lines=20):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class XvrrpRouter(Router):
    """xvrrpd; its instance has the namespace's name."""

    has_nat = True
    binaries = pathlib.Path(os.environ.get("XVRRP_BIN_DIR", "build/release/bin"))

    def argv(self):
        return [str(self.binaries / "xvrrpd"), "-n", "-f", str(self.file), "--instance", self.namespace.name]

    def vrrpctl(self, *words, check=True):
        tool = str(self.binaries / "vrrpctl")
        return self.namespace.run(tool, "--instance", self.namespace.name, *words, check=check)

    def status(self):
        """What `vrrpctl status --json` says, or None while no daemon answers."""
        answer = self.vrrpctl("status", "--json", check=False)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def state(self):
        status = self.status()
        return status["instances"][0]["state"] if status and status["instances"] else None

    def states(self):
        """State by (VRID, family); empty while no daemon answers."""
        instances = (self.status() or {}).get("instances", [])
        return {(part["vrid"], int(part["family"][-1])): part["state"] for part in instances}

    def instance(self, vrid, family=4):
        """What `vrrpctl status` says of one virtual router."""
        [found] = [part for part in self.status()["instances"]
                   if part["vrid"] == vrid and part["family"] == f"ipv{family}"]
        return found

    def stats(self):
        return json.loads(self.vrrpctl("stats", "--json").stdout)

    def counters(self, vrid=None, family=4):
        """The data plane's counters by reason: of a virtual router, or summed over everything."""
        stats = self.stats()
        parts = [part for part in stats["virtual_routers"] if (part["vrid"], part["family"]) == (vrid, f"ipv{family}")]
        total = {}
        for part in parts if vrid else stats["interfaces"] + stats["virtual_routers"]:
            for reason, value in part["counters"].items():
                total[reason] = total.get(reason, 0) + value
        return total

    def counter(self, reason):
        """A data plane counter, over the interfaces and virtual routers of this instance."""
        stats = self.stats()
        return sum(part["counters"].get(reason, 0) for part in stats["interfaces"] + stats["virtual_routers"])


class OwnTimerRouter(XvrrpRouter):
    """xvrrpd as on a kernel that refuses bpf_timer: it keeps Master_Down_Timer itself."""

    def argv(self):
        return [*super().argv(), "--no-feature", "bpf_timer"]


class KeepalivedRouter(Router):
    """Debian's keepalived. It has no virtual_nat, so the uplink masquerades all the time."""

    def __init__(self, run, namespace, configuration, realtime=False, detail=True):
        super().__init__(run, namespace, configuration)
        self._scheduler = REALTIME if realtime else ()
        self._detail = ("--log-detail",) if detail else ()
        self._pid_files = [run.directory / f"{self.name}.{role}.pid" for role in ("parent", "child")]
        namespace.run("nft", "-f", "-", stdin=f"""table ip lab_nat {{
            chain postrouting {{
                type nat hook postrouting priority srcnat
                oifname {UPLINK} masquerade
            }}
        }}""")
        self._log_start = 0

    def argv(self):
        parent, child = self._pid_files
        # Not to syslog: where none listens, each line goes to the machine's console, and on a serial one that takes
        # milliseconds, in which it elects nobody.
        return [*self._scheduler, "keepalived", "--dont-fork", "--vrrp", "--log-console", "--no-syslog", *self._detail,
                "-f", str(self.file), "-p", str(parent), "-r", str(child)]

    def launch(self):
        for file in self._pid_files:  # of a killed one: keepalived believes them as long as its zombie lives
            file.unlink(missing_ok=True)
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        super().launch()

    def pid(self):
        """The child's: the parent only watches it."""
        return next(iter(processes.children(self._process.pid)), self._process.pid)

    def state(self):
        """The last state its log names."""
        if not self.is_running():
            return None
        with open(self.log, errors="replace") as file:
            file.seek(self._log_start)
            states = re.findall(r"Entering (\w+) STATE", file.read())
        return states[-1] if states else None


IMPLEMENTATIONS = {"xvrrp": XvrrpRouter, "keepalived": KeepalivedRouter}
