"""What was asked of a run beside the losses."""
