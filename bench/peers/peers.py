"""Times the Python peers: python3 peers.py [--json | --check] [--seconds S].

Sinusoid: one meta-step of second-order MAML, MLP 1-40-40-1 ReLU, 25 tasks of 10 + 10 rows, K = 1,
mean squared error, mean over tasks, Adam. Omniglot: MLP 784-256-128-64-64-5 with batch norm, 32
tasks of 5 + 5 rows, K = 1, cross-entropy, Adam. One thread each; entries take turns.
"""

import argparse
import importlib
import json
import platform
import time

import problem

LIBRARIES = [
    ("sinusoid", "PyTorch", "torch_peers"),
    ("sinusoid", "JAX", "jax_peer"),
    ("omniglot", "PyTorch", "torch_peers"),
]
WARM_UP_SECONDS = 0.3
TURN_SECONDS = 0.1


def entries():
    """Every peer whose library is here; the others with the reason why not."""
    for task, name, module in LIBRARIES:
        try:
            made = getattr(importlib.import_module(module), task)()
        except ImportError as error:
            made = [{"name": name, "skipped": str(error)}]
        yield from ({"task": task, **entry} for entry in made)


def turn(step, seconds, samples):
    """Runs for about `seconds`, one sample in ms for each step, at least one."""
    end = time.perf_counter() + seconds
    while True:
        start = time.perf_counter()
        step()
        now = time.perf_counter()
        samples.append(1e3 * (now - start))
        if now >= end:
            return


def summary(entry, samples):
    samples.sort()
    at = lambda part: samples[round(part * (len(samples) - 1))]
    kept = {key: entry[key] for key in ("task", "name", "version")}
    figures = {"minimum": samples[0], "p25": at(0.25), "median": at(0.5), "p75": at(0.75)}
    return {**kept, **{k: round(v, 4) for k, v in figures.items()}, "count": len(samples)}


def compare(peers, seconds):
    """Interleaved: each peer gets a short turn, again and again, `seconds` in all."""
    live = [(peer, []) for peer in peers if "step" in peer]
    for peer, _ in live:
        turn(peer["step"], WARM_UP_SECONDS, [])
    for _ in range(max(1, round(seconds / TURN_SECONDS))):
        for peer, samples in live:
            turn(peer["step"], TURN_SECONDS, samples)
    skipped = [peer for peer in peers if "skipped" in peer]
    return [summary(*one) for one in live] + skipped


def checked(peer):
    if "skipped" in peer:
        return peer
    return {"task": peer["task"], **problem.figures(peer["name"], *peer["check"]())}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--check", action="store_true", help="print what all peers must agree on")
    parser.add_argument("--seconds", type=float, default=2, help="measured time of each peer")
    given = parser.parse_args()
    peers = list(entries())
    if given.check:
        print(json.dumps([checked(peer) for peer in peers]))
        return
    results = compare(peers, given.seconds)
    if given.json:
        print(json.dumps({"unit": "ms", "python": platform.python_version(), "results": results}))
        return
    for one in results:
        print("  ".join(f"{key} {value}" for key, value in one.items()))


if __name__ == "__main__":
    main()
