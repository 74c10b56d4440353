"""The parts of the tab of single weights: pictures of a matrix, the story of a weight, the dense matrix behind it."""
