"""The similarity start of pairs as plain code, in place of `trainer.train()`."""

from __future__ import annotations

from engine.contract.pair_likeness import (
    INVERSE_PENALTY,
    LEAST_EVIDENCE,
    PENALTY,
    ROWS_OF_EVIDENCE,
    WEIGHTS,
    WORD,
    pairs_to_make,
)
from engine.contract.script_builder import Script
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.script.training import SCHEDULES


def similarity_training(script: Script, dataset: PreparedDataset, settings: FineTuneSettings, place: str) -> str:
    """The made pairs, the teacher's answers and the updates; `place` is what loads the encoder, as an expression."""
    script.imports("random")
    script.imports("re")
    script.imports("torch")
    script.imports("transformers", "AutoModel", "get_scheduler")
    script.imports("sklearn.pipeline", "make_pipeline")
    script.imports("sklearn.preprocessing", "FunctionTransformer", "StandardScaler")
    is_number = bool(dataset.settings.roles.score)
    script.imports("sklearn.linear_model", "Ridge" if is_number else "LogisticRegression")
    if not is_number:
        script.imports("math")
    column, some = ("score", '"0"') if is_number else ("label", "labels[0]")
    late = -(-2 * settings.updates // 3)
    return rf"""
# Few pairs: first the model learns what the cosine of the untouched encoder and the shared words predict for many pairs
# made of these texts (Augmented SBERT, Thakur et al. 2021), late the rows' own labels as well. What remains is a
# plain model.
random.seed({settings.seed})
device = next(model.parameters()).device
encoder = AutoModel.from_pretrained({place}).to(device).eval()
own = splits["train"]
rows = own.select_columns([name for name in own.column_names if name in (*tokenizer.model_input_names, "labels")])


def unit(texts):
    found = []
    for start in range(0, len(texts), 64):
        options = {{"truncation": True, "max_length": {dataset.max_length}, "padding": True, "return_tensors": "pt"}}
        batch = tokenizer(texts[start : start + 64], **options).to(device)
        with torch.no_grad():
            states = encoder(**batch).last_hidden_state
        mask = batch["attention_mask"][..., None]
        found.append(torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1))
    return torch.cat(found).double().cpu()


def shortened(text):
    words = text.split()
    if len(words) < 4 or random.random() < 0.5:
        return text
    return " ".join(word for number, word in enumerate(words) if not number or random.random() >= 0.2)


def likeness(firsts, seconds):
    cosines = (unit(firsts) * unit(seconds)).sum(1).tolist()
    return [[cosine, *words(one, other)] for cosine, one, other in zip(cosines, firsts, seconds)]


def words(one, other):
    word = r"{WORD.pattern}"
    first, second = (re.findall(word, text.lower()) for text in (one, other))
    overlap = 2 * len(set(first) & set(second)) / max(1, len(set(first)) + len(set(second)))
    lengths = min(len(first), len(second)) / max(1, len(first), len(second))
    return overlap, lengths, float(set(re.findall(r"\d+", one)) != set(re.findall(r"\d+", other)))


def words_count_half(compared):
    return compared * {list(WEIGHTS)}


firsts, seconds = own["text"][:], own["second_text"][:]
compared = likeness(firsts, seconds)
texts = sorted({{*firsts, *seconds}})
states = unit(texts)
{_teacher(is_number)}
nearest = (states @ states.T).fill_diagonal_(-2).topk(min(10, len(texts) - 1)).indices.tolist()
pairs = []
for _ in range({pairs_to_make(settings.updates, settings.batch_size)}):
    one = random.randrange(len(texts))
    other = random.randrange(len(texts)) if random.random() < 0.4 else random.choice(nearest[one])
    pairs.append((shortened(texts[one]), shortened(texts[one if random.random() < 0.3 else other])))
firsts, seconds = map(list, zip(*pairs))
{_answers(is_number)}
made = encode({{"text": firsts, "second_text": seconds, "{column}": [{some}] * len(pairs)}})


def batch_of(rows):
    return trainer.data_collator(rows).to(device)


optimizer = torch.optim.AdamW(model.parameters(), lr={settings.learning_rate!r}, weight_decay={settings.weight_decay!r})
warmup = round({settings.updates} * {settings.warmup_share!r})
schedule = get_scheduler("{SCHEDULES[settings.schedule]}", optimizer, warmup, {settings.updates})
model.train()
order = []
for step in range({settings.updates}):
    loss = 0
    if is_evidence:
        chosen = random.choices(range(len(pairs)), k={settings.batch_size})
        batch = batch_of([{{name: made[name][number] for name in made}} for number in chosen])
        batch.pop("labels")
        given = model(**batch).logits
        loss = {_loss(is_number)} * (share if step >= {late} else 1)
    if step >= {late} or not is_evidence:
        order = order or random.sample(range(len(rows)), len(rows))
        chosen, order = order[:{settings.batch_size}], order[{settings.batch_size}:]
        loss = loss + model(**batch_of([rows[number] for number in chosen])).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), {settings.max_gradient_norm!r})
    optimizer.step()
    schedule.step()
    optimizer.zero_grad()
trainer.model_wrapped = model
"""


def _teacher(is_number: bool) -> str:
    linear = f"Ridge(alpha={PENALTY})" if is_number else f"LogisticRegression(C={INVERSE_PENALTY}, max_iter=1000)"
    least = f"min({LEAST_EVIDENCE:.0f}, len(own) / {ROWS_OF_EVIDENCE})"
    fitted = f"""weighted = FunctionTransformer(words_count_half)
teacher = make_pipeline(StandardScaler(), weighted, {linear})
teacher.fit(compared, own["labels"][:])"""
    if is_number:
        return f"""{fitted}
share = max(0.0, teacher.score(compared, own["labels"][:]))
is_evidence = len(own) * share >= {least}"""
    return f"""{fitted}
counts = [own["labels"][:].count(label) for label in teacher.classes_]
alone = -sum(count * math.log(count / len(own)) for count in counts)
left = -sum(
    math.log(found[list(teacher.classes_).index(label)])
    for found, label in zip(teacher.predict_proba(compared), own["labels"][:])
)
share = max(0.0, 1 - left / alone)
is_evidence = 2 * (alone - left) >= {least}"""


def _answers(is_number: bool) -> str:
    if is_number:
        return """compared = likeness(firsts, seconds)
answers = torch.tensor(teacher.predict(compared)[:, None], dtype=torch.float32, device=device)"""
    return """found = teacher.predict_proba(likeness(firsts, seconds))
answers = torch.zeros(len(pairs), len(labels), device=device)
answers[:, list(teacher.classes_)] = torch.tensor(found, dtype=torch.float32, device=device)"""


def _loss(is_number: bool) -> str:
    if is_number:
        return "((given - answers[chosen]) ** 2).mean()"
    return "-(answers[chosen] * given.log_softmax(-1)).sum(-1).mean()"
