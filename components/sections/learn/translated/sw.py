"""Swahili."""

from collections.abc import Mapping

from components.sections.learn.texts import Term

TEXTS: Mapping[str, str] = {
    "tab": "Somo",
    "intro": (
        "### Upogoaji kwa hatua saba\n"
        "Kutoka uzito mmoja hadi lugha ambazo hakuna aliyezifikiria. Kila namba iliyo hapa ilipimwa mapema kwenye modeli halisi, kwa hiyo "
        "hakuna kinachohitaji kupakiwa wala kukokotolewa: sogeza vidhibiti na utazame. Maneno yenye mstari wa nukta hupata maelezo unapoyaelekezea "
        "kielekezi, unapoyagusa, au unapoyafikia kwa kitufe cha Tab."
    ),
    "missing": "Anzisha ukurasa kutoka folda ya mradi wenyewe, au tengeneza data kwa `python scripts/make_lesson.py --scratch FOLDER`.",
    "back": "Rudi",
    "next": "Hatua inayofuata",
    "question": "Swali",
    "show": "Onyesha jibu",
    "figure": "Mchoro wa hatua ya {step}, {title}. Mstari ulio chini yake unasema matokeo kwa maneno",
    "losses.language": "lugha",
    "losses.worst": "lugha iliyoathirika zaidi",
    "losses.mean": "wastani wa lugha zote",
    "losses.axis": "Mkanganyiko baada ÷ kabla ya upogoaji<br>(skeli ya logi, 1 = haujabadilika)",
    "losses.interval": "95%: {low} hadi {high}",
    # --- 1 -------------------------------------------------------------------------------------------------------------
    "1.short": "Uzito",
    "1.title": "Uzito una thamani gani?",
    "1.text": (
        "Modeli ya lugha ni hasa rundo la namba, yaani uzito (weights) wake. Kila moja inasema namba inayoingia kwenye tabaka inaathiri kwa nguvu gani "
        "namba inayotoka humo. Upogoaji (pruning) hufanya baadhi yake kuwa sifuri. Kanuni ya kale zaidi ni ya ukubwa (magnitude): kadiri uzito ulivyo karibu na "
        "sifuri, ndivyo thamani yake ilivyo ndogo. Mchoro unaonyesha namba zote {count} za uzito za matriksi moja ya modeli halisi ({zeros}% yake ni sifuri tangu mwanzo, kwa sababu modeli "
        "hii iliwahi kuhifadhiwa kwa biti 4)."
    ),
    "1.control": "Sehemu ya uzito inayoondolewa (%)",
    "1.x": "Thamani ya uzito",
    "1.y": "Idadi ya namba za uzito (maelfu)",
    "1.kept": "unabaki",
    "1.gone": "unaondoka",
    "1.reply": (
        "**{share}% ya uzito inaondoka:** hakuna ulio mbali na sifuri zaidi ya {threshold}. Kwa pamoja una {squares}% ya jumla ya miraba ya matriksi."
    ),
    "1.zeros": "**{share}% ya uzito inaondoka,** na hakuna kinachobadilika: tayari ni sifuri kamili.",
    "1.none": "**Bado hakuna kilichoondolewa.** Sogeza kitelezi: uzito mdogo zaidi huondoka kwanza.",
    "1.question": (
        "Nusu ndogo ya uzito ina {half_squares}% tu ya jumla ya miraba. Je, modeli inayoipoteza nusu hiyo hupoteza {half_squares}% tu "
        "ya yale inayoweza kufanya?"
    ),
    "1.answer": (
        "Hapana. Nusu ya uzito wa kila matriksi ilipoondolewa kwa ukubwa, mkanganyiko wa modeli hii ulikuwa mara {magnitude_times} "
        "ya awali kwa wastani wa lugha {languages}. Uzito mdogo unaweza kusoma ingizo lenye nguvu daima, na uzito mkubwa "
        "ukasoma ingizo ambalo karibu kila mara ni kimya. Ukubwa peke yake hausemi uzito unafanya nini."
    ),
    # --- 2 -------------------------------------------------------------------------------------------------------------
    "2.short": "Ingizo",
    "2.title": "Ingizo lina umuhimu",
    "2.text": (
        "Kile ambacho uzito unaongeza kwenye tokeo ni uzito mara ingizo. Kwa hiyo Wanda huzidisha ukubwa wa uzito kwa nguvu ya "
        "ingizo unalosoma, iliyopimwa kwa matini za sampuli (usawazishaji, yaani calibration), kisha hulinganisha uzito wa safu mlalo moja. **Majedwali haya ni "
        "mfano wa kubuni:** katika kila moja ya safu mlalo nne, alama mbili za juu zaidi hubaki. Fremu za rangi ya chungwa zinaonyesha pale ambapo mbinu hizo mbili "
        "hazikubaliani."
    ),
    "2.control": "Nguvu ya ingizo x₃ (mengine yana nguvu 1)",
    "2.left": "Ukubwa",
    "2.right": "Wanda",
    "2.x": "Ingizo; chini yake, upande wa kulia, nguvu yake",
    "2.row": "safu mlalo ya {row}",
    "2.reply": "**Wanda inaamua tofauti na ukubwa katika {rows}.** Mbinu ya ukubwa haiangalii maingizo: jedwali lake halibadiliki kamwe.",
    "2.same": "**Mbinu zote mbili zinabakiza namba nane zilezile za uzito.** Mbinu ya ukubwa haiangalii maingizo: jedwali lake halibadiliki kamwe.",
    "2.and": " na ",
    "2.question": (
        "Weka kitelezi kwenye 0: katika matini zote za sampuli ingizo x₃ lilikuwa kimya. Uzito mkubwa kuliko wote katika jedwali, −1.2, unaondoka. Je, hilo ni kosa?"
    ),
    "2.answer": (
        "Si kwa matini hizo: sifuri mara chochote ni sifuri, kwa hiyo hakuna kinachopotea. Lakini matini ya aina nyingine, au katika lugha nyingine, inaweza "
        "kutumia x₃. Uchaguzi hauwezi kuwa bora kuliko sampuli yake. Katika modeli halisi, nusu ya uzito ikiwa imeondolewa, mkanganyiko ulikuwa "
        "mara {magnitude_times} ya awali kwa mbinu ya ukubwa, na mara {wanda_times} kwa Wanda na matini za lugha nne."
    ),
    # --- 3 -------------------------------------------------------------------------------------------------------------
    "3.short": "Chaneli",
    "3.title": "Lugha hutumia chaneli tofauti",
    "3.text": (
        "Nguvu ya ingizo hutegemea matini, na kwa hiyo lugha. Kila nukta ni mojawapo ya chaneli {width} "
        "zinazoingia kwenye matriksi ya mwisho ya bloku {block}: mahali pake panasema chaneli ina nguvu gani katika lugha mbili (kipeuo cha pili cha wastani wa miraba "
        "kwa tokeni {stats_tokens} za kila lugha). Kwenye mstari wa vistari lugha zote mbili huitumia sawa."
    ),
    "3.control": "Lugha moja",
    "3.control2": "Lugha nyingine",
    "3.near": "zinafanana",
    "3.far": "nguvu mara mbili au zaidi katika moja",
    "3.equal": "sawa",
    "3.axis": "Nguvu katika {language}",
    "3.reply": (
        "**Chaneli {far} kati ya {width} zina nguvu angalau mara mbili katika mojawapo ya lugha hizo mbili.** Bloku hii ikipogolewa hadi nusu kwa ajili ya {one} "
        "peke yake, {share}% ya uzito ambao {other} peke yake ingeubakiza hupotea."
    ),
    "3.same": "**Lugha na yenyewe:** kila nukta iko kwenye mstari. Chagua lugha mbili tofauti.",
    "3.question": (
        "Ni lugha zipi mbili kati ya {languages} zinazokubaliana zaidi kuhusu uzito wa kubakiza, na zipi mbili zinazokubaliana kidogo zaidi? Kisia, kisha jaribu."
    ),
    "3.answer": (
        "Zaidi: {near_one} na {near_other}, ambazo hazikubaliani kuhusu {near_share}% ya uzito wa kubakiza katika bloku hii. Kidogo zaidi: {far_one} na "
        "{far_other}, kwa {far_share}%. Lugha zozote mbili hukubaliana kuhusu sehemu kubwa ya uzito, na hakuna mbili zinazokubaliana kuhusu wote."
    ),
    # --- 4 -------------------------------------------------------------------------------------------------------------
    "4.short": "Bloku",
    "4.title": "Bloku moja si kama nyingine",
    "4.text": (
        "Modeli ni rundo la bloku {blocks}. Juu: pogoa bloku moja peke yake hadi nusu, uone hasara (loss) inapanda kiasi gani. Chini: "
        "kila bloku inapoteza uzito kiasi gani. Mgawanyo (allocation) unaweza kuzihurumia baadhi ya bloku na kuchukua zaidi kwa nyingine, mradi "
        "wastani ubaki 50%."
    ),
    "4.control": "Jinsi 50% inavyosambazwa",
    "4.wanda": "Kila bloku sawa",
    "4.cwl": "Hifadhi bloku ambapo lugha zinatofautiana",
    "4.measured": "Hifadhi bloku zinazoumiza",
    "4.damage": "Ongezeko la hasara,<br>bloku peke yake (nat)",
    "4.sparsity": "Kiwango cha upogoaji (%)",
    "4.reply": (
        "**{choice}:** mkanganyiko ulikuwa mara {mean} ya awali kwa wastani wa lugha {languages}, na mara {worst_times} katika {worst}."
    ),
    "4.question": "Bloku {hurt} inaumiza angalau mara {factor} zaidi ya bloku {harmless}. Kwa nini tusichukue uzito wote kutoka bloku zisizo na madhara na tusichukue wowote kutoka nyingine?",
    "4.answer": (
        "Kwa sababu madhara si mstari ulionyooka. Yalipimwa bloku moja ikiwa imepogolewa nusu na nyingine zote zikiwa nzima; uzito unaofuata "
        "wa bloku hiyohiyo una thamani kubwa kuliko wa kwanza, kama hatua inayofuata inavyoonyesha, na bloku isiyo na uzito imepotea kabisa. Ndiyo maana "
        "migawanyo iliyo hapa huweka kiwango cha upogoaji cha bloku zote ndani ya pointi {span} kutoka wastani wake. Kuhifadhi bloku zinazoumiza kulishusha wastani kutoka mara "
        "{uniform_times} hadi mara {measured_times}, kwa kiasi kilekile cha uzito; lakini Kiingereza peke yake kilitoka mara {english_four} hadi "
        "mara {english_measured}. Hakuna uchaguzi usio na gharama."
    ),
    # --- 5 -------------------------------------------------------------------------------------------------------------
    "5.short": "Kiasi gani",
    "5.title": "Tupogoe kiasi gani?",
    "5.text": (
        "Mkanganyiko (perplexity) unasema modeli inasitasita kati ya tokeni ngapi katika kila hatua; chini ni bora. Mchoro unaonyesha ulikuwa mara "
        "ngapi ya awali katika kila lugha baada ya Wanda kwa matini za usawazishaji za Kiingereza, Kijerumani, Kihindi na Kiswahili. "
        "Vijiti ni wigo wa 95% kwa matini {texts}."
    ),
    "5.control": "Kiwango cha upogoaji (% ya uzito inayoondolewa)",
    "5.reply": "**Kwa {sparsity}%:** mara {mean} ya awali kwa wastani, kuanzia mara {best_times} katika {best} hadi mara {worst_times} katika {worst}.",
    "5.question": "Kutoka 30 hadi 40%, na kutoka 60 hadi 70%, uzito unaoondoka ni wa kiasi kilekile. Je, hatua zote mbili zina gharama sawa?",
    "5.answer": (
        "Hapana. Kutoka 30 hadi 40% hasara inapanda kwa nat {early} kwa kila tokeni kwa wastani, kutoka 60 hadi 70% kwa nat {late}. Uzito unaoondoka "
        "kwanza una thamani ndogo zaidi; ule unaoondoka mwisho ndio uliokuwa ukiishikilia modeli pamoja."
    ),
    # --- 6 -------------------------------------------------------------------------------------------------------------
    "6.short": "Wastani",
    "6.title": "Wastani au lugha iliyoathirika zaidi?",
    "6.text": (
        "Modeli hizi zote zilipoteza nusu ya uzito wake, kwa mbinu ileile, Wanda. Ni lugha ya matini za usawazishaji tu "
        "inayotofautiana; kwa jumla kila mara ni tokeni {tokens}. Mstari wa vistari ni wastani wa lugha {languages}."
    ),
    "6.control": "Matini za usawazishaji zilikuwa za",
    "6.english": "Kiingereza",
    "6.german": "Kijerumani",
    "6.hindi": "Kihindi",
    "6.swahili": "Kiswahili",
    "6.four": "lugha zote nne",
    "6.reply": "**Wastani mara {mean}; iliyoathirika zaidi {worst}, mara {worst_times}.** {one}: mara {one_times}, {other}: mara {other_times}.",
    "6.question": "Kwa usawazishaji wa {first} au wa {second}, wastani ni karibu uleule. Je, modeli hizo mbili ni nzuri sawa?",
    "6.answer": (
        "Inategemea nani anauliza. Wastani ni mara {first_mean} kwa {first} na mara {second_mean} kwa {second}. Lakini katika {winner} "
        "ni mara {winner_first} dhidi ya mara {winner_second}, na katika {loser} ni kinyume chake, mara {loser_first} dhidi ya mara "
        "{loser_second}. Wastani hausemi nani anayelipa gharama: angalia kila lugha, na ile iliyoathirika zaidi. Kwa Kiingereza "
        "pekee, wastani ni mara {english_mean}, na katika {english_worst} ni mara {english_worst_times}."
    ),
    # --- 7 -------------------------------------------------------------------------------------------------------------
    "7.short": "Zilizosahauliwa",
    "7.title": "Tumemsahau nani?",
    "7.text": (
        "Lugha zilizoachwa nje (held-out) hazikutumika kamwe katika usawazishaji: hakuna matini yake iliyokuwa na sauti kuhusu uzito upi uondoke. Idadi ya tokeni ni "
        "ileile kila mara, {tokens}, na lugha za usawazishaji zinaigawana sawa. Nusu ya uzito inaondolewa, kwa Wanda."
    ),
    "7.control": "Usawazishaji kwa",
    "7.english": "lugha 1: Kiingereza",
    "7.four": "lugha 4",
    "7.eight": "lugha 8",
    "7.calibrated": "zilizotumika katika usawazishaji",
    "7.held": "zisizotumika kamwe katika usawazishaji",
    "7.reply": (
        "**Zilizotumika katika usawazishaji: mara {calibrated} ya awali kwa wastani. Zilizoachwa nje: mara {held}.** Iliyoathirika zaidi: {worst}, mara {worst_times}."
    ),
    "7.question": (
        "{forgotten} hazitumiki kamwe katika usawazishaji hapa, chochote unachochagua. Kuna maelfu ya lugha, na matini za lugha mia chache "
        "ndizo rahisi kupata. Wewe ungefanya nini?"
    ),
    "7.answer": (
        "Hakuna jibu moja sahihi. Baadhi ya mambo ya kupima:\n"
        "- **Lugha nyingi zaidi huzisaidia zile zisizokuwamo.** Katika {forgotten}, ambazo hakuna chaguo hapa linalozijumuisha, mkanganyiko ulikuwa "
        "mara {forgotten_english} ya awali kwa matini za Kiingereza, mara {forgotten_four} kwa lugha nne na mara {forgotten_eight} kwa lugha nane.\n"
        "- **Inaigharimu kidogo lugha inayopendelewa.** Kiingereza: mara {english_english}, {english_four} na {english_eight}.\n"
        "- **Pogoa kidogo zaidi.** Kwa 30% badala ya 50%, kwa lugha nne, lugha iliyoathirika zaidi iko kwenye mara {mild_worst} badala ya mara {four_worst_times}.\n"
        "- **Pima na useme hivyo.** Modeli iliyopimwa kwa lugha tatu haipaswi kuitwa ya lugha nyingi kwa lugha thelathini. Waulize "
        "watu wanaozungumza zile nyingine."
    ),
    # --- Handout -------------------------------------------------------------------------------------------------------
    "handout.title": "Modeli ya lugha inapoteza nini? Somo kuhusu upogoaji na lugha",
    "handout.about": (
        "Kwa walimu wa wanafunzi wa kuanzia takriban miaka 16 au wanaoanza chuo kikuu; halihitaji kuandika programu. Somo hili linafuata kichupo Somo cha "
        "M-Wanda Explorer, ambacho namba zake zilipimwa kwenye {model}, modeli ndogo inayojua lugha nyingi. Vinavyohitajika: kichupo hicho "
        "kwenye skrini (hakipakii modeli yoyote, na kwenye mashine inayotoa ukurasa yenyewe hakihitaji mtandao), karatasi, na ukurasa wa kwanza "
        "wa karatasi hii."
    ),
    "handout.aims": "Malengo",
    "handout.aim1": "Kueleza uzito ni nini, na kwa nini uzito mdogo si daima uzito usio muhimu.",
    "handout.aim2": "Kufanya upogoaji wa ukubwa na Wanda kwa mkono kwenye jedwali la namba 16.",
    "handout.aim3": "Kusoma mchoro wenye thamani moja kwa kila lugha, na kutofautisha wastani na hali mbaya zaidi.",
    "handout.aim4": "Kusema nani anaamua, kwa kuchagua matini za usawazishaji, ni lugha zipi modeli inabaki nazo; na kujadili nini kingekuwa haki.",
    "handout.plan": "Mpango wa dakika 45",
    "handout.minutes": "Dakika",
    "handout.what": "Kinachofanyika",
    "handout.minutes1": "0 hadi 5",
    "handout.what1": "Ufunguzi: ni lugha zipi zinazozungumzwa katika chumba hiki? Nani angegundua kama programu ya tafsiri ingezorota katika mojawapo?",
    "handout.minutes2": "5 hadi 10",
    "handout.what2": "Hatua ya 1 kwenye skrini. Darasa linakisia kabla ya kitelezi kusogezwa.",
    "handout.minutes3": "10 hadi 20",
    "handout.what3": "Zoezi kwenye karatasi, wawili wawili. Hatua ya 2 inalihakiki: kitelezi cha x₃ kiko kwenye 3 kichupo kinapofunguka.",
    "handout.minutes4": "20 hadi 27",
    "handout.what4": "Hatua ya 3 na ya 4. Kila jozi inatabiri lugha mbili zinazokubaliana zaidi, kisha inatazama.",
    "handout.minutes5": "27 hadi 32",
    "handout.what5": "Hatua ya 5. Ungeishia wapi? Pigeni kura kabla jibu halijaonyeshwa.",
    "handout.minutes6": "32 hadi 38",
    "handout.what6": "Hatua ya 6. Nusu ya darasa inatetea usawazishaji mmoja, nusu ule mwingine; wastani wake ni karibu uleule.",
    "handout.minutes7": "38 hadi 45",
    "handout.what7": "Hatua ya 7 kama majadiliano. Kila mmoja anaandika sentensi moja: ungepima nini kabla ya kuiita modeli ya lugha nyingi?",
    "handout.exercise": "Zoezi bila kompyuta",
    "handout.task": (
        "Jedwali lina uzito wa kubuni: kila safu mlalo hutengeneza tokeo moja, kila safu wima husoma ingizo moja. Mstari wa pili unasema kila "
        "ingizo kwa kawaida lina nguvu gani. Nusu ya uzito lazima iondoke, namba mbili katika kila safu mlalo."
    ),
    "handout.strength": "nguvu",
    "handout.task1": "Ukubwa: katika kila safu mlalo, kata namba mbili za uzito zilizo karibu zaidi na sifuri. Ishara ya kutoa haihesabiwi.",
    "handout.task2": "Wanda: kwenye nakala ya pili, zidisha kila uzito bila ishara yake ya kutoa kwa nguvu ya safu wima yake, na ukate mbili ndogo zaidi za kila safu mlalo.",
    "handout.task3": "Ni katika safu mlalo zipi mbinu hizo mbili hazikubaliani, na kwa nini hapo?",
    "handout.task4": (
        "Acha kila ingizo liwe kubwa kama nguvu yake. Jumlisha uzito mara ingizo katika kila safu mlalo: kwa uzito wote, kwa ule ambao ukubwa "
        "unaubakiza, kwa ule ambao Wanda inaubakiza. Ni upi unaokaribia zaidi jumla kamili?"
    ),
    "handout.solution": "Jibu la zoezi",
    "handout.kept_magnitude": "Ukubwa unabakiza",
    "handout.scores": "Alama za Wanda",
    "handout.kept_wanda": "Wanda inabakiza",
    "handout.outputs": "Tokeo: wote; ukubwa; Wanda",
    "handout.result": (
        "Hazikubaliani katika {rows}, ambapo uzito mdogo unasoma ingizo lenye nguvu x₃. Kwa safu mlalo zote nne, matokeo yanakosea kwa jumla "
        "ya {magnitude} kwa mbinu ya ukubwa na {wanda} kwa Wanda. Kama x₃ ingekuwa kimya katika matini za sampuli, Wanda ingeondoa "
        "safu wima yake yote."
    ),
    "handout.questions": "Maswali saba, pamoja na majibu",
    "language": "sw",
    # --- End -----------------------------------------------------------------------------------------------------------
    "glossary": "Faharasa: maneno yote mahali pamoja",
    "facts": "Namba hizi zinatoka wapi",
    "facts.text": (
        "Zilipimwa tarehe {date} kwa {model} (vigezo milioni {parameters}, ambavyo kati yake milioni {prunable} vinaweza kupogolewa), "
        "{corpus}, matini {texts} zilizopimwa kwa kila lugha, tokeni {tokens} za usawazishaji kwa jumla, takwimu za pitio moja, mbegu {seed}; torch "
        "{torch}, transformers {transformers}. Hatua ya chaneli inatumia tokeni {stats_tokens} za kila lugha; madhara ya bloku "
        "moja moja, tokeni {damage_tokens} za kila moja ya lugha nne, ambapo kilicho chini ya sehemu ya kumi ya bloku ya kati (mediani) kimechorwa kama sehemu hiyo ya kumi. Wastani huchukuliwa kwa hasara, kwa hiyo wastani wa uwiano ni ule wa kijiometri. Modeli moja ndogo, mbegu moja, matini chache: vinatosha kujifunza, si "
        "kupanga mbinu kwa ubora. Majedwali ya hatua ya 2 ni ya kubuni. Imetengenezwa kwa `{command}`."
    ),
}

