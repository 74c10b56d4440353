"""`python -m mwanda_core` is the `mwanda` command."""

from mwanda_core.cli.app import main

main()
