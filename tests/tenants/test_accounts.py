"""Signing up, in, out; passwords; the second factor; sessions bound to company and face; invitations."""

import re
from typing import Any

import pyotp
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from backend.access import services as access
from backend.access.models import Member
from backend.kernel.actor import Actor
from backend.kernel.tenancy import in_public, run_in
from backend.parties.models import Party
from tenants import pool, sample_data, tasks
from tenants.demo import companies
from tenants.models import FaceSession, Identity, Membership, Tenant
from tests.databases import PASSWORD
from tests.people import make_member

SIGN_UP = {
    "email": "Li.Qun@yunshan.example",
    "name": "李群",
    "company": "云杉商贸有限公司",
    "slug": "",
    "industry": "trade",
    "taxpayer_type": "general",
    "password": "paper runs in 2026",
    "time_zone": "Asia/Shanghai",
}


@pytest.fixture
def public(db: None) -> Client:
    return Client(SERVER_NAME="localhost")


def at(slug: str) -> Client:
    return Client(SERVER_NAME=f"{slug}.localhost")


def links(message: Any) -> list[str]:
    return re.findall(r"http://[^\s]+", message.body)


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def plain(answer: Any) -> str:
    """The page without what differs by design: form tokens and the address that was typed."""
    return re.sub(r"[A-Za-z0-9]{64}|[\w.]+@example\.com", "", answer.content.decode())


def sign_in(client: Client, email: str, password: str = PASSWORD, path: str = "/signin/") -> Any:
    return client.post(path, {"email": email, "password": password})


# --- sign-up ---------------------------------------------------------------------------------------
def test_from_sign_up_to_the_first_page(public: Client, django_capture_on_commit_callbacks: Any) -> None:
    pool.fill(1)
    with django_capture_on_commit_callbacks(execute=True):
        assert public.post("/signup/", SIGN_UP).status_code == 200
    assert mail.outbox[0].to == ["li.qun@yunshan.example"]
    verify = path_of(links(mail.outbox[0])[0])
    assert public.get(verify).status_code == 200
    assert not Tenant.objects.filter(slug="yunshanshangmao").exists()
    answer = public.post(verify)
    assert answer.status_code == 302
    assert answer.url.startswith("http://yunshanshangmao.localhost:8000/signin/token/")
    company = at("yunshanshangmao")
    entered = company.get(path_of(answer.url))
    assert (entered.status_code, entered.url) == (302, "/")
    assert company.cookies["troika_staff"]["path"] == "/"
    assert company.get("/account/").status_code == 200
    # the crossing token is good once, the mailed link makes one company
    assert at("yunshanshangmao").get(path_of(answer.url)).status_code == 410
    assert public.post(verify).url == "http://yunshanshangmao.localhost:8000/signin/"
    tenant = Tenant.objects.get(slug="yunshanshangmao")
    with run_in(tenant):
        owner = Member.objects.get()
        assert (owner.name, owner.email) == ("李群", "li.qun@yunshan.example")
        assert [role.code for role in owner.roles.all()] == ["owner"]


def test_sample_data_come_after_the_company(public: Client, django_capture_on_commit_callbacks: Any) -> None:
    """The link makes the company at once; a worker lays the sample data, once, and the home page waits for them."""
    pool.fill(1)
    with django_capture_on_commit_callbacks(execute=True):
        public.post("/signup/", SIGN_UP | {"with_demo_data": "on"})
    answer = public.post(path_of(links(mail.outbox[0])[0]))
    tenant = Tenant.objects.get(slug="yunshanshangmao")
    assert (tenant.has_demo_data, sample_data.state_of(tenant)) == (False, "waiting")
    company = at("yunshanshangmao")
    company.get(path_of(answer.url))
    assert 'hx-get="/sample-data/"' in company.get("/").content.decode()
    assert "HX-Refresh" not in company.get("/sample-data/")
    assert sample_data.lay_waiting(at=timezone.now()) == 0  # the worker that was asked has not had its time yet
    assert tasks.lay_sample_data(str(tenant.pk)) is True
    assert tasks.lay_sample_data(str(tenant.pk)) is False
    assert company.get("/sample-data/")["HX-Refresh"] == "true"
    assert 'id="tk-sample"' not in company.get("/").content.decode()
    with run_in(tenant):
        assert Party.objects.filter(is_customer=True).exists()


