"""MAML on four convolutions in JAX on the CPU, one thread: jit of a scan over tasks."""

import jax_peer  # first: it says how XLA is to start

import jax
import jax.numpy as jnp

import problem

BLOCK = 3  # tensors of a block: W, b, shift
NORM_EPSILON = 1e-3


def convolution(x, w):
    """3×3, stride 2, "same": a product with the windows, whose pixels are put side by side.

    Even and odd lines are told apart by a reshape. Measured, a meta-step takes half as long again
    with strided slices, 20 times as long with lax.conv_general_dilated, and three times with a
    vmap over tasks instead of a scan.
    """
    rows, side, _, channels = x.shape
    out = -(-side // 2)
    before = max((out - 1) * 2 + 3 - side, 0) // 2
    zeros = (before, 2 * out + 2 - side - before)
    x = jnp.pad(x, ((0, 0), zeros, zeros, (0, 0)))
    x = x.reshape(rows, out + 1, 2, 2 * out + 2, channels)
    x = jnp.concatenate([x[:, :-1, 0], x[:, :-1, 1], x[:, 1:, 0]], -1)
    x = x.reshape(rows, out, out + 1, 2, 3 * channels)
    x = jnp.concatenate([x[:, :, :-1, 0], x[:, :, :-1, 1], x[:, :, 1:, 0]], -1)
    columns_first = w.swapaxes(0, 1).reshape(9 * channels, -1)
    return (x.reshape(-1, 9 * channels) @ columns_first).reshape(rows, out, out, -1)


def network(theta, x):
    for i in range(0, len(theta) - 2, BLOCK):
        w, b, shift = theta[i : i + BLOCK]
        x = convolution(x, w) + b
        mean = x.mean((0, 1, 2))
        variance = ((x - mean) ** 2).mean((0, 1, 2))
        x = jax.nn.relu((x - mean) * jax.lax.rsqrt(variance + NORM_EPSILON) + shift)
    return x.mean((1, 2)) @ theta[-2] + theta[-1]


def loss(theta, x, y):
    """Cross-entropy."""
    logs = jax.nn.log_softmax(network(theta, x))
    return -jnp.take_along_axis(logs, y[:, None], 1).mean()


def task_loss(theta, xs, ys, xq, yq):
    """Query loss after a gradient step on the support rows, which leaves the shifts alone."""
    gradient = jax.grad(loss)(theta, xs, ys)
    fixed = [i < len(theta) - 2 and i % BLOCK == 2 for i in range(len(theta))]
    rate = problem.CONV4_INNER_LEARNING_RATE
    adapted = [p if f else p - rate * g for p, g, f in zip(theta, gradient, fixed)]
    return loss(adapted, xq, yq)


def mean_gradient(theta, data):
    """Loss and gradient, means over tasks, one task after another."""
    tasks = len(data[0])

    def add(sums, task):
        one = jax.value_and_grad(task_loss)(theta, *task)
        return jax.tree_util.tree_map(lambda total, g: total + g / tasks, sums, one), None

    zeros = jax.tree_util.tree_map(jnp.zeros_like, (0.0, theta))
    return jax.lax.scan(add, zeros, data)[0]


def conv4(tasks=32, ways=5):
    drawn, columns = problem.conv4(tasks, ways)
    images = (tasks, ways, problem.CONV4_SIDE, problem.CONV4_SIDE, 1)
    theta = [jnp.array(v, jnp.float32).reshape(s) for s, v in drawn]
    data = [jnp.array(c).reshape(s) for c, s in zip(columns, [images, (tasks, ways)] * 2)]
    return [jax_peer.entry("JAX jit, scan over tasks", mean_gradient, theta, data)]
