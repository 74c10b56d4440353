"""Studies asked of a model by themselves: every study of the table, drawn from what it says of itself."""
