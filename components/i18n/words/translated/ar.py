"""Arabic."""

from collections.abc import Mapping, Sequence

from components.i18n.words.common import clock, percent
from components.i18n.words.taking import take_size

__all__ = ["clock", "percent", "take_size"]


def _rtl(text: str) -> str:
    """Every line of a figure's text as a unit that runs from right to left, though the figure itself runs the other way."""
    return "<br>".join(f"\u2067{line}\u2069" for line in text.split("<br>"))


def _count(number: int, one: str, two: str, few: str, many: str) -> str:
    """A number with its noun: one and two are words of their own, 3 to 10 take the plural, 11 to 99 the accusative singular."""
    if number in (1, 2):
        return one if number == 1 else two
    if 3 <= number % 100 <= 10:
        return f"{number} {few}"
    return f"{number} {many if number % 100 > 10 else many.removesuffix('ًا')}"


# --- about -----------------------------------------------------------------------------------------------------------------

ABOUT = """### ماذا تفعل هذه الصفحة
النموذج اللغوي رصّة من كتل فكّ الترميز (decoder blocks)، وفي كل كتلة بضع مصفوفات أوزان كبيرة. و*التقليم* (pruning) هو تصفير
أقل أوزان هذه المصفوفات أهمية، من غير أي تدريب بعده. أما أيّ الأوزان يُعدّ مهمًّا فيتوقف على النصوص التي تنظر إليها الطريقة،
أي على لغات *المعايرة* (calibration). وتبيّن هذه الصفحة ما يفعله هذا الاختيار بكل لغة.

تعرض علامة التبويب *اللغات* الخسائر، والاختبارات المعيارية إن اختير منها شيء تحت *قياسات إضافية*؛ وتعرض *أسباب محتملة* ما يرافق هذه الخسائر؛
وتعرض *الطرق* ما تساويه كل طريقة على نموذج واحد؛ أما *الدرس* فسبع خطوات تصلح لصفّ دراسي ولا تحتاج إلى نموذج.

### الحدود
- **الأصفار وحدها لا توفّر حجمًا ولا زمنًا.** يبقى النموذج المقلَّم بالحجم والسرعة نفسيهما ما لم تُستعمل طرق تخزين
  ونوى حساب (kernels) معدّة للأوزان المتناثرة.
- **النموذج المدمج** هو Gemma 3 270M (النسخة الأساس). وقد خُزّنت أوزانه في 4 بتات ثم وُسّعت إلى 16 بتًّا، فهو يبدأ
  أسوأ قليلًا من الأصل، ونحو 4.5% من أوزان مصفوفاته أصفار قبل أي تقليم. ويُقدَّم Gemma
  وفقًا لأحكام [Gemma Terms of Use](https://ai.google.dev/gemma/terms) وخاضعًا لها.
- **الصيغ الموسومة بأنها إعادة بناء** هي فهمنا لورقة علمية لم نتمكن من التحقق من صيغتها الدقيقة. ومكوّنات M-Wanda
  (التباين بين اللغات، واحتمال التنشيط، وتناثر كل طبقة بحسب الارتباط بين اللغات) مذكورة في
  Choenni & Titov (2025)؛ أما طريقة جمعها هنا فمن عندنا، ووراء كل قراءة منها إعداد يمكن تغييره.
- **فترات الثقة** تغطي اختيار النصوص، ولا تغطي موضوعات أو أساليب أخرى. واثنا عشر نصًّا لكل لغة تعطي انطباعًا أوليًّا فقط.
- **المقاطع المدمجة** كُتبت لهذا المشروع (CC0)، وموضوعاتها واحدة في كل اللغات.

### المصطلحات
| المصطلح | المعنى |
|---|---|
| التناثر (sparsity) | نسبة الأوزان المحذوفة (أي التي صُفّرت). |
| الكثيف والمقلَّم | النموذج قبل التقليم وبعده. |
| الحيرة (perplexity) | عدد الوحدات النصية التي يتردد بينها النموذج في كل خطوة؛ والأقل أفضل. تصلح للمقارنة بين قبل وبعد، لا بين اللغات. |
| نسبة الحيرة | الحيرة بعد التقليم مقسومة على الحيرة قبله، على النصوص نفسها. |
| بت لكل بايت | الخسارة لكل بايت من النص، وهي لا تتوقف على كيفية تقطيع المجزّئ (tokenizer) للغة. |
| الكتلة، المصفوفة | النموذج رصّة من الكتل، وفي كل كتلة مصفوفات مثل q وk وv وo (الانتباه) وgate وup وdown (التغذية الأمامية). |
| القناة | عمود من أعمدة المصفوفة: عدد واحد يدخلها مع كل وحدة نصية. |
| تباين التنشيط | مدى اختلاف شدة القناة بين اللغات. |
| التوزيع (allocation) | كيف يُوزَّع التناثر على الكتل؛ ومتوسطه الموزون هو التناثر المختار. |
| خارج المعايرة (held out) | لغة تُقاس ولم تدخل في المعايرة. |
| فترة ثقة 95% | المجال الذي تقع فيه القيمة الحقيقية في 95 من كل 100 عيّنة كهذه من النصوص. |

### الخصوصية
لا ترسل الصفحة شيئًا إلى أي مكان. ولا يُجلب من Hugging Face Hub إلا ما تختاره منه من نماذج ونصوص.
"""

# --- common ----------------------------------------------------------------------------------------------------------------

DEVICE_NAMES = {"cpu": "CPU", "cuda": "GPU"}

INTERFACE = "لغة هذه الصفحة"

TIMES = "\u200e×{value}"
POINTS = "\u200e{value} نقطة"
UNCHANGED = "بلا تغيّر"
NOT_MEASURED = "لم يُقَس"

YES, NO = "نعم", "لا"
SPAN = "\u200e{low} إلى \u200e{high}"


def seconds(value: float) -> str:
    """A duration as a person says it."""
    whole = max(0, round(value))
    if whole < 60:
        return f"{whole} ث"
    if whole < 3600:
        return f"{whole // 60} د {whole % 60:02d} ث"
    return f"{whole // 3600} س {whole % 3600 // 60:02d} د"


def interval(low: str, high: str) -> str:
    """A 95% interval of a factor."""
    return f"\u200e95%: {low} إلى \u200e{high}"


def items_per_language(low: int, high: int) -> str:
    """How many choice items a figure rests on."""
    if low != high:
        return f"من {low} إلى {_count(high, 'سؤال واحد', 'سؤالين', 'أسئلة', 'سؤالًا')} لكل لغة"
    return f"{_count(low, 'سؤال واحد', 'سؤالان', 'أسئلة', 'سؤالًا')} لكل لغة"


def plot_description(name: str) -> str:
    """For readers who do not see a figure: what it is, and where its numbers stand."""
    return f"{name}. الجدول المجاور للشكل يضم الأرقام نفسها."


# --- comparing -------------------------------------------------------------------------------------------------------------

TAB_COMPARE = "مقارنة"
COMPARE_HELP = (
    "ضع تجربتين إلى ست تجارب جنبًا إلى جنب. تُحسب الفروق عن واحدة منها هي المرجع، على النصوص "
    "والأسئلة نفسها؛ وحيث لم تُقَس تجربتان على الشيء نفسه لا يُعرض فرق بينهما."
)
COMPARE_RUNS = "التجارب المراد مقارنتها"
COMPARE_RUNS_INFO = "من اثنتين إلى ست. اكتب للبحث."
COMPARE_BASELINE = "المرجع"
COMPARE_BASELINE_INFO = "تُقاس التجارب الأخرى بالنسبة إلى هذه التجربة."
COMPARE_ADD_SHOWN = "أضف التجربة المعروضة"
COMPARE_PASTE = "أضف تجربة برابطها أو باسمها"
COMPARE_PASTE_INFO = "مثلًا رابط ينتهي بـ \u200e?run=..."
COMPARE_ADD = "أضف"

COMPARE_NONE = "اختر تجربتين للمقارنة. زر **أضف التجربة المعروضة** يأخذ التجربة التي تعرضها علامات التبويب الأخرى."
COMPARE_ONE = "اختيرت تجربة واحدة: اختر تجربة أخرى، أو أضفها برابطها."
COMPARE_SIX = "لا تُقارَن أكثر من ست تجارب معًا: أزل واحدة أولًا."
COMPARE_FIRST_SIX = "عدد التجارب المذكورة {count}؛ تُقارَن الست الأولى منها."
COMPARE_EMPTY_LINK = "لا تجربة مذكورة هنا: ألصق رابطًا ينتهي بـ \u200e?run=... أو اسم تجربة."
RUN_UNREADABLE = "لا توجد هنا تجربة {name!r}، أو أنها تالفة."
COMPARE_UNREADABLE = "لا توجد هنا تجربة {name!r}، أو أنها تالفة، فتُركت."
COMPARE_AGAIN = "التجربة {name!r} مختارة من قبل."
COMPARE_NO_SHOWN = "لا تجربة معروضة بعد، فليس هناك ما يضاف."
COMPARE_MODELS = (
    "**هذه تجارب على نماذج مختلفة.** زيادة الخسارة تُقاس بالنسبة إلى نموذج التجربة نفسه وتُحسب بوحداته النصية: "
    "فهي تقول كم خسر كل نموذج، لا أيّ النماذج أفضل."
)
COMPARE_UNPAIRED = "لم يُقارَن بالمرجع، لأن النصوص نفسها لم تُقَس بالطريقة نفسها: {what}."
COMPARE_OF = "{run} في {languages}"

COMPARE_SETTINGS_HEADING = "### ما اختلف من الإعدادات"
COMPARE_SETTINGS_SAME = "لم يختلف شيء: طُلبت هذه التجارب بالإعدادات نفسها."
COMPARE_SETTINGS_HELP = "ما اختلف فقط. الخانة الفارغة: ليس لطريقة التجربة هذا الإعداد."
COMPARE_SETTING = "الإعداد"

COMPARE_LOSS_HEADING = "### زيادة الخسارة في كل لغة"
COMPARE_LOSS_HELP = (
    "الخسارة بعد التقليم ناقص الخسارة قبله، بالنات لكل وحدة نصية (0.1 تعني حيرة أعلى بنحو 10%)؛ وكلما كان أبعد إلى اليسار كان أفضل. الأعمدة "
    "فترات ثقة 95% على النصوص. واللغة التي ألحقت بها أيّ تجربة أكبر ضرر هي في الأعلى."
)
COMPARE_DIFFERENCE_HEADING = "### الفرق عن {baseline}"
COMPARE_DIFFERENCE_HELP = (
    "الخسارة بعد التقليم ناقص خسارة المرجع على النصوص نفسها: إلى يسار 0 هذه التجربة أفضل، وإلى يمينه المرجع أفضل. "
    "العلامات المفرَّغة: فترة ثقة 95% تشمل 0، فالفرق **ضمن الضجيج**. ويُنظر هنا إلى لغات كثيرة: فمن كل "
    "عشرين فرقًا حقيقته صفر يبدو واحد تقريبًا كأنه فرق."
)
COMPARE_ACCURACY_HEADING = "### دقة الاختيار: الفرق عن {baseline}"
COMPARE_ACCURACY_HELP = (
    "بالنقاط المئوية، على الأسئلة التي أجابت عنها التجربتان: إلى يمين 0 هذه التجربة أفضل. العلامات المفرَّغة: ضمن الضجيج. "
    "ولا يقول الفرق شيئًا يُذكر في لغة لا يتميّز فيها حتى النموذج الكثيف عن التخمين (انظر علامة التبويب اللغات)."
)
COMPARE_BLOCKS_HEADING = "### تناثر كل كتلة"
COMPARE_BLOCKS_HELP = "نسبة ما حذفته كل تجربة من أوزان الكتلة القابلة للتقليم."
COMPARE_FRONT_HEADING = "### المتوسط مقابل اللغة الأكثر تضررًا"
COMPARE_FRONT_HELP = (
    "زيادات الخسارة على اللغات التي قاستها هذه التجارب كلها، وعددها {count}. الأقرب إلى الزاوية اليسرى السفلى أفضل؛ والخط يصل "
    "التجارب التي لا تتفوق عليها تجربة أخرى في الأمرين معًا. ولغات المعايرة واللغات التي خارجها سواء في الحساب."
)
COMPARE_FRONT_NONE = "ليس بين هذه التجارب لغة مقيسة مشتركة، فلا متوسط يُقارَن."
COMPARE_FRONT_LEGEND = _rtl("لا يُتفوَّق عليها في الأمرين")

COMPARE_MASKS_HEADING = "### الأقنعة: هل تحذف التجارب الأوزان نفسها؟"
COMPARE_MASKS_HELP = (
    "تُقرأ أقنعة كل التجارب المختارة (بت واحد لكل وزن) مصفوفةً مصفوفة؛ ويستغرق ذلك ثوانيَ على نموذج صغير. القيمة 0 تعني تشابهًا كتشابه "
    "قناعين مسحوبين بالصدفة، و1 القناع نفسه، وما دون 0 أنهما يتجنب أحدهما الآخر."
)
COMPARE_MASKS_START = "قارن الأقنعة"
COMPARE_MASKS_IDLE = "لم تُقارَن أقنعة هذه التجارب بعد."
COMPARE_MASKS_DONE = "قورنت الأقنعة. عدد التجارب: {count}."
COMPARE_MASKS_WITHOUT = "تُركت لأنها حُفظت بلا أقنعة: {runs}."
COMPARE_MASKS_CANCELLED = "توقّف العمل؛ لم تُقارَن الأقنعة."
COMPARE_MASKS_FEW = (
    "تلزم تجربتان لهما أقنعة. قد يخلو منها المثال والتجارب الآتية من مكان آخر؛ أما كل تجربة تُجرى هنا فلها أقنعة."
)
COMPARE_MASKS_FIRST, COMPARE_MASKS_SECOND = "أقنعة", "وأقنعة"
COMPARE_MASKS_VIEW = "اعرض"
COMPARE_MASKS_VIEWS = {"corrected": "المشترك بعد تصحيح أثر الصدفة", "kept_share": "ما أبقته التجربتان (%)"}
COMPARE_MASKS_VIEWS_HELP = (
    "**المشترك بعد تصحيح أثر الصدفة**: تداخل الأوزان المحذوفة، 0 بالصدفة و1 للقناع نفسه. **ما أبقته التجربتان**: من "
    "الأوزان التي أبقتها إحداهما على الأقل، نسبة ما أبقتاه معًا؛ ولقناعين مسحوبين بالصدفة عند 50% تكون 33%."
)
COMPARE_MASKS_TWO = "اختر تجربتين مختلفتين."
COMPARE_MATRIX_HEADING = "### كل الأقنعة مقابل كلها"

COMPARE_DOWNLOAD = "تنزيل المقارنة (ZIP)"
COMPARE_LINK = "رابط هذه المقارنة"
COMPARE_LINK_INFO = "يفتح هذه التجارب جنبًا إلى جنب من جديد، لكل من يستطيع فتح هذه الصفحة."

