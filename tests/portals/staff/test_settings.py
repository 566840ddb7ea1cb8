"""Settings: parameters, numbers, accounts, members, roles, tokens; refusals keep what was typed, rights hold."""

import pytest

pytestmark = pytest.mark.django_db

PAGES = [
    "",
    "parameters/",
    "numbering/",
    "numbering/sales.order/",
    "accounts/",
    "accounts/new/",
    "members/",
    "members/?kind=supplier",
    "members/invite/",
    "members/invite/?kind=supplier",
    "roles/",
    "roles/?kind=customer",
    "roles/new/",
    "tokens/",
]


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_drawn_within_bounds(world, browser, statements, page):
    client = browser()
    client.get(f"/settings/{page}")
    with statements(12):
        assert client.get(f"/settings/{page}").status_code == 200


def test_parameters_are_changed(world, browser):
    from backend.workflow import parameters

    fields = {
        key.replace(".", "__"): str(value) for key, value in parameters.stored_values().items() if value is not False
    }
    client = browser()
    bad = client.post("/settings/parameters/", fields | {"sales__quote_valid_days": "soon"})
    assert bad.status_code == 400
    assert 'value="soon"' in bad.content.decode()
    assert client.post("/settings/parameters/", fields | {"sales__quote_valid_days": "45"}).status_code == 302
    assert parameters.get("sales.quote_valid_days") == 45
    assert browser("sales_rep").post("/settings/parameters/", fields).status_code == 403


def test_numbers_follow_the_rule(world, browser, order_of):
    client = browser()
    rule = {"prefix": "SO", "date_format": "%Y%m", "separator": "-", "digits": "4", "reset": "month"}
    twice = client.post("/settings/numbering/sales.order/", rule | {"reset": "day"})
    assert twice.status_code == 400
    assert 'value="SO"' in twice.content.decode()
    assert client.post("/settings/numbering/sales.order/", rule).status_code == 302
    assert order_of({"PA4": 1}).number == f"SO-{world.today:%Y%m}-0001"
    assert client.get("/settings/numbering/no.such/").status_code == 404


def test_a_member_is_invited_and_given_roles(world, browser, member_for):
    client = browser()
    assert (
        client.post(
            "/settings/members/invite/", {"kind": "staff", "email": "li@example.com", "name": "李", "roles": ["buyer"]}
        ).status_code
        == 302
    )
    assert "li@example.com" in client.get("/settings/members/").content.decode()
    member = member_for("sales_rep")
    page = f"/settings/members/{member.pk}/"
    assert client.get(page).status_code == 200
    assert client.post(f"{page}roles/", {"roles": ["buyer", "sales_rep"]}).status_code == 302
    assert client.post(f"{page}off/").status_code == 302
    member.refresh_from_db()
    assert not member.active
    assert client.post(f"{page}on/").status_code == 302
    assert browser("sales_rep").get("/settings/members/").status_code == 403


def test_a_role_of_our_own(world, browser):
    from backend.access.models import Role

    client = browser()
    bad = client.post("/settings/roles/new/", {"kind": "staff", "name": "", "permissions": ["sales.order.view"]})
    assert bad.status_code == 400
    assert 'value="sales.order.view" checked' in bad.content.decode()
    assert (
        client.post(
            "/settings/roles/new/", {"kind": "staff", "name": "看单", "permissions": ["sales.order.view"]}
        ).status_code
        == 302
    )
    role = Role.objects.get(name="看单")
    assert client.get(f"/settings/roles/{role.pk}/").status_code == 200
    assert client.post(f"/settings/roles/{role.pk}/removal/").status_code == 302
    assert client.get("/settings/roles/?kind=staff").status_code == 200


def test_a_token_is_shown_once(world, browser):
    from backend.access.models import ApiToken

    client = browser()
    made = client.post("/settings/tokens/", {"name": "Excel", "days": "30"})
    assert made.status_code == 200
    assert made.context["secret"] in made.content.decode()
    assert made.context["secret"] not in client.get("/settings/tokens/").content.decode()
    token = ApiToken.objects.get(name="Excel")
    assert client.post(f"/settings/tokens/{token.pk}/revoke/").status_code == 302


def test_every_entry_of_the_navigation_leads_somewhere(world, browser):
    from portals.ui.navigation import AREAS, QUICK_CREATE, address

    client = browser()
    request = client.get("/").wsgi_request
    for entry in [*(entry for area in AREAS for entry in area.entries), *QUICK_CREATE]:
        url = address(request, entry.url_name)
        assert url, entry.url_name
        assert client.get(url).status_code == 200, url
