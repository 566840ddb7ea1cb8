"""The recorded history of a company's schema, and schemas that are ready before anybody needs them."""

from django.db import models


class SchemaStep(models.Model):
    """One migration as SQL. ``fingerprint`` chains the steps: it names the state of a schema that ends with this one.

    ``statements`` is a list of SQL texts; ``by_code`` marks a migration that runs Python and is applied by Django.
    """

    seq = models.PositiveIntegerField(primary_key=True)
    app = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    statements = models.JSONField(default=list)
    atomic = models.BooleanField(default=True)
    by_code = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64, unique=True, db_collation="C")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "tenants_schema_step"
        constraints = [models.UniqueConstraint(fields=["app", "name"], name="schema_step_once")]


class SpareSchema(models.Model):
    """An empty schema in step with the release; a sign-up locks one, renames it and deletes this row."""

    name = models.CharField(primary_key=True, max_length=63, db_collation="C")
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "tenants_spare_schema"