CLONE_HEADING = "### الشيء نفسه مرة أخرى، مع تغييرات"
CLONE_HELP = "ينقل إعدادات تجربة إلى الاستمارة: غيّر ما تشاء، ثم اضغط «ابدأ التقليم»."
CLONE_FROM = "إعدادات التجربة"
CLONE_USE = "استعمل هذه الإعدادات"
CLONE_NONE = "اختر تجربة في الأعلى أولًا."
CLONE_DONE = "في الاستمارة الآن إعدادات {title}. ولا يبدأ شيء قبل أن تضغط «ابدأ التقليم»."
CLONE_BUT = "في الاستمارة الآن إعدادات {title}، ما عدا: {what}"
CLONE_MODE = "قُلّمت بالسير {mode!r} الذي لا يتيحه إلا سطر الأوامر، فبقي في الاستمارة ما كان فيها."
CLONE_EVALUATION_TEXTS = "قيست على نصوص من مصدر آخر؛ أما الاستمارة فتقيس على النصف الآخر من نصوص المعايرة."
CLONE_DEVICE = "طلبت الجهاز {device!r} ونوع الأعداد {dtype!r}؛ والصفحة تختارهما بنفسها."
CLONE_METHOD = "لا تعرف هذه النسخة طريقتها، فبقيت في الاستمارة طريقتها."
CLONE_KNOBS = "في {method} إعدادات لا حقل لها في الاستمارة؛ وهي على قيمها الافتراضية."
CLONE_LOCAL_MODEL = "نموذجها على جهاز آخر؛ فبقي ما كان مختارًا."
CLONE_LOCAL_TEXTS = "نصوصها على جهاز آخر؛ فبقي ما كان مختارًا."
CLONE_RANGE = "{name}: كانت القيمة {value}، وهي غير متاحة هنا، فوُضعت على {nearest}."
CLONE_MENU = "{name}: فيها اختيارات لا تتيحها هذه الصفحة ({left})؛ فتُركت."
CLONE_UNREADABLE = "لا تستطيع هذه النسخة قراءة إعدادات هذه التجربة، فبقيت الاستمارة كما هي."

COMPARE_WITHIN, COMPARE_BETTER, COMPARE_WORSE = "ضمن الضجيج", "أفضل", "أسوأ"
COMPARE_NO_INTERVAL, COMPARE_NOT = "بلا فترة ثقة", "لم يُقارَن"
COMPARE_COLUMNS: Mapping[str, str] = {
    "name": "اللغة",
    "run": "التجربة",
    "difference": "الفرق (نات)",
    "quotient": "الحيرة، ×",
    "points": "الفرق (نقاط)",
    "interval": "فترة ثقة 95%",
    "verdict": "الحكم",
    "paired": "النصوص",
    "items": "الأسئلة",
    "block": "الكتلة",
    "module": "المصفوفة",
    "mean": "المتوسط (نات)",
    "worst": "الأسوأ (نات)",
    "worst_name": "اللغة الأكثر تضررًا",
    "front": "على الخط",
    "corrected": "بعد التصحيح",
    "kept_share": "أبقته الاثنتان %",
    "iou": "التداخل",
    "expected": "بالصدفة",
}
COMPARE_AXIS_INCREASE = _rtl("زيادة الخسارة (نات لكل وحدة نصية)،<br>الأقل أفضل")
COMPARE_AXIS_DIFFERENCE = _rtl("الخسارة ناقص خسارة المرجع<br>(نات لكل وحدة نصية، النصوص نفسها)")
COMPARE_AXIS_POINTS = _rtl("الدقة ناقص دقة المرجع<br>(نقاط مئوية، الأسئلة نفسها)")
COMPARE_AXIS_MEAN = _rtl("متوسط زيادة الخسارة في اللغات<br>(نات لكل وحدة نصية)")
COMPARE_AXIS_WORST = _rtl("زيادة الخسارة في اللغة الأكثر تضررًا<br>(نات لكل وحدة نصية)")
COMPARE_AXIS_RUN = "التجربة"
COMPARE_AXIS_OTHER_RUN = "التجربة الأخرى"
COMPARE_BAR_CORRECTED, COMPARE_BAR_KEPT = "بعد التصحيح", "%"
COMPARE_HOVER_TIMES = _rtl("{run}<br>{name}: \u200e{value:+.3f} نات لكل وحدة نصية، الحيرة \u200e×{times:.3g}") + "{interval}"
COMPARE_HOVER_POINTS = _rtl("{run}<br>{name}: \u200e{value:+.1f} نقطة") + "{interval}"
COMPARE_HOVER_INTERVAL = "<br>" + _rtl("95%: \u200e{low:.3g} إلى \u200e{high:.3g}")
COMPARE_HOVER_FRONT = _rtl("{run}<br>المتوسط \u200e{mean:.3f}، الأسوأ \u200e{worst:.3f} ({name})")
COMPARE_HOVER_MASKS = _rtl("الكتلة {block}، {module}<br>بعد التصحيح \u200e{corrected:.3f}، أبقته الاثنتان {kept:.1f}%")
COMPARE_HOVER_PAIR = _rtl("{a}<br>{b}<br>بعد التصحيح \u200e{corrected:.3f}")


def compare_files(runs: Sequence[str]) -> str:
    """The title of a job that compares masks."""
    return f"أقنعة {_count(len(runs), 'تجربة واحدة', 'تجربتين', 'تجارب', 'تجربة')}"


def compare_left_out(names: Sequence[str]) -> str:
    """Choices that a menu does not have."""
    return "، ".join(names[:4]) + (f"، و{len(names) - 4} غيرها" if len(names) > 4 else "")


# --- cost ------------------------------------------------------------------------------------------------------------------

COST_DETAILS = "كلفة هذه التجربة"
COST_WAITING = "تُقدَّر كلفة هذه التجربة ..."
COST_REFUSED = "لا يمكن بدء هذه التجربة بإعداداتها الحالية: {problem}"
COST_UNKNOWN_MODEL = (
    "لا يُعرف قبل التجربة الأولى كم يستغرق هذا: لم يُقرأ شيء من هذا النموذج بعد. زر **قدّر الذاكرة** يقرأ مقاساته."
)
COST_STAGES = {
    "statistics": "المعايرة",
    "pruning": "اختيار الأوزان وحذفها",
    "measuring": "قياس كل اللغات",
    "studying": "الاختبارات المعيارية والدراسات",
}
COST_STEPS = {
    "statistics": "إحصاءات النموذج الكثيف",
    "allocation statistics": "إحصاءات خطوة التوزيع على الطبقات",
    "full gradients": "التدرّجات عبر النموذج كله",
    "sensitivity": "كلفة كل كتلة إذا قُلّمت وحدها",
    "own walk": "القياس كتلة بعد كتلة",
    "pruned walk": "تمرير النص عبر الكتل المقلَّمة",
    "sequences": "تمرير المتتاليات واحدة واحدة عبر الكتل",
    "regional gradients": "التدرّجات عبر كتلة واحدة في كل مرة",
    "repair": "خطوات الترميم",
    "solver": "اختيار الأوزان",
    "scoring": "القياس قبل التقليم وبعده",
    "benchmarks": "الاختبارات المعيارية قبل التقليم وبعده",
    "overlap": "تداخل الأقنعة",
    "neurons": "العصبونات اللغوية",
    "predictors": "ما يرافق الخسائر",
    "generation": "نصوص يكتبها النموذجان",
    "profile": "ما وراء الحيرة",
    "spared": "البحث عن العصبونات المستثناة",
}
COST_TABLE_HEAD = "| الخطوة | عدد مرات المرور على نص المعايرة |\n|---|---:|"
COST_PASSES = (
    "المرور الواحد هو عبور كل وحدات المعايرة النصية لكل الكتل. ويضاف إلى ذلك تحميل النموذج. أما الخطوات التي أنجزتها تجربة "
    "سابقة (الإحصاءات ونتائج النموذج الكثيف) فلا تُعاد."
)
COST_NEEDS = {
    "full_gradient": "تحتاج إلى تدرّج خسارة النموذج: حتى 32 متتالية رجوعًا عبر النموذج كله، وذاكرة تتسع لتدرّج كل وزن",
    "relevance": "تحتاج إلى الصلة بطريقة LRP: حتى 32 متتالية رجوعًا عبر النموذج كله، وذاكرة لعدد لكل وزن",
    "separability": "تمرّر نحو 400 عبارة قصيرة صحيحة وخاطئة لكل لغة عبر النموذج",
    "regional_gradient": "تحتاج إلى تدرّجات عبر كتلة واحدة في كل مرة",
    "sensitivity": "تقلّم كل كتلة وحدها وتقيس الخسارة: فينمو الزمن مع مربع عدد الكتل",
    "gram": "تحفظ مصفوفة من جداءات القنوات لكل مُدخل من مُدخلات الكتلة",
    "sequences": "ترمّم كل كتلة بخطوات تدرّج صغيرة",
    "samples": "تحفظ مُدخلات متتاليات منفردة",
}
PART_NEEDS = "وهي {needs}."
COST_NEEDS_OF = "{method} {needs}."
COST_MINUTES = "تستغرق دقائق حيث تستغرق Wanda ثوانيَ."
MINUTES = 60.0
RATE_TYPICAL = "هذا التقدير لجهاز {device} نموذجي؛ وبعد التجربة الأولى هنا تُعتمد سرعة هذا الجهاز."
RATE_MEASURED = "السرعة مقيسة في تجارب سابقة هنا، عددها {runs}."
RATE_MEASURED_ONE = "السرعة مقيسة في تجربة سابقة واحدة هنا."
RATE_SAME = "السرعة مقيسة في تجارب سابقة بهذه الطريقة هنا، عددها {runs}."
RATE_SAME_ONE = "السرعة مقيسة في تجربة سابقة واحدة بهذه الطريقة هنا."


def cost_line(total: float, peak: str) -> str:
    """The two figures that a visitor wants before pressing the button."""
    return f"**نحو {seconds(total)}**، وحتى {peak} من الذاكرة للنموذج والبيانات."


def cost_stages(by_stage: dict[str, float]) -> str:
    """Where the time goes, in one sentence."""
    return "؛ ".join(f"{COST_STAGES[stage]}: {seconds(value)}" for stage, value in by_stage.items()) + "."


def rate_source(runs: int, same: bool, device: str) -> str:
    """What the seconds rest on."""
    if not runs:
        return RATE_TYPICAL.format(device=device)
    if runs == 1:
        return RATE_SAME_ONE if same else RATE_MEASURED_ONE
    return (RATE_SAME if same else RATE_MEASURED).format(runs=runs)


# --- form ------------------------------------------------------------------------------------------------------------------

TITLE = "M-Wanda Explorer"
INTRO = """# M-Wanda Explorer
احذف جزءًا من أوزان نموذج لغوي متعدد اللغات، وانظر ما تخسره كل لغة. اختر لغات المعايرة،
واضغط **ابدأ التقليم**، ثم اقرأ نتائج تجربتك أنت."""

MODEL = "النموذج"
MODEL_INFO = "اختر نموذجًا، أو اكتب معرّفًا على Hugging Face Hub أو مجلدًا على هذا الجهاز."
ESTIMATE = "قدّر الذاكرة"
ESTIMATING = "تُقرأ مقاسات النموذج ..."

LANGUAGES = "لغات المعايرة"
LANGUAGES_INFO = "تقرر الطريقة بناءً على نصوص بهذه اللغات. اكتب للبحث."
HELD_OUT = "لغات تُقاس أيضًا"
HELD_OUT_INFO = "لا تدخل في المعايرة أبدًا: ماذا يحدث للغات لم يخترها أحد؟"
GROUP = "اختر مجموعة كاملة"
GROUP_REGION = "المنطقة: {name} ({count})"
GROUP_SCRIPT = "الكتابة: {name} ({count})"
WORLD_MIX, ENGLISH_ONLY, ALL = "مزيج عالمي", "الإنجليزية فقط", "الكل"
REGIONS = {
    "Africa": "أفريقيا",
    "Americas": "الأمريكتان",
    "East Asia": "شرق آسيا",
    "Europe": "أوروبا",
    "Middle East": "الشرق الأوسط",
    "South Asia": "جنوب آسيا",
    "Southeast Asia": "جنوب شرق آسيا",
}
SCRIPTS = {"Arabic": "العربية", "Cyrillic": "السيريلية", "Devanagari": "الديفاناغارية", "Latin": "اللاتينية"}

TOKENS = "وحدات المعايرة النصية لكل لغة"
TOKENS_INFO = "لكل لغة العدد نفسه، محسوبًا بالوحدات النصية (tokens) الخاصة بالنموذج."
ADVANCED = "النصوص والقياس"
MODE = "كيف تؤخذ الإحصاءات"
MODES = {"one-pass": "مرة واحدة، على النموذج الكثيف (سريع)", "sequential": "كتلة بعد كتلة، خلف الكتل المقلَّمة (سير Wanda)"}
ALLOCATION_SHARE = "حصة الوحدات النصية لخطوة التوزيع على الطبقات"
ALLOCATION_SHARE_INFO = "مع «كتلة بعد كتلة» فقط: يُقرَّر تناثر الكتل على هذه الحصة من وحدات المعايرة النصية."
SEQUENCE = "عدد الوحدات النصية في المتتالية"
SEQUENCE_INFO = "من 128 إلى 256 يناسب CPU؛ أما GPU فيستطيع 2048."
TEXTS = "النصوص"
TEXT_SOURCES = {
    "built-in": "المقاطع المتوازية المدمجة",
    "folder": "مجلد فيه نصوصي",
    "c4": "C4، من Hub",
    "wikipedia": "Wikipedia، من Hub",
    "flores+": "FLORES+، من Hub (بعد قبول شروط)",
}
TEXTS_INFO = "نصف النصوص للمعايرة، والنصف الآخر للقياس؛ ولا يُستعمل مقطع للأمرين."
FOLDER = "المجلد"
FOLDER_INFO = "ملف نصي واحد بترميز UTF-8 لكل لغة، اسمه رمزها: sw.txt وyo.txt. وتفصل الأسطر الفارغة بين المقاطع."
EVAL_TEXTS = "عدد النصوص المقيسة لكل لغة"
EVAL_TEXTS_INFO = "كلما زادت النصوص ضاقت فترات الثقة وطال الزمن؛ وفي المقاطع المدمجة حتى 20 نصًّا."
CHOICES = "قِس دقة الاختيار أيضًا"
CHOICES_INFO = "أيّ تتمّة من أربع تخص النص؟ يستغرق ذلك نحو نصف زمن القياس."
SEED = "البذرة (seed)"

EMPTY_MODEL = "لم يُختر نموذج: اختر النموذج المدمج، أو اكتب معرّفًا على Hub مثل Qwen/Qwen2.5-0.5B."
EMPTY_LANGUAGES = "لم تُختر لغة معايرة: اختر واحدة على الأقل."
EMPTY_FOLDER = "طُلب أن تؤخذ النصوص من مجلد، لكن لم يُذكر مجلد: اكتب مساره، أو اختر المقاطع المدمجة."
SPARSITY_RANGE = "يجب أن يكون التناثر بين 0 و99%؛ والقيمة المعطاة {given}."

SHARED_FOLDER = "هذا خادم مشترك: لا يقرأ مجلدات ولا ملفات خاصة. اختر نموذجًا من Hub، ونصوصًا مدمجة أو من Hub."


def memory(sentence: str, device: str) -> str:
    """The memory estimate with the device it would run on."""
    return f"يحتاج إلى {sentence}. ويعمل على {device}."


# --- measure ---------------------------------------------------------------------------------------------------------------

MEASURE_MORE = "قياسات إضافية"
MEASURE_MORE_HELP = "لا تحتاج التجربة إلى شيء مما هنا، وكل شيء منه يزيد زمنها. والسطر الذي تحت **ابدأ التقليم** يقول كم يزيده."

