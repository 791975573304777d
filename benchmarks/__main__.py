"""All benchmarks that need no peers: `python -m benchmarks`."""

from benchmarks.province import main

main()
