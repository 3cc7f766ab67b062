"""Codes of dunning, disputes and promises."""

from __future__ import annotations

from huikuan.errors import RefusalCode

POLICY_TAKEN = RefusalCode("RECEIVABLES_POLICY_TAKEN", "Another dunning policy, with other content, has this code")
RUN_OPEN = RefusalCode("RECEIVABLES_RUN_OPEN", "Another dunning run is neither done nor cancelled")
RUN_EARLIER = RefusalCode("RECEIVABLES_RUN_EARLIER", "A later dunning run was approved already")
LEVEL_UNKNOWN = RefusalCode("RECEIVABLES_LEVEL_UNKNOWN", "The policy in force has no such level")
DISPUTED = RefusalCode("RECEIVABLES_DISPUTED", "The item is disputed already")
MORE_THAN_OPEN = RefusalCode("RECEIVABLES_MORE_THAN_OPEN", "More would be disputed or promised than is open")
DUNNING_BLOCK = RefusalCode(
    "RECEIVABLES_DUNNING_BLOCK",
    "An open item stands at a dunning level that stops this",
    release="receivables.approve",
)
