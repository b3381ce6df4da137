"""A linear program that is asked many times with small changes: HiGHS, one thread, started from its last answer.

highspy and not scipy's linprog: linprog builds the model anew for every question, which is most of the time here.
"""

from typing import Any, Final

import highspy
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Counts and not seconds: a clock would let the same input give another answer on a slower machine.
_MAX_NODES: Final = 20_000
_OPTIONS: Final = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_max_nodes": _MAX_NODES,
    "mip_rel_gap": 0.0,
}


class LinearProgram:
    """``min cost·x`` where ``row_low ≤ matrix·x ≤ row_high`` and ``low ≤ x ≤ high``; no cost until one is set."""

    def __init__(self, matrix: Any, rows: tuple[Floats, Floats], columns: tuple[Floats, Floats]) -> None:
        count, size = matrix.shape
        by_column = matrix.tocsc()
        program = highspy.HighsLp()
        program.num_row_, program.num_col_ = count, size
        program.col_cost_ = np.zeros(size)
        program.col_lower_, program.col_upper_ = columns
        program.row_lower_, program.row_upper_ = rows
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_ = by_column.indptr.astype(np.int32)
        program.a_matrix_.index_ = by_column.indices.astype(np.int32)
        program.a_matrix_.value_ = by_column.data.astype(np.float64)
        self._columns = np.arange(size, dtype=np.int32)
        self._solver = highspy.Highs()
        for option, value in _OPTIONS.items():
            self._solver.setOptionValue(option, value)
        self._solver.passModel(program)

    def set_bounds(self, columns: Ints, low: Floats, high: Floats) -> None:
        """Let some variables lie between ``low`` and ``high`` from now on."""
        self._solver.changeColsBounds(len(columns), columns.astype(np.int32), low, high)

    def set_costs(self, costs: Floats) -> None:
        """Set the cost of every variable."""
        self._solver.changeColsCost(len(costs), self._columns, costs)

    def solve(self) -> Floats | None:
        """Return the optimal point, or None where there is none, or none was found within the limits."""
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self._solver.getSolution().col_value)

    def solve_in_integers(self) -> Floats | None:
        """As :meth:`solve`, in whole numbers."""
        self._set_kind(highspy.HighsVarType.kInteger)
        point = self.solve()
        self._set_kind(highspy.HighsVarType.kContinuous)
        return point

    def _set_kind(self, kind: highspy.HighsVarType) -> None:
        kinds = np.full(len(self._columns), int(kind), dtype=np.uint8)
        self._solver.changeColsIntegrality(len(kinds), self._columns, kinds)
