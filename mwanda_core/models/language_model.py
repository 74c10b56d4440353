"""A loaded model with the few verbs the engine needs: encode, record, replay, hidden states, logits, save."""

import contextlib
import copy
import dataclasses
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from transformers import PreTrainedModel

from mwanda_core.errors import ModelError
from mwanda_core.models import calls, packing
from mwanda_core.models.anatomy import DecoderBlock, num_parameters
from mwanda_core.models.calls import Recording, TokenBatch
from mwanda_core.models.memory import ModelShape


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

    @property
    def num_parameters(self) -> int:
        """All parameters, tied ones once."""
        return num_parameters(self.hf)

    @property
    def vocabulary(self) -> int:
        """Number of rows of the output head."""
        return int(self.hf.get_output_embeddings().weight.shape[0])

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
        """Most tokens that one sequence may have: the size of a table of learned positions (GPT-2, OPT); None where positions
        are computed and a longer text is read, if less well."""
        limit = getattr(self.hf.config.get_text_config(), "max_position_embeddings", None)
        tokens = self.hf.get_input_embeddings()
        tables = [m.num_embeddings for m in self.hf.modules() if isinstance(m, torch.nn.Embedding) and m is not tokens]
        # OPT's table has two rows more than there are positions.
        return limit if limit is not None and any(limit <= size <= limit + 2 for size in tables) else None

    def _check_length(self, length: int) -> None:
        if self.longest is not None and length > self.longest:
            raise ModelError(
                f"{self.source} reads at most {self.longest} tokens at a time, and a text of {length} was given: choose a shorter "
                "sequence length, other texts, or another model."
            )

    @functools.cached_property
    def _blocks_return_tuple(self) -> bool:
        return calls.returns_tuple(self.hf, self.blocks[0])

    @functools.cached_property
    def start(self) -> tuple[int, ...]:
        """The token that opens a sequence, if the tokenizer adds one by itself."""
        bos = self.tokenizer.bos_token_id
        opened = self.tokenizer("a")["input_ids"]
        return (bos,) if bos is not None and opened[:1] == [bos] else ()

    def encode(self, text: str) -> list[int]:
        """Token ids of a text, without any special token."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def record(self, batch: TokenBatch) -> Recording:
        """How the model calls each of its blocks for this batch, and what enters the first.

        Raises ModelError for sequences longer than the model's positions, as `hidden` and `hidden_after_each` do.
        """
        self._check_length(batch.ids.shape[1])
        return calls.record(self.hf, self.blocks, batch.to(self.device), self._blocks_return_tuple)

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

        with calls.replaced_forward(self.hf.get_output_embeddings(), tap):
            mask = None if keep is None else keep.long().to(self.device)
            self.hf(input_ids=ids.to(self.device), attention_mask=mask, use_cache=False)
        return seen[0]

    def leave_blocks(
        self, recording: Recording, hidden: Float[Tensor, "batch time hidden"]
    ) -> Float[Tensor, "batch time hidden"]:
        """What the output head sees when `hidden` leaves the last block: the final norm, and whatever a family adds."""

        def work(*args: Any, **kwargs: Any) -> Any:
            return (hidden,) if self._blocks_return_tuple else hidden

        _ = self._blocks_return_tuple  # Found by a real forward, so before the blocks are replaced.
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
        with calls.replaced_forward(self.hf.get_output_embeddings(), tap):
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
        with calls.replaced_forward(self.hf.get_output_embeddings(), tap):
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
        head = self.hf.get_output_embeddings()
        work = head.forward
        one = torch.zeros(1, 1, dtype=torch.long, device=self.device)
        states: list[Tensor] = []

        def skip(*args: Any, **kwargs: Any) -> Any:
            hidden = args[0] if args else kwargs["hidden_states"]
            return (hidden,) if self._blocks_return_tuple else hidden

        def logits(hidden: Float[Tensor, "n hidden"]) -> Float[Tensor, "n vocabulary"]:
            # Replaced for each call alone, so that between calls the model is whole and its other verbs stay right.
            states[:] = [hidden]
            with contextlib.ExitStack() as stack:
                for block in self.blocks:
                    stack.enter_context(calls.replaced_forward(block.module, skip))
                stack.enter_context(calls.replaced_forward(head, lambda hidden: work(states[0])[None]))
                return self.hf(input_ids=one, use_cache=False).logits[0]

        _ = self._blocks_return_tuple  # Found by a real forward, so before the blocks are replaced.
        yield logits

    def save(self, folder: Path) -> None:
        """Write safetensors, configuration and tokenizer; plain transformers loads the folder."""
        self.hf.save_pretrained(str(folder))
        self.tokenizer.save_pretrained(str(folder))
