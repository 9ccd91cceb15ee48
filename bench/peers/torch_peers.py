"""MAML in PyTorch, one thread: batched by hand, and a task at a time as learn2learn runs it."""

import torch
from torch.nn import functional as F

import problem

torch.set_num_threads(1)
torch.set_num_interop_threads(1)

NORM_EPSILON = 1e-3


def norm(x, shift):
    """Batch norm over the rows (next to last axis), biased variance, no scale."""
    mean = x.mean(-2, keepdim=True)
    variance = x.var(-2, unbiased=False, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + NORM_EPSILON) + shift


def network(theta, x, normed):
    """θ = W, b (, shift) of each hidden layer, then W, b; any leading axes."""
    width = 3 if normed else 2
    for i in range(0, len(theta) - 2, width):
        x = x @ theta[i] + theta[i + 1]
        x = torch.relu(norm(x, theta[i + 2]) if normed else x)
    return x @ theta[-2] + theta[-1]


def fixed(i, theta, normed):
    """Shifts of norms are learned, and do not adapt, as in Finn et al.'s code."""
    return normed and i < len(theta) - 2 and i % 3 == 2


def squared(outputs, targets):
    """Mean squared error, summed over a leading axis of tasks."""
    return ((outputs - targets) ** 2).mean((-2, -1)).sum()


def entropy(outputs, targets):
    """Cross-entropy, mean over rows, summed over a leading axis of tasks."""
    flat = outputs.reshape(-1, outputs.shape[-1])
    return F.cross_entropy(flat, targets.reshape(-1), reduction="sum") / targets.shape[-1]


def adapt(loss, theta, normed, x, y, steps, rate):
    """φ after `steps` gradient steps, with their graph."""
    moves = [i for i in range(len(theta)) if not fixed(i, theta, normed)]
    for _ in range(steps):
        moving = [theta[i] for i in moves]
        gradient = torch.autograd.grad(loss(theta, x, y), moving, create_graph=True)
        theta = list(theta)
        for i, g in zip(moves, gradient):
            theta[i] = theta[i] - rate * g
    return theta


def by_hand(criterion, theta, normed, data, steps, rate):
    """Every task has its own copy of θ on a leading axis: a few large batched products."""
    xs, ys, xq, yq = data
    loss = lambda p, x, y: criterion(network(p, x, normed), y)
    rows = lambda p: p[None] if p.dim() == 1 else p  # a bias is one row
    own = [rows(p).expand(len(xs), *rows(p).shape) for p in theta]
    total = loss(adapt(loss, own, normed, xs, ys, steps, rate), xq, yq) / len(xs)
    total.backward()
    return total.item()


def task_by_task(criterion, theta, normed, data, steps, rate):
    """The functional loop: adapt, query loss, backward, one task after another."""
    loss = lambda p, x, y: criterion(network(p, x, normed), y)
    total = 0.0
    for xs, ys, xq, yq in zip(*data):
        query = loss(adapt(loss, theta, normed, xs, ys, steps, rate), xq, yq) / len(data[0])
        query.backward()
        total += query.item()
    return total


def low_rank(criterion, theta, normed, data, steps, rate):
    """One step whose fast weights are never formed: x W_1 + b_1 = xW + b - rate·(xXᵀ + 1)D."""
    assert normed and steps == 1
    xs, ys, xq, yq = data

    def forward(x, change):
        inputs, outputs = [], []
        for i in range(0, len(theta), 3):
            inputs.append(x)
            y = x @ theta[i] + theta[i + 1] + change(i // 3, x)
            outputs.append(y)
            x = torch.relu(norm(y, theta[i + 2])) if i + 2 < len(theta) else y
        return inputs, outputs

    inputs, outputs = forward(xs, lambda layer, x: 0)
    slopes = torch.autograd.grad(criterion(outputs[-1], ys), outputs, create_graph=True)
    change = lambda i, x: -rate * ((x @ inputs[i].transpose(1, 2) + 1) @ slopes[i])
    total = criterion(forward(xq, change)[1][-1], yq) / len(xs)
    total.backward()
    return total.item()


def tensors(made, shapes):
    """θ and data of problem.py."""
    theta = [torch.tensor(v, dtype=torch.float32).reshape(s) for s, v in made[0]]
    return theta, [torch.tensor(c).reshape(s) for c, s in zip(made[1], shapes)]


def entry(name, form, theta, data, laid_out=lambda p: p):
    """A peer: .step() is one meta-step with Adam, .check() gives loss and flat gradient at θ.

    form(θ, data) gives the loss and leaves its gradient in θ; laid_out brings a tensor of that into
    problem.py's layout.
    """
    theta = [p.clone(memory_format=torch.contiguous_format).requires_grad_() for p in theta]
    adam = torch.optim.Adam(theta, lr=problem.META_LEARNING_RATE, foreach=True)

    def gradient():
        adam.zero_grad(set_to_none=True)
        return form(theta, data)

    def step():
        value = gradient()
        adam.step()
        return value

    def check():
        value = gradient()
        return value, torch.cat([laid_out(p.grad).reshape(-1) for p in theta]).tolist()

    return {"name": name, "version": torch.__version__, "step": step, "check": check}


FORMS = [("PyTorch batched by hand", by_hand), ("PyTorch a task at a time", task_by_task)]


def perceptrons(forms, made, shapes, normed, criterion, rate, steps):
    theta, data = tensors(made, shapes)

    def bound(form):
        return lambda theta, data: form(criterion, theta, normed, data, steps, rate)

    return [entry(name, bound(form), theta, data) for name, form in forms]


def sinusoid(tasks=25, rows=10, steps=1):
    made = problem.problem(tasks, rows)
    shapes = [(tasks, rows, 1)] * 4
    return perceptrons(FORMS, made, shapes, False, squared, problem.INNER_LEARNING_RATE, steps)


def omniglot(tasks=32, ways=5, steps=1):
    made = problem.omniglot(tasks, ways)
    images = (tasks, ways, problem.OMNIGLOT_SIZES[0])
    shapes = [images, (tasks, ways)] * 2
    forms = [FORMS[0], ("PyTorch, low-rank fast weights", low_rank)]
    rate = problem.OMNIGLOT_INNER_LEARNING_RATE
    return perceptrons(forms, made, shapes, True, entropy, rate, steps)
