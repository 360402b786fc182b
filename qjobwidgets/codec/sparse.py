"""Sparse matrices: the npz archives of SciPy, read without trusting what they claim.

An archive is a zip of arrays. Only the few members that a matrix has may be in it; all together
unpack under the document's budget, each is read as any other array, and every index is compared
with the shape before SciPy computes with it.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np

from qjobwidgets.codec.arrays import read_array
from qjobwidgets.codec.binary import Budget
from qjobwidgets.errors import CodecError

__all__ = ["read_matrix", "write_matrix"]

_COMPRESSED = frozenset({"data", "indices", "indptr"})
_PARTS = {
    "csr": _COMPRESSED,
    "csc": _COMPRESSED,
    "bsr": _COMPRESSED,
    "coo": frozenset({"data", "row", "col"}),
    "dia": frozenset({"data", "offsets"}),
}
_ABOUT = frozenset({"format", "shape", "_is_array"})
_MEMBERS = {f"{name}.npy": name for name in _ABOUT.union(*_PARTS.values())}


def write_matrix(matrix: Any) -> bytes:
    """Return a sparse matrix or array as the bytes of an npz archive."""
    from scipy import sparse  # noqa: PLC0415 - the value has loaded it

    buffer = io.BytesIO()
    matrix = matrix if matrix.format in _PARTS else matrix.tocsr()
    sparse.save_npz(buffer, matrix)
    return buffer.getvalue()


def read_matrix(data: bytes, budget: Budget) -> Any:
    """Return the matrix, or the array, of an npz archive.

    Raises:
        CodecError: Damaged, over the budget, or with parts that do not make a matrix.
    """
    parts = _read_parts(data, budget)
    about = {name: parts.pop(name, None) for name in _ABOUT}
    kind, shape = about["format"], about["shape"]
    if kind is None or kind.dtype.kind not in "SU" or kind.size != 1:
        raise CodecError("A sparse matrix does not say its format.")
    word = kind.astype("U").item()
    if word not in _PARTS or parts.keys() != _PARTS[word]:
        raise CodecError(f"These are not the parts of a sparse matrix: {', '.join(sorted(parts))}.")
    if shape is None or shape.shape != (2,) or shape.dtype.kind not in "iu":
        raise CodecError("A sparse matrix does not say its shape.")
    values = parts.pop("data")
    if values.dtype.kind not in "biufc" or any(p.dtype.kind not in "iu" for p in parts.values()):
        raise CodecError("A sparse matrix holds numbers, at places that are whole numbers.")
    is_array = about["_is_array"] is not None and bool(about["_is_array"])
    return _assemble(word, values, parts, tuple(shape.tolist()), is_array=is_array)


def _read_parts(data: bytes, budget: Budget) -> dict[str, np.ndarray[Any, Any]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if len(set(names)) != len(names) or not _MEMBERS.keys() >= set(names):
            raise CodecError("An archive has members that a sparse matrix does not have.")
        parts = {}
        for member in members:
            with archive.open(member) as file:
                parts[_MEMBERS[member.filename]] = read_array(budget.read(file))
        return parts


def _assemble(
    kind: str,
    values: np.ndarray[Any, Any],
    places: dict[str, np.ndarray[Any, Any]],
    shape: tuple[int, int],
    *,
    is_array: bool,
) -> Any:
    from scipy import sparse  # noqa: PLC0415 - only a document that holds a matrix needs it

    make = getattr(sparse, f"{kind}_{'array' if is_array else 'matrix'}")
    if kind == "coo":  # compares each index with the shape by itself
        return make((values, (places["row"], places["col"])), shape=shape)
    if kind == "dia":  # what lies outside of the shape is not looked at
        return make((values, places["offsets"]), shape=shape)
    matrix = make((values, places["indices"], places["indptr"]), shape=shape)
    matrix.check_format(full_check=True)
    return matrix
