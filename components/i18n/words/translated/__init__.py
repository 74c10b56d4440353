"""The texts of `components.i18n.words`, one file a language."""