TASKS_LABEL = "الاختبارات المعيارية"
TASKS_INFO = "مجموعات أسئلة معروفة، يُجاب عنها قبل التقليم وبعده، بما فيها من لغاتك."
TASK_NAMES = {
    "multiblimp": "MultiBLiMP",
    "blimp": "BLiMP",
    "lindsea": "LINDSEA",
    "bmlama": "BMLAMA-53",
    "xcopa": "XCOPA",
    "xstorycloze": "XStoryCloze",
    "xwinograd": "XWinograd",
    "belebele": "Belebele",
    "belebele-cloze": "Belebele (إجابات بالكلمات)",
    "xnli": "XNLI",
    "paws-x": "PAWS-X",
    "global-mmlu": "Global-MMLU",
}
TASK_KINDS = {
    "multiblimp": "القواعد",
    "blimp": "قواعد الإنجليزية",
    "lindsea": "قواعد الإندونيسية والتاميلية",
    "bmlama": "حقائق",
    "xcopa": "أسباب ونتائج",
    "xstorycloze": "نهايات قصص",
    "xwinograd": "عودة الضمائر",
    "belebele": "قراءة، والإجابة بحرف",
    "belebele-cloze": "قراءة",
    "xnli": "هل تلزم جملة من أخرى",
    "paws-x": "هل المعنى واحد",
    "global-mmlu": "معارف مدرسية، والإجابة بحرف",
}
TASK_TEXTS = "من أين تأتي الاختبارات المعيارية"
TASK_SOURCES = {"hub": "تُجلب من Hub", "folder": "مجلد على هذا الجهاز"}
TASK_FOLDER = "مجلد الاختبارات المعيارية"
TASK_FOLDER_INFO = "المجموعات كما نُشرت، كل واحدة في مجلد باسمها؛ وقائمة الملفات في docs/tasks.md."
TASK_ITEMS = "عدد الأسئلة لكل لغة"
TASK_ITEMS_INFO = "مع 100 سؤال تكون فترات الثقة نحو \u200e±10 نقاط، ومع 400 سؤال نحو \u200e±5."

STUDIES_LABEL = "دراسات"
STUDY_TITLES = {
    "overlap": "تداخل الأقنعة",
    "neurons": "العصبونات اللغوية",
    "predictors": "ما يرافق الخسارة",
    "generation": "نصوص مكتوبة",
    "profile": "ما وراء الحيرة",
}
STUDY_KINDS = {
    "overlap": "هل تُحذف الأوزان نفسها من أجل لغتين؟ (مرور إضافي واحد على نص المعايرة)",
    "neurons": "أين هي، وكم يُحذف منها (مروران إضافيان)",
    "predictors": "ما يُعرف عن اللغة مسبقًا مقابل ما خسرته (مرور على نص اللغات التي خارج المعايرة)",
    "generation": "يكمل النموذجان البدايات نفسها (نحو دقيقة على CPU)",
    "profile": "الهندسة الداخلية، وترتيب أرجح الكلمات، والطاقة (نحو دقيقة على CPU)",
}

SPARE = "استثنِ العصبونات اللغوية للغات"
SPARE_INFO = (
    "يُبقى على ما يخرج من هذه العصبونات، وتُحذف أوزان أخرى بدلًا منه: فتبقى نسبة المحذوف كما هي. وهذا خاص "
    "بالطرق التي تبقي أعلى الدرجات في كل صف أو طبقة."
)

EMPTY_TASK_FOLDER = "طُلب أن تؤخذ الاختبارات المعيارية من مجلد، لكن لم يُذكر مجلد: اكتب مساره، أو اختر أن تُجلب من Hub."
TASK_ITEMS_RANGE = "يجب أن يكون عدد الأسئلة لكل لغة 1 أو أكثر؛ والقيمة المعطاة {given}."


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
        *(["، ".join(task_name(name) for name in tasks)] if tasks else []),
        *([_count(len(studies), "دراسة واحدة", "دراستان", "دراسات", "دراسة")] if studies else []),
        *([f"استثناء العصبونات اللغوية: {'، '.join(spared)}"] if spared else []),
    ]
    return "؛ ".join(parts)


# --- method ----------------------------------------------------------------------------------------------------------------

METHOD = "الطريقة"
SPARSITY = "التناثر (% من الأوزان محذوفة)"
SPARSITY_INFO = "تبقى التضمينات ورأس الإخراج كاملة."
PURPOSES = {
    "recommended": "يُنصح بها",
    "simple": "بسيطة وسريعة",
    "languages": "تمزج اللغات",
    "layers": "غير متساوية بين الكتل",
    "solvers": "تحسّن الأوزان",
    "gradients": "تستعمل التدرّجات",
    "other": "المزيد",
}

COMBINE = "ركّبها بنفسك (للمتقدمين)"
COMBINE_HELP = (
    "الطريقة تركيب من اختيارات. تبدأ كل قائمة باختيار الطريقة المحددة أعلاه؛ غيّر واحدًا منها فتكون لك "
    "طريقة خاصة بك. وتتبعها الصيغ والإعدادات أدناه."
)
COMBINE_BACK = "العودة إلى الطريقة المسمّاة"
COMBINED = "**تركيبتك الخاصة**، انطلاقًا من {method}: {changes}."
COMBINED_CHANGE = "{choice}: {part}"
PROBLEM = "**لا يمكن تشغيل هذا.** {problem}"
PATTERN = "أين يجوز أن تقع الأصفار"
PATTERNS = {
    "unstructured": "في أي مكان، بالمقارنة داخل كل صف إخراج",
    "layer": "في أي مكان، بالمقارنة داخل كل مصفوفة",
    "global": "في أي مكان، بالمقارنة داخل النموذج كله",
    "2:4": "يبقى 2 من كل 4 (50%)",
    "4:8": "يبقى 4 من كل 8 (50%)",
    "n:m": "يبقى N من كل M، وأنت تحدد N وM",
    "mixed": "N:M مختلط، وتختلف N من كتلة إلى أخرى",
}
PATTERN_N, PATTERN_M = "N: عدد الأوزان الباقية", "M: عدد المتجاورات في المجموعة"
PATTERN_FIXED = "{pattern}: يُحذف {sparsity} بالضبط في كل كتلة؛ فهذا هو التناثر، وتُعامل الكتل كلها معاملة واحدة."
PATTERN_MIXED = "تُبقي كل كتلة من كل M العددَ الأقرب إلى تناثرها."
PATTERN_WHOLE = "يجب أن يكون N وM عددين صحيحين؛ والقيمتان المعطاتان {n} و{m}."
METHOD_DETAILS = "صيغ هذه الطريقة"
HAS_RECONSTRUCTION = "*لم يمكن التحقق من كل صيغها في الورقة العلمية: انظر أدناه.*"
METHOD_LOADING = "تُقرأ الطرق ..."
KNOBS = "إعدادات هذه الطريقة"
NO_KNOBS = "ليس لهذه الطريقة إعدادات."
MORE_KNOBS = "تبقى هنا إعدادات أخرى على قيمها الافتراضية (عددها {count})؛ ويمكن ضبطها من Python ومن سطر الأوامر."
PART_NAMES = {
    "activation": "أهمية قناة الإدخال",
    "score": "درجة الوزن",
    "allocation": "تناثر كل كتلة",
    "solver": "من الدرجات إلى الأوزان",
    "rows": "تناثر كل صف إخراج",
    "repair": "ترميم الأوزان الباقية",
}
ORIGINS = {
    "paper": "الصيغة كما نُشرت",
    "reconstruction": "إعادة بناء من عندنا: لم يمكن التحقق من الصيغة الدقيقة في الورقة العلمية",
    "own": "صيغة خاصة بهذا المشروع",
}
KNOB_LABELS = {
    "lam": "λ (lambda)",
    "gamma": "γ (gamma)",
    "spread": "مدى التفاوت",
    "strength": "شدة التفاوت بين الطبقات Λ",
    "protect": "أيّ الكتل يبقى فيها وزن أكثر",
    "power": "الأس a",
    "outlier": "عتبة القيم الشاذة M",
    "mapping": "ما يحدد تناثر الكتلة",
    "aggregate": "جمع الضرر عبر اللغات",
    "transform": "مقياس الضرر",
    "mix": "من أين تأتي أوزان اللغات",
    "eps": "ε (epsilon)",
    "alpha": "α (alpha)",
    "max_rate": "أكبر معدل تعلّم",
    "max_swaps": "أكبر عدد من المبادلات",
    "language": "اللغة المستهدفة",
    "weights_by_language": "وزن كل لغة",
    "blocksize": "عدد الأعمدة معًا",
}
TEXT_HELP = {
    "language": "إحدى لغات المعايرة؛ أما الأخرى فتُقاس ولا دور لها. إن لم تُختر لغة فالأولى منها.",
    "weights_by_language": "مثلًا en=1, sw=3. اللغة غير المذكورة وزنها 1، والقيمة 0 تستبعد اللغة.",
}
CHOICE_LABELS = {
    "std": "الانحراف المعياري",
    "cv": "معامل الاختلاف",
    "different": "حيث تختلف اللغات",
    "shared": "حيث تتفق اللغات",
    "rank": "رتبتها بين الكتل",
    "linear": "ارتباطها نفسه",
}


def knob_label(name: str, unit: str) -> str:
    """A setting by its symbol or plain name."""
    label = KNOB_LABELS.get(name, name.replace("_", " ").capitalize())
    return f"{label} ({unit})" if unit else label


def part_name(choice: str) -> str:
    """What a part of a method decides."""
    return PART_NAMES.get(choice, choice.replace("_", " ").capitalize())


# --- reasons ---------------------------------------------------------------------------------------------------------------

TAB_REASONS = "أسباب محتملة"
REASONS_HELP = (
    "دراسات تبحث عمّا يرافق الخسائر. وهي تُظهر ترافقًا لا سببًا: فكل واحدة منها تقول ما كان سيُرى "
    "بالصدفة وحدها، وإلى أي حدّ يمكن أن تصل القيمة."
)
ABSENT = (
    "لم يُقَس هذا في هذه التجربة. افتح **قياسات إضافية** في العمود الجانبي، وضع علامة على **{study}**، واضغط **ابدأ التقليم**."
)

# Masks

OVERLAP_HEADING = "### هل كانت ستُحذف الأوزان نفسها من أجل لغة أخرى؟"
OVERLAP_HELP = (
    "تقرر كل لغة وحدها أيّ الأوزان تُحذف؛ وتقول الخانة إلى أي مدى يتفق قراران كهذين. القيمة **0** هي ما يشترك فيه اختياران عشوائيان "
    "بالحجم نفسه، و1 هي الاختيار نفسه. والقطر المؤطَّر هو **السقف**: اللغة نفسها بنص آخر. فإذا اقتربت خانة لغتين "
    "من سقفيهما فهما تحتاجان إلى الأوزان نفسها؛ والتقليم من أجل إحداهما يخدم الأخرى."
)
OVERLAP_WHERE = "الجزء من النموذج"
OVERLAP_WHOLE = "النموذج كله"
OVERLAP_MODULE = "المصفوفة: {name}"
OVERLAP_BLOCK = "الكتلة {block}"
OVERLAP_VIEW = "اعرض"
OVERLAP_VIEWS = {"corrected": "التداخل فوق الصدفة", "of_ceiling": "كنسبة من السقف"}
OVERLAP_BLOCKS_HEADING = "### أين تفترق اللغات داخل النموذج"
OVERLAP_BLOCKS_HELP = "متوسط أزواج اللغات في كل كتلة، وفوقه متوسط السقف. وكلما اتسعت الفجوة زاد توقّف اختيار الأوزان على اللغة."
OVERLAP_ONE = "لغة معايرة واحدة: لا زوج للمقارنة. والسقف {value:.3f}."
BAR_OVERLAP, BAR_OF_CEILING = "التداخل", "النسبة"
HOVER_OVERLAP = _rtl(
    "{a} و{b}<br>فوق الصدفة \u200e{corrected:.3f}<br>السقف \u200e{ceiling:.3f}<br>IoU {iou:.3f}، بالصدفة {expected:.3f}"
)
HOVER_CEILING = _rtl("{a}، نص آخر من اللغة نفسها<br>السقف \u200e{corrected:.3f}<br>IoU {iou:.3f}، بالصدفة {expected:.3f}")
LEGEND_PAIRS, LEGEND_CEILING, LEGEND_RANDOM = _rtl("لغتان (المتوسط)"), _rtl("اللغة نفسها، نص آخر"), "الصدفة"
AXIS_OVERLAP = "التداخل فوق الصدفة"

# Neurons

NEURONS_HEADING = "### أين العصبونات اللغوية"
NEURONS_HELP = (
    "عصبونات في النموذج الكثيف تنشط في لغات قليلة (1% من كل العصبونات، تُختار بحسب إنتروبيا نشاطها). وقد ينتمي العصبون "
    "إلى عدة لغات. وُجدت على نص المعايرة، فهي للغات المعايرة وحدها."
)
NEURONS_PRUNED_HEADING = "### هل يأخذ التقليم منها أكثر مما يأخذ من غيرها؟"
NEURONS_PRUNED_HELP = (
    "متوسط نسبة المحذوف من الأوزان الخارجة من العصبون (عموده في مصفوفة down). ويضم الشريط الرمادي 95% من "
    "عصبونات عشوائية، بالعدد نفسه ومن الكتل نفسها: فما كان داخله يعني أن العصبونات اللغوية عوملت كغيرها. والطريقة التي "
    "تقارن الأوزان داخل الصف تأخذ النسبة نفسها من كل صف أيًّا كانت اللغة، فالأعمدة وحدها تكشف الفرق."
)
NEURONS_DRIFT_HEADING = "### هل بقيت العصبونات نفسها بعد التقليم؟"
NEURONS_DRIFT_HELP = (
    "أُعيد البحث عن العصبونات اللغوية في النموذج المقلَّم. العصبونات المفقودة لم تعد انتقائية؛ وحلّت محلّها عصبونات جديدة. "
    "وكان بعض هذا التغيّر سيظهر على نص آخر حتى بلا تقليم."
)
NEURONS_NONE = "لم توجد عصبونات لغوية."
LEGEND_OWN, LEGEND_CONTROL = "العصبونات اللغوية", _rtl("عصبونات عشوائية من الكتل نفسها (95%)")
LEGEND_SHARED, LEGEND_LOST, LEGEND_NEW = "باقية", "مفقودة", "جديدة"
AXIS_COLUMN = _rtl("الأوزان الخارجة المحذوفة (%)")
AXIS_NEURONS = "العصبونات"
BAR_NEURONS = "عصبونات"
HOVER_NEURONS = _rtl("{name}، الكتلة {block}: عدد العصبونات {neurons} ({share} من الكتلة)")
HOVER_NEURONS_PRUNED = _rtl(
    "{name}، عدد العصبونات {neurons}<br>المحذوف {column:.1f}%<br>عشوائيًّا {random:.1f}% ({low:.1f} إلى {high:.1f})<br>{verdict}"
)
NEURONS_INSIDE, NEURONS_ABOVE, NEURONS_BELOW = (
    "مثل العصبونات العشوائية",
    "أكثر من العصبونات العشوائية",
    "أقل من العصبونات العشوائية",
)

# Predictors

