"""Writes the golden vectors that the tests of src/metrics are held to.

Every number comes from somebody else's code where such code exists (scipy, statsmodels,
scikit-learn, krippendorff, ppi-python), else from the published formula written out with numpy,
which the key `source` of each file says. The vectors are committed, so that the tests need no Python.

    python -m venv .venv && .venv/bin/pip install -r test/golden/requirements.txt
    .venv/bin/pip install --no-deps ppi-python==0.2.3
    .venv/bin/python test/golden/generate.py [folder]
    npx biome check --write test/golden
"""

import json
import math
import sys
import warnings
from itertools import combinations
from pathlib import Path

import krippendorff
import numpy as np
import ppi_py
import statsmodels.api as sm
from scipy import optimize, special, stats
from sklearn import calibration, metrics
from statsmodels.stats import contingency_tables, multitest, proportion

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
Z = stats.norm.ppf(0.975)


def write(name, source, cases):
    def plain(value):
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, np.ndarray):
            return value.tolist()
        raise TypeError(type(value))

    text = json.dumps({"source": source, "cases": cases}, default=plain, allow_nan=False, indent=1)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def proportions():
    cases = []
    for n in (1, 7, 24, 100, 1000, 20000, 200000):
        for share in (0, 0.001, 0.03, 0.2, 0.5, 0.97, 1):
            k = round(n * share)
            for confidence in (0.9, 0.95, 0.99):
                alpha = 1 - confidence
                beta = proportion.proportion_confint(k, n, alpha, "beta")
                wilson = proportion.proportion_confint(k, n, alpha, "wilson")
                upper = 1.0 if k == n else stats.beta.ppf(confidence, k + 1, n - k)
                cases.append(
                    {"k": k, "n": n, "confidence": confidence, "clopperPearson": beta,
                     "clopperPearsonUpper": upper, "wilson": wilson}
                )
    write("proportions", "statsmodels proportion_confint (beta, wilson), scipy.stats.beta", cases)


def special_functions():
    quantiles = [
        {"p": p, "a": a, "b": b, "value": stats.beta.ppf(p, a, b)}
        for a, b in [(1, 24), (0.5, 30.5), (7.3, 92.7), (1000, 999001), (150000, 50001), (5, 199996), (2995, 1)]
        for p in (1e-6, 0.025, 0.5, 0.975, 0.999)
    ]
    binomials = [
        {"k": k, "n": n, "p": p, "cdf": stats.binom.cdf(k, n, p), "pmf": stats.binom.pmf(k, n, p)}
        for k, n, p in [(0, 1, 0.5), (3, 13, 0.5), (40, 100, 0.5), (5, 5000, 0.001), (500, 1000, 0.52)]
    ]
    student = [
        {"t": t, "df": df, "p": 2 * stats.t.sf(abs(t), df)}
        for t in (0.0, 0.3, 2.1, -5.5, 30.0) for df in (1, 2.5, 29, 10000)
    ]
    quantile_t = [
        {"p": p, "df": df, "value": stats.t.ppf(p, df)}
        for p in (0.5, 0.9, 0.975, 0.995) for df in (1, 2, 3, 4, 7.5, 29, 100, 100000)
    ]
    write("special", "scipy.stats", {"betaQuantile": quantiles, "binomial": binomials,
                                     "studentP": student, "studentQuantile": quantile_t})


def clustered():
    cases = []
    rng = np.random.default_rng(7)
    for families, size, share in [(12, 4, 0.3), (40, 3, 0.1), (200, 1, 0.5), (60, 5, 0.02)]:
        m = rng.integers(1, size + 1, families)
        centre = rng.beta(share * 2, (1 - share) * 2, families)
        y = rng.binomial(m, centre)
        trials = np.repeat(np.arange(families), m)
        values = np.concatenate([[1.0] * k + [0.0] * (n - k) for k, n in zip(y, m)])
        fit = sm.OLS(values, np.ones_like(values)).fit(cov_type="cluster", cov_kwds={"groups": trials})
        cases.append({"families": np.stack([m, y], axis=1), "share": fit.params[0], "se": fit.bse[0]})
    write("clustered", "statsmodels OLS on a constant, cov_type=cluster", cases)


