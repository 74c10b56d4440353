"""French."""

from collections.abc import Mapping, Sequence

# A no-break space stands before a colon, a semicolon, a question mark, a per-cent sign and inside quotation marks, as French prints it.

# --- common --------------------------------------------------------------------------------------------------------------

DEVICE_NAMES = {"cpu": "CPU", "cuda": "GPU"}

INTERFACE = "Langue de cette page"

TIMES = "× {value}"
POINTS = "{value} points"
UNCHANGED = "inchangé"
NOT_MEASURED = "non mesuré"

YES, NO = "oui", "non"
SPAN = "{low} à {high}"


def seconds(value: float) -> str:
    """A duration as a person says it."""
    whole = max(0, round(value))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def clock(value: float) -> str:
    """Minutes and seconds, for a log."""
    whole = max(0, int(value))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def interval(low: str, high: str) -> str:
    """A 95% interval of a factor."""
    return f"95 % : de {low} à {high}"


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent."""
    return f"{100 * share:.{digits}f} %"


def items_per_language(low: int, high: int) -> str:
    """How many choice items a figure rests on."""
    if low != high:
        return f"de {low} à {high} questions à choix par langue"
    return f"{low} question{_plural(low)} à choix par langue"


def plot_description(name: str) -> str:
    """For readers who do not see a figure: what it is, and where its numbers stand."""
    return f"{name}. Le tableau à côté de la figure contient les mêmes nombres."


def _plural(count: int) -> str:
    """The ending of a plural; in French it begins at two."""
    return "s" if count > 1 else ""


def _and_more(names: Sequence[str], most: int = 4) -> str:
    """The first of several names, and how many others there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" et {rest} autre{_plural(rest)}" if rest > 0 else "")


def _runs(count: int) -> str:
    """A number of runs."""
    return f"{count} exécution{_plural(count)}"


# --- about ---------------------------------------------------------------------------------------------------------------

ABOUT = """### Ce que fait cette page
Un modèle de langue est un empilement de blocs décodeurs, et chaque bloc contient quelques grandes matrices de poids. L'*élagage*
(pruning) met à zéro les poids les moins importants de ces matrices, sans aucun entraînement ensuite. Les poids jugés importants
dépendent des textes que la méthode examine : ceux des langues de *calibration*. Cette page montre ce que ce choix fait à chaque langue.

*Langues* présente les pertes et, si vous en avez choisi sous *Mesurer davantage*, les benchmarks ; *Raisons possibles*, ce qui les
accompagne ; *Méthodes*, ce que vaut chaque méthode sur un modèle ; *Leçon*, sept étapes pour une classe, qui ne demandent aucun modèle.

### Limites
- **À eux seuls, les zéros n'économisent ni octets ni temps.** Le modèle élagué est aussi gros et aussi lent qu'avant, sauf avec un
  format de stockage et des noyaux de calcul conçus pour des poids creux.
- **Le modèle intégré** est Gemma 3 270M (modèle de base). Ses poids avaient été stockés sur 4 bits, puis étendus à 16 : il part donc
  d'un niveau un peu inférieur à l'original, et environ 4.5 % des poids de ses matrices sont nuls avant tout élagage. Gemma est fourni
  selon les [Gemma Terms of Use](https://ai.google.dev/gemma/terms) et soumis à celles-ci.
- **Les formules signalées comme des reconstructions** sont notre lecture d'un article dont la formule exacte n'a pas pu être
  vérifiée. Les composantes de M-Wanda (variance entre langues, probabilité d'activation, parcimonie par couche selon la corrélation
  entre langues) sont nommées dans Choenni & Titov (2025) ; la façon de les combiner ici est la nôtre, et chaque lecture correspond à
  un réglage.
- **Les intervalles** rendent compte du choix des textes, pas d'autres sujets ou styles. Une douzaine de textes par langue donne une
  première impression.
- **Les passages intégrés** ont été écrits pour ce projet (CC0), sur les mêmes sujets dans toutes les langues.

### Vocabulaire
| Mot | Sens |
|---|---|
| Parcimonie | Part des poids retirés (mis à zéro). |
| Dense, élagué | Le modèle avant et après. |
| Perplexité | Nombre de tokens entre lesquels le modèle hésite à chaque pas ; plus elle est basse, mieux c'est. Comparable entre avant et après, pas entre langues. |
| Rapport de perplexité | Perplexité après élagage divisée par la perplexité avant, sur les mêmes textes. |
| Bits par octet | Perte par octet de texte ; elle ne dépend pas de la façon dont un tokeniseur découpe une langue. |
| Bloc, matrice | Un modèle est un empilement de blocs ; chaque bloc a des matrices telles que q, k, v, o (attention) et gate, up, down (réseau feed-forward). |
| Canal | Une colonne d'une matrice : un nombre qui y entre à chaque token. |
| Variance d'activation | À quel point la force d'un canal varie d'une langue à l'autre. |
| Allocation | Répartition de la parcimonie entre les blocs ; sa moyenne pondérée est la parcimonie choisie. |
| Hors calibration (held-out) | Se dit d'une langue qui est mesurée, mais sur laquelle la méthode n'a pas été calibrée. |
| Intervalle à 95 % | Intervalle où se trouverait la vraie valeur pour 95 de 100 échantillons de textes semblables. |

### Vie privée
La page n'envoie rien nulle part. Seuls les modèles et les textes que vous choisissez sur le Hugging Face Hub y sont téléchargés.
"""

# --- method --------------------------------------------------------------------------------------------------------------

METHOD = "Méthode"
SPARSITY = "Parcimonie (% des poids retirés)"
SPARSITY_INFO = "Les plongements (embeddings) et la tête de sortie restent intacts."
PURPOSES = {
    "recommended": "recommandée",
    "simple": "simple et rapide",
    "languages": "mélange les langues",
    "layers": "inégale selon les blocs",
    "solvers": "optimise les poids",
    "gradients": "utilise les gradients",
    "other": "autres",
}

COMBINE = "Composer sa propre méthode (avancé)"
COMBINE_HELP = (
    "Une méthode est une combinaison de choix. Chaque menu part du choix de la méthode ci-dessus ; changez-en un, et vous avez "
    "votre propre méthode. Les formules et les réglages ci-dessous suivent."
)
COMBINE_BACK = "Revenir à la méthode nommée"
COMBINED = "**Votre propre combinaison**, composée à partir de {method} : {changes}."
COMBINED_CHANGE = "{choice} : {part}"
PROBLEM = "**Exécution impossible.** {problem}"
PATTERN = "Où les zéros peuvent se trouver"
PATTERNS = {
    "unstructured": "N'importe où, comparaison au sein de chaque ligne de sortie",
    "layer": "N'importe où, comparaison au sein de chaque matrice",
    "global": "N'importe où, comparaison dans tout le modèle",
    "2:4": "2 gardés sur 4 (50 %)",
    "4:8": "4 gardés sur 8 (50 %)",
    "n:m": "N gardés sur M, avec votre N et votre M",
    "mixed": "N:M mixte, N varie d'un bloc à l'autre",
}
PATTERN_N, PATTERN_M = "N : poids gardés", "M : voisins dans un groupe"
PATTERN_FIXED = "{pattern} retire exactement {sparsity} dans chaque bloc : c'est la parcimonie, et tous les blocs sont traités de la même façon."
PATTERN_MIXED = "Chaque bloc garde, sur M poids, le nombre le plus proche de sa propre parcimonie."
PATTERN_WHOLE = "N et M doivent être des nombres entiers ; valeurs données : {n} et {m}."
METHOD_DETAILS = "Formules de cette méthode"
HAS_RECONSTRUCTION = "*Ses formules n'ont pas toutes pu être vérifiées dans l'article : voir ci-dessous.*"
METHOD_LOADING = "Lecture des méthodes ..."
KNOBS = "Réglages de cette méthode"
NO_KNOBS = "Cette méthode n'a aucun réglage."
MORE_KNOBS = (
    "Autres réglages laissés ici à leur valeur par défaut : {count} ; Python et la ligne de commande permettent de les changer."
)
PART_NAMES = {
    "activation": "Importance d'un canal d'entrée",
    "score": "Score d'un poids",
    "allocation": "Parcimonie de chaque bloc",
    "solver": "Des scores aux poids",
    "rows": "Parcimonie de chaque ligne de sortie",
    "repair": "Réparation des poids qui restent",
}
ORIGINS = {
    "paper": "formule telle que publiée",
    "reconstruction": "notre reconstruction : la formule exacte de l'article n'a pas pu être vérifiée",
    "own": "formule propre à ce projet",
}
KNOB_LABELS = {
    "lam": "λ (lambda)",
    "gamma": "γ (gamma)",
    "spread": "Étendue",
    "strength": "Intensité par couche Λ",
    "protect": "Quels blocs gardent plus de poids",
    "power": "Exposant a",
    "outlier": "Seuil de valeur aberrante M",
    "mapping": "Ce qui détermine la parcimonie d'un bloc",
    "aggregate": "Dommage sur l'ensemble des langues",
    "transform": "Échelle du dommage",
    "mix": "D'où viennent les pondérations des langues",
    "eps": "ε (epsilon)",
    "alpha": "α (alpha)",
    "max_rate": "Taux d'apprentissage maximal",
    "max_swaps": "Nombre maximal d'échanges",
    "language": "Langue cible",
    "weights_by_language": "Pondération de chaque langue",
    "blocksize": "Colonnes traitées ensemble",
}
TEXT_HELP = {
    "language": "Une des langues de calibration ; les autres sont mesurées, mais ne comptent pas. Si aucune n'est choisie : la première d'entre elles.",
    "weights_by_language": "Par exemple en=1, sw=3. Une langue non citée compte pour 1, et 0 l'exclut.",
}
CHOICE_LABELS = {
    "std": "écart type",
    "cv": "coefficient de variation",
    "different": "là où les langues diffèrent",
    "shared": "là où les langues s'accordent",
    "rank": "son rang parmi les blocs",
    "linear": "sa corrélation elle-même",
}


def knob_label(name: str, unit: str) -> str:
    """A setting by its symbol or plain name."""
    label = KNOB_LABELS.get(name, name.replace("_", " ").capitalize())
    return f"{label} ({unit})" if unit else label


def part_name(choice: str) -> str:
    """What a part of a method decides."""
    return PART_NAMES.get(choice, choice.replace("_", " ").capitalize())


# --- form ----------------------------------------------------------------------------------------------------------------

TITLE = "M-Wanda Explorer"
INTRO = """# M-Wanda Explorer
Retirez une partie des poids d'un modèle de langue multilingue et voyez ce que perd chaque langue. Choisissez les langues de
calibration, appuyez sur **Élaguer** et lisez les figures de votre propre exécution."""

MODEL = "Modèle"
MODEL_INFO = "Choisissez-en un, ou saisissez un identifiant du Hugging Face Hub ou un dossier de cette machine."
ESTIMATE = "Estimer la mémoire"
ESTIMATING = "Lecture des tailles du modèle ..."

LANGUAGES = "Langues de calibration"
LANGUAGES_INFO = "La méthode décide d'après des textes dans ces langues. Tapez pour chercher."
HELD_OUT = "Langues à mesurer aussi"
HELD_OUT_INFO = "Hors calibration : que deviennent les langues que personne n'a choisies ?"
GROUP = "Choisir un groupe entier"
GROUP_REGION = "Région : {name} ({count})"
GROUP_SCRIPT = "Écriture : {name} ({count})"
WORLD_MIX, ENGLISH_ONLY, ALL = "Mélange mondial", "Anglais seul", "Toutes"
REGIONS = {
    "Africa": "Afrique",
    "Americas": "Amériques",
    "East Asia": "Asie de l'Est",
    "Europe": "Europe",
    "Middle East": "Moyen-Orient",
    "South Asia": "Asie du Sud",
    "Southeast Asia": "Asie du Sud-Est",
}
SCRIPTS = {"Arabic": "arabe", "Cyrillic": "cyrillique", "Devanagari": "devanagari", "Latin": "latine"}

TOKENS = "Tokens de calibration par langue"
TOKENS_INFO = "Le même nombre pour chaque langue. Comptés en tokens du modèle."
ADVANCED = "Textes et mesure"
MODE = "Comment les statistiques sont relevées"
MODES = {
    "one-pass": "Une fois, sur le modèle dense (rapide)",
    "sequential": "Bloc par bloc, derrière les blocs élagués (le parcours de Wanda)",
}
ALLOCATION_SHARE = "Part des tokens pour l'étape par couche"
ALLOCATION_SHARE_INFO = (
    "Bloc par bloc uniquement : la parcimonie des blocs est décidée sur cette part des tokens de calibration."
)
SEQUENCE = "Tokens par séquence"
SEQUENCE_INFO = "De 128 à 256 conviennent à un CPU ; un GPU peut en prendre 2048."
TEXTS = "Textes"
TEXT_SOURCES = {
    "built-in": "Passages parallèles intégrés",
    "folder": "Un dossier de mes propres textes",
    "c4": "C4, depuis le Hub",
    "wikipedia": "Wikipedia, depuis le Hub",
    "flores+": "FLORES+, depuis le Hub (conditions à accepter d'abord)",
}
TEXTS_INFO = "Une moitié des textes sert à la calibration, l'autre à la mesure ; aucun passage ne sert aux deux."
FOLDER = "Dossier"
FOLDER_INFO = (
    "Un fichier texte UTF-8 par langue, nommé d'après son code : sw.txt, yo.txt. Des lignes vides séparent les passages."
)
EVAL_TEXTS = "Textes mesurés par langue"
EVAL_TEXTS_INFO = "Plus de textes donnent des intervalles plus étroits et prennent plus de temps ; les passages intégrés en offrent jusqu'à 20."
CHOICES = "Mesurer aussi l'exactitude des choix"
CHOICES_INFO = "Laquelle de quatre suites appartient à un texte ? Prend environ la moitié du temps de mesure."
SEED = "Graine aléatoire (seed)"

EMPTY_MODEL = (
    "Aucun modèle n'est choisi : prenez le modèle intégré, ou saisissez un identifiant du Hub tel que Qwen/Qwen2.5-0.5B."
)
EMPTY_LANGUAGES = "Aucune langue de calibration n'est choisie : prenez-en au moins une."
EMPTY_FOLDER = "Les textes doivent venir d'un dossier, mais aucun dossier n'est indiqué : saisissez son chemin, ou choisissez les passages intégrés."
SPARSITY_RANGE = "La parcimonie doit être comprise entre 0 et 99 % ; valeur donnée : {given}."