PREDICTORS_HEADING = "### ما الذي يرافق خسارة اللغة؟"
PREDICTORS_HELP = "نقطة لكل لغة. كلما ارتفعت كانت الخسارة أكبر. **ارتباط لا سببية**: فاللغات تختلف في أمور كثيرة في آن واحد."
PREDICTOR_MENU = "مقابل"
PREDICTORS = {
    "similarity": "الشبه بمزيج المعايرة",
    "cosine": "الشبه بالمزيج (جيب تمام بسيط)",
    "fertility": "الوحدات النصية لكل بايت",
    "dense_loss": "خسارة النموذج الكثيف",
    "dense_bits": "بت لكل بايت في النموذج الكثيف",
    "log_share": "الحصة من نصوص الويب",
    "mask_overlap": "اتفاق قناعها مع قناع المزيج",
    "neurons_pruned": "نسبة المحذوف من أوزان عصبوناتها",
}
PREDICTOR_AXES = {
    "similarity": _rtl("شبه تنشيطاتها بمزيج المعايرة<br>(جيب التمام على مقياس لوغاريتمي)"),
    "cosine": _rtl("شبه تنشيطاتها بمزيج المعايرة<br>(جيب التمام)"),
    "fertility": "الوحدات النصية لكل بايت من النص",
    "dense_loss": _rtl("خسارة النموذج الكثيف (نات لكل وحدة نصية)"),
    "dense_bits": _rtl("خسارة النموذج الكثيف (بت لكل بايت)"),
    "log_share": _rtl("نصوص الويب بهذه اللغة (لوغاريتم الميغابايت)"),
    "mask_overlap": _rtl("تداخل قناعها مع قناع المزيج،<br>فوق الصدفة"),
    "neurons_pruned": _rtl("نسبة المحذوف من الأوزان الخارجة<br>من عصبوناتها اللغوية"),
}
AXIS_INCREASE = _rtl("زيادة الخسارة (نات لكل وحدة نصية)")
HOVER_PREDICTOR = _rtl("{name} ({role})<br>{what}: \u200e{value:.3g}<br>زيادة الخسارة \u200e{increase:.3f} نات")
PREDICTOR_NONE = "هذه القيمة غير معروفة لأي لغة في هذه التجربة."
CORRELATION_FEW = "عدد اللغات {n}: أقل من أن يُحسب ارتباط."
CORRELATION = "**r = {r:+.2f}** (عدد اللغات {n}{interval})؛ p = {p} من التباديل. وبالرتب: \u200e{rho:+.2f}، p = {rho_p}."
CORRELATION_INTERVAL = "، 95% من \u200e{low:+.2f} إلى \u200e{high:+.2f}"
CORRELATION_NO_INTERVAL = "، أقل من أن تُحسب فترة ثقة"
CORRELATION_WARNING = "ارتباط لا سببية. عدد القيم التي نُظر فيها {tests}: ومن كل عشرين قيمة تكون p لواحدة دون 0.05 بالصدفة."
CORRELATION_GROUPS = {"all": "الكل", "calibration": "لغات المعايرة", "held-out": "خارج المعايرة"}
CORRELATION_COLUMNS = {
    "predictor": "القيمة", "languages": "اللغات", "n": "n", "pearson": "r", "interval": "فترة ثقة 95%", "pearson_p": "p",
    "spearman": "بالرتب", "spearman_p": "p للرتب",
}  # fmt: skip

# Texts written

WRITING_HEADING = "### ماذا يكتب النموذجان"
WRITING_HELP = (
    "يكمل كلاهما البداية نفسها، آخذًا دائمًا أرجح كلمة تالية. اقرأ النصوص قبل الأرقام: فخسارة مقدارها بضعة أعشار قد تكون "
    "نصًّا سلسًا فيه معلومات أخرى، أو كلمة تتكرر بلا نهاية."
)
WRITING_LANGUAGE = "اللغة"
WRITING_BEFORE, WRITING_AFTER = "النموذج الكثيف", "النموذج المقلَّم"
WRITING_OPENING = "البداية"
WRITING_EMPTY = "(لا شيء: أنهى النموذج النص فورًا)"
WRITING_SAME = "مطابق كلمة بكلمة."
WRITING_AGREE = "عدد الوحدات النصية المتطابقة في البداية: {count}."
WRITING_AGREE_ONE = "الوحدة النصية الأولى متطابقة."
WRITING_APART = "يختلفان من أول وحدة نصية."
WRITING_LOOP = "حلقة متكررة (عدد الوحدات النصية {count})"
WRITING_REPEATED = "تكرر {share} من المتتاليات الثلاثية من الوحدات النصية"
WRITING_IN = "بلغة {name} ({share})"
WRITING_UNKNOWN = "لم تُعرف اللغة"
WRITING_SCRIPT = "{share} بكتابة اللغة"
WRITING_ENDED = "انتهى من تلقاء نفسه"
ON_LANGUAGE_HEADING = "### هل ما زال يجيب بلغة البداية؟"
ON_LANGUAGE_HELP = (
    "نسبة النصوص المكتوبة بلغة بدايتها، مع فترات ثقة 95%. عدد البدايات لكل لغة {count}، فلا تُرى إلا التغيّرات الكبيرة."
)
SCRIPT_HELP = (
    'لا أداة مثبتة للتعرف على اللغة (`pip install "mwanda-explorer[langid]"`)، فهذه نسبة الحروف المكتوبة '
    "بكتابة اللغة؛ ولا يمكن بها التمييز بين اللغات ذات الحرف اللاتيني."
)
REPETITION_HEADING = "### هل يكرر نفسه؟"
REPETITION_HELP = "نسبة المتتاليات الثلاثية من الوحدات النصية التي سبق ورودها في النص نفسه؛ والقيمة 0 تعني أنْ لا تكرار البتة."
AXIS_ON_LANGUAGE, AXIS_SCRIPT = _rtl("النصوص المكتوبة باللغة الصحيحة (%)"), _rtl("الحروف المكتوبة بالكتابة الصحيحة (%)")
AXIS_REPETITION = _rtl("المتتاليات الثلاثية المكررة (%)")
WRITING_COLUMNS = {
    "name": "اللغة", "prompts": "البدايات", "on_language_dense": "اللغة صحيحة قبل %", "on_language_pruned": "اللغة صحيحة بعد %", "p_value": "p",
    "script_share_dense": "الكتابة صحيحة قبل %", "script_share_pruned": "الكتابة صحيحة بعد %", "repetition_dense": "مكرر قبل %",
    "repetition_pruned": "مكرر بعد %", "same": "نص مطابق %",
}  # fmt: skip

# Beyond perplexity

PROFILE_HEADING = "### ما وراء الحيرة"
PROFILE_HELP = "قد يخسر نموذجان القدر نفسه ويختلفان من الداخل. ثلاث نظرات إلى النصوص نفسها، قبل التقليم وبعده؛ والأعمدة فترات ثقة 95% على النصوص."
PROFILE_LANGUAGE = "اللغة"
PROFILE_ALL = "كل اللغات (المتوسط)"
ERANK_HEADING = "#### في كم اتجاهًا تختلف كلمات النص؟"
ERANK_HELP = (
    "الرتبة الفعّالة (effective rank) للحالات الخفية للنص بعد كل كتلة. إذا انخفضت بعد التقليم فالنموذج يميز بين الكلمات في اتجاهات "
    "أقل. والنقطة الأخيرة، وهي نجمة، بعد التطبيع الأخير؛ وهي التي في الجدول."
)
TAU_HEADING = "#### هل ما زالت أرجح الكلمات التالية بالترتيب نفسه؟"
TAU_HELP = "معامل كندال τ بين ترتيبي النموذجين الكثيف والمقلَّم لأرجح k كلمة عند النموذج الكثيف: 1 الترتيب نفسه، و0 لا شيء مشترك."
ENERGY_HEADING = "#### هل ضعف ما يدل على كل كلمة؟"
ENERGY_HELP = (
    "انزياح الطاقة الممركزة (نات). إلى اليمين: تبرز القيم الأولية (logits) عن متوسطها بروزًا أقل، أي إن النموذج أقل حسمًا. ولا "
    "تُرسم الطاقة المجردة: فإزاحة كل القيم الأولية معًا تحركها ولا تضر شيئًا."
)
AXIS_ERANK = "الرتبة الفعّالة"
AXIS_TAU = _rtl("معامل كندال \u200eτ (1: الترتيب نفسه)")
AXIS_ENERGY = _rtl("انزياح الطاقة الممركزة (نات، المقلَّم − الكثيف)")
LEGEND_TOP = _rtl("أرجح {k}")
FINAL_NORM = "بعد التطبيع الأخير"
HOVER_ERANK = _rtl("{place}<br>{side}: {value:.1f}")
HOVER_TAU = _rtl("{name}، أرجح {k}: \u200e{value:.3f} (\u200e{low:.3f} إلى \u200e{high:.3f})<br>عدد المواضع {positions}")
HOVER_ENERGY = _rtl(
    "{name}: \u200e{value:+.2f} نات (\u200e{low:+.2f} إلى \u200e{high:+.2f})<br>قبل \u200e{before:.1f}، بعد \u200e{after:.1f}<br>تمييزها عن نص مخلوط: قبل {sep_before}، بعد {sep_after}"
)
PROFILE_NONE = "لا شيء يُرسم."
PROFILE_COLUMNS = {
    "name": "اللغة", "erank_dense": "الرتبة قبل", "erank_pruned": "الرتبة بعد", "tau_3": "\u200eτ لأرجح 3", "tau_10": "\u200eτ لأرجح 10", "tau_20": "\u200eτ لأرجح 20",
    "shift": "انزياح الطاقة", "shift_interval": "فترة ثقة 95%", "separation_dense": "التمييز قبل", "separation_pruned": "التمييز بعد",
}  # fmt: skip
OVERLAP_COLUMNS = {
    "name": "اللغة",
    "other_name": "اللغة الأخرى",
    "corrected": "فوق الصدفة",
    "ceiling": "السقف",
    "of_ceiling": "النسبة من السقف",
    "iou": "IoU",
    "expected": "بالصدفة",
}
NEURON_SHARE = "النسبة من الكتلة %"
NEURON_COLUMNS = {
    "name": "اللغة", "neurons": "العصبونات", "column": "المحذوف %", "random_column": "العشوائي %", "random_interval": "العشوائي، 95%",
    "shared": "باقية", "lost": "مفقودة", "new": "جديدة", "jaccard": "نسبة المطابقة %",
}  # fmt: skip

STUDY_TABLE_TITLES = {
    "tasks": "الاختبارات المعيارية، الكثيف مقابل المقلَّم",
    "task_means": "الاختبارات المعيارية، متوسط اللغات",
    "task_items": "الاختبارات المعيارية، كل سؤال",
    "overlap": "تداخل أقنعة اللغات",
    "overlap_modules": "تداخل الأقنعة بحسب مصفوفة الأوزان",
    "overlap_blocks": "تداخل الأقنعة بحسب الكتلة",
    "neurons": "العصبونات اللغوية والتقليم",
    "neuron_blocks": "العصبونات اللغوية بحسب الكتلة",
    "neuron_drift": "العصبونات اللغوية قبل التقليم وبعده",
    "predictors": "ما يُعرف عن كل لغة",
    "correlations": "الارتباطات مع الخسارة",
    "generated_texts": "النصوص المكتوبة",
    "generated_languages": "النصوص المكتوبة، بحسب اللغة",
    "profile_layers": "الرتبة الفعّالة بحسب الكتلة",
    "profile_ranking": "ترتيب أرجح الكلمات",
    "profile_energy": "الطاقة",
    "profile_positions": "الطاقة بحسب الموضع في النص",
}


def agreement(count: int) -> str:
    """How long two texts are the same."""
    if count == 0:
        return WRITING_APART
    if count == 1:
        return WRITING_AGREE_ONE
    if count == 2:
        return "أول وحدتين نصيتين متطابقتان."
    return f"أول {_count(count, '', '', 'وحدات نصية', 'وحدة نصية')} متطابقة."


# --- results ---------------------------------------------------------------------------------------------------------------

EARLIER = "تجارب سابقة"
EARLIER_NONE = "تجارب سابقة (لا شيء بعد)"
EXAMPLE = "تجربة المثال"
EXAMPLE_BANNER = "**مثال محسوب مسبقًا:** {title}. اضغط «ابدأ التقليم» لتُجري تجربتك؛ فتحلّ أرقامها محلّ هذه."
RUN_BANNER = "**المعروض:** {title}. رابط هذه التجربة: [{link}]({link})"
NO_RUN = "لا تجربة تُعرض بعد. اضغط **ابدأ التقليم**: فتظهر أرقام تجربتك هنا."

TAB_OVERVIEW, TAB_ACTIVATION, TAB_SPARSITY = "نظرة عامة", "التنشيطات", "التناثر"
TAB_LANGUAGES, TAB_TABLES, TAB_ABOUT = "اللغات", "الجداول", "حول الصفحة"

CARD_MEAN = "الحيرة، متوسط كل اللغات"
CARD_CALIBRATED = "لغات المعايرة"
CARD_HELD_OUT = "لغات خارج المعايرة"
CARD_WORST = "اللغة الأكثر تضررًا: {name}"
CARD_SPARSITY = "الأوزان المحذوفة"
CARD_ACCURACY = "دقة الاختيار، متوسط التغيّر"

ZEROS = (
    "الأصفار وحدها لا توفّر حجمًا ولا زمنًا: فللنموذج المقلَّم الحجم والسرعة نفسهما كما كان. ولا بد للكسب من طرق "
    "تخزين ونوى حساب (kernels) معدّة للأوزان المتناثرة، مثل 2:4 على بعض معالجات GPU."
)
NOTES, TIMINGS, AGAIN = "ملاحظات", "أين ذهب الزمن", "التجربة نفسها من Python"
TIMING_NAMES = {
    "load": "تحميل النموذج والنصوص",
    "dense scores": "قياس النموذج الكثيف",
    "statistics": "إحصاءات المعايرة",
    "pruning": "اختيار الأوزان وحذفها",
    "pruned scores": "قياس النموذج المقلَّم",
    "studies": "الاختبارات المعيارية والدراسات",
    "total": "المجموع",
}

KIND = "مُدخل"
KIND_ALL = "كل المُدخلات (المتوسط)"
MEASURE = "اعرض"
MEASURES = {"deviation": "البعد عن اللغة المتوسطة", "rms": "شدة التنشيطات"}
ALL_LANGUAGES = "الكل (التباين)"
ACTIVATION_HEADING = "### ما مدى اختلاف اللغات في استعمال كل كتلة"
ACTIVATION_HELP = (
    "كل خانة: كم تبعد شدة القنوات في لغة ما عن متوسطها على لغات المعايرة، منسوبةً إلى "
    "هذا المتوسط (0: مثله تمامًا). والصف الأسفل هو متوسط اللغات: التباين بين اللغات."
)
RMS_HELP = "كل خانة: جذر متوسط مربعات التنشيطات الداخلة إلى هذه الأوزان، بوحدات النموذج نفسه."
SIMILARITY_HEADING = "### أيّ اللغات تتشابه داخل النموذج"
SIMILARITY_HELP = (
    "ارتباط (لوغاريتم) شدة القنوات في لغتين، بمتوسط الكتل. الفروق صغيرة لأن أقوى القنوات مشتركة بين "
    "كل اللغات؛ وتغطي الألوان المجال الموجود."
)
ONE_LANGUAGE = "لغة معايرة واحدة: لا شيء تُقارَن به."

SPARSITY_HEADING = "### تناثر كل كتلة"
SPARSITY_HELP = (
    "كيف توزّع {method} التناثر على الكتل. حرّك المنزلقة: يتبعها الخط فورًا، محسوبًا من أهمية "
    "الكتل المحفوظة مع التجربة، من غير تشغيل النموذج من جديد."
)
PREVIEW = "التناثر المراد معاينته (%)"
PREVIEW_INFO = "تتحرك مع منزلقة التجربة التالية."
LAYERS_HEADING = "### تناثر كل مصفوفة أوزان في هذه التجربة"
LAYERS_VIEW = "اعرض"
LAYERS_VIEWS = {"achieved": "كما تحقق", "allocated": "كما وُزّع", "difference": "الفرق عن التوزيع المتساوي"}
LAYERS_HELP = "تُحذف أوزان كاملة من كل صف إخراج، فيكون المتحقق دون المخصص بما لا يزيد على وزن واحد في كل صف."

LANGUAGES_HEADING = "### الحيرة: كم صار التنبؤ بكل لغة أصعب"
LANGUAGES_HELP = (
    "الحيرة بعد التقليم مقسومة على الحيرة قبله، على النصوص نفسها؛ و1 تعني بلا تغيّر. الأعمدة فترات ثقة 95% "
    "على النصوص. ويمكن مقارنة النسب بين اللغات، أما قيم الحيرة نفسها فلا (لأن الوحدات النصية تختلف)."
)
VIEW = "اعرض"
VIEWS = {"difference": "الفرق", "both": "قبل وبعد"}
ACCURACY_HEADING = "### دقة الاختيار: هل ما زال النموذج يعرف أيّ تتمّة هي الصحيحة؟"
ACCURACY_HELP = (
    "{items}، لكل سؤال أربع تتمّات، فالتخمين يعطي {chance}. الأعمدة فترات ثقة 95%. العلامات المفرَّغة: لا يتميّز "
    "النموذج الكثيف نفسه عن التخمين في هذه اللغة، فالتغيّر هناك لا يقول شيئًا."
)
ACCURACY_NONE = "لم تُقَس دقة الاختيار في هذه التجربة."
SUMMARY_HEADING = "### كل اللغات في نظرة واحدة"
SUMMARY_HELP = (
    "الحيرة ودقة الاختيار («الدقة») قبل التقليم وبعده. الأغمق أسوأ؛ وفي العمود الأخير الأحمر نقصان في الدقة والأزرق زيادة."
)
WORST = "الأكثر تضررًا"
ROLES = {"calibration": "لغة معايرة", "held-out": "خارج المعايرة"}

