"""A loaded model with the few verbs the engine needs: encode, record, replay, hidden states, logits, save."""

import contextlib
import copy
import dataclasses
import functools
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from transformers import PreTrainedModel

from mwanda_core.errors import ModelError
from mwanda_core.models import calls, packing, positions, verify
from mwanda_core.models.anatomy import DecoderBlock, num_parameters, output_head
from mwanda_core.models.calls import Recording, TokenBatch
from mwanda_core.models.memory import ModelShape
from mwanda_core.models.sharing import tied_names

_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")


def _piece_bytes(piece: str) -> int:
    """UTF-8 length of a SentencePiece token: a byte of its own, or text with a mark for each space."""
    return 1 if _BYTE.fullmatch(piece) else len(piece.replace("\u2581", " ").encode())


@dataclasses.dataclass(frozen=True, eq=False)
class LanguageModel:
    """`hf` is the transformers model; everything else was found in it. Only `mwanda_core.models` looks inside `hf`."""

    hf: PreTrainedModel
    tokenizer: Any
    source: str
    revision: str
    blocks: tuple[DecoderBlock, ...]
    skipped: tuple[str, ...]

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.hf.device

    @property
    def dtype(self) -> torch.dtype:
        """The weights' type."""
        return self.hf.dtype

    @functools.cached_property
    def routes(self) -> bool:
        """Whether a router sends tokens to experts."""
        return any(block.routes for block in self.blocks)

    @property
    def num_parameters(self) -> int:
        """All parameters, tied ones once."""
        return num_parameters(self.hf)

    @property
    def vocabulary(self) -> int:
        """Number of rows of the output head."""
        return int(output_head(self.hf).weight.shape[0])

    @functools.cached_property
    def shape(self) -> ModelShape:
        """The sizes that memory depends on."""
        linears = [linear for block in self.blocks for linear in block.linears]
        return ModelShape(
            self.num_parameters,
            sum(linear.weight.numel() for linear in linears),
            int(self.hf.config.get_text_config().hidden_size),
            sum(linear.weight.shape[1] for linear in linears),
            self.dtype.itemsize,
        )

    @functools.cached_property
    def tied(self) -> dict[str, str]:
        """Full name of every parameter -> the first name that the same parameter has."""
        return tied_names(self.hf)

    @functools.cached_property
    def fingerprint(self) -> str:
        """SHA-256 over names and bytes of all parameters at first use: the dense model's identity in caches and masks."""
        digest = hashlib.sha256()
        for name, parameter in self.hf.named_parameters():
            digest.update(name.encode())
            digest.update(parameter.detach().cpu().flatten().view(torch.uint8).numpy().data)
        return digest.hexdigest()

    @property
    def configuration(self) -> str:
        """The settings that the weights run with, and transformers' version, as JSON."""
        return str(self.hf.config.to_json_string())

    @functools.cached_property
    def longest(self) -> int | None:
        """Most tokens that one sequence may have, where positions stand in a table (GPT-2, OPT, GPT-J's buffer, RoBERTa's with its
        offset); None where they are computed and a longer text is read, if less well."""
        return positions.longest(self.hf, self.blocks[0])

    @functools.cached_property
    def keeps_rows(self) -> bool:
        """Whether endings can be scored after kept keys and values of their contexts: not where a family's cache cannot be picked by
        rows or is none (recurrent and hybrid models). Found by a short trial, held against the sequences run whole."""
        ids = 4 + torch.arange(12).reshape(2, 6) % 89
        owners, endings = torch.tensor([1, 0, 1]), 50 + torch.arange(9).reshape(3, 3) % 29
        try:
            _, (found,) = self.hidden_after_each(ids, [(owners, endings)])
            whole = self.hidden(torch.cat([ids[owners], endings[:, :-1]], dim=1))[:, -2:]
        except (ArithmeticError, AttributeError, LookupError, NotImplementedError, RuntimeError, TypeError, ValueError):
            return False
        return self._same_states(found, whole)

    def _trial(self, tokens: int) -> Int[Tensor, "one tokens"]:
        """Tokens of any vocabulary for a trial of what the model can do; as many as it reads where that is fewer."""
        return 4 + torch.arange(min(tokens, self.longest or tokens))[None] % 89

    def _same_states(self, states: Float[Tensor, "... hidden"], wanted: Float[Tensor, "... hidden"]) -> bool:
        """Whether they differ by rounding alone."""
        if states.shape != wanted.shape:  # ProphetNet looks at several tokens ahead, each a state.
            return False
        rounding = max(packing.TOLERANCE, 16 * torch.finfo(self.dtype).eps)
        return bool(((states - wanted).float().norm(dim=-1) <= rounding * wanted.float().norm(dim=-1)).all())

    @functools.cached_property
    def pads(self) -> bool:
        """Whether a token's states stay what they are when padding follows it, as they do where attention looks back only. Found by a
        short trial."""
        ids = self._trial(16)[:, :-4]
        padded = self.hidden(torch.nn.functional.pad(ids, (0, 4)))[:, : ids.shape[1]]
        return self._same_states(padded, self.hidden(ids))

    def check_pads(self) -> None:
        """Raises ModelError for a model whose tokens see what follows them."""
        if not self.pads:
            raise ModelError(
                f"{self.source} is not causal as it is run here: what it says of a token depends on what follows it, so its losses would "
                "not be those of a language model. Choose a decoder-only language model."
            )

    @functools.cached_property
    @torch.no_grad()
    def walks(self) -> bool:
        """Whether its blocks, called one after another as the model calls them, end where its own forward does. Found by a short trial."""
        batch = TokenBatch(self._trial(12), torch.zeros(1, dtype=torch.long))
        own = self.hidden(batch.ids)
        try:
            recording = self.record(batch)
            states = recording.hidden
            for block in self.blocks:
                states = self.replay(block, recording, states)
            walked = self.leave_blocks(recording, states)
        except (MemoryError, torch.OutOfMemoryError):
            raise
        except Exception:  # Blocks that need each other's by-products fail in ways of their own.
            return False
        return self._same_states(walked, own)

    def check_walks(self) -> None:
        """Raises ModelError for a model whose blocks cannot be taken one by one."""
        if not self.walks:
            raise ModelError(
                f"{self.source} cannot be pruned here: its decoder blocks, run one after another, do not give what the model itself gives. "
                "Choose another decoder-only language model."
            )

    def _check_length(self, length: int) -> None:
        if self.longest is not None and length > self.longest:
            raise ModelError(
                f"{self.source} reads at most {self.longest} tokens at a time, and a text of {length} was given: choose a shorter "
                "sequence length, other texts, or another model."
            )

    @functools.cached_property
    def _block_form(self) -> calls.BlockForm:
        return calls.block_form(self.hf, self.blocks[0])

    @functools.cached_property
    def start(self) -> tuple[int, ...]:
        """What the tokenizer itself puts before a text: one token in most families, two in GLM, `</s>` in XGLM, none in GPT-2."""
        bare = self.encode("a")
        opened = list(self.tokenizer("a")["input_ids"])
        place = next((i for i in range(len(opened) - len(bare) + 1) if opened[i : i + len(bare)] == bare), 0)
        self._check_rows(opened[:place])
        return tuple(opened[:place])

    def encode(self, text: str) -> list[int]:
        """Token ids of a text, without any special token.

        Raises ModelError for a tokenizer that has tokens beyond the rows of the model's embedding.
        """
        ids = list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        self._check_rows(ids)
        return ids

    def _check_rows(self, ids: Sequence[int]) -> None:
        embedding: Any = self.hf.get_input_embeddings()
        rows = int(embedding.num_embeddings)
        if ids and max(ids) >= rows:
            raise ModelError(
                f"The tokenizer of {self.source} gives token {max(ids)}, and its model has {rows}: they do not belong together. Get "
                "the tokenizer that the model was trained with, or enlarge the model's embedding for the added tokens."
            )

    def num_bytes(self, ids: Sequence[int]) -> int:
        """Length in UTF-8 of what the tokens stand for, where a sequence begins or ends within a character, too."""
        text = self.tokenizer.decode(ids)
        if "\ufffd" not in text:
            return len(text.encode())
        # A cut character decodes to a replacement mark of three bytes, whatever it had: count the bytes of the tokens instead.
        pieces = self.tokenizer.convert_ids_to_tokens(ids)
        return sum(len(piece) if self._byte_level else _piece_bytes(piece) for piece in pieces)

    @functools.cached_property
    def _byte_level(self) -> bool:
        """Whether each character of a token's name stands for one byte (GPT-2's alphabet)."""
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        return backend is not None and '"ByteLevel"' in json.dumps(json.loads(backend.to_str()).get("decoder"))

    def record(self, batch: TokenBatch) -> Recording:
        """How the model calls each of its blocks for this batch, and what enters the first.

        Raises ModelError for sequences longer than the model's positions, as `hidden` and `hidden_after_each` do.
        """
        self._check_length(batch.ids.shape[1])
        return calls.record(self.hf, self.blocks, batch.to(self.device), self._block_form)

    def replay(self, block: DecoderBlock, recording: Recording, hidden: Tensor) -> Tensor:
        """The output of one block; differentiable, so callers that need no gradient say so."""
        return calls.replay(block, recording, hidden)

    @torch.no_grad()
    def hidden(
        self, ids: Int[Tensor, "batch time"], keep: Bool[Tensor, "batch time"] | None = None
    ) -> Float[Tensor, "batch time hidden"]:
        """What the output head would see for a batch; no logits are made."""
        return self.states(ids, keep)

    def states(
        self, ids: Int[Tensor, "batch time"], keep: Bool[Tensor, "batch time"] | None = None
    ) -> Float[Tensor, "batch time hidden"]:
        """As `hidden`, differentiable in the weights that ask for gradients."""
        self._check_length(ids.shape[1])
        seen: list[Tensor] = []

        def tap(hidden: Tensor) -> Tensor:
            seen.append(hidden)
            return hidden[..., :1]

        with calls.replaced_forward(output_head(self.hf), tap):
            mask = None if keep is None else keep.long().to(self.device)
            self.hf(input_ids=ids.to(self.device), attention_mask=mask, use_cache=False)
        return seen[0]

    def leave_blocks(
        self, recording: Recording, hidden: Float[Tensor, "batch time hidden"]
    ) -> Float[Tensor, "batch time hidden"]:
        """What the output head sees when `hidden` leaves the last block: the final norm, and whatever a family adds."""

        def work(*args: Any, **kwargs: Any) -> Any:
            return self._block_form.dress(hidden)

        _ = self._block_form  # Found by a real forward, so before the blocks are replaced.
        with contextlib.ExitStack() as stack:
            for block in self.blocks:
                stack.enter_context(calls.replaced_forward(block.module, work))
            return self.states(recording.batch.ids, recording.batch.keep)

    @functools.cached_property
    def packable(self) -> int:
        """Most tokens that a sequence in a packed row may have; 0 where this family cannot be packed. Found by a short trial."""
        window = getattr(self.hf.config.get_text_config(), "sliding_window", None)
        # A ready mask replaces that of a sliding window: within it the two are alike.
        limit = min(size for size in (packing.ROW_TOKENS, window, self.longest) if size is not None)
        return packing.reach(limit, self.hidden, self.hidden_packed, torch.finfo(self.dtype).eps)

    @torch.no_grad()
    def hidden_packed(self, rows: packing.Layout) -> Float[Tensor, "rows time hidden"]:
        """What the output head would see at each token of packed rows; only for sequences of at most `packable` tokens."""
        seen: list[Tensor] = []

        def tap(hidden: Tensor) -> Tensor:
            seen.append(hidden)
            return hidden[..., :1]

        visible = rows.visible().to(self.device)
        mask = torch.zeros(visible.shape, dtype=self.dtype, device=self.device)
        mask.masked_fill_(~visible, torch.finfo(self.dtype).min)
        ids, positions = rows.ids.to(self.device), rows.positions.to(self.device)
        with calls.replaced_forward(output_head(self.hf), tap):
            self.hf(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False)
        return seen[0]

    @torch.no_grad()
    def hidden_after_each(
        self, contexts: Int[Tensor, "contexts time"], batches: list[tuple[Tensor, Tensor]]
    ) -> tuple[Float[Tensor, "contexts time hidden"], list[Tensor]]:
        """What the output head would see at each token of several contexts of one length, and at each token but the last
        of endings that follow them.

        `batches` hold (owners [endings], endings [endings, longest]): each ending, right-padded, follows the context that
        its owner names. Every context goes through the model once, whatever the number of batches. The first token of an
        ending is predicted where its context ends; the last predicts nothing that is scored.
        """
        self._check_length(contexts.shape[1] + max(endings.shape[1] for _, endings in batches) - 1)
        seen: list[Tensor] = []

        def tap(hidden: Tensor) -> Tensor:
            seen.append(hidden)
            return hidden[..., :1]

        rests = []
        with calls.replaced_forward(output_head(self.hf), tap):
            kept = self.hf(input_ids=contexts.to(self.device), use_cache=True).past_key_values
            for number, (owners, endings) in enumerate(batches):
                if endings.shape[1] == 1:
                    rests.append(seen[0].new_zeros(len(endings), 0, seen[0].shape[-1]))
                    continue
                # Running a batch lengthens its keys and values, so all but the last need some of their own.
                cache = kept if number == len(batches) - 1 else copy.deepcopy(kept)
                cache.batch_select_indices(owners.to(self.device))
                self.hf(input_ids=endings[:, :-1].to(self.device), past_key_values=cache, use_cache=True)
                rests.append(seen[-1])
        return seen[0], rests

    @contextlib.contextmanager
    def head(self) -> Iterator[Any]:
        """Inside, a function from hidden states [n, hidden] to logits [n, vocabulary].

        Families scale or cap their logits after the head (Cohere, Gemma 2, Granite). To apply exactly what the model
        does, without a table of families, the model itself is run on one token with its blocks left out and its head's
        output replaced by the logits of the states given.
        """
        head = output_head(self.hf)
        work = head.forward
        one = torch.zeros(1, 1, dtype=torch.long, device=self.device)
        states: list[Tensor] = []

        def skip(*args: Any, **kwargs: Any) -> Any:
            hidden = args[0] if args else kwargs["hidden_states"]
            return self._block_form.dress(hidden)

        def logits(hidden: Float[Tensor, "n hidden"]) -> Float[Tensor, "n vocabulary"]:
            # Replaced for each call alone, so that between calls the model is whole and its other verbs stay right.
            states[:] = [hidden]
            with contextlib.ExitStack() as stack:
                for block in self.blocks:
                    stack.enter_context(calls.replaced_forward(block.module, skip))
                stack.enter_context(calls.replaced_forward(head, lambda hidden: work(states[0])[None]))
                return self.hf(input_ids=one, use_cache=False).logits[0]

        _ = self._block_form  # Found by a real forward, so before the blocks are replaced.
        yield logits

    def _apart(self) -> dict[str, Tensor] | None:
        """All tensors, with copies of those that have several names of which the family knows nothing: its own class, reading the folder, would not tie them. None
        where there are none."""
        declared = {*getattr(self.hf, "all_tied_weights_keys", {})}
        own = {name for name, first in tied_names(self.hf).items() if name != first and name not in declared}
        return {n: t.clone() if n in own else t for n, t in self.hf.state_dict().items()} if own else None

    def save(self, folder: Path) -> None:
        """Write safetensors, configuration and tokenizer, and read them back: plain transformers loads the folder.

        Raises ModelError when what is on disk is not what is in memory.
        """
        self.hf.save_pretrained(str(folder), state_dict=self._apart())
        self.tokenizer.save_pretrained(str(folder))
        usual = (folder / "config.json").stat().st_mode & 0o777
        for file in folder.glob("*.safetensors"):
            file.chmod(usual)  # Its library lets nobody but the owner read it, whatever files are like here.
        verify.verify_saved(self.hf, folder)
