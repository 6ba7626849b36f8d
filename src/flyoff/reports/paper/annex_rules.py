"""Annexes on how it was decided: definitions, scoring rules, formulas, assumptions, limits."""

from collections.abc import Iterator

from flyoff.model.sortie import BAD_OUTCOMES, Outcome
from flyoff.reports.paper.blocks import (
    Block,
    Bullets,
    Cell,
    Formula,
    Heading,
    Paragraph,
    Table,
    Text,
)
from flyoff.reports.verdict_words import requirement
from flyoff.reports.words import Words, marked
from flyoff.views.paper import Paper, how_counted

OUTCOME_RULES = {
    "completed": marked(
        "flew what was planned (or, without a plan, flew and landed under control) and came down "
        "where it should"
    ),
    "failed_launch": marked(
        "told to fly, never properly under way: refused to arm, no lift, tip-over, take-off "
        "abandoned by a fault; a boat or rover that never moves off"
    ),
    "crashed": marked("met the ground or an object uncontrolled, or damaging by its energy"),
    "forced_landing": marked(
        "came down under control before the plan was done, away from the place planned, because "
        "of a fault or failsafe"
    ),
    "returned": marked("broke off and came home under control because of a fault or failsafe"),
    "aborted": marked("the operator broke off a healthy flight"),
    "wrong_destination": marked(
        "ended, or delivered, outside the accepted radius of the planned place while it believed "
        "all was well, or was sent there"
    ),
    "flew_away": marked("left control or the planned area and was not recovered"),
    "undetermined": marked(
        "the evidence does not decide: the log ends in the air and nothing else tells"
    ),
    "not_flown": marked("armed and disarmed, never told to fly"),
}


def definitions(paper: Paper, w: Words) -> Iterator[Block]:
    """Failure definitions and scoring rules."""
    yield Heading(1, w.t("Annex A: failure definitions and scoring rules"), "annex-a")
    yield Paragraph(
        w.t(
            "The rules are part of the program and were fixed before any sortie was judged. "
            "Requirements are those of campaign.toml as it is now, SHA-256 {digest}; that it was "
            "not changed after the first sortie is for its version control to show.",
            digest=paper.sha256.get("campaign.toml", "–"),
        )
    )
    rows: list[list[Text]] = []
    for outcome in Outcome:
        name = str(outcome)
        rows.append(
            [Cell(w.word(name), sign=name), w.t(OUTCOME_RULES[name]), _counting(outcome, w)]
        )
    head = [w.t(t) for t in ("Outcome", "When", "Counts as")]
    yield Table(head, rows, (0.18, 0.57, 0.25), name=w.t("Outcomes"))
    yield Heading(2, w.t("What each requirement measures"))
    seen: dict[str, list[Text]] = {}
    for v in paper.evaluation["verdicts"]:
        about = w.says(how_counted(v["measure"]))
        seen.setdefault(v["requirement"],
                        [v["requirement"], requirement(v, w), about])  # fmt: skip
    if seen:
        head = [w.t(t) for t in ("Requirement", "In words", "How it is counted")]
        yield Table(head, list(seen.values()), (0.14, 0.36, 0.5), name=head[0])
    yield Heading(2, w.t("Verdict rule"))
    yield Paragraph(w.t(VERDICT_RULE))
    yield Bullets([w.t(t) for t in _WHOSE_WORD])


VERDICT_RULE = marked(
    "Met: the whole interval lies on the right side of the limit. Missed: the whole interval lies "
    "on the wrong side. Undecided: the interval holds the limit; then the number of further "
    "sorties that would likely settle it is told. An undecided requirement is never turned into a "
    "ranking."
)
_WHOSE_WORD = (
    marked(
        "Whose word counts: a review by a person with name and reason, else the program's "
        "judgement, else the word on the card."
    ),
    marked(
        "A sortie that a person sets aside as no-test or excluded stays in the list with the name "
        "and the reason; verdicts that would change with it are told."
    ),
    marked(
        "An undetermined sortie counts as failed at the lower end of an interval and as succeeded "
        "at the upper one."
    ),
    marked("A card without a log counts as a sortie, by its word."),
)


def _counting(outcome: Outcome, w: Words) -> str:
    if outcome is Outcome.COMPLETED:
        return w.t("launched, completed")
    if outcome is Outcome.NOT_FLOWN:
        return w.t("no attempt")
    if outcome is Outcome.ABORTED:
        return w.t("in the air: launched, not completed; on the ground: no attempt")
    if outcome is Outcome.UNDETERMINED:
        return w.t("neither; it opens the bounds")
    if outcome is Outcome.FAILED_LAUNCH:
        return w.t("not launched, not completed, a failure")
    assert outcome in BAD_OUTCOMES
    return w.t("launched, not completed, a failure")


