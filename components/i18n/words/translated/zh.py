"""Simplified Chinese."""

from collections.abc import Mapping, Sequence

# A space stands between Chinese and Latin letters or digits. Marks of emphasis that end in punctuation are followed by a space,
# because Markdown would not read them as such otherwise.

# --- common --------------------------------------------------------------------------------------------------------------

DEVICE_NAMES = {"cpu": "CPU", "cuda": "GPU"}

INTERFACE = "本页语言"

TIMES = "{value} 倍"
POINTS = "{value} 个百分点"
UNCHANGED = "不变"
NOT_MEASURED = "未测量"

YES, NO = "是", "否"
SPAN = "{low} 至 {high}"


def seconds(value: float) -> str:
    """A duration as a person says it."""
    whole = max(0, round(value))
    if whole < 60:
        return f"{whole} 秒"
    if whole < 3600:
        return f"{whole // 60} 分 {whole % 60:02d} 秒"
    return f"{whole // 3600} 小时 {whole % 3600 // 60:02d} 分"


def clock(value: float) -> str:
    """Minutes and seconds, for a log."""
    whole = max(0, int(value))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def interval(low: str, high: str) -> str:
    """A 95% interval of a factor."""
    return f"95%：{low} 至 {high}"


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent."""
    return f"{100 * share:.{digits}f}%"


def items_per_language(low: int, high: int) -> str:
    """How many choice items a figure rests on."""
    return f"每种语言 {low} 道题" if low == high else f"每种语言 {low} 至 {high} 道题"


def plot_description(name: str) -> str:
    """For readers who do not see a figure: what it is, and where its numbers stand."""
    return f"{name}。图旁的表格列有同样的数值。"


def _and_more(names: Sequence[str], unit: str, most: int = 4) -> str:
    """The first of several names, and how many there are in all where there are more."""
    return "、".join(names[:most]) + (f" 等 {len(names)} {unit}" if len(names) > most else "")


# --- about ---------------------------------------------------------------------------------------------------------------

ABOUT = """### 本页做什么
语言模型由一个个解码器块堆叠而成，每个块里有几个很大的权重矩阵。**剪枝**（pruning）把这些矩阵中最不重要的权重置为零，之后不再做任何训练。哪些权重算重要，取决于方法所看的文本，也就是**校准**语言。本页展示这一选择对每种语言的影响。

“语言”选项卡给出损失；如果在“更多测量”中选了基准测试，也会列在那里。“可能的原因”给出与损失相伴的因素，“方法”给出每种方法在一个模型上的效果，“课堂”是为课堂教学准备的七个步骤，不需要模型。

