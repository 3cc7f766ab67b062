"""CSV import: a module names its columns and a write function, the kernel does the rest.

Mapping, encodings, numbers and dates, rows that belong together, a dry run, a report row by row,
progress, and going on after a kill. See `Importer` and `run_import`.
"""

from huikuan.importing.errors import (
    Code,
    ImportAborted,
    ImportFileError,
    MappingError,
    Problem,
    RowError,
    RowErrors,
)
from huikuan.importing.mapping import ColumnMapping, ImportMapping, SkipRule
from huikuan.importing.mapping_file import load_mapping, mapping_from_data
from huikuan.importing.model import Column, Importer, ImportRun, Note, Outcome, Row, Status, Unit
from huikuan.importing.plan import describe_columns
from huikuan.importing.progress import Progress, QuietProgress, progress_for
from huikuan.importing.runner import Execute, Known, Transact, run_import
from huikuan.importing.summary import ImportSummary, RowCounts, UnitCounts

__all__ = [
    "Code",
    "Column",
    "ColumnMapping",
    "Execute",
    "ImportAborted",
    "ImportFileError",
    "ImportMapping",
    "ImportRun",
    "ImportSummary",
    "Importer",
    "Known",
    "MappingError",
    "Note",
    "Outcome",
    "Problem",
    "Progress",
    "QuietProgress",
    "Row",
    "RowCounts",
    "RowError",
    "RowErrors",
    "SkipRule",
    "Status",
    "Transact",
    "Unit",
    "UnitCounts",
    "describe_columns",
    "load_mapping",
    "mapping_from_data",
    "progress_for",
    "run_import",
]
