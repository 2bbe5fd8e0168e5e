"""The finer choices of the third step as plain code: what learns, by which loss, at which rates."""

from __future__ import annotations

from engine.contract.kept_head import PRETRAINED_HEADS, matching_labels
from engine.contract.script_builder import Script
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_script

SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


def learning_part(script: Script, settings: FineTuneSettings) -> str:
    """Lines after the model that freeze what does not learn; empty where everything does."""
    match settings.layers_to_train:
        case "full":
            return ""
        case "lora":
            return _adapters(script, settings)
        case "head_only":
            code = """
# Only the classification head is trained, and the pooler before it.
model.base_model.requires_grad_(False)
"""
        case "last_layers":
            script.imports("torch")
            count = settings.last_layers
            code = f"""
# Only the last {"layer" if count == 1 else f"{count} layers"} and the classification head are trained.
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
# Adapters on the encoder's linear layers are trained, and the classification head with the pooler before it.
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
    return "model = model.merge_and_unload()\n" if settings.layers_to_train == "lora" else ""


def needs_own_loss(settings: FineTuneSettings) -> bool:
    """Whether `Trainer`'s own loss is another one than was trained with."""
    return settings.gradient_accumulation > 1 or settings.class_weights != "none" or settings.label_smoothing > 0


def own_loss(script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    """A function for `compute_loss_func`; empty where `Trainer`'s own loss does.

    With gradient accumulation `Trainer` (transformers 5.23) takes the sum of the parts' means for BERT's heads.
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
    base = "base_model.model." if settings.layers_to_train == "lora" else ""
    plain = f'name.removeprefix("{base}")' if base else "name"
    prefix = "model.base_model.model.base_model_prefix" if base else "model.base_model_prefix"
    return f"""
# The head learns at {settings.head_rate_factor:g} times the rate, each layer at {settings.layer_decay:g} times
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


def drawn_head(script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    """Lines before training that draw the head anew; empty where the model brings none."""
    if dataset.model.head is None and not dataset.model.notes:
        return ""
    pretrained = PRETRAINED_HEADS.get(dataset.model.model_type)
    parts = f'(model.base_model_prefix + ".", "{pretrained}.")' if pretrained else 'model.base_model_prefix + "."'
    return f"""
# What the folder holds of a head belongs to other labels, whatever its size: it is drawn anew.
set_seed({settings.seed})
for name, part in model.named_modules():
    if name and not f"{{name}}.".startswith({parts}):
        for parameter in part.parameters(recurse=False):
            parameter._is_hf_initialized = False
        model._init_weights(part)
"""


def kept_head(script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    """Lines before training that give the head what the model's own one has learned; empty where it is a new one."""
    if settings.head_start != "kept":
        return ""
    script.imports("torch")
    return f"""
# The head keeps what the model's own one has learned: by label of these rows, the number in the old head.
before = type(model).from_pretrained(model.config._name_or_path, use_safetensors=True)
matches = {matching_labels(dataset)!r}
base = model.base_model_prefix + "."
layers = [
    [part for name, part in one.named_modules() if isinstance(part, torch.nn.Linear) and not name.startswith(base)][-1]
    for one in (model, before)
]
with torch.no_grad():
    given = dict(before.named_parameters())
    for name, parameter in model.named_parameters():
        if not name.startswith(base) and given[name].shape == parameter.shape:
            parameter.copy_(given[name].to(parameter.device))
    for label, old in matches.items():
        layers[0].weight[label] = layers[1].weight[old].to(layers[0].weight.device)
        layers[0].bias[label] = layers[1].bias[old].to(layers[0].bias.device)
"""


def linear_start(script: Script, settings: FineTuneSettings) -> str:
    """Lines before training that give the head a linear model to start from; empty where it starts at random."""
    if settings.head_start != "linear":
        return ""
    script.imports("torch")
    script.imports("sklearn.linear_model", "LogisticRegression")
    return f"""
# The head starts as one logistic regression per label on what it reads of the pre-trained encoder.
base = model.base_model_prefix + "."
outside = [part for name, part in model.named_modules() if not name.startswith(base)]
layer = [part for part in outside if isinstance(part, torch.nn.Linear) and part.out_features == len(labels)][-1]
seen = []
hook = layer.register_forward_pre_hook(lambda _, given: seen.append(given[0].double().cpu()))
trainer.predict(splits["train"])
hook.remove()
found, given = torch.cat(seen), torch.tensor(splits["train"]["labels"][:])
mean, spread = found.mean(0), found.std(0, correction=0) + 1e-6
with torch.no_grad():
    for number in range(len(labels)):
        yes = given[:, number].sum()
        weight, bias = torch.zeros_like(mean), torch.log((yes + 0.5) / (len(given) - yes + 0.5)).double()
        if 0 < yes < len(given):
            fitted = LogisticRegression(C={settings.inverse_penalty!r}, max_iter=1000, tol=1e-9)
            fitted.fit(((found - mean) / spread).numpy(), given[:, number].numpy())
            weight = torch.tensor(fitted.coef_[0]) / spread
            bias = fitted.intercept_[0] - weight @ mean
        layer.weight[number], layer.bias[number] = weight.to(layer.weight), bias.to(layer.bias)
"""


def linear_head_training(script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    """Training by a linear model as the head, in place of `trainer.train()`; empty where the head learns by gradients.

    In the contrastive start it follows the contrastive stage.
    """
    if settings.method in ("fine_tuning", "similarity"):
        return ""
    script.imports("torch")
    script.imports("sklearn.linear_model", "LogisticRegression")
    why = """# The encoder stays as it is: a logistic regression on what the head reads of it becomes the head.
# What remains is a plain model."""
    if settings.method == "contrastive":
        why = """# Few rows: first texts of one label are pulled together where the head reads (SupCon, Khosla et al.
# 2020), then a logistic regression on these features becomes the head. What remains is a plain model."""
    return f"""
{why}
base = model.base_model_prefix + "."
head = [(name, part) for name, part in model.named_modules() if not name.startswith(base)]
layer = [part for _, part in head if isinstance(part, torch.nn.Linear) and part.out_features == len(labels)][-1]
for _, part in head:
    if isinstance(part, torch.nn.Dropout):
        part.p = 0.0
seen = {{}}
hook = layer.register_forward_pre_hook(lambda _, given: seen.update(features=given[0].float()))
names = [name for name in splits["train"].column_names if name in ("input_ids", "attention_mask", "token_type_ids")]
rows = splits["train"].select_columns([*names, "labels"])
rows_of = {{}}
for number, label in enumerate(rows["labels"][:]):
    rows_of.setdefault(label, []).append(number)
device = next(model.parameters()).device


def features(numbers):
    batch = trainer.data_collator([rows[number] for number in numbers]).to(device)
    model(**batch)
    return seen["features"], batch["labels"]


{_contrastive_stage(script, settings) if settings.method == "contrastive" else ""}model.eval()
with torch.no_grad():
    found = torch.cat([features(range(start, min(start + 64, len(rows))))[0] for start in range(0, len(rows), 64)])
hook.remove()
found = found.double().cpu()
mean, spread = found.mean(0), found.std(0, correction=0) + 1e-6
fitted = LogisticRegression(C={settings.inverse_penalty!r}, max_iter=1000, tol=1e-9, class_weight="balanced")
fitted.fit(((found - mean) / spread).numpy(), rows["labels"][:])
weight, bias = torch.tensor(fitted.coef_), torch.tensor(fitted.intercept_)
if len(fitted.classes_) == 2:
    weight, bias = torch.cat([-weight / 2, weight / 2]), torch.cat([-bias / 2, bias / 2])
weight = weight / spread
bias = bias - weight @ mean
with torch.no_grad():
    layer.weight.zero_()
    layer.bias.fill_(float(bias.min()) - 20.0)  # labels without rows are never predicted
    layer.weight[fitted.classes_] = weight.to(layer.weight)
    layer.bias[fitted.classes_] = bias.to(layer.bias)
trainer.model_wrapped = model
"""


def _contrastive_stage(script: Script, settings: FineTuneSettings) -> str:
    script.imports("random")
    script.imports("transformers", "get_scheduler")
    return f"""random.seed({settings.seed})
optimizer = torch.optim.AdamW(model.parameters(), lr={settings.learning_rate!r}, weight_decay={settings.weight_decay!r})
warmup = round({settings.updates} * {settings.warmup_share!r})
schedule = get_scheduler("{SCHEDULES[settings.schedule]}", optimizer, warmup, {settings.updates})
model.train()
for _ in range({settings.updates}):
    chosen = random.sample(sorted(rows_of), min({settings.batch_size // 4}, len(rows_of)))
    found, classes = features([number for label in chosen for number in random.sample(rows_of[label] * 4, 4)])
    unit = torch.nn.functional.normalize(found, dim=1)
    same = torch.eye(len(classes), dtype=torch.bool, device=device)
    likeness = (unit @ unit.T / 0.1).masked_fill(same, -torch.inf)
    share = (likeness - likeness.logsumexp(1, keepdim=True)).masked_fill(same, 0.0)
    partners = (classes[:, None] == classes[None]) & ~same
    (-(share * partners).sum(1) / partners.sum(1)).mean().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), {settings.max_gradient_norm!r})
    optimizer.step()
    schedule.step()
    optimizer.zero_grad()
"""
