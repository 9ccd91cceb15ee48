"""The problem of problem.js, number for number: θ and tasks from the same generator."""

import functools
import math

SIZES = [1, 40, 40, 1]
INNER_LEARNING_RATE = 0.01
META_LEARNING_RATE = 1e-3  # Adam's, with β₁ 0.9, β₂ 0.999, ε 1e-8

# The Omniglot classifier of Finn et al. 2017 without convolutions, 5-way 1-shot.
OMNIGLOT_SIZES = [784, 256, 128, 64, 64, 5]
OMNIGLOT_INNER_LEARNING_RATE = 0.4


# The convolutional one; the rate is on the mean loss.
CONV4_SIDE, CONV4_FILTERS = 28, 64
CONV4_INNER_LEARNING_RATE = 2.0
# Tasks, in the order drawn, where (in f64) a ReLU's input is nearer than 3e-6 to 0: f32 may fall to
# either side there, which moves a task's gradient by up to 5 %. They are left out.
CONV4_AT_A_KINK = {2, 5, 7, 14, 17, 19, 24, 27, 29, 31, 32, 38, 39, 43, 44}


def generator(seed):
    """Uniform in steps of 2⁻²⁴ of the range: linear congruential, constants of Numerical Recipes."""
    state = seed & 0xFFFFFFFF

    def uniform(start, end):
        nonlocal state
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return start + (end - start) * (state >> 8) / 2**24

    return uniform


def layer(uniform, rows, columns, window=()):
    """W and b of a layer as (shape, flat values); `window`: height and width of a convolution's."""
    pixels = math.prod(window)
    bound = math.sqrt(6 / (pixels * (rows + columns)))
    weights = [uniform(-bound, bound) for _ in range(pixels * rows * columns)]
    biases = [uniform(-0.1, 0.1) for _ in range(columns)]
    return [((*window, rows, columns), weights), ((columns,), biases)]


def draw(uniform, sizes):
    """θ as a list of (shape, flat values): W (inSize×outSize) and b of each layer in turn."""
    return [p for i, o in zip(sizes, sizes[1:]) for p in layer(uniform, i, o)]


def wave(uniform, amplitude, phase, rows):
    """(inputs, targets) of `rows` points of amplitude·sin(x + phase), x in ±5."""
    inputs = [uniform(-5, 5) for _ in range(rows)]
    return inputs, [amplitude * math.sin(x + phase) for x in inputs]


def problem(tasks=25, rows=10, seed=1):
    """θ and the flat columns (support inputs, support targets, query inputs, query targets)."""
    uniform = generator(seed)
    theta = draw(uniform, SIZES)
    columns = [[], [], [], []]
    for _ in range(tasks):
        amplitude, phase = uniform(0.1, 5), uniform(0, math.pi)
        drawn = [*wave(uniform, amplitude, phase, rows), *wave(uniform, amplitude, phase, rows)]
        for column, values in zip(columns, drawn):
            column.extend(values)
    return theta, columns


def figures(name, loss, gradient):
    """What all peers must agree on: loss, ‖gradient‖₂, Σ gradientᵢ·(1 + i mod 7)."""
    slope = sum(g * (1 + i % 7) for i, g in enumerate(gradient))
    norm = math.sqrt(sum(g * g for g in gradient))
    return {"name": name, "loss": loss, "norm": norm, "slope": slope}


def omniglot(tasks=32, ways=5, seed=2):
    """θ with the shifts of norm layers, and columns of `ways`-way 1-shot: 1 pixel in 10 is ink."""
    uniform = generator(seed)
    theta = []
    for shape, values in draw(uniform, OMNIGLOT_SIZES):
        theta.append((shape, values))
        if len(shape) == 1 and shape[0] != OMNIGLOT_SIZES[-1]:
            theta.append((shape, [0.0] * shape[0]))
    pixels = tasks * ways * OMNIGLOT_SIZES[0]
    images = lambda: [float(uniform(0, 1) < 0.1) for _ in range(pixels)]
    labels = list(range(ways)) * tasks
    return theta, [images(), labels, images(), labels]


@functools.cache
def conv4(tasks=32, ways=5, seed=3):
    """θ with W as 3×3×channels×filters, b and shift of each block, and columns of gray noise."""
    uniform = generator(seed)
    theta = []
    for channels in (1, CONV4_FILTERS, CONV4_FILTERS, CONV4_FILTERS):
        theta += layer(uniform, channels, CONV4_FILTERS, (3, 3))
        theta.append(((CONV4_FILTERS,), [0.0] * CONV4_FILTERS))
    theta += layer(uniform, CONV4_FILTERS, ways)
    pixels = ways * CONV4_SIDE**2
    batch = lambda: [uniform(0, 1) for _ in range(pixels)]
    drawn = [(batch(), batch()) for _ in range(tasks + len(CONV4_AT_A_KINK))]
    kept = [task for i, task in enumerate(drawn) if i not in CONV4_AT_A_KINK][:tasks]
    support, query = ([x for batch in batches for x in batch] for batches in zip(*kept))
    labels = list(range(ways)) * tasks
    return theta, [support, labels, query, labels]
