"""The texts and the glossary of the lesson, one file a language."""
