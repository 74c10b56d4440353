"""The lesson: eight steps on stored measurements. Its texts, its data, its figures and its page; no model, no torch.

texts.py     every sentence, by name, and every formula
data.py      what scripts/make_lesson.py measured, read once
toy.py       the worked example of step 2: four by four weights
figures.py   one figure a step
steps.py     what each control may be set to, and what the figure and the line below it then show
page.py      the HTML of all this
handout.py   the sheet for teachers, from the same texts and numbers
"""