SHARED_FOLDER = "Ce serveur est partagé : il ne lit ni dossiers ni fichiers locaux. Choisissez un modèle du Hub et des textes intégrés ou du Hub."


def memory(sentence: str, device: str) -> str:
    """The memory estimate with the device it would run on."""
    return f"Mémoire nécessaire : {sentence}. Calcul sur le {device}."


# --- cost ----------------------------------------------------------------------------------------------------------------

COST_DETAILS = "Ce que coûtera cette exécution"
COST_WAITING = "Estimation du coût de cette exécution ..."
COST_REFUSED = "Avec ces réglages, cette exécution ne peut pas démarrer : {problem}"
COST_UNKNOWN_MODEL = (
    "La durée n'est pas connue avant la première exécution : rien n'a encore été lu de ce modèle. **Estimer la mémoire** "
    "lit ses tailles."
)
COST_STAGES = {
    "statistics": "calibration",
    "pruning": "choix et retrait des poids",
    "measuring": "mesure de toutes les langues",
    "studying": "benchmarks et études",
}
COST_STEPS = {
    "statistics": "Statistiques du modèle dense",
    "allocation statistics": "Statistiques pour l'étape par couche",
    "full gradients": "Gradients à travers tout le modèle",
    "sensitivity": "Ce que coûte chaque bloc élagué seul",
    "own walk": "Mesure bloc par bloc",
    "pruned walk": "Propagation du texte à travers les blocs élagués",
    "sequences": "Propagation de séquences isolées à travers les blocs",
    "regional gradients": "Gradients à travers un bloc à la fois",
    "repair": "Étapes de réparation",
    "solver": "Choix des poids",
    "scoring": "Mesure avant et après",
    "benchmarks": "Benchmarks avant et après",
    "overlap": "Recouvrement des masques",
    "neurons": "Neurones de langue",
    "predictors": "Ce qui accompagne les pertes",
    "generation": "Textes écrits par les deux modèles",
    "profile": "Au-delà de la perplexité",
    "spared": "Recherche des neurones à épargner",
}
COST_TABLE_HEAD = "| Étape | Passes sur le texte de calibration |\n|---|---:|"
COST_PASSES = (
    "Une passe fait traverser tous les blocs à tous les tokens de calibration. Le chargement du modèle s'y ajoute. Les étapes qu'une "
    "exécution antérieure a déjà faites (statistiques, mesures du modèle dense) ne sont pas refaites."
)
COST_NEEDS = {
    "full_gradient": "demande le gradient de la perte du modèle : jusqu'à 32 séquences rétropropagées à travers tout le modèle, et de la "
    "mémoire pour un gradient de chaque poids",
    "relevance": "demande la pertinence par LRP : jusqu'à 32 séquences rétropropagées à travers tout le modèle, et de la mémoire pour un nombre par poids",
    "separability": "fait passer quelque 400 courts énoncés vrais et faux par langue dans le modèle",
    "regional_gradient": "demande des gradients à travers un bloc à la fois",
    "sensitivity": "élague chaque bloc seul et mesure la perte : le temps croît comme le carré du nombre de blocs",
    "gram": "conserve une matrice de produits de canaux pour chaque entrée d'un bloc",
    "sequences": "répare chaque bloc par de petits pas de gradient",
    "samples": "conserve les entrées de séquences isolées",
}
PART_NEEDS = "Ce composant {needs}."
COST_NEEDS_OF = "{method} {needs}."
COST_MINUTES = "Il faut des minutes là où Wanda prend des secondes."
MINUTES = 60.0
"""Seconds of pruning from which on the page says that a method takes minutes."""
RATE_TYPICAL = "Cela vaut pour un {device} typique ; après la première exécution ici, la vitesse de cette machine est utilisée."
RATE_MEASURED = "Vitesse mesurée sur {runs} exécutions antérieures ici."
RATE_MEASURED_ONE = "Vitesse mesurée sur une exécution antérieure ici."
RATE_SAME = "Vitesse mesurée sur {runs} exécutions antérieures de cette méthode ici."
RATE_SAME_ONE = "Vitesse mesurée sur une exécution antérieure de cette méthode ici."


def cost_line(total: float, peak: str) -> str:
    """The two figures that a visitor wants before pressing the button."""
    return f"**Environ {seconds(total)}**, jusqu'à {peak} de mémoire pour le modèle et les données."


def cost_stages(by_stage: dict[str, float]) -> str:
    """Where the time goes, in one sentence."""
    told = ", ".join(f"{COST_STAGES[stage]} {seconds(value)}" for stage, value in by_stage.items())
    return told[:1].upper() + told[1:] + "."


def rate_source(runs: int, same: bool, device: str) -> str:
    """What the seconds rest on."""
    if not runs:
        return RATE_TYPICAL.format(device=device)
    if runs == 1:
        return RATE_SAME_ONE if same else RATE_MEASURED_ONE
    return (RATE_SAME if same else RATE_MEASURED).format(runs=runs)


# --- running -------------------------------------------------------------------------------------------------------------

PRUNE, CANCEL = "Élaguer", "Annuler"
LOG = "Journal"

IDLE = "Rien n'est en cours."
STARTING = "Démarrage"
CANCELLING = "Arrêt à la fin de cette étape ..."
CANCELLED = "Annulé. Les figures ci-dessous sont celles de l'exécution affichée auparavant."
PROGRESS = "Avancement de l'exécution"
UNKNOWN_KIND = "Il n'existe pas de tâche nommée {given} ; il existe : {known}."
LOST_JOB = "L'exécution de cette page n'est plus connue ici : le serveur a été redémarré."
GPU_TAB_CLOSED = "Sur ce GPU partagé, une exécution s'arrête avec la page qui l'a lancée. Appuyez sur Élaguer pour recommencer."


def queued(ahead: int) -> str:
    """How many runs come first."""
    return (
        "En attente : une exécution passe avant celle-ci."
        if ahead == 1
        else f"En attente : {ahead} exécutions passent avant celle-ci."
    )


def time_left(left: float | None, elapsed: float) -> str:
    """Elapsed, and left where it is known."""
    return f"écoulé : {seconds(elapsed)}" + ("" if left is None else f", reste : environ {seconds(left)}")


def job_title(method: str, sparsity: float, model: str, languages: Sequence[str]) -> str:
    """One line for a job."""
    return f"{method}, {percent(sparsity)}, {model} ({_and_more(languages)})"


def finished(title: str, elapsed: float) -> str:
    """How a successful job ended."""
    return f"Terminé en {seconds(elapsed)} : {title}."


# --- tasks ---------------------------------------------------------------------------------------------------------------

MULTIPLES_HEADING = "### Texte par texte"
MULTIPLES_HELP = (
    "Un panneau par langue, la plus touchée en premier, les langues hors calibration après les autres. Chaque ligne fine est un texte "
    "mesuré, la ligne épaisse leur ensemble. Vers le haut : plus difficile à prédire. Là où toutes les lignes montent de la même façon, "
    "c'est la langue elle-même qui est devenue plus difficile ; là où quelques-unes montent fortement, ce sont des textes isolés."
)
MULTIPLES_NONE = "Aucun texte n'a été mesuré dans cette exécution."
AXIS_BITS_SHORT = "bits par octet"
MULTIPLES_TICKS = ("avant", "après")
MULTIPLES_TITLE = "{name} ×{ratio}"
MULTIPLES_HOVER = "{name}, {text}<br>avant {before:.3f}, après {after:.3f} bits par octet"
MULTIPLES_ALL = "tous les textes"

TASKS_HEADING = "### Benchmarks : que sait encore faire le modèle ?"
TASKS_HELP = (
    "{title} : la part des questions auxquelles le modèle répond correctement, {items}. Les carrés gris sont le modèle dense, les marques colorées le "
    "modèle élagué, les barres des intervalles à 95 %, le petit trait vertical de chaque ligne la réponse au hasard, et le nombre à droite le "
    "changement en points. Une ligne **continue** entre les deux est une différence qui subsiste après correction pour le nombre de langues "
    "(Holm, 5 %) ; une ligne **grise pointillée** et des parenthèses signifient : dans le bruit d'aussi peu de questions."
)
TASKS_UNINFORMATIVE = (
    "**Ne dit rien pour {names} :** le modèle dense lui-même ne s'y distingue pas du hasard ; rien ne peut donc être perdu, "
    "et aucune baisse ne peut se voir. Marques grises creuses."
)
TASKS_ALL_UNINFORMATIVE = (
    "**Ce benchmark ne dit rien de ce modèle :** le modèle dense est au niveau du hasard dans toutes les langues. Choisissez-en un plus "
    "facile (MultiBLiMP n'interroge que la grammaire) ou un modèle plus grand."
)
TASKS_ABSENT = "Aucun benchmark n'a été mesuré dans cette exécution. Ouvrez **Mesurer davantage** à gauche, choisissez-en un (MultiBLiMP convient aux petits modèles) et appuyez sur **Élaguer**."
TASKS_NOTHING = "Il n'y a rien à tracer pour ce benchmark et cette lecture."
TASK_MENU = "Benchmark"
READING = "Comment les réponses sont lues"
READINGS = {"customary": "Comme d'usage", "raw": "Vraisemblance", "per byte": "Vraisemblance par octet"}
TASK_MAP_HEADING = "### Tous les benchmarks d'un coup d'œil"
TASK_MAP_HELP = (
    "Changement en points, chaque benchmark étant lu comme d'usage. En couleur : au-delà du bruit. Entre parenthèses : dans le bruit. Gris avec un tiret : "
    "le modèle dense est au niveau du hasard, le benchmark n'y dit donc rien. Vide : pas de questions dans cette langue."
)

VERDICTS = {"worse": "moins bon", "better": "meilleur", "within noise": "dans le bruit", "uninformative": "ne dit rien"}
NOT_INFORMATIVE_TICK = "{name} (au hasard)"
LEGEND_NOISE = "dans le bruit"
LEGEND_BEYOND = "au-delà du bruit"
LEGEND_UNINFORMATIVE = "ne dit rien (dense au niveau du hasard)"
AXIS_TASK_ACCURACY = "Réponses correctes<br>(% des questions)"
AXIS_BENCHMARK = "Benchmark"
BAR_CHANGE = "points"
MAP_NONE = "–"
MAP_NOISE = "({value})"
HOVER_TASK = (
    "{name}, questions : {items}<br>avant {before:.1f} % (de {before_low:.0f} à {before_high:.0f})<br>après {after:.1f} % "
    "(de {after_low:.0f} à {after_high:.0f})<br>changement {change:+.1f} points (de {low:+.0f} à {high:+.0f})<br>perdues : {lost}, gagnées : {gained} ; p = {p}, "
    "corrigé {p_holm}<br>au hasard {chance:.1f} %<br><b>{verdict}</b>"
)
VERDICT_SENTENCES = {
    "worse": "Moins bon, au-delà du bruit",
    "better": "Meilleur, au-delà du bruit",
    "within noise": "Dans le bruit d'aussi peu de questions",
    "uninformative": "Le modèle dense est au niveau du hasard : cela ne dit rien",
}
TASK_COLUMNS = {
    "name": "Langue", "items": "Questions", "chance": "Au hasard %", "dense_accuracy": "Avant %", "pruned_accuracy": "Après %", "change": "Points",
    "interval": "Intervalle à 95 %", "p": "p", "p_holm": "p, Holm", "verdict": "Verdict",
}  # fmt: skip


def questions(low: int, high: int) -> str:
    """How many questions a figure rests on."""
    if low != high:
        return f"de {low} à {high} questions par langue"
    return f"{low} question{_plural(low)} par langue"


