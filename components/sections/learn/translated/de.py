"""German."""

from collections.abc import Mapping

from components.sections.learn.texts import Term

# A no-break space stands between a number and its per-cent sign, as German prints it.

TEXTS: Mapping[str, str] = {
    "tab": "Lektion",
    "intro": (
        "### Ausdünnen in sieben Schritten\n"
        "Von einem einzelnen Gewicht bis zu den Sprachen, an die niemand gedacht hat. Jede Zahl hier wurde vorab an einem echten Modell "
        "gemessen; es muss also nichts geladen oder berechnet werden: einfach die Regler bewegen und hinsehen. Wörter mit gepunkteter "
        "Linie werden erklärt, sobald man auf sie zeigt, sie antippt oder mit der Tabulatortaste ansteuert."
    ),
    "missing": "Die Seite aus dem Ordner des Projekts starten oder die Daten mit `python scripts/make_lesson.py --scratch FOLDER` erzeugen.",
    "back": "Zurück",
    "next": "Nächster Schritt",
    "question": "Frage",
    "show": "Antwort zeigen",
    "figure": "Abbildung zu Schritt {step}, {title}. Die Zeile darunter sagt das Ergebnis in Worten",
    "losses.language": "eine Sprache",
    "losses.worst": "schlechteste Sprache",
    "losses.mean": "Mittel aller Sprachen",
    "losses.axis": "Perplexität nach ÷ vor dem Ausdünnen<br>(logarithmische Skala, 1 = unverändert)",
    "losses.interval": "95 %: {low} bis {high}",
    # --- 1 -------------------------------------------------------------------------------------------------------------
    "1.short": "Gewicht",
    "1.title": "Was ist ein Gewicht wert?",
    "1.text": (
        "Ein Sprachmodell ist vor allem ein Haufen Zahlen: seine Gewichte. Jedes sagt, wie stark eine Zahl, die in eine Schicht "
        "hineingeht, auf eine wirkt, die herauskommt. Beim Ausdünnen werden einige davon auf null gesetzt. Die älteste Regel "
        "heißt Magnitude: Je näher ein Gewicht an null liegt, desto weniger ist es wert. Die Abbildung zeigt alle {count} Gewichte einer "
        "Matrix eines echten Modells ({zeros} % davon sind von Anfang an null, weil dieses Modell einmal mit 4 Bit gespeichert war)."
    ),
    "1.control": "Anteil entfernter Gewichte (%)",
    "1.x": "Wert des Gewichts",
    "1.y": "Zahl der Gewichte (Tausend)",
    "1.kept": "bleiben",
    "1.gone": "fallen weg",
    "1.reply": (
        "**{share} % der Gewichte fallen weg:** Keines liegt weiter als {threshold} von null entfernt. Zusammen enthalten sie {squares} % der "
        "Quadratsumme der Matrix."
    ),
    "1.zeros": "**{share} % der Gewichte fallen weg,** und nichts ändert sich: Diese sind schon genau null.",
    "1.none": "**Noch ist nichts entfernt.** Den Regler bewegen: Die kleinsten Gewichte fallen zuerst weg.",
    "1.question": (
        "Die kleinere Hälfte der Gewichte enthält nur {half_squares} % der Quadratsumme. Verliert ein Modell ohne sie auch nur {half_squares} % "
        "seines Könnens?"
    ),
    "1.answer": (
        "Nein. Als die Hälfte der Gewichte jeder Matrix nach Magnitude entfernt wurde, wurde die Perplexität dieses Modells im Mittel über "
        "{languages} Sprachen {magnitude_times}-mal so hoch. Ein kleines Gewicht kann einen Eingang lesen, der immer stark ist, und ein großes "
        "einen, der fast immer schweigt. Die Größe allein verrät nicht, was ein Gewicht bewirkt."
    ),
    # --- 2 -------------------------------------------------------------------------------------------------------------
    "2.short": "Eingang",
    "2.title": "Auf den Eingang kommt es an",
    "2.text": (
        "Was ein Gewicht zum Ausgang beiträgt, ist Gewicht mal Eingang. Darum multipliziert Wanda die Größe eines Gewichts mit der Stärke des "
        "Eingangs, den es liest, gemessen an Beispieltexten (die Kalibrierung), und vergleicht die Gewichte einer Zeile. **Die Tabellen "
        "sind ein erfundenes Beispiel:** In jeder der vier Zeilen bleiben die zwei höchsten Scores. Orange Rahmen zeigen, wo sich die beiden "
        "Methoden nicht einig sind."
    ),
    "2.control": "Stärke von Eingang x₃ (die anderen haben Stärke 1)",
    "2.left": "Magnitude",
    "2.right": "Wanda",
    "2.x": "Eingang; darunter, rechts, seine Stärke",
    "2.row": "Zeile {row}",
    "2.reply": "**Wanda entscheidet anders als Magnitude in {rows}.** Magnitude sieht nicht auf die Eingänge: Ihre Tabelle ändert sich nie.",
    "2.same": "**Beide behalten dieselben acht Gewichte.** Magnitude sieht nicht auf die Eingänge: Ihre Tabelle ändert sich nie.",
    "2.and": " und ",
    "2.question": (
        "Den Regler auf 0 stellen: In allen Beispieltexten schwieg Eingang x₃. Das größte Gewicht der ganzen Tabelle, −1.2, fällt weg. Ist das "
        "ein Fehler?"
    ),
    "2.answer": (
        "Auf diesen Texten nicht: Null mal irgendetwas ist null, es geht also nichts verloren. Aber ein Text anderer Art oder in einer anderen "
        "Sprache kann x₃ brauchen. Die Auswahl ist nur so gut wie die Stichprobe. Im echten Modell wurde die Perplexität, als die Hälfte "
        "der Gewichte entfernt war, mit Magnitude {magnitude_times}-mal so hoch und mit Wanda und Texten in vier Sprachen {wanda_times}-mal."
    ),
    # --- 3 -------------------------------------------------------------------------------------------------------------
    "3.short": "Kanäle",
    "3.title": "Sprachen nutzen verschiedene Kanäle",
    "3.text": (
        "Wie stark ein Eingang ist, hängt vom Text ab, und damit von der Sprache. Jeder Punkt ist einer der {width} Kanäle, die in die letzte "
        "Matrix von Block {block} eingehen: Sein Ort zeigt, wie stark der Kanal in zwei Sprachen ist (das quadratische Mittel über "
        "{stats_tokens} Tokens von jeder). Auf der gestrichelten Linie nutzen ihn beide gleich."
    ),
    "3.control": "Eine Sprache",
    "3.control2": "Eine andere Sprache",
    "3.near": "ähnlich",
    "3.far": "in einer mindestens doppelt so stark",
    "3.equal": "gleich",
    "3.axis": "Stärke in {language}",
    "3.reply": (
        "**{far} von {width} Kanälen sind in einer der beiden mindestens doppelt so stark.** Wird dieser Block allein für {one} zur Hälfte "
        "ausgedünnt, gehen {share} % der Gewichte verloren, die {other} allein behalten würde."
    ),
    "3.same": "**Eine Sprache und sie selbst:** Jeder Punkt liegt auf der Linie. Zwei verschiedene Sprachen wählen.",
    "3.question": (
        "Welche zwei der {languages} Sprachen sind sich am meisten darüber einig, welche Gewichte bleiben sollen, und welche zwei am wenigsten? Erst raten, dann "
        "ausprobieren."
    ),
    "3.answer": (
        "Am meisten: {near_one} und {near_other}; sie sind sich in diesem Block bei {near_share} % der zu behaltenden Gewichte uneins. Am "
        "wenigsten: {far_one} und {far_other} mit {far_share} %. Bei den meisten Gewichten sind sich je zwei Sprachen einig, bei allen keine zwei."
    ),
    # --- 4 -------------------------------------------------------------------------------------------------------------
    "4.short": "Blöcke",
    "4.title": "Kein Block ist wie der andere",
    "4.text": (
        "Das Modell ist ein Stapel aus {blocks} Blöcken. Oben: Ein einzelner Block wird zur Hälfte ausgedünnt, und man sieht, wie weit der Verlust "
        "steigt. Unten: wie viele Gewichte jeder Block verliert. Eine Zuteilung darf manche Blöcke schonen und anderen mehr nehmen, solange das "
        "Mittel bei 50 % bleibt."
    ),
    "4.control": "Wie die 50 % verteilt werden",
    "4.wanda": "Jeder Block gleich",
    "4.cwl": "Blöcke schonen, in denen sich Sprachen unterscheiden",
    "4.measured": "Empfindliche Blöcke schonen",
    "4.damage": "Anstieg des Verlusts,<br>Block allein (Nat)",
    "4.sparsity": "Sparsität (%)",
    "4.reply": (
        "**{choice}:** Die Perplexität wurde im Mittel über {languages} Sprachen {mean}-mal so hoch, in der schlechtesten Sprache ({worst}) {worst_times}-mal."
    ),
    "4.question": "Block {hurt} auszudünnen schadet mindestens {factor}-mal so sehr wie bei Block {harmless}. Warum nicht alle Gewichte aus harmlosen Blöcken nehmen und keines aus den anderen?",
    "4.answer": (
        "Weil Schaden keine gerade Linie ist. Gemessen wurde er mit einem zur Hälfte ausgedünnten Block, während alle anderen ganz waren; die "
        "nächsten Gewichte desselben Blocks sind mehr wert als die ersten, wie der nächste Schritt zeigt, und ein Block ohne Gewichte ist ganz "
        "verschwunden. Darum bleiben bei den Zuteilungen hier alle Blöcke innerhalb von {span} Punkten um die gewählte Sparsität. Empfindliche "
        "Blöcke zu schonen brachte das Mittel vom {uniform_times}-Fachen auf das {measured_times}-Fache, bei gleich vielen Gewichten; Englisch "
        "allein aber ging vom {english_four}-Fachen auf das {english_measured}-Fache. Keine Wahl ist umsonst."
    ),
    # --- 5 -------------------------------------------------------------------------------------------------------------
    "5.short": "Wie viel",
    "5.title": "Wie viel ausdünnen?",
    "5.text": (
        "Die Perplexität sagt, zwischen wie vielen Tokens das Modell bei jedem Schritt schwankt; niedriger ist besser. Die Abbildung zeigt, auf "
        "das Wievielfache sie in jeder Sprache stieg, nach Wanda mit Kalibriertexten in Englisch, Deutsch, Hindi und Suaheli. Die Balken sind "
        "95-%-Intervalle über {texts} Texte."
    ),
    "5.control": "Sparsität (% der Gewichte entfernt)",
    "5.reply": "**Bei {sparsity} %:** im Mittel {mean}-mal so hoch, von {best_times}-mal ({best}) bis {worst_times}-mal ({worst}).",
    "5.question": "Von 30 auf 40 % und von 60 auf 70 % fallen gleich viele Gewichte weg. Kosten beide Schritte gleich viel?",
    "5.answer": (
        "Nein. Von 30 auf 40 % steigt der Verlust im Mittel um {early} Nat pro Token, von 60 auf 70 % um {late}. Die Gewichte, die zuerst "
        "wegfallen, sind am wenigsten wert; die, die zuletzt wegfallen, hielten das Modell zusammen."
    ),
    # --- 6 -------------------------------------------------------------------------------------------------------------
    "6.short": "Durchschnitt",
    "6.title": "Durchschnitt oder schlechteste Sprache?",
    "6.text": (
        "Alle diese Modelle verloren die Hälfte ihrer Gewichte, mit derselben Methode, Wanda. Nur die Sprache der Kalibriertexte ist "
        "verschieden; zusammen sind es jedes Mal {tokens} Tokens. Die gestrichelte Linie ist das Mittel der {languages} Sprachen."
    ),
    "6.control": "Kalibriert mit Texten in",
    "6.english": "Englisch",
    "6.german": "Deutsch",
    "6.hindi": "Hindi",
    "6.swahili": "Suaheli",
    "6.four": "allen vier Sprachen",
    "6.reply": "**Mittel {mean}-fach; schlechteste Sprache {worst}, {worst_times}-fach.** {one}: {one_times}-fach, {other}: {other_times}-fach.",
    "6.question": "Ob mit Texten in {first} oder in {second} kalibriert wird, das Mittel ist fast dasselbe. Sind die beiden Modelle gleich gut?",
    "6.answer": (
        "Das kommt darauf an, wer fragt. Das Mittel liegt beim {first_mean}-Fachen mit Texten in {first} und beim {second_mean}-Fachen mit Texten in "
        "{second}. Aber in {winner} ist es das {winner_first}-Fache gegen das {winner_second}-Fache, und in {loser} ist es umgekehrt, das "
        "{loser_first}-Fache gegen das {loser_second}-Fache. Ein Durchschnitt sagt nicht, wer bezahlt: Darum lohnt der Blick auf jede Sprache, vor "
        "allem auf die schlechteste. Mit Englisch allein liegt das Mittel beim {english_mean}-Fachen, und in {english_worst} ist es das "
        "{english_worst_times}-Fache."
    ),
    # --- 7 -------------------------------------------------------------------------------------------------------------
    "7.short": "Vergessen",
    "7.title": "Wen haben wir vergessen?",
    "7.text": (
        "Auf zurückgehaltene Sprachen (held-out) wurde nie kalibriert: Kein Text in ihnen redete mit, als entschieden wurde, welche Gewichte "
        "wegfallen. Die Zahl der Tokens ist jedes Mal dieselbe, {tokens}, gleichmäßig auf die Kalibriersprachen verteilt. Die Hälfte der Gewichte "
        "wird entfernt, mit Wanda."
    ),
    "7.control": "Kalibriert auf",
    "7.english": "1 Sprache: Englisch",
    "7.four": "4 Sprachen",
    "7.eight": "8 Sprachen",
    "7.calibrated": "kalibriert",
    "7.held": "nie kalibriert",
    "7.reply": (
        "**Kalibriert: im Mittel {calibrated}-mal so hoch. Nie kalibriert: {held}-mal.** Schlechteste Sprache: {worst}, {worst_times}-mal."
    ),
    "7.question": (
        "Auf {forgotten} wird hier nie kalibriert, was man auch wählt. Es gibt Tausende von Sprachen, und leicht zu finden sind Texte in "
        "einigen hundert. Was wäre zu tun?"
    ),
    "7.answer": (
        "Die eine richtige Antwort gibt es nicht. Einiges zum Abwägen:\n"
        "- **Mehr Sprachen helfen denen, die nicht dabei sind.** In {forgotten}, die in keiner Auswahl hier vorkommen, wurde die Perplexität mit "
        "englischen Texten {forgotten_english}-mal so hoch, mit vier Sprachen {forgotten_four}-mal und mit acht {forgotten_eight}-mal.\n"
        "- **Es kostet die bevorzugte Sprache etwas.** Englisch: {english_english}-mal, {english_four}-mal und {english_eight}-mal.\n"
        "- **Weniger ausdünnen.** Bei 30 % statt 50 %, mit vier Sprachen, steht die schlechteste Sprache beim {mild_worst}-Fachen statt beim "
        "{four_worst_times}-Fachen.\n"
        "- **Messen und es sagen.** Ein Modell, das in drei Sprachen gemessen wurde, sollte niemand in dreißig mehrsprachig nennen. Und "
        "Menschen fragen, die die anderen sprechen."
    ),
    # --- Handout -------------------------------------------------------------------------------------------------------
    "handout.title": "Was verliert ein Sprachmodell? Eine Unterrichtsstunde über Ausdünnen und Sprachen",
    "handout.about": (
        "Für Lehrkräfte von Klassen ab etwa 16 Jahren oder im ersten Studienjahr; ohne Programmieren. Die Stunde folgt dem Reiter Lektion des M-Wanda "
        "Explorer, dessen Zahlen an {model} gemessen wurden, einem kleinen Modell, das viele Sprachen kennt. Gebraucht werden: der Reiter auf "
        "einem Bildschirm (er lädt kein Modell, und auf einem Rechner, der die Seite selbst bereitstellt, braucht er kein Netz), Papier und die "
        "erste Seite dieses Blatts."
    ),
    "handout.aims": "Ziele",
    "handout.aim1": "Erklären, was ein Gewicht ist und warum ein kleines Gewicht nicht immer unwichtig ist.",
    "handout.aim2": "Ausdünnen nach Magnitude und mit Wanda an einer Tabelle von 16 Zahlen von Hand durchführen.",
    "handout.aim3": "Eine Abbildung mit einem Wert je Sprache lesen und einen Durchschnitt vom schlechtesten Fall unterscheiden.",
    "handout.aim4": "Sagen, wer durch die Wahl der Kalibriertexte entscheidet, welche Sprachen ein Modell behält; und erörtern, was gerecht wäre.",
    "handout.plan": "Plan für 45 Minuten",
    "handout.minutes": "Minuten",
    "handout.what": "Was geschieht",
    "handout.minutes1": "0 bis 5",
    "handout.what1": "Einstieg: Welche Sprachen werden in diesem Raum gesprochen? Wer würde merken, wenn ein Übersetzungsprogramm in einer davon schlechter würde?",
    "handout.minutes2": "5 bis 10",
    "handout.what2": "Schritt 1 auf dem Bildschirm. Die Klasse rät, bevor sich der Regler bewegt.",
    "handout.minutes3": "10 bis 20",
    "handout.what3": "Übung auf Papier, zu zweit. Schritt 2 prüft sie: Der Regler von x₃ steht auf 3, wenn sich der Reiter öffnet.",
    "handout.minutes4": "20 bis 27",
    "handout.what4": "Schritte 3 und 4. Jedes Paar wettet auf die beiden Sprachen, die sich am meisten einig sind, und sieht dann nach.",
    "handout.minutes5": "27 bis 32",
    "handout.what5": "Schritt 5. Wo wäre Schluss? Abstimmen, bevor die Antwort gezeigt wird.",
    "handout.minutes6": "32 bis 38",
    "handout.what6": "Schritt 6. Die eine Hälfte der Klasse argumentiert für die eine Kalibrierung, die andere für die andere; ihre Durchschnitte sind fast gleich.",
    "handout.minutes7": "38 bis 45",
    "handout.what7": "Schritt 7 als Diskussion. Alle schreiben einen Satz: Was sollte gemessen sein, bevor ein Modell mehrsprachig heißt?",
    "handout.exercise": "Übung ohne Computer",
    "handout.task": (
        "Die Tabelle enthält erfundene Gewichte: Jede Zeile ergibt einen Ausgang, jede Spalte liest einen Eingang. Die zweite Zeile der Tabelle sagt, wie "
        "stark jeder Eingang gewöhnlich ist. Die Hälfte der Gewichte muss wegfallen, zwei in jeder Zeile."
    ),
    "handout.strength": "Stärke",
    "handout.task1": "Magnitude: In jeder Zeile die zwei Gewichte streichen, die null am nächsten liegen. Das Vorzeichen zählt nicht.",
    "handout.task2": "Wanda: In einer zweiten Kopie jedes Gewicht ohne Vorzeichen mit der Stärke seiner Spalte multiplizieren und in jeder Zeile die zwei kleinsten streichen.",
    "handout.task3": "In welchen Zeilen sind sich die beiden Methoden nicht einig, und warum gerade dort?",
    "handout.task4": (
        "Jeder Eingang sei so groß wie seine Stärke. In jeder Zeile Gewicht mal Eingang addieren: mit allen Gewichten, mit denen, die Magnitude "
        "behält, mit denen, die Wanda behält. Was kommt dem Ganzen näher?"
    ),
    "handout.solution": "Lösung der Übung",
    "handout.kept_magnitude": "Magnitude behält",
    "handout.scores": "Scores von Wanda",
    "handout.kept_wanda": "Wanda behält",
    "handout.outputs": "Ausgang: alle; Magnitude; Wanda",
    "handout.result": (
        "Nicht einig sind sie sich in {rows}, wo ein kleines Gewicht den starken Eingang x₃ liest. Über die vier Zeilen weichen die Ausgänge mit "
        "Magnitude zusammen um {magnitude} ab und mit Wanda um {wanda}. Hätte x₃ in den Beispieltexten geschwiegen, hätte Wanda seine ganze "
        "Spalte entfernt."
    ),
    "handout.questions": "Die sieben Fragen, mit Antworten",
    "language": "de",
    # --- End -----------------------------------------------------------------------------------------------------------
    "glossary": "Glossar: alle Wörter an einem Ort",
    "facts": "Woher diese Zahlen kommen",
    "facts.text": (
        "Gemessen am {date} mit {model} ({parameters} Millionen Parameter, davon {prunable} Millionen ausdünnbar), {corpus}, {texts} gemessene "
        "Texte je Sprache, {tokens} Kalibriertokens insgesamt, Statistiken in einem Durchgang, Startwert {seed}; torch {torch}, transformers "
        "{transformers}. Der Schritt zu den Kanälen verwendet {stats_tokens} Tokens jeder Sprache; der Schaden einzelner Blöcke {damage_tokens} "
        "Tokens von jeder von vier Sprachen, wobei alles, was unter einem Zehntel des mittleren Blocks (Median) liegt, als dieses Zehntel gezeichnet ist. "
        "Mittel werden über Verluste gebildet; ein Mittel von Verhältnissen ist also das geometrische. Ein kleines Modell, ein Startwert, wenige "
        "Texte: genug, um daran zu lernen, nicht, um Methoden in eine Rangfolge zu bringen. Die Tabellen von Schritt 2 sind erfunden. Erstellt mit "
        "`{command}`."
    ),
}


