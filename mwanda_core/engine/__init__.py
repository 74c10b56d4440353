"""From statistics to masks: measuring, planning, and the walk over the blocks."""
