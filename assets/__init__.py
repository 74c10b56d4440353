"""Data that the page shows before anything is computed: example runs, the first screen, the lesson's figures, the table of methods. Made by scripts."""
