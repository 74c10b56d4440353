"""Claims of papers, each tried in small: one module a section, listed in `SECTIONS`.

A module has `SECTION`, a `Section`: what is claimed, and `run`, which measures and gives its tables and a verdict. To add one, write the
module and add its name to `SECTIONS`; `python -m benchmarks.replicate NAME` measures it and draws the whole report again.
"""

SECTIONS: tuple[str, ...] = ("prompts", "metric_search", "one_calibration")
"""Modules of this package, in the order of the report."""
