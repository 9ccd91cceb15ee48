"""MAML on four convolutions in PyTorch, one thread: some tasks side by side, and one at a time."""

import torch
from torch.nn import functional as F

import problem
from torch_peers import NORM_EPSILON, entry, entropy, tensors

SIDES = (28, 14, 7, 4)
BLOCK = 3  # tensors of a block: W, b, shift
# Measured with 32 tasks: 8 side by side take three quarters of the time of all 32 or of one.
SIDE_BY_SIDE = 8


def same(x, side):
    """x and conv2d's padding for TensorFlow's "same" by stride 2: the odd zeros come last."""
    total = max((-(-side // 2) - 1) * 2 + 3 - side, 0)
    before, after = total // 2, total - total // 2
    return (x, before) if before == after else (F.pad(x, (before, after, before, after)), 0)


def network(theta, x):
    """Outputs, tasks×rows×ways. A task is a group of a convolution.

    θ has a leading axis of tasks; x: rows×tasks×28×28.
    """
    rows, tasks = x.shape[:2]
    for i, side in enumerate(SIDES):
        w, b, shift = theta[BLOCK * i : BLOCK * (i + 1)]
        x, padding = same(x, side)
        x = F.conv2d(x, w.flatten(0, 1), b.flatten(), stride=2, padding=padding, groups=tasks)
        x = torch.relu(F.batch_norm(x, None, None, None, shift.flatten(), True, 0.0, NORM_EPSILON))
    features = x.mean((2, 3)).view(rows, tasks, -1).transpose(0, 1)
    return features @ theta[-2] + theta[-1][:, None]


def side_by_side(theta, data):
    """Tasks adapt and are judged together, each with its own copy of θ; shifts do not adapt."""
    xs, ys, xq, yq = data
    loss = lambda p, x, y: entropy(network(p, x.transpose(0, 1)), y)
    own = [p[None].expand(len(xs), *p.shape) for p in theta]
    moves = [i for i in range(len(own)) if i >= BLOCK * len(SIDES) or i % BLOCK < 2]
    gradient = torch.autograd.grad(loss(own, xs, ys), [own[i] for i in moves], create_graph=True)
    for i, g in zip(moves, gradient):
        own[i] = own[i] - problem.CONV4_INNER_LEARNING_RATE * g
    return loss(own, xq, yq)


def in_turns(count):
    """`count` tasks side by side, one lot after another."""

    def form(theta, data):
        total = 0.0
        for some in zip(*(column.split(count) for column in data)):
            query = side_by_side(theta, some) / len(data[0])
            query.backward()
            total += query.item()
        return total

    return form


def filters_first(p):
    """height×width×channels×filters → filters×channels×height×width."""
    return p.permute(3, 2, 0, 1) if p.dim() == 4 else p


def filters_last(p):
    return p.permute(2, 3, 1, 0) if p.dim() == 4 else p


def conv4(tasks=32, ways=5):
    images = (tasks, ways, problem.CONV4_SIDE, problem.CONV4_SIDE)
    theta, data = tensors(problem.conv4(tasks, ways), [images, (tasks, ways)] * 2)
    theta = [filters_first(p) for p in theta]
    forms = [
        (f"PyTorch, {SIDE_BY_SIDE} tasks side by side (grouped convolutions)", SIDE_BY_SIDE),
        ("PyTorch a task at a time", 1),
    ]
    return [entry(name, in_turns(count), theta, data, filters_last) for name, count in forms]