### 局限
- **零本身既不省存储，也不省时间。** 除非使用为稀疏权重设计的存储格式和计算内核，否则剪枝后的模型与之前一样大、一样快。
- **内置模型**是 Gemma 3 270M（基础版）。它的权重曾以 4 位存储，再展开为 16 位，因此起点比原模型略差，而且剪枝之前就有约 4.5% 的矩阵权重为零。Gemma 依照 [Gemma Terms of Use](https://ai.google.dev/gemma/terms) 提供，并受其约束。
- **标为“重构”的公式**是我们对论文的理解，其确切公式无法核实。M-Wanda 的各个组成部分（跨语言方差、激活概率、依据跨语言相关性的逐层稀疏度）在 Choenni & Titov (2025) 中提出；在这里如何组合则由我们决定，每种理解都对应一个设置项。
- **区间**只反映文本的选取，不反映其他主题或文体。每种语言十来篇文本只能给出初步印象。
- **内置段落**是为本项目撰写的（CC0），各语言的主题相同。

### 术语
| 术语 | 含义 |
|---|---|
| 稀疏度 | 被剪去（置为零）的权重所占的比例。 |
| 稠密、剪枝后 | 剪枝之前和之后的模型。 |
| 困惑度 | 模型每一步在多少个词元之间犹豫；越低越好。可以比较剪枝前后，不能在语言之间比较。 |
| 困惑度比 | 同样的文本上，剪枝后的困惑度除以剪枝前的困惑度。 |
| 每字节比特数 | 平均到每字节文本的损失，与分词器如何切分一种语言无关。 |
| 块、矩阵 | 模型是块的堆叠；每个块有 q、k、v、o（注意力）和 gate、up、down（前馈）等矩阵。 |
| 通道 | 矩阵的一列：每个词元输入该矩阵的一个数。 |
| 激活方差 | 一个通道的强度在不同语言之间相差多少。 |
| 分配 | 稀疏度如何分摊到各个块；其加权平均等于所选的稀疏度。 |
| 留出 | 参与测量但未参与校准的语言。 |
| 95% 区间 | 若抽取 100 组这样的文本样本，其中 95 组的区间会包含真实值。 |

### 隐私
本页不向任何地方发送数据。只有你从 Hugging Face Hub 选择的模型和文本会从那里下载。
"""

# --- method --------------------------------------------------------------------------------------------------------------

METHOD = "方法"
SPARSITY = "稀疏度（剪去的权重，%）"
SPARSITY_INFO = "嵌入层和输出头保持完整。"
PURPOSES = {
    "recommended": "推荐",
    "simple": "简单快速",
    "languages": "兼顾多种语言",
    "layers": "各块不均匀",
    "solvers": "优化权重",
    "gradients": "使用梯度",
    "other": "其他",
}

COMBINE = "自行组合（高级）"
COMBINE_HELP = "一种方法是若干选择的组合。每个菜单的初始值就是上面所选方法的选择；改动其中一个，就得到你自己的方法。下面的公式和设置会随之更新。"
COMBINE_BACK = "恢复为原方法"
COMBINED = "**你自己的组合**，以 {method} 为基础：{changes}。"
COMBINED_CHANGE = "{choice}：{part}"
PROBLEM = "**无法这样运行。** {problem}"
PATTERN = "零可以出现在哪里"
PATTERNS = {
    "unstructured": "任意位置，在每个输出行内比较",
    "layer": "任意位置，在每个矩阵内比较",
    "global": "任意位置，在整个模型内比较",
    "2:4": "每 4 个保留 2 个（50%）",
    "4:8": "每 8 个保留 4 个（50%）",
    "n:m": "每 M 个保留 N 个，N 和 M 自定",
    "mixed": "混合 N:M，各块的 N 不同",
}
PATTERN_N, PATTERN_M = "N：保留的权重数", "M：每组相邻权重数"
PATTERN_FIXED = "{pattern} 在每个块中恰好剪去 {sparsity}：这就是稀疏度，所有块一视同仁。"
PATTERN_MIXED = "每个块在每 M 个中保留多少个，取最接近该块稀疏度的数目。"
PATTERN_WHOLE = "N 和 M 必须是整数；给出的是 {n} 和 {m}。"
METHOD_DETAILS = "该方法的公式"
HAS_RECONSTRUCTION = "*并非所有公式都能与论文核对：见下文。*"
METHOD_LOADING = "正在读取各种方法……"
KNOBS = "该方法的设置"
NO_KNOBS = "该方法没有可调的设置。"
MORE_KNOBS = "另有 {count} 项设置在这里保持默认值；可以用 Python 或命令行修改。"
PART_NAMES = {
    "activation": "输入通道的重要性",
    "score": "权重的得分",
    "allocation": "每个块的稀疏度",
    "solver": "从得分到权重",
    "rows": "每个输出行的稀疏度",
    "repair": "修补保留下来的权重",
}
ORIGINS = {
    "paper": "公式与论文一致",
    "reconstruction": "我们的重构：论文的确切公式无法核实",
    "own": "本项目自己的公式",
}
KNOB_LABELS = {
    "lam": "λ (lambda)",
    "gamma": "γ (gamma)",
    "spread": "离散程度的度量",
    "strength": "逐层强度 Λ",
    "protect": "哪些块保留更多权重",
    "power": "指数 a",
    "outlier": "离群阈值 M",
    "mapping": "块的稀疏度由什么决定",
    "aggregate": "各语言受损的汇总方式",
    "transform": "受损的尺度",
    "mix": "各语言权重的来源",
    "eps": "ε (epsilon)",
    "alpha": "α (alpha)",
    "max_rate": "最大学习率",
    "max_swaps": "最多交换次数",
    "language": "目标语言",
    "weights_by_language": "每种语言的权重",
    "blocksize": "一次处理的列数",
}
TEXT_HELP = {
    "language": "校准语言之一；其他语言会测量，但不参与决定。未选时取其中第一种。",
    "weights_by_language": "例如 en=1, sw=3。未列出的语言计为 1，0 表示不计入。",
}
CHOICE_LABELS = {
    "std": "标准差",
    "cv": "变异系数",
    "different": "语言差异大的块",
    "shared": "语言相一致的块",
    "rank": "它在各块中的名次",
    "linear": "它的相关系数本身",
}


def knob_label(name: str, unit: str) -> str:
    """A setting by its symbol or plain name."""
    label = KNOB_LABELS.get(name, name.replace("_", " ").capitalize())
    return f"{label}（{unit}）" if unit else label


def part_name(choice: str) -> str:
    """What a part of a method decides."""
    return PART_NAMES.get(choice, choice.replace("_", " ").capitalize())


# --- form ----------------------------------------------------------------------------------------------------------------

TITLE = "M-Wanda Explorer"
INTRO = """# M-Wanda Explorer
剪去多语言语言模型的一部分权重，看看每种语言损失了什么。选择用于校准的语言，点击**剪枝**，再阅读你自己这次运行的图表。"""

MODEL = "模型"
MODEL_INFO = "选择一个，或输入 Hugging Face Hub 上的模型 ID 或本机的文件夹。"
ESTIMATE = "估算内存"
ESTIMATING = "正在读取模型的大小……"

LANGUAGES = "校准语言"
LANGUAGES_INFO = "方法根据这些语言的文本做决定。输入文字可搜索。"
HELD_OUT = "另外测量的语言"
HELD_OUT_INFO = "从不参与校准：没有人选择的语言会怎样？"
GROUP = "选择整组语言"
GROUP_REGION = "地区：{name}（{count}）"
GROUP_SCRIPT = "文字：{name}（{count}）"
WORLD_MIX, ENGLISH_ONLY, ALL = "世界语言组合", "仅英语", "全部"
REGIONS = {
    "Africa": "非洲",
    "Americas": "美洲",
    "East Asia": "东亚",
    "Europe": "欧洲",
    "Middle East": "中东",
    "South Asia": "南亚",
    "Southeast Asia": "东南亚",
}
SCRIPTS = {"Arabic": "阿拉伯文", "Cyrillic": "西里尔文", "Devanagari": "天城文", "Latin": "拉丁文"}

TOKENS = "每种语言的校准词元数"
TOKENS_INFO = "每种语言的数量相同。按模型自己的词元计数。"
ADVANCED = "文本与测量"
MODE = "如何采集统计量"
MODES = {"one-pass": "一次性，在稠密模型上（快）", "sequential": "逐块，在已剪枝的块之后（Wanda 的做法）"}
ALLOCATION_SHARE = "用于逐层步骤的词元比例"
ALLOCATION_SHARE_INFO = "仅用于逐块方式：各块的稀疏度由校准词元的这一部分决定。"
SEQUENCE = "每个序列的词元数"
SEQUENCE_INFO = "CPU 适合 128 至 256；GPU 可用 2048。"
TEXTS = "文本"
TEXT_SOURCES = {
    "built-in": "内置的平行段落",
    "folder": "我自己的文本文件夹",
    "c4": "C4，来自 Hub",
    "wikipedia": "维基百科，来自 Hub",
    "flores+": "FLORES+，来自 Hub（需先接受条款）",
}
TEXTS_INFO = "一半文本用于校准，另一半用于测量；没有段落兼作两用。"
FOLDER = "文件夹"
FOLDER_INFO = "每种语言一个 UTF-8 文本文件，以语言代码命名：sw.txt、yo.txt。段落之间用空行分隔。"
EVAL_TEXTS = "每种语言测量的文本数"
EVAL_TEXTS_INFO = "文本越多，区间越窄，用时越长；内置段落最多 20 篇。"
CHOICES = "同时测量选择题准确率"
CHOICES_INFO = "四个续写中哪一个属于这篇文本？约占测量时间的一半。"
SEED = "随机种子"

EMPTY_MODEL = "没有选择模型：请选内置模型，或输入 Hub 上的模型 ID，例如 Qwen/Qwen2.5-0.5B。"
EMPTY_LANGUAGES = "没有选择校准语言：请至少选一种。"
EMPTY_FOLDER = "文本要从文件夹读取，但没有指定文件夹：请输入路径，或改用内置段落。"
SPARSITY_RANGE = "稀疏度必须在 0 到 99% 之间；给出的是 {given}。"

SHARED_FOLDER = "这是共享服务器，不读取服务器上的文件夹或文件。请选择 Hub 上的模型，以及内置文本或 Hub 上的文本。"


def memory(sentence: str, device: str) -> str:
    """The memory estimate with the device it would run on."""
    return f"需要 {sentence}。将在 {device} 上运行。"


# --- cost ----------------------------------------------------------------------------------------------------------------

COST_DETAILS = "这次运行的开销"
COST_WAITING = "正在估算这次运行的开销……"
COST_REFUSED = "按当前设置无法开始这次运行：{problem}"
COST_UNKNOWN_MODEL = "首次运行之前不知道需要多久：还没有读取过这个模型的任何信息。**估算内存**会读取它的大小。"
COST_STAGES = {
    "statistics": "校准",
    "pruning": "选择并剪去权重",
    "measuring": "测量所有语言",
    "studying": "基准测试和专项研究",
}
COST_STEPS = {
    "statistics": "稠密模型的统计量",
    "allocation statistics": "逐层步骤的统计量",
    "full gradients": "贯穿整个模型的梯度",
    "sensitivity": "单独剪枝每个块的代价",
    "own walk": "逐块测量",
    "pruned walk": "让文本继续通过已剪枝的块",
    "sequences": "让单个序列通过各块",
    "regional gradients": "一次只过一个块的梯度",
    "repair": "修补步骤",
    "solver": "选择权重",
    "scoring": "剪枝前后的测量",
    "benchmarks": "剪枝前后的基准测试",
    "overlap": "掩码重叠",
    "neurons": "语言神经元",
    "predictors": "与损失相伴的因素",
    "generation": "两个模型生成的文本",
    "profile": "困惑度之外",
    "spared": "寻找要免剪的神经元",
}
COST_TABLE_HEAD = "| 步骤 | 遍历校准文本的次数 |\n|---|---:|"
COST_PASSES = (
    "一次遍历是指全部校准词元通过全部的块。加载模型的时间另计。以前的运行已经做过的步骤（统计量、稠密模型的评测）不会重做。"
)
COST_NEEDS = {
    "full_gradient": "需要模型损失的梯度：最多 32 个序列在整个模型中反向传播，并需要内存存放每个权重的梯度",
    "relevance": "需要 LRP 相关性：最多 32 个序列在整个模型中反向传播，并需要内存为每个权重存一个数",
    "separability": "每种语言让约 400 条简短的真假陈述通过模型",
    "regional_gradient": "需要一次只过一个块的梯度",
    "sensitivity": "单独剪枝每个块并测量损失：用时随块数的平方增长",
    "gram": "要为块的每个输入保存一个通道乘积矩阵",
    "sequences": "用小的梯度步修补每个块",
    "samples": "要保存单个序列的输入",
}
PART_NEEDS = "该部分{needs}。"
COST_NEEDS_OF = "{method} {needs}。"
COST_MINUTES = "Wanda 只需几秒，它则需要几分钟。"
MINUTES = 60.0
"""Seconds of pruning from which on the page says that a method takes minutes."""
RATE_TYPICAL = "这是按典型的 {device} 估算的；在这里首次运行之后，将改用本机的速度。"
RATE_MEASURED = "速度依据这里此前的 {runs} 次运行测得。"
RATE_MEASURED_ONE = "速度依据这里此前的一次运行测得。"
RATE_SAME = "速度依据这里此前用该方法的 {runs} 次运行测得。"
RATE_SAME_ONE = "速度依据这里此前用该方法的一次运行测得。"


def cost_line(total: float, peak: str) -> str:
    """The two figures that a visitor wants before pressing the button."""
    return f"**约 {seconds(total)}**，模型和数据最多占用 {peak} 内存。"


def cost_stages(by_stage: dict[str, float]) -> str:
    """Where the time goes, in one sentence."""
    return "，".join(f"{COST_STAGES[stage]} {seconds(value)}" for stage, value in by_stage.items()) + "。"


def rate_source(runs: int, same: bool, device: str) -> str:
    """What the seconds rest on."""
    if not runs:
        return RATE_TYPICAL.format(device=device)
    if runs == 1:
        return RATE_SAME_ONE if same else RATE_MEASURED_ONE
    return (RATE_SAME if same else RATE_MEASURED).format(runs=runs)


# --- running -------------------------------------------------------------------------------------------------------------

PRUNE, CANCEL = "剪枝", "取消"
LOG = "日志"

IDLE = "当前没有任务在运行。"
STARTING = "正在启动"
CANCELLING = "将在这一步结束时停止……"
CANCELLED = "已取消。下面的图表属于之前显示的那次运行。"
PROGRESS = "运行进度"
UNKNOWN_KIND = "没有名为 {given} 的任务类型；可用的有：{known}。"
LOST_JOB = "这里已经找不到本页的这次运行：服务器重启过。"
GPU_TAB_CLOSED = "在这块共享 GPU 上，启动运行的页面一关闭，运行就会结束。点击“剪枝”可重新开始。"


def queued(ahead: int) -> str:
    """How many runs come first."""
    return f"正在排队，前面还有 {ahead} 次运行。"


def time_left(left: float | None, elapsed: float) -> str:
    """Elapsed, and left where it is known."""
    return f"已用 {seconds(elapsed)}" + ("" if left is None else f"，还需约 {seconds(left)}")


def job_title(method: str, sparsity: float, model: str, languages: Sequence[str]) -> str:
    """One line for a job."""
    return f"{method}，{percent(sparsity)}，{model}（{_and_more(languages, '种语言')}）"


def finished(title: str, elapsed: float) -> str:
    """How a successful job ended."""
    return f"已完成，用时 {seconds(elapsed)}：{title}。"


# --- tasks ---------------------------------------------------------------------------------------------------------------

MULTIPLES_HEADING = "### 逐篇文本"
MULTIPLES_HELP = "每种语言一个小图，受损最重的排在最前，未参与校准的语言排在其他语言之后。每条细线是一篇测量的文本，粗线是全部文本合计。向上表示更难预测。若所有的线一致上升，是这种语言本身变难了；若只有少数几条陡升，则是个别文本变难了。"
MULTIPLES_NONE = "这次运行没有测量任何文本。"
AXIS_BITS_SHORT = "每字节比特数"
MULTIPLES_TICKS = ("之前", "之后")
MULTIPLES_TITLE = "{name} ×{ratio}"
MULTIPLES_HOVER = "{name}，{text}<br>每字节比特数：之前 {before:.3f}，之后 {after:.3f}"
MULTIPLES_ALL = "全部文本"

TASKS_HEADING = "### 基准测试：模型还会做什么？"
TASKS_HELP = "{title}：答对题目的比例，{items}。灰色方块是稠密模型，彩色标记是剪枝后的模型，横条是 95% 区间，每行中的短竖线是随机猜测的水平，右侧的数字是变化的百分点。两者之间的**实线**表示按语言数目校正后（Holm，5%）差异仍然成立；**灰色虚线**和括号表示差异在噪声范围内，因为题目太少。"
TASKS_UNINFORMATIVE = "**在以下语言中说明不了问题：{names}。** 在这些语言中，稠密模型本身就与随机猜测无法区分，所以没有什么可损失，也看不出损失。用空心灰色标记表示。"
TASKS_ALL_UNINFORMATIVE = "**该基准测试对这个模型说明不了问题：** 稠密模型在每种语言中都只有随机水平。请选更容易的测试（MultiBLiMP 只考语法）或更大的模型。"
TASKS_ABSENT = "这次运行没有做基准测试。请打开左侧的**更多测量**，选一个（MultiBLiMP 适合小模型），再点击**剪枝**。"
TASKS_NOTHING = "按这个基准测试和判读方式，没有可画的内容。"
TASK_MENU = "基准测试"
READING = "如何判读答案"
READINGS = {"customary": "按惯例", "raw": "似然", "per byte": "每字节似然"}
TASK_MAP_HEADING = "### 全部基准测试一览"
TASK_MAP_HELP = "变化的百分点，每个基准测试都按惯例判读。有颜色：超出噪声。带括号：在噪声范围内。灰色短横：稠密模型只有随机水平，该测试在此说明不了问题。空白：这种语言没有题目。"

VERDICTS = {"worse": "变差", "better": "变好", "within noise": "在噪声范围内", "uninformative": "说明不了问题"}
NOT_INFORMATIVE_TICK = "{name}（随机水平）"
LEGEND_NOISE = "在噪声范围内"
LEGEND_BEYOND = "超出噪声"
LEGEND_UNINFORMATIVE = "说明不了问题（稠密模型只有随机水平）"
AXIS_TASK_ACCURACY = "答对的题目<br>（占题目的 %）"
AXIS_BENCHMARK = "基准测试"
BAR_CHANGE = "百分点"
MAP_NONE = "–"
MAP_NOISE = "({value})"
HOVER_TASK = "{name}，{items} 道题<br>之前 {before:.1f}%（{before_low:.0f} 至 {before_high:.0f}）<br>之后 {after:.1f}%（{after_low:.0f} 至 {after_high:.0f}）<br>变化 {change:+.1f} 个百分点（{low:+.0f} 至 {high:+.0f}）<br>由对变错 {lost} 道，由错变对 {gained} 道；p = {p}，校正后 {p_holm}<br>随机猜测 {chance:.1f}%<br><b>{verdict}</b>"
VERDICT_SENTENCES = {
    "worse": "变差，超出噪声",
    "better": "变好，超出噪声",
    "within noise": "题目太少，在噪声范围内",
    "uninformative": "稠密模型只有随机水平：说明不了问题",
}
TASK_COLUMNS = {
    "name": "语言", "items": "题数", "chance": "随机猜测 %", "dense_accuracy": "之前 %", "pruned_accuracy": "之后 %", "change": "百分点",
    "interval": "95% 区间", "p": "p", "p_holm": "p（Holm）", "verdict": "结论",
}  # fmt: skip


def questions(low: int, high: int) -> str:
    """How many questions a figure rests on."""
    return f"每种语言 {low} 道题" if low == high else f"每种语言 {low} 至 {high} 道题"


def p_value(value: float) -> str:
    """A p-value without false precision."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


# --- measure -------------------------------------------------------------------------------------------------------------

MEASURE_MORE = "更多测量"
MEASURE_MORE_HELP = "这里的项目都不是运行所必需的，每一项都会增加用时。**剪枝**下面的一行会说明增加多少。"

TASKS_LABEL = "基准测试"
TASKS_INFO = "知名的题集，在剪枝前后各答一遍；你所选的语言中，题集包含哪些就测哪些。"
TASK_NAMES = {
    "multiblimp": "MultiBLiMP",
    "blimp": "BLiMP",
    "lindsea": "LINDSEA",
    "bmlama": "BMLAMA-53",
    "xcopa": "XCOPA",
    "xstorycloze": "XStoryCloze",
    "xwinograd": "XWinograd",
    "belebele": "Belebele",
    "belebele-cloze": "Belebele（用文字作答）",
    "xnli": "XNLI",
    "paws-x": "PAWS-X",
    "global-mmlu": "Global-MMLU",
}
TASK_KINDS = {
    "multiblimp": "语法",
    "blimp": "英语语法",
    "lindsea": "印度尼西亚语和泰米尔语语法",
    "bmlama": "事实知识",
    "xcopa": "因果关系",
    "xstorycloze": "故事结尾",
    "xwinograd": "代词指代",
    "belebele": "阅读，用字母作答",
    "belebele-cloze": "阅读",
    "xnli": "一句能否推出另一句",
    "paws-x": "意思是否相同",
    "global-mmlu": "学科知识，用字母作答",
}
TASK_TEXTS = "基准测试的来源"
TASK_SOURCES = {"hub": "从 Hub 下载", "folder": "本机的文件夹"}
TASK_FOLDER = "基准测试的文件夹"
TASK_FOLDER_INFO = "按发布时的原样，每个题集放在同名的文件夹中；文件清单见 docs/tasks.md。"
TASK_ITEMS = "每种语言的题数"
TASK_ITEMS_INFO = "100 道题的区间约为 ±10 个百分点，400 道题约为 ±5。"

STUDIES_LABEL = "专项研究"
STUDY_TITLES = {
    "overlap": "掩码重叠",
    "neurons": "语言神经元",
    "predictors": "相伴的因素",
    "generation": "生成的文本",
    "profile": "困惑度之外",
}
STUDY_KINDS = {
    "overlap": "两种语言剪去的是同样的权重吗？（再遍历一次校准文本）",
    "neurons": "它们在哪里，被剪去多少（再遍历两次）",
    "predictors": "事先已知的语言特征与它的损失有何关系（遍历一次未参与校准的语言的文本）",
    "generation": "两个模型从同样的开头续写（CPU 上约一分钟）",
    "profile": "内部几何、最可能的词的次序、能量（CPU 上约一分钟）",
}

SPARE = "免剪以下语言的语言神经元"
SPARE_INFO = "保留从这些神经元引出的权重，改剪其他权重：剪去的比例不变。只适用于在每行或每层中保留最高得分的方法。"

EMPTY_TASK_FOLDER = "基准测试要从文件夹读取，但没有指定文件夹：请输入路径，或改为从 Hub 下载。"
TASK_ITEMS_RANGE = "每种语言的题数至少为 1；给出的是 {given}。"


def task_label(name: str) -> str:
    """A benchmark in the menu: its name, and what it asks."""
    return f"{TASK_NAMES[name]} · {TASK_KINDS[name]}" if name in TASK_KINDS else task_name(name)


def study_label(name: str) -> str:
    """A study with what it asks, and what it costs."""
    return f"{STUDY_TITLES[name]}：{STUDY_KINDS[name]}"


def task_name(name: str) -> str:
    """A benchmark's name; one of the visitor's own is called what its file is called."""
    return TASK_NAMES.get(name, name)


def asked(tasks: Sequence[str], studies: Sequence[str], spared: Sequence[str]) -> str:
    """What "Measure more" adds to a run, in a few words; empty for nothing."""
    parts = [
        *(["、".join(task_name(name) for name in tasks)] if tasks else []),
        *([f"{len(studies)} 项专项研究"] if studies else []),
        *([f"免剪神经元：{'、'.join(spared)}"] if spared else []),
    ]
    return "；".join(parts)


# --- worth ---------------------------------------------------------------------------------------------------------------

TAB_WORTH = "方法"
WORTH_HEADING = "### 每种方法效果如何？"
WORTH_HELP = "在内置模型上运行每种方法，校准文本都相同。**×** 表示困惑度变为原来的几倍，与其他选项卡一致（1：毫无损失）；**奈特**是平均值，表示为每个词元的损失增量。校准语言是方法见过的，未见语言则没有见过；秒数是剪枝所用的处理器秒数，MiB 是其间占用内存的最大值。这里只有一个模型、一个随机种子：小于区间的差异说明不了问题，换一个模型，各方法的次序也可能不同。"
WORTH_ABSENT = "这次安装不含方法的比较：缺少 `assets/methods.json`。用 `python -m benchmarks.methods` 计算，用 `python scripts/publish_methods.py` 放到这里。"
WORTH_NOTHING = "在这种设置下没有比较任何方法。"
WORTH_PARTIAL = "**尚未完成：** 这项比较仍在计算，表中还缺一些行。"
WORTH_SETTING = "剪去的权重"
WORTH_SETTINGS = {
    "50%": "50%，任意位置",
    "60%": "60%，任意位置",
    "70%": "70%，任意位置",
    "2:4": "50%，每 4 个保留 2 个",
    "4:8": "50%，每 8 个保留 4 个",
}
WORTH_MEASURE = "评判依据"
WORTH_MEASURES = {"mean": "所有语言的平均", "worst": "受损最重的语言"}
WORTH_FIGURE_HELP = "越靠下越好，越靠左越快。连线经过的方法，没有其他方法能在两方面同时胜过。时间只计剪枝所用的处理器秒数，各核相加，不含校准统计和评测。把鼠标移到点上可看到名称。"
WORTH_COLUMNS = {
    "method": "方法",
    "mean_times": "平均，×",
    "mean_interval": "95% 区间",
    "mean_nats": "奈特",
    "calibrated": "校准语言，×",
    "unseen": "未见语言，×",
    "worst": "受损最重，×",
    "worst_name": "受损最重的语言",
    "seconds": "秒",
    "peak": "MiB",
}
WORTH_AXIS_SECONDS = "剪枝所用的处理器秒数<br>（对数刻度）"
WORTH_AXIS_MEAN = "困惑度：之后 ÷ 之前，<br>各语言的平均（对数刻度）"
WORTH_AXIS_WORST = "困惑度：之后 ÷ 之前，<br>受损最重的语言（对数刻度）"
WORTH_LEGEND, WORTH_FRONT = "方法", "同等用时内最好"
WORTH_TABLE = "各方法的比较"
WORTH_HOVER = "{method}<br>平均 {mean} 倍，受损最重 {worst} 倍（{language}）<br>{seconds} 秒，{peak} MiB"
WORTH_FACTS_ROWS = (
    ("command", "由 `{}` 生成"),
    ("commit", "提交 {}"),
    ("date", "{}"),
    ("seed", "随机种子 {}"),
    ("threads", "{} 个处理器线程"),
    ("tokens", "校准词元共 {} 个"),
)
WORTH_VERSIONS = "torch {torch}，transformers {transformers}"


def worth_facts(facts: dict[str, object]) -> str:
    """Where the comparison comes from, in one line."""
    told = [text.format(facts[name]) for name, text in WORTH_FACTS_ROWS if facts.get(name) not in (None, "")]
    versions = facts.get("versions")
    if isinstance(versions, dict):
        told.append(WORTH_VERSIONS.format(torch=versions.get("torch", "?"), transformers=versions.get("transformers", "?")))
    return f"*{'，'.join(told)}。*" if told else ""


# --- weighing ------------------------------------------------------------------------------------------------------------

TAB_WEIGHTS = "权重"
JOIN, AND = "、", " 和 "

WEIGHTS_HEADING = "### 哪些权重保留下来了？"
WEIGHTS_HELP = "每一格是这次运行的一个权重矩阵，颜色表示其中剪去的比例。**点击一格**，或在下面选择块和矩阵，就能看到零在哪里，以及某个权重为何保留或被剪去。"
WEIGHTS_BLOCK, WEIGHTS_MATRIX = "块", "矩阵"
WEIGHTS_MAP = "每个权重矩阵的稀疏度。点击一格可打开该矩阵；下面的菜单作用相同"
WEIGHTS_NO_MASKS = "这次运行没有保存掩码（示例为了小巧而省去），因此无法查看单个权重。点击**剪枝**：你自己的运行会带有掩码。"
WEIGHTS_OPENING = "正在打开矩阵……"
CLICK_FAILED = "此浏览器无法绘制这张图；下面的菜单和输入框与点击的作用相同。"

PICTURE_TITLE = "#### {module}，块 {block}：{outputs} 个输出 × {inputs} 个输入，剪去 {share}"
PICTURE_REGULAR = "每 {m} 个相邻输入中恰好保留 {n} 个：{n}:{m} 模式。"
DENSITY_HEADING = "#### 整个矩阵的远景"
DENSITY_HELP = "每一格是矩阵的一小片，颜色表示其中剪去的权重比例。点击一片，下面的窗口就移到那里。"
DENSITY_LABEL = "矩阵的远景：每一小片剪去的比例。点击一片可把窗口移到那里；滑块作用相同"
WINDOW_HEADING = "#### 单个权重的窗口"
WINDOW_HELP = "蓝色的权重保留了，浅色的被剪去了。**点击一个权重**可询问原因，也可在下面输入它的输出和输入编号。"
WINDOW_LABEL = "单个权重的窗口，保留或剪去。点击一个可询问原因；下面的输入框作用相同"
WINDOW_ROW, WINDOW_COLUMN = "显示的第一个输出", "显示的第一个输入"
SHARES_HEADING = "#### 有些输出或输入被剪得更多吗？"
SHARES_HELP = "每个输出的权重（一行）和每个输入通道的权重（一列）被剪去的比例。在行内比较权重的方法，每行剪去的数量相同；各列有多不均匀，则由校准决定。"
SHARES_ORDER = "次序"
SHARES_ORDERS = {"sorted": "按大小排序", "placed": "按矩阵中的位置"}
SHARES_ROWS, SHARES_COLUMNS = "剪去的比例，按输出", "剪去的比例，按输入通道"
AXIS_OUTPUT, AXIS_INPUT = "输出（行）", "输入通道（列）"
AXIS_OUTPUT_SORTED, AXIS_INPUT_SORTED = "输出，剪去最多的在前", "输入通道，剪去最多的在前"
AXIS_REMOVED = "剪去（%）"
HOVER_PATCH = "输出 {rows}，输入 {columns}"
HOVER_KEPT, HOVER_REMOVED = "保留", "剪去"
HOVER_CELL = "输出 %{y}，输入 %{x}：%{text}<extra></extra>"
HOVER_SHARE = "%{x}：剪去 %{y:.1f} %<extra></extra>"
SHARE_COLUMNS = {"part": "占全部的", "row": "输出最多失去 %", "column": "输入最多失去 %"}
SHARE_PARTS = {0.0: "最低", 0.05: "5%", 0.25: "四分之一", 0.5: "一半", 0.75: "四分之三", 0.95: "95%", 1.0: "全部"}
SHARE_TABLE = "按输出和按输入通道剪去的比例"

WHY_HEADING = "#### 为什么是这个权重？"
WHY_ROW, WHY_COLUMN, WHY_ASK = "输出（行）", "输入（列）", "为什么？"
WHY_EMPTY = "点击窗口中的一个权重，或输入它的位置再点击 **为什么？** 按钮。"
WHY_FIGURE = "该输入通道的激活，按语言"
WHY_KEPT, WHY_REMOVED = "**保留。**", "**剪去。**"
WHY_WEIGHT = "权重 {value} 读取输入 {column}，送往块 {block} 中 `{module}` 的输出 {row}。"
WHY_NEW = "方法随后给了它新的值：{value}。"
WHY_NO_STATISTICS = "这次运行没有保存校准统计量，因此既无法给出它的得分，也无法给出每种语言对它的判断。"
WHY_SCORE = "它的得分是 {score}：在{group}（共 {size} 个）中从高到低排第 {place}，其中保留 {kept} 个"
WHY_THRESHOLD = "；其中保留的最低得分是 {threshold}。"
WHY_NOTHING_KEPT = "；其中一个也没有保留。"
WHY_GROUPS = {
    "row": "其输出的权重",
    "layer": "其矩阵的权重",
    "global": "其矩阵的权重（整个模型共用一个阈值）",
    "n:m": "相邻权重",
}
WHY_GOES = "按这次运行测得的激活，只要{group}剪去 {share} 或更多，它就会被剪去。"
WHY_STAYS = "按这次运行测得的激活，只要{group}剪去不到 {share}，它就会保留。"
WHY_WHOLE = {"row": "其输出的权重", "layer": "其矩阵", "global": "其矩阵"}
WHY_PLACE = "凡是在 {size} 个相邻权重中保留 {place} 个或更多的模式，都会保留它。"
WHY_BLIND = "该方法的得分不看激活，所以单独用任何一种语言都会做出同样的决定。"
WHY_ALL = "**单独用任何一种校准语言**也都会保留它。"
WHY_NONE = "**单独用任何一种校准语言**都不会保留它。"
WHY_SOME = "单独用 **{keep}** 会保留它；单独用 **{drop}** 则不会。"
WHY_ONE_LANGUAGE = "只用 {name} 校准，所以没有其他意见。"
WHY_MISSING = "{method} 还用到了{gone}，而任何运行都不保存它；这里改用 Wanda 的得分（权重乘激活）。"
WHY_GONE = {
    "full_gradient": "损失的梯度",
    "relevance": "按 LRP 规则求得的导数",
    "regional_gradient": "穿过该块的梯度",
    "repair": "修补之后、剪去之前的权重",
}
WHY_SOLVER = "{solver} 自己搜索掩码，所以得分不是最后的决定。"
WHY_SPARED = "这次运行优先保留了 {names} 的神经元的权重，不论其得分高低。"
WHY_NOT_WALKED = "这次运行在前面各块剪枝之后重新测量了每个块，但只保存了稠密模型的激活，即这里显示的数值。"
WHY_DIFFERS = "若按这些得分保留最高者，结果不会与这里的选择完全一致。"
WHY_CHANGED = "原因可能是另一台机器的舍入，也可能是模型文件已不是这次运行所用的文件。"
WHY_COLUMNS = {
    "name": "语言", "rms": "激活 (RMS)", "score": "得分", "threshold": "保留的最低得分", "place": "名次", "keeps": "单独用时",
}  # fmt: skip
WHY_TABLE = "每种语言单独如何看待这个权重"
WHY_KEEPS, WHY_DROPS = "保留", "剪去"
WHY_AXIS = "输入通道的均方根"
WHY_HOVER = "{name}：{rms}<br>得分 {score}，{verdict}"

DENSE_NEEDED = "这台机器的磁盘上没有现成的该模型稠密权重：需要下载或解包一次（内置模型最多一分钟）。"
DENSE_READ = "读取稠密权重"
DENSE_JOB = "正在读取稠密权重"
DENSE_LOADING = "正在加载模型"
DENSE_SHARED = "在这台共享服务器上，不能读取文件夹中模型的稠密权重。"
DENSE_OTHER = "模型 {source!r} 在这次运行之后有改动：它的权重已不是当时剪枝的权重。"


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them."""
    return names[0] if len(names) == 1 else JOIN.join(names[:-1]) + AND + names[-1]


# --- results -------------------------------------------------------------------------------------------------------------

EARLIER = "以前的运行"
EARLIER_NONE = "以前的运行（还没有）"
EXAMPLE = "示例运行"
EXAMPLE_BANNER = "**示例，事先算好：** {title}。点击“剪枝”可计算你自己的运行，其图表会替换这里的内容。"
RUN_BANNER = "**当前显示：** {title}。这次运行的链接：[{link}]({link})"
NO_RUN = "还没有可显示的运行。点击**剪枝**，你的运行的图表就会出现在这里。"

TAB_OVERVIEW, TAB_ACTIVATION, TAB_SPARSITY = "概览", "激活", "稀疏度"
TAB_LANGUAGES, TAB_TABLES, TAB_ABOUT = "语言", "表格", "关于"

CARD_MEAN = "困惑度，所有语言的平均"
CARD_CALIBRATED = "校准语言"
CARD_HELD_OUT = "未参与校准的语言"
CARD_WORST = "受损最重的语言：{name}"
CARD_SPARSITY = "剪去的权重"
CARD_ACCURACY = "选择题准确率，平均变化"

ZEROS = "零本身既不省存储，也不省时间：剪枝后的模型与之前一样大、一样快。要有收益，需要为稀疏权重设计的存储格式和计算内核，例如某些 GPU 上的 2:4。"
NOTES, TIMINGS, AGAIN = "说明", "时间花在哪里", "用 Python 做同样的运行"
TIMING_NAMES = {
    "load": "加载模型和文本",
    "dense scores": "测量稠密模型",
    "statistics": "校准统计",
    "pruning": "选择并剪去权重",
    "pruned scores": "测量剪枝后的模型",
    "studies": "基准测试和专项研究",
    "total": "合计",
}

KIND = "哪些矩阵的输入"
KIND_ALL = "所有输入（平均）"
MEASURE = "显示"
MEASURES = {"deviation": "与平均语言的距离", "rms": "激活的强度"}
ALL_LANGUAGES = "全部（方差）"
ACTIVATION_HEADING = "### 各语言对每个块的使用有多不同"
ACTIVATION_HELP = "每一格：一种语言的通道强度与各校准语言平均值相差多远，以该平均值为单位（0：完全一致）。最下面一行是各语言的平均，即跨语言方差。"
RMS_HELP = "每一格：输入这些权重的激活的均方根，以模型自身的单位计。"
SIMILARITY_HEADING = "### 在模型内部哪些语言彼此相似"
SIMILARITY_HELP = (
    "两种语言的（对数）通道强度的相关系数，对各块取平均。差异很小，因为最强的通道为所有语言共有；颜色覆盖实际出现的范围。"
)
ONE_LANGUAGE = "只有一种校准语言：没有可比较的对象。"

SPARSITY_HEADING = "### 每个块的稀疏度"
SPARSITY_HELP = "{method} 如何把稀疏度分摊到各个块。移动滑块，曲线立即跟随：它由随运行保存的各块重要性算出，不必重新运行模型。"
PREVIEW = "预览的稀疏度（%）"
PREVIEW_INFO = "与下次运行的滑块联动。"
LAYERS_HEADING = "### 这次运行中每个权重矩阵的稀疏度"
LAYERS_VIEW = "显示"
LAYERS_VIEWS = {"achieved": "实际达到的", "allocated": "所分配的", "difference": "与均匀分配之差"}
LAYERS_HELP = "每个输出行剪去的权重只能是整数个，因此实际达到的值可能低于所分配的值，每行最多相差一个权重。"

LANGUAGES_HEADING = "### 困惑度：预测每种语言变难了多少"
LANGUAGES_HELP = "同样的文本上，剪枝后的困惑度除以剪枝前的困惑度；1 表示不变。横条是按文本计算的 95% 区间。困惑度比可以在语言之间比较，困惑度本身不能（词元不同）。"
VIEW = "显示"
VIEWS = {"difference": "差异", "both": "之前和之后"}
ACCURACY_HEADING = "### 选择题准确率：模型还知道该接哪个续写吗？"
ACCURACY_HELP = "{items}，每题四个续写，随机猜测可得 {chance}。横条是 95% 区间。空心标记：稠密模型本身在这种语言中就与随机猜测无法区分，那里的变化说明不了问题。"
ACCURACY_NONE = "这次运行没有测量选择题准确率。"
SUMMARY_HEADING = "### 全部语言一览"
SUMMARY_HELP = "剪枝前后的困惑度和选择题准确率。颜色越深越差；最后一列中，红色表示准确率下降，蓝色表示上升。"
WORST = "受损最重"
ROLES = {"calibration": "参与校准", "held-out": "未参与校准"}

TABLES_HELP = "图表背后的所有表格。整次运行及其设置和版本都在 report.json 中。"
DOWNLOAD_CSV = "下载 CSV"
DOWNLOAD_ALL = "全部下载 (ZIP)"
TABLE_TITLES = {
    "languages": "各语言，稠密与剪枝后对照",
    "allocation": "每个块的稀疏度",
    "layers": "每个权重矩阵的稀疏度",
    "activations": "激活统计量",
    "similarity": "语言之间的相似度",
    "texts": "每篇测量的文本",
    "choices": "每道选择题",
}

HOVER_POINTS = "%{x:+.0f} 个百分点"
HOVER_INTERVAL = "95%：%{customdata[1]:.3g} 至 %{customdata[2]:.3g}"
AXIS_BLOCK = "解码器块（0 最靠近文本）"
AXIS_LANGUAGE = "语言"
AXIS_OTHER = "另一种语言"
AXIS_MODULE = "权重矩阵"
AXIS_SPARSITY = "稀疏度（剪去的权重，%）"
AXIS_RATIO = "困惑度：剪枝后 ÷ 剪枝前<br>（对数刻度，无单位）"
AXIS_BITS = "损失（每字节文本的比特数），<br>越低越好"
AXIS_ACCURACY = "答对的题目（%）"
AXIS_CHANGE = "准确率的变化<br>（百分点）"
AXIS_MEASURE = "指标"
BAR_DEVIATION = "相对值"
BAR_RMS = "RMS"
BAR_CORRELATION = "相关"
BAR_PERCENT = "%"
BAR_POINTS = "百分点"
LEGEND_UNIFORM, LEGEND_THIS_RUN, LEGEND_ACHIEVED = "均匀", "这次运行所分配的", "这次运行实际达到的"
LEGEND_PREVIEW = "{value:.0f}% 时"
LEGEND_CHANCE = "随机猜测"
LEGEND_DENSE, LEGEND_PRUNED = "之前（稠密）", "之后（剪枝后）"
SUMMARY_COLUMNS = (
    "困惑度<br>之前",
    "困惑度<br>之后",
    "困惑度<br>之比",
    "准确率<br>之前",
    "准确率<br>之后",
    "准确率<br>变化",
)

COLUMNS: Mapping[str, str] = {
    "name": "语言", "language": "代码", "role": "角色", "texts": "文本数", "tokens": "词元数", "bytes": "字节数",
    "dense_perplexity": "之前", "pruned_perplexity": "之后", "perplexity_ratio": "比值",
    "ratio_interval": "95% 区间", "change_interval": "95% 区间",
    "increase": "损失增量（奈特）", "items": "题数", "dense_accuracy": "之前 %", "pruned_accuracy": "之后 %",
    "accuracy_change": "百分点", "informative": "高于随机猜测",
    "block": "块", "input": "哪个矩阵的输入", "rms": "RMS", "deviation": "距离", "variance": "方差",
    "other_name": "另一种语言", "correlation": "相关系数", "module": "矩阵", "weights": "权重数",
    "allocated": "所分配 %", "achieved": "实际 %", "sparsity": "所分配 %",
    "importance": "重要性", "preview": "预览 %", "kept": "保留", "pruned": "剪去", "zeros_before": "原有的零",
}  # fmt: skip


def headline(method: str, removed: float, mean: str, calibrated: str, held_out: str, worst: str, worst_times: str) -> str:
    """What a run did, for someone who reads nothing else. `calibrated` or `held_out` is empty where there was none."""
    text = f"**{method} 剪去了可剪权重的 {percent(removed, 1)}。** 在测量的所有语言上，困惑度平均变为原来的 {mean} 倍"
    if calibrated and held_out:
        text += f"：校准语言为 {calibrated} 倍，校准时从未见过的语言为 {held_out} 倍"
    return f"{text}。受损最重的是 **{worst}** ：{worst_times} 倍。"


def of_model(model: Mapping[str, object]) -> str:
    """How much of the model can be pruned at all."""
    prunable, everything = float(str(model["prunable"])), float(str(model["parameters"]))
    return f"可剪权重共 {_count(prunable)}；整个模型有 {_count(everything)}"


def _count(number: float) -> str:
    """A large number as Chinese counts it, by ten thousands and hundred millions."""
    return f"{number / 1e8:,.2f} 亿" if number >= 1e8 else f"{number / 1e4:,.0f} 万"


def made_on(device: str, dtype: str, versions: Mapping[str, str]) -> str:
    """Under which circumstances a run was made."""
    return f"{device}，{dtype}；torch {versions.get('torch', '?')}，transformers {versions.get('transformers', '?')}。"


# --- reasons -------------------------------------------------------------------------------------------------------------

TAB_REASONS = "可能的原因"
REASONS_HELP = (
    "这些研究寻找与损失相伴的因素。它们显示的是相伴，不是因果：每一项都会说明单凭随机会看到什么，以及最大可能有多大。"
)
ABSENT = "这次运行没有测量这一项。请打开左侧的**更多测量**，勾选**{study}**，再点击**剪枝**。"

OVERLAP_HEADING = "### 换一种语言，剪去的会是同样的权重吗？"
OVERLAP_HELP = "每种语言单独决定剪去哪些权重；每一格表示两种这样的选择有多一致。**0** 是两个同样大小的随机选择所共有的程度，1 是完全相同的选择。带框的对角线是**上限**：同一种语言，换用其他文本。若两种语言的格子接近它们的上限，它们需要的就是同样的权重；为其中一种剪枝，也就适合另一种。"
OVERLAP_WHERE = "模型的哪一部分"
OVERLAP_WHOLE = "整个模型"
OVERLAP_MODULE = "矩阵：{name}"
OVERLAP_BLOCK = "块 {block}"
OVERLAP_VIEW = "显示"
OVERLAP_VIEWS = {"corrected": "超出随机的重叠", "of_ceiling": "占上限的比例"}
OVERLAP_BLOCKS_HEADING = "### 各语言在模型的哪里分道扬镳"
OVERLAP_BLOCKS_HELP = "每个块中各对语言的平均值，位于平均上限之下。差距越大，权重的选择就越取决于语言。"
OVERLAP_ONE = "只有一种校准语言：没有可比较的语言对。上限是 {value:.3f}。"
BAR_OVERLAP, BAR_OF_CEILING = "重叠", "比例"
HOVER_OVERLAP = "{a} 与 {b}<br>超出随机 {corrected:.3f}<br>上限 {ceiling:.3f}<br>IoU {iou:.3f}，随机时 {expected:.3f}"
HOVER_CEILING = "{a}，同一种语言的其他文本<br>上限 {corrected:.3f}<br>IoU {iou:.3f}，随机时 {expected:.3f}"
LEGEND_PAIRS, LEGEND_CEILING, LEGEND_RANDOM = "两种语言（平均）", "同一语言，其他文本", "随机"
AXIS_OVERLAP = "超出随机的重叠"

NEURONS_HEADING = "### 语言神经元在哪里"
NEURONS_HELP = "稠密模型中只对少数语言激发的神经元（占全部神经元的 1%，按激发的熵选出）。一个神经元可以属于几种语言。它们是在校准文本上找到的，所以只涉及校准语言。"
NEURONS_PRUNED_HEADING = "### 剪枝剪去它们的权重，比其他神经元的更多吗？"
NEURONS_PRUNED_HELP = "一个神经元的输出权重（它在 down 矩阵中的那一列）被剪去的平均比例。灰色条包含 95% 的随机神经元，数量相同，来自相同的块：落在条内，说明语言神经元与其他神经元待遇相同。在行内比较权重的方法，不论语言如何，每行都剪去同样的比例，所以只有列能说明问题。"
NEURONS_DRIFT_HEADING = "### 剪枝之后还是同样的神经元吗？"
NEURONS_DRIFT_HELP = "在剪枝后的模型中重新寻找语言神经元。消失的神经元不再有选择性，新的神经元取代了它们。即使不剪枝，换用其他文本也会有一些变动。"
NEURONS_NONE = "没有找到语言神经元。"
LEGEND_OWN, LEGEND_CONTROL = "语言神经元", "随机神经元，相同的块 (95%)"
LEGEND_SHARED, LEGEND_LOST, LEGEND_NEW = "仍在", "消失", "新增"
AXIS_COLUMN = "剪去的输出权重（%）"
AXIS_NEURONS = "神经元数"
BAR_NEURONS = "神经元"
HOVER_NEURONS = "{name}，块 {block}：{neurons} 个神经元（占该块的 {share}）"
HOVER_NEURONS_PRUNED = (
    "{name}，{neurons} 个神经元<br>剪去 {column:.1f}%<br>随机 {random:.1f}%（{low:.1f} 至 {high:.1f}）<br>{verdict}"
)
NEURONS_INSIDE, NEURONS_ABOVE, NEURONS_BELOW = "与随机神经元相同", "比随机神经元多", "比随机神经元少"

PREDICTORS_HEADING = "### 什么因素与一种语言的损失相伴？"
PREDICTORS_HELP = "每种语言一个点。越往上，损失越多。**是相关，不是因果**：各语言同时在许多方面不同。"
PREDICTOR_MENU = "与之对照的指标"
PREDICTORS = {
    "similarity": "与校准组合的相似度",
    "cosine": "与校准组合的相似度（普通余弦）",
    "fertility": "每字节词元数",
    "dense_loss": "稠密模型的损失",
    "dense_bits": "稠密模型的每字节比特数",
    "log_share": "在网络文本中的份额",
    "mask_overlap": "自身的掩码与组合的掩码的一致程度",
    "neurons_pruned": "其神经元的权重被剪去的比例",
}
PREDICTOR_AXES = {
    "similarity": "其激活与校准组合的<br>相似度（对数尺度的余弦）",
    "cosine": "其激活与校准组合的<br>相似度（余弦）",
    "fertility": "每字节文本的词元数",
    "dense_loss": "稠密模型的损失（每词元奈特数）",
    "dense_bits": "稠密模型的损失（每字节比特数）",
    "log_share": "这种语言的网络文本（兆字节的对数）",
    "mask_overlap": "自身的掩码与组合的掩码的重叠，<br>超出随机的部分",
    "neurons_pruned": "其语言神经元的输出权重<br>被剪去的比例",
}
AXIS_INCREASE = "损失增量（每词元奈特数）"
HOVER_PREDICTOR = "{name}（{role}）<br>{what}：{value:.3g}<br>损失增量 {increase:.3f} 奈特"
PREDICTOR_NONE = "这次运行的任何语言都没有这个数值。"
CORRELATION_FEW = "{n} 种语言：太少，无法计算相关系数。"
CORRELATION = "**r = {r:+.2f}** ，基于 {n} 种语言{interval}；p = {p}，由置换检验得出。按秩：{rho:+.2f}，p = {rho_p}。"
CORRELATION_INTERVAL = "，95% 区间 {low:+.2f} 至 {high:+.2f}"
CORRELATION_NO_INTERVAL = "，太少，无法给出区间"
CORRELATION_WARNING = "是相关，不是因果。一共考察了 {tests} 个指标：单凭随机，每二十个中约有一个的 p 低于 0.05。"
CORRELATION_GROUPS = {"all": "全部", "calibration": "参与校准", "held-out": "未参与校准"}
CORRELATION_COLUMNS = {
    "predictor": "指标", "languages": "语言", "n": "n", "pearson": "r", "interval": "95% 区间", "pearson_p": "p",
    "spearman": "按秩", "spearman_p": "秩的 p",
}  # fmt: skip

WRITING_HEADING = "### 两个模型写出了什么"
WRITING_HELP = "两者从同样的开头续写，每次都取最可能的下一个词。请先读文本，再看数字：零点几的损失，可能是事实不同的通顺文本，也可能是没完没了重复的一个词。"
WRITING_LANGUAGE = "语言"
WRITING_BEFORE, WRITING_AFTER = "稠密模型", "剪枝后的模型"
WRITING_OPENING = "开头"
WRITING_EMPTY = "（空：模型立即结束了文本）"
WRITING_SAME = "逐字相同。"
WRITING_AGREE = "前 {count} 个词元相同。"
WRITING_AGREE_ONE = "第一个词元相同。"
WRITING_APART = "从第一个词元起就不同。"
WRITING_LOOP = "{count} 个词元陷入循环"
WRITING_REPEATED = "{share} 的三词元序列是重复的"
WRITING_IN = "语言为 {name} ({share})"
WRITING_UNKNOWN = "无法判断语言"
WRITING_SCRIPT = "{share} 为该语言的文字"
WRITING_ENDED = "自行结束"
ON_LANGUAGE_HEADING = "### 它仍用开头的语言作答吗？"
ON_LANGUAGE_HELP = "用开头的语言续写的文本所占比例，附 95% 区间：每种语言 {count} 个开头，所以只能看出大的变化。"
SCRIPT_HELP = '没有安装语言识别工具（`pip install "mwanda-explorer[langid]"`），因此这里是使用该语言文字的字母所占的比例；用拉丁字母的语言无法由此区分。'
REPETITION_HEADING = "### 它会重复自己吗？"
REPETITION_HELP = "在同一篇文本中已经出现过的三词元序列所占的比例；0 表示完全没有重复。"
AXIS_ON_LANGUAGE, AXIS_SCRIPT = "语言正确的文本（%）", "文字正确的字母（%）"
AXIS_REPETITION = "重复的三词元序列（%）"
WRITING_COLUMNS = {
    "name": "语言", "prompts": "开头数", "on_language_dense": "语言正确，之前 %", "on_language_pruned": "语言正确，之后 %", "p_value": "p",
    "script_share_dense": "文字正确，之前 %", "script_share_pruned": "文字正确，之后 %", "repetition_dense": "重复，之前 %",
    "repetition_pruned": "重复，之后 %", "same": "文本相同 %",
}  # fmt: skip

PROFILE_HEADING = "### 困惑度之外"
PROFILE_HELP = "两个模型可能损失相同，内部却不同。从三个角度看同样的文本在剪枝前后的情况；横条是按文本计算的 95% 区间。"
PROFILE_LANGUAGE = "语言"
PROFILE_ALL = "所有语言（平均）"
ERANK_HEADING = "#### 一篇文本中的词在多少个方向上有差别？"
ERANK_HELP = "一篇文本经过每个块之后，其隐藏状态的有效秩。剪枝后更低，表示模型用更少的方向来区分词。最后一点（星号）在最终归一化之后；表格中列的是这一个。"
TAU_HEADING = "#### 最可能的下一个词，次序还一样吗？"
TAU_HELP = (
    "取稠密模型最可能的 k 个词，比较它们在稠密模型与剪枝后模型中的次序，以肯德尔 τ 表示：1 表示次序相同，0 表示毫无共同之处。"
)
ENERGY_HEADING = "#### 支持任何一个词的证据变弱了吗？"
ENERGY_HELP = "中心化能量的变化（奈特）。偏右：各 logit 与其平均值的差距变小，即模型更拿不定主意。未经中心化的能量没有画出：所有 logit 一起偏移会改变它，却毫无害处。"
AXIS_ERANK = "有效秩"
AXIS_TAU = "肯德尔 τ（1：次序相同）"
AXIS_ENERGY = "中心化能量的变化（奈特，剪枝后 − 稠密）"
LEGEND_TOP = "前 {k} 个"
FINAL_NORM = "最终归一化之后"
HOVER_ERANK = "{place}<br>{side}：{value:.1f}"
HOVER_TAU = "{name}，前 {k} 个：{value:.3f}（{low:.3f} 至 {high:.3f}）<br>{positions} 个位置"
HOVER_ENERGY = "{name}：{value:+.2f} 奈特（{low:+.2f} 至 {high:+.2f}）<br>之前 {before:.1f}，之后 {after:.1f}<br>与打乱的文本区分：之前 {sep_before}，之后 {sep_after}"
PROFILE_NONE = "没有可画的内容。"
PROFILE_COLUMNS = {
    "name": "语言", "erank_dense": "秩，之前", "erank_pruned": "秩，之后", "tau_3": "τ，前 3", "tau_10": "τ，前 10", "tau_20": "τ，前 20",
    "shift": "能量变化", "shift_interval": "95% 区间", "separation_dense": "区分度，之前", "separation_pruned": "区分度，之后",
}  # fmt: skip
OVERLAP_COLUMNS = {
    "name": "语言",
    "other_name": "另一种语言",
    "corrected": "超出随机",
    "ceiling": "上限",
    "of_ceiling": "占上限的比例",
    "iou": "IoU",
    "expected": "随机时",
}
NEURON_SHARE = "占该块的 %"
NEURON_COLUMNS = {
    "name": "语言", "neurons": "神经元数", "column": "剪去 %", "random_column": "随机 %", "random_interval": "随机，95%",
    "shared": "仍在", "lost": "消失", "new": "新增", "jaccard": "相同的比例 %",
}  # fmt: skip

STUDY_TABLE_TITLES = {
    "tasks": "基准测试，稠密与剪枝后对照",
    "task_means": "基准测试，各语言的平均",
    "task_items": "基准测试，每道题",
    "overlap": "各语言的掩码重叠",
    "overlap_modules": "掩码重叠，按权重矩阵",
    "overlap_blocks": "掩码重叠，按块",
    "neurons": "语言神经元与剪枝",
    "neuron_blocks": "语言神经元，按块",
    "neuron_drift": "剪枝前后的语言神经元",
    "predictors": "每种语言的已知特征",
    "correlations": "与损失的相关系数",
    "generated_texts": "生成的文本",
    "generated_languages": "生成的文本，按语言",
    "profile_layers": "有效秩，按块",
    "profile_ranking": "最可能的词的次序",
    "profile_energy": "能量",
    "profile_positions": "能量，按文本中的位置",
}


def agreement(count: int) -> str:
    """How long two texts are the same."""
    return WRITING_APART if count == 0 else WRITING_AGREE_ONE if count == 1 else WRITING_AGREE.format(count=count)


# --- comparing -----------------------------------------------------------------------------------------------------------

TAB_COMPARE = "对比"
COMPARE_HELP = "把二至六次运行并排比较。差异是相对于其中一次（参照运行）而言的，并在同样的文本和题目上计算；若两次运行评测的不是同样的内容，则不显示差异。"
COMPARE_RUNS = "要对比的运行"
COMPARE_RUNS_INFO = "二至六次。输入文字可搜索。"
COMPARE_BASELINE = "参照运行"
COMPARE_BASELINE_INFO = "其他运行都与它相比。"
COMPARE_ADD_SHOWN = "添加当前显示的运行"
COMPARE_PASTE = "用链接或名称添加运行"
COMPARE_PASTE_INFO = "例如以 ?run=... 结尾的链接"
COMPARE_ADD = "添加"

COMPARE_NONE = "请选择两次要对比的运行。**添加当前显示的运行**会选用其他选项卡正在显示的那一次。"
COMPARE_ONE = "已选一次运行：请再选一次，或用链接添加。"
COMPARE_SIX = "一次最多对比六次运行：请先去掉一次。"
COMPARE_FIRST_SIX = "指定了 {count} 次运行；只对比前六次。"
COMPARE_EMPTY_LINK = "其中没有指定运行：请粘贴以 ?run=... 结尾的链接，或运行的名称。"
RUN_UNREADABLE = "这里没有运行 {name!r}，或它已损坏。"
COMPARE_UNREADABLE = "这里没有运行 {name!r}，或它已损坏，因此略去。"
COMPARE_AGAIN = "运行 {name!r} 已经选过。"
COMPARE_NO_SHOWN = "还没有显示任何运行，没有可添加的。"
COMPARE_MODELS = "**这些运行用的是不同的模型。** 损失增量是相对于各自的模型而言的，并以该模型自己的词元计：它说明每个模型损失了多少，而不是哪个模型更好。"
COMPARE_UNPAIRED = "未与参照运行比较，因为不是以同样的方式评测同样的文本：{what}。"
COMPARE_OF = "{run}，语言：{languages}"

COMPARE_SETTINGS_HEADING = "### 哪些设置不同"
COMPARE_SETTINGS_SAME = "没有不同的设置：这些运行的设置完全相同。"
COMPARE_SETTINGS_HELP = "只列出不同之处。空格表示该运行的方法没有这项设置。"
COMPARE_SETTING = "设置"

COMPARE_LOSS_HEADING = "### 每种语言的损失增量"
COMPARE_LOSS_HELP = "剪枝后的损失减去剪枝前的损失，单位为每词元奈特数（0.1 约等于困惑度高 10%）；越靠左越好。横条是按文本计算的 95% 区间。被任何一次运行损害最重的语言排在最上面。"
COMPARE_DIFFERENCE_HEADING = "### 与 {baseline} 的差异"
COMPARE_DIFFERENCE_HELP = "剪枝后的损失减去参照运行在同样文本上的损失：在 0 的左边，这次运行更好；在 0 的右边，参照运行更好。空心标记：95% 区间跨过 0，差异**在噪声范围内**。这里看的语言很多：每二十个真正为零的差异中，大约会有一个看起来像是有差异。"
COMPARE_ACCURACY_HEADING = "### 选择题准确率：与 {baseline} 的差异"
COMPARE_ACCURACY_HELP = "以百分点计，只用两次运行都回答过的题目：在 0 的右边，这次运行更好。空心标记：在噪声范围内。如果在某种语言中连稠密模型都与随机猜测无法区分，差异就说明不了什么（见“语言”选项卡）。"
COMPARE_BLOCKS_HEADING = "### 每个块的稀疏度"
COMPARE_BLOCKS_HELP = "每次运行在一个块的可剪权重中剪去的比例。"
COMPARE_FRONT_HEADING = "### 平均与受损最重的语言"
COMPARE_FRONT_HELP = "在所有这些运行都测量过的 {count} 种语言上的损失增量。越靠近左下角越好；连线经过的运行，没有其他运行能在两方面同时胜过。校准语言和未见语言同等计算。"
COMPARE_FRONT_NONE = "这些运行没有共同测量过的语言，因此没有可比较的平均值。"
COMPARE_FRONT_LEGEND = "没有在两方面同时被胜过"

COMPARE_MASKS_HEADING = "### 掩码：各次运行剪去的是同样的权重吗？"
COMPARE_MASKS_HELP = "逐个矩阵读取所选各次运行的掩码（每个权重一位）；小模型只需几秒。0 表示与两个随机抽取的掩码一样相似，1 表示掩码相同，低于 0 表示彼此避开。"
COMPARE_MASKS_START = "比较掩码"
COMPARE_MASKS_IDLE = "这些运行的掩码还没有比较过。"
COMPARE_MASKS_DONE = "已比较 {count} 次运行的掩码。"
COMPARE_MASKS_WITHOUT = "因为没有保存掩码而略去：{runs}。"
COMPARE_MASKS_CANCELLED = "已停止；没有比较掩码。"
COMPARE_MASKS_FEW = "需要两次带有掩码的运行。示例和来自别处的运行可能没有掩码；在这里做的每次运行都有。"
COMPARE_MASKS_FIRST, COMPARE_MASKS_SECOND = "第一组掩码来自", "第二组掩码来自"
COMPARE_MASKS_VIEW = "显示"
COMPARE_MASKS_VIEWS = {"corrected": "共同部分，扣除随机", "kept_share": "两者都保留（%）"}
COMPARE_MASKS_VIEWS_HELP = "**共同部分，扣除随机**：剪去的权重的重叠，0 为随机水平，1 为掩码相同。**两者都保留**：在至少一次运行保留的权重中，两次都保留的比例；在 50% 稀疏度下，两个随机抽取的掩码为 33%。"
COMPARE_MASKS_TWO = "请选择两次不同的运行。"
COMPARE_MATRIX_HEADING = "### 所有掩码两两比较"

COMPARE_DOWNLOAD = "下载这次对比 (ZIP)"
COMPARE_LINK = "这次对比的链接"
COMPARE_LINK_INFO = "凡能打开本页的人，都可用它再次并排打开这些运行。"

CLONE_HEADING = "### 再来一次，稍作改动"
CLONE_HELP = "把某次运行的设置填入左侧的表单：改动你想改的，再点击“剪枝”。"
CLONE_FROM = "设置来源"
CLONE_USE = "使用这些设置"
CLONE_NONE = "请先在上面选择一次运行。"
CLONE_DONE = "表单已填入 {title} 的设置。在你点击“剪枝”之前不会开始任何运行。"
CLONE_BUT = "表单已填入 {title} 的设置，但以下除外：{what}"
CLONE_MODE = "它以 {mode!r} 方式遍历各块来剪枝，只有命令行提供这种方式，因此表单保留原来的方式。"
CLONE_EVALUATION_TEXTS = "它用另一来源的文本评测；表单则用校准文本的另一半评测。"
CLONE_DEVICE = "它指定了设备 {device!r} 和数值类型 {dtype!r}；本页会自行选择这两项。"
CLONE_METHOD = "此版本不认识它的方法，因此表单保留原来的方法。"
CLONE_KNOBS = "{method} 有些设置在表单中没有对应的控件；它们取默认值。"
CLONE_LOCAL_MODEL = "它的模型在另一台机器上；表单保留原来的模型。"
CLONE_LOCAL_TEXTS = "它的文本在另一台机器上；表单保留原来的文本。"
CLONE_RANGE = "{name} 原为 {value}，表单不提供这个值，因此设为 {nearest}。"
CLONE_MENU = "{name} 中有本页不提供的选项（{left}）；它们被略去。"
CLONE_UNREADABLE = "此版本无法读取这次运行的设置，因此表单保持不变。"

COMPARE_WITHIN, COMPARE_BETTER, COMPARE_WORSE = "在噪声范围内", "更好", "更差"
COMPARE_NO_INTERVAL, COMPARE_NOT = "没有区间", "未比较"
COMPARE_COLUMNS: Mapping[str, str] = {
    "name": "语言",
    "run": "运行",
    "difference": "差异（奈特）",
    "quotient": "困惑度，×",
    "points": "差异（百分点）",
    "interval": "95% 区间",
    "verdict": "结论",
    "paired": "文本数",
    "items": "题数",
    "block": "块",
    "module": "矩阵",
    "mean": "平均（奈特）",
    "worst": "受损最重（奈特）",
    "worst_name": "受损最重的语言",
    "front": "在连线上",
    "corrected": "扣除随机",
    "kept_share": "两者都保留 %",
    "iou": "重叠",
    "expected": "随机时",
}
COMPARE_AXIS_INCREASE = "损失增量（每词元奈特数），<br>越低越好"
COMPARE_AXIS_DIFFERENCE = "损失减去参照运行的损失<br>（每词元奈特数，文本相同）"
COMPARE_AXIS_POINTS = "准确率减去参照运行的准确率<br>（百分点，题目相同）"
COMPARE_AXIS_MEAN = "各语言的平均损失增量<br>（每词元奈特数）"
COMPARE_AXIS_WORST = "受损最重语言的损失增量<br>（每词元奈特数）"
COMPARE_AXIS_RUN = "运行"
COMPARE_AXIS_OTHER_RUN = "另一次运行"
COMPARE_BAR_CORRECTED, COMPARE_BAR_KEPT = "扣除随机", "%"
COMPARE_HOVER_TIMES = "{run}<br>{name}：每词元 {value:+.3f} 奈特，困惑度为 {times:.3g} 倍{interval}"
COMPARE_HOVER_POINTS = "{run}<br>{name}：{value:+.1f} 个百分点{interval}"
COMPARE_HOVER_INTERVAL = "<br>95%：{low:.3g} 至 {high:.3g}"
COMPARE_HOVER_FRONT = "{run}<br>平均 {mean:.3f}，受损最重 {worst:.3f}（{name}）"
COMPARE_HOVER_MASKS = "块 {block}，{module}<br>扣除随机 {corrected:.3f}，两者都保留 {kept:.1f}%"
COMPARE_HOVER_PAIR = "{a}<br>{b}<br>扣除随机 {corrected:.3f}"


def compare_files(runs: Sequence[str]) -> str:
    """The title of a job that compares masks."""
    return f"{len(runs)} 次运行的掩码"


def compare_left_out(names: Sequence[str]) -> str:
    """Choices that a menu does not have."""
    return _and_more(names, "项")


# --- taking --------------------------------------------------------------------------------------------------------------

TAB_TAKE = "导出"
TAKE_NOTHING = "没有显示任何运行，所以还没有可导出的内容：点击**剪枝**，或打开以前的运行。"

TAKE_FILES_HEADING = "### 这次运行的文件"
TAKE_FILES_HELP = "选择你需要的内容，点击**生成文件**，然后下载。"
TAKE_FILE_KIND = "内容"
TAKE_FILE_KINDS = {
    "tables": "所有表格，CSV 和 Parquet (ZIP)",
    "run": "整次运行，可在另一个 M-Wanda Explorer 中打开 (ZIP)",
    "html": "所有图表合成一个网页，离线可读 (HTML)",
    "png": "所有图表的图片（ZIP 中的 PNG）",
    "svg": "所有图表的矢量图（ZIP 中的 SVG）",
    "card": "可复现性卡片 (Markdown)",
}
TAKE_FILE_HELP = {
    "tables": "每个表格的完整精度数据，以及 report.json：设置、版本和模型。",
    "run": "报告、表格、掩码、新的权重（如果有）和统计量。可用 `mwanda runs import FILE` 导入，也可在你自己的页面上用下面的**导入运行**导入。",
    "html": "文件自带绘图程序，约 5 MB；把鼠标移到图上可看数值。",
    "png": "需要附加组件 `figures`，并且运行本页的机器上要有 Chrome 或 Chromium；需要几秒钟。",
    "svg": "需要附加组件 `figures`，并且运行本页的机器上要有 Chrome 或 Chromium；需要几秒钟。",
    "card": "重复这次运行所需的一切，以及重复时应得到的数值和掩码哈希；见**再做一次**。",
}
TAKE_MAKE_FILE = "生成文件"
TAKE_DOWNLOAD = "下载"
TAKE_NO_KALEIDO = (
    '生成图片需要 kaleido 包，这里没有安装：请运行 `pip install "mwanda-explorer[figures]"`，或选择把图表合成一个网页。'
)
TAKE_NO_CHROME = "图片由 Chrome 或 Chromium 绘制，但这里两者都无法启动：请安装其中一个（或在变量 BROWSER_PATH 中指明），或选择把图表合成一个网页。"
TAKE_UNKNOWN_FILE = "没有 {given} 类型的文件；可用的有：{known}。"

TAKE_SHARE_HEADING = "### 分享"
TAKE_LINK = "这次运行的链接"
TAKE_LINK_LOCAL = (
    "凡能打开本页的人都可使用这个链接；在你自己的机器上，就只有你一人。要把运行交给别人，请把整次运行作为文件发给对方。"
)
TAKE_LINK_SHARED = "有这个链接的人都能打开这次运行，没有链接的人则找不到它：这里不列出运行。磁盘上的数据能保留多久，这台服务器就把运行保留多久，所以若以后还需要，请把整次运行存成文件。"
TAKE_LINK_EXAMPLE = "这是每个 M-Wanda Explorer 都带有的示例，所以任何人都能用这个链接打开它。"

TAKE_AGAIN_HEADING = "### 再做一次"
TAKE_COMMAND = "重复这次运行的命令"
TAKE_PYTHON = "用 Python 做同样的运行"
TAKE_CARD = "可复现性卡片"
TAKE_CARD_HELP = "卡片记有命令、版本、模型及其权重的 SHA-256、随机种子、校准段落，以及重复时应得到的数值和掩码哈希。可在上面的**这次运行的文件**中下载。"
TAKE_AGAIN_UNKNOWN = "做这次运行的版本有此版本不认识的设置，因此不能在这里重复：{problem}"

TAKE_MODEL_HEADING = "### 剪枝后的模型"
TAKE_MODEL_HELP = "一个普通 transformers 就能加载的文件夹：safetensors、分词器、配置和模型卡片。它与稠密模型一样大（{size}），因为剪去的权重以零的形式存储。"
TAKE_CARD_PREVIEW = "随附的模型卡片"
TAKE_NO_CARD = "无法写出模型卡片：{problem}"
TAKE_FOLDER = "本机上的文件夹（可选）"
TAKE_FOLDER_INFO = "须为空文件夹，或尚不存在。不填则得到一个可下载的 ZIP 文件。"
TAKE_EXPORT = "导出模型"
TAKE_DOWNLOAD_MODEL = "下载模型 (ZIP)"
TAKE_LICENCE = "基础模型的许可协议同样适用于剪枝后的模型。"
TAKE_SCRATCH = "ZIP 文件放在临时文件夹中：只保留最近 {count} 个，最多一天。"
TAKE_NO_MASKS_EXAMPLE = (
    "示例只带有数值，没有掩码，因此不能由它生成模型。点击**剪枝**：你自己运行的掩码会保存下来，其模型可以导出。"
)
TAKE_NO_MASKS = "这次运行保存时没有掩码，因此不能由它生成模型：请用上面的命令重做这次运行。"
TAKE_TOO_LARGE = "该模型有 {size}，而这台共享服务器最多提供 {most}：请把整次运行存成文件，再在你自己的机器上用 `mwanda runs import FILE` 和 `mwanda apply` 生成模型。"
TAKE_DISK = "这需要 {size} 磁盘空间，可用空间为 {free}：请腾出空间，或选择另一磁盘上的文件夹。"
TAKE_SHARED_FOLDER = "这是共享服务器，不会写入任何文件夹。请把文件夹留空，下载 ZIP 文件。"
TAKE_FOLDER_RELATIVE = "文件夹必须是完整路径，例如 /home/me/model；给出的是 {given}。"

TAKE_PUSH_HEADING = "#### 上传到 Hugging Face Hub"
TAKE_PUSH_HELP = "上传文件夹及其卡片。令牌只发送给 Hub：上传开始前只保存在内存中，从不写入磁盘，输入框也会立即清空。"
TAKE_PUSH_SIGNED = "已登录 Hugging Face，令牌可以留空。"
TAKE_PUSH_NAME = "在 Hub 上的名称"
TAKE_PUSH_NAME_INFO = "所有者/名称"
TAKE_PUSH_TOKEN = "有写权限的令牌"
TAKE_PUSH_TOKEN_INFO = "在 Hub 的设置页面创建。"
TAKE_PUSH_PRIVATE = "私有：只有你能看到"
TAKE_PUSH = "上传"
TAKE_TOKEN_GONE = "令牌已不再保存：它只为一次上传保留，最多一小时。请重新输入，再点击“上传”。"

TAKE_COST_HEADING = "### 实际能省多少"
TAKE_COST_HELP = "零本身既不省存储，也不省时间。可以在运行本页的机器上测量：稠密模型和剪枝后模型压缩前后的字节数、掩码单独的字节数，以及两者轮流前向传播的时间。"
TAKE_COST_TOKENS = "每次前向的词元数"
TAKE_COST_REPEATS = "每个模型的次数"
TAKE_COST = "测量"
TAKE_COST_COLUMNS = ("项目", "稠密", "剪枝后", "剪枝后 ÷ 稠密")
TAKE_COST_ROWS = {
    "bytes": "内存和磁盘中的权重",
    "zip": "在 ZIP 文件中，{how}",
    "masks": "仅掩码，每个权重一位",
    "updates": "掩码之外的新权重",
    "time": "{tokens} 个词元的前向传播，{count} 次的中位数（{device}，{dtype}）",
    "spread": "最快至最慢",
}
TAKE_COST_PACKED, TAKE_COST_SAMPLED = "在此压缩", "由 {share} 的字节估算"
TAKE_COST_SENTENCES = "用文字说明"
TAKE_COST_HARDWARE = "硬件如何利用零，依据是什么"
TAKE_COST_SOURCE = "*来源：{source}；{basis}。*"

TAKE_KEEP_HEADING = "### 本机上的运行"
TAKE_NOTE = "给这次运行起个名称"
TAKE_NOTE_INFO = "显示在以前运行列表中的标题之前；留空则去掉。"
TAKE_NOTE_SAVE = "保存名称"
TAKE_NOTE_SAVED = "已保存。"
TAKE_NOTE_LONG = "名称最多 {most} 个字符；这个有 {given} 个。"
TAKE_DELETE = "删除这次运行"
TAKE_DELETE_SURE = "是的，永久删除这次运行"
TAKE_DELETE_ASK = "请先勾选：删除的运行无法恢复。"
TAKE_DELETED = "这次运行已删除。"
TAKE_DELETE_EXAMPLE = "示例属于安装内容，不能删除或改名。"
TAKE_IMPORT = "导入运行（ZIP 文件）"
TAKE_IMPORTED = "已导入；现在显示的就是它。"
TAKE_LOCAL_ONLY = "在共享服务器上，不列出运行，也不能改名、删除或导入。"

TAKE_STAGE_LOAD = "正在加载模型"
TAKE_STAGE_APPLY = "正在应用掩码"
TAKE_STAGE_WRITE = "正在写出模型"
TAKE_STAGE_ZIP = "正在打包 ZIP 文件"
TAKE_STAGE_PUSH = "正在上传（这一步不能中途停止）"
TAKE_JOB = {"export": "导出 {run}", "push": "上传 {run}", "cost": "{run} 的开销"}
TAKE_CANCELLED = "已停止；没有保存任何内容。"
TAKE_EXPORTED = "已完成，用时 {time}：ZIP 文件有 {size}。"
TAKE_EXPORTED_TO = "已完成，用时 {time}：已写入 {folder}。"
TAKE_PUSHED = "已完成，用时 {time}：{address}"
TAKE_MEASURED = "测量完成，用时 {time}。"


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


FIGURE_PAGE_MADE = "由 M-Wanda Explorer 根据运行 {run} 生成。{title}。"
FIGURE_TITLES = {
    "perplexity": "困惑度：预测每种语言变难了多少",
    "perplexity-before-after": "剪枝前后的损失",
    "accuracy": "选择题准确率：变化",
    "accuracy-before-after": "剪枝前后的选择题准确率",
    "texts": "逐篇文本",
    "summary": "全部语言一览",
    "variance": "各语言对每个块的使用有多不同",
    "strength": "激活的强度",
    "similarity": "在模型内部哪些语言彼此相似",
    "allocation": "每个块的稀疏度",
    "layers": "每个权重矩阵的稀疏度，实际达到的",
    "layers-difference": "每个权重矩阵的稀疏度，与均匀分配之差",
    "task": "基准测试：{name}",
    "task-map": "全部基准测试一览",
    "overlap": "哪些语言剪去同样的权重",
    "overlap-blocks": "各语言在模型的哪里分道扬镳",
    "neuron-blocks": "语言神经元在哪里",
    "neurons": "语言神经元被剪去的权重",
    "neuron-drift": "剪枝前后的语言神经元",
    "predictors": "什么因素与一种语言的损失相伴：{name}",
    "on-language": "用开头的语言续写",
    "repetition": "模型所写文本中的重复",
    "erank": "有效秩",
    "tau": "最可能的下一个词的次序",
    "energy": "能量",
}

API_NO_OBJECT = '设置应是由名称和值组成的对象，例如 {{"languages": ["en", "sw"]}}；给出的是 {given}。'
API_LIMIT = "在这台共享服务器上，{name} 最多为 {most}；给出的是 {given}。"
API_NO_JOBS = "在共享 GPU 上，启动运行的页面一关闭，运行就会结束，因此不能由程序启动运行：请使用页面。"
API_NO_RUNS = "在共享服务器上不列出运行：只能通过链接打开运行。"
API_NO_TABLE = "这次运行没有表格 {given}；它有 {known}。"

# --- sweeping ------------------------------------------------------------------------------------------------------------

TAB_SWEEP = "批量尝试"
SWEEP_TAB, PROTECT_TAB, UNFINISHED_TAB = "参数扫描", "保护语言", "中断的运行"

SWEEP_HELP = "参数扫描是由一份计划产生的许多次运行：每个稀疏度与每种方法、每种语言组合、每个随机种子逐一搭配。这里没有问到的一切（模型、文本、方法的组成部分、测量的内容）都按左侧的设置。"
SWEEP_SPARSITIES = "稀疏度（%）"
SWEEP_SPARSITIES_INFO = "要剪去的权重百分比，用英文逗号分隔。"
SWEEP_METHODS = "方法"
SWEEP_METHODS_INFO = "各种已命名的方法（用其自身的设置），以及你在左侧组合的方法。"
SWEEP_LEFT = "左侧的方法，按其设置"
SWEEP_MIXES = "校准语言的组合"
SWEEP_MIXES_INFO = "每行一个组合，用语言的名称或代码。留空则用左侧的语言。"
SWEEP_MIXES_EXAMPLE = "en\nen, de, hi, sw\nHindi, Bengali, Tamil"
SWEEP_SEEDS = "随机种子"
SWEEP_SEEDS_INFO = "整数：每个种子选取不同的校准段落。"
SWEEP_NAME = "名称"
SWEEP_NAME_INFO = "便于再次找到这次扫描。留空则用开始的时间。"
SWEEP_START, SWEEP_RESUME, SWEEP_FORGET = "开始扫描", "继续", "删除计划"
SWEEP_KEPT = "已有的扫描"
SWEEP_KEPT_NONE = "已有的扫描（还没有）"
SWEEP_FORGOTTEN = "计划 {name} 已删除。它的运行仍然保留。"
SWEEP_WAITING = "正在计算计划的规模……"
SWEEP_LOG = "扫描日志"

SWEEP_NO_SPARSITY = "没有给出稀疏度：请给出百分比，例如 30, 50, 70。"
SWEEP_BAD_SPARSITY = "稀疏度是 1 到 99 的百分比，用英文逗号分隔；其中一个给出的是 {given}。"
SWEEP_NO_METHOD = "没有选择方法：请用左侧的方法，或从菜单中选择已命名的方法。"
SWEEP_BAD_LANGUAGE = "没有 {given} 的文本：请在左侧选择其他文本，或从组合中去掉它。"
SWEEP_NO_SEED = "没有给出随机种子：请至少给出一个整数，例如 0。"
SWEEP_BAD_SEED = "随机种子是从 0 开始的整数，用英文逗号分隔；其中一个给出的是 {given}。"
SWEEP_TOO_MANY = "这份计划有 {runs} 次运行，最多允许 {most} 次：请去掉一些。"
SWEEP_TOO_MANY_SHARED = (
    "这份计划有 {runs} 次运行，而在这台共享服务器上一次扫描最多 {most} 次：请去掉一些，或在你自己的电脑上运行本程序。"
)
SWEEP_TAKEN = "已经有另一个名为 {name} 的扫描：请换一个名称，或在“已有的扫描”中选择它并继续。"
SWEEP_ALL_KEPT = "这份计划的全部 {runs} 次运行都已保存：开始后会立即显示结果。"
SWEEP_LONG = "**时间会很长**：请先减少运行次数或测量内容。扫描可以随时取消，以后再继续。"
SWEEP_UNKNOWN_TIME = "在这个模型首次运行之前，不知道需要多久。"
SWEEP_LEFT_OUT = "因为无法运行而略去：{title}。{why}"
SWEEP_LEFT_OUT_MORE = "另有 {count} 个搭配因各自的原因而略去。"
SWEEP_FIXED = "模式 {pattern} 只有一种稀疏度，因此其他的略去。"

SWEEP_EMPTY = "还没有可显示的扫描。第一次运行之后，图表会出现在这里，并随扫描进行而增加。"
SWEEP_CURVES = "### 损失与稀疏度的关系"
SWEEP_CURVES_HELP = "同样的文本上剪枝前后的损失增量，单位为每词元奈特数：0 表示未受损，0.69 表示困惑度变为两倍。每种方法与语言组合一条线。竖条：按文本计算的 95% 区间；有多个随机种子时，是其中的最低值和最高值，线则是它们的平均。"
SWEEP_VIEW = "显示"
SWEEP_MEAN, SWEEP_WORST = "所有语言的平均", "每次运行中受损最重的语言"
SWEEP_MULTIPLES = "### 每种语言"
SWEEP_MULTIPLES_HELP = "同样的线，按语言分开，刻度相同：线上升得早，这种语言就崩坏得早。"
SWEEP_MULTIPLES_CAP = "只画出损失最高的 {count} 种语言；文件中有全部语言。"
SWEEP_FRONT = "### 平均与受损最重"
SWEEP_FRONT_HELP = (
    "每次运行一个点；越靠左，平均越好；越靠下，对损失最多的语言越好。线上的运行，没有其他运行能在两方面同时胜过（帕累托前沿）。"
)
SWEEP_TABLE = "### 所有运行"
SWEEP_TABLE_HELP = "点击一行，或在下面选择一次运行，即可在本页打开：其他选项卡随即显示它。"
SWEEP_OPEN = "要打开的运行"
SWEEP_OPEN_BUTTON = "打开"
SWEEP_UNEQUAL = "各次运行测量的语言并不完全相同，因此不能在所有运行之间比较平均值和受损最重的语言。"
SWEEP_UNSCORED = "这些运行没有测量损失：请在左侧为每种语言至少留一篇文本。"
SWEEP_COLUMNS = {
    "method": "方法", "sparsity": "稀疏度 %", "mix": "校准语言", "seed": "随机种子", "mean_increase": "平均增量",
    "worst": "受损最重的语言", "worst_increase": "其增量", "front": "在前沿上", "id": "运行",
}  # fmt: skip
SWEEP_CURVE_COLUMNS = {
    "line": "线",
    "sparsity": "稀疏度 %",
    "value": "增量",
    "low": "下限",
    "high": "上限",
    "runs": "运行次数",
}
SWEEP_LINE = "{method} · {mix}"
SWEEP_MORE_LANGUAGES = "{names} 及另外 {count} 种"
SWEEP_LEGEND_FRONT = "帕累托前沿"
AXIS_SWEEP_SPARSITY = "稀疏度（%）"
AXIS_SWEEP_INCREASE = "损失增量（每词元奈特数）"
AXIS_SWEEP_MEAN = "所有语言的平均损失增量（每词元奈特数）"
AXIS_SWEEP_WORST = "受损最重语言的损失增量<br>（每词元奈特数）"
AXIS_SWEEP_SHORT = "奈特"
HOVER_SWEEP = "{line}<br>{language}，{sparsity} 时：{value:+.3f} 奈特{bounds}<br>困惑度为 {times:.3g} 倍"
HOVER_SWEEP_BOUNDS = "（{low:+.3f} 至 {high:+.3f}）"
HOVER_SWEEP_FRONT = "{line}，{sparsity}{seed}<br>平均 {mean:+.3f}，受损最重 {worst:+.3f}（{language}）"
HOVER_SWEEP_SEED = "，随机种子 {seed}"

SWEEP_CANCELLED = "已取消。已完成的运行保留下来；点击“继续”可接着做其余的。"
SWEEP_BUSY_QUEUE = "扫描与其他运行一样排队。"
PROTECT_CANCELLED = "已取消；到目前为止的尝试没有保存。"

PROTECT_HELP = "搜索各校准语言的权重，以及左侧方法的其他可调设置，找出一种配置，使你所选语言的损失不超过限度，而其他语言的损失尽量小。各次尝试用校准文本来评判；最后的结论则用搜索时从未见过的文本得出。"
PROTECT_LANGUAGES = "要保护的语言"
PROTECT_LANGUAGES_INFO = "在左侧的校准语言中选择。"
PROTECT_PERCENT = "困惑度最多可上升（%）"
PROTECT_PERCENT_INFO = "对每种要保护的语言。在 50% 稀疏度下，小模型会上升 20 至 200%。"
PROTECT_OWN = "个别语言的其他限度"
PROTECT_OWN_INFO = "每行一个，例如 sw: 20。在这里列出的语言也受保护。"
PROTECT_TRIES = "尝试的配置数"
PROTECT_TRIES_INFO = "每个配置做一次快速剪枝和一次简短测量。"
PROTECT_GOAL = "对其他语言看什么"
PROTECT_GOALS = {"worst": "损失最多的语言", "mean": "所有语言的平均"}
PROTECT_KIND = "如何搜索"
PROTECT_KINDS = {
    "coordinate": "从左侧的方法出发，逐步搜索",
    "random": "随机搜索",
    "optuna": "由已有结果引导 (Optuna)",
}
PROTECT_SEED = "搜索的随机种子"
PROTECT_START = "搜索"
PROTECT_KEPT = "已有的搜索"
PROTECT_KEPT_NONE = "已有的搜索（还没有）"
PROTECT_LOG = "搜索日志"
PROTECT_NONE = "没有选择要保护的语言：请在校准语言中至少选一种。"
PROTECT_BAD_PERCENT = "限度是 0 到 10000 的上升百分比；给出的是 {given}。"
PROTECT_BAD_LINE = "个别语言的限度按行书写，例如 sw: 20；其中一个给出的是 {given}。"
PROTECT_STRANGER = "{given} 不是左侧的校准语言，而只有校准语言才能受保护。"
PROTECT_TRIES_RANGE = "尝试的配置数必须在 1 到 {most} 之间；给出的是 {given}。"
PROTECT_SEED_RANGE = "搜索的随机种子是从 0 开始的整数；给出的是 {given}。"
PROTECT_MODE = "不论左侧如何设置，搜索和两次运行都以单遍方式剪枝。"
PROTECT_EMPTY = "还没有可显示的搜索。"

PROTECT_KEPT_LIMITS = "在搜索从未见过的文本上，**没有超出限度**。"
PROTECT_NOT_KEPT = "**没有配置满足限度。** 下面是最接近的一个。请放宽上升的限度，少剪一些权重，或多试一些配置。"
PROTECT_NOT_KEPT_AFTER = "**在新的文本上超出了限度**，尽管在搜索所用的文本上没有超出。下面是找到的配置。请增加校准文本，或把限度设得比所需的略低一些。"
PROTECT_KEPT_AFTER = "在新的文本上**没有超出限度**，但在搜索所用的文本上，没有一次尝试满足限度：请谨慎看待。"
PROTECT_SAME = "没有任何尝试过的配置胜过左侧的配置，所以两次运行相同。"
PROTECT_TRIED = "尝试了 {tries} 个配置；其中 {within} 个在搜索所用的文本上满足限度。"
PROTECT_OPEN_AFTER, PROTECT_OPEN_BEFORE = "打开采用所找到配置的运行", "打开按左侧设置的运行"
PROTECT_FRONT = "### 保护的代价"
PROTECT_FRONT_HELP = "每个尝试过的配置一个点，在搜索所用的文本上。虚线左边表示满足限度；越低，对其他语言越好。线上的配置，没有其他配置能在两方面同时胜过。"
PROTECT_SETTINGS = "### 找到的配置"
PROTECT_COST = "### 逐种语言"
PROTECT_COST_HELP = "在搜索从未见过的文本上。横条是 95% 区间；竖线标记是限度。"
PROTECT_COLUMNS = {
    "name": "语言", "limit": "限度", "before": "按左侧设置", "after": "所找到的", "interval": "95% 区间", "change": "变化（奈特）",
    "change_interval": "变化的 95% 区间", "kept": "满足限度",
}  # fmt: skip
PROTECT_SETTING_COLUMNS = {"setting": "设置", "before": "按左侧设置", "after": "所找到的"}
PROTECT_TRY_COLUMNS = {
    "protected": "受保护语言中受损最重的", "others": "其他语言的平均", "worst": "全部中受损最重的", "mean": "全部的平均", "over": "超出限度", "front": "在前沿上",
}  # fmt: skip
PROTECT_ACTIVATION = "通道重要性"
PROTECT_WEIGHT = "{name} 的权重"
PROTECT_FACTOR = "{name} 的权重（2 的幂）"
PROTECT_BLOCKS = "各块的稀疏度"
PROTECT_LIMIT_LINE = "限度"
PROTECT_LEGEND_TRIES, PROTECT_LEGEND_FRONT, PROTECT_LEGEND_START = "尝试过的配置", "未被胜过", "按左侧设置"
PROTECT_LEGEND_FOUND = "所找到的"
AXIS_PROTECTED = "受保护语言中受损最重者的损失增量（每词元奈特数）"
AXIS_PROTECTED_OVER = "超出限度的奈特数<br>（受保护语言中受损最重者；0：满足）"
AXIS_OTHERS = "其他语言的平均损失增量<br>（每词元奈特数）"
HOVER_TRY = "{activation}{knobs}<br>受保护 {protected:+.3f}，其他 {others:+.3f}"
HOVER_PROTECTED = "{name}，{which}：困惑度为 {value:.3f} 倍（{low:.3f} 至 {high:.3f}）"

UNFINISHED_HELP = "这些运行还没有完成，程序就结束了：被关闭、崩溃，或内存耗尽。重新开始会从头测量和剪枝；稠密模型在已完成语言上的评测结果取自缓存。扫描中的运行用“参数扫描”下的**继续**接着做。"
UNFINISHED_NONE = "没有中断的运行。"
UNFINISHED_SHARED = "在共享服务器上不列出中断的运行。"
UNFINISHED_CHOOSE = "中断的运行"
UNFINISHED_AGAIN, UNFINISHED_DISCARD = "重新开始", "丢弃"
UNFINISHED_COLUMNS = ("运行", "开始时间 (UTC)", "如何结束")
UNFINISHED_KILLED = "程序已结束"
UNFINISHED_CHOICE = "请先选择一次中断的运行。"
UNFINISHED_STARTED = "正在运行：见“剪枝”下面的状态。"
UNFINISHED_DISCARDED = "已丢弃。"


def sweep_forecast(runs: int, kept: int, time: float | None) -> str:
    """How much a plan is, before it is started."""
    if kept == runs:
        return SWEEP_ALL_KEPT.format(runs=runs)
    told = f"**{runs} 次运行**，其中 {kept} 次已经保存。" if kept else f"**{runs} 次运行**。"
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"剩下的 {runs - kept} 次约需 **{seconds(time)}**。")


def sweep_title(name: str, runs: int) -> str:
    """One line for the job."""
    return f"参数扫描 {name}，{runs} 次运行"


def sweep_progress(name: str, done: int, wanted: int, refused: Mapping[str, str]) -> str:
    """How far a sweep is, and what of it could not be run."""
    told = f"**{name}** ：{wanted} 次运行中已完成 {done} 次。"
    return "\n\n".join([told, *(f"无法运行：{title}。{why}" for title, why in list(refused.items())[:5])])


def sweep_choice(name: str, done: int, wanted: int, changed: str) -> str:
    """A sweep in the menu."""
    return f"{name} · {wanted} 次运行中已完成 {done} 次 · {changed[:16]} UTC"


def protect_title(languages: Sequence[str], tries: int) -> str:
    """One line for the job."""
    return f"保护 {'、'.join(languages)}，{tries} 个配置"


def protect_forecast(tries: int, time: float | None) -> str:
    """How much a search is, before it is started."""
    told = f"**{tries} 个配置**和两次完整的运行。"
    return told + (SWEEP_UNKNOWN_TIME if time is None else f"约需 **{seconds(time)}**。")


def at_sparsity(share: float) -> str:
    """A sparsity in a hover text."""
    return percent(share, 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1)


TAB_LABS = "实验室"
LABS_HELP = "一项研究就表单中的模型提出一个问题，使用其语言和文本，并考察方法对它的影响。结果不会保存：请自行下载需要的表格。"
LABS_STUDY = "研究"
LABS_START = "提问"
LABS_SOURCE = "来源：{source}。代价：{cost}。"
