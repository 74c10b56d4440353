"""Swahili."""

from collections.abc import Mapping, Sequence

# --- about ---------------------------------------------------------------------------------------------------------------

ABOUT = """### Ukurasa huu unafanya nini
Modeli ya lugha ni rundo la bloku za dikoda (decoder), na kila bloku ina matriksi kadhaa kubwa za uzito. *Upogoaji* (pruning)
hufanya uzito wenye umuhimu mdogo zaidi wa matriksi hizo kuwa sifuri, bila mafunzo yoyote baadaye. Uzito gani unahesabiwa kuwa muhimu
hutegemea matini ambazo mbinu inaziangalia: lugha za *usawazishaji* (calibration). Ukurasa huu unaonyesha uchaguzi huo unaifanyia nini kila lugha.

Kichupo *Lugha* kinaonyesha hasara, na mitihani sanifu ikiwa baadhi ilichaguliwa chini ya *Pima zaidi*; *Sababu zinazowezekana* yale yanayoambatana nazo;
*Mbinu* thamani ya kila mbinu kwenye modeli moja; *Somo* hatua saba kwa ajili ya darasa, zisizohitaji modeli.

### Mipaka
- **Sifuri peke yake haziokoi baiti wala muda.** Modeli iliyopogolewa ni kubwa na ina kasi kama ilivyokuwa, isipokuwa utumike uhifadhi
  na kerneli zilizotengenezwa kwa uzito wenye sifuri nyingi.
- **Modeli iliyojumuishwa** ni Gemma 3 270M (ya msingi). Uzito wake ulihifadhiwa kwa biti 4 na kupanuliwa hadi 16, kwa hiyo inaanza
  ikiwa hafifu kidogo kuliko ya asili, na takriban 4.5% ya uzito wa matriksi zake ni sifuri kabla ya upogoaji wowote. Gemma inatolewa
  chini ya, na kwa kufuata, [Masharti ya Matumizi ya Gemma](https://ai.google.dev/gemma/terms).
- **Kanuni zilizowekwa alama ya ujenzi upya** ni tafsiri yetu ya makala ambayo kanuni yake kamili haikuweza kuthibitishwa. Vijenzi vya
  M-Wanda (mtawanyo kati ya lugha, uwezekano wa uamilishaji, kiwango cha upogoaji cha tabaka kwa uhusiano kati ya lugha) vimetajwa katika
  Choenni & Titov (2025); jinsi vinavyounganishwa hapa ni yetu, na kila tafsiri ina mpangilio wake.
- **Wigo wa 95%** unahusu uchaguzi wa matini, si mada au mitindo mingine. Matini dazeni moja kwa kila lugha hutoa picha ya kwanza tu.
- **Vifungu vilivyojumuishwa** viliandikwa kwa ajili ya mradi huu (CC0), kwa mada zilezile katika kila lugha.

### Maneno
| Neno | Maana |
|---|---|
| Kiwango cha upogoaji (sparsity) | Sehemu ya uzito inayoondolewa (inayofanywa kuwa sifuri). |
| Kamili (dense), iliyopogolewa | Modeli kabla na baada. |
| Mkanganyiko (perplexity) | Modeli inasitasita kati ya tokeni ngapi katika kila hatua; chini ni bora. Unalinganishika kabla na baada, si kati ya lugha. |
| Uwiano wa mkanganyiko | Mkanganyiko baada ya upogoaji ukigawanywa kwa mkanganyiko kabla yake, kwa matini zilezile. |
| Biti kwa baiti | Hasara kwa kila baiti ya matini, ambayo haitegemei jinsi kigawa-tokeni (tokenizer) kinavyokata lugha. |
| Bloku, matriksi | Modeli ni rundo la bloku; kila bloku ina matriksi kama q, k, v, o (attention) na gate, up, down (feed-forward). |
| Chaneli | Safu wima moja ya matriksi: namba moja inayoingia humo kwa kila tokeni. |
| Mtawanyo wa uamilishaji | Nguvu ya chaneli inatofautiana kiasi gani kati ya lugha. |
| Mgawanyo (allocation) | Jinsi kiwango cha upogoaji kinavyosambazwa kwenye bloku; wastani wake (kwa kuzingatia ukubwa wa bloku) ndio kiwango kilichochaguliwa. |
| Iliyoachwa nje (held out) | Lugha inayopimwa lakini haikutumika katika usawazishaji. |
| Wigo wa 95% | Eneo ambalo thamani halisi ingekuwamo kwa sampuli 95 kati ya 100 za namna hii za matini. |

### Faragha
Ukurasa hautumi chochote popote. Ni modeli na matini unazochagua mwenyewe kutoka Hugging Face Hub pekee zinazoletwa kutoka huko.
"""

# --- common --------------------------------------------------------------------------------------------------------------

DEVICE_NAMES = {"cpu": "CPU", "cuda": "GPU"}

INTERFACE = "Lugha ya ukurasa huu"

TIMES = "mara {value}"
POINTS = "pointi {value}"
UNCHANGED = "haijabadilika"
NOT_MEASURED = "haikupimwa"

YES, NO = "ndiyo", "hapana"
SPAN = "{low} hadi {high}"


def seconds(value: float) -> str:
    """A duration as a person says it."""
    whole = max(0, round(value))
    if whole < 60:
        return f"sekunde {whole}"
    if whole < 3600:
        return f"dakika {whole // 60}" + (f" sekunde {whole % 60}" if whole % 60 else "")
    minutes = whole % 3600 // 60
    return f"saa {whole // 3600}" + (f" dakika {minutes}" if minutes else "")


