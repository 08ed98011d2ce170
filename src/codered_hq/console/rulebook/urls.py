"""Where the pages of this room are."""

from django.urls import URLPattern, path

from codered_hq.console.rulebook import evidence, ledger, packs, rules, whatif
from codered_hq.console.speaking.filling import by_method

urlpatterns: list[URLPattern] = [
    path("rules/", rules.show_rules, name="rules"),
    path("rules/card.pdf", rules.take_card, name="rules-card"),
    path("rules/what-if/", whatif.show_whatif, name="whatif"),
    path("rules/<int:number>/", rules.show_version, name="rules-version"),
    path("rules/<int:number>/rules.yaml", rules.take_version, name="rules-file"),
    path("evidence/", evidence.show_evidence, name="evidence"),
    path("evidence/new/", by_method(evidence.show_new_record, evidence.add_record), name="evidence-new"),
    path("evidence/<int:number>/", by_method(evidence.show_record, evidence.read_chain), name="evidence-record"),
    path("ledger/", ledger.show_ledger, name="ledger"),
    path("ledger/verify/", ledger.verify, name="ledger-verify"),
    path("ledger/ledger.jsonl", ledger.take_ledger, name="ledger-file"),
    path("ledger/<int:number>/", ledger.show_entry, name="ledger-entry"),
    path("packs/", packs.show_packs, name="packs"),
    path("packs/<str:name>/", packs.show_pack, name="pack"),
]