def weighted():
    cases = []
    rng = np.random.default_rng(31)
    for families, size, share in [(40, 3, 0.3), (25, 1, 0.6), (80, 4, 0.1), (3, 5, 0.5)]:
        m = rng.integers(1, size + 1, families)
        group = np.repeat(np.arange(families), m)
        values = (rng.uniform(size=m.sum()) < np.repeat(rng.beta(share * 2, (1 - share) * 2, families), m)).astype(float)
        weights = rng.choice([1.0, 2.5, 7.0, 20.0], m.sum())
        fit = sm.WLS(values, np.ones_like(values), weights=weights).fit(
            cov_type="cluster", cov_kwds={"groups": group, "use_correction": False}
        )
        share_of, variance = fit.params[0], fit.bse[0] ** 2 * families / (families - 1)
        effective = min(len(values), share_of * (1 - share_of) / variance)
        effective /= max(1.0, (stats.t.ppf(0.975, families - 1) / stats.t.ppf(0.975, 1e6)) ** 2)
        low, high = proportion.proportion_confint(share_of * effective, effective, 0.05, "wilson")
        cases.append({
            "items": [{"family": f"f{g}", "weight": w, "success": bool(v)} for g, w, v in zip(group, weights, values)],
            "value": share_of, "effective": effective, "low": low, "high": high,
        })
    write("weighted", "statsmodels WLS on a constant, cov_type=cluster; proportion_confint(wilson)", cases)


def paired_differences():
    independent = []
    for k1, n1, k2, n2 in [(30, 100, 18, 120), (4, 60, 2, 55), (180, 400, 160, 390), (50, 60, 41, 70)]:
        low, high = proportion.confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", compare="diff")
        independent.append({"k1": k1, "n1": n1, "k2": k2, "n2": n2, "low": low, "high": high})
    clustered_pairs = []
    rng = np.random.default_rng(37)
    for families, p, q in [(60, 0.35, 0.2), (150, 0.15, 0.2)]:
        m1, m2 = rng.integers(1, 5, families), rng.integers(1, 5, families)
        shared = rng.normal(size=families)
        lean = lambda centre: 1 / (1 + np.exp(-(np.log(centre / (1 - centre)) + shared)))
        y1, y2 = rng.binomial(m1, lean(p)), rng.binomial(m2, lean(q))

        def difference(a, b, c, d, axis=-1):
            return b.sum(axis=axis) / a.sum(axis=axis) - d.sum(axis=axis) / c.sum(axis=axis)

        wide = stats.bootstrap((m1, y1, m2, y2), difference, paired=True, n_resamples=40000, method="BCa",
                               rng=np.random.default_rng(5))
        first, second = y1.sum() / m1.sum(), y2.sum() / m2.sum()
        linear = (y1 - first * m1) / m1.sum() - (y2 - second * m2) / m2.sum()
        t = (first - second) / math.sqrt(families / (families - 1) * (linear**2).sum())
        clustered_pairs.append({
            "families": np.stack([m1, y1, m2, y2], axis=1), "difference": first - second,
            "bcaOf40000": wide.confidence_interval, "standardErrorOf40000": wide.standard_error,
            "pValue": 2 * stats.t.sf(abs(t), families - 1),
        })
    write("differences", "statsmodels confint_proportions_2indep(newcomb); scipy.stats.bootstrap(paired), scipy.stats.t",
          {"independent": independent, "clustered": clustered_pairs})


def grades():
    cases = []
    for k, n in [(0, 2994), (0, 2995), (1, 5000), (12, 300)]:
        cases.append({"k": k, "n": n, "upper": stats.beta.ppf(0.95, k + 1, n - k)})
    write("grades", "scipy.stats.beta: one-sided Clopper-Pearson", cases)


def token_distances():
    def levenshtein(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            row, before = [i], row
            for j, y in enumerate(b, 1):
                row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y)))
        return row[-1]

    def clean(text):
        return "".join(c for c in text.lower() if c in "abcdefghijklmnopqrstuvwxyz0123456789 ").strip()

    cases = []
    for shown, wanted in [("the sign says hello", "hello"), ("h3llo wrld!", "hello world"), ("", "seven"),
                          ("a b c d e f", "c d"), ("NO ENTRY here", "no entry"), ("completely other words", "stop")]:
        words, target = clean(shown).split(), clean(wanted)
        runs = [" ".join(words[i:i + n]) for n in range(1, len(target.split()) + 2) for i in range(len(words) - n + 1)]
        cases.append({"shown": shown, "wanted": wanted,
                      "distance": min((levenshtein(run, target) for run in runs), default=len(target))})
    write("distances", "edit distance over word n-grams, written out from the published description", cases)


