"""Many runs: sweeps, searches, protected languages."""