def clock(value: float) -> str:
    """Minutes and seconds, for a log."""
    whole = max(0, int(value))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def interval(low: str, high: str) -> str:
    """A 95% interval of a factor."""
    return f"95%: {low} hadi {high}"


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent."""
    return f"{100 * share:.{digits}f}%"


def items_per_language(low: int, high: int) -> str:
    """How many choice items a figure rests on."""
    if low == high:
        return f"swali {low} kwa kila lugha" if low == 1 else f"maswali {low} kwa kila lugha"
    return f"maswali {low} hadi {high} kwa kila lugha"


def plot_description(name: str) -> str:
    """For readers who do not see a figure: what it is, and where its numbers stand."""
    return f"{name}. Jedwali lililo kando ya mchoro lina namba hizohizo."


# --- cost ----------------------------------------------------------------------------------------------------------------

COST_DETAILS = "Gharama ya jaribio hili"
COST_WAITING = "Gharama ya jaribio hili inakadiriwa ..."
COST_REFUSED = "Jaribio hili haliwezi kuanzishwa kwa mipangilio iliyopo: {problem}"
COST_UNKNOWN_MODEL = (
    "Muda utakaohitajika haujulikani kabla ya jaribio la kwanza: bado hakuna kilichosomwa kuhusu modeli hii. **Kadiria kumbukumbu** "
    "husoma vipimo vyake."
)
COST_STAGES = {
    "statistics": "kusawazisha",
    "pruning": "kuchagua na kuondoa uzito",
    "measuring": "kupima lugha zote",
    "studying": "mitihani sanifu na tafiti",
}
COST_STEPS = {
    "statistics": "Takwimu za modeli kamili",
    "allocation statistics": "Takwimu kwa ajili ya hatua ya tabaka kwa tabaka",
    "full gradients": "Gradienti kupitia modeli nzima",
    "sensitivity": "Gharama ya kila bloku ikipogolewa peke yake",
    "own walk": "Kupima bloku moja baada ya nyingine",
    "pruned walk": "Kupitisha matini kwenye bloku zilizopogolewa",
    "sequences": "Kupitisha mfuatano mmojammoja kwenye bloku",
    "regional gradients": "Gradienti kupitia bloku moja kwa wakati",
    "repair": "Hatua za ukarabati",
    "solver": "Kuchagua uzito",
    "scoring": "Kupima kabla na baada",
    "benchmarks": "Mitihani sanifu kabla na baada",
    "overlap": "Mwingiliano wa barakoa",
    "neurons": "Niuroni za lugha",
    "predictors": "Yanayoambatana na hasara",
    "generation": "Matini zilizoandikwa na modeli zote mbili",
    "profile": "Zaidi ya mkanganyiko",
    "spared": "Kutafuta niuroni za kuhifadhiwa",
}
COST_TABLE_HEAD = "| Hatua | Mapitio ya matini za usawazishaji |\n|---|---:|"
COST_PASSES = (
    "Pitio moja ni tokeni zote za usawazishaji kupita kwenye bloku zote. Kupakia modeli kunaongezeka juu ya hapo. Hatua ambazo jaribio la "
    "awali lilishazifanya (takwimu, matokeo ya modeli kamili) hazirudiwi."
)
COST_NEEDS = {
    "full_gradient": "inahitaji gradienti ya hasara ya modeli: hadi mifuatano 32 kurudi nyuma kupitia modeli nzima, na kumbukumbu kwa "
    "gradienti ya kila uzito",
    "relevance": "inahitaji uhusiano kwa LRP: hadi mifuatano 32 kurudi nyuma kupitia modeli nzima, na kumbukumbu ya namba moja kwa kila uzito",
    "separability": "inapitisha takriban kauli fupi 400 za kweli na za uongo kwa kila lugha katika modeli",
    "regional_gradient": "inahitaji gradienti kupitia bloku moja kwa wakati",
    "sensitivity": "inapogoa kila bloku peke yake na kupima hasara: muda unaongezeka kwa mraba wa idadi ya bloku",
    "gram": "inatunza matriksi ya mazao ya chaneli kwa kila ingizo la bloku",
    "sequences": "inakarabati kila bloku kwa hatua ndogo za gradienti",
    "samples": "inatunza maingizo ya mifuatano mmojammoja",
}
PART_NEEDS = "Sehemu hii {needs}."
COST_NEEDS_OF = "{method} {needs}."
COST_MINUTES = "Inachukua dakika pale ambapo Wanda inachukua sekunde."
MINUTES = 60.0
RATE_TYPICAL = "Hii ni kwa {device} ya kawaida; baada ya jaribio la kwanza hapa, kasi ya mashine hii itatumika."
RATE_MEASURED = "Kasi imepimwa kwa majaribio {runs} ya awali hapa."
RATE_MEASURED_ONE = "Kasi imepimwa kwa jaribio moja la awali hapa."
RATE_SAME = "Kasi imepimwa kwa majaribio {runs} ya awali ya mbinu hii hapa."
RATE_SAME_ONE = "Kasi imepimwa kwa jaribio moja la awali la mbinu hii hapa."


def cost_line(total: float, peak: str) -> str:
    """The two figures that a visitor wants before pressing the button."""
    return f"**Takriban {seconds(total)}**, hadi {peak} za kumbukumbu kwa modeli na data."


def cost_stages(by_stage: dict[str, float]) -> str:
    """Where the time goes, in one sentence."""
    told = ", ".join(f"{COST_STAGES[stage]}: {seconds(value)}" for stage, value in by_stage.items())
    return told[:1].upper() + told[1:] + "."


def rate_source(runs: int, same: bool, device: str) -> str:
    """What the seconds rest on."""
    if not runs:
        return RATE_TYPICAL.format(device=device)
    if runs == 1:
        return RATE_SAME_ONE if same else RATE_MEASURED_ONE
    return (RATE_SAME if same else RATE_MEASURED).format(runs=runs)


# --- form ----------------------------------------------------------------------------------------------------------------

TITLE = "M-Wanda Explorer"
INTRO = """# M-Wanda Explorer
Ondoa sehemu ya uzito wa modeli ya lugha nyingi uone kila lugha inapoteza nini. Chagua lugha za kusawazishia,
bonyeza **Pogoa**, kisha usome michoro ya jaribio lako mwenyewe."""

MODEL = "Modeli"
MODEL_INFO = "Chagua moja, au andika kitambulisho (id) cha Hugging Face Hub au folda iliyo kwenye mashine hii."
ESTIMATE = "Kadiria kumbukumbu"
ESTIMATING = "Vipimo vya modeli vinasomwa ..."

LANGUAGES = "Lugha za usawazishaji"
LANGUAGES_INFO = "Mbinu huamua kwa matini za lugha hizi. Andika ili kutafuta."
HELD_OUT = "Lugha za kupima pia"
HELD_OUT_INFO = "Hazitumiki kamwe katika usawazishaji: lugha ambazo hakuna aliyezichagua zinapatwa na nini?"
GROUP = "Chagua kundi zima"
GROUP_REGION = "Eneo: {name} ({count})"
GROUP_SCRIPT = "Hati: {name} ({count})"
WORLD_MIX, ENGLISH_ONLY, ALL = "Mchanganyiko wa dunia", "Kiingereza pekee", "Zote"
REGIONS = {
    "Africa": "Afrika",
    "Americas": "Amerika",
    "East Asia": "Asia Mashariki",
    "Europe": "Ulaya",
    "Middle East": "Mashariki ya Kati",
    "South Asia": "Asia Kusini",
    "Southeast Asia": "Asia Kusini-Mashariki",
}
SCRIPTS = {"Arabic": "Kiarabu", "Cyrillic": "Kisiriliki", "Devanagari": "Kidevanagari", "Latin": "Kilatini"}

TOKENS = "Tokeni za usawazishaji kwa kila lugha"
TOKENS_INFO = "Kila lugha inapata idadi ileile. Zinahesabiwa kwa tokeni za modeli yenyewe."
ADVANCED = "Matini na upimaji"
MODE = "Jinsi takwimu zinavyochukuliwa"
MODES = {
    "one-pass": "Mara moja, kwenye modeli kamili (haraka)",
    "sequential": "Bloku kwa bloku, nyuma ya bloku zilizopogolewa (njia ya Wanda)",
}
ALLOCATION_SHARE = "Sehemu ya tokeni kwa hatua ya tabaka kwa tabaka"
ALLOCATION_SHARE_INFO = (
    "Kwa njia ya bloku kwa bloku tu: kiwango cha upogoaji cha bloku huamuliwa kwa sehemu hii ya tokeni za usawazishaji."
)
SEQUENCE = "Tokeni katika mfuatano"
SEQUENCE_INFO = "128 hadi 256 zinafaa CPU; GPU inaweza kuchukua 2048."
TEXTS = "Matini"
TEXT_SOURCES = {
    "built-in": "Vifungu sambamba vilivyojumuishwa",
    "folder": "Folda ya matini zangu mwenyewe",
    "c4": "C4, kutoka Hub",
    "wikipedia": "Wikipedia, kutoka Hub",
    "flores+": "FLORES+, kutoka Hub (masharti ya kukubali kwanza)",
}
TEXTS_INFO = "Nusu ya matini husawazisha, nusu nyingine hupimwa; hakuna kifungu kinachofanya yote mawili."
FOLDER = "Folda"
FOLDER_INFO = "Faili moja ya matini ya UTF-8 kwa kila lugha, yenye jina la msimbo wake: sw.txt, yo.txt. Mistari mitupu hutenganisha vifungu."
EVAL_TEXTS = "Matini zinazopimwa kwa kila lugha"
EVAL_TEXTS_INFO = (
    "Matini nyingi zaidi hutoa wigo mwembamba zaidi na huchukua muda mrefu zaidi; vifungu vilivyojumuishwa ni hadi 20."
)
CHOICES = "Pima pia usahihi wa kuchagua"
CHOICES_INFO = "Ni mwendelezo upi kati ya minne ulio wa matini? Huchukua takriban nusu ya muda wa upimaji."
SEED = "Mbegu (seed)"

EMPTY_MODEL = "Hakuna modeli iliyochaguliwa: chagua iliyojumuishwa, au andika kitambulisho cha Hub kama Qwen/Qwen2.5-0.5B."
EMPTY_LANGUAGES = "Hakuna lugha ya usawazishaji iliyochaguliwa: chagua angalau moja."
EMPTY_FOLDER = "Matini zinatakiwa kutoka kwenye folda, lakini hakuna folda iliyotajwa: andika njia yake, au chagua vifungu vilivyojumuishwa."
SPARSITY_RANGE = "Kiwango cha upogoaji lazima kiwe kati ya 0 na 99%; kilichotolewa ni {given}."

SHARED_FOLDER = (
    "Hii ni seva ya pamoja: haisomi folda wala faili zake yenyewe. Chagua modeli ya Hub na matini zilizojumuishwa au za Hub."
)


def memory(sentence: str, device: str) -> str:
    """The memory estimate with the device it would run on."""
    return f"Inahitaji {sentence}. Itaendeshwa kwenye {device}."


# --- measure -------------------------------------------------------------------------------------------------------------

MEASURE_MORE = "Pima zaidi"
MEASURE_MORE_HELP = "Hakuna kilicho hapa ambacho ni lazima kwa jaribio, na kila kimoja huongeza muda wake. Mstari ulio chini ya **Pogoa** unasema ni kiasi gani."

TASKS_LABEL = "Mitihani sanifu (benchmarks)"
TASKS_INFO = (
    "Seti za maswali zinazojulikana, zinazojibiwa kabla na baada ya upogoaji, kwa zile lugha zako ambazo zimo katika seti hizo."
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
    "belebele-cloze": "Belebele (majibu kwa maneno)",
    "xnli": "XNLI",
    "paws-x": "PAWS-X",
    "global-mmlu": "Global-MMLU",
}
TASK_KINDS = {
    "multiblimp": "sarufi",
    "blimp": "sarufi ya Kiingereza",
    "lindsea": "sarufi ya Kiindonesia na Kitamil",
    "bmlama": "mambo ya hakika",
    "xcopa": "sababu na matokeo",
    "xstorycloze": "miisho ya hadithi",
    "xwinograd": "viwakilishi",
    "belebele": "ufahamu, kujibu kwa herufi",
    "belebele-cloze": "ufahamu",
    "xnli": "je, sentensi moja inafuatia nyingine",
    "paws-x": "maana ileile au la",
    "global-mmlu": "maarifa ya shule, kujibu kwa herufi",
}
TASK_TEXTS = "Mitihani sanifu inatoka wapi"
TASK_SOURCES = {"hub": "Iletwe kutoka Hub", "folder": "Folda kwenye mashine hii"}
TASK_FOLDER = "Folda ya mitihani sanifu"
TASK_FOLDER_INFO = "Seti kama zilivyochapishwa, kila moja katika folda yenye jina lake; docs/tasks.md imeorodhesha faili."
TASK_ITEMS = "Maswali kwa kila lugha"
TASK_ITEMS_INFO = "Maswali 100 hutoa wigo wa takriban pointi ±10, maswali 400 takriban ±5."

STUDIES_LABEL = "Tafiti"
STUDY_TITLES = {
    "overlap": "Mwingiliano wa barakoa",
    "neurons": "Niuroni za lugha",
    "predictors": "Yanayoambatana",
    "generation": "Matini zilizoandikwa",
    "profile": "Zaidi ya mkanganyiko",
}
STUDY_KINDS = {
    "overlap": "je, uzito uleule huondolewa kwa lugha mbili? (pitio moja zaidi la matini za usawazishaji)",
    "neurons": "ziko wapi, na ni sehemu gani yake inaondolewa (mapitio mawili zaidi)",
    "predictors": "yanayojulikana kuhusu lugha kabla, dhidi ya ilichopoteza (pitio la matini za lugha zisizotumika katika usawazishaji)",
    "generation": "modeli zote mbili zinaendeleza mianzo ileile (takriban dakika moja kwenye CPU)",
    "profile": "jiometri ya ndani, mpangilio wa maneno yenye uwezekano mkubwa zaidi, nishati (takriban dakika moja kwenye CPU)",
}

SPARE = "Hifadhi niuroni za lugha za"
SPARE_INFO = (
    "Kinachotoka kwenye niuroni hizi hubakizwa, na uzito mwingine huondolewa badala yake: sehemu inayoondolewa hubaki ileile. Kwa "
    "mbinu zinazobakiza alama za juu zaidi katika kila safu mlalo au tabaka tu."
)

EMPTY_TASK_FOLDER = (
    "Mitihani sanifu inatakiwa kutoka kwenye folda, lakini hakuna folda iliyotajwa: andika njia yake, au iletwe kutoka Hub."
)
TASK_ITEMS_RANGE = "Idadi ya maswali kwa kila lugha lazima iwe 1 au zaidi; iliyotolewa ni {given}."


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
        *(["utafiti 1" if len(studies) == 1 else f"tafiti {len(studies)}"] if studies else []),
        *([f"niuroni za {', '.join(spared)} zinahifadhiwa"] if spared else []),
    ]
    return "; ".join(parts)


# --- method --------------------------------------------------------------------------------------------------------------

METHOD = "Mbinu"
SPARSITY = "Kiwango cha upogoaji (% ya uzito inayoondolewa)"
SPARSITY_INFO = "Vipachiko (embeddings) na kichwa cha matokeo (output head) hubaki kamili."
PURPOSES = {
    "recommended": "inapendekezwa",
    "simple": "rahisi na ya haraka",
    "languages": "inachanganya lugha",
    "layers": "si sawa kwa kila bloku",
    "solvers": "inaboresha uzito",
    "gradients": "inatumia gradienti",
    "other": "nyingine",
}

COMBINE = "Iunganishe mwenyewe (kwa wazoefu)"
COMBINE_HELP = (
    "Mbinu ni muunganiko wa chaguo kadhaa. Kila menyu inaanzia kwenye chaguo la mbinu iliyo juu; badilisha moja nawe una "
    "mbinu yako mwenyewe. Kanuni na mipangilio hapa chini hufuata."
)
COMBINE_BACK = "Rudi kwenye mbinu yenye jina"
COMBINED = "**Muunganiko wako mwenyewe**, uliotokana na {method}: {changes}."
COMBINED_CHANGE = "{choice}: {part}"
PROBLEM = "**Hii haiwezi kuendeshwa.** {problem}"
PATTERN = "Sifuri zinaweza kukaa wapi"
PATTERNS = {
    "unstructured": "Popote, ulinganisho ndani ya kila safu mlalo ya matokeo",
    "layer": "Popote, ulinganisho ndani ya kila matriksi",
    "global": "Popote, ulinganisho ndani ya modeli nzima",
    "2:4": "2 kati ya kila 4 hubakizwa (50%)",
    "4:8": "4 kati ya kila 8 hubakizwa (50%)",
    "n:m": "N kati ya kila M hubakizwa, N na M zako mwenyewe",
    "mixed": "N:M mchanganyiko, N inatofautiana kati ya bloku",
}
PATTERN_N, PATTERN_M = "N: uzito unaobakizwa", "M: majirani katika kundi"
PATTERN_FIXED = (
    "{pattern} huondoa {sparsity} kamili katika kila bloku: hicho ndicho kiwango cha upogoaji, na bloku zote hutendewa sawa."
)
PATTERN_MIXED = "Kila bloku hubakiza, kati ya kila M, idadi iliyo karibu zaidi na kiwango chake cha upogoaji."
PATTERN_WHOLE = "N na M lazima ziwe namba nzima; zilizotolewa ni {n} na {m}."
METHOD_DETAILS = "Kanuni za mbinu hii"
HAS_RECONSTRUCTION = "*Si kanuni zake zote zilizoweza kuthibitishwa kwa makala: tazama hapa chini.*"
METHOD_LOADING = "Mbinu zinasomwa ..."
KNOBS = "Mipangilio ya mbinu hii"
NO_KNOBS = "Mbinu hii haina mipangilio."
MORE_KNOBS = (
    "Mipangilio mingine {count} inabaki na thamani zake za msingi hapa; Python na mstari wa amri zinaweza kuibadilisha."
)
PART_NAMES = {
    "activation": "Umuhimu wa chaneli ya ingizo",
    "score": "Alama ya uzito",
    "allocation": "Kiwango cha upogoaji cha kila bloku",
    "solver": "Kutoka alama hadi uzito",
    "rows": "Kiwango cha upogoaji cha kila safu mlalo ya matokeo",
    "repair": "Ukarabati wa uzito unaobaki",
}
ORIGINS = {
    "paper": "kanuni kama ilivyochapishwa",
    "reconstruction": "ujenzi wetu upya: kanuni kamili ya makala haikuweza kuthibitishwa",
    "own": "kanuni ya mradi huu wenyewe",
}
KNOB_LABELS = {
    "lam": "λ (lambda)",
    "gamma": "γ (gamma)",
    "spread": "Mtawanyiko",
    "strength": "Nguvu ya tabaka kwa tabaka Λ",
    "protect": "Bloku zipi zinabakiza uzito zaidi",
    "power": "Kipeo a",
    "outlier": "Kizingiti cha thamani za kupindukia M",
    "mapping": "Kinachoamua kiwango cha upogoaji cha bloku",
    "aggregate": "Madhara kwa lugha zote",
    "transform": "Skeli ya madhara",
    "mix": "Thamani za uzito wa lugha zinatoka wapi",
    "eps": "ε (epsilon)",
    "alpha": "α (alpha)",
    "max_rate": "Kasi kubwa zaidi ya kujifunza",
    "max_swaps": "Idadi ya juu ya mabadilishano",
    "language": "Lugha lengwa",
    "weights_by_language": "Uzito wa kila lugha",
    "blocksize": "Safu wima kwa mara moja",
}
TEXT_HELP = {
    "language": "Mojawapo ya lugha za usawazishaji; nyingine hupimwa lakini hazihusiki. Kama hakuna iliyochaguliwa: ya kwanza kati yake.",
    "weights_by_language": "Kwa mfano en=1, sw=3. Lugha isiyotajwa huhesabiwa 1, na 0 huiacha nje.",
}
CHOICE_LABELS = {
    "std": "mchepuko sanifu",
    "cv": "kigezo cha mtawanyo (coefficient of variation)",
    "different": "pale lugha zinapotofautiana",
    "shared": "pale lugha zinapokubaliana",
    "rank": "nafasi yake kati ya bloku",
    "linear": "uhusiano wake wenyewe",
}


def knob_label(name: str, unit: str) -> str:
    """A setting by its symbol or plain name."""
    label = KNOB_LABELS.get(name, name.replace("_", " ").capitalize())
    return f"{label} ({unit})" if unit else label


def part_name(choice: str) -> str:
    """What a part of a method decides."""
    return PART_NAMES.get(choice, choice.replace("_", " ").capitalize())


# --- running -------------------------------------------------------------------------------------------------------------

PRUNE, CANCEL = "Pogoa", "Ghairi"
LOG = "Kumbukumbu za hatua"

IDLE = "Hakuna kinachoendeshwa."
STARTING = "Inaanza"
CANCELLING = "Itasimama mwisho wa hatua hii ..."
CANCELLED = "Imeghairiwa. Michoro iliyo hapa chini ni ya jaribio lililoonyeshwa kabla."
PROGRESS = "Maendeleo ya jaribio"
UNKNOWN_KIND = "Hakuna aina ya kazi iitwayo {given}; zilizopo ni: {known}."
LOST_JOB = "Jaribio la ukurasa huu halijulikani tena hapa: seva ilianzishwa upya."
GPU_TAB_CLOSED = "Kwenye GPU hii ya pamoja, jaribio huisha pamoja na ukurasa uliolianzisha. Bonyeza Pogoa ili kuanza tena."


def queued(ahead: int) -> str:
    """How many runs come first."""
    return "Inasubiri jaribio moja lililo mbele yake." if ahead == 1 else f"Inasubiri majaribio {ahead} yaliyo mbele yake."


def time_left(left: float | None, elapsed: float) -> str:
    """Elapsed, and left where it is known."""
    return f"{seconds(elapsed)} hadi sasa" + ("" if left is None else f", zimebaki takriban {seconds(left)}")


def job_title(method: str, sparsity: float, model: str, languages: Sequence[str]) -> str:
    """One line for a job."""
    names = ", ".join(languages[:4]) + (f" na nyingine {len(languages) - 4}" if len(languages) > 4 else "")
    return f"{method}, {percent(sparsity)}, {model} ({names})"


def finished(title: str, elapsed: float) -> str:
    """How a successful job ended."""
    return f"Imekamilika baada ya {seconds(elapsed)}: {title}."


# --- worth ---------------------------------------------------------------------------------------------------------------

TAB_WORTH = "Mbinu"
WORTH_HEADING = "### Kila mbinu ina thamani gani?"
WORTH_HELP = (
    "Kila mbinu kwenye modeli iliyojumuishwa, kwa matini zilezile za usawazishaji. **×** inasema mkanganyiko umekuwa mara ngapi zaidi, "
    "kama kwenye vichupo vingine (1: hakuna kilichopotea); **nat** ni wastani kama ongezeko la hasara kwa kila tokeni. "
    "Lugha zilizotumika katika usawazishaji zilionwa na mbinu, zisizoonwa hazikuonwa; sekunde ni sekunde za kichakataji za upogoaji, MiB ni kumbukumbu "
    "kubwa zaidi iliyotumika wakati huo. Modeli moja, mbegu moja: tofauti ndogo kuliko wigo hazisemi chochote, na modeli nyingine inaweza kuzipanga "
    "mbinu kwa namna nyingine."
)
WORTH_ABSENT = (
    "Ulinganisho wa mbinu si sehemu ya usakinishaji huu: `assets/methods.json` haipo. "
    "`python -m benchmarks.methods` huukokotoa, `python scripts/publish_methods.py` huuweka hapa."
)
WORTH_NOTHING = "Hakuna mbinu iliyolinganishwa kwa mpangilio huu."
WORTH_PARTIAL = "**Haujakamilika:** ulinganisho huu bado unakokotolewa; baadhi ya safu mlalo hazipo."
WORTH_SETTING = "Uzito ulioondolewa"
WORTH_SETTINGS = {
    "50%": "50%, popote",
    "60%": "60%, popote",
    "70%": "70%, popote",
    "2:4": "50%, 2 kati ya kila 4 hubakizwa",
    "4:8": "50%, 4 kati ya kila 8 hubakizwa",
}
WORTH_MEASURE = "Pima kwa"
WORTH_MEASURES = {"mean": "Wastani wa lugha zote", "worst": "Lugha iliyoathirika zaidi"}
WORTH_FIGURE_HELP = (
    "Chini zaidi ni bora, kushoto zaidi ni haraka. Mstari unaunganisha mbinu ambazo hakuna nyingine inayozishinda kwa yote mawili. Muda ni sekunde "
    "za kichakataji za upogoaji pekee, zikijumlishwa kwa viini vyote, bila takwimu za usawazishaji na upimaji. Pitisha kielekezi juu ya nukta ili kuona jina lake."
)
WORTH_COLUMNS = {
    "method": "Mbinu",
    "mean_times": "Wastani, ×",
    "mean_interval": "Wigo wa 95%",
    "mean_nats": "Nat",
    "calibrated": "Za usawazishaji, ×",
    "unseen": "Zisizoonwa, ×",
    "worst": "Mbaya zaidi, ×",
    "worst_name": "Lugha iliyoathirika zaidi",
    "seconds": "Sekunde",
    "peak": "MiB",
}
WORTH_AXIS_SECONDS = "Sekunde za kichakataji za upogoaji<br>(skeli ya logi)"
WORTH_AXIS_MEAN = "Mkanganyiko baada ÷ kabla,<br>wastani wa lugha (skeli ya logi)"
WORTH_AXIS_WORST = "Mkanganyiko baada ÷ kabla,<br>lugha iliyoathirika zaidi (skeli ya logi)"
WORTH_LEGEND, WORTH_FRONT = "mbinu", "bora kwa muda wake"
WORTH_TABLE = "Mbinu zilizolinganishwa"
WORTH_HOVER = "{method}<br>wastani mara {mean}, mbaya zaidi mara {worst} ({language})<br>{seconds} s, {peak} MiB"
WORTH_FACTS_ROWS = (
    ("command", "Imetengenezwa kwa `{}`"),
    ("commit", "commit {}"),
    ("date", "{}"),
    ("seed", "mbegu {}"),
    ("threads", "nyuzi {} za kichakataji"),
    ("tokens", "tokeni {} za usawazishaji kwa jumla"),
)
WORTH_VERSIONS = "torch {torch}, transformers {transformers}"


def worth_facts(facts: dict[str, object]) -> str:
    """Where the comparison comes from, in one line."""
    told = [text.format(facts[name]) for name, text in WORTH_FACTS_ROWS if facts.get(name) not in (None, "")]
    versions = facts.get("versions")
    if isinstance(versions, dict):
        told.append(WORTH_VERSIONS.format(torch=versions.get("torch", "?"), transformers=versions.get("transformers", "?")))
    return f"*{', '.join(told)}.*" if told else ""


# --- tasks ---------------------------------------------------------------------------------------------------------------

MULTIPLES_HEADING = "### Matini moja moja"
MULTIPLES_HELP = (
    "Paneli moja kwa kila lugha, iliyoathirika zaidi kwanza, lugha zisizotumika katika usawazishaji baada ya nyingine. Kila mstari mwembamba ni matini moja iliyopimwa, "
    "ule mnene ni zote pamoja. Kupanda juu kunamaanisha ni vigumu zaidi kutabiri. Pale mistari yote inapopanda sawa, lugha yenyewe imekuwa "
    "ngumu zaidi; pale michache inapopanda kwa kasi, ni matini hizo chache tu."
)
MULTIPLES_NONE = "Hakuna matini iliyopimwa katika jaribio hili."
AXIS_BITS_SHORT = "biti kwa baiti"
MULTIPLES_TICKS = ("kabla", "baada")
MULTIPLES_TITLE = "{name} ×{ratio}"
MULTIPLES_HOVER = "{name}, {text}<br>kabla {before:.3f}, baada {after:.3f} biti kwa baiti"
MULTIPLES_ALL = "matini zote"

TASKS_HEADING = "### Mitihani sanifu: modeli bado inaweza kufanya nini?"
TASKS_HELP = (
    "{title}: sehemu ya maswali yaliyojibiwa sahihi, {items}. Miraba ya kijivu ni modeli kamili, nukta za rangi ni "
    "iliyopogolewa, vijiti ni wigo wa 95%, mstari mfupi uliosimama katika kila safu mlalo ni kubahatisha, na namba iliyo kulia ni mabadiliko kwa pointi. Mstari **usiokatika** kati ya hizo mbili ni tofauti inayobaki baada ya "
    "kusahihisha kwa idadi ya lugha (Holm, 5%); mstari wa **nukta wa kijivu**, na mabano, humaanisha ndani ya kelele za takwimu za maswali machache hivi."
)
TASKS_UNINFORMATIVE = (
    "**Hausemi chochote katika {names}:** huko modeli kamili yenyewe haiwezi kutofautishwa na kubahatisha, kwa hiyo hakuna kinachoweza kupotea wala "
    "hasara kuonekana. Nukta tupu za kijivu."
)
TASKS_ALL_UNINFORMATIVE = (
    "**Mtihani huu sanifu hausemi chochote kuhusu modeli hii:** modeli kamili iko kwenye kiwango cha kubahatisha katika kila lugha. Chagua ulio rahisi zaidi "
    "(MultiBLiMP unauliza sarufi pekee) au modeli kubwa zaidi."
)
TASKS_ABSENT = "Hakuna mtihani sanifu uliopimwa katika jaribio hili. Fungua **Pima zaidi** upande wa kushoto, chagua mmoja (MultiBLiMP unafaa modeli ndogo), kisha bonyeza **Pogoa**."
TASKS_NOTHING = "Hakuna cha kuchora kwa mtihani huu sanifu na usomaji huu."
TASK_MENU = "Mtihani sanifu"
READING = "Jinsi majibu yanavyosomwa"
READINGS = {"customary": "Kama ilivyo desturi", "raw": "Uwezekano", "per byte": "Uwezekano kwa baiti"}
TASK_MAP_HEADING = "### Mitihani sanifu yote kwa mtazamo mmoja"
TASK_MAP_HELP = (
    "Mabadiliko kwa pointi, kila mtihani sanifu ukisomwa kama ilivyo desturi. Wenye rangi: zaidi ya kelele za takwimu. Katika mabano: ndani ya kelele za takwimu. Kijivu chenye kistari: modeli kamili "
    "iko kwenye kiwango cha kubahatisha, kwa hiyo mtihani hausemi chochote hapo. Tupu: haukuulizwa katika lugha hii."
)

VERDICTS = {
    "worse": "imezorota",
    "better": "imeboreka",
    "within noise": "ndani ya kelele",
    "uninformative": "hausemi chochote",
}
NOT_INFORMATIVE_TICK = "{name} (kubahatisha)"
LEGEND_NOISE = "ndani ya kelele za takwimu"
LEGEND_BEYOND = "zaidi ya kelele za takwimu"
LEGEND_UNINFORMATIVE = "hausemi chochote (kamili inabahatisha)"
AXIS_TASK_ACCURACY = "Yaliyojibiwa sahihi<br>(% ya maswali)"
AXIS_BENCHMARK = "Mtihani sanifu"
BAR_CHANGE = "pointi"
MAP_NONE = "–"
MAP_NOISE = "({value})"
HOVER_TASK = (
    "{name}, maswali {items}<br>kabla {before:.1f}% ({before_low:.0f} hadi {before_high:.0f})<br>baada {after:.1f}% "
    "({after_low:.0f} hadi {after_high:.0f})<br>mabadiliko pointi {change:+.1f} ({low:+.0f} hadi {high:+.0f})<br>yaliyopotea {lost}, yaliyopatikana {gained}; p = {p}, "
    "iliyosahihishwa {p_holm}<br>kubahatisha {chance:.1f}%<br><b>{verdict}</b>"
)
VERDICT_SENTENCES = {
    "worse": "Imezorota, kupita kelele za takwimu",
    "better": "Imeboreka, kupita kelele za takwimu",
    "within noise": "Ndani ya kelele za takwimu za maswali machache hivi",
    "uninformative": "Modeli kamili inabahatisha: hii haisemi chochote",
}
TASK_COLUMNS = {
    "name": "Lugha", "items": "Maswali", "chance": "Kubahatisha %", "dense_accuracy": "Kabla %", "pruned_accuracy": "Baada %", "change": "Pointi",
    "interval": "Wigo wa 95%", "p": "p", "p_holm": "p, Holm", "verdict": "Uamuzi",
}  # fmt: skip


def questions(low: int, high: int) -> str:
    """How many questions a figure rests on."""
    return items_per_language(low, high)


def p_value(value: float) -> str:
    """A p-value without false precision."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