def methods(paper: Paper, w: Words) -> Iterator[Block]:
    """Statistical methods with formulas and assumptions."""
    settings = paper.evaluation["settings"]
    yield Heading(1, w.t("Annex E: statistical methods"), "annex-e", fresh=False)
    looks = (
        w.t("People may look at any time: only an interval that stays valid then decides.")
        if settings["looks"] == "any time"
        else w.t("One look after {n} planned sorties of each candidate decides.",
                 n=w.whole(settings["planned_sorties"]))
    )  # fmt: skip
    yield Paragraph(looks)
    for title, formula, text in METHODS:
        yield Heading(2, w.t(title))
        yield formula
        yield Paragraph(
            w.t(text).replace("ICC_MAX", w.number(settings["vehicle_correlation_at_most"]))
        )
    used = sorted({v["decides"]["method"] for v in paper.evaluation["verdicts"] if v["decides"]})
    if used:
        yield Paragraph(
            w.t("Methods that decided here: {names}.", names="; ".join(map(w.says, used)))
        )
    yield Heading(2, w.t("Assumptions and limits"))
    yield Bullets([w.t(t) for t in LIMITS])


METHODS: tuple[tuple[str, Formula, str], ...] = (
    (
        marked("One proportion"),
        Formula(
            "[B^(-1)(alpha; x, n - x + 1), quad B^(-1)(1 - alpha; x + 1, n - x)]",
            "[B⁻¹(α; x, n − x + 1), B⁻¹(1 − α; x + 1, n − x)]",
            "Clopper-Pearson: beta quantiles of x and n minus x",
        ),
        marked(
            "Clopper-Pearson, exact: x successes of n decided sorties, each end one-sided at "
            "1 − α. Beside it stand Wilson and Jeffreys intervals; a verdict that depends on the "
            "choice of the method is none."
        ),
    ),
    (
        marked("Sorties of one vehicle are alike"),
        Formula(
            'x_v tilde op("BetaBin")(n_v, p, rho), quad rho <= rho_max',
            "x_v ~ BetaBin(n_v, p, ρ), ρ ≤ ρ_max",
            "beta-binomial counts per vehicle with correlation at most rho max",
        ),
        marked(
            "Successes of each vehicle are beta-binomial; the interval is the widest over all "
            "correlations up to ICC_MAX that the data do not exclude. The design effect "
            "1 + (m − 1) ρ is told with every figure."
        ),
    ),
    (
        marked("Looking at any time"),
        Formula(
            "P(exists n: theta in.not C_n) <= alpha",
            "P(∃ n: θ ∉ Cₙ) ≤ α",
            "the chance that the sequence ever misses the truth is at most alpha",
        ),
        marked(
            "A confidence sequence by a beta-binomial mixture, for rates by a gamma mixture of "
            "Poisson counts: it stays valid however often and whenever people look, and is wider "
            "for that."
        ),
    ),
    (
        marked("A limit on a value"),
        Formula(
            "x_((r)) <= q_p <= x_((s))",
            "x₍ᵣ₎ ≤ q_p ≤ x₍ₛ₎",
            "the quantile lies between two order statistics",
        ),
        marked(
            "“p90 at most 5 m” is decided as the share of sorties within 5 m against 90 %, so no "
            "distribution is assumed. Quantiles are shown with order-statistic intervals; where "
            "too few sorties were flown, an end is open."
        ),
    ),
    (
        marked("Rates and hours between failures"),
        Formula(
            "[chi^2_(alpha, 2k) / (2T), quad chi^2_(1 - alpha, 2k + 2) / (2T)]",
            "[χ²(α; 2k) / 2T, χ²(1 − α; 2k + 2) / 2T]",
            "Garwood: chi-squared quantiles of k events in T hours",
        ),
        marked(
            "k failures in T hours in the air, Poisson (Garwood), widened by the measured "
            "dispersion between vehicles."
        ),
    ),
    (
        marked("Reliability growth"),
        Formula(
            "E[N(t)] = lambda t^beta",
            "E[N(t)] = λ t^β",
            "expected failures grow as a power of time",
        ),
        marked(
            "Crow-AMSAA power law over the hours in the air of all vehicles in the order flown; "
            "β below 1 means that failures get rarer. A trend is stated only if the interval of β "
            "leaves out 1; Laplace's test stands beside it. Fewer than five failures show none."
        ),
    ),
    (
        marked("Candidate against candidate"),
        Formula(
            "Delta = p_1 - p_2, quad alpha' = alpha slash m",
            "Δ = p₁ − p₂, α′ = α / m",
            "differences of shares, simultaneous over m comparisons",
        ),
        marked(
            "Newcombe's intervals for differences, simultaneous over all pairs (Bonferroni), with "
            "Boschloo's exact test, on effective sorties. Where an interval holds 0, the two "
            "cannot be told apart."
        ),
    ),
)
LIMITS = (
    marked("Outcomes are judged by a program from the logs; its confidence stands beside each."),
    marked(
        "A log tells what its sensors and its autopilot wrote; a fault that leaves no trace in a "
        "log is not seen. What could not be assessed is listed on every sheet."
    ),
    marked("Positions are the autopilot's own estimate, wrong where navigation was disturbed."),
    marked(
        "Figures hold for the conditions that were flown (annex C) and for the configuration that "
        "was flown (annex B)."
    ),
    marked("Correlation between sorties of one day or one operator is shown, not modelled."),
)
