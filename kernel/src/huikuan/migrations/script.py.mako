"""${message}"""

# mypy: disable-error-code="attr-defined"

% if "sa." in (upgrades or ""):
import sqlalchemy as sa
% endif
from alembic import op
% if imports:

${imports}
% endif

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