def p_value(value: float) -> str:
    """A p-value without false precision."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


# --- measure -------------------------------------------------------------------------------------------------------------

MEASURE_MORE = "Mesurer davantage"
MEASURE_MORE_HELP = (
    "Rien de ceci n'est nécessaire à une exécution, et tout l'allonge. La ligne sous **Élaguer** dit de combien."
)

TASKS_LABEL = "Benchmarks"
TASKS_INFO = (
    "Des jeux de questions connus, soumis au modèle avant et après élagage, dans celles de vos langues qu'ils contiennent."
)
TASK_NAMES = {
    "multiblimp": "MultiBLiMP",
    "blimp": "BLiMP",
    "lindsea": "LINDSEA",
    "bmlama": "BMLAMA-53",
    "xcopa": "XCOPA",
    "xstorycloze": "XStoryCloze",
    "xwinograd": "XWinograd",
    "belebele": "Belebele",
    "belebele-cloze": "Belebele (réponses en mots)",
    "xnli": "XNLI",
    "paws-x": "PAWS-X",
    "global-mmlu": "Global-MMLU",
}
TASK_KINDS = {
    "multiblimp": "grammaire",
    "blimp": "grammaire anglaise",
    "lindsea": "grammaire de l'indonésien et du tamoul",
    "bmlama": "faits",
    "xcopa": "causes et effets",
    "xstorycloze": "fins d'histoires",
    "xwinograd": "pronoms",
    "belebele": "lecture, réponse par une lettre",
    "belebele-cloze": "lecture",
    "xnli": "une phrase découle-t-elle de l'autre",
    "paws-x": "même sens ou non",
    "global-mmlu": "connaissances scolaires, réponse par une lettre",
}
TASK_TEXTS = "D'où viennent les benchmarks"
TASK_SOURCES = {"hub": "Téléchargés depuis le Hub", "folder": "Un dossier de cette machine"}
TASK_FOLDER = "Dossier des benchmarks"
TASK_FOLDER_INFO = "Les jeux tels que publiés, chacun dans un dossier à son nom ; docs/tasks.md donne la liste des fichiers."
TASK_ITEMS = "Questions par langue"
TASK_ITEMS_INFO = "100 questions donnent des intervalles d'environ ±10 points, 400 d'environ ±5."

STUDIES_LABEL = "Études"
STUDY_TITLES = {
    "overlap": "Recouvrement des masques",
    "neurons": "Neurones de langue",
    "predictors": "Ce qui accompagne les pertes",
    "generation": "Textes écrits",
    "profile": "Au-delà de la perplexité",
}
STUDY_KINDS = {
    "overlap": "les mêmes poids sont-ils retirés pour deux langues ? (une passe de plus sur le texte de calibration)",
    "neurons": "où ils sont, et quelle part en est retirée (deux passes de plus)",
    "predictors": "ce que l'on sait d'avance d'une langue, face à ce qu'elle a perdu (une passe sur du texte des langues hors calibration)",
    "generation": "les deux modèles prolongent les mêmes débuts de texte (environ une minute sur un CPU)",
    "profile": "géométrie interne, ordre des mots les plus probables, énergie (environ une minute sur un CPU)",
}

SPARE = "Épargner les neurones de langue de"
SPARE_INFO = (
    "Ce qui part de ces neurones est gardé, et d'autres poids sont retirés à la place : la part retirée reste la même. Uniquement pour "
    "les méthodes qui gardent les scores les plus élevés de chaque ligne ou couche."
)

EMPTY_TASK_FOLDER = "Les benchmarks doivent venir d'un dossier, mais aucun dossier n'est indiqué : saisissez son chemin, ou faites-les télécharger depuis le Hub."
TASK_ITEMS_RANGE = "Le nombre de questions par langue doit être d'au moins 1 ; valeur donnée : {given}."


def task_label(name: str) -> str:
    """A benchmark in the menu: its name, and what it asks."""
    return f"{TASK_NAMES[name]} · {TASK_KINDS[name]}" if name in TASK_KINDS else task_name(name)


def study_label(name: str) -> str:
    """A study with what it asks, and what it costs."""
    return f"{STUDY_TITLES[name]} : {STUDY_KINDS[name]}"


def task_name(name: str) -> str:
    """A benchmark's name; one of the visitor's own is called what its file is called."""
    return TASK_NAMES.get(name, name)


def asked(tasks: Sequence[str], studies: Sequence[str], spared: Sequence[str]) -> str:
    """What "Measure more" adds to a run, in a few words; empty for nothing."""
    parts = [
        *([", ".join(task_name(name) for name in tasks)] if tasks else []),
        *([f"{len(studies)} étude{_plural(len(studies))}"] if studies else []),
        *([f"neurones épargnés : {', '.join(spared)}"] if spared else []),
    ]
    return " ; ".join(parts)


# --- worth ---------------------------------------------------------------------------------------------------------------

TAB_WORTH = "Méthodes"
WORTH_HEADING = "### Que vaut chaque méthode ?"
WORTH_HELP = (
    "Toutes les méthodes sur le modèle intégré, avec les mêmes textes de calibration. **×** indique par combien la perplexité a été multipliée, comme "
    "dans les autres onglets (1 : rien de perdu) ; **nats** est la moyenne exprimée en hausse de la perte par token. Les langues de calibration "
    "ont été vues par la méthode, les langues hors calibration non ; les secondes sont des secondes de processeur passées à élaguer, les MiB la mémoire "
    "maximale occupée pendant ce temps. Un modèle, une graine : les différences plus petites que les intervalles ne disent rien, et un autre modèle "
    "peut classer les méthodes autrement."
)
WORTH_ABSENT = (
    "La comparaison des méthodes ne fait pas partie de cette installation : `assets/methods.json` manque. "
    "`python -m benchmarks.methods` la calcule, `python scripts/publish_methods.py` la dépose ici."
)
WORTH_NOTHING = "Aucune méthode n'a été comparée avec ce réglage."
WORTH_PARTIAL = "**Non terminé :** cette comparaison est encore en cours de calcul ; des lignes manquent."
WORTH_SETTING = "Poids retirés"
WORTH_SETTINGS = {
    "50%": "50 %, n'importe où",
    "60%": "60 %, n'importe où",
    "70%": "70 %, n'importe où",
    "2:4": "50 %, 2 gardés sur 4",
    "4:8": "50 %, 4 gardés sur 8",
}
WORTH_MEASURE = "Juger d'après"
WORTH_MEASURES = {"mean": "Moyenne de toutes les langues", "worst": "Langue la plus touchée"}
WORTH_FIGURE_HELP = (
    "Plus bas, c'est meilleur ; plus à gauche, plus rapide. La ligne relie les méthodes qu'aucune autre ne bat sur les deux plans. Le temps est celui des "
    "secondes de processeur de l'élagage seul, additionnées sur tous les cœurs, sans les statistiques de calibration ni la mesure. Passez sur un point pour voir son nom."
)
WORTH_COLUMNS = {
    "method": "Méthode",
    "mean_times": "Moyenne, ×",
    "mean_interval": "Intervalle à 95 %",
    "mean_nats": "Nats",
    "calibrated": "De calibration, ×",
    "unseen": "Hors calibration, ×",
    "worst": "La plus touchée, ×",
    "worst_name": "Langue la plus touchée",
    "seconds": "Secondes",
    "peak": "MiB",
}
WORTH_AXIS_SECONDS = "Secondes de processeur de l'élagage<br>(échelle logarithmique)"
WORTH_AXIS_MEAN = "Perplexité après ÷ avant,<br>moyenne des langues (échelle logarithmique)"
WORTH_AXIS_WORST = "Perplexité après ÷ avant,<br>langue la plus touchée (échelle logarithmique)"
WORTH_LEGEND, WORTH_FRONT = "méthode", "meilleure pour son temps"
WORTH_TABLE = "Méthodes comparées"
WORTH_HOVER = "{method}<br>moyenne × {mean}, la plus touchée × {worst} ({language})<br>{seconds} s, {peak} MiB"
WORTH_FACTS_ROWS = (
    ("command", "Obtenu avec `{}`"),
    ("commit", "commit {}"),
    ("date", "{}"),
    ("seed", "graine {}"),
    ("threads", "{} fils d'exécution du processeur"),
    ("tokens", "{} tokens de calibration en tout"),
)
WORTH_VERSIONS = "torch {torch}, transformers {transformers}"


def worth_facts(facts: dict[str, object]) -> str:
    """Where the comparison comes from, in one line."""
    told = [text.format(facts[name]) for name, text in WORTH_FACTS_ROWS if facts.get(name) not in (None, "")]
    versions = facts.get("versions")
    if isinstance(versions, dict):
        told.append(WORTH_VERSIONS.format(torch=versions.get("torch", "?"), transformers=versions.get("transformers", "?")))
    return f"*{', '.join(told)}.*" if told else ""


# --- weighing ------------------------------------------------------------------------------------------------------------

TAB_WEIGHTS = "Poids"
JOIN, AND = ", ", " et "

WEIGHTS_HEADING = "### Quels poids sont restés ?"
WEIGHTS_HELP = (
    "Chaque case est une matrice de poids de cette exécution, colorée selon la part qui en a été retirée. **Cliquez sur une case**, ou choisissez "
    "un bloc et une matrice ci-dessous, pour voir où se trouvent ses zéros et pourquoi un poids est resté ou parti."
)
WEIGHTS_BLOCK, WEIGHTS_MATRIX = "Bloc", "Matrice"
WEIGHTS_MAP = (
    "Parcimonie de chaque matrice de poids. Cliquez sur une case pour ouvrir cette matrice ; les menus ci-dessous font de même"
)
WEIGHTS_NO_MASKS = (
    "Cette exécution a été conservée sans ses masques (l'exemple les omet pour rester petit) : on ne peut donc pas y examiner des poids isolés. "
    "Appuyez sur **Élaguer** : votre propre exécution les aura."
)
WEIGHTS_OPENING = "Ouverture de la matrice ..."
CLICK_FAILED = "Cette image n'a pas pu être dessinée dans ce navigateur ; les menus et les champs ci-dessous font la même chose qu'un clic."

PICTURE_TITLE = "#### {module}, bloc {block} : {outputs} sorties × {inputs} entrées, {share} retirés"
PICTURE_REGULAR = "Sur {m} entrées voisines, {n} exactement restent : un motif {n}:{m}."
DENSITY_HEADING = "#### La matrice entière, vue de loin"
DENSITY_HELP = "Chaque case est une zone de la matrice, colorée selon la part de ses poids qui a été retirée. Cliquez sur une zone pour y déplacer la fenêtre ci-dessous."
DENSITY_LABEL = "La matrice vue de loin : part retirée dans chaque zone. Cliquez sur une zone pour y déplacer la fenêtre ; les curseurs font de même"
WINDOW_HEADING = "#### Une fenêtre de poids isolés"
WINDOW_HELP = "Les poids bleus sont restés, les pâles ont été retirés. **Cliquez sur un poids** pour demander pourquoi, ou saisissez sa sortie et son entrée ci-dessous."
WINDOW_LABEL = "Une fenêtre de poids isolés, gardés ou retirés. Cliquez sur l'un d'eux pour demander pourquoi ; les champs ci-dessous font de même"
WINDOW_ROW, WINDOW_COLUMN = "Première sortie affichée", "Première entrée affichée"
SHARES_HEADING = "#### Certaines sorties ou entrées sont-elles plus touchées que d'autres ?"
SHARES_HELP = (
    "Part retirée des poids de chaque sortie (une ligne) et de chaque canal d'entrée (une colonne). Une méthode qui compare les poids au sein "
    "d'une ligne en retire autant dans chaque ligne ; l'inégalité entre les colonnes, elle, est décidée par la calibration."
)
SHARES_ORDER = "Ordre"
SHARES_ORDERS = {"sorted": "Trié", "placed": "Comme dans la matrice"}
SHARES_ROWS, SHARES_COLUMNS = "Part retirée, par sortie", "Part retirée, par canal d'entrée"
AXIS_OUTPUT, AXIS_INPUT = "Sortie (ligne)", "Canal d'entrée (colonne)"
AXIS_OUTPUT_SORTED, AXIS_INPUT_SORTED = "Sorties, les plus touchées d'abord", "Canaux d'entrée, les plus touchés d'abord"
AXIS_REMOVED = "Retirés (%)"
HOVER_PATCH = "sorties {rows}, entrées {columns}"
HOVER_KEPT, HOVER_REMOVED = "gardé", "retiré"
HOVER_CELL = "sortie %{y}, entrée %{x} : %{text}<extra></extra>"
HOVER_SHARE = "%{x} : %{y:.1f} % retirés<extra></extra>"
SHARE_COLUMNS = {"part": "Sur l'ensemble", "row": "Sorties : perte maximale %", "column": "Entrées : perte maximale %"}
SHARE_PARTS = {
    0.0: "la plus basse",
    0.05: "5 %",
    0.25: "un quart",
    0.5: "la moitié",
    0.75: "trois quarts",
    0.95: "95 %",
    1.0: "toutes",
}
SHARE_TABLE = "Parts retirées par sortie et par canal d'entrée"

WHY_HEADING = "#### Pourquoi ce poids ?"
WHY_ROW, WHY_COLUMN, WHY_ASK = "Sortie (ligne)", "Entrée (colonne)", "Pourquoi ?"
WHY_EMPTY = "Cliquez sur un poids dans la fenêtre, ou saisissez sa place et appuyez sur **Pourquoi ?**."
WHY_FIGURE = "Activation du canal d'entrée, par langue"
WHY_KEPT, WHY_REMOVED = "**Gardé.**", "**Retiré.**"
WHY_WEIGHT = "Le poids {value} lit l'entrée {column} et alimente la sortie {row} de `{module}` dans le bloc {block}."
WHY_NEW = "La méthode lui a ensuite donné une nouvelle valeur : {value}."
WHY_NO_STATISTICS = "Cette exécution a été conservée sans les statistiques de sa calibration : on ne peut donc dire ni son score ni ce que chaque langue en pensait."
WHY_SCORE = "Son score est {score} : place {place} sur {size} {group}, en comptant depuis le plus élevé, dont {kept} restent"
WHY_THRESHOLD = " ; le score le plus bas qui y est gardé est {threshold}."
WHY_NOTHING_KEPT = " ; rien n'y est gardé."
WHY_GROUPS = {
    "row": "poids de sa sortie",
    "layer": "poids de sa matrice",
    "global": "poids de sa matrice (tout le modèle partage un même seuil)",
    "n:m": "voisins",
}
WHY_GOES = "Il partirait si l'on retirait au moins {share} {group}, avec les activations mesurées dans cette exécution."
WHY_STAYS = "Il resterait si l'on retirait moins de {share} {group}, avec les activations mesurées dans cette exécution."
WHY_WHOLE = {"row": "des poids de sa sortie", "layer": "des poids de sa matrice", "global": "des poids de sa matrice"}
WHY_PLACE = "Il reste avec tout motif qui garde au moins {place} voisins sur {size}."
WHY_BLIND = "Le score de cette méthode ne regarde pas les activations : chaque langue seule déciderait donc de la même façon."
WHY_ALL = "**Chaque langue de calibration seule** l'aurait gardé aussi."
WHY_NONE = "**Aucune langue de calibration seule** ne l'aurait gardé."
WHY_SOME = "Avec une seule langue, il aurait été gardé pour **{keep}** et retiré pour **{drop}**."
WHY_ONE_LANGUAGE = "Calibration sur une seule langue ({name}) : il n'y a donc pas d'autre avis."
WHY_MISSING = "{method} a aussi utilisé {gone}, qu'aucune exécution ne conserve ; les scores affichés sont à la place ceux de Wanda (poids fois activation)."
WHY_GONE = {
    "full_gradient": "le gradient de la perte",
    "relevance": "la dérivée selon les règles LRP",
    "regional_gradient": "le gradient à travers le bloc",
    "repair": "l'état des poids tel que la réparation l'avait laissé avant la coupe",
}
WHY_SOLVER = "{solver} cherche le masque lui-même : le score n'a donc pas le dernier mot."
WHY_SPARED = (
    "Cette exécution a gardé des poids de neurones de langue ({names}) avant tous les autres, quel que soit leur score."
)
WHY_NOT_WALKED = "L'exécution a remesuré chaque bloc derrière les blocs élagués qui le précèdent ; elle n'a conservé que les activations du modèle dense, affichées ici."
WHY_DIFFERS = "Garder les plus élevés de ces scores ne donnerait pas exactement le choix qui a été fait ici."
WHY_CHANGED = (
    "La raison peut être l'arrondi d'une autre machine, ou le fait que les fichiers du modèle ne sont plus ceux de l'exécution."
)
WHY_COLUMNS = {
    "name": "Langue", "rms": "Activation (RMS)", "score": "Score", "threshold": "Plus bas gardé", "place": "Place", "keeps": "Seule",
}  # fmt: skip
WHY_TABLE = "Ce que chaque langue seule fait de ce poids"
WHY_KEEPS, WHY_DROPS = "le garde", "le retire"
WHY_AXIS = "Moyenne quadratique du canal d'entrée"
WHY_HOVER = "{name} : {rms}<br>score {score}, {verdict}"

DENSE_NEEDED = (
    "Les poids denses de ce modèle ne sont pas prêts sur ce disque : il faut les télécharger ou les décompresser une fois (jusqu'à une minute "
    "pour le modèle intégré)."
)
DENSE_READ = "Lire les poids denses"
DENSE_JOB = "Lecture des poids denses"
DENSE_LOADING = "Chargement du modèle"
DENSE_SHARED = "Sur ce serveur partagé, les poids denses d'un modèle placé dans un dossier ne peuvent pas être lus."
DENSE_OTHER = "Le modèle {source!r} a changé depuis l'exécution : ses poids ne sont pas ceux qui ont été élagués."


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them."""
    return names[0] if len(names) == 1 else JOIN.join(names[:-1]) + AND + names[-1]


