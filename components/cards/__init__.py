"""Sections made of cards: what a card says of itself, how it is drawn and answers its controls, and the files that follow.

spec.py      controls, cards, notes, and groups of them: data
draw.py      the widgets of a specification, and what they show of a run
section.py   a section that is nothing but cards
export.py    every card's figure as a file
"""
