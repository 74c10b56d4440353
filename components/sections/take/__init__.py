"""The parts of the tab that takes a run away, and the jobs behind it: export, upload, what it costs."""
