"""The parts of the tab of possible reasons, one file a study. Each draws itself, shows a run, and answers its own controls."""
