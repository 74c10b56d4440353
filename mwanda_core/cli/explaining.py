"""`mwanda runs weight`: why a run kept or pruned one weight."""

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from mwanda_core.cli.options import Json, OtherModel, RunName, StoreFolder, run_folder, store_in
from mwanda_core.cli.terminal import echo_json, plain_errors
from mwanda_core.parts.needs import Need

if TYPE_CHECKING:
    from mwanda_core.after.explain import Weighed

NOT_KEPT = {
    **{str(need): need.words for need in Need},
    "repair": "the weights as the repair left them before the cut",
}


def weight(
    run: RunName,
    block: Annotated[int, typer.Argument(metavar="BLOCK", help="Number of the decoder block, from 0 on.")],
    module: Annotated[str, typer.Argument(metavar="MODULE", help="The matrix, for example mlp.down_proj.")],
    row: Annotated[int, typer.Argument(metavar="ROW", help="Output, from 0 on.")],
    column: Annotated[int, typer.Argument(metavar="COLUMN", help="Input channel, from 0 on.")],
    model: OtherModel = "",
    store: StoreFolder = None,
    json_: Json = False,
) -> None:
    """Why one weight was kept or pruned: its score, its threshold, its rank, and which languages alone would have kept it."""
    with plain_errors():
        from mwanda_core.after.explain import dense_matrix, read_matrix, weigh
        from mwanda_core.store.report import load_report

        folder = run_folder(store_in(store), run)
        report = load_report(folder)
        matrix = read_matrix(report, folder, block, module)
        found = weigh(report, folder, matrix, dense_matrix(report, matrix, model), row, column)
        if json_:
            echo_json(facts_of(found))
            return
        for line in lines_of(found):
            typer.echo(line)


def facts_of(found: "Weighed") -> dict[str, object]:
    """The story as plain data."""
    told = found.story
    return {
        "block": found.matrix.block, "module": found.matrix.module, "name": found.matrix.name, **dataclasses.asdict(told),
        "goes_at": told.goes_at, "place": told.place, "score_of": found.recipe.score.title, "new": found.new, "missing": found.missing,
        "walked": found.walked, "spared": found.spared,
    }  # fmt: skip


def lines_of(found: "Weighed") -> list[str]:
    """The story for a terminal."""
    told, matrix = found.story, found.matrix
    lines = [
        f"{matrix.name}[{told.row}, {told.column}] = {told.weight:.6g}, {'kept' if told.kept else 'pruned'}"
        + ("" if found.new is None else f"; it is {found.new:.6g} now")
    ]
    if told.together is None or told.place is None or told.goes_at is None:
        return [*lines, "This run was kept without the statistics of its calibration, so no score can be computed."]
    mine = told.together
    above = "nothing of its group is kept" if mine.threshold is None else f"its group keeps scores from {mine.threshold:.6g} up"
    lines.append(f"Score {mine.score:.6g}; {above} ({told.size - told.pruned} of {told.size} by {told.scope}).")
    lines.append(f"Place {told.place} from the top. It goes at a sparsity of its group from {told.goes_at:.4%} on.")
    lines.append(f"{'language':10} {'activation':>12} {'score':>12} {'threshold':>12}  alone")
    for view in told.languages:
        by = view.standing
        threshold = f"{by.threshold:12.5g}" if by.threshold is not None else f"{'-':>12}"
        lines.append(f"{view.language:10} {view.rms:12.5g} {by.score:12.5g} {threshold}  {'keeps' if by.kept else 'prunes'} it")
    return [*lines, *notes_of(found)]


def notes_of(found: "Weighed") -> list[str]:
    """What must be known beside the figures."""
    notes = []
    if found.missing:
        gone = " and ".join(NOT_KEPT.get(name, name) for name in found.missing)
        notes.append(f"{found.recipe.title} also used {gone}, which no run keeps: the scores above are Wanda's instead.")
    if not found.walked:
        notes.append("The statistics are those of the dense model; the run measured again behind every pruned block.")
    if not found.story.agrees:
        notes.append(
            f"Keeping the highest of these scores would not give this group's mask exactly: {found.recipe.solver.title} decided"
            f"{', with neurons of ' + ', '.join(found.spared) + ' spared' if found.spared else ''}, or the model has changed."
        )
    return notes