TABLES_HELP = "كل الجداول التي وراء الأشكال. والتجربة كلها، بإعداداتها ونسخ برامجها، في report.json."
DOWNLOAD_CSV = "تنزيل CSV"
DOWNLOAD_ALL = "تنزيل كل شيء (ZIP)"
TABLE_TITLES = {
    "languages": "اللغات، الكثيف مقابل المقلَّم",
    "allocation": "تناثر كل كتلة",
    "layers": "تناثر كل مصفوفة أوزان",
    "activations": "إحصاءات التنشيط",
    "similarity": "تشابه اللغات",
    "texts": "كل نص مقيس",
    "choices": "كل سؤال اختيار",
}

HOVER_POINTS = _rtl("\u200e%{x:+.0f} نقطة")
HOVER_INTERVAL = _rtl("95%: \u200e%{customdata[1]:.3g} إلى \u200e%{customdata[2]:.3g}")
AXIS_BLOCK = _rtl("كتلة فكّ الترميز (0 هي الأقرب إلى النص)")
AXIS_LANGUAGE = "اللغة"
AXIS_OTHER = "اللغة الأخرى"
AXIS_MODULE = "مصفوفة الأوزان"
AXIS_SPARSITY = _rtl("التناثر (% من الأوزان محذوفة)")
AXIS_RATIO = _rtl("الحيرة بعد التقليم ÷ قبله<br>(مقياس لوغاريتمي، بلا وحدة)")
AXIS_BITS = _rtl("الخسارة (بت لكل بايت من النص)،<br>الأقل أفضل")
AXIS_ACCURACY = _rtl("الأسئلة المجاب عنها إجابة صحيحة (%)")
AXIS_CHANGE = _rtl("تغيّر الدقة<br>(نقاط مئوية)")
AXIS_MEASURE = "المقياس"
BAR_DEVIATION = "نسبي"
BAR_RMS = "RMS"
BAR_CORRELATION = "ارتباط"
BAR_PERCENT = "%"
BAR_POINTS = "نقاط"
LEGEND_UNIFORM, LEGEND_THIS_RUN, LEGEND_ACHIEVED = "متساوٍ", "المخصص في هذه التجربة", "المتحقق في هذه التجربة"
LEGEND_PREVIEW = _rtl("عند {value:.0f}%")
LEGEND_CHANCE = "التخمين"
LEGEND_DENSE, LEGEND_PRUNED = _rtl("قبل (كثيف)"), _rtl("بعد (مقلَّم)")
SUMMARY_COLUMNS = (
    "الحيرة<br>قبل",
    "الحيرة<br>بعد",
    "الحيرة<br>النسبة",
    "الدقة<br>قبل",
    "الدقة<br>بعد",
    "الدقة<br>التغيّر",
)

COLUMNS: Mapping[str, str] = {
    "name": "اللغة", "language": "الرمز", "role": "الدور", "texts": "النصوص", "tokens": "الوحدات النصية", "bytes": "البايتات",
    "dense_perplexity": "قبل", "pruned_perplexity": "بعد", "perplexity_ratio": "النسبة",
    "ratio_interval": "فترة ثقة 95%", "change_interval": "فترة ثقة 95%",
    "increase": "زيادة الخسارة (نات)", "items": "الأسئلة", "dense_accuracy": "قبل %", "pruned_accuracy": "بعد %",
    "accuracy_change": "النقاط", "informative": "فوق التخمين",
    "block": "الكتلة", "input": "مُدخل", "rms": "RMS", "deviation": "البعد", "variance": "التباين",
    "other_name": "اللغة الأخرى", "correlation": "الارتباط", "module": "المصفوفة", "weights": "الأوزان",
    "allocated": "المخصص %", "achieved": "المتحقق %", "sparsity": "المخصص %",
    "importance": "الأهمية", "preview": "المعاينة %", "kept": "الباقي", "pruned": "المحذوف", "zeros_before": "أصفار من قبل",
}  # fmt: skip


def headline(method: str, removed: float, mean: str, calibrated: str, held_out: str, worst: str, worst_times: str) -> str:
    """What a run did, for someone who reads nothing else. `calibrated` or `held_out` is empty where there was none."""
    text = (
        f"**حذفت {method} نسبة {percent(removed, 1)} من الأوزان القابلة للتقليم.** وتغيّرت الحيرة بمعامل {mean} وسطيًّا على كل "
        f"اللغات المقيسة"
    )
    if calibrated and held_out:
        text += f": بمعامل {calibrated} في لغات المعايرة، وبمعامل {held_out} في لغات لم ترها المعايرة قط"
    return f"{text}. وأكثر اللغات خسارةً **{worst}**: بمعامل {worst_times}."


def of_model(model: Mapping[str, object]) -> str:
    """How much of the model can be pruned at all."""
    prunable, everything = float(str(model["prunable"])), float(str(model["parameters"]))
    return f"من {prunable / 1e6:,.0f} مليون قابلة للتقليم؛ وفي النموذج {everything / 1e6:,.0f} مليونًا"


def made_on(device: str, dtype: str, versions: Mapping[str, str]) -> str:
    """Under which circumstances a run was made."""
    return f"{device}، {dtype}؛ torch {versions.get('torch', '?')}، transformers {versions.get('transformers', '?')}."


# --- running ---------------------------------------------------------------------------------------------------------------

PRUNE, CANCEL = "ابدأ التقليم", "ألغِ"
LOG = "السجل"

IDLE = "لا شيء قيد التشغيل."
STARTING = "يبدأ"
CANCELLING = "يتوقف عند نهاية هذه الخطوة ..."
CANCELLED = "أُلغيت. والأرقام أدناه أرقام التجربة التي كانت معروضة من قبل."
PROGRESS = "تقدّم التجربة"
UNKNOWN_KIND = "ليس هناك نوع من المهام اسمه {given}؛ والموجود: {known}."
LOST_JOB = "لم تعد تجربة هذه الصفحة معروفة هنا: أُعيد تشغيل الخادم."
GPU_TAB_CLOSED = "على معالج GPU المشترك هذا تنتهي التجربة بإغلاق الصفحة التي بدأتها. اضغط «ابدأ التقليم» للبدء من جديد."


def queued(ahead: int) -> str:
    """How many runs come first."""
    return f"قبل هذه التجربة في الانتظار {_count(ahead, 'تجربة واحدة', 'تجربتان', 'تجارب', 'تجربة')}."


def time_left(left: float | None, elapsed: float) -> str:
    """Elapsed, and left where it is known."""
    return f"مضى {seconds(elapsed)}" + ("" if left is None else f"، وبقي نحو {seconds(left)}")


def job_title(method: str, sparsity: float, model: str, languages: Sequence[str]) -> str:
    """One line for a job."""
    names = "، ".join(languages[:4]) + (f" و{len(languages) - 4} غيرها" if len(languages) > 4 else "")
    return f"{method}، {percent(sparsity)}، {model} ({names})"


def finished(title: str, elapsed: float) -> str:
    """How a successful job ended."""
    return f"تمّ في {seconds(elapsed)}: {title}."


# --- sweeping --------------------------------------------------------------------------------------------------------------

TAB_SWEEP = "تجارب كثيرة"
SWEEP_TAB, PROTECT_TAB, UNFINISHED_TAB = "سلسلة تجارب", "حماية لغة", "تجارب مقطوعة"

SWEEP_HELP = (
    "سلسلة التجارب تجارب كثيرة من خطة واحدة: كل تناثر مع كل طريقة وكل مزيج لغات وكل بذرة. "
    "وكل ما لا يُسأل عنه هنا (النموذج والنصوص وأجزاء الطريقة وما يُقاس) فكما ضُبط في العمود الجانبي."
)
SWEEP_SPARSITIES = "قيم التناثر (%)"
SWEEP_SPARSITIES_INFO = "نسب مئوية من الأوزان المراد حذفها، تفصل بينها فواصل."
SWEEP_METHODS = "الطرق"
SWEEP_METHODS_INFO = "طرق مسمّاة بإعداداتها، والطريقة التي ركّبتها في العمود الجانبي."
SWEEP_LEFT = "الطريقة التي في العمود الجانبي، كما هي مضبوطة"
SWEEP_MIXES = "أمزجة لغات المعايرة"
SWEEP_MIXES_INFO = "مزيج في كل سطر، واللغات بأسمائها أو رموزها. فارغ: اللغات التي في العمود الجانبي."
SWEEP_MIXES_EXAMPLE = "en\nen, de, hi, sw\nHindi, Bengali, Tamil"
SWEEP_SEEDS = "البذور"
SWEEP_SEEDS_INFO = "أعداد صحيحة: كل عدد اختيار آخر لمقاطع المعايرة."
SWEEP_NAME = "الاسم"
SWEEP_NAME_INFO = "لتجد السلسلة لاحقًا. فارغ: وقت بدئها."
SWEEP_START, SWEEP_RESUME, SWEEP_FORGET = "ابدأ السلسلة", "استأنف", "انسَ الخطة"
SWEEP_KEPT = "السلاسل حتى الآن"
SWEEP_KEPT_NONE = "السلاسل حتى الآن (لا شيء بعد)"
SWEEP_FORGOTTEN = "نُسيت الخطة {name}. وتبقى تجاربها."
SWEEP_WAITING = "تُحصى تجارب الخطة ..."
SWEEP_LOG = "سجل السلسلة"

SWEEP_NO_SPARSITY = "لم يُذكر تناثر: اكتب نسبًا مئوية، مثل 30, 50, 70."
SWEEP_BAD_SPARSITY = "قيم التناثر نسب مئوية من 1 إلى 99، تفصل بينها فواصل؛ ومن القيم المعطاة {given}."
SWEEP_NO_METHOD = "لم تُختر طريقة: خذ التي في العمود الجانبي، أو طرقًا مسمّاة من القائمة."
SWEEP_BAD_LANGUAGE = "لا نصوص بلغة {given}: اختر نصوصًا أخرى في العمود الجانبي، أو احذفها من المزيج."
SWEEP_NO_SEED = "لم تُذكر بذرة: اكتب عددًا صحيحًا واحدًا على الأقل، مثل 0."
SWEEP_BAD_SEED = "البذور أعداد صحيحة من 0 فما فوق، تفصل بينها فواصل؛ ومن القيم المعطاة {given}."
SWEEP_TOO_MANY = "عدد تجارب هذه الخطة {runs}، والمسموح به {most} على الأكثر: احذف بعضها."
SWEEP_TOO_MANY_SHARED = (
    "عدد تجارب هذه الخطة {runs}، وعلى هذا الخادم المشترك لا تزيد السلسلة على {most}: احذف بعضها، أو شغّل البرنامج على "
    "جهاز خاص بك."
)
SWEEP_TAKEN = "توجد سلسلة أخرى باسم {name}: اختر اسمًا آخر، أو اخترها تحت «السلاسل حتى الآن» واستأنفها."
SWEEP_ALL_KEPT = "كل تجارب هذه الخطة محفوظة من قبل (عددها {runs}): فالبدء يعرض نتائجها فورًا."
SWEEP_LONG = "**هذا طويل**: ابدأ بتجارب أقل، أو بقياسات أقل. ويمكن إلغاء السلسلة واستئنافها في أي وقت."
SWEEP_UNKNOWN_TIME = "ولا يُعرف كم تستغرق قبل أول تجربة على هذا النموذج."
SWEEP_LEFT_OUT = "متروك لأنه لا يمكن تشغيله: {title}. {why}"
SWEEP_LEFT_OUT_MORE = "وتُركت تركيبات أخرى، عددها {count}، لأسباب خاصة بها."
SWEEP_FIXED = "للنمط {pattern} قيمة تناثر واحدة، فتُركت القيم الأخرى."

SWEEP_EMPTY = "لا سلسلة تُعرض بعد. تظهر أشكالها هنا بعد التجربة الأولى، وتنمو ما دامت مستمرة."
SWEEP_CURVES = "### الخسارة بحسب التناثر"
SWEEP_CURVES_HELP = (
    "زيادة الخسارة بالنات لكل وحدة نصية، على النصوص نفسها قبل التقليم وبعده: 0 تعني بلا ضرر، و0.69 تعني ضعف الحيرة. "
    "خط لكل طريقة ومزيج لغات. الأعمدة: فترات ثقة 95% على النصوص؛ ومع عدة بذور تصل بين أدناها وأعلاها، "
    "والخط متوسطها."
)
SWEEP_VIEW = "اعرض"
SWEEP_MEAN, SWEEP_WORST = "متوسط كل اللغات", "اللغة الأكثر تضررًا في كل تجربة"
SWEEP_MULTIPLES = "### كل لغة"
SWEEP_MULTIPLES_HELP = "الخطوط نفسها لكل لغة على مقياس واحد: حيث يرتفع الخط مبكرًا تنهار اللغة مبكرًا."
SWEEP_MULTIPLES_CAP = "لا تُرسم إلا اللغات ذات أعلى الخسائر (عددها {count})؛ وفي الملف كل اللغات."
SWEEP_FRONT = "### المتوسط مقابل اللغة الأكثر تضررًا"
SWEEP_FRONT_HELP = (
    "نقطة لكل تجربة؛ إلى اليسار أفضل في المتوسط، وإلى أسفل أفضل للغة التي تخسر أكثر. ولا تجربة أخرى أفضل في الأمرين من "
    "التجارب التي على الخط (جبهة باريتو)."
)
SWEEP_TABLE = "### كل التجارب"
SWEEP_TABLE_HELP = "اضغط صفًّا، أو اختر تجربة أدناه، لفتحها في هذه الصفحة: فتعرضها عندئذ علامات التبويب الأخرى."
SWEEP_OPEN = "التجربة المراد فتحها"
SWEEP_OPEN_BUTTON = "افتح"
SWEEP_UNEQUAL = "لم تقس كل التجارب اللغات نفسها، فلا يمكن مقارنة المتوسطات واللغات الأكثر تضررًا بينها كلها."
SWEEP_UNSCORED = "لم تقس هذه التجارب خسائر: اسمح بنص واحد على الأقل لكل لغة في العمود الجانبي."
SWEEP_COLUMNS = {
    "method": "الطريقة", "sparsity": "التناثر %", "mix": "لغات المعايرة", "seed": "البذرة", "mean_increase": "متوسط الزيادة",
    "worst": "اللغة الأكثر تضررًا", "worst_increase": "زيادتها", "front": "على الجبهة", "id": "التجربة",
}  # fmt: skip
SWEEP_CURVE_COLUMNS = {
    "line": "الخط",
    "sparsity": "التناثر %",
    "value": "الزيادة",
    "low": "الأدنى",
    "high": "الأعلى",
    "runs": "التجارب",
}
SWEEP_LINE = "{method} · {mix}"
SWEEP_MORE_LANGUAGES = "{names} و{count} غيرها"
SWEEP_LEGEND_FRONT = "جبهة باريتو"
AXIS_SWEEP_SPARSITY = _rtl("التناثر (%)")
AXIS_SWEEP_INCREASE = _rtl("زيادة الخسارة (نات لكل وحدة نصية)")
AXIS_SWEEP_MEAN = _rtl("متوسط زيادة الخسارة في كل اللغات (نات لكل وحدة نصية)")
AXIS_SWEEP_WORST = _rtl("زيادة الخسارة في اللغة الأكثر تضررًا<br>(نات لكل وحدة نصية)")
AXIS_SWEEP_SHORT = "نات"
HOVER_SWEEP = _rtl("{line}<br>{language} عند {sparsity}: \u200e{value:+.3f} نات{bounds}<br>الحيرة \u200e×{times:.3g}")
HOVER_SWEEP_BOUNDS = " (\u200e{low:+.3f} إلى \u200e{high:+.3f})"
HOVER_SWEEP_FRONT = _rtl("{line}، {sparsity}{seed}<br>المتوسط \u200e{mean:+.3f}، الأسوأ \u200e{worst:+.3f} ({language})")
HOVER_SWEEP_SEED = "، البذرة {seed}"

