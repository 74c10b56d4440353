"""French."""

from collections.abc import Mapping

from components.sections.learn.texts import Term

# A no-break space stands before a colon, a semicolon, a question mark, a per-cent sign and inside quotation marks, as French prints it.

TEXTS: Mapping[str, str] = {
    "tab": "Leçon",
    "intro": (
        "### L'élagage en sept étapes\n"
        "D'un seul poids jusqu'aux langues auxquelles personne n'a pensé. Tous les nombres ont été mesurés à l'avance sur un vrai modèle : rien n'est "
        "donc à charger ni à calculer. Déplacez les commandes et regardez. Les mots soulignés de pointillés sont expliqués quand vous les "
        "pointez, les touchez ou les atteignez avec la touche de tabulation."
    ),
    "missing": "Lancez la page depuis le dossier du projet, ou créez les données avec `python scripts/make_lesson.py --scratch FOLDER`.",
    "back": "Retour",
    "next": "Étape suivante",
    "question": "Question",
    "show": "Voir la réponse",
    "figure": "Figure de l'étape {step}, {title}. La ligne en dessous dit le résultat en mots",
    "losses.language": "une langue",
    "losses.worst": "langue la plus touchée",
    "losses.mean": "moyenne de toutes les langues",
    "losses.axis": "Perplexité après ÷ avant élagage<br>(échelle logarithmique, 1 = inchangé)",
    "losses.interval": "95 % : de {low} à {high}",
    # --- 1 -------------------------------------------------------------------------------------------------------------
    "1.short": "Poids",
    "1.title": "Que vaut un poids ?",
    "1.text": (
        "Un modèle de langue est surtout un tas de nombres : ses poids. Chacun dit avec quelle force un nombre qui entre dans une couche agit sur un nombre "
        "qui en sort. L'élagage en met certains à zéro. La règle la plus ancienne est la magnitude : plus un poids est proche de zéro, moins il vaut. "
        "La figure montre les {count} poids d'une matrice d'un vrai modèle ({zeros} % d'entre eux sont nuls dès le départ, parce que ce modèle a été "
        "un temps stocké sur 4 bits)."
    ),
    "1.control": "Part des poids retirés (%)",
    "1.x": "Valeur du poids",
    "1.y": "Nombre de poids (milliers)",
    "1.kept": "restent",
    "1.gone": "partent",
    "1.reply": (
        "**{share} % des poids partent :** aucun n'est plus éloigné de zéro que {threshold}. Ensemble, ils contiennent {squares} % de la somme des carrés de la matrice."
    ),
    "1.zeros": "**{share} % des poids partent,** et rien ne change : ceux-là valent déjà exactement zéro.",
    "1.none": "**Rien n'est encore retiré.** Déplacez le curseur : les plus petits poids partent en premier.",
    "1.question": (
        "La plus petite moitié des poids ne contient que {half_squares} % de la somme des carrés. Un modèle qui la perd ne perd-il que "
        "{half_squares} % de ce qu'il sait faire ?"
    ),
    "1.answer": (
        "Non. Quand la moitié des poids de chaque matrice a été retirée par magnitude, la perplexité de ce modèle a été multipliée par {magnitude_times} "
        "en moyenne sur {languages} langues. Un petit poids peut lire une entrée toujours forte, et un grand poids une entrée presque toujours muette. "
        "La taille seule ne dit pas ce que fait un poids."
    ),
    # --- 2 -------------------------------------------------------------------------------------------------------------
    "2.short": "Entrée",
    "2.title": "L'entrée compte",
    "2.text": (
        "Ce qu'un poids ajoute à la sortie, c'est le poids fois l'entrée. Wanda multiplie donc la taille d'un poids par la force de l'entrée qu'il lit, mesurée sur des "
        "textes d'exemple (la calibration), et compare les poids d'une même ligne. **Les tableaux sont un exemple inventé :** dans chacune des quatre lignes, les deux "
        "scores les plus élevés restent. Des cadres orange marquent les endroits où les deux méthodes ne sont pas d'accord."
    ),
    "2.control": "Force de l'entrée x₃ (les autres ont une force de 1)",
    "2.left": "Magnitude",
    "2.right": "Wanda",
    "2.x": "Entrée ; en dessous, à droite, sa force",
    "2.row": "ligne {row}",
    "2.reply": "**Wanda ne décide pas comme la magnitude : {rows}.** La magnitude ne regarde pas les entrées : son tableau ne change jamais.",
    "2.same": "**Les deux gardent les huit mêmes poids.** La magnitude ne regarde pas les entrées : son tableau ne change jamais.",
    "2.and": " et ",
    "2.question": (
        "Mettez le curseur à 0 : dans tous les textes d'exemple, l'entrée x₃ était muette. Le plus grand poids de tout le tableau, −1.2, part. Est-ce une erreur ?"
    ),
    "2.answer": (
        "Pas sur ces textes : zéro fois n'importe quoi donne zéro, rien n'est donc perdu. Mais un texte d'un autre genre, ou dans une autre langue, peut "
        "utiliser x₃. Le choix ne vaut que ce que vaut l'échantillon. Dans le vrai modèle, avec la moitié des poids retirés, la perplexité a été multipliée par "
        "{magnitude_times} avec la magnitude et par {wanda_times} avec Wanda et des textes en quatre langues."
    ),
    # --- 3 -------------------------------------------------------------------------------------------------------------
    "3.short": "Canaux",
    "3.title": "Les langues utilisent des canaux différents",
    "3.text": (
        "La force d'une entrée dépend du texte, donc de la langue. Chaque point est l'un des {width} canaux qui entrent dans la dernière matrice du bloc "
        "{block} : sa place indique la force du canal dans deux langues (la moyenne quadratique sur {stats_tokens} tokens de chacune). Sur la "
        "ligne tiretée, les deux l'utilisent autant."
    ),
    "3.control": "Une langue",
    "3.control2": "Une autre langue",
    "3.near": "semblable",
    "3.far": "au moins deux fois plus fort dans l'une",
    "3.equal": "égal",
    "3.axis": "Force ({language})",
    "3.reply": (
        "**{far} canaux sur {width} sont au moins deux fois plus forts dans l'une des deux langues.** Si ce bloc est élagué de moitié pour une seule langue ({one}), "
        "{share} % des poids que l'autre seule ({other}) garderait sont perdus."
    ),
    "3.same": "**Une langue et elle-même :** tous les points sont sur la ligne. Choisissez deux langues différentes.",
    "3.question": (
        "Parmi les {languages} langues, quelles sont les deux qui s'accordent le plus sur les poids à garder, et les deux qui s'accordent le moins ? Devinez, puis essayez."
    ),
    "3.answer": (
        "Le plus : {near_one} et {near_other}, en désaccord sur {near_share} % des poids à garder dans ce bloc. Le moins : {far_one} et {far_other}, "
        "avec {far_share} %. Deux langues quelconques s'accordent sur la plupart des poids, et jamais sur tous."
    ),
    # --- 4 -------------------------------------------------------------------------------------------------------------
    "4.short": "Blocs",
    "4.title": "Un bloc n'est pas comme un autre",
    "4.text": (
        "Le modèle est un empilement de {blocks} blocs. En haut : un seul bloc est élagué de moitié, et l'on voit de combien monte la perte. En bas : combien de poids "
        "perd chaque bloc. Une allocation peut épargner certains blocs et prendre davantage à d'autres, du moment que la moyenne reste à 50 %."
    ),
    "4.control": "Comment les 50 % sont répartis",
    "4.wanda": "Tous les blocs de la même façon",
    "4.cwl": "Épargner les blocs où les langues diffèrent",
    "4.measured": "Épargner les blocs sensibles",
    "4.damage": "Hausse de la perte,<br>bloc seul (nats)",
    "4.sparsity": "Parcimonie (%)",
    "4.reply": (
        "**{choice} :** la perplexité a été multipliée par {mean} en moyenne sur {languages} langues, et par {worst_times} dans la langue la plus touchée ({worst})."
    ),
    "4.question": "Élaguer le bloc {hurt} fait au moins {factor} fois plus de dégâts qu'élaguer le bloc {harmless}. Pourquoi ne pas prendre tous les poids dans les blocs inoffensifs et aucun dans les autres ?",
    "4.answer": (
        "Parce que le dommage ne suit pas une ligne droite. Il a été mesuré avec un bloc élagué de moitié et tous les autres intacts ; les poids suivants du même bloc "
        "valent plus que les premiers, comme le montre l'étape suivante, et un bloc sans poids disparaît tout entier. Les allocations présentées ici gardent donc tous "
        "les blocs à moins de {span} points de la parcimonie choisie. Épargner les blocs sensibles a fait passer le facteur moyen de {uniform_times} à {measured_times}, pour le même nombre de "
        "poids ; mais celui de l'anglais seul est passé de {english_four} à {english_measured}. Aucun choix n'est gratuit."
    ),
    # --- 5 -------------------------------------------------------------------------------------------------------------
    "5.short": "Combien",
    "5.title": "Combien élaguer ?",
    "5.text": (
        "La perplexité dit entre combien de tokens le modèle hésite à chaque pas ; plus elle est basse, mieux c'est. La figure montre par combien elle a été multipliée dans "
        "chaque langue après Wanda avec des textes de calibration en anglais, allemand, hindi et swahili. Les barres sont des intervalles à 95 % sur {texts} textes."
    ),
    "5.control": "Parcimonie (% des poids retirés)",
    "5.reply": "**À {sparsity} % :** multipliée par {mean} en moyenne, de {best_times} ({best}) à {worst_times} ({worst}).",
    "5.question": "De 30 à 40 %, et de 60 à 70 %, il part autant de poids. Les deux pas coûtent-ils autant ?",
    "5.answer": (
        "Non. De 30 à 40 %, la perte monte de {early} nats par token en moyenne ; de 60 à 70 %, de {late}. Les poids qui partent en premier valent le moins ; "
        "ceux qui partent en dernier faisaient tenir le modèle."
    ),
    # --- 6 -------------------------------------------------------------------------------------------------------------
    "6.short": "Moyenne",
    "6.title": "La moyenne, ou la langue la plus touchée ?",
    "6.text": (
        "Tous ces modèles ont perdu la moitié de leurs poids, par la même méthode, Wanda. Seule la langue des textes de calibration diffère ; il y a en tout {tokens} tokens "
        "chaque fois. La ligne tiretée est la moyenne des {languages} langues."
    ),
    "6.control": "Calibration sur des textes en",
    "6.english": "anglais",
    "6.german": "allemand",
    "6.hindi": "hindi",
    "6.swahili": "swahili",
    "6.four": "quatre langues",
    "6.reply": "**Moyenne × {mean} ; langue la plus touchée : {worst}, × {worst_times}.** {one} : × {one_times}, {other} : × {other_times}.",
    "6.question": "Que les textes de calibration soient en {first} ou en {second}, la moyenne est presque la même. Les deux modèles se valent-ils ?",
    "6.answer": (
        "Cela dépend de qui pose la question. En moyenne, la perplexité est multipliée par {first_mean} avec des textes en {first} et par {second_mean} avec des textes en {second}. Mais pour {winner}, c'est par "
        "{winner_first} contre {winner_second}, et pour {loser}, l'inverse : par {loser_first} contre {loser_second}. Une moyenne ne dit pas qui paie : regardez chaque langue, et surtout "
        "la plus touchée. Avec l'anglais seul, la moyenne est de {english_mean}, et la langue la plus touchée, {english_worst}, atteint {english_worst_times}."
    ),
    # --- 7 -------------------------------------------------------------------------------------------------------------
    "7.short": "Oubliées",
    "7.title": "Qui avons-nous oublié ?",
    "7.text": (
        "Les langues hors calibration (held-out) n'ont jamais servi à calibrer : aucun texte dans ces langues n'a eu son mot à dire sur les poids à retirer. Le nombre de tokens est "
        "chaque fois le même, {tokens}, partagé également entre les langues de calibration. La moitié des poids est retirée, par Wanda."
    ),
    "7.control": "Calibration sur",
    "7.english": "1 langue : l'anglais",
    "7.four": "4 langues",
    "7.eight": "8 langues",
    "7.calibrated": "de calibration",
    "7.held": "hors calibration",
    "7.reply": (
        "**Langues de calibration : perplexité multipliée par {calibrated} en moyenne. Langues hors calibration : par {held}.** La plus touchée : {worst}, par {worst_times}."
    ),
    "7.question": (
        "Quoi que vous choisissiez ici, certaines langues restent hors calibration : {forgotten}. Il existe des milliers de langues, et l'on trouve facilement des textes dans quelques centaines "
        "d'entre elles. Que feriez-vous ?"
    ),
    "7.answer": (
        "Il n'y a pas une seule bonne réponse. Quelques éléments à peser :\n"
        "- **Plus de langues aident celles qui n'en font pas partie.** Pour {forgotten}, qu'aucun choix n'inclut ici, la perplexité a été multipliée par "
        "{forgotten_english} avec des textes en anglais, par {forgotten_four} avec quatre langues et par {forgotten_eight} avec huit.\n"
        "- **Cela coûte un peu à la favorite.** Anglais : × {english_english}, × {english_four} et × {english_eight}.\n"
        "- **Élaguer moins.** À 30 % au lieu de 50 %, avec quatre langues, la langue la plus touchée est à × {mild_worst} au lieu de × {four_worst_times}.\n"
        "- **Mesurer et le dire.** Un modèle mesuré dans trois langues ne devrait pas être dit multilingue en trente. Interrogez les personnes qui parlent les autres."
    ),
    # --- Handout -------------------------------------------------------------------------------------------------------
    "handout.title": "Que perd un modèle de langue ? Une leçon sur l'élagage et les langues",
    "handout.about": (
        "Pour l'enseignement à des élèves à partir d'environ 16 ans ou à des débutants à l'université ; sans programmation. Elle suit l'onglet Leçon de M-Wanda Explorer, dont les nombres ont été "
        "mesurés sur {model}, un petit modèle qui connaît beaucoup de langues. Il faut : l'onglet sur un écran (il ne charge aucun modèle, et sur une machine qui "
        "fait tourner la page elle-même, il n'a pas besoin de réseau), du papier et la première page de cette feuille."
    ),
    "handout.aims": "Objectifs",
    "handout.aim1": "Expliquer ce qu'est un poids, et pourquoi un petit poids n'est pas toujours sans importance.",
    "handout.aim2": "Faire à la main un élagage par magnitude et par Wanda sur un tableau de 16 nombres.",
    "handout.aim3": "Lire une figure avec une valeur par langue, et distinguer une moyenne du cas le plus défavorable.",
    "handout.aim4": "Dire qui décide, en choisissant les textes de calibration, des langues qu'un modèle garde ; et discuter de ce qui serait juste.",
    "handout.plan": "Déroulement en 45 minutes",
    "handout.minutes": "Minutes",
    "handout.what": "Ce qui se passe",
    "handout.minutes1": "0 à 5",
    "handout.what1": "Ouverture : quelles langues parle-t-on dans cette salle ? Qui remarquerait qu'un traducteur devient moins bon dans l'une d'elles ?",
    "handout.minutes2": "5 à 10",
    "handout.what2": "Étape 1 à l'écran. La classe devine avant que le curseur ne bouge.",
    "handout.minutes3": "10 à 20",
    "handout.what3": "Exercice sur papier, à deux. L'étape 2 permet de vérifier : le curseur de x₃ est à 3 quand l'onglet s'ouvre.",
    "handout.minutes4": "20 à 27",
    "handout.what4": "Étapes 3 et 4. Chaque binôme parie sur les deux langues qui s'accordent le plus, puis regarde.",
    "handout.minutes5": "27 à 32",
    "handout.what5": "Étape 5. Où vous arrêteriez-vous ? Vote avant que la réponse ne soit montrée.",
    "handout.minutes6": "32 à 38",
    "handout.what6": "Étape 6. Une moitié de la classe défend une calibration, l'autre moitié l'autre ; leurs moyennes sont presque les mêmes.",
    "handout.minutes7": "38 à 45",
    "handout.what7": "Étape 7 en discussion. Chacun écrit une phrase : que mesureriez-vous avant de dire qu'un modèle est multilingue ?",
    "handout.exercise": "Exercice sans ordinateur",
    "handout.task": (
        "Le tableau contient des poids inventés : chaque ligne produit une sortie, chaque colonne lit une entrée. La deuxième ligne du tableau indique la force habituelle de chaque entrée. La moitié "
        "des poids doit partir, deux dans chaque ligne."
    ),
    "handout.strength": "force",
    "handout.task1": "Magnitude : dans chaque ligne, barrez les deux poids les plus proches de zéro. Le signe ne compte pas.",
    "handout.task2": "Wanda : sur une seconde copie, multipliez chaque poids sans son signe par la force de sa colonne, et barrez les deux plus petits de chaque ligne.",
    "handout.task3": "Dans quelles lignes les deux méthodes ne sont-elles pas d'accord, et pourquoi là ?",
    "handout.task4": (
        "Supposez que chaque entrée soit égale à sa force. Additionnez dans chaque ligne les produits poids fois entrée : avec tous les poids, avec ceux que garde la magnitude, avec ceux que garde "
        "Wanda. Laquelle des deux méthodes s'approche le plus du total ?"
    ),
    "handout.solution": "Solution de l'exercice",
    "handout.kept_magnitude": "La magnitude garde",
    "handout.scores": "Scores de Wanda",
    "handout.kept_wanda": "Wanda garde",
    "handout.outputs": "Sortie : tous ; magnitude ; Wanda",
    "handout.result": (
        "Désaccord : {rows}, là où un petit poids lit l'entrée forte x₃. Sur les quatre lignes, l'écart total des sorties est de {magnitude} avec la magnitude et de {wanda} "
        "avec Wanda. Si x₃ avait été muette dans les textes d'exemple, Wanda aurait retiré toute sa colonne."
    ),
    "handout.questions": "Les sept questions, avec réponses",
    "language": "fr",
    # --- End -----------------------------------------------------------------------------------------------------------
    "glossary": "Glossaire : tous les mots au même endroit",
    "facts": "D'où viennent ces nombres",
    "facts.text": (
        "Mesuré le {date} avec {model} ({parameters} millions de paramètres, dont {prunable} millions élagables), {corpus}, {texts} textes mesurés par langue, {tokens} tokens de "
        "calibration en tout, statistiques en une passe, graine {seed} ; torch {torch}, transformers {transformers}. L'étape sur les canaux utilise {stats_tokens} tokens de chaque langue ; "
        "le dommage des blocs isolés, {damage_tokens} tokens de chacune de quatre langues, et ce qui est inférieur à un dixième du bloc médian est tracé comme ce dixième. Les moyennes portent sur les "
        "pertes : une moyenne de rapports est donc la moyenne géométrique. Un petit modèle, une graine, peu de textes : assez pour apprendre, pas pour classer des méthodes. Les tableaux de "
        "l'étape 2 sont inventés. Obtenu avec `{command}`."
    ),
}


