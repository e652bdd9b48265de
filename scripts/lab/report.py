# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration's results, for a person."""

PICTURE = """\
                          +-- enp0s4 DENT2 ma1 --+
  PC1 --- DENT1 (br0) ----+                      +---- upstream
                          +-- enp0s4 DENT3 ma1 --+
  PC1       192.168.1.2, default route 192.168.1.13 (the virtual address)
  DENT2     192.168.1.11, uplink 203.0.113.2, priority 101
  DENT3     192.168.1.12, uplink 203.0.113.3, priority 100
  upstream  203.0.113.8, no route to 192.168.1.0/24: only what was masqueraded comes back"""

_ROW = "  {:<30} {:>11} {:>11} {:>8} {:>9} {:>5}  {:<8} {}"
HEADING = (_ROW.format("step", "expected ms", "measured ms", "late by", "ping gap", "lost", "through", "ok") + "\n"
           + _ROW.format("-" * 30, *["-" * 11] * 2, "-" * 8, "-" * 9, "-" * 5, "-" * 8, "--"))


def row(result):
    routers = ",".join(router.upper() or "nobody" for router in result.routers)
    text = _ROW.format(result.step.name, f"{result.expected_ms:.3f}", f"{result.takeover_ms:.3f}",
                       f"{result.late_ms:+.3f}", f"{result.outage_ms:.1f}", result.lost, routers,
                       "yes" if result.ok else "NO")
    lines = [text]
    runs = len(result.takeovers)
    if runs > 1:
        takeovers = (result.takeovers[0], result.percentile(0.99), result.takeovers[-1])
        least, p99, most = (taken - result.expected_ms for taken in takeovers)
        lines.append(f"    {runs} times; the median is shown, the least is judged. "
                     f"Late by: least {least:+.3f}, p99 {p99:+.3f}, most {most:+.3f}")
    lines += [f"    not ok: {complaint}" for complaint in result.complaints]
    return "\n".join(lines)


LEGEND = """\
  expected  the RFC's timer: Skew_Time of DENT3 after DENT2's priority-0 advert (SIGTERM); DENT3's Master_Down_Interval
            after DENT2's last advert (kill, cut); DENT2's own after it was executed (start, its start-up included) or
            after its link came up (restore)
  measured  to the new Master's first advert, by the kernel's timestamps on DENT1's ports
  ping gap  how long PC1's probes to the upstream host stayed unanswered: one every 5 ms, with VRRPv3 every 1 ms"""