SWEEP_CANCELLED = "أُلغيت. التجارب التي اكتملت محفوظة؛ وزر «استأنف» يتابع بقيتها."
SWEEP_BUSY_QUEUE = "تنتظر السلسلة دورها كأي تجربة."
PROTECT_CANCELLED = "أُلغي؛ ولا تُحفظ المحاولات التي تمت."

PROTECT_HELP = (
    "يبحث عن أوزان للغات المعايرة، وعن إعدادات أخرى للطريقة التي في العمود الجانبي، تجعل اللغات التي تختارها "
    "لا تخسر أكثر من حدّ معيّن، والأخرى تخسر أقل ما يمكن. تُقيَّم المحاولات على نصوص المعايرة؛ أما الحكم "
    "فعلى نصوص لم يرها البحث قط."
)
PROTECT_LANGUAGES = "اللغات المراد حمايتها"
PROTECT_LANGUAGES_INFO = "من بين لغات المعايرة في العمود الجانبي."
PROTECT_PERCENT = "أقصى ارتفاع مسموح به للحيرة (%)"
PROTECT_PERCENT_INFO = "لكل لغة محمية. عند تناثر 50% ترتفع الحيرة في النماذج الصغيرة من 20 إلى 200%."
PROTECT_OWN = "حدود أخرى للغات بعينها"
PROTECT_OWN_INFO = "حدّ في كل سطر، مثل sw: 20. واللغات المذكورة هنا محمية أيضًا."
PROTECT_TRIES = "عدد الإعدادات التي تُجرَّب"
PROTECT_TRIES_INFO = "كل محاولة تقليم سريع وقياس قصير."
PROTECT_GOAL = "ما يُعتدّ به في اللغات الأخرى"
PROTECT_GOALS = {"worst": "اللغة التي تخسر أكثر", "mean": "متوسط كل اللغات"}
PROTECT_KIND = "كيفية البحث"
PROTECT_KINDS = {
    "coordinate": "خطوة خطوة انطلاقًا من الطريقة التي في العمود الجانبي",
    "random": "عشوائيًّا",
    "optuna": "بهَدي ما وُجد حتى الآن (Optuna)",
}
PROTECT_SEED = "بذرة البحث"
PROTECT_START = "ابحث"
PROTECT_KEPT = "عمليات البحث حتى الآن"
PROTECT_KEPT_NONE = "عمليات البحث حتى الآن (لا شيء بعد)"
PROTECT_LOG = "سجل البحث"
PROTECT_NONE = "لم تُختر لغة لحمايتها: اختر واحدة على الأقل من لغات المعايرة."
PROTECT_BAD_PERCENT = "الحدّ ارتفاع بالنسبة المئوية من 0 إلى 10000؛ والقيمة المعطاة {given}."
PROTECT_BAD_LINE = "حدود اللغات المفردة أسطر مثل sw: 20؛ ومن الأسطر المعطاة {given}."
PROTECT_STRANGER = "ليست {given} من لغات المعايرة في العمود الجانبي، ولا يمكن حماية غيرها."
PROTECT_TRIES_RANGE = "يجب أن يكون عدد الإعدادات التي تُجرَّب من 1 إلى {most}؛ والقيمة المعطاة {given}."
PROTECT_SEED_RANGE = "بذرة البحث عدد صحيح من 0 فما فوق؛ والقيمة المعطاة {given}."
PROTECT_MODE = "يقلّم البحث والتجربتان بمرور واحد، أيًّا كان المضبوط في العمود الجانبي."
PROTECT_EMPTY = "لا بحث يُعرض بعد."

PROTECT_KEPT_LIMITS = "**روعيت الحدود** على نصوص لم يرها البحث قط."
PROTECT_NOT_KEPT = (
    "**لم يحقق أيّ إعداد الحدود.** أدناه أقربها إليها. اسمح بارتفاع أكبر، أو احذف أوزانًا أقل، أو جرّب إعدادات أكثر."
)
PROTECT_NOT_KEPT_AFTER = (
    "**لم تُراعَ الحدود على نصوص جديدة**، مع أنها روعيت على نصوص البحث. أدناه الإعداد الذي وُجد. اسمح بنصوص معايرة "
    "أكثر، أو اجعل الحدود أدنى قليلًا مما يلزم."
)
PROTECT_KEPT_AFTER = "**روعيت الحدود** على نصوص جديدة، مع أن أيّ محاولة لم تراعها على نصوص البحث: فخذ ذلك بحذر."
PROTECT_SAME = "لم يكن أيّ إعداد جُرّب أفضل من الذي في العمود الجانبي، فالتجربتان متطابقتان."
PROTECT_TRIED = "عدد الإعدادات التي جُرّبت {tries}؛ وما راعى منها الحدود على نصوص البحث {within}."
PROTECT_OPEN_AFTER, PROTECT_OPEN_BEFORE = "افتح التجربة بالإعداد الذي وُجد", "افتح التجربة بالضبط الأصلي"
PROTECT_FRONT = "### كلفة الحماية"
PROTECT_FRONT_HELP = (
    "نقطة لكل إعداد جُرّب، على نصوص البحث. إلى يسار الخط المتقطع يُراعى الحدّ؛ والأدنى أفضل للغات "
    "الأخرى. ولا إعداد آخر أفضل في الأمرين من الإعدادات التي على الخط."
)
PROTECT_SETTINGS = "### الإعداد الذي وُجد"
PROTECT_COST = "### لغةً لغة"
PROTECT_COST_HELP = "على نصوص لم يرها البحث قط. الأعمدة فترات ثقة 95%؛ والعلامة الرأسية حدّ."
PROTECT_COLUMNS = {
    "name": "اللغة", "limit": "الحدّ", "before": "الضبط الأصلي", "after": "ما وُجد", "interval": "فترة ثقة 95%", "change": "التغيّر (نات)",
    "change_interval": "فترة ثقته 95%", "kept": "روعي الحدّ",
}  # fmt: skip
PROTECT_SETTING_COLUMNS = {"setting": "الإعداد", "before": "الضبط الأصلي", "after": "ما وُجد"}
PROTECT_TRY_COLUMNS = {
    "protected": "الأسوأ بين المحمية", "others": "متوسط الأخرى", "worst": "الأسوأ بين الكل", "mean": "متوسط الكل", "over": "فوق الحدّ", "front": "على الجبهة",
}  # fmt: skip
PROTECT_ACTIVATION = "أهمية القنوات"
PROTECT_WEIGHT = "وزن {name}"
PROTECT_FACTOR = "وزن {name} (قوة للعدد 2)"
PROTECT_BLOCKS = "تناثر الكتل"
PROTECT_LIMIT_LINE = "الحدّ"
PROTECT_LEGEND_TRIES, PROTECT_LEGEND_FRONT, PROTECT_LEGEND_START = "إعدادات جُرّبت", "لا يُتفوَّق عليها", "الضبط الأصلي"
PROTECT_LEGEND_FOUND = "ما وُجد"
AXIS_PROTECTED = _rtl("زيادة الخسارة في أشد اللغات المحمية تضررًا (نات لكل وحدة نصية)")
AXIS_PROTECTED_OVER = _rtl("عدد النات فوق الحدّ<br>(أشد اللغات المحمية تضررًا؛ 0: روعي الحدّ)")
AXIS_OTHERS = _rtl("متوسط زيادة الخسارة في اللغات الأخرى<br>(نات لكل وحدة نصية)")
HOVER_TRY = _rtl("{activation}{knobs}<br>المحمية \u200e{protected:+.3f}، الأخرى \u200e{others:+.3f}")
HOVER_PROTECTED = _rtl("{name}، {which}: الحيرة \u200e×{value:.3f} (\u200e{low:.3f} إلى \u200e{high:.3f})")

UNFINISHED_HELP = (
    "تجارب انتهى برنامجها قبلها: أُغلق، أو انهار، أو نفدت الذاكرة. بدء إحداها من جديد يعيد القياس والتقليم؛ "
    "أما نتائج النموذج الكثيف في اللغات التي اكتملت فتؤخذ من المخزون المؤقت. وتجارب السلاسل تُتابَع بزر **استأنف** تحت "
    "«سلسلة تجارب»."
)
UNFINISHED_NONE = "لا شيء مقطوع."
UNFINISHED_SHARED = "على الخادم المشترك لا تُسرد التجارب المقطوعة."
UNFINISHED_CHOOSE = "التجربة المقطوعة"
UNFINISHED_AGAIN, UNFINISHED_DISCARD = "ابدأ من جديد", "تخلّص منها"
UNFINISHED_COLUMNS = ("التجربة", "بدأت (UTC)", "كيف انتهت")
UNFINISHED_KILLED = "انتهى البرنامج"
UNFINISHED_CHOICE = "اختر تجربة مقطوعة أولًا."
UNFINISHED_STARTED = "إنها قيد التشغيل: انظر الحالة تحت «ابدأ التقليم»."
UNFINISHED_DISCARDED = "تم التخلص منها."


def _runs(count: int) -> str:
    """So many runs, as the subject of a sentence."""
    return _count(count, "تجربة واحدة", "تجربتان", "تجارب", "تجربة")


def sweep_forecast(runs: int, kept: int, time: float | None) -> str:
    """How much a plan is, before it is started."""
    if kept == runs:
        return SWEEP_ALL_KEPT.format(runs=runs)
    told = f"**{_runs(runs)}**" + (f"، والمحفوظ منها من قبل {kept}. " if kept else ". ")
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"نحو **{seconds(time)}** لما بقي منها ({runs - kept}).")


def sweep_title(name: str, runs: int) -> str:
    """One line for the job."""
    return f"سلسلة {name}، {_runs(runs)}"


def sweep_progress(name: str, done: int, wanted: int, refused: Mapping[str, str]) -> str:
    """How far a sweep is, and what of it could not be run."""
    told = f"**{name}**: اكتمل {done} من {_count(wanted, 'تجربة واحدة', 'تجربتين', 'تجارب', 'تجربة')}."
    return "\n\n".join([told, *(f"تعذّر تشغيله: {title}. {why}" for title, why in list(refused.items())[:5])])


def sweep_choice(name: str, done: int, wanted: int, changed: str) -> str:
    """A sweep in the menu."""
    return f"{name} · {done} من {_count(wanted, 'تجربة واحدة', 'تجربتين', 'تجارب', 'تجربة')} · {changed[:16]} UTC"


def _tries(count: int) -> str:
    """So many settings to try."""
    return _count(count, "إعداد واحد", "إعدادان", "إعدادات", "إعدادًا")


def protect_title(languages: Sequence[str], tries: int) -> str:
    """One line for the job."""
    return f"حماية {'، '.join(languages)}؛ {_tries(tries)}"


def protect_forecast(tries: int, time: float | None) -> str:
    """How much a search is, before it is started."""
    told = f"**{_tries(tries)}** وتجربتان كاملتان. "
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"نحو **{seconds(time)}**.")


def at_sparsity(share: float) -> str:
    """A sparsity in a hover text."""
    return percent(share, 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1)


# --- taking ----------------------------------------------------------------------------------------------------------------

TAB_TAKE = "للأخذ معك"
TAKE_NOTHING = "لا تجربة معروضة، فليس هناك ما يؤخذ بعد: اضغط **ابدأ التقليم**، أو افتح تجربة سابقة."

TAKE_FILES_HEADING = "### ملفات هذه التجربة"
TAKE_FILES_HELP = "اختر ما تحتاج إليه واضغط **أنشئ الملف**؛ ثم نزّله."
TAKE_FILE_KIND = "ماذا"
TAKE_FILE_KINDS = {
    "tables": "كل الجداول، CSV وParquet (ZIP)",
    "run": "التجربة كلها، لتُفتح في M-Wanda Explorer آخر (ZIP)",
    "html": "كل الأشكال في صفحة ويب واحدة، تُقرأ بلا شبكة (HTML)",
    "png": "كل الأشكال صورًا (PNG داخل ZIP)",
    "svg": "كل الأشكال رسومًا (SVG داخل ZIP)",
    "card": "بطاقة إعادة الإنتاج (Markdown)",
}
TAKE_FILE_HELP = {
    "tables": "كل جدول بدقته الكاملة، مع report.json: الإعدادات ونسخ البرامج والنموذج.",
    "run": "التقرير والجداول والأقنعة، والأوزان الجديدة إن وُجدت، والإحصاءات. يستوردها الأمر `mwanda runs import FILE`، وكذلك "
    "حقل **استورد تجربة** أدناه في صفحة خاصة بك.",
    "html": "يحمل الملف برنامج الرسم معه، نحو 5 ميغابايت؛ مرّر المؤشر فوق الشكل لترى قيمه.",
    "png": "تحتاج إلى الإضافة `figures` وإلى Chrome أو Chromium على الجهاز الذي يشغّل هذه الصفحة؛ وتستغرق بضع ثوانٍ.",
    "svg": "تحتاج إلى الإضافة `figures` وإلى Chrome أو Chromium على الجهاز الذي يشغّل هذه الصفحة؛ وتستغرق بضع ثوانٍ.",
    "card": "كل ما يعيد هذه التجربة، والأرقامُ وبصمةُ الأقنعة التي ينبغي أن تعطيها الإعادة؛ انظر **الشيء نفسه مرة أخرى**.",
}
TAKE_MAKE_FILE = "أنشئ الملف"
TAKE_DOWNLOAD = "تنزيل"
TAKE_NO_KALEIDO = (
    'تحتاج الصور إلى الحزمة kaleido، وهي غير مثبتة هنا: شغّل `pip install "mwanda-explorer[figures]"`، أو خذ '
    "الأشكال في صفحة ويب واحدة."
)
TAKE_NO_CHROME = (
    "يرسم الصورَ Chrome أو Chromium، ولم يمكن تشغيل أيّ منهما هنا: ثبّت أحدهما (أو اذكره في المتغيّر "
    "BROWSER_PATH)، أو خذ الأشكال في صفحة ويب واحدة."
)
TAKE_UNKNOWN_FILE = "لا يوجد ملف من النوع {given}؛ والموجود: {known}."

TAKE_SHARE_HEADING = "### المشاركة"
TAKE_LINK = "رابط هذه التجربة"
TAKE_LINK_LOCAL = (
    "يعمل الرابط لكل من يستطيع فتح هذه الصفحة؛ وعلى جهازك الخاص أنت وحدك. لتعطي التجربة غيرَك، أرسل إليه التجربة كلها ملفًا."
)
TAKE_LINK_SHARED = (
    "من كان عنده هذا الرابط يستطيع فتح التجربة، ولا يجدها أحد من دونه: فالتجارب لا تُسرد هنا. وهذا الخادم يحتفظ "
    "بالتجارب ما دام قرصه باقيًا، فخذ التجربة كلها ملفًا إن كنت ستحتاج إليها ثانية."
)
TAKE_LINK_EXAMPLE = "هذا هو المثال الذي يحمله كل M-Wanda Explorer، فالرابط يفتحه للجميع."

