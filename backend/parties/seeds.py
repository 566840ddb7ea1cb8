"""The carriers most firms ship with, so that a first delivery can name one."""

from datetime import datetime

from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile
from backend.kernel.pinyin import mnemonic_of, sort_key_of
from backend.parties.models import CarrierRole, Party

# Code, name in Chinese, name in English, usual days on the way, phone.
CARRIERS = (
    ("SF", "顺丰速运", "SF Express", 1, "95338"),
    ("JD", "京东物流", "JD Logistics", 1, "950616"),
    ("ZTO", "中通快递", "ZTO Express", 2, "95311"),
    ("YTO", "圆通速递", "YTO Express", 2, "95554"),
    ("DBL", "德邦快递", "Deppon Express", 3, "95353"),
    ("EMS", "EMS 邮政特快专递", "China Post EMS", 2, "11183"),
)


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay the carriers, in two statements."""
    made = []
    for code, chinese, english, days, phone in CARRIERS:
        name = company.word(chinese, english)
        party = Party(
            code=code,
            name=name,
            short_name=name[:40],
            mnemonic=mnemonic_of(name),
            sort_key=sort_key_of(name),
            is_carrier=True,
            language=company.language,
            currency=company.currency,
            phone=phone,
            created_at=at,
            updated_at=at,
        )
        made.append((party, CarrierRole(party=party, days=days)))
    Party.objects.bulk_create([party for party, _role in made])
    CarrierRole.objects.bulk_create([role for _party, role in made])
