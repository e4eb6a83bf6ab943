"""A small company folder that loads, to be spoiled in one place at a time, and what a database holds."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from pulse.db import Base, Database

COMPANY = {
    "teams.csv": (
        "team,name,name_fr,parent,headcount,opened,closed,split_from,merged_into\n"
        "TOP,Railway,Chemin de fer,,,,,,\n"
        "SALES,Sales,Vente,TOP,12,2020-01,,,\n"
        "PHONE,Call centre,Centre d'appels,TOP,20,,,SALES,\n"
        "STOCK,Stock room,Réserve,TOP,8,2020-01,2025-06,,SALES\n"
    ),
    "value_chain.csv": "supplier,customer\nSALES,CUSTOMERS\nPHONE,CUSTOMERS\nSTOCK,SALES\n",
    "touchpoints.csv": "touchpoint,name,team\nDESK,Ticket desk,SALES\nCALL,Call centre,PHONE\nCALL,,SALES\n",
    "irritants.csv": (
        "irritant,label,label_fr,customer_question,customer_question_fr,employee_question,touchpoints\n"
        "WAIT,Waiting,L'attente,Did you wait?,Avez-vous attendu ?,Did waiting land on you?,DESK|CALL\n"
        "FORM,Long forms,,,,,\n"
    ),
    "asked.csv": "team,irritant,from,to\nSALES,WAIT,2025-01,\nSTOCK,FORM,,2025-02\n",
    "fixes.csv": (
        "fix,name,irritant,started,stopped,touchpoints,teams,owner,expected_customer,expected_staff\n"
        "QUEUE,One queue,WAIT,2025-02-10,,DESK,,ana@example.org,-1.5,0\n"
        "SHORT,,FORM,2025-03,2025-09,,STOCK|SALES,,,\n"
    ),
    "rollouts.csv": "fix,place,started,stopped\nQUEUE,SALES,2025-03-01,\n",
    "breaks.csv": "side,month,place,measure,note\ncustomer,2025-02,DESK,WAIT,New form\nemployee,2025-03,,,\n",
    "customer_answers.csv": (
        "month,touchpoint,irritant,score,count\n2025-01,DESK,WAIT,7.25,3\n2025-01,DESK,WAIT,0,\n2025-02,CALL,FORM,10,8\n"
    ),
    "employee_answers.csv": (
        "month,team,irritant,score\n2025-01,SALES,WAIT,2.5\n2025-01,SALES,WAIT,5\n2025-02,STOCK,FORM,10\n"
    ),
}

Spoil = Callable[..., Path]


@pytest.fixture
def company(tmp_path: Path) -> Spoil:
    """Writes the company folder; files by name (dots as underscores) are replaced, or left out where None."""

    def write(**files: str | bytes | None) -> Path:
        folder = tmp_path / "company"
        folder.mkdir(exist_ok=True)
        spoiled = {f"{name}.csv": text for name, text in files.items()}
        for name in {*COMPANY, *spoiled}:
            text = spoiled.get(name, COMPANY.get(name))
            if text is None:
                (folder / name).unlink(missing_ok=True)
            else:
                (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return folder

    return write


def changed(file: str, old: str, new: str) -> dict[str, str]:
    """The company's file with something in it written differently."""
    text = COMPANY[f"{file}.csv"]
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}.csv"
    return {file: text.replace(old, new)}


def added(file: str, *rows: str) -> dict[str, str]:
    """The company's file with rows more."""
    return {file: COMPANY[f"{file}.csv"] + "".join(row + "\n" for row in rows)}


def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text and in order."""
    with database.reading() as session:
        return {
            table.name: sorted(map(str, session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }
