"""Matrices with one vector per row: reading them, checking them, bringing rows to length one.

Fusion and similarity both start here, so that they can be plain mathematics. NumPy arrays and torch tensors are
welcome; what comes back is a torch tensor in float32, or in float64 where the input is float64.
"""

import numpy as np
import torch

Array = np.ndarray | torch.Tensor


def as_matrix(values: Array, name: str = "values", present: Array | None = None) -> torch.Tensor:
    """Read a matrix that holds one vector per row.

    Args:
        values: array or tensor of shape (n, d). Half precision, bfloat16 and whole numbers become float32.
        name: how the error messages call it.
        present: bool (n,). Rows where it is False are holes: whatever stands there is read as zeros. None: no holes.

    Returns:
        Tensor (n, d), float32 or float64, on the device the values were on. Never changed in place by this package.

    Raises:
        TypeError: not an array or tensor of real numbers; present is not bool.
        ValueError: not two-dimensional, present of another length, or a number that is not finite (the row is named).
    """
    matrix = _as_real_tensor(values, name)
    if matrix.ndim != 2:
        mend = f"; for a single vector write {name}[None, :]" if matrix.ndim == 1 else ""
        raise ValueError(f"{name}: expected shape (n, d), one vector per row, got {tuple(matrix.shape)}{mend}.")
    if present is not None:
        has = as_mask(present, name).to(matrix.device)
        if has.shape != matrix.shape[:1]:
            raise ValueError(
                f"{name}: the mask has shape {tuple(has.shape)} for {len(matrix)} rows, expected one each."
            )
        matrix = matrix.where(has[:, None], 0)
    # The smallest and the largest number are found faster than every single one is looked at, and nan spoils both.
    if matrix.numel() and not torch.stack(matrix.aminmax()).isfinite().all():
        row = int((~matrix.isfinite()).any(dim=1).nonzero()[0])
        raise ValueError(
            f"{name}: row {row} holds nan or infinity, expected finite numbers. Mark a part that is missing as a hole "
            "(mask False) and look at what made this vector."
        )
    return matrix


def as_pair(queries: Array, items: Array) -> tuple[torch.Tensor, torch.Tensor]:
    """Read queries (n_query, D) and items (n_item, D) so that they can be multiplied: one D, one dtype, one device.

    A NumPy array follows the tensor to its device.

    Raises:
        TypeError, ValueError: as `as_matrix`; also when the two D differ or two tensors lie on different devices.
    """
    q, x = as_matrix(queries, "queries"), as_matrix(items, "items")
    if q.shape[1] != x.shape[1]:
        raise ValueError(
            f"queries have {q.shape[1]} dimensions and items have {x.shape[1]}: both must come from the same encoders "
            "and the same fusion."
        )
    if isinstance(queries, np.ndarray):
        q = q.to(x.device)
    elif isinstance(items, np.ndarray):
        x = x.to(q.device)
    if q.device != x.device:
        raise ValueError(f"queries are on {q.device} and items on {x.device}: move one of them with .to().")
    dtype = torch.promote_types(q.dtype, x.dtype)
    return q.to(dtype), x.to(dtype)


def as_mask(values: Array, name: str = "mask") -> torch.Tensor:
    """Read a mask: bool, True where a part is present.

    Raises:
        TypeError: not an array or tensor of bool.
    """
    if isinstance(values, np.ndarray):
        values = torch.from_numpy(np.require(values, requirements=["C", "W"]))
    if not isinstance(values, torch.Tensor) or values.dtype != torch.bool:
        got = values.dtype if isinstance(values, torch.Tensor) else type(values).__name__
        raise TypeError(
            f"{name}: the mask must be an array or tensor of bool, True where the part is present, got {got}."
        )
    return values


def unit_rows(matrix: torch.Tensor) -> torch.Tensor:
    """Divide each row by its length: h / ‖h‖. A row of zeros has no direction and stays a row of zeros.

    Args:
        matrix: float tensor (n, d).

    Returns:
        Tensor (n, d); every row has length 1, or 0 where it was 0.
    """
    if matrix.shape[1] == 0:
        return matrix
    # First divide by the largest number: squares of very large or very small numbers would leave the range of float32.
    # It is only a change of scale, which cancels, so the gradient does not need to pass through it.
    peak = matrix.detach().abs().amax(dim=1, keepdim=True)
    scaled = matrix / torch.where(peak > 0, peak, 1)
    length = torch.linalg.vector_norm(scaled, dim=1, keepdim=True)
    return scaled / torch.where(length > 0, length, 1)


def _as_real_tensor(values: Array, name: str) -> torch.Tensor:
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "fiub":
            raise TypeError(f"{name}: expected real numbers, got an array of dtype {values.dtype}.")
        dtype = np.float64 if values.dtype == np.float64 else np.float32
        # "W": torch warns about memory that it may not write to, for example a file opened read-only.
        return torch.from_numpy(np.require(values, dtype=dtype, requirements=["C", "W"]))
    if isinstance(values, torch.Tensor):
        if values.is_complex():
            raise TypeError(f"{name}: expected real numbers, got a tensor of dtype {values.dtype}.")
        return values if values.dtype == torch.float64 else values.float()
    raise TypeError(
        f"{name}: expected a NumPy array or a torch tensor with one vector per row, got {type(values).__name__}."
    )
