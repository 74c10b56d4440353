"""Minimal pairs: two sentences that differ in one grammatical feature; the model should find the right one likelier.

Whole sentences are scored, and the customary reading is raw: a pair is as good as equally long. MultiBLiMP: Jumelet et al.
2025, arXiv:2504.02768 (agreement). BLiMP: Warstadt et al. 2020, arXiv:1912.00582. LINDSEA: Leong et al. 2023, arXiv:2309.06085.
"""

from collections.abc import Iterator

from mwanda_core.tasks.adapter import Adapter
from mwanda_core.tasks.base import Item
from mwanda_core.tasks.files import Row
from mwanda_core.tasks.hub import HubRows

MULTIBLIMP_CODES = {
    "am": "amh", "ar": "arb", "bg": "bul", "bn": "ben", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng",
    "es": "spa", "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra", "gu": "guj", "he": "heb", "hi": "hin", "hu": "hun",
    "it": "ita", "lt": "lit", "lv": "lav", "mr": "mar", "nl": "nld", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk",
    "sv": "swe", "ta": "tam", "tr": "tur", "uk": "ukr", "ur": "urd",
}  # fmt: skip

_PARADIGMS = """
adjunct_island anaphor_gender_agreement anaphor_number_agreement animate_subject_passive animate_subject_trans causative
complex_NP_island coordinate_structure_constraint_complex_left_branch coordinate_structure_constraint_object_extraction
determiner_noun_agreement_1 determiner_noun_agreement_2 determiner_noun_agreement_irregular_1 determiner_noun_agreement_irregular_2
determiner_noun_agreement_with_adj_2 determiner_noun_agreement_with_adj_irregular_1 determiner_noun_agreement_with_adj_irregular_2
determiner_noun_agreement_with_adjective_1 distractor_agreement_relational_noun distractor_agreement_relative_clause drop_argument
ellipsis_n_bar_1 ellipsis_n_bar_2 existential_there_object_raising existential_there_quantifiers_1 existential_there_quantifiers_2
existential_there_subject_raising expletive_it_object_raising inchoative intransitive irregular_past_participle_adjectives
irregular_past_participle_verbs irregular_plural_subject_verb_agreement_1 irregular_plural_subject_verb_agreement_2
left_branch_island_echo_question left_branch_island_simple_question matrix_question_npi_licensor_present npi_present_1 npi_present_2
only_npi_licensor_present only_npi_scope passive_1 passive_2 principle_A_c_command principle_A_case_1 principle_A_case_2
principle_A_domain_1 principle_A_domain_2 principle_A_domain_3 principle_A_reconstruction regular_plural_subject_verb_agreement_1
regular_plural_subject_verb_agreement_2 sentential_negation_npi_licensor_present sentential_negation_npi_scope
sentential_subject_island superlative_quantifiers_1 superlative_quantifiers_2 tough_vs_raising_1 tough_vs_raising_2 transitive
wh_island wh_questions_object_gap wh_questions_subject_gap wh_questions_subject_gap_long_distance wh_vs_that_no_gap
wh_vs_that_no_gap_long_distance wh_vs_that_with_gap wh_vs_that_with_gap_long_distance
"""
PARADIGMS = tuple(_PARADIGMS.split())

_LINDSEA = "https://raw.githubusercontent.com/aisingapore/BHASA/beb96cdec8f4efbe680b2e7ca66d3f42c0f7493e/lindsea/{code}/syntax/"
_LINDSEA_FILES = ("NPIs_and_negation", "argument_structure", "filler-gap_dependencies", "morphology")


def multiblimp(row: Row, code: str) -> Iterator[Item]:
    """The pair of a row (sen, wrong_sen, phenomenon)."""
    yield Item(str(row["row"]), code, "", (row["sen"], row["wrong_sen"]), 0, group=str(row.get("phenomenon") or ""))


def blimp(row: Row, code: str) -> Iterator[Item]:
    """The pair of a row (sentence_good, sentence_bad, UID: its paradigm)."""
    yield Item(f"{row['UID']}:{row['row']}", code, "", (row["sentence_good"], row["sentence_bad"]), 0, group=row["UID"])


def lindsea(row: Row, code: str) -> Iterator[Item]:
    """The pair of a row (correct, wrong, linguistic_phenomenon, id within its file)."""
    group = row["linguistic_phenomenon"]
    yield Item(f"{group}:{row['row']}", code, "", (row["correct"], row["wrong"]), 0, group=group)


MULTIBLIMP = Adapter(
    "multiblimp", "MultiBLiMP", tuple(MULTIBLIMP_CODES), 0.5, "CC-BY-4.0",
    "Subject-verb and subject-participle agreement from treebanks, minimal pairs; 101 languages, of which those known here.",
    HubRows("jumelet/multiblimp", "train", "{other}", renamed=MULTIBLIMP_CODES), multiblimp, ("{other}.tsv", "{other}/data.tsv"),
    kind="grammar",
)  # fmt: skip

BLIMP = Adapter(
    "blimp", "BLiMP", ("en",), 0.5, "CC-BY-4.0", "English grammar, 67 paradigms of 1,000 minimal pairs.",
    HubRows("nyu-mll/blimp", "train", configs=PARADIGMS), blimp, ("*.zip", "data/*.jsonl", "*_*.jsonl", "*.jsonl"),
    kind="English grammar",
)  # fmt: skip

LINDSEA = Adapter(
    "lindsea", "LINDSEA", ("id", "ta"), 0.5, "CC-BY-4.0", "Syntax of Indonesian and Tamil, minimal pairs by linguists.",
    HubRows("json", "train", files=tuple(f"{_LINDSEA}{name}.jsonl" for name in _LINDSEA_FILES)), lindsea, ("{code}/syntax/*.jsonl",),
    kind="grammar of Indonesian and Tamil",
)  # fmt: skip
