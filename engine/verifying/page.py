"""What a verification found, as one offline HTML page under the headings of a technical documentation.

The headings are those that Annex IV of the EU AI Act (Regulation (EU) 2024/1689) asks for. What the folder holds is
stated; what only people can answer is left as a prompt.
"""

from __future__ import annotations

from engine.contract.formatting import size
from engine.contract.metrics import score_title
from engine.contract.passport import Check, Passport, Verification
from engine.contract.score_sentences import interval_text, number_text
from engine.contract.sentences import written_in_english
from engine.reporting.html import Markup, element, joined, page, paragraph, prompt, table

SHOWN = {"holds": "holds", "differs": "differs", "not recomputed": "open", "noted": "noted"}  # status to style
SCOPE = (
    "The headings follow the technical documentation of Annex IV, Regulation (EU) 2024/1689. That annex binds "
    "providers of high-risk systems only. This page states facts of a folder; it is no conformity assessment."
)


@written_in_english
def verification_page(found: Verification) -> str:
    """The whole page."""
    differing = len(found.differing)
    if differing:
        verdict = f"{differing} of {len(found.checks)} checks do not hold."
    elif any(check.status == "not recomputed" for check in found.checks):
        verdict = "Everything that could be checked holds. Some claims were not recomputed."
    else:
        verdict = "Every claim holds."
    name = found.passport.name if found.passport else found.folder
    return page(
        f"Verification of {name}",
        element("h1", f"Verification of {name}"),
        paragraph(verdict, class_="differs" if differing else "holds"),
        paragraph("Digest of the passport (sha256 of passport.json): ", element("span", found.digest, class_="digest")),
        paragraph(
            "Compare it with a digest that was kept apart from the folder: whoever can rewrite the folder can rewrite "
            "its passport.",
            class_="quiet",
        ),
        paragraph(f"Checked on {found.made_on} by {found.made_by}, {_with(found)}.", class_="quiet"),
        paragraph(SCOPE, class_="quiet"),
        element("h2", "What was checked"),
        _checks(found.checks),
        *(_sections(found, found.passport) if found.passport else ()),
    )


def _with(found: Verification) -> str:
    return f"with the data {', '.join(found.data)}" if found.data else "without the data"


def _checks(checks: tuple[Check, ...]) -> Markup:
    order = {"differs": 0, "not recomputed": 1, "noted": 2, "holds": 3}
    rows = sorted(checks, key=lambda check: order[check.status])
    return table(
        ("", "claim", "what was found"),
        [(element("span", one.status, class_=SHOWN[one.status]), one.part, one.sentence) for one in rows],
    )


