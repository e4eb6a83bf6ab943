"""The bill of materials: what an operator holds against lists of known flaws."""

import json
import subprocess
from pathlib import Path

from config import ROOT
from tests.scripts.test_locks import PIN, text


def test_the_bill_of_materials_lists_every_pin_with_its_digests(tmp_path: Path) -> None:
    out = tmp_path / "sbom.json"
    subprocess.run([ROOT / "scripts" / "sbom", out], check=True, capture_output=True)
    bill = json.loads(out.read_text(encoding="utf-8"))
    listed = {
        (one["name"], one["version"]): {
            digest["content"] for reference in one["externalReferences"] for digest in reference["hashes"]
        }
        for one in bill["components"]
    }
    pinned = {
        (name, version): {part.removeprefix("--hash=sha256:") for part in hashes.split() if "sha256" in part}
        for name, version, _, hashes in PIN.findall(text("requirements.txt"))
    }
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "pulse")
    assert listed == pinned
    assert len(pinned) > 40
