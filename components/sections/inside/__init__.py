"""What goes on inside a model that was pruned: circuits of small tasks, and what is read of truth."""