def bootstrap():
    cases = []
    rng = np.random.default_rng(11)
    for families, share in [(40, 0.3), (120, 0.08)]:
        m = rng.integers(1, 5, families)
        y = rng.binomial(m, rng.beta(share * 3, (1 - share) * 3, families))

        def ratio(y, m, axis=-1):
            return y.sum(axis=axis) / m.sum(axis=axis)

        first = stats.bootstrap((y, m), ratio, paired=True, n_resamples=2000, method="percentile",
                                rng=np.random.default_rng(3))
        again = {"paired": True, "n_resamples": 0, "bootstrap_result": first}
        bca = stats.bootstrap((y, m), ratio, method="BCa", **again)
        large = {"paired": True, "n_resamples": 40000}
        wide = stats.bootstrap((y, m), ratio, method="BCa", rng=np.random.default_rng(4), **large)
        cases.append({
            "families": np.stack([m, y], axis=1), "replicates": first.bootstrap_distribution,
            "percentile": first.confidence_interval, "bca": bca.confidence_interval,
            "bcaOf40000": wide.confidence_interval, "standardErrorOf40000": wide.standard_error,
        })
    write("bootstrap", "scipy.stats.bootstrap", cases)


def pairs():
    cases = []
    for b, c in [(0, 0), (0, 1), (3, 10), (5, 5), (12, 30), (400, 460), (0, 25), (7, 6)]:
        exact = contingency_tables.mcnemar([[10, b], [c, 20]], exact=True).pvalue
        mid = 1.0 if b + c == 0 else min(1.0, 2 * stats.binom.cdf(min(b, c), b + c, 0.5) - stats.binom.pmf(min(b, c), b + c, 0.5))
        cases.append({"onlyFirst": b, "onlySecond": c, "exact": exact if b + c else 1.0, "mid": mid})
    write("mcnemar", "statsmodels mcnemar(exact=True); mid-p by scipy.stats.binom", cases)


def multiplicity():
    rng = np.random.default_rng(5)
    cases = []
    for p in ([0.01, 0.04, 0.03, 0.005], [0.5], [], [0, 1, 1, 0.2], [0.02] * 5, rng.uniform(0, 1, 40) ** 3):
        p = np.asarray(p, dtype=float)
        empty = len(p) == 0
        cases.append({
            "p": p,
            "holm": p if empty else multitest.multipletests(p, method="holm")[1],
            "bh": p if empty else multitest.multipletests(p, method="fdr_bh")[1],
        })
    write("multiplicity", "statsmodels multipletests", cases)


def exact_power(n, discordance, difference, alpha=0.05):
    towards = (discordance + difference) / (2 * discordance)
    total = 0.0
    for d in range(n + 1):
        k = stats.binom.ppf(alpha / 2, d, 0.5)
        while k >= 0 and 2 * stats.binom.cdf(k, d, 0.5) > alpha:
            k -= 1
        if k >= 0:
            tails = stats.binom.cdf(k, d, towards) + stats.binom.cdf(k, d, 1 - towards)
            total += stats.binom.pmf(d, n, discordance) * tails
    return total


