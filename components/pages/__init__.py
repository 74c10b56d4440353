"""The light pages beside Gradio's: the first screen and the lesson, static HTML on stored measurements.

front.py     which address is answered by which page
shell.py     what both have in common: head, style, language menu, scripts
landing/     the first screen: one figure, and three doors
learn/       the lesson, and the sheet for teachers
static/      style and scripts; figures.js draws what Plotly would
"""
