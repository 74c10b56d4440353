"""What a run is to be: the panels on the left."""
