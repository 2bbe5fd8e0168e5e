"""The finer choices of the third step as plain code: what learns, by which loss, at which rates."""

from __future__ import annotations

from engine.contract.script_builder import Script
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_script

SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


def learning_part(script: Script, settings: FineTuneSettings) -> str:
    """Lines after the model that freeze what does not learn; empty where everything does."""
    match settings.trained_part:
        case "full":
            return ""
        case "lora":
            return _adapters(script, settings)
        case "head_only":
            code = """
# Only the answer layer learns, and the pooler before it.
model.base_model.requires_grad_(False)
"""
        case "last_layers":
            script.imports("torch")
            count = settings.last_layers
            code = f"""
# Only the last {"layer" if count == 1 else f"{count} layers"} and the answer layer learn.
model.base_model.requires_grad_(False)
lists = (part for part in model.base_model.modules() if isinstance(part, torch.nn.ModuleList))
layers = next(part for part in lists if len(part) == model.config.num_hidden_layers)
layers[-{count}:].requires_grad_(True)
"""
    return f"""{code}if getattr(model.base_model, "pooler", None) is not None:
    model.base_model.pooler.requires_grad_(True)
"""


def _adapters(script: Script, settings: FineTuneSettings) -> str:
    script.imports("torch")
    script.imports("peft", "LoraConfig", "get_peft_model")
    inside = "" if settings.lora_layers == "all" else ' and ("attention" in name or "attn" in name)'
    return f"""
# Adapters on the encoder's linear layers learn, and the answer layer with the pooler before it.
model = get_peft_model(
    model,
    LoraConfig(
        r={settings.lora_rank},
        lora_alpha={settings.lora_alpha},
        lora_dropout={settings.lora_dropout!r},
        target_modules=[
            name
            for name, part in model.base_model.named_modules()
            if isinstance(part, torch.nn.Linear) and "layer" in name{inside}
        ],
        modules_to_save=["pooler"]
        + [name for name, part in model.named_children() if part is not model.base_model and list(part.parameters())],
    ),
)
"""


def merging(settings: FineTuneSettings) -> str:
    """A line that makes a plain model of one with adapters."""
    return "model = model.merge_and_unload()\n" if settings.trained_part == "lora" else ""


def needs_own_loss(settings: FineTuneSettings) -> bool:
    """Whether `Trainer`'s own loss is another one than was trained with."""
    return settings.gradient_accumulation > 1 or settings.class_weights != "none" or settings.label_smoothing > 0


def own_loss(script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    """A function for `compute_loss_func`; empty where `Trainer`'s own loss does.

    With gradient accumulation `Trainer` (transformers 5.23) takes the sum of the parts' means for BERT's answer layers.
    """
    if not needs_own_loss(settings):
        return ""
    comment = "# The mean over a whole batch, however many parts it is computed in.\n"
    before, lines = task_script(dataset.task).loss(script, dataset, settings)
    body = "\n".join(lines)
    return f"""{before}

{comment}def loss(outputs, targets, num_items_in_batch):
    logits = outputs["logits"].float()
{body}
    return total / num_items_in_batch

"""


def needs_own_optimizer(settings: FineTuneSettings) -> bool:
    """Whether layers learn at different rates."""
    return settings.layer_decay != 1 or settings.head_rate_factor != 1


def own_optimizer(script: Script, settings: FineTuneSettings) -> str:
    """AdamW with a learning rate for each layer; empty where all learn alike."""
    if not needs_own_optimizer(settings):
        return ""
    script.imports("torch")
    script.imports("re")
    base = "base_model.model." if settings.trained_part == "lora" else ""
    plain = f'name.removeprefix("{base}")' if base else "name"
    prefix = "model.base_model.model.base_model_prefix" if base else "model.base_model_prefix"
    return f"""
# The answer layer learns at {settings.head_rate_factor:g} times the rate, each layer at {settings.layer_decay:g} times
# the rate of the one above it.
def factor(name):
    if not {plain}.startswith({prefix} + "."):
        return {settings.head_rate_factor!r}
    if ".pooler." in name:
        return 1.0
    number = re.search(r"[.]layers?[.](\\d+)[.]", name)
    below = model.config.num_hidden_layers - (int(number[1]) + 1 if number else 0)
    return {settings.layer_decay!r} ** below


optimizer = torch.optim.AdamW(
    [
        {{
            "params": [parameter],
            "lr": {settings.learning_rate!r} * factor(name),
            "weight_decay": {settings.weight_decay!r} if parameter.ndim > 1 else 0.0,
        }}
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    ]
)
"""
