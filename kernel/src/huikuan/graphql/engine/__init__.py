"""The engine: executes an operation field by field for all objects of a list at once.

graphql-core calls a function per object and field. Here a field is computed for a whole group of objects, as a column:
one statement, or one call of a module's function, or one conversion of the values that a statement gave. What a
selection costs is what its statements cost, and the writing of its bytes.

From a document to an answer:

    documents   text -> parsed, limited, validated, kept              (huikuan.graphql.documents, limits)
    selections  which fields a document asks of one type
    planner     selection -> plan: fields, and the columns they need  (roots, pageplans)
    projection  columns and joined tables -> one statement            (windows, lists, fetching)
    fields      plan + group -> columns -> objects                    (rowfields, pages, batches, values, outputs)
    codecs      what the driver gave -> what is written               (leaves, money)
    places      where an error stands, and what it removes
    run         what the fields of one operation share

Modules know nothing of it: they declare fields (`huikuan.graphql`), and the planner reads the declarations.
"""

from huikuan.graphql.engine.operations import coerce_variables, plan_of, run_operation
from huikuan.graphql.engine.rootfields import EventField
from huikuan.graphql.engine.run import Run

__all__ = ["EventField", "Run", "coerce_variables", "plan_of", "run_operation"]