TAKE_AGAIN_HEADING = "### الشيء نفسه مرة أخرى"
TAKE_COMMAND = "الأمر الذي يعيد هذه التجربة"
TAKE_PYTHON = "الشيء نفسه بلغة Python"
TAKE_CARD = "بطاقة إعادة الإنتاج"
TAKE_CARD_HELP = (
    "في البطاقة الأمرُ ونسخُ البرامج والنموذجُ مع بصمة SHA-256 لأوزانه والبذرةُ ومقاطعُ المعايرة، والأرقامُ "
    "وبصمةُ الأقنعة التي ينبغي أن تعطيها الإعادة. نزّلها من **ملفات هذه التجربة** أعلاه."
)
TAKE_AGAIN_UNKNOWN = "أُجريت هذه التجربة بنسخة لا تعرف هذه النسخةُ إعداداتِها، فلا يمكن إعادتها هنا: {problem}"

TAKE_MODEL_HEADING = "### النموذج المقلَّم"
TAKE_MODEL_HELP = (
    "مجلد تحمّله مكتبة transformers العادية: safetensors والمجزّئ والإعداد وبطاقة النموذج. وحجمه حجم النموذج "
    "الكثيف ({size})، لأن الأوزان المحذوفة تُخزَّن أصفارًا."
)
TAKE_CARD_PREVIEW = "بطاقة النموذج المرافقة"
TAKE_NO_CARD = "تعذّرت كتابة بطاقة النموذج: {problem}"
TAKE_FOLDER = "مجلد على هذا الجهاز (اختياري)"
TAKE_FOLDER_INFO = "فارغ أو غير موجود بعد. ومن دونه تحصل على ملف ZIP للتنزيل."
TAKE_EXPORT = "صدّر النموذج"
TAKE_DOWNLOAD_MODEL = "تنزيل النموذج (ZIP)"
TAKE_LICENCE = "رخصة النموذج الأساس تسري على النموذج المقلَّم أيضًا."
TAKE_SCRATCH = "ينتظر ملف ZIP في مجلد مؤقت: يُحتفظ بآخر الملفات (عددها {count})، ليوم واحد على الأكثر."
TAKE_NO_MASKS_EXAMPLE = (
    "يحمل المثال أرقامه من غير أقنعته، فلا يمكن صنع نموذجه منه. اضغط **ابدأ التقليم**: فأقنعة تجربتك تُحفظ، ويمكن تصدير نموذجها."
)
TAKE_NO_MASKS = "حُفظت هذه التجربة من غير أقنعتها، فلا يمكن صنع نموذجها منها: أعد التجربة بالأمر المذكور أعلاه."
TAKE_TOO_LARGE = (
    "حجم النموذج {size}، وهذا الخادم المشترك يعطي {most} على الأكثر: خذ التجربة كلها ملفًا، واصنع النموذج على "
    "جهازك بالأمرين `mwanda runs import FILE` و`mwanda apply`."
)
TAKE_DISK = "يلزم لهذا {size} على القرص، والمتاح {free}: أخلِ مكانًا، أو اختر مجلدًا على قرص آخر."
TAKE_SHARED_FOLDER = "هذا خادم مشترك: لا يكتب في أي مجلد. اترك المجلد فارغًا ونزّل ملف ZIP."
TAKE_FOLDER_RELATIVE = "يجب أن يكون المجلد مسارًا كاملًا، مثل \u200e/home/me/model؛ والمعطى {given}."

TAKE_PUSH_HEADING = "#### إلى Hugging Face Hub"
TAKE_PUSH_HELP = (
    "يرفع المجلد مع بطاقته. يذهب رمز الوصول (token) إلى Hub ولا يذهب إلى مكان آخر: يُحفظ في الذاكرة حتى يبدأ الرفع، ولا "
    "يُكتب أبدًا، ويُفرَّغ الحقل فورًا."
)
TAKE_PUSH_SIGNED = "ما دمت مسجّل الدخول عبر Hugging Face فيمكنك ترك رمز الوصول فارغًا."
TAKE_PUSH_NAME = "الاسم على Hub"
TAKE_PUSH_NAME_INFO = "owner/name"
TAKE_PUSH_TOKEN = "رمز وصول له حق الكتابة"
TAKE_PUSH_TOKEN_INFO = "يُنشأ في صفحة الإعدادات على Hub."
TAKE_PUSH_PRIVATE = "خاص: لا يراه غيرك"
TAKE_PUSH = "ارفع"
TAKE_TOKEN_GONE = "لم يعد رمز الوصول محفوظًا: فهو يُحفظ لرفع واحد ولساعة واحدة على الأكثر. اكتبه ثانية واضغط «ارفع»."

TAKE_COST_HEADING = "### ما الذي يوفّره حقًّا"
TAKE_COST_HELP = (
    "الأصفار وحدها لا توفّر حجمًا ولا زمنًا. قِس ذلك على الجهاز الذي يشغّل هذه الصفحة: بايتات النموذج الكثيف والنموذج "
    "المقلَّم، مضغوطة وغير مضغوطة، وبايتات الأقنعة وحدها، وزمن مرور أمامي لكل منهما بالتناوب."
)
TAKE_COST_TOKENS = "الوحدات النصية في المرور"
TAKE_COST_REPEATS = "عدد مرات المرور لكل منهما"
TAKE_COST = "قِس"
TAKE_COST_COLUMNS = ("ماذا", "الكثيف", "المقلَّم", "المقلَّم ÷ الكثيف")
TAKE_COST_ROWS = {
    "bytes": "الأوزان في الذاكرة وعلى القرص",
    "zip": "في ملف ZIP، {how}",
    "masks": "الأقنعة وحدها، بت واحد لكل وزن",
    "updates": "أوزان جديدة مع الأقنعة",
    "time": "مرور أمامي (عدد الوحدات النصية {tokens})، وسيط القياسات وعددها {count} ({device}، {dtype})",
    "spread": "من الأسرع إلى الأبطأ",
}
TAKE_COST_PACKED, TAKE_COST_SAMPLED = "مضغوطًا هنا", "مقدَّرًا من {share} من البايتات"
TAKE_COST_SENTENCES = "بالكلمات"
TAKE_COST_HARDWARE = "ما يصنعه العتاد بالأصفار، ومن يقول ذلك"
TAKE_COST_SOURCE = "*المصدر: {source}؛ {basis}.*"

TAKE_KEEP_HEADING = "### التجارب على هذا الجهاز"
TAKE_NOTE = "اسم من عندك لهذه التجربة"
TAKE_NOTE_INFO = "يظهر قبل العنوان في قائمة التجارب السابقة؛ وتركه فارغًا يزيله."
TAKE_NOTE_SAVE = "احفظ الاسم"
TAKE_NOTE_SAVED = "حُفظ."
TAKE_NOTE_LONG = "أقصى طول للاسم {most} حرفًا؛ وطول هذا {given}."
TAKE_DELETE = "احذف هذه التجربة"
TAKE_DELETE_SURE = "نعم، احذف هذه التجربة نهائيًّا"
TAKE_DELETE_ASK = "ضع علامة في المربع أولًا: فالتجربة المحذوفة لا يمكن استرجاعها."
TAKE_DELETED = "حُذفت التجربة."
TAKE_DELETE_EXAMPLE = "المثال جزء من البرنامج المثبت، فلا يمكن حذفه ولا تغيير اسمه."
TAKE_IMPORT = "استورد تجربة (ملف ZIP)"
TAKE_IMPORTED = "استوردت؛ وهي المعروضة الآن."
TAKE_LOCAL_ONLY = "على الخادم المشترك لا تُسرد التجارب ولا تُسمّى ولا تُحذف ولا تُستورد."

TAKE_STAGE_LOAD = "تحميل النموذج"
TAKE_STAGE_APPLY = "تطبيق الأقنعة"
TAKE_STAGE_WRITE = "كتابة النموذج"
TAKE_STAGE_ZIP = "ضغط ملف ZIP"
TAKE_STAGE_PUSH = "الرفع (لا يمكن إيقاف هذه الخطوة في منتصفها)"
TAKE_JOB = {"export": "تصدير {run}", "push": "رفع {run}", "cost": "كلفة {run}"}
TAKE_CANCELLED = "توقّف العمل؛ ولم يُحفظ شيء."
TAKE_EXPORTED = "تمّ في {time}: حجم ملف ZIP هو {size}."
TAKE_EXPORTED_TO = "تمّ في {time}: كُتب في {folder}."
TAKE_PUSHED = "تمّ في {time}: {address}"
TAKE_MEASURED = "تمّ القياس في {time}."


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


FIGURE_PAGE_MADE = "صُنعت بواسطة M-Wanda Explorer من التجربة {run}. {title}."
FIGURE_TITLES = {
    "perplexity": "الحيرة: كم صار التنبؤ بكل لغة أصعب",
    "perplexity-before-after": "الخسارة قبل التقليم وبعده",
    "accuracy": "دقة الاختيار: التغيّر",
    "accuracy-before-after": "دقة الاختيار قبل التقليم وبعده",
    "texts": "نصًّا نصًّا",
    "summary": "كل اللغات في نظرة واحدة",
    "variance": "ما مدى اختلاف اللغات في استعمال كل كتلة",
    "strength": "شدة التنشيطات",
    "similarity": "أيّ اللغات تتشابه داخل النموذج",
    "allocation": "تناثر كل كتلة",
    "layers": "تناثر كل مصفوفة أوزان، كما تحقق",
    "layers-difference": "تناثر كل مصفوفة أوزان، الفرق عن التوزيع المتساوي",
    "task": "الاختبار المعياري: {name}",
    "task-map": "كل الاختبارات المعيارية في نظرة واحدة",
    "overlap": "أيّ اللغات تُقلَّم أوزانها على نحو واحد",
    "overlap-blocks": "أين تفترق اللغات داخل النموذج",
    "neuron-blocks": "أين العصبونات اللغوية",
    "neurons": "المحذوف من أوزان العصبونات اللغوية",
    "neuron-drift": "العصبونات اللغوية قبل التقليم وبعده",
    "predictors": "ما يرافق خسارة اللغة: {name}",
    "on-language": "الكتابة بلغة البداية",
    "repetition": "التكرار فيما يكتبه النموذجان",
    "erank": "الرتبة الفعّالة",
    "tau": "ترتيب أرجح الكلمات التالية",
    "energy": "الطاقة",
}

API_NO_OBJECT = 'الإعدادات كائن من أسماء وقيم، مثل {{"languages": ["en", "sw"]}}؛ والمعطى {given}.'
API_LIMIT = "على هذا الخادم المشترك أقصى قيمة لـ {name} هي {most}؛ والقيمة المعطاة {given}."
API_NO_JOBS = "على معالج GPU المشترك تنتهي التجربة بإغلاق الصفحة التي بدأتها، فلا يمكن بدء تجربة من برنامج: استعمل الصفحة."
API_NO_RUNS = "على الخادم المشترك لا تُسرد التجارب: ولا تُفتح تجربة إلا برابطها."
API_NO_TABLE = "ليس في هذه التجربة جدول {given}؛ وفيها {known}."


# --- tasks -----------------------------------------------------------------------------------------------------------------

MULTIPLES_HEADING = "### نصًّا نصًّا"
MULTIPLES_HELP = (
    "لوحة لكل لغة، الأكثر تضررًا أولًا، واللغات التي خارج المعايرة بعد غيرها. كل خط رفيع نص مقيس واحد، "
    "والخط الغليظ كلها معًا. وإلى أعلى يعني أن التنبؤ أصعب. فحيث ترتفع الخطوط كلها معًا صارت اللغة نفسها "
    "أصعب؛ وحيث ترتفع قلّة منها بشدة فالأمر يخص نصوصًا بعينها."
)
MULTIPLES_NONE = "لم يُقَس نص في هذه التجربة."
AXIS_BITS_SHORT = "بت لكل بايت"
MULTIPLES_TICKS = ("قبل", "بعد")
MULTIPLES_TITLE = "{name} \u200e×{ratio}"
MULTIPLES_HOVER = _rtl("{name}، {text}<br>قبل \u200e{before:.3f}، بعد \u200e{after:.3f} بت لكل بايت")
MULTIPLES_ALL = "كل النصوص"

TASKS_HEADING = "### الاختبارات المعيارية: ما الذي ما زال النموذج يستطيعه؟"
TASKS_HELP = (
    "{title}: نسبة الأسئلة المجاب عنها إجابة صحيحة، {items}. المربعات الرمادية للنموذج الكثيف، والعلامات الملوّنة للنموذج المقلَّم، "
    "والأعمدة فترات ثقة 95%، والخط القائم القصير في كل صف هو التخمين، والعدد الذي في اليمين هو التغيّر بالنقاط. والخط **المتصل** بين العلامتين فرق يثبت بعد "
    "التصحيح لعدد اللغات (Holm، 5%)؛ أما الخط **الرمادي المنقّط**، والأقواس، فتعني أنه ضمن ضجيج هذا العدد القليل من الأسئلة."
)
TASKS_UNINFORMATIVE = (
    "**لا يقول شيئًا في {names}:** لا يتميّز النموذج الكثيف نفسه هناك عن التخمين، فلا شيء يُخسر ولا "
    "خسارة تُرى. علامات رمادية مفرَّغة."
)
TASKS_ALL_UNINFORMATIVE = (
    "**لا يقول هذا الاختبار المعياري شيئًا عن هذا النموذج:** فالنموذج الكثيف عند مستوى التخمين في كل اللغات. اختر اختبارًا أسهل "
    "(يسأل MultiBLiMP عن القواعد وحدها) أو نموذجًا أكبر."
)
TASKS_ABSENT = "لم يُقَس اختبار معياري في هذه التجربة. افتح **قياسات إضافية** في العمود الجانبي، واختر واحدًا (MultiBLiMP يناسب النماذج الصغيرة)، واضغط **ابدأ التقليم**."
TASKS_NOTHING = "لا شيء يُرسم لهذا الاختبار المعياري وهذه القراءة."
TASK_MENU = "الاختبار المعياري"
READING = "كيف تُقرأ الإجابات"
READINGS = {"customary": "كما جرت العادة", "raw": "الأرجحية", "per byte": "الأرجحية لكل بايت"}
TASK_MAP_HEADING = "### كل الاختبارات المعيارية في نظرة واحدة"
TASK_MAP_HELP = (
    "التغيّر بالنقاط، وكل اختبار معياري مقروء كما جرت العادة فيه. ملوّن: فوق الضجيج. بين قوسين: ضمن الضجيج. رمادي فيه شرطة: النموذج الكثيف "
    "عند مستوى التخمين، فلا يقول الاختبار شيئًا هناك. فارغ: لا أسئلة بهذه اللغة."
)

VERDICTS = {"worse": "أسوأ", "better": "أفضل", "within noise": "ضمن الضجيج", "uninformative": "لا يقول شيئًا"}
NOT_INFORMATIVE_TICK = _rtl("{name} (عند التخمين)")
LEGEND_NOISE = "ضمن الضجيج"
LEGEND_BEYOND = "فوق الضجيج"
LEGEND_UNINFORMATIVE = _rtl("لا يقول شيئًا (الكثيف عند التخمين)")
AXIS_TASK_ACCURACY = _rtl("إجابات صحيحة<br>(% من الأسئلة)")
AXIS_BENCHMARK = "الاختبار المعياري"
BAR_CHANGE = "نقاط"
MAP_NONE = "–"
MAP_NOISE = "({value})"
HOVER_TASK = (
    _rtl(
        "{name}، عدد الأسئلة {items}<br>قبل {before:.1f}% ({before_low:.0f} إلى {before_high:.0f})<br>بعد {after:.1f}% "
        "({after_low:.0f} إلى {after_high:.0f})<br>التغيّر \u200e{change:+.1f} نقطة (\u200e{low:+.0f} إلى \u200e{high:+.0f})<br>خسر {lost}، وكسب {gained}؛ p = {p}، "
        "بعد التصحيح {p_holm}<br>التخمين {chance:.1f}%"
    )
    + "<br><b>{verdict}</b>"
)
VERDICT_SENTENCES = {
    "worse": "أسوأ، فوق الضجيج",
    "better": "أفضل، فوق الضجيج",
    "within noise": "ضمن ضجيج هذا العدد القليل من الأسئلة",
    "uninformative": _rtl("النموذج الكثيف عند مستوى التخمين: لا يقول هذا شيئًا"),
}
TASK_COLUMNS = {
    "name": "اللغة", "items": "الأسئلة", "chance": "التخمين %", "dense_accuracy": "قبل %", "pruned_accuracy": "بعد %", "change": "النقاط",
    "interval": "فترة ثقة 95%", "p": "p", "p_holm": "p, Holm", "verdict": "الحكم",
}  # fmt: skip