def test_sample_data_that_cannot_be_laid_are_tried_again_and_given_up(tenant: Any, monkeypatch: Any) -> None:
    """Nothing half done stays; after the last attempt the home page says so."""
    before = Party.objects.count()
    with in_public():
        sample_data.ask_for(tenant, at=timezone.now() - sample_data.PAUSE * 2)
    monkeypatch.setattr(companies.documents, "lay_documents", lambda stage: 1 / 0)
    for _attempt in range(sample_data.ATTEMPTS):
        assert sample_data.fresh_state_of(tenant.pk) == "waiting"
        assert sample_data.lay_waiting(at=timezone.now()) == 0
    assert sample_data.fresh_state_of(tenant.pk) == "failed"
    assert Party.objects.count() == before
    client = at("alpha")
    sign_in(client, "alpha@example.com")
    page = client.get("/").content.decode()
    assert 'id="tk-sample"' in page
    assert 'hx-get="/sample-data/"' not in page


def test_sign_up_names_what_is_wrong(public: Client) -> None:
    answer = public.post("/signup/", {**SIGN_UP, "slug": "alpha", "password": "12345"})
    assert answer.status_code == 400
    answer = public.post("/signup/", {**SIGN_UP, "slug": "alpha"})
    assert answer.status_code == 409
    assert "alpha-2" in answer.content.decode()
    assert mail.outbox == []