# --- results -------------------------------------------------------------------------------------------------------------

EARLIER = "Exécutions antérieures"
EARLIER_NONE = "Exécutions antérieures (aucune pour l'instant)"
EXAMPLE = "Exécution d'exemple"
EXAMPLE_BANNER = "**Exemple, calculé à l'avance :** {title}. Appuyez sur Élaguer pour calculer votre propre exécution ; ses figures remplaceront celles-ci."
RUN_BANNER = "**Affichée :** {title}. Lien vers cette exécution : [{link}]({link})"
NO_RUN = (
    "Aucune exécution à afficher pour l'instant. Appuyez sur **Élaguer** : les figures de votre exécution apparaîtront ici."
)

TAB_OVERVIEW, TAB_ACTIVATION, TAB_SPARSITY = "Vue d'ensemble", "Activations", "Parcimonie"
TAB_LANGUAGES, TAB_TABLES, TAB_ABOUT = "Langues", "Tableaux", "À propos"

CARD_MEAN = "Perplexité, moyenne de toutes les langues"
CARD_CALIBRATED = "Langues de calibration"
CARD_HELD_OUT = "Langues hors calibration"
CARD_WORST = "Langue la plus touchée : {name}"
CARD_SPARSITY = "Poids retirés"
CARD_ACCURACY = "Exactitude des choix, changement moyen"

ZEROS = (
    "À eux seuls, les zéros n'économisent ni octets ni temps : le modèle élagué a la même taille et la même vitesse qu'avant. Pour y gagner, il faut "
    "un format de stockage et des noyaux de calcul conçus pour des poids creux, par exemple 2:4 sur certains GPU."
)
NOTES, TIMINGS, AGAIN = "Remarques", "Où le temps est passé", "La même exécution depuis Python"
TIMING_NAMES = {
    "load": "Chargement du modèle et des textes",
    "dense scores": "Mesure du modèle dense",
    "statistics": "Statistiques de calibration",
    "pruning": "Choix et retrait des poids",
    "pruned scores": "Mesure du modèle élagué",
    "studies": "Benchmarks et études",
    "total": "Total",
}

KIND = "Entrée de"
KIND_ALL = "Toutes les entrées (moyenne)"
MEASURE = "Afficher"
MEASURES = {"deviation": "Écart à la langue moyenne", "rms": "Force des activations"}
ALL_LANGUAGES = "Toutes (variance)"
ACTIVATION_HEADING = "### À quel point les langues utilisent différemment chaque bloc"
ACTIVATION_HELP = (
    "Chaque case : l'écart entre les forces des canaux d'une langue et leur moyenne sur les langues de calibration, relativement à cette moyenne "
    "(0 : exactement comme elle). La ligne du bas est la moyenne sur les langues : la variance entre langues."
)
RMS_HELP = "Chaque case : moyenne quadratique (RMS) des activations qui entrent dans ces poids, dans les unités du modèle."
SIMILARITY_HEADING = "### Quelles langues se ressemblent à l'intérieur du modèle"
SIMILARITY_HELP = (
    "Corrélation des forces (en logarithme) des canaux de deux langues, en moyenne sur les blocs. Les différences sont petites parce que toutes les langues "
    "partagent les canaux les plus forts ; les couleurs couvrent l'étendue observée."
)
ONE_LANGUAGE = "Une seule langue de calibration : il n'y a rien à quoi la comparer."

SPARSITY_HEADING = "### Parcimonie de chaque bloc"
SPARSITY_HELP = (
    "Comment {method} répartit la parcimonie entre les blocs. Déplacez le curseur : la ligne suit aussitôt, calculée d'après l'importance des "
    "blocs enregistrée avec l'exécution, sans faire tourner le modèle de nouveau."
)
PREVIEW = "Parcimonie de l'aperçu (%)"
PREVIEW_INFO = "Se déplace avec le curseur de la prochaine exécution."
LAYERS_HEADING = "### Parcimonie de chaque matrice de poids dans cette exécution"
LAYERS_VIEW = "Afficher"
LAYERS_VIEWS = {"achieved": "Telle qu'obtenue", "allocated": "Telle qu'allouée", "difference": "Écart à l'uniforme"}
LAYERS_HELP = "Dans chaque ligne de sortie, on ne retire que des poids entiers : le résultat se situe donc jusqu'à un poids par ligne sous l'allocation."

LANGUAGES_HEADING = "### Perplexité : à quel point chaque langue est devenue plus difficile à prédire"
LANGUAGES_HELP = (
    "Perplexité après élagage divisée par la perplexité avant, sur les mêmes textes ; 1 signifie inchangé. Les barres sont des intervalles à 95 % "
    "sur les textes. Les rapports se comparent d'une langue à l'autre, les perplexités elles-mêmes non (les tokens diffèrent)."
)
VIEW = "Afficher"
VIEWS = {"difference": "Différence", "both": "Avant et après"}
ACCURACY_HEADING = "### Exactitude des choix : le modèle sait-il encore quelle suite convient ?"
ACCURACY_HELP = (
    "{items}, avec quatre suites possibles : répondre au hasard donne donc {chance}. Les barres sont des intervalles à 95 %. Marques creuses : le modèle "
    "dense lui-même ne se distingue pas du hasard dans cette langue ; un changement n'y dit donc rien."
)
ACCURACY_NONE = "L'exactitude des choix n'a pas été mesurée dans cette exécution."
SUMMARY_HEADING = "### Toutes les langues d'un coup d'œil"
SUMMARY_HELP = "Perplexité (Perpl.) et exactitude des choix (Exact.) avant et après élagage. Plus foncé, c'est pire ; dans la dernière colonne, le rouge est une baisse d'exactitude et le bleu une hausse."
WORST = "la plus touchée"
ROLES = {"calibration": "de calibration", "held-out": "hors calibration"}

TABLES_HELP = (
    "Tous les tableaux derrière les figures. L'exécution entière, avec ses réglages et ses versions, est dans report.json."
)
DOWNLOAD_CSV = "Télécharger le CSV"
DOWNLOAD_ALL = "Tout télécharger (ZIP)"
TABLE_TITLES = {
    "languages": "Langues, dense et élagué",
    "allocation": "Parcimonie de chaque bloc",
    "layers": "Parcimonie de chaque matrice de poids",
    "activations": "Statistiques d'activation",
    "similarity": "Ressemblance des langues",
    "texts": "Chaque texte mesuré",
    "choices": "Chaque question à choix",
}

HOVER_POINTS = "%{x:+.0f} points"
HOVER_INTERVAL = "95 % : de %{customdata[1]:.3g} à %{customdata[2]:.3g}"
AXIS_BLOCK = "Bloc décodeur (0 est le plus proche du texte)"
AXIS_LANGUAGE = "Langue"
AXIS_OTHER = "Autre langue"
AXIS_MODULE = "Matrice de poids"
AXIS_SPARSITY = "Parcimonie (% des poids retirés)"
AXIS_RATIO = "Perplexité après ÷ avant élagage<br>(échelle logarithmique, sans unité)"
AXIS_BITS = "Perte (bits par octet de texte),<br>plus bas est meilleur"
AXIS_ACCURACY = "Réponses correctes (%)"
AXIS_CHANGE = "Changement d'exactitude<br>(points de pourcentage)"
AXIS_MEASURE = "Mesure"
BAR_DEVIATION = "relatif"
BAR_RMS = "RMS"
BAR_CORRELATION = "corr."
BAR_PERCENT = "%"
BAR_POINTS = "points"
LEGEND_UNIFORM, LEGEND_THIS_RUN, LEGEND_ACHIEVED = "uniforme", "allouée dans cette exécution", "obtenue dans cette exécution"
LEGEND_PREVIEW = "à {value:.0f} %"
LEGEND_CHANCE = "au hasard"
LEGEND_DENSE, LEGEND_PRUNED = "avant (dense)", "après (élagué)"
SUMMARY_COLUMNS = (
    "Perpl.<br>avant",
    "Perpl.<br>après",
    "Perpl.<br>rapport",
    "Exact.<br>avant",
    "Exact.<br>après",
    "Exact.<br>écart",
)

COLUMNS: Mapping[str, str] = {
    "name": "Langue", "language": "Code", "role": "Rôle", "texts": "Textes", "tokens": "Tokens", "bytes": "Octets",
    "dense_perplexity": "Avant", "pruned_perplexity": "Après", "perplexity_ratio": "Rapport",
    "ratio_interval": "Intervalle à 95 %", "change_interval": "Intervalle à 95 %",
    "increase": "Hausse de la perte (nats)", "items": "Questions", "dense_accuracy": "Avant %", "pruned_accuracy": "Après %",
    "accuracy_change": "Points", "informative": "Mieux que le hasard",
    "block": "Bloc", "input": "Entrée de", "rms": "RMS", "deviation": "Écart", "variance": "Variance",
    "other_name": "Autre langue", "correlation": "Corrélation", "module": "Matrice", "weights": "Poids",
    "allocated": "Alloué %", "achieved": "Obtenu %", "sparsity": "Alloué %",
    "importance": "Importance", "preview": "Aperçu %", "kept": "Gardés", "pruned": "Retirés", "zeros_before": "Zéros avant",
}  # fmt: skip


def headline(method: str, removed: float, mean: str, calibrated: str, held_out: str, worst: str, worst_times: str) -> str:
    """What a run did, for someone who reads nothing else. `calibrated` or `held_out` is empty where there was none."""
    text = (
        f"**{method} a retiré {percent(removed, 1)} des poids élagables.** En moyenne sur toutes les langues mesurées, la perplexité a été "
        f"multipliée par {mean}"
    )
    if calibrated and held_out:
        text += f" : par {calibrated} dans les langues de calibration, par {held_out} dans les langues que la calibration n'a jamais vues"
    return f"{text}. Langue la plus touchée : **{worst}**, avec une perplexité multipliée par {worst_times}."


def of_model(model: Mapping[str, object]) -> str:
    """How much of the model can be pruned at all."""
    prunable, everything = float(str(model["prunable"])), float(str(model["parameters"]))
    return f"sur {_millions(prunable)} d'élagables ; le modèle en compte {_millions(everything)}"


def _millions(count: float) -> str:
    """Millions, with a thin space between thousands, as French prints them."""
    told = f"{count / 1e6:,.0f}".replace(",", "\u202f")
    return f"{told} million{_plural(round(count / 1e6))}"


def made_on(device: str, dtype: str, versions: Mapping[str, str]) -> str:
    """Under which circumstances a run was made."""
    return f"{device}, {dtype} ; torch {versions.get('torch', '?')}, transformers {versions.get('transformers', '?')}."


# --- reasons -------------------------------------------------------------------------------------------------------------

TAB_REASONS = "Raisons possibles"
REASONS_HELP = (
    "Des études qui cherchent ce qui accompagne les pertes. Elles montrent des coïncidences, pas des causes : chacune dit ce que l'on verrait par le "
    "seul hasard, et jusqu'où la valeur peut aller au plus."
)
ABSENT = "Cela n'a pas été mesuré dans cette exécution. Ouvrez **Mesurer davantage** à gauche, cochez **{study}** et appuyez sur **Élaguer**."

OVERLAP_HEADING = "### Les mêmes poids partiraient-ils pour une autre langue ?"
OVERLAP_HELP = (
    "Chaque langue décide seule des poids à retirer ; une case dit à quel point deux de ces choix s'accordent. **0** est ce que partagent deux choix "
    "au hasard de même taille, 1 est le même choix. La diagonale encadrée est le **plafond** : la même langue avec un autre texte. Deux langues dont "
    "la case approche leurs plafonds ont besoin des mêmes poids ; élaguer pour l'une sert alors aussi l'autre."
)
OVERLAP_WHERE = "Partie du modèle"
OVERLAP_WHOLE = "Modèle entier"
OVERLAP_MODULE = "Matrice : {name}"
OVERLAP_BLOCK = "Bloc {block}"
OVERLAP_VIEW = "Afficher"
OVERLAP_VIEWS = {"corrected": "Recouvrement au-delà du hasard", "of_ceiling": "En part du plafond"}
OVERLAP_BLOCKS_HEADING = "### Où, dans le modèle, les langues suivent leur propre voie"
OVERLAP_BLOCKS_HELP = "La moyenne sur les paires de langues dans chaque bloc, sous la moyenne des plafonds. Plus l'écart est grand, plus le choix des poids dépend de la langue."
OVERLAP_ONE = "Une seule langue de calibration : il n'y a pas de paire à comparer. Le plafond est {value:.3f}."
BAR_OVERLAP, BAR_OF_CEILING = "recouvrement", "part"
HOVER_OVERLAP = (
    "{a} et {b}<br>au-delà du hasard {corrected:.3f}<br>plafond {ceiling:.3f}<br>IoU {iou:.3f}, par hasard {expected:.3f}"
)
HOVER_CEILING = "{a}, autre texte de la même langue<br>plafond {corrected:.3f}<br>IoU {iou:.3f}, par hasard {expected:.3f}"
LEGEND_PAIRS, LEGEND_CEILING, LEGEND_RANDOM = "deux langues (moyenne)", "même langue, autre texte", "hasard"
AXIS_OVERLAP = "Recouvrement au-delà du hasard"

