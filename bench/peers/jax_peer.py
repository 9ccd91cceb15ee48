"""MAML in JAX on the CPU, one thread: jit of vmap, Adam inside."""

import os

# Read once, when XLA starts: so before the import.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp

import problem


def loss(theta, x, y):
    for i in range(0, len(theta), 2):
        x = x @ theta[i] + theta[i + 1]
        x = jax.nn.relu(x) if i + 2 < len(theta) else x
    return jnp.mean((x - y) ** 2)


def task_loss(theta, xs, ys, xq, yq, steps):
    """Query loss after `steps` gradient steps on the support rows."""
    for _ in range(steps):
        gradient = jax.grad(loss)(theta, xs, ys)
        theta = [p - problem.INNER_LEARNING_RATE * g for p, g in zip(theta, gradient)]
    return loss(theta, xq, yq)


def adam(p, g, m, v, t):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    root = jnp.sqrt(v / (1 - 0.999**t)) + 1e-8
    return p - problem.META_LEARNING_RATE * m / (1 - 0.9**t) / root, m, v


def entry(name, mean_gradient, theta, data):
    """A peer: .step() is one meta-step with Adam, .check() gives loss and flat gradient at θ.

    mean_gradient(θ, data) gives loss and gradient, means over tasks; all is jitted whole.
    """
    gradient = jax.jit(mean_gradient)

    @jax.jit
    def update(state, t, data):
        value, g = mean_gradient(state[0], data)
        return value, list(zip(*map(lambda *each: adam(*each, t), state[0], g, *state[1:])))

    zeros = [jnp.zeros_like(p) for p in theta]
    state = [tuple(theta), tuple(zeros), tuple(zeros)]
    t = 0

    def step():
        nonlocal state, t
        t += 1
        value, state = jax.block_until_ready(update(state, float(t), data))
        return float(value)

    def check():
        value, g = gradient(tuple(theta), data)
        return float(value), jnp.concatenate([a.reshape(-1) for a in g]).tolist()

    return {"name": name, "version": jax.__version__, "step": step, "check": check}


def sinusoid(tasks=25, rows=10, steps=1):
    drawn, columns = problem.problem(tasks, rows)
    theta = [jnp.array(v, jnp.float32).reshape(s) for s, v in drawn]
    data = [jnp.array(c, jnp.float32).reshape(tasks, rows, 1) for c in columns]
    each = jax.vmap(lambda p, *task: task_loss(p, *task, steps), in_axes=(None, 0, 0, 0, 0))
    mean_gradient = jax.value_and_grad(lambda p, data: each(p, *data).mean())
    return [entry("JAX jit(vmap)", mean_gradient, theta, data)]
