"""Throughput rules: each command against a real node."""


def test_a_rule_is_shown_and_its_days_listed(at, tmp_path):
    assert "AED" == at("pace", "show", "AED").fields["currency"]
    assert [] == at("pace", "days", "--currency", "AED").rows
    assert 2 == at("pace", "show", "XXX").code
    file = tmp_path / "rule.json"
    file.write_text('{"entry_fee": "0.02"}')
    assert 6 == at("pace", "rule", "AED", str(file)).code
    file.write_text('{"entry_fee": 2}')
    assert 2 == at("pace", "rule", "AED", str(file)).code
