"""Every icon that the staff face names exists: a missing one would break a page only where it is drawn."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3] / "portals"
NAMED = re.compile(r'icon="([a-z0-9-]+)"|\{% icon "([a-z0-9-]+)"|\.post\([^,]+, "[^"]+", [a-z]+, "([a-z0-9-]+)"')


def test_every_icon_exists():
    have = set(json.loads((ROOT / "ui" / "icons.json").read_text()))
    files = [*ROOT.glob("staff/**/*.py"), *ROOT.glob("staff/templates/**/*.html")]
    missing = {}
    for file in files:
        for groups in NAMED.findall(file.read_text()):
            name = next(filter(None, groups))
            if name not in have:
                missing[name] = file.name
    assert not missing