def questions(low: int, high: int) -> str:
    """How many questions a figure rests on."""
    return items_per_language(low, high)


def p_value(value: float) -> str:
    """A p-value without false precision."""
    return "\u200e< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


# --- weighing --------------------------------------------------------------------------------------------------------------

TAB_WEIGHTS = "الأوزان"
JOIN, AND = "، ", " و"

WEIGHTS_HEADING = "### أيّ الأوزان بقي؟"
WEIGHTS_HELP = (
    "كل خانة مصفوفة أوزان من هذه التجربة، ملوّنة بحسب نسبة المحذوف منها. **اضغط خانة**، أو اختر الكتلة "
    "والمصفوفة أدناه، لترى أين تقع أصفارها ولماذا بقي وزن ما أو حُذف."
)
WEIGHTS_BLOCK, WEIGHTS_MATRIX = "الكتلة", "المصفوفة"
WEIGHTS_MAP = "تناثر كل مصفوفة أوزان. اضغط خانة لفتح مصفوفتها؛ والقوائم أدناه تفعل الشيء نفسه"
WEIGHTS_NO_MASKS = (
    "حُفظت هذه التجربة من غير أقنعتها (يتركها المثال ليبقى صغيرًا)، فلا يمكن النظر في أوزان مفردة. اضغط "
    "**ابدأ التقليم**: ففي تجربتك الأقنعة."
)
WEIGHTS_OPENING = "تُفتح المصفوفة ..."
CLICK_FAILED = "تعذّر رسم هذه الصورة في هذا المتصفح؛ والقوائم والحقول أدناه تفعل ما يفعله الضغط."

PICTURE_TITLE = "#### \u200e{module}، الكتلة {block}: المخرجات {outputs}، المُدخلات {inputs}، المحذوف {share}"
PICTURE_REGULAR = "من كل {m} مُدخلات متجاورة يبقى {n} بالضبط: النمط \u200e{n}:{m}."
DENSITY_HEADING = "#### المصفوفة كلها من بعيد"
DENSITY_HELP = "كل خانة رقعة من المصفوفة، ملوّنة بحسب نسبة المحذوف من أوزانها. اضغط رقعة لتنتقل إليها النافذة أدناه."
DENSITY_LABEL = "المصفوفة من بعيد: نسبة المحذوف في كل رقعة. اضغط رقعة لنقل النافذة إليها؛ والمنزلقات تفعل الشيء نفسه"
WINDOW_HEADING = "#### نافذة على أوزان مفردة"
WINDOW_HELP = "الأوزان الزرقاء بقيت، والباهتة حُذفت. **اضغط وزنًا** لتسأل عن السبب، أو اكتب رقمي مخرجه ومُدخله أدناه."
WINDOW_LABEL = "نافذة على أوزان مفردة، باقية أو محذوفة. اضغط وزنًا لتسأل عن السبب؛ والحقول أدناه تفعل الشيء نفسه"
WINDOW_ROW, WINDOW_COLUMN = "أول مخرج معروض", "أول مُدخل معروض"
SHARES_HEADING = "#### هل يُحذف من بعض المخرجات أو المُدخلات أكثر من غيرها؟"
SHARES_HELP = (
    "نسبة المحذوف من أوزان كل مخرج (صف) ومن أوزان كل قناة إدخال (عمود). الطريقة التي تقارن "
    "الأوزان داخل الصف تحذف من كل صف العدد نفسه؛ أما تفاوت الأعمدة فهو ما تقرره المعايرة."
)
SHARES_ORDER = "الترتيب"
SHARES_ORDERS = {"sorted": "مرتَّبة", "placed": "كما تقع في المصفوفة"}
SHARES_ROWS, SHARES_COLUMNS = "نسبة المحذوف، بحسب المخرج", "نسبة المحذوف، بحسب قناة الإدخال"
AXIS_OUTPUT, AXIS_INPUT = _rtl("المخرج (صف)"), _rtl("قناة الإدخال (عمود)")
AXIS_OUTPUT_SORTED, AXIS_INPUT_SORTED = _rtl("المخرجات، الأكثر حذفًا أولًا"), _rtl("قنوات الإدخال، الأكثر حذفًا أولًا")
AXIS_REMOVED = _rtl("المحذوف (%)")
HOVER_PATCH = _rtl("المخرجات {rows}، المُدخلات {columns}")
HOVER_KEPT, HOVER_REMOVED = "باقٍ", "محذوف"
HOVER_CELL = _rtl("المخرج %{y}، المُدخل %{x}: %{text}") + "<extra></extra>"
HOVER_SHARE = _rtl("%{x}: حُذف %{y:.1f}%") + "<extra></extra>"
SHARE_COLUMNS = {"part": "من الكل", "row": "أقصى ما تخسره المخرجات %", "column": "أقصى ما تخسره المُدخلات %"}
SHARE_PARTS = {0.0: "الأدنى", 0.05: "5%", 0.25: "الربع", 0.5: "النصف", 0.75: "ثلاثة أرباع", 0.95: "95%", 1.0: "الكل"}
SHARE_TABLE = "نسب المحذوف بحسب المخرج وبحسب قناة الإدخال"

WHY_HEADING = "#### لماذا هذا الوزن؟"
WHY_ROW, WHY_COLUMN, WHY_ASK = "المخرج (صف)", "المُدخل (عمود)", "لماذا؟"
WHY_EMPTY = "اضغط وزنًا في النافذة، أو اكتب موضعه واضغط **لماذا؟**."
WHY_FIGURE = "تنشيط قناة الإدخال، بحسب اللغة"
WHY_KEPT, WHY_REMOVED = "**باقٍ.**", "**محذوف.**"
WHY_WEIGHT = "الوزن \u200e{value} يقرأ المُدخل {column} ويغذّي المخرج {row} في `{module}` من الكتلة {block}."
WHY_NEW = "ثم أعطته الطريقة قيمة جديدة: \u200e{value}."
WHY_NO_STATISTICS = "حُفظت هذه التجربة من غير إحصاءات معايرتها، فلا يمكن ذكر درجته ولا ما كانت كل لغة ستقرره بشأنه."
WHY_SCORE = "درجته {score}: ترتيبه {place} من {size} ({group})، عدًّا من الأعلى، ويبقى منها {kept}"
WHY_THRESHOLD = "؛ وأدنى درجة باقية هناك {threshold}."
WHY_NOTHING_KEPT = "؛ ولا يبقى شيء هناك."
WHY_GROUPS = {
    "row": "أوزان مخرجه",
    "layer": "أوزان مصفوفته",
    "global": "أوزان مصفوفته، وللنموذج كله عتبة واحدة",
    "n:m": "المتجاورات",
}
WHY_GOES = "كان سيُحذف حالما يُحذف {share} أو أكثر من {group}، بالتنشيطات المقيسة في هذه التجربة."
WHY_STAYS = "كان سيبقى ما دام المحذوف من {group} أقل من {share}، بالتنشيطات المقيسة في هذه التجربة."
WHY_WHOLE = {"row": "أوزان مخرجه", "layer": "مصفوفته", "global": "مصفوفته"}
WHY_PLACE = "يبقى مع كل نمط يُبقي {place} أو أكثر من كل {size} متجاورة."
WHY_BLIND = "لا تنظر درجة هذه الطريقة إلى التنشيطات، فكل لغة وحدها كانت ستقرر الشيء نفسه."
WHY_ALL = "**كل لغة من لغات المعايرة وحدها** كانت ستبقيه أيضًا."
WHY_NONE = "**ما من لغة معايرة وحدها** كانت ستبقيه."
WHY_SOME = "كانت ستبقيه وحدها: **{keep}**؛ وما كانت لتبقيه وحدها: **{drop}**."
WHY_ONE_LANGUAGE = "المعايرة على {name} فقط، فليس هناك رأي آخر."
WHY_MISSING = "استعملت {method} أيضًا {gone}، ولا تحفظه أيّ تجربة؛ والدرجات المعروضة هي درجات Wanda (الوزن في التنشيط) بدلًا منها."
WHY_GONE = {
    "full_gradient": "تدرّج الخسارة",
    "relevance": "المشتقّ وفق قواعد LRP",
    "regional_gradient": "التدرّج عبر الكتلة",
    "repair": "ما تركه الترميم من أوزان قبل الحذف",
}
WHY_SOLVER = "تبحث {solver} عن القناع بنفسها، فليست الدرجة هي الكلمة الأخيرة."
WHY_SPARED = "قدّمت هذه التجربة أوزان عصبونات {names} على غيرها في الإبقاء، أيًّا كانت درجتها."
WHY_NOT_WALKED = (
    "قاست التجربة كل كتلة من جديد خلف الكتل المقلَّمة التي قبلها؛ ولم تحفظ إلا تنشيطات النموذج الكثيف، وهي المعروضة هنا."
)
WHY_DIFFERS = "إبقاء أعلى هذه الدرجات لا يعطي بالضبط الاختيار الذي جرى هنا."
WHY_CHANGED = "قد يكون السبب تقريب جهاز آخر، أو أن ملفات النموذج لم تعد ملفات التجربة."
WHY_COLUMNS = {
    "name": "اللغة", "rms": "التنشيط (RMS)", "score": "الدرجة", "threshold": "أدنى باقٍ", "place": "الترتيب", "keeps": "وحدها",
}  # fmt: skip
WHY_TABLE = "ما تقرره كل لغة وحدها بشأن هذا الوزن"
WHY_KEEPS, WHY_DROPS = "تبقيه", "تحذفه"
WHY_AXIS = "جذر متوسط مربعات قناة الإدخال"
WHY_HOVER = _rtl("{name}: {rms}<br>الدرجة {score}، {verdict}")

DENSE_NEEDED = (
    "أوزان هذا النموذج الكثيفة ليست جاهزة على هذا القرص: لا بد من جلبها أو فكّها مرة واحدة (حتى دقيقة في حالة النموذج المدمج)."
)
DENSE_READ = "اقرأ الأوزان الكثيفة"
DENSE_JOB = "قراءة الأوزان الكثيفة"
DENSE_LOADING = "تحميل النموذج"
DENSE_SHARED = "على هذا الخادم المشترك لا يمكن قراءة الأوزان الكثيفة لنموذج موجود في مجلد."
DENSE_OTHER = "تغيّر النموذج {source!r} منذ التجربة: فأوزانه ليست التي قُلّمت."


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them."""
    return names[0] if len(names) == 1 else JOIN.join(names[:-1]) + AND + names[-1]


# --- worth -----------------------------------------------------------------------------------------------------------------

TAB_WORTH = "الطرق"
WORTH_HEADING = "### ماذا تساوي كل طريقة؟"
WORTH_HELP = (
    "كل الطرق على النموذج المدمج، بنصوص المعايرة نفسها. العلامة **×** تقول بأي معامل ضُربت الحيرة، "
    "كما في علامات التبويب الأخرى (1: لم يُخسر شيء)؛ و**نات** هي المتوسط معبَّرًا عنه زيادةً في الخسارة لكل وحدة نصية. "
    "لغات المعايرة رأتها الطريقة، والتي خارجها لم ترها؛ والثواني ثواني المعالج في التقليم، وMiB أكبر "
    "ذاكرة شُغلت أثناءه. نموذج واحد وبذرة واحدة: الفروق الأصغر من فترات الثقة لا تقول شيئًا، وقد يرتب نموذج آخر "
    "الطرق ترتيبًا مختلفًا."
)
WORTH_ABSENT = (
    "ليست مقارنة الطرق جزءًا من هذا البرنامج المثبت: الملف `assets/methods.json` مفقود. "
    "يحسبه `python -m benchmarks.methods`، ويضعه هنا `python scripts/publish_methods.py`."
)
WORTH_NOTHING = "لم تُقارَن أي طريقة في هذا الوضع."
WORTH_PARTIAL = "**لم تكتمل:** ما زالت هذه المقارنة قيد الحساب؛ وتنقصها صفوف."
WORTH_SETTING = "الأوزان المحذوفة"
WORTH_SETTINGS = {
    "50%": "50%، في أي مكان",
    "60%": "60%، في أي مكان",
    "70%": "70%، في أي مكان",
    "2:4": "50%، يبقى 2 من كل 4",
    "4:8": "50%، يبقى 4 من كل 8",
}
WORTH_MEASURE = "احكم بحسب"
WORTH_MEASURES = {"mean": "متوسط كل اللغات", "worst": "اللغة الأكثر تضررًا"}
WORTH_FIGURE_HELP = (
    "إلى أسفل أفضل، وإلى اليسار أسرع. والخط يصل الطرق التي لا تتفوق عليها طريقة أخرى في الأمرين. والزمن ثواني "
    "المعالج في التقليم وحده، مجموعةً على الأنوية، من غير إحصاءات المعايرة والقياس. مرّر المؤشر فوق نقطة لترى اسمها."
)
WORTH_COLUMNS = {
    "method": "الطريقة",
    "mean_times": "المتوسط، ×",
    "mean_interval": "فترة ثقة 95%",
    "mean_nats": "نات",
    "calibrated": "لغات المعايرة، ×",
    "unseen": "خارج المعايرة، ×",
    "worst": "الأسوأ، ×",
    "worst_name": "اللغة الأكثر تضررًا",
    "seconds": "الثواني",
    "peak": "MiB",
}
WORTH_AXIS_SECONDS = _rtl("ثواني المعالج في التقليم<br>(مقياس لوغاريتمي)")
WORTH_AXIS_MEAN = _rtl("الحيرة بعد التقليم ÷ قبله،<br>متوسط اللغات (مقياس لوغاريتمي)")
WORTH_AXIS_WORST = _rtl("الحيرة بعد التقليم ÷ قبله،<br>اللغة الأكثر تضررًا (مقياس لوغاريتمي)")
WORTH_LEGEND, WORTH_FRONT = "طريقة", "الأفضل في زمنها"
WORTH_TABLE = "مقارنة الطرق"
WORTH_HOVER = _rtl("{method}<br>المتوسط \u200e×{mean}، الأسوأ \u200e×{worst} ({language})<br>{seconds} ث، \u200e{peak} MiB")
WORTH_FACTS_ROWS = (
    ("command", "صُنعت بالأمر `{}`"),
    ("commit", "commit {}"),
    ("date", "{}"),
    ("seed", "البذرة {}"),
    ("threads", "خيوط المعالج {}"),
    ("tokens", "وحدات المعايرة النصية {} إجمالًا"),
)
WORTH_VERSIONS = "torch {torch}، transformers {transformers}"


def worth_facts(facts: dict[str, object]) -> str:
    """Where the comparison comes from, in one line."""
    told = [text.format(facts[name]) for name, text in WORTH_FACTS_ROWS if facts.get(name) not in (None, "")]
    versions = facts.get("versions")
    if isinstance(versions, dict):
        told.append(WORTH_VERSIONS.format(torch=versions.get("torch", "?"), transformers=versions.get("transformers", "?")))
    return f"*{'، '.join(told)}.*" if told else ""


TAB_LABS = "المختبر"
LABS_HELP = "تطرح الدراسة سؤالًا واحدًا على النموذج المختار في الاستمارة، بلغاته ونصوصه، وعلى ما تفعله الطريقة به. لا يُحفظ شيء: خذ الجداول التي تحتاج إليها."
LABS_STUDY = "الدراسة"
LABS_START = "اسأل"
LABS_SOURCE = "المصدر: {source}. الكلفة: {cost}."
