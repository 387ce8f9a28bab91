"""Settings: where they come from, which wins, and what is refused."""

from pathlib import Path

import pytest

from steelyard.node.child import decode_config, encode_config
from steelyard.node.config import (
    NAMES,
    PRODUCTION_REFUSAL,
    SETTINGS,
    Config,
    ConfigFault,
    load_config,
    start_faults,
)

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"


def write(folder, text):
    path = folder / "steelyard.toml"
    path.write_text(text)
    return path


def test_flag_goes_before_environment_before_file_before_default(tmp_path):
    """Each source wins over those after it, and the origin says which."""
    path = write(tmp_path, "gateways = 1\nsweep_s = 10\nlisten = 'unix:a'\n[logs]\nlevel = 'error'\n")
    environment = {"STEELYARD_GATEWAYS": "2", "STEELYARD_SWEEP_S": "20"}

    config, origins = load_config(path, environment=environment, flags={"gateways": 3, "paranoid": None})

    assert (3, 20, "unix:a", "error", False) == (
        config.gateways, config.sweep_s, config.listen, config.logs_level, config.paranoid
    )  # fmt: skip
    assert ("flag", "environment", str(path), "default") == tuple(
        origins[name] for name in ("gateways", "sweep_s", "listen", "paranoid")
    )


def test_every_fault_is_told_at_once(tmp_path):
    """Unknown names and wrong kinds, from all sources."""
    path = write(tmp_path, "gatewys = 1\nsweep_s = 'often'\n")

    with pytest.raises(ConfigFault) as told:
        load_config(path, environment={"STEELYARD_PROFILE": "big", "STEELYARD_GATEWAY": "1"})

    for word in ("gatewys", "sweep_s", "profile", "no setting gateway, perhaps gateways"):
        assert word in str(told.value)


def test_variables_of_other_commands_are_none_of_its_business(tmp_path):
    """The client's address and key, say."""
    environment = {"STEELYARD_URL": "http://x", "STEELYARD_KEY": "k", "STEELYARD_CRASH_ROUNDS": "5"}

    assert {"default"} == set(load_config(write(tmp_path, ""), environment=environment)[1].values())


def test_environment_text_is_read_as_the_settings_kind(tmp_path):
    """Booleans, numbers and lists come as text."""
    environment = {"STEELYARD_PARANOID": "true", "STEELYARD_TRUSTED_PROXIES": "10.0.0.1, 10.0.0.2"}

    config, _ = load_config(write(tmp_path, ""), environment=environment)

    assert config.paranoid is True
    assert ("10.0.0.1", "10.0.0.2") == config.trusted_proxies


def test_paths_start_from_the_file(tmp_path):
    """Not from where the command happened to be run."""
    config, _ = load_config(write(tmp_path, "data = 'd'"), environment={})

    assert tmp_path / "d" == config.data_folder
    assert str(tmp_path / "d") == config.address("evidence")
    assert tmp_path / "d" / "node.sock" == config.link_path


def test_stores_follow_the_journal_to_its_server(tmp_path):
    """One address is enough, and each may have its own."""
    text = "journal = 'postgresql://db/x'\nprojection = 'p.db'"
    config, _ = load_config(write(tmp_path, text), environment={})

    assert "postgresql://db/x" == config.address("evidence")
    assert str(tmp_path / "p.db") == config.address("projection")


def test_profile_production_does_not_start_and_says_why(tmp_path):
    """Until request signatures exist."""
    assert PRODUCTION_REFUSAL in start_faults(Config(folder=tmp_path, profile="production"))
    assert "request signatures do not exist yet" in PRODUCTION_REFUSAL
    assert [] == start_faults(Config(folder=tmp_path))


def test_a_day_of_gap_is_production_s_bound_only(tmp_path):
    """A laptop sleeps."""
    assert Config().start_gap_ns_max is None
    assert 86_400 * 10**9 == Config(profile="production").start_gap_ns_max
    assert 5 * 10**9 == Config(start_gap_s_max=5).start_gap_ns_max


def test_settings_survive_the_way_to_a_child(tmp_path):
    """What the node hands to its children is what it has."""
    config, _ = load_config(write(tmp_path, "gateways = 2"), environment={"STEELYARD_LISTEN": "unix:x"})

    assert config == decode_config(encode_config(config))


def test_every_setting_has_a_meaning_and_a_heading():
    """The table, the struct and the reference page name the same settings."""
    fields = [name for name in Config.__struct_fields__ if name != "folder"]
    page = REFERENCE.read_text("utf-8")

    assert sorted(NAMES) == sorted(fields)
    for name, words in SETTINGS:
        assert f"## {name}\n" in page
        assert words in page
