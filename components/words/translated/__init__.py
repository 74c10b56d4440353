"""The texts of `components.words`, one file a language."""
