"""German."""

from collections.abc import Mapping, Sequence

# A no-break space stands between a number and its per-cent sign, as German prints it.

# --- common --------------------------------------------------------------------------------------------------------------

DEVICE_NAMES = {"cpu": "CPU", "cuda": "GPU"}

INTERFACE = "Sprache dieser Seite"

TIMES = "{value}-fach"
POINTS = "{value} Punkte"
UNCHANGED = "unverändert"
NOT_MEASURED = "nicht gemessen"

YES, NO = "ja", "nein"
SPAN = "{low} bis {high}"


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
    return f"95 %: {low} bis {high}"


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent."""
    return f"{100 * share:.{digits}f} %"


def items_per_language(low: int, high: int) -> str:
    """How many choice items a figure rests on."""
    if low != high:
        return f"{low} bis {high} Aufgaben je Sprache"
    return "1 Aufgabe je Sprache" if low == 1 else f"{low} Aufgaben je Sprache"


def plot_description(name: str) -> str:
    """For readers who do not see a figure: what it is, and where its numbers stand."""
    return f"{name}. Die Tabelle neben der Abbildung enthält dieselben Zahlen."


def _and_more(names: Sequence[str], most: int = 4) -> str:
    """The first of several names, and how many others there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" und {rest} weitere" if rest > 0 else "")


def _runs(count: int) -> str:
    """A number of runs."""
    return "1 Lauf" if count == 1 else f"{count} Läufe"


# --- about ---------------------------------------------------------------------------------------------------------------

ABOUT = """### Was diese Seite zeigt
Ein Sprachmodell ist ein Stapel von Decoder-Blöcken, und jeder Block enthält einige große Gewichtsmatrizen. *Ausdünnen* (Pruning)
setzt die unwichtigsten Gewichte dieser Matrizen auf null, ohne anschließendes Training. Welche Gewichte als wichtig gelten, hängt
von den Texten ab, die sich die Methode ansieht: von den Sprachen der *Kalibrierung*. Diese Seite zeigt, was diese Wahl für jede
Sprache bedeutet.

*Sprachen* zeigt die Verluste und, falls unter *Mehr messen* welche gewählt wurden, die Benchmarks; *Mögliche Gründe*, was mit ihnen
einhergeht; *Methoden*, was jede Methode an einem Modell wert ist; *Lektion* sieben Schritte für eine Klasse, die kein Modell brauchen.

### Grenzen
- **Nullen allein sparen weder Bytes noch Zeit.** Das ausgedünnte Modell ist so groß und so schnell wie zuvor, solange Speicherformat
  und Rechenkerne nicht für dünn besetzte Gewichte gemacht sind.
- **Das eingebaute Modell** ist Gemma 3 270M (Basismodell). Seine Gewichte waren mit 4 Bit gespeichert und wurden auf 16 erweitert;
  darum beginnt es etwas schlechter als das Original, und etwa 4.5 % seiner Matrixgewichte sind schon vor dem Ausdünnen null. Gemma
  wird unter den [Gemma Terms of Use](https://ai.google.dev/gemma/terms) bereitgestellt und unterliegt ihnen.
- **Als Rekonstruktion gekennzeichnete Formeln** sind unsere Lesart einer Veröffentlichung, deren genaue Formel sich nicht prüfen ließ. Die
  Bestandteile von M-Wanda (Varianz zwischen Sprachen, Aktivierungswahrscheinlichkeit, schichtweise Sparsität nach der Korrelation
  zwischen Sprachen) sind in Choenni & Titov (2025) genannt; wie sie hier verbunden werden, stammt von uns, und zu jeder Lesart gehört
  eine Einstellung.
- **Die Intervalle** erfassen die Auswahl der Texte, nicht andere Themen oder Stile. Ein Dutzend Texte je Sprache gibt einen ersten Eindruck.
- **Die eingebauten Textabschnitte** wurden für dieses Projekt geschrieben (CC0), mit denselben Themen in jeder Sprache.

### Wörter
| Wort | Bedeutung |
|---|---|
| Sparsität | Anteil der Gewichte, die entfernt (auf null gesetzt) werden. |
| Dicht, ausgedünnt | Das Modell vorher und nachher. |
| Perplexität | Zwischen wie vielen Tokens das Modell bei jedem Schritt schwankt; niedriger ist besser. Vergleichbar zwischen vorher und nachher, nicht zwischen Sprachen. |
| Perplexitätsverhältnis | Perplexität nach dem Ausdünnen geteilt durch die Perplexität davor, auf denselben Texten. |
| Bits pro Byte | Verlust pro Byte Text; er hängt nicht davon ab, wie ein Tokenizer eine Sprache zerlegt. |
| Block, Matrix | Ein Modell ist ein Stapel von Blöcken; jeder Block hat Matrizen wie q, k, v, o (Attention) und gate, up, down (Feed-Forward). |
| Kanal | Eine Spalte einer Matrix: eine Zahl, die für jedes Token in sie eingeht. |
| Aktivierungsvarianz | Wie stark sich die Stärke eines Kanals von Sprache zu Sprache unterscheidet. |
| Zuteilung | Wie sich die Sparsität auf die Blöcke verteilt; ihr gewichtetes Mittel ist die gewählte Sparsität. |
| Zurückgehalten (held-out) | Eine Sprache, die gemessen wird, auf die aber nicht kalibriert wurde. |
| 95-%-Intervall | Bereich, in dem der wahre Wert bei 95 von 100 solchen Stichproben von Texten läge. |

### Privatsphäre
Die Seite sendet nirgendwohin etwas. Nur selbst ausgewählte Modelle und Texte vom Hugging Face Hub werden von dort geholt.
"""

# --- method --------------------------------------------------------------------------------------------------------------

METHOD = "Methode"
SPARSITY = "Sparsität (% der Gewichte entfernt)"
SPARSITY_INFO = "Embeddings und Ausgabeschicht bleiben ganz."
PURPOSES = {
    "recommended": "empfohlen",
    "simple": "einfach und schnell",
    "languages": "mischt Sprachen",
    "layers": "ungleich über die Blöcke",
    "solvers": "optimiert Gewichte",
    "gradients": "nutzt Gradienten",
    "other": "weitere",
}

