"""The tab of many runs: sweeps, protected languages, and runs that were cut off."""
