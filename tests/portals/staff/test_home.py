"""The home page: whole for the owner, without what a role may not see, in a bounded number of statements."""

import pytest


@pytest.mark.django_db
def test_home_of_the_owner(tenant, actor, client_for):
    from backend.access.models import Member

    client = client_for(Member.objects.get(pk=actor.member_id))
    answer = client.get("/")
    assert answer.status_code == 200
    open("/tmp/home.html", "wb").write(answer.content)
