"""What is done with a finished run: apply, export, push, cost, compare, explain, repeat."""
