"""Commands of contracts; each is a mutation of the same name."""

from huikuan_contracts.commands.advances import contract_advance_term_set
from huikuan_contracts.commands.amending import contract_amend
from huikuan_contracts.commands.documents import contract_document_add, contract_document_remove
from huikuan_contracts.commands.drafts import contract_change, contract_create
from huikuan_contracts.commands.progress import (
    contract_accept,
    contract_assign,
    contract_milestone_reach,
    contract_task_done,
)
from huikuan_contracts.commands.signing import contract_cancel, contract_sign

__all__ = [
    "contract_accept",
    "contract_advance_term_set",
    "contract_amend",
    "contract_assign",
    "contract_cancel",
    "contract_change",
    "contract_create",
    "contract_document_add",
    "contract_document_remove",
    "contract_milestone_reach",
    "contract_sign",
    "contract_task_done",
]
