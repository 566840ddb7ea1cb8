"""A company's archive: everything in it, restored beside the others or in place."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from backend.access.models import Member
from backend.kernel.errors import ValidationRefused
from backend.kernel.files import attach_file
from backend.kernel.models import AuditEntry, NumberingRule
from backend.kernel.numbering import next_number
from backend.kernel.tenancy import run_in
from backend.purchasing.models import Quote
from backend.purchasing.services.sealing import as_supplier
from tenants import archive
from tenants.models import Membership, Tenant
from tests.people import make_member
from tests.purchasing.test_rfqs import Story


def _packed(tenant: Tenant) -> io.BytesIO:
    target = io.BytesIO()
    archive.export_tenant(tenant=tenant, target=target, at=timezone.now())
    target.seek(0)
    return target


def test_an_archive_restores_beside_the_original(tenant: Any) -> None:
    make_member("buyer", email="buyer@example.com")
    name = default_storage.save("notes/a.txt", ContentFile(b"kept"))
    before = (Member.objects.count(), NumberingRule.objects.count(), AuditEntry.objects.count())
    taken = next_number("sales.order", timezone.now().date())
    packed = _packed(tenant)
    assert f"files/{name.split('/', 1)[1]}" in zipfile.ZipFile(packed).namelist()
    copy = archive.restore_tenant(source=packed, slug="alpha-copy", at=timezone.now())
    with run_in(copy):
        assert (Member.objects.count(), NumberingRule.objects.count(), AuditEntry.objects.count()) == before
        assert next_number("sales.order", timezone.now().date()) > taken
        AuditEntry.objects.filter(pk=-1).exists()
        assert default_storage.open(f"{copy.schema_name}/{name.split('/', 1)[1]}").read() == b"kept"
    assert Membership.objects.filter(tenant=copy).count() == before[0]
    assert (copy.name, copy.language) == (tenant.name, tenant.language)


def test_a_company_goes_back_and_the_present_is_kept(tenant: Any, beta: Any) -> None:
    packed = _packed(tenant)
    make_member("buyer", email="later@example.com")
    kept = archive.replace_tenant(source=packed, tenant=tenant, at=timezone.now())
    with run_in(tenant):
        assert not Member.objects.filter(email="later@example.com").exists()
        assert Member.objects.filter(email="alpha@example.com").exists()
    with run_in(kept):
        assert Member.objects.filter(email="later@example.com").exists()
    with run_in(beta):
        assert Member.objects.filter(email="beta@example.com").exists()
    assert Membership.objects.filter(tenant=tenant).count() == 1


def test_sequences_go_on_after_the_restored_rows(tenant: Any) -> None:
    make_member("buyer")
    copy = archive.restore_tenant(source=_packed(tenant), slug="alpha-copy", at=timezone.now())
    with run_in(copy), connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM access_member_role")
        highest = cursor.fetchone()[0]
        make_member("sales_rep")
        cursor.execute("SELECT max(id) FROM access_member_role")
        assert cursor.fetchone()[0] == highest + 1


def test_something_else_is_refused(db: None) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("manifest.json", "{}")
    other.seek(0)
    with pytest.raises(ValidationRefused):
        archive.restore_tenant(source=other, slug="nothing", at=timezone.now())


def test_the_owner_takes_everything_home_also_when_read_only(tenant: Any, client_for: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(state="read_only")
    owner = client_for(Member.objects.get())
    answer = owner.get("/subscription/export/")
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert "tables/access_member.csv" in names
    assert client_for(make_member("admin")).get("/subscription/export/").status_code == 403


@pytest.mark.parametrize("whole", [True, False])
def test_sealed_quotes_come_along_in_the_operators_backup_only(tenant: Any, whole: bool) -> None:
    """SRM-05: what a company downloads has no price nobody may read yet; a restored company is sealed again."""
    story = Story(ahead=timedelta(days=2))
    quote = story.quote(0, "10.37")
    paper = SimpleUploadedFile("offer.pdf", b"%PDF-1.4 10.37 each")
    attach_file(subject=quote, upload=paper, actor=story.person(0), at=story.early)
    packed = io.BytesIO()
    counts = archive.export_tenant(tenant=tenant, target=packed, at=timezone.now(), sealed=whole)
    assert counts["purchasing_quote_line"] == int(whole)
    taken = zipfile.ZipFile(packed)
    assert (b"10.37" in taken.read("tables/purchasing_quote_line.csv")) == whole
    files = [taken.read(name) for name in taken.namelist() if name.startswith("files/")]
    assert any(b"10.37" in body for body in files) == whole
    with connection.cursor() as cursor:  # the export's own transaction would have ended here
        cursor.execute("SELECT set_config('troika.whole_copy', '', true)")
    copy = archive.restore_tenant(source=packed, slug="alpha-copy", at=timezone.now())
    with run_in(copy):
        assert Quote.objects.count() == 0
        with as_supplier(story.suppliers[0].pk):
            assert Quote.objects.count() == int(whole)
