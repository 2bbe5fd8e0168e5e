"""The memory that “Fits?” names before a download, beside the measured peak of real runs.

    python tests/benchmarks/memory_estimate.py [--only bert ...] [--precision fp32] [--batch 16] [--tokens 128]
        [--device cpu] [--usual] [--vocabularies 2000 60000]

A network of each family is made from its configuration with random weights, loaded, and fine-tuned for two epochs on
rows of the full length, in a process of its own: the peak of that process above what it held before the run. On a GPU,
which nothing else may use, it is what torch held at most, and what CUDA takes for itself. `--usual`: 12 layers of 768
instead of 6 of 256. Aim: the estimate within 15 % of it, for four families.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from measuring import save

SEED = 1
# As DeBERTa-v3 is published.
RELATIVE = {
    "relative_attention": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_buckets": 256,
    "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
    "position_biased_input": False,
}
SIZES = {"hidden_size": 256, "num_hidden_layers": 6, "num_attention_heads": 4, "intermediate_size": 1024}
USUAL = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
# Two sizes each: one where the activations weigh more, one where the parameters do.
FAMILIES = ("bert", "roberta", "distilbert", "electra", "albert", "modernbert", "deberta-v2", "xlm-roberta")
VOCABULARIES = (2_000, 60_000)


def main() -> None:
    """One child per family and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", nargs="*", default=FAMILIES, choices=FAMILIES)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--usual", action="store_true")
    parser.add_argument("--vocabularies", type=int, nargs="*", default=VOCABULARIES)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(*one_run(options.child[0], int(options.child[1]), options))
        return
    print(f"{options.device}, {options.precision}, {'12 layers of 768' if options.usual else '6 layers of 256'}")
    print(f"{'family':<14}{'vocabulary':>12}{'measured MB':>14}{'estimate MB':>14}{'ratio':>8}")
    measured = {}
    for family in options.only:
        for vocabulary in options.vocabularies:
            done = subprocess.run(
                [sys.executable, __file__, "--child", family, str(vocabulary), *sys.argv[1:]],
                env=os.environ | {"OMP_WAIT_POLICY": "passive"},  # as the worker has it
                check=False,
                stdout=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                print(f"{family:<14}{vocabulary:>12,}  no result ({done.returncode})", flush=True)
                continue
            peak, estimate = map(float, done.stdout.split()[-2:])
            measured[f"{family} {vocabulary}"] = (peak, estimate)
            print(f"{family:<14}{vocabulary:>12,}{peak:>14.0f}{estimate:>14.0f}{estimate / peak:>8.2f}", flush=True)
    facts = {
        "device": options.device,
        "usual": options.usual,
        "precision": options.precision,
        "batch": options.batch,
        "tokens": options.tokens,
    }
    save("memory_estimate", unit="MB", measured=measured, seed=SEED, **facts)


def one_run(family: str, vocabulary: int, options: argparse.Namespace) -> tuple[float, float]:
    """The peak of a run above what was held before it, and the estimate, in MB."""
    import torch
    from transformers import AutoConfig, AutoModel

    from engine import stages
    from engine.contract.memory_estimate import EncoderShape, training_memory
    from engine.contract.settings import FileRows, FineTuneSettings, FolderModel, PrepareSettings, Roles
    from engine.training.memory.peak_memory import PeakMemory, held, malloc_trim
    from engine.workspace.layout import Workspace
    from tests.builders_models import WORDS, tiny_tokenizer

    warnings.simplefilter("ignore")
    torch.manual_seed(SEED)
    draw = random.Random(SEED)
    device = torch.device(options.device)
    used_before = device_memory_used() if device.type == "cuda" else 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shape = USUAL if options.usual else SIZES
        hidden, layers, heads, inner = shape.values()
        sizes = shape
        if family == "distilbert":
            sizes = {"dim": hidden, "n_layers": layers, "n_heads": heads, "hidden_dim": inner}
        further = RELATIVE if family == "deberta-v2" else {}
        config = AutoConfig.for_model(
            family, vocab_size=vocabulary, max_position_embeddings=512, pad_token_id=0, **sizes, **further
        )
        network = AutoModel.from_config(config)
        parameters = sum(parameter.numel() for parameter in network.parameters())
        network.save_pretrained(place / "model")
        tiny_tokenizer(max_length=512).save_pretrained(place / "model")
        del network
        with (place / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("text", "label"))
            for number in range(12 * options.batch):
                words = " ".join(draw.choices(WORDS.split(), k=2 * options.tokens))
                writer.writerow((words, ("good", "bad")[number % 2]))
        workspace = Workspace(place / "workspace").create()
        model = stages.load_model(FolderModel(str(place / "model")), _silent, workspace=workspace)
        prepare = PrepareSettings(roles=Roles(text="text", label="label"), max_length=options.tokens, seed=SEED)
        dataset = stages.prepare_dataset(
            model, FileRows(str(place / "rows.csv")), prepare, _silent, workspace=workspace
        )
        settings = FineTuneSettings(
            epochs=2, learning_rate=1e-4, batch_size=options.batch, device=options.device, precision=options.precision
        )
        # What torch and its libraries allocate once, at the first step in a process, is held by the worker anyway.
        layer = torch.nn.Linear(64, 64)
        layer(torch.zeros(8, 64)).sum().backward()
        malloc_trim()
        before = held(device)
        peak = PeakMemory(device)
        stages.fine_tune(dataset, settings, _silent, workspace=workspace)
        taken = peak.bytes() - before
        if device.type == "cuda":
            torch.cuda.empty_cache()
            free, total = torch.cuda.mem_get_info(device)
            context = total - free - held(device) - used_before
            print(
                f"{family} {options.precision}: tensors {torch.cuda.max_memory_allocated(device) / 1e6:.0f} MB, "
                f"what it reserved {taken / 1e6:.0f}, CUDA {context / 1e6:.0f}",
                file=sys.stderr,
            )
            taken += context
    needed = training_memory(
        EncoderShape(family, parameters, layers, hidden, attention_heads=heads, intermediate_size=inner),
        batch_size=options.batch,
        tokens=options.tokens,
        on_gpu=device.type == "cuda",
        bf16=options.precision == "bf16",
        used_tokens=len(WORDS.split()),
    )
    return taken / 1e6, needed.total / 1e6


def device_memory_used() -> int:
    """Bytes that are taken on the first GPU before this process uses it."""
    asked = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"]
    return 1024 * 1024 * int(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()[0])


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
