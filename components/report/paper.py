"""Tables as they stand in a paper: Markdown and LaTeX, with the digits that a reader sees."""

import re

import pandas as pd

FORMS = ("markdown", "latex")
_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    sign: f"\\{sign}" for sign in "&%$#_{}"
}


def written(table: pd.DataFrame, form: str) -> str:
    """A table in one of `FORMS`; numbers to the right."""
    right = [bool(pd.api.types.is_numeric_dtype(table[column])) for column in table.columns]
    rows = [[_text(value) for value in row] for row in table.itertuples(index=False)]
    return _latex(table, rows, right) if form == "latex" else _markdown(table, rows, right)


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    return " ".join(str(value).split())


def _markdown(table: pd.DataFrame, rows: list[list[str]], right: list[bool]) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    ruler = f"|{'|'.join('---:' if one else '---' for one in right)}|"
    return "\n".join([line([str(column) for column in table.columns]), ruler, *map(line, rows)])


def _latex(table: pd.DataFrame, rows: list[list[str]], right: list[bool]) -> str:
    def line(cells: list[str]) -> str:
        return " & ".join(re.sub(r"[\\~^&%$#_{}]", lambda sign: _LATEX[sign[0]], cell) for cell in cells) + r" \\"

    columns = "".join("r" if one else "l" for one in right)
    head = line([str(column) for column in table.columns])
    body = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        head,
        r"\midrule",
        *map(line, rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(body)