GLOSSARY: tuple[Term, ...] = (
    Term("2:4", "Ein Muster, bei dem zwei von je vier benachbarten Gewichten bleiben; manche Grafikprozessoren rechnen damit schneller."),
    Term("4:8", "Ein Muster, bei dem vier von je acht benachbarten Gewichten bleiben."),
    Term("95-%-Intervall", "Der Bereich, in dem der wahre Wert bei 95 von 100 solchen Stichproben von Texten läge.", ("95-%-Intervalle", "95-%-Intervallen")),
    Term("Aktivierung", "Eine Zahl, die durch das Modell läuft, während es einen Text liest.", ("Aktivierungen",)),
    Term("Zuteilung", "Wie sich die Sparsität auf die Blöcke verteilt; ihr gewichtetes Mittel ist die gewählte Sparsität.", ("Zuteilungen", "zugeteilt")),
    Term("Bits pro Byte", "Verlust pro Byte Text; er hängt nicht davon ab, wie ein Tokenizer eine Sprache zerlegt."),
    Term("Block", "Eines der gleich gebauten Stockwerke, aus denen ein Sprachmodell gestapelt ist, jedes mit mehreren Gewichtsmatrizen.", ("Blocks", "Blöcke", "Blöcken", "Decoder-Block", "Decoder-Blöcke", "Decoder-Blöcken")),
    Term("Block für Block", "Die Statistiken werden hinter jedem ausgedünnten Block neu gemessen: langsamer als in einem Durchgang, und so machen es die Autoren von Wanda.", ("sequenziell",)),
    Term("Kalibrierung", "Vor dem Ausdünnen Beispieltexte durch das Modell schicken, um zu sehen, wie stark seine Eingänge genutzt werden.", ("kalibrieren", "kalibriert", "kalibrierte", "kalibrierten")),
    Term("Kanal", "Eine Spalte einer Matrix: eine Zahl, die für jedes Token in sie eingeht.", ("Kanals", "Kanäle", "Kanälen", "Eingangskanal", "Eingangskanals", "Eingangskanäle", "Eingangskanälen")),
    Term("Auswahlgenauigkeit", "Wie oft das Modell unter vier Enden das findet, das zu einem Text gehört."),
    Term("Korrelation", "Wie gut zwei Zahlenreihen miteinander steigen und fallen, von −1 über 0 bis 1.", ("Korrelationen",)),
    Term("Varianz zwischen Sprachen", "Wie stark sich die Stärke eines Kanals von Sprache zu Sprache unterscheidet.", ("Varianz zwischen den Sprachen", "Aktivierungsvarianz")),
    Term("dicht", "Vor dem Ausdünnen: Alle Gewichte sind da.", ("dichte", "dichten", "dichter", "dichtes")),
    Term("Embeddings", "Die Tabelle, die Tokens in Zahlen verwandelt; sie wird hier nicht ausgedünnt.", ("Embedding",)),
    Term("zurückgehaltene Sprache", "Eine Sprache, die gemessen wird, auf die aber nicht kalibriert wurde.", ("zurückgehaltene Sprachen", "zurückgehaltenen Sprachen", "zurückgehalten", "held-out")),
    Term("Lambda", "Wie viel Gewicht M-Wanda den Unterschieden zwischen Sprachen gibt; 0 ergibt Wanda.", ("λ",)),
    Term("Verlust", "Wie überrascht das Modell im Mittel vom nächsten Token ist; niedriger ist besser (englisch: loss).", ("Verlusts", "Verluste", "Verlusten")),
    Term("M-Wanda", "Wanda, das zusätzlich darauf sieht, wie sich die Sprachen unterscheiden: beim Score eines Gewichts und bei der Sparsität eines Blocks."),
    Term("Magnitude", "Die Größe eines Gewichts ohne sein Vorzeichen; auch die Methode, die die kleinsten entfernt."),
    Term("Maske", "Eine Tabelle aus Ja und Nein, die sagt, welche Gewichte bleiben.", ("Masken",)),
    Term("Matrix", "Eine Tabelle von Gewichten; ein Block enthält mehrere, etwa q, k, v, o, gate, up und down.", ("Matrizen", "Gewichtsmatrix", "Gewichtsmatrizen")),
    Term("Nat", "Die Einheit des Verlusts bei natürlichen Logarithmen; ein Nat mehr macht die Perplexität 2.72-mal so hoch.", ("Nats",)),
    Term("Norm", "Die Länge einer Liste von Zahlen: die Wurzel aus der Summe ihrer Quadrate.", ("Normen",)),
    Term("in einem Durchgang", "Die Statistiken werden einmal gemessen, am dichten Modell.", ("one-pass",)),
    Term("One-Shot", "Ausdünnen ganz ohne anschließendes Training."),
    Term("Ausgabeschicht", "Die letzte Matrix, die Zahlen wieder in Tokens verwandelt; sie wird hier nicht ausgedünnt."),
    Term("Perplexität", "Zwischen wie vielen Tokens das Modell bei jedem Schritt im Mittel schwankt; 1 wäre vollkommen.", ("Perplexitäten",)),
    Term("Perplexitätsverhältnis", "Perplexität nach dem Ausdünnen geteilt durch die Perplexität davor, auf denselben Texten."),
    Term("Ausdünnen", "Die unwichtigsten Gewichte eines Modells auf null setzen (englisch: pruning).", ("Ausdünnens", "auszudünnen", "ausgedünnt", "ausgedünnte", "ausgedünnten", "ausgedünnter", "ausgedünntes", "Pruning")),
    Term("quadratisches Mittel", "Die Wurzel aus dem Mittel der Quadrate: wie stark eine Zahl gewöhnlich ist, gleich mit welchem Vorzeichen.", ("quadratische Mittel", "quadratischen Mittel", "RMS")),
    Term("Score", "Die Zahl, nach der Gewichte verglichen werden; die mit den niedrigsten fallen weg.", ("Scores",)),
    Term("Startwert", "Die Zahl, aus der alle Zufallsentscheidungen folgen, sodass sich ein Lauf wiederholen lässt (englisch: seed).", ("Startwerts", "Startwerte", "Startwerten", "Seed")),
    Term("Sparsität", "Der Anteil der Gewichte, die entfernt werden.", ("Sparsitäten",)),
    Term("Quadratsumme", "Jede Zahl mit sich selbst multipliziert und alles addiert: ein Maß für die gesamte Größe."),
    Term("Token", "Ein Textstück, ein Wort oder ein Teil davon, das das Modell als Einheit liest und schreibt.", ("Tokens",)),
    Term("unstrukturiert", "Nullen dürfen überall liegen."),
    Term("Wanda", "Die Methode, die ein Gewicht nach seiner Größe mal der Stärke des Eingangs bewertet, den es liest."),
    Term("Gewicht", "Eine Zahl, die das Modell im Training gelernt hat und mit der es seinen Eingang multipliziert.", ("Gewichts", "Gewichte", "Gewichten")),
    Term("schlechteste Sprache", "Die Sprache, deren Perplexität am stärksten gestiegen ist.", ("schlechtesten Sprache", "schlechteste Sprachen")),
)  # fmt: skip
