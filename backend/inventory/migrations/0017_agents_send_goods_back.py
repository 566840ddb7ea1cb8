"""Goods come back from an agent, and are lost at a processor, whatever the state of their lot (the moves' trigger)."""

from django.db import migrations, models

_LIST = "'reversal', 'purchase_return', 'scrap', 'transfer_out', 'transit', 'transfer_loss', 'count_loss'"
_WIDER = f"{_LIST}, 'consign_back', 'subcontract_loss'"

# The function is taken as it stands and its list of kinds replaced, so that nothing else of it is written twice.
_REPLACE = """
DO $do$
DECLARE
    source text := pg_get_functiondef('inventory_apply_moves'::regproc);
BEGIN
    IF position($list$({old})$list$ IN source) = 0 THEN
        RAISE EXCEPTION 'inventory_apply_moves has another list of kinds';
    END IF;
    EXECUTE replace(source, $list$({old})$list$, $list$({new})$list$);
END $do$;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0016_goods_lie_at_agents")]

    operations = [
        migrations.RunSQL(_REPLACE.format(old=_LIST, new=_WIDER), reverse_sql=_REPLACE.format(old=_WIDER, new=_LIST)),
        migrations.AlterField(
            model_name="stockmove",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opening", "Opening stock"),
                    ("purchase_receipt", "Purchase receipt"),
                    ("sales_delivery", "Sales delivery"),
                    ("purchase_return", "Purchase return"),
                    ("sales_return", "Sales return"),
                    ("revaluation", "Cost adjustment"),
                    ("correction", "Recalculated cost"),
                    ("reversal", "Reversal"),
                    ("lot_split", "Lot split"),
                    ("other_receipt", "Other receipt"),
                    ("other_issue", "Other issue"),
                    ("scrap", "Scrapped"),
                    ("transfer_out", "Transfer out"),
                    ("transit", "Under way"),
                    ("transfer_in", "Transfer in"),
                    ("transfer_loss", "Lost on the way"),
                    ("count_gain", "Count gain"),
                    ("count_loss", "Count loss"),
                    ("assembly_out", "Taken for assembly"),
                    ("assembly_in", "Made by assembly"),
                    ("consign_out", "Consignment out"),
                    ("consign_in", "Consignment in"),
                    ("consign_back", "Back from the agent"),
                    ("consign_sold", "Sold on consignment"),
                    ("subcontract_out", "Material sent on"),
                    ("subcontract_in", "Material taken in"),
                    ("subcontract_used", "Used in processing"),
                    ("subcontract_loss", "Lost in processing"),
                ],
                max_length=20,
            ),
        ),
    ]