GLOSSARY: tuple[Term, ...] = (
    Term("2:4", "Ruwaza ambayo namba mbili kati ya kila nne jirani za uzito hubakizwa, ambayo baadhi ya vichakataji vya michoro (GPU) huweza kuikokotoa haraka zaidi."),
    Term("4:8", "Ruwaza ambayo namba nne kati ya kila nane jirani za uzito hubakizwa."),
    Term("wigo wa 95%", "Eneo ambalo thamani halisi ingekuwamo kwa sampuli 95 kati ya 100 za namna hii za matini."),
    Term("uamilishaji", "Namba inayopita ndani ya modeli inaposoma matini (activation).", ("activation",)),
    Term("mgawanyo", "Jinsi kiwango cha upogoaji kinavyosambazwa kwenye bloku (allocation); wastani wake (kwa kuzingatia ukubwa wa bloku) ndio kiwango kilichochaguliwa.", ("migawanyo", "allocation")),
    Term("biti kwa baiti", "Hasara kwa kila baiti ya matini, ambayo haitegemei jinsi kigawa-tokeni kinavyokata lugha."),
    Term("bloku", "Mojawapo ya ghorofa zinazofanana ambazo modeli ya lugha imepangwa kwazo, kila moja ikiwa na matriksi kadhaa za uzito.", ("bloku ya dikoda", "bloku za dikoda")),
    Term("bloku kwa bloku", "Takwimu hupimwa upya nyuma ya kila bloku iliyopogolewa: polepole kuliko pitio moja, na ndivyo waandishi wa Wanda wanavyofanya.", ("bloku moja baada ya nyingine", "sequential")),
    Term("usawazishaji", "Kupitisha matini za sampuli kwenye modeli, kabla ya upogoaji, ili kuona maingizo yake yanatumika kwa nguvu gani (calibration).", ("kusawazisha", "kusawazishia", "husawazisha", "calibration")),
    Term("chaneli", "Safu wima moja ya matriksi: namba moja inayoingia humo kwa kila tokeni (channel).", ("chaneli ya ingizo", "chaneli za ingizo")),
    Term("usahihi wa kuchagua", "Ni mara ngapi modeli hutambua, kati ya miisho minne, ule ulio wa matini."),
    Term("uhusiano", "Mifuatano miwili ya namba hupanda na kushuka pamoja kiasi gani (correlation), kutoka −1 kupitia 0 hadi 1.", ("uhusiano wa kitakwimu", "correlation")),
    Term("mtawanyo kati ya lugha", "Nguvu ya chaneli inatofautiana kiasi gani kati ya lugha (cross-lingual variance).", ("mtawanyo wa uamilishaji", "cross-lingual variance")),
    Term("modeli kamili", "Kabla ya upogoaji: uzito wote upo (dense).", ("dense",)),
    Term("vipachiko", "Jedwali linalogeuza tokeni kuwa namba (embeddings); halipogolewi hapa.", ("embeddings",)),
    Term("lugha iliyoachwa nje", "Lugha inayopimwa lakini haikutumika katika usawazishaji (held-out).", ("lugha zilizoachwa nje", "zilizoachwa nje", "iliyoachwa nje", "held-out", "held out")),
    Term("lambda", "M-Wanda inazipa tofauti kati ya lugha umuhimu kiasi gani; 0 hutoa Wanda.", ("λ",)),
    Term("hasara", "Modeli inashangazwa kiasi gani na tokeni inayofuata, kwa wastani (loss); chini ni bora.", ("loss",)),
    Term("M-Wanda", "Wanda ambayo pia huangalia jinsi lugha zinavyotofautiana, katika alama ya uzito na katika kiwango cha upogoaji cha bloku."),
    Term("ukubwa", "Ukubwa wa uzito bila ishara yake ya kutoa (magnitude); pia mbinu inayoondoa uzito mdogo zaidi.", ("magnitude",)),
    Term("barakoa", "Jedwali la ndiyo na hapana linalosema uzito upi unabakizwa (mask).", ("mask", "masks")),
    Term("matriksi", "Jedwali la uzito; bloku ina kadhaa, kama q, k, v, o, gate, up na down.", ("matriksi ya uzito", "matriksi za uzito")),
    Term("nat", "Kizio cha hasara logi asilia zinapotumika; nat moja zaidi hufanya mkanganyiko kuwa mara 2.72."),
    Term("norm", "Urefu wa orodha ya namba: kipeuo cha pili cha jumla ya miraba yake."),
    Term("pitio moja", "Takwimu hupimwa mara moja tu, kwenye modeli kamili (one-pass).", ("one-pass",)),
    Term("kwa mkupuo mmoja", "Upogoaji bila mafunzo yoyote baadaye (one-shot).", ("one-shot",)),
    Term("kichwa cha matokeo", "Matriksi ya mwisho, inayogeuza namba kuwa tokeni tena (output head); haipogolewi hapa.", ("output head",)),
    Term("mkanganyiko", "Modeli inasitasita kati ya tokeni ngapi katika kila hatua, kwa wastani (perplexity); 1 ingekuwa kamilifu.", ("perplexity",)),
    Term("uwiano wa mkanganyiko", "Mkanganyiko baada ya upogoaji ukigawanywa kwa mkanganyiko kabla yake, kwa matini zilezile."),
    Term("upogoaji", "Kufanya uzito wenye umuhimu mdogo zaidi wa modeli kuwa sifuri (pruning).", ("pogoa", "hupogoa", "kupogoa", "tupogoe", "imepogolewa", "iliyopogolewa", "zilizopogolewa", "kupogolewa", "ikipogolewa", "pruning")),
    Term("kipeuo cha pili cha wastani wa miraba", "Namba kwa kawaida ina nguvu gani, iwe chanya au hasi: kipeuo cha pili cha wastani wa miraba yake (root mean square).", ("RMS",)),
    Term("alama", "Namba ambayo kwayo uzito hulinganishwa (score); za chini zaidi huondolewa."),
    Term("mbegu", "Namba ambayo chaguo zote za nasibu hufuata kutokana nayo (seed), ili jaribio liweze kurudiwa.", ("seed",)),
    Term("kiwango cha upogoaji", "Sehemu ya uzito inayoondolewa (sparsity).", ("viwango vya upogoaji", "sparsity")),
    Term("jumla ya miraba", "Kila namba ikizidishwa kwa yenyewe, na zote zikijumlishwa: kipimo cha ukubwa wa jumla."),
    Term("tokeni", "Kipande cha matini, neno au sehemu yake, ambacho modeli husoma na kuandika kama kitu kimoja (token)."),
    Term("bila mpangilio", "Sifuri zinaweza kukaa popote (unstructured).", ("unstructured",)),
    Term("Wanda", "Mbinu inayopa uzito alama kwa ukubwa wake mara nguvu ya ingizo unalosoma."),
    Term("uzito", "Namba ambayo modeli ilijifunza katika mafunzo na ambayo huzidishwa kwa ingizo lake (weight).", ("weights",)),
    Term("lugha iliyoathirika zaidi", "Lugha ambayo mkanganyiko wake ulipanda zaidi."),
)  # fmt: skip