NEURONS_HEADING = "### Où sont les neurones de langue"
NEURONS_HELP = (
    "Neurones du modèle dense qui ne s'activent que pour peu de langues (1 % de tous les neurones, choisis d'après l'entropie de leur activité). Un neurone "
    "peut appartenir à plusieurs langues. Trouvés sur le texte de calibration, donc seulement pour les langues de calibration."
)
NEURONS_PRUNED_HEADING = "### L'élagage les touche-t-il plus que les autres ?"
NEURONS_PRUNED_HELP = (
    "Part moyenne des poids sortants d'un neurone (sa colonne de la matrice down) qui a été retirée. La barre grise contient 95 % des valeurs de neurones "
    "tirés au hasard, en même nombre et dans les mêmes blocs : à l'intérieur, les neurones de langue sont traités comme les autres. Une méthode qui "
    "compare les poids au sein d'une ligne retire la même part de chaque ligne quelle que soit la langue ; seules les colonnes sont donc révélatrices."
)
NEURONS_DRIFT_HEADING = "### Sont-ce les mêmes neurones après ?"
NEURONS_DRIFT_HELP = (
    "Neurones de langue recherchés de nouveau dans le modèle élagué. Les neurones perdus ont cessé d'être sélectifs ; de nouveaux ont pris leur place. "
    "Une certaine dérive se verrait sur un autre texte, même sans élagage."
)
NEURONS_NONE = "Aucun neurone de langue n'a été trouvé."
LEGEND_OWN, LEGEND_CONTROL = "neurones de langue", "neurones au hasard, mêmes blocs (95 %)"
LEGEND_SHARED, LEGEND_LOST, LEGEND_NEW = "toujours là", "perdus", "nouveaux"
AXIS_COLUMN = "Poids sortants retirés (%)"
AXIS_NEURONS = "Neurones"
BAR_NEURONS = "neurones"
HOVER_NEURONS = "{name}, bloc {block} : neurones : {neurons} ({share} du bloc)"
HOVER_NEURONS_PRUNED = "{name}, neurones : {neurons}<br>retirés {column:.1f} %<br>au hasard {random:.1f} % (de {low:.1f} à {high:.1f})<br>{verdict}"
NEURONS_INSIDE, NEURONS_ABOVE, NEURONS_BELOW = (
    "comme des neurones au hasard",
    "plus que des neurones au hasard",
    "moins que des neurones au hasard",
)

PREDICTORS_HEADING = "### Qu'est-ce qui accompagne la perte d'une langue ?"
PREDICTORS_HELP = "Un point par langue. Plus haut : elle a perdu davantage. **Corrélation, pas cause** : les langues diffèrent par bien des choses à la fois."
PREDICTOR_MENU = "En fonction de"
PREDICTORS = {
    "similarity": "Ressemblance avec le mélange de calibration",
    "cosine": "Ressemblance avec le mélange (simple cosinus)",
    "fertility": "Tokens par octet",
    "dense_loss": "Perte du modèle dense",
    "dense_bits": "Bits par octet du modèle dense",
    "log_share": "Part du texte du Web",
    "mask_overlap": "Accord de son propre masque avec celui du mélange",
    "neurons_pruned": "Part retirée des poids de ses neurones",
}
PREDICTOR_AXES = {
    "similarity": "Ressemblance de ses activations avec le<br>mélange de calibration (cosinus, échelle logarithmique)",
    "cosine": "Ressemblance de ses activations avec le<br>mélange de calibration (cosinus)",
    "fertility": "Tokens par octet de texte",
    "dense_loss": "Perte du modèle dense (nats par token)",
    "dense_bits": "Perte du modèle dense (bits par octet)",
    "log_share": "Texte du Web dans cette langue (logarithme des mégaoctets)",
    "mask_overlap": "Recouvrement de son masque avec celui du mélange,<br>au-delà du hasard",
    "neurons_pruned": "Part retirée des poids sortants<br>de ses neurones de langue",
}
AXIS_INCREASE = "Hausse de la perte (nats par token)"
HOVER_PREDICTOR = "{name} ({role})<br>{what} : {value:.3g}<br>hausse de la perte {increase:.3f} nats"
PREDICTOR_NONE = "Cette grandeur n'est connue pour aucune langue de cette exécution."
CORRELATION_FEW = "Nombre de langues : {n}, trop peu pour une corrélation."
CORRELATION = "**r = {r:+.2f}** sur {n} langues{interval} ; p = {p} par permutations. En rangs : {rho:+.2f}, p = {rho_p}."
CORRELATION_INTERVAL = ", 95 % : de {low:+.2f} à {high:+.2f}"
CORRELATION_NO_INTERVAL = ", trop peu pour un intervalle"
CORRELATION_WARNING = (
    "Corrélation, pas cause. {tests} grandeurs ont été examinées : sur vingt, une a par hasard un p inférieur à 0.05."
)
CORRELATION_GROUPS = {"all": "toutes", "calibration": "de calibration", "held-out": "hors calibration"}
CORRELATION_COLUMNS = {
    "predictor": "Grandeur", "languages": "Langues", "n": "n", "pearson": "r", "interval": "Intervalle à 95 %", "pearson_p": "p",
    "spearman": "En rangs", "spearman_p": "p des rangs",
}  # fmt: skip

WRITING_HEADING = "### Ce qu'écrivent les deux modèles"
WRITING_HELP = (
    "Les deux prolongent le même début, toujours par le mot suivant le plus probable. Lisez les textes avant les chiffres : une perte de quelques dixièmes peut "
    "être un texte fluide avec d'autres faits, ou un mot répété sans fin."
)
WRITING_LANGUAGE = "Langue"
WRITING_BEFORE, WRITING_AFTER = "Modèle dense", "Modèle élagué"
WRITING_OPENING = "Début"
WRITING_EMPTY = "(rien : le modèle a terminé le texte aussitôt)"
WRITING_SAME = "Identiques mot pour mot."
WRITING_AGREE = "Les {count} premiers tokens sont les mêmes."
WRITING_AGREE_ONE = "Le premier token est le même."
WRITING_APART = "Ils diffèrent dès le premier token."
WRITING_LOOP = "boucle de {count} tokens"
WRITING_REPEATED = "{share} des suites de trois tokens répétées"
WRITING_IN = "langue : {name} ({share})"
WRITING_UNKNOWN = "langue non reconnue"
WRITING_SCRIPT = "{share} dans l'écriture de la langue"
WRITING_ENDED = "terminé de lui-même"
ON_LANGUAGE_HEADING = "### Répond-il encore dans la langue du début ?"
ON_LANGUAGE_HELP = "Part des textes écrits dans la langue de leur début, avec des intervalles à 95 % ; débuts par langue : {count}, si bien que seuls de grands changements sont visibles."
SCRIPT_HELP = (
    "Aucun identificateur de langue n'est installé (`pip install \"mwanda-explorer[langid]\"`) : c'est donc la part des lettres dans "
    "l'écriture de la langue ; elle ne permet pas de distinguer les langues à écriture latine."
)
REPETITION_HEADING = "### Se répète-t-il ?"
REPETITION_HELP = "Part des suites de trois tokens déjà apparues dans le même texte ; 0 : aucune répétition."
AXIS_ON_LANGUAGE, AXIS_SCRIPT = "Textes dans la bonne langue (%)", "Lettres dans la bonne écriture (%)"
AXIS_REPETITION = "Suites de trois tokens répétées (%)"
WRITING_COLUMNS = {
    "name": "Langue", "prompts": "Débuts", "on_language_dense": "Bonne langue avant %", "on_language_pruned": "Bonne langue après %", "p_value": "p",
    "script_share_dense": "Bonne écriture avant %", "script_share_pruned": "Bonne écriture après %", "repetition_dense": "Répété avant %",
    "repetition_pruned": "Répété après %", "same": "Même texte %",
}  # fmt: skip

PROFILE_HEADING = "### Au-delà de la perplexité"
PROFILE_HELP = "Deux modèles peuvent perdre autant et différer à l'intérieur. Trois regards sur les mêmes textes, avant et après élagage ; les barres sont des intervalles à 95 % sur les textes."
PROFILE_LANGUAGE = "Langue"
PROFILE_ALL = "Toutes les langues (moyenne)"
ERANK_HEADING = "#### Dans combien de directions les mots d'un texte diffèrent-ils ?"
ERANK_HELP = (
    "Rang effectif des états cachés d'un texte après chaque bloc. Plus bas après élagage : le modèle distingue les mots dans moins de directions. "
    "Le dernier point, une étoile, se situe après la norme finale ; c'est celui que contient le tableau."
)
TAU_HEADING = "#### Les mots suivants les plus probables sont-ils encore dans le même ordre ?"
TAU_HELP = "τ de Kendall entre l'ordre dense et l'ordre élagué des k mots les plus probables du modèle dense : 1 le même ordre, 0 rien de commun."
ENERGY_HEADING = "#### Les indices en faveur d'un mot sont-ils plus faibles ?"
ENERGY_HELP = (
    "Décalage de l'énergie centrée (nats). Vers la droite : les logits se détachent moins de leur moyenne, le modèle est donc moins décidé. L'énergie simple "
    "n'est pas tracée : un décalage de tous les logits la déplace et ne nuit à rien."
)
AXIS_ERANK = "Rang effectif"
AXIS_TAU = "τ de Kendall (1 : même ordre)"
AXIS_ENERGY = "Décalage de l'énergie centrée (nats, élagué − dense)"
LEGEND_TOP = "top {k}"
FINAL_NORM = "après la norme finale"
HOVER_ERANK = "{place}<br>{side} : {value:.1f}"
HOVER_TAU = "{name}, top {k} : {value:.3f} (de {low:.3f} à {high:.3f})<br>positions : {positions}"
HOVER_ENERGY = "{name} : {value:+.2f} nats (de {low:+.2f} à {high:+.2f})<br>avant {before:.1f}, après {after:.1f}<br>distingué d'un texte mélangé : {sep_before} avant, {sep_after} après"
PROFILE_NONE = "Il n'y a rien à tracer."
PROFILE_COLUMNS = {
    "name": "Langue", "erank_dense": "Rang avant", "erank_pruned": "Rang après", "tau_3": "τ top 3", "tau_10": "τ top 10", "tau_20": "τ top 20",
    "shift": "Décalage de l'énergie", "shift_interval": "Intervalle à 95 %", "separation_dense": "Distingué avant", "separation_pruned": "Distingué après",
}  # fmt: skip
OVERLAP_COLUMNS = {
    "name": "Langue",
    "other_name": "Autre langue",
    "corrected": "Au-delà du hasard",
    "ceiling": "Plafond",
    "of_ceiling": "Part du plafond",
    "iou": "IoU",
    "expected": "Par hasard",
}
NEURON_SHARE = "Part du bloc %"
NEURON_COLUMNS = {
    "name": "Langue", "neurons": "Neurones", "column": "Retirés %", "random_column": "Au hasard %", "random_interval": "Au hasard, 95 %",
    "shared": "Toujours là", "lost": "Perdus", "new": "Nouveaux", "jaccard": "Part identique %",
}  # fmt: skip

STUDY_TABLE_TITLES = {
    "tasks": "Benchmarks, dense et élagué",
    "task_means": "Benchmarks, moyenne sur les langues",
    "task_items": "Benchmarks, chaque question",
    "overlap": "Recouvrement des masques entre langues",
    "overlap_modules": "Recouvrement des masques par matrice de poids",
    "overlap_blocks": "Recouvrement des masques par bloc",
    "neurons": "Neurones de langue et élagage",
    "neuron_blocks": "Neurones de langue par bloc",
    "neuron_drift": "Neurones de langue avant et après",
    "predictors": "Ce que l'on sait de chaque langue",
    "correlations": "Corrélations avec la perte",
    "generated_texts": "Textes écrits",
    "generated_languages": "Textes écrits, par langue",
    "profile_layers": "Rang effectif par bloc",
    "profile_ranking": "Ordre des mots les plus probables",
    "profile_energy": "Énergie",
    "profile_positions": "Énergie selon la position dans le texte",
}


def agreement(count: int) -> str:
    """How long two texts are the same."""
    return WRITING_APART if count == 0 else WRITING_AGREE_ONE if count == 1 else WRITING_AGREE.format(count=count)


# --- comparing -----------------------------------------------------------------------------------------------------------

TAB_COMPARE = "Comparer"
COMPARE_HELP = (
    "Placez de deux à six exécutions côte à côte. Les différences se rapportent à l'une d'elles, la référence, et portent sur les mêmes textes et les "
    "mêmes questions ; là où deux exécutions n'ont pas été mesurées sur les mêmes, aucune différence n'est affichée."
)
COMPARE_RUNS = "Exécutions à comparer"
COMPARE_RUNS_INFO = "De deux à six. Tapez pour chercher."
COMPARE_BASELINE = "Référence"
COMPARE_BASELINE_INFO = "Les autres sont comparées à cette exécution."
COMPARE_ADD_SHOWN = "Ajouter l'exécution affichée"
COMPARE_PASTE = "Ajouter une exécution par son lien ou son nom"
COMPARE_PASTE_INFO = "Par exemple un lien qui se termine par ?run=..."
COMPARE_ADD = "Ajouter"

COMPARE_NONE = (
    "Choisissez deux exécutions à comparer. **Ajouter l'exécution affichée** prend celle que montrent les autres onglets."
)
COMPARE_ONE = "Une exécution est choisie : choisissez-en une de plus, ou ajoutez-la par son lien."
COMPARE_SIX = "On compare au plus six exécutions à la fois : retirez-en une d'abord."
COMPARE_FIRST_SIX = "{count} exécutions ont été indiquées ; les six premières sont comparées."
COMPARE_EMPTY_LINK = (
    "Aucune exécution n'y est indiquée : collez un lien qui se termine par ?run=..., ou le nom d'une exécution."
)
RUN_UNREADABLE = "L'exécution {name!r} n'existe pas ici, ou elle est endommagée."
COMPARE_UNREADABLE = "L'exécution {name!r} n'existe pas ici, ou elle est endommagée ; elle est donc laissée de côté."
COMPARE_AGAIN = "L'exécution {name!r} est déjà choisie."
COMPARE_NO_SHOWN = "Aucune exécution n'est encore affichée : il n'y en a donc pas à ajouter."
COMPARE_MODELS = (
    "**Ces exécutions portent sur des modèles différents.** Une hausse de la perte se mesure par rapport au modèle de l'exécution et se compte dans les tokens "
    "de ce modèle : elle dit combien chaque modèle a perdu, pas lequel est le meilleur."
)
COMPARE_UNPAIRED = "Non comparé à la référence, parce que les mêmes textes n'ont pas été mesurés de la même façon : {what}."
COMPARE_OF = "{run} ({languages})"