def _sections(found: Verification, passport: Passport) -> list[Markup]:
    model, data, scored = passport.model, passport.data, passport.evaluation
    facts = [
        ("Task", passport.task.replace("_", " ")),
        ("Labels", ", ".join(passport.label_names)),
        (
            "Base model",
            f"{model.base_model} (sha256 {model.base_sha256}, licence {model.base_license or 'not stated'})",
        ),
        ("Made", f"on {passport.made_on} by {passport.made_by}"),
        ("Software", ", ".join(f"{name} {version}" for name, version in passport.versions.items() if version)),
        ("Forms", f"{len(passport.files)} files, {size(sum(one.size_bytes for one in passport.files.values()))}"),
    ]
    sources = [(name, digest or "not known") for name, digest in data.files.items()]
    splits = [
        (
            name,
            f"{one.rows:,}",
            ", ".join(f"{label} {number:,}" for label, number in one.labels.items()),
            f"{one.inputs_in_training:,}",
        )
        for name, one in passport.splits.items()
    ]
    files = [(name, size(one.size_bytes), element("code", one.sha256)) for name, one in sorted(passport.files.items())]
    return [
        element("h2", "1 General description of the system"),
        table(("", ""), facts),
        prompt("its intended purpose, the provider, the persons it is used on, and the systems it is part of."),
        element("h2", "2 Elements of the system and process of its development"),
        table(
            ("", ""),
            [
                ("Architecture", f"{model.architecture}, {model.parameters:,} parameters"),
                ("Longest text in training and scoring", f"{model.max_length:,} tokens"),
                ("Data", f"{data.name}: {data.rows_in:,} rows, {data.rows_used:,} used"),
                *((f"Excluded: {reason}", f"{rows:,} rows") for reason, rows in data.excluded.items()),
            ],
        ),
        table(("data file", "sha256"), sources) if sources else paragraph("The sha256 of the data files is not known."),
        table(("split", "rows", "labels", "inputs that are in training too"), splits, numbers=(1, 3))
        if splits
        else paragraph("The prepared rows were gone when this was exported, so that splits cannot be rebuilt."),
        *([element("h3", "Findings about the data"), _list(data.findings)] if data.findings else []),
        element("h3", "Files"),
        table(("file", "size", "sha256"), files, numbers=(1,)),
        prompt("how the data were obtained and labelled, and whom they leave out."),
        element("h2", "3 Monitoring, functioning and control"),
        table(
            ("", ""),
            [
                (
                    "Time for one text on a CPU",
                    f"{passport.proof.latency} ({passport.proof.milliseconds_per_row:.1f} ms)",
                ),
                (
                    "Proof of the export",
                    f"{passport.proof.agreement:.1%} of {passport.proof.rows:,} answers are the trained network's",
                ),
                ("Answers", _answers(passport)),
            ],
        ),
        prompt("who oversees its answers, how, and what it must not be used for."),
        element("h2", "4 Appropriateness of the performance metrics"),
        paragraph(f"On {scored.rows:,} rows of the {scored.split} split, computed in {scored.precision}."),
        _scores(found, passport),
        prompt("why these scores are the right ones for the purpose, and what a wrong answer costs whom."),
        element("h2", "5 Risk management system (Article 9)"),
        prompt("known and foreseeable risks, and the measures against them."),
        element("h2", "6 Changes through the lifecycle"),
        paragraph(f"This is the export of {passport.made_on} with the passport {found.digest}."),
        prompt("earlier versions, and what was changed after the export."),
        element("h2", "7 Harmonised standards"),
        prompt("the standards applied in full or in part, or the other solutions adopted."),
        element("h2", "8 EU declaration of conformity (Article 47)"),
        prompt("a copy of the declaration, where there is one."),
        element("h2", "9 Post-market monitoring (Article 72)"),
        prompt("the plan by which its performance is followed in use."),
    ]


def _list(items: tuple[str, ...]) -> Markup:
    return element("ul", *(element("li", item) for item in items))


def _answers(passport: Passport) -> str:
    calibration, answers = passport.calibration, passport.evaluation.answers
    parts = []
    if calibration.thresholds:
        parts.append("thresholds for " + ", ".join(f"{name} {at:g}" for name, at in calibration.thresholds.items()))
    if calibration.folded_temperature != 1:
        parts.append(f"a temperature of {calibration.folded_temperature:g} in the weights")
    if calibration.unsure is not None:
        parts.append(f"“don't know” by {calibration.unsure.kind}")
    if answers is not None:
        held = f", {answers.held:,} sets hold the true label" if answers.held is not None else ""
        parts.append(f"{answers.answered:,} of {answers.rows:,} rows answered, {answers.right:,} of them right{held}")
    return "; ".join(parts) or "the likeliest label, or those from a probability of 0.5 on"


def _scores(found: Verification, passport: Passport) -> Markup:
    came = {check.about: check for check in found.checks if check.part == "scores" and check.about}
    rows = []
    for key, claim in passport.evaluation.scores.items():
        check = came.get(key)
        status = check.status if check else "not recomputed"
        between = (
            interval_text(claim.value, claim.interval, score=key) if claim.interval and claim.value is not None else "–"
        )
        rows.append(
            (
                score_title(key),
                number_text(claim.value, claim.interval, score=key),
                between,
                joined([element("span", status, class_=SHOWN[status]), f" {check.sentence}" if check else ""]),
            )
        )
    return table(("score", "claimed", "95 % interval", "recomputed"), rows, numbers=(1,))