# --- comparing -----------------------------------------------------------------------------------------------------------

TAB_COMPARE = "Linganisha"
COMPARE_HELP = (
    "Weka majaribio mawili hadi sita bega kwa bega. Tofauti ni dhidi ya mojawapo, jaribio la msingi (baseline), na huchukuliwa kwa matini na "
    "maswali yaleyale; pale ambapo majaribio mawili hayakupima yaleyale, hakuna tofauti inayoonyeshwa."
)
COMPARE_RUNS = "Majaribio ya kulinganisha"
COMPARE_RUNS_INFO = "Mawili hadi sita. Andika ili kutafuta."
COMPARE_BASELINE = "Jaribio la msingi"
COMPARE_BASELINE_INFO = "Mengine hupimwa dhidi ya jaribio hili."
COMPARE_ADD_SHOWN = "Ongeza jaribio linaloonyeshwa"
COMPARE_PASTE = "Ongeza jaribio kwa kiungo au jina lake"
COMPARE_PASTE_INFO = "Kwa mfano kiungo kinachoishia na ?run=..."
COMPARE_ADD = "Ongeza"

COMPARE_NONE = "Chagua majaribio mawili ya kulinganisha. **Ongeza jaribio linaloonyeshwa** huchukua lile ambalo vichupo vingine vinaonyesha."
COMPARE_ONE = "Jaribio moja limechaguliwa: chagua moja zaidi, au liongeze kwa kiungo chake."
COMPARE_SIX = "Majaribio sita ndiyo mengi zaidi yanayolinganishwa kwa pamoja: ondoa moja kwanza."
COMPARE_FIRST_SIX = "Majaribio {count} yametajwa; sita ya kwanza yanalinganishwa."
COMPARE_EMPTY_LINK = "Hakuna jaribio lililotajwa hapo: bandika kiungo kinachoishia na ?run=..., au jina la jaribio."
RUN_UNREADABLE = "Hakuna jaribio {name!r} hapa, au limeharibika."
COMPARE_UNREADABLE = "Hakuna jaribio {name!r} hapa, au limeharibika, kwa hiyo limeachwa nje."
COMPARE_AGAIN = "Jaribio {name!r} tayari limechaguliwa."
COMPARE_NO_SHOWN = "Hakuna jaribio linaloonyeshwa bado, kwa hiyo hakuna la kuongeza."
COMPARE_MODELS = (
    "**Haya ni majaribio ya modeli tofauti.** Ongezeko la hasara hupimwa dhidi ya modeli ya jaribio lenyewe na kuhesabiwa kwa tokeni za modeli hiyo: "
    "linasema kila modeli ilipoteza kiasi gani, si modeli ipi ni bora."
)
COMPARE_UNPAIRED = "Hazikulinganishwa na jaribio la msingi, kwa sababu matini zilezile hazikupimwa kwa namna ileile: {what}."
COMPARE_OF = "{run} katika {languages}"

COMPARE_SETTINGS_HEADING = "### Ni nini kilipangwa tofauti"
COMPARE_SETTINGS_SAME = "Hakuna kilichopangwa tofauti: majaribio haya yaliombwa kwa mipangilio ileile."
COMPARE_SETTINGS_HELP = "Yanayotofautiana tu. Kisanduku kitupu: mbinu ya jaribio haina mpangilio huo."
COMPARE_SETTING = "Mpangilio"

COMPARE_LOSS_HEADING = "### Ongezeko la hasara la kila lugha"
COMPARE_LOSS_HELP = (
    "Hasara baada ya upogoaji kutoa hasara kabla yake, kwa nat kwa kila tokeni (0.1 ni takriban mkanganyiko 10% zaidi); kushoto zaidi ni bora. Vijiti ni "
    "wigo wa 95% kwa matini. Lugha iliyodhuriwa zaidi na jaribio lolote iko juu."
)
COMPARE_DIFFERENCE_HEADING = "### Tofauti na {baseline}"
COMPARE_DIFFERENCE_HELP = (
    "Hasara baada ya upogoaji kutoa ile ya jaribio la msingi kwa matini zilezile: kushoto kwa 0 jaribio hili ni bora, kulia kwa 0 ni la msingi. "
    "Nukta tupu: wigo wa 95% unavuka 0, kwa hiyo tofauti iko **ndani ya kelele za takwimu**. Lugha nyingi zinaangaliwa hapa: kati ya "
    "sifuri ishirini za kweli, takriban moja ingeonekana kama tofauti."
)
COMPARE_ACCURACY_HEADING = "### Usahihi wa kuchagua: tofauti na {baseline}"
COMPARE_ACCURACY_HELP = (
    "Kwa pointi za asilimia, kwa maswali ambayo majaribio yote mawili yaliyajibu: kulia kwa 0 jaribio hili ni bora. Nukta tupu: ndani ya kelele za takwimu. "
    "Tofauti husema machache katika lugha ambayo hata modeli kamili haiwezi kutofautishwa na kubahatisha (tazama kichupo Lugha)."
)
COMPARE_BLOCKS_HEADING = "### Kiwango cha upogoaji cha kila bloku"
COMPARE_BLOCKS_HELP = "Sehemu ya uzito unaopogoleka wa bloku ambayo kila jaribio liliondoa."
COMPARE_FRONT_HEADING = "### Wastani dhidi ya lugha iliyoathirika zaidi"
COMPARE_FRONT_HELP = (
    "Ongezeko la hasara kwa lugha {count} ambazo majaribio haya yote yalizipima. Karibu zaidi na kona ya chini kushoto ni bora; mstari unaunganisha "
    "majaribio ambayo hakuna jingine linaloyashinda kwa yote mawili. Lugha za usawazishaji na zisizoonwa zinahesabiwa sawa."
)
COMPARE_FRONT_NONE = "Majaribio haya hayana lugha iliyopimwa kwa pamoja, kwa hiyo hakuna wastani wa kulinganisha."
COMPARE_FRONT_LEGEND = "halijashindwa kwa yote mawili"

COMPARE_MASKS_HEADING = "### Barakoa: je, majaribio yanaondoa uzito uleule?"
COMPARE_MASKS_HELP = (
    "Husoma barakoa (masks) za majaribio yote yaliyochaguliwa (biti moja kwa kila uzito) matriksi moja baada ya nyingine; kwa modeli ndogo huchukua sekunde. 0 ina maana zinafanana kama "
    "barakoa mbili zilizochorwa kwa bahati nasibu, 1 barakoa ileile, chini ya 0 kwamba zinakwepana."
)
COMPARE_MASKS_START = "Linganisha barakoa"
COMPARE_MASKS_IDLE = "Barakoa za majaribio haya bado hazijalinganishwa."
COMPARE_MASKS_DONE = "Barakoa za majaribio {count} zimelinganishwa."
COMPARE_MASKS_WITHOUT = "Yameachwa nje, kwa sababu yalitunzwa bila barakoa: {runs}."
COMPARE_MASKS_CANCELLED = "Imesimamishwa; barakoa hazikulinganishwa."
COMPARE_MASKS_FEW = "Yanahitajika majaribio mawili yenye barakoa. Mfano na majaribio kutoka kwingine huenda yasiwe nazo; kila jaribio linalofanywa hapa linazo."
COMPARE_MASKS_FIRST, COMPARE_MASKS_SECOND = "Barakoa za", "na za"
COMPARE_MASKS_VIEW = "Onyesha"
COMPARE_MASKS_VIEWS = {"corrected": "Za pamoja, bila sehemu ya bahati", "kept_share": "Uliobakizwa na yote mawili (%)"}
COMPARE_MASKS_VIEWS_HELP = (
    "**Za pamoja, bila sehemu ya bahati**: mwingiliano wa uzito ulioondolewa, 0 kwa bahati tu na 1 kwa barakoa ileile. **Uliobakizwa na yote mawili**: kati ya "
    "uzito ambao angalau jaribio moja linaubakiza, sehemu ambayo yote mawili yanaibakiza; barakoa mbili za bahati nasibu kwa 50% zina 33%."
)
COMPARE_MASKS_TWO = "Chagua majaribio mawili tofauti."
COMPARE_MATRIX_HEADING = "### Barakoa zote dhidi ya zote"

COMPARE_DOWNLOAD = "Pakua ulinganisho (ZIP)"
COMPARE_LINK = "Kiungo cha ulinganisho huu"
COMPARE_LINK_INFO = "Hufungua majaribio haya bega kwa bega tena, kwa kila mtu anayeweza kufungua ukurasa huu."

CLONE_HEADING = "### Vilevile tena, pamoja na mabadiliko"
CLONE_HELP = "Huweka mipangilio ya jaribio kwenye fomu iliyo kushoto: badilisha unachotaka, kisha bonyeza Pogoa."
CLONE_FROM = "Mipangilio ya"
CLONE_USE = "Tumia mipangilio hii"
CLONE_NONE = "Chagua kwanza jaribio hapo juu."
CLONE_DONE = "Fomu ina mipangilio ya {title}. Hakuna kinachoanza kabla hujabonyeza Pogoa."
CLONE_BUT = "Fomu ina mipangilio ya {title}, isipokuwa: {what}"
CLONE_MODE = "lilipogolewa kwa njia {mode!r}, ambayo inapatikana kwenye mstari wa amri pekee, kwa hiyo fomu inabaki na yake."
CLONE_EVALUATION_TEXTS = "lilipimwa kwa matini za chanzo kingine; fomu hupima kwa nusu nyingine ya matini za usawazishaji."
CLONE_DEVICE = "liliomba kifaa {device!r} na aina ya namba {dtype!r}; ukurasa huchagua vyote viwili wenyewe."
CLONE_METHOD = "toleo hili haliijui mbinu yake, kwa hiyo fomu inabaki na yake."
CLONE_KNOBS = "{method} ina mipangilio ambayo fomu haina kidhibiti chake; imeachwa kwenye thamani zake za msingi."
CLONE_LOCAL_MODEL = "modeli yake iko kwenye mashine nyingine; fomu inabaki na yake."
CLONE_LOCAL_TEXTS = "matini zake ziko kwenye mashine nyingine; fomu inabaki na zake."
CLONE_RANGE = "{name} ilikuwa {value}, ambayo fomu haiitoi, kwa hiyo imewekwa {nearest}."
CLONE_MENU = "{name} ilikuwa na chaguo ambazo ukurasa huu hauzitoi ({left}); zimeachwa nje."
CLONE_UNREADABLE = "Mipangilio ya jaribio hili haiwezi kusomwa na toleo hili, kwa hiyo fomu inabaki ilivyo."

