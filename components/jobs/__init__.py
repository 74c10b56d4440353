"""Kinds of work that the page starts, one file each, and where they run.

kind.py      what a kind says of itself, and what its work is given
table.py     every kind by name
compute.py   the places where work runs
panel.py     the widgets of a job, and how they follow it
"""