GLOSSARY: tuple[Term, ...] = (
    Term("2:4", "Motif où l'on garde deux poids voisins sur quatre, avec lequel certains processeurs graphiques calculent plus vite."),
    Term("4:8", "Motif où l'on garde quatre poids voisins sur huit."),
    Term("intervalle à 95 %", "Intervalle où se trouverait la vraie valeur pour 95 de 100 échantillons de textes semblables.", ("intervalles à 95 %",)),
    Term("activation", "Nombre qui traverse le modèle pendant qu'il lit un texte.", ("activations",)),
    Term("allocation", "Répartition de la parcimonie entre les blocs ; sa moyenne pondérée est la parcimonie choisie.", ("allocations", "allouée", "allouées")),
    Term("bits par octet", "Perte par octet de texte, qui ne dépend pas de la façon dont un tokeniseur découpe une langue."),
    Term("bloc", "L'un des étages identiques dont l'empilement forme un modèle de langue, chacun avec plusieurs matrices de poids.", ("blocs", "bloc décodeur", "blocs décodeurs")),
    Term("bloc par bloc", "Les statistiques sont mesurées de nouveau derrière chaque bloc élagué : plus lent qu'en une passe, et c'est ce que font les auteurs de Wanda.", ("séquentiel",)),
    Term("calibration", "Faire passer des textes d'exemple dans le modèle, avant l'élagage, pour voir avec quelle force ses entrées sont utilisées.", ("calibrer", "calibré", "calibrée", "calibrés", "calibrées")),
    Term("canal", "Une colonne d'une matrice : un nombre qui y entre à chaque token.", ("canaux", "canal d'entrée", "canaux d'entrée")),
    Term("exactitude des choix", "Fréquence à laquelle le modèle trouve, parmi quatre fins, celle qui appartient à un texte."),
    Term("corrélation", "À quel point deux séries de nombres montent et descendent ensemble, de −1 à 1 en passant par 0.", ("corrélations",)),
    Term("variance entre langues", "À quel point la force d'un canal varie d'une langue à l'autre.", ("variance d'activation",)),
    Term("dense", "Avant l'élagage : tous les poids sont là.", ("denses",)),
    Term("plongements", "La table qui transforme les tokens en nombres (embeddings) ; elle n'est pas élaguée ici.", ("plongement", "embeddings")),
    Term("langue hors calibration", "Langue qui est mesurée, mais qui n'a pas servi à calibrer (en anglais : held-out).", ("langues hors calibration", "hors calibration", "held-out")),
    Term("lambda", "L'importance que M-Wanda donne aux différences entre langues ; 0 donne Wanda.", ("λ",)),
    Term("perte", "À quel point le modèle est surpris, en moyenne, par le token suivant ; plus elle est basse, mieux c'est (en anglais : loss).", ("pertes",)),
    Term("M-Wanda", "Wanda qui regarde aussi en quoi les langues diffèrent, dans le score d'un poids et dans la parcimonie d'un bloc."),
    Term("magnitude", "La taille d'un poids sans son signe ; aussi la méthode qui retire les plus petits."),
    Term("masque", "Un tableau de oui et de non qui dit quels poids sont gardés.", ("masques",)),
    Term("matrice", "Un tableau de poids ; un bloc en contient plusieurs, tels que q, k, v, o, gate, up et down.", ("matrices",)),
    Term("nat", "L'unité de la perte quand on utilise les logarithmes naturels ; un nat de plus multiplie la perplexité par 2.72.", ("nats",)),
    Term("norme", "La longueur d'une liste de nombres : la racine de la somme de leurs carrés.", ("normes",)),
    Term("en une passe", "Les statistiques sont mesurées une seule fois, sur le modèle dense.", ("one-pass",)),
    Term("one-shot", "Élagage sans aucun entraînement ensuite."),
    Term("tête de sortie", "La dernière matrice, qui retransforme les nombres en tokens ; elle n'est pas élaguée ici."),
    Term("perplexité", "Entre combien de tokens le modèle hésite à chaque pas, en moyenne ; 1 serait parfait.", ("perplexités",)),
    Term("rapport de perplexité", "Perplexité après élagage divisée par la perplexité avant, sur les mêmes textes.", ("rapports de perplexité",)),
    Term("élagage", "Mettre à zéro les poids les moins importants d'un modèle (en anglais : pruning).", ("élaguer", "élagué", "élaguée", "élagués", "élaguées", "pruning")),
    Term("moyenne quadratique", "La racine de la moyenne des carrés : la force typique d'un nombre, quel que soit son signe.", ("RMS",)),
    Term("score", "Le nombre selon lequel les poids sont comparés ; les plus bas sont retirés.", ("scores",)),
    Term("graine", "Le nombre dont découlent tous les choix aléatoires, pour qu'une exécution puisse être répétée (en anglais : seed).", ("graines", "seed")),
    Term("parcimonie", "La part des poids retirés (en anglais : sparsity).", ("parcimonies",)),
    Term("somme des carrés", "Chaque nombre multiplié par lui-même, le tout additionné : une mesure de la taille totale."),
    Term("token", "Un morceau de texte, mot ou partie de mot, que le modèle lit et écrit d'un bloc (on dit aussi : jeton).", ("tokens",)),
    Term("non structuré", "Les zéros peuvent se trouver n'importe où.", ("non structurée",)),
    Term("Wanda", "La méthode qui note un poids par sa taille fois la force de l'entrée qu'il lit."),
    Term("poids", "Un nombre que le modèle a appris à l'entraînement et par lequel il multiplie son entrée."),
    Term("langue la plus touchée", "La langue dont la perplexité a le plus augmenté.", ("langues les plus touchées",)),
)  # fmt: skip