COMPARE_WITHIN, COMPARE_BETTER, COMPARE_WORSE = "ndani ya kelele", "bora zaidi", "baya zaidi"
COMPARE_NO_INTERVAL, COMPARE_NOT = "hakuna wigo", "haikulinganishwa"
COMPARE_COLUMNS: Mapping[str, str] = {
    "name": "Lugha",
    "run": "Jaribio",
    "difference": "Tofauti (nat)",
    "quotient": "Mkanganyiko, ×",
    "points": "Tofauti (pointi)",
    "interval": "Wigo wa 95%",
    "verdict": "Uamuzi",
    "paired": "Matini",
    "items": "Maswali",
    "block": "Bloku",
    "module": "Matriksi",
    "mean": "Wastani (nat)",
    "worst": "Mbaya zaidi (nat)",
    "worst_name": "Lugha iliyoathirika zaidi",
    "front": "Kwenye mstari",
    "corrected": "Bila bahati",
    "kept_share": "Uliobakizwa na yote mawili %",
    "iou": "Mwingiliano",
    "expected": "Kwa bahati tu",
}
COMPARE_AXIS_INCREASE = "Ongezeko la hasara (nat kwa tokeni),<br>chini ni bora"
COMPARE_AXIS_DIFFERENCE = "Hasara kutoa ya jaribio la msingi<br>(nat kwa tokeni, matini zilezile)"
COMPARE_AXIS_POINTS = "Usahihi kutoa wa jaribio la msingi<br>(pointi za asilimia, maswali yaleyale)"
COMPARE_AXIS_MEAN = "Wastani wa ongezeko la hasara la lugha<br>(nat kwa tokeni)"
COMPARE_AXIS_WORST = "Ongezeko la hasara la lugha iliyoathirika zaidi<br>(nat kwa tokeni)"
COMPARE_AXIS_RUN = "Jaribio"
COMPARE_AXIS_OTHER_RUN = "Jaribio jingine"
COMPARE_BAR_CORRECTED, COMPARE_BAR_KEPT = "bila bahati", "%"
COMPARE_HOVER_TIMES = "{run}<br>{name}: {value:+.3f} nat kwa tokeni, mkanganyiko mara {times:.3g}{interval}"
COMPARE_HOVER_POINTS = "{run}<br>{name}: pointi {value:+.1f}{interval}"
COMPARE_HOVER_INTERVAL = "<br>95%: {low:.3g} hadi {high:.3g}"
COMPARE_HOVER_FRONT = "{run}<br>wastani {mean:.3f}, mbaya zaidi {worst:.3f} ({name})"
COMPARE_HOVER_MASKS = "bloku {block}, {module}<br>bila bahati {corrected:.3f}, uliobakizwa na yote mawili {kept:.1f}%"
COMPARE_HOVER_PAIR = "{a}<br>{b}<br>bila bahati {corrected:.3f}"


def compare_files(runs: Sequence[str]) -> str:
    """The title of a job that compares masks."""
    return "Barakoa za jaribio 1" if len(runs) == 1 else f"Barakoa za majaribio {len(runs)}"


def compare_left_out(names: Sequence[str]) -> str:
    """Choices that a menu does not have."""
    return ", ".join(names[:4]) + (f" na nyingine {len(names) - 4}" if len(names) > 4 else "")


# --- results -------------------------------------------------------------------------------------------------------------

EARLIER = "Majaribio ya awali"
EARLIER_NONE = "Majaribio ya awali (bado hakuna)"
EXAMPLE = "Jaribio la mfano"
EXAMPLE_BANNER = "**Mfano, uliokokotolewa kabla:** {title}. Bonyeza Pogoa ili kufanya jaribio lako mwenyewe; michoro yake itachukua nafasi ya hii."
RUN_BANNER = "**Linaloonyeshwa:** {title}. Kiungo cha jaribio hili: [{link}]({link})"
NO_RUN = "Bado hakuna jaribio la kuonyesha. Bonyeza **Pogoa**: michoro ya jaribio lako itaonekana hapa."

TAB_OVERVIEW, TAB_ACTIVATION, TAB_SPARSITY = "Muhtasari", "Uamilishaji", "Kiwango cha upogoaji"
TAB_LANGUAGES, TAB_TABLES, TAB_ABOUT = "Lugha", "Majedwali", "Kuhusu"

CARD_MEAN = "Mkanganyiko, wastani wa lugha zote"
CARD_CALIBRATED = "Lugha za usawazishaji"
CARD_HELD_OUT = "Lugha zisizotumika katika usawazishaji"
CARD_WORST = "Lugha iliyoathirika zaidi: {name}"
CARD_SPARSITY = "Uzito ulioondolewa"
CARD_ACCURACY = "Usahihi wa kuchagua, mabadiliko ya wastani"

ZEROS = (
    "Sifuri peke yake haziokoi baiti wala muda: modeli iliyopogolewa ina ukubwa na kasi ileile kama awali. Ili kupata faida zinahitajika "
    "uhifadhi na kerneli zilizotengenezwa kwa uzito wenye sifuri nyingi, kwa mfano 2:4 kwenye baadhi ya GPU."
)
NOTES, TIMINGS, AGAIN = "Maelezo", "Muda ulitumika wapi", "Jaribio hilohilo kutoka Python"
TIMING_NAMES = {
    "load": "Kupakia modeli na matini",
    "dense scores": "Kupima modeli kamili",
    "statistics": "Takwimu za usawazishaji",
    "pruning": "Kuchagua na kuondoa uzito",
    "pruned scores": "Kupima modeli iliyopogolewa",
    "studies": "Mitihani sanifu na tafiti",
    "total": "Kwa jumla",
}

KIND = "Ingizo la"
KIND_ALL = "Maingizo yote (wastani)"
MEASURE = "Onyesha"
MEASURES = {"deviation": "Umbali kutoka lugha ya wastani", "rms": "Nguvu ya uamilishaji"}
ALL_LANGUAGES = "Zote (mtawanyo)"
ACTIVATION_HEADING = "### Jinsi lugha zinavyotumia kila bloku kwa tofauti"
ACTIVATION_HELP = (
    "Kila kisanduku: nguvu za chaneli za lugha moja ziko mbali kiasi gani na wastani wa lugha za usawazishaji, ikilinganishwa na "
    "wastani huo (0: sawasawa nao). Safu mlalo ya chini ni wastani wa lugha: mtawanyo kati ya lugha (cross-lingual variance)."
)
RMS_HELP = "Kila kisanduku: kipeuo cha pili cha wastani wa miraba (RMS) ya uamilishaji unaoingia kwenye uzito huu, kwa vizio vya modeli yenyewe."
SIMILARITY_HEADING = "### Lugha zipi zinafanana ndani ya modeli"
SIMILARITY_HELP = (
    "Uhusiano (correlation) wa nguvu (logi) za chaneli za lugha mbili, kwa wastani wa bloku zote. Tofauti ni ndogo kwa sababu lugha "
    "zote zinashiriki chaneli zenye nguvu zaidi; rangi zinaenea kwenye eneo lililopatikana."
)
ONE_LANGUAGE = "Lugha moja ya usawazishaji: hakuna cha kuilinganisha nayo."

SPARSITY_HEADING = "### Kiwango cha upogoaji cha kila bloku"
SPARSITY_HELP = (
    "Jinsi {method} inavyosambaza kiwango cha upogoaji kwenye bloku. Sogeza kitelezi: mstari hufuata papo hapo, ukikokotolewa kutoka umuhimu wa "
    "bloku uliohifadhiwa pamoja na jaribio, bila kuendesha modeli tena."
)
PREVIEW = "Kiwango cha upogoaji cha kuonyeshwa awali (%)"
PREVIEW_INFO = "Husogea pamoja na kitelezi cha jaribio linalofuata."
LAYERS_HEADING = "### Kiwango cha upogoaji cha kila matriksi ya uzito katika jaribio hili"
LAYERS_VIEW = "Onyesha"
LAYERS_VIEWS = {"achieved": "Kilichofikiwa", "allocated": "Kilichogawiwa", "difference": "Tofauti na mgawanyo sawa"}
LAYERS_HELP = "Uzito huondolewa kwa hesabu nzima katika kila safu mlalo ya matokeo, kwa hiyo kilichofikiwa kinaweza kuwa hadi uzito mmoja kwa safu mlalo chini ya kilichogawiwa."

LANGUAGES_HEADING = "### Mkanganyiko: kila lugha imekuwa vigumu kiasi gani zaidi kutabiri"
LANGUAGES_HELP = (
    "Mkanganyiko baada ya upogoaji ukigawanywa kwa mkanganyiko kabla yake, kwa matini zilezile; 1 ina maana haujabadilika. Vijiti ni wigo wa 95% "
    "kwa matini. Uwiano unaweza kulinganishwa kati ya lugha, mkanganyiko wenyewe hauwezi (tokeni zinatofautiana)."
)
VIEW = "Onyesha"
VIEWS = {"difference": "Tofauti", "both": "Kabla na baada"}
ACCURACY_HEADING = "### Usahihi wa kuchagua: je, modeli bado inajua mwendelezo upi ndio wenyewe?"
ACCURACY_HELP = (
    "Imepimwa kwa {items}, kila swali likiwa na miendelezo minne, kwa hiyo kubahatisha hutoa {chance}. Vijiti ni wigo wa 95%. Nukta tupu: modeli kamili "
    "yenyewe haiwezi kutofautishwa na kubahatisha katika lugha hii, kwa hiyo mabadiliko hapo hayasemi chochote."
)
ACCURACY_NONE = "Usahihi wa kuchagua haukupimwa katika jaribio hili."
SUMMARY_HEADING = "### Lugha zote kwa mtazamo mmoja"
SUMMARY_HELP = "Mkanganyiko (Mkang.) na usahihi wa kuchagua (Usah.) kabla na baada ya upogoaji. Iliyokolea zaidi ni mbaya zaidi; katika safu wima ya mwisho nyekundu ni kupungua kwa usahihi na buluu ni kuongezeka."
WORST = "iliyoathirika zaidi"
ROLES = {"calibration": "imetumika kusawazisha", "held-out": "haikutumika kusawazisha"}

TABLES_HELP = (
    "Kila jedwali lililo nyuma ya michoro. Jaribio zima, pamoja na mipangilio na matoleo yake, limo katika report.json."
)
DOWNLOAD_CSV = "Pakua CSV"
DOWNLOAD_ALL = "Pakua kila kitu (ZIP)"
TABLE_TITLES = {
    "languages": "Lugha, modeli kamili dhidi ya iliyopogolewa",
    "allocation": "Kiwango cha upogoaji cha kila bloku",
    "layers": "Kiwango cha upogoaji cha kila matriksi ya uzito",
    "activations": "Takwimu za uamilishaji",
    "similarity": "Ufanano wa lugha",
    "texts": "Kila matini iliyopimwa",
    "choices": "Kila swali la kuchagua",
}

HOVER_POINTS = "pointi %{x:+.0f}"
HOVER_INTERVAL = "95%: %{customdata[1]:.3g} hadi %{customdata[2]:.3g}"
AXIS_BLOCK = "Bloku ya dikoda (0 ndiyo iliyo karibu zaidi na matini)"
AXIS_LANGUAGE = "Lugha"
AXIS_OTHER = "Lugha nyingine"
AXIS_MODULE = "Matriksi ya uzito"
AXIS_SPARSITY = "Kiwango cha upogoaji (% ya uzito ulioondolewa)"
AXIS_RATIO = "Mkanganyiko baada ÷ kabla ya upogoaji<br>(skeli ya logi, bila kizio)"
AXIS_BITS = "Hasara (biti kwa baiti ya matini),<br>chini ni bora"
AXIS_ACCURACY = "Maswali yaliyojibiwa sahihi (%)"
AXIS_CHANGE = "Mabadiliko ya usahihi<br>(pointi za asilimia)"
AXIS_MEASURE = "Kipimo"
BAR_DEVIATION = "linganifu"
BAR_RMS = "RMS"
BAR_CORRELATION = "uhus."
BAR_PERCENT = "%"
BAR_POINTS = "pointi"
LEGEND_UNIFORM, LEGEND_THIS_RUN, LEGEND_ACHIEVED = (
    "sawa kwa zote",
    "kilichogawiwa katika jaribio hili",
    "kilichofikiwa katika jaribio hili",
)
LEGEND_PREVIEW = "kwa {value:.0f}%"
LEGEND_CHANCE = "kubahatisha"
LEGEND_DENSE, LEGEND_PRUNED = "kabla (kamili)", "baada (iliyopogolewa)"
SUMMARY_COLUMNS = (
    "Mkang.<br>kabla",
    "Mkang.<br>baada",
    "Mkang.<br>uwiano",
    "Usah.<br>kabla",
    "Usah.<br>baada",
    "Usah.<br>badiliko",
)

COLUMNS: Mapping[str, str] = {
    "name": "Lugha", "language": "Msimbo", "role": "Nafasi", "texts": "Matini", "tokens": "Tokeni", "bytes": "Baiti",
    "dense_perplexity": "Kabla", "pruned_perplexity": "Baada", "perplexity_ratio": "Uwiano",
    "ratio_interval": "Wigo wa 95%", "change_interval": "Wigo wa 95%",
    "increase": "Ongezeko la hasara (nat)", "items": "Maswali", "dense_accuracy": "Kabla %", "pruned_accuracy": "Baada %",
    "accuracy_change": "Pointi", "informative": "Juu ya kubahatisha",
    "block": "Bloku", "input": "Ingizo la", "rms": "RMS", "deviation": "Umbali", "variance": "Mtawanyo",
    "other_name": "Lugha nyingine", "correlation": "Uhusiano", "module": "Matriksi", "weights": "Uzito",
    "allocated": "Kilichogawiwa %", "achieved": "Kilichofikiwa %", "sparsity": "Kilichogawiwa %",
    "importance": "Umuhimu", "preview": "Onyesho la awali %", "kept": "Uliobakizwa", "pruned": "Uliopogolewa", "zeros_before": "Sifuri za awali",
}  # fmt: skip


def headline(method: str, removed: float, mean: str, calibrated: str, held_out: str, worst: str, worst_times: str) -> str:
    """What a run did, for someone who reads nothing else. `calibrated` or `held_out` is empty where there was none."""
    text = (
        f"**{method} imeondoa {percent(removed, 1)} ya uzito unaopogoleka.** Mkanganyiko umekuwa mara {mean} ya ulivyokuwa, kwa wastani wa "
        f"lugha zote zilizopimwa"
    )
    if calibrated and held_out:
        text += f": mara {calibrated} katika lugha za usawazishaji, mara {held_out} katika lugha ambazo usawazishaji haukuziona kamwe"
    return f"{text}. **{worst}** imepoteza zaidi: mara {worst_times}."


def of_model(model: Mapping[str, object]) -> str:
    """How much of the model can be pruned at all."""
    prunable, everything = float(str(model["prunable"])), float(str(model["parameters"]))
    return f"ya uzito milioni {prunable / 1e6:,.0f} unaopogoleka; modeli ina milioni {everything / 1e6:,.0f}"


def made_on(device: str, dtype: str, versions: Mapping[str, str]) -> str:
    """Under which circumstances a run was made."""
    return f"{device}, {dtype}; torch {versions.get('torch', '?')}, transformers {versions.get('transformers', '?')}."


# --- weighing ------------------------------------------------------------------------------------------------------------

TAB_WEIGHTS = "Uzito"
JOIN, AND = ", ", " na "

