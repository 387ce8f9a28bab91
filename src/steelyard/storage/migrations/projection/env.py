"""Run the steps of this folder over the connection that `migrate` hands in."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=f"{attributes['tables']}_version",
    transactional_ddl=True,
    target_metadata=attributes.get("metadata"),
)
with context.begin_transaction():
    context.run_migrations()
