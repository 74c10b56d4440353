"""A finished run as sentences, tables and files."""