COMPARE_SETTINGS_HEADING = "### Ce qui était réglé autrement"
COMPARE_SETTINGS_SAME = "Rien n'était réglé autrement : ces exécutions ont été demandées avec les mêmes réglages."
COMPARE_SETTINGS_HELP = "Seulement ce qui diffère. Case vide : la méthode de l'exécution n'a pas ce réglage."
COMPARE_SETTING = "Réglage"

COMPARE_LOSS_HEADING = "### Hausse de la perte dans chaque langue"
COMPARE_LOSS_HELP = (
    "Perte après élagage moins perte avant, en nats par token (0.1 correspond à environ 10 % de perplexité en plus) ; plus à gauche, c'est meilleur. Les barres sont "
    "des intervalles à 95 % sur les textes. En haut se trouve la langue la plus endommagée par l'une des exécutions."
)
COMPARE_DIFFERENCE_HEADING = "### Différence par rapport à {baseline}"
COMPARE_DIFFERENCE_HELP = (
    "Perte après élagage moins celle de la référence sur les mêmes textes : à gauche de 0, cette exécution est meilleure ; à droite de 0, la référence. "
    "Marques creuses : l'intervalle à 95 % contient 0, la différence est donc **dans le bruit**. On examine ici beaucoup de langues : sur "
    "vingt vrais zéros, un environ aurait l'air d'une différence."
)
COMPARE_ACCURACY_HEADING = "### Exactitude des choix : différence par rapport à {baseline}"
COMPARE_ACCURACY_HELP = (
    "En points de pourcentage, sur les questions auxquelles les deux exécutions ont répondu : à droite de 0, cette exécution est meilleure. Marques creuses : dans le bruit. "
    "Une différence dit peu de chose dans une langue où le modèle dense lui-même ne se distingue pas du hasard (voir l'onglet Langues)."
)
COMPARE_BLOCKS_HEADING = "### Parcimonie de chaque bloc"
COMPARE_BLOCKS_HELP = "Part des poids élagables d'un bloc que chaque exécution a retirée."
COMPARE_FRONT_HEADING = "### Moyenne face à la langue la plus touchée"
COMPARE_FRONT_HELP = (
    "Hausses de la perte sur les {count} langues que toutes ces exécutions ont mesurées. Plus près du coin inférieur gauche, c'est meilleur ; la ligne relie les "
    "exécutions qu'aucune autre ne bat sur les deux plans. Les langues de calibration et hors calibration comptent de la même façon."
)
COMPARE_FRONT_NONE = "Ces exécutions n'ont aucune langue mesurée en commun : il n'y a donc pas de moyenne à comparer."
COMPARE_FRONT_LEGEND = "non battue sur les deux plans"

COMPARE_MASKS_HEADING = "### Masques : les exécutions retirent-elles les mêmes poids ?"
COMPARE_MASKS_HELP = (
    "Lit les masques de toutes les exécutions choisies (un bit par poids), matrice par matrice ; sur un petit modèle, cela prend quelques secondes. 0 signifie aussi "
    "semblables que deux masques tirés au hasard, 1 le même masque, au-dessous de 0 qu'ils s'évitent."
)
COMPARE_MASKS_START = "Comparer les masques"
COMPARE_MASKS_IDLE = "Les masques de ces exécutions n'ont pas encore été comparés."
COMPARE_MASKS_DONE = "Les masques de {count} exécutions sont comparés."
COMPARE_MASKS_WITHOUT = "Laissées de côté, car conservées sans masques : {runs}."
COMPARE_MASKS_CANCELLED = "Arrêté ; les masques n'ont pas été comparés."
COMPARE_MASKS_FEW = "Il faut deux exécutions avec masques. L'exemple et les exécutions venues d'ailleurs peuvent ne pas en avoir ; toute exécution faite ici en a."
COMPARE_MASKS_FIRST, COMPARE_MASKS_SECOND = "Masques de", "et de"
COMPARE_MASKS_VIEW = "Afficher"
COMPARE_MASKS_VIEWS = {"corrected": "En commun, corrigé du hasard", "kept_share": "Gardés par les deux (%)"}
COMPARE_MASKS_VIEWS_HELP = (
    "**En commun, corrigé du hasard** : recouvrement des poids retirés, 0 par hasard et 1 pour le même masque. **Gardés par les deux** : parmi les poids "
    "qu'au moins une exécution garde, la part que les deux gardent ; deux masques tirés au hasard à 50 % en ont 33 %."
)
COMPARE_MASKS_TWO = "Choisissez deux exécutions différentes."
COMPARE_MATRIX_HEADING = "### Tous les masques entre eux"

COMPARE_DOWNLOAD = "Télécharger la comparaison (ZIP)"
COMPARE_LINK = "Lien vers cette comparaison"
COMPARE_LINK_INFO = "Rouvre ces exécutions côte à côte, pour tous ceux qui peuvent ouvrir cette page."

CLONE_HEADING = "### La même chose, avec des changements"
CLONE_HELP = (
    "Reporte les réglages d'une exécution dans le formulaire de gauche : changez ce que vous voulez, puis appuyez sur Élaguer."
)
CLONE_FROM = "Réglages de"
CLONE_USE = "Utiliser ces réglages"
CLONE_NONE = "Choisissez d'abord une exécution ci-dessus."
CLONE_DONE = "Le formulaire contient les réglages de {title}. Rien ne démarre avant que vous appuyiez sur Élaguer."
CLONE_BUT = "Le formulaire contient les réglages de {title}, sauf : {what}"
CLONE_MODE = (
    "elle a été élaguée selon le parcours {mode!r}, que seule la ligne de commande propose ; le formulaire garde donc le sien."
)
CLONE_EVALUATION_TEXTS = (
    "elle a été mesurée sur des textes d'une autre source ; le formulaire mesure sur l'autre moitié des textes de calibration."
)
CLONE_DEVICE = "elle demandait l'appareil {device!r} et le type de nombre {dtype!r} ; la page choisit elle-même les deux."
CLONE_METHOD = "cette version ne connaît pas sa méthode ; le formulaire garde donc la sienne."
CLONE_KNOBS = "{method} a des réglages pour lesquels le formulaire n'a pas de commande ; ils restent à leur valeur par défaut."
CLONE_LOCAL_MODEL = "son modèle se trouve sur une autre machine ; le formulaire garde le sien."
CLONE_LOCAL_TEXTS = "ses textes se trouvent sur une autre machine ; le formulaire garde les siens."
CLONE_RANGE = "{name} valait {value}, ce que le formulaire ne propose pas ; la valeur retenue est {nearest}."
CLONE_MENU = "{name} comportait des choix que cette page ne propose pas ({left}) ; ils sont laissés de côté."
CLONE_UNREADABLE = "Cette version ne peut pas lire les réglages de cette exécution ; le formulaire reste donc tel quel."

COMPARE_WITHIN, COMPARE_BETTER, COMPARE_WORSE = "dans le bruit", "meilleur", "moins bon"
COMPARE_NO_INTERVAL, COMPARE_NOT = "pas d'intervalle", "non comparé"
COMPARE_COLUMNS: Mapping[str, str] = {
    "name": "Langue",
    "run": "Exécution",
    "difference": "Différence (nats)",
    "quotient": "Perplexité, ×",
    "points": "Différence (points)",
    "interval": "Intervalle à 95 %",
    "verdict": "Verdict",
    "paired": "Textes",
    "items": "Questions",
    "block": "Bloc",
    "module": "Matrice",
    "mean": "Moyenne (nats)",
    "worst": "La plus touchée (nats)",
    "worst_name": "Langue la plus touchée",
    "front": "Sur la ligne",
    "corrected": "Corrigé",
    "kept_share": "Gardés par les deux %",
    "iou": "Recouvrement",
    "expected": "Par hasard",
}
COMPARE_AXIS_INCREASE = "Hausse de la perte (nats par token),<br>plus bas est meilleur"
COMPARE_AXIS_DIFFERENCE = "Perte moins celle de la référence<br>(nats par token, mêmes textes)"
COMPARE_AXIS_POINTS = "Exactitude moins celle de la référence<br>(points de pourcentage, mêmes questions)"
COMPARE_AXIS_MEAN = "Hausse moyenne de la perte des langues<br>(nats par token)"
COMPARE_AXIS_WORST = "Hausse de la perte de la langue la plus touchée<br>(nats par token)"
COMPARE_AXIS_RUN = "Exécution"
COMPARE_AXIS_OTHER_RUN = "Autre exécution"
COMPARE_BAR_CORRECTED, COMPARE_BAR_KEPT = "corrigé", "%"
COMPARE_HOVER_TIMES = "{run}<br>{name} : {value:+.3f} nats par token, perplexité × {times:.3g}{interval}"
COMPARE_HOVER_POINTS = "{run}<br>{name} : {value:+.1f} points{interval}"
COMPARE_HOVER_INTERVAL = "<br>95 % : de {low:.3g} à {high:.3g}"
COMPARE_HOVER_FRONT = "{run}<br>moyenne {mean:.3f}, la plus touchée {worst:.3f} ({name})"
COMPARE_HOVER_MASKS = "bloc {block}, {module}<br>corrigé {corrected:.3f}, gardés par les deux {kept:.1f} %"
COMPARE_HOVER_PAIR = "{a}<br>{b}<br>corrigé {corrected:.3f}"


def compare_files(runs: Sequence[str]) -> str:
    """The title of a job that compares masks."""
    return f"Masques de {_runs(len(runs))}"


def compare_left_out(names: Sequence[str]) -> str:
    """Choices that a menu does not have."""
    return _and_more(names)


# --- taking --------------------------------------------------------------------------------------------------------------

TAB_TAKE = "Emporter"
TAKE_NOTHING = "Aucune exécution n'est affichée : il n'y a donc encore rien à emporter. Appuyez sur **Élaguer**, ou ouvrez une exécution antérieure."

TAKE_FILES_HEADING = "### Fichiers de cette exécution"
TAKE_FILES_HELP = "Choisissez ce qu'il vous faut et appuyez sur **Créer le fichier** ; puis téléchargez-le."
TAKE_FILE_KIND = "Quoi"
TAKE_FILE_KINDS = {
    "tables": "Tous les tableaux, CSV et Parquet (ZIP)",
    "run": "L'exécution entière, à ouvrir dans un autre M-Wanda Explorer (ZIP)",
    "html": "Toutes les figures en une seule page Web, lisible sans réseau (HTML)",
    "png": "Toutes les figures en images (PNG dans un ZIP)",
    "svg": "Toutes les figures en dessins (SVG dans un ZIP)",
    "card": "La fiche de reproductibilité (Markdown)",
}
TAKE_FILE_HELP = {
    "tables": "Tous les tableaux en pleine précision, avec report.json : réglages, versions et modèle.",
    "run": "Rapport, tableaux, masques, nouveaux poids s'il y en a, et statistiques. `mwanda runs import FILE` l'importe, de même que "
    "**Importer une exécution** ci-dessous sur votre propre page.",
    "html": "Le fichier contient son propre programme de dessin, environ 5 Mo ; passez sur une figure pour voir ses valeurs.",
    "png": "Nécessite l'extra `figures` et un Chrome ou Chromium sur la machine qui fait tourner cette page ; prend quelques secondes.",
    "svg": "Nécessite l'extra `figures` et un Chrome ou Chromium sur la machine qui fait tourner cette page ; prend quelques secondes.",
    "card": "Tout ce qui permet de répéter cette exécution, ainsi que les chiffres et l'empreinte des masques qu'une répétition devrait donner ; voir **La même chose de nouveau**.",
}
TAKE_MAKE_FILE = "Créer le fichier"
TAKE_DOWNLOAD = "Télécharger"
TAKE_NO_KALEIDO = (
    'Les images demandent le paquet kaleido, qui n\'est pas installé ici : lancez `pip install "mwanda-explorer[figures]"`, ou prenez les '
    "figures en une seule page Web."
)
TAKE_NO_CHROME = (
    "Les images sont dessinées par Chrome ou Chromium, et aucun n'a pu démarrer ici : installez-en un (ou indiquez-le dans la variable "
    "BROWSER_PATH), ou prenez les figures en une seule page Web."
)
TAKE_UNKNOWN_FILE = "Il n'existe pas de fichier du type {given} ; il existe : {known}."

TAKE_SHARE_HEADING = "### Partager"
TAKE_LINK = "Lien vers cette exécution"
TAKE_LINK_LOCAL = (
    "Le lien fonctionne pour tous ceux qui peuvent ouvrir cette page ; sur votre propre machine, c'est vous seul. Pour donner l'exécution à quelqu'un d'autre, "
    "envoyez-lui l'exécution entière dans un fichier."
)
TAKE_LINK_SHARED = (
    "Quiconque a ce lien peut ouvrir l'exécution, et personne ne la trouve sans le lien : les exécutions ne sont pas listées ici. Ce serveur ne conserve les "
    "exécutions que tant que dure son disque ; emportez donc l'exécution entière dans un fichier si vous devez en avoir encore besoin."
)
TAKE_LINK_EXAMPLE = "C'est l'exemple que contient tout M-Wanda Explorer : le lien l'ouvre donc pour tout le monde."

TAKE_AGAIN_HEADING = "### La même chose de nouveau"
TAKE_COMMAND = "La commande qui répète cette exécution"
TAKE_PYTHON = "La même chose en Python"
TAKE_CARD = "Fiche de reproductibilité"
TAKE_CARD_HELP = (
    "La fiche contient la commande, les versions, le modèle avec le SHA-256 de ses poids, la graine, les passages de calibration, ainsi que les chiffres et "
    "l'empreinte des masques qu'une répétition devrait donner. Téléchargez-la par **Fichiers de cette exécution** ci-dessus."
)
TAKE_AGAIN_UNKNOWN = "Cette exécution a été faite par une version dont celle-ci ne connaît pas les réglages ; elle ne peut donc pas être répétée ici : {problem}"

