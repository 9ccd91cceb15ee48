"""Times the Python peers: python3 peers.py [--json | --check] [--task NAME] [--seconds S].

Sinusoid: one meta-step of second-order MAML, MLP 1-40-40-1 ReLU, 25 tasks of 10 + 10 rows, K = 1,
mean squared error, mean over tasks, Adam. Omniglot: MLP 784-256-128-64-64-5 with batch norm, 32
tasks of 5 + 5 rows, K = 1, cross-entropy, Adam. Conv4: the same with four convolutions of 64
filters. One thread each; entries take turns.
"""

import argparse
import array
import base64
import importlib
import json
import platform
import time

import problem

LIBRARIES = [
    ("sinusoid", "PyTorch", "torch_peers"),
    ("sinusoid", "JAX", "jax_peer"),
    ("omniglot", "PyTorch", "torch_peers"),
    ("conv4", "PyTorch", "torch_conv4"),
    ("conv4", "JAX", "jax_conv4"),
]
WARM_UP_SECONDS = 0.3
LEAST_SAMPLES = 10
TURN_SECONDS = 0.1


def entries(only=None):
    """Every peer whose library is here; the others with the reason why not."""
    for task, name, module in LIBRARIES:
        if only not in (None, task):
            continue
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
    """Interleaved: short turns of each peer, `seconds` in all and 10 samples at least."""
    live = [(peer, []) for peer in peers if "step" in peer]
    for peer, _ in live:
        turn(peer["step"], WARM_UP_SECONDS, [])
    enough = lambda samples: sum(samples) >= 1e3 * seconds and len(samples) >= LEAST_SAMPLES
    for _ in range(max(LEAST_SAMPLES, round(seconds / TURN_SECONDS))):
        for peer, samples in live:
            if not enough(samples):
                turn(peer["step"], TURN_SECONDS, samples)
    skipped = [peer for peer in peers if "skipped" in peer]
    return [summary(*one) for one in live] + skipped


def checked(peer):
    """What all peers must agree on, and the gradient itself: f32 in base64."""
    if "skipped" in peer:
        return peer
    value, gradient = peer["check"]()
    packed = base64.b64encode(array.array("f", gradient)).decode()
    figures = problem.figures(peer["name"], value, gradient)
    return {"task": peer["task"], **figures, "gradient": packed}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--check", action="store_true", help="print what all peers must agree on")
    parser.add_argument("--task", choices=sorted({task for task, *_ in LIBRARIES}))
    parser.add_argument("--seconds", type=float, default=2, help="measured time of each peer")
    given = parser.parse_args()
    peers = list(entries(given.task))
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
