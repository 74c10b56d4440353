"""What can be seen to be wrong before a model is loaded: whatever runs asks here first, so that nobody waits for a typing mistake."""

import dataclasses

from mwanda_core.corpora import SOURCES, builtin
from mwanda_core.engine.check import check_protection, check_request
from mwanda_core.languages import parse_codes
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import choose_device, choose_dtype
from mwanda_core.run import run_studies
from mwanda_core.run.guarding import guards_of
from mwanda_core.run.settings import Settings, refuse_settings
from mwanda_core.studies import Study
from mwanda_core.studies.texts import halves


def settled(settings: Settings) -> Settings:
    """The settings of a run, its languages by this project's codes. What only the model or the texts can say is not looked at.

    Raises InputError in one sentence for what no model could be run with, TextError for a guard without text.
    """
    found = _by_codes(settings)
    wanted = recipe(found.method)
    run_studies.check(found)
    check_request(wanted, found.sparsity, found.mode, found.allocation_share, found.languages)
    if found.spare_neurons:
        found = dataclasses.replace(found, spare_neurons=parse_codes(found.spare_neurons))
        check_protection(wanted)
        run_studies.check_spared(found.spare_neurons, found.languages)
    _check_values(found)
    return found


def settled_alone(study: Study, settings: Settings) -> Settings:
    """As `settled`, for a study by itself: its own refusals, and whether there are texts in the languages named.

    Raises InputError in one sentence, TextError for a source or a language that cannot be had.
    """
    found = _by_codes(settings)
    recipe(found.method)
    study.check(found)
    _check_values(found)
    if found.texts not in SOURCES:  # The Hub is not asked for nothing.
        halves(found)
    return found


def _by_codes(settings: Settings) -> Settings:
    languages = parse_codes(settings.languages)
    others = parse_codes(settings.held_out) if settings.held_out else ()
    return dataclasses.replace(settings, languages=languages, held_out=tuple(code for code in others if code not in languages))


def _check_values(settings: Settings) -> None:
    refuse_settings(settings)
    choose_dtype(settings.dtype, choose_device(settings.device))
    if guards := guards_of(settings):
        builtin(guards)
