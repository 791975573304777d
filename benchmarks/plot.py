"""Draws growth.json: seconds and peak memory against provinces. Runs in the peers' environment, which has matplotlib.

python benchmarks/plot.py GROWTH.json OUT.png
"""

import json
import sys
from pathlib import Path

import matplotlib

from benchmarks.measure import answer

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main():
    """Two panels on logarithmic axes, every point labelled."""
    found = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), constrained_layout=True)
    series = {
        "read to totals": ("half_years", "#1f4e79", "o-"),
        "roll-up alone": ("roll_ups", "#c0504d", "s--"),
    }
    for panel, (key, title, unit) in zip(
        panels,
        [("seconds", "Seconds", "{:.1f} s"), ("peak_megabytes", "Peak memory, MB", "{:.0f}")],
        strict=False,
    ):
        for label, (name, colour, mark) in series.items():
            x, y = [row["provinces"] for row in found[name]], [row[key] for row in found[name]]
            panel.loglog(x, y, mark, color=colour, label=label, linewidth=1.4, markersize=5)
            for a, b in zip(x, y, strict=False):
                panel.annotate(
                    unit.format(b),
                    (a, b),
                    textcoords="offset points",
                    xytext=(4, 6),
                    fontsize=8,
                    color=colour,
                )
        panel.set_title(title, loc="left", fontsize=10)
        panel.set_xlabel("provinces (6,256 branches and a million ledger entries each)", fontsize=8)
        panel.grid(True, which="major", color="#dddddd", linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
        panel.margins(0.12)
    panels[0].legend(frameon=False, fontsize=8)
    Path(sys.argv[2]).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(sys.argv[2], dpi=130, metadata={"Software": None})
    answer({})


if __name__ == "__main__":
    main()
