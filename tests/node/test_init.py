"""`steelyard init`: a folder from which a node starts, codes that are shown once, nothing written over."""

import stat

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from steelyard.node.config import load_config, start_faults
from steelyard.node.genesis import GenesisFault, read_genesis
from steelyard.node.init import AlreadyThere, InitFault, NeedsPassphrase, code_hash, init
from steelyard.storage.access import open_access
from steelyard.values.instants import parse_instant
from tests.node.nodes import run, running

HOUR = 3_600_000_000_000


def make(path, **more):
    return init(path, **{"network_id": "nor-sud", "hub_bic": "STEEXX00", "profile": "test", **more})


def test_a_node_starts_from_what_init_made(tmp_path):
    """Row 1 holds the network, the two persons and the digest of the file."""
    made = make(tmp_path)

    async def story():
        config, _ = load_config(tmp_path, environment={}, flags={"projector": "off"})
        async with running(config) as here:
            network = here.node.sequencer.machine.world.network
            members = here.node.sequencer.machine.world.members
            assert ("nor-sud", "STEEXX00", "system") == (network.network_id, network.hub_bic, network.clock)
            assert read_genesis(tmp_path / "genesis.toml")[1] == network.genesis_digest
            assert {"p-operator-1", "p-operator-2"} == set(members.actors)
            assert 1 == here.node.sequencer.watermark

    run(story())
    assert made.genesis.persons[0].id == "p-operator-1"


def test_the_node_key_is_its_user_s_alone(tmp_path):
    """Mode 0600, and locked by the passphrase where one is given."""
    made = make(tmp_path / "a")
    locked = make(tmp_path / "b", profile="embedded", passphrase="correct horse")

    assert 0o600 == stat.S_IMODE((tmp_path / "a" / "node.key").stat().st_mode)
    key = load_pem_private_key((tmp_path / "b" / "node.key").read_bytes(), b"correct horse")
    assert locked.public_key == key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert made.public_key != locked.public_key
    with pytest.raises(ValueError):
        load_pem_private_key((tmp_path / "b" / "node.key").read_bytes(), b"wrong")


def test_a_key_that_others_may_read_does_not_start(tmp_path):
    """73, before anything is opened."""
    make(tmp_path)
    config, _ = load_config(tmp_path, environment={})
    assert [] == start_faults(config)
    (tmp_path / "node.key").chmod(0o640)

    assert any("may be read by others" in fault for fault in start_faults(config))


def test_without_a_passphrase_only_demo_and_test(tmp_path):
    """Nothing is written then."""
    with pytest.raises(NeedsPassphrase):
        make(tmp_path / "n", profile="embedded")

    assert not (tmp_path / "n").exists()


def test_the_codes_are_kept_as_hashes_for_a_day_and_work_once(tmp_path):
    """Whoever reads the access store gets in nowhere."""
    made = make(tmp_path, at=1000 * HOUR)
    access = open_access(tmp_path)
    (person, code), (other, second) = made.codes

    assert ("p-operator-1", "p-operator-2") == (person, other)
    assert code.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert access.use_enrolment(code_hash(code), at=1024 * HOUR) is None
    used = access.use_enrolment(code_hash(code.lower().replace("-", " ")), at=1023 * HOUR)
    assert (person, "operator") == (used.person, used.owner)
    assert access.use_enrolment(code_hash(code), at=1023 * HOUR) is None
    assert access.enrolment(code_hash(second), at=1001 * HOUR) is not None
    access.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"network_id": "nor sud"}, {"network_id": 'a"\nclock = "x'}, {"network_id": ""}, {"network_id": "x" * 36},
        {"hub_bic": "STEE"}, {"hub_bic": "steexx00"}, {"node_prefix": "x"}, {"log_id": "1" * 65},
        {"network_id": "-", "hub_bic": "STEEXX0"},
    ],
)  # fmt: skip
def test_what_row_1_would_refuse_is_never_written(tmp_path, wrong):
    """Every fault is named at once, and there is no folder afterwards."""
    with pytest.raises(InitFault) as told:
        make(tmp_path / "n", **wrong)

    assert list(wrong) == [fault.split()[0] for fault in told.value.faults]
    assert not (tmp_path / "n").exists()


def test_nothing_is_written_over(tmp_path):
    """A second init changes nothing."""
    make(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix in (".toml", ".key")}

    with pytest.raises(AlreadyThere):
        make(tmp_path)

    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name in before}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('clock = "system"', 'clock = "sundial"'), "clock is"),
        (('clock = "system"', 'clock = "simulated"'), "begins_at"),
        (('id = "p-operator-2"', 'id = "p-operator-1"'), "two operator persons"),
        (("network_id", "netwrk_id"), "netwrk_id"),
        (("[[person]]", "[[person"), "genesis.toml"),
        (('clock = "system"', 'clock = "simulated"\nbegins_at = "yesterday"'), "no instant"),
        (('"nor-sud"', '"nor sud"'), 'network_id "nor sud": 1 to 35 letters'),
        (('"STEEXX00"', '"STEE"'), 'hub_bic "STEE": a BIC'),
        (('node_prefix = "', 'node_prefix = "x'), "node_prefix"),
        (('log_id = "', f'log_id = "{"1" * 64}'), "log_id"),
        (('id = "p-operator-2"', 'id = "ana"'), 'person id "ana"'),
        (('public_key = ""', 'public_key = "zz"'), "public_key of p-operator-1"),
    ],
)
def test_a_genesis_file_with_a_fault_names_it(tmp_path, change, why):
    """73, and nothing is written."""
    make(tmp_path)
    path = tmp_path / "genesis.toml"
    path.write_text(path.read_text().replace(*change, 1))

    with pytest.raises(GenesisFault) as told:
        read_genesis(path)

    assert why in told.value.why
    assert 73 == told.value.exit_code


def test_a_simulated_clock_begins_where_the_file_says(tmp_path):
    """Row 1's own time."""
    at = parse_instant("2026-11-23T00:00:00Z")
    make(tmp_path, begins_at=at)

    async def story():
        config, _ = load_config(tmp_path, environment={}, flags={"projector": "off"})
        async with running(config) as here:
            assert at == await here.ask("now")

    run(story())
