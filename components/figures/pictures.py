"""Small grey pictures side by side."""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from components.figures.base import INK, figure

HEIGHT = 230
"""Pixels."""


def grey_pictures(pictures: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> go.Figure:
    """(title, rows of grey values between -1 and 1) in one line."""
    fig = make_subplots(rows=1, cols=len(pictures), subplot_titles=[title for title, _ in pictures], horizontal_spacing=0.02)
    for place, (title, rows) in enumerate(pictures, 1):
        cells = [list(row) for row in rows]
        fig.add_trace(
            go.Heatmap(
                z=cells,
                colorscale="Greys_r",
                zmin=-1,
                zmax=1,
                showscale=False,
                name=title,
                hovertemplate="%{z:.2f}<extra></extra>",
            ),
            row=1,
            col=place,
        )
        square = {"scaleanchor": f"x{place if place > 1 else ''}", "constrain": "domain", "constraintoward": "top"}
        fig.update_yaxes(autorange="reversed", visible=False, title=title, row=1, col=place, **square)
    fig.update_layout(figure(HEIGHT).layout)
    fig.update_xaxes(visible=False, constrain="domain", title="")
    fig.update_annotations(font={"size": 12, "color": INK})
    return fig