COMBINE = "Selbst zusammenstellen (für Fortgeschrittene)"
COMBINE_HELP = (
    "Eine Methode besteht aus mehreren Entscheidungen. Jedes Menü steht zunächst auf der Wahl der Methode oben; wird eine geändert, "
    "entsteht eine eigene Methode. Formeln und Einstellungen darunter ziehen mit."
)
COMBINE_BACK = "Zurück zur benannten Methode"
COMBINED = "**Eigene Kombination**, ausgehend von {method}: {changes}."
COMBINED_CHANGE = "{choice}: {part}"
PROBLEM = "**So lässt sich das nicht ausführen.** {problem}"
PATTERN = "Wo Nullen liegen dürfen"
PATTERNS = {
    "unstructured": "Überall, verglichen innerhalb jeder Ausgangszeile",
    "layer": "Überall, verglichen innerhalb jeder Matrix",
    "global": "Überall, verglichen im ganzen Modell",
    "2:4": "2 von je 4 bleiben (50 %)",
    "4:8": "4 von je 8 bleiben (50 %)",
    "n:m": "N von je M bleiben, mit eigenem N und M",
    "mixed": "Gemischtes N:M, N wechselt von Block zu Block",
}
PATTERN_N, PATTERN_M = "N: behaltene Gewichte", "M: Nachbarn in einer Gruppe"
PATTERN_FIXED = (
    "{pattern} entfernt in jedem Block genau {sparsity}: Das ist die Sparsität, und alle Blöcke werden gleich behandelt."
)
PATTERN_MIXED = "Jeder Block behält von je M so viele, wie seiner eigenen Sparsität am nächsten kommt."
PATTERN_WHOLE = "N und M müssen ganze Zahlen sein; angegeben waren {n} und {m}."
METHOD_DETAILS = "Formeln dieser Methode"
HAS_RECONSTRUCTION = "*Nicht alle Formeln dieser Methode ließen sich anhand der Veröffentlichung prüfen: siehe unten.*"
METHOD_LOADING = "Die Methoden werden gelesen ..."
KNOBS = "Einstellungen dieser Methode"
NO_KNOBS = "Diese Methode hat keine Einstellungen."
MORE_KNOBS = "{count} weitere Einstellungen behalten hier ihre Voreinstellung; in Python und auf der Kommandozeile lassen sie sich ändern."
PART_NAMES = {
    "activation": "Wichtigkeit eines Eingangskanals",
    "score": "Score eines Gewichts",
    "allocation": "Sparsität jedes Blocks",
    "solver": "Von Scores zu Gewichten",
    "rows": "Sparsität jeder Ausgangszeile",
    "repair": "Reparatur der bleibenden Gewichte",
}
ORIGINS = {
    "paper": "Formel wie veröffentlicht",
    "reconstruction": "unsere Rekonstruktion: Die genaue Formel der Veröffentlichung ließ sich nicht prüfen",
    "own": "eigene Formel dieses Projekts",
}
KNOB_LABELS = {
    "lam": "λ (Lambda)",
    "gamma": "γ (Gamma)",
    "spread": "Spannweite",
    "strength": "Schichtweise Stärke Λ",
    "protect": "Welche Blöcke mehr Gewichte behalten",
    "power": "Exponent a",
    "outlier": "Ausreißerschwelle M",
    "mapping": "Was die Sparsität eines Blocks bestimmt",
    "aggregate": "Schaden über die Sprachen",
    "transform": "Skala des Schadens",
    "mix": "Woher die Gewichtung der Sprachen kommt",
    "eps": "ε (Epsilon)",
    "alpha": "α (Alpha)",
    "max_rate": "Größte Lernrate",
    "max_swaps": "Höchstzahl der Vertauschungen",
    "language": "Zielsprache",
    "weights_by_language": "Gewichtung jeder Sprache",
    "blocksize": "Spalten auf einmal",
}
TEXT_HELP = {
    "language": "Eine der Kalibriersprachen; die anderen werden gemessen, wirken aber nicht mit. Ist keine gewählt, gilt die erste.",
    "weights_by_language": "Zum Beispiel en=1, sw=3. Eine nicht genannte Sprache zählt 1, und 0 lässt sie weg.",
}
CHOICE_LABELS = {
    "std": "Standardabweichung",
    "cv": "Variationskoeffizient",
    "different": "wo sich Sprachen unterscheiden",
    "shared": "wo sich Sprachen einig sind",
    "rank": "sein Rang unter den Blöcken",
    "linear": "seine Korrelation selbst",
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
Einen Teil der Gewichte eines mehrsprachigen Sprachmodells entfernen und sehen, was jede Sprache dabei verliert. Sprachen für die
Kalibrierung wählen, auf **Ausdünnen** drücken und die Abbildungen des eigenen Laufs lesen."""

MODEL = "Modell"
MODEL_INFO = "Eines auswählen, oder eine Kennung vom Hugging Face Hub oder einen Ordner auf diesem Rechner eintippen."
ESTIMATE = "Speicher schätzen"
ESTIMATING = "Die Größen des Modells werden gelesen ..."

LANGUAGES = "Kalibriersprachen"
LANGUAGES_INFO = "Nach Texten in diesen Sprachen entscheidet die Methode. Zum Suchen tippen."
HELD_OUT = "Sprachen, die außerdem gemessen werden"
HELD_OUT_INFO = "Auf sie wird nie kalibriert: Was geschieht mit Sprachen, die niemand gewählt hat?"
GROUP = "Eine ganze Gruppe wählen"
GROUP_REGION = "Region: {name} ({count})"
GROUP_SCRIPT = "Schrift: {name} ({count})"
WORLD_MIX, ENGLISH_ONLY, ALL = "Weltmischung", "Nur Englisch", "Alle"
REGIONS = {
    "Africa": "Afrika",
    "Americas": "Amerika",
    "East Asia": "Ostasien",
    "Europe": "Europa",
    "Middle East": "Naher Osten",
    "South Asia": "Südasien",
    "Southeast Asia": "Südostasien",
}
SCRIPTS = {"Arabic": "Arabisch", "Cyrillic": "Kyrillisch", "Devanagari": "Devanagari", "Latin": "Lateinisch"}

TOKENS = "Kalibriertokens je Sprache"
TOKENS_INFO = "Jede Sprache bekommt gleich viele. Gezählt in den Tokens des Modells."
ADVANCED = "Texte und Messung"
MODE = "Wie die Statistiken entstehen"
MODES = {
    "one-pass": "Einmal, am dichten Modell (schnell)",
    "sequential": "Block für Block, hinter ausgedünnten Blöcken (wie bei Wanda)",
}
ALLOCATION_SHARE = "Anteil der Tokens für den schichtweisen Schritt"
ALLOCATION_SHARE_INFO = (
    "Nur bei Block für Block: Die Sparsität der Blöcke wird nach diesem Anteil der Kalibriertokens bestimmt."
)
SEQUENCE = "Tokens je Sequenz"
SEQUENCE_INFO = "128 bis 256 passen zu einer CPU; eine GPU verträgt 2048."
TEXTS = "Texte"
TEXT_SOURCES = {
    "built-in": "Eingebaute parallele Textabschnitte",
    "folder": "Ein Ordner mit eigenen Texten",
    "c4": "C4, vom Hub",
    "wikipedia": "Wikipedia, vom Hub",
    "flores+": "FLORES+, vom Hub (Bedingungen vorher annehmen)",
}
TEXTS_INFO = "Mit der einen Hälfte der Texte wird kalibriert, mit der anderen gemessen; kein Textabschnitt dient beidem."
FOLDER = "Ordner"
FOLDER_INFO = (
    "Eine UTF-8-Textdatei je Sprache, benannt nach ihrem Kürzel: sw.txt, yo.txt. Leerzeilen trennen die Textabschnitte."
)
EVAL_TEXTS = "Gemessene Texte je Sprache"
EVAL_TEXTS_INFO = "Mehr Texte geben engere Intervalle und dauern länger; von den eingebauten gibt es bis zu 20."
CHOICES = "Auch die Auswahlgenauigkeit messen"
CHOICES_INFO = "Welche von vier Fortsetzungen gehört zu einem Text? Nimmt etwa die Hälfte der Messzeit in Anspruch."
SEED = "Startwert (Seed)"

EMPTY_MODEL = "Es ist kein Modell gewählt: das eingebaute nehmen oder eine Hub-Kennung wie Qwen/Qwen2.5-0.5B eintippen."
EMPTY_LANGUAGES = "Es ist keine Kalibriersprache gewählt: mindestens eine auswählen."
EMPTY_FOLDER = "Die Texte sollen aus einem Ordner kommen, aber es ist keiner genannt: seinen Pfad eintippen oder die eingebauten Textabschnitte wählen."
SPARSITY_RANGE = "Die Sparsität muss zwischen 0 und 99 % liegen; angegeben war {given}."

SHARED_FOLDER = "Dies ist ein gemeinsam genutzter Server: Er liest keine eigenen Ordner oder Dateien. Möglich sind ein Modell vom Hub und eingebaute Texte oder Texte vom Hub."


def memory(sentence: str, device: str) -> str:
    """The memory estimate with the device it would run on."""
    return f"Braucht {sentence}. Läuft auf der {device}."


# --- cost ----------------------------------------------------------------------------------------------------------------

COST_DETAILS = "Was dieser Lauf kosten wird"
COST_WAITING = "Die Kosten dieses Laufs werden geschätzt ..."
COST_REFUSED = "Mit diesen Einstellungen kann der Lauf nicht starten: {problem}"
COST_UNKNOWN_MODEL = (
    "Wie lange das dauert, ist vor dem ersten Lauf nicht bekannt: Von diesem Modell wurde noch nichts gelesen. **Speicher schätzen** "
    "liest seine Größen."
)
COST_STAGES = {
    "statistics": "kalibrieren",
    "pruning": "Gewichte auswählen und entfernen",
    "measuring": "alle Sprachen messen",
    "studying": "Benchmarks und Studien",
}
COST_STEPS = {
    "statistics": "Statistiken des dichten Modells",
    "allocation statistics": "Statistiken für den schichtweisen Schritt",
    "full gradients": "Gradienten durch das ganze Modell",
    "sensitivity": "Was jeder Block kostet, wenn er allein ausgedünnt wird",
    "own walk": "Messen Block für Block",
    "pruned walk": "Den Text durch ausgedünnte Blöcke weiterschicken",
    "sequences": "Einzelne Sequenzen durch die Blöcke schicken",
    "regional gradients": "Gradienten durch jeweils einen Block",
    "repair": "Reparaturschritte",
    "solver": "Gewichte auswählen",
    "scoring": "Messen vorher und nachher",
    "benchmarks": "Benchmarks vorher und nachher",
    "overlap": "Überlappung der Masken",
    "neurons": "Sprachneuronen",
    "predictors": "Was mit den Verlusten einhergeht",
    "generation": "Texte, von beiden Modellen geschrieben",
    "profile": "Jenseits der Perplexität",
    "spared": "Die zu schonenden Neuronen finden",
}
COST_TABLE_HEAD = "| Schritt | Durchgänge durch den Kalibriertext |\n|---|---:|"
COST_PASSES = (
    "Ein Durchgang schickt alle Kalibriertokens durch alle Blöcke. Das Laden des Modells kommt hinzu. Schritte, die ein früherer Lauf "
    "schon getan hat (Statistiken, Messwerte des dichten Modells), werden nicht wiederholt."
)
COST_NEEDS = {
    "full_gradient": "braucht den Gradienten des Verlusts: bis zu 32 Sequenzen rückwärts durch das ganze Modell und Speicher für "
    "den Gradienten jedes Gewichts",
    "relevance": "braucht Relevanz nach LRP: bis zu 32 Sequenzen rückwärts durch das ganze Modell, und Speicher für eine Zahl je Gewicht",
    "separability": "schickt je Sprache etwa 400 kurze wahre und falsche Aussagen durch das Modell",
    "regional_gradient": "braucht Gradienten durch jeweils einen Block",
    "sensitivity": "dünnt jeden Block einzeln aus und misst den Verlust: Die Zeit wächst mit dem Quadrat der Zahl der Blöcke",
    "gram": "hält für jeden Eingang eines Blocks eine Matrix der Produkte von Kanälen im Speicher",
    "sequences": "repariert jeden Block mit kleinen Gradientenschritten",
    "samples": "hält die Eingänge einzelner Sequenzen im Speicher",
}
PART_NEEDS = "Dieser Baustein {needs}."
COST_NEEDS_OF = "{method} {needs}."
COST_MINUTES = "Das dauert Minuten, wo Wanda Sekunden braucht."
MINUTES = 60.0
"""Seconds of pruning from which on the page says that a method takes minutes."""
RATE_TYPICAL = (
    "Das gilt für eine typische {device}; nach dem ersten Lauf hier wird die Geschwindigkeit dieses Rechners verwendet."
)
RATE_MEASURED = "Geschwindigkeit gemessen an {runs} früheren Läufen hier."
RATE_MEASURED_ONE = "Geschwindigkeit gemessen an einem früheren Lauf hier."
RATE_SAME = "Geschwindigkeit gemessen an {runs} früheren Läufen dieser Methode hier."
RATE_SAME_ONE = "Geschwindigkeit gemessen an einem früheren Lauf dieser Methode hier."


def cost_line(total: float, peak: str) -> str:
    """The two figures that a visitor wants before pressing the button."""
    return f"**Etwa {seconds(total)}**, bis zu {peak} Speicher für Modell und Daten."


def cost_stages(by_stage: dict[str, float]) -> str:
    """Where the time goes, in one sentence."""
    told = ", ".join(f"{COST_STAGES[stage]} {seconds(value)}" for stage, value in by_stage.items())
    return told[:1].upper() + told[1:] + "."  # Not capitalize(): nouns keep their capitals.


def rate_source(runs: int, same: bool, device: str) -> str:
    """What the seconds rest on."""
    if not runs:
        return RATE_TYPICAL.format(device=device)
    if runs == 1:
        return RATE_SAME_ONE if same else RATE_MEASURED_ONE
    return (RATE_SAME if same else RATE_MEASURED).format(runs=runs)


# --- running -------------------------------------------------------------------------------------------------------------

PRUNE, CANCEL = "Ausdünnen", "Abbrechen"
LOG = "Protokoll"

IDLE = "Es läuft nichts."
STARTING = "Wird gestartet"
CANCELLING = "Hält am Ende dieses Schritts an ..."
CANCELLED = "Abgebrochen. Die Abbildungen unten gehören zu dem Lauf, der zuvor gezeigt wurde."
PROGRESS = "Fortschritt des Laufs"
UNKNOWN_KIND = "Eine Aufgabe namens {given} gibt es nicht; es gibt: {known}."
LOST_JOB = "Der Lauf dieser Seite ist hier nicht mehr bekannt: Der Server wurde neu gestartet."
GPU_TAB_CLOSED = "Auf dieser gemeinsam genutzten GPU endet ein Lauf mit der Seite, die ihn gestartet hat. Zum Neustart auf Ausdünnen drücken."


def queued(ahead: int) -> str:
    """How many runs come first."""
    return (
        "Wartet: Vorher ist noch ein Lauf an der Reihe."
        if ahead == 1
        else f"Wartet: Vorher sind noch {ahead} Läufe an der Reihe."
    )


def time_left(left: float | None, elapsed: float) -> str:
    """Elapsed, and left where it is known."""
    return f"bisher {seconds(elapsed)}" + ("" if left is None else f", noch etwa {seconds(left)}")


def job_title(method: str, sparsity: float, model: str, languages: Sequence[str]) -> str:
    """One line for a job."""
    return f"{method}, {percent(sparsity)}, {model} ({_and_more(languages)})"


def finished(title: str, elapsed: float) -> str:
    """How a successful job ended."""
    return f"Fertig nach {seconds(elapsed)}: {title}."


# --- tasks ---------------------------------------------------------------------------------------------------------------

MULTIPLES_HEADING = "### Text für Text"
MULTIPLES_HELP = (
    "Ein Feld je Sprache, die schlechteste zuerst, Sprachen ohne Kalibrierung nach den anderen. Jede dünne Linie ist ein gemessener Text, "
    "die dicke alle zusammen. Nach oben heißt: schwerer vorherzusagen. Wo alle Linien gleichmäßig steigen, ist die Sprache selbst "
    "schwerer geworden; wo nur wenige steil steigen, waren es einzelne Texte."
)
MULTIPLES_NONE = "In diesem Lauf wurde kein Text gemessen."
AXIS_BITS_SHORT = "Bits pro Byte"
MULTIPLES_TICKS = ("vorher", "nachher")
MULTIPLES_TITLE = "{name} ×{ratio}"
MULTIPLES_HOVER = "{name}, {text}<br>vorher {before:.3f}, nachher {after:.3f} Bits pro Byte"
MULTIPLES_ALL = "alle Texte"

TASKS_HEADING = "### Benchmarks: Was kann das Modell noch?"
TASKS_HELP = (
    "{title}: der Anteil richtig beantworteter Fragen, {items}. Graue Quadrate sind das dichte Modell, farbige Zeichen das ausgedünnte, "
    "Balken sind 95-%-Intervalle, der kurze senkrechte Strich in jeder Zeile ist Raten, und die Zahl rechts ist die Änderung in Punkten. "
    "Eine **durchgezogene** Linie dazwischen ist ein Unterschied, der auch nach der Korrektur für die Zahl der Sprachen (Holm, 5 %) "
    "besteht; eine **gepunktete graue** Linie und Klammern heißen: im Rauschen bei so wenigen Fragen."
)
TASKS_UNINFORMATIVE = (
    "**Sagt nichts aus bei {names}:** Dort ist schon das dichte Modell nicht von Raten zu unterscheiden; es kann also nichts verloren "
    "gehen und kein Rückgang sichtbar werden. Hohle graue Zeichen."
)
TASKS_ALL_UNINFORMATIVE = (
    "**Dieser Benchmark sagt nichts über dieses Modell:** Das dichte Modell liegt in jeder Sprache auf Zufallsniveau. Ein leichterer "
    "Benchmark (MultiBLiMP fragt nur nach Grammatik) oder ein größeres Modell hilft weiter."
)
TASKS_ABSENT = "In diesem Lauf wurde kein Benchmark gemessen. Links **Mehr messen** öffnen, einen wählen (MultiBLiMP eignet sich für kleine Modelle) und auf **Ausdünnen** drücken."
TASKS_NOTHING = "Für diesen Benchmark und diese Lesart gibt es nichts zu zeichnen."
TASK_MENU = "Benchmark"
READING = "Wie Antworten gelesen werden"
READINGS = {"customary": "Wie üblich", "raw": "Wahrscheinlichkeit", "per byte": "Wahrscheinlichkeit pro Byte"}
TASK_MAP_HEADING = "### Alle Benchmarks auf einen Blick"
TASK_MAP_HELP = (
    "Änderung in Punkten, jeder Benchmark wie üblich gelesen. Farbig: über dem Rauschen. In Klammern: im Rauschen. Grau mit Strich: Das "
    "dichte Modell liegt auf Zufallsniveau, der Benchmark sagt dort nichts aus. Leer: in dieser Sprache nicht gefragt."
)

VERDICTS = {"worse": "schlechter", "better": "besser", "within noise": "im Rauschen", "uninformative": "sagt nichts aus"}
NOT_INFORMATIVE_TICK = "{name} (Zufallsniveau)"
LEGEND_NOISE = "im Rauschen"
LEGEND_BEYOND = "über dem Rauschen"
LEGEND_UNINFORMATIVE = "sagt nichts aus (dicht auf Zufallsniveau)"
AXIS_TASK_ACCURACY = "Richtig beantwortet<br>(% der Fragen)"
AXIS_BENCHMARK = "Benchmark"
BAR_CHANGE = "Punkte"
MAP_NONE = "–"
MAP_NOISE = "({value})"
HOVER_TASK = (
    "{name}, Fragen: {items}<br>vorher {before:.1f} % ({before_low:.0f} bis {before_high:.0f})<br>nachher {after:.1f} % "
    "({after_low:.0f} bis {after_high:.0f})<br>Änderung {change:+.1f} Punkte ({low:+.0f} bis {high:+.0f})<br>{lost} verloren, {gained} gewonnen; p = {p}, "
    "korrigiert {p_holm}<br>Raten {chance:.1f} %<br><b>{verdict}</b>"
)
VERDICT_SENTENCES = {
    "worse": "Schlechter, über dem Rauschen",
    "better": "Besser, über dem Rauschen",
    "within noise": "Im Rauschen bei so wenigen Fragen",
    "uninformative": "Das dichte Modell liegt auf Zufallsniveau: Das sagt nichts aus",
}
TASK_COLUMNS = {
    "name": "Sprache", "items": "Fragen", "chance": "Raten %", "dense_accuracy": "Vorher %", "pruned_accuracy": "Nachher %", "change": "Punkte",
    "interval": "95-%-Intervall", "p": "p", "p_holm": "p, Holm", "verdict": "Urteil",
}  # fmt: skip


def questions(low: int, high: int) -> str:
    """How many questions a figure rests on."""
    if low != high:
        return f"{low} bis {high} Fragen je Sprache"
    return "1 Frage je Sprache" if low == 1 else f"{low} Fragen je Sprache"


def p_value(value: float) -> str:
    """A p-value without false precision."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


# --- measure -------------------------------------------------------------------------------------------------------------

MEASURE_MORE = "Mehr messen"
MEASURE_MORE_HELP = (
    "Nichts davon ist für einen Lauf nötig, und alles verlängert ihn. Die Zeile unter **Ausdünnen** sagt, um wie viel."
)

TASKS_LABEL = "Benchmarks"
TASKS_INFO = "Bekannte Fragensammlungen, vor und nach dem Ausdünnen beantwortet, in den gewählten Sprachen, die sie enthalten."
TASK_NAMES = {
    "multiblimp": "MultiBLiMP",
    "blimp": "BLiMP",
    "lindsea": "LINDSEA",
    "bmlama": "BMLAMA-53",
    "xcopa": "XCOPA",
    "xstorycloze": "XStoryCloze",
    "xwinograd": "XWinograd",
    "belebele": "Belebele",
    "belebele-cloze": "Belebele (Antworten in Worten)",
    "xnli": "XNLI",
    "paws-x": "PAWS-X",
    "global-mmlu": "Global-MMLU",
}
TASK_KINDS = {
    "multiblimp": "Grammatik",
    "blimp": "englische Grammatik",
    "lindsea": "Grammatik des Indonesischen und Tamilischen",
    "bmlama": "Fakten",
    "xcopa": "Ursachen und Wirkungen",
    "xstorycloze": "Enden von Geschichten",
    "xwinograd": "Pronomen",
    "belebele": "Lesen, Antwort als Buchstabe",
    "belebele-cloze": "Lesen",
    "xnli": "folgt ein Satz aus dem anderen",
    "paws-x": "gleiche Bedeutung oder nicht",
    "global-mmlu": "Schulwissen, Antwort als Buchstabe",
}
TASK_TEXTS = "Woher die Benchmarks kommen"
TASK_SOURCES = {"hub": "Vom Hub geholt", "folder": "Ein Ordner auf diesem Rechner"}
TASK_FOLDER = "Ordner der Benchmarks"
TASK_FOLDER_INFO = "Die Sammlungen wie veröffentlicht, jede in einem Ordner ihres Namens; docs/tasks.md nennt die Dateien."
TASK_ITEMS = "Fragen je Sprache"
TASK_ITEMS_INFO = "100 Fragen geben Intervalle von etwa ±10 Punkten, 400 etwa ±5."

STUDIES_LABEL = "Studien"
STUDY_TITLES = {
    "overlap": "Überlappung der Masken",
    "neurons": "Sprachneuronen",
    "predictors": "Was einhergeht",
    "generation": "Geschriebene Texte",
    "profile": "Jenseits der Perplexität",
}
STUDY_KINDS = {
    "overlap": "werden für zwei Sprachen dieselben Gewichte entfernt? (ein weiterer Durchgang durch den Kalibriertext)",
    "neurons": "wo sie sind und wie viel von ihnen entfernt wird (zwei weitere Durchgänge)",
    "predictors": "was man von einer Sprache vorher weiß, verglichen mit dem, was sie verloren hat (ein Durchgang durch Text der Sprachen, auf die nicht kalibriert wurde)",
    "generation": "beide Modelle setzen dieselben Anfänge fort (etwa eine Minute auf einer CPU)",
    "profile": "innere Geometrie, Reihenfolge der wahrscheinlichsten Wörter, Energie (etwa eine Minute auf einer CPU)",
}

SPARE = "Sprachneuronen dieser Sprachen schonen"
SPARE_INFO = (
    "Was von diesen Neuronen weiterführt, bleibt erhalten, und andere Gewichte fallen stattdessen weg: Der entfernte Anteil bleibt gleich. "
    "Nur für Methoden, die die höchsten Scores in jeder Zeile oder Schicht behalten."
)

EMPTY_TASK_FOLDER = "Die Benchmarks sollen aus einem Ordner kommen, aber es ist keiner genannt: seinen Pfad eintippen oder sie vom Hub holen lassen."
TASK_ITEMS_RANGE = "Die Zahl der Fragen je Sprache muss mindestens 1 sein; angegeben war {given}."


def task_label(name: str) -> str:
    """A benchmark in the menu: its name, and what it asks."""
    return f"{TASK_NAMES[name]} · {TASK_KINDS[name]}" if name in TASK_KINDS else task_name(name)


def study_label(name: str) -> str:
    """A study with what it asks, and what it costs."""
    return f"{STUDY_TITLES[name]}: {STUDY_KINDS[name]}"


def task_name(name: str) -> str:
    """A benchmark's name; one of the visitor's own is called what its file is called."""
    return TASK_NAMES.get(name, name)


def asked(tasks: Sequence[str], studies: Sequence[str], spared: Sequence[str]) -> str:
    """What "Measure more" adds to a run, in a few words; empty for nothing."""
    parts = [
        *([", ".join(task_name(name) for name in tasks)] if tasks else []),
        *([f"{len(studies)} " + ("Studie" if len(studies) == 1 else "Studien")] if studies else []),
        *([f"Neuronen geschont: {', '.join(spared)}"] if spared else []),
    ]
    return "; ".join(parts)


# --- worth ---------------------------------------------------------------------------------------------------------------

TAB_WORTH = "Methoden"
WORTH_HEADING = "### Was ist jede Methode wert?"
WORTH_HELP = (
    "Jede Methode am eingebauten Modell, mit denselben Kalibriertexten. **×** sagt, auf das Wievielfache die Perplexität stieg, wie auf "
    "den anderen Reitern (1: nichts verloren); **Nat** ist das Mittel als Anstieg des Verlusts pro Token. Die kalibrierten Sprachen "
    "hat die Methode gesehen, die ungesehenen nicht; Sekunden sind Prozessorsekunden des Ausdünnens, MiB der dabei höchstens belegte "
    "Speicher. Ein Modell, ein Startwert: Unterschiede, die kleiner sind als die Intervalle, sagen nichts aus, und ein anderes Modell "
    "kann die Methoden anders ordnen."
)
WORTH_ABSENT = (
    "Der Vergleich der Methoden gehört nicht zu dieser Installation: `assets/methods.json` fehlt. "
    "`python -m benchmarks.methods` berechnet ihn, `python scripts/publish_methods.py` legt ihn hier ab."
)
WORTH_NOTHING = "Mit dieser Einstellung wurde keine Methode verglichen."
WORTH_PARTIAL = "**Nicht fertig:** Dieser Vergleich wird noch berechnet; es fehlen Zeilen."
WORTH_SETTING = "Entfernte Gewichte"
WORTH_SETTINGS = {
    "50%": "50 %, überall",
    "60%": "60 %, überall",
    "70%": "70 %, überall",
    "2:4": "50 %, 2 von je 4 bleiben",
    "4:8": "50 %, 4 von je 8 bleiben",
}
WORTH_MEASURE = "Beurteilen nach"
WORTH_MEASURES = {"mean": "Mittel aller Sprachen", "worst": "Schlechteste Sprache"}
WORTH_FIGURE_HELP = (
    "Weiter unten ist besser, weiter links schneller. Die Linie verbindet die Methoden, die von keiner anderen in beidem übertroffen "
    "werden. Zeit sind die Prozessorsekunden des Ausdünnens allein, über alle Kerne summiert, ohne Kalibrierstatistik und Messung. Der "
    "Name eines Punkts erscheint, wenn man auf ihn zeigt."
)
WORTH_COLUMNS = {
    "method": "Methode",
    "mean_times": "Mittel, ×",
    "mean_interval": "95-%-Intervall",
    "mean_nats": "Nat",
    "calibrated": "Kalibriert, ×",
    "unseen": "Ungesehen, ×",
    "worst": "Schlechteste, ×",
    "worst_name": "Schlechteste Sprache",
    "seconds": "Sekunden",
    "peak": "MiB",
}
WORTH_AXIS_SECONDS = "Prozessorsekunden des Ausdünnens<br>(logarithmisch)"
WORTH_AXIS_MEAN = "Perplexität nachher ÷ vorher,<br>Mittel der Sprachen (logarithmisch)"
WORTH_AXIS_WORST = "Perplexität nachher ÷ vorher,<br>schlechteste Sprache (logarithmisch)"
WORTH_LEGEND, WORTH_FRONT = "Methode", "beste für ihre Zeit"
WORTH_TABLE = "Methoden im Vergleich"
WORTH_HOVER = "{method}<br>Mittel {mean}-fach, schlechteste {worst}-fach ({language})<br>{seconds} s, {peak} MiB"
WORTH_FACTS_ROWS = (
    ("command", "Erstellt mit `{}`"),
    ("commit", "Commit {}"),
    ("date", "{}"),
    ("seed", "Startwert {}"),
    ("threads", "{} Prozessor-Threads"),
    ("tokens", "{} Kalibriertokens insgesamt"),
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

TAB_WEIGHTS = "Gewichte"
JOIN, AND = ", ", " und "

WEIGHTS_HEADING = "### Welche Gewichte sind geblieben?"
WEIGHTS_HELP = (
    "Jede Zelle ist eine Gewichtsmatrix dieses Laufs, gefärbt nach dem Anteil, der entfernt wurde. Ein **Klick auf eine Zelle** oder die "
    "Auswahl von Block und Matrix unten zeigt, wo ihre Nullen liegen und warum ein Gewicht blieb oder wegfiel."
)
WEIGHTS_BLOCK, WEIGHTS_MATRIX = "Block", "Matrix"
WEIGHTS_MAP = "Sparsität jeder Gewichtsmatrix. Ein Klick auf eine Zelle öffnet die Matrix; die Menüs darunter tun dasselbe"
WEIGHTS_NO_MASKS = (
    "Dieser Lauf wurde ohne seine Masken aufbewahrt (das Beispiel lässt sie weg, um klein zu bleiben); einzelne Gewichte lassen sich "
    "darum nicht ansehen. Auf **Ausdünnen** drücken: Der eigene Lauf hat sie."
)
WEIGHTS_OPENING = "Die Matrix wird geöffnet ..."
CLICK_FAILED = (
    "Dieses Bild ließ sich in diesem Browser nicht zeichnen; die Menüs und Felder darunter leisten dasselbe wie Klicken."
)

PICTURE_TITLE = "#### {module}, Block {block}: {outputs} Ausgänge × {inputs} Eingänge, {share} entfernt"
PICTURE_REGULAR = "Von je {m} benachbarten Eingängen bleiben genau {n}: ein {n}:{m}-Muster."
DENSITY_HEADING = "#### Die ganze Matrix von weitem"
DENSITY_HELP = "Jede Zelle ist ein Ausschnitt der Matrix, gefärbt nach dem Anteil seiner Gewichte, der entfernt wurde. Ein Klick verschiebt das Fenster darunter dorthin."
DENSITY_LABEL = "Die Matrix von weitem: entfernter Anteil in jedem Ausschnitt. Ein Klick auf einen Ausschnitt verschiebt das Fenster dorthin; die Schieberegler tun dasselbe"
WINDOW_HEADING = "#### Ein Fenster mit einzelnen Gewichten"
WINDOW_HELP = "Blaue Gewichte blieben, blasse wurden entfernt. Ein **Klick auf ein Gewicht** fragt nach dem Grund; Ausgang und Eingang lassen sich auch unten eintippen."
WINDOW_LABEL = "Ein Fenster mit einzelnen Gewichten, behalten oder entfernt. Ein Klick fragt nach dem Grund; die Felder darunter tun dasselbe"
WINDOW_ROW, WINDOW_COLUMN = "Erster gezeigter Ausgang", "Erster gezeigter Eingang"
SHARES_HEADING = "#### Wird bei manchen Ausgängen oder Eingängen mehr entfernt?"
SHARES_HELP = (
    "Anteil der Gewichte jedes Ausgangs (einer Zeile) und jedes Eingangskanals (einer Spalte), der entfernt wurde. Eine Methode, die "
    "Gewichte innerhalb einer Zeile vergleicht, entfernt in jeder Zeile gleich viele; wie ungleich die Spalten sind, bestimmt die Kalibrierung."
)
SHARES_ORDER = "Reihenfolge"
SHARES_ORDERS = {"sorted": "Sortiert", "placed": "Wie sie in der Matrix liegen"}
SHARES_ROWS, SHARES_COLUMNS = "Entfernter Anteil je Ausgang", "Entfernter Anteil je Eingangskanal"
AXIS_OUTPUT, AXIS_INPUT = "Ausgang (Zeile)", "Eingangskanal (Spalte)"
AXIS_OUTPUT_SORTED, AXIS_INPUT_SORTED = "Ausgänge, höchster Anteil zuerst", "Eingangskanäle, höchster Anteil zuerst"
AXIS_REMOVED = "Entfernt (%)"
HOVER_PATCH = "Ausgänge {rows}, Eingänge {columns}"
HOVER_KEPT, HOVER_REMOVED = "behalten", "entfernt"
HOVER_CELL = "Ausgang %{y}, Eingang %{x}: %{text}<extra></extra>"
HOVER_SHARE = "%{x}: %{y:.1f} % entfernt<extra></extra>"
SHARE_COLUMNS = {"part": "Von allen", "row": "Ausgänge verlieren höchstens %", "column": "Eingänge verlieren höchstens %"}
SHARE_PARTS = {
    0.0: "niedrigster",
    0.05: "5 %",
    0.25: "ein Viertel",
    0.5: "die Hälfte",
    0.75: "drei Viertel",
    0.95: "95 %",
    1.0: "alle",
}
SHARE_TABLE = "Entfernte Anteile je Ausgang und je Eingangskanal"

WHY_HEADING = "#### Warum dieses Gewicht?"
WHY_ROW, WHY_COLUMN, WHY_ASK = "Ausgang (Zeile)", "Eingang (Spalte)", "Warum?"
WHY_EMPTY = "Im Fenster auf ein Gewicht klicken, oder seinen Ort eintippen und auf **Warum?** drücken."
WHY_FIGURE = "Aktivierung des Eingangskanals, nach Sprache"
WHY_KEPT, WHY_REMOVED = "**Behalten.**", "**Entfernt.**"
WHY_WEIGHT = "Das Gewicht {value} liest Eingang {column} und speist Ausgang {row} von `{module}` in Block {block}."
WHY_NEW = "Danach gab ihm die Methode einen neuen Wert: {value}."
WHY_NO_STATISTICS = "Dieser Lauf wurde ohne die Statistiken seiner Kalibrierung aufbewahrt; darum lässt sich weder der Score des Gewichts angeben noch, was jede Sprache von ihm hielt."
WHY_SCORE = "Sein Score ist {score}: Platz {place} von {size} {group}, vom höchsten an gezählt; davon bleiben {kept}"
WHY_THRESHOLD = "; der niedrigste Score, der dort bleibt, ist {threshold}."
WHY_NOTHING_KEPT = "; dort bleibt nichts."
WHY_GROUPS = {
    "row": "Gewichten seines Ausgangs",
    "layer": "Gewichten seiner Matrix",
    "global": "Gewichten seiner Matrix (das ganze Modell hat eine gemeinsame Schwelle)",
    "n:m": "Nachbarn",
}
WHY_GOES = "Es fiele weg, sobald von {group} {share} oder mehr entfernt werden, mit den Aktivierungen, die in diesem Lauf gemessen wurden."
WHY_STAYS = "Es bliebe, solange von {group} weniger als {share} entfernt wird, mit den Aktivierungen, die in diesem Lauf gemessen wurden."
WHY_WHOLE = {"row": "den Gewichten seines Ausgangs", "layer": "seiner Matrix", "global": "seiner Matrix"}
WHY_PLACE = "Es bleibt bei jedem Muster, das von {size} Nachbarn mindestens {place} behält."
WHY_BLIND = "Der Score dieser Methode sieht nicht auf die Aktivierungen; jede Sprache allein würde also gleich entscheiden."
WHY_ALL = "**Mit jeder Kalibriersprache allein** wäre es ebenfalls geblieben."
WHY_NONE = "**Mit keiner Kalibriersprache allein** wäre es geblieben."
WHY_SOME = "Allein mit **{keep}** wäre es geblieben, allein mit **{drop}** nicht."
WHY_ONE_LANGUAGE = "Kalibriert wurde nur auf {name}; es gibt also keine andere Meinung."
WHY_MISSING = "{method} nutzte auch {gone}; das bewahrt kein Lauf auf. Gezeigt werden stattdessen die Scores von Wanda (Gewicht mal Aktivierung)."
WHY_GONE = {
    "full_gradient": "den Gradienten des Verlusts",
    "relevance": "die Ableitung nach den Regeln von LRP",
    "regional_gradient": "den Gradienten durch den Block",
    "repair": "die Gewichte, wie die Reparatur sie vor dem Schnitt hinterlassen hatte",
}
WHY_SOLVER = "{solver} sucht die Maske selbst; der Score ist also nicht das letzte Wort."
WHY_SPARED = "Dieser Lauf behielt Gewichte von Neuronen für {names} vor allen anderen, gleich mit welchem Score."
WHY_NOT_WALKED = "Der Lauf hat jeden Block hinter den ausgedünnten davor neu gemessen; aufbewahrt hat er nur die hier gezeigten Aktivierungen des dichten Modells."
WHY_DIFFERS = "Die höchsten dieser Scores zu behalten ergäbe nicht genau die Auswahl, die hier getroffen wurde."
WHY_CHANGED = (
    "Der Grund kann die Rundung eines anderen Rechners sein, oder die Dateien des Modells sind nicht mehr die des Laufs."
)
WHY_COLUMNS = {
    "name": "Sprache", "rms": "Aktivierung (RMS)", "score": "Score", "threshold": "Niedrigster behaltener", "place": "Platz", "keeps": "Allein",
}  # fmt: skip
WHY_TABLE = "Was jede Sprache allein aus diesem Gewicht macht"
WHY_KEEPS, WHY_DROPS = "behält es", "entfernt es"
WHY_AXIS = "Quadratisches Mittel des Eingangskanals"
WHY_HOVER = "{name}: {rms}<br>Score {score}, {verdict}"

DENSE_NEEDED = (
    "Die dichten Gewichte dieses Modells liegen auf dieser Festplatte nicht bereit: Sie müssen einmal geholt oder entpackt werden (beim "
    "eingebauten Modell bis zu einer Minute)."
)
DENSE_READ = "Die dichten Gewichte lesen"
DENSE_JOB = "Lesen der dichten Gewichte"
DENSE_LOADING = "Das Modell wird geladen"
DENSE_SHARED = (
    "Auf diesem gemeinsam genutzten Server lassen sich die dichten Gewichte eines Modells in einem Ordner nicht lesen."
)
DENSE_OTHER = "Das Modell {source!r} hat sich seit dem Lauf geändert: Seine Gewichte sind nicht die, die ausgedünnt wurden."


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them."""
    return names[0] if len(names) == 1 else JOIN.join(names[:-1]) + AND + names[-1]


# --- results -------------------------------------------------------------------------------------------------------------

EARLIER = "Frühere Läufe"
EARLIER_NONE = "Frühere Läufe (noch keine)"
EXAMPLE = "Beispiellauf"
EXAMPLE_BANNER = "**Beispiel, vorab berechnet:** {title}. Ein Druck auf Ausdünnen berechnet einen eigenen Lauf; seine Abbildungen ersetzen diese."
RUN_BANNER = "**Gezeigt:** {title}. Link zu diesem Lauf: [{link}]({link})"
NO_RUN = "Noch kein Lauf zu zeigen. Auf **Ausdünnen** drücken: Die Abbildungen des eigenen Laufs erscheinen hier."

TAB_OVERVIEW, TAB_ACTIVATION, TAB_SPARSITY = "Überblick", "Aktivierungen", "Sparsität"
TAB_LANGUAGES, TAB_TABLES, TAB_ABOUT = "Sprachen", "Tabellen", "Über diese Seite"

CARD_MEAN = "Perplexität, Mittel aller Sprachen"
CARD_CALIBRATED = "Kalibriersprachen"
CARD_HELD_OUT = "Sprachen ohne Kalibrierung"
CARD_WORST = "Schlechteste Sprache: {name}"
CARD_SPARSITY = "Entfernte Gewichte"
CARD_ACCURACY = "Auswahlgenauigkeit, mittlere Änderung"

ZEROS = (
    "Nullen allein sparen weder Bytes noch Zeit: Das ausgedünnte Modell ist so groß und so schnell wie zuvor. Einen Gewinn bringen erst "
    "Speicherformate und Rechenkerne für dünn besetzte Gewichte, zum Beispiel 2:4 auf manchen GPUs."
)
NOTES, TIMINGS, AGAIN = "Hinweise", "Wo die Zeit blieb", "Derselbe Lauf in Python"
TIMING_NAMES = {
    "load": "Laden von Modell und Texten",
    "dense scores": "Messen des dichten Modells",
    "statistics": "Kalibrierstatistik",
    "pruning": "Auswählen und Entfernen der Gewichte",
    "pruned scores": "Messen des ausgedünnten Modells",
    "studies": "Benchmarks und Studien",
    "total": "Alles zusammen",
}

KIND = "Eingang von"
KIND_ALL = "Alle Eingänge (Mittel)"
MEASURE = "Zeigen"
MEASURES = {"deviation": "Abstand von der durchschnittlichen Sprache", "rms": "Stärke der Aktivierungen"}
ALL_LANGUAGES = "Alle (Varianz)"
ACTIVATION_HEADING = "### Wie verschieden die Sprachen jeden Block nutzen"
ACTIVATION_HELP = (
    "Jede Zelle: wie weit die Kanalstärken einer Sprache vom Durchschnitt der Kalibriersprachen entfernt sind, im Verhältnis zu diesem "
    "Durchschnitt (0: genau wie er). Die unterste Zeile ist das Mittel über die Sprachen: die Varianz zwischen den Sprachen."
)
RMS_HELP = (
    "Jede Zelle: quadratisches Mittel (RMS) der Aktivierungen, die in diese Gewichte eingehen, in den Einheiten des Modells."
)
SIMILARITY_HEADING = "### Welche Sprachen sich im Inneren des Modells ähneln"
SIMILARITY_HELP = (
    "Korrelation der (logarithmierten) Kanalstärken zweier Sprachen, gemittelt über die Blöcke. Die Unterschiede sind klein, weil alle "
    "Sprachen die stärksten Kanäle gemeinsam haben; die Farben überspannen den gefundenen Bereich."
)
ONE_LANGUAGE = "Nur eine Kalibriersprache: Es gibt nichts, womit sie zu vergleichen wäre."

SPARSITY_HEADING = "### Sparsität jedes Blocks"
SPARSITY_HELP = (
    "Wie {method} die Sparsität auf die Blöcke verteilt. Beim Verschieben des Reglers folgt die Linie sofort: Sie wird aus der Wichtigkeit "
    "der Blöcke berechnet, die mit dem Lauf gespeichert ist; das Modell läuft dafür nicht noch einmal."
)
PREVIEW = "Sparsität der Vorschau (%)"
PREVIEW_INFO = "Bewegt sich zusammen mit dem Regler des nächsten Laufs."
LAYERS_HEADING = "### Sparsität jeder Gewichtsmatrix in diesem Lauf"
LAYERS_VIEW = "Zeigen"
LAYERS_VIEWS = {"achieved": "Wie erreicht", "allocated": "Wie zugeteilt", "difference": "Abweichung von gleichmäßig"}
LAYERS_HELP = "In jeder Ausgangszeile werden nur ganze Gewichte entfernt; das Erreichte liegt darum bis zu einem Gewicht je Zeile unter der Zuteilung."

LANGUAGES_HEADING = "### Perplexität: wie viel schwerer jede Sprache vorherzusagen ist"
LANGUAGES_HELP = (
    "Perplexität nach dem Ausdünnen geteilt durch die Perplexität davor, auf denselben Texten; 1 heißt unverändert. Balken sind "
    "95-%-Intervalle über die Texte. Verhältnisse lassen sich zwischen Sprachen vergleichen, die Perplexitäten selbst nicht (die Tokens "
    "sind verschieden)."
)
VIEW = "Zeigen"
VIEWS = {"difference": "Unterschied", "both": "Vorher und nachher"}
ACCURACY_HEADING = "### Auswahlgenauigkeit: Weiß das Modell noch, welche Fortsetzung dazugehört?"
ACCURACY_HELP = (
    "{items}, jeweils vier Fortsetzungen; Raten ergibt also {chance}. Balken sind 95-%-Intervalle. Hohle Zeichen: Schon das dichte "
    "Modell ist in dieser Sprache nicht von Raten zu unterscheiden; eine Änderung sagt dort nichts aus."
)
ACCURACY_NONE = "Die Auswahlgenauigkeit wurde in diesem Lauf nicht gemessen."
SUMMARY_HEADING = "### Alle Sprachen auf einen Blick"
SUMMARY_HELP = "Perplexität (Perpl.) und Auswahlgenauigkeit (Gen.) vor und nach dem Ausdünnen. Dunkler ist schlechter; in der letzten Spalte ist Rot ein Verlust an Genauigkeit und Blau ein Gewinn."
WORST = "schlechteste"
ROLES = {"calibration": "kalibriert", "held-out": "nicht kalibriert"}

TABLES_HELP = "Alle Tabellen hinter den Abbildungen. Der ganze Lauf, mit Einstellungen und Versionen, steht in report.json."
DOWNLOAD_CSV = "CSV herunterladen"
DOWNLOAD_ALL = "Alles herunterladen (ZIP)"
TABLE_TITLES = {
    "languages": "Sprachen, dicht und ausgedünnt",
    "allocation": "Sparsität jedes Blocks",
    "layers": "Sparsität jeder Gewichtsmatrix",
    "activations": "Aktivierungsstatistik",
    "similarity": "Ähnlichkeit der Sprachen",
    "texts": "Jeder gemessene Text",
    "choices": "Jede Auswahlaufgabe",
}

HOVER_POINTS = "%{x:+.0f} Punkte"
HOVER_INTERVAL = "95 %: %{customdata[1]:.3g} bis %{customdata[2]:.3g}"
AXIS_BLOCK = "Decoder-Block (0 ist dem Text am nächsten)"
AXIS_LANGUAGE = "Sprache"
AXIS_OTHER = "Andere Sprache"
AXIS_MODULE = "Gewichtsmatrix"
AXIS_SPARSITY = "Sparsität (% der Gewichte entfernt)"
AXIS_RATIO = "Perplexität nach ÷ vor dem Ausdünnen<br>(logarithmische Skala, ohne Einheit)"
AXIS_BITS = "Verlust (Bits pro Byte Text),<br>niedriger ist besser"
AXIS_ACCURACY = "Richtig gelöste Aufgaben (%)"
AXIS_CHANGE = "Änderung der Genauigkeit<br>(Prozentpunkte)"
AXIS_MEASURE = "Maß"
BAR_DEVIATION = "relativ"
BAR_RMS = "RMS"
BAR_CORRELATION = "Korr."
BAR_PERCENT = "%"
BAR_POINTS = "Punkte"
LEGEND_UNIFORM, LEGEND_THIS_RUN, LEGEND_ACHIEVED = "gleichmäßig", "in diesem Lauf zugeteilt", "in diesem Lauf erreicht"
LEGEND_PREVIEW = "bei {value:.0f} %"
LEGEND_CHANCE = "Raten"
LEGEND_DENSE, LEGEND_PRUNED = "vorher (dicht)", "nachher (ausgedünnt)"
SUMMARY_COLUMNS = (
    "Perpl.<br>vorher",
    "Perpl.<br>nachher",
    "Perpl.<br>Verhältnis",
    "Gen.<br>vorher",
    "Gen.<br>nachher",
    "Gen.<br>Änderung",
)

COLUMNS: Mapping[str, str] = {
    "name": "Sprache", "language": "Kürzel", "role": "Rolle", "texts": "Texte", "tokens": "Tokens", "bytes": "Bytes",
    "dense_perplexity": "Vorher", "pruned_perplexity": "Nachher", "perplexity_ratio": "Verhältnis",
    "ratio_interval": "95-%-Intervall", "change_interval": "95-%-Intervall",
    "increase": "Anstieg des Verlusts (Nat)", "items": "Aufgaben", "dense_accuracy": "Vorher %", "pruned_accuracy": "Nachher %",
    "accuracy_change": "Punkte", "informative": "Besser als Raten",
    "block": "Block", "input": "Eingang von", "rms": "RMS", "deviation": "Abstand", "variance": "Varianz",
    "other_name": "Andere Sprache", "correlation": "Korrelation", "module": "Matrix", "weights": "Gewichte",
    "allocated": "Zugeteilt %", "achieved": "Erreicht %", "sparsity": "Zugeteilt %",
    "importance": "Wichtigkeit", "preview": "Vorschau %", "kept": "Behalten", "pruned": "Entfernt", "zeros_before": "Nullen vorher",
}  # fmt: skip


def headline(method: str, removed: float, mean: str, calibrated: str, held_out: str, worst: str, worst_times: str) -> str:
    """What a run did, for someone who reads nothing else. `calibrated` or `held_out` is empty where there was none."""
    text = (
        f"**{method} hat {percent(removed, 1)} der ausdünnbaren Gewichte entfernt.** Im Mittel aller gemessenen Sprachen wurde die "
        f"Perplexität {mean}-mal so hoch"
    )
    if calibrated and held_out:
        text += (
            f": {calibrated}-mal in den Kalibriersprachen, {held_out}-mal in Sprachen, die bei der Kalibrierung nicht vorkamen"
        )
    return f"{text}. Am meisten verloren hat **{worst}**: {worst_times}-mal."


def of_model(model: Mapping[str, object]) -> str:
    """How much of the model can be pruned at all."""
    prunable, everything = float(str(model["prunable"])), float(str(model["parameters"]))
    return f"von {_millions(prunable)} Millionen ausdünnbaren; das Modell hat {_millions(everything)} Millionen"


def _millions(count: float) -> str:
    """Millions, with a thin space between thousands, which no reader takes for a decimal sign."""
    return f"{count / 1e6:,.0f}".replace(",", "\u202f")


def made_on(device: str, dtype: str, versions: Mapping[str, str]) -> str:
    """Under which circumstances a run was made."""
    return f"{device}, {dtype}; torch {versions.get('torch', '?')}, transformers {versions.get('transformers', '?')}."


# --- reasons -------------------------------------------------------------------------------------------------------------

TAB_REASONS = "Mögliche Gründe"
REASONS_HELP = (
    "Studien, die nach dem suchen, was mit den Verlusten einhergeht. Sie zeigen Begleiter, keine Ursachen: Jede sagt, was schon durch "
    "Zufall zu sehen wäre und wie groß der Wert höchstens sein kann."
)
ABSENT = "Das wurde in diesem Lauf nicht gemessen. Links **Mehr messen** öffnen, **{study}** ankreuzen und auf **Ausdünnen** drücken."

OVERLAP_HEADING = "### Fielen für eine andere Sprache dieselben Gewichte weg?"
OVERLAP_HELP = (
    "Jede Sprache entscheidet für sich, welche Gewichte zu entfernen sind; eine Zelle sagt, wie weit zwei solche Entscheidungen "
    "übereinstimmen. **0** ist, was zwei zufällige Auswahlen derselben Größe gemeinsam haben, 1 ist dieselbe Auswahl. Die eingerahmte "
    "Diagonale ist die **Obergrenze**: dieselbe Sprache mit anderem Text. Zwei Sprachen, deren Zelle ihren Obergrenzen nahekommt, "
    "brauchen dieselben Gewichte; für die eine auszudünnen dient dann auch der anderen."
)
OVERLAP_WHERE = "Teil des Modells"
OVERLAP_WHOLE = "Ganzes Modell"
OVERLAP_MODULE = "Matrix: {name}"
OVERLAP_BLOCK = "Block {block}"
OVERLAP_VIEW = "Zeigen"
OVERLAP_VIEWS = {"corrected": "Überlappung über den Zufall hinaus", "of_ceiling": "Als Anteil der Obergrenze"}
OVERLAP_BLOCKS_HEADING = "### Wo im Modell Sprachen eigene Wege gehen"
OVERLAP_BLOCKS_HELP = "Das Mittel über Sprachpaare in jedem Block, darüber das Mittel der Obergrenzen. Je weiter der Abstand, desto mehr hängt die Auswahl der Gewichte von der Sprache ab."
OVERLAP_ONE = "Nur eine Kalibriersprache: Es gibt kein Paar zum Vergleichen. Die Obergrenze ist {value:.3f}."
BAR_OVERLAP, BAR_OF_CEILING = "Überlappung", "Anteil"
HOVER_OVERLAP = "{a} und {b}<br>über den Zufall hinaus {corrected:.3f}<br>Obergrenze {ceiling:.3f}<br>IoU {iou:.3f}, durch Zufall {expected:.3f}"
HOVER_CEILING = (
    "{a}, anderer Text derselben Sprache<br>Obergrenze {corrected:.3f}<br>IoU {iou:.3f}, durch Zufall {expected:.3f}"
)
LEGEND_PAIRS, LEGEND_CEILING, LEGEND_RANDOM = "zwei Sprachen (Mittel)", "gleiche Sprache, anderer Text", "Zufall"
AXIS_OVERLAP = "Überlappung über den Zufall hinaus"

NEURONS_HEADING = "### Wo die Sprachneuronen sind"
NEURONS_HELP = (
    "Neuronen des dichten Modells, die nur bei wenigen Sprachen feuern (1 % aller Neuronen, ausgewählt nach der Entropie ihres Feuerns). "
    "Ein Neuron kann zu mehreren Sprachen gehören. Gefunden auf Kalibriertext, darum nur für Kalibriersprachen."
)
NEURONS_PRUNED_HEADING = "### Trifft das Ausdünnen sie stärker als andere?"
NEURONS_PRUNED_HELP = (
    "Mittlerer Anteil der ausgehenden Gewichte eines Neurons (seiner Spalte der down-Matrix), der entfernt wurde. Der graue Balken umfasst "
    "95 % der Werte gleich vieler zufälliger Neuronen aus denselben Blöcken: Innerhalb davon werden Sprachneuronen wie alle anderen behandelt. "
    "Eine Methode, die Gewichte innerhalb einer Zeile vergleicht, nimmt jeder Zeile unabhängig von der Sprache den gleichen Anteil; darum sind nur "
    "die Spalten aufschlussreich."
)
NEURONS_DRIFT_HEADING = "### Sind es hinterher dieselben Neuronen?"
NEURONS_DRIFT_HELP = (
    "Sprachneuronen, im ausgedünnten Modell noch einmal gesucht. Verlorene Neuronen sind nicht mehr wählerisch; neue sind an ihre Stelle "
    "getreten. Eine gewisse Drift wäre auf anderem Text auch ganz ohne Ausdünnen zu sehen."
)
NEURONS_NONE = "Es wurden keine Sprachneuronen gefunden."
LEGEND_OWN, LEGEND_CONTROL = "Sprachneuronen", "zufällige Neuronen, gleiche Blöcke (95 %)"
LEGEND_SHARED, LEGEND_LOST, LEGEND_NEW = "noch da", "verloren", "neu"
AXIS_COLUMN = "Entfernte ausgehende Gewichte (%)"
AXIS_NEURONS = "Neuronen"
BAR_NEURONS = "Neuronen"
HOVER_NEURONS = "{name}, Block {block}: Neuronen: {neurons} ({share} des Blocks)"
HOVER_NEURONS_PRUNED = (
    "{name}, Neuronen: {neurons}<br>entfernt {column:.1f} %<br>zufällig {random:.1f} % ({low:.1f} bis {high:.1f})<br>{verdict}"
)
NEURONS_INSIDE, NEURONS_ABOVE, NEURONS_BELOW = (
    "wie zufällige Neuronen",
    "mehr als zufällige Neuronen",
    "weniger als zufällige Neuronen",
)

PREDICTORS_HEADING = "### Was geht mit dem Verlust einer Sprache einher?"
PREDICTORS_HELP = "Ein Punkt je Sprache. Weiter oben: Sie hat mehr verloren. **Korrelation, nicht Ursache**: Sprachen unterscheiden sich in vielem zugleich."
PREDICTOR_MENU = "Verglichen mit"
PREDICTORS = {
    "similarity": "Ähnlichkeit mit der Kalibriermischung",
    "cosine": "Ähnlichkeit mit der Mischung (einfacher Kosinus)",
    "fertility": "Tokens pro Byte",
    "dense_loss": "Verlust des dichten Modells",
    "dense_bits": "Bits pro Byte des dichten Modells",
    "log_share": "Anteil am Text im Web",
    "mask_overlap": "Übereinstimmung der eigenen Maske mit der der Mischung",
    "neurons_pruned": "Entfernter Anteil der Gewichte ihrer Neuronen",
}
PREDICTOR_AXES = {
    "similarity": "Ähnlichkeit der Aktivierungen mit der<br>Kalibriermischung (Kosinus auf logarithmischer Skala)",
    "cosine": "Ähnlichkeit der Aktivierungen mit der<br>Kalibriermischung (Kosinus)",
    "fertility": "Tokens pro Byte Text",
    "dense_loss": "Verlust des dichten Modells (Nat pro Token)",
    "dense_bits": "Verlust des dichten Modells (Bits pro Byte)",
    "log_share": "Text im Web in dieser Sprache (Logarithmus der Megabytes)",
    "mask_overlap": "Überlappung der eigenen Maske mit der der Mischung,<br>über den Zufall hinaus",
    "neurons_pruned": "Entfernter Anteil der ausgehenden Gewichte<br>ihrer Sprachneuronen",
}
AXIS_INCREASE = "Anstieg des Verlusts (Nat pro Token)"
HOVER_PREDICTOR = "{name} ({role})<br>{what}: {value:.3g}<br>Anstieg des Verlusts {increase:.3f} Nat"
PREDICTOR_NONE = "Diese Größe ist für keine Sprache dieses Laufs bekannt."
CORRELATION_FEW = "{n} Sprachen: zu wenige für eine Korrelation."
CORRELATION = "**r = {r:+.2f}** über {n} Sprachen{interval}; p = {p} aus Permutationen. In Rängen: {rho:+.2f}, p = {rho_p}."
CORRELATION_INTERVAL = ", 95 % {low:+.2f} bis {high:+.2f}"
CORRELATION_NO_INTERVAL = ", zu wenige für ein Intervall"
CORRELATION_WARNING = (
    "Korrelation, nicht Ursache. Es wurden {tests} Größen betrachtet: Bei einer von zwanzig liegt p durch Zufall unter 0.05."
)
CORRELATION_GROUPS = {"all": "alle", "calibration": "kalibriert", "held-out": "nicht kalibriert"}
CORRELATION_COLUMNS = {
    "predictor": "Größe", "languages": "Sprachen", "n": "n", "pearson": "r", "interval": "95-%-Intervall", "pearson_p": "p",
    "spearman": "In Rängen", "spearman_p": "p der Ränge",
}  # fmt: skip

WRITING_HEADING = "### Was die beiden Modelle schreiben"
WRITING_HELP = (
    "Beide setzen denselben Anfang fort, immer mit dem wahrscheinlichsten nächsten Wort. Es lohnt sich, die Texte vor den Zahlen zu lesen: "
    "Ein Verlust von einigen Zehnteln kann ein flüssiger Text mit anderen Fakten sein oder ein endlos wiederholtes Wort."
)
WRITING_LANGUAGE = "Sprache"
WRITING_BEFORE, WRITING_AFTER = "Dichtes Modell", "Ausgedünntes Modell"
WRITING_OPENING = "Anfang"
WRITING_EMPTY = "(nichts: Das Modell hat den Text sofort beendet)"
WRITING_SAME = "Wort für Wort gleich."
WRITING_AGREE = "Die ersten {count} Tokens sind gleich."
WRITING_AGREE_ONE = "Das erste Token ist gleich."
WRITING_APART = "Die Texte unterscheiden sich vom ersten Token an."
WRITING_LOOP = "Schleife von {count} Tokens"
WRITING_REPEATED = "{share} der Dreierfolgen von Tokens wiederholt"
WRITING_IN = "Sprache: {name} ({share})"
WRITING_UNKNOWN = "Sprache nicht erkannt"
WRITING_SCRIPT = "{share} in der Schrift der Sprache"
WRITING_ENDED = "von selbst beendet"
ON_LANGUAGE_HEADING = "### Antwortet es noch in der Sprache des Anfangs?"
ON_LANGUAGE_HELP = "Anteil der Texte in der Sprache ihres Anfangs, mit 95-%-Intervallen; Anfänge je Sprache: {count}, es lassen sich also nur große Änderungen erkennen."
SCRIPT_HELP = (
    'Es ist keine Spracherkennung installiert (`pip install "mwanda-explorer[langid]"`); gezeigt wird darum der Anteil der Buchstaben in '
    "der Schrift der Sprache. Sprachen mit lateinischer Schrift lassen sich so nicht unterscheiden."
)
REPETITION_HEADING = "### Wiederholt es sich?"
REPETITION_HELP = "Anteil der Dreierfolgen von Tokens, die im selben Text schon vorkamen; 0 heißt: gar keine Wiederholung."
AXIS_ON_LANGUAGE, AXIS_SCRIPT = "Texte in der richtigen Sprache (%)", "Buchstaben in der richtigen Schrift (%)"
AXIS_REPETITION = "Wiederholte Dreierfolgen von Tokens (%)"
WRITING_COLUMNS = {
    "name": "Sprache", "prompts": "Anfänge", "on_language_dense": "Richtige Sprache vorher %", "on_language_pruned": "Richtige Sprache nachher %", "p_value": "p",
    "script_share_dense": "Richtige Schrift vorher %", "script_share_pruned": "Richtige Schrift nachher %", "repetition_dense": "Wiederholt vorher %",
    "repetition_pruned": "Wiederholt nachher %", "same": "Gleicher Text %",
}  # fmt: skip

PROFILE_HEADING = "### Jenseits der Perplexität"
PROFILE_HELP = "Zwei Modelle können gleich viel verlieren und im Inneren verschieden sein. Drei Blicke auf dieselben Texte, vor und nach dem Ausdünnen; Balken sind 95-%-Intervalle über die Texte."
PROFILE_LANGUAGE = "Sprache"
PROFILE_ALL = "Alle Sprachen (Mittel)"
ERANK_HEADING = "#### In wie vielen Richtungen unterscheiden sich die Wörter eines Textes?"
ERANK_HELP = (
    "Effektiver Rang der inneren Zustände eines Textes nach jedem Block. Niedriger nach dem Ausdünnen: Das Modell unterscheidet Wörter in "
    "weniger Richtungen. Der letzte Punkt, ein Stern, liegt nach der letzten Norm; die Tabelle enthält diesen."
)
TAU_HEADING = "#### Stehen die wahrscheinlichsten nächsten Wörter noch in derselben Reihenfolge?"
TAU_HELP = "Kendalls τ zwischen der dichten und der ausgedünnten Reihenfolge der k wahrscheinlichsten Wörter des dichten Modells: 1 dieselbe Reihenfolge, 0 nichts gemeinsam."
ENERGY_HEADING = "#### Spricht weniger deutlich etwas für irgendein Wort?"
ENERGY_HELP = (
    "Verschiebung der zentrierten Energie (Nat). Nach rechts: Die Logits heben sich weniger von ihrem Mittel ab, das Modell ist also "
    "weniger entschieden. Die einfache Energie ist nicht gezeichnet: Eine Verschiebung aller Logits bewegt sie und schadet nicht."
)
AXIS_ERANK = "Effektiver Rang"
AXIS_TAU = "Kendalls τ (1: gleiche Reihenfolge)"
AXIS_ENERGY = "Verschiebung der zentrierten Energie (Nat, ausgedünnt − dicht)"
LEGEND_TOP = "Top {k}"
FINAL_NORM = "nach der letzten Norm"
HOVER_ERANK = "{place}<br>{side}: {value:.1f}"
HOVER_TAU = "{name}, Top {k}: {value:.3f} ({low:.3f} bis {high:.3f})<br>Stellen: {positions}"
HOVER_ENERGY = "{name}: {value:+.2f} Nat ({low:+.2f} bis {high:+.2f})<br>vorher {before:.1f}, nachher {after:.1f}<br>von gemischtem Text unterschieden: vorher {sep_before}, nachher {sep_after}"
PROFILE_NONE = "Es gibt nichts zu zeichnen."
PROFILE_COLUMNS = {
    "name": "Sprache", "erank_dense": "Rang vorher", "erank_pruned": "Rang nachher", "tau_3": "τ Top 3", "tau_10": "τ Top 10", "tau_20": "τ Top 20",
    "shift": "Verschiebung der Energie", "shift_interval": "95-%-Intervall", "separation_dense": "Unterschieden vorher", "separation_pruned": "Unterschieden nachher",
}  # fmt: skip
OVERLAP_COLUMNS = {
    "name": "Sprache",
    "other_name": "Andere Sprache",
    "corrected": "Über den Zufall hinaus",
    "ceiling": "Obergrenze",
    "of_ceiling": "Anteil der Obergrenze",
    "iou": "IoU",
    "expected": "Durch Zufall",
}
NEURON_SHARE = "Anteil am Block %"
NEURON_COLUMNS = {
    "name": "Sprache", "neurons": "Neuronen", "column": "Entfernt %", "random_column": "Zufällig %", "random_interval": "Zufällig, 95 %",
    "shared": "Noch da", "lost": "Verloren", "new": "Neu", "jaccard": "Gleicher Anteil %",
}  # fmt: skip

STUDY_TABLE_TITLES = {
    "tasks": "Benchmarks, dicht und ausgedünnt",
    "task_means": "Benchmarks, Mittel über die Sprachen",
    "task_items": "Benchmarks, jede Frage",
    "overlap": "Überlappung der Masken von Sprachen",
    "overlap_modules": "Überlappung der Masken je Gewichtsmatrix",
    "overlap_blocks": "Überlappung der Masken je Block",
    "neurons": "Sprachneuronen und Ausdünnen",
    "neuron_blocks": "Sprachneuronen je Block",
    "neuron_drift": "Sprachneuronen vorher und nachher",
    "predictors": "Was man von jeder Sprache weiß",
    "correlations": "Korrelationen mit dem Verlust",
    "generated_texts": "Geschriebene Texte",
    "generated_languages": "Geschriebene Texte, nach Sprache",
    "profile_layers": "Effektiver Rang je Block",
    "profile_ranking": "Reihenfolge der wahrscheinlichsten Wörter",
    "profile_energy": "Energie",
    "profile_positions": "Energie nach Stelle im Text",
}


def agreement(count: int) -> str:
    """How long two texts are the same."""
    return WRITING_APART if count == 0 else WRITING_AGREE_ONE if count == 1 else WRITING_AGREE.format(count=count)


# --- comparing -----------------------------------------------------------------------------------------------------------

TAB_COMPARE = "Vergleichen"
COMPARE_HELP = (
    "Zwei bis sechs Läufe nebeneinander. Unterschiede gelten gegenüber einem von ihnen, dem Bezugslauf, und werden auf denselben Texten und "
    "Fragen gebildet; wo zwei Läufe nicht auf denselben gemessen wurden, wird kein Unterschied gezeigt."
)
COMPARE_RUNS = "Zu vergleichende Läufe"
COMPARE_RUNS_INFO = "Zwei bis sechs. Zum Suchen tippen."
COMPARE_BASELINE = "Bezugslauf"
COMPARE_BASELINE_INFO = "An diesem Lauf werden die anderen gemessen."
COMPARE_ADD_SHOWN = "Gezeigten Lauf hinzufügen"
COMPARE_PASTE = "Einen Lauf über Link oder Namen hinzufügen"
COMPARE_PASTE_INFO = "Zum Beispiel ein Link, der auf ?run=... endet"
COMPARE_ADD = "Hinzufügen"

COMPARE_NONE = "Zwei Läufe zum Vergleichen wählen. **Gezeigten Lauf hinzufügen** nimmt den, den die anderen Reiter zeigen."
COMPARE_ONE = "Ein Lauf ist gewählt: einen weiteren wählen oder über seinen Link hinzufügen."
COMPARE_SIX = "Mehr als sechs Läufe werden nicht auf einmal verglichen: zuerst einen wegnehmen."
COMPARE_FIRST_SIX = "Es wurden {count} Läufe genannt; die ersten sechs werden verglichen."
COMPARE_EMPTY_LINK = "Dort ist kein Lauf genannt: einen Link einfügen, der auf ?run=... endet, oder den Namen eines Laufs."
RUN_UNREADABLE = "Den Lauf {name!r} gibt es hier nicht, oder er ist beschädigt."
COMPARE_UNREADABLE = "Den Lauf {name!r} gibt es hier nicht, oder er ist beschädigt; er wird weggelassen."
COMPARE_AGAIN = "Der Lauf {name!r} ist schon gewählt."
COMPARE_NO_SHOWN = "Es wird noch kein Lauf gezeigt; es gibt also keinen hinzuzufügen."
COMPARE_MODELS = (
    "**Dies sind Läufe verschiedener Modelle.** Ein Anstieg des Verlusts wird am eigenen Modell des Laufs gemessen und in dessen eigenen "
    "Tokens gezählt: Er sagt, wie viel jedes Modell verloren hat, nicht, welches Modell besser ist."
)
COMPARE_UNPAIRED = "Nicht mit dem Bezugslauf verglichen, weil nicht dieselben Texte auf dieselbe Weise gemessen wurden: {what}."
COMPARE_OF = "{run} ({languages})"

COMPARE_SETTINGS_HEADING = "### Was anders eingestellt war"
COMPARE_SETTINGS_SAME = "Nichts war anders eingestellt: Diese Läufe wurden mit denselben Einstellungen angefordert."
COMPARE_SETTINGS_HELP = "Nur was sich unterscheidet. Leere Zelle: Die Methode des Laufs hat keine solche Einstellung."
COMPARE_SETTING = "Einstellung"

COMPARE_LOSS_HEADING = "### Anstieg des Verlusts in jeder Sprache"
COMPARE_LOSS_HELP = (
    "Verlust nach dem Ausdünnen minus Verlust davor, in Nat pro Token (0.1 ist etwa 10 % mehr Perplexität); weiter links ist besser. Balken "
    "sind 95-%-Intervalle über die Texte. Oben steht die Sprache, der irgendein Lauf am meisten schadet."
)
COMPARE_DIFFERENCE_HEADING = "### Unterschied zu {baseline}"
COMPARE_DIFFERENCE_HELP = (
    "Verlust nach dem Ausdünnen minus dem des Bezugslaufs auf denselben Texten: Links von 0 ist dieser Lauf besser, rechts von 0 der "
    "Bezugslauf. Hohle Zeichen: Das 95-%-Intervall reicht über die 0, der Unterschied liegt also **im Rauschen**. Hier werden viele "
    "Sprachen betrachtet: Von zwanzig wahren Nullen sähe etwa eine wie ein Unterschied aus."
)
COMPARE_ACCURACY_HEADING = "### Auswahlgenauigkeit: Unterschied zu {baseline}"
COMPARE_ACCURACY_HELP = (
    "In Prozentpunkten, auf den Fragen, die beide Läufe beantwortet haben: Rechts von 0 ist dieser Lauf besser. Hohle Zeichen: im Rauschen. "
    "Ein Unterschied sagt wenig in einer Sprache, in der schon das dichte Modell nicht von Raten zu unterscheiden ist (siehe den Reiter Sprachen)."
)
COMPARE_BLOCKS_HEADING = "### Sparsität jedes Blocks"
COMPARE_BLOCKS_HELP = "Anteil der ausdünnbaren Gewichte eines Blocks, den jeder Lauf entfernt hat."
COMPARE_FRONT_HEADING = "### Mittel gegen schlechteste Sprache"
COMPARE_FRONT_HELP = (
    "Anstieg des Verlusts über die {count} Sprachen, die alle diese Läufe gemessen haben. Näher an der linken unteren Ecke ist besser; die "
    "Linie verbindet die Läufe, die kein anderer in beidem übertrifft. Kalibrierte und ungesehene Sprachen zählen gleich."
)
COMPARE_FRONT_NONE = "Diese Läufe haben keine gemessene Sprache gemeinsam; es gibt also kein Mittel zu vergleichen."
COMPARE_FRONT_LEGEND = "nicht in beidem übertroffen"

COMPARE_MASKS_HEADING = "### Masken: Entfernen die Läufe dieselben Gewichte?"
COMPARE_MASKS_HELP = (
    "Liest die Masken aller gewählten Läufe (ein Bit je Gewicht) Matrix für Matrix; bei einem kleinen Modell dauert das Sekunden. 0 heißt so "
    "ähnlich wie zwei zufällig gezogene Masken, 1 dieselbe Maske, unter 0, dass sie einander ausweichen."
)
COMPARE_MASKS_START = "Masken vergleichen"
COMPARE_MASKS_IDLE = "Die Masken dieser Läufe wurden noch nicht verglichen."
COMPARE_MASKS_DONE = "Die Masken von {count} Läufen sind verglichen."
COMPARE_MASKS_WITHOUT = "Weggelassen, weil ohne Masken aufbewahrt: {runs}."
COMPARE_MASKS_CANCELLED = "Angehalten; die Masken wurden nicht verglichen."
COMPARE_MASKS_FEW = "Es braucht zwei Läufe mit Masken. Das Beispiel und Läufe von anderswo können ohne kommen; jeder hier berechnete Lauf hat sie."
COMPARE_MASKS_FIRST, COMPARE_MASKS_SECOND = "Masken von", "und von"
COMPARE_MASKS_VIEW = "Zeigen"
COMPARE_MASKS_VIEWS = {"corrected": "Gemeinsam, um den Zufall korrigiert", "kept_share": "Von beiden behalten (%)"}
COMPARE_MASKS_VIEWS_HELP = (
    "**Gemeinsam, um den Zufall korrigiert**: Überlappung der entfernten Gewichte, 0 durch Zufall und 1 bei derselben Maske. **Von beiden "
    "behalten**: von den Gewichten, die mindestens ein Lauf behält, der Anteil, den beide behalten; zwei zufällig gezogene Masken kommen bei "
    "50 % auf 33 %."
)
COMPARE_MASKS_TWO = "Zwei verschiedene Läufe wählen."
COMPARE_MATRIX_HEADING = "### Alle Masken gegen alle"

COMPARE_DOWNLOAD = "Vergleich herunterladen (ZIP)"
COMPARE_LINK = "Link zu diesem Vergleich"
COMPARE_LINK_INFO = "Öffnet diese Läufe wieder nebeneinander, für alle, die diese Seite öffnen können."

CLONE_HEADING = "### Dasselbe noch einmal, mit Änderungen"
CLONE_HELP = "Überträgt die Einstellungen eines Laufs in das Formular links: nach Belieben ändern, dann auf Ausdünnen drücken."
CLONE_FROM = "Einstellungen von"
CLONE_USE = "Diese Einstellungen verwenden"
CLONE_NONE = "Zuerst oben einen Lauf wählen."
CLONE_DONE = "Das Formular enthält die Einstellungen von {title}. Nichts startet, bevor auf Ausdünnen gedrückt wird."
CLONE_BUT = "Das Formular enthält die Einstellungen von {title}, außer: {what}"
CLONE_MODE = (
    "ausgedünnt wurde mit dem Verfahren {mode!r}, das nur die Kommandozeile anbietet; das Formular behält sein eigenes."
)
CLONE_EVALUATION_TEXTS = (
    "gemessen wurde auf Texten einer anderen Quelle; das Formular misst auf der anderen Hälfte der Kalibriertexte."
)
CLONE_DEVICE = "verlangt waren das Gerät {device!r} und der Zahlentyp {dtype!r}; die Seite wählt beides selbst."
CLONE_METHOD = "diese Version kennt seine Methode nicht; das Formular behält seine eigene."
CLONE_KNOBS = "{method} hat Einstellungen, für die das Formular kein Bedienelement hat; sie stehen auf ihrer Voreinstellung."
CLONE_LOCAL_MODEL = "sein Modell liegt auf einem anderen Rechner; das Formular behält sein eigenes."
CLONE_LOCAL_TEXTS = "seine Texte liegen auf einem anderen Rechner; das Formular behält seine eigenen."
CLONE_RANGE = "{name} war {value}, was das Formular nicht anbietet, und steht darum auf {nearest}."
CLONE_MENU = "{name} enthielt Auswahlen, die diese Seite nicht anbietet ({left}); sie sind weggelassen."
CLONE_UNREADABLE = "Die Einstellungen dieses Laufs kann diese Version nicht lesen; das Formular bleibt, wie es ist."

COMPARE_WITHIN, COMPARE_BETTER, COMPARE_WORSE = "im Rauschen", "besser", "schlechter"
COMPARE_NO_INTERVAL, COMPARE_NOT = "kein Intervall", "nicht verglichen"
COMPARE_COLUMNS: Mapping[str, str] = {
    "name": "Sprache",
    "run": "Lauf",
    "difference": "Unterschied (Nat)",
    "quotient": "Perplexität, ×",
    "points": "Unterschied (Punkte)",
    "interval": "95-%-Intervall",
    "verdict": "Urteil",
    "paired": "Texte",
    "items": "Fragen",
    "block": "Block",
    "module": "Matrix",
    "mean": "Mittel (Nat)",
    "worst": "Schlechteste (Nat)",
    "worst_name": "Schlechteste Sprache",
    "front": "Auf der Linie",
    "corrected": "Korrigiert",
    "kept_share": "Von beiden behalten %",
    "iou": "Überlappung",
    "expected": "Durch Zufall",
}
COMPARE_AXIS_INCREASE = "Anstieg des Verlusts (Nat pro Token),<br>niedriger ist besser"
COMPARE_AXIS_DIFFERENCE = "Verlust minus dem des Bezugslaufs<br>(Nat pro Token, gleiche Texte)"
COMPARE_AXIS_POINTS = "Genauigkeit minus der des Bezugslaufs<br>(Prozentpunkte, gleiche Fragen)"
COMPARE_AXIS_MEAN = "Mittlerer Anstieg des Verlusts der Sprachen<br>(Nat pro Token)"
COMPARE_AXIS_WORST = "Anstieg des Verlusts der schlechtesten Sprache<br>(Nat pro Token)"
COMPARE_AXIS_RUN = "Lauf"
COMPARE_AXIS_OTHER_RUN = "Anderer Lauf"
COMPARE_BAR_CORRECTED, COMPARE_BAR_KEPT = "korrigiert", "%"
COMPARE_HOVER_TIMES = "{run}<br>{name}: {value:+.3f} Nat pro Token, Perplexität mal {times:.3g}{interval}"
COMPARE_HOVER_POINTS = "{run}<br>{name}: {value:+.1f} Punkte{interval}"
COMPARE_HOVER_INTERVAL = "<br>95 %: {low:.3g} bis {high:.3g}"
COMPARE_HOVER_FRONT = "{run}<br>Mittel {mean:.3f}, schlechteste {worst:.3f} ({name})"
COMPARE_HOVER_MASKS = "Block {block}, {module}<br>korrigiert {corrected:.3f}, von beiden behalten {kept:.1f} %"
COMPARE_HOVER_PAIR = "{a}<br>{b}<br>korrigiert {corrected:.3f}"


def compare_files(runs: Sequence[str]) -> str:
    """The title of a job that compares masks."""
    return f"Masken von {len(runs)} Läufen"


def compare_left_out(names: Sequence[str]) -> str:
    """Choices that a menu does not have."""
    return _and_more(names)


# --- taking --------------------------------------------------------------------------------------------------------------

TAB_TAKE = "Mitnehmen"
TAKE_NOTHING = "Es wird kein Lauf gezeigt; es gibt also noch nichts mitzunehmen: auf **Ausdünnen** drücken oder einen früheren Lauf öffnen."

TAKE_FILES_HEADING = "### Dateien dieses Laufs"
TAKE_FILES_HELP = "Das Gewünschte wählen und auf **Datei erstellen** drücken; dann herunterladen."
TAKE_FILE_KIND = "Was"
TAKE_FILE_KINDS = {
    "tables": "Alle Tabellen, CSV und Parquet (ZIP)",
    "run": "Der ganze Lauf, zum Öffnen in einem anderen M-Wanda Explorer (ZIP)",
    "html": "Alle Abbildungen als eine Webseite, lesbar ohne Netz (HTML)",
    "png": "Alle Abbildungen als Bilder (PNG in einem ZIP)",
    "svg": "Alle Abbildungen als Zeichnungen (SVG in einem ZIP)",
    "card": "Die Reproduzierbarkeitskarte (Markdown)",
}
TAKE_FILE_HELP = {
    "tables": "Alle Tabellen in voller Genauigkeit, dazu report.json: Einstellungen, Versionen und Modell.",
    "run": "Bericht, Tabellen, Masken, neue Gewichte, wo es welche gibt, und Statistiken. `mwanda runs import FILE` nimmt ihn auf, ebenso "
    "**Einen Lauf aufnehmen** weiter unten auf einer eigenen Seite.",
    "html": "Die Datei bringt ihr eigenes Zeichenprogramm mit, etwa 5 MB; wer auf eine Abbildung zeigt, sieht ihre Werte.",
    "png": "Braucht das Extra `figures` und ein Chrome oder Chromium auf dem Rechner, der diese Seite ausführt; dauert einige Sekunden.",
    "svg": "Braucht das Extra `figures` und ein Chrome oder Chromium auf dem Rechner, der diese Seite ausführt; dauert einige Sekunden.",
    "card": "Alles, was diesen Lauf wiederholt, dazu die Zahlen und der Hash der Masken, die eine Wiederholung ergeben sollte; siehe **Dasselbe noch einmal**.",
}
TAKE_MAKE_FILE = "Datei erstellen"
TAKE_DOWNLOAD = "Herunterladen"
TAKE_NO_KALEIDO = (
    'Bilder brauchen das Paket kaleido, das hier nicht installiert ist: `pip install "mwanda-explorer[figures]"` ausführen oder die '
    "Abbildungen als eine Webseite nehmen."
)
TAKE_NO_CHROME = (
    "Bilder werden von Chrome oder Chromium gezeichnet, und keines ließ sich hier starten: eines installieren (oder in der Variablen "
    "BROWSER_PATH nennen) oder die Abbildungen als eine Webseite nehmen."
)
TAKE_UNKNOWN_FILE = "Eine Datei der Art {given} gibt es nicht; es gibt: {known}."

TAKE_SHARE_HEADING = "### Teilen"
TAKE_LINK = "Link zu diesem Lauf"
TAKE_LINK_LOCAL = (
    "Der Link funktioniert für alle, die diese Seite öffnen können; auf dem eigenen Rechner ist das sonst niemand. Um den Lauf jemandem zu "
    "geben, den ganzen Lauf als Datei schicken."
)
TAKE_LINK_SHARED = (
    "Wer diesen Link hat, kann den Lauf öffnen, und ohne den Link findet ihn niemand: Läufe werden hier nicht aufgelistet. Dieser Server "
    "bewahrt Läufe nur auf, solange seine Festplatte es tut; wer den Lauf wieder braucht, nimmt ihn besser als Datei mit."
)
TAKE_LINK_EXAMPLE = "Dies ist das Beispiel, das jeder M-Wanda Explorer mitbringt; der Link öffnet es also für alle."

TAKE_AGAIN_HEADING = "### Dasselbe noch einmal"
TAKE_COMMAND = "Der Befehl, der diesen Lauf wiederholt"
TAKE_PYTHON = "Dasselbe in Python"
TAKE_CARD = "Reproduzierbarkeitskarte"
TAKE_CARD_HELP = (
    "Die Karte enthält den Befehl, die Versionen, das Modell mit dem SHA-256 seiner Gewichte, den Startwert, die Textabschnitte der "
    "Kalibrierung sowie die Zahlen und den Hash der Masken, die eine Wiederholung ergeben sollte. Herunterladen oben unter **Dateien "
    "dieses Laufs**."
)
TAKE_AGAIN_UNKNOWN = "Dieser Lauf stammt von einer Version, deren Einstellungen diese hier nicht kennt; er lässt sich hier also nicht wiederholen: {problem}"

TAKE_MODEL_HEADING = "### Das ausgedünnte Modell"
TAKE_MODEL_HELP = (
    "Ein Ordner, den transformers ohne Weiteres lädt: safetensors, Tokenizer, Konfiguration und eine Modellkarte. Er ist so groß wie das "
    "dichte Modell ({size}), weil entfernte Gewichte als Nullen gespeichert werden."
)
TAKE_CARD_PREVIEW = "Die Modellkarte, die dazugehört"
TAKE_NO_CARD = "Die Modellkarte ließ sich nicht schreiben: {problem}"
TAKE_FOLDER = "Ordner auf diesem Rechner (optional)"
TAKE_FOLDER_INFO = "Leer oder noch nicht vorhanden. Ohne Ordner gibt es eine ZIP-Datei zum Herunterladen."
TAKE_EXPORT = "Modell exportieren"
TAKE_DOWNLOAD_MODEL = "Modell herunterladen (ZIP)"
TAKE_LICENCE = "Die Lizenz des Basismodells gilt auch für das ausgedünnte Modell."
TAKE_SCRATCH = "Die ZIP-Datei wartet in einem Zwischenordner: Die letzten {count} werden aufbewahrt, höchstens einen Tag lang."
TAKE_NO_MASKS_EXAMPLE = (
    "Das Beispiel bringt seine Zahlen ohne seine Masken mit; sein Modell lässt sich daraus nicht herstellen. Auf **Ausdünnen** drücken: Die "
    "Masken des eigenen Laufs werden aufbewahrt, und sein Modell lässt sich exportieren."
)
TAKE_NO_MASKS = "Dieser Lauf wurde ohne seine Masken gespeichert; sein Modell lässt sich daraus nicht herstellen: den Lauf mit dem Befehl oben wiederholen."
TAKE_TOO_LARGE = (
    "Das Modell hat {size}, und dieser gemeinsam genutzte Server gibt höchstens {most} heraus: den ganzen Lauf als Datei mitnehmen und das "
    "Modell auf dem eigenen Rechner mit `mwanda runs import FILE` und `mwanda apply` herstellen."
)
TAKE_DISK = "Dafür werden {size} Plattenplatz gebraucht, und {free} sind frei: Platz schaffen oder einen Ordner auf einer anderen Festplatte wählen."
TAKE_SHARED_FOLDER = "Dies ist ein gemeinsam genutzter Server: Er schreibt in keine Ordner. Das Feld leer lassen und die ZIP-Datei herunterladen."
TAKE_FOLDER_RELATIVE = "Der Ordner muss ein vollständiger Pfad sein, etwa /home/me/model; angegeben war {given}."

TAKE_PUSH_HEADING = "#### Auf den Hugging Face Hub"
TAKE_PUSH_HELP = (
    "Lädt den Ordner mit seiner Karte hoch. Das Zugangstoken geht an den Hub und sonst nirgendwohin: Es bleibt im Arbeitsspeicher, bis das "
    "Hochladen beginnt, wird nie aufgeschrieben, und das Feld wird sofort geleert."
)
TAKE_PUSH_SIGNED = "Wer bei Hugging Face angemeldet ist, kann das Zugangstoken weglassen."
TAKE_PUSH_NAME = "Name auf dem Hub"
TAKE_PUSH_NAME_INFO = "Besitzer/Name"
TAKE_PUSH_TOKEN = "Zugangstoken mit Schreibrecht"
TAKE_PUSH_TOKEN_INFO = "Wird auf der Einstellungsseite des Hubs erstellt."
TAKE_PUSH_PRIVATE = "Privat: für niemand anderen sichtbar"
TAKE_PUSH = "Hochladen"
TAKE_TOKEN_GONE = "Das Zugangstoken liegt nicht mehr vor: Es wird für einmaliges Hochladen und höchstens eine Stunde aufbewahrt. Noch einmal eintippen und auf Hochladen drücken."

TAKE_COST_HEADING = "### Was es wirklich spart"
TAKE_COST_HELP = (
    "Nullen allein sparen weder Bytes noch Zeit. Gemessen auf dem Rechner, der diese Seite ausführt: die Bytes des dichten und des "
    "ausgedünnten Modells, gepackt und ungepackt, die der Masken allein, und die Zeit eines Vorwärtsdurchgangs von beiden, abwechselnd."
)
TAKE_COST_TOKENS = "Tokens im Durchgang"
TAKE_COST_REPEATS = "Durchgänge von jedem"
TAKE_COST = "Messen"
TAKE_COST_COLUMNS = ("Was", "Dicht", "Ausgedünnt", "Ausgedünnt ÷ dicht")
TAKE_COST_ROWS = {
    "bytes": "Gewichte im Speicher und auf der Platte",
    "zip": "In einer ZIP-Datei, {how}",
    "masks": "Masken allein, ein Bit je Gewicht",
    "updates": "Neue Gewichte neben den Masken",
    "time": "Vorwärtsdurchgang von {tokens} Tokens, Median von {count} ({device}, {dtype})",
    "spread": "Schnellster bis langsamster",
}
TAKE_COST_PACKED, TAKE_COST_SAMPLED = "hier gepackt", "geschätzt aus {share} der Bytes"
TAKE_COST_SENTENCES = "In Sätzen"
TAKE_COST_HARDWARE = "Was Hardware aus Nullen macht, und wer das sagt"
TAKE_COST_SOURCE = "*Quelle: {source}; {basis}.*"

TAKE_KEEP_HEADING = "### Die Läufe auf diesem Rechner"
TAKE_NOTE = "Ein eigener Name für diesen Lauf"
TAKE_NOTE_INFO = "Steht in der Liste früherer Läufe vor dem Titel; leer entfernt ihn."
TAKE_NOTE_SAVE = "Namen speichern"
TAKE_NOTE_SAVED = "Gespeichert."
TAKE_NOTE_LONG = "Ein Name hat höchstens {most} Zeichen; dieser hat {given}."
TAKE_DELETE = "Diesen Lauf löschen"
TAKE_DELETE_SURE = "Ja, diesen Lauf endgültig löschen"
TAKE_DELETE_ASK = "Zuerst das Kästchen ankreuzen: Ein gelöschter Lauf lässt sich nicht zurückholen."
TAKE_DELETED = "Der Lauf wurde gelöscht."
TAKE_DELETE_EXAMPLE = "Das Beispiel gehört zur Installation und lässt sich weder löschen noch umbenennen."
TAKE_IMPORT = "Einen Lauf aufnehmen (ZIP)"
TAKE_IMPORTED = "Aufgenommen; er wird jetzt gezeigt."
TAKE_LOCAL_ONLY = "Auf einem gemeinsam genutzten Server werden Läufe nicht aufgelistet, umbenannt, gelöscht oder aufgenommen."

TAKE_STAGE_LOAD = "Das Modell wird geladen"
TAKE_STAGE_APPLY = "Die Masken werden angewandt"
TAKE_STAGE_WRITE = "Das Modell wird geschrieben"
TAKE_STAGE_ZIP = "Die ZIP-Datei wird gepackt"
TAKE_STAGE_PUSH = "Wird hochgeladen (dieser Schritt lässt sich nicht mittendrin anhalten)"
TAKE_JOB = {"export": "Export von {run}", "push": "Hochladen von {run}", "cost": "Kosten von {run}"}
TAKE_CANCELLED = "Angehalten; nichts wurde aufbewahrt."
TAKE_EXPORTED = "Fertig nach {time}: Die ZIP-Datei hat {size}."
TAKE_EXPORTED_TO = "Fertig nach {time}: geschrieben nach {folder}."
TAKE_PUSHED = "Fertig nach {time}: {address}"
TAKE_MEASURED = "Gemessen in {time}."


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


FIGURE_PAGE_MADE = "Erstellt vom M-Wanda Explorer aus dem Lauf {run}. {title}."
FIGURE_TITLES = {
    "perplexity": "Perplexität: wie viel schwerer jede Sprache vorherzusagen ist",
    "perplexity-before-after": "Verlust vor und nach dem Ausdünnen",
    "accuracy": "Auswahlgenauigkeit: Änderung",
    "accuracy-before-after": "Auswahlgenauigkeit vor und nach dem Ausdünnen",
    "texts": "Text für Text",
    "summary": "Alle Sprachen auf einen Blick",
    "variance": "Wie verschieden die Sprachen jeden Block nutzen",
    "strength": "Stärke der Aktivierungen",
    "similarity": "Welche Sprachen sich im Inneren des Modells ähneln",
    "allocation": "Sparsität jedes Blocks",
    "layers": "Sparsität jeder Gewichtsmatrix, wie erreicht",
    "layers-difference": "Sparsität jeder Gewichtsmatrix, Abweichung von gleichmäßig",
    "task": "Benchmark: {name}",
    "task-map": "Alle Benchmarks auf einen Blick",
    "overlap": "Bei welchen Sprachen dieselben Gewichte wegfallen",
    "overlap-blocks": "Wo im Modell Sprachen eigene Wege gehen",
    "neuron-blocks": "Wo die Sprachneuronen sind",
    "neurons": "Entfernte Gewichte der Sprachneuronen",
    "neuron-drift": "Sprachneuronen vorher und nachher",
    "predictors": "Was mit dem Verlust einer Sprache einhergeht: {name}",
    "on-language": "In der Sprache des Anfangs geschrieben",
    "repetition": "Wiederholung in dem, was die Modelle schreiben",
    "erank": "Effektiver Rang",
    "tau": "Reihenfolge der wahrscheinlichsten nächsten Wörter",
    "energy": "Energie",
}

API_NO_OBJECT = 'Einstellungen sind ein Objekt aus Namen und Werten, etwa {{"languages": ["en", "sw"]}}; angegeben war {given}.'
API_LIMIT = "Auf diesem gemeinsam genutzten Server ist {name} höchstens {most}; angegeben war {given}."
API_NO_JOBS = "Auf einer gemeinsam genutzten GPU endet ein Lauf mit der Seite, die ihn gestartet hat; aus einem Programm lässt sich darum keiner starten: die Seite verwenden."
API_NO_RUNS = "Auf einem gemeinsam genutzten Server werden Läufe nicht aufgelistet: Ein Lauf öffnet sich nur über seinen Link."
API_NO_TABLE = "Dieser Lauf hat keine Tabelle {given}; er hat {known}."

# --- sweeping ------------------------------------------------------------------------------------------------------------

TAB_SWEEP = "Viele ausprobieren"
SWEEP_TAB, PROTECT_TAB, UNFINISHED_TAB = "Versuchsreihe", "Eine Sprache schützen", "Unterbrochene Läufe"

SWEEP_HELP = (
    "Eine Versuchsreihe (Sweep) besteht aus vielen Läufen nach einem Plan: jede Sparsität mit jeder Methode, jeder Sprachmischung und jedem "
    "Startwert. Alles, wonach hier nicht gefragt wird (Modell, Texte, Bausteine der Methode, was gemessen wird), gilt wie links eingestellt."
)
SWEEP_SPARSITIES = "Sparsitäten (%)"
SWEEP_SPARSITIES_INFO = "Prozent der zu entfernenden Gewichte, durch Kommas getrennt."
SWEEP_METHODS = "Methoden"
SWEEP_METHODS_INFO = "Benannte Methoden mit ihren eigenen Einstellungen und die links zusammengestellte."
SWEEP_LEFT = "Die Methode links, wie eingestellt"
SWEEP_MIXES = "Mischungen von Kalibriersprachen"
SWEEP_MIXES_INFO = "Eine Mischung je Zeile, Sprachen mit Namen oder Kürzel. Leer: die Sprachen links."
SWEEP_MIXES_EXAMPLE = "en\nen, de, hi, sw\nHindi, Bengali, Tamil"
SWEEP_SEEDS = "Startwerte (Seeds)"
SWEEP_SEEDS_INFO = "Ganze Zahlen: Jede steht für eine andere Auswahl der Textabschnitte zur Kalibrierung."
SWEEP_NAME = "Name"
SWEEP_NAME_INFO = "Um die Versuchsreihe wiederzufinden. Leer: der Zeitpunkt ihres Starts."
SWEEP_START, SWEEP_RESUME, SWEEP_FORGET = "Versuchsreihe starten", "Fortsetzen", "Plan vergessen"
SWEEP_KEPT = "Bisherige Versuchsreihen"
SWEEP_KEPT_NONE = "Bisherige Versuchsreihen (noch keine)"
SWEEP_FORGOTTEN = "Der Plan {name} ist vergessen. Seine Läufe bleiben."
SWEEP_WAITING = "Der Plan wird durchgezählt ..."
SWEEP_LOG = "Protokoll der Versuchsreihe"

SWEEP_NO_SPARSITY = "Es ist keine Sparsität genannt: Prozente angeben, etwa 30, 50, 70."
SWEEP_BAD_SPARSITY = "Sparsitäten sind Prozente von 1 bis 99, durch Kommas getrennt; eine der angegebenen war {given}."
SWEEP_NO_METHOD = "Es ist keine Methode gewählt: die links nehmen oder benannte aus dem Menü."
SWEEP_BAD_LANGUAGE = "In {given} gibt es keine Texte: links andere Texte wählen oder die Sprache aus der Mischung weglassen."
SWEEP_NO_SEED = "Es ist kein Startwert genannt: mindestens eine ganze Zahl angeben, etwa 0."
SWEEP_BAD_SEED = "Startwerte sind ganze Zahlen ab 0, durch Kommas getrennt; einer der angegebenen war {given}."
SWEEP_TOO_MANY = "Dieser Plan hat {runs} Läufe; erlaubt sind höchstens {most}: einige weglassen."
SWEEP_TOO_MANY_SHARED = (
    "Dieser Plan hat {runs} Läufe, und auf diesem gemeinsam genutzten Server hat eine Versuchsreihe höchstens {most}: einige weglassen oder "
    "das Programm auf einem eigenen Rechner ausführen."
)
SWEEP_TAKEN = "Es gibt schon eine andere Versuchsreihe namens {name}: einen anderen Namen wählen, oder sie unter Bisherige Versuchsreihen auswählen und fortsetzen."
SWEEP_ALL_KEPT = "Alle Läufe dieses Plans ({runs}) sind schon aufbewahrt: Ein Start zeigt ihre Ergebnisse sofort."
SWEEP_LONG = "**Das ist lang**: mit weniger Läufen beginnen oder weniger messen. Eine Versuchsreihe lässt sich jederzeit abbrechen und fortsetzen."
SWEEP_UNKNOWN_TIME = "Wie lange das dauert, ist vor dem ersten Lauf mit diesem Modell nicht bekannt."
SWEEP_LEFT_OUT = "Weggelassen, weil nicht ausführbar: {title}. {why}"
SWEEP_LEFT_OUT_MORE = "Weitere weggelassene Kombinationen, jede aus eigenem Grund: {count}."
SWEEP_FIXED = "Das Muster {pattern} hat nur eine Sparsität; die anderen sind weggelassen."

SWEEP_EMPTY = "Noch keine Versuchsreihe zu zeigen. Ihre Abbildungen erscheinen hier nach dem ersten Lauf und wachsen, während sie weitergeht."
SWEEP_CURVES = "### Verlust gegen Sparsität"
SWEEP_CURVES_HELP = (
    "Anstieg des Verlusts in Nat pro Token, auf denselben Texten vor und nach dem Ausdünnen: 0 ist unbeschädigt, 0.69 ist doppelte "
    "Perplexität. Eine Linie je Methode und Sprachmischung. Balken: 95-%-Intervalle über die Texte; bei mehreren Startwerten der niedrigste "
    "und der höchste Wert, und die Linie ist ihr Mittel."
)
SWEEP_VIEW = "Zeigen"
SWEEP_MEAN, SWEEP_WORST = "Mittel aller Sprachen", "Schlechteste Sprache jedes Laufs"
SWEEP_MULTIPLES = "### Jede Sprache"
SWEEP_MULTIPLES_HELP = (
    "Dieselben Linien für jede Sprache, in einem Maßstab: Wo eine Linie früh steigt, bricht die Sprache früh ein."
)
SWEEP_MULTIPLES_CAP = "Gezeichnet sind nur die {count} Sprachen mit den höchsten Verlusten; die Datei enthält alle."
SWEEP_FRONT = "### Mittel gegen schlechteste Sprache"
SWEEP_FRONT_HELP = (
    "Ein Punkt je Lauf; weiter links ist er im Mittel besser, weiter unten für die Sprache, die am meisten verliert. Kein anderer Lauf ist in "
    "beidem besser als die Läufe auf der Linie (der Pareto-Front)."
)
SWEEP_TABLE = "### Alle Läufe"
SWEEP_TABLE_HELP = (
    "Eine Zeile anklicken oder unten einen Lauf wählen, um ihn auf dieser Seite zu öffnen: Die anderen Reiter zeigen dann ihn."
)
SWEEP_OPEN = "Zu öffnender Lauf"
SWEEP_OPEN_BUTTON = "Öffnen"
SWEEP_UNEQUAL = "Nicht jeder Lauf hat dieselben Sprachen gemessen; Mittel und schlechteste Sprachen lassen sich darum nicht zwischen allen vergleichen."
SWEEP_UNSCORED = "Diese Läufe haben keine Verluste gemessen: links mindestens einen Text je Sprache zulassen."
SWEEP_COLUMNS = {
    "method": "Methode", "sparsity": "Sparsität %", "mix": "Kalibriert auf", "seed": "Startwert", "mean_increase": "Mittlerer Anstieg",
    "worst": "Schlechteste Sprache", "worst_increase": "Ihr Anstieg", "front": "Auf der Front", "id": "Lauf",
}  # fmt: skip
SWEEP_CURVE_COLUMNS = {
    "line": "Linie",
    "sparsity": "Sparsität %",
    "value": "Anstieg",
    "low": "Unten",
    "high": "Oben",
    "runs": "Läufe",
}
SWEEP_LINE = "{method} · {mix}"
SWEEP_MORE_LANGUAGES = "{names} und {count} weitere"
SWEEP_LEGEND_FRONT = "Pareto-Front"
AXIS_SWEEP_SPARSITY = "Sparsität (%)"
AXIS_SWEEP_INCREASE = "Anstieg des Verlusts (Nat pro Token)"
AXIS_SWEEP_MEAN = "Mittlerer Anstieg des Verlusts aller Sprachen (Nat pro Token)"
AXIS_SWEEP_WORST = "Anstieg des Verlusts der schlechtesten Sprache<br>(Nat pro Token)"
AXIS_SWEEP_SHORT = "Nat"
HOVER_SWEEP = "{line}<br>{language} bei {sparsity}: {value:+.3f} Nat{bounds}<br>Perplexität mal {times:.3g}"
HOVER_SWEEP_BOUNDS = " ({low:+.3f} bis {high:+.3f})"
HOVER_SWEEP_FRONT = "{line}, {sparsity}{seed}<br>Mittel {mean:+.3f}, schlechteste {worst:+.3f} ({language})"
HOVER_SWEEP_SEED = ", Startwert {seed}"

SWEEP_CANCELLED = "Abgebrochen. Fertige Läufe bleiben aufbewahrt; Fortsetzen macht mit den anderen weiter."
SWEEP_BUSY_QUEUE = "Eine Versuchsreihe wartet wie jeder Lauf, bis sie an der Reihe ist."
PROTECT_CANCELLED = "Abgebrochen; die bisherigen Versuche werden nicht aufbewahrt."

PROTECT_HELP = (
    "Sucht Gewichtungen der Kalibriersprachen und andere Einstellungen der Methode links, bei denen die gewählten Sprachen höchstens so viel "
    "verlieren wie erlaubt und die anderen so wenig wie möglich. Versuche werden auf Kalibriertexten beurteilt; das Urteil fällt auf Texten, "
    "die die Suche nie gesehen hat."
)
PROTECT_LANGUAGES = "Zu schützende Sprachen"
PROTECT_LANGUAGES_INFO = "Aus den Kalibriersprachen links."
PROTECT_PERCENT = "Die Perplexität darf höchstens steigen um (%)"
PROTECT_PERCENT_INFO = "Für jede zu schützende Sprache. Bei 50 % Sparsität steigt sie bei kleinen Modellen um 20 bis 200 %."
PROTECT_OWN = "Andere Grenzen für einzelne Sprachen"
PROTECT_OWN_INFO = "Eine je Zeile, etwa sw: 20. Hier genannte Sprachen werden ebenfalls geschützt."
PROTECT_TRIES = "Einstellungen, die versucht werden"
PROTECT_TRIES_INFO = "Jede bedeutet ein schnelles Ausdünnen und eine kurze Messung."
PROTECT_GOAL = "Was bei den anderen zählt"
PROTECT_GOALS = {"worst": "Die Sprache, die am meisten verliert", "mean": "Das Mittel aller Sprachen"}
PROTECT_KIND = "Wie gesucht wird"
PROTECT_KINDS = {
    "coordinate": "Schritt für Schritt von der Methode links aus",
    "random": "Zufällig",
    "optuna": "Gelenkt durch bisherige Funde (Optuna)",
}
PROTECT_SEED = "Startwert der Suche"
PROTECT_START = "Suchen"
PROTECT_KEPT = "Bisherige Suchen"
PROTECT_KEPT_NONE = "Bisherige Suchen (noch keine)"
PROTECT_LOG = "Protokoll der Suche"
PROTECT_NONE = "Es ist keine zu schützende Sprache gewählt: mindestens eine der Kalibriersprachen wählen."
PROTECT_BAD_PERCENT = "Die Grenze ist ein Anstieg in Prozent von 0 bis 10000; angegeben war {given}."
PROTECT_BAD_LINE = "Grenzen für einzelne Sprachen sind Zeilen wie sw: 20; eine der angegebenen war {given}."
PROTECT_STRANGER = "{given} ist keine Kalibriersprache links, und nur diese lassen sich schützen."
PROTECT_TRIES_RANGE = (
    "Die Zahl der Einstellungen, die versucht werden, muss zwischen 1 und {most} liegen; angegeben war {given}."
)
PROTECT_SEED_RANGE = "Der Startwert der Suche ist eine ganze Zahl ab 0; angegeben war {given}."
PROTECT_MODE = "Die Suche und beide Läufe dünnen in einem Durchgang aus, gleich, was links eingestellt ist."
PROTECT_EMPTY = "Noch keine Suche zu zeigen."

PROTECT_KEPT_LIMITS = "**Die Grenzen sind eingehalten**, auf Texten, die die Suche nie gesehen hat."
PROTECT_NOT_KEPT = "**Keine Einstellung hielt die Grenzen ein.** Unten steht die, die ihnen am nächsten kommt. Einen höheren Anstieg erlauben, weniger Gewichte entfernen oder mehr Einstellungen versuchen."
PROTECT_NOT_KEPT_AFTER = (
    "**Auf neuen Texten sind die Grenzen nicht eingehalten**, auf den Texten der Suche waren sie es. Unten steht die gefundene Einstellung. "
    "Mehr Kalibriertexte zulassen oder die Grenzen etwas niedriger setzen als nötig."
)
PROTECT_KEPT_AFTER = "**Die Grenzen sind eingehalten**, auf neuen Texten, obwohl kein Versuch sie auf den Texten der Suche einhielt: mit Vorsicht zu nehmen."
PROTECT_SAME = "Keine der versuchten Einstellungen war besser als die links; beide Läufe sind also gleich."
PROTECT_TRIED = "Versuchte Einstellungen: {tries}; davon hielten auf den Texten der Suche die Grenzen ein: {within}."
PROTECT_OPEN_AFTER, PROTECT_OPEN_BEFORE = (
    "Den Lauf mit der gefundenen Einstellung öffnen",
    "Den Lauf wie links eingestellt öffnen",
)
PROTECT_FRONT = "### Was der Schutz kostet"
PROTECT_FRONT_HELP = (
    "Ein Punkt je versuchter Einstellung, auf den Texten der Suche. Links von der gestrichelten Linie ist die Grenze eingehalten; weiter unten ist "
    "besser für die anderen Sprachen. Keine andere Einstellung ist in beidem besser als die auf der Linie."
)
PROTECT_SETTINGS = "### Die gefundene Einstellung"
PROTECT_COST = "### Sprache für Sprache"
PROTECT_COST_HELP = (
    "Auf Texten, die die Suche nie gesehen hat. Balken sind 95-%-Intervalle; ein senkrechter Strich ist eine Grenze."
)
PROTECT_COLUMNS = {
    "name": "Sprache", "limit": "Grenze", "before": "Wie links", "after": "Gefunden", "interval": "95-%-Intervall", "change": "Änderung (Nat)",
    "change_interval": "Ihr 95-%-Intervall", "kept": "Grenze eingehalten",
}  # fmt: skip
PROTECT_SETTING_COLUMNS = {"setting": "Einstellung", "before": "Wie links", "after": "Gefunden"}
PROTECT_TRY_COLUMNS = {
    "protected": "Schlechteste geschützte", "others": "Mittel der anderen", "worst": "Schlechteste von allen", "mean": "Mittel von allen", "over": "Über der Grenze", "front": "Auf der Front",
}  # fmt: skip
PROTECT_ACTIVATION = "Wichtigkeit der Kanäle"
PROTECT_WEIGHT = "Gewichtung von {name}"
PROTECT_FACTOR = "Gewichtung von {name} (Zweierpotenz)"
PROTECT_BLOCKS = "Sparsität der Blöcke"
PROTECT_LIMIT_LINE = "Grenze"
PROTECT_LEGEND_TRIES, PROTECT_LEGEND_FRONT, PROTECT_LEGEND_START = "versuchte Einstellungen", "nicht übertroffen", "wie links"
PROTECT_LEGEND_FOUND = "gefunden"
AXIS_PROTECTED = "Anstieg des Verlusts der schlechtesten geschützten Sprache (Nat pro Token)"
AXIS_PROTECTED_OVER = "Nat über der Grenze<br>(schlechteste geschützte Sprache; 0: eingehalten)"
AXIS_OTHERS = "Mittlerer Anstieg des Verlusts der anderen<br>(Nat pro Token)"
HOVER_TRY = "{activation}{knobs}<br>geschützte {protected:+.3f}, andere {others:+.3f}"
HOVER_PROTECTED = "{name}, {which}: Perplexität mal {value:.3f} ({low:.3f} bis {high:.3f})"

UNFINISHED_HELP = (
    "Läufe, deren Programm vor ihnen endete: Es wurde geschlossen, stürzte ab, oder der Speicher reichte nicht. Wird einer neu gestartet, misst "
    "und dünnt er von vorn aus; was das dichte Modell in schon fertigen Sprachen ergab, kommt aus dem Zwischenspeicher. Läufe einer "
    "Versuchsreihe gehen unter Versuchsreihe mit **Fortsetzen** weiter."
)
UNFINISHED_NONE = "Kein Lauf wurde unterbrochen."
UNFINISHED_SHARED = "Auf einem gemeinsam genutzten Server werden unterbrochene Läufe nicht aufgelistet."
UNFINISHED_CHOOSE = "Unterbrochener Lauf"
UNFINISHED_AGAIN, UNFINISHED_DISCARD = "Neu starten", "Verwerfen"
UNFINISHED_COLUMNS = ("Lauf", "Gestartet (UTC)", "Wie er endete")
UNFINISHED_KILLED = "Das Programm endete"
UNFINISHED_CHOICE = "Zuerst einen unterbrochenen Lauf wählen."
UNFINISHED_STARTED = "Er läuft: siehe den Stand unter Ausdünnen."
UNFINISHED_DISCARDED = "Verworfen."


def sweep_forecast(runs: int, kept: int, time: float | None) -> str:
    """How much a plan is, before it is started."""
    if kept == runs:
        return SWEEP_ALL_KEPT.format(runs=runs)
    told = f"**{_runs(runs)}**, davon {kept} schon aufbewahrt. " if kept else f"**{_runs(runs)}**. "
    left = "den einen, der noch aussteht" if runs - kept == 1 else f"die {runs - kept}, die noch ausstehen"
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"Etwa **{seconds(time)}** für {left}.")


def sweep_title(name: str, runs: int) -> str:
    """One line for the job."""
    return f"Versuchsreihe {name}, {_runs(runs)}"


def sweep_progress(name: str, done: int, wanted: int, refused: Mapping[str, str]) -> str:
    """How far a sweep is, and what of it could not be run."""
    told = f"**{name}**: {done} von {wanted} Läufen {'ist' if done == 1 else 'sind'} fertig."
    return "\n\n".join([told, *(f"Nicht ausführbar: {title}. {why}" for title, why in list(refused.items())[:5])])


def sweep_choice(name: str, done: int, wanted: int, changed: str) -> str:
    """A sweep in the menu."""
    return f"{name} · {done} von {wanted} Läufen · {changed[:16]} UTC"


def protect_title(languages: Sequence[str], tries: int) -> str:
    """One line for the job."""
    return f"Schutz von {', '.join(languages)}, {_settings(tries)}"


def protect_forecast(tries: int, time: float | None) -> str:
    """How much a search is, before it is started."""
    told = f"**{_settings(tries)}** und zwei ganze Läufe. "
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"Etwa **{seconds(time)}**.")


def _settings(count: int) -> str:
    """A number of settings."""
    return "1 Einstellung" if count == 1 else f"{count} Einstellungen"


def at_sparsity(share: float) -> str:
    """A sparsity in a hover text."""
    return percent(share, 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1)


TAB_LABS = "Labor"
LABS_HELP = "Eine Studie stellt dem Modell im Formular eine Frage, auf dessen Sprachen und Texten, und dem, was die Methode mit ihm macht. Nichts wird aufgehoben: Nehmen Sie die Tabellen mit, die Sie brauchen."
LABS_STUDY = "Studie"
LABS_START = "Fragen"
LABS_SOURCE = "Quelle: {source}. Aufwand: {cost}."
