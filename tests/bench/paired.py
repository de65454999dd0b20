"""Statistics of paired measurements: both sides of a pair saw the same state of the machine."""
import random
from statistics import median


def interval(values, statistic=median, samples=2000, confidence=0.95):
    """Percentile bootstrap of a statistic; seeded, so that a report can be made again."""
    generator = random.Random(0)
    count = len(values)
    drawn = sorted(statistic([values[generator.randrange(count)] for _ in range(count)])
                   for _ in range(samples))
    edge = int(samples * (1 - confidence) / 2)
    return drawn[edge], drawn[samples - 1 - edge]


def compare(peer, own):
    """peer, own: one figure per pair, smaller is better. Ratio > 1 means that own is better."""
    ratios = [p / o for p, o in zip(peer, own)]
    low, high = interval(ratios)
    return {"pairs": len(ratios), "peer": median(peer), "own": median(own), "ratio": median(ratios),
            "ratio_low": low, "ratio_high": high}
