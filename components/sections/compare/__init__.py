"""What the Compare tab does: which runs, their tables and files, the job that compares masks, and the form filled from a run."""
