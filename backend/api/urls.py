"""Addresses of the API: the same nouns as the pages."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from backend.api import (
    books,
    clearing,
    costs,
    finance,
    inspections,
    masters,
    needs,
    people,
    pieces,
    purchasing,
    returns,
    sales,
    service,
    sourcing,
    stock,
    subcontracting,
    suppliers,
)
from backend.api.bins import BinMoveView, BinStockView, BinView
from backend.api.requisitions import RequisitionView
from backend.api.schema import docs, nowhere
from backend.api.stock_documents import OtherIssueView, OtherReceiptView, TransferReceiptView, TransferView
from backend.api.stock_work import AlertView, AssemblyView, CountView

app_name = "api"
router = SimpleRouter(use_regex_path=True)
for prefix, view in (
    ("catalog/items", masters.ItemView),
    ("catalog/price-lists", masters.PriceListView),
    ("catalog/units", masters.UnitView),
    ("catalog/tax-codes", masters.TaxCodeView),
    ("catalog/categories", masters.CategoryView),
    ("parties", masters.PartyView),
    ("sales/quotes", sales.QuoteView),
    ("sales/orders", sales.OrderView),
    ("sales/deliveries", sales.DeliveryView),
    ("sales/returns", returns.SalesReturnView),
    ("purchasing/requisitions", RequisitionView),
    ("purchasing/suggestions", needs.SuggestionView),
    ("purchasing/orders", purchasing.OrderView),
    ("purchasing/asns", purchasing.AsnView),
    ("purchasing/exceptions", needs.ExceptionView),
    ("purchasing/receipts", purchasing.ReceiptView),
    ("purchasing/inspections", inspections.InspectionView),
    ("purchasing/returns", returns.PurchaseReturnView),
    ("purchasing/rfqs", sourcing.RfqView),
    ("purchasing/blankets", sourcing.BlanketView),
    ("purchasing/subcontracts", subcontracting.SubcontractView),
    ("purchasing/materials", subcontracting.MaterialView),
    ("inventory/stock", stock.StockView),
    ("inventory/warehouses", stock.WarehouseView),
    ("inventory/lots", stock.LotView),
    ("inventory/serials", pieces.SerialView),
    ("inventory/opening-stocks", stock.OpeningStockView),
    ("inventory/landed-costs", costs.LandedCostView),
    ("inventory/cost-adjustments", costs.CostAdjustmentView),
    ("inventory/costing-runs", costs.CostingRunView),
    ("inventory/stock-value", costs.StockValueView),
    ("inventory/other-receipts", OtherReceiptView),
    ("inventory/other-issues", OtherIssueView),
    ("inventory/transfers", TransferView),
    ("inventory/transfer-receipts", TransferReceiptView),
    ("inventory/bins", BinView),
    ("inventory/bin-stock", BinStockView),
    ("inventory/bin-moves", BinMoveView),
    ("inventory/counts", CountView),
    ("inventory/assemblies", AssemblyView),
    ("inventory/alerts", AlertView),
    ("invoicing/sales-invoices", finance.SalesInvoiceView),
    ("invoicing/purchase-invoices", finance.PurchaseInvoiceView),
    ("invoicing/receipts", finance.ReceiptView),
    ("invoicing/payments", finance.PaymentView),
    ("invoicing/nettings", clearing.NettingView),
    ("invoicing/refunds", clearing.RefundView),
    ("invoicing/statements", finance.StatementView),
    ("invoicing/fund-accounts", books.FundAccountView),
    ("accounting/accounts", books.AccountView),
    ("accounting/periods", books.PeriodView),
    ("accounting/vouchers", books.VoucherView),
    ("accounting/trial-balance", books.TrialBalanceView),
    ("srm/suppliers", suppliers.SupplierStateView),
    ("srm/claims", suppliers.ClaimView),
    ("srm/scores", suppliers.ScoreView),
    ("service/tickets", service.TicketView),
    ("logistics/shipments", service.ShipmentView),
    ("workflow/tasks", people.TaskView),
    ("access/me", people.MeView),
):
    router.register(prefix, view, basename=prefix.replace("/", "-"))

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]), name="schema"),
    path("docs/", docs, name="docs"),
    path("", include(router.urls)),
    re_path("^.*$", nowhere),
]
