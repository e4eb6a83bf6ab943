"""The OpenAPI document says what the API does: schemathesis sends what it allows and what it forbids.

A whole run takes half a minute: schemathesis run http://127.0.0.1:8000/api/v1/openapi.json -n 300
-H "Authorization: Bearer ..." (docs/api.md says how a key is made).
"""

from copy import deepcopy
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings

from surveys.api.document import DOCUMENT
from tests.surveys.api.conftest import Program

DAYS = ("2026-11-08T10:00:00Z", "2026-11-01", "1999-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "", None)
FEW = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def knowing(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what it cannot say: which touchpoints there are, and what time it is."""
    known = deepcopy(document)
    fields = known["components"]["schemas"]["Interaction"]["properties"]
    fields["touchpoint"] = {"type": "string", "enum": ["station", "phone"]}
    fields["happened_at"] = {"enum": list(DAYS)}
    del known["paths"]["/api/v1/bounces"]
    return known


AS_IT_IS = schemathesis.openapi.from_dict(DOCUMENT)
KNOWING = schemathesis.openapi.from_dict(knowing(DOCUMENT))


def tried(case: schemathesis.Case, program: Program) -> None:
    """Send what was made up, and check the reply against the document."""
    case.operation.app = case.operation.schema.app = program.app
    case.call_and_validate(headers={"Authorization": f"Bearer {program.key}"})


@AS_IT_IS.parametrize()
@FEW
def test_the_api_does_what_its_document_says(case: schemathesis.Case, program: Program):
    tried(case, program)


@KNOWING.parametrize()
@FEW
def test_whatever_the_document_allows_is_taken(case: schemathesis.Case, program: Program):
    tried(case, program)


def test_the_document_is_open_and_names_each_problem(program: Program):
    reply = program.app.test_client().get("/api/v1/openapi.json")
    assert (reply.status_code, reply.mimetype) == (200, "application/json")
    posts = [operation["post"] for operation in reply.json["paths"].values() if "post" in operation]
    gets = [operation["get"] for operation in reply.json["paths"].values() if "get" in operation]
    assert (len(posts), len(gets)) == (3, 5)
    for post in posts:
        assert {"200", "401", "403", "404", "413", "415", "422", "429", "503"} <= post["responses"].keys()
        assert post["security"] == [{"key": []}]
    for get in gets:
        if get["operationId"] != "openapi":
            assert {"200", "401", "403", "429", "503"} <= get["responses"].keys()
            assert get["security"] == [{"key": []}]