TAKE_MODEL_HEADING = "### Le modèle élagué"
TAKE_MODEL_HELP = (
    "Un dossier que transformers charge tel quel : safetensors, tokeniseur, configuration et fiche du modèle. Il a la taille du modèle dense ({size}), "
    "parce que les poids retirés sont stockés comme des zéros."
)
TAKE_CARD_PREVIEW = "La fiche du modèle qui l'accompagne"
TAKE_NO_CARD = "La fiche du modèle n'a pas pu être écrite : {problem}"
TAKE_FOLDER = "Dossier sur cette machine (facultatif)"
TAKE_FOLDER_INFO = "Vide ou pas encore créé. Sans dossier, vous obtenez un fichier ZIP à télécharger."
TAKE_EXPORT = "Exporter le modèle"
TAKE_DOWNLOAD_MODEL = "Télécharger le modèle (ZIP)"
TAKE_LICENCE = "La licence du modèle de base s'applique aussi au modèle élagué."
TAKE_SCRATCH = "Le fichier ZIP attend dans un dossier temporaire : les {count} derniers y sont conservés, un jour au plus."
TAKE_NO_MASKS_EXAMPLE = (
    "L'exemple contient ses chiffres sans ses masques : son modèle ne peut donc pas en être tiré. Appuyez sur **Élaguer** : les masques de votre propre "
    "exécution sont conservés, et son modèle peut être exporté."
)
TAKE_NO_MASKS = "Cette exécution a été enregistrée sans ses masques : son modèle ne peut donc pas en être tiré. Répétez l'exécution avec la commande ci-dessus."
TAKE_TOO_LARGE = (
    "Le modèle fait {size}, et ce serveur partagé délivre au plus {most} : emportez l'exécution entière dans un fichier, et créez le modèle sur votre propre machine "
    "avec `mwanda runs import FILE` et `mwanda apply`."
)
TAKE_DISK = "Il faut pour cela {size} de disque, et {free} sont libres : faites de la place, ou choisissez un dossier sur un autre disque."
TAKE_SHARED_FOLDER = (
    "Ce serveur est partagé : il n'écrit dans aucun dossier. Laissez le dossier vide et téléchargez le fichier ZIP."
)
TAKE_FOLDER_RELATIVE = "Le dossier doit être un chemin complet, tel que /home/me/model ; valeur donnée : {given}."

TAKE_PUSH_HEADING = "#### Vers le Hugging Face Hub"
TAKE_PUSH_HELP = (
    "Envoie le dossier avec sa fiche. Le jeton d'accès va au Hub et nulle part ailleurs : il reste en mémoire jusqu'au début de l'envoi, n'est jamais "
    "écrit, et le champ est vidé aussitôt."
)
TAKE_PUSH_SIGNED = "Si vous êtes connecté à Hugging Face, vous pouvez laisser le jeton vide."
TAKE_PUSH_NAME = "Nom sur le Hub"
TAKE_PUSH_NAME_INFO = "propriétaire/nom"
TAKE_PUSH_TOKEN = "Jeton d'accès avec droit d'écriture"
TAKE_PUSH_TOKEN_INFO = "Se crée sur la page des paramètres du Hub."
TAKE_PUSH_PRIVATE = "Privé : visible de vous seul"
TAKE_PUSH = "Envoyer"
TAKE_TOKEN_GONE = "Le jeton n'est plus en mémoire : il est gardé pour un seul envoi, et une heure au plus. Saisissez-le de nouveau et appuyez sur Envoyer."

TAKE_COST_HEADING = "### Ce que cela économise vraiment"
TAKE_COST_HELP = (
    "À eux seuls, les zéros n'économisent ni octets ni temps. Mesurez-le sur la machine qui fait tourner cette page : octets du modèle dense et du modèle élagué, "
    "compressés ou non, octets des masques seuls, et temps d'une passe avant de chacun, tour à tour."
)
TAKE_COST_TOKENS = "Tokens dans la passe"
TAKE_COST_REPEATS = "Passes de chacun"
TAKE_COST = "Mesurer"
TAKE_COST_COLUMNS = ("Quoi", "Dense", "Élagué", "Élagué ÷ dense")
TAKE_COST_ROWS = {
    "bytes": "Poids en mémoire et sur disque",
    "zip": "Dans un fichier ZIP, {how}",
    "masks": "Masques seuls, un bit par poids",
    "updates": "Nouveaux poids à côté des masques",
    "time": "Passe avant de {tokens} tokens, médiane de {count} ({device}, {dtype})",
    "spread": "De la plus rapide à la plus lente",
}
TAKE_COST_PACKED, TAKE_COST_SAMPLED = "compressé ici", "estimé d'après {share} des octets"
TAKE_COST_SENTENCES = "En phrases"
TAKE_COST_HARDWARE = "Ce que le matériel fait des zéros, et qui le dit"
TAKE_COST_SOURCE = "*Source : {source} ; {basis}.*"

TAKE_KEEP_HEADING = "### Les exécutions sur cette machine"
TAKE_NOTE = "Un nom à vous pour cette exécution"
TAKE_NOTE_INFO = "Affiché avant le titre dans la liste des exécutions antérieures ; vide, il est supprimé."
TAKE_NOTE_SAVE = "Enregistrer le nom"
TAKE_NOTE_SAVED = "Enregistré."
TAKE_NOTE_LONG = "Un nom a au plus {most} caractères ; celui-ci en a {given}."
TAKE_DELETE = "Supprimer cette exécution"
TAKE_DELETE_SURE = "Oui, supprimer définitivement cette exécution"
TAKE_DELETE_ASK = "Cochez d'abord la case : une exécution supprimée ne peut pas être récupérée."
TAKE_DELETED = "L'exécution a été supprimée."
TAKE_DELETE_EXAMPLE = "L'exemple fait partie de l'installation ; il ne peut être ni supprimé ni renommé."
TAKE_IMPORT = "Importer une exécution (ZIP)"
TAKE_IMPORTED = "Importée ; elle est maintenant affichée."
TAKE_LOCAL_ONLY = "Sur un serveur partagé, les exécutions ne sont ni listées, ni renommées, ni supprimées, ni importées."

TAKE_STAGE_LOAD = "Chargement du modèle"
TAKE_STAGE_APPLY = "Application des masques"
TAKE_STAGE_WRITE = "Écriture du modèle"
TAKE_STAGE_ZIP = "Compression dans le fichier ZIP"
TAKE_STAGE_PUSH = "Envoi (cette étape ne peut pas être arrêtée en cours de route)"
TAKE_JOB = {"export": "Export de {run}", "push": "Envoi de {run}", "cost": "Coût de {run}"}
TAKE_CANCELLED = "Arrêté ; rien n'a été conservé."
TAKE_EXPORTED = "Terminé en {time} : le fichier ZIP fait {size}."
TAKE_EXPORTED_TO = "Terminé en {time} : écrit dans {folder}."
TAKE_PUSHED = "Terminé en {time} : {address}"
TAKE_MEASURED = "Mesuré en {time}."


def take_size(size: float) -> str:
    """Bytes as a person says them."""
    if size >= 2**30:
        return f"{size / 2**30:.1f} GiB"
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size / 2**10:.0f} KiB"


def take_done(result: dict[str, object], elapsed: float) -> str:
    """How a job of this tab ended well."""
    time = seconds(elapsed)
    if "address" in result:
        return TAKE_PUSHED.format(time=time, address=result["address"])
    if "file" in result:
        return TAKE_EXPORTED.format(time=time, size=take_size(float(str(result["bytes"]))))
    return (
        TAKE_EXPORTED_TO.format(time=time, folder=result["folder"]) if "folder" in result else TAKE_MEASURED.format(time=time)
    )


FIGURE_PAGE_MADE = "Créé par M-Wanda Explorer à partir de l'exécution {run}. {title}."
FIGURE_TITLES = {
    "perplexity": "Perplexité : à quel point chaque langue est devenue plus difficile à prédire",
    "perplexity-before-after": "Perte avant et après élagage",
    "accuracy": "Exactitude des choix : changement",
    "accuracy-before-after": "Exactitude des choix avant et après élagage",
    "texts": "Texte par texte",
    "summary": "Toutes les langues d'un coup d'œil",
    "variance": "À quel point les langues utilisent différemment chaque bloc",
    "strength": "Force des activations",
    "similarity": "Quelles langues se ressemblent à l'intérieur du modèle",
    "allocation": "Parcimonie de chaque bloc",
    "layers": "Parcimonie de chaque matrice de poids, telle qu'obtenue",
    "layers-difference": "Parcimonie de chaque matrice de poids, écart à l'uniforme",
    "task": "Benchmark : {name}",
    "task-map": "Tous les benchmarks d'un coup d'œil",
    "overlap": "Pour quelles langues les mêmes poids sont retirés",
    "overlap-blocks": "Où, dans le modèle, les langues suivent leur propre voie",
    "neuron-blocks": "Où sont les neurones de langue",
    "neurons": "Poids retirés des neurones de langue",
    "neuron-drift": "Neurones de langue avant et après",
    "predictors": "Ce qui accompagne la perte d'une langue : {name}",
    "on-language": "Écrit dans la langue du début",
    "repetition": "Répétition dans ce qu'écrivent les modèles",
    "erank": "Rang effectif",
    "tau": "Ordre des mots suivants les plus probables",
    "energy": "Énergie",
}

API_NO_OBJECT = (
    'Les réglages sont un objet de noms et de valeurs, tel que {{"languages": ["en", "sw"]}} ; valeur donnée : {given}.'
)
API_LIMIT = "Sur ce serveur partagé, {name} vaut au plus {most} ; valeur donnée : {given}."
API_NO_JOBS = "Sur un GPU partagé, une exécution s'arrête avec la page qui l'a lancée : aucune ne peut donc être lancée depuis un programme. Utilisez la page."
API_NO_RUNS = "Sur un serveur partagé, les exécutions ne sont pas listées : une exécution ne s'ouvre que par son lien."
API_NO_TABLE = "Cette exécution n'a pas de tableau {given} ; elle a : {known}."

# --- sweeping ------------------------------------------------------------------------------------------------------------

TAB_SWEEP = "Essais multiples"
SWEEP_TAB, PROTECT_TAB, UNFINISHED_TAB = "Balayage", "Protéger une langue", "Exécutions interrompues"

SWEEP_HELP = (
    "Un balayage (sweep) est un ensemble d'exécutions issues d'un même plan : chaque parcimonie avec chaque méthode, chaque mélange de langues et chaque graine. "
    "Tout ce qui n'est pas demandé ici (modèle, textes, composants de la méthode, ce qui est mesuré) est réglé comme à gauche."
)
SWEEP_SPARSITIES = "Parcimonies (%)"
SWEEP_SPARSITIES_INFO = "Pourcentages de poids à retirer, séparés par des virgules."
SWEEP_METHODS = "Méthodes"
SWEEP_METHODS_INFO = "Des méthodes nommées avec leurs propres réglages, et celle que vous avez composée à gauche."
SWEEP_LEFT = "La méthode de gauche, telle qu'elle est réglée"
SWEEP_MIXES = "Mélanges de langues de calibration"
SWEEP_MIXES_INFO = "Un mélange par ligne, langues par nom ou par code. Vide : les langues de gauche."
SWEEP_MIXES_EXAMPLE = "en\nen, de, hi, sw\nHindi, Bengali, Tamil"
SWEEP_SEEDS = "Graines aléatoires (seeds)"
SWEEP_SEEDS_INFO = "Nombres entiers : chacun est un autre choix de passages de calibration."
SWEEP_NAME = "Nom"
SWEEP_NAME_INFO = "Pour retrouver le balayage. Vide : l'heure de son démarrage."
SWEEP_START, SWEEP_RESUME, SWEEP_FORGET = "Lancer le balayage", "Reprendre", "Oublier le plan"
SWEEP_KEPT = "Balayages précédents"
SWEEP_KEPT_NONE = "Balayages précédents (aucun pour l'instant)"
SWEEP_FORGOTTEN = "Le plan {name} est oublié. Ses exécutions restent."
SWEEP_WAITING = "Dénombrement du plan ..."
SWEEP_LOG = "Journal du balayage"

SWEEP_NO_SPARSITY = "Aucune parcimonie n'est indiquée : donnez des pourcentages, par exemple 30, 50, 70."
SWEEP_BAD_SPARSITY = (
    "Les parcimonies sont des pourcentages de 1 à 99, séparés par des virgules ; l'une des valeurs données était {given}."
)
SWEEP_NO_METHOD = "Aucune méthode n'est choisie : prenez celle de gauche, ou des méthodes nommées du menu."
SWEEP_BAD_LANGUAGE = (
    "Il n'y a pas de textes pour {given} : choisissez d'autres textes à gauche, ou enlevez cette langue du mélange."
)
SWEEP_NO_SEED = "Aucune graine n'est indiquée : donnez au moins un nombre entier, par exemple 0."
SWEEP_BAD_SEED = (
    "Les graines sont des nombres entiers à partir de 0, séparés par des virgules ; l'une des valeurs données était {given}."
)
SWEEP_TOO_MANY = "Ce plan compte {runs} exécutions ; {most} au plus sont permises : enlevez-en quelques-unes."
SWEEP_TOO_MANY_SHARED = (
    "Ce plan compte {runs} exécutions, et sur ce serveur partagé un balayage en a au plus {most} : enlevez-en quelques-unes, ou lancez le programme "
    "sur votre propre ordinateur."
)
SWEEP_TAKEN = "Il existe déjà un autre balayage nommé {name} : choisissez un autre nom, ou choisissez-le sous Balayages précédents et reprenez-le."
SWEEP_ALL_KEPT = "Toutes les exécutions de ce plan ({runs}) sont déjà conservées : le lancer affiche aussitôt leurs résultats."
SWEEP_LONG = "**C'est long** : commencez avec moins d'exécutions, ou moins de mesures. Un balayage peut être annulé et repris à tout moment."
SWEEP_UNKNOWN_TIME = "La durée n'est pas connue avant la première exécution avec ce modèle."
SWEEP_LEFT_OUT = "Laissé de côté, car impossible à exécuter : {title}. {why}"
SWEEP_LEFT_OUT_MORE = "Autres combinaisons laissées de côté, chacune pour sa propre raison : {count}."
SWEEP_FIXED = "Le motif {pattern} n'a qu'une parcimonie ; les autres sont donc laissées de côté."

