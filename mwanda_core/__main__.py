"""`python -m mwanda_core` is the `mwanda` command."""

from mwanda_core.cli import main

main()