def power():
    cases = []
    for discordance, difference, size in [(0.1, 0.03, 870), (0.1, 0.05, 312), (0.2, 0.05, 626), (0.2, 0.1, 155)]:
        exact = [{"n": n, "power": exact_power(n, discordance, difference)} for n in (size // 2, size, size + 40)]
        cases.append({"discordance": discordance, "difference": difference, "asymptotic": size, "exact": exact})
    write("power", "published sample-size table (asymptotic); enumeration with scipy.stats.binom (exact)", cases)


def correction():
    cases = []
    for flagged, n, tp, pos, tn, neg in [(30, 200, 45, 50, 180, 200), (5, 400, 9, 10, 95, 100), (120, 300, 50, 50, 70, 80)]:
        q, se, sp = flagged / n, tp / pos, tn / neg
        youden = se + sp - 1
        value = (q + sp - 1) / youden
        variance = (q * (1 - q) / n + value**2 * se * (1 - se) / pos + (1 - value) ** 2 * sp * (1 - sp) / neg) / youden**2
        n2, pos2, neg2 = n + Z**2, pos + 2, neg + 2
        q2, se2, sp2 = (flagged + Z**2 / 2) / n2, (tp + 1) / pos2, (tn + 1) / neg2
        youden2 = se2 + sp2 - 1
        value2 = (q2 + sp2 - 1) / youden2
        error2 = math.sqrt(q2 * (1 - q2) / n2 + value2**2 * se2 * (1 - se2) / pos2 + (1 - value2) ** 2 * sp2 * (1 - sp2) / neg2) / youden2
        shift = 2 * Z**2 * (value2 * se2 * (1 - se2) / pos2 - (1 - value2) * sp2 * (1 - sp2) / neg2)
        clip = lambda x: min(1.0, max(0.0, x))
        cases.append({
            "counts": {"flagged": flagged, "trials": n, "truePositives": tp, "positives": pos, "trueNegatives": tn, "negatives": neg},
            "unclipped": value, "standardError": math.sqrt(variance),
            "langReiczigel": [min(clip(value), clip(value2 + shift - Z * error2)), max(clip(value), clip(value2 + shift + Z * error2))],
        })
    write("rogan-gladen", "formulas of Rogan and Gladen (1978), Lang and Reiczigel (2014)", cases)


def ppi():
    rng = np.random.default_rng(13)
    cases = []
    for n, total, share, noise in [(60, 500, 0.2, 0.1), (200, 2000, 0.05, 0.03), (30, 90, 0.5, 0.5)]:
        truth = (rng.uniform(size=n + total) < share).astype(float)
        flipped = rng.uniform(size=n + total) < noise
        predicted = np.where(flipped, 1 - truth, truth)
        y, yhat, rest = truth[:n], predicted[:n], predicted[n:]
        for lam in (None, 0.0, 1.0):
            ci = ppi_py.ppi_mean_ci(y, yhat, rest, alpha=0.05, lam=lam)
            cases.append({
                "truth": y, "predicted": yhat, "unlabelled": rest, "lambda": lam,
                "value": float(np.squeeze(ppi_py.ppi_mean_pointestimate(y, yhat, rest, lam=lam))),
                "ci": [float(np.squeeze(limit)) for limit in ci],
            })
    write("ppi", "ppi_py.ppi_mean_pointestimate, ppi_mean_ci", cases)


def agreement():
    rng = np.random.default_rng(17)
    cases = []
    for units, raters, codes, gap in [(30, 2, 2, 0), (40, 3, 4, 0.2), (25, 5, 3, 0.4), (50, 2, 3, 0)]:
        base = rng.integers(0, codes, units)
        table = np.where(rng.uniform(size=(raters, units)) < 0.65, base, rng.integers(0, codes, (raters, units))).astype(float)
        table[rng.uniform(size=table.shape) < gap] = np.nan
        case = {
            "units": [[None if math.isnan(v) else int(v) for v in unit] for unit in table.T],
            "nominal": krippendorff.alpha(reliability_data=table, level_of_measurement="nominal"),
            "ordinal": krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal"),
            "ac1": ac1(table),
        }
        if raters == 2 and gap == 0:
            a, b = table.astype(int)
            for weights in (None, "linear", "quadratic"):
                case[f"kappa-{weights or 'none'}"] = metrics.cohen_kappa_score(a, b, weights=weights)
        cases.append(case)
    write("agreement", "krippendorff.alpha; sklearn cohen_kappa_score; formula of Gwet (2008)", cases)


def ac1(table):
    values = np.unique(table[~np.isnan(table)])
    counts = np.stack([(table == v).sum(axis=0) for v in values], axis=1)
    ratings = counts.sum(axis=1)
    two = ratings >= 2
    agree = ((counts * (counts - 1)).sum(axis=1)[two] / (ratings * (ratings - 1))[two]).mean()
    some = ratings > 0
    pi = (counts[some] / ratings[some, None]).mean(axis=0)
    chance = (pi * (1 - pi)).sum() / (len(values) - 1)
    return (agree - chance) / (1 - chance)


def curves():
    rng = np.random.default_rng(19)
    cases = []
    for n, ties, weighted in [(60, False, False), (200, True, False), (150, True, True)]:
        truth = rng.uniform(size=n) < 0.3
        scores = rng.normal(size=n) + truth
        if ties:
            scores = np.round(scores)
        weights = rng.integers(1, 6, n).astype(float) if weighted else np.ones(n)
        fpr, tpr, thresholds = metrics.roc_curve(truth, scores, sample_weight=weights, drop_intermediate=False)
        cases.append({
            "scores": scores, "positive": truth, "weights": weights,
            "fpr": fpr, "tpr": tpr, "thresholds": thresholds[1:],
            "auroc": metrics.roc_auc_score(truth, scores, sample_weight=weights),
            "auprc": metrics.average_precision_score(truth, scores, sample_weight=weights),
            "tprAt5": max(t for f, t in zip(fpr, tpr) if f <= 0.05),
            "delongVariance": delong(scores[truth], scores[~truth]),
            "newcombe": newcombe(metrics.roc_auc_score(truth, scores), truth.sum(), (~truth).sum()),
        })
    write("curves", "sklearn roc_curve, roc_auc_score, average_precision_score; DeLong, Newcombe by definition", cases)


def delong(positives, negatives):
    above = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    return above.mean(axis=1).var(ddof=1) / len(positives) + above.mean(axis=0).var(ddof=1) / len(negatives)


def newcombe(value, m, n):
    def beyond(a):
        spread = 1 + ((m + n) / 2 - 1) * ((1 - a) / (2 - a) + a / (1 + a))
        return (value - a) ** 2 - Z**2 * a * (1 - a) * spread / (m * n)
    return [optimize.brentq(beyond, 1e-12, value, xtol=1e-15), optimize.brentq(beyond, value, 1 - 1e-12, xtol=1e-15)]


def probabilities():
    rng = np.random.default_rng(23)
    p = np.concatenate([rng.uniform(size=200), [0.0, 1.0, 0.1, 0.3, 0.7]])
    truth = rng.uniform(size=len(p)) < p**1.5
    observed, predicted = calibration.calibration_curve(truth, p, n_bins=10, strategy="uniform")
    index = np.searchsorted(np.linspace(0, 1, 11)[1:-1], p)
    ece = sum((index == b).mean() * abs(p[index == b].mean() - truth[index == b].mean()) for b in range(10) if (index == b).any())
    write("probabilities", "sklearn brier_score_loss, calibration_curve; ECE by definition", [{
        "probabilities": p, "positive": truth, "brier": metrics.brier_score_loss(truth, p),
        "observed": observed, "predicted": predicted, "ece": ece,
    }])


def maxima():
    rng = np.random.default_rng(29)
    cases = []
    for n, k in [(6, 1), (8, 3), (10, 10), (14, 5)]:
        scores = np.round(rng.uniform(0, 100, n), -1)
        drawn = [max(c) for c in combinations(scores, k)]
        cases.append({"scores": scores, "k": k, "mean": np.mean(drawn), "deviation": np.std(drawn)})
    at_k = [
        {"samples": n, "unsafe": c, "k": k, "value": 1 - special.comb(n - c, k) / special.comb(n, k)}
        for n, c, k in [(10, 0, 3), (10, 1, 3), (10, 8, 3), (4, 4, 4), (200, 7, 25)]
    ]
    percentages = rng.integers(0, 11, 400) * 10.0 * (rng.uniform(size=400) < 0.4)
    draws = [rng.choice(percentages, 25, replace=False).max() for _ in range(10000)]
    write("maxima", "enumeration with itertools; scipy.special.comb; numpy draws", {
        "expectedMaximum": cases, "unsafeAtK": at_k,
        "i2p": {"percentages": percentages, "mean": np.mean(draws), "deviation": np.std(draws), "probability": percentages.mean()},
    })


def sequences():
    cases = []
    for s, n in [(0, 10), (3, 24), (12.5, 100), (500, 1000), (40, 40), (2, 5000)]:
        def log_evidence(p):
            return (special.betaln(0.5 + s, 0.5 + n - s) - special.betaln(0.5, 0.5)
                    - special.xlogy(s, p) - special.xlogy(n - s, 1 - p) - math.log(1 / 0.05))
        mean = s / n
        low = 0.0 if s == 0 else optimize.brentq(log_evidence, 1e-300, mean, xtol=1e-15, rtol=1e-14)
        high = 1.0 if s == n else optimize.brentq(log_evidence, mean, 1 - 1e-15, xtol=1e-15, rtol=1e-14)
        cases.append({"sum": s, "n": n, "low": low, "high": high})
    write("sequences", "roots of the mixture's evidence, scipy.special.betaln and optimize.brentq", cases)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for vectors in (proportions, special_functions, clustered, weighted, paired_differences, grades, token_distances, bootstrap, pairs, multiplicity, power,
                    correction, ppi, agreement, curves, probabilities, maxima, sequences):
        vectors()