def test_sign_up_answers_the_same_for_a_known_address(public: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        known = public.post("/signup/", {**SIGN_UP, "email": "alpha@example.com"})
        fresh = public.post("/signup/", {**SIGN_UP, "email": "fresh@example.com"})
    assert known.status_code == fresh.status_code == 200
    assert plain(known) == plain(fresh)
    answer = public.post(path_of(links(mail.outbox[0])[0]))
    assert answer.url.endswith("/signin/")  # the company is there, the old password opens it
    assert sign_in(at("yunshanshangmao"), "alpha@example.com").status_code == 302


def test_address_is_suggested_while_typing(public: Client) -> None:
    assert 'value="yunshanshangmao"' in public.get("/signup/address/", {"company": "云杉商贸有限公司"}).content.decode()
    taken = public.get("/signup/address/", {"company": "x", "slug": "alpha", "edited": "1"})
    assert "alpha-2" in taken.content.decode()


# --- sign-in ---------------------------------------------------------------------------------------
def test_sign_in_and_out(tenant: Any) -> None:
    client = at("alpha")
    assert client.get("/account/").url == "/signin/?next=%2Faccount%2F"
    answer = client.post("/signin/", {"email": "ALPHA@example.com", "password": PASSWORD, "next": "/account/"})
    assert answer.url == "/account/"
    assert client.get("/account/").status_code == 200
    assert client.post("/signout/").status_code == 302
    assert client.get("/account/").status_code == 302
    assert FaceSession.objects.count() == 0


def test_wrong_password_and_unknown_address_look_the_same(tenant: Any) -> None:
    wrong = sign_in(at("alpha"), "alpha@example.com", "wrong")
    unknown = sign_in(at("alpha"), "nobody@example.com", "wrong")
    assert wrong.status_code == unknown.status_code == 400
    assert plain(wrong) == plain(unknown)


def test_guessing_is_stopped(tenant: Any) -> None:
    client = at("alpha")
    answers = [sign_in(client, "alpha@example.com", f"guess {n}").status_code for n in range(9)]
    assert answers[:8] == [400] * 8
    assert answers[8] == 429
    assert sign_in(client, "alpha@example.com").status_code == 429


def test_next_never_leads_to_another_site(tenant: Any) -> None:
    answer = at("alpha").post(
        "/signin/", {"email": "alpha@example.com", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer.url == "/"


def test_a_person_of_another_company_does_not_get_in(tenant: Any) -> None:
    answer = sign_in(at("alpha"), "beta@example.com")
    assert answer.status_code == 403
    assert not FaceSession.objects.exists()


@pytest.mark.isolation
def test_a_session_is_good_for_its_company_only(tenant: Any) -> None:
    alpha, beta = at("alpha"), at("beta")
    sign_in(alpha, "alpha@example.com")
    beta.cookies["troika_staff"] = alpha.cookies["troika_staff"].value
    assert beta.get("/account/").status_code == 302
    assert alpha.get("/account/").status_code == 200


@pytest.mark.isolation
def test_a_session_is_good_for_its_face_only(tenant: Any, client_for: Any) -> None:
    client = client_for(make_member("sales_rep"))
    key = client.cookies["troika_staff"].value
    other = at("alpha")
    other.cookies["troika_supplier"] = key
    assert other.get("/supplier/account/").status_code == 302
    other.cookies["troika_public"] = key
    assert other.get("/account/").status_code == 302


def test_public_sign_in_goes_on_to_the_company(public: Client, tenant: Any) -> None:
    answer = sign_in(public, "alpha@example.com")
    assert answer.url.startswith("http://alpha.localhost:8000/signin/token/")
    assert at("beta").get(path_of(answer.url)).status_code == 403  # not there, and used up
    membership = Membership.objects.get(identity__email="alpha@example.com")
    answer = public.post(f"/companies/{membership.pk}/")
    assert at("alpha").get(path_of(answer.url)).url == "/"
    foreign = Membership.objects.get(identity__email="beta@example.com")
    assert public.post(f"/companies/{foreign.pk}/").status_code == 404


def test_switching_between_ones_companies(tenant: Any, beta: Any) -> None:
    identity = Identity.objects.get(email="alpha@example.com")
    with run_in(beta):
        access.create_member(
            identity_id=identity.pk, kind="staff", name="A", email=identity.email, role_codes=["accountant"],
            actor=Actor.system(), at=timezone.now(),
        )  # fmt: skip
    client = at("alpha")
    sign_in(client, "alpha@example.com")
    page = client.get("/account/companies/").content.decode()
    there = Membership.objects.get(identity=identity, tenant=beta)
    assert f"/account/switch/{there.pk}/" in page
    url = client.get(f"/account/switch/{there.pk}/").url
    assert url.startswith("http://beta.localhost:8000/signin/token/")
    other = at("beta")
    assert other.get(path_of(url)).url == "/"
    assert "beta" in other.get("/account/sessions/").content.decode().lower()


def test_a_deactivated_member_is_out_at_once(tenant: Any, client_for: Any, actor: Any) -> None:
    member = make_member("buyer")
    client = client_for(member)
    assert client.get("/account/").status_code == 200
    access.deactivate_member(member_id=member.pk, actor=actor, at=timezone.now())
    assert client.get("/account/").status_code == 302
    assert sign_in(at("alpha"), member.email).status_code == 403
    access.reactivate_member(member_id=member.pk, actor=actor, at=timezone.now())
    assert sign_in(at("alpha"), member.email).status_code == 302


# --- passwords and second factor ---------------------------------------------------------------------
def test_a_new_password_by_mail_ends_all_sessions(tenant: Any) -> None:
    client = at("alpha")
    sign_in(client, "alpha@example.com")
    stranger = at("alpha")
    assert stranger.post("/password/reset/", {"email": "nobody@example.com"}).status_code == 200
    assert mail.outbox == []
    assert stranger.post("/password/reset/", {"email": "alpha@example.com"}).status_code == 200
    path = path_of(links(mail.outbox[0])[0])
    assert stranger.post(path, {"password": "short"}).status_code == 400
    assert stranger.post(path, {"password": "another long sentence"}).status_code == 302
    assert client.get("/account/").status_code == 302
    assert stranger.post(path, {"password": "yet another sentence"}).status_code == 410
    assert sign_in(at("alpha"), "alpha@example.com", "another long sentence").status_code == 302


def test_changing_the_password_keeps_this_session_only(tenant: Any) -> None:
    here, there = at("alpha"), at("alpha")
    sign_in(here, "alpha@example.com")
    sign_in(there, "alpha@example.com")
    wrong = here.post("/account/security/password/", {"change-old": "x", "change-password": "another long sentence"})
    assert wrong.status_code == 400
    right = here.post(
        "/account/security/password/", {"change-old": PASSWORD, "change-password": "another long sentence"}
    )
    assert right.status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_second_factor(tenant: Any) -> None:
    client = at("alpha")
    sign_in(client, "alpha@example.com")
    page = client.get("/account/security/second-factor/").content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")  # type: ignore[index]
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]  # type: ignore[index]
    assert client.post("/account/security/second-factor/", {"sealed": sealed, "code": "000000"}).status_code == 400
    now = int(timezone.now().timestamp())
    done = client.post("/account/security/second-factor/", {"sealed": sealed, "code": pyotp.TOTP(secret).at(now - 30)})
    codes = re.findall(r"<code>([0-9a-f]{5}-[0-9a-f]{5})</code>", done.content.decode())
    assert len(codes) == 10
    other = at("alpha")
    asked = sign_in(other, "alpha@example.com")
    assert asked.status_code == 200
    assert other.get("/account/").status_code == 302
    stage = re.search(r'name="stage" value="([^"]+)"', asked.content.decode())[1]  # type: ignore[index]
    assert other.post("/signin/code/", {"stage": stage, "code": "123456"}).status_code == 400
    assert other.post("/signin/code/", {"stage": stage, "code": pyotp.TOTP(secret).at(now)}).status_code == 302
    assert other.get("/account/").status_code == 200
    # the same code again is refused, a recovery code works once
    third = at("alpha")
    stage = re.search(r'name="stage" value="([^"]+)"', sign_in(third, "alpha@example.com").content.decode())[1]  # type: ignore[index]
    assert third.post("/signin/code/", {"stage": stage, "code": pyotp.TOTP(secret).at(now)}).status_code == 400
    assert third.post("/signin/code/", {"stage": stage, "code": codes[0]}).status_code == 302
    fourth = at("alpha")
    stage = re.search(r'name="stage" value="([^"]+)"', sign_in(fourth, "alpha@example.com").content.decode())[1]  # type: ignore[index]
    assert fourth.post("/signin/code/", {"stage": stage, "code": codes[0]}).status_code == 400
    assert third.post("/account/security/second-factor/off/", {"off-old": PASSWORD}).status_code == 302
    assert sign_in(at("alpha"), "alpha@example.com").status_code == 302


def test_sessions_can_be_ended(tenant: Any) -> None:
    here, there = at("alpha"), at("alpha")
    sign_in(here, "alpha@example.com")
    sign_in(there, "alpha@example.com")
    page = here.get("/account/sessions/").content.decode()
    marks = re.findall(r'name="session" value="([0-9a-f]+)"', page)
    assert len(marks) == 1
    assert FaceSession.objects.count() == 2
    assert here.post("/account/sessions/end/", {"session": marks[0]}).status_code == 302
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_language_is_the_members(tenant: Any) -> None:
    client = at("alpha")
    sign_in(client, "alpha@example.com")
    answer = client.post("/account/", {"name": "New name", "language": "en"})
    assert answer.status_code == 302
    assert Member.objects.get(email="alpha@example.com").language == "en"
    assert client.get("/account/")["Content-Language"] == "en"
    client.post("/account/", {"name": "New name", "language": "zh-hans"})
    assert client.get("/account/")["Content-Language"] == "zh-Hans"


# --- invitations -------------------------------------------------------------------------------------
def test_an_invited_colleague_joins(tenant: Any, actor: Any) -> None:
    _invitation, token = access.invite_member(
        email="wang@example.com", kind="staff", role_codes=["buyer"], actor=actor, at=timezone.now()
    )
    client = at("alpha")
    assert client.get(f"/invitation/{token}/").status_code == 200
    assert client.post(f"/invitation/{token}/", {"name": "王敏", "password": "short"}).status_code == 400
    assert not Identity.objects.filter(email="wang@example.com").exists()
    answer = client.post(f"/invitation/{token}/", {"name": "王敏", "password": "a fine long sentence"})
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.get("/account/").status_code == 200
    assert client.get(f"/invitation/{token}/").status_code == 404
    with in_public():
        assert Membership.objects.filter(identity__email="wang@example.com", tenant=tenant, kind="staff").exists()


def test_a_known_person_joins_with_the_password_he_has(tenant: Any, actor: Any) -> None:
    _invitation, token = access.invite_member(
        email="beta@example.com", kind="staff", role_codes=["buyer"], actor=actor, at=timezone.now()
    )
    client = at("alpha")
    assert client.post(f"/invitation/{token}/", {"password": "not his password"}).status_code == 400
    assert client.post(f"/invitation/{token}/", {"password": PASSWORD}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_an_unknown_host_is_no_company(db: None) -> None:
    answer = at("nobody").get("/")
    assert answer.status_code == 404
    assert "http://localhost:8000/signin/" in answer.content.decode()


@pytest.mark.parametrize("face", ["supplier", "customer"])
def test_account_pages_stand_in_the_portals_own_frame(tenant: Any, client_for: Any, face: str) -> None:
    companies.lay_sample_data(tenant=tenant, at=timezone.now())
    party = Party.objects.filter(**{f"is_{face}": True}).order_by("code").first()
    client = client_for(make_member("supplier_admin" if face == "supplier" else "customer_buyer", party=party))
    for page in ("", "security/", "sessions/", "companies/", "security/second-factor/"):
        answer = client.get(f"/{face}/account/{page}")
        assert answer.status_code == 200
        assert f'href="/{face}/orders/"' in answer.content.decode()
    assert client.post(f"/{face}/account/", {"name": "", "language": "en"}).status_code == 400
    assert client.post(f"/{face}/signout/").url == f"/{face}/signin/"
