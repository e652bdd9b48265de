# SPDX-License-Identifier: BSD-2-Clause
"""Brings docs/benchmarks.md up to date: what stands between its two marks, and the plots beside it."""

from lab.build import REPOSITORY

from . import budgets, plots, table

_DOCUMENT = REPOSITORY / "docs" / "benchmarks.md"
_PLOTS = REPOSITORY / "docs" / "benchmarks"
_BEGIN, _END = "<!-- scripts/bench --plot writes from here -->", "<!-- to here -->"


def update(record):
    _PLOTS.mkdir(exist_ok=True)
    for name, text in plots.draw(record).items():
        (_PLOTS / f"{name}.svg").write_text(text)
    before, _begin, rest = _DOCUMENT.read_text().partition(_BEGIN)
    _old, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"{_DOCUMENT}: the marks are missing")
    _DOCUMENT.write_text(f"{before}{_BEGIN}\n\n{_results(record)}\n\n{end}{after}")


def _results(record):
    machine, versions = record["machine"], record["versions"]
    facts = [["machine", f"{machine['cpu']}, {machine['processors']} processors, {machine['memory_gib']} GiB"],
             ["system", f"{machine['system']}, Linux {machine['kernel']}"],
             ["versions", "; ".join(["xvrrp " + versions["xvrrp"], versions["keepalived"], versions["stress-ng"]])],
             ["date", record["date"] + (", `--quick`" if record["quick"] else "")]]
    parts = [table.as_markdown([["", ""], *facts]), "### Budgets", table.as_markdown(budgets.judge(record))]
    parts += [f"![{title}](benchmarks/{name}.svg)" for name, title in plots.TITLES.items()]
    for name, found in record["scenarios"].items():
        parts += [f"### {found['title']} (`--scenario {name}`)",
                  table.as_markdown(table.rows(found["figures"], record["contenders"]))]
    if record["failures"]:
        parts += ["### What failed", *(f"- {failure}" for failure in record["failures"])]
    return "\n\n".join(parts)