WEIGHTS_HEADING = "### Uzito upi ulibaki?"
WEIGHTS_HELP = (
    "Kila kisanduku ni matriksi moja ya uzito ya jaribio hili, yenye rangi kulingana na sehemu yake iliyoondolewa. **Bofya kisanduku**, au chagua bloku na "
    "matriksi hapa chini, ili kuona sifuri zake ziko wapi na kwa nini uzito ulibaki au uliondoka."
)
WEIGHTS_BLOCK, WEIGHTS_MATRIX = "Bloku", "Matriksi"
WEIGHTS_MAP = "Kiwango cha upogoaji cha kila matriksi ya uzito. Bofya kisanduku ili kufungua matriksi hiyo; menyu zilizo chini hufanya vivyo hivyo"
WEIGHTS_NO_MASKS = (
    "Jaribio hili lilitunzwa bila barakoa zake (mfano huziacha ili ubaki mdogo), kwa hiyo uzito mmojammoja hauwezi kuangaliwa. Bonyeza "
    "**Pogoa**: jaribio lako mwenyewe litakuwa nazo."
)
WEIGHTS_OPENING = "Matriksi inafunguliwa ..."
CLICK_FAILED = (
    "Picha hii haikuweza kuchorwa katika kivinjari hiki; menyu na sehemu za kujaza zilizo chini hufanya sawa na kubofya."
)

PICTURE_TITLE = "#### {module}, bloku {block}: matokeo {outputs} × maingizo {inputs}, {share} imeondolewa"
PICTURE_REGULAR = "Kati ya kila maingizo {m} jirani, {n} kamili hubaki: ruwaza ya {n}:{m}."
DENSITY_HEADING = "#### Matriksi nzima kutoka mbali"
DENSITY_HELP = "Kila kisanduku ni kipande cha matriksi, chenye rangi kulingana na sehemu ya uzito wake iliyoondolewa. Bofya kimoja ili kuhamishia dirisha la chini hapo."
DENSITY_LABEL = "Matriksi kutoka mbali: sehemu iliyoondolewa katika kila kipande. Bofya kipande ili kuhamishia dirisha hapo; vitelezi hufanya vivyo hivyo"
WINDOW_HEADING = "#### Dirisha la uzito mmojammoja"
WINDOW_HELP = "Uzito wa buluu ulibaki, uliopauka uliondolewa. **Bofya uzito** ili kuuliza kwa nini, au andika tokeo na ingizo lake hapa chini."
WINDOW_LABEL = "Dirisha la uzito mmojammoja, uliobakizwa au ulioondolewa. Bofya mmoja ili kuuliza kwa nini; sehemu za kujaza zilizo chini hufanya vivyo hivyo"
WINDOW_ROW, WINDOW_COLUMN = "Tokeo la kwanza linaloonyeshwa", "Ingizo la kwanza linaloonyeshwa"
SHARES_HEADING = "#### Je, baadhi ya matokeo au maingizo hukatwa zaidi kuliko mengine?"
SHARES_HELP = (
    "Sehemu ya uzito wa kila tokeo (safu mlalo) na ya uzito wa kila chaneli ya ingizo (safu wima) iliyoondolewa. Mbinu inayolinganisha "
    "uzito ndani ya safu mlalo huondoa idadi ileile katika kila safu mlalo; kutolingana kwa safu wima ndiko usawazishaji unakoamua."
)
SHARES_ORDER = "Mpangilio"
SHARES_ORDERS = {"sorted": "Zimepangwa", "placed": "Kama zilivyo katika matriksi"}
SHARES_ROWS, SHARES_COLUMNS = "Sehemu iliyoondolewa, kwa tokeo", "Sehemu iliyoondolewa, kwa chaneli ya ingizo"
AXIS_OUTPUT, AXIS_INPUT = "Tokeo (safu mlalo)", "Chaneli ya ingizo (safu wima)"
AXIS_OUTPUT_SORTED, AXIS_INPUT_SORTED = "Matokeo, yaliyoondolewa zaidi kwanza", "Chaneli za ingizo, zilizoondolewa zaidi kwanza"
AXIS_REMOVED = "Iliyoondolewa (%)"
HOVER_PATCH = "matokeo {rows}, maingizo {columns}"
HOVER_KEPT, HOVER_REMOVED = "umebakizwa", "umeondolewa"
HOVER_CELL = "tokeo %{y}, ingizo %{x}: %{text}<extra></extra>"
HOVER_SHARE = "%{x}: %{y:.1f} % imeondolewa<extra></extra>"
SHARE_COLUMNS = {"part": "Kati ya yote", "row": "Matokeo hupoteza si zaidi ya %", "column": "Maingizo hupoteza si zaidi ya %"}
SHARE_PARTS = {0.0: "ya chini kabisa", 0.05: "5%", 0.25: "robo", 0.5: "nusu", 0.75: "robo tatu", 0.95: "95%", 1.0: "yote"}
SHARE_TABLE = "Sehemu zilizoondolewa kwa tokeo na kwa chaneli ya ingizo"

WHY_HEADING = "#### Kwa nini uzito huu?"
WHY_ROW, WHY_COLUMN, WHY_ASK = "Tokeo (safu mlalo)", "Ingizo (safu wima)", "Kwa nini?"
WHY_EMPTY = "Bofya uzito katika dirisha, au andika mahali pake na ubonyeze **Kwa nini?**."
WHY_FIGURE = "Uamilishaji wa chaneli ya ingizo, kwa lugha"
WHY_KEPT, WHY_REMOVED = "**Umebakizwa.**", "**Umeondolewa.**"
WHY_WEIGHT = "Uzito {value} unasoma ingizo {column} na kulisha tokeo {row} la `{module}` katika bloku {block}."
WHY_NEW = "Kisha mbinu iliupa thamani mpya: {value}."
WHY_NO_STATISTICS = "Jaribio hili lilitunzwa bila takwimu za usawazishaji wake, kwa hiyo haiwezekani kusema alama yake wala kila lugha iliuonaje."
WHY_SCORE = "Alama yake ni {score}: nafasi ya {place} kati ya alama {size} {group}, ukihesabu kuanzia ya juu zaidi, na {kept} kati yake hubaki"
WHY_THRESHOLD = "; alama ya chini zaidi iliyobakizwa hapo ni {threshold}."
WHY_NOTHING_KEPT = "; hakuna kinachobakizwa hapo."
WHY_GROUPS = {
    "row": "za uzito wa tokeo lake",
    "layer": "za uzito wa matriksi yake",
    "global": "za uzito wa matriksi yake (modeli nzima ina kizingiti kimoja)",
    "n:m": "za majirani",
}
WHY_GOES = "Ungeondoka mara tu {share} au zaidi ya {group} inapoondolewa, kwa uamilishaji uliopimwa katika jaribio hili."
WHY_STAYS = "Ungebaki maadamu chini ya {share} ya {group} inaondolewa, kwa uamilishaji uliopimwa katika jaribio hili."
WHY_WHOLE = {"row": "uzito wa tokeo lake", "layer": "matriksi yake", "global": "matriksi yake"}
WHY_PLACE = "Unabaki chini ya kila ruwaza inayobakiza {place} au zaidi kati ya majirani {size}."
WHY_BLIND = "Alama ya mbinu hii haiangalii uamilishaji, kwa hiyo kila lugha peke yake ingeamua vilevile."
WHY_ALL = "**Kila lugha ya usawazishaji peke yake** ingeubakiza pia."
WHY_NONE = "**Hakuna lugha ya usawazishaji peke yake** ambayo ingeubakiza."
WHY_SOME = "Kwa kila lugha peke yake: kwa **{keep}** ungebakizwa; kwa **{drop}** ungeondolewa."
WHY_ONE_LANGUAGE = "Usawazishaji ulifanywa kwa {name} pekee, kwa hiyo hakuna maoni mengine."
WHY_MISSING = "{method} ilitumia pia {gone}, ambayo hakuna jaribio linaloitunza; alama zinazoonyeshwa ni za Wanda (uzito mara uamilishaji) badala yake."
WHY_GONE = {
    "full_gradient": "gradienti ya hasara",
    "relevance": "mnyambuliko kwa kanuni za LRP",
    "regional_gradient": "gradienti kupitia bloku",
    "repair": "thamani ya uzito kama ukarabati ulivyoiacha kabla ya kukatwa",
}
WHY_SOLVER = "{solver} hutafuta barakoa yenyewe, kwa hiyo alama si neno la mwisho."
WHY_SPARED = "Jaribio hili lilibakiza uzito wa niuroni za {names} kabla ya mwingine wote, bila kujali alama yake."
WHY_NOT_WALKED = "Jaribio lilipima kila bloku upya nyuma ya zilizopogolewa kabla yake; lilitunza uamilishaji wa modeli kamili pekee, unaoonyeshwa hapa."
WHY_DIFFERS = "Kubakiza alama za juu zaidi kati ya hizi hakungetoa uchaguzi uleule kamili uliofanywa hapa."
WHY_CHANGED = (
    "Sababu inaweza kuwa ukadiriaji wa tarakimu wa mashine nyingine, au kwamba faili za modeli si zile za jaribio tena."
)
WHY_COLUMNS = {
    "name": "Lugha", "rms": "Uamilishaji (RMS)", "score": "Alama", "threshold": "Ya chini iliyobakizwa", "place": "Nafasi", "keeps": "Peke yake",
}  # fmt: skip
WHY_TABLE = "Kila lugha peke yake inauonaje uzito huu"
WHY_KEEPS, WHY_DROPS = "inaubakiza", "inauondoa"
WHY_AXIS = "Kipeuo cha pili cha wastani wa miraba (RMS) ya chaneli ya ingizo"
WHY_HOVER = "{name}: {rms}<br>alama {score}, {verdict}"

