"""A model made small for some languages: three questions, the plan, the deed with its evidence."""
