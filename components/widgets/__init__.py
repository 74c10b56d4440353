"""Small things that every section uses."""