SWEEP_EMPTY = "Aucun balayage à afficher pour l'instant. Ses figures apparaissent ici après la première exécution et s'enrichissent au fil de son déroulement."
SWEEP_CURVES = "### Perte en fonction de la parcimonie"
SWEEP_CURVES_HELP = (
    "Hausse de la perte en nats par token, sur les mêmes textes avant et après élagage : 0 est intact, 0.69 correspond au double de la perplexité. Une ligne par "
    "méthode et par mélange de langues. Barres : intervalles à 95 % sur les textes ; avec plusieurs graines, la plus basse et la plus haute valeur, "
    "et la ligne est leur moyenne."
)
SWEEP_VIEW = "Afficher"
SWEEP_MEAN, SWEEP_WORST = "Moyenne de toutes les langues", "Langue la plus touchée de chaque exécution"
SWEEP_MULTIPLES = "### Chaque langue"
SWEEP_MULTIPLES_HELP = (
    "Les mêmes lignes pour chaque langue, à la même échelle : là où une ligne monte tôt, la langue se dégrade tôt."
)
SWEEP_MULTIPLES_CAP = "Seules les {count} langues aux pertes les plus élevées sont tracées ; le fichier les contient toutes."
SWEEP_FRONT = "### Moyenne face à la langue la plus touchée"
SWEEP_FRONT_HELP = (
    "Un point par exécution ; plus à gauche, elle est meilleure en moyenne, plus bas, elle l'est pour la langue qui perd le plus. Aucune autre exécution n'est meilleure sur les deux plans "
    "que celles de la ligne (le front de Pareto)."
)
SWEEP_TABLE = "### Toutes les exécutions"
SWEEP_TABLE_HELP = "Cliquez sur une ligne, ou choisissez une exécution ci-dessous, pour l'ouvrir sur cette page : les autres onglets la montrent alors."
SWEEP_OPEN = "Exécution à ouvrir"
SWEEP_OPEN_BUTTON = "Ouvrir"
SWEEP_UNEQUAL = "Toutes les exécutions n'ont pas mesuré les mêmes langues : les moyennes et les langues les plus touchées ne sont donc pas toutes comparables."
SWEEP_UNSCORED = "Ces exécutions n'ont mesuré aucune perte : autorisez au moins un texte par langue à gauche."
SWEEP_COLUMNS = {
    "method": "Méthode", "sparsity": "Parcimonie %", "mix": "Calibrée sur", "seed": "Graine", "mean_increase": "Hausse moyenne",
    "worst": "Langue la plus touchée", "worst_increase": "Sa hausse", "front": "Sur le front", "id": "Exécution",
}  # fmt: skip
SWEEP_CURVE_COLUMNS = {
    "line": "Ligne",
    "sparsity": "Parcimonie %",
    "value": "Hausse",
    "low": "Bas",
    "high": "Haut",
    "runs": "Exécutions",
}
SWEEP_LINE = "{method} · {mix}"
SWEEP_MORE_LANGUAGES = "{names} et {count} de plus"
SWEEP_LEGEND_FRONT = "front de Pareto"
AXIS_SWEEP_SPARSITY = "Parcimonie (%)"
AXIS_SWEEP_INCREASE = "Hausse de la perte (nats par token)"
AXIS_SWEEP_MEAN = "Hausse moyenne de la perte de toutes les langues (nats par token)"
AXIS_SWEEP_WORST = "Hausse de la perte de la langue la plus touchée<br>(nats par token)"
AXIS_SWEEP_SHORT = "nats"
HOVER_SWEEP = "{line}<br>{language} à {sparsity} : {value:+.3f} nats{bounds}<br>perplexité × {times:.3g}"
HOVER_SWEEP_BOUNDS = " (de {low:+.3f} à {high:+.3f})"
HOVER_SWEEP_FRONT = "{line}, {sparsity}{seed}<br>moyenne {mean:+.3f}, la plus touchée {worst:+.3f} ({language})"
HOVER_SWEEP_SEED = ", graine {seed}"

SWEEP_CANCELLED = "Annulé. Les exécutions terminées sont conservées ; Reprendre continue avec les autres."
SWEEP_BUSY_QUEUE = "Un balayage attend son tour comme toute exécution."
PROTECT_CANCELLED = "Annulé ; les essais déjà faits ne sont pas conservés."

PROTECT_HELP = (
    "Cherche des pondérations des langues de calibration, et d'autres réglages de la méthode de gauche, tels que les langues que vous choisissez ne perdent pas plus qu'un certain "
    "montant, et les autres le moins possible. Les essais sont jugés sur des textes de calibration ; le verdict porte sur des textes que la "
    "recherche n'a jamais vus."
)
PROTECT_LANGUAGES = "Langues à protéger"
PROTECT_LANGUAGES_INFO = "Parmi les langues de calibration de gauche."
PROTECT_PERCENT = "Hausse maximale permise de la perplexité (%)"
PROTECT_PERCENT_INFO = "Pour chaque langue à protéger. À 50 % de parcimonie, celle des petits modèles monte de 20 à 200 %."
PROTECT_OWN = "Autres limites pour certaines langues"
PROTECT_OWN_INFO = "Une par ligne, par exemple sw: 20. Les langues citées ici sont protégées elles aussi."
PROTECT_TRIES = "Réglages à essayer"
PROTECT_TRIES_INFO = "Chacun est un élagage rapide suivi d'une courte mesure."
PROTECT_GOAL = "Ce qui compte pour les autres"
PROTECT_GOALS = {"worst": "La langue qui perd le plus", "mean": "La moyenne de toutes les langues"}
PROTECT_KIND = "Comment chercher"
PROTECT_KINDS = {
    "coordinate": "Pas à pas à partir de la méthode de gauche",
    "random": "Au hasard",
    "optuna": "Guidé par ce qui a déjà été trouvé (Optuna)",
}
PROTECT_SEED = "Graine de la recherche"
PROTECT_START = "Chercher"
PROTECT_KEPT = "Recherches précédentes"
PROTECT_KEPT_NONE = "Recherches précédentes (aucune pour l'instant)"
PROTECT_LOG = "Journal de la recherche"
PROTECT_NONE = "Aucune langue à protéger n'est choisie : choisissez au moins une des langues de calibration."
PROTECT_BAD_PERCENT = "La limite est une hausse en pour cent, de 0 à 10000 ; valeur donnée : {given}."
PROTECT_BAD_LINE = (
    "Les limites pour certaines langues sont des lignes telles que sw: 20 ; l'une des lignes données était {given}."
)
PROTECT_STRANGER = "{given} n'est pas une langue de calibration de gauche, et seules celles-ci peuvent être protégées."
PROTECT_TRIES_RANGE = "Le nombre de réglages à essayer doit être compris entre 1 et {most} ; valeur donnée : {given}."
PROTECT_SEED_RANGE = "La graine de la recherche est un nombre entier à partir de 0 ; valeur donnée : {given}."
PROTECT_MODE = "La recherche et les deux exécutions élaguent en une passe, quel que soit le réglage de gauche."
PROTECT_EMPTY = "Aucune recherche à afficher pour l'instant."

PROTECT_KEPT_LIMITS = "**Les limites sont respectées** sur des textes que la recherche n'a jamais vus."
PROTECT_NOT_KEPT = "**Aucun réglage n'a respecté les limites.** Ci-dessous, celui qui s'en approche le plus. Permettez une hausse plus forte, retirez moins de poids ou essayez plus de réglages."
PROTECT_NOT_KEPT_AFTER = (
    "**Les limites ne sont pas respectées sur de nouveaux textes**, alors qu'elles l'étaient sur ceux de la recherche. Ci-dessous, le réglage trouvé. Permettez plus de textes de "
    "calibration, ou fixez les limites un peu plus bas que nécessaire."
)
PROTECT_KEPT_AFTER = "**Les limites sont respectées** sur de nouveaux textes, alors qu'aucun essai ne les respectait sur ceux de la recherche : à prendre avec prudence."
PROTECT_SAME = "Aucun réglage essayé n'était meilleur que celui de gauche : les deux exécutions sont donc identiques."
PROTECT_TRIED = (
    "Réglages essayés : {tries} ; parmi eux, ceux qui respectaient les limites sur les textes de la recherche : {within}."
)
PROTECT_OPEN_AFTER, PROTECT_OPEN_BEFORE = (
    "Ouvrir l'exécution avec le réglage trouvé",
    "Ouvrir l'exécution réglée comme à gauche",
)
PROTECT_FRONT = "### Ce que coûte la protection"
PROTECT_FRONT_HELP = (
    "Un point par réglage essayé, sur les textes de la recherche. À gauche de la ligne tiretée, la limite est respectée ; plus bas, c'est meilleur pour les autres "
    "langues. Aucun autre réglage n'est meilleur sur les deux plans que ceux de la ligne."
)
PROTECT_SETTINGS = "### Le réglage trouvé"
PROTECT_COST = "### Langue par langue"
PROTECT_COST_HELP = (
    "Sur des textes que la recherche n'a jamais vus. Les barres sont des intervalles à 95 % ; un trait vertical est une limite."
)
PROTECT_COLUMNS = {
    "name": "Langue", "limit": "Limite", "before": "Comme à gauche", "after": "Trouvé", "interval": "Intervalle à 95 %", "change": "Changement (nats)",
    "change_interval": "Son intervalle à 95 %", "kept": "Limite respectée",
}  # fmt: skip
PROTECT_SETTING_COLUMNS = {"setting": "Réglage", "before": "Comme à gauche", "after": "Trouvé"}
PROTECT_TRY_COLUMNS = {
    "protected": "Protégée la plus touchée", "others": "Moyenne des autres", "worst": "La plus touchée de toutes", "mean": "Moyenne de toutes", "over": "Au-dessus de la limite", "front": "Sur le front",
}  # fmt: skip
PROTECT_ACTIVATION = "Importance des canaux"
PROTECT_WEIGHT = "Pondération : {name}"
PROTECT_FACTOR = "Pondération : {name} (puissance de 2)"
PROTECT_BLOCKS = "Parcimonie des blocs"
PROTECT_LIMIT_LINE = "limite"
PROTECT_LEGEND_TRIES, PROTECT_LEGEND_FRONT, PROTECT_LEGEND_START = "réglages essayés", "non battus", "comme à gauche"
PROTECT_LEGEND_FOUND = "trouvé"
AXIS_PROTECTED = "Hausse de la perte de la langue protégée la plus touchée (nats par token)"
AXIS_PROTECTED_OVER = "Nats au-dessus de la limite<br>(langue protégée la plus touchée ; 0 : respectée)"
AXIS_OTHERS = "Hausse moyenne de la perte des autres<br>(nats par token)"
HOVER_TRY = "{activation}{knobs}<br>protégée {protected:+.3f}, autres {others:+.3f}"
HOVER_PROTECTED = "{name}, {which} : perplexité × {value:.3f} (de {low:.3f} à {high:.3f})"

UNFINISHED_HELP = (
    "Exécutions dont le programme s'est arrêté avant elles : il a été fermé, il a planté, ou la mémoire a manqué. En relancer une refait mesures et élagage "
    "depuis le début ; ce que le modèle dense a obtenu dans les langues déjà terminées est repris du cache. Les exécutions d'un balayage continuent par **Reprendre**, sous "
    "Balayage."
)
UNFINISHED_NONE = "Rien n'a été interrompu."
UNFINISHED_SHARED = "Sur un serveur partagé, les exécutions interrompues ne sont pas listées."
UNFINISHED_CHOOSE = "Exécution interrompue"
UNFINISHED_AGAIN, UNFINISHED_DISCARD = "Relancer", "Abandonner"
UNFINISHED_COLUMNS = ("Exécution", "Démarrée (UTC)", "Comment elle s'est arrêtée")
UNFINISHED_KILLED = "Le programme s'est arrêté"
UNFINISHED_CHOICE = "Choisissez d'abord une exécution interrompue."
UNFINISHED_STARTED = "Elle est en cours : voir l'état sous Élaguer."
UNFINISHED_DISCARDED = "Abandonnée."


def sweep_forecast(runs: int, kept: int, time: float | None) -> str:
    """How much a plan is, before it is started."""
    if kept == runs:
        return SWEEP_ALL_KEPT.format(runs=runs)
    already = f"dont {kept} déjà conservée{_plural(kept)}"
    told = f"**{_runs(runs)}**, {already}. " if kept else f"**{_runs(runs)}**. "
    left = "celle qui reste" if runs - kept == 1 else f"les {runs - kept} qui restent"
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"Environ **{seconds(time)}** pour {left}.")


def sweep_title(name: str, runs: int) -> str:
    """One line for the job."""
    return f"balayage {name}, {_runs(runs)}"


def sweep_progress(name: str, done: int, wanted: int, refused: Mapping[str, str]) -> str:
    """How far a sweep is, and what of it could not be run."""
    told = f"**{name}** : exécutions terminées : {done} sur {wanted}."
    return "\n\n".join([told, *(f"Exécution impossible : {title}. {why}" for title, why in list(refused.items())[:5])])


def sweep_choice(name: str, done: int, wanted: int, changed: str) -> str:
    """A sweep in the menu."""
    return f"{name} · {done} sur {_runs(wanted)} · {changed[:16]} UTC"


def protect_title(languages: Sequence[str], tries: int) -> str:
    """One line for the job."""
    return f"protection : {', '.join(languages)}, {_settings(tries)}"


def protect_forecast(tries: int, time: float | None) -> str:
    """How much a search is, before it is started."""
    told = f"**{_settings(tries)}** et deux exécutions entières. "
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"Environ **{seconds(time)}**.")


def _settings(count: int) -> str:
    """A number of settings."""
    return f"{count} réglage{_plural(count)}"


def at_sparsity(share: float) -> str:
    """A sparsity in a hover text."""
    return percent(share, 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1)


TAB_LABS = "Laboratoire"
LABS_HELP = "Une étude pose une question au modèle du formulaire, sur ses langues et ses textes, et à ce que la méthode en fait. Rien n’est conservé : emportez les tableaux dont vous avez besoin."
LABS_STUDY = "Étude"
LABS_START = "Demander"
LABS_SOURCE = "Source : {source}. Coût : {cost}."
