"""The ground of every method: parts and their knobs, evidence, statistics, masks, patterns."""
