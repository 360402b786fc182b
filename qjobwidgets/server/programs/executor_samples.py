"""Samplexes: what makes random values for the parameters of a circuit, as samplomatic does it.

The JSON of a samplex is read by samplomatic alone. It holds a circuit as QPY in turn, for its
expressions of parameters, whose version is checked before.

The arguments of a samplex are arrays, and so is what it returns: one element per element of the
item. Along an axis where the arguments have a length of more than 1 the item sweeps over them;
along all others it repeats them, and each repetition is another randomization.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from qjobwidgets.codec.circuits import check_qpy
from qjobwidgets.server.programs.context import ProgramInputError
from qjobwidgets.server.programs.executor_tensors import Array
from qjobwidgets.server.programs.limits import reading

if TYPE_CHECKING:
    from samplomatic.samplex import Samplex
    from samplomatic.tensor_interface import TensorInterface

__all__ = ["MAX_BYTES", "bind", "load_samplex", "sample"]

MAX_BYTES = 512 * 2**20
"""Most memory that what an item makes may take."""


def load_samplex(document: Mapping[str, Any], newest_ssv: int | None) -> Samplex:
    """Return the samplex of an item, ready to sample.

    Raises:
        ProgramInputError: It is of another version than declared, or than the schema has.
        CodecError: The circuit inside is not QPY of a version that can be read.
        Exception: Whatever samplomatic raises for what it can't read.
    """
    from samplomatic.serialization import samplex_from_json  # noqa: PLC0415 - slow, only here

    graph = orjson.loads(document["samplex_json"])
    ssv = int(graph["attrs"]["ssv"])
    if ssv != document["ssv"]:
        raise ProgramInputError(
            f"The serialization version of a samplex is {ssv}, not {document['ssv']} as declared."
        )
    if newest_ssv is not None and ssv > newest_ssv:
        raise ProgramInputError(
            f"A samplex has serialization version {ssv}, this version of the schema has up to "
            f"{newest_ssv}.",
            fix="Submit with schema version v2.0.",
        )
    expressions = orjson.loads(graph["attrs"]["param_table"])
    check_qpy(base64.b64decode(expressions["circuit_base64"], validate=True))
    # Written again, so that samplomatic reads what was checked and no key that came twice.
    checked = orjson.dumps(graph).decode()
    with reading(len(checked)):
        return samplex_from_json(checked).finalize()


def bind(samplex: Samplex, arguments: Mapping[str, Any]) -> TensorInterface:
    """Return the arguments of a samplex, checked against what it takes.

    Raises:
        ProgramInputError: One is missing.
        ValueError: One is not of the shape or type it takes, or is not known.
    """
    bound = samplex.inputs().make_broadcastable()
    for name, value in arguments.items():
        bound[name] = value
    if not bound.fully_bound:
        missing = [
            spec.name for spec in bound.specs if not spec.optional and spec.name not in bound
        ]
        raise ProgramInputError(f"The arguments {', '.join(missing)} of a samplex are missing.")
    return bound


def sample(
    samplex: Samplex,
    arguments: TensorInterface,
    shape: Sequence[int],
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Return what a samplex makes for each element of an item of this shape.

    Raises:
        ProgramInputError: It would take more memory than an item may.
    """
    lengths = (1,) * (len(shape) - len(arguments.shape)) + arguments.shape
    swept = [axis for axis, length in enumerate(lengths) if length > 1]
    repeated = [axis for axis, length in enumerate(lengths) if length <= 1]
    points = math.prod(shape[axis] for axis in swept)
    randomizations = math.prod(shape[axis] for axis in repeated)

    made = _empty(samplex, (points, randomizations))
    sweep = np.ndindex(*(shape[axis] for axis in swept)) if randomizations else ()
    for point, index in enumerate(sweep):
        at = dict(zip(swept, index, strict=True))
        first = len(shape) - len(arguments.shape)
        here = arguments[tuple(at.get(axis, 0) for axis in range(first, len(shape)))]
        # One worker: attempts share the cores, and each thread takes a part of the address space.
        samples = samplex.sample(here, num_randomizations=randomizations, rng=rng, max_workers=1)
        for name, array in made.items():
            array[point] = samples[name]

    order = [*swept, *repeated]
    for name, array in made.items():
        split = array.reshape(*(shape[axis] for axis in order), *array.shape[2:])
        made[name] = np.moveaxis(split, range(len(order)), order)
    return made


def _empty(samplex: Samplex, lead: tuple[int, int]) -> dict[str, Array]:
    """Return arrays for the outputs of a samplex: points, randomizations, then its own axes."""
    specs = samplex.outputs().specs
    size = sum(math.prod((*lead, *spec.shape[1:])) * spec.dtype.itemsize for spec in specs)
    if size > MAX_BYTES:
        raise ProgramInputError(
            f"A samplex would make {size} bytes, {MAX_BYTES} are allowed.",
            fix="Ask for fewer randomizations or values of parameters in one item.",
        )
    return {spec.name: np.empty((*lead, *spec.shape[1:]), spec.dtype) for spec in specs}
