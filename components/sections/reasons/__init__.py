"""The tab of possible reasons: one file a study, each a group of cards."""
