"""JAX: arrays on the CPU, which never change.  Tried with 0.12."""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax.numpy as jnp
from bufspec.declare import exporter

DELETE = {"delete": lambda it: it.delete()}

exporter("jax.matrix", readonly=True, operations=DELETE, discover=False)(lambda: jnp.arange(6).reshape(2, 3))
exporter("jax.vector_float", readonly=True, discover=False)(lambda: jnp.arange(3.0))
exporter("jax.zero_dim", readonly=True, discover=False)(lambda: jnp.array(1.5))
exporter("jax.empty", readonly=True, discover=False)(lambda: jnp.zeros((0, 3)))
exporter("jax.complex", readonly=True, discover=False)(lambda: jnp.ones(3, jnp.complex64))
exporter("jax.bool", readonly=True, discover=False)(lambda: jnp.ones(3, bool))
