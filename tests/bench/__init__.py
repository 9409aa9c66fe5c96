"""How fast we are, as ratios against a bare use of the same library in the same run: `dev.py bench [--json]`.

Each module bench_*.py here has `rows() -> Iterable[Row]`; the runner finds them. Milliseconds differ from machine to
machine, ratios carry over: a row whose ratio is above its bar is a finding.
"""