DENSE_NEEDED = (
    "Uzito kamili wa modeli hii hauko tayari kwenye diski hii: ni lazima uletwe au ufunguliwe mara moja (hadi dakika moja kwa "
    "modeli iliyojumuishwa)."
)
DENSE_READ = "Soma uzito kamili"
DENSE_JOB = "Kusoma uzito kamili"
DENSE_LOADING = "Kupakia modeli"
DENSE_SHARED = "Kwenye seva hii ya pamoja, uzito kamili wa modeli iliyo katika folda hauwezi kusomwa."
DENSE_OTHER = "Modeli {source!r} imebadilika tangu jaribio: uzito wake si ule uliopogolewa."


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them."""
    return names[0] if len(names) == 1 else JOIN.join(names[:-1]) + AND + names[-1]


# --- reasons -------------------------------------------------------------------------------------------------------------

TAB_REASONS = "Sababu zinazowezekana"
REASONS_HELP = (
    "Tafiti zinazotafuta ni nini kinachoambatana na hasara. Zinaonyesha kuambatana, si chanzo: kila moja inasema nini kingeonekana "
    "kwa bahati tu, na kinaweza kuwa kikubwa kiasi gani kwa upeo."
)
ABSENT = "Hili halikupimwa katika jaribio hili. Fungua **Pima zaidi** upande wa kushoto, weka alama kwenye **{study}**, kisha bonyeza **Pogoa**."

OVERLAP_HEADING = "### Je, uzito uleule ungeondolewa kwa lugha nyingine?"
OVERLAP_HELP = (
    "Kila lugha peke yake inaamua uzito upi uondolewe; kisanduku kinasema chaguo mbili za namna hiyo zinakubaliana kiasi gani. **0** ni kile ambacho chaguo mbili za bahati nasibu za ukubwa "
    "uleule hushiriki, 1 ni chaguo lilelile. Ulalo wenye fremu ni **kikomo cha juu**: lugha ileile kwa matini nyingine. Lugha mbili ambazo kisanduku chake "
    "kinakaribia vikomo vyake vya juu zinahitaji uzito uleule; kupogoa kwa ajili ya moja kunaihudumia basi na nyingine."
)
OVERLAP_WHERE = "Sehemu ya modeli"
OVERLAP_WHOLE = "Modeli nzima"
OVERLAP_MODULE = "Matriksi: {name}"
OVERLAP_BLOCK = "Bloku {block}"
OVERLAP_VIEW = "Onyesha"
OVERLAP_VIEWS = {"corrected": "Mwingiliano zaidi ya bahati", "of_ceiling": "Kama sehemu ya kikomo cha juu"}
OVERLAP_BLOCKS_HEADING = "### Ni wapi katika modeli lugha hufuata njia zake zenyewe"
OVERLAP_BLOCKS_HELP = "Wastani wa jozi za lugha katika kila bloku, chini ya wastani wa kikomo cha juu. Kadiri pengo linavyokuwa pana, ndivyo uchaguzi wa uzito unavyotegemea lugha zaidi."
OVERLAP_ONE = "Lugha moja ya usawazishaji: hakuna jozi ya kulinganisha. Kikomo cha juu ni {value:.3f}."
BAR_OVERLAP, BAR_OF_CEILING = "mwingiliano", "sehemu"
HOVER_OVERLAP = "{a} na {b}<br>zaidi ya bahati {corrected:.3f}<br>kikomo cha juu {ceiling:.3f}<br>IoU {iou:.3f}, kwa bahati tu {expected:.3f}"
HOVER_CEILING = (
    "{a}, matini nyingine ya lugha ileile<br>kikomo cha juu {corrected:.3f}<br>IoU {iou:.3f}, kwa bahati tu {expected:.3f}"
)
LEGEND_PAIRS, LEGEND_CEILING, LEGEND_RANDOM = "lugha mbili (wastani)", "lugha ileile, matini nyingine", "bahati tu"
AXIS_OVERLAP = "Mwingiliano zaidi ya bahati"

NEURONS_HEADING = "### Niuroni za lugha ziko wapi"
NEURONS_HELP = (
    "Niuroni za modeli kamili zinazoamka kwa lugha chache (1% ya niuroni zote, zilizochaguliwa kwa entropia ya kuamka kwake). Niuroni inaweza "
    "kuwa ya lugha kadhaa. Hupatikana kwa matini za usawazishaji, kwa hiyo kwa lugha za usawazishaji tu."
)
NEURONS_PRUNED_HEADING = "### Je, upogoaji huondoa zaidi kwazo kuliko kwa nyingine?"
NEURONS_PRUNED_HELP = (
    "Wastani wa sehemu iliyoondolewa ya uzito unaotoka kwenye niuroni (safu wima yake katika matriksi ya down). Kijiti cha kijivu kina 95% ya "
    "niuroni za bahati nasibu, idadi ileile na kutoka bloku zilezile: ndani yake, niuroni za lugha zinatendewa kama nyingine yoyote. Mbinu "
    "inayolinganisha uzito ndani ya safu mlalo huchukua sehemu ileile ya kila safu mlalo bila kujali lugha, kwa hiyo safu wima pekee ndizo zinazoweza kuonyesha."
)
NEURONS_DRIFT_HEADING = "### Je, ni niuroni zilezile baadaye?"
NEURONS_DRIFT_HELP = (
    "Niuroni za lugha zilizotafutwa tena katika modeli iliyopogolewa. Niuroni zilizopotea ziliacha kuwa maalumu kwa lugha; mpya zilichukua nafasi yake. "
    "Mabadiliko kiasi yangeonekana kwa matini nyingine hata bila upogoaji wowote."
)
NEURONS_NONE = "Hakuna niuroni za lugha zilizopatikana."
LEGEND_OWN, LEGEND_CONTROL = "niuroni za lugha", "niuroni za bahati nasibu, bloku zilezile (95%)"
LEGEND_SHARED, LEGEND_LOST, LEGEND_NEW = "bado zipo", "zilizopotea", "mpya"
AXIS_COLUMN = "Uzito unaotoka ulioondolewa (%)"
AXIS_NEURONS = "Niuroni"
BAR_NEURONS = "niuroni"
HOVER_NEURONS = "{name}, bloku {block}: niuroni {neurons} ({share} ya bloku)"
HOVER_NEURONS_PRUNED = "{name}, niuroni {neurons}<br>imeondolewa {column:.1f}%<br>bahati nasibu {random:.1f}% ({low:.1f} hadi {high:.1f})<br>{verdict}"
NEURONS_INSIDE, NEURONS_ABOVE, NEURONS_BELOW = (
    "kama niuroni za bahati nasibu",
    "zaidi ya niuroni za bahati nasibu",
    "chini ya niuroni za bahati nasibu",
)

PREDICTORS_HEADING = "### Ni nini kinachoambatana na hasara ya lugha?"
PREDICTORS_HELP = "Nukta moja kwa kila lugha. Juu zaidi: ilipoteza zaidi. **Uhusiano, si chanzo**: lugha hutofautiana kwa mambo mengi kwa pamoja."
PREDICTOR_MENU = "Dhidi ya"
PREDICTORS = {
    "similarity": "Kufanana na mchanganyiko wa usawazishaji",
    "cosine": "Kufanana na mchanganyiko (kosini ya kawaida)",
    "fertility": "Tokeni kwa baiti",
    "dense_loss": "Hasara ya modeli kamili",
    "dense_bits": "Biti kwa baiti za modeli kamili",
    "log_share": "Sehemu ya matini za wavuti",
    "mask_overlap": "Kukubaliana kwa barakoa yake na ya mchanganyiko",
    "neurons_pruned": "Sehemu iliyoondolewa ya uzito wa niuroni zake",
}
PREDICTOR_AXES = {
    "similarity": "Kufanana kwa uamilishaji wake na<br>mchanganyiko wa usawazishaji (kosini kwa skeli ya logi)",
    "cosine": "Kufanana kwa uamilishaji wake na<br>mchanganyiko wa usawazishaji (kosini)",
    "fertility": "Tokeni kwa baiti ya matini",
    "dense_loss": "Hasara ya modeli kamili (nat kwa tokeni)",
    "dense_bits": "Hasara ya modeli kamili (biti kwa baiti)",
    "log_share": "Matini za wavuti katika lugha hii (logi ya megabaiti)",
    "mask_overlap": "Mwingiliano wa barakoa yake na ya mchanganyiko,<br>zaidi ya bahati",
    "neurons_pruned": "Sehemu iliyoondolewa ya uzito<br>unaotoka kwenye niuroni zake za lugha",
}
AXIS_INCREASE = "Ongezeko la hasara (nat kwa tokeni)"
HOVER_PREDICTOR = "{name} ({role})<br>{what}: {value:.3g}<br>ongezeko la hasara nat {increase:.3f}"
PREDICTOR_NONE = "Takwimu hii haijulikani kwa lugha yoyote ya jaribio hili."
CORRELATION_FEW = "Lugha {n}: chache mno kwa uhusiano wa kitakwimu."
CORRELATION = "**r = {r:+.2f}** kwa lugha {n}{interval}; p = {p} kwa kuchanganya mpangilio (permutations). Kwa nafasi: {rho:+.2f}, p = {rho_p}."
CORRELATION_INTERVAL = ", 95% {low:+.2f} hadi {high:+.2f}"
CORRELATION_NO_INTERVAL = ", chache mno kwa wigo"
CORRELATION_WARNING = (
    "Uhusiano, si chanzo. Takwimu {tests} ziliangaliwa: moja kati ya ishirini ina p chini ya 0.05 kwa bahati tu."
)
CORRELATION_GROUPS = {"all": "zote", "calibration": "zilizotumika kusawazisha", "held-out": "zisizotumika kusawazisha"}
CORRELATION_COLUMNS = {
    "predictor": "Takwimu", "languages": "Lugha", "n": "n", "pearson": "r", "interval": "Wigo wa 95%", "pearson_p": "p",
    "spearman": "Kwa nafasi", "spearman_p": "p ya nafasi",
}  # fmt: skip

WRITING_HEADING = "### Modeli hizo mbili huandika nini"
WRITING_HELP = (
    "Zote mbili huendeleza mwanzo uleule, daima kwa neno lifuatalo lenye uwezekano mkubwa zaidi. Soma matini kabla ya takwimu: hasara ya sehemu chache za kumi inaweza kuwa "
    "matini fasaha yenye mambo mengine, au neno linalorudiwa milele."
)
WRITING_LANGUAGE = "Lugha"
WRITING_BEFORE, WRITING_AFTER = "Modeli kamili", "Modeli iliyopogolewa"
WRITING_OPENING = "Mwanzo"
WRITING_EMPTY = "(hakuna: modeli ilimaliza matini papo hapo)"
WRITING_SAME = "Sawa neno kwa neno."
WRITING_AGREE = "Tokeni {count} za kwanza ni zilezile."
WRITING_AGREE_ONE = "Tokeni ya kwanza ni ileile."
WRITING_APART = "Zinatofautiana kuanzia tokeni ya kwanza."
WRITING_LOOP = "tokeni {count} katika mzunguko"
WRITING_REPEATED = "{share} ya mifuatano ya tokeni tatu imerudiwa"
WRITING_IN = "kwa {name} ({share})"
WRITING_UNKNOWN = "lugha haikutambuliwa"
WRITING_SCRIPT = "{share} kwa hati ya lugha hiyo"
WRITING_ENDED = "iliisha yenyewe"
ON_LANGUAGE_HEADING = "### Je, bado inajibu kwa lugha ya mwanzo?"
ON_LANGUAGE_HELP = "Sehemu ya matini zilizo katika lugha ya mwanzo wake, pamoja na wigo wa 95%: mianzo {count} kwa kila lugha, kwa hiyo mabadiliko makubwa tu ndiyo yanayoweza kuonekana."
SCRIPT_HELP = (
    'Hakuna kitambua lugha kilichosakinishwa (`pip install "mwanda-explorer[langid]"`), kwa hiyo hii ni sehemu ya herufi zilizo katika '
    "hati ya lugha hiyo; lugha za hati ya Kilatini haziwezi kutofautishwa kwa njia hii."
)
REPETITION_HEADING = "### Je, inajirudia?"
REPETITION_HELP = (
    "Sehemu ya mifuatano ya tokeni tatu iliyokwisha kutokea katika matini hiyohiyo; 0 ina maana hakuna marudio kabisa."
)
AXIS_ON_LANGUAGE, AXIS_SCRIPT = "Matini katika lugha sahihi (%)", "Herufi katika hati sahihi (%)"
AXIS_REPETITION = "Mifuatano ya tokeni tatu iliyorudiwa (%)"
WRITING_COLUMNS = {
    "name": "Lugha", "prompts": "Mianzo", "on_language_dense": "Lugha sahihi kabla %", "on_language_pruned": "Lugha sahihi baada %", "p_value": "p",
    "script_share_dense": "Hati sahihi kabla %", "script_share_pruned": "Hati sahihi baada %", "repetition_dense": "Iliyorudiwa kabla %",
    "repetition_pruned": "Iliyorudiwa baada %", "same": "Matini ileile %",
}  # fmt: skip

PROFILE_HEADING = "### Zaidi ya mkanganyiko"
PROFILE_HELP = "Modeli mbili zinaweza kupoteza sawa na bado zikatofautiana ndani. Mitazamo mitatu ya matini zilezile, kabla na baada ya upogoaji; vijiti ni wigo wa 95% kwa matini."
PROFILE_LANGUAGE = "Lugha"
PROFILE_ALL = "Lugha zote (wastani)"
ERANK_HEADING = "#### Maneno ya matini yanatofautiana katika mielekeo mingapi?"
ERANK_HELP = (
    "Ranki fanisi (effective rank) ya hali fiche za matini baada ya kila bloku. Chini zaidi baada ya upogoaji: modeli inatofautisha maneno katika mielekeo "
    "michache zaidi. Nukta ya mwisho, nyota, ni baada ya usanifishaji (norm) wa mwisho; jedwali lina hiyo."
)
TAU_HEADING = "#### Je, maneno yafuatayo yenye uwezekano mkubwa zaidi bado yako katika mpangilio uleule?"
TAU_HELP = "τ ya Kendall kati ya mpangilio wa modeli kamili na wa iliyopogolewa wa maneno k yenye uwezekano mkubwa zaidi kwa modeli kamili: 1 mpangilio uleule, 0 hakuna la pamoja."
ENERGY_HEADING = "#### Je, ushahidi wa neno lolote umedhoofika?"
ENERGY_HELP = (
    "Mhamo wa nishati iliyowekwa katikati (nat). Kuelekea kulia: logiti hujitokeza kidogo zaidi kutoka wastani wake, kwa hiyo modeli ina uhakika mdogo zaidi. "
    "Nishati ya kawaida haichorwi: nyongeza ileile kwa logiti zote huihamisha bila kudhuru chochote."
)
AXIS_ERANK = "Ranki fanisi"
AXIS_TAU = "τ ya Kendall (1: mpangilio uleule)"
AXIS_ENERGY = "Mhamo wa nishati iliyowekwa katikati (nat, iliyopogolewa − kamili)"
LEGEND_TOP = "{k} ya juu"
FINAL_NORM = "baada ya usanifishaji (norm) wa mwisho"
HOVER_ERANK = "{place}<br>{side}: {value:.1f}"
HOVER_TAU = "{name}, {k} ya juu: {value:.3f} ({low:.3f} hadi {high:.3f})<br>nafasi {positions}"
HOVER_ENERGY = "{name}: nat {value:+.2f} ({low:+.2f} hadi {high:+.2f})<br>kabla {before:.1f}, baada {after:.1f}<br>kutofautishwa na matini iliyochanganywa: {sep_before} kabla, {sep_after} baada"
PROFILE_NONE = "Hakuna cha kuchora."
PROFILE_COLUMNS = {
    "name": "Lugha", "erank_dense": "Ranki kabla", "erank_pruned": "Ranki baada", "tau_3": "τ 3 ya juu", "tau_10": "τ 10 ya juu", "tau_20": "τ 20 ya juu",
    "shift": "Mhamo wa nishati", "shift_interval": "Wigo wa 95%", "separation_dense": "Kutofautishwa kabla", "separation_pruned": "Kutofautishwa baada",
}  # fmt: skip
OVERLAP_COLUMNS = {
    "name": "Lugha",
    "other_name": "Lugha nyingine",
    "corrected": "Zaidi ya bahati",
    "ceiling": "Kikomo cha juu",
    "of_ceiling": "Sehemu ya kikomo cha juu",
    "iou": "IoU",
    "expected": "Kwa bahati tu",
}
NEURON_SHARE = "Sehemu ya bloku %"
NEURON_COLUMNS = {
    "name": "Lugha", "neurons": "Niuroni", "column": "Imeondolewa %", "random_column": "Bahati nasibu %", "random_interval": "Bahati nasibu, 95%",
    "shared": "Bado zipo", "lost": "Zilizopotea", "new": "Mpya", "jaccard": "Sehemu ya zilezile %",
}  # fmt: skip

STUDY_TABLE_TITLES = {
    "tasks": "Mitihani sanifu, modeli kamili dhidi ya iliyopogolewa",
    "task_means": "Mitihani sanifu, wastani wa lugha",
    "task_items": "Mitihani sanifu, kila swali",
    "overlap": "Mwingiliano wa barakoa za lugha",
    "overlap_modules": "Mwingiliano wa barakoa kwa matriksi ya uzito",
    "overlap_blocks": "Mwingiliano wa barakoa kwa bloku",
    "neurons": "Niuroni za lugha na upogoaji",
    "neuron_blocks": "Niuroni za lugha kwa bloku",
    "neuron_drift": "Niuroni za lugha kabla na baada",
    "predictors": "Yanayojulikana kuhusu kila lugha",
    "correlations": "Uhusiano na hasara",
    "generated_texts": "Matini zilizoandikwa",
    "generated_languages": "Matini zilizoandikwa, kwa lugha",
    "profile_layers": "Ranki fanisi kwa bloku",
    "profile_ranking": "Mpangilio wa maneno yenye uwezekano mkubwa zaidi",
    "profile_energy": "Nishati",
    "profile_positions": "Nishati kwa nafasi katika matini",
}


def agreement(count: int) -> str:
    """How long two texts are the same."""
    return WRITING_APART if count == 0 else WRITING_AGREE_ONE if count == 1 else WRITING_AGREE.format(count=count)


# --- taking --------------------------------------------------------------------------------------------------------------

TAB_TAKE = "Chukua"
TAKE_NOTHING = (
    "Hakuna jaribio linaloonyeshwa, kwa hiyo bado hakuna cha kuchukua: bonyeza **Pogoa**, au fungua jaribio la awali."
)

TAKE_FILES_HEADING = "### Faili za jaribio hili"
TAKE_FILES_HELP = "Chagua unachohitaji na ubonyeze **Tengeneza faili**; kisha uipakue."
TAKE_FILE_KIND = "Nini"
TAKE_FILE_KINDS = {
    "tables": "Majedwali yote, CSV na Parquet (ZIP)",
    "run": "Jaribio zima, la kufunguliwa na M-Wanda Explorer nyingine (ZIP)",
    "html": "Michoro yote kama ukurasa mmoja wa wavuti, unaosomeka bila mtandao (HTML)",
    "png": "Michoro yote kama picha (PNG ndani ya ZIP)",
    "svg": "Michoro yote kama vekta (SVG ndani ya ZIP)",
    "card": "Kadi ya kurudiwa kwa jaribio (Markdown)",
}
TAKE_FILE_HELP = {
    "tables": "Kila jedwali kwa usahihi wote wa tarakimu, pamoja na report.json: mipangilio, matoleo na modeli.",
    "run": "Ripoti, majedwali, barakoa, uzito mpya kama upo, na takwimu. `mwanda runs import FILE` huiingiza, na vivyo "
    "hivyo **Ingiza jaribio** hapa chini kwenye ukurasa wako mwenyewe.",
    "html": "Faili ina programu yake ya kuchorea, takriban MB 5; pitisha kielekezi juu ya mchoro ili kuona thamani zake.",
    "png": "Inahitaji nyongeza `figures` na Chrome au Chromium kwenye mashine inayoendesha ukurasa huu; inachukua sekunde kadhaa.",
    "svg": "Inahitaji nyongeza `figures` na Chrome au Chromium kwenye mashine inayoendesha ukurasa huu; inachukua sekunde kadhaa.",
    "card": "Yote yanayowezesha kurudia jaribio hili, na takwimu na heshi ya barakoa ambazo marudio yanapaswa kutoa; tazama **Vilevile tena**.",
}
TAKE_MAKE_FILE = "Tengeneza faili"
TAKE_DOWNLOAD = "Pakua"
TAKE_NO_KALEIDO = (
    'Picha zinahitaji kifurushi kaleido, ambacho hakijasakinishwa hapa: endesha `pip install "mwanda-explorer[figures]"`, au chukua '
    "michoro kama ukurasa mmoja wa wavuti."
)
TAKE_NO_CHROME = (
    "Picha huchorwa na Chrome au Chromium, na hakuna iliyoweza kuanzishwa hapa: sakinisha moja (au itaje katika kigeu "
    "BROWSER_PATH), au chukua michoro kama ukurasa mmoja wa wavuti."
)
TAKE_UNKNOWN_FILE = "Hakuna faili ya aina {given}; zilizopo ni: {known}."

TAKE_SHARE_HEADING = "### Shiriki"
TAKE_LINK = "Kiungo cha jaribio hili"
TAKE_LINK_LOCAL = (
    "Kiungo hufanya kazi kwa kila mtu anayeweza kufungua ukurasa huu; kwenye mashine yako mwenyewe ni wewe peke yako. Ili kumpa mtu mwingine jaribio, "
    "mtumie jaribio zima kama faili."
)
TAKE_LINK_SHARED = (
    "Yeyote mwenye kiungo hiki anaweza kufungua jaribio, na hakuna anayelipata bila kiungo: majaribio hayaorodheshwi hapa. Seva hii hutunza "
    "majaribio kwa muda ambao diski yake ipo tu, kwa hiyo chukua jaribio zima kama faili ikiwa utalihitaji tena."
)
TAKE_LINK_EXAMPLE = "Huu ni mfano uliomo katika kila M-Wanda Explorer, kwa hiyo kiungo huufungua kwa kila mtu."

TAKE_AGAIN_HEADING = "### Vilevile tena"
TAKE_COMMAND = "Amri inayorudia jaribio hili"
TAKE_PYTHON = "Vilevile kwa Python"
TAKE_CARD = "Kadi ya kurudiwa kwa jaribio"
TAKE_CARD_HELP = (
    "Kadi ina amri, matoleo, modeli pamoja na SHA-256 ya uzito wake, mbegu, vifungu vya usawazishaji, na "
    "takwimu na heshi ya barakoa ambazo marudio yanapaswa kutoa. Ipakue kwa **Faili za jaribio hili** hapo juu."
)
TAKE_AGAIN_UNKNOWN = "Jaribio hili lilifanywa na toleo ambalo mipangilio yake haijulikani kwa toleo hili, kwa hiyo haliwezi kurudiwa hapa: {problem}"

TAKE_MODEL_HEADING = "### Modeli iliyopogolewa"
TAKE_MODEL_HELP = (
    "Folda ambayo transformers ya kawaida huipakia: safetensors, kigawa-tokeni, usanidi, na kadi ya modeli. Ina ukubwa wa modeli "
    "kamili ({size}), kwa sababu uzito uliopogolewa huhifadhiwa kama sifuri."
)
TAKE_CARD_PREVIEW = "Kadi ya modeli inayoambatana nayo"
TAKE_NO_CARD = "Kadi ya modeli haikuweza kuandikwa: {problem}"
TAKE_FOLDER = "Folda kwenye mashine hii (si lazima)"
TAKE_FOLDER_INFO = "Tupu au ambayo bado haipo. Bila folda unapata faili ya ZIP ya kupakua."
TAKE_EXPORT = "Hamisha modeli"
TAKE_DOWNLOAD_MODEL = "Pakua modeli (ZIP)"
TAKE_LICENCE = "Leseni ya modeli ya msingi inahusu pia modeli iliyopogolewa."
TAKE_SCRATCH = "Faili ya ZIP inasubiri katika folda ya muda: {count} za mwisho hutunzwa, kwa muda usiozidi siku moja."
TAKE_NO_MASKS_EXAMPLE = (
    "Mfano una takwimu zake bila barakoa zake, kwa hiyo modeli yake haiwezi kutengenezwa kutokana nao. Bonyeza **Pogoa**: barakoa za jaribio lako "
    "mwenyewe hutunzwa, na modeli yake inaweza kuhamishwa."
)
TAKE_NO_MASKS = "Jaribio hili lilihifadhiwa bila barakoa zake, kwa hiyo modeli yake haiwezi kutengenezwa kutokana nalo: rudia jaribio kwa amri iliyo hapo juu."
TAKE_TOO_LARGE = (
    "Modeli ina {size}, na seva hii ya pamoja hutoa si zaidi ya {most}: chukua jaribio zima kama faili, na utengeneze modeli kwenye "
    "mashine yako mwenyewe kwa `mwanda runs import FILE` na `mwanda apply`."
)
TAKE_DISK = (
    "Nafasi ya diski ya {size} inahitajika kwa hili na {free} ipo wazi: toa nafasi, au chagua folda kwenye diski nyingine."
)
TAKE_SHARED_FOLDER = "Hii ni seva ya pamoja: haiandiki katika folda zozote. Acha sehemu ya folda tupu na upakue faili ya ZIP."
TAKE_FOLDER_RELATIVE = "Folda lazima iwe njia kamili, kama /home/me/model; iliyotolewa ni {given}."

TAKE_PUSH_HEADING = "#### Kwenda Hugging Face Hub"
TAKE_PUSH_HELP = (
    "Hupakia folda pamoja na kadi yake. Tokeni ya siri (access token) huenda kwenye Hub na si penginepo: hushikiliwa katika kumbukumbu hadi upakiaji uanze, "
    "haiandikwi kamwe popote, na sehemu yake ya kujaza hufutwa papo hapo."
)
TAKE_PUSH_SIGNED = "Ukiwa umeingia kwa Hugging Face, unaweza kuacha tokeni ya siri tupu."
TAKE_PUSH_NAME = "Jina kwenye Hub"
TAKE_PUSH_NAME_INFO = "mmiliki/jina"
TAKE_PUSH_TOKEN = "Tokeni ya siri yenye haki ya kuandika"
TAKE_PUSH_TOKEN_INFO = "Hutengenezwa kwenye ukurasa wa mipangilio wa Hub."
TAKE_PUSH_PRIVATE = "Binafsi: wewe tu unaiona"
TAKE_PUSH = "Pakia"
TAKE_TOKEN_GONE = "Tokeni ya siri haishikiliwi tena: hutunzwa kwa upakiaji mmoja na kwa muda usiozidi saa moja. Iandike tena na ubonyeze Pakia."

TAKE_COST_HEADING = "### Inaokoa nini kwa kweli"
TAKE_COST_HELP = (
    "Sifuri peke yake haziokoi baiti wala muda. Pima kwenye mashine inayoendesha ukurasa huu: baiti za modeli kamili na "
    "iliyopogolewa, ikiwa imefungashwa na isipofungashwa, za barakoa pekee, na muda wa pitio la mbele la kila moja, kwa zamu."
)
TAKE_COST_TOKENS = "Tokeni katika pitio"
TAKE_COST_REPEATS = "Mapitio ya kila moja"
TAKE_COST = "Pima"
TAKE_COST_COLUMNS = ("Nini", "Kamili", "Iliyopogolewa", "Iliyopogolewa ÷ kamili")
TAKE_COST_ROWS = {
    "bytes": "Uzito katika kumbukumbu na kwenye diski",
    "zip": "Katika faili ya ZIP, {how}",
    "masks": "Barakoa pekee, biti moja kwa kila uzito",
    "updates": "Uzito mpya kando ya barakoa",
    "time": "Pitio la mbele la tokeni {tokens}, mediani ya {count} ({device}, {dtype})",
    "spread": "Ya haraka zaidi hadi ya polepole zaidi",
}
TAKE_COST_PACKED, TAKE_COST_SAMPLED = "iliyofungashwa hapa", "iliyokadiriwa kutoka {share} ya baiti"
TAKE_COST_SENTENCES = "Kwa sentensi"
TAKE_COST_HARDWARE = "Maunzi hufanya nini na sifuri, na nani anasema hivyo"
TAKE_COST_SOURCE = "*Chanzo: {source}; {basis}.*"

TAKE_KEEP_HEADING = "### Majaribio kwenye mashine hii"
TAKE_NOTE = "Jina lako mwenyewe kwa jaribio hili"
TAKE_NOTE_INFO = "Huonyeshwa kabla ya kichwa katika orodha ya majaribio ya awali; likiachwa tupu huondolewa."
TAKE_NOTE_SAVE = "Hifadhi jina"
TAKE_NOTE_SAVED = "Limehifadhiwa."
TAKE_NOTE_LONG = "Jina huwa na herufi {most} au chini yake; hili lina {given}."
TAKE_DELETE = "Futa jaribio hili"
TAKE_DELETE_SURE = "Ndiyo, futa jaribio hili kabisa"
TAKE_DELETE_ASK = "Weka alama kwenye kisanduku kwanza: jaribio lililofutwa haliwezi kurudishwa."
TAKE_DELETED = "Jaribio limefutwa."
TAKE_DELETE_EXAMPLE = "Mfano ni sehemu ya usakinishaji na hauwezi kufutwa wala kubadilishwa jina."
TAKE_IMPORT = "Ingiza jaribio (ZIP)"
TAKE_IMPORTED = "Limeingizwa; linaonyeshwa sasa."
TAKE_LOCAL_ONLY = "Kwenye seva ya pamoja majaribio hayaorodheshwi, hayabadilishwi jina, hayafutwi wala kuingizwa."

TAKE_STAGE_LOAD = "Kupakia modeli"
TAKE_STAGE_APPLY = "Kutumia barakoa"
TAKE_STAGE_WRITE = "Kuandika modeli"
TAKE_STAGE_ZIP = "Kufungasha faili ya ZIP"
TAKE_STAGE_PUSH = "Kupakia kwenye Hub (hatua hii haiwezi kusimamishwa katikati)"
TAKE_JOB = {"export": "Uhamishaji wa {run}", "push": "Upakiaji wa {run}", "cost": "Gharama ya {run}"}
TAKE_CANCELLED = "Imesimamishwa; hakuna kilichotunzwa."
TAKE_EXPORTED = "Imekamilika baada ya {time}: faili ya ZIP ina {size}."
TAKE_EXPORTED_TO = "Imekamilika baada ya {time}: imeandikwa katika {folder}."
TAKE_PUSHED = "Imekamilika baada ya {time}: {address}"
TAKE_MEASURED = "Imepimwa kwa {time}."


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


FIGURE_PAGE_MADE = "Imetengenezwa na M-Wanda Explorer kutoka jaribio {run}. {title}."
FIGURE_TITLES = {
    "perplexity": "Mkanganyiko: kila lugha imekuwa vigumu kiasi gani zaidi kutabiri",
    "perplexity-before-after": "Hasara kabla na baada ya upogoaji",
    "accuracy": "Usahihi wa kuchagua: mabadiliko",
    "accuracy-before-after": "Usahihi wa kuchagua kabla na baada ya upogoaji",
    "texts": "Matini moja moja",
    "summary": "Lugha zote kwa mtazamo mmoja",
    "variance": "Jinsi lugha zinavyotumia kila bloku kwa tofauti",
    "strength": "Nguvu ya uamilishaji",
    "similarity": "Lugha zipi zinafanana ndani ya modeli",
    "allocation": "Kiwango cha upogoaji cha kila bloku",
    "layers": "Kiwango cha upogoaji cha kila matriksi ya uzito, kilichofikiwa",
    "layers-difference": "Kiwango cha upogoaji cha kila matriksi ya uzito, tofauti na mgawanyo sawa",
    "task": "Mtihani sanifu: {name}",
    "task-map": "Mitihani sanifu yote kwa mtazamo mmoja",
    "overlap": "Lugha zipi uzito wake unapogolewa kwa namna moja",
    "overlap-blocks": "Ni wapi katika modeli lugha hufuata njia zake zenyewe",
    "neuron-blocks": "Niuroni za lugha ziko wapi",
    "neurons": "Uzito uliopogolewa wa niuroni za lugha",
    "neuron-drift": "Niuroni za lugha kabla na baada",
    "predictors": "Ni nini kinachoambatana na hasara ya lugha: {name}",
    "on-language": "Zilizoandikwa katika lugha ya mwanzo",
    "repetition": "Marudio katika yale modeli zinayoandika",
    "erank": "Ranki fanisi",
    "tau": "Mpangilio wa maneno yafuatayo yenye uwezekano mkubwa zaidi",
    "energy": "Nishati",
}

API_NO_OBJECT = 'Mipangilio ni kitu (object) cha majina na thamani, kama {{"languages": ["en", "sw"]}}; iliyotolewa ni {given}.'
API_LIMIT = "Kwenye seva hii ya pamoja {name} ni {most} au chini yake; iliyotolewa ni {given}."
API_NO_JOBS = "Kwenye GPU ya pamoja jaribio huisha pamoja na ukurasa uliolianzisha, kwa hiyo hakuna linaloweza kuanzishwa kutoka programu: tumia ukurasa."
API_NO_RUNS = "Kwenye seva ya pamoja majaribio hayaorodheshwi: jaribio hufunguka kwa kiungo chake tu."
API_NO_TABLE = "Jaribio hili halina jedwali {given}; lina {known}."

# --- sweeping ------------------------------------------------------------------------------------------------------------

TAB_SWEEP = "Jaribu mengi"
SWEEP_TAB, PROTECT_TAB, UNFINISHED_TAB = "Mfululizo", "Linda lugha", "Majaribio yaliyokatizwa"

SWEEP_HELP = (
    "Mfululizo (sweep) ni majaribio mengi kutoka mpango mmoja: kila kiwango cha upogoaji kwa kila mbinu, kila mchanganyiko wa lugha na kila mbegu. "
    "Yote yasiyoulizwa hapa (modeli, matini, sehemu za mbinu, yanayopimwa) ni kama yalivyopangwa upande wa kushoto."
)
SWEEP_SPARSITIES = "Viwango vya upogoaji (%)"
SWEEP_SPARSITIES_INFO = "Asilimia ya uzito wa kuondolewa, zikitenganishwa kwa mkato."
SWEEP_METHODS = "Mbinu"
SWEEP_METHODS_INFO = "Mbinu zenye majina kwa mipangilio yake, na ile uliyoiunganisha upande wa kushoto."
SWEEP_LEFT = "Mbinu iliyo kushoto, kama ilivyopangwa"
SWEEP_MIXES = "Michanganyiko ya lugha za usawazishaji"
SWEEP_MIXES_INFO = "Mchanganyiko mmoja kwa kila mstari, lugha kwa jina au msimbo. Tupu: lugha zilizo kushoto."
SWEEP_MIXES_EXAMPLE = "en\nen, de, hi, sw\nHindi, Bengali, Tamil"
SWEEP_SEEDS = "Mbegu"
SWEEP_SEEDS_INFO = "Namba nzima: kila moja ni uchaguzi mwingine wa vifungu vya usawazishaji."
SWEEP_NAME = "Jina"
SWEEP_NAME_INFO = "Ili kuupata mfululizo tena. Tupu: wakati ulipoanza."
SWEEP_START, SWEEP_RESUME, SWEEP_FORGET = "Anzisha mfululizo", "Endelea", "Sahau mpango"
SWEEP_KEPT = "Mifululizo hadi sasa"
SWEEP_KEPT_NONE = "Mifululizo hadi sasa (bado hakuna)"
SWEEP_FORGOTTEN = "Mpango {name} umesahauliwa. Majaribio yake yanabaki."
SWEEP_WAITING = "Mpango unahesabiwa ..."
SWEEP_LOG = "Kumbukumbu za hatua za mfululizo"

SWEEP_NO_SPARSITY = "Hakuna kiwango cha upogoaji kilichotajwa: toa asilimia, kama 30, 50, 70."
SWEEP_BAD_SPARSITY = (
    "Viwango vya upogoaji ni asilimia kuanzia 1 hadi 99, zikitenganishwa kwa mkato; kimoja kilichotolewa ni {given}."
)
SWEEP_NO_METHOD = "Hakuna mbinu iliyochaguliwa: chukua ile iliyo kushoto, au zenye majina kutoka kwenye menyu."
SWEEP_BAD_LANGUAGE = "Hakuna matini katika {given}: chagua matini nyingine upande wa kushoto, au iache nje ya mchanganyiko."
SWEEP_NO_SEED = "Hakuna mbegu iliyotajwa: toa angalau namba nzima moja, kama 0."
SWEEP_BAD_SEED = "Mbegu ni namba nzima kuanzia 0, zikitenganishwa kwa mkato; moja iliyotolewa ni {given}."
SWEEP_TOO_MANY = "Mpango huu una majaribio {runs}; yanayoruhusiwa ni {most} au pungufu: acha baadhi nje."
SWEEP_TOO_MANY_SHARED = (
    "Mpango huu una majaribio {runs}, na kwenye seva hii ya pamoja mfululizo huwa na {most} au pungufu: acha baadhi nje, au endesha programu kwenye "
    "kompyuta yako mwenyewe."
)
SWEEP_TAKEN = "Tayari upo mfululizo mwingine wenye jina {name}: chagua jina jingine, au uuchague chini ya Mifululizo hadi sasa na uuendeleze."
SWEEP_ALL_KEPT = "Majaribio yote {runs} ya mpango huu tayari yametunzwa: ukiuanzisha, matokeo yake huonyeshwa mara moja."
SWEEP_LONG = "**Huo ni muda mrefu**: anza na majaribio machache zaidi, au mambo machache zaidi ya kupima. Mfululizo unaweza kughairiwa na kuendelezwa wakati wowote."
SWEEP_UNKNOWN_TIME = "Muda wake haujulikani kabla ya jaribio la kwanza la modeli hii."
SWEEP_LEFT_OUT = "Limeachwa nje, kwa sababu haliwezi kuendeshwa: {title}. {why}"
SWEEP_LEFT_OUT_MORE = "Miunganiko mingine {count} imeachwa nje, kwa sababu zake yenyewe."
SWEEP_FIXED = "Ruwaza {pattern} ina kiwango kimoja tu cha upogoaji, kwa hiyo vingine vimeachwa nje."

SWEEP_EMPTY = (
    "Bado hakuna mfululizo wa kuonyesha. Michoro yake huonekana hapa baada ya jaribio la kwanza, na hukua unapoendelea."
)
SWEEP_CURVES = "### Hasara dhidi ya kiwango cha upogoaji"
SWEEP_CURVES_HELP = (
    "Ongezeko la hasara kwa nat kwa kila tokeni, kwa matini zilezile kabla na baada ya upogoaji: 0 ni bila madhara, 0.69 ni mkanganyiko mara mbili. Mstari "
    "mmoja kwa kila mbinu na mchanganyiko wa lugha. Vijiti: wigo wa 95% kwa matini; zikiwapo mbegu kadhaa, cha chini na cha juu zaidi kati yake, na "
    "mstari ni wastani wake."
)
SWEEP_VIEW = "Onyesha"
SWEEP_MEAN, SWEEP_WORST = "Wastani wa lugha zote", "Lugha iliyoathirika zaidi ya kila jaribio"
SWEEP_MULTIPLES = "### Kila lugha"
SWEEP_MULTIPLES_HELP = "Mistari ileile kwa kila lugha, kwa skeli moja: pale mstari unapopanda mapema, lugha huvunjika mapema."
SWEEP_MULTIPLES_CAP = "Ni lugha {count} zenye hasara kubwa zaidi pekee zinazochorwa; faili ina zote."
SWEEP_FRONT = "### Wastani dhidi ya iliyoathirika zaidi"
SWEEP_FRONT_HELP = (
    "Nukta moja kwa kila jaribio; kuelekea kushoto ni bora kwa wastani, chini zaidi ni bora kwa lugha inayopoteza zaidi. Hakuna jaribio jingine lililo bora kwa yote mawili kuliko "
    "majaribio yaliyo kwenye mstari (mstari wa mbele wa Pareto)."
)
SWEEP_TABLE = "### Majaribio yote"
SWEEP_TABLE_HELP = (
    "Bonyeza safu mlalo, au chagua jaribio hapa chini, ili kulifungua kwenye ukurasa huu: vichupo vingine vitalionyesha."
)
SWEEP_OPEN = "Jaribio la kufungua"
SWEEP_OPEN_BUTTON = "Fungua"
SWEEP_UNEQUAL = "Si kila jaribio lililopima lugha zilezile, kwa hiyo wastani na lugha zilizoathirika zaidi haviwezi kulinganishwa kati ya yote."
SWEEP_UNSCORED = "Majaribio haya hayakupima hasara: ruhusu angalau matini moja kwa kila lugha upande wa kushoto."
SWEEP_COLUMNS = {
    "method": "Mbinu", "sparsity": "Kiwango cha upogoaji %", "mix": "Lugha za usawazishaji", "seed": "Mbegu", "mean_increase": "Wastani wa ongezeko",
    "worst": "Lugha iliyoathirika zaidi", "worst_increase": "Ongezeko lake", "front": "Kwenye mstari wa mbele", "id": "Jaribio",
}  # fmt: skip
SWEEP_CURVE_COLUMNS = {
    "line": "Mstari",
    "sparsity": "Kiwango cha upogoaji %",
    "value": "Ongezeko",
    "low": "Chini",
    "high": "Juu",
    "runs": "Majaribio",
}
SWEEP_LINE = "{method} · {mix}"
SWEEP_MORE_LANGUAGES = "{names} na nyingine {count}"
SWEEP_LEGEND_FRONT = "Mstari wa mbele wa Pareto"
AXIS_SWEEP_SPARSITY = "Kiwango cha upogoaji (%)"
AXIS_SWEEP_INCREASE = "Ongezeko la hasara (nat kwa tokeni)"
AXIS_SWEEP_MEAN = "Wastani wa ongezeko la hasara la lugha zote (nat kwa tokeni)"
AXIS_SWEEP_WORST = "Ongezeko la hasara la lugha iliyoathirika zaidi<br>(nat kwa tokeni)"
AXIS_SWEEP_SHORT = "nat"
HOVER_SWEEP = "{line}<br>{language} kwa {sparsity}: nat {value:+.3f}{bounds}<br>mkanganyiko mara {times:.3g}"
HOVER_SWEEP_BOUNDS = " ({low:+.3f} hadi {high:+.3f})"
HOVER_SWEEP_FRONT = "{line}, {sparsity}{seed}<br>wastani {mean:+.3f}, mbaya zaidi {worst:+.3f} ({language})"
HOVER_SWEEP_SEED = ", mbegu {seed}"

SWEEP_CANCELLED = "Umeghairiwa. Majaribio yaliyokamilika yametunzwa; Endelea huendeleza yaliyobaki."
SWEEP_BUSY_QUEUE = "Mfululizo husubiri zamu yake kama jaribio lolote."
PROTECT_CANCELLED = "Umeghairiwa; mipangilio iliyojaribiwa hadi sasa haitunzwi."

PROTECT_HELP = (
    "Hutafuta uzito wa lugha za usawazishaji, na vidhibiti vingine vya mbinu iliyo kushoto, ili kupata mpangilio ambao ukitumika lugha "
    "unazochagua hupoteza si zaidi ya kiasi fulani, na nyingine kidogo iwezekanavyo. Mipangilio hupimwa kwa matini za usawazishaji; uamuzi ni "
    "kwa matini ambazo utafutaji haukuziona kamwe."
)
PROTECT_LANGUAGES = "Lugha za kulinda"
PROTECT_LANGUAGES_INFO = "Kati ya lugha za usawazishaji zilizo kushoto."
PROTECT_PERCENT = "Mkanganyiko unaweza kupanda kwa si zaidi ya (%)"
PROTECT_PERCENT_INFO = "Kwa kila lugha ya kulinda. Kwa kiwango cha upogoaji cha 50% modeli ndogo hupanda kwa 20 hadi 200%."
PROTECT_OWN = "Mipaka mingine kwa lugha moja moja"
PROTECT_OWN_INFO = "Mmoja kwa kila mstari, kama sw: 20. Lugha zinazotajwa hapa zinalindwa pia."
PROTECT_TRIES = "Mipangilio ya kujaribu"
PROTECT_TRIES_INFO = "Kila mmoja ni upogoaji mmoja wa haraka na upimaji mfupi."
PROTECT_GOAL = "Kinachohesabiwa kwa nyingine"
PROTECT_GOALS = {"worst": "Lugha inayopoteza zaidi", "mean": "Wastani wa lugha zote"}
PROTECT_KIND = "Jinsi ya kutafuta"
PROTECT_KINDS = {
    "coordinate": "Hatua kwa hatua kuanzia mbinu iliyo kushoto",
    "random": "Kwa bahati nasibu",
    "optuna": "Kwa kuongozwa na yaliyopatikana hadi sasa (Optuna)",
}
PROTECT_SEED = "Mbegu ya utafutaji"
PROTECT_START = "Tafuta"
PROTECT_KEPT = "Utafutaji hadi sasa"
PROTECT_KEPT_NONE = "Utafutaji hadi sasa (bado hakuna)"
PROTECT_LOG = "Kumbukumbu za hatua za utafutaji"
PROTECT_NONE = "Hakuna lugha ya kulinda iliyochaguliwa: chagua angalau moja ya lugha za usawazishaji."
PROTECT_BAD_PERCENT = "Mpaka ni ongezeko kwa asilimia kuanzia 0 hadi 10000; uliotolewa ni {given}."
PROTECT_BAD_LINE = "Mipaka kwa lugha moja moja ni mistari kama sw: 20; mmoja uliotolewa ni {given}."
PROTECT_STRANGER = "{given} si lugha ya usawazishaji upande wa kushoto, na ni hizo tu zinazoweza kulindwa."
PROTECT_TRIES_RANGE = "Idadi ya mipangilio ya kujaribu lazima iwe kuanzia 1 hadi {most}; iliyotolewa ni {given}."
PROTECT_SEED_RANGE = "Mbegu ya utafutaji ni namba nzima kuanzia 0; iliyotolewa ni {given}."
PROTECT_MODE = "Utafutaji na majaribio yote mawili hupogoa kwa pitio moja, bila kujali kilichopangwa upande wa kushoto."
PROTECT_EMPTY = "Bado hakuna utafutaji wa kuonyesha."

PROTECT_KEPT_LIMITS = "**Mipaka imezingatiwa** kwa matini ambazo utafutaji haukuziona kamwe."
PROTECT_NOT_KEPT = "**Hakuna mpangilio uliozingatia mipaka.** Hapa chini ni ule uliokaribia zaidi. Ruhusu ongezeko kubwa zaidi, ondoa uzito kidogo zaidi, au jaribu mipangilio mingi zaidi."
PROTECT_NOT_KEPT_AFTER = (
    "**Mipaka haikuzingatiwa kwa matini mpya**, ingawa ilizingatiwa kwa matini za utafutaji. Hapa chini ni mpangilio uliopatikana. Ruhusu matini zaidi "
    "za usawazishaji, au weka mipaka chini kidogo kuliko inavyohitajika."
)
PROTECT_KEPT_AFTER = "**Mipaka imezingatiwa** kwa matini mpya, ingawa hakuna mpangilio uliojaribiwa ulioizingatia kwa matini za utafutaji: itumie kwa uangalifu."
PROTECT_SAME = "Hakuna mpangilio uliojaribiwa uliokuwa bora kuliko ule wa kushoto, kwa hiyo majaribio yote mawili ni sawa."
PROTECT_TRIED = "Mipangilio {tries} ilijaribiwa; {within} kati yake ilizingatia mipaka kwa matini za utafutaji."
PROTECT_OPEN_AFTER, PROTECT_OPEN_BEFORE = (
    "Fungua jaribio lenye mpangilio uliopatikana",
    "Fungua jaribio kama lilivyopangwa kushoto",
)
PROTECT_FRONT = "### Gharama ya ulinzi"
PROTECT_FRONT_HELP = (
    "Nukta moja kwa kila mpangilio uliojaribiwa, kwa matini za utafutaji. Kushoto kwa mstari wa vistari mpaka umezingatiwa; chini zaidi ni bora kwa lugha "
    "nyingine. Hakuna mpangilio mwingine ulio bora kwa yote mawili kuliko iliyo kwenye mstari."
)
PROTECT_SETTINGS = "### Mpangilio uliopatikana"
PROTECT_COST = "### Lugha moja moja"
PROTECT_COST_HELP = "Kwa matini ambazo utafutaji haukuziona kamwe. Vijiti ni wigo wa 95%; kistari cha wima ni mpaka."
PROTECT_COLUMNS = {
    "name": "Lugha", "limit": "Mpaka", "before": "Kama kushoto", "after": "Uliopatikana", "interval": "Wigo wa 95%", "change": "Mabadiliko (nat)",
    "change_interval": "Wigo wake wa 95%", "kept": "Mpaka umezingatiwa",
}  # fmt: skip
PROTECT_SETTING_COLUMNS = {"setting": "Mpangilio", "before": "Kama kushoto", "after": "Uliopatikana"}
PROTECT_TRY_COLUMNS = {
    "protected": "Iliyolindwa iliyoathirika zaidi", "others": "Wastani wa nyingine", "worst": "Iliyoathirika zaidi ya zote", "mean": "Wastani wa zote", "over": "Juu ya mpaka", "front": "Kwenye mstari wa mbele",
}  # fmt: skip
PROTECT_ACTIVATION = "Umuhimu wa chaneli"
PROTECT_WEIGHT = "Uzito wa {name}"
PROTECT_FACTOR = "Uzito wa {name} (kipeo cha 2)"
PROTECT_BLOCKS = "Kiwango cha upogoaji cha bloku"
PROTECT_LIMIT_LINE = "mpaka"
PROTECT_LEGEND_TRIES, PROTECT_LEGEND_FRONT, PROTECT_LEGEND_START = "mipangilio iliyojaribiwa", "haijashindwa", "kama kushoto"
PROTECT_LEGEND_FOUND = "uliopatikana"
AXIS_PROTECTED = "Ongezeko la hasara la lugha iliyolindwa iliyoathirika zaidi (nat kwa tokeni)"
AXIS_PROTECTED_OVER = "Nat juu ya mpaka<br>(lugha iliyolindwa iliyoathirika zaidi; 0: umezingatiwa)"
AXIS_OTHERS = "Wastani wa ongezeko la hasara la nyingine<br>(nat kwa tokeni)"
HOVER_TRY = "{activation}{knobs}<br>zilizolindwa {protected:+.3f}, nyingine {others:+.3f}"
HOVER_PROTECTED = "{name}, {which}: mkanganyiko mara {value:.3f} ({low:.3f} hadi {high:.3f})"

UNFINISHED_HELP = (
    "Majaribio ambayo programu yake iliisha kabla yake: ilifungwa, ilianguka, au kumbukumbu iliisha. Kuanzisha tena jaribio moja hupima na kupogoa "
    "upya; matokeo ya modeli kamili katika lugha zilizokamilika huchukuliwa kutoka akiba (cache). Majaribio ya mfululizo huendelezwa kwa **Endelea** chini ya "
    "Mfululizo."
)
UNFINISHED_NONE = "Hakuna kilichokatizwa."
UNFINISHED_SHARED = "Kwenye seva ya pamoja majaribio yaliyokatizwa hayaorodheshwi."
UNFINISHED_CHOOSE = "Jaribio lililokatizwa"
UNFINISHED_AGAIN, UNFINISHED_DISCARD = "Anzisha tena", "Tupa"
UNFINISHED_COLUMNS = ("Jaribio", "Lilianza (UTC)", "Liliishaje")
UNFINISHED_KILLED = "Programu iliisha"
UNFINISHED_CHOICE = "Chagua kwanza jaribio lililokatizwa."
UNFINISHED_STARTED = "Linaendeshwa: tazama hali yake chini ya Pogoa."
UNFINISHED_DISCARDED = "Limetupwa."


def _runs(count: int) -> str:
    """Runs, counted."""
    return f"jaribio {count}" if count == 1 else f"majaribio {count}"


def sweep_forecast(runs: int, kept: int, time: float | None) -> str:
    """How much a plan is, before it is started."""
    if kept == runs:
        return SWEEP_ALL_KEPT.format(runs=runs)
    count = f"**{_runs(runs).capitalize()}**"
    told = f"{count}, {kept} kati yake tayari {'limetunzwa' if kept == 1 else 'yametunzwa'}. " if kept else f"{count}. "
    return told + (
        SWEEP_UNKNOWN_TIME
        if time is None
        else f"Takriban **{seconds(time)}** kwa {_runs(runs - kept)} {'lililobaki' if runs - kept == 1 else 'yaliyobaki'}."
    )


def sweep_title(name: str, runs: int) -> str:
    """One line for the job."""
    return f"mfululizo {name}, {_runs(runs)}"


def sweep_progress(name: str, done: int, wanted: int, refused: Mapping[str, str]) -> str:
    """How far a sweep is, and what of it could not be run."""
    told = f"**{name}**: {_runs(done)} kati ya {wanted} {'limekamilika' if done == 1 else 'yamekamilika'}."
    return "\n\n".join([told, *(f"Halikuweza kuendeshwa: {title}. {why}" for title, why in list(refused.items())[:5])])


def sweep_choice(name: str, done: int, wanted: int, changed: str) -> str:
    """A sweep in the menu."""
    return f"{name} · {_runs(done)} kati ya {wanted} · {changed[:16]} UTC"


def protect_title(languages: Sequence[str], tries: int) -> str:
    """One line for the job."""
    return f"ulinzi wa {', '.join(languages)}, " + ("mpangilio 1" if tries == 1 else f"mipangilio {tries}")


def protect_forecast(tries: int, time: float | None) -> str:
    """How much a search is, before it is started."""
    told = f"**{'Mpangilio 1' if tries == 1 else f'Mipangilio {tries}'}** na majaribio mawili mazima. "
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"Takriban **{seconds(time)}**.")


def at_sparsity(share: float) -> str:
    """A sparsity in a hover text."""
    return percent(share, 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1)


TAB_LABS = "Maabara"
LABS_HELP = "Utafiti huuliza modeli iliyo kwenye fomu swali moja, kwa lugha na matini zake, na kuhusu mbinu inavyoibadilisha. Hakuna kinachohifadhiwa: chukua majedwali unayohitaji."
LABS_STUDY = "Utafiti"
LABS_START = "Uliza"
LABS_SOURCE = "Chanzo: {source}. Gharama: {cost}."
