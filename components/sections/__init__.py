"""What stands on the right: one folder a section."""
