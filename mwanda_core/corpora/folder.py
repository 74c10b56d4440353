"""A folder of the user's own: one UTF-8 text per language, named by its code (`sw.txt`)."""

from collections.abc import Sequence
from pathlib import Path

from mwanda_core.corpora.base import Corpus, Passage, Texts, split_even_odd
from mwanda_core.corpora.reading import check_plausible, cut_into_passages, decoded
from mwanda_core.errors import TextError
from mwanda_core.files import read_regular, refuse_way_out
from mwanda_core.languages import code_of

MAX_BYTES = 64 * 2**20
"""A text larger than this is read only up to here: calibration needs kilobytes."""


def folder(path: str | Path, languages: Sequence[str] | None = None) -> Corpus:
    """The texts of a folder. Paragraphs are separated by blank lines; a text without any counts each line as one; what is longer than
    `reading.LONGEST` characters is cut at ends of sentences.

    A file is named by its language's code, in any of its usual forms (`sw`, `swh_Latn`, `SW`). Equal positions are taken as equal
    content when all languages have equally many paragraphs and none was cut. Raises TextError for a missing folder or language, and
    for a file that is not UTF-8 text in that language.
    """
    root = Path(path).expanduser()
    if not root.is_dir():
        raise TextError(f"There is no folder {str(path)!r} to read texts from.")
    found = _files(root)
    if not found:
        raise TextError(f"The folder {str(path)!r} has no .txt files: put one per language there, such as sw.txt.")
    wanted = tuple(languages) if languages is not None else tuple(found)
    # Of a code that this project does not know, `zh-Hant` and `zh_Hant.txt` are the same.
    alike = {_plain(code): file for code, file in found.items()}
    found |= {code: alike[_plain(code)] for code in wanted if code not in found and _plain(code) in alike}
    missing = [code for code in wanted if code not in found]
    if missing:
        names = ", ".join(f"{code}.txt" for code in missing)
        raise TextError(f"The folder {str(path)!r} has no {names}; it has {', '.join(found)}.")
    texts = {code: _read(found[code], code) for code in wanted}
    counts = {len(pieces) for pieces, _ in texts.values()}
    aligned = len(counts) == 1 and len(texts) > 1 and not any(cut for _, cut in texts.values())
    passages = {
        code: tuple(Passage(f"{code}:{i}", code, (piece,)) for i, piece in enumerate(pieces))
        for code, (pieces, _) in texts.items()
    }
    return Corpus(root.name, passages, parallel=aligned)


def _plain(code: str) -> str:
    return code.replace("_", "-").casefold()


def _files(root: Path) -> dict[str, Path]:
    """Language code -> its file. A file's own name counts before what it stands for: `zh_TW.txt` beside `zh.txt` stays its own."""
    files = [file for file in sorted(root.iterdir()) if file.suffix.lower() == ".txt"]
    exact = {file.stem: file for file in files}
    found = dict(exact)
    for file in files:
        code = code_of(file.stem)
        if code in exact:
            continue
        if code in found:
            raise TextError(f"The folder {str(root)!r} has {found[code].name} and {file.name}, both {code}: keep one of them.")
        found[code] = file
        found.pop(file.stem, None)
    return found


def folder_split(path: str | Path, languages: Sequence[str] | None = None) -> Texts:
    """The texts of one folder, every second paragraph to calibrate on and the others to evaluate on."""
    return split_even_odd(folder(path, languages))


def _read(path: Path, code: str) -> tuple[list[str], bool]:
    refuse_way_out(path, TextError)
    raw = read_regular(path, MAX_BYTES, TextError)
    text = decoded(raw[:MAX_BYTES], path.name, whole=len(raw) <= MAX_BYTES)
    if len(raw) > MAX_BYTES:  # The last line is only begun, unless it is the only one.
        text = text.rpartition("\n")[0] or text
    check_plausible(text, raw, code, path.name)
    pieces, cut = cut_into_passages(text)
    if not pieces:
        raise TextError(f"{path.name} is empty: a text to calibrate or evaluate on is needed.")
    return pieces, cut
